"""The small text network as it is trained (`engine.text.small_encoder` runs it), and how it learns."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from engine.text.anchors import faces
from engine.text.words import BUCKETS, LONGEST, RUNS, runs, split
from engine.training.emotion_texts import Corpus, framed, misspelt

_SHARPNESS = 12.0  # of faces against prototypes, in cosine
_EVERY = 250  # steps between reports


@dataclass(frozen=True)
class Settings:
    """Sizes and lengths of the small network and its training."""

    word: int = 96
    width: int = 192
    layers: int = 2
    heads: int = 4
    output: int = 128
    batch: int = 192
    steps: int = 6000
    rate: float = 2e-3


class Student(nn.Module):
    """The network of `engine.text.small_encoder`, with the heads it is trained through."""

    def __init__(self, words: np.ndarray, semantic: int, s: Settings) -> None:
        super().__init__()
        self.words = nn.Embedding.from_pretrained(torch.tensor(words), freeze=False)
        self.runs = nn.Embedding(BUCKETS + 1, s.word, padding_idx=BUCKETS)
        self.places = nn.Parameter(torch.zeros(LONGEST, s.width))
        self.enter, self.norm = nn.Linear(s.word, s.width), nn.LayerNorm(s.width)
        self.blocks = nn.ModuleList(Block(s) for _ in range(s.layers))
        self.share, self.leave = nn.Linear(s.width, 1), nn.Linear(s.width, s.output)
        self.meaning = nn.Linear(s.width, semantic)
        self.prototypes = nn.Parameter(torch.randn(len(faces().names), s.output) / s.output**0.5)
        nn.init.normal_(self.runs.weight, std=0.05)

    def forward(
        self, words: torch.Tensor, letters: torch.Tensor, keep: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Unit rows [N, output] and the teacher's meaning [N, semantic]. `words` [N, L] (-1 none), `letters` [N, L,
        RUNS].
        """
        mask = letters[..., 0] < BUCKETS
        count = (letters < BUCKETS).sum(-1, keepdim=True).clamp(min=1)
        known = (words >= 0) & keep
        x = self.runs(letters).sum(2) / count + self.words(words.clamp(min=0)) * known[..., None]
        x = self.enter(functional.dropout(x, 0.1, self.training)) + self.places[: x.shape[1]]
        for block in self.blocks:
            x = block(x, mask)
        x = self.norm(x)
        share = torch.softmax(self.share(x)[..., 0].masked_fill(~mask, -1e9), 1)
        pooled = functional.dropout((share[..., None] * x).sum(1), 0.1, self.training)
        return functional.normalize(self.leave(pooled), dim=1), self.meaning(pooled)


class Block(nn.Module):
    """Attention and a perceptron, each after a norm."""

    def __init__(self, s: Settings) -> None:
        super().__init__()
        self.heads = s.heads
        self.norm1, self.norm2 = nn.LayerNorm(s.width), nn.LayerNorm(s.width)
        self.query, self.key, self.value, self.join = (nn.Linear(s.width, s.width) for _ in range(4))
        self.up, self.down = nn.Linear(s.width, 2 * s.width), nn.Linear(2 * s.width, s.width)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """[N, L, width] to the same; `mask` bool [N, L]."""
        n = self.norm1(x)
        parts = (part(n).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value))
        query, key, value = parts
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        x = x + self.join(seen.transpose(1, 2).flatten(2))
        return x + self.down(functional.relu(self.up(self.norm2(x))))


class Tokens:
    """Texts as arrays for the student, words looked up once."""

    def __init__(self, words: list[str]) -> None:
        self._known = {word: i for i, word in enumerate(words)}
        self._letters: dict[str, list[int]] = {}

    def arrays(
        self, texts: list[str], drop: float, generator: random.Random
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """`words` [N, L], `letters` [N, L, RUNS], `keep` [N, L]: False where only the letters may be seen."""
        rows = [split(text) or ["?"] for text in texts]
        shape = (len(rows), max(map(len, rows)))
        words, letters = np.full(shape, -1), np.full((*shape, RUNS), BUCKETS)
        for i, row in enumerate(rows):
            for j, word in enumerate(row):
                shown = misspelt(word, generator) if generator.random() < drop / 4 else word
                words[i, j] = self._known.get(shown, -1)
                found = self._letters.setdefault(shown, runs(shown))
                letters[i, j, : len(found)] = found
        return torch.tensor(words), torch.tensor(letters), torch.rand(shape) >= drop


def train_student(
    student: Student, tokens: Tokens, hard: Corpus, soft: Corpus, meaning: np.ndarray, s: Settings
) -> None:
    """`meaning` float32 [len(hard) + len(soft), semantic]: what the untuned teacher made of each text."""
    generator = random.Random(0)
    looks = torch.tensor(faces().values[:, :52])
    own, said = torch.tensor(hard.faces).float(), torch.tensor(soft.faces).float()
    meant = torch.tensor(meaning)
    affect = [0.3 + float(row) for row in 1 - soft.faces[:, 0]]
    optimiser = torch.optim.AdamW(student.parameters(), lr=s.rate, weight_decay=0.01, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda k: min(1, (k + 1) / 300) * max(0.01, 1 - k / s.steps)
    )
    student.train()
    total = np.zeros(3)
    for step in range(s.steps):
        mine = generator.choices(range(len(hard.texts)), k=s.batch // 2)
        other = generator.choices(range(len(soft.texts)), affect, k=s.batch - len(mine))
        texts = [framed(hard.texts[i], generator) for i in mine] + [soft.texts[i] for i in other]
        rows, mean = student(*tokens.arrays(texts, 0.25, generator))
        logits = _SHARPNESS * rows @ functional.normalize(student.prototypes, dim=1).T
        target = torch.cat([own[mine], said[other]])
        faced = functional.cross_entropy(logits, target)
        seen = functional.mse_loss(torch.softmax(logits, 1) @ looks, target @ looks) * 60
        wanted = meant[mine + [len(hard.texts) + i for i in other]]
        meanings = 1 - functional.cosine_similarity(mean, wanted, dim=1).mean()
        optimiser.zero_grad()
        (faced + seen + 2 * meanings).backward()
        nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        total += [faced.item(), seen.item(), meanings.item()]
        if step % _EVERY == _EVERY - 1:
            losses = total / _EVERY
            print(f"step {step + 1}: faces {losses[0]:.3f}, looks {losses[1]:.3f}, meaning {losses[2]:.3f}", flush=True)
            total[:] = 0
    student.eval()


def save(student: Student, words: list[str], path: Path) -> None:
    """Write what `SmallEncoder` reads: matrices as int8 rows with one float16 scale each, the rest as float16."""
    names = {"words.weight": "words", "runs.weight": "runs"}
    arrays: dict[str, np.ndarray] = {"format": np.array(1), "words": np.frombuffer("\n".join(words).encode(), np.uint8)}
    for name, tensor in student.state_dict().items():
        if name.startswith(("meaning", "prototypes")):
            continue
        short = names.get(name, name.removeprefix("blocks."))
        array = tensor.numpy()[: BUCKETS if short == "runs" else None]
        if array.ndim == 2 and len(array) > 1 and short != "places":
            scale = np.maximum(np.abs(array).max(axis=1), 1e-8) / 127
            arrays[f"w.{short}"] = np.rint(array / scale[:, None]).astype(np.int8)
            arrays[f"s.{short}"] = scale.astype(np.float32)
        else:
            arrays[f"w.{short}"] = array.astype(np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)

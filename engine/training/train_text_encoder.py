"""Trains the text encoder that ships (`resources/emotion/encoder.npz`), on one CPU core in about an hour.

python -m engine.training.train_text_encoder --teacher MINILM --wordnet WORDNET --work WORK -o encoder.npz

1. The teacher, all-MiniLM-L6-v2, learns which faces the anchors and `emotion_phrases.tsv`, `emotion_scenes.tsv` ask for
(a few epochs). 2. It reads WordNet's words, glosses and examples, and says for each which faces it asks for, most of
them none. 3. A small network learns both from the labelled phrases and from what the teacher said, misspelt and framed
at random. Never reads the held-out lists.
"""

import argparse
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from engine.text.anchors import faces
from engine.training.emotion_texts import Corpus, labelled, nonsense, plain_sentences, vocabulary, wordnet_texts
from engine.training.sentence_teacher import SentenceTeacher
from engine.training.text_student import Settings, Student, Tokens, save, train_student

_WORDS = 22_000


def softened(wanted: np.ndarray, share: float = 0.2) -> np.ndarray:
    """Faces [N, F] with a part given to faces that look alike: to take one for another is a small mistake."""
    values = faces().values / np.maximum(np.abs(faces().values).max(axis=0), 1e-6)
    values /= np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 0.05)
    alike = np.exp((values @ values.T - 1) / 0.08)
    return (1 - share) * wanted + share * wanted @ (alike / alike.sum(axis=1, keepdims=True))


def tune_teacher(teacher: SentenceTeacher, corpus: Corpus, calm: list[str], epochs: int) -> nn.Linear:
    """Teach the teacher faces (changes it); returns the layer that reads them off its rows times 8."""
    weights = [w.requires_grad_() for w in teacher.weights.values() if w.is_floating_point()]
    head = nn.Linear(384, len(faces().names))
    optimiser = torch.optim.AdamW(
        [{"params": weights, "lr": 5e-5}, {"params": head.parameters(), "lr": 5e-3}], weight_decay=0.01
    )
    targets = torch.tensor(softened(corpus.faces), dtype=torch.float32)
    none = torch.zeros(len(calm), targets.shape[1])
    none[:, 0] = 1
    targets, ids = torch.cat([targets, none]), [teacher.ids(text) for text in [*corpus.texts, *calm]]
    steps = epochs * len(ids) // 32
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda s: min(1, (s + 1) / 100) * max(0.02, 1 - s / steps))
    for epoch in range(epochs):
        losses = []
        for some in _batches([len(row) for row in ids], 32):
            with torch.autocast("cpu", torch.bfloat16):
                rows = teacher.forward([ids[i] for i in some]).float()
            loss = functional.cross_entropy(head(functional.dropout(rows, 0.2) * 8), targets[some])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        print(f"teacher epoch {epoch}: loss {np.mean(losses):.3f}", flush=True)
    for weight in weights:
        weight.requires_grad_(False)
    return head


def _batches(lengths: list[int], size: int) -> list[list[int]]:
    """Indices in random batches of like length."""
    order = random.sample(range(len(lengths)), len(lengths))
    chunks = [sorted(order[i : i + 16 * size], key=lengths.__getitem__) for i in range(0, len(order), 16 * size)]
    batches = [chunk[i : i + size] for chunk in chunks for i in range(0, len(chunk), size)]
    return random.sample(batches, len(batches))


def teach(folder: Path, wordnet: Path, work: Path, epochs: int) -> None:
    """Tune the teacher; `work/teacher.pt` holds its weights and the layer that reads faces off it."""
    generator = random.Random(0)
    random.seed(0)
    torch.manual_seed(0)
    things = wordnet_texts(wordnet, generator)[1]
    calm = [*generator.sample(things, 1200), *nonsense(250, generator), *plain_sentences(400, generator)]
    teacher = SentenceTeacher(folder)
    head = tune_teacher(teacher, labelled(), calm, epochs)
    torch.save({"weights": teacher.weights, "head": head.state_dict()}, work / "teacher.pt")


def ask(folder: Path, wordnet: Path, work: Path) -> None:
    """Let the tuned teacher and the untuned one read everything; `work/corpus.npz` holds texts, faces and meanings."""
    generator = random.Random(1)
    corpus = labelled()
    untuned, tuned = SentenceTeacher(folder), SentenceTeacher(folder)
    stored = torch.load(work / "teacher.pt", weights_only=True)
    tuned.weights = {name: weight.detach() for name, weight in stored["weights"].items()}
    head = nn.Linear(384, len(faces().names))
    head.load_state_dict(stored["head"])
    human, things = wordnet_texts(wordnet, generator)
    nothing = [*things, *nonsense(3000, generator), *plain_sentences(5000, generator)]
    texts = [*human, *nothing]
    with torch.inference_mode():
        said = torch.softmax(head(torch.tensor(tuned.embed(texts)) * 8), 1).numpy()
    said[len(human) :] = np.eye(said.shape[1])[0]
    meaning = untuned.embed([*corpus.texts, *texts])
    words = vocabulary(untuned.pieces, corpus, texts, _WORDS)
    np.savez(
        work / "corpus.npz",
        texts=np.array(texts),
        said=said.astype(np.float16),
        meaning=meaning.astype(np.float16),
        words=np.array(words),
        alone=untuned.embed(words).astype(np.float16),
    )
    print(f"{len(texts)} texts read", flush=True)


def learn(work: Path, output: Path, settings: Settings) -> None:
    """Train the student on what `teach` left in `work`, and write `output`."""
    torch.manual_seed(0)
    corpus = labelled()
    with np.load(work / "corpus.npz") as file:
        soft = Corpus(list(file["texts"]), file["said"].astype(np.float32))
        meaning, alone = (file[name].astype(np.float32) for name in ("meaning", "alone"))
        words = list(file["words"])
    axes = np.linalg.svd(meaning[:: max(1, len(meaning) // 20_000)] - meaning.mean(axis=0), full_matrices=False)[2]
    centre = meaning.mean(axis=0)
    start = (alone - centre) @ axes[: settings.word].T
    student = Student(start / start.std() * 0.2, 192, settings)
    hard = Corpus(corpus.texts, softened(corpus.faces, 0.12))
    train_student(student, Tokens(words), hard, soft, (meaning - centre) @ axes[:192].T, settings)
    save(student, words, output)
    print(f"{output.name}: {output.stat().st_size / 1e6:.2f} MB, {len(words)} words")


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", type=Path, required=True, help="folder with model.safetensors and vocab.txt")
    parser.add_argument("--wordnet", type=Path, required=True, help="folder with data.adj, data.noun ...")
    parser.add_argument("--work", type=Path, required=True, help="folder for what the teacher said; kept between runs")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--steps", type=int, default=Settings.steps)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.work.mkdir(parents=True, exist_ok=True)
    if not (arguments.work / "teacher.pt").is_file():
        teach(arguments.teacher, arguments.wordnet, arguments.work, arguments.epochs)
    if not (arguments.work / "corpus.npz").is_file():
        ask(arguments.teacher, arguments.wordnet, arguments.work)
    learn(arguments.work, arguments.output, Settings(steps=arguments.steps))


if __name__ == "__main__":
    main()

"""AToM's networks: an ear that turns sound and phones into tokens, and two denoisers that share nothing.

After AToM of MoDiTalker (Kim et al. 2024): a transformer over landmark residuals that predicts the clean motion, with FiLM
conditions and rotary positions. What differs, and why: lips and the rest of the face are two networks rather than two streams
with one FiLM, so that nothing of the sound can reach the upper face; attention to sound is narrow, because lips follow it
within a third of a second; frames that are already known are given as such, and so windows join without seams.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.motion.phones import LABELS

BANDS = 40  # mel bands; one frame of sound every 10 ms
PER_FRAME = 4  # frames of sound in one of motion, at 25 a second
TOKENS = 2  # tokens of sound in a frame of motion
UNTOLD, HEARD, KNOWN = 0, 1, 2  # where phones come from: nowhere, recognition, the text
_REACH = 8.5  # frames of motion to either side that lips attend to in the sound
_WAVES = 32  # sines of the noise level


@dataclass(frozen=True)
class Settings:
    """Sizes. `lips` and `upper` are numbers of coordinates, `manner` and `shape` of conditions, see `conditions.py`."""

    lips: int = 12
    upper: int = 13
    manner: int = 4
    shape: int = 6
    ear: int = 96
    width: int = 128
    layers: int = 3
    heads: int = 4
    upper_width: int = 80
    upper_layers: int = 2


class Listening(nn.Module):
    """A residual convolution over tokens [B, E, N]."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)  # of each token alone: one over time would let far-off sound in
        self.wide = nn.Conv1d(width, width, 5, padding=2 * dilation, dilation=dilation, padding_mode="replicate")
        self.mix = nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        alone = self.norm(x.transpose(1, 2)).transpose(1, 2)
        return x + self.mix(functional.gelu(self.wide(alone)))


class Ear(nn.Module):
    """Sound and phones to tokens; on the way it says which phones it hears itself, and where lips are on average."""

    def __init__(self, s: Settings) -> None:
        super().__init__()
        self.enter = nn.Conv1d(BANDS, s.ear, 5, stride=2, padding=2, padding_mode="replicate")
        self.listen = nn.ModuleList(Listening(s.ear, dilation) for dilation in (1, 2, 4))
        self.phones = nn.Conv1d(s.ear, len(LABELS), 1)
        self.labels = nn.Embedding(len(LABELS) + 1, s.ear)  # the last: unknown
        self.source = nn.Embedding(3, s.ear)
        self.believe = nn.Conv1d(len(LABELS), s.ear, 1)
        self.understand = nn.ModuleList(Listening(s.ear, dilation) for dilation in (1, 3, 1))
        self.norm = nn.LayerNorm(s.ear)
        self.mean = nn.Linear(TOKENS * s.ear, s.lips)

    def forward(self, sound: Tensor, labels: Tensor, source: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Tokens [B, 2T, E], mean lips [B, T, lips], phone logits [B, 2T, P].

        `sound` [B, 4T, BANDS]; `labels` int [B, 2T], -1 unknown; `source` int [B].
        """
        x = functional.gelu(self.enter(sound.transpose(1, 2)))
        for block in self.listen:
            x = block(x)
        logits = self.phones(x)
        told = self.labels(labels % (len(LABELS) + 1)) + self.source(source)[:, None]
        x = x + self.believe(logits.softmax(1)) + told.transpose(1, 2)
        for block in self.understand:
            x = block(x)
        tokens = self.norm(x.transpose(1, 2))
        return tokens, self.mean(tokens.unflatten(1, (-1, TOKENS)).flatten(2)), logits.transpose(1, 2)


class Attention(nn.Module):
    """Attention with rotary positions (Su et al. 2021); positions are in frames."""

    def __init__(self, width: int, memory: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.join = nn.Linear(width, width), nn.Linear(width, width)
        self.key, self.value = nn.Linear(memory, width, bias=False), nn.Linear(memory, width)

    def forward(self, x: Tensor, memory: Tensor, at: Tensor, there: Tensor, mask: Tensor | None) -> Tensor:
        """`x` [B, T, width] at times `at` [T] looks at `memory` [B, N, M] at times `there` [N]."""
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self._parts(x, memory))
        seen = functional.scaled_dot_product_attention(rotated(query, at), rotated(key, there), value, attn_mask=mask)
        return self.join(seen.transpose(1, 2).flatten(2))

    def _parts(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.query(x), self.key(memory), self.value(memory)


def rotated(x: Tensor, at: Tensor) -> Tensor:
    """`x` [B, H, T, D] turned by angles that grow with the times `at` [T]."""
    half = x.shape[-1] // 2
    speed = 100.0 ** (-torch.arange(half, device=x.device) / half)
    angle = at[:, None] * speed
    sine, cosine = angle.sin().to(x.dtype), angle.cos().to(x.dtype)
    one, other = x[..., :half], x[..., half:]
    return torch.cat([one * cosine - other * sine, one * sine + other * cosine], dim=-1)


class Block(nn.Module):
    """Attention to the motion itself, to the sound if there is one, and a perceptron; each with FiLM (Perez et al. 2018)."""

    def __init__(self, width: int, memory: int, heads: int, condition: int) -> None:
        super().__init__()
        parts = [Attention(width, width, heads)] + ([Attention(width, memory, heads)] if memory else [])
        self.attend = nn.ModuleList(parts)
        self.think = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.steps = len(parts) + 1
        self.norms = nn.ModuleList(nn.LayerNorm(width, elementwise_affine=False) for _ in range(self.steps))
        self.film = nn.Linear(condition, 3 * width * self.steps)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)

    def forward(
        self, x: Tensor, memory: Tensor, condition: Tensor, times: tuple[Tensor, Tensor], mask: Tensor | None
    ) -> Tensor:
        """`x` [B, T, width] to the same; `times` of its frames and of the memory's tokens."""
        film = self.film(condition)[:, None].chunk(3 * self.steps, dim=-1)
        for i in range(self.steps):
            shift, scale, gate = film[3 * i : 3 * i + 3]
            n = self.norms[i](x) * (1 + scale) + shift
            if i == self.steps - 1:
                done = self.think(n)
            elif i == 0:
                done = self.attend[0](n, n, times[0], times[0], None)
            else:
                done = self.attend[1](n, memory, times[0], times[1], mask)
            x = x + (1 + gate) * done
        return x


class Denoiser(nn.Module):
    """Predicts clean motion [B, T, K] from noisy motion, its noise level, and conditions."""

    def __init__(
        self, size: int, width: int, layers: int, heads: int, memory: int, beside: int, condition: int
    ) -> None:
        super().__init__()
        self.size, self.memory = size, memory
        self.enter = nn.Linear(2 * size + 1 + beside, width)
        self.level = nn.Sequential(nn.Linear(2 * _WAVES, 96), nn.GELU(), nn.Linear(96, 64))
        self.condition = nn.Linear(condition, 64)
        self.blocks = nn.ModuleList(Block(width, memory, heads, 64) for _ in range(layers))
        self.norm, self.leave = nn.LayerNorm(width), nn.Linear(width, size)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(
        self,
        noisy: Tensor,
        level: Tensor,
        condition: Tensor,
        known: Tensor,
        beside: Tensor,
        tokens: Tensor | None = None,
        mean: Tensor | None = None,
    ) -> Tensor:
        """`level` [B] 0 clean to 1 noise; `condition` [B, C]; `known` [B, T] 1 where `noisy` is already clean; `beside`
        [B, T, X] what is known of each frame; `tokens` [B, 2T, M]; `mean` [B, T, K] a first guess, to be corrected."""
        guess = torch.zeros_like(noisy) if mean is None else mean
        x = self.enter(torch.cat([noisy, guess, known[..., None], beside], dim=-1))
        film = functional.gelu(self.level(waves(level)) + self.condition(condition))
        frames = torch.arange(noisy.shape[1], device=noisy.device, dtype=torch.float32)
        there, mask, memory = frames, None, x
        if tokens is not None:
            memory = tokens
            there = (torch.arange(tokens.shape[1], device=noisy.device) + 0.5) / TOKENS - 0.5
            mask = (frames[:, None] - there).abs() <= _REACH
        for block in self.blocks:
            x = block(x, memory, film, (frames, there), mask)
        return guess + self.leave(self.norm(x))


def waves(level: Tensor) -> Tensor:
    """Sines and cosines [B, 2 * _WAVES] of noise levels [B]."""
    angle = level[:, None] * 2.0 ** torch.linspace(0, 8, _WAVES, device=level.device)
    return torch.cat([angle.sin(), angle.cos()], dim=-1)


class Atom(nn.Module):
    """Everything that is trained."""

    def __init__(self, s: Settings) -> None:
        super().__init__()
        self.settings = s
        told = s.manner + s.shape
        self.ear = Ear(s)
        self.deaf = nn.Parameter(torch.zeros(s.ear))  # what lips hear when nothing is to be heard
        self.lips = Denoiser(s.lips, s.width, s.layers, s.heads, s.ear, TOKENS * s.ear, told)
        self.upper = Denoiser(s.upper, s.upper_width, s.upper_layers, s.heads, 0, 3, told)

    def lip_motion(
        self, noisy: Tensor, level: Tensor, condition: Tensor, known: Tensor, tokens: Tensor, mean: Tensor
    ) -> Tensor:
        """Clean lips [B, T, lips], of what the ear made of the sound."""
        beside = tokens.unflatten(1, (-1, TOKENS)).flatten(2)
        return self.lips(noisy, level, condition, known, beside, tokens, mean)

    def upper_motion(self, noisy: Tensor, level: Tensor, condition: Tensor, known: Tensor, prosody: Tensor) -> Tensor:
        """Clean upper face and head [B, T, upper]; `prosody` [B, T, 3]: whether it may be used, level, pitch; or zeros."""
        return self.upper(noisy, level, condition, known, prosody)


def save(network: Atom, extra: dict[str, Tensor], path: Path) -> None:
    """Write weights and `extra` arrays as one safetensors file."""
    from safetensors.torch import save_file

    arrays = {f"network.{name}": value.contiguous() for name, value in network.state_dict().items()} | extra
    save_file(arrays, path, {"settings": json.dumps(asdict(network.settings)), "format": "1"})


def load(path: Path) -> tuple[Atom, dict[str, Tensor]]:
    """The network, ready to be used, and the other arrays."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        settings = Settings(**json.loads(file.metadata()["settings"]))
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a dictionary)
    network = Atom(settings)
    weights = {name.removeprefix("network."): value.float() for name, value in arrays.items() if "network." in name}
    network.load_state_dict(weights)
    return network.eval(), {name: value for name, value in arrays.items() if "network." not in name}

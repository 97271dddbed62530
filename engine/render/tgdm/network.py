"""The texture-geometry-aware denoiser (after Xu et al. 2023, TGDM): a U-Net over a patch of a face.

It is given the noisy patch, the warp and the target geometry, and looks up the rest in the portrait: queries from the
target's geometry and features, keys and values from the encoded source texture and the source's geometry (Texture
Attention). What the portrait contributes is computed once (`remember`). Unlike the paper's, it predicts the clean patch
as a change to the warp, so that an untrained one leaves the warp as it is.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

SOURCE = 3 + 9  # channels: texture, geometry
TARGET = 3 + 3 + 9 + 2 + 3 + 1  # noisy patch, warp, geometry, trust, previous frame, and whether there is one
WAVES = 4  # octaves in which the normalised coordinates are coded for attention
PLACE = 9 + 3 * 2 * WAVES  # channels of that code with the geometry itself


@dataclass(frozen=True)
class Shape:
    """What tells one network from another: channels of the three levels, residual blocks a level, attention heads."""

    channels: tuple[int, int, int] = (48, 96, 160)
    blocks: int = 2
    heads: int = 4
    texture: bool = True  # attend to the portrait; without, for comparison
    geometry: bool = True  # see the target's geometry; without, for comparison


@dataclass(frozen=True)
class Memory:
    """A portrait, encoded: an identity code [B, E], and keys and values of each attention, [B, heads, tokens, .]."""

    identity: Tensor
    tokens: tuple[tuple[Tensor, Tensor], ...]

    def repeated(self, count: int) -> "Memory":
        """For a batch `count` times as large: every region of one frame, then of the next."""
        tokens = tuple((k.repeat(count, 1, 1, 1), v.repeat(count, 1, 1, 1)) for k, v in self.tokens)
        return Memory(self.identity.repeat(count, 1), tokens)


class Block(nn.Module):
    """Two convolutions around a skip; a code [B, E] scales and shifts what lies between them (FiLM)."""

    def __init__(self, inside: int, outside: int, code: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.GroupNorm(8, inside), nn.SiLU(), nn.Conv2d(inside, outside, 3, padding=1))
        self.norm = nn.GroupNorm(8, outside)
        self.film = nn.Linear(code, 2 * outside)
        self.last = nn.Conv2d(outside, outside, 3, padding=1)
        self.skip = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        scale, shift = self.film(code)[..., None, None].chunk(2, dim=1)
        hidden = functional.silu(self.norm(self.first(x)) * (1 + scale) + shift)
        return self.skip(x) + self.last(hidden)


class TextureAttention(nn.Module):
    """Every place of the target looks up the places of the portrait whose texture it needs.

    Both sides' places are coded by the same layer, so that like is drawn to like from the start.
    """

    def __init__(self, features: int, source: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm, self.source_norm = nn.GroupNorm(8, features), nn.GroupNorm(8, source)
        self.place = nn.Conv2d(PLACE, features, 1)
        self.query = nn.Conv2d(features, features, 1)
        self.key, self.value = nn.Conv2d(source, features, 1), nn.Conv2d(source, features, 1)
        self.out = nn.Conv2d(features, features, 1)
        nn.init.zeros_(self.out.weight)

    def remember(self, source: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of a portrait's features [B, source, h, w] with its places [B, PLACE, h, w]."""
        source = self.source_norm(source)
        return self._split(self.key(source) + self.place(place)), self._split(self.value(source))

    def forward(self, x: Tensor, place: Tensor, memory: tuple[Tensor, Tensor]) -> Tensor:
        query = self._split(self.query(self.norm(x)) + self.place(place))
        seen = functional.scaled_dot_product_attention(query, *memory)
        return x + self.out(seen.transpose(2, 3).reshape(x.shape))

    def _split(self, x: Tensor) -> Tensor:
        """[B, C, h, w] -> [B, heads, h * w, C / heads]"""
        return x.reshape(len(x), self.heads, -1, x.shape[2] * x.shape[3]).transpose(2, 3)


class Encoder(nn.Module):
    """The portrait's texture and geometry [B, SOURCE, P, P] -> features at P/4 and P/8, and an identity code."""

    def __init__(self, shape: Shape, code: int) -> None:
        super().__init__()
        a, b, c = shape.channels
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(4 * SOURCE, a, 3, padding=1))
        self.levels = nn.ModuleList([Block(a, a, code), Block(b, b, code), Block(c, c, code)])
        self.downs = nn.ModuleList([nn.Conv2d(a, b, 3, 2, 1), nn.Conv2d(b, c, 3, 2, 1)])
        self.none = nn.Parameter(torch.zeros(1, code))
        self.identity = nn.Sequential(nn.Linear(2 * c, code), nn.SiLU(), nn.Linear(code, code))

    def forward(self, source: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        none = self.none.expand(len(source), -1)
        x = self.levels[0](self.stem(source), none)
        middle = self.levels[1](self.downs[0](x), none)
        deep = self.levels[2](self.downs[1](middle), none)
        pooled = torch.cat([deep.mean((2, 3)), deep.amax((2, 3))], 1)
        return middle, deep, self.identity(pooled)


class Denoiser(nn.Module):
    """`denoiser(noisy, level, conditions, memory)` -> the clean patch."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        a, b, c = shape.channels
        code = 2 * b
        self.encoder = Encoder(shape, code)
        self.level = nn.Sequential(nn.Linear(16, code), nn.SiLU(), nn.Linear(code, code))
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(4 * TARGET, a, 3, padding=1))
        self.down = nn.ModuleList([_blocks(width, width, shape.blocks, code) for width in shape.channels])
        self.shrink = nn.ModuleList([nn.Conv2d(a, b, 3, 2, 1), nn.Conv2d(b, c, 3, 2, 1)])
        self.attend = nn.ModuleList(
            [
                TextureAttention(b, 4 * b, shape.heads),
                TextureAttention(c, c, shape.heads),
                TextureAttention(b, 4 * b, 4),
            ]
        )
        self.middle = Block(c, c, code)
        self.grow = nn.ModuleList([nn.Conv2d(c, 4 * b, 1), nn.Conv2d(b, 4 * a, 1)])
        self.up = nn.ModuleList([_blocks(2 * b, b, shape.blocks, code), _blocks(2 * a, a, shape.blocks, code)])
        self.out = nn.Sequential(nn.GroupNorm(8, a), nn.SiLU(), nn.Conv2d(a, 12, 3, padding=1), nn.PixelShuffle(2))
        nn.init.zeros_(self.out[2].weight)  # type: ignore[arg-type]
        nn.init.zeros_(self.out[2].bias)  # type: ignore[arg-type]

    def remember(self, source: Tensor) -> Memory:
        """Encode a portrait's patches [B, SOURCE, P, P]: texture, then geometry, all in -1..1."""
        middle, deep, identity = self.encoder(source)
        fine = functional.pixel_unshuffle(middle, 2)
        place = _place(source[:, 3:], deep.shape[-1])
        looks: list[TextureAttention] = list(self.attend)  # type: ignore[arg-type]
        seen = zip(looks, (fine, deep, fine), strict=True)
        return Memory(identity, tuple(look.remember(features, place) for look, features in seen))

    def forward(self, noisy: Tensor, level: Tensor, conditions: Tensor, memory: Memory) -> Tensor:
        """The clean patch [B, 3, P, P] in -1..1.

        Args:
            noisy: [B, 3, P, P].
            level: [B] share of noise in the signal's power, 0..1.
            conditions: [B, TARGET - 3, P, P]: warp, geometry, trust, previous frame, whether there is one; -1..1.
            memory: of the portrait, for the same batch.
        """
        warp, geometry = conditions[:, :3], conditions[:, 3:12]
        if not self.shape.geometry:
            conditions = torch.cat([warp, torch.zeros_like(geometry), conditions[:, 12:]], 1)
            geometry = torch.zeros_like(geometry)
        code = self.level(_waves(level)) + memory.identity
        if not self.shape.texture:
            code = self.level(_waves(level))
        places = [_place(geometry, noisy.shape[-1] // size) for size in (4, 8)]
        x, skips = self.stem(torch.cat([noisy, conditions], 1)), []
        for depth, blocks in enumerate(self.down):
            if depth:
                x = self.shrink[depth - 1](x)
            x = _through(blocks, x, code)
            if depth:
                x = self._look(depth - 1, x, places[depth - 1], memory)
            skips.append(x)
        x = self.middle(x, code)
        x = torch.cat([functional.pixel_shuffle(self.grow[0](x), 2), skips[1]], 1)
        x = self._look(2, _through(self.up[0], x, code), places[0], memory)
        x = torch.cat([functional.pixel_shuffle(self.grow[1](x), 2), skips[0]], 1)
        return warp + self.out(_through(self.up[1], x, code))

    def _look(self, which: int, x: Tensor, place: Tensor, memory: Memory) -> Tensor:
        return self.attend[which](x, place, memory.tokens[which]) if self.shape.texture else x


def _blocks(inside: int, outside: int, count: int, code: int) -> nn.ModuleList:
    return nn.ModuleList([Block(inside if i == 0 else outside, outside, code) for i in range(count)])


def _through(blocks: nn.Module, x: Tensor, code: Tensor) -> Tensor:
    for block in blocks:  # type: ignore[attr-defined]
        x = block(x, code)
    return x


def _place(geometry: Tensor, side: int) -> Tensor:
    """Geometry [B, 9, P, P] in -1..1 -> [B, PLACE, side, side]: itself, and waves of its coordinates."""
    small = functional.adaptive_avg_pool2d(geometry, side)
    octaves = [small[:, :3] * (torch.pi * 2**k) for k in range(WAVES)]
    return torch.cat([small, *(f(o) for o in octaves for f in (torch.sin, torch.cos))], 1)


def _waves(level: Tensor) -> Tensor:
    """Level [B] in 0..1 -> [B, 16]."""
    octaves = level[:, None] * (torch.pi * 2.0 ** torch.arange(8, device=level.device, dtype=level.dtype))
    return torch.cat([torch.sin(octaves), torch.cos(octaves)], 1)

"""Which renderers there are, by name: each is set a portrait once and then asked for a picture of any channel values."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.errors import InputError, ResourceError
from engine.project.channels import INDEX
from engine.project.project import Checkpoint, Project
from engine.render.tgdm.schedule import STEPS
from engine.resources import resource, table

if TYPE_CHECKING:
    from engine.face.fit import Fit

SHIPPED = "tgdm.safetensors"  # the diffusion renderer's weights in resources/, for mouth and eyes
SHIPPED_FACE = "tgdm_face.safetensors"  # and for light and folds
TRIES = 2  # timed frames, or batches of them, of which the quicker counts


class Renderer(Protocol):
    """What every renderer can do. `together`: how many frames it likes to be asked for at once."""

    together: int

    def set_portrait(self, rgb: np.ndarray, alpha: np.ndarray | None, fit: Fit) -> None:
        """Take a portrait: [H, W, 3] uint8, the file's opacity [H, W] uint8 or None, and the face to move."""

    def render(self, values: np.ndarray) -> np.ndarray:
        """The portrait for channel values [C]: [H, W, 3] uint8 RGB."""

    def refine(self, rows: Sequence[np.ndarray]) -> Iterator[list[np.ndarray]]:
        """A frame for each row of channel values, at first as an estimate, then better ones; the last is it."""


@dataclass(frozen=True)
class Drawing:
    """How a renderer draws: the seed of its noise, steps of denoising, weights of the user's own, and of this face."""

    seed: int = 0
    steps: int = STEPS
    denoiser: Checkpoint | None = None
    personal: Path | None = None


@dataclass(frozen=True)
class Choice:
    """A renderer with its portrait set, its name, and why it was chosen ("" if the user did)."""

    renderer: Renderer
    name: str
    why: str


def make_renderer(name: str, seed: int = 0, drawing: Drawing | None = None) -> Renderer:
    """A renderer by its name; `auto` is the best there are weights for, however long it takes.

    Raises:
        InputError: there is none of that name, or personal weights that are not what they should be. ResourceError:
        other weights are missing, or are not what they should be.
    """
    if name not in NAMES:
        raise InputError(f"renderer {name!r}: choose from {', '.join(NAMES)}")
    drawing = drawing or Drawing(seed)
    if name == "auto":
        name = "warp" if _lacking(drawing) else "tgdm"
    return RENDERERS[name](drawing)


def choose(project: Project, rgb: np.ndarray, alpha: np.ndarray | None, fit: Fit) -> Choice:
    """The renderer that the project's settings ask for, with its portrait set.

    `auto` draws some frames of this portrait by diffusion and takes the warp if that needs longer than the settings'
    patience, or if there are no weights.

    Raises:
        InputError, ResourceError: as `make_renderer`; the user's own weights that cannot be used are not passed over.
    """
    settings = project.settings
    personal = settings.personal.locate() if settings.personal else None
    drawing = Drawing(project.seed, settings.steps, settings.denoiser, personal)
    lacking = _lacking(drawing) if settings.renderer == "auto" else ""
    renderer = make_renderer(settings.renderer, drawing=drawing)
    renderer.set_portrait(rgb, alpha, fit)
    if settings.renderer != "auto":
        return Choice(renderer, settings.renderer, "")
    if lacking:
        return Choice(renderer, "warp", lacking)
    cost = _seconds_a_frame(renderer, fit) * float(settings.rate)
    told = f"{cost:.1f} s of work for a second of video here, {settings.patience:g} s allowed"
    if cost <= settings.patience:
        return Choice(renderer, "tgdm", told)
    warp = make_renderer("warp")
    warp.set_portrait(rgb, alpha, fit)
    return Choice(warp, "warp", f"diffusion would need {told}")


def choose_for_swap(project: Project, rgb: np.ndarray, alpha: np.ndarray | None, fit: Fit, draft: bool) -> Renderer:
    """What draws the face that is put into another picture: as `choose`, but the warp for drafts, and then not set up.

    Raises:
        InputError, ResourceError: as `choose`.
    """
    if draft or project.settings.renderer == "warp":
        return make_renderer("warp")
    return choose(project, rgb, alpha, fit).renderer


def shipped_weights() -> Path:
    """The diffusion renderer's weights that ship.

    Raises:
        ResourceError: none do, or the file is damaged.
    """
    if SHIPPED not in table():
        raise ResourceError(
            f"the diffusion renderer has no weights: resources/{SHIPPED} is not installed; use --renderer warp, or "
            "give weights of your own with --denoiser"
        )
    return resource(SHIPPED)


def shipped_face() -> Path | None:
    """Those for the light and folds of the whole face, where they are installed.

    Raises:
        ResourceError: the file is damaged.
    """
    return resource(SHIPPED_FACE) if SHIPPED_FACE in table() else None


def _lacking(drawing: Drawing) -> str:
    """Why the diffusion renderer cannot be had; "" if it can."""
    if drawing.denoiser:
        return ""
    return "" if SHIPPED in table() else "no weights of the diffusion renderer are installed"


def _seconds_a_frame(renderer: Renderer, fit: Fit) -> float:
    """What one frame costs on this machine, now."""
    values = fit.values()
    values[INDEX["jawOpen"]] += 0.2
    rows, spent = [values] * renderer.together, []
    for _ in range(1 + TRIES):  # the first one warms up
        start = time.perf_counter()
        list(renderer.refine(rows))
        spent.append((time.perf_counter() - start) / len(rows))
    return min(spent[1:])


def _warp(_: Drawing) -> Renderer:
    from engine.render.warp import WarpRenderer

    return WarpRenderer()


def _tgdm(drawing: Drawing) -> Renderer:
    if drawing.denoiser:
        from engine.render.checkpoints import own_renderer

        return own_renderer(drawing)
    weights = shipped_weights()
    from engine.render.tgdm.renderer import TgdmRenderer

    return TgdmRenderer(weights, drawing.steps, drawing.seed, personal=drawing.personal, face=shipped_face())


RENDERERS: dict[str, Callable[[Drawing], Renderer]] = {"warp": _warp, "tgdm": _tgdm}
NAMES = ("auto", *RENDERERS)

"""The job that learns weights of one face, for renderers to draw it better."""

from __future__ import annotations

from collections.abc import Generator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine import jobs
from engine.errors import InputError
from engine.events import Event
from engine.project.channels import INDEX
from engine.project.project import Project

if TYPE_CHECKING:
    from engine.face.tracking import Track
    from engine.render.tgdm.personalise import Taken


def personalise(
    project: Project, output: Path, clip: Path | None = None, minutes: float = 5, seed: int = 0
) -> jobs.Job:
    """Learn the face of the project's portrait, from the picture or from a clip of it talking. Finished: Learnt.

    The file appears when it is whole; a closed job leaves nothing behind.

    Raises:
        InputError: no portrait, no time. ResourceError: no weights to begin with. MediaError, FaceError: as reading
        portrait and clip may. ExportError: the place cannot take it.
    """
    if project.portrait is None:
        raise InputError("there is no portrait: add a picture of a face")
    base = _base(project)
    fitted = yield from jobs.result_of(jobs.fit_portrait(project.portrait))
    frames = (yield from _telling_frames(clip)) if clip else []
    from engine.render.tgdm.personalise import personalise as learn

    yield from learn(base, (fitted.rgb, fitted.fit), frames, output, minutes, seed)


def _base(project: Project) -> Path:
    """The weights to begin with."""
    from engine.render.checkpoints import located
    from engine.render.renderers import shipped_weights

    row = project.settings.denoiser
    if row and row.architecture != "tgdm":
        raise InputError(
            f"denoiser {row.source}: only Portrayal's own kind can be personalised, not {row.architecture}"
        )
    return located(row.source) if row else shipped_weights()


def _telling_frames(clip: Path) -> Generator[Event, None, list[Taken]]:
    """A plain frame, then others that show much of mouth and eyes, each with its face; read twice, to hold few."""
    track: Track = yield from jobs.result_of(jobs.track_media(clip))
    from engine.media.video import read_frames
    from engine.render.tgdm.personalise import FRAMES

    first, *others = telling(track, FRAMES)
    wanted = {first, *others}
    pictures = dict(
        item for item in enumerate(islice(read_frames(clip, track.rate), max(wanted) + 1)) if item[0] in wanted
    )
    return [(pictures[number], track.fit(number)) for number in (first, *others) if number in pictures]


def telling(track: Track, count: int) -> list[int]:
    """Frames of a track: the plainest, then up to `count` spread over all ways of opening mouth and shutting eyes."""
    gape = np.linalg.norm((track.landmarks[:, 13] - track.landmarks[:, 14])[:, :2], axis=1) / track.poses[:, 3]
    blink = track.values[:, [INDEX["eyeBlinkLeft"], INDEX["eyeBlinkRight"]]].mean(1)
    seen = np.flatnonzero(track.visible)
    if len(seen) < 2:
        raise InputError(f"a face shows in {len(seen)} frames of the clip: give one in which it talks")
    plainest = seen[np.argmin((gape + blink + np.abs(track.poses[:, 0]) / 90)[seen])]
    others = seen[seen != plainest]
    ordered = others[np.argsort((gape + 0.5 * blink)[others], kind="stable")]
    picked = ordered[np.unique(np.linspace(0, len(ordered) - 1, count).round().astype(int))]
    return [int(plainest), *(int(number) for number in np.random.default_rng(0).permutation(picked))]

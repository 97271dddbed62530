"""Jobs of the face swap: a video with the portrait's face in it, one frame of that, and a project with swap clips."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.events import Estimate, Event, Finished, FrameReady, Progress
from engine.jobs import Job, Stage, fit_portrait, portrait_of, program_version, render_clip, result_of
from engine.project.motion import sample
from engine.project.project import Portrait, Project, SwapClip
from engine.project.timing import DEFAULT_RATE, TimeRange, seconds_to_frame

if TYPE_CHECKING:
    from engine.export.frame_files import FrameFiles
    from engine.export.layers import Layer, Pictured
    from engine.export.swap_video import SwapTask


def swap_video(
    project: Project,
    clip: SwapClip,
    output: Path,
    stage: Stage | None = None,
    kept: tuple[FrameFiles, list[str]] | None = None,
) -> Job:
    """Put the portrait's face into the clip's video: `output` is an MP4 of that video's length, size and sound.

    FrameReady gives each frame. A stage that knows the video's faces saves following them. A closed job leaves what it
    has finished beside the output; the same project and clip go on from there. `kept`: where frames that are final
    already lie, and under which keys. Finished: the path.

    Raises:
        ExportError: the place cannot take it. InputError, MediaError, FaceError: as reading portrait and video may.
    """
    task = yield from _swap_task(project, clip)
    from engine.export.provenance import provenance_tags
    from engine.export.swap_video import swap_video as swapped

    known = stage.faces.get(clip.media.sha256) if stage else None
    tags = provenance_tags(replace(project, swaps=(clip,)), program_version())
    yield from swapped(task, output, tags, known, kept)


def follow_faces(clip: SwapClip, stage: Stage) -> Job:
    """Follow every face of the clip's video, unless the stage knows them. Finished: engine.face.tracks.FaceTracks.

    Raises:
        MediaError: the video cannot be read.
    """
    yield Progress(0, 1, "Following the faces")
    from engine.export.layers import faces_of

    yield Finished((yield from faces_of(clip, stage.faces)))


def preview_swap(project: Project, clip: SwapClip, seconds: Fraction, stage: Stage | None = None) -> Job:
    """What the swap does at `seconds` of the clip's media. Finished: engine.export.swap_frame.SwapFrame.

    Where the stage knows a video's faces its frame is as it will be, and nobody is left to choose from; else it is read
    by itself. Of a picture's face the performance is shown. The warp draws.

    Raises:
        InputError, MediaError, FaceError: as reading portrait and media may.
    """
    from engine.export.layers import VideoLayer, shows_video
    from engine.export.swap_frame import SwapFrame, face_pictures, swap_frame

    stage = stage or Stage()
    stage.draft = True
    at = clip.span.start + max(seconds - clip.offset, Fraction(0))
    one = replace(project, swaps=(clip,))
    if not shows_video(clip):
        yield Progress(0, 1, "Swapping")
        frame = seconds_to_frame(at, project.settings.rate)
        before, after = [next(_frames(each, frame, stage)) for each in (replace(one, swaps=()), one)]
        yield Finished(SwapFrame(before, after, face_pictures(clip.media.locate())))
    elif clip.media.sha256 in stage.faces:
        yield Progress(0, 1, "Swapping")
        for _, layer in (yield from _layers(one, TimeRange(at, at + 1), stage)):
            assert isinstance(layer, VideoLayer)
            yield Finished(SwapFrame(layer.before(clip, at), layer.picture(clip, at), ()))
    else:
        yield from swap_frame((yield from _swap_task(project, clip, draft=True)), seconds)


def _frames(project: Project, frame: int, stage: Stage) -> Iterator[np.ndarray]:
    return (event.image for event in render_clip(project, [frame], stage) if isinstance(event, FrameReady))


def render_with_swaps(project: Project, frames: Sequence[int], stage: Stage, estimates: bool = False) -> Job:
    """`render_clip` of a project with swap clips. What a video covers is not performed at all.

    Raises:
        InputError: no portrait. MediaError, FaceError, ResourceError: as reading portrait, videos and weights may.
    """
    yield from stage.set_up(replace(project, swaps=()))
    kept = stage.kept(project, frames)
    files, keys = (kept[0], dict(zip(frames, kept[1], strict=True))) if kept else (None, {})
    done = 0
    for ready, group in groupby(frames, lambda index: files is not None and keys[index] in files):
        part = list(group)
        laid = partial(_laid_over, project, stage=stage, estimates=estimates)
        for event in _kept(files, keys, part, laid) if files and ready else laid(part):
            if isinstance(event, FrameReady) and not isinstance(event, Estimate):
                done += 1
                if files and not ready and project.settings.renderer != "auto":  # that may draw a swap by the warp
                    files.put(keys[event.index], event.image)
                yield event
                yield Progress(done, len(frames), "Rendering")
            else:
                yield event
    yield Finished(None)


def _kept(
    files: FrameFiles, keys: dict[int, str], frames: Sequence[int], laid: Callable[[list[int]], Iterator[Event]]
) -> Iterator[Event]:
    """Frames from their files; one whose file is gone meanwhile is made again."""
    for index in frames:
        image = files.get(keys[index])
        if image is None:
            yield from laid([index])
        else:
            yield FrameReady(index, image)


def _laid_over(project: Project, frames: Sequence[int], stage: Stage, estimates: bool) -> Iterator[Event]:
    """The frames, with what the swap clips lay over the performance."""
    from engine.export.layers import FaceLayer, canvas, fitted_into, still

    rate, bare = project.settings.rate, replace(project, swaps=())
    span = TimeRange(min(frames) / rate, (max(frames) + 1) / rate)
    layers = yield from _layers(project, span, stage)
    fitted, _ = yield from stage.set_up(bare)
    size = canvas(project, fitted.rgb.shape)
    black, rests = np.zeros((*size, 3), np.uint8), still(project)

    def over(index: int) -> list[tuple[SwapClip, Layer]]:
        """The layers of a frame, from the uppermost video on."""
        shown = [pair for pair in layers if index / rate in pair[0].span]
        videos = [at for at, (_, layer) in enumerate(shown) if not isinstance(layer, FaceLayer)]
        return shown[videos[-1] :] if videos else shown

    def covered(index: int) -> bool:
        return any(not isinstance(layer, FaceLayer) for _, layer in over(index))

    def finished(index: int, image: np.ndarray) -> np.ndarray:
        values = fitted.fit.values() if rests else sample(project.motion, np.array([float(index / rate)]))[0]
        shown = over(index)
        if not shown or isinstance(shown[0][1], FaceLayer):
            for clip, layer in shown:
                image = layer.shown(clip, index / rate, image, values)
            return fitted_into(image, size)
        return shown[0][1].shown(shown[0][0], index / rate, black, values)

    for hidden, group in groupby(frames, covered):
        part = list(group)
        given = (FrameReady(index, black if hidden else fitted.rgb) for index in part)
        job = given if hidden or rests else render_clip(bare, part, stage, estimates)
        for event in job:
            if isinstance(event, FrameReady):
                yield replace(event, image=finished(event.index, event.image))
            elif not isinstance(event, Finished) and not (isinstance(event, Progress) and event.text == "Rendering"):
                yield event


def _layers(project: Project, span: TimeRange, stage: Stage) -> Generator[Event, None, list[tuple[SwapClip, Layer]]]:
    """What the swap clips in this span lay over the performance, lowest first; see engine.export.layers."""
    from engine.export.layers import Layers

    fitted, _ = yield from stage.set_up(replace(project, swaps=()))

    def fitting(portrait: Portrait) -> Generator[Event, None, Pictured]:
        found = yield from result_of(fit_portrait(portrait))
        return found.rgb, found.alpha, found.fit

    stage.layers = stage.layers or Layers(stage.faces)
    return (yield from stage.layers.over(project, span, (fitted.rgb, fitted.alpha, fitted.fit), fitting, stage.draft))


def _swap_task(project: Project, clip: SwapClip, draft: bool = False) -> Generator[Event, None, SwapTask]:
    fitted = yield from result_of(fit_portrait(portrait_of(project)))
    from engine.export.swap_video import SwapTask
    from engine.render.renderers import choose_for_swap

    pictured = fitted.rgb, fitted.alpha, fitted.fit
    renderer = choose_for_swap(project, *pictured, draft)
    settings = replace(project.settings, rate=DEFAULT_RATE, size=None)
    return SwapTask(*pictured, clip, renderer, f"{project.seed} {settings}")

"""Jobs: what the engine does for a person who waits. Each is a generator of events; closing it stops the work.

    for event in export_video(project, path): ...      # Progress | FrameReady | Finished

Heavy libraries load inside the jobs, so that importing this module costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import FaceError, InputError
from engine.events import Chosen, Estimate, Event, Finished, FrameReady, Heard, Noted, Progress
from engine.project.channels import NAMES
from engine.project.media_ref import refer_to
from engine.project.motion import Motion, sample
from engine.project.project import AudioClip, DriveClip, Portrait, Project, PromptClip
from engine.project.timing import ALWAYS, DEFAULT_RATE, TimeRange, frame_count, times_of

if TYPE_CHECKING:
    from engine.export.frame_files import FrameFiles
    from engine.export.layers import Layers
    from engine.face.fit import Fit
    from engine.face.portrait_check import FaceReport
    from engine.face.tracking import Track
    from engine.face.tracks import FaceTracks
    from engine.motion.phones import Phone
    from engine.render.renderers import Choice, Renderer
    from engine.text.emotion import Emotion

SPEECH_RATE = 16_000  # Hz: what the speech stages listen at
HELD = Fraction(3)  # seconds for which a picture's expression is held where nothing says how long

Job = Generator[Event, None, None]
Reader = Callable[[str], "Emotion"]


@dataclass(frozen=True)
class FittedPortrait:
    """A portrait understood: `rgb` HxWx3 uint8 at the size to render, the file's `alpha` HxW uint8 or None, `fit`.

    `advice` is what speaks against the picture as it is in the file, worst first.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None
    fit: Fit
    advice: tuple[str, ...] = ()


@dataclass(frozen=True)
class PortraitReport:
    """A picture and its faces, largest first; `triangles` [F, 3] joins a face's landmarks to a mesh."""

    rgb: np.ndarray
    faces: tuple[FaceReport, ...]
    triangles: np.ndarray


class Stage:
    """Keeps the last portrait fitted and its renderer set up, so that another frame of it starts at once.

    Frames that the diffusion renderer has drawn are kept in `files`, if given, and taken from there.
    """

    def __init__(self, files: FrameFiles | None = None) -> None:
        self._files = files
        self._set: tuple[object, FittedPortrait, Choice] | None = None
        self._tracks: dict[tuple[str, int | None], Track] = {}
        self.faces: dict[str, FaceTracks] = {}  # of videos that faces are swapped in, by SHA-256
        self.layers: Layers | None = None
        self.draft = False  # then such a video shows as it is until its faces are known, and the warp draws in it

    def set_up(self, project: Project) -> Generator[Event, None, tuple[FittedPortrait, Renderer]]:
        """The project's portrait and its renderer, from memory if nothing that they depend on has changed."""
        portrait, settings = portrait_of(project), project.settings
        drawn = settings.size if settings.renderer == "warp" else (project.seed, settings)
        wanted = (portrait, settings.renderer, drawn)
        if self._set is None or self._set[0] != wanted:
            fitted = yield from result_of(fit_portrait(portrait, settings.size))
            yield Progress(0, 1, "Setting up the portrait")
            from engine.render.renderers import choose

            self._set = (wanted, fitted, choose(project, fitted.rgb, fitted.alpha, fitted.fit))
        _, fitted, chosen = self._set
        if chosen.why:
            yield Chosen(0, 1, "Rendering", chosen.name, chosen.why)
        return fitted, chosen.renderer

    def kept(self, project: Project, frames: Sequence[int]) -> tuple[FrameFiles, list[str]] | None:
        """Where the frames of the renderer that is set up are kept, and under which keys; None: they are not."""
        if self._files is None or self._set is None or self._set[2].name == "warp":
            return None
        from engine.export.frame_files import frame_keys

        return self._files, frame_keys(project, frames)

    def track(self, clip: DriveClip) -> Generator[Event, None, Track]:
        """The clip's driver, followed through the whole of its media; from memory if that was done before."""
        known = (clip.media.sha256, clip.face)
        if known not in self._tracks:
            self._tracks[known] = yield from result_of(track_media(clip.media.locate(), face=clip.face))
        return self._tracks[known]


def new_project(portrait: Path, audio: Path | None = None, face: int | None = None) -> Project:
    """A project of one portrait and, if given, one recording (a sound file, or a video's sound).

    Raises:
        MediaError: a file is missing, or the recording holds no sound.
    """
    clip = None
    if audio:
        from engine.media.audio import sound_seconds

        clip = AudioClip(refer_to(audio), sound_seconds(audio))
    return Project(portrait=Portrait(refer_to(portrait), face), audio=clip)


def fit_portrait(portrait: Portrait, size: int | None = None) -> Job:
    """Find and fit the portrait's face; `size` is the longer side to render at. Finished: FittedPortrait.

    Raises:
        MediaError: the picture is gone, changed or unreadable. FaceError: no such face in it.
    """
    yield Progress(0, 2, "Reading the portrait")
    from engine.face.fit import fit_face
    from engine.face.head_model import load_head_model
    from engine.face.landmarks import choose_face
    from engine.face.portrait_check import report
    from engine.media.image import read_image, resized

    picture = read_image(portrait.media.locate())
    landmarks = choose_face(picture.rgb, portrait.face, portrait.media.name)
    yield Progress(1, 2, "Reading the portrait")
    fit = fit_face(landmarks, load_head_model())
    advice = report(picture.rgb, fit).advice
    if size:
        fit = fit.scaled(size / max(picture.rgb.shape[:2]))
        picture = resized(picture, size)
    yield Finished(FittedPortrait(picture.rgb, picture.alpha, fit, advice))


def inspect_portrait(portrait: Portrait) -> Job:
    """Find every face in the picture, and what speaks against each. Finished: PortraitReport; its faces may be none.

    Raises:
        MediaError: the picture is gone, changed or unreadable.
    """
    yield Progress(0, 2, "Reading the portrait")
    from engine.face.fit import fit_face
    from engine.face.head_model import load_head_model
    from engine.face.landmarks import detect_faces
    from engine.face.portrait_check import report
    from engine.media.image import read_image

    rgb = read_image(portrait.media.locate()).rgb
    yield Progress(1, 2, "Looking for faces")
    model = load_head_model()
    faces = tuple(report(rgb, fit_face(landmarks, model)) for landmarks in detect_faces(rgb))
    yield Finished(PortraitReport(rgb, faces, model.triangles))


def generate_motion(
    project: Project,
    stage: Stage | None = None,
    read: Reader | None = None,
    phones: Sequence[Phone] = (),
    span: TimeRange = ALWAYS,
    names: Collection[str] = NAMES,
) -> Job:
    """Perform the project's speech, prompts and drive clips with its portrait. Finished: Motion at the settings' rate.

    It is meant for the channels `names` inside `span`, where nothing is locked: it is drawn to meet what stays of the
    project's own motion beside that. `with_take` puts it there.

    It lasts as long as the speech and the drives; a clip that gives no length of its own takes what there is. `read`
    understands prompts; None: the encoder that ships. `phones` are those of an earlier Heard, if the speech is the same.
    Noted tells of the portrait's faults, and of prompts that are not understood or come too late to be seen.

    Raises:
        InputError: no portrait, and neither speech nor drive. MediaError, FaceError: as reading them may.
    """
    portrait, audio, rate = portrait_of(project), project.audio, project.settings.rate
    if audio is None and not project.drives:
        raise InputError("there is no speech to perform: add a recording, or give a motion")
    fitted = yield from result_of(fit_portrait(portrait))
    yield from _advised(portrait, fitted)
    tracks = []
    for clip in project.drives:
        tracks.append((yield from (stage or Stage()).track(clip)))
    from engine.motion.drive import driven, drives_all, playing

    ends = [playing(*pair).span.end for pair in zip(project.drives, tracks, strict=True)]
    heard = audio.duration if audio else Fraction(0)
    seconds = max([heard, *(Fraction(end) for end in ends if end != math.inf)]) or HELD
    frames = frame_count(seconds, rate)
    if audio and not any(drives_all(*pair, seconds) for pair in zip(project.drives, tracks, strict=True)):
        feelings = yield from _understood(project.prompts, heard, read)
        yield Progress(0, 1, "Listening to the speech")
        from engine.media.audio import read_mono
        from engine.motion.generate import performing
        from engine.motion.kept import kept
        from engine.motion.models import listening, speaker
        from engine.motion.noise import quieting
        from engine.motion.phones import SILENCE

        mono = yield from quieting(read_mono(audio.media.locate(), SPEECH_RATE, audio.part))
        speak = speaker(project.delivery, fitted.fit.person, project.seed, told=bool(audio.words))
        heard_phones = list(phones) or (yield from listening(project.delivery.model, mono, audio.words or None))
        voiceless = all(phone.label == SILENCE for phone in heard_phones)
        yield Heard(0, 1, "Performing", tuple(heard_phones), voiceless)
        rest = fitted.fit.values()
        stays = kept(project.motion, rate, frame_count(Fraction(len(mono), SPEECH_RATE), rate), span, names)
        spoken = yield from performing(
            heard_phones, mono, rate, rest, project.prompts, project.seed, feelings.__getitem__, speak, stays
        )
        values = np.pad(spoken, ((0, max(0, frames - len(spoken))), (0, 0)), mode="edge")
    else:
        values = np.tile(fitted.fit.values(), (frames, 1))
    for clip, track in zip(project.drives, tracks, strict=True):
        values = driven(values, rate, track, fitted.fit, clip)
    yield Finished(Motion.from_dense(values, rate))


def _advised(portrait: Portrait, fitted: FittedPortrait) -> Iterator[Event]:
    for advice in fitted.advice:
        yield Noted(0, 1, "Reading the portrait", f"{portrait.media.name}: {advice}")


def _understood(
    prompts: Sequence[PromptClip], heard: Fraction, read: Reader | None
) -> Generator[Event, None, dict[str, Emotion]]:
    """What each text asks for, of the prompts over a speech of so many seconds; tells of those that will not show."""
    from engine.text.emotion import read_emotion

    found: dict[str, Emotion] = {}
    for clip in prompts:
        if not clip.shown:
            found[clip.text] = (read or read_emotion)(clip.text)
            if note := found[clip.text].note:
                yield Noted(0, 1, "Reading the prompts", note)
        if clip.span.start >= heard:
            start, end = float(clip.span.start), float(heard)
            late = f"prompt {clip.text!r} begins at {start:g} s, but the speech ends at {end:g} s: begin it earlier"
            yield Noted(0, 1, "Reading the prompts", late)
    return found


def read_expression(picture: Path, face: int | None = None) -> Job:
    """Read what the face in a picture shows. Finished: engine.text.emotion.Emotion.

    Raises:
        MediaError: not a picture. FaceError: no such face in it.
    """
    yield Progress(0, 1, "Reading the expression")
    from engine.text.emotion import from_face

    fitted = yield from result_of(fit_portrait(Portrait(refer_to(picture), face)))
    yield Finished(from_face(fitted.fit.values()))


def track_media(path: Path, rate: Fraction | None = None, face: int | None = None) -> Job:
    """Follow a face through a video, or read it from a picture. Finished: engine.face.tracking.Track.

    `rate` frames a second are read; None: the file's own.

    Raises:
        MediaError: neither a picture nor a video. FaceError: no such face anywhere in it.
    """
    yield Progress(0, 1, "Following the face")
    from engine.face.head_model import load_head_model
    from engine.face.tracking import track_frames
    from engine.media.image import is_picture, read_image
    from engine.media.video import probe, read_frames

    frames: Iterator[np.ndarray]
    if is_picture(path):
        frames, total, rate = iter([read_image(path).rgb]), 1, rate or DEFAULT_RATE
    else:
        info = probe(path)
        rate = rate or info.rate
        frames, total = read_frames(path, rate), frame_count(info.seconds, rate)
    try:
        yield from track_frames(frames, rate, load_head_model(), total, face)
    except FaceError as error:
        raise FaceError(f"{path}: {error}") from error


def render_clip(project: Project, frames: Sequence[int], stage: Stage | None = None, estimates: bool = False) -> Job:
    """Render these frames of the project with its face swaps: a FrameReady and a Progress each. Finished: None.

    With `estimates` there is also an Estimate after each step of a frame's denoising.

    Raises:
        InputError: no portrait. MediaError, FaceError: as reading the portrait may. ResourceError: no weights.
    """
    stage = stage or Stage()
    if project.swaps:
        from engine.swap_jobs import render_with_swaps

        yield from render_with_swaps(project, frames, stage, estimates)
        return
    _, renderer = yield from stage.set_up(project)
    values, kept = sample(project.motion, times_of(frames, project.settings.rate)), stage.kept(project, frames)
    for first in range(0, len(frames), renderer.together):
        part = range(first, min(first + renderer.together, len(frames)))
        pictures = {at: image for at in part if kept and (image := kept[0].get(kept[1][at])) is not None}
        missing = [at for at in part if at not in pictures]
        for images in renderer.refine([values[at] for at in missing]) if missing else ():
            pictures |= zip(missing, images, strict=True)
            if estimates:
                yield Estimate(frames[missing[0]], images[0])
        for at in part:
            if kept and at in missing:
                kept[0].put(kept[1][at], pictures[at])
            yield FrameReady(frames[at], pictures[at])
            yield Progress(at + 1, len(frames), "Rendering")
    yield Finished(None)


def export_video(project: Project, output: Path, stage: Stage | None = None) -> Job:
    """Render what lies between in and out into an MP4 with its sound. Finished: its path.

    The file appears when it is whole; a closed or failed job leaves nothing behind. Of a project that is nothing but
    one video with a face swap, that video is made, as `swap_video` makes it. Noted tells of the portrait's faults.

    Raises:
        ExportError: the place cannot take it. InputError, MediaError, FaceError: as `render_clip`.
    """
    rate = project.settings.rate
    frames = project.in_out.frames(rate, frame_count(project.duration, rate))
    if not frames:
        raise InputError("there is nothing to export between the in and out points: add speech or motion, or move them")
    stage = stage or Stage()
    fitted, _ = yield from stage.set_up(project)
    from engine.export.layers import canvas, whole_video
    from engine.export.provenance import provenance_tags
    from engine.export.sound import project_sound
    from engine.media.video_writer import SOUND_RATE, VideoWriter

    if clip := whole_video(project):
        from engine.swap_jobs import swap_video

        yield from swap_video(project, clip, output, stage, stage.kept(project, frames))
        return
    yield from _advised(portrait_of(project), fitted)
    height, width = canvas(project, fitted.rgb.shape)
    sound = project_sound(project, SOUND_RATE, frames.start / rate)
    tags = provenance_tags(project, program_version())
    with VideoWriter(output, (width, height), rate, sound=sound, metadata=tags, frames=len(frames)) as video:
        for event in render_clip(project, frames, stage):
            if isinstance(event, FrameReady):
                video.write(event.image)
            if not isinstance(event, Finished):
                yield event
    yield Finished(output)


def result_of(job: Iterator[Event]) -> Generator[Event, None, Any]:
    """Pass a job's events on, and return the result of its last one: `x = yield from result_of(job)`."""
    with closing(job):  # type: ignore[type-var]
        for event in job:
            if isinstance(event, Finished):
                return event.result
            yield event
    return None


def program_version() -> str:
    """The version of Portrayal that is running."""
    try:
        return version("portrayal")
    except PackageNotFoundError:
        return "unpackaged"


def portrait_of(project: Project) -> Portrait:
    """The project's portrait; InputError if it has none."""
    if project.portrait is None:
        raise InputError("there is no portrait: add a picture of a face")
    return project.portrait

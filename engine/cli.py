"""The command line: the same engine as the editor's, headless. Results go to files, progress and errors to stderr."""

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from engine import console, jobs, swap_jobs
from engine.arguments import drive_gain, drive_groups, picture_side, prompt_clip, time_range, video_file
from engine.console import with_word
from engine.emotion_command import Reader, add_emotion, add_reader, emotion, reader
from engine.errors import EngineError, ExportError, InputError
from engine.project.channels import GROUPS
from engine.project.edits import with_clip, with_settings
from engine.project.media_ref import refer_to
from engine.project.motion import Motion, dense
from engine.project.motion_csv import read_motion_csv, write_motion_csv
from engine.project.project import MOTION_MODELS, DriveClip, Project, PromptClip, SwapClip
from engine.project.storage import load_project
from engine.project.takes import with_take
from engine.project.timing import ALWAYS, DEFAULT_RATE, TimeRange, parse_rate, to_seconds
from engine.renderer_command import add_denoiser, add_personalise, add_renderer, denoiser, personalise, with_renderer
from engine.resources import resource

LARGE = 2160  # pixels of a video's longer side, beyond which the user is told why it takes long
OF_A_PROJECT = ("portrait", "face", "audio", "text", "motion", "drive", "prompt", "follow_voice", "fps", "seed")
OF_A_TAKE = ("motion_model", "intensity", "smoothness", "expressiveness", "open_clip")  # made before it is rendered
INTERRUPTED = 130  # as shells report a program ended by Ctrl-C


def main(arguments: Sequence[str]) -> int:
    """Run one command; the process's exit code: 0, an error's own code, or 130 after Ctrl-C."""
    as_json = "--json" in arguments
    try:
        options = _parser().parse_args(arguments)
        if "output" in options:
            _require_place(options.output)
        command: Callable[[argparse.Namespace], Path | None] = options.command
        written = command(options)
    except EngineError as error:
        return _failed(str(error), error.exit_code, as_json)
    except KeyboardInterrupt:
        return _failed("stopped; nothing was left half-written", INTERRUPTED, as_json)
    if written and as_json:
        console.emit("finished", output=str(written))
    elif written:
        print(written)
    return 0


def _failed(message: str, code: int, as_json: bool) -> int:
    message = " ".join(message.split())
    if as_json:
        console.emit("error", message=message, code=code)
    print(f"portrayal: {message}", file=sys.stderr)
    return code


def demo(options: argparse.Namespace) -> Path:
    """The samples that ship: a portrait speaks a sentence, pleased with it."""
    project = jobs.new_project(resource("samples/hopper.jpg"), resource("samples/speech.flac"))
    assert project.audio
    words = resource("samples/speech.txt").read_text(encoding="utf-8")
    project = replace(project, audio=replace(project.audio, words=words), prompts=(PromptClip("happy", strength=0.5),))
    return _export(_with_motion(project, options), options)


def render(options: argparse.Namespace) -> Path:
    """Portrait + speech + prompts, or a project file, to a video."""
    if options.project:
        _refuse(options, OF_A_PROJECT, f"{options.project} decides")
        with tempfile.TemporaryDirectory() as folder:
            project = load_project(options.project, Path(folder))
            swaps = bool(project.swaps) and not (project.audio or project.drives)
            ready = bool(project.motion.frames) or swaps
            if ready:
                _refuse(options, OF_A_TAKE, f"{options.project} has its performance")
            project = with_settings(project, size=options.size) if "size" in options else project
            return _export(project if ready else _with_motion(project, options), options)
    if options.motion:
        _refuse(options, ("drive", "prompt", "text"), f"--motion {options.motion} decides every movement")
    project = _driven(options) if options.drive else _project(options)
    if "size" not in options:
        _tell_if_large(options)
    if not options.motion:
        return _export(_with_motion(project, options), options)
    values, rate = read_motion_csv(options.motion)
    project = replace(project, motion=Motion.from_dense(values, rate))
    return _export(with_settings(project, rate=options.fps or rate), options)


def swap(options: argparse.Namespace) -> Path:
    """A video with the portrait's face in place of one of its own."""
    clip = SwapClip(
        refer_to(options.video),
        face=options.face,
        strength=options.strength,
        grow=options.grow,
        feather=options.feather,
        cover=not options.no_cover,
        outline=options.outline,
    )
    project = with_word(jobs.new_project(options.portrait, face=options.portrait_face), options.rights)
    project = with_renderer(project, options)
    path: Path = console.run(swap_jobs.swap_video(project, clip, options.output), options.json)
    return path


def _refuse(options: argparse.Namespace, names: Sequence[str], why: str) -> None:
    """Raise InputError if any of these options is given, which would be of no effect."""
    if given := [f"--{name.replace('_', '-')}" for name in names if getattr(options, name, None)]:
        raise InputError(f"{why}: leave out {' and '.join(given)}")


def _driven(options: argparse.Namespace) -> Project:
    """The project with the --drive clip, at the clip's own rate and with its sound unless told otherwise."""
    from engine.media.image import is_picture
    from engine.media.video import probe

    video = None if is_picture(options.drive) else probe(options.drive)
    part = options.drive_part
    own_sound = video is not None and video.has_audio and options.audio is None and options.drive_speed == 1
    options.audio = options.drive if own_sound else options.audio
    part_ends = part.duration / options.drive_speed if part.end != math.inf else math.inf
    clip = DriveClip(
        refer_to(options.drive),
        TimeRange(Fraction(0), part_ends),
        offset=part.start,
        groups=options.drive_groups,
        gain=options.drive_gain.get("", 1.0),
        gains={group: gain for group, gain in options.drive_gain.items() if group},
        relative=not options.drive_absolute,
        face=options.drive_face,
        speed=options.drive_speed,
    )
    project = with_clip(_project(options), clip)
    if own_sound and project.audio:
        project = replace(project, audio=replace(project.audio, part=part))
    return with_settings(project, rate=options.fps or (video.rate if video else DEFAULT_RATE))


def motion(options: argparse.Namespace) -> Path:
    """Portrait + speech + prompts to a table of channel values."""
    project = _with_motion(_project(options), options)
    return _write_table(options.output, dense(project.motion), project.motion.rate)


def track(options: argparse.Namespace) -> Path:
    """The face in a picture or video to a table of channel values."""
    result = console.run(jobs.track_media(options.media, face=options.face), options.json)
    for first, last in result.gaps:
        print(f"portrayal: no face in frames {first} to {last - 1}: the last one seen is held", file=sys.stderr)
    return _write_table(options.output, result.values, result.rate)


def understand(options: argparse.Namespace) -> None:
    """Texts, or a face in a picture, to what they ask of a face; printed."""
    emotion(options, _reader(options))


def _reader(options: argparse.Namespace) -> Reader:
    from platformdirs import user_data_dir

    return reader(options, Path(user_data_dir("portrayal", False)) / "weights")


def _project(options: argparse.Namespace) -> Project:
    if not options.portrait:
        raise InputError("no portrait: give --portrait PICTURE, or a .portrayal file")
    if not (options.audio or getattr(options, "motion", None) or getattr(options, "drive", None)):
        raise InputError("nothing to perform: give --audio SPEECH, --motion CSV or --drive MEDIA")
    project = jobs.new_project(options.portrait, options.audio, options.face)
    settings = replace(project.settings, rate=options.fps or DEFAULT_RATE)
    settings = replace(settings, size=getattr(options, "size", None))
    if options.text and project.audio:
        project = replace(project, audio=replace(project.audio, words=_read_words(options.text)))
    prompts = tuple(replace(clip, follows_voice=options.follow_voice) for clip in options.prompt)
    return replace(project, settings=settings, prompts=prompts, seed=options.seed)


def _with_motion(project: Project, options: argparse.Namespace) -> Project:
    read = _reader(options) if "open_clip" in options else None
    names = ("model", "intensity", "smoothness", "expressiveness")
    told = {name: getattr(options, "motion_model" if name == "model" else name, None) for name in names}
    given = {name: value for name, value in told.items() if value is not None}
    project = replace(project, delivery=replace(project.delivery, **given))
    return with_take(project, console.run(jobs.generate_motion(project, read=read), options.json, options.told))


def _tell_if_large(options: argparse.Namespace) -> None:
    from engine.media.image import picture_size

    width, height = picture_size(options.portrait)
    if max(width, height) > LARGE:
        note = f"rendering at {width}x{height} pixels, the size of {options.portrait}: --size 1080 is much faster"
        console.tell(note, options.json)


def _require_place(path: Path) -> None:
    """Raise ExportError now rather than after minutes of work."""
    if path.is_dir():
        raise ExportError(f"{path} is a folder: name a file in it with -o")
    if not path.absolute().parent.is_dir():
        raise ExportError(f"{path}: there is no folder {path.absolute().parent}; make it, or choose another with -o")


def _export(project: Project, options: argparse.Namespace) -> Path:
    project = with_word(project, options.rights)
    if "renderer" in options:
        project = with_renderer(project, options)
    path: Path = console.run(jobs.export_video(project, options.output), options.json, options.told)
    return path


def _write_table(path: Path, values: object, rate: Fraction) -> Path:
    try:
        write_motion_csv(path, values, rate)  # type: ignore[arg-type]
    except OSError as error:
        raise ExportError(f"{path} cannot be written ({error.strerror}): choose another place with -o") from error
    return path


def _read_words(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--text {path} cannot be read as UTF-8 text ({error}): give a plain text file") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py", description="Portrayal: a portrait and speech to a talking video.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = _adder(commands)

    command = add("demo", demo, "make a talking video from the samples that ship")
    command.set_defaults(rights=None)
    command.add_argument("-o", "--output", type=video_file, default=Path("demo.mp4"), metavar="OUT.mp4")

    command = add("render", render, "portrait + speech + prompts -> video")
    command.add_argument("project", nargs="?", type=Path, metavar="FILE.portrayal", help="render this project")
    _add_performance(command)
    command.add_argument("--motion", type=Path, metavar="CSV", help="perform this table instead (from motion or track)")
    _add_drive(command)
    _add_rights(command)
    add_renderer(command)
    size = "longer side in pixels (default: source)"
    command.add_argument("--size", type=picture_side, default=argparse.SUPPRESS, metavar="N|source", help=size)
    command.add_argument("-o", "--output", type=video_file, required=True, metavar="OUT.mp4")

    command = add("swap", swap, "a portrait's face into a video, in place of one there; goes on where it was stopped")
    command.add_argument("--portrait", type=Path, required=True, metavar="PICTURE")
    command.add_argument("--portrait-face", type=int, metavar="INDEX", help="which of the picture's faces")
    command.add_argument("--video", type=Path, required=True, metavar="VIDEO")
    command.add_argument(
        "--face", type=int, metavar="INDEX", help="whom to replace: 0 the largest face, 1 the next ..."
    )
    command.add_argument("--strength", type=float, default=1.0, metavar="S", help="0 (nothing) to 1 (all)")
    command.add_argument("--grow", type=float, default=0.0, metavar="E", help="mask wider (narrower), in eye distances")
    command.add_argument("--feather", type=float, default=0.14, metavar="E", help="softness of its edge, likewise")
    outline = "the head's outline, from the video's (0) to the portrait's (1)"
    command.add_argument("--outline", type=float, default=SwapClip.outline, metavar="S", help=outline)
    add_renderer(command, timed=False)
    command.add_argument("--no-cover", action="store_true", help="draw over hands, hair and glasses, too")
    _add_rights(command)
    command.add_argument("-o", "--output", type=video_file, required=True, metavar="OUT.mp4")

    command = add("motion", motion, "portrait + speech + prompts -> table of channel values, a row a frame")
    _add_performance(command)
    command.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.csv")

    command = add("emotion", understand, "what a text, or a face in a picture, is understood to ask of a face")
    add_emotion(command)

    command = add("personalise", personalise, "weights of one face, for --personal, out of its own picture or clip")
    add_personalise(command)

    command = add("denoiser", denoiser, "what weights of your own are: architecture, licence, SHA-256")
    add_denoiser(command)

    command = add("track", track, "the face in a picture or video -> table of channel values")
    command.add_argument("media", type=Path, metavar="MEDIA")
    command.add_argument("--face", type=int, metavar="INDEX", help="which face: 0 the largest, 1 the next ...")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.csv")
    return parser


def _add_drive(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--drive", type=Path, metavar="MEDIA", help="take the motion of the face in this picture or video")
    groups = f"only these, from {', '.join(GROUPS)}; speech and prompts decide the rest"
    add("--drive-groups", type=drive_groups, default=GROUPS, metavar="A,B,...", help=groups)
    add("--drive-gain", type=drive_gain, default={}, metavar="G | A=G,B=G", help="more (2) or less (0.5) of its motion")
    add("--drive-absolute", action="store_true", help="look as the driver does, not: change as the driver changes")
    add("--drive-face", type=int, metavar="INDEX", help="whose motion: 0 the largest face, 1 the next ...")
    add("--drive-part", type=time_range, default=ALWAYS, metavar="START-END", help="only these seconds of it")
    add("--drive-speed", type=to_seconds, default=Fraction(1), metavar="N", help="how fast it runs")


def _add_rights(command: argparse.ArgumentParser) -> None:
    text = "on what ground you may use the person's picture; written into the video"
    command.add_argument("--rights", metavar="TEXT", help=text)


def _adder(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> Callable[..., argparse.ArgumentParser]:
    def add(name: str, run: Callable[[argparse.Namespace], Path | None], summary: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=summary, description=summary)
        command.set_defaults(command=run, told=set())  # the notes that have been told
        command.add_argument("--json", action="store_true", help="progress, result and errors as JSON lines on stdout")
        return command

    return add


def _add_performance(command: argparse.ArgumentParser) -> None:
    command.add_argument("--portrait", type=Path, metavar="PICTURE")
    command.add_argument("--face", type=int, metavar="INDEX", help="which face: 0 the largest, 1 the next ...")
    command.add_argument("--audio", type=Path, metavar="SPEECH", help="any sound file, or a video's sound")
    command.add_argument("--text", type=Path, metavar="WORDS.txt", help="what is said, for exact lips")
    command.add_argument(
        "--prompt",
        type=prompt_clip,
        action="append",
        default=[],
        metavar='"TEXT" | "TEXT@START-END"',
        help="how it feels, in your own words, for the whole clip or for a range of seconds; may be repeated; the command "
        "`emotion` shows how it is understood",
    )
    voice = "prompts grow and shrink with how moved the voice is"
    command.add_argument("--follow-voice", action="store_true", help=voice)
    add_reader(command)
    command.add_argument("--fps", type=parse_rate, metavar="R", help="frames a second, as 25, 29.97 or 30000/1001")
    command.add_argument("--seed", type=int, default=0, metavar="N", help="another number is another take")
    movers = f"what moves the mouth: AToM, by diffusion, or a table of phones (default: {MOTION_MODELS[0]})"
    command.add_argument("--motion-model", choices=MOTION_MODELS, help=movers)
    command.add_argument("--intensity", type=float, metavar="N", help="lips move N times as far, 0 to 2")
    command.add_argument("--smoothness", type=float, metavar="N", help="0 to 1: lips lose their haste")
    command.add_argument("--expressiveness", type=float, metavar="N", help="-2 (mumbles) to 2 (declaims); AToM only")

"""The command `emotion`: what a text, or the face in a picture, is understood to ask for. And how a command picks who reads."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from engine import console, jobs
from engine.errors import InputError

if TYPE_CHECKING:
    from engine.text.emotion import Emotion
    from engine.text.fetch import Offer
    from engine.text.mapping import TextEncoder

Reader = Callable[[str], "Emotion"]
_SIDES, _DIRECTIONS = ("Left", "Right"), ("jaw", "mouth")
_SLIGHT = 0.05  # what is less is not told to people
EXAMPLE = 'emotion "grieving, but trying to smile"'


def emotion(options: argparse.Namespace, read: Reader) -> None:
    """Print what each text asks for, and what the face in `--picture` shows; JSON: one object, or a list of several.

    Raises:
        InputError: nothing to understand, or weights that cannot be used. MediaError, FaceError: the picture's.
    """
    if not options.text and not options.picture:
        raise InputError(f"nothing to understand: give a text, as {EXAMPLE}, or --picture FILE")
    found = [(text, read(_worded(text))) for text in options.text]
    if options.picture:
        shown = console.run(jobs.read_expression(options.picture, options.face), as_json=False)
        found.append((options.picture.name, shown))
    if options.json:
        from engine.text.emotion import described

        objects = [described(one) for _, one in found]
        print(json.dumps(objects if len(objects) > 1 else objects[0], ensure_ascii=False))
        return
    print("\n\n".join(_in_words(name, one) for name, one in found))
    for note in filter(None, (one.note for _, one in found)):
        print(f"portrayal: {note}", file=sys.stderr)


def add_emotion(command: argparse.ArgumentParser) -> None:
    """The arguments of `emotion`."""
    command.add_argument("text", nargs="*", metavar="TEXT", help="how it should feel, in your own words")
    command.add_argument("--picture", type=Path, metavar="FILE", help="read the expression of the face in this picture")
    command.add_argument("--face", type=int, metavar="INDEX", help="which face: 0 the largest, 1 the next ...")
    add_reader(command)


def add_reader(command: argparse.ArgumentParser) -> None:
    """The arguments that `reader` reads."""
    add = command.add_argument
    add(
        "--open-clip",
        metavar="MODEL",
        help="read prompts with this model of open_clip, as ViT-B-32, not the shipped one",
    )
    add("--weights", metavar="FILE|TAG", help="its weights: a file, or open_clip's name for them, as laion2b_s34b_b79k")
    add("--fetch", action="store_true", help="if they are not on this machine: show file, size, licence, hash, and ask")
    add("--yes", action="store_true", help="with --fetch: fetch without asking")


def reader(options: argparse.Namespace, folder: Path) -> Reader:
    """Who understands prompts, by the options: the shipped encoder, or open_clip's, whose fetched weights are in `folder`.

    Raises:
        InputError: a model or weights that cannot be used, or are not on this machine. ResourceError: no answer to --fetch.
    """
    from engine.text.emotion import read_emotion, understand

    if not options.open_clip:
        if options.weights or options.fetch:
            raise InputError("--weights and --fetch are for --open-clip: name its MODEL, as --open-clip ViT-B-32")
        return read_emotion
    encoder = _open_clip(options, folder)
    return lambda text: understand(text, encoder)


def _open_clip(options: argparse.Namespace, folder: Path) -> "TextEncoder":
    from engine.text.encoder import fetch_folder, find_weights, load_open_clip, repository
    from engine.text.fetch import fetch_weights, offer

    model, weights = options.open_clip, options.weights
    if not weights:
        raise InputError(f"which weights of {model}? Give --weights FILE, or a name, as --weights laion2b_s34b_b79k")
    if options.fetch and not Path(weights).is_file() and find_weights(model, weights, folder) is None:
        found = offer(*repository(model, weights))
        place = fetch_folder(model, weights, folder)
        _agree(found, place, options.yes)
        console.run(fetch_weights(found, place), as_json=False)
    return load_open_clip(model, weights, folder)


def _agree(found: "Offer", place: Path, yes: bool) -> None:
    """Show what would come; go on only with consent."""
    print(f"portrayal: {found.described()} -> {place}", file=sys.stderr)
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError("nothing was fetched: add --yes to --fetch to fetch it")
    print("Fetch it? [y/N] ", end="", file=sys.stderr, flush=True)
    if input().strip().lower() not in ("y", "yes"):
        raise InputError("nothing was fetched")


def _worded(text: str) -> str:
    if not text.strip():
        raise InputError(f"the text is empty: say how it should feel, as {EXAMPLE}")
    return text


def _in_words(name: str, emotion: "Emotion") -> str:
    """A few lines for people."""
    words = ", ".join(f"{word} ({likeness:.2f})" for word, likeness in emotion.nearest[:3]) or "nothing"
    usual = type(emotion.dynamics)()
    pace = asdict(emotion.dynamics).items()
    manner = [f"{key} {value:.2f}" for key, value in pace if abs(value - getattr(usual, key)) > _SLIGHT]
    moves = [item for item in sorted(_paired(emotion.channels).items(), key=lambda item: -item[1]) if item[1] > _SLIGHT]
    lines = [
        f"{name}",
        f"  nearest     {words}",
        f"  confidence  {emotion.confidence:.2f}",
        f"  moves       {', '.join(f'{channel} {value:.2f}' for channel, value in moves) or 'nothing'}",
    ]
    return "\n".join([*lines, f"  manner      {', '.join(manner)}"] if manner else lines)


def _paired(channels: dict[str, float]) -> dict[str, float]:
    """Both sides as one where they agree."""
    found = {}
    for name, value in channels.items():
        stem = name.removesuffix(_SIDES[0]).removesuffix(_SIDES[1])
        agree = stem not in _DIRECTIONS and all(abs(channels.get(stem + side, 0) - value) < 0.02 for side in _SIDES)
        found[stem if agree else name] = value
    return found

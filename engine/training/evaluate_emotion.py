"""How well prompts are understood: signs on the held-out list, degree pairs, beside the nearest anchor by string match.

python -m engine.training.evaluate_emotion [--encoder shipped | open_clip MODEL WEIGHTS] [--misses even]

The two lists were written before any mapping and without sight of one. Nobody who tunes reads the odd rows: `--misses`
shows what went wrong on even rows only, and odd rows are reported apart, as what generalises. Rows whose text is also
an anchor or a training phrase, word for word, are counted, and left out of a second figure.
"""

import argparse
import difflib
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.project.channels import BY_NAME
from engine.text.anchors import anchors, faces, read_anchors, values_by_name
from engine.text.mapping import TextEncoder
from engine.text.plain import plain

FOLDER = Path(__file__).parent
RISEN, STAYED, HIGHER = 0.15, 0.1, 0.02
Reader = Callable[[str], dict[str, float]]


@dataclass(frozen=True)
class Prompt:
    """One row of the held-out list. `rises`: groups of alternatives; `stays`: channels that may not rise."""

    number: int
    kind: str
    text: str
    rises: tuple[tuple[str, ...], ...]
    stays: tuple[str, ...]


@dataclass
class Tally:
    """Signs right and asked for, of rises and of what must stay."""

    rose: int = 0
    rises: int = 0
    stayed: int = 0
    stays: int = 0

    def row(self) -> str:
        """Rises, stays and all signs in percent."""
        right, asked = self.rose + self.stayed, self.rises + self.stays
        return f"{_percent(self.rose, self.rises)} {_percent(self.stayed, self.stays)} {_percent(right, asked)}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:5.1f} % of {whole:4d}" if whole else "       -      "


def _lines(name: str) -> list[list[str]]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def read_prompts() -> list[Prompt]:
    """`emotion_heldout.tsv`; a lone - asks nothing."""
    found = []
    for number, (kind, text, rises, stays, *_) in enumerate(_lines("emotion_heldout.tsv")):
        if kind == "kind":
            continue
        groups = tuple(tuple(a.strip() for a in g.split("|")) for g in rises.split(",") if g.strip() not in ("", "-"))
        falls = tuple(c.strip() for c in stays.split(",") if c.strip() not in ("", "-"))
        found.append(Prompt(number, kind, text, groups, falls))
    return found


def score(prompt: Prompt, channels: dict[str, float], tally: Tally) -> list[str]:
    """Add one prompt to `tally`; the signs that are wrong."""
    wrong = []
    for group in prompt.rises:
        right = any(_rose(name, group, channels) for name in group)
        tally.rises += 1
        tally.rose += right
        wrong += [] if right else [f"+{'|'.join(group)}"]
    for name in prompt.stays:
        right = max(channels.get(side, 0.0) for side in _sides(name)) <= STAYED
        tally.stays += 1
        tally.stayed += right
        wrong += [] if right else [f"-{name}"]
    return wrong


def _sides(name: str) -> Iterable[str]:
    partner = BY_NAME[name].partner
    return (name, partner) if partner else (name,)


def _rose(name: str, group: tuple[str, ...], channels: dict[str, float]) -> bool:
    """A Left name stands for both sides, unless the group allows either."""
    partner = BY_NAME[name].partner
    both = partner is not None and partner not in group
    return all(channels.get(side, 0.0) >= RISEN for side in (_sides(name) if both else (name,)))


def string_match(text: str) -> dict[str, float]:
    """The yardstick: the longest anchor that the text contains, else the one spelled most alike, at full strength."""
    bare = plain(text)
    table = anchors()
    held = [i for i, a in enumerate(table.texts) if re.search(rf"\b{re.escape(plain(a))}\b", bare)]
    likeness = [difflib.SequenceMatcher(None, bare, a).ratio() for a in table.texts] if not held else []
    best = max(held, key=lambda i: len(table.texts[i])) if held else max(range(len(likeness)), key=likeness.__getitem__)
    return values_by_name(table.faces[best] @ faces().values)


def evaluate(read: Reader, prompts: list[Prompt], misses: bool = False) -> dict[str, Tally]:
    """Tallies by kind and for all, even, odd and unseen rows. `misses` prints the wrong signs of even rows."""
    seen = {plain(text) for text in (*anchors().texts, *read_anchors(FOLDER / "emotion_phrases.tsv").texts)}
    tallies: dict[str, Tally] = defaultdict(Tally)
    for prompt in prompts:
        channels = read(prompt.text)
        groups = ["all", "odd rows" if prompt.number % 2 else "even rows", prompt.kind]
        groups += [] if plain(prompt.text) in seen else ["texts unseen"]
        wrong = next(iter([score(prompt, channels, tallies[group]) for group in groups]))
        if misses and wrong and prompt.number % 2 == 0:
            moved = {name: value for name, value in channels.items() if value > STAYED and not name.endswith("Right")}
            print(f"{prompt.kind}: {prompt.text!r} wrong {' '.join(wrong)}; moved {moved}")
    return tallies


def degree_pairs(read: Reader) -> tuple[int, int, list[str]]:
    """Pairs whose channel is higher for the stronger prompt, all pairs, and those that fail."""
    held, failed = 0, []
    rows = [row for row in _lines("emotion_degrees.tsv") if row[0] != "weaker"]
    for weaker, stronger, names, *_ in rows:
        low, high = read(weaker), read(stronger)
        right = any(high.get(name, 0.0) > low.get(name, 0.0) + HIGHER for name in names.split("|"))
        held += right
        failed += [] if right else [f"{weaker} / {stronger}"]
    return held, len(rows), failed


def report(name: str, read: Reader, misses: bool) -> None:
    """Print one reader's table."""
    tallies = evaluate(read, read_prompts(), misses)
    print(f"\n{name:24s} {'rises':>15s} {'stays':>15s} {'signs':>15s}")
    for group, tally in tallies.items():
        print(f"{group:24s} {tally.row()}")
    held, pairs, _ = degree_pairs(read)
    print(f"{'degree pairs':24s} {_percent(held, pairs)}")
    print(f"{'a prompt takes':24s} {_milliseconds(read):5.2f} ms of one core")


def _milliseconds(read: Reader) -> float:
    """Processor time of a held-out prompt, the mean of all."""
    prompts = read_prompts()
    start = time.process_time()
    for prompt in prompts:
        read(prompt.text)
    return (time.process_time() - start) / len(prompts) * 1000


def main() -> None:
    """Parse the command line, evaluate an encoder and the yardstick."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", nargs="+", default=["shipped"], metavar=("KIND", "MODEL WEIGHTS"))
    parser.add_argument("--misses", action="store_true", help="what went wrong on even rows")
    arguments = parser.parse_args()
    from engine.text.emotion import understand
    from engine.text.encoder import OpenClipEncoder
    from engine.text.small_encoder import shipped_encoder

    kind, *rest = arguments.encoder
    encoder: TextEncoder = shipped_encoder() if kind == "shipped" else OpenClipEncoder(rest[0], Path(rest[1]))
    report(encoder.name, lambda text: understand(text, encoder).channels, arguments.misses)
    report("nearest anchor by string", string_match, False)


if __name__ == "__main__":
    main()

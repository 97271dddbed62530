"""Which faces of a video are meant, piece by piece: chosen, split and joined. Every function returns new parts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.errors import InputError
from engine.face.tracks import FaceTrack, FaceTracks, merged
from engine.project.project import FacePart

Parts = tuple[FacePart, ...]


@dataclass(frozen=True)
class Piece:
    """A face track, or what a split has left of one; `chosen` if it is meant."""

    part: FacePart
    chosen: bool


def whole(tracks: FaceTracks, chosen: Sequence[FaceTrack]) -> Parts:
    """The parts that name these tracks, all of them."""
    numbers = [next(n for n, one in enumerate(tracks.tracks) if one is track) for track in chosen]
    return tuple(FacePart(n, tracks.tracks[n].start, tracks.tracks[n].end) for n in numbers)


def pieces(tracks: FaceTracks, parts: Parts) -> list[list[Piece]]:
    """All pieces of all tracks, a list for each shot: those of `parts`, which are chosen, and what lies beside them."""
    shots: list[list[Piece]] = [[] for _ in tracks.starts]
    for number, track in enumerate(tracks.tracks):
        own = sorted((part for part in parts if part.track == number), key=lambda part: part.first)
        edges = sorted({track.start, track.end, *(edge for part in own for edge in (part.first, part.end))})
        for first, end in pairwise(edge for edge in edges if track.start <= edge <= track.end):
            chosen = any(part.first <= first and end <= part.end for part in own)
            shots[track.shot].append(Piece(FacePart(number, first, end), chosen))
    return shots


# |A*|  |B| -> |A|  |B*|    who is chosen gives way where both are seen at once
def with_piece(tracks: FaceTracks, parts: Parts, part: FacePart, chosen: bool) -> Parts:
    """The parts with this piece chosen, or not.

    Raises:
        InputError: nobody would be left.
    """
    if chosen:
        kept = tuple(one for one in parts if one != part and not _together(tracks, one, part))
        return _sorted((*kept, part))
    left = tuple(one for one in parts if one != part)
    if not left:
        raise InputError("nobody would be left: choose another face first, or switch the swap off")
    return left


# |----A*----| -> |--A*--|A*|    to choose somebody else for one of them
def split_at(tracks: FaceTracks, parts: Parts, frame: int) -> Parts:
    """The parts with the one that shows in this frame cut in two, the second beginning with it.

    Raises:
        InputError: nobody who is chosen is there, or a piece begins there.
    """
    part = next((one for one in parts if one.first <= frame < one.end), None)
    if part is None or frame == part.first:
        raise InputError("there is nothing to split: go to a frame amid the piece of the face that is chosen")
    others = (one for one in parts if one != part)
    return _sorted((*others, replace(part, end=frame), replace(part, first=frame)))


# |--A*--|A*|  -> |----A*----|    what a split parted; pieces of several tracks stay, and are one person
def joined(tracks: FaceTracks, parts: Parts, shot: int) -> Parts:
    """The parts with pieces of one track that follow each other put together, in this shot.

    Raises:
        InputError: there are no two such pieces, or two chosen faces are seen at once.
    """
    own = [part for part in parts if tracks.tracks[part.track].shot == shot]
    if len(own) < 2:
        raise InputError("choose two pieces of this shot first, to join them into one person's face")
    together = _cut(tracks, own[0])
    for part in own[1:]:
        together = merged(together, _cut(tracks, part))
    result: list[FacePart] = []
    for part in _sorted(tuple(own)):
        before = next((one for one in result if one.track == part.track and one.end == part.first), None)
        if before:
            result[result.index(before)] = replace(before, end=part.end)
        else:
            result.append(part)
    return _sorted((*(part for part in parts if part not in own), *result))


def _cut(tracks: FaceTracks, part: FacePart) -> FaceTrack:
    track = tracks.tracks[part.track]
    return replace(track, start=part.first, faces=track.faces[part.first - track.start : part.end - track.start])


def _together(tracks: FaceTracks, one: FacePart, other: FacePart) -> bool:
    """Whether both are seen in some frame."""
    frames = range(max(one.first, other.first), min(one.end, other.end))
    faces = [(tracks.tracks[part.track].faces, tracks.tracks[part.track].start) for part in (one, other)]
    return any(all(seen[frame - start] is not None for seen, start in faces) for frame in frames)


def _sorted(parts: Parts) -> Parts:
    return tuple(sorted(parts, key=lambda part: (part.first, part.track)))

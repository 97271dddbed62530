"""Every face of a video, shot by shot: found, followed, told apart when they cross; to be chosen, merged and split."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace

import numpy as np

from engine.errors import FaceError, InputError
from engine.events import Event, Finished, Progress
from engine.face.head_model import LANDMARKS, HeadModel
from engine.face.landmarks import Box, FaceFinder, FaceFollower
from engine.face.shots import CutFinder
from engine.face.unwrap import Unwrapper

AGAIN = 3  # frames between looks for a face that is lost ...
NEW = 12  # ... and for new ones
MOST = 6  # faces of a shot that are followed
LOOKS = tuple(range(0, LANDMARKS - 10, 7))  # landmarks whose colours tell faces apart
ALIKE = 0.22  # looks that differ by less may be one person's
SURER = 0.7  # of the difference: two faces that met have changed places if that makes them so much more alike
SAMPLED = 6  # frames between samples of a face laid flat, at first
SAMPLES = 24  # that are kept, at least, once there are so many
REMEMBER = 0.9  # of a track's look, each frame


@dataclass(frozen=True, eq=False)
class FaceTrack:
    """One face through one shot: landmarks [478, 3] px for each frame from `start`, None where it is not seen."""

    shot: int
    start: int
    faces: tuple[np.ndarray | None, ...]
    look: np.ndarray  # [L, 3] colours of the face, to tell it from others
    thumbnail: np.ndarray  # [64, 64, 3] uint8
    samples: tuple[np.ndarray, ...] = ()  # the face laid flat, from all over the track: [SIDE, SIDE, 3] uint8 each

    @property
    def end(self) -> int:
        """The frame after its last."""
        return self.start + len(self.faces)

    @property
    def seen(self) -> int:
        """In how many frames it is seen."""
        return sum(face is not None for face in self.faces)

    @property
    def size(self) -> float:
        """Half of its width, px, on average."""
        return float(np.mean([Box.around(face).half for face in self.faces if face is not None]))


@dataclass(frozen=True, eq=False)
class FaceTracks:
    """All faces of a video of `frames` frames, by shot, and within a shot largest first; `starts` of the shots."""

    frames: int
    starts: tuple[int, ...]
    tracks: tuple[FaceTrack, ...]


def find_tracks(frames: Iterable[np.ndarray], model: HeadModel, total: int = 0) -> Iterator[Event]:
    """Follow all faces of RGB frames [H, W, 3] uint8: yields Progress, then Finished(FaceTracks)."""
    cuts, count = CutFinder(), 0
    starts: list[int] = []
    done: list[FaceTrack] = []
    with ExitStack() as stack:
        crowd = stack.enter_context(closing(_Crowd(model)))
        for frame in frames:
            if cuts.begins(frame):
                done += crowd.leave(len(starts) - 1)
                starts.append(count)
            crowd.see(frame, count, since=count - starts[-1])
            count += 1
            yield Progress(count, max(total, count), "Following the faces")
        done += crowd.leave(len(starts) - 1)
    yield Finished(FaceTracks(count, tuple(starts), tuple(done)))


def choose(tracks: FaceTracks, face: int | None = None, frame: int | None = None) -> list[FaceTrack]:
    """One face through all shots: number `face` (0: the largest, as None) of those seen in a frame, or without one in
    the first shot that has so many; in the other shots the one that looks most like it, if any does.

    Raises:
        FaceError: there are not so many faces, or none at all.
    """
    if not tracks.tracks:
        raise FaceError(f"no face found in {tracks.frames} frames: use a video in which a face is plainly visible")
    by_shot = [[track for track in tracks.tracks if track.shot == shot] for shot in range(len(tracks.starts))]
    wanted = face or 0
    there = [_seen_in(tracks, frame)] if frame is not None else by_shot
    crowd = next((some for some in there if len(some) > wanted), None)
    if crowd is None:
        most, where = max(map(len, there), default=0), "any shot" if frame is None else f"frame {frame}"
        raise FaceError(f"face {wanted} asked for, at most {most} in {where}: number them from 0, the largest")
    model, chosen = crowd[wanted], []
    for shot in by_shot:
        if any(track is model for track in shot):
            chosen.append(model)
        elif shot:
            best = min(shot, key=lambda track: _unlike(track.look, model.look))
            if _unlike(best.look, model.look) < ALIKE or (face is None and len(shot) == 1):
                chosen.append(best)
    return chosen


def _seen_in(tracks: FaceTracks, frame: int) -> list[FaceTrack]:
    """The tracks whose face is seen in a frame, there largest first."""
    sizes = {}
    for number, track in enumerate(tracks.tracks):
        face = track.faces[frame - track.start] if track.start <= frame < track.end else None
        if face is not None:
            sizes[number] = Box.around(face).half
    return [tracks.tracks[number] for number in sorted(sizes, key=lambda number: -sizes[number])]


def split(track: FaceTrack, frame: int) -> tuple[FaceTrack, FaceTrack]:
    """|----track----| -> |--one--|other|, the other beginning at `frame`; InputError outside it."""
    at = frame - track.start
    if not 0 < at < len(track.faces):
        raise InputError(f"frame {frame}: split the track between frames {track.start + 1} and {track.end - 1}")
    return replace(track, faces=track.faces[:at]), replace(track, start=frame, faces=track.faces[at:])


def merged(one: FaceTrack, other: FaceTrack) -> FaceTrack:
    """|--one--| |other| -> |----one----|; InputError where both are seen in a frame, or their shots differ."""
    if one.shot != other.shot:
        raise InputError(f"tracks of shots {one.shot} and {other.shot}: merge tracks of one shot")
    start, end = min(one.start, other.start), max(one.end, other.end)
    faces: list[np.ndarray | None] = [None] * (end - start)
    for track in (one, other):
        for frame, face in enumerate(track.faces, track.start - start):
            if face is not None and faces[frame] is not None:
                raise InputError(f"both faces are seen in frame {start + frame}: they are two")
            faces[frame] = face if face is not None else faces[frame]
    return replace(one, start=start, faces=tuple(faces))


def through(tracks: Sequence[FaceTrack], frames: int) -> list[np.ndarray | None]:
    """Landmarks [478, 3] for each of so many frames from tracks that do not overlap; None where none is seen."""
    faces: list[np.ndarray | None] = [None] * frames
    for track in tracks:
        for frame, face in enumerate(track.faces, track.start):
            faces[frame] = face if face is not None else faces[frame]
    return faces


@dataclass
class _Member:
    """A face of the current shot, while it is being followed."""

    start: int
    follower: FaceFollower
    look: np.ndarray
    thumbnail: np.ndarray
    faces: list[np.ndarray | None] = field(default_factory=list)
    samples: list[np.ndarray] = field(default_factory=list)
    step: int = SAMPLED

    @property
    def now(self) -> np.ndarray | None:
        return self.faces[-1]

    def remember(self, flat: np.ndarray) -> None:
        """Keep a sample; of too many, every other one, and from then on half as often."""
        self.samples.append(flat)
        if len(self.samples) > 2 * SAMPLES:
            self.samples, self.step = self.samples[::2], 2 * self.step


class _Crowd:
    """The faces of the current shot. Followers are used again from shot to shot: each costs a graph."""

    def __init__(self, model: HeadModel) -> None:
        self._mirror = model.mirror[:LANDMARKS]
        self._unwrapper = Unwrapper(model)
        self._finder = FaceFinder()
        self._members: list[_Member] = []
        self._idle: list[FaceFollower] = []

    def close(self) -> None:
        for follower in [*self._idle, *(member.follower for member in self._members)]:
            follower.close()
        self._finder.close()

    def leave(self, shot: int) -> list[FaceTrack]:
        """End the shot; its tracks, largest first."""
        members, self._members = self._members, []
        for member in members:
            member.follower.box = None
            self._idle.append(member.follower)
        tracks = [FaceTrack(shot, m.start, _ended(m.faces), m.look, m.thumbnail, tuple(m.samples)) for m in members]
        return sorted(tracks, key=lambda track: -track.size)

    def see(self, rgb: np.ndarray, frame: int, since: int) -> None:
        """The next frame, `since` frames after the shot's first."""
        for member in self._members:
            member.faces.append(member.follower.follow(rgb))
        self._tell_apart(rgb)
        lost = [member for member in self._members if member.now is None]
        if since % NEW == 0 or (lost and since % AGAIN == 0):
            self._look_round(rgb, frame, lost, thorough=since == 0)
        self._know_again(rgb)
        for member in self._members:
            if member.now is not None and self._alone(member):
                if (frame - member.start) % member.step == 0:
                    member.remember(self._unwrapper.flat(rgb, member.now))
                member.look = REMEMBER * member.look + (1 - REMEMBER) * _look(rgb, member.now)

    def _tell_apart(self, rgb: np.ndarray) -> None:
        """Two members on one face: it is whose look it has. Two that met may have changed places."""
        for i, one in enumerate(self._members):
            for other in self._members[:i]:
                if one.now is None or other.now is None:
                    continue
                mine, theirs = Box.around(one.now), Box.around(other.now)
                if mine.same_face(theirs):
                    look = _look(rgb, one.now)
                    loser = max((one, other), key=lambda member: _unlike(look, member.look))
                    loser.faces[-1] = None
                    loser.follower.box = None
                elif mine.distance(theirs) < 2 * (mine.half + theirs.half):
                    _put_right(rgb, one, other)

    def _look_round(self, rgb: np.ndarray, frame: int, lost: list[_Member], thorough: bool) -> None:
        """Find the lost, and new ones; but not beside another face, where it may be somebody half hidden."""
        known = [Box.around(member.now) for member in self._members if member.now is not None]
        for face in self._finder.find(rgb, tiles=thorough):
            box = Box.around(face)
            if any(box.same_face(other) for other in known):
                continue
            known.append(box)
            look = _look(rgb, face)
            member = min(lost, key=lambda one: _unlike(look, one.look), default=None)
            if member is not None and _unlike(look, member.look) < ALIKE:
                lost.remove(member)
                member.faces[-1] = face
            elif len(self._members) < MOST and all(box.distance(other) > box.half + other.half for other in known[:-1]):
                follower = self._idle.pop() if self._idle else FaceFollower(self._mirror)
                member = _Member(frame, follower, look, _thumbnail(rgb, box), [face])
                self._members.append(member)
            else:
                continue
            member.follower.box = box

    def _know_again(self, rgb: np.ndarray) -> None:
        """Who was taken for somebody new, half hidden still, and turns out to be one who was lost, is that one."""
        for lost in [member for member in self._members if member.now is None]:
            last = lost.start + max(i for i, face in enumerate(lost.faces) if face is not None)
            for new in [m for m in self._members if m.start > last and m.now is not None and self._alone(m)]:
                assert new.now is not None
                if _unlike(_look(rgb, new.now), lost.look) < ALIKE / 2:
                    lost.faces[new.start - lost.start :] = new.faces
                    lost.follower, new.follower = new.follower, lost.follower
                    self._idle.append(new.follower)
                    self._members.remove(new)
                    break

    def _alone(self, member: _Member) -> bool:
        assert member.now is not None
        box = Box.around(member.now)
        others = (Box.around(one.now) for one in self._members if one is not member and one.now is not None)
        return all(box.distance(other) > box.half + other.half for other in others)


def _put_right(rgb: np.ndarray, one: _Member, other: _Member) -> None:
    """Let two members change places if that is what their looks say."""
    assert one.now is not None and other.now is not None
    looks = _look(rgb, one.now), _look(rgb, other.now)
    straight = _unlike(looks[0], one.look) + _unlike(looks[1], other.look)
    crossed = _unlike(looks[0], other.look) + _unlike(looks[1], one.look)
    if crossed < SURER * straight:
        one.faces[-1], other.faces[-1] = other.now, one.now
        one.follower.box, other.follower.box = other.follower.box, one.follower.box


def _look(rgb: np.ndarray, face: np.ndarray) -> np.ndarray:
    """[L, 3] float32: colours at LOOKS, of the brightness of the whole face."""
    height, width = rgb.shape[:2]
    reach = max(1, round(Box.around(face).half / 25))
    x, y = np.clip(np.rint(face[list(LOOKS), :2]).astype(int), reach, [width - 1 - reach, height - 1 - reach]).T
    shifts = [(dy, dx) for dy in (-reach, 0, reach) for dx in (-reach, 0, reach)]
    colours = np.mean([rgb[y + dy, x + dx] for dy, dx in shifts], axis=0)
    return (colours / max(float(colours.mean()), 1.0)).astype(np.float32)


def _unlike(one: np.ndarray, other: np.ndarray) -> float:
    """How differently two faces look; below ALIKE they may be one person's."""
    return float(np.median(np.abs(one - other).mean(1)))


def _thumbnail(rgb: np.ndarray, box: Box) -> np.ndarray:
    half = 1.4 * box.half
    steps = np.linspace(-half, half, 64)
    rows = np.clip(np.rint(box.y + steps).astype(int), 0, rgb.shape[0] - 1)
    columns = np.clip(np.rint(box.x + steps).astype(int), 0, rgb.shape[1] - 1)
    return rgb[np.ix_(rows, columns)]


def _ended(faces: list[np.ndarray | None]) -> tuple[np.ndarray | None, ...]:
    """faces up to the last that is seen."""
    last = max(i for i, face in enumerate(faces) if face is not None)
    return tuple(faces[: last + 1])

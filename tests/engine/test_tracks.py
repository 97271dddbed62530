"""Faces are followed shot by shot, told apart when they cross, and chosen, merged and split."""

from pathlib import Path

import numpy as np
import pytest

from engine.errors import FaceError, InputError
from engine.events import Finished
from engine.face.head_model import load_head_model
from engine.face.tracks import FaceTrack, FaceTracks, choose, find_tracks, merged, split, through
from engine.face.unwrap import SIDE
from engine.media.image import read_image, resized

Stage = list[np.ndarray]


@pytest.fixture(scope="module")
def actors(samples: Path) -> list[np.ndarray]:
    hopper, astronaut = (resized(read_image(samples / f"{name}.jpg"), 260).rgb for name in ("hopper", "astronaut"))
    return [hopper[20:170, 40:180], astronaut[:150, 60:170]]


def stage(*placed: tuple[np.ndarray, int], width: int = 560) -> np.ndarray:
    """The actors on a grey stage, the last in front; x px of each one's left edge, which may be out of the picture."""
    wide = np.full((220, width + 400, 3), 110, np.uint8)
    for actor, x in placed:
        wide[40 : 40 + actor.shape[0], 200 + x : 200 + x + actor.shape[1]] = actor
    return wide[:, 200 : 200 + width]


def followed(frames: Stage) -> FaceTracks:
    return next(e.result for e in find_tracks(frames, load_head_model()) if isinstance(e, Finished))


def middles(track: FaceTrack) -> list[float]:
    """x of the nose's tip where the face is seen, else nan."""
    return [float("nan") if face is None else float(face[1, 0]) for face in track.faces]


def test_two_who_cross_stay_who_they_are(actors: Stage) -> None:
    hopper, astronaut = actors
    frames = [stage((astronaut, 430 - 10 * k), (hopper, 10 + 10 * k)) for k in range(38)]
    found = followed(frames)
    assert len(found.tracks) == 2 and found.starts == (0,)
    to_right, to_left = (middles(track) for track in sorted(found.tracks, key=lambda track: middles(track)[0]))
    assert [middles(choose(found, 0, frame=k)[0])[0] < 200 for k in (0, 18)] == [True, True], "the other is hidden then"
    assert np.nanmax(np.diff(to_right)) < 25 and np.nanmin(np.diff(to_right)) > 0
    assert to_left[0] > 450 and to_left[-1] < 200 and np.isnan(to_left).any(), "hidden behind the other meanwhile"


def test_one_who_leaves_and_comes_back_is_the_same(actors: Stage) -> None:
    paths = [*range(150, 381, 12), *[400] * 4, *range(380, 150, -12)]
    found = followed([stage((actors[0], x), width=380) for x in paths])
    assert len(found.tracks) == 1
    track = found.tracks[0]
    assert track.faces[22] is None and track.faces[0] is not None and track.faces[-1] is not None
    assert len(track.samples) >= 1 and track.samples[0].shape == (SIDE, SIDE, 3)


def test_faces_are_chosen_by_size_and_found_again_after_a_cut(actors: Stage) -> None:
    hopper, astronaut = actors
    first = [stage((hopper, 20), (astronaut, 400))] * 3
    second = [255 - stage((astronaut, 400 - 400), width=560) // 3] * 0 + [
        stage((astronaut, 30), (hopper, 380))[:, ::-1]
    ] * 3
    found = followed([*first, *[np.zeros((220, 560, 3), np.uint8)] * 2, *second])
    assert len(found.starts) == 3
    for index in (0, 1):
        chosen = choose(found, index)
        assert [track.shot for track in chosen] == [0, 2]
        assert np.ptp([np.nanmean(middles(track)) for track in chosen]) < 560
    alike = [choose(found, 0)[1], choose(found, 1)[1]]
    assert alike[0] is not alike[1]
    seen = through(choose(found, 1), found.frames)
    assert [face is not None for face in seen] == [True] * 3 + [False] * 2 + [True] * 3
    with pytest.raises(FaceError, match="face 2"):
        choose(found, 2)
    assert choose(found, 0, frame=6) == choose(found, 0)
    with pytest.raises(FaceError, match="frame 3"):
        choose(found, 0, frame=3)
    with pytest.raises(FaceError, match="no face found in 2 frames"):
        choose(followed([np.zeros((220, 560, 3), np.uint8)] * 2))


def test_tracks_are_split_and_merged_back() -> None:
    faces = tuple(np.full((478, 3), k, np.float32) for k in range(10))
    whole = FaceTrack(0, 5, faces, np.zeros((3, 3)), np.zeros((64, 64, 3), np.uint8))
    one, other = split(whole, 9)
    assert (one.start, one.end, other.start, other.end) == (5, 9, 9, 15)
    again = merged(other, one)
    assert again.start == 5 and all(a is b for a, b in zip(again.faces, faces, strict=True))
    with pytest.raises(InputError, match="frame 5"):
        split(whole, 5)
    with pytest.raises(InputError, match="both faces are seen in frame 9"):
        merged(whole, other)

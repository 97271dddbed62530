"""Choosing, splitting and joining the faces of a video: pure, so told on tracks that are made up."""

import numpy as np
import pytest

from engine.errors import InputError
from engine.face.parts import Piece, joined, pieces, split_at, whole, with_piece
from engine.face.tracks import FaceTrack, FaceTracks
from engine.project.project import FacePart


def track(shot: int, start: int, end: int, gap: range = range(0)) -> FaceTrack:
    faces = tuple(None if frame in gap else np.zeros((478, 3), np.float32) for frame in range(start, end))
    return FaceTrack(shot, start, faces, np.zeros((3, 3)), np.zeros((64, 64, 3), np.uint8))


@pytest.fixture
def tracks() -> FaceTracks:
    """Shot 0 (0-50): A all the time, B to 20, C from 30. Shot 1 (50-80): D."""
    return FaceTracks(80, (0, 50), (track(0, 0, 50), track(0, 0, 20), track(0, 30, 50), track(1, 50, 80)))


A, B, C, D = FacePart(0, 0, 50), FacePart(1, 0, 20), FacePart(2, 30, 50), FacePart(3, 50, 80)


def test_all_pieces_are_listed_by_shot_and_the_chosen_ones_are_marked(tracks: FaceTracks) -> None:
    parts = whole(tracks, [tracks.tracks[0], tracks.tracks[3]])
    assert parts == (A, D)
    assert pieces(tracks, parts) == [[Piece(A, True), Piece(B, False), Piece(C, False)], [Piece(D, True)]]


def test_who_is_chosen_takes_the_place_of_whoever_shows_at_the_same_time(tracks: FaceTracks) -> None:
    parts = with_piece(tracks, (A, D), B, True)
    assert parts == (B, D), "A and B are both seen in frame 0"
    assert with_piece(tracks, parts, C, True) == (B, C, D), "C comes when B has gone: one person after the other"
    assert with_piece(tracks, (B, C, D), D, False) == (B, C)
    with pytest.raises(InputError, match="nobody would be left"):
        with_piece(tracks, (D,), D, False)


def test_faces_that_overlap_but_are_never_both_seen_can_be_one_person() -> None:
    tracks = FaceTracks(30, (0,), (track(0, 0, 30, gap=range(10, 20)), track(0, 10, 20)))
    both = (FacePart(0, 0, 30), FacePart(1, 10, 20))
    assert with_piece(tracks, both[:1], both[1], True) == both
    assert joined(tracks, both, 0) == both


def test_a_split_piece_gives_way_for_its_second_half_alone_and_can_be_joined_again(tracks: FaceTracks) -> None:
    parts = split_at(tracks, (A, D), 30)
    assert parts == (FacePart(0, 0, 30), FacePart(0, 30, 50), D)
    assert with_piece(tracks, parts, C, True) == (FacePart(0, 0, 30), C, D)
    assert [piece.chosen for piece in pieces(tracks, (FacePart(0, 0, 30), C, D))[0]] == [True, False, False, True]
    assert joined(tracks, parts, 0) == (A, D)
    for frame in (0, 50, 80):
        with pytest.raises(InputError, match="nothing to split"):
            split_at(tracks, (A, D), frame)
    with pytest.raises(InputError, match="choose two pieces"):
        joined(tracks, (A, D), 0)
    with pytest.raises(InputError, match="they are two"):
        joined(tracks, (A, B), 0)

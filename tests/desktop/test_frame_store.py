"""Pictures kept by what they show, within bounds."""

from fractions import Fraction

import numpy as np

from desktop.frame_store import FrameStore, Picture, ranges_of
from engine.project.timing import TimeRange

SIDE = 10
BYTES = SIDE * SIDE * 3


def picture(frame: int, key: str) -> Picture:
    image = np.full((SIDE, SIDE, 3), frame, np.uint8)
    return Picture(frame, image, np.zeros(60, np.float32), fitted=None, key=key)


def test_the_least_recently_seen_picture_goes_first():
    store = FrameStore(memory=3 * BYTES)
    for frame, key in enumerate("abc"):
        store.put(picture(frame, key))
    assert store.get(0, "a") is not None
    store.put(picture(3, "d"))
    assert store.used == 3 * BYTES
    assert [store.has(key) for key in "abcd"] == [True, False, True, True]
    assert store.frames() == [0, 2, 3], "a frame without a picture is neither fresh nor stale"


def test_the_same_content_is_kept_once_however_many_frames_show_it():
    store = FrameStore()
    store.put(picture(0, "same"))
    store.put(picture(7, "same"))
    assert store.used == BYTES and store.get(9, "same") is not None
    assert store.frames() == [0, 7, 9]
    store.clear()
    assert store.used == 0 and not store.frames() and store.get(0, "same") is None


def test_one_picture_larger_than_all_room_is_still_kept():
    store = FrameStore(memory=BYTES // 2)
    store.put(picture(0, "a"))
    store.put(picture(1, "b"))
    assert not store.has("a") and store.has("b")


def test_frames_become_as_few_ranges_as_possible():
    rate = Fraction(25)
    assert ranges_of([], rate) == []
    assert ranges_of([0, 1, 2, 5, 7, 8], rate) == [
        TimeRange(Fraction(0), Fraction(3, 25)),
        TimeRange(Fraction(5, 25), Fraction(6, 25)),
        TimeRange(Fraction(7, 25), Fraction(9, 25)),
    ]

"""Playback on a clock and a sound device that the test turns by hand: what shows when, and what leads."""

from fractions import Fraction

import pytest

from desktop.actions import Actions
from desktop.clock import AHEAD, STUCK, Clock
from desktop.document import Document
from desktop.playback import Playback
from desktop.selection import Selection
from engine.project.edits import with_in_out, with_motion, with_settings
from engine.project.motion import Motion
from engine.project.timing import TimeRange

NTSC = Fraction(30000, 1001)


class HandClock:
    """The computer's clock, moved by the test."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


class HandSpeaker:
    """A sound device that has played as much as the test says."""

    def __init__(self, works: bool = True) -> None:
        self.works, self.starts, self.playing = works, [], False
        self.played: float | None = 0.0

    def start(self, at: Fraction) -> bool:
        self.starts.append(at)
        self.playing, self.played = self.works, 0.0
        return self.works

    def stop(self) -> None:
        self.playing = False

    def heard(self) -> float | None:
        return self.played


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def speaker() -> HandSpeaker:
    return HandSpeaker()


@pytest.fixture
def playback(document: Document, selection: Selection, actions: Actions, hand, speaker) -> Playback:
    """Two seconds at 29.97 frames a second: 60 frames."""
    document.edit("rate", lambda p: with_motion(with_settings(p, rate=NTSC), Motion(NTSC, 60)))
    return Playback(document, selection, actions, Clock(speaker, hand))


def frame(selection: Selection) -> Fraction:
    return selection.playhead * NTSC


def at(playback: Playback, hand: HandClock, speaker: HandSpeaker, seconds: float) -> None:
    """So much time has passed since the start, and the sound is as far."""
    hand.time = 100.0 + seconds
    speaker.played = seconds
    playback._tick()


def test_the_playhead_stands_on_exact_frames_and_late_frames_are_left_out(playback, selection, hand, speaker):
    playback.play()
    assert playback.playing and speaker.starts == [0]
    shown = []
    for seconds in (0.0, 0.01, 0.04, 0.05, 0.5, 0.52, 1.9):
        at(playback, hand, speaker, seconds)
        shown.append(frame(selection))
    assert shown == [0, 0, 1, 1, 14, 15, 56]


def test_the_sound_leads_not_the_computers_clock(playback, selection, hand, speaker):
    playback.play()
    hand.time, speaker.played = 101.0, 0.3  # the device lags: 0.3 s have been heard in 1 s
    playback._tick()
    assert frame(selection) == int(0.3 * NTSC)
    hand.time = 101.05  # no news: the clock goes on a little by itself
    playback._tick()
    assert frame(selection) == int(0.35 * NTSC)
    hand.time = 101.5  # but not far: the device has an underrun
    playback._tick()
    assert frame(selection) == int((0.3 + AHEAD) * NTSC)
    speaker.played = 0.35  # it was behind the guess: the picture waits, it never jumps back
    playback._tick()
    assert frame(selection) == int((0.3 + AHEAD) * NTSC)


def test_a_device_that_gives_up_does_not_stop_the_picture(playback, selection, hand, speaker):
    playback.play()
    at(playback, hand, speaker, 0.2)
    for step in range(1, 20):
        hand.time = 100.2 + STUCK * step / 18
        playback._tick()
    hand.time += 0.5
    playback._tick()
    assert playback.playing and selection.playhead > Fraction(7, 10)


def test_after_the_end_of_the_speech_the_picture_goes_on_smoothly(playback, selection, hand, speaker):
    playback.play()
    at(playback, hand, speaker, 1.0)
    assert frame(selection) == 29
    speaker.played = None
    hand.time = 101.2
    playback._tick()
    assert frame(selection) == int(1.2 * NTSC)
    hand.time = 103.0
    playback._tick()
    assert not playback.playing and frame(selection) == 59, "it ends on the last frame"
    assert not speaker.playing


def test_without_a_device_the_computers_clock_leads(document, selection, actions, hand):
    document.edit("motion", lambda p: with_motion(p, Motion(Fraction(25), 100)))
    playback = Playback(document, selection, actions, Clock(HandSpeaker(works=False), hand))
    playback.play()
    hand.time += 2.0
    playback._tick()
    assert selection.playhead == 2


def test_j_k_and_l_shuttle_both_ways_silent_unless_at_normal_speed(playback, selection, hand, speaker, actions):
    speeds = []
    playback.speed_changed.connect(speeds.append)
    for key in ("play_forward", "play_forward", "play_forward", "play_reverse", "play_reverse", "play_reverse"):
        actions.run(key)
    assert speeds == [1, 2, 4, 2, 1, -1]
    assert len(speaker.starts) == 2 and not speaker.playing
    actions.run("play_stop")
    assert speeds[-1] == 0
    playback.go_to_frame(40)
    actions.run("play_reverse")
    hand.time += 0.5
    playback._tick()
    assert frame(selection) == 40 - 15
    hand.time += 5
    playback._tick()
    assert frame(selection) == 0 and not playback.playing


def test_a_loop_plays_between_in_and_out_over_and_over(playback, document, selection, actions, hand, speaker):
    document.edit("in and out", lambda p: with_in_out(p, TimeRange(10 / NTSC, 20 / NTSC)))
    actions["loop"].setChecked(True)
    actions.run("loop")
    playback.play()
    assert frame(selection) == 10 and speaker.starts[-1] == 10 / NTSC
    hand.time += 1.0
    speaker.played = 1.0
    playback._tick()
    assert frame(selection) == 10 and playback.playing and len(speaker.starts) == 2, "sound begins again too"
    playback.stop()
    playback.set_loop(False)
    playback.play()
    hand.time += 1.0
    speaker.played = 1.0
    playback._tick()
    assert frame(selection) > 20, "without the loop, in and out do not matter"


def test_moving_the_playhead_while_it_plays_goes_on_from_there(playback, selection, hand, speaker):
    playback.play()
    at(playback, hand, speaker, 0.5)
    selection.set_playhead(Fraction(30) / NTSC)
    assert playback.playing and speaker.starts == [0, 30 / NTSC]
    hand.time += 0.1
    speaker.played = 0.1
    playback._tick()
    assert frame(selection) == 33 or frame(selection) == 32


def test_sound_that_is_ready_later_joins_in(playback, selection, hand, speaker):
    speaker.works = False
    playback.play()
    hand.time += 0.5
    playback._tick()
    speaker.works = True
    playback.rejoin()
    assert speaker.playing and speaker.starts[-1] == selection.playhead == 14 / NTSC
    hand.time, speaker.played = hand.time + 0.3, 0.15
    playback._tick()
    assert frame(selection) == 18, "the sound leads from now on"


def test_play_at_the_end_begins_anew_and_an_empty_project_does_not_play(playback, document, selection):
    playback.go_to_frame(10**6)
    assert frame(selection) == 59
    playback.toggle()
    assert frame(selection) == 0 and playback.playing
    playback.toggle()
    assert not playback.playing
    document.new()
    playback.toggle()
    assert not playback.playing


def test_stepping_stops_and_keeps_inside(playback, selection, actions):
    playback.play()
    actions.run("step_forward")
    assert not playback.playing and frame(selection) == 1
    actions.run("second_forward")
    assert frame(selection) == 31
    actions.run("go_end")
    actions.run("step_forward")
    assert frame(selection) == 59
    actions.run("second_back")
    assert frame(selection) == 29
    actions.run("go_start")
    actions.run("step_back")
    assert frame(selection) == 0


def test_taking_hold_of_the_playhead_stills_it_and_letting_go_plays_on_from_there(playback, selection, hand, speaker):
    playback.play(2.0)
    playback.hold(True)
    assert not playback.playing and not speaker.playing
    selection.set_playhead(30 / NTSC)
    playback.hold(False)
    assert playback.speed == 2.0 and frame(selection) == 30
    playback.stop()
    playback.hold(True)
    playback.hold(False)
    assert not playback.playing

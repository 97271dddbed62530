import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from project_strategies import durations, times

from engine.project.crossfade import with_clip_placed
from engine.project.curve import envelope
from engine.project.project import Project, PromptClip
from engine.project.timing import ALWAYS, TimeRange


def clip(start: float, end: float, fade_in: float = 0, fade_out: float = 0) -> PromptClip:
    return PromptClip("happy", TimeRange(Fraction(start), end), fade_in=Fraction(fade_in), fade_out=Fraction(fade_out))


def placed(project: Project, index: int, start: float, end: float) -> Project:
    return with_clip_placed(project, "prompts", index, TimeRange(Fraction(start), Fraction(end)))


def test_a_clip_dragged_over_its_neighbour_cross_fades_and_the_two_add_up_to_one():
    project = placed(Project(prompts=(clip(0, 4), clip(5, 9))), 1, 3, 7)
    first, second = project.prompts
    assert first.fade_out == second.fade_in == 1
    time = np.linspace(3, 4, 50, endpoint=False)
    assert np.allclose(envelope(first, time) + envelope(second, time), 1)


def test_dragged_apart_again_both_are_as_they_were():
    before = Project(prompts=(clip(0, 4, 0.5, 0), clip(5, 9, 0, 0.5)))
    assert placed(placed(before, 1, 3, 7), 1, 5, 9) == before


def test_fades_of_ones_own_stay_and_fit_into_a_shortened_clip():
    project = Project(prompts=(clip(0, 4, 1, 1),))
    assert placed(project, 0, 2, 6).prompts[0] == clip(2, 6, 1, 1)
    short = placed(project, 0, 0, 1.5).prompts[0]
    assert short.fade_in + short.fade_out <= Fraction(3, 2)


def test_a_clip_within_another_or_over_an_endless_one_does_not_fade():
    within = placed(Project(prompts=(clip(0, 9), clip(10, 12))), 1, 4, 6)
    assert all(c.fade_in == c.fade_out == 0 for c in within.prompts)
    endless = placed(Project(prompts=(PromptClip("calm", ALWAYS), clip(10, 12))), 1, 4, 6)
    assert endless.prompts[0].span.end == math.inf and endless.prompts[1].fade_in == 0


@given(st.lists(st.tuples(times, durations), min_size=2, max_size=4), times, durations)
def test_placing_anywhere_moves_one_clip_and_keeps_all_fades_possible(spans, start, length):
    project = Project(prompts=tuple(PromptClip("x", TimeRange(s, s + d)) for s, d in spans))
    moved = with_clip_placed(project, "prompts", 0, TimeRange(start, start + length))
    assert moved.prompts[0].span == TimeRange(start, start + length)
    assert [c.span for c in moved.prompts[1:]] == [c.span for c in project.prompts[1:]]
    assert moved.prompts[0].fade_in + moved.prompts[0].fade_out <= length

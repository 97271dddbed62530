"""Going once, small, through what the first picture takes, while the user reads the first page: theirs comes sooner."""

from __future__ import annotations

from collections.abc import Callable

from engine.jobs import render_clip
from engine.project.media_ref import refer_to
from engine.project.project import Portrait, Project, RenderSettings
from engine.resources import resource

SIZE = 192  # px: enough for a face to be found


def warm_up(stopped: Callable[[], bool]) -> None:
    """Load the heavy libraries and compile what they compile; gives up between two steps once `stopped` says so."""
    portrait = Portrait(refer_to(resource("samples/hopper.jpg")))
    for _ in render_clip(Project(portrait=portrait, settings=RenderSettings(size=SIZE)), range(1)):
        if stopped():
            return

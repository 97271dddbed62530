"""Both themes: complete, legible, and switched in place."""

from dataclasses import fields

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from desktop import theme
from engine.project.channels import GROUPS


def luminance(colour: str) -> float:
    """WCAG relative luminance."""
    parts = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio."""
    a, b = sorted((luminance(one), luminance(other)))
    return (b + 0.05) / (a + 0.05)


@pytest.mark.parametrize("name", theme.THEMES)
def test_text_is_legible_on_everything_it_stands_on(name: str):
    palette = theme.THEMES[name]()
    for ground in (palette.background, palette.surface, palette.raised):
        assert contrast(palette.text, ground) >= 7
        assert contrast(palette.muted, ground) >= 4.5
        for colour in (palette.accent, palette.warning, palette.error, *palette.groups.values()):
            assert contrast(colour, ground) >= 3, (colour, ground)
    assert contrast(palette.on_accent, palette.accent) >= 4.5


@pytest.mark.parametrize("name", theme.THEMES)
def test_every_group_and_track_has_a_colour_of_its_own(name: str):
    palette = theme.THEMES[name]()
    assert set(palette.groups) == set(GROUPS)
    assert set(palette.tracks) == {"audio", "phones", "prompts", "drives", "swaps"}
    assert len(set(palette.groups.values())) == len(GROUPS)


def test_switching_changes_the_one_palette_in_place(qapp: QApplication, palette: theme.Palette):
    before = {field.name: getattr(palette, field.name) for field in fields(palette)}
    theme.apply(qapp, "light", palette)
    assert not palette.dark
    assert qapp.palette().window().color() == QColor(palette.surface)
    theme.apply(qapp, "dark", palette)
    assert {field.name: getattr(palette, field.name) for field in fields(palette)} == before


def test_icons_take_the_colour_of_the_text(palette: theme.Palette):
    image = theme.icon("close", palette).pixmap(36, 36).toImage()
    inked = {
        image.pixelColor(x, y).name() for x in range(36) for y in range(36) if image.pixelColor(x, y).alpha() > 250
    }
    assert inked == {palette.text}

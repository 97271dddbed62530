"""The look: named colours for the dark and the light theme, the style sheet made of them, and the icons.

There is one `Palette` object for the whole window; switching the theme changes it in place and Qt then sends
`PaletteChange` to every widget. So: read colours while painting, or again in `changeEvent`; never copy them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache, lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from engine.resources import resource

SPACE = 8  # pixels: gaps and margins are multiples of half of it
ICON_SIZES = (18, 36)  # plain screens and 200 %


@dataclass
class Palette:
    """Colours as "#rrggbb". `groups` by channel group; `tracks`: audio, phones, prompts, drives, swaps."""

    dark: bool
    background: str  # behind the panels, and the preview's surround
    surface: str  # panels
    raised: str  # buttons, fields, tracks, what can be touched
    hover: str  # the same under the pointer
    line: str  # hairlines and grids
    text: str
    muted: str  # secondary text, ruler figures
    accent: str  # the one accent: playhead, selection, focus, the main button
    on_accent: str  # text on the accent
    warning: str
    error: str
    good: str
    groups: dict[str, str]
    tracks: dict[str, str]

    def become(self, other: Palette) -> None:
        """Take over all colours of the other one."""
        for field in fields(self):
            setattr(self, field.name, getattr(other, field.name))


def dark() -> Palette:
    """Light on near-black, the better surround for judging a picture."""
    return Palette(
        dark=True,
        background="#131416",
        surface="#1b1d20",
        raised="#26292d",
        hover="#303439",
        line="#33373d",
        text="#e4e6e9",
        muted="#939aa3",
        accent="#e8a04c",
        on_accent="#1c1308",
        warning="#e3c04f",
        error="#ea6a5c",
        good="#6fbf8b",
        groups={
            "jaw": "#e07f8b",
            "mouth": "#e29a6b",
            "brows": "#cdb85c",
            "eyes": "#7cbf8a",
            "gaze": "#5fb3c4",
            "head": "#8e9fe0",
        },
        tracks={
            "audio": "#6d8fa8",
            "phones": "#86929e",
            "prompts": "#b98bc9",
            "drives": "#6fae9c",
            "swaps": "#c58a76",
        },
    )


def light() -> Palette:
    """Dark on paper."""
    return Palette(
        dark=False,
        background="#e3e4e6",
        surface="#f4f4f5",
        raised="#ffffff",
        hover="#ebecee",
        line="#d0d3d7",
        text="#22252a",
        muted="#5b626b",
        accent="#ab5f0b",
        on_accent="#ffffff",
        warning="#8f6a00",
        error="#b93a2c",
        good="#2f7d4d",
        groups={
            "jaw": "#b8475a",
            "mouth": "#b5622a",
            "brows": "#8a7410",
            "eyes": "#35803f",
            "gaze": "#1f7f93",
            "head": "#4a5fb5",
        },
        tracks={
            "audio": "#47708e",
            "phones": "#5f6b77",
            "prompts": "#8a55a0",
            "drives": "#397f6b",
            "swaps": "#9a5a43",
        },
    )


THEMES = {"dark": dark, "light": light}


def apply(app: QApplication, name: str, palette: Palette) -> None:
    """Give `palette` the colours of the theme `name` and the whole application its look."""
    palette.become(THEMES[name]())
    app.setStyle("Fusion")
    app.setPalette(_qt_palette(palette))
    app.setStyleSheet(_style_sheet(palette))


def icon(name: str, palette: Palette, colour: str | None = None) -> QIcon:
    """The icon of this name, sharp on plain and high-density screens, in the text colour unless told otherwise."""
    return _drawn(name, colour or palette.text)


@lru_cache(maxsize=256)
def _drawn(name: str, colour: str) -> QIcon:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">{_bodies()[name]}</svg>'
    )
    renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))
    made = QIcon()
    for size in ICON_SIZES:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        made.addPixmap(pixmap)
    return made


@cache
def _bodies() -> dict[str, str]:
    """Icon name -> the SVG elements that draw it on a 24 x 24 grid."""
    text = resource("icons/icons.svg").read_text(encoding="utf-8")
    return dict(re.findall(r'<symbol id="([\w-]+)"[^>]*>(.*?)</symbol>', text, flags=re.DOTALL))


def _mix(one: str, other: str, share: float) -> str:
    """The colour that has `share` of `one` and the rest of `other`."""
    a, b = QColor(one), QColor(other)
    pairs = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    return "#" + "".join(f"{round(x * share + y * (1 - share)):02x}" for x, y in pairs)


def _qt_palette(palette: Palette) -> QPalette:
    role = QPalette.ColorRole
    qt = QPalette()
    for target, colour in {
        role.Window: palette.surface,
        role.WindowText: palette.text,
        role.Base: palette.background,
        role.AlternateBase: palette.surface,
        role.Text: palette.text,
        role.PlaceholderText: palette.muted,
        role.Button: palette.raised,
        role.ButtonText: palette.text,
        role.ToolTipBase: palette.raised,
        role.ToolTipText: palette.text,
        role.Highlight: palette.accent,
        role.HighlightedText: palette.on_accent,
        role.Accent: palette.accent,
        role.Link: palette.accent,
        role.Light: palette.hover,
        role.Midlight: palette.line,
        role.Mid: palette.line,
        role.Shadow: palette.background,
        role.Dark: palette.background,
    }.items():
        qt.setColor(target, QColor(colour))
    for target in (role.Text, role.WindowText, role.ButtonText):
        qt.setColor(QPalette.ColorGroup.Disabled, target, QColor(_mix(palette.muted, palette.surface, 0.55)))
    return qt


def _style_sheet(palette: Palette) -> str:
    from desktop.style_sheet import STYLE

    names = {field.name: getattr(palette, field.name) for field in fields(palette)}
    names["selected"] = _mix(palette.accent, palette.surface, 0.22)
    for name in ("tick", "chevron"):
        names[name] = resource(f"icons/{name}-{'dark' if palette.dark else 'light'}.svg").as_posix()
    names["faint"] = _mix(palette.line, palette.surface, 0.5)
    return re.sub(r"@(\w+)", lambda found: str(names[found[1]]), STYLE)

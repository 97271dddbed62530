"""The help page: how the work goes, what the mouse does, and every shortcut as it is set now."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from desktop.actions import MENUS, ROWS, Actions
from desktop.theme import Palette

STEPS = (
    ("Choose a portrait", "A picture of one face that looks at the camera, mouth closed, at least 200 pixels between "
     "the eyes' outer corners for a large picture. The portrait panel says what would make it better."),
    ("Import or record speech", "Any sound or video file, or your microphone. If you write down what is said, the "
     "lips become exact."),
    ("Say how it should feel", "Put prompts on the timeline: “relieved, then a little proud”. They can overlap and "
     "cross-fade; the panel shows what was understood."),
    ("Generate motion", "The speech is performed as curves, one for each channel of the face."),
    ("Make it yours", "Edit curves, drag on the face, lock what is good and regenerate the rest. What is locked stays "
     "exactly as it is."),
    ("Export", "The part between in and out, with the speech, as a video file."),
)  # fmt: skip
MOUSE = (
    ("Ruler", "Drag to move the playhead. Shift-drag selects a time range."),
    ("Timeline and curves", "Wheel scrolls, Ctrl+wheel zooms at the pointer, middle button drags the view."),
    ("Clips", "Drag to move, drag an edge to resize, drag an upper corner to fade. Double-click edits the text."),
    ("Curves", "Drag keyframes and their handles; drag on the empty plot to box-select; double-click adds a keyframe."),
    ("Face", "With the handles shown, drag mouth, brows, lids, chin or head; the channels behind get keyframes."),
)


class HelpDialog(QDialog):
    """Built from the action table, so it cannot be out of date."""

    def __init__(self, actions: Actions, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Help")
        self.page = QTextBrowser(openExternalLinks=True)
        self.page.document().setDocumentMargin(32)
        self.page.setHtml(help_page(actions, palette))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)

    def sizeHint(self) -> QSize:
        return QSize(760, 720)


def help_page(actions: Actions, palette: Palette) -> str:
    """The page as rich text."""
    steps = "".join(f"<li><b>{escape(title)}.</b> {escape(text)}</li>" for title, text in STEPS)
    mouse = "".join(_row(where, what, palette) for where, what in MOUSE)
    keys = "".join(
        f"<h3>{menu}</h3><table width='100%' cellpadding='3'>{_keys(actions, menu, palette)}</table>" for menu in MENUS
    )
    return (
        f"<style>li {{ margin-bottom: 6px; }} h2 {{ margin-top: 24px; }} h3 {{ color: {palette.muted}; }}</style>"
        f"<h1>Portrayal</h1><p>A portrait speaks, and you shape how.</p>"
        f"<h2>From picture to video</h2><ol>{steps}</ol>"
        f"<h2>Mouse</h2><table width='100%' cellpadding='3'>{mouse}</table>"
        f"<h2>Keyboard</h2><p>{escape(_hint(actions))}</p>{keys}"
    )


def _hint(actions: Actions) -> str:
    return (
        f"{actions.shortcut('commands')} finds any command by name. Edit > Keyboard shortcuts changes the keys. "
        "Tab goes from control to control; Enter presses the button in focus, and Space always plays."
    )


def _keys(actions: Actions, menu: str, palette: Palette) -> str:
    rows = [row for row in ROWS if row.menu == menu and actions.shortcut(row.id)]
    return "".join(_row(actions.shortcut(row.id), row.tip, palette) for row in rows)


def _row(left: str, right: str, palette: Palette) -> str:
    return f"<tr><td width='32%' style='color:{palette.accent}'>{escape(left)}</td><td>{escape(right)}</td></tr>"

"""The portrait: choose the picture and the face, see how it was understood and what would make it better."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop.actions import Actions
from desktop.background import Background
from desktop.document import Document
from desktop.theme import SPACE, Palette, icon
from desktop.widgets.portrait_view import PortraitView
from engine.errors import EngineError
from engine.events import Finished
from engine.jobs import PortraitReport, inspect_portrait
from engine.project.edits import with_portrait
from engine.project.project import Portrait

SHOWN = 3  # pieces of advice
NAME_WIDTH = 110  # pixels for the file's name


class PortraitPanel(QWidget):
    """Faces are found in a thread; meanwhile the rest of the window works."""

    def __init__(self, document: Document, palette: Palette, actions: Actions, background: Background) -> None:
        super().__init__()
        self._document, self._palette, self._background = document, palette, background
        self._report: PortraitReport | None = None
        self._portrait: Portrait | None = None
        self.view = PortraitView(palette)
        self.view.wanted.connect(actions["import_portrait"].trigger)
        self.view.picked.connect(self.choose_face)
        self.facts = QLabel()
        self.facts.setProperty("role", "muted")
        self.facts.setWordWrap(True)
        self.advice = [_Advice(palette) for _ in range(SHOWN)]
        self.choose = QPushButton("Choose…")
        self.choose.setToolTip(actions["import_portrait"].toolTip())
        self.choose.clicked.connect(actions["import_portrait"].trigger)
        self.mesh = QToolButton()
        self.mesh.setCheckable(True)
        self.mesh.setAccessibleName("Show the fitted mesh")
        self.mesh.setToolTip("Show how the face was understood")
        self.mesh.toggled.connect(self.view.show_mesh)
        row = QHBoxLayout()
        row.setSpacing(SPACE // 2)
        row.addWidget(self.facts, 1)
        row.addWidget(self.mesh)
        row.addWidget(self.choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3 // 2, SPACE // 2, SPACE * 3 // 2, SPACE * 3 // 2)
        column.setSpacing(SPACE)
        column.addWidget(self.view, 1)
        column.addLayout(row)
        for line in self.advice:
            column.addWidget(line)
        document.changed.connect(self._follow)
        document.replaced.connect(self._follow)
        self._redraw()
        self._say("", [])
        self._follow()

    def choose_face(self, index: int) -> None:
        """Take this face, counted from the largest."""
        portrait = self._document.project.portrait
        if portrait and index != (portrait.face or 0):
            self._document.edit("Choose face", lambda p: with_portrait(p, replace(portrait, face=index)))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw()
        super().changeEvent(event)

    def _redraw(self) -> None:
        self.mesh.setIcon(icon("mesh", self._palette))
        for line in self.advice:
            line.redraw()

    def _follow(self, *_: object) -> None:
        portrait = self._document.project.portrait
        same_picture = portrait and self._portrait and portrait.media == self._portrait.media
        if portrait == self._portrait and (portrait or not self.facts.text()):
            return
        self._portrait = portrait
        if portrait is None:
            self._report = None
            self.view.clear()
            self._say("", [])
        elif same_picture:
            self._show()
        else:
            self._report = None
            self._say(f"{portrait.media.name}\nLooking for faces…", [])
            self._background.start(lambda: _inspected(portrait), self._inspected, self._failed, key="portrait")
        self.mesh.setEnabled(self._report is not None)

    def _inspected(self, report: PortraitReport) -> None:
        if self._portrait:
            self._report = report
            self.view.show_picture(report.rgb)
            self._show()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, EngineError):
            raise error
        self._say(self._portrait.media.name if self._portrait else "", [("error", str(error))])

    def _show(self) -> None:
        report, portrait = self._report, self._portrait
        if report is None or portrait is None:
            return
        chosen = min(portrait.face or 0, len(report.faces) - 1) if report.faces else None
        self.view.show_faces([face.landmarks for face in report.faces], chosen, report.triangles)
        self.mesh.setEnabled(chosen is not None)
        height, width = report.rgb.shape[:2]
        self._say(f"{portrait.media.name}\n{width} × {height}", self._judge(report, chosen))

    @staticmethod
    def _judge(report: PortraitReport, chosen: int | None) -> list[tuple[str, str]]:
        if chosen is None:
            return [("error", "No face was found: use a picture in which a face is plainly visible.")]
        advice = [("warning", line) for line in report.faces[chosen].advice] or [("good", "A good portrait.")]
        if len(report.faces) > 1:
            advice.insert(0, ("info", f"{len(report.faces)} faces: click the one that speaks."))
        return advice[:SHOWN]

    def _say(self, facts: str, advice: list[tuple[str, str]]) -> None:
        name, _, rest = facts.partition("\n")
        short = self.facts.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, NAME_WIDTH)
        self.facts.setText("\n".join(filter(None, (short, rest))))
        self.facts.setToolTip(name)
        for line, (kind, text) in zip(self.advice, [*advice, *[("", "")] * SHOWN], strict=False):
            line.say(kind, text)


class _Advice(QWidget):
    """A symbol and a sentence."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette, self._kind = palette, ""
        self._symbol, self.text = QLabel(), QLabel()
        self.text.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)

    def say(self, kind: str, text: str) -> None:
        """Say some "info", something "good", a "warning" or an "error"; nothing with ""."""
        self._kind = kind
        self.text.setText(text)
        self.setVisible(bool(text))
        self.redraw()

    def redraw(self) -> None:
        """Draw the symbol in the colour of the theme."""
        palette = self._palette
        drawn = {
            "info": ("info", palette.accent),
            "good": ("check", palette.good),
            "warning": ("warning", palette.warning),
            "error": ("error", palette.error),
        }
        if self._kind:
            name, colour = drawn[self._kind]
            self._symbol.setPixmap(icon(name, palette, colour).pixmap(18, 18))


def _inspected(portrait: Portrait) -> PortraitReport:
    for event in inspect_portrait(portrait):
        if isinstance(event, Finished):
            return event.result
    raise RuntimeError("the inspection ended without a result")

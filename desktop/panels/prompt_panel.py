"""The picked prompt: its words, strength and times, and what was understood of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from desktop.actions import Actions
from desktop.document import Document
from desktop.face_preview import FacePreview
from desktop.panels.prompt_feedback import PromptFeedback
from desktop.panels.prompt_words import PRESETS, new_prompt
from desktop.prompt_reader import PromptReader
from desktop.selection import Selection
from desktop.theme import SPACE, Palette
from engine.errors import EngineError
from engine.project.crossfade import with_clip_placed
from engine.project.edits import with_clip, with_clip_changed
from engine.project.project import PromptClip
from engine.project.timing import TimeRange


class PromptPanel(QWidget):
    """Edits the prompt that is picked on the timeline; with none picked, a preset adds one at the playhead."""

    failed = Signal(object)  # EngineError

    def __init__(
        self,
        document: Document,
        selection: Selection,
        palette: Palette,
        actions: Actions,
        reader: PromptReader,
        preview: FacePreview,
    ) -> None:
        super().__init__()
        self._document, self._selection, self._reader = document, selection, reader
        self._typing = 0  # counts rests between typing, so that a flow of letters is one step of undo
        self._shown: tuple[str, int] | None = None
        self.text = QPlainTextEdit()
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.percent, self.start, self.length = _spin(" %", 0, 200, 0), _spin(" s", 0, 1e5), _spin(" s", 0.01, 1e5)
        self.fade_in, self.fade_out = _spin(" s", 0, 60), _spin(" s", 0, 60)
        self.voice = QCheckBox("Follow the voice")
        self.feedback = PromptFeedback(reader, preview, palette)
        self.use_words = QPushButton("Use words instead")
        self._hint = QLabel("Pick a prompt on the timeline, or choose how it should feel from the playhead on.")
        self._reads = QPushButton(flat=True)
        self._lay_out(actions)
        self._wire()
        self._show_reader()
        self._refresh()

    @property
    def clip(self) -> PromptClip | None:
        """The picked prompt."""
        picked, prompts = self._selection.clip, self._document.project.prompts
        return prompts[picked[1]] if picked and picked[0] == "prompts" and picked[1] < len(prompts) else None

    def use(self, text: str) -> None:
        """Give the picked prompt these words, or add a prompt with them at the playhead."""
        if self.clip:
            self._change("Change prompt", text=text, shown=())
            return
        clip = new_prompt(self._document.project, text, self._selection.playhead, self._selection.span)
        if self._try(lambda: self._document.edit("Add prompt", lambda p: with_clip(p, clip))):
            self._selection.set_clip(("prompts", len(self._document.project.prompts) - 1))

    # --- layout

    def _lay_out(self, actions: Actions) -> None:
        self.text.setPlaceholderText("How it should feel, in your own words")
        self.text.setAccessibleName("Prompt")
        self.text.setFixedHeight(64)
        self.text.setTabChangesFocus(True)
        self.strength.setRange(0, 200)
        self.strength.setAccessibleName("Strength")
        self.percent.setAccessibleName("Strength in percent")
        self._hint.setWordWrap(True)
        self._hint.setProperty("role", "muted")
        self.voice.setToolTip("The feeling grows where the voice is moved, and shrinks where it is calm")
        self.use_words.setToolTip("Forget the picture: the text says how it should feel")
        self._fields = QWidget()
        grid = QGridLayout(self._fields)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        grid.addWidget(self.text, 0, 0, 1, 2)
        grid.addWidget(self.use_words, 1, 0, 1, 2)
        grid.addWidget(self.feedback, 2, 0, 1, 2)
        grid.addWidget(_caption("Strength"), 3, 0, 1, 2)
        strength = QHBoxLayout()
        strength.setSpacing(SPACE)
        strength.addWidget(self.strength, 1)
        strength.addWidget(self.percent)
        grid.addLayout(strength, 4, 0, 1, 2)
        grid.addWidget(self.voice, 5, 0, 1, 2)
        fields = (
            ("Start", self.start),
            ("Length", self.length),
            ("Fade in", self.fade_in),
            ("Fade out", self.fade_out),
        )
        for i, (name, field) in enumerate(fields):
            field.setAccessibleName(name)
            grid.addWidget(_caption(name), 6 + i // 2 * 2, i % 2)
            grid.addWidget(field, 7 + i // 2 * 2, i % 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3 // 2, SPACE, SPACE * 3 // 2, SPACE)
        column.setSpacing(SPACE)
        column.addWidget(self._hint)
        column.addWidget(self._fields)
        column.addLayout(self._presets())
        for button, action in ((QPushButton(), actions["prompt_picture"]), (self._reads, actions["prompt_reader"])):
            button.setText(action.text())
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            column.addWidget(button)
        column.addStretch(1)

    def _presets(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(SPACE // 2)
        for i, text in enumerate(PRESETS):
            button = QPushButton(text.capitalize())
            button.setMinimumWidth(0)
            button.setToolTip(f'Use "{text}"')
            button.clicked.connect(lambda _checked=False, text=text: self.use(text))
            grid.addWidget(button, i // 2, i % 2)
        return grid

    def sizeHint(self) -> QSize:
        return QSize(264, 560)

    # --- both ways

    def _wire(self) -> None:
        self._document.changed.connect(lambda *_: self._refresh())
        self._document.replaced.connect(self._refresh)
        self._selection.clip_changed.connect(lambda _: self._refresh())
        self._reader.changed.connect(self._show_reader)
        self.feedback.rested.connect(self._rested)
        self.feedback.failed.connect(self.failed)
        self.use_words.clicked.connect(self._take_words)
        self.voice.toggled.connect(lambda on: self._change("Follow the voice", follows_voice=on))
        self.text.textChanged.connect(self._typed)
        self.strength.valueChanged.connect(lambda value: self._change("Change strength", strength=value / 100))
        self.percent.valueChanged.connect(lambda value: self._change("Change strength", strength=value / 100))
        self.fade_in.valueChanged.connect(lambda value: self._change("Change fade", fade_in=_exact(value)))
        self.fade_out.valueChanged.connect(lambda value: self._change("Change fade", fade_out=_exact(value)))
        self.start.valueChanged.connect(lambda _: self._place())
        self.length.valueChanged.connect(lambda _: self._place())

    def _refresh(self) -> None:
        clip = self.clip
        if self._selection.clip != self._shown:
            self._shown = self._selection.clip
            self._typing += 1
        self._fields.setVisible(clip is not None)
        self._hint.setVisible(clip is None)
        self.feedback.show_clip(clip)
        if not clip:
            return
        endless = clip.span.end == math.inf
        values: tuple[tuple[QDoubleSpinBox | QSlider, float], ...] = (
            (self.strength, round(clip.strength * 100)),
            (self.percent, clip.strength * 100),
            (self.start, float(clip.span.start)),
            (self.length, 0.01 if endless else float(clip.span.duration)),
            (self.fade_in, float(clip.fade_in)),
            (self.fade_out, float(clip.fade_out)),
        )
        for field, value in values:
            blocked = field.blockSignals(True)
            field.setValue(value)  # type: ignore[arg-type]
            field.blockSignals(blocked)
        self.length.setEnabled(not endless)
        blocked = self.voice.blockSignals(True)
        self.voice.setChecked(clip.follows_voice)
        self.voice.blockSignals(blocked)
        self.text.setReadOnly(bool(clip.shown))
        self.use_words.setVisible(bool(clip.shown))
        if self.text.toPlainText() != clip.text:
            blocked = self.text.blockSignals(True)
            self.text.setPlainText(clip.text)
            self.text.blockSignals(blocked)

    def _typed(self) -> None:
        self._change("Change prompt", text=self.text.toPlainText())

    def _change(self, name: str, **changes: Any) -> None:
        picked = self._selection.clip
        if self.clip and picked:
            merge = f"prompt {picked} {sorted(changes)} {self._typing}"
            self._try(lambda: self._document.edit(name, lambda p: with_clip_changed(p, *picked, **changes), merge))

    def _place(self) -> None:
        clip, picked = self.clip, self._selection.clip
        if clip and picked:
            start = _exact(self.start.value())
            end = math.inf if clip.span.end == math.inf else start + _exact(self.length.value())
            merge = f"prompt {picked} span {self._typing}"
            self._try(
                lambda: self._document.edit(
                    "Move clip", lambda p: with_clip_placed(p, *picked, TimeRange(start, end)), merge
                )
            )

    def _try(self, call: Callable[[], object]) -> bool:
        try:
            call()
        except EngineError as error:
            self.failed.emit(error)
            return False
        return True

    def _rested(self) -> None:
        self._typing += 1

    def _take_words(self) -> None:
        """The picture's name says nothing: begin with what it was like."""
        self._change("Use words", shown=(), text=self.feedback.like)
        self.text.setFocus()
        self.text.selectAll()

    def _show_reader(self) -> None:
        choice = self._reader.choice
        self._reads.setText(f"Read by {choice[0]}…" if choice else "Read by the built-in encoder…")


def _caption(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label


def _exact(seconds: float) -> Fraction:
    return Fraction(round(seconds * 1000), 1000)


def _spin(suffix: str, low: float, high: float, decimals: int = 2) -> QDoubleSpinBox:
    box = QDoubleSpinBox(decimals=decimals, minimum=low, maximum=high, suffix=suffix)
    box.lineEdit().setTextMargins(SPACE // 2, 0, 0, 0)  # style sheets cannot: Qt begins the text at the border
    box.setSingleStep(0.1 if decimals else 5)
    box.setKeyboardTracking(False)
    box.setMinimumWidth(64)
    return box

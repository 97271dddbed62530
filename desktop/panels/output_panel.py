"""How the video comes out: frame rate, size, and the seed that decides which performance is generated."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.renderer_fields import RendererFields
from desktop.panels.status_bar import rate_text
from desktop.theme import SPACE
from engine.project.edits import with_seed, with_settings
from engine.project.timing import ALWAYS, parse_rate

RATES = ("23.976", "24", "25", "29.97", "30", "50", "59.94", "60")
SIZES = (("As the portrait", None), ("512", 512), ("720", 720), ("1080", 1080), ("1440", 1440), ("2160", 2160))


class OutputPanel(QWidget):
    """Edits the project's render settings."""

    def __init__(self, document: Document, actions: Actions, renderer: RendererFields) -> None:
        """`renderer`: the fields about the renderer, shown among the others."""
        super().__init__()
        self._document = document
        self.rate, self.size_choice, self.seed = QComboBox(), QComboBox(), QSpinBox(maximum=2**31 - 1)
        self.part = QLabel(wordWrap=True)
        self.part.setProperty("role", "muted")
        for text in RATES:
            self.rate.addItem(text, parse_rate(text))
        for text, size in SIZES:
            self.size_choice.addItem(text, size)
        self.seed.setToolTip("Another seed, another performance of the same speech")
        export = QPushButton(actions["export"].text())
        export.setToolTip(actions["export"].toolTip())
        export.clicked.connect(actions["export"].trigger)
        form = QFormLayout()
        form.setSpacing(SPACE)
        for label, field in (
            ("Frames per second", self.rate),
            ("Longer side, pixels", self.size_choice),
            ("Seed", self.seed),
            *renderer.rows,
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        form.addRow("Part", self.part)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3 // 2, SPACE, SPACE * 3 // 2, SPACE * 3 // 2)
        column.setSpacing(SPACE * 2)
        column.addLayout(form)
        column.addWidget(renderer.render_final)
        column.addWidget(export)
        column.addStretch(1)
        self.rate.activated.connect(lambda _: self._set("Change frame rate", rate=self.rate.currentData()))
        self.size_choice.activated.connect(lambda _: self._set("Change size", size=self.size_choice.currentData()))
        self.seed.valueChanged.connect(self._set_seed)
        document.changed.connect(self.refresh)
        document.replaced.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the project's settings as they are now."""
        project = self._document.project
        self._pick(self.rate, project.settings.rate, rate_text(project.settings.rate))
        self._pick(self.size_choice, project.settings.size, str(project.settings.size))
        self.seed.blockSignals(True)
        self.seed.setValue(min(project.seed, self.seed.maximum()))
        self.seed.blockSignals(False)
        span = project.in_out
        end = "the end" if span.end == ALWAYS.end else f"{float(span.end):.2f} s"
        self.part.setText("The whole project" if span == ALWAYS else f"{float(span.start):.2f} s to {end}")

    @staticmethod
    def _pick(box: QComboBox, value: Fraction | int | None, text: str) -> None:
        """Show the value, adding it if a project brings one that is not in the list."""
        index = next((i for i in range(box.count()) if box.itemData(i) == value), -1)
        if index < 0:
            box.addItem(text, value)
            index = box.count() - 1
        box.setCurrentIndex(index)

    def _set(self, name: str, **changes: object) -> None:
        self._document.edit(name, lambda project: with_settings(project, **changes))

    def _set_seed(self, seed: int) -> None:
        self._document.edit("Change seed", lambda project: with_seed(project, seed), merge="seed")

"""How prompts are read: by the encoder that ships, or by a model of open_clip; its weights are fetched when asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from desktop.background import Background
from desktop.prompt_reader import PromptReader
from desktop.theme import SPACE
from engine.events import Progress
from engine.text.encoder import RECOMMENDED

if TYPE_CHECKING:
    from engine.text.fetch import Offer


class PromptReaderDialog(QDialog):
    """Nothing is asked of the network before "Look for them", and nothing fetched before "Fetch"."""

    _progressed = Signal(object)  # Progress, from the thread that fetches

    def __init__(self, reader: PromptReader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("How prompts are read")
        self._reader, self._background = reader, Background(self)
        self._offer: Offer | None = None
        self._stopped = False
        self.shipped = QRadioButton("The built-in encoder")
        self.open_clip = QRadioButton("A model of open_clip")
        self.model, self.weights = QLineEdit(), QLineEdit()
        self.file, self.fetch = QPushButton("Choose a file…"), QPushButton()
        self.state, self.bar = QLabel(wordWrap=True), QProgressBar()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._lay_out()
        self._wire()
        self._begin()

    def sizeHint(self) -> QSize:
        return QSize(560, 460)

    def _lay_out(self) -> None:
        self._fields = QWidget()
        form = QFormLayout(self._fields)
        form.setContentsMargins(SPACE * 3, 0, 0, 0)
        form.setSpacing(SPACE)
        for label, field in (("Model", self.model), ("Weights", self.weights)):
            field.setAccessibleName(label)
            form.addRow(label, field)
        row = QHBoxLayout()
        row.addWidget(self.fetch)
        row.addWidget(self.file)
        row.addStretch(1)
        form.addRow("", row)
        self.state.setMinimumHeight(self.fontMetrics().lineSpacing() * 6)
        self.state.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        form.addRow("", self.state)
        form.addRow("", self.bar)
        self.bar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 2)
        column.setSpacing(SPACE)
        column.addWidget(self.shipped)
        column.addWidget(_muted("Comes with Portrayal, 4 MB, needs no network, 2 thousandths of a second a prompt."))
        column.addSpacing(SPACE)
        column.addWidget(self.open_clip)
        column.addWidget(_muted("Large, slower to start. Its weights are a file of yours, or fetched when you say so."))
        column.addWidget(self._fields)
        column.addStretch(1)
        column.addWidget(self.buttons)

    def _wire(self) -> None:
        self.buttons.accepted.connect(self._use)
        self.buttons.rejected.connect(self.reject)
        self.open_clip.toggled.connect(self._look)
        self.model.textChanged.connect(self._look)
        self.weights.textChanged.connect(self._look)
        self.file.clicked.connect(self._choose_file)
        self.fetch.clicked.connect(self._fetch)
        self._progressed.connect(self._show_progress, Qt.ConnectionType.QueuedConnection)

    def _begin(self) -> None:
        model, weights = self._reader.choice or RECOMMENDED
        self.model.setText(model)
        self.weights.setText(weights)
        (self.open_clip if self._reader.choice else self.shipped).setChecked(True)
        self._look()

    @property
    def _wanted(self) -> tuple[str, str]:
        return self.model.text().strip(), self.weights.text().strip()

    def _look(self) -> None:
        """Whether what is named can be used as it is."""
        on, wanted, folder = self.open_clip.isChecked(), self._wanted, self._reader.folder
        self._fields.setEnabled(on)
        self._offer = None
        self.fetch.setText("Look for them…")
        if not on:
            self._tell("", usable=True)
        elif not all(wanted):
            self._tell("Name a model and its weights.")
        else:
            self._tell("Looking on this machine…")
            self._background.start(lambda: _found(*wanted, folder), self._show_found, self._refused, key="look")

    def _show_found(self, path: Path | None) -> None:
        if path:
            self._tell(f"On this machine: {path}", usable=True)
        else:
            self._tell("Not on this machine. “Look for them” asks huggingface.co what fetching would bring.")
            self.fetch.setEnabled(True)

    def _fetch(self) -> None:
        """First ask what would come; a second click, with all of it in sight, fetches it."""
        wanted, folder, offered = self._wanted, self._reader.folder, self._offer
        self.fetch.setEnabled(False)
        if offered is None:
            self._tell("Asking…")
            self._background.start(lambda: _offer(*wanted), self._show_offer, self._refused, key="look")
            return
        self._stopped = False
        self._busy(True)
        self._background.start(lambda: self._bring(offered, *wanted, folder), self._brought, self._refused, key="fetch")

    def _show_offer(self, offered: Offer) -> None:
        self._offer = offered
        self._tell(
            f"{offered.url}\n{offered.size / 1e6:.0f} MB, licence: {offered.licence}\nSHA-256 {_broken(offered.sha256)}"
        )
        self.fetch.setText(f"Fetch {offered.size / 1e6:.0f} MB")
        self.fetch.setEnabled(True)

    def _bring(self, offered: Offer, model: str, tag: str, folder: Path) -> None:
        """Runs in the background."""
        from engine.text.encoder import fetch_folder
        from engine.text.fetch import fetch_weights

        job = fetch_weights(offered, fetch_folder(model, tag, folder))
        try:
            for event in job:
                if self._stopped:
                    return
                if isinstance(event, Progress):
                    self._progressed.emit(event)
        finally:
            job.close()  # type: ignore[attr-defined]

    def _show_progress(self, progress: Progress) -> None:
        self.bar.setMaximum(1000)
        self.bar.setValue(round(1000 * progress.done / max(progress.total, 1)))

    def _brought(self, _none: None) -> None:
        self._busy(False)
        self._look()

    def _refused(self, error: Exception) -> None:
        self._busy(False)
        self._tell(str(error))

    def _busy(self, on: bool) -> None:
        self.bar.setVisible(on)
        self.bar.setMaximum(0)
        for part in (self.model, self.weights, self.file, self.shipped, self.open_clip):
            part.setEnabled(not on)

    def _tell(self, text: str, usable: bool = False) -> None:
        self.state.setText(text)
        self.fetch.setEnabled(False)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(usable)

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, "Weights of an open_clip model", "", "Weights (*.safetensors *.bin *.pt);;All files (*)"
        )
        if name:
            self.weights.setText(name)

    def _use(self) -> None:
        self._reader.choose(self._wanted if self.open_clip.isChecked() else None)
        self.accept()

    def done(self, result: int) -> None:
        """Closing stops a fetch; what came of it so far is removed."""
        self._stopped = True
        self._background.close()
        super().done(result)


def _found(model: str, weights: str, folder: Path) -> Path | None:
    from engine.text.encoder import find_weights

    return Path(weights) if Path(weights).is_file() else find_weights(model, weights, folder)


def _offer(model: str, weights: str) -> Offer:
    from engine.text.encoder import repository
    from engine.text.fetch import offer

    return offer(*repository(model, weights))


def _broken(digest: str) -> str:
    """In two lines, so that it fits."""
    return f"{digest[:32]}\n{digest[32:]}"


def _muted(text: str) -> QLabel:
    label = QLabel(text, wordWrap=True)
    label.setProperty("role", "muted")
    label.setIndent(SPACE * 3)
    return label

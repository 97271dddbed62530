"""Where to, how large, which part: then the export joins the queue and the user works on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.document import Document
from desktop.final_frames import FinalFrames
from desktop.panels.status_bar import rate_text
from desktop.render_thread import Events, RenderThread
from desktop.settings import Settings
from desktop.theme import SPACE
from desktop.widgets.message_bar import MessageBar
from engine.events import Chosen
from engine.jobs import export_video
from engine.media.files import free_name
from engine.project.edits import with_in_out, with_settings
from engine.project.project import Project
from engine.project.timing import ALWAYS, frame_count, timecode

SIZES = (
    ("As the portrait", None),
    ("512 pixels", 512),
    ("720 pixels", 720),
    ("1080 pixels", 1080),
    ("2160 pixels", 2160),
)


class ExportDialog(QDialog):
    """The project as it is now is exported, however it is changed while that goes on."""

    def __init__(
        self,
        document: Document,
        thread: RenderThread,
        settings: Settings,
        bar: MessageBar,
        parent: QWidget | None = None,
        finals: FinalFrames | None = None,
    ) -> None:
        """`finals`: frames that are rendered already."""
        super().__init__(parent)
        self._finals = finals
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export video")
        self._document, self._thread, self._settings, self._bar = document, thread, settings, bar
        self.path = QLineEdit(str(self._suggested()))
        self.path.setMinimumWidth(360)
        self.size_choice = QComboBox()
        for text, size in SIZES:
            self.size_choice.addItem(text, size)
        size = document.project.settings.size
        if size not in dict(SIZES).values():
            self.size_choice.addItem(f"{size} pixels", size)
        self.size_choice.setCurrentIndex(
            [self.size_choice.itemData(i) for i in range(self.size_choice.count())].index(size)
        )
        self.part = QCheckBox("Only the part between in and out")
        self.part.setChecked(document.project.in_out != ALWAYS)
        self.part.setEnabled(document.project.in_out != ALWAYS)
        self.summary = QLabel()
        self.summary.setProperty("role", "muted")
        self._lay_out()
        self.part.toggled.connect(self._summarise)
        self.path.textChanged.connect(self._summarise)
        self._summarise()

    @property
    def project(self) -> Project:
        """What would be exported now."""
        project = with_settings(self._document.project, size=self.size_choice.currentData())
        return project if self.part.isChecked() else with_in_out(project, ALWAYS)

    def accept(self) -> None:
        """Put the export in the queue."""
        path = Path(self.path.text())
        path = path if path.suffix.lower() == ".mp4" else path.with_name(path.name + ".mp4")
        self._settings.set_folder("export", path.absolute().parent)
        project, stage, chosen = self.project, None, list[Chosen]()
        if self._finals:
            project, stage = self._finals.for_export(project), self._finals.stage
        job = self._thread.submit(f"Export {path.name}", _noting(export_video(project, path, stage), chosen))
        bar = self._bar
        job.finished.connect(lambda written: tell(bar, written, chosen))
        super().accept()

    def _suggested(self) -> Path:
        document = self._document
        portrait = document.project.portrait
        name = document.path.stem if document.path else Path(portrait.media.name).stem if portrait else "video"
        return free_name(self._settings.folder("export") / f"{name}.mp4")

    def _lay_out(self) -> None:
        browse = QPushButton("Browse…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        file = QHBoxLayout()
        file.addWidget(self.path, 1)
        file.addWidget(browse)
        form = QFormLayout()
        form.setSpacing(SPACE)
        form.addRow("File", file)
        form.addRow("Longer side", self.size_choice)
        form.addRow("", self.part)
        form.addRow("", self.summary)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 2)
        column.setSpacing(SPACE * 2)
        column.addLayout(form)
        column.addWidget(buttons)

    def _browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Export video", self.path.text(), "MP4 video (*.mp4)")
        if name:
            self.path.setText(name)

    def _summarise(self) -> None:
        project, rate = self.project, self.project.settings.rate
        frames = len(project.in_out.frames(rate, frame_count(project.duration, rate)))
        lacks = _lacks(project)
        self.go.setEnabled(not lacks and bool(self.path.text().strip()))
        exists = " Replaces the file that is there." if Path(self.path.text()).is_file() else ""
        self.summary.setText(lacks or f"{timecode(frames, rate)}, {frames} frames at {rate_text(rate)} fps.{exists}")


def _noting(events: Events, chosen: list[Chosen]) -> Events:
    """The same events; which renderer was chosen is put aside, which the thread's mailbox might drop for newer ones."""
    with closing(events):
        for event in events:
            if isinstance(event, Chosen):
                chosen.append(event)
            yield event


def tell(bar: MessageBar, written: Path, chosen: Sequence[Chosen] = ()) -> None:
    """Say that the video is there, with ways to it, and which renderer was chosen for it if nobody had said."""

    def open_url(path: Path) -> bool:
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    ways = (("Play", lambda: open_url(written)), ("Show in folder", lambda: open_url(written.parent)))
    how = f" (renderer {chosen[-1].name}: {chosen[-1].why})" if chosen else ""
    bar.say(f"Exported to {written}{how}", "good", ways)


def _lacks(project: Project) -> str:
    """What is missing before an export can make sense, "" if nothing is."""
    if project.portrait is None:
        return "There is no portrait yet: choose a picture first."
    if not project.motion.frames and not project.swaps:
        return "There is no motion yet: generate it first."
    return ""

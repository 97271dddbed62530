"""The window: menus, message bar, welcome page and workspace. It puts things together and does nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
)
from PySide6.QtWidgets import QAbstractButton, QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from desktop import theme
from desktop.actions import Actions
from desktop.autosave import Autosave, left_behind
from desktop.background import Background
from desktop.document import Document
from desktop.errors import ErrorPresenter
from desktop.garbage import Garbage
from desktop.imports import Imports
from desktop.menus import Menus, name_undo
from desktop.panels.status_bar import StatusBar
from desktop.panels.welcome import Welcome
from desktop.projects import Projects
from desktop.render_thread import RenderThread
from desktop.selection import Selection
from desktop.settings import Settings
from desktop.warm_up import warm_up
from desktop.widgets.drop_veil import DropVeil
from desktop.widgets.message_bar import MessageBar
from desktop.window_commands import connect_window_commands, may_stop_jobs
from desktop.workspace import Workspace

WARM_UP_MS = 500  # milliseconds after which the first page is surely painted


class MainWindow(QMainWindow):
    """One window, one project."""

    def __init__(self, settings: Settings, colours: theme.Palette) -> None:
        super().__init__()
        self.settings, self.colours = settings, colours
        self.document = Document(settings.folders.unpacked, self)
        self.selection = Selection(self)
        self.commands = Actions(settings, colours, self)
        self.background = Background(self)
        self.render_thread = RenderThread(self)
        self.autosave = Autosave(self.document, settings.folders.unsaved, self.background, self)
        self.bar = MessageBar(colours)
        self.presenter = ErrorPresenter(self, self.bar, settings.folders.log, self.autosave.now)
        self.projects = Projects(self.document, settings, self.autosave, self.commands, self)
        self.imports = Imports(self.document, self.selection, settings, self.background, self.commands, self)
        self.menus = Menus(self.menuBar(), self.commands, settings, self.projects.open)
        self.welcome = Welcome(self.commands, settings, colours)
        self.workspace: Workspace | None = None
        self._garbage: Garbage | None = None
        self._veil = DropVeil(colours, self)
        self.setStatusBar(StatusBar(self.document, self.render_thread, self.background))
        self._lay_out()
        self._wire()
        connect_window_commands(self)
        self._retitle()

    def start(self, path: Path | None = None) -> None:
        """Begin: open this project, or show the welcome page and what a crash left behind."""
        self.render_thread.start()
        self._garbage = Garbage(self)
        QTimer.singleShot(WARM_UP_MS, self, self._warm_up)
        if path:
            self.imports.dropped([path])
            return
        QTimer.singleShot(0, self, self._offer_recovery)

    def show_workspace(self) -> None:
        """Leave the welcome page."""
        if self.workspace is None:
            self.workspace = Workspace(self)
            self._pages.addWidget(self.workspace)
            self._pages.setCurrentWidget(self.workspace)
            self.workspace.restore(self.settings)
            self.menus.panels.addActions(self.workspace.toggles())
        self._pages.setCurrentWidget(self.workspace)
        (self.workspace.timeline if self.document.project.portrait else self.workspace.preview).setFocus()

    def show_welcome(self) -> None:
        """Back to the first page."""
        self.welcome.refresh()
        self._pages.setCurrentWidget(self.welcome)

    def use_theme(self, name: str) -> None:
        """Change the look of everything, and remember it."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.settings.theme = name
        theme.apply(app, name, self.colours)
        self.commands.refresh_icons()
        self.bar.refresh()
        if self.workspace:
            self.workspace.redraw()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved work, remember the layout, end the threads."""
        if not (may_stop_jobs(self) and self.projects.may_leave()):
            event.ignore()
            return
        self.settings.set_blob("window", self.saveGeometry())
        if self.workspace:
            self.workspace.remember(self.settings)
        self.settings.sync()
        self.hide()  # threads may take a moment to end
        self.render_thread.stop()
        self.background.close()
        self.autosave.close()
        if self._garbage:
            self._garbage.stop()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys nobody took: Enter presses the button in focus (space plays), Escape lets the selection go."""
        focused = QApplication.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QAbstractButton):
            focused.click()
        elif event.key() == Qt.Key.Key_Escape:
            self.commands["select_none"].trigger()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say what a drop would do."""
        if self._show_drop(event):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """The prompt track takes a picture otherwise than the rest of the window."""
        self._show_drop(event)
        event.acceptProposedAction()

    def _show_drop(self, event: QDropEvent) -> bool:
        paths = self.imports.usable(event.mimeData())
        place = self._prompt_place(paths)
        over = place and place.contains(self.mapToGlobal(event.position().toPoint()))
        if paths:
            text = "Make its expression a prompt" if over else self.imports.meaning(paths)
            self._veil.cover(text, place and QRect(self.mapFromGlobal(place.topLeft()), place.size()))
        return bool(paths)

    def _prompt_place(self, paths: list[Path]) -> QRect | None:
        shown = self.workspace if self._pages.currentWidget() is self.workspace else None
        return shown.prompt_pictures.place(paths) if shown else None

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Do it, after the drag is over: a menu or a question must not hold up the other program."""
        self._veil.hide()
        paths, at = self.imports.usable(event.mimeData()), self.mapToGlobal(event.position().toPoint())
        event.acceptProposedAction()
        place = self._prompt_place(paths)
        drop: Callable[[list[Path], QPoint], None] = self.imports.dropped
        if self.workspace and place and place.contains(at):
            drop = self.workspace.prompt_pictures.drop
        QTimer.singleShot(0, self, lambda: drop(paths, at))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.WindowStateChange:
            self.commands["full_screen"].setChecked(self.isFullScreen())
        super().changeEvent(event)

    def _lay_out(self) -> None:
        self._pages = QStackedWidget()
        self._pages.addWidget(self.welcome)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self._pages, 1)
        self.setCentralWidget(page)
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        if not self.restoreGeometry(self.settings.blob("window")):
            room = QGuiApplication.primaryScreen().availableSize()
            self.resize(min(1440, room.width()), min(900, room.height()))

    def _wire(self) -> None:
        document = self.document
        document.path_changed.connect(self._retitle)
        document.undo_stack.cleanChanged.connect(lambda clean: self.setWindowModified(not clean))
        document.replaced.connect(lambda: self.setWindowModified(document.dirty))
        document.replaced.connect(self.selection.clear)
        document.replaced.connect(lambda: self.bar.move_on(at_once=True))
        document.changed.connect(lambda old, new: self.bar.move_on())
        name_undo(self.commands, document.undo_stack)
        self.projects.opened.connect(self.show_workspace)
        self.projects.sample_opened.connect(self._play_sample)
        self.projects.closed.connect(self.show_welcome)
        self.projects.notice.connect(self.bar.say)
        self.imports.brought.connect(self.show_workspace)
        self.imports.open_project.connect(self.projects.open)
        self.welcome.open_project.connect(self.projects.open)
        for source in (self.projects, self.imports, self.autosave):
            source.failed.connect(self.presenter.show)
        self.render_thread.added.connect(lambda job: job.failed.connect(self.presenter.show))
        self.render_thread.preview_failed.connect(self.presenter.show)

    def _play_sample(self) -> None:
        if self.workspace:
            self.workspace.play_when_shown()

    def _warm_up(self) -> None:
        self.background.start(lambda: warm_up(self.isHidden), lambda _: None, self.presenter.show)

    def _offer_recovery(self) -> None:
        """Once the welcome page is seen: offer what a crash left behind."""
        if found := left_behind(self.settings.folders.unsaved, self.settings.recent):
            from desktop.dialogs.recover import RecoverDialog

            RecoverDialog(found, self.projects.recover, self).open()

    def _retitle(self) -> None:
        self.setWindowTitle(f"{self.projects.name}[*] – Portrayal")
        self.setWindowFilePath(str(self.document.path or ""))

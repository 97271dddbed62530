"""Panels in docks: slim titles, no title twice where docks share a place as tabs, a layout that is remembered."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QScrollArea,
    QTabBar,
    QTabWidget,
    QToolButton,
    QWidget,
)

from desktop.theme import SPACE, Palette, icon


class Dock(QDockWidget):
    """One panel that can be moved, floated, tabbed and closed."""

    def __init__(self, name: str, title: str, panel: QWidget, palette: Palette, scrolled: bool = False) -> None:
        """`name` is what the saved layout knows it by; `scrolled` if the panel may be taller than its place."""
        super().__init__(title)
        self.setObjectName(name)
        self._title = _Title(self, palette)
        self._none = QWidget()  # stands in for the title where a tab shows it
        self.setTitleBarWidget(self._title)
        self.setWidget(_scrolled(panel) if scrolled else panel)
        self.topLevelChanged.connect(lambda _: self.refresh())

    def refresh(self) -> None:
        """Show the title unless a tab does."""
        window = self.parent()
        tabbed = isinstance(window, QMainWindow) and bool(window.tabifiedDockWidgets(self))
        wanted = self._none if tabbed and not self.isFloating() else self._title
        if self.titleBarWidget() is not wanted:
            self.setTitleBarWidget(wanted)
            wanted.show()

    def redraw(self) -> None:
        """Draw icons in the colours of the theme."""
        self._title.redraw()


class _Title(QWidget):
    """Name at the left; close at the right."""

    def __init__(self, dock: QDockWidget, palette: Palette) -> None:
        super().__init__()
        self._palette = palette
        self.setProperty("role", "dock-title")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        label = QLabel(dock.windowTitle())
        label.setProperty("role", "muted")
        dock.windowTitleChanged.connect(label.setText)
        self._close = QToolButton(autoRaise=True)
        self._close.setIconSize(QSize(12, 12))
        self._close.setToolTip(f"Close {dock.windowTitle()} (View > Panels brings it back)")
        self._close.setAccessibleName(f"Close {dock.windowTitle()}")
        self._close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE * 3 // 2, SPACE // 2, SPACE // 2, SPACE // 2)
        row.addWidget(label)
        row.addStretch(1)
        row.addWidget(self._close)
        self.redraw()

    def redraw(self) -> None:
        self._close.setIcon(icon("close", self._palette, self._palette.muted))


class DockArea(QMainWindow):
    """A window inside the window that holds the docks around one panel."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        for corner, area in (
            (Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.BottomDockWidgetArea),
            (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.BottomDockWidgetArea),
        ):
            self.setCorner(corner, area)
        self.docks: dict[str, Dock] = {}
        self._places: dict[str, tuple[Qt.DockWidgetArea, str | None]] = {}
        self._tidy = QTimer(self, singleShot=True, interval=0)
        self._tidy.timeout.connect(self._refresh)

    def add(self, dock: Dock, area: Qt.DockWidgetArea, beside: str | None = None) -> None:
        """Put a dock into an area, as a tab over the dock named `beside` if given."""
        self.docks[dock.objectName()] = dock
        self._places[dock.objectName()] = (area, beside)
        for signal in (dock.dockLocationChanged, dock.visibilityChanged, dock.topLevelChanged):
            signal.connect(lambda *_: self._tidy.start())

    def arrange(self) -> None:
        """Put every dock where it was added, the first of each set of tabs in front."""
        for name, (area, beside) in self._places.items():
            dock = self.docks[name]
            self.addDockWidget(area, dock)
            if beside:
                self.tabifyDockWidget(self.docks[beside], dock)
            dock.show()
        for name, (_, beside) in self._places.items():
            if beside is None:
                self.docks[name].raise_()

    def lay_out(self, state: QByteArray, version: int) -> None:
        """What saveState gave, if it is of this version; without the tab bars that Qt forgets to put away."""
        self.restoreState(state, version)
        self._tidy.start()

    def _refresh(self) -> None:
        for dock in self.docks.values():
            dock.refresh()
        together = {frozenset((dock, *self.tabifiedDockWidgets(dock))) for dock in self.docks.values()}
        titles = {frozenset(dock.windowTitle() for dock in group) for group in together}
        bars = self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        in_use = {frozenset(bar.tabText(i) for i in range(bar.count())): bar for bar in bars}  # the latest of its kind
        for bar in bars:
            if bar not in [in_use[shown] for shown in titles & in_use.keys()]:
                bar.hide()


def _scrolled(panel: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(panel)
    return area

"""A timeline put together: ruler above, names beside, tracks in the middle, scroll bars around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QScrollBar, QWidget

from desktop.theme import Palette
from desktop.widgets.range_bar import RangeBar
from desktop.widgets.ruler import Ruler
from desktop.widgets.time_view import TimeView
from desktop.widgets.timeline_canvas import TimelineCanvas
from desktop.widgets.track_headers import TrackHeaders
from desktop.widgets.track_items import Row


class TimelineView(QWidget):
    """The parts are public: connect to their signals. Give `corner` what stands above the names."""

    def __init__(
        self, view: TimeView, palette: Palette, corner: QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.ruler = Ruler(view, palette)
        self.headers = TrackHeaders(palette)
        self.canvas = TimelineCanvas(view, palette)
        self.bar = RangeBar(view, palette)
        self.rows_bar = QScrollBar(Qt.Orientation.Vertical)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        if corner:
            grid.addWidget(corner, 0, 0)
        grid.addWidget(self.ruler, 0, 1)
        grid.addWidget(self.headers, 1, 0)
        grid.addWidget(self.canvas, 1, 1)
        grid.addWidget(self.rows_bar, 1, 2)
        grid.addWidget(self.bar, 2, 1)
        grid.setRowStretch(1, 1)
        grid.setColumnStretch(1, 1)
        self.rows_bar.valueChanged.connect(self.canvas.set_offset)
        self.rows_bar.valueChanged.connect(self.headers.set_offset)
        for part in (self.canvas, self.headers):
            part.wheel_rows.connect(lambda by: self.rows_bar.setValue(self.rows_bar.value() + by))

    def set_rows(
        self, rows: Sequence[Row], states: Mapping[str, Mapping[str, float]], adds: Sequence[str] = ()
    ) -> None:
        """Show these rows (see `TrackHeaders.set_rows`)."""
        self.canvas.set_rows(rows)
        self.headers.set_rows(self.canvas.rows, states, adds)
        self._set_scroll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_scroll()

    def _set_scroll(self) -> None:
        page = max(self.canvas.height(), 1)
        self.rows_bar.setRange(0, max(self.canvas.heights() - page, 0))
        self.rows_bar.setPageStep(page)
        self.rows_bar.setSingleStep(24)
        self.rows_bar.setVisible(self.rows_bar.maximum() > 0)

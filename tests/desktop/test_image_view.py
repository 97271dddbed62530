"""The picture as it is looked at: fitted, at 100 %, zoomed about the pointer, panned and wiped."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.widgets.handle_layer import Handle, HandleLayer
from desktop.widgets.image_view import ImageView
from desktop.widgets.mesh_layer import MeshLayer


@pytest.fixture
def view(palette, qtbot: QtBot) -> ImageView:
    """A green picture of 200 x 100 with a red upper left quarter, in a widget of 416 x 416."""
    view = ImageView(palette)
    qtbot.addWidget(view)
    view.resize(416, 416)
    rgb = np.zeros((100, 200, 3), np.uint8)
    rgb[..., 1] = 200
    rgb[:50, :100] = (250, 0, 0)
    view.set_image(rgb)
    view.show()
    return view


def colour(view: ImageView, x: float, y: float) -> tuple[int, int, int]:
    pixel = view.grab().toImage().pixelColor(round(x), round(y))
    return pixel.red(), pixel.green(), pixel.blue()


def mouse(view: ImageView, kind: QEvent.Type, at: QPointF, button=Qt.MouseButton.LeftButton) -> None:
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(view, QMouseEvent(kind, at, view.mapToGlobal(at), button, button, none))


def drag(view: ImageView, start: QPointF, end: QPointF, button=Qt.MouseButton.LeftButton) -> None:
    mouse(view, QEvent.Type.MouseButtonPress, start, button)
    mouse(view, QEvent.Type.MouseMove, (start + end) / 2, button)
    mouse(view, QEvent.Type.MouseMove, end, button)
    mouse(view, QEvent.Type.MouseButtonRelease, end, button)


def test_it_is_fitted_with_a_margin_and_centred(view: ImageView, palette):
    assert view.scale == pytest.approx(2.0)
    assert colour(view, 20, 120) == (250, 0, 0) and colour(view, 396, 300) == (0, 200, 0)
    background = QColor(palette.background)
    assert colour(view, 208, 50) == (background.red(), background.green(), background.blue())


def test_at_100_percent_a_pixel_is_a_pixel_even_of_a_smaller_preview(view: ImageView):
    view.set_image(np.zeros((50, 100, 3), np.uint8), full=(200, 100))
    view.set_zoom(1.0)
    to_screen = view.to_screen()
    assert to_screen.map(QPointF(100, 50)) - to_screen.map(QPointF(0, 0)) == QPointF(200, 100)


def test_the_wheel_zooms_about_the_pointer(view: ImageView):
    at = QPointF(120, 150)
    before = view.to_screen().inverted()[0].map(at)
    none = Qt.KeyboardModifier.NoModifier
    for _ in range(4):
        up, still, phase = QPoint(0, 120), Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
        wheel = QWheelEvent(at, view.mapToGlobal(at), QPoint(), up, still, none, phase, False)
        QApplication.sendEvent(view, wheel)
    after = view.to_screen().inverted()[0].map(at)
    assert view.zoom == pytest.approx(2 * 1.2**4)
    assert abs(after.x() - before.x()) < 0.5 and abs(after.y() - before.y()) < 0.5


def test_dragging_pans_when_zoomed_and_double_click_goes_back(view: ImageView):
    view.set_zoom(4.0)
    before = view.to_screen().map(QPointF(0, 0))
    drag(view, QPointF(200, 200), QPointF(230, 190), Qt.MouseButton.MiddleButton)
    moved = view.to_screen().map(QPointF(0, 0)) - before
    assert moved == QPointF(30, -10)
    mouse(view, QEvent.Type.MouseButtonDblClick, QPointF(200, 200))
    assert view.zoom is None


def test_the_wipe_shows_the_other_picture_left_of_its_line(view: ImageView):
    view.set_other(np.full((100, 200, 3), (0, 0, 250), np.uint8), ("Before", "Now"))
    assert colour(view, 100, 250) == (0, 0, 250) and colour(view, 300, 250) == (0, 200, 0)
    drag(view, QPointF(208, 250), QPointF(328, 250))
    assert view.wipe == pytest.approx(0.8, abs=0.01)
    assert colour(view, 300, 250) == (0, 0, 250) and colour(view, 380, 250) == (0, 200, 0)
    view.set_other(None)
    assert view.wipe is None and colour(view, 100, 250) == (0, 200, 0)


def test_a_handle_is_dragged_in_pixels_of_the_picture(view: ImageView, palette):
    layer = HandleLayer(palette)
    layer.visible = True
    layer.set_handles([Handle("chin", "Chin", QPointF(100, 80)), Handle("nose", "Nose", QPointF(100, 20), whole=True)])
    view.layers.append(layer)
    told = []
    layer.pressed.connect(lambda id: told.append(id))
    layer.dragged.connect(lambda id, x, y: told.append((id, round(x), round(y))))
    layer.released.connect(lambda id: told.append(f"{id} released"))
    start = view.to_screen().map(QPointF(100, 80))
    drag(view, start + QPointF(3, 0), start + QPointF(43, 20))
    assert told[0] == "chin" and told[-2] == ("chin", 122, 90) and told[-1] == "chin released"
    told.clear()
    layer.visible = False
    drag(view, start, start + QPointF(40, 20))
    assert told == []


def test_a_mesh_is_drawn_where_its_points_are(view: ImageView):
    mesh = MeshLayer()
    mesh.set_triangles(np.array([[0, 1, 2]]))
    mesh.set_points(np.array([[120.0, 60, 0], [180, 60, 0], [150, 90, 0]]))
    plain = view.grab().toImage()
    view.layers.append(mesh)
    meshed = view.grab().toImage()
    changed = [(x, y) for x in range(416) for y in range(416) if plain.pixel(x, y) != meshed.pixel(x, y)]
    back, _ = view.to_screen().inverted()
    assert changed
    corners = [back.map(QPointF(x, y)) for x, y in changed]
    assert min(p.x() for p in corners) > 118 and max(p.y() for p in corners) < 92

"""A hand on the mouse: events as a window system would send them, with buttons held and modifiers."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton
Place = tuple[float, float] | QPointF


def send(
    widget: QWidget,
    kind: QEvent.Type,
    at: Place,
    button: Qt.MouseButton = LEFT,
    held: bool = True,
    modifiers: Qt.KeyboardModifier = NONE,
) -> None:
    """One mouse event at a place of the widget."""
    seen = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
    place = at if isinstance(at, QPointF) else QPointF(*at)
    moving = kind == QEvent.Type.MouseMove
    buttons = button if held else Qt.MouseButton.NoButton
    event = QMouseEvent(
        kind, place, QPointF(seen.mapToGlobal(place)), Qt.MouseButton.NoButton if moving else button, buttons, modifiers
    )
    QApplication.sendEvent(seen, event)


def press(widget: QWidget, at: Place, modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
    """Press a button."""
    send(widget, QEvent.Type.MouseButtonPress, at, button, True, modifiers)


def move(widget: QWidget, at: Place, modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
    """Move with the button held."""
    send(widget, QEvent.Type.MouseMove, at, button, True, modifiers)


def release(widget: QWidget, at: Place, modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
    """Let the button go."""
    send(widget, QEvent.Type.MouseButtonRelease, at, button, False, modifiers)


def hover(widget: QWidget, at: Place) -> None:
    """Move with no button held."""
    send(widget, QEvent.Type.MouseMove, at, held=False)


def click(widget: QWidget, at: Place, modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
    """Press and let go."""
    press(widget, at, modifiers, button)
    release(widget, at, modifiers, button)


def double_click(widget: QWidget, at: Place) -> None:
    """Twice, as a window system reports it."""
    click(widget, at)
    send(widget, QEvent.Type.MouseButtonDblClick, at)
    release(widget, at)


def drag(
    widget: QWidget, start: Place, *way: Place, modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT
) -> None:
    """Press, go along the way in a few steps, let go at its end."""
    press(widget, start, modifiers, button)
    here = start if isinstance(start, QPointF) else QPointF(*start)
    for to in (place if isinstance(place, QPointF) else QPointF(*place) for place in way):
        for step in range(1, 5):
            move(widget, here + (to - here) * step / 4, modifiers, button)
        here = to
    release(widget, here, modifiers, button)


def wheel(widget: QWidget, at: Place, notches: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """Turn the wheel, away from the user for positive notches."""
    seen = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
    place = at if isinstance(at, QPointF) else QPointF(*at)
    turned = QPoint(0, round(120 * notches))
    event = QWheelEvent(
        place,
        QPointF(seen.mapToGlobal(place)),
        QPoint(),
        turned,
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(seen, event)

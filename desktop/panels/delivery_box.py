"""How speech is delivered: what moves the mouth, and how far, how evenly, how lively it moves."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.actions import Actions
from desktop.document import Document
from desktop.panels.drag_edit import DragEdit
from desktop.theme import SPACE
from desktop.widgets.value_row import ValueRow
from engine.project.edits import with_delivery

MODELS = (("AToM, drawn anew for every take", "atom"), ("Phone table, always the same", "phones"))
TIP = "AToM follows the voice more closely and each take is another; the table of phones knows one way to say a thing"
ROWS = (  # field of Delivery, label, lowest, highest, what it does
    ("intensity", "Intensity", 0.0, 2.0, "How far mouth and jaw move: 0 not at all, 1 as spoken, 2 twice as far"),
    ("smoothness", "Smoothness", 0.0, 1.0, "Takes away haste: 0 as quick as speech, 1 about half as quick and a little smaller"),
    ("expressiveness", "Expressiveness", -2.0, 2.0, "From a speaker who hardly moves the lips to a lively one; 0 is usual"),
)  # fmt: skip
ALWAYS_THE_SAME = "The phone table knows one speaker: choose AToM for livelier ones"


class DeliveryBox(QWidget):
    """Edits the project's delivery; a drag of a slider is one step of undo. What it asks for shows with the next take."""

    def __init__(self, document: Document, actions: Actions) -> None:
        super().__init__()
        self._document = document
        self._edit = DragEdit(document, self)
        self.model, self.again = QComboBox(), QPushButton("Regenerate")
        for text, name in MODELS:
            self.model.addItem(text, name)
        self.model.setToolTip(TIP)
        self.model.setAccessibleName("What moves the mouth")
        self.model.setMinimumContentsLength(12)
        self.rows = {name: ValueRow(label, low, high) for name, label, low, high, _ in ROWS}
        self.again.setToolTip("Make the performance as it is asked for here; locks hold")
        self.again.clicked.connect(actions["generate"].trigger)
        self._lay_out()
        self.model.activated.connect(
            lambda _: document.edit("Change model", lambda p: with_delivery(p, model=self.model.currentData()))
        )
        for name, row in self.rows.items():
            row.changed.connect(lambda value, gesture, name=name: self._set(name, value, gesture))
        document.changed.connect(lambda *_: self.refresh())
        document.replaced.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the project's delivery as it is now."""
        delivery = self._document.project.delivery
        self.model.setCurrentIndex(max(self.model.findData(delivery.model), 0))
        for name, _, _, _, what in ROWS:
            row = self.rows[name]
            held = ALWAYS_THE_SAME if name == "expressiveness" and delivery.model == "phones" else ""
            row.set_held(held)
            row.setToolTip(held or what)
            if not row.slider.isSliderDown():
                row.show_value(getattr(delivery, name))

    def _lay_out(self) -> None:
        heading = QLabel("Delivery")
        heading.setProperty("role", "heading")
        title = QHBoxLayout()
        title.addWidget(heading, 1)
        title.addWidget(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3 // 2, SPACE, SPACE * 3 // 2, SPACE)
        column.setSpacing(SPACE)
        column.addLayout(title)
        column.addWidget(self.model)
        for row in self.rows.values():
            column.addWidget(row)

    def _set(self, name: str, value: float, gesture: int) -> None:
        title = f"Change {self.rows[name].slider.accessibleName().lower()}"
        self._edit.step((name, gesture), title, lambda p: with_delivery(p, **{name: round(value, 3)}))

"""About Portrayal: version, and the licences of everything it is made of."""

from __future__ import annotations

import re
from html import escape
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QLabel, QTextBrowser, QVBoxLayout, QWidget

from desktop.theme import SPACE, Palette
from engine.jobs import program_version
from engine.resources import folder

LIBRARIES = (
    *("PySide6", "pyqtgraph", "platformdirs", "numpy", "scipy", "numba", "mediapipe", "opencv-contrib-python"),
    *("pillow", "av", "librosa", "pocketsphinx"),
)


class AboutDialog(QDialog):
    """Rows for libraries come from what is installed, rows for data from `resources/README.md`."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("About Portrayal")
        name = QLabel("Portrayal")
        name.setProperty("role", "title")
        line = QLabel(f"{_version()} Apache License 2.0.")
        line.setProperty("role", "muted")
        page = QTextBrowser(openExternalLinks=True)
        page.setAccessibleName("Licences")
        page.setHtml(_page(palette))
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 3)
        column.setSpacing(SPACE)
        for widget in (name, line, page):
            column.addWidget(widget)

    def sizeHint(self) -> QSize:
        return QSize(640, 560)


def _version() -> str:
    version = program_version()
    return f"Version {version}." if version[:1].isdigit() else "Run from its source."


def libraries() -> list[tuple[str, str, str]]:
    """(name, version, licence) of the libraries that are installed."""
    found = []
    for name in LIBRARIES:
        try:
            data = metadata(name)
        except PackageNotFoundError:
            continue
        found.append((name, data["Version"], _licence(data)))
    return found


def shipped() -> list[tuple[str, str, str]]:
    """(file, what it is made from, licence) of the data that ships."""
    text = (folder() / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \|[^|]*\| (.*?) \| (.*?) \| `[0-9a-f]{64}` \|$", text, flags=re.MULTILINE)
    return [(name, source, licence) for name, source, licence in rows]


def _licence(data: PackageMetadata) -> str:
    """One line: the SPDX expression, else what is written in one line, else the classifiers."""
    fields = data.json
    if isinstance(expression := fields.get("license_expression"), str):
        return expression
    text = str(fields.get("license", "")).strip()
    if text and len(text) < 60 and "\n" not in text:
        return text
    classifiers = [line.split("::")[-1].strip() for line in fields.get("classifier", []) if line.startswith("License")]
    return ", ".join(name for name in classifiers if name != "OSI Approved") or "see its package"


def _page(palette: Palette) -> str:
    def table(rows: list[tuple[str, str, str]]) -> str:
        cells = "".join(
            f"<tr><td>{escape(a)}</td><td style='color:{palette.muted}'>{escape(b)}</td><td>{escape(c)}</td></tr>"
            for a, b, c in rows
        )
        return f"<table width='100%' cellpadding='3'>{cells}</table>"

    return (
        "<p>Portrayal makes synthetic video and says so inside each file that it writes. "
        "Animate only people who agree to it.</p>"
        f"<h3>Libraries</h3>{table(libraries())}<h3>Data that ships</h3>{table(shipped())}"
        "<p>The full texts of the licences lie beside the program, in LICENSE and in each library's own folder.</p>"
    )

"""About this project: what it is made of, on whose word, and what its videos will say about themselves."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from desktop.theme import SPACE, Palette
from engine.export.provenance import SENTENCE
from engine.export.rights import people, stated
from engine.project.media_ref import MediaRef
from engine.project.project import Project


class ProjectInfoDialog(QDialog):
    """The project as it is when the dialog opens."""

    def __init__(self, project: Project, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About this project")
        self.page = QTextBrowser()
        self.page.setAccessibleName("What the project is made of")
        self.page.setHtml(_page(project, palette))
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 3)
        column.addWidget(self.page)

    def sizeHint(self) -> QSize:
        return QSize(560, 440)


def _page(project: Project, palette: Palette) -> str:
    rows = []
    for number, media in enumerate(people(project)):
        word = stated(project, media)
        ground = (
            "not stated yet" if word is None else " ".join(filter(None, (word.ground, word.date and f"({word.date})")))
        )
        portrait = number == 0 and project.portrait is not None
        rows += [("Portrait" if portrait else "Face put in", _file(media)), ("Right to use it", ground)]
    rows += [("Speech", _file(project.audio.media))] if project.audio else []
    rows += [("Motion from", _file(clip.media)) for clip in project.drives]
    swapped = [clip.media for clip in project.swaps if clip.media not in people(project)]
    rows += [("Face swapped into", _file(media)) for media in swapped]
    rows += [("Prompt", clip.text) for clip in project.prompts]
    cells = "".join(
        f"<tr><td style='color:{palette.muted}'>{escape(name)}</td><td>{escape(text)}</td></tr>" for name, text in rows
    )
    return (
        f"<h3>Made from</h3><table cellpadding='4'>{cells or '<tr><td>Nothing yet.</td></tr>'}</table>"
        f"<h3>What its videos say</h3><p>{escape(SENTENCE)}</p>"
        "<p>That sentence, the names and hashes of these files, the prompts and the right to the portrait are written "
        "into each video, where players and archives can read them.</p>"
    )


def _file(media: MediaRef) -> str:
    return f"{media.name} (SHA-256 {media.sha256[:12]}…)"

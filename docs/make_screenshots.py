"""Makes the user guide's pictures: `python docs/make_screenshots.py` (in the project's environment; needs no screen).

Drives the real window through the samples, as a user would, and writes `docs/pictures/guide/*.webp`. Parts can be named
(`driving swapping`); by_hand and finishing go on from performance, and that from beginning.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
from PySide6.QtCore import QEventLoop, QPoint  # noqa: E402
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap  # noqa: E402
from PySide6.QtWidgets import QApplication, QDialog  # noqa: E402

from desktop.app import open_window  # noqa: E402
from desktop.autosave import Recoverable  # noqa: E402
from desktop.dialogs.drive import DriveDialog  # noqa: E402
from desktop.dialogs.recover import RecoverDialog  # noqa: E402
from desktop.dialogs.rights import RightsDialog  # noqa: E402
from desktop.dialogs.swap import SwapDialog  # noqa: E402
from desktop.settings import Folders, Settings  # noqa: E402
from desktop.workspace import Workspace  # noqa: E402
from engine import jobs  # noqa: E402
from engine.events import FrameReady  # noqa: E402
from engine.media.video_writer import VideoWriter  # noqa: E402
from engine.motion.drive import NEUTRAL  # noqa: E402
from engine.project.channels import INDEX  # noqa: E402
from engine.project.curve import Keyframe  # noqa: E402
from engine.project.curve_edits import with_lock  # noqa: E402
from engine.project.edits import with_clip, with_settings  # noqa: E402
from engine.project.key_edits import with_key  # noqa: E402
from engine.project.motion import Motion  # noqa: E402
from engine.project.project import PromptClip  # noqa: E402
from engine.project.timing import TimeRange  # noqa: E402
from engine.resources import resource  # noqa: E402

SIZE = (1440, 900)
PROMPTS = (("happy", 0, 3), ("grieving, but trying to smile", 3, 7), ("surprised", 7, 11))
SOFT = Fraction(3, 10)  # seconds of fading


class Guide:
    """The window, and a hand on it."""

    def __init__(self, app: QApplication, folder: Path, pictures: Path) -> None:
        self.app, self.folder, self.pictures = app, folder, pictures
        self.window = open_window(app, Settings(Folders.below(folder / "user")))
        self.window.resize(*SIZE)
        self.window.start()
        self.shown: list[object] = []
        self.shown_of: object = None  # whose pictures are counted

    @property
    def workspace(self) -> Workspace:
        """The panels; the page must have been left."""
        assert self.window.workspace
        return self.window.workspace

    def until(self, condition: Callable[[], object], seconds: float = 120.0) -> None:
        """Let the window live until this holds."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise SystemExit("waited in vain for the next picture")
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)

    def rest(self, seconds: float = 0.7) -> None:
        """Let the window live for a while."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end)

    def shoot(self, name: str, dialog: QDialog | None = None, close: bool = True) -> None:
        """Keep what the window shows, with this dialog over it, which is then closed."""
        self.rest()
        seen = self.window.grab()
        if dialog:
            _lay_over(seen, dialog.grab())
            if close:
                dialog.close()
        image = seen.toImage().convertToFormat(QImage.Format.Format_RGB888)
        rows = bytes(image.constBits())
        picture = Image.frombuffer("RGB", (image.width(), image.height()), rows, "raw", "RGB", image.bytesPerLine(), 1)
        picture.save(self.pictures / f"{name}.webp", quality=80, method=6)
        print(name, flush=True)

    def dialog(self, action: str) -> QDialog:
        """Choose an action that opens a dialog."""
        before = set(self.window.findChildren(QDialog))
        self.window.commands[action].trigger()
        (dialog,) = [one for one in self.window.findChildren(QDialog) if one not in before]
        self.rest(0.3)
        return dialog

    def new_picture(self, act: Callable[[], object]) -> None:
        """Do something that changes the preview, and wait for it."""
        count = len(self.shown)
        act()
        self.until(lambda: len(self.shown) > count and self.shown[-1] is not None)

    def leave(self, opening: Callable[[], object]) -> None:
        """Leave the project without saving, for one that `opening` opens, and count its pictures."""
        self.window.document.undo_stack.setClean()
        opening()
        if self.shown_of is not self.workspace.frames:
            self.shown_of = self.workspace.frames
            self.shown_of.shown.connect(self.shown.append)

    def portrait(self, path: Path) -> None:
        """Bring a portrait and wait until it has been looked at."""
        panel = self.workspace.portrait
        self.window.imports.portrait(path)
        self.until(lambda: path.name in panel.facts.toolTip() and "Looking" not in panel.facts.text())
        self.rest(2.0)

    def at(self, seconds: float) -> None:
        """Move the playhead and wait for its frame."""
        self.new_picture(lambda: self.window.selection.set_playhead(Fraction(seconds).limit_denominator(25)))


def _lay_over(seen: QPixmap, dialog: QPixmap) -> None:
    painter = QPainter(seen)
    painter.fillRect(seen.rect(), QColor(0, 0, 0, 96))
    painter.drawPixmap(
        QPoint((seen.width() - dialog.width()) // 2, max((seen.height() - dialog.height()) // 3, 0)), dialog
    )
    painter.end()


def beginning(guide: Guide) -> None:
    """First page, empty project, portraits good and bad."""
    window = guide.window
    guide.shoot("welcome")
    window.projects.new()
    guide.shoot("empty")
    window._veil.cover("Use it as the portrait", None)
    guide.shoot("drop")
    window._veil.hide()
    guide.shown_of = guide.workspace.frames
    guide.workspace.frames.shown.connect(guide.shown.append)

    people = guide.folder / "two people.png"
    _side_by_side(people)
    guide.portrait(people)
    guide.shoot("several-faces")

    small = guide.folder / "small.png"
    Image.open(resource("samples/astronaut.jpg")).resize((150, 150)).save(small)
    guide.portrait(small)
    guide.shoot("poor-portrait")

    landscape = guide.folder / "landscape.png"
    Image.linear_gradient("L").resize((600, 400)).convert("RGB").save(landscape)
    guide.portrait(landscape)
    guide.shoot("no-face")
    guide.new_picture(lambda: guide.portrait(resource("samples/hopper.jpg")))
    window.commands["mesh"].trigger()
    guide.shoot("portrait")
    window.commands["mesh"].trigger()


def performance(guide: Guide) -> None:
    """Speech, its words, prompts, generated motion."""
    window = guide.window
    window.imports.audio(resource("samples/speech.flac"))
    guide.until(lambda: window.document.project.audio)
    guide.rest(3.0)
    guide.shoot("speech")
    window.commands["record_audio"].trigger()
    guide.shoot("record")
    guide.workspace.audio.recording.shut()
    guide.workspace.audio.speech.words.written.emit(resource("samples/speech.txt").read_text(encoding="utf-8").strip())
    for text, start, end in PROMPTS:
        clip = PromptClip(text, TimeRange(Fraction(start), Fraction(end)), 1.0, SOFT, SOFT)
        window.document.edit("Add prompt", lambda project, clip=clip: with_clip(project, clip))
    guide.workspace.show_panel("queue")
    window.commands["generate"].trigger()
    guide.rest(0.3)
    guide.shoot("generating")
    guide.until(lambda: window.document.project.motion.frames)
    guide.rest(6.0)
    guide.at(5.2)
    window.selection.set_clip(("prompts", 1))
    guide.shoot("prompt")
    window.selection.set_clip(None)


def by_hand(guide: Guide) -> None:
    """Curves, keyframes, locks, the face, sliders, takes, comparing."""
    window, workspace = guide.window, guide.workspace
    workspace.show_panel("curves")
    guide.rest()
    window.selection.set_channels(("jawOpen", "mouthSmileLeft"))
    for seconds, value in ((4.4, 0.1), (4.9, 0.75), (5.6, 0.3)):
        key = Keyframe(Fraction(seconds).limit_denominator(25), value)
        window.document.edit("Add keyframe", lambda p, key=key: with_key(p, "mouthSmileLeft", key))
    window.document.edit("Lock", lambda p: with_lock(p, ("jawOpen",), TimeRange(Fraction(6), Fraction(8))))
    window.commands["zoom_fit"].trigger()
    guide.at(4.92)
    guide.shoot("curves")

    workspace.show_panel("timeline")
    window.commands["handles"].trigger()
    guide.at(8.0)
    layer = workspace.face.layer
    corner = next(one for one in layer.handles if one.id == "cornerLeft")
    layer.pressed.emit(corner.id)
    guide.new_picture(lambda: layer.dragged.emit(corner.id, corner.at.x() + 4, corner.at.y() - 12))
    guide.rest(1.0)
    layer.released.emit(corner.id)
    workspace.show_panel("face")
    guide.shoot("face")
    window.commands["handles"].trigger()

    workspace.show_panel("motion")
    for _ in range(2):
        count = len(workspace.curves.takes.all)
        window.commands["new_take"].trigger()
        guide.until(lambda count=count: len(workspace.curves.takes.all) > count)
    guide.rest(3.0)
    window.commands["compare"].trigger()
    guide.shoot("takes")
    window.commands["compare"].trigger()


def finishing(guide: Guide) -> None:
    """Export, and the dialogs."""
    window = guide.window
    export = guide.dialog("export")
    export.path.setText("~/Videos/talking.mp4")
    guide.shoot("export", export)
    job = window.render_thread.submit(
        "Export talking.mp4", jobs.export_video(window.document.project, guide.folder / "talking.mp4")
    )
    guide.until(lambda: job.progress is not None and job.progress.done > 20)
    guide.shoot("queue")
    job.cancel()
    guide.until(lambda: job.state.over)
    guide.shoot("shortcuts", guide.dialog("shortcuts"))
    palette = guide.dialog("commands")
    palette.field.setText("lock")
    guide.rest(0.3)
    guide.shoot("commands", palette)
    lost = guide.folder / "lost.portrayal"
    lost.write_bytes(b"")
    recover = RecoverDialog([Recoverable(lost, Path("birthday.portrayal"))], lambda _: True, window)
    recover.open()
    guide.shoot("recover", recover)
    window.use_theme("light")
    guide.shoot("light")


def finals(guide: Guide) -> None:
    """A stretch of the sample drawn by diffusion."""
    window = guide.window
    guide.leave(window.projects.sample)
    guide.workspace.show_panel("output")
    guide.rest(2.0)
    window.selection.set_span(TimeRange(Fraction(1), Fraction(2)))
    window.commands["render_final"].trigger()
    guide.until(lambda: all(guide.workspace.finals.keys(window.document.project, range(25, 50))))
    guide.until(lambda: not guide.workspace.playback.playing)  # the sample plays by itself
    guide.at(1.2)
    guide.rest(2.0)
    guide.shoot("final")


def driving(guide: Guide) -> None:
    """A video that drives, a camera, whose picture it is, what the project is made of."""
    window = guide.window
    _own_project(guide)
    window.commands["generate"].trigger()
    (rights,) = window.findChildren(RightsDialog)
    rights.grounds.buttons()[1].click()
    rights.words.setText("asked on Sunday")
    guide.rest(0.3)
    guide.shoot("rights", rights, close=False)
    rights.accept()
    guide.until(lambda: window.document.project.motion.frames)
    guide.at(0.4)
    window.selection.set_clip(("drives", 0))
    options = guide.dialog("clip_options")
    assert isinstance(options, DriveDialog)
    guide.until(lambda: options.faces)
    guide.shoot("driving", options)
    guide.shoot("project-info", guide.dialog("project_info"))
    guide.shoot("record-motion", guide.dialog("record_drive"))
    for name, action in (("prompt-reader", "prompt_reader"), ("help", "help"), ("about", "about")):
        guide.shoot(name, guide.dialog(action))


def swapping(guide: Guide) -> None:
    """A face in a video, and whose."""
    window = guide.window
    _own_project(guide, drive=False)
    film = guide.folder / "two people.mp4"
    _film(film, both=True)
    window.imports.swap(film)
    guide.until(
        lambda: window.document.project.swaps and guide.workspace.following.tracks(window.document.project.swaps[0])
    )
    guide.rest(3.0)
    guide.at(0.6)
    guide.shoot("swap")
    window.selection.set_clip(("swaps", 0))
    window.commands["clip_options"].trigger()
    guide.until(lambda: window.findChildren(SwapDialog))
    (dialog,) = window.findChildren(SwapDialog)
    dialog.resize(1040, 660)
    guide.until(lambda: dialog.view._image is not None and not dialog.view.badge)
    dialog.view.wipe = 0.2
    guide.shoot("swap-faces", dialog)


def _own_project(guide: Guide, drive: bool = True) -> None:
    """A project with a picture that is no sample, and a video that drives it."""
    window = guide.window
    guide.leave(window.projects.new)
    friend = guide.folder / "friend.png"
    Image.open(resource("samples/astronaut.jpg")).crop((80, 0, 370, 300)).resize((580, 600)).save(friend)
    guide.new_picture(lambda: guide.portrait(friend))
    if drive:
        film = guide.folder / "me.mp4"
        _film(film)
        window.imports.drive(film)
        guide.until(lambda: window.document.project.drives)


def _film(path: Path, both: bool = False) -> None:
    """A second of the sample portrait, saying something; and beside it somebody who listens."""
    project = jobs.new_project(resource("samples/hopper.jpg"))
    swings = np.sin(np.arange(25) / 4)
    values = np.tile(NEUTRAL, (25, 1))
    for name, size in (("jawOpen", 0.2), ("mouthSmileLeft", 0.4), ("mouthSmileRight", 0.4), ("headYaw", 6.0)):
        values[:, INDEX[name]] = size * (swings if name == "headYaw" else np.abs(swings))
    project = with_settings(replace(project, motion=Motion.from_dense(values, Fraction(25))), size=360, renderer="warp")
    listener = np.asarray(Image.open(resource("samples/astronaut.jpg")).crop((60, 0, 380, 320)).resize((360, 360)))
    images = [e.image for e in jobs.render_clip(project, range(25)) if isinstance(e, FrameReady)]
    high = max(image.shape[0] for image in images)
    with VideoWriter(path, (720 if both else images[0].shape[1], high), Fraction(25)) as video:
        for image in images:
            beside = np.hstack([image, listener[:high, : 720 - image.shape[1]]]) if both else image
            video.write(np.ascontiguousarray(beside))


def _side_by_side(path: Path) -> None:
    pictures = [Image.open(resource(f"samples/{name}.jpg")).resize((512, 512)) for name in ("hopper", "astronaut")]
    both = Image.new("RGB", (1024, 512))
    for index, picture in enumerate(pictures):
        both.paste(picture, (512 * index, 0))
    both.save(path)


PARTS = (beginning, performance, by_hand, finishing, finals, driving, swapping)


def main() -> None:
    """Make all of them, or those of the parts that are named."""
    app = QApplication(sys.argv[:1])
    pictures = DOCS / "pictures/guide"
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        guide = Guide(app, Path(folder), pictures)
        try:
            for part in PARTS:
                if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
                    part(guide)
        finally:
            guide.window.document.undo_stack.setClean()
            guide.window.close()


if __name__ == "__main__":
    main()

"""The preview: the picture under the playhead, playing it, and comparing it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from desktop.actions import Actions
from desktop.document import Document
from desktop.frame_store import Picture
from desktop.panels.compare_menu import CompareMenu
from desktop.playback import Playback
from desktop.preview_frames import QUALITIES, PreviewFrames
from desktop.selection import Selection
from desktop.settings import Settings
from desktop.speech import Speech
from desktop.theme import SPACE, Palette, icon
from desktop.widgets.image_view import ImageView
from desktop.widgets.mesh_layer import MeshLayer
from desktop.widgets.placeholder import Placeholder
from desktop.widgets.speed_label import SpeedLabel
from engine.jobs import FittedPortrait
from engine.project.timing import frame_count, seconds_to_frame, timecode

TRANSPORT = ("go_start", "step_back", "play_pause", "step_forward", "go_end", "loop")
LOOKS = ("handles", "symmetric", "mesh", "compare")
LISTEN_MS = 400  # milliseconds: not while the rest of a project is being opened
NO_PORTRAIT = ("No portrait yet", "Drop a picture of a face here, or choose one.", "Choose portrait…")


class PreviewPanel(QWidget):
    """A large picture with one row of controls beneath."""

    def __init__(
        self,
        document: Document,
        selection: Selection,
        palette: Palette,
        actions: Actions,
        frames: PreviewFrames,
        playback: Playback,
        speech: Speech,
        settings: Settings,
    ) -> None:
        super().__init__()
        self._document, self._selection, self._palette, self._actions = document, selection, palette, actions
        self._frames, self._playback, self._speech, self._settings = frames, playback, speech, settings
        self.view = ImageView(palette)
        self.mesh = MeshLayer()
        self.mesh.visible = False
        self.view.layers.append(self.mesh)
        self.picture: Picture | None = None
        self._no_sound = ""
        self.empty = Placeholder(palette, "portrait", *NO_PORTRAIT)
        self.empty.clicked.connect(actions["import_portrait"].trigger)
        self.compare = CompareMenu(document, frames, self.view, actions)
        self.setFocusProxy(self.view)
        self.time, self.speed, self.zoom = QLabel(), SpeedLabel(), QToolButton()
        self.volume, self.sound = QSlider(Qt.Orientation.Horizontal), QToolButton()
        self.quality = QComboBox()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._pages = QStackedWidget()
        self._pages.setProperty("role", "surround")
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.view)
        column.addWidget(self._pages, 1)
        column.addWidget(self._controls())
        self._set_up_sound()
        self._wire()
        self._redraw()
        self._tell_time()
        self._tell_zoom()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw()
        super().changeEvent(event)

    # --- layout

    def _controls(self) -> QWidget:
        bar = QWidget()
        bar.setProperty("role", "controls")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(SPACE * 3 // 2, SPACE // 2, SPACE, SPACE // 2)
        row.setSpacing(SPACE // 4)
        left, right = QHBoxLayout(), QHBoxLayout()
        for side in (left, right):
            side.setSpacing(SPACE // 4)
        left.addWidget(self.time)
        left.addWidget(self.speed)
        left.addStretch(1)
        row.addLayout(left, 1)
        for id in TRANSPORT:
            row.addWidget(self._button(id))
        right.addStretch(1)
        right.addWidget(self.sound)
        right.addWidget(self.volume)
        right.addSpacing(SPACE)
        for id in LOOKS:
            right.addWidget(self._button(id))
        right.addWidget(self.zoom)
        right.addWidget(self.quality)
        row.addLayout(right, 1)
        self.compare.attach(next(b for b in bar.findChildren(QToolButton) if b.objectName() == "compare"))
        return bar

    def _button(self, id: str) -> QToolButton:
        button = QToolButton(autoRaise=True)
        button.setObjectName(id)
        button.setDefaultAction(self._actions[id])
        button.setAccessibleName(self._actions[id].text())
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _set_up_sound(self) -> None:
        self.sound.setCheckable(True)
        self.sound.setAutoRaise(True)
        self.sound.setAccessibleName("Mute the sound")
        self.volume.setRange(0, 100)
        self.volume.setFixedWidth(SPACE * 9)
        self.volume.setAccessibleName("Volume")
        self.volume.setToolTip("Volume of the preview; the exported video does not change")
        self.volume.setValue(round(self._settings.number("volume", 80)))
        self.volume.valueChanged.connect(self._set_volume)
        self.sound.toggled.connect(lambda _: self._set_volume())
        self._set_volume()

    def _wire(self) -> None:
        for name in QUALITIES:
            self.quality.addItem(name)
        self.quality.setAccessibleName("Preview quality")
        self.quality.setToolTip("How finely the preview is rendered; the exported video is always at full quality")
        self.quality.setCurrentText(self._frames.quality)
        self.quality.currentTextChanged.connect(self._frames.set_quality)
        self.zoom.setAutoRaise(True)
        self.zoom.setToolTip("Fit or 100 %; the wheel zooms about the pointer")
        self.zoom.clicked.connect(lambda: self.view.set_zoom(1.0 if self.view.zoom is None else None))
        self._actions.connect("preview_fit", lambda: self.view.set_zoom(None))
        self._actions.connect("preview_100", lambda: self.view.set_zoom(1.0))
        self._actions.connect("mesh", self._show_mesh)
        self.view.zoom_changed.connect(lambda _: self._tell_zoom())
        self.view.resized.connect(self._tell_zoom)
        self._frames.shown.connect(self._show)
        self._frames.portrait_changed.connect(self._set_portrait)
        self._frames.waiting_for.connect(self._wait_for)
        self._frames.refused.connect(
            lambda error: self.empty.say("This portrait cannot be used", str(error), "Choose another…")
        )
        self._selection.playhead_changed.connect(lambda _: self._tell_time())
        self._document.changed.connect(lambda old, new: self._tell_time())
        self._document.replaced.connect(self._tell_time)
        self._playback.playing_changed.connect(self._show_playing)
        self._playback.speed_changed.connect(self.speed.show_speed)
        self._speech.loaded.connect(self._playback.rejoin)
        self._speech.loaded.connect(lambda: QTimer.singleShot(LISTEN_MS, self, self._listen))
        self._frames.ask()

    # --- what happens

    def _show(self, picture: Picture | None) -> None:
        self.picture = picture
        if picture is None:
            self.view.set_image(None)
            self.empty.say(*NO_PORTRAIT)
            self._pages.setCurrentWidget(self.empty)
            return
        self._pages.setCurrentWidget(self.view)
        if self.mesh.visible:
            self._place_mesh(picture)
        self.view.set_image(picture.image, self._frames.full_size(picture))
        self._tell_zoom()

    def _wait_for(self, what: str) -> None:
        self.view.set_badge(f"{what}…" if what else "")
        if what and self.picture is None:
            self.empty.say(f"{what}…", "This takes a few seconds, once for each portrait.")

    def _set_portrait(self, fitted: FittedPortrait | None) -> None:
        if fitted:
            self.mesh.set_triangles(fitted.fit.person.model.triangles)

    def _show_mesh(self) -> None:
        self.mesh.visible = self._actions["mesh"].isChecked()
        if self.picture and self.mesh.visible:
            self._place_mesh(self.picture)
        self.view.update()

    def _place_mesh(self, picture: Picture) -> None:
        points = picture.fitted.fit.points(picture.values)
        self.mesh.set_points(points[:0] if picture.covered else points)

    def _show_playing(self, playing: bool) -> None:
        self._actions["play_pause"].setIcon(icon("pause" if playing else "play", self._palette))

    def _tell_time(self) -> None:
        rate = self._document.project.settings.rate
        frame = seconds_to_frame(self._selection.playhead, rate)
        whole = frame_count(self._document.project.duration, rate)
        self.time.setText(f"{timecode(frame, rate)}  /  {timecode(whole, rate)}")
        self.time.setAccessibleName(f"Playhead at {timecode(frame, rate)}")

    def _tell_zoom(self) -> None:
        percent = f"{self.view.scale:.0%}" if self.picture else ""
        self.zoom.setText(f"Fit {percent}".strip() if self.view.zoom is None else percent)
        self.zoom.setAccessibleName(f"Zoom: {self.zoom.text()}")

    def _set_volume(self) -> None:
        muted = self.sound.isChecked()
        self._settings.set_number("volume", self.volume.value())
        self._speech.set_volume(0.0 if muted else (self.volume.value() / 100) ** 2)
        self._redraw()

    def _listen(self) -> None:
        """Look for loudspeakers, which takes a moment the first time, and say if there is none."""
        self._no_sound = self._speech.problem
        self._redraw()

    def _redraw(self) -> None:
        silent = self.sound.isChecked() or bool(self._no_sound)
        self.sound.setIcon(icon("volume-off" if silent else "volume", self._palette))
        self.sound.setToolTip(self._no_sound or ("Hear the sound again" if silent else "Mute the sound"))
        self._show_playing(self._playback.playing)
        self.view.update()

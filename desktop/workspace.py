"""The page one works on: the preview in the middle, panels in docks around it, and what they tell each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from desktop.actions import Actions
from desktop.clip_dialogs import asked_first
from desktop.clock import Clock
from desktop.docks import Dock, DockArea
from desktop.document import Document
from desktop.face_following import FaceFollowing
from desktop.face_preview import FacePreview
from desktop.final_frames import FinalFrames
from desktop.motion_commands import MotionCommands
from desktop.panels.audio_panel import AudioPanel
from desktop.panels.curve_panel import CurvePanel
from desktop.panels.delivery_box import DeliveryBox
from desktop.panels.face_editor import FaceEditor
from desktop.panels.motion_panel import MotionPanel
from desktop.panels.output_panel import OutputPanel
from desktop.panels.portrait_panel import PortraitPanel
from desktop.panels.preview_panel import PreviewPanel
from desktop.panels.prompt_panel import PromptPanel
from desktop.panels.prompt_pictures import PromptPictures
from desktop.panels.queue_panel import QueuePanel
from desktop.panels.renderer_fields import RendererFields
from desktop.panels.sliders_panel import SlidersPanel
from desktop.panels.takes_panel import TakesPanel
from desktop.panels.timeline_panel import TimelinePanel
from desktop.phone_track import PhoneTrack
from desktop.playback import Playback
from desktop.preview_frames import PreviewFrames
from desktop.prompt_reader import PromptReader
from desktop.render_thread import RenderThread
from desktop.selection import Selection
from desktop.settings import Settings
from desktop.speech import Speech
from desktop.waveforms import Waveforms

if TYPE_CHECKING:
    from desktop.main_window import MainWindow

LEFT, RIGHT, BOTTOM = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
)
STATE = 2  # of the layout: raise it when docks change so much that an old layout would mislead
SCROLLED = ("portrait", "speech", "prompt", "output")  # may be taller than their place
SIDE, FOOT, NARROW = 272, 312, 232  # pixels: widths and height at first, and the least width


class Workspace(DockArea):
    """Makes the panels and tells them of each other."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        document, selection, palette, actions = window.document, window.selection, window.colours, window.commands
        thread, background, settings = window.render_thread, window.background, window.settings
        shared = (document, selection, palette, actions)
        self.speech = Speech(document, background, parent=self)
        self.playback = Playback(document, selection, actions, Clock(self.speech), self)
        self.frames = PreviewFrames(document, selection, thread, self.playback, self)
        self.following = FaceFollowing(document, thread, self.frames.stage, self)
        self.finals = FinalFrames(document, selection, actions, thread, settings, self)
        self.frames.show_finals(self.finals)
        self.waveforms = Waveforms(document, background, self)
        self.phones = PhoneTrack(document, actions, background, self)
        self.motion = MotionCommands(document, actions, thread, self, self.phones)
        self.preview = PreviewPanel(*shared, self.frames, self.playback, self.speech, settings)
        self.face = FaceEditor(document, palette, actions, self.frames, self.playback, self.preview.view, background)
        self.sliders = SlidersPanel(document, selection, actions, self.frames)
        self.portrait = PortraitPanel(document, palette, actions, background)
        self.audio = AudioPanel(document, palette, actions, background, settings)
        self.reader = PromptReader(settings, self)
        self.motion.read = self.reader.read
        self.motion.ask_first = lambda then: asked_first(window, then)
        self.expression = FacePreview(self)
        self.prompt = PromptPanel(*shared, self.reader, self.expression)
        self.renderer = RendererFields(document, actions, thread)
        self.output = OutputPanel(document, actions, self.renderer)
        self.queue = QueuePanel(thread, palette)
        self.timeline = TimelinePanel(*shared)
        self.prompt_pictures = PromptPictures(document, selection, actions, thread, settings, self.timeline)
        self.curves = CurvePanel(*shared, self.timeline.time_view)
        takes = TakesPanel(document, palette, actions, self.curves.takes)
        self.performance = MotionPanel(DeliveryBox(document, actions), takes)
        self.setCentralWidget(self.preview)
        rows: tuple[tuple[str, str, QWidget, Qt.DockWidgetArea, str | None], ...] = (
            ("portrait", "Portrait", self.portrait, LEFT, None),
            ("speech", "Speech", self.audio, LEFT, None),
            ("face", "Face", self.sliders, LEFT, "speech"),
            ("prompt", "Prompt", self.prompt, RIGHT, None),
            ("motion", "Motion", self.performance, RIGHT, "prompt"),
            ("output", "Output", self.output, RIGHT, "motion"),
            ("queue", "Queue", self.queue, RIGHT, "output"),
            ("timeline", "Timeline", self.timeline, BOTTOM, None),
            ("curves", "Curves", self.curves, BOTTOM, "timeline"),
        )
        for name, title, panel, area, beside in rows:
            panel.setMinimumWidth(NARROW)
            self.add(Dock(name, title, panel, palette, scrolled=name in SCROLLED), area, beside)
        self.arrange()
        self._first = QByteArray()
        self._introduce(document)
        self._bring_forward(selection, actions, thread)
        hand_made = (self.timeline, self.curves, self.prompt, self.prompt_pictures, self.face, self.sliders)
        made = (self.finals, self.renderer)
        for source in (*hand_made, *made, self.audio, self.motion, self.speech, self.waveforms, self.phones):
            source.failed.connect(window.presenter.show)
        self.frames.troubled.connect(window.presenter.show)
        self.motion.notice.connect(window.bar.say)
        self.finals.notice.connect(window.bar.say)
        self.renderer.notice.connect(window.bar.say)

    def _bring_forward(self, selection: Selection, actions: Actions, thread: RenderThread) -> None:
        """Show the panel that what the user just did is about."""
        selection.clip_changed.connect(
            lambda clip: self.show_panel("prompt") if clip and clip[0] == "prompts" else None
        )
        actions["record_audio"].triggered.connect(lambda: self.show_panel("speech"))
        thread.added.connect(lambda job: self.show_panel("queue") if job.name.startswith("Export") else None)

    def reset(self) -> None:
        """All panels where they are at first."""
        self.lay_out(self._first, STATE)
        self._resize()

    def play_when_shown(self) -> None:
        """Begin to play with the first picture."""
        self.frames.shown.connect(self._play_shown)

    def _play_shown(self, picture: object) -> None:
        if picture is not None:
            self.frames.shown.disconnect(self._play_shown)
            self.playback.play()

    def _resize(self) -> None:
        sides = [self.docks["portrait"], self.docks["prompt"]]
        self.resizeDocks([self.docks["portrait"], self.docks["speech"]], [41, 59], Qt.Orientation.Vertical)
        foot = min(FOOT, round(0.34 * self.height()))  # a low window leaves the panels room for what they must show
        self.resizeDocks([self.docks["timeline"]], [foot], Qt.Orientation.Vertical)
        self.resizeDocks(sides, [SIDE, SIDE], Qt.Orientation.Horizontal)

    def redraw(self) -> None:
        """Draw icons in the colours of the theme; panels repaint themselves."""
        for dock in self.docks.values():
            dock.redraw()

    def toggles(self) -> list[QAction]:
        """An action for each dock that shows or hides it."""
        return [dock.toggleViewAction() for dock in self.docks.values()]

    def show_panel(self, name: str) -> None:
        """Bring a dock to the front."""
        self.docks[name].show()
        self.docks[name].raise_()

    def restore(self, settings: Settings) -> None:
        """The layout as it was left; call it once this is shown, since docks have no size before."""
        self._resize()
        self._first = self.saveState(STATE)
        self.lay_out(settings.blob("docks"), STATE)

    def remember(self, settings: Settings) -> None:
        """Keep the layout for next time."""
        settings.set_blob("docks", self.saveState(STATE))

    def _introduce(self, document: Document) -> None:
        """Connect what one panel says with the other that wants to know."""
        timeline, curves = self.timeline, self.curves
        self.waveforms.changed.connect(timeline.set_waveform)
        self.waveforms.changed.connect(self.audio.set_waveform)
        self.phones.changed.connect(timeline.set_phones)
        timeline.detail_wanted.connect(self.waveforms.look)
        self.docks["curves"].visibilityChanged.connect(lambda seen: curves.build() if seen else None)
        timeline.curves_wanted.connect(lambda: self.show_panel("curves"))
        timeline.regenerate_wanted.connect(self.motion.regenerate)
        curves.regenerate_wanted.connect(self.motion.regenerate)
        curves.take_wanted.connect(self.motion.new_take)
        timeline.scrubbing.connect(self.playback.hold)
        curves.scrubbing.connect(self.playback.hold)
        self.frames.rendered_changed.connect(timeline.set_rendered)
        self.finals.ranges_changed.connect(timeline.set_final)
        self.following.found.connect(lambda _: self.frames.look_again())
        self.frames.portrait_changed.connect(self.expression.set_portrait)
        self.playback.loop_changed.connect(lambda on: timeline.set_loop(document.project.in_out if on else None))

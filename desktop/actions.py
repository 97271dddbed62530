"""Everything the user can do, as rows of a table: menus, shortcuts, the command palette and help are built from it.

A panel registers what a row does: `actions.connect("play_pause", self.toggle)`. Commands that several panels know,
such as "delete", name theirs: `actions.connect("delete", self.delete, self)`; the panel used last is the one meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from desktop.settings import Settings
from desktop.theme import Palette, icon

MENUS = ("File", "Edit", "View", "Playback", "Timeline", "Motion", "Help")


class Action(NamedTuple):
    """One row. Several shortcuts are parted by "; ". `section` numbers the parts of a menu, set off by lines."""

    id: str
    text: str
    shortcut: str
    menu: str
    tip: str
    section: int = 0
    icon: str = ""
    checkable: bool = False


ROWS: tuple[Action, ...] = (
    Action("new", "New project", "Ctrl+N", "File", "Start with an empty project", icon="new"),
    Action("open", "Open project…", "Ctrl+O", "File", "Open a project file", icon="open"),
    Action("sample", "Open the sample project", "", "File", "A portrait and a sentence to try things on"),
    Action("save", "Save", "Ctrl+S", "File", "Save the project", 1, "save"),
    Action("save_as", "Save as…", "Ctrl+Shift+S", "File", "Save the project under another name", 1),
    Action("close", "Close project", "Ctrl+W", "File", "Put the project away and see the first page", 1),
    Action(
        "import_portrait", "Choose portrait…", "Ctrl+Shift+P", "File", "Choose the picture that talks", 2, "portrait"
    ),
    Action("import_audio", "Import speech…", "Ctrl+I", "File", "Take speech from a sound or video file", 2, "audio"),
    Action("record_audio", "Record speech…", "Ctrl+Shift+R", "File", "Record speech with a microphone", 2, "record"),
    Action("import_drive", "Import motion…", "", "File", "Take motion from a video or a picture", 2, "film"),
    Action(
        "record_drive", "Record motion…", "", "File", "Record yourself with a camera to drive the portrait", 2, "record"
    ),
    Action(
        "import_swap",
        "Import face swap…",
        "",
        "File",
        "The portrait's face into a video, or another's onto it",
        2,
        "face",
    ),
    Action("export", "Export video…", "Ctrl+E", "File", "Write the finished video to a file", 3, "export"),
    Action("project_info", "About this project…", "", "File", "What it is made of, and on whose word", 3),
    Action("quit", "Quit", "Ctrl+Q", "File", "Leave Portrayal", 4),
    Action("undo", "Undo", "Ctrl+Z", "Edit", "Take back the last change", icon="undo"),
    Action("redo", "Redo", "Ctrl+Shift+Z; Ctrl+Y", "Edit", "Do the change again that was taken back", icon="redo"),
    Action("cut", "Cut", "Ctrl+X", "Edit", "Copy the selection and delete it", 1),
    Action("copy", "Copy", "Ctrl+C", "Edit", "Copy the selected keyframes or clip", 1),
    Action("paste", "Paste", "Ctrl+V", "Edit", "Paste at the playhead", 1),
    Action("paste_mirrored", "Paste mirrored", "Ctrl+Shift+V", "Edit", "Paste with left and right exchanged", 1),
    Action("duplicate", "Duplicate", "Ctrl+D", "Edit", "Make a second one of the selected clip or keyframes", 1),
    Action("delete", "Delete", "Del; Backspace", "Edit", "Delete the selected keyframes or clip", 1, "delete"),
    Action("select_all", "Select all", "Ctrl+A", "Edit", "Select everything in the panel used last", 2),
    Action("select_none", "Select nothing", "Ctrl+Shift+A", "Edit", "Let the selection go", 2),
    Action("commands", "Find a command…", "Ctrl+K", "Edit", "Type a few letters of what you want to do", 3, "search"),
    Action("shortcuts", "Keyboard shortcuts…", "Ctrl+Alt+K", "Edit", "See and change the keyboard shortcuts", 3),
    Action("preview_fit", "Fit picture", "F", "View", "Show the whole picture in the preview"),
    Action("preview_100", "Picture at 100 %", "Ctrl+1", "View", "One pixel of the picture on one of the screen"),
    Action("mesh", "Show face mesh", "Shift+M", "View", "Draw the fitted mesh over the preview", 0, "mesh", True),
    Action("handles", "Edit on the face", "H", "View", "Show handles to drag on the face", 0, "handles", True),
    Action("symmetric", "Edit both sides", "Shift+H", "View", "The other side of the face follows", 0, "mirror", True),
    Action("compare", "Compare with portrait", "W", "View", "Wipe between render and portrait", 0, "compare", True),
    Action("zoom_in", "Zoom in", "=; +", "View", "Show less time in more detail", 1, "zoom-in"),
    Action("zoom_out", "Zoom out", "-", "View", "Show more time", 1, "zoom-out"),
    Action("zoom_fit", "Zoom to fit", "Shift+Z", "View", "Show the whole project", 1, "zoom-fit"),
    Action("zoom_selection", "Zoom to selection", "Z", "View", "Show the selected range or clip", 1),
    Action("theme", "Light theme", "", "View", "Switch between the dark and the light theme", 2, "", True),
    Action("full_screen", "Full screen", "F11", "View", "Use the whole screen", 2, "", True),
    Action("reset_layout", "Reset layout", "", "View", "Put all panels back where they were at first", 2),
    Action("play_pause", "Play or pause", "Space", "Playback", "Play from the playhead, or pause", icon="play"),
    Action("play_reverse", "Play backwards", "J", "Playback", "Play backwards; again for faster"),
    Action("play_stop", "Stop", "K", "Playback", "Stop playing"),
    Action("play_forward", "Play forwards", "L", "Playback", "Play forwards; again for faster"),
    Action("loop", "Loop", "Ctrl+L", "Playback", "Play the range between in and out over and over", 0, "loop", True),
    Action("step_back", "Step back", "Left", "Playback", "One frame back", 1, "step-back"),
    Action("step_forward", "Step forward", "Right", "Playback", "One frame on", 1, "step-forward"),
    Action("second_back", "One second back", "Shift+Left", "Playback", "Move the playhead one second back", 1),
    Action("second_forward", "One second on", "Shift+Right", "Playback", "Move the playhead one second on", 1),
    Action("go_start", "Go to start", "Home", "Playback", "Move the playhead to the beginning", 2, "go-start"),
    Action("go_end", "Go to end", "End", "Playback", "Move the playhead to the end", 2, "go-end"),
    Action("previous_key", "Previous keyframe", "[", "Playback", "Go to the keyframe before the playhead", 2),
    Action("next_key", "Next keyframe", "]", "Playback", "Go to the keyframe after the playhead", 2),
    Action("mark_in", "Mark in", "I", "Timeline", "The part to export begins at the playhead"),
    Action("mark_out", "Mark out", "O", "Timeline", "The part to export ends at the playhead"),
    Action("clear_in_out", "Clear in and out", "Alt+X", "Timeline", "Export the whole project again"),
    Action("add_marker", "Add marker", "M", "Timeline", "Mark this time with a name", 1, "marker"),
    Action("add_prompt", "Add prompt", "P", "Timeline", "An emotion in words from the playhead on", 1, "prompt"),
    Action("prompt_picture", "Prompt from a picture…", "", "Timeline", "A face in a picture becomes a prompt", 1),
    Action("split", "Split clip", "B", "Timeline", "Cut the picked clip in two at the playhead", 1),
    Action("clip_options", "Clip options…", "Ctrl+Return", "Timeline", "What a motion clip or a face swap does", 1),
    Action("find_sounds", "Find the sounds", "", "Timeline", "Show which sounds are spoken when", 1),
    Action("snap", "Snap", "N", "Timeline", "Drags stick to frames, clips, markers and playhead", 2, "snap", True),
    Action(
        "generate", "Generate motion", "Ctrl+G", "Motion", "Make the performance from speech and prompts", 0, "generate"
    ),
    Action(
        "regenerate",
        "Regenerate this range",
        "Ctrl+R",
        "Motion",
        "Make the selected range anew; locks hold",
        0,
        "regenerate",
    ),
    Action("new_take", "New take", "Ctrl+T", "Motion", "Another performance of the same speech", 0, "take"),
    Action("render_final", "Render final frames", "Ctrl+Shift+F", "Motion", "Draw the range by diffusion, and keep it"),
    Action("prompt_reader", "How prompts are read…", "", "Motion", "Choose the text encoder that understands prompts"),
    Action("add_key", "Add keyframe", "S", "Motion", "Set a keyframe on the selected channels", 1, "key"),
    Action("mirror_keys", "Mirror keyframes", "Ctrl+Shift+M", "Motion", "Give the other side the same", 1, "mirror"),
    Action("key_earlier", "Keyframes one frame back", "Alt+Left", "Motion", "Move the selected keyframes", 1),
    Action("key_later", "Keyframes one frame on", "Alt+Right", "Motion", "Move the selected keyframes", 1),
    Action("key_up", "Keyframes up", "Alt+Up", "Motion", "Raise the selected keyframes a little", 1),
    Action("key_down", "Keyframes down", "Alt+Down", "Motion", "Lower the selected keyframes a little", 1),
    Action("lock", "Lock", "Ctrl+Shift+L", "Motion", "Keep the selection when motion is regenerated", 2, "lock"),
    Action("unlock", "Unlock", "", "Motion", "Let the selection be regenerated again", 2, "unlock"),
    Action("mute", "Mute", "Ctrl+M", "Motion", "Hold the selected channels at rest", 2, "mute"),
    Action("unmute", "Unmute", "", "Motion", "Let the selected channels act again", 2),
    Action("restore", "Restore defaults", "", "Motion", "Take edits off the selected channels or range", 3, "restore"),
    Action("smooth", "Smooth…", "", "Motion", "Smooth the selected channels or range", 3, "smooth"),
    Action("scale", "Scale…", "", "Motion", "Make the selected channels stronger or weaker", 3, "scale"),
    Action("offset", "Offset…", "", "Motion", "Raise or lower the selected channels", 3, "offset"),
    Action("bake", "Turn into keyframes", "", "Motion", "Make keyframes of what was generated", 3, "bake"),
    Action("ease_linear", "Straight line", "", "Motion", "A straight line to the next keyframe", 4),
    Action("ease_step", "Step", "", "Motion", "Hold the value until the next keyframe", 4),
    Action("ease_smooth", "Smooth by itself", "", "Motion", "The curve finds its own way, without overshoot", 4),
    Action("ease_ease_in", "Ease in", "", "Motion", "Begin slowly", 4),
    Action("ease_ease_out", "Ease out", "", "Motion", "End slowly", 4),
    Action("ease_ease_both", "Ease in and out", "", "Motion", "Begin and end slowly", 4),
    Action("ease_fast_in", "Ease in, late", "", "Motion", "Wait, then go fast", 4),
    Action("ease_fast_out", "Ease out, early", "", "Motion", "Go fast, then settle", 4),
    Action("ease_overshoot", "Overshoot", "", "Motion", "Go a little too far, and back", 4),
    Action("ease_wind_up", "Wind up", "", "Motion", "Go back a little first", 4),
    Action("help", "Help", "F1", "Help", "How to work with Portrayal", icon="help"),
    Action("about", "About Portrayal", "", "Help", "Version, licences and thanks"),
)


class Actions(QObject):
    """The table brought to life: one QAction a row, with the user's own shortcuts."""

    shortcuts_changed = Signal()

    def __init__(self, settings: Settings, palette: Palette, parent: QWidget | None = None) -> None:
        """Give the window as `parent`: shortcuts act where their actions are, so they are added to it."""
        super().__init__(parent)
        self._settings, self._palette = settings, palette
        self._handlers: dict[str, list[tuple[QWidget | None, Callable[[], object]]]] = {}
        self._used: list[QWidget] = []  # panels that share commands, the one used last first
        self._actions = {row.id: self._made(row) for row in ROWS}
        if parent:
            parent.addActions(list(self._actions.values()))
        self.set_shortcuts(settings.shortcuts)
        self.refresh_icons()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def __getitem__(self, id: str) -> QAction:
        return self._actions[id]

    def connect(self, id: str, handler: Callable[[], object], panel: QWidget | None = None) -> None:  # type: ignore[override]
        """Say what the action does; with `panel`, only while that panel is the one used last."""
        self._handlers.setdefault(id, []).append((panel, handler))
        if panel and panel not in self._used:
            self._used.append(panel)
        self[id].setEnabled(True)

    def run(self, id: str) -> None:
        """Do it, as if it were chosen from a menu (a checkable action has been flipped by then)."""
        handlers = self._handlers.get(id, [])
        for panel in (*self._used, None):
            for where, handler in reversed(handlers):
                if where is panel:
                    handler()
                    return

    def shortcut(self, id: str) -> str:
        """Its shortcuts as the user's platform writes them, "" for none."""
        native = QKeySequence.SequenceFormat.NativeText
        return ", ".join(key.toString(native) for key in self[id].shortcuts())

    def set_shortcuts(self, changed: dict[str, str]) -> None:
        """Use these shortcuts instead of the table's, and remember them."""
        for row in ROWS:
            keys = keys_of(changed.get(row.id, row.shortcut))
            self[row.id].setShortcuts(keys)
            self[row.id].setToolTip(f"{row.tip} ({self.shortcut(row.id)})" if keys else row.tip)
        if changed != self._settings.shortcuts:
            self._settings.shortcuts = changed
        self.shortcuts_changed.emit()

    def refresh_icons(self) -> None:
        """Draw the icons anew, after the theme has changed."""
        for row in ROWS:
            if row.icon:
                self[row.id].setIcon(icon(row.icon, self._palette))

    def _made(self, row: Action) -> QAction:
        action = QAction(row.text, self)
        action.setObjectName(row.id)
        action.setStatusTip(row.tip)
        action.setCheckable(row.checkable)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setEnabled(False)  # until somebody connects it
        action.triggered.connect(lambda _checked=False, id=row.id: self.run(id))
        return action

    def _focus_moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        for panel in self._used:
            if now and (panel is now or panel.isAncestorOf(now)):
                self._used.remove(panel)
                self._used.insert(0, panel)
                return


def keys_of(shortcut: str) -> list[QKeySequence]:
    """The keys of a shortcut as the table writes it; none of ""."""
    return [key for key in QKeySequence.listFromString(shortcut) if not key.isEmpty()]


def clashes(shortcuts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Key -> the action ids that share it, from (id, shortcut) pairs; only keys that more than one action claims."""
    claims: dict[str, list[str]] = {}
    for id, text in shortcuts:
        for key in keys_of(text):
            claims.setdefault(key.toString(), []).append(id)
    return {key: ids for key, ids in claims.items() if len(ids) > 1}

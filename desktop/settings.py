"""What the program remembers between runs (never anything that belongs to a project), and the folders it keeps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

NAME = "portrayal"
RECENT = 12  # projects remembered


@dataclass(frozen=True)
class Folders:
    """Where this user's copy of the program keeps things: settings, unpacked media and autosaves, and logs."""

    config: Path
    data: Path
    log: Path

    @classmethod
    def of_user(cls) -> Folders:
        """The platform's own places."""
        return cls(
            Path(platformdirs.user_config_dir(NAME, False)),
            Path(platformdirs.user_data_dir(NAME, False)),
            Path(platformdirs.user_log_dir(NAME, False)),
        )

    @classmethod
    def below(cls, folder: Path) -> Folders:
        """All of them in one folder, for tests and portable use."""
        return cls(folder / "config", folder / "data", folder / "log")

    @property
    def unpacked(self) -> Path:
        """Media that opened projects carry inside."""
        return self.data / "media"

    @property
    def unsaved(self) -> Path:
        """Autosaves of projects that have no file yet."""
        return self.data / "unsaved"


class Settings:
    """Typed access to one settings file; every getter has its default here."""

    def __init__(self, folders: Folders) -> None:
        self.folders = folders
        self._store = QSettings(str(folders.config / "settings.ini"), QSettings.Format.IniFormat)

    @property
    def theme(self) -> str:
        """ "dark" or "light"."""
        return "light" if self._store.value("theme") == "light" else "dark"

    @theme.setter
    def theme(self, name: str) -> None:
        self._store.setValue("theme", name)

    @property
    def recent(self) -> list[Path]:
        """Project files opened or saved lately, newest first, those that still exist."""
        return [path for text in self._texts("recent") if (path := Path(text)).is_file()]

    def remember(self, path: Path) -> None:
        """Put this project first among the recent ones."""
        others = [text for text in self._texts("recent") if text != str(path.absolute())]
        self._store.setValue("recent", json.dumps([str(path.absolute()), *others][:RECENT]))

    def forget_recent(self) -> None:
        """No recent projects any more."""
        self._store.remove("recent")

    @property
    def shortcuts(self) -> dict[str, str]:
        """Action id -> the user's own shortcut ("" for none), only where it differs from the table."""
        found = self._json("shortcuts")
        return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}

    @shortcuts.setter
    def shortcuts(self, changed: dict[str, str]) -> None:
        self._store.setValue("shortcuts", json.dumps(changed))

    @property
    def open_clip(self) -> tuple[str, str] | None:
        """Model and weights that read prompts instead of the encoder that ships."""
        found = self._json("open_clip")
        return (str(found[0]), str(found[1])) if isinstance(found, list) and len(found) == 2 else None

    @open_clip.setter
    def open_clip(self, choice: tuple[str, str] | None) -> None:
        self._store.setValue("open_clip", json.dumps(choice))

    def folder(self, use: str) -> Path:
        """The folder last used for this ("project", "portrait", "audio" ...); at first the user's documents."""
        found = Path(str(self._store.value(f"folder/{use}") or ""))
        return found if found.is_absolute() and found.is_dir() else Path(platformdirs.user_documents_dir())

    def set_folder(self, use: str, folder: Path) -> None:
        """Remember the folder for the next time."""
        self._store.setValue(f"folder/{use}", str(folder))

    def number(self, key: str, default: float) -> float:
        """A number such as the volume."""
        try:
            return float(str(self._store.value(f"number/{key}", default)))
        except ValueError:
            return default

    def set_number(self, key: str, value: float) -> None:
        """Remember a number."""
        self._store.setValue(f"number/{key}", value)

    def blob(self, key: str) -> QByteArray:
        """What a widget's saveState or saveGeometry gave; empty if nothing was saved."""
        found = self._store.value(f"layout/{key}")
        return found if isinstance(found, QByteArray) else QByteArray()

    def set_blob(self, key: str, value: QByteArray) -> None:
        """Remember a widget's state."""
        self._store.setValue(f"layout/{key}", value)

    def forget_layout(self) -> None:
        """Windows and docks as they were first."""
        self._store.remove("layout")

    def sync(self) -> None:
        """Write to disk now."""
        self.folders.config.mkdir(parents=True, exist_ok=True)
        self._store.sync()

    def _json(self, key: str) -> object:
        try:
            return json.loads(str(self._store.value(key) or "null"))
        except ValueError:
            return None

    def _texts(self, key: str) -> list[str]:
        found = self._json(key)
        return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []

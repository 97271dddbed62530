"""What a file is, judged by its name alone: enough to decide what a drop of it can mean."""

from pathlib import Path

from engine.project.storage import SUFFIX

KINDS: dict[str, frozenset[str]] = {
    "project": frozenset({SUFFIX}),
    "picture": frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".heic"}),
    "sound": frozenset({".wav", ".mp3", ".m4a", ".flac", ".ogg", ".opus", ".aac", ".aif", ".aiff", ".wma"}),
    "video": frozenset({".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".wmv"}),
}


def kind_of(path: Path) -> str | None:
    """ "project", "picture", "sound" or "video"; None for anything else."""
    return next((kind for kind, suffixes in KINDS.items() if path.suffix.lower() in suffixes), None)


def name_filter(title: str, *kinds: str) -> str:
    """A file dialog's filter for these kinds, with every other file as the second choice."""
    patterns = " ".join(f"*{suffix}" for kind in kinds for suffix in sorted(KINDS[kind]))
    return f"{title} ({patterns});;All files (*)"

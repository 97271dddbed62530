"""Where a video comes from, told inside it: that it is synthetic, what made it, and from which files."""

import json
from pathlib import Path
from typing import Any

from engine.export.rights import people, stated
from engine.media.container import open_media
from engine.project.media_ref import MediaRef
from engine.project.project import Project

SENTENCE = "Synthetic video, made with Portrayal: the person in it did not speak or move like this."
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"  # IPTC's word for it, as C2PA uses


def provenance_tags(project: Project, version: str) -> dict[str, str]:
    """MP4 tags for VideoWriter: a sentence for people, and behind it, in the comment, JSON for programs.

    The JSON holds names and SHA-256 of portrait, audio and driving files (no folders), the user's word on
    the right to use the portrait, prompts, seed and version.
    """
    record = {
        "portrayal": version,
        "digitalSourceType": SOURCE_TYPE,
        "portrait": _file(project.portrait.media) if project.portrait else None,
        "audio": _file(project.audio.media) if project.audio else None,
        "drives": [_file(clip.media) for clip in project.drives],
        "swaps": [_file(clip.media) for clip in project.swaps],
        "prompts": [clip.text for clip in project.prompts],
        "rights": [_rights(project, media) for media in people(project)],
        "seed": project.seed,
    }
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return {"title": "Synthetic video made with Portrayal", "comment": f"{SENTENCE}\n{text}"}


def read_provenance(path: Path | str) -> dict[str, Any] | None:
    """What `provenance_tags` wrote, or None when the file was not made with Portrayal (or has lost its tags).

    Raises:
        MediaError: the file cannot be read.
    """
    with open_media(path) as container:
        comment = container.metadata.get("comment", "")
    try:
        record = json.loads(comment.partition("\n")[2])
    except ValueError:
        return None
    return record if isinstance(record, dict) and "portrayal" in record else None


def _rights(project: Project, media: MediaRef) -> dict[str, str | None]:
    word = stated(project, media)
    return {"sha256": media.sha256, "ground": word.ground if word else None, "date": word.date if word else ""}


def _file(media: MediaRef) -> dict[str, str]:
    return {"name": media.name, "sha256": media.sha256}

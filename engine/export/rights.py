"""The right to animate a person's picture: the user's word for it, once a picture; pictures that ship need none."""

import re

from engine.project.media_ref import MediaRef
from engine.project.project import Project, Rights
from engine.resources import folder, table

QUESTION = "May you use this person's likeness? (It is you, they agreed, or the law allows it.)"
BY_USE = "stated by using the command line"


def stated(project: Project, media: MediaRef) -> Rights | None:
    """What is known about the right to use this picture: what the user stated, or the licence of a shipped sample."""
    for rights in project.rights:
        if rights.sha256 == media.sha256:
            return rights
    for name, sha256 in table().items():
        if sha256 == media.sha256:
            return Rights(sha256, f"sample that ships with Portrayal: {_licence(name)}")
    return None


def people(project: Project) -> list[MediaRef]:
    """The pictures whose person is animated, or whose face is put onto another: the portrait and swapped-in pictures."""
    portrait = [project.portrait.media] if project.portrait else []
    from engine.media.image import is_picture

    return list(dict.fromkeys([*portrait, *(clip.media for clip in project.swaps if is_picture(clip.media.path))]))


def needing_word(project: Project) -> list[MediaRef]:
    """Those of these people without a word on the right to do so."""
    return [one for one in people(project) if stated(project, one) is None]


def _licence(name: str) -> str:
    text = (folder() / "README.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{re.escape(name)}` \|[^|]*\|[^|]*\| ([^|]*) \|", text, flags=re.MULTILINE)
    return row[1] if row else "see resources/README.md"

"""Everything that ships is in the table, is what the table says, and nothing in the table is missing."""

from pathlib import Path

import pytest

from engine import resources
from engine.errors import ResourceError

FOLDER = resources.folder()
SHIPPED = sorted(
    str(path.relative_to(FOLDER).as_posix())
    for path in FOLDER.rglob("*")
    if path.is_file() and path.name != "README.md" and "licences" not in path.parts
)


def test_the_table_lists_exactly_what_ships():
    assert sorted(resources.table()) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_each_file_is_the_one_in_the_table(name: str):
    assert resources.resource(name).is_file()


def test_a_changed_file_and_an_unknown_one_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "README.md").write_text(f"| `weights.npz` | made by | from | licence | `{'0' * 64}` |\n")
    (tmp_path / "weights.npz").write_bytes(b"not these")
    monkeypatch.setattr(resources, "folder", lambda: tmp_path)
    resources.table.cache_clear()
    resources.resource.cache_clear()
    try:
        with pytest.raises(ResourceError, match="not the file"):
            resources.resource("weights.npz")
        with pytest.raises(ResourceError, match="no row"):
            resources.resource("other.npz")
    finally:
        resources.table.cache_clear()
        resources.resource.cache_clear()

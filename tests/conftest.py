"""Shared fixtures: the samples that ship, and the larger data that only the project's own machines have."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# A busy machine must not make a property fail: no deadlines, and examples enough for a suite run many times a day.
settings.register_profile(
    "portrayal",
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("portrayal")


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of sample media that every clone has."""
    return ROOT / "resources" / "samples"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Portraits, speech and video for measuring, kept beside the checkout; tests that want it skip without it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the measuring data (../shared/data) is not beside this checkout")
    return folder

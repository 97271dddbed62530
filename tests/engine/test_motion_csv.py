from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from project_strategies import KNOWN_RATES, any_rates, performances

from engine.errors import ExportError, ProjectError
from engine.project.channels import CHANNELS, INDEX, NAMES
from engine.project.motion_csv import read_motion_csv, write_motion_csv


@given(performances(st.integers(2, 8)), any_rates)
def test_values_and_rate_come_back_exactly(tmp_path, values, rate):
    path = tmp_path / "motion.csv"
    write_motion_csv(path, values, rate)
    read, read_rate = read_motion_csv(path)
    assert read.tobytes() == values.tobytes()
    assert read_rate == rate


@pytest.mark.parametrize("rate", KNOWN_RATES, ids=str)
def test_ten_minutes_keep_their_rate(tmp_path, rate):
    path = tmp_path / "motion.csv"
    rows = [f"{float(frame / rate):.12f},0" for frame in range(600 * round(rate))]
    path.write_text("time,jawOpen\n" + "\n".join(rows))
    assert read_motion_csv(path)[1] == rate


@pytest.mark.parametrize("rate", KNOWN_RATES, ids=str)
@pytest.mark.parametrize("digits", [3, 4, 6])
def test_rounded_times_of_other_programs_still_give_the_rate(tmp_path, rate, digits):
    path = tmp_path / "motion.csv"
    path.write_text("time,jawOpen\n" + "".join(f"{float(i / rate):.{digits}f},0\n" for i in range(2000)))
    assert read_motion_csv(path)[1] == rate


def test_missing_columns_are_neutral_and_the_order_is_free(tmp_path):
    path = tmp_path / "motion.csv"
    path.write_text("\ufeffheadYaw, time,jawOpen\r\n-12.5,0,0.25\r\n\r\n3,0.04,1\r\n", encoding="utf-8")
    values, rate = read_motion_csv(path)
    assert rate == 25
    expected = np.array([[channel.neutral for channel in CHANNELS]] * 2, np.float32)
    expected[:, INDEX["headYaw"]] = -12.5, 3
    expected[:, INDEX["jawOpen"]] = 0.25, 1
    assert values.tolist() == expected.tolist()


def test_one_frame_has_the_default_rate(tmp_path):
    write_motion_csv(tmp_path / "still.csv", np.zeros((1, len(NAMES)), np.float32), Fraction(30))
    assert read_motion_csv(tmp_path / "still.csv")[1] == 25


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["line 1", "'time'"]),
        ("jawOpen\n0\n", ["line 1", "'time'"]),
        ("time,jawOpen\n", ["no rows"]),
        ("time,smirk\n0,0\n", ["line 1", "'smirk'"]),
        ("time,jawOpen,jawOpen\n0,0,0\n", ["line 1", "'jawOpen'", "twice"]),
        ("time,jawOpen\n0,0\n0.04,wide\n", ["line 3", "column jawOpen", "'wide'"]),
        ("time,jawOpen\n0,0\n\n0.04,nan\n", ["line 4", "column jawOpen", "'nan'"]),
        ("time,jawOpen\n0,1e39\n", ["line 2", "column jawOpen", "'1e39'"]),
        ("time,jawOpen\n0,0\n0.04\n", ["line 3", "1 columns"]),
        ("time,jawOpen\n0,0\nsoon,0\n", ["line 3", "column time", "'soon'"]),
        ("time,jawOpen\n0,0\n0.04,0\n0.02,0\n0.12,0\n", ["line 4", "column time", "evenly"]),
        ("time,jawOpen\n0,0\n0,0\n", ["line 3", "column time", "rise"]),
        ("time,jawOpen\n0,0\n0.00001,0\n", ["column time", "frame rate"]),
    ],
)
def test_errors_name_file_line_and_column(tmp_path, text, parts):
    path = tmp_path / "motion.csv"
    path.write_text(text)
    with pytest.raises(ProjectError) as caught:
        read_motion_csv(path)
    for part in ["motion.csv", *parts]:
        assert part in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01binary", b"time,jawOpen\n0,\x00\n"])
def test_a_file_that_is_no_table_is_named(tmp_path, content):
    path = tmp_path / "picture.csv"
    path.write_bytes(content)
    with pytest.raises(ProjectError, match=r"picture\.csv"):
        read_motion_csv(path)


def test_a_missing_file_and_a_missing_folder_are_named(tmp_path):
    with pytest.raises(ProjectError, match=r"gone\.csv"):
        read_motion_csv(tmp_path / "gone.csv")
    with pytest.raises(ExportError, match="nowhere"):
        write_motion_csv(tmp_path / "nowhere" / "m.csv", np.zeros((2, len(NAMES)), np.float32), Fraction(25))

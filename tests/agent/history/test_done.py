"""Which public files are in a log already."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from agent.history.done import Done
from bus.files import Member
from bus.program.errors import FailedError

MEMBER = Member(Path("/data/q1.zip"), "2020-01-01.csv", 1234, "crc32 00000001")


def test_a_marked_file_is_known_after_a_restart(tmp_path: Path) -> None:
    assert MEMBER not in Done.open(tmp_path, "log-1")
    Done.open(tmp_path, "log-1").mark(MEMBER)
    assert MEMBER in Done.open(tmp_path, "log-1")


@pytest.mark.parametrize(
    "other",
    [
        replace(MEMBER, file=Path("/data/q2.zip")),
        replace(MEMBER, inside="2020-01-02.csv"),
        replace(MEMBER, size_bytes=1235),
        replace(MEMBER, stamp="crc32 00000002"),
    ],
)
def test_a_file_that_differs_in_anything_is_another(tmp_path: Path, other: Member) -> None:
    Done.open(tmp_path, "log-1").mark(MEMBER)
    assert other not in Done.open(tmp_path, "log-1")


def test_another_log_has_none_of_them(tmp_path: Path) -> None:
    Done.open(tmp_path, "log-1").mark(MEMBER)
    assert MEMBER not in Done.open(tmp_path, "log-2")


def test_a_file_is_written_down_once(tmp_path: Path) -> None:
    done = Done.open(tmp_path, "log-1")
    done.mark(MEMBER)
    done.mark(MEMBER)
    assert (tmp_path / "log-1.jsonl").read_text().count("\n") == 1


def test_a_name_that_is_no_text_is_remembered(tmp_path: Path) -> None:
    strange = replace(MEMBER, file=Path(os.fsdecode(b"/data/\xff.zip")))
    Done.open(tmp_path, "log-1").mark(strange)
    assert strange in Done.open(tmp_path, "log-1")


@pytest.mark.parametrize("kept", [1, 20, 50])
def test_a_line_cut_short_by_a_crash_counts_for_nothing(tmp_path: Path, kept: int) -> None:
    second = replace(MEMBER, inside="2020-01-02.csv")
    path = tmp_path / "log-1.jsonl"
    done = Done.open(tmp_path, "log-1")
    done.mark(MEMBER)
    whole = path.stat().st_size
    done.mark(second)
    os.truncate(path, whole + kept)
    done = Done.open(tmp_path, "log-1")
    assert (MEMBER in done, second in done) == (True, False)
    done.mark(second)
    assert second in Done.open(tmp_path, "log-1")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FailedError, match=r"file/log-1\.jsonl what was replayed: File exists"):
        Done.open(tmp_path / "file", "log-1")


def test_a_full_disk_is_an_error_that_says_what_to_do() -> None:
    done = Done(Path("/dev/full"), set())
    with pytest.raises(FailedError, match="No space left on device; free space there"):
        done.mark(MEMBER)
    assert MEMBER not in done

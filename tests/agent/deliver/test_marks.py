"""What was delivered, when, and into which log."""

from datetime import timedelta
from pathlib import Path

import pytest

from agent.deliver.marks import AGAIN_AFTER, KEEP, Marks
from bus.program.errors import FailedError
from tests.agent.deliver.made import NOW

SOON = timedelta(seconds=1)


def test_a_pass_is_due_until_it_is_marked(tmp_path: Path) -> None:
    with Marks.opened(tmp_path, "log-1") as marks:
        assert marks.is_due("a.pass", NOW)
        marks.mark("a.pass", NOW)
        assert not marks.is_due("a.pass", NOW + SOON)
        assert marks.is_due("b.pass", NOW)


def test_a_pass_is_due_once_more_two_days_later_and_then_never(tmp_path: Path) -> None:
    with Marks.opened(tmp_path, "log-1") as marks:
        marks.mark("a.pass", NOW)
        assert not marks.is_due("a.pass", NOW + AGAIN_AFTER - SOON)
        assert marks.is_due("a.pass", NOW + AGAIN_AFTER)
        marks.mark("a.pass", NOW + AGAIN_AFTER)
        assert not marks.is_due("a.pass", NOW + AGAIN_AFTER * 50)


def test_marks_outlive_the_process(tmp_path: Path) -> None:
    with Marks.opened(tmp_path / "new" / "folder", "log-1") as marks:
        marks.mark("a.pass", NOW)
    with Marks.opened(tmp_path / "new" / "folder", "log-1") as marks:
        assert not marks.is_due("a.pass", NOW)


def test_another_log_has_nothing_yet(tmp_path: Path) -> None:
    with Marks.opened(tmp_path, "log-1") as marks:
        marks.mark("a.pass", NOW)
    with Marks.opened(tmp_path, "log-2") as marks:
        assert marks.is_due("a.pass", NOW)


def test_marks_of_passes_long_gone_are_dropped(tmp_path: Path) -> None:
    with Marks.opened(tmp_path, "log-1") as marks:
        marks.mark("old.pass", NOW - KEEP - SOON)
        marks.mark("new.pass", NOW - KEEP + SOON)
        marks.forget_old(NOW)
        assert marks.is_due("old.pass", NOW - KEEP)
        assert not marks.is_due("new.pass", NOW - KEEP)


def test_a_database_that_is_none_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "marks.db").write_bytes(b"not a database" * 100)
    with (
        pytest.raises(FailedError, match=r"marks\.db: .*move a damaged file away"),
        Marks.opened(tmp_path, "log-1"),
    ):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(FailedError, match=r"cannot keep .*/file/marks\.db"),
        Marks.opened(tmp_path / "file", "log-1"),
    ):
        pass

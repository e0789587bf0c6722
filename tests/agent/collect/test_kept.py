"""What the collecting side keeps to itself survives kills, full disks and damage."""

import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from agent.collect.kept import Begun, Kept
from agent.collect.roster import Roster
from bus.program.errors import FailedError
from tests.agent.collect.story import HOST, Story, sighting
from tests.bus.conftest import Disk

BEGAN = datetime(2026, 12, 1, 6, tzinfo=UTC)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "state" / "collect")


@pytest.fixture
def known() -> Roster:
    """A roster with something in each field."""
    host = Story()
    host.look(1, ["A", "B", "C"])
    host.look(2, {"A": "read", "B": "asleep"}, unidentified=("/dev/sdx",))
    host.look(2, ["A", "B"], hour=12)
    host.look(2, {"A": "asleep"}, hour=18, unidentified=("/dev/sdx",))
    return host.roster


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def keep_many(kept: Kept) -> None:
    """More than what is left of the last block of a file."""
    for number in range(100):
        kept.keep(sighting(f"B{number}"))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_roster_is_kept_to_the_last_field(kept: Kept, known: Roster) -> None:
    assert kept.roster() == Roster()
    kept.keep_roster(known)
    assert Kept(kept.folder).roster() == known
    assert known.missing_today, "else the story above tells too little"
    assert known.unidentified


def test_nobody_else_may_read_what_is_kept(kept: Kept, known: Roster) -> None:
    with kept.alone():
        kept.keep_roster(known)
        kept.begin(Begun(HOST, BEGAN))
        kept.keep(sighting("A"))
    modes = {path.name: mode_of(path) for path in kept.folder.iterdir()}
    assert modes == {"roster.json": 0o600, "unfinished.jsonl": 0o600, "lock": 0o600}


def test_a_pass_that_was_cut_short_is_found_with_what_it_had(kept: Kept) -> None:
    kept.begin(Begun(HOST, BEGAN))
    kept.keep(sighting("A"))
    kept.keep(sighting("B", "asleep", instance="boot-1 seq 7"))
    cut = Kept(kept.folder).unfinished()
    assert cut is not None
    assert list(cut.seen) == [sighting("A"), sighting("B", "asleep", instance="boot-1 seq 7")]
    assert (cut.host, cut.started_at, cut.day) == (HOST, BEGAN, BEGAN.date())
    assert not cut.ended_well


def test_the_last_line_may_be_cut_short_anywhere(kept: Kept) -> None:
    kept.begin(Begun(HOST, BEGAN))
    kept.keep(sighting("A"))
    whole = (kept.folder / "unfinished.jsonl").read_bytes()
    kept.keep(sighting("ZÜ"))
    both = (kept.folder / "unfinished.jsonl").read_bytes()
    for end in range(len(whole), len(both) - 1):
        (kept.folder / "unfinished.jsonl").write_bytes(both[:end])
        cut = kept.unfinished()
        assert cut is not None
        assert [one.snapshot.drive.serial for one in cut.seen] == ["A"]


def test_the_day_of_a_pass_is_utcs_wherever_the_clock_was(kept: Kept) -> None:
    east = timezone(timedelta(hours=9))
    kept.begin(Begun(HOST, datetime(2026, 12, 2, 1, tzinfo=east)))
    cut = kept.unfinished()
    assert cut is not None
    assert cut.day == BEGAN.date()


def test_a_kept_roster_ends_the_pass(kept: Kept, known: Roster) -> None:
    kept.begin(Begun(HOST, BEGAN))
    kept.keep_roster(known)
    assert kept.unfinished() is None


def test_a_new_pass_takes_the_place_of_the_one_before(kept: Kept) -> None:
    kept.begin(Begun(HOST, BEGAN))
    kept.keep(sighting("A"))
    kept.begin(Begun(HOST, BEGAN + timedelta(hours=6)))
    cut = kept.unfinished()
    assert cut is not None
    assert (cut.started_at.hour, list(cut.seen)) == (12, [])


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'{"drives":{"A":1}}', b"null"])
def test_a_damaged_roster_is_named_with_what_to_do(kept: Kept, damage: bytes) -> None:
    kept.keep_roster(Roster())
    kept.roster_path.write_bytes(damage)
    with pytest.raises(FailedError, match=r"roster\.json is damaged .* move it away"):
        kept.roster()
    assert kept.roster_path.read_bytes() == damage


@pytest.mark.parametrize("damage", [b"", b"{\n", b"\xff\n"])
def test_a_damaged_beginning_is_named_with_what_to_do(kept: Kept, damage: bytes) -> None:
    kept.begin(Begun(HOST, BEGAN))
    (kept.folder / "unfinished.jsonl").write_bytes(damage)
    with pytest.raises(FailedError, match=r"unfinished\.jsonl is damaged .* move it away"):
        kept.unfinished()


def test_two_passes_are_never_under_way_at_once(kept: Kept) -> None:
    with (
        kept.alone(),
        pytest.raises(FailedError, match="another pass is under way"),
        Kept(kept.folder).alone(),
    ):
        raise AssertionError("both hold it")
    with kept.alone():
        pass


def test_what_a_killed_writer_left_is_removed(kept: Kept, known: Roster) -> None:
    kept.keep_roster(known)
    (kept.folder / ".roster.json.4711.tmp").write_bytes(b"half")
    with kept.alone():
        assert kept.roster() == known
    assert sorted(path.name for path in kept.folder.iterdir()) == ["lock", "roster.json"]


def test_a_full_disk_is_one_clear_error_and_loses_nothing(small_disk: Disk, known: Roster) -> None:
    kept = Kept(small_disk.folder / "collect")
    kept.keep_roster(known)
    kept.begin(Begun(HOST, BEGAN))
    kept.keep(sighting("A"))
    ballast = small_disk.fill()
    with pytest.raises(FailedError, match=r"cannot write in .*collect: No space left") as raised:
        keep_many(kept)
    assert "\n" not in str(raised.value)
    with pytest.raises(FailedError, match="No space left"):
        kept.keep_roster(Roster(held=dict.fromkeys([BEGAN.date()], 1)))
    assert kept.roster() == known
    ballast.unlink()
    cut = kept.unfinished()
    assert cut is not None
    assert cut.seen[0] == sighting("A")


def test_a_line_that_did_not_fit_costs_no_other(kept: Kept, known: Roster) -> None:
    kept.keep_roster(known)
    kept.begin(Begun(HOST, BEGAN))
    kept.keep(sighting("A"))
    size = (kept.folder / "unfinished.jsonl").stat().st_size
    with files_no_larger_than(size + 20), pytest.raises(FailedError, match="File too large"):
        kept.keep(sighting("B"))
    cut = kept.unfinished()
    assert cut is not None
    assert list(cut.seen) == [sighting("A")]


def test_a_read_only_disk_is_one_clear_error(small_disk: Disk, known: Roster) -> None:
    kept = Kept(small_disk.folder / "collect")
    kept.keep_roster(known)
    small_disk.remount("ro")
    with (
        pytest.raises(FailedError, match=r"cannot write in .*collect: Read-only file system"),
        kept.alone(),
    ):
        raise AssertionError("nothing can be kept here")
    assert kept.roster() == known


def test_a_file_where_the_folder_should_be_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = Kept(tmp_path / "file")
    for attempt in (kept.roster, kept.unfinished, lambda: kept.begin(Begun(HOST, BEGAN))):
        with pytest.raises(FailedError, match=r"cannot (read|write) in"):
            attempt()

"""Passes in the spool: whole, in order, bounded, and never short of a drive-day."""

import stat
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest
import zstandard

from agent.spool import (
    MAX_PASS_BYTES,
    Bounded,
    Pass,
    SpoolError,
    bound_spool,
    list_passes,
    pass_path,
    read_pass,
    thin,
    write_pass,
)
from bus.contract import Signs
from tests.agent.deliver.made import NOW, made_pass
from tests.bus.conftest import Disk
from tests.bus.conftest import small_disk as small_disk

TODAY = NOW.date()
MUCH = 1_000_000_000


def with_smart(days_ago: int, drives: int = 20) -> Pass:
    """A pass whose drives have SMART values and signs."""
    made = made_pass(days_ago, drives=drives, absent=1)
    smart = {number: (100, number * 7919 + days_ago) for number in range(1, 30)}
    snapshots = tuple(
        msgspec.structs.replace(
            one, smart=smart, power_on_hours=4103, signs=Signs(reallocated=2), health="passed"
        )
        for one in made.snapshots
    )
    return msgspec.structs.replace(made, snapshots=snapshots)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def bound(folder: Path, *, days: int = 120, max_bytes: int = MUCH, today: date = TODAY) -> Bounded:
    return bound_spool(folder, today=today, days=days, max_bytes=max_bytes)


def test_a_pass_comes_back_as_it_went_in(tmp_path: Path) -> None:
    content = with_smart(0)
    path = write_pass(tmp_path / "a" / "spool", content)
    assert read_pass(path) == content
    assert names(path.parent) == [path.name]


def test_a_pass_without_inventory_comes_back_without_one(tmp_path: Path) -> None:
    content = made_pass(complete=False)
    assert read_pass(write_pass(tmp_path, content)).inventory is None


def test_the_network_side_may_read_a_pass_and_not_write_it(tmp_path: Path) -> None:
    mode = stat.S_IMODE(write_pass(tmp_path, made_pass()).stat().st_mode)
    assert mode & 0o640 == 0o640
    assert mode & 0o137 == 0


def test_passes_are_listed_oldest_first_and_nothing_else_is(tmp_path: Path) -> None:
    for days_ago, hour in ((0, 6), (400, 6), (1, 18), (1, 6)):
        write_pass(tmp_path, made_pass(days_ago, hour=hour))
    (tmp_path / ".20261123T060000.000000Z.pass.4711.tmp").touch()
    (tmp_path / "README").touch()
    began = [read_pass(path).started_at for path in list_passes(tmp_path)]
    assert len(began) == 4
    assert began == sorted(began)


def test_a_spool_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    assert list_passes(tmp_path / "spool") == []


def test_a_pass_is_named_by_utc_wherever_its_clock_was(tmp_path: Path) -> None:
    east = timezone(timedelta(hours=9))
    told = pass_path(tmp_path, datetime(2026, 11, 24, 3, 0, 0, 12, tzinfo=east))
    assert told.name == "20261123T180000.000012Z.pass"
    assert told == pass_path(tmp_path, datetime(2026, 11, 23, 18, 0, 0, 12, tzinfo=UTC))


@pytest.mark.parametrize("keep", [0, 1, 10, -1])
def test_a_damaged_pass_is_named_with_what_to_do(tmp_path: Path, keep: int) -> None:
    path = write_pass(tmp_path, made_pass())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(SpoolError, match=rf"{path.name} is damaged .* move it away"):
        read_pass(path)


def test_what_is_no_pass_is_damaged(tmp_path: Path) -> None:
    path = write_pass(tmp_path, made_pass())
    for garbage in (b"\0" * 100, b"hello", b"{}"):
        path.write_bytes(garbage)
        with pytest.raises(SpoolError, match="is damaged"):
            read_pass(path)


def test_a_pass_that_claims_to_be_huge_is_not_unpacked(tmp_path: Path) -> None:
    path = write_pass(tmp_path, made_pass())
    path.write_bytes(zstandard.ZstdCompressor().compress(bytes(MAX_PASS_BYTES + 1)))
    with pytest.raises(SpoolError, match=r"is damaged \(more than 64000000 bytes\)"):
        read_pass(path)


def test_a_pass_that_is_gone_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match=r"cannot read the pass .*gone\.pass: No such file"):
        read_pass(tmp_path / "gone.pass")


def test_a_spool_that_is_no_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "spool").touch()
    with pytest.raises(SpoolError, match=r"cannot read the spool .*Not a directory"):
        list_passes(tmp_path / "spool")
    with pytest.raises(SpoolError, match=r"cannot write to the spool"):
        write_pass(tmp_path / "spool", made_pass())


def test_a_full_disk_leaves_nothing_half_written_and_says_what_to_do(small_disk: Disk) -> None:
    spool = small_disk.folder / "spool"
    first = write_pass(spool, made_pass(1))
    ballast = small_disk.fill()
    with pytest.raises(SpoolError, match=r"spool: No space left on device; .* free space"):
        write_pass(spool, with_smart(0, drives=500))
    assert names(spool) == [first.name]
    ballast.unlink()
    assert read_pass(write_pass(spool, with_smart(0))) == with_smart(0)


def test_a_read_only_disk_is_one_clear_error_and_can_still_be_read(small_disk: Disk) -> None:
    spool = small_disk.folder / "spool"
    path = write_pass(spool, made_pass(1))
    small_disk.remount("ro")
    with pytest.raises(SpoolError, match=r"spool: Read-only file system"):
        write_pass(spool, made_pass(0))
    with pytest.raises(SpoolError, match=r"cannot bound the spool .*: Read-only file system"):
        bound(spool, days=0)
    assert read_pass(path) == made_pass(1)


def test_passes_that_no_log_believes_any_more_are_removed_and_no_others(tmp_path: Path) -> None:
    for days_ago in (0, 120, 121, 300):
        write_pass(tmp_path, made_pass(days_ago))
    assert bound(tmp_path, days=120).removed == 2
    days = [read_pass(path).day for path in list_passes(tmp_path)]
    assert days == [TODAY - timedelta(days=120), TODAY]


def test_a_spool_within_its_limit_is_left_alone(tmp_path: Path) -> None:
    paths = [write_pass(tmp_path, with_smart(days_ago)) for days_ago in (0, 1)]
    size = sum(path.stat().st_size for path in paths)
    assert bound(tmp_path, max_bytes=size) == Bounded()
    assert read_pass(paths[0]) == with_smart(0)


def test_a_full_spool_thins_the_oldest_first_and_no_more_than_it_must(tmp_path: Path) -> None:
    newest, middle, oldest = (write_pass(tmp_path, with_smart(days_ago)) for days_ago in range(3))
    size = sum(path.stat().st_size for path in (newest, middle, oldest))
    told = bound(tmp_path, max_bytes=size - 1)
    assert told == Bounded(thinned=1)
    assert read_pass(oldest) == thin(with_smart(2))
    assert read_pass(middle) == with_smart(1)
    assert read_pass(newest) == with_smart(0)


def test_a_spool_full_of_drive_days_keeps_each_and_says_by_how_much_it_is_over(
    tmp_path: Path,
) -> None:
    paths = [write_pass(tmp_path, with_smart(days_ago)) for days_ago in range(3)]
    told = bound(tmp_path, max_bytes=10)
    left = sum(path.stat().st_size for path in paths)
    assert told == Bounded(thinned=3, over_bytes=left - 10)
    assert bound(tmp_path, max_bytes=10) == Bounded(over_bytes=left - 10)
    for days_ago, path in enumerate(paths):
        assert len(read_pass(path).snapshots) == len(with_smart(days_ago).snapshots)


def test_thinning_takes_smart_values_and_nothing_else() -> None:
    content = with_smart(0)
    thinned = thin(content)
    assert all(not one.smart and not one.nvme and not one.scsi for one in thinned.snapshots)
    smart = content.snapshots[0].smart
    again = tuple(msgspec.structs.replace(one, smart=smart) for one in thinned.snapshots)
    assert msgspec.structs.replace(thinned, snapshots=again) == content


def test_a_damaged_pass_is_left_for_a_person_and_stops_no_thinning(tmp_path: Path) -> None:
    damaged = write_pass(tmp_path, with_smart(2))
    damaged.write_bytes(b"garbage")
    path = write_pass(tmp_path, with_smart(1))
    assert bound(tmp_path, max_bytes=10).thinned == 1
    assert damaged.read_bytes() == b"garbage"
    assert read_pass(path) == thin(with_smart(1))


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    path = write_pass(tmp_path, made_pass())
    (tmp_path / f".{path.name}.4711.tmp").write_bytes(b"half")
    bound(tmp_path)
    assert names(tmp_path) == [path.name]

"""The spool keeps every pass whole, in order and within its bounds."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agent import spool
from bus.contract import Absence, Drive, Inventory, Signs, Snapshot

BEGAN = datetime(2026, 11, 23, 6, 0, 0, 250_000, tzinfo=UTC)


def drive(serial: str) -> Drive:
    return Drive(serial=serial, model="ST12000NM0008-2H3101", capacity_bytes=12 * 10**12)


def snapshot(serial: str, began: datetime) -> Snapshot:
    return Snapshot(
        schema=1,
        day=began.date(),
        host="pod1",
        sent_at=began,
        drive=drive(serial),
        signs=Signs(pending=8),
        smart={number: (100, number * 7919) for number in range(1, 30)},
    )


def a_pass(began: datetime = BEGAN, drives: int = 3) -> spool.Pass:
    serials = [f"ZL2{began:%j%H}{n:03d}" for n in range(drives)]
    return spool.Pass(
        day=began.date(),
        host="pod1",
        started_at=began,
        keys=tuple(f"{serial}:ST12000NM0008-2H3101" for serial in serials),
        snapshots=tuple(snapshot(serial, began) for serial in serials),
        absences=(
            Absence(
                schema=1,
                day=began.date(),
                host="pod1",
                sent_at=began,
                drive=drive("GONE"),
                last_day=began.date() - timedelta(days=1),
                last_hosts=("pod1",),
            ),
        ),
        inventory=Inventory(
            schema=1, day=began.date(), host="pod1", sent_at=began, complete=True, present=drives
        ),
    )


def bound(folder: Path, *, today: date = BEGAN.date(), max_bytes: int = 10**9) -> spool.Bounded:
    return spool.bound_spool(folder, today=today, days=120, max_bytes=max_bytes)


def test_a_pass_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = spool.write_pass(tmp_path / "spool", a_pass())

    assert spool.read_pass(path) == a_pass()
    assert spool.list_passes(tmp_path / "spool") == [path]


def test_names_sort_by_the_time_at_which_passes_began(tmp_path: Path) -> None:
    times = [BEGAN + timedelta(seconds=s) for s in (0.9, 0.000001, 3600, 86_400 * 40, 0)]
    for began in times:
        spool.write_pass(tmp_path, a_pass(began))

    read = [spool.read_pass(path).started_at for path in spool.list_passes(tmp_path)]
    assert read == sorted(times)


def test_a_spool_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    assert spool.list_passes(tmp_path / "none") == []


@pytest.mark.parametrize("damage", ["truncated", "not zstd", "not json", "another shape"])
def test_a_damaged_pass_is_an_error_that_names_the_file(tmp_path: Path, damage: str) -> None:
    path = spool.write_pass(tmp_path, a_pass())
    whole = path.read_bytes()
    compress = spool.zstandard.ZstdCompressor().compress
    path.write_bytes(
        {
            "truncated": whole[: len(whole) // 2],
            "not zstd": b"\0" * 200,
            "not json": compress(b"\xff\xfe{"),
            "another shape": compress(b'{"day": 5}'),
        }[damage]
    )

    with pytest.raises(spool.SpoolError, match=path.name):
        spool.read_pass(path)


def test_a_pass_that_claims_to_be_huge_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = spool.write_pass(tmp_path, a_pass())
    monkeypatch.setattr(spool, "MAX_PASS_BYTES", 100)

    with pytest.raises(spool.SpoolError, match="more than 100 bytes"):
        spool.read_pass(path)


def test_a_spool_that_cannot_be_written_is_a_clear_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")

    with pytest.raises(spool.SpoolError, match="cannot write to the spool"):
        spool.write_pass(tmp_path / "spool", a_pass())
    assert [path.name for path in tmp_path.iterdir()] == ["spool"]


def test_passes_that_are_no_longer_believed_are_removed(tmp_path: Path) -> None:
    for days in (0, 119, 120, 121, 300):
        spool.write_pass(tmp_path, a_pass(BEGAN - timedelta(days=days)))

    assert bound(tmp_path) == spool.Bounded(removed=2)
    kept = [spool.read_pass(path).day for path in spool.list_passes(tmp_path)]
    assert kept == [BEGAN.date() - timedelta(days=days) for days in (120, 119, 0)]


def test_a_full_spool_thins_the_oldest_and_keeps_every_drive_day(tmp_path: Path) -> None:
    for hours in range(10):
        spool.write_pass(tmp_path, a_pass(BEGAN + timedelta(hours=hours)))
    before = spool.list_passes(tmp_path)
    size = sum(path.stat().st_size for path in before)

    done = bound(tmp_path, max_bytes=size - 100)

    after = [spool.read_pass(path) for path in spool.list_passes(tmp_path)]
    assert 0 < done.thinned < 10
    assert done.over_bytes == 0
    assert spool.list_passes(tmp_path) == before
    assert [bool(one.snapshots[0].smart) for one in after] == [False] * done.thinned + [True] * (
        10 - done.thinned
    )
    assert all(one.keys and one.absences and one.snapshots[0].signs.pending == 8 for one in after)


def test_a_spool_that_stays_too_large_says_by_how_much(tmp_path: Path) -> None:
    spool.write_pass(tmp_path, a_pass())
    bound(tmp_path, max_bytes=10)

    done = bound(tmp_path, max_bytes=10)

    assert done.thinned == 0
    assert done.over_bytes == spool.list_passes(tmp_path)[0].stat().st_size - 10


def test_a_damaged_pass_is_left_for_an_operator(tmp_path: Path) -> None:
    path = spool.write_pass(tmp_path, a_pass())
    path.write_bytes(b"damaged")

    assert bound(tmp_path, max_bytes=1).thinned == 0
    assert path.read_bytes() == b"damaged"


def test_what_a_killed_writer_left_is_neither_listed_nor_kept(tmp_path: Path) -> None:
    path = spool.write_pass(tmp_path, a_pass())
    left = tmp_path / f".{path.name}.4711.tmp"
    left.write_bytes(b"half")

    assert spool.list_passes(tmp_path) == [path]
    bound(tmp_path)
    assert not left.exists()

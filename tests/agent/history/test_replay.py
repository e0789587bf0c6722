"""Public history into a log: exact, restartable, and undisturbed by what is bad."""

import asyncio
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agent.history.done import Done
from agent.history.replay import replay
from agent.history.tally import Tally
from bus.contract import AnyEvent, Snapshot
from bus.identity import partition
from bus.log import LogUnavailable, Message, Spot, Topic
from bus.sqlite import SqliteLog
from tests.agent.history.conftest import HEADER, read_all

NOW = datetime(2026, 11, 23, tzinfo=UTC)

OpenLog = Callable[..., SqliteLog]
WriteDay = Callable[..., Path]


async def send(
    log: SqliteLog,
    *paths: Path,
    again: bool = False,
    stop: asyncio.Event | None = None,
    watch: Callable[[Tally], None] = lambda tally: None,
) -> Tally:
    done = Done.open(log.path.parent / "replayed", log.info.id)
    stop = stop or asyncio.Event()
    return await replay(paths, log, done, again=again, now=NOW, cores=1, stop=stop, watch=watch)


async def snapshots(log: SqliteLog) -> list[Snapshot]:
    events: list[AnyEvent] = [event for _, event in await read_all(log)]
    assert all(isinstance(event, Snapshot) for event in events)
    return [event for event in events if isinstance(event, Snapshot)]


async def drive_days(log: SqliteLog) -> list[tuple[str, str]]:
    return [(str(event.day), event.drive.serial) for event in await snapshots(log)]


async def test_history_arrives_in_day_order_imported_and_without_a_host(
    open_log: OpenLog, write_day: WriteDay
) -> None:
    log = open_log()
    paths = [write_day("2020-01-02", "S1"), write_day("2020-01-01", "S1", "S2")]
    tally = await send(log, *paths)
    assert await drive_days(log) == [
        ("2020-01-01", "S1"),
        ("2020-01-01", "S2"),
        ("2020-01-02", "S1"),
    ]
    assert {(one.imported, one.host, one.sent_at) for one in await snapshots(log)} == {
        (True, "", NOW)
    }
    assert (tally.files, tally.rows, tally.sent, tally.stopped) == (2, 3, 3, False)
    assert not await log.holds_live()


async def test_every_event_lies_in_its_own_partition(
    open_log: OpenLog, write_day: WriteDay
) -> None:
    log = open_log(partitions=5)
    await send(log, write_day("2020-01-01", *(f"S{number}" for number in range(50))))
    events = await read_all(log)
    for spot, event in events:
        assert isinstance(event, Snapshot)
        assert spot == Spot(Topic.SNAPSHOTS, partition(event.drive.serial, 5))
    assert len({spot for spot, _ in events}) == 5


async def test_a_row_counts_on_its_own_date_whatever_its_file_is_called(
    open_log: OpenLog, write_day: WriteDay
) -> None:
    log = open_log()
    await send(log, write_day("2020-01-01", "S1", rows=("2019-12-31,S2,ST1,1,0,",)))
    assert await drive_days(log) == [("2020-01-01", "S1"), ("2019-12-31", "S2")]


async def test_rows_that_cannot_be_used_are_counted_and_the_others_sent(
    open_log: OpenLog, write_day: WriteDay
) -> None:
    log = open_log()
    bad = (
        "1970-01-01,S1,ST1,1,0,",
        "2100-01-01,S1,ST1,1,0,",
        "2020-01-01,,ST1,1,0,",
        f"2020-01-01,{'S' * 300},ST1,1,0,",
        "2020-01-01,S\x001,ST1,1,0,",
        "2020-01-01,S9,ST1,-1,0,",
        "2020-01-01,S3,S",
    )
    path = write_day("2020-01-01", "S1", "S2", rows=bad)
    tally = await send(log, path)
    assert await drive_days(log) == [("2020-01-01", serial) for serial in ("S1", "S2", "S9")]
    assert (tally.rows, tally.sent) == (9, 3)
    assert tally.refused == {"bad_day": 2, "no_identity": 1, "bad_text": 2, "bad_field": 1}
    assert tally.examples["no_identity"] == [f"{path}:6: the serial is empty"]
    assert tally.examples["bad_field"] == [f"{path}:10: 3 columns, the header has 6"]
    assert tally.unreadable == []


async def test_examples_are_few_and_from_the_first_files(
    open_log: OpenLog, write_day: WriteDay
) -> None:
    days = [write_day(f"2020-01-0{n}", rows=("cut", "cut")) for n in range(1, 6)]
    tally = await send(open_log(), *days)
    assert tally.refused == {"bad_field": 10}
    assert [text.partition(":")[0] for text in tally.examples["bad_field"]] == [
        str(days[0]),
        str(days[0]),
        str(days[1]),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1: no header; download it again"),
        (b"name,price\nA,1\n", "line 1: no column date, serial_number, model, failure; a public"),
        (HEADER.replace(",failure", "").encode(), "line 1: no column failure;"),
        (bytes(range(256)) * 50, "line 1: no column date"),
        (HEADER.encode("utf-16"), "line 1: no column date"),
    ],
)
async def test_a_file_that_is_none_of_ours_is_told_and_the_others_sent(
    open_log: OpenLog, write_day: WriteDay, content: bytes, told: str
) -> None:
    log = open_log()
    good = write_day("2020-01-02", "S1")
    bad = good.with_name("2020-01-01.csv")
    bad.write_bytes(content)
    tally = await send(log, good.parent)
    assert [str(fault).startswith(f"{bad}: {told}") for fault in tally.unreadable] == [True]
    assert (tally.files, await drive_days(log)) == (1, [("2020-01-02", "S1")])


async def test_an_unreadable_zip_does_not_stop_the_others(
    open_log: OpenLog, write_day: WriteDay
) -> None:
    log = open_log()
    good = write_day("2020-01-02", "S1")
    bad = good.with_name("q1.zip")
    bad.write_bytes(b"PK\3\4 and nothing else")
    tally = await send(log, bad, good)
    assert str(tally.unreadable[0]).startswith(f"{bad}: this ZIP cannot be read")
    assert await drive_days(log) == [("2020-01-02", "S1")]


async def test_a_file_that_is_done_is_not_sent_again(
    open_log: OpenLog, write_day: WriteDay
) -> None:
    log = open_log()
    folder = write_day("2020-01-01", "S1").parent
    await send(log, folder)
    write_day("2020-01-02", "S1")
    tally = await send(log, folder)
    assert (tally.files, tally.files_before) == (1, 1)
    assert await drive_days(log) == [("2020-01-01", "S1"), ("2020-01-02", "S1")]


async def test_again_sends_all(open_log: OpenLog, write_day: WriteDay) -> None:
    log = open_log()
    path = write_day("2020-01-01", "S1")
    await send(log, path)
    tally = await send(log, path, again=True)
    assert (tally.files, tally.files_before) == (1, 0)
    assert await drive_days(log) == [("2020-01-01", "S1")] * 2


async def test_a_file_that_changed_is_sent_again(open_log: OpenLog, write_day: WriteDay) -> None:
    log = open_log()
    await send(log, write_day("2020-01-01", "S1"))
    await send(log, write_day("2020-01-01", "S1", "S2"))
    assert ("2020-01-01", "S2") in await drive_days(log)


async def test_told_to_stop_it_ends_with_what_it_counted_durable_and_goes_on_later(
    open_log: OpenLog, write_day: WriteDay
) -> None:
    log = open_log()
    days = [f"2020-01-{number:02d}" for number in range(1, 11)]
    folder = [write_day(day, "S1") for day in days].pop().parent
    stop = asyncio.Event()

    def watch(tally: Tally) -> None:
        if tally.files == 4:
            stop.set()

    tally = await send(log, folder, stop=stop, watch=watch)
    assert (tally.stopped, tally.files, tally.sent) == (True, 4, 4)
    assert await drive_days(log) == [(day, "S1") for day in days[:4]]
    tally = await send(log, folder)
    assert (tally.files, tally.files_before) == (6, 4)
    assert await drive_days(log) == [(day, "S1") for day in days]


async def test_a_file_is_done_only_when_the_log_has_all_of_it(
    open_log: OpenLog, write_day: WriteDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_log()
    path = write_day("2020-01-01", "S1")

    async def fail(messages: list[Message], *, live: bool) -> None:
        raise LogUnavailable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(log, "append", fail)
        with pytest.raises(LogUnavailable):
            await send(log, path)
    tally = await send(log, path)
    assert (tally.files_before, await drive_days(log)) == (0, [("2020-01-01", "S1")])


async def test_a_zip_is_replayed_member_by_member(open_log: OpenLog, tmp_path: Path) -> None:
    log = open_log()
    path = tmp_path / "q1.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for day in ("2017-01-31", "2017-01-30", "2017-01-29"):
            rows = [HEADER] + ([] if day.endswith("30") else [f"{day},S1,ST1,1,0,"])
            archive.writestr(f"data/{day}.csv", "\r\n".join(rows) + "\r\n")
            archive.writestr(f"__MACOSX/data/._{day}.csv", b"\0\5\26\7")
    tally = await send(log, path)
    assert (tally.files, tally.unreadable) == (3, [])
    assert await drive_days(log) == [("2017-01-29", "S1"), ("2017-01-31", "S1")]


async def test_the_day_whose_lines_end_with_cr_and_whose_dates_are_slashed(
    open_log: OpenLog, tmp_path: Path
) -> None:
    log = open_log()
    path = tmp_path / "2018-02-25.csv"
    path.write_bytes("\r".join([HEADER, "2/25/18,S1,ST1,1,0,", "2/25/18,S2,ST1,1,0,"]).encode())
    await send(log, path)
    assert [event.day for event in await snapshots(log)] == [date(2018, 2, 25)] * 2

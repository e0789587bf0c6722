"""What handlers are told of drives and of the process, out of a running service."""

from datetime import timedelta
from pathlib import Path

import pytest

import bus
from aggregator.ingest.naming import Naming
from aggregator.rates.figures import DriveLife
from aggregator.serve.source import Ambiguous
from aggregator.service import Service
from aggregator.source import ServiceSource
from bus.contract import AnyEvent
from bus.log import Message, Spot, Topic
from bus.sqlite import SqliteLog
from tests.aggregator.at_work import FailingStore, Work, drive_days, fill
from tests.aggregator.ingest.facts import NOW
from tests.aggregator.ingest.stories import FIRST, TAKEN_IN, days, history, verdict

EVENTS: list[AnyEvent] = [history("S1", day) for day in days(FIRST, 3)]
EVENTS += [history("S1", model="ST8000DM004"), history("S:2"), history("S 3", failure=True)]


async def served(work: Work) -> Service:
    """A service that has shown everything in its log, and stopped."""
    await fill(work.log, EVENTS)
    service = work.service()
    await work.until_shown(service, lambda figures: drive_days(figures) == len(EVENTS))
    return service


async def source_of(work: Work, *, aliases: dict[str, str] | None = None) -> ServiceSource:
    return ServiceSource(await served(work), Naming(aliases or {}), lambda: work.clock.now)


async def test_a_drive_is_found_by_key_and_by_serial_in_any_spelling(work: Work) -> None:
    source = await source_of(work)
    for text, key in {
        "S1:ST4000DM000": "S1:ST4000DM000",
        "S1:Seagate ST4000DM000": "S1:ST4000DM000",
        "S:2": "S%3A2:ST4000DM000",
        "S%3A2:ST4000DM000": "S%3A2:ST4000DM000",
        " S  3 ": "S 3:ST4000DM000",
    }.items():
        life = await source.drive(text)
        assert isinstance(life, DriveLife), text
        assert life.key == key


async def test_a_serial_of_several_drives_names_their_keys(work: Work) -> None:
    source = await source_of(work)
    assert await source.drive("S1") == Ambiguous(("S1:ST4000DM000", "S1:ST8000DM004"))


@pytest.mark.parametrize(
    "text", ["", ":", "S", "S9", "S1:", "S1:ST9", "S1\x00", "\udcff", "S" * 5_000]
)
async def test_what_is_no_drive_is_not_found(work: Work, text: str) -> None:
    assert await (await source_of(work)).drive(text) is None


async def test_a_drive_is_told_as_of_the_day_that_is_shown(work: Work) -> None:
    source = await source_of(work)
    life = await source.drive("S1:ST4000DM000")
    assert isinstance(life, DriveLife)
    assert (life.last_day, life.drive_days) == (FIRST + timedelta(days=2), 3)
    failed = await source.drive("S 3")
    assert isinstance(failed, DriveLife)
    assert failed.state == "failed"


async def test_a_drive_only_spoken_of_was_not_seen(work: Work) -> None:
    await fill(work.log, [verdict("S9")])
    assert await (await source_of(work)).drive("S9:ST4000DM000") is None


async def test_aliases_name_a_drive_as_figures_do(work: Work) -> None:
    source = await source_of(work, aliases={"ST4000DM000": "Desktop HDD.15"})
    life = await source.drive("S:2")
    assert isinstance(life, DriveLife)
    assert (life.model, life.raw_model) == ("Desktop HDD.15", "ST4000DM000")


async def test_before_anything_was_shown_no_drive_is_told(work: Work) -> None:
    source = ServiceSource(work.service(), Naming(), lambda: NOW)
    assert await source.drive("S1") is None
    told = source.process()
    assert (told.version, told.view_age_s, told.checkpoints) == (bus.__version__, None, {})
    assert told.lag_records == {0: 0}


async def test_a_drive_of_any_partition_is_found(tmp_path: Path) -> None:
    log = SqliteLog.create(tmp_path / "log.db", partitions=5, clock=lambda: TAKEN_IN)
    source = await source_of(Work(log, FailingStore(tmp_path / "state")))
    for serial in ("S1:ST8000DM004", "S:2", "S%3A2:ST4000DM000", "S 3"):
        assert isinstance(await source.drive(serial), DriveLife)
    assert source.process().lag_records == dict.fromkeys(range(5), 0)
    await log.close()


async def test_every_known_count_is_told_from_0(work: Work) -> None:
    told = ServiceSource(work.service(), Naming(), lambda: NOW).process()
    assert len(told.events) == 8
    assert told.events["verdict", "known"] == 0
    assert told.rejected["wrong_partition"] == 0


async def test_the_process_says_what_it_did(work: Work) -> None:
    await work.log.append([Message(Spot(Topic.SNAPSHOTS, 0), b"?")], live=True)
    source = await source_of(work)
    work.clock.now += timedelta(seconds=90)
    told = source.process()
    assert told.events["snapshot", "new"] == len(EVENTS)
    assert told.rejected["not_json"] == 1
    assert told.view_age_s == 90
    assert told.checkpoints == {0: NOW.timestamp()}


async def test_records_not_read_yet_are_the_lag(work: Work) -> None:
    service = await served(work)
    source = ServiceSource(service, Naming(), lambda: NOW)
    assert source.process().lag_records == {0: 0}
    service.ends = {spot: end + 7 for spot, end in service.ends.items()}
    assert source.process().lag_records == {0: 14}, "of both topics"

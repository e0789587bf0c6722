"""The aggregator at work on a real local log."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from aggregator.ingest.intake import Taken
from aggregator.ingest.part import Part
from aggregator.ingest.store import StoreError
from aggregator.rates.figures import Figures
from aggregator.service import LOOK_AHEAD_S, RETRY_CHECKPOINT_S, SLICE_RECORDS
from bus.contract import AnyEvent
from bus.log import Batch, LogRefused, LogUnavailable, Message, Positions, Spot, Topic
from bus.sqlite import SqliteLog
from tests.aggregator.at_work import FailingStore, Work, fill, messages
from tests.aggregator.ingest.facts import facts_of, figures_of, ledger_of, truth
from tests.aggregator.ingest.stories import (
    FIRST,
    TAKEN_IN,
    absence,
    days,
    history,
    inventory,
    snapshot,
    verdict,
)

SAYS = Spot(Topic.SNAPSHOTS, 0)
EVENTS: list[AnyEvent] = [history(f"S{n}", day) for n in range(3) for day in days(FIRST, 35)]
OTHERS: list[AnyEvent] = [absence("S1"), inventory(), verdict("S2", FIRST + timedelta(days=34))]


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Work]:
    log = SqliteLog.create(tmp_path / "log.db", clock=lambda: TAKEN_IN)
    yield Work(log, FailingStore(tmp_path / "state"))
    await log.close()


def drive_days(figures: Figures) -> int:
    rows = (row for row in figures.fleet if (row.role, row.window) == ("all", "lifetime"))
    return next((row.rate.drive_days for row in rows), 0)


class TestUntilTheEnd:
    async def test_everything_in_the_log_becomes_durable(self, work: Work) -> None:
        await fill(work.log, EVENTS)
        await fill(work.log, OTHERS)
        service = await work.to_the_end()
        assert work.facts() == truth([*EVENTS, *OTHERS])
        assert service.tally.events["snapshot", "new"] == len(EVENTS)
        assert service.parts[0].positions == await work.log.ends()

    async def test_several_partitions_tell_the_same_figures(self, tmp_path: Path) -> None:
        log = SqliteLog.create(tmp_path / "log.db", partitions=3, clock=lambda: TAKEN_IN)
        work = Work(log, FailingStore(tmp_path / "state"))
        await fill(log, EVENTS)
        await work.to_the_end()
        assert figures_of(*work.restored()) == figures_of(ledger_of(EVENTS))
        await log.close()

    async def test_of_an_empty_log_an_empty_state_is_left(self, work: Work) -> None:
        await work.to_the_end()
        assert work.facts() == truth([])

    async def test_a_second_time_nothing_is_read_or_written(self, work: Work) -> None:
        await fill(work.log, EVENTS)
        await work.to_the_end()
        before = work.store.tried
        service = await work.to_the_end()
        assert service.tally.events.total() == 0
        assert work.store.tried == before

    async def test_no_figures_are_worked_out_for_nobody(self, work: Work) -> None:
        await fill(work.log, EVENTS)
        service = await work.to_the_end()
        assert service.figures is None

    async def test_what_comes_later_is_left_for_the_next(self, work: Work) -> None:
        await fill(work.log, EVENTS[:5])
        service = work.service(shows=False)
        ends = await work.log.ends()
        await fill(work.log, EVENTS[5:])
        service.ends = ends

        async def ends_before() -> dict[Spot, int]:
            return ends

        work.log.ends = ends_before  # type: ignore[method-assign]
        await service.run(work.stop, until_end=True)
        assert work.facts() == truth(EVENTS[:5])

    async def test_rejected_records_are_counted_and_lose_nothing(self, work: Work) -> None:
        bad = Message(SAYS, b"\xff\x00garbage")
        good = messages(EVENTS, 1)
        await work.log.append([good[0], bad, *good[1:], bad], live=True)
        with capture_logs() as said:
            service = await work.to_the_end()
        assert work.facts() == truth(EVENTS)
        assert service.tally.rejected["not_json"] == 2
        assert service.tally.examples["not_json"].startswith("snapshots 0 at 1: ")
        assert [line["event"] for line in said].count("record rejected") == 1


class TestFollowing:
    async def test_figures_are_shown_and_follow_the_log(self, work: Work) -> None:
        await fill(work.log, EVENTS[:40])
        service = work.service()

        async def more(figures: Figures) -> None:
            if drive_days(figures) == 40:
                await fill(work.log, EVENTS[40:])
            elif drive_days(figures) == len(EVENTS):
                work.stop.set()

        work.on_show = more
        await asyncio.wait_for(service.run(work.stop), 20)
        assert work.shown[-1] == service.figures == figures_of(ledger_of(EVENTS))
        assert work.facts() == truth(EVENTS)

    async def test_a_restored_state_is_shown_before_anything_is_read(self, work: Work) -> None:
        await fill(work.log, EVENTS)
        await work.to_the_end()
        service = work.service()
        await work.until_shown(service, lambda figures: True)
        assert drive_days(work.shown[0]) == len(EVENTS)
        assert service.tally.events.total() == 0

    async def test_figures_are_shown_again_when_a_day_closes(self, work: Work) -> None:
        await fill(work.log, [snapshot("S1", day) for day in days(FIRST, 35)])
        service = work.service()

        async def tomorrow(figures: Figures) -> None:
            if len(work.shown) == 1:
                work.clock.now += timedelta(days=1)
            else:
                work.stop.set()

        work.on_show = tomorrow
        # The service looks up within the seconds of its clocks; a record wakes it at once.
        await asyncio.gather(service.run(work.stop), _waking(work))
        first, second = work.shown[0], work.shown[-1]
        assert second.as_of == first.as_of + timedelta(days=1)

    async def test_it_stops_with_everything_durable(self, work: Work) -> None:
        await fill(work.log, EVENTS)
        service = work.service()
        await work.until_shown(service, lambda figures: drive_days(figures) == len(EVENTS))
        assert work.facts() == truth(EVENTS)
        assert not any(part.dirty for part in service.parts)

    async def test_stopped_before_it_begins_it_leaves_no_trace(self, work: Work) -> None:
        await fill(work.log, EVENTS)
        work.stop.set()
        await work.service().run(work.stop)
        assert work.store.tried == 0

    async def test_no_slice_keeps_the_loop_for_long(
        self, work: Work, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        turns, taken = 0, list[tuple[int, int]]()
        take = Part.take

        def watched(part: Part, batch: Batch, begin: int, end: int) -> Taken:
            taken.append((min(end, len(batch.values)) - begin, turns))
            return take(part, batch, begin, end)

        async def live_on() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        monkeypatch.setattr(Part, "take", watched)
        number = SLICE_RECORDS * 3 + 7
        await fill(work.log, [history(f"S{n}") for n in range(number)])
        living = asyncio.create_task(live_on())
        await work.to_the_end()
        living.cancel()
        sizes, seen = zip(*taken, strict=True)
        assert sum(sizes) == number
        assert max(sizes) <= SLICE_RECORDS
        assert list(seen) == sorted(set(seen)), "others had their turn between any two slices"

    async def test_lag_is_known_though_nothing_is_read(self, work: Work) -> None:
        """A log grows faster than it is read: its end is asked for, not only seen passing."""
        service = work.service()
        looked = 0
        ends = work.log.ends

        async def counted() -> dict[Spot, int]:
            nonlocal looked
            looked += 1
            return await ends()

        async def look(figures: Figures) -> None:
            if looked < 3:
                work.clock.seconds += LOOK_AHEAD_S
                await fill(work.log, EVENTS[:looked])
            else:
                work.stop.set()

        work.log.ends = counted  # type: ignore[method-assign]
        work.on_show = look
        await asyncio.gather(service.run(work.stop), _waking(work))
        assert looked >= 3
        assert service.ends.keys() == (await ends()).keys()


async def _waking(work: Work) -> None:
    """Records of no news, until the service is stopped: each wakes it."""
    while not work.stop.is_set():
        await work.log.append([Message(SAYS, b"?")], live=True)
        await asyncio.sleep(0)


class TestCheckpoints:
    async def test_they_come_no_oftener_than_their_pause(self, work: Work) -> None:
        service = work.service(checkpoint_every_s=5.0)
        written: list[int] = []

        async def more(figures: Figures) -> None:
            written.append(work.store.tried)
            if len(written) < 4:
                await fill(work.log, EVENTS[len(written) : len(written) + 1])
            elif len(written) == 4:
                work.clock.seconds += 5.0
                await fill(work.log, EVENTS[10:11])
            else:
                work.stop.set()

        work.on_show = more
        await asyncio.wait_for(service.run(work.stop), 20)
        assert written == [1, 1, 1, 1, 2]
        assert work.store.tried == 2, "nothing was left to write"

    async def test_a_store_that_is_full_is_said_and_tried_again_later(self, work: Work) -> None:
        service = work.service(checkpoint_every_s=1.0)
        tried: list[int] = []
        waits = (0.0, RETRY_CHECKPOINT_S - 1, 1.0)
        work.store.full = True

        async def wait(figures: Figures) -> None:
            tried.append(work.store.tried)
            if len(tried) > len(waits):
                work.store.full = False
                work.stop.set()
                return
            work.clock.seconds += waits[len(tried) - 1]
            await fill(work.log, EVENTS[len(tried) : len(tried) + 1])

        work.on_show = wait
        with capture_logs() as said:
            await asyncio.wait_for(service.run(work.stop), 20)
        assert tried == [1, 1, 1, 2]
        errors = [line for line in said if line["event"] == "checkpoint not written"]
        assert [line["error"] for line in errors] == ["no space left on device"] * 2
        assert errors[0]["retry_in_s"] == RETRY_CHECKPOINT_S
        assert work.facts() == truth(EVENTS[1:4]), "with space again nothing is lost"

    async def test_a_store_that_is_full_at_the_end_is_an_error(self, work: Work) -> None:
        await fill(work.log, EVENTS)
        work.store.full = True
        with pytest.raises(StoreError):
            await work.to_the_end()
        work.store.full = False
        await work.to_the_end()
        assert work.facts() == truth(EVENTS)


class TestLogs:
    async def test_a_locked_log_is_refused_and_nothing_is_written(
        self, work: Work, tmp_path: Path
    ) -> None:
        await fill(work.log, EVENTS)
        other = SqliteLog.open(tmp_path / "log.db")
        reading = other.batches({})
        await anext(reading)
        with pytest.raises(LogRefused, match="another aggregator reads"):
            await work.to_the_end()
        assert work.store.tried == 0
        await other.close()

    async def test_a_log_that_lost_its_tail_is_read_again(self, work: Work, tmp_path: Path) -> None:
        await fill(work.log, EVENTS[:60])
        await fill(work.log, EVENTS[60:])
        await work.to_the_end()
        _cut(tmp_path / "log.db", 60)
        await fill(work.log, [history("S9")])
        with capture_logs() as said:
            service = await work.to_the_end()
        assert service.tally.events["snapshot", "known"] == 60
        assert work.facts() == truth([*EVENTS, history("S9")]), "what was counted stays counted"
        (line,) = (line for line in said if "lost its tail" in line["event"])
        assert (line["read_to"], line["ends_at"]) == (len(EVENTS), 61)
        assert (await work.to_the_end()).tally.events.total() == 0

    async def test_a_log_that_goes_away_ends_it_with_what_was_read_durable(
        self, work: Work
    ) -> None:
        await fill(work.log, EVENTS[:10])
        reading = work.log.batches

        async def breaking(
            start: Positions, until: Positions | None = None
        ) -> AsyncIterator[Batch]:
            async for batch in reading(start, until):
                yield batch
                raise LogUnavailable("the disk answered with an error")

        work.log.batches = breaking  # type: ignore[method-assign]
        with pytest.raises(LogUnavailable):
            await work.to_the_end()
        assert work.facts() == truth(EVENTS[:10])

    async def test_a_stop_is_a_stop_though_the_log_went_away(self, work: Work) -> None:
        async def broken(start: Positions, until: Positions | None = None) -> AsyncIterator[Batch]:
            work.stop.set()
            await asyncio.sleep(0)
            raise LogUnavailable("the disk answered with an error")
            yield

        work.log.batches = broken  # type: ignore[method-assign]
        await asyncio.wait_for(work.service().run(work.stop), 20)


def _cut(path: Path, offset: int) -> None:
    """The log as a backup of long ago has it."""
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM batch WHERE first >= ?", (offset,))
    connection.commit()
    connection.close()


def test_facts_of_a_store_are_those_of_its_ledger() -> None:
    """What these tests compare with."""
    assert facts_of(ledger_of(EVENTS)) == truth(EVENTS)

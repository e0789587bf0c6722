"""The aggregator at work on a real local log."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from aggregator.ingest.intake import Taken
from aggregator.ingest.part import Part
from aggregator.rates.figures import Figures
from aggregator.service import LOOK_AHEAD_S, SLICE_RECORDS
from bus.contract import AnyEvent
from bus.log import Batch, Message, Spot, Topic
from bus.sqlite import SqliteLog
from tests.aggregator.at_work import PATIENCE_S, FailingStore, Work, drive_days, fill, messages
from tests.aggregator.ingest.facts import figures_of, ledger_of, truth
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
        ends = await work.log.ends()
        await fill(work.log, EVENTS[5:])

        async def ends_before() -> dict[Spot, int]:
            return ends

        work.log.ends = ends_before  # type: ignore[method-assign]
        await work.to_the_end()
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
        await asyncio.wait_for(service.run(work.stop), PATIENCE_S)
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
        await work.to_the_end()
        service = work.service()

        async def tomorrow(figures: Figures) -> None:
            if len(work.shown) == 1:
                work.clock.now += timedelta(days=1)
                await work.log.append([Message(SAYS, b"no news")], live=True)  # but it wakes
            else:
                work.stop.set()

        work.on_show = tomorrow
        await asyncio.wait_for(service.run(work.stop), PATIENCE_S)
        first, second = work.shown
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

    async def test_the_logs_end_is_asked_for_now_and_then(self, work: Work) -> None:
        """A log that grows faster than it is read shows a lag, also before it is read."""
        service = work.service()
        asked: list[int] = []
        ends = work.log.ends

        async def counted() -> dict[Spot, int]:
            asked.append(len(work.shown))
            return await ends()

        async def look(figures: Figures) -> None:
            await fill(work.log, EVENTS[len(work.shown) :][:1])
            if len(work.shown) in (2, 4):
                work.let_pass(LOOK_AHEAD_S)
            if len(work.shown) == 6:
                work.stop.set()

        work.log.ends = counted  # type: ignore[method-assign]
        work.on_show = look
        await asyncio.wait_for(service.run(work.stop), PATIENCE_S)
        assert asked == [0, 1, 3, 5]

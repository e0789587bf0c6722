"""The aggregator at work where its disk is full or its log is not what it was."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from aggregator.ingest.ledger import Ledger, Sightings
from aggregator.ingest.store import StoreError
from aggregator.rates.figures import Figures
from aggregator.service import RETRY_CHECKPOINT_S
from bus.contract import AnyEvent
from bus.log import Batch, LogRefused, LogUnavailable, Positions
from bus.sqlite import SqliteLog
from tests.aggregator.at_work import PATIENCE_S, Work, fill
from tests.aggregator.ingest.facts import truth
from tests.aggregator.ingest.stories import FIRST, days, history

EVENTS: list[AnyEvent] = [history(f"S{n}", day) for n in range(3) for day in days(FIRST, 35)]


class TestCheckpoints:
    async def test_they_come_no_oftener_than_their_pause(self, work: Work) -> None:
        service = work.service(checkpoint_every_s=5.0)
        written: list[int] = []

        async def more(figures: Figures) -> None:
            written.append(work.store.tried)
            if len(written) < 4:
                await fill(work.log, EVENTS[len(written) : len(written) + 1])
            elif len(written) == 4:
                await fill(work.log, EVENTS[10:11])
                work.let_pass(5.0)
            else:
                work.stop.set()

        work.on_show = more
        await asyncio.wait_for(service.run(work.stop), PATIENCE_S)
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
            await fill(work.log, EVENTS[len(tried) : len(tried) + 1])
            work.let_pass(waits[len(tried) - 1])

        work.on_show = wait
        with capture_logs() as said:
            await asyncio.wait_for(service.run(work.stop), PATIENCE_S)
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


async def test_after_an_error_of_ours_nothing_is_written(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger that was left in the middle of a change must not outlive the process."""
    await fill(work.log, EVENTS[:10])
    await work.to_the_end()
    await fill(work.log, EVENTS[10:])
    see, before = Ledger.see, work.store.tried

    def break_off(ledger: Ledger, seen: Sightings) -> int:
        see(ledger, seen)
        raise ZeroDivisionError

    monkeypatch.setattr(Ledger, "see", break_off)
    with pytest.raises(ZeroDivisionError):
        await work.to_the_end()
    monkeypatch.undo()
    assert work.store.tried == before
    assert work.facts() == truth(EVENTS[:10])
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

"""The aggregator at work: follow the log, keep checkpoints, keep the figures fresh.

Rules:
- One task owns the ledgers. While a thread writes a checkpoint or works out figures, that task
  waits, so that nobody writes what is being read; serving goes on beside it.
- Records are taken in by small slices, so that the event loop is never kept for long.
- Checkpoints and figures take at most a tenth of the time: one that takes long comes seldom.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aggregator.ingest.part import Part
from aggregator.ingest.store import Store, StoreError
from aggregator.pipeline import Figuring
from aggregator.rates.days import last_closed
from aggregator.rates.figures import Figures
from bus.belief import Rejected
from bus.log import Batch, Log, Spot
from bus.program.logs import logger

SLICE_RECORDS = 1_000
"""Records taken in at once: 3 ms, or 15 ms when every drive in them is new."""
IDLE_S = 30.0
"""How often an idle aggregator looks whether a day has closed."""
RETRY_CHECKPOINT_S = 10.0
SHARE = 10
"""Checkpoints and figures may each take one part in this many of the time."""

log = logger("aggregator")


@dataclass
class Tally:
    """What arrived since the start of the process."""

    events: Counter[tuple[str, str]] = field(default_factory=Counter)  # kind, result
    rejected: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)  # of each reason the first

    def add(
        self, spot: Spot, events: Counter[tuple[str, str]], refused: list[tuple[int, Rejected]]
    ) -> None:
        self.events.update(events)
        for offset, why in refused:
            self.rejected[why.why] += 1
            where = f"{spot.topic} {spot.partition} at {offset}: {why.detail}"
            if self.examples.setdefault(why.why, where) is where:
                log.warning("record rejected", reason=why.why, first_at=where)


class Due:
    """When something may be done again: not before a pause, nor more than its share of time."""

    def __init__(self, every_s: float, monotonic: Callable[[], float]) -> None:
        self._every_s = every_s
        self._monotonic = monotonic
        self._next = monotonic()

    @property
    def in_s(self) -> float:
        return max(0.0, self._next - self._monotonic())

    async def run(self, work: Awaitable[None]) -> None:
        """Do it, and put off the next time by as much as it took."""
        begun = self._monotonic()
        await work
        took = self._monotonic() - begun
        self.put_off(max(self._every_s, SHARE * took))

    def put_off(self, seconds: float) -> None:
        self._next = self._monotonic() + seconds


class Service:
    """One aggregator. `run` once."""

    def __init__(
        self,
        bus: Log,
        store: Store,
        parts: list[Part],
        figuring: Figuring,
        show: Callable[[Figures], Awaitable[None]],
        *,
        checkpoint_every_s: float,
        refresh_every_s: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`show` is given every new set of figures."""
        self.parts = parts
        self.tally = Tally()
        self.ends: dict[Spot, int] = {}
        self.figures: Figures | None = None
        self.shown_at: datetime | None = None
        self._bus = bus
        self._store = store
        self._figuring = figuring
        self._show = show
        self._clock = clock
        self._checkpoint = Due(checkpoint_every_s, monotonic)
        self._refresh = Due(refresh_every_s, monotonic)
        self._shown: object = None

    async def run(self, stop: asyncio.Event, *, until_end: bool = False) -> None:
        """Follow the log until `stop` is set, or, with `until_end`, to its end as of now.

        Ends with everything durable. Raises LogError or StoreError when that cannot be.
        """
        self.ends = await self._bus.ends()
        self._rewind_where_shorter()
        start = {spot: at for part in self.parts for spot, at in part.positions.items()}
        source = self._bus.batches(start, self.ends if until_end else None)
        try:
            await self._follow(source, stop)
        finally:
            await asyncio.to_thread(self._write)

    async def _follow(self, source: AsyncIterator[Batch], stop: asyncio.Event) -> None:
        """Take in batches as they come; between them do what is due."""
        stopped = asyncio.create_task(stop.wait())
        coming = asyncio.ensure_future(anext(source))
        try:
            while not stopped.done():
                await asyncio.wait(
                    {coming, stopped}, timeout=self._idle_s(), return_when=asyncio.FIRST_COMPLETED
                )
                if coming.done() and not stopped.done():
                    try:
                        batch = coming.result()
                    except StopAsyncIteration:
                        return
                    coming = asyncio.ensure_future(anext(source))  # read on while this is taken in
                    await self._take(batch)
                await self._do_what_is_due()
        finally:
            for task in (coming, stopped):
                task.cancel()
                with suppress(asyncio.CancelledError, StopAsyncIteration):
                    await task

    async def _take(self, batch: Batch) -> None:
        part = self.parts[batch.spot.partition]
        self.ends[batch.spot] = max(batch.end, self.ends.get(batch.spot, 0))
        for begin in range(0, len(batch.values), SLICE_RECORDS):
            taken = part.take(batch, begin, begin + SLICE_RECORDS)
            self.tally.add(batch.spot, *taken)
            await asyncio.sleep(0)

    async def _do_what_is_due(self) -> None:
        if self._dirty() and not self._checkpoint.in_s:
            await self._checkpoint.run(self._try_to_write())
        if self._shown != self._facts() and not self._refresh.in_s:
            await self._refresh.run(self._refresh_now())

    def _idle_s(self) -> float:
        """How long there is nothing to do unless a batch comes."""
        waits = [IDLE_S]
        if self._dirty():
            waits.append(self._checkpoint.in_s)
        if self._shown != self._facts():
            waits.append(self._refresh.in_s)
        return min(waits)

    def _dirty(self) -> bool:
        return any(part.dirty for part in self.parts)

    def _facts(self) -> object:
        """What the figures depend on: the facts, and which day is the last closed one."""
        return last_closed(self._clock()), tuple(part.ledger.version for part in self.parts)

    async def _refresh_now(self) -> None:
        facts = self._facts()
        figures = await asyncio.to_thread(
            self._figuring.work_out,
            [part.ledger for part in self.parts],
            now=self._clock(),
            simulated=self._bus.info.simulated,
        )
        await self._show(figures)
        self.figures, self.shown_at = figures, self._clock()
        self._shown = facts

    async def _try_to_write(self) -> None:
        """Write checkpoints; where the store is full or away, say so and try again later."""
        try:
            await asyncio.to_thread(self._write)
        except StoreError as error:
            log.error("checkpoint not written", error=str(error), retry_in_s=RETRY_CHECKPOINT_S)
            self._checkpoint.put_off(RETRY_CHECKPOINT_S)

    def _write(self) -> None:
        for part in self.parts:
            if part.dirty:
                written = part.write(self._store, self._clock())
                log.debug("checkpoint written", partition=part.number, bytes=written)

    def _rewind_where_shorter(self) -> None:
        """A log that ends before where it was read to has lost its tail: read it all again."""
        for part in self.parts:
            for spot, offset in part.positions.items():
                if offset > self.ends[spot]:
                    log.error(
                        "the log lost its tail: reading it again from its start; what was counted"
                        " stays counted",
                        topic=spot.topic,
                        partition=spot.partition,
                        read_to=offset,
                        ends_at=self.ends[spot],
                    )
                    part.rewind()
                    break

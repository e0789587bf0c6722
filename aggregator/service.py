"""The aggregator at work: follow the log, keep checkpoints, keep the figures fresh.

Rules:
- One task owns the ledgers. While a thread writes a checkpoint or works out figures, that task
  waits, so that nobody writes what is being read; serving goes on beside it.
- Records are taken in by small slices, so that the event loop is never kept for long.
- Nothing is written before the log's lock is ours.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

from aggregator.due import Due
from aggregator.ingest.part import Part
from aggregator.ingest.store import Store, StoreError
from aggregator.pipeline import Figuring
from aggregator.rates.days import last_closed
from aggregator.rates.figures import Figures
from aggregator.tally import Tally
from bus.log import Batch, Log, LogError, Spot
from bus.program.logs import logger

SLICE_RECORDS = 1_000
"""Records taken in at once: 3 ms, or 15 ms when every drive in them is new."""
IDLE_S = 30.0
"""How often an idle aggregator looks whether a day has closed."""
RETRY_CHECKPOINT_S = 10.0
"""A full disk is not emptied at once, and each failure is a line in the log."""
LOOK_AHEAD_S = 5.0
"""How often the log is asked for its end: the lag that is told is at most this old."""

log = logger("aggregator")


class Service:
    """One aggregator. `run` once."""

    def __init__(
        self,
        bus: Log,
        store: Store,
        parts: list[Part],
        figuring: Figuring,
        show: Callable[[Figures], Awaitable[None]] | None,
        *,
        checkpoint_every_s: float,
        refresh_every_s: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`show` is given every new set of figures; without it none are worked out."""
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
        self._look_ahead = Due(LOOK_AHEAD_S, monotonic)
        self._shown: object = None
        self._reads = False  # the log's lock is ours

    async def run(self, stop: asyncio.Event, *, until_end: bool = False) -> None:
        """Follow the log until `stop` is set, or, with `until_end`, to its end as of now.

        Ends with everything durable. Raises LogError or StoreError when that cannot be.
        """
        self.ends = await self._bus.ends()
        self._rewind_where_shorter()
        start = {spot: at for part in self.parts for spot, at in part.positions.items()}
        source = self._bus.batches(start, dict(self.ends) if until_end else None)
        try:
            await self._follow(source, stop)
        except LogError:
            await self._end()
            raise
        await self._end()

    async def _follow(self, source: AsyncIterator[Batch], stop: asyncio.Event) -> None:
        """Take in batches as they come; between them do what is due."""
        stopped = asyncio.create_task(stop.wait())
        coming = asyncio.ensure_future(anext(source))
        try:
            while not stopped.done():
                await asyncio.wait(
                    {coming, stopped}, timeout=self._idle_s(), return_when=asyncio.FIRST_COMPLETED
                )
                if stopped.done():
                    return
                if coming.done():
                    try:
                        batch = coming.result()
                    except StopAsyncIteration:
                        self._reads = True
                        return
                    coming = asyncio.ensure_future(anext(source))  # read on while this is taken in
                    await self._take(batch)
                self._reads = True
                await self._do_what_is_due()
        finally:
            coming.cancel()
            stopped.cancel()
            await asyncio.gather(coming, stopped, return_exceptions=True)

    async def _end(self) -> None:
        """Make durable what was read. After an error of ours nothing is: who knows what it left."""
        if self._reads:
            await asyncio.to_thread(self._write)

    async def _take(self, batch: Batch) -> None:
        part = self.parts[batch.spot.partition]
        self.ends[batch.spot] = max(batch.end, self.ends.get(batch.spot, 0))
        for begin in range(0, len(batch.values), SLICE_RECORDS):
            self.tally.add(batch.spot, part.take(batch, begin, begin + SLICE_RECORDS))
            await asyncio.sleep(0)

    async def _do_what_is_due(self) -> None:
        if self._is_dirty() and not self._checkpoint.in_s:
            written = await self._checkpoint.run(self._try_to_write())
            if not written:
                self._checkpoint.put_off(RETRY_CHECKPOINT_S)
        if self._is_stale() and not self._refresh.in_s:
            await self._refresh.run(self._refresh_now())
        if not self._look_ahead.in_s:
            self.ends = await self._look_ahead.run(self._bus.ends())

    def _idle_s(self) -> float:
        """How long there is nothing to do unless a batch comes."""
        waits = [IDLE_S, self._look_ahead.in_s]
        if self._is_dirty():
            waits.append(self._checkpoint.in_s)
        if self._is_stale():
            waits.append(self._refresh.in_s)
        return min(waits)

    def _is_dirty(self) -> bool:
        """Whether anything is not in a checkpoint yet."""
        return any(part.dirty for part in self.parts)

    def _is_stale(self) -> bool:
        """Whether other figures are to be shown than those that are."""
        return self._show is not None and self._shown != self._facts()

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
        if self._show is not None:
            await self._show(figures)
        self.figures, self.shown_at = figures, self._clock()
        self._shown = facts

    async def _try_to_write(self) -> bool:
        """Write checkpoints; where the store is full or away, say so. Whether all are written."""
        try:
            await asyncio.to_thread(self._write)
        except StoreError as error:
            log.error("checkpoint not written", error=str(error), retry_in_s=RETRY_CHECKPOINT_S)
            return False
        return True

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

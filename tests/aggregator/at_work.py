"""A local log, a state store and a service over them, with clocks that a test sets."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from aggregator.cli.run import own_parts
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.restore import restore_all
from aggregator.ingest.store import FolderStore, Name, StoreError
from aggregator.pipeline import Figuring
from aggregator.rates.figures import Figures
from aggregator.service import Service
from bus import contract, identity
from bus.contract import AnyEvent, Inventory, Verdict
from bus.log import Message, Spot, Topic
from bus.sqlite import SqliteLog
from tests.aggregator.ingest.facts import NOW, facts_of
from tests.aggregator.ingest.naive import Naive
from tests.aggregator.ingest.stories import TAKEN_IN, routed

PATIENCE_S = 20.0
"""Nothing here takes a second; a test that hangs ends."""


def messages(events: Iterable[AnyEvent], partitions: int) -> list[Message]:
    """The events as their senders address them; an inventory goes to every partition."""
    found = []
    for event in events:
        topic = Topic.VERDICTS if isinstance(event, Verdict) else Topic.SNAPSHOTS
        if isinstance(event, Inventory):
            to = list(range(partitions))
        else:
            to = [identity.partition(event.drive.serial, partitions)]
        found += [Message(Spot(topic, n), contract.encode(routed(event, n))) for n in to]
    return found


async def fill(log: SqliteLog, events: Sequence[AnyEvent]) -> None:
    await log.append(messages(events, log.info.partitions), live=True)


def filled(path: Path, events: Sequence[AnyEvent] = (), *, partitions: int = 1) -> SqliteLog:
    """A log that took in these events at TAKEN_IN, open."""
    log = SqliteLog.create(path, partitions=partitions, clock=lambda: TAKEN_IN)
    asyncio.run(fill(log, events))
    return log


def drive_days(figures: Figures) -> int:
    """Of all drives, ever."""
    rows = (row for row in figures.fleet if (row.role, row.window) == ("all", "lifetime"))
    return next((row.rate.drive_days for row in rows), 0)


class FailingStore(FolderStore):
    """A folder whose disk may be full, and which tells how often it was written."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.full = False
        self.tried = 0

    def write(self, name: Name, chunks: Iterable[bytes]) -> int:
        self.tried += 1
        if self.full:
            raise StoreError("no space left on device")
        return super().write(name, chunks)


@dataclass
class Clock:
    """Time that passes when a test says so."""

    now: datetime = NOW
    seconds: float = 1_000.0


@dataclass
class Work:
    """One service over a log and a store, and the figures it showed."""

    log: SqliteLog
    store: FailingStore
    clock: Clock = field(default_factory=Clock)
    shown: list[Figures] = field(default_factory=list)
    on_show: Callable[[Figures], Awaitable[None]] | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def service(self, *, checkpoint_every_s: float = 5.0, shows: bool = True) -> Service:
        return Service(
            self.log,
            self.store,
            own_parts(self.log, self.store),
            Figuring(),
            self._show if shows else None,
            checkpoint_every_s=checkpoint_every_s,
            refresh_every_s=0.0,
            clock=lambda: self.clock.now,
            monotonic=lambda: self.clock.seconds,
        )

    def let_pass(self, seconds: float) -> None:
        """Let time pass as soon as the caller's caller waits: so it is no time that work took."""
        asyncio.get_running_loop().call_soon(self._pass, seconds)

    def _pass(self, seconds: float) -> None:
        self.clock.seconds += seconds

    async def to_the_end(self) -> Service:
        """A service that works off what is in the log now."""
        service = self.service(shows=False)
        await asyncio.wait_for(service.run(self.stop, until_end=True), PATIENCE_S)
        return service

    async def until_shown(self, service: Service, enough: Callable[[Figures], bool]) -> None:
        """Follow the log until figures are shown that are enough, then stop."""

        async def look(figures: Figures) -> None:
            if enough(figures):
                self.stop.set()

        self.on_show = look
        await asyncio.wait_for(service.run(self.stop), PATIENCE_S)
        self.stop.clear()

    async def _show(self, figures: Figures) -> None:
        self.shown.append(figures)
        if self.on_show is not None:
            await self.on_show(figures)

    def restored(self) -> list[Ledger]:
        """What is durable."""
        return [part.ledger for part in restore_all(self.store)]

    def facts(self) -> Naive:
        """What is durable, of a log of one partition."""
        (ledger,) = self.restored()
        return facts_of(ledger)

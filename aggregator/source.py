"""What is served besides the figures: one drive's life, and how this process is doing."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import bus
from aggregator.ingest.calendar import to_day
from aggregator.ingest.naming import Naming
from aggregator.ingest.part import Part
from aggregator.life.find import as_key, keys_with_serial
from aggregator.life.history import tell_life
from aggregator.rates.figures import DriveLife
from aggregator.serve.source import Ambiguous, ProcessFigures
from aggregator.service import Service
from bus import identity
from bus.text import complaint


class ServiceSource:
    """The running service, as handlers ask it."""

    def __init__(self, service: Service, naming: Naming, clock: Callable[[], datetime]) -> None:
        self._service = service
        self._naming = naming
        self._clock = clock

    async def drive(self, key: str) -> DriveLife | Ambiguous | None:
        """See `Source.drive`."""
        if complaint(key, len(key)):
            return None  # no drive is spelled like that
        part, keys = await self._find(key)
        figures = self._service.figures
        if len(keys) > 1:
            return Ambiguous(tuple(keys))
        if not keys or figures is None:
            return None
        return tell_life(part.ledger, keys[0], to_day(figures.as_of), self._naming)

    def process(self) -> ProcessFigures:
        """See `Source.process`."""
        service = self._service
        shown_at = service.shown_at
        return ProcessFigures(
            version=bus.__version__,
            events=dict(service.tally.events.items()),
            rejected=dict(service.tally.rejected.items()),
            lag_records={part.number: self._lag(part) for part in service.parts},
            checkpoints={
                part.number: part.written_at.timestamp()
                for part in service.parts
                if part.written_at is not None
            },
            view_age_s=None if shown_at is None else (self._clock() - shown_at).total_seconds(),
        )

    def _lag(self, part: Part) -> int:
        """Records of a partition that are in the log and not yet read."""
        ends = self._service.ends
        return sum(max(0, ends.get(spot, 0) - at) for spot, at in part.positions.items())

    async def _find(self, text: str) -> tuple[Part, list[str]]:
        """(its partition, the drive with this key or all drives with this serial)."""
        key = as_key(text)
        if key is not None:
            part = self._part_of(identity.split_key(key)[0])
            if key in part.ledger.rows:
                return part, [key]
        part = self._part_of(text)
        # A copy, for the owner of the ledger goes on meanwhile.
        return part, await asyncio.to_thread(keys_with_serial, part.ledger.keys(), text)

    def _part_of(self, serial: str) -> Part:
        parts = self._service.parts
        return parts[identity.partition(serial, len(parts))]

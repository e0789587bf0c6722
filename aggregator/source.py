"""What is served besides the figures: one drive's life, and how this process is doing."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

import bus
from aggregator.ingest.calendar import to_day
from aggregator.ingest.naming import Naming
from aggregator.life.history import tell_life
from aggregator.rates.figures import DriveLife
from aggregator.serve.source import Ambiguous, ProcessFigures
from aggregator.service import Service
from bus import identity


class ServiceSource:
    """The running service, as handlers ask it."""

    def __init__(self, service: Service, naming: Naming, clock: Callable[[], datetime]) -> None:
        self._service = service
        self._naming = naming
        self._clock = clock

    async def drive(self, key: str) -> DriveLife | Ambiguous | None:
        """See `Source.drive`."""
        keys = await self._keys_of(key)
        if len(keys) > 1:
            return Ambiguous(tuple(keys))
        if not keys or self._service.figures is None:
            return None
        parts = self._service.parts
        ledger = parts[_partition_of(keys[0], len(parts))].ledger
        as_of = to_day(self._service.figures.as_of)
        return tell_life(ledger, keys[0], as_of, self._naming)

    def process(self) -> ProcessFigures:
        """See `Source.process`."""
        service = self._service
        lags: dict[int, int] = {part.number: 0 for part in service.parts}
        for part in service.parts:
            for spot, offset in part.positions.items():
                lags[part.number] += max(0, service.ends.get(spot, 0) - offset)
        shown_at = service.shown_at
        return ProcessFigures(
            version=bus.__version__,
            events=dict(service.tally.events),
            rejected=dict(service.tally.rejected),
            lag_records=lags,
            checkpoints={
                part.number: part.written_at.timestamp()
                for part in service.parts
                if part.written_at is not None
            },
            view_age_s=None if shown_at is None else (self._clock() - shown_at).total_seconds(),
        )

    async def _keys_of(self, text: str) -> list[str]:
        """The drive with this key, or the drives with this serial."""
        parts = self._service.parts
        if ":" in text:
            part = parts[_partition_of(text, len(parts))]
            return [text] if text in part.ledger.rows else []
        part = parts[identity.partition(text, len(parts))]
        keys = part.ledger.keys()
        return await asyncio.to_thread(keys_with_serial, keys, text)


def keys_with_serial(keys: Iterable[str], serial: str) -> list[str]:
    """The keys of all drives with a serial, in any spelling."""
    prefix = identity.drive_key(serial, "")
    return [key for key in keys if key.startswith(prefix)]


def _partition_of(key: str, partitions: int) -> int:
    try:
        return identity.partition(identity.split_key(key)[0], partitions)
    except ValueError:
        return 0  # no key, so in no partition

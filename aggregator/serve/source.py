"""What serving needs of the rest: drives to look up, and how the process is doing."""

from typing import Protocol

import msgspec

from aggregator.rates.figures import DriveLife


class ProcessFigures(msgspec.Struct, frozen=True):
    """How this process is doing, at the moment of asking. Times are Unix seconds.

    Counters that can be told beforehand start at 0: a series that appears with its first event
    hides that event from every `increase()`.
    """

    version: str
    events: dict[tuple[str, str], int]  # (kind, result): events read
    rejected: dict[str, int]  # by reason
    lag_records: dict[int, int]  # by partition
    checkpoints: dict[int, float]  # by partition: time of the last one written or restored
    view_age_s: float | None  # since the view that was shown last was worked out


class Ambiguous(msgspec.Struct, frozen=True):
    """Several drives have the serial that was asked for: their keys."""

    keys: tuple[str, ...]


class Source(Protocol):
    """Asked by handlers in the event loop: none of it may keep the loop for more than 20 ms."""

    async def drive(self, key: str) -> DriveLife | Ambiguous | None:
        """The drive with this key, or with this serial where one drive alone has it."""
        ...

    def process(self) -> ProcessFigures:
        """How this process is doing now."""
        ...

"""A log: where events are kept, and the interface that Kafka and the local file share.

Rules:
- What `append` was given is durable when it returns; if it raises, each message may be there once,
  or not at all: send it again, the facts are a set.
- Offsets count records of one topic and partition from 0. A batch's records follow each other.
- A log has an identity of its own: an offset means nothing in another log.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol


class Topic(StrEnum):
    """The streams of a log. Each has the same number of partitions."""

    SNAPSHOTS = "snapshots"  # what hosts say: snapshot, absence, inventory
    VERDICTS = "verdicts"  # what operators say, so that they alone may write it


class Spot(NamedTuple):
    """A stream of offsets: one partition of one topic."""

    topic: Topic
    partition: int


class Message(NamedTuple):
    """One event's bytes and where they go."""

    spot: Spot
    value: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one spot that the log took in at one time, in order, without a gap."""

    spot: Spot
    offset: int  # of the first record
    taken_in: datetime  # UTC
    values: list[bytes]

    @property
    def end(self) -> int:
        """The offset after the last record."""
        return self.offset + len(self.values)


@dataclass(frozen=True, slots=True)
class LogInfo:
    """What a log is, for checks and for checkpoints."""

    id: str
    partitions: int
    simulated: bool


Positions = Mapping[Spot, int]
"""The offset to read next, by spot."""


class Log(Protocol):
    """A log that is open. Writers use `append`; the one reader of a local log uses `batches`."""

    @property
    def info(self) -> LogInfo: ...

    async def append(self, messages: Sequence[Message], *, live: bool) -> None:
        """Make the messages durable. `live` says that they are not imported history.

        Blocks until they are durable. Raises LogUnavailable (try again) or LogRefused.
        """

    def batches(self, start: Positions, until: Positions | None = None) -> AsyncIterator[Batch]:
        """Every batch from `start` on, a spot's in order; waits for more unless `until` ends it.

        A spot without a start is read from its earliest record, one that `until` does not name
        not at all; spots that the log does not have are passed over. One iteration at a time.
        Raises LogUnavailable or LogRefused.
        """

    async def ends(self) -> dict[Spot, int]:
        """The offset after the last record, by spot; every spot is there."""

    async def holds_live(self) -> bool:
        """Whether any event in it was appended as live."""

    async def close(self) -> None: ...


class LogError(Exception):
    """The log could not be reached or used. The text says what to do."""


class LogUnavailable(LogError):
    """The disk's or network's fault, and perhaps gone soon: keep the events and try again."""


class LogRefused(LogError):
    """A setting's fault: trying again will not help."""

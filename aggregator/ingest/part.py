"""One partition in service: its ledger, the way into it, how far its log was read, its checkpoint.

Rule: an offset is recorded only in the file that holds every fact below it.
"""

from collections.abc import Mapping
from datetime import datetime

from aggregator.ingest.checkpoint import Head, Position, encode_checkpoint
from aggregator.ingest.intake import Intake, Taken
from aggregator.ingest.restore import Restored
from aggregator.ingest.store import Name, Store
from bus.log import Batch, LogInfo, LogRefused, Spot, Topic


class Part:
    """A partition that this process owns."""

    def __init__(self, number: int, restored: Restored, log: LogInfo, incarnation: str) -> None:
        """Raises LogRefused when the state was made for a log with other partitions."""
        _check(number, restored, log)
        self.number = number
        self.ledger = restored.ledger
        self._log = log
        self._intake = Intake(self.ledger, number, log.partitions, simulated=log.simulated)
        self._positions = dict(restored.positions)
        held = self._positions.get(log.id, Position(0, {}))
        self._epoch = held.epoch
        self._next = {topic: held.offsets.get(topic, 0) for topic in Topic}
        self._name = Name(number, incarnation)
        self._superseded = list(restored.read)
        self._written = self._mark() if len(restored.read) == 1 else None
        self.written_at = None if restored.head is None else restored.head.written_at

    @property
    def positions(self) -> Mapping[Spot, int]:
        """The offset to read next, of each topic."""
        return {Spot(topic, self.number): offset for topic, offset in self._next.items()}

    @property
    def dirty(self) -> bool:
        """Whether anything is not in a checkpoint yet."""
        return self._written != self._mark()

    def take(self, batch: Batch, begin: int, end: int) -> Taken:
        """Take in the records of a batch from index `begin` to before `end`."""
        values = batch.values[begin:end]
        offset = batch.offset + begin
        expected = self._next[batch.spot.topic]
        if offset != expected:
            raise AssertionError(f"{batch.spot} continues at {offset}, not {expected}")
        taken = self._intake.take(batch.spot, offset, values, batch.taken_in)
        self._next[batch.spot.topic] = offset + len(values)
        return taken

    def rewind(self) -> None:
        """Begin this log again from its start, in a new epoch; facts stay."""
        self._epoch += 1
        self._next = dict.fromkeys(Topic, 0)

    def write(self, store: Store, now: datetime) -> int:
        """Make everything durable; returns the bytes written.

        Blocks, and nobody may write the ledger meanwhile. Afterwards the files that this one
        makes superfluous are gone.
        """
        mark = self._mark()
        self.ledger.presence.seal()
        self._positions[self._log.id] = Position(
            self._epoch, {topic.value: at for topic, at in self._next.items()}
        )
        head = Head(
            partition=self.number,
            partitions=self._log.partitions,
            simulated=self._log.simulated,
            incarnation=self._name.incarnation,
            written_at=now,
            positions=self._positions,
        )
        written = store.write(self._name, encode_checkpoint(head, self.ledger))
        self._written = mark
        self.written_at = now
        while self._superseded:
            store.remove(self._superseded[-1])
            self._superseded.pop()
        return written

    def _mark(self) -> tuple[int, ...]:
        return self.ledger.version, self._epoch, *self._next.values()


def _check(number: int, restored: Restored, log: LogInfo) -> None:
    head = restored.head
    if head is None:
        return
    if head.partitions != log.partitions:
        raise LogRefused(
            f"the state is of {head.partitions} partitions, the log has {log.partitions}: give"
            " each log a state of its own with --state"
        )
    if head.simulated != log.simulated:
        raise LogRefused("real and simulated facts do not mix: give each log its own --state")

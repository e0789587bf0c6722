"""Restore: one partition's facts from all its checkpoints, and where to go on in which log.

The union of the files holds every fact below the highest offset that any of them recorded for this
very log, so reading goes on there. An offset of another log says nothing here; its facts stay.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from aggregator.ingest.checkpoint import CheckpointError, Head, Position, decode_checkpoint
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.store import Name, Store, StoreError
from aggregator.ingest.union import absorb
from bus.program.errors import UsageError

MAX_TRIES = 5
"""Looks at a folder whose files are being replaced; each look is far shorter than their age."""


@dataclass(slots=True)
class Restored:
    """A partition as its checkpoints left it."""

    ledger: Ledger = field(default_factory=Ledger)
    head: Head | None = None  # of the newest file; None where there is none
    positions: dict[str, Position] = field(default_factory=dict)  # by log: the furthest
    read: list[Name] = field(default_factory=list)  # may go once the union is durable
    refused: list[str] = field(default_factory=list)  # damaged or newer files, in words


def restore_partition(store: Store, partition: int) -> Restored:
    """Unite all files of a partition. Blocks.

    A damaged or newer file is left out, left alone and named: the other files and the log make up
    for it. Raises StoreError where the store cannot be read.
    """
    for _ in range(MAX_TRIES):
        try:
            return _restore(store, [n for n in store.names() if n.partition == partition])
        except FileNotFoundError:
            continue  # its owner replaced it meanwhile: look again
    raise StoreError(f"the state store {store.url} changes faster than it can be read; try again")


def restore_all(store: Store) -> list[Restored]:
    """Every partition of a store, for those who only look. Blocks.

    Raises StoreError when the store is empty or a partition is missing.
    """
    there = {name.partition for name in store.names()}
    if not there:
        raise UsageError(
            f"there is no state in {store.url}: run `drivefleet-aggregator run --state {store.url}`"
        )
    parts = {partition: restore_partition(store, partition) for partition in sorted(there)}
    _refuse_damaged(parts.values())
    heads = [part.head for part in parts.values() if part.head]
    partitions = max((head.partitions for head in heads), default=1)
    missing = [n for n in range(partitions) if n not in parts or parts[n].head is None]
    if missing:
        raise StoreError(
            f"the state store {store.url} lacks partition {missing[0]} of {partitions}: an"
            " aggregator has not written it yet, or a file was removed; run the aggregator"
        )
    return list(parts.values())


def _refuse_damaged(parts: Iterable[Restored]) -> None:
    refused = [words for part in parts for words in part.refused]
    if refused:
        raise StoreError(
            f"{'; '.join(refused)}; move the file away and run the aggregator: it reads the log"
            " again from where the other files end"
        )


def _restore(store: Store, names: Iterable[Name]) -> Restored:
    restored = Restored()
    for name in names:
        try:
            head, ledger = decode_checkpoint(f"{store.url}/{name}", store.read(name))
        except CheckpointError as error:
            restored.refused.append(str(error))
            continue
        if restored.head is None:
            restored.ledger, restored.head = ledger, head
        else:
            _check_alike(store, name, head, restored.head)
            absorb(restored.ledger, ledger)
            restored.head = max(head, restored.head, key=lambda one: one.written_at)
        for log, position in head.positions.items():
            restored.positions[log] = furthest(restored.positions.get(log), position)
        restored.read.append(name)
    return restored


def _check_alike(store: Store, name: Name, head: Head, other: Head) -> None:
    """Raises UsageError where two files cannot be of one fleet."""
    if (head.partitions, head.simulated) != (other.partitions, other.simulated):
        raise UsageError(
            f"{name} in the state store {store.url} is of another fleet than the files beside it"
            " (other partitions, or simulated): move away those that do not belong there"
        )


def furthest(one: Position | None, other: Position) -> Position:
    """The position with the higher epoch; within one epoch, of each topic the higher offset."""
    if one is None or other.epoch > one.epoch:
        return other
    if other.epoch < one.epoch:
        return one
    topics = {**one.offsets, **other.offsets}
    return Position(
        one.epoch,
        {t: max(one.offsets.get(t, 0), other.offsets.get(t, 0)) for t in topics},
    )

"""One partition in service: an offset is recorded only in a file that holds every fact below it."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.ingest.checkpoint import Position, decode_checkpoint
from aggregator.ingest.part import Part
from aggregator.ingest.restore import Restored, restore_partition
from aggregator.ingest.store import FolderStore, Name, StoreError
from bus import contract
from bus.contract import AnyEvent
from bus.log import Batch, LogInfo, LogRefused, Spot, Topic
from tests.aggregator.ingest.facts import facts_of, truth
from tests.aggregator.ingest.stories import FIRST, TAKEN_IN, days, snapshot, verdict

LOG = LogInfo("sqlite-1", 1, simulated=False)
SAYS, DECIDES = Spot(Topic.SNAPSHOTS, 0), Spot(Topic.VERDICTS, 0)
EVENTS = [snapshot("S1", day) for day in days(FIRST, 5)]


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "state")


def part_of(store: FolderStore, incarnation: str, log: LogInfo = LOG) -> Part:
    return Part(0, restore_partition(store, 0), log, incarnation)


def batch(events: Iterable[AnyEvent], offset: int = 0, spot: Spot = SAYS) -> Batch:
    return Batch(spot, offset, TAKEN_IN, [contract.encode(event) for event in events])


def take(part: Part, events: Sequence[AnyEvent], offset: int = 0, spot: Spot = SAYS) -> None:
    part.take(batch(events, offset, spot), 0, len(events))


def on_disk(store: FolderStore, incarnation: str) -> tuple[Position, object]:
    head, ledger = decode_checkpoint("", store.read(Name(0, incarnation)))
    return head.positions[LOG.id], facts_of(ledger)


def test_a_file_holds_the_offsets_and_every_fact_below_them(store: FolderStore) -> None:
    part = part_of(store, "a")
    take(part, EVENTS[:3])
    take(part, [verdict("S1")], spot=DECIDES)
    part.write(store, TAKEN_IN)
    position = Position(0, {"snapshots": 3, "verdicts": 1})
    assert on_disk(store, "a") == (position, truth([*EVENTS[:3], verdict("S1")]))


def test_another_goes_on_where_it_ended(store: FolderStore) -> None:
    first = part_of(store, "a")
    take(first, EVENTS[:3])
    first.write(store, TAKEN_IN)
    second = part_of(store, "b")
    assert second.positions == {SAYS: 3, DECIDES: 0}
    take(second, EVENTS[3:], 3)
    second.write(store, TAKEN_IN)
    assert store.names() == [Name(0, "b")]
    assert on_disk(store, "b") == (Position(0, {"snapshots": 5, "verdicts": 0}), truth(EVENTS))


def test_slices_of_a_batch_follow_each_other(store: FolderStore) -> None:
    part, whole = part_of(store, "a"), batch(EVENTS, 100)
    part.take(batch(EVENTS[:1] * 100), 0, 100)
    part.take(whole, 0, 2)
    with pytest.raises(AssertionError, match="continues at 103, not 102"):
        part.take(whole, 3, 5)
    part.take(whole, 2, 5)
    assert part.positions[SAYS] == 105
    assert facts_of(part.ledger) == truth(EVENTS)


def test_an_offset_in_a_batch_is_told_of_a_rejected_record(store: FolderStore) -> None:
    values = [contract.encode(EVENTS[0]), b"?", b"?"]
    taken = part_of(store, "a").take(Batch(SAYS, 0, TAKEN_IN, values), 0, 3)
    assert [offset for offset, _ in taken.rejected] == [1, 2]


def test_it_is_dirty_while_anything_is_not_in_a_file(store: FolderStore) -> None:
    part = part_of(store, "a")
    assert part.dirty, "an empty partition is told, too"
    part.write(store, TAKEN_IN)
    assert not part.dirty
    take(part, EVENTS[:1])
    assert part.dirty
    part.write(store, TAKEN_IN)
    take(part, EVENTS[:1], 1)
    assert part.dirty, "nothing new, but read further"
    part.write(store, TAKEN_IN)
    assert not part_of(store, "b").dirty


def test_two_files_are_made_one(store: FolderStore) -> None:
    for incarnation, events in (("a", EVENTS[:2]), ("b", EVENTS[2:])):
        part = Part(0, Restored(), LOG, incarnation)
        take(part, events)
        part.write(store, TAKEN_IN)
    part = part_of(store, "c")
    assert part.dirty
    part.write(store, TAKEN_IN)
    assert store.names() == [Name(0, "c")]
    assert on_disk(store, "c")[1] == truth(EVENTS)


def test_files_go_only_after_their_union_is_durable(store: FolderStore) -> None:
    class Full(FolderStore):
        def write(self, name: Name, chunks: Iterable[bytes]) -> int:
            list(chunks)
            raise StoreError("no space left")

    first = part_of(store, "a")
    take(first, EVENTS[:1])
    first.write(store, TAKEN_IN)
    second = part_of(store, "b")
    take(second, EVENTS[1:2], 1)
    with pytest.raises(StoreError):
        second.write(Full(Path(store.url)), TAKEN_IN)
    assert store.names() == [Name(0, "a")]
    assert second.dirty
    second.write(store, TAKEN_IN)
    assert store.names() == [Name(0, "b")]


def test_a_file_that_cannot_be_removed_is_removed_the_next_time(store: FolderStore) -> None:
    class Sticky(FolderStore):
        def remove(self, name: Name) -> None:
            raise StoreError(f"cannot remove {name}")

    part_of(store, "a").write(store, TAKEN_IN)
    part = part_of(store, "b")
    take(part, EVENTS[:1])
    with pytest.raises(StoreError):
        part.write(Sticky(Path(store.url)), TAKEN_IN)
    assert not part.dirty, "what counts is durable"
    take(part, EVENTS[1:2], 1)
    part.write(store, TAKEN_IN)
    assert store.names() == [Name(0, "b")]


def test_a_file_that_it_has_not_read_is_left_alone(store: FolderStore) -> None:
    part = part_of(store, "a")
    zombie = Part(0, Restored(), LOG, "z")
    take(zombie, EVENTS[:1])
    zombie.write(store, TAKEN_IN)
    part.write(store, TAKEN_IN)
    assert store.names() == [Name(0, "a"), Name(0, "z")]


def test_a_log_read_again_from_its_start_begins_a_new_epoch_and_keeps_its_facts(
    store: FolderStore,
) -> None:
    first = part_of(store, "a")
    take(first, EVENTS[:3])
    first.rewind()
    assert first.positions == {SAYS: 0, DECIDES: 0}
    assert first.dirty
    first.write(store, TAKEN_IN)
    assert on_disk(store, "a") == (
        Position(1, {"snapshots": 0, "verdicts": 0}),
        truth(EVENTS[:3]),
    )
    assert part_of(store, "b").positions[SAYS] == 0


def test_another_logs_offsets_are_kept_beside_its_own(store: FolderStore) -> None:
    first = part_of(store, "a")
    take(first, EVENTS[:3])
    first.write(store, TAKEN_IN)
    other = part_of(store, "b", LogInfo("sqlite-2", 1, simulated=False))
    assert other.positions[SAYS] == 0
    take(other, EVENTS[:1])
    other.write(store, TAKEN_IN)
    assert part_of(store, "c").positions[SAYS] == 3


def test_the_time_of_the_last_file_is_told(store: FolderStore) -> None:
    part = part_of(store, "a")
    assert part.written_at is None
    later = TAKEN_IN + timedelta(hours=1)
    part.write(store, later)
    assert part.written_at == part_of(store, "b").written_at == later


def test_a_state_of_another_number_of_partitions_is_refused(store: FolderStore) -> None:
    part_of(store, "a").write(store, TAKEN_IN)
    with pytest.raises(LogRefused, match=r"1 partitions, the log has 12.*--state"):
        part_of(store, "b", LogInfo("sqlite-2", 12, simulated=False))


def test_real_and_simulated_facts_do_not_mix(store: FolderStore) -> None:
    part_of(store, "a").write(store, TAKEN_IN)
    with pytest.raises(LogRefused, match="do not mix"):
        part_of(store, "b", LogInfo("sqlite-2", 1, simulated=True))

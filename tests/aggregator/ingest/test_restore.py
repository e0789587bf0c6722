"""A partition comes back from all its files; reading goes on where this very log was read to."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.ingest.checkpoint import Head, Position, encode_checkpoint
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.restore import furthest, restore_all, restore_partition
from aggregator.ingest.store import FolderStore, Name, StoreError
from bus.contract import AnyEvent
from bus.program.errors import UsageError
from tests.aggregator.ingest.facts import facts_of, ledger_of, truth
from tests.aggregator.ingest.stories import FIRST, TAKEN_IN, history, snapshot, verdict

LOG = "sqlite-1"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "state")


def write(
    store: FolderStore,
    events: Sequence[AnyEvent] = (),
    *,
    partition: int = 0,
    partitions: int = 1,
    simulated: bool = False,
    incarnation: str = "a",
    minutes: int = 0,
    log: str = LOG,
    epoch: int = 0,
    offset: int = 0,
) -> Name:
    position = Position(epoch, {"snapshots": offset})
    written_at = TAKEN_IN + timedelta(minutes=minutes)
    head = Head(partition, partitions, simulated, incarnation, written_at, {log: position})
    name = Name(partition, incarnation)
    store.write(name, encode_checkpoint(head, ledger_of(events)))
    return name


def damage(store: FolderStore, name: Name) -> None:
    file = Path(store.url) / str(name)
    file.write_bytes(file.read_bytes()[:-1])


def test_of_no_file_comes_an_empty_ledger(store: FolderStore) -> None:
    restored = restore_partition(store, 0)
    assert facts_of(restored.ledger) == truth([])
    assert (restored.head, restored.positions, restored.read) == (None, {}, [])


def test_several_files_unite_and_the_furthest_offset_counts(store: FolderStore) -> None:
    old: list[AnyEvent] = [snapshot("S1"), history("S2")]
    new: list[AnyEvent] = [snapshot("S3"), verdict("S1")]
    first = write(store, new, incarnation="b", minutes=5, offset=70)
    second = write(store, old, incarnation="a", minutes=1, offset=90)
    write(store, [snapshot("S9")], partition=1, partitions=2)
    restored = restore_partition(store, 0)
    assert facts_of(restored.ledger) == truth([*old, *new])
    assert restored.positions == {LOG: Position(0, {"snapshots": 90})}
    assert restored.read == [second, first]
    assert restored.head is not None
    assert restored.head.incarnation == "b", "the newest"


def test_an_offset_of_another_log_means_nothing_here_and_its_facts_stay(
    store: FolderStore,
) -> None:
    write(store, [snapshot("S1")], incarnation="a", log="sqlite-old", offset=500)
    write(store, [snapshot("S2")], incarnation="b", offset=7)
    restored = restore_partition(store, 0)
    assert restored.positions[LOG].offsets == {"snapshots": 7}
    assert restored.positions["sqlite-old"].offsets == {"snapshots": 500}
    assert len(restored.ledger.rows) == 2


def test_a_damaged_file_is_left_out_and_left_alone_and_named(store: FolderStore) -> None:
    good = write(store, [snapshot("S1")], incarnation="b", offset=7)
    bad = write(store, [snapshot("S2")], incarnation="a", offset=99)
    damage(store, bad)
    restored = restore_partition(store, 0)
    assert facts_of(restored.ledger) == truth([snapshot("S1")])
    assert restored.positions[LOG].offsets == {"snapshots": 7}
    assert restored.read == [good]
    (words,) = restored.refused
    assert str(bad) in words
    assert bad in store.names()


def test_a_file_that_is_replaced_while_it_is_read_is_looked_for_again(store: FolderStore) -> None:
    write(store, [snapshot("S1")], incarnation="old")

    class Busy(FolderStore):
        def read(self, name: Name) -> bytes:
            if name.incarnation == "old" and name in self.names():
                write(store, [snapshot("S1"), snapshot("S2")], incarnation="new")
                self.remove(name)
            return super().read(name)

    restored = restore_partition(Busy(Path(store.url)), 0)
    assert [name.incarnation for name in restored.read] == ["new"]
    assert len(restored.ledger.rows) == 2


def test_a_store_that_never_rests_is_an_error(store: FolderStore) -> None:
    class Restless(FolderStore):
        def read(self, name: Name) -> bytes:
            raise FileNotFoundError(str(name))

    write(store)
    with pytest.raises(StoreError, match="changes faster than it can be read"):
        restore_partition(Restless(Path(store.url)), 0)


@pytest.mark.parametrize("other", [{"partitions": 12}, {"simulated": True}])
def test_files_of_two_fleets_do_not_mix(store: FolderStore, other: dict[str, int]) -> None:
    write(store, [snapshot("S1")], incarnation="a")
    write(store, [snapshot("S1")], incarnation="b", **other)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"partition-0000\.b.*of another fleet"):
        restore_partition(store, 0)


class TestAllPartitions:
    def test_each_comes_back(self, store: FolderStore) -> None:
        for number in (2, 0, 1):
            write(store, [snapshot(f"S{number}")], partition=number, partitions=3)
        ledgers = [part.ledger for part in restore_all(store)]
        assert [list(ledger.rows) for ledger in ledgers] == [
            [f"S{number}:ST4000DM000"] for number in range(3)
        ]

    def test_of_an_empty_store_it_says_how_to_fill_it(self, store: FolderStore) -> None:
        with pytest.raises(UsageError, match=f"no state in {store.url}: run .* --state"):
            restore_all(store)

    def test_a_missing_partition_is_an_error_that_names_the_store(self, store: FolderStore) -> None:
        write(store, partition=0, partitions=3)
        write(store, partition=2, partitions=3)
        with pytest.raises(StoreError, match=f"{store.url} lacks partition 1 of 3"):
            restore_all(store)

    def test_a_damaged_file_is_an_error_that_says_what_to_do(self, store: FolderStore) -> None:
        write(store, incarnation="good")
        bad = write(store, incarnation="bad")
        damage(store, bad)
        with pytest.raises(StoreError, match=f"{bad} is damaged.*move the file away"):
            restore_all(store)

    def test_a_partition_that_goes_away_meanwhile_is_missing(self, store: FolderStore) -> None:
        class Vanishing(FolderStore):
            looked = 0

            def names(self) -> list[Name]:
                self.looked += 1
                return super().names() if self.looked == 1 else []

        write(store)
        with pytest.raises(StoreError, match="lacks partition 0 of 1"):
            restore_all(Vanishing(Path(store.url)))


def test_the_furthest_position_is_that_of_the_highest_epoch() -> None:
    long_ago, rewound = Position(0, {"snapshots": 900}), Position(1, {"snapshots": 3})
    assert furthest(None, rewound) == rewound
    assert furthest(long_ago, rewound) == furthest(rewound, long_ago) == rewound


def test_in_one_epoch_each_topic_is_as_far_as_any_file_has_it() -> None:
    one = Position(1, {"snapshots": 5, "verdicts": 1})
    other = Position(1, {"snapshots": 4, "verdicts": 2})
    both = Position(1, {"snapshots": 5, "verdicts": 2})
    assert furthest(one, other) == furthest(other, one) == both


def test_a_restored_ledger_is_empty_where_nothing_was_known(store: FolderStore) -> None:
    write(store, [snapshot("S1", FIRST)])
    assert isinstance(restore_partition(store, 7).ledger, Ledger)
    assert restore_partition(store, 7).ledger.rows == {}

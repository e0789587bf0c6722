"""A checkpoint gives back everything, or is refused by name."""

from datetime import UTC, datetime
from hashlib import blake2b

import pytest
import zstandard
from hypothesis import given, settings

from aggregator.ingest.checkpoint import (
    DIGEST_BYTES,
    FORMAT,
    MAGIC,
    CheckpointError,
    Head,
    Position,
    decode_checkpoint,
    encode_checkpoint,
)
from aggregator.ingest.ledger import Ledger
from bus.contract import AnyEvent
from tests.aggregator.ingest.facts import facts_of, figures_of, ledger_of, stored, take, truth
from tests.aggregator.ingest.stories import absence, history, inventory, snapshot, stories, verdict

NOW = datetime(2026, 4, 11, 3, 4, 5, 678_901, tzinfo=UTC)
HEAD = Head(
    partition=3,
    partitions=12,
    simulated=True,
    incarnation="1f0c9a7e",
    written_at=NOW,
    positions={
        "sqlite-a": Position(2, {"snapshots": 12_345, "verdicts": 6}),
        "kafka-b": Position(0, {}),
    },
)


def encode(ledger: Ledger, head: Head = HEAD) -> bytes:
    return b"".join(encode_checkpoint(head, ledger))


@pytest.fixture(scope="module")
def content() -> bytes:
    """A small one, with facts of every kind."""
    told: list[AnyEvent] = [history("S1", failure=True), snapshot("S2"), absence("S1")]
    return encode(ledger_of(told, [verdict("S2"), inventory()]))


@given(stories())
@settings(max_examples=150)
def test_every_fact_comes_back(events: list[AnyEvent]) -> None:
    ledger = ledger_of(events)
    ledger.presence.seal()
    again = stored(ledger)
    assert facts_of(again) == facts_of(ledger)
    assert again.rows == ledger.rows
    assert again.latest[: len(again.rows)].tolist() == ledger.latest[: len(again.rows)].tolist()
    assert again.presence.sealed.keys() == ledger.presence.sealed.keys()
    if events:
        assert figures_of(again) == figures_of(ledger)


@given(stories(), stories(max_size=10))
def test_a_restored_ledger_goes_on_like_any_other(
    events: list[AnyEvent], more: list[AnyEvent]
) -> None:
    again = stored(ledger_of(events))
    take(again, more)
    assert facts_of(again) == truth([*events, *more])


def test_its_head_comes_back() -> None:
    head, _ = decode_checkpoint("x", encode(Ledger()))
    assert head == HEAD
    assert head.written_at.tzinfo is not None


def test_the_time_of_a_simulated_log_comes_back() -> None:
    ledger = Ledger()
    assert stored(ledger).taken_in is None
    ledger.note_time(NOW)
    assert stored(ledger).taken_in == NOW


def test_more_keys_than_one_section_holds_come_back() -> None:
    ledger = Ledger()
    for number in range(25_000):
        ledger.row_of(f"S{number}:M")
    assert stored(ledger).rows == ledger.rows


def test_the_same_ledger_has_the_same_bytes(content: bytes) -> None:
    head, ledger = decode_checkpoint("x", content)
    assert encode(ledger, head) == content


def test_a_file_cut_anywhere_is_refused_by_name(content: bytes) -> None:
    for length in range(len(content)):
        with pytest.raises(CheckpointError, match="state/p-3"):
            decode_checkpoint("state/p-3", content[:length])


def test_a_file_with_any_byte_changed_is_refused_by_name(content: bytes) -> None:
    for at in range(len(content)):
        damaged = bytearray(content)
        damaged[at] ^= 1 << at % 8
        with pytest.raises(CheckpointError, match="state/p-3"):
            decode_checkpoint("state/p-3", bytes(damaged))


def test_a_file_with_something_after_it_is_refused(content: bytes) -> None:
    with pytest.raises(CheckpointError, match="damaged"):
        decode_checkpoint("p", content + b"\0")


def test_a_newer_version_asks_for_an_upgrade(content: bytes) -> None:
    newer = content.replace(b"checkpoint %d" % FORMAT, b"checkpoint %d" % (FORMAT + 1), 1)
    with pytest.raises(CheckpointError, match=r"state/p-3 .* newer version: upgrade"):
        decode_checkpoint("state/p-3", newer)


def test_a_whole_file_of_something_else_is_refused_by_name() -> None:
    body = (MAGIC % FORMAT) + zstandard.compress(b"\0\0\0\1\xc0")
    digest = blake2b(body, digest_size=DIGEST_BYTES).digest()
    with pytest.raises(CheckpointError, match="state/p-3 cannot be read"):
        decode_checkpoint("state/p-3", body + digest)


@pytest.mark.parametrize(
    "foreign",
    [b"", b"\n", b"hello", b"SQLite format 3\0", b"drivefleet checkpoint \n", b"\xff" * 99],
)
def test_a_foreign_file_is_no_checkpoint(foreign: bytes) -> None:
    with pytest.raises(CheckpointError, match="state/p-3 is not a checkpoint"):
        decode_checkpoint("state/p-3", foreign)

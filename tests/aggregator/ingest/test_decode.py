"""The short form of a snapshot says what the contract says, of the fields that facts need."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregator.ingest.decode import (
    ANY_TIME,
    SeenDrive,
    Sighting,
    decode_values,
    widen,
)
from bus import contract
from bus.belief import Rejected
from bus.contract import Drive, Snapshot
from tests.aggregator.ingest.records import GOOD, REFUSED
from tests.aggregator.ingest.stories import TAKEN_IN, absence, history, snapshot, snapshots

UNREAD = {"observed_at", "health", "temperature_celsius", "smart", "nvme", "scsi"}
UNREAD_OF_A_DRIVE = {"wwn", "protocol", "rotation_rpm"}
LATER = {"sent_at", "signs", "drive"}
"""Read in another type: as text or bytes to be looked up, or as a short form of its own."""


def fields(kind: type[msgspec.Struct]) -> dict[str, object]:
    """The types and defaults of a struct's fields."""
    return {f.name: (f.type, f.default) for f in msgspec.structs.fields(kind)}


def test_the_short_form_has_the_contracts_fields_with_the_same_types_and_defaults() -> None:
    short, full = fields(Sighting), fields(Snapshot)
    assert short.keys() == full.keys() - UNREAD, "say here what the aggregator does not read"
    assert {n: short[n] for n in short.keys() - LATER} == {
        name: full[name] for name in short.keys() - LATER
    }
    short, full = fields(SeenDrive), fields(Drive)
    assert short == {name: full[name] for name in full.keys() - UNREAD_OF_A_DRIVE}


def test_it_is_told_apart_by_the_same_tag() -> None:
    info, full = msgspec.inspect.type_info(Sighting), msgspec.inspect.type_info(Snapshot)
    assert isinstance(info, msgspec.inspect.StructType)
    assert isinstance(full, msgspec.inspect.StructType)
    assert (info.tag_field, info.tag) == (full.tag_field, full.tag)


@given(snapshots())
@settings(max_examples=200)
def test_widened_it_is_the_snapshot_that_was_sent(event: Snapshot) -> None:
    sent = replace(event, health="passed", smart={5: (100, 8)}, observed_at=TAKEN_IN)
    (short,) = decode_values([contract.encode(sent)])
    assert isinstance(short, Sighting)
    kept = replace(event, sent_at=ANY_TIME) if event.imported else event
    assert widen(short) == kept


def test_an_imported_events_time_of_sending_is_not_read() -> None:
    odd = contract.encode(history()).replace(b"2026-04-10T12:00:00Z", b"yesterday")
    (short,) = decode_values([odd])
    assert isinstance(short, Sighting)
    assert isinstance(widen(short), Snapshot)


def test_other_kinds_are_the_contracts_own() -> None:
    assert decode_values([contract.encode(absence())]) == [absence()]


@pytest.mark.parametrize("what", REFUSED)
def test_a_bad_record_spoils_none_beside_it(what: str) -> None:
    before, _, after = decode_values([GOOD, REFUSED[what][1], GOOD])
    assert isinstance(before, Sighting)
    assert before == after


def test_a_good_batch_is_decoded_in_order() -> None:
    events = decode_values([contract.encode(snapshot(f"S{n}")) for n in range(100)])
    assert [e.drive.serial for e in events if isinstance(e, Sighting)] == [
        f"S{n}" for n in range(100)
    ]
    assert decode_values([]) == []


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_no_bytes_are_too_odd_to_be_refused(values: list[bytes]) -> None:
    told = decode_values([*values, GOOD])
    assert len(told) == len(values) + 1
    assert isinstance(told[-1], Sighting)


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=4))
@settings(max_examples=300)
def test_no_damage_to_a_record_is_met_with_an_exception(at: int, damage: bytes) -> None:
    (told,) = decode_values([GOOD[:at] + damage + GOOD[at + len(damage) :]])
    widened = widen(told) if isinstance(told, Sighting) else told
    assert isinstance(widened, Snapshot | Rejected | contract.Absence | contract.Inventory)


def test_what_a_person_reads_of_bad_signs_is_one_line() -> None:
    odd = GOOD.replace(b'"schema":1', b'"schema":1,"signs":{"pending":"\\u001b[2J\\n"}')
    (short,) = decode_values([odd])
    assert isinstance(short, Sighting)
    refused = widen(short)
    assert isinstance(refused, Rejected)
    assert refused.detail.isprintable()

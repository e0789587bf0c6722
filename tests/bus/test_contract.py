"""The published bytes of schema 1 mean what they meant, and the schema file tells the truth."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus import contract
from bus.contract import Absence, Drive, Inventory, Place, Signs, Snapshot, Verdict
from bus.schema import schema_text

ROOT = Path(__file__).parents[2]
FROZEN = ROOT / "tests" / "frozen" / "v1"
SCHEMA_FILE = ROOT / "docs" / "events" / "schema-v1.json"

DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
PLACE = Place(
    datacenter="ams1", cluster="c2", vault="1041", pod="07", enclosure="5000c500a1b2c3d4", slot="31"
)
DISK = Drive(
    serial="ZL2ABC01",
    model="ST12000NM0008-2H3101",
    wwn="5000c500c5d0a1b2",
    firmware="SN02",
    capacity_bytes=12_000_138_625_024,
    media="hdd",
    protocol="ata",
    rotation_rpm=7200,
)

EVENTS: dict[str, contract.AnyEvent] = {
    "snapshot-minimal": Snapshot(
        schema=1, day=DAY, sent_at=NOON, drive=Drive(serial="S1", model="ST4000DM000")
    ),
    "snapshot-maximal": Snapshot(
        schema=1,
        day=DAY,
        host="pod-07",
        sent_at=NOON,
        imported=False,
        drive=DISK,
        observed_at=datetime(2026, 11, 23, 11, 59, 30, tzinfo=UTC),
        place=PLACE,
        role="boot",
        state="read",
        health="failed",
        power_on_hours=41_234,
        temperature_celsius=-3,
        signs=Signs(
            health_failed=1,
            reallocated=8,
            reported_uncorrectable=0,
            pending=16,
            offline_uncorrectable=2,
            nvme_critical_warning=4,
            nvme_media_errors=7,
            nvme_spare_low=0,
            scsi_grown_defects=3,
            scsi_uncorrected=9,
            self_test_failed=1,
        ),
        smart={5: (100, 8), 9: (53, 41_234), 194: (None, 38), 197: (100, None)},
        nvme={"percentage_used": 3, "data_units_written": 2**100},
        scsi={"read_total_uncorrected_errors": 9},
    ),
    "snapshot-unreadable": Snapshot(
        schema=1,
        day=DAY,
        host="pod-07",
        sent_at=NOON,
        drive=Drive(serial="Zażółć %3A:7", model="WDC  WUH721816ALE6L4"),
        state="unreadable",
        reason="io_error",
    ),
    "snapshot-imported": Snapshot(
        schema=1,
        day=date(2013, 5, 9),
        sent_at=NOON,
        imported=True,
        drive=Drive(serial="9VS3FM1J", model="ST31500341AS", capacity_bytes=1_500_301_910_016),
        smart={5: (None, 0), 9: (None, 25_913)},
        failure=True,
    ),
    "absence-minimal": Absence(
        schema=1,
        day=DAY,
        sent_at=NOON,
        drive=Drive(serial="S1", model="M"),
        last_day=date(2026, 11, 22),
    ),
    "absence-maximal": Absence(
        schema=1,
        day=DAY,
        host="pod-07",
        sent_at=NOON,
        drive=DISK,
        last_day=date(2026, 11, 20),
        last_hosts=("pod-07", "pod-07-old"),
        together=12,
        held=60,
    ),
    "inventory-minimal": Inventory(
        schema=1, day=DAY, host="h", sent_at=NOON, complete=False, present=0
    ),
    "inventory-maximal": Inventory(
        schema=1,
        day=DAY,
        host="pod-07",
        sent_at=NOON,
        complete=True,
        present=58,
        asleep=3,
        unreadable=2,
        missing=1,
        agent_version="0.1.0",
        smartctl_version="7.3",
        place=PLACE,
        partition=23,
        drives=4,
        keys_xor="00ff00ff00ff00ff",
    ),
    "verdict-minimal": Verdict(
        schema=1,
        day=DAY,
        sent_at=NOON,
        drive=Drive(serial="S1", model="M"),
        id="v1",
        verb="failed",
        given_at=NOON,
    ),
    "verdict-maximal": Verdict(
        schema=1,
        day=DAY,
        host="desk-1",
        sent_at=NOON,
        drive=DISK,
        id="01JD0000000000000000000000",
        verb="maintenance",
        until=date(2026, 12, 1),
        given_at=NOON,
        who="ann@example.net",
        reason="Firmware SN04,\nticket 4711",
    ),
    "verdict-retract": Verdict(
        schema=1,
        day=DAY,
        sent_at=NOON,
        drive=DISK,
        id="v2",
        verb="retract",
        of="v1",
        given_at=NOON,
        who="bob",
    ),
}


def frozen(name: str) -> bytes:
    return (FROZEN / f"{name}.json").read_bytes()


def test_every_frozen_file_has_its_value_here() -> None:
    assert {path.stem for path in FROZEN.glob("*.json")} == set(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_frozen_bytes_still_mean_the_same(name: str) -> None:
    assert contract.decode(frozen(name)) == EVENTS[name]


@pytest.mark.parametrize("name", EVENTS)
def test_the_same_event_still_has_the_same_bytes(name: str) -> None:
    assert contract.encode(EVENTS[name]) == frozen(name)


@pytest.mark.parametrize("kind", [Snapshot, Absence, Inventory, Verdict])
def test_the_maximal_examples_leave_no_field_out(kind: type[contract.AnyEvent]) -> None:
    said = {key for name in EVENTS for key in _keys(json.loads(frozen(name)), kind)}
    never = set() if kind is Snapshot else {"imported"}  # history says nothing but snapshots
    assert said == {*kind.__struct_fields__, "kind"} - never


def _keys(raw: dict[str, object], kind: type[contract.AnyEvent]) -> set[str]:
    return set(raw) if raw["kind"] == kind.__struct_config__.tag else set()


@pytest.mark.parametrize("name", EVENTS)
def test_unknown_fields_are_ignored_at_every_depth(name: str) -> None:
    raw = json.loads(frozen(name))
    raw["of_tomorrow"] = {"a": [1, None]}
    if "drive" in raw:
        raw["drive"]["colour"] = "blue"
    assert contract.decode(json.dumps(raw).encode()) == EVENTS[name]


def test_bytes_hold_no_line_break_whatever_the_texts() -> None:
    event = msgspec.structs.replace(EVENTS["verdict-maximal"], reason="a\nb\r\nc\u2028d\x0b")
    assert len(contract.encode(event).splitlines()) == 1
    assert contract.decode(contract.encode(event)) == event


@given(
    st.builds(
        Snapshot,
        schema=st.just(1),
        day=st.dates(),
        host=st.text(),
        sent_at=st.datetimes(timezones=st.just(UTC)),
        drive=st.builds(Drive, serial=st.text(), model=st.text(), wwn=st.text()),
        observed_at=st.none() | st.datetimes(timezones=st.just(UTC)),
        role=st.sampled_from(["data", "boot"]),
        power_on_hours=st.none() | st.integers(-(2**63), 2**63 - 1),
        smart=st.dictionaries(
            st.integers(0, 255),
            st.tuples(st.none() | st.integers(0, 255), st.none() | st.integers(0, 2**64 - 1)),
        ),
        nvme=st.dictionaries(st.text(), st.integers(0, 2**128)),
        failure=st.booleans(),
    )
)
def test_what_is_encoded_is_decoded(event: Snapshot) -> None:
    assert contract.decode(contract.encode(event)) == event


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"sent_at": "2026-11-23T12:00:00"}, "timezone"),  # a clock time without a zone
        ({"present": 2**63}, "<= 9223372036854775807"),  # no column of a reader holds it
        ({"present": "3"}, "Expected `int`"),
        ({"day": "2026-02-30"}, "Invalid RFC3339"),
        ({"complete": None}, "Expected `bool`"),
    ],
)
def test_a_field_out_of_shape_is_refused_at_the_border(wrong: dict[str, object], told: str) -> None:
    raw = json.loads(frozen("inventory-maximal")) | wrong
    with pytest.raises(msgspec.ValidationError, match=told):
        contract.decode(json.dumps(raw).encode())


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff\xfe\x00",
        b'{"kind":"inventory","host":"\xff"}',
        b'{"kind":"inventory","x":' + b"[" * 100_000,
        b'{"kind":"inventory","x":"' + b"a" * contract.MAX_RECORD_BYTES + b'"}',
    ],
    ids=["empty", "binary", "not UTF-8", "nested too deep", "too large"],
)
def test_garbage_is_one_kind_of_error(value: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        contract.decode(value)


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), (
        "the events changed: `make schema` writes docs/events/schema-v1.json anew; a change that"
        " old readers cannot take needs a new schema number"
    )


@pytest.mark.parametrize("name", EVENTS)
def test_the_published_schema_accepts_what_we_send(name: str) -> None:
    _validator().validate(json.loads(frozen(name)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "gossip"},
        {"day": None},
        {"complete": "yes"},
        {"present": 2**63},
        {"place": {"slot": 3}},
    ],
)
def test_the_published_schema_refuses_what_we_refuse(wrong: dict[str, object]) -> None:
    raw = json.loads(frozen("inventory-maximal")) | wrong
    assert not _validator().is_valid(raw)
    with pytest.raises(msgspec.ValidationError):
        contract.decode(json.dumps(raw).encode())


def _validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)

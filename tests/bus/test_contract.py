"""The published bytes of schema 1 mean what they meant, and the schema file tells the truth."""

import json
from datetime import UTC
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus import contract
from bus.contract import Absence, Drive, Inventory, Snapshot, Verdict
from bus.schema import schema_text
from tests.bus.published import EVENTS

ROOT = Path(__file__).parents[2]
FROZEN = ROOT / "tests" / "frozen" / "v1"
SCHEMA_FILE = ROOT / "docs" / "events" / "schema-v1.json"


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

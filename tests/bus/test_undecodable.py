"""No record, however odd, is more than refused, with a reason of one word and a short detail."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus import belief, contract
from bus.belief import Rejected, judge, why_undecodable, window
from tests.bus.said import NOW, absence, inventory, snapshot, verdict

BELIEVED = window(NOW)


def _record(**fields: object) -> bytes:
    said = {
        "kind": "inventory",
        "schema": 1,
        "day": "2026-11-23",
        "sent_at": "2026-11-23T10:00:00Z",
    }
    return json.dumps(said | {"complete": True, "present": 1} | fields).encode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"", "not_json"),
        (b"\x00\xff\xfe", "not_json"),
        (b"date,serial_number,model", "not_json"),
        (b'{"kind":"inventory","host":"\xff"}', "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[]", "not_json"),
        (b"null", "not_json"),
        (b"x" * 1_000_001, "too_large"),
        (_record(kind="gossip"), "unknown_kind"),
        (_record(kind=None), "unknown_kind"),
        (_record(kind=["snapshot"] * 3), "unknown_kind"),
        (b'{"kind":' + b"[" * 900 + b"]" * 900 + b"}", "unknown_kind"),
        (_record(schema=2, kind="gossip"), "unknown_schema"),  # a later schema may name new kinds
        (_record(schema=2, day={"year": 2026}), "unknown_schema"),
        (b'{"schema":1' + b"0" * 4_000 + b"}", "unknown_schema"),
        (_record(schema=None), "bad_field"),
        (_record(day="yesterday"), "bad_field"),
        (_record(day="2026-02-30"), "bad_field"),
        (_record(sent_at="2026-11-23T10:00:00"), "bad_field"),
        (_record(present=2**63), "bad_field"),
        (_record(place={"slot": "\n" * 5_000, "pod": 1}), "bad_field"),
    ],
    ids=lambda given: given[:40] if isinstance(given, bytes) else None,
)
def test_bytes_that_are_no_event_have_a_reason(value: bytes, expected: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        contract.decode(value)
    refused = why_undecodable(value)
    assert refused.why == expected
    assert len(refused.detail) <= 400
    assert refused.detail.isprintable()


def test_a_stranger_cannot_fill_the_reject_log_with_one_word() -> None:
    refused = why_undecodable(_record(kind="verdict", verb="\x1b" * 100_000))
    assert refused.why == "bad_field"
    assert len(refused.detail) <= 400
    assert refused.detail.isprintable()


def test_a_reader_stricter_than_the_contract_is_still_told_a_reason() -> None:
    assert why_undecodable(_record()).why == "bad_field"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
KEYS = sorted({name for kind in get_args(contract.AnyEvent) for name in kind.__struct_fields__})
LIKELY = st.sampled_from(
    ["snapshot", "verdict", "absence", "inventory", 1, "failed", "retract", "2026-11-23", "", 0,
     "2026-11-23T10:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31",
     {"serial": "S", "model": "M"}]
)  # fmt: skip


def _told(value: bytes) -> Rejected | None:
    try:
        event = contract.decode(value)
    except msgspec.DecodeError:
        return why_undecodable(value)
    return judge(event, BELIEVED)


@given(st.binary() | JSON.map(lambda raw: json.dumps(raw).encode()))
def test_no_bytes_at_all_end_a_reader(value: bytes) -> None:
    told = _told(value)
    assert told is not None
    assert told.why in get_args(belief.Why)


@given(st.dictionaries(st.sampled_from(["kind", *KEYS]), LIKELY | JSON, min_size=3))
def test_nothing_that_looks_like_an_event_ends_a_reader(raw: dict[str, object]) -> None:
    told = _told(json.dumps(raw).encode())
    assert told is None or told.why in get_args(belief.Why)


@given(
    st.sampled_from([snapshot, absence, inventory, verdict]),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14))])),
    st.datetimes(timezones=st.just(UTC)),
    st.booleans(),
    st.text(alphabet=st.characters(), max_size=300),
)
def test_every_event_at_every_time_is_judged(
    make: Any, day: date, sent_at: datetime, taken_in: datetime, imported: bool, text: str
) -> None:
    event = make(day=day, sent_at=sent_at, imported=imported, host=text)
    told = judge(event, window(taken_in))
    assert told is None or (told.why in get_args(belief.Why) and told.detail)

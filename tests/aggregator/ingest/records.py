"""Records as bytes: good ones, one for each reason of refusal, and whatever lies between."""

from datetime import date, timedelta

from hypothesis import strategies as st
from msgspec.structs import replace

from bus import contract
from bus.belief import MAX_RECORD_BYTES, Why
from bus.contract import AnyEvent, Drive, Signs
from tests.aggregator.ingest.stories import (
    FIRST,
    TAKEN_IN,
    absence,
    history,
    inventory,
    snapshot,
    stories,
    verdict,
)

GOOD = contract.encode(snapshot("S1"))
ANOTHER = contract.encode(snapshot("S2"))


def named(serial: str, model: str = "ST4000DM000") -> bytes:
    return contract.encode(replace(snapshot(), drive=Drive(serial, model)))


REFUSED: dict[str, tuple[Why, bytes]] = {
    "a snapshot of a megabyte": ("too_large", named("S" * MAX_RECORD_BYTES)),
    "garbage of a megabyte": ("too_large", bytes(MAX_RECORD_BYTES + 1)),
    "binary garbage": ("not_json", b"\x80\x04\x95\xff\x00"),
    "nothing": ("not_json", b""),
    "half a record": ("not_json", GOOD[: len(GOOD) // 2]),
    "a list": ("not_json", b"[1,2]"),
    "deep nesting": ("not_json", b"[" * 5_000),
    "a schema to come": ("unknown_schema", contract.encode(replace(snapshot(), schema=2))),
    "a schema with other types": ("unknown_schema", b'{"schema":2,"kind":"snapshot","day":7}'),
    "a kind to come": ("unknown_kind", GOOD.replace(b'"snapshot"', b'"weather"')),
    "no kind": ("unknown_kind", b"{}"),
    "a day that is none": ("bad_field", GOOD.replace(b"2026-02-20", b"2026-02-30")),
    "a sender's time that is none": ("bad_field", GOOD.replace(b"2026-04-10T12", b"2026-04-10T99")),
    "signs that are no signs": ("bad_field", GOOD.replace(b'"schema":1', b'"schema":1,"signs":7')),
    "an over-long serial": ("bad_text", named("S" * 257)),
    "an over-long host": ("bad_text", contract.encode(snapshot(host="h" * 257))),
    "NUL in the serial": ("bad_text", named("S\x001")),
    "an escape character in the model": ("bad_text", named("S1", "ST\x1b[31m")),
    "a line break in the host": ("bad_text", contract.encode(snapshot(host="a\nb"))),
    "an empty serial": ("no_identity", named("")),
    "a serial of spaces": ("no_identity", named("   ")),
    "an empty model": ("no_identity", named("S1", " ")),
    "1970": ("bad_day", contract.encode(snapshot("S1", date(1970, 1, 1)))),
    "2100": ("bad_day", contract.encode(snapshot("S1", date(2100, 1, 1)))),
    "history of 1970": ("bad_day", contract.encode(history("S1", date(1970, 1, 1)))),
    "history of 2100": ("bad_day", contract.encode(history("S1", date(2100, 1, 1)))),
    "live, 121 days ago": (
        "bad_day",
        contract.encode(snapshot("S1", TAKEN_IN.date() - timedelta(days=121))),
    ),
    "the day after tomorrow": (
        "bad_day",
        contract.encode(snapshot("S1", TAKEN_IN.date() + timedelta(days=2))),
    ),
    "sent two days ago": (
        "bad_clock",
        contract.encode(snapshot("S1", sent_at=TAKEN_IN - timedelta(days=2))),
    ),
    "sent without a time zone": ("bad_clock", GOOD.replace(b"12:00:00Z", b"12:00:00")),
    "a live failure": ("live_failure", contract.encode(replace(snapshot(), failure=True))),
}
"""Of the snapshots' topic, in a log of one partition, taken in at TAKEN_IN."""

MOVED_DAY = [date(1970, 1, 1), date(1999, 12, 31), date(2000, 1, 1), date(2100, 1, 1)]
MOVED_DAY += [TAKEN_IN.date() + timedelta(days=offset) for offset in (-121, -120, 0, 1, 2)]
SPELLINGS = ["S1", " S1", "S  1", "S:1", "S%3A1", "S%1", "%", ":", "S%253A1", "S1\x00", "", "é"]


@st.composite
def _odd(draw: st.DrawFn) -> AnyEvent:
    """An event that may be refused for its day, sender's clock, serial, schema or failure."""
    kinds: list[AnyEvent] = [snapshot(), history(), absence(), inventory()]
    event = replace(
        draw(st.sampled_from(kinds)),
        day=draw(st.sampled_from([FIRST, *MOVED_DAY])),
        sent_at=TAKEN_IN + draw(st.sampled_from([0, 1, -23, -25, 24, 25])) * timedelta(hours=1),
        schema=draw(st.sampled_from([1, 1, 1, 2])),
    )
    if isinstance(event, contract.Inventory):
        return event
    serial, model = draw(st.sampled_from(SPELLINGS)), draw(st.sampled_from(["ST1", "WDC ST1", ""]))
    event = replace(event, drive=replace(event.drive, serial=serial, model=model))
    if isinstance(event, contract.Snapshot):
        signs = Signs(pending=draw(st.sampled_from([None, -1, 2**63 - 1])))
        event = replace(event, failure=draw(st.booleans()), signs=signs)
    return event


def records() -> st.SearchStrategy[list[bytes]]:
    """Any mixture of good and bad records, many of them twice."""
    good = stories(min_size=1, max_size=1).map(lambda events: contract.encode(events[0]))
    bad = st.sampled_from([value for _, value in REFUSED.values() if len(value) < 10_000])
    cut = st.tuples(good, st.integers(0, 200)).map(lambda cut: cut[0][: cut[1]])
    one = st.one_of(good, _odd().map(contract.encode), bad, cut, st.just(GOOD), st.binary())
    return st.lists(one, min_size=1, max_size=30)


def verdict_record(**changes: object) -> bytes:
    return contract.encode(replace(verdict(), **changes))

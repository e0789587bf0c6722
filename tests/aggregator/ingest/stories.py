"""Events for tests: made by hand, or drawn by hypothesis so that they collide a lot."""

from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from bus import contract
from bus.contract import (
    Absence,
    AnyEvent,
    Drive,
    Event,
    Inventory,
    Place,
    Signs,
    Snapshot,
    Verb,
    Verdict,
)

E = TypeVar("E", bound=Event)

TAKEN_IN = datetime(2026, 4, 10, 12, tzinfo=UTC)
FIRST = date(2026, 2, 20)
"""Days drawn from here on cross a quarter's end."""
DAYS = 45
LONG_AGO = (date(2009, 2, 28), date(2013, 4, 10), date(2024, 12, 31), date(2025, 1, 1))
"""Days of imported history whose quarters are sealed."""
MODEL = "ST4000DM000"
SERIALS = ("S1", "S2", "S:3", " S4 ", "S5", "Z9")
MODELS = ("WDC WUH721816ALE6L4", "WUH721816ALE6L4", MODEL, "Mystery X1")
HOSTS = ("pod-1", "pod-2", "pod-3")


def snapshot(
    serial: str = "S1",
    day: date = FIRST,
    *,
    model: str = MODEL,
    host: str = "pod-1",
    sent_at: datetime = TAKEN_IN,
) -> Snapshot:
    """A live snapshot as an agent sends it; say the rest with `replace`."""
    return Snapshot(
        schema=contract.SCHEMA,
        day=day,
        host=host,
        sent_at=sent_at,
        drive=Drive(serial, model, capacity_bytes=4_000_787_030_016),
    )


def history(
    serial: str = "S1", day: date = FIRST, *, model: str = MODEL, failure: bool = False
) -> Snapshot:
    """An imported snapshot: no host, perhaps a failure."""
    return replace(snapshot(serial, day, model=model, host=""), imported=True, failure=failure)


def verdict(
    serial: str = "S1",
    day: date = FIRST,
    *,
    model: str = MODEL,
    id: str = "v1",
    verb: Verb = "failed",
    of: str = "",
    given_at: datetime = TAKEN_IN,
) -> Verdict:
    return Verdict(
        schema=contract.SCHEMA,
        day=day,
        sent_at=TAKEN_IN,
        drive=Drive(serial, model),
        id=id,
        verb=verb,
        of=of,
        given_at=given_at,
        who="ann",
    )


def absence(serial: str = "S1", day: date = FIRST, *, host: str = "pod-1") -> Absence:
    return Absence(
        schema=contract.SCHEMA,
        day=day,
        host=host,
        sent_at=TAKEN_IN,
        drive=Drive(serial, MODEL),
        last_day=day - timedelta(days=1),
        last_hosts=(host,),
        together=1,
        held=12,
    )


def inventory(host: str = "pod-1", day: date = FIRST, *, present: int = 12) -> Inventory:
    return Inventory(
        schema=contract.SCHEMA,
        day=day,
        host=host,
        sent_at=TAKEN_IN,
        complete=True,
        present=present,
    )


def days(first: date, number: int) -> list[date]:
    return [first + timedelta(days=offset) for offset in range(number)]


def routed(event: E, partition: int) -> E:
    """The event as the given partition gets it: an inventory has a copy for each."""
    return replace(event, partition=partition) if isinstance(event, Inventory) else event


_recent = st.integers(0, DAYS - 1).map(lambda offset: FIRST + timedelta(days=offset))
_drives = st.builds(
    Drive,
    serial=st.sampled_from(SERIALS),
    model=st.sampled_from(MODELS),
    firmware=st.sampled_from(["", "A1", "B2"]),
    capacity_bytes=st.sampled_from([None, -1, 0, 4 * 10**12, 8 * 10**12, 6 * 10**17]),
    media=st.sampled_from(["", "hdd", "ssd"]),
)
_places = st.builds(
    Place,
    datacenter=st.sampled_from(["", "ams", "sac"]),
    pod=st.sampled_from(["", "7"]),
    slot=st.sampled_from(["", "1", "2"]),
)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Few drives, few days, few words: many sightings of one drive on one day that disagree."""
    imported = draw(st.booleans())
    long_ago = imported and draw(st.integers(0, 3)) == 0
    return Snapshot(
        schema=contract.SCHEMA,
        day=draw(st.sampled_from(LONG_AGO) if long_ago else _recent),
        host="" if imported else draw(st.sampled_from(HOSTS)),
        sent_at=TAKEN_IN + timedelta(minutes=draw(st.integers(0, 3))),
        imported=imported,
        drive=draw(_drives),
        place=draw(_places),
        role=draw(st.sampled_from(["data", "data", "boot"])),
        state=draw(st.sampled_from(["read", "read", "asleep", "unreadable"])),
        reason=draw(st.sampled_from(["", "timeout", "io_error"])),
        power_on_hours=draw(st.sampled_from([None, -5, 0, 100, 5_000, 80_000, 10**7])),
        signs=Signs(
            pending=draw(st.sampled_from([None, 0, 8])),
            reallocated=draw(st.sampled_from([None, -1, 3])),
        ),
        failure=imported and draw(st.booleans()),
    )


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    """Verdicts that fail, retract each other, share an id, name drives never seen."""
    verb: Verb = draw(st.sampled_from(["failed", "failed", "retired", "retract"]))
    return Verdict(
        schema=contract.SCHEMA,
        day=draw(_recent),
        sent_at=TAKEN_IN,
        drive=draw(_drives),
        id=draw(st.sampled_from(["v1", "v2", "v3"])),
        verb=verb,
        of=draw(st.sampled_from(["v1", "v2"])) if verb == "retract" else "",
        given_at=TAKEN_IN + timedelta(minutes=draw(st.integers(0, 2))),
    )


@st.composite
def absences(draw: st.DrawFn) -> Absence:
    day = draw(_recent)
    return Absence(
        schema=contract.SCHEMA,
        day=day,
        host=draw(st.sampled_from(HOSTS)),
        sent_at=TAKEN_IN,
        drive=draw(_drives),
        last_day=day - timedelta(days=draw(st.integers(1, 9))),
        last_hosts=tuple(draw(st.lists(st.sampled_from(HOSTS), max_size=2, unique=True))),
        together=draw(st.integers(1, 3)),
        held=draw(st.integers(1, 3)),
    )


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    return Inventory(
        schema=contract.SCHEMA,
        day=draw(_recent),
        host=draw(st.sampled_from(HOSTS)),
        sent_at=TAKEN_IN,
        complete=draw(st.booleans()),
        present=draw(st.integers(0, 3)),
        unreadable=draw(st.integers(0, 2)),
        place=draw(_places),
    )


def stories(*, min_size: int = 0, max_size: int = 40) -> st.SearchStrategy[list[AnyEvent]]:
    """Events of every kind, in no order; mostly snapshots."""
    others = st.one_of(verdicts(), absences(), inventories())
    one = st.one_of(snapshots(), snapshots(), snapshots(), others)
    return st.lists(one, min_size=min_size, max_size=max_size)

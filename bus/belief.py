"""What is believed: each rule by which a record is refused, with its reason.

Rules:
- A verdict on a record depends on its content and on the time at which the log took it in: never
  on the reader's clock, nor on what came before. So every replay refuses the same records.
- A reason is one word (it becomes a metric's label); the detail beside it is for people.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

import msgspec

from bus import contract
from bus.contract import MAX_RECORD_BYTES as MAX_RECORD_BYTES
from bus.identity import collapse
from bus.text import MAX_PROSE, complaint, quoted
from bus.text import MAX_TEXT as MAX_TEXT

Why = Literal[
    "too_large",
    "not_json",
    "unknown_schema",
    "unknown_kind",
    "bad_field",
    "bad_text",
    "no_identity",
    "bad_day",
    "bad_clock",
    "live_failure",
    "bad_verdict",
    "wrong_partition",
    "wrong_topic",
]

FIRST_DAY = date(2000, 1, 1)
"""SMART history older than this does not exist; such a day is a clock that was never set."""
LIVE_PAST_DAYS = 120
"""How long an agent may hold events through an outage: its spool is kept as long."""
FUTURE_DAYS = 1
"""A host a little ahead of UTC midnight is not wrong; one that is days ahead is."""
MAINTENANCE_FUTURE_DAYS = 366
SENT_WITHIN = timedelta(hours=24)
SKEW_FROM = timedelta(hours=1)
"""From here a host's clock counts as skewed (and its events are still believed)."""
_EARLIEST = datetime(2000, 1, 2, tzinfo=UTC)
_LATEST = datetime(9998, 1, 1, tzinfo=UTC)
"""Times beyond these are taken as these: in a simulated log a record tells its own taken-in time,
and arithmetic on the calendar's ends overflows."""


class Rejected(msgspec.Struct, frozen=True):
    """A record that is not believed. `why` is closed, `detail` is for a person."""

    why: Why
    detail: str


class Window(msgspec.Struct, frozen=True):
    """What is believed of records that the log took in at one time. Days are inclusive."""

    taken_in: datetime
    live_from: date
    import_from: date
    until: date
    maintenance_until: date
    sent_from: datetime
    sent_until: datetime


def window(taken_in: datetime) -> Window:
    """The days and clock times believed of a record taken in then (an aware time)."""
    taken_in = min(max(taken_in, _EARLIEST), _LATEST)
    today = taken_in.astimezone(UTC).date()
    return Window(
        taken_in=taken_in,
        live_from=max(FIRST_DAY, today - timedelta(days=LIVE_PAST_DAYS)),
        import_from=FIRST_DAY,
        until=today + timedelta(days=FUTURE_DAYS),
        maintenance_until=today + timedelta(days=MAINTENANCE_FUTURE_DAYS),
        sent_from=taken_in - SENT_WITHIN,
        sent_until=taken_in + SENT_WITHIN,
    )


def judge(event: contract.AnyEvent, believed: Window) -> Rejected | None:
    """None when the event is believed, else why it is not."""
    if event.schema != contract.SCHEMA:
        return unknown_schema(event.schema)
    return _judge_texts(event) or _judge_days(event, believed) or _judge_kind(event, believed)


def unknown_schema(schema: int) -> Rejected:
    told = f"schema {quoted(str(schema), 40)}; this version reads schema {contract.SCHEMA}"
    return Rejected("unknown_schema", f"{told}: upgrade the reader")


def why_undecodable(value: bytes) -> Rejected:
    """Why `contract.decode` refused these bytes. Never raises."""
    if len(value) > MAX_RECORD_BYTES:
        return Rejected("too_large", f"{len(value)} bytes; at most {MAX_RECORD_BYTES}")
    try:
        raw = msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Rejected("not_json", quoted(str(error)))
    if not isinstance(raw, dict):
        return Rejected("not_json", f"an event is a JSON object, not a {type(raw).__name__}")
    schema, kind = raw.get("schema"), raw.get("kind")
    if isinstance(schema, int) and schema != contract.SCHEMA:
        return unknown_schema(schema)
    if kind not in ("snapshot", "absence", "inventory", "verdict"):
        named = repr(kind[:40]) if isinstance(kind, str) else f"a {type(kind).__name__}"
        return Rejected("unknown_kind", f"kind is {named}")
    try:
        contract.decode(value)
    except msgspec.DecodeError as error:
        return Rejected("bad_field", quoted(str(error)))
    return Rejected("bad_field", "refused by the reader, accepted by the contract")


def bad_text(name: str, text: str, limit: int = MAX_TEXT) -> Rejected | None:
    """A text that is too long or holds what cannot be seen: control characters and their like."""
    wrong = complaint(text, limit)
    return Rejected("bad_text", f"{name} {wrong}") if wrong else None


def judge_identity(serial: str, model: str) -> Rejected | None:
    """A drive's serial and model must both be there and be texts that can be shown."""
    if refused := bad_text("serial", serial) or bad_text("model", model):
        return refused
    if not collapse(serial):
        return Rejected("no_identity", "the serial is empty")
    if not collapse(model):
        return Rejected("no_identity", f"drive {serial!r} has no model")
    return None


def judge_day(day: date, imported: bool, believed: Window) -> Rejected | None:
    """A day that the log cannot have been told of honestly at that time."""
    first = believed.import_from if imported else believed.live_from
    if first <= day <= believed.until:
        return None
    told = f"{day}, taken in {believed.taken_in:%Y-%m-%d}"
    return Rejected("bad_day", f"{told}; from {first} to {believed.until}")


def judge_sent_at(sent_at: datetime, believed: Window) -> Rejected | None:
    """A live event sent by a clock more than a day off the log's."""
    if sent_at.tzinfo is None:
        return Rejected("bad_clock", f"sent_at {sent_at} names no time zone")
    if believed.sent_from <= sent_at <= believed.sent_until:
        return None
    return Rejected("bad_clock", f"sent at {sent_at}, taken in {believed.taken_in}")


def _judge_texts(event: contract.AnyEvent) -> Rejected | None:
    refused = bad_text("host", event.host)
    if refused or isinstance(event, contract.Inventory):
        return refused
    return judge_identity(event.drive.serial, event.drive.model)


def _judge_days(event: contract.AnyEvent, believed: Window) -> Rejected | None:
    if isinstance(event, contract.Verdict):
        return None
    refused = judge_day(event.day, event.imported, believed)
    if refused is None and not event.imported:
        refused = judge_sent_at(event.sent_at, believed)
    return refused


def _judge_kind(event: contract.AnyEvent, believed: Window) -> Rejected | None:
    match event:
        case contract.Snapshot(failure=True, imported=False):
            return Rejected("live_failure", "only imported history says failure; give a verdict")
        case contract.Snapshot():
            return _judge_place(event.place) or bad_text("firmware", event.drive.firmware)
        case contract.Absence():
            return _judge_absence(event)
        case contract.Inventory():
            return _judge_inventory(event)
        case contract.Verdict():
            return _judge_verdict(event, believed)


def _judge_place(place: contract.Place) -> Rejected | None:
    for name in contract.Place.__struct_fields__:
        if refused := bad_text(name, getattr(place, name)):
            return refused
    return None


def _judge_absence(event: contract.Absence) -> Rejected | None:
    if event.last_day >= event.day:
        return Rejected("bad_day", f"absent on {event.day}, yet held on {event.last_day}")
    if event.together < 1 or event.held < 1:
        return Rejected("bad_field", "together and held count the drive itself: at least 1")
    for host in event.last_hosts:
        if refused := bad_text("last_hosts", host):
            return refused
    return None


def _judge_inventory(event: contract.Inventory) -> Rejected | None:
    if not event.host:
        return Rejected("no_identity", "an inventory names its host")
    counts = (event.present, event.asleep, event.unreadable, event.missing, event.drives)
    if min(counts) < 0:
        return Rejected("bad_field", "counts of drives are never negative")
    if refused := bad_text("agent_version", event.agent_version) or bad_text(
        "smartctl_version", event.smartctl_version
    ):
        return refused
    if len(event.keys_xor) != 16 or not set(event.keys_xor) <= set("0123456789abcdef"):
        return Rejected("bad_field", "keys_xor is 16 hex digits")
    return _judge_place(event.place)


def _judge_verdict(event: contract.Verdict, believed: Window) -> Rejected | None:
    if refused := _judge_verdict_texts(event):
        return refused
    if not event.id:
        return Rejected("bad_verdict", "a verdict has an id")
    if (event.verb == "retract") != bool(event.of):
        return Rejected("bad_verdict", "`of` names the verdict that a retract takes back")
    if event.given_at.tzinfo is None or event.given_at > believed.sent_until:
        return Rejected("bad_clock", f"given at {event.given_at}, taken in {believed.taken_in}")
    return _judge_verdict_days(event, believed)


def _judge_verdict_texts(event: contract.Verdict) -> Rejected | None:
    for name in ("id", "of", "who"):
        if refused := bad_text(name, getattr(event, name)):
            return refused
    return bad_text("reason", event.reason.replace("\n", " "), MAX_PROSE)


def _judge_verdict_days(event: contract.Verdict, believed: Window) -> Rejected | None:
    """Its day and its last day: a maintenance may lie ahead, nothing else can be known before."""
    last = believed.maintenance_until if event.verb == "maintenance" else believed.until
    for day in (event.day, event.until or event.day):
        if not believed.import_from <= day <= last:
            return Rejected("bad_day", f"{day}; from {believed.import_from} to {last}")
    if event.until is not None and event.until < event.day:
        return Rejected("bad_day", f"until {event.until} is before its day {event.day}")
    return None

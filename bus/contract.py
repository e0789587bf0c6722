"""The events: what hosts, operators and imported history say, field by field, and their bytes.

Rules:
- JSON, one event a record, `schema` in each. Fields are only ever added, with a default; unknown
  fields are ignored. The bytes of every published version stand in `tests/frozen/`.
- A missing text is "", a missing number is null: absent is never 0.
- A clock time names its zone; a number that readers keep fits 64 bits.
- Whether an event is believed is told by `bus/belief.py`, from its content and the time at which
  the log took it in.
"""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

SCHEMA = 1
MAX_RECORD_BYTES = 1_000_000
"""Kafka's own default limit; a snapshot with every attribute is 4 kB."""

MAX_CAPACITY_BYTES = 10**15
"""30 times the largest drive there is. Beyond it, and at 0 or below, a capacity is unknown: bridges
and firmware tell garbage, up to 6e17 in public history."""

Role = Literal["data", "boot"]
State = Literal["read", "asleep", "unreadable"]
Reason = Literal[
    "",
    "permission",
    "timeout",
    "io_error",
    "no_such_device",
    "unknown_usb_bridge",
    "unsupported",
    "identify_failed",
    "parse",
]
Media = Literal["", "hdd", "ssd"]
Protocol = Literal["", "ata", "nvme", "scsi"]
Health = Literal["", "passed", "failed"]
Verb = Literal["failed", "retired", "test", "maintenance", "retract"]

Time = Annotated[datetime, msgspec.Meta(tz=True)]
Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""What a reader's column can hold. NVMe counts in 128 bits and some drives fill them with garbage:
such a value is for the agent to leave out, not for every reader to survive."""


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a drive stands, as the host's configuration and the enclosure tell it."""

    datacenter: str = ""
    cluster: str = ""
    vault: str = ""
    pod: str = ""
    enclosure: str = ""
    slot: str = ""


class Drive(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a drive says it is. `model` is raw: its spelling is settled by readers, not here."""

    serial: str
    model: str
    wwn: str = ""
    firmware: str = ""
    capacity_bytes: Int64 | None = None
    media: Media = ""
    protocol: Protocol = ""
    rotation_rpm: Int64 | None = None


class Signs(msgspec.Struct, frozen=True, omit_defaults=True):
    """The closed list of signs of a failing drive: values as read; a sign is a value above 0.

    The numbers in comments are the SMART attributes that an ATA drive tells them by.
    """

    health_failed: Int64 | None = None
    reallocated: Int64 | None = None  # 5
    reported_uncorrectable: Int64 | None = None  # 187
    pending: Int64 | None = None  # 197
    offline_uncorrectable: Int64 | None = None  # 198
    nvme_critical_warning: Int64 | None = None
    nvme_media_errors: Int64 | None = None
    nvme_spare_low: Int64 | None = None
    scsi_grown_defects: Int64 | None = None
    scsi_uncorrected: Int64 | None = None
    self_test_failed: Int64 | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """What every event carries. `day` is the UTC day on which the pass began."""

    schema: int
    day: date
    host: str = ""
    sent_at: Time
    imported: bool = False


class Snapshot(Event, frozen=True, kw_only=True, omit_defaults=True, tag="snapshot"):
    """One drive, seen on one day. Keyed by the drive."""

    drive: Drive
    observed_at: Time | None = None
    place: Place = Place()
    role: Role = "data"
    state: State = "read"
    reason: Reason = ""  # why it could not be read; only with state unreadable
    health: Health = ""
    power_on_hours: Int64 | None = None
    temperature_celsius: Int64 | None = None
    signs: Signs = Signs()
    smart: dict[int, tuple[int | None, int | None]] = {}  # id: (normalized, raw)
    nvme: dict[str, int] = {}  # the NVMe health log, named as in smartctl's JSON
    scsi: dict[str, int] = {}  # the SCSI error counters and defect list, flattened
    failure: bool = False  # imported history only


class Absence(Event, frozen=True, kw_only=True, omit_defaults=True, tag="absence"):
    """A host says, from a complete inventory, that a drive it held is not there. By the drive."""

    drive: Drive
    last_day: date  # the last day on which this host held it
    last_hosts: tuple[str, ...] = ()  # every name this machine had on that day
    together: Int64 = 1  # drives last held within a day of this one's and missing now
    held: Int64 = 1  # drives held on that last day


class Inventory(Event, frozen=True, kw_only=True, omit_defaults=True, tag="inventory"):
    """What a host's pass found, as a whole. Keyed by the host, one copy for each partition."""

    complete: bool
    present: Int64
    asleep: Int64 = 0
    unreadable: Int64 = 0
    missing: Int64 = 0
    agent_version: str = ""
    smartctl_version: str = ""
    place: Place = Place()
    partition: Int64 = 0
    drives: Int64 = 0  # distinct drives of this host, day and partition that were sent
    keys_xor: str = "0" * 16  # xor of their key hashes, 16 hex digits


class Verdict(Event, frozen=True, kw_only=True, omit_defaults=True, tag="verdict"):
    """What a person says of a drive. Keyed by the drive, in a topic of its own."""

    drive: Drive
    id: str
    verb: Verb
    until: date | None = None
    of: str = ""  # the id that a retract takes back
    given_at: Time
    who: str = ""
    reason: str = ""


AnyEvent = Snapshot | Absence | Inventory | Verdict

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(event: AnyEvent) -> bytes:
    """The event's bytes as they go into the log: JSON without spaces or line breaks."""
    return _encoder.encode(event)


def decode(value: bytes) -> AnyEvent:
    """The event in a record's bytes.

    Raises msgspec.DecodeError (ValidationError among them) for anything else and for more than
    MAX_RECORD_BYTES; `belief.why_undecodable` puts that into words.
    """
    if len(value) > MAX_RECORD_BYTES:
        raise msgspec.DecodeError(f"{len(value)} bytes; at most {MAX_RECORD_BYTES}")
    try:
        return _decoder.decode(value)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error


def json_schema() -> dict[str, object]:
    """The JSON Schema of all events, published as `docs/events/schema-v1.json`."""
    schema = msgspec.json.schema(AnyEvent)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"drivefleet events, schema {SCHEMA}",
        **schema,
    }

"""Records to events, reading only the fields that facts are made of.

A snapshot's SMART table is most of its bytes and is skipped unread; `signs` stays as it came, for
most drives say the same as the day before. Rules: `bus/contract.py`; here is only its short form,
and a test holds the two together.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import msgspec

from bus import contract
from bus.belief import MAX_RECORD_BYTES, Rejected, why_undecodable
from bus.text import quoted


class SeenDrive(msgspec.Struct, gc=False):
    """The part of contract.Drive that the ledger keeps."""

    serial: str
    model: str
    firmware: str = ""
    capacity_bytes: contract.Int64 | None = None
    media: contract.Media = ""


NO_PLACE = contract.Place()
NO_SIGNS = msgspec.Raw(b"{}")


class Sighting(msgspec.Struct, gc=False, tag_field="kind", tag="snapshot"):
    """The part of contract.Snapshot that the ledger keeps."""

    schema: int
    day: date
    sent_at: str
    drive: SeenDrive
    host: str = ""
    imported: bool = False
    place: contract.Place = NO_PLACE
    role: contract.Role = "data"
    state: contract.State = "read"
    reason: contract.Reason = ""
    power_on_hours: contract.Int64 | None = None
    signs: msgspec.Raw = NO_SIGNS
    failure: bool = False


_Record = Sighting | contract.Absence | contract.Inventory | contract.Verdict

Decoded = _Record | Rejected

_decoder: msgspec.json.Decoder[_Record] = msgspec.json.Decoder(_Record)
_decode = _decoder.decode
_decode_signs = msgspec.json.Decoder(contract.Signs).decode

ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""In place of an imported event's sent_at, which says nothing and is not read."""

NOT_AN_EVENT = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decode_values(values: Sequence[bytes]) -> list[Decoded]:
    """Each record's event, or why it is none, in order."""
    try:
        events: list[Decoded] = [_decode(value) for value in values]
    except NOT_AN_EVENT:
        return [_decode_one(value) for value in values]
    if max(map(len, values), default=0) > MAX_RECORD_BYTES:
        return [_decode_one(value) for value in values]
    return events


def widen(seen: Sighting) -> contract.Snapshot | Rejected:
    """The sighting in the contract's words, for the rules of belief to judge."""
    try:
        signs = _decode_signs(seen.signs)
        sent_at = ANY_TIME if seen.imported else msgspec.convert(seen.sent_at, datetime)
    except NOT_AN_EVENT as error:
        return Rejected("bad_field", quoted(str(error)))
    drive = seen.drive
    return contract.Snapshot(
        schema=seen.schema,
        day=seen.day,
        host=seen.host,
        sent_at=sent_at,
        imported=seen.imported,
        drive=contract.Drive(
            drive.serial, drive.model, "", drive.firmware, drive.capacity_bytes, drive.media
        ),
        place=seen.place,
        role=seen.role,
        state=seen.state,
        reason=seen.reason,
        power_on_hours=seen.power_on_hours,
        signs=signs,
        failure=seen.failure,
    )


def _decode_one(value: bytes) -> Decoded:
    if len(value) > MAX_RECORD_BYTES:
        return why_undecodable(value)
    try:
        return _decode(value)
    except NOT_AN_EVENT:
        return why_undecodable(value)

"""A row of the public data set (Backblaze Drive Stats) as an event: every quirk of it, here alone.

Rules:
- Columns are found by name: they were added over the years, never removed, and moved.
- Only what makes a drive-day must be usable: day, serial, model, failure. Anything else that
  cannot be used (a capacity of -1, a SMART value that is no number) is unknown, and the row counts.
- Model and serial stay as written: spellings are settled by readers.
- Whether a drive boots its host is never decided by one row, so the role is data.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from operator import itemgetter

from bus import belief, contract
from bus.attributes import AttributeReader, picker
from bus.belief import Rejected
from bus.text import MAX_TEXT, complaint

REQUIRED = ("date", "serial_number", "model", "failure")
EXPECTED = "date, serial_number, model, capacity_bytes, failure, smart_N_normalized, smart_N_raw"
"""For people: what the header of a public file looks like."""

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SLASHED_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")  # 2/25/18, all of 2018-02-25

_PLACES = {
    "datacenter": "datacenter",
    "cluster_id": "cluster",
    "vault_id": "vault",
    "pod_id": "pod",
    "pod_slot_num": "slot",
}
_TOLD = (9, 5, 187, 197, 198)
"""Power-on hours, then the attributes of `_signs`, in the order of its arguments."""

Smart = dict[int, tuple[int | None, int | None]]


class ForeignHeaderError(ValueError):
    """A header that is not a public file's; the text names the columns that are missing."""


class RowReader:
    """Turns the rows of one file into snapshots; bound to the file's header once.

    A row is the list of its fields, as many as the header has; an empty field is unknown.
    """

    def __init__(self, header: Sequence[str], *, sent_at: datetime) -> None:
        """`sent_at` (aware) goes into every event, and days are believed as of it.

        Raises ForeignHeaderError when a column without which nothing can be counted is missing.
        """
        columns = _columns(header)
        self._width = len(header)
        self._sent_at = sent_at
        self._believed = belief.window(sent_at)
        self._days: dict[str, date] = {}
        self._identity = itemgetter(*(columns[name] for name in REQUIRED))
        self._capacity = columns.get("capacity_bytes")
        placed = {field: columns[name] for name, field in _PLACES.items() if name in columns}
        self._place_fields = tuple(placed)
        self._places = picker(list(placed.values()))
        self._attributes = AttributeReader(columns, told=_TOLD)

    def __call__(self, row: list[str]) -> contract.Snapshot | Rejected:
        """The row's snapshot, imported and without a host, or why it cannot be used."""
        if len(row) != self._width:
            return Rejected("bad_field", f"{len(row)} columns, the header has {self._width}")
        day_text, serial, model, failure = self._identity(row)
        both = serial + model
        plain = both.isprintable() and len(both) <= MAX_TEXT  # nearly every row, fast
        if not (plain and serial.strip() and model.strip()) and (
            refused := belief.judge_identity(serial, model)
        ):
            return refused
        day = self._days.get(day_text) or self._read_day(day_text)
        if isinstance(day, Rejected):
            return day
        if failure != "0" and failure != "1":
            return Rejected("bad_field", f"failure is {failure[:40]!r}, not 0 or 1")
        smart, (hours, *signs) = self._attributes.read(row)
        return contract.Snapshot(
            schema=contract.SCHEMA,
            day=day,
            sent_at=self._sent_at,
            imported=True,
            drive=contract.Drive(serial, model, capacity_bytes=self._read_capacity(row)),
            place=self._read_place(row) if self._place_fields else _NOWHERE,
            power_on_hours=hours if hours is not None and hours >= 0 else None,
            signs=_signs(*signs),
            smart=smart,
            failure=failure == "1",
        )

    def _read_day(self, text: str) -> date | Rejected:
        day = parse_day(text.strip())
        if day is None:
            return Rejected("bad_day", f"{text[:40]!r} is not a date")
        if refused := belief.judge_day(day, True, self._believed):
            return refused
        self._days[text] = day
        return day

    def _read_capacity(self, row: list[str]) -> int | None:
        if self._capacity is None:
            return None
        try:
            capacity = int(row[self._capacity])
        except ValueError:
            return None
        return capacity if 0 < capacity <= contract.MAX_CAPACITY_BYTES else None

    def _read_place(self, row: list[str]) -> contract.Place:
        texts = self._places(row)
        if complaint("".join(texts)):
            return _NOWHERE
        return contract.Place(**dict(zip(self._place_fields, texts, strict=True)))


_NOWHERE = contract.Place()


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Where each column stands, in the header's order; of two of one name the first."""
    columns: dict[str, int] = {}
    for index, name in enumerate(header):
        columns.setdefault(name.strip(), index)
    if missing := [name for name in REQUIRED if name not in columns]:
        raise ForeignHeaderError(f"no column {', '.join(missing)}; a public file has {EXPECTED}")
    return columns


def parse_day(text: str) -> date | None:
    """A date as the files write it: 2018-02-24, or 2/25/18. None when it is not one."""
    slashed = _SLASHED_DAY.fullmatch(text)
    try:
        if slashed:
            month, day, year = (int(part) for part in slashed.groups())
            return date(year + 2000 if year < 100 else year, month, day)
        return date.fromisoformat(text) if _ISO_DAY.fullmatch(text) else None
    except ValueError:
        return None


def _signs(
    reallocated: int | None,
    uncorrectable: int | None,
    pending: int | None,
    offline_uncorrectable: int | None,
) -> contract.Signs:
    return contract.Signs(
        reallocated=reallocated,
        reported_uncorrectable=uncorrectable,
        pending=pending,
        offline_uncorrectable=offline_uncorrectable,
    )

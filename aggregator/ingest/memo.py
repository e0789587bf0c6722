"""What was said before, word by word: the quick way into the columns for nearly every snapshot.

Rules:
- Only words that were judged by every rule are remembered, so a snapshot made of them needs no
  judging but of its day and its sender's clock.
- Forgetting costs time, nothing else: what is not remembered is judged again.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np

from aggregator.ingest.calendar import EPOCH
from aggregator.ingest.decode import Decoded, Sighting
from aggregator.ingest.ledger import NOT_LIVE, Ledger, Sightings
from aggregator.ingest.presence import NO_HOURS
from aggregator.ingest.words import Signs, Slot, What, Where, shared
from bus import contract, identity

MAX_HOURS = 20 * 365 * 24
"""Believable power-on hours: 20 years. Beyond it a counter is broken or in another unit."""
LIMIT = 200_000
"""Sayings remembered; a fleet of 355,000 drives has a few thousand."""

SIGNS = contract.Signs.__struct_fields__
BEST_OF_A_DAY = {"read": "3", "asleep": "2", "unreadable": "1"}

Span = tuple[int, int]  # first and last believed day


class Columns:
    """Believed snapshots, seven numbers each; see `Sightings` for their meaning."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.failures: list[tuple[int, int]] = []  # row, day
        self.live_from = NOT_LIVE

    def __len__(self) -> int:
        return len(self.numbers) // 7

    def sightings(self) -> Sightings:
        table = np.frombuffer(array("q", self.numbers), dtype=np.int64).reshape(-1, 7)
        narrow = np.ascontiguousarray(table[:, [1, 3, 4, 5, 6]].T, dtype=np.int32)
        hours = table[:, 2].copy()
        hours[(hours < 0) | (hours > MAX_HOURS)] = NO_HOURS
        return Sightings(table[:, 0].copy(), narrow[0], hours, *narrow[1:])


class Memo:
    """The words that one ledger's snapshots are made of."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.imports: Span = (0, 0)
        self.spans: dict[str, Span] = {}  # by sent_at of a live event
        self.forget()

    def forget(self) -> None:
        self._models: dict[str, str] = {}  # raw -> normal
        self._what: dict[tuple[object, ...], int] = {}
        self._slots: dict[str, int] = {}
        self._signs: dict[bytes, int] = {}

    def forget_if_full(self) -> None:
        if max(len(self._signs), len(self._what), len(self._slots), len(self._models)) > LIMIT:
            self.forget()

    def look_up(self, events: Sequence[Decoded], seen: Columns) -> Iterator[int]:
        """Append the snapshots all of whose words are known; give the indices of the others.

        What is learned from one of the others is known to the next. The hot path, a third of the
        work that one event costs: one loop, everything at hand.
        """
        rows, models, spans, imports = self._ledger.rows, self._models, self.spans, self.imports
        whats, slots, signs = self._what, self._slots, self._signs
        # A plain tuple is looked up like the NamedTuple that it equals.
        wheres = cast(dict[tuple[object, ...], int], self._ledger.where.pool.numbers)
        numbers, failures = seen.numbers, seen.failures
        for index, event in enumerate(events):
            # A serial with an escaped character could spell another drive's key.
            if type(event) is not Sighting or (serial := event.drive.serial).find(":") >= 0:
                yield index
                continue
            drive, place, imported = event.drive, event.place, event.imported
            try:
                row = rows[f"{serial}:{models[drive.model]}"]
                first, last = imports if imported else spans[event.sent_at]
                what = whats[
                    drive.model,
                    drive.capacity_bytes,
                    drive.media,
                    event.role,
                    drive.firmware,
                    event.state,
                    event.reason,
                ]
                where = wheres[
                    event.host,
                    place.datacenter,
                    place.cluster,
                    place.vault,
                    place.pod,
                    place.enclosure,
                ]
                slot = slots[place.slot]
                sign = signs[bytes(event.signs)]
            except KeyError:
                yield index
                continue
            day = event.day.toordinal() - EPOCH
            odd = "%" in serial or event.schema != contract.SCHEMA
            if odd or not first <= day <= last or (event.failure and not imported):
                yield index
                continue
            hours = event.power_on_hours
            numbers += (row, day, NO_HOURS if hours is None else hours, what, where, slot, sign)
            if event.failure:
                failures.append((row, day))
            if day < seen.live_from and not imported:
                seen.live_from = day

    def learn(self, event: Sighting, judged: contract.Snapshot, seen: Columns) -> None:
        """Append a snapshot that was judged in full, and remember its words."""
        drive, place = event.drive, event.place
        self._models[drive.model] = identity.normal_model(drive.model)
        ledger = self._ledger
        row = ledger.row_of(identity.drive_key(drive.serial, drive.model))
        what = ledger.what.pool.number(_what(event))
        self._what[_what_key(event)] = what
        said = Where(
            event.host,
            place.datacenter,
            place.cluster,
            place.vault,
            place.pod,
            place.enclosure,
        )
        where = ledger.where.pool.number(shared(said))
        slot = self._slots[place.slot] = ledger.slots.pool.number(Slot(place.slot))
        values = tuple(_or_missing(getattr(judged.signs, name)) for name in SIGNS)
        sign = self._signs[bytes(event.signs)] = ledger.signs.pool.number(Signs(values))
        day = event.day.toordinal() - EPOCH
        hours = NO_HOURS if event.power_on_hours is None else event.power_on_hours
        seen.numbers += (row, day, hours, what, where, slot, sign)
        if event.failure:
            seen.failures.append((row, day))
        if not event.imported:
            seen.live_from = min(seen.live_from, day)


def _what_key(event: Sighting) -> tuple[object, ...]:
    drive = event.drive
    return (
        drive.model,
        drive.capacity_bytes,
        drive.media,
        event.role,
        drive.firmware,
        event.state,
        event.reason,
    )


def _what(event: Sighting) -> What:
    drive = event.drive
    capacity = drive.capacity_bytes
    if capacity is None or not 0 < capacity <= contract.MAX_CAPACITY_BYTES:
        capacity = -1
    reason = event.reason if event.state == "unreadable" else ""
    state = BEST_OF_A_DAY[event.state] + reason
    return What(drive.model, capacity, drive.media, event.role, drive.firmware, state)


def _or_missing(value: int | None) -> int:
    return -1 if value is None or value < 0 else value

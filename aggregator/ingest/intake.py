"""What arrived, and is it new: the records of one partition into its ledger.

Rules:
- A record is judged by its content and the time the log took it in, nothing else.
- Whatever is said for the first time (a drive, a host, a firmware, a set of signs) is judged by
  every rule of `bus.belief`; what was said before word by word is looked up and only its day and
  its sender's clock are judged again. Both ways come to the same.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from aggregator.ingest.calendar import EPOCH, to_day
from aggregator.ingest.decode import Sighting, decode_values, widen
from aggregator.ingest.ledger import NEVER, Absent, Ledger, Sightings, Told
from aggregator.ingest.presence import NO_HOURS
from aggregator.ingest.words import Report, Signs, Slot, What, Where
from bus import contract, identity
from bus.belief import Rejected, Window, judge, window
from bus.log import Spot, Topic

MAX_HOURS = 20 * 365 * 24
"""Believable power-on hours: 20 years. Beyond it a counter is broken or in another unit."""
MAX_CAPACITY = 10**15
"""Believable bytes of one drive; public history holds garbage up to 6e17."""
MEMO_LIMIT = 200_000
"""Sayings remembered word by word; forgetting them only costs time."""

_BEST_OF_A_DAY = {"read": "3", "asleep": "2", "unreadable": "1"}

Span = tuple[int, int]  # first and last believed day


class Taken(NamedTuple):
    """What became of a batch: counts by (kind, result), and what was refused, by offset."""

    counts: Counter[tuple[str, str]]
    rejected: list[tuple[int, Rejected]]


class Intake:
    """The way into one ledger. Not shared between threads."""

    def __init__(
        self, ledger: Ledger, partition: int, partitions: int, *, simulated: bool = False
    ) -> None:
        self.ledger = ledger
        self._partition = partition
        self._partitions = partitions
        self._simulated = simulated
        self._forget()
        self._spans: dict[str, Span] = {}  # by sent_at of a live event
        self._imports: Span = (0, 0)

    def take(self, spot: Spot, offset: int, values: Sequence[bytes], taken_in: datetime) -> Taken:
        """Take in the records from `offset` on, all taken in by the log at one time."""
        taken = Taken(Counter(), [])
        self._begin(taken_in)
        seen = _Columns()
        for at, event in enumerate(decode_values(values), offset):
            if isinstance(event, Sighting) and spot.topic == Topic.SNAPSHOTS:
                refused = self._see(event, seen, taken_in)
            elif isinstance(event, Rejected):
                refused = event
            else:
                refused = self._hear(event, spot, taken_in, taken.counts)
            if refused is not None:
                taken.rejected.append((at, refused))
        self._settle(seen, taken.counts)
        return taken

    def _begin(self, taken_in: datetime) -> None:
        believed = window(taken_in)
        self._imports = (to_day(believed.import_from), to_day(believed.until))
        if not self._simulated:
            self._spans.clear()
        if max(len(self._signs), len(self._what), len(self._where), len(self._spans)) > MEMO_LIMIT:
            self._forget()

    def _forget(self) -> None:
        self._models: dict[str, str] = {}  # raw -> normal
        self._what: dict[tuple[object, ...], int] = {}
        self._where: dict[tuple[str, ...], int] = {}
        self._slots: dict[str, int] = {}
        self._signs: dict[bytes, int] = {}
        self._spans = {}

    def _see(self, event: Sighting, seen: "_Columns", taken_in: datetime) -> Rejected | None:
        """One snapshot into the columns, by what is known of its words, else by learning them."""
        if self._known(event, seen):
            return None
        refused = self._learn(event, taken_in)
        if refused is None and not self._known(event, seen):
            raise AssertionError(f"learned and yet unknown: {event}")
        return refused

    def _known(self, event: Sighting, seen: "_Columns") -> bool:
        """Append the snapshot if all its words were judged before; False if one was not."""
        drive, place = event.drive, event.place
        row = self._row(drive.serial, drive.model)
        try:
            what = self._what[_what_key(event)]
            where = self._where[
                event.host,
                place.datacenter,
                place.cluster,
                place.vault,
                place.pod,
                place.enclosure,
            ]
            slot = self._slots[place.slot]
            signs = self._signs[bytes(event.signs)]
            first, last = self._imports if event.imported else self._spans[event.sent_at]
        except KeyError:
            return False
        day = event.day.toordinal() - EPOCH
        if row is None or not first <= day <= last or event.schema != contract.SCHEMA:
            return False
        if event.failure:
            if not event.imported:
                return False
            seen.failures.append((row, day))
        hours = event.power_on_hours
        if hours is None or not 0 <= hours <= MAX_HOURS:
            hours = NO_HOURS
        seen.append((row, day, hours, what, where, slot, signs))
        seen.live |= not event.imported
        return True

    def _row(self, serial: str, model: str) -> int | None:
        """The row of a drive in any spelling. The plain look-up first: keys hold normal serials,
        in which `%` and `:` are escaped, so only a plain serial can be found by it."""
        if "%" not in serial and ":" not in serial:
            row = self.ledger.rows.get(f"{serial}:{self._models.get(model)}")
            if row is not None:
                return row
        return self.ledger.rows.get(identity.drive_key(serial, model))

    def _learn(self, event: Sighting, taken_in: datetime) -> Rejected | None:
        """Judge a snapshot in full and remember its words, or say why it is not believed."""
        full = widen(event)
        if isinstance(full, Rejected):
            return full
        believed = self._believed(full, taken_in)
        refused = judge(full, believed) or self._judge_place_in_log(full.drive.serial)
        if refused is not None:
            return refused
        drive, place = event.drive, event.place
        self._models[drive.model] = identity.normal_model(drive.model)
        self.ledger.row_of(identity.drive_key(drive.serial, drive.model))
        pools = self.ledger
        self._what[_what_key(event)] = pools.what.pool.number(_what(event))
        where = (place.datacenter, place.cluster, place.vault, place.pod, place.enclosure)
        hosts = (event.host,) if event.host else ()
        self._where[event.host, *where] = pools.where.pool.number(Where(hosts, *where))
        self._slots[place.slot] = pools.slots.pool.number(Slot(place.slot))
        values = tuple(_or_missing(getattr(full.signs, name)) for name in SIGNS)
        self._signs[bytes(event.signs)] = pools.signs.pool.number(Signs(values))
        self._advance(believed.taken_in)
        if not event.imported:
            self._spans[event.sent_at] = (to_day(believed.live_from), to_day(believed.until))
        return None

    def _hear(
        self,
        event: Sighting | contract.Absence | contract.Inventory | contract.Verdict,
        spot: Spot,
        taken_in: datetime,
        counts: Counter[tuple[str, str]],
    ) -> Rejected | None:
        """An absence, an inventory or a verdict into the ledger."""
        belongs = Topic.VERDICTS if isinstance(event, contract.Verdict) else Topic.SNAPSHOTS
        if isinstance(event, Sighting) or spot.topic != belongs:
            return Rejected("wrong_topic", f"{type(event).__name__} in {spot.topic}")
        believed = self._believed(event, taken_in)
        refused = judge(event, believed)
        if refused is not None:
            return refused
        if isinstance(event, contract.Inventory):
            if event.partition != self._partition:
                return Rejected("wrong_partition", f"says {event.partition}, is {self._partition}")
            kind, fresh = "inventory", self._report(event)
        else:
            refused = self._judge_place_in_log(event.drive.serial)
            if refused is not None:
                return refused
            row = self.ledger.row_of(identity.drive_key(event.drive.serial, event.drive.model))
            if isinstance(event, contract.Absence):
                kind, fresh = "absence", self._miss(row, event)
            else:
                kind, fresh = "verdict", self._decide(row, event)
        self._advance(believed.taken_in)
        counts[kind, "new" if fresh else "known"] += 1
        return None

    def _report(self, event: contract.Inventory) -> bool:
        self.ledger.live |= not event.imported
        place = tuple(getattr(event.place, name) for name in event.place.__struct_fields__)
        report = Report(
            event.present + event.asleep + event.unreadable,
            event.complete,
            event.present,
            event.asleep,
            event.unreadable,
            event.missing,
            event.agent_version,
            event.smartctl_version,
            place,
            event.drives,
            event.keys_xor,
        )
        return self.ledger.report(event.host, to_day(event.day), report)

    def _miss(self, row: int, event: contract.Absence) -> bool:
        self.ledger.live |= not event.imported
        hosts = tuple(sorted(event.last_hosts))
        said = Absent(event.together, event.held, hosts, to_day(event.last_day))
        return self.ledger.miss(row, event.host, to_day(event.day), said)

    def _decide(self, row: int, event: contract.Verdict) -> bool:
        until = NEVER if event.until is None else to_day(event.until)
        given_at_ms = round(event.given_at.timestamp() * 1000)
        day = to_day(event.day)
        told = Told(event.verb, day, until, event.of, given_at_ms, event.who, event.reason)
        return self.ledger.decide(row, event.id, told)

    def _judge_place_in_log(self, serial: str) -> Rejected | None:
        belongs = identity.partition(serial, self._partitions)
        if belongs == self._partition:
            return None
        return Rejected("wrong_partition", f"belongs in {belongs}, stands in {self._partition}")

    def _believed(self, event: contract.AnyEvent, taken_in: datetime) -> Window:
        """In a simulated log the simulator's clock is the log's."""
        told = self._simulated and not event.imported and event.sent_at.tzinfo is not None
        return window(event.sent_at if told else taken_in)

    def _advance(self, taken_in: datetime) -> None:
        latest = self.ledger.taken_in
        self.ledger.taken_in = taken_in if latest is None else max(latest, taken_in)

    def _settle(self, seen: "_Columns", counts: Counter[tuple[str, str]]) -> None:
        if not seen.rows:
            return
        new = self.ledger.see(seen.sightings())
        counts["snapshot", "new"] += new
        counts["snapshot", "known"] += len(seen.rows) - new
        for row, day in seen.failures:
            self.ledger.fail(row, day)
        self.ledger.live |= seen.live


class _Columns:
    """Believed snapshots of a batch, a column each."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, int, int, int, int, int]] = []
        self.append = self.rows.append
        self.failures: list[tuple[int, int]] = []
        self.live = False

    def sightings(self) -> Sightings:
        table = np.array(self.rows, dtype=np.int64)
        narrow = table.astype(np.int32)
        return Sightings(
            rows=table[:, 0].copy(),
            days=narrow[:, 1].copy(),
            hours=table[:, 2].copy(),
            what=narrow[:, 3].copy(),
            where=narrow[:, 4].copy(),
            slots=narrow[:, 5].copy(),
            signs=narrow[:, 6].copy(),
        )


SIGNS = contract.Signs.__struct_fields__


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
    usable = capacity is not None and 0 < capacity <= MAX_CAPACITY
    reason = event.reason if event.state == "unreadable" else ""
    return What(
        drive.model,
        capacity if usable and capacity is not None else -1,
        drive.media,
        event.role,
        drive.firmware,
        _BEST_OF_A_DAY[event.state] + reason,
    )


def _or_missing(value: int | None) -> int:
    return -1 if value is None or value < 0 else value

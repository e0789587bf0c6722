"""The ledger's meaning, written the slow and obvious way: the truth its tests compare with."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from aggregator.ingest.calendar import quarter_of, to_day
from aggregator.ingest.ledger import Absent, Told
from aggregator.ingest.words import Report
from bus import contract
from bus.identity import drive_key

Key = str
PLACE = contract.Place.__struct_fields__
SIGNS = contract.Signs.__struct_fields__
TWENTY_YEARS_OF_HOURS = 20 * 365 * 24
A_PETABYTE = 10**15


@dataclass
class Said:
    """What was said of a drive on a day, settled."""

    model: str
    capacity: int
    media: str
    role: str
    firmware: str
    state: str
    hosts: set[str]
    place: tuple[str, ...]
    signs: tuple[int, ...]


def _table() -> defaultdict[Key, dict[int, Said]]:
    return defaultdict(dict)


@dataclass
class Naive:
    """Facts as a dictionary of dictionaries."""

    days: defaultdict[Key, dict[int, Said]] = field(default_factory=_table)
    births: dict[tuple[Key, int], tuple[int, int]] = field(default_factory=dict)  # key, quarter
    failures: set[tuple[Key, int]] = field(default_factory=set)
    absences: dict[tuple[Key, str, int], Absent] = field(default_factory=dict)
    verdicts: dict[tuple[Key, str], Told] = field(default_factory=dict)
    reports: dict[tuple[str, int], Report] = field(default_factory=dict)
    live_days: set[int] = field(default_factory=set)

    def add(self, events: Iterable[contract.AnyEvent]) -> "Naive":
        for event in events:
            match event:
                case contract.Snapshot():
                    self._see(event)
                case contract.Absence():
                    self._miss(event)
                case contract.Verdict():
                    self._decide(event)
                case contract.Inventory():
                    self._report(event)
        return self

    def born(self, key: Key, as_of: int) -> int | None:
        """The newest quarter's birth that was told up to a day."""
        told = {q: told for (k, q), told in self.births.items() if k == key and told[0] <= as_of}
        return told[max(told)][1] if told else None

    def latest(self, key: Key, as_of: int) -> int | None:
        return max((day for day in self.days[key] if day <= as_of), default=None)

    def _see(self, event: contract.Snapshot) -> None:
        key, day = drive_key(event.drive.serial, event.drive.model), to_day(event.day)
        held, said = self.days[key].get(day), _said(event)
        self.days[key][day] = said if held is None else _settled(held, said)
        hours = event.power_on_hours
        if hours is not None and 0 <= hours <= TWENTY_YEARS_OF_HOURS:
            told = (day, day - hours // 24)
            at = key, quarter_of(day)
            self.births[at] = min(self.births.get(at, told), told)
        if event.failure:
            self.failures.add((key, day))
        if not event.imported:
            self.live_days.add(day)

    def _miss(self, event: contract.Absence) -> None:
        at = drive_key(event.drive.serial, event.drive.model), event.host, to_day(event.day)
        hosts = tuple(sorted(event.last_hosts))
        told = Absent(event.together, event.held, hosts, to_day(event.last_day))
        self.absences[at] = max(self.absences.get(at, told), told)
        self.live_days.add(to_day(event.day))

    def _decide(self, event: contract.Verdict) -> None:
        at = drive_key(event.drive.serial, event.drive.model), event.id
        until = -1 if event.until is None else to_day(event.until)
        given = round(event.given_at.timestamp() * 1000)
        day = to_day(event.day)
        told = Told(event.verb, day, until, event.of, given, event.who, event.reason)
        self.verdicts[at] = max(self.verdicts.get(at, told), told)

    def _report(self, event: contract.Inventory) -> None:
        at = event.host, to_day(event.day)
        told = Report(
            event.present + event.asleep + event.unreadable,
            event.complete,
            event.present,
            event.asleep,
            event.unreadable,
            event.missing,
            event.agent_version,
            event.smartctl_version,
            tuple(getattr(event.place, name) for name in PLACE),
            event.drives,
            int(event.keys_xor, 16),
        )
        self.reports[at] = max(self.reports.get(at, told), told)
        self.live_days.add(to_day(event.day))


def _said(event: contract.Snapshot) -> Said:
    rank = {"read": "3", "asleep": "2", "unreadable": "1"}[event.state]
    capacity = event.drive.capacity_bytes
    usable = capacity is not None and 0 < capacity <= A_PETABYTE
    return Said(
        model=event.drive.model,
        capacity=capacity if usable and capacity is not None else -1,
        media=event.drive.media,
        role=event.role,
        firmware=event.drive.firmware,
        state=rank + (event.reason if event.state == "unreadable" else ""),
        hosts={event.host} - {""},
        place=tuple(getattr(event.place, name) for name in PLACE),
        signs=tuple(_number(getattr(event.signs, name)) for name in SIGNS),
    )


def _number(value: int | None) -> int:
    return -1 if value is None or value < 0 else value


def _settled(one: Said, other: Said) -> Said:
    return Said(
        model=max(one.model, other.model),
        capacity=max(one.capacity, other.capacity),
        media=max(one.media, other.media),
        role=max(one.role, other.role),
        firmware=max(one.firmware, other.firmware),
        state=max(one.state, other.state),
        hosts=one.hosts | other.hosts,
        place=tuple(map(max, one.place, other.place)),
        signs=tuple(map(max, one.signs, other.signs)),
    )

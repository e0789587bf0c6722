"""The ledger's meaning, written the slow and obvious way: the truth its tests compare with."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from aggregator.ingest.calendar import quarter_of, to_day
from aggregator.ingest.memo import MAX_CAPACITY, MAX_HOURS
from bus import contract
from bus.identity import drive_key

Key = str
Said = dict[str, object]


@dataclass
class Naive:
    """Facts as a dictionary of dictionaries."""

    days: dict[Key, dict[int, Said]] = field(default_factory=lambda: defaultdict(dict))
    births: dict[Key, dict[int, tuple[int, int]]] = field(default_factory=lambda: defaultdict(dict))
    failures: set[tuple[Key, int]] = field(default_factory=set)

    def add(self, events: Iterable[contract.Snapshot]) -> "Naive":
        for event in events:
            self._add(event)
        return self

    def _add(self, event: contract.Snapshot) -> None:
        key = drive_key(event.drive.serial, event.drive.model)
        day = to_day(event.day)
        held = self.days[key].get(day)
        said = _said(event)
        self.days[key][day] = said if held is None else _settled(held, said)
        hours = event.power_on_hours
        if hours is not None and 0 <= hours <= MAX_HOURS:
            quarters = self.births[key]
            told = (day, day - hours // 24)
            quarters[quarter_of(day)] = min(quarters.get(quarter_of(day), told), told)
        if event.failure:
            self.failures.add((key, day))

    def born(self, key: Key) -> int | None:
        quarters = self.births[key]
        return quarters[max(quarters)][1] if quarters else None


def _said(event: contract.Snapshot) -> Said:
    rank = {"read": "3", "asleep": "2", "unreadable": "1"}[event.state]
    capacity = event.drive.capacity_bytes
    usable = capacity is not None and 0 < capacity <= MAX_CAPACITY
    return {
        "model": event.drive.model,
        "capacity": capacity if usable else -1,
        "media": event.drive.media,
        "role": event.role,
        "firmware": event.drive.firmware,
        "state": rank + (event.reason if event.state == "unreadable" else ""),
        "hosts": {event.host} - {""},
        "place": tuple(getattr(event.place, name) for name in PLACE),
        "signs": tuple(_number(getattr(event.signs, name)) for name in SIGNS),
    }


PLACE = contract.Place.__struct_fields__
SIGNS = contract.Signs.__struct_fields__


def _number(value: int | None) -> int:
    return -1 if value is None else value


def _settled(one: Said, other: Said) -> Said:
    settled: Said = {}
    for name in one:
        mine, its = one[name], other[name]
        if isinstance(mine, set) and isinstance(its, set):
            settled[name] = mine | its
        elif isinstance(mine, tuple) and isinstance(its, tuple):
            settled[name] = tuple(map(max, mine, its))
        else:
            settled[name] = max(mine, its)  # type: ignore[type-var]  # both text, or both numbers
    return settled


def first_day() -> date:
    return date(2026, 2, 20)

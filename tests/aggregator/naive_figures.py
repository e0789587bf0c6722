"""What the figures mean, the slow and obvious way: for each number a sum over naive facts."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date

from aggregator.ingest.calendar import to_date, to_day
from aggregator.ingest.naming import Naming
from aggregator.rates.figures import (
    CohortRow,
    FleetRow,
    ModelInfo,
    ModelRow,
    RoleChoice,
    StateRow,
    Window,
)
from tests.aggregator.ingest.naive import Key, Naive

Cohort = tuple[str, str, str, str]  # manufacturer, model, role, datacenter


class NaiveFigures:
    """Every number of the figures as of a day, in given windows."""

    def __init__(self, facts: Naive, as_of: date, windows: Iterable[Window]) -> None:
        self.facts = facts
        self.as_of = to_day(as_of)
        self.windows = list(windows)
        self.keys = [key for key in facts.days if facts.latest(key, self.as_of) is not None]

    def group(self, key: Key) -> tuple[str, str, str]:
        """What the drive was on its latest day."""
        latest = self.facts.latest(key, self.as_of)
        assert latest is not None
        said = self.facts.days[key][latest]
        group = Naming().group(said.model, said.role)
        return group.manufacturer, group.model, group.role

    def days(self, key: Key) -> list[int]:
        return sorted(day for day in self.facts.days[key] if day <= self.as_of)

    def datacenter(self, key: Key, day: int) -> str:
        return self.facts.days[key][day].place[0]

    def booked(self, key: Key) -> set[int]:
        """Days on which failures of the drive are booked."""
        told = {day for failed, day in self.facts.failures if failed == key and day <= self.as_of}
        verdicts = {name: v for (k, name), v in self.facts.verdicts.items() if k == key}
        retracted = {v.of for v in verdicts.values() if v.verb == "retract"}
        standing = sorted(
            (v.given_at_ms, v.day, name)
            for name, v in verdicts.items()
            if v.verb == "failed" and v.day <= self.as_of and name not in retracted
        )
        if standing:
            told |= set([day for day in self.days(key) if day <= standing[-1][1]][-1:])
        return told

    def cohorts(self) -> set[CohortRow]:
        drive_days: Counter[tuple[Cohort, int]] = Counter()
        failures: Counter[tuple[Cohort, int]] = Counter()
        for key in self.keys:
            for day in self.days(key):
                drive_days[(*self.group(key), self.datacenter(key, day)), day] += 1
            for day in self.booked(key):
                failures[(*self.group(key), self.datacenter(key, day)), day] += 1
        return {
            CohortRow(
                manufacturer=cohort[0],
                model=cohort[1],
                role="boot" if cohort[2] == "boot" else "data",
                datacenter=cohort[3],
                window=window.name,
                drive_days=_within(drive_days, cohort, window),
                failures=_within(failures, cohort, window),
            )
            for cohort in {cohort for cohort, _ in drive_days}
            for window in self.windows
        }

    def states(self) -> set[StateRow]:
        found: defaultdict[tuple[Cohort, str], list[Key]] = defaultdict(list)
        for key in self.keys:
            latest = self.days(key)[-1]
            cohort = (*self.group(key), self.datacenter(key, latest))
            if max(self.booked(key), default=-1) >= latest:
                state = "failed"
            else:
                state = "active" if latest >= self.as_of - 1 else "unaccounted"
            found[cohort, state].append(key)
        rows = set()
        for (cohort, state), keys in found.items():
            births = [born for key in keys if (born := self.facts.born(key, self.as_of))]
            rows.add(
                StateRow(
                    manufacturer=cohort[0],
                    model=cohort[1],
                    role="boot" if cohort[2] == "boot" else "data",
                    datacenter=cohort[3],
                    state=state,  # type: ignore[arg-type]  # one of the three above
                    drives=len(keys),
                    age_days=sum(self.as_of - born for born in births),
                    aged=len(births),
                )
            )
        return rows

    def drives(self, model: tuple[str, str] | None, role: RoleChoice) -> list[Key]:
        """The drives of a model (None: of all) and role."""
        groups = {key: self.group(key) for key in self.keys}
        return [
            key
            for key, group in groups.items()
            if model in (None, group[:2]) and role in ("all", group[2])
        ]

    def check(self, row: ModelRow | FleetRow) -> None:
        """One row of a model or of the fleet: every number of it."""
        model = (row.manufacturer, row.model) if isinstance(row, ModelRow) else None
        keys = self.drives(model, row.role)
        window = next(one for one in self.windows if one.name == row.window)
        inside = range(to_day(window.first), to_day(window.last) + 1)
        seen = {key: [day for day in self.days(key) if day in inside] for key in keys}
        failures = sum(day in inside for key in keys for day in self.booked(key))
        assert row.drives == sum(self.as_of in self.facts.days[key] for key in keys)
        assert row.drives_seen == sum(bool(days) for days in seen.values())
        assert row.rate.drive_days == sum(map(len, seen.values()))
        assert row.rate.failures == failures
        days = row.rate.drive_days
        assert row.rate.afr == (failures / (days / 365) if days else None)

    def infos(self) -> set[ModelInfo]:
        said: defaultdict[tuple[str, str], Counter[tuple[int, str]]] = defaultdict(Counter)
        for key in self.keys:
            latest = self.facts.days[key][self.days(key)[-1]]
            said[self.group(key)[:2]][latest.capacity, latest.media] += 1
        rows = set()
        for model, counts in said.items():
            (capacity, media), _ = max(counts.items(), key=lambda item: (item[1], item[0]))
            rows.add(ModelInfo(*model, capacity if capacity > 0 else None, media))
        return rows


def _within(counts: Counter[tuple[Cohort, int]], cohort: Cohort, window: Window) -> int:
    return sum(
        number
        for (one, day), number in counts.items()
        if one == cohort and window.first <= to_date(day) <= window.last
    )

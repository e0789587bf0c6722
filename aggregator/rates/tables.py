"""From the fleet's sums to every figure shown: sums over sums, by cohort, model and fleet."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from aggregator.ingest.calendar import to_day
from aggregator.ingest.naming import Cohort, Group
from aggregator.life.fleet import Fleet
from aggregator.rates.afr import rates
from aggregator.rates.days import Days
from aggregator.rates.figures import (
    CohortRow,
    Figures,
    FleetRow,
    ModelInfo,
    ModelRow,
    RoleChoice,
    StateRow,
    Window,
)

Sums = NDArray[np.int64]  # [windows]
Model = tuple[str, str]  # manufacturer, model

ROLES: tuple[RoleChoice, ...] = get_args(RoleChoice)


def nothing(days: Days, *, simulated: bool) -> Figures:
    """The figures of a fleet of which nothing is known up to the day."""
    return Figures(
        as_of=days.as_of,
        windows_end=days.windows_end,
        open=days.open,
        preliminary=days.preliminary,
        simulated=simulated,
        windows=(),
        models=(),
        fleet=(),
        cohorts=(),
        states=(),
        infos=(),
    )


def figures(fleet: Fleet, days: Days, windows: Sequence[Window], *, simulated: bool) -> Figures:
    """Every figure. The spans of the fleet's summary are those of the windows, in their order."""
    tables = _Tables(fleet, windows)
    return Figures(
        as_of=days.as_of,
        windows_end=days.windows_end,
        open=days.open,
        preliminary=days.preliminary,
        simulated=simulated,
        windows=tuple(windows),
        models=tuple(row for role in ROLES for row in tables.models(role)),
        fleet=tuple(row for role in ROLES for row in tables.fleet(role)),
        cohorts=tuple(tables.cohorts()),
        states=tuple(tables.states()),
        infos=tuple(tables.infos()),
    )


class _Tables:
    """Drive-days and failures by cohort and window, and what is added up from them."""

    def __init__(self, fleet: Fleet, windows: Sequence[Window]) -> None:
        self._fleet = fleet
        self._summary = fleet.summary
        self._windows = windows
        self._spans = [(to_day(window.first), to_day(window.last)) for window in windows]
        cohorts = {*self._summary.drive_days, *fleet.failures}
        self._drive_days = {cohort: self._days_of(cohort) for cohort in sorted(cohorts)}
        self._failures = {cohort: self._failures_of(cohort) for cohort in sorted(cohorts)}

    def cohorts(self) -> Iterator[CohortRow]:
        for cohort, drive_days in self._drive_days.items():
            failures = self._failures[cohort]
            for index, window in enumerate(self._windows):
                yield CohortRow(
                    manufacturer=cohort.manufacturer,
                    model=cohort.model,
                    datacenter=cohort.datacenter,
                    role="boot" if cohort.role == "boot" else "data",
                    window=window.name,
                    drive_days=int(drive_days[index]),
                    failures=int(failures[index]),
                )

    def models(self, role: RoleChoice) -> Iterator[ModelRow]:
        """Each model that was ever present in the role, in every window."""
        drive_days = self._by_model(self._drive_days, role)
        failures = self._by_model(self._failures, role)
        seen = self._by_model(self._summary.seen, role)
        present: dict[Model, int] = defaultdict(int)
        for group, number in self._summary.present.items():
            if _has(group, role):
                present[group.manufacturer, group.model] += number
        models = sorted(drive_days)
        for index, window in enumerate(self._windows):
            of_window = rates(
                [int(failures[model][index]) for model in models],
                [int(drive_days[model][index]) for model in models],
            )
            for model, rate in zip(models, of_window, strict=True):
                yield ModelRow(
                    manufacturer=model[0],
                    model=model[1],
                    role=role,
                    window=window.name,
                    drives=present[model],
                    drives_seen=int(seen[model][index]),
                    rate=rate,
                )

    def fleet(self, role: RoleChoice) -> Iterator[FleetRow]:
        drive_days = self._in_all(self._drive_days, role)
        failures = self._in_all(self._failures, role)
        seen = self._in_all(self._summary.seen, role)
        drives = sum(n for group, n in self._summary.present.items() if _has(group, role))
        pooled = rates([int(n) for n in failures], [int(n) for n in drive_days])
        for index, window in enumerate(self._windows):
            yield FleetRow(role, window.name, drives, int(seen[index]), pooled[index])

    def states(self) -> Iterator[StateRow]:
        for (cohort, state), standing in sorted(self._fleet.standings.items()):
            yield StateRow(
                manufacturer=cohort.manufacturer,
                model=cohort.model,
                datacenter=cohort.datacenter,
                role="boot" if cohort.role == "boot" else "data",
                state=state,
                drives=standing.drives,
                age_days=standing.age_days,
                aged=standing.aged,
            )

    def infos(self) -> Iterator[ModelInfo]:
        """The capacity and media that most drives of a model say; ties to the larger."""
        built: dict[Model, dict[tuple[int, str], int]] = defaultdict(lambda: defaultdict(int))
        for group, said in self._summary.built.items():
            for what, number in said.items():
                built[group.manufacturer, group.model][what] += number
        for (manufacturer, model), numbers in sorted(built.items()):
            capacity, media = max(numbers, key=lambda what: (numbers[what], what))
            yield ModelInfo(manufacturer, model, capacity if capacity > 0 else None, media)

    def _days_of(self, cohort: Cohort) -> Sums:
        """Drive-days of a cohort in each window."""
        days = self._summary.drive_days.get(cohort)
        if days is None:
            return np.zeros(len(self._spans), dtype=np.int64)
        begin = self._summary.first
        until = np.concatenate([[0], np.cumsum(days)])
        edges = [
            (max(0, min(len(days), first - begin)), max(0, min(len(days), last + 1 - begin)))
            for first, last in self._spans
        ]
        return np.array([until[last] - until[first] for first, last in edges], dtype=np.int64)

    def _failures_of(self, cohort: Cohort) -> Sums:
        booked: Mapping[int, int] = self._fleet.failures.get(cohort, {})
        return np.array(
            [sum(n for day, n in booked.items() if a <= day <= b) for a, b in self._spans],
            dtype=np.int64,
        )

    def _by_model(
        self, table: dict[Cohort, Sums] | dict[Group, Sums], role: RoleChoice
    ) -> dict[Model, Sums]:
        sums: dict[Model, Sums] = defaultdict(self._zeros)
        for group, numbers in table.items():
            if _has(group, role):
                sums[group.manufacturer, group.model] = (
                    sums[group.manufacturer, group.model] + numbers
                )
        return sums

    def _in_all(self, table: dict[Cohort, Sums] | dict[Group, Sums], role: RoleChoice) -> Sums:
        chosen = [numbers for group, numbers in table.items() if _has(group, role)]
        return sum(chosen, start=self._zeros())

    def _zeros(self) -> Sums:
        return np.zeros(len(self._spans), dtype=np.int64)


def _has(group: Cohort | Group, role: RoleChoice) -> bool:
    return role in ("all", group.role)

"""Sums over sums: by cohort, model, role and fleet."""

from collections import Counter

from hypothesis import given, settings

from aggregator.rates.figures import CohortRow, Figures
from aggregator.rates.tables import ROLES
from bus.contract import AnyEvent
from tests.aggregator.ingest.facts import figures_of, ledger_of
from tests.aggregator.ingest.stories import history, stories

EVENTS = stories(min_size=1)


def sums(figures: Figures, role: str, window: str) -> tuple[int, int]:
    rows = [r for r in figures.cohorts if r.window == window and role in ("all", r.role)]
    return sum(row.drive_days for row in rows), sum(row.failures for row in rows)


@given(EVENTS)
@settings(max_examples=100)
def test_the_fleet_is_the_sum_of_its_cohorts_and_of_its_models(events: list[AnyEvent]) -> None:
    figures = figures_of(ledger_of(events))
    for fleet in figures.fleet:
        counted = fleet.rate.drive_days, fleet.rate.failures
        assert counted == sums(figures, fleet.role, fleet.window)
        models = [r for r in figures.models if (r.role, r.window) == (fleet.role, fleet.window)]
        assert counted == (
            sum(row.rate.drive_days for row in models),
            sum(row.rate.failures for row in models),
        )
        assert fleet.drives == sum(row.drives for row in models)
        assert fleet.drives_seen == sum(row.drives_seen for row in models)


@given(EVENTS)
@settings(max_examples=100)
def test_all_roles_are_data_and_boot(events: list[AnyEvent]) -> None:
    figures = figures_of(ledger_of(events))
    for window in figures.windows:
        rows = {row.role: row for row in figures.fleet if row.window == window.name}
        for number in ("drives", "drives_seen"):
            parts = getattr(rows["data"], number) + getattr(rows["boot"], number)
            assert getattr(rows["all"], number) == parts
        assert rows["all"].rate.drive_days == (
            rows["data"].rate.drive_days + rows["boot"].rate.drive_days
        )


@given(EVENTS)
@settings(max_examples=100)
def test_without_drive_days_there_is_no_rate_and_no_failure(events: list[AnyEvent]) -> None:
    figures = figures_of(ledger_of(events))
    rates = [row.rate for row in figures.models] + [row.rate for row in figures.fleet]
    for rate in rates:
        known = rate.drive_days > 0
        assert (rate.afr is not None) == known
        assert (rate.lower is not None) == (rate.upper is not None) == known
        assert known or rate.failures == 0


@given(EVENTS)
@settings(max_examples=50)
def test_every_row_stands_once_and_in_order(events: list[AnyEvent]) -> None:
    figures = figures_of(ledger_of(events))
    names = [window.name for window in figures.windows]
    order = [
        (ROLES.index(row.role), names.index(row.window), row.manufacturer, row.model)
        for row in figures.models
    ]
    assert order == sorted(set(order))
    assert [(row.role, row.window) for row in figures.fleet] == [
        (role, name) for role in ROLES for name in names
    ]
    cohorts = Counter(map(_where, figures.cohorts))
    assert set(cohorts.values()) <= {1}


def _where(row: CohortRow) -> tuple[str, ...]:
    return row.manufacturer, row.model, row.datacenter, row.role, row.window


def test_a_model_is_told_in_a_role_that_it_has() -> None:
    figures = figures_of(ledger_of([history("S1")]))
    assert [row.role for row in figures.models if row.window == "lifetime"] == ["data", "all"]


def test_a_model_without_drives_in_a_window_is_told_with_nothing() -> None:
    figures = figures_of(ledger_of([history("S1")]))
    (row,) = (r for r in figures.models if (r.role, r.window) == ("data", "last_quarter"))
    assert (row.drives, row.drives_seen, row.rate.drive_days, row.rate.afr) == (1, 0, 0, None)

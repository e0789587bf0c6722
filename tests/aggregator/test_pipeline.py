"""Every number of the figures against the naive way, and the days that they are of."""

from datetime import UTC, date, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.ingest.calendar import to_day
from aggregator.ingest.intake import Intake
from aggregator.ingest.ledger import NOT_LIVE, Ledger
from aggregator.pipeline import Figuring, find_days, latest_time
from aggregator.rates.figures import Figures
from bus import contract
from bus.contract import AnyEvent
from tests.aggregator.ingest.facts import NOW, SAYS, facts_of, figures_of, ledger_of, take
from tests.aggregator.ingest.stories import (
    DAYS,
    FIRST,
    TAKEN_IN,
    days,
    history,
    snapshot,
    stories,
    verdict,
)
from tests.aggregator.naive_figures import NaiveFigures

AS_OF = st.none() | st.integers(-2, DAYS + 5).map(lambda n: FIRST + timedelta(days=n))


@given(stories(), AS_OF)
@settings(max_examples=150)
def test_every_number_is_what_the_obvious_way_counts(
    events: list[AnyEvent], as_of: date | None
) -> None:
    ledger = ledger_of(events)
    figures = figures_of(ledger, as_of=as_of)
    naive = NaiveFigures(facts_of(ledger), figures.as_of, figures.windows)
    for model in figures.models:
        naive.check(model)
    for fleet in figures.fleet:
        naive.check(fleet)
    models = {naive.group(key)[:2] for key in naive.drives(None, "data")}
    assert {(r.manufacturer, r.model) for r in figures.models if r.role == "data"} == models
    assert set(figures.cohorts) == naive.cohorts()
    assert set(figures.states) == naive.states()
    assert set(figures.infos) == naive.infos()


@given(stories())
def test_figures_can_be_said_in_json(events: list[AnyEvent]) -> None:
    figures = figures_of(ledger_of(events))
    assert msgspec.json.decode(msgspec.json.encode(figures), type=Figures) == figures


@given(stories(min_size=1), stories(min_size=1, max_size=5))
@settings(max_examples=100)
def test_what_it_remembers_changes_nothing(events: list[AnyEvent], more: list[AnyEvent]) -> None:
    ledger, remembering = ledger_of(events), Figuring()
    for as_of in (None, FIRST + timedelta(days=10), None):
        remembering.work_out([ledger], now=NOW, as_of=as_of)
        take(ledger, more)
        ledger.presence.seal()
        told = remembering.work_out([ledger], now=NOW, as_of=as_of)
        assert told == figures_of(ledger, as_of=as_of)


@given(stories())
def test_without_an_as_of_it_tells_what_it_tells_as_of_its_own_day(events: list[AnyEvent]) -> None:
    figures = figures_of(ledger_of(events))
    assert figures == figures_of(ledger_of(events), as_of=figures.as_of)


def test_of_nothing_it_tells_nothing() -> None:
    figures = figures_of(Ledger())
    assert figures.as_of == date(2026, 4, 29)
    assert figures.windows_end is None
    assert (figures.models, figures.fleet, figures.cohorts, figures.states) == ((), (), (), ())


def test_live_facts_of_later_days_leave_e_at_a() -> None:
    present = [to_day(day) for day in days(FIRST, 40)]
    last = FIRST + timedelta(days=39)
    live_tomorrow = to_day(last) + 1
    imported = find_days([*present, live_tomorrow], live_tomorrow, NOW, last)
    assert imported.windows_end == last
    live = find_days([*present, live_tomorrow], to_day(last), NOW, last)
    assert live.windows_end == last - timedelta(days=7)


def test_a_live_fact_of_today_makes_a_the_closed_day_and_leaves_e_at_it() -> None:
    """A fleet on its first live day after imported history: nothing live is known as of A."""
    today = to_day(NOW.date())
    days = find_days([today - offset for offset in range(40, -1, -1)], today, NOW, None)
    assert days.as_of == days.windows_end == date(2026, 4, 29)


def test_without_live_facts_a_is_the_latest_day_seen() -> None:
    days = find_days([to_day(FIRST)], NOT_LIVE, NOW, None)
    assert days.as_of == days.windows_end == FIRST


def test_a_simulated_log_takes_its_hosts_latest_time_for_now() -> None:
    ledger = Ledger()
    intake = Intake(ledger, 0, 1, simulated=True)
    told = [snapshot("S1", date(2031, 5, d), sent_at=_noon(date(2031, 5, d))) for d in range(1, 5)]
    intake.take(SAYS, 0, [contract.encode(event) for event in told], TAKEN_IN)
    assert latest_time([Ledger(), ledger]) == _noon(date(2031, 5, 4))
    figures = Figuring().work_out([ledger], now=NOW, simulated=True)
    assert figures.as_of == date(2031, 5, 3)
    assert figures.simulated


def test_of_an_empty_simulated_log_now_is_now() -> None:
    assert latest_time([Ledger()]) is None
    assert Figuring().work_out([Ledger()], now=NOW, simulated=True).as_of == date(2026, 4, 29)


def test_a_failure_stands_in_the_windows_that_hold_the_day_it_is_booked_on() -> None:
    told: list[AnyEvent] = [history("S1", day) for day in days(FIRST, 40)]
    told += [history("S2", FIRST, failure=True), verdict("S1", FIRST + timedelta(days=50))]
    ledger = ledger_of(told)
    assert _failures(figures_of(ledger)) == {"30d": 0, "lifetime": 1}, "given for a day after A"
    later = figures_of(ledger, as_of=FIRST + timedelta(days=50))
    assert _failures(later) == {"30d": 1, "lifetime": 2}


def _failures(figures: Figures) -> dict[str, int]:
    rows = (row for row in figures.fleet if row.role == "data")
    return {r.window: r.rate.failures for r in rows if r.window in ("30d", "lifetime")}


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

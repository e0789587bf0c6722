"""States and failures of all drives, from the union of the summaries."""

from collections import Counter

from aggregator.ingest.ledger import NEVER, Told
from aggregator.ingest.naming import Cohort, Group
from aggregator.ingest.spans import Spans
from aggregator.ingest.summary import Spoken, Standing, Summary
from aggregator.life.fleet import Fleet, live, state_of

GROUP = Group("Seagate", "ST1", "data")
AMS, SAC = Cohort(*GROUP, "ams"), Cohort(*GROUP, "sac")
AS_OF = 100
NOTHING: frozenset[int] = frozenset()


def drive(
    presence: Spans, *, born: int | None = None, failed_on: int | None = None, **told: Told
) -> Spoken:
    """In ams on its first 5 days, then in sac."""
    first, last = presence[0][0], presence[-1][1]
    return Spoken(
        key="S1:ST1",
        group=GROUP,
        born=born,
        presence=presence,
        datacenters=((first, first + 4, "ams"), (first + 5, max(last, first + 5), "sac")),
        failures=() if failed_on is None else (failed_on,),
        verdicts=told,
    )


def fleet_of(*spoken: Spoken, active: Standing | None = None) -> Fleet:
    summary = Summary(1, AS_OF, ())
    summary.spoken += spoken
    if active is not None:
        summary.active[AMS] = active
        summary.unaccounted[SAC] = Standing(7)
    return live(summary)


def test_a_drive_present_on_one_of_the_last_two_days_is_active() -> None:
    for latest, state in ((AS_OF, "active"), (AS_OF - 1, "active"), (AS_OF - 2, "unaccounted")):
        assert state_of(latest, NOTHING, AS_OF) == state


def test_a_failure_stands_until_the_drive_is_present_again() -> None:
    assert state_of(90, frozenset({90}), AS_OF) == "failed"
    assert state_of(AS_OF, frozenset({50, AS_OF}), AS_OF) == "failed"
    assert state_of(AS_OF, frozenset({AS_OF - 1}), AS_OF) == "active"
    assert state_of(95, frozenset({90}), AS_OF) == "unaccounted"


def test_a_failure_stands_in_the_datacenter_of_the_day_it_is_booked_on() -> None:
    fleet = fleet_of(drive(((10, 40),), failed_on=12), drive(((10, 20),), failed_on=20))
    assert fleet.failures == {AMS: Counter({12: 1}), SAC: Counter({20: 1})}
    assert {at: standing.drives for at, standing in fleet.standings.items()} == {
        (SAC, "unaccounted"): 1,
        (SAC, "failed"): 1,
    }


def test_a_verdict_books_the_last_day_present() -> None:
    fleet = fleet_of(drive(((10, 20),), v1=Told("failed", 60, NEVER, "", 0, "", "")))
    assert fleet.failures == {SAC: Counter({20: 1})}
    assert list(fleet.standings) == [(SAC, "failed")]


def test_failures_of_one_day_add_up() -> None:
    assert fleet_of(*[drive(((10, 12),), failed_on=12)] * 3).failures == {AMS: Counter({12: 3})}


def test_quiet_drives_are_what_their_summary_says_and_others_are_added() -> None:
    active = drive(((95, AS_OF),), born=AS_OF - 30, r1=Told("retired", 1, NEVER, "", 0, "", ""))
    fleet = fleet_of(active, active, active=Standing(5, 50, 2))
    assert fleet.standings == {
        (AMS, "active"): Standing(5, 50, 2),
        (SAC, "unaccounted"): Standing(7),
        (SAC, "active"): Standing(2, 60, 2),
    }


def test_a_drive_of_unknown_age_adds_none() -> None:
    assert fleet_of(drive(((95, AS_OF),))).standings == {(SAC, "active"): Standing(1, 0, 0)}


def test_adding_up_leaves_the_summary_as_it_was() -> None:
    summary = Summary(1, AS_OF, ())
    summary.active[SAC] = Standing(5)
    summary.spoken.append(drive(((95, AS_OF),)))
    assert live(summary) == live(summary)
    assert summary.active == {SAC: Standing(5)}

"""One drive's life, as people read it, day by day against the naive way."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregator.ingest.calendar import to_date, to_day
from aggregator.ingest.naming import Naming
from aggregator.life.history import STATE_OF_DAY, tell_life
from aggregator.rates.figures import DriveLife
from bus.contract import AnyEvent, Drive, Place, Signs, Snapshot
from tests.aggregator.ingest.facts import ledger_of, truth
from tests.aggregator.ingest.naive import Said
from tests.aggregator.ingest.stories import (
    DAYS,
    FIRST,
    days,
    history,
    snapshot,
    stories,
    verdict,
)
from tests.aggregator.naive_figures import NaiveFigures

KEY = "S1:ST4000DM000"
SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)


def life_of(*events: AnyEvent, as_of: date | None = None) -> DriveLife:
    told = tell_life(ledger_of(events), KEY, to_day(as_of or date(2026, 5, 1)), Naming())
    assert told is not None
    return told


@given(stories(min_size=1), st.integers(0, DAYS + 3))
@settings(max_examples=150)
def test_every_drives_life_is_what_the_obvious_way_tells(
    events: list[AnyEvent], offset: int
) -> None:
    ledger, facts, as_of = ledger_of(events), truth(events), FIRST + timedelta(days=offset)
    naive = NaiveFigures(facts, as_of, [])
    for key in ledger.rows:
        life = tell_life(ledger, key, to_day(as_of), Naming())
        own = [day for day in facts.days[key] if day <= to_day(as_of)]
        if life is None:
            assert own == []
            continue
        last = facts.days[key][max(own)]
        booked, born = naive.booked(key), facts.born(key, to_day(as_of))
        assert (life.manufacturer, life.model, life.role) == naive.group(key)
        assert (life.first_day, life.last_day) == (to_date(min(own)), to_date(max(own)))
        assert life.drive_days == len(own)
        assert life.failed == (to_date(max(booked)) if booked else None)
        assert life.born == (None if born is None else to_date(born))
        assert (life.raw_model, life.firmware) == (last.model, last.firmware)
        _check_runs(life, {day: facts.days[key][day] for day in own})


def _check_runs(life: DriveLife, said: dict[int, Said]) -> None:
    """Every day is in one run, which says what was said of it, and runs differ or part."""
    covered: list[int] = []
    for run in life.runs:
        inside = range(to_day(run.first), to_day(run.last) + 1)
        covered += inside
        for day in inside:
            on = said[day]
            assert run.state.split()[0] == STATE_OF_DAY[on.state[0]]
            assert (run.firmware, set(run.hosts)) == (on.firmware, on.hosts)
            assert (run.place, run.slot) == ("/".join(filter(None, on.place[:-1])), on.place[-1])
    assert covered == sorted(said)
    for one, after in zip(life.runs, life.runs[1:], strict=False):
        assert after.first - one.last > timedelta(days=1) or one != replace(
            after, first=one.first, last=one.last
        )


def test_a_quiet_life_is_one_run() -> None:
    life = life_of(*(snapshot("S1", day) for day in days(FIRST, 30)))
    (run,) = life.runs
    assert (run.first, run.last, run.hosts, run.state) == (
        FIRST,
        FIRST + timedelta(days=29),
        ("pod-1",),
        "read",
    )


def test_a_gap_and_a_change_begin_new_runs() -> None:
    told = [replace(snapshot("S1", day), place=Place(slot="1")) for day in days(FIRST, 3)]
    told += [
        replace(
            snapshot("S1", FIRST + timedelta(days=3)),
            place=Place(datacenter="ams", pod="7", slot="2"),
            state="unreadable",
            reason="timeout",
        ),
        snapshot("S1", FIRST + timedelta(days=9), host="pod-2"),
    ]
    runs = life_of(*told).runs
    assert [(r.state, r.hosts, r.place, r.slot) for r in runs] == [
        ("read", ("pod-1",), "", "1"),
        ("unreadable (timeout)", ("pod-1",), "ams/7", "2"),
        ("read", ("pod-2",), "", ""),
    ]


@pytest.mark.parametrize(
    "changed",
    [
        snapshot("S1", SECOND, host="pod-2"),
        replace(snapshot("S1", SECOND), place=Place(pod="7")),
        replace(snapshot("S1", SECOND), place=Place(slot="7")),
        replace(snapshot("S1", SECOND), drive=replace(snapshot().drive, firmware="B2")),
        replace(snapshot("S1", SECOND), state="asleep"),
    ],
)
def test_any_change_that_is_shown_begins_a_new_run(changed: Snapshot) -> None:
    runs = life_of(snapshot("S1"), changed, snapshot("S1", THIRD)).runs
    assert [run.first for run in runs] == [FIRST, SECOND, THIRD]


def test_a_change_that_is_not_shown_begins_none() -> None:
    changed = replace(snapshot("S1", SECOND), signs=Signs(pending=8), role="boot")
    assert len(life_of(snapshot("S1"), changed, snapshot("S1", THIRD)).runs) == 1


def test_what_it_is_and_how_it_is_are_of_its_latest_day() -> None:
    drive = Drive("S1", "ST4000DM000", firmware="B2", capacity_bytes=-1, media="hdd")
    latest = replace(
        snapshot("S1", FIRST + timedelta(days=2)),
        drive=drive,
        role="boot",
        signs=Signs(pending=8, reallocated=0),
        power_on_hours=240,
    )
    life = life_of(snapshot("S1"), latest)
    assert (life.serial, life.role, life.firmware, life.media) == ("S1", "boot", "B2", "hdd")
    assert life.capacity_bytes is None
    assert life.signs == {"pending": 8, "reallocated": 0}
    assert life.born == FIRST + timedelta(days=2 - 10)


def test_a_failed_drive_says_when() -> None:
    life = life_of(history("S1"), history("S1", FIRST + timedelta(days=1), failure=True))
    assert (life.state, life.failed) == ("failed", FIRST + timedelta(days=1))
    life = life_of(snapshot("S1"), verdict("S1", FIRST + timedelta(days=30)))
    assert (life.state, life.failed) == ("failed", FIRST)


def test_as_of_a_day_nothing_later_shows() -> None:
    later = replace(history("S1", FIRST + timedelta(days=2), failure=True), role="boot")
    life = life_of(history("S1"), later, as_of=FIRST + timedelta(days=1))
    assert (life.role, life.state, life.drive_days, len(life.runs)) == ("data", "active", 1, 1)


def test_a_drive_not_seen_by_then_has_no_life() -> None:
    ledger = ledger_of([verdict("S1"), history("S2")])
    assert tell_life(ledger, KEY, to_day(FIRST), Naming()) is None
    assert tell_life(ledger, "S2:ST4000DM000", to_day(FIRST) - 1, Naming()) is None

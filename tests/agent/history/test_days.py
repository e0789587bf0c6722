"""What an imagined fleet's agents and ticket system say on one day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from agent.history.days import ANNOUNCED_DAYS, Told, tell_day
from agent.history.fleet import Host, Life, Plan, imagine_hosts
from bus.contract import Drive, Place

PLAN = Plan(drives=400, days=365, models=5, seed=1, start=date(2025, 1, 1), bad_model_factor=3.0)
HOSTS = imagine_hosts(PLAN)


def a_failure() -> tuple[Host, Life]:
    return next(
        (host, life)
        for host in HOSTS
        for slot in host.slots
        for life in slot
        if life.arrives + 30 < life.fails < 250 and life.warns < life.fails
    )


def serials(told: Told, host: Host) -> list[str]:
    [found] = [found for found in told.passes if found.host == host.name]
    return [snapshot.drive.serial for snapshot in found.snapshots]


def test_every_host_has_a_pass_with_a_complete_inventory() -> None:
    told = tell_day(PLAN, HOSTS, 3)
    assert [found.host for found in told.passes] == [host.name for host in HOSTS]
    for found in told.passes:
        assert (found.day, found.started_at) == (
            date(2025, 1, 4),
            datetime(2025, 1, 4, 6, tzinfo=UTC),
        )
        assert found.inventory is not None
        assert found.inventory.complete
        assert found.inventory.present == len(found.snapshots) == len(set(found.keys))
        assert found.inventory.missing == len(found.absences)
        assert all(snapshot.host == found.host for snapshot in found.snapshots)
        assert not any(snapshot.imported or snapshot.failure for snapshot in found.snapshots)


def test_a_failing_drive_is_seen_on_its_last_day_and_never_again() -> None:
    host, life = a_failure()
    assert life.drive.serial in serials(tell_day(PLAN, HOSTS, life.fails), host)
    assert life.drive.serial not in serials(tell_day(PLAN, HOSTS, life.fails + 1), host)


def test_the_ticket_says_the_failure_the_next_day_and_once() -> None:
    _, life = a_failure()
    days = range(life.fails - 1, life.fails + 4)
    given = [
        verdict
        for number in days
        for verdict in tell_day(PLAN, HOSTS, number).verdicts
        if verdict.drive == life.drive
    ]
    [verdict] = given
    assert (verdict.verb, verdict.day) == ("failed", PLAN.day(life.fails))
    assert verdict.given_at.date() == verdict.day + timedelta(days=1)


def test_the_host_says_a_failed_drive_absent_for_as_long_as_agents_do() -> None:
    host, life = a_failure()
    said = []
    for number in range(life.fails, life.fails + ANNOUNCED_DAYS + 5):
        [found] = [one for one in tell_day(PLAN, HOSTS, number).passes if one.host == host.name]
        said += [absence for absence in found.absences if absence.drive == life.drive]
    assert [absence.day for absence in said] == [
        PLAN.day(life.fails + 1 + number) for number in range(ANNOUNCED_DAYS)
    ]
    assert {(one.last_day, one.last_hosts) for one in said} == {
        (PLAN.day(life.fails), (host.name,))
    }
    assert all(one.together >= 1 and one.held == len(host.slots) for one in said)


def test_signs_grow_before_a_failure() -> None:
    host, life = a_failure()
    values = []
    for number in range(life.warns - 1, life.fails + 1):
        [found] = [one for one in tell_day(PLAN, HOSTS, number).passes if one.host == host.name]
        [snapshot] = [one for one in found.snapshots if one.drive == life.drive]
        values.append((snapshot.signs.reallocated, snapshot.signs.pending))
        assert snapshot.smart[5] == (100, snapshot.signs.reallocated)
    assert values == sorted(set(values))
    assert values[0] == (life.reallocated, 0)


def test_power_on_hours_grow_by_a_day_a_day() -> None:
    host, life = a_failure()
    hours = []
    for number in (life.arrives, life.arrives + 1, life.arrives + 10):
        [found] = [one for one in tell_day(PLAN, HOSTS, number).passes if one.host == host.name]
        hours += [one.power_on_hours for one in found.snapshots if one.drive == life.drive]
    assert hours == [life.hours, life.hours + 24, life.hours + 240]


def test_drives_lost_within_a_day_of_each_other_are_told_together() -> None:
    _, life = a_failure()
    other = replace(life, drive=Drive("OTHER", "ST1"), fails=life.fails + 1)
    later = replace(life, drive=Drive("LATER", "ST1"), fails=life.fails + 3)
    host = Host("h", Place(), ((life,), (other,), (later,)))
    [found] = tell_day(PLAN, [host], life.fails + 4).passes
    assert [absence.together for absence in found.absences] == [2, 2, 1]
    assert [absence.held for absence in found.absences] == [3, 2, 1]

"""An imagined fleet: the same for a seed, of the size asked for, with one bad model."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from agent.history.fleet import (
    DRIVES_PER_HOST,
    HIGHEST_AFR,
    LOWEST_AFR,
    REPLACED_AFTER_DAYS,
    Life,
    Plan,
    imagine_hosts,
    imagine_models,
)
from bus import identity

PLAN = Plan(drives=2000, days=365, models=5, seed=1, start=date(2025, 1, 1), bad_model_factor=3.0)


def lives(plan: Plan) -> list[Life]:
    return [life for host in imagine_hosts(plan) for slot in host.slots for life in slot]


def test_the_same_plan_gives_the_same_fleet() -> None:
    assert imagine_hosts(PLAN) == imagine_hosts(PLAN)
    assert imagine_hosts(PLAN) != imagine_hosts(replace(PLAN, seed=2))


def test_more_drives_or_days_leave_the_others_as_they_were() -> None:
    small, large = imagine_hosts(replace(PLAN, drives=400)), imagine_hosts(PLAN)
    assert small == large[: len(small)]
    longer = {life.key: life for life in lives(replace(PLAN, days=800))}
    assert all(longer[life.key] == life for life in lives(PLAN))


@pytest.mark.parametrize("drives", [1, 40, 41, 2000])
def test_every_slot_holds_a_drive_on_the_first_day(drives: int) -> None:
    hosts = imagine_hosts(replace(PLAN, drives=drives))
    assert sum(len(host.slots) for host in hosts) == drives
    assert all(len(host.slots) <= DRIVES_PER_HOST for host in hosts)
    assert all(slot[0].arrives == 0 for host in hosts for slot in host.slots)


def test_hosts_stand_in_two_datacenters_under_names_of_their_own() -> None:
    hosts = imagine_hosts(PLAN)
    assert Counter(host.place.datacenter for host in hosts) == {"east": 25, "west": 25}
    assert len({host.name for host in hosts}) == len(hosts)


@pytest.mark.parametrize("models", [1, 2, 5, 40])
def test_models_differ_and_the_last_is_so_many_times_worse(models: int) -> None:
    made = imagine_models(replace(PLAN, models=models))
    assert len({identity.normal_model(model.name) for model in made}) == models
    assert all(identity.manufacturer(model.name) != identity.UNKNOWN_MAKER for model in made)
    usual = imagine_models(replace(PLAN, models=models, bad_model_factor=1.0))
    assert [model.afr for model in made[:-1]] == [model.afr for model in usual[:-1]]
    assert made[-1].afr == 3 * usual[-1].afr
    assert all(LOWEST_AFR <= model.afr <= HIGHEST_AFR for model in usual)


def test_failures_come_as_often_as_the_models_say() -> None:
    plan = replace(PLAN, drives=20_000)
    failures = Counter(life.drive.model for life in lives(plan) if life.fails < plan.days)
    for model in imagine_models(plan):
        expected = model.afr * 20_000 / 5
        assert abs(failures[model.name] - expected) < 4 * expected**0.5


def test_a_drive_that_fails_is_followed_by_a_new_one_some_days_later() -> None:
    soonest, latest = REPLACED_AFTER_DAYS
    slots = [slot for host in imagine_hosts(PLAN) for slot in host.slots]
    followed = [pair for slot in slots for pair in pairwise(slot)]
    assert followed
    for before, after in followed:
        assert soonest <= after.arrives - before.fails <= latest
        assert (after.drive.model, after.place) == (before.drive.model, before.place)
        assert after.drive.serial != before.drive.serial
        assert after.hours == 0
    assert all(slot[-1].fails >= PLAN.days for slot in slots)


def test_drives_are_of_different_ages_and_some_show_signs_before_they_fail() -> None:
    first = [life for life in lives(PLAN) if life.arrives == 0]
    assert len({life.hours for life in first}) > 500
    failing = [life for life in lives(PLAN) if life.fails < PLAN.days]
    warned = [life for life in failing if life.warns <= life.fails]
    assert 0.3 < len(warned) / len(failing) < 0.95
    assert all(life.arrives <= life.warns for life in warned)

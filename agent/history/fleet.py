"""An imagined fleet, day by day, as its agents and its ticket system would tell it. Pure.

Rules:
- All chance comes from the seed, for each slot by itself: the same plan gives the same events, and
  more days or drives do not change the others.
- A drive that fails is seen for the last time on the day it fails; the next day its host says it
  absent and a ticket says it failed; a new drive stands in its slot some days later.
"""

import math
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from string import ascii_uppercase

import msgspec

from bus.contract import Drive, Place
from bus.identity import drive_key

DRIVES_PER_HOST = 40
DATACENTERS = ("east", "west")
LOWEST_AFR, HIGHEST_AFR = 0.008, 0.020
"""Between these lie the models of the published tables, but for a few."""
WARNED = 0.65
"""The share of failing drives that showed signs on their last day, in 30 real days."""
SPOTTED = 0.08
"""The share of healthy drives that show a sign, in the same days."""
LONGEST_WARNING_DAYS = 20
COOLEST = 26
REPLACED_AFTER_DAYS = (3, 7)
OLDEST_DAYS = 4 * 365
"""The first drives of a slot were powered on up to as long before the first day."""
NEVER = 10**9

_MODELS = ("ST{tb:02d}000SIM{n:03d}", "HUH72{tb:02d}SIM{n:03d}", "TOSHIBA MG{tb:02d}SIM{n:03d}")
_CAPACITIES_TB = (4, 8, 12, 16, 20)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to imagine. The last model fails `bad_model_factor` times as often as it would."""

    drives: int
    days: int
    models: int
    seed: int
    start: date
    bad_model_factor: float

    def day(self, number: int) -> date:
        return self.start + timedelta(days=number)

    def clock(self, number: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(self.day(number), time(hour, minute), UTC)


@dataclass(frozen=True, slots=True)
class Model:
    """One model, and how often its drives fail."""

    name: str
    capacity_bytes: int
    afr: float  # failures a drive-year


@dataclass(frozen=True, slots=True)
class Life:
    """One drive from its first to its last day; days are counted from the plan's start."""

    drive: Drive
    key: str
    place: Place
    arrives: int
    fails: int  # its last day
    warns: int  # the first day with signs of the failure, NEVER without
    hours: int  # powered on, when it arrived
    reallocated: int  # sectors from before, and harmless
    celsius: int


@dataclass(frozen=True, slots=True)
class Host:
    """One machine: the drives that follow each other in each of its slots."""

    name: str
    place: Place
    slots: tuple[tuple[Life, ...], ...]


def imagine_models(plan: Plan) -> list[Model]:
    """The models, from the best to the worst."""
    step = (HIGHEST_AFR - LOWEST_AFR) / max(1, plan.models - 1)
    models = []
    for n in range(plan.models):
        tb = _CAPACITIES_TB[n % len(_CAPACITIES_TB)]
        name = _MODELS[n % len(_MODELS)].format(tb=tb, n=n + 1)
        factor = plan.bad_model_factor if n == plan.models - 1 else 1.0
        models.append(Model(name, tb * 10**12, (LOWEST_AFR + n * step) * factor))
    return models


def imagine_hosts(plan: Plan) -> list[Host]:
    """All hosts with all drives that will ever stand in them."""
    models = imagine_models(plan)
    hosts = []
    for number, first in enumerate(range(0, plan.drives, DRIVES_PER_HOST)):
        datacenter = DATACENTERS[number % len(DATACENTERS)]
        name = f"sim-{datacenter}-{number + 1:03d}"
        place = Place(datacenter=datacenter, pod=name)
        numbers = range(first, min(first + DRIVES_PER_HOST, plan.drives))
        slots = (_imagine_slot(plan, n, models[n % len(models)], place) for n in numbers)
        hosts.append(Host(name, place, tuple(slots)))
    return hosts


def _imagine_slot(plan: Plan, number: int, model: Model, host: Place) -> tuple[Life, ...]:
    """The drives of one slot, each after the last one's failure."""
    random = Random(f"{plan.seed}/{number}")
    place = msgspec.structs.replace(host, slot=f"{number % DRIVES_PER_HOST:02d}")
    first = _imagine_life(plan, random, model, place, f"SIM{plan.seed}-{number:06d}A", 0)
    lives = [replace(first, hours=int(random.random() * OLDEST_DAYS) * 24)]
    while lives[-1].fails < plan.days and len(lives) < len(ascii_uppercase):
        soonest, latest = REPLACED_AFTER_DAYS
        arrives = lives[-1].fails + soonest + int(random.random() * (latest - soonest + 1))
        serial = f"SIM{plan.seed}-{number:06d}{ascii_uppercase[len(lives)]}"
        lives.append(_imagine_life(plan, random, model, place, serial, arrives))
    return tuple(lives)


def _imagine_life(
    plan: Plan, random: Random, model: Model, place: Place, serial: str, arrives: int
) -> Life:
    """A drive whose chance to fail is the same on every day, so its days are geometric."""
    daily = model.afr / 365
    fails = arrives + int(math.log(1 - random.random()) / math.log1p(-daily))
    warned, warning_days = random.random() < WARNED, 1 + int(random.random() * LONGEST_WARNING_DAYS)
    spotted, sectors = random.random() < SPOTTED, 8 * (1 + int(random.random() * 4))
    return Life(
        drive=Drive(
            serial=serial,
            model=model.name,
            firmware="SIM1",
            capacity_bytes=model.capacity_bytes,
            media="hdd",
            protocol="ata",
            rotation_rpm=7200,
        ),
        key=drive_key(serial, model.name),
        place=place,
        arrives=arrives,
        fails=fails,
        warns=max(arrives, fails - warning_days) if warned else NEVER,
        hours=0,
        reallocated=sectors if spotted else 0,
        celsius=COOLEST + int(place.slot) % 12,  # the back of a pod is warmer
    )

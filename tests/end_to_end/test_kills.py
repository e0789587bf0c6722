"""Agent and aggregator killed -9 at random moments, again and again: every fact counted once."""

import csv
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.end_to_end.history import MISSING, REAL_ZIP, Counts, invent, reference
from tests.end_to_end.nursery import Born

KILLS = 60
MEAN_LIFE_S = 0.6
"""Long enough to make something durable now and then, short enough to die in the middle of it."""
END_S = 120


class Fleet:
    """One log, one state, and the two programs that work on them."""

    def __init__(self, folder: Path, history: Path, partitions: int) -> None:
        self.folder = folder
        self.state = folder / "state"
        bus = f"sqlite:{folder / 'log.db'}"
        self._replay = ["replay", str(history), "--bus", bus, "--partitions", str(partitions)]
        self._run = ["run", "--bus", bus, "--state", str(self.state), "--until-end"]

    def replay(self, *more: str) -> Born:
        return Born("drivefleet-agent", [*self._replay, *more], self.folder)

    def run(self) -> Born:
        return Born("drivefleet-aggregator", self._run, self.folder)

    def finish(self) -> Counts:
        """Let both work to the end; the counts by model."""
        for start in (self.replay, self.run):
            assert start().wait(END_S) == 0, (self.folder / "words").read_text()
        return models(self.state)


def models(state: Path) -> Counts:
    """What `models` tells, in a process of its own."""
    command = ["models", "--state", str(state), "--format", "csv"]
    told = subprocess.run(
        [sys.executable, "-m", "aggregator", *command], check=True, capture_output=True, text=True
    ).stdout
    return {
        row["model"]: (int(row["drives_seen"]), int(row["drive_days"]), int(row["failures"]))
        for row in csv.DictReader(told.splitlines())
    }


def kill_at_random(fleet: Fleet, chance: Random, kills: int) -> int:
    """Start either program and kill it in the middle of its work, until so many have died."""
    done = 0
    while done < kills:
        again = ["--again"] if chance.random() < 0.5 else []
        living = [fleet.replay(*again)] if chance.random() < 0.5 else []
        living += [fleet.run()] if not living or chance.random() < 0.5 else []
        for born in living:
            born.wait(min(MEAN_LIFE_S * 4, chance.expovariate(1 / MEAN_LIFE_S)))
            done += born.kill()
    return done


@pytest.mark.chaos
@pytest.mark.parametrize(("partitions", "seed"), [(1, 11), (12, 12)])
def test_an_invented_month_is_exact_after_kills(tmp_path: Path, partitions: int, seed: int) -> None:
    history = tmp_path / "history.zip"
    truth = invent(history, drives=2_000, days=30, seed=seed)
    fleet = Fleet(tmp_path, history, partitions)
    killed = kill_at_random(fleet, Random(seed), KILLS // 4)
    assert killed >= KILLS // 4
    assert fleet.finish() == truth


@pytest.mark.chaos
@pytest.mark.skipif(not REAL_ZIP.exists(), reason=MISSING)
def test_the_thirty_real_days_are_exact_after_sixty_kills(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, REAL_ZIP, partitions=4)
    killed = kill_at_random(fleet, Random(2013), KILLS)
    assert killed >= KILLS
    assert fleet.finish() == reference()

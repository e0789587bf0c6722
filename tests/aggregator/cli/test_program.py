"""The program as a whole: help, version, and readers of its output that go away."""

import os
import subprocess
import sys

import pytest

import bus
from tests.aggregator.cli.conftest import Aggregator, Place
from tests.aggregator.cli.process import ROOT
from tests.aggregator.ingest.stories import history

COMMANDS = (("run",), ("models",), ("drives",), ("verdict",), ("verdict", "failed"))


def test_its_version(aggregator: Aggregator) -> None:
    told = aggregator("--version")
    assert told == (0, f"drivefleet-aggregator {bus.__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_an_example(
    aggregator: Aggregator, command: tuple[str, ...]
) -> None:
    told = aggregator(*command, "--help")
    assert told.code == 0
    assert "Usage" in told.out
    if command != ("verdict",):
        assert "Example: drivefleet-aggregator" in " ".join(told.out.split())


def test_without_a_command_it_helps(aggregator: Aggregator) -> None:
    told = aggregator()
    assert all(name in told.out + told.err for (name, *_) in COMMANDS)


def test_an_unknown_command_is_an_error(aggregator: Aggregator) -> None:
    told = aggregator("model")
    assert told.code == 2
    assert "model" in told.err


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """More lines than a pipe holds."""
    place = Place(tmp_path_factory.mktemp("pipe"))
    return place.take_in([history(f"S{number}") for number in range(2_000)])


@pytest.mark.parametrize("format", ["csv", "json", "table"])
@pytest.mark.parametrize("command", [("drives", "--limit", "0"), ("models",)])
def test_a_reader_that_goes_away_is_no_error_to_talk_about(
    state: Place, command: tuple[str, ...], format: str
) -> None:
    """`drives | head`; little output is met at the end only, much of it midway."""
    read, write = os.pipe()
    os.close(read)
    asked = [*command, "--format", format, "--state", str(state.state)]
    done = subprocess.run(
        [sys.executable, "-m", "aggregator", *asked],
        cwd=ROOT,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(write)
    notes = [line for line in done.stderr.splitlines() if "drives as of" not in line]
    assert [line for line in notes if not line.startswith("Preliminary")] == []
    assert done.returncode in (0, 1), "never the interpreter's own 120"

"""The command line as a person uses it, in this process: arguments in; exit code and text out."""

import asyncio
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.console import Console
from structlog.testing import capture_logs

from aggregator.__main__ import NAME, app
from aggregator.cli import options, printing
from bus.contract import AnyEvent
from bus.program.errors import run_program
from bus.sqlite import SqliteLog
from tests.aggregator.at_work import FailingStore, Work, fill
from tests.aggregator.ingest.stories import TAKEN_IN


class Told(NamedTuple):
    """What a command ended with."""

    code: object
    out: str
    err: str

    def check_error(self, code: int, *words: str) -> None:
        """One line on stderr that names the program and says all this, nothing on stdout."""
        assert (self.code, self.out) == (code, "")
        assert self.err.startswith("drivefleet-aggregator: ")
        assert len(self.err.splitlines()) == 1
        assert [word for word in words if word not in self.err] == []


Aggregator = Callable[..., Told]


class Place(NamedTuple):
    """A folder with a log and a state."""

    folder: Path

    @property
    def bus(self) -> str:
        return f"sqlite:{self.folder / 'log.db'}"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def fill(
        self, events: Sequence[AnyEvent], *, partitions: int = 1, simulated: bool = False
    ) -> "Place":
        """Append to the log, which is made where there is none."""
        asyncio.run(self._fill(events, partitions, simulated, work_off=False))
        return self

    def take_in(
        self, events: Sequence[AnyEvent], *, partitions: int = 1, simulated: bool = False
    ) -> "Place":
        """Append to the log, and let the state hold all of it."""
        asyncio.run(self._fill(events, partitions, simulated, work_off=True))
        return self

    async def _fill(
        self, events: Sequence[AnyEvent], partitions: int, simulated: bool, *, work_off: bool
    ) -> None:
        log = SqliteLog.create(
            self.folder / "log.db",
            partitions=partitions,
            simulated=simulated,
            clock=lambda: TAKEN_IN,
        )
        await fill(log, events)
        if work_off:
            await Work(log, FailingStore(self.state)).to_the_end()
        await log.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def aggregator(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Aggregator:
    """Run one command; the user's own settings and folders are out of its sight."""
    for name in [name for name in os.environ if name.startswith("DRIVEFLEET_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    # How logs are set up is for a whole process, and is tested in one of its own.
    monkeypatch.setattr(options, "start_logging", lambda *_, **__: None)

    def run(*arguments: object) -> Told:
        capsys.readouterr()  # what the test itself did
        with pytest.raises(SystemExit) as end, capture_logs():
            run_program(NAME, lambda: app([str(argument) for argument in arguments]))
        return Told(end.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], io.StringIO]:
    """Give the output a terminal of so many columns; what it shows."""

    def of(columns: int) -> io.StringIO:
        screen = io.StringIO()
        shown = Console(file=screen, force_terminal=True, width=columns, color_system=None)
        monkeypatch.setattr(printing, "out", shown)
        return screen

    return of

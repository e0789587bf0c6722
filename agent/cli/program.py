"""What every command is given: the world it runs in, and the settings and options they share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from agent.config import AgentSettings
from agent.spool import Pass
from bus.program.errors import UsageError
from bus.program.home import Home
from bus.program.logs import start_logging
from bus.program.settings import settle

Config = Annotated[
    Path | None, typer.Option("--config", help="Settings file (TOML).", show_default=False)
]
Format = Annotated[
    str | None,
    typer.Option("--log-format", help="Log lines as logfmt or json.", show_default=False),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Log more.")]
Bus = Annotated[
    str | None, typer.Option("--bus", help="Address of the log: sqlite:PATH.", show_default=False)
]
Spool = Annotated[str | None, typer.Option("--spool", help="Folder of passes.", show_default=False)]


@dataclass(frozen=True, slots=True)
class Program:
    """The world of a command, built once in `__main__`."""

    home: Home  # where everything lies that no setting puts elsewhere
    environ: Mapping[str, str]
    clock: Callable[[], datetime]  # UTC
    monotonic: Callable[[], float]  # seconds
    draw: Callable[[], float]  # random numbers from 0 to 1
    cores: int
    collect: Callable[[AgentSettings], Pass]  # one pass into the spool
    scan: Callable[[AgentSettings], Sequence[msgspec.Struct]]  # the drives a pass would read


def program_of(context: typer.Context) -> Program:
    """The program that a command was started with."""
    program = context.obj
    if not isinstance(program, Program):
        raise TypeError("commands are started by agent.__main__")
    return program


def at_home(home: Home) -> type[AgentSettings]:
    """The agent's settings with everything in one folder, where nothing is said of it."""

    class HomeSettings(AgentSettings, frozen=True, kw_only=True):
        bus: str = home.bus
        spool: Path = home.agent / "spool"
        state: Path = home.agent / "collect"
        marks: Path = home.agent / "ship"

    return HomeSettings


def settle_settings(
    program: Program, config: Path | None, verbose: bool, **flags: object
) -> AgentSettings:
    """The settings from file, environment and flags, with logging started. Raises UsageError."""
    kind = at_home(program.home)
    settings = settle(kind, "agent", file=config, environ=program.environ, flags=flags)
    if not settings.bus:
        raise UsageError("no log is given: write --bus sqlite:PATH, or leave `bus` out")
    start_logging(settings.log_format, verbose=verbose)
    return settings

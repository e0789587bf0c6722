"""Options that several commands have, and the settings they come to."""

import os
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from aggregator.config import AggregatorSettings
from bus.program.errors import UsageError
from bus.program.home import default_home
from bus.program.logs import start_logging
from bus.program.settings import settle

C = TypeVar("C", bound=str)

Config = Annotated[
    Path | None, typer.Option("--config", help="Settings file (TOML).", show_default=False)
]
Bus = Annotated[
    str | None, typer.Option("--bus", help="Address of the log: sqlite:PATH.", show_default=False)
]
State = Annotated[
    str | None, typer.Option("--state", help="Folder of the checkpoints.", show_default=False)
]
Logs = Annotated[
    str | None,
    typer.Option("--log-format", help="Log lines as logfmt or json.", show_default=False),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Log more.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DAY",
        help="Tell what is known about the days up to this one (YYYY-MM-DD).",
        show_default=False,
    ),
]


def settings_of(
    config: Path | None, *, verbose: bool = False, **flags: object
) -> AggregatorSettings:
    """The settings from file, environment and flags; logging is started by them."""
    settings = settle(
        AggregatorSettings, "aggregator", file=config, environ=os.environ, flags=flags
    )
    start_logging(settings.log_format, verbose=verbose)
    return settings


def bus_of(settings: AggregatorSettings) -> str:
    return settings.bus or default_home().bus


def state_of(settings: AggregatorSettings) -> str:
    return settings.state or str(default_home().state)


def parse_day(text: str | None, option: str) -> date | None:
    """A day as people write it. Raises UsageError."""
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        raise UsageError(f"{option} {text!r} is no day; write YYYY-MM-DD") from None


def parse_choice(text: str, choices: tuple[C, ...], option: str) -> C:
    """One of several words. Raises UsageError that names them."""
    for choice in choices:
        if text == choice:
            return choice
    raise UsageError(f"{option} {text!r} is none of {', '.join(map(str, choices))}")

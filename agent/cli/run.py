"""`run`: collect and ship in one process, every few hours or once."""

import asyncio
from functools import partial
from typing import Annotated

import typer

from agent.cli import collect, ship
from agent.cli.program import (
    Bus,
    Config,
    Format,
    Program,
    Spool,
    Verbose,
    program_of,
    settle_settings,
)
from agent.cli.stopping import run_or_leave
from agent.config import AgentSettings
from agent.pipeline import Pipeline, run_forever, run_once
from bus.program import console

EXAMPLE = "Example: sudo drivefleet-agent run --bus sqlite:/var/lib/drivefleet/log.db"


def run_command(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="One pass, then end.")] = False,
    bus: Bus = None,
    spool: Spool = None,
    config: Config = None,
    log_format: Format = None,
    verbose: Verbose = False,
) -> None:
    """Read this host's drives every few hours and send what they say.

    The first pass begins at once. While the log is out of reach the spool holds everything.
    """
    program = program_of(context)
    settings = settle_settings(
        program, config, verbose, bus=bus, spool=spool, log_format=log_format
    )
    pipeline = make_pipeline(program, settings)
    if not once:
        run_or_leave(partial(run_forever, pipeline))
    found, delivery = run_or_leave(partial(run_once, pipeline))
    console.out.print(collect.describe(found), soft_wrap=True, markup=False)
    console.out.print(ship.describe(delivery), soft_wrap=True, markup=False)
    ship.report_problems(delivery)


def make_pipeline(program: Program, settings: AgentSettings) -> Pipeline:
    """Both sides of an agent with these settings."""
    return Pipeline(
        collect=partial(program.collect, settings),
        outbox=ship.make_outbox(program, settings),
        patience=partial(ship.make_patience, program),
        every_s=settings.pass_every_h * 3600,
        sleep=asyncio.sleep,
        monotonic=program.monotonic,
    )

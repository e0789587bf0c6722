"""`ship`: what the spool holds, to the log."""

from functools import partial

import typer

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
from agent.cli.wording import counted
from agent.config import AgentSettings
from agent.deliver.backoff import backoff
from agent.deliver.publish import Delivery, Outbox, Patience, deliver
from bus.connect import reach_log
from bus.program import console
from bus.program.errors import FailedError

EXAMPLE = "Example: drivefleet-agent ship --bus sqlite:/var/lib/drivefleet/log.db"


def ship_command(
    context: typer.Context,
    bus: Bus = None,
    spool: Spool = None,
    config: Config = None,
    log_format: Format = None,
    verbose: Verbose = False,
) -> None:
    """Send to the log what the spool holds and the log has not.

    Needs no rights but to read the spool. Each pass is sent once more two days later; the log's
    readers count it once.
    """
    program = program_of(context)
    settings = settle_settings(
        program, config, verbose, bus=bus, spool=spool, log_format=log_format
    )
    outbox, patience = make_outbox(program, settings), make_patience(program)
    delivery = run_or_leave(partial(deliver, outbox, patience))
    console.out.print(describe(delivery), soft_wrap=True, markup=False)
    report_problems(delivery)


def make_outbox(program: Program, settings: AgentSettings) -> Outbox:
    """The delivering side, as these settings have it."""
    connect = partial(reach_log, settings.bus)
    return Outbox(settings.spool, settings.marks, connect, program.clock)


def make_patience(program: Program) -> Patience:
    return Patience(backoff(program.draw))


def describe(delivery: Delivery) -> str:
    """What was sent, in one line."""
    passes = counted(delivery.passes, "pass", "passes")
    return f"{passes} sent, {counted(delivery.events, 'event', 'events')}"


def report_problems(delivery: Delivery) -> None:
    """Raises FailedError with the first pass that could not be sent."""
    if delivery.problems:
        more = len(delivery.problems) - 1
        raise FailedError(delivery.problems[0] + (f" ({more} more like it)" if more else ""))

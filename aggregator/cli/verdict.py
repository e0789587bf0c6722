"""`verdict`: what a person says of a drive, into the log."""

import asyncio
import getpass
import uuid
from datetime import UTC, datetime
from typing import Annotated

import typer

from aggregator.cli.drives import find_drive
from aggregator.cli.options import (
    Bus,
    Config,
    Logs,
    State,
    Verbose,
    bus_of,
    parse_day,
    settings_of,
    state_of,
)
from aggregator.ingest.restore import restore_all
from aggregator.ingest.store import open_store
from bus import belief, contract, identity
from bus.connect import open_log
from bus.log import Message, Spot, Topic
from bus.program.console import out
from bus.program.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Say what became of a drive.")


@app.command()
def failed(
    key: Annotated[str, typer.Argument(help="The drive: SERIAL:MODEL, or SERIAL if seen before.")],
    day: Annotated[
        str | None,
        typer.Option(help="The day on which it failed (YYYY-MM-DD).", show_default="today"),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for those who read it later.")] = "",
    who: Annotated[str, typer.Option(help="Who says so.", show_default="this user")] = "",
    bus: Bus = None,
    state: State = None,
    config: Config = None,
    log_format: Logs = None,
    verbose: Verbose = False,
) -> None:
    """The drive has failed: booked on the last day it was present up to DAY.

    Example: drivefleet-aggregator verdict failed ZL2ABC01 --day 2026-03-05 --reason "ticket 4711"
    """
    settings = settings_of(config, verbose=verbose, bus=bus, state=state, log_format=log_format)
    now = datetime.now(UTC)
    whole = key if ":" in key else _resolve(key, state_of(settings))
    serial, model = _split(whole)
    verdict = contract.Verdict(
        schema=contract.SCHEMA,
        day=parse_day(day, "--day") or now.date(),
        sent_at=now,
        drive=contract.Drive(serial, model),
        id=str(uuid.uuid4()),
        verb="failed",
        given_at=now,
        who=who or getpass.getuser(),
        reason=reason,
    )
    refused = belief.judge(verdict, belief.window(now))
    if refused is not None:
        raise UsageError(f"this verdict would not be believed: {refused.detail}")
    asyncio.run(_publish(verdict, bus_of(settings)))
    out.print(f"{whole} failed on {verdict.day}: verdict {verdict.id}", markup=False)


async def _publish(verdict: contract.Verdict, url: str) -> None:
    log = open_log(url)
    try:
        partition = identity.partition(verdict.drive.serial, log.info.partitions)
        spot = Spot(Topic.VERDICTS, partition)
        await log.append([Message(spot, contract.encode(verdict))], live=False)
    finally:
        await log.close()


def _resolve(serial: str, state: str) -> str:
    """The key of the one drive with this serial. Raises UsageError."""
    return find_drive((part.ledger for part in restore_all(open_store(state))), serial)[1]


def _split(key: str) -> tuple[str, str]:
    try:
        return identity.split_key(key)
    except ValueError as error:
        raise UsageError(str(error)) from error

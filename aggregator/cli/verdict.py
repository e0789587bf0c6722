"""`verdict`: what a person says of a drive, into the log."""

import asyncio
import getpass
import os
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
from aggregator.cli.printing import print_line, say
from aggregator.ingest.restore import restore_all
from aggregator.ingest.store import open_store
from aggregator.life.find import as_key, find_keys
from bus import belief, contract, identity
from bus.connect import open_log
from bus.log import Message, Spot, Topic
from bus.program.errors import FailedError, UsageError

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
    whole = _resolve(key, state_of(settings))
    serial, model = identity.split_key(whole)
    verdict = contract.Verdict(
        schema=contract.SCHEMA,
        day=parse_day(day, "--day") or now.date(),
        sent_at=now,
        drive=contract.Drive(serial, model),
        id=str(uuid.uuid4()),
        verb="failed",
        given_at=now,
        who=who or _this_user(),
        reason=reason,
    )
    refused = belief.judge(verdict, belief.window(now))
    if refused is not None:
        raise UsageError(f"this verdict would not be believed: {refused.detail}")
    asyncio.run(_publish(verdict, bus_of(settings)))
    print_line(f"{whole} failed on {verdict.day}: verdict {verdict.id}")


async def _publish(verdict: contract.Verdict, url: str) -> None:
    log = open_log(url)
    try:
        partition = identity.partition(verdict.drive.serial, log.info.partitions)
        spot = Spot(Topic.VERDICTS, partition)
        await log.append([Message(spot, contract.encode(verdict))], live=False)
    finally:
        await log.close()


def _resolve(text: str, state: str) -> str:
    """The drive's key; a serial must be that of one drive that was seen. Raises UsageError."""
    key = as_key(text)
    try:
        ledgers = [part.ledger for part in restore_all(open_store(state))]
    except (UsageError, FailedError):
        if key is None:
            raise
        return key  # a key needs no state: verdicts may be given from any machine
    if key is not None and not any(find_keys(one.rows, one.rows, text) for one in ledgers):
        say(f"{key} was never seen: the verdict counts once it is; `drives` lists those that were")
        return key
    return find_drive(ledgers, text)[1]


def _this_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in containers
        return f"uid {os.getuid()}"

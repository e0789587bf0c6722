"""`collect`: one pass over this host's drives, into the spool."""

import typer

from agent.cli.program import Config, Format, Spool, Verbose, program_of, settle_settings
from agent.cli.wording import counted
from agent.spool import Pass
from bus.program import console

EXAMPLE = "Example: sudo drivefleet-agent collect --config /etc/drivefleet.toml"


def collect_command(
    context: typer.Context,
    spool: Spool = None,
    config: Config = None,
    log_format: Format = None,
    verbose: Verbose = False,
) -> None:
    """Read every drive once and leave what they say in the spool.

    Needs the right to send SMART commands, and no network; `ship` sends what is in the spool.
    """
    program = program_of(context)
    settings = settle_settings(program, config, verbose, spool=spool, log_format=log_format)
    found = program.collect(settings)
    console.out.print(describe(found), soft_wrap=True, markup=False)


def describe(found: Pass) -> str:
    """A pass in one line."""
    states = [snapshot.state for snapshot in found.snapshots]
    return (
        f"{found.host}, {found.day}: {counted(states.count('read'), 'drive', 'drives')} read,"
        f" {states.count('asleep')} asleep, {states.count('unreadable')} unreadable,"
        f" {len(found.absences)} missing; {len(found.keys)} seen today"
    )

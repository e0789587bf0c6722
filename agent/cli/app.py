"""The command line: which commands there are."""

from typing import Annotated

import typer

from agent.cli import collect, replay, run, scan, ship, simulate
from bus import __version__
from bus.program import console


def make_app() -> typer.Typer:
    """`drivefleet-agent`; call it with `obj=` the Program its commands run in."""
    app = typer.Typer(
        name="drivefleet-agent",
        help="Say what this host's drives say, so that the fleet's failure rate is known.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_common)
    app.command("scan", epilog=scan.EXAMPLE)(scan.scan_command)
    app.command("collect", epilog=collect.EXAMPLE)(collect.collect_command)
    app.command("ship", epilog=ship.EXAMPLE)(ship.ship_command)
    app.command("run", epilog=run.EXAMPLE)(run.run_command)
    app.command("replay", epilog=replay.EXAMPLE)(replay.replay_command)
    app.command("simulate", epilog=simulate.EXAMPLE)(simulate.simulate_command)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        console.out.print(f"drivefleet-agent {__version__}")
        raise typer.Exit


def _common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """Run by typer before each command; `version` ends the program in its callback."""

"""`drivefleet-aggregator`: the only place where the commands are put together."""

import gc
from typing import Annotated

import typer

import bus
from aggregator.cli import drives, models, run, verdict
from bus.program.errors import run_program

NAME = "drivefleet-aggregator"

app = typer.Typer(
    name=NAME, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich"
)
app.command()(run.run)
app.command()(models.models)
app.command()(drives.drives)
app.add_typer(verdict.app, name="verdict")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{NAME} {bus.__version__}")
        raise typer.Exit


@app.callback()
def aggregator(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Version.")
    ] = False,
) -> None:
    """Keep the drive-days and failures of a fleet, and tell how often its drives die."""


def main() -> None:
    # What is imported lives for ever: collections need not look at it, 15 to 30 ms each time.
    gc.collect()
    gc.freeze()
    run_program(NAME, app)


if __name__ == "__main__":
    main()

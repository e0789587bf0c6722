"""`scan`: the drives that a pass would read, as a table; nothing is written or sent."""

from collections.abc import Sequence

import typer
from rich.markup import escape

from agent.cli.program import Config, Format, Verbose, program_of, settle_settings
from bus.program import console

EXAMPLE = "Example: sudo drivefleet-agent scan"


def scan_command(
    context: typer.Context,
    config: Config = None,
    log_format: Format = None,
    verbose: Verbose = False,
) -> None:
    """Show the drives of this host: what each says it is, and why one cannot be read.

    A table on a terminal, else a line for each drive with tabs between its fields.
    """
    program = program_of(context)
    settings = settle_settings(program, config, verbose, log_format=log_format)
    rows = program.scan(settings)
    if not rows:
        console.err.print("no drive was found: add what the scan does not find to `devices`")
        return
    columns = rows[0].__struct_fields__
    cells = [[_text(getattr(row, name)) for name in columns] for row in rows]
    (_print_table if console.out.is_terminal else _print_lines)(columns, cells)


def _text(value: object) -> str:
    """A field for a person: what is unknown is empty."""
    return "" if value is None else str(value)


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    made = console.table(*(name.replace("_", " ") for name in columns))
    for row in rows:
        made.add_row(*(escape(cell) for cell in row))
    console.out.print(made)


def _print_lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for row in (columns, *rows):
        typer.echo("\t".join(row))  # rich would make spaces of the tabs

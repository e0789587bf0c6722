"""`drives`: the list of drives, and the life of one."""

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.markup import escape

from aggregator.cli.looking import Look, look
from aggregator.cli.options import (
    AsOf,
    Config,
    Logs,
    State,
    Verbose,
    parse_day,
    settings_of,
)
from aggregator.cli.printing import Format, print_csv, print_json, print_notes, print_table
from aggregator.ingest.calendar import to_day
from aggregator.ingest.ledger import Ledger
from aggregator.life.history import tell_life
from aggregator.life.roll import call_roll
from aggregator.rates.figures import DriveLife, DriveLine
from aggregator.source import keys_with_serial
from bus.program.console import err, out
from bus.program.errors import UsageError

COLUMNS = DriveLine.__struct_fields__
TEXTS = set(COLUMNS) - {"drive_days"}
ON_SCREEN = 50


def drives(
    key: Annotated[
        str | None, typer.Argument(help="One drive: SERIAL, or SERIAL:MODEL.", show_default=False)
    ] = None,
    state: State = None,
    as_of: AsOf = None,
    model: Annotated[
        str | None, typer.Option(help="Only drives of this model.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(help="Lines of the table; 0: all.", min=0)] = ON_SCREEN,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,
    config: Config = None,
    log_format: Logs = None,
    verbose: Verbose = False,
) -> None:
    """The drives of the fleet, or the life of one.

    Reads the state store, so it works while an aggregator runs and when none does.

    Example: drivefleet-aggregator drives ZL2ABC01 --state x/state
    """
    settings = settings_of(config, verbose=verbose, state=state, log_format=log_format)
    found = look(settings, parse_day(as_of, "--as-of"))
    print_notes(found.figures)
    if key is not None:
        _print_life(_life(found, key), format)
        return
    lines = _lines(found, model)
    if format is Format.TABLE and limit:
        shown = lines[:limit]
        _print_lines(shown, format)
        if len(lines) > len(shown):
            err.print(f"{len(lines) - len(shown):,} more; --limit 0 shows all")
    else:
        _print_lines(lines, format)


def _lines(found: Look, model: str | None) -> list[DriveLine]:
    as_of = to_day(found.figures.as_of)
    lines = (
        line
        for ledger in found.ledgers
        for line in call_roll(ledger, as_of, found.naming)
        if model is None or line.model == found.naming.model(model)
    )
    return sorted(lines, key=lambda line: (line.manufacturer, line.model, line.key))


def _life(found: Look, key: str) -> DriveLife:
    """The one drive with a key or serial. Raises UsageError when there is none, or several."""
    ledger, whole = find_drive(found.ledgers, key)
    life = tell_life(ledger, whole, to_day(found.figures.as_of), found.naming)
    if life is not None:
        return life
    raise UsageError(
        f"no drive {key!r} was seen up to {found.figures.as_of}: `drives` lists all of them"
    )


def find_drive(ledgers: Iterable[Ledger], key: str) -> tuple[Ledger, str]:
    """The ledger and key of a drive, from its key or its serial. Raises UsageError."""
    found = []
    for ledger in ledgers:
        keys = [key] if key in ledger.rows else keys_with_serial(ledger.rows, key)
        found += [(ledger, whole) for whole in keys]
    if len(found) > 1:
        named = ", ".join(whole for _, whole in found)
        raise UsageError(f"several drives have the serial {key!r}: give one of {named}")
    if not found:
        raise UsageError(f"no drive {key!r} is known: `drives` lists all of them")
    return found[0]


def _print_lines(lines: list[DriveLine], format: Format) -> None:
    match format:
        case Format.JSON:
            print_json(lines)
        case Format.CSV:
            print_csv(COLUMNS, (_cells(line) for line in lines))
        case Format.TABLE:
            print_table(COLUMNS, (_cells(line) for line in lines), TEXTS)


def _cells(line: DriveLine) -> list[str]:
    return [_text(getattr(line, name)) for name in COLUMNS]


def _print_life(life: DriveLife, format: Format) -> None:
    if format is not Format.TABLE:
        print_json(life)
        return
    for name in DriveLife.__struct_fields__:
        if name not in ("runs", "signs"):
            out.print(f"[bold]{name:>15}[/]  {escape(_text(getattr(life, name)))}")
    signs = ", ".join(f"{name} {value}" for name, value in life.signs.items() if value > 0)
    out.print(f"[bold]{'signs':>15}[/]  {signs or 'none'}\n")
    columns = ("first", "last", "state", "hosts", "place", "slot", "firmware")
    rows = ([_text(getattr(run, name)) for name in columns] for run in life.runs)
    print_table(columns, rows, set(columns))


def _text(value: object) -> str:
    """A cell: missing is empty, several are joined."""
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)

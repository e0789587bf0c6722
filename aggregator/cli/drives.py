"""`drives`: the list of drives, and the life of one."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

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
from aggregator.cli.printing import Format, print_csv, print_json, print_notes, print_table, say
from aggregator.ingest.calendar import to_day
from aggregator.ingest.ledger import Ledger
from aggregator.life.find import find_keys
from aggregator.life.history import tell_life
from aggregator.life.roll import call_roll
from aggregator.rates.figures import DriveLife, DriveLine, DriveRun
from bus.program.errors import UsageError

COLUMNS = DriveLine.__struct_fields__
ON_SCREEN = {
    "drive": "key",
    "state": "state",
    "role": "role",
    "host": "hosts",
    "slot": "slot",
    "from": "first_day",
    "to": "last_day",
    "days": "drive_days",
    "failed": "failed",
}
"""What of a line people see, by its header: the key holds serial and model."""
RUNS = ("first", "last", "state", "hosts", "place", "slot", "firmware")
LINES = 50
"""Of a fleet's list on a screen, unless asked for more."""


def drives(
    key: Annotated[
        str | None, typer.Argument(help="One drive: SERIAL, or SERIAL:MODEL.", show_default=False)
    ] = None,
    state: State = None,
    as_of: AsOf = None,
    model: Annotated[
        str | None, typer.Option(help="Only drives of this model.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(help="Lines of the table; 0: all.", min=0)] = LINES,
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
    else:
        _print_lines(_lines(found, model), format, limit)


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
    found = [
        (ledger, whole) for ledger in ledgers for whole in find_keys(ledger.rows, ledger.rows, key)
    ]
    if len(found) > 1:
        named = ", ".join(whole for _, whole in found)
        raise UsageError(f"several drives have the serial {key!r}: give one of {named}")
    if not found:
        raise UsageError(f"no drive {key!r} is known: `drives` lists all of them")
    return found[0]


def _print_lines(lines: list[DriveLine], format: Format, limit: int) -> None:
    match format:
        case Format.JSON:
            print_json(lines)
        case Format.CSV:
            print_csv(COLUMNS, (_cells(line, COLUMNS) for line in lines))
        case Format.TABLE:
            shown = lines[:limit] if limit else lines
            rows = [_cells(line, ON_SCREEN.values()) for line in shown]
            print_table(tuple(ON_SCREEN), rows, ON_SCREEN.keys() - {"days"})
            if len(lines) > len(shown):
                say(f"{len(lines) - len(shown):,} more; --limit 0 shows all")


def _print_life(life: DriveLife, format: Format) -> None:
    match format:
        case Format.JSON:
            print_json(life)
        case Format.CSV:
            print_csv(RUNS, (_cells(run, RUNS) for run in life.runs))
        case Format.TABLE:
            print_table(("", " "), _facts(life), {"", " "})
            print_table(RUNS, [_cells(run, RUNS) for run in life.runs], RUNS)


def _facts(life: DriveLife) -> Iterator[tuple[str, str]]:
    """What is known of the drive, a line each."""
    for name in DriveLife.__struct_fields__:
        if name not in ("runs", "signs"):
            yield name, _text(getattr(life, name))
    signs = ", ".join(f"{name} {value}" for name, value in life.signs.items() if value > 0)
    yield "signs", signs or "none"
    yield "", ""


def _cells(value: DriveLine | DriveRun, names: Iterable[str]) -> list[str]:
    return [_text(getattr(value, name)) for name in names]


def _text(value: object) -> str:
    """A cell: missing is empty, several are joined."""
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)

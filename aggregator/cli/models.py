"""`models`: the table of models, as the published reports have it, with exact intervals."""

from typing import Annotated, get_args

import typer

from aggregator.cli.looking import look
from aggregator.cli.options import (
    AsOf,
    Config,
    Logs,
    State,
    Verbose,
    parse_choice,
    parse_day,
    settings_of,
)
from aggregator.cli.printing import Format, print_csv, print_json, print_notes, print_table, say
from aggregator.rates.figures import Figures, FleetRow, ModelRow, Rate, RoleChoice, WindowName

COLUMNS = (
    "manufacturer",
    "model",
    "drives",
    "drives_seen",
    "drive_days",
    "failures",
    "afr_percent",
    "afr_low_percent",
    "afr_high_percent",
)
HEADERS = ("maker", "model", "drives", "seen", "drive-days", "failures", "AFR %", "95 % interval")


def models(
    state: State = None,
    as_of: AsOf = None,
    window: Annotated[
        str, typer.Option(help=f"Days to count: {', '.join(get_args(WindowName))}.")
    ] = "lifetime",
    role: Annotated[str, typer.Option(help="Which drives: data, boot or all.")] = "data",
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,
    config: Config = None,
    log_format: Logs = None,
    verbose: Verbose = False,
) -> None:
    """The annualized failure rate of each model, with its exact 95 % interval.

    Reads the state store, so it works while an aggregator runs and when none does.

    Example: drivefleet-aggregator models --state x/state --window 365d
    """
    settings = settings_of(config, verbose=verbose, state=state, log_format=log_format)
    chosen_window: WindowName = parse_choice(window, get_args(WindowName), "--window")
    chosen_role: RoleChoice = parse_choice(role, get_args(RoleChoice), "--role")
    figures = look(settings, parse_day(as_of, "--as-of")).figures
    rows = [
        row for row in figures.models if row.role == chosen_role and row.window == chosen_window
    ]
    print_notes(figures)
    match format:
        case Format.CSV:
            print_csv(COLUMNS, map(_cells, rows))
        case Format.JSON:
            print_json(_document(figures, rows, chosen_window, chosen_role))
        case Format.TABLE:
            _print_people(figures, rows, chosen_window, chosen_role)


def _print_people(
    figures: Figures, rows: list[ModelRow], window: WindowName, role: RoleChoice
) -> None:
    span = next((one for one in figures.windows if one.name == window), None)
    if span is None:
        say(
            f"No drive was seen up to {figures.as_of}: run an agent, or replay public history, and"
            " let `drivefleet-aggregator run` take it in."
        )
        return
    whose = "All" if role == "all" else role.capitalize()
    say(f"{whose} drives as of {figures.as_of}; {window}: {span.first} to {span.last}.")
    cells = [
        (row.manufacturer, row.model, *_readable(row)) for row in sorted(rows, key=_most_days_first)
    ]
    fleet = next(row for row in figures.fleet if (row.role, row.window) == (role, window))
    cells.append(("", "all models", *_readable(fleet)))
    print_table(HEADERS, cells, texts={"maker", "model"})


def _most_days_first(row: ModelRow) -> tuple[int, str, str]:
    return -row.rate.drive_days, row.model, row.manufacturer


def _readable(row: ModelRow | FleetRow) -> tuple[str, ...]:
    rate = row.rate
    counts = (row.drives, row.drives_seen, rate.drive_days, rate.failures)
    return (*(f"{count:,}" for count in counts), *_readable_rate(rate))


def _readable_rate(rate: Rate) -> tuple[str, str]:
    if rate.afr is None or rate.lower is None or rate.upper is None:
        return "-", "-"
    return f"{100 * rate.afr:.2f}", f"{100 * rate.lower:.2f} to {100 * rate.upper:.2f}"


def _cells(row: ModelRow) -> tuple[object, ...]:
    """One row of the CSV; a rate that is not known is an empty field."""
    rate = row.rate
    counts = (row.drives, row.drives_seen, rate.drive_days, rate.failures)
    percents = (_percent(share) for share in (rate.afr, rate.lower, rate.upper))
    return (row.manufacturer, row.model, *counts, *percents)


def _percent(ratio: float | None) -> str:
    return "" if ratio is None else f"{100 * ratio:.4f}"


def _document(
    figures: Figures, rows: list[ModelRow], window: WindowName, role: RoleChoice
) -> dict[str, object]:
    span = next((one for one in figures.windows if one.name == window), None)
    return {
        "as_of": figures.as_of,
        "windows_end": figures.windows_end,
        "open": figures.open,
        "preliminary": figures.preliminary,
        "simulated": figures.simulated,
        "window": span,
        "role": role,
        "models": [_object(row) for row in rows],
    }


def _object(row: ModelRow) -> dict[str, object]:
    rate: Rate = row.rate
    values = (
        row.manufacturer,
        row.model,
        row.drives,
        row.drives_seen,
        rate.drive_days,
        rate.failures,
        *(None if share is None else 100 * share for share in (rate.afr, rate.lower, rate.upper)),
    )
    return dict(zip(COLUMNS, values, strict=True))

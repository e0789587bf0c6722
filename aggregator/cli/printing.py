"""How rows are printed: a table for people, CSV or JSON for programs; notes go to stderr."""

import csv
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from rich.markup import escape

from aggregator.rates.figures import Figures
from bus.program.console import err, out, table


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], texts: set[str]) -> None:
    """A table; columns not in `texts` are numbers and set flush right."""
    made = table(*columns, numbers=lambda name: name not in texts)
    for row in rows:
        made.add_row(*(escape(cell) for cell in row))
    out.print(made)


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)


def print_json(value: Any) -> None:
    """Any value that msgspec can say in JSON, indented."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value)) + b"\n")


def print_notes(figures: Figures) -> None:
    """What a reader must know of the days that the figures are of."""
    if figures.simulated:
        err.print("These are simulated drives.")
    if figures.preliminary and figures.windows_end is not None:
        err.print(
            "Preliminary: fewer than 30 days are old enough for their failures to be decided, so"
            " the newest are counted too."
        )
    if figures.open:
        err.print(f"{figures.as_of} is not over (or not closed): more of it will come.")

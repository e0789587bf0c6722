"""How rows are printed: a table for people, CSV or JSON for programs; notes go to stderr.

Rules:
- Piped output is never cut to a terminal's width.
- What was printed has gone out when a function returns, so that a reader who went away is met here
  and not at the interpreter's end.
"""

import csv
import sys
from collections.abc import Container, Iterable, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from aggregator.rates.figures import Figures
from bus.program.console import err, out, table

PIPED_WIDTH = 10_000
"""Characters: more than any table has."""


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], texts: Container[str]
) -> None:
    """A table; columns not in `texts` are numbers, set flush right and never cut."""
    made = table(*columns, numbers=lambda name: name not in texts)
    for column in made.columns:
        if column.header in texts:
            column.no_wrap, column.overflow = False, "fold"
    for row in rows:
        made.add_row(*map(Text, row))  # as it stands: no markup, no emoji
    console = out if out.is_terminal else Console(file=out.file, width=PIPED_WIDTH, highlight=False)
    console.print(made)
    sys.stdout.flush()


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    sys.stdout.flush()


def print_json(value: Any) -> None:
    """Any value that msgspec can say in JSON, indented."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")
    sys.stdout.flush()


def print_line(text: str) -> None:
    """A line that is the command's result, never broken into several."""
    out.print(text, markup=False, emoji=False, soft_wrap=True)
    sys.stdout.flush()


def say(text: str) -> None:
    """A line for people, on stderr, never broken into several."""
    err.print(text, markup=False, emoji=False, soft_wrap=True)


def print_notes(figures: Figures) -> None:
    """What a reader must know of the days that the figures are of."""
    if figures.simulated:
        say("These are simulated drives.")
    if figures.preliminary and figures.windows_end is not None:
        say(
            "Preliminary: fewer than 30 days are old enough for their failures to be decided, so"
            " the newest are counted too."
        )
    if figures.open:
        say(f"{figures.as_of} is not over (or not closed): more of it will come.")

"""The 30 real days, whatever way they come: the figures of the reference and of DuckDB."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import duckdb
import pytest

from aggregator.ingest.intake import Intake
from aggregator.ingest.ledger import Ledger
from aggregator.pipeline import Figuring
from aggregator.rates.figures import Figures
from bus.belief import Rejected
from bus.contract import encode
from bus.identity import normal_model, partition
from bus.log import Spot, Topic
from bus.public import RowReader
from tests.end_to_end.history import MISSING, REAL_REFERENCE, REAL_ZIP, Counts, reference

pytestmark = pytest.mark.skipif(not REAL_ZIP.exists(), reason=MISSING)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SLICE = 2_000

Days = list[list[tuple[int, bytes]]]  # of each day (partition of 12, event)


@pytest.fixture(scope="module")
def days() -> Days:
    with zipfile.ZipFile(REAL_ZIP) as archive:
        return [list(events(archive, name)) for name in sorted(archive.namelist())]


def events(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[int, bytes]]:
    with io.TextIOWrapper(archive.open(name), encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        reader = RowReader(next(rows), sent_at=NOW)
        for row in rows:
            event = reader(row)
            assert not isinstance(event, Rejected)
            yield partition(event.drive.serial, 12), encode(event)


def played(days: Days, partitions: int) -> list[Ledger]:
    """The days in the order given, into so many partitions (12 or 1)."""
    ledgers = [Ledger() for _ in range(partitions)]
    intakes = [Intake(ledger, n, partitions) for n, ledger in enumerate(ledgers)]
    for day in days:
        for number in range(partitions):
            values = [value for part, value in day if part % partitions == number]
            for begin in range(0, len(values), SLICE):
                some = values[begin : begin + SLICE]
                taken = intakes[number].take(Spot(Topic.SNAPSHOTS, number), 0, some, NOW)
                assert taken.rejected == []
    return ledgers


def figures(ledgers: list[Ledger]) -> Figures:
    return Figuring().work_out(ledgers, now=NOW)


def counts(told: Figures) -> Counts:
    return {
        row.model: (row.drives_seen, row.rate.drive_days, row.rate.failures)
        for row in told.models
        if (row.role, row.window) == ("data", "lifetime")
    }


def test_they_are_the_reference_to_the_printed_digit(days: Days) -> None:
    told = figures(played(days, 1))
    assert counts(told) == reference()
    rates = {row.model: row.rate.afr for row in told.models if row.window == "lifetime"}
    with REAL_REFERENCE.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            afr = rates[normal_model(row["model"])]
            assert afr is not None
            assert f"{100 * afr:.4f}" == row["afr_pct"]
    assert {row.role for row in told.cohorts} == {"data"}, "no boot drive is known in 2013"


def test_they_are_what_duckdb_counts_in_the_same_files(days: Days, tmp_path: Path) -> None:
    with zipfile.ZipFile(REAL_ZIP) as archive:
        archive.extractall(tmp_path)
    query = (
        "SELECT model, count(DISTINCT serial_number), count(DISTINCT (serial_number, date)),"
        " count(DISTINCT (serial_number, date)) FILTER (failure = 1)"
        " FROM read_csv(?, union_by_name = true) GROUP BY model"
    )
    with duckdb.connect() as database:
        rows = database.execute(query, [f"{tmp_path}/*.csv"]).fetchall()
    truth = {normal_model(model): (seen, total, failed) for model, seen, total, failed in rows}
    assert counts(figures(played(days, 12))) == truth


def test_any_order_of_days_and_any_repetition_give_the_same_to_the_bit(days: Days) -> None:
    once = figures(played(days, 1))
    shuffled = [*days, *days[3:20]]
    Random(2013).shuffle(shuffled)
    assert figures(played(shuffled, 12)) == once
    assert figures(played(days[::-1], 1)) == once

"""The rate and its interval against scipy's reference values and Backblaze's published rows."""

import csv
import json
import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.rates.afr import afr, garwood, rate, rates
from aggregator.rates.figures import Rate

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
REFERENCE = SHARED / "statistics" / "reference_values.csv"
PUBLISHED = SHARED / "backblaze" / "published_rows.csv"

FIT_UNDER_NO_METHOD = {("2020", "ST18000NM000J"), ("Q1 2015", "Megascale 4000.B (HMS5C4040BLE640)")}
MOST_FAILURES = 2_000  # the largest published model-year of an interval row had about 1,400

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    if not path.exists():
        pytest.skip(f"third-party data is absent: {path}")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reference(kind: str) -> list[Row]:
    return [row for row in read(REFERENCE) if row["id"].split("-")[0] == kind]


def test_every_reference_afr_is_met() -> None:
    rows = reference("afr")
    assert len(rows) == 13
    for row in rows:
        given = json.loads(row["inputs_json"])
        expected = pytest.approx(float(row["expected"]), rel=float(row["rtol"]), abs=0)
        assert float(afr(given["failures"], given["drive_days"])) == expected, row["id"]


def test_every_reference_interval_is_met() -> None:
    rows = reference("garwood")
    assert len(rows) == 35
    for row in rows:
        given = json.loads(row["inputs_json"])
        lower, upper = garwood(given["failures"], given["drive_days"] / 365, given["conf"])
        told = float(lower) if row["output"] == "lower" else float(upper)
        assert told == pytest.approx(float(row["expected"]), rel=float(row["rtol"]), abs=0), row[
            "id"
        ]


def test_every_reference_interval_of_a_count_is_met() -> None:
    rows = reference("garwoodcount")
    assert len(rows) == 22
    counts = np.array([json.loads(row["inputs_json"])["count"] for row in rows])
    lower, upper = garwood(counts, np.ones(len(rows)))
    for place, row in enumerate(rows):
        told = float((lower if row["output"] == "lower" else upper)[place])
        assert told == pytest.approx(float(row["expected"]), rel=float(row["rtol"]), abs=0), row[
            "id"
        ]


def test_all_202_published_rates_come_out_to_the_printed_digits() -> None:
    rows = [r for r in read(PUBLISHED) if r["drive_days"] and r["failures"] and r["afr_pct"]]
    assert len(rows) == 202
    told = rates([int(r["failures"]) for r in rows], [int(r["drive_days"]) for r in rows])
    for row, one in zip(rows, told, strict=True):
        assert one.afr is not None
        assert f"{100 * one.afr:.2f}" == f"{Decimal(row['afr_pct']):.2f}", row


def test_34_of_36_published_intervals_fit_and_the_two_others_are_the_known_ones() -> None:
    rows = [r for r in read(PUBLISHED) if r["ci_low"] or r["ci_high"]]
    assert len(rows) == 36
    others = {(r["report"], r["model"]) for r in rows if not interval_fits(r)}
    assert others == FIT_UNDER_NO_METHOD


def interval_fits(row: Row) -> bool:
    """Some whole n and some E with n/E rounding to the printed AFR give the printed bounds."""
    counts = [int(row["failures"])] if row["failures"] else range(MOST_FAILURES)
    low, high = garwood(np.array(counts), np.ones(len(counts)))
    return any(
        exposure_exists([(float(n), row["afr_pct"]), (lo, row["ci_low"]), (hi, row["ci_high"])])
        for n, lo, hi in zip(counts, low.tolist(), high.tolist(), strict=True)
    )


def exposure_exists(told: list[tuple[float, str]]) -> bool:
    """Is there an E > 0 with which every count / E rounds to its printed percentage?"""
    least, most = 0.0, math.inf
    for count, text in told:
        if not text:
            continue
        half = 0.5 * 10.0 ** int(str(Decimal(text).as_tuple().exponent))
        low, high = (float(text) - half) / 100, (float(text) + half) / 100
        if count == 0:
            if low > 0:
                return False
            continue
        least = max(least, count / high)
        most = min(most, count / low if low > 0 else math.inf)
    return least <= most


def test_without_drive_days_there_is_no_rate() -> None:
    assert rate(0, 0) == Rate(0, 0, None, None, None)
    assert np.isnan(afr([0, 1], [0, 365])).tolist() == [True, False]


def test_no_failure_has_a_lower_bound_of_zero_and_an_honest_upper_one() -> None:
    told = rate(0, 4_380)  # one server with 12 drives, for a year
    assert (told.afr, told.lower) == (0.0, 0.0)
    assert told.upper == pytest.approx(3.688879454 / 12)


def test_a_column_is_told_as_each_of_its_rates_alone_to_the_bit() -> None:
    failures, drive_days = [0, 3, 3, 120, 7, 0], [78_000, 4_504, 90_000, 1_250_000, 0, 0]
    alone = [rate(n, d) for n, d in zip(failures, drive_days, strict=True)]
    assert rates(failures, drive_days) == alone
    assert rates(failures[::-1], drive_days[::-1]) == alone[::-1]


def test_no_rows_have_no_rates() -> None:
    assert rates([], []) == []


def test_columns_keep_their_shape() -> None:
    failures = np.arange(6).reshape(2, 3)
    lower, upper = garwood(failures, np.full((2, 3), 2.0))
    assert lower.shape == upper.shape == afr(failures, failures).shape == (2, 3)


@given(st.integers(0, 50_000), st.integers(1, 10**10))
def test_the_interval_holds_the_rate_and_narrows_with_exposure(failures: int, days: int) -> None:
    told, longer = rate(failures, days), rate(2 * failures, 2 * days)
    assert told.lower is not None
    assert told.upper is not None
    assert told.afr is not None
    assert longer.lower is not None
    assert longer.upper is not None
    assert told.lower <= told.afr < told.upper
    assert longer.upper - longer.lower < told.upper - told.lower

"""The annualized failure rate and its exact interval, for whole columns of models at once.

Rules, those of Backblaze's Drive Stats: a year has 365 days, leap years too; a rate of several
models is pooled, sums over sums, never a mean of rates; without drive-days there is no rate (NaN in
columns, None in values).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainccinv, gammaincinv

from aggregator.rates.figures import Rate

DAYS_PER_YEAR = 365
"""365 reproduces 202 of 202 published rows to their two decimals; 365.25 and 366 do not."""

Column = NDArray[np.float64]


def afr(failures: ArrayLike, drive_days: ArrayLike) -> Column:
    """Failures per drive-year of 365 days, as fractions; NaN where there are no drive-days.

    Both arguments have one shape (or are single numbers), and so has the result.
    """
    return _over(np.asarray(failures, np.float64), _years(drive_days))


def garwood(
    failures: ArrayLike, exposure_years: ArrayLike, level: float = 0.95
) -> tuple[Column, Column]:
    """Garwood's exact two-sided Poisson interval of a rate: (lower, upper) per year of exposure.

    `failures` are whole numbers from 0 up; lower is 0 where there is none. NaN where there is no
    exposure. (F. Garwood, Fiducial Limits for the Poisson Distribution, Biometrika 28, 1936.)
    """
    counts, years = np.broadcast_arrays(
        np.asarray(failures, np.int64), np.asarray(exposure_years, np.float64)
    )
    # A fleet has few distinct failure counts, and the inverse is what costs.
    distinct, place = np.unique(counts, return_inverse=True)
    tail = (1 - level) / 2
    shape = distinct.astype(np.float64)
    lower: Column = np.where(shape > 0, gammaincinv(np.maximum(shape, 1.0), tail), 0.0)
    upper = np.asarray(gammainccinv(shape + 1.0, tail), np.float64)
    place = place.reshape(counts.shape)
    return _over(lower[place], years), _over(upper[place], years)


def rate(failures: int, drive_days: int) -> Rate:
    """One rate with its 95 % interval."""
    return rates([failures], [drive_days])[0]


def rates(failures: Sequence[int], drive_days: Sequence[int]) -> list[Rate]:
    """The rates of two columns of equal length, with their 95 % intervals."""
    years = _years(drive_days)
    lower, upper = garwood(failures, years)
    figures = zip(afr(failures, drive_days).tolist(), lower.tolist(), upper.tolist(), strict=True)
    return [
        Rate(days, failed, *triple) if days else Rate(days, failed, None, None, None)
        for days, failed, triple in zip(drive_days, failures, figures, strict=True)
    ]


def _years(drive_days: ArrayLike) -> Column:
    return np.asarray(drive_days, np.float64) / DAYS_PER_YEAR


def _over(numerator: Column, years: Column) -> Column:
    known = years > 0
    return np.where(known, numerator / np.where(known, years, 1.0), np.nan)

"""From figures to samples: which number stands under which metric and labels.

Rules: label values stand in the order of the metric's label names; what is not known is left out,
for absent is never 0. Samples are made one at a time: ten thousands of them at once would call for
a collection of all garbage, which stops the event loop for 30 ms.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from aggregator.rates.figures import CohortRow, Figures, ModelInfo, ModelRow, StateRow
from aggregator.serve import metrics
from aggregator.serve.metrics import Metric
from aggregator.serve.source import ProcessFigures

SECONDS_PER_DAY = 86_400

Labels = tuple[str, ...]
Sample = tuple[Labels, float | None]


class Family(NamedTuple):
    """A metric and its samples; one without a value is not told."""

    metric: Metric
    samples: Iterable[Sample]


def figure_families(figures: Figures) -> Iterator[Family]:
    """Every metric of the facts, in the catalogue's order."""
    yield from _state_families(figures)
    yield from _cohort_families(figures)
    yield from _model_families(figures)
    yield from _fleet_families(figures)
    yield Family(metrics.AS_OF, [((), _end_of(figures.as_of))])
    yield Family(metrics.WINDOWS_END, [((), _end_of(figures.windows_end))])
    yield Family(metrics.WINDOWS_PRELIMINARY, [((), int(figures.preliminary))])


def process_families(process: ProcessFigures) -> Iterator[Family]:
    """Every metric of the process, in the catalogue's order."""
    yield Family(metrics.EVENTS, sorted(process.events.items()))
    yield Family(metrics.REJECTED, (((why,), n) for why, n in sorted(process.rejected.items())))
    yield Family(metrics.LAG, _by_partition(process.lag_records))
    yield Family(metrics.VIEW_AGE, [((), process.view_age_s)])
    yield Family(metrics.CHECKPOINT, _by_partition(process.checkpoints))
    yield Family(metrics.BUILD_INFO, [((process.version,), 1)])


def _state_families(figures: Figures) -> Iterator[Family]:
    rows = figures.states
    yield Family(metrics.DRIVES, ((_state(row), row.drives) for row in rows))
    yield Family(metrics.DRIVES_AGED, ((_state(row), row.aged) for row in rows))
    yield Family(
        metrics.DRIVES_AGE,
        ((_state(row), row.age_days * SECONDS_PER_DAY) for row in rows if row.aged),
    )


def _cohort_families(figures: Figures) -> Iterator[Family]:
    rows = figures.cohorts
    yield Family(metrics.WINDOW_DRIVE_DAYS, ((_cohort(row), row.drive_days) for row in rows))
    yield Family(
        metrics.WINDOW_FAILURES, ((("confirmed", *_cohort(row)), row.failures) for row in rows)
    )


def _model_families(figures: Figures) -> Iterator[Family]:
    rows = [row for row in figures.models if row.role == "data"]
    yield Family(metrics.WINDOW_AFR, ((_model(row), row.rate.afr) for row in rows))
    yield Family(metrics.WINDOW_AFR_LOWER, ((_model(row), row.rate.lower) for row in rows))
    yield Family(metrics.WINDOW_AFR_UPPER, ((_model(row), row.rate.upper) for row in rows))
    yield Family(metrics.MODEL_INFO, ((_info(info), 1) for info in figures.infos))


def _fleet_families(figures: Figures) -> Iterator[Family]:
    rows = [row for row in figures.fleet if row.role == "data"]
    yield Family(metrics.FLEET_DRIVE_DAYS, (((row.window,), row.rate.drive_days) for row in rows))
    yield Family(metrics.FLEET_FAILURES, (((row.window,), row.rate.failures) for row in rows))
    yield Family(metrics.FLEET_AFR, (((row.window,), row.rate.afr) for row in rows))
    yield Family(metrics.FLEET_AFR_LOWER, (((row.window,), row.rate.lower) for row in rows))
    yield Family(metrics.FLEET_AFR_UPPER, (((row.window,), row.rate.upper) for row in rows))


def _state(row: StateRow) -> Labels:
    return row.datacenter, row.manufacturer, row.model, row.role, row.state


def _cohort(row: CohortRow) -> Labels:
    return row.datacenter, row.manufacturer, row.model, row.role, row.window


def _model(row: ModelRow) -> Labels:
    return row.manufacturer, row.model, row.window


def _info(info: ModelInfo) -> Labels:
    capacity = "" if info.capacity_bytes is None else str(info.capacity_bytes)
    return capacity, info.manufacturer, info.media, info.model


def _by_partition(numbers: dict[int, int] | dict[int, float]) -> Iterator[Sample]:
    return (((str(partition),), number) for partition, number in sorted(numbers.items()))


def _end_of(day: date | None) -> float | None:
    """The Unix time at which a UTC day ends."""
    if day is None:
        return None
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=UTC).timestamp()

"""From figures to samples: which number stands under which metric and labels.

Rules: label values stand in the order of the metric's label names; what is not known is left out,
for absent is never 0.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from aggregator.rates.figures import Figures, ModelRow, Rate
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
    labelled = [
        ((row.datacenter, row.manufacturer, row.model, row.role, row.state), row)
        for row in figures.states
    ]
    yield Family(metrics.DRIVES, ((labels, row.drives) for labels, row in labelled))
    yield Family(metrics.DRIVES_AGED, ((labels, row.aged) for labels, row in labelled))
    yield Family(
        metrics.DRIVES_AGE,
        (
            (labels, row.age_days * SECONDS_PER_DAY if row.aged else None)
            for labels, row in labelled
        ),
    )


def _cohort_families(figures: Figures) -> Iterator[Family]:
    labelled = [
        ((row.datacenter, row.manufacturer, row.model, row.role, row.window), row)
        for row in figures.cohorts
    ]
    yield Family(metrics.WINDOW_DRIVE_DAYS, ((labels, row.drive_days) for labels, row in labelled))
    yield Family(
        metrics.WINDOW_FAILURES,
        ((("confirmed", *labels), row.failures) for labels, row in labelled),
    )


def _model_families(figures: Figures) -> Iterator[Family]:
    rows = [row for row in figures.models if row.role == "data"]
    labelled = [(_model_labels(row), row.rate) for row in rows]
    yield Family(metrics.WINDOW_AFR, ((labels, rate.afr) for labels, rate in labelled))
    yield Family(metrics.WINDOW_AFR_LOWER, ((labels, rate.lower) for labels, rate in labelled))
    yield Family(metrics.WINDOW_AFR_UPPER, ((labels, rate.upper) for labels, rate in labelled))
    yield Family(
        metrics.MODEL_INFO,
        (
            ((_text(info.capacity_bytes), info.manufacturer, info.media, info.model), 1)
            for info in figures.infos
        ),
    )


def _fleet_families(figures: Figures) -> Iterator[Family]:
    labelled: list[tuple[Labels, Rate]] = [
        ((row.window,), row.rate) for row in figures.fleet if row.role == "data"
    ]
    yield Family(metrics.FLEET_DRIVE_DAYS, ((labels, rate.drive_days) for labels, rate in labelled))
    yield Family(metrics.FLEET_FAILURES, ((labels, rate.failures) for labels, rate in labelled))
    yield Family(metrics.FLEET_AFR, ((labels, rate.afr) for labels, rate in labelled))
    yield Family(metrics.FLEET_AFR_LOWER, ((labels, rate.lower) for labels, rate in labelled))
    yield Family(metrics.FLEET_AFR_UPPER, ((labels, rate.upper) for labels, rate in labelled))


def _model_labels(row: ModelRow) -> Labels:
    return row.manufacturer, row.model, row.window


def _by_partition(numbers: dict[int, int] | dict[int, float]) -> Iterator[Sample]:
    return (((str(partition),), number) for partition, number in sorted(numbers.items()))


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _end_of(day: date | None) -> float | None:
    """The Unix time at which a UTC day ends."""
    if day is None:
        return None
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=UTC).timestamp()

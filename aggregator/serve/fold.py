"""The cap on models, for the exposition alone: the models with most drive-days, and "other".

Rules: sums are added and rates made anew of the sums, never averaged. Names come from drives, so
they are cut to a sane length; models that one name then stands for are added up too, for two
samples with the same labels would cost Prometheus the whole scrape.
"""

from collections import defaultdict
from collections.abc import Iterable
from operator import add
from typing import TypeVar

import msgspec

from aggregator.rates.afr import rates
from aggregator.rates.figures import CohortRow, Figures, ModelInfo, ModelRow, StateRow

MOST_MODELS = 500
"""About 140 models were ever bought for 355,000 drives; more series than this cost Prometheus
memory and tell nobody anything."""
MOST_CHARACTERS = 128
"""ATA and NVMe give a model 40 characters; what is longer comes from a broken bridge or a joke."""
OTHER = "other"

Name = tuple[str, str]  # manufacturer, model
Names = dict[Name, Name]
Numbers = tuple[int, ...]
Key = TypeVar("Key")


def fold(figures: Figures, most_models: int = MOST_MODELS) -> Figures:
    """The figures with at most `most_models` models, the rest of each manufacturer as "other"."""
    names = _names(figures, most_models)
    datacenters = {row.datacenter for row in figures.cohorts}
    datacenters |= {row.datacenter for row in figures.states}
    if all(old == new for old, new in names.items()) and all(cut(d) == d for d in datacenters):
        return figures
    return msgspec.structs.replace(
        figures,
        models=_models(figures.models, names),
        cohorts=_cohorts(figures.cohorts, names),
        states=_states(figures.states, names),
        infos=_infos(figures.infos, names),
    )


def cut(text: str) -> str:
    """A text as a label's value: at most 128 characters, the last of a longer one an ellipsis."""
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def _names(figures: Figures, most_models: int) -> Names:
    """What each model is called, by rank of lifetime drive-days; ties by name."""
    lifetime: dict[Name, int] = defaultdict(int)
    for cohort in figures.cohorts:
        days = cohort.drive_days if cohort.window == "lifetime" else 0
        lifetime[cohort.manufacturer, cohort.model] += days
    for rows in (figures.models, figures.states, figures.infos):
        _name_all(rows, lifetime)
    ranked = sorted(lifetime, key=lambda name: (-lifetime[name], name))
    return {
        (maker, model): (cut(maker), cut(model) if rank < most_models else OTHER)
        for rank, (maker, model) in enumerate(ranked)
    }


def _name_all(
    rows: Iterable[ModelRow] | Iterable[StateRow] | Iterable[ModelInfo], lifetime: dict[Name, int]
) -> None:
    """Know the models that have no drive-day too."""
    for row in rows:
        lifetime.setdefault((row.manufacturer, row.model), 0)


def _models(rows: Iterable[ModelRow], names: Names) -> tuple[ModelRow, ...]:
    sums = _add(
        ((*names[row.manufacturer, row.model], row.role, row.window), _numbers(row)) for row in rows
    )
    told = rates([n[3] for n in sums.values()], [n[2] for n in sums.values()])
    return tuple(
        ModelRow(*key, drives=numbers[0], drives_seen=numbers[1], rate=rate)
        for (key, numbers), rate in zip(sums.items(), told, strict=True)
    )


def _numbers(row: ModelRow) -> Numbers:
    return row.drives, row.drives_seen, row.rate.drive_days, row.rate.failures


def _cohorts(rows: Iterable[CohortRow], names: Names) -> tuple[CohortRow, ...]:
    sums = _add(
        (
            (*names[row.manufacturer, row.model], cut(row.datacenter), row.role, row.window),
            (row.drive_days, row.failures),
        )
        for row in rows
    )
    return tuple(CohortRow(*key, *numbers) for key, numbers in sums.items())


def _states(rows: Iterable[StateRow], names: Names) -> tuple[StateRow, ...]:
    sums = _add(
        (
            (*names[row.manufacturer, row.model], cut(row.datacenter), row.role, row.state),
            (row.drives, row.age_days, row.aged),
        )
        for row in rows
    )
    return tuple(StateRow(*key, *numbers) for key, numbers in sums.items())


def _infos(rows: Iterable[ModelInfo], names: Names) -> tuple[ModelInfo, ...]:
    """One info a name; none for "other", which is no one thing."""
    told: dict[Name, ModelInfo] = {}
    for row in rows:
        name = names[row.manufacturer, row.model]
        if name[1] != OTHER:
            told.setdefault(name, ModelInfo(*name, row.capacity_bytes, cut(row.media)))
    return tuple(told.values())


def _add(rows: Iterable[tuple[Key, Numbers]]) -> dict[Key, Numbers]:
    """Numbers added up by key, keys in the order in which they come first."""
    sums: dict[Key, Numbers] = {}
    for key, numbers in rows:
        known = sums.get(key)
        sums[key] = numbers if known is None else tuple(map(add, known, numbers))
    return sums

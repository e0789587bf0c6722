"""The cap on models: sums are added, nothing is averaged, nothing stands twice."""

from collections.abc import Iterable

import msgspec
import pytest

from aggregator.rates.afr import rate
from aggregator.rates.figures import Figures, ModelRow
from aggregator.serve.fold import MOST_CHARACTERS, OTHER, cut, fold
from aggregator.serve.samples import figure_families


def rename(figures: Figures, names: dict[str, str], datacenter: str | None = None) -> Figures:
    """The same figures with other names of models, and of every datacenter."""

    def renamed(rows: Iterable[msgspec.Struct]) -> tuple[msgspec.Struct, ...]:
        return tuple(
            msgspec.structs.replace(
                row,
                model=names.get(getattr(row, "model", ""), getattr(row, "model", "")),
                **(
                    {"datacenter": datacenter + getattr(row, "datacenter", "")}
                    if datacenter is not None and hasattr(row, "datacenter")
                    else {}
                ),
            )
            for row in rows
        )

    parts = ("models", "cohorts", "states", "infos")
    return msgspec.structs.replace(figures, **{p: renamed(getattr(figures, p)) for p in parts})


def lifetime(figures: Figures, model: str, role: str = "data") -> list[ModelRow]:
    return [
        row
        for row in figures.models
        if (row.model, row.role, row.window) == (model, role, "lifetime")
    ]


def assert_no_sample_twice(figures: Figures) -> None:
    for family in figure_families(figures):
        labels = [values for values, _ in family.samples]
        assert len(set(labels)) == len(labels), family.metric.name


def totals(figures: Figures) -> tuple[int, ...]:
    return (
        sum(row.drive_days for row in figures.cohorts),
        sum(row.failures for row in figures.cohorts),
        sum(row.drives for row in figures.states),
        sum(row.age_days for row in figures.states),
        sum(row.rate.drive_days for row in figures.models),
        sum(row.drives_seen for row in figures.models),
    )


def test_figures_within_the_cap_are_left_as_they_are(figures: Figures) -> None:
    assert fold(figures, 4) is figures


def test_the_models_with_most_drive_days_keep_their_names(figures: Figures) -> None:
    folded = fold(figures, 2)
    assert {row.model for row in folded.models} == {"HMS5C4040BLE640", "ST4000DM000", OTHER}
    assert {row.model for row in folded.cohorts} == {row.model for row in folded.models}
    assert lifetime(folded, "ST4000DM000") == lifetime(figures, "ST4000DM000")


@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_folding_loses_and_doubles_nothing(figures: Figures, most: int) -> None:
    folded = fold(figures, most)
    assert totals(folded) == totals(figures)
    assert_no_sample_twice(folded)


def test_rates_of_the_rest_are_made_of_sums_and_not_averaged(figures: Figures) -> None:
    same_maker = msgspec.structs.replace(
        figures, models=tuple(msgspec.structs.replace(r, manufacturer="X") for r in figures.models)
    )
    (other,) = lifetime(fold(same_maker, 0), OTHER)
    assert other.rate == rate(6 + 1 + 25 + 1, 1_000_000 + 250_000 + 365)


def test_the_rest_keeps_its_manufacturer(figures: Figures) -> None:
    makers = {row.manufacturer for row in fold(figures, 0).models if row.model == OTHER}
    assert makers == {"HGST", "Seagate", "unknown"}


def test_the_rest_is_no_one_thing_and_has_no_info(figures: Figures) -> None:
    assert [info.model for info in fold(figures, 1).infos] == ["HMS5C4040BLE640"]


def test_the_cap_does_not_touch_the_fleets_figures(figures: Figures) -> None:
    assert fold(figures, 0).fleet == figures.fleet


def test_ties_go_by_name(figures: Figures) -> None:
    even = msgspec.structs.replace(
        figures, cohorts=tuple(msgspec.structs.replace(r, drive_days=7) for r in figures.cohorts)
    )
    kept = {row.model for row in fold(even, 1).models} - {OTHER}
    assert kept == {"HMS5C4040BLE640"}  # as many as Seagate's, and before it by name


def test_a_model_really_called_other_joins_the_rest(figures: Figures) -> None:
    named = rename(figures, {"ST4000DM000": OTHER, "HMS5C4040BLE640": "A"})
    folded = fold(named, 2)
    assert_no_sample_twice(folded)
    assert totals(folded) == totals(figures)


def test_names_are_cut_and_what_then_has_one_name_is_added_up(figures: Figures) -> None:
    long = "x" * 250
    named = rename(figures, {"NEW": long}, datacenter=long)
    folded = fold(named)
    assert max(len(row.model) for row in folded.models) == MOST_CHARACTERS
    assert {row.datacenter for row in folded.cohorts} == {cut(long)}
    assert_no_sample_twice(folded)
    assert totals(folded) == totals(figures)


def test_two_models_with_one_beginning_are_told_as_one(figures: Figures) -> None:
    long = "x" * 250
    hostile = next(row.model for row in figures.models if row.model.startswith("<"))
    folded = fold(rename(figures, {"NEW": long + "a", hostile: long + "b"}))
    assert [row.rate for row in lifetime(folded, cut(long))] == [rate(1, 365)]
    assert_no_sample_twice(folded)
    assert len([info for info in folded.infos if info.model == cut(long)]) == 1


def test_a_text_is_cut_to_its_length_with_an_ellipsis() -> None:
    assert cut("x" * MOST_CHARACTERS) == "x" * MOST_CHARACTERS
    assert cut("x" * (MOST_CHARACTERS + 1)) == "x" * (MOST_CHARACTERS - 1) + "…"

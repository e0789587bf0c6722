"""Samples: which number stands under which metric and labels."""

from datetime import UTC, datetime

import msgspec

from aggregator.rates.figures import Figures
from aggregator.serve import metrics
from aggregator.serve.samples import Sample, figure_families, process_families
from aggregator.serve.source import ProcessFigures


def samples(figures: Figures, metric: metrics.Metric) -> list[Sample]:
    return next(list(told) for one, told in figure_families(figures) if one == metric)


def test_every_metric_of_the_catalogue_is_told_in_its_order(
    figures: Figures, process: ProcessFigures
) -> None:
    assert tuple(f.metric for f in figure_families(figures)) == metrics.FIGURES
    assert tuple(f.metric for f in process_families(process)) == metrics.PROCESS


def test_each_sample_has_the_labels_of_its_metric_and_no_two_the_same(
    figures: Figures, process: ProcessFigures
) -> None:
    for family in (*figure_families(figures), *process_families(process)):
        labels = [values for values, _ in family.samples]
        assert labels, family.metric.name
        assert {len(values) for values in labels} == {len(family.metric.labels)}
        assert len(set(labels)) == len(labels)


def test_failures_say_their_basis_and_all_their_labels(figures: Figures) -> None:
    told = dict(samples(figures, metrics.WINDOW_FAILURES))
    key = ("confirmed", "ams", "Seagate", "ST4000DM000", "data", "90d")
    assert dict(zip(metrics.WINDOW_FAILURES.labels, key, strict=True))["datacenter"] == "ams"
    assert told[key] == 25


def test_boot_drives_show_only_where_a_role_label_says_so(figures: Figures) -> None:
    for family in figure_families(figures):
        names = family.metric.labels
        roles = {dict(zip(names, v, strict=True)).get("role") for v, _ in family.samples}
        assert "boot" not in roles or "role" in names
    fleet = dict(samples(figures, metrics.FLEET_DRIVE_DAYS))
    assert fleet[("lifetime",)] == 900_000 + 100_000 + 250_000 + 365


def test_a_rate_without_drive_days_is_left_out_not_zero(figures: Figures) -> None:
    for metric in (metrics.WINDOW_AFR, metrics.WINDOW_AFR_LOWER, metrics.WINDOW_AFR_UPPER):
        told = {labels: number for labels, number in samples(figures, metric) if number is not None}
        assert ("HGST", "HMS5C4040BLE640", "30d") in told
        assert ("unknown", "NEW", "30d") not in told


def test_an_unknown_age_is_left_out_not_zero(figures: Figures) -> None:
    state = ("ams", "unknown", "NEW", "data", "unaccounted")
    assert dict(samples(figures, metrics.DRIVES))[state] == 2
    assert dict(samples(figures, metrics.DRIVES_AGED))[state] == 0
    assert state not in dict(samples(figures, metrics.DRIVES_AGE))


def test_ages_are_seconds(figures: Figures) -> None:
    state = ("fra", "HGST", "HMS5C4040BLE640", "data", "active")
    assert dict(samples(figures, metrics.DRIVES_AGE))[state] == 400 * 400 * 86_400


def test_an_unknown_capacity_is_an_empty_label(figures: Figures) -> None:
    told = [labels for labels, _ in samples(figures, metrics.MODEL_INFO)]
    assert told[0] == ("4000787030016", "HGST", "hdd", "HMS5C4040BLE640")
    assert told[1][0] == ""


def test_a_day_is_told_by_its_end(figures: Figures) -> None:
    midnight = datetime(2026, 8, 12, tzinfo=UTC).timestamp()
    assert samples(figures, metrics.WINDOWS_END) == [((), midnight)]
    assert samples(figures, metrics.AS_OF) == [((), midnight + 7 * 86_400)]


def test_without_an_end_of_windows_there_is_no_time_of_it(figures: Figures) -> None:
    nothing = msgspec.structs.replace(figures, windows_end=None, preliminary=True)
    assert samples(nothing, metrics.WINDOWS_END) == [((), None)]
    assert samples(nothing, metrics.WINDOWS_PRELIMINARY) == [((), 1)]


def test_counters_and_lags_carry_their_labels(process: ProcessFigures) -> None:
    told = {family.metric: list(family.samples) for family in process_families(process)}
    assert told[metrics.EVENTS][-1] == (("verdict", "new"), 2)
    assert told[metrics.REJECTED] == [(("bad_day",), 0), (("not_json",), 3)]
    assert told[metrics.LAG] == [(("0",), 0), (("1",), 250)]
    assert told[metrics.VIEW_AGE] == [((), 12.25)]
    assert told[metrics.BUILD_INFO] == [(("1.2.3",), 1)]

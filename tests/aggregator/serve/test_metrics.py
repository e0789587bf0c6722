"""The catalogue keeps the rules of names, kinds and labels."""

import pytest

from aggregator.serve.metrics import CATALOGUE, FIGURES, PROCESS, Metric


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_a_metric_keeps_the_rules(metric: Metric) -> None:
    assert metric.name.startswith("drivefleet_")
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert metric.labels == tuple(sorted(set(metric.labels)))
    assert not {"serial", "day", "instance", "job"} & set(metric.labels)
    assert metric.help.endswith(".")
    assert "\n" not in metric.help
    assert "\\" not in metric.help
    for unit in ("seconds", "ratio", "records"):
        named = metric.name.removesuffix("_total").endswith(f"_{unit}")
        assert not named or metric.unit == unit


def test_no_name_stands_twice() -> None:
    assert len({metric.name for metric in CATALOGUE}) == len(CATALOGUE)


def test_what_the_ledger_can_correct_is_never_a_counter() -> None:
    assert {metric.kind for metric in FIGURES} == {"gauge"}
    assert CATALOGUE == FIGURES + PROCESS

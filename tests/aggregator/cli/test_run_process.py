"""`run` as a process: it serves, is looked at by others, and ends when it is asked to."""

import json
import signal

import pytest

from bus.contract import AnyEvent
from tests.aggregator.cli.conftest import Aggregator, Place
from tests.aggregator.cli.process import aggregating
from tests.aggregator.ingest.stories import FIRST, days, history

EVENTS: list[AnyEvent] = [history(f"S{n}", day) for n in range(3) for day in days(FIRST, 35)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_it_ends_with_everything_durable(
    aggregator: Aggregator, place: Place, number: int
) -> None:
    place.fill(EVENTS[:50])
    with aggregating(place) as at_work:
        at_work.until("checkpoint written")
        place.fill(EVENTS[50:])
        code, words = at_work.leave(number)
    assert (code, "Traceback" in words) == (0, False)
    told = aggregator("run", "--bus", place.bus, "--state", place.state, "--until-end")
    assert told.code == 0
    drive_days = aggregator("models", "--state", place.state, "--format", "json").out
    assert '"drive_days": 105' in drive_days


def test_models_can_be_asked_while_an_aggregator_runs(aggregator: Aggregator, place: Place) -> None:
    place.fill(EVENTS)
    with aggregating(place) as at_work:
        for _ in ("of nothing", "of everything"):
            at_work.until("checkpoint written")
        told = aggregator("models", "--state", place.state, "--format", "csv")
        assert told.code == 0
        assert told.out.splitlines()[1].startswith("Seagate,ST4000DM000,3,3,105,0,")


def test_it_serves_what_it_has_read(place: Place) -> None:
    place.fill(EVENTS)
    with aggregating(place) as at_work:
        metrics = at_work.get("metrics", 'drivefleet_fleet_drive_days{window="lifetime"} 105')
        life = at_work.get("api/v1/drives/S1", "{")
        models = at_work.get("api/v1/models", "{")
    for line in (
        'drivefleet_events_total{kind="snapshot",result="new"} 105',
        'drivefleet_events_total{kind="verdict",result="known"} 0',
        'drivefleet_rejected_total{reason="bad_day"} 0',
        'drivefleet_consumer_lag_records{partition="0"} 0',
    ):
        assert line in metrics
    assert json.loads(life)["drive_days"] == 35
    assert json.loads(models)["models"][0]["drives"] == 3

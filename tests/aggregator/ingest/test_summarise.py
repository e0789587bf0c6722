"""One ledger to its summary; its numbers are compared with the naive way in test_pipeline."""

from datetime import timedelta

from msgspec.structs import replace

from aggregator.ingest.calendar import to_day
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.naming import Cohort, Naming
from aggregator.ingest.summarise import summarise
from aggregator.ingest.summary import Standing, Summary
from bus.contract import AnyEvent, Place, Snapshot
from tests.aggregator.ingest.facts import ledger_of
from tests.aggregator.ingest.stories import FIRST, absence, days, history, snapshot, verdict

DAY = to_day(FIRST)


def summary_of(*events: AnyEvent, as_of: int = DAY + 9) -> Summary:
    spans = ((DAY, DAY + 4), (DAY, as_of))
    return summarise(ledger_of(events), DAY, as_of, spans, Naming())


def in_(datacenter: str, event: Snapshot) -> Snapshot:
    return replace(event, place=Place(datacenter=datacenter))


def test_drive_days_stand_in_the_datacenter_of_their_day() -> None:
    told = [in_("ams", history("S1", day)) for day in days(FIRST, 3)]
    told += [in_("sac", history("S1", day)) for day in days(FIRST + timedelta(days=3), 4)]
    drive_days = summary_of(*told).drive_days
    ams, sac = (Cohort("Seagate", "ST4000DM000", "data", site) for site in ("ams", "sac"))
    assert drive_days[ams].tolist() == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert drive_days[sac].tolist() == [0, 0, 0, 1, 1, 1, 1, 0, 0, 0]


def test_a_role_is_that_of_the_latest_day_up_to_the_summarys() -> None:
    boot = replace(history("S1", FIRST + timedelta(days=5)), role="boot")
    assert {c.role for c in summary_of(history("S1"), boot, as_of=DAY + 4).drive_days} == {"data"}
    assert {c.role for c in summary_of(history("S1"), boot, as_of=DAY + 5).drive_days} == {"boot"}


def test_drives_seen_are_told_by_span() -> None:
    told = [history("S1"), history("S2", FIRST + timedelta(days=6))]
    ((_, seen),) = summary_of(*told).seen.items()
    assert seen.tolist() == [1, 2]


def test_a_drive_is_active_that_was_present_on_one_of_the_last_two_days() -> None:
    last = FIRST + timedelta(days=9)
    told = [history(f"S{n}", last - timedelta(days=n)) for n in range(4)]
    summary = summary_of(*told)
    cohort = Cohort("Seagate", "ST4000DM000", "data", "")
    assert summary.active[cohort].drives == 2
    assert summary.unaccounted[cohort].drives == 2
    assert summary.present.total() == 1


def test_ages_are_summed_over_the_drives_whose_age_is_known() -> None:
    told = [replace(history("S1"), power_on_hours=24 * 5), history("S2")]
    summary = summary_of(*told, as_of=DAY + 1)
    assert list(summary.active.values()) == [Standing(drives=2, age_days=6, aged=1)]


def test_a_drive_of_which_more_was_said_has_a_row_of_its_own() -> None:
    told: list[AnyEvent] = [
        history("S1", failure=True),
        in_("ams", snapshot("S2")),
        verdict("S2"),
        history("S3"),
    ]
    summary = summary_of(*told, in_("sac", snapshot("S2", FIRST + timedelta(days=2))))
    first, second = sorted(summary.spoken, key=lambda drive: drive.key)
    assert (first.failures, first.verdicts, first.presence) == ((DAY,), {}, ((DAY, DAY),))
    assert second.presence == ((DAY, DAY), (DAY + 2, DAY + 2))
    assert second.datacenters == ((DAY, DAY + 1, "ams"), (DAY + 2, DAY + 2, "sac"))
    assert list(second.verdicts) == ["v1"]
    assert sum(standing.drives for standing in summary.unaccounted.values()) == 1


def test_what_is_said_of_later_days_does_not_show() -> None:
    later = FIRST + timedelta(days=3)
    told = [history("S1"), history("S1", later, failure=True), history("S2", later)]
    summary = summary_of(*told, as_of=DAY + 2)
    assert summary.spoken == []
    assert sum(standing.drives for standing in summary.active.values()) == 0
    assert sum(standing.drives for standing in summary.unaccounted.values()) == 1


def test_a_drive_that_was_spoken_of_and_never_seen_is_in_no_count() -> None:
    summary = summary_of(verdict("S1"), absence("S2"))
    assert summary == summarise(Ledger(), DAY, DAY + 9, summary.spans, Naming())

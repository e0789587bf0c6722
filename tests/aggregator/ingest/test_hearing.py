"""What hosts and operators say besides snapshots, in the ledger's words."""

from datetime import UTC, date, datetime

from msgspec.structs import replace

from aggregator.ingest.calendar import to_day
from aggregator.ingest.hearing import hear_absence, hear_inventory, hear_verdict
from aggregator.ingest.ledger import NEVER, Absent, Ledger, Told
from bus.contract import Place
from tests.aggregator.ingest.stories import FIRST, absence, inventory, verdict

DAY = to_day(FIRST)


def test_a_verdict_is_kept_whole() -> None:
    ledger = Ledger()
    given_at = datetime(2026, 4, 10, 12, 0, 0, 123_400, tzinfo=UTC)
    told = replace(
        verdict(" S:1 ", model="WDC WUH7", id="v9", verb="maintenance", given_at=given_at),
        until=date(2026, 3, 1),
        reason="a ticket\nof two lines",
    )
    assert hear_verdict(ledger, told)
    assert not hear_verdict(ledger, told)
    assert list(ledger.rows) == ["S%3A1:WUH7"]
    assert ledger.verdicts == {
        0: {
            "v9": Told(
                "maintenance",
                DAY,
                to_day(date(2026, 3, 1)),
                "",
                round(given_at.timestamp() * 1000),
                "ann",
                "a ticket\nof two lines",
            )
        }
    }


def test_a_verdict_without_an_end_is_of_its_day() -> None:
    ledger = Ledger()
    hear_verdict(ledger, verdict())
    assert ledger.verdicts[0]["v1"].until == NEVER


def test_of_one_hosts_absences_of_a_day_the_larger_stands() -> None:
    said = replace(absence(), last_hosts=("b", "a"))
    for order in ((said, replace(said, together=2)), (replace(said, together=2), said)):
        ledger = Ledger()
        for event in order:
            hear_absence(ledger, event)
        assert ledger.absences == {0: {("pod-1", DAY): Absent(2, 12, ("a", "b"), DAY - 1)}}


def test_an_inventory_of_each_host_and_day_is_kept() -> None:
    ledger = Ledger()
    later = date(2026, 3, 5)
    events = [inventory(), inventory("pod-2"), inventory(day=later), inventory(present=3)]
    assert [hear_inventory(ledger, event) for event in events] == [True, True, True, False]
    placed = replace(inventory(present=40), place=Place(datacenter="ams"))
    assert hear_inventory(ledger, placed)
    reports = ledger.hosts.reports
    report = reports.pool.words[reports.runs.at(ledger.hosts.rows["pod-1"], DAY)]
    assert (report.drives_in_all, report.place[0]) == (40, "ams")
    between = reports.runs.at(ledger.hosts.rows["pod-1"], DAY + 1)
    assert between == -1, "a day without a report says nothing"

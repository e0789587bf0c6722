"""In which datacenter each drive stood in a quarter, against its days one by one."""

from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregator.ingest.calendar import first_day_of, quarter_of, to_day
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.naming import Named, Naming
from aggregator.ingest.sites import Sites
from bus.contract import Place, Snapshot
from tests.aggregator.ingest.facts import ledger_of, truth
from tests.aggregator.ingest.stories import DAYS, FIRST, snapshot, snapshots

QUARTER = quarter_of(to_day(FIRST))


def sites_of(ledger: Ledger) -> tuple[Sites, list[str]]:
    """And the datacenters' names, by number."""
    named = Named(ledger, Naming())
    names = [named.cohort(number).datacenter for number in range(named.datacenters)]
    return Sites(ledger.where.runs, named.sites), names


def stood(datacenter: str, offset: int, serial: str = "S1") -> Snapshot:
    event = snapshot(serial, FIRST + timedelta(days=offset))
    return replace(event, place=Place(datacenter=datacenter))


@given(st.lists(snapshots(), min_size=1, max_size=30))
@settings(max_examples=200)
def test_every_drive_day_has_its_datacenter(events: list[Snapshot]) -> None:
    ledger, naive = ledger_of(events), truth(events)
    sites, names = sites_of(ledger)
    for row, key in enumerate(ledger.rows):
        for day, said in naive.days[key].items():
            of_quarter, moved = sites.of_block((quarter_of(day), 0))
            own = moved.pick((moved.rows == row) & (moved.firsts <= day) & (day <= moved.lasts))
            site = own.sites[0] if row in moved.rows else of_quarter[row]
            assert names[site] == said.place[0]
            assert len(own.rows) == (row in moved.rows), "each day belongs to one stay"


def test_a_drive_that_never_moved_has_no_stays() -> None:
    sites, names = sites_of(ledger_of([stood("ams", 0), stood("ams", 44)]))
    of_quarter, moved = sites.of_block((QUARTER, 0))
    assert names[of_quarter[0]] == "ams"
    assert len(moved.rows) == 0


def test_a_drive_that_moved_between_quarters_has_one_place_in_each() -> None:
    """So a fleet whose hosts are told their datacenter one day is not counted drive by drive."""
    april = 40
    told = [stood("", 0), stood("", april - 1), stood("ams", april), stood("ams", DAYS - 1)]
    sites, names = sites_of(ledger_of(told))
    for quarter, name in ((QUARTER - 9, ""), (QUARTER, ""), (QUARTER + 1, "ams")):
        of_quarter, moved = sites.of_block((quarter, 0))
        assert names[of_quarter[0]] == name
        assert len(moved.rows) == 0


def test_a_drive_that_moved_within_a_quarter_is_told_stay_by_stay() -> None:
    sites, names = sites_of(ledger_of([stood("sac", 0), stood("ams", 9), stood("sac", 11)]))
    _, moved = sites.of_block((QUARTER, 0))
    assert [names[site] for site in moved.sites] == ["sac", "ams", "sac"]
    assert moved.lasts[:2].tolist() == [to_day(FIRST) + 8, to_day(FIRST) + 10]


def test_stays_in_one_datacenter_under_several_hosts_are_one() -> None:
    told = [stood("ams", 0), replace(stood("ams", 5), host="pod-9"), stood("sac", 9)]
    sites, names = sites_of(ledger_of(told))
    _, moved = sites.of_block((QUARTER, 0))
    assert [names[site] for site in moved.sites] == ["ams", "sac"]
    assert moved.lasts[0] == moved.firsts[1] - 1 == to_day(FIRST) + 8
    assert first_day_of(QUARTER) > moved.firsts[0]


def test_rows_of_another_tile_are_left_to_it() -> None:
    sites, _ = sites_of(ledger_of([stood("ams", 0), stood("sac", 9)]))
    of_quarter, moved = sites.of_block((QUARTER, 1))
    assert len(moved.rows) == 0
    assert not np.any(of_quarter)

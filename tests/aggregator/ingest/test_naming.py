"""What people call a drive, and the aliases that merge names in figures only."""

import numpy as np
from hypothesis import given

from aggregator.ingest.naming import Cohort, Group, Named, Naming
from aggregator.ingest.runs import NOTHING, Numbers
from bus.contract import AnyEvent
from tests.aggregator.ingest.facts import facts_of, figures_of, ledger_of
from tests.aggregator.ingest.stories import history, stories


def test_a_model_is_named_without_its_maker_in_front() -> None:
    naming = Naming()
    assert naming.group("WDC  WUH721816ALE6L4", "data") == Group("WDC", "WUH721816ALE6L4", "data")
    assert naming.group("Hitachi HDS5C3030ALA630", "boot").manufacturer == "HGST"


def test_a_maker_that_only_the_raw_spelling_tells_is_taken_from_it() -> None:
    assert Naming().group("Seagate QQ1", "data") == Group("Seagate", "QQ1", "data")
    assert Naming().group("QQ1", "data").manufacturer == "unknown"


def test_an_alias_is_found_by_the_raw_and_by_the_normal_spelling() -> None:
    for alias in ("WDC WUH721816ALE6L4", "WUH721816ALE6L4"):
        naming = Naming({alias: "Ultrastar DC HC550"})
        assert naming.model("WDC WUH721816ALE6L4") == "Ultrastar DC HC550"
    assert Naming({"WDC WUH721816ALE6L4": "X"}).model("WUH721816ALE6L4") == "WUH721816ALE6L4"


def test_the_name_that_an_alias_leads_to_is_spelled_like_all_names() -> None:
    naming = Naming({"WUH721816ALE6L0": "WDC  WUH721816ALE6L4"})
    assert naming.group("WDC WUH721816ALE6L0", "data") == naming.group("WUH721816ALE6L4", "data")


@given(stories(min_size=1))
def test_aliases_merge_names_in_figures_and_leave_the_facts(events: list[AnyEvent]) -> None:
    aliases = {"WUH721816ALE6L4": "ST4000DM000", "Mystery X1": "ST4000DM000"}
    ledger = ledger_of(events)
    before = facts_of(ledger)
    merged, plain = figures_of(ledger, naming=Naming(aliases)), figures_of(ledger)
    assert facts_of(ledger) == before
    assert {row.model for row in merged.models} <= {"ST4000DM000"}
    assert merged.fleet == plain.fleet


def test_merged_models_add_up() -> None:
    ledger = ledger_of([history("S1"), history("S2", model="ST8000DM004", failure=True)])
    naming = Naming({"ST8000DM004": "ST4000DM000"})
    (row,) = (
        row
        for row in figures_of(ledger, naming=naming).models
        if (row.role, row.window) == ("data", "lifetime")
    )
    assert (row.drives, row.rate.drive_days, row.rate.failures) == (2, 2, 1)


@given(stories())
def test_words_lead_to_groups_and_datacenters(events: list[AnyEvent]) -> None:
    ledger = ledger_of(events)
    named = Named(ledger, Naming())
    for number, word in enumerate(ledger.what.pool.words):
        group = named.group(int(named.group_of(_column(number))[0]))
        assert group == Naming().group(word.raw_model, word.role)
        for at, place in enumerate(ledger.where.pool.words):
            site = int(named.sites[at])
            own = named.group_of(_column(number))[0] * named.datacenters + site
            assert named.cohort(int(own)) == Cohort(*group, place.datacenter)


def test_nothing_leads_to_nothing_and_nowhere() -> None:
    named = Named(ledger_of([history()]), Naming())
    assert named.group_of(_column(NOTHING)).tolist() == [NOTHING]
    assert named.sites[NOTHING] == 0
    empty = Named(ledger_of([]), Naming())
    assert (empty.groups, empty.datacenters) == (1, 1)
    assert empty.group_of(_column(NOTHING)).tolist() == [NOTHING]


def _column(number: int) -> Numbers:
    return np.array([number], dtype=np.int32)

"""Drives that are not there: when a host says so, of how many, and for how long."""

from agent.collect.absences import ANNOUNCE_DAYS
from bus.identity import drive_key
from tests.agent.collect.story import HOST, MODEL, Story, day, missing, sighting

SHELF = [f"Z{number:02}" for number in range(60)]


def test_a_drive_that_disappears_is_announced_the_next_day_and_not_on_its_last() -> None:
    host = Story()
    host.look(1, ["A", "B"])
    same_day = host.look(1, ["A"], hour=12)
    assert missing(same_day) == {}
    assert same_day.inventory is not None
    assert (same_day.inventory.complete, same_day.inventory.missing) == (True, 0)
    next_day = host.look(2, ["A"])
    absence = missing(next_day)["B"]
    assert (absence.day, absence.last_day, absence.host) == (day(2), day(1), HOST)
    assert (absence.last_hosts, absence.together, absence.held) == ((HOST,), 1, 2)
    assert next_day.inventory is not None
    assert next_day.inventory.missing == 1


def test_a_drive_pulled_and_put_back_on_one_day_is_announced_never() -> None:
    host = Story()
    host.look(1, ["A", "B"])
    host.look(1, ["A"], hour=12)
    host.look(1, ["A", "B"], hour=18)
    assert missing(host.look(2, ["A", "B"])) == {}


def test_a_missing_drive_is_announced_once_a_day_until_it_is_back() -> None:
    host = Story()
    host.look(1, ["A", "B"])
    for number in range(2, 6):
        assert set(missing(host.look(number, ["A"]))) == {"B"}
        assert missing(host.look(number, ["A"], hour=12)) == {}
    assert missing(host.look(6, ["A", "B"])) == {}
    assert missing(host.look(7, ["A"]))["B"].last_day == day(6)


def test_a_drive_that_came_back_is_announced_as_long_as_any_other() -> None:
    host = Story()
    host.look(1, ["A", "B"])
    host.look(40, ["A"])
    host.look(41, ["A", "B"])
    host.look(42, ["A"])
    assert set(missing(host.look(42 + ANNOUNCE_DAYS, ["A"]))) == {"B"}


def test_sixty_days_after_the_first_announcement_it_ends_and_the_drive_is_forgotten() -> None:
    host = Story()
    host.look(1, ["A", "B"])
    host.look(5, ["A"])
    assert set(missing(host.look(5 + ANNOUNCE_DAYS, ["A"]))) == {"B"}
    after = host.look(6 + ANNOUNCE_DAYS, ["A"])
    assert missing(after) == {}
    assert after.inventory is not None
    assert after.inventory.missing == 0
    assert set(host.roster.drives) == {drive_key("A", MODEL)}


def test_a_drive_last_announced_before_a_long_silence_is_not_taken_up_again() -> None:
    host = Story()
    host.look(1, ["A", "B"])
    host.look(2, ["A"])
    assert missing(host.look(3 + ANNOUNCE_DAYS, ["A"])) == {}


def test_a_shelf_pulled_within_two_days_is_told_together() -> None:
    """The numbers by which a reader holds back: 15 of 60 is no failure of 15 drives."""
    host = Story()
    host.look(1, SHELF)
    host.look(2, SHELF[8:])
    told = missing(host.look(3, SHELF[15:]))
    assert set(told) == set(SHELF[:15])
    assert {told[serial].together for serial in told} == {15}
    assert {told[serial].held for serial in SHELF[:8]} == {60}
    assert {told[serial].held for serial in SHELF[8:15]} == {52}


def test_a_shelf_stays_together_to_its_last_announcement() -> None:
    """Its first drives are over a day before the others: those must not look as if alone."""
    host = Story()
    host.look(1, ["A", "B", "C", "D"])
    host.look(2, ["A", "B"])
    told = {number: missing(host.look(number, ["A"])) for number in (3, 62, 63, 64)}
    assert [set(told[number]) for number in told] == [
        {"B", "C", "D"},
        {"B", "C", "D"},
        {"B"},
        set(),
    ]
    assert {told[number]["B"].together for number in (3, 62, 63)} == {3}
    assert set(host.roster.drives) == {drive_key("A", MODEL)}


def test_drives_lost_more_than_a_day_apart_are_not_together() -> None:
    host = Story()
    host.look(1, ["A", "B", "C"])
    host.look(2, ["A", "B"])
    host.look(3, ["A", "B"])
    told = missing(host.look(4, ["A"]))
    assert {serial: told[serial].together for serial in told} == {"B": 1, "C": 1}


def test_drives_lost_on_neighbouring_days_are_together() -> None:
    host = Story()
    host.look(1, ["A", "B", "C"])
    host.look(2, ["A", "C"])
    told = missing(host.look(3, ["A"]))
    assert {serial: told[serial].together for serial in told} == {"B": 2, "C": 2}


def test_what_grows_within_a_day_is_said_again() -> None:
    host = Story()
    host.look(1, ["A", "B", "C"])
    first = host.look(2, ["A"], known_serials=frozenset({"C"}))
    assert missing(first)["B"].together == 1
    again = missing(host.look(2, ["A"], hour=12))
    assert {serial: again[serial].together for serial in again} == {"B": 2, "C": 2}


def test_a_host_renamed_in_between_speaks_for_the_name_it_had() -> None:
    host = Story(host="old")
    host.look(1, ["A", "B"])
    host.host = "new"
    absence = missing(host.look(2, ["A"]))["B"]
    assert (absence.host, absence.last_hosts) == ("new", ("old",))


def test_a_host_renamed_on_the_last_day_speaks_for_both_names() -> None:
    host = Story(host="old")
    host.look(1, ["A", "B"])
    host.host = "new"
    host.look(1, ["A", "B"], hour=12)
    assert missing(host.look(2, ["A"]))["B"].last_hosts == ("new", "old")
    assert missing(host.look(3, ["A"]))["B"].last_hosts == ("new", "old")


def test_an_agent_that_was_reinstalled_announces_nothing() -> None:
    host = Story()
    told = host.look(1, ["A"])
    assert (missing(told), told.inventory and told.inventory.complete) == ({}, True)


def test_a_drive_whose_model_is_spelled_differently_now_is_not_missing() -> None:
    host = Story()
    host.look(1, ["A", sighting("B", model="WDC WD40EFRX")])
    assert missing(host.look(2, ["A", sighting("B", model="WD40EFRX-68N", on=day(2))])) == {}


def test_a_drive_known_by_its_wwn_only_is_not_missing() -> None:
    host = Story()
    host.look(1, ["A", sighting("B", wwn="5000c500a1b2c3d4")])
    bridged = sighting("USB-1", model="Bridge", wwn="5000c500a1b2c3d4", on=day(2))
    assert missing(host.look(2, ["A", bridged])) == {}


def test_a_drive_that_was_respelled_and_then_left_is_one_drive_that_left() -> None:
    """The old name must not come up again: it would count as a second drive that went."""
    host = Story()
    host.look(1, ["A", sighting("B", model="one")])
    host.look(2, ["A", sighting("B", model="two", on=day(2))])
    told = host.look(3, ["A"])
    assert [absence.drive.model for absence in told.absences] == ["two"]


def test_a_drive_without_wwn_is_not_found_in_another_without_one() -> None:
    host = Story()
    host.look(1, ["A", "B"])
    assert set(missing(host.look(2, ["A", "C"]))) == {"B"}


def test_an_excluded_drive_that_the_kernel_knows_is_not_missing() -> None:
    host = Story()
    host.look(1, ["A", "B", "C"])
    told = host.look(2, ["A"], known_serials=frozenset({"B"}))
    assert set(missing(told)) == {"C"}


def test_an_incomplete_inventory_says_nobody_is_absent() -> None:
    host = Story()
    host.look(1, ["A", "B"])
    told = host.look(2, ["A"], ended_well=False)
    assert missing(told) == {}
    assert told.inventory is not None
    assert told.inventory.missing == 1
    assert set(missing(host.look(2, ["A"], hour=12))) == {"B"}


def test_a_drive_that_sleeps_or_cannot_be_read_is_not_missing() -> None:
    host = Story()
    host.look(1, ["A", "B", "C"])
    assert missing(host.look(2, {"A": "read", "B": "asleep", "C": "unreadable"})) == {}

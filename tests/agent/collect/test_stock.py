"""What a pass adds to its day, and whether it was all there is."""

from collections.abc import Mapping
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from agent.collect.roster import RANK
from agent.collect.stock import Found, note_unfinished
from bus.contract import Signs, State
from bus.identity import drive_key
from tests.agent.collect.story import (
    BOOT_DRIVE,
    HOST,
    MODEL,
    Story,
    at,
    day,
    is_complete,
    missing,
    said,
    sighting,
)

LOST = ("/dev/sdx",)


def test_a_second_pass_of_the_day_adds_only_what_it_knows_better() -> None:
    host = Story()
    first = host.look(1, {"A": "read", "B": "asleep", "C": "unreadable"})
    assert said(first) == {"A": "read", "B": "asleep", "C": "unreadable"}
    second = host.look(1, {"A": "read", "B": "read", "C": "unreadable", "D": "asleep"}, hour=12)
    assert said(second) == {"B": "read", "D": "asleep"}
    third = host.look(1, {"A": "unreadable", "B": "asleep", "C": "asleep", "D": "read"}, hour=18)
    assert said(third) == {"C": "asleep", "D": "read"}
    assert third.keys == tuple(drive_key(serial, MODEL) for serial in "ABCD")


def test_a_sign_that_grew_since_the_last_pass_is_said_and_one_that_shrank_is_not() -> None:
    host = Story()
    host.look(1, [sighting("A", signs=Signs(health_failed=0, pending=8)), sighting("B")])
    grown = sighting("A", signs=Signs(health_failed=1, pending=8))
    assert said(host.look(1, [grown, sighting("B")], hour=12)) == {"A": "read"}
    less = sighting("A", signs=Signs(health_failed=0, pending=16))
    assert said(host.look(1, [less], hour=15)) == {"A": "read"}, "one of its signs grew"
    assert said(host.look(1, [grown], hour=18)) == {}, "both were said before"
    assert said(host.look(2, [sighting("A", on=day(2))])) == {"A": "read"}


def test_a_new_day_begins_anew() -> None:
    host = Story()
    host.look(1, ["A", "B"])
    told = host.look(2, {"A": "asleep"})
    assert (said(told), told.keys) == ({"A": "asleep"}, (drive_key("A", MODEL),))


def test_two_paths_to_one_drive_are_one_drive_by_its_best_word() -> None:
    host = Story()
    told = host.look(
        1,
        [
            sighting("A", "unreadable", path="/dev/sda"),
            sighting("A", "read", path="/dev/sdb"),
            sighting("A", "asleep", path="/dev/sdc"),
        ],
    )
    assert said(told) == {"A": "read"}
    assert told.inventory is not None
    assert (told.inventory.present, told.inventory.asleep, told.inventory.unreadable) == (1, 0, 0)


def test_an_inventory_counts_states_and_paths_without_identity() -> None:
    told = Story().look(1, {"A": "read", "B": "asleep", "C": "unreadable"}, unidentified=LOST)
    inventory = told.inventory
    assert inventory is not None
    assert (inventory.present, inventory.asleep, inventory.unreadable) == (1, 1, 2)
    assert (inventory.host, inventory.day, inventory.sent_at) == (HOST, day(1), at(1))
    assert not inventory.complete


def test_a_lost_permission_makes_no_drive_absent() -> None:
    host = Story()
    host.look(1, ["A", "B"])
    for number in range(2, 9):  # also after the days that excuse a path
        told = host.look(number, [], unidentified=("/dev/sda", "/dev/sdb"))
        assert (is_complete(told), missing(told)) == (False, {})


def test_a_host_without_a_data_drive_is_never_complete() -> None:
    host = Story()
    told = host.look(1, [sighting(BOOT_DRIVE, role="boot")])
    assert not is_complete(told)


def test_a_path_without_identity_for_three_days_is_excused_and_for_two_it_is_not() -> None:
    host = Story()
    host.look(1, ["A", "B"])
    complete = [is_complete(host.look(number, ["A"], unidentified=LOST)) for number in (2, 3, 4)]
    assert complete == [False, False, True]
    assert set(missing(host.look(5, ["A"], unidentified=LOST))) == {"B"}


def test_a_day_without_a_pass_excuses_nothing() -> None:
    host = Story()
    host.look(1, ["A"])
    told = [host.look(number, ["A"], unidentified=LOST) for number in (2, 4, 4, 9)]
    assert [is_complete(one) for one in told] == [False, False, False, True]


def test_a_new_host_excuses_no_path_before_its_third_day() -> None:
    host = Story()
    told = [host.look(number, ["A"], unidentified=LOST) for number in (1, 2, 3)]
    assert [is_complete(one) for one in told] == [False, False, True]


def test_a_path_that_was_identified_once_in_between_starts_again() -> None:
    host = Story()
    told = [
        host.look(1, ["A"], unidentified=LOST),
        host.look(2, ["A"], unidentified=LOST),
        host.look(3, ["A", "B"]),
        host.look(3, ["A"], unidentified=LOST, hour=12),
        host.look(4, ["A"], unidentified=LOST),
        host.look(5, ["A"], unidentified=LOST),
    ]
    assert [is_complete(one) for one in told] == [False, False, True, False, False, True]


def test_another_path_is_not_excused_with_the_first() -> None:
    host = Story()
    for number in (1, 2, 3):
        host.look(number, ["A"], unidentified=LOST)
    assert not is_complete(host.look(4, ["A"], unidentified=(*LOST, "/dev/sdy")))


def test_a_scan_that_failed_tells_nothing_of_paths() -> None:
    host = Story()
    told = [
        host.look(1, ["A"], unidentified=LOST),
        host.look(2, ["A"], unidentified=LOST),
        host.look(3, ["A"], ended_well=False),
        host.look(4, ["A"], unidentified=LOST),
    ]
    assert [is_complete(one) for one in told] == [False, False, False, True]


def cut(*serials: str, number: int = 1, hour: int = 6) -> Found:
    seen = [sighting(serial, on=day(number)) for serial in serials]
    return Found(
        day=day(number), started_at=at(number, hour), host=HOST, seen=seen, ended_well=False
    )


def test_a_pass_that_was_cut_short_tells_its_drives_and_no_inventory() -> None:
    told = note_unfinished(Story().roster, cut("A", "B"))
    assert (said(told), told.inventory, told.absences) == ({"A": "read", "B": "read"}, None, ())
    assert told.keys == (drive_key("A", MODEL), drive_key("B", MODEL))
    assert told.roster.last_pass == at(1)


def test_a_pass_that_was_cut_short_says_nothing_that_the_day_knows() -> None:
    host = Story()
    host.look(1, {"A": "read", "B": "asleep"})
    told = note_unfinished(host.roster, cut("A", "B", hour=12))
    assert said(told) == {"B": "read"}


def test_a_pass_that_was_cut_short_makes_nobody_absent_and_excuses_nothing() -> None:
    host = Story()
    host.look(1, ["A", "B"], unidentified=LOST)
    host.look(2, ["A", "B"], unidentified=LOST)
    host.roster = note_unfinished(host.roster, cut("A", number=3)).roster
    told = host.look(4, ["A"], unidentified=LOST)
    assert is_complete(told)
    assert missing(told)["B"].last_day == day(2)


SERIALS = ("A", "B", "C", "D")
STATES: tuple[State, ...] = ("read", "asleep", "unreadable")
look_around = st.tuples(
    st.integers(0, 2),  # days after the pass before
    st.dictionaries(st.sampled_from(SERIALS), st.sampled_from(STATES)),
    st.sampled_from([(), LOST]),
    st.booleans(),  # whether the scan ended well
    st.booleans(),  # whether the pass was cut short
)


@given(st.lists(look_around, min_size=1, max_size=14))
def test_whatever_comes_goes_and_sleeps_what_is_said_can_be_true(
    passes: list[tuple[int, Mapping[str, State], tuple[str, ...], bool, bool]],
) -> None:
    host, number, hour = Story(), 1, 0
    ranks: dict[tuple[date, str], int] = {}
    ever: set[str] = set()
    last_day: dict[str, date] = {}
    for later, seen, unidentified, ended_well, is_cut in passes:
        number, hour = (number + later, 1) if later else (number, hour + 1)
        today = day(number)
        sightings = [sighting(serial, state, on=today) for serial, state in seen.items()]
        if is_cut:
            found = Found(day=today, started_at=at(number, hour), host=HOST, seen=sightings)
            told = note_unfinished(host.roster, found)
            host.roster = told.roster
        else:
            told = host.look(
                number, sightings, hour=hour, unidentified=unidentified, ended_well=ended_well
            )
        ever |= set(seen)
        last_day |= dict.fromkeys(seen, today)
        for serial, state in said(told).items():
            assert seen[serial] == state
            assert RANK[state] > ranks.get((today, serial), 0), "said before, and as well"
            ranks[today, serial] = RANK[state]
        assert {serial for serial in seen if (today, serial) not in ranks} == set()
        assert set(told.keys) == {drive_key(one, MODEL) for on, one in ranks if on == today}
        for serial, absence in missing(told).items():
            assert told.inventory is not None
            assert serial in ever - set(seen)
            assert absence.last_day == last_day[serial] < absence.day == today
            assert 1 <= absence.together <= told.inventory.missing
            assert 1 <= absence.held <= len(SERIALS)
            assert absence.last_hosts == (HOST,)
            assert told.inventory.complete

"""Who was here: drives recognised without their own word, and what is worth remembering."""

import pytest

from agent.collect.roster import Roster, best_sightings, recognise
from bus.identity import drive_key
from tests.agent.collect.story import MODEL, Story, day, sighting

BOOT_1, BOOT_2 = "boot-1 seq 7", "boot-2 seq 7"


@pytest.fixture
def roster() -> Roster:
    """Of three drives, each known in a way of its own."""
    host = Story()
    host.look(
        1,
        [
            sighting("ZL2 ABC", wwn="5000c500a1b2c3d4"),
            sighting("ZL3", wwn="5000c500ffffffff"),
            sighting("USB9", path="/dev/sdu", instance=BOOT_1),
        ],
    )
    return host.roster


@pytest.mark.parametrize(
    ("serial", "wwn", "path", "instance", "expected"),
    [
        pytest.param("ZL3", "", "", "", "ZL3", id="by the kernel's serial"),
        pytest.param("ZL2 ABC", "", "", "", "ZL2 ABC", id="by a serial with a space"),
        pytest.param("", "5000c500a1b2c3d4", "", "", "ZL2 ABC", id="by its WWN"),
        pytest.param("ZL3", "5000c500a1b2c3d4", "", "", "ZL3", id="the serial before the WWN"),
        pytest.param("", "", "/dev/sdu", BOOT_1, "USB9", id="by its path, in one boot"),
        pytest.param("BRIDGE", "", "/dev/sdu", BOOT_1, "USB9", id="a bridge with its own serial"),
        pytest.param("", "", "/dev/sdu", BOOT_2, None, id="not by its path after a reboot"),
        pytest.param("", "", "/dev/sdu", "boot-1 seq 8", None, id="not after a device event"),
        pytest.param("", "", "/dev/sdv", BOOT_1, None, id="not by another path"),
        pytest.param("", "", "/dev/zl3", "", None, id="not by a path of which nothing is known"),
        pytest.param("", "", "", "", None, id="not by nothing"),
    ],
)
def test_a_drive_is_recognised_by_what_the_kernel_knows(
    roster: Roster, serial: str, wwn: str, path: str, instance: str, expected: str | None
) -> None:
    held = recognise(roster, serial=serial, wwn=wwn, path=path, instance=instance)
    assert (held and held.drive.serial) == expected


def test_of_two_paths_that_know_alike_the_first_by_name_stands_whichever_came_sooner() -> None:
    one, other = sighting("A", path="/dev/sda"), sighting("A", path="/dev/sdb")
    assert best_sightings([one, other]) == best_sightings([other, one]) == {one.key: one}


def test_a_respelled_drive_is_recognised_by_its_newest_name() -> None:
    host = Story()
    host.look(1, [sighting("A", model="one")])
    host.look(2, [sighting("A", model="two", on=day(2))])
    held = recognise(host.roster, serial="A", wwn="", path="", instance="")
    assert held is not None
    assert held.drive.model == "two"


def test_two_drives_here_with_one_serial_are_both_remembered() -> None:
    """Cheap drives share serials; a model of its own makes each a drive of its own."""
    host = Story()
    host.look(1, [sighting("0001", model="one"), sighting("0001", model="two")])
    assert set(host.roster.drives) == {"0001:one", "0001:two"}


def test_only_days_and_names_on_which_a_drive_was_last_held_are_remembered() -> None:
    host = Story(host="first")
    host.look(1, ["A", "B", "C"])
    host.look(2, ["A", "B"])
    host.host = "second"
    host.look(3, ["A", "B"])
    host.host = "third"
    host.look(4, ["A", "B"])
    assert host.roster.held == {day(1): 3, day(4): 2}
    assert [one.name for one in host.roster.names] == ["first", "third"]


def test_a_name_that_a_host_takes_again_tells_of_its_own_days() -> None:
    host = Story(host="one")
    host.look(1, ["A", "B"])
    host.host = "two"
    host.look(2, ["A", "C"])
    host.host = "one"
    told = host.look(3, ["A"])
    hosts = {absence.drive.serial: absence.last_hosts for absence in told.absences}
    assert hosts == {"B": ("one",), "C": ("two",)}


def test_today_holds_the_best_word_of_each_drive() -> None:
    host = Story()
    host.look(1, {"A": "read", "B": "unreadable"})
    host.look(1, {"A": "unreadable", "B": "asleep"}, hour=12)
    assert host.roster.today == {drive_key("A", MODEL): 3, drive_key("B", MODEL): 2}

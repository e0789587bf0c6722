"""Whole passes, from what smartctl prints to what lies in the spool."""

from datetime import UTC, datetime

import pytest

from agent.collect.collect import collect
from agent.spool import list_passes
from bus.belief import judge, window
from bus.program.errors import FailedError, UsageError
from tests.agent.collect.answers import as_output, told
from tests.agent.collect.story import at, day
from tests.agent.collect.world import ASLEEP, DENIED, World, gone, is_complete, said


def test_a_pass_lies_in_the_spool_with_all_that_it_found(pod: World) -> None:
    done = pod.collect()
    assert pod.spooled == [done]
    assert said(done) == {"A": "read", "B": "read", "C": "read"}
    assert (done.day, done.host, done.started_at) == (day(1), "pod-7", at(1))
    assert len(done.keys) == 3
    assert done.inventory is not None
    assert (done.inventory.complete, done.inventory.present) == (True, 3)
    assert done.inventory.smartctl_version == "7.3"
    assert done.inventory.agent_version


def test_everything_that_a_pass_says_is_believed(pod: World) -> None:
    pod.collect(1)
    pod.unplug("sdc")
    pod.says("sdb", ASLEEP)
    done = pod.collect(2)
    believed = window(at(2, 7))
    for event in (*done.snapshots, *done.absences, done.inventory):
        assert event is not None
        assert judge(event, believed) is None


def test_a_drive_that_is_pulled_is_announced_the_next_day(pod: World) -> None:
    pod.collect(1)
    pod.unplug("sdb")
    assert gone(pod.collect(1, 12)) == []
    assert gone(pod.collect(2)) == ["B"]
    assert gone(pod.collect(2, 12)) == []
    pod.plug("sdz", "B")
    assert gone(pod.collect(3)) == []


def test_a_sleeping_drive_is_there_by_the_kernels_serial(pod: World) -> None:
    pod.host.disk("sdb", "B")
    pod.collect(1)
    pod.says("sdb", ASLEEP)
    done = pod.collect(2)
    assert (said(done), gone(done), is_complete(done)) == (
        {"A": "read", "B": "asleep", "C": "read"},
        [],
        True,
    )
    pod.plug("sdb", "B")
    assert said(pod.collect(2, 12)) == {"B": "read"}


def test_a_sleeping_drive_that_nothing_identifies_makes_nobody_absent(pod: World) -> None:
    pod.collect(1)
    pod.says("sdb", ASLEEP)
    pod.unplug("sdc")
    done = pod.collect(2)
    assert (said(done), gone(done), is_complete(done)) == ({"A": "read"}, [], False)


def test_a_lost_permission_makes_nobody_absent(pod: World) -> None:
    pod.collect(1)
    for name in ("sda", "sdb", "sdc"):
        pod.says(name, DENIED)
    for number in range(2, 7):
        done = pod.collect(number)
        assert (said(done), gone(done), is_complete(done)) == ({}, [], False)


def test_a_path_that_is_ignored_may_stay_unidentified(pod: World) -> None:
    pod.configure(ignore=("/dev/sdq",))
    pod.says("sdq", DENIED)
    pod.collect(1)
    pod.unplug("sdc")
    done = pod.collect(2)
    assert (gone(done), is_complete(done)) == (["C"], True)


def test_an_excluded_drive_is_missing_only_where_the_kernel_knows_none(pod: World) -> None:
    pod.host.disk("sdb", "B")
    pod.collect(1)
    pod.configure(exclude=("/dev/sd[bc]",))
    done = pod.collect(2)
    assert (said(done), gone(done)) == ({"A": "read"}, ["C"])


def test_two_paths_to_one_drive_are_one(pod: World) -> None:
    pod.plug("sdd", "A")
    done = pod.collect()
    assert said(done) == {"A": "read", "B": "read", "C": "read"}
    assert len(done.keys) == 3


def test_a_drive_that_does_not_open_is_there_by_the_kernels_serial(pod: World) -> None:
    pod.host.disk("sdb", "B")
    pod.collect(1)
    opened = [{"name": f"/dev/{name}", "type": "sat"} for name in ("sda", "sdc")]
    denied = {"name": "/dev/sdb", "type": "sat", "open_error": "Permission denied"}
    pod.scan_says({"says": as_output(told(devices=[*opened, denied]))})
    done = pod.collect(2)
    assert said(done) == {"A": "read", "B": "unreadable", "C": "read"}
    assert (gone(done), is_complete(done)) == ([], True)


def test_a_scan_that_fails_makes_nobody_absent(pod: World) -> None:
    pod.collect(1)
    pod.configure(devices=("/dev/sda",))
    pod.scan_says({"ends": 1})
    done = pod.collect(2)
    assert (said(done), gone(done), is_complete(done)) == ({"A": "read"}, [], False)


def test_an_agent_without_its_roster_announces_nothing(pod: World) -> None:
    pod.collect(1)
    pod.unplug("sdb")
    (pod.settings.state / "roster.json").unlink()
    done = pod.collect(2)
    assert (gone(done), is_complete(done)) == ([], True)


def test_a_drive_that_hangs_costs_its_deadline_and_no_other_drive(pod: World) -> None:
    pod.configure(deadline_s=1)
    pod.says("sdb", {"hangs": True})
    done = pod.collect()
    assert (said(done), is_complete(done)) == ({"A": "read", "C": "read"}, False)


def test_a_clock_that_went_back_is_refused_with_what_to_do(pod: World) -> None:
    pod.collect(9)
    with pytest.raises(
        FailedError, match=r"not after the last pass .* set it; .*roster\.json away"
    ):
        pod.collect(2)
    assert len(pod.spooled) == 1
    pod.collect(10)


def test_a_clock_that_was_never_set_is_refused_and_nothing_is_read(pod: World) -> None:
    smartctl = pod.prepare()
    with pytest.raises(FailedError, match="set it"):
        collect(pod.settings, clock=lambda: datetime(1970, 1, 1, tzinfo=UTC), root=pod.host.root)
    assert smartctl.started == []
    assert pod.spooled == []


def test_a_damaged_roster_is_named_and_nothing_is_read(pod: World) -> None:
    pod.collect(1)
    (pod.settings.state / "roster.json").write_bytes(b"{")
    with pytest.raises(FailedError, match=r"roster\.json is damaged"):
        pod.collect(2)
    assert len(pod.spooled) == 1


def test_a_host_without_smartctl_is_told_so_and_loses_nothing(pod: World) -> None:
    pod.collect(1)
    smartctl = pod.settings.smartctl
    pod.configure(smartctl="no-such-smartctl")
    with pytest.raises(UsageError, match="smartctl is not installed"):
        pod.collect(2)
    pod.configure(smartctl=smartctl)
    pod.unplug("sdb")
    assert gone(pod.collect(3)) == ["B"]


def test_the_spool_is_bounded_after_each_pass(pod: World) -> None:
    for number in range(1, 5):
        pod.collect(number)
    pod.configure(spool_days=1, spool_max_bytes=1)
    pod.collect(5)
    assert [path.name[:8] for path in list_passes(pod.settings.spool)] == ["20261204", "20261205"]

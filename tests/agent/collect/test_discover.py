"""Finding drives: the scan, what is configured, what is left out, and scans that fail."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.collect.discover import Scan, discover
from agent.config import AgentSettings, Device
from bus.program.errors import UsageError
from tests.agent.collect.answers import as_output, told
from tests.agent.collect.fake_smartctl import FakeSmartctl

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
SDA, SDB = {"name": "/dev/sda", "type": "sat"}, {"name": "/dev/sdb", "type": "scsi"}
LOCKED = SDB | {"open_error": "/dev/sdb failed: Permission denied"}


class Host:
    """A host whose scan goes as told; `-j` ends both scans' arguments, so they are told alike."""

    def __init__(self, folder: Path, behaviour: Mapping[str, object]) -> None:
        self.fake = FakeSmartctl(folder, {"-j": behaviour})

    def discover(self, **settings: object) -> Scan:
        given = AgentSettings(smartctl=str(self.fake.path), **settings)  # type: ignore[arg-type]  # a test's own names
        return discover(given, clock=lambda: NOW)


def scans(*entries: Mapping[str, str]) -> dict[str, object]:
    return {"says": as_output(told(devices=list(entries)))}


def test_a_scan_finds_drives_with_their_types_by_path(tmp_path: Path) -> None:
    host = Host(tmp_path, scans(SDB, SDA))
    found = host.discover()
    assert found.devices == (Device("/dev/sda", "sat"), Device("/dev/sdb", "scsi"))
    assert (found.unopened, found.ended_well, found.detail) == ((), True, "")
    assert found.smartctl_version == "7.3"
    assert host.fake.started == ["--scan-open -j"]


def test_a_host_without_drives_ended_well(tmp_path: Path) -> None:
    found = Host(tmp_path, {"says": as_output(told())}).discover()
    assert (found.devices, found.unopened, found.ended_well) == ((), (), True)


def test_a_drive_that_does_not_open_is_unreadable_with_the_reason(tmp_path: Path) -> None:
    found = Host(tmp_path, scans(SDA, LOCKED)).discover()
    assert found.devices == (Device("/dev/sda", "sat"),)
    (reading,) = found.unopened
    assert reading.device == Device("/dev/sdb", "scsi")
    assert (reading.state, reading.reason, reading.observed_at) == ("unreadable", "permission", NOW)
    assert "Permission denied" in reading.detail
    assert found.ended_well


def test_an_entry_named_twice_is_read_once(tmp_path: Path) -> None:
    assert len(Host(tmp_path, scans(SDA, SDA)).discover().devices) == 1


def test_a_configured_device_replaces_the_scanned_one(tmp_path: Path) -> None:
    found = Host(tmp_path, scans(SDA, LOCKED)).discover(
        devices=("/dev/sdb -d megaraid,3", "/dev/sdb -d megaraid,4", "/dev/sdz")
    )
    assert found.devices == (
        Device("/dev/sda", "sat"),
        Device("/dev/sdb", "megaraid,3"),
        Device("/dev/sdb", "megaraid,4"),
        Device("/dev/sdz", ""),
    )
    assert found.unopened == ()


def test_a_configured_drive_behind_a_controller_leaves_its_neighbours(tmp_path: Path) -> None:
    behind = [{"name": "/dev/bus/0", "type": f"megaraid,{number}"} for number in (0, 1)]
    found = Host(tmp_path, scans(*behind)).discover(devices=("/dev/bus/0 -d megaraid,7",))
    assert [device.type for device in found.devices] == ["megaraid,0", "megaraid,1", "megaraid,7"]


def test_patterns_say_what_is_read(tmp_path: Path) -> None:
    host = Host(tmp_path, scans(SDA, LOCKED, {"name": "/dev/nvme0", "type": "nvme"}))
    only = host.discover(include=("/dev/sd*",))
    assert [device.path for device in only.devices] == ["/dev/sda"]
    assert only.excluded == ("/dev/nvme0",)
    without = host.discover(exclude=("/dev/sd*",), devices=("/dev/sdc",))
    assert [device.path for device in without.devices] == ["/dev/nvme0"]
    assert without.unopened == ()
    assert without.excluded == ("/dev/sda", "/dev/sdb", "/dev/sdc")


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "/dev/sda", "type": "sat -t long"},
        {"name": "/dev/../etc/shadow", "type": "sat"},
        {"name": "-t", "type": "sat"},
        {"type": "sat"},
    ],
)
def test_what_smartctl_must_not_be_given_is_unreadable(
    tmp_path: Path, entry: dict[str, str]
) -> None:
    found = Host(tmp_path, scans(SDA, entry)).discover()
    assert found.devices == (Device("/dev/sda", "sat"),)
    assert [reading.reason for reading in found.unopened] == ["unsupported"]


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ({"hangs": True}, "in time"),
        ({"says": b""}, "no JSON"),
        ({"says": b"\xff\xfe[1, 2"}, "no JSON"),
        ({"says": b"[1, 2]"}, "no JSON"),
        ({"says": b'{"devices": [{"name": "/dev/sda"}]}'}, "no JSON"),
        ({"says": b"{", "dies": True}, "SIGKILL"),
        ({"goes_on": True}, "more than"),
        ({"says": as_output(told(1)), "ends": 1}, "ended with 1"),
    ],
)
def test_a_scan_that_fails_says_why_and_keeps_what_is_configured(
    tmp_path: Path, behaviour: dict[str, object], why: str
) -> None:
    host = Host(tmp_path, behaviour)
    found = host.discover(devices=("/dev/sdz",), deadline_s=1)
    assert found.devices == (Device("/dev/sdz", ""),)
    assert not found.ended_well
    assert why in found.detail
    assert host.fake.started == ["--scan-open -j", "--scan -j"]


def test_entries_of_any_shape_lose_no_drive(tmp_path: Path) -> None:
    odd: list[object] = [None, 7, [], {"name": 5}, {"name": ["/dev/sdx"]}, SDA]
    host = Host(tmp_path, {"says": as_output(told(devices=odd))})
    assert host.discover().devices == (Device("/dev/sda", "sat"),)


def test_a_host_without_smartctl_is_told_so() -> None:
    with pytest.raises(UsageError, match="smartctl is not installed"):
        discover(AgentSettings(smartctl="no-such-smartctl"))

"""Reading drives side by side, with a smartctl that hangs, dawdles, lies and dies."""

import shutil
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.collect.read import read_drives
from agent.collect.reading import Reading
from agent.config import AgentSettings, Device
from bus.program.errors import UsageError
from tests.agent.collect.answers import as_output, sata_drive, told
from tests.agent.collect.fake_smartctl import FakeSmartctl

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
SAS = told(
    device={"name": "/dev/sdb", "type": "scsi", "protocol": "SCSI"},
    scsi_vendor="SEAGATE",
    scsi_product="ST10000NM0096",
    serial_number="ZA2",
)


class Host:
    """Devices by path, each with what its smartctl does."""

    def __init__(self, folder: Path, behaviours: Mapping[str, Mapping[str, object]]) -> None:
        self.fake = FakeSmartctl(folder, behaviours)
        self.devices = [Device(path) for path in behaviours]
        self.done: list[Reading] = []

    def read(self, *, deadline_s: int = 30, parallel: int = 4) -> dict[str, Reading]:
        settings = AgentSettings(
            smartctl=str(self.fake.path), deadline_s=deadline_s, parallel=parallel
        )
        readings = read_drives(settings, self.devices, clock=lambda: NOW, done=self.done.append)
        assert readings == self.done
        return {reading.device.path: reading for reading in readings}


def healthy(serial: str) -> dict[str, object]:
    return {"says": as_output(sata_drive(serial))}


def test_each_drive_costs_exactly_one_process(tmp_path: Path) -> None:
    """pySMART would start eight for a SAS drive, five of which wake it."""
    host = Host(tmp_path, {"/dev/sda": healthy("Z1"), "/dev/sdb": {"says": as_output(SAS)}})
    readings = host.read()
    assert [reading.state for reading in readings.values()] == ["read", "read"]
    assert sorted(host.fake.started) == [
        f"--json=o -n standby --all {path}" for path in ("/dev/sda", "/dev/sdb")
    ]


def test_a_reading_says_when_it_was_made(tmp_path: Path) -> None:
    (reading,) = Host(tmp_path, {"/dev/sda": healthy("Z1")}).read().values()
    assert reading.observed_at == NOW


def test_readings_come_in_the_order_in_which_they_end(tmp_path: Path) -> None:
    goes = tmp_path / "goes"
    slow = healthy("Z1") | {"waits_for": str(goes)}
    host = Host(tmp_path, {"/dev/sda": slow, "/dev/sdb": healthy("Z2")})

    def note(reading: Reading) -> None:
        host.done.append(reading)
        goes.touch()

    settings = AgentSettings(smartctl=str(host.fake.path))
    read_drives(settings, host.devices, clock=lambda: NOW, done=note)
    assert [reading.device.path for reading in host.done] == ["/dev/sdb", "/dev/sda"]


def test_a_drive_that_hangs_costs_the_others_nothing(tmp_path: Path) -> None:
    host = Host(tmp_path, {"/dev/sda": {"hangs": True}, "/dev/sdb": healthy("Z2")})
    readings = host.read(deadline_s=4)
    assert (readings["/dev/sda"].state, readings["/dev/sda"].reason) == ("unreadable", "timeout")
    assert readings["/dev/sdb"].state == "read"
    assert host.done[0].device.path == "/dev/sdb"


def test_one_that_hangs_holds_up_only_its_own_place_in_the_queue(tmp_path: Path) -> None:
    drives = {f"/dev/sd{letter}": healthy(letter) for letter in "bcdef"}
    host = Host(tmp_path, {"/dev/sda": {"hangs": True}, **drives})
    readings = host.read(deadline_s=4, parallel=1)
    assert [reading.state for reading in readings.values()].count("read") == 5


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ({"says": b""}, "no JSON"),
        ({"says": b"\x00\xff\xfe garbage \x80"}, "garbage"),
        ({"says": b"[]"}, "[]"),
        ({"says": b"[" * 100_000}, "["),
        ({"says": b'{"serial_number": ' + b"9" * 5_000 + b"}"}, "serial_number"),
        ({"says": as_output(sata_drive("Z1"))[:-20]}, "smartctl"),
        ({"says": as_output(sata_drive("Z1")), "dies": True}, "SIGKILL"),
        ({"goes_on": True}, "more than"),
    ],
)
def test_what_is_no_answer_is_unreadable(
    tmp_path: Path, behaviour: dict[str, object], words: str
) -> None:
    host = Host(tmp_path, {"/dev/sda": behaviour, "/dev/sdb": healthy("Z2")})
    readings = host.read()
    broken = readings["/dev/sda"]
    assert (broken.state, broken.reason) == ("unreadable", "parse")
    assert words in broken.detail
    assert readings["/dev/sdb"].state == "read"


def test_bytes_that_are_no_utf_8_cost_a_drive_only_those(tmp_path: Path) -> None:
    spoilt = as_output(sata_drive("Z1", model_family="@")).replace(b"@", b"\xb5\xff")
    (reading,) = Host(tmp_path, {"/dev/sda": {"says": spoilt}}).read().values()
    assert reading.state == "read"
    assert reading.drive is not None
    assert reading.drive.serial == "Z1"


def test_an_interrupted_caller_waits_for_no_drive(tmp_path: Path) -> None:
    host = Host(tmp_path, {"/dev/sda": {"hangs": True}, "/dev/sdb": healthy("Z2")})

    def interrupt(reading: Reading) -> None:
        raise KeyboardInterrupt

    settings = AgentSettings(smartctl=str(host.fake.path), deadline_s=600)
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        read_drives(settings, host.devices, clock=lambda: NOW, done=interrupt)
    assert time.monotonic() - begun < 5


def test_no_devices_need_no_smartctl() -> None:
    settings = AgentSettings(smartctl="no-such-smartctl")
    assert read_drives(settings, [], clock=lambda: NOW, done=lambda reading: None) == []


def test_a_host_without_smartctl_is_told_so() -> None:
    settings = AgentSettings(smartctl="no-such-smartctl")
    with pytest.raises(UsageError, match="smartctl is not installed"):
        read_drives(settings, [Device("/dev/sda")], clock=lambda: NOW, done=lambda reading: None)


def test_the_real_smartctl_says_of_no_drive_that_there_is_none() -> None:
    if shutil.which("smartctl", path="/usr/sbin:/usr/local/sbin:/sbin") is None:
        pytest.skip("smartctl is not installed")
    (reading,) = read_drives(
        AgentSettings(), [Device("/dev/nope", "sat")], clock=lambda: NOW, done=lambda reading: None
    )
    assert (reading.state, reading.reason) == ("unreadable", "no_such_device")
    assert "No such device" in reading.detail

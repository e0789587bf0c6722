"""What QEMU is told, word for word where a mistake would show only inside a machine."""

import json
import shlex
from pathlib import Path

import pytest

from tests.machine.arguments import Value, device, network, quote, shared_folder
from tests.machine.drives import drive_arguments, drive_device, nvme, removable, sata, scsi


@pytest.mark.parametrize(
    ("value", "quoted"),
    [("plain", "plain"), ("a,b", "a,,b"), (",,", ",,,,"), (7, "7"), (True, "on"), (False, "off")],
)
def test_a_comma_is_doubled_and_a_truth_is_on_or_off(value: Value, quoted: str) -> None:
    assert quote(value) == quoted


def test_a_device_begins_with_its_driver() -> None:
    assert device({"serial": "A,B", "driver": "nvme"}) == ["-device", "nvme,serial=A,,B"]


def test_a_folder_is_read_only_unless_it_is_the_share() -> None:
    shown = shared_folder("show0", Path("/a,b"))[1]
    assert shown.startswith("local,path=/a,,b,mount_tag=show0,")
    assert shown.endswith(",readonly=on")
    assert "readonly" not in shared_folder("share", Path("/s"), writable=True)[1]


def test_the_network_leads_to_the_named_ports_only() -> None:
    connect = ["/a folder/python", "forward,1.py", "connect"]
    options = network([9092], [(19633, 9633)], connect)[1]
    assert options.startswith("user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:19633-:9633,")
    forward = options.partition("guestfwd=")[2].replace(",,", ",")
    target, _, command = forward.partition("-cmd:")
    assert target == "tcp:10.0.2.100:9092"
    assert shlex.split(command) == [*connect, "9092"]


def test_each_drive_has_its_place_and_what_can_be_pulled() -> None:
    drives = [sata("S1", model="ST12000NM0008-2H3101"), nvme("N1"), scsi("C1", vendor="ACME")]
    arguments = drive_arguments(drives)
    ids = [word.partition(",id=")[2].partition(",")[0] for word in arguments if ",id=" in word]
    assert ids == ["scsi", "port1", "controller1", "drive1", "port2", "drive2", "drive3"]
    pulled = [removable(drive, place) for place, drive in enumerate(drives, 1)]
    assert pulled == ["controller1", "drive2", "drive3"]


def test_a_drive_says_what_it_was_told_to() -> None:
    drive = sata("S1", model="ST12000NM0008-2H3101", rotation_rate=7200)
    told = drive_device(drive, 1)
    assert (told["serial"], told["model"]) == ("S1", "ST12000NM0008-2H3101")
    assert told["rotation_rate"] == 7200
    assert told["bus"] == "controller1.0"


def test_a_size_is_whole_sectors() -> None:
    arguments = drive_arguments([nvme("N1", size_bytes=1_000_000)])
    block = json.loads(arguments[arguments.index("-blockdev") + 1])
    assert block["size"] == 1_000_000 // 512 * 512

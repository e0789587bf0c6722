"""The agent's settings: what reaches smartctl, and what is refused with what to write instead."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.config import AgentSettings, Device, Site, load_settings, matches, parse_device
from bus.contract import Place
from bus.program.errors import UsageError


def load(
    folder: Path, toml: str = "", environ: Mapping[str, str] | None = None, **flags: object
) -> AgentSettings:
    file = folder / "drivefleet.toml"
    file.write_text(toml, encoding="utf-8")
    return load_settings(file, environ or {}, flags)


def test_without_anything_said_the_defaults_stand() -> None:
    assert load_settings(None, {}, {}) == AgentSettings()
    assert AgentSettings().boot is None


def test_a_file_says_everything(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        """
        bus = "sqlite:/tmp/log.db"
        [agent]
        host = "pod-7"
        spool = "/srv/spool"
        devices = ["/dev/sg3 -d megaraid,0", "/dev/sda"]
        exclude = ["/dev/sd[x-z]"]
        boot = ["S4EWNX0N", "/dev/sda"]
        deadline_s = 60
        place = { datacenter = "ams1", pod = "7" }
        """,
    )
    assert (settings.bus, settings.host, settings.spool) == (
        "sqlite:/tmp/log.db",
        "pod-7",
        Path("/srv/spool"),
    )
    assert settings.configured_devices == (Device("/dev/sg3", "megaraid,0"), Device("/dev/sda"))
    assert settings.host_place == Place(datacenter="ams1", pod="7")
    assert (settings.deadline_s, settings.boot) == (60, ("S4EWNX0N", "/dev/sda"))


def test_an_empty_list_of_boot_drives_is_not_the_same_as_none_given(tmp_path: Path) -> None:
    assert load(tmp_path, "[agent]\nboot = []").boot == ()


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    toml, environ = (
        '[agent]\nhost = "file"\nsmartctl = "file"',
        {"DRIVEFLEET_AGENT_HOST": "environment"},
    )
    assert load(tmp_path, toml, environ).host == "environment"
    assert load(tmp_path, toml, environ, host="flag").host == "flag"
    assert load(tmp_path, toml, environ, host=None).smartctl == "file"


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("[agent]\nexclud = []", "exclude"),
        ("[agent]\ndeadline_s = 0", "deadline_s"),
        ('[agent]\nplace = { datacentre = "ams1" }', "datacentre"),
        ('[agent]\nplace = { pod = "7\\u0007" }', "place.pod .* cannot be shown"),
        ("agent = 1", "table"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, toml: str, told: str) -> None:
    with pytest.raises(UsageError, match=rf"drivefleet\.toml.*{told}") as raised:
        load(tmp_path, toml)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ('[agent]\ndevices = ["sda"]', "device 'sda': 'sda' is not a path under /dev"),
        ('[agent]\nboot = ["/etc/x"]', "boot '/etc/x' is neither a serial nor a path under /dev"),
    ],
)
def test_a_wrong_device_is_named(tmp_path: Path, toml: str, told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        load(tmp_path, toml)


def test_a_place_that_is_too_long_for_an_event_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("place.vault has 300 characters")):
        Site(vault="x" * 300)


@pytest.mark.parametrize(
    ("entry", "device"),
    [
        ("/dev/sda", Device("/dev/sda")),
        ("  /dev/sda  ", Device("/dev/sda")),
        ("/dev/bus/0 -d megaraid,0", Device("/dev/bus/0", "megaraid,0")),
        ("/dev/sg3 -d areca,1/2", Device("/dev/sg3", "areca,1/2")),
        ("/dev/sdb -d sat+megaraid,12", Device("/dev/sdb", "sat+megaraid,12")),
        ("/dev/sdb -d jmb39x-q,0", Device("/dev/sdb", "jmb39x-q,0")),
        ("/dev/disk/by-id/ata-ST12_ZL2", Device("/dev/disk/by-id/ata-ST12_ZL2")),
        ("/dev/disk/by-path/pci-0000:00:1f.2", Device("/dev/disk/by-path/pci-0000:00:1f.2")),
    ],
)
def test_a_device_is_written_as_smartctl_takes_it(entry: str, device: Device) -> None:
    assert parse_device(entry) == device


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "sda",
        "/etc/passwd",
        "/dev/",
        "/dev/../etc/passwd",
        "/dev/.hidden",
        "/dev/-sda",
        "/dev/sda\n/dev/sdb",
        "/dev/sda; reboot",
        "/dev/$(reboot)",
        "/dev/sda -s off",
        "/dev/sda -d",
        "/dev/sda -d sat -s off",
        "/dev/sda -d -s",
        "/dev/sda -d sat;reboot",
        "--scan",
    ],
)
def test_nothing_but_a_device_and_its_type_reaches_smartctl(entry: str) -> None:
    with pytest.raises(ValueError, match=r"^device "):
        parse_device(entry)
    with pytest.raises(ValueError, match=r"^device "):
        AgentSettings(devices=(entry,))


@pytest.mark.parametrize("kind", ["megaraid,0", "sat+megaraid,12", "areca,1/2", "cciss,3"])
def test_a_numbered_drive_shares_its_node_with_others(kind: str) -> None:
    device = Device("/dev/sda", kind)
    assert device.is_one_of_many
    assert device.name == f"/dev/sda -d {kind}"


@pytest.mark.parametrize("kind", ["", "sat", "nvme", "scsi", "sat,12", "sat,auto", "nvme,1"])
def test_a_drive_with_a_node_of_its_own_is_named_by_its_path(kind: str) -> None:
    device = Device("/dev/sda", kind)
    assert not device.is_one_of_many
    assert device.name == "/dev/sda"


def test_patterns_are_the_shells() -> None:
    assert matches("/dev/sda", ("/dev/nvme*", "/dev/sd[ab]"))
    assert not matches("/dev/sdc", ("/dev/nvme*", "/dev/sd[ab]"))
    assert not matches("/dev/SDA", ("/dev/sda",))
    assert not matches("/dev/sda", ())

"""Settings are parsed strictly, and nothing but a device's path and type can come of an entry."""

from pathlib import Path

import pytest

from agent.config import AgentSettings, Device, load_settings, matches, parse_device
from bus.contract import Place
from bus.program.errors import UsageError


@pytest.mark.parametrize(
    ("entry", "device"),
    [
        ("/dev/sg3", Device("/dev/sg3")),
        ("/dev/sg3 -d megaraid,0", Device("/dev/sg3", "megaraid,0")),
        ("  /dev/bus/0   -d  sat+megaraid,12 ", Device("/dev/bus/0", "sat+megaraid,12")),
        ("/dev/sg2 -d areca,1/2", Device("/dev/sg2", "areca,1/2")),
        (
            "/dev/disk/by-path/pci-0000:00:1f.2-ata-1.0 -d sat",
            Device("/dev/disk/by-path/pci-0000:00:1f.2-ata-1.0", "sat"),
        ),
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
        "/dev/../etc/passwd",
        "/dev/./sda",
        "/dev//sda",
        "/dev/-x",
        "/dev/sda;reboot",
        "/dev/sda\n-d",
        "/dev/sda -d",
        "/dev/sda -s off",
        "/dev/sda -d sat -t long",
        "/dev/sda -d -n",
        "/dev/sda -d sat,$(x)",
        "/dev/sda -d SAT\u00e9",
    ],
)
def test_anything_else_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="device"):
        parse_device(entry)


def test_a_bad_device_in_the_file_is_a_usage_error_that_names_the_entry(tmp_path: Path) -> None:
    file = tmp_path / "drivefleet.toml"
    file.write_text('[agent]\ndevices = ["/dev/sda -s off"]\n')

    with pytest.raises(UsageError, match="/dev/sda -s off"):
        load_settings(file, {}, {})


def test_boot_names_serials_or_paths_under_dev() -> None:
    assert load_settings(None, {}, {"boot": ["ZL2ABC01", "/dev/sda"]}).boot == (
        "ZL2ABC01",
        "/dev/sda",
    )
    with pytest.raises(UsageError, match="/boot"):
        load_settings(None, {}, {"boot": ["/boot"]})


def test_the_file_gives_place_and_devices_and_flags_win(tmp_path: Path) -> None:
    file = tmp_path / "drivefleet.toml"
    file.write_text(
        'bus = "sqlite:/x"\n[agent]\ndeadline_s = 5\nspool = "/a"\n'
        'devices = ["/dev/sg3 -d megaraid,0"]\n[agent.place]\ndatacenter = "fra1"\npod = "7"\n'
    )

    settings = load_settings(file, {"DRIVEFLEET_AGENT_DEADLINE_S": "9"}, {"spool": "/b"})

    assert settings.bus == "sqlite:/x"
    assert settings.deadline_s == 9
    assert settings.spool == Path("/b")
    assert settings.configured_devices == (Device("/dev/sg3", "megaraid,0"),)
    assert settings.host_place == Place(datacenter="fra1", pod="7")


def test_an_unknown_place_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "drivefleet.toml"
    file.write_text('[agent.place]\ndatacentre = "fra1"\n')

    with pytest.raises(UsageError, match="datacentre"):
        load_settings(file, {}, {})


@pytest.mark.parametrize("key", ["deadline_s", "parallel", "spool_days", "spool_max_bytes"])
def test_a_bound_of_nothing_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match=key):
        load_settings(None, {}, {key: 0})


def test_patterns_are_those_of_the_shell() -> None:
    assert matches("/dev/sdb", ("/dev/nvme*", "/dev/sd[ab]"))
    assert not matches("/dev/sdc", ("/dev/nvme*", "/dev/sd[ab]"))
    assert not matches("/dev/sda", ())


def test_every_setting_has_a_default() -> None:
    assert AgentSettings() == load_settings(None, {}, {})

"""Which drive answered, and where it stands."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from agent.collect.host import Host
from agent.collect.identify import System, identify
from agent.collect.reading import Reading
from agent.collect.roster import Roster, Seen, begin_day, best_sightings, note_seen
from agent.config import AgentSettings, Device, Site
from bus.contract import Drive, Place, Signs, State
from tests.agent.collect.fake_host import FakeHost

NOW = datetime(2026, 12, 1, 23, 59, tzinfo=UTC)
LATER = datetime(2026, 12, 2, 0, 1, tzinfo=UTC)
SDA = Device("/dev/sda", "sat")
ZL2 = Drive("ZL2ABC01", "ST12000NM0008", wwn="5000c500a1b2c3d4")


def answer(drive: Drive | None, state: State = "read", device: Device = SDA) -> Reading:
    return Reading(device=device, observed_at=LATER, state=state, drive=drive)


@dataclass
class Agent:
    """Identifies drives of one host, and remembers those that it has seen."""

    host: FakeHost
    settings: AgentSettings = field(default_factory=AgentSettings)
    boot_id: str = "boot-1"
    roster: Roster = field(default_factory=Roster)

    def identify(self, reading: Reading) -> Seen | None:
        host, system = Host("pod-7", self.boot_id), System(self.host.root)
        one = identify(self.settings, host, self.roster, system, NOW, reading)
        if one is not None:
            begun = begin_day(self.roster, NOW.date(), "pod-7")
            self.roster = note_seen(begun, NOW.date(), best_sightings([one]))
        return one

    def who(self, reading: Reading) -> str | None:
        one = self.identify(reading)
        return None if one is None else one.snapshot.drive.serial


@pytest.fixture
def agent(fake_host: FakeHost) -> Agent:
    return Agent(fake_host)


def test_a_drive_is_whom_it_says_it_is_and_its_numbers_are_kept(agent: Agent) -> None:
    reading = Reading(
        device=SDA,
        observed_at=LATER,
        state="read",
        drive=ZL2,
        health="passed",
        power_on_hours=4103,
        temperature_celsius=31,
        signs=Signs(reallocated=2),
        smart={5: (100, 2)},
        nvme={"media_errors": 0},
        scsi={"grown_defects": 0},
    )
    one = agent.identify(reading)
    assert one is not None
    told = one.snapshot
    assert (told.drive, told.state, told.reason, told.host) == (ZL2, "read", "", "pod-7")
    assert (told.health, told.power_on_hours, told.temperature_celsius) == ("passed", 4103, 31)
    assert (told.signs, told.smart) == (Signs(reallocated=2), {5: (100, 2)})
    assert (told.nvme, told.scsi) == ({"media_errors": 0}, {"grown_defects": 0})


def test_a_pass_over_midnight_is_of_the_day_on_which_it_began(agent: Agent) -> None:
    one = agent.identify(answer(ZL2))
    assert one is not None
    assert (one.snapshot.day, one.snapshot.observed_at) == (NOW.date(), LATER)


def test_a_sleeping_drive_is_known_by_the_serial_that_the_kernel_read(agent: Agent) -> None:
    agent.host.disk("sda")
    agent.identify(answer(ZL2))
    agent.host.disk("sdb", "ZL2ABC01")
    one = agent.identify(answer(None, "asleep", Device("/dev/sdb", "sat")))
    assert one is not None
    assert (one.snapshot.drive, one.snapshot.state) == (ZL2, "asleep")


def test_a_sleeping_drive_is_known_by_its_wwn(agent: Agent) -> None:
    agent.identify(answer(ZL2))
    agent.host.disk("sdb", wwn="naa.5000c500a1b2c3d4")
    assert agent.who(answer(None, "asleep", Device("/dev/sdb", "sat"))) == "ZL2ABC01"


def test_a_sleeping_nvme_drive_is_known_by_its_controllers_serial(agent: Agent) -> None:
    drive = Drive("S4EWNX0N", "SAMSUNG MZVLB1T0")
    agent.identify(answer(drive, device=Device("/dev/nvme0", "nvme")))
    agent.host.nvme(3, "S4EWNX0N")
    assert agent.who(answer(None, "unreadable", Device("/dev/nvme3", "nvme"))) == "S4EWNX0N"


def test_a_sleeping_drive_is_known_by_its_path_in_the_same_boot(agent: Agent) -> None:
    agent.host.disk("sda", seq=7)
    agent.identify(answer(ZL2))
    assert agent.who(answer(None, "asleep")) == "ZL2ABC01"
    assert agent.who(answer(None, "asleep")) == "ZL2ABC01"


@pytest.mark.parametrize("boot_id", ["boot-2", ""])
def test_after_a_reboot_a_path_tells_nothing(agent: Agent, boot_id: str) -> None:
    agent.host.disk("sda", seq=7)
    agent.identify(answer(ZL2))
    agent.boot_id = boot_id
    assert agent.who(answer(None, "asleep")) is None


def test_where_the_boot_was_never_known_a_path_tells_nothing(agent: Agent) -> None:
    agent.host.disk("sda", seq=7)
    agent.boot_id = ""
    agent.identify(answer(ZL2))
    assert agent.who(answer(None, "asleep")) is None


def test_after_the_device_went_and_came_a_path_tells_nothing(agent: Agent) -> None:
    block = agent.host.disk("sda", seq=7)
    agent.identify(answer(ZL2))
    (block / "diskseq").write_text("8\n", encoding="utf-8")
    assert agent.who(answer(None, "asleep")) is None


def test_a_path_that_was_never_seen_is_nobody(agent: Agent) -> None:
    agent.host.disk("sda", "ZL9", seq=7)
    assert agent.who(answer(None, "asleep")) is None


def test_drives_behind_one_node_are_not_taken_for_each_other(agent: Agent) -> None:
    """The kernel knows the array at /dev/sda, and none of its drives."""
    agent.host.disk("sda", "ARRAY", seq=7)
    agent.identify(answer(ZL2, device=Device("/dev/sda", "megaraid,0")))
    assert agent.who(answer(None, "asleep", Device("/dev/sda", "megaraid,1"))) is None


def test_drives_behind_the_array_that_boots_are_data_drives(agent: Agent) -> None:
    agent.host.mount("/", agent.host.disk("sda"), "/dev/sda")
    one = agent.identify(answer(ZL2, device=Device("/dev/sda", "sat+megaraid,4")))
    assert one is not None
    assert one.snapshot.role == "data"


def test_a_drive_named_by_a_link_is_the_one_it_leads_to(agent: Agent) -> None:
    agent.host.mount("/", agent.host.disk("sda"), "/dev/sda")
    (agent.host.root / "dev/sda").touch()
    by_id = agent.host.root / "dev/disk/by-id"
    by_id.mkdir(parents=True)
    (by_id / "ata-ST12").symlink_to("../../sda")
    one = agent.identify(answer(ZL2, device=Device("/dev/disk/by-id/ata-ST12")))
    assert one is not None
    assert one.snapshot.role == "boot"


def test_a_drive_under_the_root_boots_and_the_others_hold_data(agent: Agent) -> None:
    agent.host.mount("/", agent.host.disk("sda"), "/dev/sda")
    agent.host.disk("sdb")
    roles = [
        one and one.snapshot.role
        for one in (
            agent.identify(answer(ZL2)),
            agent.identify(answer(Drive("ZL3", "ST1"), device=Device("/dev/sdb"))),
            agent.identify(answer(Drive("ZL4", "ST1"), device=Device("/dev/bus/0", "megaraid,2"))),
        )
    ]
    assert roles == ["boot", "data", "data"]


def test_a_drive_stands_where_host_and_enclosure_say(agent: Agent) -> None:
    agent.settings = AgentSettings(place=Site(datacenter="ams1", pod="7"))
    agent.host.disk("sda")
    agent.host.disk("sdb")
    agent.host.slot("0:0:5:0", "Slot 07", "sda", id="0x5003", slot="7")
    first, second = (
        agent.identify(answer(ZL2)),
        agent.identify(answer(ZL2, device=Device("/dev/sdb"))),
    )
    assert first is not None
    assert second is not None
    assert first.snapshot.place == Place(datacenter="ams1", pod="7", enclosure="0x5003", slot="7")
    assert second.snapshot.place == Place(datacenter="ams1", pod="7")


def test_a_configured_enclosure_stands_and_keeps_the_slot(agent: Agent) -> None:
    agent.settings = AgentSettings(place=Site(enclosure="shelf 3"))
    agent.host.disk("sda")
    agent.host.slot("0:0:5:0", "Slot 07", "sda", id="0x5003", slot="7")
    one = agent.identify(answer(ZL2))
    assert one is not None
    assert one.snapshot.place == Place(enclosure="shelf 3", slot="7")

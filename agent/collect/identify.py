"""Which drive answered: by its own word, else by what the kernel knows; and where it stands."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from agent.collect.boot import boot_disks, role_of
from agent.collect.host import Host
from agent.collect.reading import Reading
from agent.collect.roster import Roster, Seen, recognise
from agent.collect.sysfs import Node, look, slots
from agent.config import AgentSettings, Device
from bus import contract
from bus.contract import Place, Snapshot


class System:
    """What the kernel tells beside the drives, looked up once a pass."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root.resolve()
        self.boot = boot_disks(self._root)
        self.slots = slots(self._root / "sys")

    def node(self, device: Device) -> Node:
        """What the kernel knows of a device, by whichever link it is named; empty for those that
        share a node: it knows of the array, not of its drives."""
        path = (self._root / device.path.lstrip("/")).resolve()
        if device.is_one_of_many or path.parent != self._root / "dev":
            return Node()
        return look(path.name, self._root / "sys")


def identify(
    settings: AgentSettings,
    host: Host,
    roster: Roster,
    system: System,
    now: datetime,
    reading: Reading,
) -> Seen | None:
    """The drive behind a reading; None where neither it nor the kernel says who it is."""
    path = reading.device.path
    node = system.node(reading.device)
    instance = f"{host.boot_id} {node.instance}" if host.boot_id and node.instance else ""
    drive = reading.drive
    if drive is None:
        held = recognise(roster, serial=node.serial, wwn=node.wwn, path=path, instance=instance)
        if held is None:
            return None
        drive = held.drive
    role = role_of(settings, drive.serial, path, node.disks, system.boot)
    snapshot = Snapshot(
        schema=contract.SCHEMA,
        day=now.astimezone(UTC).date(),
        host=host.name,
        sent_at=now,
        drive=drive,
        observed_at=reading.observed_at,
        place=_place(settings, system, node.disks),
        role=role,
        state=reading.state,
        reason=reading.reason,
        health=reading.health,
        power_on_hours=reading.power_on_hours,
        temperature_celsius=reading.temperature_celsius,
        signs=reading.signs,
        smart=reading.smart,
        nvme=reading.nvme,
        scsi=reading.scsi,
    )
    return Seen(snapshot, path, instance)


def _place(settings: AgentSettings, system: System, disks: Iterable[str]) -> Place:
    """The host's place, with enclosure and slot where the enclosure tells them."""
    place = settings.host_place
    for disk in disks:
        if disk in system.slots:
            enclosure, slot = system.slots[disk]
            return msgspec.structs.replace(place, enclosure=place.enclosure or enclosure, slot=slot)
    return place

"""What one way to a drive answered, understood: handed from reading to the rest of a pass."""

from datetime import datetime

import msgspec

from agent.config import Device
from bus.contract import Drive, Health, Reason, Signs, State

NO_SIGNS = Signs()


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One device's answer. `drive` is None where it did not say who it is."""

    device: Device
    observed_at: datetime  # UTC
    state: State
    reason: Reason = ""  # only with state unreadable
    detail: str = ""  # for people: smartctl's own words on why
    drive: Drive | None = None
    health: Health = ""
    power_on_hours: int | None = None
    temperature_celsius: int | None = None
    signs: Signs = NO_SIGNS
    smart: dict[int, tuple[int | None, int | None]] = {}
    nvme: dict[str, int] = {}
    scsi: dict[str, int] = {}

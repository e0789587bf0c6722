"""Makes a reading of what smartctl answered (pure).

Rules:
- Whatever the answer holds there is a reading: a state, and a reason where the drive is unreadable.
- Who the drive is, its health and its numbers come from the JSON; pySMART's attribute table comes
  before the JSON's where it could read it.
"""

from datetime import datetime

from agent.collect.answer import Answer, Json, at, natural, shown, whole
from agent.collect.drive import read_drive
from agent.collect.reading import Reading
from agent.collect.signs import read_nvme, read_scsi, read_signs, read_smart
from agent.collect.why import (
    NOT_READ,
    detail,
    find_reason,
    is_asleep,
    said,
    why_nameless,
    why_unreadable,
)
from agent.config import Device
from bus.contract import Drive, Reason

COLDEST_CELSIUS, HOTTEST_CELSIUS = -60, 150
"""No drive works beyond these; 255 and the like stand for unknown."""


def understand(device: Device, answer: Answer, observed_at: datetime) -> Reading:
    """What the drive at this device said at that time. Never raises."""
    drive = read_drive(answer.json) if answer.json is not None else None
    if answer.timed_out:
        return _unreadable(device, observed_at, "timeout", "it did not answer in time", drive)
    status = exit_status(answer)
    if is_asleep(answer) and (status is None or status & NOT_READ):
        return Reading(device=device, observed_at=observed_at, state="asleep", drive=drive)
    if answer.error:
        reason = find_reason([answer.error], "parse")
        return _unreadable(device, observed_at, reason, shown(answer.error), drive)
    if answer.json is None:
        words = said(answer)
        reason = find_reason(words, "parse")
        return _unreadable(device, observed_at, reason, detail(words, "no JSON came"), drive)
    if status is not None and status & NOT_READ:
        return _unreadable(device, observed_at, *why_unreadable(answer, status), drive)
    if drive is None:
        return _unreadable(device, observed_at, *why_nameless(answer), None)
    return _read(device, observed_at, drive, answer, answer.json)


def exit_status(answer: Answer) -> int | None:
    """That of the process; of a recorded answer what its JSON says of it."""
    if answer.exit_status is not None:
        return answer.exit_status
    return natural(at(answer.json, "smartctl", "exit_status"))


def _read(
    device: Device, observed_at: datetime, drive: Drive, answer: Answer, told: Json
) -> Reading:
    smart = answer.attributes or read_smart(told)
    passed = at(told, "smart_status", "passed")
    known = passed if isinstance(passed, bool) else None
    return Reading(
        device=device,
        observed_at=observed_at,
        state="read",
        drive=drive,
        health="" if known is None else ("passed" if known else "failed"),
        power_on_hours=natural(at(told, "power_on_time", "hours")),
        temperature_celsius=_temperature(told),
        signs=read_signs(told, known, smart),
        smart=smart,
        nvme=read_nvme(told),
        scsi=read_scsi(told),
    )


def _temperature(told: Json) -> int | None:
    celsius = whole(at(told, "temperature", "current"))
    if celsius is None or not COLDEST_CELSIUS <= celsius <= HOTTEST_CELSIUS:
        return None
    return celsius


def _unreadable(
    device: Device, observed_at: datetime, reason: Reason, words: str, drive: Drive | None
) -> Reading:
    return Reading(
        device=device,
        observed_at=observed_at,
        state="unreadable",
        reason=reason,
        detail=words,
        drive=drive,
    )

"""Finds the ways to this host's drives: smartctl's own scan, and what is configured.

Rules:
- Nothing is dropped in silence: an entry that did not open is a reading with its reason.
- A scan that fails costs no drive that is configured, nor one that a plain scan still finds; what
  follows from its failure is for the caller, who is told.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from agent.collect.answer import Answer, Json, at, items, natural, parse_output, shown
from agent.collect.reading import Reading
from agent.collect.smartctl import Ran, find_smartctl, run
from agent.collect.why import detail, find_reason, said
from agent.config import DEVICE_PATH, DEVICE_TYPE, AgentSettings, Device, matches

SCAN_DEADLINES = 4
"""A scan opens the drives one after another: one that hangs until its own deadline, and the
others, must fit."""


class Scan(msgspec.Struct, frozen=True):
    """What there is to read, and whether that is all."""

    devices: tuple[Device, ...]
    unopened: tuple[Reading, ...]
    ended_well: bool
    detail: str = ""  # why it did not end well
    excluded: tuple[str, ...] = ()  # paths found, or configured, that the settings leave out
    smartctl_version: str = ""


def _now() -> datetime:
    return datetime.now(UTC)


def discover(settings: AgentSettings, *, clock: Callable[[], datetime] = _now) -> Scan:
    """The devices to read, by path, and the entries that did not open. Blocks.

    Raises UsageError when smartctl is not installed, nothing else.
    """
    smartctl = find_smartctl(settings.smartctl)
    deadline_s = settings.deadline_s * SCAN_DEADLINES
    ran = run([smartctl, "--scan-open", "-j"], deadline_s=deadline_s)
    told, why = _judge(ran)
    if told is None:
        # It opens no drive, so none can hang it; what type each has is found out by reading it.
        ran = run([smartctl, "--scan", "-j"], deadline_s=settings.deadline_s)
        told = _judge(ran)[0] or {}
    return _scan(settings, told, why, clock())


def _judge(ran: Ran) -> tuple[Json | None, str]:
    """(what the scan told, or None; why it failed, or "")."""
    told, lines = parse_output(ran.output)
    if ran.timed_out:
        return None, "the scan did not end in time: a drive hangs"
    if ran.error:
        return None, f"the scan failed: {shown(ran.error)}"
    words = said(Answer(lines=lines, json=told))
    if told is None or not isinstance(at(told, "smartctl"), dict):
        return None, f"the scan told no JSON (smartctl 7.0 or newer does): {detail(words, '')}"
    if ran.exit_status:
        return None, f"the scan ended with {ran.exit_status}: {detail(words, '')}"
    return told, ""


def _scan(settings: AgentSettings, told: Json, why: str, now: datetime) -> Scan:
    """The configured devices and the entries of a scan, filtered."""
    configured = settings.configured_devices
    taken = {device.path for device in configured}
    found: dict[Device, Reading | None] = dict.fromkeys(configured)
    for entry in items(told, "devices"):
        device = Device(shown(at(entry, "name")), shown(at(entry, "type")))
        if device.path not in taken or device.is_one_of_many:
            found.setdefault(device, _unopened(entry, device, now))
    wanted = {device for device in found if _is_wanted(settings, device.path)}
    readings = ((device, found[device]) for device in sorted(wanted))
    return Scan(
        devices=tuple(device for device in sorted(wanted) if found[device] is None),
        unopened=tuple(reading for _, reading in readings if reading is not None),
        ended_well=not why,
        detail=why,
        excluded=tuple(sorted({device.path for device in found.keys() - wanted})),
        smartctl_version=_version(told),
    )


def _version(told: Json) -> str:
    """Such as `7.3`."""
    numbers = [natural(each) for each in items(told, "smartctl", "version")[:3]]
    return "" if None in numbers else ".".join(map(str, numbers))


def _unopened(entry: object, device: Device, now: datetime) -> Reading | None:
    """Why an entry cannot be read; None when it can."""
    words = shown(at(entry, "open_error"))
    if not words and DEVICE_PATH.fullmatch(device.path) and _is_type(device.type):
        return None
    return Reading(
        device=device,
        observed_at=now,
        state="unreadable",
        reason=find_reason([words], "io_error") if words else "unsupported",
        detail=words or f"the scan names {device.path!a} -d {device.type!a}: not read",
    )


def _is_type(text: str) -> bool:
    return not text or DEVICE_TYPE.fullmatch(text) is not None


def _is_wanted(settings: AgentSettings, path: str) -> bool:
    included = not settings.include or matches(path, settings.include)
    return included and not matches(path, settings.exclude)

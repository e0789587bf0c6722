"""Who this host is: its name in events, and the boot it is in."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from agent.collect.sysfs import kernel_text
from agent.config import AgentSettings
from bus.program.errors import FailedError, UsageError
from bus.text import complaint

RELEASED = date(2026, 11, 23)
"""A clock before this day was never set: nothing of this version was made earlier."""
ID_CHARACTERS = 12
"""Of the machine-id's 32: enough to tell 355,000 drives' hosts apart, short enough to be read."""


_MACHINE_ID = re.compile(r"[0-9a-f]{32}")
"""An image that was never started says `uninitialized` instead, as its copies do."""


class Host(msgspec.Struct, frozen=True):
    """This machine, in this boot."""

    name: str
    boot_id: str  # "": unknown, so that no two passes are known to be of one boot


def this_host(settings: AgentSettings, root: Path = Path("/")) -> Host:
    """The configured name, else the host's name with its machine-id: `pod-1042/3f2a9c0d11e4`.

    Two machines with one host name stay two; a machine that is renamed is known by its id, and
    its roster remembers the names it had. Raises UsageError where there is neither.
    """
    name = settings.host or _own_name(root)
    if wrong := complaint(name):
        raise UsageError(f"the name of this host {wrong}; set `host` in [agent]")
    return Host(name, kernel_text(root / "proc/sys/kernel/random/boot_id"))


def refuse_wrong_clock(now: datetime, last_pass: datetime | None, roster: Path) -> None:
    """Raises FailedError while the clock is before this version, or not after the last pass."""
    if now.astimezone(UTC).date() < RELEASED:
        raise FailedError(
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, before this version was made: set it"
        )
    if last_pass is not None and now <= last_pass:
        raise FailedError(
            f"the clock says {now:%Y-%m-%d %H:%M:%S} UTC, not after the last pass"
            f" ({last_pass:%Y-%m-%d %H:%M:%S}): set it; if it was wrong then, move {roster} away"
            " (drives that are missing now are then not announced)"
        )


def _own_name(root: Path) -> str:
    machine_id = kernel_text(root / "etc/machine-id")
    if not _MACHINE_ID.fullmatch(machine_id):
        raise UsageError("/etc/machine-id holds no id of this machine: set `host` in [agent]")
    return f"{kernel_text(root / 'proc/sys/kernel/hostname')}/{machine_id[:ID_CHARACTERS]}"

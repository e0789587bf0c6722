"""The agent's settings: the `[agent]` table of the configuration file, its environment, its flags.

Rules:
- A device's path and type are matched strictly here, once: nothing else reaches smartctl's argv.
- The collecting side and the delivering side read the same settings and share no file but the
  spool, which only the collecting side writes.
"""

import fnmatch
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from bus.contract import Place
from bus.program.logs import LogFormat
from bus.program.settings import settle
from bus.text import complaint

NAME = r"[A-Za-z0-9][A-Za-z0-9#+.:=@_-]*"
DEVICE_PATH = re.compile(rf"/dev(?:/{NAME})+")
"""A device under /dev: no `..`, no white space, no part that begins with a dash or a dot."""
DEVICE_TYPE = re.compile(r"[a-z0-9][a-z0-9-]*(?:[+,/][A-Za-z0-9]+)*")
"""What smartctl's `-d` takes: `sat`, `megaraid,0`, `sat+megaraid,12`, `areca,1/2`, `jmb39x-q,0`."""
ONE_OF_MANY = re.compile(r"(?:.*\+)?(?!sat,|nvme,)[^+]+,.*")
"""A type with a number of the drive behind a controller: `megaraid,0`, not `sat,12`."""

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Device(msgspec.Struct, frozen=True, order=True):
    """A way to a drive: its node and smartctl's type; the type "" leaves the choice to smartctl."""

    path: str
    type: str = ""

    @property
    def is_one_of_many(self) -> bool:
        """Whether its node is a controller's or an array's: what is known of it is no drive's."""
        return ONE_OF_MANY.fullmatch(self.type) is not None

    @property
    def name(self) -> str:
        """The path; with the type, as in `devices`, where the path alone names many drives."""
        return f"{self.path} -d {self.type}" if self.is_one_of_many else self.path


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where this host stands. What is left out stays empty."""

    datacenter: str = ""
    cluster: str = ""
    vault: str = ""
    pod: str = ""
    enclosure: str = ""

    def __post_init__(self) -> None:
        for name, text in msgspec.structs.asdict(self).items():
            if wrong := complaint(text):  # no log would believe any event of this host
                raise ValueError(f"place.{name} {wrong}")


class AgentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of an agent; each with its unit and the reason of its default."""

    bus: str = ""
    """Address of the log. Empty: the program that starts the agent chooses."""
    log_format: LogFormat = "logfmt"
    """Read by people until told otherwise."""
    host: str = ""
    """This host's name in events. Empty: host name and machine-id, see `collect.host`."""

    spool: Path = Path("/var/lib/drivefleet/spool")
    """Folder of passes: written by the collecting side, read by the delivering side."""
    state: Path = Path("/var/lib/drivefleet/collect")
    """Folder of the collecting side alone: roster and unfinished pass."""
    marks: Path = Path("/var/lib/drivefleet/ship")
    """Folder of the delivering side alone: what was delivered."""
    spool_max_bytes: Positive = 200_000_000
    """Above it the oldest days lose their SMART values, never a drive-day. A pod of 60 drives
    needs about 10 MB for all its days."""
    spool_days: Positive = 120
    """Days a pass is kept: the log believes no older ones."""

    smartctl: str = "smartctl"
    """Name or path of smartctl; a name is also looked for where only root's PATH leads."""
    devices: tuple[str, ...] = ()
    """Drives that the scan does not find, as smartctl takes them: `/dev/sg3 -d megaraid,0`."""
    include: tuple[str, ...] = ()
    """Patterns of paths to read (`/dev/sd*`). Empty: all."""
    exclude: tuple[str, ...] = ()
    """Patterns of paths that are never read. Their drives are not announced as missing where the
    kernel knows their serial."""
    ignore: tuple[str, ...] = ()
    """Patterns of paths that may stay unidentified: they do not make an inventory incomplete."""
    boot: tuple[str, ...] | None = None
    """Serials or paths of the boot drives. Left out: those under /, /boot and /boot/efi; an empty
    list: none."""
    place: Site = Site()

    deadline_s: Positive = 30
    """Seconds a drive has to answer: slow drives take 2 to 5, the kernel gives up after 30."""
    parallel: Positive = 4
    """Drives read at once: SMART commands drain a drive's queue, and one controller serves many."""
    pass_every_h: Positive = 6
    """Hours between passes: four chances a day to read a drive that slept or hung."""

    def __post_init__(self) -> None:
        for entry in self.devices:
            parse_device(entry)
        for path in self.boot or ():
            if path.startswith("/") and not DEVICE_PATH.fullmatch(path):
                raise ValueError(f"boot {path!r} is neither a serial nor a path under /dev")

    @property
    def configured_devices(self) -> tuple[Device, ...]:
        return tuple(parse_device(entry) for entry in self.devices)

    @property
    def host_place(self) -> Place:
        """The place of this host's drives; the enclosure and slot of a drive may add to it."""
        return Place(**msgspec.structs.asdict(self.place))


def load_settings(
    file: Path | None, environ: Mapping[str, str], flags: Mapping[str, object]
) -> AgentSettings:
    """The agent's settings from file, environment and flags. Raises UsageError."""
    return settle(AgentSettings, "agent", file=file, environ=environ, flags=flags)


def parse_device(entry: str) -> Device:
    """`/dev/sg3` or `/dev/sg3 -d megaraid,0` as a device.

    Raises ValueError for anything else: no option, quote or further word is ever passed on.
    """
    words = entry.split()
    if len(words) not in (1, 3) or (len(words) == 3 and words[1] != "-d"):
        raise ValueError(f"device {entry!r}: write it as `/dev/NAME` or `/dev/NAME -d TYPE`")
    if not DEVICE_PATH.fullmatch(words[0]):
        raise ValueError(f"device {entry!r}: {words[0]!r} is not a path under /dev")
    if len(words) == 3 and not DEVICE_TYPE.fullmatch(words[2]):
        raise ValueError(f"device {entry!r}: {words[2]!r} is not a type that smartctl takes")
    return Device(words[0], words[2] if len(words) == 3 else "")


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a path fits one of the patterns (shell style, case kept)."""
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)

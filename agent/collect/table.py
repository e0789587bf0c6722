"""The ATA attribute table in smartctl's text, read by pySMART, which knows its many layouts.

Rules:
- pySMART starts no process: it is told the lines of the one that has run, and for everything else
  it asks (phy logs, background scans, types) that there is nothing.
- Whatever it makes of a text, the drive is not lost: its JSON says the same.
"""

from collections.abc import Sequence

from pySMART import Device as ParsedDevice
from pySMART.smartctl import Smartctl

from agent.collect.answer import Smart, natural

SIGNATURE = "Specific SMART Attributes"
"""Stands above the table; without it there is nothing to parse."""
INTERFACE = "sat"
"""The one name of an ATA drive under which pySMART asks nothing more."""


class Told(Smartctl):
    """A smartctl that has already been asked."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(smartctl_path="smartctl", options=[])
        self._lines = list(lines)

    def _exec(self, cmd: list[str]) -> tuple[list[str], int]:
        return (list(self._lines), 0) if "--all" in cmd else ([], 1)


def read_table(path: str, lines: Sequence[str]) -> Smart | None:
    """{id: (normalized, raw)}; None when there is no table or pySMART cannot parse the text.

    The raw value is the first whole number of what smartctl shows: `36 (Min/Max 24/40)` is 36.
    """
    if not any(SIGNATURE in line for line in lines):
        return None
    try:
        found = ParsedDevice(path, INTERFACE, smartctl=Told(lines)).attributes
        return {
            each.num: (natural(each.value_int), natural(each.raw_int))
            for each in found
            if each is not None
        }
    # pySMART parses by splitting and indexing lines: a text it does not expect raises whatever the
    # line that trips leads to (StopIteration, AttributeError, TypeError ... on areca, 3ware, cciss,
    # aacraid, bridges). No narrower list would hold, and none of it may cost us a drive.
    except Exception:  # noqa: BLE001
        return None

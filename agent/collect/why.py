"""Whether a drive slept, or why it could not be read, by smartctl's own words (pure).

Rules:
- The exit status says that something went wrong, only the words say what.
- The first pattern that fits decides: what an operator can mend stands before what he cannot.
"""

import re
from collections.abc import Iterable
from itertools import takewhile

from agent.collect.answer import Answer, at, items, shown
from bus.contract import Reason

NOT_READ = 0b11
"""Bits of the exit status: 0 the command line, 1 the device did not open, identify or is asleep.
The bits above tell of the drive's health, beside whole data."""
MAX_DETAIL = 250
NAMELESS = "it tells no serial number or no model"

_ASLEEP = re.compile(r"Device is in (?:STANDBY|SLEEP|IDLE|STOPPED)\b", re.IGNORECASE)
_BEHIND_SAT = re.compile(r"Probable ATA device behind a SAT layer")
_NOISE = re.compile(r"VALID ARGUMENTS ARE|^Use smartctl -h|^Copyright|^smartctl \d")
_PATTERNS: tuple[tuple[Reason, str], ...] = (
    ("unknown_usb_bridge", r"unknown usb bridge"),
    ("permission", r"permission denied|operation not permitted|Open failed, Error=5\b"),
    ("no_such_device", r"no such (?:device|file)|no medium found"),
    (
        "unsupported",
        r"unknown device type|unable to detect device type|requires device name"
        r"|please specify device type|unrecognized option|invalid argument to -d"
        r"|not supported|unsupported",
    ),
    ("identify_failed", r"identify|identity|inquiry failed|INQUIRY command"),
    ("io_error", r"input/output error|i/o error|medium error|timed out|do_scsi_cmnd_io"),
)
_REASONS = tuple((reason, re.compile(words, re.IGNORECASE)) for reason, words in _PATTERNS)


def is_asleep(answer: Answer) -> bool:
    """Whether smartctl left the drive alone because its motor does not run."""
    return any(_ASLEEP.search(line) for line in said(answer))


def said(answer: Answer) -> list[str]:
    """smartctl's messages, then its text up to the first section, without banner and usage.

    A section is the drive's own word: "not supported" in it is no reason.
    """
    return [*_messages(answer), *_telling(takewhile(_before_sections, answer.lines))]


def find_reason(lines: list[str], otherwise: Reason) -> Reason:
    """The reason that these words give."""
    for reason, pattern in _REASONS:
        if any(pattern.search(line) for line in lines):
            return reason
    return otherwise


def why_unreadable(answer: Answer, status: int) -> tuple[Reason, str]:
    """(reason, detail) of an answer whose exit status has a bit of NOT_READ."""
    otherwise: Reason = "identify_failed" if status & 0b10 else "unsupported"
    messages, lines = _messages(answer), said(answer) + _telling(answer.lines)
    reason = find_reason(messages, find_reason(lines, otherwise))
    return reason, detail(messages or lines, f"smartctl ended with {status}")


def why_nameless(answer: Answer) -> tuple[Reason, str]:
    """(reason, detail) of a drive that was read and did not tell both serial and model.

    Without CAP_SYS_RAWIO the kernel refuses ATA commands: smartctl sees a SCSI disk that tells no
    vendor, and ends with 0. A SCSI disk of a vendor needs no such right.
    """
    lines = said(answer)
    vendor = shown(at(answer.json, "scsi_vendor")) or shown(at(answer.json, "vendor"))
    protocol = at(answer.json, "device", "protocol")
    refused = any(_BEHIND_SAT.search(line) for line in answer.lines) or protocol == "ATA"
    if refused or (protocol != "NVMe" and vendor in ("", "ATA")):
        return find_reason(lines, "permission"), f"{NAMELESS}: ATA drives need CAP_SYS_RAWIO"
    return find_reason(lines, "identify_failed"), NAMELESS


def detail(lines: list[str], otherwise: str) -> str:
    """The first words of an answer, for a person."""
    return shown(" | ".join(lines[:2]), MAX_DETAIL) or otherwise


def _messages(answer: Answer) -> list[str]:
    strings = (at(each, "string") for each in items(answer.json, "smartctl", "messages"))
    return _telling(each for each in strings if isinstance(each, str))


def _before_sections(line: str) -> bool:
    return not line.startswith("=== START OF")


def _telling(lines: Iterable[str]) -> list[str]:
    return [line for each in lines if (line := shown(each)) and not _NOISE.search(line)]

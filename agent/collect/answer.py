"""What smartctl answered, before it is understood, and how its JSON is looked into (pure).

Rules:
- Nothing in the JSON is trusted: a field of another type, or a number beyond 64 bits, is not there.
- A text is cut to what an event may carry.
"""

import json

import msgspec

from bus.text import MAX_TEXT, complaint

Json = dict[str, object]
Smart = dict[int, tuple[int | None, int | None]]
"""Of each ATA attribute the normalized and the raw value."""

MAX_INT = 2**63 - 1
MAX_DEPTH = 4
"""Of tables inside tables; smartctl's have 3."""
MAX_RAW_TEXT = 4 * MAX_TEXT
"""Characters of a text that are looked at: what is cut away must not cost more than what stays."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One run of smartctl. `json` is None where its output held none."""

    exit_status: int | None = None
    lines: tuple[str, ...] = ()
    json: Json | None = None
    attributes: Smart | None = None  # as pySMART reads them from the lines; None: it could not
    timed_out: bool = False
    error: str = ""  # why there is no whole output: it could not start, was killed, said too much


def parse_output(output: bytes) -> tuple[Json | None, tuple[str, ...]]:
    """(the JSON object, smartctl's lines) of an output of any kind. Never raises.

    Without JSON the lines are those of the output itself.
    """
    text = output.decode("utf-8", errors="replace")
    try:
        found = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None, tuple(text.splitlines())
    if not isinstance(found, dict):
        return None, tuple(text.splitlines())
    lines = items(found, "smartctl", "output")
    return found, tuple(each for each in lines if isinstance(each, str))


def at(value: object, *keys: str) -> object:
    """What stands under these keys, one inside the other; None where one is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def items(value: object, *keys: str) -> list[object]:
    """The list under these keys; empty where there is none."""
    found = at(value, *keys)
    return found if isinstance(found, list) else []


def whole(value: object) -> int | None:
    """A whole number that fits 64 bits, else None. True and false are no numbers."""
    if isinstance(value, int) and not isinstance(value, bool) and -MAX_INT <= value <= MAX_INT:
        return value
    return None


def natural(value: object) -> int | None:
    """A whole number from 0, else None: smartctl's -1 and the like say that it does not know."""
    number = whole(value)
    return number if number is not None and number >= 0 else None


def shown(value: object, limit: int = MAX_TEXT) -> str:
    """A text without what cannot be seen, its white space collapsed, cut to `limit`; else ""."""
    if not isinstance(value, str):
        return ""
    line = " ".join(value[:MAX_RAW_TEXT].split())
    if complaint(line, MAX_RAW_TEXT):
        line = " ".join("".join(each for each in line if not complaint(each)).split())
    return line[:limit].rstrip()


def flat(value: object, name: str = "", depth: int = MAX_DEPTH) -> dict[str, int]:
    """Every whole number from 0 inside, named by the keys that lead to it, joined by `_`.

    Elements of a list are numbered from 1.
    """
    if depth == 0:
        return {}
    if isinstance(value, dict):
        inside = [(str(key), each) for key, each in value.items()]
    elif isinstance(value, list):
        inside = [(str(number), each) for number, each in enumerate(value, 1)]
    else:
        number = natural(value)
        return {} if number is None else {name: number}
    found: dict[str, int] = {}
    for key, each in inside:
        found |= flat(each, f"{name}_{key}" if name else key, depth - 1)
    return found

"""What text may stand in an event, and how a stranger's text is quoted back to a person.

The characters refused are written out rather than asked of `str.isprintable`, whose answer for a
new character depends on the Python that asks: every reader must refuse the same records.
"""

import re

MAX_TEXT = 256
"""Characters in a serial, model, host or place: the longest identity a drive can hold (an NVMe
subsystem's name, 223) with room to spare."""
MAX_PROSE = 4_096
"""Characters in a verdict's reason: a ticket's text, not its attachments."""
MAX_QUOTED = 300
"""Characters of a decoder's message, which quotes what it read: it goes into one log line."""

_UNSHOWN = re.compile(
    r"[^\S ]"  # white space other than a space
    r"|[\x00-\x1f\x7f-\x9f\ud800-\udfff]"  # control characters, halves of a pair
    r"|[\xad\u200b-\u200f\u2060-\u206f\ufeff\ufff9-\ufffb]"  # not seen
    r"|[\u2028-\u202e]"  # breaks lines or turns text round
)


def complaint(text: str, limit: int = MAX_TEXT) -> str:
    """What is wrong with a text, for a sentence that begins with its name; "" when nothing is."""
    if len(text) > limit:
        return f"has {len(text)} characters; at most {limit}"
    shown = text.isprintable() if text.isascii() else _UNSHOWN.search(text) is None
    return "" if shown else f"{text[:40]!a} holds characters that cannot be shown"


def quoted(text: str, limit: int = MAX_QUOTED) -> str:
    """A text that may hold anything, as one short line."""
    line = text if text.isprintable() else ascii(text)
    return line if len(line) <= limit else line[: limit - 3] + "..."

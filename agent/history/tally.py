"""What a replay did, counted: rows read, sent and refused, and files that could not be read."""

from collections import Counter
from dataclasses import dataclass, field

from agent.history.parse import MAX_EXAMPLES, Parsed
from bus.belief import Why
from bus.files import Member, UnreadableError


@dataclass(slots=True)
class Tally:
    """What a replay did so far."""

    files: int = 0  # read to their end
    files_before: int = 0  # done by an earlier run, and left out
    rows: int = 0
    sent: int = 0
    refused: Counter[Why] = field(default_factory=Counter)
    examples: dict[Why, list[str]] = field(default_factory=dict)  # the first of each reason
    unreadable: list[UnreadableError] = field(default_factory=list)
    characters: int = 0  # read so far
    bytes_total: int = 0  # of all files to be read
    stopped: bool = False  # told to end before it was through

    def add(self, member: Member, parsed: Parsed) -> None:
        """Count one piece of a file, once its events are in the log."""
        self.rows += parsed.rows
        self.characters += parsed.characters
        self.sent += parsed.rows - parsed.refused.total()
        self.refused += parsed.refused
        for line, why, detail in parsed.examples:
            shown = self.examples.setdefault(why, [])
            if len(shown) < MAX_EXAMPLES:
                shown.append(f"{member}:{line}: {detail}")

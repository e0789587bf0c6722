"""What arrived since the start of the process: events by what became of them, and what was refused.

Rule: every count that can be told beforehand starts at 0, or the first event of its kind would be
hidden from every `increase()`.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import product
from typing import get_args

from aggregator.ingest.intake import Events, Kind, Result, Taken
from bus.belief import Why
from bus.log import Spot
from bus.program.logs import logger

log = logger("aggregator")


def _no_events() -> Events:
    return Counter(dict.fromkeys(product(get_args(Kind), get_args(Result)), 0))


def _none_rejected() -> Counter[Why]:
    return Counter(dict.fromkeys(get_args(Why), 0))


@dataclass
class Tally:
    """Counts since the start of the process."""

    events: Events = field(default_factory=_no_events)
    rejected: Counter[Why] = field(default_factory=_none_rejected)
    examples: dict[Why, str] = field(default_factory=dict)  # of each reason the first

    def add(self, spot: Spot, taken: Taken) -> None:
        """Count what was taken in; the first record refused for a reason is said in the log."""
        self.events.update(taken.counts)
        for offset, refused in taken.rejected:
            self.rejected[refused.why] += 1
            if refused.why not in self.examples:
                where = f"{spot.topic} {spot.partition} at {offset}: {refused.detail}"
                self.examples[refused.why] = where
                log.warning("record rejected", reason=refused.why, first_at=where)

"""A piece of a public file as the bytes of its events: what worker processes do.

Rules:
- No log, no file, no clock: a job goes in, its events and its refused rows come out.
- Every row that is not blank is either an event or refused with its reason, never both.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from bus import contract, identity
from bus.belief import Rejected, Why
from bus.lines import Chunk, split_rows
from bus.public import RowReader

MAX_EXAMPLES = 3
"""Refused rows that are shown of each reason; the others are counted."""
BLANK = [""]


class Job(NamedTuple):
    """Lines of one file, and all that is needed to make events of them."""

    header: tuple[str, ...]
    chunk: Chunk
    sent_at: datetime
    partitions: int


class Refused(NamedTuple):
    """A row that cannot be used."""

    line: int
    why: Why
    detail: str


@dataclass(slots=True)
class Parsed:
    """What a job gave. Events are their bytes, by partition, in the order of their rows."""

    rows: int = 0
    characters: int = 0
    events: dict[int, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    refused: Counter[Why] = field(default_factory=Counter)
    examples: list[Refused] = field(default_factory=list)


def parse(job: Job) -> Parsed:
    """The events of a job's rows. Raises bus.public.ForeignHeaderError."""
    read = bound_reader(job.header, job.sent_at)
    parsed = Parsed()
    encode, place = contract.encode, identity.partition
    alone = parsed.events[0] if job.partitions == 1 else None
    for number, row in enumerate(split_rows(job.chunk.text), job.chunk.line):
        event = read(row)
        if isinstance(event, Rejected):
            _refuse(parsed, number, row, event)
        elif alone is not None:
            alone.append(encode(event))
        else:
            parsed.events[place(event.drive.serial, job.partitions)].append(encode(event))
    parsed.characters = len(job.chunk.text)
    parsed.rows = sum(map(len, parsed.events.values())) + parsed.refused.total()
    return parsed


@lru_cache(maxsize=4)
def bound_reader(header: tuple[str, ...], sent_at: datetime) -> RowReader:
    """A reader and what it learns of the rows: files of one quarter share their header."""
    return RowReader(header, sent_at=sent_at)


def _refuse(parsed: Parsed, line: int, row: list[str], refused: Rejected) -> None:
    if row == BLANK:
        return
    parsed.refused[refused.why] += 1
    if parsed.refused[refused.why] <= MAX_EXAMPLES:
        parsed.examples.append(Refused(line, refused.why, refused.detail))

"""A piece of a public file as the bytes of its events."""

import pickle
from datetime import UTC, datetime

import pytest

from agent.history.parse import MAX_EXAMPLES, Job, Refused, parse
from bus import contract, identity
from bus.contract import Snapshot
from bus.lines import Chunk
from bus.public import ForeignHeaderError

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HEADER = ("date", "serial_number", "model", "failure")


def job(*rows: str, line: int = 2, partitions: int = 1) -> Job:
    return Job(HEADER, Chunk(line, "\n".join(rows)), NOW, partitions)


def test_each_row_becomes_an_event_in_order() -> None:
    parsed = parse(job("2020-01-01,S1,ST1,0", "2020-01-02,S2,ST1,1"))
    events = [contract.decode(value) for value in parsed.events[0]]
    assert [event.day.day for event in events] == [1, 2]
    assert (parsed.rows, parsed.refused.total(), parsed.characters) == (2, 0, 39)


def test_events_lie_in_the_partition_of_their_serial() -> None:
    parsed = parse(job(*(f"2020-01-01,S{n},ST1,0" for n in range(50)), partitions=4))
    assert sum(map(len, parsed.events.values())) == 50
    for partition, values in parsed.events.items():
        for value in values:
            event = contract.decode(value)
            assert isinstance(event, Snapshot)
            assert identity.partition(event.drive.serial, 4) == partition
    assert len(parsed.events) == 4


def test_a_refused_row_is_told_by_its_line_and_the_others_count() -> None:
    parsed = parse(job("2020-01-01,S1,ST1,0", "1970-01-01,S2,ST1,0", "x,S3", line=700))
    assert (parsed.rows, len(parsed.events[0])) == (3, 1)
    assert [(one.line, one.why) for one in parsed.examples] == [
        (701, "bad_day"),
        (702, "bad_field"),
    ]
    assert parsed.examples[1] == Refused(702, "bad_field", "2 columns, the header has 4")


def test_of_many_refused_rows_the_first_of_each_reason_are_shown() -> None:
    parsed = parse(job(*["x,S,ST1,0"] * 50, *["cut"] * 50))
    assert parsed.refused == {"bad_day": 50, "bad_field": 50}
    assert len(parsed.examples) == 2 * MAX_EXAMPLES


def test_blank_lines_are_no_rows_and_keep_the_numbers_right() -> None:
    parsed = parse(job("", "2020-01-01,S1,ST1,0", "", "bad"))
    assert (parsed.rows, parsed.examples[0].line) == (2, 5)


def test_what_is_found_can_cross_to_another_process() -> None:
    parsed = parse(job("2020-01-01,S1,ST1,0", "bad", partitions=3))
    assert pickle.loads(pickle.dumps(parsed)) == parsed


def test_a_foreign_header_is_refused() -> None:
    with pytest.raises(ForeignHeaderError):
        parse(Job(("a", "b"), Chunk(2, "1,2"), NOW, 1))

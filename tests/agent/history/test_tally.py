"""What a replay did, counted."""

from collections import Counter
from pathlib import Path

from agent.history.parse import Parsed, Refused
from agent.history.tally import Tally
from bus.files import Member


def test_pieces_add_up_and_examples_say_file_and_line() -> None:
    member = Member(Path("/d/q1.zip"), "2020-01-01.csv", 1, "")
    tally = Tally()
    for line in (5, 9, 14, 20):
        parsed = Parsed(rows=10, characters=100, refused=Counter({"bad_day": 2}))
        parsed.examples.append(Refused(line, "bad_day", "'x' is not a date"))
        tally.add(member, parsed)
    assert (tally.rows, tally.sent, tally.characters) == (40, 32, 400)
    assert tally.refused == {"bad_day": 8}
    assert tally.examples == {
        "bad_day": [f"/d/q1.zip/2020-01-01.csv:{line}: 'x' is not a date" for line in (5, 9, 14)]
    }

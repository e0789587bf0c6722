"""Settling knows no order: the larger of each field, sets united."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.words import (
    Pool,
    Report,
    Signs,
    Slot,
    What,
    Where,
    hosts_of,
    settle_reports,
    settle_signs,
    settle_slots,
    settle_what,
    settle_where,
    shared,
    shared_report,
)

_text = st.sampled_from(["", "a", "b", "é"])
_number = st.sampled_from([-1, 0, 7])
_hosts = st.one_of(_text, st.just(("a", "b")), st.just(("a", "é")))
WORDS: dict[str, tuple[Callable[..., object], st.SearchStrategy[object]]] = {
    "what": (settle_what, st.builds(What, _text, _number, _text, _text, _text, _text)),
    "where": (settle_where, st.builds(Where, _hosts, _text, _text, _text, _text, _text)),
    "slot": (settle_slots, st.builds(Slot, _text)),
    "signs": (settle_signs, st.builds(Signs, st.tuples(_number, _number, _number))),
    "report": (
        settle_reports,
        st.builds(
            Report,
            _number,
            st.booleans(),
            *[_number] * 4,
            _text,
            _text,
            st.tuples(_text),
            _number,
            _number,
        ),
    ),
}


@pytest.mark.parametrize("kind", WORDS)
@given(data=st.data())
def test_settling_is_without_order_and_without_repetition(kind: str, data: st.DataObject) -> None:
    settle, words = WORDS[kind]
    one, two, three = data.draw(words), data.draw(words), data.draw(words)
    assert settle(one, two) == settle(two, one)
    assert settle(settle(one, two), three) == settle(one, settle(two, three))
    assert settle(one, one) == one
    assert settle(settle(one, two), two) == settle(one, two)


def test_each_field_settles_for_itself() -> None:
    one = What("ST1", -1, "hdd", "boot", "B", "1timeout")
    other = What("ST0", 8, "", "data", "A", "2")
    assert settle_what(one, other) == What("ST1", 8, "hdd", "data", "B", "2")


def test_a_missing_sign_is_smaller_than_none_found() -> None:
    assert settle_signs(Signs((-1, 3)), Signs((0, -1))) == Signs((0, 3))


def test_hosts_are_united_and_one_host_stays_a_name() -> None:
    nobody, one, other = (Where(host, *[""] * 5) for host in ("", "b", "a"))
    assert settle_where(nobody, one) == one
    assert settle_where(one, other).hosts == ("a", "b")
    assert [hosts_of(where) for where in (nobody, one, settle_where(one, other))] == [
        (),
        ("b",),
        ("a", "b"),
    ]


def test_of_two_reports_the_one_with_most_drives_stands_whole() -> None:
    few = Report(2, True, 2, 0, 0, 9, "9", "9", (), 9, 15)
    many = Report(3, False, 1, 1, 1, 0, "1", "7", (), 3, 0)
    assert settle_reports(few, many) == many


def test_a_shared_word_is_the_same_word_of_shared_texts() -> None:
    word = Where("".join(["po", "d"]), "".join(["am", "s"]), "", "", "", "")
    assert shared(word) == word
    assert shared(word).datacenter is shared(Where("x", "".join(["a", "ms"]), *[""] * 4)).datacenter
    several = Where(("a", "b"), *[""] * 5)
    assert shared(several) == several


def test_a_shared_report_is_the_same_report_of_shared_texts() -> None:
    version, site = "".join(["7", ".3"]), "".join(["am", "s"])
    report = Report(1, True, 1, 0, 0, 0, version, version, (site, ""), 1, 7)
    assert shared_report(report) == report
    other = report._replace(place=("".join(["a", "ms"]), ""))
    assert shared_report(report).place[0] is shared_report(other).place[0]


class TestAPool:
    def test_it_numbers_words_by_first_sight(self) -> None:
        pool: Pool[Slot] = Pool(settle_slots, [Slot("a"), Slot("b"), Slot("a")])
        assert pool.number(Slot("c")) == 2
        assert pool.words == [Slot("a"), Slot("b"), Slot("c")]
        assert pool.number(Slot("b")) == 1

    def test_it_settles_by_number_and_learns_what_comes_of_it(self) -> None:
        pool: Pool[Signs] = Pool(settle_signs, [Signs((0, 5)), Signs((3, 1))])
        settled = pool.settle(0, 1)
        assert pool.words[settled] == Signs((3, 5))
        assert pool.settle(1, 0) == pool.settle(0, 1) == pool.settle(settled, 0) == settled
        assert pool.settle(1, 1) == 1

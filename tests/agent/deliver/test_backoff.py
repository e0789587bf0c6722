"""How long to wait before a log is tried again."""

from agent.deliver.backoff import LONGEST_S, TRIES, backoff


def test_delays_double_up_to_the_longest() -> None:
    assert list(backoff(lambda: 1.0)) == [1, 2, 4, 8, 16, 32, 60, 60]
    assert max(backoff(lambda: 1.0, tries=50)) == LONGEST_S


def test_half_of_each_delay_is_by_lot() -> None:
    lots = iter([0.0, 0.5, 1.0])
    assert list(backoff(lambda: next(lots), tries=3)) == [0.5, 1.5, 4.0]


def test_tries_are_bounded() -> None:
    assert len(list(backoff(lambda: 0.0))) == TRIES

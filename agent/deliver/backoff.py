"""How long to wait before a log that could not be reached is tried again. Pure."""

from collections.abc import Callable, Iterator

FIRST_S = 1.0
LONGEST_S = 60.0
TRIES = 8
"""About three minutes in all: longer outages end with the spool holding, until the next pass."""


def backoff(
    draw: Callable[[], float], *, tries: int = TRIES, first_s: float = FIRST_S
) -> Iterator[float]:
    """Seconds before each further try: twice as long each time, half of it by lot.

    `draw` gives numbers from 0 to 1 (`random.random`): a fleet's agents, all cut off at one time,
    do not come back at one time.
    """
    for number in range(tries):
        longest = min(LONGEST_S, first_s * 2**number)
        yield longest / 2 + longest / 2 * draw()

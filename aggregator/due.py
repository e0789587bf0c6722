"""When something may be done again: not before a pause, nor for more than its share of the time."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

SHARE = 10
"""Checkpoints and figures may each take one part in this many of the time."""


class Due:
    """One thing that is done again and again. Due at once when made."""

    def __init__(self, every_s: float, monotonic: Callable[[], float]) -> None:
        self._every_s = every_s
        self._monotonic = monotonic
        self._next = monotonic()

    @property
    def in_s(self) -> float:
        """Seconds until it is due; 0 when it is."""
        return max(0.0, self._next - self._monotonic())

    async def run(self, work: Awaitable[T]) -> T:
        """Do it, and put off the next time by its pause, or by more where it took long."""
        begun = self._monotonic()
        result = await work
        self.put_off(max(self._every_s, SHARE * (self._monotonic() - begun)))
        return result

    def put_off(self, seconds: float) -> None:
        """Not again before this many seconds have passed."""
        self._next = self._monotonic() + seconds

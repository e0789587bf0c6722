"""Words for what was said of drives: each distinct saying once, by number; any two settled alike.

Rules:
- Several words for one day are settled field by field to the larger value; missing is smallest;
  sets are united. Settling is commutative, associative and idempotent, so no order of arrival
  shows.
- A number means nothing outside its pool: files hold the sayings themselves beside the numbers.
"""

from collections.abc import Callable, Iterable
from sys import intern
from typing import Generic, NamedTuple, TypeVar

W = TypeVar("W", bound=tuple[object, ...])


class What(NamedTuple):
    """What a drive says it is, and how it answered. Missing numbers are -1."""

    raw_model: str
    capacity_bytes: int
    media: str
    role: str  # "data" is larger than "boot": a drive once said to hold data counts
    firmware: str
    state: str  # "3" read, "2" asleep, "1" and its reason unreadable: the best of a day is largest


class Where(NamedTuple):
    """The hosts that saw a drive, and its place without the slot."""

    hosts: str | tuple[str, ...]  # one host's name (imported history: ""), or several, sorted
    datacenter: str
    cluster: str
    vault: str
    pod: str
    enclosure: str


class Slot(NamedTuple):
    slot: str


class Signs(NamedTuple):
    """Values of the signs, in the contract's order of fields; -1 is missing."""

    values: tuple[int, ...]


class Report(NamedTuple):
    """A host's inventory of a day, most drives first so that the largest stands as a whole."""

    drives_in_all: int
    complete: bool
    present: int
    asleep: int
    unreadable: int
    missing: int
    agent_version: str
    smartctl_version: str
    place: tuple[str, ...]
    drives: int  # of this partition
    keys_xor: int  # of the drives that it sent there


def shared(where: Where) -> Where:
    """The same word, of texts that are kept once: hosts share the names of their place, and the
    partitions of a process the names of their hosts."""
    hosts = where.hosts if isinstance(where.hosts, tuple) else intern(where.hosts)
    return Where(hosts, *map(intern, where[1:]))


def shared_report(report: Report) -> Report:
    """The same report, of texts that are kept once: every partition is told of each host."""
    return report._replace(
        agent_version=intern(report.agent_version),
        smartctl_version=intern(report.smartctl_version),
        place=tuple(map(intern, report.place)),
    )


def settle_what(one: What, other: What) -> What:
    return What(
        max(one.raw_model, other.raw_model),
        max(one.capacity_bytes, other.capacity_bytes),
        max(one.media, other.media),
        max(one.role, other.role),
        max(one.firmware, other.firmware),
        max(one.state, other.state),
    )


def hosts_of(where: Where) -> tuple[str, ...]:
    """The hosts as a sorted tuple; imported history names none."""
    if isinstance(where.hosts, tuple):
        return where.hosts
    return (where.hosts,) if where.hosts else ()


def settle_where(one: Where, other: Where) -> Where:
    hosts = tuple(sorted({*hosts_of(one), *hosts_of(other)}))
    return Where(
        hosts if len(hosts) > 1 else "".join(hosts),
        max(one.datacenter, other.datacenter),
        max(one.cluster, other.cluster),
        max(one.vault, other.vault),
        max(one.pod, other.pod),
        max(one.enclosure, other.enclosure),
    )


def settle_slots(one: Slot, other: Slot) -> Slot:
    return max(one, other)


def settle_signs(one: Signs, other: Signs) -> Signs:
    return Signs(tuple(map(max, one.values, other.values)))


def settle_reports(one: Report, other: Report) -> Report:
    """Of several inventories of a day the one with most drives stands."""
    return max(one, other)


class Pool(Generic[W]):
    """Words by number, from 0 in order of first sight."""

    def __init__(self, settle: Callable[[W, W], W], words: Iterable[W] = ()) -> None:
        self.words: list[W] = []
        self.numbers: dict[W, int] = {}
        self._settle = settle
        self._settled: dict[tuple[int, int], int] = {}
        for word in words:
            self.number(word)

    def number(self, word: W) -> int:
        """The word's number, given now if it is new."""
        number = self.numbers.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
        return number

    def settle(self, one: int, other: int) -> int:
        """The number of what two words for one day come to."""
        if one == other:
            return one
        pair = (one, other)
        settled = self._settled.get(pair)
        if settled is None:
            settled = self.number(self._settle(self.words[one], self.words[other]))
            self._settled[pair] = settled
        return settled

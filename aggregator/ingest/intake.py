"""What arrived, and is it new: the records of one partition into its ledger.

Rules:
- A record is judged by its content and the time the log took it in, nothing else.
- Whatever is said for the first time (a drive, a host, a firmware, a set of signs) is judged by
  every rule of `bus.belief`; what was said before word by word is looked up (`memo.py`). Both ways
  come to the same.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from aggregator.ingest.calendar import to_day
from aggregator.ingest.decode import Decoded, Sighting, decode_values, widen
from aggregator.ingest.hearing import hear_absence, hear_inventory, hear_verdict
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.memo import LIMIT, Columns, Memo
from bus import contract, identity
from bus.belief import Rejected, Window, judge, window
from bus.log import Spot, Topic

Kind = Literal["snapshot", "absence", "inventory", "verdict"]
Result = Literal["new", "known"]
Events = Counter[tuple[Kind, Result]]


class Taken(NamedTuple):
    """What became of a batch: how many events were what, and what was refused, by offset."""

    counts: Events
    rejected: list[tuple[int, Rejected]]


class Intake:
    """The way into one ledger. Not shared between threads."""

    def __init__(
        self, ledger: Ledger, partition: int, partitions: int, *, simulated: bool = False
    ) -> None:
        self.ledger = ledger
        self._partition = partition
        self._partitions = partitions
        self._simulated = simulated
        self._memo = Memo(ledger)

    def take(self, spot: Spot, offset: int, values: Sequence[bytes], taken_in: datetime) -> Taken:
        """Take in the records from `offset` on, all taken in by the log at one time."""
        taken = Taken(Counter(), [])
        self._begin(taken_in)
        events = decode_values(values)
        seen = Columns()
        hosts_say = spot.topic == Topic.SNAPSHOTS
        for index in self._memo.look_up(events, seen) if hosts_say else range(len(events)):
            refused = self._take_one(events[index], spot, seen, taken_in, taken.counts)
            if refused is not None:
                taken.rejected.append((offset + index, refused))
        self._settle(seen, taken.counts)
        return taken

    def _begin(self, taken_in: datetime) -> None:
        believed = window(taken_in)
        memo = self._memo
        memo.imports = (to_day(believed.import_from), to_day(believed.until))
        if not self._simulated or len(memo.spans) > LIMIT:
            memo.spans.clear()
        memo.forget_if_full()

    def _take_one(
        self,
        event: Decoded,
        spot: Spot,
        seen: Columns,
        taken_in: datetime,
        counts: Events,
    ) -> Rejected | None:
        """One record that is no snapshot made of known words."""
        if isinstance(event, Rejected):
            return event
        belongs = Topic.VERDICTS if isinstance(event, contract.Verdict) else Topic.SNAPSHOTS
        if spot.topic != belongs:
            return Rejected("wrong_topic", f"it belongs in {belongs}, it stands in {spot.topic}")
        if isinstance(event, Sighting):
            return self._see(event, seen, taken_in)
        refused = self._judge(event, self._believed(event, taken_in))
        if refused is None:
            kind, fresh = self._hear(event)
            counts[kind, "new" if fresh else "known"] += 1
        return refused

    def _see(self, event: Sighting, seen: Columns, taken_in: datetime) -> Rejected | None:
        full = widen(event)
        if isinstance(full, Rejected):
            return full
        believed = self._believed(full, taken_in)
        refused = self._judge(full, believed)
        if refused is None:
            self._memo.learn(event, full, seen)
            if not event.imported:
                span = to_day(believed.live_from), to_day(believed.until)
                self._memo.spans[event.sent_at] = span
        return refused

    def _hear(
        self, event: contract.Absence | contract.Inventory | contract.Verdict
    ) -> tuple[Kind, bool]:
        match event:
            case contract.Inventory():
                return "inventory", hear_inventory(self.ledger, event)
            case contract.Absence():
                return "absence", hear_absence(self.ledger, event)
            case contract.Verdict():
                return "verdict", hear_verdict(self.ledger, event)

    def _judge(self, event: contract.AnyEvent, believed: Window) -> Rejected | None:
        """By every rule; what the simulator's hosts say tells a simulated log what time it is."""
        refused = judge(event, believed) or self._judge_partition(event)
        if refused is None and self._tells_time(event):
            self.ledger.note_time(believed.taken_in)
        return refused

    def _judge_partition(self, event: contract.AnyEvent) -> Rejected | None:
        if isinstance(event, contract.Inventory):
            belongs = event.partition
        else:
            belongs = identity.partition(event.drive.serial, self._partitions)
        if belongs == self._partition:
            return None
        return Rejected("wrong_partition", f"belongs in {belongs}, stands in {self._partition}")

    def _believed(self, event: contract.AnyEvent, taken_in: datetime) -> Window:
        """In a simulated log the simulator's clock is the log's."""
        told = self._simulated and not event.imported and event.sent_at.tzinfo is not None
        return window(event.sent_at if told else taken_in)

    def _tells_time(self, event: contract.AnyEvent) -> bool:
        """A person who gives a verdict on a simulated drive has another clock."""
        return self._simulated and not event.imported and not isinstance(event, contract.Verdict)

    def _settle(self, seen: Columns, counts: Events) -> None:
        if not len(seen):
            return
        new = self.ledger.see(seen.sightings())
        counts["snapshot", "new"] += new
        counts["snapshot", "known"] += len(seen) - new
        for row, day in seen.failures:
            self.ledger.fail(row, day)
        self.ledger.note_live(seen.live_from)

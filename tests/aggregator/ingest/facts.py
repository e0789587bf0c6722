"""Ledgers out of events, and what a ledger says in the naive form."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

import numpy as np

from aggregator.ingest.calendar import first_day_of
from aggregator.ingest.checkpoint import Head, decode_checkpoint, encode_checkpoint
from aggregator.ingest.intake import Intake
from aggregator.ingest.ledger import NOT_LIVE, Ledger
from aggregator.ingest.naming import Naming
from aggregator.ingest.presence import NO_BIRTH, TILE
from aggregator.ingest.runs import NOTHING
from aggregator.ingest.spans import spans_of
from aggregator.ingest.words import Report, hosts_of
from aggregator.pipeline import Figuring
from aggregator.rates.figures import Figures
from bus import contract, identity
from bus.contract import AnyEvent, Verdict
from bus.log import Spot, Topic
from tests.aggregator.ingest.naive import Naive, Said
from tests.aggregator.ingest.stories import TAKEN_IN, routed

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SAYS = Spot(Topic.SNAPSHOTS, 0)


def take(ledger: Ledger, events: Iterable[AnyEvent], partition: int = 0, of: int = 1) -> None:
    """Events into a ledger in their order, a batch for each run of one topic."""
    intake = Intake(ledger, partition, of)
    pending: list[bytes] = []
    topic = Topic.SNAPSHOTS
    for event in [*events, None]:
        belongs = Topic.VERDICTS if isinstance(event, Verdict) else Topic.SNAPSHOTS
        if pending and (event is None or belongs != topic):
            taken = intake.take(Spot(topic, partition), 0, pending, TAKEN_IN)
            assert taken.rejected == []
            pending = []
        topic = belongs
        if event is not None:
            pending.append(contract.encode(routed(event, partition)))


def ledger_of(*batches: Iterable[AnyEvent]) -> Ledger:
    ledger = Ledger()
    for batch in batches:
        take(ledger, batch)
    return ledger


def ledgers_of(events: Sequence[AnyEvent], partitions: int) -> list[Ledger]:
    """The same events in a log of several partitions."""
    ledgers = [Ledger() for _ in range(partitions)]
    for number, ledger in enumerate(ledgers):
        own = [event for event in events if _belongs(event, number, partitions)]
        take(ledger, own, number, partitions)
    return ledgers


def _belongs(event: AnyEvent, number: int, partitions: int) -> bool:
    if isinstance(event, contract.Inventory):
        return True
    return identity.partition(event.drive.serial, partitions) == number


def stored(ledger: Ledger) -> Ledger:
    """The ledger as a checkpoint gives it back."""
    head = Head(0, 1, False, "test", TAKEN_IN, {})
    return decode_checkpoint("test", b"".join(encode_checkpoint(head, ledger)))[1]


def figures_of(
    *ledgers: Ledger, as_of: date | None = None, naming: Naming | None = None
) -> Figures:
    return Figuring(naming or Naming()).work_out(ledgers, now=NOW, as_of=as_of)


def facts_of(ledger: Ledger) -> Naive:
    """Everything that a ledger says, without the numbers it says it by."""
    naive = Naive()
    keys = ledger.keys()
    for row, spans in enumerate(spans_of(ledger.presence, range(len(keys)))):
        for first, last in spans:
            for day in range(first, last + 1):
                naive.days[keys[row]][day] = said_on(ledger, row, day)
    naive.births = _births(ledger, keys)
    naive.failures = {(keys[row], day) for row, day in ledger.failures}
    for row, absences in ledger.absences.items():
        for (host, day), absent in absences.items():
            naive.absences[keys[row], host, day] = absent
    for row, verdicts in ledger.verdicts.items():
        for name, told in verdicts.items():
            naive.verdicts[keys[row], name] = told
    naive.reports = _reports(ledger)
    naive.live_days = set() if ledger.live_from == NOT_LIVE else {ledger.live_from}
    return naive


def truth(events: Iterable[AnyEvent]) -> Naive:
    """What a ledger with these events says, worked out the naive way."""
    naive = Naive().add(events)
    naive.live_days = {min(naive.live_days)} if naive.live_days else set()
    return naive


def said_on(ledger: Ledger, row: int, day: int) -> Said:
    what = ledger.what.pool.words[ledger.what.runs.at(row, day)]
    where = ledger.where.pool.words[ledger.where.runs.at(row, day)]
    return Said(
        model=what.raw_model,
        capacity=what.capacity_bytes,
        media=what.media,
        role=what.role,
        firmware=what.firmware,
        state=what.state,
        hosts=set(hosts_of(where)),
        place=(*where[1:], ledger.slots.pool.words[ledger.slots.runs.at(row, day)].slot),
        signs=ledger.signs.pool.words[ledger.signs.runs.at(row, day)].values,
    )


def _births(ledger: Ledger, keys: Sequence[str]) -> dict[tuple[str, int], tuple[int, int]]:
    births = {}
    for quarter, tile in ledger.presence.blocks():
        block = ledger.presence.look((quarter, tile))
        for within in map(int, np.flatnonzero(block.birth_at != NO_BIRTH)):
            told_on = first_day_of(quarter) + int(block.birth_at[within])
            births[keys[tile * TILE + within], quarter] = told_on, int(block.birth[within])
    return births


def _reports(ledger: Ledger) -> dict[tuple[str, int], Report]:
    said = ledger.hosts.reports
    return {
        (host, day): said.pool.words[word]
        for host, row in ledger.hosts.rows.items()
        for begin, end, word in said.runs.between(row, 0, 2**16)
        if word != NOTHING
        for day in range(begin, end + 1)
    }

"""The aggregator working off a local log, against a bare read of the same log.

    python -m bench.drain [--events 650000] [--kind live|history]

Baselines, in the same process and run: reading the log's records and nothing else; and reading them
and decoding each with the contract, what any other consumer in Python would do.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from aggregator.cli.run import own_parts
from aggregator.ingest.naming import Naming
from aggregator.ingest.store import FolderStore
from aggregator.pipeline import Figuring
from aggregator.rates.figures import Figures
from aggregator.service import Service
from bench.ledger import fleet
from bench.table import print_rows
from bus import contract
from bus.connect import create_log, open_log
from bus.log import Message, Spot, Topic
from bus.program.logs import start_logging

DRIVES = 22_000
APPENDED = 5_000


async def fill(url: str, events: int, live: bool) -> None:
    """A fleet's days, as hosts send them or as history is replayed."""
    log = create_log(url)
    first = fleet(DRIVES, 1)
    spot = Spot(Topic.SNAPSHOTS, 0)
    today = datetime.now(UTC).date()
    start = today - timedelta(days=events // DRIVES + 1) if live else date(2024, 1, 1)
    pending: list[Message] = []
    for number in range(events):
        event = first[number % DRIVES]
        offset = number // DRIVES
        day = start + timedelta(days=offset)
        hours = (event.power_on_hours or 0) + 24 * offset
        event = replace(event, day=day, power_on_hours=hours, sent_at=datetime.now(UTC))
        if not live:
            event = replace(event, imported=True, host="")
        else:
            stamp = datetime.now(UTC).replace(microsecond=0, second=number // DRIVES % 60)
            event = replace(event, sent_at=stamp)
        pending.append(Message(spot, contract.encode(event)))
        if len(pending) == APPENDED:
            await log.append(pending, live=live)
            pending = []
    await log.append(pending, live=live)
    await log.close()


async def read_bare(url: str) -> int:
    return await _read(url, len)


async def read_decoded(url: str) -> int:
    def decode(values: list[bytes]) -> int:
        for value in values:
            contract.decode(value)
        return len(values)

    return await _read(url, decode)


async def _read(url: str, take: Callable[[list[bytes]], int]) -> int:
    log = open_log(url)
    ends = await log.ends()
    read = 0
    async for batch in log.batches({}, ends):
        read += take(batch.values)
    await log.close()
    return read


async def aggregate(url: str, state: Path) -> int:
    """As `run --until-end` does: facts, figures, durable checkpoints."""
    log = open_log(url)

    shown: list[Figures] = []

    async def show(figures: Figures) -> None:
        shown.append(figures)

    store = FolderStore(state)
    service = Service(
        log,
        store,
        own_parts(log, store),
        Figuring(Naming()),
        show,
        checkpoint_every_s=5,
        refresh_every_s=1,
    )
    await service.run(asyncio.Event(), until_end=True)
    await log.close()
    assert not service.tally.examples, service.tally.examples
    return sum(service.tally.events.values())


def timed(work: Callable[[], Coroutine[None, None, int]]) -> tuple[int, float]:
    begun = time.perf_counter()
    events = asyncio.run(work())
    return events, time.perf_counter() - begun


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--events", type=int, default=660_000)
    asked.add_argument("--runs", type=int, default=3)
    options = asked.parse_args()
    start_logging("logfmt")
    rows = []
    for kind in ("history", "live"):
        with TemporaryDirectory() as folder:
            url = f"sqlite:{folder}/log.db"
            asyncio.run(fill(url, options.events, live=kind == "live"))
            size = Path(f"{folder}/log.db").stat().st_size
            best: dict[str, float] = {}
            for run in range(options.runs):
                state = Path(folder) / f"state-{run}"
                for name, work in (
                    ("bare read", partial(read_bare, url)),
                    ("read and decode", partial(read_decoded, url)),
                    ("aggregator", partial(aggregate, url, state)),
                ):
                    events, took = timed(work)
                    best[name] = max(best.get(name, 0.0), events / took)
            for name, rate in best.items():
                ratios = [f"{rate / best[base]:.2f}" for base in ("bare read", "read and decode")]
                rows.append((kind, name, f"{rate:,.0f}", *ratios))
            rows.append((kind, "on disk", f"{size / options.events:.0f} B an event", "", ""))
    print_rows(("events", "what", "events/s", "to bare read", "to read and decode"), rows)


if __name__ == "__main__":
    main()

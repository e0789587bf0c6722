"""The ledger at full size: 355,000 drives and 400 days. Memory, time to apply, restart.

    python -m bench.ledger [--drives 355000] [--days 400] [--partitions 12]

Baseline of the times: the same events decoded and their keys looked up in a dict of the same size,
nothing else: what any consumer in Python must do.
"""

import argparse
import gc
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
from msgspec.structs import replace

from aggregator.ingest.checkpoint import Head, encode_checkpoint
from aggregator.ingest.decode import decode_values
from aggregator.ingest.intake import Intake
from aggregator.ingest.ledger import Ledger, Sightings
from aggregator.ingest.restore import restore_all
from aggregator.ingest.store import FolderStore, Name
from aggregator.pipeline import Figuring
from bench.table import print_rows, resident_bytes
from bus import contract, identity
from bus.contract import Drive, Place, Signs, Snapshot
from bus.log import Spot, Topic

MODELS = 150
PER_HOST = 60
SLICE = 1_000
RUNS = 3
"""Days taken in and timed; the least of each figure stands, for a neighbour's load only adds."""
FIRST = date(2025, 1, 1)


def fleet(drives: int, seed: int) -> list[Snapshot]:
    """Every drive's snapshot of the first day, host by host."""
    chance = Random(seed)
    models = [f"ST{4 + n % 18}000NM{n:04d}" for n in range(MODELS)]
    sites = ["ams5", "iad1", "phx1", "sac0"]
    sent_at = datetime(2025, 1, 1, 12, tzinfo=UTC)
    events = []
    for number in range(drives):
        host = number // PER_HOST
        bad = chance.random() < 0.05
        events.append(
            Snapshot(
                schema=contract.SCHEMA,
                day=FIRST,
                host=f"pod-{host:05d}",
                sent_at=sent_at,
                drive=Drive(
                    f"Z{number:07X}",
                    models[host % MODELS],
                    wwn=f"5000c500{number:08x}",
                    firmware="SN05",
                    capacity_bytes=16 * 10**12,
                    media="hdd",
                    protocol="ata",
                    rotation_rpm=7200,
                ),
                place=Place(
                    datacenter=sites[host % 4],
                    vault=f"v{host // 20}",
                    pod=f"p{host % 20}",
                    slot=str(number % PER_HOST),
                ),
                health="passed",
                power_on_hours=chance.randrange(50_000),
                temperature_celsius=30,
                signs=Signs(
                    health_failed=0, reallocated=chance.randrange(1, 99) if bad else 0, pending=0
                ),
                smart={
                    i: (100, chance.randrange(10**6))
                    for i in (
                        1,
                        3,
                        4,
                        5,
                        7,
                        9,
                        10,
                        12,
                        187,
                        188,
                        190,
                        192,
                        193,
                        194,
                        197,
                        198,
                        199,
                        240,
                        241,
                        242,
                    )
                },
            )
        )
    return events


class Fleet:
    """The ledgers of all partitions, and the first day's events by partition."""

    def __init__(self, drives: int, partitions: int) -> None:
        self.partitions = partitions
        self.events: list[list[Snapshot]] = [[] for _ in range(partitions)]
        for event in fleet(drives, 1):
            self.events[identity.partition(event.drive.serial, partitions)].append(event)
        self.ledgers = [Ledger() for _ in range(partitions)]
        self.intakes = [Intake(led, n, partitions) for n, led in enumerate(self.ledgers)]

    def day(self, offset: int) -> list[list[bytes]]:
        """The bytes of a day, by partition."""
        day = FIRST + timedelta(days=offset)
        sent_at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return [
            [
                contract.encode(
                    replace(
                        e,
                        day=day,
                        sent_at=sent_at,
                        power_on_hours=(e.power_on_hours or 0) + 24 * offset,
                    )
                )
                for e in events
            ]
            for events in self.events
        ]

    def take(self, values: list[list[bytes]], offset: int) -> float:
        day = FIRST + timedelta(days=offset)
        now = datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
        begun = time.process_time()
        for number, own in enumerate(values):
            spot = Spot(Topic.SNAPSHOTS, number)
            for begin in range(0, len(own), SLICE):
                taken = self.intakes[number].take(spot, begin, own[begin : begin + SLICE], now)
                assert not taken.rejected, taken.rejected[:1]
        return time.process_time() - begun

    def fill(self, first: int, last: int) -> None:
        """Days without decoding: the words of every drive stay what they are."""
        base = (FIRST - date(1970, 1, 1)).days
        for led in self.ledgers:
            rows = np.arange(len(led.rows))
            words = [runs.last[rows].copy() for runs in led.columns]
            hours = np.full(len(rows), 40_000)
            for offset in range(first, last):
                days = np.full(len(rows), base + offset, dtype=np.int32)
                led.see(Sightings(rows, days, hours + 24 * offset, *words))
            led.presence.seal()


def decode_only(values: list[list[bytes]], known: dict[str, int]) -> float:
    begun = time.process_time()
    for own in values:
        for begin in range(0, len(own), SLICE):
            for event in decode_values(own[begin : begin + SLICE]):
                known.get(f"{event.drive.serial}:{event.drive.model}")  # type: ignore[union-attr]
    return time.process_time() - begun


def restart_alone(folder: str) -> tuple[float, int]:
    """(seconds, resident bytes) of restoring a store in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.ledger", "--restore", folder],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return float(told[0]), int(told[1])


def restore(folder: str) -> None:
    gc.collect()
    before, begun = resident_bytes(), time.perf_counter()
    parts = restore_all(FolderStore(Path(folder)))
    took = time.perf_counter() - begun
    gc.collect()
    print(took, resident_bytes() - before, len(parts))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--drives", type=int, default=355_000)
    asked.add_argument("--days", type=int, default=400)
    asked.add_argument("--partitions", type=int, default=12)
    asked.add_argument("--restore", metavar="FOLDER", help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.restore:
        restore(options.restore)
        return
    made = Fleet(options.drives, options.partitions)
    first = made.day(0)
    gc.collect()
    before = resident_bytes()
    new = made.take(first, 0)
    made.fill(1, options.days - RUNS)
    gc.collect()
    resident = resident_bytes() - before
    known = {key: n for led in made.ledgers for n, key in enumerate(led.rows)}
    bare, warm = [], []
    for offset in range(options.days - RUNS, options.days):
        last = made.day(offset)
        bare.append(decode_only(last, known))
        warm.append(made.take(last, offset))
    again = made.take(last, options.days - 1)
    figuring, now = Figuring(), datetime(2026, 2, 6, tzinfo=UTC)
    begun = time.process_time()
    figuring.work_out(made.ledgers, now=now)
    figures = time.process_time() - begun
    late = made.day(options.days - 3)
    made.take([late[0][:10]], options.days - 3)
    begun = time.process_time()
    figuring.work_out(made.ledgers, now=now)
    refreshed = time.process_time() - begun
    with TemporaryDirectory() as folder:
        store = FolderStore(Path(folder))
        begun = time.process_time()
        written = 0
        for number, led in enumerate(made.ledgers):
            head = Head(number, options.partitions, False, "bench", now, {})
            written += store.write(Name(number, "bench"), encode_checkpoint(head, led))
        write = time.process_time() - begun
        restart, restored = restart_alone(folder)
    n = options.drives
    print_rows(
        ("what", "measured", "promised"),
        [
            ("resident after a restart", f"{restored / n:.0f} B a drive", "300"),
            ("resident after taking all in", f"{resident / n:.0f} B a drive", ""),
            ("decode and look-up alone (baseline)", f"{min(bare) / n * 1e6:.2f} us an event", ""),
            ("the whole way in, a day later", f"{min(warm) / n * 1e6:.2f} us an event", ""),
            (
                "of it apply (above the baseline)",
                f"{(min(warm) - min(bare)) / n * 1e6:.2f} us an event",
                "1.5",
            ),
            ("ratio to the baseline", f"{min(warm) / min(bare):.2f}", ""),
            ("the same day again", f"{again / n * 1e6:.2f} us an event", ""),
            ("every drive new", f"{new / n * 1e6:.2f} us an event", ""),
            ("figures from nothing", f"{figures:.2f} s", ""),
            ("figures after a late fact", f"{refreshed:.2f} s", ""),
            ("checkpoint, all partitions", f"{write:.2f} s, {written / 1e6:.1f} MB", ""),
            ("restart: read and restore", f"{restart:.2f} s", "3"),
        ],
    )


if __name__ == "__main__":
    main()

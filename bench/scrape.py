"""What a scrape of 50,000 series costs, against bare aiohttp that sends as many constant bytes.

    python -m bench.scrape [--series 50000] [--seconds 3]

Both servers run in this process; scrapes come from another one, over loopback, one at a time. The
lag is how late a task of the event loop wakes that asked for one millisecond.
"""

import argparse
import asyncio
import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from aggregator.rates.figures import DriveLife, Figures
from aggregator.serve.exposition import expose
from aggregator.serve.options import ServeOptions
from aggregator.serve.samples import figure_families
from aggregator.serve.server import serve
from aggregator.serve.source import Ambiguous, ProcessFigures
from bench.scrape_fleet import fleet
from bench.table import print_rows

RENDERS = 10
SCRAPE_BUDGET_MS = 5
LAG_BUDGET_MS = 20


@dataclass(frozen=True)
class Source:
    """No drives, and a word as soon as somebody scrapes."""

    scraped: asyncio.Event = field(default_factory=asyncio.Event)

    async def drive(self, key: str) -> DriveLife | Ambiguous | None:
        return None

    def process(self) -> ProcessFigures:
        self.scraped.set()
        rejected = dict.fromkeys(("bad_day", "bad_clock", "bad_field", "not_json"), 0)
        lag = dict.fromkeys(range(24), 0)
        return ProcessFigures("bench", {("snapshot", "new"): 1}, rejected, lag, {}, 1.0)


@dataclass
class Lag:
    """How late the event loop is, measured all the while."""

    late_ms: list[float] = field(default_factory=list)

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._measure())
        await asyncio.sleep(0.05)
        self.late_ms.clear()
        yield
        task.cancel()

    async def _measure(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            self.late_ms.append(1_000 * (time.perf_counter() - began) - 1)


async def scraped(port: int, seconds: float, encoding: str) -> list[float]:
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.scraper", str(port), str(seconds), encoding),
        stdout=subprocess.PIPE,
    )
    out, _ = await client.communicate()
    took: list[float] = sorted(json.loads(out))
    return took


async def constant_server(body: bytes) -> tuple[web.AppRunner, int]:
    """The baseline: aiohttp, and bytes that are always the same."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/plain")

    app = web.Application()
    app.add_routes([web.get("/metrics", answer)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, runner.addresses[0][1]


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return 1_000 * (time.perf_counter() - began)


def quantile(sorted_ms: list[float], share: float) -> float:
    return sorted_ms[min(len(sorted_ms) - 1, int(share * len(sorted_ms)))]


async def scrapes(figures: Figures, seconds: float) -> list[list[str]]:
    """Scrape latency, ours and bare, plain and zipped, as rows of a table."""
    exposition = expose(figures)
    process = Source().process()
    server = await serve(Source(), ServeOptions(port=0))
    await server.show(figures)
    rows = []
    for encoding, parts in (
        ("identity", exposition.plain(process)),
        ("gzip", exposition.zipped(process)),
    ):
        body = b"".join(parts)
        bare, bare_port = await constant_server(body)
        base = await scraped(bare_port, seconds, "identity")
        ours = await scraped(server.port, seconds, encoding)
        await bare.cleanup()
        for name, took in (("bare aiohttp", base), ("drivefleet", ours)):
            p50, p99 = quantile(took, 0.5), quantile(took, 0.99)
            ratio = f"{p50 / quantile(base, 0.5):.2f}"
            size = f"{len(body) / 1e6:.2f}"
            rows.append([f"scrape, {name}", encoding, size, f"{p50:.2f}", f"{p99:.2f}", ratio])
    await server.close()
    return rows


async def renders(figures: Figures, seconds: float) -> list[list[str]]:
    """Rendering anew, quiet and while scrapes go on: how long, and how late the event loop."""
    source = Source()
    server = await serve(source, ServeOptions(port=0))
    await server.show(figures)
    lag = Lag()
    async with lag.measured():
        took = [await timed(lambda: server.show(figures)) for _ in range(RENDERS)]
    quiet = max(lag.late_ms)
    client = asyncio.create_task(scraped(server.port, seconds, "gzip"))
    await source.scraped.wait()  # starting a process stops the loop too, and is not what we ask
    async with lag.measured():
        again = []
        while not client.done():
            again.append(await timed(lambda: server.show(figures)))
    scrapes_ms = quantile(await client, 0.99)
    await server.close()
    return [
        ["render once", f"{statistics.median(took):.0f}", f"{quiet:.1f}", ""],
        [
            "render, while scraped",
            f"{statistics.median(again):.0f}",
            f"{max(lag.late_ms):.1f}",
            f"{scrapes_ms:.2f}",
        ],
        await by_library(figures),
    ]


async def by_library(figures: Figures) -> list[str]:
    """What prometheus_client's own renderer costs in a thread, without compression."""
    lag = Lag()
    async with lag.measured():
        took = await timed(lambda: asyncio.to_thread(generate_latest, LibraryFamilies(figures)))
    return ["the library's renderer", f"{took:.0f}", f"{max(lag.late_ms):.1f}", ""]


@dataclass(frozen=True)
class LibraryFamilies(CollectorRegistry):
    """The same samples as the library's families."""

    figures: Figures

    def collect(self) -> Iterator[Metric]:
        for metric, samples in figure_families(self.figures):
            family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
            for labels, number in samples:
                if number is not None:
                    family.add_metric(labels, number)
            yield family


async def bench(series: int, seconds: float) -> None:
    figures = fleet(series)
    text, _ = expose(figures).plain(Source().process())
    told = sum(1 for line in text.splitlines() if not line.startswith(b"#"))
    gc.collect()
    gc.freeze()  # as the aggregator does at its start
    print(f"{told} series; budgets: {SCRAPE_BUDGET_MS} ms a scrape, {LAG_BUDGET_MS} ms of lag\n")
    print_rows(["", "encoding", "MB", "p50 ms", "p99 ms", "ratio"], await scrapes(figures, seconds))
    print()
    rows = await renders(figures, seconds)
    print_rows(["", "ms", "worst lag ms", "scrape p99 ms"], rows)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--series", type=int, default=50_000)
    arguments.add_argument("--seconds", type=float, default=3.0)
    chosen = arguments.parse_args()
    asyncio.run(bench(chosen.series, chosen.seconds))


if __name__ == "__main__":
    main()

"""`run`: the service."""

import asyncio
import signal
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from aggregator.cli.options import Bus, Config, Logs, State, Verbose, bus_of, settings_of, state_of
from aggregator.cli.printing import say
from aggregator.config import AggregatorSettings
from aggregator.ingest.naming import Naming
from aggregator.ingest.part import Part
from aggregator.ingest.restore import restore_partition
from aggregator.ingest.store import Store, StoreError, open_store
from aggregator.pipeline import Figuring
from aggregator.rates.figures import Figures
from aggregator.serve.server import Server, serve
from aggregator.service import Service
from aggregator.source import ServiceSource
from bus.connect import open_log, reach_log
from bus.log import Log, LogUnavailable
from bus.program.logs import logger

log = logger("aggregator")


def run(
    bus: Bus = None,
    state: State = None,
    listen: Annotated[
        str | None, typer.Option(help="Address to serve on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on.", show_default="9642")] = None,
    until_end: Annotated[
        bool, typer.Option("--until-end", help="Work off what is in the log now, then end.")
    ] = False,
    config: Config = None,
    log_format: Logs = None,
    verbose: Verbose = False,
) -> None:
    """Follow the log, keep the figures running, serve them.

    Figures are at http://127.0.0.1:9642/, for Prometheus at /metrics.

    Example: drivefleet-aggregator run --bus sqlite:x/log.db --state x/state
    """
    settings = settings_of(
        config,
        verbose=verbose,
        bus=bus,
        state=state,
        listen=listen,
        port=port,
        log_format=log_format,
    )
    try:
        asyncio.run(_run(settings, until_end=until_end))
    except StoreError as error:
        raise LogUnavailable(str(error)) from error


async def _run(settings: AggregatorSettings, *, until_end: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    address = bus_of(settings)
    bus = open_log(address) if until_end else reach_log(address)
    try:
        store = open_store(state_of(settings))
        parts = await asyncio.to_thread(own_parts, bus, store)
        if until_end:
            await _work_off(bus, store, parts, settings, stop)
        else:
            await _serve(bus, store, parts, settings, stop)
    finally:
        await bus.close()


def own_parts(bus: Log, store: Store) -> list[Part]:
    """All partitions of a log, each as its checkpoints left it. Blocks."""
    incarnation = uuid.uuid4().hex[:12]
    parts = []
    for number in range(bus.info.partitions):
        restored = restore_partition(store, number)
        for words in restored.refused:
            log.error("checkpoint left out: other files and the log make up for it", error=words)
        parts.append(Part(number, restored, bus.info, incarnation))
    return parts


async def _work_off(
    bus: Log, store: Store, parts: list[Part], settings: AggregatorSettings, stop: asyncio.Event
) -> None:
    service = _service(bus, store, parts, settings, None)
    await service.run(stop, until_end=True)
    tally = service.tally
    read = tally.events.total() + tally.rejected.total()
    new = sum(count for (_, result), count in tally.events.items() if result == "new")
    say(f"{read:,} events read, {new:,} of them new; state in {store.url}")
    for why, example in tally.examples.items():
        say(f"{tally.rejected[why]:,} rejected, {why}: first in {example}")


async def _serve(
    bus: Log, store: Store, parts: list[Part], settings: AggregatorSettings, stop: asyncio.Event
) -> None:
    servers: list[Server] = []

    async def show(figures: Figures) -> None:
        for server in servers:
            await server.show(figures)

    service = _service(bus, store, parts, settings, show)
    source = ServiceSource(service, Naming(settings.aliases), _now)
    servers.append(await serve(source, settings.serving))
    url = servers[0].url
    log.info("serving", page=url, metrics=f"{url}metrics", log=bus.info.id, state=store.url)
    try:
        await service.run(stop)
    finally:
        await servers[0].close()


def _service(
    bus: Log,
    store: Store,
    parts: list[Part],
    settings: AggregatorSettings,
    show: Callable[[Figures], Awaitable[None]] | None,
) -> Service:
    return Service(
        bus,
        store,
        parts,
        Figuring(Naming(settings.aliases)),
        show,
        checkpoint_every_s=settings.checkpoint_every_s,
        refresh_every_s=settings.refresh_every_s,
        clock=_now,
    )


def _now() -> datetime:
    return datetime.now(UTC)

"""`replay`: public history, straight into the log."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from agent.cli.program import Bus, Config, Format, Program, Verbose, program_of, settle_settings
from agent.cli.stopping import Stop, run_until_stopped
from agent.cli.wording import counted
from agent.config import AgentSettings
from agent.history.done import Done
from agent.history.replay import check_log, replay
from agent.history.tally import Tally
from bus.connect import create_log, reach_log
from bus.program import console
from bus.program.errors import FailedError

EXAMPLE = "Example: drivefleet-agent replay data_Q1_2026.zip --bus sqlite:history.db"


def replay_command(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Daily CSV files, ZIPs, folders.")
    ],
    bus: Bus = None,
    partitions: Annotated[
        int | None,
        typer.Option(help="Partitions of a log that this makes (1 unless given).", min=1),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Send files that were sent before, too.")
    ] = False,
    into_live: Annotated[
        bool, typer.Option("--into-live", help="Also into a log that holds live events.")
    ] = False,
    config: Config = None,
    log_format: Format = None,
    verbose: Verbose = False,
) -> None:
    """Send public history (Backblaze Drive Stats) to the log.

    Reads daily CSV files, ZIPs and folders of them, of any year, the oldest day first. A row that
    cannot be used is counted with its reason, and the others count. When it is interrupted, the
    same command goes on where it was.
    """
    program = program_of(context)
    settings = settle_settings(program, config, verbose, bus=bus, log_format=log_format)
    options = _Options(tuple(paths), settings, partitions, again, into_live)
    started_s = program.monotonic()
    tally, stop = run_until_stopped(partial(_replay, program, options))
    for line in summary(tally, program.monotonic() - started_s):
        console.out.print(line, soft_wrap=True, markup=False)
    if stop.interrupted:
        raise KeyboardInterrupt
    if tally.unreadable:
        more = len(tally.unreadable) - 1
        others = f" ({more} more: see above)" if more else ""
        raise FailedError(f"{tally.unreadable[0]}{others}")


@dataclass(frozen=True, slots=True)
class _Options:
    paths: tuple[Path, ...]
    settings: AgentSettings
    partitions: int | None
    again: bool
    into_live: bool


async def _replay(program: Program, options: _Options, stop: Stop) -> tuple[Tally, Stop]:
    url, partitions = options.settings.bus, options.partitions
    log = reach_log(url) if partitions is None else create_log(url, partitions=partitions)
    try:
        await check_log(log, into_live=options.into_live)
        done = Done.open(options.settings.marks / "replayed", log.info.id)
        with console.progress(unit="MB") as bar:
            tally = await replay(
                options.paths,
                log,
                done,
                again=options.again,
                now=program.clock(),
                cores=program.cores,
                stop=stop.event,
                watch=_watcher(bar, program.monotonic),
            )
        return tally, stop
    finally:
        await log.close()


def _watcher(bar: Progress, monotonic: Callable[[], float]) -> Callable[[Tally], None]:
    """Moves the bar; its rate is that of the rows."""
    task = bar.add_task("replaying", total=None, rate="")
    started_s = monotonic()

    def watch(tally: Tally) -> None:
        rate = tally.rows / max(monotonic() - started_s, 0.001)
        bar.update(
            task,
            total=tally.bytes_total // 10**6,
            completed=tally.characters // 10**6,
            rate=f"{rate:,.0f} rows/s",
        )

    return watch


def summary(tally: Tally, seconds: float) -> Iterator[str]:
    """What a replay did, in lines for a person."""
    files, rows = counted(tally.files, "file", "files"), counted(tally.rows, "row", "rows")
    rate = tally.rows / max(seconds, 0.001)
    yield (
        f"{files} read: {rows}, {tally.sent:,} sent, {tally.refused.total():,} refused,"
        f" in {seconds:.1f} s ({rate:,.0f} rows/s)"
    )
    if tally.files_before:
        before = counted(tally.files_before, "file", "files")
        yield f"{before} left out: in this log since an earlier replay (--again sends all)"
    for why, count in tally.refused.most_common():
        yield f"refused as {why}: {counted(count, 'row', 'rows')}"
        yield from (f"  {example}" for example in tally.examples[why])
    yield from (f"not read: {fault}" for fault in tally.unreadable)
    if tally.stopped:
        yield "ended before it was through: what was sent is kept, the same command goes on"

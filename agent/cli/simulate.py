"""`simulate`: an imagined fleet into a log of its own."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated

import typer
from rich.progress import Progress

from agent.cli.program import Config, Format, Program, Verbose, program_of, settle_settings
from agent.cli.stopping import Stop, run_until_stopped
from agent.history.fleet import Plan
from agent.history.simulate import check_empty, simulate
from bus.belief import FIRST_DAY
from bus.connect import create_log
from bus.program import console
from bus.program.errors import UsageError

EXAMPLE = "Example: drivefleet-agent simulate --bus sqlite:simulated.db --drives 2000 --days 365"
DEFAULT_START = datetime(2025, 1, 1, tzinfo=UTC)
"""Fixed, so that the same command gives the same fleet on any day."""
LAST_START = date(2100, 1, 1)


def simulate_command(
    context: typer.Context,
    bus: Annotated[
        str | None,
        typer.Option(metavar="sqlite:PATH", help="Log to make, of simulated events alone."),
    ] = None,
    drives: Annotated[int, typer.Option(min=1, max=10**6, help="Slots for drives.")] = 2000,
    days: Annotated[int, typer.Option(min=1, max=36_525, help="Days to imagine.")] = 365,
    models: Annotated[int, typer.Option(min=1, max=999, help="Models of drives.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed gives the same fleet.")] = 1,
    bad_model_factor: Annotated[
        float, typer.Option(help="How many times as often the last model fails.")
    ] = 3.0,
    start: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="First day.")
    ] = DEFAULT_START,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of the log.")] = 1,
    config: Config = None,
    log_format: Format = None,
    verbose: Verbose = False,
) -> None:
    """Imagine a fleet and send what its agents and its ticket system would say.

    The last model fails more often than it should: for demonstrations, tests and training. The log
    is marked as simulated, and nothing mixes it with real events.
    """
    program = program_of(context)
    settle_settings(program, config, verbose, log_format=log_format)
    url = bus or f"sqlite:{program.home.folder / 'simulated.db'}"
    plan = make_plan(drives, days, models, seed, start.date(), bad_model_factor)
    started_s = program.monotonic()
    sent, stop = run_until_stopped(partial(_simulate, program, url, partitions, plan))
    seconds = program.monotonic() - started_s
    told = f"{sent:,} simulated events sent to {url} in {seconds:.1f} s"
    if stop.event.is_set():
        told += "; ended before it was through: remove that log before the next try"
    console.out.print(told, soft_wrap=True, markup=False)
    if stop.interrupted:
        raise KeyboardInterrupt


def make_plan(
    drives: int, days: int, models: int, seed: int, start: date, bad_model_factor: float
) -> Plan:
    """The plan that these options ask for. Raises UsageError."""
    if not FIRST_DAY <= start <= LAST_START:
        raise UsageError(f"--start {start}: give a day from {FIRST_DAY} to {LAST_START}")
    if not 0.1 <= bad_model_factor <= 100:
        raise UsageError(f"--bad-model-factor {bad_model_factor}: give one from 0.1 to 100")
    return Plan(drives, days, models, seed, start, bad_model_factor)


async def _simulate(
    program: Program, url: str, partitions: int, plan: Plan, stop: Stop
) -> tuple[int, Stop]:
    log = create_log(url, partitions=partitions, simulated=True)
    try:
        await check_empty(log)
        with console.progress(unit="days") as bar:
            watch = _watcher(bar, plan, program.monotonic)
            return await simulate(plan, log, stop=stop.event, watch=watch), stop
    finally:
        await log.close()


def _watcher(bar: Progress, plan: Plan, monotonic: Callable[[], float]) -> Callable[[int], None]:
    task = bar.add_task("simulating", total=plan.days, rate="")
    started_s = monotonic()

    def watch(days: int) -> None:
        rate = days / max(monotonic() - started_s, 0.001)
        bar.update(task, completed=days, rate=f"{rate:,.0f} days/s")

    return watch

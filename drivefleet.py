"""`drivefleet`: agent and aggregator together on one machine, on the local log.

One command, one folder, one port for people. The two stay two processes, so that a hung drive never
delays a scrape and either may die without the other.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

import bus
from agent.cli.program import at_home
from agent.spool import SpoolError, list_passes, read_pass
from aggregator.cli.looking import look
from aggregator.config import AggregatorSettings
from aggregator.rates.figures import Figures, ModelRow, Rate
from bus.program.children import Child, Time, keep_running
from bus.program.console import err, out
from bus.program.errors import FailedError, run_program
from bus.program.home import Home, default_home
from bus.program.logs import start_logging
from bus.program.settings import settle

NAME = "drivefleet"
AGENT = (sys.executable, "-m", "agent")
AGGREGATOR = (sys.executable, "-m", "aggregator")
DEMO_SEED = 1
LOOK_EVERY_S = 0.1

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of everything.", show_default="the user's state folder"),
]
PortOption = Annotated[
    int | None, typer.Option("--port", help="Port of the page.", show_default="9642")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Settings file (TOML).", show_default=False)
]

app = typer.Typer(
    name=NAME,
    help="Know how your drives are dying: the running failure rate of this machine's drives.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command(epilog="Example: sudo drivefleet run --home /var/lib/drivefleet")
def run(
    home: HomeOption = None,
    listen: Annotated[
        str | None, typer.Option(help="Address to serve on.", show_default="127.0.0.1")
    ] = None,
    port: PortOption = None,
    config: ConfigOption = None,
) -> None:
    """Read this machine's drives, keep their figures running, serve them.

    Reading SATA and NVMe drives needs root, or the capabilities that the documentation names.
    """
    start_logging("logfmt")
    asked = [("--listen", listen), ("--port", port), ("--config", config)]
    flags = [part for name, value in asked if value is not None for part in (name, str(value))]
    of_agent = ("--config", str(config)) if config else ()
    children = (
        Child("agent", (*AGENT, "run", *of_agent)),
        Child("aggregator", (*AGGREGATOR, "run", *flags)),
    )
    asyncio.run(_run_until_stopped(children, home))


@app.command(epilog="Example: drivefleet status --home /var/lib/drivefleet")
def status(home: HomeOption = None, port: PortOption = None, config: ConfigOption = None) -> None:
    """How the fleet is, in five lines."""
    where = Home(home) if home else default_home()
    environ, flags = _environ(home), {"port": port}
    settings = settle(AggregatorSettings, "aggregator", file=config, environ=environ, flags=flags)
    for line in _status_lines(settings, where, config):
        out.print(line, soft_wrap=True)


@app.command(epilog="Example: drivefleet demo --once")
def demo(
    home: Annotated[
        Path | None,
        typer.Option("--home", help="Folder to play in.", show_default="a scratch folder"),
    ] = None,
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 9642,
    once: Annotated[bool, typer.Option("--once", help="Show the figures, then end.")] = False,
) -> None:
    """Show it all in a minute: this machine's drives, and a simulated fleet of 2,000.

    Everything is in a scratch folder that goes when the demo ends.
    """
    start_logging("logfmt")
    scratch = home or Path(tempfile.mkdtemp(prefix="drivefleet-demo-"))
    try:
        _show_own_drives(scratch / "own")
        _simulate(scratch / "simulated")
        asyncio.run(_serve_demo(scratch / "simulated", port, once=once))
    finally:
        if home is None:
            shutil.rmtree(scratch, ignore_errors=True)


def _environ(home: Path | None) -> dict[str, str]:
    """The environment of both programs, with everything in one folder where one was given."""
    if home is None:
        return dict(os.environ)
    where = Home(home.absolute())
    return os.environ | {
        "DRIVEFLEET_BUS": where.bus,
        "DRIVEFLEET_AGENT_SPOOL": str(where.agent / "spool"),
        "DRIVEFLEET_AGENT_STATE": str(where.agent / "collect"),
        "DRIVEFLEET_AGENT_MARKS": str(where.agent / "ship"),
        "DRIVEFLEET_AGGREGATOR_STATE": str(where.state),
    }


async def _run_until_stopped(children: tuple[Child, ...], home: Path | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await keep_running(children, _environ(home), stop, Time(time.monotonic, asyncio.sleep))


def _status_lines(settings: AggregatorSettings, where: Home, config: Path | None) -> Iterator[str]:
    figures = look(settings, None).figures
    kind = "simulated drives" if figures.simulated else "drives"
    states = dict.fromkeys(("active", "unaccounted", "failed"), 0)
    for row in figures.states:
        states[row.state] += row.drives
    told = ", ".join(f"{number:,} {state}" for state, number in states.items())
    yield f"[bold]{kind:>12}[/]  {told}, as of {figures.as_of}"
    pooled = [fleet.rate for fleet in figures.fleet if fleet.role == "data"]
    told = describe_rate(pooled[-1]) if pooled else "no drive has been seen yet"
    yield f"[bold]{'failures':>12}[/]  {told}"
    yield f"[bold]{'worst model':>12}[/]  {_worst(figures)}"
    yield f"[bold]{'agent':>12}[/]  {escape(_agent_line(where, config))}"
    yield f"[bold]{'page':>12}[/]  {_page_line(settings)}"


def describe_rate(rate: Rate) -> str:
    """A rate in words, honest where it rests on little."""
    counted = f"{rate.failures:,} in {rate.drive_days:,} drive-days"
    if rate.afr is None or rate.lower is None or rate.upper is None:
        return f"{counted}: nothing to tell yet"
    return (
        f"{counted}: AFR {rate.afr:.2%}, with 95 % certainty between {rate.lower:.2%} and"
        f" {rate.upper:.2%}"
    )


def _worst(figures: Figures) -> str:
    """The model whose rate is certainly the highest."""
    rows = [row for row in figures.models if (row.role, row.window) == ("data", "lifetime")]
    failing = [row for row in rows if row.rate.failures]
    if not failing:
        return "none: no drive has failed"
    worst: ModelRow = max(failing, key=lambda row: (row.rate.lower or 0.0, row.model))
    return escape(f"{worst.manufacturer} {worst.model}, {describe_rate(worst.rate)}")


def _agent_line(where: Home, config: Path | None) -> str:
    settings = settle(at_home(where), "agent", file=config, environ=os.environ, flags={})
    passes = list_passes(settings.spool)
    if not passes:
        return "no pass yet"
    try:
        latest = read_pass(passes[-1])
    except SpoolError as error:
        return str(error)
    hours = (datetime.now(UTC) - latest.started_at).total_seconds() / 3600
    return f"last pass of {latest.host} {hours:.1f} h ago, {len(latest.keys)} drives"


def _page_line(settings: AggregatorSettings) -> str:
    scheme = "https" if settings.tls_certificate else "http"
    url = f"{scheme}://{settings.listen}:{settings.port}/"
    return f"{url} {'answers' if _answers(url) else 'does not answer: run `drivefleet run`'}"


def _answers(url: str) -> bool:
    """Whether something listens there, whatever it says."""
    try:
        with urllib.request.urlopen(f"{url}healthz", timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _show_own_drives(home: Path) -> None:
    """One pass over this machine's drives, and their table; why not, where it cannot be."""
    err.rule("This machine's drives")
    environ = _environ(home)
    if shutil.which("smartctl") is None:
        err.print("smartctl is not installed (Debian: apt-get install smartmontools).")
        return
    one_pass = subprocess.run([*AGENT, "run", "--once"], env=environ, check=False)
    passes = list_passes(Home(home).agent / "spool")
    if one_pass.returncode or not passes:
        return
    if not read_pass(passes[-1]).keys:
        err.print("smartctl finds no drive here that it can read: `drivefleet-agent scan` says why")
    else:
        subprocess.run([*AGGREGATOR, "run", "--until-end"], env=environ, check=False)
        subprocess.run([*AGGREGATOR, "models", "--role", "all"], env=environ, check=False)


def _simulate(home: Path) -> None:
    """A year of 2,000 simulated drives, one model of five three times worse."""
    err.rule("A simulated fleet: 2,000 drives, a year, one model of five three times worse")
    address = Home(home.absolute()).bus
    command = [*AGENT, "simulate", "--bus", address, "--seed", str(DEMO_SEED)]
    if subprocess.run(command, check=False).returncode:
        raise FailedError("the simulation ended early; see its words above")


async def _serve_demo(home: Path, port: int, *, once: bool) -> None:
    """Serve the simulated fleet until Ctrl-C, with its table when the figures are whole."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    environ = _environ(home)
    work_off = await asyncio.create_subprocess_exec(*AGGREGATOR, "run", "--until-end", env=environ)
    if await work_off.wait():
        raise FailedError("the aggregator ended early; see its words above")
    table = await asyncio.create_subprocess_exec(*AGGREGATOR, "models", env=environ)
    await table.wait()
    if once:
        return
    serving = Child("aggregator", (*AGGREGATOR, "run", "--port", str(port)))
    timing = Time(time.monotonic, asyncio.sleep)
    kept = asyncio.create_task(keep_running([serving], environ, stop, timing))
    url = f"http://127.0.0.1:{port}/"
    while not kept.done() and not await asyncio.to_thread(_answers, url):  # noqa: ASYNC110
        await asyncio.sleep(LOOK_EVERY_S)
    if not kept.done():
        out.print(f"\nThe page is at [bold]{url}[/], for Prometheus at [bold]{url}metrics[/].")
        _say_what_next()
        err.print("Ctrl-C ends the demo.")
    await kept


def _say_what_next() -> None:
    out.print(
        "\nYour own drives:      [bold]sudo drivefleet run[/]\n"
        "A downloaded quarter: [bold]drivefleet-agent replay data_Q1_2026.zip"
        " --bus sqlite:history.db[/]\n"
        "                      [bold]drivefleet-aggregator run --bus sqlite:history.db"
        " --state history[/]\n"
    )


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{NAME} {bus.__version__}")
        raise typer.Exit


@app.callback()
def drivefleet(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Version.")
    ] = False,
) -> None:
    """Know how your drives are dying."""


def main() -> None:
    run_program(NAME, app)


if __name__ == "__main__":
    main()

"""`drivefleet-agent`: the only place where the world is put together."""

import os
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NoReturn

import msgspec

from agent.cli.app import make_app
from agent.cli.program import Program
from agent.config import AgentSettings
from agent.spool import Pass
from bus.program.errors import run_program
from bus.program.home import default_home


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    program = Program(
        home=default_home(),
        environ=os.environ,
        clock=_now,
        monotonic=time.monotonic,
        draw=random.random,
        cores=len(os.sched_getaffinity(0)),
        collect=_collect,
        scan=_scan,
    )
    run_program("drivefleet-agent", partial(make_app(), obj=program))


def _now() -> datetime:
    return datetime.now(UTC)


def _collect(settings: AgentSettings) -> Pass:
    from agent.collect.collect import collect  # not above: only reading drives needs pySMART

    return collect(settings, clock=_now)


def _scan(settings: AgentSettings) -> Sequence[msgspec.Struct]:
    from agent.collect.scan import scan_report

    return scan_report(settings, clock=_now)


if __name__ == "__main__":
    main()

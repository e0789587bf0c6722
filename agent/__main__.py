"""`drivefleet-agent`: the only place where the world is put together."""

import os
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NoReturn

from platformdirs import user_state_path

from agent.cli.app import make_app
from agent.cli.program import Program
from agent.config import AgentSettings
from agent.spool import Pass
from bus.program.errors import run_program


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    run_program("drivefleet-agent", partial(make_app(), obj=make_program()))


def make_program() -> Program:
    """The world as it is: this user's folders, this machine's clock and cores."""
    return Program(
        home=user_state_path("drivefleet"),
        environ=os.environ,
        clock=_now,
        monotonic=time.monotonic,
        draw=random.random,
        cores=len(os.sched_getaffinity(0)),
        collect=_collect,
        scan=_scan,
    )


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()

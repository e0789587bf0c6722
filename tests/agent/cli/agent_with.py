"""`drivefleet-agent` with drives of its own, for tests: the rest is the real program.

Started with the name of what collecting does before the usual words.
"""

import os
import sys
import threading
import time
from datetime import UTC, datetime

import msgspec

from agent.cli.app import make_app
from agent.cli.program import Program
from agent.config import AgentSettings
from agent.spool import Pass, SpoolError, write_pass
from bus.contract import Drive, Inventory, Snapshot
from bus.program.errors import run_program
from bus.program.home import default_home


def collect_three(settings: AgentSettings) -> Pass:
    now = datetime.now(UTC)
    day, host = now.date(), "pod-7"
    snapshots = tuple(
        Snapshot(schema=1, day=day, host=host, sent_at=now, drive=Drive(f"Z{number}", "ST1"))
        for number in range(3)
    )
    inventory = Inventory(schema=1, day=day, host=host, sent_at=now, complete=True, present=3)
    keys = tuple(f"Z{number}:ST1" for number in range(3))
    content = Pass(day, host, now, keys, snapshots, (), inventory)
    write_pass(settings.spool, content)
    return content


def collect_nothing(settings: AgentSettings) -> Pass:
    raise SpoolError("cannot write to the spool: No space left on device")


def collect_for_ever(settings: AgentSettings) -> Pass:
    sys.stdout.write("a drive hangs\n")
    sys.stdout.flush()
    threading.Event().wait()
    raise AssertionError


class Row(msgspec.Struct, frozen=True):
    path: str
    power_on_hours: int | None


def scan_two(settings: AgentSettings) -> list[Row]:
    return [Row("/dev/sda", 4103), Row("/dev/[sdb]", None)]


def main() -> None:
    collect = {"three": collect_three, "nothing": collect_nothing, "hangs": collect_for_ever}
    name = sys.argv.pop(1)
    program = Program(
        home=default_home(),
        environ=os.environ,
        clock=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        draw=lambda: 0.0,
        cores=1,
        collect=collect[name],
        scan=scan_two if name == "three" else lambda settings: [],
    )
    run_program("drivefleet-agent", lambda: make_app()(obj=program))


if __name__ == "__main__":
    main()

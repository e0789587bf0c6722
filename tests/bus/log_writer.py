"""A process that appends to a log: `python log_writer.py URL NAME APPENDS MESSAGES [PADDING]`.

Each append holds MESSAGES records `NAME:append:message`; its number is printed once it is durable.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

from bus.connect import open_log
from bus.log import Message, Spot, Topic

ROOT = Path(__file__).parents[2]
SPOT = Spot(Topic.SNAPSHOTS, 0)


def value(name: str, append: int, message: int, padding: int = 0) -> bytes:
    return f"{name}:{append}:{message}".encode() + b" " * padding


@contextmanager
def writing(
    url: str, name: str, *, appends: int, messages: int, padding: int = 0
) -> Iterator["Popen[str]"]:
    """This script as a process of its own, killed at the end if it still runs."""
    numbers = (str(number) for number in (appends, messages, padding))
    command = [sys.executable, "-m", "tests.bus.log_writer", url, name, *numbers]
    with Popen(command, cwd=ROOT, stdout=PIPE, text=True) as writer:
        try:
            yield writer
        finally:
            writer.kill()


async def write(url: str, name: str, appends: int, messages: int, padding: int) -> None:
    log = open_log(url)
    for append in range(appends):
        values = [value(name, append, message, padding) for message in range(messages)]
        await log.append([Message(SPOT, each) for each in values], live=True)
        sys.stdout.write(f"{append}\n")
        sys.stdout.flush()
    await log.close()


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])))

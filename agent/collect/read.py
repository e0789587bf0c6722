"""Reads drives side by side: one smartctl for each, each with its own deadline.

Rules:
- A hung drive costs its thread a deadline and the others nothing.
- When the caller is interrupted, what still runs is killed: a stop does not wait for a drive.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import datetime

from agent.collect.reading import Reading
from agent.collect.smartctl import ask_drive, find_smartctl
from agent.collect.snapshot import understand
from agent.config import AgentSettings, Device


def read_drives(
    settings: AgentSettings,
    devices: Sequence[Device],
    *,
    clock: Callable[[], datetime],
    done: Callable[[Reading], None],
) -> list[Reading]:
    """Read each device once; the readings in the order in which they came.

    `done` is called with each as it comes, from the calling thread. Blocks, at most for deadline_s
    times devices over parallel. Raises UsageError when smartctl is not installed, and whatever
    `done` raises.
    """
    if not devices:
        return []
    smartctl = find_smartctl(settings.smartctl)
    given_up = threading.Event()

    def read(device: Device) -> Reading:
        answer = ask_drive(smartctl, device, deadline_s=settings.deadline_s, given_up=given_up)
        return understand(device, answer, clock())

    readings: list[Reading] = []
    with _threads(min(settings.parallel, len(devices)), given_up) as pool:
        for future in as_completed([pool.submit(read, device) for device in devices]):
            reading = future.result()
            readings.append(reading)
            done(reading)
    return readings


@contextmanager
def _threads(count: int, given_up: threading.Event) -> Iterator[ThreadPoolExecutor]:
    """Threads that end with the block; at an error in it they drop what they do."""
    with ThreadPoolExecutor(count, thread_name_prefix="read") as pool:
        try:
            yield pool
        except BaseException:
            given_up.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise

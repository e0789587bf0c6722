"""Runs smartctl: once for a drive, with a deadline, and never waits for a process that cannot die.

Rules:
- A list of arguments, never a shell; nothing of our environment reaches it.
- A drive that hangs leaves smartctl in the kernel, where SIGKILL has no effect until the drive
  answers: it is killed with its group and left, and a thread waits for its end.
"""

import os
import selectors
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from typing import IO

import msgspec

from agent.collect.answer import Answer, parse_output
from agent.collect.table import read_table
from agent.config import Device
from bus.program.errors import UsageError

ROOT_PATH = "/usr/sbin:/sbin"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
MAX_OUTPUT_BYTES = 8_000_000
"""A drive with every log tells 0.2 MB; what goes on and on is no answer."""
CHUNK_BYTES = 65_536
LOOK_S = 0.25
"""How often a run looks whether it is to be given up: a stop must end within 5 s."""


class Ran(msgspec.Struct, frozen=True):
    """How a process went. `exit_status` is None where it did not end by itself."""

    output: bytes = b""
    exit_status: int | None = None
    timed_out: bool = False
    error: str = ""


def find_smartctl(name: str) -> str:
    """The path of smartctl. Raises UsageError when there is none."""
    found = shutil.which(name) or shutil.which(name, path=ROOT_PATH)
    if found is None:
        raise UsageError(
            f"smartctl is not installed: no program {name!r} here; install the package"
            " smartmontools (7.0 or newer), or say where it is with `smartctl` in [agent]"
        )
    return found


def ask_drive(
    smartctl: str, device: Device, *, deadline_s: float, given_up: threading.Event | None = None
) -> Answer:
    """All that a drive says, from exactly one process; it is not woken. Blocks, never raises."""
    kind = ["-d", device.type] if device.type else []
    argv = [smartctl, "--json=o", "-n", "standby", *kind, "--all", device.path]
    ran = run(argv, deadline_s=deadline_s, given_up=given_up)
    found, lines = parse_output(ran.output)
    return Answer(
        exit_status=ran.exit_status,
        lines=lines,
        json=found,
        attributes=read_table(device.path, lines),
        timed_out=ran.timed_out,
        error=ran.error,
    )


def run(argv: list[str], *, deadline_s: float, given_up: threading.Event | None = None) -> Ran:
    """Run a program to its end or its deadline, whichever is first. Blocks, never raises.

    Its output may be cut short where `error` says so.
    """
    until = time.monotonic() + deadline_s
    try:
        process = subprocess.Popen(
            argv,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # its group is killed as one
        )
    except OSError as error:
        return Ran(error=f"{argv[0]} did not start: {error.strerror}")
    assert process.stdout is not None  # PIPE
    try:
        with process.stdout as pipe:
            return _collect(process, pipe, until, given_up or threading.Event())
    finally:
        _end(process)


def _collect(
    process: subprocess.Popen[bytes], pipe: IO[bytes], until: float, given_up: threading.Event
) -> Ran:
    chunks: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while (left_s := until - time.monotonic()) > 0 and not given_up.is_set():
            if not selector.select(min(left_s, LOOK_S)):
                continue
            chunk = os.read(pipe.fileno(), CHUNK_BYTES)
            if not chunk:
                return _ended(process, b"".join(chunks), until)
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_OUTPUT_BYTES:
                return Ran(b"".join(chunks), error=f"more than {MAX_OUTPUT_BYTES} bytes of output")
    if given_up.is_set():
        return Ran(b"".join(chunks), error="stopped")
    return Ran(b"".join(chunks), timed_out=True)


def _ended(process: subprocess.Popen[bytes], output: bytes, until: float) -> Ran:
    """How it ended, once its output has."""
    try:
        code = process.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return Ran(output, timed_out=True)
    if code < 0:
        return Ran(output, error=f"ended by {signal.Signals(-code).name}")
    return Ran(output, code)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what still runs of its group, and have somebody wait for it."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError, PermissionError):  # gone, or a wrapper that runs as another
        os.killpg(process.pid, signal.SIGKILL)
    threading.Thread(target=process.wait, daemon=True, name="reap smartctl").start()

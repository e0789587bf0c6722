"""QEMU's control socket: commands and their answers, events as they come."""

import socket
import time
from collections.abc import Mapping

import msgspec

ANSWER_S = 30.0
"""QEMU answers within milliseconds; on two busy cores within seconds."""
_READ_BYTES = 65_536


class QmpError(Exception):
    """QEMU refused a command; the text is its own."""


class QmpClosedError(Exception):
    """QEMU is gone."""


class Event(msgspec.Struct, frozen=True):
    """Something that happened in QEMU, like DEVICE_DELETED."""

    event: str
    data: dict[str, object] = {}


class _Refusal(msgspec.Struct, frozen=True):
    desc: str


class _Message(msgspec.Struct, frozen=True):
    event: str | None = None
    data: dict[str, object] = {}
    error: _Refusal | None = None
    result: msgspec.Raw | msgspec.UnsetType = msgspec.field(name="return", default=msgspec.UNSET)


class Qmp:
    """One connection. Events that were seen while waiting for something else are kept."""

    def __init__(self, connection: socket.socket) -> None:
        """Takes the connection over; may block until QEMU is up."""
        self._connection = connection
        self._unread = b""
        self._events: list[Event] = []
        self._next_message(time.monotonic() + ANSWER_S)  # the greeting
        self.call("qmp_capabilities")

    def call(self, execute: str, arguments: Mapping[str, object] | None = None) -> object:
        """Run a QMP command; its answer. Raises QmpError, QmpClosedError, TimeoutError."""
        command = {"execute": execute, "arguments": arguments or {}}
        try:
            self._connection.sendall(msgspec.json.encode(command) + b"\n")
        except BrokenPipeError as error:
            raise QmpClosedError(execute) from error
        deadline = time.monotonic() + ANSWER_S
        while True:
            message = self._next_message(deadline)
            if message.error is not None:
                raise QmpError(f"{execute}: {message.error.desc}")
            if not isinstance(message.result, msgspec.UnsetType):
                return msgspec.json.decode(message.result)

    def monitor(self, line: str) -> str:
        """A line for QEMU's monitor for people, and what it prints."""
        return str(self.call("human-monitor-command", {"command-line": line}))

    def forget_events(self) -> None:
        """Call before a command whose event is awaited: an older one of that name is no answer."""
        self._events.clear()

    def wait_for(self, event: str, timeout_s: float = ANSWER_S, **data: object) -> Event:
        """The first event of this name and data, also one seen before. Raises TimeoutError."""
        deadline = time.monotonic() + timeout_s
        while True:
            for each in self._events:
                if each.event == event and data.items() <= each.data.items():
                    return each
            self._next_message(deadline)

    def close(self) -> None:
        self._connection.close()

    def _next_message(self, deadline: float) -> _Message:
        while b"\n" not in self._unread:
            self._connection.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                read = self._connection.recv(_READ_BYTES)
            except ConnectionResetError:
                read = b""
            if not read:
                raise QmpClosedError("QEMU ended")
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        message = msgspec.json.decode(line, type=_Message)
        if message.event is not None:
            self._events.append(Event(message.event, message.data))
        return message

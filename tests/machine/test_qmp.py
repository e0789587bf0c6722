"""The control socket, against a peer that says what QEMU would."""

import json
import socket
from collections.abc import Iterator

import pytest

from tests.machine.qmp import Qmp, QmpClosedError, QmpError

GREETING: dict[str, object] = {"QMP": {"version": {}, "capabilities": []}}
DONE: dict[str, object] = {"return": {}}


class Peer:
    """The other end: everything it will say is written ahead."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self.say(GREETING, DONE)

    def say(self, *messages: dict[str, object]) -> None:
        for message in messages:
            self._end.sendall(json.dumps(message).encode() + b"\r\n")

    def heard(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self._end.recv(65_536).splitlines()]

    def leave(self) -> None:
        self._end.close()


@pytest.fixture
def peer_and_qmp() -> Iterator[tuple[Peer, Qmp]]:
    ours, its = socket.socketpair()
    peer = Peer(its)
    qmp = Qmp(ours)
    yield peer, qmp
    qmp.close()
    peer.leave()


def test_a_command_gets_its_answer_past_events(peer_and_qmp: tuple[Peer, Qmp]) -> None:
    peer, qmp = peer_and_qmp
    peer.say({"event": "RESUME"}, {"return": {"status": "running"}})
    assert qmp.call("query-status", {"x": 1}) == {"status": "running"}
    assert peer.heard()[-1] == {"execute": "query-status", "arguments": {"x": 1}}


def test_a_refusal_has_qemus_words(peer_and_qmp: tuple[Peer, Qmp]) -> None:
    peer, qmp = peer_and_qmp
    peer.say({"error": {"class": "GenericError", "desc": "Device 'x' not found"}})
    with pytest.raises(QmpError, match="Device 'x' not found"):
        qmp.call("device_del", {"id": "x"})


def test_an_event_seen_before_the_wait_counts(peer_and_qmp: tuple[Peer, Qmp]) -> None:
    peer, qmp = peer_and_qmp
    told = {"device": "drive2", "path": "/p"}
    peer.say({"event": "DEVICE_DELETED", "data": told}, DONE)
    qmp.call("query-status")
    assert qmp.wait_for("DEVICE_DELETED", device="drive2").data["path"] == "/p"


def test_a_forgotten_event_and_one_of_another_drive_are_no_answer(
    peer_and_qmp: tuple[Peer, Qmp],
) -> None:
    peer, qmp = peer_and_qmp
    peer.say({"event": "DEVICE_DELETED", "data": {"device": "drive2"}}, DONE)
    qmp.call("query-status")
    qmp.forget_events()
    peer.say({"event": "DEVICE_DELETED", "data": {"device": "drive3"}})
    with pytest.raises(TimeoutError):
        qmp.wait_for("DEVICE_DELETED", timeout_s=0.05, device="drive2")


def test_a_qemu_that_is_gone_is_told(peer_and_qmp: tuple[Peer, Qmp]) -> None:
    peer, qmp = peer_and_qmp
    peer.leave()
    with pytest.raises(QmpClosedError):
        qmp.call("query-status")

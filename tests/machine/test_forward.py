"""Both ends of the way between a machine and the host's loopback, over real sockets."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.machine.forward import listen
from tests.machine.machine import FORWARD

LARGE = b"x" * 300_000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def echo(host: str, port: int) -> AsyncIterator[None]:
    """A server that says what it heard once the other side has ended."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read()).upper())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, host, port)
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()


async def test_stdin_and_stdout_are_carried_to_the_hosts_port() -> None:
    port = free_port()
    async with echo("127.0.0.1", port):
        command = [sys.executable, str(FORWARD), "connect", str(port)]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        answer, _ = await process.communicate(LARGE)
    assert answer == LARGE.upper()
    assert process.returncode == 0


async def test_a_port_inside_leads_to_the_same_port_of_the_host() -> None:
    port = free_port()
    far = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readexactly(len(LARGE))).upper())
        await writer.drain()
        await reader.read()  # until the other side ends
        writer.close()
        far.set()

    server = await asyncio.start_server(answer, "127.0.0.2", port)
    carrying = asyncio.create_task(listen("127.0.0.2", [port]))
    reader, writer = await connected(port, carrying)
    writer.write(LARGE)
    assert await reader.readexactly(len(LARGE)) == LARGE.upper()
    writer.close()
    await asyncio.wait_for(far.wait(), 10)
    carrying.cancel()
    with suppress(asyncio.CancelledError):
        await carrying
    server.close()
    await server.wait_closed()


async def connected(
    port: int, carrying: asyncio.Task[None]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection as soon as it is listened for."""
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            assert not carrying.done()
            await asyncio.sleep(0)

"""Carry TCP between a machine and the host's loopback; a script of the standard library alone.

`forward.py listen HOST PORT...` runs inside: a connection to 127.0.0.1:PORT goes on to HOST:PORT.
`forward.py connect PORT` runs outside, once for each connection: stdin and stdout are carried to
and from 127.0.0.1:PORT.
"""

import asyncio
import os
import socket
import sys
import threading

CHUNK_BYTES = 65_536


async def listen(host: str, ports: list[int]) -> None:
    servers = [await _serve(host, port) for port in ports]
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _serve(host: str, port: int) -> asyncio.Server:
    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, port)
        both = (_pump(reader, far_writer), _pump(far_reader, writer))
        await asyncio.gather(*both, return_exceptions=True)

    return await asyncio.start_server(carry, "127.0.0.1", port)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    finally:
        writer.close()


def connect(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        threading.Thread(target=_send, args=(connection,), daemon=True).start()
        while chunk := connection.recv(CHUNK_BYTES):
            os.write(1, chunk)


def _send(connection: socket.socket) -> None:
    while chunk := os.read(0, CHUNK_BYTES):
        connection.sendall(chunk)
    connection.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    if sys.argv[1] == "listen":
        asyncio.run(listen(sys.argv[2], [int(port) for port in sys.argv[3:]]))
    else:
        connect(int(sys.argv[2]))

"""Ways of asking a server: as a client does, and byte by byte."""

import asyncio

from aiohttp import ClientResponse

from tests.aggregator.serve.served import Service


async def get(service: Service, path: str, **headers: str) -> ClientResponse:
    answer = await service.client.get(
        service.url(path), headers={name.replace("_", "-"): v for name, v in headers.items()}
    )
    await answer.read()
    return answer


async def raw(
    service: Service, method: str, target: str, *headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request as it is written, and the answer as it comes: nothing decoded, nothing mended."""
    lines = [f"{method} {target} HTTP/1.1", "Host: test", "Connection: close", *headers, "", ""]
    return await exchange(service, "\r\n".join(lines).encode())


async def exchange(service: Service, request: bytes) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", service.server.port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = {name.lower(): v.strip() for name, _, v in (line.partition(":") for line in rest)}
    length = 0 if request.startswith(b"HEAD") else int(headers.get("content-length", "0"))
    body = await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()
    return int(first.split()[1]), headers, body

"""Listening, being shown views, ending."""

import asyncio
import errno
import gc
import socket

import msgspec
import pytest
from aiohttp import ClientConnectorError, ClientSession

from aggregator.serve.options import ServeOptions
from aggregator.serve.server import serve, why_not_listening
from bus.program.errors import UsageError
from tests.aggregator.serve.served import MemorySource, Service, small_fleet


async def test_a_taken_port_is_named_and_nothing_is_left_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"127\.0\.0\.1 port {port} is taken.*another port"):
            await serve(MemorySource(), ServeOptions(port=port))
    server = await serve(MemorySource(), ServeOptions(port=port))
    assert server.port == port
    await server.close()
    gc.collect()  # a socket left open would warn here


@pytest.mark.parametrize(
    ("listen", "told"),
    [
        ("192.0.2.1", "'192.0.2.1' is not an address of this machine"),
        ("no.such.host.invalid", "'no.such.host.invalid' is not an address"),
    ],
)
async def test_a_foreign_address_is_named(listen: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        await serve(MemorySource(), ServeOptions(listen=listen, port=0))


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.EADDRNOTAVAIL, "'10.0.0.1' is not an address of this machine"),
        (errno.EACCES, "10.0.0.1 port 80 is not for ordinary users: choose a port from 1024 up"),
        (errno.EMFILE, "cannot listen on 10.0.0.1 port 80: Too many open files"),
    ],
)
def test_what_keeps_us_from_listening_is_told_in_words(number: int, told: str) -> None:
    error = OSError(number, "Too many open files")
    options = ServeOptions(listen="10.0.0.1", port=80)
    assert why_not_listening(error, options).startswith(told)


async def test_by_default_only_this_machine_is_served() -> None:
    assert ServeOptions().listen == "127.0.0.1"
    assert ServeOptions().port == 9642


async def test_an_address_of_version_6_stands_in_brackets() -> None:
    try:
        server = await serve(MemorySource(), ServeOptions(listen="::1", port=0))
    except UsageError:
        pytest.skip("this machine has no IPv6 loopback")
    assert server.url == f"http://[::1]:{server.port}/"
    await server.close()


async def test_nothing_listens_after_the_end() -> None:
    server = await serve(MemorySource(), ServeOptions(port=0))
    await server.close()
    with pytest.raises(ClientConnectorError):
        async with ClientSession() as client:
            await client.get(server.url)


async def test_a_connection_kept_open_does_not_hold_up_the_end() -> None:
    server = await serve(MemorySource(), ServeOptions(port=0))
    async with ClientSession() as client:
        async with client.get(server.url + "healthz") as answer:
            await answer.read()
        async with asyncio.timeout(1.0):
            await server.close()


async def test_the_view_shown_last_is_served_in_the_order_given(service: Service) -> None:
    views = [msgspec.structs.replace(small_fleet(), preliminary=n % 2 == 1) for n in range(5)]
    await asyncio.gather(*map(service.server.show, views))
    async with service.client.get(service.url("metrics")) as answer:
        assert "drivefleet_windows_preliminary 0.0" in await answer.text()
    async with service.client.get(service.url("api/v1/models")) as answer:
        assert (await answer.json())["preliminary"] is False


async def test_the_cap_on_models_acts_in_the_exposition_alone() -> None:
    server = await serve(MemorySource(), ServeOptions(port=0, most_models=1))
    await server.show(small_fleet())
    async with ClientSession() as client:
        async with client.get(server.url + "metrics") as answer:
            assert "ST4000DM000" not in await answer.text()
        async with client.get(server.url + "api/v1/models") as answer:
            assert "ST4000DM000" in await answer.text()
        async with client.get(server.url) as answer:
            assert "ST4000DM000" in await answer.text()
    await server.close()

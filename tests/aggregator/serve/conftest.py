"""A server on loopback, a small fleet to serve, certificates."""

import shutil
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, TCPConnector

from aggregator.rates.figures import Figures
from aggregator.serve.options import ServeOptions
from aggregator.serve.server import serve
from aggregator.serve.source import ProcessFigures
from tests.aggregator.serve.certificates import Certificates, make_certificates
from tests.aggregator.serve.served import PROCESS, MemorySource, Service, small_fleet


@pytest.fixture
def figures() -> Figures:
    return small_fleet()


@pytest.fixture
def process() -> ProcessFigures:
    return PROCESS


@pytest.fixture
def source() -> MemorySource:
    return MemorySource()


@pytest.fixture
async def service(source: MemorySource) -> AsyncIterator[Service]:
    server = await serve(source, ServeOptions(port=0))
    async with ClientSession(connector=TCPConnector(force_close=True)) as client:
        yield Service(server, source, client)
    await server.close()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is absent: it makes the certificates of this test")
    return make_certificates(tmp_path_factory.mktemp("certificates"))

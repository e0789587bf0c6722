"""A real Prometheus scrapes us, over TLS and with a password, and reads what we said."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from aggregator.serve.options import ServeOptions
from aggregator.serve.server import serve
from tests.aggregator.serve.certificates import Certificates
from tests.aggregator.serve.served import HOSTILE, MemorySource, small_fleet

CONFIG = """
global: {{scrape_interval: 200ms}}
scrape_configs:
  - job_name: drivefleet
    scheme: https
    tls_config: {{ca_file: {ca}}}
    basic_auth: {{username: prometheus, password: s3cret}}
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""
PATIENCE_S = 30


class Scrapes(MemorySource):
    """A source that knows how often it was scraped."""

    def __init__(self) -> None:
        super().__init__(on_process=self._count)
        self.third = asyncio.Event()
        self._number = 0

    def _count(self) -> None:
        self._number += 1
        if self._number == 3:  # by then the first is in its store
            self.third.set()


@pytest.fixture
async def prometheus(tmp_path: Path, certificates: Certificates) -> AsyncIterator[str]:
    """The address of a Prometheus that has scraped the small fleet."""
    program = shutil.which("prometheus")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("prometheus is absent, and CI is set: install the package prometheus")
        pytest.skip("prometheus is absent: it comes with the package prometheus")
    passwords = tmp_path / "passwords"
    passwords.write_text("prometheus:s3cret\n")
    source = Scrapes()
    server = await serve(
        source,
        ServeOptions(
            port=0,
            tls_certificate=certificates.server,
            tls_key=certificates.server_key,
            password_file=passwords,
        ),
    )
    await server.show(small_fleet())
    config = tmp_path / "prometheus.yml"
    config.write_text(CONFIG.format(ca=certificates.ca, port=server.port))
    address = f"127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address={address}",
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            await source.third.wait()
        yield f"http://{address}"
    finally:
        process.terminate()
        await process.wait()
        await server.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


async def ask(address: str, expression: str) -> dict[str, str]:
    """model -> value of an instant query."""
    url = f"{address}/api/v1/query"
    async with ClientSession() as client, client.get(url, params={"query": expression}) as answer:
        told = await answer.json()
    assert told["status"] == "success", told
    return {one["metric"].get("model", ""): one["value"][1] for one in told["data"]["result"]}


async def test_a_real_prometheus_reads_what_we_say(prometheus: str) -> None:
    assert await ask(prometheus, "up") == {"": "1"}
    rates = await ask(prometheus, 'drivefleet_window_afr_ratio{window="lifetime"}')
    assert float(rates["ST4000DM000"]) == 25 / (250_000 / 365)  # to the last bit
    assert rates[HOSTILE] == "1"
    assert "NEW" not in rates
    counted = "365 * sum by (model) (drivefleet_window_failures{window='90d',role='data'})"
    counted += " / sum by (model) (drivefleet_window_drive_days{window='90d',role='data'} > 0)"
    assert float((await ask(prometheus, counted))["ST4000DM000"]) == pytest.approx(0.0365)
    assert await ask(prometheus, "drivefleet_view_age_seconds") == {"": "12.25"}

"""Who may ask: TLS, client certificates, names and passwords."""

import base64
import ssl
from pathlib import Path

import msgspec
import pytest
from aiohttp import ClientConnectorCertificateError, ClientError, ClientSession

from aggregator.serve.access import is_known, read_passwords, tls_context
from aggregator.serve.options import ServeOptions
from aggregator.serve.server import Server, serve
from bus.program.errors import UsageError
from tests.aggregator.serve.certificates import Certificates
from tests.aggregator.serve.served import MemorySource, small_fleet


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.fixture
def passwords(tmp_path: Path) -> Path:
    file = tmp_path / "passwords"
    file.write_text("prometheus:s3cret: with colon\r\n\nänne:pässword\n", encoding="utf-8")
    return file


async def get(server: Server, path: str, trust: ssl.SSLContext | bool = True) -> int:
    async with ClientSession() as client, client.get(server.url + path, ssl=trust) as answer:
        return answer.status


def trusting(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificates.ca)


def test_each_line_of_a_password_file_is_known(passwords: Path) -> None:
    known = read_passwords(passwords)
    assert is_known(basic("prometheus:s3cret: with colon"), known)
    assert is_known(basic("änne:pässword"), known)
    assert is_known(basic("änne:pässword").replace("Basic", "basic"), known)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic é",
        basic(""),
        basic("prometheus"),
        basic("prometheus:"),
        basic("prometheus:s3cret"),
        basic("prometheus:s3cret: with colon "),
        basic("änne:s3cret: with colon"),
        basic("prometheus:s3cret: with colon").replace("Basic", "Bearer"),
    ],
)
def test_anything_else_is_not(passwords: Path, header: str) -> None:
    assert not is_known(header, read_passwords(passwords))


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "is empty"), ("\n\n", "is empty"), ("a:b\njustaname\n", "line 2"), (":b\n", "line 1")],
)
def test_a_password_file_without_passwords_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "passwords"
    file.write_text(text)
    with pytest.raises(UsageError, match=told):
        read_passwords(file)


def test_an_absent_password_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read the password file .*absent: No such file"):
        read_passwords(tmp_path / "absent")


async def test_without_the_password_there_is_nothing_but_life_signs(passwords: Path) -> None:
    server = await serve(MemorySource(), ServeOptions(port=0, password_file=passwords))
    await server.show(small_fleet())
    for path in ("", "metrics", "api/v1/models", "api/v1/drives/X", "nowhere"):
        async with ClientSession() as client, client.get(server.url + path) as answer:
            assert answer.status == 401, path
            assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
            assert await answer.json() == {"error": "a name and a password are needed"}
    assert await get(server, "healthz") == await get(server, "readyz") == 200
    await server.close()


async def test_with_the_password_everything_is_told(passwords: Path) -> None:
    server = await serve(MemorySource(), ServeOptions(port=0, password_file=passwords))
    await server.show(small_fleet())
    headers = {"Authorization": basic("änne:pässword")}
    async with (
        ClientSession(headers=headers) as client,
        client.get(server.url + "metrics") as answer,
    ):
        assert answer.status == 200
    await server.close()


async def test_over_tls_a_client_that_trusts_the_ca_is_served(certificates: Certificates) -> None:
    options = ServeOptions(
        port=0, tls_certificate=certificates.server, tls_key=certificates.server_key
    )
    server = await serve(MemorySource(), options)
    assert server.url.startswith("https://127.0.0.1:")
    assert await get(server, "healthz", trusting(certificates)) == 200
    with pytest.raises(ClientConnectorCertificateError):
        await get(server, "healthz")
    await server.close()


async def test_with_a_client_ca_only_clients_with_its_certificate_are_served(
    certificates: Certificates,
) -> None:
    options = ServeOptions(
        port=0,
        tls_certificate=certificates.server,
        tls_key=certificates.server_key,
        client_ca=certificates.ca,
    )
    server = await serve(MemorySource(), options)
    nameless, named = trusting(certificates), trusting(certificates)
    named.load_cert_chain(certificates.client, certificates.client_key)
    assert await get(server, "healthz", named) == 200
    with pytest.raises(ClientError):
        await get(server, "healthz", nameless)
    await server.close()


def test_old_tls_is_refused(certificates: Certificates) -> None:
    context = tls_context(certificates.server, certificates.server_key, None)
    assert context is not None
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_without_a_certificate_there_is_no_tls() -> None:
    assert tls_context(None, None, None) is None


def test_a_key_or_ca_without_a_certificate_is_refused(certificates: Certificates) -> None:
    for key, client_ca in ((certificates.server_key, None), (None, certificates.ca)):
        with pytest.raises(UsageError, match="without a certificate"):
            tls_context(None, key, client_ca)


def test_what_cannot_be_used_is_named(certificates: Certificates, tmp_path: Path) -> None:
    absent = tmp_path / "absent.pem"
    foreign = tmp_path / "foreign.pem"
    foreign.write_text("not a certificate\n")
    good, key = certificates.server, certificates.server_key
    for arguments, told in (
        ((absent, key, None), "absent.pem: No such file"),
        ((good, absent, None), "absent.pem: No such file"),
        ((good, key, absent), "client CA .*absent.pem: No such file"),
        ((foreign, key, None), "foreign.pem .* cannot be used"),
        ((good, certificates.client_key, None), "they belong together"),
        ((good, None, None), "cannot be used"),
        ((good, key, foreign), "foreign.pem is not a PEM certificate"),
    ):
        with pytest.raises(UsageError, match=told):
            tls_context(*arguments)


async def test_an_unusable_certificate_ends_the_start(tmp_path: Path) -> None:
    options = ServeOptions(port=0, tls_certificate=tmp_path / "absent.pem")
    with pytest.raises(UsageError, match=r"absent\.pem"):
        await serve(MemorySource(), options)
    wrong = msgspec.structs.replace(options, tls_certificate=None, password_file=tmp_path / "no")
    with pytest.raises(UsageError, match="password file"):
        await serve(MemorySource(), wrong)

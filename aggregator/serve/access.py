"""Who may ask: TLS, client certificates, names and passwords.

Rules: what cannot be read is a UsageError before anything listens; passwords are compared in
constant time; whether the process lives and is ready is told to anyone who gets through TLS.
"""

import base64
import binascii
import hashlib
import hmac
import ssl
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bus.program.errors import UsageError

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
"""Probes of an orchestrator carry no password, and learn nothing that is worth one."""


def tls_context(
    certificate: Path | None, key: Path | None, client_ca: Path | None
) -> ssl.SSLContext | None:
    """TLS 1.2 or newer with this certificate; None where none is set.

    With `client_ca`, clients must show a certificate signed by it. Raises UsageError.
    """
    if certificate is None:
        if key or client_ca:
            raise UsageError("a TLS key or client CA is set without a certificate: set that too")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load_chain(context, certificate, key)
    if client_ca is not None:
        _load_client_ca(context, client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _load_chain(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    for file in (certificate, key):
        if file is not None:
            _readable("TLS certificate or key", file)
    try:
        # A password is never asked for on the terminal: a service has none.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, OSError) as error:
        raise UsageError(
            f"TLS certificate {certificate} with key {key or certificate} cannot be used: {error};"
            " both are PEM files, the key without a password, and they belong together"
        ) from error


def _load_client_ca(context: ssl.SSLContext, client_ca: Path) -> None:
    _readable("client CA", client_ca)
    try:
        context.load_verify_locations(client_ca)
    except (ssl.SSLError, OSError) as error:
        raise UsageError(f"client CA {client_ca} is not a PEM certificate: {error}") from error


def _readable(what: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the {what} {file}: {error.strerror}") from error


def read_passwords(file: Path) -> tuple[bytes, ...]:
    """Digests of every `name:password` of a file, one a line. Raises UsageError."""
    lines = [line.strip(b"\r") for line in _readable("password file", file).split(b"\n")]
    told = [line for line in lines if line]
    if not told:
        raise UsageError(f"password file {file} is empty: write name:password, one a line")
    for number, line in enumerate(lines, start=1):
        name, _, password = line.partition(b":")
        if line and not (name and password):
            raise UsageError(f"password file {file}, line {number}: write name:password")
    return tuple(_digest(line) for line in told)


def password_middleware(known: tuple[bytes, ...]) -> Middleware:
    """Refuse with 401 whoever does not give one of the known names and passwords."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in OPEN_PATHS or is_known(request.headers.get("Authorization", ""), known):
            return await handler(request)
        raise web.HTTPUnauthorized(
            text="a name and a password are needed",
            headers={"WWW-Authenticate": 'Basic realm="drivefleet", charset="UTF-8"'},
        )

    return check


def is_known(authorization: str, known: tuple[bytes, ...]) -> bool:
    """Does the header carry one of the known names and passwords? Takes the same time always."""
    scheme, _, token = authorization.partition(" ")
    try:
        given = base64.b64decode(token.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    digest = _digest(given)
    matches = [hmac.compare_digest(digest, one) for one in known]
    return scheme.lower() == "basic" and any(matches)


def _digest(text: bytes) -> bytes:
    """Of equal length whatever the text, so that comparing tells nothing of its length."""
    return hashlib.sha256(text).digest()

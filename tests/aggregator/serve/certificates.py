"""Certificates for tests, made by openssl: a CA, a server and a client that it signed."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    """PEM files: a CA, a server's and a client's certificate that it signed."""

    ca: Path
    server: Path
    server_key: Path
    client: Path
    client_key: Path


EC_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")


def make_certificates(folder: Path) -> Certificates:
    make_ca(folder)
    for name in ("server", "client"):
        make_certificate(folder, name)
    return Certificates(
        folder / "ca.pem",
        folder / "server.pem",
        folder / "server.key",
        folder / "client.pem",
        folder / "client.key",
    )


def make_ca(folder: Path) -> None:
    ca_is = ("-addext", "keyUsage=critical,keyCertSign")
    files = ("-keyout", "ca.key", "-out", "ca.pem")
    openssl(folder, "req", "-x509", *EC_KEY, "-subj", "/CN=test ca", "-days", "2", *ca_is, *files)


def make_certificate(folder: Path, name: str) -> None:
    openssl(
        folder,
        *("req", "-x509", *EC_KEY, "-subj", f"/CN={name}", "-days", "2"),
        *("-CA", "ca.pem", "-CAkey", "ca.key"),
        *("-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"),
        *("-keyout", f"{name}.key", "-out", f"{name}.pem"),
    )


def openssl(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

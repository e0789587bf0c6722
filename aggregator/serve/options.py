"""Where and to whom the aggregator serves."""

from pathlib import Path

import msgspec

from aggregator.serve.fold import MOST_MODELS

PORT = 9642


class ServeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Defaults serve this machine alone, in the clear."""

    listen: str = "127.0.0.1"  # nobody else's business until someone says so
    port: int = PORT  # 0: any free one
    tls_certificate: Path | None = None  # PEM, the chain from the host's certificate up
    tls_key: Path | None = None  # PEM without a password; none: it stands in the certificate's file
    client_ca: Path | None = None  # PEM; clients must show a certificate signed by it
    password_file: Path | None = None  # name:password, one a line
    most_models: int = MOST_MODELS  # in the exposition; the rest is added up as "other"

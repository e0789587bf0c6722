"""The aggregator's settings: the table `[aggregator]` of the configuration file.

Each has its unit in its name and its reason beside it.
"""

from pathlib import Path

import msgspec

from aggregator.serve.options import ServeOptions
from bus.program.logs import LogFormat


class AggregatorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where to read, where to keep, where to serve."""

    bus: str = ""
    """Address of the log. Empty: the local log in the user's state folder."""
    state: str = ""
    """Folder of the checkpoints. Empty: beside the local log."""
    log_format: LogFormat = "logfmt"
    """Read by people until told otherwise."""

    listen: str = ServeOptions().listen
    port: int = ServeOptions().port
    tls_certificate: Path | None = None
    """PEM, the chain from the host's certificate up; with it /metrics is HTTPS."""
    tls_key: Path | None = None
    client_ca: Path | None = None
    """With it, clients must show a certificate that it signed."""
    password_file: Path | None = None
    """`name:password`, one a line: basic auth."""
    most_models: int = ServeOptions().most_models
    """Models with series of their own; the others are added up as "other"."""

    checkpoint_every_s: float = 5.0
    """A crash repeats what came since the last checkpoint: that costs time, never a fact."""
    refresh_every_s: float = 1.0
    """People and Prometheus look every few seconds at most."""

    aliases: dict[str, str] = {}
    """A model, raw or normal: the model under whose name it is counted."""

    @property
    def serving(self) -> ServeOptions:
        return ServeOptions(
            listen=self.listen,
            port=self.port,
            tls_certificate=self.tls_certificate,
            tls_key=self.tls_key,
            client_ca=self.client_ca,
            password_file=self.password_file,
            most_models=self.most_models,
        )

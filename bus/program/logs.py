"""Log lines for an operator who can act: one line each on stderr, key=value or JSON."""

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor

LogFormat = Literal["logfmt", "json"]


def start_logging(log_format: LogFormat, *, verbose: bool = False) -> None:
    """Send this process's log lines, and its libraries' warnings, to stderr.

    Quiet by default: what is logged at info is what changes the state of the service.
    """
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: list[Processor] = [structlog.processors.JSONRenderer()]
    if log_format == "logfmt":
        order = ["timestamp", "level", "event"]
        last = [_escape, structlog.processors.LogfmtRenderer(key_order=order)]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("drivefleet").setLevel(logging.DEBUG if verbose else logging.INFO)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logger(part: str) -> structlog.stdlib.BoundLogger:
    """The logger of one part: `log.info("checkpoint written", bytes=1234)`."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(f"drivefleet.{part}")
    return bound


def _escape(_logger: object, _method: str, line: EventDict) -> EventDict:
    """Texts without what moves a terminal's cursor; the renderer writes line breaks itself."""
    return {
        key: _shown(value) if isinstance(value, str) and not value.isprintable() else value
        for key, value in line.items()
    }


def _shown(text: str) -> str:
    return "".join(
        c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode() for c in text
    )

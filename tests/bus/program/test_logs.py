"""A log line is one line, whatever is in its values, for people and for machines."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from bus.program.logs import LogFormat, logger, start_logging

FORMATS: list[LogFormat] = ["logfmt", "json"]


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("drivefleet").setLevel(logging.NOTSET)
    structlog.reset_defaults()


def broken() -> None:
    raise ValueError("two\nlines")


def written(capsys: pytest.CaptureFixture[str]) -> list[str]:
    captured = capsys.readouterr()
    assert captured.out == "", "logs go to stderr: stdout is for results"
    assert captured.err.endswith("\n")
    return captured.err[:-1].split("\n")


def test_a_line_of_pairs_has_time_level_and_event_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    start_logging("logfmt")
    logger("ship").warning("the log is away", url="sqlite:a b", tries=3)
    (line,) = written(capsys)
    stamp, rest = line.split(" ", 1)
    assert re.fullmatch(r"timestamp=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", stamp)
    assert rest == 'level=warning event="the log is away" url="sqlite:a b" tries=3'


def test_a_line_of_json_holds_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("json")
    logger("ship").warning("the log is away", url="sqlite:a b", tries=3)
    (line,) = written(capsys)
    said = json.loads(line)
    assert said.pop("timestamp").endswith("Z")
    assert said == {
        "level": "warning", "event": "the log is away", "url": "sqlite:a b", "tries": 3
    }  # fmt: skip


@pytest.mark.parametrize("log_format", FORMATS)
def test_no_value_breaks_its_line_or_moves_the_cursor(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    start_logging(log_format)
    logger("ship").info("a\nb", serial="x\r\ny\u2028z", raw="\x1b[2J\x00", quote='"=\\')
    logging.getLogger("aiohttp.server").warning("theirs\n%s", "too\x1b[31m")
    lines = written(capsys)
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("log_format", FORMATS)
def test_a_traceback_is_one_line_too(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    start_logging(log_format)
    try:
        broken()
    except ValueError:
        logger("ship").exception("it broke")
        logging.getLogger("aiohttp.server").exception("theirs broke")
    lines = written(capsys)
    assert len(lines) == 2
    assert all("ValueError: two" in line and "Traceback" in line for line in lines)


def test_it_is_quiet_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("logfmt")
    logger("ship").debug("detail")
    logging.getLogger("aiohttp.access").info("GET /metrics")
    assert capsys.readouterr().err == ""
    logger("ship").info("started")
    assert "event=started" in capsys.readouterr().err


def test_verbose_tells_our_details_and_not_theirs(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("logfmt", verbose=True)
    logger("ship").debug("detail")
    logging.getLogger("aiohttp.access").info("GET /metrics")
    (line,) = written(capsys)
    assert "event=detail" in line

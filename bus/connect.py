"""How a log is reached: `--bus URL` to an open log."""

from pathlib import Path

from bus.log import Log, LogRefused
from bus.sqlite import SqliteLog

SCHEMES = "sqlite:PATH"


def open_log(url: str) -> Log:
    """Open a log that must be there. Raises LogRefused or LogUnavailable."""
    return SqliteLog.open(_path(url))


def create_log(url: str, *, partitions: int = 1, simulated: bool = False) -> Log:
    """Open a log, making it where it can be made by whoever comes first (the local log)."""
    return SqliteLog.create(_path(url), partitions=partitions, simulated=simulated)


def reach_log(url: str) -> Log:
    """Open a log as it is; a local one that is not there yet is made, with one partition."""
    path = _path(url)
    return SqliteLog.open(path) if path.exists() else SqliteLog.create(path)


def _path(url: str) -> Path:
    scheme, colon, path = url.partition(":")
    if scheme != "sqlite" or not colon or not path:
        raise LogRefused(f"--bus {url!r} is not an address of a log; write {SCHEMES}")
    return Path(path).expanduser()

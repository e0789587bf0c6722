"""The log that `--bus` names, made where it is not there yet."""

from bus.connect import create_log, open_log
from bus.log import Log, LogRefused


def reach(url: str, *, partitions: int | None = None) -> Log:
    """Open the log for real events; a new one gets so many partitions (1 unless told).

    A log that is there keeps its own number: LogRefused when another one is asked for, and when it
    was made for simulated events. Raises LogUnavailable. Blocks.
    """
    if partitions is not None:
        return create_log(url, partitions=partitions)
    try:
        log = open_log(url)
    except LogRefused:  # it is not there, or `create_log` says better what is wrong with it
        return create_log(url)
    if log.info.simulated:
        raise LogRefused(f"{url} was made for simulated events only; give another log after --bus")
    return log

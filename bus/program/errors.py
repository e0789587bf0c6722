"""Errors that a person mends, and the exit codes they end a program with."""

import sys
from collections.abc import Callable
from typing import NoReturn

from bus.log import LogError, LogUnavailable

EXIT_FAILED = 1  # it ran, and something went wrong or differs
EXIT_USAGE = 2  # what was asked for cannot be done as asked
EXIT_UNAVAILABLE = 75  # EX_TEMPFAIL: try again later
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


class UsageError(Exception):
    """What was asked for cannot be done; the text says what was wrong, where, and what to do."""


class FailedError(Exception):
    """The work was done in part or not; the text says what is missing and what to do."""


def run_program(name: str, program: Callable[[], object]) -> NoReturn:
    """Run a command line and end the process: user errors as one line, never a traceback."""
    try:
        program()
    except UsageError as error:
        end(name, str(error), EXIT_USAGE)
    except LogError as error:
        end(name, str(error), EXIT_UNAVAILABLE if isinstance(error, LogUnavailable) else EXIT_USAGE)
    except FailedError as error:
        end(name, str(error), EXIT_FAILED)
    except BrokenPipeError:
        sys.stderr.close()  # `... | head`: nobody listens, and that is fine
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(0)


def end(name: str, text: str, code: int) -> NoReturn:
    """Say in one line on stderr why a program ends, and end it."""
    line = " ".join(text.splitlines())
    print(f"{name}: {line}", file=sys.stderr)  # noqa: T201  # the one place that prints errors
    sys.exit(code)

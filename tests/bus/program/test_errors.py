"""A person's error ends a program with one line and its code; ours with a traceback."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bus.log import LogRefused, LogUnavailable
from bus.program.errors import FailedError, UsageError, run_program

ROOT = Path(__file__).parents[3]


def ended(program: Callable[[], object]) -> int | str | None:
    with pytest.raises(SystemExit) as ending:
        run_program("drivefleet", program)
    return ending.value.code


def raising(error: BaseException) -> Callable[[], object]:
    def program() -> object:
        raise error

    return program


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("say --bus"), 2),
        (LogRefused("say --bus"), 2),
        (FailedError("say --bus"), 1),
        (LogUnavailable("say --bus"), 75),
    ],
)
def test_each_fault_has_its_exit_code_and_one_line(
    capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    assert ended(raising(error)) == code
    assert capsys.readouterr() == ("", "drivefleet: say --bus\n")


def test_a_text_of_several_lines_is_told_in_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(raising(UsageError("first,\nsecond"))) == 2
    assert capsys.readouterr().err == "drivefleet: first, second\n"


def test_done_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(lambda: None) == 0
    assert capsys.readouterr() == ("", "")


def test_an_interrupt_is_130_as_in_a_shell() -> None:
    assert ended(raising(KeyboardInterrupt())) == 130


def test_our_own_mistake_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        run_program("drivefleet", lambda: 1 // 0)


def test_a_reader_that_went_away_is_no_error() -> None:
    program = (
        "from bus.program.errors import run_program\n"
        "run_program('x', lambda: [print('a line', i) for i in range(100_000)])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        writer.stdout.readline()
        writer.stdout.close()
        assert writer.stderr.read() == ""
        assert writer.wait() == 0

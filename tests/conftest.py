"""What all tests share: repeatable properties, and skips that CI does not take for passes."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

SHARED = Path(__file__).parents[2] / "shared"
"""Third-party data beside the project. Where it is absent, tests that need it skip, in CI too."""

# Derandomized: a failure on one machine is a failure on all of them. No deadline: others may be
# busy on the same cores.
hypothesis.settings.register_profile("default", deadline=None, derandomize=True)
hypothesis.settings.register_profile("more", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

pytest.register_assert_rewrite("tests.bus.log_contract")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _strict(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _strict(report)


def _strict(report: Report) -> Report:
    """In CI a skipped test is a failed one: something that should be installed is not.

    What no package brings (a kernel without IPv6, a container that may not mount) is excused, by
    a reason that says `this machine`.
    """
    reason = str(report.longrepr)
    excused = hasattr(report, "wasxfail") or "this machine" in reason
    excused |= not SHARED.exists() and "shared" in reason
    if os.environ.get("CI") and report.skipped and not excused:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {reason}"
    return report

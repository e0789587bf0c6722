"""Running smartctl: one process, one deadline, and an answer whatever it does."""

import os
import threading
import time
from pathlib import Path

import pytest

from agent.collect.smartctl import ENVIRONMENT, MAX_OUTPUT_BYTES, ask_drive, find_smartctl, run
from agent.config import Device
from bus.program.errors import UsageError
from tests.agent.collect.answers import as_output, sata_drive
from tests.agent.collect.fake_smartctl import FakeSmartctl

SDA = Device("/dev/sda", "sat")


def test_a_drive_is_asked_by_one_process_that_does_not_wake_it(tmp_path: Path) -> None:
    fake = FakeSmartctl(tmp_path, {"/dev/sda": {"says": as_output(sata_drive("Z1")), "ends": 64}})
    answer = ask_drive(str(fake.path), SDA, deadline_s=30)
    assert fake.started == ["--json=o -n standby -d sat --all /dev/sda"]
    assert answer.exit_status == 64
    assert answer.json is not None
    assert answer.json["serial_number"] == "Z1"
    assert answer.lines[0].startswith("smartctl 7.3")
    assert (answer.timed_out, answer.error) == (False, "")


def test_a_device_without_a_type_leaves_the_choice_to_smartctl(tmp_path: Path) -> None:
    fake = FakeSmartctl(tmp_path, {})
    ask_drive(str(fake.path), Device("/dev/sda"), deadline_s=30)
    assert fake.started == ["--json=o -n standby --all /dev/sda"]


def test_nothing_of_our_environment_reaches_smartctl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "x")
    fake = FakeSmartctl(tmp_path, {})
    ask_drive(str(fake.path), SDA, deadline_s=30)
    assert set(fake.environments[0]) <= {*ENVIRONMENT, "LC_CTYPE"}  # Python's own, in the fake
    assert ENVIRONMENT["LC_ALL"] == "C"


def test_one_that_hangs_is_killed_at_its_deadline(tmp_path: Path) -> None:
    fake = FakeSmartctl(tmp_path, {"/dev/sda": {"hangs": True}})
    begun = time.monotonic()
    answer = ask_drive(str(fake.path), SDA, deadline_s=1.5)
    assert answer.timed_out
    assert time.monotonic() - begun < 10
    wait_for_end(fake.hung_pid)


def test_one_that_is_given_up_is_killed_before_its_deadline(tmp_path: Path) -> None:
    fake = FakeSmartctl(tmp_path, {"/dev/sda": {"hangs": True}})
    given_up = threading.Event()
    given_up.set()
    begun = time.monotonic()
    answer = ask_drive(str(fake.path), SDA, deadline_s=600, given_up=given_up)
    assert (answer.timed_out, answer.error) == (False, "stopped")
    assert time.monotonic() - begun < 10


def test_the_output_of_one_that_says_too_much_is_cut_and_it_is_killed(tmp_path: Path) -> None:
    fake = FakeSmartctl(tmp_path, {"/dev/sda": {"goes_on": True}})
    ran = run([str(fake.path), "/dev/sda"], deadline_s=60)
    assert "more than" in ran.error
    assert MAX_OUTPUT_BYTES < len(ran.output) < 2 * MAX_OUTPUT_BYTES


def test_one_that_is_killed_says_by_which_signal(tmp_path: Path) -> None:
    fake = FakeSmartctl(tmp_path, {"/dev/sda": {"says": b"{", "dies": True}})
    ran = run([str(fake.path), "/dev/sda"], deadline_s=60)
    assert (ran.exit_status, ran.error) == (None, "ended by SIGKILL")


def test_one_that_cannot_start_is_an_answer_with_the_reason(tmp_path: Path) -> None:
    answer = ask_drive(str(tmp_path / "none"), SDA, deadline_s=30)
    assert "No such file" in answer.error
    assert answer.json is None


def test_a_named_smartctl_is_found_by_its_path(tmp_path: Path) -> None:
    fake = FakeSmartctl(tmp_path, {})
    assert find_smartctl(str(fake.path)) == str(fake.path)


def test_smartctl_is_found_where_only_roots_path_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = find_smartctl("sysctl" if not Path("/usr/sbin/smartctl").exists() else "smartctl")
    assert found.startswith(("/usr/sbin/", "/sbin/"))


def test_a_host_without_smartctl_is_told_what_to_install() -> None:
    with pytest.raises(UsageError, match=r"smartctl is not installed.*smartmontools"):
        find_smartctl("no-such-smartctl")


def wait_for_end(pid: int) -> None:
    """Until a killed process is gone: the thread that reaps it needs a moment."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} lives on")

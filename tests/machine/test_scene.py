"""Where the machine cannot run: skipped for a person, a failure in CI."""

from pathlib import Path

import pytest

from tests.machine.scene import drive_machine_in


@pytest.fixture
def _no_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("DRIVE_MACHINE_HOME", str(tmp_path / "home"))


@pytest.mark.usefixtures("_no_programs")
def test_without_qemu_a_test_is_skipped_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with (
        pytest.raises(pytest.skip.Exception, match="apt-get install qemu-system-x86"),
        drive_machine_in(tmp_path),
    ):
        raise AssertionError("booted from nothing")


@pytest.mark.usefixtures("_no_programs")
def test_without_qemu_a_test_fails_in_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with (
        pytest.raises(pytest.fail.Exception, match="must run in CI"),
        drive_machine_in(tmp_path),
    ):
        raise AssertionError("booted from nothing")

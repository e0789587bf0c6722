"""A host's name in events, and clocks that no event should be told by."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.collect.host import Host, refuse_wrong_clock, this_host
from agent.config import AgentSettings
from bus.program.errors import FailedError, UsageError
from tests.agent.collect.fake_host import MACHINE_ID, FakeHost

NOW = datetime(2026, 12, 24, 18, tzinfo=UTC)
ROSTER = Path("/state/roster.json")


def test_a_host_is_named_by_its_name_and_its_machine_id(fake_host: FakeHost) -> None:
    host = this_host(AgentSettings(), fake_host.root)
    assert host == Host(f"pod-7/{MACHINE_ID[:12]}", "boot-1")


def test_a_configured_name_stands(fake_host: FakeHost) -> None:
    fake_host.write("etc/machine-id", "")
    assert this_host(AgentSettings(host="pod-1042"), fake_host.root).name == "pod-1042"


@pytest.mark.parametrize("machine_id", ["", "uninitialized\n", "3f2a", b"\xff\xfe"])
def test_a_machine_without_an_id_needs_a_name(fake_host: FakeHost, machine_id: str | bytes) -> None:
    """Copies of an image that was never started would all have one name."""
    fake_host.write("etc/machine-id", machine_id)
    with pytest.raises(UsageError, match=r"machine-id .* set `host`"):
        this_host(AgentSettings(), fake_host.root)


@pytest.mark.parametrize("name", ["pod\n7", "x" * 300])
def test_a_name_that_no_log_would_believe_is_refused(fake_host: FakeHost, name: str) -> None:
    with pytest.raises(UsageError, match=r"the name of this host .* set `host`"):
        this_host(AgentSettings(host=name), fake_host.root)


def test_a_host_that_does_not_tell_its_boot_has_none(tmp_path: Path) -> None:
    assert this_host(AgentSettings(host="pod"), tmp_path).boot_id == ""


def test_a_clock_that_was_never_set_is_refused() -> None:
    with pytest.raises(FailedError, match=r"1970-01-01 00:00 UTC, before this version .* set it"):
        refuse_wrong_clock(datetime(1970, 1, 1, tzinfo=UTC), None, ROSTER)


def test_a_clock_before_the_last_pass_is_refused_with_what_to_do() -> None:
    with pytest.raises(FailedError) as raised:
        refuse_wrong_clock(NOW, NOW + timedelta(days=365), ROSTER)
    told = str(raised.value)
    assert "2026-12-24 18:00:00 UTC, not after the last pass (2027-12-24 18:00:00)" in told
    assert "set it; if it was wrong then, move /state/roster.json away" in told


def test_two_passes_never_begin_at_one_time() -> None:
    with pytest.raises(FailedError):
        refuse_wrong_clock(NOW, NOW, ROSTER)


def test_a_clock_after_the_last_pass_is_right() -> None:
    refuse_wrong_clock(NOW, NOW - timedelta(microseconds=1), ROSTER)
    refuse_wrong_clock(NOW, None, ROSTER)

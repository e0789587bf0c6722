"""One server, one command: `drivefleet run`, `drivefleet status`, and what becomes of a kill."""

import os
import signal
from pathlib import Path

from tests.end_to_end.one_machine import OneMachine

ST12 = 'manufacturer="Seagate",model="ST12000NM0008-2H3101"'


def test_one_command_reads_the_drives_and_serves_their_figures(tmp_path: Path) -> None:
    with OneMachine(tmp_path) as machine:
        shown = machine.until_shown(ST12)
        assert 'drivefleet_fleet_drive_days{window="lifetime"} 2' in shown
        assert 'drivefleet_fleet_failures{window="lifetime"} 0' in shown
        assert "ZL2ABC01" not in shown, "no serial is ever a label"
        assert '"serial":"ZL2ABC01"' in machine.ask("api/v1/drives/ZL2ABC01").replace(" ", "")
        assert "ST12000NM0008" in machine.ask("")
        assert machine.end() == 0, machine.words


def test_status_is_five_lines_while_it_runs_and_after(tmp_path: Path) -> None:
    with OneMachine(tmp_path) as machine:
        machine.until_shown(ST12)
        assert len(machine.status().splitlines()) == 5
        assert " answers" in machine.status()
        machine.end()
        drives, failures, _, agent, page = machine.status().splitlines()
        assert "2 active" in drives
        assert "0 in 2 drive-days: AFR 0.00%" in failures
        assert "server-1" in agent
        assert "does not answer" in page


def test_a_killed_part_is_started_again_and_counts_nothing_twice(tmp_path: Path) -> None:
    with OneMachine(tmp_path) as machine:
        machine.until_shown(ST12)
        before = machine.children()
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        machine.until_gone()
        shown = machine.until_shown(ST12)
        assert 'drivefleet_fleet_drive_days{window="lifetime"} 2' in shown
        after = machine.children()
        assert set(after) == set(before) == {"agent", "aggregator"}
        assert not set(after.values()) & set(before.values())
        assert "started again" in machine.words
        assert machine.end() == 0


def test_a_setting_that_is_wrong_ends_both_with_a_clear_word(tmp_path: Path) -> None:
    config = tmp_path / "drivefleet.toml"
    config.write_text("[agent]\ndeadline = 3\n")
    with OneMachine(tmp_path, "--config", str(config)) as machine:
        assert machine.process.wait(60) != 0
        assert "did you mean 'deadline_s'?" in machine.words
        assert "Traceback" not in machine.words

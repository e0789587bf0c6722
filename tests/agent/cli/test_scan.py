"""`scan` from the command line, over drives that are made up."""

import re

from tests.agent.cli.conftest import Shell


def test_where_nobody_looks_each_drive_is_a_line_with_tabs(shell: Shell) -> None:
    ended = Shell(shell.folder, "tests.agent.cli.agent_with").run("three", "scan")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "path\tpower_on_hours\n/dev/sda\t4103\n/dev/[sdb]\t\n"


def test_a_host_without_drives_says_so(shell: Shell) -> None:
    ended = Shell(shell.folder, "tests.agent.cli.agent_with").run("nothing", "scan")
    assert (ended.code, ended.out) == (0, "")
    assert "no drive was found" in ended.err


def test_on_a_terminal_it_is_a_table(shell: Shell) -> None:
    agent = Shell(shell.folder, "tests.agent.cli.agent_with")
    ended = agent.run("three", "scan", FORCE_COLOR="1", NO_COLOR="1")
    plain = re.sub(r"\x1b\[\d*m", "", ended.out)
    assert [line.split() for line in plain.splitlines()] == [
        ["path", "power", "on", "hours"],
        ["/dev/sda", "4103"],
        ["/dev/[sdb]"],
    ]

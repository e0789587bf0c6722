"""One machine's fleet lies in one folder."""

from pathlib import Path

import pytest

from bus.program.home import Home, default_home


def test_everything_lies_in_the_folder() -> None:
    home = Home(Path("/srv/fleet"))
    assert home.bus == "sqlite:/srv/fleet/log.db"
    assert {home.state.parent, home.agent.parent} == {home.folder}
    assert home.state != home.agent


def test_by_default_it_is_the_users_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_home().folder == tmp_path / "drivefleet"

"""Where things lie when nobody says otherwise: one folder for all of one machine."""

from pathlib import Path
from typing import NamedTuple

import platformdirs


class Home(NamedTuple):
    """The folder of one machine's fleet, and what lies in it."""

    folder: Path

    @property
    def bus(self) -> str:
        """Address of the local log."""
        return f"sqlite:{self.folder / 'log.db'}"

    @property
    def state(self) -> Path:
        """The aggregator's checkpoints."""
        return self.folder / "state"

    @property
    def agent(self) -> Path:
        """The agent's spool, roster and marks, a folder each."""
        return self.folder / "agent"


def default_home() -> Home:
    """The user's state folder (`~/.local/state/drivefleet`, or where XDG_STATE_HOME leads)."""
    return Home(platformdirs.user_state_path("drivefleet"))

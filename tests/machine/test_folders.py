"""Which folders of the host a machine must be shown."""

import sys
from pathlib import Path

from tests.machine.machine import outermost, project_folder, python_folders


def test_what_lies_in_another_or_in_usr_is_not_shown_again() -> None:
    folders = ["/home/p/.venv", "/home/p", "/usr/local", "/usr", "/opt/py", "/opt/py", "/home/pq"]
    shown = outermost(map(Path, folders))
    assert sorted(map(str, shown)) == ["/home/p", "/home/pq", "/opt/py"]


def test_the_project_and_its_python_are_shown() -> None:
    shown = [*python_folders(project_folder()), Path("/usr")]
    for needed in (project_folder() / "bus", Path(sys.executable), Path(sys.executable).resolve()):
        assert any(needed.is_relative_to(folder) for folder in shown), needed

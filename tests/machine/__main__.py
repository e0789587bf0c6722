"""The machines from a shell: `python -m tests.machine [--pod] prepare | sh COMMAND`."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from bus.program.errors import run_program
from tests.machine.images import Home, home_from, prepare_machine
from tests.machine.machine import Machine, project_folder, python_folders
from tests.machine.pod import Pod
from tests.machine.pod_image import prepare_pod
from tests.machine.scene import THREE_DRIVES

COMMAND_S = 600.0
NAME = "tests.machine"


def main() -> None:
    """Prepare a machine; for `sh`, boot it, run the command and end with its exit code."""
    asked = _parse()
    home = home_from(os.environ)
    prepare_machine(home)
    if asked.pod:
        prepare_pod(home, asked.packages)
    if asked.action == "prepare":
        sys.stdout.write(f"ready: {home.path}\n")
    else:
        sys.exit(_run(home, asked.command, pod=asked.pod))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m {NAME}", description=__doc__)
    parser.add_argument("--pod", action="store_true", help="the Debian storage pod")
    parser.add_argument(
        "--packages", type=_words, default=[], help="more Debian packages in the pod: a,b,c"
    )
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("prepare", help="build what is booted, unless it is there")
    sh = actions.add_parser("sh", help="prepare, boot with three drives, run one command")
    sh.add_argument("command")
    return parser.parse_args()


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def _run(home: Home, command: str, *, pod: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="drivefleet-machine-") as name:
        folder = Path(name)
        if pod:
            with Pod(home, folder, THREE_DRIVES) as running:
                sys.stderr.write(f"{running.state} after {running.boot_s:.1f} s\n")
                code, output = running.sh(command, COMMAND_S)
        else:
            shows = python_folders(project_folder())
            with Machine(home, folder, THREE_DRIVES, shows=shows) as machine:
                code, output = machine.sh(command, COMMAND_S)
    sys.stdout.write(output)
    return code


if __name__ == "__main__":
    run_program(NAME, main)

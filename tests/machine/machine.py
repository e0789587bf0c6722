"""The small machine: busybox as PID 1, the host's /usr, and chosen folders of the host, read-only
at their own paths. No disk: everything but the share is gone with it.

    with Machine(home, folder, [sata("ZL2ABC01"), nvme("S4NV0001")], shows=python_folders()) as it:
        code, output = it.sh("smartctl --scan-open")
"""

import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.machine.arguments import HOST_INSIDE, basis, network, shared_folder
from tests.machine.drives import Drive, drive_arguments
from tests.machine.guest import Guest
from tests.machine.images import HERE, Home

MEMORY_MIB = 384
BOOT_S = 90.0
FORWARD = HERE / "forward.py"


class Machine(Guest):
    """Up and ready for commands once built; leaving the block cuts its power."""

    def __init__(
        self,
        home: Home,
        folder: Path,
        drives: Sequence[Drive] = (),
        *,
        shows: Sequence[Path] = (),
        ports: Sequence[int] = (),
        expose: Sequence[tuple[int, int]] = (),
        clock: str | None = None,
        memory_mib: int = MEMORY_MIB,
        more: Sequence[str] = (),
    ) -> None:
        """`prepare_machine(home)` comes before.

        shows: folders of the host, seen inside at their paths, read-only. ports: of the host's
        127.0.0.1 that 127.0.0.1 inside leads to (needs a Python in `shows` or /usr); nothing else
        of the network is there. expose: (host's port, machine's port), from the host's loopback.
        clock: date and time inside at boot, like 2026-11-25T08:00:00, in UTC. more: arguments for
        QEMU.
        """
        super().__init__(folder, drives, HERE / "machine-job.sh")
        shown = {f"show{number}": path for number, path in enumerate(shows)}
        text = "".join(f"{tag} {path}\n" for tag, path in shown.items())
        (self.share / "shows").write_text(text, encoding="utf-8")
        arguments = [
            *("-accel", "tcg,tb-size=128", "-cpu", "qemu64", "-smp", "1", "-m", str(memory_mib)),
            *shared_folder("usr", Path("/usr")),
            *shared_folder("share", self.share, writable=True),
            *(word for tag, path in shown.items() for word in shared_folder(tag, path)),
            *network(ports, expose, [sys.executable, str(FORWARD), "connect"]),
            *(("-rtc", f"base={clock}") if clock else ()),
            *drive_arguments(drives),
            *more,
        ]
        start = ["qemu-system-x86_64", *arguments]
        self.start(lambda fd: start + basis(self.console, home.kernel, home.initramfs, "", fd))
        try:
            self.run("true", BOOT_S)
            self._forward(ports)
        except BaseException:
            self.close()
            raise

    def _forward(self, ports: Sequence[int]) -> None:
        if ports:
            self.put(FORWARD, "/run")
            listen = [sys.executable, "/run/forward.py", "listen", HOST_INSIDE, *map(str, ports)]
            self.run(f"setsid {shlex.join(listen)} </dev/null >/run/forward.log 2>&1 &")
            self.await_listening(ports)


def python_folders(*others: Path) -> list[Path]:
    """What must be shown for this process's Python to run inside: its virtual environment and the
    Python that it was made from; and the others."""
    base, program = Path(sys.base_prefix), Path(sys.executable).resolve()
    return outermost([base, base.resolve(), program.parents[1], Path(sys.prefix), *others])


def outermost(folders: Iterable[Path]) -> list[Path]:
    """The folders that lie in none of the others nor in /usr, which is always there; each once."""
    chosen: list[Path] = []
    for folder in sorted(set(folders), key=lambda path: len(path.parts)):
        if not any(folder.is_relative_to(each) for each in (Path("/usr"), *chosen)):
            chosen.append(folder)
    return chosen


def project_folder() -> Path:
    """The root of this project."""
    return HERE.parents[1]

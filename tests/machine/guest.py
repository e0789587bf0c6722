"""A running QEMU: commands inside it, files in and out, drives out and in, its end.

Commands go as numbered files through a folder that both sides see (the share): the guest's job
script runs them one after another, as root.
"""

import contextlib
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.machine.drives import Drive, drive_device, drive_id, removable
from tests.machine.faults import AtaFaults
from tests.machine.memory import Memory
from tests.machine.qmp import Qmp, QmpClosedError

LOOK_EVERY_S = 0.05
COMMAND_S = 120.0
COPY_S = 600.0
QUIT_S = 10.0
SHARE_INSIDE = "/share"
_WORDS_SHOWN = 2_000


class MachineOffError(Exception):
    """The machine went off while it was asked for something; the text has its last words."""


class CommandFailedError(Exception):
    """A command inside ended with another exit code than 0; the text has its output."""


class Guest:
    """The machine in a folder: share/ (both sides see it), console.log, qemu.log."""

    def __init__(self, folder: Path, drives: Sequence[Drive], job: Path) -> None:
        """Makes the folder ready; `start` then starts QEMU. `job` runs the commands inside."""
        self.share = folder / "share"
        self.console = folder / "console.log"
        self._log = folder / "qemu.log"
        shutil.rmtree(self.share, ignore_errors=True)
        self.share.mkdir(parents=True)
        shutil.copyfile(job, self.share / "job.sh")
        self._places = {drive.serial: (drive, place) for place, drive in enumerate(drives, 1)}
        self._commands = 0

    def start(self, arguments: Callable[[int], Sequence[str]]) -> None:
        """Start QEMU with the arguments for this file descriptor of its QMP socket."""
        ours, its = socket.socketpair()
        self.started_at = time.monotonic()
        with its, self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*_bound_to_us(), *arguments(its.fileno())],
                pass_fds=[its.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self.qmp = Qmp(ours)
        except BaseException as error:
            self.process.kill()
            self.process.wait()
            ours.close()
            error.add_note(f"qemu: {self._log.read_text(errors='replace')[-_WORDS_SHOWN:]}")
            raise

    def sh(self, command: str, timeout_s: float = COMMAND_S) -> tuple[int, str]:
        """Run a shell command inside; its exit code, and stdout and stderr together.

        Raises MachineOffError; TimeoutError, after which the command goes on and those that follow
        wait for it.
        """
        self._commands += 1
        number = self._commands
        written = self.share / f".command.{number}"
        written.write_text(command + "\n", encoding="utf-8")
        written.rename(self.share / f"command.{number}")
        code = self.share / f"code.{number}"
        deadline = time.monotonic() + timeout_s
        while not code.exists():
            if self._ends_within(LOOK_EVERY_S):
                raise MachineOffError(f"{command}\n{self._last_words()}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"{timeout_s:.0f} s: {command}\n{self._last_words()}")
        output = (self.share / f"output.{number}").read_text("utf-8", errors="replace")
        return int(code.read_text()), output

    def run(self, command: str, timeout_s: float = COMMAND_S) -> str:
        """Like `sh`, for a command that must succeed; its output. Raises CommandFailedError."""
        code, output = self.sh(command, timeout_s)
        if code != 0:
            raise CommandFailedError(f"exit code {code}: {command}\n{output}")
        return output

    def put(self, source: Path, folder: str) -> None:
        """Copy a file or folder of the host into a folder inside, as root's.

        By one tar: many small files over 9p are slow.
        """
        source = source.absolute()
        packed = ["tar", "-C", str(source.parent), "--owner=0", "--group=0", "-cf"]
        subprocess.run([*packed, str(self.share / "put.tar"), source.name], check=True)
        into = shlex.quote(folder)
        self.run(f"mkdir -p {into} && tar -C {into} -xf {SHARE_INSIDE}/put.tar", COPY_S)
        (self.share / "put.tar").unlink()

    def get(self, source: str, folder: Path) -> None:
        """Copy a file or folder from inside into a folder of the host."""
        inside = Path(source)
        packed = f"tar -C {shlex.quote(str(inside.parent))} -cf {SHARE_INSIDE}/got.tar"
        self.run(f"{packed} {shlex.quote(inside.name)}", COPY_S)
        unpack = ["tar", "-C", str(folder), "--no-same-owner", "-xf"]
        subprocess.run([*unpack, str(self.share / "got.tar")], check=True)
        (self.share / "got.tar").unlink()

    def write(self, path: str, text: str) -> None:
        """Write a text file inside, with the folders above it."""
        (self.share / "text").write_text(text, encoding="utf-8")
        above, to = shlex.quote(str(Path(path).parent)), shlex.quote(path)
        self.run(f"mkdir -p {above} && cp {SHARE_INSIDE}/text {to}")

    def pull(self, serial: str) -> None:
        """Take a drive out as a hand would; returns when the machine has let it go."""
        device = removable(*self._places[serial])
        self.qmp.forget_events()
        self.qmp.call("device_del", {"id": device})
        self.qmp.wait_for("DEVICE_DELETED", device=device)

    def put_in(self, drive: Drive, at: str) -> None:
        """Put an NVMe or SCSI drive into the place of the pulled drive with the serial `at`.

        It has the size of that drive. Raises ValueError for SATA: QEMU cannot.
        """
        pulled, place = self._places[at]
        if drive.kind != pulled.kind or drive.kind == "sata":
            raise ValueError(f"{drive.serial} ({drive.kind}) at the {pulled.kind} place of {at}")
        del self._places[at]
        self._places[drive.serial] = (drive, place)
        self.qmp.call("device_add", drive_device(drive, place))

    def fail(self, serial: str, *, healthy: bool = False) -> None:
        """Let a SATA or NVMe drive say that its health check failed, or passed again."""
        drive, place = self._places[serial]
        if drive.kind == "sata":
            with Memory(self.process.pid) as memory:
                AtaFaults(memory).fail(serial, errors=0 if healthy else 1)
        elif drive.kind == "nvme":
            self._set_nvme_warning(place, 0 if healthy else 4)  # 4: reliability degraded
        else:
            raise ValueError(f"{serial}: QEMU's SCSI drives have no SMART to fail")

    def nvme_path(self, serial: str) -> str:
        """The NVMe drive among QEMU's objects, for qom-get, qom-set and faults.NvmeFaults."""
        return f"/machine/peripheral/{drive_id(self._places[serial][1])}"

    def close(self) -> None:
        """Cut the power, unless it is off."""
        if self.process.poll() is None:
            with contextlib.suppress(QmpClosedError, TimeoutError):
                self.qmp.call("quit")
            if not self._ends_within(QUIT_S):
                self.process.kill()
                self.process.wait()
        self.qmp.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def await_listening(self, ports: Sequence[int]) -> None:
        """Return when something inside listens on 127.0.0.1 at each port."""
        for port in ports:
            line = f" 0100007F:{port:04X} 00000000:0000 0A "
            self.run(f"until grep -q '{line}' /proc/net/tcp; do sleep 0.1; done")

    def _set_nvme_warning(self, place: int, bits: int) -> None:
        path = f"/machine/peripheral/{drive_id(place)}"
        warning = {"path": path, "property": "smart_critical_warning", "value": bits}
        self.qmp.call("qom-set", warning)

    def _ends_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _last_words(self) -> str:
        if not self.console.exists():
            return ""
        return self.console.read_text("utf-8", errors="replace")[-_WORDS_SHOWN:]


def _bound_to_us() -> list[str]:
    """What makes QEMU end with us, also when we are killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []

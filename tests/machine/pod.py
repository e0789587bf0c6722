"""The storage pod: Debian 12 with systemd, udev, smartmontools and Python on emulated drives.

    with Pod(home, folder, [sata("ZL2ABC01"), nvme("S4NV0001")], ports=[9092]) as pod:
        pod.put(Path("dist/agent.deb"), "/root")
        pod.run("apt-get install -y /root/agent.deb && systemctl is-active agent.timer")

Rules: a pod never changes the prepared image. Its disk is thrown away at the end, unless `disk`
names a file: that one is made on first use and kept, so a second Pod on it is the same host after a
reboot (off) or a power cut (close). To systemd it is bare metal, so that units with
ConditionVirtualization=no run, unless metal=False.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.machine.arguments import basis, network, quote, shared_folder
from tests.machine.drives import Drive, drive_arguments
from tests.machine.guest import Guest
from tests.machine.images import HERE, Home
from tests.machine.machine import FORWARD

MEMORY_MIB = 768
CORES = 2
BOOT_S = 300.0
OFF_S = 120.0


class Pod(Guest):
    """Booted once built. `state` is what `systemctl is-system-running` said, `boot_s` how long it
    took."""

    def __init__(
        self,
        home: Home,
        folder: Path,
        drives: Sequence[Drive] = (),
        *,
        name: str = "pod",
        disk: Path | None = None,
        ports: Sequence[int] = (),
        expose: Sequence[tuple[int, int]] = (),
        clock: str | None = None,
        memory_mib: int = MEMORY_MIB,
        cores: int = CORES,
        metal: bool = True,
        more: Sequence[str] = (),
    ) -> None:
        """`prepare_pod(home)` comes before; ports, expose, clock and more are as in Machine."""
        super().__init__(folder, drives, HERE / "pod-job.sh")
        shutil.copyfile(FORWARD, self.share / "forward.py")
        arguments = [
            *("-accel", "tcg,thread=multi,tb-size=256", "-smp", str(cores), "-m", str(memory_mib)),
            *_board(metal=metal),
            *_root_disk(home, disk),
            *shared_folder("share", self.share, writable=True),
            *network(ports, expose, [sys.executable, str(FORWARD), "connect"]),
            *(("-rtc", f"base={clock}") if clock else ()),
            *drive_arguments(drives),
            *more,
        ]
        words = " ".join(
            [
                f"systemd.hostname={name} systemd.show_status=0",
                *(f"systemd.wants=pod-forward@{port}.service" for port in ports),
            ]
        )
        start = ["qemu-system-x86_64", *arguments]
        self.start(
            lambda fd: start + basis(self.console, home.kernel, home.pod_initramfs, words, fd)
        )
        try:
            self.state = self.sh("systemctl is-system-running --wait", BOOT_S)[1].strip()
            self.boot_s = time.monotonic() - self.started_at
            self.await_listening(ports)
        except BaseException:
            self.close()
            raise

    def off(self) -> None:
        """Shut down cleanly. Raises subprocess.TimeoutExpired when it does not."""
        # A moment later, so that this command's answer still gets out.
        self.run("(sleep 0.3; systemctl poweroff) >/dev/null 2>&1 &")
        self.process.wait(OFF_S)


def _board(*, metal: bool) -> list[str]:
    """CPU and SMBIOS. The type 0 table stays unnamed: QEMU's own would say "virtual machine"."""
    if not metal:
        return ["-cpu", "max,la57=off"]
    names = ("type=1,manufacturer=Supermicro,product=SSG-6049P", "type=2,manufacturer=Supermicro")
    return ["-cpu", "max,la57=off,hypervisor=off", "-smbios", names[0], "-smbios", names[1]]


def _root_disk(home: Home, disk: Path | None) -> list[str]:
    if disk is None:
        disk, fate = home.pod_image, ",snapshot=on"
    else:
        fate = ""
        if not disk.exists():
            copy = ["cp", "--sparse=always", "--reflink=auto", str(home.pod_image), str(disk)]
            subprocess.run(copy, check=True)
    return ["-drive", f"file={quote(str(disk))},format=raw,if=virtio,cache=unsafe{fate}"]

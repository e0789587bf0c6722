"""The pod's disk image and initramfs, of Debian 12 packages; root builds them, in a chroot.

80 s once; 1.1 GB of which the image is 440 MB. The tree of debootstrap is kept beside them.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from bus.program.errors import FailedError, UsageError
from tests.machine.cpio import CHARACTER_DEVICE, FILE, FOLDER, PROGRAM, Cpio
from tests.machine.debian import file_named, files, newest, require
from tests.machine.images import Home, built_once, locked, recipe
from tests.machine.initramfs import lines
from tests.machine.pod_files import ENABLED, FILES, INIT, MASKED

RELEASE = "bookworm"
PACKAGES = (
    "systemd", "systemd-sysv", "udev", "dbus", "smartmontools", "python3", "python3-venv",
    "iproute2", "kmod", "sdparm", "nvme-cli",
)  # fmt: skip
DISK_BYTES = 3 << 30
"""Room in the pod; only what is used takes space."""

_NEEDED_AT_BOOT = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4")
_NOT_FOR_A_POD = re.compile(
    r"/kernel/(sound|net/(bluetooth|wireless|mac80211)|fs/(xfs|btrfs|nfs|nfsd|ocfs2|smb|f2fs)/"
    r"|drivers/(gpu|media|infiniband|iio|staging|comedi|input|hid|video|mtd|mmc|platform|bluetooth"
    r"|isdn|net/(?!virtio_net|net_failover)))"
)
"""Kernel modules that no storage pod needs: without them 135 instead of 400 MB."""
_RECIPE = ("pod_image.py", "pod_files.py", "cpio.py")


def prepare_pod(home: Home, more_packages: Sequence[str] = ()) -> None:
    """Build what the pod boots from, unless it is there; `prepare_machine` comes before.

    Another set of packages makes the image anew. Raises UsageError that says what is missing,
    FailedError when debootstrap or another step failed.
    """
    debootstrap = require("debootstrap", "debootstrap", "makes the pod's Debian")
    mke2fs = require("mke2fs", "e2fsprogs", "makes the pod's disk")
    packages = ",".join([*PACKAGES, *more_packages])
    with locked(home.path / "pod.lock"):
        kernel = newest(home.packages, "linux-image-*")
        with built_once(home.pod_image.parent, recipe(_RECIPE, kernel, packages)) as to_build:
            if not to_build:
                return
            if os.geteuid() != 0:
                raise UsageError("the pod is built by root (debootstrap, chroot): run as root once")
            tree = home.pod_image.parent / "root"
            _bootstrap(debootstrap, tree, packages)
            release = _add_kernel(tree, kernel)
            _settle(tree)
            busybox = file_named(newest(home.packages, "busybox-static_*"), "/bin/busybox")
            home.pod_initramfs.write_bytes(_initramfs(tree, release, busybox))
            _make_image(mke2fs, tree, home.pod_image)


def _bootstrap(debootstrap: str, tree: Path, packages: str) -> None:
    mark = tree.with_name("packages")
    if mark.exists() and mark.read_text() == packages:
        return
    mark.unlink(missing_ok=True)
    shutil.rmtree(tree, ignore_errors=True)
    _run(debootstrap, "--variant=minbase", f"--include={packages}", RELEASE, str(tree))
    mark.write_text(packages)


def _add_kernel(tree: Path, kernel: Path) -> str:
    """Put the modules into the tree; the kernel's release."""
    modules = tree / "usr/lib/modules"
    shutil.rmtree(modules, ignore_errors=True)
    for name, content in files(kernel):
        if "/lib/modules/" in name and not _NOT_FOR_A_POD.search(name):
            path = tree / "usr" / name.lstrip("./")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    release = next(modules.iterdir()).name
    _run("chroot", str(tree), "depmod", release)
    return release


def _settle(tree: Path) -> None:
    for name, text in FILES.items():
        (tree / name).write_text(text, encoding="utf-8")
    for verb, units in (("enable", ENABLED), ("mask", MASKED)):
        _run("chroot", str(tree), "systemctl", verb, "-q", *units)
    _run("chroot", str(tree), "systemctl", "set-default", "-q", "multi-user.target")
    _run("chroot", str(tree), "apt-get", "clean")


def _initramfs(tree: Path, release: str, busybox: bytes) -> bytes:
    archive = Cpio()
    for folder in ("dev", "root"):
        archive.add(folder, FOLDER)
    archive.add("dev/console", CHARACTER_DEVICE | 0o600, device=(5, 1))
    archive.add("bb/busybox", PROGRAM, busybox)
    paths = list(dict.fromkeys(_module_paths(tree, release)))
    for path in paths:
        archive.add(f"mod/{path.name}", FILE, path.read_bytes())
    archive.add("mod/order", FILE, lines(path.name for path in paths))
    archive.add("init", PROGRAM, INIT.encode())
    return archive.finish()


def _module_paths(tree: Path, release: str) -> Iterator[Path]:
    for name in _NEEDED_AT_BOOT:
        shown = _run("chroot", str(tree), "modprobe", "-S", release, "--show-depends", name)
        for line in shown.splitlines():
            if line.startswith("insmod"):  # others are built into the kernel
                yield tree / line.split()[1].lstrip("/")


def _make_image(mke2fs: str, tree: Path, image: Path) -> None:
    image.unlink(missing_ok=True)
    with image.open("wb") as file:
        file.truncate(DISK_BYTES)
    options = ["-q", "-t", "ext4", "-J", "size=16", "-m", "0", "-d", str(tree)]
    _run(mke2fs, *options, str(image))


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-500:]
        raise FailedError(f"{' '.join(command)}: exit code {done.returncode}: {said}")
    return done.stdout

"""Debian packages: fetched by apt into a folder, and read without installing them."""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

from bus.program.errors import FailedError, UsageError

KERNEL = "linux-image-amd64"
PLAIN = ("busybox-static", "smartmontools")


def require(program: str, package: str, purpose: str) -> str:
    """The path of a program; raises UsageError that says how to get it when it is missing."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if found is None:
        raise UsageError(f"{program} is missing ({purpose}): apt-get install {package}")
    return found


def fetch(folder: Path) -> None:
    """Download the kernel, busybox and smartmontools into `folder`, unless they lie there.

    Raises UsageError when this is no Debian, FailedError when apt has no way to the packages.
    """
    if all(_found(folder, pattern) for pattern in ("linux-image-*", *(f"{p}_*" for p in PLAIN))):
        return
    require("dpkg-deb", "dpkg", "reads Debian packages")
    require("apt-get", "apt", f"fetches Debian packages; or put {KERNEL} and {PLAIN} in {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    if not _download(folder):
        if os.geteuid() == 0:
            subprocess.run(["apt-get", "update", "-qq"], check=False)
        if not _download(folder):
            raise FailedError(
                f"apt-get cannot download {KERNEL}, {', '.join(PLAIN)} into {folder}: run"
                " `apt-get update` as root and see that its servers can be reached"
            )


def newest(folder: Path, pattern: str) -> Path:
    """The package file of the highest version by its name; raises FailedError when none fits."""
    found = _found(folder, pattern)
    if not found:
        raise FailedError(f"no package {pattern}.deb in {folder}: run `prepare`")
    return found[-1]


def files(package: Path) -> Iterator[tuple[str, bytes]]:
    """Name (like ./usr/bin/x) and content of each regular file in a package, in its order."""
    command = ["dpkg-deb", "--fsys-tarfile", str(package)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    yield member.name, content.read()


def file_named(package: Path, end: str) -> bytes:
    """The content of the one file whose name ends so; raises FailedError when there is none."""
    for name, content in files(package):
        if name.endswith(end):
            return content
    raise FailedError(f"{package.name} holds no {end}")


def _found(folder: Path, pattern: str) -> list[Path]:
    found = [path for path in folder.glob(f"{pattern}.deb") if "cloud" not in path.name]
    return sorted(found, key=lambda path: [int(n) if n.isdigit() else n for n in _split(path.name)])


def _split(name: str) -> list[str]:
    """Text, number, text, ... of a name, so that 6.1.0-9 comes before 6.1.0-56."""
    parts, digits = [""], False
    for character in name:
        if character.isdigit() is not digits:
            digits = not digits
            parts.append("")
        parts[-1] += character
    return parts


def _download(folder: Path) -> bool:
    depends = subprocess.run(
        ["apt-cache", "depends", KERNEL], capture_output=True, text=True, check=False
    ).stdout
    kernels = [line.split()[1] for line in depends.splitlines() if "Depends: linux-image" in line]
    if not kernels:
        return False
    command = ["apt-get", "download", "-qq", kernels[0], *PLAIN]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0

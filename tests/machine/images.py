"""What is built once and booted often, and the folder it lies in: the small machine's kernel and
initramfs, the pod's disk image and initramfs.

Built again when the packages or the recipe (the files of this folder that build) change. Several
may prepare at once: one builds, the others wait.
"""

import fcntl
import hashlib
import lzma
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bus.program.errors import FailedError
from tests.machine.debian import PLAIN, fetch, file_named, files, newest, require
from tests.machine.initramfs import Parts, initramfs
from tests.machine.modules import plain_name

HERE = Path(__file__).parent
HOME_VARIABLE = "DRIVE_MACHINE_HOME"
_RECIPE = ("images.py", "initramfs.py", "modules.py", "cpio.py", "guest-init", "load-module")
_XZ = b"\xfd7zXZ\0"
_ELF = b"\x7fELF"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of all built files."""

    path: Path

    @property
    def packages(self) -> Path:
        return self.path / "debs"

    @property
    def kernel(self) -> Path:
        """Both machines' kernel, unpacked, so that the emulator need not unpack it at each boot."""
        return self.path / "machine" / "vmlinux"

    @property
    def initramfs(self) -> Path:
        return self.path / "machine" / "initramfs.cpio"

    @property
    def pod_initramfs(self) -> Path:
        return self.path / "pod" / "initramfs.cpio"

    @property
    def pod_image(self) -> Path:
        return self.path / "pod" / "root.img"


def home_from(environ: Mapping[str, str]) -> Home:
    """The folder that DRIVE_MACHINE_HOME names, or one in the user's cache."""
    named = environ.get(HOME_VARIABLE)
    return Home(Path(named) if named else Path.home() / ".cache" / "drivefleet-machine")


def prepare_machine(home: Home) -> None:
    """Build what the small machine boots from, unless it is there: 7 s and 72 MB of packages.

    Raises UsageError that says which program is missing, FailedError when a package is.
    """
    require("qemu-system-x86_64", "qemu-system-x86", "runs the machine")
    with locked(home.path / "machine.lock"):
        fetch(home.packages)
        kernel = newest(home.packages, "linux-image-*")
        others = [newest(home.packages, f"{name}_*") for name in PLAIN]
        with built_once(home.kernel.parent, recipe(_RECIPE, kernel, *others)) as to_build:
            if to_build:
                _build(home, kernel, *others)


def _build(home: Home, kernel: Path, busybox: Path, smartmontools: Path) -> None:
    modules: dict[str, bytes] = {}
    for name, content in files(kernel):
        if name.startswith("./boot/vmlinuz-"):
            home.kernel.write_bytes(unpack_kernel(content))
        elif name.endswith(".ko"):
            modules[plain_name(Path(name).name)] = content
    parts = Parts(
        modules=modules,
        busybox=file_named(busybox, "/bin/busybox"),
        smartctl=file_named(smartmontools, "/sbin/smartctl"),
        drivedb=file_named(smartmontools, "/drivedb.h"),
        init=(HERE / "guest-init").read_bytes(),
        load_module=(HERE / "load-module").read_bytes(),
    )
    home.initramfs.write_bytes(initramfs(parts))


def unpack_kernel(vmlinuz: bytes) -> bytes:
    """The ELF image in a kernel packed with xz, as Debian 12 does; else raises FailedError."""
    start = vmlinuz.find(_XZ)
    if start >= 0:
        elf = lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(vmlinuz[start:])
        if elf.startswith(_ELF):
            return elf
    raise FailedError("the kernel package holds no kernel packed with xz: this needs Debian 12's")


def recipe(names: tuple[str, ...], *inputs: object) -> str:
    """What a build depends on, as a word: files of this folder, and names of packages."""
    digest = hashlib.sha256(repr([str(each) for each in inputs]).encode())
    for name in names:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()


@contextmanager
def built_once(folder: Path, recipe: str) -> Iterator[bool]:
    """Whether the folder must be built by this recipe; marked as built when the block succeeds."""
    mark = folder / "recipe"
    to_build = not mark.exists() or mark.read_text() != recipe
    if to_build:
        folder.mkdir(parents=True, exist_ok=True)
        mark.unlink(missing_ok=True)
    yield to_build
    if to_build:
        mark.write_text(recipe)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One builder at a time, by a lock on this file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""The small machine's initramfs: busybox, smartctl, kernel modules, a little /etc; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.machine.cpio import CHARACTER_DEVICE, FILE, FOLDER, LINK, PROGRAM, Cpio
from tests.machine.modules import load_order, modinfo, needs

AT_BOOT = (
    "virtio_pci", "9pnet_virtio", "9p", "ahci", "sd_mod", "sg", "nvme", "virtio_scsi", "virtio_net",
    "crc32c_generic",
)  # fmt: skip
AT_HAND = ("scsi_debug", "mptsas", "megaraid_sas", "usb-storage", "uas", "xhci_pci")
"""Loaded inside by `load-module NAME`."""

_FOLDERS = ("proc", "sys", "dev", "run", "tmp", "usr", "mnt", "share", "root", "var/lib")
_ETC = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "group": "root:x:0:\ndisk:x:6:\n",
    "hosts": "127.0.0.1 localhost machine\n",
    "hostname": "machine\n",
    "machine-id": "0123456789abcdef0123456789abcdef\n",
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What the packages and this folder give; modules by plain name."""

    modules: Mapping[str, bytes]
    busybox: bytes
    smartctl: bytes
    drivedb: bytes
    init: bytes
    load_module: bytes


def initramfs(parts: Parts) -> bytes:
    """The archive that the kernel unpacks into memory and starts /init of."""
    archive = Cpio()
    for folder in _FOLDERS:
        archive.add(folder, FOLDER)
    for link in ("bin", "sbin", "lib", "lib64"):  # for loader and shebangs once /usr is mounted
        archive.add(link, LINK, f"usr/{link}".encode())
    archive.add("dev/console", CHARACTER_DEVICE | 0o600, device=(5, 1))
    for name, text in _ETC.items():
        archive.add(f"etc/{name}", FILE, text.encode())
    archive.add("bb/busybox", PROGRAM, parts.busybox)
    archive.add("opt/machine/smartctl", PROGRAM, parts.smartctl)
    archive.add("opt/machine/load-module", PROGRAM, parts.load_module)
    archive.add("var/lib/smartmontools/drivedb/drivedb.h", FILE, parts.drivedb)
    _add_modules(archive, parts.modules)
    archive.add("init", PROGRAM, parts.init)
    return archive.finish()


def _add_modules(archive: Cpio, modules: Mapping[str, bytes]) -> None:
    needed = {name: needs(modinfo(content)) for name, content in modules.items()}
    order = load_order(AT_BOOT, needed)
    archive.add("mod/order", FILE, lines(order))
    carried = load_order((*AT_BOOT, *AT_HAND), needed)
    for name in carried:
        archive.add(f"mod/{name}.ko", FILE, modules[name])
    for name in carried:
        if name not in order:
            archive.add(f"mod/needs/{name}", FILE, lines(load_order((name,), needed)))


def lines(texts: Iterable[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()

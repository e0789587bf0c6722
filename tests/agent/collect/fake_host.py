"""A root folder with what the kernel tells of its drives, laid out and linked as /sys is."""

from pathlib import Path

MACHINE_ID = "3f2a9c0d11e4470f9f7c8a1b2c3d4e5f"


class FakeHost:
    """Give `root` to what reads /sys, /proc and /etc."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sys = root / "sys"
        self._numbers: dict[str, str] = {}
        self.write("etc/machine-id", f"{MACHINE_ID}\n")
        self.write("proc/sys/kernel/hostname", "pod-7\n")
        self.write("proc/sys/kernel/random/boot_id", "boot-1\n")
        self.write("proc/self/mountinfo", "")
        (root / "dev").mkdir()

    def write(self, path: str, text: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)

    def disk(self, name: str, serial: str = "", wwn: str = "", seq: int | None = None) -> Path:
        """A SATA or SAS disk; its serial stands in SCSI's page 0x80, padded as drives do."""
        scsi = self.sys / f"devices/pci0/ata/host0/target-{name}/{name}-lun"
        block = self._block(scsi / "block" / name)
        (block / "device").symlink_to(scsi)
        if serial:
            page = b"\0\x80\0" + bytes([20]) + serial.rjust(20).encode()
            (scsi / "vpd_pg80").write_bytes(page)
        if wwn:
            (scsi / "wwid").write_text(f"{wwn}\n", encoding="utf-8")
        if seq is not None:
            (block / "diskseq").write_text(f"{seq}\n", encoding="utf-8")
        return block

    def nvme(self, number: int, serial: str, *, seq: int = 1, multipath: bool = False) -> Path:
        """An NVMe controller with one namespace; where there may be several ways to it, its block
        device belongs to the subsystem, and the controller has a hidden one of its own."""
        name = f"nvme{number}"
        controller = self.sys / f"devices/pci0/nvme/{name}"
        controller.mkdir(parents=True)
        (controller / "serial").write_text(f"{serial:<20}\n", encoding="utf-8")
        self._link(self.sys / "class/nvme" / name, controller)
        (controller / f"ng{number}n1").mkdir()
        if multipath:
            (controller / f"{name}c{number}n1").mkdir()
        owner = self.sys / f"devices/virtual/nvme-{number}" if multipath else controller
        block = self._block(owner / f"{name}n1")
        (block / "diskseq").write_text(f"{seq}\n", encoding="utf-8")
        (block / "device").symlink_to(owner)
        if multipath:
            (owner / "serial").write_text(f"{serial:<20}\n", encoding="utf-8")
        return block

    def partition(self, disk: Path, name: str) -> Path:
        block = self._block(disk / name)
        (block / "partition").write_text("1\n", encoding="utf-8")
        return block

    def stacked(self, name: str, *below: Path, mapped: str = "") -> Path:
        """A device-mapper or RAID device on others."""
        block = self._block(self.sys / "devices/virtual/block" / name)
        for slave in below:
            self._link(block / "slaves" / slave.name, slave)
        if mapped:
            (block / "dm").mkdir()
            (block / "dm/name").write_text(f"{mapped}\n", encoding="utf-8")
        return block

    def btrfs(self, *devices: Path) -> None:
        for device in devices:
            self._link(self.sys / "fs/btrfs/6ba7b810/devices" / device.name, device)

    def mount(self, point: str, block: Path | None, source: str, kind: str = "ext4") -> None:
        """A mount of a block device, or of a file system that has no block number (None)."""
        number = self._numbers[block.name] if block is not None else "0:31"
        line = f"36 1 {number} / {point} rw,relatime shared:1 - {kind} {source} rw\n"
        with (self.root / "proc/self/mountinfo").open("a", encoding="utf-8") as file:
            file.write(line)

    def slot(self, enclosure: str, name: str, disk: str, **files: str) -> None:
        """A slot of an enclosure with a disk in it; `id` is the enclosure's, `slot` its own."""
        folder = self.sys / "class/enclosure" / enclosure / name
        (folder / "device/block" / disk).mkdir(parents=True)
        for file, text in files.items():
            place = folder.parent if file == "id" else folder
            (place / file).write_text(f"{text}\n", encoding="utf-8")

    def _block(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        number = f"8:{len(self._numbers)}"
        self._numbers[folder.name] = number
        self._link(self.sys / "class/block" / folder.name, folder)
        self._link(self.sys / "dev/block" / number, folder)
        return folder

    def _link(self, path: Path, target: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

"""An archive in the cpio "newc" format, the form of an initramfs; pure."""

import os

FOLDER = 0o040755
FILE = 0o100644
PROGRAM = 0o100755
LINK = 0o120777
CHARACTER_DEVICE = 0o020600

_KIND = 0o170000
_END = "TRAILER!!!"
_BLOCK_BYTES = 512


class Cpio:
    """An archive that grows by `add` and is handed out by `finish`. All is root's, at time 0."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._entries = 0
        self._folders: set[str] = set()

    def add(
        self, name: str, mode: int, data: bytes = b"", device: tuple[int, int] = (0, 0)
    ) -> None:
        """Add one entry, and the folders above it that are not there yet.

        `mode` is type and permissions as in stat; `data` of a link is where it points to;
        `device` is the major and minor number of a device.
        """
        name = name.strip("/")
        above = os.path.dirname(name)  # noqa: PTH120  # a name in an archive, not a path here
        if above and above not in self._folders:
            self.add(above, FOLDER)
        if mode & _KIND == FOLDER & _KIND:
            if name in self._folders:
                return
            self._folders.add(name)
        self._append(name, mode, data, device)

    def finish(self) -> bytes:
        """The whole archive, ended and filled up to a block; nothing may be added after it."""
        self._append(_END, 0, b"", (0, 0))
        return bytes(self._bytes) + b"\0" * (-len(self._bytes) % _BLOCK_BYTES)

    def _append(self, name: str, mode: int, data: bytes, device: tuple[int, int]) -> None:
        self._entries += 1
        raw_name = name.encode() + b"\0"
        owner, time, links, checksum, own_device = (0, 0), 0, 1, 0, (0, 0)
        fields = (
            *(self._entries, mode, *owner, links, time, len(data)),
            *(*own_device, *device, len(raw_name), checksum),
        )
        self._bytes += b"070701" + b"".join(b"%08x" % field for field in fields) + raw_name
        self._pad()
        self._bytes += data
        self._pad()

    def _pad(self) -> None:
        self._bytes += b"\0" * (-len(self._bytes) % 4)

"""The spool: one immutable file a pass, from the privileged side to the network side.

Rules:
- The collecting side writes, thins and removes; the delivering side only reads this folder and
  keeps its marks elsewhere.
- Names sort by time and never repeat: a pass is named by the time at which it began, and the
  collecting side never begins two at one time.
- A thinned pass keeps its name and every drive-day; only SMART values are gone.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import zstandard

from bus.contract import Absence, Inventory, Snapshot
from bus.disk import make_folder, sync_folder, write_durably
from bus.program.errors import FailedError

SUFFIX = ".pass"
ZSTD_LEVEL = 9
"""8 times smaller; a pass of 60 drives takes 5 ms, four times a day."""
MAX_PASS_BYTES = 64_000_000
"""Unpacked: 10,000 drives with every attribute. A larger file is not one of ours."""


class SpoolError(FailedError):
    """A file of the spool cannot be read or written. The text says which, why and what to do."""


class Pass(msgspec.Struct, frozen=True):
    """What one look at this host's drives found: the events, and what the day holds so far.

    Each event's `sent_at`, and the inventory's partition, drives and keys_xor, are set by the
    delivering side when it sends them.
    """

    day: date  # UTC, of started_at
    host: str
    started_at: datetime
    keys: tuple[str, ...]  # of all snapshots of this host and day, over all its passes so far
    snapshots: tuple[Snapshot, ...]  # what this pass knows that earlier ones of the day did not
    absences: tuple[Absence, ...] = ()
    inventory: Inventory | None = None  # None: the pass was cut short


class Bounded(msgspec.Struct, frozen=True):
    """What bounding the spool did; `over_bytes` is what remains above the limit."""

    removed: int = 0
    thinned: int = 0
    over_bytes: int = 0


def pass_path(folder: Path, started_at: datetime) -> Path:
    """The file of the pass that began then (an aware time)."""
    return folder / f"{started_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}{SUFFIX}"


def write_pass(folder: Path, content: Pass) -> Path:
    """Make a pass durable; blocks. Raises SpoolError (disk full ...), with nothing left."""
    path = pass_path(folder, content.started_at)
    try:
        make_folder(folder)
        write_durably(path, [_pack(content)])
    except OSError as error:
        raise SpoolError(
            f"cannot write to the spool {folder}: {error.strerror or error}; nothing is lost: free"
            " space there, or let this user write there, and the next pass goes on"
        ) from error
    return path


def list_passes(folder: Path) -> list[Path]:
    """All passes, oldest first. A folder that is not there yet holds none. Raises SpoolError."""
    try:
        return sorted(path for path in folder.iterdir() if _is_pass(path))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SpoolError(f"cannot read the spool {folder}: {error.strerror or error}") from error


def read_pass(path: Path) -> Pass:
    """The pass in a file. Raises SpoolError when it is damaged, unreadable or no longer there."""
    try:
        packed = path.read_bytes()
        return msgspec.json.decode(_unpack(packed), type=Pass)
    except OSError as error:
        raise SpoolError(f"cannot read the pass {path}: {error.strerror or error}") from error
    except (zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SpoolError(f"the pass {path} is damaged ({error}): move it away") from error


def bound_spool(folder: Path, *, today: date, days: int, max_bytes: int) -> Bounded:
    """Remove passes that are no longer believed, then thin the oldest until the limit is kept.

    For the collecting side alone. Raises SpoolError. A damaged pass is left for an operator.
    """
    try:
        _remove_unfinished(folder)
        removed = _remove_old(folder, today - timedelta(days=days))
        thinned, total = _thin_oldest(folder, max_bytes)
    except OSError as error:
        raise SpoolError(f"cannot bound the spool {folder}: {error.strerror or error}") from error
    return Bounded(removed, thinned, max(0, total - max_bytes))


def thin(content: Pass) -> Pass:
    """The same pass without SMART values: every drive-day, state and sign stays."""
    bare = (msgspec.structs.replace(one, smart={}, nvme={}, scsi={}) for one in content.snapshots)
    return msgspec.structs.replace(content, snapshots=tuple(bare))


def _pack(content: Pass) -> bytes:
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(msgspec.json.encode(content))


def _unpack(packed: bytes) -> bytes:
    if zstandard.get_frame_parameters(packed).content_size > MAX_PASS_BYTES:
        raise zstandard.ZstdError(f"more than {MAX_PASS_BYTES} bytes")
    return zstandard.ZstdDecompressor().decompress(packed)


def _is_pass(path: Path) -> bool:
    return path.suffix == SUFFIX and not path.name.startswith(".")


def _remove_unfinished(folder: Path) -> None:
    """What a killed writer left beside its place. There is one writer, and it is not writing."""
    for path in folder.glob(f".*{SUFFIX}.*.tmp"):
        path.unlink()


def _remove_old(folder: Path, before: date) -> int:
    old = [path for path in list_passes(folder) if path.name < f"{before:%Y%m%d}"]
    for path in old:
        path.unlink()
    if old:
        sync_folder(folder)
    return len(old)


def _thin_oldest(folder: Path, max_bytes: int) -> tuple[int, int]:
    """(passes thinned, bytes now)."""
    paths = list_passes(folder)
    total = sum(path.stat().st_size for path in paths)
    thinned = 0
    for path in paths:
        if total <= max_bytes:
            break
        saved = _thin_file(path)
        total -= saved
        thinned += saved > 0
    return thinned, total


def _thin_file(path: Path) -> int:
    """Bytes saved. A pass that is thin already, or damaged, saves none."""
    try:
        content = read_pass(path)
    except SpoolError:
        return 0
    if not any(one.smart or one.nvme or one.scsi for one in content.snapshots):
        return 0
    return path.stat().st_size - write_durably(path, [_pack(thin(content))])

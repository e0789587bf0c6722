"""A batch of records as bytes: one zstd frame with its checksum, about 40 bytes an event."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec
import zstandard

from bus.log import Message, Spot

MAX_BATCH_RECORDS = 5_000
"""Records in one frame: large enough to compress well (gains end near 2,000), small enough that
one frame is read and decoded within a few milliseconds."""
MAX_BATCH_BYTES = 4_000_000
"""The same bound for large records; a single larger one has a frame of its own."""


class DamagedFrame(ValueError):
    """The bytes are not what was packed."""


class _Frame(msgspec.Struct, array_like=True):
    """What a frame holds; fields may be added at the end."""

    values: list[bytes]


def framed(messages: Sequence[Message]) -> Iterator[tuple[Spot, list[bytes]]]:
    """The messages by spot, in order, in batches within the limits."""
    by_spot: dict[Spot, list[bytes]] = defaultdict(list)
    for spot, value in messages:
        by_spot[spot].append(value)
    for spot, values in by_spot.items():
        begin, size = 0, 0
        for index, value in enumerate(values):
            full = index - begin == MAX_BATCH_RECORDS or size + len(value) > MAX_BATCH_BYTES
            if full and index > begin:
                yield spot, values[begin:index]
                begin, size = index, 0
            size += len(value)
        yield spot, values[begin:]


def pack(values: list[bytes]) -> bytes:
    """A compressor is made anew (16 µs): one is not safe in several threads."""
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
    return compressor.compress(msgspec.msgpack.encode(_Frame(values)))


def unpack(frame: bytes) -> list[bytes]:
    """The values that were packed. Raises DamagedFrame."""
    try:
        packed = zstandard.ZstdDecompressor().decompress(frame)
        return msgspec.msgpack.decode(packed, type=_Frame).values
    except (zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedFrame(str(error)) from error
    except (MemoryError, OverflowError) as error:
        raise DamagedFrame("it claims a size beyond this machine's memory") from error

"""A checkpoint: one partition's facts and how far the log was read, as one checksummed file.

Layout: a line that names the format, a zstd frame of sections (each 4 bytes of length and a msgpack
value), and a BLAKE2b digest of all before it. A file is read whole or refused whole: by its digest,
or by a version newer than ours. Sections are small, so that a writing thread never holds the
interpreter for longer than a few milliseconds.
"""

import struct
from array import array
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from sys import intern
from typing import Protocol

import msgspec
import numpy as np
import zstandard

from aggregator.ingest.ledger import Absent, Ledger, Said, Told
from aggregator.ingest.presence import Block
from aggregator.ingest.words import Report, Signs, Slot, W, What, Where, shared, shared_report

FORMAT = 1
MAGIC = b"drivefleet checkpoint %d\n"
DIGEST_BYTES = 32


class CheckpointError(Exception):
    """The bytes are not a whole checkpoint that this version reads; the text says which and why."""


class Position(msgspec.Struct, frozen=True):
    """How far one log was read: every fact below the offsets is in the file."""

    epoch: int
    offsets: dict[str, int]  # by topic; the offset to read next


class Head(msgspec.Struct, frozen=True):
    """What a checkpoint is of."""

    partition: int
    partitions: int
    simulated: bool
    incarnation: str  # the process that wrote it
    written_at: datetime
    positions: dict[str, Position]  # by the log's identity


class _Column(msgspec.Struct):
    last: bytes  # int32 by row
    rows: bytes  # int32: rows with earlier runs
    lengths: bytes  # int32: how many numbers each of them has in `pieces`
    pieces: bytes  # int32


class _Block(msgspec.Struct):
    quarter: int
    tile: int
    raw: bytes = b""
    frame: bytes = b""  # or raw, compressed


class _Facts(msgspec.Struct):
    latest: bytes
    what: tuple[list[What], _Column]
    where: tuple[list[Where], _Column]
    slots: tuple[list[Slot], _Column]
    signs: tuple[list[Signs], _Column]
    failures: list[tuple[int, int]]
    absences: list[tuple[int, str, int, Absent]]
    verdicts: list[tuple[int, str, Told]]
    hosts: list[str]
    reports: tuple[list[Report], _Column]
    live_from: int
    taken_in: datetime | None


class _First(msgspec.Struct):
    """The first section; then come the keys, a slice each, then the blocks, one each."""

    head: Head
    facts: _Facts
    key_slices: int
    blocks: int


KEYS_A_SLICE = 10_000

_encode = msgspec.msgpack.Encoder().encode
_decode_first = msgspec.msgpack.Decoder(_First).decode
_decode_keys = msgspec.msgpack.Decoder(list[str]).decode
_decode_block = msgspec.msgpack.Decoder(_Block).decode


class _Compress(Protocol):
    """zstandard's compressobj, whose class has no public name."""

    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


def encode_checkpoint(head: Head, ledger: Ledger) -> Iterator[bytes]:
    """The file's chunks, made as they are asked for. The ledger must not change meanwhile."""
    digest = blake2b(digest_size=DIGEST_BYTES)
    compress = zstandard.ZstdCompressor(level=1).compressobj()
    for chunk in _chunks(head, ledger, compress):
        digest.update(chunk)
        yield chunk
    yield digest.digest()


def decode_checkpoint(name: str, content: bytes) -> tuple[Head, Ledger]:
    """What the file holds. Blocks. Raises CheckpointError with the file's name."""
    first, _, _ = content.partition(b"\n")
    if first != (MAGIC % FORMAT).strip():
        raise CheckpointError(_foreign(name, first))
    body, digest = content[:-DIGEST_BYTES], content[-DIGEST_BYTES:]
    if blake2b(body, digest_size=DIGEST_BYTES).digest() != digest:
        raise CheckpointError(f"checkpoint {name} is damaged: its checksum does not fit")
    try:
        frame = memoryview(body)[len(first) + 1 :]
        raw = zstandard.ZstdDecompressor().decompressobj().decompress(frame)
        return _read(_sections(raw))
    except (zstandard.ZstdError, msgspec.DecodeError, struct.error, StopIteration) as error:
        raise CheckpointError(f"checkpoint {name} cannot be read: {error}") from error


def _chunks(head: Head, ledger: Ledger, compress: _Compress) -> Iterator[bytes]:
    yield MAGIC % FORMAT
    presence = ledger.presence
    keys = ledger.keys()
    slices = range(0, len(keys), KEYS_A_SLICE)
    blocks = len(presence.open) + len(presence.sealed)
    yield _section(compress, _First(head, _facts(ledger), len(slices), blocks))
    for begin in slices:
        yield _section(compress, keys[begin : begin + KEYS_A_SLICE])
    for at, (frame, _) in presence.sealed.items():
        yield _section(compress, _Block(*at, frame=frame))
    for at, block in presence.open.items():
        yield _section(compress, _Block(*at, raw=block.to_bytes()))
    yield compress.flush()


def _section(compress: _Compress, value: object) -> bytes:
    packed = _encode(value)
    return compress.compress(struct.pack(">I", len(packed)) + packed)


def _sections(raw: bytes) -> Iterator[memoryview]:
    view, at = memoryview(raw), 0
    while at < len(view):
        (length,) = struct.unpack_from(">I", view, at)
        yield view[at + 4 : at + 4 + length]
        at += 4 + length


def _read(sections: Iterator[memoryview]) -> tuple[Head, Ledger]:
    first = _decode_first(next(sections))
    ledger = Ledger()
    for _ in range(first.key_slices):
        for key in _decode_keys(next(sections)):
            ledger.row_of(key)
    for _ in range(first.blocks):
        block = _decode_block(next(sections))
        at = (block.quarter, block.tile)
        if block.frame:
            ledger.presence.sealed[at] = (block.frame, 0)
        else:
            ledger.presence.open[at] = Block.from_bytes(block.raw)
    _fill(ledger, first.facts)
    return first.head, ledger


def _foreign(name: str, first: bytes) -> str:
    version = first.removeprefix(MAGIC.split(b"%")[0])
    if version != first and version.isdigit() and int(version) > FORMAT:
        return f"checkpoint {name} was written by a newer version: upgrade this aggregator"
    return f"{name} is not a checkpoint, or damaged at its begin"


def _facts(ledger: Ledger) -> _Facts:
    rows = len(ledger.rows)
    return _Facts(
        latest=ledger.latest[:rows].tobytes(),
        what=_said(ledger.what, rows),
        where=_said(ledger.where, rows),
        slots=_said(ledger.slots, rows),
        signs=_said(ledger.signs, rows),
        failures=sorted(ledger.failures),
        absences=[
            (row, host, day, absent)
            for row, told in ledger.absences.items()
            for (host, day), absent in told.items()
        ],
        verdicts=[
            (row, name, told)
            for row, verdicts in ledger.verdicts.items()
            for name, told in verdicts.items()
        ],
        hosts=ledger.hosts.names,
        reports=_said(ledger.hosts.reports, len(ledger.hosts.names)),
        live_from=ledger.live_from,
        taken_in=ledger.taken_in,
    )


def _fill(ledger: Ledger, facts: _Facts) -> None:
    """Everything but keys and blocks, which are there."""
    ledger.latest[: len(ledger.rows)] = np.frombuffer(facts.latest, dtype=np.int32)
    _say(ledger.what, *facts.what)
    _say(ledger.where, map(shared, facts.where[0]), facts.where[1])
    _say(ledger.slots, *facts.slots)
    _say(ledger.signs, *facts.signs)
    ledger.failures = set(facts.failures)
    for row, host, day, absent in facts.absences:
        ledger.absences.setdefault(row, {})[host, day] = absent
    for row, name, told in facts.verdicts:
        ledger.verdicts.setdefault(row, {})[name] = told
    for host in facts.hosts:
        ledger.hosts.row_of(intern(host))
    _say(ledger.hosts.reports, map(shared_report, facts.reports[0]), facts.reports[1])
    ledger.live_from = facts.live_from
    ledger.taken_in = facts.taken_in and facts.taken_in.astimezone(UTC)


def _said(said: Said[W], rows: int) -> tuple[list[W], _Column]:
    runs = said.runs
    lengths = [len(pieces) for pieces in runs.pieces.values()]
    return said.pool.words, _Column(
        last=runs.last[:rows].tobytes(),
        rows=array("i", runs.pieces).tobytes(),
        lengths=array("i", lengths).tobytes(),
        pieces=b"".join(pieces.tobytes() for pieces in runs.pieces.values()),
    )


def _say(said: Said[W], words: Iterable[W], column: _Column) -> None:
    for word in words:
        said.pool.number(word)
    last = np.frombuffer(column.last, dtype=np.int32)
    said.runs.last[: len(last)] = last
    pieces = array("i", column.pieces)
    begin = 0
    for row, length in zip(array("i", column.rows), array("i", column.lengths), strict=True):
        said.runs.load(row, pieces[begin : begin + length])
        begin += length

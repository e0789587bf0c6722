"""SMART faults of emulated drives, by writing the memory of our own QEMU.

ATA: one constant table of seven attributes for all ATA drives of a machine; health is each drive's
own. NVMe: model, firmware, capacity, temperature, power-on hours, each drive's own. All take effect
at once. Places are found by pattern, tried with QEMU 7.2; LookupError when it is not as expected.
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from tests.machine.memory import Memory
from tests.machine.qmp import Qmp

ATTRIBUTES = 7
_ROW = struct.Struct("<12i")  # id, flags, flags' high byte, value, worst, raw[6], threshold
_FIRST_ROW = _ROW.pack(1, 3, 0, 100, 100, 0, 0, 0, 0, 0, 0, 6)

_SERIAL_BYTES = 21
_STATE_BYTES = 0x500
# IDEState: serial[21], model[41], ..., smart_enabled = 1, autosave = 1, padding, int smart_errors,
# a byte that counts self-tests (at most 21)
_HEALTH = re.compile(rb"\x01\x01..(.\0\0\0)[\0-\x15]", re.DOTALL)

_NVME_MODEL = b"QEMU NVMe Ctrl"
_SERIAL_AT, _MODEL_AT, _FIRMWARE_AT, _CAPACITY_AT = 4, 24, 64, 280  # in Identify Controller
_START_TEMPERATURE_K = 323
KELVIN = 273
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Attribute:
    """A row of the ATA attribute table; failing now when value <= threshold and pre-fail."""

    id: int
    value: int
    worst: int
    threshold: int
    raw: int
    flags: int = 0x33

    def packed(self) -> bytes:
        raw = self.raw.to_bytes(6, "little")
        return _ROW.pack(self.id, self.flags, 0, self.value, self.worst, *raw, self.threshold)


class AtaFaults:
    """What ATA drives say of themselves."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._table: int | None = None

    def attributes(self) -> list[Attribute]:
        """The seven attributes as they are now."""
        table = self._find_table()
        rows = [self._memory.read(table + n * _ROW.size, _ROW.size) for n in range(ATTRIBUTES)]
        return [_unpack(row) for row in rows]

    def set_attributes(self, attributes: Sequence[Attribute]) -> None:
        """Overwrite the first of the seven attributes, of all ATA drives of the machine."""
        if len(attributes) > ATTRIBUTES:
            raise ValueError(f"{len(attributes)} attributes: QEMU has room for {ATTRIBUTES}")
        table = self._find_table()
        for number, attribute in enumerate(attributes):
            self._memory.write(table + number * _ROW.size, attribute.packed())

    def fail(self, serial: str, errors: int = 1) -> None:
        """Make one drive's SMART RETURN STATUS say "failing"; errors=0: healthy again."""
        found = False
        for state in self._memory.find_objects(serial.encode().ljust(_SERIAL_BYTES, b"\0")):
            content = self._memory.read(state, _STATE_BYTES)
            if content[_SERIAL_BYTES] == 0:  # no model follows: another copy of the serial number
                continue
            places = [state + match.start(1) for match in _HEALTH.finditer(content)]
            aligned = [place for place in places if place % 4 == 0]
            if aligned:
                self._memory.write(aligned[0], struct.pack("<i", errors))
                found = True
        if not found:
            raise LookupError(f"no ATA drive {serial} in this QEMU's memory")

    def _find_table(self) -> int:
        if self._table is None:
            hits = self._memory.find_constants(_FIRST_ROW)
            if len(hits) != 1:
                raise LookupError(f"SMART table found {len(hits)} times")
            self._table = hits[0]
        return self._table


class NvmeFaults:
    """What NVMe drives say of themselves."""

    def __init__(self, memory: Memory, qmp: Qmp) -> None:
        self._memory = memory
        self._qmp = qmp

    def identify(
        self,
        serial: str,
        model: str | None = None,
        firmware: str | None = None,
        capacity_bytes: int | None = None,
    ) -> None:
        """Change what a drive with QEMU's own model says it is.

        Without a capacity smartctl prints none for QEMU's controller.
        """
        marks = serial.encode().ljust(20) + _NVME_MODEL.ljust(40)
        hits = self._memory.find_objects(marks)
        if not hits:
            raise LookupError(f"no NVMe drive {serial} in this QEMU's memory")
        for hit in hits:
            start = hit - _SERIAL_AT
            if model is not None:
                self._memory.write(start + _MODEL_AT, model.encode().ljust(40)[:40])
            if firmware is not None:
                self._memory.write(start + _FIRMWARE_AT, firmware.encode().ljust(8)[:8])
            if capacity_bytes is not None:
                self._memory.write(start + _CAPACITY_AT, capacity_bytes.to_bytes(16, "little"))

    def find_state(self, path: str) -> int:
        """The address of a drive's temperature; `path` is Guest.nvme_path. Call it before `set`."""
        address = {"path": path, "property": "smart_critical_warning"}
        before = self._qmp.call("qom-get", address)
        hits: set[int] | None = None
        for mark in (0x15, 0x0A):  # the warning lies behind the temperature: mark it, twice
            self._qmp.call("qom-set", {**address, "value": mark})
            found = set(self._memory.find_objects(struct.pack("<HB", _START_TEMPERATURE_K, mark)))
            hits = found if hits is None else hits & found
        self._qmp.call("qom-set", {**address, "value": before})
        aligned = [hit for hit in hits or () if hit % 8 == 0]
        if len(aligned) != 1:
            raise LookupError(f"NVMe state found {len(aligned)} times")
        return aligned[0]

    def set_temperature(self, state: int, celsius: int) -> None:
        """`state` is from find_state."""
        self._memory.write(state, struct.pack("<H", celsius + KELVIN))

    def set_power_on_hours(self, state: int, hours: int) -> None:
        """`state` is from find_state; before it lies when the drive was switched on."""
        self._memory.write(state - 8, struct.pack("<q", -hours * _HOUR_MS))


def _unpack(row: bytes) -> Attribute:
    number, flags, _, value, worst, *raw, threshold = _ROW.unpack(row)
    return Attribute(number, value, worst, threshold, int.from_bytes(bytes(raw), "little"), flags)

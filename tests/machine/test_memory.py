"""Finding and changing bytes in a real process: this one."""

import ctypes
import os

import pytest

from tests.machine.faults import AtaFaults, Attribute
from tests.machine.memory import Memory, parse_maps

MAPS = """\
55d0c0000000-55d0c0100000 r--p 00000000 fe:00 1234    /usr/bin/qemu-system-x86_64
55d0c2000000-55d0c2400000 rw-p 00000000 00:00 0       [heap]
7f0000000000-7f0000021000 rw-p 00000000 00:00 0
7f1000000000-7f1018000000 rw-p 00000000 00:00 0
7f2000000000-7f2000001000 r--p 00000000 fe:00 99      /usr/lib/libc.so.6
"""


def test_objects_live_in_the_heap_and_small_nameless_areas() -> None:
    areas = parse_maps(MAPS)
    assert [area.changes for area in areas] == [False, True, True, False, False]
    assert [area.of_program for area in areas] == [True, False, False, False, False]


def test_bytes_in_a_process_are_found_read_and_written() -> None:
    mark = os.urandom(16)
    held = ctypes.create_string_buffer(b"left" + mark + b"right")
    with Memory(os.getpid()) as memory:
        address = ctypes.addressof(held) + 4
        assert address in memory.find_objects(mark)
        assert memory.read(address, 16) == mark
        memory.write(address, b"0123456789abcdef")
    assert held.value == b"left0123456789abcdefright"


def test_a_process_that_is_no_qemu_is_left_alone() -> None:
    with Memory(os.getpid()) as memory:
        faults = AtaFaults(memory)
        with pytest.raises(LookupError, match="found 0 times"):
            faults.attributes()
        with pytest.raises(LookupError, match="no ATA drive"):
            faults.fail("NO" + "SUCHSERIAL")


def test_more_attributes_than_there_is_room_for_are_refused() -> None:
    with Memory(os.getpid()) as memory, pytest.raises(ValueError, match="room for 7"):
        AtaFaults(memory).set_attributes([Attribute(5, 1, 1, 10, 0)] * 8)

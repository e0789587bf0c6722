"""Kernel modules: what each needs, read from its own bytes, and the order to load them in; pure."""

import struct
from collections.abc import Iterable, Mapping

_SECTION_TABLE_AT = 0x28  # offsets in a 64-bit ELF header
_SECTION_COUNTS_AT = 0x3A
_SECTION = struct.Struct("<IIQQQQ")  # name, type, flags, address, offset, size


def modinfo(module: bytes) -> dict[str, list[str]]:
    """The key=value pairs of the section .modinfo of an ELF file; empty when it has none."""
    (table,) = struct.unpack_from("<Q", module, _SECTION_TABLE_AT)
    size, count, names = struct.unpack_from("<HHH", module, _SECTION_COUNTS_AT)
    sections = [_SECTION.unpack_from(module, table + number * size) for number in range(count)]
    names_at = sections[names][4]
    for name, _, _, _, at, length in sections:
        end = module.index(b"\0", names_at + name)
        if module[names_at + name : end] == b".modinfo":
            return _pairs(module[at : at + length])
    return {}


def needs(info: Mapping[str, list[str]]) -> list[str]:
    """The modules that must be loaded before one with this modinfo."""
    hard = [name for line in info.get("depends", []) for name in line.split(",")]
    soft: list[str] = []
    for line in info.get("softdep", []):
        before = line.partition("post:")[0]
        soft += before.replace("pre:", " ").split()
    return [plain_name(name) for name in hard + soft if name]


def load_order(wanted: Iterable[str], needed: Mapping[str, Iterable[str]]) -> list[str]:
    """Wanted modules and all they need, each after what it needs; what is not in `needed` is built
    into the kernel or absent, and left out."""
    order: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen or name not in needed:
            return
        seen.add(name)
        for each in needed[name]:
            visit(each)
        order.append(name)

    for name in wanted:
        visit(plain_name(name))
    return order


def plain_name(name: str) -> str:
    """A module's one name: in files and in dependencies both - and _ are used."""
    return name.removesuffix(".ko").replace("-", "_")


def _pairs(section: bytes) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = {}
    for line in section.split(b"\0"):
        key, equals, value = line.partition(b"=")
        if equals:
            pairs.setdefault(key.decode(), []).append(value.decode(errors="replace"))
    return pairs

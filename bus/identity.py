"""Who a drive is: its key, its manufacturer and model as people name them, and its partition.

Rules, frozen (`tests/frozen/identity.json`; a change would split drives that are already counted):
- A drive is (serial, model). White space is collapsed in both; the maker's name in front of the
  model is dropped, so that `WDC WUH721816ALE6L4` and `WUH721816ALE6L4` are one model.
- The key is `SERIAL:MODEL`; `%` and `:` in a serial are written `%25` and `%3A`, so the first
  colon always parts the two.
- The partition depends on the serial alone: a drive read through a bridge that spells its model
  differently stays in its partition.
"""

import re
import zlib
from hashlib import blake2b

MAKERS = {
    "Western Digital": "WDC",
    "WDC": "WDC",
    "WD": "WDC",
    "HGST": "HGST",
    "Hitachi": "HGST",
    "Toshiba": "Toshiba",
    "Seagate": "Seagate",
    "Samsung": "Samsung",
    "Intel": "Intel",
    "Micron": "Micron",
    "Crucial": "Crucial",
    "Kioxia": "Kioxia",
    "Kingston": "Kingston",
    "SanDisk": "SanDisk",
    "Fujitsu": "Fujitsu",
    "Maxtor": "Maxtor",
    "SK hynix": "SK hynix",
    "Solidigm": "Solidigm",
    "HPE": "HPE",
    "HP": "HPE",
    "Dell": "Dell",
    "IBM": "IBM",
    "Apple": "Apple",
    "ADATA": "ADATA",
    "Corsair": "Corsair",
    "Lexar": "Lexar",
    "Patriot": "Patriot",
    "Transcend": "Transcend",
}
"""Names that firmware puts in front of a model, and the maker that each is counted under."""

_PREFIX = re.compile(rf"({'|'.join(map(re.escape, MAKERS))}) (?=\S)", re.IGNORECASE)
_SAYS_NOTHING = frozenset({"SSD", "HDD", "DISK", "DRIVE"})
"""What is left of `Seagate SSD` names no model, so the maker's name stays in front of it."""
_NAMED = {name.lower(): maker for name, maker in MAKERS.items()}

_BY_MODEL = tuple(
    (re.compile(pattern, re.IGNORECASE), maker)
    for pattern, maker in (
        (r"ST\d{3}|[XZ][AP]\d{3}|BarraCuda|IronWolf|FireCuda|Desktop HDD", "Seagate"),
        (r"HFS\d|PC\d{3} NVMe", "SK hynix"),  # before HGST: HFS480 has its shape
        (
            r"(?:M[BKM]|EG|EH|VK|VO)(?:\d{4}|\d{6})[A-Z]{5}",
            "HPE",
        ),  # before Toshiba: MK has its shape
        (r"H[A-Z]{2}\d[A-Z\d]|Ultrastar|Deskstar|Megascale", "HGST"),
        (r"WD[SB]?\d|WD_|WU[HS]\d", "WDC"),
        (r"M[GQDK]\d{2}|DT\d{2}[A-Z]|HDW|AL1\d|PX0", "Toshiba"),
        (r"MZ[-1-9A-Z]|HD\d{3}|SSD (?:8|9)\d0|PM\d{3}", "Samsung"),
        (r"SSDSC|SSDPE|SSDPF", "Intel"),
        (r"(?:Crucial_)?CT\d{3,4}[A-Z]", "Crucial"),
        (r"Micron|MTFD", "Micron"),
        (r"KXG|KBG|KC[DM]\d|KPM", "Kioxia"),
        (r"S[AHKUV][A-Z]{0,2}\d{2,3}[A-Z]\d|SEDC", "Kingston"),
        (r"SD[78]S|SDLF", "SanDisk"),
        (r"DELLBOSS", "Dell"),
        (r"TS\d+G", "Transcend"),
        (r"QEMU", "QEMU"),
    )
)

UNKNOWN_MAKER = "unknown"


def collapse(text: str) -> str:
    """White space at the ends dropped, each run of it inside made one space."""
    return " ".join(text.split())


def normal_model(raw: str) -> str:
    """The model as it stands in figures and keys: collapsed, without the maker's name in front.

    A maker's name alone, or one followed by a word that names no model, stays as it is. Several
    names are dropped one after another (`WDC WD Blue SN570`), so that the model of a key has this
    key again.
    """
    model = collapse(raw)
    while prefix := _PREFIX.match(model):
        rest = model[prefix.end() :]
        if rest.upper() in _SAYS_NOTHING:
            break
        model = rest
    return model


def manufacturer(raw: str) -> str:
    """The maker as the published tables name it (Hitachi's drives stand under HGST).

    The model's own scheme decides first, for it does not depend on the spelling; then the name in
    front; `unknown` when neither tells.
    """
    model = normal_model(raw)
    for pattern, maker in _BY_MODEL:
        if pattern.match(model):
            return maker
    spelled = collapse(raw)
    prefix = _PREFIX.match(spelled)
    name = prefix[1] if prefix else spelled
    return _NAMED.get(name.lower(), UNKNOWN_MAKER)


def normal_serial(raw: str) -> str:
    """The serial as it stands in keys and decides the partition: collapsed."""
    return collapse(raw)


def drive_key(serial: str, model: str) -> str:
    """The drive's identity as one string, from serial and model in any spelling."""
    return f"{_escape(normal_serial(serial))}:{normal_model(model)}"


def split_key(key: str) -> tuple[str, str]:
    """(normal serial, normal model) of a drive key.

    Raises ValueError when the text has no colon, or nothing before or after it.
    """
    serial, _, model = key.partition(":")
    if not serial or not model:
        raise ValueError(f"a drive key is SERIAL:MODEL, not {key!r}")
    return serial.replace("%3A", ":").replace("%25", "%"), model


def partition(serial: str, partitions: int) -> int:
    """The partition of every event of the drive with this serial: 0 to partitions - 1."""
    return zlib.crc32(normal_serial(serial).encode()) % partitions


def key_hash(key: str) -> int:
    """A 64-bit hash of a drive key, the same on every host: inventories xor it per partition."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big")


def _escape(serial: str) -> str:
    if "%" in serial or ":" in serial:
        return serial.replace("%", "%25").replace(":", "%3A")
    return serial

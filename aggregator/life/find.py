"""Which drive a person means: one names it by its key or by its serial, in any spelling."""

from collections.abc import Container, Iterable

from bus import identity


def as_key(text: str) -> str | None:
    """The drive key that a text is, spelled as keys are; None when it is none."""
    try:
        return identity.drive_key(*identity.split_key(text))
    except ValueError:
        return None


def find_keys(known: Container[str], keys: Iterable[str], text: str) -> list[str]:
    """The key that the text is, or those of all drives with this serial; `keys` are the known."""
    key = as_key(text)
    return [key] if key in known and key is not None else keys_with_serial(keys, text)


def keys_with_serial(keys: Iterable[str], serial: str) -> list[str]:
    """The keys of all drives with a serial, in any spelling."""
    prefix = identity.drive_key(serial, "")
    return [key for key in keys if key.startswith(prefix)]

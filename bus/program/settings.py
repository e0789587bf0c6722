"""Settings: one TOML file, the environment, flags; flags win.

A program's settings are one frozen struct; its fields are the keys of one table of the file
(`[agent]`, `[aggregator]`) and, in capitals with the table's name before them, of the environment
(`DRIVEFLEET_AGENT_HOST`). `bus` and `log_format` may also stand at the top, for both programs.
"""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bus.program.errors import UsageError

S = TypeVar("S", bound=msgspec.Struct)

SHARED = ("bus", "log_format")
TABLES = ("agent", "aggregator")


def settle(
    kind: type[S],
    table: str,
    *,
    file: Path | None,
    environ: Mapping[str, str],
    flags: Mapping[str, object],
) -> S:
    """The settings of one program from all their sources; a flag that is None was not given.

    Raises UsageError with the source, the key and the nearest known key or the expected type.
    """
    values: dict[str, object] = {}
    values |= _from_file(kind, table, file)
    values |= _from_environment(kind, table, environ)
    values |= {key: value for key, value in flags.items() if value is not None}
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"setting in {file or 'the environment'}: {error}") from error


def _from_file(kind: type[S], table: str, file: Path | None) -> dict[str, object]:
    if file is None:
        return {}
    content = _read(file)
    _refuse_unknown(content, (*SHARED, *TABLES), f"{file}")
    own = content.get(table, {})
    if not isinstance(own, dict):
        raise UsageError(f"{file}: `{table}` is a table: write [{table}]")
    known = kind.__struct_fields__
    _refuse_unknown(own, known, f"{file}: [{table}]")
    shared = {key: content[key] for key in SHARED if key in content and key in known}
    return shared | own


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read --config {file}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not TOML: {error}") from error


def _from_environment(kind: type[S], table: str, environ: Mapping[str, str]) -> dict[str, object]:
    """Values of this program's variables, and an error for one that nobody reads."""
    known = {f"DRIVEFLEET_{key}".upper(): key for key in SHARED}
    known |= {f"DRIVEFLEET_{table}_{key}".upper(): key for key in kind.__struct_fields__}
    own = f"DRIVEFLEET_{table}_".upper()
    mine = {name: value for name, value in environ.items() if name in known}
    strangers = [name for name in environ if name.startswith(own) and name not in known]
    _refuse_unknown(strangers, known, "the environment")
    shared_first = sorted(mine, key=lambda name: name.startswith(own))
    return {known[name]: mine[name] for name in shared_first}


def _refuse_unknown(keys: Iterable[str], known: Iterable[str], where: str) -> None:
    names = list(known)
    for key in keys:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(names))}"
            raise UsageError(f"{where}: unknown setting {key!r}; {hint}")

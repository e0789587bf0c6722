"""Settings: one TOML file, the environment, flags; flags win.

A program's settings are one frozen struct; its fields are the keys of one table of the file
(`[agent]`, `[aggregator]`) and, in capitals with the table's name before them, of the environment
(`DRIVEFLEET_AGENT_HOST`). `bus` and `log_format` may also stand at the top, for both programs.
A list or a table is written in the environment as in the file: `["a", "b"]`, `{slot = "3"}`; a
single entry of a list may stand alone.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from bus.program.errors import UsageError

S = TypeVar("S", bound=msgspec.Struct)

SHARED = ("bus", "log_format")
TABLES = ("agent", "aggregator")
COMMAND_LINE = ("DRIVEFLEET_CONFIG", "DRIVEFLEET_HOME")
"""Variables that belong to a command line's own flags (`--config`, `--home`), not to a table."""

_NESTED = (
    msgspec.inspect.ListType,
    msgspec.inspect.VarTupleType,
    msgspec.inspect.StructType,
    msgspec.inspect.DictType,
)


class _Given(NamedTuple):
    value: object
    where: str  # for an error: what the person wrote, and where


def settle(
    kind: type[S],
    table: str,
    *,
    file: Path | None,
    environ: Mapping[str, str],
    flags: Mapping[str, object],
) -> S:
    """The settings of one program from all their sources; a flag that is None was not given.

    Paths may begin with `~`. Raises UsageError with the source, the key and the nearest known key
    or what was expected.
    """
    given = _from_file(kind, table, file) | _from_environment(kind, table, environ)
    for key, value in flags.items():
        if value is not None:
            given[key] = _Given(value, f"--{key.replace('_', '-')}")
    values = {key: value for key, (value, _) in given.items()}
    try:
        return msgspec.convert(values, kind, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise UsageError(_told(str(error), given)) from error


def _told(problem: str, given: Mapping[str, _Given]) -> str:
    """The decoder's words, with the place of the setting in those of the person who wrote it."""
    what, _, at = problem.partition(" - at `$.")
    key = re.match(r"\w*", at)
    source = given.get(key[0]) if key else None
    return f"{source.where}: {what}" if source else f"settings: {what}"


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value).expanduser()
    raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")


def _from_file(kind: type[S], table: str, file: Path | None) -> dict[str, _Given]:
    if file is None:
        return {}
    content = _read(file)
    _refuse_unknown(content, (*SHARED, *TABLES), f"{file}")
    own = content.get(table, {})
    if not isinstance(own, dict):
        raise UsageError(f"{file}: `{table}` is a table: write [{table}]")
    known = kind.__struct_fields__
    _refuse_unknown(own, known, f"{file}: [{table}]")
    shared = [key for key in SHARED if key in content and key in known]
    given = {key: _Given(content[key], f"{file}: {key}") for key in shared}
    return given | {key: _Given(own[key], f"{file}: [{table}] {key}") for key in own}


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read --config {file}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not TOML: {error}") from error


def _from_environment(kind: type[S], table: str, environ: Mapping[str, str]) -> dict[str, _Given]:
    """Values of this program's variables, and an error for one that nobody reads."""
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    known = {_variable(key): key for key in SHARED if key in fields}
    known |= {_variable(table, key): key for key in fields}  # the table's own win: they come last
    others = tuple(_variable(other, "") for other in TABLES if other != table)
    shared = (_variable(key) for key in SHARED)
    mine = [name for name in environ if name.startswith("DRIVEFLEET_")]
    _refuse_unknown(
        (name for name in mine if not name.startswith(others)),
        (*known, *shared, *COMMAND_LINE),
        "the environment",
    )
    return {
        key: _Given(_from_text(environ[name], fields[key], name), name)
        for name, key in known.items()
        if name in environ
    }


def _variable(*words: str) -> str:
    return "_".join(("DRIVEFLEET", *words)).upper()


def _from_text(text: str, kind: object, name: str) -> object:
    """A variable's text as the file would have had it."""
    info = msgspec.inspect.type_info(kind)
    cases = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    if not any(isinstance(case, _NESTED) for case in cases):
        return text
    if not text.startswith(("[", "{")):
        return [text]
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: {text!r} is not a list or table as in TOML: {error}") from error


def _refuse_unknown(keys: Iterable[str], known: Iterable[str], where: str) -> None:
    names = list(known)
    for key in keys:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(names))}"
            raise UsageError(f"{where}: unknown setting {key!r}; {hint}")

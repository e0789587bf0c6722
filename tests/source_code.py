"""What the project's own files import and call, read from their syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("agent", "aggregator", "bus")


def sources() -> list[Path]:
    files = [ROOT / "drivefleet.py"]
    files += [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return sorted(file for file in files if file.exists())


def all_python() -> list[Path]:
    return sources() + sorted(
        file for folder in ("tests", "bench", "deploy") for file in (ROOT / folder).rglob("*.py")
    )


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def imports(file: Path) -> Iterator[str]:
    """What a file imports, also inside functions: our modules as such (`from bus import log` is
    bus.log), of others what is taken from them (`from sys import intern` is sys.intern)."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            taken = [f"{node.module}.{alias.name}" for alias in node.names]
            if ours(node.module):
                yield from [each for each in taken if module_file(each)] or [node.module]
            else:
                yield from taken


def module_file(module: str) -> Path | None:
    place = ROOT / module.replace(".", "/")
    found = (place.with_suffix(".py"), place / "__init__.py")
    return next((file for file in found if file.exists()), None)


def ours(module: str) -> bool:
    return module.split(".")[0] in PACKAGES


def calls(file: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(file)) if isinstance(node, ast.Call))

"""The rules of the house, each with its reason."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.source_code import (
    ROOT,
    all_python,
    calls,
    imports,
    module_file,
    name,
    ours,
    sources,
    tree,
)

PURE_FOLDERS = ("aggregator/ingest", "aggregator/life", "aggregator/rates")
SHELLS = {
    "aggregator/ingest/store.py",  # reads and writes checkpoint files
    "aggregator/ingest/restore.py",  # fetches them
    "aggregator/ingest/part.py",  # owns a ledger and its file
}
"""The files of those folders that are not pure."""
PURE_FILES = (
    "bus/attributes.py",
    "bus/belief.py",
    "bus/contract.py",
    "bus/frame.py",
    "bus/identity.py",
    "bus/log.py",
    "bus/public.py",
    "bus/text.py",
    "agent/collect/absences.py",
    "agent/collect/answer.py",
    "agent/collect/drive.py",
    "agent/collect/reading.py",
    "agent/collect/roster.py",
    "agent/collect/signs.py",
    "agent/collect/snapshot.py",
    "agent/collect/stock.py",
    "agent/collect/why.py",
    "aggregator/ingest/checkpoint.py",
    "aggregator/ingest/decode.py",
    "aggregator/ingest/intake.py",
    "aggregator/ingest/ledger.py",
    "aggregator/ingest/summary.py",
)
"""Values in, values out. A file leaves this list only when its work has moved to another on it.
What calls itself `(pure)` in its docstring is held to it as well."""
SETTINGS = {ROOT / "agent" / "config.py"}
"""Frozen values that the core may take, beside the functions that settle them."""

PURE_LIBRARIES = {"msgspec", "numpy", "scipy", "zstandard"}
PURE_STANDARD = {
    "array", "bisect", "collections", "dataclasses", "datetime", "enum", "functools", "hashlib",
    "heapq", "itertools", "json", "math", "operator", "re", "statistics", "struct", "types",
    "typing", "zlib",
}  # fmt: skip
"""Named one by one, so that a new way to the disk, the network or a clock must ask to come in."""
PURE_NAMES = {"sys.intern"}
IMPURE_NAMES = {"open", "print", "input", "exec", "eval", "__import__"}
IMPURE_ATTRIBUTES = {
    "now", "today", "utcnow", "read_text", "read_bytes", "write_text", "write_bytes", "fromfile",
    "tofile", "memmap", "loadtxt", "savetxt", "genfromtxt", "random", "default_rng",
}  # fmt: skip

WHERE_OBJECTS_MEET = re.compile(r"drivefleet\.py|a\w+/__main__\.py|a\w+/cli/\w+\.py")
BUILT_THERE = {"create_log", "open_log", "reach_log", "start_logging"}

MAX_LINES = 300
AGENT_CARRIES_NOT = ("numpy", "scipy", "aiohttp", "prometheus_client")


def pure() -> set[Path]:
    named = {ROOT / file for file in PURE_FILES if (ROOT / file).exists()}
    inside = {file for folder in PURE_FOLDERS for file in (ROOT / folder).glob("*.py")}
    says_so = {file for file in sources() if "(pure)" in (ast.get_docstring(tree(file)) or "")}
    return named | says_so | inside - {ROOT / file for file in SHELLS}


def is_pure(module: str) -> bool:
    """Of a module that is not ours."""
    return module in PURE_NAMES or module.split(".")[0] in PURE_STANDARD | PURE_LIBRARIES


def test_the_pure_files_are_where_they_were() -> None:
    gone = [file for file in PURE_FILES if not (ROOT / file).exists()]
    assert not gone, f"{gone}: if their work moved, name its new file here, so that it stays pure"
    for folder in PURE_FOLDERS:
        assert len(list((ROOT / folder).glob("*.py"))) > 1, f"{folder} is gone or empty"


def test_a_pure_file_imports_only_what_is_pure() -> None:
    allowed = pure()
    wrong = [
        f"{name(file)} imports {module}"
        for file in sorted(allowed)
        for module in imports(file)
        if (ours(module) and module_file(module) not in allowed | SETTINGS)
        or (not ours(module) and not is_pure(module))
    ]
    assert not wrong, (
        f"{wrong}: the core takes values and returns values, so that every replay and every"
        " replica comes to the same figures; let the shell that calls it fetch what it needs"
    )


def test_a_pure_file_asks_no_clock_no_disk_and_no_dice() -> None:
    wrong = [
        f"{name(file)} calls {ast.unparse(call.func)}"
        for file in sorted(pure())
        for call in calls(file)
        if (isinstance(call.func, ast.Name) and call.func.id in IMPURE_NAMES)
        or (isinstance(call.func, ast.Attribute) and call.func.attr in IMPURE_ATTRIBUTES)
    ]
    assert not wrong, (
        f"{wrong}: a figure depends on facts and on a day passed in, never on when or where it is"
        " worked out"
    )


@pytest.mark.parametrize(
    ("importer", "never", "reason"),
    [
        ("bus", ("agent", "aggregator", "drivefleet"), "bus is what both sides share"),
        ("agent", ("aggregator", "drivefleet"), "a host carries nothing of the aggregator"),
        ("aggregator", ("agent", "drivefleet"), "they meet in the log alone"),
        (
            "agent/collect",
            ("agent.deliver", "agent.history", "bus.connect", "bus.sqlite"),
            "the privileged side has no way to the network",
        ),
        (
            "agent/deliver",
            ("agent.collect",),
            "the network side knows the privileged side by its files only",
        ),
        (
            "aggregator/ingest",
            ("aggregator.life", "aggregator.rates", "aggregator.serve"),
            "facts come before what is made of them",
        ),
        ("aggregator/life", ("aggregator.serve",), "states do not know who looks at them"),
        ("aggregator/rates", ("aggregator.serve",), "figures do not know who looks at them"),
    ],
)
def test_imports_go_the_way_of_the_data(importer: str, never: tuple[str, ...], reason: str) -> None:
    wrong = [
        f"{name(file)} imports {module}"
        for file in (ROOT / importer).rglob("*.py")
        for module in imports(file)
        if any(module == each or module.startswith(f"{each}.") for each in never)
    ]
    assert not wrong, f"{wrong}: {reason}"


def test_objects_meet_at_the_command_line_only() -> None:
    wrong = [
        f"{name(file)} calls {ast.unparse(call.func)}"
        for file in below_the_command_line()
        for call in calls(file)
        if ast.unparse(call.func) in BUILT_THERE
    ]
    assert not wrong, (
        f"{wrong}: what is passed in can be replaced in a test and is closed by its owner; build"
        " it in `__main__` or `cli`"
    )


def test_the_environment_is_read_at_the_command_line_only() -> None:
    wrong = [
        f"{name(file)} reads {ast.unparse(node)}"
        for file in below_the_command_line()
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("os.environ", "os.getenv", "sys.argv")
    ]
    assert not wrong, f"{wrong}: settings are passed in"


def test_the_clock_is_read_at_the_command_line_or_passed_in() -> None:
    wrong = [
        f"{name(file)} calls {ast.unparse(call.func)}"
        for file in below_the_command_line()
        for call in set(calls(file)) - set(defaults(file))
        if ast.unparse(call.func) in ("datetime.now", "datetime.today", "date.today", "time.time")
    ]
    assert not wrong, f"{wrong}: a test must be able to say the time"


def below_the_command_line() -> list[Path]:
    return [file for file in sources() if not WHERE_OBJECTS_MEET.fullmatch(name(file))]


def defaults(file: Path) -> Iterator[ast.AST]:
    """What stands in a parameter's default, or in a function that is one by its name."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.arguments):
            for default in filter(None, (*node.defaults, *node.kw_defaults)):
                yield from ast.walk(default)
        elif isinstance(node, ast.FunctionDef) and node.name == "_now":
            yield from ast.walk(node)


def test_a_file_says_its_job_first() -> None:
    silent = [name(file) for file in all_python() if not ast.get_docstring(tree(file))]
    assert not silent, f"{silent} begin without a docstring: what are they for?"


def test_a_file_has_one_job() -> None:
    lines = {name(file): len(file.read_text("utf-8").splitlines()) for file in all_python()}
    long = {file: count for file, count in lines.items() if count > MAX_LINES}
    assert not long, f"{long} lines; more than {MAX_LINES}: look for the second job"


def test_a_name_says_what_is_in_it() -> None:
    vague = {"utils", "util", "common", "helpers", "helper", "misc"}
    wrong = [name(file) for file in sources() if vague & {*file.parts, file.stem}]
    assert not wrong, f"{wrong} hold what?"


def test_tests_are_no_package() -> None:
    found = [name(file) for file in (ROOT / "tests").rglob("__init__.py")]
    assert not found, f"{found}: it would make tests/agent the package `agent`"


def test_a_host_with_the_agent_alone_needs_no_numpy() -> None:
    """Import everything an agent could, in a process where the aggregator's libraries are not."""
    modules = [
        name(file).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for file in sources()
        if name(file).startswith(("agent/", "bus/"))
    ]
    program = (
        "import importlib, sys\n"
        f"sys.modules.update(dict.fromkeys({AGENT_CARRIES_NOT!r}))\n"
        f"for module in {modules!r}: importlib.import_module(module)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"an agent's host has none of {AGENT_CARRIES_NOT}: {done.stderr}"

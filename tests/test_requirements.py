"""What is installed is what was locked: every file by its hash, from whichever index one has."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS: dict[str, list[Any]] = PROJECT["dependency-groups"]
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
CORE: list[str] = PROJECT["project"]["dependencies"]
WANTED = {
    "agent.txt": [*CORE, *EXTRAS["agent"]],
    "aggregator.txt": [*CORE, *EXTRAS["aggregator"]],
    "dev.txt": [
        *CORE, *(each for extra in EXTRAS.values() for each in extra),
        *(each for group in GROUPS.values() for each in group if isinstance(each, str)),
    ],
}  # fmt: skip


def locked(file: str) -> dict[str, str]:
    """Name of each requirement -> its lines."""
    text = (ROOT / "requirements" / file).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\w)", text)
    return {re.split(r"[=\s]", block, maxsplit=1)[0]: block for block in blocks}


def normal(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=\[; ]", requirement, maxsplit=1)[0]).lower()


@pytest.mark.parametrize("file", WANTED)
def test_everything_wanted_is_locked(file: str) -> None:
    missing = {normal(each) for each in WANTED[file]} - set(locked(file))
    assert not missing, f"requirements/{file} lacks {missing}: run `make lock`"


@pytest.mark.parametrize("file", WANTED)
def test_everything_locked_has_a_version_and_hashes(file: str) -> None:
    loose = [
        name for name, block in locked(file).items()
        if f"{name}==" not in block or not re.search(r"--hash=sha256:[0-9a-f]{64}\b", block)
    ]  # fmt: skip
    assert not loose


@pytest.mark.parametrize("file", WANTED)
def test_no_index_is_named(file: str) -> None:
    text = (ROOT / "requirements" / file).read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--extra-index|--find-links", text)


def test_a_host_with_the_agent_alone_installs_nothing_heavy() -> None:
    assert not {"numpy", "scipy", "aiohttp", "prometheus-client"} & set(locked("agent.txt"))

"""Settings come from file, environment and flags, and a wrong one is told where it stands."""

from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from bus.program.errors import UsageError
from bus.program.settings import settle


class Site(msgspec.Struct, frozen=True):
    datacenter: str = ""
    slot: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    bus: str = ""
    log_format: str = "logfmt"
    host: str = "here"
    spool: Path = Path("/var/lib/spool")
    deadline_s: Annotated[int, msgspec.Meta(ge=1)] = 30
    verbose: bool = False
    include: tuple[str, ...] = ()
    boot: tuple[str, ...] | None = None
    place: Site = Site()

    def __post_init__(self) -> None:
        if self.host == "nobody":
            raise ValueError("host 'nobody' is nobody")


def settled(
    toml: str | None = None,
    environ: dict[str, str] | None = None,
    folder: Path | None = None,
    **flags: object,
) -> Settings:
    file = None
    if toml is not None:
        assert folder is not None
        file = folder / "drivefleet.toml"
        file.write_text(toml, encoding="utf-8")
    return settle(Settings, "agent", file=file, environ=environ or {}, flags=flags)


def test_without_any_source_the_defaults_stand() -> None:
    assert settled() == Settings()


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    toml = '[agent]\nhost = "file"\ndeadline_s = 1\nspool = "/file"\n'
    environ = {"DRIVEFLEET_AGENT_HOST": "env", "DRIVEFLEET_AGENT_DEADLINE_S": "2"}
    found = settled(toml, environ, tmp_path, host="flag", deadline_s=None)
    assert (found.host, found.deadline_s, found.spool) == ("flag", 2, Path("/file"))


def test_what_both_programs_share_may_stand_at_the_top(tmp_path: Path) -> None:
    toml = 'bus = "sqlite:a"\nlog_format = "json"\n[agent]\nbus = "sqlite:b"\n[aggregator]\nx = 1\n'
    assert settled(toml, {}, tmp_path).bus == "sqlite:b"
    assert settled(toml, {}, tmp_path).log_format == "json"
    environ = {"DRIVEFLEET_AGENT_BUS": "sqlite:own", "DRIVEFLEET_BUS": "sqlite:shared"}
    assert settled(toml, environ, tmp_path).bus == "sqlite:own"


@pytest.mark.parametrize(
    ("name", "text", "field", "expected"),
    [
        ("VERBOSE", "true", "verbose", True),
        ("SPOOL", "~/spool", "spool", Path.home() / "spool"),
        ("INCLUDE", "/dev/sd*", "include", ("/dev/sd*",)),
        ("INCLUDE", '["/dev/sda", "a, b"]', "include", ("/dev/sda", "a, b")),
        ("BOOT", "[]", "boot", ()),
        ("PLACE", '{datacenter = "ams1", slot = "3"}', "place", Site("ams1", "3")),
        ("HOST", "[odd] name", "host", "[odd] name"),
    ],
)
def test_the_environment_says_what_the_file_can(
    name: str, text: str, field: str, expected: object
) -> None:
    assert getattr(settled(environ={f"DRIVEFLEET_AGENT_{name}": text}), field) == expected


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("[agnet]\n", "drivefleet.toml: unknown setting 'agnet'; did you mean 'agent'?"),
        ('[agent]\nhots = "x"\n', r"drivefleet.toml: \[agent\]: unknown .*did you mean 'host'\?"),
        ("[agent]\nzzz = 1\n", "unknown setting 'zzz'; known: boot, bus, deadline_s"),
        ("agent = 3\n", r"`agent` is a table: write \[agent\]"),
        ("[agent]\ndeadline_s = 0\n", r"toml: \[agent\] deadline_s: Expected `int` >= 1$"),
        ('[agent]\ndeadline_s = "soon"\n', r"toml: \[agent\] deadline_s: Expected `int`, got"),
        ("[agent]\nspool = 3\n", r"toml: \[agent\] spool: expected Path, got int$"),
        ("log_format = 1\n", "toml: log_format: Expected `str`, got `int`"),
        ("[agent.place]\nslot = 3\n", r"toml: \[agent\] place: Expected `str`, got `int`"),
        ("[agent\n", "is not TOML: .*line 1"),
        ('[agent]\nhost = "nobody"\n', "settings: host 'nobody' is nobody"),
    ],
)
def test_a_wrong_line_of_the_file_is_told(tmp_path: Path, toml: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        settled(toml, {}, tmp_path)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"DRIVEFLEET_AGENT_HOTS": "x"}, "did you mean 'DRIVEFLEET_AGENT_HOST'?"),
        ({"DRIVEFLEET_AGNET_HOST": "x"}, "did you mean 'DRIVEFLEET_AGENT_HOST'?"),
        ({"DRIVEFLEET_BUSS": "x"}, "did you mean 'DRIVEFLEET_BUS'?"),
        (
            {"DRIVEFLEET_AGENT_DEADLINE_S": "0"},
            "^DRIVEFLEET_AGENT_DEADLINE_S: Expected `int` >= 1$",
        ),
        ({"DRIVEFLEET_AGENT_DEADLINE_S": ""}, "^DRIVEFLEET_AGENT_DEADLINE_S: Expected"),
        ({"DRIVEFLEET_AGENT_INCLUDE": '["a"'}, "^DRIVEFLEET_AGENT_INCLUDE: .* as in TOML"),
    ],
)
def test_a_wrong_variable_is_told(environ: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        settled(environ=environ)


def test_variables_of_others_are_left_alone() -> None:
    environ = {"HOME": "/x", "DRIVEFLEET_AGGREGATOR_PORT": "1", "DRIVEFLEET_CONFIG": "a.toml"}
    assert settled(environ=environ) == Settings()


def test_a_wrong_flag_is_told_as_a_flag() -> None:
    with pytest.raises(UsageError, match=r"^--deadline-s: Expected `int` >= 1$"):
        settled(deadline_s=0)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "drivefleet.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=f"{file}"):
        settle(Settings, "agent", file=file, environ={}, flags={})

"""Passes that are killed, or find no space: what they had read is told, and nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from agent.collect.kept import Kept
from agent.collect.roster import Seen
from agent.spool import SpoolError
from bus.program.errors import FailedError
from tests.agent.collect.story import at, day
from tests.agent.collect.world import World, gone, is_complete, said
from tests.bus.conftest import Disk


class Killed(BaseException):
    """Ends a pass where it stands, as SIGKILL does: nothing catches it."""


def kill_after(drives: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next pass ends after so many drives are kept."""
    keep, kept = Kept.keep, 0

    def keep_or_die(self: Kept, seen: Seen) -> None:
        nonlocal kept
        if kept == drives:
            raise Killed
        kept += 1
        keep(self, seen)

    monkeypatch.setattr(Kept, "keep", keep_or_die)


def collect_and_be_killed(world: World, drives: int, number: int = 1, hour: int = 6) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        kill_after(drives, monkeypatch)
        with pytest.raises(Killed):
            world.collect(number, hour)


def test_a_pass_that_was_killed_is_finished_at_the_next_start(pod: World) -> None:
    collect_and_be_killed(pod, drives=2)
    assert pod.spooled == []
    second = pod.collect(1, 12)
    cut, last = pod.spooled
    assert last == second
    assert (cut.started_at, cut.day, cut.inventory, cut.absences) == (at(1), day(1), None, ())
    assert len(said(cut)) == 2
    assert len(said(second)) == 1, "what the first pass told is not told again"
    assert said(cut) | said(second) == {"A": "read", "B": "read", "C": "read"}
    assert (len(cut.keys), len(second.keys)) == (2, 3)


def test_a_pass_that_was_killed_keeps_its_day_when_the_day_has_changed(pod: World) -> None:
    collect_and_be_killed(pod, drives=2, hour=23)
    second = pod.collect(2)
    cut, _ = pod.spooled
    assert (cut.day, second.day) == (day(1), day(2))
    assert {one.day for one in cut.snapshots} == {day(1)}
    assert said(second) == {"A": "read", "B": "read", "C": "read"}


def test_a_drive_seen_only_by_a_pass_that_was_killed_is_missed_later(pod: World) -> None:
    collect_and_be_killed(pod, drives=2)
    for name in ("sda", "sdb", "sdc"):
        pod.unplug(name)
    pod.plug("sdd", "D")
    done = pod.collect(2)
    assert len(gone(done)) == 2
    assert {absence.last_day for absence in done.absences} == {day(1)}


def test_a_pass_whose_last_line_is_cut_short_keeps_the_others(pod: World) -> None:
    collect_and_be_killed(pod, drives=2)
    unfinished = pod.settings.state / "unfinished.jsonl"
    unfinished.write_bytes(unfinished.read_bytes()[:-20])
    second = pod.collect(1, 12)
    cut, _ = pod.spooled
    assert (len(said(cut)), len(said(second))) == (1, 2)


def test_a_pass_that_was_killed_before_any_drive_leaves_nothing_to_say(pod: World) -> None:
    collect_and_be_killed(pod, drives=0)
    assert said(pod.collect(1, 12)) == {"A": "read", "B": "read", "C": "read"}
    assert len(pod.spooled) == 1


def test_a_kill_between_spool_and_roster_takes_nothing_from_the_spool(
    pod: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pass is whole by then, with absences and inventory: finishing must not replace it."""
    pod.collect(1)
    pod.unplug("sdb")
    with monkeypatch.context() as patched:
        patched.setattr(Kept, "keep_roster", _die)
        with pytest.raises(Killed):
            pod.collect(2)
    _, whole = pod.spooled
    assert (gone(whole), is_complete(whole)) == (["B"], True)
    third = pod.collect(2, 12)
    assert pod.spooled[1] == whole
    assert (said(third), gone(third)) == ({}, ["B"]), "said again rather than never"
    assert gone(pod.collect(2, 18)) == []


def _die(*_: object) -> None:
    raise Killed


COLLECT = """
import sys
from datetime import datetime
from pathlib import Path
import msgspec
from agent.collect.collect import collect
from agent.config import AgentSettings
as_path = lambda kind, text: kind(text)
settings = msgspec.json.decode(sys.argv[1], type=AgentSettings, dec_hook=as_path)
collect(settings, clock=lambda: datetime.fromisoformat(sys.argv[2]), root=Path(sys.argv[3]))
"""


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for what another process does."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.01)


def test_a_process_killed_while_a_drive_hangs_leaves_what_it_had_read(pod: World) -> None:
    pod.says("sdc", {"hangs": True})
    smartctl = pod.prepare()
    settings = msgspec.json.encode(pod.settings, enc_hook=str).decode()
    words = [COLLECT, settings, at(1).isoformat(), str(pod.host.root)]
    process = subprocess.Popen([sys.executable, "-c", *words])
    unfinished = pod.settings.state / "unfinished.jsonl"
    until(lambda: unfinished.exists() and unfinished.read_bytes().count(b"\n") == 3)
    until(lambda: Path(f"{smartctl.path.parent / 'started'}.pid").exists())
    with pytest.raises(FailedError, match="another pass is under way"):
        pod.collect(1, 7)
    process.kill()
    process.wait()
    os.kill(smartctl.hung_pid, signal.SIGKILL)
    pod.plug("sdc", "C")
    second = pod.collect(1, 12)
    cut, _ = pod.spooled
    assert (said(cut), said(second)) == ({"A": "read", "B": "read"}, {"C": "read"})


def test_a_full_disk_is_one_clear_error_and_the_next_pass_loses_nothing(
    pod: World, small_disk: Disk
) -> None:
    pod.configure(spool=small_disk.folder / "spool", state=small_disk.folder / "collect")
    first = pod.collect(1)
    ballast = small_disk.fill()
    with pytest.raises(FailedError, match="No space left on device") as raised:
        pod.collect(1, 12)
    assert "\n" not in str(raised.value)
    assert pod.spooled == [first]
    ballast.unlink()
    pod.unplug("sdb")
    assert gone(pod.collect(2)) == ["B"]


def test_a_full_spool_keeps_what_was_read_until_there_is_space(
    pod: World, small_disk: Disk
) -> None:
    """The state has space, the spool has none: the pass waits, and is finished with its day."""
    pod.configure(spool=small_disk.folder / "spool")
    ballast = small_disk.fill()
    for hour in (6, 12):
        with pytest.raises(
            SpoolError, match=r"cannot write to the spool .*: No space left .* free"
        ):
            pod.collect(1, hour)
    ballast.unlink()
    second = pod.collect(2)
    cut, _ = pod.spooled
    assert (cut.day, said(cut)) == (day(1), {"A": "read", "B": "read", "C": "read"})
    assert (second.day, is_complete(second)) == (day(2), True)


@pytest.mark.parametrize("folder", ["spool", "state"])
def test_a_read_only_folder_is_one_clear_error(pod: World, small_disk: Disk, folder: str) -> None:
    pod.configure(**{folder: small_disk.folder / "mine"})
    pod.collect(1)
    small_disk.remount("ro")
    with pytest.raises(FailedError, match=r"mine: Read-only file system") as raised:
        pod.collect(2)
    assert "\n" not in str(raised.value)
    small_disk.remount("rw")
    done = pod.collect(2, 12)
    assert {one.day for one in pod.spooled} == {day(1), day(2)}
    assert is_complete(done)


def test_a_clock_that_was_wrong_in_a_pass_that_was_killed_is_refused_too(pod: World) -> None:
    collect_and_be_killed(pod, drives=1, number=9)
    with pytest.raises(FailedError, match="not after the last pass"):
        pod.collect(2)

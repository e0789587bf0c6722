"""One pass over this host's drives: discover -> read -> identify -> take stock -> spool.

Rules:
- Privileged and without network.
- A pass gives all its events the day on which it began.
- The pass comes before the roster: what is lost between the two is said again, never left out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import bus
from agent.collect.discover import Scan, discover
from agent.collect.host import Host, refuse_wrong_clock, this_host
from agent.collect.identify import System, identify
from agent.collect.kept import Begun, Kept
from agent.collect.read import read_drives
from agent.collect.reading import Reading
from agent.collect.roster import Roster, Seen
from agent.collect.stock import Found, Told, note_unfinished, take_stock
from agent.config import AgentSettings, Device, matches
from agent.spool import Pass, bound_spool, pass_path, write_pass
from bus.program.logs import logger

log = logger("collect")


def collect(
    settings: AgentSettings,
    *,
    clock: Callable[[], datetime],
    root: Path = Path("/"),
) -> Pass:
    """Make one pass and put it into the spool; returns it. Blocks for as long as drives take.

    Raises FailedError (wrong clock, disk full, another pass under way ...) or UsageError (smartctl
    is not installed ...).
    """
    kept = Kept(settings.state)
    with kept.alone():
        roster = _finish_unfinished(settings, kept, kept.roster())
        now, host = clock(), this_host(settings, root)
        refuse_wrong_clock(now, roster.last_pass, kept.roster_path)
        kept.begin(Begun(host.name, now))
        pass_ = _PassUnderWay(settings, host, roster, kept, System(root), now)
        found = pass_.look_around(clock)
        told = take_stock(roster, found)
        done = _as_pass(found, told)
        write_pass(settings.spool, done)
        kept.keep_roster(told.roster)
        _bound(settings, found)
    return done


def _finish_unfinished(settings: AgentSettings, kept: Kept, roster: Roster) -> Roster:
    """A pass that was cut short goes into the spool with what it had read; the roster after it."""
    cut = kept.unfinished()
    if cut is None:
        return roster
    told = note_unfinished(roster, cut)
    # Where it is in the spool only the roster was not kept any more: it said all it had to say.
    if told.snapshots and not pass_path(settings.spool, cut.started_at).exists():
        log.warning("finishing a pass that was cut short", began=str(cut.started_at))
        write_pass(settings.spool, _as_pass(cut, told))
    kept.keep_roster(told.roster)
    return told.roster


def _as_pass(found: Found, told: Told) -> Pass:
    return Pass(
        day=found.day,
        host=found.host,
        started_at=found.started_at,
        keys=told.keys,
        snapshots=told.snapshots,
        absences=told.absences,
        inventory=told.inventory,
    )


@dataclass(frozen=True, slots=True)
class _PassUnderWay:
    """What a pass knows, and what it has found so far."""

    settings: AgentSettings
    host: Host
    roster: Roster
    kept: Kept
    system: System
    began: datetime
    seen: list[Seen] = field(default_factory=list)
    unidentified: set[str] = field(default_factory=set)

    def look_around(self, clock: Callable[[], datetime]) -> Found:
        """Scan and read; each drive's snapshot is durable as it comes."""
        scan = discover(self.settings, clock=clock)
        if not scan.ended_well:
            log.warning("the scan for drives failed", detail=scan.detail)
        for reading in scan.unopened:
            self._take(reading)
        read_drives(self.settings, scan.devices, clock=clock, done=self._take)
        return Found(
            day=self.began.astimezone(UTC).date(),
            started_at=self.began,
            host=self.host.name,
            seen=self.seen,
            unidentified=sorted(self.unidentified),
            known_serials=self._known_serials(scan),
            ended_well=scan.ended_well,
            smartctl_version=scan.smartctl_version,
            agent_version=bus.__version__,
            place=self.settings.host_place,
        )

    def _take(self, reading: Reading) -> None:
        one = identify(self.settings, self.host, self.roster, self.system, self.began, reading)
        if one is not None:
            self.kept.keep(one)
            self.seen.append(one)
        elif not matches(reading.device.path, self.settings.ignore):
            self.unidentified.add(reading.device.name)

    def _known_serials(self, scan: Scan) -> frozenset[str]:
        """Serials that the kernel knows of devices that are not read: they are not missing."""
        serials = (self.system.node(Device(path)).serial for path in scan.excluded)
        return frozenset(serials) - {""}


def _bound(settings: AgentSettings, found: Found) -> None:
    bounded = bound_spool(
        settings.spool,
        today=found.day,
        days=settings.spool_days,
        max_bytes=settings.spool_max_bytes,
    )
    if bounded.over_bytes:
        log.warning("the spool is full of drive-days: deliver them", over_bytes=bounded.over_bytes)

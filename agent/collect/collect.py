"""One pass over this host's drives: discover -> read -> identify -> take stock -> spool.

Privileged and without network. A pass gives all its events the day on which it began.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import bus
from agent.collect.discover import Scan, discover
from agent.collect.host import Host, refuse_wrong_clock, this_host
from agent.collect.identify import System, identify
from agent.collect.kept import Begun, Kept
from agent.collect.read import read_drives
from agent.collect.reading import Reading
from agent.collect.roster import Found, Roster, Seen, note_unfinished, take_stock
from agent.config import AgentSettings, matches
from agent.spool import Pass, bound_spool, write_pass
from bus.program.logs import logger

log = logger("collect")


def collect(
    settings: AgentSettings,
    *,
    clock: Callable[[], datetime],
    root: Path = Path("/"),
) -> Pass:
    """Make one pass and put it into the spool; returns it. Blocks for as long as drives take.

    Raises FailedError (wrong clock, disk full ...) or UsageError (smartctl is not installed ...).
    """
    now = clock()
    kept = Kept(settings.state)
    roster = kept.roster()
    host = this_host(settings, root)
    refuse_wrong_clock(now, roster.last_pass, kept.roster_path)
    roster = _finish_unfinished(settings, kept, roster)
    kept.begin(Begun(host.name, now))
    found = _look_around(settings, host, roster, kept, System(root), now, clock)
    told = take_stock(roster, found)
    done = Pass(
        day=found.day,
        host=host.name,
        started_at=now,
        keys=told.keys,
        snapshots=told.snapshots,
        absences=told.absences,
        inventory=told.inventory,
    )
    write_pass(settings.spool, done)
    # After the pass: if this is lost, the next pass says again what this one said.
    kept.keep_roster(told.roster)
    _bound(settings, found)
    return done


def _finish_unfinished(settings: AgentSettings, kept: Kept, roster: Roster) -> Roster:
    """A pass that was cut short goes into the spool with what it had read."""
    cut = kept.unfinished()
    if cut is None:
        return roster
    roster, keys = note_unfinished(roster, cut)
    if cut.seen:
        log.warning("finishing a pass that was cut short", began=str(cut.started_at))
        snapshots = tuple(one.snapshot for one in cut.seen)
        write_pass(settings.spool, Pass(cut.day, cut.host, cut.started_at, keys, snapshots))
    kept.keep_roster(roster)
    return roster


def _look_around(
    settings: AgentSettings,
    host: Host,
    roster: Roster,
    kept: Kept,
    system: System,
    now: datetime,
    clock: Callable[[], datetime],
) -> Found:
    """Scan and read; each drive's snapshot is durable as it comes."""
    scan = discover(settings)
    seen: list[Seen] = []
    unidentified: list[str] = []

    def take(reading: Reading) -> None:
        one = identify(settings, host, roster, system, now, reading)
        if one is not None:
            kept.keep(one)
            seen.append(one)
        elif not matches(reading.device.path, settings.ignore):
            unidentified.append(reading.device.path)

    for reading in scan.unopened:
        take(reading)
    read_drives(settings, scan.devices, clock=clock, done=take)
    if not scan.ended_well:
        log.warning("the scan for drives failed", detail=scan.detail)
    return Found(
        day=now.astimezone(UTC).date(),
        started_at=now,
        host=host.name,
        seen=seen,
        unidentified=sorted(set(unidentified)),
        known_serials=_known_serials(scan, system),
        ended_well=scan.ended_well,
        smartctl_version=scan.smartctl_version,
        agent_version=bus.__version__,
        place=settings.host_place,
    )


def _known_serials(scan: Scan, system: System) -> frozenset[str]:
    """Serials that the kernel knows of devices that are not read: they are not missing."""
    return frozenset(serial for path in scan.excluded if (serial := system.node(path).serial))


def _bound(settings: AgentSettings, found: Found) -> None:
    bounded = bound_spool(
        settings.spool,
        today=found.day,
        days=settings.spool_days,
        max_bytes=settings.spool_max_bytes,
    )
    if bounded.over_bytes:
        log.warning("the spool is full of drive-days: deliver them", over_bytes=bounded.over_bytes)

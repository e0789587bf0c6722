"""What an imagined fleet's agents and its ticket system say on one day. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from agent.history.fleet import Host, Life, Plan
from agent.spool import Pass
from bus import contract
from bus.contract import Absence, Inventory, Signs, Snapshot, Verdict

ANNOUNCED_DAYS = 60
"""How long an agent says a drive absent."""
PASS_HOUR, TICKET_HOUR = 6, 12
VERSION = "simulated"


@dataclass(frozen=True, slots=True)
class Told:
    """One day: a pass of each host, and the tickets of drives that failed the day before."""

    passes: list[Pass]
    verdicts: list[Verdict]


def tell_day(plan: Plan, hosts: list[Host], number: int) -> Told:
    """The day with this number, counted from the plan's start."""
    return Told(
        [_tell_pass(plan, host, number) for host in hosts],
        [verdict for host in hosts for verdict in _tell_tickets(plan, host, number)],
    )


def _tell_pass(plan: Plan, host: Host, number: int) -> Pass:
    started_at = plan.clock(number, PASS_HOUR)
    present = [life for life in _lives(host) if life.arrives <= number <= life.fails]
    gone = [life for life in _lives(host) if life.fails < number <= life.fails + ANNOUNCED_DAYS]
    return Pass(
        day=plan.day(number),
        host=host.name,
        started_at=started_at,
        keys=tuple(life.key for life in present),
        snapshots=tuple(_snapshot(life, host.name, number, started_at) for life in present),
        absences=tuple(_absence(plan, host, life, gone, number) for life in gone),
        inventory=Inventory(
            schema=contract.SCHEMA,
            day=plan.day(number),
            host=host.name,
            sent_at=started_at,
            complete=True,
            present=len(present),
            missing=len(gone),
            agent_version=VERSION,
            smartctl_version=VERSION,
            place=host.place,
        ),
    )


def _lives(host: Host) -> Iterator[Life]:
    return (life for slot in host.slots for life in slot)


def _snapshot(life: Life, host: str, number: int, at: datetime) -> Snapshot:
    warned_days = max(0, number - life.warns + 1)
    reallocated, pending = life.reallocated + 8 * warned_days, 2 * warned_days
    hours = life.hours + 24 * (number - life.arrives)
    return Snapshot(
        schema=contract.SCHEMA,
        day=at.date(),
        host=host,
        sent_at=at,
        drive=life.drive,
        observed_at=at,
        place=life.place,
        health="passed",
        power_on_hours=hours,
        temperature_celsius=life.celsius,
        signs=Signs(reallocated=reallocated, pending=pending, offline_uncorrectable=0),
        smart={
            5: (100, reallocated),
            9: (100, hours),
            194: (100, life.celsius),
            197: (100, pending),
        },
    )


def _absence(plan: Plan, host: Host, life: Life, gone: list[Life], number: int) -> Absence:
    at = plan.clock(number, PASS_HOUR)
    return Absence(
        schema=contract.SCHEMA,
        day=at.date(),
        host=host.name,
        sent_at=at,
        drive=life.drive,
        last_day=plan.day(life.fails),
        last_hosts=(host.name,),
        together=sum(abs(other.fails - life.fails) <= 1 for other in gone),
        held=sum(other.arrives <= life.fails <= other.fails for other in _lives(host)),
    )


def _tell_tickets(plan: Plan, host: Host, number: int) -> Iterator[Verdict]:
    for life in _lives(host):
        if life.fails == number - 1:
            at = plan.clock(number, TICKET_HOUR)
            yield Verdict(
                schema=contract.SCHEMA,
                day=plan.day(life.fails),
                sent_at=at,
                drive=life.drive,
                id=f"ticket-{life.drive.serial}",
                verb="failed",
                given_at=at,
                who="ticket system",
                reason="simulated: the drive stopped answering and was replaced",
            )

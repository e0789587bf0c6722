"""What hosts and operators say besides snapshots, into the ledger: judged facts, in its words."""

from sys import intern

from aggregator.ingest.calendar import to_day
from aggregator.ingest.ledger import NEVER, Absent, Ledger, Told
from aggregator.ingest.words import Report, shared_report
from bus import contract, identity

PLACE = contract.Place.__struct_fields__
MOST_DRIVES = 2**63 - 1
"""Each count fits 64 bits, their sum may not: a checkpoint could not hold it."""


def hear_inventory(ledger: Ledger, event: contract.Inventory) -> bool:
    """A host's inventory of a day; whether it was new."""
    if not event.imported:
        ledger.note_live(to_day(event.day))
    report = Report(
        drives_in_all=min(MOST_DRIVES, event.present + event.asleep + event.unreadable),
        complete=event.complete,
        present=event.present,
        asleep=event.asleep,
        unreadable=event.unreadable,
        missing=event.missing,
        agent_version=event.agent_version,
        smartctl_version=event.smartctl_version,
        place=tuple(getattr(event.place, name) for name in PLACE),
        drives=event.drives,
        keys_xor=int(event.keys_xor, 16),
    )
    return ledger.report(intern(event.host), to_day(event.day), shared_report(report))


def hear_absence(ledger: Ledger, event: contract.Absence) -> bool:
    """A host's word that a drive is not there; whether it was new."""
    if not event.imported:
        ledger.note_live(to_day(event.day))
    hosts = tuple(sorted(event.last_hosts))
    said = Absent(event.together, event.held, hosts, to_day(event.last_day))
    return ledger.miss(_row(ledger, event.drive), event.host, to_day(event.day), said)


def hear_verdict(ledger: Ledger, event: contract.Verdict) -> bool:
    """An operator's verdict; whether it was new."""
    told = Told(
        verb=event.verb,
        day=to_day(event.day),
        until=NEVER if event.until is None else to_day(event.until),
        of=event.of,
        given_at_ms=round(event.given_at.timestamp() * 1000),
        who=event.who,
        reason=event.reason,
    )
    return ledger.decide(_row(ledger, event.drive), event.id, told)


def _row(ledger: Ledger, drive: contract.Drive) -> int:
    return ledger.row_of(identity.drive_key(drive.serial, drive.model))

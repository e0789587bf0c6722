"""The life of one drive, as people read it. Pure; for one drive at a time, so unhurried."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from aggregator.ingest.asof import UNBORN, birth_as_of, presence_runs
from aggregator.ingest.calendar import to_date
from aggregator.ingest.ledger import Ledger
from aggregator.ingest.naming import Naming
from aggregator.ingest.summary import Span, spoken_of
from aggregator.ingest.words import Where, hosts_of
from aggregator.life.confirmed import booked_days
from aggregator.life.fleet import state_of
from aggregator.rates.figures import DriveLife, DriveRun
from bus.contract import Signs
from bus.identity import split_key

STATE_OF_DAY = {"3": "read", "2": "asleep", "1": "unreadable"}


def tell_life(ledger: Ledger, key: str, as_of: int, naming: Naming) -> DriveLife | None:
    """What the ledger knows of a drive up to a day; None when it was not seen by then."""
    row = ledger.rows[key]
    days = [span for span in presence_runs(ledger, row) if span[0] <= as_of]
    if not days:
        return None
    days[-1] = days[-1][0], min(days[-1][1], as_of)
    first, last = days[0][0], days[-1][1]
    what = ledger.what.pool.words[ledger.what.runs.at(row, last)]
    where = ledger.where.pool.words[ledger.where.runs.at(row, last)]
    signs = ledger.signs.pool.words[ledger.signs.runs.at(row, last)].values
    group = naming.group(what.raw_model, what.role)
    born = birth_as_of(ledger, row, as_of)
    told = [day for failed, day in ledger.failures if failed == row]
    spoken = spoken_of(ledger, row, key, as_of, group, born, told)
    booked = booked_days(spoken, as_of)
    return DriveLife(
        key=key,
        serial=split_key(key)[0],
        manufacturer=group.manufacturer,
        model=group.model,
        raw_model=what.raw_model,
        role="boot" if what.role == "boot" else "data",
        state=state_of(spoken, booked, as_of),
        capacity_bytes=what.capacity_bytes if what.capacity_bytes > 0 else None,
        media=what.media,
        firmware=what.firmware,
        hosts=hosts_of(where),
        place=place_of(where),
        slot=ledger.slots.pool.words[ledger.slots.runs.at(row, last)].slot,
        first_day=to_date(first),
        last_day=to_date(last),
        drive_days=sum(end - begin + 1 for begin, end in days),
        born=None if born == UNBORN else to_date(born),
        failed=to_date(max(booked)) if booked else None,
        signs={
            name: value
            for name, value in zip(Signs.__struct_fields__, signs, strict=True)
            if value >= 0
        },
        runs=tuple(_runs(ledger, row, days)),
    )


def place_of(where: Where) -> str:
    """A place without its slot, the parts that are known, from the whole to the part."""
    return "/".join(part for part in where[1:] if part)


def _runs(ledger: Ledger, row: int, days: list[Span]) -> Iterator[DriveRun]:
    """Runs of days on which neither place nor state changed."""
    for first, last in days:
        said = [(day, _said_on(ledger, row, day)) for day in range(first, last + 1)]
        for (firmware, state, where, slot), same in groupby(said, key=itemgetter(1)):
            of_run = [day for day, _ in same]
            yield DriveRun(
                first=to_date(of_run[0]),
                last=to_date(of_run[-1]),
                hosts=hosts_of(where),
                place=place_of(where),
                slot=slot,
                firmware=firmware,
                state=state,
            )


def _said_on(ledger: Ledger, row: int, day: int) -> tuple[str, str, Where, str]:
    what = ledger.what.pool.words[ledger.what.runs.at(row, day)]
    where = ledger.where.pool.words[ledger.where.runs.at(row, day)]
    slot = ledger.slots.pool.words[ledger.slots.runs.at(row, day)].slot
    reason = f" ({what.state[1:]})" if what.state[1:] else ""
    return what.firmware, STATE_OF_DAY[what.state[0]] + reason, where, slot

"""Events for tests: made by hand, or drawn by hypothesis so that they collide a lot."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from bus import contract
from bus.contract import Drive, Place, Signs, Snapshot

TAKEN_IN = datetime(2026, 4, 10, 12, tzinfo=UTC)
FIRST = date(2026, 2, 20)
"""Days drawn from here on cross a quarter's end."""


def snapshot(
    serial: str = "S1",
    day: date = FIRST,
    *,
    model: str = "ST4000DM000",
    host: str = "pod-1",
    sent_at: datetime = TAKEN_IN,
    **fields: object,
) -> Snapshot:
    """A live snapshot as an agent sends it."""
    drive = fields.pop("drive", None) or Drive(serial, model, capacity_bytes=4_000_787_030_016)
    return Snapshot(
        schema=contract.SCHEMA,
        day=day,
        host=host,
        sent_at=sent_at,
        drive=drive,  # type: ignore[arg-type]
        **fields,  # type: ignore[arg-type]
    )


def history(serial: str = "S1", day: date = FIRST, **fields: object) -> Snapshot:
    """An imported snapshot: no host, perhaps a failure."""
    return snapshot(serial, day, host="", imported=True, **fields)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Few drives, few days, few words: many sightings of one drive on one day that disagree."""
    imported = draw(st.booleans())
    return Snapshot(
        schema=contract.SCHEMA,
        day=FIRST + timedelta(days=draw(st.integers(0, 45))),
        host="" if imported else draw(st.sampled_from(["pod-1", "pod-2"])),
        sent_at=TAKEN_IN + timedelta(minutes=draw(st.integers(0, 3))),
        imported=imported,
        drive=Drive(
            serial=draw(st.sampled_from(["S1", "S2", "S:3", " S4 "])),
            model=draw(st.sampled_from(["WDC WUH721816ALE6L4", "WUH721816ALE6L4", "ST4000DM000"])),
            firmware=draw(st.sampled_from(["", "A1", "B2"])),
            capacity_bytes=draw(st.sampled_from([None, -1, 0, 4 * 10**12, 6 * 10**17])),
            media=draw(st.sampled_from(["", "hdd"])),
        ),
        place=Place(datacenter=draw(st.sampled_from(["", "ams", "sac"])), slot=draw(_slots)),
        role=draw(st.sampled_from(["data", "boot"])),
        state=draw(st.sampled_from(["read", "asleep", "unreadable"])),
        reason=draw(st.sampled_from(["", "timeout", "io_error"])),
        power_on_hours=draw(st.sampled_from([None, -5, 100, 5_000, 80_000, 10**7])),
        signs=Signs(pending=draw(st.sampled_from([None, 0, 8]))),
        failure=imported and draw(st.booleans()),
    )


_slots = st.sampled_from(["", "1", "2"])

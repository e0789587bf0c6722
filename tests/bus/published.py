"""What the published bytes of schema 1 in `tests/frozen/v1` mean: added to, never edited."""

from datetime import UTC, date, datetime

from bus.contract import Absence, AnyEvent, Drive, Inventory, Place, Signs, Snapshot, Verdict

DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
PLACE = Place(
    datacenter="ams1", cluster="c2", vault="1041", pod="07", enclosure="5000c500a1b2c3d4", slot="31"
)
DISK = Drive(
    serial="ZL2ABC01",
    model="ST12000NM0008-2H3101",
    wwn="5000c500c5d0a1b2",
    firmware="SN02",
    capacity_bytes=12_000_138_625_024,
    media="hdd",
    protocol="ata",
    rotation_rpm=7200,
)

EVENTS: dict[str, AnyEvent] = {
    "snapshot-minimal": Snapshot(
        schema=1, day=DAY, sent_at=NOON, drive=Drive(serial="S1", model="ST4000DM000")
    ),
    "snapshot-maximal": Snapshot(
        schema=1,
        day=DAY,
        host="pod-07",
        sent_at=NOON,
        imported=False,
        drive=DISK,
        observed_at=datetime(2026, 11, 23, 11, 59, 30, tzinfo=UTC),
        place=PLACE,
        role="boot",
        state="read",
        health="failed",
        power_on_hours=41_234,
        temperature_celsius=-3,
        signs=Signs(
            health_failed=1,
            reallocated=8,
            reported_uncorrectable=0,
            pending=16,
            offline_uncorrectable=2,
            nvme_critical_warning=4,
            nvme_media_errors=7,
            nvme_spare_low=0,
            scsi_grown_defects=3,
            scsi_uncorrected=9,
            self_test_failed=1,
        ),
        smart={5: (100, 8), 9: (53, 41_234), 194: (None, 38), 197: (100, None)},
        nvme={"percentage_used": 3, "data_units_written": 2**100},
        scsi={"read_total_uncorrected_errors": 9},
    ),
    "snapshot-unreadable": Snapshot(
        schema=1,
        day=DAY,
        host="pod-07",
        sent_at=NOON,
        drive=Drive(serial="Zażółć %3A:7", model="WDC  WUH721816ALE6L4"),
        state="unreadable",
        reason="io_error",
    ),
    "snapshot-imported": Snapshot(
        schema=1,
        day=date(2013, 5, 9),
        sent_at=NOON,
        imported=True,
        drive=Drive(serial="9VS3FM1J", model="ST31500341AS", capacity_bytes=1_500_301_910_016),
        smart={5: (None, 0), 9: (None, 25_913)},
        failure=True,
    ),
    "absence-minimal": Absence(
        schema=1,
        day=DAY,
        sent_at=NOON,
        drive=Drive(serial="S1", model="M"),
        last_day=date(2026, 11, 22),
    ),
    "absence-maximal": Absence(
        schema=1,
        day=DAY,
        host="pod-07",
        sent_at=NOON,
        drive=DISK,
        last_day=date(2026, 11, 20),
        last_hosts=("pod-07", "pod-07-old"),
        together=12,
        held=60,
    ),
    "inventory-minimal": Inventory(
        schema=1, day=DAY, host="h", sent_at=NOON, complete=False, present=0
    ),
    "inventory-maximal": Inventory(
        schema=1,
        day=DAY,
        host="pod-07",
        sent_at=NOON,
        complete=True,
        present=58,
        asleep=3,
        unreadable=2,
        missing=1,
        agent_version="0.1.0",
        smartctl_version="7.3",
        place=PLACE,
        partition=23,
        drives=4,
        keys_xor="00ff00ff00ff00ff",
    ),
    "verdict-minimal": Verdict(
        schema=1,
        day=DAY,
        sent_at=NOON,
        drive=Drive(serial="S1", model="M"),
        id="v1",
        verb="failed",
        given_at=NOON,
    ),
    "verdict-maximal": Verdict(
        schema=1,
        day=DAY,
        host="desk-1",
        sent_at=NOON,
        drive=DISK,
        id="01JD0000000000000000000000",
        verb="maintenance",
        until=date(2026, 12, 1),
        given_at=NOON,
        who="ann@example.net",
        reason="Firmware SN04,\nticket 4711",
    ),
    "verdict-retract": Verdict(
        schema=1,
        day=DAY,
        sent_at=NOON,
        drive=DISK,
        id="v2",
        verb="retract",
        of="v1",
        given_at=NOON,
        who="bob",
    ),
}

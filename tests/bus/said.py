"""Honest events of each kind, for tests that change one thing in them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bus.contract import Absence, Drive, Inventory, Snapshot, Verdict

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TODAY = NOW.date()
DISK = Drive(serial="ZL2ABC01", model="ST12000NM0008-2H3101")


def days(count: int) -> timedelta:
    return timedelta(days=count)


def snapshot(**fields: Any) -> Snapshot:
    said: dict[str, Any] = {
        "schema": 1, "day": TODAY, "host": "pod-07", "sent_at": NOW, "drive": DISK
    }  # fmt: skip
    return Snapshot(**said | fields)


def absence(**fields: Any) -> Absence:
    said: dict[str, Any] = {
        "schema": 1, "day": TODAY, "host": "pod-07", "sent_at": NOW, "drive": DISK,
        "last_day": TODAY - days(3),
    }  # fmt: skip
    return Absence(**said | fields)


def inventory(**fields: Any) -> Inventory:
    said: dict[str, Any] = {
        "schema": 1, "day": TODAY, "host": "pod-07", "sent_at": NOW, "complete": True, "present": 3
    }  # fmt: skip
    return Inventory(**said | fields)


def verdict(**fields: Any) -> Verdict:
    said: dict[str, Any] = {
        "schema": 1, "day": TODAY, "sent_at": NOW, "drive": DISK, "id": "v1", "verb": "failed",
        "given_at": NOW,
    }  # fmt: skip
    return Verdict(**said | fields)

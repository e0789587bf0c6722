"""The figures: what is worked out of the facts for one day, as values for metrics, API and tables.

Rates are fractions per 365-day year (0.015 is 1.5 %), days are inclusive, sums are exact integers.
"""

from datetime import date
from typing import Literal

import msgspec

Role = Literal["data", "boot"]
RoleChoice = Literal["data", "boot", "all"]
DriveState = Literal["active", "failed", "unaccounted"]
WindowName = Literal["30d", "90d", "365d", "qtd", "last_quarter", "ytd", "lifetime"]


class Window(msgspec.Struct, frozen=True):
    """A span of days, both included."""

    name: WindowName
    first: date
    last: date


class Rate(msgspec.Struct, frozen=True):
    """Failures over drive-days, with Garwood's exact 95 % Poisson interval.

    `afr`, `lower` and `upper` are None where there are no drive-days.
    """

    drive_days: int
    failures: int
    afr: float | None
    lower: float | None
    upper: float | None


class ModelRow(msgspec.Struct, frozen=True):
    """One model in one window, one or all roles."""

    manufacturer: str
    model: str
    role: RoleChoice
    window: WindowName
    drives: int  # present on the day as of which the figures are
    drives_seen: int  # distinct drives present in the window
    rate: Rate


class FleetRow(msgspec.Struct, frozen=True):
    """All models in one window, pooled: sums over sums, never a mean of rates."""

    role: RoleChoice
    window: WindowName
    drives: int
    drives_seen: int
    rate: Rate


class CohortRow(msgspec.Struct, frozen=True):
    """One cohort's sums in one window."""

    manufacturer: str
    model: str
    datacenter: str
    role: Role
    window: WindowName
    drive_days: int
    failures: int


class StateRow(msgspec.Struct, frozen=True):
    """Drives of one cohort in one state as of the day, and their summed age in days.

    `aged` is how many of them have a known age (power-on hours were read at least once).
    """

    manufacturer: str
    model: str
    datacenter: str
    role: Role
    state: DriveState
    drives: int
    age_days: int
    aged: int


class ModelInfo(msgspec.Struct, frozen=True):
    """What most drives of a model say of themselves."""

    manufacturer: str
    model: str
    capacity_bytes: int | None
    media: str


class Figures(msgspec.Struct, frozen=True):
    """Everything that is shown, for one day."""

    as_of: date  # A: states and counts of drives
    windows_end: date | None  # E: where windows and rates end; None when nothing was ever present
    open: bool  # A is a day that is not closed yet
    preliminary: bool  # too few days for E to keep its distance from today
    simulated: bool
    windows: tuple[Window, ...]
    models: tuple[ModelRow, ...]  # by role, window, manufacturer, model
    fleet: tuple[FleetRow, ...]
    cohorts: tuple[CohortRow, ...]
    states: tuple[StateRow, ...]
    infos: tuple[ModelInfo, ...]


class DriveRun(msgspec.Struct, frozen=True):
    """A run of days on which a drive was seen in one place, in one state."""

    first: date
    last: date
    hosts: tuple[str, ...]
    place: str
    slot: str
    firmware: str
    state: str


class DriveLine(msgspec.Struct, frozen=True):
    """One drive in a list."""

    key: str
    manufacturer: str
    model: str
    role: Role
    state: DriveState
    hosts: tuple[str, ...]
    slot: str
    first_day: date
    last_day: date
    drive_days: int
    born: date | None
    failed: date | None  # the day its last confirmed failure is booked on


class DriveLife(msgspec.Struct, frozen=True):
    """One drive's life, as far as the ledger keeps it."""

    key: str
    serial: str
    manufacturer: str
    model: str
    raw_model: str
    role: Role
    state: DriveState
    capacity_bytes: int | None
    media: str
    firmware: str
    hosts: tuple[str, ...]
    place: str
    slot: str
    first_day: date
    last_day: date
    drive_days: int
    born: date | None  # the day its power-on hours count from
    failed: date | None  # the day a confirmed failure is booked on
    signs: dict[str, int]
    runs: tuple[DriveRun, ...]

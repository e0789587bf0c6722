"""The catalogue: every metric the aggregator exports, its name, kind, unit, labels and help.

Rules:
- Data drives only, unless a role label says otherwise.
- What the ledger can correct is a gauge without `_total`; counters are for what this process did.
- No serial, no day and no timestamp. Labels stand in the order of the alphabet.
- Rates are fractions per 365-day year, times seconds.
"""

from typing import Literal

import msgspec

Kind = Literal["gauge", "counter"]


class Metric(msgspec.Struct, frozen=True):
    """One metric. `name` is as it stands in a sample (a counter's ends in `_total`)."""

    name: str
    kind: Kind
    unit: str
    labels: tuple[str, ...]
    help: str


COHORT = ("datacenter", "manufacturer", "model", "role")
MODEL = ("manufacturer", "model")
MODEL_WINDOW = (*MODEL, "window")
WINDOW = ("window",)


def _gauge(name: str, unit: str, labels: tuple[str, ...], help: str) -> Metric:
    return Metric(f"drivefleet_{name}", "gauge", unit, tuple(sorted(labels)), help)


def _counter(name: str, unit: str, labels: tuple[str, ...], help: str) -> Metric:
    return Metric(f"drivefleet_{name}_total", "counter", unit, tuple(sorted(labels)), help)


DRIVES = _gauge(
    "drives", "drives", (*COHORT, "state"), "Drives by state, as of the day that is told."
)
DRIVES_AGED = _gauge(
    "drives_aged",
    "drives",
    (*COHORT, "state"),
    "Drives whose age is known; divide drivefleet_drives_age_seconds by it.",
)
DRIVES_AGE = _gauge(
    "drives_age_seconds",
    "seconds",
    (*COHORT, "state"),
    "Age by power-on hours, summed over the drives whose age is known.",
)
WINDOW_DRIVE_DAYS = _gauge(
    "window_drive_days",
    "drive-days",
    (*COHORT, "window"),
    "Drive-days in the window: one for each drive and day on which it was present.",
)
WINDOW_FAILURES = _gauge(
    "window_failures",
    "failures",
    ("basis", *COHORT, "window"),
    "Failures booked on days of the window, by what tells them.",
)
WINDOW_AFR = _gauge(
    "window_afr_ratio",
    "ratio",
    MODEL_WINDOW,
    "Annualized failure rate of the model's data drives: failures / (drive-days / 365).",
)
WINDOW_AFR_LOWER = _gauge(
    "window_afr_lower_ratio",
    "ratio",
    MODEL_WINDOW,
    "Lower end of the exact 95 % Poisson interval of the rate.",
)
WINDOW_AFR_UPPER = _gauge(
    "window_afr_upper_ratio",
    "ratio",
    MODEL_WINDOW,
    "Upper end of the exact 95 % Poisson interval of the rate.",
)
MODEL_INFO = _gauge(
    "model_info",
    "",
    (*MODEL, "capacity_bytes", "media"),
    "1 for each model, with what most of its drives say of themselves.",
)
FLEET_DRIVE_DAYS = _gauge(
    "fleet_drive_days", "drive-days", WINDOW, "Drive-days of all data drives in the window."
)
FLEET_FAILURES = _gauge(
    "fleet_failures", "failures", WINDOW, "Failures of all data drives in the window."
)
FLEET_AFR = _gauge(
    "fleet_afr_ratio", "ratio", WINDOW, "Annualized failure rate of all data drives, pooled."
)
FLEET_AFR_LOWER = _gauge(
    "fleet_afr_lower_ratio",
    "ratio",
    WINDOW,
    "Lower end of the exact 95 % Poisson interval of the fleet's rate.",
)
FLEET_AFR_UPPER = _gauge(
    "fleet_afr_upper_ratio",
    "ratio",
    WINDOW,
    "Upper end of the exact 95 % Poisson interval of the fleet's rate.",
)
AS_OF = _gauge(
    "as_of_timestamp_seconds", "seconds", (), "End of the day as of which drives are told."
)
WINDOWS_END = _gauge(
    "windows_end_timestamp_seconds", "seconds", (), "End of the day on which windows end."
)
WINDOWS_PRELIMINARY = _gauge(
    "windows_preliminary",
    "",
    (),
    "1 while there are too few days for windows to keep the days of grace from today.",
)

EVENTS = _counter(
    "events", "events", ("kind", "result"), "Events read from the log by this process."
)
REJECTED = _counter(
    "rejected", "records", ("reason",), "Records that this process refused to believe."
)
LAG = _gauge(
    "consumer_lag_records", "records", ("partition",), "Records in the log that are not yet read."
)
VIEW_AGE = _gauge(
    "view_age_seconds", "seconds", (), "Age of the view of the fleet that is being served."
)
CHECKPOINT = _gauge(
    "checkpoint_timestamp_seconds", "seconds", ("partition",), "Time of the last checkpoint."
)
BUILD_INFO = _gauge("build_info", "", ("version",), "1, with the version that is running.")

FIGURES = (
    DRIVES,
    DRIVES_AGED,
    DRIVES_AGE,
    WINDOW_DRIVE_DAYS,
    WINDOW_FAILURES,
    WINDOW_AFR,
    WINDOW_AFR_LOWER,
    WINDOW_AFR_UPPER,
    MODEL_INFO,
    FLEET_DRIVE_DAYS,
    FLEET_FAILURES,
    FLEET_AFR,
    FLEET_AFR_LOWER,
    FLEET_AFR_UPPER,
    AS_OF,
    WINDOWS_END,
    WINDOWS_PRELIMINARY,
)
"""What the facts say: the same on every replica, rendered once per change."""

PROCESS = (EVENTS, REJECTED, LAG, VIEW_AGE, CHECKPOINT, BUILD_INFO)
"""What this process does: rendered on every scrape."""

CATALOGUE = (*FIGURES, *PROCESS)

"""A small fleet to serve, a source that answers from memory, a server that listens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from aiohttp import ClientSession

from aggregator.rates.afr import rate
from aggregator.rates.figures import (
    CohortRow,
    DriveLife,
    Figures,
    FleetRow,
    ModelInfo,
    ModelRow,
    Role,
    RoleChoice,
    StateRow,
)
from aggregator.rates.windows import windows
from aggregator.serve.server import Server
from aggregator.serve.source import Ambiguous, ProcessFigures

HOSTILE = '<script>alert("1")</script>\\'
END = date(2026, 8, 11)
AS_OF = date(2026, 8, 18)

Sums = dict[tuple[str, str, str, Role], tuple[int, int, int]]
ROLES: tuple[RoleChoice, ...] = ("data", "boot", "all")

PROCESS = ProcessFigures(
    version="1.2.3",
    events={("snapshot", "new"): 12_345_678, ("snapshot", "known"): 0, ("verdict", "new"): 2},
    rejected={"bad_day": 0, "not_json": 3},
    lag_records={0: 0, 1: 250},
    checkpoints={0: 1_787_140_800.5},
    view_age_s=12.25,
)


@dataclass
class MemorySource:
    """A source whose answers stand ready."""

    told: ProcessFigures = PROCESS
    lives: dict[str, DriveLife | Ambiguous] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    on_process: Callable[[], None] = lambda: None

    async def drive(self, key: str) -> DriveLife | Ambiguous | None:
        self.asked.append(key)
        return self.lives.get(key)

    def process(self) -> ProcessFigures:
        self.on_process()
        return self.told


@dataclass(frozen=True)
class Service:
    """A server that listens on loopback, its source, and a client."""

    server: Server
    source: MemorySource
    client: ClientSession

    def url(self, path: str) -> str:
        return self.server.url + path


def small_fleet() -> Figures:
    """Two sites, a good and a bad model, a boot drive, one hostile name, one without a day."""
    sums: Sums = {
        ("HGST", "HMS5C4040BLE640", "ams", "data"): (900_000, 6, 3_000),
        ("HGST", "HMS5C4040BLE640", "fra", "data"): (100_000, 1, 400),
        ("Seagate", "ST4000DM000", "ams", "data"): (250_000, 25, 900),
        ("Seagate", "ST4000DM000", "", "boot"): (730, 0, 2),
        ("unknown", HOSTILE, "ams", "data"): (365, 1, 1),
        ("unknown", "NEW", "ams", "data"): (0, 0, 0),
    }
    return Figures(
        as_of=AS_OF,
        windows_end=END,
        open=False,
        preliminary=False,
        simulated=False,
        windows=windows(END, date(2024, 1, 1)),
        models=model_rows(sums),
        fleet=fleet_rows(sums),
        cohorts=tuple(
            CohortRow(*cohort, window.name, drive_days, failures)
            for cohort, (drive_days, failures, _) in sums.items()
            for window in windows(END, date(2024, 1, 1))
        ),
        states=(
            *(
                StateRow(*cohort, "active", drives, drives * 400, drives)
                for cohort, (_, _, drives) in sums.items()
                if drives
            ),
            StateRow("unknown", "NEW", "ams", "data", "unaccounted", 2, 0, 0),
        ),
        infos=(
            ModelInfo("HGST", "HMS5C4040BLE640", 4_000_787_030_016, "hdd"),
            ModelInfo("unknown", HOSTILE, None, ""),
        ),
    )


def model_rows(sums: Sums) -> tuple[ModelRow, ...]:
    rows = []
    for role in ROLES:
        names = sorted({(c[0], c[1]) for c in sums if role in ("all", c[3])})
        for window in windows(END, date(2024, 1, 1)):
            for name in names:
                own = [n for c, n in sums.items() if c[:2] == name and role in ("all", c[3])]
                days, failures, drives = map(sum, zip(*own, strict=True))
                rows.append(
                    ModelRow(*name, role, window.name, drives, drives, rate(failures, days))
                )
    return tuple(rows)


def fleet_rows(sums: Sums) -> tuple[FleetRow, ...]:
    rows = []
    for role in ROLES:
        for window in windows(END, date(2024, 1, 1)):
            own = [n for c, n in sums.items() if role in ("all", c[3])]
            days, failures, drives = map(sum, zip(*own, strict=True))
            rows.append(FleetRow(role, window.name, drives, drives, rate(failures, days)))
    return tuple(rows)

"""Public history from ZIP to figures, both processes, against DuckDB's exact count of the files.

    python -m bench.history ZIP

Ours: `drivefleet-agent replay` into a new local log, `drivefleet-aggregator run --until-end` and
`models`: durable, restartable, with every drive's life. DuckDB: distinct (serial, day) and failures
per model over the unpacked CSV files, two threads; the figures of both are compared.
"""

import argparse
import csv
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from bench.table import print_rows
from bus.identity import normal_model

Counts = dict[str, tuple[int, int]]  # model: drive-days, failures

COUNT = """
SELECT model, count(DISTINCT (serial_number, date)) AS drive_days,
       count(DISTINCT (serial_number, date)) FILTER (failure = 1) AS failures
FROM read_csv(?, union_by_name = true) GROUP BY model
"""


def ours(archive: Path, folder: str) -> tuple[Counts, dict[str, float]]:
    """The counts, and the seconds of each command."""
    environ = os.environ | {"XDG_STATE_HOME": folder}
    bus, state = f"sqlite:{folder}/log.db", f"{folder}/state"
    took = {}
    commands = {
        "replay": ["agent", "replay", str(archive), "--bus", bus],
        "run --until-end": ["aggregator", "run", "--bus", bus, "--state", state, "--until-end"],
        "models": ["aggregator", "models", "--state", state, "--format", "csv"],
    }
    for name, arguments in commands.items():
        begun = time.perf_counter()
        command = [sys.executable, "-m", *arguments]
        told = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
        took[name] = time.perf_counter() - begun
    rows = csv.DictReader(told.stdout.splitlines())
    return {r["model"]: (int(r["drive_days"]), int(r["failures"])) for r in rows}, took


def theirs(folder: str) -> tuple[Counts, float]:
    """DuckDB's counts by normal model, and its seconds."""
    begun = time.perf_counter()
    with duckdb.connect(config={"threads": 2}) as database:
        found = database.execute(COUNT, [f"{folder}/csv/**/*.csv"]).fetchall()
    took = time.perf_counter() - begun
    counts: Counts = {}
    for model, drive_days, failures in found:
        before = counts.get(normal_model(model), (0, 0))
        counts[normal_model(model)] = (before[0] + drive_days, before[1] + failures)
    return counts, took


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("zip", type=Path)
    archive: Path = asked.parse_args().zip
    with TemporaryDirectory() as folder:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(f"{folder}/csv")
        truth, duck_s = theirs(folder)
        found, took = ours(archive, folder)
        size = Path(f"{folder}/log.db").stat().st_size
    rows = sum(drive_days for drive_days, _ in truth.values())
    whole = sum(took.values())
    table = [
        (name, f"{s:.1f} s", f"{rows / s:,.0f}", f"{s / duck_s:.2f}") for name, s in took.items()
    ]
    table += [("ours in all", f"{whole:.1f} s", f"{rows / whole:,.0f}", f"{whole / duck_s:.2f}")]
    table += [("DuckDB (baseline)", f"{duck_s:.1f} s", f"{rows / duck_s:,.0f}", "1.00")]
    print_rows(("what", "time", "rows/s", "to DuckDB"), table)
    print(f"\n{rows:,} drive-days, {size / rows:.0f} bytes of log for each;", end=" ")
    print("the same figures" if found == truth else "DIFFERENT FIGURES")
    sys.exit(0 if found == truth else 1)


if __name__ == "__main__":
    main()

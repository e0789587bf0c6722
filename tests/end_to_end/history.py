"""Public history to play: the real 30 days where they lie, and a small invented quarter."""

import csv
import io
import zipfile
from pathlib import Path
from random import Random

SHARED = Path(__file__).parents[2].parent / "shared"
REAL_ZIP = SHARED / "data/backblaze/data_2013-04-10_2013-05-09.zip"
REAL_REFERENCE = SHARED / "data/backblaze/reference_2013-04-10_2013-05-09.csv"
MISSING = f"the 30 real days are not at {REAL_ZIP}"

HEADER = ["date", "serial_number", "model", "capacity_bytes", "failure"]
HEADER += ["smart_5_raw", "smart_9_raw", "smart_197_raw"]
MODELS = ("WDC WUH721816ALE6L4", "ST4000DM000", "TOSHIBA MG08ACA16TA", "HGST HMS5C4040BLE640")

Counts = dict[str, tuple[int, int, int]]  # model: drives seen, drive-days, failures


def invent(path: Path, *, drives: int, days: int, seed: int) -> Counts:
    """Write a ZIP of daily files; returns what stands in it, by normal model."""
    chance = Random(seed)
    left = {f"S{number:05d}": chance.choice(MODELS) for number in range(drives)}
    seen: dict[str, set[str]] = {model: set() for model in MODELS}
    drive_days, failures = dict.fromkeys(MODELS, 0), dict.fromkeys(MODELS, 0)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(days):
            day = f"2024-01-{number + 1:02d}"
            rows = []
            for serial, model in list(left.items()):
                if chance.random() < 0.01:
                    continue
                failed = chance.random() < 0.002
                rows.append([day, serial, model, 16 * 10**12, int(failed), 0, 24 * number, 0])
                seen[model].add(serial)
                drive_days[model] += 1
                failures[model] += failed
                if failed:
                    del left[serial]
            text = io.StringIO()
            csv.writer(text).writerows([HEADER, *rows])
            archive.writestr(f"data/{day}.csv", text.getvalue())
    return {
        model.split()[-1]: (len(seen[model]), drive_days[model], failures[model])
        for model in MODELS
    }


def reference() -> Counts:
    """The independent counts of the real days, by normal model."""
    with REAL_REFERENCE.open(encoding="utf-8") as file:
        return {
            row["model"].split()[-1]: (
                int(row["drives_seen"]),
                int(row["drive_days"]),
                int(row["failures"]),
            )
            for row in csv.DictReader(file)
        }

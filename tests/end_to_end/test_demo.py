"""`drivefleet demo`, as `make demo` starts it: figures, a page, and a clean end."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.end_to_end.one_machine import LOOK_EVERY_S, free_port

PATIENCE_S = 120.0


def test_the_demo_shows_a_bad_model_and_ends_cleanly_by_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    words = tmp_path / "words"
    with words.open("w") as file:
        demo = subprocess.Popen(
            [sys.executable, "-m", "drivefleet", "demo", "--port", str(port)],
            env=os.environ | {"TMPDIR": str(tmp_path)},
            stdout=file,
            stderr=file,
        )
    try:
        shown = until_shown(port, demo, words)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(5) == 0, words.read_text()
    finally:
        demo.kill()
        demo.wait()
    text = words.read_text()
    assert "Traceback" not in text
    assert f"http://127.0.0.1:{port}/metrics" in text
    assert "drivefleet-agent replay" in text, "it says how to go on"
    assert rates(shown)[-1][0].startswith("HUH7220SIM005"), "the model that is three times worse"
    assert list(tmp_path.iterdir()) == [words], "the scratch folder is gone"


def until_shown(port: int, demo: subprocess.Popen[bytes], words: Path) -> str:
    """The first exposition with figures."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and demo.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as told:
                body: bytes = told.read()
                return body.decode()
        except OSError:
            time.sleep(LOOK_EVERY_S)  # between looks at another process; its answer decides
    raise AssertionError(f"no figures came: {words.read_text()}")


def rates(exposition: str) -> list[tuple[str, float]]:
    """(model, lifetime AFR), lowest first."""
    found = []
    for line in exposition.splitlines():
        if line.startswith("drivefleet_window_afr_ratio{") and 'window="lifetime"' in line:
            found.append((line.split('model="')[1].split('"')[0], float(line.split()[-1])))
    return sorted(found, key=lambda pair: pair[1])

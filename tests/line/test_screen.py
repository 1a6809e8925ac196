"""A real window on a virtual screen, with real keys: the platform plugin, the fonts and the whole start."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import control, simulation

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("Xvfb") is None, reason="Xvfb is a Linux program"
)


@pytest.fixture
def display() -> Iterator[str]:
    """A screen of its own, numbered by the server itself."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1366x768x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as stream:
        number = stream.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait(10)


def test_a_window_appears_and_takes_keys(display: str, tmp_path: Path) -> None:
    simulation.simulate(tmp_path, days=0.05, seed=2, say=lambda _words: None)
    screen = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}

    def xdotool(*words: str) -> str:
        return subprocess.run(["xdotool", *words], env=screen, capture_output=True, text=True, check=False).stdout

    window = subprocess.Popen(control.command(tmp_path, "window"), env=screen, stderr=subprocess.PIPE, text=True)
    try:
        assert control.wait_for(lambda: bool(xdotool("search", "--onlyvisible", "--name", "Valve housing line")), 30)
        found = xdotool("search", "--onlyvisible", "--name", "Valve housing line").split()[0]
        for key in ("F9", "F3", "Right", "F2", "Tab", "Return"):
            xdotool("key", "--window", found, key)
        assert control.wait_for(lambda: xdotool("getwindowname", found).strip() != "", 5)
        assert window.poll() is None
    finally:
        window.terminate()
        said = window.communicate(timeout=15)[1]
    assert said.strip() == ""
    log = (tmp_path / "logs" / "window.log").read_text(encoding="utf-8")
    assert "ERROR" not in log
    assert "CRITICAL" not in log
    assert "WARNING" not in log

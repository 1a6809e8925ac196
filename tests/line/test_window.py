"""The window as a process of its own: it starts a collector that outlives it, and there is one window a database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import control
from desktop.store import database, records
from desktop.store.locks import ProcessLock
from tests.example import one_scanner


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "line.toml").write_text(one_scanner())
    data = tmp_path / "데이터 folder"
    subprocess.run(control.command(data, "config", "import", str(tmp_path / "line.toml")), check=True, timeout=60)
    yield data
    control.stop_collector(data)  # also where the test failed


def held(lock: Path) -> bool:
    probe = ProcessLock(lock)
    free = not lock.exists() or probe.take(keep_note=True)
    probe.release()
    return not free


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_the_collector_outlives_its_window(folder: Path) -> None:
    offscreen = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    window = subprocess.Popen(control.command(folder, "window"), env=offscreen, stderr=subprocess.PIPE)
    try:
        assert control.wait_for(lambda: control.collector_runs(folder), 30)
        second = subprocess.run(
            control.command(folder, "window"), env=offscreen, capture_output=True, text=True, timeout=60, check=False
        )
        assert (second.returncode, second.stderr) == (0, "")
        assert "open already" in second.stdout
        assert window.poll() is None
    finally:
        window.send_signal(signal.SIGKILL)
        window.communicate(timeout=10)
    try:
        assert not held(folder / "window.lock")
        assert control.collector_runs(folder)
        store = database.open_reader(folder)
        assert control.wait_for(lambda: records.heartbeat(store) is not None, 10), "held, but no beat"
        before = records.heartbeat(store)
        assert control.wait_for(lambda: records.heartbeat(store) != before, 10)
        store.close()
    finally:
        assert control.stop_collector(folder)
    assert not control.collector_runs(folder)


def test_two_starts_at_once_end_in_one_collector(folder: Path) -> None:
    """The start that comes second finds a collector, which is all it wanted; and nobody is left who comes up later."""
    other = subprocess.Popen(control.command(folder, "collect"), stderr=subprocess.DEVNULL)
    try:
        up = control.ensure_collector(folder)
        assert up == ProcessLock(folder / "collector.lock").holder()
        assert control.ensure_collector(folder) is None
        if up != other.pid:
            assert other.wait(20) == 1, "it found the place taken"
        assert control.stop_collector(folder)
        assert not control.wait_for(lambda: control.collector_runs(folder), 2)
    finally:
        other.kill()
        other.wait(10)

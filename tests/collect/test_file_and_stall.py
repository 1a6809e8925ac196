"""The collector's own misfortunes: its file taken away, its process put to sleep."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from desktop import configuration, control
from desktop.domain.spans import Span
from desktop.store import database, records, register
from drivers.simulated.port import WirePort
from drivers.simulated.wire_line import LineFace
from tests.example import one_scanner


@pytest.fixture
def wire(tmp_path: Path) -> WirePort:
    return WirePort(tmp_path / "scanner.tty", "auto")


@pytest.fixture
def data(tmp_path: Path, wire: WirePort) -> Path:
    folder = tmp_path / "data"
    store = database.create(folder)
    configuration.apply(store, configuration.parse(one_scanner(wire.url)))
    store.close()
    return folder


def online(folder: Path) -> bool:
    store = database.open_reader(folder)
    try:
        return [h.status for h in records.health(store).values()] == ["online"]
    finally:
        store.close()


def test_a_file_that_was_moved_away_ends_the_collector(data: Path, wire: WirePort) -> None:
    child = subprocess.Popen(control.command(data, "collect"), stderr=subprocess.PIPE, text=True)
    try:
        assert control.wait_for(lambda: online(data), 20)
        for tail in ("", "-wal", "-shm"):
            if (data / f"gadong.db{tail}").exists():
                (data / f"gadong.db{tail}").rename(data / f"moved.db{tail}")
        said = child.communicate(timeout=20)[1]
    finally:
        child.kill()
        wire.close()
    assert child.returncode == 1
    assert "moved away or replaced" in said


@pytest.mark.skipif(sys.platform == "win32", reason="SIGSTOP")
def test_a_frozen_collector_leaves_a_gap(data: Path, wire: WirePort) -> None:
    """What happened while the process stood still nobody saw: it is a gap, not a run."""
    face = LineFace(wire)
    child = subprocess.Popen(control.command(data, "collect"), stderr=subprocess.DEVNULL)
    try:
        assert control.wait_for(lambda: online(data), 20)
        os.kill(child.pid, signal.SIGSTOP)
        frozen_ms = time.time_ns() // 1_000_000
        time.sleep(6)
        os.kill(child.pid, signal.SIGCONT)
        going_ms = time.time_ns() // 1_000_000
        store = database.open_reader(data)
        device = register.plant(store).devices[0].id

        def words() -> list[tuple[str, int]]:
            return [(e.word, e.at_ms) for e in records.device_events(store, device, Span(0, 1 << 50))]

        assert control.wait_for(lambda: [word for word, _ in words()] == ["online", "offline", "online"], 10), words()
        off_ms, on_ms = words()[1][1], words()[2][1]
        assert frozen_ms - 1000 <= off_ms <= frozen_ms + 100
        assert on_ms >= going_ms - 100
        assert face.send("STILL-THERE")
        assert control.wait_for(lambda: store.row("SELECT count(*) FROM events WHERE kind = 'scan'")[0] == 1, 10)
        store.close()
    finally:
        child.terminate()
        child.wait(20)
        wire.close()

"""SIGKILL on collector, window and report child: what was committed stays, the rest is a gap that is said."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from desktop import control, demo, summaries
from desktop.domain import kpi
from desktop.domain.spans import Span
from desktop.store import database, journal, register, upkeep

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and ptys")

SPEED = 30.0
COUNTERS = ("PR-01", "MC-01", "WD-01", "WS-01", "VI-01")
LATE_MS = 500  # real milliseconds of pushed readings that a kill may take along


@pytest.mark.parametrize("rounds", [4, pytest.param(40, marks=pytest.mark.long)])
def test_kills(rounds: int, tmp_path: Path) -> None:
    rng = random.Random(rounds)
    with demo.DemoPlant(tmp_path, demo.DemoOptions(headless=True, speed=SPEED, seed=3), lambda _words: None) as plant:
        plant.begin()
        dead: list[Span] = []
        for number in range(rounds):
            time.sleep(rng.uniform(0.5, 2.0))
            victim = ("collector", "report", "window", "collector")[number % 4]
            if victim == "collector":
                dead.append(kill_collector(tmp_path, plant, rng))
            elif victim == "report":
                kill_child(
                    control.command(
                        tmp_path,
                        "report",
                        "--shift",
                        "current",
                        "--format",
                        "pdf,xlsx,csv,json",
                        "--out",
                        str(tmp_path / "reports"),
                    ),
                    rng,
                )
                no_half_files(tmp_path / "reports")
            else:
                kill_child(control.command(tmp_path, "window"), rng)
        assert len(dead) == (rounds + 1) // 2
        plant.line.pause()
        truth = plant.line.counts()
        assert control.wait_for(lambda: pieces(tmp_path, COUNTERS) == {c: truth[c] for c in COUNTERS}, 15), (
            pieces(tmp_path, COUNTERS),
            truth,
        )
        missing_pushes_lie_in(dead, tmp_path)
        gaps_are_recorded(dead, tmp_path)
    store = database.open_reader(tmp_path)
    try:
        assert upkeep.check(store) == []
    finally:
        store.close()


def kill_collector(folder: Path, plant: demo.DemoPlant, rng: random.Random) -> Span:
    """Kill it, see that everything committed is still there, start another; returns the dead time (plant time)."""
    store = database.open_reader(folder)
    clock = store.clock
    pid = journal.heartbeat(store).pid  # type: ignore[union-attr]
    last = store.row("SELECT max(id), count(*) FROM events")
    killed_ms = clock.now_ms()
    os.kill(pid, signal.SIGKILL)
    time.sleep(rng.uniform(0.2, 1.5))
    assert store.row("SELECT max(id), count(*) FROM events")[1] >= last[1]
    assert store.row("SELECT count(*) FROM events WHERE id <= ?", last[0])[0] == last[1]
    store.close()
    assert control.wait_for(lambda: not_running(folder), 10)
    assert control.ensure_collector(folder) is not None
    assert control.wait_for(plant._all_answer, 40)
    return Span(killed_ms - round(LATE_MS * SPEED), clock.now_ms() + round(100 * SPEED))


def not_running(folder: Path) -> bool:
    store = database.open_reader(folder)
    try:
        return not summaries.collector_now(store).running
    finally:
        store.close()


def kill_child(command: list[str], rng: random.Random) -> None:
    child = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    time.sleep(rng.uniform(0.3, 1.6))
    child.kill()
    child.wait(10)


def no_half_files(folder: Path) -> None:
    """A file under its final name is whole: PDF and ZIP end as they should, JSON parses."""
    for file in folder.glob("*") if folder.exists() else []:
        data = file.read_bytes()
        if file.suffix == ".pdf":
            assert data.rstrip().endswith(b"%%EOF"), file
        elif file.suffix == ".xlsx":
            assert b"PK\x05\x06" in data[-64:], file
        elif file.suffix == ".json":
            json.loads(data)


def pieces(folder: Path, codes: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    store = database.open_reader(folder)
    try:
        everything = Span(0, store.clock.now_ms() + 86_400_000)
        found = {}
        for machine in register.plant(store).machines:
            made = kpi.pieces_of(journal.counts(store, machine.id, everything), everything)
            found[machine.code] = (made.good, made.reject)
        return {code: found[code] for code in codes}
    finally:
        store.close()


def missing_pushes_lie_in(dead: list[Span], folder: Path) -> None:
    """Every line of scanner, torque tool, tester and scale is stored once, but for those in a dead time."""
    store = database.open_reader(folder)
    try:
        wire = "JOIN devices d ON d.id = {} JOIN buses b ON b.id = d.bus_id"
        stored = store.rows(f"SELECT b.key, e.raw FROM events e {wire.format('e.device_id')} WHERE e.kind = 'scan'")
        stored += store.rows(
            f"SELECT b.key, r.raw FROM results r JOIN signals s ON s.id = r.signal_id {wire.format('s.device_id')}"
            " WHERE r.word <> ''"
        )
    finally:
        store.close()
    found = Counter((bus, bytes(raw).decode().strip()) for bus, raw in stored)
    sent: Counter[tuple[str, str]] = Counter()
    due: Counter[tuple[str, str]] = Counter()  # sent while a collector lived: two equal weights are two lines
    for record in map(json.loads, (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()):
        if "line" not in record:
            continue
        key = (record["bus"], record["line"].strip())
        sent[key] += 1
        due[key] += not any(span.start_ms <= record["at_ms"] < span.end_ms for span in dead)
    assert sum(sent.values()) > 10
    assert due - found == Counter()
    assert found - sent == Counter()


def gaps_are_recorded(dead: list[Span], folder: Path) -> None:
    """Each dead time stands in the journal: no device counts as heard at the moment of the kill, until it answered."""
    store = database.open_reader(folder)
    try:
        for device in register.plant(store).devices:
            events = journal.device_events(store, device.id, Span(0, 1 << 50))
            for span in dead:
                killed_ms = span.start_ms + round(LATE_MS * SPEED)
                last = [event for event in events if event.at_ms <= killed_ms][-1]
                assert last.word == "offline", (device.key, span, last)
            for before, after in pairwise(events):
                assert (before.word, before.detail) != (after.word, after.detail), (device.key, before, after)
            assert any("collector_off" in event.detail for event in events)
            assert events[-1].word == "online", (device.key, events[-1])
    finally:
        store.close()

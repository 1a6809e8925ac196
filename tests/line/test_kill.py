"""SIGKILL on collector, window and report child: what was committed stays, the rest is a gap that is said."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pypdf
import pytest

from desktop import control, demo, summaries
from desktop.domain import kpi
from desktop.domain.spans import Span
from desktop.store import database, records, register, upkeep
from desktop.store.locks import ProcessLock
from desktop.views import application

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="SIGKILL, ptys and /proc")

SPEED = 30.0
COUNTERS = ("PR-01", "MC-01", "WD-01", "WS-01", "VI-01")
LATE_MS = 500  # real milliseconds from a machine's saying something to its being ready for the next commit
FORMATS = ("pdf", "xlsx", "csv", "json")
REPORT_PHASES = ("reading", "writing")
WINDOW_PHASES = ("locked", "opening", "painting")
MOST_TRIES = 20  # a phase lasts a few milliseconds; a busy computer misses it sometimes


@pytest.mark.parametrize("rounds", [4, pytest.param(40, marks=pytest.mark.long)])
def test_kills(rounds: int, tmp_path: Path) -> None:
    """Every kill of a report and a window hits the phase it is meant for; see `REPORT_PHASES`, `WINDOW_PHASES`."""
    rng = random.Random(rounds)
    hits: Counter[str] = Counter()
    with demo.DemoPlant(tmp_path, demo.DemoOptions(headless=True, speed=SPEED, seed=3), lambda _words: None) as plant:
        plant.begin()
        dead: list[Span] = []
        for number in range(rounds):
            time.sleep(rng.uniform(0.5, 2.0))
            victim = ("collector", "report", "window", "collector")[number % 4]
            if victim == "collector":
                dead.append(kill_collector(tmp_path, plant, rng, lambda: control.ensure_collector(tmp_path)))
            elif victim == "report":
                for phase in REPORT_PHASES:
                    hits += kill_reports(tmp_path, phase, rng)
            else:
                for phase in WINDOW_PHASES:
                    kill_window(tmp_path, phase, rng)
                    hits[phase] += 1
                dead.append(kill_collector(tmp_path, plant, rng, lambda: kill_window(tmp_path, "starting", rng)))
        assert all(hits[phase] >= rounds // 4 for phase in (*REPORT_PHASES, *WINDOW_PHASES)), hits
        assert len(dead) == 3 * (rounds // 4)
        print(f"{rounds} rounds: {dict(hits)}")
        drafts_are_swept(tmp_path)
        plant.line.pause()
        truth = plant.line.counts()
        assert control.wait_for(lambda: pieces(tmp_path, COUNTERS) == {c: truth[c] for c in COUNTERS}, 15), (
            pieces(tmp_path, COUNTERS),
            truth,
        )
        missing_pushes_lie_in(dead, tmp_path)
        assert control.wait_for(plant._all_answer, 15)
        gaps_are_recorded(dead, tmp_path)
    sound(tmp_path)


def sound(folder: Path) -> None:
    store = database.open_reader(folder)
    try:
        assert upkeep.check(store) == []
    finally:
        store.close()


def kill_collector(folder: Path, plant: demo.DemoPlant, rng: random.Random, begin: Callable[[], object]) -> Span:
    """Kill it, see that everything committed is still there, `begin` another; returns the dead time (plant time)."""
    store = database.open_reader(folder)
    clock = store.clock
    pid = records.heartbeat(store).pid  # type: ignore[union-attr]
    last = store.row("SELECT max(id), count(*) FROM events")
    os.kill(pid, signal.SIGKILL)
    time.sleep(rng.uniform(0.2, 1.5))
    committed_ms = records.heartbeat(store).at_ms  # type: ignore[union-attr]  # each commit carries one
    assert store.row("SELECT max(id), count(*) FROM events")[1] >= last[1]
    assert store.row("SELECT count(*) FROM events WHERE id <= ?", last[0])[0] == last[1]
    store.close()
    assert control.wait_for(lambda: not_running(folder), 10)
    begin()
    assert control.wait_for(plant._all_answer, 40)
    return Span(committed_ms - round(LATE_MS * SPEED), clock.now_ms() + round(100 * SPEED))


def not_running(folder: Path) -> bool:
    store = database.open_reader(folder)
    try:
        return not summaries.collector_now(store).running
    finally:
        store.close()


def begin_child(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )


def report_of(folder: Path, name: str) -> subprocess.Popen[bytes]:
    words = ("--shift", "current", "--format", ",".join(FORMATS), "--out", str(folder / "reports"), "--name", name)
    return begin_child(control.command(folder, "report", *words))


def kill_reports(folder: Path, wanted: str, rng: random.Random) -> Counter[str]:
    """Kill report children until one died in the phase `wanted`; returns how often each phase was hit."""
    hits: Counter[str] = Counter()
    while not hits[wanted]:
        assert hits.total() < MOST_TRIES, (wanted, hits)
        hits[kill_report(folder, wanted, rng)] += 1
        no_half_files(folder / "reports")
        sound(folder)
    return hits


def kill_report(folder: Path, wanted: str, rng: random.Random) -> str:
    """Aim at a phase of a report child; returns the one that was hit.

    The phases: "before" the database was opened, "reading" and rendering, "writing" (a draft is left), "between" two
    files, "after" the last one stood.
    """
    out, name = folder / "reports", f"report-{time.monotonic_ns()}"
    child = report_of(folder, name)

    def written() -> list[str]:
        return [file for file in listed(out) if name in file]

    if wanted == "reading":
        seen = spin(lambda: opened(child.pid, folder), child)
        time.sleep(rng.uniform(0, 0.4))
    else:
        begun = rng.randint(1, len(FORMATS))
        seen = spin(lambda: len(written()) >= begun, child)
        time.sleep(rng.uniform(0, 0.002))
    child.kill()
    code = child.wait(10)
    if any(file.endswith(".part") for file in written()):
        return "writing"
    if code == 0 or len(written()) == len(FORMATS):
        return "after"
    if written():
        return "between"
    return "reading" if seen else "before"


def kill_window(folder: Path, phase: str, rng: random.Random) -> None:
    """Kill a window in a phase; its place is free at once, and what it started lives on.

    The phases: "locked" (it has just taken its place), "opening" (it has just opened the database), "painting" (it
    shows what the collector stores), "starting" (no collector ran: it has just started one).
    """
    collecting = ProcessLock(folder / control.COLLECTOR_LOCK)
    before = collecting.holder()
    window = begin_child(control.command(folder, "window"))
    try:
        place = ProcessLock(folder / application.WINDOW_LOCK)
        assert spin(lambda: place.holder() == window.pid, window), "the place was not free"
        if phase in ("opening", "painting"):
            assert spin(lambda: opened(window.pid, folder), window)
        if phase == "starting":
            # The window's own look at the place holds it for a moment, too: that is no collector yet.
            assert control.wait_for(lambda: collecting.holder() != before and control.collector_runs(folder), 20)
        time.sleep(rng.uniform(1.0, 2.5) if phase == "painting" else rng.uniform(0, 0.2))
        assert window.poll() is None
    finally:
        window.kill()
        window.wait(10)
    assert place.take()
    place.release()
    assert control.collector_runs(folder)
    sound(folder)


def spin(condition: Callable[[], bool], child: subprocess.Popen[bytes]) -> bool:
    """Wait without a pause, so that a phase of a millisecond is not missed; False where the child ended first."""
    deadline = time.monotonic() + 30
    while not condition():
        if child.poll() is not None:
            return False
        assert time.monotonic() < deadline
    return True


def opened(pid: int, folder: Path) -> bool:
    """Whether a process has the database open."""
    files = Path(f"/proc/{pid}/fd")
    for name in listed(files):
        try:
            if os.readlink(files / name) == str(database.path_of(folder)):
                return True
        except OSError:
            continue  # closed meanwhile
    return False


def listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def no_half_files(folder: Path) -> None:
    """A file under its final name is whole."""
    for file in folder.glob("report-*"):
        data = file.read_bytes()
        match file.suffix:
            case ".pdf":
                assert len(pypdf.PdfReader(io.BytesIO(data), strict=True).pages) > 0, file
            case ".xlsx":
                assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None, file
            case ".json":
                json.loads(data)
            case ".csv":
                assert data.endswith(b"\r\n"), file
            case _:
                raise AssertionError(file)


def drafts_are_swept(folder: Path) -> None:
    """What killed reports left behind is removed by the next report, once no living one can own it."""
    out = folder / "reports"
    drafts = list(out.glob(".*.part"))
    assert drafts, "no kill hit a draft"
    for draft in drafts:
        os.utime(draft, (time.time() - 3600,) * 2)
    assert report_of(folder, "report-last").wait(60) == 0
    no_half_files(out)
    own = {
        f"{shift}.{ending}" for shift in ("Day", "Night") for ending in ("pdf", "xlsx")
    }  # those that make themselves
    others = [file for file in listed(out) if file.rpartition("-")[2] not in own]
    assert [file for file in others if not file.startswith("report-")] == []
    assert {f"report-last.{ending}" for ending in FORMATS} <= set(listed(out))


def pieces(folder: Path, codes: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    store = database.open_reader(folder)
    try:
        everything = Span(0, store.clock.now_ms() + 86_400_000)
        found = {}
        for machine in register.plant(store).machines:
            made = kpi.pieces_of(everything, (), records.counts(store, machine.id, everything))
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
            events = records.device_events(store, device.id, Span(0, 1 << 50))
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

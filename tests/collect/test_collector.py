"""The collector: nothing that arrived is lost, whatever disk, clock, register and other processes do."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from desktop.clock import PlantClock
from desktop.collect import collector as module
from desktop.collect import pulse, supervise
from desktop.collect.collector import Collector
from desktop.collect.supervise import Inbox, Polled
from desktop.store import database, records, register, upkeep
from desktop.store.database import BusyError, KnownError, Store
from desktop.store.locks import COLLECTOR_LOCK, ProcessLock
from desktop.store.spill import Spill, Waiting
from drivers.base import DriverError, Tally
from tests.collect.example import PRESS, open_line
from tests.collect.fakes import Plugs, install, running, wait_for

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def plugs(monkeypatch: pytest.MonkeyPatch) -> Plugs:
    return install(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    open_line(tmp_path / "data").close()
    return tmp_path / "data"


class Line:
    """A collector at work on a folder, seen through a reader of its own."""

    def __init__(self, folder: Path, collector: Collector) -> None:
        self.folder = folder
        self.collector = collector
        self.reader = database.open_reader(folder)

    def count(self, what: str) -> int:
        return int(self.reader.row(f"SELECT count(*) FROM {what}")[0])

    def said(self) -> list[tuple[str, str, str]]:
        """Changes of health as (device, word, detail)."""
        return self.reader.rows(
            "SELECT d.key, e.word, e.detail FROM events e JOIN devices d ON d.id = e.device_id"
            " WHERE e.kind = 'device' ORDER BY e.id"
        )

    def online(self) -> bool:
        health = records.health(self.reader)
        return len(health) == 5 and all(h.status == "online" for h in health.values())

    def beat(self) -> records.Beat:
        wait_for(lambda: records.heartbeat(self.reader) is not None)
        beat = records.heartbeat(self.reader)
        assert beat is not None
        return beat


@contextmanager
def collecting(folder: Path, *, wait: bool = True, for_s: float | None = None) -> Iterator[Line]:
    """A collector in a thread of its own, with a store of its own."""
    ready, held = threading.Event(), []

    def work() -> None:
        store = database.open_writer(folder)
        try:
            held.append(Collector(store))
            ready.set()
            held[0].run(for_s)
        finally:
            ready.set()
            store.close()

    with running(work, lambda: held and held[0].stop()):
        ready.wait(10)
        line = Line(folder, held[0])
        try:
            if wait:
                wait_for(line.online)
            yield line
        finally:
            line.reader.close()


@contextmanager
def asking(folder: Path) -> Iterator[Store]:
    """The desktop's own connection."""
    store = database.open_writer(folder)
    try:
        yield store
    finally:
        store.close()


def ask(folder: Path, kind: str, params: dict[str, Any] | None = None) -> register.Answer:
    with asking(folder) as store:
        number: list[int] = []

        def asked() -> bool:
            try:
                number.append(register.ask(store, kind, params))
            except BusyError:
                return False
            return True

        wait_for(asked)
        wait_for(lambda: register.answer_to(store, number[0]) is not None)
        answer = register.answer_to(store, number[0])
        assert answer is not None
        return answer


def test_what_arrives_is_committed_and_counted(folder: Path, plugs: Plugs) -> None:
    with collecting(folder) as line:
        for n in range(50):
            plugs["plc"].send(
                {"device": "plc", "signal": "good", "value": n}, {"device": "plc", "signal": "force", "value": n * 10}
            )
        wait_for(lambda: line.count("measurements") == 50)
        wait_for(lambda: records.health(line.reader)[1].frames == 100)
        assert line.count("events WHERE kind = 'count' AND pieces = 1") == 49
    store = database.open_reader(folder)
    assert upkeep.check(store) == []
    store.close()


def test_a_scan_is_committed_at_once(folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with the next batch: whoever scans waits for the lamp."""
    monkeypatch.setattr(module, "COMMIT_S", 3.0)
    monkeypatch.setattr(module, "BEAT_S", 30.0)
    with collecting(folder, wait=False) as line:
        wait_for(lambda: line.count("heartbeat") == 1)
        sent = time.monotonic()
        plugs["scanner"].send({"device": "scanner", "signal": "code", "value": "SN1"})
        wait_for(lambda: line.count("events WHERE kind = 'scan'") == 1)
        assert time.monotonic() - sent < 1.4
        plugs["plc"].send({"device": "plc", "signal": "force", "value": 1})  # lets the last wait end


def test_it_beats_and_says_when_it_ends(folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.05)
    with collecting(folder) as line:
        first = line.beat()
        assert first.pid == os.getpid()
        wait_for(lambda: line.beat().at_real_ms > first.at_real_ms)
    store = database.open_reader(folder)
    beat = records.heartbeat(store)
    assert beat is not None
    assert (beat.note, beat.lost) == ("stopped", 0)
    assert {h.status for h in records.health(store).values()} == {"offline"}
    assert {h.fault for h in records.health(store).values()} == {"collector_off"}
    store.close()
    assert all(plug.closed for plug in plugs.values())


def test_it_ends_by_itself_after_its_time(folder: Path, plugs: Plugs) -> None:
    began = time.monotonic()
    with collecting(folder, wait=False, for_s=0.3) as line:
        wait_for(lambda: line.beat().note == "stopped")
    assert 0.3 <= time.monotonic() - began < 5


def test_it_stops_when_asked(folder: Path, plugs: Plugs) -> None:
    with collecting(folder) as line:
        assert ask(folder, "stop") == register.Answer(1, "done", {"pid": os.getpid()})
        wait_for(lambda: line.beat().note == "stopped")


def test_the_other_requests(folder: Path, plugs: Plugs, tmp_path: Path) -> None:
    with collecting(folder) as line:
        assert ask(folder, "raw", {"bus": "plc"}).result == {"rows": 2}
        assert line.reader.rows("SELECT at_ms, way, bytes FROM raw_tail") == [
            (1, "rx", b"\x01\x02"),
            (2, "tx", b"\x03"),
        ]
        assert ask(folder, "raw", {"bus": "gone"}).result == {"rows": 0}
        assert line.count("raw_tail") == 0
        copy = tmp_path / "copy.db"
        assert ask(folder, "backup", {"file": str(copy)}).result == {"file": str(copy)}
        assert copy.exists()
        again = ask(folder, "backup", {"file": str(copy)})
        assert again.status == "failed"
        assert "copy.db" in again.result["sentence"]
        assert ask(folder, "backup").status == "failed"
        unknown = ask(folder, "dance")
        assert unknown.status == "failed"
        assert "dance" in unknown.result["sentence"]


def test_an_answer_that_cannot_be_written_is_written_later_and_nothing_done_twice(
    folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer, refusals = register.answer, [3]

    def refuse(*words: Any) -> None:
        if refusals[0]:
            refusals[0] -= 1
            raise BusyError("somebody writes")
        answer(*words)

    monkeypatch.setattr(register, "answer", refuse)
    with collecting(folder):
        assert ask(folder, "backup", {"file": str(tmp_path / "copy.db")}).status == "done"
    assert refusals == [0]


def test_a_long_backup_is_no_silence(
    folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The buses are heard meanwhile: what they bring waits and is stored, and no gap is made up."""
    monkeypatch.setattr(pulse, "STALL_S", 0.3)
    monkeypatch.setattr(pulse, "_EVERY_S", 0.05)

    def slow(_store: Store, file: Path) -> Path:
        time.sleep(0.6)
        return file

    monkeypatch.setattr(upkeep, "backup", slow)
    with collecting(folder) as line:
        plugs["plc"].send({"device": "plc", "signal": "good", "value": 1})
        assert ask(folder, "backup", {"file": str(tmp_path / "copy.db")}).status == "done"
        plugs["plc"].send({"device": "plc", "signal": "good", "value": 2})
        wait_for(lambda: line.count("events WHERE kind = 'count'") == 2)
        assert {word for _device, word, _detail in line.said()} == {"online"}


def test_answers_that_fail_are_counted_over_reconnects(
    folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "COUNTED_S", 0.02)

    def counted() -> tuple[int, ...]:
        with closing(database.open_reader(folder)) as store:
            found = [(h.damaged, h.missing, h.refused, h.lost) for h in records.health(store).values() if h.damaged]
        return found[0] if len(found) == 1 else ()

    with collecting(folder):
        plugs["plc"].send({"device": "plc", "signal": "", "value": 7, "note": "overflow"})
        plugs["plc"].tallies["plc"] = Tally(2, 1)
        wait_for(lambda: counted() == (2, 1, 0, 7))
        plugs["plc"].tallies["plc"] = Tally(2, 3, 1)
        wait_for(lambda: counted() == (2, 3, 1, 7))
        plugs["plc"].polling = DriverError("link_lost", port="COM3", reason="gone")
        wait_for(lambda: counted() == (4, 6, 2, 7))  # a new driver object counts from zero
    with collecting(folder):
        wait_for(lambda: counted() == (6, 9, 3, 7))


# -- a driver that hangs --


def test_a_bus_whose_driver_hangs_is_opened_anew_and_the_others_go_on(
    folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervise, "HUNG_S", 0.3)
    with collecting(folder) as line:
        plugs["plc"].hang_once({"device": "plc", "signal": "good", "value": 9})
        plugs["cnc"].send({"device": "cnc", "signal": "strokes", "value": 100})
        wait_for(lambda: [words[1] for words in line.said() if words[0] == "plc"] == ["online", "offline", "online"])
        plugs["plc"].send({"device": "plc", "signal": "good", "value": 10})
        plugs["plc"].hang.clear()
        wait_for(lambda: line.count("events WHERE kind = 'count'") == 2)
        wait_for(lambda: line.count("events WHERE kind = 'loss'") == 1)  # what came out of the hung one too late
        assert {words[0] for words in line.said() if words[1] == "offline"} == {"plc"}
        assert any("driver_hung" in words[2] for words in line.said())
    assert "hangs" in caplog.text


# -- a changed register --


def test_a_reload_opens_only_what_changed_and_loses_no_piece(folder: Path, plugs: Plugs) -> None:
    with collecting(folder) as line:
        for key in ("plc", "cnc"):
            signal_name = "good" if key == "plc" else "strokes"
            plugs[key].send({"device": key, "signal": signal_name, "value": 100})
        wait_for(lambda: line.count("events WHERE kind = 'count'") == 2)
        with asking(folder) as store, store.transaction() as db:
            db.execute("UPDATE buses SET port = 'test:moved' WHERE key = 'cnc'")
            db.execute("UPDATE signals SET pieces_per_step = 10 WHERE key = 'good'")
        assert ask(folder, "reload").status == "done"
        wait_for(lambda: [words[1] for words in line.said() if words[0] == "cnc"] == ["online", "offline", "online"])
        assert {key: plug.opened for key, plug in plugs.items()} == {
            "plc": 1, "scanner": 1, "torque": 1, "cnc": 2, "packer": 1,
        }  # fmt: skip
        plugs["plc"].send({"device": "plc", "signal": "good", "value": 103})
        plugs["cnc"].send({"device": "cnc", "signal": "strokes", "value": 105})
        wait_for(lambda: line.count("events WHERE kind = 'count'") == 4)
        made = line.reader.rows(
            "SELECT pieces, flag FROM events WHERE kind = 'count' AND pieces > 0 ORDER BY machine_id"
        )
        assert made == [(30, ""), (20, "gap")]


def test_a_device_that_was_taken_away_leaves_no_state_running_on(folder: Path, plugs: Plugs) -> None:
    with collecting(folder) as line:
        plugs["plc"].send({"device": "plc", "signal": "state", "value": 1})
        wait_for(lambda: line.count("events WHERE kind = 'state'") == 1)
        with asking(folder) as store, store.transaction() as db:
            for table in ("buses", "devices"):
                db.execute(f"UPDATE {table} SET retired_at_ms = 1 WHERE key = 'plc'")
        assert ask(folder, "reload").status == "done"
        wait_for(lambda: line.count("events WHERE kind = 'state'") == 2)
        last = line.reader.row("SELECT word FROM events WHERE kind = 'state' ORDER BY id DESC")
        assert last == ("unknown",)
        assert plugs["plc"].closed == 1


# -- a disk that refuses --


def refusing(monkeypatch: pytest.MonkeyPatch, error: KnownError) -> list[bool]:
    """Let every write transaction of the collector fail while the list holds something."""
    transaction, failing = Store.transaction, [True]

    @contextmanager
    def refuse(self: Store) -> Iterator[Any]:
        if failing and threading.current_thread() is not threading.main_thread():
            raise error
        with transaction(self) as db:
            yield db

    monkeypatch.setattr(Store, "transaction", refuse)
    return failing


def refuse_to_spill(_spill: Spill, _waiting: Waiting) -> Path:
    raise KnownError("No room beside the database.")


@pytest.mark.parametrize("error", [KnownError("The disk is full."), BusyError("Somebody writes.")])
def test_a_disk_that_refuses_keeps_everything_and_stores_it_later(
    folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: KnownError
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.05)
    caplog.set_level(logging.WARNING)
    with collecting(folder) as line:
        failing = refusing(monkeypatch, error)
        for n in range(30):
            plugs["plc"].send({"device": "plc", "signal": "force", "value": n * 100})
            plugs["scanner"].send({"device": "scanner", "signal": "code", "value": f"SN{n}"})
        wait_for(lambda: not plugs["plc"].frames and not plugs["scanner"].frames)
        wait_for(lambda: len(line.collector._pending) >= 90)
        wait_for(lambda: line.collector._refused_at is not None)
        assert line.count("measurements") == 0
        failing.clear()
        wait_for(lambda: line.count("measurements") == 30 and line.count("steps") == 30)
        assert line.beat().lost == 0
    if not isinstance(error, BusyError):
        assert "storing again" in caplog.text
        assert "The disk is full." in caplog.text
    store = database.open_reader(folder)
    assert upkeep.check(store) == []
    store.close()


def test_a_full_memory_drops_values_first_and_says_how_many(
    folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.05)
    monkeypatch.setattr(module, "MOST_ROWS", 50)
    monkeypatch.setattr(Spill, "put", refuse_to_spill)
    with collecting(folder) as line:
        failing = refusing(monkeypatch, KnownError("The disk is full."))
        wait_for(lambda: "The disk is full." in caplog.text)
        for n in range(80):
            plugs["plc"].send({"device": "plc", "signal": "force", "value": n * 100})
        wait_for(lambda: not plugs["plc"].frames)
        plugs["plc"].send({"device": "plc", "signal": "state", "value": 2})
        wait_for(lambda: any(e.word == "stop" for e in line.collector._pending.events))
        failing.clear()
        wait_for(lambda: line.count("events WHERE kind = 'loss'") == 1)
        lost = line.reader.row("SELECT pieces, detail FROM events WHERE kind = 'loss'")
        assert lost == (80 - line.count("measurements"), "memory")
        assert line.beat().lost == lost[0]
        assert line.count("events WHERE kind = 'state'") == 1


def test_a_flood_without_facts_does_not_keep_the_heartbeat_waiting(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inbox that never empties, with readings that change nothing: no batch ever fills up."""
    monkeypatch.setattr(Inbox, "get", lambda _self, _wait_s: Polled(()))
    with asking(folder) as store:
        collector = Collector(store)
        monkeypatch.setattr(collector, "_start_buses", lambda: None)
        began = time.monotonic()
        collector.run(for_s=1)
        assert time.monotonic() - began < 5
        beat = records.heartbeat(store)
        assert beat is not None
        assert beat.note == "stopped"


def test_a_full_queue_is_a_loss_event(folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting(folder) as line:
        line.collector.inbox._lost = 7
        wait_for(lambda: line.count("events WHERE kind = 'loss'") == 1)
        assert line.reader.row("SELECT pieces, detail FROM events WHERE kind = 'loss'") == (7, "queue")
        wait_for(lambda: line.beat().lost == 7)


def test_the_last_rows_are_named_if_the_disk_refuses_to_the_end(
    folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.05)
    monkeypatch.setattr(module, "_LAST_COMMIT_S", 0.2)
    monkeypatch.setattr(Spill, "put", refuse_to_spill)
    with collecting(folder):
        failing = refusing(monkeypatch, KnownError("The disk is full."))
        plugs["scanner"].send({"device": "scanner", "signal": "code", "value": "SN1"})
        wait_for(lambda: not plugs["scanner"].frames)
    assert failing
    assert "could not be stored before the end" in caplog.text


# -- a clock that jumps --


def test_a_jump_of_the_clock_is_an_event(folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch) -> None:
    shift_ms = [0]
    monkeypatch.setattr(PlantClock, "now_ms", lambda _self: time.time_ns() // 1_000_000 + shift_ms[0])
    with collecting(folder) as line:
        shift_ms[0] = -3_600_000
        wait_for(lambda: line.count("events WHERE kind = 'clock'") == 1)
        (jump,) = line.reader.row("SELECT detail FROM events WHERE kind = 'clock'")
        assert -3_600_500 < int(jump) < -3_599_500
        assert line.count("events c JOIN events s ON s.id = c.id + 1 WHERE c.kind = 'clock' AND s.kind = 'seal'") == 1
        plugs["plc"].send({"device": "plc", "signal": "force", "value": 1})
        wait_for(lambda: line.count("measurements") == 1)


# -- one at a time, and what a killed one leaves --

COLLECT = (
    "import sys, time; from pathlib import Path\n"
    "from drivers import catalog; from drivers.base import Driver, Reading\n"
    "class Fake(Driver):\n"
    "    PUSHES = True\n"
    "    def open(self): self.n = 0\n"
    "    def close(self): pass\n"
    "    def poll(self):\n"
    "        time.sleep(0.01); self.n += 1\n"
    "        if self.bus.key != 'plc': return []\n"
    "        now = self.clock.now_ms()\n"
    "        return [Reading('plc', s, v, 0, now, 0, self.n) for s, v in (('good', self.n), ('state', 1))]\n"
    "catalog.load = lambda _name: Fake\n"
    "from desktop.collect import collector\n"
    "collector.collect(Path(sys.argv[1]))\n"
)


def test_once_an_hour_the_events_vouch_for_everything_else(
    folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clock of the plant, also where nothing comes; what people said is in it."""
    monkeypatch.setattr(module, "_HOUR_MS", 150)
    with collecting(folder) as line:
        wait_for(lambda: line.count("events WHERE kind = 'seal'") > 0)
        writer = database.open_writer(folder)
        with writer.transaction() as db:
            said = register.audit(db, 1, "Kim", "edit", "x", "", "")
        writer.close()
        before = line.count("events WHERE kind = 'seal'")
        wait_for(lambda: line.count("events WHERE kind = 'seal'") > before + 1)
        detail = line.reader.row("SELECT detail FROM events WHERE kind = 'seal' ORDER BY id DESC LIMIT 1")[0]
        assert json.loads(detail)["audit"][1] == said
        assert upkeep.check(line.reader) == []


def test_a_second_collector_is_refused_by_name(folder: Path, plugs: Plugs) -> None:
    lock = ProcessLock(folder / COLLECTOR_LOCK)
    assert lock.take()
    try:
        with pytest.raises(KnownError) as error:
            module.collect(folder)
        assert str(os.getpid()) in str(error.value)
        assert str(folder) in str(error.value)
    finally:
        lock.release()
    with pytest.raises(KnownError, match="holds no Gadong database"):
        module.collect(folder / "nowhere")
    assert plugs == {}


def test_a_killed_collector_leaves_whole_facts_and_the_next_one_names_the_gap(folder: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", COLLECT, str(folder)], cwd=ROOT)
    reader = database.open_reader(folder)
    try:
        wait_for(lambda: reader.row("SELECT count(*) FROM events WHERE kind = 'count'")[0] > 5, 20)
        refused = subprocess.run(
            [sys.executable, "-c", COLLECT, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert f"process {process.pid}" in refused.stderr
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        beat = records.heartbeat(reader)
        assert beat is not None
        assert beat.note == ""
        assert upkeep.check(reader) == []
        counted = reader.row("SELECT reading FROM events WHERE kind = 'count' ORDER BY id DESC LIMIT 1")[0]
        committed = reader.row("SELECT max(id) FROM events")[0]
        process = subprocess.Popen([sys.executable, "-c", COLLECT, str(folder)], cwd=ROOT)
        wait_for(
            lambda: reader.row("SELECT count(*) FROM events WHERE kind = 'count' AND id > ?", committed)[0] > 3, 20
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait(10)
        reader.close()
    store = database.open_reader(folder)
    try:
        off = store.rows(
            "SELECT d.key, e.at_ms, e.detail FROM events e JOIN devices d ON d.id = e.device_id"
            " WHERE e.kind = 'device' AND e.word = 'offline' AND e.at_ms = ?",
            beat.at_ms,
        )
        assert len(off) == 5
        assert all("collector_off" in detail for _key, _at, detail in off)
        assert store.row("SELECT word FROM events WHERE kind = 'state' AND at_ms = ?", beat.at_ms) == ("unknown",)
        after = store.row(
            "SELECT pieces, flag, reading FROM events WHERE kind = 'count' AND id > ? ORDER BY id", committed
        )
        # The counter of the fake begins anew with each process: a new start, made while nobody listened.
        assert after[1] == "gap"
        assert after[0] == after[2] < counted
        assert store.rows("SELECT DISTINCT machine_id FROM events WHERE kind = 'count'") == [(PRESS,)]
        assert upkeep.check(store) == []
    finally:
        store.close()

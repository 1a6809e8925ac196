"""While the database refuses, what arrives waits in a spill file and goes in exactly once, in order."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop import summaries, words
from desktop.clock import PlantClock
from desktop.collect import collector as module
from desktop.domain.spans import Span
from desktop.store import database, records, register, upkeep
from desktop.store.database import KnownError, Store
from desktop.store.journal import Journal
from desktop.store.locks import COLLECTOR_LOCK, ProcessLock
from tests.collect.example import open_line
from tests.collect.fakes import Plugs, install, wait_for
from tests.collect.test_collector import COLLECT, ROOT, Line, asking, collecting

pytestmark = pytest.mark.usefixtures("caplog")  # a refusing database is logged


@pytest.fixture
def plugs(monkeypatch: pytest.MonkeyPatch) -> Plugs:
    monkeypatch.setattr(module, "SPILL_S", 0.2)
    monkeypatch.setattr(module, "RETRY_S", 0.05)
    monkeypatch.setattr(module, "_LAST_COMMIT_S", 0.2)
    return install(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    open_line(tmp_path / "data").close()
    return tmp_path / "data"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[Callable[[], None]]:
    """The database locked by another connection, until the end or until the given function is called."""
    with asking(folder) as store:
        wait_for(lambda: begun(store))

        def release() -> None:
            if store.connection.in_transaction:
                store.connection.execute("ROLLBACK")

        yield release
        release()


def begun(store: Store) -> bool:
    try:
        store.connection.execute("BEGIN IMMEDIATE")
    except database.SqlError:
        return False
    return True


def spilled(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.spill"))


def send(plugs: Plugs, values: range) -> None:
    for n in values:
        plugs["plc"].send(
            {"device": "plc", "signal": "good", "value": 1000 + n}, {"device": "plc", "signal": "force", "value": n * 9}
        )
        plugs["packer"].send({"device": "packer", "signal": "code", "value": f"SN{n}"})
    wait_for(lambda: not plugs["plc"].frames and not plugs["packer"].frames)


def stored(folder: Path) -> tuple[list[int], int, list[str], list[str]]:
    """Readings of the counter, its pieces, the scans and the words of the packer's health; and all is sound."""
    store = database.open_reader(folder)
    try:
        assert upkeep.check(store) == []
        counted = store.rows("SELECT reading, pieces FROM events WHERE kind = 'count' ORDER BY id")
        values = store.rows("SELECT value FROM measurements ORDER BY id")
        assert [value for (value,) in values] == [n * 9 * 0.1 + 5 for n in range(len(values))]
        for table, one_bus in (("events", "device_id, "), ("steps", ""), ("units", "")):
            # Two buses stamp what they hear each by itself: only within one is the order of ids that of the stamps.
            moments = store.rows(f"SELECT {one_bus}at_ms FROM {table} ORDER BY {one_bus}id")
            assert moments == sorted(moments)
        return (
            [reading for reading, _pieces in counted],
            sum(pieces for _reading, pieces in counted),
            [word for (word,) in store.rows("SELECT word FROM events WHERE kind = 'scan' ORDER BY id")],
            [
                word
                for (word,) in store.rows(
                    "SELECT e.word FROM events e JOIN devices d ON d.id = e.device_id"
                    " WHERE e.kind = 'device' AND d.key = 'packer' ORDER BY e.id"
                )
            ],
        )
    finally:
        store.close()


def whole(n: int, health: list[str]) -> tuple[list[int], int, list[str], list[str]]:
    return list(range(1000, 1000 + n)), n - 1, [f"SN{k}" for k in range(n)], health


def test_a_locked_database_gets_everything_once_it_is_free(folder: Path, plugs: Plugs) -> None:
    with collecting(folder) as line:
        with locked(folder) as release:
            send(plugs, range(10))
            wait_for(lambda: spilled(folder))
            send(plugs, range(10, 20))
            wait_for(lambda: len(line.collector._spill) > 1)
            assert len(line.collector._pending) < 30
            send(plugs, range(20, 22))  # these still wait in memory
            release()
        wait_for(lambda: line.count("events WHERE kind = 'scan'") == 22)
        wait_for(lambda: not spilled(folder))
        assert line.beat().lost == 0
        wait_for(lambda: line.beat().backlog == 0)
    assert stored(folder) == whole(22, ["online", "offline"])


def ended(folder: Path, plugs: Plugs, values: range) -> None:
    """One collector's life on a locked database."""
    with collecting(folder, wait=False) as line:
        wait_for(lambda: len(line.collector.health) == 5)
        wait_for(lambda: all(h.status == "online" for h in line.collector.health.values()))
        send(plugs, values)
    assert line.collector.unstored == 0


def test_collectors_that_live_and_end_while_it_is_locked(
    folder: Path, plugs: Plugs, caplog: pytest.LogCaptureFixture
) -> None:
    with collecting(folder):
        send(plugs, range(5))
    with locked(folder):
        ended(folder, plugs, range(5, 10))
        assert spilled(folder)
        ended(folder, plugs, range(10, 15))
    assert "values wait for the next collector" in caplog.text
    with collecting(folder):
        wait_for(lambda: not spilled(folder))
        send(plugs, range(15, 20))
    assert stored(folder) == whole(20, ["online", "offline"] * 4)
    store = database.open_reader(folder)
    try:
        gaps = store.rows("SELECT reading, pieces, from_ms FROM events WHERE flag = 'gap' ORDER BY id")
        assert [(reading, pieces) for reading, pieces, _from_ms in gaps] == [(1005, 1), (1010, 1), (1015, 1)]
        offs = store.rows(
            "SELECT e.at_ms FROM events e JOIN devices d ON d.id = e.device_id"
            " WHERE e.kind = 'device' AND e.word = 'offline' AND d.key = 'plc' ORDER BY e.id"
        )
        assert [from_ms for *_words, from_ms in gaps] == [at_ms for (at_ms,) in offs][:3]
        assert {h.status for h in records.health(store).values()} == {"offline"}
    finally:
        store.close()


def test_a_full_disk(folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's own refusal: the file may not grow by one page."""
    commit, full = Journal.commit, [True]

    def limited(self: Journal, *words: Any) -> None:
        most = 1 if full else 1 << 30  # fewer pages than there are: as many as there are
        self.store.connection.execute(f"PRAGMA max_page_count = {most}")
        commit(self, *words)

    with collecting(folder) as line:
        monkeypatch.setattr(Journal, "commit", limited)
        for n in range(0, 3000, 30):
            send(plugs, range(n, n + 30))
            if spilled(folder):
                break
        wait_for(lambda: line.collector._note == "not_storing")
        wait_for(lambda: spilled(folder))
        full.clear()
        wait_for(lambda: line.count("events WHERE kind = 'scan'") == n + 30)
        wait_for(lambda: not spilled(folder))
    assert stored(folder) == whole(n + 30, ["online", "offline"])


def test_a_collector_that_cannot_store_is_not_called_gone(folder: Path, plugs: Plugs) -> None:
    with collecting(folder) as line:
        lock = ProcessLock(folder / COLLECTOR_LOCK)  # as `collect` takes it
        assert lock.take()
        assert not summaries.collector_now(line.reader).held
        with locked(folder):
            wait_for(lambda: not summaries.collector_now(line.reader).running, 10)
            now = summaries.collector_now(line.reader)
            assert (now.running, now.held) == (False, True)
            said = summaries.line_now(line.reader, PlantClock().now_ms())
            assert "stores nothing at the moment" in words.status(said)
            assert "Nobody collects" not in words.status(said)
            assert json.loads(words.status_json(said))["collector"]["held"] is True
        lock.release()
        wait_for(lambda: summaries.collector_now(line.reader).running)
    store = database.open_reader(folder)
    now = summaries.collector_now(store)
    store.close()
    assert (now.running, now.held) == (False, False)


def test_a_clock_that_was_set_back_meanwhile(folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch) -> None:
    shift_ms = [0]
    monkeypatch.setattr(PlantClock, "now_ms", lambda _self: time.time_ns() // 1_000_000 + shift_ms[0])
    with collecting(folder):
        plugs["plc"].send({"device": "plc", "signal": "force", "value": 0})
        wait_for(lambda: not plugs["plc"].frames)
    with locked(folder):
        shift_ms[0] = -3_600_000
        ended(folder, plugs, range(1, 3))
        ended(folder, plugs, range(3, 5))
    with collecting(folder):
        wait_for(lambda: not spilled(folder))
        send(plugs, range(5, 7))
    store = database.open_reader(folder)
    try:
        assert upkeep.check(store) == []
        assert store.row("SELECT count(*), min(offset_us) > 3590000000 FROM clock_segments") == (1, 1)
        force = next(s.id for s in register.plant(store).signals if s.key == "force")
        now_ms = time.time_ns() // 1_000_000
        early = records.values(store, force, Span(now_ms - 3_700_000, now_ms - 3_500_000))
        late = records.values(store, force, Span(now_ms - 100_000, now_ms + 1000))
        assert [value for _at, value in early] == [n * 9 * 0.1 + 5 for n in range(1, 7)]
        assert [value for _at, value in late] == [5.0]
    finally:
        store.close()


def test_a_database_that_was_moved_away_finds_its_values_when_it_is_back(folder: Path, plugs: Plugs) -> None:
    tails = ("", "-wal", "-shm")

    def lose_the_file() -> None:
        with collecting(folder), locked(folder):
            send(plugs, range(3))
            for tail in tails:
                (folder / f"gadong.db{tail}").rename(folder / f"moved.db{tail}")
            wait_for(lambda: spilled(folder))

    with pytest.raises(KnownError, match=r"moved away.* 1\d values wait beside it.*start it again"):
        lose_the_file()
    (mine,) = spilled(folder)
    open_line(folder).close()
    with collecting(folder) as line:  # another database takes nothing of it
        wait_for(lambda: line.count("heartbeat") == 1)
    assert spilled(folder) == [mine]
    for tail in tails:
        (folder / f"gadong.db{tail}").unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            (folder / f"moved.db{tail}").rename(folder / f"gadong.db{tail}")
    with collecting(folder):
        wait_for(lambda: not spilled(folder))
    assert stored(folder) == whole(3, ["online", "offline"] * 2)


def test_values_that_do_not_fit_into_the_database_are_set_aside_and_said(
    folder: Path, plugs: Plugs, caplog: pytest.LogCaptureFixture
) -> None:
    """A backup that was put in its place may lack a machine. What is newer must not wait for that."""
    with locked(folder):
        ended(folder, plugs, range(3))
    with asking(folder) as store:
        store.connection.execute("PRAGMA foreign_keys = OFF")
        store.connection.execute("DELETE FROM machines WHERE code = 'PK'")
    with collecting(folder) as line:
        wait_for(lambda: not spilled(folder))
        plugs["plc"].send({"device": "plc", "signal": "force", "value": 0})
        wait_for(lambda: line.count("measurements") == 1)
        kinds = line.reader.rows("SELECT detail, pieces > 10 FROM events WHERE kind = 'loss'")
        assert kinds == [("spill", 1)]
        assert line.beat().lost > 10
    assert list(folder.glob("*.refused"))
    assert "do not fit" in caplog.text


def test_our_own_fault_does_not_cost_what_arrived(folder: Path, plugs: Plugs, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: Line, *_words: object) -> None:
        raise ZeroDivisionError

    def break_down() -> None:
        with collecting(folder), monkeypatch.context() as patch:
            patch.setattr(Journal, "commit", fail)
            plugs["packer"].send({"device": "packer", "signal": "code", "value": "SN0"})
            wait_for(lambda: spilled(folder))

    with pytest.raises(ZeroDivisionError):
        break_down()
    with collecting(folder):
        wait_for(lambda: not spilled(folder))
    assert stored(folder)[2] == ["SN0"]


# -- in processes of their own --

FAST = "from desktop.collect import collector as c\nc.SPILL_S = 0.2; c.RETRY_S = 0.05; c._LAST_COMMIT_S = 0.2\n"
KILLED = (
    FAST + "import os, signal\nfrom desktop.store.spill import Spill\n"
    "Spill.drop_first = lambda self: os.kill(os.getpid(), signal.SIGKILL)\n"
)
#: no file may grow beyond 80 kB: the log of the database reaches it, and then the spill file
SMALL = FAST + "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (80_000, 80_000))\n"


def run(before: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", before + COLLECT, str(folder)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )


def ended_well(child: subprocess.Popen[str]) -> str:
    child.send_signal(signal.SIGTERM)
    said = child.communicate(timeout=20)[1]
    assert child.returncode == 0, said
    return said


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_kill_between_commit_and_removal_doubles_nothing(folder: Path, plugs: Plugs) -> None:
    with locked(folder):
        ended(folder, plugs, range(4))
        ended(folder, plugs, range(4, 8))
    for _round in range(2):
        child = run(KILLED, folder)
        child.communicate(timeout=20)
        assert child.returncode == -signal.SIGKILL
        assert spilled(folder)
    with collecting(folder):
        wait_for(lambda: not spilled(folder))
    assert stored(folder)[:3] == whole(8, [])[:3]


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE")
def test_no_room_for_the_database(folder: Path) -> None:
    """The system refuses the database's writes: what was read until SIGTERM goes in with the next collector."""
    child = run(SMALL, folder)
    try:
        wait_for(lambda: spilled(folder) and spilled(folder)[0].stat().st_size > 20_000, 20)
        said = ended_well(child)
    finally:
        child.kill()
    assert "The disk of" in said
    assert "values wait for the next collector" in said
    heard = counted(folder)
    child = run(FAST, folder)
    try:
        wait_for(lambda: not spilled(folder), 20)
        wait_for(lambda: any(flag == "gap" for _reading, _pieces, flag in counted(folder)))
        ended_well(child)
    finally:
        child.kill()
    found = counted(folder)
    gap = next(n for n, (_reading, _pieces, flag) in enumerate(found) if flag == "gap")
    assert gap > len(heard) + 50
    assert [reading for reading, _pieces, _flag in found[:gap]] == list(range(1, gap + 1))
    assert sum(made for _reading, made, _flag in found[:gap]) == gap - 1
    assert not [flag for _reading, _pieces, flag in found if flag not in ("", "first", "gap")]


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE")
def test_no_room_for_anything(folder: Path) -> None:
    """What neither the database nor any other place takes is named at the end, and the exit says so."""
    child = run(SMALL + "c.control.waiting_folders = lambda: ()\n", folder)
    try:
        wait_for(lambda: spilled(folder) and spilled(folder)[0].stat().st_size > 70_000, 20)
        time.sleep(1)  # so much more than fits into the rest
        child.send_signal(signal.SIGTERM)
        said = child.communicate(timeout=20)[1]
    finally:
        child.kill()
    assert child.returncode == 1
    assert "could not be stored before the collector ended" in said


def counted(folder: Path) -> list[tuple[int, int, str]]:
    store = database.open_reader(folder)
    try:
        assert upkeep.check(store) == []
        return store.rows("SELECT reading, pieces, flag FROM events WHERE kind = 'count' ORDER BY id")
    finally:
        store.close()

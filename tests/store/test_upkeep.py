"""Copies that are whole, restoring that loses nothing, and what is refused."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desktop.store import database, register, upkeep
from desktop.store.database import KnownError, Store
from desktop.store.journal import Batch, Journal
from desktop.store.schema import CURRENT
from tests.store.example import T0, open_shop, state, store_values


def rows(folder: Path) -> int:
    store = database.open_reader(folder)
    try:
        return int(store.row("SELECT count(*) FROM measurements")[0])
    finally:
        store.close()


def log(book: Journal, values: int) -> None:
    store_values(book, *((T0 + n, float(n)) for n in range(values)))


def test_a_copy_made_while_somebody_writes_is_whole(store: Store, folder: Path, tmp_path: Path) -> None:
    stop, faults = threading.Event(), []

    def write() -> None:
        writer = database.open_writer(folder)
        book, at_ms = Journal(writer), T0
        while not stop.is_set():
            at_ms += 100
            try:
                book.commit(Batch(events=[state(book, at_ms, "run" if at_ms % 200 else "stop")]))
            except database.BusyError:
                continue
            except KnownError as error:  # pragma: no cover
                faults.append(error)
        writer.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        copies = [upkeep.backup(store, tmp_path / "copies" / f"{n}.db") for n in range(3)]
    finally:
        stop.set()
        thread.join(10)
    assert faults == []
    for n, copy in enumerate(copies):
        target = tmp_path / f"restored {n}"
        assert upkeep.restore(target, copy) is None
        restored = database.open_reader(target)
        assert upkeep.check(restored) == []
        restored.close()
    assert sorted(p.name for p in (tmp_path / "copies").iterdir()) == ["0.db", "1.db", "2.db"]


def test_a_copy_can_be_made_by_a_reader(store: Store, folder: Path, tmp_path: Path) -> None:
    log(Journal(store), 5)
    reader = database.open_reader(folder)
    upkeep.backup(reader, tmp_path / "copy.db")
    reader.close()
    upkeep.restore(tmp_path / "again", tmp_path / "copy.db")
    assert rows(tmp_path / "again") == 5


def test_a_copy_never_overwrites_and_leaves_no_half_file(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = tmp_path / "taken.db"
    taken.write_text("mine")
    with pytest.raises(KnownError, match=r"taken\.db"):
        upkeep.backup(store, taken)
    assert taken.read_text() == "mine"
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(KnownError, match="file"):
        upkeep.backup(store, in_the_way / "copy.db")

    def full(_self: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(KnownError, match="the disk is full"):
        upkeep.backup(store, tmp_path / "full.db")
    assert sorted(p.name for p in tmp_path.glob("*.db*")) == ["taken.db"]


def test_restoring_puts_the_copy_in_place_and_keeps_what_was_there(store: Store, folder: Path, tmp_path: Path) -> None:
    book = Journal(store)
    log(book, 3)
    copy = upkeep.backup(store, tmp_path / "copy.db")
    store_values(book, (T0 + 100, 1.0), (T0 + 101, 1.0))
    store.close()
    kept = upkeep.restore(folder, copy)
    assert kept is not None
    assert kept.parent == folder / "backups"
    assert rows(folder) == 3
    restored = database.open_writer(folder)
    assert restored.row("PRAGMA journal_mode")[0] == "wal"
    assert restored.row("PRAGMA foreign_keys")[0] == 1
    entry = restored.row("SELECT action, old, new FROM audit ORDER BY id DESC LIMIT 1")
    assert entry == ("restore", str(kept), upkeep.file_hash(copy))
    assert upkeep.check(restored) == []
    log(Journal(restored), 1)
    restored.close()
    upkeep.restore(folder, kept)
    assert rows(folder) == 5
    assert sorted(p.name for p in folder.glob("gadong.db*") if "-" not in p.name) == ["gadong.db"]


def test_what_was_there_keeps_the_log_that_a_reader_holds_open(store: Store, folder: Path, tmp_path: Path) -> None:
    """A look at the database at this moment keeps its log from being emptied: its last commits must not be lost."""
    book = Journal(store)
    copy = upkeep.backup(store, tmp_path / "copy.db")
    log(book, 4)
    reader = database.open_reader(folder)
    reader.connection.execute("BEGIN")
    reader.rows("SELECT count(*) FROM measurements")
    store_values(book, (T0 + 50, 1.0))
    kept = upkeep.restore(folder, copy)
    reader.close()
    store.close()
    assert kept is not None
    tool = database.sqlite3.connect(str(kept))
    assert tool.execute("SELECT count(*) FROM measurements").fetchone()[0] == 5
    tool.close()
    assert rows(folder) == 0


def test_restoring_a_database_that_was_in_use_takes_its_log_along(store: Store, tmp_path: Path) -> None:
    log(Journal(store), 6)  # not yet in the file itself, only in the log beside it
    assert Path(f"{database.path_of(store.folder)}-wal").stat().st_size > 0
    upkeep.restore(tmp_path / "new", database.path_of(store.folder))
    assert rows(tmp_path / "new") == 6


def test_a_damaged_database_can_be_replaced(store: Store, folder: Path, tmp_path: Path) -> None:
    log(Journal(store), 2)
    copy = upkeep.backup(store, tmp_path / "copy.db")
    store.close()
    path = database.path_of(folder)
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])
    with pytest.raises(KnownError):
        database.open_reader(folder)
    kept = upkeep.restore(folder, copy)
    assert kept is not None
    assert kept.read_bytes()[:4096] == b"\0" * 4096
    assert rows(folder) == 2


def test_two_restores_in_one_second_keep_both(store: Store, folder: Path, tmp_path: Path) -> None:
    copy = upkeep.backup(store, tmp_path / "copy.db")
    store.close()
    kept = {upkeep.restore(folder, copy) for _turn in range(3)}
    assert len(kept) == 3


def test_a_bad_copy_is_refused_and_nothing_is_changed(store: Store, folder: Path, tmp_path: Path) -> None:
    log(Journal(store), 3)
    good = upkeep.backup(store, tmp_path / "good.db")
    store.close()
    bad = tmp_path / "bad.db"
    foreign = database.sqlite3.connect(str(tmp_path / "foreign.db"))
    foreign.execute("CREATE TABLE t (a)")
    foreign.close()
    newer = database.sqlite3.connect(str(bad))
    newer.executescript(f"PRAGMA application_id = {database.APPLICATION_ID}; PRAGMA user_version = {CURRENT + 1}")
    newer.close()
    newer_bytes = bad.read_bytes()
    middle = bytearray(good.read_bytes())
    middle[len(middle) // 2 : len(middle) // 2 + 3000] = b"\xff" * 3000
    cases = {
        "truncated": good.read_bytes()[:-5000],
        "a page": good.read_bytes()[:4096],
        "scrambled": bytes(middle),
        "foreign": (tmp_path / "foreign.db").read_bytes(),
        "newer": newer_bytes,
        "text": b"hello" * 1000,
        "empty": b"",
    }
    before = (folder / "gadong.db").read_bytes()
    for name, content in cases.items():
        bad.write_bytes(content)
        with pytest.raises(KnownError) as error:
            upkeep.restore(folder, bad)
        assert "bad.db" in str(error.value), name
        assert [p.name for p in folder.iterdir()] == ["gadong.db"], name
        assert (folder / "gadong.db").read_bytes() == before, name
    with pytest.raises(KnownError, match=r"nowhere\.db does not exist"):
        upkeep.restore(folder, tmp_path / "nowhere.db")
    with pytest.raises(KnownError, match="cannot be read: it is a folder"):
        upkeep.restore(folder, tmp_path)


def tampered(store: Store, change: str, table: str) -> None:
    """Append rows to a table's chain, then change them behind its triggers."""
    for n in range(3):
        with store.transaction() as db:
            register.audit(db, T0 + n, "me", "edit", "x", "1", "2", "because")
    book = Journal(store)
    book.commit(Batch(events=[state(book, T0 + n, "run" if n % 2 else "stop") for n in range(20)]))
    with store.transaction() as db:
        for trigger in ("no_update", "no_delete"):
            db.execute(f"DROP TRIGGER {table}_{trigger}")
        db.execute(change)


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("audit", "UPDATE audit SET new = '3' WHERE at_ms = {t}", "of audit was changed"),
        ("audit", "DELETE FROM audit WHERE at_ms = {t}", "of audit was changed, or rows before it are missing"),
        ("audit", "DELETE FROM audit WHERE at_ms >= {t}", "Rows are missing at the end of audit"),
        ("events", "UPDATE events SET word = 'run' WHERE at_ms = {t} + 3", "of events was changed"),
        ("events", "DELETE FROM events WHERE at_ms > {t}", "Rows are missing at the end of events"),
    ],
)
def test_a_copy_whose_chain_is_broken_is_refused_and_nothing_is_changed(
    store: Store, folder: Path, tmp_path: Path, table: str, change: str, words: str
) -> None:
    own = database.create(tmp_path / "own")
    copy = upkeep.backup(own, tmp_path / "copy.db")
    own.close()
    upkeep.restore(tmp_path / "target", copy)
    before = (tmp_path / "target" / "gadong.db").read_bytes()
    tampered(store, change.format(t=T0 + 1), table)
    broken = upkeep.backup(store, tmp_path / "broken.db")
    with pytest.raises(KnownError) as error:
        upkeep.restore(tmp_path / "target", broken)
    said = str(error.value)
    assert said.startswith(f"{broken} is not a sound Gadong backup: ")
    assert words in said
    assert said.endswith(". Nothing was changed.")
    assert "\n" not in said
    assert (tmp_path / "target" / "gadong.db").read_bytes() == before
    assert [file.name for file in (tmp_path / "target").iterdir()] == ["gadong.db"]


def test_a_copy_with_a_row_that_points_nowhere_is_refused(store: Store, tmp_path: Path) -> None:
    store.connection.execute("PRAGMA foreign_keys = OFF")
    store.connection.execute("INSERT INTO standards VALUES (1, 77, 1, 1.0, 1.0, 0, 1, 0)")
    copy = upkeep.backup(store, tmp_path / "copy.db")
    with pytest.raises(KnownError, match="Row 1 of standards points to a row of products"):
        upkeep.restore(tmp_path / "new", copy)


def test_restoring_reports_how_far_it_is(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Journal(store)
    book.commit(Batch(events=[state(book, T0 + n, "run" if n % 2 else "stop") for n in range(25)]))
    copy = upkeep.backup(store, tmp_path / "copy.db")
    monkeypatch.setattr(upkeep, "_STRIDE", 10)
    ticks = iter(range(1000))
    monkeypatch.setattr(upkeep.time, "monotonic", lambda: float(next(ticks)))
    said: list[tuple[str, int, int]] = []
    upkeep.restore(tmp_path / "new", copy, lambda *words: said.append(words))
    assert said[:3] == [("events", 10, 25), ("events", 20, 25), ("events", 25, 25)]


def test_check_says_what_is_damaged(store: Store, folder: Path) -> None:
    book = Journal(store)
    book.commit(Batch(events=[state(book, T0 + n, "run" if n % 2 else "stop") for n in range(2000)]))
    store.checkpoint()
    store.close()
    path = database.path_of(folder)
    content = bytearray(path.read_bytes())
    place = len(content) * 3 // 4  # among the events: the schema lies before them
    content[place : place + 9000] = b"\xa5" * 9000
    path.write_bytes(content)
    damaged = database.open_reader(folder)
    assert upkeep.check(damaged)
    damaged.close()


def test_check_finds_a_row_that_points_nowhere(store: Store) -> None:
    store.connection.execute("PRAGMA foreign_keys = OFF")
    store.connection.execute("INSERT INTO standards VALUES (1, 77, 1, 1.0, 1.0, 0, 1, 0)")
    findings = upkeep.check(store)
    assert [(f.table, f.row) for f in findings] == [("standards", 1)]
    assert "products" in findings[0].sentence


def test_check_finds_a_cut_audit_trail(store: Store, folder: Path) -> None:
    for n in range(3):
        with store.transaction() as db:
            register.audit(db, T0 + n, "me", "edit", "x", "1", "2", "because")
    assert upkeep.check(store) == []
    with store.transaction() as db:
        db.execute("DROP TRIGGER audit_no_delete")
        db.execute("DELETE FROM audit WHERE at_ms = ?", (T0 + 2,))
    cut, unguarded = upkeep.check(store)
    assert "Rows are missing at the end of audit" in cut.sentence
    assert "audit_no_delete" in unguarded.sentence


def test_check_reports_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_shop(tmp_path)
    book = Journal(store)
    book.commit(Batch(events=[state(book, T0 + n, "run" if n % 2 else "stop") for n in range(25)]))
    monkeypatch.setattr(upkeep, "_STRIDE", 10)
    ticks = iter(range(1000))
    monkeypatch.setattr(upkeep.time, "monotonic", lambda: float(next(ticks)))
    said: list[tuple[str, int, int]] = []
    upkeep.check(store, lambda *words: said.append(words))
    assert said[:3] == [("events", 10, 25), ("events", 20, 25), ("events", 25, 25)]
    store.close()

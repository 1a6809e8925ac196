"""Opening the one file: what is refused, what is promised of every connection, and one SQLite only."""

from __future__ import annotations

import ast
import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from desktop.clock import PlantClock
from desktop.store import database
from desktop.store.database import BugError, BusyError, KnownError, Store
from desktop.store.schema import APPEND_ONLY, CURRENT

ROOT = Path(__file__).resolve().parents[2]
own_sqlite = pytest.mark.skipif(
    not database.sqlite3.__name__.startswith("pysqlite3")
    and (sys.platform, platform.machine()) not in (("linux", "x86_64"), ("win32", "AMD64"), ("darwin", "arm64")),
    reason="no wheel of pysqlite3 for this platform: the standard library's SQLite serves",
)


def one_sentence(error: pytest.ExceptionInfo[KnownError], *names: object) -> None:
    """Every fault is one sentence (or two) that names what it is about, never a trace."""
    words = str(error.value)
    assert "\n" not in words
    assert words.endswith((".", "restore FILE"))
    for name in names:
        assert str(name) in words


def test_a_new_database_is_ours_and_whole(folder: Path) -> None:
    clock = PlantClock(1000, 2000, 30.0)
    store = database.create(folder, demo=True, clock=clock)
    try:
        assert store.clock == clock
        assert store.demo
        assert store.meta("site_uuid")
        assert store.meta("nothing") is None
        assert store.row("PRAGMA application_id")[0] == database.APPLICATION_ID
        assert store.row("PRAGMA user_version")[0] == CURRENT
        assert store.row("PRAGMA journal_mode")[0] == "wal"
    finally:
        store.close()
    assert sorted(p.name for p in folder.iterdir()) == ["gadong.db"]
    again = database.open_reader(folder)
    assert (again.clock, again.demo, again.writes) == (clock, True, False)
    again.close()


@own_sqlite
def test_the_sqlite_is_new_enough() -> None:
    """Older ones can corrupt a file when a checkpoint meets another connection's commit."""
    assert database.sqlite3.sqlite_version_info >= database.SAFE_SQLITE
    assert database.sqlite3.__name__.startswith("pysqlite3")


def test_every_connection_keeps_its_promises(store: Store, folder: Path) -> None:
    reader = database.open_reader(folder)
    try:
        for opened in (store, reader):
            assert opened.row("PRAGMA foreign_keys")[0] == 1
            assert opened.row("PRAGMA synchronous")[0] == 2
            assert opened.row("PRAGMA wal_autocheckpoint")[0] == 0
            assert opened.row("PRAGMA mmap_size")[0] == 0
        assert reader.row("PRAGMA query_only")[0] == 1
        with pytest.raises(BugError), reader.transaction():
            pass
        with pytest.raises(KnownError):
            reader.rows("DELETE FROM settings")
    finally:
        reader.close()


def test_only_the_store_loads_a_sqlite() -> None:
    """A second SQLite library on the same file loses its locks. The standard library's is never imported."""
    allowed = {"desktop/store/database.py", "desktop/store/migrations.py"}
    for path in [ROOT / "main.py", *(ROOT / "desktop").rglob("*.py"), *(ROOT / "drivers").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            loaded = {name.split(".")[0] for name in names} & {"sqlite3", "pysqlite3", "sqlite_utils"}
            assert not loaded or path.relative_to(ROOT).as_posix() in allowed, path


@own_sqlite
def test_no_stray_sqlite_in_a_process_that_writes(tmp_path: Path) -> None:
    """Creating, writing and checking a database loads the standard library's module, but never connects with it."""
    program = (
        "import sqlite3, sys\n"
        "def refuse(*a, **k): raise AssertionError('a connection by the standard library')\n"
        "sqlite3.connect = sqlite3.Connection = refuse\n"
        "from pathlib import Path\n"
        "from desktop.store import database, upkeep\n"
        "store = database.create(Path(sys.argv[1]))\n"
        "assert upkeep.check(store) == []\n"
        "upkeep.backup(store, Path(sys.argv[1]) / 'copy.db')\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "d")], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr


def test_a_window_starts_without_the_library_of_migrations(store: Store, folder: Path) -> None:
    """sqlite-utils costs 25 MB and 0.14 s: opening a file that is up to date must not import it."""
    program = (
        "import sys; from pathlib import Path; from desktop.store import database, journal, register\n"
        "database.open_reader(Path(sys.argv[1])).close(); print('sqlite_utils' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program, str(folder)], cwd=ROOT, capture_output=True, text=True)
    assert answer.stdout.strip() == "False", answer.stderr


# -- what is refused --


def test_a_folder_that_holds_one_already(store: Store, folder: Path) -> None:
    with pytest.raises(KnownError) as error:
        database.create(folder)
    one_sentence(error, folder)


@pytest.mark.parametrize("opens", [database.open_writer, database.open_reader])
def test_no_database(opens: object, folder: Path) -> None:
    with pytest.raises(KnownError) as error:
        opens(folder)  # type: ignore[operator]
    one_sentence(error, folder)
    assert not folder.exists()


@pytest.mark.parametrize("opens", [database.open_writer, database.open_reader])
@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100, os.urandom(8192)])
def test_garbage_is_left_untouched(opens: object, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "gadong.db"
    path.write_bytes(content)
    with pytest.raises(KnownError) as error:
        opens(tmp_path)  # type: ignore[operator]
    one_sentence(error, path)
    assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["gadong.db"]


def test_the_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "gadong.db"
    other = database.sqlite3.connect(str(path))
    other.execute("CREATE TABLE meta (key TEXT, value TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(KnownError) as error:
        database.open_writer(tmp_path)
    one_sentence(error, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("opens", [database.open_writer, database.open_reader])
def test_a_newer_database(opens: object, store: Store, folder: Path) -> None:
    store.connection.execute(f"PRAGMA user_version = {CURRENT + 1}")
    with pytest.raises(KnownError) as error:
        opens(folder)  # type: ignore[operator]
    one_sentence(error, folder / "gadong.db", CURRENT + 1)
    assert store.row("PRAGMA user_version")[0] == CURRENT + 1


def test_an_older_database_is_backed_up_and_brought_up_to_date(store: Store, folder: Path) -> None:
    store.connection.execute("PRAGMA user_version = 0")
    with pytest.raises(KnownError) as error:
        database.open_reader(folder)
    one_sentence(error, folder)
    upgraded = database.open_writer(folder)
    assert upgraded.row("PRAGMA user_version")[0] == CURRENT
    upgraded.close()
    copies = list((folder / "backups").iterdir())
    assert len(copies) == 1
    assert database.sqlite3.connect(str(copies[0])).execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_no_room_for_the_copy_before_an_update(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    store.connection.execute("PRAGMA user_version = 0")
    monkeypatch.setattr(shutil, "disk_usage", lambda _p: shutil._ntuple_diskusage(10, 9, 1))  # type: ignore[attr-defined]
    with pytest.raises(KnownError) as error:
        database.open_writer(folder)
    one_sentence(error, folder)
    assert store.row("PRAGMA user_version")[0] == 0


def test_a_folder_that_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.name == "posix" and os.geteuid() != 0:
        folder.mkdir()
        folder.chmod(0o500)
    else:  # root may write everywhere: let the attempt fail as it would for others

        def refuse(_self: Path, _data: bytes) -> int:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(KnownError) as error:
        database.create(folder)
    one_sentence(error, folder, "this user has no permission")


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(KnownError) as error:
        database.create(tmp_path / "data")
    one_sentence(error, tmp_path / "data")


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/share /mnt/shop nfs4 rw 0 0
//nas/line /mnt/shop\\040floor cifs rw 0 0
/dev/sdb1 /mnt/shop/local ext4 rw 0 0
C: /mnt/c 9p rw 0 0
me@host:/ /home/me/remote fuse.sshfs rw 0 0
tmpfs /mnt/caf\udce9 tmpfs rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("place", "share"),
    [
        ("/var/lib/gadong", False),
        ("/mnt/shop", True),
        ("/mnt/shop/a/b", True),
        ("/mnt/shopping", False),
        ("/mnt/shop floor/data", True),
        ("/mnt/shop/local/data", False),
        ("/mnt/c/Users/me", True),
        ("/home/me/remote", True),
        ("/mnt", False),
    ],
)
def test_a_network_share_is_known_by_its_mount(place: str, share: bool, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS, encoding="utf-8", errors="surrogateescape")
    assert database.is_share(Path(place), mounts) is share


def test_a_link_to_a_share_is_a_share(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/ {tmp_path}/far nfs rw 0 0\n")
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    assert database.is_share(tmp_path / "near" / "data", mounts)
    assert not database.is_share(tmp_path / "data", mounts)
    assert not database.is_share(tmp_path / "near", tmp_path / "no such file")


def test_a_computer_that_runs_from_such_a_file_system_is_no_share(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("none / 9p rw 0 0\n")
    assert not database.is_share(tmp_path, mounts)


@pytest.mark.parametrize("opens", [database.create, database.open_writer, database.open_reader])
def test_a_database_on_a_share_is_refused(opens: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gadong.db").write_bytes(b"")
    monkeypatch.setattr(database, "is_share", lambda _folder: True)
    with pytest.raises(KnownError) as error:
        opens(tmp_path)  # type: ignore[operator]
    one_sentence(error, tmp_path)


# -- transactions --


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    def half(failing: str) -> None:
        with store.transaction() as db:
            db.execute("INSERT INTO settings VALUES ('a', 'b')")
            raise ValueError(failing)

    with pytest.raises(ValueError, match="in the middle"):
        half("in the middle")
    assert store.rows("SELECT * FROM settings") == []
    with store.transaction() as db:
        db.execute("INSERT INTO settings VALUES ('a', 'b')")
    assert store.rows("SELECT * FROM settings") == [("a", "b")]


def test_the_second_writer_is_told_to_wait(store: Store, folder: Path) -> None:
    other = database.open_writer(folder)
    try:
        with store.transaction() as db:
            db.execute("INSERT INTO settings VALUES ('a', 'b')")
            with pytest.raises(BusyError) as error, other.transaction():
                pass
        one_sentence(error)
        with other.transaction() as db:
            db.execute("INSERT INTO settings VALUES ('c', 'd')")
    finally:
        other.close()


def test_a_reader_sees_that_something_was_committed(store: Store, folder: Path) -> None:
    reader = database.open_reader(folder)
    before = reader.data_version()
    with store.transaction() as db:
        db.execute("INSERT INTO settings VALUES ('a', 'b')")
    assert reader.data_version() != before
    reader.close()


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (database.sqlite3.OperationalError("database is locked"), BusyError),
        (database.sqlite3.OperationalError("database or disk is full"), KnownError),
        (database.sqlite3.OperationalError("disk I/O error"), KnownError),
        (database.sqlite3.OperationalError("attempt to write a readonly database"), KnownError),
        (database.sqlite3.OperationalError("unable to open database file"), KnownError),
        (database.sqlite3.DatabaseError("database disk image is malformed"), KnownError),
        (database.sqlite3.DatabaseError("file is not a database"), KnownError),
        (database.sqlite3.OperationalError("no such table: x"), database.sqlite3.OperationalError),
        (database.sqlite3.IntegrityError("UNIQUE constraint failed"), database.sqlite3.IntegrityError),
    ],
)
def test_the_worlds_faults_are_sentences_and_ours_stay_loud(
    store: Store, raised: Exception, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as error, store.transaction():
        raise raised
    assert type(error.value) is kind
    if issubclass(kind, KnownError):
        one_sentence(error)  # type: ignore[arg-type]


# -- append-only --


def fill(db: object) -> None:
    """One row in every append-only table."""
    statements = (
        "INSERT INTO events VALUES (1, 'state', 1, 1, 1, 3, 'run', '', NULL, NULL, NULL, '', NULL, x'00')",
        "INSERT INTO units VALUES (1, 'unit', 'A', 1, 1, x'00')",
        "INSERT INTO links VALUES (1, 'consumed', 1, 1, 1, 1, 1, x'00')",
        "INSERT INTO steps VALUES (1, 1, 1, 1, '', 1, x'00')",
        "INSERT INTO results VALUES (1, 1, 4, 1, 1, 1.0, '', '', NULL, x'00')",
        "INSERT INTO attributes VALUES (1, 1, 'expiry', '2027-01-31', 1, 1, x'00')",
        "INSERT INTO stations (id, code, name, place) VALUES (1, 'SH', 'Ship', 0)",
        "INSERT INTO link_ends VALUES (1, 1, 1, 1, x'00')",
        "INSERT INTO moves VALUES (1, 1, 1, 'ship', 1, 1, x'00')",
        "INSERT INTO entries VALUES (1, 1, 'label', 1, 1, 2, '{}', '', '', 0, x'00')",
        "INSERT INTO audit VALUES (1, 1, '', '', '', '', '', '', x'00')",
    )
    for statement in statements:
        db.execute(statement)  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_row_that_was_written_stays(store: Store, table: str) -> None:
    """Also with INSERT OR REPLACE, which passes the delete trigger."""
    with store.transaction() as db:
        fill(db)
    row = store.row(f"SELECT * FROM {table}")
    assert APPEND_ONLY[table] == tuple(c[1] for c in store.rows(f"PRAGMA table_info({table})"))[:-1]
    marks = ", ".join("?" * len(row))
    for statement, values in (
        (f"UPDATE {table} SET hash = x'01'", ()),
        (f"DELETE FROM {table}", ()),
        (f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row),
        (f"REPLACE INTO {table} VALUES ({marks})", row),
        (f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET hash = x'01'", row),
    ):
        with pytest.raises(database.SqlError, match=table), store.transaction() as db:
            db.execute(statement, values)
    assert store.rows(f"SELECT * FROM {table}") == [row]


def test_a_reference_to_nothing_is_refused(store: Store) -> None:
    with pytest.raises(database.sqlite3.IntegrityError, match="FOREIGN KEY"), store.transaction() as db:
        db.execute("INSERT INTO events VALUES (1, 'state', 1, 99, 1, 3, 'run', '', NULL, NULL, NULL, '', NULL, x'00')")


def test_many_threads_may_look_at_one_folder_at_once(tmp_path: Path) -> None:
    """A window writes from several threads: none of them takes away what another one tries the folder with."""
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(lambda _n: database.refuse_bad_place(tmp_path), range(400)):
            pass
    assert list(tmp_path.iterdir()) == []

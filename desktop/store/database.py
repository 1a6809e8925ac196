"""Opens the one file: the right SQLite, pragmas, version and place checks, and whose turn it is to write.

SQLite before 3.51.3 can corrupt a WAL database when a checkpoint meets another connection's commit.
`pysqlite3` carries a newer one; where it has no wheel, the standard library's is taken, and below 3.51.3
one lock file around every write transaction and checkpoint keeps the two apart. No connection is opened
anywhere else: two SQLite libraries in one process on one file lose locks.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from desktop.clock import PlantClock
from desktop.store.locks import ProcessLock
from desktop.store.schema import CURRENT
from desktop.text import _, os_reason

try:
    from pysqlite3 import dbapi2 as _library
except ImportError:
    import sqlite3 as _library

DATABASE = "gadong.db"
KEYS = "keys"  # the folder for certificates and passwords, beside it; not part of a backup
APPLICATION_ID = 0x4741444F  # "GADO"
BUSY_MS = 50
sqlite3: Any = _library  # for the whole store: no other module imports a SQLite
SAFE_SQLITE = (3, 51, 3)
SQLITE_VERSION: str = sqlite3.sqlite_version

Connection = sqlite3.Connection
SqlError = sqlite3.Error


class KnownError(Exception):
    """The world's fault, as one finished sentence for the person at the screen."""


class MissingError(KnownError):
    """A file that was asked for is not there."""


class BusyError(KnownError):
    """Somebody else writes at this moment; the same call will go through later."""


class OlderError(KnownError):
    """An older version of the program wrote the file; whoever may write it can bring it up to date."""


def unreadable(error: OSError, words: str) -> KnownError:
    """The fault of a file that cannot be read, said in `words`: missing where it is not there."""
    return MissingError(words) if isinstance(error, FileNotFoundError) else KnownError(words)


class BugError(Exception):
    """Our fault: the database was used in a way that it never should be."""


class Store:
    """One open database. Short transactions; a question opens and ends its own; used by one thread."""

    def __init__(self, connection: Any, folder: Path, clock: PlantClock, demo: bool, writes: bool) -> None:
        self.connection = connection
        self.folder = folder
        self.clock = clock
        self.demo = demo
        self.writes = writes
        self._turn = ProcessLock(folder / "write.lock") if sqlite3.sqlite_version_info < SAFE_SQLITE else None

    def data_version(self) -> int:
        """A number that changes when another connection has committed. Costs microseconds."""
        with _known(self.folder):
            return int(self.connection.execute("PRAGMA data_version").fetchone()[0])

    def rows(self, sql: str, *values: object) -> list[Any]:
        """All rows of a question as tuples."""
        with _known(self.folder):
            return list(self.connection.execute(sql, values).fetchall())

    def row(self, sql: str, *values: object) -> Any:
        """The first row of a question, or None."""
        with _known(self.folder):
            return self.connection.execute(sql, values).fetchone()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Any]:
        """One write transaction, all or nothing. Raises BusyError when another process holds the turn."""
        if not self.writes:
            raise BugError("a reader tried to write")
        with self._my_turn(), _known(self.folder):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def checkpoint(self) -> None:
        """Move what was committed from the log into the file, as far as readers allow. Collector only."""
        with self._my_turn(), _known(self.folder):
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Close the file; harmless if closed."""
        self.connection.close()

    def meta(self, key: str) -> str | None:
        """A fact of the file: site_uuid, created_at_ms, demo ..."""
        row = self.row("SELECT value FROM meta WHERE key = ?", key)
        return None if row is None else str(row[0])

    def stop_clock(self) -> None:
        """From now on the clock of this file stands at its present moment."""
        facts = (("clock_plant_ms", self.clock.now_ms()), ("clock_real_ms", self.clock.real_ms()), ("clock_speed", 0.0))
        with self.transaction() as db:
            db.executemany("UPDATE meta SET value = ? WHERE key = ?", [(str(value), key) for key, value in facts])

    @contextlib.contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        deadline = time.monotonic() + BUSY_MS / 1000
        while not self._turn.take():
            if time.monotonic() > deadline:
                raise BusyError(_("Another part of Gadong is writing to the database at this moment."))
            time.sleep(0.002)
        try:
            yield
        finally:
            self._turn.release()


def path_of(folder: Path) -> Path:
    """The database file of a data folder."""
    return folder / DATABASE


def no_database(folder: Path) -> KnownError:
    """The fault of a folder in which nothing was made yet, with what to do first."""
    return KnownError(
        _(
            "{folder} holds no Gadong database. Import a configuration into it (main.py config import FILE), "
            "open the window (main.py) or try the demo line (main.py demo)."
        ).format(folder=folder)
    )


def create(folder: Path, *, demo: bool = False, clock: PlantClock | None = None) -> Store:
    """Make a new database in `folder` (made if missing) and open it for writing.

    Raises KnownError where the folder cannot be written, lies on a network share or holds a database.
    """
    import uuid

    from desktop.store import migrations  # sqlite-utils costs 25 MB and 0.14 s: only who migrates pays

    refuse_bad_place(folder)
    path = path_of(folder)
    if path.exists():
        raise KnownError(_("{folder} already holds a Gadong database.").format(folder=folder))
    clock = clock or PlantClock()
    unfinished = folder / (DATABASE + ".new")
    unfinished.unlink(missing_ok=True)
    with _known(folder):
        connection = _connect(unfinished, writes=True)
        try:
            connection.execute("BEGIN")  # one wait for the disk instead of one for each table
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrations.apply(connection)
            connection.executemany(
                "INSERT INTO meta (key, value) VALUES (?, ?)",
                [
                    ("site_uuid", str(uuid.uuid4())),
                    ("created_at_ms", str(clock.now_ms())),
                    ("demo", "1" if demo else "0"),
                    ("clock_plant_ms", str(clock.plant_origin_ms)),
                    ("clock_real_ms", str(clock.real_origin_ms)),
                    ("clock_speed", repr(clock.speed)),
                ],
            )
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
    # Renamed when whole, so that a killed creation never leaves half a database under the real name.
    unfinished.rename(path)
    return open_writer(folder)


def open_writer(folder: Path) -> Store:
    """Open the database for writing; an older one is backed up and migrated first.

    Raises KnownError: no database, a foreign or newer file, a read-only folder, a network share.
    """
    return _open(folder, writes=True)


def open_reader(folder: Path) -> Store:
    """Open the database for reading only, one per thread. Raises KnownError as `open_writer`."""
    return _open(folder, writes=False)


def is_demo(folder: Path) -> bool:
    """Whether a folder's database is marked as a demo's, whichever version wrote it. Raises KnownError for a file of
    another program or one that cannot be read."""
    path = path_of(folder)
    with _known(folder):
        connection = _connect(path, writes=False, frozen=_is_frozen(path))
        try:
            _check_kind(connection, path)
            row = connection.execute("SELECT value FROM meta WHERE key = 'demo'").fetchone()
        finally:
            connection.close()
    return row is not None and row[0] == "1"


def _open(folder: Path, *, writes: bool) -> Store:
    path = path_of(folder)
    if not path.exists():
        raise no_database(folder)
    refuse_bad_place(folder) if writes else _refuse_share(folder)
    with _known(folder):
        connection = _connect(path, writes=writes, frozen=not writes and _is_frozen(path))
        try:
            version = _check_kind(connection, path)
            if writes and connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")  # a restored copy comes without
            if version < CURRENT:
                if not writes:
                    raise OlderError(
                        _(
                            "{path} was written by an older Gadong. Start the collector once to bring it up to date."
                        ).format(path=path)
                    )
                from desktop.store import migrations

                migrations.upgrade(connection, folder, version)
            facts = dict(connection.execute("SELECT key, value FROM meta").fetchall())
        except BaseException:
            connection.close()
            raise
    clock = PlantClock(
        int(facts.get("clock_plant_ms", "0")),
        int(facts.get("clock_real_ms", "0")),
        float(facts.get("clock_speed", "1")),
    )
    return Store(connection, folder, clock, facts.get("demo") == "1", writes)


def _is_frozen(path: Path) -> bool:
    """Whether a database stands still: this user may write neither it nor its folder, and nobody else has it open.

    Whoever has it open under WAL, a collector of another user too, keeps a log and an index of it beside the file.
    Raises KnownError where a copy came with a log that holds commits but without its index: it cannot be read there.
    """
    if os.access(path, os.W_OK) or os.access(path.parent, os.W_OK):
        return False
    log, index = Path(f"{path}-wal"), Path(f"{path}-shm")
    if not log.exists():
        return True
    if index.exists():
        return False
    if log.stat().st_size:
        raise KnownError(
            _(
                "The database in {folder} was copied while it was in use and lies where nothing can be written. "
                "Copy {file} and {log} to a folder that can be written and look there."
            ).format(folder=path.parent, file=path.name, log=log.name)
        )
    return True


def _connect(path: Path, *, writes: bool, frozen: bool = False) -> Any:
    """A connection in autocommit mode with our pragmas. A reader cannot write.

    A reader is not opened with mode=ro: it needs the log's shared memory file, which it may have to create. Only for a
    `frozen` database, where it could not, SQLite is told that nobody writes.
    """
    name = f"{path.absolute().as_uri()}?immutable=1" if frozen else str(path)
    connection = sqlite3.connect(name, timeout=BUSY_MS / 1000, isolation_level=None, uri=frozen)
    try:
        if not writes:
            connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # the collector alone checkpoints, see Store.checkpoint
        connection.execute("PRAGMA mmap_size = 0")
    except BaseException:
        connection.close()
        raise
    return connection


def _check_kind(connection: Any, path: Path) -> int:
    """The schema version of a database that is ours and not newer than this program. Raises KnownError."""
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application != APPLICATION_ID:
        raise KnownError(_("{path} is not a Gadong database. It was left untouched.").format(path=path))
    if version > CURRENT:
        raise KnownError(
            _(
                "{path} was written by a newer Gadong (schema {version}, this program knows {known}). Install "
                "the newer program; the file was left untouched."
            ).format(path=path, version=version, known=CURRENT)
        )
    return version


def refuse_bad_place(folder: Path) -> None:
    """Raises KnownError where a database cannot live: a network share or a folder that cannot be written."""
    _refuse_share(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-{os.getpid()}-{threading.get_ident()}"  # several threads of a window write
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise KnownError(
            _(
                "The folder {folder} cannot be written ({reason}). Choose another with --data-dir or ask for "
                "write permission."
            ).format(folder=folder, reason=os_reason(error))
        ) from error


# fmt: off
_SHARES = frozenset({
    "9p", "afpfs", "afs", "ceph", "cifs", "davfs", "fuse.davfs2", "fuse.glusterfs", "fuse.gvfsd-fuse", "fuse.rclone",
    "fuse.sshfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs", "vboxsf",
})
# fmt: on


def _refuse_share(folder: Path) -> None:
    """WAL needs shared memory of one computer, so a network share would corrupt: refused."""
    if is_share(folder):
        raise KnownError(
            _(
                "The folder {folder} lies on a network share. A database there would be damaged: choose a "
                "folder on this PC."
            ).format(folder=folder)
        )


def is_share(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Whether a folder lies on a network file system (UNC path or mapped drive on Windows, mount type on Linux)."""
    resolved = folder.resolve()  # a link may lead to a share
    if sys.platform == "win32":
        import ctypes

        drive = resolved.drive
        if drive.startswith("\\\\"):
            return True
        return bool(ctypes.windll.kernel32.GetDriveTypeW(drive + "\\") == 4)  # DRIVE_REMOTE
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    best, kind = Path("/"), ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        # Blanks, tabs, line ends and backslashes stand as octal numbers.
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1]))
        if (resolved == point or point in resolved.parents) and len(str(point)) >= len(str(best)):
            best, kind = point, fields[2]
    # A computer whose root is 9p is a sandbox on a file system of its own host, not a share.
    return kind in _SHARES and not (kind == "9p" and best == Path("/"))


@contextlib.contextmanager
def _known(folder: Path) -> Iterator[None]:
    """SQLite's errors that are the world's fault, as sentences; the others are ours and stay loud."""
    try:
        yield
    except sqlite3.OperationalError as error:
        words = str(error)
        if "locked" in words or "busy" in words:
            raise BusyError(_("Another part of Gadong is writing to the database at this moment.")) from error
        if "full" in words:
            raise KnownError(
                _("The disk of {folder} is full. Free some space; values are kept until then.").format(folder=folder)
            ) from error
        if "readonly" in words or "unable to open" in words:
            raise KnownError(
                _("The database in {folder} cannot be written. Check the folder's permissions.").format(folder=folder)
            ) from error
        if "disk I/O" in words:
            raise KnownError(
                _("The disk of {folder} reports an error. Check the disk; values are kept until then.").format(
                    folder=folder
                )
            ) from error
        raise
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error):
            raise KnownError(
                _("{path} is not a Gadong database. It was left untouched.").format(path=path_of(folder))
            ) from error
        if "malformed" in str(error):
            raise KnownError(
                _(
                    "The database in {folder} is damaged. Stop Gadong and put a backup in its place: "
                    "main.py restore FILE"
                ).format(folder=folder)
            ) from error
        raise

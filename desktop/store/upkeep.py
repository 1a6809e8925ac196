"""Keeping the file well: backup, restore, integrity, chain verification."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desktop.store import database
from desktop.store.database import APPLICATION_ID, DATABASE, KnownError, Store
from desktop.store.journal import EMPTY_CHAIN, link_hash
from desktop.store.migrations import APPEND_ONLY, CURRENT
from desktop.text import _


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the file, as a sentence, and the table and row where it is."""

    table: str
    row: int | None
    sentence: str


def backup(store: Store, file: Path) -> Path:
    """Write a compact, checked copy of the database to `file`. Never overwrites. Raises KnownError."""
    file = file.absolute()
    if file.exists():
        raise KnownError(_("{file} already exists. Choose another name.").format(file=file))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(file.name + ".part")
        unfinished.unlink(missing_ok=True)
        store.rows("VACUUM INTO ?", str(unfinished))
        copy = database.sqlite3.connect(str(unfinished))
        answer = copy.execute("PRAGMA integrity_check").fetchone()[0]
        copy.close()
        if answer != "ok":
            unfinished.unlink()
            raise KnownError(_("The copy of the database is not sound: {answer}.").format(answer=answer))
        unfinished.rename(file)
    except OSError as error:
        raise KnownError(
            _("{file} cannot be written: {reason}.").format(file=file, reason=error.strerror or error)
        ) from error
    return file


def restore(folder: Path, file: Path) -> Path | None:
    """Put a backup in place of the database of `folder`; the present one is kept aside and its path returned.

    Raises KnownError: not a Gadong file, newer, or damaged; nothing is changed then. The caller holds the
    locks of collector and window.
    """
    if not file.is_file():
        raise KnownError(_("{file} does not exist.").format(file=file))
    folder.mkdir(parents=True, exist_ok=True)
    incoming = folder / (DATABASE + ".restore")
    shutil.copyfile(file, incoming)
    try:
        _refuse_unsound(incoming, file)
    except BaseException:
        incoming.unlink(missing_ok=True)
        raise
    present = folder / DATABASE
    kept = None
    if present.exists():
        kept = folder / f"before-restore-{datetime.now().astimezone():%Y%m%d-%H%M%S}.db"
        fold = database.sqlite3.connect(str(present))
        fold.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        fold.close()
        present.rename(kept)
    for tail in ("-wal", "-shm"):
        (folder / (DATABASE + tail)).unlink(missing_ok=True)
    incoming.rename(present)
    return kept


def _refuse_unsound(incoming: Path, named: Path) -> None:
    try:
        connection = database.sqlite3.connect(str(incoming))
        try:
            application = int(connection.execute("PRAGMA application_id").fetchone()[0])
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            answer = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
        finally:
            connection.close()
    except database.SqlError as error:
        raise KnownError(
            _("{file} is not a sound Gadong backup: {reason}.").format(file=named, reason=error)
        ) from error
    if application != APPLICATION_ID:
        raise KnownError(_("{path} is not a Gadong database. It was left untouched.").format(path=named))
    if version > CURRENT:
        raise KnownError(_("{file} was written by a newer Gadong. Install the newer program first.").format(file=named))
    if answer != "ok":
        raise KnownError(_("{file} is not a sound Gadong backup: {reason}.").format(file=named, reason=answer))


def check(store: Store, progress: Callable[[str, int, int], None] | None = None) -> list[Finding]:
    """Everything wrong with the file: page structure, references, and the first bad row of each chain.

    `progress(table, rows done, rows)` is called now and then.
    """
    findings = [
        Finding("", None, _("The file is damaged: {answer}.").format(answer=row[0]))
        for row in store.rows("PRAGMA integrity_check")
        if row[0] != "ok"
    ]
    findings += [
        Finding(
            row[0],
            row[1],
            _("Row {row} of {table} points to a row of {other} that does not exist.").format(
                row=row[1], table=row[0], other=row[2]
            ),
        )
        for row in store.rows("PRAGMA foreign_key_check")
    ]
    for table, columns in APPEND_ONLY.items():
        finding = _check_chain(store, table, columns, progress)
        if finding is not None:
            findings.append(finding)
    return findings


def _check_chain(
    store: Store, table: str, columns: tuple[str, ...], progress: Callable[[str, int, int], None] | None
) -> Finding | None:
    """The first row of a table whose hash does not follow from the row before it, or a tail that was cut."""
    total = int(store.row(f"SELECT count(*) FROM {table}")[0])
    hash_before, last_id, done = EMPTY_CHAIN, -1, 0
    said = time.monotonic()
    while True:
        rows = store.rows(
            f"SELECT {', '.join(columns)}, hash FROM {table} WHERE id > ? ORDER BY id LIMIT 5000", last_id
        )
        if not rows:
            break
        for *facts, sealed in rows:
            hash_before = link_hash(hash_before, facts)
            if hash_before != bytes(sealed):
                return Finding(
                    table,
                    int(facts[0]),
                    _("Row {row} of {table} was changed, or rows before it are missing.").format(
                        row=facts[0], table=table
                    ),
                )
        last_id, done = int(rows[-1][0]), done + len(rows)
        if progress is not None and time.monotonic() - said > 0.5:
            progress(table, done, total)
            said = time.monotonic()
    head = store.row("SELECT rows, last_id, hash FROM chain_heads WHERE name = ?", table)
    if head is not None and (int(head[0]) != total or bytes(head[2]) != hash_before):
        return Finding(
            table,
            int(head[1]),
            _("Rows are missing at the end of {table}: {rows} were written, {total} are there.").format(
                table=table, rows=head[0], total=total
            ),
        )
    return None


def rebuild_caches(store: Store) -> None:
    """Make the caches anew from the facts: chain heads of append-only tables are left, tallies and live are not.

    The caller holds the collector's lock.
    """
    with store.transaction() as db:
        for table, width in (("minutes", 60_000), ("hours", 3_600_000)):
            db.execute(f"DELETE FROM {table}")
            db.execute(
                f"INSERT INTO {table} SELECT bucket, signal_id, count(*), min(v), max(v), sum(v), NULL FROM ("
                f" SELECT (id / 1000) / {width} * {width} AS bucket, signal_id, value AS v"
                f" FROM measurements WHERE value IS NOT NULL"
                f" UNION ALL SELECT at_ms / {width} * {width}, signal_id, CAST(pieces AS REAL) FROM events"
                f" WHERE kind = 'count' AND pieces > 0 AND signal_id IS NOT NULL) GROUP BY bucket, signal_id"
            )


def file_hash(file: Path) -> str:
    """SHA-256 of a file as hex."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()

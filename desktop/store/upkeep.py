"""Keeping the file well: backup, restore, integrity, chain verification."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from desktop.clock import PlantClock
from desktop.domain.events import EventKind
from desktop.store import database, heads, labels, master_data, records, register, shift_sums, tallies
from desktop.store.chain import EMPTY_CHAIN, agrees, link_hash
from desktop.store.database import APPLICATION_ID, DATABASE, BusyError, KnownError, MissingError, Store
from desktop.store.schema import APPEND_ONLY, CURRENT, GUARDED, HEAD, guards
from desktop.text import _, os_reason

Progress = Callable[[str, int, int], None]  # table, rows done, rows
_STRIDE = 5000  # rows a question, so that no reader holds the file for long
_BELOW = -1e19  # less than any id that a row can be given


class Finding(Struct, frozen=True):
    """Something wrong with the file, as a sentence, and the table and row where it is."""

    table: str
    row: int | None
    sentence: str


def backup(store: Store, file: Path) -> Path:
    """Write a compact, checked copy of the database to `file`. Never overwrites. Raises KnownError."""
    file = file.absolute()
    if file.exists():
        raise KnownError(_("{file} already exists. Choose another name.").format(file=file))
    unfinished = file.with_name(file.name + ".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        # Of its own: a reader's connection may not write, not even elsewhere, and the writer's may be busy.
        with _plain(database.path_of(store.folder)) as source:
            source.execute("VACUUM INTO ?", (str(unfinished),))
        with _plain(unfinished) as copy:
            answer = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok":
            raise KnownError(_("The copy of the database is not sound: {answer}.").format(answer=answer))
        unfinished.rename(file)
    except database.SqlError as error:
        raise KnownError(_("{file} cannot be written: {reason}.").format(file=file, reason=error)) from error
    except OSError as error:
        reason = os_reason(error)
        raise KnownError(_("{file} cannot be written: {reason}.").format(file=file, reason=reason)) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return file


def restore(folder: Path, file: Path, progress: Progress | None = None) -> Path | None:
    """Put a backup in place of the database of `folder`; the present one is kept in backups/ and its path returned.

    Raises KnownError: not a Gadong file, newer, damaged, or with a row that was changed or taken out; nothing is
    changed then. The caller holds the locks of collector and window. The restored file says in its audit trail that
    it was restored. `progress` as in `check`.
    """
    if not file.is_file() and not file.is_dir():
        raise MissingError(_("{file} does not exist.").format(file=file))
    try:
        file.open("rb").close()
    except OSError as error:
        reason = os_reason(error)
        raise KnownError(_("{path} cannot be read: {reason}.").format(path=file, reason=reason)) from error
    database.refuse_bad_place(folder)
    incoming = folder / (DATABASE + ".restore")
    try:
        for tail in ("", "-wal"):
            source, target = Path(f"{file}{tail}"), Path(f"{incoming}{tail}")
            target.unlink(missing_ok=True)
            if source.exists():  # a database that was in use holds its last commits in the log beside it
                shutil.copyfile(source, target)
        _refuse_unsound(incoming, file, progress)
        kept = _set_aside(folder)
        incoming.rename(folder / DATABASE)
    except OSError as error:
        named, reason = folder / DATABASE, os_reason(error)
        raise KnownError(_("{file} cannot be written: {reason}.").format(file=named, reason=reason)) from error
    finally:
        for tail in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                Path(f"{incoming}{tail}").unlink(missing_ok=True)
    store = database.open_writer(folder)
    try:
        with store.transaction() as db:
            register.audit(db, store.clock.now_ms(), "", "restore", "database", str(kept or ""), file_hash(file))
    finally:
        store.close()
    return kept


def _set_aside(folder: Path) -> Path | None:
    """Move the present database, with its log where that could not be emptied, into backups/."""
    present = folder / DATABASE
    (folder / heads.HEADS).unlink(missing_ok=True)  # of what comes in its place it says nothing
    if not present.exists():
        return None
    # A damaged one cannot be asked to empty its log, and is kept as it is.
    with contextlib.suppress(database.SqlError), _plain(present) as fold:
        fold.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    stamp = f"before-restore-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    names = (stamp if not n else f"{stamp}-{n}" for n in itertools.count())
    copies = folder / "backups"
    copies.mkdir(exist_ok=True)
    kept = next(path for name in names if not (path := copies / f"{name}.db").exists())
    present.rename(kept)
    log = Path(f"{present}-wal")
    if log.exists():
        log.rename(f"{kept}-wal")
    Path(f"{present}-shm").unlink(missing_ok=True)
    return kept


def _refuse_unsound(incoming: Path, named: Path, progress: Progress | None) -> None:
    """Look at the copy of a backup, brought up to date where it is older, before anything is put in its place."""
    try:
        with _plain(incoming) as connection:
            application = int(connection.execute("PRAGMA application_id").fetchone()[0])
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if application != APPLICATION_ID:
                raise KnownError(_("{path} is not a Gadong database. It was left untouched.").format(path=named))
            if version > CURRENT:
                raise KnownError(
                    _("{file} was written by a newer Gadong. Install the newer program first.").format(file=named)
                )
            answer = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
            if answer != "ok":
                raise _unsound(named, " ".join(answer.split()))
            if version < CURRENT:
                from desktop.store import migrations

                migrations.apply(connection)
            broken = _broken_rows(Store(connection, incoming.parent, PlantClock(), demo=False, writes=False), progress)
    except database.SqlError as error:
        if "not a database" in str(error):
            raise KnownError(_("{path} is not a Gadong database. It was left untouched.").format(path=named)) from error
        raise _unsound(named, str(error)) from error
    if broken:
        raise _unsound(named, broken[0].sentence.rstrip("."))


def _unsound(file: Path, reason: str) -> KnownError:
    return KnownError(
        _("{file} is not a sound Gadong backup: {reason}. Nothing was changed.").format(file=file, reason=reason)
    )


@contextlib.contextmanager
def _plain(file: Path) -> Iterator[Any]:
    """A connection to any file, ours or not, closed in the end."""
    connection = database.sqlite3.connect(str(file), timeout=database.BUSY_MS / 1000, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def check(store: Store, progress: Progress | None = None, against: Sequence[str] = ()) -> list[Finding]:
    """Everything wrong with the file: page structure, references, and the first bad row of each chain.

    Cannot be found in the file itself: rows cut from the end of a table together with its head, where no seal of an
    hour, no report and no later row tells of them; nor numbers taken from `issued` whose label was never printed.
    `against` are record checks that were kept elsewhere (`record_checks`): each must be the hash of an event. They
    tell a file that was written anew as a whole, which agrees with itself. `progress(table, rows done, rows)` is called
    now and then. A collector may go on writing meanwhile.
    """
    findings: list[Finding] = []
    known = heads.told(store)  # before anything is read: meanwhile the file only grows
    try:
        findings += [
            Finding("", None, _("The file is damaged: {answer}.").format(answer=row[0]))
            for row in store.rows("PRAGMA integrity_check")
            if row[0] != "ok"
        ]
        findings += _broken_rows(store, progress, against, known)
    except BusyError:
        raise
    except KnownError as error:  # damaged so far that it cannot even be read
        findings.append(Finding("", None, str(error)))
    return findings


_CHECK_DIGITS = 16
_WRITTEN_CHECK = re.compile(r"\b[0-9A-Fa-f]{4}(?:-[0-9A-Fa-f]{4}){3}\b|\b[0-9A-Fa-f]{16}\b")


def is_record_check(told: str) -> bool:
    """Whether it is one record check as a report prints it."""
    return _WRITTEN_CHECK.fullmatch(told.strip()) is not None


def record_checks(told: str) -> list[str]:
    """The record checks that are meant: one as a report prints it, or all in a file (a report as JSON, or the list
    beside the backups), as 16 hex digits. Raises KnownError where there is none."""
    if not is_record_check(told):
        try:
            told = Path(told).read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            reason = os_reason(error) if isinstance(error, OSError) else _("it is no text")
            raise database.unreadable(
                error if isinstance(error, OSError) else OSError(),
                _("{path} is neither a record check nor a file that can be read: {reason}.").format(
                    path=told, reason=reason
                ),
            ) from error
        with contextlib.suppress(ValueError, AttributeError):  # of a report nothing but what it says of the records
            told = str(json.loads(told).get("chain", ""))
    found = [match.group().replace("-", "").lower() for match in _WRITTEN_CHECK.finditer(told)]
    if not found:
        raise KnownError(_("No record check stands in it. A report prints one, such as 1F2A-90C4-77E0-5B1D."))
    return found


def note_record_check(store: Store, name: str, end_ms: int) -> None:
    """Write the record check of a shift that is over into the list beside the backups, where it is not there yet.

    Raises KnownError where that cannot be written.
    """
    chain = records.chain_at(store, end_ms)
    if not chain:
        return
    end = datetime.fromtimestamp(end_ms / 1000, register.zone(store)).isoformat(timespec="minutes")
    try:
        heads.append(store.folder, end, name, chain)
    except OSError as error:
        file, reason = store.folder / "backups" / heads.RECORD_CHECKS, os_reason(error)
        raise KnownError(_("{file} cannot be written: {reason}.").format(file=file, reason=reason)) from error


def _broken_rows(
    store: Store, progress: Progress | None, against: Sequence[str] = (), known: heads.Heads | None = None
) -> list[Finding]:
    """Rows that point nowhere, the first bad row of each chain, and guards that were taken away. `known`: how far the
    chains had come at least."""
    findings = [
        Finding(
            row[0],
            row[1],
            _("Row {row} of {table} points to a row of {other} that does not exist.").format(
                row=row[1], table=row[0], other=row[2]
            ),
        )
        for row in store.rows("PRAGMA foreign_key_check")
    ]
    wanted = set(against)
    # What stands beside the file of each chain, and what the events say of the other ones: so they come first.
    seals = {table: {last: (rows, digits)} for table, (rows, last, digits) in (known or {}).items() if rows}
    tables = {name for (name,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    findings += [
        Finding(table, None, _("The table {table} was taken out of the file.").format(table=table))
        for table in (*APPEND_ONLY, *GUARDED)
        if table not in tables
    ]
    for table, columns in APPEND_ONLY.items():
        if table not in tables:
            continue
        finding = _check_chain(store, table, columns, progress, wanted, seals)
        findings += [] if finding is None else [finding]
    if not {"audit", *GUARDED} - tables and all(finding.table != "audit" for finding in findings):
        findings += [*_check_labels(store), *_check_master_data(store)]
    findings += [
        Finding(
            "events",
            None,
            _("The record check {digits} is in no row of events: rows were changed and the whole file written anew, or "
              "it is of another file.").format(digits="-".join(told[i : i + 4].upper() for i in range(0, 16, 4))),
        )
        for told in dict.fromkeys(against)
        if told in wanted
    ]  # fmt: skip
    there = dict(store.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    findings += [
        Finding(
            table,
            None,
            _("What keeps the rows of {table} from being changed was taken away: {name}.").format(
                table=table, name=name
            ),
        )
        for table in (*APPEND_ONLY, *GUARDED)
        for name, sql in guards(table).items()
        if there.get(name) != sql
    ]
    return findings


def _check_labels(store: Store) -> list[Finding]:
    """Where numbers that were printed, and their prints, are not what the audit says: of each table the first place."""
    known = store.row("SELECT coalesce(max(id), 0) FROM label_prints")[0]  # what is printed meanwhile lies behind it
    sql = "SELECT new FROM audit WHERE action IN (?, ?) ORDER BY id"
    told = [json.loads(new) for (new,) in store.rows(sql, labels.PRINTED, labels.REPRINTED)]
    there, last = 0, _BELOW
    found: dict[str, Finding] = {}
    for each in told:
        rows = store.rows(labels.PRINTS, last, each["count"])
        there += len(rows)
        if len(rows) < each["count"]:
            left = store.row("SELECT max(id) FROM label_prints")[0]
            found["label_prints"] = _cut("label_prints", left, sum(one["count"] for one in told), there)
            break
        had = labels.digests(rows)
        if (hashes := each.get("hashes", had)) != had:  # an older program wrote none
            table = next(table for table, digits in had.items() if hashes[table] != digits)
            first = int(rows[0][0] if table == "label_prints" else rows[0][1])
            sentence = _("From row {row} of {table} on, rows are others than the audit says ({count} were printed).")
            found.setdefault(table, Finding(table, first, sentence.format(row=first, table=table, count=each["count"])))
            if table == "label_prints":  # what lies behind may have been moved
                break
        last = int(rows[-1][0])
    else:
        behind = store.row("SELECT min(id) FROM label_prints WHERE id > ? AND id <= ?", last, known)[0]
        if behind is not None:
            found["label_prints"] = _put_in("label_prints", int(behind))
    return list(found.values())


def _check_master_data(store: Store) -> list[Finding]:
    """Where names, gauges, limits and what else a history is printed from are not what the audit says."""
    found = []
    for each in master_data.altered(store):
        if each.told is None:
            found.append(_put_in(each.table, each.row))
        elif each.there is None:
            sentence = _("Row {row} of {table} was taken out: the change history says that it is there.")
            found.append(Finding(each.table, each.row, sentence.format(row=each.row, table=each.table)))
        else:
            sentence = _(
                "Row {row} of {table} was changed by another program: {column} is “{there}” where the change history"
                " says “{told}”."
            )
            words = {"column": each.column, "there": each.there, "told": each.told}
            found.append(Finding(each.table, each.row, sentence.format(row=each.row, table=each.table, **words)))
    return found


def _put_in(table: str, row: int) -> Finding:
    sentence = _("Row {row} of {table} was put in: what stands around it knows nothing of it.")
    return Finding(table, row, sentence.format(row=row, table=table))


def _cut(table: str, row: int | None, rows: int, total: int) -> Finding:
    sentence = _("Rows are missing at the end of {table}: {rows} were written, {total} are there.")
    return Finding(table, row, sentence.format(table=table, rows=rows, total=total))


def _check_chain(
    store: Store,
    table: str,
    columns: tuple[str, ...],
    progress: Progress | None,
    wanted: set[str],
    seals: dict[str, dict[int, tuple[int, str]]],
) -> Finding | None:
    """The first row of a table whose hash does not follow from the row before it, or a tail that was cut.

    Takes the record checks that it finds out of `wanted`; adds to `seals` what the events say of other chains: of the
    row of an id how many there are up to it and 16 digits of its hash.
    """
    walk = _Walk(store, table, columns, progress, wanted, seals)
    if (finding := walk.to_the_end((1 << 63) - 1)) is not None:
        return finding
    # Read last: a row that was there before belongs to it, and what a collector appended since is caught up with.
    head = _head(store, table)
    if head is None:
        return walk.headless() if walk.rows else walk.sealed_away()
    if (finding := walk.to_the_end(head[1])) is not None:
        return finding
    if (walk.rows, walk.hash) == (head[0], head[2]):
        return walk.sealed_away()
    if walk.last_id > head[1]:
        return walk.put_in(int(store.row(f"SELECT min(id) FROM {table} WHERE id > ?", head[1])[0]))
    return walk.cut(head[1], head[0]) if walk.rows < head[0] else walk.broken(walk.last_id)


class _Walk:
    """Along a chain, from its first row."""

    def __init__(
        self,
        store: Store,
        table: str,
        columns: tuple[str, ...],
        progress: Progress | None,
        wanted: set[str],
        seals: dict[str, dict[int, tuple[int, str]]],
    ) -> None:
        self.rows = 0
        self.last_id = -1
        self.hash = EMPTY_CHAIN
        self._before = EMPTY_CHAIN  # the hash of the row before the last one
        self._store = store
        self._table = table
        self._question = f"SELECT {', '.join(columns)}, hash FROM {table} WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
        self._progress = progress
        self._total = int(store.row(f"SELECT count(*) FROM {table}")[0]) if progress else 0
        self._said = time.monotonic()
        self._wanted = wanted if table == "events" else set[str]()
        self._seals, self._sealed = seals, seals.get(table, {})
        self._events = table == "events"

    def to_the_end(self, last_id: int) -> Finding | None:
        """Go on to the row of that id or to the present end; the first row that does not follow, if any."""
        found: list[Any] | None = None
        while found is None or len(found) == _STRIDE:
            after = self.last_id if self.rows else _BELOW
            found = self._store.rows(self._question, after, last_id, _STRIDE)
            for *facts, sealed in found:
                self._before, before = self.hash, self._before
                self.hash = link_hash(self._before, facts)
                if not agrees(self.hash, sealed):
                    if self.rows and agrees(link_hash(before, facts), sealed):  # it follows the one before the last
                        return self.put_in(self.last_id)
                    return self.broken(int(facts[0]))
                self.rows, self.last_id = self.rows + 1, int(facts[0])
                if self._wanted:
                    self._wanted.discard(self.hash.hex()[:_CHECK_DIGITS])
                if self._events and facts[1] == EventKind.SEAL:
                    for table, (rows, row, digits) in json.loads(facts[7] or "{}").items():
                        self._seals.setdefault(table, {})[int(row)] = (int(rows), str(digits))
                if self.last_id in self._sealed and self._sealed.pop(self.last_id) != (
                    self.rows,
                    self.hash.hex()[:_CHECK_DIGITS],
                ):
                    return self.other()
            if self._progress is not None and time.monotonic() - self._said > 0.5:
                self._progress(self._table, self.rows, max(self.rows, self._total))
                self._said = time.monotonic()
        return None

    def sealed_away(self) -> Finding | None:
        """A tail of which the events know, and which is gone."""
        gone = max(((row, rows) for row, (rows, _digits) in self._sealed.items()), default=None)
        return None if gone is None else self.cut(*gone)

    def other(self) -> Finding:
        """The finding that the events know the rows up to here otherwise."""
        sentence = _("Up to row {row} the rows of {table} are others than the events say: the table was written anew.")
        return Finding(self._table, self.last_id, sentence.format(row=self.last_id, table=self._table))

    def headless(self) -> Finding:
        """The finding that nobody can say how many rows were written."""
        sentence = _("How many rows of {table} were written is said nowhere any more: some may be missing at its end.")
        return Finding(self._table, self.last_id, sentence.format(table=self._table))

    def cut(self, row: int, rows: int) -> Finding:
        """The finding that rows are missing at the end: so many were written."""
        return _cut(self._table, row, rows, self.rows)

    def put_in(self, row: int) -> Finding:
        """The finding that a row stands where the rows around it, or the head, know of none."""
        return _put_in(self._table, row)

    def broken(self, row: int) -> Finding:
        """The finding that a row does not follow from the one before."""
        sentence = _("Row {row} of {table} was changed, or rows before it are missing, were changed or put in.")
        return Finding(self._table, row, sentence.format(row=row, table=self._table))


def _head(store: Store, table: str) -> tuple[int, int, bytes] | None:
    """Rows, last id and hash that the end of a chain must have; None where nobody wrote them down."""
    if (meta := store.meta(f"{HEAD}{table}")) is not None:
        rows, last_id, sealed = json.loads(meta)
        return int(rows), int(last_id), bytes.fromhex(sealed)
    row = store.row("SELECT rows, last_id, hash FROM chain_heads WHERE name = ?", table)
    return None if row is None else (int(row[0]), int(row[1]), bytes(row[2]))


def rebuild_caches(store: Store) -> None:
    """Make the caches anew from the facts: tallies, newest values, health of devices. Heads of chains are left.

    Facts do not hold how many frames a device sent: those counts stay. The caller holds the collector's lock.
    """
    with store.transaction() as db:
        tallies.rebuild(db)
        db.execute("DELETE FROM live")
        for table in shift_sums.TABLES:
            db.execute(f"DELETE FROM {table}")
        db.executemany("INSERT INTO live VALUES (?, ?, ?, ?, ?)", records.newest_values(store))
        for device, status, since_ms, fault in db.execute(_LAST_HEALTH).fetchall():
            db.execute(
                "INSERT INTO device_status (device_id, status, since_ms, fault, detail, frames, reconnects)"
                " VALUES (?, ?, ?, ?, '{}', 0, 0) ON CONFLICT (device_id)"
                " DO UPDATE SET status = excluded.status, since_ms = excluded.since_ms, fault = excluded.fault",
                (device, status, since_ms, fault),
            )


_LAST_HEALTH = """
SELECT e.device_id, e.word, e.at_ms, coalesce(e.detail ->> 'kind', '')
FROM events e JOIN (
  SELECT device_id, max(id) AS id FROM events WHERE kind = 'device' GROUP BY device_id) last ON last.id = e.id
"""


def file_hash(file: Path) -> str:
    """SHA-256 of a file as hex."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()

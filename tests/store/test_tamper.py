"""Whoever has the file on his desk and a database tool: what is refused, and what `check` finds of the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from desktop import configuration
from desktop.clock import PlantClock
from desktop.domain.entries import Action
from desktop.domain.events import Attribute, Event, EventKind, Link, LinkEnd, Move, Result, Step, Thing
from desktop.domain.trail import Asked
from desktop.store import chain, database, entries, heads, labels, master_data, records, register, trail, upkeep
from desktop.store.chain import link_hash
from desktop.store.database import KnownError, Store
from desktop.store.journal import Batch, Journal
from desktop.store.schema import APPEND_ONLY
from tests.store.example import FORCE, T0, state

HOUR = 3_600_000
WHOLE = ("entries", "audit")  # what people say and do: the desktop writes it, with all of each hash


def fill(store: Store, rows: int = 12, *, seal: bool = False) -> None:
    """Rows in every append-only table; with `seal` an hour is over behind them."""
    with store.transaction() as db:
        station = register.upsert(db, "stations", {"code": "S"}, {"name": "S", "place": 0, "kind": "stock"})
        for n in range(rows):
            register.audit(db, T0 + n, "me", "edit", "x", "1", "2", "because")
    book = Journal(store)
    for n in range(rows):
        at_ms = T0 + n * 1000
        unit, lot = Thing("unit", f"SN-{n:04d}"), Thing("lot", f"LOT-{n:04d}")
        event = replace(state(book, at_ms, "run" if n % 2 else "stop"), detail=f"E{n:03d}")
        link = Link(book.next_id(at_ms), "consumed", unit, lot, 1, at_ms, event.id)
        book.commit(
            Batch(
                events=[event],
                steps=[Step(book.next_id(at_ms), unit, 1, at_ms, event.id)],
                links=[link],
                link_ends=[LinkEnd(book.next_id(at_ms), link.id, at_ms, event.id)],
                results=[Result(book.next_id(at_ms), unit, FORCE, 1, at_ms, 1.5 + n, "", "good")],
                attributes=[Attribute(book.next_id(at_ms), lot, "expiry", f"2027-01-{n + 1:02d}", at_ms, event.id)],
                moves=[Move(book.next_id(at_ms), unit, station, "stock", at_ms, event.id)],
            )
        )
        entries.say(store, [Action(1, at_ms, at_ms, f"do {n}")], at_ms, who="me", why="because")
    if seal:
        seal_hour(store)


def seal_hour(store: Store, hour: int = 1) -> None:
    """What the collector says once an hour."""
    book, at_ms = Journal(store), T0 + hour * HOUR
    book.commit(Batch(events=[Event(book.next_id(at_ms), EventKind.SEAL, at_ms)]))


def tool(folder: Path) -> Any:
    """Another program's connection, as lax as SQLite lets it be."""
    connection = database.sqlite3.connect(str(folder / "gadong.db"), isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA recursive_triggers = OFF")
    return connection


def without_guards(folder: Path, work: Callable[[Any], None]) -> None:
    """Take the triggers away, do something, put them back."""
    connection = tool(folder)
    kept = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _sql in kept:
        connection.execute(f"DROP TRIGGER {name}")
    work(connection)
    for _name, sql in kept:
        connection.execute(sql)
    connection.close()


def write_anew(connection: Any, *, seals: bool = False) -> None:
    """Make every chain and every head fit to the rows, as somebody would who has read this program; also what the
    events say of the other chains."""
    tables = [*(table for table in APPEND_ONLY if table != "events"), "events"]
    for table in tables:
        columns = APPEND_ONLY[table]
        if table == "events" and seals:
            _seal_anew(connection)
        sealed, last, rows = chain.EMPTY_CHAIN, 0, 0
        whole = table in WHOLE
        for facts in connection.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id").fetchall():
            sealed, last, rows = link_hash(sealed, facts), int(facts[0]), rows + 1
            kept = sealed if whole else sealed[: chain.KEPT_BYTES]
            connection.execute(f"UPDATE {table} SET hash = ? WHERE id = ?", (kept, last))
        if whole:
            head = json.dumps([rows, last, sealed.hex()])
            connection.execute("UPDATE meta SET value = ? WHERE key = ?", (head, f"chain {table}"))
        else:
            connection.execute(
                "UPDATE chain_heads SET rows = ?, last_id = ?, hash = ? WHERE name = ?", (rows, last, sealed, table)
            )


def _seal_anew(connection: Any) -> None:
    for key, detail in connection.execute("SELECT id, detail FROM events WHERE kind = 'seal'").fetchall():
        heads = json.loads(detail)
        for table, head in heads.items():
            row = connection.execute(f"SELECT hash FROM {table} WHERE id = ?", (head[1],)).fetchone()
            head[2] = bytes(row[0]).hex()[:16]
        connection.execute("UPDATE events SET detail = ? WHERE id = ?", (json.dumps(heads), key))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_statement_changes_a_row(store: Store, folder: Path, table: str) -> None:
    """Also with the triggers' weak side: replacing, in the ways in which SQLite lets one, and from another file."""
    fill(store, 3)
    before = store.rows(f"SELECT * FROM {table}")
    key = before[1][0]
    column = APPEND_ONLY[table][1]
    values = ", ".join(f"x.{name}" for name in (*APPEND_ONLY[table], "hash"))
    connection = tool(folder)
    elsewhere = database.sqlite3.connect(":memory:", isolation_level=None)
    elsewhere.execute("ATTACH ? AS shop", (str(folder / "gadong.db"),))
    for attack in (
        f"UPDATE {{}}{table} SET {column} = {column} WHERE id = {key}",
        f"UPDATE OR REPLACE {{}}{table} SET id = {before[0][0]} WHERE id = {key}",
        f"DELETE FROM {{}}{table} WHERE id = {key}",
        f"DELETE FROM {{}}{table}",
        f"INSERT OR REPLACE INTO {{}}{table} SELECT {values} FROM {{}}{table} x WHERE x.id = {key}",
        f"REPLACE INTO {{}}{table} SELECT {values.replace('x.id', 'CAST(x.id AS TEXT)')} FROM {{}}{table} x",
        f"INSERT INTO {{}}{table} SELECT {values} FROM {{}}{table} x WHERE true"
        f" ON CONFLICT DO UPDATE SET {column} = {column}",
        f"INSERT OR IGNORE INTO {{}}{table} SELECT {values} FROM {{}}{table} x WHERE x.id = {key}",
    ):
        for one, prefix in ((connection, ""), (elsewhere, "shop.")):
            with pytest.raises(database.SqlError):
                one.execute(attack.format(prefix, prefix))
    assert store.rows(f"SELECT * FROM {table}") == before
    connection.close()
    elsewhere.close()


def test_a_second_unit_of_the_same_code_replaces_nothing(store: Store, folder: Path) -> None:
    """Its code and kind are unique too: INSERT OR REPLACE under another id would take the row away."""
    fill(store, 3)
    row = store.row("SELECT * FROM units ORDER BY id LIMIT 1")
    connection = tool(folder)
    with pytest.raises(database.SqlError, match="is taken"):
        connection.execute("INSERT OR REPLACE INTO units VALUES (9999, ?, ?, ?, ?, ?)", row[1:])
    connection.close()
    assert store.row("SELECT * FROM units ORDER BY id LIMIT 1") == row


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_first_bad_row_of_each_table_is_named(store: Store, folder: Path, table: str) -> None:
    fill(store, seal=True)
    keys = [row[0] for row in store.rows(f"SELECT id FROM {table} ORDER BY id")]
    middle = keys[len(keys) // 2]

    def edit(db: Any) -> None:
        db.execute(f"UPDATE {table} SET at_ms = at_ms + 1 WHERE id = ?", (middle,))

    without_guards(folder, edit)
    assert [(f.table, f.row) for f in upkeep.check(store)] == [(table, middle)]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_cut_tail_is_found_also_where_the_head_was_made_to_fit(store: Store, folder: Path, table: str) -> None:
    fill(store, seal=True)
    if table == "events":
        seal_hour(store, 2)
    last = store.row(f"SELECT max(id) FROM {table}")[0]

    def cut(db: Any) -> None:
        db.execute(f"DELETE FROM {table} WHERE id = ?", (last,))

    without_guards(folder, cut)
    assert (table, last) in [(f.table, f.row) for f in upkeep.check(store) if "missing at the end" in f.sentence]
    without_guards(folder, write_anew)
    found = [(f.table, f.row) for f in upkeep.check(store) if "points to" not in f.sentence]
    # Of the events themselves nothing in the file knows: that takes a record check that was kept elsewhere.
    assert ((table, last) in found) is (table != "events")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_in_an_hour_without_a_seal_too_each_field_each_row_and_the_tail_is_held(
    store: Store, folder: Path, table: str
) -> None:
    """What was changed, put in between, taken from between or cut is named while the head alone vouches for it."""
    fill(store)
    columns = APPEND_ONLY[table]
    keys = [row[0] for row in store.rows(f"SELECT id FROM {table} ORDER BY id")]
    middle, behind = keys[len(keys) // 2 : len(keys) // 2 + 2]

    def found(*attack: str) -> list[tuple[str, int | None]]:
        """What `check` says first of the table; the file is as it was afterwards."""
        before = store.rows(f"SELECT {', '.join(columns)}, hash FROM {table}")
        without_guards(folder, lambda db: [db.execute(each) for each in attack])
        told = [(f.table, f.row) for f in upkeep.check(store) if "points to" not in f.sentence]
        marks = ", ".join("?" * (len(columns) + 1))

        def mend(db: Any) -> None:
            db.execute(f"DELETE FROM {table}")
            db.executemany(f"INSERT INTO {table} ({', '.join(columns)}, hash) VALUES ({marks})", before)

        without_guards(folder, mend)
        assert upkeep.check(store) == []
        return told

    for column in (*columns[1:], "hash"):
        declared = store.row(f"SELECT type FROM pragma_table_info('{table}') WHERE name = ?", column)[0]
        empty = {"BLOB": "randomblob(8)", "TEXT": "'x'"}.get(declared, "1")
        other = empty if declared == "BLOB" else f"{column} || 'x'" if declared == "TEXT" else f"{column} - 1"
        if column == "end_ms":  # it lies behind the beginning
            other = "end_ms + 1"
        edit = f"UPDATE {table} SET {column} = coalesce({other}, {empty}) WHERE id = {middle}"
        assert found(edit) == [(table, middle)], column
    if behind - middle > 1:
        copied = ", ".join(
            f"{each} || 'y'" if each == "code" else each for each in (*columns[1:], "hash")
        )  # a unit's code is its own
        put = f"INSERT INTO {table} ({', '.join(columns)}, hash) SELECT {middle + 1}, {copied}"
        assert found(f"{put} FROM {table} WHERE id = {middle}")[0] == (table, middle + 1)
    assert found(f"DELETE FROM {table} WHERE id = {middle}")[0] == (table, behind)
    assert (table, keys[-1]) in found(f"DELETE FROM {table} WHERE id = {keys[-1]}")
    assert (table, keys[-1]) in found(f"DELETE FROM {table} WHERE id >= {behind}")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_of_the_last_minutes_check_names_the_first_bad_row_or_the_cut_tail(
    store: Store, folder: Path, table: str
) -> None:
    """Each attack and what is said of it, word for word; some by one who knows how the hashes are made."""
    fill(store, 6)
    columns = APPEND_ONLY[table]
    names = ", ".join((*columns, "hash"))
    marks = ", ".join("?" * (len(columns) + 1))
    before = [tuple(row) for row in store.rows(f"SELECT {names} FROM {table} ORDER BY id")]
    place = columns.index("at_ms")
    last, middle = len(before) - 1, len(before) // 2
    total = len(before)

    def made(row: tuple[Any, ...], key: int, previous: bytes | None) -> tuple[Any, ...]:
        """A row put in under that id; with `previous` so that its hash follows."""
        facts = [key, *row[1:-1]]
        if table == "units":
            facts[columns.index("code")] = "put in"
        return (*facts, row[-1] if previous is None else link_hash(previous, facts))

    def whole(rows: int) -> bytes:
        sealed = chain.EMPTY_CHAIN
        for row in before[:rows]:
            sealed = link_hash(sealed, row[:-1])
        return sealed

    def later(row: tuple[Any, ...], previous: bytes | None = None) -> tuple[Any, ...]:
        """A row of which one field is another; with `previous` with a hash that follows."""
        facts = (*row[:place], row[place] + 1, *row[place + 1 : -1])
        return (*facts, row[-1] if previous is None else link_hash(previous, facts))

    def changed(rows: list[tuple[Any, ...]], beheaded: str = "") -> list[str]:
        def write(db: Any) -> None:
            db.execute(f"DELETE FROM {table}")
            db.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
            if beheaded:
                db.execute(f"DELETE FROM {beheaded}")

        without_guards(folder, write)
        told = upkeep.check(store)
        return [f.sentence for f in told if f.table == table and "points to" not in f.sentence]

    def bad(at: int) -> list[str]:
        return [f"Row {before[at][0]} of {table} was changed, or rows before it are missing, were changed or put in."]

    def put(key: int) -> list[str]:
        return [f"Row {key} of {table} was put in: what stands around it knows nothing of it."]

    assert changed(before) == []
    missing = f"Rows are missing at the end of {table}: {total} were written, {total - 1} are there."
    assert changed(before[:-1]) == [missing]
    for at in (middle, last):
        assert changed([*before[:at], later(before[at]), *before[at + 1 :]]) == bad(at)
    refit = later(before[last], whole(last))
    assert changed([*before[:last], refit]) == bad(last)
    refit = later(before[middle], whole(middle))
    assert changed([*before[:middle], refit, *before[middle + 1 :]]) == bad(middle + 1)
    a, b = before[middle], before[middle + 1]
    swapped = [(a[0], *b[1:]), (b[0], *a[1:])]
    assert changed([*before[:middle], *swapped, *before[middle + 2 :]]) == bad(middle)
    behind = before[last][0] + 1
    assert changed([*before, made(before[last], behind, None)])[0].startswith(f"Row {behind} of {table} was changed")
    fitting = made(before[last], behind, whole(total))
    further = made(before[last], behind + 1, link_hash(whole(total), fitting[:-1]))
    assert changed([*before, fitting]) == put(behind)
    if table != "units":
        assert changed([*before, fitting, further]) == put(behind)
    for first in (-7, -(1 << 63)):
        assert changed([made(before[0], first, chain.EMPTY_CHAIN), *before]) == put(first)
    room = before[middle][0] + 1
    if before[middle + 1][0] > room:
        assert changed([*before[: middle + 1], made(a, room, whole(middle + 1)), *before[middle + 1 :]]) == put(room)
    head = f"meta WHERE key = 'chain {table}'" if table in WHOLE else f"chain_heads WHERE name = '{table}'"
    assert "said nowhere any more" in changed(before[:-1], head)[0]


@pytest.mark.parametrize("table", WHOLE)
@pytest.mark.parametrize("beheaded", [False, True])
def test_what_is_said_afterwards_hides_no_cut_tail(store: Store, folder: Path, table: str, beheaded: bool) -> None:
    """The next row follows what was written, not what is left of it."""
    fill(store, 3)

    def cut(db: Any) -> None:
        db.execute(f"DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table})")
        if beheaded:
            db.execute(f"DELETE FROM meta WHERE key = 'chain {table}'")

    without_guards(folder, cut)
    with store.transaction() as db:
        register.audit(db, T0 + HOUR, "me", "edit", "x", "1", "2", "because")
    entries.say(store, [Action(1, T0, T0, "do more")], T0 + HOUR, who="me", why="because")
    new = store.row(f"SELECT max(id) FROM {table}")[0]
    assert [(f.table, f.row) for f in upkeep.check(store)] == [(table, new)]


def printed(store: Store) -> None:
    """Three prints: of labels 1 to 3, of label 2 again, of label 4; number 5 is issued and not printed."""
    with store.transaction() as db:
        key = register.upsert(db, "products", {"code": "P"}, {"name": "P"})
    made = labels.issue(store, "unit", key, "P", "{n:03}", 5, date(2025, 11, 19), {"lot": "L"}, "me")
    labels.note(store, made[:3], "me", "", "")
    labels.note(store, made[1:2], "me", "torn", "")
    labels.note(store, made[3:4], "me", "", "")


SWAPPED = (
    "CREATE TEMP TABLE kept AS SELECT id, {1} AS had FROM {0} WHERE id IN (1, 3); UPDATE {0} SET {1} = -id"
    " WHERE id IN (1, 3); UPDATE {0} SET {1} = (SELECT had FROM kept WHERE kept.id = 4 - {0}.id) WHERE id IN (1, 3)"
)


@pytest.mark.parametrize(
    ("attack", "table", "row", "words"),
    [
        ("DELETE FROM label_prints WHERE id = 5", "label_prints", 4, "5 were written, 4 are there"),
        ("DELETE FROM label_prints", "label_prints", None, "5 were written, 0 are there"),
        ("DELETE FROM label_prints WHERE id = 2", "label_prints", 1, "others than the audit says (3 were printed)"),
        ("UPDATE label_prints SET who = 'mf' WHERE id = 5", "label_prints", 5, "others than the audit says"),
        ("UPDATE label_prints SET why = 'tore' WHERE id = 4", "label_prints", 4, "others than the audit says"),
        (SWAPPED.format("label_prints", "issued_id"), "label_prints", 1, "others than the audit says (3 were printed)"),
        ("INSERT INTO label_prints VALUES (6, 5, 1, 0, '', '', '')", "label_prints", 6, "was put in"),
        ("INSERT INTO label_prints VALUES (-6, 5, 1, 0, '', '', '')", "label_prints", -6, "others than the audit"),
        ("DELETE FROM issued WHERE id = 4", "issued", 4, "others than the audit says (1 were printed)"),
        ("UPDATE issued SET code = '0O4' WHERE id = 4", "issued", 4, "others than the audit says"),
        ("UPDATE issued SET fields = '{}' WHERE id = 3", "issued", 1, "others than the audit says (3 were printed)"),
        (SWAPPED.format("issued", "code"), "issued", 1, "others than the audit says"),
        ("DROP TABLE label_prints", "label_prints", None, "was taken out"),
    ],
)
def test_of_printed_labels_the_audit_tells_what_was_changed(
    store: Store, folder: Path, attack: str, table: str, row: int | None, words: str
) -> None:
    printed(store)
    assert upkeep.check(store) == []
    connection = tool(folder)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.executescript(attack)
    connection.close()
    found = [f for f in upkeep.check(store) if "points to" not in f.sentence and "taken away" not in f.sentence]
    assert (found[0].table, found[0].row) == (table, row)
    assert words in found[0].sentence


def test_an_audit_trail_that_was_changed_is_not_asked_what_was_printed(store: Store, folder: Path) -> None:
    printed(store)
    without_guards(folder, lambda db: db.execute("UPDATE audit SET new = '' WHERE action = 'labels reprinted'"))
    assert [f.table for f in upkeep.check(store)] == ["audit"]


def test_a_head_that_was_taken_out_is_found(store: Store, folder: Path) -> None:
    fill(store)

    def behead(db: Any) -> None:
        db.execute("DELETE FROM chain_heads WHERE name = 'links'")

    without_guards(folder, behead)
    found = upkeep.check(store)
    assert [f.table for f in found] == ["links"]
    assert "said nowhere any more" in found[0].sentence
    book = Journal(store)  # and the next collector goes on all the same
    at_ms = T0 + HOUR
    book.commit(Batch(steps=[Step(book.next_id(at_ms), Thing("unit", "new"), 1, at_ms, 1)]))
    assert [f.table for f in upkeep.check(store)] == ["links"]


def test_a_table_that_was_taken_out_is_found(store: Store, folder: Path) -> None:
    fill(store, 2)
    connection = tool(folder)
    connection.execute("DROP TABLE link_ends")
    connection.close()
    assert upkeep.check(store)[0].sentence == "The table link_ends was taken out of the file."


def test_one_byte_in_the_middle_of_the_file(store: Store, folder: Path) -> None:
    """No database tool at all: a byte of a serial, in the table and in its index."""
    fill(store)
    store.checkpoint()
    store.close()
    path = folder / "gadong.db"
    content = path.read_bytes()
    assert content.count(b"SN-0006") == 2
    path.write_bytes(content.replace(b"SN-0006", b"SN-0906"))
    for tail in ("-wal", "-shm"):
        Path(f"{path}{tail}").unlink(missing_ok=True)
    reader = database.open_reader(folder)
    key = reader.row("SELECT id FROM units WHERE +code = 'SN-0906'")[0]
    assert ("units", key) in [(f.table, f.row) for f in upkeep.check(reader)]
    reader.close()


def test_a_guard_that_was_taken_away_or_made_toothless_is_found(store: Store, folder: Path) -> None:
    fill(store, 2)
    connection = tool(folder)
    connection.execute("DROP TRIGGER links_no_delete")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_master SET sql = replace(sql, 'BEFORE UPDATE', 'BEFORE UPDATE OF hash') "
        "WHERE name = 'events_no_update'"
    )
    connection.close()
    found = upkeep.check(store)
    assert [f.table for f in found] == ["events", "links"]
    assert all("was taken away" in f.sentence for f in found)


def forge(db: Any) -> None:
    """A customer's complaint never happened, and nothing in the file tells of it."""
    db.execute("UPDATE results SET value = 1.0, judgement = 'good' WHERE id = (SELECT min(id) FROM results)")
    db.execute("UPDATE events SET word = 'run' WHERE id = (SELECT min(id) FROM events)")
    write_anew(db, seals=True)


def test_a_file_that_was_written_anew_as_a_whole_is_found_out_by_a_report(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    """It agrees with itself, and not with the hash on paper."""
    fill(store)
    printed = records.chain_at(store, T0 + HOUR)
    upkeep.note_record_check(store, "주간", T0 + HOUR)
    upkeep.note_record_check(store, "주간", T0 + HOUR)  # a line a shift
    noted = folder / "backups" / heads.RECORD_CHECKS
    assert noted.read_text(encoding="utf-8") == f"2025-11-19T10:00+09:00\t주간\t{printed}\n"
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"chain": printed, "hash": "0123-4567-89AB-CDEF"}), encoding="utf-8")
    kept = [printed, printed.replace("-", "").lower(), str(report), str(noted)]
    seal_hour(store)
    for one in kept:
        assert upkeep.check(store, against=upkeep.record_checks(one)) == [], one
    without_guards(folder, forge)
    assert upkeep.check(store) == []
    for one in kept:
        found = upkeep.check(store, against=upkeep.record_checks(one))
        assert [f.table for f in found] == ["events"]
        assert f"The record check {printed} is in no row of events" in found[0].sentence


def test_results_alone_cannot_be_written_anew(store: Store, folder: Path) -> None:
    """The hash of the events vouches for the other tables too, by what is said in it once an hour."""
    fill(store, seal=True)
    printed = records.chain_at(store, T0 + 2 * HOUR)
    first, last = store.row("SELECT min(id), max(id) FROM results")

    def change(db: Any) -> None:
        db.execute("UPDATE results SET value = 1.0 WHERE id = ?", (first,))
        write_anew(db)

    without_guards(folder, change)
    found = upkeep.check(store, against=upkeep.record_checks(printed))
    assert [(f.table, f.row) for f in found] == [("results", last)]
    assert "others than the events say" in found[0].sentence


def test_what_is_no_record_check_is_said(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="neither a record check nor a file"):
        upkeep.record_checks("1F2A")
    with pytest.raises(KnownError, match="neither a record check nor a file"):
        upkeep.record_checks(str(tmp_path))
    (tmp_path / "report.json").write_text('{"chain": ""}')
    with pytest.raises(KnownError, match="No record check stands in it"):
        upkeep.record_checks(str(tmp_path / "report.json"))
    (tmp_path / "picture.json").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(KnownError, match="it is no text"):
        upkeep.record_checks(str(tmp_path / "picture.json"))


def test_a_chain_goes_on_where_an_older_program_kept_all_of_each_hash(store: Store, folder: Path) -> None:
    fill(store, 4)

    def age(db: Any) -> None:
        for table, columns in APPEND_ONLY.items():
            sealed = chain.EMPTY_CHAIN
            for facts in db.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id").fetchall():
                sealed = link_hash(sealed, facts)
                db.execute(f"UPDATE {table} SET hash = ? WHERE id = ?", (sealed, facts[0]))

    without_guards(folder, age)
    assert upkeep.check(store) == []
    fill_more = Journal(store)
    fill_more.commit(Batch(events=[state(fill_more, T0 + HOUR, "run")]))
    assert {row[0] for row in store.rows("SELECT length(hash) FROM events")} == {32, chain.KEPT_BYTES}
    assert upkeep.check(store) == []
    without_guards(
        folder, lambda db: db.execute("UPDATE events SET hash = x'' WHERE id = (SELECT min(id) FROM events)")
    )  # type: ignore[arg-type, return-value]
    assert [f.table for f in upkeep.check(store)] == ["events"]  # no hash at all is none that fits


MEASURED = """
format = 1
[plant]
name = "Shop"
line = "1"
[[machine]]
code = "MC"
name = "CNC"
[[gauge]]
code = "G1"
name = "Gauge"
[[characteristic]]
code = "ID"
name = "Bore"
machine = "MC"
gauge = "G1"
[[characteristic]]
code = "OD"
name = "Outside"
[[limit]]
characteristic = "ID"
high = 0.5
"""


@pytest.mark.parametrize(
    ("attack", "table", "row", "words"),
    [
        ("UPDATE characteristic_limits SET high = 0.05", "characteristic_limits", 1, "high is “0.05” where the change"),
        ("UPDATE characteristic_limits SET low = 0.1", "characteristic_limits", 1, "low is “0.1” where"),
        ("DELETE FROM characteristic_limits", "characteristic_limits", 1, "was taken out"),
        ("INSERT INTO characteristic_limits VALUES (9, 2, 0, NULL, 1, 2)", "characteristic_limits", 9, "was put in"),
        ("UPDATE gauges SET name = 'Forged'", "gauges", 1, "history says “Gauge”"),
        ("UPDATE machines SET name = 'Other' WHERE code = 'MC'", "machines", 3, "name is “Other”"),
        ("UPDATE characteristics SET gauge_id = NULL", "characteristics", 1, "gauge_id is “” where"),
        ("INSERT INTO stations (id, code, name, place) VALUES (1, 'X', 'X', 0)", "stations", 1, "was put in"),
    ],
)
def test_what_histories_are_printed_from_is_held_against_the_change_history(
    store: Store, folder: Path, attack: str, table: str, row: int, words: str
) -> None:
    """Also after somebody changed the same row or another one by the program itself."""
    configuration.apply(store, configuration.parse(MEASURED))
    changed = MEASURED.replace('name = "CNC"', 'name = "CNC 1"').replace("high = 0.5", "high = 0.4")
    configuration.apply(store, configuration.parse(MEASURED.replace('"Outside"', '"Outer"')), who="Kim")
    assert upkeep.check(store) == []
    with tool(folder) as connection:
        connection.executescript(attack)
    for _again in range(2):
        assert [(f.table, f.row, words in f.sentence) for f in upkeep.check(store)] == [(table, row, True)]
        store.clock = PlantClock(T0 + HOUR, 0, 0.0)
        configuration.apply(store, configuration.parse(changed), who="Kim", why="letter")


def test_what_an_older_program_left_is_held_from_its_upgrade_on(store: Store, folder: Path) -> None:
    configuration.apply(store, configuration.parse(MEASURED))
    without_guards(folder, lambda db: db.execute("DELETE FROM audit WHERE action = 'master data'"))
    master = sum(1 for _row in store.rows("SELECT 1 FROM audit"))
    with store.transaction() as db:
        master_data.begin(db)
        master_data.begin(db)
    assert len(store.rows("SELECT 1 FROM audit")) == master + 1
    assert master_data.altered(store) == []
    with tool(folder) as connection:
        connection.execute("UPDATE gauges SET name = 'Forged'")
    assert [(each.table, each.told, each.there) for each in master_data.altered(store)] == [
        ("gauges", "Gauge", "Forged")
    ]


def test_no_change_history_shows_what_holds_the_tables(store: Store) -> None:
    configuration.apply(store, configuration.parse(MEASURED), who="Kim")
    assert [change.action for change in trail.page(store, Asked())[0]] == ["config import"]
    assert [row[0] for row in store.rows("SELECT action FROM audit ORDER BY id")] == ["master data", "config import"]


def test_a_log_that_was_cut_is_told_by_what_stands_beside_the_file(store: Store, folder: Path) -> None:
    """What is left of it is an older state that agrees with itself; and it is held against the file for good."""
    fill(store, 2)
    log = folder / "gadong.db-wal"
    cut = log.stat().st_size
    fill(store, 5)
    heads.note(store)
    assert upkeep.check(store) == []
    older = folder.parent / "older"
    older.mkdir()
    (older / "gadong.db").write_bytes((folder / "gadong.db").read_bytes())
    (older / "gadong.db-wal").write_bytes(log.read_bytes()[:cut])
    (older / heads.HEADS).write_bytes((folder / heads.HEADS).read_bytes())
    left = database.open_writer(older)
    found = {finding.table: finding.sentence for finding in upkeep.check(left)}
    assert {"events", "entries", "audit"} <= set(found)
    assert "Rows are missing at the end of events" in found["events"]
    book = Journal(left)
    book.commit(Batch(events=[state(book, T0 + HOUR, "run") for _each in range(20)]))
    heads.note(left)
    assert upkeep.check(left) == [], "what came since agrees"
    checks = upkeep.record_checks(str(older / "backups" / heads.RECORD_CHECKS))
    assert "is in no row of events" in upkeep.check(left, against=checks)[0].sentence
    assert upkeep.check(store, against=checks) == []
    left.close()


def test_what_stands_beside_another_file_or_is_no_text_says_nothing(store: Store, folder: Path) -> None:
    fill(store, 2)
    heads.note(store)
    beside = folder / heads.HEADS
    kept = beside.read_text(encoding="utf-8")
    beside.write_text(kept.replace('"events": [', '"events": [9'), encoding="utf-8")
    assert [finding.table for finding in upkeep.check(store)] == ["events"]
    for words in ('{"site": 3}', "[]", "\0", kept.replace('"heads"', '"tails"'), '{"site": "other", "heads": {}}'):
        beside.write_text(words, encoding="utf-8")
        assert (heads.told(store), upkeep.check(store)) == ({}, [])
    beside.unlink()
    assert upkeep.check(store) == []


def test_a_backup_is_not_held_against_what_stands_beside_the_file_it_replaces(store: Store, folder: Path) -> None:
    fill(store, 2)
    upkeep.backup(store, folder.parent / "kept.db")
    fill(store, 5)
    heads.note(store)
    store.close()
    upkeep.restore(folder, folder.parent / "kept.db")
    again = database.open_reader(folder)
    assert upkeep.check(again) == []
    again.close()

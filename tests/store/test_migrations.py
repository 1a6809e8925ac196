"""A database of the schema before: brought up to date with a copy beside it, its data kept, its triggers in place."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from desktop import control, demo
from desktop.domain.calendar import ALWAYS, Break, shifts_between
from desktop.domain.figures.losses import WeekHour
from desktop.domain.kpi import Sums, Times
from desktop.domain.line import Constraint
from desktop.domain.losses import UNLABELLED, Lost, Stood
from desktop.domain.plant import Machine, Reason, Standard
from desktop.domain.rules import TPM
from desktop.domain.spans import Span
from desktop.store import arrivals, database, migrations, register, shift_sums, upkeep
from desktop.store.schema import APPEND_ONLY, CURRENT, GUARDED
from desktop.store.shift_sums import Kept
from tests.store.example import RETIRED_AT_MS, T0, make_older


@pytest.fixture
def old(folder: Path) -> Path:
    """A folder with a database that only the earlier changes made."""
    make_older(folder)
    return folder


def tables(connection: object, kind: str = "table") -> dict[str, list[str]]:
    """The columns of every table (or the text of every trigger) by name."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = ?", (kind,)).fetchall()  # type: ignore[attr-defined]
    if kind == "trigger":
        return {name: [] for (name,) in rows}
    return {
        name: [str(row[1:4]) for row in connection.execute(f"PRAGMA table_info({name})").fetchall()]  # type: ignore[attr-defined]
        for (name,) in rows
    }


def test_what_was_there_is_there(old: Path) -> None:
    store = database.open_writer(old)
    try:
        assert store.row("PRAGMA user_version")[0] == CURRENT
        plant = register.plant(store)
        assert plant.machines == (Machine(1, "PR", "Press", 0, 60_000), Machine(2, "WD", "Weld", 1))
        assert plant.constraint == 2
        assert register.constraints(store) == (Constraint(2),)
        assert "constraint" not in register.settings(store)
        assert plant.standards == (Standard(1, 2, 30_000.0, 32_000.0),)
        assert plant.reasons == (Reason(1, "R1", "고장", "unplanned", True),)
        assert register.rules(store) == ((0, TPM),)
        assert upkeep.check(store) == []
    finally:
        store.close()


def test_a_shift_that_was_retired_ends_on_its_day_and_its_past_comes_back(old: Path) -> None:
    store = database.open_writer(old)
    try:
        shop = register.calendar(store)
        assert [(p.id, p.name, p.valid_from, sorted(p.weekdays)) for p in shop.patterns] == [
            (1, "주간", ALWAYS, [1, 2, 3, 4, 5]),
            (2, "심야", ALWAYS, [1, 2, 3]),
            (2, "심야", date(2025, 11, 18), []),
        ]
        assert shop.patterns[0].breaks == (Break("식사", time(12), time(13)),)
        assert shop.patterns[0].crew == "A"
        week = Span(T0 - 7 * 86_400_000, T0 + 7 * 86_400_000)
        late = [s.business_on for s in shifts_between(shop, week) if s.name == "심야"]
        assert max(late) == date(2025, 11, 17)
        assert (shop.exceptions, shop.planned, shop.capacity, shop.day_start) == ((), (), (), time.min)
    finally:
        store.close()


def test_what_was_kept_of_shifts_is_made_anew_with_its_causes_and_hours(old: Path) -> None:
    store = database.open_writer(old)
    try:
        assert [store.row(f"SELECT count(*) FROM {table}")[0] for table in shift_sums.TABLES] == [0, 0, 0]
        span = Span(T0, T0 + 3_600_000)
        made = Kept(Sums(Times(run_ms=1)), Lost({UNLABELLED: Stood(5, 1)}, {3: WeekHour(9, 1, 5)}))
        for _time in range(2):  # kept twice is kept once
            shift_sums.write(store, span, 1, "TPM 1", {1: made, shift_sums.LINE: made})
        assert shift_sums.lost(store, 1, [T0]) == made.lost
        assert shift_sums.lost(store, 1, [T0 + 1]) == Lost()
        shift_sums.drop_from(store, span.end_ms)
        assert shift_sums.kept(store, 1) == {span}
        shift_sums.drop_from(store, span.end_ms - 1)
        assert [store.row(f"SELECT count(*) FROM {table}")[0] for table in shift_sums.TABLES] == [0, 0, 0]
    finally:
        store.close()


def test_measured_values_keep_quality_and_source_time(old: Path) -> None:
    store = database.open_writer(old)
    try:
        told = [(at, m.quality, m.status, m.source_at_ms, m.server_at_ms) for at, m in arrivals.measurements(store)]
        set_back_ms = T0 + (10_000 - 7_000_123) // 1000
        assert told == [
            (T0, 0, 0, None, None),
            (T0, 2, 0x80000000, T0 - 5, None),
            (T0, 1, 0x40000000, T0 + 60_000, None),
            (set_back_ms, 0, 0, set_back_ms, None),
        ]
    finally:
        store.close()


def test_a_copy_of_what_was_there_is_made_first(old: Path) -> None:
    database.open_writer(old).close()
    (copy,) = (old / "backups").iterdir()
    connection = database.sqlite3.connect(str(copy))
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert connection.execute("PRAGMA user_version").fetchone()[0] == CURRENT - 1
    assert connection.execute("SELECT value FROM settings WHERE key = 'constraint'").fetchone()[0] == "WD"
    connection.close()


def test_it_is_then_like_a_new_one_triggers_and_all(old: Path, tmp_path: Path) -> None:
    upgraded, new = database.open_writer(old), database.create(tmp_path / "new")
    try:
        assert tables(upgraded.connection) == tables(new.connection)
        assert tables(upgraded.connection, "trigger") == tables(new.connection, "trigger")
        assert len(tables(upgraded.connection, "trigger")) == 3 * (len(APPEND_ONLY) + len(GUARDED))
        with pytest.raises(database.sqlite3.IntegrityError, match="never changed"):
            upgraded.connection.execute("UPDATE audit SET who = 'lee'")
        with pytest.raises(database.sqlite3.IntegrityError, match="never deleted"):
            upgraded.connection.execute("DELETE FROM audit")
    finally:
        upgraded.close()
        new.close()


def test_an_update_that_breaks_off_leaves_it_as_it_was(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = migrations._CALENDAR_AND_RULES + "INSERT INTO nowhere VALUES (1);\n"
    monkeypatch.setattr(migrations, "_CALENDAR_AND_RULES", broken)
    with pytest.raises(database.SqlError):
        database.open_writer(old)
    connection = database.sqlite3.connect(str(old / database.DATABASE))
    assert connection.execute("PRAGMA user_version").fetchone()[0] == CURRENT - 1
    assert connection.execute("SELECT retired_at_ms FROM shift_patterns WHERE id = 2").fetchone()[0] == RETIRED_AT_MS
    connection.close()
    monkeypatch.undo()
    database.open_writer(old).close()  # the next start brings it up to date


def test_whoever_starts_a_collector_brings_an_older_file_up_to_date(old: Path) -> None:
    """The clock of this file stands: nothing is collected, and yet the window can read it from now on."""
    with pytest.raises(database.OlderError, match="older Gadong"):
        database.open_reader(old)
    assert database.is_demo(old) is False
    assert control.ensure_collector(old) is None
    database.open_reader(old).close()
    assert [copy.suffix for copy in (old / "backups").iterdir()] == [".db"]


def test_a_demo_of_an_older_version_makes_room_for_a_new_one(old: Path) -> None:
    connection = database.sqlite3.connect(str(old / database.DATABASE), isolation_level=None)
    connection.execute("UPDATE meta SET value = '1' WHERE key = 'demo'")
    connection.close()
    demo._fresh_folder(old).release()
    assert not (old / database.DATABASE).exists()

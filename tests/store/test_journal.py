"""What happened: ids that only rise, batches that are whole or not there, and questions with exact edges."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.clock import PlantClock
from desktop.domain.events import Event, EventKind, Link, Measurement, Result, State, Step, Thing
from desktop.domain.intervals import Category, derive
from desktop.domain.kpi import tally, times_of
from desktop.domain.spans import Span
from desktop.store import arrivals, chain, database, ids, journal, records, trace, upkeep
from desktop.store.database import KnownError, Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat, DeviceHealth, LiveValue
from tests.store.example import (
    FORCE,
    GOOD,
    MACHINE,
    MINUTE,
    SCAN,
    T0,
    TEXT,
    count,
    open_shop,
    state,
    store_values,
    value,
)

UNIT, LOT, BOX = Thing("unit", "SN1"), Thing("lot", "L1"), Thing("box", "B1")


def everything(book: Journal, at_ms: int = T0) -> Batch:
    """A batch with a fact of each kind."""
    scan = Event(book.next_id(at_ms), EventKind.SCAN, at_ms, 2, 3, SCAN, "SN1", "unit", raw=b"]d2\x00SN1")
    return Batch(
        events=[scan, state(book, at_ms, "run"), count(book, at_ms, 3)],
        measurements=[value(book, at_ms, 1.5), Measurement(book.next_id(at_ms), TEXT, None, "A-1", 1)],
        steps=[Step(book.next_id(at_ms), UNIT, 2, at_ms, scan.id), Step(book.next_id(at_ms), LOT, 2, at_ms, scan.id)],
        links=[Link(book.next_id(at_ms), "consumed", UNIT, LOT, 2, at_ms, scan.id)],
        results=[Result(book.next_id(at_ms), UNIT, FORCE, 1, at_ms, -0.0, "OK", "good", b"raw")],
        live={FORCE: LiveValue(at_ms, 1.5, None, 0)},
        devices={1: DeviceHealth("online", at_ms, last_at_ms=at_ms, frames=7)},
    )


def contents(store: Store) -> dict[str, list[Any]]:
    tables = (
        "events", "units", "links", "steps", "results", "measurements", "measurement_texts", "live", "device_status",
        "chain_heads", "clock_segments", "minutes", "hours", "heartbeat",
    )  # fmt: skip
    return {table: store.rows(f"SELECT * FROM {table}") for table in tables}


def test_a_batch_is_read_back_as_it_was(store: Store) -> None:
    book = Journal(store)
    beat = Beat(1, "0.1", 2, 3, T0, "", 4, 5)
    book.commit(everything(book), beat)
    assert records.live(store) == {FORCE: LiveValue(T0, 1.5, None, 0)}
    assert records.health(store) == {1: DeviceHealth("online", T0, last_at_ms=T0, frames=7)}
    assert records.heartbeat(store) == beat
    assert [(s.code, s.what, s.aim) for s in records.scans(store, Span(T0, T0 + 1))] == [("SN1", "unit", "]d2")]
    assert records.scans(store, Span(T0 + 1, T0 + 2)) == records.scans(store, Span(T0 - 1, T0)) == []
    assert records.values(store, FORCE, Span(T0, T0 + 1)) == [(T0, 1.5)]
    assert records.values(store, TEXT, Span(T0, T0 + 1)) == [(T0, None)]
    assert store.row("SELECT text FROM measurement_texts")[0] == "A-1"
    unit = trace.find(store, "SN1")[0]
    assert [(e.what, e.code) for e in trace.made_of(store, unit.id)] == [("lot", "L1")]
    assert [(v.value, v.word, v.judgement) for v in trace.values(store, unit.id)] == [(0.0, "OK", "good")]
    assert [v.machine for v in trace.visits(store, unit.id)] == [2]
    assert upkeep.check(store) == []


def test_a_thing_is_entered_once_however_often_it_is_seen(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_MOST_THINGS", 2)
    book = Journal(store)
    for turn in range(6):
        at_ms = T0 + turn * 1000
        things = [Thing("unit", f"SN{n % 4}") for n in range(turn, turn + 2)]
        book.commit(Batch(steps=[Step(book.next_id(at_ms), thing, 1, at_ms, 1) for thing in things]))
    again = Journal(store)
    again.commit(Batch(steps=[Step(again.next_id(T0 + 9000), UNIT, 1, T0 + 9000, 1)]))
    assert [row[0] for row in store.rows("SELECT code FROM units ORDER BY code")] == ["SN0", "SN1", "SN2", "SN3"]
    assert store.row("SELECT count(*) FROM steps")[0] == 13
    assert upkeep.check(store) == []


TABLES = ("events", "units", "steps", "links", "results", "measurements", "live", "chain_heads", "heartbeat")


@pytest.mark.parametrize("table", TABLES)
def test_a_batch_that_fails_in_its_middle_leaves_nothing_and_commits_later(store: Store, table: str) -> None:
    """Whatever table refuses, no row of the batch is in the file; the very same batch goes in afterwards."""
    book = Journal(store)
    book.commit(Batch(events=[state(book, T0 - 5000, "stop")]))
    before = contents(store)
    batch, beat = everything(book), Beat(1, "", 0, 0, T0, "", 0, 0)
    store.connection.execute(
        f"CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.{table}"
        " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    )
    with pytest.raises((KnownError, database.SqlError)):
        book.commit(batch, beat)
    assert contents(store) == before
    store.connection.execute("DROP TRIGGER refuse")
    book.commit(batch, beat)
    assert store.row("SELECT count(*) FROM events")[0] == 4
    assert store.row("SELECT count(*) FROM units")[0] == 2
    assert upkeep.check(store) == []
    book.commit(Batch(events=[state(book, T0 + 5000, "stop")]))
    assert upkeep.check(store) == []


def test_a_busy_file_refuses_the_batch_whole(store: Store, folder: Path) -> None:
    book = Journal(store)
    other = database.open_writer(folder)
    batch = everything(book)
    with other.transaction(), pytest.raises(database.BusyError):
        book.commit(batch)
    other.close()
    book.commit(batch)
    assert store.row("SELECT count(*) FROM results")[0] == 1


# -- ids and clocks --

moves = st.lists(
    st.one_of(
        st.integers(0, 3000),  # time goes on
        st.integers(-1500, -1),  # the ordinary disorder of stamps
        st.integers(-400 * 86_400_000, -10_000),  # the clock was set back
        st.integers(10_000, 400 * 86_400_000),  # or ahead
    ),
    min_size=1,
    max_size=40,
)


@given(moves, st.integers(1, 7))
def test_ids_only_rise_and_still_tell_the_time(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], every: int
) -> None:
    """Through jumps in both directions and restarts: each value is found at its time, each exactly once."""
    store = open_shop(tmp_path_factory.mktemp("clock") / "d")
    try:
        book = Journal(store)
        at_ms, given_at = T0 + 500 * 86_400_000, []
        pending = []
        for place, step in enumerate(steps):
            at_ms += step
            given_at.append(at_ms)
            pending.append(value(book, at_ms, float(place)))
            if place % every == 0:
                book.commit(Batch(measurements=pending))
                pending = []
                if place % 2:
                    book = Journal(store)
        book.commit(Batch(measurements=pending))
        ids = [row[0] for row in store.rows("SELECT id FROM measurements ORDER BY value")]
        assert all(before < after for before, after in pairwise(ids))
        found = records.values(store, FORCE, Span(0, 1 << 43))
        assert sorted(number for _at, number in found if number is not None) == [float(n) for n in range(len(steps))]
        for told_ms, number in found:
            assert number is not None
            assert 0 <= told_ms - given_at[int(number)] <= 2001  # the disorder that is allowed
        middle = sorted(given_at)[len(given_at) // 2]
        before, after = (records.values(store, FORCE, span) for span in (Span(0, middle), Span(middle, 1 << 43)))
        assert len(before) + len(after) == len(steps)
        assert [v for v in found if v[0] < middle] == sorted(before, key=found.index)
    finally:
        store.close()


def test_ordinary_disorder_opens_no_segment_also_where_plant_time_runs_fast(tmp_path: Path) -> None:
    store = open_shop(tmp_path / "fast", PlantClock(T0, 0, 30.0))
    book = Journal(store)
    for at_ms in (T0, T0 + 50_000, T0, T0 + 60_000):
        book.next_id(at_ms)
    # A long wait for the disk: the units of a batch are entered late, which is no jump of the clock.
    late = everything(book, T0 + 60_000)
    book.next_id(T0 + 900_000)
    book.commit(late)
    assert store.rows("SELECT * FROM clock_segments") == []
    store.close()


def test_a_clock_that_was_a_year_ahead_neither_sticks_nor_widens_a_question(store: Store) -> None:
    year = 365 * 86_400_000
    book = Journal(store)
    store_values(book, (T0 + year, 1.0))
    for second in range(5):
        store_values(book, (T0 + second * 1000, 2.0 + second))
    assert records.values(store, FORCE, Span(T0, T0 + 10_000)) == [(T0 + s * 1000, 2.0 + s) for s in range(5)]
    assert records.values(store, FORCE, Span(T0 + year, T0 + year + 1)) == [(T0 + year, 1.0)]
    assert len(store.rows("SELECT * FROM clock_segments")) == 1
    # When the true time has passed the last wrong id, ids are the plain time again.
    store_values(book, (T0 + year + 60_000, 9.0))
    assert ids.id_ranges(store, Span(T0 + year + 60_000, T0 + year + 60_001)) == [
        ((T0 + year + 60_000) * 1000, (T0 + year + 60_001) * 1000 - 1, 0)
    ]


# -- chains --


def test_check_names_the_first_row_that_was_edited(store: Store, folder: Path) -> None:
    book = Journal(store)
    for place in range(20):
        book.commit(Batch(events=[state(book, T0 + place * 5000, "run" if place % 2 else "stop")]))
    ids = [row[0] for row in store.rows("SELECT id FROM events ORDER BY id")]
    tamper(folder, "events", f"UPDATE events SET word = 'run' WHERE id IN ({ids[12]}, {ids[4]})")
    findings = upkeep.check(store)
    assert [(f.table, f.row) for f in findings] == [("events", ids[4])]
    assert str(ids[4]) in findings[0].sentence


@pytest.mark.parametrize("place", [0, 7, 19])
def test_check_finds_a_row_that_was_taken_out(store: Store, folder: Path, place: int) -> None:
    book = Journal(store)
    book.commit(Batch(events=[state(book, T0 + n * 5000, "run" if n % 2 else "stop") for n in range(20)]))
    ids = [row[0] for row in store.rows("SELECT id FROM events ORDER BY id")]
    tamper(folder, "events", f"DELETE FROM events WHERE id = {ids[place]}")
    findings = upkeep.check(store)
    assert [f.table for f in findings] == ["events"]
    assert findings[0].row == (ids[19] if place == 19 else ids[place + 1])


def test_check_finds_a_cut_tail(store: Store, folder: Path) -> None:
    book = Journal(store)
    book.commit(Batch(events=[state(book, T0 + n * 5000, "run" if n % 2 else "stop") for n in range(20)]))
    tamper(folder, "events", f"DELETE FROM events WHERE at_ms >= {T0 + 15 * 5000}")
    findings = upkeep.check(store)
    assert [f.table for f in findings] == ["events"]
    assert "20" in findings[0].sentence
    assert "15" in findings[0].sentence


def test_check_finds_a_row_that_was_slipped_in(store: Store, folder: Path) -> None:
    book = Journal(store)
    book.commit(Batch(events=[state(book, T0, "run")]))
    tamper(
        folder, "events",
        "INSERT INTO events SELECT id + 1, kind, at_ms, machine_id, device_id, signal_id, 'stop', detail, pieces,"
        " from_ms, reading, flag, raw, hash FROM events",
    )  # fmt: skip
    assert [f.table for f in upkeep.check(store)] == ["events"]


def tamper(folder: Path, table: str, statement: str) -> None:
    """What somebody with a database tool can do: take the triggers away, edit, put them back."""
    tool = database.sqlite3.connect(str(folder / "gadong.db"), isolation_level=None)
    triggers = tool.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
    ).fetchall()
    for name, _sql in triggers:
        tool.execute(f"DROP TRIGGER {name}")
    tool.execute(statement)
    for _name, sql in triggers:
        tool.execute(sql)
    tool.close()


def test_check_finds_a_forged_row_with_a_right_hash_at_the_end(store: Store, folder: Path) -> None:
    book = Journal(store)
    book.commit(Batch(events=[state(book, T0, "run"), state(book, T0 + 1, "stop")]))
    row = store.row("SELECT * FROM events ORDER BY id DESC LIMIT 1")
    forged = (row[0] + 5, *row[1:-1])
    whole = store.row("SELECT hash FROM chain_heads WHERE name = 'events'")[0]
    sealed = chain.link_hash(whole, forged)[: chain.KEPT_BYTES]
    tool = database.sqlite3.connect(str(folder / "gadong.db"), isolation_level=None)
    tool.execute(f"INSERT INTO events VALUES ({', '.join('?' * len(row))})", (*forged, sealed))
    tool.close()
    assert [(f.table, f.row) for f in upkeep.check(store)] == [("events", forged[0])]


def test_check_is_not_confused_by_a_collector_that_writes(store: Store, folder: Path) -> None:
    book = Journal(store)
    book.commit(everything(book))
    reader = database.open_reader(folder)

    class Writing:
        """A store on which a batch is committed between any two questions."""

        def __init__(self) -> None:
            self.turn = 0

        def __getattr__(self, name: str) -> Any:
            self.turn += 1
            at_ms = T0 + self.turn * 5000
            book.commit(everything(book, at_ms))
            return getattr(reader, name)

    assert upkeep.check(Writing()) == []  # type: ignore[arg-type]
    reader.close()


# -- questions --


def test_a_standstill_over_the_edges_of_a_window_is_read_whole(store: Store) -> None:
    book = Journal(store)
    words = [
        (0, "run"),
        (10, "stop"),
        (20, "fault"),
        (40, "starved"),
        (60, "run"),
        (70, "stop"),
        (80, "run"),
        (90, "stop"),
    ]
    book.commit(Batch(events=[state(book, T0 + minute * MINUTE, word) for minute, word in words]))
    window = Span(T0 + 15 * MINUTE, T0 + 30 * MINUTE)
    changes = records.state_changes(store, MACHINE, window)
    assert [(c.at_ms - T0) // MINUTE for c in changes] == [0, 10, 20, 40, 60]
    assert [c.state for c in changes][:2] == [State.RUN, State.STOP]
    # A window in the middle of a stop: the whole of it is judged.
    parts = derive(MACHINE, window, threshold_ms=50 * MINUTE, changes=changes)
    assert {i.category for i in parts} == {Category.STOP}
    assert {i.category for i in derive(MACHINE, window, threshold_ms=50 * MINUTE + 1, changes=changes)} == {
        Category.SHORT_STOP
    }
    before = records.state_changes(store, MACHINE, Span(T0 - 10, T0 - 5))
    assert times_of(derive(MACHINE, Span(T0 - 10, T0 - 5), threshold_ms=0, changes=before)).no_data_ms == 5


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(list(State))), max_size=25),
    st.integers(0, 90_000),
    st.integers(1, 60_000),
    st.integers(0, 20_000),
)
def test_a_window_asked_alone_says_what_the_whole_history_says(
    tmp_path_factory: pytest.TempPathFactory,
    words: list[tuple[int, State]],
    start: int,
    length: int,
    threshold: int,
) -> None:
    store = open_shop(tmp_path_factory.mktemp("w") / "d")
    try:
        book, at_ms = Journal(store), T0
        changes = []
        for step, word in words:
            at_ms += step
            changes.append(state(book, at_ms, word.value))
        book.commit(Batch(events=changes))
        window = Span(T0 + start, T0 + start + length)
        whole = records.state_changes(store, MACHINE, Span(T0 - 1, T0 + 1_000_000))
        part = records.state_changes(store, MACHINE, window)
        now_ms = T0 + 1_000_000
        answers = [
            derive(MACHINE, window, threshold_ms=threshold, changes=known, known_until_ms=now_ms)
            for known in (whole, part)
        ]
        assert answers[0] == answers[1]
    finally:
        store.close()


def test_counts_reach_to_the_pieces_around_the_window_and_to_gaps_over_it(store: Store) -> None:
    book = Journal(store)
    minutes = [
        (0, 1, "", 0),
        (10, 2, "", 10),
        (20, 0, "first", 20),
        (30, 1, "", 30),
        (40, 1, "", 40),
        (50, 7, "gap", 5),
    ]
    book.commit(
        Batch(
            events=[
                count(book, T0 + at * MINUTE, made, flag=flag, from_ms=T0 + start * MINUTE)
                for at, made, flag, start in minutes
            ]
        )
    )
    found = records.counts(store, MACHINE, Span(T0 + 15 * MINUTE, T0 + 35 * MINUTE))
    assert [(c.at_ms - T0) // MINUTE for c in found] == [10, 20, 30, 40, 50]
    [made] = tally(Span(T0 + 15 * MINUTE, T0 + 35 * MINUTE), (), found).outputs
    assert (made.good, made.untimed) == (4, 3)
    assert [c.pieces for c in records.counts(store, MACHINE, Span(T0 + 60 * MINUTE, T0 + 61 * MINUTE))] == [7]
    assert records.counts(store, 2, Span(T0, T0 + MINUTE)) == []


@pytest.mark.parametrize(
    ("question", "index"),
    [
        (
            records._ENDING.replace("?", "1") + " AND at_ms <= 5 ORDER BY at_ms DESC LIMIT 1",
            "events_machine (machine_id=? AND kind=? AND at_ms<?)",
        ),
        ("SELECT * FROM events WHERE machine_id = 1 AND flag = 'gap' AND at_ms > 1 AND from_ms < 2", "events_gap"),
        ("SELECT * FROM events WHERE kind = 'scan' AND at_ms >= 1 AND at_ms < 2", "events_scan_time"),
        ("SELECT * FROM events WHERE kind = 'scan' AND word = 'A'", "events_scan"),
        ("SELECT * FROM links WHERE parent_id = 1", "links_parent"),
        ("SELECT * FROM links WHERE child_id = 1", "links_child"),
        ("SELECT * FROM steps WHERE unit_id = 1", "steps_unit"),
        ("SELECT * FROM results WHERE unit_id = 1", "results_unit"),
    ],
)
def test_no_question_reads_a_whole_journal(store: Store, question: str, index: str) -> None:
    plan = " ".join(row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {question}"))
    assert f"{index} " in f"{plan} "
    assert "SCAN events " not in f"{plan} "


def test_health_of_a_device_in_a_window(store: Store) -> None:
    book = Journal(store)
    words = [(0, "online"), (5, "offline"), (9, "online"), (20, "offline")]
    book.commit(
        Batch(
            events=[
                Event(
                    book.next_id(T0 + at * MINUTE), EventKind.DEVICE, T0 + at * MINUTE, device=1, word=word, detail="{}"
                )
                for at, word in words
            ]
        )
    )
    found = records.device_events(store, 1, Span(T0 + 6 * MINUTE, T0 + 20 * MINUTE))
    assert [(e.word, (e.at_ms - T0) // MINUTE) for e in found] == [("offline", 5), ("online", 9)]
    assert records.device_events(store, 2, Span(0, 1 << 50)) == []


def test_the_last_event_and_the_alarms_of_a_window(store: Store) -> None:
    book = Journal(store)
    words = [(0, "E1"), (5, ""), (9, "E2")]
    book.commit(
        Batch(
            events=[
                Event(book.next_id(T0 + at), EventKind.ALARM, T0 + at, MACHINE, 1, GOOD, word) for at, word in words
            ]
        )
    )
    last = [records.last_event(store, MACHINE, EventKind.ALARM, T0 + at) for at in (-1, 4, 100)]
    assert [event and event.word for event in last] == [None, "E1", "E2"]
    assert [e.word for e in records.alarms(store, MACHINE, Span(T0 + 2, T0 + 9))] == ["E1", ""]


def test_the_last_hash_before_an_id(store: Store) -> None:
    assert records.chain_at(store, 1 << 50) == ""
    book = Journal(store)
    book.commit(Batch(events=[state(book, T0, "run"), state(book, T0 + 1, "stop")]))
    hashes = [bytes(row[0]).hex().upper() for row in store.rows("SELECT hash FROM events ORDER BY id")]
    assert records.chain_at(store, T0 + 1).replace("-", "") == hashes[0][:16]
    assert records.chain_at(store, 1 << 50).replace("-", "") == hashes[1][:16]


def test_hostile_words_are_stored_verbatim(store: Store) -> None:
    book = Journal(store)
    codes = [
        "x'); drop table events;--",
        '"; DELETE',
        "=cmd|' /C calc'!A0",
        "%_\\",
        "a\x1db",
        "가나다 🏭",
        "\r\nINFO fake",
    ]
    random.Random(1).shuffle(codes)
    book.commit(
        Batch(
            events=[
                Event(book.next_id(T0 + n), EventKind.SCAN, T0 + n, 2, 3, SCAN, code, "unit")
                for n, code in enumerate(codes)
            ],
            steps=[Step(book.next_id(T0), Thing("unit", code), 2, T0, 1) for code in codes],
        )
    )
    assert [s.code for s in records.scans(store, Span(T0, T0 + 100))] == codes
    assert [trace.find(store, code)[0].code for code in codes] == codes
    assert trace.similar(store, "%_") == ["%_\\"]
    assert upkeep.check(store) == []


def test_a_source_time_is_exact_though_ids_were_moved_on(store: Store) -> None:
    book = Journal(store)
    batch = Batch()
    for source_ms in (T0 - 5, T0 - 4, T0 + 60_000):  # three values that arrived in one millisecond
        batch.measurements.append(Measurement(book.next_id(T0), 1, 1.0, source_at_ms=source_ms))
    behind = book.next_id(T0 - 86_400_000)  # the clock is set back by a day
    batch.measurements.append(Measurement(behind, 1, 1.0, source_at_ms=T0 - 86_400_001))
    batch.measurements.append(Measurement(book.next_id(T0 - 86_400_000), 1, 1.0))
    book.commit(batch)
    told = [value.source_at_ms for _at_ms, value in arrivals.measurements(store)]
    assert told == [T0 - 5, T0 - 4, T0 + 60_000, T0 - 86_400_001, None]


@pytest.mark.parametrize("source_ms", [None, T0 - 5, T0 + 60_000, T0 - 20 * 365 * 86_400_000])
@pytest.mark.parametrize("server_ms", [None, T0 - 5, T0 - 4, T0 + 86_400_000, 0])
@pytest.mark.parametrize(("status", "quality"), [(0, 0), (0x480, 0), (0x40900000, 1), (0x80AB1234, 2), (0xFFFFFFFF, 2)])
def test_status_and_both_times_of_a_value_come_back_as_they_were(
    store: Store, source_ms: int | None, server_ms: int | None, status: int, quality: int
) -> None:
    book = Journal(store)
    moved_on = [Measurement(book.next_id(T0), 1, 1.0) for _ in range(3)]
    told = Measurement(book.next_id(T0), 1, 1.0, None, quality, source_ms, status, server_ms)
    book.commit(Batch(measurements=[*moved_on, told]))
    assert arrivals.measurements(store)[-1] == (T0, told)


@pytest.mark.parametrize("status", [0, 0x480])
def test_a_value_that_is_trusted_less_than_its_status_says(store: Store, status: int) -> None:
    book = Journal(store)
    book.commit(Batch(measurements=[Measurement(book.next_id(T0), 1, None, "too large", 2, status=status)]))
    [(_at_ms, told)] = arrivals.measurements(store)
    assert (told.quality, told.status) == (2, 0x80000000)


def test_newest_measured_values_go_into_the_file_once_a_second_and_all_others_at_once(store: Store) -> None:
    book = Journal(store)

    def commit(at_ms: int, number: float, counted: int) -> dict[int, LiveValue]:
        live = {FORCE: LiveValue(at_ms, number, None, 0), GOOD: LiveValue(at_ms, counted, None, 0)}
        book.commit(Batch(measurements=[value(book, at_ms, number)], live=live))
        return records.live(store)

    commit(T0, 1.0, 10)
    kept = commit(T0 + 400, 2.0, 11)
    assert (kept[FORCE].value, kept[GOOD].value) == (1.0, 11.0), "a measured value stands in its own row"
    assert commit(T0 + 999, 3.0, 12)[FORCE].value == 1.0
    assert commit(T0 + 1000, 4.0, 13)[FORCE].value == 4.0
    assert commit(T0 + 1100, 5.0, 13)[FORCE].value == 4.0
    book.commit(Batch())  # a heartbeat, and nothing measured
    assert records.live(store)[FORCE] == LiveValue(T0 + 1100, 5.0, None, 0)
    commit(T0 - 5000, 6.0, 13)  # the clock was set back
    assert commit(T0 - 3900, 7.0, 13)[FORCE].value == 7.0

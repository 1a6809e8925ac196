"""Figures put together from a real file: windows that cut a gap, a standstill or the clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop import summaries, words
from desktop.clock import PlantClock
from desktop.domain import calendar, differences
from desktop.domain.calendar import Shift
from desktop.domain.events import Event, EventKind, State
from desktop.domain.figures.losses import LossFilter
from desktop.domain.figures.report import ShiftReport
from desktop.domain.intervals import Category
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span
from desktop.reports import json_file, sentences
from desktop.reports.blocks import KeyValues, Table
from desktop.reports.sections import page, results
from desktop.store import records, register
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat
from tests.store.example import COUNTING, HOUR, MACHINE, MINUTE, STATE, T0, count, open_shop, state

DAY = date(2025, 11, 19)
SEOUL_8 = T0 - HOUR  # 08:00 of that day in Seoul


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    """The small shop with two shifts: 08:00-17:00 with a meal at 12, 20:00-05:00; its clock at the end of the day."""
    store = open_shop(tmp_path, PlantClock(SEOUL_8 + 40 * HOUR, 0, 0.0))
    with store.transaction() as db:
        register.put_setting(db, "timezone", "Asia/Seoul")
        meal = json.dumps([{"name": "Meal", "start": "12:00", "end": "13:00"}])
        for name, start, end, breaks in (("Day", "08:00", "17:00", meal), ("Night", "20:00", "05:00", "[]")):
            words = {
                "start": start,
                "end": end,
                "weekdays": json.dumps(list(range(1, 8))),
                "breaks": breaks,
                "crew": "",
            }
            register.upsert(db, "shift_patterns", {"name": name, "valid_from": "1970-01-01"}, words)
        product = register.upsert(db, "products", {"code": "P"}, {"name": "P"})
        key = {"product_id": product, "machine_id": MACHINE, "valid_from_ms": 0}
        register.upsert(db, "standards", key, {"ideal_cycle_ms": 60_000.0, "standard_cycle_ms": 60_000.0})
    yield store
    store.close()


def tell(store: Store, *facts: tuple[int, str, int]) -> None:
    """Commit states ("run", 0), pieces ("good", 5) and the device's words ("online", 0), at minutes after 08:00."""
    book, batch = Journal(store), Batch()
    for minute, word, pieces in facts:
        at_ms = SEOUL_8 + minute * MINUTE
        if word in ("good", "reject"):
            batch.events.append(count(book, at_ms, pieces, word=word))
        elif word in ("online", "offline"):
            detail = json.dumps({"kind": "" if word == "online" else "link_lost"})
            batch.events.append(Event(book.next_id(at_ms), EventKind.DEVICE, at_ms, None, 1, word=word, detail=detail))
        else:
            batch.events.append(state(book, at_ms, word))
    now_ms = store.clock.now_ms()
    book.commit(batch, Beat(1, "1", 0, store.clock.real_ms(), now_ms, "", 0, 0))


def shift(store: Store, name: str) -> Shift:
    found = calendar.shift_named(register.calendar(store), name, DAY)
    assert found is not None
    return found


def report(store: Store, name: str, at_minute: int = 30 * 60) -> ShiftReport:
    return summaries.shift_report(store, shift(store, name), SEOUL_8 + at_minute * MINUTE)


def test_command_bar_codes_are_no_traceability(shop: Store) -> None:
    book = Journal(shop)
    scans = [
        Event(book.next_id(at_ms), EventKind.SCAN, at_ms, MACHINE, None, None, code, what, flag=flag)
        for at_ms, code, what, flag in (
            (SEOUL_8 + 1, "SN1", "unit", ""), (SEOUL_8 + 2, "G.RB01U6", "command", ""),
            (SEOUL_8 + 3, "G.RB01U6", "command", "duplicate"), (SEOUL_8 + 4, "?", "", ""),
        )
    ]  # fmt: skip
    book.commit(Batch(events=scans))
    told = report(shop, "Day").trace
    assert (told.scans, told.units, told.doubles, told.unreadable) == (2, 1, 0, 1)


def test_a_gap_over_two_shifts_is_split_between_them_by_the_time_they_worked(shop: Store) -> None:
    """Silent from 16:00 to 22:00: one hour of the day shift and two of the night shift are in it, three of neither."""
    tell(shop, (0, "online", 0), (0, "run", 0), (1, "good", 1), (480, "offline", 0), (480, "unknown", 0))
    book = Journal(shop)
    back_ms = SEOUL_8 + 14 * HOUR
    gap = count(book, back_ms, 90, flag="gap", from_ms=SEOUL_8 + 8 * HOUR)
    online = Event(book.next_id(back_ms), EventKind.DEVICE, back_ms, None, 1, word="online", detail='{"kind": ""}')
    book.commit(Batch(events=[gap, online, state(book, back_ms, "run")]))
    day, night = report(shop, "Day").machines[0], report(shop, "Night").machines[0]
    assert (day.kpis.pieces.untimed, night.kpis.pieces.untimed) == (30, 60)
    assert (day.good, night.good) == (31, 60)


def test_a_standstill_over_the_shifts_end_is_judged_by_its_whole_working_time(shop: Store) -> None:
    """From 16:59 to 20:01: a minute of each shift, none of the three hours between them: two minutes reach 120 s."""
    tell(shop, (0, "online", 0), (0, "run", 0), (539, "stop", 0), (721, "run", 0))
    day, night = report(shop, "Day").machines[0], report(shop, "Night").machines[0]
    assert day.kpis.times.stop_ms == night.kpis.times.stop_ms == MINUTE
    assert {i.stop_id for i in day.intervals if i.category is Category.STOP} == {
        i.stop_id for i in night.intervals if i.category is Category.STOP
    }


def test_a_short_standstill_over_a_break_and_the_shifts_end_stays_short(shop: Store) -> None:
    tell(shop, (0, "online", 0), (0, "run", 0), (239, "stop", 0), (300, "run", 0), (539, "stop", 0), (720, "run", 0))
    day = report(shop, "Day").machines[0]
    assert day.kpis.times.stop_ms == 0
    assert day.kpis.times.short_stop_ms == 2 * MINUTE
    assert day.kpis.times.planned_ms == HOUR


def test_a_moment_knows_nothing_of_what_came_later(shop: Store) -> None:
    """A standstill of a minute so far is short, also when the file knows by now that it lasted for ten."""
    tell(shop, (0, "online", 0), (0, "run", 0), (60, "stop", 0), (70, "run", 0), (80, "good", 50))
    then = report(shop, "Day", at_minute=61).machines[0]
    assert (then.kpis.times.short_stop_ms, then.kpis.times.stop_ms, then.good) == (MINUTE, 0, 0)
    assert report(shop, "Day", at_minute=62).machines[0].kpis.times.stop_ms == 2 * MINUTE
    assert report(shop, "Day", at_minute=90).machines[0].kpis.times.stop_ms == 10 * MINUTE
    for at_minute in (61, 62, 90):
        now = summaries.line_now(shop, SEOUL_8 + at_minute * MINUTE).machines[0].kpis
        assert now is not None
        assert now.times == report(shop, "Day", at_minute=at_minute).machines[0].kpis.times


def test_a_machine_that_only_counts_is_not_asked_why_while_the_one_before_it_stands(shop: Store) -> None:
    """The press is down from 09:00 to 09:10, the washer behind it makes its last piece at 09:01."""
    with shop.transaction() as db:
        key = {"device_id": 2, "key": "washed"}
        words = {"name": "washed", "machine_id": COUNTING, "role": "good", "unit": "", "pieces_per_step": 1}
        plain = {"factor": 1.0, "offset_value": 0.0, "dead_band": 0.0, "per_piece": 0}
        signal = register.upsert(
            db, "signals", key, {**words, **plain, "codes": "{}", "classes": "{}", "settings": "{}"}
        )
        standard = {"product_id": 1, "machine_id": COUNTING, "valid_from_ms": 0}
        register.upsert(db, "standards", standard, {"ideal_cycle_ms": 60_000.0, "standard_cycle_ms": 60_000.0})
    tell(shop, (0, "online", 0), (0, "run", 0), (60, "fault", 0), (70, "run", 0))
    book, online = Journal(shop), SEOUL_8
    facts = [Event(book.next_id(online), EventKind.DEVICE, online, None, 2, word="online", detail='{"kind": ""}')]
    for minute in range(1, 62):
        made_ms = SEOUL_8 + minute * MINUTE
        piece = Event(book.next_id(made_ms), EventKind.COUNT, made_ms, COUNTING, 2, signal, "good", "", 1, made_ms)
        facts.append(piece)
    book.commit(Batch(events=facts))
    press, washer = summaries.line_now(shop, SEOUL_8 + 66 * MINUTE).machines
    assert (press.state, press.rank, press.waits_for) == (State.FAULT, 1, "")
    assert (washer.category, washer.waits_for, washer.asks_reason, washer.rank) == (Category.STOP, "PR-01", False, 2)
    told = report(shop, "Day", at_minute=66)
    listed = summaries.line_now(shop, SEOUL_8 + 66 * MINUTE).open_stops
    assert [stop.machine_code for stop in listed] == [stop.machine_code for stop in told.stops if stop.unlabelled]
    assert [(stop.machine_code, stop.unlabelled) for stop in told.stops] == [("PR-01", False), ("WS-01", True)]
    past = summaries.machine_day(shop, COUNTING, SEOUL_8 + 80 * MINUTE)

    def behind(minute: int) -> list[tuple[str, bool]]:
        rows = summaries.stops_now(summaries.Live(), shop, SEOUL_8 + minute * MINUTE).open
        return [(row.behind, row.asks) for row in rows]

    assert behind(72) == [("PR-01", False)], "eight of eleven minutes"
    assert behind(80) == [("", True)], "eight of nineteen"
    assert past.stood_before == ((Span(SEOUL_8 + 62 * MINUTE, SEOUL_8 + 70 * MINUTE), "PR-01"),)
    assert summaries.machine_day(shop, MACHINE, SEOUL_8 + 80 * MINUTE).stood_before == ()
    after = summaries.line_now(shop, SEOUL_8 + 80 * MINUTE)
    assert (after.machines[1].waits_for, after.machines[1].asks_reason, after.machines[1].rank) == ("", True, 1)
    assert [stop.machine_code for stop in after.open_stops] == ["WS-01"]


def test_a_state_code_that_the_register_does_not_have_is_told_until_a_known_one_comes(shop: Store) -> None:
    tell(shop, (0, "online", 0), (0, "run", 0))
    book, at_ms = Journal(shop), SEOUL_8 + 10 * MINUTE
    odd = Event(book.next_id(at_ms), EventKind.STATE, at_ms, MACHINE, 1, STATE, "unknown", "7")
    book.commit(Batch(events=[odd]))
    told = summaries.line_now(shop, at_ms + MINUTE).machines[0]
    assert (told.state, told.category, told.unknown_code) == (State.UNKNOWN, Category.NO_DATA, "7")
    tell(shop, (12, "run", 0))
    assert summaries.line_now(shop, at_ms + 3 * MINUTE).machines[0].unknown_code == ""


def test_outside_any_shift_the_window_begins_with_the_last_shifts_end(shop: Store) -> None:
    tell(shop, (0, "online", 0), (0, "run", 0), (560, "stop", 0))
    line = summaries.line_now(shop, SEOUL_8 + 600 * MINUTE)  # 18:00
    assert line.shift is None
    assert line.machines[0].since_ms == SEOUL_8 + 560 * MINUTE
    assert line.machines[0].kpis is not None
    assert line.machines[0].kpis.window.start_ms == shift(shop, "Day").span.end_ms


def test_what_is_made_outside_any_shift_is_shown_apart_from_the_shift_and_has_no_oee(shop: Store) -> None:
    """A piece at 16:30 belongs to the day shift; seven made between 17:00 and 18:00 to none."""
    tell(
        shop, (0, "online", 0), (0, "run", 0), (510, "good", 1), (560, "good", 3), (580, "good", 4), (590, "reject", 1)
    )
    machine, other = summaries.line_now(shop, SEOUL_8 + 600 * MINUTE).machines
    assert (machine.category, machine.state) == (Category.UNSCHEDULED, State.RUN)
    assert (machine.good, machine.reject, machine.target, machine.rank) == (7, 1, None, None)
    assert machine.kpis is not None
    assert machine.kpis.oee is None
    assert (other.good, other.reject) == (None, None), "of a machine of which nothing is known nothing is said"
    assert report(shop, "Day").machines[0].good == 1


def test_what_cannot_be_meant_so_is_told_with_the_shift(shop: Store) -> None:
    """A shift within another has no time of its own; a machine with two products does not tell which one it makes."""
    with shop.transaction() as db:
        words = {
            "start": "09:00",
            "end": "10:00",
            "weekdays": json.dumps([1, 2, 3, 4, 5, 6, 7]),
            "breaks": "[]",
            "crew": "",
        }
        register.upsert(db, "shift_patterns", {"name": "Early", "valid_from": "1970-01-01"}, words)
        other = register.upsert(db, "products", {"code": "Q"}, {"name": "Q"})
        key = {"product_id": other, "machine_id": MACHINE, "valid_from_ms": 0}
        register.upsert(db, "standards", key, {"ideal_cycle_ms": 30_000.0, "standard_cycle_ms": 30_000.0})
    tell(shop, (0, "online", 0), (0, "run", 0))
    assert report(shop, "Day").flags == (("shift_swallowed", "Early"), ("no_product", "PR-01"))


def test_outside_any_shift_a_young_file_says_nothing_of_the_time_before_it(tmp_path: Path) -> None:
    made_ms = SEOUL_8 + 10 * HOUR
    store = open_shop(tmp_path, PlantClock(made_ms, 0, 0.0))
    try:
        line = summaries.line_now(store, made_ms + 3 * MINUTE)
        assert [m.category for m in line.machines] == [Category.NO_DATA] * 2
        assert {m.since_ms for m in line.machines} == {made_ms}
    finally:
        store.close()


def test_where_no_shifts_are_set_up_all_time_counts_and_is_told_so(tmp_path: Path) -> None:
    made_ms = SEOUL_8 + 10 * HOUR
    now_ms = made_ms + 3 * MINUTE
    store = open_shop(tmp_path, PlantClock(made_ms, 0, 0.0))
    try:
        line = summaries.line_now(store, now_ms)
        assert not line.head.has_shifts
        for machine in line.machines:
            assert machine.kpis is not None
            times = machine.kpis.sums.times
            assert (times.unscheduled_ms, times.planned_ms, times.busy_ms) == (0, 0, 3 * MINUTE)
        assert "No shifts are set up: all time counts." in words.status(line)
        assert not summaries.loss_period(store, now_ms, LossFilter()).head.has_shifts
    finally:
        store.close()


def test_the_last_hash_of_a_shift_is_found_through_a_jump_of_the_clock(shop: Store) -> None:
    book = Journal(shop)
    wrong_ms = SEOUL_8 + 400 * 24 * HOUR  # the clock was a year ahead
    first, then = state(book, wrong_ms, "stop"), state(book, SEOUL_8 + HOUR, "run")
    book.commit(Batch(events=[first, then]))
    hashes = [bytes(row[0]).hex().upper() for row in shop.rows("SELECT hash FROM events ORDER BY id")]
    assert records.chain_at(shop, SEOUL_8 + 2 * HOUR).replace("-", "") == hashes[1][:16]
    assert records.chain_at(shop, SEOUL_8) == ""


def test_each_shift_is_counted_by_the_rules_that_held_when_it_began(shop: Store) -> None:
    """Run in a break is busy time; from the night on it is not: the day keeps its figures and names its rules."""
    tell(shop, (0, "online", 0), (0, "run", 0))
    strict = RuleSet(version=2, break_run_is_busy=False)
    day_before = report(shop, "Day").machines[0].kpis
    with shop.transaction() as db:
        register.put_rules(db, strict, SEOUL_8 + 10 * HOUR)
        register.audit(db, SEOUL_8, "me", "rules", "", "", "")
    day, night = report(shop, "Day"), report(shop, "Night")
    assert day.machines[0].kpis == day_before
    assert day_before.times.busy_ms == 9 * HOUR
    assert (day.rules, night.rules) == (str(TPM), str(strict))
    with shop.transaction() as db:
        register.put_rules(db, replace(strict, version=3), SEOUL_8)
        register.audit(db, SEOUL_8, "me", "rules", "", "", "")
    assert report(shop, "Day").machines[0].kpis.times.busy_ms == 8 * HOUR


def test_a_planned_stop_counts_from_its_approval_on(shop: Store) -> None:
    """An hour of maintenance: approved before, it is no loss; approved after, it is, and OEE is told both ways."""
    tell(shop, (0, "online", 0), (0, "run", 0), (60, "stop", 0), (120, "run", 0))
    times = {"machine_id": MACHINE, "start_ms": SEOUL_8 + HOUR, "end_ms": SEOUL_8 + 2 * HOUR}
    for approved_ms, stop_ms in ((SEOUL_8, 0), (SEOUL_8 + 3 * HOUR, HOUR)):
        with shop.transaction() as db:
            db.execute("DELETE FROM planned_stops")
            columns = {**times, "approved_at_ms": approved_ms, "no_order": 0}
            marks = ", ".join("?" * len(columns))
            db.execute(f"INSERT INTO planned_stops ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))
            register.audit(db, approved_ms, "me", "planned", "", "", "")
        row = report(shop, "Day").machines[0]
        assert row.kpis.times.stop_ms == stop_ms
        assert (row.late_kpis is None) is (stop_ms == 0)
        if row.late_kpis is not None:
            assert row.late_kpis.times.stop_ms == 0
            assert row.late_kpis.times.busy_ms == row.kpis.times.busy_ms - HOUR


def test_the_same_shift_a_week_before_is_told_where_it_is_kept(shop: Store) -> None:
    """Kept: an OEE of 0.5. A shift that was kept by another register or other rules says nothing."""
    tell(shop, (0, "online", 0), (0, "run", 0))
    week_ms = 7 * 24 * HOUR
    before = Span(SEOUL_8 - week_ms, SEOUL_8 - week_ms + 9 * HOUR)
    made = {"times": {"run_ms": 8 * HOUR}, "outputs": [{"product": 1, "ideal_cycle_ms": 60_000.0, "good": 240}]}
    version = register.version(shop)
    for kept_by, rules, known in ((version + 1, str(TPM), False), (version, "other", False), (version, str(TPM), True)):
        with shop.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO shift_sums (start_ms, machine_id, end_ms, version, rules, sums)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (before.start_ms, MACHINE, before.end_ms, kept_by, rules, json.dumps(made)),
            )
        assert [row.week_before_oee for row in report(shop, "Day").machines] == [0.5 if known else None, None]
    assert report(shop, "Night").machines[0].week_before_oee is None


def test_the_journal_of_a_shift_is_read_in_pieces_and_in_order(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_EVENTS_AT_ONCE", 3)
    tell(shop, (-30, "online", 0), (0, "run", 0), *((minute, "good", 1) for minute in range(1, 8)), (540, "stop", 0))
    whole = summaries.shift_events(shop, shift(shop, "Day").span)
    rows = list(whole.rows)
    assert (whole.count, whole.shown, len(rows)) == (8, 8, 8), "neither what came before nor what came after"
    assert [row.id for row in rows] == sorted(row.id for row in rows)
    assert {(row.kind, row.machine, row.word) for row in rows} == {
        ("state", "PR-01", "run"),
        ("count", "PR-01", "good"),
    }
    part = summaries.shift_events(shop, shift(shop, "Day").span, most=5)
    assert (part.count, part.shown, len(list(part.rows))) == (8, 5, 5)


def test_an_alarm_is_told_and_quiet_once_somebody_has_seen_it(shop: Store) -> None:
    tell(shop, (0, "online", 0), (0, "run", 0), (50, "stop", 0))
    assert summaries.line_now(shop, SEOUL_8 + 59 * MINUTE).alarms == ()
    now_ms = SEOUL_8 + 61 * MINUTE
    alarm = next(a for a in summaries.line_now(shop, now_ms).alarms if a.kind == "stop")
    assert (alarm.since_ms, alarm.level, alarm.quiet) == (SEOUL_8 + 50 * MINUTE, 0, False)
    version = register.version(shop)
    register.acknowledge(shop, alarm, now_ms)
    assert register.version(shop) == version, "no figure changes, so nothing is derived anew"
    line = summaries.line_now(shop, now_ms + MINUTE)
    assert [a.quiet for a in line.alarms if a.kind == "stop"] == [True]
    told = json.loads(words.status_json(line))["alarms"]
    assert [(a["kind"], a["acknowledged"]) for a in told if a["kind"] == "stop"] == [("stop", True)]
    assert "stopped for 12 min, PR-01 · since 08:50 (acknowledged)" in words.status(line)
    later = summaries.line_now(shop, SEOUL_8 + 71 * MINUTE)
    assert [a.quiet for a in later.alarms if a.kind == "stop"] == [False], "twice as long is worse"
    row = shop.row("SELECT action, subject FROM audit ORDER BY id DESC LIMIT 1")
    assert row == ("acknowledge", f"stop {alarm.subject}")


def test_what_was_acknowledged_is_told_and_can_be_taken_back(shop: Store) -> None:
    tell(shop, (0, "online", 0), (0, "run", 0), (50, "stop", 0))
    now_ms = SEOUL_8 + 61 * MINUTE
    alarm = next(a for a in summaries.line_now(shop, now_ms).alarms if a.kind == "stop")
    number = register.acknowledge(shop, alarm, now_ms)
    version = register.version(shop)
    line = summaries.line_now(shop, now_ms + MINUTE)
    assert [(one.id, one.kind, one.name, one.at_ms) for one in line.seen] == [(number, "stop", alarm.name, now_ms)]
    register.unacknowledge(shop, number, now_ms + MINUTE)
    register.unacknowledge(shop, number, now_ms + MINUTE)
    assert register.version(shop) == version
    line = summaries.line_now(shop, now_ms + 2 * MINUTE)
    assert line.seen == ()
    assert [a.quiet for a in line.alarms if a.kind == "stop"] == [False]
    rows = shop.rows("SELECT action FROM audit WHERE action LIKE '%acknowledge'")
    assert [row[0] for row in rows] == ["acknowledge", "unacknowledge"]


def test_downtime_by_cause_and_the_target_of_the_plant(shop: Store) -> None:
    tell(shop, (0, "online", 0), (0, "run", 0), (30, "fault", 0), (40, "run", 0), (50, "stop", 0), (57, "run", 0))
    with shop.transaction() as db:
        register.put_setting(db, "oee_target", "0.85")
        register.audit(db, SEOUL_8, "", "import", "", "", "")
    line = summaries.line_now(shop, SEOUL_8 + 60 * MINUTE)
    assert [(row.state, row.labelled, row.length_ms) for row in line.downtime] == [
        (State.FAULT, True, 10 * MINUTE),
        (State.STOP, False, 7 * MINUTE),
    ]
    assert line.oee_target == 0.85


def test_the_plant_sets_how_long_a_stop_may_be(shop: Store) -> None:
    tell(shop, (0, "online", 0), (0, "run", 0), (50, "stop", 0))
    with shop.transaction() as db:
        register.put_setting(db, "alarm_after_min", "30")
    assert [a for a in summaries.line_now(shop, SEOUL_8 + 70 * MINUTE).alarms if a.kind == "stop"] == []
    assert [a.kind for a in summaries.line_now(shop, SEOUL_8 + 81 * MINUTE).alarms if a.kind == "stop"] == ["stop"]


def test_a_machine_can_be_looked_at_in_an_earlier_shift_as_its_report_says(shop: Store) -> None:
    tell(shop, (0, "online", 0), (0, "run", 0), (30, "good", 5), (60, "stop", 0), (90, "run", 0), (800, "good", 7))
    live, now_ms = summaries.Live(), SEOUL_8 + 13 * HOUR + 30 * MINUTE
    night = live.machine_day(shop, MACHINE, now_ms)
    assert (night.looked_at, night.shift) == (shift(shop, "Night"), shift(shop, "Night"))
    assert night.shifts == (shift(shop, "Day"), None)
    past = live.machine_day(shop, MACHINE, now_ms, past=night.shifts[0])
    assert (past.looked_at, past.shift) == (shift(shop, "Day"), shift(shop, "Night"))
    assert past.shifts == (None, shift(shop, "Night")), "before the first fact there is nothing to look at"
    printed = report(shop, "Day").machines[0]
    assert (past.machine.kpis, past.intervals) == (printed.kpis, printed.intervals)
    assert past.derivations == printed.derivations
    tell(shop, (805, "good", 1))
    again = live.machine_day(shop, MACHINE, now_ms)
    assert again.machine.good == summaries.machine_day(shop, MACHINE, now_ms).machine.good == 8
    assert again.looked_at == shift(shop, "Night")


def test_curves_are_of_the_last_two_hours_of_what_is_looked_at(shop: Store) -> None:
    tell(shop, (0, "online", 0), (0, "run", 0))
    now_ms = SEOUL_8 + 6 * HOUR
    for charted, wanted in (
        (None, (4, 6)),
        ((0, 9), (4, 6)),
        ((0, 3), (1, 3)),
        ((2, 3), (2, 3)),
        ((7, 8), (6, 6)),
    ):
        span = None if charted is None else Span(*(SEOUL_8 + h * HOUR for h in charted))
        day = summaries.Live().machine_day(shop, MACHINE, now_ms, charted=span)
        assert day.charted == Span(*(SEOUL_8 + h * HOUR for h in wanted))
        assert {trend.window for trend in day.trends} <= {day.charted}


def test_what_nobody_saw_is_neither_zero_nor_a_shortfall(shop: Store) -> None:
    """Seen from 16:50 to 17:00 only: no hour says 0, the window neither, and the first sentence says what is known."""
    tell(shop, (530, "online", 0), (530, "run", 0), (532, "stop", 0))
    seen = report(shop, "Day")
    assert (seen.good, seen.machines[0].good, seen.machines[0].kpis.oee) == (None, None, None)
    assert [row.good for row in seen.hours] == [None] * len(seen.hours)
    totals = differences.running(seen.hours, seen.window.end_ms)
    assert totals == (None,) * len(seen.hours)
    assert "Only 2.1 % of the shift is known." in "".join(run.text for run in sentences.biggest_loss(seen))
    now_ms = SEOUL_8 + 30 * HOUR
    row = next(r for r in summaries.shift_figures(shop, Span(0, now_ms), now_ms) if r.shift == seen.shift)
    assert row.good is None


def test_an_hour_seen_in_part_shows_what_was_counted_and_no_difference(shop: Store) -> None:
    tell(shop, (0, "online", 0), (0, "run", 0), (10, "good", 9), (20, "offline", 0), (20, "unknown", 0))
    tell(shop, (120, "online", 0), (120, "run", 0), (130, "good", 9))
    first, second, third = summaries.line_now(shop, SEOUL_8 + 180 * MINUTE - 1).machines[0].hours[:3]
    assert [(row.good, row.sure) for row in (first, second, third)] == [(9, False), (None, False), (9, True)]
    assert [differences.hour_difference(row, None) for row in (first, second)] == [None, None]
    assert differences.hour_difference(third, None) == 9 - 60


def test_pieces_counted_over_a_silence_are_known(shop: Store) -> None:
    """The counter survived: an hour without states has its share of the pieces, and a difference."""
    tell(shop, (0, "online", 0), (0, "run", 0), (1, "good", 1), (60, "offline", 0), (60, "unknown", 0))
    book = Journal(shop)
    back_ms = SEOUL_8 + 2 * HOUR
    gap = count(book, back_ms, 0, flag="gap", from_ms=SEOUL_8 + HOUR)
    online = Event(book.next_id(back_ms), EventKind.DEVICE, back_ms, None, 1, word="online", detail='{"kind": ""}')
    book.commit(Batch(events=[gap, online, state(book, back_ms, "run")]))
    second = summaries.line_now(shop, SEOUL_8 + 180 * MINUTE - 1).machines[0].hours[1]
    assert (second.good, second.sure) == (0, True)


def judged_at_its_exit(shop: Store) -> None:
    """The press is both the line's constraint and its last machine."""
    with shop.transaction() as db:
        register.upsert(db, "machines", {"code": "WS-01"}, {"name": "WS-01", "place": -1, "threshold_ms": 120_000})
        register.upsert(db, "line_constraints", {"valid_from_ms": 0}, {"machine_id": MACHINE, "parallel": 1})


def test_a_shift_seen_in_part_is_held_against_no_target(shop: Store) -> None:
    """An hour without data is no shortfall of its shift: screen, forecast, report and command line say the same."""
    judged_at_its_exit(shop)
    tell(shop, (0, "online", 0), (0, "run", 0), (10, "good", 30), (50, "good", 30))
    tell(shop, (60, "offline", 0), (60, "unknown", 0), (120, "online", 0), (120, "run", 0), (130, "good", 55))
    now_ms = SEOUL_8 + 180 * MINUTE - 1
    line = summaries.line_now(shop, now_ms)
    machine = line.machines[-1]
    assert (line.good, line.target, line.comparable, line.forecast) == (115, 180, False, None)
    assert (machine.good, machine.target, machine.comparable) == (115, 180, False)
    assert differences.running(machine.hours, now_ms)[:4] == (0, None, None, None), "not known from the silence on"
    assert [differences.hour_difference(row, now_ms) for row in machine.hours[:3]] == [0, None, -5]
    told = json.loads(words.status_json(line))
    assert (told["difference"], told["machines"][-1]["difference"]) == (None, None)
    seen = summaries.shift_report(shop, shift(shop, "Day"), now_ms)
    assert (seen.good, seen.target, seen.comparable) == (115, 180, False)
    said = "".join(run.text for run in sentences.result(seen))
    assert "115 good pieces were counted of 180 due; a part of the time was not seen." in said
    printed = json.loads(json_file.render(seen))
    assert (printed["difference"], printed["machines"][-1]["difference"]) == (None, None)
    lists = (block.fields for block in page.head(seen) if isinstance(block, KeyValues))
    names = {field.name: field.value for fields in lists for field in fields}
    assert (names["difference"], names["achievement"]) == (None, None)
    table = next(block for block in results.scoreboard(seen) if isinstance(block, Table))
    row = dict(zip((column.name for column in table.columns), table.rows[-1], strict=True))
    assert (row["target"], row["good"], row["difference"], row["achievement"]) == (180, 115, None, None)


def test_one_unknown_hour_of_a_long_shift_is_no_shortfall_of_it(shop: Store) -> None:
    """Nine tenths of the shift are known, and yet nobody knows what the unknown hour made."""
    judged_at_its_exit(shop)
    tell(shop, (0, "online", 0), (0, "run", 0), (10, "good", 9), (60, "offline", 0), (60, "unknown", 0))
    tell(shop, (105, "online", 0), (105, "run", 0), (110, "good", 9))
    whole = report(shop, "Day")
    assert whole.machines[-1].kpis.coverage > 0.9
    assert not whole.comparable
    assert differences.running(whole.hours, whole.window.end_ms)[-1] is None


def test_a_shift_seen_whole_is_held_against_its_target(shop: Store) -> None:
    judged_at_its_exit(shop)
    tell(shop, (0, "online", 0), (0, "run", 0), (10, "good", 30))
    line = summaries.line_now(shop, SEOUL_8 + 60 * MINUTE)
    assert line.comparable
    assert line.forecast is not None
    assert differences.difference(line.good, line.target, comparable=line.comparable) == -30

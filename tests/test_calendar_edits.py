"""Changes of the calendar in the file: one transaction each, with who and why; figures as if it had always been so."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop import configuration, summaries
from desktop.calendar_words import refused
from desktop.collect.closing import Closing
from desktop.configuration.shop_calendar import ShopCalendar
from desktop.domain import calendar, scheduling
from desktop.domain.automatic import FIRST
from desktop.domain.calendar import Break, PlannedStop
from desktop.domain.dialogue import Kind, Said, Say, Wish
from desktop.domain.entries import Closed, Note
from desktop.domain.figures.report import ShiftReport
from desktop.domain.one_day import HalfDay, MoveShift
from desktop.domain.people import Person, PersonRole
from desktop.domain.scheduling import (
    AddHoliday,
    AddOvertime,
    ApproveStop,
    AskStop,
    Cancel,
    ChangeShift,
    DropStop,
    Edit,
)
from desktop.domain.spans import Span
from desktop.domain.standard_hours import SetCapacity
from desktop.store import calendar_edits, closed, entries, people, register, shift_sums
from desktop.store.calendar_edits import Difference
from desktop.store.closed import ClosedError
from desktop.store.database import KnownError, Store
from desktop.summaries import asking_shifts, automatic, wishes
from desktop.summaries.frame import read_register
from desktop.summaries.now import Live
from desktop.summaries.stops import stops_now
from desktop.summaries.trends import shift_to_keep
from tests.store.example import HOUR, MACHINE, MINUTE
from tests.test_configuration import RICH
from tests.test_live import COUNTING, START, Shop, open_counting

ON = date(2025, 11, 19)
DAY, LATE = Span(START, START + 2 * HOUR), Span(START + 2 * HOUR, START + 4 * HOUR)
NOW = START + 4 * HOUR + 20 * MINUTE
_TABLES = ("shift_patterns", "day_exceptions", "planned_stops", "crew_rotations", "capacity_calendars")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    store = open_counting(tmp_path / "a")
    yield store
    store.close()


def work(store: Store, seed: int = 1) -> None:
    """A morning of facts: the same for the same seed."""
    floor = Shop(store, seed)
    while floor.at_ms < NOW:
        floor.go_on()


def close(store: Store, now_ms: int = NOW) -> None:
    """The collector keeps every shift that ended."""
    closing = Closing(store)
    while closing.step(now_ms):
        pass


def change(store: Store, edit: Edit, why: str = "근무표 착오", at_ms: int = NOW, who: str = "김정호") -> Difference:
    return calendar_edits.change(store, edit, at_ms, who, why, refused)


def pattern(store: Store, name: str) -> calendar.ShiftPattern:
    return next(p for p in register.shift_patterns(store) if p.name == name)


def audit(store: Store) -> list[tuple[str, ...]]:
    sql = "SELECT who, subject, old, new, why FROM audit WHERE action = 'calendar' ORDER BY id"
    return [tuple(row) for row in store.rows(sql)]


def lying(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """The rows of the calendar without their ids."""
    return {
        table: sorted((tuple(row)[1:] for row in store.rows(f"SELECT * FROM {table}")), key=repr) for table in _TABLES
    }


def figures(store: Store) -> object:
    """Everything that is told of this morning: kept sums of machines and line, trends, and the reports."""
    there = read_register(store)
    told = {}
    for shift in calendar.shifts_between(there.calendar, Span(START - HOUR, NOW)):
        for of in (shift_sums.LINE, MACHINE, COUNTING):
            told[shift, of] = (
                shift_sums.rows(store, of, Span(shift.span.start_ms, shift.span.end_ms), there.figures_version),
                shift_sums.lost(store, of, [shift.span.start_ms]),
            )
        report = summaries.shift_report(store, shift, NOW)
        told[shift, "report"] = (report.line, report.machines, report.hours, report.provisional)
    return told


def edits(store: Store, rng: random.Random) -> list[Edit]:
    day, late = pattern(store, "Day"), pattern(store, "Late")
    begin = START + rng.randrange(20) * 10 * MINUTE
    stop = PlannedStop(Span(begin, begin + rng.randrange(1, 6) * 10 * MINUTE), rng.choice((None, MACHINE)))
    return [
        ChangeShift(day, replace(day, start=time(8, rng.choice((10, 20, 30)))), ON, rng.random() < 0.5),
        ChangeShift(day, replace(day, breaks=(Break("휴식", time(8, 40), time(9)),)), ON),
        ChangeShift(late, replace(late, end=time(12, 15)), ON, only=True),
        ChangeShift(late, replace(late, end=time(11, 40)), date(2025, 11, 1)),
        AddOvertime("Late", ON, LATE.end_ms + 15 * MINUTE),
        Cancel(ON, day.id),
        AddHoliday(ON),
        AskStop(stop),
        MoveShift(ON, day.id, time(8, 10), time(9, 50)),
        HalfDay(ON, late.id, start=time(10, 40)),
        SetCapacity(ON, (replace(day, crew=""), replace(late, end=time(11, 30), breaks=()))),
    ]


@pytest.mark.parametrize("seed", range(11))
def test_figures_are_those_of_a_file_that_had_that_calendar_from_the_start(
    shop: Store, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    work(shop, seed)
    close(shop)
    for edit in (edits(shop, rng)[seed], rng.choice(edits(shop, rng))):
        try:
            done = change(shop, edit)
        except KnownError:
            continue
        if isinstance(edit, AskStop):
            stop = register.calendar(shop).planned[-1]
            change(shop, ApproveStop(stop, "박민수"))
        assert done
    close(shop)
    other = open_counting(tmp_path / "b")
    try:
        with other.transaction() as db:
            for table in _TABLES:
                db.execute(f"DELETE FROM {table}")
                for row in shop.rows(f"SELECT * FROM {table}"):
                    db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", tuple(row))
        work(other, seed)
        close(other)
        assert lying(shop) == lying(other)
        assert figures(shop) == figures(other)
    finally:
        other.close()


def test_a_standard_calendar_of_tomorrow_leaves_every_figure_of_today(shop: Store) -> None:
    """Before the first version the shifts as written stay the capacity; a version of today counts from today on."""
    work(shop)
    close(shop)
    before = figures(shop)
    day = replace(pattern(shop, "Day"), crew="", end=time(9), breaks=())
    change(shop, SetCapacity(ON + timedelta(days=1), (day,)), why="")
    close(shop)
    assert figures(shop) == before
    used = summaries.shift_report(shop, calendar.shifts_between(register.calendar(shop), DAY)[0], NOW).line
    assert used is not None
    assert used.capacity_utilisation
    change(shop, SetCapacity(ON, (day,)))
    close(shop)
    again = summaries.shift_report(shop, calendar.shifts_between(register.calendar(shop), DAY)[0], NOW).line
    assert again is not None
    assert again.capacity_utilisation is not None
    assert again.capacity_utilisation > used.capacity_utilisation
    assert again.oee == used.oee, "no other figure depends on it"


def test_only_what_is_touched_is_made_anew(shop: Store) -> None:
    """A change of today does not make a year of shifts anew; five days around it are, since standstills go on."""
    work(shop)
    close(shop)
    version = register.figures_version(shop)
    before = shift_sums.kept(shop, version)
    assert before == {DAY, LATE}
    old = Span(START - 30 * 24 * HOUR, START - 30 * 24 * HOUR + HOUR)
    there = shift_to_keep(shop, calendar.shifts_between(register.calendar(shop), DAY)[0], NOW)[1]
    shift_sums.write(shop, old, version, "TPM", there)
    change(shop, AddOvertime("Late", ON, LATE.end_ms + 15 * MINUTE))
    assert register.figures_version(shop) == version
    assert register.version(shop) > version
    assert shift_sums.kept(shop, version) == {old}, "not used from that moment on"
    shift_sums.sweep(shop)
    assert [row[0] for row in shop.rows("SELECT DISTINCT start_ms FROM shift_sums")] == [old.start_ms]
    shift_sums.sweep(shop)
    assert shift_sums.kept(shop, version) == {old}


def test_a_change_is_one_row_of_the_audit_with_who_old_new_and_why(shop: Store) -> None:
    work(shop)
    day = pattern(shop, "Day")
    change(shop, ChangeShift(day, replace(day, start=time(8, 30), people=6), ON), "버스가 늦음")
    [(who, subject, old, new, why)] = audit(shop)
    assert (who, subject, why) == ("김정호", "ChangeShift Day 2025-11-19", "버스가 늦음")
    assert old == ""
    [row] = json.loads(new)["shift_patterns"]
    assert (row["name"], row["start"], row["people"]) == ("Day", "08:30", 6)


@pytest.mark.parametrize("place", range(11))
def test_undo_gives_the_same_rows_again(shop: Store, place: int) -> None:
    work(shop)
    before = lying(shop)
    done = change(shop, edits(shop, random.Random(1))[place])
    assert lying(shop) != before
    calendar_edits.undo(shop, done, NOW + MINUTE, "김정호")
    assert lying(shop) == before
    assert len(audit(shop)) == 2
    with pytest.raises(KnownError, match="changed again meanwhile"):
        calendar_edits.undo(shop, done, NOW + MINUTE)


def test_undo_does_not_take_back_what_somebody_else_said_since(shop: Store) -> None:
    day = pattern(shop, "Day")
    done = change(shop, ChangeShift(day, replace(day, people=6), ON))
    stands = next(p for p in register.shift_patterns(shop) if p.people == 6)
    change(shop, ChangeShift(stands, replace(stands, people=7), ON))
    with pytest.raises(KnownError, match="changed again meanwhile"):
        calendar_edits.undo(shop, done, NOW)
    assert {p.people for p in register.shift_patterns(shop)} == {0, 7}


def test_what_is_over_is_changed_with_a_reason_only_and_what_is_to_come_without(shop: Store) -> None:
    work(shop)
    day = pattern(shop, "Day")
    before = lying(shop), audit(shop)
    for edit in (ChangeShift(day, replace(day, start=time(8, 30)), ON), Cancel(ON, day.id), AddHoliday(ON)):
        with pytest.raises(KnownError, match="Say why"):
            change(shop, edit, " ")
    assert (lying(shop), audit(shop)) == before
    change(shop, ChangeShift(day, replace(day, start=time(8, 30)), date(2025, 11, 20)), "")
    in_shift = LATE.end_ms - 20 * MINUTE
    change(shop, AddOvertime("Late", ON, LATE.end_ms + 30 * MINUTE), "", in_shift)
    assert len(audit(shop)) == 2


def test_shifts_over_each_other_are_refused_with_one_sentence_and_nothing_is_written(shop: Store) -> None:
    day = pattern(shop, "Day")
    before = lying(shop), audit(shop), shop.row("SELECT count(*) FROM calendar_touched")[0]
    with pytest.raises(KnownError) as caught:
        change(shop, ChangeShift(day, replace(day, end=time(10, 30)), ON))
    assert "Day on" in str(caught.value)
    assert "overlap Late on" in str(caught.value)
    assert (lying(shop), audit(shop), shop.row("SELECT count(*) FROM calendar_touched")[0]) == before


def test_a_closed_shift_gets_one_revision_more_and_others_none(shop: Store) -> None:
    work(shop)
    for span in (DAY, LATE):
        entries.say(shop, [Closed(0, span.start_ms, span.end_ms)], LATE.end_ms + MINUTE, "김정호")

    def editions() -> list[tuple[int, bool]]:
        there = register.calendar(shop)
        found = [automatic.said_edition(shop, shift) for shift in calendar.shifts_between(there, Span(START, NOW))]
        return [(each.revision, each.provisional) for each in found]

    assert editions() == [(FIRST, False)] * 2
    day = pattern(shop, "Day")
    done = change(shop, ChangeShift(day, replace(day, start=time(8, 30)), ON, only=True))
    assert editions() == [(FIRST + 1, False), (FIRST, False)], "it is closed, although it begins later now"
    report = summaries.shift_report(shop, summaries.find_shift(shop, "2025-11-19/Day", NOW), NOW)
    assert (report.revision, report.provisional) == (FIRST + 1, False)
    calendar_edits.undo(shop, done, NOW + MINUTE, "김정호", "그대로였음")
    assert editions() == [(FIRST + 2, False), (FIRST, False)]
    change(shop, ChangeShift(day, replace(day, people=9), date(2025, 12, 1)), "")
    assert editions()[0] == (FIRST + 2, False), "what is to come is no correction"


def test_a_closed_shift_becomes_another_one_by_who_says_who_and_why_only(shop: Store) -> None:
    """Also where a change is taken back that was made before it was closed, and where only its crew is another one."""
    work(shop)
    day = pattern(shop, "Day")
    early = change(shop, HalfDay(ON, day.id, end=time(9, 40)), at_ms=NOW - HOUR)
    entries.say(shop, [Closed(0, START + HOUR, START + HOUR)], NOW - MINUTE, "김정호")
    before = lying(shop), audit(shop), shop.row("SELECT count(*) FROM calendar_touched")[0]
    with pytest.raises(ClosedError):
        change(shop, HalfDay(ON, day.id, end=time(9, 20)), who=" ")
    with pytest.raises(KnownError, match="Say why"):
        change(shop, ChangeShift(day, replace(day, crew="C"), ON), why="")
    for who, why in (("", ""), ("김정호", " "), ("", "착오")):
        with pytest.raises(ClosedError):
            calendar_edits.undo(shop, early, NOW, who, why)
    assert (lying(shop), audit(shop), shop.row("SELECT count(*) FROM calendar_touched")[0]) == before
    calendar_edits.undo(shop, early, NOW, "김정호", "착오")
    assert audit(shop)[-1][-1].endswith(": 착오")
    assert closed.revisions(shop, DAY) == (1, True)
    change(shop, ChangeShift(pattern(shop, "Late"), replace(pattern(shop, "Late"), crew="C"), ON), who="")


def test_a_closed_shift_that_ends_earlier_now_is_closed_wherever_it_is_shown(shop: Store) -> None:
    """Its closing lies in what is another shift now, or none: neither is asked for its stops, nor scanned into."""
    work(shop)
    entries.say(shop, [Closed(0, DAY.end_ms - 1, DAY.end_ms - 1)], LATE.end_ms + MINUTE, "김정호")

    def asked() -> set[str]:
        there = read_register(shop)
        found: set[str] = set()
        for _look in range(8):
            if shop in asking_shifts._known:
                asking_shifts._known[shop].looked_s = 0
            found = {each.shift.name for each in asking_shifts.open_shifts(shop, there, 10**18, NOW)}
        return found

    assert asked() == {"Late"}
    change(shop, MoveShift(ON, pattern(shop, "Day").id, time(8), time(9, 40)))
    shift = summaries.find_shift(shop, "2025-11-19/Day", NOW)
    assert not shift.span.holds(DAY.end_ms - 1)
    assert asked() == {"Late"}
    assert stops_now(Live(), shop, NOW, past=shift).closed
    assert not stops_now(Live(), shop, NOW, past=summaries.find_shift(shop, "2025-11-19/Late", NOW)).closed
    late = Span(shift.span.end_ms, LATE.end_ms)
    assert closed.closed_of(shop, [shift.span, late]) == {shift.span}
    wish = Wish(Kind.CHANGEOVER, 1, shift.span.start_ms + HOUR, MACHINE)
    answer = wishes.mean(Live(), shop, NOW, wish, Say(Said.ENTERED, Kind.CHANGEOVER), ())
    assert isinstance(answer, Say)
    assert answer.said is Said.CLOSED


def test_a_closing_holds_although_the_clock_was_set_back_before_the_calendar_was_changed(shop: Store) -> None:
    """What was said first is told by the order of saying."""
    work(shop)
    entries.say(shop, [Closed(0, DAY.end_ms - 1, DAY.end_ms - 1)], NOW, "김정호")
    change(shop, HalfDay(ON, pattern(shop, "Day").id, end=time(9, 30)), at_ms=NOW - HOUR)
    shift = summaries.find_shift(shop, "2025-11-19/Day", NOW)
    assert closed.closing_of(shop, shift.span) is not None
    assert closed.revisions(shop, shift.span) == (1, True)


def test_what_was_said_stays_with_its_shift_when_its_end_is_corrected(shop: Store) -> None:
    """The day shift is closed and noted in its last minute; it ended earlier, and the late one began then."""
    work(shop)
    last_ms = DAY.end_ms - 1
    told = [Closed(0, last_ms, last_ms), Note(0, last_ms, last_ms, "롤러 소음")]
    entries.say(shop, told, DAY.end_ms + MINUTE, "김정호")
    day, late = pattern(shop, "Day"), pattern(shop, "Late")
    change(shop, ChangeShift(day, replace(day, end=time(9, 40)), ON, only=True))
    change(shop, ChangeShift(late, replace(late, start=time(9, 40)), ON, only=True))

    def report(name: str) -> ShiftReport:
        return summaries.shift_report(shop, summaries.find_shift(shop, f"2025-11-19/{name}", NOW), NOW)

    first, second = report("Day"), report("Late")
    assert first.shift.span.end_ms == second.shift.span.start_ms == DAY.end_ms - 20 * MINUTE
    assert ([note.text for note in first.handover.notes], first.provisional) == (["롤러 소음"], False)
    assert (second.handover.notes, second.provisional) == ((), True)
    entries.say(shop, [Note(0, last_ms, last_ms, "그 뒤에 적음")], NOW + MINUTE)
    assert [note.text for note in report("Late").handover.notes] == ["그 뒤에 적음"], "said when it was of the late one"


def test_a_report_stays_provisional_while_overtime_runs(shop: Store) -> None:
    work(shop)
    change(shop, AddOvertime("Late", ON, LATE.end_ms + 90 * MINUTE), "", LATE.end_ms - MINUTE)
    entries.say(shop, [Closed(0, LATE.start_ms, LATE.end_ms)], LATE.end_ms + MINUTE, "김정호")
    shift = summaries.find_shift(shop, "2025-11-19/Late", NOW)
    assert shift.span.end_ms == LATE.end_ms + 90 * MINUTE
    assert summaries.shift_report(shop, shift, NOW).provisional
    over_ms = shift.span.end_ms + MINUTE
    assert not summaries.shift_report(shop, shift, over_ms).provisional


# -- planned stops, and who approves them --


def test_only_supervisors_and_administrators_approve(shop: Store) -> None:
    for name, role in (("이지호", PersonRole.OPERATOR), ("김정호", PersonRole.SUPERVISOR)):
        people.put(shop, Person(0, name, role=role), 0)
    desk = ShopCalendar(shop.folder)
    span = Span(START + 30 * MINUTE, START + HOUR)  # the clock of the shop stands at its start
    desk.change(AskStop(PlannedStop(span, MACHINE, asked_by="이지호")), "이지호")
    [asked] = register.calendar(shop).planned
    assert (asked.asked_by, asked.asked_at_ms, asked.approved_at_ms) == ("이지호", START, None)
    with pytest.raises(KnownError, match="Supervisors and administrators approve"):
        desk.change(ApproveStop(asked, "이지호"), "이지호")
    done = desk.change(ApproveStop(asked, "김정호"), "김정호")
    [approved] = register.calendar(shop).planned
    assert (approved.approved_by, approved.approved_at_ms) == ("김정호", START)
    assert [(who, subject) for who, subject, *_rest in audit(shop)] == [
        ("이지호", "AskStop"),
        ("김정호", "ApproveStop"),
    ]
    desk.undo(done, "김정호")
    assert register.calendar(shop).planned == (asked,)
    desk.change(DropStop(asked), "김정호")
    assert register.calendar(shop).planned == ()


def test_late_approval_needs_a_why(shop: Store) -> None:
    work(shop)
    change(shop, AskStop(PlannedStop(Span(START + HOUR, START + 90 * MINUTE), asked_by="이지호")), "")
    [asked] = register.calendar(shop).planned
    with pytest.raises(KnownError, match="Say why"):
        change(shop, ApproveStop(asked, "김정호"), "")
    change(shop, ApproveStop(asked, "김정호"), "점검표 확인")
    report = summaries.shift_report(shop, summaries.find_shift(shop, "2025-11-19/Day", NOW), NOW)
    assert report.machines[0].late_kpis not in (None, report.machines[0].kpis), (
        "the report has the figures with and without it"
    )


# -- the configuration file --


def test_shifts_over_each_other_in_a_file_are_said_with_both_names() -> None:
    """They may be meant, for handing over; whoever did not mean it reads it."""
    [warning] = configuration.parse(RICH, "line.toml").warnings
    assert "shift[야간]" in warning
    assert "overlaps 주간" in warning
    apart = RICH.replace('start = "19:00"', 'start = "20:00"')
    assert configuration.parse(apart, "line.toml").warnings == ()


def test_a_configuration_keeps_what_the_screen_made(tmp_path: Path) -> None:
    """Exported and imported again: the same calendar, in this file and in a new one."""
    from desktop.configuration import exporting, reading
    from desktop.store import database

    example = Path(configuration.__file__).resolve().parents[2] / "resources" / "demo_line.toml"
    wanted = reading.read(example)
    folder, copy = tmp_path / "a", tmp_path / "b"
    for each in (folder, copy):
        database.create(each).close()
    store = database.open_writer(folder)
    other = database.open_writer(copy)
    try:
        configuration.apply(store, wanted)
        now_ms = store.clock.now_ms()
        today = calendar.local_date(now_ms, register.zone(store))
        monday = scheduling.monday_of(today) + 7 * (date(2025, 1, 2) - date(2025, 1, 1))
        words = {k: k for k in ("day", "night", "first", "second", "third", "rest", "meal")}
        calendar_edits.change(store, scheduling.ready("rotating", monday, words), now_ms)
        new = next(p for p in register.shift_patterns(store) if p.name == "day")
        calendar_edits.change(store, ChangeShift(new, replace(new, people=6), monday), now_ms)
        calendar_edits.change(store, AddHoliday(monday, "휴무"), now_ms)
        start_ms = calendar.utc_ms(monday, time(9), register.zone(store))
        stop = PlannedStop(Span(start_ms, start_ms + HOUR), asked_by="이지호")
        calendar_edits.change(store, AskStop(stop), now_ms)
        [asked] = [p for p in register.calendar(store).planned if p.asked_by]
        calendar_edits.change(store, ApproveStop(asked, "김정호"), now_ms)
        made = register.calendar(store)
        text = exporting.export(store)
        file = tmp_path / "out.toml"
        file.write_text(text, encoding="utf-8")
        configuration.apply(store, reading.read(file))
        assert register.calendar(store) == made
        configuration.apply(other, reading.read(file))
        assert lying(other) == lying(store)
        assert exporting.export(other) == text
    finally:
        store.close()
        other.close()

"""The calendar screen over a real file: choosing, changing, refusing, taking back, approving, and the overtime bar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path

import argon2
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.clock import PlantClock
from desktop.configuration.shop_calendar import ShopCalendar
from desktop.configuration.staff import Staff
from desktop.domain import calendar, scheduling
from desktop.domain.calendar import PlannedStop
from desktop.domain.entries import Closed
from desktop.domain.people import Person, PersonRole
from desktop.domain.scheduling import AddHoliday, AskStop, ChangeShift, OvertimeOffer, UsePatterns
from desktop.domain.spans import Span
from desktop.store import calendar_edits, database, entries, people, register
from desktop.summaries.shop_calendar import calendar_week
from desktop.views.calendar import CalendarPage
from desktop.views.widgets.closed_bar import ClosedBar
from desktop.views.widgets.who import WhoPanel
from desktop.views.window import Window
from tests.views import example, fakes
from tests.views.example import HOUR, MINUTE
from tests.views.test_fit import faults

SEOUL = example.calendar_week().shop.zone
TODAY = date(2026, 11, 19)
SATURDAY = TODAY + timedelta(days=2)
PIN = "482917"


class Shop:
    """A window over a real file with two shifts; answers are given by hand."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.folder, self.qtbot = folder, qtbot
        self.store = database.create(folder, clock=PlantClock(example.NOW, 0, 0.0))
        with self.store.transaction() as db:
            register.put_setting(db, "timezone", "Asia/Seoul")
            register.upsert(db, "machines", {"code": "M-1"}, {"name": "프레스", "place": 0, "threshold_ms": 120_000})
            register.upsert(db, "reasons", {"code": "P01"},
                            {"name": "예방정비", "kind": "planned", "failure": 0, "place": 0})  # fmt: skip
        day, night = example.calendar_week().shop.patterns
        wanted = UsePatterns(date(2026, 1, 1), (replace(day, id=0), replace(night, id=0)))
        calendar_edits.change(self.store, wanted, 0, why="처음")
        ways = fakes.ways(staff=lambda: Staff(folder), calendar=lambda: ShopCalendar(folder))
        settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        self.window = Window(folder, settings, ways)
        qtbot.addWidget(self.window)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(1920, 1080)
        self.window.show()
        self.window.go("overview")
        self.window.show_answer(example.LINE)

    def look(self) -> None:
        """Give the calendar its answer."""
        page = self.window.screens["calendar"]
        assert isinstance(page, CalendarPage)
        answer = calendar_week(self.store, example.NOW, page._monday, page._preview)
        self.window.show_answer(replace(answer, collector=example.COLLECTOR))

    def open(self) -> CalendarPage:
        self.window.go("calendar")
        self.look()
        page = self.window.screens["calendar"]
        assert isinstance(page, CalendarPage)
        return page

    def wait(self) -> None:
        """Until what was begun is done, and the page has looked again."""
        self.qtbot.waitUntil(lambda: not self.window.scheduling.busy, timeout=5000)
        self.look()

    @property
    def calendar(self) -> calendar.Calendar:
        return register.calendar(self.store)

    def names(self, on: date) -> list[tuple[str, str]]:
        zone = self.calendar.zone
        return [
            (s.name, f"{scheduling.local_time(s.span.end_ms, zone):%H:%M}")
            for s in scheduling.started_on(self.calendar, on)
        ]

    def audit(self) -> list[tuple[str, str, str]]:
        sql = "SELECT who, subject, why FROM audit WHERE action = 'calendar' AND at_ms > 0 ORDER BY id"
        return [tuple(row) for row in self.store.rows(sql)]


@pytest.fixture
def shop(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    cheap = argon2.PasswordHasher(1, 8, 1)
    monkeypatch.setattr(people, "_hasher", lambda: cheap)
    made = Shop(qtbot, tmp_path)
    yield made
    made.window.close()
    made.store.close()


def test_the_settings_lead_to_the_week_of_today_with_the_shift_that_runs(shop: Shop) -> None:
    shop.window.go("settings")
    settings = shop.window.screens["settings"]
    settings.ways.ways["calendar"].click()  # type: ignore[attr-defined]
    assert shop.window.screens.current == "calendar"
    shop.look()
    page = shop.open()
    blocks = [block for block in page.sheet.blocks if block.isVisible()]
    assert len(blocks) == 10
    [chosen] = [block for block in blocks if block.isChecked()]
    assert chosen.accessibleName() == "Thu 19 Nov 주간"
    assert "08:00–20:00" in chosen.accessibleDescription()
    assert "식사 12:00–13:00" in chosen.accessibleDescription()
    assert page.shift.isVisible()
    assert "610" in page.shift.accessibleDescription()
    assert not page.sheet.now.isHidden()


def test_a_shift_is_changed_by_keyboard_from_the_next_one_on_and_taken_back(shop: Shop) -> None:
    page = shop.open()
    block = next(b for b in page.sheet.blocks if b.accessibleName() == "Fri 20 Nov 주간")
    block.setFocus()
    QTest.keyClick(block, Qt.Key.Key_Return)
    assert page.shift.of is not None
    assert page.shift.of.on == TODAY + timedelta(days=1)
    page.shift.start.choose("08:30")
    page.shift.count.choose(7)
    QTest.keyClick(page.shift.apply, Qt.Key.Key_Return)
    shop.wait()
    assert scheduling.started_on(shop.calendar, TODAY)[0].span.start_ms == example.START
    friday = scheduling.in_force(shop.calendar, 1, TODAY + timedelta(days=1))
    assert friday is not None
    assert (friday.start, friday.people) == (time(8, 30), 7)
    assert not shop.window.undo_bar.isHidden()
    shop.window.undo_bar.take_back()
    shop.wait()
    assert {p.start for p in shop.calendar.patterns if p.id == 1} == {time(8)}
    assert [subject for _who, subject, _why in shop.audit()] == ["ChangeShift 주간 2026-11-20"] * 2


def test_what_would_overlap_is_refused_in_the_form_and_nothing_is_written(shop: Shop) -> None:
    page = shop.open()
    page.shift.end.choose("21:00")
    page.shift.apply.click()
    shop.wait()
    said = page.shift.accessibleDescription()
    assert "주간 on" in said
    assert "would overlap 야간 on" in said
    assert shop.audit() == []
    assert shop.window.undo_bar.isHidden()
    assert page.shift.end.currentData() == "21:00", "what was chosen stays"


def test_a_shift_that_has_begun_asks_why(shop: Shop) -> None:
    page = shop.open()
    page.shift.when.choose("only")
    page.shift.start.choose("08:30")
    page.shift.apply.click()
    shop.wait()
    assert "Say why" in page.shift.accessibleDescription()
    page.shift.why.setText("버스가 늦음")
    page.shift.apply.click()
    shop.wait()
    [(_who, _subject, why)] = shop.audit()
    assert why == "버스가 늦음"
    assert page.shift.of is not None
    assert page.shift.of.pattern.start == time(8, 30), "the form shows the shift as it is now"


def test_breaks_are_added_and_taken_out(shop: Shop) -> None:
    page = shop.open()
    page.shift.breaks[3].drop.click()
    page.shift.add.click()
    page.shift.breaks[3].start.choose("18:00")
    page.shift.breaks[3].end.choose("18:30")
    page.shift.apply.click()
    shop.wait()
    found = scheduling.in_force(shop.calendar, 1, TODAY + timedelta(days=1))
    assert found is not None
    assert [f"{b.start:%H:%M}" for b in found.breaks] == ["10:00", "12:00", "15:00", "18:00"]


def test_overtime_with_one_tap_and_an_extra_shift(shop: Shop) -> None:
    page = shop.open()
    page.bar.extra.click()
    page.extra.choose(TODAY)
    assert [b.text() for b in page.extra.longer][1] == "+60 min · until 21:00"
    page.extra.longer[1].click()
    shop.wait()
    assert "would overlap" in page.extra.accessibleDescription(), "the night begins then"
    page.extra.choose(SATURDAY)
    assert page.extra.apply.isVisible()
    page.extra.end.choose("12:30")
    page.extra.apply.click()
    shop.wait()
    assert shop.names(SATURDAY) == [("주간", "12:30")]
    assert [b.isVisible() for b in page.extra.longer] == [True] * 4
    page.extra.longer[1].click()
    shop.wait()
    assert shop.names(SATURDAY) == [("주간", "13:30")]


def test_a_holiday_is_made_and_taken_away(shop: Shop) -> None:
    page = shop.open()
    friday = TODAY + timedelta(days=1)
    page.sheet.heads[4].click()
    assert page.day.title() == "Fri 20 Nov"
    assert not page.day.apply.isVisible(), "nothing is chosen yet"
    page.day.modes[2].click()
    page.day.name.setText("창립기념일")
    page.day.apply.click()
    shop.wait()
    assert shop.names(friday) == []
    assert page.sheet.heads[4].accessibleDescription() == "창립기념일"
    page.day.gone[0].click()
    shop.wait()
    assert len(shop.names(friday)) == 2
    page.sheet.shift_chosen.emit(next(b.of for b in page.sheet.blocks if b.of and b.of.on == friday))
    page.shift.alone.click()
    page.day.modes[2].click()
    page.day.shift.choose(1)
    page.day.apply.click()
    shop.wait()
    assert [name for name, _end in shop.names(friday)] == ["야간"]


def test_two_taps_one_after_the_other_are_both_carried_out(shop: Shop) -> None:
    shop.open()
    for on in (SATURDAY, SATURDAY + timedelta(days=1)):
        shop.window.scheduling.change(AddHoliday(on))
    shop.wait()
    assert [e.on for e in shop.calendar.exceptions] == [SATURDAY, SATURDAY + timedelta(days=1)]


def test_weeks_back_and_ahead(shop: Shop) -> None:
    page = shop.open()
    page.bar.ahead.click()
    shop.look()
    assert page.bar.accessibleName() == "Mon 23 Nov – Sun 29 Nov"
    assert page.sheet.now.isHidden()
    page.bar.now.click()
    shop.look()
    page.bar.back.click()
    shop.look()
    assert page.bar.accessibleName() == "Mon 9 Nov – Sun 15 Nov"


def test_a_ready_pattern_is_looked_at_before_it_is_taken(shop: Shop) -> None:
    page = shop.open()
    page.bar.ready.click()
    shop.look()
    page.patterns.kinds[3].click()
    shop.look()
    assert page.bar.accessibleName() == "Mon 23 Nov – Sun 29 Nov"
    assert page.bar.accessibleDescription() == "Preview: nothing is changed yet"
    assert len([b for b in page.sheet.blocks if b.isVisible()]) == 15
    assert len(shop.calendar.patterns) == 2
    assert faults(shop.window) == []
    page.patterns.apply.click()
    shop.wait()
    assert len(shop.names(TODAY)) == 2
    assert len(shop.names(TODAY + timedelta(days=7))) == 3
    assert page.bar.accessibleDescription() == ""


def test_a_planned_stop_is_asked_for_and_approved_with_a_pin(shop: Shop) -> None:
    staff = {}
    for name, role in (("이지호", PersonRole.OPERATOR), ("김정호", PersonRole.SUPERVISOR)):
        staff[name] = people.put(shop.store, Person(0, name, role=role), 0)
    people.set_pin(shop.store, staff["김정호"], PIN, 0)
    shop.window.login.log_in(people.people(shop.store)[0])
    page = shop.open()
    page.bar.stop.click()
    page.stop.start.choose("16:00")
    page.stop.end.choose("16:30")
    page.stop.apply.click()
    shop.wait()
    [asked] = shop.calendar.planned
    assert (asked.asked_by, asked.approved_at_ms, asked.machine, asked.reason) == ("이지호", None, None, 1)
    assert calendar.planned_stops(shop.calendar, asked.span) == ()
    page.stop.open[0].click()
    assert "waits for approval" in page.stop.accessibleDescription()
    page.stop.approve.click()
    assert page.pin.isVisible()
    assert faults(shop.window) == []
    for pin, visible in (("111222", True), (PIN, False)):
        for digit in pin:
            next(key for key in page.pin.pad.keys if key.text() == digit).click()
        page.pin.pad.done.click()
        shop.qtbot.waitUntil(lambda: not shop.window.scheduling.busy, timeout=5000)
        assert page.pin.isVisible() is visible
    shop.wait()
    [approved] = shop.calendar.planned
    assert (approved.approved_by, approved.approved_at_ms) == ("김정호", example.NOW)
    assert calendar.planned_stops(shop.calendar, asked.span) == (asked.span,)
    assert [(who, subject) for who, subject, _why in shop.audit()] == [("이지호", "AskStop"), ("김정호", "ApproveStop")]


def test_without_pins_the_name_at_the_screen_approves_and_a_request_is_turned_down(shop: Shop) -> None:
    span = Span(example.NOW + HOUR, example.NOW + HOUR + 30 * MINUTE)
    calendar_edits.change(shop.store, AskStop(PlannedStop(span, 1, None, 1)), example.NOW)
    page = shop.open()
    page.sheet.stops[0].click()
    assert page.sheet.stops[0].isChecked()
    page.stop.approve.click()
    shop.wait()
    [approved] = shop.calendar.planned
    assert approved.approved_at_ms == example.NOW
    page.sheet.stops[0].click()
    page.stop.drop.click()
    shop.wait()
    assert shop.calendar.planned == ()


def test_who_may_not_approve_is_asked_who_may(shop: Shop) -> None:
    for name, role in (("이지호", PersonRole.OPERATOR), ("김정호", PersonRole.SUPERVISOR)):
        people.put(shop.store, Person(0, name, role=role), 0)
    began = Span(example.NOW - HOUR, example.NOW + HOUR)
    calendar_edits.change(
        shop.store, AskStop(PlannedStop(began, 1, None, 1, asked_by="이지호")), example.NOW, why="정전"
    )
    page = shop.open()
    page.sheet.stops[0].click()
    page.stop.why.setText("정전")
    for here, words in ((None, "Log in, so that it is known who you are"), ("이지호", "may ask for them")):
        if here is not None:
            shop.window.login.log_in(next(p for p in people.people(shop.store) if p.name == here))
        page.stop.approve.click()
        shop.wait()
        assert words in page.stop.accessibleDescription()
        shop.qtbot.waitUntil(lambda: shop.window.findChild(WhoPanel) is not None, timeout=5000)
        panel = shop.window.findChild(WhoPanel)
        assert isinstance(panel, WhoPanel)
        shop.qtbot.waitUntil(panel.isVisible, timeout=5000)
    number = next(p.id for p in people.people(shop.store) if p.name == "김정호")
    panel.chosen.emit(number)
    assert not panel.isVisible()
    page.stop.approve.click()
    shop.wait()
    assert [stop.approved_by for stop in shop.calendar.planned] == ["김정호"]


def close(shop: Shop, name: str, on: date) -> None:
    shift = calendar.shift_named(shop.calendar, name, on)
    assert shift is not None
    last_ms = shift.span.end_ms - 1
    entries.say(shop.store, [Closed(0, last_ms, last_ms)], shift.span.end_ms, "김정호")


def asking(shop: Shop) -> ClosedBar:
    """What asks who changes a closed shift, once it does."""
    bar = shop.window.scheduling.closed_bar
    shop.qtbot.waitUntil(bar.isVisible, timeout=5000)
    return bar


def test_a_change_of_a_closed_shift_asks_who_as_every_screen_does(shop: Shop) -> None:
    close(shop, "주간", TODAY - timedelta(days=1))
    people.put(shop.store, Person(0, "김정호"), 0)
    page = shop.open()
    page._choose_day(TODAY - timedelta(days=1))
    wanted = AddHoliday(TODAY - timedelta(days=1))
    page.day.wanted.emit(wanted, "쉬었음")
    bar = asking(shop)
    assert (bar.accessibleName(), bar.why.text()) == ("11-18 주간 · A조 is closed", "쉬었음")
    QTest.keyClick(shop.window, Qt.Key.Key_Escape)
    assert not bar.isVisible(), "it stays as it was"
    assert shop.audit() == []
    page.day.wanted.emit(wanted, "쉬었음")
    bar = asking(shop)
    assert faults(shop.window) == []
    bar.choose.click()
    shop.qtbot.waitUntil(lambda: shop.window.findChild(WhoPanel) is not None, timeout=5000)
    shop.window.login.log_in(people.people(shop.store)[0])
    assert not bar.name.isVisible()
    bar.save.click()
    shop.wait()
    assert [(who, why) for who, _subject, why in shop.audit()] == [("김정호", "쉬었음")]
    assert len(shop.calendar.exceptions) == 1
    shop.window.login.log_out()
    shop.window.undo_bar.take_back()
    shop.wait()
    assert shop.calendar.exceptions == (), "a correction keeps who and why"


def test_a_change_is_taken_back_with_who_and_why_where_its_shift_was_closed_since(shop: Shop) -> None:
    night = next(p for p in shop.calendar.patterns if p.name == "야간")
    page = shop.open()
    page.shift.wanted.emit(ChangeShift(night, replace(night, end=time(7)), TODAY, only=True), "")
    shop.wait()
    assert [why for _who, _subject, why in shop.audit()] == [""], "it has not begun: nobody asks why"
    assert ("야간", "07:00") in shop.names(TODAY)
    close(shop, "야간", TODAY)
    shop.window.undo_bar.take_back()
    bar = asking(shop)
    assert (bar.accessibleName(), bar.why.text()) == ("11-19 야간 · B조 is closed", "")
    bar.whys[0].click()
    bar.name.setText("김정호")
    bar.save.click()
    shop.wait()
    assert ("야간", "08:00") in shop.names(TODAY)
    assert shop.audit()[-1][0] == "김정호"
    assert shop.audit()[-1][2] == "taken back: Entered wrongly"


def test_two_people_at_once_lose_nothing_of_each_others(shop: Shop) -> None:
    page = shop.open()
    calendar_edits.change(shop.store, AddHoliday(SATURDAY), example.NOW, "이지호")
    page.shift.when.choose("next")
    page.shift.count.choose(8)
    page.shift.apply.click()
    shop.wait()
    assert [e.on for e in shop.calendar.exceptions] == [SATURDAY]
    day = next(p for p in shop.calendar.patterns if p.people == 8)
    page.shift.count.choose(9)
    other = replace(day, people=3)
    calendar_edits.change(shop.store, ChangeShift(day, other, day.valid_from), example.NOW, "이지호")
    page.shift.apply.click()
    shop.wait()
    assert "changed meanwhile" in page.shift.accessibleDescription()
    assert {p.people for p in shop.calendar.patterns if p.id == 1} == {6, 3}


def test_a_new_shop_begins_with_ready_patterns(shop: Shop) -> None:
    with shop.store.transaction() as db:
        db.execute("DELETE FROM shift_patterns")
        register.audit(db, 1, "", "test", "", "", "")
    page = shop.open()
    assert page.patterns.isVisible()
    shop.look()
    page.patterns.apply.click()
    shop.wait()
    assert len(shop.names(TODAY)) == 1


# -- the offer of overtime --


def offer(shop: Shop, **more: object) -> OvertimeOffer:
    [shift] = scheduling.started_on(shop.calendar, SATURDAY)
    ends = tuple(shift.span.end_ms + n * 30 * MINUTE for n in range(1, 5))
    return OvertimeOffer(shift, ends, **more)  # type: ignore[arg-type]


def test_overtime_is_offered_over_the_overview_and_added_with_one_tap(shop: Shop) -> None:
    extra = scheduling.AddExtra(SATURDAY, 1, time(8), time(12))
    calendar_edits.change(shop.store, extra, example.NOW)
    made = offer(shop, order="WO-7", left=240, finish_ms=offer(shop).ends[1] - MINUTE)
    line = replace(example.LINE, overtime=made)
    shop.window.go("overview")
    shop.window.show_answer(line)
    bar = shop.window._overtime
    assert bar is not None
    assert bar.isVisible()
    assert bar.accessibleName() == "How much overtime? WO-7: 240 left"
    assert "at 12:59" in bar.accessibleDescription()
    assert [b.text() for b in bar.buttons] == [
        "+30 min · 12:30", "+60 min · 13:00", "+90 min · 13:30", "+120 min · 14:00",
    ]  # fmt: skip
    for size in ((1366, 768), (1920, 1080)):
        shop.window.resize(*size)
        shop.window.show_answer(line)
        assert faults(bar) == []
    assert bar.buttons[0].accessibleDescription() == "주간 until 12:30"
    bar.buttons[1].click()
    assert not bar.isVisible()
    shop.qtbot.waitUntil(lambda: not shop.window.scheduling.busy, timeout=5000)
    assert shop.names(SATURDAY) == [("주간", "13:00")]
    shop.window.undo_bar.take_back()
    shop.qtbot.waitUntil(lambda: not shop.window.scheduling.busy, timeout=5000)
    assert shop.names(SATURDAY) == [("주간", "12:00")]
    shop.window.show_answer(line)
    bar.close_button.click()
    shop.window.show_answer(line)
    assert not bar.isVisible(), "who left it is not asked again for that shift"
    outside = replace(made, outside=12, left=None, finish_ms=None, ends=made.ends[2:])
    shop.window.show_answer(replace(example.LINE, overtime=replace(outside, shift=replace(made.shift, name="야간"))))
    assert bar.accessibleName() == "How much overtime? 12 made outside any shift"
    shop.window.go("settings")
    assert not bar.isVisible()

"""One day that differs, by taps: other times, a half holiday, a day off, another day; and forms that keep their
buttons in sight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import argon2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.domain import scheduling
from desktop.domain.calendar import Kind, PlannedStop
from desktop.domain.people import Person, PersonRole
from desktop.domain.scheduling import AskStop
from desktop.domain.spans import Span
from desktop.store import calendar_edits, people
from desktop.views.calendar import CalendarPage
from desktop.views.widgets.calendar_form import CalendarForm
from desktop.views.widgets.form_card import Words
from tests.views import example
from tests.views.example import HOUR
from tests.views.test_calendar import SATURDAY, TODAY, Shop
from tests.views.test_fit import faults

FRIDAY = TODAY + timedelta(days=1)


@pytest.fixture
def shop(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    cheap = argon2.PasswordHasher(1, 8, 1)
    monkeypatch.setattr(people, "_hasher", lambda: cheap)
    made = Shop(qtbot, tmp_path)
    yield made
    made.window.close()
    made.store.close()


def press(page: CalendarPage, mode: str) -> None:
    next(each for each in page.day.modes if each.value == mode).click()


def times(shop: Shop, on: object) -> list[str]:
    zone = shop.calendar.zone
    return [
        f"{s.name} " + "–".join(f"{scheduling.local_time(at, zone):%H:%M}" for at in (s.span.start_ms, s.span.end_ms))
        for s in scheduling.started_on(shop.calendar, on)  # type: ignore[arg-type]
    ]


def test_other_times_on_one_day_with_audit_and_undo(shop: Shop) -> None:
    page = shop.open()
    page.sheet.heads[4].click()
    press(page, "time")
    assert not page.day.why.isVisible(), "nothing of it is over"
    page.day.start.choose("09:00")
    page.day.end.choose("19:30")
    assert "Operation 630 min" in page.day.accessibleDescription()
    page.day.apply.click()
    shop.wait()
    assert times(shop, FRIDAY)[0] == "주간 09:00–19:30"
    assert times(shop, FRIDAY + timedelta(days=7))[0] == "주간 08:00–20:00"
    assert shop.audit() == [("", "MoveShift 2026-11-20", "")]
    assert page.day.mode == "", "it was applied"
    block = next(b for b in page.sheet.blocks if b.of and (b.of.on, b.of.pattern.id) == (FRIDAY, 1))
    assert "Moved" in block.accessibleDescription()
    assert shop.window.undo_bar.words == "On Fri 20 Nov alone: 09:00–19:30"
    shop.window.undo_bar.take_back()
    shop.wait()
    assert times(shop, FRIDAY)[0] == "주간 08:00–20:00"
    assert shop.calendar.exceptions == ()


def test_other_times_over_the_next_shift_are_refused_with_both_names_in_sight(shop: Shop) -> None:
    page = shop.open()
    shop.window.resize(1366, 768)
    page.sheet.heads[4].click()
    press(page, "time")
    page.day.end.choose("21:00")
    page.day.apply.click()
    shop.wait()
    said = page.day.accessibleDescription()
    assert "주간 on Fri 20 Nov would overlap 야간 on Fri 20 Nov" in said
    assert "would overlap" in page.day.fault
    assert page.day.base.geometry().bottom() <= page.day.height(), "it stands over the buttons, which stay"
    assert shop.audit() == []
    assert page.day.end.currentData() == "21:00", "what was chosen stays"


@pytest.mark.parametrize(
    ("shift", "side", "expected"),
    [
        (1, "first", ["주간 08:00–12:00", "야간 20:00–08:00"]),
        (1, "second", ["주간 13:00–20:00", "야간 20:00–08:00"]),
        (2, "first", ["주간 08:00–20:00", "야간 20:00–00:00"]),
        (2, "second", ["주간 08:00–20:00", "야간 01:00–08:00"]),
    ],
)
def test_a_half_holiday_by_four_taps(shop: Shop, shift: int, side: str, expected: list[str]) -> None:
    page = shop.open()
    page.sheet.heads[4].click()
    press(page, "half")
    page.day.shift.choose(shift)
    next(half for half in page.day.halves if half.value == side).click()
    page.day.apply.click()
    shop.wait()
    assert times(shop, FRIDAY) == expected
    blocks = [b for b in page.sheet.blocks if b.isVisible() and b.of and b.of.on == FRIDAY]
    assert len(blocks) == 2, "also one that begins behind midnight stands at its day"
    assert faults(page.sheet) == []
    page.day.gone[0].click()
    shop.wait()
    assert times(shop, FRIDAY) == ["주간 08:00–20:00", "야간 20:00–08:00"]


def test_one_shift_off_and_a_day_exchanged(shop: Shop) -> None:
    page = shop.open()
    page.sheet.heads[4].click()
    press(page, "off")
    assert page.day.name.isVisible()
    page.day.shift.choose(2)
    assert not page.day.name.isVisible(), "a single shift off is no holiday with a name"
    page.day.apply.click()
    shop.wait()
    assert times(shop, FRIDAY) == ["주간 08:00–20:00"]
    press(page, "exchange")
    assert str(page.day.other.currentData()) == str(SATURDAY), "the next day off stands first"
    page.day.apply.click()
    shop.wait()
    assert times(shop, FRIDAY) == []
    assert times(shop, SATURDAY) == ["주간 08:00–20:00"]
    assert {e.kind for e in shop.calendar.exceptions} == {Kind.CANCELLED, Kind.EXTRA}
    shop.window.undo_bar.take_back()
    shop.wait()
    assert times(shop, SATURDAY) == []


def test_today_asks_why_and_a_day_without_a_shift_offers_what_it_can(shop: Shop) -> None:
    page = shop.open()
    page.sheet.heads[3].click()
    press(page, "time")
    page.day.start.choose("08:30")
    page.day.apply.click()
    shop.wait()
    assert "Say why" in page.day.fault
    page.day.why.setText("통근버스 지연")
    page.day.apply.click()
    shop.wait()
    assert [why for *_more, why in shop.audit()] == ["통근버스 지연"]
    page.sheet.heads[5].click()
    assert [mode.isEnabled() for mode in page.day.modes] == [False, False, True, False]
    page.day.extra.click()
    assert page.extra.isVisible()
    assert page.extra.day.currentData() == str(SATURDAY)


def test_the_form_of_a_shift_leads_to_its_day(shop: Shop) -> None:
    page = shop.open()
    block = next(b for b in page.sheet.blocks if b.of and (b.of.on, b.of.pattern.id) == (FRIDAY, 2))
    block.click()
    page.shift.alone.click()
    assert page.day.isVisible()
    assert (page.day.on, page.day.mode, page.day.shift.currentData()) == (FRIDAY, "time", 2)
    assert page.sheet.heads[4].isChecked()


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_the_undo_bar_and_the_pad_leave_every_button_in_sight(shop: Shop, size: tuple[int, int]) -> None:
    page = shop.open()
    shop.window.resize(*size)
    bar = shop.window.undo_bar
    for words in ("Extra shift", "Planned stop asked for " * 6):
        bar.offer(words, lambda: None)
        bar._slide.setCurrentTime(bar._slide.duration())
        assert bar.geometry().right() < page.shift.mapTo(shop.window, page.shift.rect().topLeft()).x()
        assert faults(bar) == []
    span = Span(example.NOW + HOUR, example.NOW + 2 * HOUR)
    calendar_edits.change(shop.store, AskStop(PlannedStop(span, 1, None, 1)), example.NOW)
    shop.look()
    page.sheet.stops[0].click()
    people = (Person(1, "김정호", role=PersonRole.SUPERVISOR), Person(2, "박서연", role=PersonRole.ADMIN))
    page._ask_pin(people, lambda _person: None)
    assert "프레스 · 예방정비. Approving it takes the PIN" in page.pin.pad.accessibleDescription()
    assert page.verticalScrollBar().maximum() == 0
    assert min(key.height() for key in page.pin.pad.keys) >= 48
    assert faults(page) == []
    bar.offer("x", lambda: None)
    bar._slide.setCurrentTime(bar._slide.duration())
    assert bar.geometry().right() < page.pin.mapTo(shop.window, page.pin.rect().topLeft()).x()


def test_crews_of_the_own_shifts_take_turns_and_a_shift_ends_by_taps(shop: Shop) -> None:
    page = shop.open()
    page.bar.ready.click()
    page.patterns.kinds[4].click()
    assert page.patterns.turns.currentData() == 0
    page.patterns.turns.choose(14)
    shop.look()
    assert page.bar.accessibleDescription() == "Preview: nothing is changed yet"
    assert faults(page) == []
    page.patterns.apply.click()
    shop.wait()
    monday = TODAY + timedelta(days=4)
    assert [s.crew for s in scheduling.started_on(shop.calendar, monday + timedelta(days=14))] == ["B조", "A조"]
    assert times(shop, monday) == times(shop, TODAY)
    page.bar.ready.click()
    page.patterns.kinds[4].click()
    assert page.patterns.turns.currentData() == 14
    assert [b.text() for b in page.patterns.ends if b.isVisible()][1] == "야간 takes place no more"
    assert "stays with it" in "".join(words.words for words in page.patterns.rows() if isinstance(words, Words))
    page.patterns.ends[1].click()
    shop.wait()
    assert [words.split()[0] for words in times(shop, monday)] == ["주간"]
    [shift] = scheduling.started_on(shop.calendar, monday + timedelta(days=14))
    assert shift.crew == "A조"
    assert times(shop, FRIDAY) != times(shop, monday)
    shop.window.undo_bar.take_back()
    shop.wait()
    assert len(times(shop, monday)) == 2


def test_the_keyboard_goes_through_a_form_as_it_stands(shop: Shop) -> None:
    page = shop.open()
    form = page.shift
    form.start.setFocus()
    reached = [form.start.objectName()]
    while reached[-1] != form.cancel.objectName() and len(reached) < 60:
        QTest.keyClick(shop.window.focusWidget(), Qt.Key.Key_Tab)
        reached.append(shop.window.focusWidget().objectName())
    wanted = [
        "shift-start", "shift-end", "shift-crew", "shift-people", *(f"weekday-{n}" for n in range(1, 8)),
        "break-1-name",
    ]  # fmt: skip
    assert reached[: len(wanted)] == wanted
    assert reached[-5:] == ["break-add", "shift-alone", "shift-since", "shift-form-apply", "shift-form-cancel"]


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (2560, 1440)])
def test_buttons_of_every_form_stay_in_sight_and_only_the_form_scrolls(shop: Shop, size: tuple[int, int]) -> None:
    page = shop.open()
    shop.window.resize(*size)
    for press_it in (
        page.sheet.blocks[0].click, page.bar.extra.click, page.bar.stop.click, page.bar.ready.click,
        page.bar.capacity.click, page.sheet.heads[4].click,
    ):  # fmt: skip
        press_it()
        shop.look()
        form = page._panel
        assert isinstance(form, CalendarForm)
        if form is page.day:
            press(page, "half")
        for _round in range(2):
            assert page.verticalScrollBar().maximum() == 0, "the page itself does not scroll"
            for button in (form.apply, form.cancel):
                place = button.mapTo(page.viewport(), button.rect().bottomRight())
                assert page.viewport().rect().contains(place)
            assert not form.area.geometry().intersects(form.base.geometry())
            assert faults(form) == []
            form.area.verticalScrollBar().setValue(form.area.verticalScrollBar().maximum())
    page.sheet.blocks[0].click()
    tops = {day.y() for day in page.shift.hours.days}
    assert len(tops) == 1, "seven days in one row"
    assert min(day.width() for day in page.shift.hours.days) >= 56
    bar = page.shift.area.verticalScrollBar()
    assert (bar.maximum() > 0) is (size[1] < 1080), "what has room does not scroll"

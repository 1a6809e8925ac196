"""The page of checks: every tap says the right thing, what is not right leaves an open item."""

from __future__ import annotations

from typing import cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.domain.entries import OPEN_MS, Action, Checked, FirstPiece, HourConfirmed
from desktop.views.checks import Checks
from desktop.views.entering import TakingBack, Telling
from desktop.views.measuring import Measuring
from desktop.views.overview import Overview
from desktop.views.widgets.check_lists import DueRow
from desktop.views.window import Window
from tests.views import daily_example, example
from tests.views.test_fit import faults, speaks, wide  # noqa: F401 its window of each language

NOW = example.NOW


@pytest.fixture
def page(window: Window) -> Checks:
    window.go("checks")
    found = cast(Checks, window.screens["checks"])
    found.told.disconnect()
    found.taken_back.disconnect()
    window.show_answer(daily_example.checks())
    return found


@pytest.fixture
def told(page: Checks) -> list[Telling]:
    found: list[Telling] = []
    page.told.connect(found.append)
    return found


def due(page: Checks, name: str) -> DueRow:
    return next(row for row in page.due.rows if row.isVisible() and row.shown and row.shown.title == name)


def test_what_is_late_comes_first_and_one_tap_is_enough(page: Checks, told: list[Telling]) -> None:
    shown = [row.shown.title for row in page.due.rows if row.shown]
    assert shown[:2] == ["안전커버·비상정지 작동", "공압(에어) 압력"]
    assert page.due.accessibleDescription() == "5 waiting · 2 late"
    due(page, "안전커버·비상정지 작동").good.click()
    due(page, "초물").good.click()
    assert [each.told for each in told] == [
        (Checked(2, NOW, NOW, 1, good=True),), (FirstPiece(3, NOW, NOW, good=True, which="first"),),
    ]  # fmt: skip
    assert told[0].words == "CNC 가공 · 안전커버·비상정지 작동 · Fine"


def test_what_is_not_right_asks_what_and_stays_an_open_item(page: Checks, told: list[Telling]) -> None:
    due(page, "칩·오물 제거, 바닥 청소").bad.click()
    assert not page.done.isVisible()
    answers = [button.text() for button in page.why.choices if button.isVisible()]
    assert "Dirty" in answers
    page.why.choices[answers.index("Dirty")].click()
    assert told[0].told == (
        Checked(3, NOW, NOW, 9, good=False, note="Dirty"),
        Action(3, NOW, OPEN_MS, "칩·오물 제거, 바닥 청소: Dirty"),
    )
    assert page.done.isVisible()
    due(page, "초물").bad.click()
    page.why.choices[0].click()
    assert told[1].told[0] == FirstPiece(3, NOW, NOW, False, "Dimension out of tolerance", "first")
    assert isinstance(told[1].told[1], Action)


def test_a_value_below_zero_has_its_key_where_it_may_be(page: Checks, told: list[Telling]) -> None:
    due(page, "공압(에어) 압력").value.click()
    assert not page.why.sign.isVisible(), "nothing below 0.4 is meant"
    page.why.press_key("±")
    page.why.press_key("5")
    page.why.done.click()
    assert told[-1].told[0].value == 5.0  # type: ignore[union-attr]
    cold = daily_example.check_row(3, 2, "냉각수 온도", "value", "late", unit="°C", low=-8.0, high=-2.0)
    page.present(replace(daily_example.checks(), rows=(cold,)), None)
    due(page, "냉각수 온도").value.click()
    assert page.why.sign.isVisible()
    page.why.sign.click()
    assert not page.why.done.isEnabled(), "a sign is no value"
    for key in "5.5":
        page.why.press_key(key)
    assert "-5.5" in page.why.accessibleDescription()
    page.why.sign.click()
    page.why.sign.click()
    page.why.done.click()
    assert told[-1].told == (Checked(2, NOW, NOW, 3, True, -5.5),)


def test_a_value_is_typed_and_judged_by_its_limits(
    window: Window, page: Checks, told: list[Telling], qtbot: QtBot
) -> None:
    due(page, "공압(에어) 압력").value.click()
    assert not page.why.done.isEnabled()
    for key in "0.555⌫":
        page.why.press_key(key)
    page.why.done.click()
    due(page, "공압(에어) 압력").value.click()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=2000)
    for pressed in (Qt.Key.Key_Period, Qt.Key.Key_Period, Qt.Key.Key_7):
        qtbot.keyClick(window, pressed)
    page.why.done.click()
    assert [each.told for each in told] == [
        (Checked(2, NOW, NOW, 3, True, 0.55),),
        (
            Checked(2, NOW, NOW, 3, False, 0.7, "0.7 is outside 0.4 to 0.6 MPa"),
            Action(2, NOW, OPEN_MS, "공압(에어) 압력: 0.7 is outside 0.4 to 0.6 MPa"),
        ),
    ]


def test_a_sample_leads_to_where_it_is_measured(window: Window, page: Checks) -> None:
    found = daily_example.checks()
    row = daily_example.sample_row(4, 2, "내경 Ø24", "due", 14, taken=2)
    window.show_answer(replace(found, rows=(*found.rows, row)))
    shown = due(page, "내경 Ø24")
    assert shown.shown is not None
    assert "14:00–15:00 · 2 of 5 measured" in shown.shown.note
    assert (shown.measure.isVisible(), shown.good.isVisible(), shown.value.isVisible()) == (True, False, False)
    shown.measure.click()
    assert window.screens.current == "measure"
    assert cast(Measuring, window.screens["measure"])._chosen == 4


def test_a_missed_sample_waits_until_it_is_acknowledged(window: Window, page: Checks) -> None:
    found = daily_example.checks()
    row = daily_example.sample_row(4, 2, "내경 Ø24", "missed", taken=2, asks=True)
    window.show_answer(replace(found, rows=(*found.rows, row)))
    shown = due(page, "내경 Ø24")
    assert page.due.rows[0] is shown, "what was missed comes first"
    assert shown.shown is not None
    assert shown.shown.note == "Missed · CNC 가공 · 13:00–14:00 · 2 of 5 measured"
    assert "1 missed" in page.due.accessibleDescription()
    assert shown.measure.text() == "Say why"
    shown.measure.click()
    assert window.screens.current == "measure"
    window.go("checks")
    window.show_answer(replace(found, rows=(*found.rows, replace(row, asks=False, done_ms=NOW))))
    assert all(each.shown.title != "내경 Ø24" for each in page.due.rows if each.isVisible() and each.shown)
    [done] = [each.shown for each in page.done.rows if each.shown and each.shown.title == "내경 Ø24"]
    assert done.note.startswith("Missed · acknowledged · 13:00–14:00 · ")


def test_leaving_the_question_says_nothing(page: Checks, told: list[Telling]) -> None:
    due(page, "초물").bad.click()
    assert page.step_back()
    assert not page.why.isVisible()
    due(page, "초물").bad.click()
    page.why.cancel.click()
    assert not page.step_back()
    assert told == []


def test_what_was_not_right_is_taken_back_with_its_open_item(page: Checks) -> None:
    back: list[TakingBack] = []
    page.taken_back.connect(back.append)
    rows = {row.shown.title: row for row in page.done.rows if row.shown and row.shown.row.entry}
    rows["윤활유·그리스 양"].click()
    rows["안전커버·비상정지 작동"].click()
    assert [each.numbers for each in back] == [(1004, 1005), (1002,)]
    bad = Checked(2, example.at(8, 22), example.at(8, 22), 2, False, None, "기준량 미달")
    assert back[0].again[0] == bad
    missed = next(row for row in page.done.rows if row.shown and row.shown.row.state == "missed")
    assert not missed.isEnabled(), "what nobody did cannot be taken back"


def test_an_hour_that_missed_its_target_asks_why_and_the_others_do_not(page: Checks, told: list[Telling]) -> None:
    hours = [row for row in page.hours.rows if row.shown and not row.shown.hour.entry]
    words = {row.shown.title: row.confirm.text() for row in hours if row.shown}
    assert words == {"13:00–14:00": "Confirm", "11:00–12:00": "Say why", "09:00–10:00": "Confirm"}
    hours[0].confirm.click()
    hours[1].confirm.click()
    assert page.why.choices[0].text() == "금형 교체", "what the line stood for comes first"
    page.why.choices[0].click()
    assert [each.told for each in told] == [
        (HourConfirmed(0, example.at(13), example.at(14)),),
        (HourConfirmed(0, example.at(11), example.at(12), "금형 교체"),),
    ]


def test_a_confirmed_hour_is_taken_back_by_a_press(page: Checks) -> None:
    back: list[TakingBack] = []
    page.taken_back.connect(back.append)
    next(row for row in page.hours.rows if row.shown and row.shown.title == "10:00–11:00").click()
    assert back[0].numbers == (500,)
    assert back[0].again == (HourConfirmed(0, example.at(10), example.at(11), "자재 부족"),)


def test_one_machine_alone_and_all_again(page: Checks) -> None:
    tile = next(tile for tile in page.machines.tiles if tile.shown and tile.shown.id == 3)
    tile.click()
    assert page.due.count == 3
    tile.click()
    assert page.due.count == 5


def test_how_many_wait_stands_on_the_rail_the_page_and_the_tile(window: Window, page: Checks) -> None:
    rail = next(button for button in window.rail._top if button.property("key") == "work")
    assert rail.badge == daily_example.checks().waiting == 6, "five checks and an hour that missed its target"
    assert page.pages.pages[2].accessibleDescription() == "in sight, 6 waiting"
    window.go("overview")
    machines = tuple(replace(m, checks=2) if m.id == 4 else m for m in example.LINE.machines)
    window.show_answer(replace(example.LINE, machines=machines, checks=2))
    assert rail.badge == 2
    overview = cast(Overview, window.screens["overview"])
    assert any("2 checks waiting" in tile.accessibleDescription() for tile in overview.tiles)
    one = tuple(replace(m, checks=1) if m.id == 4 else m for m in example.LINE.machines)
    window.show_answer(replace(example.LINE, machines=one, checks=1))
    assert any("1 check waiting" in tile.accessibleDescription() for tile in overview.tiles)


def test_a_shop_without_checks_is_told_how_to_begin(window: Window, page: Checks) -> None:
    window.show_answer(replace(daily_example.checks(), rows=(), has_items=False))
    assert page.due.accessibleDescription() == "No checks are set up"


@pytest.mark.parametrize("size", [(1366, 768), (1600, 900), (1920, 1080)])
@pytest.mark.parametrize("ask", ["", "what", "value", "hour"])
def test_every_word_has_room(wide: Window, ask: str, size: tuple[int, int]) -> None:  # noqa: F811
    wide.resize(*size)
    wide.go("checks")
    found = daily_example.checks()
    missed = daily_example.sample_row(4, 2, "내경 Ø24", "missed", taken=2, asks=True)
    wide.show_answer(replace(found, rows=(missed, *found.rows)))
    page = cast(Checks, wide.screens["checks"])
    page._leave()
    if ask == "hour":
        page._confirm(next(hour for hour in daily_example.checks().hours if hour.asks and not hour.entry))
    elif ask:
        page._ask_what(daily_example.check_rows()[4 if ask == "value" else 2])
    assert faults(wide) == []
    if ask:
        pressed = [w for w in (*page.why.choices, *page.why.keys, page.why.cancel) if w.isVisible()]
        assert min(min(w.width(), w.height()) for w in pressed) >= 48
        assert all(page.why.rect().contains(w.geometry()) for w in pressed)
    page._leave()

"""The standard calendar on the screen: the default from the shifts, new versions, holidays, refusals and undo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path

import argon2
import pytest
from pytestqt.qtbot import QtBot

from desktop.configuration.exporting import tables_of
from desktop.domain.calendar import StandardCapacity
from desktop.domain.scheduling import AddHoliday
from desktop.domain.standard_hours import day_ms
from desktop.store import calendar_edits, people
from desktop.views.calendar import CalendarPage
from tests.views import example
from tests.views.test_calendar import TODAY, Shop
from tests.views.test_fit import faults

TOMORROW = TODAY + timedelta(days=1)
JANUARY = date(2027, 1, 1)
MINUTE = 60_000


@pytest.fixture
def shop(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    cheap = argon2.PasswordHasher(1, 8, 1)
    monkeypatch.setattr(people, "_hasher", lambda: cheap)
    made = Shop(qtbot, tmp_path)
    yield made
    made.window.close()
    made.store.close()


def form(shop: Shop) -> CalendarPage:
    page = shop.open()
    page.bar.capacity.click()
    return page


def versions(shop: Shop) -> tuple[StandardCapacity, ...]:
    return shop.calendar.capacity


def test_where_none_is_set_up_the_shifts_are_taken_with_one_tap(shop: Shop) -> None:
    page = form(shop)
    said = page.capacity.accessibleDescription()
    assert "None is set up" in said
    assert "Capacity utilisation" in said
    assert "= capacity 1,270 min a day · 6,350 min a week" in said
    assert not page.capacity.why.isVisible(), "from tomorrow on nothing of it is over"
    page.capacity.apply.click()
    shop.wait()
    [version] = versions(shop)
    assert version.valid_from == TOMORROW
    assert [(p.name, p.start, p.end) for p in version.patterns] == [
        ("주간", time(8), time(20)), ("야간", time(20), time(8)),
    ]  # fmt: skip
    assert day_ms(version.patterns) == 1270 * MINUTE
    assert shop.audit() == [("", "SetCapacity 2026-11-20", "")]
    assert shop.window.undo_bar.words == "Standard capacity from 2026-11-20 on"
    shop.window.undo_bar.take_back()
    shop.wait()
    assert versions(shop) == ()


def test_one_shift_of_eight_hours_is_made_by_taps_and_becomes_the_next_version(shop: Shop) -> None:
    page = form(shop)
    page.capacity.since.choose("1970-01-01")
    page.capacity.apply.click()
    shop.wait()
    assert "Say why" in page.capacity.fault, "from the beginning on speaks of what is over"
    page.capacity.why.setText("표준 능력 등록")
    page.capacity.apply.click()
    shop.wait()
    page.capacity.tabs[1].click()
    page.capacity.less.click()
    page.capacity.hours.end.choose("17:00")
    page.capacity.hours.breaks[3].drop.click()
    page.capacity.hours.breaks[2].drop.click()
    page.capacity.hours.breaks[0].drop.click()
    assert "= capacity 480 min a day · 2,400 min a week" in page.capacity.accessibleDescription()
    page.capacity.since.choose(str(JANUARY))
    page.capacity.apply.click()
    shop.wait()
    assert [v.valid_from for v in versions(shop)] == [date(1970, 1, 1), JANUARY]
    assert day_ms(versions(shop)[1].patterns) == 480 * MINUTE
    assert day_ms(versions(shop)[0].patterns) == 1270 * MINUTE, "what was before stays"
    said = page.capacity.accessibleDescription()
    assert "From 2027-01-01 on: 주간 Mon–Fri 08:00–17:00, breaks 60 min" in said
    assert "Holds from the beginning on" in said
    page.capacity.since.choose(str(TOMORROW))
    assert [tab.text() for tab in page.capacity.tabs if tab.isVisible()] == ["주간", "야간"], "as it holds tomorrow"
    page.capacity.since.choose(str(JANUARY))
    assert page.capacity.note() == "480 min a day", "what nobody changed follows the date"
    assert not page.capacity.why.isVisible()
    page.capacity.drop.click()
    shop.wait()
    assert [v.valid_from for v in versions(shop)] == [date(1970, 1, 1)]


def test_holidays_are_chosen_taken_over_and_given_back(shop: Shop) -> None:
    calendar_edits.change(shop.store, AddHoliday(date(2026, 12, 25), "성탄절"), example.NOW)
    page = form(shop)
    assert page.capacity.take.text() == "Take the 1 holiday of the calendar"
    page.capacity.take.click()
    page.capacity.month.choose("2027-01-01")
    page.capacity.day.choose("2027-01-01")
    page.capacity.add.click()
    assert [b.text() for b in page.capacity.free if b.isVisible()] == ["2026-12-25", "2027-01-01"]
    assert "2 holidays" in page.capacity.accessibleDescription()
    page.capacity.free[1].click()
    page.capacity.since.choose("2026-12-01")
    assert "2026-12: 27,940 min" in page.capacity.accessibleDescription(), "22 of 23 working days"
    page.capacity.apply.click()
    shop.wait()
    assert versions(shop)[0].holidays == frozenset((date(2026, 12, 25),))


def test_standard_shifts_over_each_other_and_a_version_that_was_changed_meanwhile(shop: Shop) -> None:
    page = form(shop)
    page.capacity.hours.end.choose("21:00")
    page.capacity.apply.click()
    shop.wait()
    assert page.capacity.fault == "주간 and 야간 of the standard calendar lie over each other. Move one of them."
    assert versions(shop) == ()
    page.capacity.hours.end.choose("19:00")
    page.capacity.apply.click()
    shop.wait()
    assert len(versions(shop)) == 1
    page.capacity.apply.click()
    shop.wait()
    assert "nothing would change" in page.capacity.fault


def test_a_shift_is_added_to_an_empty_standard(shop: Shop) -> None:
    with shop.store.transaction() as db:
        db.execute("DELETE FROM shift_patterns")
        calendar_edits.register.audit(db, 1, "", "test", "", "", "")
    page = form(shop)
    shop.look()
    assert not page.capacity.usual.isVisible()
    page.capacity.apply.click()
    shop.wait()
    assert page.capacity.fault == "Choose at least one shift for the standard calendar."
    page.capacity.more.click()
    assert "= capacity 480 min a day" in page.capacity.accessibleDescription()
    page.capacity.apply.click()
    shop.wait()
    assert [p.name for p in versions(shop)[0].patterns] == ["Shift 1"]


def test_what_was_made_on_the_screen_stands_in_the_configuration_file(shop: Shop) -> None:
    page = form(shop)
    page.capacity.apply.click()
    shop.wait()
    tables = tables_of(shop.store)
    [written] = tables["capacity"]
    assert written["valid_from"] == TOMORROW
    assert [s["name"] for s in written["shift"]] == ["주간", "야간"]


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_nothing_of_it_is_cut(shop: Shop, size: tuple[int, int]) -> None:
    page = form(shop)
    shop.window.resize(*size)
    shop.look()
    for _round in range(2):
        assert faults(page) == []
        page.capacity.more.click()
    assert len({tab.geometry().width() for tab in page.capacity.tabs[:2]}) == 1

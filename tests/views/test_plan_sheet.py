"""The day's plan on the Work screen: pasted, seen, applied, taken back; what leaves it is asked; faults by line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop import configuration
from desktop.clock import PlantClock
from desktop.configuration.sheets.desk import Desk
from desktop.domain.people import Person
from desktop.store import database, orders, register
from desktop.views.widgets.work_lists import OrderRow
from desktop.views.window import Window
from desktop.views.work import MOST_ORDERS, Work
from tests.test_sheets_plan import HEAD, MORNING, SEVEN_FIFTY
from tests.views import example, fakes
from tests.views.test_fit import faults

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shop(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[Window, Work]]:
    """A window over the demo line's register at 07:50, on the Work screen, with somebody at it."""
    with closing(database.create(tmp_path, clock=PlantClock(SEVEN_FIFTY, 0, 0.0))) as store:
        configuration.apply(store, configuration.read(ROOT / "resources" / "demo_line.toml"))
    ways = fakes.ways(open_source=lambda: database.open_reader(tmp_path), tables=lambda: Desk(tmp_path))
    window = Window(tmp_path, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat), ways)
    qtbot.addWidget(window)
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(1366, 768)
    window.show()
    window.begin()
    window.login.log_in(Person(1, "김반장"))
    window.go("work")
    page = cast(Work, window.screens["work"])
    qtbot.waitUntil(lambda: page.take.isVisible())
    yield window, page
    window.close()


def planned(folder: Path) -> list[tuple[str, int]]:
    with closing(database.open_reader(folder)) as store:
        return [(order.code, order.quantity) for order in orders.orders(store)]


def paste(qtbot: QtBot, page: Work, words: str) -> None:
    QGuiApplication.clipboard().setText(words)
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.sheet is not None and page.sheet.isVisible())


def test_the_plan_is_pasted_seen_applied_and_taken_back(
    shop: tuple[Window, Work], qtbot: QtBot, tmp_path: Path
) -> None:
    window, page = shop
    paste(qtbot, page, MORNING)
    assert page.sheet is not None
    preview = page.sheet.preview
    assert preview.table.table.rowCount() == 3
    assert faults(window) == []
    assert planned(tmp_path) == []
    preview.bar.apply.click()
    qtbot.waitUntil(lambda: not page.sheet.isVisible() and page.plan.rows != [])
    assert planned(tmp_path) == [("W-1", 1200), ("W-2", 300), ("W-3", 50)]
    paste(qtbot, page, MORNING)
    assert preview.table.view.accessibleDescription().endswith("Nothing would change: all of it is there already.")
    assert not preview.bar.apply.isEnabled()
    assert faults(window) == []
    window._back()
    window._back()
    paste(qtbot, page, HEAD + "W-1\tVH-204\t900\tA1\t17:00\t양산\tPR-01\n")
    assert preview.bar.retire.text() == "Take 2 not in the sheet out of the plan"
    preview.bar.retire.click()
    assert preview.table.table.rowCount() == 3
    preview.bar.apply.click()
    qtbot.waitUntil(lambda: planned(tmp_path) == [("W-1", 900)])
    qtbot.waitUntil(lambda: "1 changed" in window.undo_bar.accessibleName())
    window.undo_bar.take_back()
    qtbot.waitUntil(lambda: len(planned(tmp_path)) == 3)
    with closing(database.open_reader(tmp_path)) as store:
        told = store.rows("SELECT who, subject FROM audit WHERE action = 'plan'")
        assert told == [("김반장", "orders")] * 3
        assert register.version(store) < register.newest_change(store)


def test_faults_are_listed_and_esc_leads_back(shop: tuple[Window, Work], qtbot: QtBot, tmp_path: Path) -> None:
    window, page = shop
    qtbot.waitUntil(lambda: page._now is not None)
    page.scraps.click()
    paste(qtbot, page, MORNING.replace("VH-204", "VH-999"))
    assert page.sheet is not None
    assert page.sheet.preview.table.table.rowCount() == 3
    assert not page.sheet.preview.bar.apply.isVisible()
    assert faults(window) == []
    qtbot.keyClick(page, Qt.Key.Key_7)
    assert page.scrap.isVisibleTo(page.page)
    window._back()
    assert not page.sheet.isVisible()
    assert window.screens.current == "work"
    page.look_wanted.emit("orders", tmp_path / "nothing.xlsx")
    qtbot.waitUntil(lambda: "master" in window.banners.shown())
    assert planned(tmp_path) == []


def test_the_list_ends_before_it_is_too_long(window: Window) -> None:
    window.go("work")
    now = example.work()
    many = tuple(replace(now.orders[1], code=f"W-{n}") for n in range(500))
    window.show_answer(replace(now, orders=many))
    page = cast(Work, window.screens["work"])
    assert len([row for row in page.plan.rows if isinstance(row, OrderRow) and not row.isHidden()]) <= MOST_ORDERS + 8
    assert "440" in page.plan.accessibleDescription()

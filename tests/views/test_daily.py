"""People, checks and hours through the real window into the file, and back by the undo bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from desktop import summaries
from desktop.domain.entries import OPEN_MS, Ordered
from desktop.domain.people import Person
from desktop.store import entries, people
from desktop.store.database import Store
from desktop.views import application
from desktop.views.checks import Checks
from desktop.views.crew import Crew
from desktop.views.window import Window
from tests import test_daily
from tests.store.example import MACHINE, MINUTE
from tests.test_entered import Floor, halves
from tests.test_live import START

shop = test_daily.shop
checked = test_daily.checked


class Round:
    """A window over the shop's file whose answers the test asks for."""

    def __init__(self, qtbot: QtBot, store: Store, key: str) -> None:
        self.store, self.qtbot, self.minute = store, qtbot, 5.0
        settings = QSettings(str(store.folder / "round.ini"), QSettings.Format.IniFormat)
        ways = replace(application.ways(store.folder), keep_collecting=lambda: None)
        self.window = Window(store.folder, settings, ways)
        qtbot.addWidget(self.window)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(1920, 1080)
        self.window.show()
        self.open(key)

    def open(self, key: str) -> None:
        self.window.go(key)
        self.page = self.window.screens[key]
        self.look()

    def look(self) -> None:
        self.window.show_answer(self.page.question()(self.store, START + round(self.minute * MINUTE)))

    def until(self, condition: Callable[[], bool]) -> None:
        def met() -> bool:
            self.look()
            return condition()

        self.qtbot.waitUntil(met, timeout=5000)


def test_a_crew_is_put_to_its_machines_by_taps(qtbot: QtBot, shop: Store) -> None:
    for name in ("Kim", "Lee"):
        people.put(shop, Person(0, name), START)
    mine = Round(qtbot, shop, "crew")
    page = cast(Crew, mine.page)
    page.people.tiles[0].click()
    page.machines.tiles[0].click()  # at once: the first tap may still be on its way
    qtbot.waitUntil(lambda: "· at " in str(mine.window.undo_bar._face), timeout=5000)
    mine.until(lambda: page._now is not None and page._now.people[0].machines == (MACHINE,))
    assert page._now is not None
    assert page._now.people[0].from_ms == START, "in the first hour somebody is here since its beginning"
    mine.window.undo_bar.take_back()
    mine.until(lambda: page._now is not None and page._now.people[0].machines == ())
    assert page._now.people[0].here
    mine.minute = 65
    page.machines.tiles[0].click() if page._person else page.people.tiles[0].click()
    mine.until(lambda: page._now is not None and page._now.people[0].machines == (MACHINE,))
    page.person.leaves.click()
    mine.until(lambda: page._now is not None and page._now.people[0].to_ms == START + 65 * MINUTE)
    page.person.again.click()
    mine.until(lambda: page._now is not None and page._now.people[0].here)
    mine.window.close()


def test_a_round_of_checks_by_taps(qtbot: QtBot, checked: Store) -> None:
    Floor(checked).makes(*halves(0.5, 70))
    entries.say(checked, [Ordered(MACHINE, START, OPEN_MS, "WO-1", 1)], START)
    mine = Round(qtbot, checked, "checks")
    page = cast(Checks, mine.page)
    count = page.due.count
    page.due.rows[0].good.click()
    mine.until(lambda: page.due.count == count - 1)
    bad = next(row for row in page.due.rows if row.isVisible() and row.shown and row.shown.row.kind == "first")
    bad.bad.click()
    page.why.choices[0].click()
    mine.until(lambda: page.due.count == count - 2)
    end_ms = START + 120 * MINUTE
    [item] = entries.actions(checked, end_ms)
    assert item.said.machine == MACHINE
    mine.until(lambda: mine.window.undo_bar.words.endswith("Dimension out of tolerance"))  # not the check before
    mine.window.undo_bar.take_back()
    mine.until(lambda: page.due.count == count - 1)
    assert entries.actions(checked, end_ms) == (), "the open item goes with what was not right"
    mine.minute = 61
    mine.look()
    page.hours.rows[0].confirm.click()
    if page.why.isVisible():
        page.why.choices[0].click()
    mine.until(lambda: page._now is not None and page._now.hours[0].entry != 0)
    report = summaries.shift_report(checked, summaries.find_shift(checked, "current", START), START + 62 * MINUTE)
    assert len(report.hours_said) == 1
    mine.window.close()

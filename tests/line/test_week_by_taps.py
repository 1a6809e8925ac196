"""A simulated week of two shifts and eight machines, worked through with scans and taps alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import argon2
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSettings, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop import simulation, summaries
from desktop.clock import PlantClock
from desktop.configuration import orders as sheet
from desktop.domain.calendar import Shift
from desktop.domain.commands import Command, Kind, write
from desktop.domain.entries import Attended, Entry, Ordered
from desktop.domain.figures.report import ShiftReport
from desktop.domain.people import Person, PersonRole
from desktop.domain.spans import Span
from desktop.store import database, entries, people
from desktop.views import application
from desktop.views.report import ReportPage
from desktop.views.stops import Stops
from desktop.views.window import Window

pytestmark = pytest.mark.long

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
PIN = "482917"
BADGES = ("GD-0001", "GD-0002")
DAYS = 7
MOST_PROMPTS = 5  # stops of eight machines in twelve hours that ask, with no table of alarms to explain any


class Supervisor:
    """Whoever works a shift through: a finger on the screen. `taps` counts them by what they were for."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot, self.folder = qtbot, folder
        self.store = database.open_writer(folder)
        self.taps: Counter[str] = Counter()
        self.slowest_s: dict[str, float] = {}
        self.key_ms = 1_000_000
        self.window: Window

    def come(self, at_ms: int) -> None:
        """Be there at a moment: the plant's clock stands at it, and the window is opened anew."""
        with self.store.transaction() as db:
            for key, value in (("clock_plant_ms", at_ms), ("clock_real_ms", time.time_ns() // 1_000_000)):
                db.execute("UPDATE meta SET value = ? WHERE key = ?", (str(value), key))
        self.store.clock = PlantClock(at_ms, 0, 0.0)
        if self.taps:
            self.window.close()
        settings = QSettings(str(self.folder / "window.ini"), QSettings.Format.IniFormat)
        self.window = Window(
            self.folder, settings, replace(application.ways(self.folder), keep_collecting=lambda: None)
        )
        self.qtbot.addWidget(self.window)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(1920, 1080)
        self.window.show()
        self.qtbot.waitExposed(self.window)
        assert self.window.scans, "the scanner is heard from now on"

    def tap(self, widget: QWidget, what: str, at: QPoint | None = None) -> None:
        """A finger on a widget that can be seen and pressed."""
        assert widget.isVisible(), what
        assert widget.isEnabled(), what
        self.taps[what] += 1
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())

    def scan(self, code: str) -> None:
        """The keys of a scanner that types."""
        self.taps["scan"] += 1
        for sign in [*code, "\r"]:
            key = Qt.Key.Key_Return if sign == "\r" else Qt.Key(ord(sign.upper()))
            self.key_ms += 5
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, sign)
                event.setTimestamp(self.key_ms)
                QCoreApplication.sendEvent(self.window.windowHandle(), event)
        self.key_ms += 500

    def look(self) -> None:
        page = self.window.screens.screen_now
        at = time.monotonic()
        answer = page.question()(self.store, self.store.clock.now_ms())
        key = self.window.screens.current
        self.slowest_s[key] = max(self.slowest_s.get(key, 0.0), time.monotonic() - at)
        self.window.show_answer(cast(Any, answer))

    def open(self, key: str) -> Any:
        self.tap(self.window.rail.findChild(QWidget, f"rail-{key}"), "rail")
        self.look()
        return self.window.screens[key]

    def until(self, met: Callable[[], object]) -> None:
        def look() -> bool:
            self.look()
            return bool(met())

        self.qtbot.waitUntil(look, timeout=20_000)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("week")
    simulation.simulate(folder, days=DAYS, seed=3, say=lambda _words: None)
    return folder


def test_a_week_by_scans_and_taps(qtbot: QtBot, week: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = argon2.PasswordHasher(1, 8, 1)
    monkeypatch.setattr(people, "_hasher", lambda: cheap)
    mine = Supervisor(qtbot, week)
    for name, badge in zip(("김정호", "오재민"), BADGES, strict=True):
        number = people.put(mine.store, Person(0, name, role=PersonRole.SUPERVISOR, badge=badge), 0)
        people.set_pin(mine.store, number, PIN, 0)
    end_ms = mine.store.clock.now_ms()
    rows = summaries.shift_figures(mine.store, Span(end_ms - DAYS * DAY, end_ms), end_ms)
    shifts = sorted((row.shift for row in rows if row.over), key=lambda shift: shift.span.start_ms)
    assert len(shifts) == 2 * DAYS
    sheet.enter(mine.store, [
        {"code": order_of(shift), "product": "VH-204", "quantity": 900, "on": shift.business_on, "machine": "PR-01"}
        for shift in shifts
    ], at_ms=shifts[0].span.start_ms)  # fmt: skip
    for shift in shifts:
        work_through(mine, shift)
    for shift in shifts:
        report = of(mine, shift)
        assert not report.provisional
        assert [s.role for s in report.handover.signed] == ["outgoing", "incoming"]
        last_ms = shift.span.end_ms - MINUTE  # when the stops were explained
        left = [s for s in report.stops if s.unlabelled and s.start_ms < last_ms and (s.end_ms or 0) < last_ms]
        assert not left
        assert report.handover.safety
        assert order_of(shift) in [order.code for order in report.orders if order.in_shift]
    assert mine.taps["reason"] + mine.taps["stop"] <= 2 * mine.taps["explained alone"], "two taps a stop"
    mine.window.close()
    mine.store.close()


def of(mine: Supervisor, shift: Shift) -> ShiftReport:
    return summaries.shift_report(mine.store, shift, mine.store.clock.now_ms())


def work_through(mine: Supervisor, shift: Shift) -> None:
    mine.come(shift.span.start_ms + 30 * MINUTE)
    begin(mine, shift)
    mine.come(shift.span.end_ms - MINUTE)
    page = cast(Stops, mine.open("stops"))
    explain(mine, page)
    mine.come(shift.span.end_ms + 4 * MINUTE)
    hand_over(mine, cast(ReportPage, mine.open("report")), shift)


def begin(mine: Supervisor, shift: Shift) -> None:
    """Who is here and what is made: by scan; who is with them: as the last time."""
    page = mine.open("work")
    mine.scan(write(Command(Kind.PERSON, BADGES[shift.name == "Night"])))
    mine.scan(write(Command(Kind.ORDER_START, order_of(shift))))
    said: list[Any] = []
    mine.until(lambda: said or said.extend(e for e in entries.standing(mine.store, shift.span) if is_order(e)))
    assert said[0].who == mine.window.login.name != ""
    mine.tap(page.pages.pages[1], "crew")
    mine.look()
    crew = cast(Any, mine.window.screens["crew"])
    if crew.before.isVisible() and crew.before.isEnabled():
        mine.tap(crew.before, "as the last time")
    mine.until(lambda: any(isinstance(e.said, Attended) for e in entries.standing(mine.store, shift.span)))


def is_order(entry: Entry) -> bool:
    return isinstance(entry.said, Ordered)


def order_of(shift: Shift) -> str:
    return f"WO-{shift.business_on:%m%d}-{shift.name[0]}"


def explain(mine: Supervisor, page: Stops) -> None:
    """Every stop that waits gets a reason."""
    mine.look()
    assert page.choice.now is not None
    asking = page.choice.now.waiting
    assert asking is not None
    assert asking <= MOST_PROMPTS
    mine.taps["prompts"] += asking
    for _stop in range(asking):
        left = len(page.choice.now.open)
        mine.tap(page.waiting_list.rows[0], "stop")
        mine.look()
        mine.tap(next(b for b in page.reasons if b.isVisible()), "reason")
        mine.taps["explained alone"] += 1
        mine.until(lambda left=left: page.choice.now is not None and len(page.choice.now.open) < left)
    for alike in (page.waiting_list.all_behind, page.waiting_list.all_brief):
        if alike.isVisible():
            left = len(page.choice.now.open)
            mine.tap(alike, "all alike")
            mine.tap(next(b for b in page.reasons if b.isVisible()), "bulk reason")
            mine.until(lambda left=left: page.choice.now is not None and len(page.choice.now.open) < left)
    while page.choice.now.open:
        left = len(page.choice.now.open)
        for row in [row for row in page.waiting_list.rows if row.isVisible()]:
            page.waiting_list.area.ensureWidgetVisible(row)
            mine.tap(row.tick, "tick")
        mine.tap(next(b for b in page.reasons if b.isVisible()), "bulk reason")
        mine.until(lambda left=left: page.choice.now is not None and len(page.choice.now.open) < left)


def hand_over(mine: Supervisor, page: ReportPage, shift: Shift) -> None:
    """Looked at, signed and closed."""
    mine.look()
    while page.chosen != shift.span:
        earlier = page.chosen is not None and page.chosen.start_ms > shift.span.start_ms
        mine.tap(page.tools.before if earlier else page.tools.after, "another shift")
        mine.look()
    side = page.handover
    mine.tap(next(b for b in side.checks.buttons if b.isVisible() and b.property("act") == "nothing"), "safety")
    mine.until(lambda: of(mine, shift).handover.safety)
    for role, place in (("outgoing", 0), ("incoming", 1)):
        mine.tap(side.signs[role].button, "sign")
        mine.tap(side.sign.names[place], "name")
        for digit in PIN:
            mine.tap(next(key for key in side.sign.pad.keys if key.text() == digit), "PIN")
        mine.tap(side.sign.pad.done, "PIN")
        mine.until(lambda role=role: role in [s.role for s in of(mine, shift).handover.signed])
    mine.tap(side.closing.button, "close")
    mine.until(lambda: not of(mine, shift).provisional)

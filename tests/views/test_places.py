"""Whoever comes from a shift that is over lands in that shift, whichever it was: through the real window and store."""

from __future__ import annotations

from typing import cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import summaries
from desktop.domain.adjust import BookingKind
from desktop.domain.calendar import Shift
from desktop.domain.entries import Booked, Closed, Entry, Labelled
from desktop.domain.figures.machine import MachineDay
from desktop.domain.figures.stops import OpenShift
from desktop.domain.figures.work import PastShift
from desktop.domain.spans import Span
from desktop.store import entries, register
from desktop.store.database import Store
from desktop.summaries import asking_shifts
from desktop.views import application
from desktop.views.checks import Checks
from desktop.views.machine import MachinePage
from desktop.views.report import ReportPage
from desktop.views.stops import Stops
from desktop.views.window import Window
from desktop.views.work import Work
from tests import test_stops
from tests.store.example import HOUR, MACHINE, MINUTE, count
from tests.test_live import COUNTING, START, Shop
from tests.test_stops import Floor
from tests.views import example, test_handover
from tests.views.test_fit import faults, speaks, wide  # noqa: F401 its window of each language
from tests.views.test_screens import show

shop = test_stops.shop
floor = test_handover.floor
DAY_MIN = 24 * 60
NOW_MIN = 2 * DAY_MIN + 30  # on the third day, half an hour into "Day"


class Plant:
    """A window over three days of two shifts each; in some of them a machine stood and nobody has said why."""

    def __init__(self, qtbot: QtBot, store: Store, now_min: int = NOW_MIN) -> None:
        self.qtbot, self.store = qtbot, store
        self.now_ms = START + now_min * MINUTE
        with store.transaction() as db:
            db.execute("UPDATE meta SET value = ? WHERE key = 'clock_plant_ms'", (str(self.now_ms),))
            register.upsert(
                db, "scrap_reasons", {"code": "D01"}, {"name": "Burr", "group_name": "", "icon": "", "place": 0}
            )
            register.audit(db, START, "", "import", "", "", "")
        made = Floor(store)
        # Day of the first and of the second day, the shift that runs; "Late" in between made pieces and never stood.
        for day, stop, length in ((0, 10, 20), (1, 40, 10), (2, 5, 25)):
            for minute in (1, 2, 3):
                made.tell(day * DAY_MIN + minute, count(made.book, START + (day * DAY_MIN + minute) * MINUTE, 1))
            made.states(day * DAY_MIN + stop, "stop")
            made.states(day * DAY_MIN + stop + length, "run")
            for minute in (125, 126):
                at_ms = START + (day * DAY_MIN + minute) * MINUTE
                if day < 2:
                    made.tell(day * DAY_MIN + minute, count(made.book, at_ms, 1))
        settings = QSettings(str(store.folder / "places.ini"), QSettings.Format.IniFormat)
        ways = replace(application.ways(store.folder), keep_collecting=lambda: None)
        self.window = Window(store.folder, settings, ways)
        qtbot.addWidget(self.window)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(1920, 1080)
        self.window.entering.who = lambda: "김정호"
        self.window.show()
        self.window.go("overview")
        self.look()

    def look(self) -> None:
        for _look in range(3):
            self.window.show_answer(self.window.screens.screen_now.question()(self.store, self.now_ms))
        QApplication.processEvents()

    def go(self, key: str) -> None:
        self.window.go(key)
        self.look()

    def shift(self, day: int, name: str) -> Shift:
        return summaries.find_shift(self.store, f"2025-11-{19 + day}/{name}", self.now_ms)

    def close(self, shift: Shift) -> None:
        entries.say(self.store, [Closed(0, shift.span.end_ms - 1, shift.span.end_ms - 1)], self.now_ms - MINUTE)

    def said(self) -> list[Entry]:
        kinds = Labelled | Booked
        return list(entries.said_since(self.store, self.now_ms, kinds))

    def until_said(self) -> Entry:
        self.qtbot.waitUntil(lambda: bool(self.said()), timeout=5000)
        return self.said()[-1]

    @property
    def stops(self) -> Stops:
        return cast(Stops, self.window.screens["stops"])

    @property
    def work(self) -> Work:
        return cast(Work, self.window.screens["work"])

    def moments(self) -> list[str]:
        return [choice.accessibleName() for choice in self.work.scrap.moments if choice.isVisible()]

    def press_moment(self, begins: str) -> None:
        next(c for c in self.work.scrap.moments if c.isVisible() and c.accessibleName().startswith(begins)).click()
        self.look()

    def reason(self) -> None:
        next(button for button in self.stops.reasons if button.isVisible()).click()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the computer is, a look finds all shifts that ask."""
    monkeypatch.setattr(asking_shifts, "_LOOK_S", 60.0)
    monkeypatch.setattr(asking_shifts, "_REST_S", 0.0)


@pytest.fixture
def plant(qtbot: QtBot, shop: Store) -> Plant:
    return Plant(qtbot, shop)


def chosen_min(stops: Stops) -> tuple[int, float]:
    stop = stops.choice.stop()
    assert stop is not None
    return stop.machine, (stop.start_ms - START) / MINUTE


# -- from the report of a shift that is over --


def test_the_reports_button_asks_about_the_stop_of_its_own_shift(plant: Plant) -> None:
    page = cast(ReportPage, plant.window.screens["report"])
    plant.go("report")
    page.chosen = plant.shift(0, "Day").span
    plant.look()
    press(page, "Give reasons")
    plant.look()
    assert plant.window.screens.current == "stops"
    assert plant.stops.past_shift() == plant.shift(0, "Day")
    assert chosen_min(plant.stops) == (MACHINE, 10)
    plant.reason()
    entry = plant.until_said()
    assert (entry.said.machine, entry.said.start_ms) == (MACHINE, START + 10 * MINUTE)
    plant.window.close()


def press(page: ReportPage, words: str, nth: int = 0) -> None:
    [*found] = [b for b in page.handover.checks.buttons if b.text() == words and b.isVisible()]
    found[nth].click()


def test_rejects_and_checks_of_the_report_lead_to_its_shift(floor: test_handover.Floor) -> None:
    deeds: list[tuple[str, Shift | None]] = []
    floor.page.deed_wanted.connect(lambda deed: deeds.append((deed.key, deed.past)))
    shift = floor.report().shift
    floor.side._check("work")
    floor.side._check("checks")
    checks = cast(Checks, floor.window.screens["checks"])
    work = cast(Work, floor.window.screens["work"])
    assert deeds == [("rejects", shift), ("checks", shift)]
    assert (work.scrap.wanted, checks.past_shift()) == (shift, shift)
    found = checks.question()(floor.store, floor.now_ms)
    assert (found.hours[-1].row.span.start_ms, found.shift.name) == (shift.span.start_ms, "Late")
    floor.window.go("checks")
    checks.back.click()
    assert checks.past_shift() is None
    assert checks.step_back() is False


def test_of_the_shift_that_runs_they_lead_to_the_present(plant: Plant) -> None:
    page = cast(ReportPage, plant.window.screens["report"])
    plant.go("report")
    page.chosen = plant.shift(2, "Day").span
    plant.look()
    press(page, "Give reasons")
    plant.look()
    assert plant.stops.past_shift() is None
    assert chosen_min(plant.stops) == (MACHINE, 2 * DAY_MIN + 5)
    plant.window.close()


# -- a stop that is not there --


def test_a_stop_that_is_not_there_is_no_other(plant: Plant) -> None:
    plant.window.ask_reason(MACHINE, START + 10 * MINUTE)  # of the shift that runs, where it is not
    assert plant.stops.choice.stop() is None, "before the answer is there, too"
    plant.look()
    assert plant.stops.choice.stop() is None
    assert plant.stops.choice.given(1, "", "") is None
    assert plant.stops.empty.isVisible()
    assert plant.stops.empty.accessibleName() == "The stop that was asked for is not there any more"
    assert not any(button.isVisible() for button in plant.stops.reasons)
    plant.stops._press(0)
    row = next(row for row in plant.stops.waiting_list.rows if row.isVisible())
    row.click()
    plant.look()
    assert chosen_min(plant.stops) == (MACHINE, 2 * DAY_MIN + 5)
    assert plant.said() == []
    plant.window.close()


# -- any shift that is not closed --


def test_any_earlier_shift_is_reached_and_says_what_it_asks(plant: Plant) -> None:
    plant.go("stops")
    steps = plant.stops.steps
    assert "Fri 21 Nov · Day" in steps.accessibleName()
    seen = []
    while steps.before.isEnabled():
        steps.before.click()
        plant.look()
        seen.append((steps.accessibleName(), steps.accessibleDescription()))
    assert seen == [
        ("Thu 20 Nov · Late", "No stop asks for a reason"),
        ("Thu 20 Nov · Day", "1 stop asks for a reason"),
        ("Wed 19 Nov · Late", "No stop asks for a reason"),
        ("Wed 19 Nov · Day", "1 stop asks for a reason"),
    ]
    assert chosen_min(plant.stops) == (MACHINE, 10)
    while steps.after.isEnabled():
        steps.after.click()
        plant.look()
    assert plant.stops.past_shift() is None
    assert not steps.back.isVisible()
    plant.window.close()


def test_the_oldest_open_one_is_a_tap_away_and_gone_when_it_is_answered_or_closed(plant: Plant) -> None:
    plant.go("stops")
    steps = plant.stops.steps
    assert steps.oldest.text() == "Oldest: Wed 19 Nov · Day · 1"
    steps.oldest.click()
    plant.look()
    assert plant.stops.past_shift() == plant.shift(0, "Day")
    assert steps.oldest.accessibleName() == "Oldest: Thu 20 Nov · Day · 1", "that which is looked at needs no way"
    assert steps.oldest.text() == "Oldest: Thu 20 Nov · 1", "beside the way back it is short"
    plant.reason()
    plant.until_said()
    plant.look()
    steps.back.click()
    plant.look()
    assert steps.oldest.text() == "Oldest: Thu 20 Nov · Day · 1"
    plant.close(plant.shift(1, "Day"))
    plant.look()
    assert not steps.oldest.isVisible()
    plant.window.close()


def test_the_list_of_shifts_shows_which_ask(plant: Plant) -> None:
    page = cast(ReportPage, plant.window.screens["report"])
    plant.go("report")
    page._toggle_list()
    plant.look()
    asks = {f"{row.day} {row.name}": row.asks for row in page.list.shifts.rows if row.asks}
    assert asks == {"Thu 20 Nov Day": "1 stop asks for a reason", "Wed 19 Nov Day": "1 stop asks for a reason"}
    page.oldest.click()
    plant.look()
    assert page.chosen == plant.shift(0, "Day").span
    assert page.handover.isVisible()
    plant.close(plant.shift(0, "Day"))
    plant.look()
    assert {row.date for row in page.list.shifts.rows if row.asks} == {"2025-11-20"}
    plant.window.close()


def test_a_closed_shift_asks_for_the_why(plant: Plant) -> None:
    plant.close(plant.shift(0, "Day"))
    plant.go("stops")
    plant.stops._look_at(plant.shift(0, "Day"))
    plant.look()
    assert plant.stops.steps.accessibleDescription() == "closed · 1 stop asks for a reason"
    plant.reason()
    assert plant.said() == []
    plant.stops.note.setText("from the paper")
    plant.reason()
    entry = plant.until_said()
    assert (entry.who, entry.why) == ("김정호", "from the paper")
    plant.window.close()


# -- the machine looked back at --


def test_a_machine_looked_back_at_leads_to_its_own_shift_and_back(plant: Plant) -> None:
    page = cast(MachinePage, plant.window.screens["machine"])
    plant.window.open_machine(MACHINE)
    plant.look()
    for _step in range(4):
        page._step_shift(-1)
        plant.look()
    day = plant.window._answer
    assert isinstance(day, MachineDay)
    assert day.looked_at == plant.shift(0, "Day")
    action = page.action_row.button("reason")
    assert action is not None
    action.click()
    plant.look()
    assert chosen_min(plant.stops) == (MACHINE, 10)
    plant.stops.head.timeline.click()
    assert plant.window.screens.current == "machine"
    assert page.past == plant.shift(0, "Day"), "its timeline is that of the same shift"
    plant.look()
    page.step_back()  # the panel of the stop
    rejects = page.action_row.button("rejects")
    assert rejects is not None
    rejects.click()
    plant.look()
    assert [c.accessibleName() for c in plant.work.scrap.moments if c.isChecked()] == ["Wed 19 Nov · Day"]
    plant.window.close()


# -- late rejects --


def test_a_late_reject_of_two_shifts_back_is_booked_to_the_shift_that_made_it(plant: Plant) -> None:
    plant.go("work")
    plant.work.scraps.click()
    plant.look()
    assert plant.moments() == ["Now", "Thu 20 Nov · Late", "Earlier shifts"]
    plant.press_moment("Earlier shifts")
    shifts = ["Thu 20 Nov · Late", "Thu 20 Nov · Day", "Wed 19 Nov · Late", "Wed 19 Nov · Day"]
    assert plant.moments() == ["This shift", *shifts]
    plant.press_moment("Thu 20 Nov · Day")
    plant.work.scrap.kinds[1].click()
    plant.work.scrap.reasons[0].click()
    said = plant.until_said().said
    assert isinstance(said, Booked)
    assert said.kind is BookingKind.LATE_REJECT
    assert said.start_ms == plant.shift(1, "Day").span.end_ms - 1
    report = summaries.shift_report(plant.store, plant.shift(1, "Day"), plant.now_ms)
    assert [(row.good, row.reject) for row in report.machines if row.id == MACHINE] == [(2, 1)]
    plant.press_moment("Earlier shifts")
    plant.press_moment("This shift")
    assert plant.moments()[0] == "Now"
    plant.window.close()


def test_shifts_that_made_nothing_are_left_out_and_older_ones_follow(shop: Store, qtbot: QtBot) -> None:
    plant = Plant(qtbot, shop, NOW_MIN + 5 * DAY_MIN)
    made = Shop(shop, 1)
    for day in (3, 5, 6):
        made.at_ms = START + (day * DAY_MIN + 5) * MINUTE
        made.tell(made.counted(MACHINE, 1))
    plant.go("work")
    plant.work.open_at(MACHINE, rejects=True)
    plant.look()
    plant.press_moment("Earlier shifts")
    first = ["Tue 25 Nov · Day", "Mon 24 Nov · Day", "Sat 22 Nov · Day", "Fri 21 Nov · Day", "Thu 20 Nov · Late"]
    assert plant.moments() == ["This shift", *first, "Thu 20 Nov · Day", "Older"]
    plant.press_moment("Older")
    assert plant.moments() == ["This shift", "Wed 19 Nov · Late", "Wed 19 Nov · Day"]
    assert plant.work.scrap._moment() is not None, "nothing is chosen but the present"
    plant.press_moment("Wed 19 Nov · Day")
    plant.work.scrap.kinds[1].click()
    plant.work.scrap.reasons[0].click()
    plant.qtbot.waitUntil(lambda: bool(plant.said()), timeout=5000)
    assert plant.said()[-1].said.start_ms == plant.shift(0, "Day").span.end_ms - 1
    plant.window.close()


def test_of_a_closed_shift_the_pad_asks_why(plant: Plant) -> None:
    plant.close(plant.shift(1, "Day"))
    plant.go("work")
    plant.work.open_at(MACHINE, rejects=True, past=plant.shift(1, "Day"))
    plant.look()
    pad = plant.work.scrap
    pad.kinds[1].click()
    assert pad.closed
    assert "closed" in next(c for c in pad.moments if c.isChecked()).accessibleName()
    assert "this shift is closed" in pad.display.accessibleDescription()
    pad.reasons[0].click()
    bar = plant.window.entering.closed_bar
    plant.qtbot.waitUntil(bar.isVisible, timeout=5000)
    assert plant.said() == []
    bar.save.click()
    assert "why" in bar.accessibleDescription(), "not without one"
    bar.whys[2].click()
    bar.save.click()
    entry = plant.until_said()
    assert (entry.who, entry.why) == ("김정호", "Found at inspection")
    assert not pad.closed, "the next one begins anew"
    plant.window.close()


def test_nothing_of_another_machine_is_offered(shop: Store, qtbot: QtBot) -> None:
    plant = Plant(qtbot, shop)
    plant.go("work")
    plant.work.open_at(COUNTING, rejects=True)
    plant.look()
    assert plant.moments() == ["Now"], "it made nothing in these days"
    plant.window.close()


# -- it has its room --


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_ways_have_their_room(wide: Window, size: tuple[int, int]) -> None:  # noqa: F811
    wide.resize(*size)
    before = [
        replace(
            example.SHIFT, span=Span(example.START - n * HOUR, example.START - (n - 12) * HOUR), name=name, crew=crew
        )
        for n, name, crew in ((12, "야간", "B조"), (24, "주간", "A조"), (36, "야간", "B조"), (48, "주간", "A조"))
    ]
    waiting = tuple(OpenShift(shift, 12) for shift in reversed(before))
    now = example.stops_now()
    show(wide, "stops")
    stops = cast(Stops, wide.screens["stops"])
    for past in (None, before[0]):
        stops._past = past
        wide.show_answer(replace(now, waiting_shifts=waiting, looked_at=past or now.looked_at))
        QApplication.processEvents()
        assert stops.steps.oldest.isVisible()
        assert faults(wide) == []
    wide.show_answer(replace(now, asked=(9, 9), chosen=None))
    show(wide, "work")
    work = cast(Work, wide.screens["work"])
    past_shifts = tuple(PastShift(shift, closed=True) for shift in before)
    work.open_at(3, rejects=True, past=before[1])
    wide.show_answer(replace(example.work(), past=past_shifts, older=True))
    QApplication.processEvents()
    assert work.scrap.closed
    assert faults(wide) == []
    show(wide, "report")
    report = cast(ReportPage, wide.screens["report"])
    report._show_list(True)
    view = example.report_view()
    opened = tuple(OpenShift(row.shift, 3) for row in reversed(view.shifts) if row.over)
    wide.show_answer(replace(view, open=opened))
    QApplication.processEvents()
    assert report.oldest.isVisible()
    assert faults(wide) == []

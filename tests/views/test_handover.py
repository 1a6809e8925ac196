"""Handing a shift over through the real window: looked at, said, signed, closed, and corrected afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import argon2
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop import control, summaries
from desktop.clock import PlantClock
from desktop.configuration.staff import Staff
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import Action, Booked, Closed, Note, Safety, SafetyKind
from desktop.domain.figures.report import ShiftReport
from desktop.domain.handing import Handing
from desktop.domain.people import Person, PersonRole
from desktop.domain.spans import Span
from desktop.store import entries, people
from desktop.store.database import Store
from desktop.views.entering import TakingBack, Telling
from desktop.views.handover import HandoverSide, check_faces
from desktop.views.report import ReportPage
from desktop.views.widgets.closed_bar import ClosedBar
from desktop.views.widgets.sign_form import signers
from desktop.views.window import Window
from tests.store.example import HOUR, MACHINE, MINUTE
from tests.test_live import START, Shop, open_counting
from tests.views import example, fakes

DAY, LATE = Span(START, START + 2 * HOUR), Span(START + 2 * HOUR, START + 4 * HOUR)
PIN = "482917"


class Floor:
    """A window over two shifts that are over; answers are given by hand, what is entered goes into the file."""

    def __init__(self, qtbot: QtBot, store: Store) -> None:
        self.qtbot, self.store = qtbot, store
        self.now_ms = DAY.end_ms + 4 * MINUTE
        store.clock = PlantClock(self.now_ms, 0, 0.0)
        folder = store.folder
        settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        ways = fakes.ways(
            staff=lambda: Staff(folder),
            enter=partial(control.entered, folder),
            take_back=partial(control.take_back, folder),
        )
        self.window = Window(folder, settings, ways)
        qtbot.addWidget(self.window)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(1920, 1080)
        self.window.show()
        self.window.go("overview")
        self.window.show_answer(example.LINE)
        self.window.go("report")
        page = self.window.screens["report"]
        assert isinstance(page, ReportPage)
        self.page = page
        page.chosen = DAY
        self.look()

    @property
    def side(self) -> HandoverSide:
        return self.page.handover

    def look(self) -> None:
        self.window.show_answer(self.page.question()(self.store, self.now_ms))

    def until(self, met: Callable[[], object]) -> None:
        """Look again and again until something holds."""

        def look() -> bool:
            self.look()
            return bool(met())

        self.qtbot.waitUntil(look, timeout=5000)
        self.look()  # what was met may have come after the last look

    def report(self) -> ShiftReport:
        shift = summaries.find_shift(self.store, "2025-11-19/Day", self.now_ms)
        return summaries.shift_report(self.store, shift, self.now_ms)

    def press(self, words: str) -> None:
        button = next(b for b in self.side.checks.buttons if b.text() == words and b.isVisible())
        button.click()

    def asked(self) -> ClosedBar:
        """The question of a closed shift, once it is there."""
        bar = self.window.entering.closed_bar
        self.qtbot.waitUntil(bar.isVisible, timeout=5000)
        return bar

    def say_who(self, name: str) -> None:
        bar = self.asked()
        bar.name.setText(name)
        bar.save.click()

    def undo(self) -> None:
        self.qtbot.waitUntil(lambda: bool(self.window.undo_bar.words), timeout=5000)
        self.window.undo_bar.take_back()

    def newest(self) -> tuple[object, ...]:
        return tuple(self.store.row("SELECT kind, who, why FROM entries ORDER BY id DESC LIMIT 1"))

    def key_in(self, pin: str) -> None:
        for digit in pin:
            QTest.keyClick(self.side.sign.pad, digit)
        QTest.keyClick(self.side.sign.pad, Qt.Key.Key_Return)


@pytest.fixture
def floor(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Floor]:
    cheap = argon2.PasswordHasher(1, 8, 1)
    monkeypatch.setattr(people, "_hasher", lambda: cheap)
    store = open_counting(tmp_path)
    shop = Shop(store, 1)
    while shop.at_ms < START + 3 * HOUR:
        shop.go_on()
    for name, role in (
        ("김정호", PersonRole.SUPERVISOR),
        ("오재민", PersonRole.SUPERVISOR),
        ("이상훈", PersonRole.OPERATOR),
    ):
        key = people.put(store, Person(0, name, role=role), 0)
        people.set_pin(store, key, PIN, 0)
    made = Floor(qtbot, store)
    yield made
    made.window.close()
    store.close()


def test_a_shift_is_looked_at_said_signed_closed_and_corrected(floor: Floor) -> None:
    side = floor.side
    assert floor.page.handover.isVisible()
    floor.press("Nothing happened")
    floor.until(lambda: floor.report().handover.safety)
    assert [r.kind for r in floor.report().handover.safety] == ["none"]
    assert "Nothing happened" not in [b.text() for b in side.checks.buttons if b.isVisible()]

    side.items.add.click()
    assert side.remark.isVisible()
    assert not side.checks.isVisible()
    assert not floor.page.save._main, "one filled button at a time: that of the form"
    side.remark.save.click()
    assert side.remark.isVisible(), "nothing was written: it asks"
    assert "few words" in side.remark.accessibleDescription()
    QTest.keyClicks(side.remark.text, "roller worn")
    next(option for option in side.remark.owners if option.value == "이상훈").click()
    next(option for option in side.remark.dues if option.text().startswith("Next shift")).click()
    side.remark.save.click()
    floor.until(lambda: side.items.rows and side.items.rows[0].isVisible())
    [item] = floor.report().handover.open
    assert (item.text, item.owner, item.due_ms) == ("roller worn", "이상훈", LATE.end_ms)

    side.notes.field.setFocus()
    QTest.keyClicks(side.notes.field, "jig is ready")
    floor.page.tools.all.setFocus()  # whoever leaves the field has written
    floor.until(lambda: floor.report().handover.notes)
    assert [note.text for note in floor.report().handover.notes] == ["jig is ready"]

    side.signs["outgoing"].button.click()
    assert [option.text() for option in side.sign.names if option.isVisible()] == [
        "김정호 · Supervisor", "오재민 · Supervisor",
    ]  # fmt: skip
    floor.key_in("111111")
    floor.qtbot.waitUntil(lambda: "tries left" in side.sign.pad.accessibleDescription(), timeout=5000)
    assert not floor.report().handover.signed
    floor.key_in(PIN)
    floor.until(lambda: floor.report().handover.signed)
    assert [(s.role, s.who) for s in floor.report().handover.signed] == [("outgoing", "김정호")]
    assert not side.sign.isVisible()

    assert floor.report().provisional
    side.closing.button.click()
    floor.until(lambda: not floor.report().provisional)
    assert floor.report().revision == 1
    assert "Revision 1" in side.closing.accessibleDescription()

    floor.press("Add")  # a safety entry that comes late
    QTest.keyClicks(side.remark.text, "oil on the floor")
    side.remark.save.click()
    assert "closed" in side.remark.accessibleDescription()
    QTest.keyClicks(side.remark.why, "told the next morning")
    side.remark.save.click()
    floor.say_who("오재민")
    floor.until(lambda: floor.report().revision == 2)
    late = entries.standing(floor.store, DAY)[-1]
    assert isinstance(late.said, Safety)
    assert (late.said.kind, late.who, late.why) == (SafetyKind.INCIDENT, "오재민", "told the next morning")


def test_what_was_said_before_somebody_else_closed_is_undone_with_who_and_why(floor: Floor) -> None:
    floor.press("Nothing happened")
    floor.until(lambda: floor.report().handover.safety)
    entries.say(floor.store, [Closed(0, DAY.end_ms - 1, DAY.end_ms - 1)], floor.now_ms, "오재민")  # at another window
    floor.undo()
    bar = floor.asked()
    assert bar.accessibleName() == "11-19 Day is closed"
    assert len(floor.report().handover.safety) == 1
    assert floor.report().revision == 1
    bar.save.click()
    assert bar.isVisible()
    assert "why" in bar.accessibleDescription()
    QTest.keyClicks(bar.why, "wrong shift")
    bar.save.click()
    assert bar.isVisible(), "nobody has said who it is"
    assert floor.window.login.person is None
    floor.window.login.log_in(people.people(floor.store, since_ms=0)[0])
    assert not bar.name.isVisible(), "the name at the screen is the name"
    QTest.keyClick(bar.why, Qt.Key.Key_Return)
    floor.until(lambda: not floor.report().handover.safety)
    assert not bar.isVisible()
    assert floor.report().revision == 2
    assert floor.newest() == ("back", people.people(floor.store, since_ms=0)[0].name, "wrong shift")


def test_the_closing_is_taken_back_as_a_correction(floor: Floor) -> None:
    floor.side._close()
    floor.until(lambda: not floor.report().provisional)
    floor.undo()
    bar = floor.asked()
    floor.window._back()
    assert not bar.isVisible(), "Esc leaves everything as it is"
    assert not floor.report().provisional
    floor.window.entering.untell(TakingBack((entries.newest(floor.store),), "opened again"))
    QTest.keyClicks(floor.asked().why, "a stop is missing")
    floor.say_who("오재민")
    floor.until(lambda: floor.report().provisional)
    assert floor.report().revision == 2
    assert floor.newest() == ("back", "오재민", "a stop is missing")
    floor.press("Nothing happened")  # while it is open nobody is asked, and it belongs to that revision
    floor.until(lambda: floor.report().handover.safety)
    floor.side._close()
    floor.until(lambda: not floor.report().provisional)
    assert floor.report().revision == 2


def test_what_was_refused_is_asked_about_one_after_the_other(floor: Floor) -> None:
    entries.say(floor.store, [Closed(0, DAY.end_ms - 1, DAY.end_ms - 1)], floor.now_ms, "오재민")
    late = Booked(MACHINE, DAY.end_ms - 1, DAY.end_ms - 1, BookingKind.LATE_REJECT, 1)
    other = Note(0, DAY.end_ms - 1, DAY.end_ms - 1, "three more")
    for said in (late, other):
        floor.window.entering.tell(Telling((said,), 0, "1 reject", frozenset()))
    bar = floor.asked()
    QTest.keyClicks(bar.why, "sorted out later")
    floor.say_who("김정호")
    floor.until(lambda: floor.report().revision == 2)
    assert floor.newest() == ("pieces", "김정호", "sorted out later")
    floor.qtbot.waitUntil(bar.isVisible, timeout=5000)  # the next thing that was refused waits for its own reason
    assert bar.why.text() == ""
    bar.cancel.click()
    assert floor.report().revision == 2
    floor.undo()
    floor.until(lambda: floor.report().revision == 3)
    assert floor.newest() == ("back", "김정호", "sorted out later"), "what is undone at once keeps its reason"


def test_what_is_ticked_by_mistake_is_undone(floor: Floor) -> None:
    floor.side._open_remark("action")
    floor.side.remark.text.setText("roller worn")
    floor.side.remark.save.click()
    floor.until(lambda: floor.side.items.rows and floor.side.items.rows[0].isVisible())
    floor.side.items.rows[0].click()
    floor.until(lambda: not floor.report().handover.open)
    floor.qtbot.waitUntil(lambda: floor.window.undo_bar.accessibleName().startswith("Done"), timeout=5000)
    floor.window.undo_bar.take_back()
    floor.until(lambda: len(floor.report().handover.open) == 1)


def test_an_item_of_a_closed_shift_is_done_now_and_stays_on_its_page(floor: Floor) -> None:
    floor.side._open_remark("action")
    floor.side.remark.text.setText("roller worn")
    floor.side.remark.save.click()
    floor.until(lambda: floor.side.items.rows and floor.side.items.rows[0].isVisible())
    floor.side._close()
    floor.until(lambda: not floor.report().provisional)
    floor.now_ms += HOUR
    floor.store.clock = PlantClock(floor.now_ms, 0, 0.0)
    floor.look()
    floor.side.items.rows[0].click()
    floor.until(lambda: "done" in floor.side.items.rows[0].accessibleDescription())
    assert len(floor.report().handover.open) == 1, "it was open when the shift ended"
    assert floor.report().revision == 1


def test_a_note_is_changed_by_a_press_and_none_is_lost(floor: Floor) -> None:
    moment = DAY.end_ms - 1
    entries.say(floor.store, [Note(0, moment, moment, "first")], floor.now_ms)
    floor.look()
    floor.side.notes.rows[0].click()
    assert floor.side.notes.field.toPlainText() == "first"
    floor.until(lambda: not floor.report().handover.notes)
    QTest.keyClicks(floor.side.notes.field, " and second")
    floor.window.go("overview")  # leaving the screen loses nothing
    floor.qtbot.waitUntil(lambda: bool(floor.report().handover.notes), timeout=5000)
    assert [note.text for note in floor.report().handover.notes] == ["first and second"]


def test_a_shift_that_runs_is_not_closed_yet(floor: Floor) -> None:
    floor.now_ms = DAY.end_ms - MINUTE
    floor.look()
    assert not floor.side.closing.button.isVisible()
    assert "still runs" in floor.side.closing.accessibleDescription()
    floor.now_ms = DAY.end_ms + MINUTE
    floor.look()
    assert "First whoever hands over signs" in floor.side.closing.accessibleDescription()


def test_who_may_sign() -> None:
    with_pins = example.handing(DAY, example.report_view().report).people  # type: ignore[arg-type]
    assert [each.person.name for each in signers(with_pins, 2)] == ["오재민", "김정호"], "who is here comes first"
    without = [replace(each, has_pin=False) for each in with_pins]
    assert [each.person.name for each in signers(without, 0)] == ["김정호", "오재민"]
    assert signers((), 0) == ()


def test_what_wants_somebody_before_signing() -> None:
    view = example.report_view()
    assert view.report is not None
    assert isinstance(view.handing, Handing)
    assert view.report.checks
    bare = replace(view.report, checks=())
    stops, data, rejects, safety, four_m = check_faces(bare, view.handing, "Asia/Seoul")
    daily = check_faces(view.report, view.handing, "Asia/Seoul")[3]
    waiting = sum(not row.done for row in view.report.checks)
    assert daily.head == f"{waiting} of {len(view.report.checks)} checks not made"
    assert daily.acts == (("checks", "Make checks"),)
    made = replace(view.report, checks=tuple(replace(row, state="good") for row in view.report.checks))
    assert not check_faces(made, view.handing, "Asia/Seoul")[3].open
    assert (stops.head, stops.open, stops.acts) == ("1 stop without a reason", True, (("stops", "Give reasons"),))
    assert not data.open
    assert "14:28–14:40" in data.note
    assert rejects.head == "47 of 61 rejects without a reason"
    assert safety.note == "Near misses: 지게차 통로에 자재"
    assert four_m.note == "Man: 최은지 → 한도윤"
    calm = replace(bare, stops=(), gaps=(), machines=tuple(replace(m, reject=0) for m in view.report.machines))
    assert [face.open for face in check_faces(calm, view.handing, "Asia/Seoul")] == [False] * 5


def test_an_item_that_was_said_when_the_shift_was_over_is_a_fresh_one(floor: Floor) -> None:
    moment = DAY.end_ms - 1
    entries.say(floor.store, [Action(0, moment, moment, "late word")], DAY.end_ms + MINUTE)
    floor.look()
    assert floor.side.items.rows[0].shown is not None
    assert floor.side.items.rows[0].shown.age == ""
    floor.page.chosen = LATE
    floor.now_ms = LATE.end_ms + MINUTE
    floor.look()
    assert floor.side.items.rows[0].shown.age == "shift 2"

"""The Work screen: every tap says the right thing, all of it fits, and through the window it reaches the figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import summaries
from desktop.configuration import orders as sheet
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import OPEN_MS, Booked, Changed, FirstPiece, Ordered, OrderEnded
from desktop.domain.figures.work import EnteredRow
from desktop.domain.intervals import Category
from desktop.domain.spans import Span
from desktop.store.database import Store
from desktop.summaries.now import Live
from desktop.views import application
from desktop.views.deeds import Deed
from desktop.views.entering import TakingBack, Telling
from desktop.views.widgets.work_lists import entered_face
from desktop.views.window import Window
from desktop.views.work import Work
from tests import test_entered
from tests.store.example import MACHINE, MINUTE, state
from tests.test_entered import Floor, halves
from tests.test_live import START
from tests.test_orders import row
from tests.views import example
from tests.views.test_fit import faults, speaks, wide  # noqa: F401 its window of each language

shop = test_entered.shop  # a machine that tells its state, and two products
NOW = example.NOW


@pytest.fixture
def work(window: Window) -> Work:
    window.go("work")
    window.show_answer(example.work())
    page = cast(Work, window.screens["work"])
    page.told.disconnect()
    page.taken_back.disconnect()
    return page


@pytest.fixture
def told(work: Work) -> list[Telling]:
    found: list[Telling] = []
    work.told.connect(found.append)
    return found


def test_one_tap_starts_an_order_and_one_begins_the_changeover_to_it(work: Work, told: list[Telling]) -> None:
    running, second, third, rework, done = work.plan.rows[:5]
    assert not running.start.isVisible()
    assert not done.start.isVisible()
    second.start.click()
    third.change.click()
    rework.start.click()
    assert [each.told for each in told] == [
        (Ordered(3, NOW, OPEN_MS, "WO-261114", 2, 240),),
        (Changed(3, NOW, OPEN_MS, 3), Ordered(3, NOW, OPEN_MS, "WO-261115", 3, 12)),
        (Ordered(3, NOW, OPEN_MS, "RW-0031", 1, 20, rework=True),),
    ]
    assert [each.words for each in told] == [
        "용접 · WO-261114 started", "용접 · changeover to WO-261115 begun", "용접 · RW-0031 started",
    ]  # fmt: skip
    assert not rework.change.isVisible(), "the same product needs no changeover"


def test_ending_an_order_and_the_first_piece_are_one_tap_each(window: Window, work: Work, told: list[Telling]) -> None:
    assert not work.first_good.isVisible(), "nothing is changed over"
    work.ends.click()
    window.show_answer(example.work(setup=True))
    assert "Changeover 12 min 00 s → 밸브 하우징 VH-208" in work.head.accessibleDescription()
    work.first_bad.click()
    work.first_good.click()
    assert [each.told for each in told] == [
        (OrderEnded(3, NOW, NOW, "WO-261113"),),
        (FirstPiece(3, NOW, NOW, good=False),),
        (FirstPiece(3, NOW, NOW, good=True),),
    ]


def test_rejects_are_a_number_and_a_reason(work: Work, told: list[Telling]) -> None:
    work.scraps.click()
    assert not work.plan.isVisible()
    pad = work.scrap
    pad.reasons[1].click()  # one piece, now, of those that the machine counted
    pad.keys[0].click()
    pad.keys[10].click()
    pad.kinds[1].click()
    pad.moments[2].click()
    pad.reasons[0].click()
    assert [each.told[0] for each in told] == [
        Booked(3, NOW - 1, NOW - 1, BookingKind.REJECT_REASON, 1, 2, 1),
        Booked(3, example.at(13) - 1, example.at(13) - 1, BookingKind.LATE_REJECT, 10, 1, 1),
    ]
    assert told[1].words == "용접 12:00 · Good to reject 10 · saved as 외관 불량"
    assert pad.display.accessibleDescription() == "1 Pieces · Now", "the next one begins anew"


def test_a_late_reject_goes_to_the_shift_before_that_made_it(work: Work, told: list[Telling]) -> None:
    work.scraps.click()
    work.scrap.kinds[1].click()
    last = [choice for choice in work.scrap.moments if choice.isVisible()][-1]
    assert last.accessibleName() == "야간 · B조"
    last.click()
    work.scrap.reasons[0].click()
    assert told[0].told[0].start_ms == example.START - 1


def test_pieces_that_were_none_have_a_reason_in_words(work: Work, told: list[Telling]) -> None:
    work.scraps.click()
    work.scrap.kinds[4].click()
    shown = [button.accessibleName() for button in work.scrap.reasons if button.isVisible()]
    assert shown == ["Check at the start", "Check during the shift", "Check after repair"]
    work.scrap.reasons[0].click()
    said = told[0].told[0]
    assert isinstance(said, Booked)
    assert (said.kind, said.reason, said.note) == (BookingKind.MASTER_PIECE, None, "Check at the start")


def test_more_than_was_made_is_not_taken(work: Work, told: list[Telling]) -> None:
    work.scraps.click()
    for key in "99":
        work.scrap.press_key(key)
    work.scrap.reasons[0].click()
    assert told == []
    assert "Only 13 were counted in this shift." in work.scrap.display.accessibleDescription()
    work.scrap.press_key("⌫")
    work.scrap.reasons[0].click()
    assert cast(Booked, told[0].told[0]).pieces == 9


def test_the_keyboard_has_digits_too(window: Window, work: Work, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=2000)
    qtbot.keyClick(window, Qt.Key.Key_5)
    work.scraps.click()
    for key in (Qt.Key.Key_4, Qt.Key.Key_2, Qt.Key.Key_7, Qt.Key.Key_Backspace):
        qtbot.keyClick(window, key)
    assert work.scrap.display.accessibleDescription() == "42 Pieces · Now"
    window._back()
    assert work.plan.isVisible()


def test_without_kinds_of_rejects_there_is_one_button_for_all(window: Window, work: Work, told: list[Telling]) -> None:
    window.show_answer(replace(example.work(), scrap_reasons=(), counts_rejects=False))
    work.scraps.click()
    assert [c.accessibleName() for c in work.scrap.kinds if c.isVisible()] == [
        "Rejects", "To rework", "Empty strokes", "Master pieces", "Not counted",
    ]  # fmt: skip
    work.scrap.reasons[0].click()
    assert told[0].told[0] == Booked(3, NOW - 1, NOW - 1, BookingKind.LATE_REJECT, 1, None, 1)


def test_what_was_entered_is_taken_back_by_a_tap_an_order_with_its_changeover(work: Work) -> None:
    back: list[TakingBack] = []
    work.taken_back.connect(back.append)
    work.entered.rows[0].click()
    work.entered.rows[5].click()
    assert [each.numbers for each in back] == [(100,), (95, 96)]
    assert back[1].again == (example.work().entered[5].said, example.work().entered[4].said)
    assert work.entered.rows[0].accessibleName() == "Take back: 외관 불량 3"


def test_another_machine_is_asked_for_and_the_pad_forgets_the_number(window: Window, work: Work, qtbot: QtBot) -> None:
    work.scraps.click()
    work.scrap.press_key("7")
    with qtbot.waitSignal(work.question_changed):
        work.machines.rows[0].click()
    assert work.subject() == 1
    assert work.scrap.display.accessibleDescription() == "1 Pieces · Now"
    window.open_machine(6)
    window.go("work")
    assert work.subject() == 6, "opened from a machine's screen it is that machine's work"
    assert work.choices() == {"machine": "6"}


def test_the_last_machine_is_in_sight_when_another_screen_leads_to_it(window: Window, work: Work) -> None:
    window.resize(1366, 768)
    last = work.machines.rows[7]
    place = last.mapTo(work.machines.area.viewport(), last.rect().center())
    assert not work.machines.area.viewport().rect().contains(place)
    window.show_answer(replace(example.work(), machine=8))
    place = last.mapTo(work.machines.area.viewport(), last.rect().center())
    assert work.machines.area.viewport().rect().contains(place)


def test_without_an_order_the_head_leaves_its_room_to_the_plan(window: Window, work: Work) -> None:
    high, top = work.head.height(), work.plan.y()
    orders = [order for order in example.work().orders if order.status == "open"]
    window.show_answer(replace(example.work(), orders=tuple(orders)))
    assert work.head.height() < high
    assert work.plan.y() < top


def test_a_machine_without_a_plan_says_what_comes_and_offers_its_products(window: Window, work: Work) -> None:
    window.show_answer(replace(example.work(), orders=(), products=()))
    assert "No order is planned" in work.plan.accessibleDescription()
    window.show_answer(replace(example.work(), orders=()))
    assert [row.accessibleName() for row in work.plan.rows if row.isVisible()] == [
        "밸브 하우징 VH-204 VH-204", "밸브 하우징 VH-208 VH-208", "밸브 커버 VC-11",
    ]  # fmt: skip
    window.show_answer(replace(example.work(), machines=(), machine=None, orders=(), setup=None))
    assert not work.plan.isVisible()
    assert not work.head.isVisible()


@pytest.mark.parametrize("size", [(1366, 768), (1600, 900), (1920, 1080)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("setup", [False, True])
def test_the_pad_and_a_changeover_fit(wide: Window, size: tuple[int, int], setup: bool) -> None:  # noqa: F811
    wide.resize(*size)
    wide.go("work")
    wide.show_answer(replace(example.work(setup=setup), in_rework=0 if setup else 12))
    page = cast(Work, wide.screens["work"])
    assert faults(wide) == []
    page.scraps.click()
    for key in "9999":
        page.scrap.press_key(key)
    shown = [kind for kind in page.scrap.kinds if kind.isVisible()]
    assert len(shown) == (6 if setup else 8), "what comes out of rework is asked for where something is in it"
    for kind in shown:
        assert min(kind.width(), kind.height()) >= 48
        kind.click()
        QApplication.processEvents()
        assert faults(wide) == []
        inside = page.scrap.rect()
        placed = [w for w in (*page.scrap.keys, *page.scrap.reasons, *page.scrap.moments) if w.isVisible()]
        assert all(inside.contains(widget.geometry()) for widget in placed)
        assert min(min(w.width(), w.height()) for w in placed) >= 48
    page.scrap.kinds[1].click()
    page.scrap.reasons[0].click()
    assert faults(wide) == []
    assert page.page.height() <= page.viewport().height(), "nothing is scrolled for"
    wide.offer_undo("용접 지금 · 양품 → 불량 9,999개 · 용접 비드 불량으로 저장했습니다", lambda: None)
    wide.undo_bar._slide.stop()
    wide.undo_bar._place()
    bar = wide.undo_bar.geometry()
    for key in (*page.scrap.keys, *page.scrap.reasons):
        corner = key.mapTo(wide, QPoint(0, 0))
        assert not key.isVisible() or not bar.intersects(QRect(corner, key.size())), key.objectName()
    wide.undo_bar.hide()
    page.plans.click()


BLIND = (
    Span(example.at(8, 12), example.at(13, 50)),
    Span(example.START - 13 * 60 * MINUTE, example.START - 60 * MINUTE),
)


@pytest.mark.parametrize("size", [(1366, 768), (1600, 900), (1920, 1080)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("setup", [False, True])
def test_the_paper_form_fits(wide: Window, size: tuple[int, int], setup: bool) -> None:  # noqa: F811
    """The longest times and all kinds: nothing is cut, small, scrolled for or under the undo bar."""
    wide.resize(*size)
    wide.go("work")
    page = cast(Work, wide.screens["work"])
    page.plans.click()
    wide.show_answer(replace(example.work(setup=setup), blind=BLIND))
    assert faults(wide) == []
    assert page.papers.isVisible()
    page.papers.click()
    panel = page.paper
    for span in (0, 1):
        panel.spans[span].click()
        for kind in panel.kinds:
            kind.click()
            QApplication.processEvents()
            assert faults(wide) == []
            inside = panel.rect()
            placed = [
                w for w in (*panel.spans, *panel.kinds, *panel.times, *panel.keys, *panel.choices) if w.isVisible()
            ]
            assert all(inside.contains(widget.geometry()) for widget in placed)
            assert min(min(w.width(), w.height()) for w in placed) >= 48
    assert page.page.height() <= page.viewport().height(), "nothing is scrolled for"
    wide.offer_undo("용접 08:12–13:50 · 미계수 9,999개 · 종이 양식(으)로 저장했습니다", lambda: None)
    wide.undo_bar._slide.stop()
    wide.undo_bar._place()
    bar = wide.undo_bar.geometry()
    for key in (*panel.keys, *panel.choices):
        corner = key.mapTo(wide, QPoint(0, 0))
        assert not key.isVisible() or not bar.intersects(QRect(corner, key.size())), key.objectName()
    wide.undo_bar.hide()
    wide.show_answer(example.work(setup=setup))
    QApplication.processEvents()
    assert not panel.keys[0].isVisible(), "no time without data, nothing to key in"
    assert faults(wide) == []
    page.plans.click()


def test_the_paper_form_is_keyed_in_by_taps(work: Work, window: Window, told: list[Telling]) -> None:
    window.show_answer(replace(example.work(), blind=BLIND))
    work.papers.click()
    panel = work.paper
    panel.times[2].click()  # ten o'clock
    for key in "20":
        panel.press_key(key)
    panel.choices[1].click()
    panel.kinds[1].click()
    panel.choices[0].click()
    assert told[1:] == []
    assert "Key in how many" in panel.display.accessibleDescription()
    for key in "250":
        panel.press_key(key)
    panel.choices[0].click()
    panel.kinds[2].click()
    panel.times[3].click()
    panel.press_key("4")
    panel.choices[0].click()
    begun, made, bad = (telling.told[0] for telling in told)
    assert begun == Ordered(3, example.at(10, 20), OPEN_MS, "WO-261114", 2, 240)
    whole = BLIND[0]
    assert made == Booked(3, whole.start_ms, whole.end_ms, BookingKind.UNCOUNTED, 250, note="From the paper form")
    assert isinstance(bad, Booked)
    assert (bad.start_ms, bad.end_ms, bad.pieces) == (example.at(10), example.at(11), 4)
    assert (bad.kind, bad.reason) == (BookingKind.UNCOUNTED_REJECT, example.SCRAP_REASONS[0].id)
    panel.kinds[0].click()
    for key in "05":
        panel.press_key(key)
    panel.choices[1].click()
    assert "outside the time without data" in panel.display.accessibleDescription()
    assert len(told) == 3


def test_why_it_stood_in_a_time_without_data_is_said_under_stops(
    window: Window, work: Work, told: list[Telling]
) -> None:
    wanted: list[Deed] = []
    work.deed_wanted.disconnect()
    work.deed_wanted.connect(wanted.append)
    shown = replace(example.work(), blind=BLIND)
    window.show_answer(shown)
    work.papers.click()
    work.paper.stops.click()
    work.paper.spans[1].click()
    work.paper.stops.click()
    assert [(each.key, each.stop_ms) for each in wanted] == [("reason", span.start_ms) for span in BLIND]
    assert [each.past for each in wanted] == [
        None,
        shown.before if shown.before.span.holds(BLIND[1].start_ms) else None,
    ]
    assert told == []


# --- through the window into the file and back --------------------------------------------------------


class Shift:
    """A window over the shop's file whose answers the test asks for, minute by minute."""

    def __init__(self, qtbot: QtBot, store: Store) -> None:
        self.store, self.qtbot, self.live = store, qtbot, Live()
        settings = QSettings(str(store.folder / "work.ini"), QSettings.Format.IniFormat)
        ways = replace(application.ways(store.folder), keep_collecting=lambda: None)
        self.window = Window(store.folder, settings, ways)
        qtbot.addWidget(self.window)
        self.window.setWindowState(Qt.WindowState.WindowNoState)
        self.window.resize(1920, 1080)
        self.window.show()
        self.window.go("work")
        self.page = cast(Work, self.window.screens["work"])
        self.minute = 0.0

    def at(self, minute: float) -> None:
        self.minute = minute
        self.look()

    def look(self) -> None:
        self.window.show_answer(self.page.question()(self.store, START + round(self.minute * MINUTE)))

    def until(self, condition: Callable[[], bool]) -> None:
        def met() -> bool:
            self.look()
            return condition()

        self.qtbot.waitUntil(met, timeout=5000)

    def order(self, code: str) -> int:
        now = self.page._now
        assert now is not None
        return next(order.made for order in now.orders if order.code == code)


def test_a_shift_is_worked_through_by_taps_and_every_figure_follows(qtbot: QtBot, shop: Store) -> None:
    sheet.enter(shop, [row(machine="PR-01"), row("WO-2", "Q", 40, machine="PR-01")])
    floor, mine = Floor(shop), Shift(qtbot, shop)
    page, bar = mine.page, mine.window.undo_bar
    now = lambda: page._now  # noqa: E731
    mine.at(0.2)
    page.plan.rows[0].start.click()
    mine.until(lambda: now() is not None and now().running is not None)
    assert bar.isVisible()
    floor.makes(*halves(0.5, 20))
    mine.at(20)
    assert mine.order("WO-1") == 40

    page.plan.rows[1].change.click()
    mine.until(lambda: now().running.code == "WO-2")
    floor.makes(24, 27)
    mine.at(28)
    assert now().setup is not None
    line = summaries.line_now(shop, START + 28 * MINUTE)
    assert line.machines[0].category is Category.SETUP, "the tile's timer runs"
    page.first_good.click()
    mine.minute += 0.05  # the next look is later
    mine.until(lambda: now().setup is None)
    floor.makes(*range(29, 50))
    mine.at(50)
    assert mine.order("WO-2") == 2 + 21

    page.scraps.click()
    for _press in range(2):
        page.scrap.kinds[1].click()
        page.scrap.press_key("3")
        page.scrap.reasons[0].click()
    mine.until(lambda: mine.order("WO-2") == 23 - 6)
    bar.take_back()
    mine.until(lambda: mine.order("WO-2") == 23 - 3)
    assert (now().good, now().reject) == (40 + 21 - 3, 3)

    page.ends.click()
    mine.until(lambda: now().running is None)
    page.entered.rows[0].click()  # no, it goes on
    mine.until(lambda: now().running is not None)

    seen = START + 50 * MINUTE
    shift = summaries.find_shift(shop, "current", seen)
    report = summaries.shift_report(shop, shift, seen)
    assert [(o.code, o.made) for o in report.orders] == [("WO-1", 40), ("WO-2", 20)]
    assert [(s.kind, s.pieces) for s in report.scrap] == [("reject", 3)]
    assert report.machines[0].good == now().good == sum(hour.good or 0 for hour in summaries.machine_day(
        shop, MACHINE, seen).machine.hours)  # fmt: skip
    [changed] = report.changeovers
    assert changed.first_good_ms == START + 28 * MINUTE
    mine.window.close()


def test_a_dead_pc_is_keyed_in_from_paper_and_every_figure_follows(qtbot: QtBot, shop: Store) -> None:
    sheet.enter(shop, [row(machine="PR-01"), row("WO-2", "Q", 40, machine="PR-01")])
    floor, mine = Floor(shop), Shift(qtbot, shop)
    page, bar = mine.page, mine.window.undo_bar
    floor.makes(*range(1, 31))
    for minute, word, told in ((30, "offline", "unknown"), (75, "online", "run")):
        floor.at_ms = START + minute * MINUTE
        floor.tell(floor.health(1, word), state(floor.book, floor.at_ms, told))
    mine.at(20)
    page.plan.rows[0].start.click()
    mine.until(lambda: page._now is not None and page._now.running is not None)
    mine.at(90)
    assert mine.order("WO-1") == 10
    page.papers.click()
    assert page.paper.span == Span(START + 30 * MINUTE, START + 75 * MINUTE)
    page.paper.choices[1].click()  # WO-2 began with the silence
    mine.until(lambda: page._now is not None and page._now.running is not None and page._now.running.code == "WO-2")
    page.paper.kinds[1].click()
    page.paper.press_key("8")
    page.paper.choices[0].click()
    mine.until(lambda: mine.order("WO-2") == 8)
    assert page._now is not None
    assert (page._now.good, page._now.by_hand) == (38, 8)
    assert "8 of it by hand" in page.head.accessibleDescription()
    bar.take_back()
    mine.until(lambda: mine.order("WO-2") == 0)
    mine.window.close()


def test_what_is_keyed_in_from_paper_is_marked() -> None:
    """An hour after its time and later; at once it is not."""
    said = Booked(3, example.at(9), example.at(9), BookingKind.LATE_REJECT, 5, 1)
    notes = [
        entered_face(EnteredRow(1, said, example.at(hour, minute), "김정호", "버"), "Asia/Seoul").note
        for hour, minute in ((9, 59), (10, 1))
    ]
    assert notes == ["09:00 · 김정호", "09:00 · keyed in later by hand · 김정호"]
    for mine in (
        Ordered(3, example.at(9, 55), OPEN_MS, "WO-1", 1, 60),
        Booked(3, example.at(10), example.at(10), BookingKind.UNCOUNTED, 5),
    ):
        assert "by hand" in entered_face(EnteredRow(1, mine, example.at(10), "", ""), "Asia/Seoul").note
    begun = Ordered(3, example.at(9, 59), OPEN_MS, "WO-1", 1, 60)
    assert "by hand" not in entered_face(EnteredRow(1, begun, example.at(10), "", ""), "Asia/Seoul").note

"""Every figure says what it is made of: the same as the command line, reached by mouse and keyboard, closed by Esc."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import paint, summaries, text, words
from desktop.clock import PlantClock
from desktop.domain.events import Event, EventKind
from desktop.domain.figures.line import LineNow
from desktop.domain.figures.machine import MachineDay
from desktop.store import register
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat
from desktop.views.machine import MachinePage
from desktop.views.overview import Overview
from desktop.views.widgets.derived import of_line, of_machine
from desktop.views.widgets.figure import Figure
from desktop.views.widgets.hour_table import HourRowButton
from desktop.views.window import Window
from desktop.wording.kpis import derivation_words
from tests.store.example import HOUR, MACHINE, MINUTE, T0, count, open_shop, state
from tests.views import example
from tests.views.test_fit import faults

EVENTLESS = ("unlabelled", "no_data", "setup")  # there was none of it
EIGHT = T0 - HOUR  # 08:00 of that day in Seoul


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[MachineDay, LineNow, str]:
    """A real file at 11:20: the machine's day, the line, and what `explain` prints of it."""
    now_ms = EIGHT + 200 * MINUTE
    store = open_shop(tmp_path_factory.mktemp("shop"), PlantClock(now_ms, 0, 0.0))
    with store.transaction() as db:
        register.put_setting(db, "timezone", "Asia/Seoul")
        pause = json.dumps([{"name": "Meal", "start": "10:00", "end": "10:10"}])
        shift = {
            "start": "08:00",
            "end": "17:00",
            "weekdays": json.dumps(list(range(1, 8))),
            "breaks": pause,
            "crew": "",
        }
        register.upsert(db, "shift_patterns", {"name": "Day", "valid_from": "1970-01-01"}, shift)
        product = register.upsert(db, "products", {"code": "P"}, {"name": "P"})
        for machine in (1, 2):
            key = {"product_id": product, "machine_id": machine, "valid_from_ms": 0}
            register.upsert(db, "standards", key, {"ideal_cycle_ms": 50_000.0, "standard_cycle_ms": 60_000.0})
        # The one that counts is the line's exit too.
        register.upsert(db, "machines", {"code": "WS-01"}, {"name": "WS-01", "place": -1, "threshold_ms": 120_000})
        register.upsert(db, "line_constraints", {"valid_from_ms": 0}, {"machine_id": MACHINE, "parallel": 1})
    book, batch = Journal(store), Batch()
    online = '{"kind": ""}'
    batch.events += [
        Event(book.next_id(EIGHT), EventKind.DEVICE, EIGHT, None, device, word="online", detail=online)
        for device in (1, 2, 3)
    ]
    marks = {
        0: "run",
        40: "stop",
        41: "run",
        70: "fault",
        95: "run",
        120: "idle",
        130: "run",
        150: "starved",
        157: "run",
    }
    for minute in range(200):
        at_ms = EIGHT + minute * MINUTE
        if minute in marks:
            batch.events.append(state(book, at_ms, marks[minute]))
        if minute % 2 and not 70 <= minute < 95 and not 120 <= minute < 130:
            batch.events.append(count(book, at_ms + 1, 2, word="reject" if minute % 31 == 1 else "good"))
    book.commit(batch, Beat(1, "1", 0, store.clock.real_ms(), now_ms, "", 0, 0))
    text.use("en")
    day = summaries.machine_day(store, MACHINE, now_ms)
    line = summaries.Live().line_now(store, now_ms, explained=True)
    report = summaries.shift_report(store, summaries.find_shift(store, "current", now_ms), now_ms)
    said = words.explain(report, report.machines[-1])
    store.close()
    return day, line, said


@pytest.fixture
def page(window: Window, answers: tuple[MachineDay, LineNow, str]) -> MachinePage:
    window.show_answer(answers[1])
    window.open_machine(MACHINE)
    window.show_answer(answers[0])
    shown = window.screens["machine"]
    assert isinstance(shown, MachinePage)
    return shown


def figures(page: MachinePage | Overview) -> list[Figure | HourRowButton]:
    return [one for kind in (Figure, HourRowButton) for one in page.findChildren(kind) if one.isVisibleTo(page)]


def test_every_kpi_on_screen_is_what_the_command_line_prints(answers: tuple[MachineDay, LineNow, str]) -> None:
    day, _line, printed = answers
    lines = printed.splitlines()
    for told in day.derivations:
        shown = of_machine(day, told.kpi)
        assert shown is not None
        assert shown.formula in lines, told.kpi
        assert shown.formula in shown.words()
        for used in told.times:
            assert any(str(used.event) in line for line in lines if used.event)
    assert {d.kpi: d.value for d in day.derivations if d.value is None} == {}


def test_every_figure_opens_the_panel_with_its_own_value(page: MachinePage, qtbot: QtBot) -> None:
    """Gauge, factors, steps, hours, figures, stops: what is pressed is what the panel speaks of."""
    found = figures(page)
    assert len(found) > 25
    for one in found:
        one.click()
        assert page.evidence.isVisible(), one.accessibleName()
        said = page.evidence.accessibleName()
        if isinstance(one, Figure) and "Waited" not in one.accessibleName():
            # A loss stands in tenths of a minute on the card and to the second in the panel.
            wanted = one.accessibleName().split(" %, ")[0]
            assert (wanted.rsplit(" ", 2)[0] if wanted.endswith(" min") else wanted) in said, said
        assert page.evidence._face.records or page.figure in (*EVENTLESS, "target"), page.evidence.words  # type: ignore[attr-defined]
        qtbot.keyClick(page.window(), Qt.Key.Key_Escape)
        assert not page.evidence.isVisible()
    page.stops.rows[0].click()
    assert "Starved" in page.evidence.accessibleName()


def test_enter_opens_it_and_esc_gives_the_keyboard_back(page: MachinePage, qtbot: QtBot) -> None:
    page.window().activateWindow()
    qtbot.waitUntil(page.window().isActiveWindow, timeout=2000)
    gauge = next(one for one in figures(page) if one.accessibleName().startswith("Machine OEE"))
    assert gauge.accessibleDescription()
    gauge.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(gauge, Qt.Key.Key_Return)
    assert page.evidence.isVisible()
    assert page.window().focusWidget() is page.evidence.rows
    assert not page.basis.isEnabled(), "what it covers is out of reach"
    qtbot.keyClick(page.evidence.rows, Qt.Key.Key_Escape)
    assert not page.evidence.isVisible()
    assert page.window().focusWidget() is gauge
    assert page.basis.isEnabled()


def test_it_is_copied_as_text_and_says_how_much_of_it_is_in_sight(page: MachinePage) -> None:
    page.window().resize(1366, 768)
    page.explain("quality")
    page.evidence.copy.click()
    copied = QApplication.clipboard().text()
    assert copied == page.evidence.words
    told = next(one for one in page._day.derivations if one.kpi == "quality")  # type: ignore[union-attr]
    assert derivation_words(told) in copied
    for used in (*told.times, *told.counts):
        assert f"#{used.event}" in copied or not used.event
    count_of = len(told.times) + len(told.counts)
    seen = page.evidence.rows.seen()
    assert 0 < seen < count_of
    with paint.recording() as boxes:
        page.evidence.grab()
    assert f"{seen} of {count_of} records" in [box.shown for box in boxes]
    bar = page.evidence.rows.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert page.evidence.rows.seen() == count_of


def test_it_follows_the_figure_and_who_reads_further_down_stays_there(page: MachinePage) -> None:
    page.window().resize(1366, 768)
    page.explain("availability")
    bar = page.evidence.rows.verticalScrollBar()
    bar.setValue(60)
    day = page._day
    assert day is not None
    assert day.machine.kpis is not None
    told = tuple(replace(d, value=0.5, times=d.times[:-1]) for d in day.derivations)
    page.window().show_answer(replace(day, derivations=told))  # type: ignore[attr-defined]
    assert "50.0 %" in page.evidence.accessibleName()
    assert bar.value() == 60
    page.window().show_answer(replace(day, derivations=()))  # type: ignore[attr-defined]
    assert not page.evidence.isVisible(), "what is no more is not shown"


def test_early_in_the_shift_the_panel_shows_no_more_than_the_screen(answers: tuple[MachineDay, LineNow, str]) -> None:
    day = answers[0]
    early = replace(day, machine=replace(day.machine, oee_known_from_ms=day.now_ms + MINUTE))
    shown = of_machine(early, "oee")
    assert shown is not None
    assert (shown.figure, shown.formula) == ("—", "")
    good = of_machine(early, "good")
    assert good is not None
    assert good.figure == str(day.machine.good)


def test_the_lines_figures_say_it_too(window: Window, answers: tuple[MachineDay, LineNow, str]) -> None:
    line = answers[1]
    window.show_answer(line)
    page = window.screens["overview"]
    assert isinstance(page, Overview)
    found = figures(page)
    assert len(found) == 6
    for one in found:
        one.click()
        window.show_answer(line)
        assert page.evidence.isVisible()
        assert one.accessibleName().split(" %")[0].split(", ")[0] in page.evidence.accessibleName()
        page.evidence.close_button.click()
        assert not page.evidence.isVisible()
    for told in line.derivations:
        assert line.line is not None
        assert told.value == getattr(line.line, told.kpi)
        assert of_line(line, told.kpi) is not None


def test_it_is_only_worked_out_for_the_line_while_somebody_looks(window: Window) -> None:
    page = window.screens["overview"]
    assert isinstance(page, Overview)
    asked: list[bool] = []
    page.live.line_now = lambda _store, _now, explained: asked.append(explained) or example.LINE  # type: ignore[method-assign]
    page.question()(None, 0)
    page.explain("oee")
    page.question()(None, 0)
    page.step_back()
    page.question()(None, 0)
    assert asked == [False, True, False]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_nothing_in_the_panel_is_cut(page: MachinePage, size: tuple[int, int], language: str) -> None:
    text.use(language)
    page.window().resize(*size)
    for key in ("oee", "own_availability", "speed", f"hour-{EIGHT}", "mtbf"):
        page.explain(key)
        with paint.recording() as boxes:
            page.evidence.grab()
        assert [box.wanted for box in boxes if box.shown != box.wanted] == []
    assert faults(page.window()) == []


def test_the_panel_of_a_clicked_span(page: MachinePage, qtbot: QtBot) -> None:
    card = page.timeline
    band = card.band()
    fault = next(i for i in page._day.intervals if i.state.value == "fault")  # type: ignore[union-attr]
    x = paint.x_of((fault.span.start_ms + fault.span.end_ms) / 2, band, card._face.window)  # type: ignore[attr-defined]
    spot = band.center().toPoint()
    spot.setX(round(x))
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=spot)
    assert "Breakdown" in page.evidence.accessibleName()
    assert "25 min 00 s" in page.evidence.words
    assert f"#{fault.event or fault.stop_id}" in page.evidence.words


def test_the_panel_covers_nothing_of_the_waterfall_in_the_smallest_window(
    window: Window, answers: tuple[MachineDay, LineNow, str]
) -> None:
    window.resize(1366, 768)
    window.show_answer(answers[1])
    window.open_machine(answers[0].machine.id)
    window.show_answer(answers[0])
    page = window.screens["machine"]
    assert isinstance(page, MachinePage)
    wide = page.losses.width()
    page.explain("oee")
    assert page.evidence.isVisible()
    assert page.losses.geometry().right() < page.evidence.x()
    assert faults(window) == []
    page.step_back()
    assert page.losses.width() == wide

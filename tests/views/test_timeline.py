"""The timeline of a machine: from a whole shift down to a minute and back, by mouse, touch and keys alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import paint, text
from desktop.domain.calendar import Shift
from desktop.domain.spans import Span
from desktop.views.machine import MachinePage
from desktop.views.widgets.timeline_card import LEAST_MS, TimelineCard, moved, zoomed
from desktop.views.window import Window
from tests.views import example
from tests.views.test_fit import faults
from tests.views.test_screens import show

WHOLE = Span(0, 43_200_000)


@given(
    st.integers(0, WHOLE.length_ms - LEAST_MS),
    st.integers(LEAST_MS, WHOLE.length_ms),
    st.floats(0.01, 100),
    st.floats(0, 1),
    st.floats(-1e9, 1e9),
)
def test_whatever_is_looked_at_lies_in_the_shift(start: int, length: int, factor: float, at: float, by: float) -> None:
    window = Span(start, min(start + length, WHOLE.end_ms))
    for found in (zoomed(WHOLE, window, factor, at), moved(WHOLE, window, by)):
        assert WHOLE.start_ms <= found.start_ms <= found.end_ms <= WHOLE.end_ms
    assert zoomed(WHOLE, window, factor, at).length_ms >= LEAST_MS
    assert moved(WHOLE, window, by).length_ms == window.length_ms


def test_what_is_under_the_mouse_stays_there() -> None:
    window = zoomed(WHOLE, WHOLE, 0.25, 0.5)
    assert window == Span(16_200_000, 27_000_000)
    assert zoomed(WHOLE, window, 4, 0.5) == WHOLE


@pytest.fixture
def card(qtbot: QtBot) -> TimelineCard:
    made = TimelineCard("timeline")
    qtbot.addWidget(made)
    made.resize(1344, 200)
    made.show_day(example.DAY)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=2000)
    return made


def wheel(card: TimelineCard, turned: int, x: float, y: float, keys: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        QPointF(x, y), card.mapToGlobal(QPointF(x, y)), QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(card, event)


def test_the_wheel_zooms_around_the_mouse_and_leaves_the_page_alone_elsewhere(card: TimelineCard) -> None:
    band = card.band()
    wheel(card, 120, band.left(), band.center().y(), Qt.KeyboardModifier.NoModifier)
    assert card.part is not None
    assert card.part.start_ms == example.START
    assert card.part.length_ms < example.SHIFT.span.length_ms
    before = card.part
    wheel(card, 120, band.left(), 20, Qt.KeyboardModifier.NoModifier)
    assert card.part == before, "over the head the page scrolls"
    wheel(card, -120, band.center().x(), band.center().y(), Qt.KeyboardModifier.ShiftModifier)
    assert card.part.start_ms > before.start_ms
    wheel(card, -1200, band.center().x(), band.center().y(), Qt.KeyboardModifier.NoModifier)
    assert card.part is None


def test_keys_and_buttons_do_the_same(card: TimelineCard, qtbot: QtBot) -> None:
    card.setFocus()
    assert not card.out.isEnabled()
    card.into.click()
    by_button = card.part
    card.all.click()
    assert card.part is None
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Plus)
    assert card.part == by_button
    for _press in range(40):
        qtbot.keyClick(card, Qt.Key.Key_Plus)
    assert card.part is not None
    assert card.part.length_ms == LEAST_MS
    assert not card.into.isEnabled()
    assert card.part.holds(example.NOW)
    start = card.part.start_ms
    qtbot.keyClick(card, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert card.part.start_ms < start
    qtbot.keyClick(card, Qt.Key.Key_Minus)
    assert card.part.length_ms > LEAST_MS
    qtbot.keyClick(card, Qt.Key.Key_0)
    assert card.part is None


def test_dragging_moves_and_asks_for_nothing(card: TimelineCard, qtbot: QtBot) -> None:
    asked: list[str] = []
    card.asked.connect(asked.append)
    card.zoom(0.25, 0.5)
    before, spot = card.part, card.band().center().toPoint()
    assert before is not None
    qtbot.mousePress(card, Qt.MouseButton.LeftButton, pos=spot)
    qtbot.mouseMove(card, spot + QPoint(60, 0))
    qtbot.mouseRelease(card, Qt.MouseButton.LeftButton, pos=spot + QPoint(60, 0))
    assert card.part is not None
    shift_ms = before.start_ms - card.part.start_ms
    assert shift_ms == pytest.approx(60 * before.length_ms / card.band().width(), rel=0.01)
    assert asked == []
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton, pos=spot)
    assert len(asked) == 1


def test_up_and_down_go_through_what_is_no_plain_run(card: TimelineCard, qtbot: QtBot) -> None:
    asked: list[str] = []
    card.asked.connect(asked.append)
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Return)
    assert asked == [], "nothing is chosen yet"
    qtbot.keyClick(card, Qt.Key.Key_Down)
    assert "9 min" in card.accessibleDescription()
    qtbot.keyClick(card, Qt.Key.Key_Down)
    assert "Short stop" in card.accessibleDescription()
    qtbot.keyClick(card, Qt.Key.Key_Up)
    qtbot.keyClick(card, Qt.Key.Key_Return)
    assert asked == [f"span-{example.at(8, 12)}"]
    card.zoom(0.05, 0.9)
    qtbot.keyClick(card, Qt.Key.Key_Up)
    assert card.part is not None
    assert card.part.holds(example.at(8, 12)), "what is chosen comes into sight"


def test_it_repaints_only_when_something_can_be_seen(card: TimelineCard) -> None:
    assert not card.set_face(card._face)
    card.show_day(replace(example.DAY, now_ms=example.NOW + 900))
    face = card._face
    card.show_day(replace(example.DAY, now_ms=example.NOW + 1_000))
    assert card._face is face
    card.show_day(replace(example.DAY, now_ms=example.NOW + 30_000))
    assert card._face is not face


@pytest.mark.parametrize("length_ms", [60_000, 600_000, 3_600_000, 14_400_000, 43_200_000])
@pytest.mark.parametrize("width", [800, 1344])
def test_the_axis_suits_what_is_shown(card: TimelineCard, length_ms: int, width: int) -> None:
    card.resize(width, card.wanted_px(width))
    card.look_at(Span(example.at(9), example.at(9) + length_ms) if length_ms < 43_200_000 else None)
    with paint.recording() as boxes:
        card.grab()
    clocks = [box for box in boxes if box.wanted.count(":") in (1, 2) and "–" not in box.wanted]
    assert 3 <= len(clocks) <= 20
    assert len({box.wanted for box in clocks}) == len(clocks)
    assert [box.wanted for box in boxes if box.shown != box.wanted] == []


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_nothing_is_cut_while_zoomed(window: Window, size: tuple[int, int], language: str) -> None:
    text.use(language)
    window.resize(*size)
    show(window, "machine")
    page = window.screens["machine"]
    assert isinstance(page, MachinePage)
    page.timeline.look_at(Span(example.at(13, 30), example.at(13, 50)))
    assert faults(window) == []
    marked = [row._face.looked_at for row in page.hours.rows]  # type: ignore[attr-defined]
    assert marked == [False] * 5 + [True, False], "the hours that are looked at are marked"


def test_what_is_looked_at_goes_into_the_question(window: Window) -> None:
    show(window, "machine")
    page = window.screens["machine"]
    assert isinstance(page, MachinePage)
    asked: list[tuple[object, object]] = []
    page.live.machine_day = lambda *_w, past, charted: asked.append((past, charted)) or example.DAY  # type: ignore[method-assign]
    part = Span(example.at(9), example.at(10))
    page.question()(None, 0)
    page.timeline.look_at(part)
    page.question()(None, 0)
    assert asked == [(None, None), (None, part)]


def earlier(days: int) -> Shift:
    start = example.START - days * 24 * example.HOUR
    return replace(example.SHIFT, span=Span(start, start + 12 * example.HOUR),
                   business_on=example.SHIFT.business_on - timedelta(days=days))  # fmt: skip


def test_any_earlier_shift_can_be_looked_at(window: Window, qtbot: QtBot) -> None:
    show(window, "machine")
    page = window.screens["machine"]
    assert isinstance(page, MachinePage)
    assert not page.timeline.after.isEnabled()
    window.show_answer(replace(example.DAY, shifts=(earlier(1), None)))
    assert page.back.isHidden()
    page.timeline.before.click()
    assert page.past == earlier(1)
    past = replace(
        example.DAY, looked_at=earlier(1), window=earlier(1).span, shifts=(earlier(2), example.SHIFT), intervals=(),
        trends=(), cycles=(),
    )  # fmt: skip
    window.show_answer(past)
    assert "Wed 18 Nov" in page.state.accessibleName()
    assert page.back.isVisible()
    assert "Past shift" in window.header.accessibleDescription()
    assert "Wed 18 Nov" in window.header.accessibleDescription(), "not the shift that runs"
    assert (page.timeline.before.text(), page.timeline.after.text()) == (example.SHIFT.name, example.SHIFT.name)
    assert faults(window) == []
    page.timeline.after.click()
    assert page.past is None, "the shift after it is the one that runs"
    page.timeline.before.click()
    page.past = earlier(1)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert page.past is None
    assert window.screens.currentWidget() is page

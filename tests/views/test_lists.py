"""Lists of standstills: all of them are in reach, and each leads to where it is told of. Scroll bars of every theme."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QScrollArea, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from desktop.tokens import THEMES
from desktop.views import theme
from desktop.views.machine import MachinePage
from desktop.views.overview import Overview
from desktop.views.stops import Stops
from desktop.views.widgets.cards import STOP_PX, StopList
from desktop.views.widgets.hour_table import HourTable, table_face
from desktop.views.widgets.rows import stop_face
from desktop.views.window import Window
from tests.views import example
from tests.views.test_fit import contrast

MANY = tuple(replace(example.STOPS[2], id=1_700_000_000_000_000 + n) for n in range(30))


def in_sight(stops: StopList) -> list[int]:
    """The rows that are seen whole."""
    view = stops.area.viewport()
    places = [QRect(row.mapTo(view, row.rect().topLeft()), row.size()) for row in stops.rows]
    return [n for n, place in enumerate(places) if view.rect().contains(place)]


def test_every_open_stop_is_in_reach_and_leads_to_where_its_reason_is_asked(window: Window, qtbot: QtBot) -> None:
    window.show_answer(replace(example.LINE, open_stops=MANY))
    page = window.screens["overview"]
    assert isinstance(page, Overview)
    qtbot.waitUntil(lambda: in_sight(page.open_stops)[:1] == [0])
    first = in_sight(page.open_stops)
    assert 2 <= len(first) < 30
    assert page.open_stops.area.height() % STOP_PX == 0, "no row is seen in part"
    page.open_stops.rows[0].setFocus(Qt.FocusReason.TabFocusReason)
    for _press in range(29):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert window.focusWidget() is page.open_stops.rows[29]
    assert 29 in in_sight(page.open_stops), "the keyboard brings it into sight"
    qtbot.keyClick(page.open_stops.rows[29], Qt.Key.Key_Return)
    stops = window.screens["stops"]
    assert isinstance(stops, Stops)
    assert stops.choice.chosen == (MANY[29].machine, MANY[29].start_ms)
    window.show_answer(replace(example.stops_now(), open=MANY[29:], chosen=MANY[29]))
    stops.head.timeline.click()
    machine = window.screens["machine"]
    assert isinstance(machine, MachinePage)
    assert (machine.machine, machine.figure) == (MANY[29].machine, f"stop-{MANY[29].id}")


def test_the_machine_frames_and_explains_the_stop_that_was_asked_for(window: Window) -> None:
    stop = next(i.stop_id for i in example.DAY.intervals if i.stop_id and i.category.value == "stop")
    window.open_stop(example.DAY.machine.id, stop)
    window.show_answer(example.DAY)
    page = window.screens["machine"]
    assert isinstance(page, MachinePage)
    assert page.evidence.isVisible()
    begun = next(i.span.start_ms for i in example.DAY.intervals if i.stop_id == stop)
    assert page.timeline._face.chosen == begun  # type: ignore[attr-defined]


def test_stops_that_fit_have_no_scroll_bar(window: Window, qtbot: QtBot) -> None:
    window.show_answer(replace(example.LINE, open_stops=example.STOPS[:1]))
    page = window.screens["overview"]
    assert isinstance(page, Overview)
    qtbot.waitUntil(lambda: in_sight(page.open_stops) == [0])
    assert not page.open_stops.area.verticalScrollBar().isVisible()


@pytest.mark.parametrize("name", THEMES)
def test_scroll_bars_are_a_handle_that_stands_out_without_arrows(qtbot: QtBot, qapp: object, name: str) -> None:
    theme.use(qapp, name)  # type: ignore[arg-type]
    area = QScrollArea()
    qtbot.addWidget(area)
    page = QWidget()
    page.resize(100, 4000)
    area.setWidget(page)
    area.resize(200, 400)
    area.show()
    bar = area.verticalScrollBar()
    assert isinstance(bar, QScrollBar)
    bar.setValue(bar.maximum() // 2)
    image = area.grab().toImage()
    x = bar.mapTo(area, bar.rect().center()).x()
    shades = [image.pixelColor(x, y).name() for y in range(2, area.height() - 2)]
    tokens = theme.tokens()
    handle = QColor(tokens.line_strong).name()
    assert 44 <= shades.count(handle) < 200
    assert len(set(shades)) <= 4, "handle, ground and the smooth ends: no arrows"
    across = [image.pixelColor(n, 2 + shades.index(handle) + 20).name() for n in range(area.width())]
    assert across.count(handle) >= 12
    assert contrast(QColor(tokens.line_strong), QColor(tokens.panel)) >= 3


def test_the_last_hours_are_in_sight_when_the_table_is_first_seen(qtbot: QtBot) -> None:
    """The table gets its rows and its place before it is shown."""
    table = HourTable("hours")
    qtbot.addWidget(table)
    table.resize(480, 250)
    table.show_hours(table_face(example.DAY))
    table.show()
    bar = table.area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    assert bar.value() == bar.maximum()


def test_a_stop_over_a_break_says_that_the_break_is_not_counted() -> None:
    stop = replace(
        example.STOPS[0], start_ms=example.at(9, 57), end_ms=example.at(10, 12), length_ms=5 * 60_000 + 40_000
    )
    shown = stop_face(stop, "Asia/Seoul", by_machine=True)
    assert (shown.span, shown.minutes) == ("09:57–10:12 · less break", "6 min")
    assert "less break" in stop_face(stop, "Asia/Seoul", by_machine=False).word
    plain = stop_face(replace(stop, end_ms=example.at(10, 3)), "Asia/Seoul", by_machine=True)
    assert plain.span == "09:57–10:03"

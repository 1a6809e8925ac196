"""Every screen in both languages and at many sizes: nothing cut, nothing on top of another, all of it named."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop import paint, text
from desktop.domain.figures.line import LineNow
from desktop.views.devices import device_face
from desktop.views.machine import DeviceLink, MachinePage
from desktop.views.overview import Overview
from desktop.views.screens import SCREENS
from desktop.views.settings import Settings
from desktop.views.widgets.cards import devices_face
from desktop.views.widgets.painted import Painted, Pressable
from desktop.views.window import Window
from desktop.wording.numbers import pieces, signed
from desktop.words import status
from tests.views import daily_example, example, hold_example, label_example, measured_example

LINES = {
    "usual": example.LINE, "quiet": example.quiet(), "early": example.early(), "empty": example.empty(),
    "off": example.off(), "behind": example.behind(),
}  # fmt: skip
DEMO = replace(example.LINE, head=replace(example.HEAD, demo=True, speed=10.0))
SIZES = [(1920, 1080), (1600, 900), (1366, 768), (1680, 1050), (2560, 1440)]
KEYS = [entry.key for entry in SCREENS]


def show(window: Window, key: str, line: LineNow = example.LINE) -> None:
    window.go("overview")
    window.show_answer(line)
    if key == "machine":
        window.open_machine(3)
        day = replace(example.DAY, head=line.head, collector=line.collector, machine=line.machines[2])
        window.show_answer(day)
    elif key == "report":
        window.go(key)
        window.show_answer(replace(example.report_view(), head=line.head, collector=line.collector))
    elif key == "work":
        window.go(key)
        window.show_answer(replace(example.work(), head=line.head, collector=line.collector))
    elif key == "crew":
        window.go(key)
        window.show_answer(replace(daily_example.crew(), head=line.head, collector=line.collector))
    elif key == "checks":
        window.go(key)
        window.show_answer(replace(daily_example.checks(), head=line.head, collector=line.collector))
    elif key == "labels":
        window.go(key)
        window.show_answer(replace(label_example.labels(), head=line.head, collector=line.collector))
    elif key == "measure":
        window.go(key)
        window.show_answer(replace(measured_example.measured(), head=line.head, collector=line.collector))
    elif key == "holds":
        window.go(key)
        window.show_answer(replace(hold_example.holds(), head=line.head, collector=line.collector))
    elif key == "stops":
        window.go(key)
        stops = replace(example.stops_now(), head=line.head, collector=line.collector)
        if not line.open_stops:
            stops = replace(stops, open=(), chosen=None, around=None, intervals=(), pieces=())
        window.show_answer(stops)
    elif key == "losses":
        window.go(key)
        window.show_answer(replace(example.loss_period(), head=line.head, collector=line.collector))
    elif key == "master":
        window.go(key)
        window.show_answer(example.master_data(line))
    elif key == "calendar":
        window.go(key)
        window.show_answer(replace(example.calendar_week(), head=line.head, collector=line.collector))
    elif key == "trace":
        window.open_code("VH204-261119-0412")
        window.show_answer(example.trace_now(line))
    elif key == "trail":
        window.go(key)
        window.show_answer(example.trail_now(line))
    elif key == "people":
        window.go(key)
        window.show_answer(replace(example.people_view(), head=line.head, collector=line.collector))
    elif key != "overview":
        window.go(key)
        window.show_answer(line)


def painted(window: QWidget) -> Iterator[Painted | Pressable]:
    for widget in window.findChildren(QWidget):
        if isinstance(widget, Painted | Pressable) and widget.isVisible():
            yield widget


@pytest.mark.parametrize("key", KEYS)
def test_everything_can_be_read_out(window: Window, key: str) -> None:
    """Whatever is painted or can be pressed has a name; whatever shows a value says it in its description."""
    show(window, key)
    silent = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible():
            continue
        if isinstance(widget, Painted | Pressable | QAbstractButton | QAbstractScrollArea | QPlainTextEdit):
            reader = QAccessible.queryAccessibleInterface(widget)
            if reader is None or not reader.text(QAccessible.Text.Name) or not widget.objectName():
                silent.append(f"{type(widget).__name__} {widget.objectName()}")
    # The rail and the mark are ground only; scroll bars are Qt's own.
    assert silent == [] or silent == ["Rail rail"]


def test_settings_fit_into_a_full_hd_screen_until_a_licence_is_read(window: Window) -> None:
    window.resize(1920, 1080)
    show(window, "settings")
    page = window.screens["settings"]
    assert isinstance(page, Settings)
    assert page.page.height() <= page.viewport().height()
    assert page.about.words.isHidden()
    page.about.options[1].click()
    assert page.about.words.toPlainText()
    assert page.about.words.height() >= 200
    page.about.options[1].click()
    assert page.about.words.isHidden()


def test_no_empty_frame_stands_under_a_short_licence(window: Window) -> None:
    """In a small window, where the settings are long; a long licence takes the room that there is."""
    window.resize(1366, 768)
    show(window, "settings")
    page = window.screens["settings"]
    assert isinstance(page, Settings)
    text = page.about.words
    assert text.isVisible()
    lines = text.document().size().height()  # of a plain text: lines
    needed = lines * text.fontMetrics().lineSpacing()
    assert needed <= text.viewport().height() <= needed + 120
    page.about.options[1].click()
    assert page.about.geometry().bottom() == page.folder.geometry().bottom()


def test_descriptions_hold_values(window: Window) -> None:
    show(window, "overview")
    said = {widget.objectName(): widget.accessibleDescription() for widget in painted(window)}
    assert "87.1" in said["line-card"]
    assert "75.7 %" in said["line-card"]
    assert "Stopped 6 min" in said["tile-3"]
    assert "924" in said["forecast"]
    assert "11:00 66 (−30)" in said["hours"]
    show(window, "machine")
    said = {widget.objectName(): widget.accessibleDescription() for widget in painted(window)}
    assert "Busy time 322.1" in said["losses"]
    assert "Good pieces 488" in said["basis"]


def test_outside_any_shift_the_line_has_no_oee_but_its_pieces(window: Window) -> None:
    show(window, "overview", example.off())
    said = "; ".join(f"{w.accessibleName()} {w.accessibleDescription()}" for w in painted(window))
    assert "Line OEE —" in said
    assert "1,219 off shift" in said
    assert "0 made" not in said
    window.resize(1366, 768)
    with paint.recording() as boxes:
        window.grab()
    assert [box.shown for box in boxes if box.shown.endswith("·")] == []


def test_tiles_keep_the_order_of_the_line(window: Window) -> None:
    show(window, "overview")
    overview = window.screens["overview"]
    names = [tile.accessibleName() for tile in overview.tiles]  # type: ignore[attr-defined]
    assert names == [f"{machine.name} {machine.code}" for machine in example.MACHINES]
    needs = [row.accessibleName() for row in overview.needs._rows if row.isVisible()]  # type: ignore[attr-defined]
    assert [name.split(".")[0] for name in needs] == ["1", "2", "3", "4"]


def test_tab_reaches_every_tile_and_enter_opens_it(window: Window, qtbot) -> None:  # type: ignore[no-untyped-def]
    from PySide6.QtCore import Qt

    show(window, "overview")
    window.activateWindow()
    tiles = window.screens["overview"].tiles  # type: ignore[attr-defined]
    tiles[0].setFocus(Qt.FocusReason.TabFocusReason)
    reached = set()
    for _press in range(40):
        focus = window.focusWidget()
        if focus is not None:
            reached.add(focus.objectName())
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert {tile.objectName() for tile in tiles} <= reached
    qtbot.keyClick(tiles[4], Qt.Key.Key_Return)
    page = window.screens["machine"]
    assert isinstance(page, MachinePage)
    assert page.machine == 5


def test_nobody_collects(window: Window) -> None:
    """No tile, gauge or list looks current; the banner says since when."""
    stale = replace(example.COLLECTOR, running=False, silent_ms=12_000)
    show(window, "overview", replace(example.LINE, collector=stale))
    assert window.banners.shown() == ["silent"]
    overview = window.screens["overview"]
    for tile in overview.tiles:  # type: ignore[attr-defined]
        assert tile.accessibleDescription().startswith("No data 12 s")
    assert overview.needs.accessibleDescription() == ""  # type: ignore[attr-defined]
    assert "0 of 12 connected" in overview.devices.accessibleName()  # type: ignore[attr-defined]
    with paint.recording() as boxes:
        window.banners.grab()
        overview.needs.grab()  # type: ignore[attr-defined]
    shown = [box.shown for box in boxes]
    assert "No data for 12 s" in shown
    assert "Not known at the moment" in shown
    show(window, "overview")
    assert window.banners.shown() == []
    assert overview.tiles[1].accessibleDescription().startswith("Running 52 min")  # type: ignore[attr-defined]


def test_holes_in_a_trend_are_not_joined(window: Window, qtbot: QtBot) -> None:
    import math

    show(window, "machine")
    chart = window.screens["machine"].charts[2]  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: chart._plot is not None)
    _xs, ys = chart._curve.getOriginalDataset()
    assert any(math.isnan(y) for y in ys)
    assert chart._curve.opts["connect"] == "finite"
    assert len(chart._holes) == 1
    assert all(region.isVisible() for region in chart._holes[0])


def test_a_chart_is_made_once(window: Window, qtbot: QtBot) -> None:
    show(window, "machine")
    chart = window.screens["machine"].charts[1]  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: chart._plot is not None)
    plot, curve = chart._plot, chart._curve
    moved = replace(example.DAY, trends=tuple(replace(t, points=t.points[5:]) for t in example.DAY.trends))
    window.show_answer(moved)
    assert chart._plot is plot
    assert chart._curve is curve


def test_no_button_of_the_rail_lies_on_another_in_the_lowest_window(window: Window) -> None:
    window.resize(1366, 768)
    buttons = [*window.rail._top, *window.rail._foot]
    assert buttons[0].height() >= 56
    for upper, lower in pairwise(buttons):
        assert upper.geometry().bottom() < lower.geometry().top()
    assert buttons[-1].geometry().bottom() < 768


def test_where_an_hour_was_not_seen_no_difference_and_no_forecast_is_shown(window: Window) -> None:
    """Pieces and target stand there; nothing says that pieces are missing."""
    tiles = tuple(replace(machine, comparable=False) for machine in example.LINE.machines)
    show(window, "overview", replace(example.LINE, machines=tiles, comparable=False, forecast=None))
    overview = window.screens["overview"]
    with paint.recording() as boxes:
        overview.grab()
    shown = [box.shown for box in boxes]
    assert "No forecast: a part of the shift was not seen." in shown
    assert example.LINE.machines[0].good is not None
    assert pieces(example.LINE.machines[0].good) in shown
    before = [signed(m.good - m.target) for m in example.LINE.machines if m.good is not None and m.target is not None]
    assert before
    for tile, words in zip(overview.tiles, before, strict=False):  # type: ignore[attr-defined]
        assert f" {words}" not in tile.accessibleDescription()


def test_a_device_that_lacks_an_address_is_partly_read_and_says_which(qapp: QApplication) -> None:
    lacking = {"fault_kind": "bad_address", "fault_detail": {"address": "ns=2;s=Godo"}}
    devices = tuple(
        replace(d, status="online", fault_kind="", last_value_at_ms=example.NOW - 500) for d in example.DEVICES
    )
    devices = (replace(devices[0], **lacking), *devices[1:])
    sentence = "The device does not know address ns=2;s=Godo. Correct the address in the settings."
    text.use("en")
    shown = device_face(devices[0], example.NOW, "Asia/Seoul", False, {})
    assert (shown.sign, shown.status, shown.sentence) == ("info", "Partly read", sentence)
    assert device_face(devices[0], example.NOW, "Asia/Seoul", True, {}).status == "Not read"
    card = devices_face(devices, example.NOW, stale=False)
    assert (card.name, card.words) == (devices[0].name, "Partly read")
    assert card.title == f"{len(devices)} of {len(devices)} connected"
    link = DeviceLink()
    link.show_devices((devices[1], devices[0]), example.NOW, stale=False)
    assert link.accessibleDescription() == "Partly read"
    link.deleteLater()
    told = status(replace(example.LINE, devices=devices))
    assert f"! {devices[0].name}: {sentence}" in told


def test_a_scanner_without_a_machine_shows_its_station(qapp: QApplication) -> None:
    text.use("en")
    scanner = replace(example.DEVICES[1], machines=(), stations=("Stock", "Shipping"))
    shown = device_face(scanner, example.NOW, "Asia/Seoul", False, {})
    assert (shown.machines, shown.at_station) == ("Stock, Shipping", True)
    nowhere = device_face(replace(scanner, stations=()), example.NOW, "Asia/Seoul", False, {})
    assert (nowhere.machines, nowhere.at_station) == ("—", False)


def tap(widget: QWidget) -> None:
    """A finger on what can be seen."""
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("key", [key for key in KEYS if key != "overview"])
def test_every_screen_is_within_two_taps_of_the_overview(window: Window, key: str) -> None:
    show(window, "overview")
    entry = window.screens.entry(key)
    if key == "machine":
        tap(cast(Overview, window.screens["overview"]).tiles[1])
    else:
        rail = window.rail.findChild(QWidget, f"rail-{entry.within or key}")
        assert isinstance(rail, QWidget)
        tap(rail)
    if entry.within:
        answers = {"work": example.work(), "settings": example.LINE}
        window.show_answer(answers[entry.within])
        page: Any = window.screens[entry.within]
        if entry.within == "settings":
            button = page.tables.ways["products"] if key == "master" else page.ways.ways[key]
            page.ensureWidgetVisible(button)
            tap(button)
        else:
            tap(page.pages.pages[("work", "crew", "checks", "labels", "holds").index(key)])
    assert window.screens.current == key


def test_what_is_done_many_times_a_shift_is_the_second_tap(window: Window) -> None:
    """Reason, split, call for help; start of an order, changeover, the order's end, rejects."""
    show(window, "overview")
    tap(cast(QWidget, window.rail.findChild(QWidget, "rail-stops")))
    window.show_answer(example.stops_now())
    stops: Any = window.screens["stops"]
    second = [next(b for b in stops.reasons if b.isVisible()), stops.head.split]
    second += list(stops.calls.buttons[:3])
    assert all(each.isVisible() and each.isEnabled() for each in second)
    show(window, "overview")
    tap(cast(QWidget, window.rail.findChild(QWidget, "rail-work")))
    window.show_answer(example.work())
    work: Any = window.screens["work"]
    rows = [row for row in work.plan.rows if row.isVisible()]
    assert any(row.start.isVisible() for row in rows)
    assert any(row.change.isVisible() for row in rows)
    assert work.ends.isVisible()
    assert work.scraps.isVisible()

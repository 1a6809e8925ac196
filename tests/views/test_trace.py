"""The screen of codes: scanned on any screen or typed, followed along its path, taken away, and led to from a stop."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop import text
from desktop.domain.figures.trace import Asked, MadeBefore, Recall, Trace, Unknown
from desktop.store import database
from desktop.views import application
from desktop.views.machine import MachinePage
from desktop.views.stops import Stops
from desktop.views.trace import TraceNow, TraceScreen
from desktop.views.widgets.trace_path import MORE, NodeBox, code_lines
from desktop.views.window import Window
from tests.trace_shop import DAY, MINUTE, NOW, one_morning, serial
from tests.views import example, fakes
from tests.views.test_fit import faults


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("trace")
    with closing(one_morning(made).store):
        return made


@pytest.fixture
def shop(qtbot: QtBot, folder: Path, tmp_path: Path) -> Iterator[tuple[Window, TraceScreen]]:
    """A window over a morning of serialised units, at the screen of codes; its files go elsewhere."""
    real = application.ways(folder)
    ways = fakes.ways(
        open_source=lambda: database.open_reader(folder),
        known_code=real.known_code,
        carry_out_scan=real.carry_out_scan,
        staff=real.staff,
    )
    window = Window(tmp_path, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat), ways)
    qtbot.addWidget(window)
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(1366, 768)
    window.show()
    window.begin()
    window.go("trace")
    page = cast(TraceScreen, window.screens["trace"])
    qtbot.waitUntil(lambda: page._now is not None)
    yield window, page
    window.close()


def found(page: TraceScreen) -> object:
    return page._found()


def look(qtbot: QtBot, page: TraceScreen, code: str) -> Trace:
    page.look_at(code)
    qtbot.waitUntil(lambda: isinstance(found(page), Trace))
    return cast(Trace, found(page))


def node(page: TraceScreen, code: str) -> NodeBox:
    return next(box for box in page.path.findChildren(NodeBox) if box.code == code and box.isVisible())


def test_a_code_is_typed_and_its_history_appears(shop: tuple[Window, TraceScreen], qtbot: QtBot) -> None:
    window, page = shop
    assert page.say.accessibleName() == "Scan a serial number, lot, box or pallet."
    assert faults(window) == []
    page.field.setFocus()
    QTest.keyClicks(page.field, serial(5))
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(found(page), Trace))
    assert page.path.accessibleName() == f"Unit {serial(5)}"
    assert "There is no scan at 40 세척." in page.notes.accessibleDescription()
    assert "60 기밀시험 Passed · 1st rejected 누설 0.8 → 0.3 cc/min" in page.stations.accessibleDescription()
    assert page.field.selectedText() == serial(5)  # what is scanned next takes its place
    assert not page.when.isEnabled()
    assert faults(window) == []


def test_an_answer_takes_no_third_of_a_second(shop: tuple[Window, TraceScreen], folder: Path) -> None:
    _window, page = shop
    page.look_at(serial(6))
    with closing(database.open_reader(folder)) as store:
        begun = time.process_time()
        answer = page.question()(store, NOW)
        assert time.process_time() - begun < 0.3
    assert isinstance(answer, TraceNow)
    assert isinstance(answer.found, Trace)


def test_a_scan_on_any_screen_opens_what_is_known_of_it(shop: tuple[Window, TraceScreen], qtbot: QtBot) -> None:
    window, page = shop
    window.go("overview")
    window.scans.scanned(serial(8))
    qtbot.waitUntil(lambda: window.screens.current == "trace" and isinstance(found(page), Trace))
    window.go("overview")
    window.scans.scanned("NEVER-SEEN")  # nothing is known of it: nobody is led away from the work
    qtbot.waitUntil(lambda: not window.scans.note.isHidden())
    assert window.screens.current == "overview"
    window.go("trace")
    window.scans.scanned("VH204-26111")
    qtbot.waitUntil(lambda: isinstance(found(page), Unknown))
    assert 'Nothing with the code "VH204-26111" was ever scanned.' in page.say.accessibleName()
    assert faults(window) == []
    chip = next(chip for chip in page.similar.chips if chip.isVisible())
    code = chip.code
    chip.click()
    qtbot.waitUntil(lambda: isinstance(found(page), Trace))
    assert cast(Trace, found(page)).code == code


def test_the_path_leads_on_and_back(shop: tuple[Window, TraceScreen], qtbot: QtBot) -> None:
    window, page = shop
    look(qtbot, page, serial(5))
    node(page, "BOX-0001").click()
    qtbot.waitUntil(lambda: isinstance(found(page), Trace) and cast(Trace, found(page)).kind == "box")
    assert faults(window) == []
    more = next(box for box in page.path.findChildren(NodeBox) if box.isVisible() and box.accessibleName() == "8 more")
    assert more.code == MORE
    low = page.path.height()
    more.click()
    assert page.path.height() > low
    assert len([box for box in page.path.findChildren(NodeBox) if box.isVisible()]) > 10
    window._back()
    qtbot.waitUntil(lambda: isinstance(found(page), Trace) and cast(Trace, found(page)).code == serial(5))
    assert [chip.code for chip in page.recent.chips if chip.isVisible()] == ["BOX-0001"]
    window._back()
    assert window.screens.current == "overview"


def test_units_of_a_lot_and_of_an_order_are_listed_and_taken_away(
    shop: tuple[Window, TraceScreen], qtbot: QtBot, tmp_path: Path
) -> None:
    window, page = shop
    look(qtbot, page, "OR-5521")
    page.units.click()
    qtbot.waitUntil(lambda: isinstance(found(page), Recall))
    assert page.panel.table.rowCount() == 29
    assert "Built 29 = shipped 9 + in stock 10 + scrapped 0 + in the line 10" in page.panel.accessibleDescription()
    assert "has 20 by its label" in page.panel.accessibleDescription()
    assert faults(window) == []
    page.panel.xlsx.click()
    qtbot.waitUntil(lambda: (tmp_path / "reports" / "Recall OR-5521.xlsx").exists())
    page.panel.view.clicked.emit(page.panel.table.index(28, 0))
    qtbot.waitUntil(lambda: isinstance(found(page), Trace))
    assert cast(Trace, found(page)).code == serial(30)
    page.order.click()
    qtbot.waitUntil(lambda: isinstance(found(page), Recall))
    assert page.panel.table.rowCount() == 30
    assert page.step_back()
    qtbot.waitUntil(lambda: isinstance(found(page), Trace))
    page.day.click()
    qtbot.waitUntil(lambda: isinstance(found(page), Recall) and cast(Recall, found(page)).asked == "day")
    assert cast(Recall, found(page)).subject == "2026-11-19"


def test_a_history_becomes_files(shop: tuple[Window, TraceScreen], qtbot: QtBot, tmp_path: Path) -> None:
    _window, page = shop
    look(qtbot, page, serial(5))
    for button, ending in ((page.pdf, "pdf"), (page.xlsx, "xlsx"), (page.csv, "csv")):
        button.click()
        file = tmp_path / "reports" / f"History {serial(5)}.{ending}"
        qtbot.waitUntil(file.exists, timeout=10_000)
        qtbot.waitUntil(lambda: not _window.paperwork.writer.away)


def test_as_built_and_as_it_is_now(qtbot: QtBot, tmp_path: Path) -> None:
    made = one_morning(tmp_path)
    link = made.link("consumed", ("unit", serial(3)), ("lot", "OLD"), "AS-01", DAY + 74 * MINUTE)
    made.commit()
    made.unlink(link, NOW - 2 * MINUTE)
    made.link("consumed", ("unit", serial(3)), ("lot", "NEW"), "AS-01", NOW - MINUTE)
    made.commit()
    page = TraceScreen()
    qtbot.addWidget(page)
    page.resize(1824, 1008)
    page.show()
    page.look_at(serial(3))
    page.receive(page.question()(made.store, NOW), None)
    made.store.close()

    def shown() -> set[str]:
        return {box.code for box in page.path.findChildren(NodeBox) if box.isVisible()}

    page.path.whole = True
    page.path.lay_out()
    assert "NEW" in shown()
    assert "OLD" not in shown()
    assert page.when.isEnabled()
    page.when.click()
    assert page.when.text() == "As built"
    assert "OLD" in shown()
    assert "NEW" not in shown()
    assert "OLD: taken out at" in page.notes.accessibleDescription()


def test_other_things_of_the_same_number_are_offered(qtbot: QtBot, tmp_path: Path) -> None:
    """Two makers' seals may be of the same lot number, and a unit's serial may be that of a lot."""
    made = one_morning(tmp_path)
    other = f"(01)08801234567008(21){serial(3)}"
    made.scan(other, "AS-01", NOW - MINUTE)
    made.scan(serial(3), "AS-01", NOW - MINUTE, "lot")
    made.commit()
    page = TraceScreen()
    qtbot.addWidget(page)
    page.resize(1824, 1008)
    page.show()
    page.look_at(serial(3))
    page.receive(page.question()(made.store, NOW), None)
    chips = [chip for chip in page.similar.chips if chip.isVisible()]
    assert sorted((chip.kind, chip.code) for chip in chips) == [("lot", serial(3)), ("unit", other)]
    assert page.similar.geometry().bottom() < page.path.y()
    next(chip for chip in chips if chip.kind == "lot").click()
    page.receive(page.question()(made.store, NOW), None)
    assert (cast(Trace, found(page)).kind, page.similar.isVisible()) == ("lot", True)
    made.store.close()


def test_a_stop_leads_to_what_was_made_before_it(shop: tuple[Window, TraceScreen], qtbot: QtBot) -> None:
    window, page = shop
    stops = cast(Stops, window.screens["stops"])
    stops.open_stop(3, DAY + 54 * MINUTE)
    window.go("stops")
    qtbot.waitUntil(lambda: stops.choice.now is not None)
    qtbot.waitUntil(lambda: stops.head.before.isVisible())
    stops.head.before.click()
    qtbot.waitUntil(lambda: isinstance(found(page), MadeBefore))
    assert window.screens.current == "trace"
    assert page.panel.accessibleName() == "Pieces of 용접 in the 20 minutes before the stop at 08:54"
    assert page.panel.table.rowCount() == 3
    assert faults(window) == []
    page.panel.row_wanted.emit(0)
    qtbot.waitUntil(lambda: isinstance(found(page), Trace))
    assert cast(Trace, found(page)).code == serial(3)


def test_a_stop_of_a_machines_screen_leads_there_too(shop: tuple[Window, TraceScreen], qtbot: QtBot) -> None:
    window, page = shop
    machine = cast(MachinePage, window.screens["machine"])
    window.open_machine(3)
    qtbot.waitUntil(lambda: bool(machine._day and machine._day.stops))
    assert machine._day is not None
    window.open_stop(3, machine._day.stops[0].id)
    qtbot.waitUntil(lambda: machine.explaining and machine.evidence.before.isVisible())
    assert faults(window) == []
    machine.evidence.before.click()
    qtbot.waitUntil(lambda: isinstance(found(page), MadeBefore))
    window.open_machine(3)
    machine.explain("oee")
    qtbot.waitUntil(lambda: machine.explaining)
    assert not machine.evidence.before.isVisible()


def test_what_was_looked_at_last_is_offered_after_a_restart(shop: tuple[Window, TraceScreen], qtbot: QtBot) -> None:
    _window, page = shop
    look(qtbot, page, serial(5))
    look(qtbot, page, serial(6))
    other = TraceScreen()
    qtbot.addWidget(other)
    other.resize(1270, 640)
    other.show()
    other.restore(json.loads(json.dumps(page.choices())))
    assert [chip.code for chip in other.recent.chips if chip.isVisible()] == [serial(6), serial(5)]


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_nothing_is_cut_in_any_form(shop: tuple[Window, TraceScreen], size: tuple[int, int], lang: str) -> None:
    window, page = shop
    text.use(lang)
    window.resize(*size)
    window.open_code("VH204-261119-0412")
    window.show_answer(example.trace_now(example.LINE))
    assert faults(window) == []
    page.look_at("VH204-261119-9999")
    window.show_answer(example.trace_now(example.LINE, unknown=True))
    assert faults(window) == []


def test_a_code_of_any_length_keeps_its_end_in_sight() -> None:
    assert code_lines("SHORT-1", 18, 160) == (18, ["SHORT-1"])
    size, lines = code_lines("VH204-261119-0412-REWORK-77", 18, 160)
    assert (size, "".join(lines)) == (14, "VH204-261119-0412-REWORK-77")
    _size, lines = code_lines("X" * 400 + "-END", 18, 160)
    assert len(lines) == 2
    assert lines[1].endswith("X-END")


def test_an_answer_to_what_was_asked_before_is_not_shown(qtbot: QtBot) -> None:
    page = TraceScreen()
    qtbot.addWidget(page)
    page.resize(1270, 700)
    page.show()
    page.look_at("VH204-261119-0412")
    page.look_at("OTHER")
    page.receive(example.trace_now(example.LINE), None)
    assert page._found() is None
    assert page.subject() == Asked("code", "OTHER")
    assert not cast(QWidget, page.path).isVisible()

"""The window as a whole: keys, banners, the reading thread, the report's child process, and a light start."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QSettings, Qt, QUrl
from PySide6.QtGui import QTextDocument, QTextFragment
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop import paint, summaries, text
from desktop.domain.alarms import AlarmKind
from desktop.domain.figures.head import AlarmNow
from desktop.store.database import KnownError
from desktop.views import theme
from desktop.views.background import Answer, Errand, Messenger, Reader
from desktop.views.machine import MachinePage
from desktop.views.overview import Overview
from desktop.views.report import ReportPage
from desktop.views.window import COME_FORWARD, Window
from tests.views import example, fakes
from tests.views.fakes import FakeSource

ROOT = Path(__file__).resolve().parent.parent.parent


def make(
    qtbot: QtBot,
    folder: Path,
    *,
    collect: Callable[[], object] = lambda: None,
    report: list[str] | None = None,
    opened: list[Path] | None = None,
    acknowledge: Callable[[AlarmNow, int, str], int] = lambda _alarm, _seen_ms, _who: 1,
    unacknowledge: Callable[[int, str], None] = lambda _number, _who: None,
    printers: Callable[[], tuple[str, ...]] = lambda: (),
) -> Window:
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    ways = fakes.ways(
        keep_collecting=collect,
        report_command=lambda *_words: report or [],
        open_folder=(opened if opened is not None else []).append,
        acknowledge=acknowledge,
        unacknowledge=unacknowledge,
        make_forms=lambda: folder / "forms",
        printers=printers,
    )
    window = Window(folder, settings, ways)
    qtbot.addWidget(window)
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(1600, 900)
    window.show()
    window.go("overview")
    return window


def imported_by_the_first_picture() -> list[str]:
    program = (
        "import sys; from pathlib import Path; import tempfile; from PySide6.QtCore import QSettings;"
        "from desktop.views import application; from desktop.views.window import Window;"
        "from tests.views import example; qt = application.set_up('en', 'light');"
        "folder = Path(tempfile.mkdtemp());"
        "w = Window(folder, QSettings(str(folder / 'w.ini'), QSettings.Format.IniFormat), application.ways(folder));"
        "w.show(); w.go('overview'); w.show_answer(example.LINE); qt.processEvents(); w.grab();"
        "print([m for m in ('pyqtgraph', 'opcua', 'serial', 'sqlite_utils') if m in sys.modules]); w.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return [name for name in done.stdout.strip("[]\n ").replace("'", "").split(", ") if name]


def test_the_window_opens_without_what_it_does_not_need() -> None:
    """The first picture needs no pyqtgraph, no OPC UA, no serial ports, no schema tools: they cost a second."""
    assert imported_by_the_first_picture() == []


def test_a_second_window_brings_the_first_one_forward(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path)
    (tmp_path / COME_FORWARD).touch()
    window._watch()
    assert not (tmp_path / COME_FORWARD).exists()


def test_keys_lead_to_screens_and_back(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path)
    window.show_answer(example.LINE)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=2000)
    for key, name in ((Qt.Key.Key_F9, "devices"), (Qt.Key.Key_F3, "machine"), (Qt.Key.Key_F2, "overview")):
        qtbot.keyClick(window, key)
        assert window.screens.currentWidget().objectName() == name
    qtbot.keyClick(window, Qt.Key.Key_F9)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.screens.currentWidget().objectName() == "overview"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_help_opens_at_the_page_of_the_screen_and_leads_to_every_other(
    qtbot: QtBot, tmp_path: Path, language: str
) -> None:
    text.use(language)
    window = make(qtbot, tmp_path)
    window.show_answer(example.LINE)
    window.open_machine(3)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=2000)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    manual, page = window.screens.manual, window.screens.manual.page
    assert window.screens.currentWidget() is manual
    assert page.toPlainText().startswith({"en": "Machine", "ko": "설비 상세"}[language])
    for row in manual.rows:
        row.setFocus()
        qtbot.keyClick(row, Qt.Key.Key_Return)
        said = page.toPlainText()
        assert said.startswith(row.text())
        assert [other.page for other in manual.rows if other.isChecked()] == [row.page]
        for mark in ("**", "|---", "```", "\n# ", "]("):
            assert mark not in said, "Markdown is shown, not told"
        families = {fragment.charFormat().font().family() for fragment in fragments(page.document())}
        assert families == {paint.font(16).family()}
        assert page.horizontalScrollBar().maximum() < 4, "nothing is wider than the column but by rounding"
    manual.rows[1].click()
    assert "F9" in page.toPlainText(), "the keys come second"
    manual._show("overview")
    page.anchorClicked.emit(QUrl("counting.md"))
    assert {"en": "Where the time goes", "ko": "시간의 구분"}[language] in page.toPlainText()
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_PageDown)
    assert page.verticalScrollBar().value() > 0
    window._step(1)
    assert window.screens.currentWidget() is manual
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert isinstance(window.screens.currentWidget(), MachinePage)
    assert window.screens.currentWidget().machine == 3
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert page.verticalScrollBar().value() == 0, "it begins at its top again"
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert isinstance(window.screens.currentWidget(), MachinePage)


@pytest.mark.parametrize("name", theme.NAMES)
def test_help_has_the_colours_of_the_theme(qtbot: QtBot, tmp_path: Path, qapp: QApplication, name: str) -> None:
    theme.use(qapp, name)
    try:
        window = make(qtbot, tmp_path)
        window.show_answer(example.LINE)
        window._show_help()
        pieces = fragments(window.screens.manual.page.document())
        inks = {f.charFormat().foreground().color().name().upper() for f in pieces if not f.charFormat().isAnchor()}
        links = {f.charFormat().foreground().color().name().upper() for f in pieces if f.charFormat().isAnchor()}
        assert (inks, links) == ({theme.tokens().ink}, {theme.tokens().accent})
        image = window.screens.manual.page.viewport().grab().toImage()
        assert image.pixelColor(4, 4).name().upper() == theme.tokens().panel
    finally:
        theme.use(qapp, "light")


def fragments(document: QTextDocument) -> list[QTextFragment]:
    """Every piece of text of a document that is in one look."""
    found, block = [], document.begin()
    while block.isValid():
        found += [place.fragment() for place in block]
        block = block.next()
    return found


def test_the_machine_page_begins_with_the_most_urgent_machine(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path)
    window.go("machine")
    assert window.screens.currentWidget().objectName() == "overview", "no machine is known yet"
    window.show_answer(example.LINE)
    window.go("machine")
    page = window.screens.currentWidget()
    assert isinstance(page, MachinePage)
    assert page.machine == 3
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=2000)
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert page.machine == 4
    qtbot.keyClick(window, Qt.Key.Key_Left)
    qtbot.keyClick(window, Qt.Key.Key_Left)
    assert page.machine == 2


def test_there_are_no_dead_buttons_in_the_rail(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path)
    window.show_answer(example.LINE)
    names = [b.objectName() for b in window.rail.findChildren(type(window.rail._top[0]))]
    assert names == ["rail-overview", "rail-machine", "rail-stops", "rail-work", "rail-trace", "rail-measure",
                     "rail-report", "rail-losses", "rail-devices", "rail-andon", "rail-help",
                     "rail-settings"]  # fmt: skip
    window.rail._foot[1].click()
    assert window.screens.currentWidget() is window.screens["settings"]


def test_answers_of_another_question_are_not_shown(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path)
    window.show_answer(example.LINE)
    old = window._number
    window.go("devices")
    window._on_answer(Answer(old, example.LINE))
    assert window.screens["devices"].rows == []  # type: ignore[attr-defined]
    window._on_answer(Answer(window._number, example.LINE))
    assert len(window.screens["devices"].rows) == 12  # type: ignore[attr-defined]


# -- alarms --


STOPPED = AlarmNow(AlarmKind.STOP, "WD-01", "용접", example.at(14, 20), 0)
LOST = AlarmNow(AlarmKind.DEVICE, "d1", "비전 PLC", example.at(14, 28), 1)


def test_an_alarm_stands_on_the_overview_until_somebody_has_seen_it(qtbot: QtBot, tmp_path: Path) -> None:
    seen: list[AlarmNow] = []
    taken: list[int] = []

    def see(alarm: AlarmNow, _seen_ms: int, _who: str) -> int:
        seen.append(alarm)
        return 7

    window = make(qtbot, tmp_path, acknowledge=see, unacknowledge=lambda number, _who: taken.append(number))
    window.show_answer(replace(example.LINE, alarms=(LOST, STOPPED)))
    assert window.banners.shown() == ["alarm-0", "alarm-1"]
    banner = window.banners._banners["alarm-1"]
    assert banner.accessibleName() == "용접 stopped for 12 min"
    assert banner.accessibleDescription() == "WD-01 · since 14:20"
    assert banner.action.accessibleName() == "Acknowledge"
    qtbot.mouseClick(banner.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.undo_bar.isVisible, timeout=3000)
    assert seen == [STOPPED]
    assert window.undo_bar.accessibleName() == "Acknowledged: 용접 stopped for 12 min"
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: taken == [7], timeout=3000)
    assert not window.undo_bar.isVisible()
    window.show_answer(replace(example.LINE, alarms=(LOST, replace(STOPPED, quiet=True))))
    assert window.banners.shown() == ["alarm-0"]
    assert window.banners._banners["alarm-0"].accessibleName() == "비전 PLC has not answered for 4 min"
    window.go("devices")
    assert window.banners.shown() == []


def test_that_nothing_is_stored_is_acknowledged_too(qtbot: QtBot, tmp_path: Path) -> None:
    seen: list[str] = []

    def see(alarm: AlarmNow, _seen_ms: int, _who: str) -> int:
        seen.append(alarm.kind)
        return 1

    window = make(qtbot, tmp_path, acknowledge=see)
    silent = replace(example.COLLECTOR, running=False, silent_ms=180_000)
    unstored = AlarmNow(AlarmKind.COLLECTOR, "", "", example.NOW - 180_000, 4)
    line = replace(example.LINE, collector=silent, alarms=(unstored,))
    window.show_answer(line)
    banner = window.banners._banners["silent"]
    assert banner.action.accessibleName() == "Acknowledge"
    banner.action.click()
    qtbot.waitUntil(lambda: seen == ["collector"], timeout=3000)
    window.show_answer(replace(line, alarms=(replace(unstored, quiet=True),)))
    assert window.banners.shown() == []
    assert "Not collecting" in window.header.accessibleDescription(), "it is still said, only quietly"
    window.show_answer(replace(line, alarms=(replace(unstored, level=5),)))
    assert window.banners.shown() == ["silent"], "it got worse"


def test_the_undo_bar_moves_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path)
    window.show_answer(example.LINE)
    QApplication.processEvents()
    before = [widget.geometry() for widget in window.screens["overview"].page.findChildren(QWidget)]
    window.offer_undo("Changed", lambda: None)
    foot = window.undo_bar.y()
    qtbot.waitUntil(lambda: window.undo_bar.y() < foot, timeout=3000)
    assert [widget.geometry() for widget in window.screens["overview"].page.findChildren(QWidget)] == before
    assert window.banners.shown() == []
    window.resize(1366, 768)
    assert window.rect().contains(window.undo_bar.geometry())
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.undo_bar.isVisible()


def test_what_was_acknowledged_is_listed_and_taken_back_one_by_one(qtbot: QtBot, tmp_path: Path) -> None:
    taken: list[int] = []
    window = make(qtbot, tmp_path, unacknowledge=lambda number, _who: taken.append(number))
    window.show_answer(example.LINE)
    overview = window.screens["overview"]
    assert isinstance(overview, Overview)
    assert not overview.seen_bar.isVisible()
    window.show_answer(replace(example.LINE, seen=example.SEEN))
    assert overview.seen_bar.isVisible()
    assert not overview.seen.isVisible()
    overview.seen_bar.click()
    assert overview.seen.isVisible()
    rows = [row for row in overview.seen._rows if row.isVisible()]
    said = [f"{row.accessibleName()}, {row.accessibleDescription()}" for row in rows]
    assert said == [
        "Undo: 용접 stopped, WD-01 · seen at 14:05",
        "Undo: Hourly target missed, 11:00–12:00 · seen at 12:01",
    ]
    rows[1].click()
    qtbot.waitUntil(lambda: taken == [1], timeout=3000)
    window.show_answer(example.LINE)
    assert not overview.seen_bar.isVisible()
    assert not overview.seen.isVisible()


def test_many_alarms_leave_the_machines_in_sight(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path)
    hour = AlarmNow(AlarmKind.HOUR, "", "", example.at(14), 0, hour=example.hours()[5].span, missing=30)
    window.show_answer(replace(example.LINE, alarms=(hour, STOPPED, LOST, LOST)))
    assert window.banners.shown() == ["alarm-0", "alarm-1"]
    assert window.banners._banners["alarm-0"].accessibleName() == "Hourly target missed by 30"
    assert window.banners._banners["alarm-1"].accessibleDescription() == "WD-01 · since 14:20 · 2 more"
    window.resize(1366, 768)
    window.show_answer(replace(example.LINE, alarms=(STOPPED, LOST)))
    assert window.banners.shown() == ["alarm-0"]
    assert window.banners._banners["alarm-0"].accessibleDescription() == "WD-01 · since 14:20 · 1 more"


def test_an_alarm_that_cannot_be_acknowledged_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    def refuse(_alarm: AlarmNow, _seen_ms: int, _who: str) -> int:
        raise KnownError("The disk is full.")

    window = make(qtbot, tmp_path, acknowledge=refuse)
    window.show_answer(replace(example.LINE, alarms=(STOPPED,)))
    window.banners._banners["alarm-0"].action.click()
    qtbot.waitUntil(lambda: "seen" in window.banners.shown(), timeout=3000)
    assert window.banners._banners["seen"].accessibleName() == "The disk is full."


# -- silence --


def test_a_dead_collector_is_started_again_with_patience(qtbot: QtBot, tmp_path: Path) -> None:
    calls: list[float] = []
    window = make(qtbot, tmp_path, collect=lambda: calls.append(time.monotonic()))
    stale = replace(example.LINE, collector=replace(example.COLLECTOR, running=False, silent_ms=5_000))
    window.show_answer(stale)
    qtbot.waitUntil(lambda: len(calls) == 1 and not window.freshness.starter.away, timeout=3000)
    window.show_answer(stale)
    assert len(calls) == 1, "not again within the second"
    window.freshness.retry_at = 0.0
    window.show_answer(stale)
    qtbot.waitUntil(lambda: len(calls) == 2 and not window.freshness.starter.away, timeout=3000)
    assert window.freshness.attempts == 2
    window.show_answer(example.LINE)
    assert window.freshness.attempts == 0
    assert window.banners.shown() == []


def test_a_collector_that_cannot_start_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    def refuse() -> object:
        raise KnownError("The collector did not start. Its words are in collect.out.")

    window = make(qtbot, tmp_path, collect=refuse)
    window.show_answer(replace(example.LINE, collector=replace(example.COLLECTOR, running=False, silent_ms=5_000)))
    qtbot.waitUntil(lambda: window.banners.shown() == ["silent", "collector"], timeout=3000)


def test_an_answer_that_stays_away_is_stale_too(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path)
    window.show_answer(example.LINE)
    window.freshness.answered_at -= 7
    window._watch()
    assert window.banners.shown() == ["reader"]
    assert window.screens["overview"].tiles[1].accessibleDescription().startswith("No data")  # type: ignore[attr-defined]
    window._on_answer(Answer(window._number, example.LINE))
    window._watch()
    assert window.banners.shown() == []
    assert window.screens["overview"].tiles[1].accessibleDescription().startswith("Running")  # type: ignore[attr-defined]


def test_the_collectors_own_trouble_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path)
    window.show_answer(replace(example.LINE, collector=replace(example.COLLECTOR, note="not_storing")))
    assert window.banners.shown() == ["note"]


def test_a_collector_that_cannot_store_is_not_called_stopped(qtbot: QtBot, tmp_path: Path) -> None:
    calls: list[int] = []
    window = make(qtbot, tmp_path, collect=lambda: calls.append(1))
    held = replace(example.COLLECTOR, running=False, silent_ms=90_000, held=True)
    window.show_answer(replace(example.LINE, collector=held))
    assert window.banners.shown() == ["silent"]
    with paint.recording() as boxes:
        window.banners.grab()
        window.header.grab()
    said = " ".join(box.shown for box in boxes)
    assert "stores nothing at the moment" in said
    assert "Not storing" in said
    assert "has stopped" not in said
    assert not window.freshness.starter.away
    assert calls == []


def test_figures_change_once_a_second_states_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path)
    window.show_answer(example.LINE)
    overview = window.screens["overview"]
    running = example.MACHINES[1]
    changed = replace(running, good=600, kpis=example.kpis(0.5), since_ms=example.NOW - 5_000)
    window.show_answer(replace(example.LINE, machines=(example.MACHINES[0], changed, *example.MACHINES[2:])))
    said = overview.tiles[1].accessibleDescription()  # type: ignore[attr-defined]
    assert "5 s" in said
    assert "good 600" in said
    assert "OEE 76.8 %" in said, "the figure waits for its second"
    overview._kpis_at -= 2  # type: ignore[attr-defined]
    window.show_answer(replace(example.LINE, machines=(example.MACHINES[0], changed, *example.MACHINES[2:])))
    assert "OEE 50.0 %" in overview.tiles[1].accessibleDescription()  # type: ignore[attr-defined]


# -- the report --


def test_the_report_is_made_by_a_child_and_its_folder_opens_on_demand(qtbot: QtBot, tmp_path: Path) -> None:
    opened: list[Path] = []
    window = make(qtbot, tmp_path, report=[sys.executable, "-c", "print('/x/2026-11-19-Day.pdf')"], opened=opened)
    window.paperwork.make_report("current", "pdf,xlsx,csv")
    assert window.banners.shown() == ["report"]
    window.paperwork.make_report("current", "pdf,xlsx,csv")  # pressed twice: one child
    qtbot.waitUntil(lambda: window.paperwork.process is None, timeout=10_000)
    assert window.banners.shown() == ["report"]
    assert "2026-11-19-Day.pdf" in window.banners._banners["report"].accessibleDescription()
    assert opened == [], "nobody asked for the folder yet"
    window.banners._banners["report"].action.click()
    assert opened == [tmp_path / "reports"]


def test_a_report_in_the_making_can_be_cancelled(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path, report=[sys.executable, "-c", "import time; time.sleep(60)"])
    window.paperwork.make_report("2026-11-19/Day", "pdf,csv")
    process = window.paperwork.process
    assert process is not None
    assert process.waitForStarted(5000)
    banner = window.banners._banners["report"]
    assert "PDF, CSV" in banner.accessibleDescription()
    assert banner.action.text() == "Cancel"
    banner.action.click()
    assert window.paperwork.process is None
    assert process.state() is process.ProcessState.NotRunning
    assert banner.accessibleName() == "The shift report was cancelled"


def test_the_banner_says_how_much_of_the_files_is_done(qtbot: QtBot, tmp_path: Path) -> None:
    said = "print('7%', flush=True); print('42%', flush=True); import time; time.sleep(60)"
    window = make(qtbot, tmp_path, report=[sys.executable, "-c", said])
    window.paperwork.make_report("2026-11-19/Day", "pdf", "/shop/form.xlsx")
    banner = window.banners._banners["report"]
    assert "PDF, Form · 0 %" in banner.accessibleDescription()
    qtbot.waitUntil(lambda: "PDF, Form · 42 %" in banner.accessibleDescription(), timeout=10_000)
    banner.action.click()
    assert window.paperwork.process is None


def test_the_folder_of_forms_is_made_and_opened(qtbot: QtBot, tmp_path: Path) -> None:
    opened: list[Path] = []
    window = make(qtbot, tmp_path, opened=opened)
    window.paperwork.open_forms()
    qtbot.waitUntil(lambda: opened == [tmp_path / "forms"], timeout=5000)


@pytest.mark.parametrize(
    "command",
    [[sys.executable, "-c", "import sys; sys.exit('No shift is running now.')"], ["/nowhere/at/all"]],
    ids=["refused", "not there"],
)
def test_a_report_that_fails_says_why(qtbot: QtBot, tmp_path: Path, command: list[str]) -> None:
    opened: list[Path] = []
    window = make(qtbot, tmp_path, report=command, opened=opened)
    window.paperwork.make_report("current", "pdf,xlsx,csv")
    qtbot.waitUntil(lambda: window.paperwork.process is None, timeout=10_000)
    banner = window.banners._banners["report"]
    assert banner.accessibleName() == "No shift report"
    assert opened == []
    if command[0] == sys.executable:
        assert "No shift is running now." in banner.accessibleDescription()


def printing(window: Window) -> ReportPage:
    """The window at the report, which stands there."""
    window.show_answer(example.LINE)
    window.go("report")
    window.show_answer(example.report_view())
    window.activateWindow()
    page = window.screens["report"]
    assert isinstance(page, ReportPage)
    return page


def test_the_report_is_printed_with_two_keys(qtbot: QtBot, tmp_path: Path) -> None:
    """Ctrl+P offers the printers, Enter takes the usual one; nothing waits for it."""
    command = [sys.executable, "-c", "print('50%'); print('Sent to the printer Office.')"]
    window = make(qtbot, tmp_path, report=command, printers=lambda: ("Office", "Hall"))
    page = printing(window)
    qtbot.waitUntil(window.isActiveWindow, timeout=2000)
    qtbot.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(page.printers.isVisible, timeout=5000)
    assert [action.text() for action in page.printers.actions()] == ["Office", "Hall"]
    assert QApplication.activeModalWidget() is None
    page.printers.activeAction().trigger()  # as Enter does
    page.printers.hide()
    assert window.paperwork._report_of == ("2026-11-19/주간", "", "", "Office")
    banner = window.banners._banners["report"]
    assert banner.accessibleName() == "Printing the shift report"
    qtbot.waitUntil(lambda: window.paperwork.process is None, timeout=10_000)
    assert (banner.accessibleName(), banner.accessibleDescription()) == (
        "The shift report went to the printer",
        "Office",
    )


def test_without_a_printer_a_quiet_banner_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path)
    page = printing(window)
    page.print.click()
    qtbot.waitUntil(lambda: "print" in window.banners.shown(), timeout=5000)
    assert window.banners._banners["print"].accessibleName() == "No printer is set up on this computer"
    assert window.paperwork.process is None


def test_a_printer_that_fails_says_why_and_can_be_asked_again(qtbot: QtBot, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('The printer Office did not take the report.')"]
    window = make(qtbot, tmp_path, report=command)
    window.paperwork.print_report("2026-11-19/Day", "Office")
    qtbot.waitUntil(lambda: window.paperwork.process is None, timeout=10_000)
    banner = window.banners._banners["report"]
    assert banner.accessibleName() == "The shift report was not printed"
    assert "did not take" in banner.accessibleDescription()
    assert banner.action.text() == "Try again"


def test_other_screens_are_not_printed(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path, printers=lambda: pytest.fail("nobody asks for printers here"))
    window.show_answer(example.LINE)
    window._print()
    assert not window.paperwork.looker.away


def test_closing_ends_a_report_in_the_making(qtbot: QtBot, tmp_path: Path) -> None:
    window = make(qtbot, tmp_path, report=[sys.executable, "-c", "import time; time.sleep(60)"])
    window.paperwork.make_report("current", "pdf,xlsx,csv")
    process = window.paperwork.process
    assert process is not None
    assert process.waitForStarted(5000)
    window.close()
    assert process.state() is process.ProcessState.NotRunning


# -- the reading thread --


class Recorder:
    def __init__(self) -> None:
        self.sources: list[FakeSource] = []
        self.thread: threading.Thread | None = None

    def open(self) -> FakeSource:
        self.thread = threading.current_thread()
        self.sources.append(FakeSource())
        return self.sources[-1]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def test_it_asks_at_once_and_again_when_something_was_committed(qtbot: QtBot, recorder: Recorder) -> None:
    reader = Reader(recorder.open)
    answers: list[Answer] = []
    reader.answered.connect(answers.append)
    reader.start()
    try:
        number = reader.ask(lambda source, now_ms: (threading.current_thread(), source.version, now_ms))
        qtbot.waitUntil(lambda: len(answers) == 1, timeout=3000)
        assert answers[0].number == number
        asked_on, _version, now_ms = answers[0].value  # type: ignore[misc]
        assert asked_on is not threading.main_thread()
        assert now_ms == example.NOW
        recorder.sources[0].version = 2
        begun = time.monotonic()
        qtbot.waitUntil(lambda: len(answers) == 2, timeout=3000)
        assert time.monotonic() - begun < 0.9, "a commit does not wait for the second"
        assert answers[1].value[1] == 2  # type: ignore[index]
    finally:
        reader.end()
    assert recorder.sources[0].closed
    assert not reader.isRunning()


def test_a_store_that_cannot_be_opened_is_tried_again(qtbot: QtBot) -> None:
    tries: list[int] = []

    def open_source() -> FakeSource:
        tries.append(1)
        if len(tries) == 1:
            raise KnownError("There is no database.")
        return FakeSource()

    reader = Reader(open_source)
    said: list[KnownError] = []
    answers: list[Answer] = []
    reader.troubled.connect(said.append)
    reader.answered.connect(answers.append)
    reader.ask(lambda _source, _now_ms: "fine")
    reader.start()
    try:
        qtbot.waitUntil(lambda: bool(answers), timeout=5000)
    finally:
        reader.end()
    assert [str(error) for error in said] == ["There is no database."]


def test_a_question_that_fails_is_said_and_does_not_end_the_thread(
    qtbot: QtBot, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    reader = Reader(recorder.open)
    said: list[KnownError] = []
    answers: list[Answer] = []
    reader.troubled.connect(said.append)
    reader.answered.connect(answers.append)

    def broken(_source: object, _now_ms: int) -> object:
        raise ZeroDivisionError("a fault of ours")

    reader.ask(broken)
    reader.start()
    try:
        qtbot.waitUntil(lambda: bool(said), timeout=3000)
        reader.ask(lambda _source, _now_ms: "fine")
        qtbot.waitUntil(lambda: bool(answers), timeout=3000)
    finally:
        reader.end()
    assert "a fault of ours" in caplog.text
    assert len(recorder.sources) == 1


def test_an_errand_brings_its_result_or_a_sentence(qtbot: QtBot) -> None:
    good = Errand(lambda: threading.current_thread().name)
    with qtbot.waitSignal(good.done, timeout=3000) as done:
        good.start()
    assert done.args == ["errand"]

    def refuse() -> object:
        raise KnownError("The disk is full.")

    bad = Errand(refuse)
    with qtbot.waitSignal(bad.failed, timeout=3000) as failed:
        bad.start()
    assert failed.args == ["The disk is full."]


def test_a_messenger_takes_one_errand_at_a_time(qtbot: QtBot) -> None:
    parent, go_on = QWidget(), threading.Event()
    qtbot.addWidget(parent)
    messenger, heard = Messenger(parent), list[object]()

    def refuse() -> object:
        raise KnownError("The disk is full.")

    def again(sentence: str) -> None:
        heard.append(sentence)
        assert messenger.send(threading.get_ident, heard.append, heard.append), "it is back before anybody hears"

    assert messenger.send(lambda: go_on.wait(5), heard.append, heard.append)
    assert messenger.away
    assert not messenger.send(lambda: pytest.fail("it is away"), heard.append, heard.append)
    go_on.set()
    qtbot.waitUntil(lambda: not messenger.away, timeout=3000)
    assert heard == [True]
    assert messenger.send(refuse, heard.append, again)
    qtbot.waitUntil(lambda: len(heard) == 3, timeout=3000)
    assert heard[1] == "The disk is full."
    assert heard[2] != threading.get_ident(), "another thread did it"


def test_only_the_last_change_is_taken_back_and_once(qtbot: QtBot, tmp_path: Path) -> None:
    window, taken = make(qtbot, tmp_path), list[str]()
    window.offer_undo("First", lambda: taken.append("first"))
    window.offer_undo("Second", lambda: taken.append("second"))
    window.undo_bar.take_back()
    window.undo_bar.take_back()
    assert taken == ["second"]
    window.offer_undo("Third", lambda: taken.append("third"))
    window.undo_bar.hide()
    window.undo_bar.take_back()
    assert taken == ["second"], "what is out of sight stays as it is"


def test_the_whole_window_lives_on_answers(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summaries.Live, "line_now", lambda _live, _store, _now_ms, **_more: example.LINE)
    monkeypatch.setattr(summaries.Live, "machine_day", lambda _live, _store, _machine, _now_ms, **_more: example.DAY)
    window = make(qtbot, tmp_path)
    window.begin()
    overview = window.screens["overview"]
    qtbot.waitUntil(lambda: len(overview.tiles) == 8, timeout=5000)  # type: ignore[attr-defined]
    qtbot.mouseClick(overview.tiles[2], Qt.MouseButton.LeftButton, pos=QPoint(40, 20))  # type: ignore[attr-defined]
    page = window.screens["machine"]
    qtbot.waitUntil(lambda: page.title() == "용접\tWD-01", timeout=5000)
    window.close()
    assert not window.reader.isRunning()
    assert QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat).contains("geometry")

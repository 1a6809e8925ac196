"""Around the window: what opens over which folder, one window for each, faults on screen and in the log."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import control, paint, summaries, text
from desktop.domain.automatic import AutomaticNow, Policy
from desktop.domain.figures.head import AlarmNow
from desktop.domain.spans import Span
from desktop.store import database, register
from desktop.store.database import KnownError
from desktop.store.locks import ProcessLock
from desktop.tokens import GREEN
from desktop.views import application, theme
from desktop.views.application import WINDOW_LOCK, Desk
from desktop.views.machine import MachinePage
from desktop.views.notice import Notice
from desktop.views.welcome import Welcome
from desktop.views.widgets.banner import BannerFace
from desktop.views.window import COME_FORWARD, Window
from tests.views import example
from tests.views.fakes import FakeSource


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """A desk over an empty folder whose windows read the example."""
    monkeypatch.setattr(database, "open_reader", lambda _folder: FakeSource())
    monkeypatch.setattr(summaries.Live, "line_now", lambda _live, _store, _now_ms, **_more: example.LINE)
    monkeypatch.setattr(summaries.Live, "machine_day", lambda _live, _store, _machine, _now_ms, **_more: example.DAY)
    monkeypatch.setattr(summaries.Live, "waiting", lambda _live, _store, _now_ms: 3)
    monkeypatch.setattr(summaries, "automatic_now", lambda _store: AutomaticNow(Policy(), ""), raising=False)
    monkeypatch.setattr(control, "ensure_collector", lambda _folder: None)
    place = ProcessLock(tmp_path / WINDOW_LOCK)
    made = Desk(qapp, tmp_path, None, None, place)
    yield made
    if made.window is not None:
        made.window.close()
        made.window.deleteLater()
    made.end()
    place.release()


def with_database(folder: Path) -> None:
    database.path_of(folder).write_bytes(b"")


def test_an_empty_folder_shows_the_first_page(desk: Desk) -> None:
    desk.open()
    assert isinstance(desk.window, Welcome)


def test_a_database_shows_the_window_and_holds_its_place(desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    with_database(tmp_path)
    desk.open()
    window = desk.window
    assert isinstance(window, Window)
    qtbot.waitUntil(lambda: len(window.screens["overview"].tiles) == 8, timeout=5000)  # type: ignore[attr-defined]
    assert not ProcessLock(tmp_path / WINDOW_LOCK).take()


def test_the_first_page_makes_way_for_the_line(desk: Desk, tmp_path: Path) -> None:
    desk.open()
    page = desk.window
    assert isinstance(page, Welcome)
    with_database(tmp_path)
    page.ready.emit()
    assert isinstance(desk.window, Window)
    assert not page.isVisible()


def test_language_and_theme_are_kept_for_the_next_time(desk: Desk, tmp_path: Path) -> None:
    with_database(tmp_path)
    desk.open()
    first = desk.window
    assert isinstance(first, Window)
    first.setting_wanted.emit("theme", "dark")
    assert theme.tokens().name == "dark"
    second = desk.window
    assert isinstance(second, Window)
    assert second is not first
    second.setting_wanted.emit("language", "ko")
    assert text.language() == "ko"
    third = desk.window
    assert isinstance(third, Window)
    assert third.rail._top[0].text() == "현황"
    kept = (tmp_path / "window.ini").read_text(encoding="utf-8")
    assert "theme=dark" in kept
    assert "language=ko" in kept


def test_a_changed_setting_can_be_taken_back(desk: Desk, tmp_path: Path) -> None:
    with_database(tmp_path)
    desk.open()
    assert isinstance(desk.window, Window)
    desk.window.go("settings")
    calm = theme.tokens().run
    desk.window.screens["settings"].look.rows[2].options[1].click()  # type: ignore[attr-defined]
    changed = desk.window
    assert isinstance(changed, Window)
    assert theme.tokens().run == GREEN["light"][0] != calm
    assert changed.screens.currentWidget() is changed.screens["settings"], "the screen stays"
    assert all(row.isVisible() for row in changed.screens["settings"].look.rows)  # type: ignore[attr-defined]
    assert changed.banners.shown() == []
    assert changed.undo_bar.isVisible()
    assert "Running machines: Green" in changed.undo_bar.accessibleName()
    changed.undo_bar.take_back()
    assert theme.tokens().run == calm
    assert isinstance(desk.window, Window)
    assert desk.window is not changed
    assert not desk.window.undo_bar.isVisible()
    desk.window.undo_bar.take_back()
    assert theme.tokens().run == calm


def test_the_window_opens_where_it_was_left(desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    with_database(tmp_path)
    desk.open()
    first = desk.window
    assert isinstance(first, Window)
    first.show_answer(example.LINE)
    first.open_machine(5)
    desk.open()
    second = desk.window
    assert isinstance(second, Window)
    second.show_answer(example.LINE)
    page = second.screens.currentWidget()
    assert isinstance(page, MachinePage)
    assert page.machine == 5
    second.go("devices")
    desk.open()
    assert isinstance(desk.window, Window)
    assert desk.window.screens.currentWidget() is desk.window.screens["devices"]


def test_a_machine_that_is_gone_is_not_opened(desk: Desk, tmp_path: Path) -> None:
    with_database(tmp_path)
    settings = application.settings_file(tmp_path)
    settings.setValue("screen", "machine")
    settings.setValue("machine", "99")
    desk.open()
    assert isinstance(desk.window, Window)
    desk.window.show_answer(example.LINE)
    assert desk.window.screens.currentWidget() is desk.window.screens["overview"]


def test_a_window_on_a_display_that_is_gone_comes_to_one_that_is_there(desk: Desk, tmp_path: Path) -> None:
    with_database(tmp_path)
    desk.open()
    first = desk.window
    assert isinstance(first, Window)
    first.setWindowState(Qt.WindowState.WindowNoState)
    first.move(9000, 5000)
    first.close()
    desk.window = None
    desk.open()
    assert isinstance(desk.window, Window)
    assert desk.window.screen().availableGeometry().intersects(desk.window.geometry())


def test_another_size_of_text_begins_the_application_anew(tmp_path: Path) -> None:
    """In a child process: one application after the other, the second at 125 %, still on the settings, with undo."""
    program = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from desktop import control, summaries
from desktop.store import database
from desktop.views import application
from desktop.views.window import Window
from tests.views import example
from desktop.domain.automatic import AutomaticNow, Policy
from tests.views.fakes import FakeSource
folder = Path(sys.argv[1])
database.path_of(folder).write_bytes(b"")
database.open_reader = lambda _folder: FakeSource()
summaries.Live.line_now = lambda _live, _store, _now_ms, **_more: example.LINE
summaries.automatic_now = lambda _store: AutomaticNow(Policy(), "")
control.ensure_collector = lambda _folder: None
open_before, seen = application.Desk.open, []
def opened(desk, changed=None):
    open_before(desk, changed)
    if not isinstance(desk.window, Window):
        return
    window = desk.window
    seen.append((window.devicePixelRatio(), window.screens.current, not window.undo_bar.isHidden()))
    if len(seen) == 1:
        window.resize(1920, 1080)
        window.go("settings")
        QTimer.singleShot(200, window.screens["settings"].look.rows[3].options[2].click)
    elif len(seen) == 2:
        QTimer.singleShot(200, window.undo_bar.take_back)
    else:
        QTimer.singleShot(200, window.close)
application.Desk.open = opened
print(application.run(folder), seen)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    wanted = "0 [(1.0, 'overview', False), (1.25, 'settings', True), (1.0, 'settings', False)]"
    assert done.stdout.strip() == wanted, done.stderr


def test_the_first_page_can_change_its_language(desk: Desk) -> None:
    desk.open()
    page = desk.window
    assert isinstance(page, Welcome)
    page.language_wanted.emit("ko")
    assert isinstance(desk.window, Welcome)
    assert desk.window.choice.demo.text() == text._("Start the demo")
    assert text.language() == "ko"


def test_a_fault_of_ours_is_logged_and_said_and_the_window_stays(
    desk: Desk, tmp_path: Path, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    with_database(tmp_path)
    desk.open()
    window = desk.window
    assert isinstance(window, Window)
    try:
        raise ZeroDivisionError("a fault of ours")
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert "fault" in window.banners.shown()
    assert "a fault of ours" in caplog.text
    assert "a fault of ours" in (tmp_path / "logs" / "window.log").read_text(encoding="utf-8")
    qtbot.waitUntil(window.isVisible, timeout=3000)


def test_a_fault_on_another_thread_is_said_too(
    desk: Desk, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with_database(tmp_path)
    desk.open()
    window = desk.window
    assert isinstance(window, Window)
    said_on: list[threading.Thread] = []
    shown = window.banners.show_banner

    def show(key: str, face: BannerFace) -> None:
        said_on.append(threading.current_thread())
        shown(key, face)

    monkeypatch.setattr(window.banners, "show_banner", show)
    monkeypatch.setattr(threading, "excepthook", desk._faults._caught_in_thread)  # pytest has put its own over it

    def broken() -> None:
        raise ZeroDivisionError("a fault beside the window")

    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: "fault" in window.banners.shown(), timeout=3000)
    assert set(said_on) == {threading.main_thread()}
    assert "a fault beside the window" in (tmp_path / "logs" / "window.log").read_text(encoding="utf-8")


def test_a_second_start_only_calls_the_first_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_database(tmp_path)
    first = ProcessLock(tmp_path / WINDOW_LOCK)
    assert first.take()
    monkeypatch.setattr(application, "set_up", lambda *_words: pytest.fail("no second window"))
    try:
        assert application.run(tmp_path) == 0
    finally:
        first.release()
    assert (tmp_path / COME_FORWARD).exists()
    assert "is open already" in capsys.readouterr().out


def test_the_end_gives_every_hook_back(desk: Desk, tmp_path: Path) -> None:
    with_database(tmp_path)
    mine = sys.excepthook
    desk.open()
    desk.end()
    assert sys.excepthook is not mine
    assert not (tmp_path / "logs" / "window.log").exists(), "opened with the first thing to be written"


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_lock: ProcessLock) -> bool:
        raise PermissionError(13, "Permission denied")

    with_database(tmp_path)
    monkeypatch.setattr(ProcessLock, "take", refuse)
    said: list[str] = []

    def read_and_close() -> None:
        notice = next(w for w in QApplication.topLevelWidgets() if isinstance(w, Notice) and w.isVisible())
        assert not notice.isModal()
        with paint.recording() as boxes:
            notice.grab()
        said.append(" ".join(box.shown for box in boxes))
        notice.close_button.click()

    QTimer.singleShot(0, read_and_close)
    with pytest.raises(KnownError, match=r"cannot be written \(this user has no permission\)"):
        application.run(tmp_path)
    assert "cannot be written (this user has no permission)" in said[0].replace("Gadong ", "")
    assert "ask for write permission." in said[0], "whole"


def test_the_first_window_comes_with_its_figures_and_after_a_moment_without(
    desk: Desk, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_database(tmp_path)
    seen: list[object] = []
    monkeypatch.setattr(Window, "showEvent", lambda window, _event: seen.append(window._answer))
    desk.open()
    window = desk.window
    assert isinstance(window, Window)
    assert not window.isVisible(), "an empty page is not painted first"
    qtbot.waitUntil(window.isVisible, timeout=3000)
    assert seen[0] is not None
    late = Window(tmp_path, application.settings_file(tmp_path), application.ways(tmp_path))
    qtbot.addWidget(late)
    late.appear()  # and nobody reads
    qtbot.waitUntil(late.isVisible, timeout=3000)
    assert late._answer is None


def test_a_slot_that_fails_does_not_end_the_window(desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    with_database(tmp_path)
    desk.open()
    window = desk.window
    assert isinstance(window, Window)
    with pytest.raises(TypeError, match="the Overview shows a LineNow"):
        window.show_answer(example.DAY)
    qtbot.waitUntil(window.isVisible, timeout=3000)


def test_the_window_notes_that_an_alarm_was_seen(tmp_path: Path) -> None:
    database.create(tmp_path).close()
    application.ways(tmp_path).acknowledge(AlarmNow("device", "plc", "PLC", 0, 2), 1000, "kim")
    with closing(database.open_reader(tmp_path)) as store:
        seen = register.acknowledgements(store, Span(0, store.clock.now_ms() + 1))
        told = store.rows("SELECT who, action FROM audit")
    assert [(one.kind, one.subject, one.level, one.at_ms) for one in seen] == [("device", "plc", 2, 1000)]
    assert told == [("kim", "acknowledge")]

"""Around the window: what opens over which folder, one window for each, faults on screen and in the log."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import control, summaries, text
from desktop.domain.figures import AlarmNow
from desktop.domain.spans import Span
from desktop.store import database, register
from desktop.store.database import KnownError
from desktop.store.locks import ProcessLock
from desktop.views import application, theme
from desktop.views.application import WINDOW_LOCK, Desk
from desktop.views.welcome import Welcome
from desktop.views.window import COME_FORWARD, Window
from tests.views import example
from tests.views.fakes import FakeSource


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """A desk over an empty folder whose windows read the example."""
    monkeypatch.setattr(database, "open_reader", lambda _folder: FakeSource())
    monkeypatch.setattr(summaries.Live, "line_now", lambda _live, _store, _now_ms: example.LINE)
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
    first.theme_wanted.emit("dark")
    assert theme.tokens().name == "dark"
    second = desk.window
    assert isinstance(second, Window)
    assert second is not first
    second.language_wanted.emit("ko")
    assert text.language() == "ko"
    third = desk.window
    assert isinstance(third, Window)
    assert third.rail._top[0].text() == "현황"
    kept = (tmp_path / "window.ini").read_text(encoding="utf-8")
    assert "theme=dark" in kept
    assert "language=ko" in kept


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
    assert window.isVisible()


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
    assert not (tmp_path / "logs" / "window.log").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_lock: ProcessLock) -> bool:
        raise PermissionError(13, "Permission denied")

    with_database(tmp_path)
    monkeypatch.setattr(ProcessLock, "take", refuse)
    with pytest.raises(KnownError, match=r"cannot be written \(this user has no permission\)"):
        application.run(tmp_path)


def test_a_slot_that_fails_does_not_end_the_window(desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    with_database(tmp_path)
    desk.open()
    window = desk.window
    assert isinstance(window, Window)
    with pytest.raises(TypeError, match="the Overview shows a LineNow"):
        window.show_answer(example.DAY)
    assert window.isVisible()


def test_the_window_notes_that_an_alarm_was_seen(tmp_path: Path) -> None:
    database.create(tmp_path).close()
    application.ways(tmp_path).acknowledge(AlarmNow("device", "plc", "PLC", 0, 2))
    with closing(database.open_reader(tmp_path)) as store:
        seen = register.acknowledgements(store, Span(0, store.clock.now_ms() + 1))
    assert [(one.kind, one.subject, one.level) for one in seen] == [("device", "plc", 2)]

"""The first page: the demo, and importing a configuration with every mistake shown."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.store.database import KnownError
from desktop.views.application import EXAMPLE, smoke
from desktop.views.welcome import Welcome


def make(qtbot: QtBot, start_demo: Callable[[], object] = lambda: None, command: list[str] | None = None) -> Welcome:
    page = Welcome(start_demo, lambda *words: [*(command or [sys.executable, "-c", "pass"]), *words], EXAMPLE)
    qtbot.addWidget(page)
    page.show()
    return page


def test_the_example_is_there() -> None:
    assert EXAMPLE.exists()


def test_the_demo_is_started_once(qtbot: QtBot) -> None:
    calls: list[int] = []
    page = make(qtbot, lambda: calls.append(1))
    with qtbot.waitSignal(page.demo_opened, timeout=3000):
        page.choice.demo.click()
        page.begin_demo()
    assert calls == [1]


def test_a_demo_that_does_not_start_says_why(qtbot: QtBot) -> None:
    def refuse() -> object:
        raise KnownError("The demo line did not start.")

    page = make(qtbot, refuse)
    page.choice.demo.click()
    assert not page.choice.demo.isEnabled()
    qtbot.waitUntil(page.choice.demo.isEnabled, timeout=3000)
    assert page.bar.accessibleDescription() == "The demo line did not start."


def test_a_good_file_opens_the_line(qtbot: QtBot, tmp_path: Path) -> None:
    page = make(qtbot)
    page.choice.own.click()
    with qtbot.waitSignal(page.ready, timeout=10_000):
        page.import_file(tmp_path / "line.toml")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_every_mistake_of_a_file_is_shown(qtbot: QtBot, tmp_path: Path, stream: str) -> None:
    program = f"import sys\nfor n in range(40): print('machine[%d].code: missing' % n, file=sys.{stream})\nsys.exit(2)"
    page = make(qtbot, command=[sys.executable, "-c", program])
    page.choice.own.click()
    page.import_file(tmp_path / "line.toml")
    assert not page.setup.choose.isEnabled()
    qtbot.waitUntil(page.setup.choose.isEnabled, timeout=10_000)
    shown = page.setup.result.toPlainText()
    assert shown.startswith("The file was not imported; nothing was changed.")
    assert all(f"machine[{n}].code: missing" in shown for n in range(40))


def test_an_import_that_cannot_be_started_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    page = make(qtbot, command=["/nowhere/at/all"])
    page.import_file(tmp_path / "line.toml")
    qtbot.waitUntil(page.setup.choose.isEnabled, timeout=10_000)
    assert page.setup.result.toPlainText().startswith("The file was not imported")


def test_languages_can_be_switched(qtbot: QtBot) -> None:
    page = make(qtbot)
    with qtbot.waitSignal(page.language_wanted, timeout=1000) as wanted:
        qtbot.mouseClick(page.languages[0], Qt.MouseButton.LeftButton)
    assert wanted.args == ["ko"]
    assert [segment.accessibleName() for segment in page.languages] == ["한국어", "English"]


def test_smoke() -> None:
    assert smoke() == "The window can be drawn."


def test_the_manual_is_there_before_there_is_a_line(qtbot: QtBot) -> None:
    page = make(qtbot)
    page._show_setup()
    page.help.click()
    assert page.stack.currentWidget() is page.manual
    assert page.help.isChecked()
    page.help.click()
    assert page.stack.currentWidget() is page.setup
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow, timeout=2000)
    qtbot.keyClick(page, Qt.Key.Key_F1)
    assert page.stack.currentWidget() is page.manual
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.stack.currentWidget() is page.choice


def test_a_backup_opens_its_line(qtbot: QtBot, tmp_path: Path) -> None:
    said = tmp_path / "words"
    page = make(
        qtbot, command=[sys.executable, "-c", f"import sys; open({str(said)!r}, 'w').write(' '.join(sys.argv[1:]))"]
    )
    with qtbot.waitSignal(page.ready, timeout=10_000):
        page.restore_file(tmp_path / "monday.db")
    assert said.read_text() == f"restore {tmp_path / 'monday.db'}"


def test_a_backup_that_is_refused_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    program = "import sys; print('monday.db is damaged.', file=sys.stderr); sys.exit(2)"
    page = make(qtbot, command=[sys.executable, "-c", program])
    page.restore_file(tmp_path / "monday.db")
    assert not page.choice.restore.isEnabled()
    qtbot.waitUntil(page.choice.restore.isEnabled, timeout=10_000)
    assert page.bar.accessibleDescription() == "Nothing was restored. monday.db is damaged."

"""One application with the bundled typeface; English unless a test speaks Korean; no warning of Qt passes unseen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import text
from desktop.views import application, theme
from desktop.views.window import Window
from tests.views import fakes

_HARMLESS = ("This plugin does not support",)


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    return application.set_up("en", "light")


@pytest.fixture(autouse=True)
def plain_start(qapp: QApplication) -> Iterator[None]:
    """Every test begins in English and light, whatever another left behind, and without its windows.

    What pytest-qt deletes later goes only when an event loop runs: it would be styled anew with every theme.
    """
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    before = text.language()
    text.use("en")
    theme.use(qapp, "light")
    yield
    text.use(before)
    theme.use(qapp, "light")


@pytest.fixture(autouse=True)
def no_warning_of_qt(qtlog: object) -> Iterator[None]:
    yield
    said = [r.message for r in qtlog.records if not r.message.startswith(_HARMLESS)]  # type: ignore[attr-defined]
    assert said == []


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Window:
    """A window of 1920 x 1080 whose reading thread does not run: the test gives the answers."""
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    made = Window(tmp_path, settings, fakes.ways())
    qtbot.addWidget(made)
    made.setWindowState(Qt.WindowState.WindowNoState)
    made.resize(1920, 1080)
    made.show()
    made.go("overview")
    return made

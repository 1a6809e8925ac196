"""Whoever cannot see, or has no mouse, or wears gloves: every widget of every screen, one by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QPixmap
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QScrollBar, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from desktop import paint
from desktop.views.andon import Andon
from desktop.views.application import EXAMPLE
from desktop.views.screens import SCREENS
from desktop.views.welcome import Welcome
from desktop.views.widgets.banner import BannerFace
from desktop.views.widgets.painted import Painted
from desktop.views.window import Window
from tests.views import example
from tests.views.fakes import FakeSource
from tests.views.test_screens import show

TOUCH_PX = 56  # design: normal controls
TABLE_PX = 40  # rows of lists and tables, worked by mouse
#: widgets that hold others and show nothing themselves
GROUND = ("qt_", "screens", "welcome-pages", "banners", "choice", "setup", "rail")


@pytest.fixture(params=[entry.key for entry in SCREENS] + ["help", "andon", "welcome", "welcome-setup"])
def place(request: pytest.FixtureRequest, window: Window, qtbot: QtBot) -> QWidget:
    """Every place that a person can be at, with a banner that can be closed and acted on."""
    if request.param.startswith("welcome"):
        page = Welcome(lambda: None, lambda *_words: [], EXAMPLE)
        qtbot.addWidget(page)
        page.resize(1920, 1080)
        page.show()
        if request.param == "welcome-setup":
            page.choice.own.click()
        return page
    if request.param == "andon":
        andon = Andon(FakeSource, window._settings)
        qtbot.addWidget(andon)
        andon.resize(1920, 1080)
        andon.show()
        andon.present(example.LINE, None)
        andon._show_controls()
        return andon
    if request.param == "help":
        show(window, "overview")
        window._show_help()
    else:
        show(window, request.param)
    window.offer_undo("Changed", lambda: None)
    window.banners.show_banner("report", BannerFace("note", "Ready", "in a folder", "Open folder"))
    QApplication.processEvents()
    return window


def shown(place: QWidget) -> Iterator[QWidget]:
    """Every widget in sight, but for the parts of Qt's own scroll areas."""
    for widget in place.findChildren(QWidget):
        own = widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar)
        if widget.isVisible() and not own:
            yield widget


def told(widget: QWidget, what: QAccessible.Text) -> str:
    reader = QAccessible.queryAccessibleInterface(widget)
    return reader.text(what) if reader is not None else ""


def test_everything_has_a_name(place: QWidget) -> None:
    nameless = [
        f"{type(widget).__name__} {widget.objectName()!r}"
        for widget in shown(place)
        if not told(widget, QAccessible.Text.Name)
        and not widget.objectName().endswith("-page")
        and not widget.objectName().startswith(GROUND)
        and not isinstance(widget, QStackedWidget | QAbstractItemView)
    ]
    assert nameless == []


def test_what_is_painted_says_what_it_shows(place: QWidget) -> None:
    """The description of a painted widget holds its content; its name does, where that is all there is to say."""
    silent = []
    for widget in shown(place):
        if isinstance(widget, Painted) and not told(widget, QAccessible.Text.Description):
            with paint.recording() as boxes:
                widget.render(QPixmap(widget.size()), renderFlags=QWidget.RenderFlag.DrawWindowBackground)
            name = told(widget, QAccessible.Text.Name)
            silent += [f"{widget.objectName()} {box.wanted!r}" for box in boxes if box.wanted not in name]
    assert silent == []


def test_tab_reaches_every_control(place: QWidget, qtbot: QtBot) -> None:
    place.activateWindow()
    wanted = {
        widget
        for widget in shown(place)
        if widget.isEnabled()
        and (isinstance(widget, QAbstractButton) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    }
    reached = set()
    place.setFocus()
    for _press in range(len(wanted) + 40):
        focus = place.focusWidget() or place
        reached.add(focus)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert sorted(widget.objectName() for widget in wanted - reached) == []


def test_everything_can_be_hit(place: QWidget) -> None:
    """56 px for what stands alone, 40 px for a row of a list."""
    small = []
    for widget in shown(place):
        if isinstance(widget, QAbstractButton):
            row = widget.width() > 240  # a line of a list, from edge to edge
            least = TABLE_PX if row else TOUCH_PX
            if widget.height() < least or widget.width() < TOUCH_PX:
                small.append(f"{widget.objectName()} {widget.width()}x{widget.height()}")
    assert small == []

"""What stands on a screen while its answer stays away."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from desktop import paint
from desktop.views import theme
from desktop.views.machine import MachinePage
from desktop.views.screen import Screen
from desktop.views.screens import SCREENS
from desktop.views.window import Window
from tests.views import example


def bars(screen: Screen) -> int:
    """How many pixels of the cover are a bar's."""
    image = screen.waiting.grab().toImage()
    ink = QColor(theme.tokens().track).rgb()
    return sum(image.pixel(x, y) == ink for x in range(0, image.width(), 9) for y in range(0, image.height(), 9))


@pytest.mark.parametrize("key", [entry.key for entry in SCREENS if entry.key != "settings"])
def test_before_the_first_answer_nothing_is_said_and_then_bars_stand_there(
    window: Window, qtbot: QtBot, key: str
) -> None:
    if key != "overview":
        window.show_answer(example.LINE)
        window.go(key)
    screen = window.screens[key]
    assert screen.waiting.isVisible(), "at once"
    assert bars(screen) == 0
    qtbot.waitUntil(lambda: bars(screen) > 0, timeout=2000)


def test_figures_of_another_machine_give_way_to_bars_and_come_back_with_the_answer(
    window: Window, qtbot: QtBot
) -> None:
    window.show_answer(example.LINE)
    window.open_machine(example.DAY.machine.id)
    window.show_answer(example.DAY)
    page = window.screens["machine"]
    assert isinstance(page, MachinePage)
    assert not page.waiting.isVisible()
    window.open_machine(1)
    assert not page.waiting.isVisible(), "not for an answer that comes at once"
    qtbot.waitUntil(page.waiting.isVisible, timeout=2000)
    for card in (page.losses, page.state, page.basis, page.stops, page.link):
        assert page.waiting.mask().contains(card.geometry().center())
    assert not page.waiting.mask().contains(page.page.rect().topLeft())
    window.show_answer(replace(example.DAY, machine=example.LINE.machines[0]))
    assert not page.waiting.isVisible()
    with paint.recording() as boxes:
        page.grab()
    assert boxes


def test_what_shows_the_same_machine_stays_while_it_is_asked_anew(window: Window, qtbot: QtBot) -> None:
    """Zooming and explaining ask again: the figures on screen still hold."""
    window.show_answer(example.LINE)
    window.open_machine(example.DAY.machine.id)
    window.show_answer(example.DAY)
    page = window.screens["machine"]
    assert isinstance(page, MachinePage)
    page.timeline.zoom(0.5)
    page.explain("oee")
    assert not page._patience.isActive()
    assert not page.waiting.isVisible()


def test_a_reader_that_does_not_answer_is_no_fault_of_another_screen(window: Window) -> None:
    """The last answer was the Overview's: it is not shown as a machine's."""
    window.show_answer(example.LINE)
    window.open_machine(1)
    window.freshness.answered_at -= 60
    window._watch()
    assert "reader" in window.banners.shown()

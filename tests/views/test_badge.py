"""The number at Stops is current on every screen."""

from __future__ import annotations

from typing import cast

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from desktop import summaries
from desktop.store.database import Store
from desktop.views import application
from desktop.views.badge import StopsBadge
from desktop.views.machine import MachinePage
from desktop.views.window import Window
from tests import test_live
from tests.store.example import MACHINE, state
from tests.test_entered import Floor, at
from tests.views import example

shop = test_live.shop


@pytest.mark.parametrize("screen", ["machine", "work", "losses", "report", "settings"])
def test_every_screen_shows_how_many_stops_wait(qtbot: QtBot, shop: Store, screen: str) -> None:
    floor = Floor(shop)
    floor.at_ms = at(40)  # so far the collector has beaten
    for begun in (10, 20):
        floor.tell(state(floor.book, at(begun), "stop"))
        floor.tell(state(floor.book, at(begun + 6), "run"))
    now = replace(shop.clock, plant_origin_ms=at(40))
    ways = replace(application.ways(shop.folder), keep_collecting=lambda: None)
    opened = ways.open_source
    ways = replace(ways, open_source=lambda: _at(opened(), now))
    window = Window(shop.folder, QSettings(str(shop.folder / "x.ini"), QSettings.Format.IniFormat), ways)
    qtbot.addWidget(window)
    window.show()
    window.begin()
    if screen == "machine":
        cast(MachinePage, window.screens["machine"]).machine = MACHINE
    window.go(screen)
    badge = window.rail.findChild(object, "rail-stops")
    there = summaries.line_now(shop, at(40)).waiting
    assert there >= 2
    qtbot.waitUntil(lambda: getattr(badge, "badge", 0) == there, timeout=8000)
    floor.tell(state(floor.book, at(30), "stop"), state(floor.book, at(36), "run"))
    qtbot.waitUntil(lambda: getattr(badge, "badge", 0) == there + 1, timeout=8000)
    window.close()


def _at(store: Store, now: object) -> Store:
    store.clock = now  # type: ignore[assignment]
    return store


def test_a_screen_that_looks_back_keeps_its_own_memory() -> None:
    asked = []
    badge = StopsBadge(lambda live, _store, _now: asked.append(live) or 3)  # type: ignore[func-returns-value]
    live = object()
    ask = badge.beside(live)  # type: ignore[arg-type]
    assert ask is not None
    past = replace(example.rare_day(), waiting=None)
    assert [ask(None, 0, value) for value in ("report", past, example.quiet())] == [3, 3, None]
    assert asked[0] is live
    assert asked[1] is not live
    assert StopsBadge(None).beside(live) is None  # type: ignore[arg-type]

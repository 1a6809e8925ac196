"""What the window must not do: paint what did not change, keep what was closed, read what nobody asked for."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from desktop.views.widgets.tile import Tile
from desktop.views.window import SCREENS, Window
from tests.views import example
from tests.views.test_screens import show

ROOT = Path(__file__).resolve().parents[2]


class Painted(QObject):
    """The tiles that were painted."""

    def __init__(self) -> None:
        super().__init__()
        self.tiles: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and isinstance(watched, Tile):
            self.tiles.append(watched.objectName())
        return False


def test_only_the_tile_that_changed_is_painted(window: Window, qapp: QApplication) -> None:
    show(window, "overview")
    qapp.processEvents()
    one_more = replace(example.MACHINES[1], good=513)
    machines = (example.MACHINES[0], one_more, *example.MACHINES[2:])
    seen = Painted()
    qapp.installEventFilter(seen)
    window.show_answer(replace(example.LINE, now_ms=example.NOW + 250))
    qapp.processEvents()
    assert seen.tiles == [], "nothing that is shown changed"
    window.show_answer(replace(example.LINE, machines=machines, now_ms=example.NOW + 500))
    qapp.processEvents()
    qapp.removeEventFilter(seen)
    assert seen.tiles == ["tile-2"]


def test_opening_every_screen_again_and_again_leaves_no_widget(window: Window, qapp: QApplication) -> None:
    """Thirty times; a thousand times, and with its memory, in tests/bench/test_window.py."""
    counts = []
    for turn in range(30):
        for entry in SCREENS:
            show(window, entry.key)
        if turn in (1, 29):
            qapp.processEvents()
            qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            counts.append(len(qapp.allWidgets()))
    assert counts[0] == counts[1]


def test_the_first_picture_reads_only_what_it_shows() -> None:
    """Neither charts nor drivers nor the painter of the report: each costs as much as the whole Overview."""
    code = "import sys, desktop.command_line, desktop.views.application; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    read = set(said.stdout.split())
    assert "desktop.views.overview" in read
    late = ("numpy", "pyqtgraph", "opcua", "xlsxwriter", "sqlite_utils", "drivers", "desktop.demo", "desktop.reports")
    assert [name for name in late if name in read] == []
    assert [
        name for name in ("report", "losses", "machine", "settings", "welcome") if f"desktop.views.{name}" in read
    ] == []

"""What the window must not do: paint what did not change, keep what was closed, read what nobody asked for."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from desktop.views.screens import SCREENS
from desktop.views.widgets.tile import Tile
from desktop.views.window import Window
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
    """Thirty times; the long tests do it a thousand times and look at the memory as well."""
    counts = []
    for turn in range(30):
        for entry in SCREENS:
            show(window, entry.key)
        if turn in (1, 29):
            qapp.processEvents()
            qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            counts.append(len(qapp.allWidgets()))
    assert counts[0] == counts[1]


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_thousand_openings_of_each_screen(window: Window, qapp: QApplication) -> None:
    """Neither a widget nor memory more: what is left of each opening would be seen after a week. Takes 15 minutes."""
    found = []
    for turn in range(1000):
        for entry in SCREENS:
            show(window, entry.key)
            qapp.processEvents()
        if turn in (99, 999):
            qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            gc.collect()
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            found.append((len(qapp.allWidgets()), pages * os.sysconf("SC_PAGE_SIZE") / 1e6))
    (widgets, before_mb), (later, after_mb) = found
    print(f"\n1,000 openings of each screen: {later - widgets} widgets more, {after_mb - before_mb:.1f} MB more")
    assert later == widgets
    assert after_mb - before_mb <= 5


def test_the_first_picture_reads_only_what_it_shows() -> None:
    """Neither charts nor drivers nor the painter of the report: each costs as much as the whole Overview."""
    code = "import sys, desktop.command_line, desktop.views.application; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    read = set(said.stdout.split())
    assert "desktop.views.overview" in read
    late = (
        "desktop.views.widgets.evidence",
        "numpy",
        "pyqtgraph",
        "opcua",
        "xlsxwriter",
        "sqlite_utils",
        "drivers",
        "desktop.demo",
        "desktop.reports",
        "desktop.views.paperwork",
        "desktop.views.awake",
        "desktop.views.login",
        "desktop.domain.people",
        "argon2",
        "subprocess",
    )
    assert [name for name in late if name in read] == []
    assert [
        name for name in ("report", "losses", "machine", "settings", "welcome") if f"desktop.views.{name}" in read
    ] == []


def test_the_first_picture_leaves_alone_what_pyside6_would_read_for_it() -> None:
    """PySide6 searches the source of every module that it sees imported, and makes the class of every kind of widget
    where Qt hands out one that it made itself: together a sixth of the start."""
    code = (
        "import linecache; from desktop.views import application; app = application.set_up('en')\n"
        "from desktop.views.overview import Overview; from PySide6 import QtWidgets\n"
        "page = Overview(); page.show(); app.processEvents()\n"
        "print('QWidget' in vars(QtWidgets), 'QWizard' in vars(QtWidgets), 'desktop/domain' in str([*linecache.cache]))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert said.stdout.split() == ["True", "False", "False"]

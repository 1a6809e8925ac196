"""What the window costs, as ratios within one run wherever a time is meant."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QBrush, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from desktop import control, demo, simulation
from desktop.domain.figures.line import LineNow
from desktop.store import database
from desktop.store.journal import Batch, Journal
from desktop.store.locks import COLLECTOR_LOCK, ProcessLock
from desktop.store.records import Beat
from desktop.views import application, overview
from desktop.views.overview import Overview
from tests.views import example

pytestmark = pytest.mark.bench

MACHINES = 12
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def app() -> QApplication:
    return application.set_up("ko")


# -- a refresh of the Overview --


def line_at(second: int) -> LineNow:
    """The example line with twelve machines, each of which made one more piece every second."""
    machines = tuple(
        replace(example.MACHINES[place % 8], id=place + 1, code=f"M-{place:02}", good=480 + place + second)
        for place in range(MACHINES)
    )
    return replace(example.LINE, machines=machines, now_ms=example.NOW + second * 1000, good=488 + second)


class Stroke(Struct, frozen=True):
    """One call of a painter that drew an arc, a rectangle or a text, with pen, brush and font made ready."""

    draw: Callable[..., Any]
    arguments: tuple[Any, ...]
    pen: QPen
    brush: QBrush
    font: QFont


DRAWN = ("drawArc", "drawRect", "drawRoundedRect", "fillRect", "drawText")


@contextmanager
def recorded() -> Iterator[list[Stroke]]:
    """Every arc, rectangle and text that is drawn inside the block."""
    found: list[Stroke] = []

    def drawn_by(draw: Callable[..., Any]) -> Callable[..., Any]:
        def drawn(painter: QPainter, *arguments: Any) -> Any:
            found.append(Stroke(draw, arguments, QPen(painter.pen()), QBrush(painter.brush()), QFont(painter.font())))
            return draw(painter, *arguments)

        return drawn

    with pytest.MonkeyPatch.context() as patch:
        for name in DRAWN:
            patch.setattr(QPainter, name, drawn_by(getattr(QPainter, name)))
        yield found


class Bare(QWidget):
    """A widget that draws given strokes and nothing else."""

    def __init__(self, strokes: list[Stroke], parent: QWidget) -> None:
        super().__init__(parent)
        self._strokes = strokes

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        for stroke in self._strokes:
            painter.setPen(stroke.pen)
            painter.setBrush(stroke.brush)
            if stroke.draw is DRAW_TEXT:
                painter.setFont(stroke.font)
            stroke.draw(painter, *stroke.arguments)
        painter.end()


DRAW_TEXT = QPainter.drawText


class Painted(QObject):
    """Which widgets were painted, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.widgets: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and isinstance(watched, QWidget):
            self.widgets.append(watched)
        return False


def painted_by(app: QApplication, act: Callable[[], object]) -> list[QWidget]:
    """The widgets that are painted because of something."""
    app.processEvents()
    filter_ = Painted()
    app.installEventFilter(filter_)
    act()
    app.processEvents()
    app.removeEventFilter(filter_)
    return filter_.widgets


def least_ms(turns: int, *works: Callable[[int], object]) -> list[float]:
    """The least CPU milliseconds that each of several works takes, one after the other in every turn."""
    found: list[list[float]] = [[] for _ in works]
    for turn in range(turns):
        for work, times in zip(works, found, strict=True):
            began = time.process_time()
            work(turn)
            times.append(time.process_time() - began)
    return [min(times) * 1000 for times in found]


@pytest.fixture
def shown(app: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Overview]:
    """An Overview of twelve machines on a large screen; figures may change at every refresh."""
    monkeypatch.setattr(overview, "KPI_S", 0)
    page = Overview()
    page.resize(1840, 1000)
    page.present(line_at(0), None)
    page.show()
    app.processEvents()
    yield page
    page.close()
    page.deleteLater()


def test_a_refresh_of_the_overview_against_bare_painting(app: QApplication, shown: Overview) -> None:
    """At most 2 times a bare loop that paints the same arcs, rectangles and texts into widgets of the same size."""
    bare = QWidget()
    bare.resize(shown.page.size())
    bare.show()
    changing: list[Bare] = []
    drawn = 0
    for widget in painted_by(app, lambda: shown.present(line_at(1), None)):
        if widget is shown.page:
            continue  # the ground below the others; so has the bare one
        with recorded() as strokes:
            widget.repaint()
        again = Bare(strokes, bare)
        again.setGeometry(widget.geometry())
        again.show()
        changing.append(again)
        drawn += len(strokes)
    app.processEvents()
    lines = [line_at(second) for second in range(100)]

    def refresh(turn: int) -> None:
        shown.present(lines[turn % len(lines)], None)
        app.processEvents()

    def paint(_turn: int) -> None:
        for widget in changing:
            widget.update()
        app.processEvents()

    whole_ms, bare_ms = least_ms(300, refresh, paint)
    bare.close()
    print(
        f"\nOverview refresh: {whole_ms / bare_ms:.2f} of painting its {drawn} arcs, rectangles and texts bare (<= 2)"
    )
    # 2 is what is wanted; the rest is for computers on which more than this runs.
    assert whole_ms <= 2.2 * bare_ms


# -- from the start to the first gauge --

#: a bare window with one gauge; both tell the moment at which it is painted, and end
BARE_WINDOW = """
import os, time
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

class Gauge(QWidget):
    def paintEvent(self, event):
        painter, circle = QPainter(self), QRectF(40, 40, 120, 120)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, span in (("#DCE2E8", -240), ("#2C4C70", -180)):
            painter.setPen(QPen(QColor(colour), 14))
            painter.drawArc(circle, 210 * 16, span * 16)
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, "75.7")
        painter.end()
        print(time.monotonic(), time.process_time(), flush=True)
        os._exit(0)

application = QApplication([])
window = QMainWindow()
window.setCentralWidget(Gauge())
window.resize(1600, 900)
window.show()
application.exec()
"""
OUR_WINDOW = """
import os, sys, time
import main
from desktop.views.widgets import tile

draw = tile.Tile.draw

def drawn(self, painter, rect, tokens):
    draw(self, painter, rect, tokens)
    if self.shown is not None and self.shown.oee is not None:
        print(time.monotonic(), time.process_time(), flush=True)
        os._exit(0)

tile.Tile.draw = drawn
main.main(["--data-dir", sys.argv[1]])
"""
#: the same command from the system's Python through the set-up check, and at once inside `.venv`
DOORS = (
    [str(getattr(sys, "_base_executable", sys.executable)), "main.py", "--version"],
    [sys.executable, "-c", "import main; main.main(['--version'])"],
)


def test_start_to_the_first_gauge_against_a_bare_window(tmp_path: Path) -> None:
    """Fresh processes in turn, the best of each: at most 2 times the CPU time of a bare painted window.

    The compiled files are there, as after a first start. Printed besides: what `main.py` adds before, which looks
    whether all is set up and goes on in `.venv`.
    """
    folder = tmp_path / "line"
    simulation.simulate(folder, days=0.27, seed=1, say=lambda _words: None)
    store = database.open_writer(folder)
    journal = Journal(store)
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path / "compiled"), "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    walls: list[list[float]] = [[], []]
    cpus: list[list[float]] = [[], []]
    doors: list[list[float]] = [[], []]
    for turn in range(13):
        for times, words in zip(doors, DOORS, strict=True):
            began = time.monotonic()
            subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, check=True, timeout=60)
            times.append(time.monotonic() - began)
        for place, code in enumerate((BARE_WINDOW, OUR_WINDOW)):
            now_ms = store.clock.now_ms()
            journal.commit(Batch(), Beat(1, "", 0, store.clock.real_ms(), now_ms, "", 0, 0))  # somebody collects
            began = time.monotonic()
            words = [sys.executable, "-c", code, str(folder)]
            said = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, check=True, timeout=60)
            at, cpu_s = map(float, said.stdout.split())
            if turn:  # the first one compiles
                walls[place].append(at - began)
                cpus[place].append(cpu_s)
    store.close()
    (bare_s, ours_s), (bare_cpu_s, ours_cpu_s) = map(min, walls), map(min, cpus)
    print(
        f"\nstart to the first gauge: {ours_s / bare_s:.2f} of a bare window ({ours_s:.2f} s against {bare_s:.2f} s),"
        f" {ours_cpu_s / bare_cpu_s:.2f} of its CPU time (wanted: 2);"
        f" main.py before it: {min(doors[0]) - min(doors[1]):.2f} s"
    )
    # 2 is what is wanted; the rest is for computers on which more than this runs.
    assert ours_cpu_s <= 2.2 * bare_cpu_s


# -- beside a running line --


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has taken so far."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> float:
    """Memory that a process holds."""
    kib = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert kib is not None
    return int(kib[1]) / 1024


@contextmanager
def window_on(folder: Path, **left: str) -> Iterator[int]:
    """A window of its own process on a data folder, as it was left; its process id."""
    settings = application.settings_file(folder)
    for key, value in left.items():
        settings.setValue(key, value)
    settings.sync()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    process = subprocess.Popen(control.command(folder, "window"), env=environment)
    try:
        yield process.pid
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_window_beside_a_running_line(tmp_path: Path) -> None:
    """The demo line at its own speed: at most 3 % of a core; 120 MB on the Overview, 165 MB with charts open."""
    with demo.DemoPlant(tmp_path / "line", demo.DemoOptions(headless=True, speed=1.0), lambda _words: None) as plant:
        plant.begin()
        collector = ProcessLock(plant.folder / COLLECTOR_LOCK).holder()
        assert collector is not None
        found = {}
        for screen, left in (("overview", {}), ("machine", {"screen": "machine", "machine": "2"})):
            with window_on(plant.folder, **left) as pid:
                time.sleep(10)  # what the start costs is measured elsewhere
                began, before, collected = time.monotonic(), cpu_s(pid), cpu_s(collector)
                time.sleep(30)
                passed_s = time.monotonic() - began
                share, collecting = (cpu_s(pid) - before) / passed_s, (cpu_s(collector) - collected) / passed_s
                found[screen] = (share, rss_mb(pid))
                print(
                    f"\n{screen}: {share:.1%} of a core, {rss_mb(pid):.0f} MB;"
                    f" the collector {collecting:.1%}, {rss_mb(collector):.0f} MB"
                )
    assert found["overview"][0] <= 0.03
    assert found["overview"][1] <= 120
    assert found["machine"][1] <= 165

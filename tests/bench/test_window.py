"""What the window costs, as ratios within one run wherever a time is meant."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QBrush, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from desktop.domain.figures import LineNow
from desktop.views import application, overview
from desktop.views.overview import Overview
from tests.views import example

pytestmark = pytest.mark.bench

MACHINES = 12


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


@dataclass(frozen=True, slots=True)
class Stroke:
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
    assert whole_ms <= 2 * bare_ms

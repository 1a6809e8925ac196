"""A control chart: the points with their limits above, their spreads below, a baseline beside what came after it.

A press chooses a point, as the arrow keys do; what a rule found is a filled diamond beyond a limit, else a hollow ring.
A diamond without colour lies beyond a limit and is no signal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPolygonF
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.chart import draw_diamond
from desktop.views.widgets.list_card import fitting
from desktop.views.widgets.painted import Painted, card, focus_ring, tell

HEAD_PX = 76
_LEFT_PX, _RIGHT_PX, _NAME_PX, _AXIS_PX = 84, 96, 28, 28
_DOT = 4.0
_NEAR_PX = 24
_DASHES_PX = 48
_Edges = tuple[float, float]  # where the upper and the lower limit are drawn
_TICK_PX, _MOST_TICKS = 32, 5  # between figures of an axis at least, and how many they are at most


class PointFace(Struct, frozen=True):
    """One point: mean, spread (None: none), limits of both, and a sign of each: "" plain, "run", "beyond" a limit, or
    "past" one without being a signal. `begins`: no line leads to it."""

    number: int
    value: float
    spread: float | None
    low: float
    high: float
    spread_high: float
    when: str
    begins: bool
    fresh: bool
    sign: str = ""
    spread_sign: str = ""


class CrossFace(Struct, frozen=True):
    """A value that was left out: it lies behind so many points."""

    number: int
    value: float
    behind: int


class SpcFace(Struct, frozen=True):
    """Head, parts and points of a chart. `lines` and `spread_lines`: name and words of upper limit, centre and lower
    limit. `baseline` stands over the points by which the limits were frozen."""

    title: str
    note: str
    parts: tuple[str, str]
    points: tuple[PointFace, ...]
    centre: float | None
    spread_centre: float | None
    digits: int
    lines: tuple[tuple[str, str], ...]
    spread_lines: tuple[tuple[str, str], ...]
    baseline: str
    chosen: int | None
    empty: str
    crosses: tuple[CrossFace, ...] = ()


class SpcChart(Painted):
    """`picked` carries the place of the point that was pressed, None for beside any; `crossed` the id of a value that
    was left out."""

    picked = Signal(object)
    crossed = Signal(object)  # ids are larger than 32 bits

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("spc-chart", parent)
        self.head_right = 0  # so much of the head is taken by buttons
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        tell(self, _("Control chart"), _("Being read"))

    def show_chart(self, shown: SpcFace) -> None:
        """Show a chart."""
        if self.set_face(shown):
            told = [f"{line} {words}" for line, words in shown.lines]
            marked = sum(bool(point.sign or point.spread_sign) for point in shown.points)
            last = f"{shown.points[-1].value:.{shown.digits}f}" if shown.points else shown.empty
            tell(self, shown.title, ", ".join((shown.note, *told, _("{count} marked").format(count=marked), last)))

    # -- places --

    def _plots(self) -> tuple[QRectF, QRectF]:
        """The upper and the lower plot."""
        left, right = self._margins()
        room = QRectF(left, HEAD_PX, self.width() - left - right, self.height() - HEAD_PX - 12)
        high = room.height() - 2 * _NAME_PX - _AXIS_PX
        upper = QRectF(room.left(), room.top() + _NAME_PX, room.width(), high * 0.6)
        lower = QRectF(room.left(), upper.bottom() + _AXIS_PX + _NAME_PX, room.width(), high * 0.4 - 4)
        return upper, lower

    def _margins(self) -> tuple[float, float]:
        """What figures of the axes take at the left, and those of the limits at the right."""
        shown = self._face
        if not isinstance(shown, SpcFace) or not shown.points:
            return _LEFT_PX, _RIGHT_PX
        figures = [axis_words(edge, shown.digits) for edge in _edges(shown)]
        words = [words for _name, words in (*shown.lines, *shown.spread_lines)]
        return max(_LEFT_PX, _widest(figures) + 20), max(_RIGHT_PX, _widest(words) + 16)

    def x_of(self, place: int) -> float:
        """Where a point stands."""
        shown = self._face
        upper, _lower = self._plots()
        count = len(shown.points) if isinstance(shown, SpcFace) else 1
        return upper.left() + 12 + (upper.width() - 24) * (place / max(count - 1, 1) if count > 1 else 0.5)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The nearest point is chosen."""
        shown = self._face
        if not isinstance(shown, SpcFace) or event.position().y() < HEAD_PX:
            return
        at = event.position()
        for cross in shown.crosses:
            place = self._cross_at(shown, cross)
            if abs(place.x() - at.x()) <= _NEAR_PX / 2 and abs(place.y() - at.y()) <= _NEAR_PX / 2:
                self.crossed.emit(cross.number)
                return
        away = [(abs(self.x_of(n) - event.position().x()), n) for n in range(len(shown.points))]
        near = min(away, default=(1e9, 0))
        self.picked.emit(near[1] if near[0] <= _NEAR_PX else None)

    def _cross_at(self, shown: SpcFace, cross: CrossFace) -> QPointF:
        """Where a value that was left out stands: between the points around it, and within the plot."""
        upper, _lower = self._plots()
        low, high = _edges(shown)
        count = len(shown.points)
        before, behind = self.x_of(max(cross.behind - 1, 0)), self.x_of(min(cross.behind, count - 1))
        value = min(max(cross.value, low), high)
        return QPointF((before + behind) / 2, upper.bottom() - (value - low) / (high - low) * upper.height())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The press was taken, and so is its end."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys go from point to point."""
        shown = self._face
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if isinstance(shown, SpcFace) and shown.points and event.key() in steps:
            last = len(shown.points) - 1
            place = last if shown.chosen is None else shown.chosen + steps[Qt.Key(event.key())]
            self.picked.emit(min(max(place, 0), last))
        else:
            super().keyPressEvent(event)

    # -- the picture --

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Head and both plots, or why there are none."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, SpcFace):
            return
        room = QRectF(20, 10, rect.width() - 40 - self.head_right, 34)
        paint.text(painter, room, shown.title, 23, tokens.ink, bold=True, least_px=16)
        note = QRectF(20, 42, room.width(), 24)
        paint.text(painter, note, fitting(shown.note, note.width()), 14, tokens.ink2)
        if not shown.points:
            place = QRectF(40, rect.center().y() - 30, rect.width() - 80, 80)
            paint.paragraph(painter, place, shown.empty, 17, tokens.ink2)
            return
        upper, lower = self._plots()
        self._draw_plot(painter, upper, shown, tokens, _edges(shown), spreads=False)
        for cross in shown.crosses:
            at = self._cross_at(shown, cross)
            for way in (-1, 1):
                paint.line(painter, at.x() - 6, at.y() - 6 * way, at.x() + 6, at.y() + 6 * way, tokens.ink2, 2)
        spreads = [p.spread for p in shown.points if p.spread is not None]
        top = max([*spreads, *(p.spread_high for p in shown.points)], default=1.0)
        self._draw_plot(painter, lower, shown, tokens, (0.0, top * 1.12 or 1.0), spreads=True)
        self._draw_times(painter, upper, shown, tokens)
        if self.hasFocus():
            focus_ring(painter, rect, tokens)

    def _draw_plot(
        self,
        painter: QPainter,
        area: QRectF,
        shown: SpcFace,
        tokens: Tokens,
        edges: tuple[float, float],
        *,
        spreads: bool,
    ) -> None:
        low, high = edges

        def y_of(value: float) -> float:
            return area.bottom() - (value - low) / (high - low) * area.height()

        name = QRectF(20, area.top() - _NAME_PX, area.left() + 104, _NAME_PX - 4)
        paint.text(painter, name, shown.parts[spreads], 15, tokens.ink, bold=True, least_px=14)
        self._draw_limits(painter, area, shown, tokens, y_of, spreads)
        self._draw_scale(painter, area, (low, high), shown.digits, tokens)
        if not spreads:
            self._draw_baseline(painter, area, shown, tokens)
        line: list[QPointF] = []
        for place, point in enumerate(shown.points):
            value = point.spread if spreads else point.value
            if point.begins or value is None:
                self._join(painter, line, tokens)
                line = []
            if value is not None:
                line.append(QPointF(self.x_of(place), y_of(value)))
        self._join(painter, line, tokens)
        for place, point in enumerate(shown.points):
            value = point.spread if spreads else point.value
            if value is not None:
                at = QPointF(self.x_of(place), y_of(value))
                sign = point.spread_sign if spreads else point.sign
                self._draw_point(painter, at, point.fresh, sign, place == shown.chosen, tokens)

    def _draw_limits(
        self,
        painter: QPainter,
        area: QRectF,
        shown: SpcFace,
        tokens: Tokens,
        y_of: Callable[[float], float],
        spreads: bool,
    ) -> None:
        centre = shown.spread_centre if spreads else shown.centre
        if centre is None:
            return
        tops = [y_of(p.spread_high if spreads else p.high) for p in shown.points]
        lows = [y_of(0.0 if spreads else p.low) for p in shown.points]
        runs = self._runs(area, [*zip(tops, lows, strict=True)])
        for left, right, (top, low) in runs:
            paint.box(painter, QRectF(left, top, right - left, low - top), tokens.panel2)
        for edge in (0, 1) if not spreads else (0,):
            self._draw_steps(painter, [(left, right, edges[edge]) for left, right, edges in runs], tokens)
        y = y_of(centre)
        paint.line(painter, area.left(), y, area.right(), y, tokens.line_strong, 1)
        places = (tops[-1], y, lows[-1])
        lines = shown.spread_lines if spreads else shown.lines
        free = -1e9
        for (title, words), place in zip(lines, places, strict=False):
            if not title:
                continue
            top = max(place - 20, free)
            box = QRectF(area.right() + 8, top, self.width() - area.right() - 12, 18)
            paint.text(painter, box, title, 14, tokens.ink, bold=True)
            paint.text(painter, box.translated(0, 18), words, 14, tokens.ink2, least_px=14)
            free = top + 38

    def _runs(self, area: QRectF, limits: list[_Edges]) -> list[tuple[float, float, _Edges]]:
        """From where to where each pair of limits reaches: another one for a subgroup of another size."""
        found: list[tuple[float, float, _Edges]] = []
        left = area.left()
        for place, edges in enumerate(limits):
            following = limits[place + 1] if place + 1 < len(limits) else None
            if following == edges:
                continue
            right = area.right() if following is None else (self.x_of(place) + self.x_of(place + 1)) / 2
            found.append((left, right, edges))
            left = right
        return found

    @staticmethod
    def _draw_steps(painter: QPainter, runs: list[tuple[float, float, float]], tokens: Tokens) -> None:
        """A limit, with a step where it is another one; what is too short for dashes is drawn through."""
        for place, (left, right, y) in enumerate(runs):
            paint.line(painter, left, y, right, y, tokens.ink2, 2, 8 if right - left > _DASHES_PX else 0)
            if place and runs[place - 1][2] != y:
                paint.line(painter, left, runs[place - 1][2], left, y, tokens.ink2, 2)

    @staticmethod
    def _draw_scale(painter: QPainter, area: QRectF, edges: tuple[float, float], digits: int, tokens: Tokens) -> None:
        low, high = edges
        ticks, places = axis_ticks(low, high, min(int(area.height() / _TICK_PX), _MOST_TICKS), digits)
        for value in ticks:
            y = area.bottom() - (value - low) / (high - low) * area.height()
            if y < area.top() + 6 or (low and y > area.bottom() - 8):
                continue  # what stands above and below has its room; nought stands on the line itself
            box = QRectF(4, y - 10, area.left() - 14, 20)
            paint.text(painter, box, axis_words(value, places), 14, tokens.ink2, align=paint.RIGHT)
        paint.line(painter, area.left(), area.bottom(), area.right(), area.bottom(), tokens.line)

    def _draw_baseline(self, painter: QPainter, area: QRectF, shown: SpcFace, tokens: Tokens) -> None:
        """Where the limits were frozen."""
        first = next((n for n, point in enumerate(shown.points) if point.fresh), None)
        if not shown.baseline:
            return
        if first:
            x = (self.x_of(first - 1) + self.x_of(first)) / 2
            paint.line(painter, x, area.top(), x, area.bottom(), tokens.line_strong, 2)
            wide = x - area.left() - 140
            if paint.width(shown.baseline, 14) <= wide:
                box = QRectF(area.left() + 130, area.top() - _NAME_PX + 2, wide + 10, 20)
                paint.text(painter, box, shown.baseline, 14, tokens.ink2, align=paint.RIGHT)
                return
        box = QRectF(area.left() + 130, area.top() - _NAME_PX + 2, area.width() - 130, 20)
        paint.text(painter, box, shown.baseline, 14, tokens.ink2, align=paint.RIGHT, least_px=14)

    @staticmethod
    def _join(painter: QPainter, line: list[QPointF], tokens: Tokens) -> None:
        if len(line) > 1:
            painter.setPen(paint.outline(tokens.run, 1))
            painter.drawPolyline(QPolygonF(line))

    @staticmethod
    def _draw_point(painter: QPainter, at: QPointF, fresh: bool, sign: str, chosen: bool, tokens: Tokens) -> None:
        if chosen:
            box = QRectF(at.x() - 13, at.y() - 13, 26, 26)
            paint.box(painter, box, tokens.accent_soft, tokens.accent, radius=6, pen=3)
        if sign in ("beyond", "past"):
            ink = tokens.ng if sign == "beyond" else tokens.ink2
            draw_diamond(painter, QRectF(at.x() - 9, at.y() - 9, 18, 18), ink)
        elif sign:
            box = QRectF(at.x() - 6.5, at.y() - 6.5, 13, 13)
            paint.box(painter, box, tokens.panel, tokens.ng, radius=6.5, pen=3)
        else:
            ink = tokens.value if fresh else tokens.run
            box = QRectF(at.x() - _DOT, at.y() - _DOT, 2 * _DOT, 2 * _DOT)
            paint.box(painter, box, ink, radius=_DOT)

    def _draw_times(self, painter: QPainter, area: QRectF, shown: SpcFace, tokens: Tokens) -> None:
        """When some of the points were measured, as many as have room."""
        free = area.left() - 40
        edge = self.width() - 8
        for place, point in enumerate(shown.points):
            wide = paint.width(point.when, 14) + 2
            left = min(self.x_of(place) - wide / 2, edge - wide)
            if left < free or self.x_of(place) - wide / 2 > area.right():
                continue
            paint.text(painter, QRectF(left, area.bottom() + 4, wide, 20), point.when, 14, tokens.ink2)
            free = left + wide + 48


def _edges(shown: SpcFace) -> tuple[float, float]:
    """The lowest and the highest value of the upper plot."""
    values = [point.value for point in shown.points]
    values += [edge for point in shown.points for edge in (point.low, point.high)] if shown.centre is not None else []
    low, high = min(values), max(values)
    margin = (high - low) * 0.12 or abs(high) * 0.01 or 1.0
    return low - margin, high + margin


def axis_ticks(low: float, high: float, most: int, digits: int) -> tuple[list[float], int]:
    """Round figures from `low` to `high`, at most `most` (two at least) in steps of 1, 2 or 5, and the decimals to
    write them with: `digits`, those of the values, and more only where these have no two figures there."""
    power = math.floor(math.log10((high - low) / max(most, 2)))
    steps = [(e, lead) for e in range(power, power + 3) for lead in (1, 2, 5)]
    if -digits > power and len(_multiples(low, high, 10.0**-digits)) > 1:
        steps = [each for each in steps if each[0] >= -digits] or [(-digits, 1)]
    for exponent, lead in steps:
        found = _multiples(low, high, lead * 10.0**exponent)
        if len(found) <= max(most, 2):
            break
    places = max(digits, -exponent)
    return [round(n * lead * 10.0**exponent, max(places, 0)) for n in found], places


def _multiples(low: float, high: float, step: float) -> range:
    """Which multiples of a step lie between two values."""
    return range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)


def axis_words(value: float, digits: int) -> str:
    """A figure of an axis."""
    return f"{value:.{max(digits, 0)}f}".replace("-", "−")


def _widest(words: Iterable[str]) -> float:
    return max((paint.width(each, 14) for each in words), default=0.0)

"""Live curves. pyqtgraph is imported behind the first picture that holds one, never at the start of the window.

Plots are made once and then only given new data. Width 1 with antialiasing is cheap, a wider antialiased
curve costs many times as much. A hole in the data is a hatched gap, and nothing is joined over a time in
which nothing was measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QBrush, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.figures.machine import MachineDay, SignalNow, Trend
from desktop.domain.intervals import STOPPED, Category
from desktop.domain.spans import Span
from desktop.text import _
from desktop.tokens import Look, Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Painted, card, tell
from desktop.wording.devices import bad_value_words
from desktop.wording.moments import clock, clock_seconds
from desktop.wording.numbers import UNKNOWN, seconds_figure, value_figure

if TYPE_CHECKING:
    from pyqtgraph import PlotWidget

HEAD_PX = 46
_TICKS_S = (10, 15, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 14_400)
_MARK_PX = 10
_SLOW = 1.2  # so many usual (or ideal) cycles are a slow one
_LONG = 5  # a distance to the next value of so many usual ones is a time in which nothing was measured


class ChartFace(Struct, frozen=True):
    """Head of a chart."""

    title: str
    note: str
    figure: str
    beyond: bool  # the last value lies outside its limits
    empty: str


class ChartData(Struct, frozen=True):
    """What is plotted. A value None is a hole up to the next value. `limits` are dashed, `standard` is a solid line."""

    window: Span
    points: tuple[tuple[int, float | None], ...]
    limits: tuple[tuple[float, str, bool], ...]  # value, words, whether the words stand under the line
    standard: float | None
    dots: bool
    slow: float | None = None  # from here on a dot stands apart: a slow cycle
    silent: tuple[Span, ...] = ()  # times of which nothing is known, besides the holes
    stood: tuple[tuple[Span, Look], ...] = ()  # standstills: SHORT_STOP, STOP (nobody said why) or WAIT for the rest


def trend_chart(trend: Trend, stale: bool) -> tuple[ChartFace, ChartData]:
    """The chart of a measured signal."""
    signal = trend.signal
    value = None if stale or signal.quality == 2 else signal.value
    beyond = value is not None and (
        (signal.limit_high is not None and value > signal.limit_high)
        or (signal.limit_low is not None and value < signal.limit_low)
    )
    words = bad_value_words(signal.text) if signal.quality == 2 and signal.text else signal.text
    shown = value_figure(value, words if not stale else None, signal.unit)
    face = ChartFace(signal.name, "", shown, beyond, _("Values appear here as soon as the device sends one."))
    return face, ChartData(trend.window, trend.points, _limits(signal), None, False)


def _limits(signal: SignalNow) -> tuple[tuple[float, str, bool], ...]:
    return tuple(
        (limit, _("limit {value}").format(value=value_figure(limit, None, signal.unit)), under)
        for limit, under in ((signal.limit_low, True), (signal.limit_high, False))
        if limit is not None
    )


def cycle_chart(day: MachineDay) -> tuple[ChartFace, ChartData]:
    """The chart of cycle times in a machine's charted window, in seconds: slow cycles apart, short stops and
    standstills behind them, what lies far off as a triangle at the edge."""
    window = day.charted or day.window
    shown = tuple((at_ms, seconds) for at_ms, seconds in day.cycles if window.holds(at_ms))
    ideal = None if day.ideal_cycle_ms is None else day.ideal_cycle_ms / 1000
    usual = median(seconds for _at, seconds in shown) if shown else None
    slow = None if ideal is None and usual is None else _SLOW * max(ideal or 0.0, usual or 0.0)
    notes = [] if usual is None else [_("median {seconds} s").format(seconds=value_figure(round(usual, 1)))]
    if ideal is not None:
        notes.append(_("ideal {seconds} s (solid line)").format(seconds=value_figure(ideal)))
    if slow is not None and any(seconds >= slow for _at, seconds in shown):
        notes.append(_("▲ slow cycle"))
    if any(i.category is Category.SHORT_STOP and i.span.cut(window) for i in day.intervals):
        notes.append(_("grey: short stop"))
    last = seconds_figure(shown[-1][1]) if shown else UNKNOWN
    face = ChartFace(_("Cycle time"), " · ".join(notes), last, False, _("Cycle times appear here after two pieces."))
    cut = [(part, i) for i in day.intervals if (part := i.span.cut(window))]
    silent = tuple(part for part, i in cut if i.category is Category.NO_DATA)
    stood = [(part, Look.STOP if i.unlabelled else Look.WAIT) for part, i in cut if i.category in STOPPED]
    stood += [(part, Look.SHORT_STOP) for part, i in cut if i.category is Category.SHORT_STOP]
    return face, ChartData(window, shown, (), ideal, True, slow, silent, tuple(stood))


class ChartCard(Painted):
    """A card with one plot in it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._plot: PlotWidget | None = None
        self._data: ChartData | None = None
        self._holes: list[list[Any]] = []
        self._stood: dict[Look, list[list[Any]]] = {Look.SHORT_STOP: [], Look.WAIT: [], Look.STOP: []}
        self._lines: list[Any] = []
        self._timezone = "UTC"

    def show_chart(self, face: ChartFace, data: ChartData, timezone: str) -> None:
        """Show a curve."""
        self._timezone = timezone
        if self.set_face(face):
            tell(self, face.title, f"{face.figure} {face.note}".strip())
        known = any(value is not None for _at, value in data.points)
        if not known or data == self._data:
            if self._plot is not None and not known:
                self._plot.hide()
            return
        before, self._data = self._data, data
        if self._plot is not None:
            self._fill(data)
        elif before is None:
            # To read pyqtgraph takes 0.3 s, once: the figures of the page are painted before it.
            QTimer.singleShot(0, self, self._follow)
            self.update()

    def _follow(self) -> None:
        """Make the plot of what is shown by now."""
        if self._plot is None and self._data is not None:
            self._make_plot()
            self._fill(self._data)
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The window has another size."""
        super().resizeEvent(event)
        if self._plot is not None:
            self._plot.setGeometry(8, HEAD_PX, self.width() - 16, self.height() - HEAD_PX - 8)
            if self._data is not None:
                self._fill(self._data)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and head; before the first value the sentence of what will appear."""
        card(painter, rect, tokens)
        face = self._face
        if not isinstance(face, ChartFace):
            return
        wide = paint.width(face.figure, 21, True) + 2
        right = QRectF(rect.right() - 18 - wide, rect.top() + 8, wide, 32)
        paint.text(
            painter, right, face.figure, 21, tokens.ng if face.beyond else tokens.ink, bold=True, align=paint.RIGHT
        )
        edge = right.left() - 10
        if face.beyond:
            words = _("beyond its limit")
            sign = QRectF(edge - paint.width(words, 15, True) - 2, rect.top() + 8, paint.width(words, 15, True) + 2, 32)
            if sign.left() - 24 > rect.left() + 140:
                paint.text(painter, sign, words, 15, tokens.ng, bold=True)
                draw_diamond(painter, QRectF(sign.left() - 22, sign.center().y() - 7, 14, 14), tokens.ng)
                edge = sign.left() - 30
        room = QRectF(rect.left() + 16, rect.top() + 8, edge - rect.left() - 16, 32)
        used = paint.text(painter, room, face.title, 18, tokens.ink, bold=True, least_px=14)
        notes = face.note.split(" · ")
        while notes and paint.width(" · ".join(notes), 15) > room.width() - used - 10:
            notes.pop()
        paint.text(painter, room.adjusted(used + 10, 1, 0, 1), " · ".join(notes), 15, tokens.ink2)
        if self._plot is None and self._data is not None:
            for n, share in enumerate((0.72, 0.6)):  # the curve follows
                bar = QRectF(rect.left() + 20, rect.top() + HEAD_PX + 12 + n * 40, (rect.width() - 40) * share, 20)
                paint.box(painter, bar, tokens.track)
        elif self._plot is None or self._plot.isHidden():
            place = rect.adjusted(20, HEAD_PX, -20, -20)
            lines = paint.broken(face.empty, 16, place.width())
            for n, words in enumerate(lines):
                row = QRectF(place.left(), place.center().y() + (n - len(lines) / 2) * 24, place.width(), 24)
                paint.text(painter, row, words, 16, tokens.ink2, align=paint.CENTER, least_px=14)

    # -- the plot --

    def _make_plot(self) -> None:
        """Import pyqtgraph and make the plot, once."""
        import pyqtgraph
        from pyqtgraph import AxisItem, PlotWidget

        tokens = theme.tokens()
        card = self

        class TimeAxis(AxisItem):  # type: ignore[misc]
            """Local time of day."""

            def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
                """Words of the ticks; values are minutes from the start of the window."""
                start = card._data.window.start_ms if card._data else 0
                return [clock(round(start + value * 60_000), card._timezone) for value in values]

        pyqtgraph.setConfigOptions(antialias=True)
        plot = PlotWidget(self, background=paint.color(tokens.panel), axisItems={"bottom": TimeAxis("bottom")})
        plot.setObjectName(f"{self.objectName()}-plot")
        plot.setFrameShape(PlotWidget.Shape.NoFrame)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        tell(plot, self.accessibleName(), _("curve"))
        plot.viewport().setObjectName(f"{plot.objectName()}-ground")
        plot.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        tell(plot.viewport(), self.accessibleName(), _("curve"))
        plot.setMouseEnabled(False, False)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        for name in ("left", "bottom"):
            axis = plot.getAxis(name)
            axis.setStyle(tickFont=paint.font(14), tickLength=0, tickTextOffset=6)
            axis.setTextPen(QPen(paint.color(tokens.ink2)))
            axis.setPen(QPen(paint.color(tokens.line_strong if name == "bottom" else tokens.panel)))
            axis.setTickPen(QPen(paint.color(tokens.track)))
            axis.setZValue(-200)  # its grid lies behind the curve and the words of the limits
        plot.getAxis("left").setWidth(52)
        plot.getAxis("bottom").setHeight(28)
        plot.showGrid(x=False, y=True, alpha=1.0)
        self._curve = plot.plot(
            pen=pyqtgraph.mkPen(paint.color(tokens.value), width=self.devicePixelRatioF()), connect="finite"
        )
        self._curve.setDownsampling(auto=True, method="peak")
        self._curve.setClipToView(True)
        self._marks = pyqtgraph.ScatterPlotItem(pen=None)
        plot.addItem(self._marks)
        plot.setGeometry(8, HEAD_PX, self.width() - 16, self.height() - HEAD_PX - 8)
        self._plot = plot

    def _fill(self, data: ChartData) -> None:
        plot = self._plot
        if plot is None:
            return
        low, high = _range(data, self.height() - HEAD_PX - 40)
        tokens = theme.tokens()
        start = data.window.start_ms
        xs = [(at_ms - start) / 60_000 for at_ms, _value in data.points]
        known = [(x, value) for x, (_at, value) in zip(xs, data.points, strict=True) if value is not None]
        if data.dots:
            slow = math.inf if data.slow is None else data.slow
            near = [(x, value) for x, value in known if low <= value <= high and value < slow]
            self._curve.setData(
                [x for x, _y in near], [y for _x, y in near], pen=None, symbol="o", symbolSize=4, symbolPen=None,
                symbolBrush=QBrush(paint.color(tokens.value)),
            )  # fmt: skip
            edge = (high - low) * 0.04
            far = [(x, high - edge, "t1") for x, value in known if value > high]
            far += [(x, low + edge, "t") for x, value in known if value < low]
            far += [(x, value, "d") for x, value in known if slow <= value <= high]
            self._show_marks(far, _MARK_PX, tokens.ink)
        else:
            joined, lone = curve_parts(data.points)
            self._curve.setData(
                [(at_ms - start) / 60_000 for at_ms, _value in joined],
                [math.nan if value is None else value for _at, value in joined],
            )
            self._show_marks([((at_ms - start) / 60_000, value, "o") for at_ms, value in lone], 4, tokens.value)
        self._show_holes(data, xs, tokens)
        self._show_lines(data, tokens)
        # The first and the last point are whole: a mark is half as wide on either side of its moment.
        aside = _MARK_PX * 0.7 / max(self.width() - 68, 60) if data.dots else 0
        plot.setXRange(0, max(data.window.length_ms / 60_000, 0.1), padding=aside)
        plot.setYRange(low, high, padding=0)
        self._set_ticks(data)
        if plot.isHidden():
            self.update()
        plot.show()

    def _show_marks(self, marks: Sequence[tuple[float, float, str]], size_px: int, ink: str) -> None:
        """Single points beside the curve: x, y and symbol."""
        self._marks.setData(
            [x for x, _y, _symbol in marks],
            [y for _x, y, _symbol in marks],
            symbol=[symbol for _x, _y, symbol in marks],
            size=size_px,
            brush=QBrush(paint.color(ink)),
        )

    def _set_ticks(self, data: ChartData) -> None:
        """Ticks on round moments of the plant's clock, about 130 px apart."""
        if self._plot is None:
            return
        length = data.window.length_ms
        wanted = max((self.width() - 90) / 130, 2)
        step = next((s for s in _TICKS_S if length / (s * 1000) <= wanted), 28_800) * 1000
        first = -(-data.window.start_ms // step) * step
        moments = range(first, data.window.end_ms + 1, step)
        told = clock_seconds if step < 60_000 else clock
        ticks = [((m - data.window.start_ms) / 60_000, told(m, self._timezone)) for m in moments]
        self._plot.getAxis("bottom").setTicks([ticks])

    def _show_holes(self, data: ChartData, xs: list[float], tokens: Tokens) -> None:
        spans: list[tuple[float, float]] = []
        begun: float | None = None
        for x, (_at, value) in zip(xs, data.points, strict=True):
            if value is None and begun is None:
                begun = x
            elif value is not None and begun is not None:
                spans.append((begun, x))
                begun = None
        if begun is not None:
            spans.append((begun, data.window.length_ms / 60_000))
        spans += [_minutes_in(span, data.window) for span in data.silent]
        hatched = (QBrush(paint.color(tokens.no_data)), QBrush(paint.color(tokens.hatch), Qt.BrushStyle.BDiagPattern))
        self._show_bands(self._holes, spans, hatched)
        fills = {Look.SHORT_STOP: tokens.track, Look.WAIT: tokens.wait, Look.STOP: tokens.stop_tint}
        for shown, made in self._stood.items():
            spans = [_minutes_in(span, data.window) for span, found in data.stood if found is shown]
            self._show_bands(made, spans, (QBrush(paint.color(fills[shown])),))

    def _show_bands(
        self, made: list[list[Any]], spans: Sequence[tuple[float, float]], brushes: Sequence[QBrush]
    ) -> None:
        """Times over the whole height, below the curve; each is filled with every brush."""
        import pyqtgraph

        while len(made) < len(spans):
            made.append([
                pyqtgraph.LinearRegionItem(movable=False, brush=brush, pen=QPen(Qt.PenStyle.NoPen)) for brush in brushes
            ])  # fmt: skip
            for region in made[-1]:
                region.setZValue(-10)
                if self._plot is not None:
                    self._plot.addItem(region)
        for index, regions in enumerate(made):
            for region in regions:
                region.setVisible(index < len(spans))
                if index < len(spans):
                    region.setRegion(spans[index])

    def _show_lines(self, data: ChartData, tokens: Tokens) -> None:
        import pyqtgraph

        wanted = [(value, words, True, under) for value, words, under in data.limits]
        if data.standard is not None:
            wanted.append((data.standard, "", False, False))
        while len(self._lines) < len(wanted):
            made = pyqtgraph.InfiniteLine(
                angle=0, movable=False, label="", labelOpts={"position": 0.99, "anchors": [(1, 1), (1, 1)]}
            )
            made.label.setFont(paint.font(14, True))
            if self._plot is not None:
                self._plot.addItem(made)
            self._lines.append(made)
        for made, (value, words, limit, under) in zip(self._lines, wanted, strict=False):
            style = Qt.PenStyle.DashLine if limit else Qt.PenStyle.SolidLine
            wide = 2 * self.devicePixelRatioF()  # pyqtgraph's pens count in pixels of the display
            made.setPen(pyqtgraph.mkPen(paint.color(tokens.ng if limit else tokens.ink), width=wide, style=style))
            made.setValue(value)
            made.label.setFormat(words)
            # A little away from the line, so that its plate hides the grid and not the line.
            made.label.anchors = [(1, -0.15) if under else (1, 1.15)] * 2
            made.label.setColor(paint.color(tokens.ng))
            made.label.fill = QBrush(paint.color(tokens.panel))
            made.label.setVisible(bool(words))
        for index, made in enumerate(self._lines):
            made.setVisible(index < len(wanted))


def _minutes_in(span: Span, window: Span) -> tuple[float, float]:
    """A span on the axis of a window: minutes from its start."""
    return (span.start_ms - window.start_ms) / 60_000, (span.end_ms - window.start_ms) / 60_000


def curve_parts(
    points: Sequence[tuple[int, float | None]],
) -> tuple[list[tuple[int, float | None]], list[tuple[int, float]]]:
    """The points with a None wherever the curve breaks, and those that no line reaches.

    It breaks at a hole and where the next value is much farther away than values usually are.
    """
    moments = [at_ms for at_ms, value in points if value is not None]
    usual_ms = median(b - a for a, b in pairwise(moments)) if len(moments) > 2 else 0
    joined: list[tuple[int, float | None]] = []
    for at_ms, value in points:
        if value is not None and joined and joined[-1][1] is not None and at_ms - joined[-1][0] > _LONG * usual_ms > 0:
            joined.append((joined[-1][0] + 1, None))
        joined.append((at_ms, value))
    values = [None, *(value for _at, value in joined), None]
    lone = [
        (at_ms, value)
        for n, (at_ms, value) in enumerate(joined, 1)
        if value is not None and values[n - 1] is None and values[n + 1] is None
    ]
    return joined, lone


def _range(data: ChartData, plot_px: float) -> tuple[float, float]:
    """From below the lowest to above the highest of values, limits and standard; far cycle times are cut off."""
    values = sorted(value for _at, value in data.points if value is not None)
    marks = [limit for limit, _words, _under in data.limits]
    low, high = values[0], values[-1]
    if data.dots:
        # Most pieces have the height; those after a stop must not press the others flat.
        middle, least = median(values), median(values) * 0.05
        low = max(low, middle - max(6 * (middle - values[len(values) // 4]), least))
        high = min(high, middle + max(6 * (values[len(values) * 3 // 4] - middle), least))
        marks = [data.standard] if data.standard is not None else []
    low, high = min([low, *marks]), max([high, *marks])
    pad = (high - low) * 0.12 or max(abs(high) * 0.1, 0.1)
    # A limit's words stand beside its line and want 24 px there.
    share = min(24 / max(plot_px, 60), 0.4)
    words_px = (high - low + pad) * share / (1 - share)
    unders = {under for _limit, _words, under in data.limits}
    below, above = (max(pad, words_px) if side in unders else pad for side in (True, False))
    return low - below, high + above


def draw_diamond(painter: QPainter, rect: QRectF, ink: str) -> None:
    """The sign of a broken limit."""
    painter.save()
    painter.translate(rect.center())
    painter.rotate(45)
    side = rect.width() * 0.72
    paint.box(painter, QRectF(-side / 2, -side / 2, side, side), ink)
    painter.restore()

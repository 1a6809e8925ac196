"""Gauge, timeline, bars and shapes drawn with QPainter: the same functions for the window and the PDF.

They know shapes and colours, no widgets and no machines. Sizes are logical pixels of the painter, so a
page of any resolution is reached by scaling the painter. Ratios are 0 to 1. Every text goes through
`text`, which can be recorded (`recording`), so that tests measure each one against its box.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from desktop.domain.events import State
from desktop.domain.figures import HourRow, LossStep, ParetoRow
from desktop.domain.intervals import Category, Interval
from desktop.domain.spans import Span
from desktop.text import _
from desktop.tokens import Look, Tokens, fill, fill_on, look
from desktop.wording import (
    NOT_LABELLED,
    UNKNOWN,
    clock,
    hour,
    hour_difference,
    hour_loss,
    minutes,
    minutes_tenths,
    percent_figure,
    pieces,
    signed,
    state_word,
)

FAMILY = "Gadong Sans"
_FONTS = Path(__file__).resolve().parent.parent / "resources" / "fonts"

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

# --- fonts, colours, text ----------------------------------------------------------------------------


def load_fonts() -> None:
    """Load the bundled typeface, once per process and before the first widget. Raises RuntimeError without it."""
    if FAMILY in QFontDatabase.families():
        return
    for name in ("GadongSans-Regular.ttf", "GadongSans-Bold.ttf"):
        if QFontDatabase.addApplicationFont(str(_FONTS / name)) < 0:
            raise RuntimeError(f"the typeface {_FONTS / name} cannot be loaded")


@lru_cache(maxsize=128)
def font(size_px: float, bold: bool = False) -> QFont:
    """The bundled typeface at a size in logical pixels; its digits all have one width."""
    made = QFont(FAMILY)
    made.setPixelSize(max(round(size_px), 1))
    made.setBold(bold)
    # Unhinted text keeps its proportions at every scale, so that what fits at 100 % fits at 150 %.
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


@lru_cache(maxsize=128)
def metrics(size_px: float, bold: bool = False) -> QFontMetricsF:
    """Measures of `font`."""
    return QFontMetricsF(font(size_px, bold))


def width(words: str, size_px: float, bold: bool = False) -> float:
    """How wide a text is, in logical pixels."""
    return metrics(size_px, bold).horizontalAdvance(words)


@lru_cache(maxsize=256)
def color(name: str) -> QColor:
    """A colour of the tokens."""
    return QColor(name)


@dataclass(frozen=True, slots=True)
class TextBox:
    """A text that was drawn: what was wanted, what was shown, its box, and the part of it that the letters take."""

    wanted: str
    shown: str
    rect: QRectF
    ink: QRectF
    size_px: float


_recorder: list[TextBox] | None = None


@contextmanager
def recording() -> Iterator[list[TextBox]]:
    """Collect every text that is drawn inside the block."""
    global _recorder
    before, _recorder = _recorder, []
    try:
        yield _recorder
    finally:
        _recorder = before


def text(
    painter: QPainter,
    rect: QRectF,
    words: str,
    size_px: float,
    ink: str,
    *,
    bold: bool = False,
    align: Qt.AlignmentFlag = LEFT,
    least_px: float | None = None,
) -> float:
    """Draw one line of text into its box and return its width.

    Too long a text first shrinks to `least_px`, then ends in an ellipsis; it never leaves its box.
    """
    shown = words
    needed = width(shown, size_px, bold)
    while least_px is not None and needed > rect.width() + 0.5 and size_px > least_px:
        size_px -= 1
        needed = width(shown, size_px, bold)
    if needed > rect.width() + 0.5:
        shown = metrics(size_px, bold).elidedText(words, Qt.TextElideMode.ElideRight, max(rect.width(), 0))
        needed = width(shown, size_px, bold)
    if _recorder is not None:
        _recorder.append(_text_box(painter, rect, words, shown, needed, size_px, align))
    painter.setFont(font(size_px, bold))
    painter.setPen(color(ink))
    painter.drawText(rect, int(align | Qt.TextFlag.TextDontClip | Qt.TextFlag.TextSingleLine), shown)
    return needed


def _text_box(
    painter: QPainter, rect: QRectF, words: str, shown: str, needed: float, size_px: float, align: Qt.AlignmentFlag
) -> TextBox:
    left = rect.left()
    if align & Qt.AlignmentFlag.AlignHCenter:
        left = rect.center().x() - needed / 2
    elif align & Qt.AlignmentFlag.AlignRight:
        left = rect.right() - needed
    ink = QRectF(left, rect.center().y() - size_px * 0.38, needed, size_px * 0.76)
    transform = painter.worldTransform()
    return TextBox(words, shown, transform.mapRect(rect), transform.mapRect(ink), size_px)


def two_lines(painter: QPainter, rect: QRectF, words: str, size_px: float, ink: str, *, bold: bool = False) -> None:
    """A short name centred at the top of its box, broken at a space where one line is too narrow."""
    line_px = size_px * 1.25
    parts = [words]
    if width(words, size_px, bold) > rect.width() and " " in words:
        halves = [(words[:i], words[i + 1 :]) for i, sign in enumerate(words) if sign == " "]
        parts = list(min(halves, key=lambda pair: max(width(half, size_px, bold) for half in pair)))
    for index, part in enumerate(parts):
        place = QRectF(rect.left(), rect.top() + index * line_px, rect.width(), line_px)
        text(painter, place, part, size_px, ink, bold=bold, align=CENTER, least_px=14)


def broken(words: str, size_px: float, width_px: float, *, bold: bool = False) -> list[str]:
    """A paragraph broken into lines of at most `width_px`, at spaces; a word longer than a line is cut."""
    lines: list[str] = []
    rest = ""
    for word in words.split(" "):
        longer = f"{rest} {word}" if rest else word
        if width(longer, size_px, bold) <= width_px:
            rest = longer
            continue
        if rest:
            lines.append(rest)
        while width(word, size_px, bold) > width_px and len(word) > 1:
            fitting = next(
                n for n in range(len(word) - 1, 0, -1) if width(word[:n], size_px, bold) <= width_px or n == 1
            )
            lines.append(word[:fitting])
            word = word[fitting:]
        rest = word
    return [*lines, rest]


def paragraph(
    painter: QPainter, rect: QRectF, words: str, size_px: float, ink: str, *, bold: bool = False, most: int = 3
) -> float:
    """Draw a text in lines from the top of its box and return its height; what is over `most` lines is elided."""
    lines = broken(words, size_px, rect.width(), bold=bold)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    line_px = round(size_px * 1.45)
    for index, words_of_line in enumerate(lines):
        place = QRectF(rect.left(), rect.top() + index * line_px, rect.width(), line_px)
        text(painter, place, words_of_line, size_px, ink, bold=bold)
    return len(lines) * line_px


def outline(ink: str, pen: float) -> QPen:
    """A plain pen."""
    return QPen(color(ink), pen)


def box(
    painter: QPainter, rect: QRectF, ground: str | None, edge: str | None = None, *, radius: float = 0, pen: float = 1
) -> None:
    """Fill a rectangle and draw its edge inside it."""
    painter.setBrush(color(ground) if ground else Qt.BrushStyle.NoBrush)
    if edge:
        painter.setPen(QPen(color(edge), pen))
        rect = rect.adjusted(pen / 2, pen / 2, -pen / 2, -pen / 2)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
    if radius:
        painter.drawRoundedRect(rect, radius, radius)
    else:
        painter.drawRect(rect)


def line(
    painter: QPainter, x1: float, y1: float, x2: float, y2: float, ink: str, pen: float = 1, dash: float = 0
) -> None:
    """Draw a straight line; `dash` > 0 makes dashes and holes of that many pixels."""
    made = QPen(color(ink), pen)
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dash:
        made.setDashPattern([dash / pen, dash / pen])
    painter.setPen(made)
    painter.drawLine(QLineF(x1, y1, x2, y2))


def hatch(painter: QPainter, rect: QRectF, tokens: Tokens, pen: float = 3, period: float = 8) -> None:
    """Silence: the no-data fill under lines at 45 degrees."""
    box(painter, rect, tokens.no_data)
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color(tokens.hatch), pen))
    step = period * math.sqrt(2)
    x = rect.left() - rect.height()
    while x < rect.right():
        painter.drawLine(QLineF(x, rect.bottom(), x + rect.height(), rect.top()))
        x += step
    painter.restore()


# --- shapes ------------------------------------------------------------------------------------------


def state_shape(
    painter: QPainter, rect: QRectF, category: Category, state: State, ink: str, *, labelled: bool = False
) -> None:
    """The sign of a state on a 24 grid: the same meaning as its colour, for those who do not see the colour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = min(rect.width(), rect.height())
    painter.translate(rect.center().x() - side / 2, rect.center().y() - side / 2)
    painter.scale(side / 24, side / 24)
    painter.setBrush(color(ink))
    painter.setPen(Qt.PenStyle.NoPen)
    _SHAPES[look(category, state, labelled)](painter, color(ink))
    painter.restore()


def _polygon(path: QPainterPath, *corners: tuple[float, float]) -> None:
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in (*corners, corners[0])]))


def _shape_run(painter: QPainter, ink: QColor) -> None:
    path = QPainterPath()
    path.addEllipse(QPointF(12, 12), 11, 11)
    _polygon(path, (9.2, 6.8), (17.8, 12), (9.2, 17.2))
    painter.drawPath(path)


def _shape_stop(painter: QPainter, ink: QColor) -> None:
    path = QPainterPath()
    _polygon(path, (12, 1.2), (23.5, 22), (0.5, 22))
    _polygon(path, (10.8, 8.4), (13.2, 8.4), (12.9, 15.2), (11.1, 15.2))
    path.addEllipse(QPointF(12, 18.2), 1.4, 1.4)
    painter.drawPath(path)


def _shape_short_stop(painter: QPainter, ink: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, 2.2, j=Qt.PenJoinStyle.RoundJoin))
    path = QPainterPath()
    _polygon(path, (12, 3), (22, 21), (2, 21))
    painter.drawPath(path)


def _shape_reason(painter: QPainter, ink: QColor) -> None:
    path = QPainterPath()
    path.addRoundedRect(QRectF(2.5, 2.5, 19, 19), 2, 2)
    path.addRect(QRectF(6.5, 10.6, 11, 2.8))
    painter.drawPath(path)


def _shape_setup(painter: QPainter, ink: QColor) -> None:
    path = QPainterPath()
    _polygon(path, (12, 0.5), (23.5, 12), (12, 23.5), (0.5, 12))
    _polygon(
        path, (10.8, 7.4), (13.2, 7.4), (13.2, 10.8), (16.6, 10.8), (16.6, 13.2), (13.2, 13.2),
        (13.2, 16.6), (10.8, 16.6), (10.8, 13.2), (7.4, 13.2), (7.4, 10.8), (10.8, 10.8),
    )  # fmt: skip
    painter.drawPath(path)


def _shape_wait(painter: QPainter, ink: QColor) -> None:
    painter.drawRect(QRectF(4.5, 3, 5.5, 18))
    painter.drawRect(QRectF(14, 3, 5.5, 18))


def _shape_planned(painter: QPainter, ink: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, 2.6))
    painter.drawEllipse(QPointF(12, 12), 8.7, 8.7)


def _shape_no_data(painter: QPainter, ink: QColor) -> None:
    ring = QPen(ink, 2.2)
    ring.setCapStyle(Qt.PenCapStyle.FlatCap)
    ring.setDashPattern([1.9, 1.05])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(ring)
    painter.drawEllipse(QPointF(12, 12), 10.4, 10.4)
    mark = QPen(ink, 2)
    mark.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(mark)
    path = QPainterPath(QPointF(9.2, 9.6))
    path.arcTo(QRectF(9.2, 6.6, 5.6, 5.6), 180, -225)
    path.quadTo(12, 12.6, 12, 14)
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawEllipse(QPointF(12, 17.3), 1.3, 1.3)


_SHAPES: dict[Look, Callable[[QPainter, QColor], None]] = {
    Look.RUN: _shape_run,
    Look.SHORT_STOP: _shape_short_stop,
    Look.STOP: _shape_stop,
    Look.REASON: _shape_reason,
    Look.SETUP: _shape_setup,
    Look.WAIT: _shape_wait,
    Look.PLANNED: _shape_planned,
    Look.NO_DATA: _shape_no_data,
}

# --- gauge -------------------------------------------------------------------------------------------


def gauge(
    painter: QPainter,
    rect: QRectF,
    value: float | None,
    target: float | None,
    caption: str,
    tokens: Tokens,
    *,
    stale: bool = False,
    digits: int = 1,
    ground: str | None = None,
) -> None:
    """A gauge of 240 degrees, clockwise from the lower left; `value` and `target` are ratios, drawn 0 to 100 %.

    None is unknown: track, tick and a dash. Above 1 the arc is full and the number true, with the words
    "Check C/T" for a caption. `stale` greys the arc; the caller then gives the time as caption. `ground` is the
    colour behind it (the card's by default). Needs 0.8 of its width as height.
    """
    size = min(rect.width(), rect.height() / 0.8)
    stroke = 0.12 * size
    radius = size / 2 - stroke / 2 - 6
    centre = QPointF(rect.center().x(), rect.top() + (rect.height() - 0.8 * size) / 2 + size / 2)
    circle = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)

    def arc(start: float, end: float, ink: str, dash: float = 0) -> None:
        pen = QPen(color(ink), stroke)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dash:
            pen.setDashPattern([dash / stroke, dash / stroke])
        painter.setPen(pen)
        painter.drawArc(circle, round((210 - 240 * start) * 16), round(-240 * (end - start) * 16))

    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    arc(0, 1, tokens.track)
    shown = None if value is None else min(max(value, 0.0), 1.0)
    if shown is not None and target is not None and shown < target:
        arc(shown, min(target, 1.0), tokens.gap, 2.5)
    if shown:
        # Where silence has no colour of its own (high contrast) its arc is broken.
        arc(0, shown, tokens.hatch if stale else tokens.value, 2.5 if stale and tokens.hatch == tokens.value else 0)
    if target is not None:
        angle = math.radians(210 - 240 * min(max(target, 0.0), 1.0))
        inner, outer = radius - stroke / 2 - 2, radius + stroke / 2 + 5
        x1, y1 = centre.x() + inner * math.cos(angle), centre.y() - inner * math.sin(angle)
        x2, y2 = centre.x() + outer * math.cos(angle), centre.y() - outer * math.sin(angle)
        line(painter, x1, y1, x2, y2, ground or tokens.panel, 7)
        line(painter, x1, y1, x2, y2, tokens.tick, 3)
    figure = percent_figure(value, digits)
    number_px = 0.25 * size * (0.8 if value is not None and value >= 0.9995 else 1)
    hole = QRectF(centre.x() - radius, centre.y() - 0.22 * size, 2 * radius, 0.32 * size)
    text(painter, hole, figure, number_px, tokens.ink2 if stale else tokens.ink, bold=True, align=CENTER)
    caption = _("Check C/T") if value is not None and value > 1.0005 else caption
    caption_px = min(max(14.0, 0.115 * size), 20.0)
    middle = centre.y() + 0.145 * size
    reach = middle - centre.y() + caption_px * 0.4
    if width(caption, caption_px) > 2 * math.sqrt(max((radius - stroke / 2) ** 2 - reach**2, 0)):
        middle = centre.y() + 0.3 * size - 4  # too wide for the hole: below the ends of the arc
    under = QRectF(rect.left(), middle - 12, rect.width(), 24)
    text(painter, under, caption, caption_px, tokens.ink3, align=CENTER, least_px=14)
    painter.restore()


# --- timeline ----------------------------------------------------------------------------------------

_ORDER = (Look.RUN, Look.SHORT_STOP, Look.PLANNED, Look.NO_DATA, Look.WAIT, Look.SETUP, Look.REASON, Look.STOP)
RUN_HEIGHT_RATIO = 0.66


def x_of(at_ms: float, rect: QRectF, window: Span) -> float:
    """Where a moment lies in a strip that shows `window`."""
    return rect.left() + rect.width() * (at_ms - window.start_ms) / max(window.length_ms, 1)


def interval_look(interval: Interval) -> Look:
    """The look of an interval: labelled if somebody gave a reason; an alarm word alone is none."""
    return look(interval.category, interval.state, interval.reason is not None)


def timeline(
    painter: QPainter,
    rect: QRectF,
    intervals: Sequence[Interval],
    window: Span,
    tokens: Tokens,
    *,
    now_ms: int | None = None,
    labels: bool = False,
    words: Callable[[Interval], str] | None = None,
) -> None:
    """The states of one machine over `window`: running at 66 % of the height, everything else at full height.

    Short stops belong to the run (see `short_stops`). A span is at least 2 px wide and later, graver looks lie
    on top. With `now_ms` inside the window the time after it is a dashed frame; `labels` writes words into
    spans from 40 px on (`words` gives them; the state's word by default) and a flag above `rect` at now.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    shown = [(interval_look(i), i, part) for i in intervals if (part := i.span.cut(window))]
    for wanted in _ORDER:
        for found, interval, part in shown:
            if found is not wanted:
                continue
            left, right = x_of(part.start_ms, rect, window), x_of(part.end_ms, rect, window)
            slot = QRectF(left, rect.top(), max(right - left, 2.0), rect.height())
            span_block(painter, slot, found, tokens)
            if labels and right - left >= 40 and found not in (Look.RUN, Look.SHORT_STOP):
                word = words(interval) if words else state_word(interval.category, interval.state, interval.by_count)
                _span_label(painter, slot, found, word, tokens)
    if now_ms is not None and window.holds(now_ms):
        x = x_of(now_ms, rect, window)
        line(painter, x + 1, rect.top(), rect.right(), rect.top(), tokens.line, 1, 4)
        line(painter, x + 1, rect.bottom(), rect.right(), rect.bottom(), tokens.line, 1, 4)
        line(painter, rect.right(), rect.top(), rect.right(), rect.bottom(), tokens.line, 1, 4)
        line(painter, x, rect.top(), x, rect.bottom(), tokens.tick, 2)
        if labels:
            now_flag(painter, QPointF(x, rect.top()), tokens)
    painter.restore()


def _span_label(painter: QPainter, slot: QRectF, shown: Look, word: str, tokens: Tokens) -> None:
    inner = slot.adjusted(3, 0, -3, 0)
    if width(word, 14, True) > inner.width():
        return
    if shown in (Look.SETUP, Look.NO_DATA):
        # Stripes under words cannot be read: a plain plate carries them.
        plate = QRectF(0, 0, width(word, 14, True) + 6, 20)
        plate.moveCenter(slot.center())
        box(painter, plate, fill(shown, tokens))
    text(painter, inner, word, 14, fill_on(shown, tokens), bold=True, align=CENTER)


def span_block(painter: QPainter, slot: QRectF, shown: Look, tokens: Tokens) -> None:
    """One piece of time in its look: fill, stripes, hatch, outline and height."""
    if shown in (Look.RUN, Look.SHORT_STOP):
        inset = slot.height() * (1 - RUN_HEIGHT_RATIO) / 2
        box(painter, slot.adjusted(0, inset, 0, -inset), tokens.run)
    elif shown is Look.NO_DATA:
        hatch(painter, slot, tokens)
    elif shown is Look.PLANNED:
        box(painter, slot, tokens.planned, tokens.line if slot.width() > 3 else None)
    elif shown is Look.WAIT:
        box(painter, slot, tokens.wait, tokens.reason, pen=min(1.5, slot.width() / 2))
    elif shown is Look.SETUP:
        box(painter, slot, tokens.wait)
        x = slot.left()
        while x < slot.right():
            box(painter, QRectF(x, slot.top(), min(2.0, slot.right() - x), slot.height()), tokens.reason)
            x += 6
    else:
        box(painter, slot, fill(shown, tokens))


def now_flag(painter: QPainter, foot: QPointF, tokens: Tokens) -> None:
    """The flag "Now" that stands on `foot`."""
    word = _("Now")
    flag = QRectF(0, 0, width(word, 14, True) + 20, 22)
    flag.moveCenter(QPointF(foot.x(), foot.y() - 14))
    box(painter, flag, tokens.tick, radius=2)
    line(painter, foot.x(), flag.bottom(), foot.x(), foot.y(), tokens.tick, 2)
    text(painter, flag, word, 14, tokens.panel, bold=True, align=CENTER)


def short_stops(painter: QPainter, rect: QRectF, intervals: Sequence[Interval], window: Span, tokens: Tokens) -> None:
    """Short stops as ticks of 3 x 16 in their own row."""
    for interval in intervals:
        if interval.category is Category.SHORT_STOP and (part := interval.span.cut(window)):
            x = x_of((part.start_ms + part.end_ms) / 2, rect, window)
            box(painter, QRectF(x - 1.5, rect.center().y() - 8, 3, 16), tokens.ink2)


def time_axis(
    painter: QPainter, rect: QRectF, window: Span, tokens: Tokens, timezone: str, *, lines_from: float | None = None
) -> None:
    """Full hours under a timeline, thinned where they would touch; with `lines_from` grid lines down to `rect`."""
    hour_ms = 3_600_000
    count = max(window.length_ms // hour_ms, 1)
    step = next((s for s in (1, 2, 3, 4, 6) if rect.width() / count * s >= 64), 12) * hour_ms
    at_ms = window.start_ms
    while at_ms <= window.end_ms:
        x = x_of(at_ms, rect, window)
        if lines_from is not None:
            line(painter, x, lines_from, x, rect.top(), tokens.line)
        label = QRectF(x - 32, rect.top(), 64, rect.height())
        text(painter, label, clock(at_ms, timezone), 14, tokens.ink2, align=CENTER)
        at_ms += step


# --- hours -------------------------------------------------------------------------------------------


def hour_bars(
    painter: QPainter,
    rect: QRectF,
    hours: Sequence[HourRow],
    tokens: Tokens,
    *,
    now_ms: int | None = None,
    figures: bool = True,
    timezone: str = "UTC",
    stale: bool = False,
    pause_names: Mapping[int, str] | None = None,
) -> None:
    """Good pieces hour by hour against the target tick; the hour that holds `now_ms` in the value colour.

    With `figures` the numbers stand above, the axis and the hours below (32 px), and hours to come show their
    target dashed. `pause_names` names planned hours by their start.
    """
    if not hours:
        return
    plot = rect.adjusted(0, 30, 0, -33) if figures else rect
    top = max([1, *(max(h.good or 0, h.target or 0) for h in hours)])
    step = rect.width() / len(hours)
    tick_px = 3 if figures else 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for index, row in enumerate(hours):
        slot = QRectF(plot.left() + index * step, plot.top(), step, plot.height())
        bar_px = step * (0.72 if figures else 0.8)
        current = now_ms is not None and row.span.holds(now_ms)
        target = row.target_now if current and row.target_now is not None else row.target
        x, y_target = slot.center().x(), slot.bottom() - plot.height() * (target or 0) / top
        if row.paused and figures:
            _paused_hour(painter, slot, bar_px, (pause_names or {}).get(row.span.start_ms, ""), tokens)
        if row.paused and not row.good:
            if not figures:
                box(painter, QRectF(x - bar_px / 2, slot.bottom() - 2, bar_px, 2), tokens.track)
        elif row.good is None:
            if figures and row.target:
                line(painter, x - step * 0.43, y_target, x + step * 0.43, y_target, tokens.line_strong, 2, 4)
                label = QRectF(slot.left(), y_target - 22, step, 20)
                text(painter, label, pieces(row.target), 14, tokens.ink3, align=CENTER)
        else:
            bar = QRectF(x - bar_px / 2, slot.bottom() - plot.height() * row.good / top, bar_px, 0)
            bar.setBottom(slot.bottom())
            past = tokens.hatch if stale and current else tokens.value if current else tokens.run
            box(painter, bar, past)
            if target is not None and not row.paused:
                half = step * 0.44 if figures else step * 0.47
                box(painter, QRectF(x - half, y_target - tick_px / 2, 2 * half, tick_px), tokens.tick)
            if figures:
                plan = None if row.paused else target
                _hour_figure(painter, slot, min(bar.top(), y_target), row.good, plan, tokens)
        if figures:
            label = QRectF(slot.left(), plot.bottom() + 5, step, 26)
            ink = tokens.ink if current else tokens.ink2
            text(painter, label, hour(row.span.start_ms, timezone), 15, ink, bold=current, align=CENTER, least_px=14)
    if figures:
        line(painter, rect.left(), plot.bottom() + 0.5, rect.right(), plot.bottom() + 0.5, tokens.line_strong)
    painter.restore()


def _paused_hour(painter: QPainter, slot: QRectF, bar_px: float, name: str, tokens: Tokens) -> None:
    frame = QRectF(slot.center().x() - bar_px * 0.64, slot.top() - 12, bar_px * 1.28, slot.height() + 12)
    box(painter, frame, tokens.planned, tokens.line)
    text(painter, frame.adjusted(3, 0, -3, 0), name or _("Break"), 14, tokens.ink3, align=CENTER, least_px=14)


def _hour_figure(painter: QPainter, slot: QRectF, top: float, good: int, target: int | None, tokens: Tokens) -> None:
    """The figure 88 /96 centred above a bar; without room only the pieces."""
    figure, rest = pieces(good), "" if target is None else f" /{pieces(target)}"
    wide = width(figure, 19, True) + width(rest, 14)
    if wide > slot.width():
        rest, wide = "", width(figure, 19, True)
    left = slot.center().x() - wide / 2
    y = max(top - 28, slot.top() - 30)
    used = text(painter, QRectF(left, y, slot.right() - left + 20, 26), figure, 19, tokens.ink, bold=True)
    if rest:
        text(painter, QRectF(left + used, y + 2, slot.right() - left, 26), rest, 14, tokens.ink2)


def hour_table(
    painter: QPainter, rect: QRectF, hours: Sequence[HourRow], tokens: Tokens, *, now_ms: int | None = None
) -> None:
    """Under `hour_bars` of the same width: difference, running difference and biggest loss of each hour.

    The last of the three may need 10 px more than its third of the height, for a loss in two lines.
    """
    step = rect.width() / max(len(hours), 1)
    row_px = rect.height() / 3
    known = [d for row in hours if (d := hour_difference(row, now_ms)) is not None]
    worst = min(known, default=0)
    losses = [hour_loss(row) for row in hours]
    running = 0
    for index, row in enumerate(hours):
        x = rect.left() + index * step
        cells = [QRectF(x + 2, rect.top() + n * row_px, step - 4, row_px) for n in range(3)]
        difference = hour_difference(row, now_ms)
        if difference is not None:
            running += difference
            bold = difference < 0 and difference == worst
            text(painter, cells[0], signed(difference), 17, tokens.ink, bold=bold, align=CENTER)
            text(painter, cells[1], signed(running), 17, tokens.ink2, align=CENTER)
        words, unlabelled = losses[index]
        if words:
            # A long word may reach into its neighbours as far as theirs leave room.
            beside = [losses[n][0] for n in (index - 1, index + 1) if 0 <= n < len(losses)]
            half = min([step * 0.95, *(step - 6 - min(width(other, 14, True), step) / 2 for other in beside)])
            place = QRectF(x + step / 2 - half, cells[2].top(), 2 * half, row_px)
            ink = tokens.stop_text if unlabelled else tokens.ink2
            top = place.center().y() - _LOSS_LINE_PX / 2
            for number, said in enumerate(_fitting_loss(row, words, place.width())):
                line_rect = QRectF(place.left(), top + number * _LOSS_LINE_PX, place.width(), _LOSS_LINE_PX)
                text(painter, line_rect, said, 14, ink, bold=unlabelled, align=CENTER)


_LOSS_LINE_PX = 16


def _fitting_loss(row: HourRow, words: str, width_px: float) -> list[str]:
    """A loss in one line, else its minutes under its name: the name may give way, the minutes never do."""
    if width(words, 14, True) <= width_px:
        return [words]
    length = minutes(row.loss_ms)
    name = words.removesuffix(f" {length}")
    return [metrics(14, True).elidedText(name, Qt.TextElideMode.ElideRight, width_px), length]


# --- losses ------------------------------------------------------------------------------------------

_STEP_LOOKS = {
    "stop": Look.REASON,
    "unlabelled": Look.STOP,
    "setup": Look.SETUP,
    "wait": Look.WAIT,
    "no_data": Look.NO_DATA,
}


def waterfall(
    painter: QPainter,
    rect: QRectF,
    steps: Sequence[LossStep],
    tokens: Tokens,
    labels: Mapping[str, str],
    *,
    cut: bool = False,
) -> None:
    """From busy to productive time: totals as columns, each loss hanging between them, in minutes.

    Losses of no length are left out. With `cut` the axis begins above zero where that shows the losses
    larger; each total then carries a notch and the axis says so.
    """
    steps = [step for step in steps if step.total or step.length_ms]
    totals = [step.length_ms for step in steps if step.total]
    if not totals or not max(totals):
        return
    base = max(min(totals) - (max(totals) - min(totals)) * 0.6, 0) if cut and min(totals) > max(totals) * 0.4 else 0
    plot = rect.adjusted(0, 28, 0, -44)
    pitch = rect.width() / len(steps)
    bar_px = pitch * 0.66

    def y_of(length_ms: float) -> float:
        return plot.bottom() - plot.height() * max(length_ms - base, 0) / (max(totals) - base)

    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    level: float = totals[0]
    for index, step in enumerate(steps):
        left = rect.left() + index * pitch + (pitch - bar_px) / 2
        top, bottom = (step.length_ms, base) if step.total else (level, level - step.length_ms)
        if index:
            line(painter, left - (pitch - bar_px), y_of(level), left, y_of(level), tokens.line_strong, 1, 3)
        bar = QRectF(left, y_of(top), bar_px, max(y_of(bottom) - y_of(top), 2.0))
        value = minutes_tenths(step.length_ms if step.total else -step.length_ms)
        if step.total:
            box(painter, bar, tokens.value if step.kind == "productive" else tokens.run)
            if base:
                _notch(painter, bar, tokens)
            above = QRectF(left - pitch * 0.17, bar.top() - 27, pitch, 25)
            text(painter, above, value, 19, tokens.ink, bold=True, align=CENTER, least_px=14)
        else:
            _loss_block(painter, bar, step.kind, tokens)
            under = QRectF(left - pitch * 0.17, bar.bottom() + 3, pitch, 25)
            text(painter, under, value, 19, tokens.ink, bold=True, align=CENTER, least_px=14)
        level = top if step.total else bottom
        label = QRectF(left - pitch * 0.17 + 2, plot.bottom() + 4, pitch - 4, 40)
        two_lines(painter, label, labels.get(step.kind, step.kind), 15, tokens.ink, bold=True)
    line(painter, rect.left(), plot.bottom() + 0.5, rect.right(), plot.bottom() + 0.5, tokens.line_strong)
    if base:
        text(painter, QRectF(rect.left(), rect.top(), rect.width(), 18), _("Axis cut"), 14, tokens.ink3, align=RIGHT)
    painter.restore()


def _loss_block(painter: QPainter, bar: QRectF, kind: str, tokens: Tokens) -> None:
    if kind in _STEP_LOOKS:
        span_block(painter, bar, _STEP_LOOKS[kind], tokens)
    else:
        box(painter, bar, tokens.ng if kind == "reject" else tokens.gap)


def _notch(painter: QPainter, bar: QRectF, tokens: Tokens) -> None:
    y = bar.bottom() - 10
    line(painter, bar.left(), y + 3, bar.center().x(), y - 3, tokens.panel, 3)
    line(painter, bar.center().x(), y - 3, bar.right(), y + 3, tokens.panel, 3)


def pareto(painter: QPainter, rect: QRectF, rows: Sequence[ParetoRow], tokens: Tokens) -> None:
    """Standstill by reason as bars with minutes, count and running share, under a header line of 24 px.

    The rows come in order, the unlabelled one last; each takes an equal part of the height (32 px at most).
    """
    whole = sum(row.length_ms for row in rows)
    longest = max([1, *(row.length_ms for row in rows)])
    row_px = min((rect.height() - 24) / max(len(rows), 1), 32.0)
    name_px, figure_px = rect.width() * 0.24, 52.0
    bar_left, bar_px = rect.left() + name_px, rect.width() - name_px - 3 * figure_px - 8
    edges = [bar_left + bar_px + 8 + n * figure_px for n in range(3)]
    for x, title in zip(edges, (_("min"), _("count"), _("total %")), strict=True):
        cell = QRectF(x, rect.top(), figure_px, 22)
        text(painter, cell, title, 14, tokens.ink3, align=RIGHT, least_px=14)
    running = 0
    for index, row in enumerate(rows):
        y = rect.top() + 24 + index * row_px
        shown = look(row.category, row.state, row.labelled)
        word = row.word or (_(NOT_LABELLED) if shown is Look.STOP else state_word(row.category, row.state))
        name = QRectF(rect.left(), y, name_px - 8, row_px)
        text(painter, name, word, 15, tokens.ink, bold=shown is Look.STOP, least_px=14)
        bar = QRectF(bar_left, y + row_px * 0.2, max(bar_px * row.length_ms / longest, 2.0), row_px * 0.6)
        span_block(painter, bar, shown, tokens)
        running += row.length_ms
        share = percent_figure(running / whole, 0) if whole else UNKNOWN
        cells = ((minutes_tenths(row.length_ms), True), (pieces(row.count), False), (share, False))
        for x, (figure, bold) in zip(edges, cells, strict=True):
            cell = QRectF(x, y, figure_px, row_px)
            text(painter, cell, figure, 15, tokens.ink if bold else tokens.ink2, bold=bold, align=RIGHT, least_px=14)

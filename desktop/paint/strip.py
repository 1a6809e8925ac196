"""The states of a machine over time: spans, short stops, the time below."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from desktop.domain.intervals import Category, Interval
from desktop.domain.spans import Span
from desktop.paint.lettering import CENTER, text, width
from desktop.paint.strokes import box, color, hatch, line
from desktop.text import _
from desktop.tokens import Look, Tokens, fill, fill_on, look
from desktop.wording.moments import clock, clock_seconds
from desktop.wording.states import state_word

_ORDER = (
    Look.UNSCHEDULED, Look.RUN, Look.SHORT_STOP, Look.REWORK, Look.PLANNED, Look.NO_SIGNAL, Look.NO_DATA,
    Look.NO_ORDER, Look.WAIT, Look.SETUP, Look.REASON, Look.STOP,
)  # fmt: skip
_AT_RUN_HEIGHT = frozenset({Look.RUN, Look.SHORT_STOP, Look.REWORK})
_RUN_HEIGHT_RATIO = 0.66
_OFF_HEIGHT_RATIO = 0.33
_HAND_PX = 7.0


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
    on top; what is known by a person's word alone carries the mark of a hand. With `now_ms` inside the window the
    time after it is a dashed frame; `labels` writes words into spans from 40 px on (`words` gives them; the state's
    word by default) and a flag above `rect` at now.
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
            if interval.by_hand:
                hand_mark(painter, slot, tokens)
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
            _now_flag(painter, QPointF(x, rect.top()), tokens)
    painter.restore()


def _span_label(painter: QPainter, slot: QRectF, shown: Look, word: str, tokens: Tokens) -> None:
    inner = slot.adjusted(3, 0, -3, 0)
    if width(word, 14, True) > inner.width():
        return
    if shown in (Look.SETUP, Look.NO_DATA, Look.NO_ORDER):
        # Stripes under words cannot be read: a plain plate carries them.
        plate = QRectF(0, 0, width(word, 14, True) + 6, 20)
        plate.moveCenter(slot.center())
        box(painter, plate, fill(shown, tokens))
    text(painter, inner, word, 14, fill_on(shown, tokens), bold=True, align=CENTER)


def span_block(painter: QPainter, slot: QRectF, shown: Look, tokens: Tokens) -> None:
    """One piece of time in its look: fill, stripes, hatch, outline and height."""
    if shown in _AT_RUN_HEIGHT:
        inset = slot.height() * (1 - _RUN_HEIGHT_RATIO) / 2
        bar = slot.adjusted(0, inset, 0, -inset)
        if shown is Look.REWORK:  # a hollow bar: it runs, but nothing new is made
            box(painter, bar, tokens.run_tint, tokens.run, pen=min(2.5, bar.width() / 2))
        else:
            box(painter, bar, tokens.run)
    elif shown is Look.UNSCHEDULED:  # a low frame: nothing was meant to be there
        inset = slot.height() * (1 - _OFF_HEIGHT_RATIO) / 2
        box(painter, slot.adjusted(0, inset, 0, -inset), tokens.panel, tokens.line_strong)
    elif shown is Look.NO_SIGNAL:
        box(painter, slot, tokens.no_data)
        for x in (slot.left() + 1, slot.right() - 1):
            line(painter, x, slot.top(), x, slot.bottom(), tokens.hatch, 2, 2)
        for y in (slot.top() + 1, slot.bottom() - 1):
            line(painter, slot.left(), y, slot.right(), y, tokens.hatch, 2, 2)
    elif shown is Look.NO_ORDER:
        box(painter, slot, tokens.wait)
        y = slot.top()
        while y < slot.bottom():
            box(painter, QRectF(slot.left(), y, slot.width(), min(2.0, slot.bottom() - y)), tokens.reason)
            y += 6
    elif shown is Look.NO_DATA:
        hatch(painter, slot, tokens)
    elif shown is Look.PLANNED:
        box(painter, slot, tokens.planned, tokens.line_strong if slot.width() > 3 else None)
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


def hand_mark(painter: QPainter, slot: QRectF, tokens: Tokens) -> None:
    """By hand 수기: a turned-down corner, on every look alike."""
    side = min(_HAND_PX, slot.width(), slot.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(tokens.tick))
    corner = slot.topLeft()
    painter.drawPolygon(QPolygonF([corner, corner + QPointF(side, 0), corner + QPointF(0, side)]))
    painter.restore()


def swatch(painter: QPainter, rect: QRectF, shown: Look, tokens: Tokens) -> None:
    """A look in a legend, where every swatch has one height."""
    if shown is Look.RUN:
        box(painter, rect, tokens.run)
    else:
        span_block(painter, rect, shown, tokens)


def _now_flag(painter: QPainter, foot: QPointF, tokens: Tokens) -> None:
    """The flag "Now" that stands on `foot`."""
    word = _("Now")
    flag = QRectF(0, 0, width(word, 14, True) + 20, 22)
    flag.moveCenter(QPointF(foot.x(), foot.y() - 14))
    box(painter, flag, tokens.tick, radius=2)
    line(painter, foot.x(), flag.bottom(), foot.x(), foot.y(), tokens.tick, 2)
    text(painter, flag, word, 14, tokens.panel, bold=True, align=CENTER)


def short_stops(painter: QPainter, rect: QRectF, intervals: Sequence[Interval], window: Span, tokens: Tokens) -> None:
    """Short stops as ticks of 3 x 16 in their own row, wider where the time is drawn so large."""
    for interval in intervals:
        if interval.category is Category.SHORT_STOP and (part := interval.span.cut(window)):
            x = x_of((part.start_ms + part.end_ms) / 2, rect, window)
            wide = max(rect.width() * part.length_ms / max(window.length_ms, 1), 3.0)
            box(painter, QRectF(x - wide / 2, rect.center().y() - 8, wide, 16), tokens.ink2)


_STEPS_S = (10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200)


def time_axis(
    painter: QPainter,
    rect: QRectF,
    window: Span,
    tokens: Tokens,
    timezone: str,
    *,
    lines_from: float | None = None,
    origin_ms: int | None = None,
) -> None:
    """Round moments under a timeline, from full hours down to seconds, as close as they do not touch; with `lines_from`
    grid lines down to `rect`. They are counted from `origin_ms`, from the window's start without one.
    """
    origin_ms = window.start_ms if origin_ms is None else origin_ms
    per_s = rect.width() / max(window.length_ms / 1000, 1)
    step = next((s for s in _STEPS_S if s * per_s >= (64 if s >= 60 else 84)), _STEPS_S[-1]) * 1000
    at_ms = origin_ms + -(-(window.start_ms - origin_ms) // step) * step
    while at_ms <= window.end_ms:
        x = x_of(at_ms, rect, window)
        if lines_from is not None:
            line(painter, x, lines_from, x, rect.top(), tokens.line)
        label = QRectF(x - 40, rect.top(), 80, rect.height())
        words = clock_seconds(at_ms, timezone) if step < 60_000 else clock(at_ms, timezone)
        text(painter, label, words, 14, tokens.ink2, align=CENTER)
        at_ms += step

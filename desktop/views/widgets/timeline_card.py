"""The states of one machine over the shift, with its short stops and the hours below."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop import paint
from desktop.domain.calendar import Pause
from desktop.domain.figures import MachineDay
from desktop.domain.intervals import Category, Interval
from desktop.domain.spans import Span
from desktop.text import _
from desktop.tokens import RARE, Look, Tokens
from desktop.views.widgets.painted import Painted, card, tell
from desktop.wording import by_hand, loss_words, state_word

_LEGEND = (Look.RUN, Look.STOP, Look.REASON, Look.SETUP, Look.WAIT, Look.PLANNED, Look.NO_DATA)


@dataclass(frozen=True, slots=True)
class TimelineFace:
    """What the card shows."""

    window: Span
    intervals: tuple[Interval, ...]
    now_ms: int
    timezone: str
    pauses: tuple[Pause, ...]
    words: str


def timeline_face(day: MachineDay) -> TimelineFace:
    """The timeline over the whole shift; without a shift over the window that was asked for."""
    window = day.shift.span if day.shift else day.window
    counts = {category: sum(i.category is category for i in day.intervals) for category in Category}
    words = ", ".join(
        f"{_legend_words()[look]} {counts[category]}"
        for category, look in ((Category.STOP, Look.STOP), (Category.SETUP, Look.SETUP), (Category.WAIT, Look.WAIT))
    )
    # Ten seconds are less than a pixel of a shift: the card need not repaint more often.
    now_ms = day.now_ms // 10_000 * 10_000
    intervals = tuple(
        i if i.span.end_ms < day.window.end_ms else replace(i, span=Span(i.span.start_ms, max(i.span.start_ms, now_ms)))
        for i in day.intervals
    )
    return TimelineFace(window, intervals, now_ms, day.head.timezone, day.shift.pauses if day.shift else (), words)


def _legend_words() -> dict[Look, str]:
    return {
        Look.RUN: _("Running"),
        Look.STOP: _("Not labelled"),
        Look.REASON: _("With reason"),
        Look.SETUP: _("Setup"),
        Look.WAIT: _("Waiting"),
        Look.PLANNED: _("Planned stop"),
        Look.NO_DATA: _("No data"),
        Look.REWORK: _("Rework"),
        Look.NO_ORDER: _("No order"),
        Look.UNSCHEDULED: _("No shift"),
        Look.NO_SIGNAL: _("No signal"),
    }


class TimelineCard(Painted):
    """Head with legend, band, row of short stops, hours."""

    def show_day(self, shown: TimelineFace) -> None:
        """Show a shift."""
        if self.set_face(shown):
            tell(self, _("States of the shift"), shown.words)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The card."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, TimelineFace):
            return
        title = QRectF(rect.left() + 16, rect.top() + 10, 260, 26)
        used = paint.text(painter, title, _("States of the shift"), 18, tokens.ink, bold=True)
        self._draw_legend(
            painter, QRectF(rect.left() + 40 + used, rect.top() + 10, rect.width() - 56 - used, 26), shown, tokens
        )
        left = rect.left() + 106
        band = QRectF(left, rect.top() + 66, rect.right() - 40 - left, 46)
        axis = QRectF(left, rect.bottom() - 30, band.width(), 22)
        names = (
            QRectF(rect.left() + 16, band.top(), 80, band.height()),
            QRectF(rect.left() + 16, band.bottom() + 4, 80, 22),
        )
        paint.text(painter, names[0], _("State"), 15, tokens.ink2, least_px=14)
        paint.text(painter, names[1], loss_words()["short_stop"], 15, tokens.ink2, least_px=14)
        paint.time_axis(painter, axis, shown.window, tokens, shown.timezone, lines_from=band.top() - 6)
        paint.timeline(
            painter, band, shown.intervals, shown.window, tokens, now_ms=shown.now_ms, labels=True,
            words=self._word,
        )  # fmt: skip
        row = QRectF(left, band.bottom() + 4, band.width(), 22)
        paint.short_stops(painter, row, shown.intervals, shown.window, tokens)

    def _word(self, interval: Interval) -> str:
        shown = self._face
        if interval.category is Category.PLANNED and isinstance(shown, TimelineFace):
            for pause in shown.pauses:
                if pause.span.cut(interval.span):
                    return pause.name
        word = state_word(interval.category, interval.state, interval.by_count)
        return f"{word} · {by_hand()}" if interval.by_hand else word

    def _draw_legend(self, painter: QPainter, area: QRectF, shown: TimelineFace, tokens: Tokens) -> None:
        """From the right; what has no room is left out from the left, the shapes' words stand on the tiles too."""
        x = area.right()
        words = _legend_words()
        size_px, gap = (15, 16) if area.width() > 720 else (14, 10)
        there = {paint.interval_look(interval) for interval in shown.intervals}
        entries: list[tuple[Look | None, str]] = [
            (look, words[look]) for look in (*_LEGEND, *RARE) if look not in RARE or look in there
        ]
        if any(interval.by_hand for interval in shown.intervals):
            entries.append((None, by_hand()))
        for look, word in reversed(entries):
            wide = paint.width(word, size_px)
            if x - wide - 28 < area.left():
                break
            paint.text(painter, QRectF(x - wide - 1, area.top(), wide + 2, area.height()), word, size_px, tokens.ink2)
            swatch = QRectF(x - wide - 28, area.center().y() - 8, 20, 16)
            if look is None:
                paint.box(painter, swatch, tokens.panel, tokens.line_strong)
                paint.hand_mark(painter, swatch, tokens)
            else:
                paint.swatch(painter, swatch, look, tokens)
            x -= wide + 28 + gap

"""OEE and its factors shift by shift, and where other rules began to hold."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop import paint
from desktop.domain.figures.losses import LossPeriod, ShiftFigures
from desktop.domain.spans import Span
from desktop.text import N_, _
from desktop.tokens import Tokens
from desktop.views.widgets.titled_card import TitledCard
from desktop.wording.kpis import rules_words
from desktop.wording.moments import day_words
from desktop.wording.numbers import percent, percent_figure

FACTORS = (
    ("oee", N_("OEE")), ("availability", N_("Availability")), ("performance", N_("Performance")),
    ("quality", N_("Quality")),
)  # fmt: skip
_NAME_PX, _LABEL_PX = 150, 50  # the names of the strips, and of their edges beside them
_FACTOR_PX = 32.0  # a strip so high keeps its name and figure apart from those of the next
_DASH_PX = 4


class Step(Struct, frozen=True):
    """One shift on the trend: its ratios in the order of FACTORS, None where it is not known."""

    span: Span
    day: str
    ratios: tuple[float | None, ...]
    rules: str  # the name of the rule set that begins with this shift, "" where it is that of the shift before
    running: bool


class TrendFace(Struct, frozen=True):
    """The shifts of the period, and all of them together."""

    note: str
    steps: tuple[Step, ...]
    whole: tuple[str, ...]
    empty: str


def ratios_of(row: ShiftFigures) -> tuple[float | None, ...]:
    """OEE and its factors of a shift."""
    return tuple(getattr(row.kpis, key) if row.kpis else None for key, _name in FACTORS)


def trend_face(period: LossPeriod, note: str, empty: str) -> TrendFace:
    """OEE, availability, performance and quality of every shift; a mark where another rule set begins."""
    steps = []
    before = ""
    for row in period.shifts:
        changed = rules_words(row.rules) if before and row.rules != before else ""
        steps.append(Step(row.shift.span, day_words(row.shift.business_on), ratios_of(row), changed, not row.over))
        before = row.rules
    whole = tuple(percent(getattr(period.whole, key) if period.whole else None) for key, _name in FACTORS)
    return TrendFace(note, tuple(steps), whole, empty)


class TrendCard(TitledCard):
    """Four strips over one time axis: OEE high, its three factors low. A shift is a line from its start to its end,
    dashed while it runs; between what is known nothing is joined."""

    def show_trend(self, shown: TrendFace) -> None:
        """Show the shifts."""
        names = ", ".join(f"{_(name)} {figure}" for (_k, name), figure in zip(FACTORS, shown.whole, strict=True))
        marks = [f"{step.day}: {step.rules}" for step in shown.steps if step.rules]
        self.show_face(shown, "; ".join((names, *marks)))

    def draw_body(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Strips, axis and marks."""
        shown = self.shown
        assert isinstance(shown, TrendFace)
        plot = QRectF(rect.left() + _NAME_PX, rect.top() + 24, rect.width() - _NAME_PX - 4, rect.height() - 46)
        begin, end = shown.steps[0].span.start_ms, shown.steps[-1].span.end_ms
        scale = plot.width() / max(end - begin, 1)
        high = plot.height() - 54
        low_px = max(high * 0.18, min(_FACTOR_PX, high * 0.22))
        y = plot.top()
        for index, (_key, name) in enumerate(FACTORS):
            strip = QRectF(plot.left(), y, plot.width(), high - 3 * low_px if index == 0 else low_px)
            self._draw_strip(painter, strip, shown, index, (_(name), begin, scale), tokens)
            y = strip.bottom() + 18
        axis = QRectF(plot.left(), plot.bottom(), plot.width(), 24)
        self._draw_axis(painter, axis, shown, begin, scale, tokens)
        self._draw_marks(painter, plot, shown, begin, scale, tokens)

    def _draw_strip(
        self, painter: QPainter, strip: QRectF, shown: TrendFace, index: int, of: tuple[str, int, float], tokens: Tokens
    ) -> None:
        name, begin, scale = of
        known = [step.ratios[index] for step in shown.steps]
        ratios = [ratio for ratio in known if ratio is not None]
        low = max(min([0.9, *ratios]) * 10 // 1 / 10 - 0.1, 0.0)
        top = max([1.0, *ratios])
        words = QRectF(strip.left() - _NAME_PX, strip.top() - 2, _NAME_PX - _LABEL_PX, 22)
        paint.text(painter, words, name, 15, tokens.ink2, least_px=14)
        paint.text(painter, words.translated(0, 21), shown.whole[index], 17, tokens.ink, bold=True, least_px=14)
        for edge, y in ((top, strip.top()), (low, strip.bottom())):
            paint.line(painter, strip.left(), y, strip.right(), y, tokens.line)
            label = QRectF(strip.left() - _LABEL_PX, y - 10, _LABEL_PX - 8, 20)
            paint.text(painter, label, percent_figure(edge, 0), 14, tokens.ink3, align=paint.RIGHT, least_px=14)
        for step, ratio in zip(shown.steps, known, strict=True):
            x = strip.left() + (step.span.start_ms - begin) * scale
            wide = max(step.span.length_ms * scale - 1, 2.0)
            if ratio is None:
                paint.hatch(painter, QRectF(x, strip.top() + 1, wide, strip.height() - 1), tokens, 1, 5)
            else:
                y = strip.bottom() - (ratio - low) / (top - low) * strip.height()
                ink = tokens.value if index == 0 else tokens.ink2
                dash = _DASH_PX if step.running and wide > 3 * _DASH_PX else 0
                paint.line(painter, x, y, x + wide, y, ink, 4 if index == 0 else 2, dash)

    def _draw_axis(
        self, painter: QPainter, rect: QRectF, shown: TrendFace, begin: int, scale: float, tokens: Tokens
    ) -> None:
        right = rect.right() + 16
        if shown.steps[-1].running:
            words = _("running")
            right -= paint.width(words, 14, True) + 16
            paint.text(painter, QRectF(right, rect.top() + 4, rect.right() - right + 4, 20), words, 14, tokens.ink,
                       bold=True, align=paint.RIGHT, least_px=14)  # fmt: skip
        free = rect.left() - 16
        for before, step in zip((None, *shown.steps), shown.steps, strict=False):
            wide = paint.width(step.day, 14)
            x = rect.left() + (step.span.start_ms - begin) * scale
            if (before is None or before.day != step.day) and x > free + 12 and x + wide <= right:
                paint.line(painter, x, rect.top() - 4, x, rect.top() + 2, tokens.line_strong)
                paint.text(painter, QRectF(x, rect.top() + 4, wide + 2, 20), step.day, 14, tokens.ink2)
                free = x + wide

    def _draw_marks(
        self, painter: QPainter, rect: QRectF, shown: TrendFace, begin: int, scale: float, tokens: Tokens
    ) -> None:
        """Where other rules begin figures before and after are not of one kind."""
        free = rect.left() - _NAME_PX
        for step in shown.steps:
            if step.rules:
                x = rect.left() + (step.span.start_ms - begin) * scale
                paint.line(painter, x, rect.top() - 20, x, rect.bottom(), tokens.ink, 2, 5)
                words = _("New rules: {rules}").format(rules=step.rules)
                wide = paint.width(words, 14)
                left = x + 6 if x + 6 + wide <= rect.right() else x - 6 - wide
                if left >= free:
                    paint.text(painter, QRectF(left, rect.top() - 24, wide + 2, 20), words, 14, tokens.ink)
                    free = left + wide + 8

"""Where the time went: from busy to productive time, and standstill by reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.domain.figures.machine import LossStep
from desktop.domain.figures.stops import ParetoRow
from desktop.paint.lettering import CENTER, RIGHT, text, two_lines, width
from desktop.paint.strip import span_block
from desktop.paint.strokes import box, line
from desktop.text import _
from desktop.tokens import Look, Tokens, look
from desktop.wording.numbers import UNKNOWN, lost_tenths, minutes_tenths, percent_figure, pieces, table_minutes
from desktop.wording.states import NOT_LABELLED, state_word

_FIGURE_PX = 28
_STEP_LOOKS = {
    "stop": Look.REASON,
    "unlabelled": Look.STOP,
    "setup": Look.SETUP,
    "wait": Look.WAIT,
    "no_data": Look.NO_DATA,
    "no_order": Look.NO_ORDER,
    "rework": Look.REWORK,
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
    """From busy to productive time: totals as columns, each loss hanging between them, a gain standing, in minutes.

    Losses of no length are left out. A loss has its figure below, or above where it reaches down to the axis.
    With `cut` the axis begins above zero where that shows the losses larger; each total then carries a notch and
    the axis says so.
    """
    steps = shown_steps(steps)
    levels = _levels(steps)
    low, high = min(levels, default=0), max(levels, default=0)
    if high <= 0:
        return
    base = max(low - (high - low) * 0.6, 0) if cut and high * 0.4 < low < high else 0
    plot = rect.adjusted(0, _FIGURE_PX, 0, -44)
    pitch = rect.width() / len(steps)
    bar_px = pitch * 0.66

    def y_of(length_ms: float) -> float:
        return plot.bottom() - plot.height() * max(length_ms - base, 0) / (high - base)

    figures = [minutes_tenths(step.length_ms) if step.total else lost_tenths(step.length_ms) for step in steps]
    widest = max(figures, key=lambda words: width(words, 19, True))
    figure_px = next((px for px in (19, 18, 17, 16, 15) if width(widest, px, True) <= pitch), 14)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for index, (step, level) in enumerate(zip(steps, levels, strict=True)):
        slot = QRectF(rect.left() + index * pitch, plot.top(), pitch, plot.height())
        left = slot.center().x() - bar_px / 2
        before = base if step.total else levels[index - 1]
        if index:
            y = y_of(levels[index - 1])
            line(painter, left - (pitch - bar_px), y, left, y, tokens.line_strong, 1, 3)
        top = y_of(max(before, level))
        bar = QRectF(left, top, bar_px, max(y_of(min(before, level)) - top, 2.0))
        if step.total:
            box(painter, bar, tokens.value if step.kind == "productive" else tokens.run)
            if base:
                _notch(painter, bar, tokens)
        else:
            _loss_block(painter, bar, step.kind, tokens)
        above = step.total or step.length_ms < 0 or bar.bottom() + _FIGURE_PX > plot.bottom()
        y = bar.top() - _FIGURE_PX + 1 if above else bar.bottom() + 3
        place = QRectF(slot.left(), y, pitch, _FIGURE_PX - 3)
        text(painter, place, figures[index], figure_px, tokens.ink, bold=True, align=CENTER)
        label = QRectF(slot.left() + 2, plot.bottom() + 4, pitch - 4, 40)
        two_lines(painter, label, labels.get(step.kind, step.kind), 15, tokens.ink, bold=True)
    line(painter, rect.left(), plot.bottom() + 0.5, rect.right(), plot.bottom() + 0.5, tokens.line_strong)
    if base:
        lowest = min((n for n, step in enumerate(steps) if step.total), key=lambda n: levels[n])
        note = QRectF(rect.left() + lowest * pitch, rect.top(), pitch, 36)  # over the lowest total there is room
        two_lines(painter, note, _("Axis cut"), 14, tokens.ink3)
    painter.restore()


def shown_steps(steps: Sequence[LossStep]) -> list[LossStep]:
    """The steps that a waterfall shows, in equal slots side by side: totals, and losses that there are."""
    return [step for step in steps if step.total or step.length_ms]


def _levels(steps: Sequence[LossStep]) -> list[float]:
    """How much time is left after each step."""
    levels: list[float] = []
    for step in steps:
        levels.append(step.length_ms if step.total else levels[-1] - step.length_ms)
    return levels


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
    name_px, figure_px = rect.width() * 0.24, 58.0
    bar_left, bar_px = rect.left() + name_px, rect.width() - name_px - 3 * figure_px - 8
    edges = [bar_left + bar_px + 8 + n * figure_px for n in range(3)]
    for x, title in zip(edges, (_("min"), _("Count"), _("Cum. %")), strict=True):
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
        cells = ((table_minutes(row.length_ms), True), (pieces(row.count), False), (share, False))
        for x, (figure, bold) in zip(edges, cells, strict=True):
            cell = QRectF(x, y, figure_px, row_px)
            text(painter, cell, figure, 15, tokens.ink if bold else tokens.ink2, bold=bold, align=RIGHT, least_px=14)

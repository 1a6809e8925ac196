"""What cost most: losses or reasons as bars, by minutes, stops or pieces."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop import paint
from desktop.domain.events import State
from desktop.domain.figures.losses import LossPeriod
from desktop.domain.intervals import Category
from desktop.text import N_, _
from desktop.tokens import Look, Tokens, look
from desktop.views.widgets.titled_card import TitledCard
from desktop.wording.kpis import loss_words
from desktop.wording.numbers import UNKNOWN, minutes_tenths, percent_figure, pieces
from desktop.wording.states import cause_words

ROW_PX = 46
LEAST_ROW_PX = 22
#: measures by which losses are compared: what they are called, and their unit
MEASURES = {
    "minutes": (N_("By minutes"), N_("min")),
    "count": (N_("By number of stops"), N_("stops")),
    "pieces": (N_("By pieces"), N_("pcs")),
}
_LAST = ("unlabelled", "no_data")  # what nobody explained, then what nobody observed
_LOOKS = {
    "stop": Look.REASON,
    "unlabelled": Look.STOP,
    "setup": Look.SETUP,
    "wait": Look.WAIT,
    "no_order": Look.NO_ORDER,
    "no_data": Look.NO_DATA,
}


class Loss(Struct, frozen=True):
    """One loss or reason: all that is known of it. `shown`: standstill and silence have a look of their own."""

    kind: str
    name: str
    shown: Look | None
    length_ms: int
    count: int | None
    pieces: float | None

    def size(self, measure: str) -> float | None:
        """Minutes in milliseconds, stops or pieces; None where it is not known or has none."""
        return {"minutes": self.length_ms, "count": self.count, "pieces": self.pieces}[measure]


class Bar(Struct, frozen=True):
    """One row: its length of the longest, and its figures as words."""

    kind: str
    name: str
    shown: Look | None
    share: float
    figure: str
    running: str


class ParetoFace(Struct, frozen=True):
    """The rows, biggest first; what nobody explained and what nobody observed are last."""

    note: str
    unit: str
    bars: tuple[Bar, ...]
    empty: str


def losses_of(period: LossPeriod, by_reason: bool, measure: str) -> tuple[Loss, ...]:
    """The losses of a period or the reasons of its stops, in the order of a measure.

    Last come what nobody explained and, though it is no loss, what nobody observed.
    """
    found: list[Loss] = []
    if by_reason:

        def pieces_of(length_ms: int) -> float | None:
            return None if period.cycle_ms is None else length_ms / period.cycle_ms

        for row in period.reasons:
            kind = "reason" if row.labelled else "unlabelled"
            shown = look(row.category, row.state, row.labelled)
            words = row.word or cause_words(row.category, row.state, labelled=row.labelled)
            found.append(Loss(kind, words, shown, row.length_ms, row.count, pieces_of(row.length_ms)))
        if period.no_data_ms:
            length_ms = period.no_data_ms
            words = cause_words(Category.NO_DATA, State.UNKNOWN)
            found.append(Loss("no_data", words, Look.NO_DATA, length_ms, None, pieces_of(length_ms)))
    else:
        names = loss_words()
        found = [
            Loss(step.kind, names[step.kind], _LOOKS.get(step.kind), step.length_ms, step.count, step.pieces)
            for step in period.losses
        ]
    last = {kind: n for n, kind in enumerate(_LAST, 1)}
    return tuple(sorted(found, key=lambda loss: (last.get(loss.kind, 0), -(loss.size(measure) or 0), -loss.length_ms)))


def whole_of(losses: Sequence[Loss], measure: str) -> float:
    """All losses together; silence is none."""
    return sum(loss.size(measure) or 0 for loss in losses if loss.kind != "no_data")


def pareto_face(period: LossPeriod, by_reason: bool, measure: str, note: str, empty: str) -> ParetoFace:
    """The losses of a period by a measure. What has no such measure is left out, but for what is always there."""
    losses = losses_of(period, by_reason, measure)
    known = [loss for loss in losses if loss.size(measure) is not None or loss.kind in _LAST]
    whole, longest = whole_of(known, measure), max([1e-9, *(loss.size(measure) or 0 for loss in known)])
    bars, running = [], 0.0
    for loss in known:
        size = loss.size(measure)
        running += (size or 0) if loss.kind != "no_data" else 0
        figure = UNKNOWN if size is None else minutes_tenths(size) if measure == "minutes" else pieces(round(size))
        share = percent_figure(running / whole, 0) if whole and loss.kind != "no_data" else UNKNOWN
        bars.append(Bar(loss.kind, loss.name, loss.shown, (size or 0) / longest, figure, share))
    if not empty and measure == "pieces" and all(loss.pieces is None for loss in losses):
        empty = _("Without a standard losses have no pieces.")
    elif not empty and not any(loss.length_ms for loss in losses):
        empty = _("Nothing was lost.")
    return ParetoFace(note, _(MEASURES[measure][1]), tuple(bars), empty)


class ParetoCard(TitledCard):
    """The losses as bars with their figures and the running share."""

    def show_losses(self, shown: ParetoFace) -> None:
        """Show the losses."""
        self.show_face(shown, ", ".join(f"{bar.name} {bar.figure} {shown.unit}" for bar in shown.bars))

    def draw_body(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The bars under the names of their columns. Where there is no room for all the smallest are left out: the
        table below has them."""
        shown = self.shown
        assert isinstance(shown, ParetoFace)
        room = int((rect.height() - 24) // LEAST_ROW_PX)
        fixed = [bar for bar in shown.bars if bar.kind in _LAST]
        others = [bar for bar in shown.bars if bar.kind not in _LAST]
        bars = [*others[: max(room - len(fixed), 0)], *fixed]
        name_px, figure_px = rect.width() * 0.28, 84.0
        bar_px = rect.width() - name_px - 2 * figure_px - 8
        for n, words in enumerate((shown.unit, _("Cum. %"))):
            cell = QRectF(rect.right() - (2 - n) * figure_px, rect.top(), figure_px, 22)
            paint.text(painter, cell, words, 14, tokens.ink3, align=paint.RIGHT, least_px=14)
        row_px = min((rect.height() - 24) / len(bars), ROW_PX)
        size_px = 17 if row_px >= 26 else 15
        for n, bar in enumerate(bars):
            row = QRectF(rect.left(), rect.top() + 24 + n * row_px, rect.width(), row_px)
            if bar.kind == "no_data":
                paint.line(painter, row.left(), row.top() + 0.5, row.right(), row.top() + 0.5, tokens.line)
            name = QRectF(row.left(), row.top(), name_px - 10, row_px)
            paint.text(painter, name, bar.name, size_px, tokens.ink, bold=bar.kind == "unlabelled", least_px=14)
            block = QRectF(row.left() + name_px, row.top() + row_px * 0.2, max(bar_px * bar.share, 2), row_px * 0.6)
            if bar.shown is not None and bar.share:
                paint.span_block(painter, block, bar.shown, tokens)
            elif bar.share:
                paint.box(painter, block, tokens.ng if bar.kind == "reject" else tokens.gap)
            cell = QRectF(row.right() - 2 * figure_px, row.top(), figure_px, row_px)
            paint.text(painter, cell, bar.figure, size_px, tokens.ink, bold=True, align=paint.RIGHT, least_px=14)
            cell = cell.translated(figure_px, 0)
            paint.text(painter, cell, bar.running, size_px, tokens.ink2, align=paint.RIGHT, least_px=14)

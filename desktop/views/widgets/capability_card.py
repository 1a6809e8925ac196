"""The capability of a characteristic: Cpk with its interval, what it is worth, how the values lie, and the rest."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, card_head, tell

_PAD = 20
_ROW_PX = 34
_WARN_PX = 60
_HIST_PX = (140, 230)
FOOT_PX = 104


class CapabilityFace(Struct, frozen=True):
    """All as words. `bars` are counts from `start` in steps of `width`; `marks` the limits that are drawn (value and
    words, None: not specified), `mean` and its words."""

    note: str
    figure: str
    index: str  # "Cpk"
    beside: tuple[str, str]
    low_figure: bool  # it is below what is wanted
    warnings: tuple[tuple[str, str], ...]
    bars: tuple[int, ...]
    start: float
    width: float
    marks: tuple[tuple[float, str] | None, tuple[float, str] | None]
    mean: tuple[float, str] | None
    rows: tuple[tuple[str, str], ...]


class CapabilityCard(Painted):
    """The card, with the button that freezes limits at its foot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("capability", parent)
        self.freeze = Button("freeze-limits", _("Freeze control limits"), self)
        self._hint = ""
        tell(self, _("Capability"), _("Being read"))

    def show_capability(self, shown: CapabilityFace) -> None:
        """Show the figures."""
        if self.set_face(shown):
            said = [f"{shown.index} {shown.figure}", *shown.beside, *(head for head, _body in shown.warnings)]
            tell(self, _("Capability"), ", ".join((*said, *(f"{name} {words}" for name, words in shown.rows))))

    def show_hint(self, words: str) -> None:
        """Say over the button why it cannot be pressed; "" where it can."""
        if words != self._hint:
            self._hint = words
            tell(self.freeze, self.freeze.text(), words)
            self.update()

    def wanted_px(self) -> int:
        """The height that shows all of it."""
        shown = self._face
        if not isinstance(shown, CapabilityFace):
            return 400
        return 52 + 100 + len(shown.warnings) * (_WARN_PX + 8) + _HIST_PX[0] + len(shown.rows) * _ROW_PX + FOOT_PX + 16

    def sizeHint(self) -> QSize:
        """As high as it wants to be."""
        return QSize(360, self.wanted_px())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button stays at the foot."""
        super().resizeEvent(event)
        self.freeze.setGeometry(_PAD, self.height() - 16 - 56, self.width() - 2 * _PAD, 56)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Figure, warnings, histogram, rows."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, CapabilityFace):
            return
        card_head(painter, rect, tokens, _("Capability"), shown.note)
        y = 52.0
        paint.text(painter, QRectF(_PAD, y - 4, 120, 20), shown.index, 15, tokens.ink2)
        wide = paint.text(
            painter, QRectF(_PAD, y + 12, rect.width() - 2 * _PAD, 64), shown.figure, 56, tokens.ink, bold=True
        )
        beside = QRectF(_PAD + wide + 20, y + 20, rect.width() - 2 * _PAD - wide - 20, 24)
        for n, words in enumerate(shown.beside):
            paint.text(painter, beside.translated(0, 25 * n), words, 15, tokens.ink2, least_px=14)
        y += 90
        for head, body in shown.warnings:
            box = QRectF(_PAD, y, rect.width() - 2 * _PAD, _WARN_PX)
            paint.box(painter, box, tokens.panel2, tokens.ng, radius=6, pen=2)
            paint.text(painter, box.adjusted(12, 6, -12, -30), head, 15, tokens.ink, bold=True, least_px=14)
            paint.text(painter, box.adjusted(12, 30, -12, -6), body, 14, tokens.ink2, least_px=14)
            y += _WARN_PX + 8
        rest = rect.height() - FOOT_PX - y - len(shown.rows) * _ROW_PX
        high = min(max(rest, _HIST_PX[0]), _HIST_PX[1])
        if shown.bars:
            self._draw_bars(painter, QRectF(_PAD, y, rect.width() - 2 * _PAD, high), shown, tokens)
        y += high
        for name, words in shown.rows:
            paint.line(painter, _PAD, y + 0.5, rect.width() - _PAD, y + 0.5, tokens.line)
            room = QRectF(_PAD, y, rect.width() - 2 * _PAD, _ROW_PX)
            used = paint.text(painter, room, name, 15, tokens.ink2)
            paint.text(
                painter, room.adjusted(used + 12, 0, 0, 0), words, 15, tokens.ink, bold=True, align=paint.RIGHT,
                least_px=14,
            )  # fmt: skip
            y += _ROW_PX
        if self._hint:
            room = QRectF(_PAD, self.freeze.y() - 26, rect.width() - 2 * _PAD, 22)
            paint.text(painter, room, self._hint, 14, tokens.ink2, least_px=14)

    @staticmethod
    def _draw_bars(painter: QPainter, area: QRectF, shown: CapabilityFace, tokens: Tokens) -> None:
        """The histogram between the limits."""
        edges = [shown.start, shown.start + shown.width * len(shown.bars)]
        edges += [mark[0] for mark in shown.marks if mark is not None]
        low, high = min(edges), max(edges)
        margin = (high - low) * 0.06 or 1.0
        low, high = low - margin, high + margin
        plot = area.adjusted(0, 26, 0, -30)
        most = max(shown.bars)

        def x_of(value: float) -> float:
            return plot.left() + (value - low) / (high - low) * plot.width()

        for n, count in enumerate(shown.bars):
            left, right = x_of(shown.start + n * shown.width), x_of(shown.start + (n + 1) * shown.width)
            tall = plot.height() * count / most
            if count:
                bar = QRectF(left, plot.bottom() - tall, max(right - left - 1, 1), tall)
                paint.box(painter, bar, tokens.run)
        paint.line(painter, plot.left(), plot.bottom(), plot.right(), plot.bottom(), tokens.line_strong)
        for mark, side in zip(shown.marks, (paint.LEFT, paint.RIGHT), strict=True):
            if mark is not None:
                x = x_of(mark[0])
                paint.line(painter, x, plot.top(), x, plot.bottom(), tokens.ng, 2)
                half = area.width() / 2 - 4
                left = area.left() if side is paint.LEFT else area.right() - half
                paint.text(painter, QRectF(left, area.top(), half, 22), mark[1], 14, tokens.ng, bold=True, align=side)
        if shown.mean is not None:
            x = x_of(shown.mean[0])
            paint.line(painter, x, plot.top(), x, plot.bottom(), tokens.ink, 2, 3)
            wide = paint.width(shown.mean[1], 14) + 2
            left = min(max(x - wide / 2, area.left()), area.right() - wide)
            paint.text(painter, QRectF(left, plot.bottom() + 4, wide, 20), shown.mean[1], 14, tokens.ink)

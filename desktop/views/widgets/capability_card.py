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
_ROW_PX = 30
_HIST_PX = (124, 230)
_LINE_PX = 20
FOOT_PX = 100


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


def _warning_px(body: str, width: float) -> int:
    """How high a warning is in a width."""
    return 38 + _LINE_PX * min(len(paint.broken(body, 14, width - 24)), 2)


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
        warned = sum(_warning_px(body, self.width() - 2 * _PAD) + 8 for _head, body in shown.warnings)
        return 52 + 82 + warned + _HIST_PX[0] + len(shown.rows) * _ROW_PX + FOOT_PX

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
        size_px = 56 if rect.width() >= 360 else 44
        wide = paint.text(
            painter, QRectF(_PAD, y + 12, rect.width() - 2 * _PAD, 60), shown.figure, size_px, tokens.ink, bold=True
        )
        beside = QRectF(_PAD + wide + 16, y + 18, rect.width() - 2 * _PAD - wide - 16, 24)
        for n, words in enumerate(shown.beside):
            paint.text(painter, beside.translated(0, 25 * n), words, 15, tokens.ink2, least_px=14)
        y += 82
        for head, body in shown.warnings:
            box = QRectF(_PAD, y, rect.width() - 2 * _PAD, _warning_px(body, rect.width() - 2 * _PAD))
            paint.box(painter, box, tokens.panel2, tokens.ng, radius=6, pen=2)
            room = QRectF(box.left() + 12, box.top() + 6, box.width() - 24, 24)
            paint.text(painter, room, head, 15, tokens.ink, bold=True, least_px=14)
            paint.paragraph(painter, room.translated(0, 24), body, 14, tokens.ink2, most=2)
            y += box.height() + 8
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

"""A week of shifts: columns of days, hours downward; breaks are gaps, planned stops dashed, and a line is now."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from desktop.paint.lettering import CENTER, RIGHT, text
from desktop.paint.strokes import box, color, line
from desktop.tokens import Tokens

_LABEL_PX = 18.0  # so high a part must be to hold a word


class BlockLook(Struct, frozen=True):
    """A shift as it is painted: words, and its breaks as parts of its height, 0 to 1."""

    name: str
    note: str
    breaks: tuple[tuple[float, float, str], ...] = ()
    shade: int = 0  # every other shift of a day is darker
    extra: bool = False


def week_block(painter: QPainter, rect: QRectF, shown: BlockLook, tokens: Tokens, *, chosen: bool, hover: bool) -> None:
    """A shift: ground, its breaks as gaps, name and crew where they have room."""
    ground = tokens.panel2 if shown.extra else tokens.run_tint if not shown.shade else tokens.track
    box(painter, rect, tokens.accent_soft if hover and not chosen else ground, tokens.line_strong)
    tops = [rect.height()]
    for start, end, words in shown.breaks:
        part = QRectF(
            rect.left() + 1, rect.top() + start * rect.height(), rect.width() - 2, (end - start) * rect.height()
        )
        box(painter, part, tokens.panel)
        for y in (part.top(), part.bottom()):
            line(painter, part.left(), y, part.right(), y, tokens.line)
        if part.height() >= _LABEL_PX:
            text(painter, part, words, 14, tokens.ink2, align=CENTER, least_px=14)
        tops.append(start * rect.height())
    room = min(tops)
    inner = rect.adjusted(8, 0, -6, 0)
    if room >= 22:
        text(
            painter,
            QRectF(inner.left(), rect.top() + 3, inner.width(), 20),
            shown.name,
            15,
            tokens.ink,
            bold=True,
            least_px=14,
        )
    if room >= 44 and shown.note:
        text(
            painter, QRectF(inner.left(), rect.top() + 23, inner.width(), 19), shown.note, 14, tokens.ink2, least_px=14
        )
    if chosen:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color(tokens.accent), 3))
        painter.drawRect(rect.adjusted(1.5, 1.5, -1.5, -1.5))


def planned_block(painter: QPainter, rect: QRectF, words: str, tokens: Tokens, *, approved: bool, chosen: bool) -> None:
    """A planned stop: dashed; one that nobody approved has no ground of its own, and a question mark."""
    box(painter, rect, tokens.panel if approved else tokens.planned)
    pen = QPen(color(tokens.accent if chosen else tokens.ink2), 3 if chosen else 1.5)
    pen.setDashPattern([4, 3])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawRect(rect.adjusted(1, 1, -1, -1))
    if rect.height() >= _LABEL_PX:
        said = words if approved else f"? {words}"
        text(painter, rect.adjusted(4, 0, -4, 0), said, 14, tokens.ink, align=CENTER, least_px=14)


def week_ground(
    painter: QPainter, area: QRectF, axis_px: float, hours: Sequence[tuple[float, str]], tokens: Tokens
) -> None:
    """Lines of hours over all columns, each with its time at the left."""
    for at, words in hours:
        y = area.top() + at * area.height()
        line(painter, area.left(), y, area.right(), y, tokens.line)
        label = QRectF(area.left() - axis_px, y - 10, axis_px - 10, 20)
        text(painter, label, words, 14, tokens.ink2, align=RIGHT, least_px=14)


def week_now(painter: QPainter, left: float, right: float, y: float, tokens: Tokens) -> None:
    """The line of this moment over a day."""
    line(painter, left, y, right, y, tokens.ink, 3)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(tokens.ink))
    painter.drawEllipse(QPointF(left, y), 6, 6)

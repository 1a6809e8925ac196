"""Colours, boxes, lines and hatches: the least of what is drawn."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.tokens import Tokens


@lru_cache(maxsize=256)
def color(name: str) -> QColor:
    """A colour of the tokens."""
    return QColor(name)


@lru_cache(maxsize=256)
def outline(ink: str, pen: float, dash: float = 0) -> QPen:
    """A pen with flat ends, to be drawn with as it is; `dash` > 0 makes dashes and holes of that many pixels."""
    made = QPen(color(ink), pen)
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dash:
        made.setDashPattern([dash / pen, dash / pen])
    return made


def box(
    painter: QPainter, rect: QRectF, ground: str | None, edge: str | None = None, *, radius: float = 0, pen: float = 1
) -> None:
    """Fill a rectangle and draw its edge inside it."""
    if ground and not edge and not radius:
        painter.fillRect(rect, color(ground))
        return
    painter.setBrush(color(ground) if ground else Qt.BrushStyle.NoBrush)
    if edge:
        painter.setPen(outline(edge, pen))
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
    painter.setPen(outline(ink, pen, dash))
    painter.drawLine(QLineF(x1, y1, x2, y2))


def hatch(painter: QPainter, rect: QRectF, tokens: Tokens, pen: float = 3, period: float = 8) -> None:
    """Silence: the no-data fill under lines at 45 degrees."""
    box(painter, rect, tokens.no_data)
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color(tokens.hatch), pen))
    step = period * math.sqrt(2)
    first, count = rect.left() - rect.height(), math.ceil((rect.width() + rect.height()) / step)
    lefts = (first + step * number for number in range(count))
    painter.drawLines([QLineF(x, rect.bottom(), x + rect.height(), rect.top()) for x in lefts])
    painter.restore()

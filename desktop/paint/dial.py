"""The gauge."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from desktop.paint.lettering import CENTER, text, width
from desktop.paint.strokes import line, outline
from desktop.text import _
from desktop.tokens import Tokens
from desktop.wording.numbers import percent_figure


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
    "Check C/T" for a caption; without any caption nothing is written under it. `stale` greys the arc; the caller
    then gives the time as caption. `ground` is the colour behind it (the card's by default). Needs
    0.8 of its width as height.
    """
    size = min(rect.width(), rect.height() / 0.8)
    stroke = 0.12 * size
    radius = size / 2 - stroke / 2 - 6
    centre = QPointF(rect.center().x(), rect.top() + (rect.height() - 0.8 * size) / 2 + size / 2)
    circle = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)

    def arc(start: float, end: float, ink: str, dash: float = 0) -> None:
        painter.setPen(outline(ink, stroke, dash))
        painter.drawArc(circle, round((210 - 240 * start) * 16), round(-240 * (end - start) * 16))

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
    if not caption:
        return
    caption = _("Check C/T") if value is not None and value > 1.0005 else caption
    caption_px = min(max(14.0, 0.115 * size), 20.0)
    middle = centre.y() + 0.145 * size
    reach = middle - centre.y() + caption_px * 0.4
    if width(caption, caption_px) > 2 * math.sqrt(max((radius - stroke / 2) ** 2 - reach**2, 0)):
        middle = centre.y() + 0.3 * size - 4  # too wide for the hole: below the ends of the arc
    under = QRectF(rect.left(), middle - 12, rect.width(), 24)
    text(painter, under, caption, caption_px, tokens.ink3, align=CENTER, least_px=14)

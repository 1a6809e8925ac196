"""The sign of a state: the same meaning as its colour, for those who do not see the colour."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from desktop.paint.strokes import color
from desktop.tokens import Look


def state_shape(painter: QPainter, rect: QRectF, shown: Look, ink: str) -> None:
    """The sign of a look on a 24 grid: the same meaning as its colour, for those who do not see the colour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = min(rect.width(), rect.height())
    painter.translate(rect.center().x() - side / 2, rect.center().y() - side / 2)
    painter.scale(side / 24, side / 24)
    painter.setBrush(color(ink))
    painter.setPen(Qt.PenStyle.NoPen)
    _SHAPES[shown](painter, color(ink))
    painter.restore()


def _polygon(path: QPainterPath, *corners: tuple[float, float]) -> None:
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in (*corners, corners[0])]))


@cache  # the sign of nearly every tile
def _run() -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(12, 12), 11, 11)
    _polygon(path, (9.2, 6.8), (17.8, 12), (9.2, 17.2))
    return path


def _shape_run(painter: QPainter, ink: QColor) -> None:
    painter.drawPath(_run())


def _shape_stop(painter: QPainter, ink: QColor) -> None:
    path = QPainterPath()
    _polygon(path, (12, 1.2), (23.5, 22), (0.5, 22))
    _polygon(path, (10.8, 8.4), (13.2, 8.4), (12.9, 15.2), (11.1, 15.2))
    path.addEllipse(QPointF(12, 18.2), 1.4, 1.4)
    painter.drawPath(path)


def _shape_short_stop(painter: QPainter, ink: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, 2.2, j=Qt.PenJoinStyle.RoundJoin))
    path = QPainterPath()
    _polygon(path, (12, 3), (22, 21), (2, 21))
    painter.drawPath(path)


def _shape_reason(painter: QPainter, ink: QColor) -> None:
    path = QPainterPath()
    path.addRoundedRect(QRectF(2.5, 2.5, 19, 19), 2, 2)
    path.addRect(QRectF(6.5, 10.6, 11, 2.8))
    painter.drawPath(path)


def _shape_setup(painter: QPainter, ink: QColor) -> None:
    path = QPainterPath()
    _polygon(path, (12, 0.5), (23.5, 12), (12, 23.5), (0.5, 12))
    _polygon(
        path, (10.8, 7.4), (13.2, 7.4), (13.2, 10.8), (16.6, 10.8), (16.6, 13.2), (13.2, 13.2),
        (13.2, 16.6), (10.8, 16.6), (10.8, 13.2), (7.4, 13.2), (7.4, 10.8), (10.8, 10.8),
    )  # fmt: skip
    painter.drawPath(path)


def _shape_wait(painter: QPainter, ink: QColor) -> None:
    painter.drawRect(QRectF(4.5, 3, 5.5, 18))
    painter.drawRect(QRectF(14, 3, 5.5, 18))


def _shape_planned(painter: QPainter, ink: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, 2.6))
    painter.drawEllipse(QPointF(12, 12), 8.7, 8.7)


def _shape_no_data(painter: QPainter, ink: QColor) -> None:
    ring = QPen(ink, 2.2)
    ring.setCapStyle(Qt.PenCapStyle.FlatCap)
    ring.setDashPattern([1.9, 1.05])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(ring)
    painter.drawEllipse(QPointF(12, 12), 10.4, 10.4)
    mark = QPen(ink, 2)
    mark.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(mark)
    path = QPainterPath(QPointF(9.2, 9.6))
    path.arcTo(QRectF(9.2, 6.6, 5.6, 5.6), 180, -225)
    path.quadTo(12, 12.6, 12, 14)
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawEllipse(QPointF(12, 17.3), 1.3, 1.3)


def _shape_rework(painter: QPainter, ink: QColor) -> None:
    """Running, but once more: a ring that turns back on itself around the sign of running."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, 2.2))
    painter.drawArc(QRectF(2, 2, 20, 20), 60 * 16, 300 * 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    path = QPainterPath()
    _polygon(path, (12.5, 0.2), (19.6, 3.6), (12.5, 7))
    _polygon(path, (9.4, 8), (16.6, 12), (9.4, 16))
    painter.drawPath(path)


def _shape_no_order(painter: QPainter, ink: QColor) -> None:
    """An empty order sheet."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, 2.2, j=Qt.PenJoinStyle.RoundJoin))
    painter.drawRect(QRectF(4, 4, 16, 18))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawRect(QRectF(8, 1, 8, 5.4))


def _shape_unscheduled(painter: QPainter, ink: QColor) -> None:
    """A clock off duty: a thin ring with a stroke through it."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(ink, 2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawEllipse(QPointF(12, 12), 9.4, 9.4)
    painter.drawLine(QPointF(7.5, 12), QPointF(16.5, 12))


def _shape_no_signal(painter: QPainter, ink: QColor) -> None:
    """Bars of a signal that are empty, and a stroke through them."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, 1.8))
    for left, top in ((3, 15), (9.5, 10), (16, 5)):
        painter.drawRect(QRectF(left, top, 4.5, 21 - top))
    pen = QPen(ink, 2.2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawLine(QPointF(2, 3), QPointF(14, 14))


_SHAPES: dict[Look, Callable[[QPainter, QColor], None]] = {
    Look.RUN: _shape_run,
    Look.SHORT_STOP: _shape_short_stop,
    Look.STOP: _shape_stop,
    Look.REASON: _shape_reason,
    Look.SETUP: _shape_setup,
    Look.WAIT: _shape_wait,
    Look.PLANNED: _shape_planned,
    Look.NO_DATA: _shape_no_data,
    Look.REWORK: _shape_rework,
    Look.NO_ORDER: _shape_no_order,
    Look.UNSCHEDULED: _shape_unscheduled,
    Look.NO_SIGNAL: _shape_no_signal,
}

"""The first page of a report as a picture for a messenger: small enough to be sent, large enough to be read."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QBuffer, QIODeviceBase, Qt
from PySide6.QtGui import QImage, QPainter

from desktop.domain.figures.report import ShiftReport
from desktop.reports.pdf import Pages, ready_to_draw

#: the paper's own grid, pixel for pixel: letters of 16 px stay sharp
WIDTH, HEIGHT = round(Pages.WIDTH), round(Pages.HEIGHT)
MOST_BYTES = 300_000  # what messengers send as it is


def draw(report: ShiftReport) -> QImage:
    """The first page, 1240 x 1754 pixels."""
    ready_to_draw()
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    Pages(report).draw(painter, 1)
    painter.end()
    return image


def render(report: ShiftReport) -> bytes:
    """The picture as a PNG file of at most 300,000 bytes, in 256 colours or fewer."""
    image = draw(report)
    content = b""
    for colours in (256, 64, 16):
        # A page has two inks, some flat fills and the edges of letters: its commonest colours are all that is seen.
        common = Counter(memoryview(image.constBits()).cast("I")).most_common(colours)
        table = [colour for colour, _count in common]
        flags = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
        content = _png(image.convertToFormat(QImage.Format.Format_Indexed8, table, flags))
        if len(content) <= MOST_BYTES:
            break
    return content


def _png(image: QImage) -> bytes:
    target = QBuffer()
    target.open(QIODeviceBase.OpenModeFlag.WriteOnly)
    image.save(target, "PNG", 0)  # type: ignore[call-overload]
    return bytes(target.data().data())

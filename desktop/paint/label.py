"""A label drawn dot for dot: black or white, at the resolution of the print head. What is shown is what is printed.

Symbols come of zxing-cpp, which reads them too, and Code 128 of our own table (`domain.code128`); a module is a whole
number of dots.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from desktop.domain import code128
from desktop.domain.gs1 import split
from desktop.domain.labels import Bitmap, CodeField, Drawn, Mark, Symbol, Template, TextField, dots
from desktop.paint.lettering import font

LEAST_TEXT_MM = 1.5  # below it nobody reads Hangul at arm's length
LEAST_MODULE_MM = 0.25  # of a symbol: what hand scanners read at arm's length
_QUIET = {Symbol.GS1_DATAMATRIX: 1, Symbol.DATAMATRIX: 1, Symbol.QR: 4, Symbol.CODE128: 10}  # modules on each side


class UndrawableError(Exception):
    """A label cannot be drawn: `why` is "code" (its data is none for this symbol), "room" (the symbol would be too fine
    to be read) or "text" (a text that must be whole is too long). `text` is what was to be drawn."""

    def __init__(self, why: str, text: str) -> None:
        super().__init__(f"{why}: {text}")
        self.why = why
        self.text = text


def draw(label: Template, dpi: int) -> Drawn:
    """A label whose placeholders are filled, in dots. Raises UndrawableError. Needs the typeface (`load_fonts`)."""
    marks = []
    for each in label.fields:
        mark = _code(each, dpi) if isinstance(each, CodeField) else _text(each, dpi)
        if mark is not None:
            marks.append(mark)
    return Drawn(dots(label.width_mm, dpi), dots(label.height_mm, dpi), dpi, tuple(marks))


def picture(drawn: Drawn) -> QImage:
    """The label as a picture, a dot a pixel, put together from the marks that are printed."""
    image = QImage(drawn.width, drawn.height, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Darken)
    for mark in drawn.marks:
        bits = mark.bitmap
        mono = QImage(bits.rows, bits.width, bits.height, bits.stride, QImage.Format.Format_Mono)
        mono.setColorTable([0xFFFFFFFF, 0xFF000000])
        painter.drawImage(mark.x, mark.y, mono)
    painter.end()
    return image


def _code(each: CodeField, dpi: int) -> Mark | None:
    if not each.text:
        return None
    width, height = dots(each.width, dpi), dots(each.height, dpi)
    quiet = _QUIET[each.symbol]
    rows = _modules(each)
    across = len(rows[0]) + 2 * quiet
    linear = each.symbol is Symbol.CODE128
    module = width // across if linear else min(width // across, height // (len(rows) + 2 * quiet))
    if module * 25.4 / dpi < LEAST_MODULE_MM * 0.99:  # 2 dots at 203 in an inch are 0.2502 mm
        raise UndrawableError("room", each.text)
    bitmap = _enlarged(rows, module, height if linear else 0)
    left = dots(each.x, dpi) + (width - bitmap.width) // 2
    return Mark(left, dots(each.y, dpi) + (height - bitmap.height) // 2, bitmap)


def _modules(each: CodeField) -> list[list[bool]]:
    """The modules of a symbol without its quiet zone, row by row, True where black. Raises UndrawableError."""
    if each.symbol is Symbol.CODE128:
        try:
            widths = code128.bars(each.text)
        except ValueError as error:
            raise UndrawableError("code", each.text) from error
        return [[place % 2 == 0 for place, wide in enumerate(widths) for _module in range(wide)]]
    import zxingcpp  # 2 MB that a window without labels does without

    kind = zxingcpp.BarcodeFormat.QRCode if each.symbol is Symbol.QR else zxingcpp.BarcodeFormat.DataMatrix
    options = {"gs1": True} if each.symbol is Symbol.GS1_DATAMATRIX else {}
    if each.symbol is not Symbol.QR:
        options["force_square"] = True
    try:
        made = zxingcpp.create_barcode(each.text, kind, **options)
    except (ValueError, RuntimeError) as error:
        raise UndrawableError("code", each.text) from error
    if each.symbol is Symbol.GS1_DATAMATRIX and not split(made.bytes.decode("utf-8", "replace"), 2000).is_sound:
        raise UndrawableError("code", each.text)  # the library takes wrong check digits and dates
    image: Any = made.to_image(scale=1, add_quiet_zones=False)  # a buffer of bytes, 0 is black
    pixels: Any = memoryview(image).tolist()
    return [[pixel == 0 for pixel in row] for row in pixels]


def _enlarged(rows: list[list[bool]], module: int, height: int) -> Bitmap:
    """Modules as dots; `height`: that of the only row, 0: a module is as high as it is wide."""
    found = []
    for row in rows:
        bits = "".join(("1" if black else "0") * module for black in row)
        found.append(_bytes_of(bits) * (height or module))
    return Bitmap(len(rows[0]) * module, len(rows) * (height or module), b"".join(found))


def _bytes_of(bits: str) -> bytes:
    bits = bits.ljust((len(bits) + 7) // 8 * 8, "0")
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _text(each: TextField, dpi: int) -> Mark | None:
    words = " ".join(each.text.split())
    if not words:
        return None
    width, height = dots(each.width, dpi), dots(each.height, dpi)
    size, least = dots(each.size_mm, dpi), dots(LEAST_TEXT_MM, dpi)
    while size > least and QFontMetricsF(font(size, each.bold)).horizontalAdvance(words) > width:
        size -= 1
    look = font(size, each.bold)
    measures = QFontMetricsF(look)
    if measures.horizontalAdvance(words) > width:
        if each.whole:
            raise UndrawableError("text", words)
        words = measures.elidedText(words, Qt.TextElideMode.ElideRight, width)
    image = QImage(width, height, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setFont(look)
    painter.setPen(Qt.GlobalColor.black)
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
    painter.drawText(QRectF(0, 0, width, height), int(flags), words)
    painter.end()
    return _trimmed(image, dots(each.x, dpi), dots(each.y, dpi))


def _trimmed(image: QImage, left: int, top: int) -> Mark | None:
    """The black dots of a picture without the white around them, None where there are none."""
    stride, pixels = image.bytesPerLine(), bytes(image.constBits())
    rows = [
        "".join("1" if level < 128 else "0" for level in pixels[y * stride : y * stride + image.width()])
        for y in range(image.height())
    ]
    inked = [y for y, row in enumerate(rows) if "1" in row]
    if not inked:
        return None
    first = min(row.find("1") for row in rows if "1" in row)
    last = max(row.rfind("1") for row in rows)
    kept = rows[inked[0] : inked[-1] + 1]
    bitmap = Bitmap(last - first + 1, len(kept), b"".join(_bytes_of(row[first : last + 1]) for row in kept))
    return Mark(left + first, top + inked[0], bitmap)

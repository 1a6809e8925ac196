"""The bundled typeface, and every text that is drawn: in its box, recorded where a test asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF, QPainter

from desktop.paint.strokes import color

FAMILY = "Gadong Sans"
_loaded: list[int] = []  # Qt's numbers of the two files; an application that ends forgets them
_FONTS = Path(__file__).resolve().parents[2] / "resources" / "fonts"

MACRON = "\u0304"  # follows the letter that it stands over
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def load_fonts() -> None:
    """Load the bundled typeface, once per process and before the first widget. Raises RuntimeError without it."""
    if _loaded and QFontDatabase.applicationFontFamilies(_loaded[-1]):
        return
    # Those of an application that ended know its typefaces.
    font.cache_clear()
    metrics.cache_clear()
    width.cache_clear()
    _loaded.clear()
    for name in ("GadongSans-Regular.ttf", "GadongSans-Bold.ttf"):
        number = QFontDatabase.addApplicationFont(str(_FONTS / name))
        if number < 0:
            raise RuntimeError(f"the typeface {_FONTS / name} cannot be loaded")
        _loaded.append(number)


@lru_cache(maxsize=128)
def font(size_px: float, bold: bool = False) -> QFont:
    """The bundled typeface at a size in logical pixels; its digits all have one width."""
    made = QFont(FAMILY)
    made.setPixelSize(max(round(size_px), 1))
    made.setBold(bold)
    # Unhinted text keeps its proportions at every scale, so that what fits at 100 % fits at 150 %.
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


@lru_cache(maxsize=128)
def metrics(size_px: float, bold: bool = False) -> QFontMetricsF:
    """Measures of `font`."""
    return QFontMetricsF(font(size_px, bold))


@lru_cache(maxsize=2048)  # most words of a screen are the same at the next refresh
def width(words: str, size_px: float, bold: bool = False) -> float:
    """How wide a text is, in logical pixels."""
    return metrics(size_px, bold).horizontalAdvance(words.replace(MACRON, ""))


class TextBox(Struct, frozen=True):
    """A text that was drawn: what was wanted, what was shown, its box, the letters in it, and how they look."""

    wanted: str
    shown: str
    rect: QRectF
    ink: QRectF
    size_px: float
    bold: bool
    colour: str


_recorder: list[TextBox] | None = None


@contextmanager
def recording() -> Iterator[list[TextBox]]:
    """Collect every text that is drawn inside the block."""
    global _recorder
    before, _recorder = _recorder, []
    try:
        yield _recorder
    finally:
        _recorder = before


def text(
    painter: QPainter,
    rect: QRectF,
    words: str,
    size_px: float,
    ink: str,
    *,
    bold: bool = False,
    align: Qt.AlignmentFlag = LEFT,
    least_px: float | None = None,
) -> float:
    """Draw one line of text into its box and return its width.

    Too long a text first shrinks to `least_px`, then ends in an ellipsis; it never leaves its box.
    """
    shown = words
    needed = width(shown, size_px, bold)
    while least_px is not None and needed > rect.width() + 0.5 and size_px > least_px:
        size_px -= 1
        needed = width(shown, size_px, bold)
    if needed > rect.width() + 0.5:
        shown = metrics(size_px, bold).elidedText(words, Qt.TextElideMode.ElideRight, max(rect.width(), 0))
        needed = width(shown, size_px, bold)
    if _recorder is not None:
        place, letters = _text_box(painter, rect, needed, size_px, align)
        _recorder.append(TextBox(words, shown, place, letters, size_px, bold, ink))
    painter.setFont(font(size_px, bold))
    painter.setPen(color(ink))
    painter.drawText(rect, _flags(align), shown.replace(MACRON, ""))
    if MACRON in shown:
        _draw_macrons(painter, rect, shown, needed, size_px, bold, align)
    return needed


def _draw_macrons(
    painter: QPainter, rect: QRectF, shown: str, needed: float, size_px: float, bold: bool, align: Qt.AlignmentFlag
) -> None:
    """The lines of "X̄": the typeface does not place its macron, which would strike through the letter."""
    measures = metrics(size_px, bold)
    thick = size_px * (0.11 if bold else 0.08)
    top = rect.center().y() - measures.height() / 2 + measures.ascent() - measures.capHeight() - thick - size_px * 0.1
    left = rect.left()
    if align & Qt.AlignmentFlag.AlignHCenter:
        left = rect.center().x() - needed / 2
    elif align & Qt.AlignmentFlag.AlignRight:
        left = rect.right() - needed
    for place, sign in enumerate(shown):
        if sign == MACRON and place:
            start, end = width(shown[: place - 1], size_px, bold), width(shown[:place], size_px, bold)
            inset = (end - start) * 0.12
            bar = QRectF(left + start + inset, top, end - start - 2 * inset, thick)
            painter.fillRect(bar, painter.pen().color())


def named(
    painter: QPainter, rect: QRectF, name: str, code: str, size_px: float, inks: tuple[str, str], *,
    code_px: float, least_px: float,
) -> None:  # fmt: skip
    """A machine's name in bold and its code beside it, each in its ink: the name shrinks and is cut, the code never."""
    code_wide = width(code, code_px)
    room = rect.width() - (code_wide + _CODE_GAP_PX if code else 0)
    while width(name, size_px, True) > room + 0.5 and size_px > least_px:
        size_px -= 1
    place = QRectF(rect.left(), rect.top(), max(room, 0), rect.height())
    left = rect.left() + text(painter, place, name, size_px, inks[0], bold=True) + _CODE_GAP_PX
    if code:
        drop = max(size_px - code_px, 0) * 0.34  # so that letters of two sizes stand on one line
        text(painter, QRectF(left, rect.top() + drop, code_wide + 1, rect.height()), code, code_px, inks[1])


def cut(words: str, size_px: float, width_px: float) -> str:
    """A text with an ellipsis where it is longer than a width; "" where not even a letter has room."""
    shown = metrics(size_px).elidedText(words, Qt.TextElideMode.ElideRight, max(width_px, 0))
    return "" if shown == "…" else shown


def fits_named(name: str, code: str, size_px: float, code_px: float, width_px: float) -> bool:
    """Whether a name and its code stand on a line of that width as they are."""
    return width(name, size_px, True) + _CODE_GAP_PX + width(code, code_px) <= width_px


_CODE_GAP_PX = 8.0


@lru_cache(maxsize=16)
def _flags(align: Qt.AlignmentFlag) -> int:
    return int(align | Qt.TextFlag.TextDontClip | Qt.TextFlag.TextSingleLine)


def _text_box(
    painter: QPainter, rect: QRectF, needed: float, size_px: float, align: Qt.AlignmentFlag
) -> tuple[QRectF, QRectF]:
    left = rect.left()
    if align & Qt.AlignmentFlag.AlignHCenter:
        left = rect.center().x() - needed / 2
    elif align & Qt.AlignmentFlag.AlignRight:
        left = rect.right() - needed
    ink = QRectF(left, rect.center().y() - size_px * 0.38, needed, size_px * 0.76)
    transform = painter.worldTransform()
    return transform.mapRect(rect), transform.mapRect(ink)


def two_lines(painter: QPainter, rect: QRectF, words: str, size_px: float, ink: str, *, bold: bool = False) -> None:
    """A short name centred at the top of its box, broken at a space where one line is too narrow."""
    line_px = size_px * 1.25
    parts = [words]
    if width(words, size_px, bold) > rect.width() and " " in words:
        halves = [(words[:i], words[i + 1 :]) for i, sign in enumerate(words) if sign == " "]
        parts = list(min(halves, key=lambda pair: max(width(half, size_px, bold) for half in pair)))
    for index, part in enumerate(parts):
        place = QRectF(rect.left(), rect.top() + index * line_px, rect.width(), line_px)
        text(painter, place, part, size_px, ink, bold=bold, align=CENTER, least_px=14)


_UNIT = re.compile(r"(?<=\d) (?=(?:s|min|h|%|ms)(?![\w/]))")


def broken(words: str, size_px: float, width_px: float, *, bold: bool = False) -> list[str]:
    """A paragraph broken into lines of at most `width_px`, at spaces, but not between a number and its unit; a word
    longer than a line is cut."""
    lines: list[str] = []
    rest = ""
    for word in _UNIT.sub("\0", words).split(" "):
        word = word.replace("\0", " ")
        longer = f"{rest} {word}" if rest else word
        if width(longer, size_px, bold) <= width_px:
            rest = longer
            continue
        if rest:
            lines.append(rest)
        while width(word, size_px, bold) > width_px and len(word) > 1:
            fitting = next(
                n for n in range(len(word) - 1, 0, -1) if width(word[:n], size_px, bold) <= width_px or n == 1
            )
            lines.append(word[:fitting])
            word = word[fitting:]
        rest = word
    return [*lines, rest]


def heading(words: str, size_px: float, width_px: float, *, least_px: float, most: int) -> tuple[float, list[str]]:
    """A bold name as it stands in a width: its size and its lines. It shrinks to `least_px` first, then breaks into
    at most `most` lines."""
    while size_px > least_px and width(words, size_px, True) > width_px:
        size_px -= 1
    lines = broken(words, size_px, width_px, bold=True) if width(words, size_px, True) > width_px else [words]
    return size_px, lines if len(lines) <= most else [*lines[: most - 1], " ".join(lines[most - 1 :])]


def paragraph(
    painter: QPainter, rect: QRectF, words: str, size_px: float, ink: str, *, bold: bool = False, most: int = 3
) -> float:
    """Draw a text in lines from the top of its box and return its height; what is over `most` lines is elided."""
    lines = broken(words, size_px, rect.width(), bold=bold)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    line_px = round(size_px * 1.45)
    for index, words_of_line in enumerate(lines):
        place = QRectF(rect.left(), rect.top() + index * line_px, rect.width(), line_px)
        text(painter, place, words_of_line, size_px, ink, bold=bold)
    return len(lines) * line_px

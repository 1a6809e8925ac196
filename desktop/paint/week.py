"""A week of shifts: columns of days, hours downward; breaks are gaps, planned stops dashed, and a line is now."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from desktop.paint.lettering import CENTER, RIGHT, text, width
from desktop.paint.strokes import box, color, line
from desktop.tokens import Tokens

_LABEL_PX = 18.0  # so high a part must be to hold a word
_NAME_PX = 24.0


class BlockLook(Struct, frozen=True):
    """A shift as it is painted: its name and more lines of words, and its breaks as parts of its height, 0 to 1."""

    name: str
    notes: tuple[str, ...] = ()
    breaks: tuple[tuple[float, float, str], ...] = ()
    shade: int = 0  # every other shift of a day is darker
    extra: bool = False


def week_block(painter: QPainter, rect: QRectF, shown: BlockLook, tokens: Tokens, *, chosen: bool, hover: bool) -> None:
    """A shift: ground, its breaks as gaps, name and crew where they have room."""
    ground = tokens.panel2 if shown.extra else tokens.run_tint if not shown.shade else tokens.track
    box(painter, rect, tokens.accent_soft if hover and not chosen else ground, tokens.line_strong)
    tops = [rect.height()]
    for start, end, words in shown.breaks:
        top, high = rect.top() + start * rect.height(), (end - start) * rect.height()
        part = QRectF(rect.left() + 1, top, rect.width() - 2, high)
        box(painter, part, tokens.panel)
        for y in (part.top(), part.bottom()):
            line(painter, part.left(), y, part.right(), y, tokens.line)
        if part.height() >= _LABEL_PX and width(words, 14) <= part.width() - 4:
            text(painter, part, words, 14, tokens.ink2, align=CENTER)
        tops.append(start * rect.height())
    room = min(tops)
    inner = rect.adjusted(8, 0, -6, 0)
    if room >= _NAME_PX:
        name = QRectF(inner.left(), rect.top() + 3, inner.width(), 20)
        if width(shown.name, 14, True) > inner.width():
            name = name.adjusted(-4, 0, 4, 0)  # up to the edge
        text(painter, name, shown.name, 15, tokens.ink, bold=True, least_px=14)
    y = rect.top() + _NAME_PX
    if shown.notes and room >= _NAME_PX and y + _LABEL_PX > rect.top() + room:
        # No line below the name: of the notes the first stands beside it where there is room.
        beside, used = shown.notes[0], width(shown.name, 15, True) + 8
        if used + width(beside, 14) <= inner.width():
            place = QRectF(inner.left() + used, rect.top() + 3, inner.width() - used, 20)
            text(painter, place, beside, 14, tokens.ink2)
    for note in _fitting(shown.notes, inner.width()):
        if y + _LABEL_PX > rect.top() + room:
            break
        text(painter, QRectF(inner.left(), y, inner.width(), _LABEL_PX), note, 14, tokens.ink2)
        y += _LABEL_PX
    if chosen:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color(tokens.accent), 3))
        painter.drawRect(rect.adjusted(1.5, 1.5, -1.5, -1.5))


def _fitting(notes: Sequence[str], room: float) -> list[str]:
    """Notes beside each other where they fit on a line, else below each other; what does not fit at all is left out:
    whoever presses the shift reads it."""
    whole = " · ".join(notes)
    if whole and width(whole, 14) <= room:
        return [whole]
    return [note for note in notes if width(note, 14) <= room]


def planned_block(
    painter: QPainter, rect: QRectF, words: Sequence[str], tokens: Tokens, *, approved: bool, chosen: bool
) -> None:
    """A planned stop: dashed; one that nobody approved has no ground of its own, and a question mark."""
    box(painter, rect, tokens.panel if approved else tokens.planned)
    pen = QPen(color(tokens.accent if chosen else tokens.ink2), 3 if chosen else 1.5)
    pen.setDashPattern([4, 3])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawRect(rect.adjusted(1, 1, -1, -1))
    said = [word for word in words if word]
    if not approved:
        said = ["? " + said[0], *said[1:]] if said else ["?"]
    room = rect.adjusted(4, 0, -4, 0)
    lines = _fitting(said, room.width())[: int(rect.height() // _LABEL_PX)]
    if not lines and not approved and rect.height() >= _LABEL_PX:
        lines = ["?"]
    top = rect.center().y() - len(lines) * _LABEL_PX / 2
    for n, each in enumerate(lines):
        place = QRectF(room.left(), top + n * _LABEL_PX, room.width(), _LABEL_PX)
        text(painter, place, each, 14, tokens.ink, align=CENTER)


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

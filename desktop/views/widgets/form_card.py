"""A card with a title, words, fields and buttons one below the other: what a page asks for at its right."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.tokens import Tokens
from desktop.views.widgets.painted import Painted, card, tell

PAD_PX, GAP_PX, TITLE_PX = 24, 12, 60
_LINE_PX, _MOST = 23, 12


class Words(Struct, frozen=True):
    """A paragraph. `plate`: on a quiet ground; `head`: the title of what follows, with a note at its right."""

    words: str
    bold: bool = False
    plate: bool = False
    head: bool = False
    note: str = ""


Row = Words | Sequence[tuple[QWidget, int]]


class FormCard(Painted):
    """`rows` says what it holds: words, or widgets beside each other with their shares of the width."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._places: list[tuple[Words, QRectF]] = []
        self.fault = ""

    def title(self) -> str:
        """What stands at its top."""
        raise NotImplementedError

    def note(self) -> str:
        """What stands at the right of the title."""
        return ""

    def rows(self) -> list[Row]:
        """What it holds, from the top on."""
        raise NotImplementedError

    def say(self, fault: str) -> None:
        """Say why something cannot be, "" for nothing."""
        self.fault = fault
        self.told()

    def told(self) -> None:
        """Say and paint anew what it holds."""
        words = [row for row in self._all() if isinstance(row, Words)]
        if self.set_face((self.title(), self.note(), tuple(words))):
            tell(self, self.title(), " ".join(f"{row.words} {row.note}".strip() for row in words))

    def _all(self) -> list[Row]:
        fault: list[Row] = [Words(self.fault, bold=True)] if self.fault else []
        return [*fault, *self.rows()]

    def wanted_px(self, width: int) -> int:
        """The height for a width; all is placed."""
        inner = width - 2 * PAD_PX
        y = TITLE_PX
        self._places = []
        for row in self._all():
            if isinstance(row, Words):
                if not row.words:
                    continue
                if row.head:
                    self._places.append((row, QRectF(PAD_PX, y + 4, inner, 32)))
                    y += 40
                    continue
                pad = 12 if row.plate else 0
                lines = sum(
                    min(len(paint.broken(part, 16, inner - 2 * pad, bold=row.bold)), _MOST)
                    for part in row.words.split("\n")
                )
                self._places.append((row, QRectF(PAD_PX, y, inner, lines * _LINE_PX + 2 * pad)))
                y += lines * _LINE_PX + 2 * pad + GAP_PX
                continue
            shown = [(widget, share) for widget, share in row if not widget.isHidden()]
            if not shown:
                continue
            whole = sum(share for _widget, share in shown)
            room = inner - GAP_PX * (len(shown) - 1)
            x, high = float(PAD_PX), max(widget.sizeHint().height() for widget, _share in shown)
            for widget, share in shown:
                wide = room * share / whole
                widget.setGeometry(round(x), y, round(x + wide) - round(x), high)
                x += wide + GAP_PX
            y += high + GAP_PX
        return y - GAP_PX + PAD_PX

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, title and words."""
        card(painter, rect, tokens)
        note = self.note()
        inner = rect.adjusted(PAD_PX, 0, -PAD_PX, 0)
        place = QRectF(inner.left(), 14, inner.width(), 36)
        note_px = paint.width(note, 15) + 12 if note else 0
        paint.text(painter, place.adjusted(0, 0, -note_px, 0), self.title(), 20, tokens.ink, bold=True, least_px=15)
        if note:
            paint.text(painter, place, note, 15, tokens.ink2, align=paint.RIGHT, least_px=14)
        for words, where in self._places:
            if words.head:
                paint.text(painter, where, words.words, 17, tokens.ink, bold=True, least_px=14)
                paint.text(painter, where, words.note, 15, tokens.ink2, align=paint.RIGHT, least_px=14)
                continue
            room = where
            if words.plate:
                paint.box(painter, where, tokens.panel2, tokens.line, radius=6)
                room = where.adjusted(12, 12, -12, -12)
            y = room.top()
            for part in words.words.split("\n"):
                lines = min(len(paint.broken(part, 16, room.width(), bold=words.bold)), _MOST)
                line = QRectF(room.left(), y, room.width(), lines * _LINE_PX)
                ink = tokens.ink if words.bold else tokens.ink2
                paint.paragraph(painter, line, part, 16, ink, bold=words.bold, most=_MOST)
                y += lines * _LINE_PX

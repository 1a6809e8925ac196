"""A card with a title, words, fields and buttons one below the other: what a page asks for at its right.

What is asked scrolls between title and foot; the foot with the buttons always stays in sight.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop import paint
from desktop.tokens import Tokens
from desktop.views.widgets.painted import Painted, card, own_viewport, tell

PAD_PX, GAP_PX, TITLE_PX = 24, 12, 60
_CLOSE_PX = 2  # between many that stand beside each other
_MANY = 5
_LINE_PX, _MOST = 23, 12
_LEAST_BODY_PX = 160


class Words(Struct, frozen=True):
    """A paragraph. `plate`: on a quiet ground; `head`: the title of what follows, with a note at its right."""

    words: str
    bold: bool = False
    plate: bool = False
    head: bool = False
    note: str = ""


Row = Words | Sequence[tuple[QWidget | None, int]]  # None keeps a place free


class _Part(Painted):
    """Rows below each other: what scrolls, or the foot."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, parent)
        self._places: list[tuple[Words, QRectF]] = []
        self.edge = False  # a line at its top: something lies under it

    def settle(self, rows: Sequence[Row], width: int, y: int = 0) -> int:
        """Place rows for a width of the card from `y` on; returns where they end, without a gap behind them."""
        inner = width - 2 * PAD_PX
        self._places = []
        for row in rows:
            if isinstance(row, Words):
                y = self._settle_words(row, inner, y)
                continue
            shown = [(widget, share) for widget, share in row if widget is None or not widget.isHidden()]
            highs = [widget.sizeHint().height() for widget, _share in shown if widget is not None]
            if not highs:
                continue
            whole = sum(share for _widget, share in shown)
            gap = _CLOSE_PX if len(shown) > _MANY else GAP_PX
            room = inner - gap * (len(shown) - 1)
            x, high = float(PAD_PX), max(highs)
            for widget, share in shown:
                wide = room * share / whole
                if widget is not None:
                    widget.setGeometry(round(x), y, round(x + wide) - round(x), high)
                x += wide + gap
            y += high + GAP_PX
        self.update()
        return max(y - GAP_PX, 0)

    def _settle_words(self, row: Words, inner: int, y: int) -> int:
        if not row.words:
            return y
        if row.head:
            self._places.append((row, QRectF(PAD_PX, y + 4, inner, 32)))
            return y + 40
        pad = 12 if row.plate else 0
        lines = sum(
            min(len(paint.broken(part, 16, inner - 2 * pad, bold=row.bold)), _MOST) for part in row.words.split("\n")
        )
        self._places.append((row, QRectF(PAD_PX, y, inner, lines * _LINE_PX + 2 * pad)))
        return y + lines * _LINE_PX + 2 * pad + GAP_PX

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Its words."""
        if self.edge:
            paint.line(painter, rect.left(), rect.top() + 0.5, rect.right(), rect.top() + 0.5, tokens.line_strong)
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


class FormCard(Painted):
    """`rows` says what it holds: words, or widgets beside each other with their shares of the width; `foot` what stays
    in sight below them. Widgets of rows are children of `body`, those of the foot of `base`."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.area = QScrollArea(self)
        own_viewport(self.area)
        self.area.setObjectName(f"{name}-area")
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body = _Part(f"{name}-body", self.area)
        self.area.setWidget(self.body)
        self.body.setAutoFillBackground(False)
        self.base = _Part(f"{name}-foot", self)
        self.fault = ""
        self._order: list[QWidget] = []

    def title(self) -> str:
        """What stands at its top."""
        raise NotImplementedError

    def note(self) -> str:
        """What stands at the right of the title."""
        return ""

    def rows(self) -> list[Row]:
        """What it holds, from the top on."""
        raise NotImplementedError

    def foot(self) -> list[Row]:
        """What stays in sight below it."""
        return []

    def say(self, fault: str) -> None:
        """Say why something cannot be, "" for nothing."""
        self.fault = fault
        self.told()
        self.settle()

    def told(self) -> None:
        """Say and paint anew what it holds."""
        words = _words(self.rows()), _words(self._base_rows())
        if self.set_face((self.title(), self.note(), words)):
            said = [" ".join(f"{row.words} {row.note}".strip() for row in part) for part in words]
            tell(self, self.title(), " ".join(part for part in (self.note(), *said) if part))
            tell(self.area, self.title())
            for part, of in zip((self.body, self.base), said, strict=True):
                tell(part, self.title(), of)
            self.settle()

    def _base_rows(self) -> list[Row]:
        """A fault stands over the buttons, so that it is seen wherever the rows stand."""
        return [*([Words(self.fault, bold=True, plate=True)] if self.fault else []), *self.foot()]

    @staticmethod
    def least_px() -> int:
        """The least height that it needs."""
        return TITLE_PX + _LEAST_BODY_PX + 108

    def settle(self) -> None:
        """Everything at its place: rows below the title, the foot at the bottom; what has no room scrolls."""
        width, high = self.width(), self.height()
        rows, base_rows = self.rows(), self._base_rows()
        self._chain(rows, base_rows)
        base_px = self.base.settle(base_rows, width, GAP_PX) + PAD_PX if base_rows else 0
        self.base.setGeometry(1, high - base_px, width - 2, max(base_px - 1, 0))
        self.base.setVisible(bool(base_px))
        room = max(high - TITLE_PX - base_px, 0)
        self.area.setGeometry(1, TITLE_PX, width - 2, room)
        whole = self.body.settle(rows, width)
        whole += GAP_PX if whole > room else 0
        # The bar stands in the margin at the right: rows keep their width with and without it.
        bar_px = self.area.verticalScrollBar().sizeHint().width() if whole > room else 0
        self.body.resize(width - 2 - bar_px, max(whole, room))
        if self.base.edge != (whole > room):
            self.base.edge = whole > room
            self.base.update()

    def _chain(self, *parts: Sequence[Row]) -> None:
        """The keyboard goes from field to field as they stand, and to the buttons last."""
        order = [widget for rows in parts for row in rows if not isinstance(row, Words) for widget, _share in row]
        widgets = [widget for widget in order if widget is not None]
        if widgets != self._order:
            self._order = widgets
            for one, following in pairwise(widgets):
                QWidget.setTabOrder(one, following)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another height shows more or less of it."""
        super().resizeEvent(event)
        self.settle()

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and title."""
        card(painter, rect, tokens)
        note = self.note()
        inner = rect.adjusted(PAD_PX, 0, -PAD_PX, 0)
        place = QRectF(inner.left(), 14, inner.width(), 36)
        note_px = paint.width(note, 15) + 12 if note else 0
        paint.text(painter, place.adjusted(0, 0, -note_px, 0), self.title(), 20, tokens.ink, bold=True, least_px=15)
        if note:
            paint.text(painter, place, note, 15, tokens.ink2, align=paint.RIGHT, least_px=14)


def _words(rows: Sequence[Row]) -> tuple[Words, ...]:
    return tuple(row for row in rows if isinstance(row, Words))

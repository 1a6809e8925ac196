"""What a scan came to, large and for some seconds: over a screen, on a machine's tile, on the andon."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Painted, tell

STAYS_MS = 6_000
TROUBLE_STAYS_MS = 15_000  # what was not entered has to be read and done again
_PAD = 0.6  # of the size of the letters, around them
_MOST_LINES = 4
_PLACED = {QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide}


class ScanFace(Struct, frozen=True):
    """A sentence, whether all was well, and whether something was not let through."""

    words: str
    well: bool
    refused: bool = False


class ScanNote(Painted):
    """Lies over its parent, at its foot or (`high`) at its head, and goes away by itself or by a press.

    `size_px` is that of the letters, `widest_px` the most of the width that it takes. At the head it lies below
    `top_px` and below a widget of its parent that is shown there (`below`), whatever that says meanwhile.
    """

    def __init__(
        self,
        name: str,
        parent: QWidget,
        size_px: float,
        *,
        widest_px: int = 10_000,
        high: bool = False,
        top_px: int = 0,
        below: QWidget | None = None,
    ) -> None:
        super().__init__(name, parent)
        self._over, self._size_px, self._widest_px = parent, size_px, widest_px
        self._high, self._top_px, self._below = high, top_px, below
        self._leaver = QTimer(self)
        self._leaver.setSingleShot(True)
        self._leaver.timeout.connect(self.hide)
        for watched in (parent, *([below] if below is not None else [])):
            watched.installEventFilter(self)
        self.hide()

    @property
    def words(self) -> str:
        """What is in sight, "" for nothing."""
        return self._face.words if isinstance(self._face, ScanFace) and not self.isHidden() else ""

    def show_answer(self, words: str, *, well: bool, refused: bool = False) -> None:
        """Show a sentence in place of the one before."""
        self.set_face(ScanFace(words, well, refused))
        tell(self, words, _("Scan"))
        self._place()
        self.show()
        self.raise_()
        self._leaver.start(STAYS_MS if well else TROUBLE_STAYS_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What it lies over or below has another size, or came, or went."""
        if event.type() in _PLACED and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Read: away with it, and what lies below is not pressed."""
        event.accept()
        self.hide()

    def _room(self) -> tuple[int, float]:
        """The most that it may be wide, and how much of that its words have."""
        wide = min(self._over.width() - 2 * round(self._size_px * 0.3), self._widest_px)
        return wide, wide - self._size_px * (2 * _PAD + 1.6)

    def _place(self) -> None:
        words = self._face.words if isinstance(self._face, ScanFace) else ""
        wide, room = self._room()
        lines = paint.broken(words, self._size_px, max(room, 40), bold=True)
        if len(lines) == 1:  # no wider than its words
            wide = min(wide, round(wide - room + paint.width(words, self._size_px, True) + 4))
        high = round(min(len(lines), _MOST_LINES) * round(self._size_px * 1.45) + 2 * _PAD * self._size_px)
        high = min(high, self._over.height())
        edge = round(self._size_px * 0.3)
        lowest = self._over.height() - high - edge
        y = min(self._head_px() + edge, lowest) if self._high else lowest
        self.setGeometry((self._over.width() - wide) // 2, max(y, 0), wide, high)

    def _head_px(self) -> int:
        if self._below is None or self._below.isHidden():
            return self._top_px
        return max(self._top_px, self._below.mapTo(self._over, QPoint(0, self._below.height())).y())

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """A tick on the ground of the rail; a cross and a strong edge where something was not entered; all in red where
        a piece is not let through."""
        shown = self._face
        if not isinstance(shown, ScanFace):
            return
        size = self._size_px
        if shown.refused:
            ink = tokens.stop_on
            paint.box(painter, rect, tokens.stop, tokens.stop, radius=8)
        elif shown.well:
            ink = "#FFFFFF"
            paint.box(painter, rect, tokens.rail, tokens.rail_ink, radius=8)
        else:
            ink = tokens.ink
            paint.box(painter, rect, tokens.panel, tokens.ink, radius=8, pen=max(3, size / 10))
        pad = size * _PAD
        sign = QRectF(rect.left() + pad, rect.top() + pad + size * 0.12, size * 1.2, size * 1.2)
        theme.icon(painter, sign, "check" if shown.well else "cross", ink)
        room = QRectF(rect.left() + pad + size * 1.6, rect.top() + pad, self._words_px(rect), rect.height() - 2 * pad)
        most = max(round(room.height() / round(size * 1.45)), 1)
        paint.paragraph(painter, room, shown.words, size, ink, bold=True, most=min(most, _MOST_LINES))

    def _words_px(self, rect: QRectF) -> float:
        return rect.width() - self._size_px * (2 * _PAD + 1.6)


def over(parent: QWidget, name: str, size_px: float) -> ScanNote:
    """The note of a widget, made when it is first wanted. The widget below is no longer pressed where it lies."""
    found = parent.findChild(ScanNote, name, Qt.FindChildOption.FindDirectChildrenOnly)
    return found if isinstance(found, ScanNote) else ScanNote(name, parent, size_px)

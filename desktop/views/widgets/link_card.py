"""A card that leads to a page of its own: what is there, and the button."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, tell

LINK_PX = 104


class LinkCard(Painted):
    """Title and note at the left, the button at the right."""

    wanted = Signal()

    def __init__(self, name: str, title: str, note: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.open = Button(f"open-{name}", words, self)
        self.open.clicked.connect(self.wanted)
        self.set_face((title, note))
        tell(self, title, note)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button in the middle of the right."""
        super().resizeEvent(event)
        size = self.open.sizeHint()
        self.open.setGeometry(
            self.width() - 20 - size.width(), (self.height() - size.height()) // 2, size.width(), size.height()
        )

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and words."""
        card(painter, rect, tokens)
        if not isinstance(self._face, tuple):
            return
        title, note = self._face
        right = self.open.x() - 24
        top = (rect.height() - 28 - 20 * len(paint.broken(note, 15, right - 20)[:2])) / 2
        paint.text(painter, QRectF(20, top, right - 20, 28), title, 18, tokens.ink, bold=True)
        paint.paragraph(painter, QRectF(20, top + 29, right - 20, 48), note, 15, tokens.ink2, most=2)

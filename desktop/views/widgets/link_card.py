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
_NOTE_PX, _MOST = 22, 3


class LinkCard(Painted):
    """Title and note at the left, the button at the right."""

    wanted = Signal()

    def __init__(
        self, name: str, title: str, note: str, words: str, parent: QWidget | None = None, icon: str = ""
    ) -> None:
        super().__init__(name, parent)
        self.open = Button(f"open-{name}", words, self, icon=icon)
        self.open.clicked.connect(self.wanted)
        self.set_face((title, note))
        tell(self, title, note)

    def wanted_px(self, width: int) -> int:
        """The height for a width: the note takes what it needs."""
        note = self._face[1] if isinstance(self._face, tuple) else ""
        lines = len(paint.broken(note, 15, width - 20 - self.open.sizeHint().width() - 24 - 20)[:_MOST])
        return max(LINK_PX, 30 + lines * _NOTE_PX + 28)

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
        top = (rect.height() - 30 - _NOTE_PX * len(paint.broken(note, 15, right - 20)[:_MOST])) / 2
        paint.text(painter, QRectF(20, top, right - 20, 28), title, 18, tokens.ink, bold=True)
        paint.paragraph(painter, QRectF(20, top + 30, right - 20, 68), note, 15, tokens.ink2, most=_MOST)

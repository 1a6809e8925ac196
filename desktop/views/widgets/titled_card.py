"""A card with a title and a note that shows something, or says why it has nothing to show."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.painted import Painted, card, card_head, tell

HEAD_PX = 52


class TitledFace(Protocol):
    """What every such card shows."""

    @property
    def note(self) -> str:
        """Of when and of how much it speaks."""

    @property
    def empty(self) -> str:
        """Why there is nothing to show, "" where there is."""


class TitledCard(Painted):
    """Subclasses draw what lies under the title."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.title = title
        self.shown: TitledFace | None = None
        tell(self, title, _("Being read"))

    def show_face(self, shown: TitledFace, words: str) -> None:
        """Show a face; `words` read it out."""
        self.shown = shown
        if self.set_face((shown, words)):
            tell(self, self.title, shown.empty or f"{shown.note}: {words}")

    def note(self) -> str:
        """What stands at the right of the title."""
        return self.shown.note if self.shown is not None else ""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and head, then what there is to show."""
        card(painter, rect, tokens)
        if self.shown is None:
            return
        head = QRectF(rect.left(), rect.top(), rect.width(), HEAD_PX)
        card_head(painter, head, tokens, self.title, self.note())
        if self.shown.empty:
            room = QRectF(rect.left() + 24, rect.top() + HEAD_PX + 40, rect.width() - 48, 52)
            paint.paragraph(painter, room, self.shown.empty, 17, tokens.ink2, most=2)
            return
        self.draw_body(painter, rect.adjusted(20, HEAD_PX, -20, -12), tokens)

    def draw_body(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Draw `shown` into the room under the head."""
        raise NotImplementedError

"""A card that says in a sentence why there is nothing, and what will be or is to be done."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop import paint
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Painted, card, tell


class WordyFace(Struct, frozen=True):
    """A sign, what is, and what follows from it."""

    head: str
    hint: str
    icon: str


class Wordy(Painted):
    """Sign and words in the middle of the card."""

    def show_words(self, head: str, hint: str, icon: str) -> None:
        """Say something else."""
        if self.set_face(WordyFace(head, hint, icon)):
            tell(self, head, hint)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Sign, head, hint."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, WordyFace):
            return
        wide = min(rect.width() - 48, 640)
        lines = paint.broken(shown.hint, 17, wide)
        high = 44 + 16 + 32 + 8 + 25 * len(lines)
        top = rect.center().y() - high / 2
        theme.icon(painter, QRectF(rect.center().x() - 22, top, 44, 44), shown.icon, tokens.ink2)
        head = QRectF(rect.left() + 24, top + 60, rect.width() - 48, 32)
        paint.text(painter, head, shown.head, 22, tokens.ink, bold=True, align=paint.CENTER, least_px=17)
        for index, line in enumerate(lines):
            place = QRectF(rect.left() + 24, head.bottom() + 8 + 25 * index, rect.width() - 48, 25)
            paint.text(painter, place, line, 17, tokens.ink2, align=paint.CENTER)

"""The sample of the characteristic that is looked at: for when it is, how far that is, and why it was missed."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.list_card import fitting
from desktop.views.widgets.painted import Painted, card, tell

STRIP_PX = 72
_BUTTON_PX = 56


class SampleFace(Struct, frozen=True):
    """Two lines. `icon`: clock, check or minus. `strong`: it was missed, or is late. `asks`: nobody acknowledged it."""

    title: str
    note: str
    icon: str
    strong: bool = False
    asks: bool = False


class SampleStrip(Painted):
    """A sign, two lines, and the button that asks why a sample was missed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("sample", parent)
        self.why = Button("sample-why", _("Say why"), self, height=_BUTTON_PX)
        tell(self, _("Sample"), _("Being read"))

    def show_sample(self, shown: SampleFace) -> None:
        """Show a sample."""
        self.why.setVisible(shown.asks)
        if self.set_face(shown):
            tell(self, shown.title, shown.note)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button stays at the right."""
        super().resizeEvent(event)
        wide = self.why.sizeHint().width()
        self.why.setGeometry(self.width() - 12 - wide, (self.height() - _BUTTON_PX) // 2, wide, _BUTTON_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """For when, and how far."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, SampleFace):
            return
        ink = tokens.ink if shown.strong else tokens.ink2
        middle = rect.center().y()
        theme.icon(painter, QRectF(rect.left() + 16, middle - 11, 22, 22), shown.icon, ink)
        right = self.why.x() - 12 if shown.asks else rect.right() - 16
        room = QRectF(rect.left() + 52, middle - 27, right - rect.left() - 52, 26)
        paint.text(painter, room, shown.title, 18, tokens.ink, bold=True, least_px=14)
        below = room.translated(0, 27)
        note = fitting(shown.note, below.width(), bold=shown.strong)
        paint.text(painter, below, note, 15, ink, bold=shown.strong, least_px=14)

"""A card of buttons that lead to pages of their own, as many in a row as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, card_head, tell

_HEAD_PX, _WAY_PX, _GAP_PX, _PAD_PX = 52, 56, 12, 20


class Way(Struct, frozen=True):
    """A button: the `key` that it carries, its word, what is there, its icon ("" for none)."""

    key: str
    words: str
    hint: str = ""
    icon: str = ""


class WaysCard(Painted):
    """Title, note, and below them the buttons. `wanted` carries the key of one."""

    wanted = Signal(str)

    def __init__(self, name: str, title: str, note: str, ways: Sequence[Way], parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.ways = {way.key: Button(f"open-{way.key}", way.words, self, icon=way.icon) for way in ways}
        for way in ways:
            button = self.ways[way.key]
            tell(button, way.words, way.hint)
            button.setToolTip(way.hint)
            button.clicked.connect(self._pressed)
        self.set_face((title, note))
        tell(self, title, note)

    def _pressed(self) -> None:
        self.wanted.emit(next(key for key, button in self.ways.items() if button is self.sender()))

    def least_px(self) -> int:
        """The width that holds all buttons in one row."""
        return sum(button.sizeHint().width() + _GAP_PX for button in self.ways.values()) - _GAP_PX + 2 * _PAD_PX

    def place(self, width: int) -> int:
        """Place the buttons for a width and return the height."""
        x, y = _PAD_PX, _HEAD_PX
        for button in self.ways.values():
            wide = button.sizeHint().width()
            if x > _PAD_PX and x + wide > width - _PAD_PX:
                x, y = _PAD_PX, y + _WAY_PX + _GAP_PX
            button.setGeometry(x, y, wide, _WAY_PX)
            x += wide + _GAP_PX
        return y + _WAY_PX + 16

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and head."""
        card(painter, rect, tokens)
        if isinstance(self._face, tuple):
            card_head(painter, rect, tokens, *self._face)

"""A card that asks for a PIN."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.choice import ChoiceField
from desktop.views.widgets.painted import Painted, card, tell
from desktop.views.widgets.pin_pad import PinPad
from desktop.views.widgets.text_field import HEIGHT_PX

_PAD_PX = 24


class PinCard(Painted):
    """A card with a pad, and where several may answer a field in which one is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("pin-card", parent)
        self.who = ChoiceField("pin-who", _("Whose PIN"), self)
        self.pad = PinPad("pin", self)
        tell(self, _("PIN"), _("Digits by finger or keyboard"))

    def wanted_px(self, width: int) -> int:
        """The height for a width; all is placed."""
        y = _PAD_PX
        if not self.who.isHidden():
            self.who.setGeometry(_PAD_PX, y, width - 2 * _PAD_PX, HEIGHT_PX)
            y += HEIGHT_PX + 16
        pad_px = self.pad.wanted_px(width - 2 * _PAD_PX)
        self.pad.setGeometry(_PAD_PX, y, width - 2 * _PAD_PX, pad_px)
        return y + pad_px + _PAD_PX

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The ground."""
        card(painter, rect, tokens)

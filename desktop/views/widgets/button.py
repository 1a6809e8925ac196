"""Buttons as the design has them: 72 px for the main action, 56 normal, 48 inside tables."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import paint
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Pressable, tell


class Button(Pressable):
    """A button with words, perhaps with an icon before or after them. `main`: the one filled button of a screen."""

    def __init__(
        self,
        name: str,
        words: str,
        parent: QWidget | None = None,
        *,
        main: bool = False,
        icon: str = "",
        icon_after: bool = False,
        height: int = 56,
    ) -> None:
        super().__init__(name, parent)
        self._main = main
        self._icon = icon
        self._icon_after = icon_after
        self._size_px = 20 if height >= 72 else 17
        self._height = height
        self.setText(words)
        tell(self, words)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def fill(self, main: bool) -> None:
        """Whether it is the filled one now."""
        if main != self._main:
            self._main = main
            self.update()

    def show_icon(self, icon: str) -> None:
        """Another icon, or none where words need the room."""
        if icon != self._icon:
            self._icon = icon
            self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for its words."""
        words = paint.width(self.text(), self._size_px, True) if self.text() else 0
        wide = words + (34 if self._icon and words else 24 if self._icon else 0) + (44 if words else 32)
        return QSize(round(wide), self._height)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Fill, edge, icon and words."""
        if not self.isEnabled():
            ground, edge, ink = tokens.track, None, tokens.ink2
        elif self._main:
            ground, edge, ink = tokens.accent, None, tokens.accent_on
        else:
            hover = self.isDown() or self.underMouse()
            ground, edge, ink = tokens.accent_soft if hover else tokens.panel, tokens.line_strong, tokens.ink
        paint.box(painter, rect, ground, edge, radius=8)
        words_px = paint.width(self.text(), self._size_px, True) if self.text() else 0
        icon_px = 24 if self._icon else 0
        gap = 10 if icon_px and words_px else 0
        whole_px = min(words_px + icon_px + gap, rect.width() - 16)
        left = rect.center().x() - whole_px / 2
        words_left = left if self._icon_after else left + icon_px + gap
        if self._icon:
            icon_left = left + whole_px - icon_px if self._icon_after else left
            theme.icon(painter, QRectF(icon_left, rect.center().y() - 12, 24, 24), self._icon, ink)
        if self.text():
            last = left + whole_px - icon_px - gap + 1 if self._icon_after else rect.right() - 8
            room = QRectF(words_left, rect.top(), last - words_left, rect.height())
            paint.text(painter, room, self.text(), self._size_px, ink, bold=True, least_px=14)

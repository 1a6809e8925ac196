"""A field to type into or to scan into, as the design has fields: what it is in small, what stands there in bold."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop import paint
from desktop.views import theme
from desktop.views.widgets.painted import begin, focus_ring, tell

HEIGHT_PX = 56
_CAPTION_PX, _VALUE_PX, _PAD_PX = 14, 17, 14


class TextField(QLineEdit):
    """One line of text. `codes`: a scanner may type into it, so that no Korean letters are made of what it types."""

    def __init__(
        self, name: str, caption: str, parent: QWidget | None = None, *, most: int = 60, codes: bool = False
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._caption = caption
        self.setMaxLength(most)
        self.setFrame(False)
        self.setFont(paint.font(_VALUE_PX, bold=True))
        self.setTextMargins(_PAD_PX - 2, 20, _PAD_PX - 2, 0)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, not codes)
        ground = self.palette()
        ground.setColor(QPalette.ColorRole.Base, paint.color(theme.tokens().panel))
        self.setPalette(ground)
        tell(self, caption, caption)

    def sizeHint(self) -> QSize:
        """High enough for a finger."""
        return QSize(240, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, then its frame and caption."""
        super().paintEvent(event)
        painter: QPainter = begin(self)
        tokens = theme.tokens()
        rect = QRectF(self.rect())
        paint.box(painter, rect, None, tokens.line_strong, radius=6)
        room = QRectF(_PAD_PX, 6, rect.width() - 2 * _PAD_PX, 20)
        paint.text(painter, room, self._caption, _CAPTION_PX, tokens.ink2, least_px=14)
        if self.hasFocus():
            focus_ring(painter, rect, tokens, 6)
        painter.end()

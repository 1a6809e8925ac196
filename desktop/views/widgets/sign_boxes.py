"""Who has signed a shift's report and as what; whoever has not signs here, and the last box closes the shift."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, tell

SIGN_PX = 132
_PAD = 16


class SignFace(Struct, frozen=True):
    """One box: what it is for, who signed, what stands below, and the words of its button ("": none)."""

    title: str
    name: str
    note: str
    act: str = ""
    done: bool = False


class SignBox(Painted):
    """Waiting it has a dashed edge and a button, signed a tick and a name."""

    pressed = Signal()

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        tell(self, title, _("Being read"))
        self.button = Button(f"{name}-act", "", self)
        self.button.clicked.connect(self.pressed)

    def show_sign(self, shown: SignFace) -> None:
        """Show how it stands."""
        if self.set_face(shown):
            self.button.setText(shown.act)
            self.button.setVisible(bool(shown.act))
            tell(self.button, f"{shown.title}: {shown.act}")
            tell(self, shown.title, ", ".join(part for part in (shown.name, shown.note) if part))
            self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button stays at the foot."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        self.button.setGeometry(_PAD, self.height() - 56 - 12, self.width() - 2 * _PAD, 56)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Edge, what it is for, who and when."""
        shown = self._face
        if not isinstance(shown, SignFace):
            return
        paint.box(painter, rect, tokens.panel, tokens.line if shown.done else None, radius=8)
        if not shown.done:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(paint.color(tokens.line_strong), 1.5, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 8, 8)
        room = QRectF(rect.left() + _PAD, rect.top() + 10, rect.width() - 2 * _PAD, 26)
        used = paint.text(painter, room, shown.title, 16, tokens.ink2, least_px=14)
        if shown.done:
            theme.icon(painter, QRectF(room.right() - 22, room.top() + 2, 22, 22), "check", tokens.accent)
        below = room.translated(0, 34)
        if shown.done or shown.act == "":
            size_px, lines = paint.heading(shown.name, 20, below.width(), least_px=15, most=2)
            for line in lines:
                paint.text(painter, below, line, size_px, tokens.ink, bold=True, least_px=14)
                below.translate(0, 22)
            paint.paragraph(painter, below.translated(0, 8), shown.note, 15, tokens.ink2, most=3 - len(lines))
            return
        if shown.note:
            right = room.adjusted(used + 10, 0, 0, 0)
            paint.text(painter, right, shown.note, 15, tokens.ink2, align=paint.RIGHT, least_px=14)
        paint.text(painter, below.translated(0, -6), shown.name, 18, tokens.ink, bold=True, least_px=14)

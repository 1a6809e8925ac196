"""What every painted widget shares: it repaints only when what it shows has changed, and it can be read out.

A *face* is a frozen value that holds everything the widget shows, as finished words and numbers.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QScrollArea, QWidget

from desktop import paint
from desktop.tokens import Tokens
from desktop.views import theme

FOCUS_PX = 3
_HINTS = QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing


def own_viewport(area: QScrollArea) -> None:
    """Give a scroll area a viewport of ours, which shows what lies below it. To hand out the one that Qt made PySide6
    would first make the class of every kind of widget."""
    viewport = QWidget()
    viewport.setObjectName("qt_scrollarea_viewport")  # as Qt calls its own
    area.setViewport(viewport)


def tell(widget: QWidget, name: str, description: str = "") -> None:
    """Say what a widget is and shows to whoever cannot see it."""
    if widget.accessibleName() != name:
        widget.setAccessibleName(name)
    if widget.accessibleDescription() != description:
        widget.setAccessibleDescription(description)


def begin(widget: QWidget) -> QPainter:
    """A painter with the hints that every widget wants."""
    painter = QPainter(widget)
    painter.setRenderHints(_HINTS)
    return painter


def focus_ring(painter: QPainter, rect: QRectF, tokens: Tokens, radius: float = 8) -> None:
    """The frame of what the keyboard is on."""
    inset = FOCUS_PX / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(paint.color(tokens.accent), FOCUS_PX))
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius, radius)


class HasFace:
    """What is painted from a face."""

    _face: object = None

    def set_face(self: Painted | Pressable, face: object) -> bool:  # type: ignore[misc]
        """Show a face. Returns whether anything changed; nothing is painted if not."""
        if face == self._face:
            return False
        self._face = face
        self.update()
        return True


class Painted(HasFace, QWidget):
    """A card or strip drawn in one go from its face."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt asks for the picture."""
        painter = begin(self)
        self.draw(painter, QRectF(self.rect()), theme.tokens())
        painter.end()

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Draw the face into `rect`."""
        raise NotImplementedError


class Pressable(HasFace, QAbstractButton):
    """Anything painted that can be pressed: by mouse, touch, Space, Enter and a screen reader alike."""

    radius = 8.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._ringed = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is on it; a ring shows that only to who came by keyboard."""
        keys = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
        self._ringed = event.reason() in keys
        self.update()
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt asks for the picture."""
        painter = begin(self)
        tokens = theme.tokens()
        self.draw(painter, QRectF(self.rect()), tokens)
        if self._ringed and self.hasFocus():
            focus_ring(painter, QRectF(self.rect()), tokens, self.radius)
        painter.end()

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Draw the face into `rect`."""
        raise NotImplementedError


def card(painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
    """The ground of a card."""
    paint.box(painter, rect, tokens.panel, tokens.line, radius=8)


def draw_chosen(painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
    """The ground of a chosen row: a soft fill and a bar at its left."""
    paint.box(painter, rect, tokens.accent_soft)
    paint.box(painter, QRectF(rect.left(), rect.top(), 5, rect.height()), tokens.accent)


def draw_lamp(painter: QPainter, lamp: QRectF, tokens: Tokens, *, good: bool) -> None:
    """A device's lamp: a tick, or the hatch of silence in a strong frame."""
    if good:
        paint.box(painter, lamp, tokens.run_tint, tokens.line_strong, radius=4)
        theme.icon(painter, lamp.adjusted(5, 5, -5, -5), "check", tokens.ink2)
    else:
        paint.hatch(painter, lamp.adjusted(1, 1, -1, -1), tokens, 2, 5)
        paint.box(painter, lamp, None, tokens.ink, radius=4, pen=2)


def card_head(
    painter: QPainter, rect: QRectF, tokens: Tokens, title: str, note: str = "", *, strong: bool = False
) -> None:
    """Title at the left and a note at the right of a card, in its first 52 px."""
    used = paint.text(
        painter, QRectF(rect.left() + 20, rect.top(), rect.width() - 40, 52), title, 18, tokens.ink, bold=True
    )
    if note:
        room = QRectF(rect.left() + 32 + used, rect.top(), rect.width() - 52 - used, 52)
        ink = tokens.ink if strong else tokens.ink2
        paint.text(painter, room, note, 16 if strong else 15, ink, bold=strong, align=paint.RIGHT, least_px=14)

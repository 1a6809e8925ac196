"""The rail at the left: one button for each screen, and what concerns the window itself at its foot."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Painted, Pressable, tell

RAIL_PX = 96
ITEM_PX = 84
LEAST_ITEM_PX = 50  # a smaller icon over its word, and a finger
_LOW_PX = 60  # lower ones have the smaller icon
MARK_PX = 72


class RailButton(Pressable):
    """Icon over a word; the screen in sight is lighter with a white bar."""

    radius = 0.0

    def __init__(self, name: str, words: str, icon: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._icon = icon
        self.setText(words)
        self.setToolTip(f"{words} ({key})" if key else words)
        self._key = key
        self.badge = 0
        self._calm = False
        tell(self, words, key)

    def show_badge(self, count: int, *, calm: bool = False) -> None:
        """Show how many wait there; none for 0. `calm`: no machine stands because of it, so it is not red."""
        if count != self.badge:
            self.badge, self._calm = count, calm
            waiting = _("{count} waiting").format(count=count) if count else ""
            tell(self, self.text(), ", ".join(part for part in (self._key, waiting) if part))
            self.update()

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, bar, icon and word."""
        current = self.isChecked()
        ink = "#FFFFFF" if current else tokens.rail_ink
        if current or self.underMouse():
            paint.box(painter, rect, _lighter(tokens.rail, 0.13 if current else 0.07))
        if current:
            paint.box(painter, QRectF(rect.left(), rect.top(), 4, rect.height()), "#FFFFFF")
        low = rect.height() < _LOW_PX
        icon_px, up, down = (24, 24, 2) if low else (30, 28, 8)
        middle = rect.center()
        theme.icon(painter, QRectF(middle.x() - icon_px / 2, middle.y() - up, icon_px, icon_px), self._icon, ink)
        place = QRectF(rect.left() + 3, middle.y() + down, rect.width() - 6, 22)
        paint.text(painter, place, self.text(), 15, ink, bold=current, align=paint.CENTER, least_px=14)
        if self.badge:
            words = str(self.badge) if self.badge < 100 else "99+"
            wide = max(paint.width(words, 14, True) + 12, 24)
            plate = QRectF(middle.x() + 4, max(middle.y() - 32, rect.top()), wide, 24)
            ground, words_ink = ("#FFFFFF", tokens.rail) if self._calm else (tokens.stop, tokens.stop_on)
            paint.box(painter, plate, ground, radius=12)
            paint.text(painter, plate, words, 14, words_ink, bold=True, align=paint.CENTER)


def _lighter(name: str, share: float) -> str:
    """A colour of the tokens with a share of white in it."""
    ground = paint.color(name)
    red, green, blue = (round(part + (255 - part) * share) for part in (ground.red(), ground.green(), ground.blue()))
    return f"#{red:02X}{green:02X}{blue:02X}"


class Rail(Painted):
    """The rail. `chosen` carries the key of a screen or of an action."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("rail", parent)
        self.setFixedWidth(RAIL_PX)
        self._top: list[RailButton] = []
        self._foot: list[RailButton] = []

    def add(self, key: str, words: str, icon: str, shortcut: str, *, screen: bool, foot: bool = False) -> RailButton:
        """Add a button; a screen's button can be the current one."""
        button = RailButton(f"rail-{key}", words, icon, shortcut, self)
        button.setCheckable(screen)
        button.setProperty("key", key)
        button.clicked.connect(self._pressed)
        (self._foot if foot else self._top).append(button)
        self._place()
        return button

    def show_current(self, key: str) -> None:
        """Mark the screen in sight."""
        for button in (*self._top, *self._foot):
            if button.isCheckable():
                button.setChecked(button.property("key") == key)

    def show_badge(self, key: str, count: int) -> None:
        """Show how many wait on a screen: stops in red."""
        for button in self._top:
            if button.property("key") == key:
                button.show_badge(count, calm=key != "stops")

    def _pressed(self) -> None:
        self.chosen.emit(str(self.sender().property("key")))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The window has another height."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Every button as high as the design wants it; in a low window all of them a little lower."""
        count = max(len(self._top) + len(self._foot), 1)
        item_px = max(min(ITEM_PX, (self.height() - MARK_PX - 8) // count), LEAST_ITEM_PX)
        for index, button in enumerate(self._top):
            button.setGeometry(0, MARK_PX + index * item_px, RAIL_PX, item_px)
        y = self.height() - 8 - item_px * len(self._foot)
        for index, button in enumerate(self._foot):
            button.setGeometry(0, y + index * item_px, RAIL_PX, item_px)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground and mark."""
        paint.box(painter, rect, tokens.rail)
        if tokens.name == "contrast":
            paint.line(painter, rect.right() - 0.5, rect.top(), rect.right() - 0.5, rect.bottom(), tokens.line)
        theme.icon(painter, QRectF(rect.center().x() - 22, 14, 44, 44), "mark", "#FFFFFF")

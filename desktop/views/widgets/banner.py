"""Banners: what went wrong or is going on, above the screen and never in its way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Look, Tokens
from desktop.views import theme
from desktop.views.screen import MARGIN
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, tell

BANNER_PX = 68
BUTTON_PX = 56
PASSES_MS = 8_000  # so long a note of success is in sight


class BannerFace(Struct, frozen=True):
    """`kind`: "silent" (nothing is current), "trouble" (something failed) or "note". `passing`: goes by itself."""

    kind: str
    head: str
    body: str = ""
    action: str = ""
    closable: bool = True
    passing: bool = False
    act: Callable[[], None] | None = None


class Banner(Painted):
    """One banner: icon, what, what to do, at most one button."""

    passed = Signal()

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(f"banner-{key}", parent)
        self.setFixedHeight(BANNER_PX)
        self._act: Callable[[], None] | None = None
        self.action = Button(f"banner-{key}-action", _("Open"), self, height=BUTTON_PX)
        self.close_button = Button(f"banner-{key}-close", "", self, icon="cross", height=BUTTON_PX)
        tell(self.close_button, _("Close this message"))
        self.action.clicked.connect(self._pressed)
        self._leaver = QTimer(self)
        self._leaver.setInterval(PASSES_MS)
        self._leaver.timeout.connect(self._pass)

    def show_banner(self, shown: BannerFace) -> None:
        """Show a message."""
        self._act = shown.act
        if shown.passing:
            self._leaver.start()
        else:
            self._leaver.stop()
        if self.set_face(shown):
            self.action.setText(shown.action)
            tell(self.action, shown.action or _("Open"))
            self.action.setVisible(bool(shown.action))
            self.close_button.setVisible(shown.closable)
            tell(self, shown.head, shown.body)
            self._place()

    def _pass(self) -> None:
        """Go, unless nobody can have seen it or somebody is about to press its button."""
        held = self.underMouse() or self.action.hasFocus() or self.close_button.hasFocus()
        if self.window().isActiveWindow() and not held:
            self._leaver.stop()
            self.passed.emit()

    def _pressed(self) -> None:
        if self._act is not None:
            self._act()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The window has another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        shown = self._face
        if isinstance(shown, BannerFace):
            room = self.width() - 58 - 14 - 60 - (self.action.sizeHint().width() + 8 if shown.action else 0)
            one_line = paint.width(shown.head, 17, True) + 14 + paint.width(shown.body, 16) <= room
            lines = len(paint.broken(shown.body, 15, max(room, 100)))
            self.setFixedHeight(BANNER_PX if one_line or not shown.body or lines < 2 else 86)
            self.setToolTip(f"{shown.head} {shown.body}" if lines > 2 else "")
        x = self.width() - 6
        for button in (self.close_button, self.action):
            if not button.isHidden():
                x -= button.sizeHint().width()
                button.setGeometry(x, (self.height() - BUTTON_PX) // 2, button.sizeHint().width(), BUTTON_PX)
                x -= 8

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Edge and ground by kind, then icon and words."""
        shown = self._face
        if not isinstance(shown, BannerFace):
            return
        silent = shown.kind == "silent"
        paint.box(painter, rect, tokens.no_data if silent else tokens.panel, radius=8)
        pen = QPen(
            paint.color(tokens.ink if shown.kind != "note" else tokens.line_strong), 2 if shown.kind != "note" else 1
        )
        if silent:
            pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 8, 8)
        sign = QRectF(rect.left() + 18, rect.center().y() - 13, 26, 26)
        if silent:
            paint.state_shape(painter, sign, Look.NO_DATA, tokens.ink)
        else:
            theme.icon(painter, sign, "info", tokens.ink)
        right = min((b.x() for b in (self.action, self.close_button) if not b.isHidden()), default=self.width())
        room = QRectF(rect.left() + 58, rect.top(), right - 58 - 14, rect.height())
        used = paint.width(shown.head, 17, True)
        if not shown.body or used + 14 + paint.width(shown.body, 16) <= room.width():
            paint.text(painter, room, shown.head, 17, tokens.ink, bold=True, least_px=15)
            if shown.body:
                paint.text(painter, room.adjusted(used + 14, 0, 0, 0), shown.body, 16, tokens.ink)
            return
        lines = paint.broken(shown.body, 15, room.width())
        top = rect.center().y() - (26 + 22 * min(len(lines), 2)) / 2
        paint.text(
            painter, QRectF(room.left(), top, room.width(), 26), shown.head, 17, tokens.ink, bold=True, least_px=15
        )
        paint.paragraph(painter, QRectF(room.left(), top + 26, room.width(), 44), shown.body, 15, tokens.ink, most=2)


class Banners(QWidget):
    """The stack of banners, one for each key; alarms stand beside each other, so that they push little away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banners")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(MARGIN, 12, MARGIN, 0)
        self._layout.setSpacing(8)
        self._alarms = QHBoxLayout()
        self._alarms.setSpacing(8)
        self._layout.addLayout(self._alarms)
        self._banners: dict[str, Banner] = {}
        self.hide()

    def show_banner(self, key: str, shown: BannerFace) -> None:
        """Show or change the banner of a key."""
        if key not in self._banners:
            banner = Banner(key, self)
            banner.close_button.setProperty("key", key)
            banner.close_button.clicked.connect(self._close_pressed)
            banner.passed.connect(partial(self.hide_banner, key))
            self._banners[key] = banner
            (self._alarms if key.startswith("alarm-") else self._layout).addWidget(banner)
        self._banners[key].show_banner(shown)
        self._banners[key].show()
        self.show()

    def hide_banner(self, key: str) -> None:
        """Take a banner away; harmless if there is none."""
        if key in self._banners:
            self._banners[key].hide()
            self.setVisible(any(not banner.isHidden() for banner in self._banners.values()))

    def hide_last(self) -> bool:
        """Close the newest banner that may be closed. Returns whether there was one."""
        for key in reversed(self._banners):
            banner = self._banners[key]
            if not banner.isHidden() and not banner.close_button.isHidden():
                self.hide_banner(key)
                return True
        return False

    def shown(self) -> list[str]:
        """The keys of the banners in sight."""
        return [key for key, banner in self._banners.items() if not banner.isHidden()]

    def _close_pressed(self) -> None:
        self.hide_banner(str(self.sender().property("key")))

"""The undo bar: what was just changed, over the foot of the screen, so that nothing on it moves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPropertyAnimation, QRectF, QSize, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.screen import MARGIN
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, tell
from desktop.views.widgets.rail import RAIL_PX

BAR_PX = 64
SLIDE_MS = 120
STAYS_MS = 20_000  # long enough to read it, short enough not to lie over the screen for good
_WIDEST_PX = 900
_TEXT_LEFT = 58


class _RailButton(Button):
    """A button on the ground of the rail."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The word; lighter under the mouse."""
        ink = "#FFFFFF" if self.text() or self.underMouse() else tokens.rail_ink
        if self.underMouse():
            paint.box(painter, rect.adjusted(0, 4, 0, -4), None, tokens.rail_ink, radius=6)
        if self.text():
            paint.text(painter, rect, self.text(), 17, ink, bold=True, align=paint.CENTER, least_px=14)
        else:
            theme.icon(painter, QRectF(rect.center().x() - 11, rect.center().y() - 11, 22, 22), "cross", ink)


class UndoBar(Painted):
    """Slides in over the foot of its parent and goes away by itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("undo-bar", parent)
        self._over = parent
        self._undo: Callable[[], object] | None = None
        self._clear: tuple[QWidget, ...] = ()
        self.button = _RailButton("undo", _("Undo"), self)
        self.close_button = _RailButton("undo-close", "", self)
        tell(self.button, _("Undo"), "Ctrl+Z")
        tell(self.close_button, _("Close this message"))
        self.button.clicked.connect(self.take_back)
        self.close_button.clicked.connect(self.hide)
        self._slide = QPropertyAnimation(self, b"pos", self)
        self._slide.setDuration(SLIDE_MS)
        self._leaver = QTimer(self)
        self._leaver.setSingleShot(True)
        self._leaver.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def offer(self, words: str, undo: Callable[[], object]) -> None:
        """Say what was changed; the button and `take_back` call `undo` while that is in sight."""
        self._undo = undo
        self.set_face(words)
        tell(self, words)
        self._place()
        place = self.pos()
        self._slide.stop()
        self._slide.setStartValue(QPoint(place.x(), place.y() + BAR_PX + MARGIN))
        self._slide.setEndValue(place)
        self.show()
        self.raise_()
        self._slide.start()
        self._leaver.start(STAYS_MS)

    def keep_clear(self, *widgets: QWidget) -> None:
        """While one of these is shown at the right the bar stays left of it."""
        self._clear = widgets

    @property
    def words(self) -> str:
        """What can be taken back, "" where that is nothing any more."""
        return self._face if isinstance(self._face, str) and not self.isHidden() and self._undo is not None else ""

    def take_back(self) -> None:
        """Take back what was changed last. Harmless where nothing is offered any more."""
        undo, self._undo = self._undo, None
        if undo is not None and not self.isHidden():
            self.hide()
            undo()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window has another size."""
        if event.type() is QEvent.Type.Resize and not self.isHidden():
            self._slide.stop()
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """At the foot, in the middle of what is right of the rail, as wide as its words."""
        room = self._over.width() - RAIL_PX - 2 * MARGIN
        edges = [each.mapTo(self._over, QPoint(0, 0)).x() for each in self._clear if each.isVisible()]
        room = min(edges, default=room + RAIL_PX + MARGIN) - RAIL_PX - MARGIN
        room -= MARGIN if edges else 0
        undo, close = self.button.sizeHint(), QSize(56, 56)
        words = self._face if isinstance(self._face, str) else ""
        wide = round(_TEXT_LEFT + paint.width(words, 17) + 24 + undo.width() + close.width() + 8)
        wide = min(wide, _WIDEST_PX, room)
        y = self._over.height() - BAR_PX - MARGIN
        self.setGeometry(RAIL_PX + MARGIN + (room - wide) // 2, y, wide, BAR_PX)
        self.close_button.setGeometry(wide - close.width() - 4, 4, close.width(), close.height())
        self.button.setGeometry(self.close_button.x() - undo.width(), 4, undo.width(), 56)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """A tick and the words on the ground of the rail."""
        paint.box(painter, rect, tokens.rail, tokens.rail_ink, radius=8)
        theme.icon(painter, QRectF(18, rect.center().y() - 13, 26, 26), "check", "#FFFFFF")
        if isinstance(self._face, str):
            room = QRectF(_TEXT_LEFT, rect.top(), self.button.x() - _TEXT_LEFT - 12, rect.height())
            if paint.width(self._face, 17) <= room.width():
                paint.text(painter, room, self._face, 17, "#FFFFFF")
            else:  # two lines rather than small letters
                lines = len(paint.broken(self._face, 16, room.width())[:2])
                place = room.adjusted(0, (rect.height() - lines * 22) / 2, 0, 0)
                paint.paragraph(painter, place, self._face, 16, "#FFFFFF", most=2)

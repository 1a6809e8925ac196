"""Typing a PIN with a finger or a keyboard; what was typed is shown as dots and handed on once."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.pins import MOST_DIGITS
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, tell

HEAD_PX = 30
LINE_PX = 23
DOTS_PX = 56
KEY_PX = 64
GAP_PX = 12
_CLOSE_PX, _LEAST_KEY_PX = 8, 48
_LINES = 4


class PinFace(Struct, frozen=True):
    """Whose PIN is asked for and what there is to say; how many digits there are."""

    title: str
    words: str
    digits: int = 0


class PinPad(Painted):
    """Ten digits, one to take the last back, and OK. `entered` carries the PIN, which the pad has forgotten by then."""

    entered = Signal(str)
    cancelled = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._typed = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.keys = [Button(f"{name}-{digit}", digit, self, height=KEY_PX) for digit in "1234567890"]
        for key in self.keys:
            key.clicked.connect(self._pressed)
            key.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a finger leaves the keyboard where it is
        self.back = Button(f"{name}-back", "", self, icon="arrow-left", height=KEY_PX)
        tell(self.back, _("Delete the last digit"))
        self.back.clicked.connect(self._take_back)
        self.done = Button(f"{name}-ok", _("OK"), self, main=True, height=KEY_PX)
        self.done.clicked.connect(self._enter)
        self.leave = Button(f"{name}-cancel", _("Cancel"), self)
        self.leave.clicked.connect(self._cancel)
        self.ask("", "")

    @property
    def title(self) -> str:
        """What is asked for."""
        return self._face.title if isinstance(self._face, PinFace) else ""

    def ask(self, title: str, words: str) -> None:
        """Ask for a PIN, with nothing typed yet."""
        self._typed = ""
        self.setEnabled(True)
        self._show(title, words)

    def wait(self, words: str) -> None:
        """The PIN is being looked at."""
        self.setEnabled(False)
        self._show(self.title, words)

    def _show(self, title: str, words: str) -> None:
        if self.set_face(PinFace(title, words, len(self._typed))):
            tell(self, title or _("PIN"), " ".join((words, _("{count} digits").format(count=len(self._typed)))).strip())
        self.done.setEnabled(bool(self._typed) and self.isEnabled())

    def _retell(self) -> None:
        if isinstance(self._face, PinFace):
            self._show(self._face.title, self._face.words)

    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self._type(button.text())

    def _type(self, digit: str) -> None:
        if len(self._typed) < MOST_DIGITS:
            self._typed += digit
            self._retell()

    def _take_back(self) -> None:
        self._typed = self._typed[:-1]
        self._retell()

    def _enter(self) -> None:
        typed, self._typed = self._typed, ""
        if typed:
            self._retell()
            self.entered.emit(typed)

    def _cancel(self) -> None:
        self._typed = ""
        self._retell()
        self.cancelled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits, Backspace, Enter."""
        words = event.text()
        if len(words) == 1 and words in "0123456789":
            self._type(words)
        elif event.key() == Qt.Key.Key_Backspace:
            self._take_back()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        else:
            super().keyPressEvent(event)

    def wanted_px(self, width: int, most_px: int = 0) -> int:
        """The height for a width; the keys are placed. Where there is no more room than `most_px` keys are as low as a
        finger still finds them (0: there is)."""
        lines = len(self._lines(width))
        y = HEAD_PX + max(lines, 1) * LINE_PX + 8 + DOTS_PX + GAP_PX
        wide = (width - 2 * GAP_PX) // 3
        places = [*self.keys[:9], self.back, self.keys[9], self.done]
        gap, key_px = GAP_PX, KEY_PX
        if most_px and y + 4 * (key_px + gap) + 4 + 56 > most_px:
            gap = _CLOSE_PX
            key_px = min(max((most_px - y - 56 - 4) // 4 - gap, _LEAST_KEY_PX), KEY_PX)
        for n, button in enumerate(places):
            button.setGeometry(n % 3 * (wide + GAP_PX), y + n // 3 * (key_px + gap), wide, key_px)
        y += 4 * (key_px + gap) + 4
        self.leave.setGeometry(0, y, width, 56)
        return y + 56

    def _lines(self, width: float) -> list[str]:
        words = self._face.words if isinstance(self._face, PinFace) else ""
        return paint.broken(words, 16, width)[:_LINES] if words else []

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Title, words, and a dot for each digit."""
        shown = self._face
        if not isinstance(shown, PinFace):
            return
        paint.text(painter, QRectF(0, 0, rect.width(), HEAD_PX), shown.title, 20, tokens.ink, bold=True, least_px=14)
        place = QRectF(0, HEAD_PX, rect.width(), LINE_PX * _LINES)
        paint.paragraph(painter, place, shown.words, 16, tokens.ink2, most=_LINES)
        y = HEAD_PX + max(len(self._lines(rect.width())), 1) * LINE_PX + 8
        plate = QRectF(0, y, rect.width(), DOTS_PX)
        paint.box(painter, plate, tokens.panel2, tokens.line_strong, radius=6)
        left = plate.center().x() - (shown.digits - 1) * 12
        for n in range(shown.digits):
            dot = QRectF(left + n * 24 - 7, plate.center().y() - 7, 14, 14)
            paint.box(painter, dot, tokens.ink, radius=7)

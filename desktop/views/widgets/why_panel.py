"""One question with big answers: what is wrong, why an hour missed its target, or a value typed on a pad."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, tell

HEAD_PX, VALUE_PX, CHOICE_PX, KEY_PX = 88, 64, 64, 64
_GAP_PX, _PAD_PX, _LINE_PX = 12, 20, 20
_MOST_LINES = 10  # of what is asked
MOST_CHOICES = 12
_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0", "⌫")
_MOST_DIGITS = 9


class WhyFace(Struct, frozen=True):
    """What is asked; `typed` None where one of several answers is to be chosen."""

    title: str
    note: str
    typed: str | None


class WhyPanel(Painted):
    """`chosen` carries the answer, `given` the value; `left` says that nothing is to be said after all."""

    chosen = Signal(str)
    given = Signal(float)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("why", parent)
        self.choices = [Button(f"why-{n + 1}", "", self, height=CHOICE_PX) for n in range(MOST_CHOICES)]
        for button in self.choices:
            button.clicked.connect(self._pressed)
            button.hide()
        self.keys = [Button(f"why-key-{n + 1}", key, self, height=KEY_PX) for n, key in enumerate(_KEYS)]
        for key in self.keys:
            key.clicked.connect(self._typed)
            key.hide()
        tell(self.keys[-1], _("Delete the last digit"))
        self.sign = Button("why-sign", "±", self, height=72)
        tell(self.sign, _("Minus or plus"))
        self.sign.clicked.connect(self._typed)
        self.sign.hide()
        self._signed = False
        self.done = Button("why-done", _("Save"), self, main=True, height=72)
        self.cancel = Button("why-cancel", _("Cancel"), self)
        self.done.clicked.connect(self._give)
        self.cancel.clicked.connect(self.left)
        self.done.hide()

    def ask(self, title: str, note: str, answers: Sequence[str]) -> None:
        """Let one of several answers be chosen."""
        self._show(WhyFace(title, note, None))
        for place, button in enumerate(self.choices):
            button.setVisible(place < len(answers))
            if place < len(answers):
                button.setText(answers[place])
                tell(button, answers[place], title)

    def ask_value(self, title: str, note: str, *, signed: bool = False) -> None:
        """Let a value be typed; `signed`: it may be below zero."""
        self._signed = signed
        self._show(WhyFace(title, note, ""))
        for button in self.choices:
            button.hide()

    def press_key(self, key: str) -> None:
        """A key of the pad or of the keyboard."""
        shown = self._face
        if not isinstance(shown, WhyFace) or shown.typed is None:
            return
        sign, typed = ("-", shown.typed[1:]) if shown.typed.startswith("-") else ("", shown.typed)
        if key == "±":
            sign = "-" if self._signed and not sign else ""
        elif key == "⌫":
            sign, typed = sign if typed else "", typed[:-1]
        elif key == "." and ("." in typed or not typed):
            typed = typed if "." in typed else "0."
        elif len(typed) < _MOST_DIGITS:
            typed = key if typed == "0" and key != "." else typed + key
        self._show(WhyFace(shown.title, shown.note, sign + typed))

    def _show(self, face: WhyFace) -> None:
        self.set_face(face)
        pad = face.typed is not None
        for key in self.keys:
            key.setVisible(pad)
        self.done.setVisible(pad)
        self.sign.setVisible(pad and self._signed)
        self.done.setEnabled((face.typed or "").strip("-") != "")
        tell(self, face.title, " ".join(part for part in (face.note, face.typed or "") if part))
        self.place()

    def resizeEvent(self, _event: object) -> None:
        """Another size."""
        self.place()

    def place(self) -> None:
        """Place answers or keys."""
        shown = self._face
        if not isinstance(shown, WhyFace):
            return
        room = self.width() - 2 * _PAD_PX
        head = HEAD_PX + _LINE_PX * (len(self._lines(shown.note, room)) - 1)
        if shown.typed is None:
            columns = 2 if room >= 400 else 1
            wide = (room - _GAP_PX * (columns - 1)) // columns
            count = sum(not button.isHidden() for button in self.choices)
            for place, button in enumerate(self.choices):
                x = _PAD_PX + place % columns * (wide + _GAP_PX)
                button.setGeometry(x, head + place // columns * (CHOICE_PX + _GAP_PX), wide, CHOICE_PX)
            y = head + -(-count // columns) * (CHOICE_PX + _GAP_PX)
        else:
            wide = (room - 2 * _GAP_PX) // 3
            y = HEAD_PX + VALUE_PX + _GAP_PX
            for place, key in enumerate(self.keys):
                x = _PAD_PX + place % 3 * (wide + _GAP_PX)
                key.setGeometry(x, y + place // 3 * (KEY_PX + _GAP_PX), wide, KEY_PX)
            y += 4 * (KEY_PX + _GAP_PX)
            beside = wide + _GAP_PX if self._signed else 0
            self.sign.setGeometry(_PAD_PX, y, wide, 72)
            self.done.setGeometry(_PAD_PX + beside, y, room - beside, 72)
            y += 72 + _GAP_PX
        self.cancel.setGeometry(_PAD_PX, y, room, 56)

    @staticmethod
    def _lines(note: str, room: float) -> list[str]:
        """A note that has no room in one line takes more, where answers are asked for."""
        return paint.broken(note, 14, room)[:_MOST_LINES] or [note]

    def wanted_px(self) -> int:
        """The height of what is asked."""
        return self.cancel.y() + self.cancel.height() + _PAD_PX

    def _pressed(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self.chosen.emit(button.text())

    def _typed(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self.press_key(button.text())

    def _give(self) -> None:
        shown = self._face
        if isinstance(shown, WhyFace) and shown.typed and self.done.isEnabled():
            self.given.emit(float(shown.typed))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """What is asked, and what was typed."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, WhyFace):
            return
        room = QRectF(rect.left() + _PAD_PX, rect.top() + 12, rect.width() - 2 * _PAD_PX, 32)
        paint.text(painter, room, shown.title, 20, tokens.ink, bold=True, least_px=14)
        if shown.typed is None and len(self._lines(shown.note, room.width())) > 1:
            paint.paragraph(painter, room.translated(0, 36), shown.note, 14, tokens.ink2, most=_MOST_LINES)
        else:
            paint.text(painter, room.translated(0, 34), shown.note, 16, tokens.ink2, least_px=14)
        if shown.typed is not None:
            field = QRectF(rect.left() + _PAD_PX, rect.top() + HEAD_PX, rect.width() - 2 * _PAD_PX, VALUE_PX)
            paint.box(painter, field, tokens.panel2, tokens.line_strong, radius=6)
            paint.text(painter, field.adjusted(16, 0, -16, 0), (shown.typed or "0").replace("-", "−"), 30,
                       tokens.ink if shown.typed else tokens.ink3, bold=True, align=paint.RIGHT)  # fmt: skip

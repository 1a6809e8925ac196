"""One setting: what it is, and its values to press."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.tokens import Tokens
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Painted, tell

HEAD_PX = 52  # of a card of settings
_WORDS_PX = 58
_ROW_PX = 16 + _WORDS_PX + OPTION_PX + 18
_WIDE_ROW_PX = 78
WIDE_PX = 860  # from here on the options stand beside their words


class Setting(Struct, frozen=True):
    """One setting as it is shown: `key` as it is kept, its values, and the one that holds; where `several` may hold
    these with commas between them."""

    key: str
    title: str
    note: str
    choices: tuple[Choice, ...]
    chosen: str
    several: bool = False

    def holds(self, value: str) -> bool:
        """Whether a value holds."""
        return value in self.chosen.split(",") if self.several else value == self.chosen

    def words_of(self, value: str) -> str:
        """The word of a value."""
        return ", ".join(c.words for c in self.choices if c.value in (value.split(",") if self.several else (value,)))


class SettingRow(Painted):
    """One setting: what it is, and its values."""

    wanted = Signal(str, str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(f"setting-{setting.key}", parent)
        self.options = [Option(f"{setting.key}-{choice.value}", choice.value, self) for choice in setting.choices]
        for option in self.options:
            option.clicked.connect(self._pressed)
        self.show_setting(setting)

    def show_setting(self, setting: Setting) -> None:
        """Show what holds."""
        for option, choice in zip(self.options, setting.choices, strict=True):
            option.show_choice(choice, setting.title, setting.holds(choice.value))
        if self.set_face(setting):
            tell(self, setting.title, f"{setting.words_of(setting.chosen)}. {setting.note}")

    def _pressed(self) -> None:
        option = self.sender()
        setting = self._face
        if not isinstance(setting, Setting) or not isinstance(option, Option):
            return
        if setting.several or option.value != setting.chosen:
            self.wanted.emit(setting.key, option.value)

    def place(self) -> int:
        """Place the values beside or below the words and return the height."""
        wide = self.width() >= WIDE_PX
        x, y = 20, 16 + _WORDS_PX
        if wide:
            x = self.width() - 20 - sum(option.sizeHint().width() + 12 for option in self.options) + 12
            y = (_WIDE_ROW_PX - OPTION_PX) // 2
        for option in self.options:
            option.setGeometry(x, y, option.sizeHint().width(), OPTION_PX)
            x += option.width() + 12
        return _WIDE_ROW_PX if wide else _ROW_PX

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Title and note; a line parts it from the one above."""
        if not isinstance(self._face, Setting):
            return
        wide = rect.width() >= WIDE_PX
        paint.line(painter, 1, 0.5, rect.right() - 1, 0.5, tokens.line)
        right = self.options[0].x() - 24 if wide else rect.right() - 20
        lines = len(paint.broken(self._face.note, 15, right - 20)[:2]) if wide else 1
        note_px = 29 if lines == 1 else 25  # two lines stay clear of the line below
        words_px = note_px + 21 * lines
        top = (_WIDE_ROW_PX - words_px) / 2 if wide else 14.0  # in the middle, as the values beside it
        paint.text(painter, QRectF(20, top, right - 20, 28), self._face.title, 18, tokens.ink, bold=True)
        room = QRectF(20, top + note_px, right - 20, 48)
        paint.paragraph(painter, room, self._face.note, 15, tokens.ink2, most=2 if wide else 1)

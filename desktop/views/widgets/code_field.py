"""The box that takes a code, scanned or typed, and the codes that were looked at last."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop import paint
from desktop.reports.cells import visible
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.painted import Pressable, begin, tell
from desktop.wording.holds import kind_word

FIELD_PX = 64
CHIP_PX = 56
_CODE_PX = 24
_LEFT_PX = 64
_LONGEST = 512


class CodeField(QLineEdit):
    """One line with a lens. What is scanned into it takes the place of what stood there."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setMaxLength(_LONGEST)
        self.setFrame(False)
        self.setFont(paint.font(_CODE_PX, bold=True))
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # no Korean letters of what a scanner types
        ground = self.palette()
        ground.setColor(QPalette.ColorRole.Base, paint.color(theme.tokens().panel))
        self.setPalette(ground)
        self._fit()
        self.returnPressed.connect(self.selectAll)
        tell(self, _("Code"), _("Scan or type a serial number, lot, box, work order or day"))

    def _fit(self) -> None:
        hint = self._hint()
        right = round(paint.width(hint, 15)) + 60 if hint else 20
        self.setTextMargins(_LEFT_PX - 2, 0, right, 0)

    def _hint(self) -> str:
        """What stands at the right, where there is room for it."""
        return _("Scan a code") if self.width() >= 520 else ""

    def sizeHint(self) -> QSize:
        """High enough for a glove."""
        return QSize(520, FIELD_PX)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """What is typed or scanned next is another code."""
        super().focusInEvent(event)
        self.selectAll()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The code, then lens, frame and hint."""
        self._fit()
        super().paintEvent(event)
        painter: QPainter = begin(self)
        tokens = theme.tokens()
        rect = QRectF(self.rect())
        focused = self.hasFocus()
        edge = tokens.accent if focused else tokens.line_strong
        paint.box(painter, rect, None, edge, radius=8, pen=3 if focused else 1)
        theme.icon(painter, QRectF(20, rect.center().y() - 15, 30, 30), "search", edge if focused else tokens.ink2)
        if not self.text():
            room = QRectF(_LEFT_PX, 0, rect.width() - _LEFT_PX - 20, rect.height())
            paint.text(painter, room, _("Serial number, lot, box, work order or day"), 18, tokens.ink2, least_px=14)
        elif hint := self._hint():
            wide = paint.width(hint, 15) + 2
            x = rect.right() - wide - 18
            theme.icon(painter, QRectF(x - 32, rect.center().y() - 12, 24, 24), "scan", tokens.ink2)
            paint.text(painter, QRectF(x, 0, wide, rect.height()), hint, 15, tokens.ink2)
        painter.end()


class Chip(Pressable):
    """A code that can be looked at again, or something else to press in a row of them."""

    radius = 16.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.code = ""
        self.kind = ""

    def show_words(self, words: str, code: str, said: str, kind: str = "") -> None:
        """Show words; `code` and `kind` are what they stand for, `said` what a press does."""
        self.code, self.kind = code, kind
        if self.set_face(words):
            tell(self, words, said)
            self.setToolTip(said)

    def sizeHint(self) -> QSize:
        """Wide enough for its words."""
        return QSize(round(paint.width(str(self._face or ""), 15)) + 36, CHIP_PX)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """A round plate, lower than what can be touched."""
        hover = self.isDown() or self.underMouse()
        plate = rect.adjusted(0, 10, 0, -10)
        paint.box(painter, plate, tokens.accent_soft if hover else tokens.panel, tokens.line_strong, radius=16)
        paint.text(painter, plate.adjusted(16, 0, -16, 0), str(self._face or ""), 15, tokens.ink, least_px=14)


_LONGEST_CHIP = 28


def _short(words: str) -> str:
    """A code that is longer than a chip, by its beginning."""
    return words if len(words) <= _LONGEST_CHIP else f"{words[: _LONGEST_CHIP - 1]}…"


class Chips(QWidget):
    """A row of codes; those that have no room are left out. `chosen` carries code and kind of what is wanted."""

    chosen = Signal(str, str)

    def __init__(self, name: str, count: int, said: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._said = said
        self._lead = ""
        self._lead_px = 0.0
        self.chips = [Chip(f"{name}-{n}", self) for n in range(count)]
        for chip in self.chips:
            chip.clicked.connect(self._pressed)
            chip.hide()
        tell(self, said)

    def show_codes(self, lead: str, codes: Sequence[str], kinds: Sequence[str] = ()) -> None:
        """Show what stands before them, and codes; with `kinds`, what each is."""
        self._lead = lead
        for place, chip in enumerate(self.chips):
            code = codes[place] if place < len(codes) else ""
            kind = kinds[place] if place < len(kinds) else ""
            words = _short(visible(code))
            chip.show_words(f"{kind_word(kind)} {words}" if kind else words, code, self._said, kind)
        self._place()
        self.update()

    def _pressed(self) -> None:
        chip = self.sender()
        if isinstance(chip, Chip):
            self.chosen.emit(chip.code, chip.kind)

    def resizeEvent(self, event: object) -> None:
        """Another width."""
        self._place()

    def _place(self) -> None:
        self._lead_px = paint.width(self._lead, 15) + 12 if self._lead else 0
        x = round(self._lead_px)
        room = True
        for chip in self.chips:
            wide = chip.sizeHint().width()
            room = room and bool(chip.code) and x + wide <= self.width()
            chip.setVisible(room)
            chip.setGeometry(x, 0, wide, CHIP_PX)
            x += wide + 8

    def paintEvent(self, event: QPaintEvent) -> None:
        """What stands before the codes."""
        painter = begin(self)
        room = QRectF(0, 0, self.width(), CHIP_PX)
        paint.text(painter, room, self._lead, 15, theme.tokens().ink2, least_px=14)
        painter.end()

"""One person: what is known of him, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, tell
from desktop.views.widgets.people_list import PersonFace

_FACT_PX = 40
_PAD_PX, _GAP_PX = 24, 12
_WORDS = 14  # lines of a note, more than there ever are


class PersonCard(Painted):
    """The chosen person, and what can be done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("person", parent)
        self.change = Button("person-change", _("Change"), self, main=True)
        self.pin = Button("person-pin", _("Set PIN"), self)
        self.unlock = Button("person-unlock", _("Unlock PIN"), self)
        self.no_pin = Button("person-no-pin", _("Take PIN away"), self)
        self.retire = Button("person-retire", _("Remove from the list"), self)

    def show_person(self, shown: PersonFace) -> None:
        """Show a person."""
        self.unlock.setVisible(shown.locked)
        self.no_pin.setVisible(shown.has_pin)
        words = _("Change PIN") if shown.has_pin else _("Set PIN")
        self.pin.setText(words)
        tell(self.pin, words, shown.name)
        if self.set_face(shown):
            tell(self, shown.name, ", ".join((shown.role, shown.crew, shown.badge, f"{_('PIN')} {shown.pin}")))

    def wanted_px(self, width: int) -> int:
        """The height for a width; the buttons are placed."""
        y = 76 + 4 * _FACT_PX + 16 + self._note_px(width) + 16
        for button in (self.change, self.pin, self.unlock, self.no_pin, self.retire):
            if not button.isHidden():
                button.setGeometry(_PAD_PX, y, width - 2 * _PAD_PX, 56)
                y += 56 + _GAP_PX
        return y + _PAD_PX - _GAP_PX

    def _note(self) -> str:
        words = _("A PIN is only for signing off, releasing and limits. The name on the screen takes none.")
        if isinstance(self._face, PersonFace) and self._face.open:
            words += " " + _("Give an administrator a PIN first: until then anybody can change people and PINs.")
        return words

    def _note_px(self, width: float) -> int:
        return 22 * len(paint.broken(self._note(), 15, width - 2 * _PAD_PX)[:_WORDS])

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Name and facts."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, PersonFace):
            return
        inner = rect.adjusted(_PAD_PX, 0, -_PAD_PX, 0)
        place = QRectF(inner.left(), 18, inner.width(), 40)
        paint.text(painter, place, shown.name, 23, tokens.ink, bold=True, least_px=15)
        y = 76.0
        for name, words in (
            (_("Role"), shown.role), (_("Crew"), shown.crew), (_("Badge"), shown.badge), (_("PIN"), shown.pin),
        ):  # fmt: skip
            row = QRectF(inner.left(), y, inner.width(), _FACT_PX)
            paint.line(painter, row.left(), row.top() + 0.5, row.right(), row.top() + 0.5, tokens.line)
            used = paint.text(painter, row, name, 16, tokens.ink2)
            rest = row.adjusted(used + 12, 0, 0, 0)
            paint.text(painter, rest, words, 16, tokens.ink, bold=True, align=paint.RIGHT, least_px=14)
            y += _FACT_PX
        note = QRectF(inner.left(), y + 16, inner.width(), rect.height())
        paint.paragraph(painter, note, self._note(), 15, tokens.ink2, most=_WORDS)

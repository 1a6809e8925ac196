"""The people of a shop as a list: one line a person, and what can be done with all of them."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.people import PersonNow
from desktop.text import N_, _, plural
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, Pressable, card, draw_chosen, tell
from desktop.wording.moments import crew_word
from desktop.wording.numbers import UNKNOWN
from desktop.wording.people import pin_state, role_word

BAR_PX, HEAD_PX, ROW_PX = 88, 44, 64


class PersonFace(Struct, frozen=True):
    """One person as words."""

    id: int
    name: str
    crew: str
    role: str
    badge: str
    pin: str
    locked: bool = False
    has_pin: bool = False
    open: bool = False  # no administrator has a PIN: anybody can change this


def person_face(now: PersonNow, *, guarded: bool = True) -> PersonFace:
    """A person. `guarded`: changes take an administrator's PIN. The rest of a lock is told in whole minutes, so that it
    is not painted each second."""
    person = now.person
    return PersonFace(
        person.id, person.name, crew_word(person.crew) or UNKNOWN, role_word(person.role), person.badge or UNKNOWN,
        pin_state(now),
        bool(now.locked_ms), now.has_pin, not guarded,
    )  # fmt: skip


def columns(width_px: float) -> list[tuple[str, float, float]]:
    """Title, left edge and width of each column of the list."""
    shares = ((_("Name"), 0.28), (_("Crew"), 0.14), (_("Role"), 0.18), (_("Badge"), 0.2), (_("PIN"), 0.2))
    found = []
    x = 18.0
    for title, share in shares:
        found.append((title, x, (width_px - 36) * share - 12))
        x += (width_px - 36) * share
    return found


class PersonRow(Pressable):
    """One person in the list; pressed it is the chosen one."""

    radius = 0.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setCheckable(True)

    def show_person(self, shown: PersonFace) -> None:
        """Show a person."""
        if self.set_face(shown):
            tell(self, shown.name, ", ".join((shown.role, shown.crew, shown.badge, f"{_('PIN')} {shown.pin}")))

    def nextCheckState(self) -> None:
        """A press asks; what is chosen is shown by the page."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """One line of words."""
        shown = self._face
        if not isinstance(shown, PersonFace):
            return
        if self.isChecked():
            draw_chosen(painter, rect, tokens)
        elif self.underMouse():
            paint.box(painter, rect, tokens.panel2)
        paint.line(painter, rect.left(), rect.bottom() - 0.5, rect.right(), rect.bottom() - 0.5, tokens.line)
        words = (shown.name, shown.crew, shown.role, shown.badge, shown.pin)
        for n, (said, (_title, x, wide)) in enumerate(zip(words, columns(rect.width()), strict=True)):
            strong = n == 0 or (n == 4 and shown.locked)
            ink = tokens.ink if strong else tokens.ink2
            paint.text(painter, QRectF(x, rect.top(), wide, rect.height()), said, 17, ink, bold=strong, least_px=14)


class PeopleList(Painted):
    """Ground, title and columns of the list, and the buttons that add somebody and lead to the table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("people-list", parent)
        self.add = Button("add-person", _("Add a person"), self, icon="plus")
        self.badges = Button("print-badges", _("Print badges"), self, icon="print")
        self.excel = Button("people-excel", "Excel", self, icon="document")
        tell(self.excel, _("Take people from Excel, or give them to it"))

    def show_count(self, count: int) -> None:
        """Say how many there are."""
        if self.set_face(count):
            tell(
                self,
                _("People"),
                plural(N_("{count} person"), N_("{count} people"), count).format(count=count)
                if count
                else self._empty(),
            )

    @staticmethod
    def _empty() -> str:
        return _("Nobody is set up, and nobody is asked who he is. Add people to know who entered what.")

    def place(self) -> None:
        """The buttons at the right of the title."""
        wide = self.add.sizeHint().width()
        self.add.setGeometry(self.width() - 16 - wide, 16, wide, 56)
        badges_px = self.badges.sizeHint().width()
        self.badges.setGeometry(self.add.x() - 8 - badges_px, 16, badges_px, 56)
        beside = self.add if self.badges.isHidden() else self.badges
        wide = self.excel.sizeHint().width()
        self.excel.setGeometry(beside.x() - 8 - wide, 16, wide, 56)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Card, title, column titles, or the sentence of an empty list."""
        card(painter, rect, tokens)
        count = self._face if isinstance(self._face, int) else 0
        title = QRectF(rect.left() + 20, 0, self.excel.x() - 40, BAR_PX)
        used = paint.text(painter, title, _("People"), 23, tokens.ink, bold=True)
        if not count:
            place = QRectF(24, BAR_PX + 16, rect.width() - 48, 80)
            paint.paragraph(painter, place, self._empty(), 17, tokens.ink2)
            return
        note = title.adjusted(used + 16, 2, 0, 2)
        paint.text(
            painter,
            note,
            plural(N_("{count} person"), N_("{count} people"), count).format(count=count),
            18,
            tokens.ink2,
        )
        for words, x, wide in columns(rect.width() - 16):
            place = QRectF(rect.left() + 8 + x, BAR_PX, wide, HEAD_PX)
            paint.text(painter, place, words, 15, tokens.ink3, least_px=14)
        y = BAR_PX + HEAD_PX + 0.5
        paint.line(painter, rect.left() + 8, y, rect.right() - 8, y, tokens.line_strong)

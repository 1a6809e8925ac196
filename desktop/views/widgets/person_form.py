"""The form of somebody who is added or changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.people import LONGEST_BADGE, LONGEST_NAME, Person, PersonRole
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.choice import ChoiceField
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Painted, card, card_head, tell
from desktop.views.widgets.text_field import HEIGHT_PX, TextField
from desktop.wording.people import role_word

_PAD_PX, _GAP_PX = 24, 12
_WORDS = 14  # lines of a fault, more than there ever are


class PersonForm(Painted):
    """Name, crew, role and badge of somebody who is added or changed."""

    saved = Signal(object)  # Person
    cancelled = Signal()
    back_wanted = Signal(str)  # name of somebody who left

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("person-form", parent)
        self._person = Person(0, "")
        self.name = TextField("person-name", _("Name"), self, most=LONGEST_NAME)
        self.crew = TextField("person-crew", _("Crew"), self, most=LONGEST_NAME)
        self.roles = [Option(f"role-{role.value}", role.value, self) for role in PersonRole]
        self.badge = TextField(
            "person-badge", _("Badge: scan it or type its code"), self, most=LONGEST_BADGE, codes=True
        )
        self.save = Button("person-save", _("Save"), self, main=True, height=72)
        self.cancel = Button("person-cancel", _("Cancel"), self, height=72)
        self.left = ChoiceField("person-left", _("Who was here before"), self)
        self.back = Button("person-back", _("Bring back"), self)
        for option in self.roles:
            option.clicked.connect(self._choose_role)
        self.name.returnPressed.connect(self.crew.setFocus)
        self.crew.returnPressed.connect(self.badge.setFocus)
        self.badge.returnPressed.connect(self.save.setFocus)  # a scanner ends with Enter: look first, then save
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.cancelled)
        self.back.clicked.connect(self._bring_back)

    def edit(self, person: Person, left: Sequence[str]) -> None:
        """Change a person, or add one (id 0)."""
        self._person = person
        self.name.setText(person.name)
        self.crew.setText(person.crew)
        self.badge.setText(person.badge)
        self.left.offer([(name, name) for name in left])
        shown = bool(left) and not person.id
        self.left.setVisible(shown)
        self.back.setVisible(shown)
        self.say("")
        self._show_roles()
        self.name.setFocus()

    def say(self, fault: str) -> None:
        """Say why it could not be saved, "" for nothing."""
        title = _("Change {name}").format(name=self._person.name) if self._person.id else _("Add a person")
        if self.set_face((title, fault)):
            tell(self, title, fault)

    def _show_roles(self) -> None:
        for option in self.roles:
            role = PersonRole(option.value)
            option.show_choice(Choice(option.value, role_word(role)), _("Role"), role is self._person.role)

    def _choose_role(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            known = self._person
            self._person = Person(known.id, known.name, known.crew, PersonRole(option.value), known.badge)
            self._show_roles()

    def _save(self) -> None:
        known = self._person
        name, crew, badge = (field.text().strip() for field in (self.name, self.crew, self.badge))
        self.saved.emit(Person(known.id, name, crew, known.role, badge))

    def _bring_back(self) -> None:
        self.back_wanted.emit(str(self.left.currentData()))

    def _fault_px(self, width: float) -> int:
        fault = self._face[1] if isinstance(self._face, tuple) else ""
        return 24 * len(paint.broken(fault, 16, width - 2 * _PAD_PX)[:_WORDS]) + 12 if fault else 0

    def wanted_px(self, width: int) -> int:
        """The height for a width; all is placed."""
        inner = width - 2 * _PAD_PX
        y = 64 + self._fault_px(width)
        for field in (self.name, self.crew, self.badge):
            field.setGeometry(_PAD_PX, y, inner, HEIGHT_PX)
            y += HEIGHT_PX + _GAP_PX
        for option in self.roles:
            option.setGeometry(_PAD_PX, y, inner, OPTION_PX)
            y += OPTION_PX + 8
        y += 8
        half = (inner - _GAP_PX) // 2
        self.save.setGeometry(_PAD_PX, y, half, 72)
        self.cancel.setGeometry(_PAD_PX + half + _GAP_PX, y, half, 72)
        y += 72 + _PAD_PX
        if not self.left.isHidden():
            self.left.setGeometry(_PAD_PX, y, inner, HEIGHT_PX)
            self.back.setGeometry(_PAD_PX, y + HEIGHT_PX + _GAP_PX, inner, 56)
            y += HEIGHT_PX + _GAP_PX + 56 + _PAD_PX
        return y

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, title, and what was wrong."""
        card(painter, rect, tokens)
        if isinstance(self._face, tuple):
            title, fault = self._face
            card_head(painter, rect.adjusted(4, 4, -4, 0), tokens, title)
            if fault:
                place = QRectF(_PAD_PX, 56, rect.width() - 2 * _PAD_PX, rect.height())
                paint.paragraph(painter, place, fault, 16, tokens.ink, bold=True, most=_WORDS)

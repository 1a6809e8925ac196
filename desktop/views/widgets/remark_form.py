"""Saying something at a handover: an open item, what happened to people, a 4M change. Few words, the rest by taps."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.entries import SafetyKind
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.choice import HEIGHT_PX as CHOICE_PX
from desktop.views.widgets.choice import ChoiceField
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Painted, card, tell
from desktop.views.widgets.text_field import HEIGHT_PX, TextField
from desktop.wording.people import four_m_word, safety_word

LONGEST_TEXT, LONGEST_OWNER = 200, 60
MOST_OWNERS = 8
_PAD, _GAP = 24, 12
_TITLE_PX = 64

ACTION, SAFETY, FOUR_M = "action", "safety", "four_m"


class Due(Struct, frozen=True):
    """A date that can be chosen."""

    words: str
    at_ms: int | None


class Draft(Struct, frozen=True):
    """What was put together. `what`: the kind of a safety entry or of a 4M change; `why` of a closed shift."""

    kind: str
    what: str = ""
    machine: int = 0
    text: str = ""
    owner: str = ""
    due_ms: int | None = None
    why: str = ""


class RemarkForm(Painted):
    """One of three forms in the place of the cards. `saved` carries a Draft; nothing is kept before."""

    saved = Signal(object)
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("remark-form", parent)
        self._kind, self._what, self._due = ACTION, "", 0
        self._dues: tuple[Due, ...] = ()
        self._closed = False
        self.kinds = [Option(f"remark-kind-{n + 1}", "", self) for n in range(4)]
        self.text = TextField("remark-text", _("What is it?"), self, most=LONGEST_TEXT)
        self.machine = ChoiceField("remark-machine", _("Machine"), self)
        self.owner = TextField("remark-owner", _("Who does it?"), self, most=LONGEST_OWNER)
        self.owners = [Option(f"remark-owner-{n + 1}", "", self) for n in range(MOST_OWNERS)]
        self.dues = [Option(f"remark-due-{n + 1}", str(n), self) for n in range(4)]
        self.why = TextField("remark-why", _("Why is it added after the closing?"), self, most=LONGEST_TEXT)
        self.save = Button("remark-save", _("Save"), self, main=True, height=72)
        self.cancel = Button("remark-cancel", _("Cancel"), self, height=72)
        for option in self.kinds:
            option.clicked.connect(self._choose_kind)
        for option in self.owners:
            option.clicked.connect(self._choose_owner)
        for option in self.dues:
            option.clicked.connect(self._choose_due)
        self.owner.textChanged.connect(self._show_owners)
        for field in (self.text, self.owner, self.why):
            field.returnPressed.connect(self._save)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.cancelled)

    def open_form(
        self,
        kind: str,
        machines: Sequence[tuple[int, str]],
        owners: Sequence[str],
        dues: Sequence[Due],
        *,
        closed: bool,
    ) -> None:
        """Begin a form. `closed`: the shift is closed, so that a reason is asked for."""
        self._kind, self._closed, self._dues, self._due = kind, closed, tuple(dues), 0
        words = self._kinds()
        self._what = words[0][0] if words else ""
        for field in (self.text, self.owner, self.why):
            field.clear()
        self.machine.offer([(_("The whole line"), 0), *((name, number) for number, name in machines)])
        self.machine.setCurrentIndex(0)
        for index, option in enumerate(self.owners):
            option.value = owners[index] if index < len(owners) else ""
            option.setVisible(kind == ACTION and bool(option.value))
        for index, option in enumerate(self.dues):
            option.setVisible(kind == ACTION and index < len(self._dues))
        for index, option in enumerate(self.kinds):
            option.setVisible(index < len(words))
        self.owner.setVisible(kind == ACTION)
        self.why.setVisible(closed)
        self.say("")
        self._show_kinds()
        self._show_owners()
        self._show_dues()

    def say(self, fault: str) -> None:
        """Say what is missing, "" for nothing."""
        if self.set_face((self._title(), fault)):
            tell(self, self._title(), fault)

    def _title(self) -> str:
        titles = {ACTION: _("Open item"), SAFETY: _("Safety"), FOUR_M: _("4M change")}
        return titles[self._kind]

    def _kinds(self) -> list[tuple[str, str]]:
        if self._kind == SAFETY:
            return [(kind.value, safety_word(kind)) for kind in SafetyKind if kind is not SafetyKind.NONE]
        if self._kind == FOUR_M:
            return [(what, four_m_word(what)) for what in ("man", "machine", "material", "method")]
        return []

    def _show_kinds(self) -> None:
        for option, (value, words) in zip(self.kinds, self._kinds(), strict=False):
            option.value = value
            option.show_choice(Choice(value, words), self._title(), value == self._what)

    def _show_owners(self) -> None:
        said = self.owner.text().strip()
        for option in self.owners:
            if option.value:
                option.show_choice(Choice(option.value, option.value), _("Owner"), option.value == said)

    def _show_dues(self) -> None:
        for index, (option, due) in enumerate(zip(self.dues, self._dues, strict=False)):
            option.show_choice(Choice(str(index), due.words), _("Due"), index == self._due)

    def _choose_kind(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self._what = option.value
            self._show_kinds()

    def _choose_owner(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self.owner.setText("" if self.owner.text().strip() == option.value else option.value)

    def _choose_due(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self._due = int(option.value)
            self._show_dues()

    def _save(self) -> None:
        text, why = self.text.text().strip(), self.why.text().strip()
        if not text and not (self._kind == SAFETY and self._what == SafetyKind.ESTOP):
            self.say(_("Write in a few words what it is."))
            self.text.setFocus()
            return
        if self._closed and not why:
            self.say(_("The shift is closed. Write why this is added now: the report becomes a new revision."))
            self.why.setFocus()
            return
        due = self._dues[self._due].at_ms if self._kind == ACTION and self._dues else None
        machine = int(self.machine.currentData() or 0)
        owner = self.owner.text().strip() if self._kind == ACTION else ""
        self.saved.emit(Draft(self._kind, self._what, machine, text, owner, due, why))

    def wanted_px(self, width: int) -> int:
        """The height for a width; all is placed."""
        inner, fault = width - 2 * _PAD, self._face[1] if isinstance(self._face, tuple) else ""
        y = _TITLE_PX + (32 if fault else 0)
        y = self._flow(self.kinds, y, inner)
        self.text.setGeometry(_PAD, y, inner, HEIGHT_PX)
        y += HEIGHT_PX + _GAP
        half = (inner - _GAP) // 2
        self.machine.setGeometry(_PAD, y, half, CHOICE_PX)
        self.owner.setGeometry(_PAD + half + _GAP, y, half, HEIGHT_PX)
        y += CHOICE_PX + _GAP
        y = self._flow(self.owners, y, inner)
        y = self._flow(self.dues, y, inner)
        if not self.why.isHidden():
            self.why.setGeometry(_PAD, y, inner, HEIGHT_PX)
            y += HEIGHT_PX + _GAP
        self.save.setGeometry(_PAD, y, min(inner // 2, 280), 72)
        self.cancel.setGeometry(_PAD + min(inner // 2, 280) + _GAP, y, min(inner // 2 - _GAP, 200), 72)
        return y + 72 + _PAD

    @staticmethod
    def _flow(options: Sequence[Option], y: int, inner: int) -> int:
        """Place what is to be seen from the left, in as many lines as it takes; returns where the next thing stands."""
        shown = [option for option in options if not option.isHidden()]
        x = _PAD
        for option in shown:
            wide = min(option.sizeHint().width(), inner)
            if x > _PAD and x + wide > _PAD + inner:
                x, y = _PAD, y + OPTION_PX + 8
            option.setGeometry(x, y, wide, OPTION_PX)
            x += wide + 8
        return y + OPTION_PX + _GAP if shown else y

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, title, and what is missing."""
        card(painter, rect, tokens)
        if isinstance(self._face, tuple):
            title, fault = self._face
            room = QRectF(_PAD, 12, rect.width() - 2 * _PAD, 40)
            paint.text(painter, room, title, 23, tokens.ink, bold=True, least_px=15)
            paint.text(painter, QRectF(_PAD, _TITLE_PX - 8, room.width(), 28), fault, 16, tokens.ink, bold=True)

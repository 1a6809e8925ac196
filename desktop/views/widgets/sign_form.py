"""Signing a shift's report, letting go what was held, changing limits: who, then the PIN where PINs are set up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.people import Act, Person, PersonNow, asks, may
from desktop.domain.pins import PinAnswer
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Painted, card, tell
from desktop.views.widgets.pin_pad import PinPad
from desktop.wording.people import pin_words, role_word

_PAD, _GAP, _TITLE_PX, _WORDS_PX = 24, 12, 64, 56
_MOST = 12
_PAD_WIDE, _PAD_NARROW = 360, 300
_ROOMY_PX = 720

CheckPin = Callable[[Person, str, Callable[[PinAnswer], object]], object]


def signers(people: Sequence[PersonNow], here: int, act: Act = Act.SIGN_OFF) -> tuple[PersonNow, ...]:
    """Who may sign: everybody whose role is enough, those with a PIN only where anybody has one; who is at the screen
    (`here`) first."""
    asked = asks(people, act)
    found = [each for each in people if may(each.person.role, act) and (each.has_pin or not asked)]
    return tuple(sorted(found, key=lambda each: each.person.id != here))


class SignForm(Painted):
    """Names at the left, the pad at the right. `signed`: role and the name of who signed."""

    signed = Signal(str, str)
    cancelled = Signal()
    people_wanted = Signal()

    def __init__(
        self, check_pin: CheckPin, parent: QWidget | None = None, *, name: str = "sign", act: Act = Act.SIGN_OFF
    ) -> None:
        super().__init__(f"{name}-form", parent)
        self._check_pin = check_pin
        self._act = act
        self._role = ""
        self._title = ""
        self._people: tuple[PersonNow, ...] = ()
        self._asked = False
        self._chosen: Person | None = None
        self.names = [Option(f"{name}er-{n + 1}", str(n), self) for n in range(_MOST)]
        self.pad = PinPad(f"{name}-pin", self)
        self.pad.leave.hide()
        nameless = _("Sign without a name") if act is Act.SIGN_OFF else _("Go on without a name")
        self.nameless = Button(f"{name}-nameless", nameless, self, main=True, height=72)
        self.set_up = Button(f"{name}-people", _("Set up people"), self, icon="user")
        self.cancel = Button(f"{name}-cancel", _("Cancel"), self)
        for option in self.names:
            option.clicked.connect(self._choose)
        self.pad.entered.connect(self._entered)
        self.pad.cancelled.connect(self.cancelled)
        self.nameless.clicked.connect(self._sign_nameless)
        self.set_up.clicked.connect(self.people_wanted)
        self.cancel.clicked.connect(self.cancelled)

    def open_form(self, role: str, title: str, people: Sequence[PersonNow], here: int) -> None:
        """Begin to sign as `role`."""
        self._role, self._title = role, title
        self._asked = asks(people, self._act)
        self._people = signers(people, here, self._act)[:_MOST]
        self._chosen = self._people[0].person if self._people and self._asked else None
        self.nameless.setVisible(not self._people)
        self.set_up.setVisible(not self._people)
        self.pad.setVisible(self._chosen is not None)
        self._show_names()
        self._ask("")
        if self._chosen is not None:
            self.pad.setFocus()

    def _say(self) -> None:
        words = self._words()
        if self.set_face((self._title, words)):
            tell(self, self._title, words)

    def _words(self) -> str:
        if not self._people:
            if self._act is Act.SIGN_OFF:
                return _("Nobody is set up who may sign. Set up people, or sign without a name.")
            return _("Nobody is set up who may do this. Set up people, or go on without a name.")
        if self._asked:
            return _("Press your name, then key in your PIN.")
        return _("Press your name: that signs.") if self._act is Act.SIGN_OFF else _("Press your name: that does it.")

    def _show_names(self) -> None:
        for index, option in enumerate(self.names):
            there = index < len(self._people)
            option.setVisible(there)
            if there:
                person = self._people[index].person
                words = f"{person.name} · {role_word(person.role)}"
                chosen = self._chosen is not None and person.id == self._chosen.id
                option.show_choice(Choice(str(index), words), self._title, chosen)
        self._say()

    def _choose(self) -> None:
        option = self.sender()
        if not isinstance(option, Option):
            return
        person = self._people[int(option.value)].person
        if not self._asked:
            self.signed.emit(self._role, person.name)
            return
        self._chosen = person
        self._show_names()
        self._ask("")
        self.pad.setFocus()

    def _ask(self, words: str) -> None:
        if self._chosen is not None:
            self.pad.ask(_("PIN of {name}").format(name=self._chosen.name), words)

    def _entered(self, pin: str) -> None:
        person, role = self._chosen, self._role
        if person is None:
            return

        def looked(answer: PinAnswer) -> None:
            if person is not self._chosen or role != self._role or self.isHidden():
                return  # it was left meanwhile
            if answer.right:
                self.signed.emit(role, person.name)
            else:
                self.refuse(pin_words(answer))

        self.pad.wait(_("Being looked at"))
        self._check_pin(person, pin, looked)

    def refuse(self, sentence: str) -> None:
        """It was not signed, and why; the PIN is asked for anew."""
        if self.isHidden():
            return
        self._ask(sentence)
        self.pad.setFocus()
        self.wanted_px(self.width())

    def _sign_nameless(self) -> None:
        self.signed.emit(self._role, "")

    def wanted_px(self, width: int) -> int:
        """The height for a width; all is placed."""
        inner = width - 2 * _PAD
        pad_px = self._pad_px(width)
        left_px = inner - pad_px - 2 * _GAP if self._chosen is not None else inner
        y = _TITLE_PX + _WORDS_PX
        for option in self.names[: len(self._people)]:
            option.setGeometry(_PAD, y, min(left_px, 420), OPTION_PX)
            y += OPTION_PX + 8
        if not self.nameless.isHidden():
            self.nameless.setGeometry(_PAD, y, min(left_px, 320), 72)
            self.set_up.setGeometry(_PAD, y + 72 + _GAP, min(left_px, 320), 56)
            y += 72 + 56 + 2 * _GAP
        low = y
        if self._chosen is not None:
            high = self.pad.wanted_px(pad_px) - 56
            self.pad.setGeometry(_PAD + inner - pad_px, _TITLE_PX - 40, pad_px, high)
            low = max(low, _TITLE_PX - 40 + high - 56 - _GAP)
        wide = self.cancel.sizeHint().width()
        self.cancel.setGeometry(_PAD, low + _GAP, wide, 56)
        return low + _GAP + 56 + _PAD

    @staticmethod
    def _pad_px(width: int) -> int:
        return _PAD_WIDE if width >= _ROOMY_PX else _PAD_NARROW

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, title, what to do."""
        card(painter, rect, tokens)
        if isinstance(self._face, tuple):
            title, words = self._face
            room = QRectF(_PAD, 12, rect.width() - 2 * _PAD, 40)
            paint.text(painter, room, title, 23, tokens.ink, bold=True, least_px=15)
            wide = rect.width() - 2 * _PAD - (self._pad_px(self.width()) + 2 * _GAP if self._chosen is not None else 0)
            paint.paragraph(painter, QRectF(_PAD, _TITLE_PX, max(wide, 240), 48), words, 17, tokens.ink2, most=2)

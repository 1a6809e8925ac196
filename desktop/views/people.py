"""The page of the people: who works here, their badges and PINs, and when the window forgets who is at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QHideEvent, QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint, summaries
from desktop.domain.people import (
    LONGEST_BADGE,
    LONGEST_NAME,
    Act,
    PeopleView,
    Person,
    PersonNow,
    PersonRole,
    asks,
)
from desktop.domain.pins import MOST_DIGITS, PinAnswer, least_digits
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.background import Question
from desktop.views.login import LOG_OUT_MIN
from desktop.views.screen import GAP, MARGIN, NARROW_PX, TOP, Screen
from desktop.views.staffing import Staffing
from desktop.views.widgets.button import Button
from desktop.views.widgets.choice import ChoiceField
from desktop.views.widgets.option import OPTION_PX, Choice, Option
from desktop.views.widgets.painted import Painted, Pressable, card, card_head, draw_chosen, tell
from desktop.views.widgets.pin_pad import PinPad
from desktop.views.widgets.text_field import HEIGHT_PX, TextField
from desktop.wording import UNKNOWN, crew_word, pin_state, pin_words, role_word

BAR_PX, HEAD_PX, ROW_PX, FACT_PX = 88, 44, 64, 40
_PAD_PX, _GAP_PX = 24, 12
_REST_WORDS_PX = 76
_WORDS = 14  # lines of a note, more than there ever are


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
            tell(self, _("People"), _("{count} people").format(count=count) if count else self._empty())

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
        paint.text(painter, note, _("{count} people").format(count=count), 18, tokens.ink2)
        for words, x, wide in columns(rect.width() - 16):
            place = QRectF(rect.left() + 8 + x, BAR_PX, wide, HEAD_PX)
            paint.text(painter, place, words, 15, tokens.ink3, least_px=14)
        y = BAR_PX + HEAD_PX + 0.5
        paint.line(painter, rect.left() + 8, y, rect.right() - 8, y, tokens.line_strong)


class RestCard(Painted):
    """After how long a rest the window forgets who is at it."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("log-out-after", parent)
        self.options = [Option(f"log-out-{minutes}", str(minutes), self) for minutes in LOG_OUT_MIN]
        for option in self.options:
            option.clicked.connect(self._pressed)

    def show_minutes(self, chosen: int) -> None:
        """Show what holds."""
        for option, minutes in zip(self.options, LOG_OUT_MIN, strict=True):
            words = _("{count} min").format(count=minutes) if minutes else _("Never")
            option.show_choice(Choice(option.value, words), _("Log out by itself"), minutes == chosen)
        if self.set_face(chosen):
            tell(self, _("Log out by itself"), self._words())

    @staticmethod
    def _words() -> str:
        return _("After so long without a touch nobody is at this screen any more.")

    def _pressed(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self.chosen.emit(int(option.value))

    def wanted_px(self, width: int) -> int:
        """The height for a width; the options are placed."""
        wide = (width - 40 - 3 * _GAP_PX) // 4
        for n, option in enumerate(self.options):
            option.setGeometry(20 + n * (wide + _GAP_PX), _REST_WORDS_PX, wide, OPTION_PX)
        return _REST_WORDS_PX + OPTION_PX + 20

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Title and words over the options."""
        card(painter, rect, tokens)
        place = QRectF(20, 12, rect.width() - 40, 28)
        paint.text(painter, place, _("Log out by itself"), 18, tokens.ink, bold=True)
        paint.text(painter, place.translated(0, 29), self._words(), 15, tokens.ink2, least_px=14)


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
        y = 76 + 4 * FACT_PX + 16 + self._note_px(width) + 16
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
            row = QRectF(inner.left(), y, inner.width(), FACT_PX)
            paint.line(painter, row.left(), row.top() + 0.5, row.right(), row.top() + 0.5, tokens.line)
            used = paint.text(painter, row, name, 16, tokens.ink2)
            rest = row.adjusted(used + 12, 0, 0, 0)
            paint.text(painter, rest, words, 16, tokens.ink, bold=True, align=paint.RIGHT, least_px=14)
            y += FACT_PX
        note = QRectF(inner.left(), y + 16, inner.width(), rect.height())
        paint.paragraph(painter, note, self._note(), 15, tokens.ink2, most=_WORDS)


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


class PinCard(Painted):
    """A card with a pad, and where several may answer a field in which one is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("pin-card", parent)
        self.who = ChoiceField("pin-who", _("Whose PIN"), self)
        self.pad = PinPad("pin", self)
        tell(self, _("PIN"), _("Digits by finger or keyboard"))

    def wanted_px(self, width: int, most_px: int = 0) -> int:
        """The height for a width, not above `most_px` where fingers still find the keys; all is placed."""
        y = _PAD_PX
        if not self.who.isHidden():
            self.who.setGeometry(_PAD_PX, y, width - 2 * _PAD_PX, HEIGHT_PX)
            y += HEIGHT_PX + 16
        pad_px = self.pad.wanted_px(width - 2 * _PAD_PX, max(most_px - y - _PAD_PX, 0))
        self.pad.setGeometry(_PAD_PX, y, width - 2 * _PAD_PX, pad_px)
        return y + pad_px + _PAD_PX

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The ground."""
        card(painter, rect, tokens)


class PeoplePage(Screen):
    """List at the left; at the right the chosen person, a form, or a pad for a PIN."""

    badges_wanted = Signal()  # printed, of everybody who has one
    table_wanted = Signal()  # the table of people is to be opened

    def __init__(self, staffing: Staffing, parent: QWidget | None = None) -> None:
        super().__init__("people", parent)
        tell(self, _("People"))
        self._staffing = staffing
        self.list = PeopleList(self.page)
        self.rest = RestCard(self.page)
        self.person = PersonCard(self.page)
        self.form = PersonForm(self.page)
        self.pin = PinCard(self.page)
        self.rows: list[PersonRow] = []
        self._people: tuple[PersonNow, ...] = ()
        self._left: tuple[str, ...] = ()
        self._chosen: int | None = None
        self._editing: Person | None = None  # who is changed in the form, None where somebody is added
        self._new_pin = ""
        self._entered: Callable[[str], object] | None = None  # what is done with the PIN that is typed
        self.list.badges.clicked.connect(lambda: self.badges_wanted.emit())
        self.list.add.clicked.connect(partial(self._with_leave, self._add))
        self.list.excel.clicked.connect(partial(self._with_leave, self._open_table))
        self.rest.chosen.connect(self._set_rest)
        self.person.change.clicked.connect(partial(self._with_leave, self._change))
        self.person.pin.clicked.connect(self._set_pin)
        self.person.unlock.clicked.connect(partial(self._with_leave, self._unlock))
        self.person.no_pin.clicked.connect(partial(self._with_leave, self._take_pin))
        self.person.retire.clicked.connect(partial(self._with_leave, self._retire))
        self.form.saved.connect(self._save)
        self.form.cancelled.connect(self._rest)
        self.form.back_wanted.connect(staffing.bring_back)
        self.pin.pad.entered.connect(self._pin_entered)
        self.pin.pad.cancelled.connect(self._rest)
        self.pin.who.currentIndexChanged.connect(self._show_whose)
        staffing.written.connect(self._written)
        staffing.failed.connect(self._failed)
        self._panel: Painted = self.person
        self.rest.show_minutes(staffing.login.rest_min)
        self._show_panel(self.person)

    def question(self) -> Question:
        """Who works here."""
        return summaries.people_view

    def waiting_cards(self) -> list[QWidget]:
        """The list; what is being typed is not covered."""
        return [self.list]

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show everybody."""
        if not isinstance(answer, PeopleView):
            raise TypeError(f"the page of people shows a PeopleView, not {type(answer).__name__}")
        count = len(self._people)
        self._people, self._left = answer.people, answer.left
        self.list.show_count(len(self._people))
        self.list.badges.setVisible(any(each.person.badge for each in self._people))
        if self._chosen not in {each.person.id for each in self._people}:
            self._chosen = self._people[0].person.id if self._people else None
        self._show_rows()
        if count != len(self._people):
            self.arranged()

    def _show_rows(self) -> None:
        while len(self.rows) < len(self._people):
            row = PersonRow(f"person-{len(self.rows) + 1}", self.list)
            row.clicked.connect(self._row_pressed)
            self.rows.append(row)
        for n, row in enumerate(self.rows):
            row.setVisible(n < len(self._people))
            if n < len(self._people):
                row.setProperty("person", self._people[n].person.id)
                row.setChecked(self._people[n].person.id == self._chosen)
                row.show_person(person_face(self._people[n]))
        now = self._now()
        if now is not None:
            before = self.person.wanted_px(self.person.width())
            self.person.show_person(person_face(now, guarded=asks(self._people, Act.PEOPLE)))
            if before != self.person.wanted_px(self.person.width()):
                self.arranged()
        if self._panel is self.person:
            self.person.setVisible(now is not None)

    def _now(self) -> PersonNow | None:
        return next((each for each in self._people if each.person.id == self._chosen), None)

    def _row_pressed(self) -> None:
        self._chosen = int(self.sender().property("person"))
        self._rest()

    # -- what stands at the right --

    def _show_panel(self, panel: Painted) -> None:
        self._panel = panel
        for each in (self.person, self.form, self.pin):
            each.setVisible(each is panel and (each is not self.person or self._now() is not None))
        self.arranged()

    def _rest(self) -> None:
        """Back to the chosen person."""
        self._new_pin, self._entered = "", None
        self._show_panel(self.person)
        self._show_rows()

    def step_back(self) -> bool:
        """Leave the form or the pad."""
        if self._panel is self.person:
            return False
        self._rest()
        return True

    def hideEvent(self, event: QHideEvent) -> None:
        """Another screen is shown: what was typed and who allowed it are forgotten."""
        self._staffing.forget()
        self._rest()
        super().hideEvent(event)

    # -- asking for a PIN --

    def _with_leave(self, act: Callable[[], object]) -> None:
        """Do something, after an admin's PIN where that is wanted."""
        if not self._staffing.must_ask(self._people):
            act()
            return
        self._ask_pin(self._staffing.askable(self._people), _("Changing people takes an administrator's PIN."), act)

    def _ask_pin(self, people: Sequence[Person], words: str, act: Callable[[], object], *, own: bool = False) -> None:
        self.pin.who.offer([(person.name, person.id) for person in people])
        self.pin.who.setCurrentIndex(0)
        self.pin.who.setVisible(len(people) > 1)

        def looked(answer: PinAnswer) -> None:
            if self._entered is not entered:
                return  # it was left meanwhile
            if answer.right:
                self._entered = None
                act()
                return
            self.pin.pad.ask(self._whose(people), pin_words(answer))
            self.pin.pad.setFocus()
            self.arranged()

        def entered(pin: str) -> None:
            person = next(each for each in people if each.id == self.pin.who.currentData())
            self.pin.pad.wait(_("Being looked at"))
            self._staffing.check(person, pin, looked, approves=not own)

        self._entered = entered
        self.pin.pad.ask(self._whose(people), words)
        self._show_panel(self.pin)
        self.pin.pad.setFocus()

    def _whose(self, people: Sequence[Person]) -> str:
        name = next((each.name for each in people if each.id == self.pin.who.currentData()), "")
        return _("PIN of {name}").format(name=name)

    def _show_whose(self) -> None:
        if self._panel is self.pin and self._entered is not None and not self.pin.who.isHidden():
            self.pin.pad.ask(_("PIN of {name}").format(name=self.pin.who.currentText()), "")

    def _pin_entered(self, pin: str) -> None:
        if self._entered is not None:
            self._entered(pin)

    # -- changes --

    def _add(self) -> None:
        self._editing = None
        self._show_form(Person(0, ""))

    def _change(self) -> None:
        if (now := self._now()) is not None:
            self._editing = now.person
            self._show_form(now.person)

    def _show_form(self, person: Person) -> None:
        self._entered = None
        self.form.edit(person, self._left)
        self._show_panel(self.form)
        self.form.name.setFocus()

    def _save(self, person: object) -> None:
        if isinstance(person, Person):
            self._staffing.put(person, self._editing)

    def _retire(self) -> None:
        if (now := self._now()) is not None:
            self._staffing.retire(now.person)

    def _unlock(self) -> None:
        if (now := self._now()) is not None:
            self._staffing.unlock(now.person)

    def _take_pin(self) -> None:
        if (now := self._now()) is not None:
            self._staffing.forget_pin(now.person)

    def _set_pin(self) -> None:
        """Whoever has a PIN gives it to change it; otherwise an admin's, where there is one."""
        now = self._now()
        if now is None:
            return
        if now.has_pin and self._staffing.must_ask(self._people):
            admins = self._staffing.askable(self._people)
            people = (now.person, *(each for each in admins if each.id != now.person.id))
            self._ask_pin(people, _("The PIN that is to be changed, or an administrator's."), self._first, own=True)
        else:
            self._with_leave(self._first)

    def _first(self) -> None:
        self._ask_new(_("{least} to {most} digits, neither all the same nor in a row."), self._second)

    def _second(self, pin: str) -> None:
        self._new_pin = pin
        self._ask_new(_("The same once more."), self._third)

    def _third(self, pin: str) -> None:
        now, same = self._now(), pin == self._new_pin
        self._new_pin = ""
        if not same:
            self._ask_new(_("The two were not the same. Type the new PIN again."), self._second)
        elif now is not None:
            self.pin.pad.wait(_("Being saved"))
            self._staffing.set_pin(now.person, pin)

    def _ask_new(self, words: str, then: Callable[[str], object]) -> None:
        now = self._now()
        if now is None:
            return
        self.pin.who.hide()
        self._entered = then
        least = least_digits(now.person.role)
        title = _("New PIN of {name}").format(name=now.person.name)
        self.pin.pad.ask(title, words.format(least=least, most=MOST_DIGITS))
        self._show_panel(self.pin)
        self.pin.pad.setFocus()

    def _written(self, result: object) -> None:
        if isinstance(result, int) and result:
            self._chosen = result
        self._rest()
        self.question_changed.emit()

    def _failed(self, sentence: str) -> None:
        if self._panel is self.form:
            self.form.say(sentence)
            self.arranged()
        elif self._panel is self.pin:
            asked = self._entered
            again = self._second if asked == self._third else asked
            if again is not None:
                self._entered = again
            title = self.pin.pad.title
            self.pin.pad.ask(title, sentence)
            self.pin.pad.setFocus()
            self.arranged()
        else:
            self._staffing.say(sentence)

    def _open_table(self) -> None:
        """The table of people, in which the leave that was given holds for as long as here."""
        self._staffing.lend()
        self.table_wanted.emit()

    def _set_rest(self, minutes: int) -> None:
        self._staffing.login.set_log_out(minutes)
        self.rest.show_minutes(minutes)

    def arrange(self, width: int, height: int) -> int:
        """The list grows with its rows; the panel keeps its height."""
        right_px = 400 if width < NARROW_PX else 460
        top = 12 if height < 800 else TOP
        left_px = width - 2 * MARGIN
        if not self._panel.isHidden():
            left_px -= right_px + GAP
        rest_px = self.rest.wanted_px(left_px)
        wanted = BAR_PX + HEAD_PX + ROW_PX * max(len(self._people), 1) + 12
        panel_px = self._panel.wanted_px(right_px) if isinstance(self._panel, PersonCard | PersonForm | PinCard) else 0
        whole = max(height - TOP - top, panel_px, wanted + GAP + rest_px)
        list_px = whole - GAP - rest_px
        self.list.setGeometry(MARGIN, top, left_px, list_px)
        self.list.place()
        self.rest.setGeometry(MARGIN, top + list_px + GAP, left_px, rest_px)
        for n, row in enumerate(self.rows):
            row.setGeometry(8, BAR_PX + HEAD_PX + 1 + n * ROW_PX, left_px - 16, ROW_PX)
        self._panel.setGeometry(MARGIN + left_px + GAP, top, right_px, whole)
        return top + whole + (TOP if top + whole + TOP > height else 0)

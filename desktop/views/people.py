"""The page of the people: who works here, their badges and PINs, and when the window forgets who is at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from desktop import summaries
from desktop.domain.people import Act, PeopleView, Person, PersonNow, asks
from desktop.domain.pins import MOST_DIGITS, PinAnswer, least_digits
from desktop.text import _
from desktop.views.background import Question
from desktop.views.login import LOG_OUT_MIN
from desktop.views.screen import GAP, MARGIN, NARROW_PX, TOP, Screen
from desktop.views.staffing import Staffing
from desktop.views.widgets.painted import Painted, tell
from desktop.views.widgets.people_list import BAR_PX, HEAD_PX, ROW_PX, PeopleList, PersonRow, person_face
from desktop.views.widgets.person_card import PersonCard
from desktop.views.widgets.person_form import PersonForm
from desktop.views.widgets.pin_card import PinCard
from desktop.views.widgets.rest_card import RestCard
from desktop.wording.people import pin_words


class PeoplePage(Screen):
    """List at the left; at the right the chosen person, a form, or a pad for a PIN."""

    badges_wanted = Signal()  # printed, of everybody who has one
    table_wanted = Signal()  # the table of people is to be opened

    def __init__(self, staffing: Staffing, parent: QWidget | None = None) -> None:
        super().__init__("people", parent)
        tell(self, _("People"))
        self._staffing = staffing
        self.list = PeopleList(self.page)
        self.rest = RestCard(LOG_OUT_MIN, self.page)
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

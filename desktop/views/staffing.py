"""Changing who works here: the window's part between the page of people and the file."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.domain.people import Act, Person, PersonNow, asks, may
from desktop.domain.pins import PinAnswer
from desktop.store.database import KnownError
from desktop.text import _
from desktop.views.background import Messenger
from desktop.views.login import Login
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.views.widgets.undo_bar import UndoBar

APPROVED_S = 180  # so long an admin's PIN is good for further changes


class Staffing(QObject):
    """One change at a time, on another thread. Where an admin has a PIN, changes need it once in three minutes."""

    written = Signal(object)  # what the change returned
    failed = Signal(str)

    def __init__(self, ways: Ways, login: Login, undo_bar: UndoBar, banners: Banners, parent: QObject) -> None:
        super().__init__(parent)
        self._banners = banners
        self.login = login
        self._ways = ways
        self._undo_bar = undo_bar
        self._writer = Messenger(self)
        self._approved: tuple[str, float] | None = None  # by whom, and until when by the monotonic clock
        self._lent: tuple[str, float] | None = None  # the same for the table of people

    # -- who may --

    def must_ask(self, people: Sequence[PersonNow]) -> bool:
        """Whether an admin's PIN is wanted before a change."""
        return asks(people, Act.PEOPLE) and not self._approver()

    def _approver(self) -> str:
        """Which administrator's PIN is still good, "" for nobody's."""
        name, until = self._approved or ("", 0.0)
        return name if time.monotonic() < until else ""

    def askable(self, people: Sequence[PersonNow]) -> tuple[Person, ...]:
        """Whose PIN may be given: the admin who is at the screen first."""
        here = self.login.person.id if self.login.person is not None else 0
        found = [each.person for each in people if each.has_pin and may(each.person.role, Act.PEOPLE)]
        return tuple(sorted(found, key=lambda person: person.id != here))

    def check(self, person: Person, pin: str, then: Callable[[PinAnswer], object], *, approves: bool = True) -> None:
        """Look at a PIN. A right one of an admin is good for the changes of the next minutes."""

        def looked(answer: object) -> None:
            if not isinstance(answer, PinAnswer):
                return
            if answer.right and approves:
                self._approved = (person.name, time.monotonic() + APPROVED_S)
            then(answer)

        self._writer.send(lambda: self._ways.staff().check_pin(person.id, pin), looked, self.failed.emit)

    def lend(self) -> None:
        """Let the leave that was given hold for the table of people, too, as long as it would have held here."""
        self._lent = self._approved

    def may_take_table(self) -> str:
        """Whose leave the table of people is taken over with, "" for nobody's. Raises KnownError where an
        administrator's PIN is wanted and was not given; reads the file, so it is called on another thread."""
        name, until = self._lent or ("", 0.0)
        if time.monotonic() < until:
            return name
        if asks(self._ways.staff().people_now(), Act.PEOPLE):
            raise KnownError(
                _("Changing people takes an administrator's PIN: press Excel on the page of people first.")
            )
        return ""

    def forget(self) -> None:
        """The page was left: the next change is asked for anew."""
        self._approved = None

    @property
    def who(self) -> str:
        """The name that goes with a change."""
        return self._approver() or self.login.name

    def say(self, sentence: str) -> None:
        """Say what went wrong, in a banner."""
        self._banners.show_banner("people", BannerFace("trouble", sentence))

    # -- changes --

    def put(self, person: Person, before: Person | None) -> None:
        """Add somebody, or change who was `before`; a change can be taken back."""
        if before == person:
            self.written.emit(person.id)
            return
        words = _("Changed: {name}").format(name=person.name) if before else ""
        undo = partial(self.put, before, None) if before else None
        self._write(lambda who: self._ways.staff().put(person, who), words, undo, partial(self._here, person))

    def retire(self, person: Person) -> None:
        """Somebody is not here any more; that can be taken back, without the PIN."""
        back = partial(self.bring_back, person.name)
        words = _("{name} is not in the list any more.").format(name=person.name)
        self._write(lambda who: self._ways.staff().retire(person.id, who), words, back, partial(self._gone, person))

    def bring_back(self, name: str) -> None:
        """Who was retired is here again."""
        self._write(lambda who: self._ways.staff().bring_back(name, who))

    def set_pin(self, person: Person, pin: str) -> None:
        """Give somebody a PIN."""
        self._write(lambda who: self._ways.staff().set_pin(person.id, pin, who))

    def forget_pin(self, person: Person) -> None:
        """Take somebody's PIN away."""
        self._write(lambda who: self._ways.staff().forget_pin(person.id, who))

    def unlock(self, person: Person) -> None:
        """Let somebody's PIN be tried again at once."""
        self._write(lambda who: self._ways.staff().unlock(person.id, who))

    def _here(self, person: Person) -> None:
        """The person at the screen may have got another name."""
        if self.login.person is not None and self.login.person.id == person.id:
            self.login.log_in(person)

    def _gone(self, person: Person) -> None:
        if self.login.person is not None and self.login.person.id == person.id:
            self.login.log_out()

    def _write(
        self,
        change: Callable[[str], object],
        words: str = "",
        undo: Callable[[], object] | None = None,
        then: Callable[[], object] | None = None,
    ) -> None:
        who = self.who

        def done(result: object) -> None:
            if then is not None:
                then()
            self.written.emit(result)
            if undo is not None:
                self._undo_bar.offer(words, undo)

        self._writer.send(lambda: change(who), done, self.failed.emit)

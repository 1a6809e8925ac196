"""Changing the calendar: the window's part between the page of the calendar, the offer of overtime and the file."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop import calendar_words
from desktop.domain.calendar import PlannedStop
from desktop.domain.people import Act, Person, PersonNow, asks, may
from desktop.domain.pins import PinAnswer
from desktop.domain.scheduling import ApproveStop, AskStop, Edit
from desktop.views.background import Messenger
from desktop.views.login import Login
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.views.widgets.undo_bar import UndoBar

BANNER = "calendar"


class Scheduling(QObject):
    """One change at a time, on another thread; each can be taken back from the undo bar."""

    written = Signal()
    failed = Signal(str)

    def __init__(
        self, ways: Ways, login: Callable[[], Login], undo_bar: UndoBar, banners: Banners, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._ways = ways
        self._login = login
        self._undo_bar = undo_bar
        self._banners = banners
        self._writer = Messenger(self)
        self._waiting: deque[tuple[Callable[[], object], Callable[[object], object], Callable[[str], object]]] = deque()
        self.timezone = "UTC"

    @property
    def who(self) -> str:
        """The name of who is at the screen, "" where nobody said so."""
        return self._login().name

    @property
    def busy(self) -> bool:
        """Whether something is being written."""
        return self._writer.away or bool(self._waiting)

    def _send(
        self, work: Callable[[], object], done: Callable[[object], object], failed: Callable[[str], object]
    ) -> None:
        """One thing after the other: what is wanted while another is being written waits for it."""
        self._waiting.append((work, done, failed))
        self._next()

    def _next(self) -> None:
        if not self._waiting or self._writer.away:
            return
        work, done, failed = self._waiting.popleft()

        def then(hear: Callable[..., object], result: object) -> None:
            hear(result)
            self._next()

        self._writer.send(work, partial(then, done), partial(then, failed))

    # -- who may approve --

    def must_ask(self, people: Sequence[PersonNow]) -> bool:
        """Whether a PIN is wanted before a planned stop is approved."""
        return asks(people, Act.PLANNED_STOP)

    def askable(self, people: Sequence[PersonNow]) -> tuple[Person, ...]:
        """Whose PIN may be given: who is at the screen first."""
        here = self._login().person
        found = [each.person for each in people if each.has_pin and may(each.person.role, Act.PLANNED_STOP)]
        return tuple(sorted(found, key=lambda person: here is None or person.id != here.id))

    def check(self, person: Person, pin: str, then: Callable[[PinAnswer], object]) -> None:
        """Look at a PIN."""

        def looked(answer: object) -> None:
            if isinstance(answer, PinAnswer):
                then(answer)

        self._send(lambda: self._ways.staff().check_pin(person.id, pin), looked, self.failed.emit)

    def keep_clear(self, *widgets: QWidget) -> None:
        """The undo bar is not to lie over these: their buttons stand at the foot."""
        self._undo_bar.keep_clear(*widgets)

    # -- changes --

    def approve(self, stop: PlannedStop, by: str, why: str) -> None:
        """Somebody approves a planned stop."""
        self.change(ApproveStop(stop, by), why, by)

    def change(self, edit: Edit, why: str = "", who: str | None = None) -> None:
        """Carry out an edit; the undo bar takes it back. What cannot be is said by `failed`, and nothing is written."""
        name = self.who if who is None else who
        if isinstance(edit, AskStop):
            edit = replace(edit, stop=replace(edit.stop, asked_by=name))
        words = " · ".join(part for part in (calendar_words.edit_words(edit, self.timezone), name) if part)

        def done(result: object) -> None:
            self._banners.hide_banner(BANNER)
            self._undo_bar.offer(words, partial(self._undo, result, why))
            self.written.emit()

        self._send(lambda: self._ways.calendar().change(edit, name, why), done, self.failed.emit)

    def _undo(self, result: object, why: str) -> None:
        name = self.who
        work: Callable[[], object] = lambda: self._ways.calendar().undo(result, name, why)  # type: ignore[arg-type] # noqa: E731
        self._send(work, lambda _done: self.written.emit(), self.say)

    def say(self, sentence: str) -> None:
        """Say what went wrong, in a banner."""
        self._banners.show_banner(BANNER, BannerFace("trouble", sentence))

"""Changing the calendar: the window's part between the page of the calendar, the offer of overtime and the file.

What changes a closed shift is refused without a name and a reason: both are asked for as of entries, and the same
change, or taking one back, is sent again. Where another person may approve something the list of people is opened.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop import calendar_words
from desktop.control import ClosedError
from desktop.domain.calendar import PlannedStop
from desktop.domain.people import Act, Person, PersonNow, asks, may
from desktop.domain.pins import PinAnswer
from desktop.domain.scheduling import ApproveStop, AskStop, Edit
from desktop.views.background import Messenger
from desktop.views.login import Login
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.views.widgets.undo_bar import UndoBar
from desktop.wording.moments import shift_words

if TYPE_CHECKING:
    from desktop.views.widgets.closed_bar import ClosedBar

BANNER = "calendar"


class _Change(Struct, frozen=True):
    """What is to be written, given who and why; `words` say of whom a closed shift is asked about what it is. `done`
    is told what came of it, with who and why."""

    work: Callable[[str, str], object]
    done: Callable[[object, str, str], object]
    failed: Callable[[str], object]
    who: str
    why: str
    words: str = ""
    by_name: bool = False  # whether the name at the screen approves it: another one may


class Scheduling(QObject):
    """One change at a time, on another thread; each can be taken back from the undo bar."""

    written = Signal()
    failed = Signal(str)
    left = Signal()  # a closed shift stays as it was: nobody said why it should not

    def __init__(
        self, ways: Ways, login: Callable[[], Login], undo_bar: UndoBar, banners: Banners, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._ways = ways
        self._login = login
        self._undo_bar = undo_bar
        self._banners = banners
        self._writer = Messenger(self)
        self._waiting: deque[tuple[Callable[[], object], Callable[[object], object], Callable[[str], object]]] = deque()
        self.timezone = "UTC"
        self._over = parent
        self._asked: deque[tuple[_Change, ClosedError]] = deque()  # what was refused for want of who and why
        self._closed_bar: ClosedBar | None = None

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
        """Somebody approves a planned stop. Where the name at the screen may not, it is asked who may."""
        self._begin(ApproveStop(stop, by), why, by, by_name=by == self.who)

    def change(self, edit: Edit, why: str = "") -> None:
        """Carry out an edit; the undo bar takes it back. What cannot be is said by `failed`, and nothing is written."""
        self._begin(edit, why, self.who)

    def _begin(self, edit: Edit, why: str, who: str, *, by_name: bool = False) -> None:
        said = calendar_words.edit_words(edit, self.timezone)

        def work(name: str, why: str) -> object:
            known = replace(edit, stop=replace(edit.stop, asked_by=name)) if isinstance(edit, AskStop) else edit
            return self._ways.calendar().change(known, name, why)

        def done(result: object, name: str, why: str) -> None:
            self._banners.hide_banner(BANNER)
            words = " · ".join(part for part in (said, name) if part)
            self._undo_bar.offer(words, partial(self._undo, result, name, why))
            self.written.emit()

        self._change(_Change(work, done, self.failed.emit, who, why, said, by_name))

    def _undo(self, result: object, who: str, why: str) -> None:
        """Take a change back. A correction of a closed shift keeps its reason; one that was made before it was closed
        is asked for one."""
        name = self.who or (who if why else "")
        work = lambda name, why: self._ways.calendar().undo(result, name, why)  # type: ignore[arg-type] # noqa: E731
        self._change(_Change(work, lambda _done, _who, _why: self.written.emit(), self.say, name, why))

    def _change(self, change: _Change) -> None:
        def attempt() -> object:
            from desktop.configuration.shop_calendar import WhoError  # with what changes the calendar

            try:
                return change.work(change.who, change.why)
            except (ClosedError, WhoError) as error:
                return error

        def came(result: object) -> None:
            if isinstance(result, ClosedError):
                self._asked.append((change, result))
                self._ask()
            elif isinstance(result, Exception):
                change.failed(str(result))
                if change.by_name:
                    self._login().ask()
            else:
                change.done(result, change.who, change.why)

        self._send(attempt, came, change.failed)

    # -- of a closed shift --

    @property
    def closed_bar(self) -> ClosedBar:
        """What asks who changes a closed shift and why, made when somebody first does."""
        if self._closed_bar is None:
            from desktop.views.widgets.closed_bar import ClosedBar

            self._closed_bar = ClosedBar(self._over)
            self._closed_bar.given.connect(self._given)
            self._closed_bar.left.connect(self._left)
            self._closed_bar.name_wanted.connect(lambda: self._login().open())
        return self._closed_bar

    def step_back(self) -> bool:
        """Leave the question of a closed shift. Returns False where none is asked."""
        return self._closed_bar is not None and self._closed_bar.leave()

    def person_changed(self) -> None:
        """Somebody else is at the screen."""
        if self._closed_bar is not None:
            self._closed_bar.show_who(self.who)

    def _ask(self) -> None:
        """Ask about the first of what was refused; the rest follows."""
        if self._asked and self.closed_bar.isHidden():
            change, error = self._asked[0]
            shift = f"{error.shift.business_on:%m-%d} {shift_words(error.shift)}"
            self.closed_bar.ask(shift, change.words, change.why, change.who)

    def _given(self, why: str, name: str) -> None:
        change, _error = self._asked.popleft()
        self._change(replace(change, why=why, who=name or change.who or self.who))
        self._ask()

    def _left(self) -> None:
        self._asked.popleft()
        self.left.emit()
        self._ask()

    def say(self, sentence: str) -> None:
        """Say what went wrong, in a banner."""
        self._banners.show_banner(BANNER, BannerFace("trouble", sentence))

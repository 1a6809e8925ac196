"""What people say: written on another thread, undone from the undo bar, told where somebody was quicker.

What changes a closed shift is refused at the root without a name and a reason. Both are asked for here, over the foot
of whatever screen it is, and the same errand is sent again: no screen asks of its own accord.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.control import ClosedError
from desktop.domain.entries import Entry, Said
from desktop.text import _, particles
from desktop.views.background import Messenger
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.views.widgets.undo_bar import UndoBar
from desktop.wording.moments import shift_words

if TYPE_CHECKING:
    from desktop.views.widgets.closed_bar import ClosedBar

BANNER = "entered"


Key = tuple[int, int]  # of a stop: its machine and its start


class Telling(Struct, frozen=True):
    """What a person wants to have entered: `told` of these `stops` as of the newest entry `seen`, and how it is said
    that it was."""

    told: tuple[Said, ...]
    seen: int
    words: str
    stops: frozenset[Key]
    why: str = ""  # of a shift that is closed
    who: str = ""  # who signs; "": who is at the screen


class TakingBack(Struct, frozen=True):
    """Which entries a person takes back; `again` is what is said anew where that is undone."""

    numbers: tuple[int, ...]
    words: str = ""
    again: tuple[Said, ...] = ()
    why: str = ""
    who: str = ""  # who takes it back; "": who is at the screen


class Errand(Struct, frozen=True):
    """What is to be written, given who and why; `words` say afterwards what was, "" where nothing needs to be said.
    `stops` are handed back with what came of it."""

    work: Callable[[str, str], object]
    words: str
    stops: frozenset[Key] = frozenset()
    why: str = ""
    who: str = ""  # "": who is at the screen


class Entering(QObject):
    """Writes one thing after the other, in the order in which people said them: none is dropped while another waits.

    `entered`: which stops were told of, and the number of the newest entry that came of it; `refused`: it was not
    entered, and why is on a banner already.
    """

    entered = Signal(object, object)
    refused = Signal(object)

    def __init__(
        self, ways: Ways, who: Callable[[], str], undo_bar: UndoBar, banners: Banners, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._parent = parent
        self._ways = ways
        self.who = who  # the name of who is at the screen, "" where nobody said so
        self._undo_bar = undo_bar
        self._banners = banners
        self._writer = Messenger(self)
        self._waiting: deque[Errand] = deque()
        self._asked: deque[tuple[Errand, ClosedError]] = deque()  # what was refused for want of who and why
        self._closed_bar: ClosedBar | None = None
        self.log_in: Callable[[], object] = lambda: None  # shows the list of people
        self.words_of: Callable[[Entry], str] = lambda _entry: ""  # what somebody else entered, as a sentence

    def tell(self, telling: Telling) -> None:
        """Enter what somebody says, all of it or nothing."""
        work = partial(self._enter, telling.told, telling.seen)
        self._send(Errand(work, telling.words, telling.stops, telling.why, telling.who))

    def untell(self, back: TakingBack) -> None:
        """Take entries back; where that has words it can be undone too."""
        work = partial(self._take_back, back.numbers, back.again)
        self._send(Errand(work, back.words, why=back.why, who=back.who))

    @property
    def closed_bar(self) -> ClosedBar:
        """What asks who changes a closed shift and why, made when somebody first does."""
        if self._closed_bar is None:
            from desktop.views.widgets.closed_bar import ClosedBar

            self._closed_bar = ClosedBar(self._parent)
            self._closed_bar.given.connect(self._given)
            self._closed_bar.left.connect(self._left)
            self._closed_bar.name_wanted.connect(lambda: self.log_in())
        return self._closed_bar

    def step_back(self) -> bool:
        """Leave the question of a closed shift. Returns False where none is asked."""
        return self._closed_bar is not None and self._closed_bar.leave()

    def person_changed(self) -> None:
        """Somebody else is at the screen."""
        if self._closed_bar is not None:
            self._closed_bar.show_who(self.who())

    # -- on the writing thread --

    def _enter(self, told: tuple[Said, ...], seen: int | None, who: str, why: str) -> object:
        try:
            return self._ways.enter(told, who, seen, why)
        except ClosedError as error:
            return error

    def _take_back(self, numbers: tuple[int, ...], again: tuple[Said, ...], who: str, why: str) -> object:
        try:
            self._ways.take_back(numbers, who, why)
        except ClosedError as error:
            return error
        return again

    # -- on the window's thread --

    def _send(self, errand: Errand) -> None:
        self._waiting.append(replace(errand, who=errand.who or self.who()))
        self._next()

    def _next(self) -> None:
        if self._waiting and not self._writer.away:
            errand = self._waiting.popleft()
            work = partial(errand.work, errand.who, errand.why)
            self._writer.send(work, partial(self._done, errand), partial(self._failed, errand))

    def _done(self, errand: Errand, result: object) -> None:
        if isinstance(result, ClosedError):
            self._asked.append((errand, result))
            self._ask()
        elif isinstance(result, Entry):  # no failure of the program: what the other person said belongs on the banner
            head = self.words_of(result) or _("Somebody has entered something for this stop meanwhile.")
            body = _("Your reason was not saved. Look at the stop again: the list is up to date now.")
            self._banners.show_banner(BANNER, BannerFace("note", head, body))
            self.refused.emit(errand.stops)
        else:
            self._banners.hide_banner(BANNER)
            if errand.words:
                words = particles(" · ".join(part for part in (errand.words, errand.who) if part))
                self._undo_bar.offer(words, partial(self._undo, result, errand))
            newest = max(result, default=0) if isinstance(result, list) else 0
            self.entered.emit(errand.stops, newest)
        self._next()

    def _failed(self, errand: Errand, sentence: str) -> None:
        self._banners.show_banner(BANNER, BannerFace("trouble", sentence))
        self.refused.emit(errand.stops)
        self._next()

    def _undo(self, result: object, errand: Errand) -> None:
        """Take back what was entered, or say anew what was taken back. Who undoes it is who is at the screen now; a
        correction of a closed shift keeps its reason."""
        who = self.who() or (errand.who if errand.why else "")
        if isinstance(result, list):
            self.untell(TakingBack(tuple(result), why=errand.why, who=who))
        elif isinstance(result, tuple) and result:
            self._send(Errand(partial(self._enter, result, None), "", why=errand.why, who=who))

    # -- a closed shift --

    def _ask(self) -> None:
        """Ask about the first of what was refused; the rest follows."""
        if self._asked and self.closed_bar.isHidden():
            errand, error = self._asked[0]
            shift = f"{error.shift.business_on:%m-%d} {shift_words(error.shift)}"
            self.closed_bar.ask(shift, errand.words, errand.why, errand.who)

    def _given(self, why: str, name: str) -> None:
        errand, _error = self._asked.popleft()
        self._send(replace(errand, why=why, who=name or errand.who or self.who()))
        self._ask()

    def _left(self) -> None:
        errand, _error = self._asked.popleft()
        self.refused.emit(errand.stops)
        self._ask()

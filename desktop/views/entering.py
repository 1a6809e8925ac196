"""What people say of stops: written on another thread, undone from the undo bar, told where somebody was quicker."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from desktop.domain.entries import Entry, Said
from desktop.text import _, particles
from desktop.views.background import Messenger
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.views.widgets.undo_bar import UndoBar

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


class Errand(Struct, frozen=True):
    """What is to be written; `words` say afterwards what was, "" where nothing needs to be said. `stops` are handed
    back with what came of it."""

    work: Callable[[], object]
    words: str
    stops: frozenset[Key] = frozenset()
    why: str = ""


class Entering(QObject):
    """Writes one thing after the other, in the order in which people said them: none is dropped while another waits.

    `entered`: which stops were told of, and the number of the newest entry that came of it; `refused`: it was not
    entered, and why is on a banner already.
    """

    entered = Signal(object, object)
    refused = Signal(object)

    def __init__(
        self, ways: Ways, who: Callable[[], str], undo_bar: UndoBar, banners: Banners, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._ways = ways
        self.who = who  # the name of who is at the screen, "" where nobody said so
        self._undo_bar = undo_bar
        self._banners = banners
        self._writer = Messenger(self)
        self._waiting: deque[Errand] = deque()
        self.words_of: Callable[[Entry], str] = lambda _entry: ""  # what somebody else entered, as a sentence

    def tell(self, telling: Telling) -> None:
        """Enter what somebody says, all of it or nothing."""
        work = partial(self._enter, telling.told, telling.who or self.who(), telling.seen, telling.why)
        self._send(Errand(work, telling.words, telling.stops, telling.why))

    def untell(self, back: TakingBack) -> None:
        """Take entries back; where that has words it can be undone too."""
        work = partial(self._take_back, back.numbers, self.who(), back.again, back.why)
        self._send(Errand(work, back.words, why=back.why))

    # -- on the writing thread --

    def _enter(self, told: tuple[Said, ...], who: str, seen: int | None, why: str) -> object:
        return self._ways.enter(told, who, seen, why)

    def _take_back(self, numbers: tuple[int, ...], who: str, again: tuple[Said, ...], why: str) -> object:
        self._ways.take_back(numbers, who, why)
        return again

    # -- on the window's thread --

    def _send(self, errand: Errand) -> None:
        self._waiting.append(errand)
        self._next()

    def _next(self) -> None:
        if self._waiting and not self._writer.away:
            errand = self._waiting.popleft()
            self._writer.send(errand.work, partial(self._done, errand), partial(self._failed, errand))

    def _done(self, errand: Errand, result: object) -> None:
        if isinstance(result, Entry):  # no failure of the program: what the other person said belongs on the banner
            head = self.words_of(result) or _("Somebody has entered something for this stop meanwhile.")
            body = _("Your reason was not saved. Look at the stop again: the list is up to date now.")
            self._banners.show_banner(BANNER, BannerFace("note", head, body))
            self.refused.emit(errand.stops)
        else:
            self._banners.hide_banner(BANNER)
            if errand.words:
                self._undo_bar.offer(self._signed(errand.words), partial(self._undo, result, errand.why))
            newest = max(result, default=0) if isinstance(result, list) else 0
            self.entered.emit(errand.stops, newest)
        self._next()

    def _failed(self, errand: Errand, sentence: str) -> None:
        self._banners.show_banner(BANNER, BannerFace("trouble", sentence))
        self.refused.emit(errand.stops)
        self._next()

    def _undo(self, result: object, why: str) -> None:
        """Take back what was entered, or say anew what was taken back."""
        if isinstance(result, list):
            self.untell(TakingBack(tuple(result), why=why))
        elif isinstance(result, tuple) and result:
            self._send(Errand(partial(self._enter, result, self.who(), None, why), ""))

    def _signed(self, words: str) -> str:
        """With who said it, where that is known."""
        return particles(" · ".join(part for part in (words, self.who()) if part))

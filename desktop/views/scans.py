"""Scans at the window: the scanner that types is heard on every screen, and what any scan came to is told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from desktop import finding_words, scan_words
from desktop.domain.commands import Command, Kind, key, parse
from desktop.domain.dialogue import PATIENCE_MS, WELL, Said, Say, ScanAnswer
from desktop.domain.figures.findings import FindingNow
from desktop.text import _, particles
from desktop.views import sound
from desktop.views.background import Messenger
from desktop.views.entering import TakingBack
from desktop.views.scan_keys import ScanKeys
from desktop.views.widgets.header import HEADER_PX
from desktop.views.widgets.scan_note import ScanNote

if TYPE_CHECKING:
    from desktop.domain.people import Person
    from desktop.scanning import Carried
    from desktop.views.labels import Labels
    from desktop.views.overview import Overview
    from desktop.views.stops import Stops
    from desktop.views.window import Window
    from desktop.views.work import Work

WINDOW = 0  # the scanner that types, in ScanAnswer.scanner
_SIZE_PX, _WIDEST_PX = 24.0, 980
_LATE_MS = PATIENCE_MS + 500


class Scans(QObject):
    """Hears the keyboard scanner of a window and has its commands carried out, one after the other."""

    def __init__(
        self,
        window: Window,
        carry_out: Callable[[str, int | None, int | None], Carried],
        known: Callable[[str], bool],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._carry_out = carry_out
        self._writer = Messenger(self)
        self._known = known
        self._finder = Messenger(self)
        self._waiting: deque[tuple[str, int | None]] = deque()  # codes not carried out yet, "": is it too late for one?
        self._heard: deque[str] = deque()  # codes that wait until it is known whose badge came before them
        self._asking = False
        self._half_said = False
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_LATE_MS)
        self._late.timeout.connect(lambda: self._send(""))
        self.note = ScanNote(
            "scan-note", window, _SIZE_PX, widest_px=_WIDEST_PX, high=True, top_px=HEADER_PX, below=window.banners
        )
        self._listen(window)

    def _listen(self, widget: QWidget) -> None:
        keys = ScanKeys(widget)
        keys.scanned.connect(self.scanned)
        keys.watch()

    def listen_on(self, widget: QWidget) -> None:
        """Hear the scanner on another window, too, once it is on screen."""
        QTimer.singleShot(0, widget, lambda: self._listen(widget))

    # -- the scanner that types --

    def scanned(self, code: str) -> None:
        """A code came by the keyboard. What follows a badge waits until it is known whose that is."""
        self._heard.append(code)
        self._take()

    def _take(self) -> None:
        while self._heard and not self._asking:
            code = self._heard.popleft()
            read = parse(code)
            if read is None or (isinstance(read, Command) and read.kind is Kind.PERSON):
                self._asking = True
                self._window.login.scan(
                    code,
                    unknown=self._is_nobody,
                    known=partial(self._is_here, code),
                    failed=self._asked,
                )
            elif not self._taken_here(read):
                self._send(code)

    def _is_here(self, code: str, _person: Person) -> None:
        self._asked(code, here=False)

    def _is_nobody(self, code: str) -> None:
        """It is no badge. What is known of a unit, lot or box is shown, on whatever screen it was scanned."""
        if parse(code) is None and not self._at_labels():  # there its label is meant
            self._finder.send(lambda: self._known(code), partial(self._looked_up, code), lambda _why: self._asked(code))
        else:
            self._asked(code)

    def _looked_up(self, code: str, known: object) -> None:
        """Something carries a code, or nothing does: on the screen of codes that is said there."""
        here = self._window.screens.current == "trace" and not self._window.screens.is_helping()
        if known or here:
            self._window.open_code(code)
            self._asked()
        else:
            self._asked(code)

    def _asked(self, code: str = "", *, here: bool = True) -> None:
        """Whose badge it was is known, or that it was nobody's."""
        self._asking = False
        if code and here and self._at_labels():
            cast("Labels", self._window.screens.screen_now).give_scanned(code)
        elif code:
            self._send(code, here=here)
        self._take()

    def _taken_here(self, read: object) -> bool:
        """Whether a command means what is before the eyes: the stop that is open, what can be taken back."""
        window = self._window
        if not isinstance(read, Command) or self._half_said:
            return False
        if read.kind is Kind.UNDO and (words := window.undo_bar.words):
            window.undo_bar.take_back()
            self.note.show_answer(particles(_("Taken back: {what}").format(what=words)), well=True)
            return True
        if read.kind is Kind.REASON and window.screens.current == "stops" and not window.screens.is_helping():
            return cast("Stops", window.screens.screen_now).give_scanned(key(read.subject))
        return False

    def _at_labels(self) -> bool:
        """Whether a label that is scanned is meant to be printed again."""
        return self._window.screens.current == "labels" and not self._window.screens.is_helping()

    def _home(self) -> int | None:
        """The machine of the screen that is open, None where it has none."""
        screens = self._window.screens
        if screens.is_helping():
            return None
        if screens.current == "machine":
            page = screens.machine_page
            return page.machine if page is not None else None
        return cast("Work", screens.screen_now).machine if screens.current == "work" else None

    def _send(self, code: str, *, here: bool = True) -> None:
        """Have a code carried out. Not `here`: it says nothing of the machine that is looked at."""
        self._waiting.append((code, self._home() if here else None))
        self._next()

    def _next(self) -> None:
        if self._waiting and not self._writer.away:
            (code, home), person = self._waiting.popleft(), self._window.person
            number = person.id if person is not None else None
            self._writer.send(lambda: self._carry_out(code, home, number), self._done, self._failed)

    def _done(self, result: object) -> None:
        carried = cast("Carried", result)
        self._half_said = carried.waiting
        if carried.waiting:
            self._late.start()
        else:
            self._late.stop()
        if carried.entries:
            words = particles(" · ".join(part for part in (scan_words.what(carried.says[-1]), self._name()) if part))
            self._window.undo_bar.offer(words, lambda: self._untell(carried.entries))
        if carried.says:
            self._say(carried.says)
            self._window.ask()
        self._next()

    def _name(self) -> str:
        return self._window.person.name if self._window.person is not None else ""

    def _untell(self, entries: Sequence[int]) -> None:
        self._window.entering.untell(TakingBack(tuple(entries)))

    def _failed(self, sentence: str) -> None:
        self.note.show_answer(particles(sentence), well=False)
        self._next()

    # -- what any scan came to --

    def show_answers(self, answers: Sequence[ScanAnswer | FindingNow]) -> None:
        """Tell what scans came to, wherever they were made."""
        wrong: dict[int, list[FindingNow]] = {}  # by what brought it about
        for found in answers:
            if isinstance(found, FindingNow):
                wrong.setdefault(found.by, []).append(found)
        for each in wrong.values():
            self._warn(each)
        for answer in answers:
            if isinstance(answer, FindingNow) or not answer.says:
                continue
            words, there = sentence(answer.says), sentence(answer.says, at_machine=True)
            if answer.scanner != WINDOW:  # of the window's own it is told at once
                self.note.show_answer(words, well=answer.well)
            window: Any = self._window
            if answer.machine is not None and window.screens.current == "overview" and not window.screens.is_helping():
                cast("Overview", window.screens.screen_now).show_scan(answer.machine, there, well=answer.well)
            if window.andon is not None:
                window.andon.show_scan(answer.machine, words, well=answer.well)

    def _warn(self, found: Sequence[FindingNow]) -> None:
        """Tell what is wrong with the unit or lot that somebody has in hand, large; in red where it does not pass."""
        words, refused = finding_words.sentence(found), any(each.refused for each in found)
        window: Any = self._window
        self.note.show_answer(words, well=False, refused=refused)
        if refused:
            sound.refuse()
        if window.andon is not None:
            window.andon.show_scan(found[0].machine, words, well=False, refused=refused)

    def _say(self, says: Sequence[Say]) -> None:
        self.note.show_answer(sentence(says), well=all(say.said in WELL for say in says))


def sentence(says: Sequence[Say], *, at_machine: bool = False) -> str:
    """What is said of one scan. `at_machine`: where it stands tells the machine."""
    told = [
        replace(say, machine="") if at_machine and say.said in WELL and say.said is not Said.MACHINE else say
        for say in says
    ]
    words = [scan_words.answer(say) for say in told]
    ended = [each if each.endswith(".") else f"{each}." for each in words[:-1]]
    return particles(" ".join((*ended, *words[-1:])))

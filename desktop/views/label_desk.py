"""What is done with labels: the window's part between their page and the printer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from desktop.domain.labels import Contents, Issued, Printer
from desktop.labelling import Wanted
from desktop.text import N_, _, plural
from desktop.views.background import Messenger
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.views.widgets.undo_bar import UndoBar

if TYPE_CHECKING:
    from desktop.views.labels import Labels
    from desktop.views.ways import LabelWays, Ways

_Work = Callable[[], object]
_Done = Callable[[object], object]
_Failed = Callable[[str], object]


class LabelDesk(QObject):
    """Prints, one job at a time; what became of it is said on a banner. What is set up can be taken back."""

    def __init__(
        self, page: Labels, ways: Ways, who: Callable[[], str], banners: Banners, undo_bar: UndoBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._ways = ways
        self._who = who  # the name of who is at the screen, "" where nobody said so
        self._banners = banners
        self._undo_bar = undo_bar
        self._writer = Messenger(self)
        self._jobs: deque[tuple[_Work, _Done, _Failed]] = deque()  # pressed while one was being done
        page.make_wanted.connect(self.make)
        page.again_wanted.connect(self.again)
        page.find_wanted.connect(self.find)
        page.printer_wanted.connect(self.set_printer)
        page.pattern_wanted.connect(self.set_pattern)
        page.contents_wanted.connect(self.set_contents)
        page.places_wanted.connect(self.look_for_printers)
        page.test_wanted.connect(self.test)

    def _desk(self) -> LabelWays:
        return self._ways.labels()

    def make(self, wanted: Wanted) -> None:
        """Issue numbers and print them."""
        who = self._who()
        self._send(lambda: self._desk().make(wanted, who), self._printed)

    def again(self, code: str, why: str) -> None:
        """Print one once more."""
        who = self._who()
        self._send(lambda: self._desk().again(code, why, who), self._printed)

    def test(self) -> None:
        """Print a test label."""
        self._send(lambda: self._desk().test(), self._tested)

    def find(self, code: str) -> None:
        """Look for the label that was scanned."""
        self._do(lambda: self._desk().find(code), partial(self._found, code), self._failed)

    def set_printer(self, wanted: Printer, seen: Printer, words: str) -> None:
        """Set the printer up; `words` are what can be taken back, "" for nothing."""
        who = self._who()
        undo = partial(self.set_printer, seen, wanted, "")
        self._do(lambda: self._desk().set_printer(wanted, who), partial(self._set_up, words, undo), self._refused)

    def set_contents(self, wanted: Contents, seen: Contents, words: str) -> None:
        """Let labels say this; `words` are what can be taken back, "" for nothing."""
        who = self._who()
        undo = partial(self.set_contents, seen, wanted, "")
        self._undo_bar.hide()  # what it offers is no longer the last change
        self._do(
            lambda: self._desk().set_contents(wanted, seen, who), partial(self._set_up, words, undo), self._refused
        )

    def look_for_printers(self) -> None:
        """Find the printers that can be chosen."""
        self._do(lambda: self._desk().places(), self._placed, self._placed)

    def set_pattern(self, product: int, kind: str, pattern: str, words: str | None = None) -> None:
        """Let numbers look like this."""
        who = self._who()
        said = _("Numbers: {pattern}").format(pattern=pattern or _("as usual")) if words is None else words

        def done(before: object) -> None:
            self._set_up(said, partial(self.set_pattern, product, kind, str(before), ""), before)

        self._do(lambda: self._desk().set_pattern(product, kind, pattern, who), done, self._refused)

    def _send(self, work: _Work, done: _Done) -> None:
        """Have something printed: until it is taken nothing else is."""
        self._banners.hide_banner("labels")
        self._page.show_printing(True)
        self._do(work, done, self._failed)

    def _do(self, work: _Work, done: _Done, failed: _Failed) -> None:
        self._jobs.append((work, done, failed))
        self._next()

    @property
    def busy(self) -> bool:
        """Whether something that was pressed is still being done."""
        return bool(self._jobs) or self._writer.away

    def _next(self) -> None:
        if self._jobs and not self._writer.away:
            work, done, failed = self._jobs.popleft()
            self._writer.send(work, partial(self._after, done), partial(self._after, failed))

    def _after(self, then: Callable[[Any], object], told: Any) -> None:
        then(told)
        self._next()

    def _printed(self, issued: object) -> None:
        told = issued if isinstance(issued, tuple) else ()
        fault = next((each.fault for each in told if isinstance(each, Issued) and each.fault), "")
        if fault:
            self._page.show_printing(False)
            self._page.question_changed.emit()
            self._say("trouble", _("Not printed"), fault)
            return
        self._page.printed()
        words = plural(
            N_("{count} label was sent to the printer"), N_("{count} labels were sent to the printer"), len(told)
        )
        body = " – ".join(dict.fromkeys(each.code for each in (*told[:1], *told[-1:])))
        self._say("note", words.format(count=len(told)), body)

    def _tested(self, _nothing: object) -> None:
        self._page.show_printing(False)
        self._say(
            "note",
            _("A test label was sent to the printer"),
            _("Is it straight, dark enough, and of the size of the paper?"),
        )

    def _placed(self, found: object) -> None:
        """The printers that were found; where looking failed none were: one on the network can be told."""
        self._page.show_places(found if isinstance(found, tuple) else ())

    def _found(self, code: str, issued: object) -> None:
        if isinstance(issued, Issued):
            self._page.found(issued)
        else:
            words = _("{code} was not issued here, so that it has no label.").format(code=code)
            self._say("note", _("No label to print again"), words)

    def _set_up(self, words: str, undo: Callable[[], object], _before: object) -> None:
        self._banners.hide_banner("labels")
        if words:
            self._undo_bar.offer(words, undo)
        self._page.question_changed.emit()

    def _refused(self, sentence: str) -> None:
        self._say("trouble", _("Not changed"), sentence)
        self._page.question_changed.emit()

    def _failed(self, sentence: str) -> None:
        self._page.show_printing(False)
        self._say("trouble", _("Not printed"), sentence)

    def _say(self, kind: str, head: str, body: str) -> None:
        self._banners.show_banner("labels", BannerFace(kind, head, body, passing=kind == "note"))

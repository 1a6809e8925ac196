"""Tables of master data: the window's part between their screen and the register."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.control import ClosedError
from desktop.text import _
from desktop.views.background import Messenger
from desktop.views.ways import Ways
from desktop.views.widgets.banner import BannerFace, Banners
from desktop.views.widgets.undo_bar import UndoBar
from desktop.wording.moments import shift_words

if TYPE_CHECKING:
    from desktop.configuration.sheets.difference import Difference, Preview
    from desktop.views.widgets.closed_bar import ClosedBar

_Change = Callable[[str, str], object]  # with who and why
_Done = Callable[[object, str, str], object]  # what came of it, with who and why
BANNER = "master"
PATIENCE_MS = 400  # what takes longer is said to be going on


class Tables(QObject):
    """Has one sheet looked at, applied, taken back or written at a time, and says in banners what became of it."""

    previewed = Signal(object)  # a Preview
    applied = Signal()  # the register is another one

    def __init__(
        self,
        folder: Path,
        ways: Ways,
        who: Callable[[], str],
        banners: Banners,
        undo_bar: UndoBar,
        parent: QWidget,
        people_leave: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._ways = ways
        self._who = who  # the name of who is at the screen, "" where nobody said so
        self._banners = banners
        self._undo_bar = undo_bar
        self._over = parent
        self._closed_bar: ClosedBar | None = None
        self._asked: tuple[_Change, _Done] | None = None  # what was refused for want of who and why
        self.log_in: Callable[[], object] = lambda: None  # shows the list of people
        self._people_leave = people_leave  # whose PIN the table of people is taken over with; raises KnownError
        self.messenger = Messenger(self)
        self._waiting: deque[tuple[Callable[[], object], Callable[[object], object], str]] = deque()
        self._waited = QTimer(self)  # for what takes long
        self._waited.setSingleShot(True)
        self._waited.setInterval(PATIENCE_MS)
        self._waited.timeout.connect(self._say_it_takes_long)

    def look(self, kind: str, source: object) -> None:
        """See what a file (a Path) or a text of the clipboard would change."""
        self._send(lambda: self._ways.tables().preview(kind, source), self._looked, _("The table was not read"))

    def usual(self, kind: str) -> None:
        """See what it would change to take the rows that a new shop begins with."""
        self._send(lambda: self._ways.tables().usual(kind), self._looked, _("The table was not read"))

    def _looked(self, shown: object) -> None:
        self.previewed.emit(shown)

    def apply(self, shown: Preview, retire: bool, who: str = "", why: str = "") -> None:
        """Write what was looked at; it can be taken back. `who` signed for it, "": who is at the screen."""
        self._change(partial(self._apply, shown, retire), self._was_applied, who or self._who(), why)

    def _apply(self, shown: Preview, retire: bool, who: str, why: str) -> object:
        if shown.kind == "people":
            who = self._people_leave() or who
        return self._ways.tables().apply(shown, retire=retire, who=who, why=why)

    # -- of closed shifts --

    @property
    def closed_bar(self) -> ClosedBar:
        """What asks who changes a closed shift and why, made when somebody first does."""
        if self._closed_bar is None:
            from desktop.views.widgets.closed_bar import ClosedBar

            self._closed_bar = ClosedBar(self._over)
            self._closed_bar.given.connect(self._given)
            self._closed_bar.name_wanted.connect(lambda: self.log_in())
        return self._closed_bar

    def step_back(self) -> bool:
        """Leave the question of a closed shift. Returns False where none is asked."""
        return self._closed_bar is not None and self._closed_bar.leave()

    def person_changed(self) -> None:
        """Somebody else is at the screen."""
        if self._closed_bar is not None:
            self._closed_bar.show_who(self._who())

    def _change(self, work: _Change, done: _Done, who: str, why: str) -> None:
        """Do it; where it touches a closed shift and has no name or reason yet, ask for them and do it again."""

        def attempt() -> object:
            try:
                return work(who, why)
            except ClosedError as error:
                return error

        def came(result: object) -> None:
            if isinstance(result, ClosedError):
                self._asked = work, done
                shift = f"{result.shift.business_on:%m-%d} {shift_words(result.shift)}"
                self.closed_bar.ask(shift, "", why, who)
            else:
                done(result, who, why)

        self._send(attempt, came, _("Nothing was changed"))

    def _given(self, why: str, name: str) -> None:
        if self._asked is not None:
            (work, done), self._asked = self._asked, None
            self._change(work, done, name or self._who(), why)

    def _was_applied(self, done: object, who: str, why: str) -> None:
        from desktop.configuration.sheets.desk import said
        from desktop.configuration.sheets.difference import Difference

        self.applied.emit()
        if isinstance(done, Difference) and done.changes:
            self._undo_bar.offer(said(done), partial(self.undo, done, who, why))

    def undo(self, done: Difference, who: str = "", why: str = "") -> None:
        """Take back what was applied; a correction of a closed shift keeps its reason."""
        who = self._who() or (who if why else "")
        work = partial(self._undo, done)
        self._change(work, lambda _back, _who, _why: self.applied.emit(), who, why)

    def _undo(self, done: Difference, who: str, why: str) -> object:
        return self._ways.tables().undo(done, who=who, why=why)

    def export(self, kind: str, ending: str, name: str) -> None:
        """Write a table beside the reports."""
        self._write(lambda file: self._ways.tables().export(kind, file), name, ending)

    def template(self, kind: str, name: str) -> None:
        """Write a blank table with an example beside the reports."""
        self._write(lambda file: self._ways.tables().template(kind, file), name, "xlsx")

    def _write(self, write: Callable[[Path], Path], name: str, ending: str) -> None:
        out = self._folder / "reports"

        def work() -> Path:
            out.mkdir(parents=True, exist_ok=True)
            free = (out / f"{name}{f'-{n}' if n else ''}.{ending}" for n in range(10_000))
            return write(next(file for file in free if not file.exists()))

        self._send(work, self._written, _("The table was not saved"))

    def _written(self, file: object) -> None:
        words = (_("The table is saved"), str(file), _("Open folder"))
        act = partial(self._ways.open_folder, self._folder / "reports")
        self._banners.show_banner(BANNER, BannerFace("note", *words, passing=True, act=act))

    def _next(self) -> None:
        """What was pressed while something else was being done."""
        if self._waiting:
            self._send(*self._waiting.popleft())

    def _say_it_takes_long(self) -> None:
        if self.messenger.away:
            face = BannerFace("note", _("The table is being worked on"), _("It takes a moment."), closable=False)
            self._banners.show_banner(BANNER, face)

    def _send(self, work: Callable[[], object], done: Callable[[object], object], refused: str) -> None:
        def finish(result: object) -> None:
            self._waited.stop()
            self._banners.hide_banner(BANNER)
            done(result)
            self._next()

        def fail(sentence: str) -> None:
            self._waited.stop()
            head, _end, rest = sentence.partition("\n")
            more = rest.count("\n") + 1 if rest else 0
            body = head + (" " + _("... and {count} more").format(count=more) if more else "")
            self._banners.show_banner(BANNER, BannerFace("trouble", refused, body))
            self._next()

        if self.messenger.send(work, finish, fail):
            self._waited.start()
        else:
            self._waiting.append((work, done, refused))

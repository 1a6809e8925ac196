"""The person at the screen: said by a badge or a tap, shown in the header, forgotten after a while of rest."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSettings, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.domain.people import Person, of_badge
from desktop.text import _
from desktop.views.background import Messenger
from desktop.views.screen import MARGIN
from desktop.views.ways import Ways
from desktop.views.widgets.header import HEADER_PX, Header
from desktop.views.widgets.who import WhoPanel

LOG_OUT = "log_out_min"  # the key under which a window keeps after how many minutes of rest a name goes; 0: never
LOG_OUT_MIN = (5, 15, 60, 0)
USUAL_MIN = 15
_INPUT = frozenset({
    QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.TouchBegin, QEvent.Type.Wheel,
})  # fmt: skip


def log_out_min(settings: QSettings) -> int:
    """After how many minutes of rest the window forgets who is at it; 0: never."""
    kept = str(settings.value(LOG_OUT, USUAL_MIN))
    return int(kept) if kept.isdecimal() and int(kept) in LOG_OUT_MIN else USUAL_MIN


class Login(QObject):
    """Who is at the screen, None where nobody said so: a name takes no PIN."""

    changed = Signal(object)  # the Person, None: nobody any more

    def __init__(self, ways: Ways, header: Header, settings: QSettings, window: QWidget) -> None:
        super().__init__(window)
        self.person: Person | None = None
        self._ways = ways
        self._header = header
        self._settings = settings
        self._window = window
        self._panel: WhoPanel | None = None
        self._people: tuple[Person, ...] = ()  # as the panel shows them
        self._reader = Messenger(self)
        self._badges = Messenger(self)  # a scan does not wait for the panel, nor is it lost beside it
        self._watched: QObject | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self.log_out)

    @property
    def name(self) -> str:
        """The name that goes with what is entered, "" where nobody said."""
        return self.person.name if self.person is not None else ""

    @property
    def rest_min(self) -> int:
        """After how many minutes of rest the name goes; 0: never."""
        return log_out_min(self._settings)

    # -- coming and going --

    def log_in(self, person: Person) -> None:
        """Somebody is at the screen."""
        self.close()
        if person != self.person:
            self.person = person
            self._header.show_person(person.name)
            self.changed.emit(person)
        self._watch()
        self.touched()

    def log_out(self) -> None:
        """Nobody is any more."""
        self._rest.stop()
        self.close()
        if self.person is not None:
            self.person = None
            self._header.show_person("")
            self.changed.emit(None)

    def touched(self) -> None:
        """The screen is being used: the time of rest begins anew."""
        minutes = log_out_min(self._settings)
        if self.person is None or not minutes:
            self._rest.stop()
        else:
            self._rest.start(minutes * 60_000)

    def set_log_out(self, minutes: int) -> None:
        """Let the name go after so many minutes of rest, 0: never."""
        self._settings.setValue(LOG_OUT, minutes)
        self._settings.sync()
        self.touched()

    def scan(
        self,
        code: str,
        unknown: Callable[[str], object] | None = None,
        known: Callable[[Person], object] | None = None,
        failed: Callable[[], object] = lambda: None,
    ) -> None:
        """A badge was scanned, on whatever screen. `unknown` is told a code that is nobody's badge, `known` whose it
        is; `failed`: nobody can tell, as is said already."""

        def found(people: object) -> None:
            person = of_badge(people, code) if isinstance(people, tuple) else None
            if person is not None:
                self.log_in(person)
                if known is not None:
                    known(person)
            elif unknown is not None:
                unknown(code)

        def refused(sentence: str) -> None:
            self._failed(sentence)
            failed()

        self._badges.send(lambda: self._ways.staff().people(), found, refused)

    def _watch(self) -> None:
        """Look at what reaches the window's surface. Of the application every event of every widget would be told."""
        self._window.winId()  # one that is not shown yet has no surface otherwise
        surface = self._window.windowHandle()
        if surface is not None and surface is not self._watched:
            surface.installEventFilter(self)
            self._watched = surface

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Somebody presses or types."""
        if event.type() in _INPUT and self.person is not None:
            self.touched()
        return False

    # -- the panel --

    def open(self) -> None:
        """Ask who it is, or close the question."""
        if self._panel is not None and self._panel.isVisible():
            self.close()
            return
        self._read(self._show)

    def ask(self) -> None:
        """Ask who it is, where that is not being asked already: another person is wanted than who is at the screen."""
        if self._panel is None or self._panel.isHidden():
            self._read(self._show)

    def close(self) -> bool:
        """Close the panel. Returns False where it is not open."""
        if self._panel is None or self._panel.isHidden():
            return False
        self._panel.hide()
        return True

    def place(self) -> None:
        """The window has another size."""
        if self._panel is not None and not self._panel.isHidden():
            height = self._window.height() - HEADER_PX - 2 * MARGIN
            self._panel.place(self._window.width() - MARGIN, HEADER_PX + 8, height)

    def _read(self, then: Callable[[object], object]) -> None:
        self._reader.send(lambda: self._ways.staff().people(), then, self._failed)

    def _failed(self, sentence: str) -> None:
        self._show((), sentence)

    def _show(self, people: object, words: str = "") -> None:
        if self._panel is None:
            panel = self._panel = WhoPanel(self._window)
            panel.chosen.connect(self._chosen)
            panel.scanned.connect(self._scanned)
            panel.left.connect(self.log_out)
            panel.closed.connect(self.close)
        self._people = people if isinstance(people, tuple) else ()
        here = self.person.id if self.person is not None else None
        self._panel.show_people(self._people, here, words)
        self._panel.show()
        self._panel.raise_()
        self.place()
        self._panel.badge.setFocus()

    def _chosen(self, number: int) -> None:
        person = next((each for each in self._people if each.id == number), None)
        if person is not None:
            self.log_in(person)

    def _scanned(self, code: str) -> None:
        person = of_badge(self._people, code)
        if person is not None:
            self.log_in(person)
        else:
            self._show(self._people, _("{code} is nobody's badge.").format(code=code.strip()))

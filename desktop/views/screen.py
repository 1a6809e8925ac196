"""What every screen is: a question for the reading thread, and a page that shows its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct
from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop import paint, summaries
from desktop.domain.calendar import Shift
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.figures.line import LineNow
from desktop.text import _
from desktop.views import theme
from desktop.views.background import Question
from desktop.views.widgets.painted import HasFace, begin, card, own_viewport, tell

MARGIN = 24
TOP = 20
GAP = 16
STALE_MS = 3000
CONTROL_PX = 56  # the height of a button
PATIENCE_MS = 300  # so long an answer may stay away before grey bars stand in its place
_MOST_BARS = 4
NARROW_PX = 1480  # width of a page whose window has less than 1,600 px


class Shown(Protocol):
    """What every answer carries, for the header."""

    @property
    def head(self) -> PlantHead:
        """Plant and line."""

    @property
    def now_ms(self) -> int:
        """The moment of the answer."""

    @property
    def shift(self) -> Shift | None:
        """The shift of that moment."""

    @property
    def collector(self) -> CollectorNow:
        """Whether somebody collects."""


class OfLine(Struct, frozen=True):
    """An answer that carries the line as it is, for the header, beside what the screen shows."""

    line: LineNow

    @property
    def head(self) -> PlantHead:
        """Of which line and moment it speaks."""
        return self.line.head

    @property
    def collector(self) -> CollectorNow:
        """Whether somebody collects."""
        return self.line.collector

    @property
    def shift(self) -> Shift | None:
        """The shift that runs."""
        return self.line.shift

    @property
    def now_ms(self) -> int:
        """The moment of the answer."""
        return self.line.now_ms


def stale_since(shown: Shown) -> int | None:
    """Since when nobody collects, so that nothing shown is current; None while somebody does."""
    collector = shown.collector
    if collector.running and (collector.silent_ms or 0) <= STALE_MS:
        return None
    return shown.now_ms - round((collector.silent_ms or 0) * shown.head.speed)


class Waiting(QWidget):
    """Grey bars in the places of cards whose figures are not there yet: nothing old is taken for an answer.

    Before anything was known the empty cards stand there at once, so that nothing is said that nobody knows.
    """

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._page = parent
        self._places: list[QRectF] = []
        self.barred = False
        self.failed = False
        self.hide()

    def cover(self, cards: Sequence[QWidget], *, barred: bool, failed: bool = False) -> None:
        """Lie over these cards of the page, with bars or empty; `failed`: each says that it is not known."""
        places = [card.geometry() for card in cards if card.isVisibleTo(self._page)]
        region = QRegion()
        for place in places:
            region += place
        self._places, self.barred, self.failed = [QRectF(place) for place in places], barred, failed
        tell(self, _("Not known") if failed else _("Being read"))
        self.setGeometry(self._page.rect())
        self.setMask(region)
        self.setVisible(bool(places))
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt asks for the picture."""
        painter = begin(self)
        tokens = theme.tokens()
        for place in self._places:
            paint.box(painter, place, tokens.bg)
            card(painter, place, tokens)
            if self.failed:
                words = QRectF(place.left() + 24, place.top() + min(18, (place.height() - 28) / 2), place.width(), 28)
                paint.text(painter, words, _("Not known"), 18, tokens.ink2)
            count = max(min(int((place.height() - 36) // 40), _MOST_BARS), 1) if self.barred else 0
            for n in range(count):
                wide = (place.width() - 48) * (0.72 - 0.12 * n)
                top = place.top() + min(24.0, (place.height() - 20) / 2) + n * 40
                paint.box(painter, QRectF(place.left() + 24, top, wide, 20), tokens.track)
        painter.end()


class Screen(QScrollArea):
    """A page that scrolls where the window is too low for it. Subclasses place their widgets on `page`."""

    machine_wanted = Signal(int)
    stop_wanted = Signal(int, object)  # machine, standstill of the running shift
    screen_wanted = Signal(str)
    question_changed = Signal()  # something else was chosen: the question is to be asked anew, at once

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.live = summaries.Live()  # a window gives all its screens one: they ask on the same thread
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        own_viewport(self)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.page = QWidget(self)
        self.page.setObjectName(f"{name}-page")
        self.setWidget(self.page)
        self._subject: object = None  # of what the figures on the page speak; None while they are not current
        self._known = False
        self.waiting = Waiting(f"{name}-waiting", self.page)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._show_waiting)

    def question(self) -> Question:
        """What the reading thread is to answer for this screen, with nothing of the widgets in it."""
        raise NotImplementedError

    def subject(self) -> object:
        """Of what the answer to the question speaks: figures of something else are not shown for long."""
        return ""

    def await_answer(self) -> None:
        """The question was asked. Where its answer stays away grey bars take the place of what it does not speak of."""
        if self._subject is None or self._subject != self.subject():
            if not self._known:
                self.waiting.cover(self.waiting_cards(), barred=self.waiting.barred)
            if not self._patience.isActive():
                self._patience.start()

    def receive(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the answer that was waited for."""
        self._patience.stop()
        self.waiting.hide()
        self.present(answer, stale_since_ms)
        self._subject, self._known = self.subject(), True

    def fail(self) -> None:
        """There is no answer to the question for now: what was not answered yet is not known."""
        self._patience.stop()
        if self._subject is None or self._subject != self.subject():
            self.waiting.cover(self.waiting_cards(), barred=False, failed=True)

    def waiting_cards(self) -> list[QWidget]:
        """What shows figures: every card of the page; buttons are lower."""
        children = self.page.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return [child for child in children if isinstance(child, HasFace) and child.height() > CONTROL_PX]

    def _show_waiting(self) -> None:
        self.waiting.cover(self.waiting_cards(), barred=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Another screen is shown: what stands here is no longer current."""
        self._patience.stop()
        self._subject = None
        super().hideEvent(event)

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show an answer. `stale_since_ms`: since then nobody collects, so nothing shown is current."""
        raise NotImplementedError

    def opened(self) -> None:
        """Somebody opened this screen: what does not come with an answer is looked at anew."""

    def print_out(self) -> None:
        """Ctrl+P was pressed. Most screens are not printed."""

    def choices(self) -> dict[str, str]:
        """What is chosen here and holds again after a restart."""
        return {}

    def restore(self, choices: Mapping[str, str]) -> None:
        """Choose what was chosen before; "" where nothing was."""

    def arrange(self, width: int, height: int) -> int:
        """Place the widgets for a page of this size and return the height that they take."""
        raise NotImplementedError

    def step_back(self) -> bool:
        """Close what stands over the screen. Returns False where nothing does."""
        return False

    def title(self) -> str:
        """What stands in the header, "" for the name of the screen."""
        return ""

    def past_shift(self) -> Shift | None:
        """The shift that is over and looked at here; None where it is the one that runs."""
        return None

    def arranged(self) -> None:
        """Place everything again."""
        size: QSize = self.viewport().size()
        height = self.arrange(size.width(), size.height())
        if height > size.height():
            bar = self.verticalScrollBar().sizeHint().width()
            height = self.arrange(size.width() - bar + MARGIN // 2, size.height())
        self.page.resize(size.width(), max(height, size.height()))
        if not self.waiting.isHidden():
            self.waiting.cover(self.waiting_cards(), barred=self.waiting.barred, failed=self.waiting.failed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The window has another size."""
        super().resizeEvent(event)
        self.arranged()

"""The way from shift to shift: which one is looked at, how many of its stops ask, and the oldest one that waits."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.calendar import Shift
from desktop.domain.figures.stops import OpenShift, StopsNow
from desktop.text import N_, _, plural
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, tell
from desktop.wording.moments import day_words, shift_words

STEP_PX = 72
WAY_PX = 56
_GAP_PX = 8
_LINE_PX = 20  # every further line of a long name makes it higher
_MOST_LINES = 3


class StepsFace(Struct, frozen=True):
    """The shift that is looked at, and what there is to say of it."""

    shift: str
    note: str


def shift_title(shift: Shift) -> str:
    """A shift with its date: "Thu 19 Nov · Day"."""
    return f"{day_words(shift.business_on)} · {shift_words(shift)}"


def asking_words(count: int) -> str:
    """How many stops ask."""
    return plural(N_("{count} stop asks for a reason"), N_("{count} stops ask for a reason"), count).format(count=count)


def oldest_of(waiting: Iterable[OpenShift], looked_at: Shift | None = None) -> OpenShift | None:
    """The oldest of the shifts that wait, beside the one that is looked at; None while that is not known."""
    others = (each for each in waiting if looked_at is None or each.shift.span != looked_at.span)
    first = next(others, None)
    return first if first is not None and first.settled else None


def oldest_words(oldest: OpenShift) -> str:
    """Which one it is, and how many of its stops ask."""
    return _("Oldest: {shift} · {count}").format(shift=shift_title(oldest.shift), count=oldest.asks)


class ShiftSteps(Painted):
    """`stepped`: to the shift before (-1) or after (1); `wanted`: a shift, None for the one that runs."""

    stepped = Signal(int)
    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("stops-shift", parent)
        self.before = Button("stops-shift-before", "", self, icon="arrow-left")
        self.after = Button("stops-shift-after", "", self, icon="arrow-right")
        self.back = Button("stops-shift-now", _("Back to now"), self)
        self.oldest = Button("stops-shift-oldest", "", self)
        self._oldest: OpenShift | None = None
        self.before.clicked.connect(lambda: self.stepped.emit(-1))
        self.after.clicked.connect(lambda: self.stepped.emit(1))
        self.back.clicked.connect(lambda: self.wanted.emit(None))
        self.oldest.clicked.connect(self._go_to_oldest)

    def show_shifts(self, now: StopsNow, *, past: bool) -> None:
        """Show the shift that is looked at and the ways from it."""
        for button, name, shift in (
            (self.before, _("Previous shift"), now.shifts[0]),
            (self.after, _("Next shift"), now.shifts[1] if past else None),
        ):
            button.setEnabled(shift is not None)
            tell(button, name, shift_title(shift) if shift is not None else _("There is none."))
        looked_at = now.looked_at
        head = shift_title(looked_at) if looked_at is not None else shift_words(None)
        asks = sum(row.asks for row in now.open)
        note = asking_words(asks) if asks else _("No stop asks for a reason")
        if now.closed:
            note = " · ".join((_("closed"), note))
        if self.set_face(StepsFace(head, note)):
            tell(self, head, note)
        self.back.setVisible(past)
        self._oldest = oldest_of(now.waiting_shifts, looked_at)
        if self._oldest is not None:
            tell(
                self.oldest,
                oldest_words(self._oldest),
                _("The oldest shift that is not closed and has stops that ask for a reason"),
            )
        self.oldest.setVisible(self._oldest is not None)
        self._place()

    def wanted_px(self, width: int) -> int:
        """The height in a width: more for a long name, and a second row where there is another way."""
        ways = (self.back, self.oldest)
        return self._name_px(width) + (0 if all(way.isHidden() for way in ways) else WAY_PX + _GAP_PX)

    def _lines(self, width: float) -> tuple[float, list[str]]:
        """The name as it stands between the arrows: its size and its lines."""
        name = self._face.shift if isinstance(self._face, StepsFace) else ""
        return paint.heading(name, 17, width - 144, least_px=14, most=_MOST_LINES)

    def _name_px(self, width: int) -> int:
        return STEP_PX + _LINE_PX * (len(self._lines(width)[1]) - 1)

    def _oldest_words(self, room: float, size_px: float) -> str:
        """As much of it as has room: the shift with its date and what asks, without its name, the date alone."""
        if self._oldest is None:
            return ""
        day = day_words(self._oldest.shift.business_on)
        without = _("Oldest: {shift} · {count}").format(shift=day, count=self._oldest.asks)
        said = (oldest_words(self._oldest), without, _("Oldest: {when}").format(when=day))
        return next((words for words in said if paint.width(words, size_px, True) <= room), said[-1])

    def _go_to_oldest(self) -> None:
        if self._oldest is not None:
            self.wanted.emit(self._oldest.shift)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        name_px = self._name_px(self.width())
        self.before.setGeometry(8, (name_px - 56) // 2, 56, 56)
        self.after.setGeometry(self.width() - 64, (name_px - 56) // 2, 56, 56)
        ways = [way for way in (self.back, self.oldest) if not way.isHidden()]
        each_px = (self.width() - _GAP_PX * (len(ways) - 1)) // max(len(ways), 1)
        for place, way in enumerate(ways):
            way.setGeometry(place * (each_px + _GAP_PX), name_px + _GAP_PX, each_px, WAY_PX)
        self.oldest.setText(self._oldest_words(each_px - 20, 14 if len(ways) == 1 else 17))  # beside the way back short

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Name and note between the arrows."""
        card(painter, QRectF(rect.left(), rect.top(), rect.width(), self._name_px(self.width())), tokens)
        shown = self._face
        if isinstance(shown, StepsFace):
            size_px, lines = self._lines(rect.width())
            room = QRectF(rect.left() + 72, rect.top() + 12, rect.width() - 144, 26)
            for line in lines:
                paint.text(painter, room, line, size_px, tokens.ink, bold=True, align=paint.CENTER)
                room.translate(0, _LINE_PX)
            room.translate(0, 25 - _LINE_PX)
            paint.text(painter, room, shown.note, 15, tokens.ink2, align=paint.CENTER, least_px=14)

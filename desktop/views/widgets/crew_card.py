"""Beside the tiles: how many are here and how many man-hours that makes; what can be said of the chosen person."""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.crew import CrewNow, CrewPerson
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.choice import HEIGHT_PX, ChoiceField
from desktop.views.widgets.painted import Painted, card, card_head, tell
from desktop.views.widgets.titled_card import HEAD_PX
from desktop.wording.moments import clock
from desktop.wording.numbers import UNKNOWN

_GAP_PX, _PAD_PX = 12, 16
_STEP_MS = 30 * 60_000
_LINE_PX = 34
COUNTS_PX = HEAD_PX + 4 * _LINE_PX + 14


def hours_words(length_ms: float | None) -> str:
    """Man-hours with one digit: "36.5 h"."""
    return UNKNOWN if length_ms is None else _("{hours} h").format(hours=f"{length_ms / 3_600_000:,.1f}")


def each_words(each_ms: float | None) -> str:
    """Man-hours for one piece, as minutes: "1.42 min"."""
    return UNKNOWN if each_ms is None else _("{minutes} min").format(minutes=f"{each_ms / 60_000:,.2f}")


class CrewCounts(Painted):
    """Here, vacant, man-hours, and how much of that a good piece takes."""

    def show_crew(self, now: CrewNow) -> None:
        """Show the crew."""
        expected = [person for person in now.people if person.expected]
        here = sum(person.here for person in now.people)
        vacant = sum(machine.vacant for machine in now.machines)
        known = bool(now.people)
        here_words = _("{here} of {all} people").format(here=here, all=max(len(expected), here))
        lines = (
            (_("Here"), here_words if known else UNKNOWN),
            (_("Machines without anybody"), str(vacant) if known else UNKNOWN),
            (_("Man-hours so far"), hours_words(now.worked_ms if known else None)),
            (_("Work for a good piece"), each_words(now.each_ms)),
        )
        if self.set_face(lines):
            tell(self, _("Staffing"), ", ".join(f"{caption} {words}" for caption, words in lines))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """A line each."""
        card(painter, rect, tokens)
        card_head(painter, rect, tokens, _("Staffing"))
        if not isinstance(self._face, tuple):
            return
        for place, (caption, words) in enumerate(self._face):
            line = QRectF(rect.left() + 20, rect.top() + HEAD_PX + place * _LINE_PX, rect.width() - 40, _LINE_PX)
            used = paint.text(painter, line, words, 19, tokens.ink, bold=True, align=paint.RIGHT)
            paint.text(painter, line.adjusted(0, 0, -used - 12, 0), caption, 16, tokens.ink2, least_px=14)


class PersonFace(Struct, frozen=True):
    """The chosen person."""

    name: str
    note: str


class PersonCard(Painted):
    """What can be said of the chosen person: since when, until when, not here at all."""

    came = Signal(object)  # milliseconds do not fit into 32 bits
    left = Signal(object)
    back = Signal()
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("chosen-person", parent)
        self.leaves = Button("person-leaves", _("Leaves now"), self, icon="arrow-right")
        self.since = ChoiceField("person-since", _("Came at"), self)
        self.until = ChoiceField("person-until", _("Left at"), self)
        self.again = Button("person-again", _("Is still here"), self, icon="undo")
        self.never = Button("person-never", _("Was not here"), self, icon="cross")
        self._now_ms = 0
        self._from_ms: int | None = None
        self.leaves.clicked.connect(self._leaves)
        self.since.activated.connect(self._came)
        self.until.activated.connect(self._left)
        self.again.clicked.connect(self.back)
        self.never.clicked.connect(self.cancelled)

    def show_person(self, person: CrewPerson, now: CrewNow) -> None:
        """Show somebody who is here, or was."""
        zone, start_ms = now.head.timezone, now.shift.span.start_ms if now.shift else now.since_ms
        self._now_ms, self._from_ms = now.now_ms, person.from_ms
        gone = person.to_ms is not None
        self.leaves.setVisible(not gone)
        self.again.setVisible(gone)
        moments = list(range(start_ms, now.now_ms, _STEP_MS))
        since = list(dict.fromkeys([person.from_ms, *moments, now.now_ms]))
        self.since.offer([(clock(at, zone), at) for at in sorted(at for at in since if at is not None)])
        self.since.choose(person.from_ms)
        past = [at for at in reversed(moments) if person.from_ms is not None and at > person.from_ms]
        until = [("—", 0)] if not gone else [(clock(person.to_ms or 0, zone), person.to_ms or 0)]
        self.until.offer([*until, *((clock(at, zone), at) for at in past if at != person.to_ms)])
        self.until.choose(until[0][1])
        note = hours_words(person.worked_ms)
        if self.set_face(PersonFace(person.name, note)):
            tell(self, person.name, note)

    def _leaves(self) -> None:
        self.left.emit(self._now_ms)

    def _came(self, _index: int) -> None:
        at_ms = self.since.currentData()
        if isinstance(at_ms, int) and at_ms != self._from_ms:
            self.came.emit(at_ms)

    def _left(self, _index: int) -> None:
        at_ms = self.until.currentData()
        if isinstance(at_ms, int) and at_ms:
            self.left.emit(at_ms)

    def place(self, width: int) -> int:
        """Place what can be pressed; returns the height."""
        y = HEAD_PX
        wide = width - 2 * _PAD_PX
        for widget in (self.leaves, self.again):  # one of the two is there
            widget.setGeometry(_PAD_PX, y, wide, HEIGHT_PX)
        y += HEIGHT_PX + _GAP_PX
        half = (wide - _GAP_PX) // 2
        self.since.setGeometry(_PAD_PX, y, half, HEIGHT_PX)
        self.until.setGeometry(_PAD_PX + half + _GAP_PX, y, half, HEIGHT_PX)
        y += HEIGHT_PX + _GAP_PX
        self.never.setGeometry(_PAD_PX, y, wide, HEIGHT_PX)
        return y + HEIGHT_PX + _PAD_PX

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, name, hours."""
        card(painter, rect, tokens)
        if isinstance(self._face, PersonFace):
            card_head(painter, rect, tokens, self._face.name, self._face.note, strong=True)

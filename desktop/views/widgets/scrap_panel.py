"""Pieces that were not what they were counted as: how many on large keys, when, and why. A reason saves it at once."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.adjust import ADDED, OF_REJECTS, OUTCOMES, BookingKind
from desktop.domain.calendar import Shift
from desktop.domain.entries import Booked
from desktop.domain.figures.work import PastShift, WorkNow
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, Pressable, card, tell
from desktop.views.widgets.reason_board import ReasonButton, ReasonFace
from desktop.wording.moments import day_words, hour, shift_words
from desktop.wording.numbers import pieces
from desktop.wording.states import booking_word

MOST_REASONS = 12
MOST = 9_999
KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "C", "0", "⌫")
_COUNTING = (
    BookingKind.REJECT_REASON, BookingKind.LATE_REJECT, BookingKind.REJECT_REWORK, BookingKind.EMPTY_STROKE,
    BookingKind.MASTER_PIECE, BookingKind.UNCOUNTED,
)  # fmt: skip
_BLIND = (
    BookingKind.LATE_REJECT, BookingKind.REWORK, BookingKind.EMPTY_STROKE, BookingKind.MASTER_PIECE,
    BookingKind.UNCOUNTED,
)  # fmt: skip
_MOST_KINDS = len(_COUNTING) + len(OUTCOMES)
_IN_A_ROW = 4  # of so many kinds each has room for its words
_MOST_IN_A_ROW = 7  # of so many kinds each has room for its words in a low window
_ROOMY_PX = 530  # from this height on there is room for a second row of kinds
_MOST_HOURS = 5
_MOST_MOMENTS = 8  # now, the hours, the last shift and the way to others; or that way back, six shifts and older ones
_GAP = 10


class Choice(Pressable):
    """One of several that exclude each other."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setCheckable(True)

    def show_words(self, words: str, *, chosen: bool) -> None:
        """What it is, and whether it holds."""
        if self.set_face((words, chosen)):
            tell(self, words.replace("\n", " · "), _("chosen") if chosen else "")
        self.setChecked(chosen)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The words; what holds has a soft ground and a strong edge."""
        if not isinstance(self._face, tuple):
            return
        words, chosen = self._face
        words, _line, below = words.partition("\n")
        ground = tokens.accent_soft if chosen or self.underMouse() else tokens.panel
        paint.box(
            painter, rect, ground, tokens.accent if chosen else tokens.line_strong, radius=8, pen=3 if chosen else 1
        )
        room = rect.adjusted(4, 0, -4, 0)
        if below:
            lower = QRectF(room.left(), room.center().y() + 1, room.width(), 22)
            paint.text(painter, lower, below, 15, tokens.ink, bold=chosen, align=paint.CENTER, least_px=14)
            room = QRectF(room.left(), room.center().y() - 23, room.width(), 22)
        paint.text(painter, room, words, 17, tokens.ink, bold=chosen, align=paint.CENTER, least_px=14)


def place_row(
    choices: Sequence[QWidget], left: int, y: int, wide: int, most_px: int = 240, high: int = 56, gap: int = _GAP
) -> int:
    """Place what is to be seen side by side; returns the height with the gap below it."""
    shown = [choice for choice in choices if not choice.isHidden()]
    if not shown:
        return 0
    each = min((wide - _GAP * (len(shown) - 1)) // len(shown), most_px)
    for place, choice in enumerate(shown):
        choice.setGeometry(left + place * (each + _GAP), y, each, high)
    return high + gap


class Moment(Struct, frozen=True):
    """When pieces were made: a moment of it, and what it is called; `past`: the shift that is over of which it is.
    `way`: no moment but the way to others."""

    at_ms: int
    words: str
    past: PastShift | None = None
    way: str = ""


def past_moment(past: PastShift) -> Moment:
    """The last moment of a shift that is over: of it late rejects are said."""
    shift = past.shift
    name = " · ".join((shift_words(shift), _("closed"))) if past.closed else shift_words(shift)
    return Moment(shift.span.end_ms - 1, f"{day_words(shift.business_on)}\n{name}", past)


def when_words(moment: Moment) -> str:
    """When pieces were made, in a line."""
    if moment.past is None:
        return moment.words
    shift = moment.past.shift
    return f"{day_words(shift.business_on)} · {shift_words(shift)}"


def _columns(room: int) -> int:
    return 3 if room >= 660 else 2


class ShownFace(Struct, frozen=True):
    """The number and what is said of it."""

    number: str
    caption: str
    fault: str = ""


class Display(Painted):
    """The number that was keyed in."""

    def show_number(self, shown: ShownFace) -> None:
        """Show it."""
        if self.set_face(shown):
            tell(self, _("Pieces"), " ".join(part for part in (shown.number, shown.caption, shown.fault) if part))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The figure at the right, what it is at the left."""
        shown = self._face
        if not isinstance(shown, ShownFace):
            return
        paint.box(painter, rect, tokens.panel2, tokens.ink if shown.fault else tokens.line, radius=6)
        wide = paint.width(shown.number, 34, True) + 4
        figure = QRectF(rect.right() - 14 - wide, rect.top(), wide, rect.height())
        paint.text(painter, figure, shown.number, 34, tokens.ink, bold=True, align=paint.RIGHT)
        room = QRectF(rect.left() + 14, rect.top() + 4, figure.left() - rect.left() - 24, rect.height() - 8)
        words = shown.fault or shown.caption
        paint.paragraph(painter, room, words, 15, tokens.ink if shown.fault else tokens.ink2, most=2)


class ScrapPanel(Painted):
    """Kind, moment, number pad and reasons. `given`: a Booked and the words for it.

    `page` and `wanted` say which shifts that are over are to be known: the latest six, or those before them.
    """

    given = Signal(object, str)
    asked = Signal()  # for other shifts
    resized = Signal()  # it wants another height

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("scrap", parent)
        tell(self, _("Rejects and corrections"), _("Key in how many, then press the reason."))
        self.kinds = [Choice(f"scrap-kind-{n + 1}", self) for n in range(_MOST_KINDS)]
        self.moments = [Choice(f"scrap-when-{n + 1}", self) for n in range(_MOST_MOMENTS)]
        self.display = Display("scrap-number", self)
        self.keys = [Button(f"scrap-key-{n + 1}", words, self, height=72) for n, words in enumerate(KEYS)]
        self.reasons = [ReasonButton(f"scrap-reason-{n + 1}", self) for n in range(MOST_REASONS)]
        self._now: WorkNow | None = None
        self._kind: BookingKind | None = None
        self._hour: int | None = None  # a moment of the hour that is chosen of the shift that runs; None: now
        self.wanted: Shift | None = None  # the shift that is over and chosen
        self.page = 0
        self._listing = False  # the shifts that are over stand in place of the hours
        self._number = ""
        self._notes: tuple[str, ...] = ()
        self._fault = ""
        self._wanted = 0  # so many reasons: on them its height depends
        self.covered_px = 0  # so much of its foot may lie under the undo bar: there are no keys
        for kind in self.kinds:
            kind.clicked.connect(self._kind_pressed)
        for moment in self.moments:
            moment.clicked.connect(self._moment_pressed)
        for key in self.keys:
            key.clicked.connect(self._key_pressed)
        tell(self.keys[9], _("Clear the number"))
        tell(self.keys[11], _("Delete the last digit"))
        for reason in self.reasons:
            reason.clicked.connect(self._reason_pressed)

    # -- what is shown --

    def show_work(self, now: WorkNow) -> None:
        """Show what can be corrected of a machine."""
        if self._now is not None and self._now.machine != now.machine:
            self.forget(self.wanted)
        self._now = now
        self._refresh()

    def forget(self, past: Shift | None = None) -> None:
        """As at the beginning: one piece, now, or in a `past` shift."""
        self._kind, self._hour, self._number, self._fault = None, None, "", ""
        self.wanted, self.page, self._listing = past, 0, past is not None
        if self._now is not None:
            self._refresh()

    @property
    def closed(self) -> bool:
        """Whether the shift that is chosen is closed: who and why is asked for when it is saved."""
        moment = self._moment()
        return moment is not None and moment.past is not None and moment.past.closed

    def wanted_px(self, width: int) -> int:
        """The least height for a width: every key and every reason can be pressed."""
        room = width - 32 - self._pad_px(width - 32) - 16
        shown = sum(not button.isHidden() for button in self.reasons)
        lines = max(-(-shown // _columns(room)), 1)
        kinds = sum(not kind.isHidden() for kind in self.kinds)
        two = kinds > _MOST_IN_A_ROW and width - 32 < 150 * kinds
        row_px, gap = (48, 7) if two else (56, _GAP)
        above_px = (2 + two) * (row_px + gap)
        return 28 + above_px + max(row_px + 4 + gap + 4 * (56 + gap) - gap, lines * (row_px + _GAP) - _GAP)

    @staticmethod
    def _pad_px(wide: int) -> int:
        return min(max(round(wide * 0.36), 264), 400)

    @property
    def kind(self) -> BookingKind:
        """What the pieces were."""
        kinds = self._kinds()
        return self._kind if self._kind in kinds else kinds[0]

    def _kinds(self) -> tuple[BookingKind, ...]:
        now = self._now
        kinds = _COUNTING if now is not None and now.counts_rejects else _BLIND
        return (*kinds, *OUTCOMES) if now is not None and now.in_rework else kinds

    def _moments(self) -> tuple[Moment, ...]:
        """Now, the hours before, the last shift and the way to others; or the shifts that are over."""
        now = self._now
        if now is None:
            return ()
        if self._listing:
            found = [Moment(0, _("This shift"), way="now")]
            found += [past_moment(each) for each in now.past]
            return (*found, *((Moment(0, _("Older"), way="older"),) if now.older else ()))
        found = [*self._hours_of(now), *(past_moment(each) for each in now.past[:1])]
        if len(now.past) > 1 or now.older:
            found.append(Moment(0, _("Earlier shifts"), way="list"))
        return tuple(found)

    def _moment(self) -> Moment | None:
        """When the pieces were made; None while the shift that is wanted is not known yet, and where the hour that was
        chosen is of no shift that runs: never another one."""
        now = self._now
        if now is None:
            return None
        if self.wanted is not None:
            past = next((each for each in now.past if each.shift.span == self.wanted.span), None)
            return past_moment(past) if past is not None else None
        if self._hour is None:
            return self._hours_of(now)[0]
        return next((each for each in self._hours_of(now, len(now.hours))[1:] if each.at_ms == self._hour), None)

    @staticmethod
    def _hours_of(now: WorkNow, most: int = _MOST_HOURS) -> list[Moment]:
        zone = now.head.timezone
        spans = now.hours[1:most]
        return [
            Moment(now.now_ms - 1, _("Now")),
            *(Moment(span.end_ms - 1, hour(span.start_ms, zone)) for span in spans),
        ]

    def _refresh(self) -> None:
        now = self._now
        if now is None:
            return
        kinds, moments = self._kinds(), self._moments()
        for place, choice in enumerate(self.kinds):
            choice.setVisible(place < len(kinds))
            if place < len(kinds):
                choice.show_words(self._kind_words(kinds[place]), chosen=kinds[place] is self.kind)
        when = self._moment()
        for place, choice in enumerate(self.moments):
            choice.setVisible(place < len(moments))
            if place < len(moments):
                choice.show_words(moments[place].words, chosen=not moments[place].way and moments[place] == when)
        caption = _("Pieces · {when}").format(when=when_words(when)) if when is not None else _("Pieces")
        if self.closed:
            caption = _("{what} · this shift is closed").format(what=caption)
        gone = when is None and self.wanted is None
        fault = _("The hour that was chosen is not of this shift any more. Choose a time.") if gone else self._fault
        self.display.show_number(ShownFace(self._number or "1", caption, fault))
        self._notes = self._reason_notes()
        faces = self._reason_faces()
        for place, button in enumerate(self.reasons):
            button.setVisible(place < len(faces))
            if place < len(faces):
                button.show_reason(faces[place])
        self._place()
        if len(faces) != self._wanted:
            self._wanted = len(faces)
            self.resized.emit()

    def _kind_words(self, kind: BookingKind) -> str:
        if kind is BookingKind.LATE_REJECT and self._now is not None and self._now.counts_rejects:
            return _("Good to reject")
        return booking_word(BookingKind.REWORK if kind is BookingKind.REJECT_REWORK else kind)

    def _reason_notes(self) -> tuple[str, ...]:
        """Why a good piece was none, or was not counted: words that are kept as they are."""
        if self.kind is BookingKind.EMPTY_STROKE:
            return (_("No material"), _("Trial stroke"), _("Counted twice"))
        if self.kind is BookingKind.UNCOUNTED:
            return (_("Sensor slipped"), _("Cable was out"), _("PC was off"), _("Counted in the boxes"))
        if self.kind is BookingKind.MASTER_PIECE:
            return (_("Check at the start"), _("Check during the shift"), _("Check after repair"))
        return ()

    def _reason_faces(self) -> list[ReasonFace]:
        assert self._now is not None
        if self._notes:
            return [ReasonFace(place, words, "", "tool") for place, words in enumerate(self._notes)]
        if self.kind is BookingKind.REWORKED:
            return [ReasonFace(0, _("Good after rework"), "", "check")]
        known = self._now.scrap_reasons[:MOST_REASONS]
        found = [ReasonFace(reason.id, reason.name, reason.code, "minus") for reason in known]
        return found or [ReasonFace(0, _("Without a reason"), "", "minus")]

    # -- keys --

    def press_key(self, key: str) -> None:
        """A digit, "C" for none at all, or "⌫" for the last digit."""
        self._fault = ""
        if key == "C":
            self._number = ""
        elif key == "⌫":
            self._number = self._number[:-1]
        elif (number := f"{self._number}{key}".lstrip("0")) and int(number) <= MOST:
            self._number = number
        self._refresh()

    def _key_pressed(self) -> None:
        self.press_key(KEYS[self.keys.index(self.sender())])  # type: ignore[arg-type]

    def _kind_pressed(self) -> None:
        self._kind, self._fault = self._kinds()[self.kinds.index(self.sender())], ""  # type: ignore[arg-type]
        self._refresh()

    def _moment_pressed(self) -> None:
        moment = self._moments()[self.moments.index(self.sender())]  # type: ignore[arg-type]
        self._fault = ""
        if moment.way == "older":
            self.page += 1
            self.wanted = None
        elif moment.way:
            self._listing, self.page, self.wanted, self._hour = moment.way == "list", 0, None, None
        elif moment.past is not None:
            self.wanted = moment.past.shift
        else:
            now_is_chosen = self.moments.index(self.sender()) == 0  # type: ignore[arg-type]
            self.wanted, self._hour = None, None if now_is_chosen else moment.at_ms
        self._refresh()
        if moment.way:
            self.asked.emit()

    def _reason_pressed(self) -> None:
        now, button = self._now, self.sender()
        if now is None or now.machine is None or not isinstance(button, ReasonButton) or button.shown is None:
            return
        number, kind, moment = int(self._number or "1"), self.kind, self._moment()
        if moment is None:
            return
        if fault := self._refusal(kind, number, moment):
            self._fault = fault
            self._refresh()
            return
        reason = button.shown
        note = reason.name if self._notes else ""
        named = None if self._notes or not reason.id else reason.id
        product = None if kind in ADDED else now.product_at(moment.at_ms)  # of these it follows from the orders
        said = Booked(now.machine, moment.at_ms, moment.at_ms, kind, number, named, product, note)
        name = next(m.name for m in now.machines if m.id == now.machine)
        words = _("{machine} {when} · {what} {count} · saved as {reason}").format(
            machine=name, when=when_words(moment), what=self._kind_words(kind), count=pieces(number), reason=reason.name
        )
        self.forget()
        self.given.emit(said, words)

    def _refusal(self, kind: BookingKind, number: int, moment: Moment) -> str:
        """Why it cannot be so many, as far as the screen knows; whoever writes it down looks again."""
        now = self._now
        if now is None:
            return ""
        if kind in OUTCOMES:
            known = now.in_rework
            return _("Only {count} are in rework.").format(count=pieces(known)) if number > known else ""
        if kind in ADDED:
            return ""
        most = now.reject if kind in OF_REJECTS else now.good
        if moment.past is None and most is not None and number > most:
            return _("Only {count} were counted in this shift.").format(count=pieces(most))
        return ""

    # -- places --

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The panel has another size."""
        super().resizeEvent(event)
        self._place()

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The ground."""
        card(painter, rect, tokens)

    def _place(self) -> None:
        left, top, wide, high = 16, 14, self.width() - 32, self.height() - 28
        pad_px = self._pad_px(wide)
        kinds = [kind for kind in self.kinds if not kind.isHidden()]
        low = high - self.covered_px < _ROOMY_PX
        one_row = len(kinds) <= _IN_A_ROW + 1 or (low and len(kinds) <= _MOST_IN_A_ROW) or wide >= 150 * len(kinds)
        first = kinds if one_row else kinds[:_IN_A_ROW]
        row_px, gap = (56, _GAP) if one_row or not low else (48, 7)  # two rows of a low window leave less to each
        y = top + place_row(first, left, top, wide, high=row_px, gap=gap)
        y += place_row(kinds[len(first) :], left, y, wide, high=row_px, gap=gap)
        y += place_row(self.moments, left, y, wide, high=row_px, gap=gap)
        shown_px = row_px + 4
        self.display.setGeometry(left, y, pad_px, shown_px)
        keys_y = y + shown_px + gap
        key_px = min(max((top + high - self.covered_px - keys_y - 3 * gap) // 4, 56), 88)
        key_wide = (pad_px - 2 * _GAP) // 3
        for place, key in enumerate(self.keys):
            line, column = divmod(place, 3)
            key.setGeometry(left + column * (key_wide + _GAP), keys_y + line * (key_px + gap), key_wide, key_px)
        x = left + pad_px + 16
        room = left + wide - x
        shown = [button for button in self.reasons if not button.isHidden()]
        columns = _columns(room)
        lines = max(-(-len(shown) // columns), 1)
        each_px = min(max((top + high - y - (lines - 1) * _GAP) // lines, 56 if row_px == 56 else 48), 83)
        each_wide = (room - (columns - 1) * _GAP) // columns
        for place, button in enumerate(shown):
            line, column = divmod(place, columns)
            button.setGeometry(x + column * (each_wide + _GAP), y + line * (each_px + _GAP), each_wide, each_px)

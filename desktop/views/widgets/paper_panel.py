"""The paper form keyed in: a time without data, then its orders, good pieces and rejects, each by taps (수기).

A press on an order, a reason or a kind of reject saves at once. Why it stood is said on the page of stops.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import OPEN_MS, Booked, Ordered
from desktop.domain.figures.work import WorkNow
from desktop.domain.spans import Span
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, tell
from desktop.views.widgets.reason_board import ReasonButton, ReasonFace
from desktop.views.widgets.scrap_panel import KEYS, MOST, Choice, Display, ShownFace, place_row
from desktop.wording.moments import clock, shift_words, span_words
from desktop.wording.numbers import pieces
from desktop.wording.states import booking_word

MOST_CHOICES = 12  # orders, or kinds of rejects
_MOST_SPANS = 4
_MOST_TIMES = 14  # all of it and thirteen hours: a shift of twelve may begin off the hour
_ROOMY_PX = 124  # a time has room for its end, too
_ROOMY_HIGH_PX = 530  # from this height on the rows are as high as elsewhere
_FEW = 8  # so many choices have room in two columns of a low window
_HOUR_MS, _MINUTE_MS = 3_600_000, 60_000
_GAP = 10


class _Kind(Struct, frozen=True):
    """What is keyed in: pieces of a kind, an order where it is None."""

    booking: BookingKind | None

    def words(self) -> str:
        if self.booking is None:
            return _("Work order")
        return _("Good") if self.booking is BookingKind.UNCOUNTED else _("Rejects")


_KINDS = (_Kind(None), _Kind(BookingKind.UNCOUNTED), _Kind(BookingKind.UNCOUNTED_REJECT))


class PaperPanel(Painted):
    """Times without data, what is keyed in, when, number pad, and what a press saves.

    `given`: what is said and the words for it; `reasons_wanted`: a moment of the time whose stops are to be explained.
    """

    given = Signal(object, str)
    reasons_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("paper", parent)
        tell(self, _("Key in the paper form"), _("Choose the time without data, then key in what the form says."))
        self.spans = [Choice(f"paper-span-{n + 1}", self) for n in range(_MOST_SPANS)]
        self.kinds = [Choice(f"paper-kind-{n + 1}", self) for n in range(len(_KINDS))]
        self.stops = Button("paper-stops", _("Stop reason"), self, icon="stop", height=56)
        self.times = [Choice(f"paper-time-{n + 1}", self) for n in range(_MOST_TIMES)]
        self.display = Display("paper-number", self)
        self.keys = [Button(f"paper-key-{n + 1}", words, self, height=72) for n, words in enumerate(KEYS)]
        self.choices = [ReasonButton(f"paper-choice-{n + 1}", self) for n in range(MOST_CHOICES)]
        self._now: WorkNow | None = None
        self._kind = 0  # place among what is offered
        self._span: int | None = (
            None  # when the time that is chosen began; None: the latest, until something is pressed
        )
        self._time: int | None = None  # likewise of a part of it; None: the first that is offered
        self._number = ""
        self._fault = ""
        for choice in (*self.spans, *self.kinds, *self.times):
            choice.clicked.connect(self._chosen)
        for key in self.keys:
            key.clicked.connect(self._key_pressed)
        tell(self.keys[9], _("Clear the number"))
        tell(self.keys[11], _("Delete the last digit"))
        for button in self.choices:
            button.clicked.connect(self._saved)
        self.stops.clicked.connect(self._explain)

    # -- what is shown --

    def show_work(self, now: WorkNow) -> None:
        """Show what can be keyed in of a machine."""
        if self._now is not None and self._now.machine != now.machine:
            self.forget()
        self._now = now
        self._refresh()

    def forget(self) -> None:
        """As at the beginning: the latest time without data, its orders."""
        self._kind, self._span, self._time = 0, None, None
        self._number = self._fault = ""
        if self._now is not None:
            self._refresh()

    @property
    def span(self) -> Span | None:
        """The time without data that is keyed in; None where there is none, or where the one that was chosen is gone:
        never another one, which would get its number."""
        spans = self._now.blind if self._now is not None else ()
        if self._span is None:
            return spans[0] if spans else None
        return next((span for span in spans if span.start_ms == self._span), None)

    def _part(self) -> Span | None:
        """The part of it that is keyed in; None where it is not there any more."""
        times = self.times_of()
        if self._time is None:
            return times[0] if times else None
        parts = times if _KINDS[self._kind].booking is None else times[1:]  # the whole begins with its first part
        return next((time for time in parts if time.start_ms == self._time), None)

    def times_of(self) -> tuple[Span, ...]:
        """The times to choose from: for pieces the whole and its hours, for an order the hours in which it began."""
        whole = self.span
        if whole is None:
            return ()
        parts, start_ms = [], whole.start_ms
        steps = -(-(whole.end_ms - whole.start_ms) // (_HOUR_MS * (_MOST_TIMES - 2))) or 1  # of very long silences
        while start_ms < whole.end_ms:
            end_ms = min((start_ms // _HOUR_MS + steps) * _HOUR_MS, whole.end_ms)
            parts.append(Span(start_ms, end_ms))
            start_ms = end_ms
        if _KINDS[self._kind].booking is None:
            return tuple(parts[:_MOST_TIMES])
        return (whole, *parts[: _MOST_TIMES - 1]) if len(parts) > 1 else (whole,)

    def _refresh(self) -> None:
        now, whole = self._now, self.span
        if now is None:
            return
        zone, kind, times = now.head.timezone, _KINDS[self._kind], self.times_of()
        part = self._part()
        spans = now.blind[:_MOST_SPANS]
        for place, choice in enumerate(self.spans):
            choice.setVisible(place < len(spans))
            if place < len(spans):
                choice.show_words(self._span_words(now, spans[place]), chosen=spans[place] == whole)
        for place, choice in enumerate(self.kinds):
            choice.show_words(_KINDS[place].words(), chosen=place == self._kind)
        roomy = self.width() - 32 >= _ROOMY_PX * len(times)
        for place, choice in enumerate(self.times):
            choice.setVisible(place < len(times))
            if place < len(times):
                words = self._time_words(times[place], zone)
                choice.show_words(words if roomy else words[:5], chosen=times[place] == part)
        there = whole is not None or bool(spans)
        for widget in (self.display, self.stops, *self.keys, *self.kinds):
            widget.setVisible(there)
        if part is not None:
            self.display.show_number(self._shown(kind, part, zone))
        elif there:
            gone = _("The time that was chosen is not there any more. Choose a time.")
            self.display.show_number(ShownFace(self._number or "0", "", gone))
        faces = self._faces(now, kind) if part is not None else []
        for place, button in enumerate(self.choices):
            button.setVisible(place < len(faces))
            if place < len(faces):
                button.show_reason(faces[place])
        if self.set_face(there):
            self.update()
        self._place()

    @staticmethod
    def _span_words(now: WorkNow, span: Span) -> str:
        words = span_words(span.start_ms, span.end_ms, now.head.timezone)
        old = now.before is not None and now.before.span.holds(span.start_ms)
        return f"{shift_words(now.before)} {words}" if old else words

    def _time_words(self, time: Span, zone: str) -> str:
        if _KINDS[self._kind].booking is None:
            return clock(time.start_ms, zone)
        if time == self.span:
            return _("All")
        return span_words(time.start_ms, time.end_ms, zone)

    def _shown(self, kind: _Kind, time: Span, zone: str) -> ShownFace:
        if kind.booking is None:
            caption = _("Began at · minutes past the hour by the keys")
            return ShownFace(clock(self._begun_ms(time), zone), caption, self._fault)
        caption = _("Pieces · {when}").format(when=self._time_words(time, zone))
        return ShownFace(self._number or "0", caption, self._fault)

    def _begun_ms(self, time: Span) -> int:
        """When the order began: the start of what was chosen, or so many minutes past its hour."""
        if not self._number:
            return time.start_ms
        return time.start_ms // _HOUR_MS * _HOUR_MS + int(self._number) * _MINUTE_MS

    @staticmethod
    def _faces(now: WorkNow, kind: _Kind) -> list[ReasonFace]:
        if kind.booking is None:
            named = [order for order in now.orders if order.status != "cancelled"][:MOST_CHOICES]
            found = [ReasonFace(n, f"{o.code} {o.product_name}".strip(), "", "box") for n, o in enumerate(named)]
            known = {order.product for order in named}
            rest = [product for product in now.products if product[0] not in known]
            found += [ReasonFace(-product, f"{name} {code}", "", "box") for product, code, name in rest]
            return found[:MOST_CHOICES]
        if kind.booking is BookingKind.UNCOUNTED:
            return [
                ReasonFace(n, words, "", "note")
                for n, words in enumerate((_("From the paper form"), _("Counted in the boxes")))
            ]
        known_reasons = now.scrap_reasons[:MOST_CHOICES]
        faces = [ReasonFace(reason.id, reason.name, reason.code, "minus") for reason in known_reasons]
        return faces or [ReasonFace(0, _("Without a reason"), "", "minus")]

    # -- what is pressed --

    def press_key(self, key: str) -> None:
        """A digit, "C" for none at all, or "⌫" for the last digit."""
        self._fault = ""
        self._keep()
        most = MOST if _KINDS[self._kind].booking is not None else 59
        if key == "C":
            self._number = ""
        elif key == "⌫":
            self._number = self._number[:-1]
        elif (number := f"{self._number}{key}".lstrip("0") or "0") and int(number) <= most:
            self._number = number
        self._refresh()

    def _key_pressed(self) -> None:
        self.press_key(KEYS[self.keys.index(self.sender())])  # type: ignore[arg-type]

    def _keep(self) -> None:
        """What is before the eyes is chosen now: a later silence does not take its place."""
        if self._span is None and self.span is not None:
            self._span = self.span.start_ms

    def _chosen(self) -> None:
        choice: object = self.sender()
        self._fault = ""
        self._keep()
        if choice in self.spans and self._now is not None:
            self._span, self._time, self._number = self._now.blind[self.spans.index(choice)].start_ms, None, ""
        elif choice in self.kinds:
            self._kind, self._time, self._number = self.kinds.index(choice), None, ""
        elif choice in self.times:
            place = self.times.index(choice)
            whole = place == 0 and _KINDS[self._kind].booking is not None
            self._time = None if whole else self.times_of()[place].start_ms
        self._refresh()

    def _explain(self) -> None:
        if self.span is not None:
            self.reasons_wanted.emit(self.span.start_ms)

    def _saved(self) -> None:
        now, button, whole = self._now, self.sender(), self.span
        if now is None or now.machine is None or whole is None:
            return
        if not isinstance(button, ReasonButton) or button.shown is None:
            return
        kind, time, shown = _KINDS[self._kind], self._part(), button.shown
        if time is None:
            return
        name = next(m.name for m in now.machines if m.id == now.machine)
        if kind.booking is None:
            self._begin(now, name, time, shown)
            return
        number = int(self._number or "0")
        if not number:
            self._fault = _("Key in how many pieces it were.")
            self._refresh()
            return
        rejected = kind.booking is BookingKind.UNCOUNTED_REJECT
        reason, note = (shown.id or None, "") if rejected else (None, shown.name)
        said = Booked(now.machine, time.start_ms, time.end_ms, kind.booking, number, reason, None, note)
        words = _("{machine} {when} · {what} {count} · saved as {reason}").format(
            machine=name, when=span_words(time.start_ms, time.end_ms, now.head.timezone),
            what=booking_word(kind.booking), count=pieces(number), reason=shown.name,
        )  # fmt: skip
        self._number = ""
        self._refresh()
        self.given.emit(said, words)

    def _begin(self, now: WorkNow, name: str, time: Span, shown: ReasonFace) -> None:
        whole, begun_ms = self.span, self._begun_ms(time)
        assert whole is not None
        assert now.machine is not None
        if not whole.holds(begun_ms):
            self._fault = _("That moment lies outside the time without data.")
            self._refresh()
            return
        if shown.id < 0:
            said = Ordered(now.machine, begun_ms, OPEN_MS, "", -shown.id)
        else:
            order = now.orders[[o for o in range(len(now.orders)) if now.orders[o].status != "cancelled"][shown.id]]
            said = Ordered(
                now.machine, begun_ms, OPEN_MS, order.code, order.product, order.quantity, order.kind == "rework"
            )
        words = _("{machine} · {order} began at {clock}, by hand").format(
            machine=name, order=shown.name, clock=clock(begun_ms, now.head.timezone)
        )
        self._number = ""
        self._refresh()
        self.given.emit(said, words)

    # -- places --

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The panel has another size."""
        super().resizeEvent(event)
        self._refresh()
        self._place()

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The ground; without a time to key in what would stand here."""
        card(painter, rect, tokens)
        if self._now is None or self._now.blind:
            return
        room = QRectF(rect.left() + 24, rect.top() + 24, rect.width() - 48, 30)
        paint.text(painter, room, _("No time without data"), 20, tokens.ink, bold=True)
        words = _(
            "Times of this shift and the one before of which nothing is known stand here, to key in the paper form."
        )
        below = QRectF(room.left(), room.bottom() + 6, room.width(), 60)
        paint.paragraph(painter, below, words, 16, tokens.ink2, most=3)

    def _place(self) -> None:
        left, top, wide, high = 16, 14, self.width() - 32, self.height() - 28
        pad_px = min(max(round(wide * 0.36), 264), 400)
        row_px, gap = (48, 7) if high < _ROOMY_HIGH_PX else (56, _GAP)
        y = top + place_row(self.spans, left, top, wide, 300, row_px, gap)
        y += place_row([*self.kinds, self.stops], left, y, wide, 240, row_px, gap)
        y += place_row(self.times, left, y, wide, 160, row_px, gap)
        self.display.setGeometry(left, y, pad_px, row_px + 4)
        keys_y = y + row_px + 4 + gap
        key_px = min(max((top + high - keys_y - 3 * gap) // 4, 48), 88)
        key_wide = (pad_px - 2 * _GAP) // 3
        for place, key in enumerate(self.keys):
            line, column = divmod(place, 3)
            key.setGeometry(left + column * (key_wide + _GAP), keys_y + line * (key_px + gap), key_wide, key_px)
        self._place_choices(left + pad_px + 16, y, left + wide - (left + pad_px + 16), top + high - y)

    def _place_choices(self, x: int, y: int, room: int, high: int) -> None:
        shown: Sequence[ReasonButton] = [button for button in self.choices if not button.isHidden()]
        columns = 3 if room >= 660 or len(shown) > _FEW else 2
        lines = max(-(-len(shown) // columns), 1)
        each_px = min(max((high - (lines - 1) * _GAP) // lines, 48), 83)
        each_wide = (room - (columns - 1) * _GAP) // columns
        for place, button in enumerate(shown):
            line, column = divmod(place, columns)
            button.setGeometry(x + column * (each_wide + _GAP), y + line * (each_px + _GAP), each_wide, each_px)

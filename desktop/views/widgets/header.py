"""The head of every screen: where one is, the shift, whether somebody collects, and the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import paint
from desktop.domain.calendar import Shift
from desktop.domain.spans import Span
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.screen import MARGIN, Shown
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, Pressable, tell
from desktop.wording.moments import clock, day_words, shift_now, today
from desktop.wording.numbers import age, minutes

if TYPE_CHECKING:
    from desktop.views.widgets.who import WhoButton

HEADER_PX = 72
WIDE_PX = 1500  # from here on a name has its room
_LEAST_SHIFT_PX = 200  # a date, a usual name and a crew


class HeaderFace(Struct, frozen=True):
    """What the header shows; `now_ms` is cut to what can be seen of it."""

    title: str
    code: str
    subtitle: str
    shift: str
    left: str
    span: Span | None
    pauses: tuple[Span, ...]
    now_ms: int
    timezone: str
    collecting: bool
    collector: str
    collector_note: str
    clock: str
    date: str
    demo: str
    past: bool = False  # the shift is one that is over and looked at
    people: bool = False  # there are people who may say that they are at the screen


def header_face(title: str, code: str, answer: Shown | None, stale: bool, past: Shift | None = None) -> HeaderFace:
    """The header over an answer; without one only the name of the screen. `past`: the shift that is over and looked at
    instead of the one that runs."""
    if answer is None:
        return HeaderFace(title, code, "", "", "", None, (), 0, "UTC", False, "", "", "", "", "")
    head, shift, collector = answer.head, past or answer.shift, answer.collector
    timezone = head.timezone
    name, left = shift_now(head, shift), "" if head.has_shifts else _("all time counts")
    if past is not None:
        name, left = f"{day_words(past.business_on)} · {name}", _("Past shift")
    elif shift is not None:
        rest_ms = shift.span.end_ms - answer.now_ms
        left = _("{minutes} left").format(minutes=minutes(rest_ms)) if rest_ms > 0 else _("over")
    if stale:
        words, note = _("Not storing") if collector.held else _("Not collecting"), _since(answer)
    else:
        words = _("Collecting")
        note = _("heartbeat {age} ago").format(age=age(max(collector.silent_ms or 0, 0) // 1000 * 1000 or 400))
        note = _("up to date") if (collector.silent_ms or 0) < 1500 else note
        if collector.backlog > 5000:
            note = _("{count} values wait").format(count=collector.backlog)
    demo = ""
    if head.demo:
        demo = _("Demo · {speed:g}x").format(speed=head.speed) if head.speed not in (0, 1) else _("Demo")
    return HeaderFace(
        title, code, " · ".join(part for part in (head.line, head.product) if part), name, left,
        shift.span if shift else None, shift.pause_spans if shift else (), answer.now_ms // 60_000 * 60_000, timezone,
        not stale, words, note, clock(answer.now_ms, timezone), today(answer.now_ms, timezone), demo,
        past is not None, head.has_people,
    )  # fmt: skip


def _since(answer: Shown) -> str:
    """Since when nothing is current; "" where nothing ever was."""
    if answer.collector.silent_ms is None:
        return ""
    at_ms = answer.now_ms - round(answer.collector.silent_ms * answer.head.speed)
    return _("since {clock}").format(clock=clock(at_ms, answer.head.timezone))


def _clock_px(shown: HeaderFace) -> float:
    """The width of the time and the date under it."""
    return max(paint.width(shown.clock, 32, True), paint.width(shown.date, 15)) + 2


def _collector_px(shown: HeaderFace) -> float:
    """The width of whether somebody collects."""
    return max(paint.width(shown.collector, 16, True) + 26, paint.width(shown.collector_note, 15), 120) + 4


def _demo_px(shown: HeaderFace) -> float:
    """The width of the mark of the demo."""
    return paint.width(shown.demo, 16, True) + 28


def _title_px(shown: HeaderFace) -> float:
    """The width that the name of the screen or machine, its code and what is under them want."""
    code_px = paint.width(shown.code, 18) + 8 if shown.code else 0
    return max(paint.width(shown.title, 24, True) + code_px, paint.width(shown.subtitle, 15)) + 2


def _shift_px(shown: HeaderFace) -> float:
    """The width that the shift's name and what is left of it want."""
    return max(paint.width(shown.shift, 16, True), paint.width(shown.left, 15)) + 2


class ShiftButton(Pressable):
    """Lies over the shift in the header: a press opens the calendar. It draws only what says that it can be pressed."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """An edge while the pointer is on it."""
        if self.isDown() or self.underMouse():
            paint.box(painter, rect, None, tokens.accent, radius=8, pen=2)


class Header(Painted):
    """The header; on a machine's screen two buttons lead to the machines before and after it."""

    stepped = Signal(int)
    who_wanted = Signal()
    calendar_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("header", parent)
        self.setFixedHeight(HEADER_PX)
        self.before = Button("machine-before", "", self, icon="arrow-left")
        self.after = Button("machine-after", "", self, icon="arrow-right")
        tell(self.before, _("Previous machine"), "Left")
        tell(self.after, _("Next machine"), "Right")
        self.before.clicked.connect(self._back)
        self.after.clicked.connect(self._forth)
        self.shift = ShiftButton("header-shift", self)
        self.shift.setToolTip(_("Open shifts and calendar"))
        self.shift.clicked.connect(self.calendar_wanted)
        self.shift.hide()
        self.who: WhoButton | None = None  # made where somebody is set up
        self._name = ""
        self.show_steps(False)

    def show_steps(self, shown: bool) -> None:
        """Show or hide the buttons to the next machines."""
        self.before.setVisible(shown)
        self.after.setVisible(shown)
        self.update()

    def _back(self) -> None:
        self.stepped.emit(-1)

    def _forth(self) -> None:
        self.stepped.emit(1)

    def show_person(self, name: str) -> None:
        """Show who is at the screen, "" for nobody; only where there are people."""
        self._name = name
        self._show_who()

    def _show_who(self) -> None:
        shown = self._face
        if not isinstance(shown, HeaderFace):
            return
        if not (shown.people or self._name):
            if self.who is not None:
                self.who.hide()
            self._place_shift(shown)
            return
        if self.who is None:
            from desktop.views.widgets.who import WhoButton  # a shop without people does without

            self.who = WhoButton(self)
            self.who.clicked.connect(self.who_wanted)
        self.who.show_name(self._name)
        wide = self.who.wanted_px(150 if self.width() >= WIDE_PX else 84)
        self.who.setGeometry(round(self.width() - MARGIN - _clock_px(shown) - 24 - wide), 8, wide, 56)
        self.who.show()
        self._place_shift(shown)
        self.update()

    def _place_shift(self, shown: HeaderFace) -> None:
        """The button over what is drawn of the shift."""
        self.shift.setVisible(bool(shown.clock))
        right = self._right_of_shift(shown)
        wide = self._shift_room(shown, right) + (22 + self._strip_px() if shown.span is not None else 0)
        self.shift.setGeometry(round(right - wide - 14), 5, round(wide + 28), 62)

    def _right_of_shift(self, shown: HeaderFace) -> float:
        right = self.width() - MARGIN - _clock_px(shown) - 40
        if self.who is not None and not self.who.isHidden():
            right = self.who.x() - 36.0
        return right - _collector_px(shown) - 40

    def _shift_room(self, shown: HeaderFace, right: float) -> float:
        """The width of the shift's name left of `right`: what it wants, as far as the title does not need it."""
        right -= 22 + self._strip_px() if shown.span is not None else 0
        left = MARGIN + (144 if not self.before.isHidden() else 0)
        room = right - 24 - (_demo_px(shown) + 16 if shown.demo else 0) - 16 - left
        return min(_shift_px(shown), max(room - _title_px(shown), room / 2, _LEAST_SHIFT_PX))

    def _strip_px(self) -> float:
        return 428.0 if self.width() >= 1700 else 250.0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The window has another width."""
        super().resizeEvent(event)
        self.before.setGeometry(MARGIN, 8, 56, 56)
        self.after.setGeometry(MARGIN + 72, 8, 56, 56)
        self._show_who()

    def show_header(self, shown: HeaderFace) -> None:
        """Show a header."""
        if self.set_face(shown):
            parts = (shown.subtitle, shown.shift, shown.left, shown.collector, shown.clock, shown.demo)
            tell(self, f"{shown.title} {shown.code}".strip(), ", ".join(part for part in parts if part))
            tell(self.shift, _("Shifts and calendar"), ", ".join(part for part in (shown.shift, shown.left) if part))
            self._show_who()

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """From the right: clock, collector, shift, demo mark; the title takes what is left."""
        paint.box(painter, rect, tokens.panel)
        paint.line(painter, rect.left(), rect.bottom() - 0.5, rect.right(), rect.bottom() - 0.5, tokens.line)
        shown = self._face
        if not isinstance(shown, HeaderFace):
            return
        left = MARGIN + (144 if not self.before.isHidden() else 0)
        right = rect.right() - MARGIN
        if shown.clock:
            right = self._draw_clock(painter, right, shown, tokens)
            if self.who is not None and not self.who.isHidden():
                right = self.who.x() - 36.0
            right = self._draw_collector(painter, right, shown, tokens)
            right = self._draw_shift(painter, right, shown, tokens)
        if shown.demo:
            right = self._draw_demo(painter, right, shown, tokens)
        room = max(right - left - 16, 40)
        line = QRectF(left, 9, room, 34)
        inks = (tokens.ink, tokens.ink2)
        paint.named(painter, line, shown.title, shown.code, 24, inks, code_px=18, least_px=18)
        paint.text(painter, QRectF(left, 40, room, 22), shown.subtitle, 15, tokens.ink2, least_px=14)

    def _draw_clock(self, painter: QPainter, right: float, shown: HeaderFace, tokens: Tokens) -> float:
        wide = _clock_px(shown)
        place = QRectF(right - wide, 7, wide, 38)
        paint.text(painter, place, shown.clock, 32, tokens.ink, bold=True, align=paint.RIGHT)
        paint.text(painter, QRectF(right - wide, 42, wide, 22), shown.date, 15, tokens.ink2, align=paint.RIGHT)
        return right - wide - 40

    def _draw_collector(self, painter: QPainter, right: float, shown: HeaderFace, tokens: Tokens) -> float:
        wide = _collector_px(shown)
        left = right - wide
        paint.line(painter, right + 20, 16, right + 20, 56, tokens.line)
        paint.line(painter, left - 20, 16, left - 20, 56, tokens.line)
        sign = "check" if shown.collecting else "cross"
        theme.icon(painter, QRectF(left, 16, 20, 20), sign, tokens.ink)
        paint.text(painter, QRectF(left + 26, 13, wide - 26, 26), shown.collector, 16, tokens.ink, bold=True)
        paint.text(painter, QRectF(left, 38, wide, 22), shown.collector_note, 15, tokens.ink2)
        return left - 40

    def _draw_shift(self, painter: QPainter, right: float, shown: HeaderFace, tokens: Tokens) -> float:
        wide = self._shift_room(shown, right)
        if shown.span is not None:
            strip_px = self._strip_px()
            strip = QRectF(right - strip_px, 20, strip_px, 14)
            if shown.past:  # nobody is to take it for the present
                frame = QRectF(strip.left() - 22 - wide - 14, 5, wide + 22 + strip_px + 28, 62)
                paint.box(painter, frame, tokens.accent_soft, tokens.accent, radius=8, pen=2)
            self._draw_strip(painter, strip, shown, tokens)
            right = strip.left() - 22
        first = QRectF(right - wide, 13, wide, 26)
        paint.text(painter, first, shown.shift, 16, tokens.ink, bold=True, align=paint.RIGHT, least_px=14)
        paint.text(painter, QRectF(right - wide, 38, wide, 22), shown.left, 15, tokens.ink2, align=paint.RIGHT)
        return right - wide - 24

    def _draw_strip(self, painter: QPainter, strip: QRectF, shown: HeaderFace, tokens: Tokens) -> None:
        span = shown.span
        if span is None:
            return
        now = min(max(paint.x_of(shown.now_ms, strip, span), strip.left()), strip.right())
        paint.box(painter, strip, tokens.track)
        passed = QRectF(strip.left(), strip.top(), now - strip.left(), strip.height())
        paint.box(painter, passed, tokens.run if shown.past else tokens.value)
        for pause in shown.pauses:
            x1, x2 = paint.x_of(pause.start_ms, strip, span), paint.x_of(pause.end_ms, strip, span)
            paint.box(
                painter, QRectF(x1, strip.top(), max(x2 - x1, 4), strip.height()), tokens.panel, tokens.line_strong
            )
        if not shown.past:
            paint.box(painter, QRectF(now - 1.5, strip.top() - 4, 3, strip.height() + 8), tokens.tick)
        step = span.length_ms // 3
        for index in range(4):
            at_ms = span.end_ms if index == 3 else (span.start_ms + index * step)
            x = paint.x_of(at_ms, strip, span)
            place = QRectF(x - 30, strip.bottom() + 4, 60, 20)
            place.moveLeft(min(max(place.left(), strip.left()), strip.right() - 60))
            align = (paint.LEFT, paint.CENTER, paint.CENTER, paint.RIGHT)[index]
            paint.text(painter, place, clock(at_ms, shown.timezone), 14, tokens.ink2, align=align)

    def _draw_demo(self, painter: QPainter, right: float, shown: HeaderFace, tokens: Tokens) -> float:
        wide = _demo_px(shown)
        chip = QRectF(right - wide, 20, wide, 32)
        paint.box(painter, chip, tokens.accent_soft, tokens.accent, radius=4, pen=2)
        paint.text(painter, chip, shown.demo, 16, tokens.ink, bold=True, align=paint.CENTER)
        return chip.left() - 16

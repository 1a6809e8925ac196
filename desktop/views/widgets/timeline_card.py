"""The states of one machine over a shift or a part of it, with its short stops and the time below."""

from __future__ import annotations

from functools import partial

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from desktop import paint
from desktop.domain.calendar import Pause
from desktop.domain.figures.machine import MachineDay
from desktop.domain.intervals import Category, Interval
from desktop.domain.spans import Span
from desktop.text import _
from desktop.tokens import RARE, Look, Tokens
from desktop.views.widgets.button import Button
from desktop.views.widgets.painted import Painted, card, focus_ring, tell
from desktop.wording.kpis import loss_words
from desktop.wording.moments import clock_seconds, day_words, shift_words, span_words
from desktop.wording.numbers import minutes_seconds
from desktop.wording.states import by_hand, state_word

_LEGEND = (Look.RUN, Look.STOP, Look.REASON, Look.SETUP, Look.WAIT, Look.PLANNED, Look.NO_DATA)


LEAST_MS = 60_000  # so short a part of the shift can be looked at
WIDE_PX = 1180  # from here on the legend has room beside the buttons
_ZOOM = 1.6
_HEAD_PX = 64
_BAND_PX = 46
_DRAG_PX = 4
_STEP_PX = 150  # a button to another shift at most: its name may be long


class TimelineFace(Struct, frozen=True):
    """What the card shows: the part `window` of the shift `whole`. `chosen` is the start of the span that the keyboard
    is on, None where it is on none."""

    whole: Span
    window: Span
    intervals: tuple[Interval, ...]
    now_ms: int
    timezone: str
    title: str
    pauses: tuple[Pause, ...]
    words: str
    chosen: int | None


def whole_of(day: MachineDay) -> Span:
    """The whole shift; without a shift the window that was asked for."""
    return day.looked_at.span if day.looked_at else day.window


def timeline_face(day: MachineDay, part: Span | None = None, chosen: int | None = None) -> TimelineFace:
    """The timeline over a part of the shift, None: over all of it."""
    whole = whole_of(day)
    window = part or whole
    counts = {category: sum(i.category is category for i in day.intervals) for category in Category}
    words = ", ".join(
        f"{_legend_words()[look]} {counts[category]}"
        for category, look in ((Category.STOP, Look.STOP), (Category.SETUP, Look.SETUP), (Category.WAIT, Look.WAIT))
    )
    # What is less than a pixel need not repaint the card: ten seconds of a shift.
    step_ms = max(min(window.length_ms // 2_000, 10_000), 250)
    now_ms = day.now_ms // step_ms * step_ms
    intervals = tuple(
        i if i.span.end_ms < day.window.end_ms else replace(i, span=Span(i.span.start_ms, max(i.span.start_ms, now_ms)))
        for i in day.intervals
    ) if day.window.end_ms >= day.now_ms else day.intervals  # fmt: skip
    title = ""
    if day.looked_at is not None:
        title = f"{day_words(day.looked_at.business_on)} · {shift_words(day.looked_at)}"
    pauses = day.looked_at.pauses if day.looked_at else ()
    return TimelineFace(whole, window, intervals, now_ms, day.head.timezone, title, pauses, words, chosen)


def zoomed(whole: Span, window: Span, factor: float, at: float = 0.5) -> Span:
    """A window larger by `factor` (smaller below 1) that keeps what lies at the share `at` of it in its place; never
    shorter than a minute and never outside the whole."""
    length = round(min(max(window.length_ms * factor, LEAST_MS), whole.length_ms))
    return moved(whole, Span(window.start_ms, window.start_ms + length), (window.length_ms - length) * at)


def moved(whole: Span, window: Span, by_ms: float) -> Span:
    """A window moved along, as far as the whole goes."""
    latest = max(whole.end_ms - window.length_ms, whole.start_ms)
    start = min(max(window.start_ms + round(by_ms), whole.start_ms), latest)
    return Span(start, min(start + window.length_ms, whole.end_ms))


def _legend_words() -> dict[Look, str]:
    return {
        Look.RUN: _("Running"),
        Look.STOP: _("Not labelled"),
        Look.REASON: _("With reason"),
        Look.SETUP: _("Setup"),
        Look.WAIT: _("Waiting"),
        Look.PLANNED: _("Planned stop"),
        Look.NO_DATA: _("No data"),
        Look.REWORK: _("Rework"),
        Look.NO_ORDER: _("No order"),
        Look.UNSCHEDULED: _("No shift"),
        Look.NO_SIGNAL: _("No signal"),
    }


class TimelineCard(Painted):
    """Head with buttons, band, row of short stops, time, legend.

    Wheel, pinch, buttons and + - 0 zoom, dragging and Shift with the arrows move along; a click, or Up and Down with
    Enter, asks for a span.
    """

    asked = Signal(str)  # the key of a span
    looked = Signal()  # another part of the shift is looked at
    stepped = Signal(int)  # to the shift before (-1) or after (1)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.part: Span | None = None  # of the shift, None: all of it
        self._day: MachineDay | None = None
        self._chosen: int | None = None
        self._held: tuple[float, Span] | None = None
        self._dragged = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.before = Button(f"{name}-before", "", self, icon="arrow-left")
        self.after = Button(f"{name}-after", "", self, icon="arrow-right", icon_after=True)
        self.out = Button(f"{name}-out", "", self, icon="minus")
        self.into = Button(f"{name}-in", "", self, icon="plus")
        self.all = Button(f"{name}-all", _("Whole shift"), self)
        tell(self.out, _("Zoom out"), "-")
        tell(self.into, _("Zoom in"), "+")
        tell(self.all, _("Whole shift"), "0")
        self.before.clicked.connect(partial(self.stepped.emit, -1))
        self.after.clicked.connect(partial(self.stepped.emit, 1))
        self.out.clicked.connect(partial(self.zoom, _ZOOM))
        self.into.clicked.connect(partial(self.zoom, 1 / _ZOOM))
        self.all.clicked.connect(self.show_all)

    # -- what is shown --

    def show_day(self, day: MachineDay) -> None:
        """Show a machine's shift; another shift begins whole."""
        if self._day is None or whole_of(day) != whole_of(self._day):
            self.part, self._chosen = None, None
        self._day = day
        self._refresh()

    def _refresh(self) -> None:
        if self._day is None:
            return
        shown = timeline_face(self._day, self.part, self._chosen)
        if self.set_face(shown):
            tell(self, " ".join((_("States of the shift"), shown.title)), self._said(shown))
        for button, name, shift in (
            (self.before, _("Previous shift"), self._day.shifts[0]),
            (self.after, _("Next shift"), self._day.shifts[1]),
        ):
            button.setEnabled(shift is not None)
            button.setText(shift.name if shift else "")
            tell(
                button, name, f"{day_words(shift.business_on)} · {shift_words(shift)}" if shift else _("There is none.")
            )
        self._place()
        self.into.setEnabled(shown.window.length_ms > LEAST_MS)
        for button in (self.out, self.all):
            button.setEnabled(self.part is not None)

    def _said(self, shown: TimelineFace) -> str:
        part = span_words(shown.window.start_ms, shown.window.end_ms, shown.timezone)
        chosen = next((i for i in shown.intervals if i.span.start_ms == shown.chosen), None)
        if chosen is None:
            return f"{part}, {shown.words}"
        when = f"{clock_seconds(chosen.span.start_ms, shown.timezone)}, {minutes_seconds(chosen.span.length_ms)}"
        return f"{self._word(chosen)}, {when}"

    def look_at(self, part: Span | None) -> None:
        """Show a part of the shift, None: all of it."""
        whole = whole_of(self._day) if self._day else None
        part = None if whole is None or part == whole else part
        if part != self.part:
            self.part = part
            self._refresh()
            self.looked.emit()

    def show_all(self) -> None:
        """Show the whole shift."""
        self.look_at(None)

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Show more (a factor above 1) or less around the share `at` of the width, around now where it is seen."""
        if self._day is None:
            return
        whole = whole_of(self._day)
        window = self.part or whole
        if at is None:
            now_ms = min(self._day.now_ms, self._day.window.end_ms)
            at = (now_ms - window.start_ms) / max(window.length_ms, 1) if window.holds(now_ms) else 0.5
        self.look_at(zoomed(whole, window, factor, at))

    def move_by(self, share: float) -> None:
        """Move along by a share of what is shown."""
        if self._day is not None and self.part is not None:
            self.look_at(moved(whole_of(self._day), self.part, self.part.length_ms * share))

    def mark(self, start_ms: int) -> None:
        """Put the keyboard's frame around the span that begins then."""
        if start_ms != self._chosen:
            self._chosen = start_ms
            self._refresh()

    def step(self, steps: int) -> None:
        """Put the keyboard on the next span that is no plain run (or the one before it) and bring it into sight."""
        if self._day is None:
            return
        starts = [i.span.start_ms for i in self._day.intervals if i.category is not Category.RUN]
        if not starts:
            return
        if self._chosen in starts:
            place = min(max(starts.index(self._chosen) + steps, 0), len(starts) - 1)
        else:
            place = 0 if steps > 0 else len(starts) - 1
        self._chosen = starts[place]
        if self.part is not None and not self.part.holds(self._chosen):
            by_ms = self._chosen - self.part.start_ms - self.part.length_ms / 2
            self.look_at(moved(whole_of(self._day), self.part, by_ms))
        self._refresh()

    def span_at(self, x: float) -> Interval | None:
        """The span at a place of the card; a short one is taken within two pixels."""
        shown = self._face
        if not isinstance(shown, TimelineFace):
            return None
        band = self.band()
        at_ms = shown.window.start_ms + shown.window.length_ms * (x - band.left()) / max(band.width(), 1)
        reach = 2 * shown.window.length_ms / max(band.width(), 1)
        near = [i for i in shown.intervals if i.span.start_ms - reach <= at_ms < i.span.end_ms + reach]
        return min(near, key=lambda i: (i.category is Category.RUN, i.span.length_ms), default=None)

    # -- mouse, touch, keys --

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the time."""
        if event.button() is Qt.MouseButton.LeftButton and isinstance(self._face, TimelineFace):
            self._held, self._dragged = (event.position().x(), self._face.window), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it along."""
        if self._held is None or self._day is None:
            return
        x, window = self._held
        by_px = event.position().x() - x
        if self._dragged or abs(by_px) > _DRAG_PX:
            self._dragged = True
            by_ms = -by_px * window.length_ms / max(self.band().width(), 1)
            self.look_at(moved(whole_of(self._day), window, by_ms))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go; where it was not dragged the span below is asked for."""
        held, self._held = self._held, None
        band = self.band()
        high = band.adjusted(0, -6, 0, 30)
        if held is None or self._dragged or not high.contains(event.position()):
            return
        found = self.span_at(event.position().x())
        if found is not None:
            self._chosen = found.span.start_ms
            self._refresh()
            self.asked.emit(f"span-{found.span.start_ms}")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Over the band the wheel zooms around the mouse (with Shift, or sideways, it moves along)."""
        band = self.band()
        x, turned, aside = event.position().x(), event.angleDelta().y(), event.angleDelta().x()
        if not band.adjusted(0, -30, 0, 60).contains(event.position()):
            event.ignore()
        elif aside or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.move_by(-(aside or turned) / 1200)
        else:
            self.zoom(_ZOOM ** (-turned / 240), (x - band.left()) / max(band.width(), 1))

    def event(self, event: QEvent) -> bool:
        """Two fingers zoom."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self._pinched(1 + event.value(), event.position().x())
            return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self._pinched(pinch.scaleFactor(), self.mapFromGlobal(pinch.centerPoint().toPoint()).x())
                event.accept(pinch)
                return True
        return super().event(event)

    def _pinched(self, factor: float, x: float) -> None:
        band = self.band()
        self.zoom(1 / max(factor, 0.1), (x - band.left()) / max(band.width(), 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """+ - 0 zoom, Shift with an arrow moves along, Up and Down go through the spans, Enter asks for one."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1 / _ZOOM)
        elif key == Qt.Key.Key_Minus:
            self.zoom(_ZOOM)
        elif key == Qt.Key.Key_0:
            self.show_all()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and shift:
            self.move_by(0.2 if key == Qt.Key.Key_Right else -0.2)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen is not None:
            self.asked.emit(f"span-{self._chosen}")
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is on it."""
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keyboard has left it."""
        self.update()
        super().focusOutEvent(event)

    # -- the picture --

    def wanted_px(self, width: int) -> int:
        """The height for a width: where the legend has no room in the head it has a line of its own."""
        return _HEAD_PX + 28 + _BAND_PX + 30 + 32 + (28 if width < WIDE_PX else 0)

    def band(self) -> QRectF:
        """Where the states are drawn."""
        return QRectF(106, _HEAD_PX + 28, self.width() - 146, _BAND_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        left = 10
        for button in (self.before, self.after):
            wide = min(button.sizeHint().width(), _STEP_PX)
            button.setGeometry(left, 8, wide, 56)
            left += wide + 8
        right = self.width() - 10
        for button, wide in ((self.all, self.all.sizeHint().width()), (self.into, 56), (self.out, 56)):
            right -= wide
            button.setGeometry(right, 8, wide, 56)
            right -= 8

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The card."""
        card(painter, rect, tokens)
        shown = self._face
        if not isinstance(shown, TimelineFace):
            return
        self._draw_head(painter, rect, shown, tokens)
        band = self.band()
        axis = QRectF(band.left(), band.bottom() + 32, band.width(), 22)
        names = (QRectF(16, band.top(), 84, band.height()), QRectF(16, band.bottom() + 4, 84, 22))
        paint.text(painter, names[0], _("State"), 15, tokens.ink2, least_px=14)
        paint.text(painter, names[1], loss_words()["short_stop"], 15, tokens.ink2, least_px=14)
        paint.time_axis(
            painter,
            axis,
            shown.window,
            tokens,
            shown.timezone,
            lines_from=band.top() - 6,
            origin_ms=shown.whole.start_ms,
        )
        paint.timeline(
            painter, band, shown.intervals, shown.window, tokens, now_ms=shown.now_ms, labels=True,
            words=self._word,
        )  # fmt: skip
        row = QRectF(band.left(), band.bottom() + 4, band.width(), 22)
        paint.short_stops(painter, row, shown.intervals, shown.window, tokens)
        self._draw_chosen(painter, band, shown, tokens)
        if self.hasFocus():
            focus_ring(painter, rect, tokens)

    def _draw_head(self, painter: QPainter, rect: QRectF, shown: TimelineFace, tokens: Tokens) -> None:
        left, right = float(self.after.geometry().right()) + 17, float(self.out.x()) - 16
        part = _("States of the shift")
        if shown.window != shown.whole:
            clocks = [clock_seconds(at_ms, shown.timezone) for at_ms in (shown.window.start_ms, shown.window.end_ms)]
            part = "–".join(clocks)
        wide = rect.width() >= WIDE_PX
        room = QRectF(left, 10, min(right - left, 300) if wide else right - left, 27)
        used = paint.text(painter, room, part, 18, tokens.ink, bold=True, least_px=14)
        below = room.translated(0, 26)
        used = max(used, paint.text(painter, below, shown.title, 15, tokens.ink2, least_px=14))
        area = QRectF(left + used + 24, 23, right - left - used - 24, 26)
        if not wide:
            area = QRectF(16, rect.bottom() - 34, rect.width() - 32, 26)
        self._draw_legend(painter, area, shown, tokens)

    def _draw_chosen(self, painter: QPainter, band: QRectF, shown: TimelineFace, tokens: Tokens) -> None:
        """A frame around the span that the keyboard is on."""
        chosen = next((i for i in shown.intervals if i.span.start_ms == shown.chosen), None)
        part = chosen.span.cut(shown.window) if chosen else None
        if part is None:
            return
        x1, x2 = (paint.x_of(at_ms, band, shown.window) for at_ms in (part.start_ms, part.end_ms))
        frame = QRectF(x1 - 4, band.top() - 4, max(x2 - x1, 2) + 8, band.height() + 8)
        paint.box(painter, frame, None, tokens.accent, radius=3, pen=3)

    def _word(self, interval: Interval) -> str:
        shown = self._face
        if interval.category is Category.PLANNED and isinstance(shown, TimelineFace):
            for pause in shown.pauses:
                if pause.span.cut(interval.span):
                    return pause.name
        word = state_word(interval.category, interval.state, interval.by_count)
        return f"{word} · {by_hand()}" if interval.by_hand else word

    def _draw_legend(self, painter: QPainter, area: QRectF, shown: TimelineFace, tokens: Tokens) -> None:
        """From the right; what has no room is left out from the left, the shapes' words stand on the tiles too."""
        x = area.right()
        words = _legend_words()
        size_px, gap = (15, 16) if area.width() > 720 else (14, 10)
        there = {paint.interval_look(interval) for interval in shown.intervals}
        entries: list[tuple[Look | None, str]] = [
            (look, words[look]) for look in (*_LEGEND, *RARE) if look not in RARE or look in there
        ]
        if any(interval.by_hand for interval in shown.intervals):
            entries.append((None, by_hand()))
        for look, word in reversed(entries):
            wide = paint.width(word, size_px)
            if x - wide - 28 < area.left():
                break
            paint.text(painter, QRectF(x - wide - 1, area.top(), wide + 2, area.height()), word, size_px, tokens.ink2)
            swatch = QRectF(x - wide - 28, area.center().y() - 8, 20, 16)
            if look is None:
                paint.box(painter, swatch, tokens.panel, tokens.line_strong)
                paint.hand_mark(painter, swatch, tokens)
            else:
                paint.swatch(painter, swatch, look, tokens)
            x -= wide + 28 + gap

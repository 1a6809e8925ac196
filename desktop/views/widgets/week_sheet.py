"""A week of the calendar to look at and to choose from: each day, shift and planned stop is a button of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta

from msgspec import Struct
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from desktop import calendar_words, paint
from desktop.domain import calendar
from desktop.domain.calendar import Kind, PlannedStop
from desktop.domain.week import CalendarWeek, WeekDay, WeekShift
from desktop.paint.week import BlockLook, planned_block, week_block, week_ground, week_now
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.widgets.painted import Painted, Pressable, card, draw_chosen, tell
from desktop.wording.moments import day_words, span_words, weekday_words

AXIS_PX, DAY_PX, FOOT_PX, PAD_PX = 66, 60, 44, 16
_LEAST_HOUR_PX = 16
_LEAST_STOP_PX = 22
_LEAST_HOURS = 24
_TOUCH_PX = 56


class DayFace(Struct, frozen=True):
    """The head of a column."""

    day: WeekDay
    words: str
    note: str
    today: bool


class DayHead(Pressable):
    """A day; pressed it can be made a holiday."""

    radius = 4.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setCheckable(True)

    def nextCheckState(self) -> None:
        """A press asks; what is chosen is shown by the page."""

    def show_day(self, shown: DayFace) -> None:
        """Show a day."""
        if self.set_face(shown):
            tell(self, day_words(shown.day.on), shown.note)

    @property
    def day(self) -> WeekDay | None:
        """The day that it shows."""
        return self._face.day if isinstance(self._face, DayFace) else None

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Weekday over date, or what is different on it."""
        shown = self._face
        if not isinstance(shown, DayFace):
            return
        if self.isChecked():
            draw_chosen(painter, rect, tokens)
        elif self.underMouse() or shown.today:
            paint.box(painter, rect, tokens.accent_soft)
        upper = QRectF(rect.left() + 4, rect.top() + 6, rect.width() - 8, 26)
        paint.text(painter, upper, shown.words, 17, tokens.ink, bold=True, align=paint.CENTER, least_px=14)
        note = shown.note or f"{shown.day.on:%m-%d}"
        lower = upper.translated(0, 24)
        paint.text(painter, lower, note, 14, tokens.ink if shown.note else tokens.ink2, align=paint.CENTER, least_px=14)


class ShiftFace(Struct, frozen=True):
    """A shift in its column."""

    of: WeekShift
    look: BlockLook
    told: str


class ShiftBlock(Pressable):
    """A shift; pressed it can be changed."""

    radius = 0.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setCheckable(True)

    def nextCheckState(self) -> None:
        """A press asks; what is chosen is shown by the page."""

    @property
    def of(self) -> WeekShift | None:
        """The shift that it shows."""
        return self._face.of if isinstance(self._face, ShiftFace) else None

    def show_shift(self, shown: ShiftFace) -> None:
        """Show a shift."""
        if self.set_face(shown):
            tell(self, f"{day_words(shown.of.on)} {shown.of.shift.name}", shown.told)

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The block."""
        if isinstance(self._face, ShiftFace):
            hover = self.underMouse()
            week_block(painter, rect, self._face.look, tokens, chosen=self.isChecked(), hover=hover)


class StopBlock(Pressable):
    """A planned stop; pressed it can be approved or taken out."""

    radius = 0.0
    core_px = (0.0, 0.0)  # where it is painted: its top and height

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setCheckable(True)

    def nextCheckState(self) -> None:
        """A press asks; what is chosen is shown by the page."""

    @property
    def stop(self) -> PlannedStop | None:
        """The planned stop that it shows."""
        return self._face[0] if isinstance(self._face, tuple) else None

    def show_stop(self, stop: PlannedStop, words: tuple[str, ...], told: str) -> None:
        """Show a planned stop."""
        if self.set_face((stop, words)):
            tell(self, " ".join(words), told)

    def place(self, core: QRectF) -> None:
        """Put it where it lies; a short one takes presses from around it, too."""
        spare = max(_TOUCH_PX - core.height(), 0) / 2
        self.core_px = (spare, core.height())
        self.setGeometry(core.adjusted(0, -spare, 0, spare).toRect())

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The dashed block."""
        if isinstance(self._face, tuple):
            stop, words = self._face
            approved = stop.approved_at_ms is not None
            core = QRectF(rect.left(), rect.top() + self.core_px[0], rect.width(), self.core_px[1])
            planned_block(painter, core, words, tokens, approved=approved, chosen=self.isChecked())


class Axis(Struct, frozen=True):
    """The hours that a week shows: from `first` of a day on, for so many."""

    first: int = 8
    hours: int = _LEAST_HOURS

    def part(self, on: date, at_ms: int, week: CalendarWeek) -> float:
        """Where a moment lies in the column of a date, 0 to 1, cut there."""
        begin_ms = calendar.utc_ms(on, time(self.first), week.shop.zone)
        return min(max((at_ms - begin_ms) / (self.hours * 3_600_000), 0.0), 1.0)


def axis_of(week: CalendarWeek) -> Axis:
    """The hours in which this week's shifts lie."""
    zone = week.shop.zone
    midnights = {day.on: calendar.utc_ms(day.on, time.min, zone) for day in week.days}
    starts = [(each.shift.span.start_ms - midnights[each.on]) // 3_600_000 for each in week.shifts]
    first = min(min(starts, default=8), 23)  # one whose first half is off may begin behind midnight
    hours = _LEAST_HOURS
    for each in week.shifts:
        begin_ms = calendar.utc_ms(each.on, time(first), zone)
        hours = max(hours, -(-(each.shift.span.end_ms - begin_ms) // 3_600_000))
    return Axis(first, hours)


class WeekSheet(Painted):
    """Seven columns. `shift_chosen`, `stop_chosen` and `day_chosen` carry what was pressed."""

    shift_chosen = Signal(object)
    stop_chosen = Signal(object)
    day_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("week-sheet", parent)
        self.heads = [DayHead(f"day-{n + 1}", self) for n in range(7)]
        for head in self.heads:
            head.clicked.connect(self._day_pressed)
        self.blocks: list[ShiftBlock] = []
        self.stops: list[StopBlock] = []
        self.now = NowLine(self)
        self._week: CalendarWeek | None = None
        self._axis = Axis()

    def show_week(self, week: CalendarWeek, chosen: object) -> None:
        """Show a week; `chosen` is the WeekShift, PlannedStop or date that stands in the panel."""
        self._week, self._axis = week, axis_of(week)
        zone = week.head.timezone
        today = calendar.local_date(week.now_ms, week.shop.zone)
        names = {p.id: p.name for p in week.shop.patterns}
        for head, day in zip(self.heads, week.days, strict=True):
            told = [calendar_words.exception_words(e, names.get(e.pattern or 0, "")) for e in day.different]
            free = next((e.name or told[n] for n, e in enumerate(day.different) if e.kind == "holiday"), "")
            head.show_day(DayFace(day, weekday_words(day.on.weekday()), free, day.on == today))
            head.setChecked(chosen == day.on)
        for place, each in enumerate(week.shifts):
            if place == len(self.blocks):
                block = ShiftBlock(f"shift-{place + 1}", self)
                block.clicked.connect(self._shift_pressed)
                self.blocks.append(block)
            self.blocks[place].show_shift(_face(each, week.shifts, zone))
            self.blocks[place].setChecked(chosen == each)
        for place, stop in enumerate(week.planned):
            if place == len(self.stops):
                made = StopBlock(f"stop-{place + 1}", self)
                made.clicked.connect(self._stop_pressed)
                self.stops.append(made)
            words = _stop_words(stop, week)
            state = calendar_words.stop_state(stop, week.now_ms, zone)
            told_of = f"{span_words(stop.span.start_ms, stop.span.end_ms, zone)} · {state}"
            self.stops[place].show_stop(stop, words, told_of)
            self.stops[place].setChecked(chosen == stop)
        for place, block in enumerate(self.blocks):
            block.setVisible(place < len(week.shifts))
        for place, made in enumerate(self.stops):
            made.setVisible(place < len(week.planned))
        minute = week.now_ms // 60_000
        if self.set_face((week.days, self._axis, minute, week.preview, today, len(week.shifts))):
            count = len(week.shifts)
            tell(
                self, _("Week from {on}").format(on=day_words(week.days[0].on)), _("{count} shifts").format(count=count)
            )
        self.place()

    def _shift_pressed(self) -> None:
        block = self.sender()
        if isinstance(block, ShiftBlock) and block.of is not None:
            self.shift_chosen.emit(block.of)

    def _stop_pressed(self) -> None:
        block = self.sender()
        if isinstance(block, StopBlock) and block.stop is not None:
            self.stop_chosen.emit(block.stop)

    def _day_pressed(self) -> None:
        head = self.sender()
        if isinstance(head, DayHead) and head.day is not None:
            self.day_chosen.emit(head.day.on)

    # -- places --

    @staticmethod
    def least_px() -> int:
        """The height that it needs."""
        return PAD_PX + DAY_PX + _LEAST_HOURS * _LEAST_HOUR_PX + FOOT_PX

    def _area(self) -> QRectF:
        left, top = AXIS_PX + PAD_PX, PAD_PX + DAY_PX
        return QRectF(left, top, self.width() - left - PAD_PX, self.height() - top - FOOT_PX - 4)

    def _column(self, n: int) -> QRectF:
        area = self._area()
        wide = area.width() / 7
        return QRectF(area.left() + n * wide + 5, area.top(), wide - 10, area.height())

    def place(self) -> None:
        """Everything at its day and hour."""
        week = self._week
        if week is None:
            return
        columns = {day.on: self._column(n) for n, day in enumerate(week.days)}
        for head, column in zip(self.heads, columns.values(), strict=True):
            head.setGeometry(round(column.left()) - 4, PAD_PX, round(column.width()) + 8, DAY_PX - 2)
        for block, each in zip(self.blocks, week.shifts, strict=False):
            column = columns[each.on]
            top, bottom = (
                column.top() + self._axis.part(each.on, at_ms, week) * column.height()
                for at_ms in (each.shift.span.start_ms, each.shift.span.end_ms)
            )
            block.setGeometry(
                round(column.left()), round(top), round(column.width()), max(round(bottom) - round(top), 20)
            )
        for made, stop in zip(self.stops, week.planned, strict=False):
            made.place(self._stop_place(stop, week, columns))
            made.raise_()
        self._place_now(week, columns)

    def _place_now(self, week: CalendarWeek, columns: dict[date, QRectF]) -> None:
        """In the column whose hours hold this moment."""
        span_ms = self._axis.hours * 3_600_000
        for on, column in columns.items():
            begin_ms = calendar.utc_ms(on, time(self._axis.first), week.shop.zone)
            if begin_ms <= week.now_ms < min(begin_ms + span_ms, begin_ms + 86_400_000):
                y = column.top() + (week.now_ms - begin_ms) / span_ms * column.height()
                self.now.setGeometry(round(column.left()) - 7, round(y) - 8, round(column.width()) + 12, 16)
                self.now.show()
                self.now.raise_()
                return
        self.now.hide()

    def _stop_place(self, stop: PlannedStop, week: CalendarWeek, columns: dict[date, QRectF]) -> QRectF:
        """In the column of the shift in which it begins, else of its date; of one machine alone half as wide."""
        own = next((each for each in week.shifts if each.shift.span.holds(stop.span.start_ms)), None)
        on = own.on if own is not None else calendar.local_date(stop.span.start_ms, week.shop.zone)
        column = columns.get(on, next(iter(columns.values())))
        top, bottom = (
            column.top() + self._axis.part(on, at_ms, week) * column.height()
            for at_ms in (stop.span.start_ms, stop.span.end_ms)
        )
        return QRectF(column.left() + 3, top, column.width() - 6, max(bottom - top, _LEAST_STOP_PX))

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Ground, hours, today's column and this moment, and what the signs mean."""
        card(painter, rect, tokens)
        week = self._week
        if week is None:
            return
        area, axis = self._area(), self._axis
        step = 4 if axis.hours <= 24 else 6
        hours = [(n / axis.hours, f"{(axis.first + n) % 24:02d}:00") for n in range(0, axis.hours + 1, step)]
        today = calendar.local_date(week.now_ms, week.shop.zone)
        for n, day in enumerate(week.days):
            if day.on == today:
                paint.box(painter, self._column(n).adjusted(-5, 0, 5, 0), tokens.accent_soft)
        week_ground(painter, area, AXIS_PX, hours, tokens)
        self._draw_foot(painter, rect, tokens)

    def _draw_foot(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        y = rect.bottom() - FOOT_PX + 6
        x = rect.left() + PAD_PX + 4
        for dashed, words in ((False, _("Break, meal")), (True, _("Planned stop")), (None, _("? waits for approval"))):
            if dashed is not None:
                sign = QRectF(x, y + 9, 20, 14)
                paint.box(painter, sign, tokens.panel, None if dashed else tokens.line_strong)
                if dashed:
                    pen = QPen(paint.color(tokens.ink2), 1.5)
                    pen.setDashPattern([3, 2])
                    painter.setPen(pen)
                    painter.drawRect(sign)
                x += 28
            x += paint.text(painter, QRectF(x, y, 260, 32), words, 15, tokens.ink2, least_px=14) + 24


class NowLine(Painted):
    """This moment over the blocks; it takes no press."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("week-now", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        tell(self, _("Now"))
        self.hide()

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The line."""
        week_now(painter, rect.left() + 7, rect.right(), rect.center().y(), tokens)


def _stop_words(stop: PlannedStop, week: CalendarWeek) -> tuple[str, ...]:
    reason = calendar_words.stop_reason(stop, dict(week.reasons))
    machine = dict(week.machines).get(stop.machine or 0, "")
    return (reason, machine) if machine else (reason,)


def _face(each: WeekShift, shifts: Sequence[WeekShift], timezone: str) -> ShiftFace:
    shift = each.shift
    span = shift.span
    whole = max(span.length_ms, 1)
    breaks = tuple(
        ((p.span.start_ms - span.start_ms) / whole, (p.span.end_ms - span.start_ms) / whole, p.name)
        for p in shift.pauses
    )
    kind = _("Extra shift") if each.extra else ""
    crew, people = calendar_words.crew_words(shift.crew, 0), calendar_words.crew_words("", each.pattern.people)
    different = (
        calendar_words.kind_word(Kind.MOVED) if each.moved else "",
        calendar_words.kind_word(Kind.HALF) if each.half else "",
        _("overtime") if each.longer else "",
    )
    notes = tuple(part for part in (*different, crew, people) if part)
    place = sum(1 for other in shifts if other.on == each.on and other.shift.span.start_ms < span.start_ms)
    pauses = ", ".join(f"{p.name} {span_words(p.span.start_ms, p.span.end_ms, timezone)}" for p in shift.pauses)
    told = (kind, span_words(span.start_ms, span.end_ms, timezone), *notes, pauses)
    look = BlockLook(kind or shift.name, notes, breaks, place % 2, each.extra)
    return ShiftFace(each, look, " · ".join(part for part in told if part))


def week_title(days: Sequence[WeekDay]) -> str:
    """Of which days a week is: "Mon 16 Nov – Sun 22 Nov"."""
    return f"{day_words(days[0].on)} – {day_words(days[0].on + timedelta(days=6))}"

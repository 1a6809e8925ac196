"""What stands beside the week: a shift, an extra shift or overtime, a planned stop, a day, ready patterns.

Each form gives an edit (`wanted`) with the reason for it; whether that can be is said by who applies it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop import calendar_words, paint
from desktop.domain import calendar, scheduling
from desktop.domain.calendar import Break, Kind, PlannedStop, ShiftPattern
from desktop.domain.scheduling import (
    READY,
    AddExtra,
    AddHoliday,
    AddOvertime,
    AskStop,
    Cancel,
    ChangeShift,
    DropStop,
    Edit,
    TakeAway,
    UsePatterns,
)
from desktop.domain.spans import Span
from desktop.domain.week import CalendarWeek, WeekShift
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views import theme
from desktop.views.widgets.button import Button
from desktop.views.widgets.choice import ChoiceField
from desktop.views.widgets.form_card import FormCard, Row, Words
from desktop.views.widgets.option import Choice, Option
from desktop.views.widgets.painted import begin, focus_ring
from desktop.views.widgets.text_field import TextField
from desktop.wording import UNKNOWN, clock, crew_word, day_words, minutes, span_words, weekday_words, whole_minutes

_STEP_MIN = 10
_MOST_PEOPLE = 60
_MOST_BREAKS = 6
_WEEKS = 8  # so many Mondays a new pattern may begin on
_HALF_MS = 1_800_000


class SlimField(ChoiceField):
    """A field in a row of several: its value alone, without caption and arrow."""

    def sizeHint(self) -> QSize:
        """Wide enough for its longest choice."""
        words = (self.itemText(n) for n in range(self.count()))
        return QSize(round(max((paint.width(each, 16, True) for each in words), default=20)) + 20, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The value in its frame."""
        painter = begin(self)
        tokens = theme.tokens()
        rect = QRectF(self.rect())
        paint.box(
            painter, rect, tokens.accent_soft if self.underMouse() else tokens.panel, tokens.line_strong, radius=6
        )
        words = rect.adjusted(6, 0, -6, 0)
        paint.text(painter, words, self.currentText(), 16, tokens.ink, bold=True, align=paint.CENTER, least_px=14)
        if self.hasFocus():
            focus_ring(painter, rect, tokens, 6)
        painter.end()


def show_time(field: ChoiceField, at: time) -> None:
    """Let a time of the day hold, of steps of ten minutes; another one is offered too."""
    steps = [time(n // 60, n % 60) for n in range(0, 1440, _STEP_MIN)]
    field.offer([(f"{each:%H:%M}", f"{each:%H:%M}") for each in sorted({*steps, at})])
    field.choose(f"{at:%H:%M}")


def time_of(field: ChoiceField) -> time:
    """The time that holds."""
    return time.fromisoformat(str(field.currentData() or "08:00"))


def date_of(field: ChoiceField) -> date | None:
    """The date that holds in a field of days; Qt finds texts again, no dates."""
    text = field.currentData()
    return date.fromisoformat(text) if isinstance(text, str) else None


class TimeField(ChoiceField):
    """A time of the day."""

    def __init__(self, name: str, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(name, caption, parent)
        self.show_time(time(8))

    def show_time(self, at: time) -> None:
        """Let a time hold."""
        show_time(self, at)

    def time(self) -> time:
        """The time that holds."""
        return time_of(self)


class CalendarForm(FormCard):
    """What all forms have: the week, a reason, the button that applies, and the one that leaves."""

    wanted = Signal(object, str)  # Edit, why
    left = Signal()
    placed = Signal()  # it has another height

    def __init__(self, name: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.week: CalendarWeek | None = None
        self.why = TextField(f"{name}-why", _("Why (only for what is over already)"), self, most=120)
        self.apply = Button(f"{name}-apply", words, self, main=True, height=72)
        self.cancel = Button(f"{name}-cancel", _("Cancel"), self, height=72)
        self.apply.clicked.connect(self._apply)
        self.cancel.clicked.connect(self.left)

    def edit(self) -> Edit | None:
        """What is wanted; None where nothing is chosen yet."""
        raise NotImplementedError

    def want(self, edit: Edit | None) -> None:
        """Give an edit away with its reason."""
        if edit is not None:
            self.wanted.emit(edit, self.why.text().strip())

    def _apply(self) -> None:
        self.want(self.edit())

    def past(self, on: date | None) -> None:
        """Ask for a reason where a date is over or has begun."""
        week = self.week
        self.why.setVisible(
            on is not None and week is not None and on <= calendar.local_date(week.now_ms, week.shop.zone)
        )

    def foot(self) -> list[Row]:
        """The reason and the buttons."""
        return [[(self.why, 1)], [(self.apply, 2), (self.cancel, 1)]]

    def again(self) -> None:
        """What it holds is another now."""
        self.told()
        self.placed.emit()

    @property
    def zone_name(self) -> str:
        """The plant's time zone."""
        return self.week.head.timezone if self.week is not None else "UTC"


class BreakRow:
    """A break: name, start, end, and the button that takes it out."""

    def __init__(self, place: int, parent: QWidget) -> None:
        self.name = SlimField(f"break-{place}-name", _("Break"), parent)
        self.start = SlimField(f"break-{place}-start", _("Start"), parent)
        self.end = SlimField(f"break-{place}-end", _("End"), parent)
        self.drop = Button(f"break-{place}-drop", "", parent, icon="cross")
        self.drop.setAccessibleName(_("Take this break out"))

    def show_break(self, pause: Break) -> None:
        """Show a break."""
        names = dict.fromkeys([_("Break"), _("Meal"), pause.name or _("Break")])
        self.name.offer([(name, name) for name in names])
        self.name.choose(pause.name or _("Break"))
        show_time(self.start, pause.start)
        show_time(self.end, pause.end)

    def pause(self) -> Break:
        """The break as it is chosen."""
        return Break(str(self.name.currentData()), time_of(self.start), time_of(self.end))

    def row(self) -> Row:
        """Its widgets."""
        return [(self.name, 104), (self.start, 82), (self.end, 82), (self.drop, 58)]

    def show_all(self, shown: bool) -> None:
        """Show or hide it."""
        for widget in (self.name, self.start, self.end, self.drop):
            widget.setVisible(shown)


class DayToggle(Option):
    """A day of the week, narrow: the tick stands over the word."""

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """Tick over word."""
        if not isinstance(self._face, tuple):
            return
        choice, chosen = self._face
        ground = tokens.accent_soft if chosen or self.underMouse() else tokens.panel
        edge = tokens.accent if chosen else tokens.line_strong
        paint.box(painter, rect, ground, edge, radius=8, pen=2 if chosen else 1)
        if chosen:
            theme.icon(painter, QRectF(rect.center().x() - 9, rect.top() + 6, 18, 18), "check", tokens.accent)
        word = rect.adjusted(2, 26, -2, -4) if chosen else rect.adjusted(2, 0, -2, 0)
        paint.text(painter, word, choice.words, 16, tokens.ink, bold=chosen, align=paint.CENTER, least_px=14)


class ShiftForm(CalendarForm):
    """A shift: its times, days, crew, people and breaks, and from when on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("shift-form", _("Apply"), parent)
        self.of: WeekShift | None = None
        self.since = "next"
        self.start = TimeField("shift-start", _("Start"), self)
        self.end = TimeField("shift-end", _("End"), self)
        self.crew = ChoiceField("shift-crew", _("Crew"), self)
        self.count = ChoiceField("shift-people", _("Usual people"), self)
        self.days = [DayToggle(f"weekday-{n + 1}", str(n + 1), self) for n in range(7)]
        self.breaks = [BreakRow(n + 1, self) for n in range(_MOST_BREAKS)]
        self.add = Button("break-add", _("Add a break"), self, icon="plus")
        self.when = ChoiceField("shift-since", _("From when on"), self)
        self.off = Button("shift-off", _("Does not take place on this day"), self)
        self._days: set[int] = set()
        self._count = 0
        for field in (self.start, self.end):
            field.currentIndexChanged.connect(self._changed)
        for day in self.days:
            day.clicked.connect(self._day_pressed)
        self.when.currentIndexChanged.connect(self._when_chosen)
        for n, row in enumerate(self.breaks):
            row.drop.clicked.connect(partial(self._drop, n))
            row.start.currentIndexChanged.connect(self._changed)
            row.end.currentIndexChanged.connect(self._changed)
        self.add.clicked.connect(self._add)
        self.off.clicked.connect(self._cancel_shift)

    def show_shift(self, week: CalendarWeek, of: WeekShift) -> None:
        """Show a shift; what was chosen of the same one stays."""
        self.week = week
        if self.of == of:
            return
        self.of, pattern = of, of.pattern
        self.since = "next" if of.shift.span.start_ms <= week.now_ms else "from"
        self.why.setText("")
        self.fault = ""
        self.start.show_time(pattern.start)
        self.end.show_time(pattern.end)
        turning = any(pattern.id in r.patterns and len(set(r.crews)) > 1 for r in week.shop.rotations)
        crews = {crew_word(crew): crew for crew in ("", "C", "B", "A", *reversed(week.crews), pattern.crew)}
        self.crew.offer([(crew_word(crew) or UNKNOWN, crew) for crew in sorted(crews.values())])
        self.crew.choose(pattern.crew)
        self.crew.setEnabled(not turning)
        self.count.offer([(str(n) if n else UNKNOWN, n) for n in range(max(_MOST_PEOPLE, pattern.people) + 1)])
        self.count.choose(pattern.people)
        self._days = set(pattern.weekdays)
        self._count = 0
        for row, pause in zip(self.breaks, pattern.breaks, strict=False):
            row.show_break(pause)
            self._count += 1
        self._show()

    def _show(self) -> None:
        for n, row in enumerate(self.breaks):
            row.show_all(n < self._count)
        self.add.setVisible(self._count < _MOST_BREAKS)
        for n, day in enumerate(self.days):
            day.show_choice(Choice(day.value, weekday_words(n)), _("Days of the week"), n + 1 in self._days)
        on = day_words(self.of.on) if self.of is not None else ""
        self.when.offer(
            [
                (_("From the next shift on"), "next"),
                (_("From {on} on").format(on=on), "from"),
                (_("On {on} alone").format(on=on), "only"),
            ]
        )
        self.when.choose(self.since)
        self.past(self.of.on if self.of is not None and self.since != "next" else None)
        self.again()

    def _changed(self) -> None:
        if self.of is not None:
            self.told()

    def _day_pressed(self) -> None:
        self._days ^= {int(self.sender().objectName()[-1])}
        self._show()

    def _when_chosen(self) -> None:
        chosen = str(self.when.currentData())
        if self.of is not None and chosen != self.since:
            self.since = chosen
            self.past(self.of.on if chosen != "next" else None)
            self.again()

    def _add(self) -> None:
        """One behind the last, or two hours after the start."""
        before = self.breaks[self._count - 1].pause().end if self._count else self.start.time()
        start = (before.hour + 2) % 24
        self.breaks[self._count].show_break(Break(_("Break"), time(start, 0), time(start, _STEP_MIN)))
        self._count += 1
        self._show()

    def _drop(self, place: int) -> None:
        pauses = [row.pause() for row in self.breaks[: self._count]]
        del pauses[place]
        self._count = len(pauses)
        for row, pause in zip(self.breaks, pauses, strict=False):
            row.show_break(pause)
        self._show()

    def _cancel_shift(self) -> None:
        if self.of is not None:
            self.want(Cancel(self.of.on, self.of.pattern.id))

    def pattern(self) -> ShiftPattern | None:
        """The shift as it is chosen."""
        if self.of is None:
            return None
        return replace(
            self.of.pattern,
            start=self.start.time(),
            end=self.end.time(),
            weekdays=frozenset(self._days),
            breaks=tuple(row.pause() for row in self.breaks[: self._count]),
            crew=str(self.crew.currentData() or ""),
            people=int(self.count.currentData() or 0),
        )

    def edit(self) -> Edit | None:
        """The change, from the date that was chosen."""
        pattern = self.pattern()
        if self.of is None or pattern is None or self.week is None:
            return None
        on = self.of.on
        if self.since == "next":
            on = self.week.starts.get(self.of.pattern.id) or calendar.local_date(self.week.now_ms, self.week.shop.zone)
        seen = scheduling.in_force(self.week.shop, self.of.pattern.id, on) or self.of.pattern
        if replace(seen, valid_from=self.of.pattern.valid_from) != self.of.pattern and self.since != "next":
            seen = self.of.pattern
        return ChangeShift(seen, pattern, on, self.since == "only")

    def title(self) -> str:
        return self.of.shift.name if self.of is not None else ""

    def note(self) -> str:
        return calendar_words.days_words(self.of.pattern.weekdays) if self.of is not None else ""

    def rows(self) -> list[Row]:
        pattern = self.pattern()
        if pattern is None:
            return []
        whole, off = scheduling.length_ms(pattern), scheduling.break_ms(pattern)
        sum_words = "\n".join(calendar_words.load_words(pattern, whole, off))
        return [
            [(self.start, 1), (self.end, 1)],
            [(self.crew, 1), (self.count, 1)],
            [(day, 1) for day in self.days[:4]],
            [*((day, 1) for day in self.days[4:]), (None, 1)],  # all of one width
            Words(_("Breaks"), head=True, note=_("{length} together").format(length=minutes(off)) if off else ""),
            *(row.row() for row in self.breaks),
            [(self.add, 1)],
            Words(sum_words, plate=True),
            [(self.when, 1)],
            *self.foot(),
            [(self.off, 1)],
        ]


class ExtraForm(CalendarForm):
    """Overtime of a shift by one tap, or an extra shift on a day off."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("extra-form", _("Add the extra shift"), parent)
        self.day = ChoiceField("extra-day", _("Date"), self)
        self.shift = ChoiceField("extra-shift", _("Shift"), self)
        self.start = TimeField("extra-start", _("Start"), self)
        self.end = TimeField("extra-end", _("End"), self)
        self.longer = [Button(f"overtime-{n + 1}", "", self, height=64) for n in range(4)]
        for n, button in enumerate(self.longer):
            button.clicked.connect(partial(self._overtime, n))
        self.day.currentIndexChanged.connect(self._show)
        self.shift.currentIndexChanged.connect(self._show_shift)
        self._known: object = None

    def show_week(self, week: CalendarWeek) -> None:
        """Show the days of a week; what was chosen in it stays."""
        self.week = week
        face = (week.shop, week.days[0].on, week.now_ms // 60_000)
        if self._known == face:
            return
        fresh = not isinstance(self._known, tuple) or self._known[1] != week.days[0].on
        self._known = face
        self.day.offer([(day_words(day.on), str(day.on)) for day in week.days])
        today = calendar.local_date(week.now_ms, week.shop.zone)
        if fresh:
            self.day.choose(str(today))
        self._show()

    def choose(self, on: date) -> None:
        """Choose a day."""
        self.day.choose(str(on))
        self._show()

    def _on(self) -> date | None:
        return date_of(self.day)

    def _running(self) -> WeekShift | None:
        """The shift of the day that was chosen, where it takes place."""
        key = self.shift.currentData()
        if self.week is None:
            return None
        return next((s for s in self.week.shifts if s.on == self._on() and s.pattern.id == key), None)

    def _show(self) -> None:
        on = self._on()
        if self.week is None or on is None:
            return
        self.shift.offer([(p.name, p.id) for p in scheduling.in_force_on(self.week.shop, on)])
        self._show_shift()

    def _show_shift(self) -> None:
        on, running = self._on(), self._running()
        if self.week is None or on is None:
            return
        pattern = next(
            (p for p in scheduling.in_force_on(self.week.shop, on) if p.id == self.shift.currentData()), None
        )
        if pattern is not None and running is None:
            self.start.show_time(pattern.start)
            self.end.show_time(pattern.end)
        for n, button in enumerate(self.longer):
            button.setVisible(running is not None)
            if running is not None:
                end_ms = running.shift.span.end_ms + (n + 1) * _HALF_MS
                until = _("until {clock}").format(clock=clock(end_ms, self.zone_name))
                words = f"+{whole_minutes((n + 1) * _HALF_MS)} · {until}"
                button.setText(words)
                button.setAccessibleName(words)
        for widget in (self.start, self.end, self.apply):
            widget.setVisible(running is None and pattern is not None)
        self.past(on)
        self.again()

    def _overtime(self, n: int) -> None:
        running = self._running()
        if running is not None:
            shift = running.shift
            self.want(AddOvertime(shift.name, shift.business_on, shift.span.end_ms + (n + 1) * _HALF_MS))

    def edit(self) -> Edit | None:
        """The extra shift."""
        on, key = self._on(), self.shift.currentData()
        if on is None or not isinstance(key, int):
            return None
        return AddExtra(on, key, self.start.time(), self.end.time())

    def title(self) -> str:
        return _("Overtime, extra shift")

    def rows(self) -> list[Row]:
        running = self._running()
        if self.shift.count() == 0:
            words = _("No shift is set up for this day. Choose a ready pattern first.")
        elif running is not None:
            times = span_words(running.shift.span.start_ms, running.shift.span.end_ms, self.zone_name)
            words = _("{name} takes place {times}. How much longer?").format(name=running.shift.name, times=times)
        else:
            words = _("It does not take place on this day. From when to when?")
        return [
            [(self.day, 1)],
            [(self.shift, 1)],
            Words(words),
            [(self.longer[0], 1), (self.longer[1], 1)],
            [(self.longer[2], 1), (self.longer[3], 1)],
            [(self.start, 1), (self.end, 1)],
            *self.foot(),
        ]


class StopForm(CalendarForm):
    """A planned stop: asked for by anybody, or, where one is chosen, to be approved or taken out."""

    approval_wanted = Signal(object, str)  # PlannedStop, why
    opened = Signal(object)  # PlannedStop, one that waits

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("stop-form", _("Ask for it"), parent)
        self.stop: PlannedStop | None = None
        self.day = ChoiceField("stop-day", _("Date"), self)
        self.start = TimeField("stop-start", _("Start"), self)
        self.end = TimeField("stop-end", _("End"), self)
        self.machine = ChoiceField("stop-machine", _("Machine"), self)
        self.reason = ChoiceField("stop-reason", _("What for"), self)
        self.approve = Button("stop-approve", _("Approve"), self, main=True, height=72)
        self.drop = Button("stop-drop", _("Take it out"), self)
        self.open = [Button(f"waiting-{n + 1}", "", self, height=64) for n in range(4)]
        self.approve.clicked.connect(self._approve)
        self.drop.clicked.connect(self._drop)
        for n, button in enumerate(self.open):
            button.clicked.connect(partial(self._open, n))
        self._known: object = None

    def show_week(self, week: CalendarWeek, stop: PlannedStop | None, *, on: date | None = None) -> None:
        """Show a planned stop, or the fields of a new one."""
        self.week = week
        if stop is not None and stop not in week.shop.planned:
            stop = next((p for p in week.shop.planned if (p.span, p.machine) == (stop.span, stop.machine)), None)
        face = (week.days[0].on, stop, on, week.waiting, week.now_ms // 600_000)
        if self._known == face:
            return
        fresh = not isinstance(self._known, tuple) or self._known[:3] != face[:3]
        self._known, self.stop = face, stop
        self.day.offer([(day_words(day.on), str(day.on)) for day in week.days])
        self.machine.offer([(_("Whole line"), 0), *((name, key) for key, name in week.machines)])
        reasons = [(name, key) for key, name in week.reasons]
        self.reason.offer([*reasons, (_("No order"), -1)])
        if fresh and stop is None:
            today = calendar.local_date(week.now_ms, week.shop.zone)
            self.day.choose(str(on or today))
            begin = (scheduling.local_time(week.now_ms, week.shop.zone).hour + 1) % 24
            self.start.show_time(time(begin, 0))
            self.end.show_time(time(begin, 30))
        new = stop is None
        for widget in (self.day, self.start, self.end, self.machine, self.reason, self.apply):
            widget.setVisible(new)
        self.approve.setVisible(stop is not None and stop.approved_at_ms is None)
        self.drop.setVisible(not new)
        self.why.setVisible(stop is not None and stop.span.start_ms < week.now_ms)
        for n, button in enumerate(self.open):
            button.setVisible(new and n < len(week.waiting))
            if n < len(week.waiting):
                words = self._words(week.waiting[n])
                button.setText(words)
                button.setAccessibleName(words)
        self.again()

    def _words(self, stop: PlannedStop) -> str:
        week = self.week
        if week is None:
            return ""
        on = day_words(calendar.local_date(stop.span.start_ms, week.shop.zone))
        return f"{on} {span_words(stop.span.start_ms, stop.span.end_ms, self.zone_name)}"

    def _open(self, n: int) -> None:
        if self.week is not None and n < len(self.week.waiting):
            self.opened.emit(self.week.waiting[n])

    def _approve(self) -> None:
        if self.stop is not None:
            self.approval_wanted.emit(self.stop, self.why.text().strip())

    def _drop(self) -> None:
        if self.stop is not None:
            self.want(DropStop(self.stop))

    def edit(self) -> Edit | None:
        """The request; who asks is put in by who applies it."""
        on = date_of(self.day)
        if self.week is None or on is None:
            return None
        start, end = self.start.time(), self.end.time()
        zone = self.week.shop.zone
        start_ms = calendar.utc_ms(on, start, zone)
        end_ms = calendar.utc_ms(on + timedelta(days=int(end <= start)), end, zone)
        reason = self.reason.currentData()
        number = reason if isinstance(reason, int) and reason > 0 else None
        machine = self.machine.currentData() or None
        return AskStop(PlannedStop(Span(start_ms, end_ms), machine, None, number, reason == -1))

    def title(self) -> str:
        return _("Planned stop")

    def rows(self) -> list[Row]:
        week = self.week
        if week is None:
            return []
        if self.stop is not None:
            names = dict(week.machines)
            facts = (
                self._words(self.stop),
                names.get(self.stop.machine or 0, _("Whole line")),
                calendar_words.stop_reason(self.stop, dict(week.reasons)),
                calendar_words.stop_state(self.stop, week.now_ms, self.zone_name),
            )
            return [
                Words("\n".join(facts), plate=True),
                Words(_("Only what is approved before it begins is planned time.")),
                [(self.why, 1)],
                [(self.approve, 1)],
                [(self.drop, 1), (self.cancel, 1)],
            ]
        waiting: list[Row] = []
        if week.waiting:
            waiting = [Words(_("Waits for approval"), head=True), *([(button, 1)] for button in self.open)]
        return [
            Words(_("Anybody may ask. It becomes planned time when it is approved before it begins.")),
            [(self.day, 1)],
            [(self.start, 1), (self.end, 1)],
            [(self.machine, 1)],
            [(self.reason, 1)],
            [(self.apply, 2), (self.cancel, 1)],
            *waiting,
        ]


class DayForm(CalendarForm):
    """A day: whether it is a holiday, and what else is different on it."""

    extra_wanted = Signal(object)  # date
    stop_wanted = Signal(object)  # date

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("day-form", _("Make it a holiday"), parent)
        self.on: date | None = None
        self.name = TextField("holiday-name", _("Name of the holiday"), self, most=40)
        self.extra = Button("day-extra", _("Overtime, extra shift"), self, icon="plus")
        self.stop = Button("day-stop", _("Planned stop"), self, icon="plus")
        self.gone = [Button(f"take-away-{n + 1}", "", self, icon="cross") for n in range(6)]
        self.extra.clicked.connect(lambda: self.extra_wanted.emit(self.on))
        self.stop.clicked.connect(lambda: self.stop_wanted.emit(self.on))
        for n, button in enumerate(self.gone):
            button.clicked.connect(partial(self._take_away, n))
        self._known: object = None

    def show_day(self, week: CalendarWeek, on: date) -> None:
        """Show a day."""
        self.week = week
        different = self._different(on)
        face = (on, different)
        if self._known == face:
            return
        if self.on != on:
            self.name.setText("")
            self.why.setText("")
        self._known, self.on = face, on
        names = {p.id: p.name for p in week.shop.patterns}
        for n, button in enumerate(self.gone):
            button.setVisible(n < len(different))
            if n < len(different):
                each = different[n]
                words = calendar_words.exception_words(each, names.get(each.pattern or 0, ""))
                button.setText(words)
                button.setAccessibleName(_("Take away: {what}").format(what=words))
        free = any(each.kind is Kind.HOLIDAY for each in different)
        for widget in (self.name, self.apply):
            widget.setVisible(not free)
        self.past(on)
        self.again()

    def _different(self, on: date) -> tuple[calendar.DayException, ...]:
        if self.week is None:
            return ()
        return next((day.different for day in self.week.days if day.on == on), ())

    def _take_away(self, n: int) -> None:
        if self.on is not None and n < len(different := self._different(self.on)):
            self.want(TakeAway(different[n]))

    def edit(self) -> Edit | None:
        """The holiday."""
        return None if self.on is None else AddHoliday(self.on, self.name.text().strip())

    def title(self) -> str:
        return day_words(self.on) if self.on is not None else ""

    def rows(self) -> list[Row]:
        different = self._different(self.on) if self.on is not None else ()
        listed: list[Row] = []
        if different:
            listed = [Words(_("Different on this day: press to take it away")), *([(b, 1)] for b in self.gone)]
        return [
            *listed,
            [(self.name, 1)],
            *self.foot(),
            [(self.extra, 1)],
            [(self.stop, 1)],
        ]


class PatternForm(CalendarForm):
    """Ready patterns of shifts, with a look at the week before they are taken."""

    previewed = Signal(object)  # Edit or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("pattern-form", _("Use these shifts"), parent)
        self.key = READY[0]
        self.kinds = [Option(f"ready-{key}", key, self) for key in READY]
        self.since = ChoiceField("ready-since", _("From when on"), self)
        self._today: date | None = None
        for kind in self.kinds:
            kind.clicked.connect(self._pressed)
        self.since.currentIndexChanged.connect(self._preview)

    def show_week(self, week: CalendarWeek) -> None:
        """Offer the Mondays to come; the first pattern of a new shop may begin today."""
        self.week = week
        today = calendar.local_date(week.now_ms, week.shop.zone)
        if self._today == today:
            self.say(week.refused)
            return
        self._today = today
        self.why.hide()
        monday = scheduling.monday_of(today)
        dates = [today] if not week.shop.patterns else []
        dates += [monday + timedelta(weeks=n) for n in range(1, _WEEKS + 1)]
        self.since.offer([(day_words(on), str(on)) for on in dates])
        self._show()

    def _show(self) -> None:
        for kind in self.kinds:
            words = _(calendar_words.READY[kind.value])
            kind.show_choice(Choice(kind.value, words), _("Ready patterns"), kind.value == self.key)
        self.again()

    def _pressed(self) -> None:
        kind = self.sender()
        if isinstance(kind, Option):
            self.key = kind.value
            self._show()
            self._preview()

    def _preview(self) -> None:
        self.previewed.emit(self.edit())

    def edit(self) -> UsePatterns | None:
        """The shifts, from the date that was chosen."""
        on = date_of(self.since)
        return None if on is None else scheduling.ready(self.key, on, calendar_words.shift_names())

    def title(self) -> str:
        return _("Ready patterns")

    def rows(self) -> list[Row]:
        edit = self.edit()
        words = "\n".join(_told(edit.patterns)) if edit is not None else ""
        return [
            *([(kind, 1)] for kind in self.kinds),
            [(self.since, 1)],
            Words(words, plate=True),
            Words(_("The week beside shows how it would be. Times and breaks can be changed afterwards.")),
            *self.foot(),
        ]


def _told(patterns: Iterable[ShiftPattern]) -> Sequence[str]:
    return [f"{p.name} {p.start:%H:%M}–{p.end:%H:%M} · {calendar_words.crew_words(p.crew, p.people)}" for p in patterns]

"""What stands beside the week: overtime or an extra shift, a planned stop, ready patterns.

Each form gives an edit (`wanted`) with the reason for it; whether that can be is said by who applies it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from desktop import calendar_words
from desktop.domain import calendar, own_shifts, scheduling
from desktop.domain.calendar import PlannedStop, ShiftPattern
from desktop.domain.own_shifts import EndShift
from desktop.domain.scheduling import READY, AddExtra, AddOvertime, AskStop, DropStop, Edit, UsePatterns
from desktop.domain.spans import Span
from desktop.domain.week import CalendarWeek, WeekShift
from desktop.text import _
from desktop.views.widgets.button import Button
from desktop.views.widgets.calendar_form import CalendarForm, TimeField, date_of
from desktop.views.widgets.choice import ChoiceField
from desktop.views.widgets.form_card import Row, Words
from desktop.views.widgets.option import Choice, Option
from desktop.wording.moments import clock, day_words, span_words
from desktop.wording.numbers import whole_minutes

_WEEKS = 8  # so many Mondays a new pattern may begin on
_HALF_MS = 1_800_000
_MOST_ENDS = 6
_OWN = "own"  # the shifts that the shop has


class ExtraForm(CalendarForm):
    """Overtime of a shift by one tap, or an extra shift on a day off."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("extra-form", _("Add the extra shift"), parent)
        self.day = ChoiceField("extra-day", _("Date"), self.body)
        self.shift = ChoiceField("extra-shift", _("Shift"), self.body)
        self.start = TimeField("extra-start", _("Start"), self.body)
        self.end = TimeField("extra-end", _("End"), self.body)
        self.longer = [Button(f"overtime-{n + 1}", "", self.body, height=64) for n in range(4)]
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
        ]


class StopForm(CalendarForm):
    """A planned stop: asked for by anybody, or, where one is chosen, to be approved or taken out."""

    approval_wanted = Signal(object, str)  # PlannedStop, why
    opened = Signal(object)  # PlannedStop, one that waits

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("stop-form", _("Ask for it"), parent)
        self.stop: PlannedStop | None = None
        self.day = ChoiceField("stop-day", _("Date"), self.body)
        self.start = TimeField("stop-start", _("Start"), self.body)
        self.end = TimeField("stop-end", _("End"), self.body)
        self.machine = ChoiceField("stop-machine", _("Machine"), self.body)
        self.reason = ChoiceField("stop-reason", _("What for"), self.body)
        self.approve = Button("stop-approve", _("Approve"), self.base, main=True, height=72)
        self.drop = Button("stop-drop", _("Take it out"), self.base, height=72)
        self.open = [Button(f"waiting-{n + 1}", "", self.body, height=64) for n in range(4)]
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

    def called(self) -> str:
        """The planned stop that is chosen, in one line: when, where and what for."""
        if self.stop is None or self.week is None:
            return ""
        machine = dict(self.week.machines).get(self.stop.machine or 0, _("Whole line"))
        reason = calendar_words.stop_reason(self.stop, dict(self.week.reasons))
        return " · ".join((self._words(self.stop), machine, reason))

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
            *waiting,
        ]

    def foot(self) -> list[Row]:
        if self.stop is None:
            return [[(self.apply, 2), (self.cancel, 1)]]
        return [[(self.why, 1)], [(self.approve, 1)], [(self.drop, 1), (self.cancel, 1)]]


class PatternForm(CalendarForm):
    """Ready patterns of shifts, with a look at the week before they are taken."""

    previewed = Signal(object)  # Edit or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("pattern-form", _("Use these shifts"), parent)
        self.key = READY[0]
        self.kinds = [Option(f"ready-{key}", key, self.body) for key in (*READY, _OWN)]
        self.ends = [Button(f"ready-end-{n + 1}", "", self.body, icon="cross") for n in range(_MOST_ENDS)]
        for n, button in enumerate(self.ends):
            button.clicked.connect(partial(self._end_shift, n))
        self.turns = ChoiceField("ready-turns", _("Turns of crews"), self.body)
        self.since = ChoiceField("ready-since", _("From when on"), self.body)
        self._today: date | None = None
        for kind in self.kinds:
            kind.clicked.connect(self._pressed)
        self.since.currentIndexChanged.connect(self._since_chosen)
        self.turns.currentIndexChanged.connect(self._preview)

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
        self.kinds[-1].setVisible(bool(scheduling.in_force_on(week.shop, dates[0])))
        self._usual_turns()
        self._show()

    def _usual_turns(self) -> None:
        """After how long the crews of a pattern usually take turns; of the shop's own as they do."""
        on = date_of(self.since)
        if on is None or self.week is None:
            return
        usual = own_shifts.turns(self.week.shop, on) if self.key == _OWN else self._plain(on).turn_days
        offered = {**calendar_words.TURNS, **({} if usual in calendar_words.TURNS else {usual: ""})}
        self.turns.offer(
            [
                (_(words) if words else _("Crews change every {count} days").format(count=days), days)
                for days, words in offered.items()
            ]
        )
        with QSignalBlocker(self.turns):
            self.turns.choose(usual)

    def _plain(self, on: date) -> UsePatterns:
        return scheduling.ready(self.key, on, calendar_words.shift_names())

    def _since_chosen(self) -> None:
        if self.key == _OWN:
            self._usual_turns()
            self._show()
        self._preview()

    def _own(self) -> tuple[ShiftPattern, ...]:
        """The shop's own shifts on the date that is chosen, where one of them may end."""
        on = date_of(self.since)
        found = () if on is None or self.week is None else scheduling.in_force_on(self.week.shop, on)
        return found if self.key == _OWN and len(found) > 1 else ()

    def _end_shift(self, n: int) -> None:
        on, own = date_of(self.since), self._own()
        if on is not None and n < len(own):
            self.want(EndShift(own[n], on))

    def _show(self) -> None:
        edit = self.edit()
        own = self._own()
        for n, button in enumerate(self.ends):
            button.setVisible(n < len(own))
            if n < len(own):
                words = _("{name} takes place no more").format(name=own[n].name)
                button.setText(words)
                button.setAccessibleName(words)
        self.turns.setVisible(edit is not None and len(edit.patterns) > 1)
        for kind in self.kinds:
            words = _(calendar_words.READY[kind.value])
            kind.show_choice(Choice(kind.value, words), _("Ready patterns"), kind.value == self.key)
        self.again()

    def _pressed(self) -> None:
        kind = self.sender()
        if isinstance(kind, Option):
            self.key = kind.value
            self._usual_turns()
            self._show()
            self._preview()

    def _preview(self) -> None:
        self.previewed.emit(self.edit())

    def edit(self) -> UsePatterns | None:
        """The shifts, from the date that was chosen."""
        on, days = date_of(self.since), self.turns.currentData()
        if on is None or self.week is None:
            return None
        days = days if isinstance(days, int) else 0
        if self.key == _OWN:
            return own_shifts.with_turns(self.week.shop, on, days)
        plain = self._plain(on)
        return replace(plain, turn_days=days) if len(plain.patterns) > 1 else plain

    def title(self) -> str:
        return _("Ready patterns")

    def rows(self) -> list[Row]:
        edit = self.edit()
        words = "\n".join(_told(edit.patterns)) if edit is not None else ""
        return [
            [(kind, 1) for kind in self.kinds[:2]],
            *([(kind, 1)] for kind in self.kinds[2:]),
            [(self.turns, 1)],
            [(self.since, 1)],
            Words(words, plate=True),
            Words(_("The week beside shows how it would be. Times and breaks can be changed afterwards.")),
            Words(_("From that date on") if self._own() else "", head=True),
            Words(_("The crew that works the remaining shift on that date stays with it.") if self._alone() else ""),
            *([(button, 1)] for button in self.ends),
        ]

    def _alone(self) -> bool:
        """Whether a shift may end whose crews take turns with those of one other shift."""
        on = date_of(self.since)
        if on is None or self.week is None:
            return False
        shop = self.week.shop
        return any(own_shifts.left_alone(shop, pattern.id, on) for pattern in self._own())


def _told(patterns: Iterable[ShiftPattern]) -> Sequence[str]:
    return [f"{p.name} {p.start:%H:%M}–{p.end:%H:%M} · {calendar_words.crew_words(p.crew, p.people)}" for p in patterns]

"""The calendar: a week of shifts, breaks and planned stops, and beside it what is chosen, to be changed there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QHideEvent, QPainter
from PySide6.QtWidgets import QWidget

from desktop import paint, summaries
from desktop.configuration.shop_calendar import say_why
from desktop.domain import scheduling
from desktop.domain.calendar import PlannedStop
from desktop.domain.people import Person
from desktop.domain.pins import PinAnswer
from desktop.domain.scheduling import Edit
from desktop.domain.week import CalendarWeek, WeekShift
from desktop.text import _
from desktop.tokens import Tokens
from desktop.views.background import Question
from desktop.views.scheduling import Scheduling
from desktop.views.screen import GAP, MARGIN, TOP, Screen
from desktop.views.widgets.button import Button
from desktop.views.widgets.calendar_form import CalendarForm
from desktop.views.widgets.calendar_forms import ExtraForm, PatternForm, StopForm
from desktop.views.widgets.capacity_form import CapacityForm
from desktop.views.widgets.day_form import DayForm
from desktop.views.widgets.form_card import FormCard
from desktop.views.widgets.painted import Painted, tell
from desktop.views.widgets.pin_card import PinCard
from desktop.views.widgets.shift_form import ShiftForm
from desktop.views.widgets.week_sheet import WeekSheet, week_title
from desktop.wording.people import pin_words

BAR_PX = 64
_LEAST_TITLE_PX = 240
_ROOMY_PX = 1280  # a week that is narrower has its buttons over the panel, too


class WeekBar(Painted):
    """Which week it is, one back and one ahead, and what can be added."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("week-bar", parent)
        self.back = Button("week-back", "", self, icon="arrow-left")
        self.now = Button("week-now", _("This week"), self)
        self.ahead = Button("week-ahead", "", self, icon="arrow-right")
        self.extra = Button("add-extra", _("Overtime, extra shift"), self, icon="plus")
        self.stop = Button("add-stop", _("Planned stop"), self, icon="plus")
        self.ready = Button("ready-patterns", _("Ready patterns"), self, icon="calendar")
        self.capacity = Button("standard-capacity", _("Standard capacity"), self, icon="ruler")
        tell(self.back, _("Week before"))
        tell(self.ahead, _("Week after"))

    def show_title(self, words: str, note: str) -> None:
        """Show which week it is."""
        if self.set_face((words, note)):
            tell(self, words, note)

    def place(self) -> None:
        """Steps behind the title, the rest at the right."""
        right = self.width()
        asked = {self.capacity: "ruler", self.ready: "calendar", self.stop: "plus", self.extra: "plus"}
        for button, icon in asked.items():
            button.show_icon(icon)
        taken = sum(button.sizeHint().width() + 12 for button in (*self._steps(), *asked))
        for button in asked:
            if right - taken < _LEAST_TITLE_PX:
                button.show_icon("")  # in a narrow window the words stand alone
        for button in asked:
            wide = button.sizeHint().width()
            right -= wide
            button.setGeometry(right, 4, wide, 56)
            right -= 12
        title_px = self._title_px()
        x = round(title_px) + 16
        for button in (self.back, self.now, self.ahead):
            wide = button.sizeHint().width()
            button.setGeometry(x, 4, wide, 56)
            x += wide + 8

    def _title_px(self) -> float:
        words = self._face[0] if isinstance(self._face, tuple) else ""
        taken = sum(b.sizeHint().width() + 8 for b in self._steps())
        return max(min(paint.width(words, 23, True), self.extra.x() - taken - 28), 120.0)

    def _steps(self) -> tuple[Button, ...]:
        return self.back, self.now, self.ahead

    def draw(self, painter: QPainter, rect: QRectF, tokens: Tokens) -> None:
        """The title, and below it whether this is only a preview."""
        if not isinstance(self._face, tuple):
            return
        words, note = self._face
        wide = self._title_px()
        size_px, lines = paint.heading(words, 23, wide, least_px=15, most=1 if note else 2)
        if len(lines) == 2 and " – " in words:  # from, to
            lines = [f"{words.split(' – ')[0]} –", words.split(" – ")[1]]
        high = 36 if note else rect.height() if len(lines) == 1 else 24
        room = QRectF(0, 0 if len(lines) == 1 else rect.center().y() - 24, wide, high)
        for line in lines:
            paint.text(painter, room, line, size_px, tokens.ink, bold=True, least_px=14)
            room.translate(0, high)
        if note:
            paint.text(painter, QRectF(0, 34, self._title_px(), 26), note, 15, tokens.ink, bold=True, least_px=14)


class CalendarPage(Screen):
    """Week at the left; at the right the form of what is chosen, or a pad for a PIN."""

    def __init__(self, scheduling_: Scheduling, parent: QWidget | None = None) -> None:
        super().__init__("calendar", parent)
        tell(self, _("Shifts and calendar"))
        self._scheduling = scheduling_
        self._monday: date | None = None  # None: this week
        self._stop_at: int | None = None  # the machine for which a planned stop is begun with the next answer
        self._week: CalendarWeek | None = None
        self._chosen: object = None  # a WeekShift, PlannedStop or date
        self._preview: Edit | None = None
        self._entered: Callable[[str], object] | None = None
        self.bar = WeekBar(self.page)
        self.sheet = WeekSheet(self.page)
        self.shift = ShiftForm(self.page)
        self.extra = ExtraForm(self.page)
        self.stop = StopForm(self.page)
        self.day = DayForm(self.page)
        self.patterns = PatternForm(self.page)
        self.capacity = CapacityForm(self.page)
        self.pin = PinCard(self.page)
        self._forms: tuple[CalendarForm, ...] = (
            self.shift, self.extra, self.stop, self.day, self.patterns, self.capacity,
        )  # fmt: skip
        self._panel: CalendarForm | PinCard = self.extra
        self._before: CalendarForm = self.extra  # what stood there before the PIN was asked for
        for form in self._forms:
            form.wanted.connect(self._want)
            form.left.connect(self._leave)
        self.patterns.previewed.connect(self._look_ahead)
        self.stop.approval_wanted.connect(self._approve)
        self.stop.opened.connect(self._choose_stop)
        self.shift.alone_wanted.connect(self._choose_alone)
        self.day.extra_wanted.connect(self._add_extra)
        self.day.stop_wanted.connect(self._add_stop)
        self.sheet.shift_chosen.connect(self._choose_shift)
        self.sheet.stop_chosen.connect(self._choose_stop)
        self.sheet.day_chosen.connect(self._choose_day)
        self.bar.back.clicked.connect(partial(self._step, -7))
        self.bar.ahead.clicked.connect(partial(self._step, 7))
        self.bar.now.clicked.connect(self._this_week)
        self.bar.extra.clicked.connect(partial(self._add_extra, None))
        self.bar.stop.clicked.connect(partial(self._add_stop, None))
        self.bar.ready.clicked.connect(self._ready)
        self.bar.capacity.clicked.connect(self._show_capacity)
        self.pin.pad.entered.connect(self._pin_entered)
        self.pin.pad.cancelled.connect(self._leave_pin)
        scheduling_.keep_clear(*self._forms, self.pin)
        scheduling_.written.connect(self._written)
        scheduling_.failed.connect(self._failed)
        self._show_panel(self.extra)

    # -- what is shown --

    def question(self) -> Question:
        """The week, with the change that is looked at beforehand."""
        monday, preview = self._monday, self._preview

        def ask(store: Any, now_ms: int) -> CalendarWeek:
            return summaries.calendar_week(store, now_ms, monday, preview)

        return ask

    def subject(self) -> object:
        """The week."""
        return self._monday, self._preview

    def waiting_cards(self) -> list[QWidget]:
        """The week; what is being chosen is not covered."""
        return [self.sheet]

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show the week."""
        if not isinstance(answer, CalendarWeek):
            raise TypeError(f"the calendar shows a CalendarWeek, not {type(answer).__name__}")
        first = self._week is None
        self._week = answer
        self._scheduling.timezone = answer.head.timezone
        self._follow(answer, first=first)
        self._begin_stop()
        self.bar.show_title(week_title(answer.days), _("Preview: nothing is changed yet") if answer.preview else "")
        self.bar.place()
        self.sheet.show_week(answer, self._chosen)
        self._show_form()

    def _follow(self, week: CalendarWeek, *, first: bool) -> None:
        """The chosen shift as it is now; at the beginning the one that runs, or patterns where there is none."""
        if first and not week.shop.patterns:
            self._ready()
        elif first:
            running = next((s for s in week.shifts if s.shift == week.shift), next(iter(week.shifts), None))
            if running is not None:
                self._choose_shift(running)
        if isinstance(self._chosen, WeekShift) and self._chosen not in week.shifts and self._preview is None:
            of = self._chosen
            found = next((s for s in week.shifts if (s.on, s.pattern.id) == (of.on, of.pattern.id)), None)
            if found is not None:
                self._chosen = found
            elif self._panel is self.shift and any(day.on == of.on for day in week.days):
                self._choose_day(of.on)

    def _show_form(self) -> None:
        week = self._week
        if week is None:
            return
        if self._panel is self.shift and isinstance(self._chosen, WeekShift):
            self.shift.show_shift(week, self._chosen)
        elif self._panel is self.extra:
            self.extra.show_week(week)
        elif self._panel is self.stop:
            stop = self._chosen if isinstance(self._chosen, PlannedStop) else None
            self.stop.show_week(week, stop, on=self._chosen if isinstance(self._chosen, date) else None)
        elif self._panel is self.day and isinstance(self._chosen, date):
            self.day.show_day(week, self._chosen)
        elif self._panel is self.patterns:
            self.patterns.show_week(week)
        elif self._panel is self.capacity:
            self.capacity.show_week(week)

    def _show_panel(self, panel: CalendarForm | PinCard) -> None:
        self._panel = panel
        for each in (*self._forms, self.pin):
            each.setVisible(each is panel)
        if isinstance(panel, CalendarForm):
            panel.say("")
        if panel is not self.patterns and self._preview is not None:
            self._preview = None
            self.question_changed.emit()
        if self._week is not None:
            self.sheet.show_week(self._week, self._chosen)
        self._show_form()
        self.arranged()

    # -- what is chosen --

    def _choose_shift(self, of: object) -> None:
        self._chosen = of
        self._show_panel(self.shift)

    def _choose_stop(self, stop: object) -> None:
        self._chosen = stop
        self._show_panel(self.stop)

    def _choose_day(self, on: object) -> None:
        self._chosen = on
        self._show_panel(self.day)

    def _choose_alone(self, of: object) -> None:
        """The day of a shift, with that shift to be different on it."""
        if isinstance(of, WeekShift) and self._week is not None:
            self._chosen = of.on
            self._show_panel(self.day)
            self.day.show_day(self._week, of.on, of)

    def _show_capacity(self) -> None:
        self._chosen = None
        self._show_panel(self.capacity)

    def _add_extra(self, on: object) -> None:
        self._chosen = on
        self._show_panel(self.extra)
        if isinstance(on, date):
            self.extra.choose(on)

    def _add_stop(self, on: object) -> None:
        self._chosen = on if isinstance(on, date) else None
        self._show_panel(self.stop)

    def open_at(self, machine: int) -> None:
        """The form of a planned stop of this machine, in this week."""
        self._stop_at, self._monday = machine, None
        self._begin_stop()

    def _begin_stop(self) -> None:
        """What was asked for before a week was known waits for it."""
        if self._stop_at is not None and self._week is not None:
            machine, self._stop_at = self._stop_at, None
            self._add_stop(None)
            self.stop.machine.choose(machine)

    def _ready(self) -> None:
        self._chosen = None
        self._show_panel(self.patterns)
        self._look_ahead(self.patterns.edit())

    def _look_ahead(self, edit: object) -> None:
        """Show the week in which a new pattern begins, as it would be."""
        if self._panel is not self.patterns:
            return
        self._preview = edit if isinstance(edit, scheduling.UsePatterns) else None
        if isinstance(edit, scheduling.UsePatterns):
            self._monday = scheduling.monday_of(edit.since)
        self.question_changed.emit()

    def _step(self, days: int) -> None:
        if self._week is not None:
            self._monday = self._week.days[0].on + timedelta(days=days)
            self.question_changed.emit()

    def _this_week(self) -> None:
        self._monday = None
        self.question_changed.emit()

    def _leave(self) -> None:
        """Nothing is wanted: back to the shift that runs or comes next."""
        week = self._week
        self.shift.of = None
        if week is not None and week.shifts:
            running = next((s for s in week.shifts if s.shift.span.end_ms > week.now_ms), week.shifts[-1])
            self._choose_shift(running)
        else:
            self._add_extra(None)

    def step_back(self) -> bool:
        """Leave the pad."""
        if self._panel is not self.pin:
            return False
        self._leave_pin()
        return True

    def hideEvent(self, event: QHideEvent) -> None:
        """Another screen is shown: what was looked at beforehand is forgotten."""
        self._entered = None
        self._preview = None
        if isinstance(self._panel, PinCard):
            self._show_panel(self._before)
        super().hideEvent(event)

    # -- changes --

    def _want(self, edit: object, why: str) -> None:
        if isinstance(edit, Edit):
            self._scheduling.change(edit, why)

    def _approve(self, stop: object, why: str) -> None:
        week = self._week
        if week is None or not isinstance(stop, PlannedStop):
            return
        if not self._scheduling.must_ask(week.people):
            self._scheduling.approve(stop, self._scheduling.who, why)
            return
        people = self._scheduling.askable(week.people)
        self._ask_pin(people, lambda person: self._scheduling.approve(stop, person.name, why))

    def _written(self) -> None:
        """The calendar is another one: it is asked for anew."""
        self.shift.of = None
        if self._panel is self.patterns:
            self._preview = None
            self._leave()
        if self._panel is self.stop:
            self._chosen = None
            self._show_panel(self.stop)
        elif isinstance(self._panel, PinCard):
            self._leave_pin()
        else:
            self._panel.say("")
            self._panel.why.setText("")
        self.question_changed.emit()

    def _failed(self, sentence: str) -> None:
        if not self.isVisible():
            self._scheduling.say(sentence)
        elif isinstance(self._panel, CalendarForm):
            if sentence == say_why():
                self._panel.why.show()
            self._panel.say(sentence)
        else:
            self._leave_pin()
            self._before.say(sentence)

    # -- asking for a PIN --

    def _ask_pin(self, people: tuple[Person, ...], then: Callable[[Person], object]) -> None:
        self.pin.who.offer([(person.name, person.id) for person in people])
        self.pin.who.setCurrentIndex(0)
        self.pin.who.setVisible(len(people) > 1)

        def person() -> Person:
            return next(each for each in people if each.id == self.pin.who.currentData())

        def ask(words: str) -> None:
            self.pin.pad.ask(_("PIN of {name}").format(name=person().name), words)
            self.pin.pad.setFocus()
            self.arranged()

        def looked(answer: PinAnswer) -> None:
            if self._entered is not entered:
                return  # it was left meanwhile
            if answer.right:
                self._leave_pin()
                then(person())
            else:
                ask(pin_words(answer))

        def entered(pin: str) -> None:
            self.pin.pad.wait(_("Being looked at"))
            self._scheduling.check(person(), pin, looked)

        self._entered = entered
        self._before = self.stop
        self._show_panel(self.pin)
        what = self.stop.called()
        ask(_("{what}. Approving it takes the PIN of a supervisor or administrator.").format(what=what))

    def _pin_entered(self, pin: str) -> None:
        if self._entered is not None:
            self._entered(pin)

    def _leave_pin(self) -> None:
        self._entered = None
        self._show_panel(self._before)

    # -- places --

    def arrange(self, width: int, height: int) -> int:
        """The week takes what the panel leaves."""
        right_px = 460  # seven days of the week stand in one row of it, each as wide as a finger
        top = 12 if height < 800 else TOP
        left_px = width - 2 * MARGIN - right_px - GAP
        crowded = left_px < _ROOMY_PX
        bar_px = width - 2 * MARGIN if crowded else left_px
        self.bar.setGeometry(MARGIN, top, bar_px, BAR_PX)
        self.bar.place()
        panel_top = top + BAR_PX + 8 if crowded else top
        y = top + BAR_PX + 8
        # A form scrolls in itself, so that its buttons stay in sight; only a pad asks for its whole height.
        least_px = FormCard.least_px()
        if isinstance(self._panel, PinCard):
            least_px = self._panel.wanted_px(right_px, height - TOP - panel_top)
        bottom = max(height - TOP, y + WeekSheet.least_px(), panel_top + least_px)
        self.sheet.setGeometry(MARGIN, y, left_px, bottom - y)
        self.sheet.place()
        self._panel.setGeometry(MARGIN + left_px + GAP, panel_top, right_px, bottom - panel_top)
        return bottom + (TOP if bottom + TOP > height else 0)

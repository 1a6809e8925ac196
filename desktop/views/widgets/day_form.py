"""A day, beside the week: what is different on it alone. Other times, a half holiday, a day off, another day."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop import calendar_words
from desktop.domain import scheduling
from desktop.domain.calendar import DayException, Kind, ShiftPattern
from desktop.domain.one_day import Exchange, HalfDay, MoveShift, halves
from desktop.domain.scheduling import AddHoliday, Cancel, Edit, TakeAway
from desktop.domain.week import CalendarWeek, WeekShift
from desktop.text import N_, _
from desktop.views.widgets.button import Button
from desktop.views.widgets.calendar_form import CalendarForm, TimeField, date_of
from desktop.views.widgets.choice import ChoiceField
from desktop.views.widgets.form_card import Row, Words
from desktop.views.widgets.option import Choice, Option
from desktop.views.widgets.text_field import TextField
from desktop.wording.moments import day_words

_MODES = {
    "time": N_("Other times"),
    "half": N_("Half holiday"),
    "off": N_("Day off"),
    "exchange": N_("Another day instead"),
}
_APPLY = {
    "time": N_("Change the times"),
    "half": N_("Make it a half holiday"),
    "off": N_("Make it a day off"),
    "exchange": N_("Exchange the days"),
}
_ALL = 0  # every shift of the day
_AROUND_DAYS = 14  # so far away another day may lie


class DayForm(CalendarForm):
    """A day: press what is to be different, then when; or take away what is."""

    extra_wanted = Signal(object)  # date
    stop_wanted = Signal(object)  # date

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("day-form", _("Apply"), parent)
        self.on: date | None = None
        self.mode = ""
        self.side = "first"  # which half of the shift is worked
        self.modes = [Option(f"day-{mode}", mode, self.body) for mode in _MODES]
        self.extra = Button("day-extra", _("Overtime, extra shift"), self.body, icon="plus")
        self.stop = Button("day-stop", _("Planned stop"), self.body, icon="plus")
        self.shift = ChoiceField("day-shift", _("Shift"), self.body)
        self.start = TimeField("day-start", _("Start"), self.body)
        self.end = TimeField("day-end", _("End"), self.body)
        self.halves = [Option(f"day-half-{side}", side, self.body) for side in ("first", "second")]
        self.other = ChoiceField("day-other", _("Worked on this day instead"), self.body)
        self.name = TextField("holiday-name", _("Name of the holiday"), self.body, most=40)
        self.gone = [Button(f"take-away-{n + 1}", "", self.body, icon="cross") for n in range(6)]
        for mode in self.modes:
            mode.clicked.connect(self._mode_pressed)
        for half in self.halves:
            half.clicked.connect(self._half_pressed)
        self.extra.clicked.connect(lambda: self.extra_wanted.emit(self.on))
        self.stop.clicked.connect(lambda: self.stop_wanted.emit(self.on))
        self.shift.currentIndexChanged.connect(self._shift_chosen)
        for field in (self.start, self.end):
            field.currentIndexChanged.connect(self._time_chosen)
        for n, button in enumerate(self.gone):
            button.clicked.connect(partial(self._take_away, n))
        self._known: object = None

    def show_day(self, week: CalendarWeek, on: date, of: WeekShift | None = None) -> None:
        """Show a day; `of`: the shift of it that is meant. What was chosen stays while the day is the same."""
        self.week = week
        face = (on, week.shop, tuple(s.shift for s in self._taking_place(on)))
        if self._known == face and of is None:
            return
        if self.on != on or of is not None:
            self.mode = "time" if of is not None else ""
            self.fault = ""
            for text in (self.name, self.why):
                text.setText("")
            self.area.verticalScrollBar().setValue(0)
        elif isinstance(self._known, tuple) and self._known[1] != week.shop:
            self.mode = ""  # it was applied
        self._known, self.on = face, on
        different = self._different()
        names = {p.id: p.name for p in week.shop.patterns}
        for n, button in enumerate(self.gone):
            button.setVisible(n < len(different))
            if n < len(different):
                each = different[n]
                words = calendar_words.exception_words(each, names.get(each.pattern or 0, ""))
                button.setText(words)
                button.setAccessibleName(_("Take away: {what}").format(what=words))
        self._offer_shifts()
        if of is not None:
            self.shift.choose(of.pattern.id)
        self._show_times()
        self._show()

    # -- what is chosen --

    def _taking_place(self, on: date | None) -> list[WeekShift]:
        return [] if self.week is None else [each for each in self.week.shifts if each.on == on]

    def _different(self) -> tuple[DayException, ...]:
        days = () if self.week is None else self.week.days
        return next((day.different for day in days if day.on == self.on), ())

    def _chosen(self) -> WeekShift | None:
        key = self.shift.currentData()
        return next((each for each in self._taking_place(self.on) if each.pattern.id == key), None)

    def _offer_shifts(self) -> None:
        shifts = [(each.shift.name, each.pattern.id) for each in self._taking_place(self.on)]
        # A whole day off is the usual one; where one shift takes place the two are the same.
        everybody = [(_("All shifts"), _ALL)] if self.mode == "off" else []
        self.shift.offer([*everybody, *shifts])

    def _mode_pressed(self) -> None:
        mode = self.sender()
        if isinstance(mode, Option):
            self.mode = mode.value
            self.say("")
            self._offer_shifts()
            if self.mode == "off":
                self.shift.choose(_ALL)
            self._show_times()
            self._show()

    def _half_pressed(self) -> None:
        half = self.sender()
        if isinstance(half, Option):
            self.side = half.value
            self._show_times()
            self._show()

    def _shift_chosen(self) -> None:
        self._show_times()
        self._show()

    def _time_chosen(self) -> None:
        self._show()

    def _show_times(self) -> None:
        """The times of the shift that is chosen, as they are on this day."""
        of, week = self._chosen(), self.week
        if of is None or week is None:
            return
        zone = week.shop.zone
        start, end = (scheduling.local_time(at_ms, zone) for at_ms in (of.shift.span.start_ms, of.shift.span.end_ms))
        if self.mode == "half":
            first_ends, second_begins = halves(of.shift, zone)
            start, end = (start, first_ends) if self.side == "first" else (second_begins, end)
        self.start.show_time(start)
        self.end.show_time(end)

    def _show(self) -> None:
        if self.week is None or self.on is None:
            return
        takes_place = bool(self._taking_place(self.on))
        free = any(each.kind is Kind.HOLIDAY for each in self._different())
        possible = {"time": takes_place, "half": takes_place, "exchange": takes_place, "off": not free}
        if not possible.get(self.mode, True):
            self.mode = ""
        for mode in self.modes:
            choice = Choice(mode.value, _(_MODES[mode.value]), possible=possible[mode.value])
            mode.show_choice(choice, _("On this day alone"), mode.value == self.mode)
        of = self._chosen()
        everybody = self.mode == "off" and of is None
        self.shift.setVisible(bool(self.mode) and self.shift.count() > 1)
        first = self.side == "first"
        self.start.setVisible(self.mode == "time" or (self.mode == "half" and not first))
        self.end.setVisible(self.mode == "time" or (self.mode == "half" and first))
        for half, words in zip(self.halves, self._half_words(of), strict=True):
            half.setVisible(self.mode == "half")
            half.show_choice(Choice(half.value, words), _("Which half is worked"), half.value == self.side)
        self.other.setVisible(self.mode == "exchange")
        if self.mode == "exchange":
            self.other.offer([(day_words(on), str(on)) for on in self._other_days()])
        self.name.setVisible(everybody)
        words = _(_APPLY[self.mode]) if self.mode else _("Apply")
        self.apply.setText(words)
        self.apply.setAccessibleName(words)
        self.apply.setVisible(bool(self.mode))
        self.past(self.on)
        if not self.mode and not self._different():
            self.why.hide()
        self.again()

    def _half_words(self, of: WeekShift | None) -> tuple[str, str]:
        if of is None or self.week is None:
            return "", ""
        zone = self.week.shop.zone
        start, end = (scheduling.local_time(at_ms, zone) for at_ms in (of.shift.span.start_ms, of.shift.span.end_ms))
        first_ends, second_begins = halves(of.shift, zone)
        return f"{start:%H:%M}–{first_ends:%H:%M}", f"{second_begins:%H:%M}–{end:%H:%M}"

    def _other_days(self) -> list[date]:
        """The days around on which the shift that is chosen does not take place, those to come first."""
        of, week, on = self._chosen(), self.week, self.on
        if of is None or week is None or on is None:
            return []
        around = [on + timedelta(days=n) for n in (*range(1, _AROUND_DAYS + 1), *range(-1, -_AROUND_DAYS - 1, -1))]
        return [
            each for each in around
            if scheduling.in_force(week.shop, of.pattern.id, each) is not None
            and all(s.pattern != of.pattern.id for s in scheduling.started_on(week.shop, each))
        ]  # fmt: skip

    def _take_away(self, n: int) -> None:
        if n < len(different := self._different()):
            self.want(TakeAway(different[n]))

    def edit(self) -> Edit | None:
        """What is to be different."""
        of, on = self._chosen(), self.on
        if on is None:
            return None
        if self.mode == "off" and of is None:
            return AddHoliday(on, self.name.text().strip())
        if of is None:
            return None
        key = of.pattern.id
        if self.mode == "time":
            return MoveShift(on, key, self.start.time(), self.end.time())
        if self.mode == "half":
            first = self.side == "first"
            return HalfDay(on, key, None if first else self.start.time(), self.end.time() if first else None)
        if self.mode == "off":
            return Cancel(on, key)
        other = date_of(self.other)
        return Exchange(key, on, other) if self.mode == "exchange" and other is not None else None

    # -- what it holds --

    def title(self) -> str:
        return day_words(self.on) if self.on is not None else ""

    def _wanted(self) -> ShiftPattern | None:
        """The shift with the times that are chosen."""
        of = self._chosen()
        if of is None or self.mode not in ("time", "half"):
            return None
        zone = ZoneInfo(self.zone_name)
        start, end = (scheduling.local_time(at_ms, zone) for at_ms in (of.shift.span.start_ms, of.shift.span.end_ms))
        if self.mode == "time" or self.side == "second":
            start = self.start.time()
        if self.mode == "time" or self.side == "first":
            end = self.end.time()
        return replace(of.pattern, start=start, end=end)

    def _told(self) -> str:
        """What it comes to."""
        wanted = self._wanted()
        if wanted is not None:
            if wanted.start == wanted.end:
                return _("It ends when it begins. Choose another end.")
            whole, off = scheduling.length_ms(wanted), scheduling.break_ms(wanted)
            return "\n".join(calendar_words.load_words(wanted, whole, off))
        if self.mode == "exchange" and not self.other.count():
            return _("There is no day off within two weeks.")
        return ""

    def rows(self) -> list[Row]:
        listed: list[Row] = []
        if self._different():
            listed = [Words(_("Different on this day: press to take it away")), *([(b, 1)] for b in self.gone)]
        ways: list[Row] = [
            Words(_("On this day alone"), head=True),
            [(self.modes[0], 1), (self.modes[1], 1)],
            [(self.modes[2], 1), (self.modes[3], 1)],
        ]
        others: list[Row] = [[(self.extra, 1)], [(self.stop, 1)]]
        if not self.mode:
            return [*listed, *ways, *others]
        half = self.mode == "half"
        fields: list[Row] = [
            Words(_("Which half is worked") if half else ""),
            [(each, 1) for each in self.halves],
            [(self.shift, 1), *([(self.start, 1), (self.end, 1)] if half else [])],
            *([] if half else [[(self.start, 1), (self.end, 1)]]),
            [(self.other, 1)],
            [(self.name, 1)],
            Words(self._told(), plate=True),
        ]
        return [*ways, *fields, *others, *listed]  # what is chosen next stands where the eye is

"""A shift as it is written, beside the week: its times, days, crew, people and breaks, and from when on."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop import calendar_words
from desktop.domain import calendar, scheduling
from desktop.domain.calendar import ShiftPattern
from desktop.domain.scheduling import ChangeShift, Edit
from desktop.domain.week import CalendarWeek, WeekShift
from desktop.text import _
from desktop.views.widgets.button import Button
from desktop.views.widgets.calendar_form import CalendarForm
from desktop.views.widgets.choice import ChoiceField
from desktop.views.widgets.form_card import Row, Words
from desktop.views.widgets.hours_fields import HoursFields
from desktop.wording.moments import crew_word, day_words
from desktop.wording.numbers import UNKNOWN

_MOST_PEOPLE = 60


class ShiftForm(CalendarForm):
    """A shift: its times, days, crew, people and breaks, and from when on."""

    alone_wanted = Signal(object)  # the WeekShift that is to be different on its day alone

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("shift-form", _("Apply"), parent)
        self.of: WeekShift | None = None
        self.since = "next"
        self.hours = HoursFields("", self.body)
        self.start, self.end, self.breaks, self.add = (
            self.hours.start, self.hours.end, self.hours.breaks, self.hours.add,
        )  # fmt: skip
        self.crew = ChoiceField("shift-crew", _("Crew"), self.body)
        self.count = ChoiceField("shift-people", _("Usual people"), self.body)
        self.when = ChoiceField("shift-since", _("From when on"), self.base)
        self.alone = Button("shift-alone", _("Only this day is different"), self.body, icon="calendar")
        self.hours.changed.connect(self._changed)
        self.hours.turned.connect(self._show)
        self.when.currentIndexChanged.connect(self._when_chosen)
        self.alone.clicked.connect(lambda: self.alone_wanted.emit(self.of))

    def show_shift(self, week: CalendarWeek, of: WeekShift) -> None:
        """Show a shift; what was chosen of the same one stays."""
        self.week = week
        if self.of == of:
            return
        self.of, pattern = of, of.pattern
        self.since = "next" if of.shift.span.start_ms <= week.now_ms else "from"
        self.why.setText("")
        self.fault = ""
        turning = any(pattern.id in r.patterns and len(set(r.crews)) > 1 for r in week.shop.rotations)
        # "A" and "A조" are one crew: of what is said alike the one that the shop has already.
        crews = {crew_word(crew): crew for crew in ("", "C", "B", "A", *reversed(week.crews), pattern.crew)}
        self.crew.offer([(crew_word(crew) or UNKNOWN, crew) for crew in sorted(crews.values())])
        self.crew.choose(pattern.crew)
        self.crew.setEnabled(not turning)
        self.count.offer([(str(n) if n else UNKNOWN, n) for n in range(max(_MOST_PEOPLE, pattern.people) + 1)])
        self.count.choose(pattern.people)
        self.hours.show_hours(pattern)
        self.area.verticalScrollBar().setValue(0)

    def _show(self) -> None:
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

    def _when_chosen(self) -> None:
        chosen = str(self.when.currentData())
        if self.of is not None and chosen != self.since:
            self.since = chosen
            self.past(self.of.on if chosen != "next" else None)
            self.again()

    def pattern(self) -> ShiftPattern | None:
        """The shift as it is chosen."""
        if self.of is None:
            return None
        crew, people = str(self.crew.currentData() or ""), int(self.count.currentData() or 0)
        return replace(self.hours.hours(self.of.pattern), crew=crew, people=people)

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
        return [
            *self.hours.first_rows(),
            [(self.crew, 1), (self.count, 1)],
            *self.hours.rows(pattern),
            Words("\n".join(calendar_words.load_words(pattern, whole, off)), plate=True),
            [(self.alone, 1)],
        ]

    def foot(self) -> list[Row]:
        return [[(self.when, 1)], *super().foot()]

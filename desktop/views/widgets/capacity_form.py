"""The standard calendar beside the week: by which hours capacity is counted, from when on, and what that comes to."""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import partial

from PySide6.QtWidgets import QWidget

from desktop import calendar_words
from desktop.domain import calendar, standard_hours
from desktop.domain.calendar import ALWAYS, Kind, ShiftPattern, StandardCapacity
from desktop.domain.scheduling import Edit, monday_of
from desktop.domain.standard_hours import DropCapacity, SetCapacity
from desktop.domain.week import CalendarWeek
from desktop.text import N_, _, plural
from desktop.views.widgets.button import Button
from desktop.views.widgets.calendar_form import CalendarForm, date_of
from desktop.views.widgets.choice import ChoiceField
from desktop.views.widgets.form_card import Row, Words
from desktop.views.widgets.hours_fields import HoursFields
from desktop.views.widgets.option import Choice, Option
from desktop.wording.moments import day_words

_MOST_SHIFTS = 4
_MOST_SHOWN = 24  # holidays with a button of their own; of more the rest is counted
_MONTHS = 15  # so many months a holiday may be chosen from
_WHOLE = frozenset((1, 2, 3, 4, 5))


class CapacityForm(CalendarForm):
    """Shifts of the standard calendar one by one, its holidays, and from when on it holds: always a new version."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("capacity-form", _("Apply"), parent)
        self._shifts: list[ShiftPattern] = []
        self._place = 0
        self._free: set[date] = set()
        self._known: object = None
        self._loaded: object = None  # shifts and holidays as they were before somebody changed them
        self.tabs = [Option(f"standard-{n + 1}", str(n), self.body) for n in range(_MOST_SHIFTS)]
        self.hours = HoursFields("standard-", self.body)
        self.more = Button("standard-more", _("Add a shift"), self.body, icon="plus")
        self.less = Button("standard-less", _("Take this shift out"), self.body, icon="cross")
        self.usual = Button("standard-usual", _("Take the shifts as they are now"), self.body, icon="calendar")
        self.month = ChoiceField("standard-month", _("Month"), self.body)
        self.day = ChoiceField("standard-day", _("Day of the month"), self.body)
        self.add = Button("standard-holiday", _("Add the holiday"), self.body, icon="plus")
        self.take = Button("standard-holidays", "", self.body)
        self.free = [Button(f"standard-free-{n + 1}", "", self.body, icon="cross") for n in range(_MOST_SHOWN)]
        self.drop = Button("standard-drop", "", self.body)
        self.since = ChoiceField("standard-since", _("From when on"), self.base)
        for tab in self.tabs:
            tab.clicked.connect(self._tab_pressed)
        for n, button in enumerate(self.free):
            button.clicked.connect(partial(self._give_back, n))
        self.hours.changed.connect(self._keep)
        self.hours.turned.connect(self._keep)
        self.more.clicked.connect(self._one_more)
        self.less.clicked.connect(self._one_less)
        self.usual.clicked.connect(self._as_now)
        self.month.currentIndexChanged.connect(self._offer_days)
        self.add.clicked.connect(self._add_holiday)
        self.take.clicked.connect(self._take_holidays)
        self.drop.clicked.connect(self._drop)
        self.since.currentIndexChanged.connect(self._since_chosen)

    def show_week(self, week: CalendarWeek) -> None:
        """Show the standard calendar; what was chosen stays while it is the same."""
        self.week = week
        face = (week.shop.capacity, self._today())
        if self._known == face:
            return
        self._known = face
        self.why.setText("")
        self.fault = ""
        self._offer_since()
        self._load()
        self._offer_months()
        self._show()
        self.area.verticalScrollBar().setValue(0)

    # -- what is known --

    def _today(self) -> date:
        week = self.week
        return ALWAYS if week is None else calendar.local_date(week.now_ms, week.shop.zone)

    def _newest(self) -> StandardCapacity | None:
        """The version with the latest date."""
        versions = () if self.week is None else self.week.shop.capacity
        return max(versions, key=lambda version: version.valid_from, default=None)

    def _from(self) -> date:
        return date_of(self.since) or self._today()

    def _seen(self) -> StandardCapacity | None:
        return None if self.week is None else standard_hours.version_on(self.week.shop, self._from())

    def _off_in_the_shop(self) -> set[date]:
        """The holidays of the shop's calendar that the standard one does not have."""
        exceptions = () if self.week is None else self.week.shop.exceptions
        return {e.on for e in exceptions if e.kind is Kind.HOLIDAY} - self._free

    # -- what is chosen --

    def _load(self) -> None:
        """The version that holds on the date that is chosen, or what a shop may begin with."""
        stands, week = self._seen(), self.week
        if week is None:
            return
        self._free = set(stands.holidays) if stands is not None else set()
        self._begin(stands.patterns if stands is not None else standard_hours.proposed(week.shop, self._today()))
        self._loaded = tuple(self._shifts), frozenset(self._free)

    def _begin(self, patterns: tuple[ShiftPattern, ...]) -> None:
        self._shifts = [*patterns][:_MOST_SHIFTS]
        self._place = 0
        if self._shifts:
            self.hours.show_hours(self._shifts[0])

    def _keep(self) -> None:
        """What the fields hold is of the shift whose tab is chosen."""
        if self._place < len(self._shifts):
            self._shifts[self._place] = self.hours.hours(self._shifts[self._place])
        self._show()

    def _tab_pressed(self) -> None:
        tab = self.sender()
        if isinstance(tab, Option):
            self._place = int(tab.value)
            self.hours.show_hours(self._shifts[self._place])

    def _one_more(self) -> None:
        last = self._shifts[-1] if self._shifts else None
        start = last.end if last is not None else time(8)
        end = start.replace(hour=(start.hour + 8) % 24)
        names = {p.name for p in self._shifts}
        name = next(n for n in (_("Shift {number}").format(number=k) for k in range(1, 99)) if n not in names)
        self._shifts.append(ShiftPattern(0, name, start, end, last.weekdays if last is not None else _WHOLE))
        self._place = len(self._shifts) - 1
        self.hours.show_hours(self._shifts[self._place])

    def _one_less(self) -> None:
        del self._shifts[self._place]
        self._place = max(self._place - 1, 0)
        if self._shifts:
            self.hours.show_hours(self._shifts[self._place])
        self._show()

    def _as_now(self) -> None:
        if self.week is not None:
            self._begin(standard_hours.proposed(self.week.shop, self._today()))
            self._show()

    def _since_chosen(self) -> None:
        """Another date: what nobody changed yet becomes the version of that date."""
        if self._loaded == (tuple(self._shifts), frozenset(self._free)):
            self._load()
        self._show()

    def _add_holiday(self) -> None:
        on = date_of(self.day)
        if on is not None:
            self._free.add(on)
            self._offer_days()

    def _take_holidays(self) -> None:
        self._free |= self._off_in_the_shop()
        self._show()

    def _give_back(self, n: int) -> None:
        self._free.discard(self._listed()[n])
        self._offer_days()

    def _drop(self) -> None:
        newest = self._newest()
        if newest is not None:
            self.want(DropCapacity(newest))

    def _listed(self) -> list[date]:
        """The holidays with a button: those to come, then those that were."""
        today = self._today()
        return sorted(self._free, key=lambda on: (on < today, on if on >= today else today - (on - today)))

    # -- what is offered --

    def _offer_since(self) -> None:
        today = self._today()
        month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        offered = {
            today + timedelta(days=1): _("From tomorrow on"),
            monday_of(today) + timedelta(days=7): "",
            month: "",
            date(today.year + 1, 1, 1): "",
            today: _("From today on"),
            today.replace(day=1): "",
            date(today.year, 1, 1): "",
        }
        if self.week is not None and not self.week.shop.capacity:
            offered[ALWAYS] = _("From the beginning")
        self.since.offer(
            [(words or _("From {on} on").format(on=on.isoformat()), str(on)) for on, words in offered.items()]
        )

    def _offer_months(self) -> None:
        first = self._today().replace(day=1)
        months = [first]
        while len(months) < _MONTHS:
            months.append((months[-1] + timedelta(days=32)).replace(day=1))
        self.month.offer([(f"{each:%Y-%m}", str(each)) for each in months])
        self._offer_days()

    def _offer_days(self) -> None:
        first = date_of(self.month)
        if first is None:
            return
        days = [first + timedelta(days=n) for n in range(31)]
        fit = [on for on in days if on.month == first.month and on not in self._free]
        self.day.offer([(day_words(on), str(on)) for on in fit])
        self._show()

    def _show(self) -> None:
        if self.week is None:
            return
        many = len(self._shifts)
        for n, tab in enumerate(self.tabs):
            tab.setVisible(n < many and many > 1)
            if n < many:
                tab.show_choice(Choice(str(n), self._shifts[n].name), _("Shift"), n == self._place)
        self.hours.show_all(bool(many))
        self.more.setVisible(many < _MOST_SHIFTS)
        self.less.setVisible(many > 1)
        self.usual.setVisible(bool(standard_hours.proposed(self.week.shop, self._today())))
        listed = self._listed()
        for n, button in enumerate(self.free):
            button.setVisible(n < len(listed))
            if n < len(listed):
                words = f"{listed[n]:%Y-%m-%d}"
                button.setText(words)
                button.setAccessibleName(_("Take away: {what}").format(what=words))
        more = len(self._off_in_the_shop())
        self.take.setVisible(bool(more))
        words = plural(
            N_("Take the {count} holiday of the calendar"), N_("Take the {count} holidays of the calendar"), more
        ).format(count=more)
        self.take.setText(words)
        self.take.setAccessibleName(words)
        newest = self._newest()
        self.drop.setVisible(newest is not None)
        if newest is not None:
            since = calendar_words.since_words(newest.valid_from)
            words = _("Take out the version from {on} on").format(on=since)
            self.drop.setText(words)
            self.drop.setAccessibleName(words)
        self.past(self._from())
        self.again()

    def edit(self) -> Edit | None:
        """The new version."""
        return SetCapacity(self._from(), tuple(self._shifts), frozenset(self._free), self._seen())

    # -- what it holds --

    def title(self) -> str:
        return _("Standard capacity")

    def note(self) -> str:
        """What a day of the hours that are chosen comes to, in sight wherever the form stands."""
        minutes = standard_hours.day_ms(self._shifts) // 60_000
        return _("{minutes} min a day").format(minutes=f"{minutes:,}") if self._shifts else ""

    def _stands(self) -> str:
        """What holds today, and what will."""
        if self.week is None:
            return ""
        today = self._today()
        now = standard_hours.version_on(self.week.shop, today)
        if now is None:
            shifts = standard_hours.proposed(self.week.shop, today)
            told = [_("None is set up: the shifts as written are the capacity.")]
            told += [calendar_words.capacity_words(shifts)] if shifts else []
        else:
            told = [*map(calendar_words.standard_words, now.patterns), calendar_words.capacity_words(now.patterns),
                    _("Holds from {on} on").format(on=calendar_words.since_words(now.valid_from))]  # fmt: skip
        told += [
            _("From {on} on: {words}").format(
                on=version.valid_from.isoformat(), words=", ".join(map(calendar_words.standard_words, version.patterns))
            )
            for version in self.week.shop.capacity
            if version.valid_from > today
        ]
        return "\n".join(told)

    def _comes_to(self) -> str:
        """What the hours that are chosen come to: a day, a week, and the month in which they begin."""
        if self.week is None or not self._shifts:
            return ""
        on = self._from() if self._from() != ALWAYS else self._today()
        version = StandardCapacity(standard_hours.plain(self._shifts), frozenset(self._free))
        month = standard_hours.month_ms(version, on, self.week.shop.zone) // 60_000
        return "\n".join(
            (
                calendar_words.capacity_words(self._shifts),
                _("{month}: {minutes} min without its holidays").format(month=f"{on:%Y-%m}", minutes=f"{month:,}"),
            )
        )

    def rows(self) -> list[Row]:
        shown = [button for button in self.free if not button.isHidden()]
        listed: list[Row] = [[(b, 1) for b in shown[n : n + 2]] + [(None, 1)] * (n + 1 == len(shown))
                             for n in range(0, len(shown), 2)]  # fmt: skip
        rest = len(self._free) - len(shown)
        count = len(self._free)
        note = plural(N_("{count} holiday"), N_("{count} holidays"), count).format(count=count) if count else ""
        of = self._shifts[self._place] if self._place < len(self._shifts) else None
        return [
            Words(
                _(
                    "Capacity utilisation = what was made at the ideal cycle ÷ this time. It is locked: overtime, extra"
                    " shifts and days off do not change it, so it may pass 100 %. No other figure depends on it."
                )
            ),
            Words(self._stands(), plate=True),
            [(self.usual, 1)],
            [(tab, 1) for tab in self.tabs[:2]],
            [(tab, 1) for tab in self.tabs[2:]],
            *(self.hours.first_rows() if of is not None else []),
            *(self.hours.rows(of) if of is not None else []),
            Words(self._comes_to(), plate=True),
            [(self.more, 1)],
            [(self.less, 1)],
            Words(_("Standard holidays"), head=True, note=note),
            [(self.month, 1), (self.day, 1)],
            [(self.add, 1)],
            [(self.take, 1)],
            *listed,
            Words(_("... and {count} more").format(count=rest) if rest > 0 else ""),
            [(self.drop, 1)],
        ]

    def foot(self) -> list[Row]:
        return [[(self.since, 1)], *super().foot()]

"""The standard calendar: versions with a date, what they come to, and from when on they are judged."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from msgspec.structs import replace

from desktop.domain import calendar, scheduling
from desktop.domain.calendar import ALWAYS, Break, Calendar, ShiftPattern, StandardCapacity
from desktop.domain.scheduling import Edit, changed, touched
from desktop.domain.spans import Span
from desktop.domain.standard_hours import (
    DropCapacity,
    SetCapacity,
    day_ms,
    month_ms,
    plain,
    proposed,
    version_on,
    week_ms,
)
from tests.domain.test_scheduling import DAY, DAY_MS, MINUTE, NOW, SEOUL, THURSDAY, TWO, WORKDAYS, at, refusal

LUNCH = Break("식사", time(12), time(13))
STANDARD = ShiftPattern(1, "표준", time(8), time(17), WORKDAYS, (LUNCH,))
TOMORROW = THURSDAY + timedelta(days=1)


def test_what_a_standard_calendar_comes_to_by_hand() -> None:
    assert day_ms((STANDARD,)) == 480 * MINUTE
    assert week_ms((STANDARD,)) == 5 * 480 * MINUTE
    version = StandardCapacity((STANDARD,), frozenset((date(2026, 11, 9), date(2026, 11, 8), date(2026, 12, 25))))
    assert month_ms(version, THURSDAY, SEOUL) == 20 * 480 * MINUTE, "21 working days, one of them a holiday"


def test_the_default_is_the_shifts_as_they_are_written() -> None:
    assert proposed(TWO, THURSDAY) == (
        replace(DAY, crew="", people=0), replace(TWO.patterns[1], crew="", people=0),
    )  # fmt: skip
    assert proposed(Calendar(SEOUL), THURSDAY) == ()
    meal = Break("석식", time(20), time(20, 30))
    handed = replace(TWO, patterns=(replace(DAY, end=time(20, 10), breaks=(LUNCH, meal)), TWO.patterns[1]))
    assert proposed(handed, THURSDAY) == proposed(TWO, THURSDAY), "handover and the meal before overtime are none of it"


def test_a_version_holds_from_its_date_on_and_one_of_the_same_date_takes_its_place() -> None:
    one = changed(TWO, SetCapacity(ALWAYS, (STANDARD,)), NOW)
    assert calendar.capacity_ms(one, Span(at(THURSDAY, "00:00"), at(TOMORROW, "00:00"))) == 480 * MINUTE
    seen = version_on(one, TOMORROW)
    two = changed(one, SetCapacity(TOMORROW, (replace(STANDARD, end=time(18)),), before=seen), NOW)
    assert [v.valid_from for v in two.capacity] == [ALWAYS, TOMORROW]
    assert calendar.capacity_ms(two, Span(at(TOMORROW, "00:00"), at(TOMORROW, "23:00"))) == 540 * MINUTE
    three = changed(two, SetCapacity(TOMORROW, (replace(STANDARD, end=time(16)),), before=two.capacity[1]), NOW)
    assert [v.patterns[0].end for v in three.capacity] == [time(17), time(16)]
    assert changed(three, DropCapacity(three.capacity[1]), NOW) == one


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (SetCapacity(TOMORROW, ()), "no_shifts"),
        (SetCapacity(TOMORROW, (replace(STANDARD, weekdays=frozenset()),)), "no_days"),
        (SetCapacity(TOMORROW, (replace(STANDARD, end=time(8)),)), "no_length"),
        (SetCapacity(TOMORROW, (replace(STANDARD, breaks=(Break("b", time(18), time(19)),)),)), "break_outside"),
        (SetCapacity(TOMORROW, (STANDARD, replace(STANDARD, name="둘", start=time(16), end=time(20), breaks=()))),
         "standard_overlap"),
        (SetCapacity(TOMORROW, (STANDARD,), before=StandardCapacity((STANDARD,))), "capacity_changed"),
        (DropCapacity(StandardCapacity((STANDARD,))), "gone"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_so(edit: Edit, kind: str) -> None:
    assert refusal(TWO, edit)[0] == kind


def test_the_same_again_is_refused() -> None:
    one = changed(TWO, SetCapacity(ALWAYS, (STANDARD,)), NOW)
    assert refusal(one, SetCapacity(TOMORROW, (STANDARD,), before=one.capacity[0]))[0] == "nothing"


def test_what_begins_tomorrow_touches_nothing_of_today_and_asks_for_no_reason() -> None:
    past = Span(NOW - 5 * DAY_MS, NOW)
    made = changed(TWO, SetCapacity(TOMORROW, (STANDARD,)), NOW)
    assert touched(TWO, made, past) == ()
    assert not scheduling.retroactive(TWO, made, past)
    today = changed(TWO, SetCapacity(THURSDAY, (STANDARD,)), NOW)
    assert touched(TWO, today, past) == (Span(at(THURSDAY, "00:00"), NOW),)
    assert scheduling.retroactive(TWO, today, past)


def test_shifts_keep_nothing_but_their_times() -> None:
    [kept] = plain((replace(DAY, id=7, people=6, valid_from=THURSDAY, business_days=1),))
    assert kept == replace(DAY, id=1, crew="")

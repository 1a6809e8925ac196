"""The shop's own shifts: crews that take turns from a date on, and a shift that ends."""

from __future__ import annotations

from datetime import date, time, timedelta

from msgspec.structs import replace

from desktop.domain.calendar import Break, DayException, Kind
from desktop.domain.own_shifts import EndShift, left_alone, turns, with_turns
from desktop.domain.scheduling import UsePatterns, changed, in_force_on, started_on
from tests.domain.test_scheduling import DAY, NIGHT, NOW, THURSDAY, TWO, clocks, refusal

MONDAY = date(2026, 11, 23)


def crews(shop: object, on: date) -> list[str]:
    return [s.crew for s in started_on(shop, on)]  # type: ignore[arg-type]


def test_crews_of_the_own_shifts_take_turns_every_two_weeks_and_stop_it_where_they_are() -> None:
    assert turns(TWO, MONDAY) == 0
    edit = with_turns(TWO, MONDAY, 14)
    assert isinstance(edit, UsePatterns)
    made = changed(TWO, edit, NOW)
    assert turns(made, MONDAY) == 14
    assert clocks(made, MONDAY) == clocks(TWO, MONDAY), "the hours stay"
    assert crews(made, MONDAY) == ["A", "B"]
    assert crews(made, MONDAY + timedelta(days=11)) == ["A", "B"]
    later = MONDAY + timedelta(days=14)
    assert crews(made, later) == ["B", "A"]
    stop = with_turns(made, later, 0)
    assert stop is not None
    fixed = changed(made, stop, NOW)
    assert turns(fixed, later) == 0
    assert crews(fixed, later + timedelta(days=28)) == ["B", "A"], "each stays where it is then"
    assert crews(fixed, MONDAY) == ["A", "B"], "what was before stays"


def test_a_shift_without_a_crew_gets_a_letter_and_a_meal_before_overtime_is_no_fault() -> None:
    meal = Break("석식", time(20), time(20, 30))
    shop = replace(TWO, patterns=(replace(DAY, crew="A", breaks=(*DAY.breaks, meal)), replace(NIGHT, crew="")))
    edit = with_turns(shop, MONDAY, 7)
    assert edit is not None
    assert [p.crew for p in edit.patterns] == ["A", "B"]
    assert crews(changed(shop, edit, NOW), MONDAY + timedelta(days=7)) == ["B", "A"]
    assert with_turns(replace(TWO, patterns=()), MONDAY, 7) is None


def test_a_shift_that_is_left_alone_keeps_the_crew_of_the_date_on_which_the_other_ends() -> None:
    weekly = with_turns(TWO, MONDAY, 7)
    assert weekly is not None
    shop = changed(TWO, weekly, NOW)
    for since, crew in ((MONDAY + timedelta(days=9), "B"), (MONDAY + timedelta(days=16), "A"), (MONDAY, "A")):
        assert left_alone(shop, 2, since) == (1,)
        made = changed(shop, EndShift(NIGHT, since), NOW)
        days = [since + timedelta(days=n) for n in range(0, 35, 7)]
        assert [crews(made, on) for on in days] == [[crew]] * 5, "nobody is there to take turns with"
        assert turns(made, since) == 0
        assert [p.crew for p in in_force_on(made, since)] == [crew], "the form shows it so"
        before = since - timedelta(days=since.weekday() or 7)
        assert crews(made, before) == crews(shop, before), "what was before stays"
    again = with_turns(TWO, MONDAY + timedelta(days=14), 14)  # chosen already for later
    assert again is not None
    made = changed(changed(shop, again, NOW), EndShift(NIGHT, MONDAY + timedelta(days=7)), NOW)
    assert [crews(made, MONDAY + timedelta(days=n)) for n in (0, 7, 14, 28)] == [["A", "B"], ["B"], ["B"], ["B"]]


def test_two_shifts_that_are_left_of_three_go_on_taking_turns() -> None:
    early = replace(DAY, id=3, name="오전", start=time(5), end=time(8), crew="C", breaks=())
    night = replace(NIGHT, end=time(5), breaks=())
    weekly = with_turns(replace(TWO, patterns=(DAY, night, early)), MONDAY, 7)
    assert weekly is not None
    shop = changed(replace(TWO, patterns=(DAY, night, early)), weekly, NOW)
    made = changed(shop, EndShift(night, MONDAY), NOW)
    assert left_alone(shop, 2, MONDAY) == ()
    assert turns(made, MONDAY) == 7
    assert made.rotations == shop.rotations


def test_a_shift_ends_from_a_date_on_with_what_was_said_of_its_days() -> None:
    moved = DayException(MONDAY, Kind.MOVED, 2, time(21), time(7))
    kept = DayException(THURSDAY, Kind.MOVED, 2, time(21), time(7))
    shop = replace(TWO, exceptions=(moved, kept))
    made = changed(shop, EndShift(NIGHT, MONDAY), NOW)
    assert [name for name, *_hours in clocks(made, MONDAY)] == ["주간"]
    assert [name for name, *_hours in clocks(made, MONDAY - timedelta(days=3))] == ["주간", "야간"]
    assert made.exceptions == (kept,)
    assert refusal(made, EndShift(NIGHT, MONDAY))[0] == "no_shift"
    assert refusal(made, EndShift(DAY, MONDAY))[0] == "last_shift"

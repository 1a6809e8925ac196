"""What is different on one day alone: other times, a half holiday, another day; and what cannot be meant so."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from msgspec.structs import replace

from desktop.domain import calendar
from desktop.domain.calendar import Break, DayException, Kind
from desktop.domain.one_day import Exchange, HalfDay, MoveShift, halves
from desktop.domain.scheduling import AddExtra, AddOvertime, Cancel, ChangeShift, Edit, TakeAway, changed, started_on
from tests.domain.test_scheduling import DAY, NIGHT, NOW, ONE, SATURDAY, SEOUL, THURSDAY, TWO, at, clocks, refusal

FRIDAY = THURSDAY + timedelta(days=1)


def test_a_shift_is_at_another_time_on_one_day_alone() -> None:
    made = changed(ONE, MoveShift(FRIDAY, 1, time(9), time(18)), NOW)
    assert clocks(made, FRIDAY) == [("주간", "09:00", "18:00")]
    assert clocks(made, FRIDAY + timedelta(days=7)) == [("주간", "08:00", "17:00")]
    again = changed(made, MoveShift(FRIDAY, 1, time(10), time(19)), NOW + 1)
    assert clocks(again, FRIDAY) == [("주간", "10:00", "19:00")]
    assert len(again.exceptions) == 1
    back = changed(again, MoveShift(FRIDAY, 1, time(8), time(17)), NOW + 2)
    assert back == ONE, "the usual times are no exception"


def test_overtime_and_a_half_of_before_go_with_other_times() -> None:
    longer = changed(ONE, AddOvertime("주간", FRIDAY, at(FRIDAY, "19:00")), NOW)
    made = changed(longer, MoveShift(FRIDAY, 1, time(9), time(18)), NOW)
    assert clocks(made, FRIDAY) == [("주간", "09:00", "18:00")]
    half = changed(made, HalfDay(FRIDAY, 1, end=time(12)), NOW)
    assert clocks(half, FRIDAY) == [("주간", "09:00", "12:00")], "a half of the day as it is"
    assert clocks(changed(half, MoveShift(FRIDAY, 1, time(7), time(16)), NOW), FRIDAY) == [("주간", "07:00", "16:00")]


def test_an_extra_shift_keeps_being_extra_at_another_time() -> None:
    extra = changed(ONE, AddExtra(SATURDAY, 1, time(8), time(12)), NOW)
    made = changed(extra, MoveShift(SATURDAY, 1, time(9), time(13)), NOW)
    assert clocks(made, SATURDAY) == [("주간", "09:00", "13:00")]
    assert [e.kind for e in made.exceptions] == [Kind.EXTRA]
    longer = changed(made, AddOvertime("주간", SATURDAY, at(SATURDAY, "15:00")), NOW)
    gone = changed(longer, TakeAway(made.exceptions[0]), NOW)
    assert gone == ONE, "with the extra shift goes its overtime"


def test_a_day_that_is_written_alone_takes_the_place_of_other_times() -> None:
    moved = changed(ONE, MoveShift(FRIDAY, 1, time(9), time(18)), NOW)
    day = ONE.patterns[0]
    made = changed(moved, ChangeShift(day, replace(day, start=time(7)), FRIDAY, only=True), NOW)
    assert clocks(made, FRIDAY) == [("주간", "07:00", "17:00")]


def test_a_half_holiday_is_one_half_of_a_day_shift() -> None:
    made = changed(ONE, HalfDay(FRIDAY, 1, end=time(12)), NOW)
    assert clocks(made, FRIDAY) == [("주간", "08:00", "12:00")]
    other = changed(made, HalfDay(FRIDAY, 1, start=time(13)), NOW)
    assert clocks(other, FRIDAY) == [("주간", "13:00", "17:00")]
    assert len(other.exceptions) == 1


@pytest.mark.parametrize(
    ("half", "expected"),
    [
        (HalfDay(FRIDAY, 2, end=time(0)), ("야간", "20:00", "00:00")),
        (HalfDay(FRIDAY, 2, end=time(23)), ("야간", "20:00", "23:00")),
        (HalfDay(FRIDAY, 2, start=time(1)), ("야간", "01:00", "08:00")),
    ],
)
def test_a_half_of_a_night_lies_on_either_side_of_midnight(half: Edit, expected: tuple[str, str, str]) -> None:
    made = changed(TWO, half, NOW)
    assert clocks(made, FRIDAY)[1:] == [expected]
    [night] = [s for s in started_on(made, FRIDAY) if s.pattern == 2]
    assert night.business_on == FRIDAY
    assert started_on(made, SATURDAY) == ()


def test_a_half_of_all_shifts_ends_the_date_for_the_night_too() -> None:
    made = replace(TWO, exceptions=(DayException(FRIDAY, Kind.HALF, end=time(12)),))
    assert clocks(made, FRIDAY) == [("주간", "08:00", "12:00")]


def test_a_day_is_exchanged_for_another() -> None:
    made = changed(ONE, Exchange(1, FRIDAY, SATURDAY), NOW)
    assert clocks(made, FRIDAY) == []
    assert clocks(made, SATURDAY) == [("주간", "08:00", "17:00")]
    assert {e.kind for e in made.exceptions} == {Kind.CANCELLED, Kind.EXTRA}


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (MoveShift(FRIDAY, 1, time(9), time(9)), "no_length"),
        (MoveShift(SATURDAY, 1, time(9), time(18)), "no_shift"),
        (MoveShift(FRIDAY, 1, time(8), time(20)), "nothing"),
        (MoveShift(FRIDAY, 1, time(9), time(21)), "overlap"),
        (HalfDay(SATURDAY, 1, end=time(12)), "no_shift"),
        (HalfDay(FRIDAY, 1, end=time(20)), "not_shorter"),
        (HalfDay(FRIDAY, 1, end=time(7)), "no_length"),
        (HalfDay(FRIDAY, 2, end=time(20)), "no_length"),
        (Exchange(1, FRIDAY, THURSDAY), "takes_place"),
        (Exchange(1, SATURDAY, SATURDAY + timedelta(days=1)), "no_shift"),
        (Exchange(1, FRIDAY, date(1960, 1, 1)), "no_shift"),
    ],
)
def test_what_cannot_be_meant_so_is_refused(edit: Edit, kind: str) -> None:
    assert refusal(TWO, edit)[0] == kind


def test_other_times_into_the_next_shift_name_both() -> None:
    one = changed(TWO, MoveShift(FRIDAY, 1, time(8), time(19)), NOW)
    assert refusal(one, MoveShift(FRIDAY, 1, time(8), time(21)))[0] == "overlap", (
        "it owns the same time, and is another"
    )
    kind, more = refusal(TWO, MoveShift(FRIDAY, 1, time(9), time(21)))
    assert (kind, more["name"], more["other"], more["other_on"]) == ("overlap", "주간", "야간", FRIDAY)


def test_a_cancelled_shift_takes_what_was_said_of_its_times_with_it() -> None:
    moved = changed(ONE, MoveShift(FRIDAY, 1, time(9), time(18)), NOW)
    gone = changed(moved, Cancel(FRIDAY, 1), NOW)
    assert [e.kind for e in gone.exceptions] == [Kind.CANCELLED]
    window = calendar.Span(at(FRIDAY, "00:00"), at(SATURDAY, "00:00"))
    assert not [f for f in calendar.faults(gone, window) if f.flag.startswith("exception")]


def test_halves_lie_around_the_longest_break() -> None:
    shift = calendar.shift_on(DAY, FRIDAY, SEOUL)
    assert halves(shift, SEOUL) == (time(12), time(13))
    assert halves(calendar.shift_on(NIGHT, FRIDAY, SEOUL), SEOUL) == (time(0), time(1))
    assert halves(calendar.shift_on(replace(DAY, breaks=()), FRIDAY, SEOUL), SEOUL) == (time(14), time(14))
    two = replace(DAY, breaks=(Break("휴식", time(9), time(9, 30)), Break("휴식", time(13, 30), time(14))))
    assert halves(calendar.shift_on(two, FRIDAY, SEOUL), SEOUL) == (time(13, 30), time(14))

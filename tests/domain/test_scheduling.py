"""What people change of the calendar: what it does, what is refused, and that nothing changes but what it touches."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.domain import calendar, scheduling
from desktop.domain.calendar import Break, Calendar, DayException, Kind, PlannedStop, ShiftPattern
from desktop.domain.one_day import Exchange, HalfDay, MoveShift
from desktop.domain.scheduling import (
    AddExtra,
    AddHoliday,
    AddOvertime,
    ApproveStop,
    AskStop,
    Cancel,
    ChangeShift,
    DropStop,
    Edit,
    RefusalError,
    TakeAway,
    UsePatterns,
    changed,
    touched,
)
from desktop.domain.spans import Span

SEOUL = ZoneInfo("Asia/Seoul")
MINUTE, HOUR, DAY_MS = 60_000, 3_600_000, 86_400_000
WORKDAYS = frozenset(range(1, 6))
MONDAY = date(2026, 11, 16)
THURSDAY = date(2026, 11, 19)
SATURDAY = date(2026, 11, 21)
WORDS = {
    "day": "주간",
    "night": "야간",
    "first": "1조",
    "second": "2조",
    "third": "3조",
    "rest": "휴식",
    "meal": "식사",
}
DAY = ShiftPattern(1, "주간", time(8), time(20), WORKDAYS, (Break("식사", time(12), time(13)),), "A")
NIGHT = ShiftPattern(2, "야간", time(20), time(8), WORKDAYS, (Break("식사", time(0), time(1)),), "B")
TWO = Calendar(SEOUL, (DAY, NIGHT))
ONE = Calendar(SEOUL, (replace(DAY, end=time(17)),))


def at(on: date, clock: str) -> int:
    return calendar.utc_ms(on, time.fromisoformat(clock), SEOUL)


NOW = at(THURSDAY, "14:32")


def clocks(shop: Calendar, on: date) -> list[tuple[str, str, str]]:
    """The shifts that start on a date, with their times."""

    def clock(at_ms: int) -> str:
        return f"{scheduling.local_time(at_ms, SEOUL):%H:%M}"

    return [(s.name, clock(s.span.start_ms), clock(s.span.end_ms)) for s in scheduling.started_on(shop, on)]


def refusal(shop: Calendar, edit: Edit, at_ms: int = NOW) -> tuple[str, dict[str, object]]:
    with pytest.raises(RefusalError) as caught:
        changed(shop, edit, at_ms)
    return caught.value.kind, dict(caught.value.more)


# -- overtime, extra shifts, holidays --


def test_overtime_makes_a_shift_longer_and_a_later_word_counts() -> None:
    shop = changed(ONE, AddOvertime("주간", THURSDAY, at(THURSDAY, "18:30")), NOW)
    assert clocks(shop, THURSDAY) == [("주간", "08:00", "18:30")]
    assert clocks(shop, THURSDAY + timedelta(days=1)) == [("주간", "08:00", "17:00")]
    more = changed(shop, AddOvertime("주간", THURSDAY, at(THURSDAY, "19:00")), NOW + MINUTE)
    assert clocks(more, THURSDAY) == [("주간", "08:00", "19:00")]
    assert len(more.exceptions) == 1, "one overtime for a shift"
    assert refusal(more, AddOvertime("주간", THURSDAY, at(THURSDAY, "18:00")))[0] == "not_longer"
    assert refusal(ONE, AddOvertime("주간", SATURDAY, at(SATURDAY, "18:00")))[0] == "no_shift"
    tomorrow = at(THURSDAY + timedelta(days=1), "08:00")
    assert refusal(ONE, AddOvertime("주간", THURSDAY, tomorrow))[0] == "not_longer", "a whole day is none"


def test_overtime_into_the_next_shift_is_refused_and_both_are_named() -> None:
    kind, more = refusal(TWO, AddOvertime("주간", THURSDAY, at(THURSDAY, "21:00")))
    assert kind == "overlap"
    assert more == {"name": "주간", "on": THURSDAY, "other": "야간", "other_on": THURSDAY}


def test_what_lay_over_each_other_before_is_nobodys_fault_now() -> None:
    handing_over = replace(TWO, patterns=(replace(DAY, end=time(20, 10)), NIGHT))
    assert changed(handing_over, AddHoliday(SATURDAY), NOW).exceptions
    assert refusal(handing_over, AddOvertime("주간", THURSDAY, at(THURSDAY, "20:30")))[0] == "overlap"


def test_an_extra_shift_takes_place_on_a_day_off_only() -> None:
    shop = changed(TWO, AddExtra(SATURDAY, 1, time(8), time(12, 30)), NOW)
    assert clocks(shop, SATURDAY) == [("주간", "08:00", "12:30")]
    assert refusal(shop, AddExtra(SATURDAY, 1, time(9), time(12)))[0] == "takes_place"
    assert refusal(TWO, AddExtra(THURSDAY, 1, time(8), time(12)))[0] == "takes_place"
    assert refusal(TWO, AddExtra(SATURDAY, 1, time(9), time(9)))[0] == "no_length"
    assert refusal(TWO, AddExtra(SATURDAY, 9, time(9), time(12)))[0] == "no_shift"
    friday = AddExtra(SATURDAY, 1, time(7), time(12))
    assert refusal(TWO, friday)[1]["other"] == "주간", "Friday's night lasts until 08:00"
    assert clocks(changed(shop, Cancel(SATURDAY, 1), NOW), SATURDAY) == []
    assert changed(shop, Cancel(SATURDAY, 1), NOW).exceptions == (), "it was only there as an extra one"


def test_a_holiday_and_a_cancelled_shift_and_both_taken_away_again() -> None:
    free = changed(TWO, AddHoliday(THURSDAY, "창립기념일"), NOW)
    assert clocks(free, THURSDAY) == []
    assert [e.name for e in changed(free, AddHoliday(THURSDAY, "휴무"), NOW).exceptions] == ["휴무"]
    assert changed(free, TakeAway(free.exceptions[0]), NOW) == TWO
    assert refusal(TWO, TakeAway(free.exceptions[0]))[0] == "gone"
    gone = changed(TWO, Cancel(THURSDAY, 2), NOW)
    assert [name for name, *_times in clocks(gone, THURSDAY)] == ["주간"]
    assert refusal(gone, Cancel(THURSDAY, 2))[0] == "no_shift"


# -- shifts --


def test_a_shift_is_changed_from_a_date_on_or_on_one_date_alone() -> None:
    wanted = replace(DAY, start=time(8, 30), people=6)
    always = changed(TWO, ChangeShift(DAY, wanted, SATURDAY), NOW)
    following = SATURDAY + timedelta(days=2)
    assert clocks(always, THURSDAY)[0] == ("주간", "08:00", "20:00")
    assert scheduling.in_force(always, 1, following) == replace(wanted, valid_from=SATURDAY)
    assert refusal(always, ChangeShift(DAY, wanted, following))[0] == "changed", "somebody else did meanwhile"
    friday = THURSDAY + timedelta(days=1)
    once = changed(TWO, ChangeShift(DAY, replace(DAY, start=time(9)), friday, only=True), NOW)
    assert [clocks(once, on)[0][1] for on in (THURSDAY, friday, MONDAY + timedelta(days=7))] == [
        "08:00", "09:00", "08:00",
    ]  # fmt: skip


def test_a_day_that_is_different_alone_does_not_end_what_holds_from_a_date_on() -> None:
    """First Friday alone begins at nine; then every day from today on ends at half past seven in the evening."""
    friday, today = THURSDAY + timedelta(days=1), THURSDAY
    once = changed(TWO, ChangeShift(DAY, replace(DAY, start=time(9)), friday, only=True), NOW)
    shop = changed(once, ChangeShift(DAY, replace(DAY, end=time(19, 30)), today), NOW)
    assert [clocks(shop, on)[0][1:] for on in (today, friday, MONDAY + timedelta(days=7))] == [
        ("08:00", "19:30"), ("09:00", "20:00"), ("08:00", "19:30"),
    ]  # fmt: skip


def test_a_shift_that_begins_in_the_one_before_is_refused() -> None:
    kind, more = refusal(TWO, ChangeShift(DAY, replace(DAY, start=time(7)), SATURDAY))
    assert (kind, {more["name"], more["other"]}) == ("overlap", {"주간", "야간"})


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        (replace(DAY, end=time(8)), "no_length"),
        (replace(DAY, weekdays=frozenset()), "no_days"),
        (replace(DAY, breaks=(Break("식사", time(19, 30), time(20, 30)),)), "break_outside"),
        (replace(DAY, breaks=(Break("식사", time(7), time(7, 30)),)), "break_outside"),
        (replace(DAY, breaks=(Break("휴식", time(10), time(10)),)), "break_outside"),
        (replace(DAY, breaks=(Break("식사", time(12), time(13)), Break("휴식", time(12, 50), time(13, 5)))),
         "breaks_overlap"),
    ],
)  # fmt: skip
def test_a_shift_that_cannot_be_meant_so(wanted: ShiftPattern, kind: str) -> None:
    assert refusal(TWO, ChangeShift(DAY, wanted, SATURDAY))[0] == kind


def test_load_time_of_a_shift() -> None:
    assert (scheduling.length_ms(NIGHT), scheduling.break_ms(NIGHT)) == (12 * HOUR, HOUR)


# -- ready patterns --


@pytest.mark.parametrize(("key", "count"), [("one", 1), ("day_night", 2), ("rotating", 2), ("three", 3)])
def test_ready_patterns_replace_what_was_from_their_date_on(key: str, count: int) -> None:
    following = MONDAY + timedelta(days=7)
    shop = changed(TWO, scheduling.ready(key, following, WORDS), NOW)
    assert clocks(shop, MONDAY) == clocks(TWO, MONDAY)
    assert len(clocks(shop, following)) == count
    assert len(scheduling.in_force_on(shop, following)) == count
    again = changed(shop, scheduling.ready("day_night", following, WORDS), NOW)
    assert [name for name, *_times in clocks(again, following)] == ["주간", "야간"]


def test_crews_take_turns_each_week_and_stay_where_they_are_with_the_next_pattern() -> None:
    following = MONDAY + timedelta(days=7)

    def crews(shop: Calendar, on: date) -> list[str]:
        return [s.crew for s in scheduling.started_on(shop, on)]

    turning = changed(TWO, scheduling.ready("rotating", following, WORDS), NOW)
    assert [crews(turning, following + timedelta(days=7 * n)) for n in range(3)] == [["A", "B"], ["B", "A"], ["A", "B"]]
    staying = changed(turning, scheduling.ready("day_night", following + timedelta(days=7), WORDS), NOW)
    assert crews(staying, following) == ["A", "B"]
    assert [crews(staying, following + timedelta(days=7 * n)) for n in (1, 2, 3)] == [["A", "B"]] * 3


# -- planned stops --


def test_a_planned_stop_is_planned_only_when_it_was_approved_before_it_began() -> None:
    span = Span(at(THURSDAY, "16:00"), at(THURSDAY, "16:30"))
    asked = changed(TWO, AskStop(PlannedStop(span, 1, 5, asked_by="이지호")), NOW)
    assert asked.planned[0].asked_at_ms == NOW
    assert calendar.planned_stops(asked, span, 1) == ()
    assert refusal(asked, AskStop(PlannedStop(span, 1)))[0] == "stop_twice"
    approved = changed(asked, ApproveStop(asked.planned[0], "김정호"), NOW + MINUTE)
    assert calendar.planned_stops(approved, span, 1) == (span,)
    assert (approved.planned[0].approved_by, approved.planned[0].asked_by) == ("김정호", "이지호")
    assert refusal(approved, ApproveStop(asked.planned[0], "김정호"))[0] == "stop_gone"
    assert changed(approved, DropStop(approved.planned[0]), NOW).planned == ()


def test_what_has_begun_is_approved_by_another_person_and_is_no_planned_time() -> None:
    span = Span(at(THURSDAY, "13:00"), at(THURSDAY, "13:30"))
    asked = changed(TWO, AskStop(PlannedStop(span, None, asked_by="이지호")), NOW)
    for by in ("", "이지호"):
        assert refusal(asked, ApproveStop(asked.planned[0], by))[0] == "second_person"
    late = changed(asked, ApproveStop(asked.planned[0], "김정호"), NOW)
    assert calendar.planned_stops(late, span) == ()
    assert calendar.planned_stops(late, span, late=True) == (span,)


# -- offers --


def test_ends_that_overtime_may_have() -> None:
    [shift] = scheduling.started_on(ONE, THURSDAY)

    def ends(clock: str, next_start: str = "") -> list[str]:
        next_ms = at(THURSDAY, next_start) if next_start else None
        found = scheduling.overtime_ends(shift, at(THURSDAY, clock), next_ms, SEOUL)
        return [f"{scheduling.local_time(end_ms, SEOUL):%H:%M}" for end_ms in found]

    assert ends("16:40") == ["17:30", "18:00", "18:30", "19:00"]
    assert ends("17:50") == ["18:00", "18:30", "19:00", "19:30"]
    assert ends("18:00") == ["18:30", "19:00", "19:30", "20:00"]
    assert ends("16:40", "18:10") == ["17:30", "18:00"]
    assert ends("16:40", "17:00") == []


# -- what a change touches --

clock_times = st.integers(0, 47).map(lambda n: time(n // 2, n % 2 * 30))
dates = st.integers(-6, 9).map(lambda n: THURSDAY + timedelta(days=n))
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(
        AddOvertime, st.sampled_from(("주간", "야간")), dates, st.integers(0, 40).map(lambda n: NOW + n * HOUR // 2)
    ),
    st.builds(AddExtra, dates, st.sampled_from((1, 2)), clock_times, clock_times),
    st.builds(AddHoliday, dates),
    st.builds(MoveShift, dates, st.sampled_from((1, 2)), clock_times, clock_times),
    st.builds(HalfDay, dates, st.sampled_from((1, 2)), end=clock_times),
    st.builds(HalfDay, dates, st.sampled_from((1, 2)), start=clock_times),
    st.builds(Exchange, st.sampled_from((1, 2)), dates, dates),
    st.builds(Cancel, dates, st.sampled_from((1, 2))),
    st.builds(
        lambda start, on, only: ChangeShift(DAY, replace(DAY, start=start), on, only), clock_times, dates, st.booleans()
    ),
    st.builds(lambda key, on: scheduling.ready(key, on, WORDS), st.sampled_from(scheduling.READY), dates),
    st.builds(
        lambda on, start, minutes: AskStop(PlannedStop(Span(utc := at(on, f"{start:%H:%M}"), utc + minutes * MINUTE))),
        dates, clock_times, st.integers(1, 300),
    ),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(edits, min_size=1, max_size=4), st.booleans())
def test_what_is_not_touched_is_judged_as_before(wanted: list[Edit], approved: bool) -> None:
    """Outside of what an edit touches busy time, shifts and capacity are what they were; and it brings no overlap."""
    shop = TWO
    window = Span(at(THURSDAY, "00:00") - 8 * DAY_MS, at(THURSDAY, "00:00") + 14 * DAY_MS)
    done = 0
    for edit in wanted:
        try:
            made = changed(shop, edit, NOW)
            if approved and isinstance(edit, AskStop):
                made = changed(made, ApproveStop(made.planned[-1], "김정호"), NOW)
        except RefusalError:
            continue
        done += 1
        spans = touched(shop, made, window)
        edges = sorted({window.start_ms, window.end_ms, *(e for s in spans for e in (s.start_ms, s.end_ms))})
        for start_ms, end_ms in pairwise(edges):
            part = Span(start_ms, end_ms)
            if any(span.cut(part) for span in spans):
                continue
            assert calendar.busy_between(made, part) == calendar.busy_between(shop, part)
            assert calendar.outside_shifts(made, part) == calendar.outside_shifts(shop, part)
            named = [[(s.name, s.crew, s.span) for s in calendar.shifts_between(c, part)] for c in (made, shop)]
            assert named[0] == named[1]
        assert scheduling.clashes(made, THURSDAY - timedelta(days=7), THURSDAY + timedelta(days=12)) == {}
        if not scheduling.retroactive(shop, made, Span(window.start_ms, NOW)):
            past = Span(window.start_ms, NOW)
            assert calendar.busy_between(made, past) == calendar.busy_between(shop, past)
        shop = made
    assume(done)


def test_the_same_calendar_touches_nothing_and_another_capacity_everything() -> None:
    window = Span(NOW - DAY_MS, NOW)
    assert touched(TWO, TWO, window) == ()
    other = replace(TWO, capacity=(calendar.StandardCapacity((DAY,)),))
    assert touched(TWO, other, window) == (window,)
    assert touched(TWO, other, Span(NOW, NOW)) == ()


def test_exceptions_of_shifts_that_ended_go_with_a_new_pattern() -> None:
    moved = DayException(SATURDAY + timedelta(days=9), Kind.MOVED, 2, time(21), time(7))
    shop = replace(TWO, exceptions=(moved, DayException(SATURDAY + timedelta(days=9), Kind.HOLIDAY)))
    made = changed(shop, UsePatterns(SATURDAY, (replace(DAY, id=0),)), NOW)
    assert [e.kind for e in made.exceptions] == [Kind.HOLIDAY]

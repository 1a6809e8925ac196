"""Shifts as the shop writes them, as the true time that they are."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.domain.calendar import (
    Break,
    Calendar,
    DayException,
    Fault,
    Kind,
    PlannedStop,
    Rotation,
    Shift,
    ShiftPattern,
    StandardCapacity,
    business_date,
    busy_between,
    capacity_ms,
    faults,
    hours_of,
    no_orders,
    outside_shifts,
    overtime_until,
    planned_stops,
    shift_at,
    shift_named,
    shift_on,
    shifts_between,
    utc_ms,
    written_for,
)
from desktop.domain.plant import Machine
from desktop.domain.rules import RuleSet
from desktop.domain.spans import Span, total_ms

SEOUL = ZoneInfo("Asia/Seoul")
WEEK = frozenset(range(1, 8))
WORKDAYS = frozenset(range(1, 6))
MINUTE, HOUR = 60_000, 3_600_000
IDS = {"Day": 1, "Night": 2, "Eve": 3, "All": 4, "Odd": 5, "Short": 6}


def clock(text: str) -> time:
    return time.fromisoformat(text)


def pattern(
    name: str, start: str, end: str, *breaks: tuple[str, str], days: frozenset[int] = WEEK, since: str = "1970-01-01"
) -> ShiftPattern:
    pauses = tuple(Break(f"{a}-{b}", clock(a), clock(b)) for a, b in breaks)
    known = date.fromisoformat(since)
    return ShiftPattern(IDS[name], name, clock(start), clock(end), days, pauses, valid_from=known)


def shop(*patterns: ShiftPattern, zone: ZoneInfo = SEOUL) -> Calendar:
    return Calendar(zone, patterns)


def at(local: str, zone: ZoneInfo = SEOUL) -> int:
    return round(datetime.fromisoformat(local).replace(tzinfo=zone).timestamp() * 1000)


def between(start: str, end: str, zone: ZoneInfo = SEOUL) -> Span:
    return Span(at(start, zone), at(end, zone))


def local(shifts: tuple[Shift, ...], zone: ZoneInfo = SEOUL) -> list[tuple[str, str, str]]:
    """Name, local start and end of each."""
    return [
        (s.name, *(f"{datetime.fromtimestamp(ms / 1000, zone):%d %H:%M}" for ms in (s.span.start_ms, s.span.end_ms)))
        for s in shifts
    ]


@pytest.mark.parametrize(
    ("zone", "on", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 28), 7),
        ("Europe/Berlin", date(2026, 10, 24), 9),
        ("America/New_York", date(2026, 3, 7), 7),
        ("America/New_York", date(2026, 10, 31), 9),
        ("Asia/Seoul", date(2026, 3, 28), 8),
        ("Asia/Seoul", date(2026, 10, 31), 8),
    ],
)
def test_a_night_shift_has_its_true_length(zone: str, on: date, hours: int) -> None:
    """D9: 22:00-06:00 over a change of the clocks."""
    shift = shift_on(pattern("Night", "22:00", "06:00"), on, ZoneInfo(zone))
    assert shift.span.length_ms == hours * HOUR
    assert len(hours_of(shift)) == hours


def test_the_business_date_is_the_day_on_which_the_shift_starts() -> None:
    """D8: a stop from 23:30 to 01:30 lies in one shift of the first day."""
    night = pattern("Night", "20:00", "08:00")
    before, after = (shift_at(shop(night), at(moment)) for moment in ("2026-11-19T23:30", "2026-11-20T01:30"))
    assert before is not None
    assert before == after
    assert before.business_on == date(2026, 11, 19)
    assert before.span == Span(at("2026-11-19T20:00"), at("2026-11-20T08:00"))


def test_the_end_of_a_shift_belongs_to_the_next() -> None:
    day, night = pattern("Day", "08:00", "20:00"), pattern("Night", "20:00", "08:00")
    last, first = (shift_at(shop(day, night), at("2026-11-19T20:00") + late) for late in (-1, 0))
    assert (last and last.name, first and first.name) == ("Day", "Night")


def test_breaks_over_and_after_midnight() -> None:
    night = pattern("Night", "20:00", "08:00", ("23:50", "00:20"), ("04:00", "04:30"), ("07:50", "08:00"))
    shift = shift_on(night, date(2026, 11, 19), SEOUL)
    assert shift.pause_spans == (
        Span(at("2026-11-19T23:50"), at("2026-11-20T00:20")),
        Span(at("2026-11-20T04:00"), at("2026-11-20T04:30")),
        Span(at("2026-11-20T07:50"), at("2026-11-20T08:00")),
    )


def test_a_round_the_clock_shift_keeps_the_break_at_its_end() -> None:
    shift = shift_on(pattern("All", "08:00", "08:00", ("07:30", "08:00")), date(2026, 11, 19), SEOUL)
    assert shift.span.length_ms == 24 * HOUR
    assert shift.pause_spans == (Span(at("2026-11-20T07:30"), at("2026-11-20T08:00")),)


def test_weekdays_are_those_of_the_start() -> None:
    friday_night = pattern("Night", "20:00", "08:00", days=frozenset({5}))
    assert shift_at(shop(friday_night), at("2026-11-21T03:00")) is not None  # Saturday morning
    assert shift_at(shop(friday_night), at("2026-11-21T21:00")) is None


def test_a_shift_that_the_clock_change_swallows_is_empty() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    shift = shift_on(pattern("Odd", "02:30", "03:00"), date(2026, 3, 29), berlin)
    assert shift.span.length_ms == 0
    odd = shop(pattern("Odd", "02:30", "03:00"), zone=berlin)
    assert shifts_between(odd, between("2026-03-29T00:00", "2026-03-30T00:00", berlin)) == ()
    assert shift_named(odd, "Odd", date(2026, 3, 29)) is None
    assert Fault("shift_swallowed", date(2026, 3, 29), "Odd") in faults(odd, shift.span)


def test_of_two_shifts_that_overlap_the_later_one_owns_the_machine() -> None:
    """Handover: people overlap from 16:00 to 16:30, the machine does not."""
    day, evening = (
        pattern("Day", "08:00", "16:30", ("12:00", "13:00"), ("16:10", "16:20")),
        pattern("Eve", "16:00", "00:00"),
    )
    patterns = shop(day, evening)
    window = Span(at("2026-11-19T08:00"), at("2026-11-20T00:00"))
    shifts = shifts_between(patterns, window)
    assert [(s.name, s.span.length_ms // HOUR) for s in shifts] == [("Day", 8), ("Eve", 8)]
    assert shifts[0].pause_spans == (Span(at("2026-11-19T12:00"), at("2026-11-19T13:00")),)
    owner = shift_at(patterns, at("2026-11-19T16:05"))
    assert owner is not None
    assert owner.name == "Eve"
    # The same shift by its name, and by any moment of it.
    morning = shift_at(patterns, at("2026-11-19T09:00"))
    assert shift_named(patterns, "Day", date(2026, 11, 19)) == shifts[0] == morning


def test_no_shift_of_that_name_or_day() -> None:
    weekday = pattern("Day", "08:00", "16:30", days=frozenset({1, 2, 3, 4, 5}))
    assert shift_named(shop(weekday), "Day", date(2026, 11, 21)) is None
    assert shift_named(shop(weekday), "Night", date(2026, 11, 19)) is None


def test_planned_busy_time_is_all_shifts_without_their_breaks() -> None:
    day, night = pattern("Day", "08:00", "17:00", ("12:00", "13:00")), pattern("Night", "20:00", "05:00")
    window = Span(at("2026-11-19T10:00"), at("2026-11-19T22:00"))
    assert busy_between(shop(day, night), window) == (
        Span(at("2026-11-19T10:00"), at("2026-11-19T12:00")),
        Span(at("2026-11-19T13:00"), at("2026-11-19T17:00")),
        Span(at("2026-11-19T20:00"), at("2026-11-19T22:00")),
    )


minutes = st.integers(0, 1439).map(lambda m: time(m // 60, m % 60))
#: among them half an hour of change, and changes at midnight
ZONES = ("Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo")
zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(minutes, minutes, st.lists(st.tuples(minutes, minutes), max_size=3), zones, days)
def test_any_shift_is_whole_hours_and_holds_its_breaks(
    start: time, end: time, breaks: list[tuple[time, time]], zone: ZoneInfo, on: date
) -> None:
    written = ShiftPattern(1, "S", start, end, WEEK, tuple(Break("b", a, b) for a, b in breaks))
    shift = shift_on(written, on, zone)
    assert 0 <= shift.span.length_ms <= 25 * HOUR
    assert shift.span.start_ms == utc_ms(on, start, zone)
    assert all(shift.span.start_ms <= p.start_ms < p.end_ms <= shift.span.end_ms for p in shift.pause_spans)
    hours = hours_of(shift)
    assert sum(hour.length_ms for hour in hours) == shift.span.length_ms
    assert all(before.end_ms == after.start_ms for before, after in pairwise(hours))
    if shift.span.length_ms:
        middle = (shift.span.start_ms + shift.span.end_ms) // 2
        owner = shift_at(Calendar(zone, (written,)), middle)
        assert owner is not None
        assert owner.span.holds(middle)


@given(st.lists(st.tuples(minutes, st.integers(1, 1440)), min_size=1, max_size=4), zones, days, st.integers(0, 2879))
def test_an_instant_has_one_owner(starts: list[tuple[time, int]], zone: ZoneInfo, on: date, minute: int) -> None:
    """The shifts of a plant never share time, lose none, and are the same whatever window they are asked in."""
    patterns = []
    for index, (start, length) in enumerate(starts):
        end = (datetime.combine(date(2026, 1, 1), start) + timedelta(minutes=length)).time()
        patterns.append(ShiftPattern(index, f"S{index}", start, end, WEEK))
    plant = Calendar(zone, tuple(patterns))
    window = Span(utc_ms(on, time(0), zone), utc_ms(on + timedelta(days=2), time(0), zone))
    shifts = shifts_between(plant, window)
    assert total_ms([s.span for s in shifts]) == sum(s.span.length_ms for s in shifts)
    written = [s.span for back in range(-2, 4) for s in written_for(plant, on + timedelta(days=back))]
    assert total_ms(p for s in written if (p := s.cut(window))) == total_ms(
        p for s in shifts if (p := s.span.cut(window))
    )
    moment = window.start_ms + minute * MINUTE
    owner = [shift for shift in shifts if shift.span.holds(moment)]
    assert [shift_at(plant, moment)] == (owner or [None])


def test_a_shift_within_another_has_no_time_of_its_own() -> None:
    day, short = pattern("Day", "08:00", "20:00"), pattern("Short", "12:00", "14:00")
    plant = shop(day, short)
    today = between("2026-11-19T00:00", "2026-11-20T00:00")
    assert local(shifts_between(plant, today)) == [("Day", "19 08:00", "19 20:00")]
    assert [s.name for s in written_for(plant, date(2026, 11, 19))] == ["Day", "Short"]
    assert shift_named(plant, "Short", date(2026, 11, 19)) is None
    assert Fault("shift_swallowed", date(2026, 11, 19), "Short") in faults(plant, today)


def test_of_shifts_that_start_together_the_longer_owns() -> None:
    plant = shop(pattern("Short", "08:00", "12:00"), pattern("Day", "08:00", "17:00"), pattern("Odd", "08:00", "17:00"))
    found = shifts_between(plant, between("2026-11-19T00:00", "2026-11-20T00:00"))
    assert local(found) == [("Odd", "19 08:00", "19 17:00")]
    flagged = [f.name for f in faults(plant, found[0].span) if f.flag == "shift_swallowed"]
    assert flagged == ["Short", "Day"]


# -- versions --


def test_editing_a_pattern_does_not_rewrite_the_past() -> None:
    plant = shop(
        pattern("Day", "09:00", "17:00", since="2026-11-20"),
        pattern("Day", "08:00", "17:00"),
        pattern("Day", "08:00", "17:00", days=frozenset(), since="2026-11-22"),
    )
    found = shifts_between(plant, between("2026-11-19T00:00", "2026-12-01T00:00"))
    assert local(found) == [
        ("Day", "19 08:00", "19 17:00"),
        ("Day", "20 09:00", "20 17:00"),
        ("Day", "21 09:00", "21 17:00"),
    ]


def test_of_two_versions_from_one_date_the_last_holds_and_is_flagged() -> None:
    plant = shop(*(pattern("Day", start, "17:00") for start in ("08:00", "08:30", "09:00")))
    today = between("2026-11-19T00:00", "2026-11-20T00:00")
    assert local(shifts_between(plant, today)) == [("Day", "19 09:00", "19 17:00")]
    assert faults(plant, today).count(Fault("pattern_twice", date(1970, 1, 1), "Day")) == 1


def test_a_night_may_be_booked_to_the_next_day() -> None:
    sunday = replace(pattern("Night", "22:00", "06:00", days=frozenset({7})), business_days=1)
    shift = shift_named(shop(sunday), "Night", date(2026, 11, 23))
    assert shift is not None
    assert shift.span == between("2026-11-22T22:00", "2026-11-23T06:00")
    assert shift_named(shop(sunday), "Night", date(2026, 11, 22)) is None
    assert business_date(shop(sunday), at("2026-11-22T23:00")) == date(2026, 11, 23)


def test_outside_every_shift_the_day_begins_where_the_shop_says() -> None:
    plant = replace(shop(pattern("Night", "20:00", "04:00")), day_start=time(6))
    moments = ("2026-11-20T03:59", "2026-11-20T05:59", "2026-11-20T06:00")
    assert [business_date(plant, at(moment)).day for moment in moments] == [19, 19, 20]


# -- crews --


def test_two_crews_change_places_every_week() -> None:
    plant = Calendar(
        SEOUL,
        (pattern("Day", "08:00", "20:00"), pattern("Night", "20:00", "08:00")),
        rotations=(Rotation((1, 2), ("A", "B"), 7, date(2026, 11, 16)),),
    )
    crews = {
        (on.day, s.name): s.crew
        for on in (date(2026, 11, 15), date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 30))
        for s in written_for(plant, on)
    }
    assert crews == {
        (15, "Day"): "", (15, "Night"): "", (22, "Day"): "A", (22, "Night"): "B",
        (23, "Day"): "B", (23, "Night"): "A", (30, "Day"): "A", (30, "Night"): "B",
    }  # fmt: skip


def test_a_later_rotation_leaves_the_past_alone_and_three_crews_go_on_to_the_next_shift() -> None:
    plant = Calendar(
        SEOUL,
        (pattern("Day", "06:00", "14:00"), pattern("Eve", "14:00", "22:00"), pattern("Night", "22:00", "06:00")),
        rotations=(
            Rotation((1, 3, 2), ("A", "B", "C"), 2, date(2026, 11, 1)),
            Rotation((1,), ("X",), 7, date(2026, 11, 5)),
        ),
    )
    crews = ["".join(s.crew for s in written_for(plant, date(2026, 11, day))) for day in (1, 2, 3, 5)]
    assert crews == ["ABC", "ABC", "CAB", "XCA"]


def test_a_rotation_of_nobody_is_flagged_and_changes_nothing() -> None:
    named = replace(pattern("Day", "08:00", "17:00"), crew="A")
    for wrong in (Rotation((1,), (), 7, date(2026, 11, 1)), Rotation((1,), ("B",), 0, date(2026, 11, 1))):
        plant = Calendar(SEOUL, (named,), rotations=(wrong,))
        assert [s.crew for s in written_for(plant, date(2026, 11, 19))] == ["A"]
        assert Fault("rotation_empty", date(2026, 11, 1)) in faults(
            plant, between("2026-11-19T00:00", "2026-11-20T00:00")
        )


# -- exceptions --

THURSDAY = date(2026, 11, 19)
SATURDAY = date(2026, 11, 21)


def excepted(*exceptions: DayException) -> Calendar:
    day = pattern("Day", "08:00", "17:00", ("12:00", "13:00"), ("17:00", "17:30"), days=WORKDAYS)
    return Calendar(SEOUL, (day, pattern("Night", "20:00", "05:00", days=WORKDAYS)), exceptions=exceptions)


@pytest.mark.parametrize(
    ("exceptions", "expected"),
    [
        ((DayException(THURSDAY, Kind.HOLIDAY),), []),
        ((DayException(THURSDAY, Kind.CANCELLED, 1),), [("Night", "19 20:00", "20 05:00")]),
        (
            (DayException(THURSDAY, Kind.EXTRA, 1), DayException(THURSDAY, Kind.HOLIDAY, entered_at_ms=9)),
            [("Day", "19 08:00", "19 17:00")],
        ),
        ((DayException(SATURDAY, Kind.EXTRA, 1),), [("Day", "21 08:00", "21 17:00")]),
        (
            (DayException(SATURDAY, Kind.EXTRA, 1, clock("09:00"), clock("13:00")),),
            [("Day", "21 09:00", "21 13:00")],
        ),
        (
            (DayException(SATURDAY, Kind.EXTRA, 1), DayException(SATURDAY, Kind.CANCELLED, 1, entered_at_ms=1)),
            [],
        ),
        (
            (DayException(THURSDAY, Kind.OVERTIME, 1, end=clock("19:30")),),
            [("Day", "19 08:00", "19 19:30"), ("Night", "19 20:00", "20 05:00")],
        ),
        (
            (DayException(THURSDAY, Kind.OVERTIME, 2, end=clock("07:00")),),
            [("Day", "19 08:00", "19 17:00"), ("Night", "19 20:00", "20 07:00")],
        ),
        (
            (
                DayException(THURSDAY, Kind.OVERTIME, 1, end=clock("19:00"), entered_at_ms=2),
                DayException(THURSDAY, Kind.OVERTIME, 1, end=clock("18:00"), entered_at_ms=1),
            ),
            [("Day", "19 08:00", "19 19:00"), ("Night", "19 20:00", "20 05:00")],
        ),
        (
            (DayException(THURSDAY, Kind.MOVED, 1, clock("10:00"), clock("18:00")),),
            [("Day", "19 10:00", "19 18:00"), ("Night", "19 20:00", "20 05:00")],
        ),
        ((DayException(THURSDAY, Kind.HALF, end=clock("12:00")),), [("Day", "19 08:00", "19 12:00")]),
        (
            (DayException(THURSDAY, Kind.HALF, 1, start=clock("13:00")),),
            [("Day", "19 13:00", "19 17:00"), ("Night", "19 20:00", "20 05:00")],
        ),
    ],
)
def test_what_is_different_on_a_date(
    exceptions: tuple[DayException, ...], expected: list[tuple[str, str, str]]
) -> None:
    plant = excepted(*exceptions)
    on = exceptions[0].on
    assert local(written_for(plant, on)) == expected
    assert written_for(plant, on + timedelta(days=7)) == written_for(excepted(), on + timedelta(days=7))
    day = Span(utc_ms(on, time(0), SEOUL), utc_ms(on + timedelta(days=1), time(0), SEOUL))
    assert {f.flag for f in faults(plant, day)} == {"no_standard_calendar"}


def test_overtime_reaches_the_meal_before_it() -> None:
    usual, longer = (
        written_for(excepted(*more), THURSDAY)[0]
        for more in ((), (DayException(THURSDAY, Kind.OVERTIME, 1, end=clock("19:30")),))
    )
    assert [p.name for p in usual.pauses] == ["12:00-13:00"]
    assert [p.name for p in longer.pauses] == ["12:00-13:00", "17:00-17:30"]


@given(days, st.integers(1, 12 * HOUR))
def test_a_shift_goes_on_until_the_minute_that_was_asked_for(on: date, more_ms: int) -> None:
    plant = shop(pattern("Day", "08:00", "17:00"))
    day = shift_named(plant, "Day", on)
    assert day is not None
    longer = replace(plant, exceptions=(overtime_until(day, day.span.end_ms + more_ms, SEOUL, 0),))
    found = shift_named(longer, "Day", on)
    assert found is not None
    assert 0 <= found.span.end_ms - (day.span.end_ms + more_ms) < MINUTE


@pytest.mark.parametrize(
    ("wrong", "flag", "name"),
    [
        (DayException(SATURDAY, Kind.CANCELLED, 1), "exception_no_shift", "Day"),
        (DayException(SATURDAY, Kind.OVERTIME, 1, end=clock("19:00")), "exception_no_shift", "Day"),
        (DayException(SATURDAY, Kind.HALF, end=clock("12:00")), "exception_no_shift", ""),
        (DayException(THURSDAY, Kind.EXTRA, 9, name="Extra"), "exception_no_shift", "Extra"),
        (DayException(THURSDAY, Kind.EXTRA), "exception_no_shift", ""),
        (DayException(THURSDAY, Kind.EXTRA, 1, start=clock("09:00")), "exception_no_time", "Day"),
        (DayException(THURSDAY, Kind.OVERTIME, 1), "exception_no_time", "Day"),
        (DayException(THURSDAY, Kind.MOVED, 1, start=clock("09:00")), "exception_no_time", "Day"),
        (DayException(THURSDAY, Kind.HALF, 1), "exception_no_time", "Day"),
        (DayException(THURSDAY, Kind.OVERTIME, 1, end=clock("16:00")), "overtime_not_longer", "Day"),
        (DayException(THURSDAY, Kind.OVERTIME, 1, end=clock("17:00")), "overtime_not_longer", "Day"),
    ],
)
def test_an_exception_that_cannot_be_meant_is_left_out_and_flagged(wrong: DayException, flag: str, name: str) -> None:
    plant = excepted(wrong)
    assert written_for(plant, wrong.on) == written_for(excepted(), wrong.on)
    day = Span(utc_ms(wrong.on, time(0), SEOUL), utc_ms(wrong.on + timedelta(days=1), time(0), SEOUL))
    assert Fault(flag, wrong.on, name) in faults(plant, day)


def test_two_shifts_of_one_name_are_flagged() -> None:
    plant = shop(pattern("Day", "08:00", "12:00"), replace(pattern("Day", "13:00", "17:00"), id=9))
    today = between("2026-11-19T00:00", "2026-11-20T00:00")
    assert Fault("same_name", date(2026, 11, 19), "Day") in faults(plant, today)


def test_what_was_entered_later_was_not_there_before() -> None:
    noon = at("2026-11-19T12:00")
    late = DayException(THURSDAY, Kind.OVERTIME, 1, end=clock("19:00"), entered_at_ms=noon)
    plant = replace(excepted(late), planned=(PlannedStop(Span(noon, noon + HOUR), approved_at_ms=noon - HOUR),))
    before = plant.as_of(noon - 1)
    assert [s.span.length_ms // HOUR for s in (*written_for(before, THURSDAY), *written_for(plant, THURSDAY))] == [
        9, 9, 11, 9,
    ]  # fmt: skip
    assert (len(plant.as_of(noon - HOUR - 1).planned), len(before.planned)) == (0, 1)


# -- time outside shifts, planned stops --


def test_outside_shifts_is_the_rest() -> None:
    window = between("2026-11-19T00:00", "2026-11-20T00:00")
    found = outside_shifts(shop(pattern("Day", "08:00", "17:00")), window)
    assert found == (between("2026-11-19T00:00", "2026-11-19T08:00"), between("2026-11-19T17:00", "2026-11-20T00:00"))


SHIFT = shop(pattern("Day", "08:00", "18:00", ("12:00", "13:00")))
WHOLE = between("2026-11-19T08:00", "2026-11-19T18:00")


def stop(start: str, end: str, approved: str | None, machine: int | None = None, no_order: bool = False) -> PlannedStop:
    span = between(f"2026-11-19T{start}", f"2026-11-19T{end}")
    return PlannedStop(span, machine, None if approved is None else at(f"2026-11-19T{approved}"), None, no_order)


def test_only_what_was_approved_before_it_began_is_planned() -> None:
    plant = replace(
        SHIFT,
        planned=(
            stop("09:00", "09:30", "09:00"),
            stop("10:00", "10:30", "10:01"),
            stop("11:00", "11:30", None),
            stop("14:00", "15:00", "07:00", machine=2),
        ),
    )
    minutes = [
        total_ms(planned_stops(plant, WHOLE, machine, rules, late=late)) // MINUTE
        for machine, rules, late in [
            (1, RuleSet(), False),
            (2, RuleSet(), False),
            (1, RuleSet(), True),
            (1, RuleSet(planned_needs_approval=False), False),
        ]
    ]
    assert minutes == [30, 90, 60, 90]
    assert [f.flag for f in faults(plant, WHOLE)] == ["stop_approved_late", "stop_not_approved", "no_standard_calendar"]
    anything = faults(plant, WHOLE, RuleSet(planned_needs_approval=False))
    assert [f.flag for f in anything] == ["no_standard_calendar"]
    busy = [total_ms(busy_between(plant, WHOLE, machine)) // MINUTE for machine in (None, Machine(2, "M", "M", 0))]
    assert busy == [510, 450]
    unattended = Machine(1, "U", "U", 0, unattended=True)
    assert total_ms(busy_between(plant, WHOLE, unattended)) // MINUTE == 570


def test_no_order_is_planned_where_it_was_entered_before_the_shift() -> None:
    """Entered at 07:00: planned. At 09:00, before it began but within the shift: waiting for orders."""
    early = replace(SHIFT, planned=(stop("14:00", "16:00", "07:00", no_order=True),))
    late = replace(SHIFT, planned=(stop("14:00", "16:00", "09:00", no_order=True),))
    spans = (between("2026-11-19T14:00", "2026-11-19T16:00"),)
    assert (planned_stops(early, WHOLE), no_orders(early, WHOLE)) == (spans, ())
    assert (planned_stops(late, WHOLE), no_orders(late, WHOLE)) == ((), spans)
    both = replace(late, planned=(*late.planned, stop("15:00", "17:00", "07:00")))
    assert no_orders(both, WHOLE) == (between("2026-11-19T14:00", "2026-11-19T15:00"),)
    assert planned_stops(early, WHOLE, rules=RuleSet(no_order_before_shift_is_planned=False)) == ()


def test_no_order_over_two_shifts_is_judged_in_each() -> None:
    plant = shop(pattern("Day", "08:00", "20:00"), pattern("Night", "20:00", "08:00"))
    span = between("2026-11-19T18:00", "2026-11-19T23:00")
    plant = replace(plant, planned=(PlannedStop(span, None, at("2026-11-19T10:00"), None, True),))
    assert no_orders(plant, span) == (between("2026-11-19T18:00", "2026-11-19T20:00"),)
    assert planned_stops(plant, span) == (between("2026-11-19T20:00", "2026-11-19T23:00"),)


# -- standard capacity --


def standard(**more: object) -> Calendar:
    day = pattern("Day", "08:00", "17:00", ("12:00", "13:00"), days=WORKDAYS)
    capacity = (StandardCapacity((day,), frozenset({date(2026, 11, 18)}), date(2026, 1, 1)),)
    return replace(SHIFT, capacity=capacity, **more)  # type: ignore[arg-type]


def test_standard_capacity_is_locked() -> None:
    """Five days less a holiday of 8 h, whatever is really worked; before the calendar was set up it is not known."""
    week = between("2026-11-16T00:00", "2026-11-23T00:00")
    longer = DayException(THURSDAY, Kind.OVERTIME, 1, end=clock("22:00"))
    extra = DayException(SATURDAY, Kind.EXTRA, 1)
    assert capacity_ms(standard(), week) == capacity_ms(standard(exceptions=(longer, extra)), week) == 32 * HOUR
    assert capacity_ms(standard(), between("2025-12-31T00:00", "2026-01-02T00:00")) is None
    assert capacity_ms(SHIFT, week) is None
    assert "no_standard_calendar" not in {f.flag for f in faults(standard(), week)}


def test_a_new_standard_begins_on_its_date() -> None:
    short = pattern("Day", "08:00", "12:00")
    later = StandardCapacity((short,), frozenset(), date(2026, 11, 20))
    plant = replace(standard(), capacity=(later, *standard().capacity))
    assert capacity_ms(plant, between("2026-11-19T00:00", "2026-11-22T00:00")) == (8 + 4 + 4) * HOUR


@given(zones, days, st.integers(0, 10 * 1440), st.integers(0, 10 * 1440))
def test_capacity_adds_up(zone: ZoneInfo, on: date, cut: int, length: int) -> None:
    night = pattern("Night", "20:00", "06:00", ("00:00", "01:00"))
    first = StandardCapacity((pattern("Day", "08:00", "17:00", days=WORKDAYS), night), frozenset({on}))
    later = StandardCapacity((night,), frozenset(), on + timedelta(days=3))
    plant = Calendar(zone, capacity=(first, later))
    start_ms = utc_ms(on, time(0), zone)
    middle_ms, end_ms = start_ms + min(cut, length) * MINUTE, start_ms + length * MINUTE
    parts = [capacity_ms(plant, Span(*edges)) for edges in ((start_ms, middle_ms), (middle_ms, end_ms))]
    assert None not in parts
    assert sum(part or 0 for part in parts) == capacity_ms(plant, Span(start_ms, end_ms))


@given(zones, days, st.booleans())
def test_the_busy_time_of_a_night_is_its_true_length_less_its_breaks(zone: ZoneInfo, on: date, broken: bool) -> None:
    breaks = (("23:00", "23:30"),) if broken else ()
    plant = shop(pattern("Night", "22:00", "06:00", *breaks), zone=zone)
    start, end = (datetime.combine(on + timedelta(days=d), time(h), zone) for d, h in ((0, 22), (1, 6)))
    window = Span(round(start.timestamp() * 1000), round(end.timestamp() * 1000))
    assert total_ms(busy_between(plant, window)) == window.length_ms - (30 * MINUTE if broken else 0)

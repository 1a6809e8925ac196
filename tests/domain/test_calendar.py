"""Shifts as the shop writes them, as the true time that they are."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.calendar import (
    Break,
    ShiftPattern,
    busy_between,
    hours_of,
    shift_at,
    shift_named,
    shift_on,
    shifts_between,
    utc_ms,
)
from desktop.domain.spans import Span, total_ms

SEOUL = ZoneInfo("Asia/Seoul")
WEEK = frozenset(range(1, 8))
MINUTE, HOUR = 60_000, 3_600_000


def pattern(name: str, start: str, end: str, *breaks: tuple[str, str], days: frozenset[int] = WEEK) -> ShiftPattern:
    pauses = tuple(Break(f"{a}-{b}", time.fromisoformat(a), time.fromisoformat(b)) for a, b in breaks)
    return ShiftPattern(1, name, time.fromisoformat(start), time.fromisoformat(end), days, pauses)


def at(local: str, zone: ZoneInfo = SEOUL) -> int:
    return round(datetime.fromisoformat(local).replace(tzinfo=zone).timestamp() * 1000)


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
    before, after = (shift_at((night,), at(moment), SEOUL) for moment in ("2026-11-19T23:30", "2026-11-20T01:30"))
    assert before is not None
    assert before == after
    assert before.business_on == date(2026, 11, 19)
    assert before.span == Span(at("2026-11-19T20:00"), at("2026-11-20T08:00"))


def test_the_end_of_a_shift_belongs_to_the_next() -> None:
    day, night = pattern("Day", "08:00", "20:00"), pattern("Night", "20:00", "08:00")
    last, first = (shift_at((day, night), at("2026-11-19T20:00") + late, SEOUL) for late in (-1, 0))
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
    assert shift_at((friday_night,), at("2026-11-21T03:00"), SEOUL) is not None  # Saturday morning
    assert shift_at((friday_night,), at("2026-11-21T21:00"), SEOUL) is None


def test_a_shift_that_the_clock_change_swallows_is_empty() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    shift = shift_on(pattern("Odd", "02:30", "03:00"), date(2026, 3, 29), berlin)
    assert shift.span.length_ms == 0
    assert shifts_between((pattern("Odd", "02:30", "03:00"),), shift.span, berlin) == ()


def test_of_two_shifts_that_overlap_the_later_one_owns_the_machine() -> None:
    """Handover: people overlap from 16:00 to 16:30, the machine does not."""
    day, evening = (
        pattern("Day", "08:00", "16:30", ("12:00", "13:00"), ("16:10", "16:20")),
        pattern("Eve", "16:00", "00:00"),
    )
    patterns = (day, evening)
    window = Span(at("2026-11-19T08:00"), at("2026-11-20T00:00"))
    shifts = shifts_between(patterns, window, SEOUL)
    assert [(s.name, s.span.length_ms // HOUR) for s in shifts] == [("Day", 8), ("Eve", 8)]
    assert shifts[0].pause_spans == (Span(at("2026-11-19T12:00"), at("2026-11-19T13:00")),)
    owner = shift_at(patterns, at("2026-11-19T16:05"), SEOUL)
    assert owner is not None
    assert owner.name == "Eve"
    # The same shift by its name, and by any moment of it.
    morning = shift_at(patterns, at("2026-11-19T09:00"), SEOUL)
    assert shift_named(patterns, "Day", date(2026, 11, 19), SEOUL) == shifts[0] == morning


def test_no_shift_of_that_name_or_day() -> None:
    weekday = pattern("Day", "08:00", "16:30", days=frozenset({1, 2, 3, 4, 5}))
    assert shift_named((weekday,), "Day", date(2026, 11, 21), SEOUL) is None
    assert shift_named((weekday,), "Night", date(2026, 11, 19), SEOUL) is None


def test_planned_busy_time_is_all_shifts_without_their_breaks() -> None:
    day, night = pattern("Day", "08:00", "17:00", ("12:00", "13:00")), pattern("Night", "20:00", "05:00")
    window = Span(at("2026-11-19T10:00"), at("2026-11-19T22:00"))
    assert busy_between((day, night), window, SEOUL) == (
        Span(at("2026-11-19T10:00"), at("2026-11-19T12:00")),
        Span(at("2026-11-19T13:00"), at("2026-11-19T17:00")),
        Span(at("2026-11-19T20:00"), at("2026-11-19T22:00")),
    )


minutes = st.integers(0, 1439).map(lambda m: time(m // 60, m % 60))
zones = st.sampled_from(["Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]).map(ZoneInfo)
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
        owner = shift_at((written,), middle, zone)
        assert owner is not None
        assert owner.span.holds(middle)


@given(st.lists(st.tuples(minutes, st.integers(30, 720)), min_size=1, max_size=3), zones, days)
def test_an_instant_has_one_owner(starts: list[tuple[time, int]], zone: ZoneInfo, on: date) -> None:
    """Unless one shift lies whole within another, the shifts of a plant never share time."""
    patterns = []
    for index, (start, length) in enumerate(starts):
        end = (datetime.combine(date(2026, 1, 1), start) + timedelta(minutes=length)).time()
        patterns.append(ShiftPattern(index, f"S{index}", start, end, WEEK))
    window = Span(utc_ms(on, time(0), zone), utc_ms(on + timedelta(days=2), time(0), zone))
    shifts = shifts_between(tuple(patterns), window, zone)
    whole = [shift_on(p, s.business_on, zone).span for p in patterns for s in shifts if s.name == p.name]
    nested = any(a != b and a.start_ms <= b.start_ms and b.end_ms <= a.end_ms for a in whole for b in whole) or len(
        {p.start for p in patterns}
    ) < len(patterns)
    if not nested:
        assert total_ms([s.span for s in shifts]) == sum(s.span.length_ms for s in shifts)

"""Targets are cumulative: the hours of a shift add up to it."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.calendar import Pause, Shift, hours_of
from desktop.domain.spans import Span
from desktop.domain.targets import due, forecast

HOUR = 3_600_000


def shift(hours: float, *breaks: Span) -> Shift:
    return Shift("Day", date(2026, 11, 19), Span(0, round(hours * HOUR)), tuple(Pause("b", b) for b in breaks))


@given(
    st.floats(0.5, 12),
    st.lists(st.builds(lambda a, n: Span(a, a + n), st.integers(0, 8 * HOUR), st.integers(0, HOUR)), max_size=3),
    st.floats(100, 400_000),
    st.lists(st.integers(-HOUR, 13 * HOUR), max_size=5),
)
def test_hours_add_up_to_the_shift(hours: float, breaks: list[Span], cycle_ms: float, cuts: list[int]) -> None:
    day = shift(hours, *breaks)
    rows = [due(day, cycle_ms, h.end_ms) - due(day, cycle_ms, h.start_ms) for h in hours_of(day)]
    assert sum(rows) == due(day, cycle_ms, day.span.end_ms)
    assert all(row >= 0 for row in rows)
    steps = [due(day, cycle_ms, at) for at in sorted(cuts)]
    assert steps == sorted(steps)
    assert due(day, cycle_ms, -1) == 0


def test_a_break_makes_nothing_due() -> None:
    day = shift(8, Span(4 * HOUR, 5 * HOUR))
    assert due(day, 60_000, 4 * HOUR) == due(day, 60_000, 5 * HOUR) == 240
    assert due(day, 60_000, 8 * HOUR) == due(day, 60_000, 99 * HOUR) == 420


def test_half_a_piece_counts_up() -> None:
    assert due(shift(1), 2 * 30_000, 30_000) == 1


def test_the_forecast_waits_for_ten_minutes_of_work() -> None:
    day = shift(8, Span(4 * HOUR, 5 * HOUR))
    assert forecast(10, day, 599_999) is None
    assert forecast(10, day, 600_000) == 420
    assert forecast(240, day, 5 * HOUR) == 420
    assert forecast(300, day, 8 * HOUR) == 300
    assert forecast(None, day, HOUR) is None
    assert forecast(7, None, HOUR) == 7
    assert forecast(0, day, -HOUR) is None

"""A week against the four before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain import weekly
from desktop.domain.events import State
from desktop.domain.intervals import Category
from desktop.domain.losses import UNLABELLED, Cause, Stood

FAULT = Cause(Category.STOP, State.FAULT)
TOOL = Cause(Category.STOP, State.STOP, 7)
WAIT = Cause(Category.WAIT, State.STARVED)
NAMES = {7: "공구교체"}


def test_reasons_of_both_are_compared_in_as_many_shifts() -> None:
    now = {FAULT: Stood(60_000, 2), WAIT: Stood(9_000_000, 9)}
    before = {FAULT: Stood(480_000, 8), TOOL: Stood(200_000, 4), UNLABELLED: Stood(40_000, 1)}
    fault, tool, rest = weekly.compare(now, before, 0.25, NAMES)
    assert (fault.length_ms, fault.count, fault.before_ms, fault.recovered_ms) == (60_000, 2, 120_000, 60_000)
    assert (tool.word, tool.length_ms, tool.recovered_ms) == ("공구교체", 0, 50_000)
    assert (rest.labelled, rest.length_ms, rest.before_ms) == (False, 0, 10_000)


def test_without_weeks_before_nothing_is_said_of_them() -> None:
    rows = weekly.compare({FAULT: Stood(60_000, 2)}, {}, None, NAMES)
    assert [(row.before_ms, row.recovered_ms) for row in rows] == [(None, None), (None, None)]


@pytest.mark.parametrize(
    ("week", "monday"),
    [
        ("2026-W47", date(2026, 11, 16)), ("2026w47", date(2026, 11, 16)), ("2026-W53", date(2026, 12, 28)),
        ("2025-W53", None), ("2026-W00", None), ("W47", None), ("", None), ("last", None), ("0000-W01", None),
    ],
)  # fmt: skip
def test_weeks_as_people_write_them(week: str, monday: date | None) -> None:
    assert weekly.monday_of(week) == monday


@given(st.dates(date(1972, 1, 1), date(2099, 1, 1)))
def test_a_week_holds_its_days(on: date) -> None:
    monday = weekly.monday_of(weekly.week_name(on))
    assert monday is not None
    assert monday <= on < monday + timedelta(days=7)
    assert weekly.monday_of(weekly.last_week(on)) == monday - timedelta(days=7)

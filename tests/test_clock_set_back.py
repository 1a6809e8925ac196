"""Where the PC's clock is set back, nothing that people said is hidden until it has caught up."""

from __future__ import annotations

from datetime import date

import pytest

from desktop import clock, summaries
from desktop.domain.calendar import Shift
from desktop.domain.entries import OPEN_MS, Attended, Called, Labelled, Note, Ordered
from desktop.domain.spans import Span
from desktop.store import entries
from desktop.store.database import Store
from desktop.summaries.now import Live
from tests import test_entered
from tests.store.example import MACHINE, MINUTE
from tests.test_entered import OTHER, Floor, at, halves, say

entered = test_entered.shop


@pytest.fixture
def shop(entered: Store) -> Store:
    """It was 09:40; then the clock was set back by an hour, and it is 08:40 now."""
    floor = Floor(entered)
    floor.makes(*halves(0.5, 100))
    entered.clock = clock.starting_at(at(40), 1.0)
    say(entered, 50, Labelled(MACHINE, at(10), at(12), 0, 1))
    say(entered, 60, Ordered(MACHINE, at(20), OPEN_MS, "WO-1", 1))
    return entered


def test_what_was_said_before_is_known_at_once(shop: Store) -> None:
    line = summaries.line_now(shop, at(40))
    assert line.machines[0].kpis is not None
    assert line.machines[0].kpis.performance is not None, "the order says what is made"
    assert [row.said for row in summaries.work_now(Live(), shop, at(40), MACHINE).entered] == [
        Ordered(MACHINE, at(20), OPEN_MS, "WO-1", 1)
    ]
    say(shop, 41, Called(MACHINE, at(41), OPEN_MS, "maintenance"))
    assert summaries.line_now(shop, at(42)).machines[0].call is not None


def test_what_it_says_of_a_time_ahead_holds_already(shop: Store) -> None:
    say(shop, 100, Ordered(MACHINE, at(95), OPEN_MS, "WO-2", OTHER), Called(MACHINE, at(96), OPEN_MS, "material"))
    live = Live()
    work = summaries.work_now(live, shop, at(41), MACHINE)
    assert work.running is not None
    assert work.running.code == "WO-2"
    assert summaries.line_now(shop, at(41)).machines[0].call is not None
    for minute in (42, 45, 94, 101):
        remembered, fresh = live.line_now(shop, at(minute)), summaries.line_now(shop, at(minute))
        assert remembered.machines == fresh.machines, minute


def test_people_who_came_before_are_still_there(shop: Store) -> None:
    say(shop, 55, Attended(0, at(0), OPEN_MS, 1))
    shift = Shift("Day", date(2025, 11, 19), Span(at(0), at(120)))
    assert summaries.man_hours(shop, shift, at(40)).total_ms == 40 * MINUTE


def test_the_report_of_the_shift_has_it_and_a_moment_that_is_asked_for_knows_nothing_of_later(shop: Store) -> None:
    say(shop, 62, Note(0, at(62), at(62), "oil"))
    shift = summaries.find_shift(shop, "current", at(41))
    report = summaries.shift_report(shop, shift, at(41))
    assert [note.text for note in report.handover.notes] == ["oil"]
    shop.clock = clock.starting_at(at(90), 1.0)
    told = entries.standing(shop, Span(0, OPEN_MS))
    assert [entry.at_ms for entry in entries.known(shop, told, at(55), OPEN_MS)] == [at(50)]

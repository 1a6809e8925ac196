"""Targets of a shift from the file: one figure on screen, in the report, in lists of shifts and on the command line."""

from __future__ import annotations

import json

import pytest

from desktop import summaries, words
from desktop.configuration import orders as sheet
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import OPEN_MS, Booked, Changed, FirstPiece, Ordered, OrderEnded
from desktop.domain.spans import Span
from desktop.reports import json_file
from desktop.reports.derived import achievement
from desktop.store import entries, records, register
from desktop.store.database import Store
from desktop.summaries.frame import read_register
from desktop.summaries.now import Live
from desktop.summaries.shifts import figures_of, kept_sums
from tests import test_entered
from tests.store.example import HOUR, MACHINE, MINUTE
from tests.test_entered import OTHER, Floor, at, halves, say
from tests.test_live import START, seen
from tests.test_orders import row

entered = test_entered.shop  # two products; the one of a minute is the second, the first has 33 s


@pytest.fixture
def shop(entered: Store) -> Store:
    floor = Floor(entered)
    floor.makes(*halves(0.5, 90))
    return entered


def _dues(store: Store, minute: float, live: Live | None = None) -> list[int | None]:
    now = (live or Live()).line_now(store, at(minute))
    return [row.target for row in now.machines[0].hours]


def test_a_new_order_never_moves_the_target_of_the_hours_before_it(shop: Store) -> None:
    say(shop, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 500))
    before, live = _dues(shop, 70), Live()
    assert before == [109, 91], "110 less the break from 09:00 to 09:10, at 33 s"
    assert _dues(shop, 70, live) == before
    say(shop, 80, OrderEnded(MACHINE, at(80), at(80), "WO-1"), Ordered(MACHINE, at(80), OPEN_MS, "WO-2", OTHER))
    after = _dues(shop, 90, live)
    assert after[0] == before[0]
    assert after == _dues(shop, 90), "remembered"
    assert after[1] == round((60 * 60_000 + 10 * 60_000) / 33_000) - 109 + 40


def test_every_way_to_ask_gives_the_same_target_plan_and_achievement(shop: Store) -> None:
    sheet.enter(shop, [row(quantity=60, machine="PR-01"), row("WO-2", "Q", 40, machine="PR-01")], at_ms=START - HOUR)
    sheet.enter(shop, [row("WO-3", "Q", 7, machine="PR-01")], at_ms=at(30))
    say(shop, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 60))
    say(shop, 40, Changed(MACHINE, at(40), OPEN_MS, OTHER), Ordered(MACHINE, at(40), OPEN_MS, "WO-2", OTHER))
    say(shop, 45, FirstPiece(MACHINE, at(45), at(45), True))
    now_ms = at(90)
    line = summaries.line_now(shop, now_ms)
    [tile, _other] = line.machines
    due = round(40 * 60 / 33 + 40)
    assert (tile.target, line.target) == (due, due)
    assert (tile.plan, line.plan) == (60 + 40, 60 + 40), "33 minutes, then 40"
    assert line.shift_plan == 100, "what came later is no part of the frozen plan"
    assert line.shift_target == due + 7, "what the plan still wants: all is due of the order that runs"
    shift = summaries.find_shift(shop, "current", now_ms)
    report = summaries.shift_report(shop, shift, now_ms)
    assert (report.target, report.plan) == (line.target, line.plan)
    assert report.good is not None
    assert achievement(report) == pytest.approx(report.good / 100)
    told = json.loads(json_file.render(report))
    assert (told["plan"], told["achievement"]) == (100, achievement(report))
    said = json.loads(words.status_json(line))
    assert (said["target"], said["plan"], said["machines"][0]["plan"]) == (line.target, 100, 100)
    there = read_register(shop)
    end_ms = shift.span.end_ms
    over = summaries.shift_report(shop, shift, end_ms + MINUTE)
    listed = figures_of(
        shop, there, shift, end_ms + MINUTE, None, kept_sums(shop, there, 0, shift.span).get(shift.span)
    )
    assert (listed.target, listed.plan) == (over.target, over.plan)


def test_a_look_that_remembers_sees_the_plan_as_a_fresh_one_does(shop: Store) -> None:
    live = Live()
    for minute in (91, 92.5):
        assert seen(live.line_now(shop, at(minute))) == seen(summaries.line_now(shop, at(minute)))
    sheet.enter(shop, [row(machine="PR-01"), row("WO-2", "Q", 40)], at_ms=at(93))
    for minute in (93, 95, 100, 110):
        if minute == 100:
            say(shop, 99, Ordered(MACHINE, at(95), OPEN_MS, "WO-2", OTHER, 40))
        assert seen(live.line_now(shop, at(minute))) == seen(summaries.line_now(shop, at(minute))), minute
    sheet.enter(shop, [row("WO-2", "P", 10)], at_ms=at(111))
    assert seen(live.line_now(shop, at(112))) == seen(summaries.line_now(shop, at(112)))


def test_an_order_of_any_shift_of_the_day_is_frozen_at_what_was_left_of_it(shop: Store) -> None:
    sheet.enter(shop, [row(quantity=150, shift="", machine="PR-01")], at_ms=START - HOUR)
    say(shop, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 150))
    floor = Floor(shop)
    floor.makes(*halves(90.5, 100))
    late = summaries.line_now(shop, at(125)).machines[0]
    assert sum(c.pieces for c in records.counts(shop, MACHINE, Span(START, at(119)))) == 200
    assert late.plan == 0, "all of it was made in the shift before"


def test_what_was_left_of_an_order_counts_what_people_corrected(shop: Store) -> None:
    def booked(kind: BookingKind, pieces: int, minute: float = 60, to: float = 60) -> Booked:
        return Booked(MACHINE, at(minute), at(to), kind, pieces, 1, None if kind is BookingKind.UNCOUNTED else 1)

    sheet.enter(shop, [row(quantity=300, shift="", machine="PR-01")], at_ms=START - HOUR)
    say(shop, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 300))
    Floor(shop).makes(*halves(90.5, 100))
    [uncounted, _late] = say(shop, 110, booked(BookingKind.UNCOUNTED, 20, 100, 110), booked(BookingKind.LATE_REJECT, 5))
    live = Live()

    def due(minute: float) -> tuple[int | None, int | None]:
        now = live.line_now(shop, at(minute))
        assert seen(now) == seen(summaries.line_now(shop, at(minute))), "remembered"
        return now.shift_plan, now.shift_target

    assert due(125) == (85, 85), "200 counted, 20 that no counter saw, 5 late rejects"
    say(shop, 130, booked(BookingKind.LATE_REJECT, 3))
    entries.take_back(shop, [uncounted], at(131), "Kim", "twice")
    assert due(132) == (85, 108), "the plan with which the shift began stays; what is to come follows"
    [before, _other] = live.line_now(shop, at(184)).machines
    say(shop, 185, booked(BookingKind.LATE_REJECT, 7))
    [after, _other] = live.line_now(shop, at(186)).machines
    assert after.hours[0].target == before.hours[0].target, "no hour that is over moves"


def test_a_planned_stop_takes_its_time_off_the_hour(shop: Store) -> None:
    say(shop, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-2", OTHER))
    assert _dues(shop, 90) == [60, 50]
    with shop.transaction() as db:
        columns = {"start_ms": at(20), "end_ms": at(50), "machine_id": MACHINE, "approved_at_ms": START - HOUR}
        columns["no_order"] = 0
        names = ", ".join(columns)
        db.execute(f"INSERT INTO planned_stops ({names}) VALUES (?, ?, ?, ?, ?)", tuple(columns.values()))
        register.audit(db, START, "", "import", "", "", "")
    assert _dues(shop, 90) == [30, 50]

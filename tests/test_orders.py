"""The plan at the machines: entered by rows, worked off by what people say, told by summaries and report alike."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from desktop import configuration, summaries
from desktop.clock import PlantClock
from desktop.configuration import orders as sheet
from desktop.configuration.tables import ConfigurationError
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import OPEN_MS, Booked, Changed, FirstPiece, Ordered, OrderEnded
from desktop.domain.figures.work import OrderNow, WorkNow
from desktop.store import database, entries, orders, register
from desktop.store.database import Store
from desktop.summaries.now import Live
from tests import test_entered
from tests.store.example import MACHINE, MINUTE
from tests.test_entered import OTHER, Floor, at, halves, say
from tests.test_live import START

DAY = date(2025, 11, 19)
DEMO = (Path(__file__).parents[1] / "resources" / "demo_line.toml").read_text(encoding="utf-8")
shop = test_entered.shop  # a machine that tells its state, and two products


def row(code: str = "WO-1", product: str = "P", quantity: object = 100, **more: object) -> dict[str, object]:
    return {"code": code, "product": product, "quantity": quantity, "on": DAY, "shift": "Day", **more}


def work(store: Store, minute: float, live: Live | None = None) -> WorkNow:
    return summaries.work_now(live or Live(), store, at(minute), MACHINE)


def order(found: WorkNow, code: str) -> OrderNow:
    return next(each for each in found.orders if each.code == code)


@pytest.fixture
def planned(shop: Store) -> Store:
    with shop.transaction() as db:
        db.execute("UPDATE products SET name = 'Housing' WHERE code = 'P'")
    sheet.enter(shop, [row(lot="L1", machine="PR-01"), row("WO-2", "Q", 40, machine="PR-01")])
    return shop


# --- the plan ---------------------------------------------------------------------------------------


def test_rows_become_orders_and_the_same_rows_again_change_nothing(shop: Store) -> None:
    rows = [
        row(due=datetime.fromisoformat("2025-11-19T09:30:00"), kind="시작", lot="L1"),
        row("WO-2", "Q", 40.0, machine="PR-01"),
    ]
    assert sheet.enter(shop, rows, dry_run=True).added == ("WO-1", "WO-2")
    assert orders.orders(shop) == ()
    assert sheet.enter(shop, rows, "kim").added == ("WO-1", "WO-2")
    first, second = orders.orders(shop)
    assert (first.kind, first.due_ms, first.machine, first.lot) == ("trial", START + 90 * MINUTE, None, "L1")
    assert (second.quantity, second.machine, second.place) == (40, MACHINE, 1)
    version = register.version(shop)
    assert sheet.enter(shop, rows).unchanged == ("WO-1", "WO-2")
    assert register.version(shop) == version
    [audit] = shop.rows("SELECT who, action, new FROM audit WHERE action = 'plan'")
    assert audit[0] == "kim"
    assert '"WO-2"' in audit[2]


def test_a_plan_that_changes_keeps_what_it_was(planned: Store) -> None:
    found = sheet.enter(planned, [row("WO-2", "Q", 60, machine="PR-01")], whole_days=True, dry_run=True)
    assert (found.changed, found.retired) == (("WO-2",), ("WO-1",))
    planned.clock = type(planned.clock)(START + 60 * MINUTE, 0, 0.0)
    sheet.enter(planned, [row("WO-2", "Q", 60, machine="PR-01")], whole_days=True)
    assert [o.code for o in orders.orders(planned)] == ["WO-2"]
    sees = work(planned, 70)
    assert [(o.code, o.quantity, o.planned) for o in sees.orders] == [("WO-2", 60, 40)]
    assert not sees.late_plan


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row(), row("WO-2"), row()], "Row 3, WO-1: this order stands already in row 1. Give each order one row."),
        ([row(quantity=0)], "Row 1, WO-1: the quantity 0 cannot be. Write a whole number from 1 to 1,000,000."),
        ([row(quantity=5_000_000)], "the quantity 5000000 cannot be."),
        ([row(quantity=12.5)], "the quantity 12.5 cannot be."),
        ([row(quantity=float("nan"))], "the quantity nan cannot be."),
        ([row(quantity="many")], "the quantity many cannot be."),
        ([row(product="P1")], "Row 1, WO-1: the product P1 is not known. Do you mean P?"),
        ([row(product="")], "the product is missing."),
        ([row(machine="PR-10")], "the machine PR-10 is not known. Do you mean PR-01?"),
        ([row(shift="Nite")], "the shift Nite is not known."),
        ([row(kind="urgent")], "the kind urgent is not known. Write one of: mass, trial, rework."),
        ([row(status="?")], "the status ? is not known."),
        ([row(code=" ")], "Row 1: the order number is missing."),
        ([row(on="tomorrow")], "tomorrow is no date. Write it as 2026-11-19."),
        ([row(due=date(2025, 11, 18))], "it is due before the day for which it is planned (2025-11-19)."),
        ([row(lot="x" * 61)], "is longer than 60 characters."),
    ],
)
def test_what_cannot_be_is_one_clear_sentence_and_nothing_is_entered(
    shop: Store,
    rows: list[dict[str, Any]],
    words: str,
) -> None:
    with pytest.raises(ConfigurationError) as told:
        sheet.enter(shop, rows)
    assert len(told.value.faults) == 1
    assert words in told.value.faults[0]
    assert orders.orders(shop) == ()


def test_the_configuration_file_carries_the_plan_there_and_back(tmp_path: Path) -> None:
    shop = database.create(tmp_path, clock=PlantClock(START, 0, 0.0))
    order = """
[[order]]
code = "WO-1"
product = "VH-204"
quantity = 500
due = 2025-11-19T17:00:00
kind = "trial"
machine = "MC-01"
on = 2025-11-19
shift = "Day"
"""
    configuration.apply(shop, configuration.parse(DEMO + order + order.replace("WO-1", "WO-2").replace("500", "7")))
    first = configuration.export(shop)
    assert [(o.code, o.quantity, o.kind) for o in orders.orders(shop)] == [("WO-1", 500, "trial"), ("WO-2", 7, "trial")]
    configuration.apply(shop, configuration.parse(first))
    assert configuration.export(shop) == first
    configuration.apply(shop, configuration.parse(DEMO))
    assert len(orders.orders(shop)) == 2, "a file that does not speak of the plan leaves it"
    configuration.apply(shop, configuration.parse(DEMO + order))
    assert [o.code for o in orders.orders(shop)] == ["WO-1"]
    for wrong, words in (
        (order.replace("VH-204", "VH-20"), 'order[WO-1].product = "VH-20"'),
        (order.replace("500", "0"), "must be a whole number from 1 to 1000000"),
        (order + order, "stands already at order[WO-1]"),
        (order.replace("due = 2025-11-19", "due = 2025-11-18"), "must not be earlier"),
    ):
        with pytest.raises(ConfigurationError, match=re.escape(words)):
            configuration.parse(DEMO + wrong)
    shop.close()


# --- at the machine ---------------------------------------------------------------------------------


def test_an_order_runs_counts_its_pieces_and_says_when_it_is_done(planned: Store) -> None:
    floor = Floor(planned)
    floor.makes(*halves(0.5, 40))
    assert [o.status for o in work(planned, 5).orders] == ["open", "open"]
    say(planned, 10, Ordered(MACHINE, at(10), OPEN_MS, "WO-1", 1, 100))
    found = work(planned, 40)
    running = order(found, "WO-1")
    assert found.running == running
    assert (running.made, running.remaining, running.over, running.started_ms) == (60, 40, 0, at(10))
    # half a minute a piece: 40 pieces are 20 minutes, and the rest from 09:00 to 09:10 begins then
    assert running.finish_ms == at(60)
    assert not running.by_standard
    second = order(found, "WO-2")
    assert second.by_standard
    assert second.finish_ms == at(60 + 10 + 40), "40 pieces a minute each, behind the first and the break"
    [machine] = [m for m in found.machines if m.id == MACHINE]
    assert (machine.order, machine.made, machine.quantity) == ("WO-1", 60, 100)


def test_late_against_due_and_over_production_are_told(planned: Store) -> None:
    sheet.enter(
        planned, [row(due=datetime.fromisoformat("2025-11-19T08:50:00"), machine="PR-01", quantity=70, lot="L1")]
    )
    floor = Floor(planned)
    floor.makes(*halves(0.5, 30))
    say(planned, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 70))
    running = order(work(planned, 30), "WO-1")
    assert (running.remaining, running.finish_ms, running.late_ms) == (10, at(35), 0)
    floor.makes(*halves(30.5, 60))
    found = order(work(planned, 60), "WO-1")
    assert (found.made, found.remaining, found.over, found.status) == (120, 0, 50, "running")


def test_an_order_of_yesterday_goes_on_and_is_counted_whole(planned: Store) -> None:
    floor = Floor(planned)
    floor.makes(*halves(0.5, 119.5))
    say(planned, 60, Ordered(MACHINE, at(60), OPEN_MS, "WO-1", 1, 500))
    floor.makes(*halves(120.5, 150))
    live = Live()
    found = order(work(planned, 150, live), "WO-1")  # the next shift began at 120
    assert (found.made, found.in_shift) == (179, 60)
    assert order(work(planned, 150.5, live), "WO-1").made == found.made, "remembered"


def test_accepted_pieces_of_the_set_up_count_for_the_order_and_late_rejects_do_not(planned: Store) -> None:
    floor = Floor(planned)
    floor.makes(*halves(0.5, 10))
    say(planned, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 100))
    say(planned, 10, Changed(MACHINE, at(10), OPEN_MS, OTHER), Ordered(MACHINE, at(10), OPEN_MS, "WO-2", OTHER, 40))
    floor.makes(14, 18)
    now = work(planned, 19)
    assert now.setup is not None
    assert (now.setup.from_name, now.setup.to_name, now.setup.end_ms) == ("Housing", "Q", None)
    assert now.setup.length_ms == round(8.5 * MINUTE)
    say(planned, 19, FirstPiece(MACHINE, at(19), at(19), good=False))
    say(planned, 22, FirstPiece(MACHINE, at(22), at(22), good=True))
    floor.makes(23, 24, 25)
    after = work(planned, 25)
    assert after.setup is None
    [changed] = after.changeovers
    assert (changed.refused, changed.first_good_ms, changed.length_ms) == (1, at(22), round(11.5 * MINUTE))
    assert order(after, "WO-2").made == 5, "two of the set-up, three behind it"
    assert [(r.from_name, r.to_name, r.count) for r in after.matrix] == [("Housing", "Q", 1)]
    say(planned, 26, Booked(MACHINE, at(24.5), at(24.5), BookingKind.LATE_REJECT, 2, None, OTHER))
    assert order(work(planned, 26), "WO-2").made == 3


def test_ending_an_order_ends_it_and_taking_that_back_lets_it_go_on(planned: Store) -> None:
    floor = Floor(planned)
    floor.makes(*halves(0.5, 20))
    say(planned, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 100))
    [number] = say(planned, 20, OrderEnded(MACHINE, at(20), at(20), "WO-1"))
    ended = work(planned, 21)
    assert (ended.running, order(ended, "WO-1").status, order(ended, "WO-1").made) == (None, "open", 40)
    assert [type(row.said) for row in ended.entered] == [OrderEnded, Ordered]
    entries.take_back(planned, [number], at(21))
    assert order(work(planned, 22), "WO-1").status == "running"


def test_reasons_of_counted_rejects_move_no_piece(planned: Store) -> None:
    floor = Floor(planned)
    floor.makes(*halves(0.5, 20))
    floor.at_ms = at(15)
    from tests.store.example import count

    floor.tell(count(floor.book, at(15), 3, word="reject"))
    say(planned, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 100))
    before = work(planned, 21)
    assert before.counts_rejects
    say(planned, 21, Booked(MACHINE, at(20), at(20), BookingKind.REJECT_REASON, 2, 7, 1))
    after = work(planned, 22)
    assert (after.good, after.reject) == (before.good, before.reject) == (40, 3)


def test_the_report_tells_the_same_orders_and_changeovers(planned: Store) -> None:
    floor = Floor(planned)
    floor.makes(*halves(0.5, 10))
    say(planned, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 100))
    say(planned, 10, Changed(MACHINE, at(10), OPEN_MS, OTHER), Ordered(MACHINE, at(10), OPEN_MS, "WO-2", OTHER, 40))
    say(planned, 15, FirstPiece(MACHINE, at(15), at(15), good=True))
    floor.makes(*range(16, 40))
    say(planned, 40, Booked(MACHINE, at(30), at(30), BookingKind.LATE_REJECT, 2, None, OTHER))
    say(planned, 40, Booked(MACHINE, at(30), at(30), BookingKind.EMPTY_STROKE, 1, None, OTHER, "test"))
    shift = summaries.find_shift(planned, "current", at(41))
    report = summaries.shift_report(planned, shift, at(41))
    seen = work(planned, 41)
    assert [(o.code, o.made, o.planned) for o in report.orders] == [("WO-1", 20, 100), ("WO-2", 21, 40)]
    assert [o.made for o in report.orders] == [order(seen, "WO-1").made, order(seen, "WO-2").made]
    assert [(c.from_name, c.to_name) for c in report.changeovers] == [("Housing", "Q")]
    assert [(s.kind, s.reason, s.pieces) for s in report.scrap] == [("reject", "", 2), ("empty_stroke", "test", 1)]

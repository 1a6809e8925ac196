"""An order of the whole line is counted where its pieces go into the boxes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop import summaries
from desktop.configuration import orders as sheet
from desktop.domain.entries import OPEN_MS, Ordered
from desktop.store import register
from desktop.store.database import Store
from desktop.summaries.now import Live
from tests import test_entered
from tests.store.example import MACHINE, count
from tests.test_entered import OTHER, Floor, at, halves, say
from tests.test_live import COUNTING
from tests.test_orders import order, row

entered = test_entered.shop


@pytest.fixture
def shop(entered: Store) -> Store:
    """The first machine makes a piece each half minute, the last one packs each of them a minute later."""
    floor = Floor(entered)
    for minute in halves(0.5, 60):
        floor.makes(minute)
        if minute > 1:
            floor.tell(replace(count(floor.book, floor.at_ms, 1), machine=COUNTING, device=COUNTING))
    sheet.enter(entered, [row(quantity=80), row("WO-2", "Q", 40)])
    return entered


def boxes(store: Store, minute: float) -> int:
    report = summaries.shift_report(store, summaries.find_shift(store, "current", at(minute)), at(minute))
    return next(machine.good or 0 for machine in report.machines if machine.id == COUNTING)


def test_a_line_order_that_was_told_at_the_first_machine_counts_what_is_packed(shop: Store) -> None:
    say(shop, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 80))
    for machine in (MACHINE, COUNTING):
        work = summaries.work_now(Live(), shop, at(60), machine)
        found = order(work, "WO-1")
        assert (found.made, found.over, found.remaining) == (118, 38, 0)
    report = summaries.shift_report(shop, summaries.find_shift(shop, "current", at(60)), at(60))
    [told] = [each for each in report.orders if each.code == "WO-1"]
    assert (told.made, told.over, told.status) == (boxes(shop, 60), 38, "running")
    assert next(m.made for m in work.machines if m.id == MACHINE) == 118


def test_what_the_last_machine_is_told_itself_holds_there(shop: Store) -> None:
    say(shop, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 80))
    say(shop, 30, Ordered(COUNTING, at(30), at(40), "rest", 1, 5))
    found = order(summaries.work_now(Live(), shop, at(60), MACHINE), "WO-1")
    assert found.made == 118 - 20


def test_an_order_ends_where_its_product_leaves_the_line_and_says_when_it_is_done(shop: Store) -> None:
    say(shop, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-2", OTHER, 200))
    found = order(summaries.work_now(Live(), shop, at(60), MACHINE), "WO-2")
    assert found.made == 120, "the last machine has no standard for it: it does not pass there"
    with shop.transaction() as db:
        key = {"product_id": OTHER, "machine_id": COUNTING, "valid_from_ms": 0}
        register.upsert(db, "standards", key, {"ideal_cycle_ms": 60_000.0, "standard_cycle_ms": 60_000.0})
        register.audit(db, 0, "", "import", "", "", "")
    sheet.enter(shop, [row("WO-2", "Q", 200)])
    found = order(summaries.work_now(Live(), shop, at(60), MACHINE), "WO-2")
    assert (found.made, found.remaining) == (118, 82)
    assert at(60 + 10 + 41) <= (found.finish_ms or 0) < at(60 + 10 + 42), "half a minute a piece, behind the break"

"""Orders, changeovers and corrected pieces, as people say them: what becomes of time, pieces and hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop import summaries
from desktop.calendar_words import refused
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import OPEN_MS, Booked, Changed, FirstPiece, Ordered, OrderEnded, Said
from desktop.domain.figures.machine import MachineDay
from desktop.domain.intervals import Category
from desktop.domain.scheduling import AddHoliday
from desktop.store import calendar_edits, entries, register
from desktop.store.database import Store
from desktop.summaries.now import Live
from tests.store.example import MACHINE, MINUTE, count, state
from tests.test_live import COUNTING, START, Shop, open_counting, seen

OTHER = 2  # the second product, with an ideal cycle of a minute


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    store = open_counting(tmp_path)
    with store.transaction() as db:
        product = register.upsert(db, "products", {"code": "Q"}, {"name": "Q"})
        assert product == OTHER
        key = {"product_id": product, "machine_id": MACHINE, "valid_from_ms": 0}
        register.upsert(db, "standards", key, {"ideal_cycle_ms": 60_000.0, "standard_cycle_ms": 60_000.0})
        register.audit(db, START, "", "import", "", "", "")
    yield store
    store.close()


class Floor(Shop):
    """A machine that runs from the beginning, a piece each half minute where a test says so."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, 0)
        self.tell(state(self.book, START, "run"))

    def makes(self, *minutes: float) -> None:
        for minute in minutes:
            self.at_ms = START + round(minute * MINUTE)
            self.tell(count(self.book, self.at_ms, 1))


def say(store: Store, minute: float, *said: Said) -> list[int]:
    return entries.say(store, said, START + round(minute * MINUTE), "김정호")


def at(minute: float) -> int:
    return START + round(minute * MINUTE)


def day(store: Store, minute: float) -> MachineDay:
    return summaries.machine_day(store, MACHINE, at(minute))


def halves(first: float, last: float) -> list[float]:
    return [first + n / 2 for n in range(round((last - first) * 2) + 1)]


def test_an_order_says_what_is_made_and_so_what_its_pieces_are_worth(shop: Store) -> None:
    floor = Floor(shop)
    floor.makes(*halves(0.5, 40))
    before = day(shop, 40).machine.kpis
    assert before.performance is None, "two products have a standard: nobody knows which is made"
    say(shop, 1, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 500))
    assert day(shop, 40).machine.kpis.performance == pytest.approx(1.0)
    say(shop, 21, Ordered(MACHINE, at(20), OPEN_MS, "WO-2", OTHER))
    found = day(shop, 40).machine.kpis
    assert {output.product: output.good for output in found.sums.outputs} == {1: 40, OTHER: 40}
    assert found.performance == pytest.approx(1.5), "worth a minute each since then"
    say(shop, 30, OrderEnded(MACHINE, at(30), at(30), "WO-2"))
    assert {o.product: o.good for o in day(shop, 40).machine.kpis.sums.outputs} == {1: 40, OTHER: 20, None: 20}


def test_rework_is_no_first_pass(shop: Store) -> None:
    floor = Floor(shop)
    floor.makes(*halves(0.5, 40))
    say(shop, 1, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1))
    say(shop, 30, Ordered(MACHINE, at(30), OPEN_MS, "RW-1", 1, rework=True))
    found = day(shop, 40).machine.kpis
    assert found.pieces.good == 60
    assert found.times.rework_ms == 10 * MINUTE


def test_a_changeover_lasts_until_the_first_piece_is_approved(shop: Store) -> None:
    floor = Floor(shop)
    floor.makes(*halves(0.5, 10))
    say(shop, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1))
    say(shop, 10, Changed(MACHINE, at(10), OPEN_MS, OTHER), Ordered(MACHINE, at(10), OPEN_MS, "WO-2", OTHER))
    floor.makes(14, 18)
    assert day(shop, 19).machine.category is Category.SETUP
    say(shop, 20, FirstPiece(MACHINE, at(20), at(20), good=False), FirstPiece(MACHINE, at(22), at(22), good=True))
    floor.makes(23, 24, 25)
    found = day(shop, 25)
    [setup] = [part for part in found.intervals if part.category is Category.SETUP]
    assert (setup.span.start_ms, setup.span.end_ms) == (at(10.5), at(22)), "one stroke after the last old piece"
    assert found.machine.kpis.pieces.total == 20 + 3, "pieces of the set-up are no part of PQ"
    assert found.machine.category is Category.RUN


@pytest.mark.parametrize(
    ("kind", "good", "reject"),
    [(BookingKind.LATE_REJECT, 77, 3), (BookingKind.EMPTY_STROKE, 77, 0), (BookingKind.MASTER_PIECE, 77, 0)],
)
def test_corrected_pieces_move_and_the_hours_add_up(shop: Store, kind: BookingKind, good: int, reject: int) -> None:
    floor = Floor(shop)
    floor.makes(*halves(0.5, 40))
    say(shop, 1, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1))
    [number] = say(shop, 41, Booked(MACHINE, at(20), at(20), kind, 3, 4))
    found = day(shop, 42).machine
    assert (found.good, found.reject) == (good, reject)
    assert sum(row.good or 0 for row in found.hours) == good
    assert sum(row.reject or 0 for row in found.hours) == reject
    say(shop, 43, Booked(MACHINE, at(20), at(20), kind, 999, 4))
    assert day(shop, 44).machine.good == good, "more than was made cannot be"
    entries.take_back(shop, [number], at(45))
    assert (day(shop, 46).machine.good, day(shop, 46).machine.reject) == (80, 0)


@pytest.mark.parametrize("seed", range(3))
def test_a_look_that_remembers_equals_a_fresh_one(shop: Store, seed: int) -> None:
    floor, live, numbers = Shop(shop, seed), Live(), list[int]()
    while floor.at_ms < START + 3 * 60 * MINUTE:
        floor.go_on()
        now_ms, before_ms = floor.at_ms + 1, floor.at_ms - floor.rng.randrange(20) * MINUTE
        chance = floor.rng.random()
        said: list[Said] = []
        if chance < 0.15:
            said = [Ordered(MACHINE, before_ms, OPEN_MS, "WO", floor.rng.choice((1, OTHER)), rework=chance < 0.03)]
        elif chance < 0.25:
            said = [Changed(MACHINE, before_ms, OPEN_MS, OTHER)]
        elif chance < 0.35:
            said = [FirstPiece(MACHINE, before_ms, before_ms, good=chance < 0.3)]
        elif chance < 0.4:
            said = [Booked(MACHINE, max(before_ms, START), max(before_ms, START), BookingKind.LATE_REJECT, 1)]
        elif chance < 0.45:
            said = [OrderEnded(MACHINE, before_ms, before_ms)]
        elif chance < 0.5 and numbers:
            entries.take_back(shop, [numbers.pop()], now_ms)
        numbers += entries.say(shop, said, now_ms)
        assert seen(live.line_now(shop, now_ms)) == seen(Live().line_now(shop, now_ms))
    assert len(numbers) > 3


def test_a_machine_that_only_counts_is_judged_by_the_stroke_of_what_it_made_then(shop: Store) -> None:
    """Half a minute a piece, then a quick product of two seconds: the slow hour before does not fall to pieces."""
    with shop.transaction() as db:
        product = register.upsert(db, "products", {"code": "quick"}, {"name": "quick"})
        key = {"product_id": product, "machine_id": COUNTING, "valid_from_ms": 0}
        register.upsert(db, "standards", key, {"ideal_cycle_ms": 2_000.0, "standard_cycle_ms": 2_000.0})
        register.audit(db, START, "", "import", "", "", "")
    floor = Floor(shop)
    say(shop, 0, Ordered(COUNTING, at(0), OPEN_MS, "WO-1", 1))

    def counts(*minutes: float) -> None:
        for minute in minutes:
            floor.at_ms = at(minute)
            floor.tell(replace(count(floor.book, floor.at_ms, 1), machine=COUNTING, device=COUNTING))

    def parts(minute: float) -> list[tuple[Category, int]]:
        found = summaries.machine_day(shop, COUNTING, at(minute)).intervals
        return [(part.category, round(part.span.length_ms / 1000)) for part in found]

    counts(*halves(0.5, 20), *(20 + n / 30 for n in range(1, 151)))
    slow = [part for part in parts(20) if part[0] is not Category.RUN]
    assert slow == []
    say(shop, 20, Ordered(COUNTING, at(20), OPEN_MS, "WO-2", product))
    quick = parts(25)
    assert quick == [(Category.RUN, 25 * 60)], "nothing stood in either"
    counts(26)
    assert [part for part in parts(26) if part[0] is not Category.RUN] == [(Category.SHORT_STOP, 58)]


def test_after_a_week_off_the_shift_before_it_is_still_there(shop: Store) -> None:
    """As the pages of the machine lead to it: a late reject of the last shift comes when everybody is back."""
    floor = Floor(shop)
    floor.makes(*halves(1, 40))
    for days in range(1, 6):
        off = AddHoliday(date(2025, 11, 19) + timedelta(days=days))
        calendar_edits.change(shop, off, at(250), "kim", "holiday", refused)
    now = summaries.work_now(Live(), shop, at(6 * 24 * 60 + 10), MACHINE)
    assert now.before is not None
    assert (now.before.name, now.before.business_on) == ("Late", date(2025, 11, 19))


@pytest.mark.parametrize("said_ms", [at(85), at(79)])
def test_what_is_said_of_a_moment_to_come_holds_when_it_has_come(shop: Store, said_ms: int) -> None:
    """The clock stands, or is asked for moments: also of the very millisecond of a look."""
    floor, live = Floor(shop), Live()
    floor.makes(*halves(1, 120))
    live.line_now(shop, at(79))
    entries.say(shop, [Changed(MACHINE, at(85), OPEN_MS)], said_ms)
    for now_ms in (at(80), at(85), at(85) + 2_000, at(86), at(100)):
        assert seen(live.line_now(shop, now_ms)) == seen(Live().line_now(shop, now_ms)), now_ms
    assert Live().machine_day(shop, MACHINE, at(100)).machine.kpis.times.setup_ms


@pytest.mark.parametrize("back", [True, False])
def test_what_was_made_around_a_changeover_is_not_remembered_when_it_is_said_anew(shop: Store, back: bool) -> None:
    """A changeover of the shift before ends with the strokes of the product behind it, which may be said later."""
    floor, live = Floor(shop), Live()
    floor.makes(*range(1, 40), *[minute / 2 for minute in range(330, 400)])
    say(shop, 0.1, Ordered(MACHINE, at(0), OPEN_MS, "A", OTHER, 5))
    say(shop, 41, Changed(MACHINE, at(40), OPEN_MS))
    numbers = say(shop, 165, Ordered(MACHINE, at(150), OPEN_MS, "B", 1, 5))
    before = summaries.work_now(live, shop, at(200), MACHINE).changeovers
    if back:
        entries.take_back(shop, numbers, at(201))
    else:
        say(shop, 201, OrderEnded(MACHINE, at(45), at(45)), Ordered(MACHINE, at(160), OPEN_MS, "C", OTHER, 5))
    found = summaries.work_now(live, shop, at(202), MACHINE)
    fresh = summaries.work_now(Live(), shop, at(202), MACHINE)
    assert fresh.changeovers != before
    assert (found.changeovers, found.matrix) == (fresh.changeovers, fresh.matrix)

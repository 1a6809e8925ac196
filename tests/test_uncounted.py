"""Pieces that no counter saw: keyed in, they are in every figure alike and marked; what cannot be is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop import control, summaries
from desktop.configuration import orders as sheet
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import OPEN_MS, Booked, Labelled, Ordered
from desktop.reports import json_file
from desktop.reports.sentences import quality_notes
from desktop.store import entries, register
from desktop.store.database import KnownError, Store
from desktop.summaries import corrections
from desktop.summaries.now import Live
from tests import test_entered
from tests.store.example import MACHINE, MINUTE, state
from tests.test_entered import OTHER, Floor, at, say
from tests.test_orders import row

entered = test_entered.shop
GOOD, REJECT = BookingKind.UNCOUNTED, BookingKind.UNCOUNTED_REJECT


def uncounted(minute: float, pieces: int, to: float | None = None, kind: BookingKind = GOOD) -> Booked:
    return Booked(MACHINE, at(minute), at(minute if to is None else to), kind, pieces, note="Sensor slipped")


@pytest.fixture
def shop(entered: Store) -> Store:
    """A piece each minute of the first half hour, then the sensor slipped: the machine ran on and none was counted."""
    sheet.enter(entered, [row(machine="PR-01", quantity=60), row("WO-2", "Q", 40, machine="PR-01")])
    Floor(entered).makes(*range(1, 31))
    say(entered, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 60))
    return entered


@pytest.fixture
def dead(entered: Store) -> Store:
    """A piece each minute of the first half hour; then the PC was off until 09:15."""
    sheet.enter(entered, [row(machine="PR-01", quantity=60), row("WO-2", "Q", 40, machine="PR-01")])
    floor = Floor(entered)
    floor.makes(*range(1, 31))
    say(entered, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1, 60))
    floor.at_ms = at(30)
    floor.tell(floor.health(1, "offline"), state(floor.book, floor.at_ms, "unknown"))
    floor.at_ms = at(75)
    floor.tell(floor.health(1, "online"), state(floor.book, floor.at_ms, "run"))
    return entered


def everywhere(store: Store, minute: float) -> set[tuple[int, int]]:
    """Good and rejected pieces of the machine, wherever they are shown."""
    now = summaries.work_now(Live(), store, at(minute), MACHINE)
    day = summaries.machine_day(store, MACHINE, at(minute)).machine
    line = summaries.line_now(store, at(minute)).machines[0]
    report = summaries.shift_report(store, summaries.find_shift(store, "current", at(minute)), at(minute))
    told = json.loads(json_file.render(report))["machines"][0]
    found = {
        (now.good or 0, now.reject or 0), (day.good or 0, day.reject or 0), (line.good or 0, line.reject or 0),
        (report.machines[0].good or 0, report.machines[0].reject or 0), (told["good"], told["reject"]),
        (report.machines[0].kpis.sums.good, report.machines[0].kpis.sums.reject),
    }  # fmt: skip
    for hours in (day.hours, line.hours):
        found.add((sum(hour.good or 0 for hour in hours), sum(hour.reject or 0 for hour in hours)))
    made = sum(order.made for order in report.orders)
    assert made == report.machines[0].good, "the orders count what the boxes hold"
    assert {order.code: order.made for order in now.orders} == {order.code: order.made for order in report.orders}
    return found


def test_it_is_in_every_figure_and_marked(shop: Store) -> None:
    assert everywhere(shop, 60) == {(30, 0)}
    before = summaries.shift_report(shop, summaries.find_shift(shop, "current", at(60)), at(60)).machines[0].kpis
    control.enter(shop.folder, [uncounted(59.9, 25), uncounted(59.9, 3, kind=REJECT)])
    assert everywhere(shop, 60) == {(55, 3)}
    report = summaries.shift_report(shop, summaries.find_shift(shop, "current", at(60)), at(60))
    machine, [first, _second] = report.machines[0], report.orders
    assert (machine.by_hand, first.by_hand, first.made, first.remaining) == (28, 25, 55, 5)
    assert machine.kpis.times == before.times, "no time is invented"
    assert before.performance is not None
    assert machine.kpis.performance == pytest.approx(before.performance * 58 / 30)
    assert machine.kpis.quality == pytest.approx(55 / 58)
    assert f"Pieces counted by hand: {machine.name} 28" in quality_notes(report)
    assert json.loads(json_file.render(report))["machines"][0]["by_hand"] == 28
    assert [(each.kind, each.pieces) for each in report.scrap if each.kind == "uncounted"] == [("uncounted", 25)]


def test_over_production_follows_and_taking_it_back_undoes_all(shop: Store) -> None:
    numbers = control.enter(shop.folder, [uncounted(20, 35)])
    [first, _second] = summaries.work_now(Live(), shop, at(60), MACHINE).orders
    assert (first.made, first.over, first.remaining) == (65, 5, 0)
    control.take_back(shop.folder, numbers)
    assert everywhere(shop, 60) == {(30, 0)}


def test_what_was_keyed_in_for_the_shift_before_is_in_it_alone(shop: Store) -> None:
    live = Live()
    summaries.work_now(live, shop, at(130), MACHINE)  # remembers the shift that is over
    say(shop, 130, uncounted(119.9, 20))
    ended = summaries.shift_report(shop, summaries.find_shift(shop, "last", at(130)), at(130))
    assert (ended.machines[0].good, ended.machines[0].by_hand, ended.orders[0].made) == (50, 20, 50)
    now = summaries.work_now(live, shop, at(130), MACHINE)
    assert now.running is not None
    assert (now.good or 0, now.running.made, now.running.in_shift) == (0, 50, 0)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            uncounted(20, 200),
            "makes at most 180 pieces in that time, half again as many as its ideal cycle allows, and 30 are known "
            "already; 200 more cannot be.",
        ),
        (uncounted(20, -1), "So many pieces were not booked in that shift; they cannot be taken back."),
        (uncounted(110, 5, 130), "That time reaches over the end of its shift."),
        (uncounted(-100, 5), "There was no shift at that time."),
    ],
)
def test_what_cannot_be_is_a_sentence(shop: Store, said: Booked, words: str) -> None:
    with pytest.raises(KnownError) as told:
        corrections.refuse(shop, [said], at(140))
    assert words in str(told.value)


def test_what_is_keyed_in_twice_is_held_against_the_same_bound(shop: Store) -> None:
    corrections.refuse(shop, [uncounted(20, 150)], at(90))
    with pytest.raises(KnownError, match="100 are known already"):
        corrections.refuse(shop, [uncounted(20, 70), uncounted(20, 90)], at(90))


def test_the_paper_form_of_a_dead_pc(dead: Store) -> None:
    """Orders, good pieces, rejects and stops of the time without data, each keyed in."""
    words = {"name": "Jam", "kind": "unplanned", "failure": 0, "place": 0, "loss": "breakdown"}
    with dead.transaction() as db:
        reason = register.upsert(db, "reasons", {"code": "R01"}, words)
        register.audit(db, at(0), "", "import", "", "", "")
    before = summaries.shift_report(dead, summaries.find_shift(dead, "current", at(90)), at(90)).machines[0].kpis
    told = [
        Ordered(MACHINE, at(50), OPEN_MS, "WO-2", OTHER, 40),
        uncounted(30, 18, 60),
        uncounted(60, 10, 75),
        uncounted(60, 2, 75, REJECT),
        Labelled(MACHINE, at(70), at(75), at(30), reason),
    ]
    corrections.refuse(dead, told, at(90))
    say(dead, 90, *told)
    assert everywhere(dead, 90) == {(58, 2)}
    report = summaries.shift_report(dead, summaries.find_shift(dead, "current", at(90)), at(90))
    assert {(o.code, o.made, o.by_hand) for o in report.orders} == {("WO-1", 42, 12), ("WO-2", 16, 16)}
    kpis = report.machines[0].kpis
    assert kpis.sums.bridged_ms == 30 * MINUTE, "the rest of the silence is a break and a stop"
    assert (before.oee, kpis.oee is None) == (None, False), "with its pieces known the shift can be judged"
    [hour] = [
        hour for hour in summaries.machine_day(dead, MACHINE, at(90)).machine.hours if hour.span.start_ms == at(60)
    ]
    assert (hour.good, hour.by_hand, hour.sure) == (10, 12, True)


def test_an_order_begins_in_the_past_only_where_no_other_one_runs(dead: Store) -> None:
    def order(minute: float) -> Ordered:
        return Ordered(MACHINE, at(minute), OPEN_MS, "WO-2", OTHER, 40)

    for minute in (20, 80):  # the PC was on: WO-1 ran
        with pytest.raises(KnownError, match=r"WO-1 runs on .* Take it back first, or choose another time"):
            corrections.refuse(dead, [order(minute)], at(90))
    corrections.refuse(dead, [order(45)], at(90))
    say(dead, 90, order(45))
    with pytest.raises(KnownError, match="WO-2 runs on"):
        corrections.refuse(dead, [Ordered(MACHINE, at(60), OPEN_MS, "WO-3", 1, 40)], at(90))
    corrections.refuse(dead, [Ordered(MACHINE, at(35), OPEN_MS, "WO-3", 1, 40), order(90)], at(90))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(1, 20), st.integers(0, 88), st.integers(0, 30), st.sampled_from([GOOD, REJECT])),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([None, 35, 50, 70]),
)
def test_on_every_screen_it_is_what_was_counted_and_what_was_keyed_in(
    dead: Store, said: list[tuple[int, int, int, BookingKind]], second: int | None
) -> None:
    told = [uncounted(low, pieces, min(low + long, 89) if long else None, kind) for pieces, low, long, kind in said]
    orders = [] if second is None else [Ordered(MACHINE, at(second), OPEN_MS, "WO-2", OTHER, 40)]
    numbers = say(dead, 89, *told, *orders)
    try:
        good, bad = (sum(b.pieces for b in told if b.kind is kind) for kind in (GOOD, REJECT))
        assert everywhere(dead, 90) == {(30 + good, bad)}
    finally:
        entries.take_back(dead, numbers, at(89.5), "김정호")
    assert everywhere(dead, 90) == {(30, 0)}


def test_what_its_shift_refuses_is_not_taken_off_its_order_in_the_next(shop: Store) -> None:
    [by_hand] = say(shop, 40, uncounted(30, 20))
    say(shop, 50, Booked(MACHINE, at(45), at(45), BookingKind.LATE_REJECT, 45, None, 1))
    live = Live()
    for minute in (130, 131, 132):
        now = summaries.work_now(live, shop, at(minute), MACHINE)
        ended = summaries.shift_report(shop, summaries.find_shift(shop, "last", at(minute)), at(minute))
        assert now.running is not None
        assert now.running.made == ended.machines[0].good == (5 if minute == 130 else 30)
        entries.take_back(shop, [by_hand], at(minute))  # more rejects than pieces: they are refused


def test_a_late_reject_is_taken_off_the_order_of_its_product(shop: Store) -> None:
    """Of a shift that is over its last moment is said, whatever was made then."""
    say(shop, 20, Ordered(MACHINE, at(20), OPEN_MS, "WO-2", 2, 40))
    [first, second] = (before for before in _made(shop, 131))
    say(shop, 130, Booked(MACHINE, at(120) - 1, at(120) - 1, BookingKind.LATE_REJECT, 3, None, 1))
    assert _made(shop, 131) == [first - 3, second]


def _made(store: Store, minute: float) -> list[int]:
    ended = summaries.shift_report(store, summaries.find_shift(store, "last", at(minute)), at(minute))
    return [order.made for order in sorted(ended.orders, key=lambda order: order.product)]

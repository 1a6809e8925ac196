"""What is held in a file: by name, by what it carries, by a machine's time, by what a gauge measured."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from desktop.clock import PlantClock
from desktop.domain.entries import OPEN_MS, Calibrated, Disposed, Disposition, FirstPiece, Held, Measured, Said
from desktop.domain.events import Event, EventKind, Link, LinkEnd, Result, Step, Thing
from desktop.domain.holding import HOLDING, Fate, GaugeState, calibration, fate
from desktop.domain.spans import Span
from desktop.store import entries, holding, register
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from tests.store.example import FORCE, HOUR, MACHINE, MINUTE, T0, open_shop

LOT, OTHER = Thing("lot", "L-1"), Thing("lot", "L-2")
BOX = Thing("box", "BX-1")
NOW = T0 + HOUR
GAUGE = 1


def unit(number: int) -> Thing:
    return Thing("unit", f"SN{number}")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    """Ten units a minute apart at the machine, each with lot L-1 (the last four with L-2) and a value; a gauge."""
    store = open_shop(tmp_path, PlantClock(NOW, 0, 0.0))
    book, batch = Journal(store), Batch()
    for n in range(10):
        at_ms = T0 + n * MINUTE
        batch.steps.append(Step(book.next_id(at_ms), unit(n), MACHINE, at_ms, 1))
        batch.links.append(
            Link(book.next_id(at_ms), "consumed", unit(n), LOT if n < 6 else OTHER, MACHINE, at_ms, 1)
        )  # fmt: skip
        batch.results.append(Result(book.next_id(at_ms), unit(n), FORCE, MACHINE, at_ms, 5.0, "", "good"))
    for n in (0, 7):
        batch.links.append(Link(book.next_id(T0 + HOUR // 2), "packed", BOX, unit(n), MACHINE, T0 + HOUR // 2, 1))
    book.commit(batch)
    with store.transaction() as db:
        words = {"name": "Press force", "interval_days": 365, "when_due": "flag", "place": 0}
        register.upsert(db, "gauges", {"code": "A-03"}, words)
        row = {
            "name": "Force", "signal_id": FORCE, "unit": "N", "mark": "", "gauge_id": GAUGE, "sampling": "each",
            "per_hour": 0, "subgroup": 1, "binding": "scan", "window_ms": 0, "retests": 1, "place": 0,
        }  # fmt: skip
        register.upsert(db, "characteristics", {"code": "F"}, row)
    yield store
    store.close()


def say(store: Store, *told: Said, at_ms: int = NOW) -> list[int]:
    return entries.say(store, told, at_ms, "Kim")


def held(*things: Thing, at_ms: int = NOW) -> Held:
    return Held(0, at_ms, at_ms, "burr", things)


def disposed(hold: int, what: str, *things: Thing, at_ms: int = NOW, **more: object) -> Disposed:
    return Disposed(0, at_ms, at_ms, hold, Disposition(what), things, **more)  # type: ignore[arg-type]


def stopped(store: Store, at_ms: int = NOW) -> list[str]:
    """The units, lots and the box that may not go on."""
    things = [*map(unit, range(10)), LOT, OTHER, BOX]
    return [thing.code for thing in things if holding.on_hold(store, thing, at_ms) is not None]


def test_nothing_is_held_where_nobody_said_so(shop: Store) -> None:
    assert stopped(shop) == []


def test_a_held_lot_holds_what_carries_it_and_the_box_in_which_that_lies(shop: Store) -> None:
    (number,) = say(shop, held(LOT))
    assert stopped(shop) == ["SN0", "SN1", "SN2", "SN3", "SN4", "SN5", "L-1", "BX-1"]
    found = holding.on_hold(shop, unit(3), NOW)
    assert found is not None
    assert (found.hold.id, found.fate, found.route) == (number, Fate.HELD, (unit(3), LOT))
    say(shop, disposed(number, "release", unit(3)))
    assert "SN3" not in stopped(shop)
    assert "SN4" in stopped(shop)
    (back,) = say(shop, disposed(number, "release"))
    assert stopped(shop) == []
    entries.take_back(shop, [back], NOW)
    assert "SN4" in stopped(shop)
    entries.take_back(shop, [number], NOW)
    assert stopped(shop) == []


def test_a_code_that_was_never_seen_can_be_held(shop: Store) -> None:
    say(shop, held(Thing("unit", "SN-NEW")))
    assert holding.on_hold(shop, Thing("unit", "SN-NEW"), NOW) is not None
    assert holding.on_hold(shop, Thing("lot", "SN-NEW"), NOW) is None, "a lot of the same code is another thing"
    assert stopped(shop) == []


def test_a_held_box_holds_what_lies_in_it_and_no_other(shop: Store) -> None:
    (number,) = say(shop, held(BOX))
    assert stopped(shop) == ["SN0", "SN7", "BX-1"]
    covered = holding.covers(shop, holding.standing_holds(shop)[0], NOW)
    assert {each.thing for each in covered} == {BOX, unit(0), unit(7)}
    say(shop, disposed(number, "release", unit(7)))
    assert stopped(shop) == ["SN0", "BX-1"]


def test_a_part_that_was_replaced_holds_its_unit_no_more(shop: Store) -> None:
    say(shop, held(LOT, at_ms=T0))
    assert "SN0" in stopped(shop)
    book = Journal(shop)
    link = int(shop.row("SELECT id FROM links WHERE kind = 'consumed' ORDER BY id LIMIT 1")[0])
    book.commit(Batch(link_ends=[LinkEnd(book.next_id(NOW), link, NOW - MINUTE, 1)]))
    assert "SN0" not in stopped(shop)
    assert "SN1" in stopped(shop)


def test_a_clock_that_is_set_back_frees_nothing(shop: Store) -> None:
    (number,) = say(shop, held(LOT))
    everything = stopped(shop)
    assert "BX-1" in everything
    assert stopped(shop, T0 - 1) == everything, "links and hold bear a later time than the scan"
    assert holding.parts_of(shop, unit(0)) == (LOT,)
    say(shop, disposed(number, "rework", unit(0)))
    book = Journal(shop)
    assert holding.sent_back(shop, unit(0), T0)
    book.commit(Batch(links=[Link(book.next_id(NOW + 1), "packed", BOX, unit(0), MACHINE, NOW + 1, 1)]))
    assert not holding.sent_back(shop, unit(0), T0), "it was packed since"


@pytest.mark.parametrize("sealed", [False, True])
def test_what_was_packed_or_found_good_before_it_was_sent_back_counts_by_order_where_the_clock_was_set_back(
    shop: Store, sealed: bool
) -> None:
    book, late = Journal(shop), NOW + 40 * MINUTE
    link = Link(book.next_id(late), "packed", BOX, unit(1), MACHINE, late, 1)
    good = Result(book.next_id(late), unit(1), FORCE, MACHINE, late, 5.0, "", "good")
    book.commit(Batch(links=[link], results=[good]))
    early = NOW - HOUR // 2  # the clock is set back by more than an hour
    if sealed:
        book.commit(Batch(events=[Event(book.following_id(), EventKind.SEAL, early)]))
    book.commit(Batch(steps=[Step(book.next_id(early), unit(9), MACHINE, early, 1)]))
    (number,) = say(shop, held(unit(1), at_ms=early), at_ms=early)
    say(shop, disposed(number, "rework", unit(1), at_ms=early + 1), at_ms=early + 1)
    assert holding.sent_back(shop, unit(1), early + 2)
    assert "SN1" in stopped(shop, early + 2), "what was found before it does not count"
    after = early + 2 * MINUTE
    good = Result(book.next_id(after), unit(1), FORCE, MACHINE, after, 5.0, "", "good")
    book.commit(Batch(results=[good]))
    assert stopped(shop, after) == []
    book.commit(Batch(links=[Link(book.next_id(after), "packed", BOX, unit(1), MACHINE, after, 1)]))
    assert not holding.sent_back(shop, unit(1), after)


def test_what_was_said_before_the_clock_was_set_back_stays_before_what_followed_it(shop: Store) -> None:
    """Also when its moment comes for the second time: a seal at the jump tells what was said by then."""
    book = Journal(shop)
    (number,) = say(shop, held(unit(1)))
    say(shop, disposed(number, "rework", unit(1)), at_ms=NOW)
    at_ms = NOW + MINUTE
    good = Result(book.next_id(at_ms), unit(1), FORCE, MACHINE, at_ms, 5.0, "", "good")
    book.commit(Batch(results=[good], links=[Link(book.next_id(at_ms), "packed", BOX, unit(1), MACHINE, at_ms, 1)]))
    book.commit(Batch(events=[Event(book.following_id(), EventKind.SEAL, NOW - HOUR)]))
    for again in (NOW - HOUR, NOW + HOUR):
        book.commit(Batch(steps=[Step(book.next_id(again), unit(9), MACHINE, again, 1)]))
    assert (holding.sent_back(shop, unit(1), NOW + HOUR), stopped(shop, NOW + HOUR)) == (False, [])


def test_a_lot_that_went_into_another_holds_that_too(shop: Store) -> None:
    book = Journal(shop)
    new = Thing("lot", "L-9")
    book.commit(Batch(links=[Link(book.next_id(NOW), "joined", new, LOT, None, NOW, 1)]))
    say(shop, held(LOT))
    assert holding.on_hold(shop, new, NOW) is not None


def test_rework_needs_a_good_value_behind_it(shop: Store) -> None:
    (number,) = say(shop, held(unit(2)))
    say(shop, disposed(number, "rework", unit(2)))
    assert stopped(shop) == ["SN2"], "the good value of before proves nothing"
    book = Journal(shop)

    def measured(at_ms: int, judgement: str) -> None:
        book.commit(Batch(results=[Result(book.next_id(at_ms), unit(2), FORCE, MACHINE, at_ms, 1.0, "", judgement)]))

    measured(NOW + 1, "reject")
    assert stopped(shop) == ["SN2"]
    measured(NOW + 6, "good")
    assert stopped(shop) == []


def test_a_concession_of_a_number_frees_that_many_units_in_the_order_in_which_they_took_the_lot(shop: Store) -> None:
    (number,) = say(shop, held(LOT))
    say(shop, disposed(number, "concession", LOT, number="C-1", quantity=2, expires_ms=NOW + HOUR))
    assert [code for code in stopped(shop) if code.startswith("SN")] == ["SN2", "SN3", "SN4", "SN5"]
    assert "L-1" in stopped(shop), "its pieces are used up: the next unit may not take it"
    assert "SN0" in stopped(shop, NOW + HOUR)


def test_a_scrapped_serial_is_never_free(shop: Store) -> None:
    (number,) = say(shop, held(unit(1)))
    say(shop, disposed(number, "scrap", reason=1))
    say(shop, disposed(number, "release", at_ms=NOW + 1), at_ms=NOW + 1)
    found = holding.on_hold(shop, unit(1), NOW + HOUR)
    assert found is not None
    assert found.fate is Fate.SCRAPPED


def test_what_was_scrapped_with_its_reason(shop: Store) -> None:
    (number,) = say(shop, held(LOT))
    say(shop, disposed(number, "scrap", unit(1), reason=3), disposed(number, "release", unit(2)))
    assert {thing: said.reason for thing, said in holding.scrapped(shop, NOW).items()} == {unit(1): 3}
    say(shop, disposed(number, "scrap"))
    assert set(holding.scrapped(shop, NOW)) == {LOT, BOX, *(unit(n) for n in range(6) if n != 2)}


@pytest.mark.parametrize("what", ["rework", "scrap"])
@pytest.mark.parametrize("first", [True, False])
def test_a_release_of_the_rest_frees_no_unit_of_which_something_else_was_said(
    shop: Store, what: str, first: bool
) -> None:
    (number,) = say(shop, held(LOT))
    words = [disposed(number, what, unit(2)), disposed(number, "release")]
    say(shop, *(words if first else reversed(words)))
    assert stopped(shop) == ["SN2"]
    covered = holding.covers(shop, holding.standing_holds(shop)[0], NOW)
    assert [each.thing for each in covered if each.fate in HOLDING] == [unit(2)]


def full_box(store: Store, box: Thing, lot: Thing, count: int) -> list[Thing]:
    """Units that carry a lot, in a box."""
    book, batch, units = Journal(store), Batch(), [unit(100 + n) for n in range(count)]
    for each in units:
        batch.steps.append(Step(book.next_id(T0), each, MACHINE, T0, 1))
        batch.links.append(Link(book.next_id(T0), "consumed", each, lot, MACHINE, T0, 1))
        batch.links.append(Link(book.next_id(T0), "packed", box, each, MACHINE, T0, 1))
    book.commit(batch)
    return units


def test_a_box_is_held_by_the_last_unit_in_it_however_many_are_free(shop: Store) -> None:
    box, pallet, lot = Thing("box", "BX-9"), Thing("pallet", "PL-9"), Thing("lot", "L-9")
    units = full_box(shop, box, lot, 60)
    book = Journal(shop)
    book.commit(Batch(links=[Link(book.next_id(T0), "packed", pallet, box, MACHINE, T0, 1)]))
    (number,) = say(shop, held(lot))
    say(shop, disposed(number, "release", *units[:-1]))
    for outer in (box, pallet):
        found = holding.on_hold(shop, outer, NOW)
        assert found is not None
        assert found.route[-2:] == (units[-1], lot)
    covered = {each.thing: each.fate for each in holding.covers(shop, holding.standing_holds(shop)[0], NOW)}
    assert (covered[box], covered[pallet]) == (Fate.HELD, Fate.HELD)
    say(shop, disposed(number, "release", units[-1]))
    assert holding.on_hold(shop, pallet, NOW) is None


@pytest.mark.parametrize("what", [Thing("lot", "L-9"), Thing("box", "BX-9")])
@pytest.mark.parametrize(("quantity", "free"), [(10, True), (9, False)])
def test_a_box_goes_by_a_concession_for_as_many_units_as_are_in_it(
    shop: Store, what: Thing, quantity: int, free: bool
) -> None:
    box = Thing("box", "BX-9")
    units = full_box(shop, box, Thing("lot", "L-9"), 10)
    book, pallet = Journal(shop), Thing("pallet", "PL-9")
    book.commit(Batch(links=[Link(book.next_id(T0), "packed", pallet, box, MACHINE, T0, 1)]))
    (number,) = say(shop, held(what))
    say(shop, disposed(number, "concession", quantity=quantity, number="C-1"))
    assert holding.on_hold(shop, units[0], NOW) is None
    assert (holding.on_hold(shop, units[9], NOW) is None) == free
    assert (holding.on_hold(shop, box, NOW) is None) == free
    assert (holding.on_hold(shop, pallet, NOW) is None) == free
    covered = {each.thing: each.fate for each in holding.covers(shop, holding.standing_holds(shop)[0], NOW)}
    assert covered[box] is (Fate.CONCEDED if free else Fate.LAPSED)


def test_a_time_of_a_machine_holds_the_units_that_were_there(shop: Store) -> None:
    said = Held(MACHINE, NOW, NOW, "jam", since_ms=T0 + 2 * MINUTE, until_ms=T0 + 4 * MINUTE)
    say(shop, said)
    assert stopped(shop) == ["SN2", "SN3"]
    assert holding.made_at(shop, MACHINE, Span(said.since_ms, said.until_ms)) == (unit(2), unit(3))
    assert [each.thing for each in holding.covers(shop, holding.standing_holds(shop)[0], NOW)] == [unit(2), unit(3)]


@pytest.mark.parametrize("which", ["middle", "last"])
def test_a_middle_or_last_piece_that_is_not_right_holds_all_since_the_last_good_one(shop: Store, which: str) -> None:
    say(shop, FirstPiece(MACHINE, T0 + 3 * MINUTE, T0 + 3 * MINUTE, True))
    at_ms = T0 + 8 * MINUTE
    numbers = say(shop, FirstPiece(MACHINE, at_ms, at_ms, False, "burr", which))  # type: ignore[arg-type]
    assert len(numbers) == 2
    assert [code for code in stopped(shop) if code != "BX-1"] == ["SN3", "SN4", "SN5", "SN6", "SN7"]
    made = entries.one(shop, numbers[1])
    assert made is not None
    assert isinstance(made.said, Held)
    assert made.said.because == numbers[0]
    entries.take_back(shop, numbers[:1], NOW)
    assert stopped(shop) == [], "taken back with the check"


def test_a_first_piece_holds_nothing_and_neither_does_a_machine_without_units(shop: Store) -> None:
    assert len(say(shop, FirstPiece(MACHINE, NOW, NOW, False))) == 1
    assert len(say(shop, FirstPiece(2, NOW, NOW, False, "", "last"))) == 1


def test_a_gauge_that_failed_holds_what_it_measured_since_it_was_good(shop: Store) -> None:
    good = Calibrated(0, T0 + 5 * MINUTE, T0 + 365 * 24 * HOUR, GAUGE, True)
    assert len(say(shop, good)) == 1
    numbers = say(shop, Calibrated(0, NOW, OPEN_MS, GAUGE, False, "worn"))
    assert [code for code in stopped(shop) if code != "BX-1"] == ["SN5", "SN6", "SN7", "SN8", "SN9"]
    assert holding.good_calibration_ms(shop, GAUGE, NOW) == good.start_ms
    told = entries.standing(shop, Span(0, OPEN_MS), Calibrated)
    assert calibration(told, GAUGE, 365, NOW).state is GaugeState.FAILED
    entries.take_back(shop, numbers, NOW)
    assert stopped(shop) == []


def test_a_gauge_that_failed_holds_what_was_measured_with_it_by_hand(shop: Store) -> None:
    with shop.transaction() as db:
        words = {"name": "Caliper", "interval_days": 365, "when_due": "flag", "place": 1}
        register.upsert(db, "gauges", {"code": "A-04"}, words)
        caliper = int(db.execute("SELECT id FROM gauges WHERE code = 'A-04'").fetchone()[0])
        row = {
            "name": "Bore", "signal_id": None, "unit": "mm", "mark": "", "gauge_id": caliper, "sampling": "each",
            "per_hour": 0, "subgroup": 1, "binding": "scan", "window_ms": 0, "retests": 1, "place": 1,
        }  # fmt: skip
        register.upsert(db, "characteristics", {"code": "B"}, row)
        bore = int(db.execute("SELECT id FROM characteristics WHERE code = 'B'").fetchone()[0])

    def by_hand(of: int, number: int) -> Measured:
        at_ms = T0 + number * MINUTE
        return Measured(MACHINE, at_ms, at_ms, of, 5.0, f"SN{number}")

    first = say(shop, by_hand(bore, 2), by_hand(bore, 5), by_hand(bore, 6), by_hand(bore, 6), by_hand(1, 8))
    entries.take_back(shop, [first[1]], NOW)
    say(shop, Calibrated(0, T0 + 3 * MINUTE, OPEN_MS, caliper, True))
    assert holding.measured_by_hand(shop, caliper, Span(0, OPEN_MS)) == (unit(2), unit(6))
    numbers = say(shop, Calibrated(0, NOW, OPEN_MS, caliper, False, "worn"))
    assert stopped(shop) == ["SN6"]
    entries.take_back(shop, numbers, NOW)
    assert stopped(shop) == []
    say(shop, by_hand(1, 3), Calibrated(0, T0 + 5 * MINUTE, OPEN_MS, GAUGE, True), by_hand(1, 8))
    say(shop, Calibrated(0, NOW, OPEN_MS, GAUGE, False, "worn"))
    assert [code for code in stopped(shop) if code != "BX-1"] == ["SN5", "SN6", "SN7", "SN8", "SN9"]


def test_a_scan_asks_for_the_few_rows_of_a_unit(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine and a signal have a million rows each: no question of a scan goes through them."""
    say(shop, held(LOT), Held(MACHINE, NOW, NOW, since_ms=T0, until_ms=T0 + 1))
    say(shop, Held(0, NOW, NOW, signals=(FORCE,), since_ms=T0, until_ms=T0 + 1))
    holding.on_hold(shop, unit(9), NOW)
    asked: list[tuple[str, tuple[object, ...]]] = []

    def listen(of: Any, sql: str, *values: object) -> Any:
        asked.append((sql, values))
        return of(sql, *values)

    for name in ("rows", "row"):
        monkeypatch.setattr(shop, name, partial(listen, getattr(shop, name)))
    holding.on_hold(shop, unit(9), NOW)
    monkeypatch.undo()
    assert len(asked) > 4
    plans = [str(row[3]) for sql, values in asked for row in shop.rows(f"EXPLAIN QUERY PLAN {sql}", *values)]
    assert [plan for plan in plans if "SCAN" in plan and "CONSTANT" not in plan] == []
    assert [plan for plan in plans if "steps_machine" in plan or "results_signal" in plan] == []


_PAIRS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14)
_WORDS = st.lists(st.tuples(st.sampled_from(["release", "scrap", "rework"]), st.sets(st.integers(0, 7))), max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=_PAIRS, named=st.sets(st.integers(0, 7), min_size=1, max_size=3), words=_WORDS)
def test_a_scan_and_the_list_of_a_hold_agree(
    tmp_path_factory: pytest.TempPathFactory,
    pairs: list[tuple[int, int]],
    named: set[int],
    words: list[tuple[str, set[int]]],
) -> None:
    """From a thing down to what is held, and from what is held up to all that carries it: two walks, one answer."""
    store = open_shop(tmp_path_factory.mktemp("held"), PlantClock(NOW, 0, 0.0))
    try:
        things = [Thing("unit" if n < 4 else "lot", f"T{n}") for n in range(8)]
        book = Journal(store)
        book.commit(
            Batch(
                steps=[Step(book.next_id(T0), thing, MACHINE, T0, 1) for thing in things],
                links=[
                    Link(book.next_id(T0), "consumed", things[up], things[down], None, T0, 1)
                    for up, down in pairs
                    if up != down
                ],
            )
        )
        (number,) = say(store, held(*(things[n] for n in sorted(named))))
        for what, of in words:
            say(store, disposed(number, what, *(things[n] for n in sorted(of))))
        hold = holding.standing_holds(store)[0]
        listed = {each.thing for each in holding.covers(store, hold, NOW) if each.fate in HOLDING}
        assert listed == {thing for thing in things if holding.on_hold(store, thing, NOW) is not None}
    finally:
        store.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=_PAIRS, ended=st.sets(st.integers(0, 30), max_size=4), named=st.integers(0, 7), words=_WORDS,
)  # fmt: skip
@example(pairs=[(0, 3), (1, 0), (1, 2), (2, 0)], ended=set(), named=3, words=[("release", set()), ("rework", {2})])
def test_no_way_to_a_held_thing_is_missed(
    tmp_path_factory: pytest.TempPathFactory,
    pairs: list[tuple[int, int]],
    ended: set[int],
    named: int,
    words: list[tuple[str, set[int]]],
) -> None:
    """Against a search of every way over the links that hold, however long it is and whatever shorter one ended."""
    store = open_shop(tmp_path_factory.mktemp("held"), PlantClock(NOW, 0, 0.0))
    try:
        things = [Thing("unit" if n < 4 else "lot", f"T{n}") for n in range(8)]
        book = Journal(store)
        links = [
            Link(book.next_id(T0), "consumed", things[up], things[down], None, T0, 1)
            for up, down in pairs
            if up != down
        ]
        ends = [LinkEnd(book.next_id(T0), link.id, T0, 1) for n, link in enumerate(links) if n in ended]
        steps = [Step(book.next_id(T0), thing, MACHINE, T0, 1) for thing in things]
        book.commit(Batch(steps=steps, links=links, link_ends=ends))
        (number,) = say(store, held(things[named]))
        for what, of in words:
            say(store, disposed(number, what, *(things[n] for n in sorted(of))))
        hold, known = holding.standing_holds(store)[0], holding._known(store)
        over = {end.link for end in ends}
        stand = {(link.parent, link.child) for link in links if link.id not in over}

        def ways(route: tuple[Thing, ...]) -> Iterator[tuple[Thing, ...]]:
            if route[-1] == things[named]:
                yield route
                return
            for up, down in stand:
                if up == route[-1] and down not in route:
                    yield from ways((*route, down))

        expected = {thing for thing in things if any(fate(hold, way, NOW, known) in HOLDING for way in ways((thing,)))}
        assert {thing for thing in things if holding.on_hold(store, thing, NOW) is not None} == expected
        assert {each.thing for each in holding.covers(store, hold, NOW) if each.fate in HOLDING} == expected
    finally:
        store.close()

"""What is held, and what frees it: each rule by itself."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop.domain.entries import OPEN_MS, Calibrated, Disposed, Disposition, Entry, Held
from desktop.domain.events import Thing
from desktop.domain.holding import HOLDING, Fate, GaugeState, Hold, Known, calibration, fate, frees, holds, is_over

DAY = 86_400_000
LOT, ONE, TWO = Thing("lot", "L-1"), Thing("unit", "SN1"), Thing("unit", "SN2")
NOTHING = Known(lambda _thing, _entry, _said: None, lambda _said, _thing: 1)


def hold(*disposals: Disposed, things: tuple[Thing, ...] = (LOT,)) -> Hold:
    told = [Entry(1, 100, Held(0, 100, 100, "burr", things))]
    told += [Entry(2 + n, said.start_ms, said) for n, said in enumerate(disposals)]
    return holds(told)[0]


def disposed(what: str, at_ms: int = 200, things: tuple[Thing, ...] = (), **more: object) -> Disposed:
    return Disposed(0, at_ms, at_ms, 1, Disposition(what), things, **more)  # type: ignore[arg-type]


def test_what_nobody_decided_is_held_with_all_that_carries_it() -> None:
    assert fate(hold(), (LOT,), 150, NOTHING) is Fate.HELD
    assert fate(hold(), (ONE, LOT), 150, NOTHING) is Fate.HELD


def test_a_lot_that_is_released_frees_its_units() -> None:
    held = hold(disposed("release", things=(LOT,)))
    assert fate(held, (ONE, LOT), 200, NOTHING) is Fate.RELEASED


def test_what_was_said_counts_also_where_the_clock_was_set_back() -> None:
    held = hold(disposed("concession"), disposed("scrap", 300, things=(ONE,)))
    assert fate(held, (ONE, LOT), 199, NOTHING) is Fate.SCRAPPED
    assert fate(held, (TWO, LOT), 199, NOTHING) is Fate.CONCEDED


def test_a_unit_that_is_released_by_itself_frees_no_other() -> None:
    held = hold(disposed("release", things=(ONE,)))
    assert fate(held, (ONE, LOT), 300, NOTHING) is Fate.RELEASED
    assert fate(held, (TWO, LOT), 300, NOTHING) is Fate.HELD
    assert fate(held, (LOT,), 300, NOTHING) is Fate.HELD


def test_a_lot_that_is_scrapped_decides_nothing_of_the_units_that_carry_it() -> None:
    held = hold(disposed("scrap", things=(LOT,), reason=1))
    assert fate(held, (LOT,), 300, NOTHING) is Fate.SCRAPPED
    assert fate(held, (ONE, LOT), 300, NOTHING) is Fate.HELD


@pytest.mark.parametrize("later", [disposed("release", 300), disposed("release", 300, (ONE,))])
def test_scrap_is_for_good(later: Disposed) -> None:
    assert fate(hold(disposed("scrap", things=(ONE,)), later), (ONE, LOT), 400, NOTHING) is Fate.SCRAPPED
    assert fate(hold(disposed("scrap"), later), (ONE, LOT), 400, NOTHING) is Fate.SCRAPPED


def test_scrap_of_the_rest_takes_nothing_that_was_released_before() -> None:
    held = hold(disposed("release", 200, (ONE,)), disposed("scrap", 300))
    assert fate(held, (ONE, LOT), 400, NOTHING) is Fate.RELEASED
    assert fate(held, (TWO, LOT), 400, NOTHING) is Fate.SCRAPPED


def test_what_is_said_of_the_thing_itself_goes_before_what_is_said_of_its_part() -> None:
    held = hold(disposed("rework", 200, (ONE,)), disposed("release", 300, (LOT,)))
    assert fate(held, (ONE, LOT), 400, NOTHING) is Fate.REWORK
    assert fate(held, (TWO, LOT), 400, NOTHING) is Fate.RELEASED


def test_of_two_words_of_the_same_the_last_counts() -> None:
    held = hold(disposed("release", 200), disposed("rework", 300))
    assert fate(held, (LOT,), 350, NOTHING) is Fate.REWORK


@pytest.mark.parametrize(("found", "expected"), [(None, Fate.REWORK), (False, Fate.REWORK), (True, Fate.REWORKED)])
def test_rework_waits_for_a_good_inspection_behind_it(found: bool | None, expected: Fate) -> None:
    asked: list[tuple[Thing, int, int]] = []

    def good_since(thing: Thing, entry: int, said: Disposed) -> bool | None:
        asked.append((thing, entry, said.start_ms))
        return found

    held = hold(disposed("rework", 200, (ONE,)))
    assert fate(held, (ONE, LOT), 400, Known(good_since, NOTHING.rank)) is expected
    assert asked == [(ONE, held.disposals[0][0], 200)], "the unit itself is inspected, not its lot"


def test_a_concession_runs_out_by_date_and_by_number() -> None:
    held = hold(disposed("concession", number="C-77", quantity=2, expires_ms=1000))
    for rank, at_ms, expected in (
        (2, 999, Fate.CONCEDED),
        (3, 999, Fate.LAPSED),
        (2, 1000, Fate.LAPSED),
    ):
        known = Known(NOTHING.good_since, lambda _said, _thing, rank=rank: rank)  # type: ignore[misc]
        assert fate(held, (ONE, LOT), at_ms, known) is expected


def test_what_is_taken_back_never_was() -> None:
    told = [
        Entry(1, 100, Held(0, 100, 100, "", (LOT,))),
        Entry(2, 100, Held(0, 100, 100, "", (ONE,)), taken_back=9),
        Entry(3, 200, disposed("release"), taken_back=10),
    ]
    found = holds(told)
    assert [each.id for each in found] == [1]
    assert fate(found[0], (LOT,), 300, NOTHING) is Fate.HELD


def test_when_a_word_ends_a_whole_hold() -> None:
    assert not is_over(hold())
    assert frees(hold(disposed("release")))
    assert is_over(hold(disposed("release")))
    assert frees(hold(disposed("release", things=(LOT,))))
    assert not frees(hold(disposed("release", things=(LOT,)), things=(LOT, ONE)))
    assert is_over(hold(disposed("scrap")))
    assert not frees(hold(disposed("scrap"))), "its codes stay shut"
    assert not frees(hold(disposed("concession", quantity=5)))
    assert not is_over(hold(disposed("rework")))


@pytest.mark.parametrize(
    "of_one",
    [
        disposed("rework", 250, (ONE,)),
        disposed("scrap", 250, (ONE,)),
        disposed("concession", 250, (ONE,), expires_ms=300),
    ],
)
def test_the_release_of_the_rest_frees_none_of_which_something_else_was_said(of_one: Disposed) -> None:
    rest = disposed("release", 200)
    for told in ((rest, of_one), (of_one, rest)):
        assert fate(hold(*told), (ONE, LOT), 400, NOTHING) in HOLDING
        assert fate(hold(*told), (TWO, LOT), 400, NOTHING) is Fate.RELEASED
        assert not frees(hold(*told)), "a scan asks on"


def test_how_a_gauge_stands() -> None:
    def said(at_ms: int, good: bool, due_ms: int = OPEN_MS, gauge: int = 7) -> Calibrated:
        return Calibrated(0, at_ms, due_ms, gauge, good)

    told = [Entry(1, 0, said(0, True, 100 * DAY)), Entry(2, 0, said(50 * DAY, False, OPEN_MS))]
    told.append(Entry(3, 0, said(60 * DAY, True, gauge=8)))

    def state(at_ms: int, gauge: int = 7) -> GaugeState:
        return calibration(told, gauge, 365, at_ms).state

    assert state(10 * DAY) is GaugeState.GOOD
    assert state(50 * DAY) is GaugeState.FAILED
    assert calibration(told, 7, 365, 55 * DAY).good_ms == 0
    assert state(0, gauge=9) is GaugeState.UNKNOWN
    assert calibration(told, 9, 0, 0).state is GaugeState.FREE
    told[1] = replace(told[1], taken_back=5)
    assert state(86 * DAY) is GaugeState.SOON
    assert state(100 * DAY) is GaugeState.OVERDUE
    assert calibration(told, 7, 365, 100 * DAY).due_ms == 100 * DAY
    assert calibration(told, 8, 0, 100 * DAY).due_ms is None

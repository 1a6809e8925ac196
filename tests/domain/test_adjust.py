"""What people correct, and the hard cases that orders, set-up and breaks make of a shift."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.domain import adjust, kpi
from desktop.domain.adjust import Booking, BookingKind, adjusted, count_flags, revision
from desktop.domain.changeover import setup_window
from desktop.domain.events import Count, CountFlag, Role, State, StateChange
from desktop.domain.intervals import Stroke, Window, derive
from desktop.domain.kpi import Kpis, Making, Output, Sums, Times, compute, tally
from desktop.domain.making import Run, order_spans, rework_spans
from desktop.domain.spans import Span, subtract

MINUTE, HOUR = 60_000, 3_600_000
YESTERDAY, TODAY = Span(0, 8 * HOUR), Span(8 * HOUR, 16 * HOUR)
LATE, EMPTY, MASTER = BookingKind.LATE_REJECT, BookingKind.EMPTY_STROKE, BookingKind.MASTER_PIECE
SCRAPPED = BookingKind.REWORK_SCRAP


def booking(key: int, kind: BookingKind, pieces: int, *, reason: int | None = 1, product: int | None = None) -> Booking:
    return Booking(key, 1, kind, pieces, HOUR, TODAY.start_ms + key, reason, product)


def sums(*outputs: Output) -> Sums:
    return Sums(outputs=outputs)


GOOD = sums(Output(1, 1000.0, 100, 2, 90))


# -- late rejects --


def test_late_rejects_go_to_the_shift_that_made_them() -> None:
    """D20: 3 rejects entered today for yesterday's lot: yesterday's revision + 1, today unchanged."""
    late = booking(1, LATE, 3)
    before, after = adjusted(YESTERDAY, 1, GOOD, [late]), adjusted(TODAY, 1, GOOD, [late])
    assert before.sums.outputs == (Output(1, 1000.0, 97, 5, 90),)
    assert (before.flags, before.refused, before.booked) == ((), (), (late,))
    assert (after.sums, after.booked) == (GOOD, ())
    closed_ms = YESTERDAY.end_ms
    assert [revision(w, [late], closed_ms).number for w in (YESTERDAY, TODAY)] == [1, 0]


def test_each_booking_after_the_close_is_a_revision_and_wants_to_be_confirmed() -> None:
    """잠정/확정: provisional until somebody confirmed it after the last booking."""
    closed_ms = TODAY.start_ms + 10
    said = [booking(key, LATE, 1) for key in (5, 20, 30)]
    editions = [
        revision(YESTERDAY, said, None),
        revision(YESTERDAY, said[:1], closed_ms),
        revision(YESTERDAY, said[:1], closed_ms, closed_ms + 1),
        revision(YESTERDAY, said, closed_ms, closed_ms + 1),
        revision(YESTERDAY, said, closed_ms, TODAY.start_ms + 30),
    ]
    assert [(each.number, each.confirmed) for each in editions] == [
        (0, False), (0, False), (0, True), (2, False), (2, True),
    ]  # fmt: skip


def test_more_rejects_than_good_pieces_are_refused_and_flagged() -> None:
    many = booking(1, LATE, 101)
    found = adjusted(YESTERDAY, 1, GOOD, [many, booking(2, LATE, 1)])
    assert found.sums.outputs == (Output(1, 1000.0, 99, 3, 90),)
    assert found.flags == ("exceeds_made",)
    assert [each.booking for each in found.refused] == [many]
    assert [b.id for b in found.booked] == [2]


def test_a_booking_can_be_taken_back_but_not_more_than_it() -> None:
    found = adjusted(YESTERDAY, 1, GOOD, [booking(1, LATE, 5), booking(2, LATE, -2), booking(3, LATE, -4)])
    assert found.sums.outputs == (Output(1, 1000.0, 97, 5, 90),)
    assert found.flags == ("exceeds_booked",)
    alone = adjusted(YESTERDAY, 1, GOOD, [booking(1, LATE, 5), booking(2, EMPTY, -1)])
    assert alone.flags == ("exceeds_booked",)


def test_a_booking_needs_pieces_and_a_product_that_was_made() -> None:
    two = sums(Output(1, 1000.0, 10), Output(2, 2000.0, 20), Output(3, 2000.0))
    wrong = [
        booking(1, LATE, 0),
        booking(2, LATE, 1),
        booking(3, LATE, 1, product=3),
        booking(4, LATE, 2, product=2),
    ]
    found = adjusted(YESTERDAY, 1, two, wrong)
    assert [each.flag for each in found.refused] == ["no_pieces", "unknown_product", "unknown_product"]
    assert [(o.good, o.reject) for o in found.sums.outputs] == [(10, 0), (18, 2), (0, 0)]
    assert adjusted(YESTERDAY, 1, sums(), [booking(1, LATE, 1)]).flags == ("exceeds_made",)
    other = replace(booking(1, LATE, 1), machine=2)
    assert adjusted(YESTERDAY, 1, GOOD, [other]).sums == GOOD


def test_rejects_of_a_product_with_two_standards_take_from_both() -> None:
    both = sums(Output(1, 1000.0, 3), Output(1, 2000.0, 10))
    found = adjusted(YESTERDAY, 1, both, [booking(1, LATE, 12), booking(2, LATE, -1)])
    assert [(o.good, o.reject) for o in found.sums.outputs] == [(2, 1), (0, 10)]
    assert found.flags == ()
    undone = adjusted(YESTERDAY, 1, both, [booking(1, LATE, 12), booking(2, LATE, -12)])
    assert undone.sums == both


# -- empty strokes and master pieces --


@pytest.mark.parametrize("kind", [EMPTY, MASTER])
def test_what_was_no_piece_leaves_the_good_count_with_a_reason(kind: BookingKind) -> None:
    found = adjusted(YESTERDAY, 1, GOOD, [booking(1, kind, 20)])
    assert found.sums.outputs == (Output(1, 1000.0, 80, 2, 82),)
    assert found.flags == ()
    assert adjusted(YESTERDAY, 1, GOOD, [booking(1, kind, 20, reason=None)]).flags == ("no_reason",)
    assert adjusted(YESTERDAY, 1, GOOD, [booking(1, kind, 101)]).flags == ("exceeds_made",)
    none_left = adjusted(YESTERDAY, 1, sums(Output(1, 1000.0, 5)), [booking(1, kind, 5), booking(2, kind, -5)])
    assert (none_left.sums.good, none_left.flags) == (5, ())


# -- rework --


def test_what_goes_to_rework_was_no_good_first_pass_and_comes_back_beside_it() -> None:
    told = [booking(1, BookingKind.REWORK, 10), booking(2, BookingKind.REWORKED, 7), booking(3, SCRAPPED, 2)]
    found = adjusted(YESTERDAY, 1, GOOD, told)
    assert (found.sums.good, found.sums.reject) == (90, 12), "first-pass quality is not improved by rework"
    assert (found.sums.outputs[0].rework_good, found.sums.outputs[0].rework_reject) == (7, 2)
    assert found.flags == ()
    assert adjust.in_rework(told) == 1
    assert adjusted(YESTERDAY, 1, GOOD, [booking(1, BookingKind.REWORK, 101)]).flags == ("exceeds_made",)


def test_counted_rejects_that_go_to_rework_move_no_piece() -> None:
    sent = BookingKind.REJECT_REWORK
    found = adjusted(YESTERDAY, 1, GOOD, [booking(1, sent, 2), booking(2, BookingKind.REJECT_REASON, 2)])
    assert (found.sums, found.flags) == (GOOD, ()), "a reject has a reason and is worked on again"
    assert adjusted(YESTERDAY, 1, GOOD, [booking(1, sent, 3)]).flags == ("exceeds_made",)


def test_what_comes_out_may_have_gone_in_in_another_shift() -> None:
    found = adjusted(YESTERDAY, 1, sums(), [booking(1, BookingKind.REWORKED, 5, product=3)])
    assert [(o.product, o.total, o.rework_good) for o in found.sums.outputs] == [(3, 0, 5)]
    back = [booking(1, BookingKind.REWORKED, 5), booking(2, BookingKind.REWORKED, -6)]
    assert adjusted(YESTERDAY, 1, GOOD, back).flags == ("exceeds_booked",)
    both = sums(Output(1, 1000.0, 3), Output(2, 2000.0, 3))
    assert adjusted(YESTERDAY, 1, both, [booking(1, SCRAPPED, 1)]).flags == ("unknown_product",)


def test_rework_by_hand_gives_the_same_oee_as_rework_on_the_machine() -> None:
    """480 min, 400 first passes at a minute of which 380 were good; the 20 others were worked on again and are good."""
    times = Times(run_ms=480 * 60_000)
    made = Sums(times, (Output(1, 60_000.0, 400),))
    told = [booking(1, BookingKind.REWORK, 20), booking(2, BookingKind.REWORKED, 20)]
    found = adjusted(YESTERDAY, 1, made, told).sums
    assert kpi.compute(YESTERDAY, found).oee == pytest.approx(380 / 480)
    assert found.outputs[0].good + found.outputs[0].rework_good == 400, "for the order"


KINDS = st.sampled_from(list(BookingKind))


@given(st.lists(st.tuples(KINDS, st.integers(-20, 60), st.sampled_from([None, 1, 2])), max_size=8))
def test_no_booking_makes_pieces_negative_or_new(said: list[tuple[BookingKind, int, int | None]]) -> None:
    made = sums(Output(1, 1000.0, 30, 1, 5), Output(1, 1500.0, 10), Output(2, 2000.0, 40, 0, 40))
    bookings = [booking(key, kind, pieces, product=product) for key, (kind, pieces, product) in enumerate(said, 1)]
    found = adjusted(YESTERDAY, 1, made, bookings)
    assert all(o.good >= 0 and o.reject >= 0 and o.untimed <= o.total for o in found.sums.outputs)
    late = sum(b.pieces for b in found.booked if b.kind in (LATE, BookingKind.REWORK))
    gone = sum(b.pieces for b in found.booked if b.kind in (EMPTY, MASTER))
    passed = sum(b.pieces for b in found.booked if b.kind is BookingKind.REWORKED)
    assert sum(o.rework_good for o in found.sums.outputs) == passed
    added, bad = (sum(b.pieces for b in found.booked if b.kind is kind) for kind in adjust.ADDED)
    assert (found.sums.good, found.sums.reject) == (80 - late - gone + added, 1 + late + bad)
    assert len(found.booked) + len(found.refused) == len(bookings)


# -- pieces that no counter saw --


def added(key: int, pieces: int, start_ms: int, until_ms: int | None = None, *, good: bool = True) -> Booking:
    kind = BookingKind.UNCOUNTED if good else BookingKind.UNCOUNTED_REJECT
    return Booking(key, 1, kind, pieces, start_ms, TODAY.start_ms + key, until_ms=until_ms)


MADE = (Making(Span(0, 2 * HOUR), 1, 1000.0), Making(Span(2 * HOUR, 8 * HOUR), 2, 2000.0))
TWO = sums(Output(1, 1000.0, 100, 2), Output(2, 2000.0, 50, 1))


def test_pieces_that_were_not_counted_are_of_what_was_made_then() -> None:
    """Whatever product the word for them names: an order that is keyed in behind them takes them along."""
    told = [added(1, 5, HOUR), replace(added(2, 7, 3 * HOUR), product=1), added(3, 10, HOUR, 3 * HOUR, good=False)]
    found = adjusted(YESTERDAY, 1, TWO, told, MADE)
    assert [(o.product, o.good, o.reject, o.untimed) for o in found.sums.outputs] == [(1, 105, 7, 0), (2, 57, 6, 0)]
    assert found.sums.times == TWO.times, "no time is invented"
    alone = adjusted(YESTERDAY, 1, GOOD, told[:1])
    assert (alone.sums.good, alone.flags) == (105, ())
    assert adjusted(YESTERDAY, 1, TWO, told[:1]).flags == ("unknown_product",)


def test_rejects_may_be_found_among_what_was_keyed_in_but_not_more() -> None:
    told = [added(1, 5, HOUR), booking(2, LATE, 105, product=1), booking(3, LATE, 1, product=1)]
    found = adjusted(YESTERDAY, 1, TWO, told, MADE)
    assert (found.sums.outputs[0].good, found.sums.outputs[0].reject) == (0, 107)
    assert [each.booking.id for each in found.refused] == [3]


def test_what_is_counted_by_hand_in_a_silence_is_known_and_has_no_running_time() -> None:
    """As D5: 480 min of which 120 are silent; 500 pieces of half a minute were seen, 120 were counted by hand."""
    times = Times(run_ms=300 * MINUTE, stop_ms=60 * MINUTE, no_data_ms=120 * MINUTE)
    seen = Sums(times, (Output(1, 30_000.0, 500),))
    silence = Span(HOUR, 3 * HOUR)
    making = (Making(YESTERDAY, 1, 30_000.0),)
    whole = adjusted(YESTERDAY, 1, seen, [added(1, 120, HOUR, 3 * HOUR)], making, [silence]).sums
    kpis = compute(YESTERDAY, whole)
    assert (whole.bridged_ms, whole.outputs[0].untimed) == (120 * MINUTE, 120)
    assert kpis.oee == pytest.approx(0.645833, abs=1e-5)
    assert kpis.performance == pytest.approx(0.833333, abs=1e-5)
    assert kpis.coverage == 0.75, "when it ran nobody knows"
    moment = adjusted(YESTERDAY, 1, seen, [added(1, 120, 2 * HOUR)], making, [silence]).sums
    assert moment == whole, "a moment of a silence is the whole of it"
    half = adjusted(YESTERDAY, 1, seen, [added(1, 60, HOUR, 2 * HOUR)], making, [silence]).sums
    assert half.bridged_ms == 60 * MINUTE
    twice = [added(1, 60, HOUR, 3 * HOUR), added(2, 60, HOUR, 2 * HOUR)]
    assert adjusted(YESTERDAY, 1, seen, twice, making, [silence]).sums.bridged_ms == 120 * MINUTE
    said = adjusted(YESTERDAY, 1, seen, [added(1, 9, 5 * HOUR)], making, [silence], [Span(5 * HOUR, 6 * HOUR)]).sums
    assert (said.bridged_ms, said.outputs[0].untimed) == (0, 9)


@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.integers(0, 479), st.integers(0, 300), st.booleans()), min_size=1, max_size=6
    ),
    st.lists(st.integers(1, 479), max_size=4),
)
def test_hours_and_orders_add_up_to_the_shift_with_what_was_keyed_in(
    said: list[tuple[int, int, int, bool]], cuts: list[int]
) -> None:
    told = [
        added(n, pieces, low * MINUTE, min(low + long, 480) * MINUTE if long else None, good=good)
        for n, (pieces, low, long, good) in enumerate(said, 1)
    ]
    found = adjusted(YESTERDAY, 1, TWO, told, MADE)
    good, bad = (sum(b.pieces for b in told if (b.kind is BookingKind.UNCOUNTED) is wanted) for wanted in (True, False))
    assert (found.sums.good, found.sums.reject) == (150 + good, 3 + bad)
    assert not found.refused
    edges = sorted({0, 480, *cuts})
    spans = [Span(low * MINUTE, high * MINUTE) for low, high in pairwise(edges)]
    hours = adjust.over_hours([(span, None, None) for span in spans], found.booked)
    assert sum(made[0] or 0 for made in hours) == good
    assert sum(made[1] or 0 for made in hours) == bad
    assert sum(b.within(span) for span in spans for b in told) == good + bad


# -- counts --


def count(role: Role, pieces: int, at_ms: int = HOUR, flag: CountFlag = CountFlag.PLAIN, from_ms: int = 0) -> Count:
    return Count(1, 1, at_ms, role, pieces, from_ms, flag)


def test_more_rejects_than_pieces_in_the_counts_are_flagged() -> None:
    total, reject = count(Role.TOTAL, 10), count(Role.REJECT, 11)
    assert count_flags(YESTERDAY, [total, reject]) == ("exceeds_made",)
    assert count_flags(YESTERDAY, [total, replace(reject, pieces=10)]) == ()
    assert count_flags(YESTERDAY, [total, count(Role.GOOD, 8), count(Role.REJECT, 3)]) == ("exceeds_made",)
    assert count_flags(YESTERDAY, [reject]) == ()
    assert count_flags(YESTERDAY, [total, reject, count(Role.TOTAL, 5, 2 * HOUR)]) == ()
    assert count_flags(TODAY, [total, reject]) == ()
    # Of pieces over a gap that reaches out of the window it is not known how many lie in it.
    assert count_flags(YESTERDAY, [total, count(Role.REJECT, 11, 2, CountFlag.GAP, -5)]) == ()


# -- the hard cases of a shift --


def kpis(window: Span, states: list[tuple[int, State]], counts: list[Count], cycle_ms: float, **layers: object) -> Kpis:
    changes = [StateChange(key, 1, at_ms, state) for key, (at_ms, state) in enumerate(states, 1)]
    found = derive(1, window, threshold_ms=120_000, changes=changes, counts=counts, **layers)  # type: ignore[arg-type]
    return compute(window, tally(window, found, counts, (Making(window, 1, cycle_ms),)))


def pieces(role: Role, number: int, from_min: int, to_min: int) -> list[Count]:
    """So many pieces, evenly in that time."""
    span_ms = (to_min - from_min) * MINUTE
    moments = [from_min * MINUTE + span_ms * n // number for n in range(number + 1)]
    return [Count(n, 1, at_ms, role, 1, before) for n, (before, at_ms) in enumerate(pairwise(moments), 1)]


def percent(ratio: float | None) -> float | None:
    return None if ratio is None else round(100 * ratio, 4)


def test_rework_on_the_machine_is_run_time_and_no_output() -> None:
    """480 min, 400 first passes of which 380 good, 20 reworked on the machine: OEE 79.2, not 83.3."""
    runs = [Run(1, 1, Span(0, 450 * MINUTE), 1), Run(2, 1, Span(450 * MINUTE, 480 * MINUTE), 1, rework=True)]
    counts = [
        *pieces(Role.GOOD, 380, 0, 440),
        *pieces(Role.REJECT, 20, 440, 450),
        *pieces(Role.GOOD, 20, 450, 480),
    ]
    found = kpis(
        Span(0, 480 * MINUTE),
        [(0, State.RUN)],
        counts,
        60_000,
        reworks=rework_spans(runs, 1),
        orders=order_spans(runs, 1),
    )
    assert percent(found.oee) == 79.1667
    assert (found.pieces.good, found.pieces.reject) == (380, 20)
    assert found.sums.outputs[0].rework_good == 20
    assert (found.times.rework_ms, found.availability) == (30 * MINUTE, 1.0)


def test_pieces_of_a_set_up_are_trials() -> None:
    """60 min set-up, 20 trial rejects, then 420 good in 420 min: P = 100, Q = 100."""
    whole = Span(0, 480 * MINUTE)
    counts = [*pieces(Role.REJECT, 20, 30, 50), *pieces(Role.GOOD, 420, 60, 480)]
    setup = setup_window(
        Window(whole, 9), counts, old_stroke_ms=None, new_strokes=[Stroke(0, 60_000)], known_until_ms=whole.end_ms
    )
    assert setup.span == Span(0, 60 * MINUTE)
    found = kpis(whole, [(0, State.RUN)], counts, 60_000, setups=[setup])
    assert (percent(found.performance), percent(found.quality), percent(found.availability)) == (100, 100, 87.5)
    assert found.sums.outputs[0].trial_reject == 20


@pytest.mark.parametrize(("planned", "expected"), [(True, 90.0), (False, 67.5)])
def test_no_order_is_planned_or_busy_time_lost(planned: bool, expected: float) -> None:
    """480 min, 120 of them without an order, 324 good at 1 min."""
    whole, idle = Span(0, 480 * MINUTE), Span(360 * MINUTE, 480 * MINUTE)
    layers = {"pauses": (idle,)} if planned else {"orders": subtract(whole, (idle,))}
    counts = pieces(Role.GOOD, 324, 0, 360)
    found = kpis(whole, [(0, State.RUN), (idle.start_ms, State.IDLE)], counts, 60_000, **layers)
    assert percent(found.oee) == expected
    assert found.times.no_order_ms == (0 if planned else 120 * MINUTE)

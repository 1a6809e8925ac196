"""The published examples, exactly; the cases without an answer; and what must add up for any line."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.events import Count, CountFlag, Role, State
from desktop.domain.intervals import Category, Interval
from desktop.domain.kpi import Kpis, Pieces, Sums, Times, add, compute, tally, times_of
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span
from tests.domain import example

MINUTE = 60_000
LENGTHS = st.integers(0, 10_000)


def parts(**lengths_ms: int) -> tuple[Interval, ...]:
    """Intervals of the given lengths one after the other, by category."""
    found, at_ms = [], 0
    for name, length_ms in lengths_ms.items():
        found.append(Interval(1, Span(at_ms, at_ms + length_ms), Category(name), State.RUN))
        at_ms += length_ms
    return tuple(found)


def kpis_of(pieces: Pieces, ideal_ms: float | None, bridged_ms: int = 0, **minutes: float) -> Kpis:
    found = parts(**{name: round(length * MINUTE) for name, length in minutes.items()})
    made = example.sums(found, pieces.good, pieces.reject, ideal_ms, untimed=pieces.untimed, bridged_ms=bridged_ms)
    return compute(Span(0, found[-1].span.end_ms), made)


def pieces_of(counts: list[Count], window: Span, busy: tuple[Span, ...] = (), found: tuple[Interval, ...] = ()) -> Sums:
    return tally(window, found or (Interval(1, window, Category.NO_DATA, State.UNKNOWN),), counts, busy_spans=busy)


def made(sums: Sums) -> Pieces:
    return compute(Span(0, 1), sums).pieces


def percent(*ratios: float | None) -> list[float | None]:
    return [None if ratio is None else round(100 * ratio, 4) for ratio in ratios]


@pytest.mark.parametrize(
    ("pieces", "ideal_ms", "minutes", "expected"),
    [
        # E1: Vorne / oee.com, shift 480, breaks 60, stops 47, 19,271 pieces of 1 s, 423 rejects
        (Pieces(18_848, 423), 1000.0, {"run": 373, "stop": 47, "planned": 60}, [88.8095, 86.1081, 97.8050, 74.7937]),
        # E2: Vorne worksheet
        (Pieces(675, 25), 30_000.0, {"run": 405, "stop": 30, "planned": 45}, [93.1034, 86.4198, 96.4286, 77.5862]),
        # E3: the Nakajima numbers
        (Pieces(392, 8), 30_000.0, {"run": 400, "stop": 60, "planned": 20}, [86.9565, 50.0, 98.0, 42.6087]),
        # E4: Korean professional engineers' notes; set-up is downtime there
        (
            Pieces(4000, 250),
            60_000.0,
            {"run": 5210, "stop": 100, "setup": 390},
            [91.4035, 81.5739, 94.1176, 70.1754],
        ),
        # E5: the press of the same notes (43.4 in print carries a rounding error)
        (Pieces(390, 10), 30_000.0, {"run": 400, "stop": 50, "planned": 50}, [88.8889, 50.0, 97.5, 43.3333]),
        # D2: two hours into the shift
        (Pieces(196, 4), 30_000.0, {"run": 110, "stop": 10}, [91.6667, 90.9091, 98.0, 81.6667]),
    ],
)
def test_published(pieces: Pieces, ideal_ms: float, minutes: dict[str, float], expected: list[float]) -> None:
    kpis = kpis_of(pieces, ideal_ms, **minutes)
    assert percent(kpis.availability, kpis.performance, kpis.quality, kpis.oee) == expected
    assert kpis.coverage == 1


def test_missing_data_with_a_counter_that_survived() -> None:
    """D5: observed run 300, down 60, no data 120 min; 500 pieces seen, 120 more across the gap."""
    kpis = kpis_of(Pieces(620, 0, untimed=120), 30_000.0, 120 * MINUTE, run=300, stop=60, no_data=120)
    assert kpis.coverage == 0.75
    assert percent(kpis.availability, kpis.performance) == [83.3333, 83.3333]
    assert percent(kpis.availability_low, kpis.availability_high) == [62.5, 87.5]
    assert percent(kpis.oee) == [64.5833]


def test_a_machine_with_one_total_counter_knows_its_pieces_over_a_gap() -> None:
    counts = [Count(1, 1, 5, Role.TOTAL, 10, 5), Count(2, 1, 30, Role.TOTAL, 4, 10, CountFlag.GAP)]
    found = pieces_of(counts, Span(0, 40))
    assert (made(found), found.bridged_ms) == (Pieces(14, 0, untimed=4), 20)


def test_missing_states_and_counter_need_nine_tenths_of_the_time() -> None:
    seen = kpis_of(Pieces(400, 0), 30_000.0, run=432, no_data=48)
    assert seen.oee == pytest.approx(400 * 0.5 / 432)
    assert kpis_of(Pieces(400, 0), 30_000.0, run=431, no_data=49).oee is None
    # A gap over which the counter was read again and nothing had been made is known: nothing was made.
    quiet = kpis_of(Pieces(400, 0), 30_000.0, 49 * MINUTE, run=431, no_data=49)
    assert quiet.oee == pytest.approx(400 * 0.5 / 480)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ({"run": 480}, [100.0, 0.0, None, 0.0]),
        ({"planned": 480}, [None, None, None, None]),
        ({"stop": 480}, [0.0, None, None, 0.0]),
        ({"no_data": 480}, [None, None, None, None]),
    ],
)
def test_zero_is_not_unknown(minutes: dict[str, float], expected: list[float | None]) -> None:
    """D13."""
    kpis = kpis_of(Pieces(0, 0), 60_000.0, **minutes)
    assert percent(kpis.availability, kpis.performance, kpis.quality, kpis.oee) == expected


def test_without_a_standard_no_performance_and_no_oee() -> None:
    kpis = kpis_of(Pieces(10, 0), None, run=60)
    assert (kpis.performance, kpis.oee, kpis.quality) == (None, None, 1.0)
    assert kpis.flags == ("no_standard",)


def test_what_cannot_be_is_flagged_and_kept_raw() -> None:
    fast = kpis_of(Pieces(130, 0), 30_000.0, run=60)
    assert fast.performance == pytest.approx(65 / 60)
    assert fast.flags == ("standard_suspect",)
    assert kpis_of(Pieces(1, 0), 30_000.0, stop=60).flags == ("pieces_without_run",)


def test_capacity_utilisation_may_pass_one() -> None:
    found = parts(run=480 * MINUTE)
    window = Span(0, 480 * MINUTE)
    kpis = example.kpis(window, found, 900, 100, 30_000, capacity_ms=400 * MINUTE)
    assert kpis.capacity_utilisation == pytest.approx(1.25)


def test_shifts_are_added_before_the_ratio_is_made() -> None:
    """D4: shift 1 PBT 480, OEE 90; shift 2 PBT 120, OEE 30: together 78.0, not their mean."""
    shifts = [
        example.sums(parts(run=480 * MINUTE), 432, 0, MINUTE),
        example.sums(parts(run=36 * MINUTE, stop=84 * MINUTE), 36, 0, MINUTE),
    ]
    assert [percent(compute(Span(0, 1), shift).oee) for shift in shifts] == [[90.0], [30.0]]
    assert percent(compute(Span(0, 600 * MINUTE), add(shifts)).oee) == [78.0]


# -- pieces --


def count(at_ms: int, pieces: int, role: Role = Role.GOOD) -> Count:
    return Count(at_ms, 1, at_ms, role, pieces, at_ms)


def test_a_total_and_one_part_give_the_other() -> None:
    window = Span(0, 100)
    assert made(pieces_of([count(1, 10, Role.TOTAL), count(2, 8)], window)) == Pieces(8, 2)
    assert made(pieces_of([count(1, 10, Role.TOTAL), count(2, 3, Role.REJECT)], window)) == Pieces(7, 3)
    assert made(pieces_of([count(1, 10, Role.TOTAL)], window)) == Pieces(10, 0)


def test_a_piece_belongs_to_the_time_before_it_was_counted() -> None:
    """The piece that is counted as a window begins was made before it; the one at its end was made in it (D14)."""
    at_both_ends = [count(0, 1), count(100, 10)]
    assert made(pieces_of(at_both_ends, Span(0, 100))) == Pieces(10, 0)


def test_a_break_within_a_gap_makes_up_for_no_silence_elsewhere() -> None:
    """Of 100 min of gap 60 were a break, in which nobody asks for pieces: 40 are bridged."""
    gap = [Count(1, 1, 200, Role.GOOD, 8, 100, CountFlag.GAP)]
    kinds = ((0, 120, Category.NO_DATA), (120, 180, Category.PLANNED), (180, 300, Category.NO_DATA))
    found = tuple(Interval(1, Span(low, high), category, State.UNKNOWN) for low, high, category in kinds)
    assert pieces_of(gap, Span(0, 300), (Span(0, 120), Span(180, 300)), found).bridged_ms == 40
    assert pieces_of(gap, Span(0, 300)).bridged_ms == 100


def test_silence_is_bridged_only_where_every_counter_survived_it() -> None:
    gap = [Count(1, 1, 200, Role.GOOD, 8, 100, CountFlag.GAP), Count(2, 1, 180, Role.REJECT, 0, 60, CountFlag.GAP)]
    assert pieces_of(gap, Span(0, 300)).bridged_ms == 80


def test_a_gap_over_two_shifts_is_split_by_their_planned_busy_time() -> None:
    """Made from 50 to 250; the first shift is busy to 75, the second from 200: one third and two thirds."""
    gap = [Count(1, 1, 250, Role.GOOD, 9, 50, CountFlag.GAP)]
    busy = (Span(0, 75), Span(200, 300))
    first, second = made(pieces_of(gap, Span(0, 100), busy)), made(pieces_of(gap, Span(200, 300), busy))
    assert (first.good, second.good) == (3, 6)
    assert (first.untimed, second.untimed) == (3, 6)
    assert pieces_of(gap, Span(100, 200), busy).good == 0


gaps = st.builds(
    lambda a, length, pieces, role: Count(1, 1, a + length, role, pieces, a, CountFlag.GAP),
    st.integers(-50, 100), st.integers(0, 100), st.integers(0, 1000), st.sampled_from([Role.GOOD, Role.REJECT]),
)  # fmt: skip
plain = st.builds(count, st.integers(-50, 150), st.integers(0, 5), st.sampled_from([Role.GOOD, Role.REJECT]))
busy_spans = st.lists(st.builds(lambda a, n: Span(a, a + n), st.integers(-60, 150), st.integers(0, 60)), max_size=3)


@given(st.lists(gaps | plain, max_size=6), busy_spans, st.lists(st.integers(-50, 200), max_size=4))
def test_any_cut_of_the_time_adds_up(counts: list[Count], busy: list[Span], cuts: list[int]) -> None:
    edges = sorted({-60, *cuts, 201})
    halves = [pieces_of(counts, Span(a, b), tuple(busy)) for a, b in pairwise(edges)]
    whole = pieces_of(counts, Span(edges[0], 201), tuple(busy))
    assert add(halves) == whole
    inside = [c for c in counts if c.flag is CountFlag.GAP or c.at_ms > edges[0]]
    assert made(whole).total == sum(c.pieces for c in inside)
    assert all(h.good >= 0 and h.reject >= 0 for h in halves)


# -- any line --

lengths = st.fixed_dictionaries({category.value: LENGTHS for category in Category})


@given(lengths, st.integers(0, 300), st.integers(0, 300), st.floats(0.1, 100))
def test_the_identities(given_ms: dict[str, int], good: int, reject: int, ideal_ms: float) -> None:
    """D15: categories sum to the window; A x P x Q = OEE wherever everything was observed."""
    found = tuple(i for i in parts(**given_ms) if i.span.length_ms)
    window = Span(0, sum(given_ms.values()))
    kpis = example.kpis(window, found, good, reject, ideal_ms)
    times = kpis.times
    assert times.busy_ms + times.planned_ms + times.unscheduled_ms == window.length_ms
    assert times.up_ms + times.loss_ms + times.no_data_ms == times.busy_ms
    for ratio in (kpis.coverage, kpis.availability, kpis.availability_low, kpis.availability_high, kpis.quality):
        assert ratio is None or 0 <= ratio <= 1
    if kpis.availability is not None:
        assert kpis.availability_low is not None
        assert kpis.availability_high is not None
        assert kpis.availability_low - 1e-12 <= kpis.availability <= kpis.availability_high + 1e-12
    if kpis.coverage == 1 and None not in (kpis.availability, kpis.performance, kpis.quality):
        product = (kpis.availability or 0) * (kpis.performance or 0) * (kpis.quality or 0)
        assert kpis.oee == pytest.approx(product, rel=1e-12, abs=1e-12)


def test_times_default_to_nothing() -> None:
    assert times_of([]) == Times()
    assert add([]) == Sums()


def test_a_rule_set_says_what_it_is() -> None:
    assert str(TPM) == f"TPM 1 ({TPM.fingerprint})"
    assert RuleSet(live_after_ms=1).fingerprint != TPM.fingerprint
    assert RuleSet().fingerprint == TPM.fingerprint


def test_one_piece_of_unknown_time_does_not_vouch_for_hours_of_silence() -> None:
    """Two hours seen, six silent, and a counter that survived only the first minute of the silence."""
    hour = 3_600_000
    window = Span(0, 8 * hour)
    found = (
        Interval(1, Span(0, 2 * hour), Category.RUN, State.RUN),
        Interval(1, Span(2 * hour, 8 * hour), Category.NO_DATA, State.UNKNOWN),
    )
    kpis = example.kpis(window, found, 200, 0, 30_000, untimed=1, bridged_ms=60_000)
    assert kpis.coverage == 0.25
    assert kpis.oee is None

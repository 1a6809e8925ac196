"""Every worked example that is public, and the derived ones, by their ids, through the real path: facts to figures.

The published examples lie in `tests/data/kpi/published.json`, each with its source. Tolerance: 0.005 points.
"""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict

from desktop.collect.interpret import count_steps
from desktop.domain import iso22400, kpi, losses
from desktop.domain.case import calculate
from desktop.domain.events import Count, CountFlag, Role, State, StateChange
from desktop.domain.intervals import STOPPED, Category, Interval, Label, derive
from desktop.domain.iso22400 import Elements, Quantities
from desktop.domain.kpi import Kpis, Making, Sums, Times
from desktop.domain.plant import Reason
from desktop.domain.rules import RuleSet
from desktop.domain.spans import Span

MINUTE = 60_000
HOUR = 60 * MINUTE
PUBLISHED = json.loads((Path(__file__).parents[1] / "data" / "kpi" / "published.json").read_text("utf-8"))


def points(value: float | None) -> float:
    """A ratio in percentage points, not a number where it is not known."""
    return float("nan") if value is None else 100 * value


def near(expected: float | None) -> Any:
    return pytest.approx(expected, abs=0.005)


def told(example: dict[str, Any]) -> tuple[Sums, tuple[Interval, ...], Span]:
    """A published example as facts: break, stop, set-up and short stops of a minute each, pieces over the rest."""
    window = Span(0, example["window_min"] * MINUTE)
    changes: list[StateChange] = []
    at_ms = 0

    def then(state: State, minutes: int) -> None:
        nonlocal at_ms
        changes.append(StateChange(len(changes) + 1, 1, at_ms, state))
        at_ms += minutes * MINUTE

    then(State.STOP, example["break_min"] + example["stop_min"])
    then(State.SETUP, example.get("setup_min", 0))
    for _ in range(example.get("short_stop_min", 0)):
        then(State.RUN, 1)
        then(State.STOP, 1)
    then(State.RUN, 0)
    parts = derive(1, window, threshold_ms=2 * MINUTE, changes=changes, pauses=[Span(0, example["break_min"] * MINUTE)])
    (run,) = example["runs"]
    counts = []
    for role, pieces in ((Role.GOOD, run["total"] - run["reject"]), (Role.REJECT, run["reject"])):
        each = [(pieces * n // 50) for n in range(51)]
        spread = [(window.end_ms - at_ms) * n // 50 + at_ms for n in range(51)]
        for (low, high), moment in zip(pairwise(each), spread[1:], strict=True):
            counts.append(Count(1000 + len(counts), 1, moment, role, high - low, moment))
    makings = [Making(window, 1, run["ideal_s"] * 1000.0)]
    return kpi.tally(window, parts, counts, makings), parts, window


@pytest.mark.parametrize("example", PUBLISHED, ids=lambda example: example["id"])
def test_published(example: dict[str, Any]) -> None:
    sums, parts, window = told(example)
    found = kpi.compute(window, sums)
    figures = (found.availability, found.performance, found.quality, found.oee)
    for value, expected in zip(figures, example["expected"], strict=True):
        if expected is not None:
            assert points(value) == near(expected)
    assert found.coverage == 1
    assert sums.times.busy_ms == (example["window_min"] - example["break_min"]) * MINUTE
    if "net_and_speed" in example:
        assert [points(found.net_operating_rate), points(found.speed_rate)] == near(example["net_and_speed"])
    steps = {step.kind: step.length_ms for step in losses.waterfall(found, parts)}
    assert steps["productive"] == found.ideal_good_ms
    assert sum(length for kind, length in steps.items() if kind not in ("busy", "up")) == steps["busy"]


@pytest.mark.parametrize("example", PUBLISHED, ids=lambda example: example["id"])
def test_published_as_a_case_that_anybody_can_hand_in(example: dict[str, Any]) -> None:
    answer = calculate(
        {
            "pbt_s": 60 * (example["window_min"] - example["break_min"]),
            "stop_s": 60 * (example["stop_min"] + example.get("setup_min", 0)),
            "short_stop_s": 60 * example.get("short_stop_min", 0),
            "runs": example["runs"],
        }
    )
    for name, expected in zip(("availability", "performance", "quality", "oee"), example["expected"], strict=True):
        if expected is not None:
            assert points(answer[name]) == near(expected)
    if "net_and_speed" in example:
        assert [points(answer["net_operating_rate"]), points(answer["speed_rate"])] == near(example["net_and_speed"])
    assert answer["flags"] == []


def test_e1_in_seconds() -> None:
    """25,200 = 2,820 (availability) + 3,109 (performance) + 423 (quality) + 18,848 (fully productive)."""
    sums, parts, window = told(PUBLISHED[0])
    steps = {step.kind: step.length_ms / 1000 for step in losses.waterfall(kpi.compute(window, sums), parts)}
    assert steps["busy"] == 25_200
    assert steps["unlabelled"] + steps["stop"] + steps["setup"] + steps["wait"] + steps["no_data"] == 2820
    assert (steps["speed"] + steps["short_stop"], steps["reject"], steps["productive"]) == (3109, 423, 18_848)


def test_e6_three_machines_weighted() -> None:
    """Seconds and pieces are added, the ratios made anew: 68.72, and 97.05 (the piece yield) is not the quality."""
    machines = [told(example) for example in PUBLISHED if example["id"].startswith("E6")]
    together = kpi.compute(machines[0][2], kpi.add(sums for sums, _parts, _window in machines))
    figures = (together.availability, together.performance, together.quality, together.oee)
    assert [points(value) for value in figures] == near([94.7253, 75.6381, 95.9185, 68.7241])  # type: ignore[arg-type]
    assert together.times.busy_ms == 1365 * MINUTE
    assert (together.ideal_good_ms or 0) / MINUTE == pytest.approx(
        938.0833, abs=0.005
    )  # in print 938.09, of rounded parts
    assert 100 * together.pieces.good / together.pieces.total == near(97.0538)
    assert [sums.times.up_ms / MINUTE for sums, *_ in machines] == [423, 437, 433]
    goods = [(kpi.compute(window, sums).ideal_good_ms or 0) / MINUTE for sums, _parts, window in machines]
    assert goods == pytest.approx([365, 318.75, 254.3333], abs=0.005)
    runs = [example["runs"][0] for example in PUBLISHED if example["id"].startswith("E6")]
    answer = calculate({"pbt_s": 81_900, "stop_s": 4320, "runs": runs})
    assert points(answer["oee"]) == near(68.7241)


def test_e16_mean_times() -> None:
    """IBM asset reliability: 20,000 h and 5 failures; 20 h down in 10 repairs."""
    assert losses.mean_times(5, 20_000 * HOUR, 0).mtbf_ms == 4000 * HOUR
    assert losses.mean_times(10, 0, 20 * HOUR).mttr_ms == 2 * HOUR
    none = losses.mean_times(0, 812 * HOUR, 0)
    assert (none.mtbf_ms, none.mttr_ms, none.operating_ms) == (None, None, 812 * HOUR)
    adds_one = losses.mean_times(4, 20_000 * HOUR, 20 * HOUR, RuleSet(mtbf_adds_one=True))
    assert (adds_one.mtbf_ms, adds_one.mttr_ms) == (4000 * HOUR, 5 * HOUR)


# -- the derived ones --


def change(key: int, minute: float, state: State) -> StateChange:
    return StateChange(key, 1, round(minute * MINUTE), state)


def figures_of(found: Kpis) -> list[float | None]:
    return [found.availability, found.performance, found.quality, found.oee]


def test_d1_the_iso_set() -> None:
    """PBT 420, ADOT 30, AUST 40, ADET 25, PRI 0.5, PQ 600, GQ 570, RQ 10, SQ 20, AOET 450 min."""
    times = Times(
        run_ms=325 * MINUTE, stop_ms=10 * MINUTE, wait_ms=8 * MINUTE, short_stop_ms=7 * MINUTE,
        setup_ms=40 * MINUTE, no_order_ms=30 * MINUTE, planned_ms=60 * MINUTE, no_data_ms=5 * MINUTE,
    )  # fmt: skip
    sums = Sums(times, (kpi.Output(1, MINUTE / 2, 570, 30),))
    elements = iso22400.elements_of(sums, aoet_ms=450 * MINUTE)
    assert elements == Elements(
        420 * MINUTE, 30 * MINUTE, 25 * MINUTE, 40 * MINUTE, 325 * MINUTE, 60 * MINUTE, 450 * MINUTE
    )
    assert (elements.aubt_ms, elements.aupt_ms, elements.pot_ms) == (390 * MINUTE, 365 * MINUTE, 480 * MINUTE)
    assert elements.aupt_ms == elements.apt_ms + elements.aust_ms
    assert elements.aubt_ms == elements.aupt_ms + elements.adet_ms
    assert elements.pbt_ms == elements.aubt_ms + elements.adot_ms
    quantities = iso22400.quantities_of(sums, rework=10)
    assert (quantities.produced, quantities.good, quantities.rework, quantities.scrap) == (600, 570, 10, 20)
    found = iso22400.compute(elements, quantities)
    expected = {
        "availability": 77.3810, "effectiveness": 92.3077, "quality": 95.0, "oee": 67.8571, "nee": 76.2088,
        "allocation_efficiency": 92.8571, "allocation_ratio": 86.6667, "utilisation_efficiency": 83.3333,
        "technical_efficiency": 92.8571, "setup_ratio": 10.9589, "scrap_ratio": 3.3333, "rework_ratio": 1.6667,
        "production_process_ratio": 72.2222,
    }  # fmt: skip
    assert {name: points(getattr(found, name)) for name in expected} == near(expected)  # type: ignore[arg-type]
    assert found.throughput_per_h == pytest.approx(80)


def test_d1_the_other_ratios_of_the_standard() -> None:
    assert iso22400.actual_to_planned_scrap(20, 25) == 0.8
    assert iso22400.fall_off_ratio(20, 800) == 0.025
    assert iso22400.first_pass_yield(95, 100) == 0.95
    assert iso22400.worker_efficiency(6 * HOUR, 8 * HOUR) == 0.75
    assert iso22400.corrective_maintenance_ratio(1, 3) == 0.25
    by_hours = [iso22400.pieces_per_hour(800, hours * HOUR) for hours in (10, 9, 7.5)]
    assert by_hours == pytest.approx([80, 88.889, 106.667], abs=1e-3)
    assert iso22400.process_defect_rate(70, 1000) == 0.07
    for name in ("actual_to_planned_scrap", "fall_off_ratio", "first_pass_yield", "worker_efficiency"):
        assert getattr(iso22400, name)(0, 0) is None
    assert iso22400.pieces_per_hour(1, 0) is None
    nothing = asdict(iso22400.compute(Elements(0, 0, 0, 0, 0), Quantities(0, 0, 0, None, None)))
    assert {value for name, value in nothing.items() if name not in ("elements", "quantities")} == {None}


def test_d2_two_hours_into_the_shift() -> None:
    changes = [change(1, 0, State.RUN), change(2, 30, State.STOP), change(3, 40, State.RUN)]
    window = Span(0, 120 * MINUTE)
    counts = [Count(9, 1, 110 * MINUTE, Role.GOOD, 196, 0), Count(10, 1, 110 * MINUTE, Role.REJECT, 4, 0)]
    parts = derive(1, window, threshold_ms=120_000, changes=changes)
    found = kpi.compute(window, kpi.tally(window, parts, counts, [Making(window, 1, MINUTE / 2)]))
    assert [points(value) for value in figures_of(found)] == near([91.6667, 90.9091, 98.0, 81.6667])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("threshold_s", "availability", "performance"),
    [(30, 75.97, 87.75), (60, 77.22, 86.33), (120, 79.72, 83.62), (300, 83.33, 80.00), (900, 100.0, 66.67)],
)
def test_d3_oee_does_not_change_with_the_threshold(threshold_s: int, availability: float, performance: float) -> None:
    changes, at = [change(1, 0, State.RUN)], 0.0
    for key, stop_s in enumerate((45, 90, 130, 600), 1):
        changes += [change(2 * key, at + 2, State.STOP), change(2 * key + 1, at + 2 + stop_s / 60, State.RUN)]
        at += 2 + stop_s / 60
    window = Span(0, HOUR)
    parts = derive(1, window, threshold_ms=threshold_s * 1000, changes=changes)
    counts = [Count(99, 1, HOUR, Role.GOOD, 80, 0)]
    found = kpi.compute(window, kpi.tally(window, parts, counts, [Making(window, 1, 30_000.0)]))
    assert [points(found.availability), points(found.performance)] == near([availability, performance])  # type: ignore[arg-type]
    assert points(found.oee) == pytest.approx(200 / 3)
    steps = {step.kind: step.length_ms for step in losses.waterfall(found, parts)}
    assert steps["speed"] == 335_000
    if threshold_s == 120:
        assert [points(found.net_operating_rate), points(found.speed_rate)] == near([95.2962, 87.7514])  # type: ignore[arg-type]


def test_d4_shifts_are_added_never_averaged() -> None:
    shifts = []
    for length, stop, good in ((480, 0, 432), (120, 84, 36)):
        window = Span(0, length * MINUTE)
        changes = [change(1, 0, State.STOP), change(2, stop, State.RUN)]
        parts = derive(1, window, threshold_ms=0, changes=changes)
        counts = [Count(5, 1, window.end_ms, Role.GOOD, good, 0)]
        shifts.append(kpi.tally(window, parts, counts, [Making(window, 1, float(MINUTE))]))
    assert [points(kpi.compute(Span(0, 1), shift).oee) for shift in shifts] == near([90.0, 30.0])  # type: ignore[arg-type]
    assert points(kpi.compute(Span(0, 1), kpi.add(shifts)).oee) == near(78.0)


def test_d5_missing_data_with_a_counter_that_survived() -> None:
    changes = [change(1, 0, State.RUN), change(2, 300, State.STOP), change(3, 360, State.RUN)]
    window, silence = Span(0, 480 * MINUTE), Span(360 * MINUTE, 480 * MINUTE)
    counts = [
        Count(8, 1, 300 * MINUTE, Role.GOOD, 500, 0),
        Count(9, 1, 480 * MINUTE, Role.GOOD, 120, 360 * MINUTE, CountFlag.GAP),
    ]
    parts = derive(1, window, threshold_ms=0, changes=changes, silences=[silence])
    found = kpi.compute(window, kpi.tally(window, parts, counts, [Making(window, 1, MINUTE / 2)], busy_spans=[window]))
    assert points(found.coverage) == 75
    assert [points(found.availability), points(found.performance)] == near([83.3333, 83.3333])  # type: ignore[arg-type]
    assert [points(found.availability_low), points(found.availability_high)] == [62.5, 87.5]
    assert (found.quality, points(found.oee)) == (1.0, near(64.5833))


JAM = Reason(1, "J", "jam", "unplanned", failure=True)
EMPTY = Reason(2, "E", "no material", "unplanned", failure=False)


def by_people(window: Span, *spans: tuple[float, float, Reason]) -> tuple[Interval, ...]:
    labels = [
        Label(n, 1, Span(round(start * MINUTE), round(end * MINUTE)), reason)
        for n, (start, end, reason) in enumerate(spans, 1)
    ]
    return derive(1, window, threshold_ms=0, changes=[], labels=labels, confirmed=[window])


def test_d6_overlapping_reasons() -> None:
    window = Span(0, 978 * MINUTE)
    parts = by_people(window, (0, 900, JAM), (10, 840, EMPTY))
    found = kpi.compute(window, kpi.tally(window, parts))
    assert found.times.loss_ms == 900 * MINUTE
    assert points(found.availability) == near(7.9755)
    assert all(part.by_hand for part in parts)


def test_d7_reasons_that_overlap_and_reasons_that_touch() -> None:
    window = Span(0, 720 * MINUTE)
    parts = by_people(window, (600, 660, JAM), (630, 690, EMPTY))
    assert sum(p.span.length_ms for p in parts if p.category in STOPPED) == 90 * MINUTE
    touching = by_people(window, (600, 660, JAM), (660, 690, EMPTY))
    lengths = [(p.reason, p.span.length_ms // MINUTE) for p in touching if p.category in STOPPED]
    assert lengths == [(1, 60), (2, 30)]


def test_d8_a_stop_over_the_shift_end_is_one_failure() -> None:
    """Shift 20:00-08:00 and the next; stop 23:30-01:30 in the first; stop 07:50-08:20 over the end: 10 and 20 min."""
    night, day = Span(20 * HOUR, 32 * HOUR), Span(32 * HOUR, 44 * HOUR)
    changes = [
        change(1, 20 * 60, State.RUN), change(2, 23.5 * 60, State.FAULT), change(3, 25.5 * 60, State.RUN),
        change(4, 31 * 60 + 50, State.FAULT), change(5, 32 * 60 + 20, State.RUN),
    ]  # fmt: skip
    whole = derive(1, Span(night.start_ms, day.end_ms), threshold_ms=120_000, changes=changes)
    first, second = (losses.reliability(whole, frozenset(), shift) for shift in (night, day))
    assert (first.failures, first.restoring_ms) == (2, 130 * MINUTE)
    assert (second.failures, second.restoring_ms) == (0, 20 * MINUTE)
    halves = [derive(1, shift, threshold_ms=120_000, changes=changes) for shift in (night, day)]
    assert halves[0][-1].stop_id == halves[1][0].stop_id == 4


@pytest.mark.parametrize(
    ("before", "now", "modulus", "pieces", "flag"),
    [
        (65530, 4, 65536, 10, CountFlag.ROLLOVER),
        (5120, 3, None, 3, CountFlag.RESET),
        (9998, 7, 10000, 9, CountFlag.ROLLOVER),
        (32760, 5, 32768, 13, CountFlag.ROLLOVER),
        (5120, 5100, None, 0, CountFlag.STEP_BACK),
    ],
)
def test_d10_counters(before: int, now: int, modulus: int | None, pieces: int, flag: CountFlag) -> None:
    """The first reading of all (777 -> 0) is a baseline: tests/collect/test_interpret.py."""
    assert count_steps(before, now, modulus, None) == (pieces, flag)


def test_d11_run_inside_a_break() -> None:
    changes = [change(1, 480, State.RUN), change(2, 750, State.STOP), change(3, 780, State.RUN)]
    window = Span(480 * MINUTE, 1080 * MINUTE)
    parts = derive(1, window, threshold_ms=0, changes=changes, pauses=[Span(720 * MINUTE, 780 * MINUTE)])
    assert kpi.times_of(parts).busy_ms == 570 * MINUTE


def test_d12_a_stop_over_a_break() -> None:
    changes = [change(1, 480, State.RUN), change(2, 710, State.STOP), change(3, 790, State.RUN)]
    window = Span(480 * MINUTE, 1080 * MINUTE)
    parts = derive(1, window, threshold_ms=120_000, changes=changes, pauses=[Span(720 * MINUTE, 780 * MINUTE)])
    assert kpi.times_of(parts).loss_ms == 20 * MINUTE


@pytest.mark.parametrize(
    ("state", "paused", "expected"),
    [
        (State.RUN, False, [1.0, 0.0, None, 0.0]),
        (State.STOP, True, [None, None, None, None]),
        (State.STOP, False, [0.0, None, None, 0.0]),
    ],
)
def test_d13_zero_is_not_unknown(state: State, paused: bool, expected: list[float | None]) -> None:
    window = Span(0, 480 * MINUTE)
    parts = derive(1, window, threshold_ms=0, changes=[change(1, 0, state)], pauses=[window] if paused else [])
    found = kpi.compute(window, kpi.tally(window, parts, [], [Making(window, 1, float(MINUTE))]))
    assert figures_of(found) == expected


def test_d14_where_a_counted_stop_begins() -> None:
    counts = [Count(n, 1, at * 1000, Role.GOOD, 1, at * 1000) for n, at in enumerate((0, 30, 60, 400), 1)]
    window = Span(0, 400_000)
    parts = derive(1, window, threshold_ms=120_000, changes=[], counts=counts, stroke_ms=30_000, by_count=True)
    stops = [part.span for part in parts if part.category is Category.STOP]
    assert stops == [Span(90_000, 400_000)]
    found = kpi.compute(window, kpi.tally(window, parts, counts, [Making(window, 1, 30_000.0)]))
    assert (found.times.run_ms, found.pieces.total, found.performance) == (90_000, 3, 1.0)


def test_d19_before_and_after() -> None:
    assert iso22400.change(100, 130) == (30, pytest.approx(0.30))
    difference, relative = iso22400.change(2.00, 1.13)
    assert (difference, relative) == (pytest.approx(-0.87), pytest.approx(-0.435))
    assert iso22400.change(0, 5) == (5, None)


# -- the hard cases of the rules that carry numbers --


def test_a_changeover_with_trial_rejects_leaves_performance_and_quality_whole() -> None:
    """60 min set-up, 20 trial rejects, then 420 good in 420 min: P = 100, Q = 100."""
    window = Span(0, 480 * MINUTE)
    changes = [change(1, 0, State.SETUP), change(2, 60, State.RUN)]
    counts = [Count(10 + n, 1, (n + 1) * MINUTE, Role.REJECT, 1, 0) for n in range(20)]
    counts += [Count(100 + n, 1, (61 + n) * MINUTE, Role.GOOD, 1, 0) for n in range(420)]
    parts = derive(1, window, threshold_ms=0, changes=changes)
    sums = kpi.tally(window, parts, counts, [Making(window, 1, float(MINUTE))])
    found = kpi.compute(window, sums)
    assert (found.performance, found.quality, found.availability) == (1.0, 1.0, 0.875)
    assert (sums.outputs[0].trial_reject, sums.outputs[0].trial_good) == (20, 0)
    assert found.nee == 1.0  # set-up is no loss there


def test_rework_is_never_a_good_first_pass() -> None:
    """480 min, 400 first passes of which 380 good, 20 worked on again on the machine: OEE 79.2, not 83.3."""
    window, again = Span(0, 480 * MINUTE), Span(400 * MINUTE, 480 * MINUTE)
    counts = [
        Count(1, 1, 400 * MINUTE, Role.GOOD, 380, 0),
        Count(2, 1, 400 * MINUTE, Role.REJECT, 20, 0),
        Count(3, 1, 480 * MINUTE, Role.GOOD, 20, 0),
    ]
    parts = derive(1, window, threshold_ms=0, changes=[change(1, 0, State.RUN)], reworks=[again])
    sums = kpi.tally(window, parts, counts, [Making(window, 1, float(MINUTE))])
    assert sums.times.rework_ms == 80 * MINUTE
    assert points(kpi.compute(window, sums).oee) == near(79.1667)
    assert sums.outputs[0].rework_good == 20


@pytest.mark.parametrize(("planned", "oee"), [(True, 90.0), (False, 67.5)])
def test_no_order_is_planned_only_where_it_was_entered_before(planned: bool, oee: float) -> None:
    """480 min, 120 of them without an order, 324 good at 1 min: 90 or 67.5."""
    window, empty = Span(0, 480 * MINUTE), Span(360 * MINUTE, 480 * MINUTE)
    changes = [change(1, 0, State.RUN), change(2, 360, State.IDLE)]
    parts = derive(
        1, window, threshold_ms=0, changes=changes, pauses=[empty] if planned else [], orders=[Span(0, empty.start_ms)]
    )
    counts = [Count(1, 1, 360 * MINUTE, Role.GOOD, 324, 0)]
    found = kpi.compute(window, kpi.tally(window, parts, counts, [Making(window, 1, float(MINUTE))]))
    assert points(found.oee) == near(oee)
    assert found.times.no_order_ms == (0 if planned else 120 * MINUTE)


def test_a_gap_is_shared_out_exactly() -> None:
    """5,000 stored, PC off, 5,120 read: 120 pieces of unknown time, by the planned busy time of each shift."""
    counts = [Count(1, 1, 16 * HOUR, Role.GOOD, 120, 4 * HOUR, CountFlag.GAP)]
    shifts = [Span(0, 8 * HOUR), Span(8 * HOUR, 16 * HOUR)]
    busy = [Span(0, 7 * HOUR), Span(8 * HOUR, 16 * HOUR)]
    made = [
        kpi.tally(shift, (), counts, [Making(shift, 1, 1.0)], busy_spans=busy).outputs[0].untimed for shift in shifts
    ]
    assert made == [round(Fraction(120 * 3, 11)), 120 - round(Fraction(120 * 3, 11))]


def test_the_capability_of_a_process_and_of_a_machine() -> None:
    """ISO 22400-2: Cp = (USL - LSL) / 6 s, Cpk = min(USL - x, x - LSL) / 3 s; Cm and Cmk the same over one machine."""
    found = iso22400.capability(25.002, 0.003, 24.985, 25.015)
    assert found.spread == pytest.approx(0.03 / 0.018)
    assert found.centred == pytest.approx(0.013 / 0.009)
    assert iso22400.capability(25.02, 0.003, 24.985, 25.015).centred == pytest.approx(-0.005 / 0.009)
    assert iso22400.capability(0.04, 0.01, None, 0.1) == iso22400.Capability(None, pytest.approx(2.0))
    assert iso22400.capability(1.0, 0.0, 0.0, 2.0) == iso22400.Capability(None, None)
    assert iso22400.capability(1.0, 0.1, None, None) == iso22400.Capability(None, None)

"""What counts of measured values, where runs begin, and how a characteristic stands."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.domain import measuring
from desktop.domain.entries import ChartLimits, Entry, Excluded
from desktop.domain.measuring import Group, State, Use, analyse, groups, judged
from desktop.domain.quality import Characteristic, Limits, Sampling
from desktop.domain.spans import Span
from desktop.domain.values import Value, is_no_value
from tests.measuring_example import spread

MINUTE = 60_000
OF = Characteristic(1, "ID", "Bore", signal=1)
LIMITS = (Limits(1, 0, 24.01, 23.99, 24.03),)


def values(numbers: Sequence[float | None], every_ms: int = MINUTE, units: Sequence[str] | None = None) -> list[Value]:
    return [
        Value(n + 1, n * every_ms, number, f"U{n}" if units is None else units[n]) for n, number in enumerate(numbers)
    ]


def told(numbers: Sequence[float | None], **more: object) -> tuple[measuring.Judged, ...]:
    return judged(values(numbers, **more), LIMITS, {}, {})  # type: ignore[arg-type]


def frozen(at_ms: int, centre: float = 24.01, sigma: float = 0.002, rules: tuple[str, ...] = ("n1", "n2")) -> Entry:
    said = ChartLimits(1, at_ms, at_ms, 1, 1, "i_mr", centre, sigma, 1, 25, 0, at_ms, rules)
    return Entry(1, at_ms, said, "Kim", "first")


@pytest.mark.parametrize(
    ("value", "low", "none"),
    [
        (None, 0.0, True), (float("nan"), 0.0, True), (float("inf"), 0.0, True), (9999.0, 0.0, True),
        (-9999.0, 0.0, True), (99999.9, 0.0, True), (999.9, 0.0, True), (999.0, 0.0, False), (99.0, 0.0, False),
        (-1.0, 0.0, True), (-1.0, None, True), (-1.0, -5.0, False), (24.0, 0.0, False), (9998.0, 0.0, False),
    ],
)  # fmt: skip
def test_how_gauges_say_that_there_is_no_value(value: float | None, low: float | None, none: bool) -> None:
    assert is_no_value(value, Limits(1, 0, low=low, high=100.0)) is none


def test_what_lies_in_its_limits_is_a_value_whatever_its_digits() -> None:
    assert not is_no_value(9999.0, Limits(1, 0, low=9000.0, high=11000.0))
    assert not is_no_value(9999.0, Limits(1, 0, high=11000.0))
    assert is_no_value(9999.0, Limits(1, 0, low=50.0)), "a pull force has no upper limit, and its gauge no such value"
    assert is_no_value(-9999.0, Limits(1, 0, high=50.0))
    assert is_no_value(9999.0, None)
    assert not is_no_value(-1.0, None)


def test_the_first_value_of_a_unit_counts_and_all_are_kept() -> None:
    found = told([24.04, 24.01, 24.00, 9999.0, 24.02], units=["A", "A", "B", "C", "C"])
    assert [(each.use, each.attempt, each.good) for each in found] == [
        (Use.COUNTS, 1, False), (Use.RETEST, 2, True), (Use.COUNTS, 1, True), (Use.NO_VALUE, 0, None),
        (Use.COUNTS, 1, True),
    ]  # fmt: skip
    analysis = analyse(found, OF, (), LIMITS[0])
    assert analysis.first_pass == (2, 3)
    assert (analysis.retests, analysis.too_often, analysis.unbound) == (1, 0, 0)
    often = judged(values([24.04, 24.04, 24.01], units=["A", "A", "A"]), LIMITS, {}, {})
    assert analyse(often, OF, (), LIMITS[0]).too_often == 1
    again = judged(values([24.01], units=["A"]), LIMITS, {}, {"A": 1})
    assert again[0].use is Use.RETEST


def test_what_is_left_out_stays_for_the_yield_and_begins_a_run() -> None:
    out = Entry(9, 0, Excluded(1, 2 * MINUTE, 2 * MINUTE, 1, 3), "Kim", "chip")
    found = judged(values([24.0, 24.01, 24.05, 24.02]), LIMITS, {3: out}, {})
    assert [each.use for each in found] == [Use.COUNTS, Use.COUNTS, Use.EXCLUDED, Use.COUNTS]
    assert found[2].excluded == out
    analysis = analyse(found, OF, (), LIMITS[0])
    assert [each.begins for each in analysis.points] == [True, False, True]
    assert analysis.first_pass == (3, 4)


def test_values_without_a_unit_count_for_the_chart_alone() -> None:
    analysis = analyse(told([24.0, 24.01, 24.05], units=["", "", ""]), OF, (), LIMITS[0])
    assert (len(analysis.points), analysis.unbound, analysis.first_pass) == (3, 3, (0, 0))


def runs_of(made: Sequence[Group]) -> list[int]:
    """The lengths of runs."""
    found: list[int] = []
    for each in made:
        if each.begins:
            found.append(0)
        found[-1] += 1
    return found


def test_a_run_ends_at_a_gap_another_product_and_changed_limits() -> None:
    base = values([24.0 + n / 1000 for n in range(12)])
    assert runs_of(groups(judged(base, LIMITS, {}, {}), OF)) == [12]
    late = [replace(each, at_ms=each.at_ms + (n >= 6) * 31 * MINUTE) for n, each in enumerate(base)]
    assert runs_of(groups(judged(late, LIMITS, {}, {}), OF)) == [6, 6]
    other = [replace(each, product=1 + (n >= 4)) for n, each in enumerate(base)]
    assert runs_of(groups(judged(other, LIMITS, {}, {}), OF)) == [4, 8]
    two = (*LIMITS, Limits(1, 3 * MINUTE, 24.01, 23.98, 24.03))
    assert runs_of(groups(judged(base, two, {}, {}), OF)) == [3, 9]
    assert runs_of(groups(judged(base, LIMITS, {}, {}), OF, [5 * MINUTE])) == [5, 7]


def test_rarely_measured_values_have_longer_gaps() -> None:
    rare = values([24.0] * 12, every_ms=20 * MINUTE)
    assert runs_of(groups(judged(rare, LIMITS, {}, {}), OF)) == [12]


def test_a_subgroup_lies_within_one_run() -> None:
    five = replace(OF, subgroup=5)
    base = [replace(each, product=1 + (n >= 7)) for n, each in enumerate(values([24.0] * 17))]
    made = groups(judged(base, LIMITS, {}, {}), five)
    assert [[value.id for value in each.values] for each in made] == [
        [1, 2, 3, 4, 5], [8, 9, 10, 11, 12], [13, 14, 15, 16, 17],
    ]  # fmt: skip
    assert [each.begins for each in made] == [True, True, False]


def test_some_pieces_an_hour_make_a_subgroup_each_time() -> None:
    """Five are measured each hour, once only four: that makes a smaller subgroup, not a shifted one."""
    five = replace(OF, subgroup=5, sampling=Sampling.HOURLY, per_hour=5)
    times = [hour * 60 * MINUTE + n * 10_000 for hour in range(6) for n in range(4 if hour == 2 else 5)]
    base = [Value(n, at_ms, 24.0 + n / 1000) for n, at_ms in enumerate(times)]
    found = judged(base, LIMITS, {}, {})
    assert [len(each.values) for each in groups(found, five)] == [5, 5, 4, 5, 5, 5]
    assert runs_of(groups(found, five)) == [6]
    assert analyse(found, five, (), LIMITS[0]).kind == "xbar_s"


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(1, 90)), max_size=60), st.integers(1, 5))
def test_points_hold_each_value_that_counts_at_most_once_and_in_order(
    drawn: list[tuple[int, bool, int]], size: int
) -> None:
    at_ms, base, left_out = 0, [], {}
    for n, (product, out, minutes) in enumerate(drawn):
        at_ms += minutes * MINUTE
        base.append(Value(n, at_ms, 24.0, product=product))
        if out and product == 3:
            left_out[n] = Entry(n, 0, Excluded(1, at_ms, at_ms, 1, n))
    made = groups(judged(base, LIMITS, left_out, {}), replace(OF, subgroup=size))
    ids = [value.id for each in made for value in each.values]
    assert ids == sorted(set(ids))
    assert not set(ids) & set(left_out)
    for each in made:
        assert len(each.values) == size
        assert len({value.product for value in each.values}) == 1
    if made:
        assert made[0].begins


DAY = 37 * MINUTE  # so that a story has several
SEEDS = st.integers(0, 1 << 30)


def a_story(seed: int) -> list[tuple[int, int, bool, str]]:
    """Minutes since the value before, the product, whether it is left out, and what it is else."""
    rng, product, story = random.Random(seed), 1, []
    for _n in range(240):
        product = 3 - product if rng.random() < 0.01 else product
        minutes = rng.choice((2, 4, 40, 400)) if rng.random() < 0.02 else 1
        what = rng.choice(("retest", "none")) if rng.random() < 0.05 else ""
        story.append((minutes, product, rng.random() < 0.05, what))
    return story


def told_of(story: Sequence[tuple[int, int, bool, str]], out: frozenset[int] = frozenset()) -> list[measuring.Judged]:
    """Values some minutes apart, of one product or another, some of them retests or no values, some left out."""
    at_ms, base = 0, []
    for n, (minutes, product, _out, what) in enumerate(story):
        at_ms += minutes * MINUTE
        base.append(Value(n, at_ms, None if what == "none" else 24.0, f"U{n - (what == 'retest')}", product=product))
    return [*judged(base, LIMITS, {n: Entry(n, 0, Excluded(1, 0, 0, 1, n), "Kim", "chip") for n in out}, {})]


def cut(told: Sequence[measuring.Judged], of: Characteristic) -> list[tuple[tuple[int, ...], bool]]:
    cutting = measuring.Cutting(of, (70 * MINUTE,), lambda at_ms: Span(at_ms // DAY * DAY, (at_ms // DAY + 1) * DAY))
    for each in told:
        cutting.take(each)
    return [(tuple(value.id for value in each.values), each.begins) for each in cutting.made]


@given(SEEDS, st.sampled_from((1, 2, 3)), st.sampled_from((Sampling.EACH, Sampling.HOURLY)))
def test_a_finished_point_stays_whatever_comes_and_knows_nothing_of_days_long_ago(
    seed: int, size: int, how: Sampling
) -> None:
    of, story = replace(OF, subgroup=size, sampling=how), a_story(seed)
    out = frozenset(n for n, each in enumerate(story) if each[2])
    told = told_of(story, out)
    whole = cut(told, of)
    for count in range(0, len(told), 11):
        before = cut(told[:count], of)
        assert whole[: len(before)] == before
    counting = [n for n, each in enumerate(told) if each.use in (Use.COUNTS, Use.EXCLUDED)]
    days = [n for n in counting if told[n].value.at_ms // DAY == told[-1].value.at_ms // DAY]
    if days:  # what tells which distances are usual, and the day
        back = counting[max(counting.index(days[0]) - measuring.looks_back(of), 0)]
        wanted = [values for values, _begins in whole if values[0] >= told[days[0]].value.id]
        assert [values for values, _begins in cut(told[back:], of) if values[0] >= told[days[0]].value.id] == wanted


@given(SEEDS, st.sampled_from((1, 2, 5)), st.integers(0, 239))
def test_what_is_left_out_changes_its_own_point_alone(seed: int, size: int, number: int) -> None:
    of, story = replace(OF, subgroup=size), a_story(seed)
    before = [values for values, _begins in cut(told_of(story), of)]
    after = [values for values, _begins in cut(told_of(story, frozenset({number})), of)]
    wanted = [tuple(value for value in values if value != number) for values in before]
    assert after == [values for values in wanted if len(values) >= min(size, 2)]


def test_limits_that_were_frozen_keep_their_chart_though_a_value_is_left_out() -> None:
    five = replace(OF, subgroup=5)
    said = replace(frozen(0).said, chart="xbar_r", n=5)
    one = {8: Entry(9, 0, Excluded(1, 0, 0, 1, 8), "Kim", "chip")}
    found = judged(values(spread(60, 24.01, 0.002)), LIMITS, one, {})
    analysis = analyse(found, five, (replace(frozen(0), said=said),), LIMITS[0])
    assert [len(each.values) for each in analysis.points] == [5, 4, *[5] * 10]
    assert analysis.kind == "xbar_r"
    assert analyse(found, five, (), LIMITS[0]).kind == "xbar_s"


def test_frozen_limits_are_held_against_new_points_alone() -> None:
    steady = spread(40, 24.01, 0.002)
    analysis = analyse(told([*steady, 24.02, 24.01]), OF, (frozen(40 * MINUTE),), LIMITS[0])
    assert (analysis.fresh, analysis.centre, analysis.sigma) == (40, 24.01, 0.002)
    assert [(each.rule, each.met, each.side) for each in analysis.findings] == [("n1", 40, 1)]
    later = analyse(told([*steady, 24.02, 24.01]), OF, (frozen(0), frozen(41 * MINUTE)), LIMITS[0])
    assert later.findings == ()  # what new limits are frozen behind is not held against them
    seven = analyse(told([24.011] * 7), OF, (frozen(0, rules=("run7", "unknown")),), LIMITS[0])
    assert [each.rule for each in seven.findings] == ["run7"]


def test_without_frozen_limits_those_of_the_last_points_are_shown() -> None:
    analysis = analyse(told(spread(40, 24.01, 0.002)), OF, (), LIMITS[0])
    assert analysis.frozen is None
    assert analysis.own is not None
    assert (analysis.centre, analysis.sigma) == (analysis.own.centre, analysis.own.sigma)
    assert analysis.own.points == 25


def test_how_a_characteristic_stands() -> None:
    def stands(
        numbers: Sequence[float | None], versions: tuple[Entry, ...] = (), count: int = 0, later: int = 0
    ) -> State:
        analysis = analyse(told(numbers), OF, versions, LIMITS[0])
        return measuring.state(analysis, OF, count, len(numbers) * MINUTE + later)

    steady, limits = spread(60, 24.01, 0.003), (frozen(0),)
    assert stands(steady, limits) is State.STABLE
    assert stands(steady, limits, count=1) is State.SIGNAL
    assert stands([*steady, 24.04], limits) is State.OUTSIDE
    assert stands(steady, limits, later=15 * MINUTE) is State.NO_VALUES
    assert stands(spread(60, 24.01, 0.006), limits) is State.CAPABILITY
    assert stands([24.01, 24.02, 24.02] * 20, limits) is State.COARSE
    assert stands([24.01] * 60, limits) is State.COARSE
    assert stands(steady[:20]) is State.FEW
    assert stands([]) is State.FEW
    assert stands(steady) is State.OPEN
    by_hand = replace(OF, signal=None)
    assert measuring.silent_ms(analyse(told(steady), OF, (), None), by_hand, 1 << 50) is None


def test_a_spread_beyond_its_limit_is_found_where_limits_are_asked_for() -> None:
    five = replace(OF, subgroup=5)
    calm = [24.008, 24.010, 24.012, 24.010, 24.010]
    wild = [24.030, 23.990, 24.010, 24.010, 24.010]

    def found(rules: tuple[str, ...]) -> list[tuple[str, int, bool]]:
        said = replace(frozen(0, rules=rules).said, chart="xbar_r", n=5)
        entry = replace(frozen(0), said=said)
        analysis = analyse(told(calm * 6 + wild + calm), five, (entry,), LIMITS[0])
        return [(each.rule, each.met, each.of_spread) for each in analysis.findings]

    assert found(("n1", "n2")) == [("n1", 6, True)]
    assert found(("n2",)) == []


@pytest.mark.parametrize("what", ["limits", "product"])
def test_capability_centre_and_findings_speak_of_what_is_made_now(what: str) -> None:
    old, new = Limits(1, 0, 10.0, 9.9, 10.1), Limits(1, 60 * MINUTE, 12.0, 11.9, 12.1)
    limits = (old, new) if what == "limits" else (new,)
    base = values([*spread(60, 10.0, 0.02), *spread(60, 12.0, 0.02, seed=3)])
    if what == "product":
        base = [replace(value, product=1 + (n >= 60)) for n, value in enumerate(base)]
    both = analyse(judged(base, limits, {}, {}), OF, (), new)
    alone = analyse(judged(base[60:], limits, {}, {}), OF, (), new)
    assert len(both.points) == 85, "the others are shown too"
    assert (both.capability, both.capable, both.own, both.centre) == (
        alone.capability, alone.capable, alone.own, alone.centre,
    )  # fmt: skip
    assert [both.points[each.met] for each in both.findings] == [alone.points[each.met] for each in alone.findings]
    few = analyse(judged(base[:80], limits, {}, {}), OF, (), new)
    assert (len(few.alike), len(few.capable), few.capability.cpk) == (20, 20, None)
    assert measuring.state(few, OF, 0, 80 * MINUTE) is State.FEW


def test_a_gap_and_a_product_between_do_not_part_what_is_made_now() -> None:
    numbers = spread(60, 24.01, 0.002)
    base = [replace(value, product=2 if 20 <= n < 30 else 1) for n, value in enumerate(values(numbers))]
    base = [replace(value, at_ms=value.at_ms + (n >= 40) * 300 * MINUTE) for n, value in enumerate(base)]
    base[-1] = replace(base[-1], product=None)
    found = analyse(judged(base, LIMITS, {}, {}), OF, (), LIMITS[0])
    assert len(found.alike) == 50
    assert found.capable == (*numbers[:20], *numbers[30:])


def test_a_clock_that_was_set_back_swaps_no_first_value_with_its_retest() -> None:
    came = [
        Value(1, 60 * MINUTE, 24.05, "A"), Value(2, 61 * MINUTE, 24.01, "B"), Value(3, 2 * MINUTE, 24.01, "A"),
        Value(1, 30 * MINUTE, 24.0, "A", by_hand=True),
    ]  # fmt: skip
    found = judged(sorted(came, key=lambda each: each.at_ms), LIMITS, {}, {})
    assert [(each.value.value, each.use, each.attempt) for each in found] == [
        (24.05, Use.COUNTS, 1), (24.0, Use.RETEST, 2), (24.01, Use.COUNTS, 1), (24.01, Use.RETEST, 3),
    ]  # fmt: skip
    assert analyse(found, OF, (), LIMITS[0]).first_pass == (1, 2)

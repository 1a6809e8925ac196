"""What must hold for any shift: sums close, cuts add up, the order of arrival is nothing, better is never worse."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.domain import explain, iso22400, kpi, losses
from desktop.domain.events import Count, CountFlag, Role, State, StateChange
from desktop.domain.intervals import Category
from desktop.domain.kpi import Kpis, Making, Output, Sums, Times
from desktop.domain.spans import Span
from tests.domain.world import EARLY, LATE, LENGTH, REASONS, World, worlds

WINDOW = Span(0, LENGTH)
MANY = settings(max_examples=300)


def figures(world: World, window: Span = WINDOW) -> Kpis:
    return kpi.compute(window, world.sums(window), world.rules)


def ratios_of(kpis: Kpis) -> dict[str, float | None]:
    return {name: getattr(kpis, name) for name in explain.NAMES}


# -- D15 --


@MANY
@given(worlds())
def test_d15_categories_sum_to_the_window_and_the_waterfall_closes(world: World) -> None:
    parts, found = world.intervals(), figures(world)
    times = found.times
    assert times.busy_ms + times.planned_ms + times.unscheduled_ms == LENGTH
    assert times.scheduled_ms == LENGTH - times.unscheduled_ms
    assert [p.span.end_ms for p in parts[:-1]] == [p.span.start_ms for p in parts[1:]]
    assert (parts[0].span.start_ms, parts[-1].span.end_ms) == (0, LENGTH)
    left = 0
    for step in losses.waterfall(found, parts):
        if step.kind == "busy":
            left = step.length_ms
        elif step.total:
            assert step.length_ms == left
        else:
            left -= step.length_ms


@MANY
@given(worlds())
def test_d15_the_factors_multiply_where_everything_was_observed(world: World) -> None:
    rated = replace(world, silences=[], makings=[Making(Span(EARLY, LATE), 1, 3.0)])
    found = figures(rated)
    if found.coverage != 1 or None in (found.availability, found.performance, found.quality):
        return
    product = (found.availability or 0) * (found.performance or 0) * (found.quality or 0)
    timed = found.pieces.untimed == 0
    if timed:
        assert found.oee == pytest.approx(product, rel=1e-12, abs=1e-12)
    if found.net_operating_rate and found.speed_rate is not None:
        assert found.net_operating_rate * found.speed_rate == pytest.approx(found.performance, rel=1e-12)


@MANY
@given(worlds())
def test_d15_the_elements_of_the_standard_close_too(world: World) -> None:
    sums = world.sums()
    elements = iso22400.elements_of(sums)
    assert elements.aupt_ms == elements.apt_ms + elements.aust_ms
    assert elements.aubt_ms == elements.aupt_ms + elements.adet_ms
    assert elements.pbt_ms == elements.aubt_ms + elements.adot_ms
    assert elements.pot_ms == sums.times.scheduled_ms - sums.times.no_data_ms
    assert iso22400.quantities_of(sums).produced == sums.good + sums.reject


# -- D16 --


def stored(facts: list[StateChange] | list[Count], chance: Random) -> list[object]:
    """The facts as they lie in the journal when each of them arrived late and twice: one row for each id."""
    arriving = [*facts, *facts]
    chance.shuffle(arriving)  # type: ignore[arg-type]
    return list({fact.id: fact for fact in arriving}.values())


@MANY
@given(worlds(), st.integers(0, 9999))
def test_d16_facts_late_shuffled_and_twice_make_the_same_shift(world: World, seed: int) -> None:
    chance = Random(seed)
    other = replace(world, changes=stored(world.changes, chance), counts=stored(world.counts, chance))
    for name in ("silences", "pauses", "reworks"):
        setattr(other, name, chance.sample(getattr(world, name) * 2, 2 * len(getattr(world, name))))
    other.labels = chance.sample(world.labels, len(world.labels))
    assert other.intervals() == world.intervals()
    assert other.sums() == world.sums()
    assert figures(other) == figures(world) == figures(world)


@MANY
@given(worlds(), st.data())
def test_d16_time_told_in_two_pieces_is_the_same_time(world: World, data: st.DataObject) -> None:
    """A silence, break, shift, rework or order cut in two says what it said as a whole."""

    def split(spans: list[Span] | None) -> list[Span] | None:
        if spans is None:
            return None
        at = data.draw(st.integers(EARLY, LATE))
        return [part for span in spans for half in (Span(EARLY, at), Span(at, LATE)) if (part := half.cut(span))]

    names = ("silences", "pauses", "scheduled", "reworks", "orders", "confirmed")
    other = replace(world, **{name: split(getattr(world, name)) for name in names})
    assert other.sums().times == world.sums().times


# -- D17 --


@MANY
@given(worlds(), st.lists(st.integers(0, LENGTH), min_size=1, max_size=3))
def test_d17_any_cut_adds_up_to_the_whole(world: World, cuts: list[int]) -> None:
    edges = sorted({0, LENGTH, *cuts})
    halves = [world.sums(Span(low, high)) for low, high in pairwise(edges)]
    assert kpi.add(halves) == kpi.add((world.sums(),))
    whole = world.sums()
    assert sum(halves[1:], halves[0]) == kpi.add((whole,))
    pieces = kpi.pieces_of(WINDOW, world.intervals(), world.counts, world.busy, world.counters)
    assert (pieces.good, pieces.reject, pieces.untimed) == (
        whole.good, whole.reject, sum(output.untimed for output in whole.outputs),
    )  # fmt: skip


# -- better is never worse --

UNRULED = Span(EARLY, LATE)


def plain(world: World) -> World:
    """The same shift with one product of a known cycle and plain counters."""
    counts = [replace(c, role=Role.GOOD if c.role is Role.TOTAL else c.role) for c in world.counts]
    return replace(world, counts=counts, makings=[Making(UNRULED, 1, 3.0)])


def no_less(better: float | None, worse: float | None) -> bool:
    return better is None or worse is None or better >= worse - 1e-12


@MANY
@given(worlds("states", "people"), st.integers(1, LENGTH), st.integers(1, 5))
def test_more_good_pieces_never_lower_oee_and_a_reject_never_raises_it(world: World, at: int, more: int) -> None:
    world = plain(world)
    before = figures(world)
    better = figures(replace(world, counts=[*world.counts, Count(999, 1, at, Role.GOOD, more, at)]))
    worse = figures(replace(world, counts=[*world.counts, Count(999, 1, at, Role.REJECT, more, at)]))
    assert no_less(better.oee, before.oee)
    assert no_less(better.performance, before.performance)
    assert no_less(better.quality, before.quality)
    assert no_less(before.oee, worse.oee)
    assert no_less(before.quality, worse.quality)
    assert no_less(better.oee, worse.oee)
    if better.oee is not None:
        assert before.oee is not None


@MANY
@given(worlds("states"), st.integers(0, LENGTH), st.integers(0, 15))
def test_a_longer_stop_never_raises_availability(world: World, at: int, length: int) -> None:
    """Run time that becomes a stop. The threshold is left out: a short stop may grow together with a stop beside it."""
    world = replace(plain(world), threshold=0, labels=[], setups=[], orders=None)
    found = figures(world)
    told = {ms: p.state for p in world.intervals() for ms in range(p.span.start_ms, p.span.end_ms)}
    if any(told.get(ms) is not State.RUN for ms in range(at, at + length)) or not length:
        return
    later = [c for c in world.changes if c.at_ms not in range(at, at + length + 1)]
    stopped = [*later, StateChange(998, 1, at, State.STOP), StateChange(999, 1, at + length, State.RUN)]
    longer = figures(replace(world, changes=stopped))
    if world.sums().times.planned_ms == replace(world, changes=stopped).sums().times.planned_ms:
        assert no_less(found.availability, longer.availability)


@MANY
@given(worlds("states", "people"), st.integers(0, 40))
def test_d3_the_threshold_never_changes_oee(world: World, other: int) -> None:
    first, second = figures(world), figures(replace(world, threshold=other))
    assert second.oee == pytest.approx(first.oee) if first.oee is not None else second.oee is None
    assert first.times.busy_ms == second.times.busy_ms


@MANY
@given(worlds("states"), st.integers(EARLY, LATE), st.integers(0, 20))
def test_a_break_over_standstill_never_lowers_availability(world: World, start: int, length: int) -> None:
    """Planned time that the machine stands in takes nothing but loss out of the busy time."""
    world = replace(world, threshold=0, labels=[], rules=replace(world.rules, break_run_is_busy=True))
    found = figures(world)
    more = figures(replace(world, pauses=[*world.pauses, Span(start, start + length)]))
    assert no_less(more.availability, found.availability)
    assert more.times.up_ms == found.times.up_ms
    assert more.times.busy_ms <= found.times.busy_ms


@MANY
@given(worlds("states"), st.integers(EARLY, LATE), st.integers(0, 20))
def test_silence_only_widens_what_is_possible(world: World, start: int, length: int) -> None:
    world = replace(world, threshold=0, labels=[], setups=[], pauses=[])
    found, blind = figures(world), figures(replace(world, silences=[*world.silences, Span(start, start + length)]))
    assert no_less(found.coverage, blind.coverage)
    if found.availability is not None and blind.availability_low is not None and blind.availability_high is not None:
        assert blind.availability_low - 1e-12 <= (found.availability_low or 0)
        assert (found.availability_high or 0) <= blind.availability_high + 1e-12


# -- explained --


@MANY
@given(worlds())
def test_every_figure_is_what_its_derivation_says(world: World) -> None:
    parts, found = world.intervals(), figures(world)
    ids = {0, *(f.id for f in (*world.changes, *world.counts, *world.labels)), *(s.event for s in world.setups)}
    counted = {c.id: c for c in world.counts}
    rated = not found.sums.unrated
    assert [d.kpi for d in explain.derivations(found, parts, world.counts)] == list(explain.NAMES)
    for told in explain.derivations(found, parts, world.counts):
        assert told.value == getattr(found, told.kpi)
        assert (told.why == "") == (told.value is not None)
        if told.value is not None:
            assert told.value == pytest.approx(told.above.value / told.below.value, rel=1e-12, abs=1e-12), told.kpi
        for term in (told.above, told.below):
            length = sum(used.span.length_ms for used in told.times if used.category in term.of)
            if term.name in ("up", "observed", "busy", "own") and (rated or term.name != "up"):
                assert length == term.value, (told.kpi, term.name)
            if term.name == "judged":
                assert length >= term.value
            if term.name == "run" and told.kpi == "net_operating_rate":
                assert length == term.value
            if term.name in ("good", "total"):
                used_counts = [counted[made.event] for made in told.counts]
                assert sum(c.pieces for c in used_counts) >= term.value or Role.TOTAL in world.counters
        assert {used.event for used in told.times} <= ids
        assert {made.event for made in told.counts} <= set(counted)
        first = [c for c in world.counts if c.pieces and c.flag is not CountFlag.GAP and 0 < c.at_ms <= LENGTH]
        if told.counts:
            beside = {Category.SETUP, Category.REWORK, Category.UNSCHEDULED}
            main = {c.id for c in first if next(p for p in parts if p.span.holds(c.at_ms - 1)).category not in beside}
            assert {m.event for m in told.counts if counted[m.event].flag is not CountFlag.GAP} == main


def test_a_derivation_asks_for_a_known_name() -> None:
    with pytest.raises(KeyError):
        explain.derivation("speed", kpi.compute(WINDOW, Sums()), (), ())


@pytest.mark.parametrize(
    ("sums", "name", "why"),
    [
        (Sums(Times(run_ms=10), (Output(1, None, 5, 0),)), "oee", "no_standard"),
        (Sums(Times(run_ms=10), (Output(1, None, 5, 0),)), "performance", "no_standard"),
        (Sums(Times(run_ms=10, no_data_ms=90), (Output(1, 1.0, 5, 0),)), "oee", "no_data"),
        (Sums(Times(planned_ms=10), (Output(1, 1.0, 0, 0),)), "availability", "nothing_below"),
        (Sums(Times(run_ms=10), (Output(1, 1.0, 5, -1),)), "oee", "negative_pieces"),
        (Sums(Times(run_ms=10), (Output(1, 1.0, 5, -1),)), "quality", "negative_pieces"),
        (Sums(Times(run_ms=10), (Output(1, 1.0, 5, 1),)), "oee", ""),
    ],
)
def test_why_a_figure_is_not_known(sums: Sums, name: str, why: str) -> None:
    assert explain.derivation(name, kpi.compute(Span(0, 100), sums), (), ()).why == why


# -- losses --


@MANY
@given(worlds(), st.sampled_from(["six", "seven"]))
def test_the_losses_are_all_of_busy_time_that_was_not_productive(world: World, tree: str) -> None:
    rated = replace(world, makings=[Making(UNRULED, 1, 3.0)])
    parts, found = rated.intervals(), figures(rated)
    if found.ideal_good_ms is None:
        return
    lost = losses.big_losses(found, parts, {reason.id: reason for reason in REASONS}, tree)
    whole = found.times.busy_ms - found.times.no_data_ms - found.ideal_good_ms
    assert sum(lost.values()) == pytest.approx(whole, abs=1e-9)
    assert set(lost) == {loss.key for loss in (*losses.TREES[tree], *losses.OUTSIDE)}


@MANY
@given(worlds("states"), st.integers(0, 12), st.integers(0, LENGTH))
def test_reliability_told_stop_by_stop(world: World, least: int, cut: int) -> None:
    """Counted where it began, restored where it was: second by second, and the same in two halves."""
    failing = frozenset({1})
    parts = world.intervals()
    rules = replace(world.rules, least_failure_ms=least)

    def second_way(window: Span) -> tuple[int, int, int]:
        restoring: dict[int, int] = {}
        begun: dict[int, int] = {}
        operating = 0
        for part in parts:
            begun.setdefault(part.stop_id, part.span.start_ms)
            failed = part.reason in failing if part.reason is not None else part.state is State.FAULT
            for at in range(part.span.start_ms, part.span.end_ms):
                if not window.start_ms <= at < window.end_ms:
                    continue
                if part.category.value in ("run", "short_stop", "rework", "setup"):
                    operating += 1
                if part.category.value in ("stop", "setup", "wait", "no_order") and failed:
                    restoring[part.stop_id] = restoring.get(part.stop_id, 0) + 1
        long = {stop: length for stop, length in restoring.items() if length >= least}
        return sum(window.start_ms <= begun[stop] < window.end_ms for stop in long), operating, sum(long.values())

    for window in (WINDOW, Span(0, cut), Span(cut, LENGTH)):
        found = losses.reliability(parts, failing, window, rules)
        assert (found.failures, found.operating_ms, found.restoring_ms) == second_way(window)


def test_a_gap_is_named_only_where_it_reaches_into_the_window() -> None:
    gaps = [Count(n, 1, at, Role.GOOD, 5, at - 10, CountFlag.GAP) for n, at in enumerate((0, 5, 105, 110, 115), 1)]
    found = kpi.compute(Span(0, 100), Sums(Times(run_ms=100), (Output(1, 1.0, 5),)))
    assert [made.event for made in explain.derivation("quality", found, (), gaps).counts] == [2, 3]

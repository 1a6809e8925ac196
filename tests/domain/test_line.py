"""The line at its constraint: small lines by hand, and who made whom wait, told millisecond by millisecond."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.events import Count, CountFlag, Role, State, StateChange
from desktop.domain.intervals import Category, Interval, derive
from desktop.domain.kpi import Making, Output, Sums, Times, compute, tally
from desktop.domain.line import Constraint, charged_ms, charged_waits, constraint_at, line_sums, wip_change
from desktop.domain.spans import Span

MINUTE = 60_000
WINDOW = Span(0, 480 * MINUTE)


def judge(*outputs: Output, run: int = 400, wait: int = 50, stop: int = 30) -> Sums:
    return Sums(Times(run_ms=run * MINUTE, wait_ms=wait * MINUTE, stop_ms=stop * MINUTE), outputs)


def exits(*outputs: Output) -> Sums:
    return Sums(Times(run_ms=480 * MINUTE), outputs)


def test_the_line_is_its_constraint_in_pieces_of_its_exit() -> None:
    """C 30 s, 700 good at the exit, 20 rejects from the constraint on, 480 min of which it ran 400."""
    sums = line_sums(judge(Output(1, 30_000.0, 740, 5)), exits(Output(1, 20_000.0, 700, 15)), 20)
    found = compute(WINDOW, sums)
    assert found.availability == pytest.approx(400 / 480)
    assert found.performance == pytest.approx(0.5 * 720 / 400)
    assert found.quality == pytest.approx(700 / 720)
    assert found.oee == pytest.approx(0.5 * 700 / 480)
    assert wip_change(740, 15, 700) == 25


def test_parallel_machines_halve_the_cycle_per_exit_piece() -> None:
    one = line_sums(judge(Output(1, 60_000.0, 400, 0)), exits(Output(1, 1.0, 400, 0)), 0, parallel=2)
    assert compute(WINDOW, one).oee == pytest.approx(400 * 0.5 / 480)


def test_each_product_has_the_cycle_of_the_constraint_and_never_another_ones() -> None:
    own = judge(Output(1, 30_000.0, 100, 0, untimed=7), Output(2, 60_000.0, 50, 0, untimed=5))
    both = line_sums(own, exits(Output(1, 1.0, 90, 0), Output(2, 1.0, 3, 0)), 4)
    assert [(o.product, o.ideal_cycle_ms, o.good, o.reject, o.untimed) for o in both.outputs] == [
        (1, 30_000.0, 90, 4, 7),
        (2, 60_000.0, 3, 0, 3),
    ]
    alien = line_sums(judge(Output(1, 30_000.0, 100, 0)), exits(Output(2, 1.0, 90, 0)), 0)
    assert compute(WINDOW, alien).flags == ("no_standard",)
    unknown = line_sums(judge(Output(1, 30_000.0, 100, 0)), exits(Output(None, None, 90, 0)), 0)
    assert compute(WINDOW, unknown).oee == pytest.approx(45 / 480)
    assert compute(WINDOW, line_sums(judge(Output(1, None, 9, 0)), exits(Output(1, 1.0, 9, 0)), 0)).oee is None


def test_a_standard_that_changed_counts_by_what_was_made_with_each() -> None:
    own = judge(Output(1, 30_000.0, 100, 0), Output(1, 60_000.0, 300, 0))
    assert line_sums(own, exits(Output(1, 1.0, 10, 0)), 0).outputs[0].ideal_cycle_ms == 52_500
    idle = judge(Output(1, 30_000.0), Output(1, 60_000.0))
    assert line_sums(idle, exits(Output(1, 1.0, 10, 0)), 0).outputs[0].ideal_cycle_ms == 45_000
    half = judge(Output(1, 30_000.0, 1, 0), Output(1, None, 1, 0))
    assert line_sums(half, exits(Output(1, 1.0, 10, 0)), 0).outputs[0].ideal_cycle_ms is None


def test_rejects_are_there_also_where_nothing_left_the_line() -> None:
    found = compute(WINDOW, line_sums(judge(Output(1, 30_000.0, 5, 0)), Sums(), 5))
    assert (found.pieces.reject, found.quality, found.oee) == (5, 0.0, 0.0)


cycles = st.sampled_from([1000.0, 2500.0, 30_000.0])
made = st.integers(0, 400)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(cycles, made), min_size=1, max_size=3),
    made,
    st.integers(1, 3),
    st.lists(made, min_size=3, max_size=3),
)
def test_the_factors_of_the_line_multiply(
    products: list[tuple[float, int]], rejects: int, parallel: int, lengths: list[int]
) -> None:
    """sum(C x G) / PBT = A x P x Q exactly, whatever the line makes."""
    own = judge(
        *(Output(n, c, g, 1) for n, (c, g) in enumerate(products)), run=lengths[0], wait=lengths[1], stop=lengths[2]
    )
    sums = line_sums(own, exits(*(Output(n, 1.0, g, 9) for n, (_c, g) in enumerate(products))), rejects, parallel)
    found = compute(WINDOW, sums)
    ideal_good = sum(c * g for c, g in products) / parallel
    if sum(lengths):
        assert found.oee == pytest.approx(ideal_good / (sum(lengths) * MINUTE))
        if found.performance is not None and found.quality is not None:
            product = (found.availability or 0) * found.performance * found.quality
            assert product == pytest.approx(found.oee, rel=1e-12)
    assert (sums.good, sums.reject) == (sum(g for _c, g in products), rejects)


def test_a_declaration_holds_from_its_moment_on() -> None:
    declared = [Constraint(2, 100), Constraint(3, 50, parallel=2)]
    assert [constraint_at(declared, at) for at in (49, 50, 99, 100)] == [None, declared[1], declared[1], declared[0]]


# -- who made whom wait --

ORDER = (1, 2, 3, 4)
STATES = [State.RUN, State.STOP, State.FAULT, State.STARVED, State.BLOCKED, State.SETUP, State.UNKNOWN]
LENGTH = 60


def line_of(seed: int) -> dict[int, tuple[Interval, ...]]:
    chance = Random(seed)
    found = {}
    for machine in ORDER:
        moments = [chance.randrange(LENGTH) for _ in range(chance.randint(0, 6))]
        if machine in (2, 3) and chance.random() < 0.4:  # one that only counts
            counts = [Count(n, machine, at, Role.GOOD, 1, at) for n, at in enumerate(moments, 1)]
            found[machine] = derive(
                machine, Span(0, LENGTH), threshold_ms=2, changes=[], counts=counts, stroke_ms=4, by_count=True
            )
            continue
        changes = [StateChange(n, machine, at, chance.choice(STATES)) for n, at in enumerate(moments, 1)]
        pauses = [Span(20, 26)] if chance.random() < 0.3 else []
        found[machine] = derive(machine, Span(0, LENGTH), threshold_ms=6, changes=changes, pauses=pauses)
    return found


def blamed(line: dict[int, tuple[Interval, ...]], waiting: int) -> dict[int, int | None]:
    """ms of waiting -> the machine it is charged to, by looking up or down the line at each ms anew."""

    def at(machine: int, ms: int) -> Interval | None:
        return next((i for i in line[machine] if i.span.holds(ms)), None)

    found: dict[int, int | None] = {}
    last: tuple[Span, int | None] | None = None
    for ms in range(LENGTH):
        now = at(waiting, ms)
        if now is None or now.category is not Category.WAIT:
            continue
        if now.state not in (State.STARVED, State.BLOCKED):
            continue
        way = range(waiting - 1, 0, -1) if now.state is State.STARVED else range(waiting + 1, 5)
        culprit: int | None = None
        suspect: int | None = None
        for machine in way:
            there = at(machine, ms)
            if there is None or there.category.value in ("run", "rework", "planned", "no_data", "unscheduled"):
                break
            if there.category is Category.STOP and there.by_count and there.reason is None:
                suspect = suspect or machine
                continue
            if there.category.value in ("wait", "short_stop") and there.state is now.state:
                continue  # it waits too: for whom, says the next one
            culprit = machine
            break
        culprit = culprit or suspect
        if culprit is None and last is not None and last[0] == now.span:
            culprit = last[1]
        last = (now.span, culprit)
        found[ms] = culprit
    return found


@settings(max_examples=600)
@given(st.integers(0, 2**40))
def test_every_wait_is_charged_once_and_to_the_one_who_stood(seed: int) -> None:
    line = line_of(seed)
    for waiting in ORDER:
        charges = charged_waits(line[waiting], ORDER, line)
        told = {ms: c.cause for c in charges for ms in range(c.span.start_ms, c.span.end_ms)}
        assert told == blamed(line, waiting)
        waits = [i for i in line[waiting] if i.category is Category.WAIT]
        assert sum(charged_ms(charges).values()) == sum(i.span.length_ms for i in waits)
        assert all(c.waiting == waiting for c in charges)


def test_a_machine_that_waits_shortly_itself_is_no_cause() -> None:
    """2 breaks down, 3 starves too shortly to be asked, 4 starves: 2 is the cause."""

    def of(machine: int, category: Category, state: State) -> Interval:
        return Interval(machine, Span(0, 10), category, state, 5)

    line = {
        1: (of(1, Category.RUN, State.RUN),),
        2: (of(2, Category.STOP, State.FAULT),),
        3: (of(3, Category.SHORT_STOP, State.STARVED),),
        4: (of(4, Category.WAIT, State.STARVED),),
    }
    assert charged_ms(charged_waits(line[4], ORDER, line)) == {2: 10}


def test_the_charge_stays_while_its_pieces_are_on_the_way() -> None:
    line: dict[int, list[Interval]] = {
        1: [
            Interval(1, Span(0, 10), Category.STOP, State.FAULT, 1),
            Interval(1, Span(10, 30), Category.RUN, State.RUN),
        ],
        2: [
            Interval(2, Span(0, 5), Category.RUN, State.RUN),
            Interval(2, Span(5, 20), Category.WAIT, State.STARVED, 2),
        ],
    }
    charges = charged_waits(line[2], (1, 2), line)
    assert [(c.span, c.cause) for c in charges] == [(Span(5, 20), 1)]
    slow = charged_waits([Interval(2, Span(12, 20), Category.WAIT, State.STARVED, 2)], (1, 2), line)
    assert charged_ms(slow) == {None: 8}  # nobody stood: it was only too slow
    first = charged_waits([Interval(1, Span(0, 9), Category.WAIT, State.STARVED, 3)], (1, 2), line)
    assert charged_ms(first) == {None: 9}  # nothing stands before the first


def test_the_line_of_two_real_machines() -> None:
    """Facts to figures: the second starves while the first is down, and the line is the second's."""
    first = [StateChange(1, 1, 0, State.RUN), StateChange(2, 1, 100 * MINUTE, State.FAULT)]
    first += [StateChange(3, 1, 160 * MINUTE, State.RUN)]
    second = [StateChange(4, 2, 0, State.RUN), StateChange(5, 2, 105 * MINUTE, State.STARVED)]
    second += [StateChange(6, 2, 165 * MINUTE, State.RUN)]
    parts = {
        1: derive(1, WINDOW, threshold_ms=MINUTE, changes=first),
        2: derive(2, WINDOW, threshold_ms=MINUTE, changes=second),
    }
    assert charged_ms(charged_waits(parts[2], (1, 2), parts)) == {1: 60 * MINUTE}
    counts = [Count(9, 2, 105 * MINUTE, Role.GOOD, 200, 0), Count(10, 2, 105 * MINUTE, Role.REJECT, 10, 0)]
    counts += [Count(11, 2, 480 * MINUTE, Role.GOOD, 100, 400 * MINUTE, CountFlag.GAP)]
    own = tally(WINDOW, parts[2], counts, [Making(WINDOW, 7, MINUTE * 1.0)], busy_spans=[WINDOW])
    found = compute(WINDOW, line_sums(own, own, 10))
    assert found.oee == pytest.approx(300 / 480)
    assert found.availability == pytest.approx(420 / 480)
    assert found.own_availability == 1
    assert found.pieces.untimed == 100

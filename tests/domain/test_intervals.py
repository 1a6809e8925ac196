"""Every millisecond exactly once: the intervals of a machine held against a second, millisecond-wise telling."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.changeover import setup_window
from desktop.domain.events import Count, CountFlag, Role, State, StateChange
from desktop.domain.intervals import (
    STOPPED,
    Category,
    Interval,
    Label,
    Stroke,
    Window,
    derive,
    effective_threshold_ms,
)
from desktop.domain.kpi import times_of
from desktop.domain.plant import Reason
from desktop.domain.rules import RuleSet
from desktop.domain.spans import Span, total_ms, union
from tests.domain.example import kpis as kpis_of

MINUTE = 60_000


def change(key: int, at_ms: int, state: State, code: str = "") -> StateChange:
    return StateChange(key, 1, at_ms, state, code)


def piece(key: int, at_ms: int, pieces: int = 1, role: Role = Role.GOOD) -> Count:
    return Count(key, 1, at_ms, role, pieces, at_ms)


def gap(key: int, from_ms: int, at_ms: int, pieces: int = 1) -> Count:
    return Count(key, 1, at_ms, Role.GOOD, pieces, from_ms, CountFlag.GAP)


def told(intervals: tuple[Interval, ...]) -> list[tuple[int, int, Category, int]]:
    return [(i.span.start_ms, i.span.end_ms, i.category, i.stop_id) for i in intervals]


# -- by state --


def test_a_standstill_is_judged_by_its_whole_length_before_it_is_cut() -> None:
    changes = [change(1, 0, State.RUN), change(2, 50, State.STOP), change(3, 160, State.RUN)]
    parts = derive(1, Span(0, 100), threshold_ms=100, changes=changes)
    assert told(parts) == [(0, 50, Category.RUN, 0), (50, 100, Category.STOP, 2)]
    parts = derive(1, Span(100, 200), threshold_ms=100, changes=changes)
    assert told(parts) == [(100, 160, Category.STOP, 2), (160, 200, Category.RUN, 0)]
    parts = derive(1, Span(0, 100), threshold_ms=111, changes=changes)
    assert told(parts) == [(0, 50, Category.RUN, 0), (50, 100, Category.SHORT_STOP, 2)]


def test_states_that_follow_each_other_are_one_standstill() -> None:
    """Stop, then fault, then maintenance: 40 + 40 + 40 reach a threshold of 100 and carry the first one's id."""
    changes = [
        change(1, 0, State.RUN),
        change(2, 100, State.STOP),
        change(3, 140, State.FAULT, "E12"),
        change(4, 180, State.MAINTENANCE),
        change(5, 220, State.RUN),
    ]
    parts = derive(1, Span(0, 300), threshold_ms=100, changes=changes)
    assert told(parts)[1:4] == [
        (100, 140, Category.STOP, 2),
        (140, 180, Category.STOP, 2),
        (180, 220, Category.STOP, 2),
    ]
    assert [i.code for i in parts[1:4]] == ["", "E12", ""]
    short = derive(1, Span(0, 300), threshold_ms=121, changes=changes)
    assert {i.category for i in short} == {Category.RUN, Category.SHORT_STOP}


def test_waiting_belongs_to_the_standstill_but_keeps_an_id_of_its_own() -> None:
    changes = [
        change(1, 0, State.RUN),
        change(2, 100, State.FAULT),
        change(3, 160, State.STARVED),
        change(4, 220, State.RUN),
        change(5, 240, State.BLOCKED),
        change(6, 250, State.RUN),
    ]
    parts = derive(1, Span(0, 300), threshold_ms=100, changes=changes)
    assert told(parts)[1:3] == [(100, 160, Category.STOP, 2), (160, 220, Category.WAIT, 3)]
    assert told(parts)[4] == (240, 250, Category.SHORT_STOP, 5)


def test_set_up_is_no_short_stop_and_ends_a_standstill() -> None:
    changes = [
        change(1, 0, State.RUN),
        change(2, 100, State.STOP),
        change(3, 160, State.SETUP),
        change(4, 170, State.STOP),
        change(5, 230, State.RUN),
    ]
    parts = derive(1, Span(0, 300), threshold_ms=100, changes=changes)
    assert [i.category for i in parts] == [
        Category.RUN,
        Category.SHORT_STOP,
        Category.SETUP,
        Category.SHORT_STOP,
        Category.RUN,
    ]


def test_before_the_first_word_and_in_silence_nothing_is_known() -> None:
    changes = [change(1, 50, State.RUN), change(2, 100, State.UNKNOWN), change(3, 120, State.STOP)]
    parts = derive(1, Span(0, 200), threshold_ms=0, changes=changes, silences=[Span(150, 160)])
    assert told(parts) == [
        (0, 50, Category.NO_DATA, 0),
        (50, 100, Category.RUN, 0),
        (100, 120, Category.NO_DATA, 0),
        (120, 150, Category.STOP, 3),
        (150, 160, Category.NO_DATA, 0),
        (160, 200, Category.STOP, 3),
    ]


def test_no_change_at_all_is_no_data() -> None:
    assert told(derive(1, Span(0, 10), threshold_ms=5, changes=[])) == [(0, 10, Category.NO_DATA, 0)]


def test_a_stop_over_a_break_loses_only_what_lies_outside() -> None:
    """D12: stop 11:50-13:10, break 12:00-13:00: 20 minutes, one id, also the threshold sees 20 minutes."""
    changes = [change(1, 0, State.RUN), change(2, 710 * MINUTE, State.STOP), change(3, 790 * MINUTE, State.RUN)]
    pauses = [Span(720 * MINUTE, 780 * MINUTE)]
    window = Span(480 * MINUTE, 1000 * MINUTE)
    parts = derive(1, window, threshold_ms=20 * MINUTE, changes=changes, pauses=pauses)
    times = times_of(parts)
    assert (times.stop_ms, times.planned_ms) == (20 * MINUTE, 60 * MINUTE)
    assert {i.stop_id for i in parts if i.category is Category.STOP} == {2}
    longer = derive(1, window, threshold_ms=20 * MINUTE + 1, changes=changes, pauses=pauses)
    assert times_of(longer).short_stop_ms == 20 * MINUTE


def test_run_time_in_a_break_is_busy_time() -> None:
    """D11: 08:00-18:00, breaks 60 min, ran 30 min inside a break: busy 570 min."""
    hour = 60 * MINUTE
    changes = [change(1, 0, State.RUN), change(2, int(4.5 * hour), State.STOP), change(3, 5 * hour, State.RUN)]
    parts = derive(1, Span(0, 10 * hour), threshold_ms=0, changes=changes, pauses=[Span(4 * hour, 5 * hour)])
    assert times_of(parts).busy_ms == 570 * MINUTE


# -- by counts --


def test_a_count_derived_stop_begins_one_stroke_after_the_last_piece() -> None:
    """D14: ideal 30 s, counts at 0, 30, 60 then 400 s, threshold 120 s: one stop from 90 to 400 s."""
    counts = [piece(key, at * 1000) for key, at in enumerate((0, 30, 60, 400), 11)]
    window = Span(1, 400_000)  # (0, 400]: the piece at 0 belongs to the time before
    parts = derive(1, window, threshold_ms=120_000, changes=[], counts=counts, stroke_ms=30_000, by_count=True)
    assert told(parts) == [(1, 90_000, Category.RUN, 0), (90_000, 400_000, Category.STOP, 13)]
    assert all(i.by_count for i in parts)
    kpis = kpis_of(window, parts, 3, 0, 30_000)
    assert kpis.performance == pytest.approx(1.0, abs=1e-4)
    # The whole of it counts as soon as it reaches the threshold, and is a short stop until then.
    early = derive(
        1, Span(1, 209_999), threshold_ms=120_000, changes=[], counts=counts[:3], stroke_ms=30_000, by_count=True
    )
    assert early[-1].category is Category.SHORT_STOP
    now = derive(
        1, Span(1, 210_000), threshold_ms=120_000, changes=[], counts=counts[:3], stroke_ms=30_000, by_count=True
    )
    assert told(now)[-1] == (90_000, 210_000, Category.STOP, 13)


def test_a_reject_is_a_piece_too() -> None:
    counts = [piece(1, 0), piece(2, 30_000, role=Role.REJECT), piece(3, 60_000, role=Role.REJECT)]
    parts = derive(1, Span(0, 90_000), threshold_ms=30_000, changes=[], counts=counts, stroke_ms=30_000, by_count=True)
    assert told(parts) == [(0, 90_000, Category.RUN, 0)]


def test_a_slow_cycle_is_no_standstill() -> None:
    """Polled once a second a cycle of 30 s shows as 30 or 31 s: run; only from half a stroke on does it stand."""
    counts = [piece(1, 0), piece(2, 31_000), piece(3, 76_000)]
    parts = derive(1, Span(0, 76_000), threshold_ms=120_000, changes=[], counts=counts, stroke_ms=30_000, by_count=True)
    assert told(parts) == [(0, 61_000, Category.RUN, 0), (61_000, 76_000, Category.SHORT_STOP, 2)]


def test_several_pieces_in_one_count_fill_the_time_before_it() -> None:
    counts = [piece(1, 0), piece(2, 60_000, pieces=2), piece(3, 200_000, pieces=2)]
    parts = derive(1, Span(0, 200_000), threshold_ms=50_000, changes=[], counts=counts, stroke_ms=30_000, by_count=True)
    assert told(parts) == [
        (0, 90_000, Category.RUN, 0),
        (90_000, 170_000, Category.STOP, 2),
        (170_000, 200_000, Category.RUN, 0),
    ]


def test_without_a_standard_only_the_threshold_tells_a_stop() -> None:
    counts = [piece(1, 0), piece(2, 60_000), piece(3, 200_000)]
    parts = derive(1, Span(0, 250_000), threshold_ms=100_000, changes=[], counts=counts, by_count=True)
    assert told(parts) == [
        (0, 60_000, Category.RUN, 0),
        (60_000, 200_000, Category.STOP, 2),
        (200_000, 250_000, Category.RUN, 0),
    ]


def test_a_lost_link_is_no_stop_and_pieces_made_meanwhile_end_the_standstill() -> None:
    counts = [piece(1, 0), gap(2, 10_000, 100_000, 3), piece(3, 250_000)]
    silences = [Span(10_000, 100_000)]
    parts = derive(
        1,
        Span(0, 250_000),
        threshold_ms=100_000,
        changes=[],
        counts=counts,
        silences=silences,
        stroke_ms=30_000,
        by_count=True,
    )
    assert told(parts) == [
        (0, 10_000, Category.RUN, 0),
        (10_000, 100_000, Category.NO_DATA, 0),
        (100_000, 130_000, Category.RUN, 0),
        (130_000, 250_000, Category.STOP, 2),
    ]


def test_a_standstill_goes_on_behind_a_silence_in_which_nothing_was_made() -> None:
    counts = [piece(1, 0), gap(2, 60_000, 100_000, 0), piece(3, 150_000)]
    parts = derive(
        1,
        Span(0, 150_000),
        threshold_ms=80_000,
        changes=[],
        counts=counts,
        silences=[Span(60_000, 100_000)],
        stroke_ms=30_000,
        by_count=True,
    )
    assert told(parts) == [
        (0, 30_000, Category.RUN, 0),
        (30_000, 60_000, Category.STOP, 1),
        (60_000, 100_000, Category.NO_DATA, 0),
        (100_000, 150_000, Category.STOP, 1),
    ]


def test_a_device_that_answers_and_counts_nothing_is_a_stop() -> None:
    parts = derive(1, Span(0, 100), threshold_ms=1000, changes=[], counts=[], stroke_ms=30, by_count=True)
    assert told(parts) == [(0, 100, Category.STOP, 0)]


# -- any history --

STATES = [s for s in State if s not in (State.NO_SIGNAL, State.ENTERING, State.LEAVING)]
times = st.integers(-60, 160)
histories = st.lists(st.tuples(times, st.sampled_from(STATES)), max_size=10).map(
    lambda rows: [change(key, at, state) for key, (at, state) in enumerate(sorted(rows, key=lambda r: r[0]), 1)]
)
tallies = st.lists(st.tuples(times, st.integers(0, 3), st.booleans()), max_size=10).map(
    lambda rows: [
        Count(key, 1, at, Role.REJECT if bad else Role.GOOD, made, at)
        for key, (at, made, bad) in enumerate(sorted(rows, key=lambda r: r[0]), 100)
    ]
)
spans = st.builds(lambda a, length: Span(a, a + length), st.integers(-60, 150), st.integers(0, 40))
quiet = st.lists(spans, max_size=3)
thresholds = st.integers(0, 60)
WINDOW = Span(0, 100)


def by_state_ms(
    changes: list[StateChange], silences: list[Span], pauses: list[Span], threshold: int
) -> dict[int, Category]:
    """The same rules told millisecond by millisecond."""
    categories = {
        State.RUN: Category.RUN, State.SETUP: Category.SETUP, State.UNKNOWN: Category.NO_DATA,
        State.STARVED: Category.WAIT, State.BLOCKED: Category.WAIT, State.IDLE: Category.WAIT,
        State.STOP: Category.STOP, State.FAULT: Category.STOP, State.MAINTENANCE: Category.STOP,
    }  # fmt: skip
    first = min([0, *(c.at_ms for c in changes)])
    last = max([100, *(c.at_ms for c in changes)])
    base: dict[int, tuple[Category, int]] = {}
    for at in range(first, last):
        known = [c for c in changes if c.at_ms <= at]
        now = max(known, key=lambda c: (c.at_ms, c.id), default=None)
        category = Category.NO_DATA if now is None else categories[now.state]
        before = base.get(at - 1)
        key = before[1] if before and before[0] is category else (now.id if now else 0)
        base[at] = (category, key)
    silent = {at for span in silences for at in range(span.start_ms, span.end_ms)}
    paused = {at for span in pauses for at in range(span.start_ms, span.end_ms)}
    runs: list[list[int]] = []
    for at, (category, _key) in base.items():
        if category in (Category.STOP, Category.WAIT) and at not in silent:
            if runs and runs[-1][-1] == at - 1:
                runs[-1].append(at)
            else:
                runs.append([at])
    whole: list[tuple[set[int], list[int]]] = []
    for run in runs:
        ids = {base[at][1] for at in run}
        same = next((w for w in whole if base[run[0]][1] in w[0]), None)
        if same:
            same[0].update(ids)
            same[1].extend(run)
        else:
            whole.append((ids, list(run)))
    short = {at for _ids, run in whole if sum(at not in paused for at in run) < threshold for at in run}
    found = {}
    for at in range(100):
        category = Category.NO_DATA if at in silent else base[at][0]
        category = Category.SHORT_STOP if at in short else category
        found[at] = Category.PLANNED if at in paused and category is not Category.RUN else category
    return found


@given(histories, quiet, quiet, thresholds)
def test_every_millisecond_as_the_rules_tell_it(
    changes: list[StateChange], silences: list[Span], pauses: list[Span], threshold: int
) -> None:
    parts = derive(1, WINDOW, threshold_ms=threshold, changes=changes, silences=silences, pauses=pauses)
    told_ms = {at: i.category for i in parts for at in range(i.span.start_ms, i.span.end_ms)}
    assert told_ms == by_state_ms(changes, silences, pauses, threshold)


@given(histories, tallies, quiet, quiet, thresholds, st.booleans(), st.sampled_from([None, 3.0, 10.0]))
def test_the_parts_touch_and_cover_the_window(
    changes: list[StateChange],
    counts: list[Count],
    silences: list[Span],
    pauses: list[Span],
    threshold: int,
    by_count: bool,
    stroke_ms: float | None,
) -> None:
    """D15: each millisecond belongs to exactly one category; silence is never a run and never a stop."""
    parts = derive(
        1, WINDOW, threshold_ms=threshold, changes=changes, counts=counts, silences=silences, pauses=pauses,
        stroke_ms=stroke_ms, by_count=by_count,
    )  # fmt: skip
    assert parts[0].span.start_ms == WINDOW.start_ms
    assert parts[-1].span.end_ms == WINDOW.end_ms
    assert all(before.span.end_ms == after.span.start_ms for before, after in pairwise(parts))
    assert all(i.span.length_ms for i in parts)
    silent = union(part for span in silences if (part := span.cut(WINDOW)))
    for interval in parts:
        if interval.category not in (Category.NO_DATA, Category.PLANNED):
            assert not any(span.cut(interval.span) for span in silent)
        if interval.category not in (*STOPPED, Category.SHORT_STOP):
            assert interval.stop_id == 0
        elif not by_count:
            assert interval.stop_id


@given(
    histories, tallies, quiet, quiet, thresholds, st.booleans(), st.sampled_from([None, 3.0, 10.0]), st.integers(0, 100)
)
def test_two_halves_are_the_whole(
    changes: list[StateChange],
    counts: list[Count],
    silences: list[Span],
    pauses: list[Span],
    threshold: int,
    by_count: bool,
    stroke_ms: float | None,
    at: int,
) -> None:
    """D17: cut at any instant, the halves hold the same time in the same categories under the same ids."""

    def ask(window: Span) -> dict[int, tuple[Category, int]]:
        parts = derive(
            1, window, threshold_ms=threshold, changes=changes, counts=counts, silences=silences, pauses=pauses,
            stroke_ms=stroke_ms, by_count=by_count, known_until_ms=100,
        )  # fmt: skip
        return {ms: (i.category, i.stop_id) for i in parts for ms in range(i.span.start_ms, i.span.end_ms)}

    assert ask(Span(0, at)) | ask(Span(at, 100)) == ask(WINDOW)


@given(histories, tallies, quiet, quiet, thresholds, st.booleans(), st.integers(0, 1000))
def test_the_order_of_arrival_does_not_matter(
    changes: list[StateChange],
    counts: list[Count],
    silences: list[Span],
    pauses: list[Span],
    threshold: int,
    by_count: bool,
    seed: int,
) -> None:
    """D16: shuffled facts, and facts that were read twice, give the same intervals."""

    def ask(*facts: list[object]) -> tuple[Interval, ...]:
        return derive(
            1, WINDOW, threshold_ms=threshold, changes=facts[0], counts=facts[1], silences=facts[2],  # type: ignore[arg-type]
            pauses=facts[3], stroke_ms=5.0, by_count=by_count,  # type: ignore[arg-type]
        )  # fmt: skip

    shuffled = []
    for facts in (changes, counts, silences, pauses):
        again = [*facts, *(facts if facts is not counts else [])]
        random.Random(seed).shuffle(again)
        shuffled.append(again)
    assert ask(*shuffled) == ask(list(changes), list(counts), list(silences), list(pauses))


@given(histories, quiet, st.integers(0, 60), st.integers(0, 60), st.integers(0, 20))
def test_oee_does_not_change_with_the_threshold(
    changes: list[StateChange], pauses: list[Span], one: int, other: int, pieces: int
) -> None:
    """D3, for any history."""

    def oee(threshold: int) -> float | None:
        parts = derive(1, WINDOW, threshold_ms=threshold, changes=changes, pauses=pauses)
        return kpis_of(WINDOW, parts, pieces, 0, 2.0).oee

    assert oee(one) == oee(other)


@pytest.mark.parametrize(
    ("threshold_s", "availability", "performance"),
    [(30, 75.97, 87.75), (60, 77.22, 86.33), (120, 79.72, 83.62), (300, 83.33, 80.00), (900, 100.0, 66.67)],
)
def test_the_published_thresholds(threshold_s: int, availability: float, performance: float) -> None:
    """D3: 3,600 s; stops of 45, 90, 130 and 600 s; 80 good at 30 s; OEE always 66.6667."""
    changes, at_ms = [change(1, 0, State.RUN)], 0
    for key, stop_s in enumerate((45, 90, 130, 600), 1):
        at_ms += 100_000
        changes.append(change(2 * key, at_ms, State.STOP))
        at_ms += stop_s * 1000
        changes.append(change(2 * key + 1, at_ms, State.RUN))
    window = Span(0, 3_600_000)
    parts = derive(1, window, threshold_ms=threshold_s * 1000, changes=changes)
    kpis = kpis_of(window, parts, 80, 0, 30_000)
    assert kpis.availability is not None
    assert kpis.performance is not None
    assert 100 * kpis.availability == pytest.approx(availability, abs=0.005)
    assert 100 * kpis.performance == pytest.approx(performance, abs=0.005)
    assert 100 * (kpis.oee or 0) == pytest.approx(200 / 3)
    assert total_ms(i.span for i in parts) == window.length_ms


def test_a_slow_cycle_over_a_break_is_no_run_in_the_break() -> None:
    """Counts at 9:50 and 20:12 (min:s), a stroke of 26 s, a break from 10:00 to 20:00: planned, no run."""
    counts = [piece(1, 590_000), piece(2, 1_212_000)]
    parts = derive(
        1, Span(580_000, 1_212_000), threshold_ms=120_000, changes=[], counts=counts, stroke_ms=26_000, by_count=True,
        pauses=[Span(600_000, 1_200_000)],
    )  # fmt: skip
    times = times_of(parts)
    # The stroke of the first piece reaches 16 s into the break: that is run time in a break.
    assert (times.planned_ms, times.busy_ms) == (584_000, 48_000)


# -- what persons said --


def planned_label(key: int, span: Span, approved_ms: int, loss: str = "") -> Label:
    return Label(key, 1, span, Reason(5, "PM", "maintenance", "planned", failure=False, loss=loss), approved_ms)


def test_of_a_planned_stop_so_much_counts_as_was_approved_and_the_overrun_is_a_stop() -> None:
    changes = [change(1, 0, State.RUN), change(2, 100, State.STOP), change(3, 200, State.RUN)]
    label = planned_label(9, Span(100, 200), 60)
    times = times_of(derive(1, Span(0, 300), threshold_ms=10, changes=changes, labels=[label]))
    assert (times.planned_ms, times.stop_ms) == (60, 40)
    short = times_of(
        derive(1, Span(0, 300), threshold_ms=10, changes=changes, labels=[planned_label(9, Span(0, 150), 90)])
    )
    assert (short.planned_ms, short.stop_ms) == (50, 50)  # what did not take place cannot be planned


def test_a_planned_stop_is_planned_whatever_the_threshold() -> None:
    """OEE must not change with the threshold: a stop too short to be asked for is as planned as a long one."""
    changes = [change(1, 0, State.RUN), change(2, 100, State.STOP), change(3, 150, State.RUN)]
    for threshold in (10, 1000):
        found = derive(
            1, Span(0, 300), threshold_ms=threshold, changes=changes, labels=[planned_label(9, Span(100, 150), 50)]
        )
        assert times_of(found).planned_ms == 50


def test_a_changeover_is_never_planned() -> None:
    changes = [change(1, 0, State.STOP), change(2, 100, State.RUN)]
    labels = [planned_label(9, Span(0, 100), 100, "setup")]
    assert times_of(derive(1, Span(0, 100), threshold_ms=0, changes=changes, labels=labels)).setup_ms == 100


def test_what_was_said_again_replaces_what_was_approved_before() -> None:
    changes = [change(1, 0, State.STOP), change(2, 100, State.RUN)]
    labels = [planned_label(8, Span(0, 100), 60), planned_label(9, Span(0, 100), 30)]
    assert times_of(derive(1, Span(0, 100), threshold_ms=0, changes=changes, labels=labels)).planned_ms == 30


def test_what_was_approved_is_used_up_once_in_two_halves() -> None:
    labels = [planned_label(9, Span(0, 100), 60)]

    def planned_ms(window: Span) -> int:
        return times_of(derive(1, window, threshold_ms=0, changes=[], labels=labels, confirmed=[])).planned_ms

    assert [planned_ms(Span(0, 40)), planned_ms(Span(40, 100)), planned_ms(Span(0, 100))] == [40, 20, 60]


def test_a_confirmed_hour_is_no_work_in_its_break() -> None:
    times = times_of(derive(1, Span(0, 60), threshold_ms=0, changes=[], pauses=[Span(10, 20)], confirmed=[Span(0, 60)]))
    assert (times.run_ms, times.planned_ms) == (50, 10)


# -- the set-up window --


def window_of(counts: list[Count], approved_ms: int | None = None, old_ms: float = 10) -> Span:
    changed = Window(Span(100, 1000), 7)
    found = setup_window(
        changed, counts, old_stroke_ms=old_ms, new_strokes=[Stroke(0, 10)], approved_ms=approved_ms, known_until_ms=900
    )
    assert found.event == 7
    return found.span


def test_a_changeover_ends_where_the_first_of_three_good_pieces_in_a_row_began() -> None:
    """60 min of set-up, 20 trial rejects, then one good piece a minute: all good ones count, with P = 100."""
    trials = [piece(n, 110 + 20 * n, role=Role.REJECT) for n in range(5)]
    good = [piece(20 + n, 300 + 10 * n) for n in range(5)]
    assert window_of(trials + good) == Span(100, 290)
    assert window_of([*reversed(good), *trials]) == Span(100, 290)  # in whatever order they came


def test_a_reject_or_a_long_wait_begins_the_row_anew() -> None:
    row = [piece(1, 200), piece(2, 210), piece(3, 220, role=Role.REJECT), piece(4, 230), piece(5, 243), piece(6, 255)]
    assert window_of([*row, piece(7, 265)]) == Span(100, 233)  # 13 ms are more than 1.2 strokes, 12 are not
    assert window_of(row) == Span(100, 900)  # goes on
    assert window_of([piece(1, 200), gap(2, 205, 212), piece(3, 222)]) == Span(100, 900)


def test_three_pieces_in_one_reading_took_three_strokes() -> None:
    assert window_of([piece(1, 290, pieces=1, role=Role.REJECT), piece(2, 320, pieces=3)]) == Span(100, 290)


def test_a_row_is_judged_by_what_was_known_when_it_began() -> None:
    """An order of a slow product that begins later makes no row of the pieces before it."""
    slow = [piece(n, 300 + 20 * n) for n in range(9)]
    changed = Window(Span(100, 1000), 7)

    def end_ms(*strokes: Stroke) -> int:
        return setup_window(changed, slow, old_stroke_ms=10, new_strokes=strokes, known_until_ms=900).span.end_ms

    assert end_ms(Stroke(0, 10)) == 900
    assert end_ms(Stroke(0, 10), Stroke(350, 20)) == 340  # that of 360 took 20
    assert end_ms(Stroke(0, 20), Stroke(330, 10)) == 280  # the third came after it, but its row was begun
    assert end_ms(Stroke(0, None), Stroke(350, 20)) == 340
    assert end_ms() == 900


def test_the_first_piece_approved_ends_the_changeover() -> None:
    good = [piece(n, 300 + 10 * n) for n in range(5)]
    assert window_of(good, approved_ms=250) == Span(100, 250)
    assert window_of(good, approved_ms=50) == Span(100, 290)  # approved before it began: of the job before
    assert window_of(good, approved_ms=2000) == Span(100, 900)


def test_a_changeover_ends_at_the_latest_with_the_next_one_and_reaches_no_further_than_now() -> None:
    found = setup_window(Window(Span(100, 400), 7), [], old_stroke_ms=None, new_strokes=[], known_until_ms=900)
    assert found.span == Span(100, 400)
    early = setup_window(
        Window(Span(100, 400), 7), [], old_stroke_ms=10, new_strokes=[Stroke(0, 10)], known_until_ms=50
    )
    assert early.span == Span(50, 50)


def test_a_changeover_begins_when_the_last_old_piece_is_made() -> None:
    assert window_of([piece(1, 95)], old_ms=10) == Span(105, 900)
    assert window_of([piece(1, 100)], old_ms=10) == Span(110, 900)
    assert window_of([piece(1, 50)], old_ms=10) == Span(100, 900)
    assert window_of([piece(1, 60, pieces=0)], old_ms=100) == Span(100, 900)


def test_an_effective_threshold_is_at_least_half_a_stroke() -> None:
    assert [effective_threshold_ms(120, stroke) for stroke in (None, 100.0, 241.0, 300.0)] == [120, 120, 120, 150]
    assert effective_threshold_ms(120, 200.0, RuleSet(least_stop_ratio=1.0)) == 200


def test_pieces_read_together_were_made_one_after_the_other_whoever_counts_them() -> None:
    """Three good and one reject in one reading took four strokes; a total counts the same pieces as its parts."""
    first = piece(1, 0)
    parts = [piece(3, 100, pieces=3), piece(2, 100, role=Role.REJECT)]
    whole = [piece(2, 100, pieces=4, role=Role.TOTAL), piece(3, 100, pieces=3)]
    for counts in ([first, *parts], [first, *whole], [*reversed(parts), first]):
        found = derive(1, Span(0, 100), threshold_ms=1, changes=[], counts=counts, stroke_ms=10, by_count=True)
        assert told(found) == [(0, 10, Category.RUN, 0), (10, 70, Category.STOP, 1), (70, 100, Category.RUN, 0)]

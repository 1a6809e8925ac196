"""What a shop really hands in: never an exception, never a silent cap or zero, but a flag, or None for "not known"."""

from __future__ import annotations

import pytest

from desktop import text
from desktop.domain import explain, iso22400, kpi, losses
from desktop.domain.case import calculate
from desktop.domain.events import Count, CountFlag, Role, State, StateChange
from desktop.domain.intervals import Category, Interval, Label, derive
from desktop.domain.kpi import Kpis, Making, Output, Sums, Times
from desktop.domain.plant import Reason
from desktop.domain.rules import TPM
from desktop.domain.spans import Span
from desktop.wording.kpis import FLAGS, UNKNOWNS

WINDOW = Span(0, 1000)
RUN = [StateChange(1, 1, 0, State.RUN)]


def count(pieces: int, role: Role = Role.GOOD, at: int = 500, flag: CountFlag = CountFlag.PLAIN) -> Count:
    return Count(at, 1, at, role, pieces, at - 100 if flag is CountFlag.GAP else at, flag)


def shift(
    counts: list[Count], cycle: float | None = 10.0, window: Span = WINDOW, changes: list[StateChange] = RUN
) -> Kpis:
    parts = derive(1, window, threshold_ms=10, changes=changes)
    return kpi.compute(window, kpi.tally(window, parts, counts, [Making(window, 1, cycle)]))


@pytest.mark.parametrize("flag", [CountFlag.STEP_BACK, CountFlag.IMPLAUSIBLE, CountFlag.FIRST, CountFlag.RESET])
def test_a_counter_that_runs_backwards_takes_no_piece_away(flag: CountFlag) -> None:
    found = shift([count(50), count(0, at=600, flag=flag)])
    assert (found.pieces.good, found.oee, found.flags) == (50, 0.5, ())


def test_performance_over_100_is_kept_raw_and_flagged() -> None:
    found = shift([count(150)])
    assert (found.performance, found.oee, found.flags) == (1.5, 1.5, ("standard_suspect",))
    parts = derive(1, WINDOW, threshold_ms=10, changes=RUN)
    assert {s.kind: s.length_ms for s in losses.waterfall(found, parts)}["speed"] == -500


def test_more_good_pieces_than_pieces() -> None:
    found = shift([count(10, Role.TOTAL), count(13)])
    assert found.flags == ("negative_pieces",)
    figures = (found.performance, found.quality, found.oee, found.nee, found.teep, found.capacity_utilisation)
    assert figures == (None,) * 6
    assert (found.pieces.good, found.pieces.reject, found.pieces.total) == (13, -3, 10)  # raw
    assert found.availability == 1
    assert losses.waterfall(found, ())[-1].kind == "up"
    assert shift([count(10, Role.TOTAL), count(13, Role.REJECT)]).flags == ("negative_pieces",)


def test_a_machine_that_makes_only_rejects_for_a_while() -> None:
    """A total and a good counter: in an hour without a good piece every piece is a reject, not a good one."""
    parts = derive(1, WINDOW, threshold_ms=10, changes=RUN)
    counters = (Role.TOTAL, Role.GOOD)
    sums = kpi.tally(WINDOW, parts, [count(5, Role.TOTAL)], counters=counters)
    assert (sums.good, sums.reject) == (0, 5)
    assert kpi.pieces_of(WINDOW, parts, [count(5, Role.TOTAL)], counters=counters).reject == 5
    # The total is read a moment before the good pieces: no cut between them may lose or invent one.
    counts = [count(5, Role.TOTAL, at=499), count(4, at=501)]
    halves = [kpi.tally(cut, parts, counts, counters=counters) for cut in (Span(0, 500), Span(500, 1000))]
    whole = kpi.add(halves)
    assert (whole.good, whole.reject) == (4, 1)


@pytest.mark.parametrize("cycle", [0.0, None])
def test_no_cycle_or_a_cycle_of_nothing(cycle: float | None) -> None:
    found = shift([count(50)], cycle)
    assert (found.performance, found.oee, found.flags) == (None, None, ("no_standard",))
    assert (found.availability, found.quality) == (1.0, 1.0)
    assert shift([], cycle).flags == ("no_standard",)


def test_no_cycle_is_lent_from_what_was_made_before_or_after() -> None:
    parts = derive(1, WINDOW, threshold_ms=10, changes=RUN)
    makings = [Making(Span(300, 600), 1, 10.0)]
    counts = [count(5, at=100), count(7, at=400), count(9, at=900), count(4, at=350, flag=CountFlag.GAP)]
    sums = kpi.tally(WINDOW, parts, counts, makings)
    assert [(o.product, o.ideal_cycle_ms, o.good) for o in sums.outputs] == [(None, None, 16), (1, 10.0, 9)]
    assert sums.unrated_ms == 700
    found = kpi.compute(WINDOW, sums)
    assert "no_standard" in found.flags
    assert found.oee is None


def test_a_mixed_shift_names_only_the_losses_it_knows() -> None:
    parts = derive(1, WINDOW, threshold_ms=10, changes=RUN)
    sums = kpi.tally(WINDOW, parts, [count(5, at=100), count(7, at=900)], [Making(Span(500, 1000), 1, 10.0)])
    lost = losses.big_losses(kpi.compute(WINDOW, sums), parts, {})
    assert "speed" not in lost
    assert "defect" not in lost


def test_a_shift_of_no_length() -> None:
    window = Span(5, 5)
    found = shift([count(3)], window=window)
    assert derive(1, window, threshold_ms=10, changes=RUN) == ()
    assert (found.pieces.total, found.coverage, found.availability, found.oee) == (0, None, None, None)
    assert [d.value for d in explain.derivations(found, (), [count(3)])] == [None] * len(explain.NAMES)
    assert losses.waterfall(found, ())[0].length_ms == 0
    iso = iso22400.compute(iso22400.elements_of(found.sums), iso22400.quantities_of(found.sums))
    assert (iso.availability, iso.oee) == (None, None)


def test_shifts_that_overlap_hold_each_moment_once() -> None:
    shifts = [Span(0, 600), Span(500, 900), Span(500, 900)]
    times = kpi.times_of(derive(1, WINDOW, threshold_ms=10, changes=RUN, scheduled=shifts))
    assert (times.run_ms, times.unscheduled_ms) == (900, 100)
    assert kpi.times_of(derive(1, WINDOW, threshold_ms=10, changes=RUN, scheduled=[])).unscheduled_ms == 1000


def test_a_reason_outside_its_stop_changes_no_run_time() -> None:
    jam = Reason(1, "J", "jam", "unplanned", failure=True)
    changes = [*RUN, StateChange(2, 1, 400, State.STOP), StateChange(3, 1, 500, State.RUN)]
    for span in (Span(0, 1000), Span(600, 700), Span(1500, 1600), Span(450, 450)):
        parts = derive(1, WINDOW, threshold_ms=10, changes=changes, labels=[Label(9, 1, span, jam, 1000)])
        assert kpi.times_of(parts).run_ms == 900
        assert {p.reason for p in parts if p.category is Category.RUN} == {None}


def test_a_reason_that_the_register_lost_is_no_breakdown() -> None:
    found = [Interval(1, Span(0, 10), Category.STOP, State.STOP, 1, reason=99)]
    kpis = kpi.compute(Span(0, 10), Sums(Times(stop_ms=10), (Output(1, 1.0),)))
    assert losses.big_losses(kpis, found, {})["other"] == 10


@pytest.mark.parametrize("node", ["speed", "defect"])
def test_a_standstill_is_never_lost_in_a_node_that_follows_from_pieces(node: str) -> None:
    odd = Reason(1, "S", "slow", "unplanned", failure=False, loss=node)
    found = [Interval(1, Span(0, 10), Category.STOP, State.STOP, 1, reason=1)]
    kpis = kpi.compute(Span(0, 10), Sums(Times(stop_ms=10), (Output(1, 1.0),)))
    lost = losses.big_losses(kpis, found, {1: odd})
    assert sum(lost.values()) == 10
    assert lost["other"] == 10


def test_tool_change_is_set_up_where_the_tree_has_six() -> None:
    tool = Reason(1, "T", "tool", "unplanned", failure=False, loss="tool_change")
    found = [Interval(1, Span(0, 10), Category.STOP, State.STOP, 1, reason=1)]
    kpis = kpi.compute(Span(0, 10), Sums(Times(stop_ms=10), (Output(1, 1.0),)))
    assert losses.big_losses(kpis, found, {1: tool})["setup"] == 10
    assert losses.big_losses(kpis, found, {1: tool}, "seven")["tool_change"] == 10


@pytest.mark.parametrize(
    ("category", "state", "reason", "node"),
    [
        (Category.STOP, State.FAULT, None, "breakdown"),
        (Category.STOP, State.STOP, None, "unlabelled"),
        (Category.STOP, State.STOP, Reason(1, "", "", "unplanned", failure=True), "breakdown"),
        (Category.STOP, State.STOP, Reason(1, "", "", "unplanned", failure=False), "other"),
        (Category.WAIT, State.STARVED, None, "waiting"),
        (Category.WAIT, State.STOP, Reason(1, "", "", "external", failure=False), "waiting"),
        (Category.NO_ORDER, State.IDLE, None, "waiting"),
        (Category.SETUP, State.SETUP, None, "setup"),
        (Category.SHORT_STOP, State.STOP, Reason(1, "", "", "unplanned", failure=True), "minor_stop"),
        (Category.STOP, State.STOP, Reason(1, "", "", "unplanned", failure=False, loss="startup"), "startup"),
        (Category.PLANNED, State.IDLE, None, None),
        (Category.NO_DATA, State.UNKNOWN, None, None),
    ],
)
def test_where_a_standstill_belongs(category: Category, state: State, reason: Reason | None, node: str | None) -> None:
    found = [Interval(1, Span(0, 10), category, state, 1, reason=reason.id if reason else None)]
    kpis = kpi.compute(Span(0, 10), Sums(Times(), (Output(1, 1.0),)))
    lost = losses.big_losses(kpis, found, {1: reason} if reason else {})
    assert {key: length for key, length in lost.items() if length} == ({node: 10.0} if node else {})


def test_pieces_while_it_stood() -> None:
    found = shift([count(50)], changes=[StateChange(1, 1, 0, State.STOP)])
    assert (found.availability, found.performance, found.flags) == (0.0, None, ("pieces_without_run",))


@pytest.mark.parametrize(
    ("change", "flags"),
    [
        ({"stop_s": 101}, ["stop_over_busy"]),
        ({"short_stop_s": 91}, ["short_stop_over_up"]),
        ({"runs": [{"ideal_s": 1, "total": 5, "reject": 6}]}, ["reject_over_total"]),
        ({"runs": [{"ideal_s": 0, "total": 5, "reject": 0}]}, ["no_standard"]),
        ({"runs": [{"ideal_s": 50, "total": 5, "reject": 0}]}, ["standard_suspect"]),
        ({"stop_s": 100, "runs": [{"ideal_s": 1, "total": 5, "reject": 0}]}, ["pieces_without_run"]),
    ],
)
def test_a_case_that_cannot_be_says_so(change: dict[str, object], flags: list[str]) -> None:
    answer = calculate({"pbt_s": 100, "stop_s": 10, "runs": [], **change})
    assert answer["flags"] == flags
    assert set(flags) <= set(FLAGS)
    if "short_stop_over_up" in flags:
        assert (answer["net_operating_rate"], answer["speed_rate"]) == (None, None)


def test_every_flag_and_every_unknown_has_its_words() -> None:
    flags = {"standard_suspect", "pieces_without_run", "no_standard", "negative_pieces"}
    flags |= {"reject_over_total", "stop_over_busy", "short_stop_over_up"}
    assert flags <= set(FLAGS)
    assert set(UNKNOWNS) == {
        "no_standard",
        "no_data",
        "nothing_below",
        "negative_pieces",
        "no_failure",
        "too_early",
    }
    english = {*FLAGS.values(), *UNKNOWNS.values()}
    text.use("ko")
    assert all(text._(words) != words for words in english)


def test_nothing_known_at_all() -> None:
    found = kpi.compute(WINDOW, kpi.tally(WINDOW, derive(1, WINDOW, threshold_ms=10, changes=[])))
    assert (found.coverage, found.availability, found.oee, found.rules) == (0.0, None, None, str(TPM))
    assert (found.availability_low, found.availability_high) == (0.0, 1.0)


def test_pieces_of_unknown_time_are_no_pieces_without_run() -> None:
    """Nobody listened the whole shift and the counter survived: nobody says that the machine stood."""
    whole = [Count(9, 1, 1000, Role.GOOD, 50, 0, CountFlag.GAP)]
    sums = kpi.tally(WINDOW, derive(1, WINDOW, threshold_ms=10, changes=[]), whole, [Making(WINDOW, 1, 10.0)])
    found = kpi.compute(WINDOW, sums)
    assert (found.oee, found.performance, found.flags) == (0.5, None, ())

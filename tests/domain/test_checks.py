"""When checks come due, when they are late or missed, and what answers them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from desktop.domain import checks, entries
from desktop.domain.checks import Periods, Work, answer, row, slots, state
from desktop.domain.entries import Changed, Checked, Entry, FirstPiece, Said
from desktop.domain.plant import CHECK_EVERY, CHECK_KINDS, CheckItem
from desktop.domain.spans import Span

MIN = 60_000
HOUR = 60 * MIN
SHIFT = Span(0, 8 * HOUR)
PERIODS = Periods(SHIFT, Span(-8 * HOUR, 16 * HOUR), Span(-48 * HOUR, 120 * HOUR))
RUNS = Work(1, (Span(10 * MIN, 8 * HOUR),))


def item(kind: str = "ok", every: str = "shift", **more: object) -> CheckItem:
    return CheckItem(7, "C07", "Oil", kind=kind, every=every, **more)  # type: ignore[arg-type]


def told(number: int, said: Said) -> Entry:
    return Entry(number, said.start_ms, said)


def times(kind: str, work: Work = RUNS, **more: object) -> list[tuple[float, float, float]]:
    """From, due, until, in hours."""
    found = slots([item(kind, **more)], [work], PERIODS)
    return [(s.span.start_ms / HOUR, s.due_ms / HOUR, s.span.end_ms / HOUR) for s in found]


def test_a_daily_check_is_due_with_the_shift_late_after_an_hour_and_missed_at_its_end() -> None:
    (slot,) = slots([item()], [RUNS], PERIODS)
    seen = [state(slot, None, at) for at in (-1, 0, HOUR - 1, HOUR, 8 * HOUR - 1, 8 * HOUR)]
    assert seen == ["", "due", "due", "late", "late", "missed"]


def test_once_a_day_and_once_a_week_wait_until_the_end_of_it() -> None:
    day, week = slots([item(every="day"), item(every="week")], [RUNS], PERIODS)
    assert (state(day, None, 7 * HOUR), state(day, None, 15 * HOUR), state(day, None, 16 * HOUR)) == (
        "due", "late", "missed",
    )  # fmt: skip
    assert (state(week, None, 7 * HOUR), state(week, None, 119 * HOUR)) == ("due", "late")
    before = told(1, Checked(1, -3 * HOUR, -3 * HOUR, 7, good=True))
    assert answer(day, [before]) == before, "the shift before did it already"


def test_nobody_has_to_check_a_machine_that_is_idle_by_plan_but_who_does_is_heard() -> None:
    found = slots([item(), item(every="week")], [Work(1, (), idle=True)], PERIODS)
    assert [state(slot, None, at) for slot in found for at in (0, 2 * HOUR, 119 * HOUR)] == [""] * 6
    done = told(1, Checked(1, HOUR, HOUR, 7, good=True))
    assert state(found[0], answer(found[0], [done]), 2 * HOUR) == "good"
    (slot,) = slots([item()], [Work(1, (Span(HOUR, 2 * HOUR),), idle=True)], PERIODS)
    assert state(slot, None, 2 * HOUR) == "late", "it ran all the same"


def test_an_item_is_for_its_own_machine_or_for_every_one() -> None:
    both = [RUNS, Work(2, ())]
    assert [slot.machine for slot in slots([item()], both, PERIODS)] == [1, 2]
    assert [slot.machine for slot in slots([item(machine=2)], both, PERIODS)] == [2]


def test_the_first_piece_is_asked_for_when_the_machine_begins_and_after_each_changeover() -> None:
    assert times("first") == [(0, 1 / 6, 8)]
    changed = Work(1, (Span(0, 3 * HOUR), Span(4 * HOUR, 8 * HOUR)), (3 * HOUR,))
    assert times("first", changed) == [(0, 0, 3), (3, 3, 8)]
    assert times("first", Work(1, ())) == [], "a machine that made nothing has no first piece"


def test_a_first_piece_that_is_checked_before_the_first_is_counted_is_one() -> None:
    (slot,) = slots([item("first")], [RUNS], PERIODS)
    early = told(1, FirstPiece(1, 5 * MIN, 5 * MIN, good=True))
    assert state(slot, answer(slot, [early]), HOUR) == "good"


def test_middle_pieces_come_once_or_every_so_many_hours() -> None:
    assert times("middle") == [(4, 4, 8)]
    assert times("middle", hours=3.0) == [(3, 3, 6), (6, 6, 8)]
    assert times("middle", Work(1, (Span(0, HOUR),))) == []


def test_the_last_piece_is_that_of_the_shift_and_of_each_order() -> None:
    assert times("last") == [(7, 7, 8)]
    assert times("last", Work(1, RUNS.ran, ends=(4 * HOUR,))) == [(3, 3, 5), (7, 7, 8)]
    assert times("last", Work(1, RUNS.ran, ends=(8 * HOUR - MIN,))) == [(7 - 1 / 60, 7 - 1 / 60, 8)]


def test_a_piece_of_one_product_is_asked_for_only_while_that_is_made() -> None:
    def made(at_ms: int) -> int:
        return 1 if at_ms < 5 * HOUR else 2

    work = Work(1, RUNS.ran, product_at=made)
    assert times("first", work, product=1) == [(0, 1 / 6, 8)]
    assert times("first", work, product=2) == []
    assert times("last", work, product=2) == [(7, 7, 8)]


def test_the_last_word_counts_and_belongs_to_its_item_machine_and_time() -> None:
    (slot,) = slots([item()], [RUNS], PERIODS)
    bad = told(5, Checked(1, MIN, MIN, 7, good=False, note="Leak"))
    strange = [
        told(6, Checked(1, MIN, MIN, 8, good=True)), told(7, Checked(2, MIN, MIN, 7, good=True)),
        told(8, Checked(1, 9 * HOUR, 9 * HOUR, 7, good=True)), told(9, FirstPiece(1, MIN, MIN, good=True)),
    ]  # fmt: skip
    found = answer(slot, [told(4, Checked(1, MIN, MIN, 7, good=True)), bad, *strange])
    assert found == bad
    shown = row(slot, found, HOUR, "PR-01", "Press")
    assert (shown.state, shown.note, shown.entry, shown.done) == ("bad", "Leak", 5, True)


def test_a_first_middle_and_last_piece_are_not_taken_for_each_other() -> None:
    which = {slot.item.kind: slot for kind in checks.PIECES for slot in slots([item(kind)], [RUNS], PERIODS)}
    for kind, slot in which.items():
        said = told(1, FirstPiece(1, slot.due_ms, slot.due_ms, good=True, which=kind))  # type: ignore[arg-type]
        assert [other for other, each in which.items() if answer(each, [said]) is not None] == [kind]


def test_a_middle_piece_that_is_right_does_not_end_a_changeover() -> None:
    told_so = [told(1, Changed(1, 0, entries.OPEN_MS, 2)), told(2, FirstPiece(1, HOUR, HOUR, True, "", "middle"))]
    assert entries.changeovers(told_so, 2 * HOUR)[0].approved_ms is None
    told_so.append(told(3, FirstPiece(1, HOUR + 1, HOUR + 1, good=True)))
    assert entries.changeovers(told_so, 2 * HOUR)[0].approved_ms == HOUR + 1


def test_a_value_is_right_between_its_limits_which_are_allowed() -> None:
    one = item("value", low=0.4, high=0.6)
    assert [one.judges(value) for value in (0.39, 0.4, 0.6, 0.61)] == [False, True, True, False]
    assert item("value").judges(1e9), "without limits every value is right"


@given(
    st.sampled_from(CHECK_KINDS), st.sampled_from(CHECK_EVERY), st.floats(0, 24),
    st.lists(st.integers(0, 8 * 60 - 1), max_size=4), st.lists(st.integers(0, 8 * 60 - 1), max_size=4),
    st.integers(0, 8 * 60),
)  # fmt: skip
def test_slots_of_an_item_never_share_a_moment_at_which_it_is_answered_twice(
    kind: str, every: str, hours: float, changes: list[int], ends: list[int], now: int
) -> None:
    if 0 < hours < 0.01:
        hours = 0.01
    work = Work(1, (SHIFT,), tuple(m * MIN for m in changes), tuple(m * MIN for m in ends))
    found = slots([item(kind, every, hours=hours)], [work], PERIODS)
    for slot in found:
        assert slot.span.start_ms <= slot.due_ms <= slot.late_ms <= slot.span.end_ms
        assert state(slot, None, now * MIN) in ("", "due", "late", "missed")
    if kind in ("first", "middle"):
        assert all(one.span.end_ms <= two.span.start_ms for one, two in pairwise(found))

"""When samples come due: so many pieces of each hour in which a machine runs, or the first, a middle and the last."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.checks import Periods, Work
from desktop.domain.quality import Characteristic, Sampling
from desktop.domain.sampling import samples, state
from desktop.domain.spans import Span

MIN = 60_000
HOUR = 60 * MIN
SHIFT = Span(0, 8 * HOUR)
PERIODS = Periods(SHIFT, Span(-8 * HOUR, 16 * HOUR), Span(-48 * HOUR, 120 * HOUR))


def bore(sampling: Sampling = Sampling.HOURLY, product: int | None = None, per_hour: int = 5) -> Characteristic:
    return Characteristic(1, "B", "Bore", product, 1, sampling=sampling, per_hour=per_hour)


def test_each_piece_that_is_measured_asks_for_no_sample() -> None:
    assert samples(bore(Sampling.EACH), Work(1, (SHIFT,)), PERIODS) == ()


def test_a_sample_is_due_when_there_are_pieces_and_late_before_the_hour_is_over() -> None:
    first, *_more, last = samples(bore(), Work(1, (Span(10 * MIN, 8 * HOUR),)), PERIODS)
    assert (first.due_ms, first.late_ms, first.span.end_ms, first.wanted) == (25 * MIN, 45 * MIN, HOUR, 5)
    assert last.span == Span(7 * HOUR, 8 * HOUR)
    seen = [
        state(first, taken, at * MIN) for taken, at in ((0, 24), (0, 25), (4, 45), (4, 60), (5, 30), (5, 61), (6, 70))
    ]
    assert seen == ["", "due", "late", "missed", "good", "good", "good"]


def test_a_machine_that_stands_or_makes_something_else_owes_none() -> None:
    assert samples(bore(), Work(1, ()), PERIODS) == ()
    short = tuple(Span(hour * HOUR, hour * HOUR + 14 * MIN) for hour in range(8))
    assert samples(bore(), Work(1, short), PERIODS) == ()
    made = {2: (Span(0, 2 * HOUR),), 3: (Span(2 * HOUR, 8 * HOUR),)}

    def product_at(at_ms: int) -> int | None:
        return next((number for number, spans in made.items() if spans[0].holds(at_ms)), None)

    work = Work(1, (SHIFT,), product_at=product_at)
    assert [sample.span.start_ms // HOUR for sample in samples(bore(product=2), work, PERIODS)] == [0, 1]
    assert samples(bore(product=4), work, PERIODS) == ()


def test_the_first_a_middle_and_the_last_piece_are_samples_of_one() -> None:
    found = samples(bore(Sampling.PIECES), Work(1, (Span(10 * MIN, 8 * HOUR),)), PERIODS)
    assert [(each.which, each.span.start_ms // HOUR, each.due_ms, each.wanted) for each in found] == [
        ("first", 0, 10 * MIN, 1), ("middle", 4, 4 * HOUR, 1), ("last", 7, 7 * HOUR, 1),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 120)), max_size=6), st.integers(30, 500))
def test_hourly_samples_are_those_of_a_clock_that_ticks_by_minutes(told: list[tuple[int, int]], length: int) -> None:
    """Minute by minute: an hour is asked for in the minute in which the fifteenth running one is over."""
    running = {minute for start, long in told for minute in range(start, start + long)}
    spans = tuple(Span(minute * MIN, (minute + 1) * MIN) for minute in sorted(running))
    shift = Span(0, length * MIN)
    found = samples(bore(), Work(1, spans), Periods(shift, shift, shift))
    wanted = {}
    for start in range(0, length, 60):
        ran = 0
        for minute in range(start, min(start + 60, length)):
            ran += minute in running
            if ran == 15:
                if minute + 1 <= min(start + 60, length) - 15:  # else there is no time left for it
                    wanted[start * MIN] = (minute + 1) * MIN
                break
    assert {each.span.start_ms: each.due_ms for each in found} == wanted
    assert all(each.due_ms <= each.late_ms <= each.span.end_ms for each in found)

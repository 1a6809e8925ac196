"""A repair by its phases: called, begun, fixed, the first good piece."""

from __future__ import annotations

from msgspec.structs import replace

from desktop.domain.entries import Call
from desktop.domain.events import Count, Role, State
from desktop.domain.intervals import Category, Interval
from desktop.domain.repairs import Phase, Repairs, repairs, together
from desktop.domain.spans import Span

MINUTE = 60_000
WINDOW = Span(0, 600 * MINUTE)


def call(called: int, seen: int | None, begun: int | None, over: int | None, what: str = "maintenance") -> Call:
    moments = [None if minute is None else minute * MINUTE for minute in (seen, begun, over)]
    return Call(called + 1, 1, what, "", called * MINUTE, *moments)


def stood(start: int, end: int, stop: int) -> Interval:
    return Interval(1, Span(start * MINUTE, end * MINUTE), Category.STOP, State.FAULT, stop)


def good(*minutes: float, role: Role = Role.GOOD) -> list[Count]:
    moments = [round(minute * MINUTE) for minute in minutes]
    return [Count(n, 1, at_ms, role, 1, at_ms) for n, at_ms in enumerate(moments)]


def test_the_phases_are_means_over_the_calls_of_which_both_ends_are_known() -> None:
    calls = [call(10, 12, 20, 50), call(110, None, None, 130), call(210, 211, 215, None), call(300, 1, 2, 3, "quality")]
    stops = [stood(8, 55, 1), stood(109, 140, 2), stood(209, 600, 3)]
    found = repairs(calls, 1, WINDOW, stops, good(5, 60, 62, 141))
    assert (found.maintenance, len(found.calls)) == (3, 4)
    assert found.arrival == Phase((10 + 5) / 2 * MINUTE, 2)
    assert found.repair == Phase(30 * MINUTE, 1)
    assert found.restart == Phase((10 + 11) / 2 * MINUTE, 2), "the first good piece behind the stop"
    assert together([found, Repairs()]) == found


def test_without_a_call_nothing_is_known() -> None:
    found = repairs([], 1, WINDOW, [stood(8, 55, 1)], good(60))
    assert (found.maintenance, found.arrival, found.repair, found.restart) == (0, Phase(), Phase(), Phase())
    elsewhere = replace(call(10, 12, 20, 50), machine=2)
    assert repairs([elsewhere, call(900, 901, 902, 903)], 1, WINDOW, [], []) == Repairs()


def test_a_stop_in_parts_is_one_and_rejects_are_no_good_piece() -> None:
    parts = [stood(8, 30, 1), stood(30, 55, 1), stood(58, 59, 9)]
    rejected = good(56, role=Role.REJECT)
    found = repairs([call(10, None, 20, 50)], 1, WINDOW, parts, [*rejected, *good(60)])
    assert found.restart.mean_ms == 10 * MINUTE
    total = repairs([call(10, None, 20, 50)], 1, WINDOW, parts, good(57, role=Role.TOTAL))
    assert total.restart.mean_ms == 7 * MINUTE, "a machine that counts no good ones"


def test_who_says_late_that_it_was_fixed_makes_no_repair_longer() -> None:
    found = repairs([call(10, None, 20, 90)], 1, WINDOW, [stood(8, 55, 1)], good(56, 57))
    assert (found.repair.mean_ms, found.restart.mean_ms) == (36 * MINUTE, 0)


def test_a_call_without_a_stop_ends_with_the_next_good_piece() -> None:
    found = repairs([call(10, None, 20, 50)], 1, WINDOW, [], good(45, 50, 51))
    assert found.restart.mean_ms == 0, "a piece in the moment itself"

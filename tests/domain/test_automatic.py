"""When a report that writes itself is due, which edition it is, and what its files are called."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from desktop.domain import automatic, calendar
from desktop.domain.automatic import KEPT_MS, Candidate, Edition, Made
from desktop.domain.calendar import Calendar, DayException, Kind, Shift, ShiftPattern

SEOUL = ZoneInfo("Asia/Seoul")
ON, MINUTE, DELAY = date(2026, 11, 19), 60_000, 300_000
PLAIN = Calendar(SEOUL, (ShiftPattern(1, "주간", time(8), time(17), frozenset(range(1, 8))),))
LONGER = replace(PLAIN, exceptions=(DayException(ON, Kind.OVERTIME, 1, end=time(19)),))


def shift_of(shop: Calendar) -> Shift:
    found = calendar.shift_named(shop, "주간", ON)
    assert found is not None
    return found


SHIFT = shift_of(PLAIN)
END = SHIFT.span.end_ms


OPEN, CLOSED = Edition(1, True), Edition(1, False)


def candidate(shop: Calendar = PLAIN, digest: str = "one", *, calm: bool = True, said: Edition = OPEN) -> Candidate:
    shift = shift_of(shop)
    return Candidate(shift, automatic.written_end_ms(shop, shift), digest, calm, said)


def made(**more: object) -> Made:
    shift = more.pop("shift", SHIFT)
    assert isinstance(shift, Shift)
    return replace(Made(ON, "주간", 1, shift.span, digest="one", at_ms=END + DELAY), **more)


def is_due(each: Candidate, now_ms: int, *rows: Made) -> bool:
    return automatic.due([each], {each.key: rows}, now_ms, DELAY) == [each]


def test_once_after_the_end_until_fourteen_days_later() -> None:
    each = candidate()
    assert not is_due(each, END + DELAY - 1)
    assert is_due(each, END + DELAY)
    assert is_due(each, END + KEPT_MS)
    assert not is_due(each, END + KEPT_MS + DELAY)
    assert not is_due(each, END + DELAY, made())
    assert not is_due(candidate(digest=""), END + DELAY), "its sums are not added up yet"


def test_the_newest_first() -> None:
    older = Candidate(replace(SHIFT, span=calendar.Span(0, 1)), END, "x")
    assert automatic.due([older, candidate()], {}, END + DELAY, DELAY)[0] == candidate()
    assert automatic.due([older], {}, KEPT_MS + DELAY + 1, DELAY) == []


def test_overtime_is_provisional_and_made_anew_when_it_is_over() -> None:
    during, shift = candidate(LONGER, ""), shift_of(LONGER)
    later = shift.span.end_ms
    assert later == END + 120 * MINUTE
    assert during.written_end_ms == END
    assert is_due(during, END + DELAY), "at the end that is written, while it goes on"
    assert automatic.edition(shift, END + DELAY, [], "", OPEN) == OPEN
    row = made(shift=shift, digest="")
    assert not is_due(during, later - 1, row)
    assert is_due(candidate(LONGER), later + DELAY, row)
    assert automatic.edition(shift, later + DELAY, [row], "one", OPEN) == OPEN
    # Entered only after the report was made: it spans more now.
    assert is_due(candidate(LONGER), later + DELAY, made())


def test_when_the_shift_is_closed_it_is_made_once_more_as_final() -> None:
    late = END + 2 * DELAY
    assert not is_due(candidate(), late, made())
    closed = candidate(digest="one", said=CLOSED)
    assert is_due(closed, late, made())
    assert automatic.edition(SHIFT, late, [made()], "one", CLOSED) == CLOSED
    assert not is_due(closed, late, made(provisional=False))


def test_what_changed_waits_till_it_rests() -> None:
    late, other = END + 2 * DELAY, candidate(digest="two")
    assert is_due(other, late, made())
    assert not is_due(replace(other, calm=False), late, made())
    assert automatic.edition(SHIFT, late, [made()], "two", OPEN) == OPEN, "still the same revision"
    final = made(provisional=False, digest="one-7")
    other = candidate(digest="two-7", said=CLOSED)
    assert not is_due(replace(other, calm=False), late, final)
    assert is_due(other, late, final)
    assert not is_due(other, late, final, made(revision=2, digest="two-7", provisional=False))


@pytest.mark.parametrize(
    ("digest", "said", "revision"),
    [
        ("one-7", CLOSED, 1),
        ("", CLOSED, 1),  # not known whether its figures changed
        ("one-9", CLOSED, 1),  # somebody wrote a note: the same revision, made anew
        ("two-7", CLOSED, 2),  # a counter was read late
        ("two-9", Edition(2, False), 2),  # a person corrected it: once, not twice
        ("two-9", Edition(4, False), 4),
        ("two-9", OPEN, 2),  # opened again
    ],
)
def test_figures_that_change_behind_a_final_report_make_a_revision(digest: str, said: Edition, revision: int) -> None:
    final = made(provisional=False, digest="one-7")
    found = automatic.edition(SHIFT, END + 2 * DELAY, [final], digest, said)
    assert found == Edition(revision, said.provisional)


@pytest.mark.parametrize("state", ["failed", "writing"])
def test_what_was_not_finished_is_due_again(state: str) -> None:
    assert is_due(candidate(), END + DELAY, made(state=state))
    assert automatic.edition(SHIFT, END + DELAY, [made(state=state, provisional=False)], "two", CLOSED) == CLOSED


def test_an_earlier_moment_knows_nothing_of_later_reports() -> None:
    later = made(provisional=False, at_ms=END + KEPT_MS)
    assert automatic.edition(SHIFT, END + DELAY, [later], "x", CLOSED) == CLOSED


@pytest.mark.parametrize(
    ("pattern", "revision", "name"),
    [
        (ShiftPattern(1, "주간", time(8), time(17), frozenset({4})), 1, "2026-11-19-0800-주간"),
        (ShiftPattern(1, "야간", time(20, 30), time(5), frozenset({4})), 2, "2026-11-19-2030-야간-r2"),
        (ShiftPattern(1, "C", time(0), time(8), frozenset({5}), business_days=-1), 1, "2026-11-19-2400-C"),
        (ShiftPattern(1, "C", time(22), time(6), frozenset({3}), business_days=1), 1, "2026-11-19-0000-C"),
    ],
)
def test_names_sort_by_time(pattern: ShiftPattern, revision: int, name: str) -> None:
    shift = calendar.shift_named(Calendar(SEOUL, (pattern,)), pattern.name, ON)
    assert shift is not None
    assert automatic.stem(shift, SEOUL, revision) == name


def test_tries_come_ever_more_seldom() -> None:
    waits = [automatic.retry_s(tries) for tries in range(12)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (10, 3600)

"""The algebra of half-open spans, held against sets of milliseconds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.spans import Span, shared_ms, subtract, total_ms, union

spans = st.builds(lambda start, length: Span(start, start + length), st.integers(-30, 30), st.integers(0, 20))
many = st.lists(spans, max_size=8)


def moments(*given: Span) -> set[int]:
    return {at for span in given for at in range(span.start_ms, span.end_ms)}


def test_a_span_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="5 to 4"):
        Span(5, 4)
    assert Span(5, 5).length_ms == 0


@given(spans, spans)
def test_cut_is_the_time_shared(one: Span, other: Span) -> None:
    part = one.cut(other)
    assert moments(*([part] if part else [])) == moments(one) & moments(other)
    assert one.cut(other) == other.cut(one)


@given(spans, st.integers(-40, 60))
def test_the_end_does_not_belong_to_it(span: Span, at: int) -> None:
    assert span.holds(at) == (at in moments(span))


@given(many)
def test_union_has_each_moment_once_and_joins_what_touches(given: list[Span]) -> None:
    joined = union(given)
    assert moments(*joined) == moments(*given)
    assert all(before.end_ms < after.start_ms for before, after in pairwise(joined))
    assert all(span.length_ms for span in joined)
    assert union(joined) == joined
    assert total_ms(given) == len(moments(*given))


@given(spans, many)
def test_subtract_leaves_the_rest_in_order(span: Span, holes: list[Span]) -> None:
    rest = subtract(span, holes)
    assert moments(*rest) == moments(span) - moments(*holes)
    assert list(rest) == sorted(rest)


@given(spans, many)
def test_shared_counts_each_moment_once(span: Span, others: list[Span]) -> None:
    assert shared_ms(span, others) == len(moments(span) & moments(*others))


def test_overlapping_reasons_are_not_counted_twice() -> None:
    """D6: reasons 00:00-15:00 and 00:10-14:00 make 900 min, not 1,730; D7: half an hour of overlap."""
    minute = 60_000
    assert total_ms([Span(0, 900 * minute), Span(10 * minute, 840 * minute)]) == 900 * minute
    assert total_ms([Span(600 * minute, 660 * minute), Span(630 * minute, 690 * minute)]) == 90 * minute

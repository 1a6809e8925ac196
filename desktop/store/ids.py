"""Ids of facts and the moments at which these arrived.

The id of a fact is its arrival in microseconds, made strictly rising, so that it is also the exact
"what is new" cursor. Where the clock jumped back, `clock_segments` says by how much ids run ahead.
"""

from __future__ import annotations

from bisect import bisect_right

from desktop.domain.spans import Span
from desktop.store.database import Store


def id_ranges(store: Store, window: Span) -> list[tuple[int, int, int]]:
    """The ranges of ids (first, last, offset_us) whose facts arrived in `window`, by the recorded clock jumps.

    The arrival of an id is (id - offset_us) microseconds.
    """
    return ranges_of(segments(store), window)


def ranges_of(jumps: list[tuple[int, int]], window: Span) -> list[tuple[int, int, int]]:
    """The same by segments that are known."""
    found = []
    for index, (first, offset) in enumerate(jumps):
        end = jumps[index + 1][0] if index + 1 < len(jumps) else None
        low = max(first, window.start_ms * 1000 + offset)
        high = window.end_ms * 1000 + offset - 1
        if end is not None:
            high = min(high, end - 1)
        if low <= high:
            found.append((low, high, offset))
    return found


def segments(store: Store) -> list[tuple[int, int]]:
    """From which id on ids run ahead of the clock by how many microseconds, in order."""
    rows = store.rows("SELECT first_id, offset_us FROM clock_segments ORDER BY id")
    return [(0, 0), *((int(first), int(offset)) for first, offset in rows)]


def arrival_ms(jumps: list[tuple[int, int]], key: int) -> int:
    """When the fact of an id arrived."""
    ahead_us = 0 if len(jumps) == 1 else jumps[bisect_right(jumps, (key, 1 << 62)) - 1][1]
    return (key - ahead_us) // 1000


def said_behind(store: Store, entry: int, at_ms: int) -> int:
    """The id up to which facts were there when an entry was said at a moment, and behind which they came later.

    Where the clock was set back the moment came twice: a seal between the two tells whether the entry was there by
    then. Where none does, it is taken to be the later one.
    """
    jumps = segments(store)
    ends = [first for first, _ahead_us in jumps[1:]] + [1 << 62]
    told = [(at_ms * 1000 + ahead_us, first, end) for (first, ahead_us), end in zip(jumps, ends, strict=True)]
    found = [key for key, first, end in told if first <= key < end]
    found = found or [max(end for key, first, end in told if first <= key) - 1]  # when nothing came any more
    if len(found) > 1:
        seals = store.rows(
            "SELECT id, coalesce(json_extract(detail, '$.entries[1]'), 0) FROM events WHERE machine_id IS NULL"
            " AND kind = 'seal' AND id BETWEEN ? AND ?",
            *(found[0], found[-1]),
        )
        behind = max((int(seal) for seal, newest in seals if newest < entry), default=0)
        before = min((int(seal) for seal, newest in seals if newest >= entry), default=ends[-1])
        found = [key for key in found if behind <= key <= before] or found
    return found[-1]

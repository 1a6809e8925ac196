"""Pieces held against a target. What nobody saw is no shortfall: a difference is known only where the pieces are.

An hour is `sure` where enough of it is known. A shift, or its part till now, is comparable where enough of all its time
is known and none of its hours is unknown; from the first unknown hour on the running difference is not known either.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.figures.line import HourRow


def difference(good: int | None, target: int | None, *, comparable: bool = True) -> int | None:
    """Pieces ahead of (+) or behind (-) a target; None where that is not known."""
    return good - target if comparable and good is not None and target is not None else None


def hour_difference(row: HourRow, now_ms: int | None) -> int | None:
    """Pieces ahead of (+) or behind (-) the target of an hour, of its part till now; None where not known."""
    apart = difference(row.good, _due(row, now_ms), comparable=row.sure)
    return None if row.paused and apart == 0 else apart


def running(rows: Sequence[HourRow], now_ms: int | None) -> tuple[int | None, ...]:
    """The difference of the shift at the end of each hour, with what was made in a break; None where not known."""
    total: int | None = 0
    found = list[int | None]()
    for row in rows:
        due = _due(row, now_ms)
        if due is None or not _begun(row, now_ms):
            found.append(None)
            continue
        apart = difference(row.good, due, comparable=row.sure)
        if apart is None and due == 0:
            apart = 0  # a break of which nothing is known
        total = None if total is None or apart is None else total + apart
        found.append(None if row.good is None else total)
    return tuple(found)


def comparable(rows: Sequence[HourRow], now_ms: int) -> bool:
    """Whether no hour till now is unknown in which something was due."""
    return all(row.sure or not _due(row, now_ms) for row in rows if row.span.start_ms < now_ms)


def _due(row: HourRow, now_ms: int | None) -> int | None:
    return row.target_now if now_ms is not None and row.span.holds(now_ms) else row.target


def _begun(row: HourRow, now_ms: int | None) -> bool:
    return row.good is not None or (now_ms is not None and row.span.start_ms < now_ms)

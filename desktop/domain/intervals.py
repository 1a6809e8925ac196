"""From facts to time: every millisecond of a window belongs to exactly one interval.

Machines with a state signal are read from their state changes. Machines that only count are read from
their counts: a standstill begins one ideal stroke after the last piece and ends with the next one, as
long as the device answers. Silence of a device is NO_DATA, never a stop and never a run.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from desktop.domain.events import Count, CountFlag, State, StateChange
from desktop.domain.spans import Span, subtract, union


class Category(StrEnum):
    """Where a piece of time belongs in the time model. SHORT_STOP is run time to availability (TPM)."""

    RUN = "run"
    SHORT_STOP = "short_stop"  # 순간정지: shorter than the machine's threshold
    STOP = "stop"
    SETUP = "setup"
    WAIT = "wait"  # starved, blocked or nothing to do
    PLANNED = "planned"  # break or planned stop
    NO_DATA = "no_data"


STOPPED = frozenset({Category.STOP, Category.SETUP, Category.WAIT})

_CATEGORY = {
    State.RUN: Category.RUN,
    State.STOP: Category.STOP,
    State.FAULT: Category.STOP,
    State.SETUP: Category.SETUP,
    State.STARVED: Category.WAIT,
    State.BLOCKED: Category.WAIT,
    State.IDLE: Category.WAIT,
    State.MAINTENANCE: Category.STOP,
    State.UNKNOWN: Category.NO_DATA,
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of one machine in one category.

    `stop_id` is the journal id of the fact that began the standstill (0 for run, planned and no data): it
    survives every recomputation. `code` is the device's word (an alarm code), `reason` a person's or the
    alarm table's reason id. `by_count` marks time that was derived from counts.
    """

    machine: int
    span: Span
    category: Category
    state: State
    stop_id: int = 0
    code: str = ""
    reason: int | None = None
    by_count: bool = False


def derive(
    machine: int,
    window: Span,
    *,
    threshold_ms: int,
    changes: Sequence[StateChange],
    counts: Sequence[Count] = (),
    silences: Iterable[Span] = (),
    pauses: Iterable[Span] = (),
    stroke_ms: float | None = None,
    by_count: bool = False,
) -> tuple[Interval, ...]:
    """Cut `window` into intervals that touch, do not overlap and cover it whole.

    `changes` and `counts` must reach back before the window as far as needed to know what was going on at
    its start. `silences` are the spans in which the machine's device did not answer. A standstill is
    classified against the threshold by its whole length outside pauses, before it is cut at the window.
    """
    silences = union(silences)
    pauses = union(pauses)
    raw = (
        _from_counts(machine, window, counts, stroke_ms or 0.0) if by_count else _from_changes(machine, window, changes)
    )
    raw = _overlay(raw, silences, Category.NO_DATA, State.UNKNOWN)
    raw = _classify(_join(raw), threshold_ms, pauses)
    # A break is planned time only while the machine stands: run time inside it is run time.
    raw = _overlay(raw, pauses, Category.PLANNED, State.IDLE, keep=Category.RUN)
    cut = [replace(i, span=part) for i in raw if (part := i.span.cut(window))]
    return _join(cut)


def _from_changes(machine: int, window: Span, changes: Sequence[StateChange]) -> list[Interval]:
    """One interval per state change, from the last change before the window; unknown before the first."""
    ordered = sorted(changes, key=lambda c: (c.at_ms, c.id))
    start = max(bisect_right([c.at_ms for c in ordered], window.start_ms) - 1, 0)
    # A standstill that began long before the window keeps its true start, so that it is judged whole.
    while start > 0 and _CATEGORY[ordered[start].state] is not Category.RUN:
        start -= 1
    found: list[Interval] = []
    if not ordered or ordered[start].at_ms > window.start_ms:
        end_ms = min(ordered[start].at_ms, window.end_ms) if ordered else window.end_ms
        found.append(Interval(machine, Span(window.start_ms, end_ms), Category.NO_DATA, State.UNKNOWN))
    for index in range(start, len(ordered)):
        change = ordered[index]
        if change.at_ms >= window.end_ms:
            break
        end_ms = ordered[index + 1].at_ms if index + 1 < len(ordered) else window.end_ms
        category = _CATEGORY[change.state]
        stop_id = change.id if category in STOPPED else 0
        found.append(Interval(machine, Span(change.at_ms, end_ms), category, change.state, stop_id, change.code))
    return found


def _from_counts(machine: int, window: Span, counts: Sequence[Count], stroke_ms: float) -> list[Interval]:
    """Run up to one stroke after each piece, a standstill until the next one; no stroke known: all run to the piece.

    Pieces of unknown time (flag GAP) say nothing about when the machine ran and are passed over.
    """
    pieces = sorted((c for c in counts if c.pieces and c.flag is not CountFlag.GAP), key=lambda c: (c.at_ms, c.id))
    stroke = round(stroke_ms)
    found: list[Interval] = []
    if not pieces:
        return [Interval(machine, window, Category.STOP, State.STOP, 0, by_count=True)]
    first = pieces[0]
    first_run_ms = first.at_ms - stroke
    if first_run_ms > window.start_ms:
        found.append(
            Interval(machine, Span(window.start_ms, first_run_ms), Category.STOP, State.STOP, 0, by_count=True)
        )
    at_ms = min(first_run_ms, window.start_ms) if first_run_ms <= window.start_ms else first_run_ms
    last = first
    for piece in pieces:
        quiet_from_ms = max(last.at_ms + stroke, at_ms)
        # Within half a stroke more it was a slow cycle, which is speed loss, not a standstill.
        if piece.at_ms > quiet_from_ms + stroke // 2:
            found.append(Interval(machine, Span(at_ms, quiet_from_ms), Category.RUN, State.RUN, by_count=True))
            found.append(
                Interval(machine, Span(quiet_from_ms, piece.at_ms), Category.STOP, State.STOP, last.id, by_count=True)
            )
            at_ms = piece.at_ms
        last = piece
    quiet_from_ms = max(last.at_ms + stroke, at_ms)
    end_ms = max(window.end_ms, at_ms)
    found.append(Interval(machine, Span(at_ms, min(quiet_from_ms, end_ms)), Category.RUN, State.RUN, by_count=True))
    if quiet_from_ms < end_ms:
        found.append(Interval(machine, Span(quiet_from_ms, end_ms), Category.STOP, State.STOP, last.id, by_count=True))
    return [i for i in found if i.span.length_ms]


def _overlay(
    intervals: Sequence[Interval],
    spans: tuple[Span, ...],
    category: Category,
    state: State,
    keep: Category | None = None,
) -> list[Interval]:
    """The intervals with `spans` laid over them; intervals of category `keep` show through."""
    found: list[Interval] = []
    for interval in intervals:
        if interval.category is keep:
            found.append(interval)
            continue
        parts = [part for span in spans if (part := span.cut(interval.span))]
        found.extend(Interval(interval.machine, part, category, state) for part in parts)
        found.extend(replace(interval, span=rest) for rest in subtract(interval.span, parts))
    return sorted(found, key=lambda i: i.span)


def _classify(intervals: Sequence[Interval], threshold_ms: int, pauses: tuple[Span, ...]) -> list[Interval]:
    """Standstills below the threshold become short stops; the whole standstill outside pauses is judged."""
    lengths: dict[int, int] = {}
    for interval in intervals:
        if interval.category is Category.STOP and interval.stop_id:
            rest = sum(part.length_ms for part in subtract(interval.span, pauses))
            lengths[interval.stop_id] = lengths.get(interval.stop_id, 0) + rest
    return [
        replace(interval, category=Category.SHORT_STOP)
        if interval.category is Category.STOP and interval.stop_id and lengths[interval.stop_id] < threshold_ms
        else interval
        for interval in intervals
    ]


def _join(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Touching intervals that say the same become one; touching stops keep the first one's id."""
    joined: list[Interval] = []
    for interval in sorted(intervals, key=lambda i: i.span):
        if not interval.span.length_ms:
            continue
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.span.end_ms == interval.span.start_ms
            and replace(last, span=interval.span, stop_id=interval.stop_id) == interval
            and (last.stop_id == interval.stop_id or last.category is not Category.STOP)
        ):
            joined[-1] = replace(last, span=Span(last.span.start_ms, interval.span.end_ms))
        else:
            joined.append(interval)
    return tuple(joined)

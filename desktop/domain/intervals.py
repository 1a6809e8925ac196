"""From facts to time: every millisecond of a window belongs to exactly one interval.

Machines with a state signal are read from their state changes. Machines that only count are read from
their counts: a standstill begins one ideal stroke after the last piece and ends with the next one, as
long as the device answers. Silence of a device is NO_DATA, never a stop and never a run.

A *standstill* is unbroken time in STOP or WAIT, whatever states it passes through (stop, then fault, then
blocked). It is judged as one: below the machine's threshold all of it is a short stop, from the threshold
on every part of it keeps its category. Set-up, run and silence end it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from desktop.domain.events import Count, CountFlag, State, StateChange
from desktop.domain.spans import Span, shared_ms, subtract, union


class Category(StrEnum):
    """Where a piece of time belongs in the time model. SHORT_STOP is run time to availability (TPM)."""

    RUN = "run"
    SHORT_STOP = "short_stop"  # 순간정지: shorter than the machine's threshold
    STOP = "stop"
    SETUP = "setup"
    WAIT = "wait"  # starved, blocked or nothing to do
    PLANNED = "planned"  # break or planned stop
    NO_DATA = "no_data"


#: states in which the machine itself says why it stands; a stop in any other state waits for a person's word
SELF_EXPLAINED = frozenset({State.FAULT, State.MAINTENANCE})
STOPPED = frozenset({Category.STOP, Category.SETUP, Category.WAIT})
_STANDING = frozenset({Category.STOP, Category.WAIT})  # what the threshold judges

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

    `stop_id` is the journal id of the fact that began this stop, set-up or wait (0 for run, planned and no
    data, and where nothing is known of its beginning): it survives every recomputation. States of one
    category that follow each other without a break (stop, then fault) share the id of the first. `code` is
    the device's word (an alarm code), `reason` a person's or the alarm table's reason id. `by_count` marks
    time that was derived from counts.
    """

    machine: int
    span: Span
    category: Category
    state: State
    stop_id: int = 0
    code: str = ""
    reason: int | None = None
    by_count: bool = False

    @property
    def unlabelled(self) -> bool:
        """A stop of which neither a person nor the machine itself has said why."""
        return self.category is Category.STOP and self.reason is None and self.state not in SELF_EXPLAINED


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
    known_until_ms: int | None = None,
) -> tuple[Interval, ...]:
    """Cut `window` into intervals that touch, do not overlap and cover it whole.

    `changes` and `counts` must reach back before the window and on behind it as far as a standstill at its
    edges reaches: a standstill is judged by its whole length outside pauses, before it is cut at the window.
    `silences` are the spans in which the machine's device did not answer. `stroke_ms` is the ideal cycle of
    one stroke, None where it is not known: then only a standstill that reaches the threshold can be told.
    `known_until_ms` is now: a standstill without an end goes on until then (default: the end of the window).
    """
    silences = union(silences)
    pauses = union(pauses)
    known = Span(window.start_ms, max(window.end_ms, known_until_ms or 0))
    least_ms = 0
    if by_count:
        stroke = round(stroke_ms or 0)
        raw = _from_counts(machine, known, counts, stroke)
        # A cycle somewhat longer than the ideal is a slow cycle, not a standstill.
        least_ms = stroke // 2 if stroke else threshold_ms
    else:
        raw = _from_changes(machine, known, changes)
    raw = _overlay(_one_id(_join(raw)), silences, Category.NO_DATA, State.UNKNOWN)
    raw = _classify(_join(raw), threshold_ms, least_ms, pauses)
    # A break is planned time only while the machine stands: run time inside it is run time.
    raw = _overlay(raw, pauses, Category.PLANNED, State.IDLE, keep=Category.RUN)
    cut = [i if part == i.span else _like(i, part) for i in raw if (part := i.span.cut(window))]
    return _join(cut)


def _like(interval: Interval, span: Span) -> Interval:
    """The same interval over another span; several times cheaper than `dataclasses.replace`, and this is hot."""
    i = interval
    return Interval(i.machine, span, i.category, i.state, i.stop_id, i.code, i.reason, i.by_count)


def _from_changes(machine: int, known: Span, changes: Sequence[StateChange]) -> list[Interval]:
    """One interval per state change that is given; unknown before the first."""
    ordered = sorted(changes, key=lambda c: (c.at_ms, c.id))
    if not ordered:
        return [Interval(machine, known, Category.NO_DATA, State.UNKNOWN)]
    found: list[Interval] = []
    if ordered[0].at_ms > known.start_ms:
        found.append(Interval(machine, Span(known.start_ms, ordered[0].at_ms), Category.NO_DATA, State.UNKNOWN))
    ends = [change.at_ms for change in ordered[1:]] + [max(known.end_ms, ordered[-1].at_ms)]
    for change, end_ms in zip(ordered, ends, strict=True):
        category = _CATEGORY[change.state]
        stop_id = change.id if category in STOPPED else 0
        found.append(Interval(machine, Span(change.at_ms, end_ms), category, change.state, stop_id, change.code))
    return found


def _from_counts(machine: int, known: Span, counts: Sequence[Count], stroke: int) -> list[Interval]:
    """Run up to one stroke after each piece, then a standstill until the next one.

    Several pieces in one count were made one stroke apart, the last of them when it was read. Pieces of unknown
    time (flag GAP) only say that a standstill before them is over: the time in which they were made is silence.
    """
    pieces = sorted((c for c in counts if c.pieces), key=lambda c: (c.at_ms, c.id))

    def part(start_ms: int, end_ms: int, stop_id: int | None) -> Interval:
        span = Span(start_ms, max(start_ms, end_ms))
        if stop_id is None:
            return Interval(machine, span, Category.RUN, State.RUN, by_count=True)
        return Interval(machine, span, Category.STOP, State.STOP, stop_id, by_count=True)

    if not pieces:
        return [part(known.start_ms, known.end_ms, 0)]
    found: list[Interval] = []
    quiet_from_ms, quiet_id = known.start_ms, 0  # nothing is known of the time before the first piece
    at_ms = min(known.start_ms, pieces[0].at_ms)
    for piece in pieces:
        made = 1 if piece.flag is CountFlag.GAP else piece.pieces
        begun_ms = piece.at_ms - (made - (quiet_id != 0)) * stroke
        if begun_ms > quiet_from_ms:
            found += [part(at_ms, quiet_from_ms, None), part(quiet_from_ms, begun_ms, quiet_id)]
            at_ms = begun_ms
        quiet_from_ms, quiet_id = max(piece.at_ms + stroke, at_ms), piece.id
    end_ms = max(known.end_ms, pieces[-1].at_ms)
    found.append(part(at_ms, min(quiet_from_ms, end_ms), None))
    found.append(part(quiet_from_ms, end_ms, quiet_id))
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
        if not parts:
            found.append(interval)
            continue
        found.extend(Interval(interval.machine, part, category, state) for part in parts)
        found.extend(_like(interval, rest) for rest in subtract(interval.span, parts))
    return sorted(found, key=_start_ms)


def _one_id(intervals: Iterable[Interval]) -> list[Interval]:
    """Touching intervals of one stopped category carry the id of the first; between counted stops lies a piece."""
    found: list[Interval] = []
    for interval in intervals:
        last = found[-1] if found else None
        goes_on = last is not None and last.span.end_ms == interval.span.start_ms and last.category is interval.category
        if last is not None and goes_on and interval.category in STOPPED and not interval.by_count:
            found.append(replace(interval, stop_id=last.stop_id))
        else:
            found.append(interval)
    return found


def _classify(
    intervals: Sequence[Interval], threshold_ms: int, least_ms: int, pauses: tuple[Span, ...]
) -> list[Interval]:
    """Standstills below the threshold become short stops, below `least_ms` run, by their length outside pauses."""
    places = _standstills(intervals)
    lengths: dict[int, int] = {}
    for interval, place in zip(intervals, places, strict=True):
        if place is not None:
            rest = interval.span.length_ms - shared_ms(interval.span, pauses)
            # Where the beginning is not known the length is not known either: it stays a stop.
            lengths[place] = lengths.get(place, 0) + (rest if interval.stop_id else threshold_ms)
    return [
        interval if place is None else _judged(interval, lengths[place], threshold_ms, least_ms)
        for interval, place in zip(intervals, places, strict=True)
    ]


def _standstills(intervals: Sequence[Interval]) -> list[int | None]:
    """The number of the standstill that each interval belongs to; None where the machine does not stand.

    A standstill of the same id before and behind a silence is one: nothing happened in between. Between two
    that were derived from counts lies a piece, however short its stroke.
    """
    places: list[int | None] = []
    by_id: dict[int, int] = {}
    last: Interval | None = None
    for interval in intervals:
        place: int | None = None
        if interval.category in _STANDING:
            place = by_id.get(interval.stop_id)
            touches = last is not None and last.span.end_ms == interval.span.start_ms
            if place is None and touches and not interval.by_count:
                place = places[-1]
            if place is None:
                place = len(places)
            if interval.stop_id:
                by_id[interval.stop_id] = place
        places.append(place)
        last = interval
    return places


def _judged(interval: Interval, length_ms: int, threshold_ms: int, least_ms: int) -> Interval:
    if length_ms < min(least_ms, threshold_ms):
        return Interval(interval.machine, interval.span, Category.RUN, State.RUN, by_count=interval.by_count)
    return replace(interval, category=Category.SHORT_STOP) if length_ms < threshold_ms else interval


def _start_ms(interval: Interval) -> int:
    return interval.span.start_ms


def _join(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Touching intervals that say the same become one; touching stops with ids of their own stay apart."""
    joined: list[Interval] = []
    for interval in sorted(intervals, key=_start_ms):
        if not interval.span.length_ms:
            continue
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.category is interval.category
            and last.span.end_ms == interval.span.start_ms
            and (last.stop_id == interval.stop_id or last.category not in _STANDING)
            and last.state is interval.state
            and (last.code, last.reason, last.by_count) == (interval.code, interval.reason, interval.by_count)
        ):
            joined[-1] = _like(last, Span(last.span.start_ms, interval.span.end_ms))
        else:
            joined.append(interval)
    return tuple(joined)

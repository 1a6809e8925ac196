"""Shifts: patterns in local time, instances as UTC spans, and the business date that owns them.

Local wall times become UTC by `zoneinfo`, so that a night with a clock change has its true length. The
business date of a shift is the local date on which it starts, also for the part after midnight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from desktop.domain.spans import Span, subtract, union

_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Break:
    """A planned break within a shift, in local wall time; one before the shift's start lies after midnight."""

    name: str
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class ShiftPattern:
    """A shift as the shop writes it: local times, ISO weekdays (1 Monday to 7 Sunday) of its start."""

    id: int
    name: str
    start: time
    end: time
    weekdays: frozenset[int]
    breaks: tuple[Break, ...] = ()
    crew: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """A planned break as it fell on a day."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift that took or takes place. `business_on` is the date that the plant books it to."""

    name: str
    business_on: date
    span: Span
    pauses: tuple[Pause, ...] = ()
    crew: str = ""

    @property
    def pause_spans(self) -> tuple[Span, ...]:
        """The planned breaks as spans."""
        return tuple(pause.span for pause in self.pauses)


def utc_ms(on: date, at: time, zone: ZoneInfo) -> int:
    """UTC milliseconds of a local wall time; a time that the clock change skips counts from before the jump."""
    return round(datetime.combine(on, at, zone).timestamp() * 1000)


def local_date(at_ms: int, zone: ZoneInfo) -> date:
    """The local date of a UTC moment."""
    return datetime.fromtimestamp(at_ms / 1000, zone).date()


def shift_on(pattern: ShiftPattern, on: date, zone: ZoneInfo) -> Shift:
    """The instance of a pattern that starts on a local date. An end at or before the start is the next day's."""
    over_midnight = pattern.end <= pattern.start
    next_on = on + timedelta(days=1)
    start_ms = utc_ms(on, pattern.start, zone)
    # A clock change may swallow a short shift whole.
    span = Span(start_ms, max(start_ms, utc_ms(next_on if over_midnight else on, pattern.end, zone)))
    pauses = []
    for pause in pattern.breaks:
        start_on = next_on if over_midnight and pause.start < pattern.start else on
        end_on = start_on + timedelta(days=1) if pause.end <= pause.start else start_on
        start_ms, end_ms = utc_ms(start_on, pause.start, zone), utc_ms(end_on, pause.end, zone)
        if end_ms > start_ms and (part := Span(start_ms, end_ms).cut(span)):
            pauses.append(Pause(pause.name, part))
    return Shift(pattern.name, on, span, tuple(pauses), pattern.crew)


def shifts_between(patterns: tuple[ShiftPattern, ...], window: Span, zone: ZoneInfo) -> tuple[Shift, ...]:
    """All shifts that share time with `window`, earliest first.

    Where people of two shifts overlap for a handover, the machine belongs to the later shift from its start:
    the earlier one ends there, so that no time and no piece is booked twice.
    """
    found = []
    on = local_date(window.start_ms, zone) - timedelta(days=1)
    last = local_date(window.end_ms, zone) + timedelta(days=1)
    while on <= last:
        found += [shift_on(pattern, on, zone) for pattern in patterns if on.isoweekday() in pattern.weekdays]
        on += timedelta(days=1)
    found.sort(key=lambda shift: shift.span)
    owning = [_handed_over(shift, following) for shift, following in pairwise(found)] + found[-1:]
    return tuple(shift for shift in owning if shift.span.cut(window))


def _handed_over(shift: Shift, following: Shift) -> Shift:
    """The shift without the time in which the following one has taken over."""
    if not shift.span.start_ms < following.span.start_ms < shift.span.end_ms < following.span.end_ms:
        return shift
    span = Span(shift.span.start_ms, following.span.start_ms)
    pauses = tuple(Pause(p.name, part) for p in shift.pauses if (part := p.span.cut(span)))
    return replace(shift, span=span, pauses=pauses)


def shift_named(patterns: tuple[ShiftPattern, ...], name: str, on: date, zone: ZoneInfo) -> Shift | None:
    """The shift of a name that starts on a local date, as `shifts_between` has it; None where there is none."""
    pattern = next((p for p in patterns if p.name == name and on.isoweekday() in p.weekdays), None)
    if pattern is None:
        return None
    whole = shift_on(pattern, on, zone)
    same = [s for s in shifts_between(patterns, whole.span, zone) if (s.name, s.business_on) == (name, on)]
    return same[0] if same else None


def busy_between(patterns: tuple[ShiftPattern, ...], window: Span, zone: ZoneInfo) -> tuple[Span, ...]:
    """The planned busy time of a window: all shifts without their breaks."""
    shifts = shifts_between(patterns, window, zone)
    spans = [part for shift in shifts for part in subtract(shift.span, shift.pause_spans)]
    return union(part for span in spans if (part := span.cut(window)))


def shift_at(patterns: tuple[ShiftPattern, ...], at_ms: int, zone: ZoneInfo) -> Shift | None:
    """The shift that owns a moment, or None outside any shift. Where two overlap, the later one owns it."""
    owners = [s for s in shifts_between(patterns, Span(at_ms, at_ms + 1), zone) if s.span.holds(at_ms)]
    return owners[-1] if owners else None


def hours_of(shift: Shift) -> tuple[Span, ...]:
    """The shift cut at every full hour from its start: the rows of its hourly table."""
    edges = [*range(shift.span.start_ms, shift.span.end_ms, _HOUR_MS), shift.span.end_ms]
    return tuple(Span(start, end) for start, end in pairwise(edges))

"""Shifts: patterns in local time, instances as UTC spans, and the business date that owns them.

Local wall times become UTC by `zoneinfo`, so that a night with a clock change has its true length. The
business date of a shift is the local date on which it starts, also for the part after midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from desktop.domain.spans import Span

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

    def moment(at: time) -> int:
        next_day = over_midnight and at < pattern.start
        return utc_ms(on + timedelta(days=1) if next_day else on, at, zone)

    end_on = on + timedelta(days=1) if over_midnight else on
    span = Span(moment(pattern.start), utc_ms(end_on, pattern.end, zone))
    pauses = []
    for pause in pattern.breaks:
        start_ms, end_ms = moment(pause.start), moment(pause.end)
        if end_ms > start_ms and (part := Span(start_ms, end_ms).cut(span)):
            pauses.append(Pause(pause.name, part))
    return Shift(pattern.name, on, span, tuple(pauses), pattern.crew)


def shifts_between(patterns: tuple[ShiftPattern, ...], window: Span, zone: ZoneInfo) -> tuple[Shift, ...]:
    """All shifts that share time with `window`, earliest first."""
    found = []
    on = local_date(window.start_ms, zone) - timedelta(days=1)
    last = local_date(window.end_ms, zone)
    while on <= last:
        for pattern in patterns:
            if on.isoweekday() in pattern.weekdays:
                shift = shift_on(pattern, on, zone)
                if shift.span.cut(window):
                    found.append(shift)
        on += timedelta(days=1)
    return tuple(sorted(found, key=lambda shift: shift.span))


def shift_at(patterns: tuple[ShiftPattern, ...], at_ms: int, zone: ZoneInfo) -> Shift | None:
    """The shift that owns a moment, or None outside any shift. Where two overlap, the later one owns it."""
    owners = [s for s in shifts_between(patterns, Span(at_ms, at_ms + 1), zone) if s.span.holds(at_ms)]
    return owners[-1] if owners else None


def hours_of(shift: Shift) -> tuple[Span, ...]:
    """The shift cut at every full hour from its start: the rows of its hourly table."""
    edges = [*range(shift.span.start_ms, shift.span.end_ms, _HOUR_MS), shift.span.end_ms]
    return tuple(Span(start, end) for start, end in pairwise(edges))

"""What people make different on one day alone: a shift at another time, half of it, or on another day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from desktop.domain.calendar import Calendar, DayException, Kind, Shift, written_between
from desktop.domain.scheduling import AddExtra, Cancel, Edit, RefusalError, in_force, local_time, name_of, started_on

_TEN_MS = 600_000


class MoveShift(Edit, frozen=True):
    """시간 변경: on one date alone a shift is from `start` to `end`. What was said before of its times on that date
    holds no longer; breaks stay at their times of the day."""

    on: date
    pattern: int
    start: time
    end: time

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        if self.start == self.end:
            raise RefusalError("no_length")
        _taking_place(shop, self.on, self.pattern)
        extra = _said(shop, self.on, self.pattern, (Kind.EXTRA,))
        gone = _said(shop, self.on, self.pattern, (Kind.EXTRA, Kind.MOVED, Kind.HALF, Kind.OVERTIME))
        kept = tuple(e for e in shop.exceptions if e not in gone)
        made = replace(shop, exceptions=kept)
        written = in_force(shop, self.pattern, self.on)
        if extra or written is None or (written.start, written.end) != (self.start, self.end):
            kind = Kind.EXTRA if extra else Kind.MOVED
            new = DayException(self.on, kind, self.pattern, self.start, self.end, entered_at_ms=at_ms)
            made = replace(shop, exceptions=(*kept, new))
        return _another(shop, made, self.on, self.pattern)


class HalfDay(Edit, frozen=True):
    """반일: on one date alone only what lies from `start` on, or before `end`, of a shift is worked."""

    on: date
    pattern: int
    start: time | None = None
    end: time | None = None

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        whole = _taking_place(replace(shop, exceptions=_but(shop, self.on, self.pattern)), self.on, self.pattern)
        half = DayException(self.on, Kind.HALF, self.pattern, self.start, self.end, entered_at_ms=at_ms)
        made = replace(shop, exceptions=(*_but(shop, self.on, self.pattern), half))
        found = next((s for s in started_on(made, self.on) if s.pattern == self.pattern), None)
        if found is None:
            raise RefusalError("no_length")
        if found.span == whole.span:
            raise RefusalError("not_shorter", name=name_of(shop, self.pattern))
        return made


class Exchange(Edit, frozen=True):
    """대체근무: a shift does not take place on `off_on` but on `on`, at its usual times."""

    pattern: int
    off_on: date
    on: date

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        if self.on == self.off_on:
            raise RefusalError("same_day")
        written = in_force(shop, self.pattern, self.on)
        if written is None:
            raise RefusalError("no_shift", name=name_of(shop, self.pattern), on=self.on)
        free = Cancel(self.off_on, self.pattern).apply(shop, at_ms)
        return AddExtra(self.on, self.pattern, written.start, written.end).apply(free, at_ms)


def halves(shift: Shift, zone: ZoneInfo) -> tuple[time, time]:
    """When the first half of a shift ends and the second begins: around its longest break, of equal ones the one
    nearest the middle; without breaks the middle, to ten minutes."""
    middle_ms = (shift.span.start_ms + shift.span.end_ms) // 2
    pause = max(shift.pauses, key=lambda p: (p.span.length_ms, -abs(p.span.start_ms - middle_ms)), default=None)
    if pause is None:
        middle = local_time(middle_ms // _TEN_MS * _TEN_MS, zone)
        return middle, middle
    return local_time(pause.span.start_ms, zone), local_time(pause.span.end_ms, zone)


def _taking_place(shop: Calendar, on: date, pattern: int) -> Shift:
    found = next((s for s in started_on(shop, on) if s.pattern == pattern), None)
    if found is None:
        raise RefusalError("no_shift", name=name_of(shop, pattern), on=on)
    return found


def _said(shop: Calendar, on: date, pattern: int, kinds: Iterable[Kind]) -> tuple[DayException, ...]:
    """What was said of a shift on a date, of these kinds."""
    return tuple(e for e in shop.exceptions if (e.on, e.pattern) == (on, pattern) and e.kind in kinds)


def _but(shop: Calendar, on: date, pattern: int) -> tuple[DayException, ...]:
    """Without an earlier half and overtime of a shift."""
    gone = _said(shop, on, pattern, (Kind.HALF, Kind.OVERTIME))
    return tuple(e for e in shop.exceptions if e not in gone)


def _another(shop: Calendar, made: Calendar, on: date, pattern: int) -> Calendar:
    """Raises RefusalError where a shift is written as it was."""
    was, now = ([s for s in written_between(c, on, on) if s.pattern == pattern] for c in (shop, made))
    if was == now:
        raise RefusalError("nothing")
    return made

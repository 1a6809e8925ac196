"""The shop's standard calendar (표준 능력), by which capacity utilisation is judged: what people change of it. Pure.

It is locked: working days, hours and breaks as the shop counts its capacity, whatever is really worked. The next
version begins on a date and leaves what was before it as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from desktop.domain import calendar
from desktop.domain.calendar import ALWAYS, Break, Calendar, ShiftPattern, StandardCapacity
from desktop.domain.scheduling import (
    Edit,
    RefusalError,
    break_ms,
    clashes,
    fit,
    in_force_on,
    length_ms,
    monday_of,
    near,
)
from desktop.domain.spans import Span

_DAYS = 7


class SetCapacity(Edit, frozen=True):
    """From `since` on this is the standard calendar. `before`: the version that holds on that date, as somebody
    had it before the eyes; None where none did."""

    since: date
    patterns: tuple[ShiftPattern, ...]
    holidays: frozenset[date] = frozenset()
    before: StandardCapacity | None = None

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        near(self.since)
        stood = version_on(shop, self.since)
        if stood != self.before:
            raise RefusalError("capacity_changed")
        if not self.patterns:
            raise RefusalError("no_shifts")
        for pattern in self.patterns:
            fit(pattern)
        names = [pattern.name for pattern in self.patterns]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise RefusalError("same_name", name=twice)
        made = StandardCapacity(plain(self.patterns), self.holidays, self.since)
        for _on, name, _other_on, other in clashes(Calendar(shop.zone, made.patterns), *_week(self.since)):
            raise RefusalError("standard_overlap", name=name, other=other)
        if stood is not None and (stood.patterns, stood.holidays) == (made.patterns, made.holidays):
            raise RefusalError("nothing")
        kept = [version for version in shop.capacity if version.valid_from != self.since]
        return replace(shop, capacity=tuple(sorted((*kept, made), key=lambda version: version.valid_from)))


class DropCapacity(Edit, frozen=True):
    """A version of the standard calendar is taken out; the one before it goes on."""

    version: StandardCapacity

    @property
    def since(self) -> date:
        """From when on it held."""
        return self.version.valid_from

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        if self.version not in shop.capacity:
            raise RefusalError("gone")
        return replace(shop, capacity=tuple(version for version in shop.capacity if version != self.version))


def version_on(shop: Calendar, on: date) -> StandardCapacity | None:
    """The version of the standard calendar that holds on a date; None before the first."""
    known = [version for version in shop.capacity if version.valid_from <= on]
    return max(known, key=lambda version: version.valid_from, default=None)


def plain(patterns: Iterable[ShiftPattern]) -> tuple[ShiftPattern, ...]:
    """Shifts as a standard calendar keeps them: without crew, people and versions of their own; each has its number."""
    return tuple(
        replace(p, id=place, crew="", people=0, business_days=0, valid_from=ALWAYS)
        for place, p in enumerate(patterns, 1)
    )


def proposed(shop: Calendar, on: date) -> tuple[ShiftPattern, ...]:
    """What a shop may begin with: its shifts as they are written for a date, each up to the start of the next where
    they overlap for a handover, without breaks that only overtime reaches."""
    found = {p.name: p for p in plain(in_force_on(shop, on))}
    together = Calendar(shop.zone, tuple(found.values()))
    for _on, name, _other_on, other in clashes(together, *_week(on)):
        found[name] = replace(found[name], end=found[other].start)
    return tuple(replace(p, breaks=tuple(pause for pause in p.breaks if _lies_in(p, pause))) for p in found.values())


def _lies_in(pattern: ShiftPattern, pause: Break) -> bool:
    try:
        fit(replace(pattern, breaks=(pause,)))
    except RefusalError:
        return False
    return True


def day_ms(patterns: Iterable[ShiftPattern]) -> int:
    """Capacity of a day on which all of these shifts take place, net of breaks."""
    return sum(length_ms(p) - break_ms(p) for p in patterns)


def week_ms(patterns: Iterable[ShiftPattern]) -> int:
    """Capacity of a week without holidays, net of breaks."""
    return sum((length_ms(p) - break_ms(p)) * len(p.weekdays) for p in patterns)


def month_ms(version: StandardCapacity, on: date, zone: ZoneInfo) -> int:
    """Capacity of the month of a date under a version, net of breaks, without the holidays of that month."""
    first = on.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    start_ms, end_ms = (calendar.utc_ms(each, time.min, zone) for each in (first, following))
    alone = Calendar(zone, capacity=(replace(version, valid_from=ALWAYS),))
    return calendar.capacity_ms(alone, Span(start_ms, end_ms)) or 0


def _week(on: date) -> tuple[date, date]:
    monday = monday_of(on if on != ALWAYS else date(2001, 1, 1))
    return monday, monday + timedelta(days=_DAYS)

"""The shop's calendar: shift patterns, crews, exceptions, planned stops; shifts as UTC spans with a business date.

Local wall times become UTC by `zoneinfo`, so that a night with a clock change has its true length. The business date
of a shift is the local date on which it starts, also for the part after midnight, unless its pattern says otherwise.
What was entered later never changes what was before: a pattern is replaced by a version that is valid from a date.

`faults` names what in a calendar cannot be meant so; everything else here goes on with what is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.plant import Machine
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span, subtract, total_ms, union

_HOUR_MS = 3_600_000
_DAY = timedelta(days=1)
_NOON = time.fromisoformat("12:00")
#: a version from this date on holds from the beginning
ALWAYS = date(1970, 1, 1)
#: a shift ends on the date after its start at the latest: so many dates around a window touch what is in it
_AROUND = _DAY


class Break(Struct, frozen=True):
    """A planned break within a shift, in local wall time; one before the shift's start lies after midnight.

    One behind the written end is kept only when overtime reaches it (a meal before 잔업).
    """

    name: str
    start: time
    end: time


class ShiftPattern(Struct, frozen=True):
    """A shift as the shop writes it: local times, ISO weekdays (1 Monday to 7 Sunday) of its start.

    Patterns of one `id` are versions of one shift: each is valid from a local date until the next one is. A version
    without weekdays ends it. `business_days` is added to the date of its start to get the date it is booked to.
    """

    id: int
    name: str
    start: time
    end: time
    weekdays: frozenset[int]
    breaks: tuple[Break, ...] = ()
    crew: str = ""
    valid_from: date = ALWAYS
    business_days: int = 0
    people: int = 0  # how many usually work in it, 0: nobody said


class Rotation(Struct, frozen=True):
    """Crews that take turns (A조, B조): from `anchor` on, for `days`, the first works the first pattern, the second the
    second and so on; then every crew moves on to the next pattern. Of two for one pattern the later anchor holds.
    """

    patterns: tuple[int, ...]
    crews: tuple[str, ...]
    days: int
    anchor: date


class Kind(StrEnum):
    """What is different on a date."""

    HOLIDAY = "holiday"  # no shift starts, except those that are called EXTRA
    CANCELLED = "cancelled"  # the shift does not take place
    EXTRA = "extra"  # 특근: the shift takes place on a day off
    MOVED = "moved"  # from `start` to `end` instead
    OVERTIME = "overtime"  # 잔업: goes on until `end`
    HALF = "half"  # half holiday: only what lies from `start` and before `end`


class DayException(Struct, frozen=True):
    """What is different on the date on which a shift starts. `pattern` None: for every shift of that date.

    Of two of one kind for one shift the one that was entered later holds.
    """

    on: date
    kind: Kind
    pattern: int | None = None
    start: time | None = None
    end: time | None = None
    name: str = ""
    entered_at_ms: int = 0


class PlannedStop(Struct, frozen=True):
    """A stop that was planned for one machine, or for all (None). `approved_at_ms` None: nobody approved it.

    `no_order`: there is nothing to be made; planned where that was entered before the shift began. `asked_by` and
    `approved_by` are names, "" where nobody said theirs.
    """

    span: Span
    machine: int | None = None
    approved_at_ms: int | None = None
    reason: int | None = None
    no_order: bool = False
    asked_by: str = ""
    asked_at_ms: int | None = None
    approved_by: str = ""


class StandardCapacity(Struct, frozen=True):
    """The locked standard calendar from a date on: standard working times and holidays, whatever is really worked."""

    patterns: tuple[ShiftPattern, ...]
    holidays: frozenset[date] = frozenset()
    valid_from: date = ALWAYS


class Calendar(Struct, frozen=True):
    """Everything about when the shop works. `day_start` is where a day begins for what lies outside every shift."""

    zone: ZoneInfo
    patterns: tuple[ShiftPattern, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    exceptions: tuple[DayException, ...] = ()
    planned: tuple[PlannedStop, ...] = ()
    capacity: tuple[StandardCapacity, ...] = ()
    day_start: time = time.min

    def as_of(self, at_ms: int) -> Calendar:
        """The calendar without the exceptions and planned stops that were entered or approved after a moment."""
        return replace(
            self,
            exceptions=tuple(e for e in self.exceptions if e.entered_at_ms <= at_ms),
            planned=tuple(p for p in self.planned if p.approved_at_ms is not None and p.approved_at_ms <= at_ms),
        )


class Pause(Struct, frozen=True):
    """A planned break as it fell on a day."""

    name: str
    span: Span


class Shift(Struct, frozen=True):
    """One shift that took or takes place. `business_on` is the date that the plant books it to."""

    name: str
    business_on: date
    span: Span
    pauses: tuple[Pause, ...] = ()
    crew: str = ""
    pattern: int = 0

    @property
    def pause_spans(self) -> tuple[Span, ...]:
        """The planned breaks as spans."""
        return tuple(pause.span for pause in self.pauses)


class Fault(Struct, frozen=True):
    """Something in a calendar that cannot be meant so: `flag` names it, `on` the date and `name` the shift."""

    flag: str
    on: date | None = None
    name: str = ""


def utc_ms(on: date, at: time, zone: ZoneInfo) -> int:
    """UTC milliseconds of a local wall time; a time that the clock change skips counts from before the jump."""
    midnight_ms, plain = _midnight(on, zone)
    if plain:
        return midnight_ms + ((at.hour * 60 + at.minute) * 60 + at.second) * 1000 + at.microsecond // 1000
    return round(datetime.combine(on, at, zone).timestamp() * 1000)


@lru_cache(maxsize=4096)
def _midnight(on: date, zone: ZoneInfo) -> tuple[int, bool]:
    """When a local day begins, and whether no clock change lies in it: then its times are plain sums (and fast)."""
    begin, noon = (datetime.combine(on, at, zone) for at in (time.min, _NOON))
    end = datetime.combine(on + _DAY, time.min, zone)
    return round(begin.timestamp() * 1000), begin.utcoffset() == noon.utcoffset() == end.utcoffset()


def local_date(at_ms: int, zone: ZoneInfo) -> date:
    """The local date of a UTC moment."""
    return datetime.fromtimestamp(at_ms / 1000, zone).date()


def shift_on(pattern: ShiftPattern, on: date, zone: ZoneInfo) -> Shift:
    """The instance of a pattern that starts on a local date. An end at or before the start is the next day's."""
    over_midnight = pattern.end <= pattern.start
    next_on = on + _DAY
    start_ms = utc_ms(on, pattern.start, zone)
    # A clock change may swallow a short shift whole.
    span = Span(start_ms, max(start_ms, utc_ms(next_on if over_midnight else on, pattern.end, zone)))
    pauses = []
    for pause in pattern.breaks:
        start_on = next_on if over_midnight and pause.start < pattern.start else on
        end_on = start_on + _DAY if pause.end <= pause.start else start_on
        start_ms, end_ms = utc_ms(start_on, pause.start, zone), utc_ms(end_on, pause.end, zone)
        if end_ms > start_ms and (part := Span(start_ms, end_ms).cut(span)):
            pauses.append(Pause(pause.name, part))
    booked_on = on + timedelta(days=pattern.business_days) if pattern.business_days else on
    return Shift(pattern.name, booked_on, span, tuple(pauses), pattern.crew, pattern.id)


@lru_cache(maxsize=2)  # each machine of a line asks for the same days
def shifts_between(calendar: Calendar, window: Span) -> tuple[Shift, ...]:
    """All shifts that share time with `window`, earliest first, apart from each other.

    Where people of two shifts overlap for a handover, the machine belongs to the later shift from its start:
    the earlier one ends there, so that no time and no piece is booked twice. A shift that lies whole within another
    has no time of its own and is none (flag "shift_swallowed").
    """
    dates = _dates(window, calendar.zone)
    shifts, _faults = _written(calendar, dates[0] - _AROUND, dates[1] + _AROUND)
    owning, _swallowed = _owners(shifts)
    return tuple(shift for shift in owning if shift.span.cut(window))


def written_between(calendar: Calendar, first: date, last: date) -> tuple[Shift, ...]:
    """The shifts that start on these dates as patterns and exceptions have them, also where they overlap."""
    return tuple(_written(calendar, first, last)[0])


def written_for(calendar: Calendar, on: date) -> tuple[Shift, ...]:
    """The shifts that patterns and exceptions book to a business date, also where they overlap and swallow others."""
    reach = timedelta(days=max((abs(p.business_days) for p in calendar.patterns), default=0))
    shifts, _faults = _written(calendar, on - reach, on + reach)
    return tuple(shift for shift in shifts if shift.business_on == on)


def shift_named(calendar: Calendar, name: str, on: date) -> Shift | None:
    """The shift of a name that is booked to a business date; None where there is none with time of its own."""
    for written in written_for(calendar, on):
        if written.name == name:
            for shift in shifts_between(calendar, written.span):
                if (shift.name, shift.business_on) == (name, on):
                    return shift
    return None


def shift_at(calendar: Calendar, at_ms: int) -> Shift | None:
    """The shift that owns a moment, or None outside any shift."""
    return next(iter(shifts_between(calendar, Span(at_ms, at_ms + 1))), None)


def business_date(calendar: Calendar, at_ms: int) -> date:
    """The date that a moment is booked to: its shift's; outside every shift the local day's from `day_start` on."""
    shift = shift_at(calendar, at_ms)
    if shift is not None:
        return shift.business_on
    on = local_date(at_ms, calendar.zone)
    return on - _DAY if at_ms < utc_ms(on, calendar.day_start, calendar.zone) else on


def day_at(calendar: Calendar, at_ms: int) -> Span:
    """The local day from `day_start` to the next that holds a moment, whichever shifts there are."""
    on = local_date(at_ms, calendar.zone)
    if at_ms < utc_ms(on, calendar.day_start, calendar.zone):
        on -= _DAY
    first, second = (utc_ms(each, calendar.day_start, calendar.zone) for each in (on, on + _DAY))
    return Span(first, second)


def busy_between(
    calendar: Calendar, window: Span, machine: Machine | None = None, rules: RuleSet = TPM
) -> tuple[Span, ...]:
    """The planned busy time of a window: all shifts without breaks and planned stops of that machine (or of all).

    A machine that works unattended has no breaks.
    """
    off = planned_stops(calendar, window, machine.id if machine else None, rules)
    unattended = machine is not None and machine.unattended
    shifts = shifts_between(calendar, window)
    spans = [part for s in shifts for part in subtract(s.span, off if unattended else (*s.pause_spans, *off))]
    return union(part for span in spans if (part := span.cut(window)))


def outside_shifts(calendar: Calendar, window: Span) -> tuple[Span, ...]:
    """The time of a window that belongs to no shift: what is made there is 비조업 생산."""
    return subtract(window, (shift.span for shift in shifts_between(calendar, window)))


def planned_stops(
    calendar: Calendar, window: Span, machine: int | None = None, rules: RuleSet = TPM, *, late: bool = False
) -> tuple[Span, ...]:
    """When a machine stood by plan: only what was approved before it began, and "no order" only where that was entered
    before the shift began. `late`: also what was approved afterwards, for the figure with it. Breaks are not in it.
    """
    return union(
        part
        for stop, part, in_time in _stops(calendar, window, machine, rules)
        if in_time or (late and stop.approved_at_ms is not None)
    )


def no_orders(calendar: Calendar, window: Span, machine: int | None = None, rules: RuleSet = TPM) -> tuple[Span, ...]:
    """When there was nothing to be made and that was entered too late to be planned: busy time, waiting for orders."""
    planned = planned_stops(calendar, window, machine, rules)
    spans = [part for stop, part, in_time in _stops(calendar, window, machine, rules) if stop.no_order and not in_time]
    return union(rest for span in spans for rest in subtract(span, planned))


def capacity_ms(calendar: Calendar, window: Span) -> int | None:
    """Standard capacity time of a window, net of standard breaks; None where no standard calendar is set up for it.

    Overtime and holidays worked do not change it, so that utilisation may pass 100 %.
    """
    first, last = _dates(window, calendar.zone)
    versions = sorted(calendar.capacity, key=lambda version: version.valid_from)
    if not versions or versions[0].valid_from > first:
        return None
    known = ((version.valid_from, following.valid_from) for version, following in pairwise(versions))
    found: list[Span] = []
    for version, (begin, end) in zip(versions, [*known, (versions[-1].valid_from, date.max)], strict=True):
        exceptions = tuple(DayException(on, Kind.HOLIDAY) for on in sorted(version.holidays))
        standard = Calendar(calendar.zone, version.patterns, exceptions=exceptions)
        begin, end = max(begin, first - _AROUND), min(end, last + _AROUND)
        if begin < end:
            shifts, _swallowed = _owners(_written(standard, begin, end - _DAY)[0])
            found += [part for shift in shifts for part in subtract(shift.span, shift.pause_spans)]
    return total_ms(part for span in found if (part := span.cut(window)))


def hours_of(shift: Shift) -> tuple[Span, ...]:
    """The shift cut at every full hour from its start: the rows of its hourly table."""
    edges = [*range(shift.span.start_ms, shift.span.end_ms, _HOUR_MS), shift.span.end_ms]
    return tuple(Span(start, end) for start, end in pairwise(edges))


def overtime_until(shift: Shift, end_ms: int, zone: ZoneInfo, entered_at_ms: int) -> DayException:
    """The exception by which a shift goes on until a moment (잔업), to the next full minute."""
    end = datetime.fromtimestamp(-(-end_ms // 60_000) * 60, zone)
    on = local_date(shift.span.start_ms, zone)
    return DayException(
        on, Kind.OVERTIME, shift.pattern, end=end.timetz().replace(tzinfo=None), entered_at_ms=entered_at_ms
    )


def faults(calendar: Calendar, window: Span, rules: RuleSet = TPM) -> tuple[Fault, ...]:
    """What in the calendar of a window cannot be meant so, and was left out of it:

    pattern_twice            two versions of one shift from the same date (the one written last holds)
    same_name                two shifts of one name on a date
    shift_swallowed          a shift lies whole within another or within a change of the clock
    rotation_empty           no crews, no patterns or no days
    exception_no_shift       the shift that it speaks of is not known or does not take place on that date
    exception_no_time        a time is missing
    overtime_not_longer      overtime that ends no later than the shift
    stop_not_approved        a planned stop that nobody approved
    stop_approved_late       one that was approved after it (for "no order": the shift) had begun
    no_standard_calendar     no standard capacity is set up for that time
    """
    first, last = _dates(window, calendar.zone)
    shifts, found = _written(calendar, first, last)
    _owning, swallowed = _owners(shifts)
    found += [Fault("shift_swallowed", shift.business_on, shift.name) for shift in swallowed]
    names = [(shift.business_on, shift.name) for shift in shifts]
    found += [Fault("same_name", on, name) for on, name in sorted(set(names)) if names.count((on, name)) > 1]
    versions = [(p.id, p.valid_from) for p in calendar.patterns]
    found += [
        Fault("pattern_twice", p.valid_from, p.name)
        for place, p in enumerate(calendar.patterns)
        if (p.id, p.valid_from) in versions[:place]
    ]
    found += [Fault("rotation_empty", r.anchor) for r in calendar.rotations if not _turns(r)]
    for stop, part, in_time in _stops(calendar, window, None, rules, every=True):
        if not in_time:
            flag = "stop_not_approved" if stop.approved_at_ms is None else "stop_approved_late"
            found.append(Fault(flag, local_date(part.start_ms, calendar.zone)))
    if capacity_ms(calendar, window) is None:
        found.append(Fault("no_standard_calendar", first))
    return tuple(dict.fromkeys(found))


# -- how it is made --


def _dates(window: Span, zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last local date of a window."""
    return local_date(window.start_ms, zone), local_date(max(window.start_ms, window.end_ms - 1), zone)


def _written(calendar: Calendar, first: date, last: date) -> tuple[list[Shift], list[Fault]]:
    """The shifts that start on these dates as patterns and exceptions have them, not yet apart from each other."""
    versions: dict[int, list[ShiftPattern]] = {}
    for pattern in calendar.patterns:
        versions.setdefault(pattern.id, []).append(pattern)
    for known in versions.values():
        known.sort(key=_valid_from)
    exceptions: dict[date, list[DayException]] = {}
    for exception in calendar.exceptions:
        if first <= exception.on <= last:
            exceptions.setdefault(exception.on, []).append(exception)
    shifts: list[Shift] = []
    found: list[Fault] = []
    on = first
    while on <= last:
        in_force = {key: p for key, known in versions.items() if (p := _in_force(known, on))}
        day = {key: p for key, p in in_force.items() if on.isoweekday() in p.weekdays}
        made = [shift_on(pattern, on, calendar.zone) for pattern in day.values()]
        if on in exceptions:
            made, wrong = _excepted(calendar.zone, on, exceptions[on], in_force, day)
            found += wrong
        if calendar.rotations:
            made = [replace(s, crew=crew) if (crew := crew_on(calendar, s.pattern, on)) else s for s in made]
        shifts += made
        on += _DAY
    return shifts, found


def _valid_from(pattern: ShiftPattern) -> date:
    return pattern.valid_from


def _in_force(versions: list[ShiftPattern], on: date) -> ShiftPattern | None:
    """The version valid on a date (they are in order); of two from the same date the last."""
    for pattern in reversed(versions):
        if pattern.valid_from <= on:
            return pattern
    return None


def crew_on(calendar: Calendar, pattern: int, on: date) -> str:
    """Whose turn it is; "" where no crews take turns."""
    turning = [r for r in calendar.rotations if pattern in r.patterns and r.anchor <= on and _turns(r)]
    if not turning:
        return ""
    rotation = max(turning, key=lambda r: r.anchor)
    turn = (on - rotation.anchor).days // rotation.days
    return rotation.crews[(rotation.patterns.index(pattern) - turn) % len(rotation.crews)]


def _turns(rotation: Rotation) -> bool:
    return bool(rotation.patterns and rotation.crews and rotation.days > 0)


def _excepted(
    zone: ZoneInfo,
    on: date,
    exceptions: list[DayException],
    in_force: dict[int, ShiftPattern],
    day: dict[int, ShiftPattern],
) -> tuple[list[Shift], list[Fault]]:
    """The shifts of a date with its exceptions, and what could not be followed of these."""
    found: list[Fault] = []
    exceptions = sorted(exceptions, key=lambda e: (e.kind is not Kind.HOLIDAY, e.entered_at_ms))
    working = dict(day)
    changes: dict[tuple[int, Kind], DayException] = {}
    for exception in exceptions:
        kind, of = exception.kind, exception.pattern
        if kind in (Kind.HOLIDAY, Kind.CANCELLED):
            gone = list(working) if of is None else [of]
            if of is not None and of not in working:
                found.append(_fault("exception_no_shift", exception, in_force))
            for key in gone:
                working.pop(key, None)
        elif kind is Kind.EXTRA:
            if of is None or of not in in_force:
                found.append(_fault("exception_no_shift", exception, in_force))
            else:
                working[of] = in_force[of]
                if exception.start is not None and exception.end is not None:
                    changes[of, Kind.MOVED] = exception
                elif exception.start is not None or exception.end is not None:
                    found.append(_fault("exception_no_time", exception, in_force))
    for exception in exceptions:
        kind, of = exception.kind, exception.pattern
        if kind not in _NEEDED:
            continue
        if any(getattr(exception, name) is None for name in _NEEDED[kind]) or not (
            exception.start is not None or exception.end is not None
        ):
            found.append(_fault("exception_no_time", exception, in_force))
        elif not working or (of is not None and of not in working):
            found.append(_fault("exception_no_shift", exception, in_force))
        else:
            changes.update({(key, kind): exception for key in (working if of is None else (of,))})
    shifts = []
    for key, pattern in working.items():
        moved, longer, half = (changes.get((key, kind)) for kind in (Kind.MOVED, Kind.OVERTIME, Kind.HALF))
        if moved and moved.start is not None and moved.end is not None:
            pattern = replace(pattern, start=moved.start, end=moved.end)
        shift = shift_on(pattern, on, zone)
        if longer and longer.end is not None:
            extended = shift_on(replace(pattern, end=longer.end), on, zone)
            if extended.span.length_ms > shift.span.length_ms:
                shift = extended
            else:
                found.append(_fault("overtime_not_longer", longer, in_force))
        if half:
            low_ms = shift.span.start_ms if half.start is None else _half_ms(half, half.start, on, pattern, zone)
            high_ms = shift.span.end_ms if half.end is None else _half_ms(half, half.end, on, pattern, zone)
            worked = Span(low_ms, max(low_ms, high_ms)).cut(shift.span)
            if worked is None:
                continue
            shift = _cut(shift, worked)
        shifts.append(shift)
    return shifts, found


def _half_ms(half: DayException, at: time, on: date, pattern: ShiftPattern, zone: ZoneInfo) -> int:
    """The moment of a half holiday. Of one shift over midnight a time before its start is of the next date; of all
    shifts it is of the date itself, so that a night is off whose evening lies behind it."""
    next_day = half.pattern is not None and pattern.end <= pattern.start and at < pattern.start
    return utc_ms(on + _DAY if next_day else on, at, zone)


#: the times that an exception cannot do without; HALF needs one of both
_NEEDED = {Kind.MOVED: ("start", "end"), Kind.OVERTIME: ("end",), Kind.HALF: ()}


def _fault(flag: str, exception: DayException, in_force: dict[int, ShiftPattern]) -> Fault:
    pattern = None if exception.pattern is None else in_force.get(exception.pattern)
    return Fault(flag, exception.on, pattern.name if pattern else exception.name)


def _owners(shifts: Iterable[Shift]) -> tuple[list[Shift], list[Shift]]:
    """The shifts with the time that each owns, earliest first, and those that have none.

    Of those that start together the longest owns all, of equal ones the one written last.
    """
    owning: list[Shift] = []
    swallowed: list[Shift] = []
    for shift in sorted(shifts, key=lambda shift: shift.span):
        while owning and shift.span.length_ms and owning[-1].span.start_ms == shift.span.start_ms:
            swallowed.append(owning.pop())
        if not shift.span.length_ms or (owning and shift.span.end_ms <= owning[-1].span.end_ms):
            swallowed.append(shift)
        else:
            owning.append(shift)
    handed = [_cut(shift, Span(shift.span.start_ms, later.span.start_ms)) for shift, later in pairwise(owning)]
    return handed + owning[-1:], swallowed


def _cut(shift: Shift, window: Span) -> Shift:
    """The shift without what lies outside a window."""
    span = shift.span.cut(window)
    if span is None or span == shift.span:
        return shift
    pauses = tuple(Pause(p.name, part) for p in shift.pauses if (part := p.span.cut(span)))
    return replace(shift, span=span, pauses=pauses)


def _stops(
    calendar: Calendar, window: Span, machine: int | None, rules: RuleSet, *, every: bool = False
) -> list[tuple[PlannedStop, Span, bool]]:
    """The planned stops of a machine in a window, each with whether it counts as planned; `every`: of all machines."""
    found: list[tuple[PlannedStop, Span, bool]] = []
    for stop in calendar.planned:
        part = stop.span.cut(window)
        if part is None or not (every or stop.machine is None or stop.machine == machine):
            continue
        at_ms = stop.approved_at_ms
        if stop.no_order:
            # Each shift that it lies in judges its own part of it.
            for shift in shifts_between(calendar, part):
                entered = at_ms is not None and at_ms <= shift.span.start_ms
                if own := part.cut(shift.span):
                    found.append((stop, own, entered and rules.no_order_before_shift_is_planned))
        else:
            approved = at_ms is not None and at_ms <= stop.span.start_ms
            found.append((stop, part, approved or not rules.planned_needs_approval))
    return found

"""What people change of the shop's calendar, as values; what a change touches; what a shop may begin with. Pure.

An edit is applied to the calendar as it stands at that moment, so two people who change it at once lose nothing of
each other's. What cannot be meant so is refused by a `RefusalError`, and then nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain import calendar
from desktop.domain.calendar import (
    ALWAYS,
    Break,
    Calendar,
    DayException,
    Kind,
    PlannedStop,
    Rotation,
    Shift,
    ShiftPattern,
)
from desktop.domain.spans import Span

_DAY = timedelta(days=1)
_DAY_MS = 86_400_000
_CHECKED_DAYS = 15  # two weeks of every pattern, and the days around its change
_FARTHEST_DAYS = 400  # so far ahead what is planned is looked at
_LONGEST = 40
LAST_DAY = date(9990, 12, 31)


class RefusalError(ValueError):
    """A change that cannot be meant so: `kind` says why, `more` of what.

    overlap          `name` on `on` would overlap `other` on `other_on`
    no_shift         that shift does not take place on that day
    takes_place      that shift takes place on that day anyway
    no_length        it ends where it begins
    not_longer       overtime that ends no later than the shift
    break_outside    the break `name` does not lie within the shift
    breaks_overlap   two breaks lie over each other
    stop_twice       the same planned stop was asked for already
    stop_gone        the planned stop is not there any more
    second_person    what is approved after it began needs somebody else than who asked
    changed          the shift was changed meanwhile
    gone             what was to be taken away is not there any more
    no_days          a shift without a day
    last_shift       the only shift that there is cannot end
    not_shorter      a half holiday after which the shift is as long as before
    nothing          everything would stay as it is
    no_shifts        a standard calendar without a shift
    standard_overlap two shifts of the standard calendar, `name` and `other`, lie over each other
    capacity_changed the standard calendar was changed meanwhile
    far_date         a date that no calendar of a shop reaches
    same_day         a shift that would be exchanged for its own day
    same_name        two shifts of the standard calendar have the name `name`
    """

    def __init__(self, kind: str, **more: object) -> None:
        super().__init__(kind, more)
        self.kind = kind
        self.more: Mapping[str, object] = more


def near(on: date) -> None:
    """Raises RefusalError for a date so far off that the weeks around it are none: before 1970, after 9990."""
    if not ALWAYS <= on <= LAST_DAY:
        raise RefusalError("far_date", on=on.isoformat())


class Edit(Struct, frozen=True):
    """Something that somebody changes of the calendar."""

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        """The calendar with it, said at a moment. Raises RefusalError."""
        raise NotImplementedError


class AddOvertime(Edit, frozen=True):
    """잔업: the shift `name` of a business date goes on until a moment."""

    name: str
    business_on: date
    until_ms: int

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        shift = calendar.shift_named(shop, self.name, self.business_on)
        if shift is None:
            raise RefusalError("no_shift", name=self.name, on=self.business_on)
        if self.until_ms <= shift.span.end_ms or self.until_ms - shift.span.start_ms >= _DAY_MS:
            raise RefusalError("not_longer", name=self.name)
        longer = calendar.overtime_until(shift, self.until_ms, shop.zone, at_ms)
        # Of a shift without overtime before an earlier one holds no longer.
        return replace(shop, exceptions=(*_without(shop.exceptions, Kind.OVERTIME, longer), longer))


class AddExtra(Edit, frozen=True):
    """특근: a shift takes place on a day off, from `start` to `end`."""

    on: date
    pattern: int
    start: time
    end: time

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        if self.start == self.end:
            raise RefusalError("no_length")
        if any(s.pattern == self.pattern for s in started_on(shop, self.on)):
            raise RefusalError("takes_place", name=name_of(shop, self.pattern), on=self.on)
        extra = DayException(self.on, Kind.EXTRA, self.pattern, self.start, self.end, entered_at_ms=at_ms)
        gone = [
            e for e in shop.exceptions
            if e.on == self.on and e.pattern == self.pattern and e.kind in (Kind.EXTRA, Kind.CANCELLED)
        ]  # fmt: skip
        made = replace(shop, exceptions=(*(e for e in shop.exceptions if e not in gone), extra))
        if not any(s.pattern == self.pattern for s in started_on(made, self.on)):
            raise RefusalError("no_shift", name=name_of(shop, self.pattern), on=self.on)
        return made


class AddHoliday(Edit, frozen=True):
    """No shift starts on a date but those that are extra."""

    on: date
    name: str = ""

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        free = DayException(self.on, Kind.HOLIDAY, name=self.name[:_LONGEST], entered_at_ms=at_ms)
        return replace(shop, exceptions=(*_without(shop.exceptions, Kind.HOLIDAY, free), free))


class Cancel(Edit, frozen=True):
    """A shift does not take place on the date on which it would start."""

    on: date
    pattern: int

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        if not any(s.pattern == self.pattern for s in started_on(shop, self.on)):
            raise RefusalError("no_shift", name=name_of(shop, self.pattern), on=self.on)
        gone = DayException(self.on, Kind.CANCELLED, self.pattern, entered_at_ms=at_ms)
        # What was said of its times on that date goes with it.
        kept = tuple(e for e in shop.exceptions if (e.on, e.pattern) != (self.on, self.pattern))
        if not any(s.pattern == self.pattern for s in started_on(replace(shop, exceptions=kept), self.on)):
            return replace(shop, exceptions=kept)  # it was only there as an extra one
        return replace(shop, exceptions=(*kept, gone))


class TakeAway(Edit, frozen=True):
    """What was different on a date is so no longer."""

    exception: DayException

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        if self.exception not in shop.exceptions:
            raise RefusalError("gone")
        of, extra = (self.exception.on, self.exception.pattern), self.exception.kind is Kind.EXTRA
        # With an extra shift goes what was said of its times.
        kept = (e for e in shop.exceptions if e != self.exception and not (extra and (e.on, e.pattern) == of))
        return replace(shop, exceptions=tuple(kept))


class ChangeShift(Edit, frozen=True):
    """A shift is as `wanted` from the date `since` on, or with `only` on that date alone. `seen`: what somebody had
    before the eyes."""

    seen: ShiftPattern
    wanted: ShiftPattern
    since: date
    only: bool = False

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        stood = in_force(shop, self.seen.id, self.since)
        if stood is None or replace(stood, valid_from=self.seen.valid_from) != self.seen:
            raise RefusalError("changed", name=self.seen.name)
        fit(self.wanted, self.seen.breaks)
        made = replace(self.wanted, id=stood.id, name=stood.name, valid_from=self.since)
        if self.only:
            made = replace(made, weekdays=made.weekdays | {self.since.isoweekday()})
        versions = [made]
        after = self.since + _DAY
        if self.only and not any(p.id == stood.id and p.valid_from == after for p in shop.patterns):
            versions.append(replace(stood, valid_from=after))
        if not self.only:
            # Behind a day that was different alone it goes on as it is now, not as it was.
            versions += [
                replace(made, valid_from=p.valid_from)
                for p in shop.patterns
                if p.id == stood.id and p.valid_from > self.since and replace(p, valid_from=stood.valid_from) == stood
            ]
        dates = {version.valid_from for version in versions}
        kept = [p for p in shop.patterns if p.id != stood.id or p.valid_from not in dates]
        # The times that were said of that day alone before hold no longer.
        moved = (self.since, Kind.MOVED, stood.id) if self.only else None
        exceptions = tuple(e for e in shop.exceptions if (e.on, e.kind, e.pattern) != moved)
        return replace(shop, patterns=in_order([*kept, *versions]), exceptions=exceptions)


class UsePatterns(Edit, frozen=True):
    """From a date on these shifts and no others, with the crews that take turns or stay where they are."""

    since: date
    patterns: tuple[ShiftPattern, ...]
    turn_days: int = 0  # 0: every crew stays with its shift

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        near(self.since)
        ids = {p.name: p.id for p in shop.patterns}
        free = max(ids.values(), default=0) + 1
        made: list[ShiftPattern] = []
        for wanted in self.patterns:
            fit(wanted, [pause for p in shop.patterns if p.name == wanted.name for pause in p.breaks])
            if wanted.name not in ids:
                ids[wanted.name], free = free, free + 1
            made.append(replace(wanted, id=ids[wanted.name], valid_from=self.since))
        own = {p.id for p in made}
        # What was to hold later was of the plan before.
        kept = [p for p in shop.patterns if p.valid_from < self.since]
        for number in dict.fromkeys(p.id for p in kept):
            last = in_force(shop, number, self.since - _DAY)
            if number not in own and last is not None and last.weekdays:
                made.append(replace(last, weekdays=frozenset(), valid_from=self.since))
        turning = [r for r in shop.rotations if r.anchor < self.since]
        names, crews = tuple(p.id for p in made if p.id in own), tuple(p.crew for p in made if p.id in own)
        if self.turn_days:
            turning.append(Rotation(names, crews, self.turn_days, self.since))
        else:
            turned = {number for r in turning for number in r.patterns}
            turning += [Rotation((p.id,), (p.crew,), 7, self.since) for p in made if p.id in own & turned and p.crew]
        exceptions = tuple(e for e in shop.exceptions if e.on < self.since or e.pattern is None or e.pattern in own)
        return replace(shop, patterns=in_order([*kept, *made]), rotations=tuple(turning), exceptions=exceptions)


class AskStop(Edit, frozen=True):
    """계획정지 요청: somebody asks for a planned stop; planned time it is not before it is approved."""

    stop: PlannedStop

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        if self.stop.span.length_ms <= 0:
            raise RefusalError("no_length")
        if any(_same_stop(self.stop, p) for p in shop.planned):
            raise RefusalError("stop_twice")
        asked = replace(self.stop, asked_at_ms=at_ms, approved_at_ms=None, approved_by="")
        return replace(shop, planned=(*shop.planned, asked))


class ApproveStop(Edit, frozen=True):
    """Somebody approves a planned stop. When it has begun another person than who asked must do so, and it stays out
    of planned time: the figures with it are shown beside."""

    stop: PlannedStop
    by: str = ""

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        stop = next((p for p in shop.planned if _same_stop(self.stop, p)), None)
        if stop is None or stop.approved_at_ms is not None:
            raise RefusalError("stop_gone")
        if at_ms > stop.span.start_ms and (not self.by or self.by == stop.asked_by):
            raise RefusalError("second_person")
        approved = replace(stop, approved_at_ms=at_ms, approved_by=self.by)
        return replace(shop, planned=tuple(approved if p == stop else p for p in shop.planned))


class DropStop(Edit, frozen=True):
    """A planned stop is taken out again, or a request is turned down."""

    stop: PlannedStop

    def apply(self, shop: Calendar, at_ms: int) -> Calendar:
        if self.stop not in shop.planned:
            raise RefusalError("stop_gone")
        return replace(shop, planned=tuple(p for p in shop.planned if p != self.stop))


def _same_stop(one: PlannedStop, other: PlannedStop) -> bool:
    return (one.span, one.machine) == (other.span, other.machine)


def _without(exceptions: Iterable[DayException], kind: Kind, new: DayException) -> tuple[DayException, ...]:
    """Without what was said of the same before."""
    return tuple(e for e in exceptions if not (e.kind is kind and (e.on, e.pattern) == (new.on, new.pattern)))


def name_of(shop: Calendar, pattern: int) -> str:
    """The name of a shift, "" where there is none of that number."""
    return next((p.name for p in shop.patterns if p.id == pattern), "")


def in_order(patterns: Iterable[ShiftPattern]) -> tuple[ShiftPattern, ...]:
    """Patterns as the register gives them: by shift, then by date."""
    return tuple(sorted(patterns, key=lambda p: (p.id, p.valid_from)))


def in_force(shop: Calendar, pattern: int, on: date) -> ShiftPattern | None:
    """A shift as it is written for a date; None where it was not yet."""
    known = [p for p in shop.patterns if p.id == pattern and p.valid_from <= on]
    return max(known, key=lambda p: p.valid_from, default=None)


def in_force_on(shop: Calendar, on: date) -> tuple[ShiftPattern, ...]:
    """Every shift as it is written for a date, without those that have ended."""
    found = (in_force(shop, number, on) for number in dict.fromkeys(p.id for p in shop.patterns))
    return tuple(p for p in found if p is not None and p.weekdays)


def started_on(shop: Calendar, on: date) -> tuple[Shift, ...]:
    """The shifts that start on a local date, earliest first, as they own their time; also one whose first half is a
    holiday, so that it begins behind midnight."""
    start_ms, end_ms = (calendar.utc_ms(each, time.min, shop.zone) for each in (on, on + 2 * _DAY))
    found = calendar.shifts_between(shop, Span(start_ms, end_ms))
    known = (in_force(shop, number, on) for number in dict.fromkeys(p.id for p in shop.patterns))
    booked = {p.id: on + p.business_days * _DAY for p in known if p is not None}
    return tuple(s for s in found if s.business_on == booked.get(s.pattern))


def length_ms(pattern: ShiftPattern) -> int:
    """How long a shift is on a day without a clock change."""
    return _minutes(pattern.start, pattern.end) * 60_000


def break_ms(pattern: ShiftPattern) -> int:
    """How long its breaks are together, as far as they lie in it."""
    shift = calendar.shift_on(pattern, date(2001, 1, 1), ZoneInfo("UTC"))
    return sum(pause.span.length_ms for pause in shift.pauses)


def _minutes(start: time, end: time) -> int:
    """From one time of the day to the next such other one; the same: a whole day."""
    apart = (end.hour * 60 + end.minute) - (start.hour * 60 + start.minute)
    return apart if apart > 0 else apart + 1440


def fit(pattern: ShiftPattern, known: Iterable[Break] = ()) -> None:
    """Raises RefusalError where a shift cannot be meant so. A break that it had before (`known`) may lie behind its
    end: that is the meal before overtime."""
    if pattern.start == pattern.end:
        raise RefusalError("no_length")
    if not pattern.weekdays:
        raise RefusalError("no_days", name=pattern.name)
    whole = _minutes(pattern.start, pattern.end)
    taken: list[tuple[int, int, str]] = []
    for pause in pattern.breaks:
        begin = _minutes(pattern.start, pause.start) % 1440
        end = begin + _minutes(pause.start, pause.end)
        if pause.start == pause.end or (end > whole and pause not in known):
            raise RefusalError("break_outside", name=pause.name)
        taken.append((begin, end, pause.name))
    taken.sort()
    for (_begin, end, name), (begin, _end, other) in pairwise(taken):
        if begin < end:
            raise RefusalError("breaks_overlap", name=name, other=other)


# -- what a change does --


def clashes(shop: Calendar, first: date, last: date) -> dict[tuple[date, str, date, str], Span]:
    """Which shifts of these dates lie over each other, and where."""
    written = [
        shift
        for shift in calendar.written_between(shop, first - _DAY, last + _DAY)
        if shift.span.length_ms
    ]  # fmt: skip
    written.sort(key=lambda shift: (shift.span.start_ms, shift.span.end_ms))
    found = {}
    for place, one in enumerate(written):
        for other in written[place + 1 :]:
            if other.span.start_ms >= one.span.end_ms:
                break
            if part := one.span.cut(other.span):
                found[one.business_on, one.name, other.business_on, other.name] = part
    return found


def changed(shop: Calendar, edit: Edit, at_ms: int) -> Calendar:
    """The calendar with an edit. Raises RefusalError, also where shifts would overlap that did not before."""
    made = edit.apply(shop, at_ms)
    first, last = _compared(shop, made, at_ms)
    if first is not None and last is not None:
        before = clashes(shop, first, last)
        for (on, name, other_on, other), part in clashes(made, first, last).items():
            if part != before.get((on, name, other_on, other)):
                raise RefusalError("overlap", name=name, on=on, other=other, other_on=other_on)
    return made


def _compared(old: Calendar, new: Calendar, at_ms: int) -> tuple[date | None, date | None]:
    """From when to when two calendars are compared for shifts over each other."""
    dates = [e.on for e in set(old.exceptions) ^ set(new.exceptions)]
    dates += [p.valid_from for p in set(old.patterns) ^ set(new.patterns)]
    if not dates:
        return None, None
    today = calendar.local_date(at_ms, new.zone)
    first = max(min(dates), today - timedelta(days=_FARTHEST_DAYS))
    ahead = [e.on for e in new.exceptions if e.on >= first]
    last = max([*dates, *ahead, *(on + timedelta(days=_CHECKED_DAYS) for on in dates)])
    return first, max(first, min(last, today + timedelta(days=_FARTHEST_DAYS)))


def touched(old: Calendar, new: Calendar, window: Span) -> tuple[Span, ...]:
    """The parts of a window that two calendars judge differently: shifts that are not the same, planned stops that
    only one has, and everything from the first other standard capacity on. Earliest first, they may touch."""
    if window.length_ms <= 0:
        return ()
    if old.zone != new.zone or old.day_start != new.day_start:
        return (window,)
    was, now = (set(calendar.shifts_between(shop, window)) for shop in (old, new))
    spans = {shift.span for shift in was ^ now}
    spans |= {stop.span for stop in set(old.planned) ^ set(new.planned) if _plan(stop)}
    since_ms = _capacity_since(old, new)
    if since_ms is not None and since_ms < window.end_ms:
        spans.add(Span(max(since_ms, window.start_ms), window.end_ms))
    return tuple(sorted(part for span in spans if (part := span.cut(window))))


def _capacity_since(old: Calendar, new: Calendar) -> int | None:
    """From which moment on two calendars have another standard capacity; None where they never do."""
    differing = set(old.capacity) ^ set(new.capacity)
    since = min((version.valid_from for version in differing), default=None)
    return None if since is None else calendar.utc_ms(since, time.min, new.zone)


def _plan(stop: PlannedStop) -> bool:
    """Whether a planned stop can count at all: one that nobody approved changes no figure."""
    return stop.approved_at_ms is not None


def retroactive(old: Calendar, new: Calendar, window: Span) -> bool:
    """Whether a change says something else of a window that is over, up to its end: then somebody must say why."""

    def past(shop: Calendar) -> set[tuple[object, ...]]:
        return {
            (
                s.name, s.business_on, s.crew, s.span.cut(window),
                tuple(replace(p, span=part) for p in s.pauses if (part := p.span.cut(window))),
            )
            for s in calendar.shifts_between(shop, window)
        }  # fmt: skip

    if window.length_ms <= 0:
        return False
    stops = any(stop.span.cut(window) for stop in set(old.planned) ^ set(new.planned) if _plan(stop))
    since_ms = _capacity_since(old, new)
    return stops or (since_ms is not None and since_ms < window.end_ms) or past(old) != past(new)


# -- what a shop may begin with --

READY = ("one", "day_night", "rotating", "three")
_WORKDAYS = frozenset((1, 2, 3, 4, 5))


def ready(key: str, since: date, words: Mapping[str, str]) -> UsePatterns:
    """A ready pattern from a date on: one shift, day and night, the same with crews that change each week, three
    shifts. `words` gives the names: day, night, first, second, third, rest, meal."""

    def pause(name: str, start: str, end: str) -> Break:
        return Break(words[name], time.fromisoformat(start), time.fromisoformat(end))

    def shift(name: str, start: str, end: str, crew: str, *breaks: Break) -> ShiftPattern:
        begins, ends = time.fromisoformat(start), time.fromisoformat(end)
        return ShiftPattern(0, words[name], begins, ends, _WORKDAYS, breaks, crew)

    rest, noon = pause("rest", "10:00", "10:10"), pause("meal", "12:00", "13:00")
    tea, evening = pause("rest", "15:00", "15:10"), pause("meal", "17:30", "18:00")
    if key == "one":
        return UsePatterns(since, (shift("day", "08:00", "17:00", "A", rest, noon, tea),))
    if key == "three":
        return UsePatterns(
            since,
            (
                shift("first", "06:00", "14:00", "A", pause("meal", "10:00", "10:30")),
                shift("second", "14:00", "22:00", "B", pause("meal", "18:00", "18:30")),
                shift("third", "22:00", "06:00", "C", pause("meal", "02:00", "02:30")),
            ),
            7,
        )
    if key not in READY:
        raise KeyError(key)
    night = (
        pause("rest", "22:00", "22:10"), pause("meal", "00:00", "01:00"), pause("rest", "03:00", "03:10"),
        pause("meal", "05:30", "06:00"),
    )  # fmt: skip
    both = (
        shift("day", "08:00", "20:00", "A", rest, noon, tea, evening),
        shift("night", "20:00", "08:00", "B", *night),
    )
    return UsePatterns(since, both, 7 if key == "rotating" else 0)


def next_start(shop: Calendar, pattern: int, at_ms: int) -> date | None:
    """The date on which a shift starts next; None where it does not within two weeks."""
    window = Span(at_ms, at_ms + 15 * _DAY_MS)
    found = (s for s in calendar.shifts_between(shop, window) if s.pattern == pattern and s.span.start_ms > at_ms)
    return next((calendar.local_date(s.span.start_ms, shop.zone) for s in found), None)


def overtime_ends(
    shift: Shift, now_ms: int, next_start_ms: int | None, zone: ZoneInfo, most: int = 4
) -> tuple[int, ...]:
    """Ends that overtime of a shift may be given: each half hour behind its end that is still to come, at most so
    many, none behind the start of the next shift and none a whole day after its own start."""
    half = 1_800_000
    last_ms = min(shift.span.start_ms + _DAY_MS - 60_000, next_start_ms or shift.span.end_ms + _DAY_MS)
    first = max((now_ms - shift.span.end_ms) // half + 1, 1)
    ends = (shift.span.end_ms + n * half for n in range(first, first + most))
    return tuple(end_ms for end_ms in ends if end_ms <= last_ms)


class OvertimeOffer(Struct, frozen=True):
    """잔업 얼마나: a shift that may go on. `outside`: pieces counted behind its end, 0 while it runs. `left`: pieces of
    the order `order` still to be made, None where none is known; `finish_ms`: when they would be done at the pace of
    the shift, None where that is not known; `more`: so many orders besides are not done. `ends`: until when it may go
    on."""

    shift: Shift
    ends: tuple[int, ...]
    outside: int = 0
    order: str = ""
    left: int | None = None
    finish_ms: int | None = None
    more: int = 0


def monday_of(on: date) -> date:
    """The Monday of a date's week."""
    return on - timedelta(days=on.isoweekday() - 1)


def local_time(at_ms: int, zone: ZoneInfo) -> time:
    """The local time of the day."""
    return datetime.fromtimestamp(at_ms / 1000, zone).timetz().replace(tzinfo=None)

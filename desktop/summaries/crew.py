"""Who was there and who was at which machine: the page on which it is said, the report, and what a badge says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec import Struct

from desktop.domain import attendance, calendar
from desktop.domain.attendance import ManHours
from desktop.domain.calendar import Calendar, Shift
from desktop.domain.crew import CrewMachine, CrewNow, CrewPerson
from desktop.domain.daily_rows import CrewReport, CrewRow, PostRow
from desktop.domain.entries import OPEN_MS, Attended, Entry, Left, Placed, Said
from desktop.domain.intervals import Category
from desktop.domain.people import Person
from desktop.domain.spans import Span
from desktop.store import entries, people, register
from desktop.store.database import Store
from desktop.summaries import line
from desktop.summaries.frame import Frame
from desktop.summaries.now import Live
from desktop.summaries.station import Facts

_HOUR_MS = 3_600_000
_BEFORE_MS = 24 * _HOUR_MS  # so long before a shift somebody may have begun who is still there
_LATE_MS = _HOUR_MS  # who is said to be here in the first hour of a shift has been from its beginning
_EARLY_MS = _HOUR_MS  # whose badge is read so long before the own shift begins comes for that one
_DAYS_BACK = 7  # so far back a shift of the same name is looked for

_OF_PEOPLE = Attended | Placed | Left
_Said = Attended | Placed


class Roll(Struct, frozen=True):
    """What was said of people in a shift: the entries, and what became of them."""

    told: tuple[Entry, ...]
    said: tuple[_Said, ...]


def roll(store: Store, shop: Calendar, window: Span, now_ms: int) -> Roll:
    """Who was where in a window, as far as it was said by `now_ms`."""
    read = entries.standing(store, Span(window.start_ms - _BEFORE_MS, OPEN_MS), _OF_PEOPLE)
    told = entries.known(store, read, now_ms, window.end_ms + 1)  # what is said of now, too
    ends: dict[int, int] = {}

    def until_of(at_ms: int) -> int:
        if at_ms not in ends:
            ends[at_ms] = _end_of(shop, at_ms)
        return ends[at_ms]

    said = attendance.settled((e.said for e in told if isinstance(e.said, _OF_PEOPLE)), until_of)
    return Roll(told, tuple(each for each in said if each.end_ms > window.start_ms))


def _end_of(shop: Calendar, at_ms: int) -> int:
    """When the shift of a moment ends; of one before a shift that shift's."""
    if not shop.patterns:
        return OPEN_MS
    found = calendar.shifts_between(shop, Span(at_ms, at_ms + _BEFORE_MS))
    return found[0].span.end_ms if found else at_ms + _BEFORE_MS


def man_hours(store: Store, shift: Shift, now_ms: int) -> ManHours:
    """Man-hours (공수) of a shift by machine, crew and person, its breaks left out; of one that runs up to now."""
    end_ms = min(shift.span.end_ms, now_ms)
    if end_ms <= shift.span.start_ms:
        return ManHours()
    window = Span(shift.span.start_ms, end_ms)
    said = roll(store, register.calendar(store), window, now_ms).said
    return attendance.man_hours(said, window, _crews(store), shift.pause_spans)


def _crews(store: Store) -> Mapping[int, str]:
    return {person.id: person.crew for person in people.people(store, since_ms=0)}


# -- at this moment --


def crew_now(live: Live, store: Store, now_ms: int) -> CrewNow:
    """What the page of people at machines shows."""
    at, facts = live.facts(store, now_ms)
    window = Span(at.window.start_ms, max(at.window.end_ms, at.window.start_ms + 1))
    found = roll(store, at.register.calendar, window, now_ms)
    everybody = people.people(store)
    pauses = at.shift.pause_spans if at.shift else ()
    hours = attendance.man_hours(found.said, window, {p.id: p.crew for p in everybody}, pauses)
    now = attendance.placed_at(found.said, at.now_ms)
    crews = frozenset(person.crew for person in everybody)
    rows = tuple(
        _person(each, at, found, now, hours, expected=is_expected(each, at.shift, crews)) for each in everybody
    )
    known = {person.id for person in everybody}
    posts = tuple(
        CrewMachine(
            f.machine.id, f.machine.code, f.machine.name,
            f.intervals[-1].category if f.intervals else Category.NO_DATA,
            tuple(person for person, machines in now.items() if f.machine.id in machines and person in known),
            f.machine.unattended,
        )
        for f in facts
    )  # fmt: skip
    good = line.figures(at, facts)[1]
    since_ms = since(at.shift, at.now_ms)
    before = _as_before(store, at, since_ms, known, {p.id for p in posts}) if not any(r.entries for r in rows) else ()
    return CrewNow(
        at.head, at.now_ms, at.shift, at.collector, tuple(sorted(rows, key=lambda row: not row.expected)), posts,
        since_ms, hours.total_ms, good, before,
    )  # fmt: skip


def since(shift: Shift | None, now_ms: int) -> int:
    """From when on somebody counts who is said to be here now: in the first hour from the beginning of the shift."""
    if shift is not None and 0 <= now_ms - shift.span.start_ms <= _LATE_MS:
        return shift.span.start_ms
    return now_ms


def is_expected(person: Person, shift: Shift | None, crews: frozenset[str]) -> bool:
    """Whether somebody belongs to a shift: of its crew; everybody where it has none, or nobody has a crew of it."""
    return shift is None or not shift.crew or shift.crew not in crews or person.crew == shift.crew


def _person(
    person: Person, at: Frame, found: Roll, now: Mapping[int, frozenset[int]], hours: ManHours, *, expected: bool
) -> CrewPerson:
    mine = [each for each in found.said if each.person == person.id and each.start_ms <= at.now_ms]
    told = [e for e in found.told if isinstance(e.said, _OF_PEOPLE) and e.said.person == person.id]
    told = [e for e in told if e.said.start_ms >= at.window.start_ms or e.said.start_ms in {m.start_ms for m in mine}]
    here = person.id in now
    left = [e for e in told if isinstance(e.said, Left) and not e.said.machine]
    return CrewPerson(
        person.id, person.name, person.crew, expected,
        min((each.start_ms for each in mine), default=None),
        None if here or not mine else max(each.end_ms for each in mine),
        tuple(sorted(now.get(person.id, ()))),
        hours.by_person.get(person.id, 0),
        tuple(e.id for e in told), tuple(e.said for e in told),
        0 if here or not left else left[-1].id,
    )  # fmt: skip


def _as_before(store: Store, at: Frame, since_ms: int, known: set[int], machines: set[int]) -> tuple[Said, ...]:
    """Everybody where they were at the end of the last shift of this name of which somebody said anything."""
    if at.shift is None:
        return ()
    shop = at.register.calendar
    for days in range(1, _DAYS_BACK + 1):
        shift = calendar.shift_named(shop, at.shift.name, at.shift.business_on - timedelta(days=days))
        if shift is None:
            continue
        found = roll(store, shop, shift.span, at.now_ms).said
        said = tuple(each for each in found if each.start_ms < shift.span.end_ms)
        if not said:
            continue
        there = sorted({each.person for each in said} & known)
        places = {each.person: set[int]() for each in said}
        for each in said:
            if isinstance(each, Placed) and each.machine in machines and _lasted(each, said):
                places[each.person].add(each.machine)
        told: list[Said] = []
        for person in there:
            told.append(Attended(0, since_ms, OPEN_MS, person))
            told += [Placed(machine, since_ms, OPEN_MS, person) for machine in sorted(places[person])]
        return tuple(told)
    return ()


def _lasted(placed: Placed, said: Sequence[_Said]) -> bool:
    """Whether somebody was at a machine until that person went."""
    return placed.end_ms >= max(each.end_ms for each in said if each.person == placed.person)


# -- what a badge says --


def arrival(store: Store, person: int, now_ms: int) -> tuple[Said, ...]:
    """What is to be entered where somebody shows a badge: that this person is here, () where that is known already.

    Who comes shortly before the own shift begins is here from its beginning on.
    """
    shop = register.calendar(store)
    shift = calendar.shift_at(shop, now_ms)
    coming = calendar.shift_at(shop, now_ms + _EARLY_MS)
    mine = next((each for each in people.people(store) if each.id == person), None)
    if mine is None:
        return ()
    start_ms = since(shift, now_ms)
    if coming is not None and (shift is None or coming.span != shift.span):
        own = shift is None or (bool(mine.crew) and mine.crew == coming.crew != shift.crew)
        start_ms = coming.span.start_ms if own else start_ms
    said = roll(store, shop, Span(start_ms, start_ms + 1), now_ms).said
    if any(each.person == person and each.start_ms <= start_ms < each.end_ms for each in said):
        return ()
    return (Attended(0, start_ms, OPEN_MS, person),)


# -- for the report --


def crew_report(store: Store, at: Frame, facts: Sequence[Facts]) -> CrewReport:
    """Who worked in the shift of a frame, at which machines, and how much of that one good piece took."""
    if at.shift is None or at.window.length_ms <= 0:
        return CrewReport()
    found = roll(store, at.register.calendar, at.window, at.now_ms).said
    said = tuple(each for each in found if each.start_ms < at.window.end_ms)
    everybody = {person.id: person for person in people.people(store, since_ms=0)}
    pauses = at.shift.pause_spans
    hours = attendance.man_hours(said, at.window, {p.id: p.crew for p in everybody.values()}, pauses)
    if not said:
        return CrewReport()
    names = {f.machine.id: f.machine.name for f in facts}
    order, rows = list(everybody), []
    for number in sorted({each.person for each in said}, key=order.index):
        mine = [each for each in said if each.person == number]
        at_machines = {each.machine for each in mine if isinstance(each, Placed) and each.machine}
        end_ms = max(each.end_ms for each in mine)
        person = everybody[number]
        rows.append(
            CrewRow(
                person.name, person.crew,
                max(min(each.start_ms for each in mine), at.shift.span.start_ms),
                None if at.running and end_ms > at.window.end_ms else min(end_ms, at.shift.span.end_ms),
                hours.by_person.get(number, 0),
                tuple(name for machine, name in names.items() if machine in at_machines),
            )
        )  # fmt: skip
    posts = tuple(
        PostRow(f.machine.name, f.machine.code, float(hours.by_machine.get(f.machine.id, 0)),
                0 if f.machine.unattended else attendance.unmanned_ms(said, f.machine.id, at.window, pauses))
        for f in facts
    )  # fmt: skip
    good = line.figures(at, facts)[1]
    crews = frozenset(p.crew for p in everybody.values())
    there = {each.person for each in said}
    alive = people.people(store, since_ms=at.shift.span.start_ms)
    missing = tuple(
        p.name for p in alive if at.shift.crew in crews and p.crew == at.shift.crew != "" and p.id not in there
    )
    return CrewReport(tuple(rows), posts, hours.total_ms, hours.total_ms / good if good else None, missing)

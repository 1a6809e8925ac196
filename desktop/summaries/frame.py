"""What every question needs first: the register, the shift, the window, and how far it was observed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain import calendar
from desktop.domain.calendar import ALWAYS, Calendar, Shift, StandardCapacity
from desktop.domain.entries import OPEN_MS, Entry
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.line import Constraint, constraint_at
from desktop.domain.making import OpenCavities
from desktop.domain.orders import OrderVersion
from desktop.domain.plant import Device, Machine, Plant
from desktop.domain.rules import RuleSet
from desktop.domain.spans import Span, subtract, union
from desktop.store import entries, orders, records, register
from desktop.store.database import KnownError, Store
from desktop.store.locks import COLLECTOR_LOCK, ProcessLock
from desktop.text import _

STALE_MS = 3000  # real milliseconds without a heartbeat after which nothing shown is current
_HOUR_MS = 3_600_000
REACH_MS = 96 * _HOUR_MS  # so far a standstill is followed over the edges of a window: a long weekend
_UNPLANNED_MS = 8 * _HOUR_MS  # so much is shown where no shift runs


class Register(Struct, frozen=True):
    """What there is, as it stands at one version of the register."""

    version: int
    plant: Plant
    calendar: Calendar
    rules: tuple[tuple[int, RuleSet], ...]  # each with the moment from which it holds, oldest first
    constraints: tuple[Constraint, ...]
    cavities: Mapping[tuple[int, int], tuple[OpenCavities, ...]]  # product and machine -> how many were open since when
    alarm_after_ms: int  # so long a stop is an alarm
    ask_after_ms: int  # so long a stop asks for its reason
    oee_target: float | None
    figures_version: int  # its version apart from the calendar: by it sums of shifts are kept

    def rules_at(self, at_ms: int) -> RuleSet:
        """The rule set in force at a moment: a shift is counted by the one with which it began."""
        return next(rules for since_ms, rules in reversed(self.rules) if since_ms <= max(at_ms, 0))


class Frame(Struct, frozen=True):
    """The register, the shift, the window and how far it was observed."""

    register: Register
    head: PlantHead
    now_ms: int
    collector: CollectorNow
    shift: Shift | None
    window: Span
    reach: Span  # the window with the days around it over which a standstill is followed
    silences: dict[int, tuple[Span, ...]]  # device -> when it did not answer in that reach
    capacity_ms: int  # standard capacity time of the window
    rules: RuleSet
    said: tuple[Entry, ...]  # of times that begin in the reach, what stands
    newest: int  # the newest entry of all
    planned: tuple[OrderVersion, ...] = ()  # the plan of the shift, every version of it
    plan: int = 0  # the newest version of any order
    ahead: tuple[Entry, ...] = ()  # what stands of times or of moments to which it has not come yet

    @property
    def plant(self) -> Plant:
        """Machines, devices, products."""
        return self.register.plant

    @property
    def running(self) -> bool:
        """Whether its shift still goes on at this moment."""
        return self.shift is not None and self.now_ms < self.shift.span.end_ms

    @property
    def constraint(self) -> Constraint | None:
        """The station at which the line is judged, as declared for the end of the window; None where none is."""
        found = constraint_at(self.register.constraints, self.window.end_ms)
        return found if found is not None and found.machine else None

    def idle(self, machine: Machine, *, late: bool = False) -> tuple[Span, ...]:
        """When a machine was not to work in the reach; none of it where the window lies outside any shift.

        `late`: also in the planned stops that were approved only afterwards.
        """
        if self.shift is None:
            return ()
        return _idle(self.register.calendar, self._whole, machine, self.rules, late)

    def orders(self, machine: Machine) -> tuple[Span, ...] | None:
        """When there was something to be made; None where nobody said that there was not."""
        without = _no_orders(self.register.calendar, self._whole, machine.id, self.rules)
        return subtract(self.reach, without) if without else None

    @property
    def _whole(self) -> Span:
        """The reach in whole hours, so that the calendar of these days is made once an hour."""
        return Span(self.reach.start_ms // _HOUR_MS * _HOUR_MS, -(-self.reach.end_ms // _HOUR_MS) * _HOUR_MS)

    def busy(self, span: Span) -> tuple[Span, ...]:
        """The time of a span in which somebody was to work; all of it where no shifts are set up."""
        return _busy_in(self.register.calendar, span)


_busy = lru_cache(maxsize=64)(calendar.busy_between)


_no_orders = lru_cache(maxsize=256)(calendar.no_orders)


@lru_cache(maxsize=256)
def _idle(shop: Calendar, whole: Span, machine: Machine, rules: RuleSet, late: bool) -> tuple[Span, ...]:
    idle = subtract(whole, calendar.busy_between(shop, whole, machine, rules))
    return union((*idle, *calendar.planned_stops(shop, whole, machine.id, rules, late=True))) if late else idle


@lru_cache(maxsize=256)
def _capacity_ms(shop: Calendar, window: Span) -> int:
    """Standard capacity time. Where no standard calendar is set up it is the time of the shifts as they are written."""
    if not shop.patterns:
        return window.length_ms
    first = min((version.valid_from for version in shop.capacity), default=None)
    if first is None or first > ALWAYS:  # so it was before a standard calendar was set up, too
        shop = replace(shop, capacity=(StandardCapacity(shop.patterns), *shop.capacity))
    return calendar.capacity_ms(shop, window) or 0


def _busy_in(shop: Calendar, span: Span) -> tuple[Span, ...]:
    if not shop.patterns:
        return (span,)
    # In whole hours, so that the calendar of these days is made once an hour.
    whole = Span(span.start_ms // _HOUR_MS * _HOUR_MS, -(-span.end_ms // _HOUR_MS) * _HOUR_MS)
    return within(_busy(shop, whole), span)


def read_register(store: Store, known: Register | None = None, shift: Shift | None = None) -> Register:
    """The register; `known` again where nothing was changed since. A shift that was reported on keeps its machines."""
    version, figures = register.version(store), register.figures_version(store)
    if known is not None and known.version == version:
        return known
    plant = register.plant(store, since_ms=None if shift is None else shift.span.start_ms)
    return Register(
        version,
        plant,
        register.calendar(store),
        register.rules(store),
        register.constraints(store),
        register.open_cavities(store),
        register.alarm_after_ms(store),
        register.ask_after_ms(store),
        register.oee_target(store),
        figures,
    )


def frame(store: Store, now_ms: int, shift: Shift | None = None, before: Frame | None = None) -> Frame:
    """The frame of a shift, or of the one that runs at `now_ms`, or of the time since the last one.

    `before` is an earlier frame since which no device's health has changed.
    """
    there = read_register(store, before.register if before else None, shift)
    plant = there.plant
    same = before is not None and before.register is there
    if shift is None:
        goes_on = same and before is not None and before.shift is not None and before.shift.span.holds(now_ms)
        shift = before.shift if goes_on and before is not None else calendar.shift_at(there.calendar, now_ms)
    start_ms = shift.span.start_ms if shift else _unplanned_from(store, there.calendar, now_ms)
    end_ms = min(now_ms, shift.span.end_ms) if shift else now_ms
    window = Span(min(start_ms, end_ms), end_ms)
    collector = collector_now(store)
    beat = records.heartbeat(store)
    seen_until = now_ms if collector.running else (beat.at_ms if beat else window.start_ms)
    product = ", ".join(p.name for p in plant.products) if len(plant.products) == 1 else ""
    head = PlantHead(
        plant.name,
        plant.line,
        plant.timezone,
        store.demo,
        store.clock.speed,
        product,
        bool(there.calendar.patterns),
        register.any_people(store),
    )
    reach = Span(window.start_ms - REACH_MS, max(window.end_ms, min(now_ms, window.end_ms + REACH_MS)))
    if same and before is not None and before.collector.running and collector.running:
        silences = {device: _longer(spans, before.reach, reach) for device, spans in before.silences.items()}
    else:
        silences = {d.id: _silences(store, d, reach, seen_until) for d in plant.devices}
    capacity_ms = _capacity_ms(there.calendar, window)
    rules = there.rules_at(window.start_ms)
    newest = entries.newest(store)
    if (
        same
        and before is not None
        and (before.newest, before.reach.start_ms) == (newest, reach.start_ms)
        and all(entry.at_ms <= before.now_ms for entry in before.said)  # else the clock was set back
        and not entries.known(store, before.ahead, now_ms, reach.end_ms)
    ):
        said, ahead = before.said, before.ahead
    else:
        told = entries.standing(store, Span(reach.start_ms, OPEN_MS))
        said = entries.known(store, told, now_ms, reach.end_ms)
        seen = {entry.id for entry in said}
        ahead = tuple(entry for entry in told if entry.id not in seen)
    plan = orders.newest(store)
    if same and before is not None and (before.shift, before.plan) == (shift, plan):
        planned = before.planned
    else:
        planned = orders.versions(store, shift.business_on) if shift else ()
    return Frame(
        there,
        head,
        now_ms,
        collector,
        shift,
        window,
        reach,
        silences,
        capacity_ms,
        rules,
        said,
        newest,
        planned,
        plan,
        ahead,
    )


def _unplanned_from(store: Store, shop: Calendar, now_ms: int) -> int:
    """Where the window outside any shift begins: with the last shift's end, and never before the first fact."""
    earliest_ms = max(now_ms - _UNPLANNED_MS, min(records.begun_ms(store), now_ms))
    past = calendar.shifts_between(shop, Span(earliest_ms, now_ms))
    return max([earliest_ms, *(shift.span.end_ms for shift in past)])


def _longer(spans: tuple[Span, ...], before: Span, reach: Span) -> tuple[Span, ...]:
    """Silences of a reach in one that begins and ends later: one that went on goes on."""
    if spans and spans[-1].end_ms == before.end_ms:
        spans = (*spans[:-1], Span(spans[-1].start_ms, reach.end_ms))
    return within(spans, reach)


def within(spans: Iterable[Span], window: Span) -> tuple[Span, ...]:
    return tuple(part for span in spans if (part := span.cut(window)))


def _silences(store: Store, device: Device, window: Span, seen_until_ms: int) -> tuple[Span, ...]:
    """When a device did not answer: between offline and online, before its first word, after the collector's last."""
    found: list[Span] = []
    silent_from: int | None = window.start_ms
    for event in records.device_events(store, device.id, window):
        at_ms = max(event.at_ms, window.start_ms)
        if event.word == "online":
            if silent_from is not None and at_ms > silent_from:
                found.append(Span(silent_from, at_ms))
            silent_from = None
        elif silent_from is None:
            silent_from = at_ms
    if silent_from is None and seen_until_ms < window.end_ms:
        silent_from = max(seen_until_ms, window.start_ms)
    if silent_from is not None and silent_from < window.end_ms:
        found.append(Span(silent_from, window.end_ms))
    return union(found)


def find_shift(store: Store, wanted: str, now_ms: int) -> Shift:
    """The shift that "current", "last" (the last one that ended) or "2026-11-19/Day" names. Raises KnownError.

    The beginning of a name serves where one shift of the day has it; a date alone where the day has one shift.
    """
    shop = register.calendar(store)
    if not shop.patterns:
        raise KnownError(
            _("No shifts are set up yet. Choose them in the settings of the window, or add them to the configuration.")
        )
    if wanted == "current":
        shift = calendar.shift_at(shop, now_ms)
        if shift is None:
            raise KnownError(_("No shift is running now. Ask for the last one with --shift last."))
        return shift
    if wanted == "last":
        past = [
            s
            for s in calendar.shifts_between(shop, Span(now_ms - 10 * 86_400_000, now_ms + 1))
            if s.span.end_ms <= now_ms
        ]
        if not past:
            raise KnownError(_("No shift has ended in the last ten days."))
        return past[-1]
    on, _slash, name = wanted.partition("/")
    try:
        day = date.fromisoformat(on)
        if not 1971 <= day.year <= 2100:
            raise ValueError(on)
    except ValueError as error:
        raise KnownError(
            _('"{shift}" names no shift. Write last, current or a date and name such as 2026-11-19/Day.').format(
                shift=wanted
            )
        ) from error
    names = [shift.name for shift in calendar.written_for(shop, day)]
    named = [own for own in names if own == name] or [own for own in names if own.startswith(name)]
    if not named:
        raise KnownError(
            _("There is no shift {name} on {day}. Shifts of that day: {names}.").format(
                name=name or "?", day=day, names=", ".join(names) or "-"
            )
        )
    if len(named) > 1:
        raise KnownError(
            _("Several shifts of {day} are meant. Write one of: {names}.").format(
                day=day, names=", ".join(f"{day}/{own}" for own in named)
            )
        )
    name = named[0]
    found = calendar.shift_named(shop, name, day)
    if found is None:  # another shift of that day covers it whole
        raise KnownError(_("The shift {name} on {day} has no time of its own.").format(name=name, day=day))
    return found


def collector_now(store: Store) -> CollectorNow:
    """Whether a collector beats at this moment, by real time; where none does, whether one lives all the same."""
    beat = records.heartbeat(store)
    lock = ProcessLock(store.folder / COLLECTOR_LOCK)
    if beat is None:
        return CollectorNow(False, None, "", "", 0, 0, lock.held())
    silent_ms = max(0, store.clock.real_ms() - beat.at_real_ms)
    running = beat.note != "stopped" and silent_ms <= STALE_MS
    held = not running and lock.held()  # only then: a look takes the lock for a moment
    return CollectorNow(running, silent_ms, beat.version, beat.note, beat.backlog, beat.lost, held)

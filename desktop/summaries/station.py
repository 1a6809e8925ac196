"""One machine in a window: its time, its pieces, its hours and its figures.

A `Station` remembers. What lies before the last moment at which its machine began to run is settled: no later fact
changes it, but for one that comes late, and then all is made anew. Only the rest is derived again at each refresh.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain import adjust, calendar, differences, entries, intervals, kpi, losses, making
from desktop.domain.calendar import Shift
from desktop.domain.changeover import setup_window
from desktop.domain.entries import OPEN_MS, Changing, Entry, Labelled
from desktop.domain.events import Count, CountFlag, Event, EventKind, Role, State, StateChange
from desktop.domain.figures.line import HourRow
from desktop.domain.intervals import Category, Interval, Label, Window
from desktop.domain.kpi import Kpis, Sums
from desktop.domain.plant import Machine, Plant, Standard
from desktop.domain.spans import Span, subtract, union
from desktop.store import records
from desktop.store.database import Store
from desktop.store.shift_sums import Kept
from desktop.summaries.frame import Frame, within
from desktop.summaries.planned import NOTHING, Planned, counted_roles, earlier, pieces_of, planned

_COUNTING = frozenset({Role.GOOD, Role.REJECT, Role.TOTAL, Role.JUDGE})
_MOST_OPEN = 24  # intervals after which the settled part is drawn up to the present again
_AHEAD_MS = 86_400_000  # a clock is set back by an hour, or by a wrong date
_at_ms = attrgetter("at_ms")
_Fact = TypeVar("_Fact", Count, StateChange)


class Facts(Struct, frozen=True):
    """One machine in a window, as everybody shows it."""

    machine: Machine
    standard: Standard | None
    by_count: bool
    intervals: tuple[Interval, ...]
    counts: Sequence[Count]
    kpis: Kpis
    planned: Planned  # what should be good by when
    hours: tuple[HourRow, ...] = ()
    target: int | None = None
    plan: int | None = None  # what the plan with which the shift began wanted by now; None where nothing was planned
    sure: bool = True  # enough of the whole window is known
    comparable: bool = True  # its pieces can be held against the target: besides no hour of it is unknown
    booked: tuple[adjust.Booking, ...] = ()  # what people corrected of its pieces
    refused: tuple[adjust.Refused, ...] = ()  # what they corrected and cannot be
    runs: tuple[making.Run, ...] = ()  # what is made when, by orders and the product codes of devices

    @property
    def by_hand(self) -> int:
        """How many of the pieces no counter saw: a person keyed them in (수기)."""
        return sum(each.pieces for each in self.booked if each.kind in adjust.ADDED)

    @property
    def observed(self) -> bool:
        """Whether the pieces of the window are known: some were counted, or enough of it is known to say: none."""
        return bool(self.kpis.pieces.total or (self.sure and self.kpis.times.busy_ms))


class Station:
    """The facts of one machine around a window that grows, and what of them is settled."""

    def __init__(self, store: Store, frame: Frame, machine: Machine) -> None:
        self.machine = machine
        self.start_ms = frame.window.start_ms
        self._steady: kpi.Making | None = None
        self.counted = Sums()  # of the last look, as it was counted: without what people corrected
        self._made: tuple[making.Run, ...] = ()
        self._strokes: tuple[intervals.Stroke, ...] = ()
        self._planned: tuple[object, Planned] = (None, NOTHING)
        self._spans: tuple[Shift, tuple[Span, ...]] | None = None
        plant = frame.plant
        self.by_count = not plant.has_state_signal(machine.id)
        roles = _COUNTING if self.by_count else frozenset({Role.STATE})
        self.devices = frozenset(s.device for s in plant.signals_of(machine.id))
        # What the machine counts, also in an hour in which one of its counters stood still.
        self._counters = counted_roles(plant, machine.id)
        self._telling = frozenset(s.device for s in plant.signals_of(machine.id) if s.role in roles)
        window = frame.window
        if window.end_ms >= frame.now_ms:
            # What the clock was set back over comes up when it has caught up.
            window = Span(window.start_ms, window.end_ms + _AHEAD_MS)
        self._changes = [] if self.by_count else records.state_changes(store, machine.id, window)
        self._counts = records.counts(store, machine.id, window)
        self._gaps = _gaps(self._counts)
        self._alarms = records.alarms(store, machine.id, window)
        self.product_signals = frozenset(s.id for s in plant.product_signals(machine.id))
        self._products = products_told(store, plant, machine.id, window)
        self._said: tuple[Entry, ...] = ()
        self._earlier = earlier(store, machine.id, frame.shift, frame.planned) if frame.shift else None
        self._reasons = {r.id: r for r in plant.reasons}
        self._by_alarm = _alarm_reasons(plant, machine.id)
        self._settle(())

    def _settle(self, parts: tuple[Interval, ...], sums: Sums = Sums(), until_ms: int | None = None) -> None:  # noqa: B008
        self._settled, self._sums = parts, sums
        self._until_ms = self.start_ms if until_ms is None else until_ms
        if until_ms is None:
            self._hours: dict[Span, HourRow] = {}

    def hear(self, event: Event) -> None:
        """Take up a new fact of this machine or of one of its devices."""
        if event.kind is EventKind.STATE:
            if not self.by_count:
                insort(self._changes, records.as_change(event), key=_at_ms)
        elif event.kind is EventKind.COUNT:
            count = records.as_count(event)
            insort(self._counts, count, key=_at_ms)
            self._gaps += _gaps([count])
        elif event.kind is EventKind.ALARM:
            insort(self._alarms, event, key=_at_ms)
        elif event.kind is EventKind.PRODUCT:
            insort(self._products, event, key=_at_ms)
            self._steady = None
            self._settle(())
        begun_ms = event.at_ms if event.from_ms is None or not event.flag else min(event.from_ms, event.at_ms)
        if begun_ms <= self._until_ms:
            self._settle(())

    def facts(self, frame: Frame, *, late: bool = False) -> Facts:
        """The machine as it is at the frame's moment.

        `late`: as it would be if what was approved only afterwards had been planned (of a station that is asked once).
        """
        machine, window, plant = self.machine, frame.window, frame.plant
        said = entries.of(frame.said, machine.id)
        if said != self._said:
            self._said, self._steady = said, None
            self._settle(())
        rest = Span(min(self._until_ms, window.end_ms), window.end_ms)
        runs = self._runs(frame)
        standard = making.standard(plant, machine.id, window.end_ms, runs)
        if runs != self._made or not self._strokes:
            begun = Span(frame.reach.start_ms, records.ALWAYS.end_ms)
            self._made, self._strokes = runs, making.strokes(plant, machine.id, begun, runs)
        counts = self._known(self._counts, frame)
        parts = intervals.derive(
            machine.id,
            rest,
            threshold_ms=machine.threshold_ms,
            changes=self._from(self._known(self._changes, frame), rest.start_ms),
            counts=self._from(counts, rest.start_ms) if self.by_count else (),
            silences=self._silences(frame),
            pauses=frame.idle(machine, late=late),
            orders=frame.orders(machine),
            setups=self._setups(frame, counts, runs),
            reworks=making.rework_spans(runs, machine.id),
            scheduled=None if frame.shift or not frame.register.calendar.patterns else (),
            strokes=self._strokes,
            by_count=self.by_count,
            known_until_ms=frame.reach.end_ms,
            labels=self._labels(frame, rest),
            rules=frame.rules,
        )
        parts = _with_alarms(parts, self._alarms, self._by_alarm)
        makings = self._makings(frame, runs)
        counts = pieces_of(frame.register, machine.id, counts, makings)
        made = _Counted(counts, self._gaps if counts is self._counts else _gaps(counts), frame, self._counters)
        if len(parts) > _MOST_OPEN:
            parts = self._draw_up(parts, made, makings)
            rest = Span(min(self._until_ms, window.end_ms), window.end_ms)
        sums = kpi.add((self._sums, made.tally(rest, parts, makings)))
        sums = replace(sums, calendar_ms=window.length_ms, capacity_ms=frame.capacity_ms)
        self.counted = sums
        whole = (*self._settled, *parts)
        booked = self.booked(frame, whole, entries.bookings(said))
        sums = booked.sums
        planned = self._plan(frame, runs)
        kpis = kpi.compute(window, sums, frame.rules, running=frame.running)
        sure = not sums.times.busy_ms or sums.known_by(frame.rules)
        bare = Facts(machine, standard, self.by_count, whole, counts, kpis, planned, sure=sure, runs=runs)
        hours = _with_bookings(self._hour_rows(frame, bare, made), booked.booked, whole)
        comparable = sure and differences.comparable(hours, window.end_ms)
        due, plan = planned.due(window.end_ms), planned.planned(window.end_ms)
        bare = replace(bare, hours=hours, target=due, plan=plan, comparable=comparable)
        return replace(bare, booked=booked.booked, refused=booked.refused)

    def booked(self, frame: Frame, whole: Sequence[Interval], bookings: Sequence[adjust.Booking]) -> adjust.Adjusted:
        """What was counted at the last look, with what people corrected of it."""
        if not any(each.kind in adjust.ADDED for each in bookings):
            return adjust.adjusted(frame.window, self.machine.id, self.counted, bookings)
        silent = [part.span for part in whole if part.category is Category.NO_DATA]
        by_hand = [part.span for part in whole if part.by_hand]
        makings = self._makings(frame, self._runs(frame))
        return adjust.adjusted(frame.window, self.machine.id, self.counted, bookings, makings, silent, by_hand)

    def kept(self, frame: Frame, facts: Facts) -> Kept:
        """What of the frame's window adds up, as it is kept when its shift is over."""
        first = facts.intervals[0] if facts.intervals else None
        going_on = first.stop_id if first is not None and self._counted_before(first.stop_id, frame, facts) else 0
        idle = within(frame.idle(self.machine), frame.window)
        return Kept(facts.kpis.sums, losses.lost(facts.intervals, frame.register.calendar.zone, idle, going_on))

    def _counted_before(self, stop_id: int, frame: Frame, facts: Facts) -> bool:
        """Whether a stop with which the window begins was counted in an earlier shift: one counts where it began, one
        that began outside every shift in the first that it reaches."""
        told = self._counts if self.by_count else self._changes
        begun_ms = next((fact.at_ms for fact in told if fact.id == stop_id), frame.window.end_ms)
        if self.by_count:
            made = [each for each in self._strokes if each.since_ms < begun_ms]
            begun_ms += round((made[-1].stroke_ms or 0) if made else 0)
        before = Span(min(begun_ms, frame.window.start_ms), frame.window.start_ms)
        return bool(before.length_ms and calendar.shifts_between(frame.register.calendar, before))

    def _draw_up(
        self, parts: tuple[Interval, ...], made: _Counted, makings: tuple[kpi.Making, ...]
    ) -> tuple[Interval, ...]:
        """Settle everything before the last time that the machine began to run; returns what is left open."""
        place = next((n for n in range(len(parts) - 1, 0, -1) if parts[n].category is Category.RUN), 0)
        if place:
            span = Span(self._until_ms, parts[place].span.start_ms)
            sums = kpi.add((self._sums, made.tally(span, parts[:place], makings)))
            self._settle((*self._settled, *parts[:place]), sums, span.end_ms)
        return parts[place:]

    def _labels(self, frame: Frame, rest: Span) -> list[Label]:
        """What people said of the time that is derived."""
        found = []
        for entry in self._said:
            said = entry.said
            reason = self._reasons.get(said.reason) if isinstance(said, Labelled) else None
            end_ms = self._stands_until(frame, said.start_ms) if said.end_ms == OPEN_MS else said.end_ms
            if reason is not None and (span := Span(said.start_ms, max(end_ms, said.start_ms)).cut(rest)):
                found.append(Label(entry.id, self.machine.id, span, reason))
        return found

    def _stands_until(self, frame: Frame, start_ms: int) -> int:
        """When a standstill ended that went on when its reason was said: with the next piece or state that ends it, or
        when the device fell silent."""
        told: Sequence[Count | StateChange] = self._counts if self.by_count else self._changes
        ends = (f.at_ms for f in told[bisect_right(told, start_ms, key=_at_ms) :] if _ends_standstill(f))
        silent = (span.start_ms for span in self._silences(frame) if span.start_ms > start_ms)
        return min(next(ends, OPEN_MS), next(silent, OPEN_MS), frame.reach.end_ms)

    @staticmethod
    def _known(facts: list[_Fact], frame: Frame) -> list[_Fact]:
        """What came after the moment that is asked for was not known then."""
        last_ms = frame.reach.end_ms
        return facts if not facts or facts[-1].at_ms <= last_ms else [fact for fact in facts if fact.at_ms <= last_ms]

    def _from(self, facts: list[_Fact], start_ms: int) -> list[_Fact]:
        """The facts from the last one on that holds at a moment; all of them where nothing is settled."""
        if self._until_ms == self.start_ms:
            return facts
        place = bisect_right(facts, start_ms, key=_at_ms)
        while place and (place == len(facts) or facts[place].at_ms > start_ms or not _tells(facts[place])):
            place -= 1
        return facts[place:]

    def _runs(self, frame: Frame) -> tuple[making.Run, ...]:
        """What was made when, by the product codes and orders of the window's time and before: what is made behind a
        shift that is over tells nothing of it."""
        edge_ms = frame.window.end_ms
        known = [event for event in self._products if event.at_ms <= edge_ms]
        told = making.told_runs(frame.plant, self.machine.id, known, records.ALWAYS.end_ms)
        begun = (entry for entry in self._said if entry.said.start_ms < edge_ms or edge_ms == frame.reach.end_ms)
        return (*told, *entries.runs(begun, records.ALWAYS.end_ms))

    def _setups(self, frame: Frame, counts: Sequence[Count], runs: tuple[making.Run, ...]) -> tuple[Window, ...]:
        """The changeovers that people said."""
        told = entries.changeovers(self._said, frame.reach.end_ms)
        found = (setup_of(frame, self.machine.id, changing, counts, runs) for changing in told)
        return tuple(setup for setup in found if setup.span.length_ms)

    def _makings(self, frame: Frame, runs: tuple[making.Run, ...]) -> tuple[kpi.Making, ...]:
        """What the machine makes in the window; where that is one thing since it began it stays that."""
        window = frame.window
        known = self._steady
        if known and known.span.start_ms == window.start_ms and window.end_ms <= known.span.end_ms:
            return (replace(known, span=window),)
        found = making.makings(frame.plant, self.machine.id, window, runs)
        coming = [s.valid_from_ms for s in frame.plant.standards if s.valid_from_ms > window.end_ms]
        end_ms = min(coming, default=records.ALWAYS.end_ms)
        self._steady = replace(found[0], span=Span(window.start_ms, end_ms)) if len(found) == 1 else None
        return found

    def _plan(self, frame: Frame, runs: tuple[making.Run, ...]) -> Planned:
        """What is due in the shift. Without a plan it stays as long as nothing else is said to be made."""
        shift = frame.shift
        if shift is None:
            return NOTHING
        key = (shift, runs, (frame.window.end_ms, frame.newest) if frame.planned else None)
        if self._planned[0] != key:
            there, versions, now_ms = frame.register, frame.planned, frame.window.end_ms
            told = entries.bookings(entries.of(frame.said, self.machine.id)) if self._earlier is not None else None
            self._planned = (key, planned(there, self.machine, shift, runs, versions, now_ms, self._earlier, told))
        return self._planned[1]

    def _silences(self, frame: Frame) -> tuple[Span, ...]:
        if not self._telling:
            return (frame.reach,)
        return union(span for device in self._telling for span in frame.silences[device])

    def _hour_rows(self, frame: Frame, facts: Facts, made: _Counted) -> tuple[HourRow, ...]:
        if frame.shift is None:
            return ()
        rows = []
        if self._spans is None or self._spans[0] is not frame.shift:
            self._spans = (frame.shift, calendar.hours_of(frame.shift))
        for span in self._spans[1]:
            row = self._hours.get(span)
            if row is None or (row.target_now is None and span.start_ms < frame.window.end_ms):
                row = _hour_row(frame, facts, span, made)
                # What is settled stays as it is, and without a plan what has not begun.
                coming = span.start_ms >= frame.window.end_ms and not frame.planned
                if span.end_ms <= min(self._until_ms, frame.window.end_ms) or coming:
                    self._hours[span] = row
            rows.append(row)
        return tuple(rows)


def setup_of(
    frame: Frame, machine: int, changing: Changing, counts: Sequence[Count], runs: tuple[making.Run, ...]
) -> Window:
    """The time of a changeover that people said, as far as it is known at the frame's moment. `counts` in order."""
    changed = changing.window
    old = making.standard(frame.plant, machine, changed.span.start_ms - 1, runs)
    if changing.product is not None:  # until an order says otherwise
        runs = (making.Run(0, machine, changed.span, changing.product), *runs)
    first = bisect_right(counts, changed.span.start_ms, key=_at_ms)
    while first and not counts[first - 1].pieces:
        first -= 1
    return setup_window(
        changed,
        counts[max(first - 1, 0) :],  # from the last piece of what was made before on
        old_stroke_ms=old.stroke_ms if old else None,
        new_strokes=making.strokes(frame.plant, machine, changed.span, runs),
        approved_ms=changing.approved_ms,
        known_until_ms=frame.reach.end_ms,
        rules=frame.rules,
    )


def _tells(fact: Count | StateChange) -> bool:
    """Whether a fact says what the machine does: a state always, a count where pieces were made."""
    return not isinstance(fact, Count) or bool(fact.pieces)


def products_told(store: Store, plant: Plant, machine: int, window: Span) -> list[Event]:
    """The product codes that devices told of a machine, from the one that held when the window began."""
    told = [records.products(store, s.id, window) for s in plant.product_signals(machine)]
    return sorted((event for events in told for event in events), key=_at_ms)


def stations(store: Store, frame: Frame) -> list[Station]:
    """A station for every machine of the line."""
    return [Station(store, frame, machine) for machine in frame.plant.machines]


class _Counted:
    """The counts of a machine, and of those whose time is not known what is needed to share them out."""

    def __init__(self, counts: Sequence[Count], gaps: Sequence[Count], frame: Frame, counters: frozenset[Role]) -> None:
        self._counts, self._gaps = counts, gaps
        self.counters = counters
        self.busy: tuple[Span, ...] = ()
        if gaps:  # the working time of all gaps whole, also where they reach out of the window
            self.busy = frame.busy(Span(min(min(c.from_ms, c.at_ms) for c in gaps), max(c.at_ms for c in gaps)))

    def tally(self, span: Span, parts: Sequence[Interval], makings: Sequence[kpi.Making]) -> Sums:
        """The sums of a part of the time."""
        return kpi.tally(span, parts, self.of(span), makings, busy_spans=self.busy, counters=self.counters)

    def of(self, span: Span) -> list[Count]:
        """What was counted in a part of the time, and every gap: it reaches into it from wherever it lies."""
        low, high = (bisect_right(self._counts, edge, key=_at_ms) for edge in (span.start_ms, span.end_ms))
        gaps = [c for c in self._gaps if not span.start_ms < c.at_ms <= span.end_ms]
        return [*self._counts[low:high], *gaps]


def _gaps(counts: Iterable[Count]) -> list[Count]:
    return [count for count in counts if count.flag is CountFlag.GAP]


def _with_alarms(parts: tuple[Interval, ...], alarms: list[Event], reasons: Mapping[str, int]) -> tuple[Interval, ...]:
    """Each standstill with the alarm that stood when it began or came up within it, instead of the state's number; and
    where nobody said why it stood, with the reason that this alarm stands for."""
    found = []
    for part in parts:
        code, word = "", ""
        if part.state is State.UNKNOWN:
            code = part.code  # what it said of itself and nobody set up
        if part.category in intervals.STOPPED:
            first = max(bisect_right(alarms, part.span.start_ms, key=_at_ms) - 1, 0)
            for alarm in alarms[first:]:
                if alarm.at_ms >= part.span.end_ms:
                    break
                if alarm.at_ms > part.span.start_ms and word and alarm.word != word:
                    break  # what came up first; its text may come behind it
                word, code = alarm.word, alarm_shown(alarm)
        reason = reasons.get(word) if part.reason is None and word else part.reason
        same = (part.code, part.reason) == (code, reason)
        found.append(part if same else replace(part, code=code, reason=reason))
    return tuple(found)


def alarm_shown(alarm: Event) -> str:
    """The code of an alarm and its text, as far as there is one."""
    return f"{alarm.word} {alarm.detail}".strip() if alarm.word else ""


def _ends_standstill(fact: Count | StateChange) -> bool:
    """Whether a fact tells that a machine no longer stands for the reason that was said."""
    if isinstance(fact, Count):
        return bool(fact.pieces)
    return fact.state in (State.RUN, State.SETUP, State.UNKNOWN, State.NO_SIGNAL)


def _alarm_reasons(plant: Plant, machine: int) -> dict[str, int]:
    """Which reason an alarm of a machine stands for, by the code of the alarm."""
    by_code = {reason.code: reason.id for reason in plant.reasons}
    told = [s.reasons for s in plant.signals_of(machine) if s.role is Role.ALARM]
    return {alarm: by_code[code] for reasons in told for alarm, code in reasons.items() if code in by_code}


def _with_bookings(
    rows: tuple[HourRow, ...], booked: Sequence[adjust.Booking], parts: Sequence[Interval]
) -> tuple[HourRow, ...]:
    """The hours with the pieces that people corrected. Where somebody counted through all of its silence an hour is
    known."""
    if not booked:
        return rows
    made = adjust.over_hours([(row.span, row.good, row.reject) for row in rows], booked)
    found = [replace(row, good=good, reject=reject) for row, (good, reject) in zip(rows, made, strict=True)]
    added = [each for each in booked if each.kind in adjust.ADDED]
    if not added:
        return tuple(found)
    told = union(Span(each.made_at_ms, each.until_ms) for each in added if each.until_ms is not None)
    silent = [left for part in parts if part.category is Category.NO_DATA for left in subtract(part.span, told)]
    return tuple(
        replace(row, sure=row.sure or not any(row.span.cut(span) for span in silent), by_hand=keyed) if keyed else row
        for row in found
        for keyed in (sum(each.within(row.span) for each in added),)
    )


def _known(frame: Frame, facts: Facts, part: Span, inside: Sequence[Interval], counted: _Counted) -> bool:
    """Whether enough of an hour is known to hold its pieces against a target. Without a silence it is known whole."""
    if not any(interval.category is Category.NO_DATA for interval in inside):
        return facts.observed or kpi.times_of(inside).busy_ms > 0
    cut = [replace(interval, span=own) for interval in inside if (own := interval.span.cut(part))]
    sums = counted.tally(part, cut, (kpi.Making(part),))
    return sums.known_by(frame.rules) if sums.times.busy_ms else facts.observed


def _hour_row(frame: Frame, facts: Facts, span: Span, counted: _Counted) -> HourRow:
    assert frame.shift is not None
    begun = span.start_ms < frame.window.end_ms
    good: int | None = None
    reject: int | None = None
    part = Span(span.start_ms, min(span.end_ms, frame.window.end_ms)) if begun else None
    first = bisect_right(facts.intervals, span.start_ms, key=_start_ms) - 1
    inside = facts.intervals[max(first, 0) : bisect_left(facts.intervals, span.end_ms, key=_start_ms)]
    sure = True
    if part is not None:
        made = kpi.pieces_of(part, inside, counted.of(part), counted.busy, counted.counters)
        sure = _known(frame, facts, part, inside, counted)
        if sure or made.good or made.reject:
            good, reject = made.good, made.reject
    worst = losses.biggest((i for i in inside if i.category in _LOST), span)
    due = facts.planned.target(span)
    due_now = None
    if begun and due is not None:
        due_now = facts.planned.target(Span(span.start_ms, min(span.end_ms, frame.now_ms)))
    word = ""
    if worst is not None:
        names = (reason.name for reason in frame.plant.reasons if reason.id == worst[0].reason)
        word = next(names, worst[0].code)
    return HourRow(
        span,
        due,
        due_now,
        good,
        reject,
        not subtract(span, frame.shift.pause_spans),
        worst[0].category if worst else None,
        worst[0].state if worst else None,
        word,
        worst[1] if worst else 0,
        sure,
    )


_LOST = intervals.STOPPED | {Category.SHORT_STOP, Category.NO_DATA}


def _start_ms(interval: Interval) -> int:
    return interval.span.start_ms

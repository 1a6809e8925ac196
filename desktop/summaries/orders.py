"""The plan at the machines: which orders run, how far they are, when they will be done; changeovers; corrected pieces.

Pieces of an order are counted at its machine, of an order of the whole line at the line's exit, where they go into the
boxes: while nobody says there what is made, in the time in which the last machine that was told works on it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from operator import attrgetter

from desktop.domain import adjust, calendar, kpi, making, orders
from desktop.domain import entries as spoken
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import OPEN_MS, Booked, Changed, Changing, Entry, FirstPiece, Ordered, OrderEnded
from desktop.domain.events import Count, CountFlag, Role, State
from desktop.domain.figures.work import (
    ChangeoverRow,
    EnteredRow,
    FromToRow,
    OrderNow,
    PastShift,
    ScrapRow,
    WorkMachine,
    WorkNow,
)
from desktop.domain.intervals import Category, Interval
from desktop.domain.making import Run
from desktop.domain.orders import Changeover, Order, OrderStatus
from desktop.domain.spans import Span, subtract, total_ms
from desktop.store import entries, records
from desktop.store import orders as plan
from desktop.store.closed import closing_of
from desktop.store.database import Store
from desktop.summaries.blind import blind_spans
from desktop.summaries.frame import Frame, frame
from desktop.summaries.lately import said_lately
from desktop.summaries.now import BACK_DAYS, Live
from desktop.summaries.planned import corrected, counted_roles, pieces_of, placed
from desktop.summaries.station import Facts, Station, products_told, setup_of

_DAY_MS, _HOUR_MS = 86_400_000, 3_600_000
_WEEKS_MS = 84 * _DAY_MS  # so far back changeovers are compared, and orders are followed
_AHEAD_MS = 14 * _DAY_MS  # so far ahead an end is looked for
_SHOWN_DAYS = 7  # open orders of so many days before are still in the list
_SOON_MS = 2 * _HOUR_MS  # the orders of a shift that begins so soon are in the list, too
_SETUP_REACH_MS = 12 * _HOUR_MS  # a changeover without an approved first piece is followed so long
_MOST_KEPT = 5_000  # of what is remembered; then all is found anew
_MOST_ENTERED = 60  # the newest of what was said is listed
PAST_SHIFTS = 6  # so many shifts that are over are offered at once for late rejects
_at_ms = attrgetter("at_ms")
_RUN = Ordered | OrderEnded | Changed | FirstPiece
_REJECTS = (BookingKind.LATE_REJECT, BookingKind.REJECT_REASON, BookingKind.UNCOUNTED_REJECT)
_ENTERED = Ordered | OrderEnded | Changed | FirstPiece | Booked
_LEAST_BOOKED_MS = 4 * _DAY_MS  # corrected pieces of these days are read at once, of more where an order is older


def work_now(
    live: Live,
    store: Store,
    now_ms: int,
    machine: int | None = None,
    wanted: calendar.Shift | None = None,
    page: int = 0,
) -> WorkNow:
    """What the Work screen shows. `machine`: which one is looked at (None, or one that is not there: the first).
    `page`: of its shifts that are over, the latest six (0), the six before them (1) and so on; `wanted` is among them
    whichever they are."""
    at, facts = live.facts(store, now_ms)
    board = Board(live, store, at, facts)
    machines = tuple(board.machine_row(fact) for fact in facts)
    fact = next((f for f in facts if f.machine.id == machine), facts[0] if facts else None)
    if fact is None:
        return WorkNow(at.head, at.now_ms, at.shift, at.collector, ())
    number = fact.machine.id
    changed = board.changeovers(fact)
    past, older = past_shifts(live, store, at, number, page, wanted)
    before = _shift_before(at)
    known = (*(each.shift for each in past), *((before,) if before is not None else ()))
    begun_ms = min((each.span.start_ms for each in known), default=at.window.start_ms)
    rated = {s.product for s in at.plant.standards if s.machine == number}
    return WorkNow(
        at.head,
        at.now_ms,
        at.shift,
        at.collector,
        machines,
        number,
        board.of_machine(fact),
        next((row for row in reversed(changed) if row.end_ms is None), None),
        tuple((p.id, p.code, p.name) for p in at.plant.products if p.id in rated),
        at.plant.scrap_reasons,
        bool(counted_roles(at.plant, number) & {Role.REJECT}),
        _hours(at),
        past,
        board.entered(number),
        tuple(reversed(changed)),
        board.matrix(fact),
        fact.kpis.pieces.good if fact.observed else None,
        fact.kpis.pieces.reject if fact.observed else None,
        board.plan.late,
        board.makings(number, begun_ms),
        fact.by_hand,
        blind_spans(live, store, at, fact, before),
        max(board.in_rework(number), 0),
        older,
        before,
    )


def of_report(
    store: Store, at: Frame, facts: Sequence[Facts], live: Live | None = None
) -> tuple[tuple[OrderNow, ...], tuple[ChangeoverRow, ...], tuple[ScrapRow, ...], bool]:
    """Of a shift: its orders, its changeovers, its corrected pieces, and whether its plan came after it had begun."""
    board = Board(Live() if live is None else live.aside(), store, at, facts)
    changed = sorted((row for fact in facts for row in board.changeovers(fact)), key=lambda row: row.start_ms)
    return board.of_shift(), tuple(changed), _scrap(at, facts), board.plan.late


def _scrap(at: Frame, facts: Sequence[Facts]) -> tuple[ScrapRow, ...]:
    """Rejects by reason, those without one last; then the pieces that were none."""
    names = {reason.id: reason.name for reason in at.plant.scrap_reasons}
    notes = {e.id: e.said.note for e in at.said if isinstance(e.said, Booked)}
    sums: dict[tuple[str, str], int] = {}
    for fact in facts:
        for booking in fact.booked:
            rejects = booking.kind in _REJECTS
            kind = "reject" if rejects else "rework" if booking.kind in adjust.SENT else booking.kind.value
            key = (kind, names.get(booking.reason or 0, "" if rejects else notes.get(booking.id, "")))
            sums[key] = sums.get(key, 0) + booking.pieces
    if not any(sums.values()):
        return ()
    counted = sum(fact.kpis.pieces.reject for fact in facts)
    named = sum(n for (kind, reason), n in sums.items() if (kind == "reject" and reason) or kind == "rework")
    sums["reject", ""] = counted - named
    found = [ScrapRow(kind, reason, pieces) for (kind, reason), pieces in sums.items() if pieces > 0]
    return tuple(sorted(found, key=lambda row: (row.kind != "reject", not row.reason, -row.pieces)))


def _hours(at: Frame) -> tuple[Span, ...]:
    if at.shift is None:
        return ()
    return tuple(reversed([span for span in calendar.hours_of(at.shift) if span.start_ms < at.now_ms]))


def _shift_before(at: Frame) -> calendar.Shift | None:
    edge_ms = at.window.start_ms
    for days in BACK_DAYS:
        past = calendar.shifts_between(at.register.calendar, Span(edge_ms - days * _DAY_MS, edge_ms))
        over = [shift for shift in past if shift.span.end_ms <= edge_ms]
        if over:
            return over[-1]
    return None


def past_shifts(
    live: Live, store: Store, at: Frame, machine: int, page: int = 0, wanted: calendar.Shift | None = None
) -> tuple[tuple[PastShift, ...], bool]:
    """The shifts that are over and in which a machine made something, latest first, `PAST_SHIFTS` of them and whether
    there are more; `wanted` is one of them."""
    key = ("past", machine, page, wanted, at.newest, at.register.version, at.window.start_ms)
    known = live.kept.get(key)
    if isinstance(known, tuple):
        return known
    first, edge_ms, shop = PAST_SHIFTS * page, at.window.start_ms, at.register.calendar
    made, least_ms = list[calendar.Shift](), max(records.begun_ms(store), edge_ms - _WEEKS_MS)
    until_ms = edge_ms
    while until_ms > least_ms and len(made) <= first + PAST_SHIFTS:
        since_ms = max(until_ms - 4 * _DAY_MS, least_ms)
        # One that reaches over the edge of these days is taken with those before it.
        some = [each for each in calendar.shifts_between(shop, Span(since_ms, until_ms)) if each.span.end_ms <= edge_ms]
        some = [each for each in some if since_ms <= each.span.start_ms < until_ms or since_ms == least_ms]
        made += [each for each in reversed(some) if records.made_any(store, machine, each.span)]
        until_ms = since_ms
    shown = made[first : first + PAST_SHIFTS]
    if wanted is not None and all(each.span != wanted.span for each in shown):
        shown = sorted([wanted, *shown[: PAST_SHIFTS - 1]], key=lambda each: -each.span.start_ms)
    past = tuple(PastShift(each, closing_of(store, each.span) is not None) for each in shown)
    found = (past, len(made) > first + PAST_SHIFTS)
    live.kept[key] = found
    return found


class Board:
    """The plan and what people said of it, at one moment."""

    def __init__(self, live: Live, store: Store, at: Frame, facts: Sequence[Facts]) -> None:
        self._live, self._store, self._at = live, store, at
        self._facts = {fact.machine.id: fact for fact in facts}
        self.until_ms = at.window.end_ms
        self._by_machine: dict[int, list[Entry]] = {number: [] for number in self._facts}
        for entry in said_lately(live, store, at, _WEEKS_MS, _RUN):
            # Of a shift that is over what was done after it is not on the page.
            here = self.until_ms >= at.now_ms or entry.said.start_ms < self.until_ms
            if here and entry.said.machine in self._by_machine:
                self._by_machine[entry.said.machine].append(entry)
        self._booked: dict[int, list[adjust.Booking]] = {}
        self._booked_ms = 0  # so far back they are known
        self._working: dict[int, Run | None] = {}
        self._refused = {n: {each.booking.id for each in fact.refused} for n, fact in self._facts.items()}
        self._runs = {number: spoken.runs(said, self.until_ms) for number, said in self._by_machine.items()}
        if len(live.kept) > _MOST_KEPT:
            live.kept.clear()
        self._products = {product.id: product for product in at.plant.products}
        since = calendar.local_date(at.window.start_ms, at.register.calendar.zone) - timedelta(days=_SHOWN_DAYS)
        versions = plan.versions(store, since)
        self._orders = {order.code: order for order in orders.as_of(versions, self.until_ms)}
        shift = at.shift
        self.plan = orders.shift_plan(versions, shift, at.now_ms) if shift else orders.ShiftPlan((), ())
        self._ahead = at.busy(Span(self.until_ms, self.until_ms + _AHEAD_MS))

    def in_rework(self, machine: int) -> int:
        """How many pieces of a machine went into rework in the last weeks and did not come out of it."""
        at, kinds = self._at, (*adjust.SENT, *adjust.OUTCOMES)
        told = entries.booked(self._store, Span(at.now_ms - _WEEKS_MS, OPEN_MS), kinds)
        told = entries.known(self._store, told, at.now_ms, at.now_ms + _DAY_MS)
        return adjust.in_rework(spoken.bookings(e for e in told if e.said.machine == machine))

    def _bookings(self, machine: int, span: Span) -> list[adjust.Booking]:
        """What people corrected of the pieces that a machine made in a span of the last weeks, in the order of
        saying. They are many: so far back as an order runs they are read, and no further."""
        at = self._at
        wanted_ms = min(max(at.now_ms - span.start_ms, _LEAST_BOOKED_MS), _WEEKS_MS)
        if wanted_ms > self._booked_ms:
            while self._booked_ms < wanted_ms:
                self._booked_ms = min(max(2 * self._booked_ms, _LEAST_BOOKED_MS), _WEEKS_MS)
            self._booked = {number: [] for number in self._facts}
            for each in spoken.bookings(said_lately(self._live, self._store, at, self._booked_ms, Booked)):
                if each.machine in self._booked:
                    own = placed(at.register.calendar, self._runs[each.machine], each)
                    self._booked[each.machine].append(own)
        return [each for each in self._booked.get(machine, ()) if span.holds(each.made_at_ms) or each.within(span)]

    def _taken(self, machine: int, span: Span, product: int) -> list[adjust.Booking]:
        """What was corrected of the pieces of a product, without what the shift that made them refuses."""
        told = [b for b in self._bookings(machine, span) if b.kind in adjust.ADDED or b.product in (None, product)]
        refused, shift = set(self._refused[machine]), None
        for at_ms in sorted({b.made_at_ms for b in told if b.made_at_ms < self._at.window.start_ms}):
            if shift is None or not shift.span.holds(at_ms):
                shift = calendar.shift_at(self._at.register.calendar, at_ms)
                refused |= self._refused_in(machine, shift) if shift is not None else frozenset()
        return [b for b in told if b.id not in refused]

    def _refused_in(self, machine: int, shift: calendar.Shift) -> frozenset[int]:
        """The bookings that a shift before the window refuses; found anew where something is said of it."""
        at, span = self._at, shift.span
        runs = tuple(run for run in self._runs[machine] if run.span.cut(span))
        newest = entries.newest_of(self._store, Span(span.start_ms - _SETUP_REACH_MS, span.end_ms))
        key = ("refused", machine, span, newest, runs, self._late(machine), at.register.version)
        known = self._live.kept.get(key)
        if not isinstance(known, frozenset):
            then = frame(self._store, at.now_ms, shift)
            there = next((each for each in then.plant.machines if each.id == machine), None)
            refused = Station(self._store, then, there).facts(then).refused if there is not None else ()
            known = frozenset(each.booking.id for each in refused)
            self._live.kept[key] = known
        return known

    # -- orders --

    def machine_row(self, fact: Facts) -> WorkMachine:
        """A machine with the order that it works on."""
        last = fact.intervals[-1] if fact.intervals else None
        run = self._running(fact.machine.id)
        order = self._orders.get(run.order) if run else None
        product = self._products.get(run.product or 0) if run else None
        return WorkMachine(
            fact.machine.id,
            fact.machine.code,
            fact.machine.name,
            last.state if last else State.UNKNOWN,
            last.category if last else Category.NO_DATA,
            last.span.start_ms if last else self._at.window.start_ms,
            run.order if run else "",
            product.name if product else "",
            self._made(run.order, run.product or 0, self.judge(run.order, fact.machine.id))[0] if run else 0,
            self._quantity(run, order),
            last is not None and last.unlabelled,
        )

    def of_machine(self, fact: Facts) -> tuple[OrderNow, ...]:
        """The orders that a machine may work on, the running one first, then in sequence; done ones last."""
        number = fact.machine.id
        run = self._running(number)
        day = self._last_day()
        mine = [
            order
            for order in orders.in_sequence(self._orders.values())
            if order.is_for(number)
            and (order.planned_on is None or day is None or order.planned_on <= day)
            and (order.status is OrderStatus.OPEN or order.is_planned_in(self._at.shift) if self._at.shift else True)
        ]
        rows: list[OrderNow] = []
        free_ms: int | None = self.until_ms
        if run is not None:
            rows.append(self._row(run.order, run.product or 0, self._orders.get(run.order), fact, run, self.until_ms))
            free_ms = rows[0].finish_ms
        for order in mine:
            if run is not None and order.code == run.order:
                continue
            row = self._row(order.code, order.product, order, fact, None, free_ms)
            free_ms = row.finish_ms if row.status == "open" else free_ms
            rows.append(row)
        return tuple(sorted(rows, key=lambda row: ("running", "open", "done", "cancelled").index(row.status)))

    def _last_day(self) -> date | None:
        """Up to which day orders are offered: that of the shift, or of the one that begins soon, for which the plan
        comes before the shift does. None outside of every shift: all."""
        shift, now_ms = self._at.shift, self._at.now_ms
        if shift is None:
            return None
        soon = calendar.shift_at(self._at.register.calendar, now_ms + _SOON_MS) if shift.span.holds(now_ms) else None
        return max(each.business_on for each in (shift, soon) if each is not None)

    def of_shift(self) -> tuple[OrderNow, ...]:
        """The orders of the shift: those of its plan, and what was worked on besides."""
        ran: dict[tuple[str, int], Run] = {}
        for runs in self._runs.values():
            for run in runs:
                if run.span.cut(self._at.window) and run.product is not None:
                    ran[run.order, run.product] = run
        wanted = {order.code: order for order in (*self.plan.frozen, *self.plan.adjusted)}
        found = []
        for (code, product), run in sorted(ran.items(), key=lambda item: item[1].span.start_ms):
            order = wanted.pop(code, None) or self._orders.get(code)
            fact = self._facts[self.judge(code, run.machine)]
            going = self._going(code)
            found.append(self._row(code, product, order, fact, going, self.until_ms))
        for order in orders.in_sequence(wanted.values()):
            there = self._facts.get(order.machine or 0) or next(reversed(self._facts.values()), None)
            if there is not None:
                found.append(self._row(order.code, order.product, order, there, None, None))
        return tuple(found)

    def _running(self, machine: int) -> Run | None:
        """What a machine works on at the moment."""
        if machine not in self._working:
            self._working[machine] = self._found_running(machine)
        return self._working[machine]

    def _found_running(self, machine: int) -> Run | None:
        found = [run for run in self._runs.get(machine, ()) if run.span.end_ms >= self.until_ms]
        last = max(found, key=lambda run: (run.span.start_ms, run.id), default=None)
        ended = [
            e for e in self._by_machine.get(machine, ())
            if isinstance(e.said, OrderEnded) and e.said.start_ms <= self.until_ms
        ]  # fmt: skip
        if last is not None and any((e.said.start_ms, e.id) > (last.span.start_ms, last.id) for e in ended):
            return None
        return last

    def _quantity(self, run: Run | None, order: Order | None) -> int | None:
        if order is not None:
            return order.quantity
        told = self._by_machine.get(run.machine, ()) if run is not None else ()
        said = next((e.said for e in told if run is not None and e.id == run.id), None)
        return said.quantity if isinstance(said, Ordered) else None

    def _row(
        self, code: str, product: int, order: Order | None, fact: Facts, run: Run | None, free_ms: int | None
    ) -> OrderNow:
        """An order; `free_ms`: when the machine can begin with it, None where nobody knows."""
        number = self.judge(code, fact.machine.id)
        made, in_shift = self._made(code, product, number)
        quantity = self._quantity(run, order)
        cycle_ms, by_standard = self._pace(number, run, product)
        begin_ms = self.until_ms if free_ms is None else max(free_ms, self.until_ms)
        at = orders.progress(quantity or 0, made, begin_ms, cycle_ms, self._ahead, order.due_ms if order else None)
        known = quantity is not None
        started = [span.start_ms for span in self._spans(code, product, number)]
        stands = order.status.value if order is not None else "open"
        status = "running" if run is not None else "done" if known and not at.remaining and started else stands
        machine = self._facts.get(order.machine) if order is not None and order.machine else None
        goes_on = known and status in ("running", "open") and free_ms is not None
        frozen = next((o.quantity for o in self.plan.frozen if o.code == code), None) if code else None
        item = self._products.get(product)
        return OrderNow(
            code,
            product,
            item.code if item else "",
            item.name if item else "",
            order.lot if order else "",
            order.kind.value if order else "rework" if run is not None and run.rework else "mass",
            quantity,
            machine.machine.name if machine else "",
            order.due_ms if order else None,
            made,
            in_shift,
            at.remaining if known else None,
            at.over if known else 0,
            at.finish_ms if goes_on else None,
            at.late_ms if goes_on else None,
            status,
            min(started, default=None),
            frozen,
            by_standard,
            self._by_hand(code, product, number),
        )

    def judge(self, code: str, machine: int) -> int:
        """The machine at which the pieces of an order are counted: its own, for the line its exit, the last one that
        has a standard for the product (of none the last one)."""
        order = self._orders.get(code)
        if not code:
            return machine
        if order is None:  # it is in no plan: the last machine that worked on it
            ran = [number for number, runs in self._runs.items() if any(run.order == code for run in runs)]
            return max(ran, key=lambda number: self._facts[number].machine.place, default=machine)
        if order.machine is not None:
            return order.machine if order.machine in self._facts else machine
        rated = {s.machine for s in self._at.plant.standards if s.product == order.product}
        passed = [number for number in self._facts if number in rated] or [*self._facts]
        return max(passed, key=lambda number: self._facts[number].machine.place, default=machine)

    def _spans(self, code: str, product: int, machine: int) -> list[Span]:
        """The time of an order at the machine at which it is counted. Where that was told nothing, the time in which
        the last machine that was told worked on it."""
        own = self._runs.get(machine, ())
        found = [run.span for run in own if run.order == code and run.product == product]
        order = self._orders.get(code)
        if not code or order is None or order.machine is not None:
            return found
        ran = [n for n, runs in self._runs.items() if n != machine and any(run.order == code for run in runs)]
        last = max(ran, key=lambda number: self._facts[number].machine.place, default=None)
        if last is not None:
            told = [run.span for run in own]
            for run in self._runs[last]:
                if run.order == code and run.product == product:
                    found += subtract(run.span, told)
        return found

    def _going(self, code: str) -> Run | None:
        """The order as it runs on any machine; None where it does not."""
        runs = [run for number in self._facts if (run := self._running(number)) is not None and run.order == code]
        return max(runs, key=lambda run: run.span.start_ms, default=None)

    def _pace(self, machine: int, run: Run | None, product: int) -> tuple[float | None, bool]:
        """Working time a piece: of the last hour for what runs, else the standard cycle; and whether it is that."""
        at = self._at
        if run is not None and machine in self._facts:
            part = Span(max(run.span.start_ms, self.until_ms - _HOUR_MS), self.until_ms)
            pace = orders.pace_ms(self._good(machine, part, product), total_ms(at.busy(part)))
            if pace is not None:
                return pace, False
        known = at.plant.standard(machine, product, self.until_ms)
        return (known.standard_cycle_ms, True) if known else (None, False)

    def makings(self, machine: int, start_ms: int) -> tuple[tuple[Span, int | None], ...]:
        """What a machine made when, from a moment on."""
        window = Span(start_ms, self.until_ms + 1)
        told = products_told(self._store, self._at.plant, machine, window)
        runs = (*making.told_runs(self._at.plant, machine, told, window.end_ms), *self._runs[machine])
        return tuple((made.span, made.product) for made in making.makings(self._at.plant, machine, window, runs))

    # -- pieces --

    def _made(self, code: str, product: int, machine: int) -> tuple[int, int]:
        """Good pieces of an order at a machine: in all, and in the shift."""
        window = self._at.window
        whole = in_shift = 0
        for span in self._spans(code, product, machine):
            before = Span(span.start_ms, max(min(span.end_ms, window.start_ms), span.start_ms))
            now = span.cut(window)
            part = self._good(machine, now, product) if now is not None else 0
            in_shift += part
            whole += part + (self._good_before(machine, before, product) if before.length_ms else 0)
        return whole, in_shift

    def _by_hand(self, code: str, product: int, machine: int) -> int:
        """How many good pieces of an order no counter saw."""
        return sum(
            b.within(span)
            for span in self._spans(code, product, machine)
            for b in self._taken(machine, span, product)
            if b.kind is BookingKind.UNCOUNTED
        )

    def _good_before(self, machine: int, span: Span, product: int) -> int:
        """Good pieces of a time before the window: it is over, so they are counted once."""
        late = self._late(machine)
        told = tuple(each.id for each in self._taken(machine, span, product))
        key = ("made", machine, span, product, late, self._at.register.version, told)
        known = self._live.kept.get(key)
        if not isinstance(known, int):
            at = self._at
            strokes = records.counts(self._store, machine, span)
            counts = pieces_of(at.register, machine, strokes, (kpi.Making(span, product),))
            known = self._tally(machine, span, product, counts)
            self._live.kept[key] = known
        return known

    def _late(self, machine: int) -> int:
        """How many counts of a silence before the window came in it."""
        edge_ms = self._at.window.start_ms
        return sum(c.flag is CountFlag.GAP and c.from_ms < edge_ms for c in self._facts[machine].counts)

    def _good(self, machine: int, span: Span, product: int) -> int:
        """Good pieces of a part of the window."""
        return self._tally(machine, span, product, self._facts[machine].counts)

    def _tally(self, machine: int, span: Span, product: int, counts: Sequence[Count]) -> int:
        """Good pieces, whatever the time was counted as, without what people took off."""
        low, high = (bisect_right(counts, edge, key=_at_ms) for edge in (span.start_ms, span.end_ms))
        gaps = [c for c in counts if c.flag is CountFlag.GAP]
        inside = [*counts[low:high], *(c for c in gaps if not span.start_ms < c.at_ms <= span.end_ms)]
        busy: tuple[Span, ...] = ()
        if gaps:
            busy = self._at.busy(Span(min(min(c.from_ms, c.at_ms) for c in gaps), max(c.at_ms for c in gaps)))
        runs = (Interval(machine, span, Category.RUN, State.RUN, 0),)
        good = kpi.pieces_of(span, runs, inside, busy, counted_roles(self._at.plant, machine)).good
        return corrected(good, span, self._taken(machine, span, product))

    # -- changeovers --

    def changeovers(self, fact: Facts) -> list[ChangeoverRow]:
        """The changeovers that reach into the window, earliest first: those that people said, and set-ups that only
        the machine told of."""
        number, window = fact.machine.id, self._at.window
        found = [
            each for each in self._told(number, window.start_ms - _SETUP_REACH_MS)
            if (OPEN_MS if each.end_ms is None else each.end_ms) > window.start_ms
        ]  # fmt: skip
        said = [Span(each.start_ms, self.until_ms if each.end_ms is None else each.end_ms) for each in found]
        own: list[Span] = []
        for interval in fact.intervals:
            if interval.category is Category.SETUP and not any(interval.span.cut(span) for span in said):
                joined = own and own[-1].end_ms == interval.span.start_ms
                own[-1:] = [Span(own[-1].start_ms, interval.span.end_ms)] if joined else [*own[-1:], interval.span]
        runs = self._runs[number]
        for span in own:
            ended = None if span.end_ms >= self.until_ms else span.end_ms
            old, new = _product_before(runs, span.start_ms), _product_at(runs, span.end_ms)
            found.append(Changeover(number, span.start_ms, ended, old, new))
        return [self._changeover_row(each) for each in sorted(found, key=lambda each: each.start_ms)]

    def matrix(self, fact: Facts) -> tuple[FromToRow, ...]:
        """From what to what a machine was changed over in the last twelve weeks, and what that took."""
        told = self._told(fact.machine.id, self._at.now_ms - _WEEKS_MS)
        names = {product.id: product.name for product in self._at.plant.products}
        return tuple(
            FromToRow(
                names.get(row.from_product, ""), names.get(row.to_product, ""), row.count, row.median_ms, row.best_ms
            )
            for row in orders.matrix(told)
        )

    def _told(self, machine: int, since_ms: int) -> list[Changeover]:
        """The changeovers of a machine that people said. Those that were over when the window began are found once."""
        at, said = self._at, self._by_machine[machine]
        looked_at = (e.said for e in said if isinstance(e.said, FirstPiece))
        firsts = [(each.start_ms, each.good) for each in looked_at if each.which == "first"]
        told = spoken.changeovers(said, self.until_ms)
        if since_ms >= at.window.start_ms - _SETUP_REACH_MS:  # few: those of twelve weeks are not looked at for them
            near = [each for each in told if each.window.span.end_ms >= since_ms]
            shown = [self._changeover(machine, each, firsts) for each in near]
            return [each for each in shown if each.start_ms >= since_ms]
        over = [each for each in told if each.window.span.end_ms <= at.window.start_ms]
        key = ("told", machine, at.newest, at.register.version, at.window.start_ms, self._late(machine))
        known = self._live.kept.get(key)
        if not isinstance(known, tuple):
            known = tuple(self._changeover(machine, each, firsts) for each in over)
            self._live.kept[key] = known
        now = [self._changeover(machine, each, firsts) for each in told[len(over) :]]
        return [each for each in (*known, *now) if each.start_ms >= since_ms]

    def _changeover(self, machine: int, changing: Changing, firsts: Sequence[tuple[int, bool]]) -> Changeover:
        runs, span, changed = self._runs[machine], self._setup(machine, changing), changing.window
        end_ms = None if changing.approved_ms is None and span.end_ms >= self.until_ms else span.end_ms
        made = _product_at(runs, min(span.end_ms, self.until_ms - 1)) if changing.product is None else changing.product
        return Changeover(
            machine,
            min(span.start_ms, span.end_ms),
            end_ms,
            _product_before(runs, changed.span.start_ms),
            made,
            changing.approved_ms,
            sum(not good for at_ms, good in firsts if changed.span.holds(at_ms)),
            changed.event,
        )

    def _setup(self, machine: int, changing: Changing) -> Span:
        """The time of a changeover; of one that is over it is found once."""
        at, fact, changed, runs = self._at, self._facts[machine], changing.window, self._runs[machine]
        span = changed.span
        if span.start_ms >= at.window.start_ms:
            return setup_of(at, machine, changing, fact.counts, runs).span
        # What was made before and in it may be said later, and a silence tell its pieces when it is over.
        old = making.standard(at.plant, machine, span.start_ms - 1, runs)
        made = making.strokes(at.plant, machine, span, runs)
        over = span.end_ms < at.window.start_ms and span.end_ms
        key = (
            "setup",
            changed.event,
            over,
            changing.approved_ms,
            changing.product,
            old,
            made,
            self._late(machine),
            at.register.version,
        )
        known = self._live.kept.get(key)
        if not isinstance(known, Span):
            if changing.approved_ms is not None:
                known = Span(span.start_ms, changing.approved_ms)
            else:
                reach = Span(span.start_ms - _HOUR_MS, min(span.end_ms, span.start_ms + _SETUP_REACH_MS))
                counts = records.counts(self._store, machine, reach)
                known = setup_of(at, machine, changing, counts, runs).span
            if span.end_ms < self.until_ms or known.end_ms < self.until_ms:
                self._live.kept[key] = known
        return known

    def _changeover_row(self, each: Changeover) -> ChangeoverRow:
        machine = self._facts[each.machine].machine
        end_ms = self.until_ms if each.end_ms is None else each.end_ms
        old, new = (self._products.get(product or 0) for product in (each.from_product, each.to_product))
        return ChangeoverRow(
            machine.id,
            machine.code,
            machine.name,
            each.start_ms,
            each.end_ms,
            max(end_ms - each.start_ms, 0),
            old.name if old else "",
            new.name if new else "",
            each.first_good_ms,
            each.refused,
            each.entry,
        )

    # -- what was entered --

    def entered(self, machine: int) -> tuple[EnteredRow, ...]:
        """What was said at a machine since the shift began, the latest first."""
        scrap = {reason.id: reason.name for reason in self._at.plant.scrap_reasons}
        at, since_ms = self._at, self._at.now_ms - _WEEKS_MS
        told = (e for e in entries.said_since(self._store, at.window.start_ms, _ENTERED) if e.said.machine == machine)
        found = []
        for entry in entries.known(self._store, told, at.now_ms, at.now_ms + _DAY_MS):
            said = entry.said
            if isinstance(said, _ENTERED) and said.start_ms >= since_ms:
                product = None if isinstance(said, OrderEnded | FirstPiece) else self._products.get(said.product or 0)
                reason = scrap.get(said.reason or 0, said.note) if isinstance(said, Booked) else ""
                code = product.code if product else ""
                found.append(EnteredRow(entry.id, said, entry.at_ms, entry.who, reason, code))
        return tuple(reversed(found[-_MOST_ENTERED:]))


def _product_before(runs: Iterable[Run], at_ms: int) -> int | None:
    """What was made last before a moment."""
    begun = [run for run in runs if run.span.start_ms < at_ms]
    return max(begun, key=lambda run: (run.span.start_ms, run.id)).product if begun else None


def _product_at(runs: Iterable[Run], at_ms: int) -> int | None:
    """What was made from a moment on."""
    begun = [run for run in runs if run.span.start_ms <= at_ms]
    return max(begun, key=lambda run: (run.span.start_ms, run.id)).product if begun else None

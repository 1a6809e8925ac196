"""What a scanned wish comes to: the entries that it makes, or why there are none.

Decided as of now about the moment of the scan: a scan that was carried out late finds the stop that stood then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from desktop.domain import calendar, entries, making
from desktop.domain.adjust import BookingKind
from desktop.domain.calendar import Shift
from desktop.domain.commands import Call, Kind, Repair
from desktop.domain.dialogue import JUST_ENDED_MS, Said, Say, Wish
from desktop.domain.entries import (
    OPEN_MS,
    Booked,
    Called,
    Changed,
    Entry,
    FirstPiece,
    Labelled,
    Left,
    Ordered,
    OrderEnded,
    Phase,
    Placed,
)
from desktop.domain.events import Role
from desktop.domain.figures.stops import StopRow
from desktop.domain.intervals import Category
from desktop.domain.orders import OrderKind
from desktop.domain.people import PersonRole
from desktop.domain.spans import Span
from desktop.store import orders, people
from desktop.store.closed import closing_of
from desktop.store.database import Store
from desktop.summaries import line
from desktop.summaries.crew import arrival, roll
from desktop.summaries.frame import Frame
from desktop.summaries.now import Live
from desktop.summaries.planned import counted_roles
from desktop.summaries.station import Facts, products_told

HELP = {
    Call.MAINTENANCE: "maintenance",
    Call.MATERIAL: "material",
    Call.QUALITY: "quality",
    Call.LEADER: "leader",
}
#: a reason asks for the shift of its stop; help and a badge change no figure
_AT_ANY_TIME = frozenset({Kind.REASON, Kind.PERSON, Kind.CALL, Kind.ARRIVED, Kind.REPAIR})


class Meant(Struct, frozen=True):
    """What is to be entered for a wish, as of the newest entry `seen`."""

    told: tuple[entries.Said, ...]
    seen: int = 0


def mean(live: Live, store: Store, now_ms: int, wish: Wish, say: Say, own: Sequence[int]) -> Meant | Say:
    """What a wish comes to, or why it is not entered. `say`: what is answered where it is, `own`: what was entered by
    the same scanner, which may be said anew."""
    scene = _Scene(live, store, now_ms, wish, say, frozenset(own))
    found = scene.mean()
    return found if isinstance(found, Say) else Meant(tuple(found), scene.seen)


class _Scene:
    """A wish and what there is at its moment."""

    def __init__(self, live: Live, store: Store, now_ms: int, wish: Wish, say: Say, own: frozenset[int]) -> None:
        self._live, self._store, self._now_ms = live, store, now_ms
        self._wish, self._say, self._own = wish, say, own
        self._at, self._facts = live.facts(store, now_ms)
        self.seen = self._at.newest
        then = calendar.shift_at(self._at.register.calendar, wish.at_ms)
        if then is not None and self._at.shift != then and then.span.end_ms <= now_ms:
            self._at, self._facts = self._of(then)  # carried out long after it was scanned

    def _of(self, shift: Shift) -> tuple[Frame, list[Facts]]:
        return Live().facts(self._store, self._now_ms, shift)

    def mean(self) -> Iterable[entries.Said] | Say:
        ways: dict[Kind, Callable[[], Iterable[entries.Said] | Say]] = {
            Kind.REASON: self._label,
            Kind.SCRAP: self._book,
            Kind.REWORK: self._book,
            Kind.PRODUCT: self._start,
            Kind.ORDER_START: self._start,
            Kind.ORDER_FINISH: self._finish,
            Kind.CHANGEOVER: self._change,
            Kind.FIRST_PIECE: self._first_piece,
            Kind.CALL: self._call,
            Kind.ARRIVED: self._phase,
            Kind.REPAIR: self._phase,
            Kind.PERSON: self._place,
        }
        if self._wish.kind not in _AT_ANY_TIME and self._closed(self._at, self._wish.at_ms):
            return self._no(Said.CLOSED)
        return ways[self._wish.kind]()

    # -- what is asked of everything --

    def _no(self, said: Said, *, name: str = "", who: str = "", pieces: int | None = None, machine: str = "") -> Say:
        say = self._say
        there = (
            machine or say.machine or next((m.name for m in self._at.plant.machines if m.id == self._wish.machine), "")
        )
        return Say(said, say.kind, name or say.name, there, say.pieces if pieces is None else pieces, who)

    @property
    def _machine(self) -> int:
        return self._wish.machine or 0

    @property
    def _fact(self) -> Facts:
        return next(fact for fact in self._facts if fact.machine.id == self._wish.machine)

    def _said(self, machine: int) -> tuple[Entry, ...]:
        """What was said of a machine for times up to the scan."""
        return tuple(e for e in entries.of(self._at.said, machine) if e.said.start_ms <= self._wish.at_ms)

    def _closed(self, at: Frame, at_ms: int) -> bool:
        """Whether the shift of a moment is closed."""
        shift = calendar.shift_at(at.register.calendar, at_ms)
        return shift is not None and closing_of(self._store, shift.span) is not None

    # -- stops --

    def _label(self) -> Iterable[entries.Said] | Say:
        """The stop that goes on or has just ended gets its reason; the same scanner may say another one."""
        at, rows = self._at, line.stops(self._at, [self._fact])
        found = self._stop(at, rows)
        if found is None and self._wish.at_ms - at.window.start_ms < JUST_ENDED_MS:
            before = calendar.shift_at(at.register.calendar, at.window.start_ms - 1)
            if before is not None:  # it ended with the shift before
                at, facts = self._of(before)
                fact = next(fact for fact in facts if fact.machine.id == self._wish.machine)
                found = self._stop(at, line.stops(at, [fact]))
        if found is None:
            return self._no(Said.NO_STOP)
        if isinstance(found, StopRow):
            if self._closed(at, found.start_ms):
                return self._no(Said.CLOSED)
            end_ms = OPEN_MS if found.end_ms is None else found.end_ms
            reason, held = self._wish.subject or 0, self._labels(at, found)
            if found.reason and held and isinstance(held[-1].said, Labelled) and held[-1].said.reason == reason:
                return ()  # scanned again by somebody who has not seen the answer
            return [Labelled(found.machine, found.start_ms, end_ms, found.id, reason, found.word)]
        return found

    def _stop(self, at: Frame, rows: Sequence[StopRow]) -> StopRow | Say | None:
        """The stop that is meant, or why it needs no reason; None where there is none."""
        at_ms = self._wish.at_ms
        near = [
            row for row in rows
            if row.start_ms <= at_ms and (row.end_ms is None or at_ms - row.end_ms <= JUST_ENDED_MS)
        ]  # fmt: skip
        newest = max(near, key=lambda row: row.start_ms, default=None)
        if newest is not None and newest.end_ms is None and (not newest.reason or self._may_change(at, newest)):
            return newest
        waiting = [row for row in near if row.unlabelled]
        if waiting and (newest is None or newest.end_ms is not None):
            return max(waiting, key=lambda row: row.start_ms)
        if (short := self._short(at)) is not None:
            return short
        if newest is None:
            return None
        if not newest.reason or self._may_change(at, newest):
            return newest
        return self._no(Said.HAS_REASON, name=newest.reason, who=newest.who)

    def _short(self, at: Frame) -> StopRow | None:
        """A standstill that goes on and is too short for a stop as yet."""
        parts, machine = self._fact.intervals, self._fact.machine
        if not parts or at is not self._at or not at.running or parts[-1].category is not Category.SHORT_STOP:
            return None
        last = parts[-1]
        return StopRow(
            last.stop_id, machine.id, machine.code, machine.name, last.span.start_ms, None, last.span.length_ms,
            last.category, last.state, "", last.code,
        )  # fmt: skip

    def _may_change(self, at: Frame, row: StopRow) -> bool:
        """Whether a reason came from nobody (the machine's alarm) or from this scanner."""
        held = self._labels(at, row)
        return not held or held[-1].id in self._own

    @staticmethod
    def _labels(at: Frame, row: StopRow) -> list[Entry]:
        """The reasons that people gave to a stop, the one that holds last."""
        told = entries.of(at.said, row.machine)
        return [e for e in told if isinstance(e.said, Labelled) and e.said.stop == row.id]

    # -- pieces --

    def _book(self) -> Iterable[entries.Said] | Say:
        """So many of the last pieces were no good; where the machine counts its rejects itself, why they are."""
        fact, pieces = self._fact, self._wish.pieces or 1
        made = fact.kpis.pieces
        rework = self._wish.kind is Kind.REWORK
        kind = BookingKind.REWORK if rework else BookingKind.LATE_REJECT
        rejects = (
            BookingKind.LATE_REJECT, BookingKind.REWORK, BookingKind.REJECT_REASON, BookingKind.UNCOUNTED_REJECT,
        )  # fmt: skip
        unexplained = made.reject - sum(booking.pieces for booking in fact.booked if booking.kind in rejects)
        counts = Role.REJECT in counted_roles(self._at.plant, fact.machine.id)
        if counts and not rework and unexplained >= pieces:
            kind = BookingKind.REJECT_REASON
        elif made.good < pieces:
            return self._no(Said.NOT_MADE, pieces=made.good)
        at_ms = max(self._wish.at_ms - 1, self._at.window.start_ms)
        return [Booked(fact.machine.id, at_ms, at_ms, kind, pieces, self._wish.subject, self._product(at_ms))]

    def _product(self, at_ms: int) -> int | None:
        """What the machine made at a moment."""
        plant, machine = self._at.plant, self._machine
        window = Span(self._at.window.start_ms, max(at_ms + 1, self._at.window.start_ms + 1))
        told = making.told_runs(plant, machine, products_told(self._store, plant, machine, window), window.end_ms)
        said = entries.runs(entries.of(self._at.said, machine), window.end_ms)
        made = making.makings(plant, machine, window, (*told, *said))
        return next((each.product for each in made if each.span.holds(at_ms)), None)

    # -- orders --

    def _running(self, machine: int) -> Ordered | None:
        """The order on which a machine works at the scan's moment."""
        told = [e for e in self._said(machine) if isinstance(e.said, Ordered | OrderEnded)]
        last = max(told, key=lambda entry: (entry.said.start_ms, entry.id), default=None)
        return last.said if last is not None and isinstance(last.said, Ordered) else None

    def _start(self) -> Iterable[entries.Said] | Say:
        """An order or a product is made from now on: at the machine, or at all that can make it."""
        order, product, quantity, rework, own = "", self._wish.subject or 0, None, False, None
        if self._wish.kind is Kind.ORDER_START:
            found = next((each for each in orders.orders(self._store) if each.id == self._wish.subject), None)
            if found is None:
                return self._no(Said.NOT_KNOWN)
            order, product, quantity, own = found.code, found.product, found.quantity, found.machine
            rework = found.kind is OrderKind.REWORK
        machine = self._wish.machine or own
        standards = {s.machine for s in self._at.plant.standards if s.product == product}
        wanted = [m.id for m in self._at.plant.machines if (m.id == machine if machine else m.id in standards)]
        if not wanted:
            return self._no(Said.NO_MACHINE)
        told = []
        for number in wanted:
            now = self._running(number)
            if now is None or (now.order, now.product) != (order, product):
                told.append(Ordered(number, self._wish.at_ms, OPEN_MS, order, product, quantity, rework))
        return told or self._no(Said.RUNS_ALREADY)

    def _finish(self) -> Iterable[entries.Said] | Say:
        """An order ends where it runs."""
        at_ms, code = self._wish.at_ms, self._wish.word
        wanted = [m.id for m in self._at.plant.machines if self._wish.machine in (None, m.id)]
        running = [number for number in wanted if (now := self._running(number)) is not None and now.order == code]
        return [OrderEnded(number, at_ms, at_ms, code) for number in running] or self._no(Said.RUNS_NOT)

    def _changing(self) -> bool:
        """Whether a changeover that somebody said has no good first piece yet."""
        last = [e.said for e in self._said(self._machine) if isinstance(e.said, Changed)]
        if not last:
            return False
        since_ms = max(said.start_ms for said in last)
        looked_at = (e.said for e in self._said(self._machine) if isinstance(e.said, FirstPiece))
        good = (said for said in looked_at if said.good and said.which == "first")
        return not any(said.start_ms >= since_ms for said in good)

    def _change(self) -> Iterable[entries.Said] | Say:
        parts = self._fact.intervals
        if self._changing() and parts and parts[-1].category is Category.SETUP:
            return self._no(Said.CHANGING)
        return [Changed(self._machine, self._wish.at_ms, OPEN_MS)]

    def _first_piece(self) -> Iterable[entries.Said] | Say:
        if not self._changing():
            return self._no(Said.NO_CHANGEOVER)
        return [FirstPiece(self._machine, self._wish.at_ms, self._wish.at_ms, True)]

    # -- help --

    def _open_calls(self) -> list[entries.Call]:
        found = (call for call in entries.calls(self._at.said) if call.machine == self._machine)
        return [call for call in found if call.over_ms is None and call.called_ms <= self._wish.at_ms]

    def _call(self) -> Iterable[entries.Said] | Say:
        what = HELP[Call(self._wish.word)]
        if any(call.what == what for call in self._open_calls()):
            return self._no(Said.CALLED)
        return [Called(self._machine, self._wish.at_ms, OPEN_MS, what)]

    def _phase(self) -> Iterable[entries.Said] | Say:
        """Who was called is here, begins or is done: of the newest call, for a repair that of maintenance."""
        found = self._open_calls()
        if self._wish.kind is Kind.REPAIR:
            found = [call for call in found if call.what == "maintenance"] or found
        else:
            found = [call for call in found if not call.phase] or found
        if not found:
            return self._no(Said.NO_CALL)
        call, at_ms = found[-1], self._wish.at_ms
        what = {Repair.BEGUN: "begun", Repair.FIXED: "over"}.get(self._wish.word, "")  # type: ignore[call-overload]
        what = what or ("seen" if call.what == "maintenance" else "begun")  # a repair begins with a scan of its own
        return [Phase(self._machine, at_ms, at_ms, call.entry, what)]

    # -- people --

    def _place(self) -> Iterable[entries.Said]:
        """Whoever shows a badge is here; an operator whose badge a machine's scanner reads is at that machine, and no
        longer at another."""
        wish, at_ms = self._wish, self._wish.at_ms
        person = next((each for each in people.people(self._store) if each.id == wish.person), None)
        if person is None or self._closed(self._at, at_ms):
            return ()
        told: list[entries.Said] = [*arrival(self._store, person.id, at_ms)]
        if wish.machine is None or person.role is not PersonRole.OPERATOR:
            return told
        found = roll(self._store, self._at.register.calendar, Span(at_ms, at_ms + 1), self._now_ms).said
        held = (each for each in found if isinstance(each, Placed) and each.person == person.id and each.machine)
        places = {each.machine for each in held if each.start_ms <= at_ms < each.end_ms}
        told += [Left(machine, at_ms, at_ms, person.id) for machine in sorted(places - {wish.machine})]
        return told if wish.machine in places else [*told, Placed(wish.machine, at_ms, OPEN_MS, person.id)]

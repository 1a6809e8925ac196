"""Changes of the register that speak of closed shifts: which times they touch, and the refusal without who and why.

What a change touches is told by comparing what the figures are made of before and after it, whoever makes it: a table,
a configuration file, the plan. What holds from a date on touches the time from there, what has none all that was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain import calendar, scheduling
from desktop.domain.calendar import Calendar
from desktop.domain.orders import Order, OrderStatus
from desktop.domain.spans import Span
from desktop.domain.trail import COMMAND_LINE
from desktop.store import closed, orders, register
from desktop.store.closed import ClosedError
from desktop.store.database import Store

_AHEAD_MS = 2 * 86_400_000  # a shift may be closed while it runs


_Of = frozenset[tuple[str, int]]  # of which product and machine
_Dated = tuple[int, _Of, object]


class _Figures(Struct, frozen=True):
    """What the figures of the past are made of. `dated` with the moment from which each holds, `always` at any time."""

    calendar: Calendar
    always: frozenset[tuple[object, ...]]
    dated: frozenset[_Dated]
    orders: frozenset[Order]
    known: frozenset[tuple[str, int]]  # machines and products: the first figures of a new one change nothing


@contextmanager
def keeping_closed(store: Store, db: Any, who: str, why: str) -> Iterator[None]:
    """Around a change of the register that ends with its row in the audit, inside the caller's transaction.

    Each closed shift of which it speaks gets one revision more. Raises ClosedError where `who` or `why` is missing
    then: a name is wanted, that it came from the command line is none. Where no shift is closed nothing is read.
    """
    if store.row("SELECT 1 FROM entries WHERE kind = 'closed' LIMIT 1") is None:
        yield
        return
    before, last = _figures(store), register.newest_change(store)
    yield
    spans = _touched(store, before, _figures(store))
    found = closed.closed_in(store, before.calendar, spans) if spans else []
    if not found:
        return
    if who == COMMAND_LINE or not who.strip() or not why.strip():
        raise ClosedError(found[0])
    edit = register.newest_change(store)
    if edit == last:
        return
    told = {row[0] for row in store.rows("SELECT start_ms FROM calendar_touched WHERE edit = ?", edit)}
    newest = int(store.row("SELECT coalesce(max(id), 0) FROM entries")[0])
    db.executemany(
        "INSERT INTO calendar_touched (edit, at_ms, start_ms, end_ms, former, newest) VALUES (?, ?, ?, ?, 0, ?)",
        [
            (edit, store.clock.now_ms(), shift.span.start_ms, shift.span.end_ms, newest)
            for shift in found
            if shift.span.start_ms not in told
        ],
    )


def _figures(store: Store) -> _Figures:
    plant = register.plant(store, since_ms=0)
    always: set[tuple[object, ...]] = {("machine", m.id, m.threshold_ms, m.unattended) for m in plant.machines}
    always |= {("reason", r.id, r.kind, r.failure, r.loss) for r in plant.reasons}
    dated: set[_Dated] = {(each.valid_from_ms, _of(each.product, each.machine), each) for each in plant.standards}
    dated |= {(each.valid_from_ms, frozenset(), each) for each in register.constraints(store)}
    dated |= {(since_ms, frozenset(), each) for since_ms, each in register.rules(store)}
    dated |= {
        (each.valid_from_ms, _of(*key), each)
        for key, opened in register.open_cavities(store).items()
        for each in opened
    }
    return _Figures(
        register.calendar(store),
        frozenset(always),
        frozenset(dated),
        # Their places move with what is planned today, and a day later they are done.
        frozenset(
            replace(order, place=0, status=OrderStatus.OPEN if order.status is OrderStatus.DONE else order.status)
            for order in orders.orders(store)
        ),
        frozenset([*(("machine", m.id) for m in plant.machines), *(("product", p.id) for p in plant.products)]),
    )


def _of(product: int, machine: int) -> _Of:
    return frozenset((("product", product), ("machine", machine)))


def _touched(store: Store, old: _Figures, new: _Figures) -> list[Span]:
    """The times that are another's by a change, up to a moment that no closed shift passes."""
    until_ms = store.clock.now_ms() + _AHEAD_MS
    first = store.row("SELECT min(start_ms) FROM entries WHERE kind = 'closed'")[0]
    begun_ms = min(int(first), until_ms) - 86_400_000
    window = Span(begun_ms, until_ms)
    spans = list(scheduling.touched(old.calendar, new.calendar, window))
    since_ms = min((at_ms for at_ms, of, _each in old.dated ^ new.dated if of <= old.known), default=until_ms)
    # What is new is of nothing that was: only what is known and says something else, or is gone, is.
    ids = {each[:2] for each in old.always}
    if any(each[:2] in ids for each in old.always ^ new.always):
        since_ms = begun_ms
    if since_ms < until_ms:
        spans.append(Span(max(since_ms, begun_ms), until_ms))
    zone = old.calendar.zone
    for order in old.orders ^ new.orders:
        if order.planned_on is None:
            continue
        start_ms = calendar.utc_ms(order.planned_on, time(), zone)
        day = Span(start_ms, calendar.utc_ms(order.planned_on + timedelta(days=2), time(), zone))
        near = day.cut(window)
        spans += [
            shift.span
            for shift in (calendar.shifts_between(old.calendar, near) if near is not None else ())
            if shift.business_on == order.planned_on and order.shift in ("", shift.name)
        ]
    return spans

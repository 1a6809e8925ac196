"""Which shifts that are over still wait for the reason of a stop: found one by one, so that no look takes long."""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

from desktop.domain.calendar import Shift
from desktop.domain.figures.stops import OpenShift
from desktop.domain.spans import Span
from desktop.store import entries
from desktop.store.closed import closed_of
from desktop.store.database import Store
from desktop.summaries import line
from desktop.summaries.frame import Register, frame
from desktop.summaries.shifts import shifts_begun
from desktop.summaries.station import stations

_DAY_MS = 86_400_000
_BACK_MS = 60 * _DAY_MS  # so far back shifts are looked at; older ones are reached step by step
_LOOK_S = 0.03  # after so long no further shift is looked at in this look
_REST_S = 0.7  # so long after the last one none is looked at: who taps is answered first


class _Known:
    """How many stops of which shift ask, as of the newest entry and the register."""

    def __init__(self, register: int, newest: int) -> None:
        self.register, self.newest = register, newest
        self.asks: dict[Span, int] = {}
        self.looked_s = 0.0
        self.over: set[Span] = set()  # of which it is known whether they are closed
        self.closed: set[Span] | None = None  # those that are


_known: WeakKeyDictionary[Store, _Known] = WeakKeyDictionary()


def open_shifts(store: Store, there: Register, newest: int, now_ms: int) -> tuple[OpenShift, ...]:
    """The shifts of the last sixty days that are over, not closed, and of which stops ask for a reason; the oldest
    first. The first look does without them; each of the next ones finds a few more, from both ends."""
    known = _known.get(store)
    if known is None or known.register != there.version:
        _known[store] = _Known(there.version, newest)
        return ()
    if known.newest != newest:
        touched = entries.since(store, known.newest)
        known.asks = {span: n for span, n in known.asks.items() if not any(span.cut(each) for each in touched)}
        known.newest, known.closed = newest, None
    window = Span(now_ms - _BACK_MS, now_ms)
    over = [each for each in shifts_begun(store, there, window, now_ms) if each.span.end_ms <= now_ms]
    if known.closed is None or not known.over.issuperset(each.span for each in over):
        known.over = {each.span for each in over}
        known.closed = closed_of(store, [each.span for each in over])
    over = [each for each in over if each.span not in known.closed]
    begun_s = time.perf_counter()
    unknown = [shift for shift in over if shift.span not in known.asks]
    rested = begun_s - known.looked_s >= _REST_S
    while unknown and rested and time.perf_counter() - begun_s < _LOOK_S:
        # The list of shifts begins with the latest; the way leads to the oldest.
        shift = unknown.pop(-1 if len(unknown) % 2 else 0)
        known.asks[shift.span] = _asking(store, shift, now_ms)
        known.looked_s = time.perf_counter()
    least_ms = min((shift.span.start_ms for shift in unknown), default=now_ms)
    return tuple(
        OpenShift(shift, known.asks[shift.span], shift.span.start_ms < least_ms)
        for shift in over
        if known.asks.get(shift.span)
    )


def _asking(store: Store, shift: Shift, now_ms: int) -> int:
    at = frame(store, now_ms, shift)
    return sum(row.asks for row in line.stops(at, [station.facts(at) for station in stations(store, at)]))

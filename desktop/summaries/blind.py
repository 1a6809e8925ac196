"""The times of a machine of which nothing is known but what people say: for them there is the paper form."""

from __future__ import annotations

from collections.abc import Iterable

from desktop.domain.calendar import Shift
from desktop.domain.intervals import Category, Interval
from desktop.domain.spans import Span
from desktop.store import records
from desktop.store.database import Store
from desktop.summaries.frame import Frame, frame
from desktop.summaries.now import Live
from desktop.summaries.station import Facts, Station


def blind_spans(live: Live, store: Store, at: Frame, fact: Facts, before: Shift | None) -> tuple[Span, ...]:
    """The times without data of a machine in the shift that runs and the one before, the latest first. Each lies in one
    shift and is as long as a stop at least; what somebody said of a part of it leaves it as it is."""
    least_ms, begun_ms = fact.machine.threshold_ms, records.begun_ms(store)
    found = _spans(fact.intervals)
    if before is not None:
        found = [*_of_shift(live, store, at, fact, before), *found]
    known = [span for span in found if span.length_ms >= least_ms and span.start_ms >= begun_ms]
    return tuple(reversed(known))


def _of_shift(live: Live, store: Store, at: Frame, fact: Facts, shift: Shift) -> list[Span]:
    """Those of a shift that is over: found once as long as nobody says anything."""
    key = ("blind", fact.machine.id, shift.span, at.newest, at.register.version)
    known = live.kept.get(key)
    if not isinstance(known, list):
        then = frame(store, at.now_ms, shift)
        known = _spans(Station(store, then, fact.machine).facts(then).intervals)
        live.kept[key] = known
    return known


def _spans(intervals: Iterable[Interval]) -> list[Span]:
    """Silences, with the breaks within them and what was said of them by hand."""
    found: list[Span] = []
    joined = False
    for part in intervals:
        if part.category is Category.NO_DATA or part.by_hand:
            start_ms = found.pop().start_ms if joined else part.span.start_ms
            found.append(Span(start_ms, part.span.end_ms))
            joined = True
        elif part.category is not Category.PLANNED:
            joined = False
    return found

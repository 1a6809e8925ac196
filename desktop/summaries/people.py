"""Who works here, for the page on which that is changed, and for how long they worked."""

from __future__ import annotations

import time

from desktop.domain.attendance import ManHours
from desktop.domain.attendance import man_hours as reckon
from desktop.domain.calendar import Shift
from desktop.domain.entries import OPEN_MS, Attended, Placed
from desktop.domain.people import PeopleView
from desktop.domain.spans import Span
from desktop.store import entries, people
from desktop.store.database import Store
from desktop.summaries.frame import frame

_BEFORE_MS = 24 * 3_600_000  # so long before a shift somebody may have begun who is still there


def man_hours(store: Store, shift: Shift, now_ms: int) -> ManHours:
    """Man-hours (공수) of a shift by machine, crew and person, its breaks left out; of one that runs up to now."""
    end_ms = min(shift.span.end_ms, now_ms)
    if end_ms <= shift.span.start_ms:
        return ManHours()
    told = entries.standing(store, Span(shift.span.start_ms - _BEFORE_MS, OPEN_MS))
    said = [entry.said for entry in entries.known(store, told, now_ms, end_ms)]
    crews = {person.id: person.crew for person in people.people(store, since_ms=0)}
    window = Span(shift.span.start_ms, end_ms)
    return reckon((each for each in said if isinstance(each, Attended | Placed)), window, crews, shift.pause_spans)


def people_view(store: Store, now_ms: int) -> PeopleView:
    """Everybody with where their PIN stands, and the names of those who left."""
    at = frame(store, now_ms)
    found = people.people_now(store, time.time_ns() // 1_000_000)
    return PeopleView(at.head, now_ms, at.shift, at.collector, found, people.retired_names(store))

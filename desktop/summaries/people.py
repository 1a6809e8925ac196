"""Who works here, for the page on which that is changed."""

from __future__ import annotations

import time

from desktop.domain.people import PeopleView
from desktop.store import people
from desktop.store.database import Store
from desktop.summaries.frame import frame


def people_view(store: Store, now_ms: int) -> PeopleView:
    """Everybody with where their PIN stands, and the names of those who left."""
    at = frame(store, now_ms)
    found = people.people_now(store, time.time_ns() // 1_000_000)
    return PeopleView(at.head, now_ms, at.shift, at.collector, found, people.retired_names(store))

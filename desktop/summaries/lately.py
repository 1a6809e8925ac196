"""What people said in the last weeks, remembered from look to look: of it only what is new is read."""

from __future__ import annotations

from desktop.domain.entries import OPEN_MS, Entry
from desktop.domain.spans import Span
from desktop.store import entries
from desktop.store.database import Store
from desktop.summaries.frame import Frame
from desktop.summaries.now import Live

_DAY_MS = 86_400_000


def said_lately(
    live: Live, store: Store, at: Frame, reach_ms: int, kinds: object, machine: int | None = None
) -> tuple[Entry, ...]:
    """What was said of these kinds, of the time from `reach_ms` before the moment of the frame on, and stands; of one
    machine where that is asked for."""
    since_ms = at.now_ms - reach_ms
    kept = live.lately.get((kinds, machine))
    if kept is not None and kept[0].start_ms <= since_ms:
        window, newest, told = kept
        if newest < at.newest:
            told = entries.standing_since(store, told, newest, window, kinds)
            told = told if machine is None else tuple(each for each in told if each.said.machine == machine)
    else:
        window = Span(since_ms, OPEN_MS)
        told = entries.standing(store, window, kinds, machine)
    live.lately[kinds, machine] = (window, at.newest, told)
    lately = (entry for entry in told if entry.said.start_ms >= since_ms)
    return entries.known(store, lately, at.now_ms, at.now_ms + _DAY_MS)

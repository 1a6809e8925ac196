"""What one shift tells the next: notes, open items, safety, 4M changes, signatures."""

from __future__ import annotations

import time
from collections.abc import Sequence

from desktop.domain import calendar
from desktop.domain.calendar import Calendar, Shift
from desktop.domain.entries import Action, Entry, FourM, Note, Safety, Signed
from desktop.domain.figures.report import Handover, OpenItem, Remark, Signature
from desktop.domain.handing import Handing
from desktop.domain.plant import Plant
from desktop.domain.spans import Span
from desktop.store import entries, people
from desktop.store.closed import closing_of, said_of
from desktop.store.database import Store
from desktop.summaries.frame import Frame

_DAY_MS = 86_400_000
_OLDEST_MS = 60 * _DAY_MS  # shifts are counted no further back


def handover(store: Store, plant: Plant, shift: Span) -> Handover:
    """The handover of a shift: what was said of it, and everything that was open when it ended."""
    names = {machine.id: machine.name for machine in plant.machines}
    said = said_of(store, shift)
    closed = closing_of(store, shift)
    items = [_item(entry, names) for entry in entries.actions(store, shift.end_ms)]
    signed: dict[str, Signature] = {}
    for entry in said:
        if isinstance(entry.said, Signed):  # who signs again, signs what is there now
            signed[entry.said.role] = Signature(entry.said.role, entry.who, entry.at_ms)
    return Handover(
        tuple(_remark(e, "", e.said.text, names) for e in said if isinstance(e.said, Note)),
        tuple(sorted(items, key=lambda item: (item.due_ms is None, item.due_ms or 0, item.entry))),
        tuple(_remark(e, e.said.kind.value, e.said.text, names) for e in said if isinstance(e.said, Safety)),
        tuple(_remark(e, e.said.what, e.said.text, names) for e in said if isinstance(e.said, FourM)),
        tuple(signed.values()),
        None if closed is None else closed.at_ms,
    )


def handing(store: Store, at: Frame, shift: Shift) -> Handing:
    """The same as it stands now, with what signing and closing items takes."""
    told, shop = handover(store, at.plant, shift.span), at.register.calendar
    still = {entry.id for entry in entries.actions(store, at.now_ms + 1)}
    behind = calendar.shifts_between(shop, Span(shift.span.end_ms, shift.span.end_ms + 2 * _DAY_MS))
    return Handing(
        shift.span,
        told,
        entries.newest_of(store, shift.span),
        frozenset(item.entry for item in told.open if item.entry not in still),
        _ages(shop, entries.actions(store, shift.span.end_ms), shift.span),
        people.people_now(store, time.time_ns() // 1_000_000),
        tuple((machine.id, machine.name) for machine in at.plant.machines),
        next((each for each in behind if each.span.start_ms >= shift.span.end_ms), None),
    )


def _ages(shop: Calendar, items: Sequence[Entry], shift: Span) -> dict[int, int]:
    """How many shifts each item has been open by the end of one, that of which it was said counted."""
    ages = dict.fromkeys((item.id for item in items), 1)
    since = {item.id: max(item.said.start_ms, shift.end_ms - _OLDEST_MS) for item in items}
    older = {number: since_ms for number, since_ms in since.items() if since_ms < shift.start_ms}
    if older:
        window = Span(min(older.values()), shift.end_ms)
        ends = [each.span.end_ms for each in calendar.shifts_between(shop, window)]
        ages |= {number: max(sum(end_ms > since_ms for end_ms in ends), 1) for number, since_ms in older.items()}
    return ages


def _remark(entry: Entry, kind: str, text: str, names: dict[int, str]) -> Remark:
    return Remark(entry.id, kind, text, names.get(entry.said.machine, ""), entry.who, entry.at_ms)


def _item(entry: Entry, names: dict[int, str]) -> OpenItem:
    said = entry.said
    assert isinstance(said, Action)
    machine = names.get(said.machine, "")
    return OpenItem(entry.id, said.text, machine, said.owner, said.due_ms, entry.at_ms, entry.who)

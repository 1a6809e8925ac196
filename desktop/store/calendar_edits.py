"""Changes of the calendar, in the file: the rows that differ, a row of the audit, and the times of which it speaks.

Written by the desktop alone. An edit is applied to the calendar as it stands inside the transaction, so that two
people, or a person and an import, who change it at once lose nothing of each other's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from msgspec import Struct

from desktop.domain import scheduling
from desktop.domain.calendar import Calendar, ShiftPattern, shifts_between
from desktop.domain.scheduling import Edit
from desktop.domain.spans import Span
from desktop.store import closed, records, register
from desktop.store.database import KnownError, Store
from desktop.text import _

AUDITED = "calendar"
_AHEAD_MS = 2 * 86_400_000  # a shift that runs is touched too

#: the tables of a calendar, each with its columns; the first so many are its key
_COLUMNS = {
    "shift_patterns": (
        "name", "valid_from", "start", "end", "weekdays", "breaks", "crew", "business_days", "people",
    ),
    "crew_rotations": ("anchor", "shifts", "crews", "days"),
    "day_exceptions": ("on_date", "kind", "shift", "entered_at_ms", "start", "end", "name"),
    "planned_stops": (
        "start_ms", "end_ms", "machine_id", "reason_id", "approved_at_ms", "no_order", "asked_by", "asked_at_ms",
        "approved_by",
    ),
    "capacity_calendars": ("valid_from", "shifts", "holidays"),
}  # fmt: skip
_KEYS = {"shift_patterns": 2, "crew_rotations": 2, "day_exceptions": 4, "planned_stops": 3, "capacity_calendars": 1}

Row = tuple[Any, ...]


class Difference(Struct, frozen=True):
    """What a change took out of the tables of the calendar and what it put in, by table; its reverse takes it back."""

    gone: dict[str, tuple[Row, ...]]
    come: dict[str, tuple[Row, ...]]
    subject: str = ""

    def reversed(self) -> Difference:
        """What takes it back."""
        return Difference(self.come, self.gone, self.subject)

    def __bool__(self) -> bool:
        return any((*self.gone.values(), *self.come.values()))


def change(
    store: Store,
    edit: Edit,
    at_ms: int,
    who: str = "",
    why: str = "",
    words: Callable[[scheduling.RefusalError], str] = str,
) -> Difference:
    """Carry out an edit in one transaction, with its row in the audit; returns what differs.

    Raises KnownError with `words` of why it cannot be meant so, or where it speaks of time that is over and nobody
    said why, and ClosedError where it speaks of a closed shift and nobody said who and why.
    """
    with store.transaction() as db:
        before = register.calendar(store)
        try:
            after = scheduling.changed(before, edit, at_ms)
        except scheduling.RefusalError as refusal:
            raise KnownError(words(refusal)) from refusal
        # Before the first shift there is no past that could become another one.
        begun = bool(before.patterns)
        if begun and not why.strip() and scheduling.retroactive(before, after, _past(store, at_ms)):
            raise KnownError(say_why())
        _refuse_closed(store, before, after, at_ms, who, why)
        old, new = _rows(before), _rows(after)
        told = Difference(_beyond(old, new), _beyond(new, old), _subject(edit))
        if told:
            _write(store, db, told, at_ms, who, why)
        return told


def say_why() -> str:
    """What is said where a change speaks of time that is over and has no reason."""
    return _("This changes what is over already. Say why, then apply it.")


def undo(store: Store, done: Difference, at_ms: int, who: str = "", why: str = "") -> Difference:
    """Take a change back, in one transaction and with its row in the audit. Raises KnownError where the same was
    changed again meanwhile, and ClosedError where a closed shift becomes another one and nobody said who and why."""
    with store.transaction() as db:
        back = done.reversed()
        stands = _rows(register.calendar(store))
        taken = {table: {row[: _KEYS[table]] for row in rows} for table, rows in stands.items()}
        for table, rows in back.gone.items():
            for row in rows:
                if row not in stands[table]:
                    raise KnownError(_("This was changed again meanwhile and is not taken back. Look at the calendar."))
                taken[table].discard(row[: _KEYS[table]])
        if any(row[: _KEYS[table]] in taken[table] for table, rows in back.come.items() for row in rows):
            raise KnownError(_("This was changed again meanwhile and is not taken back. Look at the calendar."))
        before = register.calendar(store)
        _write(store, db, back, at_ms, who, ": ".join(filter(None, (_("taken back"), why.strip()))))
        _refuse_closed(store, before, register.calendar(store), at_ms, who, why)  # of nothing, if it is refused
        return back


def _refuse_closed(store: Store, before: Calendar, after: Calendar, at_ms: int, who: str, why: str) -> None:
    spans = scheduling.touched(before, after, _past(store, at_ms + _AHEAD_MS))
    closed.refuse_times(store, before, spans, who, why)


def note(store: Store, db: Any, before: Calendar, edit: int, at_ms: int) -> None:
    """Write down of which times the calendar says something else than `before`, inside the caller's transaction.
    `edit`: the id of the change in the audit."""
    window = _past(store, at_ms + _AHEAD_MS)
    after = register.calendar(store)
    spans = scheduling.touched(before, after, window)
    if spans:
        were = {shift.span for shift in shifts_between(before, window)} - {
            shift.span for shift in shifts_between(after, window)
        }
        newest = int(store.row("SELECT coalesce(max(id), 0) FROM entries")[0])
        db.executemany(
            "INSERT INTO calendar_touched (edit, at_ms, start_ms, end_ms, former, newest) VALUES (?, ?, ?, ?, ?, ?)",
            [(edit, at_ms, span.start_ms, span.end_ms, int(span in were), newest) for span in spans],
        )


def _past(store: Store, until_ms: int) -> Span:
    """From the first of which anything is known."""
    begun_ms = min(records.begun_ms(store), until_ms)
    return Span(begun_ms - 86_400_000, until_ms)


def _subject(edit: Edit) -> str:
    """What was changed, for the audit: the kind of the edit and what it is about."""
    about = [
        str(value)
        for name in ("name", "on", "business_on", "since")
        if (value := getattr(edit, name, None)) is not None
    ]
    seen = getattr(edit, "seen", None)
    return " ".join([type(edit).__name__, *([seen.name] if seen is not None else []), *about])


def _write(store: Store, db: Any, told: Difference, at_ms: int, who: str, why: str) -> None:
    before = register.calendar(store)
    for table, names in _COLUMNS.items():
        key = names[: _KEYS[table]]
        come = {row[: len(key)]: row[len(key) :] for row in told.come.get(table, ())}
        where = " AND ".join(f"{name} = ?" for name in key)
        gone = [row[: len(key)] for row in told.gone.get(table, ()) if row[: len(key)] not in come]
        db.executemany(f"DELETE FROM {table} WHERE {where}", gone)
        for row, rest in come.items():  # a row that is changed keeps its id
            register.upsert(
                db, table, dict(zip(key, row, strict=True)), dict(zip(names[len(key) :], rest, strict=True))
            )
    edit = register.audit(db, at_ms, who, AUDITED, told.subject, _told(told.gone), _told(told.come), why)
    note(store, db, before, edit, at_ms)


def _beyond(rows: dict[str, list[Row]], other: dict[str, list[Row]]) -> dict[str, tuple[Row, ...]]:
    """The rows that the other does not have, in their order."""
    return {table: tuple(row for row in each if row not in set(other[table])) for table, each in rows.items()}


def _told(rows: dict[str, tuple[Row, ...]]) -> str:
    """Rows as the audit has them."""
    said = {
        table: [dict(zip(_COLUMNS[table], row, strict=True)) for row in each] for table, each in rows.items() if each
    }
    return json.dumps(said, ensure_ascii=False) if said else ""


def _rows(shop: Calendar) -> dict[str, list[Row]]:
    """A calendar as the rows of its tables."""
    names = {pattern.id: pattern.name for pattern in shop.patterns}

    def days(on: date) -> str:
        return on.isoformat()

    return {
        "shift_patterns": [
            (
                p.name, days(p.valid_from), f"{p.start:%H:%M}", f"{p.end:%H:%M}", json.dumps(sorted(p.weekdays)),
                json.dumps(
                    [{"name": b.name, "start": f"{b.start:%H:%M}", "end": f"{b.end:%H:%M}"} for b in p.breaks],
                    ensure_ascii=False,
                ),
                p.crew, p.business_days, p.people,
            )
            for p in shop.patterns
        ],
        "crew_rotations": [
            (
                days(r.anchor), json.dumps([names.get(key, "") for key in r.patterns], ensure_ascii=False),
                json.dumps(r.crews, ensure_ascii=False), r.days,
            )
            for r in shop.rotations
            if all(key in names for key in r.patterns)
        ],
        "day_exceptions": [
            (
                days(e.on), e.kind.value, names[e.pattern] if e.pattern is not None else "", e.entered_at_ms,
                e.start and f"{e.start:%H:%M}", e.end and f"{e.end:%H:%M}", e.name,
            )
            for e in shop.exceptions
            if e.pattern is None or e.pattern in names
        ],
        "planned_stops": [
            (
                p.span.start_ms, p.span.end_ms, p.machine or 0, p.reason, p.approved_at_ms, int(p.no_order),
                p.asked_by, p.asked_at_ms, p.approved_by,
            )
            for p in shop.planned
        ],
        "capacity_calendars": [
            (
                days(c.valid_from),
                json.dumps([{"name": p.name, **_hours(p)} for p in c.patterns], ensure_ascii=False),
                json.dumps(sorted(days(on) for on in c.holidays)),
            )
            for c in shop.capacity
        ],
    }  # fmt: skip


def _hours(pattern: ShiftPattern) -> dict[str, object]:
    """The times of a shift of the standard calendar."""
    return {
        "start": f"{pattern.start:%H:%M}",
        "end": f"{pattern.end:%H:%M}",
        "weekdays": sorted(pattern.weekdays),
        "breaks": [{"name": b.name, "start": f"{b.start:%H:%M}", "end": f"{b.end:%H:%M}"} for b in pattern.breaks],
    }

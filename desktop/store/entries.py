"""What people said, in the file: chained and never changed. The desktop appends it, and the collector what was scanned.

An entry that was taken back stays where it is, with another one behind it that says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from desktop.domain.adjust import BookingKind
from desktop.domain.entries import (
    OF_FIGURES,
    OPEN_MS,
    Action,
    ActionClosed,
    Entry,
    Labelled,
    Ordered,
    OrderEnded,
    Said,
    Split,
)
from desktop.domain.spans import Span
from desktop.store import closed, holding, register
from desktop.store.chain import append
from desktop.store.database import KnownError, Store
from desktop.store.entry_rows import BACK, COLUMNS, FOUND, entry_of, reader, tags
from desktop.store.entry_rows import one as one
from desktop.store.entry_rows import standing as standing
from desktop.text import _

_PRESENT_MS = 60_000  # so long a question about the present may have been under way


_OF_STOPS = Labelled | Split  # what two people may say of one stop


class MeanwhileError(KnownError):
    """Somebody else said something of the same stop after this person had looked at it: `entry` is what."""

    def __init__(self, entry: Entry) -> None:
        who = entry.who or _("Somebody else")
        super().__init__(_("{who} has entered something for this stop meanwhile. Look at it again.").format(who=who))
        self.entry = entry


def newest(store: Store) -> int:
    """The id of the last entry, 0 where there is none: it rises with everything that is said or taken back."""
    return int(store.row("SELECT coalesce(max(id), 0) FROM entries")[0])


def since(store: Store, entry: int) -> list[Span]:
    """The times of which anything that changes figures was said or taken back after an entry; what has no end, as far
    as it reaches into other shifts, and never farther than time had come."""
    sql = "SELECT id, at_ms, body, takes_back FROM entries WHERE id > ? AND json_extract(body, '$.type') IN ({})"
    told = store.rows(sql.format(tags(OF_FIGURES)), entry)
    if not told:
        return []
    shop = register.calendar(store)
    return [closed.reach(store, shop, reader().decode(body), at, number, back) for number, at, body, back in told]


def said_since(store: Store, at_ms: int, kinds: object) -> tuple[Entry, ...]:
    """What was said of these kinds at a moment or later, of whatever time, and stands; in the order of saying."""
    sql = f"{FOUND} AND e.id >= ? AND +e.kind IN ({tags(kinds)}) ORDER BY e.id"  # an id is its moment, or more
    told = map(entry_of, store.rows(sql, at_ms * 1000))
    return tuple(entry for entry in told if entry.at_ms >= at_ms and not entry.taken_back)


def booked(store: Store, window: Span, kinds: Collection[BookingKind]) -> tuple[Entry, ...]:
    """The corrected pieces of these kinds that were made in a window and stand, in the order of saying."""
    sql = (
        f"SELECT {COLUMNS} FROM entries e INDEXED BY entries_pieces WHERE e.kind = 'pieces'"
        f" AND json_extract(e.body, '$.kind') IN ({', '.join('?' * len(kinds))})"
        " AND e.start_ms >= ? AND e.start_ms < ? ORDER BY e.id"
    )
    told = map(entry_of, store.rows(sql, *(kind.value for kind in kinds), window.start_ms, window.end_ms))
    return tuple(entry for entry in told if not entry.taken_back)


def booked_as_of(store: Store, machine: int, window: Span, at_ms: int) -> tuple[Entry, ...]:
    """The corrected pieces that a machine made in a window, as they stood at a moment, in the order of saying."""
    sql = (
        f"SELECT {COLUMNS} FROM entries e WHERE e.kind = 'pieces' AND e.start_ms >= ? AND e.start_ms < ?"
        " AND e.machine_id = ? AND e.at_ms < ?"
        " AND NOT EXISTS (SELECT 1 FROM entries b WHERE b.takes_back = e.id AND b.at_ms < ?) ORDER BY e.id"
    )
    return tuple(map(entry_of, store.rows(sql, window.start_ms, window.end_ms, machine, at_ms, at_ms)))


def standing_since(
    store: Store, known: tuple[Entry, ...], seen: int, window: Span, kinds: object = Said
) -> tuple[Entry, ...]:
    """What `standing` would give, from what it gave as of the entry `seen`: nothing of it is read again."""
    after = store.rows("SELECT id, takes_back FROM entries WHERE id > ?", seen)
    gone = {int(back) for _number, back in after}
    fresh = [number for number, back in after if not back]
    sql = f"{FOUND} AND e.id >= ? AND +e.kind IN ({tags(kinds)}) ORDER BY e.id"  # few: not by their kind
    told = [
        *(entry for entry in known if entry.id <= seen),
        *map(entry_of, store.rows(sql, min(fresh)) if fresh else ()),
    ]
    return tuple(
        entry for entry in told if window.holds(entry.said.start_ms) and entry.id not in gone and not entry.taken_back
    )


def known(store: Store, told: Iterable[Entry], now_ms: int, end_ms: int) -> tuple[Entry, ...]:
    """What of that was known at a moment, of times that begin before another one.

    At the present moment everything is that is in the file: what was said ahead of it was said before the clock was
    set back, and what it says of a time ahead holds already. A moment that is asked for knows nothing of what came
    after it; a file whose clock stands still is asked for moments only.
    """
    speed = store.clock.speed
    present = speed > 0 and now_ms >= store.clock.now_ms() - _PRESENT_MS * max(speed, 1)
    found = []
    for entry in told:
        if entry.at_ms > now_ms:
            if not present:
                continue
            if entry.said.start_ms >= now_ms:
                entry = replace(entry, said=replace(entry.said, start_ms=now_ms - 1))
        if entry.said.start_ms < end_ms:
            found.append(entry)
    return tuple(found)


def actions(store: Store, before_ms: int) -> tuple[Entry, ...]:
    """The open items of shifts before a moment that nobody had closed by then, in the order of saying."""
    told = [entry_of(row) for row in store.rows(f"{FOUND} AND e.kind IN ('action', 'action_closed') ORDER BY e.id")]
    standing = [entry for entry in told if not entry.taken_back and entry.said.start_ms < before_ms]
    done = {entry.said.action for entry in standing if isinstance(entry.said, ActionClosed)}
    return tuple(entry for entry in standing if isinstance(entry.said, Action) and entry.id not in done)


def followed(store: Store, window: Span) -> tuple[tuple[Entry, int | None], ...]:
    """The items that were open in a window, in the order of saying, each with the moment at which it was done there,
    None where it was open at its end."""
    before = {entry.id for entry in actions(store, window.start_ms)}
    told = standing(store, Span(window.start_ms, window.end_ms), Action | ActionClosed)
    done = {entry.said.action: entry.said.start_ms for entry in told if isinstance(entry.said, ActionClosed)}
    begun = {entry.id for entry in told if isinstance(entry.said, Action)}
    found = [entry for number in sorted(before | begun) if (entry := one(store, number)) is not None]
    return tuple((entry, done.get(entry.id)) for entry in found)


def newest_of(store: Store, window: Span) -> int:
    """The id of the newest entry about something that begins in a window, 0 for none."""
    sql = "SELECT max(id) FROM entries WHERE start_ms >= ? AND start_ms < ?"
    return int(store.row(sql, window.start_ms, window.end_ms)[0] or 0)


def late(store: Store, window: Span) -> int:
    """How often something was said or taken back of a window when it was over."""
    sql = "SELECT count(*) FROM entries WHERE start_ms >= ? AND start_ms < ? AND at_ms >= ?"
    return int(store.row(sql, window.start_ms, window.end_ms, window.end_ms)[0])


def orders(store: Store, machine: int, since_ms: int, *more: type[Said]) -> tuple[Entry, ...]:
    """What was said of the beginning and the end of orders (and of these kinds) at a machine and stands, of times from
    a moment on, by the time of which it speaks."""
    kinds = ", ".join(f"'{kind.__struct_config__.tag}'" for kind in (Ordered, OrderEnded, *more))
    sql = f"{FOUND} AND e.kind IN ({kinds}) AND e.start_ms >= ? AND e.machine_id = ?"
    told = map(entry_of, store.rows(f"{sql} ORDER BY +e.start_ms, e.id", since_ms, machine))  # by kind, then sorted
    return tuple(entry for entry in told if not entry.taken_back)


def say(
    store: Store, told: Sequence[Said], at_ms: int, who: str = "", why: str = "", seen: int | None = None
) -> list[int]:
    """Append what somebody says, all of it or nothing; returns the ids, by which it can be taken back. What is held
    because of it (`holding.follows`) goes in behind it.

    `seen`: the newest entry that the person had before the eyes. Raises MeanwhileError where something was said of the
    same stop after it, and ClosedError where it changes a closed shift and `who` or `why` is missing.
    """
    with store.transaction() as connection:
        return say_in(connection, store, told, at_ms, who, why, seen)


def say_in(
    connection: Any,
    store: Store,
    told: Sequence[Said],
    at_ms: int,
    who: str = "",
    why: str = "",
    seen: int | None = None,
) -> list[int]:
    """As `say`, inside the caller's transaction."""
    if seen is not None:
        _refuse_meanwhile(store, told, seen)
    closed.refuse(store, ((said, 0) for said in told), at_ms, who, why)
    numbers = [_append(connection, said, at_ms, who, why) for said in told]
    held = [holding.follows(store, number, said, at_ms) for number, said in zip(numbers, told, strict=True)]
    return numbers + [_append(connection, said, at_ms, who, why) for said in held if said is not None]


def take_back(store: Store, numbers: Sequence[int], at_ms: int, who: str = "", why: str = "") -> None:
    """Take entries back, with what was held because of them. Those that were taken back already, and ids of none, are
    passed over. Raises ClosedError where that changes a closed shift, or opens one again, and `who` or `why` is
    missing."""
    with store.transaction() as connection:
        take_back_in(connection, store, numbers, at_ms, who, why)


def take_back_in(
    connection: Any, store: Store, numbers: Sequence[int], at_ms: int, who: str = "", why: str = ""
) -> None:
    """As `take_back`, inside the caller's transaction."""
    both = (*numbers, *holding.made_by(store, numbers))
    found = [entry for number in both if (entry := one(store, number)) is not None and not entry.taken_back]
    closed.refuse(store, ((entry.said, entry.id) for entry in found), at_ms, who, why)
    for number, entry in {entry.id: entry for entry in found}.items():
        _append(connection, entry.said, at_ms, who, why, back=number)


def _refuse_meanwhile(store: Store, told: Sequence[Said], seen: int) -> None:
    sql = f"{FOUND} AND e.id > ? AND +e.kind IN ({tags(_OF_STOPS)}) ORDER BY e.id"
    others = [entry for entry in map(entry_of, store.rows(sql, seen)) if not entry.taken_back]
    for said in told:
        if isinstance(said, _OF_STOPS):
            for entry in others:
                if _same_stop(said, entry.said):
                    raise MeanwhileError(entry)


def _same_stop(said: Labelled | Split, other: Said) -> bool:
    if other.machine != said.machine or not isinstance(other, _OF_STOPS):
        return False
    ended = OPEN_MS not in (said.end_ms, other.end_ms)
    return other.stop == said.stop or (ended and other.start_ms < said.end_ms and said.start_ms < other.end_ms)


def _append(connection: Any, said: Said, at_ms: int, who: str, why: str, back: int = 0) -> int:
    kind = BACK if back else str(said.__struct_config__.tag)
    body = msgspec.json.encode(said).decode()
    return append(connection, "entries", at_ms, kind, said.machine, said.start_ms, said.end_ms, body, who, why, back)

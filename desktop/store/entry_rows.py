"""Rows of what people said, read as entries: for `entries`, which has more questions and writes, and for `closed`."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

import msgspec

from desktop.domain.entries import Entry, Said
from desktop.domain.spans import Span
from desktop.store.database import Store

BACK = "back"  # the kind of an entry that takes another one back
COLUMNS = "e.id, e.at_ms, e.body, e.who, e.why, coalesce((SELECT b.id FROM entries b WHERE b.takes_back = e.id), 0)"
FOUND = f"SELECT {COLUMNS} FROM entries e WHERE e.kind <> '{BACK}'"


@cache
def reader() -> msgspec.json.Decoder[Said]:
    """What reads a body: made once, for to learn the kinds takes as long as to read twenty."""
    return msgspec.json.Decoder(Said)


def standing(store: Store, window: Span, kinds: object = Said, machine: int | None = None) -> tuple[Entry, ...]:
    """What was said of times that begin in a window and was not taken back, in the order of saying; `kinds` (a struct
    or several with | between them) and `machine`: nothing else, which need not even be read."""
    only = "" if kinds is Said else f" AND e.kind IN ({tags(kinds)})"
    own = "" if machine is None else f" AND e.machine_id = {machine:d}"
    told = store.rows(
        f"{FOUND} AND e.start_ms >= ? AND e.start_ms < ?{only}{own} ORDER BY e.id", window.start_ms, window.end_ms
    )
    return tuple(entry for entry in map(entry_of, told) if not entry.taken_back)


def one(store: Store, number: int) -> Entry | None:
    """An entry by its id, whether it stands or not."""
    row = store.row(f"{FOUND} AND e.id = ?", number)
    return None if row is None else entry_of(row)


def tags(kinds: object) -> str:
    """Kinds of entries as a list of SQL."""
    several: tuple[Any, ...] = get_args(kinds) or (kinds,)
    return ", ".join(f"'{kind.__struct_config__.tag}'" for kind in several)


def entry_of(row: Any) -> Entry:
    number, at_ms, body, who, why, taken_back = row
    return Entry(int(number), int(at_ms), reader().decode(body), str(who), str(why), int(taken_back))

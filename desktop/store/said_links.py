"""What people said of links and nobody has written as links yet, and the links between two things."""

from __future__ import annotations

from msgspec import Struct

from desktop.domain.entries import OF_LINKS, Entry
from desktop.domain.events import LinkKind, Thing
from desktop.store.database import Store
from desktop.store.entry_rows import BACK, entry_of, tags

_BETWEEN = (
    "SELECT l.id, l.kind, l.machine_id, l.event_id FROM links l JOIN units p ON p.id = l.parent_id"
    " JOIN units c ON c.id = l.child_id WHERE p.code = ? AND p.kind = ? AND c.code = ? AND c.kind = ?"
)


class Standing(Struct, frozen=True):
    """A link in the file: its id, its kind, the machine (None: by hand), and what it came of."""

    id: int
    kind: LinkKind
    machine: int | None
    event: int


def newest(store: Store) -> int:
    """The id of the last entry of any kind, 0 where there is none."""
    return int(store.row("SELECT coalesce(max(id), 0) FROM entries")[0])


def told(store: Store, most: int) -> list[tuple[Entry, Entry | None]]:
    """What was said of links since the last one that was written, and, where one takes it back, that one; at most so
    many, in the order of saying."""
    kinds = tags(OF_LINKS)
    since = int(store.row("SELECT entry FROM links_said")[0])
    rows = store.rows(
        "SELECT id, at_ms, body, who, why, takes_back FROM entries WHERE id > ? AND (+kind IN"
        f" ({kinds}) OR (+kind = '{BACK}' AND json_extract(body, '$.type') IN ({kinds}))) ORDER BY id LIMIT ?",
        since,
        most,
    )
    found: list[tuple[Entry, Entry | None]] = []
    for *columns, takes_back in rows:
        entry = entry_of((*columns, 0))
        if takes_back:
            found.append((Entry(int(takes_back), entry.at_ms, entry.said), entry))
        else:
            found.append((entry, None))
    return found


def standing(store: Store, parent: Thing, child: Thing) -> list[Standing]:
    """The links between two things that nothing ended, in their order."""
    rows = store.rows(
        f"{_BETWEEN} AND NOT EXISTS (SELECT 1 FROM link_ends e WHERE e.link_id = l.id) ORDER BY l.id",
        *(parent.code, parent.kind, child.code, child.kind),
    )
    return [Standing(*row) for row in rows]


def ended(store: Store, parent: Thing, child: Thing, event: int) -> list[Standing]:
    """The links between two things that an entry ended."""
    rows = store.rows(
        f"{_BETWEEN} AND EXISTS (SELECT 1 FROM link_ends e WHERE e.link_id = l.id AND e.event_id = ?) ORDER BY l.id",
        *(parent.code, parent.kind, child.code, child.kind, event),
    )
    return [Standing(*row) for row in rows]

"""What people said of links becomes rows of links: a part that was replaced, lots that were merged or split by hand.

Links have one writer, the collector; people speak in entries. It follows these, and remembers up to which one in the
transaction that writes the links. What is taken back ends the links again, and a part that was taken out is in it anew.
"""

from __future__ import annotations

from msgspec import Struct

from desktop.domain.entries import OF_LINKS, Entry, Joined, Parted, Replaced
from desktop.domain.events import Link, LinkEnd, Thing
from desktop.store.database import Store
from desktop.store.entry_rows import BACK, entry_of, tags
from desktop.store.journal import Batch, Journal

_AT_ONCE = 100


class _Standing(Struct, frozen=True):
    """A link in the file that nothing ended."""

    id: int
    kind: str
    machine: int | None


class Linking:
    """Follows the entries of one database."""

    def __init__(self, store: Store, journal: Journal) -> None:
        self._store = store
        self._journal = journal
        self._looked = -1  # the newest entry when there was nothing to do

    def step(self) -> bool:
        """Write the links of what was said since the last time, one entry at a time; returns whether there were any.

        To be called when everything with an id is in the file: links go in in the order of their ids.
        """
        newest = int(self._store.row("SELECT coalesce(max(id), 0) FROM entries")[0])
        if newest == self._looked:
            return False
        told = self._told()
        for entry, back in told:
            batch = Batch(said_until=back.id if back is not None else entry.id)
            self._unsay(batch, entry, back) if back is not None else self._say(batch, entry)
            self._journal.commit(batch)
        if len(told) < _AT_ONCE:
            self._looked = newest
        return bool(told)

    def _told(self) -> list[tuple[Entry, Entry | None]]:
        """What was said and, where one takes it back, that one, in the order of saying."""
        kinds = tags(OF_LINKS)
        since = int(self._store.row("SELECT entry FROM links_said")[0])
        rows = self._store.rows(
            "SELECT id, at_ms, body, who, why, takes_back FROM entries WHERE id > ? AND (+kind IN"
            f" ({kinds}) OR (+kind = '{BACK}' AND json_extract(body, '$.type') IN ({kinds}))) ORDER BY id LIMIT ?",
            since,
            _AT_ONCE,
        )
        found: list[tuple[Entry, Entry | None]] = []
        for *columns, takes_back in rows:
            entry = entry_of((*columns, 0))
            if takes_back:
                found.append((Entry(int(takes_back), entry.at_ms, entry.said), entry))
            else:
                found.append((entry, None))
        return found

    def _say(self, batch: Batch, entry: Entry) -> None:
        said = entry.said
        if isinstance(said, Replaced):
            old = self._links(said.unit, said.old)
            batch.link_ends += [
                LinkEnd(self._journal.following_id(), each.id, said.start_ms, entry.id) for each in old
            ]  # fmt: skip
            kind = old[0].kind if old else "consumed"
            self._link(batch, kind, said.unit, said.new, said.machine, said.start_ms, entry.id)
        elif isinstance(said, Joined):
            for lot in said.lots:
                self._link(batch, "joined", said.into, lot, said.machine, said.start_ms, entry.id)
        elif isinstance(said, Parted):
            for lot in said.into:
                self._link(batch, "parted", lot, said.lot, said.machine, said.start_ms, entry.id)

    def _unsay(self, batch: Batch, entry: Entry, back: Entry) -> None:
        """End what an entry linked; what it ended holds anew, unless the part has gone on to be another one."""
        said, at_ms = entry.said, back.at_ms
        pairs: list[tuple[Thing, Thing]] = []
        if isinstance(said, Replaced):
            pairs = [(said.unit, said.new)]
        elif isinstance(said, Joined):
            pairs = [(said.into, lot) for lot in said.lots]
        elif isinstance(said, Parted):
            pairs = [(lot, said.lot) for lot in said.into]
        for parent, child in pairs:
            own = self._links(parent, child, entry.id)
            batch.link_ends += [LinkEnd(self._journal.following_id(), each.id, at_ms, back.id) for each in own]
            if own and isinstance(said, Replaced):
                for each in self._ended(said.unit, said.old, entry.id):
                    self._link(batch, each.kind, said.unit, said.old, each.machine, at_ms, back.id)

    def _link(
        self, batch: Batch, kind: str, parent: Thing, child: Thing, machine: int | None, at_ms: int, event: int
    ) -> None:
        link = Link(self._journal.following_id(), kind, parent, child, machine or None, at_ms, event)
        batch.links.append(link)

    def _links(self, parent: Thing, child: Thing, event: int | None = None) -> list[_Standing]:
        """The links between two things that hold, if given those that an entry made."""
        rows = self._store.rows(
            f"{_BETWEEN} AND NOT EXISTS (SELECT 1 FROM link_ends e WHERE e.link_id = l.id) ORDER BY l.id",
            *(parent.code, parent.kind, child.code, child.kind),
        )
        return [_Standing(*row[:3]) for row in rows if event is None or row[3] == event]

    def _ended(self, parent: Thing, child: Thing, event: int) -> list[_Standing]:
        """The links between two things that an entry ended."""
        rows = self._store.rows(
            f"{_BETWEEN} AND EXISTS (SELECT 1 FROM link_ends e WHERE e.link_id = l.id AND e.event_id = ?)"
            " ORDER BY l.id",
            *(parent.code, parent.kind, child.code, child.kind, event),
        )
        return [_Standing(*row[:3]) for row in rows]


_BETWEEN = (
    "SELECT l.id, l.kind, l.machine_id, l.event_id FROM links l JOIN units p ON p.id = l.parent_id"
    " JOIN units c ON c.id = l.child_id WHERE p.code = ? AND p.kind = ? AND c.code = ? AND c.kind = ?"
)

"""What people said of links becomes rows of links: a part that was replaced, lots that were merged or split by hand.

Links have one writer, the collector; people speak in entries. It follows these, and remembers up to which one in the
transaction that writes the links. What is taken back ends the links again, and a part that was taken out is in it anew.
"""

from __future__ import annotations

from desktop.domain.entries import Entry, Joined, Parted, Replaced, Said
from desktop.domain.events import Link, LinkEnd, LinkKind, Thing
from desktop.store import said_links
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal

_AT_ONCE = 100
_LINKED: dict[type, LinkKind] = {Joined: "joined", Parted: "parted"}


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
        newest = said_links.newest(self._store)
        if newest == self._looked:
            return False
        told = said_links.told(self._store, _AT_ONCE)
        for entry, back in told:
            batch = Batch(said_until=back.id if back is not None else entry.id)
            self._unsay(batch, entry, back) if back is not None else self._say(batch, entry)
            self._journal.commit(batch)
        if len(told) < _AT_ONCE:
            self._looked = newest
        return bool(told)

    def _say(self, batch: Batch, entry: Entry) -> None:
        said, kind = entry.said, _LINKED.get(type(entry.said), "consumed")
        if isinstance(said, Replaced):
            for old in said_links.standing(self._store, said.unit, said.old):
                batch.link_ends.append(LinkEnd(self._journal.following_id(), old.id, said.start_ms, entry.id))
                kind = old.kind
        for parent, child in _pairs(said):
            self._link(batch, kind, parent, child, said.machine, said.start_ms, entry.id)

    def _unsay(self, batch: Batch, entry: Entry, back: Entry) -> None:
        """End what an entry linked; what it ended holds anew, unless the part has gone on to be another one."""
        said, at_ms = entry.said, back.at_ms
        for parent, child in _pairs(said):
            own = [each for each in said_links.standing(self._store, parent, child) if each.event == entry.id]
            batch.link_ends += [LinkEnd(self._journal.following_id(), each.id, at_ms, back.id) for each in own]
            if own and isinstance(said, Replaced):
                for old in said_links.ended(self._store, said.unit, said.old, entry.id):
                    self._link(batch, old.kind, said.unit, said.old, old.machine, at_ms, back.id)

    def _link(
        self, batch: Batch, kind: LinkKind, parent: Thing, child: Thing, machine: int | None, at_ms: int, event: int
    ) -> None:
        link = Link(self._journal.following_id(), kind, parent, child, machine or None, at_ms, event)
        batch.links.append(link)


def _pairs(said: Said) -> list[tuple[Thing, Thing]]:
    """What an entry says went into what: parents with children."""
    if isinstance(said, Replaced):
        return [(said.unit, said.new)]
    if isinstance(said, Joined):
        return [(said.into, lot) for lot in said.lots]
    if isinstance(said, Parted):
        return [(lot, said.lot) for lot in said.into]
    return []

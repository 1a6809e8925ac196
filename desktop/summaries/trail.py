"""The trail of changes as a page: rows, who made any, and how far the chains are followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from desktop.domain.plant import Plant
from desktop.domain.quality import Characteristic
from desktop.domain.trail import Asked, Chain, Change, Cursor
from desktop.store import entries, people, register
from desktop.store import trail as kept
from desktop.store.database import Store
from desktop.store.quality import quality


class Names(Struct, frozen=True):
    """What ids in changes mean, also of what is retired."""

    plant: Plant
    people: dict[int, str]
    characteristics: tuple[Characteristic, ...] = ()
    gauges: Mapping[int, str] = {}

    @property
    def timezone(self) -> str:
        """Of the plant's clock."""
        return self.plant.timezone


class TrailPage(Struct, frozen=True):
    """One page of changes, newest first. `behind`: where the next one begins, None for the last. `who`: everybody in
    whose name anything was changed.
    """

    changes: tuple[Change, ...]
    behind: Cursor | None
    names: Names
    who: tuple[str, ...]
    chain: Chain


def names_of(store: Store) -> Names:
    """What ids mean now."""
    named = {each.id: each.name for each in people.people(store, since_ms=0)}
    measured = quality(store, since_ms=0)
    gauges = {each.id: f"{each.code} {each.name}" for each in measured.gauges}
    return Names(register.plant(store, since_ms=0), named, measured.characteristics, gauges)


class Trail:
    """Answers pages of the trail; remembers names and chains between two looks."""

    def __init__(self) -> None:
        self._watch = kept.ChainWatch()
        self._names: tuple[int, Names] | None = None
        self._who: tuple[tuple[int, int], tuple[str, ...]] | None = None
        self._page: tuple[object, tuple[Change, ...], Cursor | None] | None = None

    def page(self, store: Store, asked: Asked, actions: tuple[str, ...] = ()) -> TrailPage:
        """One page. `actions`: kinds whose words hold the searched ones."""
        names, who = self._known(store), self._people(store)
        key = (asked, actions, self._who and self._who[0])
        if self._page is None or self._page[0] != key:  # nothing is looked for again where nothing was changed
            changes, behind = kept.page(store, asked, _meant(asked, names, actions))
            self._page = (key, tuple(changes), behind)
        return TrailPage(self._page[1], self._page[2], names, who, self._watch.go_on(store))

    def _known(self, store: Store) -> Names:
        newest = register.newest_change(store)
        if self._names is None or self._names[0] != newest:
            self._names = (newest, names_of(store))
        return self._names[1]

    def _people(self, store: Store) -> tuple[str, ...]:
        newest = (register.newest_change(store), entries.newest(store))
        if self._who is None or self._who[0] != newest:
            self._who = (newest, kept.names(store))
        return self._who[1]


def changes(store: Store, asked: Asked, actions: tuple[str, ...], most: int) -> tuple[Names, Iterator[Change]]:
    """The changes that are asked for, newest first, at most so many, and what their ids mean."""
    names = names_of(store)
    return names, kept.every(store, asked, _meant(asked, names, actions), most)


def chain(store: Store) -> Chain:
    """The chains of both tables, followed to their ends."""
    return kept.ChainWatch().go_on(store, 1 << 40)


def _meant(asked: Asked, names: Names, actions: tuple[str, ...]) -> kept.Meant | None:
    words = asked.words.casefold()
    if not words:
        return None
    plant = names.plant

    def ids(things: object) -> tuple[int, ...]:
        found = things if isinstance(things, tuple) else ()
        return tuple(each.id for each in found if words in each.name.casefold() or words in each.code.casefold())

    return kept.Meant(
        ids(plant.reasons),
        ids(plant.scrap_reasons),
        ids(plant.products),
        ids(plant.machines),
        tuple(number for number, name in names.people.items() if words in name.casefold()),
        actions,
    )

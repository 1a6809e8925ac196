"""What was before, out of the open file: the `Past` of a collector that stores."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from desktop.collect.tracking import Known, Nothing
from desktop.domain.events import Thing
from desktop.domain.identity import product_of
from desktop.domain.plant import Plant
from desktop.store import entries, seen
from desktop.store.database import KnownError, Store

log = logging.getLogger(__name__)

_MADE_MS = 10_000  # so long what an order makes is taken to stay; one that is said to begin later is asked for anew
_T = TypeVar("_T")


class Filed(Nothing):
    """Answers out of the database. While that cannot be read nothing is known: what arrives is taken all the same."""

    def __init__(self, store: Store, plant: Plant) -> None:
        self._store = store
        self._plant = plant
        self._newest = -1  # of what people said, as the answers below know it
        self._made: dict[int, tuple[int, int | None]] = {}  # machine -> when it was asked for, and what is made there

    def known(self, thing: Thing) -> Known:
        """What the file holds of a thing."""
        found = self._ask(lambda: seen.seen(self._store, thing), seen.Seen())
        told = dict(found.attributes)
        product = product_of(told["gtin"], self._plant) if "gtin" in told else None
        return Known(set(found.machines), None if product is None else product.id, told)

    def tries(self, thing: Thing, signal: int) -> int:
        """How many values of a signal a unit has."""
        return self._ask(lambda: seen.tries(self._store, thing, signal), 0)

    def made_at(self, machine: int, at_ms: int) -> int | None:
        """Which product the order that runs at a machine makes."""
        newest = self._ask(lambda: entries.newest(self._store), self._newest)
        if newest != self._newest:
            self._newest, self._made = newest, {}
        asked_ms, made = self._made.get(machine, (at_ms + 1, None))
        if not asked_ms <= at_ms < asked_ms + _MADE_MS:
            made = self._ask(lambda: seen.product_made(self._store, machine, at_ms), None)
            self._made[machine] = (at_ms, made)
        return made

    def _ask(self, question: Callable[[], _T], unknown: _T) -> _T:
        try:
            return question()
        except KnownError as error:
            log.warning("nothing is known of what was before: %s", error)
            return unknown

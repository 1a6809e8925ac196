"""What was before, out of the open file: the `Past` of a collector that stores."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from desktop.collect.past import Filling, Known, Last, Nothing, Packed
from desktop.domain.entries import OPEN_MS, Calibrated, Entry
from desktop.domain.events import Thing
from desktop.domain.holding import BAD_GAUGE, Fate, GaugeState, calibration
from desktop.domain.identity import product_of
from desktop.domain.plant import Plant
from desktop.domain.quality import Gauge, StationKind, WhenWrong
from desktop.domain.spans import Span
from desktop.domain.values import Taken
from desktop.domain.verdicts import Fault, Wrong
from desktop.store import entries, holding, seen
from desktop.store.database import KnownError, Store

log = logging.getLogger(__name__)

_MADE_MS = 10_000  # so long what an order makes is taken to stay; one that is said to begin later is asked for anew
_T = TypeVar("_T")


class Filed(Nothing):
    """Answers out of the database. While that cannot be read nothing is known: what arrives is taken all the same."""

    def __init__(self, store: Store, plant: Plant) -> None:
        self._store = store
        self._zone = ZoneInfo(plant.timezone)
        self._plant = plant
        menders = {station.machine for station in plant.stations if station.kind is StationKind.REWORK}
        self._menders = tuple(machine for machine in menders if machine is not None)
        self._newest = -1  # of what people said, as the answers below know it
        self._made: dict[int, tuple[int, int | None]] = {}  # machine -> when it was asked for, and what is made there
        self._calibrated: tuple[Entry, ...] | None = None

    def known(self, thing: Thing) -> Known | None:
        """What the file holds of a thing; None while it cannot be read."""
        nothing: seen.Seen | None = None
        found = self._ask(lambda: seen.seen(self._store, thing), nothing)
        if found is None:
            return None
        told = dict(found.attributes)
        product = product_of(told["gtin"], self._plant) if "gtin" in told else None
        if product is None:
            product = next((each for each in self._plant.products if each.code == told.get("product")), None)
        return Known(dict(found.machines), None if product is None else product.id, told)

    def taken(self, thing: Thing, at_ms: int, *, ever: bool = False) -> list[Taken]:
        """The values of a unit since it was mended, or a word about a hold said what becomes of it; or all of them."""
        nothing: list[Taken] = []
        found = self._ask(lambda: seen.values(self._store, thing, () if ever else self._menders), nothing)
        again = len({each.signal for each in found}) < len(found)
        if not ever and (again or any(each.judgement != "good" for each in found)):
            settled = self._ask(lambda: holding.settled(self._store, thing, at_ms), (0, 0))
            found = [each for each in found if each.entry > settled[1] or each.id > settled[0]]
        return found

    def made_at(self, machine: int, at_ms: int) -> int | None:
        """Which product the order that runs at a machine makes."""
        self._follow()
        asked_ms, made = self._made.get(machine, (at_ms + 1, None))
        if not asked_ms <= at_ms < asked_ms + _MADE_MS:
            made = self._ask(lambda: seen.product_made(self._store, machine, at_ms), None)
            self._made[machine] = (at_ms, made)
        return made

    def held(self, thing: Thing, at_ms: int, *, mending: bool = False) -> str:
        """What of it is held, where that is another thing, and why."""
        found = self._ask(lambda: holding.on_hold(self._store, thing, at_ms, mending=mending), None)
        if found is None:
            return ""
        of = found.route[-1].code if len(found.route) > 1 else ""
        return " · ".join(part for part in (of, found.hold.said.reason) if part) or found.fate.value

    def scrapped(self, thing: Thing, at_ms: int) -> bool:
        """Whether what keeps a thing is that it, or what it lies in, was thrown away."""
        found = self._ask(lambda: holding.on_hold(self._store, thing, at_ms), None)
        return found is not None and found.fate is Fate.SCRAPPED

    def mended(self, thing: Thing, at_ms: int) -> bool:
        """Whether a hold sent it back, and it was not packed since."""
        return self._ask(lambda: holding.sent_back(self._store, thing, at_ms), False)

    def packed(self, thing: Thing) -> tuple[Packed, ...]:
        """In what a thing lies by the links that nothing ended."""
        nothing: list[tuple[int, Thing, int]] = []
        return tuple(Packed(*each) for each in self._ask(lambda: seen.packed(self._store, thing), nothing))

    def units_with(self, part: Thing) -> tuple[Packed, ...]:
        """In which units a part is by the links that nothing ended."""
        nothing: list[tuple[int, Thing, int]] = []
        return tuple(Packed(*each) for each in self._ask(lambda: seen.units_with(self._store, part), nothing))

    def parts_in(self, unit: Thing) -> dict[int, Thing]:
        """The parts with a serial of their own in a unit by the links that nothing ended."""
        nothing: dict[int, Thing] = {}
        return self._ask(lambda: seen.parts_in(self._store, unit), nothing)

    def filling(self, outer: Thing, machine: int) -> Filling:
        """How a box or pallet stands at a machine by the links that nothing ended."""
        return self._ask(lambda: Filling(*seen.filling(self._store, outer, machine)), Filling())

    def made(self, thing: Thing) -> bool:
        """Whether a thing was ever at a machine, or went into another one or another one into it."""
        return self._ask(lambda: seen.made(self._store, thing), True)

    def last(self, thing: Thing) -> Last:
        """Where a thing itself was last."""
        return self._ask(lambda: Last(*seen.last(self._store, thing)), Last())

    def held_since(self, thing: Thing, fact: int, at_ms: int) -> bool:
        """Whether anything that touches a thing was put on hold after a fact."""
        return self._ask(lambda: holding.held_since(self._store, thing, fact, at_ms), False)

    def gauge_wrong(self, gauge: Gauge, at_ms: int) -> Fault | None:
        """That a gauge is overdue or failed. Of one of which nobody ever said anything nothing is known: that is wrong
        where it refuses values."""
        self._follow()
        if self._calibrated is None:
            nothing: tuple[Entry, ...] = ()
            every = Span(0, OPEN_MS)
            self._calibrated = self._ask(lambda: entries.standing(self._store, every, Calibrated), nothing)
        found = calibration(self._calibrated, gauge.id, gauge.interval_days, at_ms)
        if found.state is GaugeState.UNKNOWN and gauge.when_due is WhenWrong.REFUSE:
            return Fault(Wrong.NEVER)
        if found.state not in BAD_GAUGE or found.last is None:
            return None
        since_ms = found.last.said.start_ms if found.due_ms is None else found.due_ms
        return Fault(Wrong.GAUGE, datetime.fromtimestamp(since_ms / 1000, self._zone).date().isoformat())

    def _follow(self) -> None:
        """Forget what people said in the meantime makes untrue."""
        newest = self._ask(lambda: entries.newest(self._store), self._newest)
        if newest != self._newest:
            self._newest, self._made, self._calibrated = newest, {}, None

    def _ask(self, question: Callable[[], _T], unknown: _T) -> _T:
        try:
            return question()
        except KnownError as error:
            log.warning("nothing is known of what was before: %s", error)
        except Exception:  # a row that cannot be read, or our own fault, must not cost the scan that asked
            log.exception("nothing is known of what was before")
        return unknown

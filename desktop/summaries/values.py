"""What is measured in the shop, and the values of a characteristic with what was made when each was measured."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from desktop.domain import entries, making
from desktop.domain.entries import Changed, FirstPiece
from desktop.domain.measuring import Value
from desktop.domain.quality import Characteristic, Quality
from desktop.domain.spans import Span
from desktop.store import entries as spoken
from desktop.store import measured, records
from desktop.store.database import Store
from desktop.store.quality import quality
from desktop.summaries.frame import Frame
from desktop.summaries.now import Live
from desktop.summaries.station import products_told

_ORDERS_BACK_MS = 31 * 86_400_000  # an order that made what was measured began at most so long before


def known_quality(live: Live, store: Store, at: Frame) -> Quality:
    """Characteristics, limits and gauges, read again when the register changes; with those that are measured no more,
    whose values those that took their place do not have."""
    kept = live.kept.get("quality")
    if not (isinstance(kept, tuple) and kept[0] == at.register.version):
        kept = (at.register.version, quality(store, since_ms=0))
        live.kept["quality"] = kept
    known: Quality = kept[1]
    return known


def newest_value(live: Live, store: Store, signal: int | None) -> int:
    """The id of the last result of a signal that came since the first look, by which it is known whether another one
    came; only what came since the last look is read. 0: none."""
    if signal is None:
        return 0
    last = measured.newest_result(store)
    kept = live.kept.get(("newest value", signal))
    looked: int
    newest: int
    looked, newest = kept if isinstance(kept, tuple) else (last, 0)
    if last > looked:
        newest = measured.newest_of(store, signal, looked) or newest
    live.kept["newest value", signal] = (last, newest)
    return newest


def values_of(
    store: Store, at: Frame, known: Quality, characteristic: Characteristic, span: Span, most: int = -1
) -> list[Value]:
    """The values of a characteristic in a span, oldest first, each with the product that was made then; `most`: the
    last ones of those by hand and of those of its signal, -1: all."""
    last_ms = span.end_ms - 1
    found = measured.by_hand(store, characteristic.id, last_ms, most, span.start_ms)
    for signal in known.signals_of(characteristic):
        own = measured.of_signal(store, signal, last_ms, most, span.start_ms)
        machine = characteristic.machine or next((s.machine for s in at.plant.signals if s.id == signal), None)
        for value in _with_products(store, at, machine, own):
            of = known.of_signal(signal, value.product, value.at_ms)
            if of is None and value.product is None:  # not known, but only one can be
                products = known.products_of(signal, value.at_ms)
                of = known.of_signal(signal, products.pop(), value.at_ms) if len(products) == 1 else None
            if of is not None and of.id == characteristic.id:
                found.append(value)
    return sorted(found, key=lambda value: (value.at_ms, value.id))


def _with_products(store: Store, at: Frame, machine: int | None, values: Sequence[Value]) -> list[Value]:
    """Values with what the machine made, by orders, changeovers and the codes that devices told."""
    if machine is None or not values:
        return [*values]
    window = Span(values[0].at_ms, values[-1].at_ms + 1)
    codes = products_told(store, at.plant, machine, window)
    told = spoken.orders(store, machine, window.start_ms - _ORDERS_BACK_MS, Changed, FirstPiece)
    runs = (
        *making.told_runs(at.plant, machine, codes, records.ALWAYS.end_ms),
        *entries.runs(told, records.ALWAYS.end_ms),
    )
    set_up = entries.set_up_for(told, runs, machine, records.ALWAYS.end_ms)
    parts = making.makings(at.plant, machine, window, (*set_up, *runs))
    found, place = [], 0
    for value in values:
        while place + 1 < len(parts) and value.at_ms >= parts[place].span.end_ms:
            place += 1
        found.append(replace(value, product=parts[place].product))
    return found

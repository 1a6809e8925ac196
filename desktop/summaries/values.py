"""What is measured in the shop, and the values of a characteristic with what was made when each was measured."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from desktop.domain import entries, making
from desktop.domain.entries import Changed, FirstPiece
from desktop.domain.kpi import Making
from desktop.domain.quality import Characteristic, Quality
from desktop.domain.spans import Span
from desktop.domain.values import Value
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


def values_of(store: Store, at: Frame, known: Quality, characteristic: Characteristic, span: Span) -> list[Value]:
    """The values of a characteristic in a span, oldest first, each with the product that was made then."""
    found = measured.by_hand(store, characteristic.id, span.end_ms - 1, -1, span.start_ms)
    for signal in known.signals_of(characteristic):
        for part, product in _parts(store, at, known, characteristic, signal, span):
            found += [replace(value, product=product) for value in measured.of_signal(store, signal, part)]
    return sorted(found, key=lambda value: (value.at_ms, value.id))


def last_from(store: Store, at: Frame, known: Quality, characteristic: Characteristic, end_ms: int, count: int) -> int:
    """From when on there are the last so many values of a characteristic before a moment, whatever else its signal
    measured between them; 0 where there are fewer."""
    by_hand = measured.by_hand(store, characteristic.id, end_ms - 1, count)
    signals = known.signals_of(characteristic)
    found = [_last_from(store, at, known, characteristic, signal, end_ms, count) for signal in signals]
    return max([by_hand[0].at_ms if len(by_hand) == count else 0, *found])


def _last_from(
    store: Store, at: Frame, known: Quality, characteristic: Characteristic, signal: int, end_ms: int, count: int
) -> int:
    """The same of one signal; 256 times as many results of others are passed over, not more."""
    for more in (1, 16, 256):
        start_ms, missing = measured.last_from(store, signal, end_ms, count * more), count
        for part, _product in reversed(_parts(store, at, known, characteristic, signal, Span(start_ms, end_ms))):
            there = measured.count_of(store, signal, part)
            if there >= missing:
                return measured.last_from(store, signal, part.end_ms, missing)
            missing -= there
        if not start_ms:
            break
    return start_ms


def _parts(
    store: Store, at: Frame, known: Quality, characteristic: Characteristic, signal: int, span: Span
) -> list[tuple[Span, int | None]]:
    """When in a span, from the first result on, a signal measured this characteristic, and the product that was made
    then as far as it is known: by orders, changeovers and the codes that devices told."""
    first_ms = measured.first_of(store, signal, span)
    if first_ms is None:
        return []
    span = Span(first_ms, span.end_ms)
    machine = machine_of(at, characteristic, signal)
    made: list[tuple[Span, int | None]] = [(span, None)]
    if machine is not None:
        made = [(part.span, part.product) for part in _made(store, at, machine, span)]
    found: list[tuple[Span, int | None]] = []
    for part, product in made:
        edges = [part.start_ms, *known.turns(part), part.end_ms]
        for start_ms, end_ms in pairwise(edges):
            of = known.of_signal(signal, product, start_ms)
            if of is None and product is None:  # not known, but only one can be
                products = known.products_of(signal, start_ms)
                of = known.of_signal(signal, products.pop(), start_ms) if len(products) == 1 else None
            if of is None or of.id != characteristic.id:
                continue
            if found and found[-1][0].end_ms == start_ms and found[-1][1] == product:
                start_ms = found.pop()[0].start_ms
            found.append((Span(start_ms, end_ms), product))
    return found


def machine_of(at: Frame, characteristic: Characteristic, signal: int | None) -> int | None:
    """The machine at which a characteristic is measured by a signal, None where it is at none."""
    return characteristic.machine or next((each.machine for each in at.plant.signals if each.id == signal), None)


def _made(store: Store, at: Frame, machine: int, span: Span) -> Sequence[Making]:
    """What a machine made in a span."""
    codes = products_told(store, at.plant, machine, span)
    told = spoken.orders(store, machine, span.start_ms - _ORDERS_BACK_MS, Changed, FirstPiece)
    runs = (
        *making.told_runs(at.plant, machine, codes, records.ALWAYS.end_ms),
        *entries.runs(told, records.ALWAYS.end_ms),
    )
    set_up = entries.set_up_for(told, runs, machine, records.ALWAYS.end_ms)
    return making.makings(at.plant, machine, span, (*set_up, *runs))

"""What is held now, for its page and for the Overview: holds with what they cover, gauges, a code that was read."""

from __future__ import annotations

import time
from collections.abc import Sequence

from desktop.domain.barcode import clean_code
from desktop.domain.entries import OPEN_MS, Calibrated, Entry, FirstPiece
from desktop.domain.events import Thing
from desktop.domain.figures.holds import GaugeRow, HeldThing, HoldRow, HoldsNow, Looked
from desktop.domain.figures.line import HoldsBrief
from desktop.domain.holding import OPEN, Fate, Hold, calibration, is_over
from desktop.domain.plant import Plant
from desktop.domain.quality import Gauge, Quality
from desktop.domain.spans import Span
from desktop.store import entries, holding, people
from desktop.store.database import Store
from desktop.store.quality import quality
from desktop.summaries.frame import frame
from desktop.summaries.now import Live
from desktop.summaries.trace.history import carrying

_KEPT_MS = 60_000  # a leave may run out by the clock alone


def holds_now(live: Live, store: Store, now_ms: int, chosen: int = 0, gauge: int = 0, code: str = "") -> HoldsNow:
    """What the page shows, with what the `chosen` hold covers (0: the oldest), or with what a `gauge` measured since it
    was last good, and with what is known of a `code`."""
    at = frame(store, now_ms)
    shop = quality(store, since_ms=0)
    rows = tuple(_row(store, live, hold, at.plant, shop, now_ms) for hold in _open(live, store, now_ms))
    calibrated = entries.standing(store, Span(0, OPEN_MS), Calibrated)
    gauges = tuple(_gauge_row(store, live, each, calibrated, now_ms) for each in quality(store).gauges)
    things: tuple[HeldThing, ...] = ()
    measured = next((each for each in gauges if each.gauge.id == gauge), None)
    if measured is not None:
        chosen, things = 0, _measured(store, measured, now_ms)
    else:
        hold = next((row.hold for row in rows if row.hold.id == chosen), rows[0].hold if rows else None)
        chosen = hold.id if hold is not None else 0
        if hold is not None:
            covered = _covers(live, store, hold, now_ms)
            things = _placed(store, [(each.thing, each.fate) for each in covered])
    return HoldsNow(
        at.head,
        now_ms,
        at.shift,
        at.collector,
        rows,
        chosen,
        gauge if measured is not None else 0,
        things,
        gauges,
        tuple((machine.id, machine.name) for machine in at.plant.machines),
        tuple(at.plant.scrap_reasons),
        people.people_now(store, time.time_ns() // 1_000_000),
        _look(store, code, now_ms) if code else None,
    )


def brief(live: Live, store: Store, now_ms: int) -> HoldsBrief | None:
    """How many holds are open, None where none is."""
    found = _open(live, store, now_ms)
    if not found:
        return None
    units = {
        each.thing
        for hold in found
        for each in _covers(live, store, hold, now_ms)
        if each.thing.kind == "unit" and each.fate in OPEN
    }
    return HoldsBrief(len(found), found[0].said.start_ms, len(units))


def _open(live: Live, store: Store, now_ms: int) -> list[Hold]:
    """The holds of which somebody still has to decide or to do something, the oldest first."""
    standing = [hold for hold in holding.standing_holds(store) if not is_over(hold)]
    return [
        hold
        for hold in standing
        if not hold.disposals or any(each.fate in OPEN for each in _covers(live, store, hold, now_ms))
    ]


def _covers(live: Live, store: Store, hold: Hold, now_ms: int) -> tuple[holding.Covered, ...]:
    """What a hold covers, read again when anything was said or arrived."""
    key = (entries.newest(store), holding.newest_facts(store), now_ms // _KEPT_MS)
    known = live.kept.get(("covers", hold.id))
    if not (isinstance(known, tuple) and known[0] == key):
        known = (key, holding.covers(store, hold, now_ms))
        live.kept["covers", hold.id] = known
    found: tuple[holding.Covered, ...] = known[1]
    return found


def _row(store: Store, live: Live, hold: Hold, plant: Plant, shop: Quality, now_ms: int) -> HoldRow:
    covered = _covers(live, store, hold, now_ms)
    units = [each for each in covered if each.thing.kind == "unit"]
    cause = entries.one(store, hold.said.because) if hold.said.because else None
    said = cause.said if cause is not None else None
    what = said.which if isinstance(said, FirstPiece) else "gauge" if isinstance(said, Calibrated) else ""
    gauge = said.gauge if isinstance(said, Calibrated) else 0
    return HoldRow(
        hold,
        what,
        said.note if isinstance(said, FirstPiece | Calibrated) else "",
        next((f"{each.name} {each.code}" for each in shop.gauges if each.id == gauge), ""),
        len(units),
        sum(each.fate in OPEN for each in units),
        sum(each.fate in OPEN for each in covered),
    )


def _gauge_row(store: Store, live: Live, gauge: Gauge, told: Sequence[Entry], now_ms: int) -> GaugeRow:
    standing = calibration(told, gauge.id, gauge.interval_days, now_ms)
    since_ms = standing.good_ms or 0
    signals = holding.signals_of(store, gauge.id)
    key = (since_ms, signals, holding.newest_facts(store)[-1])
    known = live.kept.get(("measured", gauge.id))
    if not (isinstance(known, tuple) and known[0] == key):
        known = (key, holding.measured_since(store, signals, Span(since_ms, OPEN_MS)) if signals else ())
        live.kept["measured", gauge.id] = known
    by_hand = holding.measured_by_hand(store, gauge.id, Span(since_ms, OPEN_MS))
    return GaugeRow(gauge, standing, len({*known[1], *by_hand} if by_hand else known[1]))


def _measured(store: Store, row: GaugeRow, now_ms: int) -> tuple[HeldThing, ...]:
    """The units that a gauge measured since it was last found good."""
    signals = holding.signals_of(store, row.gauge.id)
    window = Span(row.standing.good_ms or 0, now_ms)
    found = holding.measured_since(store, signals, window) if signals else ()
    found = tuple(dict.fromkeys((*found, *holding.measured_by_hand(store, row.gauge.id, window))))
    return _placed(store, [(thing, _fate(store, thing, now_ms)) for thing in found])


def _fate(store: Store, thing: Thing, now_ms: int) -> Fate | None:
    found = holding.on_hold(store, thing, now_ms)
    return None if found is None else found.fate


def _placed(store: Store, things: Sequence[tuple[Thing, Fate | None]]) -> tuple[HeldThing, ...]:
    places = holding.last_places(store, [thing for thing, _fate in things])
    return tuple(HeldThing(thing, fate, *places.get(thing, (None, None))) for thing, fate in things)


def _look(store: Store, code: str, now_ms: int) -> Looked:
    code = clean_code(code)
    things = tuple(Thing(known.kind, known.code) for known in carrying(store, code))
    parts: tuple[Thing, ...] = ()
    for thing in things:
        if thing.kind == "unit":
            parts = holding.parts_of(store, thing)
    asked = things or tuple(Thing(kind, code) for kind in ("unit", "lot", "box", "pallet"))
    found = next((each for thing in asked if (each := holding.on_hold(store, thing, now_ms)) is not None), None)
    return Looked(code, things, found.fate if found is not None else None, parts)

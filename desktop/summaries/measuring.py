"""How the characteristics of a line stand: for the screen of measurements, and the findings for the Overview."""

from __future__ import annotations

import time
from collections.abc import Sequence

from msgspec.structs import replace

from desktop.domain import alarms, calendar, holding, measuring
from desktop.domain.alarms import Acknowledgement, AlarmKind
from desktop.domain.daily_rows import CheckRow
from desktop.domain.entries import OPEN_MS, Calibrated, Entry
from desktop.domain.figures.head import AlarmNow
from desktop.domain.figures.line import LineNow
from desktop.domain.figures.measuring import CharacteristicNow, MeasuringNow
from desktop.domain.measuring import Signal
from desktop.domain.quality import Characteristic, Quality
from desktop.domain.spans import Span
from desktop.store import entries as spoken
from desktop.store import measured, people, register, trail
from desktop.store.database import Store
from desktop.summaries.charts import RING_MS, Chart, charts
from desktop.summaries.frame import Frame
from desktop.summaries.now import Live
from desktop.summaries.samples import samples
from desktop.summaries.values import known_quality

MOST_UNITS = 6
_OWN = (AlarmKind.MEASURED, AlarmKind.SAMPLE)  # alarms of characteristics


def measuring_now(live: Live, store: Store, now_ms: int, chosen: int | None = None) -> MeasuringNow:
    """All characteristics, the most urgent first, and the one that is looked at: `chosen` by id, None: the first."""
    at, facts = live.facts(store, now_ms)
    known = known_quality(live, store, at)
    sampled: dict[int, list[CheckRow]] = {}
    for each in sorted(samples(live, store, at, facts, at.now_ms), key=lambda row: row.due_ms):
        sampled.setdefault(each.item, []).append(each)
    found = _rows(live, store, at, known)
    found = tuple(replace(row, samples=tuple(sampled.get(row.characteristic.id, ()))) for row in found)
    rows = tuple(sorted(found, key=lambda row: row.urgency))
    looked_at = next((row for row in rows if row.characteristic.id == chosen), None)
    if looked_at is None and rows:
        looked_at = rows[0]
    if looked_at is not None and looked_at.limits is not None:
        looked_at = replace(looked_at, changed=trail.last_limit_change(store, looked_at.characteristic.code))
    units = _units(store, looked_at, at.now_ms) if looked_at is not None else ()
    shift = calendar.shift_at(at.register.calendar, now_ms)
    asked = people.people_now(store, time.time_ns() // 1_000_000)
    return MeasuringNow(at.head, at.now_ms, shift, at.collector, rows, looked_at, units, asked)


def with_findings(live: Live, store: Store, at: Frame, now: LineNow) -> LineNow:
    """The Overview with what the charts of frozen limits found, and the names of characteristics on what was seen."""
    rows = _rows(live, store, at, known_quality(live, store, at))
    rung = tuple(_alarm(row.characteristic, row.open[-1]) for row in rows if row.open)
    names = {row.characteristic.code: row.characteristic.name for row in rows}
    seen = tuple(
        replace(each, name=names[each.subject]) if each.kind in _OWN and each.subject in names else each
        for each in now.seen
    )
    return replace(now, alarms=(*now.alarms, *rung), seen=seen)


def _rows(live: Live, store: Store, at: Frame, known: Quality) -> tuple[CharacteristicNow, ...]:
    if not known.measured:
        return ()
    seen = register.acknowledgements(store, Span(at.now_ms - RING_MS, at.now_ms + 1))
    return tuple(_row(live, store, at, known, each, seen) for each in charts(live, store, at, known))


def _row(
    live: Live, store: Store, at: Frame, known: Quality, chart: Chart, seen: Sequence[Acknowledgement]
) -> CharacteristicNow:
    characteristic, analysis = chart.of, chart.analysis
    machine = next((each for each in at.plant.machines if each.id == characteristic.machine), None)
    product = next((each.name for each in at.plant.products if each.id == characteristic.product), "")
    gauge = next((each for each in known.gauges if each.id == characteristic.gauge), None)
    stands = None
    if gauge is not None:
        stands = holding.calibration(_calibrated(live, store, at), gauge.id, gauge.interval_days, at.now_ms)
    bare = CharacteristicNow(
        characteristic,
        machine.name if machine is not None else "",
        product,
        measuring.State.STABLE,
        analysis,
        known.limits_at(characteristic.id, at.now_ms),
        gauge,
        silent_ms=measuring.silent_ms(analysis, characteristic, at.now_ms),
        calibration=stands,
    )
    rings = (each for each in chart.signals if each.met_ms >= at.now_ms - RING_MS)
    found = tuple(each for each in rings if not alarms.is_quiet(_alarm(characteristic, each), seen))
    state = measuring.state(analysis, characteristic, len(found), at.now_ms)
    return replace(bare, open=found, state=state)


def _alarm(characteristic: Characteristic, found: Signal) -> AlarmNow:
    """How the Overview tells of it."""
    of = characteristic
    return AlarmNow(AlarmKind.MEASURED, of.code, of.name, found.met_ms, 0, detail=found.rule.value)


def _calibrated(live: Live, store: Store, at: Frame) -> tuple[Entry, ...]:
    """What was said of gauges, read again when anything is said."""
    kept = live.kept.get("calibrated")
    if not (isinstance(kept, tuple) and kept[0] == at.newest):
        kept = (at.newest, spoken.standing(store, Span(0, OPEN_MS), Calibrated))
        live.kept["calibrated"] = kept
    known: tuple[Entry, ...] = kept[1]
    return known


def _units(store: Store, row: CharacteristicNow, now_ms: int) -> tuple[str, ...]:
    """The units that were at its machine last, of which a value by hand may be."""
    machine = row.characteristic.machine
    return () if machine is None else tuple(measured.last_units(store, machine, now_ms, MOST_UNITS))

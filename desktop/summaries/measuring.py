"""How the characteristics of a line stand: for the screen of measurements, and the findings for the Overview."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain import alarms, calendar, holding, measuring
from desktop.domain.alarms import Acknowledgement, AlarmKind
from desktop.domain.daily_rows import CheckRow
from desktop.domain.entries import OPEN_MS, Calibrated, Entry
from desktop.domain.figures.head import AlarmNow
from desktop.domain.figures.line import LineNow
from desktop.domain.figures.measuring import CharacteristicNow, MeasuringNow
from desktop.domain.measuring import Analysis, Use, Value
from desktop.domain.quality import Characteristic, Limits, Quality
from desktop.domain.spans import Span
from desktop.store import entries as spoken
from desktop.store import measured, people, register, trail
from desktop.store.database import Store
from desktop.summaries import values
from desktop.summaries.frame import Frame
from desktop.summaries.now import Live
from desktop.summaries.samples import samples
from desktop.summaries.values import known_quality, newest_value

_ALARM_MS = 3 * 86_400_000  # a finding is asked about for so long, over a weekend
MOST_UNITS = 6
_OWN = (AlarmKind.MEASURED, AlarmKind.SAMPLE)  # alarms of characteristics


class _Known(Struct, frozen=True):
    """A characteristic with what was known when it was analysed: nothing of it is derived again while that holds."""

    key: tuple[object, ...]
    now_ms: int
    analysis: Analysis


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
    rung = tuple(
        AlarmNow(
            AlarmKind.MEASURED, row.characteristic.code, row.characteristic.name, _met_ms(row, row.open[-1]), 0,
            detail=row.analysis.findings[row.open[-1]].rule.value,
        )
        for row in rows
        if row.open
    )  # fmt: skip
    names = {row.characteristic.code: row.characteristic.name for row in rows}
    seen = tuple(
        replace(each, name=names[each.subject]) if each.kind in _OWN and each.subject in names else each
        for each in now.seen
    )
    return replace(now, alarms=(*now.alarms, *rung), seen=seen)


def _met_ms(row: CharacteristicNow, place: int) -> int:
    return row.analysis.points[row.analysis.findings[place].met].at_ms


def _rows(live: Live, store: Store, at: Frame, known: Quality) -> tuple[CharacteristicNow, ...]:
    if not known.measured:
        return ()
    seen = register.acknowledgements(store, Span(at.now_ms - _ALARM_MS, at.now_ms + 1))
    return tuple(_row(live, store, at, known, each, seen) for each in known.measured)


def _row(
    live: Live, store: Store, at: Frame, known: Quality, characteristic: Characteristic, seen: Sequence[Acknowledgement]
) -> CharacteristicNow:
    analysis = _analysis(live, store, at, known, characteristic)
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
    found = tuple(place for place in range(len(analysis.findings)) if _is_open(bare, place, at.now_ms, seen))
    state = measuring.state(analysis, characteristic, len(found), at.now_ms)
    return replace(bare, open=found, state=state)


def _calibrated(live: Live, store: Store, at: Frame) -> tuple[Entry, ...]:
    """What was said of gauges, read again when anything is said."""
    kept = live.kept.get("calibrated")
    if not (isinstance(kept, tuple) and kept[0] == at.newest):
        kept = (at.newest, spoken.standing(store, Span(0, OPEN_MS), Calibrated))
        live.kept["calibrated"] = kept
    known: tuple[Entry, ...] = kept[1]
    return known


def _is_open(row: CharacteristicNow, place: int, now_ms: int, seen: Sequence[Acknowledgement]) -> bool:
    """Whether a finding of frozen limits still asks somebody: nobody acknowledged it, and it is not of last week."""
    met_ms = _met_ms(row, place)
    if row.analysis.frozen is None or met_ms < now_ms - _ALARM_MS:
        return False
    alarm = AlarmNow(AlarmKind.MEASURED, row.characteristic.code, row.characteristic.name, met_ms, 0)
    return not alarms.is_quiet(alarm, seen)


# -- values --


def _analysis(live: Live, store: Store, at: Frame, known: Quality, characteristic: Characteristic) -> Analysis:
    """A characteristic's chart, derived again only where anything that it is made of is new."""
    key = (at.register.version, at.newest, newest_value(live, store, characteristic.signal))
    kept = live.kept.get(("measured", characteristic.id))
    if isinstance(kept, _Known) and kept.key == key and kept.now_ms <= at.now_ms:
        return kept.analysis
    versions = measured.versions(store, characteristic.id, at.now_ms)
    limits = tuple(each for each in known.limits if each.characteristic == characteristic.id)
    end_ms = at.now_ms + 1
    last = measuring.last_values(characteristic)
    # Read from a production day on, where a subgroup begins, and what tells before it which distances are usual.
    since_ms = values.last_from(store, at, known, characteristic, end_ms, last)
    day_ms = max(calendar.day_at(at.register.calendar, since_ms).start_ms, 0)
    back_ms = values.last_from(store, at, known, characteristic, day_ms, measuring.looks_back(characteristic))
    found = values.values_of(store, at, known, characteristic, Span(back_ms, end_ms))
    left_out = measured.excluded(store, characteristic.id, back_ms, at.now_ms)
    told = measuring.judged(found, limits, left_out, _before(store, known, characteristic, found, limits))
    changes = [each.said.start_ms for each in versions]
    cutting = measuring.Cutting(characteristic, changes, partial(calendar.day_at, at.register.calendar))
    for each in told:
        cutting.take(each)
    every = [each for each in cutting.made if each.values[0].at_ms >= day_ms]
    specified = known.limits_at(characteristic.id, at.now_ms)
    analysis = measuring.analyse(told[-last:], characteristic, versions, specified, every)
    live.kept["measured", characteristic.id] = _Known(key, at.now_ms, analysis)
    return analysis


def _before(
    store: Store, known: Quality, characteristic: Characteristic, read: Sequence[Value], limits: Sequence[Limits]
) -> dict[str, int]:
    """How many values of the characteristic each of these units had before its first one among them (oldest first): of
    the wire by the order in which they came, by hand by their time."""
    firsts: dict[str, Value] = {}
    for value in measuring.as_they_came(read):
        if value.unit:
            firsts.setdefault(value.unit, value)
    if not firsts:
        return {}
    last = max((each.id for each in read if not each.by_hand), default=1 << 62)
    owners = [
        (value, known.of_signal(signal, characteristic.product, value.at_ms))
        for signal in known.signals_of(characteristic)
        for value in measured.earlier(store, signal, firsts, last)
    ]
    told = [value for value, of in owners if of is not None and of.id == characteristic.id]
    told += measured.of_units(store, characteristic.id, firsts)
    found: dict[str, int] = {}
    for each in measuring.judged(told, limits, {}, {}):
        if each.use is not Use.NO_VALUE and measuring.came_before(each.value, firsts[each.value.unit]):
            found[each.value.unit] = found.get(each.value.unit, 0) + 1
    return found


def _units(store: Store, row: CharacteristicNow, now_ms: int) -> tuple[str, ...]:
    """The units that were at its machine last, of which a value by hand may be."""
    machine = row.characteristic.machine
    return () if machine is None else tuple(measured.last_units(store, machine, now_ms, MOST_UNITS))

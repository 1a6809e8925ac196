"""Which samples of a characteristic are due: so many pieces an hour, or the first, a middle and the last one. Pure, in
UTC milliseconds.

A sample is asked for only of a machine that runs and makes what is measured: of one that stands nothing is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain import checks
from desktop.domain.alarms import AlarmKind
from desktop.domain.checks import PIECES, Periods, Work
from desktop.domain.daily_rows import CheckRow
from desktop.domain.figures.head import AlarmNow
from desktop.domain.plant import CheckItem
from desktop.domain.quality import Characteristic, Sampling
from desktop.domain.spans import Span

HOUR_MS = 3_600_000
LEAST_RUN_MS = 900_000  # an hour in which the machine ran less asks for no sample
LATE_MS = 900_000  # so long before its end an hourly sample is late, and no more asked for where it was not before


class Sample(Struct, frozen=True):
    """So many (`wanted`) values of a characteristic in a span: due from `due_ms`, late from `late_ms`, missed behind
    the span. `which`: "hour", or which piece it is of."""

    which: str
    span: Span
    due_ms: int
    late_ms: int
    wanted: int


def samples(characteristic: Characteristic, work: Work, periods: Periods) -> tuple[Sample, ...]:
    """The samples of a shift that the machine's work asks for, in order. Empty where each piece is measured."""
    if characteristic.sampling is Sampling.HOURLY:
        return tuple(_hourly(characteristic, work, periods.shift))
    if characteristic.sampling is Sampling.PIECES:
        items = [CheckItem(0, "", "", characteristic.machine, characteristic.product, which) for which in PIECES]
        return tuple(
            Sample(slot.item.kind, slot.span, slot.due_ms, slot.late_ms, 1)
            for slot in checks.slots(items, [work], periods)
        )
    return ()


def _hourly(characteristic: Characteristic, work: Work, shift: Span) -> list[Sample]:
    """One sample in each hour from the beginning of the shift on: due when the machine ran so long in it that there are
    pieces to take."""
    found = []
    for start_ms in range(shift.start_ms, shift.end_ms, HOUR_MS):
        hour = Span(start_ms, min(start_ms + HOUR_MS, shift.end_ms))
        due_ms = _after_running(work.ran, hour)
        if due_ms is None or due_ms > hour.end_ms - LATE_MS:  # too little of the hour is left to measure in
            continue
        if characteristic.product not in (None, work.product_at(due_ms - 1)):
            continue
        found.append(Sample("hour", hour, due_ms, hour.end_ms - LATE_MS, max(characteristic.per_hour, 1)))
    return found


def _after_running(ran: Sequence[Span], hour: Span) -> int | None:
    """When a machine had run for `LEAST_RUN_MS` in an hour, None where it did not."""
    left_ms = LEAST_RUN_MS
    for span in ran:
        part = span.cut(hour)
        if part is None:
            continue
        if part.length_ms >= left_ms:
            return part.start_ms + left_ms
        left_ms -= part.length_ms
    return None


def state(sample: Sample, taken: int, now_ms: int) -> str:
    """How far a sample is at a moment when so many values were taken: "" before it is due, then due, late, missed, and
    good where all were taken."""
    if taken >= sample.wanted:
        return "good"
    if now_ms < sample.due_ms:
        return ""
    if now_ms >= sample.span.end_ms:
        return "missed"
    return "late" if now_ms >= sample.late_ms else "due"


def missed(rows: Iterable[CheckRow]) -> tuple[AlarmNow, ...]:
    """What rings of these samples: one alarm for all that were missed of a characteristic and nobody acknowledged."""
    by_item: dict[int, list[CheckRow]] = {}
    for row in rows:
        if row.asks:
            by_item.setdefault(row.item, []).append(row)
    found = []
    for asking in by_item.values():
        last = max(asking, key=lambda row: row.end_ms)
        hour = Span(last.start_ms, last.end_ms)
        alarm = AlarmNow(AlarmKind.SAMPLE, last.code, last.name, last.end_ms, 0, hour=hour, detail=last.every)
        found.append(replace(alarm, missing=len(asking)))
    return tuple(found)

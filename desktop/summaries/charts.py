"""The chart of a characteristic, kept between looks: a value more is taken into it, and nothing is derived again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from desktop.domain import calendar, measuring
from desktop.domain.entries import ChartLimits
from desktop.domain.measuring import Analysis, Cutting, Judged, Signal, Use
from desktop.domain.quality import Characteristic, Limits, Quality
from desktop.domain.spans import Span
from desktop.domain.values import Value, as_they_came
from desktop.store import measured
from desktop.store.database import Store
from desktop.summaries import values
from desktop.summaries.frame import Frame
from desktop.summaries.now import Live

RING_MS = 3 * 86_400_000  # a finding is asked about for so long, over a weekend
_ALWAYS_MS = 1 << 52


def charts(live: Live, store: Store, at: Frame, known: Quality) -> list[Chart]:
    """The charts of all characteristics as they are now."""
    found, was_read = [], False
    for characteristic in known.measured:
        kept = live.kept.get(("chart", characteristic.id))
        if not (isinstance(kept, Chart) and kept.follows(store, at, known)):
            kept = live.kept["chart", characteristic.id] = Chart(store, at, known, characteristic)
            was_read = True
        found.append(kept)
    if not was_read:  # one of them a look, none of which waits for all
        any(each.reaches_back(store, at, known) for each in found)
    return found


class Chart:
    """A chart from the file, the same whenever it is read, and what frozen limits found as far back as it was read (see
    `reaches_back`)."""

    analysis: Analysis

    def __init__(self, store: Store, at: Frame, known: Quality, characteristic: Characteristic) -> None:
        self.of = characteristic
        self.signals: list[Signal] = []
        self._register, self._said, self._now_ms = at.register.version, at.newest, at.now_ms
        self._result = measured.newest_result(store)
        self._limits = tuple(each for each in known.limits if each.characteristic == characteristic.id)
        self._versions = measured.versions(store, characteristic.id, at.now_ms)
        self._told: list[Judged] = []
        self._tried: dict[str, int] = {}
        end_ms, wanted = at.now_ms + 1, measuring.last_values(characteristic)
        for more in (1, 2, 4, 8):  # of many retests there are few points
            self._cutting = self._new_cutting(at)
            last_ms = values.last_from(store, at, known, characteristic, end_ms, wanted * more)
            self._since_ms = self._begin_ms(at, last_ms)
            told = self._read(store, at, known, self._cutting, Span(self._since_ms, end_ms))
            if len(told) < wanted * more or len(self._cutting.made) >= measuring.kept_points(characteristic):
                break
        self._head = self._cutting.made[: measuring.CONTEXT]
        self._add(at, known, told, 0)
        # What came while the clock was ahead is read when that time has come.
        ahead = [measured.first_of(store, signal, Span(end_ms, _ALWAYS_MS)) for signal in known.signals_of(self.of)]
        self._ahead_ms = min((at_ms for at_ms in ahead if at_ms is not None), default=_ALWAYS_MS)

    @property
    def _frozen(self) -> ChartLimits | None:
        last = measuring.version_at(self._versions, self._now_ms)
        return last.said if last is not None and isinstance(last.said, ChartLimits) else None

    def _new_cutting(self, at: Frame) -> Cutting:
        changes = [each.said.start_ms for each in self._versions]
        return Cutting(self.of, changes, partial(calendar.day_at, at.register.calendar))

    def follows(self, store: Store, at: Frame, known: Quality) -> bool:
        """Take what was measured since the last look; False where something else is not as it was, or values did not
        come in the order of their time: then all is to be read again."""
        if self._register != at.register.version or not self._now_ms <= at.now_ms < self._ahead_ms:
            return False
        if self._said != at.newest:
            machine = values.machine_of(at, self.of, self.of.signal)
            if measured.is_touched(store, self.of.id, machine, self._said):
                return False
            self._said = at.newest
        newest, seen = measured.newest_result(store), self._result
        fresh = measured.behind(store, self.of.signal, seen) if newest > seen and self.of.signal is not None else []
        if fresh:
            last_ms = self._told[-1].value.at_ms if self._told else 0
            moments = [last_ms, *(at_ms for _number, at_ms in fresh), at.now_ms]
            if moments != sorted(moments):
                return False
            found = values.values_of(store, at, known, self.of, Span(fresh[0][1], at.now_ms + 1))
            found = [value for value in found if seen < value.id <= newest and not value.by_hand]
            if found:
                new = [value for value in found if value.unit not in self._tried]
                before = {**self._tried, **_before(store, known, self.of, new, self._limits)}
                told = measuring.judged(found, self._limits, {}, before)
                count = len(self._cutting.made)
                for each in told:
                    self._cutting.take(each)
                self._add(at, known, told, count)
        self._result, self._now_ms = newest, at.now_ms
        return True

    def _add(self, at: Frame, known: Quality, told: Sequence[Judged], count: int) -> None:
        """Values more, as they came; `count`: so many points there were before them."""
        made, frozen = self._cutting.made, self._frozen
        if frozen is not None:
            self.signals += measuring.signals(made, count, frozen)
        del made[: -measuring.kept_points(self.of)]
        self._tried.update((each.value.unit, each.attempt) for each in told if each.attempt)
        self._told += told
        shown = next(iter(made[-measuring.SHOWN_POINTS :]), None)
        first = next((n for n, each in enumerate(self._told) if shown and each.value is shown.values[0]), 0)
        del self._told[: min(first, max(len(self._told) - measuring.last_values(self.of), 0))]
        specified = known.limits_at(self.of.id, at.now_ms)
        self.analysis = measuring.analyse(self._told, self.of, self._versions, specified, made)

    def _begin_ms(self, at: Frame, since_ms: int) -> int:
        """From when on values up to a moment are to be read: the production day, as a subgroup begins with it."""
        if self.of.subgroup == 1:
            return since_ms
        return max(calendar.day_at(at.register.calendar, since_ms).start_ms, 0)

    def _read(self, store: Store, at: Frame, known: Quality, cutting: Cutting, span: Span) -> list[Judged]:
        """The values of a span, as they came, and `cutting` with their points."""
        back = measuring.looks_back(self.of)  # by those before it is known which distances are usual
        back_ms = values.last_from(store, at, known, self.of, span.start_ms, back)
        found = values.values_of(store, at, known, self.of, Span(back_ms, span.end_ms))
        left_out = measured.excluded(store, self.of.id, back_ms, at.now_ms)
        told = measuring.judged(found, self._limits, left_out, _before(store, known, self.of, found, self._limits))
        for each in told:
            cutting.take(each)
        cutting.made[:] = [each for each in cutting.made if each.values[0].at_ms >= span.start_ms]
        return [each for each in told if each.value.at_ms >= span.start_ms]

    def reaches_back(self, store: Store, at: Frame, known: Quality) -> bool:
        """Look for what frozen limits found in the production day before those that are read; False where that day is
        too long ago, or limits were not frozen then. One look does not wait for all of it."""
        frozen = self._frozen
        if frozen is None or self._since_ms <= max(frozen.start_ms, at.now_ms - RING_MS):
            return False
        begin_ms = max(calendar.day_at(at.register.calendar, self._since_ms - 1).start_ms, 0)
        cutting = self._new_cutting(at)
        self._read(store, at, known, cutting, Span(begin_ms, self._since_ms))
        # Only now it is known what had been met already by the first points of those that are read.
        again = len(measuring.signals(self._head, 0, frozen))
        points = [*cutting.made, *self._head]
        self.signals = [*measuring.signals(points, 0, frozen), *self.signals[again:]]
        self._since_ms, self._head = begin_ms, points[: measuring.CONTEXT]
        return True


def _before(
    store: Store, known: Quality, characteristic: Characteristic, read: Sequence[Value], limits: Sequence[Limits]
) -> dict[str, int]:
    """How many values of the characteristic each of these units had before its first one among them (oldest first, all
    of their time): of the wire by the order in which they came, by hand by their time."""
    firsts: dict[str, Value] = {}
    for value in as_they_came(read):
        if value.unit:
            firsts.setdefault(value.unit, value)
    if not firsts:
        return {}
    span = Span(read[0].at_ms, read[-1].at_ms + 1)
    owners = [
        (value, known.of_signal(signal, characteristic.product, value.at_ms))
        for signal in known.signals_of(characteristic)
        for value in measured.beside(store, signal, firsts, span)
    ]
    told = [value for value, of in owners if of is not None and of.id == characteristic.id]
    told += measured.of_units(store, characteristic.id, firsts)
    found: dict[str, int] = {}
    for each in measuring.judged(told, limits, {}, {}):
        if each.use is not Use.NO_VALUE and measuring.came_before(each.value, firsts[each.value.unit]):
            found[each.value.unit] = found.get(each.value.unit, 0) + 1
    return found

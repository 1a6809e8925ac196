"""What was measured of a unit, by devices and by hand: with the limits of that moment and how the gauge stood then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby

from msgspec import Struct

from desktop.domain.entries import Calibrated, Entry, Measured
from desktop.domain.figures.trace import TraceValue
from desktop.domain.holding import GaugeState, Standing, calibration, refuses
from desktop.domain.plant import Plant
from desktop.domain.quality import Characteristic, Limits, Mark, Quality
from desktop.domain.spans import Span
from desktop.domain.values import is_no_value, is_taken
from desktop.store import entries as spoken
from desktop.store import quality as measured
from desktop.store.database import Store
from desktop.store.trace import Value


class One(Struct, frozen=True):
    """One value. `signal` 0: a person entered it (`who`) of a characteristic."""

    at_ms: int
    value: float | None
    word: str
    judgement: str
    signal: int
    characteristic: int = 0
    who: str = ""


class Measuring:
    """What is measured in the shop, and what was ever said of its gauges."""

    def __init__(self, store: Store, plant: Plant) -> None:
        self.quality: Quality = measured.quality(store, since_ms=0)
        self._signals = {signal.id: signal for signal in plant.signals}
        self._gauges = {gauge.id: gauge for gauge in self.quality.gauges}
        self._items = {each.id: each for each in self.quality.characteristics}
        checked = any(gauge.interval_days for gauge in self.quality.gauges)
        self._calibrated = spoken.standing(store, Span(0, store.clock.now_ms() + 1), Calibrated) if checked else ()

    def machine(self, entry: Entry) -> int | None:
        """The machine of a value that was entered by hand."""
        said = entry.said
        if not isinstance(said, Measured):
            return None
        what = self._items.get(said.characteristic)
        return said.machine or (what.machine if what is not None else None)

    def measured_of(self, product: int | None, told: Iterable[Value], by_hand: Iterable[Entry]) -> set[int]:
        """The characteristics of which there is a value among some."""
        found = {said.characteristic for entry in by_hand if isinstance(said := entry.said, Measured)}
        for each in told:
            what = self.quality.of_signal(each.signal, product, each.at_ms)
            limits = None if what is None else self.quality.limits_at(what.id, each.at_ms)
            if what is not None and is_taken(each.value, each.judgement, limits):
                found.add(what.id)
        return found

    def values(
        self, product: int | None, told: Iterable[Value], by_hand: Iterable[Entry] = ()
    ) -> tuple[TraceValue, ...]:
        """Each characteristic with its values as they came; what was entered by hand where its time has it."""
        every = [One(v.at_ms, v.value, v.word, v.judgement, v.signal) for v in told]
        every += [
            One(said.start_ms, said.value, "", "", 0, said.characteristic, entry.who)
            for entry in by_hand
            if isinstance(said := entry.said, Measured)
        ]
        found: dict[tuple[int, int], list[One]] = {}
        came = iter([one for one in every if one.signal])
        for at in sorted(every, key=lambda each: each.at_ms):
            one = next(came) if at.signal else at
            what = self._what(one, product)
            found.setdefault((what.id, 0) if what is not None else (0, one.signal), []).append(one)
        rows: list[TraceValue] = []
        for several in found.values():
            what = self._what(several[0], product)
            runs = [[*run] for _stood, run in groupby(several, partial(self._stood, what))]
            rows += [self._value(run, what, goes_on=place > 0) for place, run in enumerate(runs)]
        return tuple(rows)

    def _stood(self, what: Characteristic | None, one: One) -> tuple[Limits | None, Standing | None]:
        """The limits of a value, and how its gauge stood."""
        if what is None:
            return None, None
        return self.quality.limits_at(what.id, one.at_ms), self._calibration(what, one.at_ms)

    def _calibration(self, what: Characteristic, at_ms: int) -> Standing | None:
        gauge = self._gauges.get(what.gauge or 0)
        return None if gauge is None else calibration(self._calibrated, gauge.id, gauge.interval_days, at_ms)

    def _what(self, one: One, product: int | None) -> Characteristic | None:
        return (
            self.quality.of_signal(one.signal, product, one.at_ms)
            if one.signal
            else self._items.get(one.characteristic)
        )

    def _value(self, several: Sequence[One], what: Characteristic | None, *, goes_on: bool) -> TraceValue:
        signal = self._signals.get(next((one.signal for one in several if one.signal), 0))
        last_ms = several[-1].at_ms
        own: Limits | None = None
        if what is None and signal is not None and (signal.limit_low is not None or signal.limit_high is not None):
            own = Limits(0, 0, None, signal.limit_low, signal.limit_high)

        def limits(at_ms: int) -> Limits | None:
            return own if what is None else self.quality.limits_at(what.id, at_ms)

        gauge = self._gauges.get(what.gauge or 0) if what is not None else None
        stands = self._calibration(what, last_ms) if what is not None else None
        is_refused = gauge is not None and stands is not None and refuses(gauge, stands.state)

        def judged(one: One) -> str:
            at = limits(one.at_ms)
            if is_refused and one.signal:
                return one.judgement
            good = None if at is None or one.value is None or is_no_value(one.value, at) else at.judge(one.value)
            return one.judgement or ("" if good is None else "good" if good else "reject")

        state = stands.state if stands is not None and stands.state is not GaugeState.FREE else None
        unit = (what.unit if what is not None else "") or (signal.unit if signal is not None else "")
        return TraceValue(
            what.name if what is not None else signal.name if signal is not None else "",
            unit,
            tuple(one.value for one in several),
            tuple(one.word for one in several),
            tuple(judged(one) for one in several),
            tuple(one.at_ms for one in several),
            limits(last_ms),
            own is not None,
            gauge.code if gauge is not None else "",
            gauge.name if gauge is not None else "",
            what.mark if what is not None else Mark.NONE,
            what.retests if what is not None else None,
            stands.last.said.start_ms if stands is not None and stands.last is not None else None,
            state,
            () if all(one.signal for one in several) else tuple(one.who for one in several),
            goes_on,
        )

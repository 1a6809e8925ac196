"""Measured values: of which characteristic and unit each is, what is wrong with it, and what a unit has of them."""

from __future__ import annotations

from bisect import insort

from desktop.collect.floor import Floor
from desktop.domain import verdicts
from desktop.domain.events import Event, EventKind, Thing
from desktop.domain.plant import Signal
from desktop.domain.quality import Binding, Characteristic, WhenWrong
from desktop.domain.values import Taken, is_taken
from desktop.domain.verdicts import Place, Tried, Wrong
from desktop.store.journal import Batch

_LATE_MS = 500  # where the plant's clock runs faster than the wires a value may come behind the next scan by so much
_WORDS = {True: "good", False: "reject", None: ""}


class Values:
    """Binds values to units and judges units by theirs."""

    def __init__(self, floor: Floor, speed: float) -> None:
        """`speed` is that of the plant's clock."""
        self._floor = floor
        self._late_ms = round(_LATE_MS * (speed - 1))
        self._gauges = {gauge.id: gauge for gauge in floor.quality.gauges}
        self._measured = {c.signal for c in floor.quality.characteristics if c.signal is not None}

    def characteristic(self, signal: Signal, at_ms: int) -> Characteristic | None:
        """What a signal measures of the piece that is at its machine."""
        if signal.id not in self._measured:
            return None
        unit = None if signal.machine is None else self._floor.memory.parts.get(signal.machine)
        if unit is not None:
            product = self._floor.product(unit, signal.machine or 0, at_ms)
        else:
            product = None if signal.machine is None else self._floor.making(signal.machine, at_ms)
        return self._floor.quality.of_signal(signal.id, product, at_ms)

    def owner(self, signal: Signal, what: Characteristic | None, at_ms: int, *, is_value: bool = True) -> Thing | None:
        """To which unit a value belongs that a signal just told; None where it cannot be bound to one. What is no value
        stays with the unit, too, and leaves the place of one for the value to come."""
        machine = signal.machine
        memory = self._floor.memory
        unit = None if machine is None else memory.parts.get(machine)
        if machine is None or unit is None or what is None or what.binding is Binding.PART:
            return unit
        _event, came_ms = memory.came.get(machine, (0, at_ms))
        bound = memory.bound.setdefault(machine, [])
        if signal.id in bound:
            return None  # one scan binds one value
        if what.binding is Binding.WINDOW and not 0 <= at_ms - came_ms <= what.window_ms:
            return None
        if is_value:
            insort(bound, signal.id)
        return unit

    def measured(
        self,
        batch: Batch,
        signal: Signal,
        what: Characteristic | None,
        unit: Thing | None,
        at_ms: int,
        taken: Taken,
    ) -> None:
        """Say what is wrong with a value that was just taken: it is stored all the same."""
        if unit is not None:
            self._floor.recent.note_taken(unit, taken)
        if what is None or (taken.value is None and not taken.judgement):
            return
        said = Event(taken.id, EventKind.FINDING, at_ms)
        station = self._floor.stations.get(signal.machine or 0)
        code = station.code if station is not None else ""
        if unit is not None:
            tries = sum(each.what == what.id for each in self._tried(unit, what.product, at_ms))
            if tries > 1 + what.retests:
                refuses = station is not None and station.when_wrong is WhenWrong.REFUSE
                flag = "refused" if refuses else ""
                self._floor.find(batch, Wrong.RETESTS.value, str(tries), unit, signal, said, flag, code)
        gauge = self._gauges.get(what.gauge or 0)
        fault = None if gauge is None else self._floor.recent.past.gauge_wrong(gauge, at_ms)
        if fault is not None and gauge is not None and unit is not None:
            flag = "refused" if gauge.when_due is WhenWrong.REFUSE else ""
            self._floor.find(batch, fault.word.value, fault.about, unit, signal, said, flag, code)

    def is_refused(self, what: Characteristic | None, at_ms: int) -> bool:
        """Whether what is measured of a characteristic counts for nothing, because of its gauge."""
        gauge = None if what is None else self._gauges.get(what.gauge or 0)
        refuses = gauge is not None and gauge.when_due is WhenWrong.REFUSE
        return gauge is not None and refuses and self._floor.recent.past.gauge_wrong(gauge, at_ms) is not None

    def _tried(self, unit: Thing, product: int | None, at_ms: int, *, ever: bool = False) -> list[Tried]:
        """The values of a unit that are values, by what they are of, in the order in which they came."""
        found = []
        for each in self._floor.recent.taken(unit, at_ms, ever=ever):
            if each.by_hand:
                what = next((c for c in self._floor.quality.characteristics if c.id == each.characteristic), None)
            else:
                what = self._floor.quality.of_signal(each.signal, product, each.at_ms)
            limits = None if what is None else self._floor.quality.limits_at(what.id, each.at_ms)
            judgement = each.judgement
            if each.by_hand and limits is not None and each.value is not None:
                judgement = _WORDS[limits.judge(each.value)]
            if what is not None and is_taken(each.value, judgement, limits):
                good = {"good": True, "reject": False}.get(judgement)
                station = self._floor.stations.get(what.machine or 0)
                found.append(Tried(what.id, None if station is None else station.id, 1 + what.retests, good))
        return found

    def bad(self, unit: Thing, product: int | None, at_ms: int) -> list[Place]:
        """The stations at which a unit was found bad, and not good again by as many values as it may have."""
        return [self._floor.places[each] for each in sorted(verdicts.found_bad(self._tried(unit, product, at_ms)))]

    def unmeasured(self, unit: Thing, product: int | None, at_ms: int) -> list[tuple[Place, str]]:
        """What was to be measured of a unit at the machines that it passed, and never was: by its name."""
        passed = self._floor.known(unit).machines
        asked = [
            (self._floor.stations[signal.machine], what)
            for signal in self._floor.plant.signals
            if signal.id in self._measured and signal.machine in passed and signal.machine in self._floor.stations
            and passed[signal.machine] + self._late_ms <= at_ms
            and (what := self._floor.quality.asked(signal.id, product, passed[signal.machine])) is not None
        ]  # fmt: skip
        if not asked:
            return []
        told = {each.what for each in self._tried(unit, product, at_ms, ever=True)}
        return [(self._floor.places[station.id], what.name) for station, what in asked if what.id not in told]

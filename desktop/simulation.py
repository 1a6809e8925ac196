"""History without wires: the demo machines stepped as fast as the computer can, through the real interpreter.

It goes into a database marked as demo whose clock stands still at the last moment simulated, with a truth
log of what the machines really did. It never goes into a real database.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from desktop import VERSION, configuration
from desktop.clock import PlantClock
from desktop.collect.interpret import Health, Interpreter, Memory
from desktop.demo import CONFIGURATION
from desktop.domain.calendar import Calendar, shift_at
from desktop.domain.events import Role
from desktop.domain.plant import Plant, Signal
from desktop.store import database, register
from desktop.store.database import KnownError, Store
from desktop.store.journal import Batch, Beat, DeviceHealth, Journal
from desktop.text import _
from drivers.base import Quality, Reading
from drivers.simulated.machine import Happening, SimLine

FIRST_DAY = (2026, 11, 19)  # a Thursday; the same seed gives the same history on every computer
_STEP_S = 20.0
_SAMPLE_S = 20.0
_ROWS = 4000


def simulate(folder: Path, *, days: float, seed: int, say: Callable[[str], None]) -> int:
    """Write `days` days from 08:00 of a fixed day into a new demo database in `folder`; returns good pieces made.

    Raises KnownError where the folder holds a database already.
    """
    wanted = configuration.read(CONFIGURATION)
    zone = ZoneInfo(wanted.plant["timezone"])
    start = datetime(*FIRST_DAY, 8, tzinfo=zone)
    start_ms = round(start.timestamp() * 1000)
    end_ms = round((start + timedelta(days=days)).timestamp() * 1000)
    real_ms = time.time_ns() // 1_000_000
    if database.path_of(folder).exists():
        raise KnownError(_("{folder} already holds a Gadong database.").format(folder=folder))
    store = database.create(folder, demo=True, clock=PlantClock(end_ms, real_ms, 0.0))
    try:
        configuration.apply(store, wanted, translate=_)
        history = _History(store, seed)
        with (folder / "truth.jsonl").open("w", encoding="utf-8") as truth:
            said = time.monotonic()
            for at_ms in range(start_ms, end_ms, round(_STEP_S * 1000)):
                until_ms = min(at_ms + round(_STEP_S * 1000), end_ms)
                for happening in history.step((until_ms - at_ms) / 1000, until_ms):
                    truth.write(json.dumps(_record(happening), ensure_ascii=False) + "\n")
                if time.monotonic() - said > 2:
                    said = time.monotonic()
                    say(
                        _("simulated {percent} %").format(
                            percent=round(100 * (until_ms - start_ms) / (end_ms - start_ms))
                        )
                    )
        history.finish(end_ms, real_ms)
        return sum(machine.good for machine in history.line.machines)
    finally:
        store.close()


def _record(happening: Happening) -> dict[str, object]:
    record = {
        "at_ms": happening.at_ms,
        "machine": happening.machine,
        "kind": happening.kind,
        "signal": happening.signal,
        "value": happening.value,
        "measure": happening.measure,
        "part": happening.part,
    }
    return {key: value for key, value in record.items() if value not in ("", None)}


class _History:
    """The simulated line, read by a perfect wire straight into the interpreter."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store = store
        self.line = SimLine(seed, sample_s=_SAMPLE_S)
        self.plant: Plant = register.plant(store)
        self._calendar: Calendar = register.calendar(store)
        self._journal = Journal(store)
        self._interpreter = Interpreter(self.plant, Memory(), self._journal.next_id)
        self._pending = Batch()
        self._devices = {device.id: device.key for device in self.plant.devices}
        codes = {machine.id: machine.code for machine in self.plant.machines}
        self._by_role: dict[tuple[str, Role], Signal] = {}
        self._by_key: dict[tuple[str, str], Signal] = {}
        for signal in self.plant.signals:
            if signal.machine is not None:
                self._by_role[codes[signal.machine], signal.role] = signal
                self._by_key[codes[signal.machine], signal.key] = signal
        self._seq = 0
        self._began = False
        self._last_ms: dict[str, int] = {}

    def step(self, seconds: float, until_ms: int) -> list[Happening]:
        """Move on, store what happened, and return it."""
        if not self._began:
            self._begin(until_ms - round(seconds * 1000))
        middle_ms = until_ms - round(seconds * 500)
        shift = shift_at(self._calendar, middle_ms)
        self.line.attended(shift is not None and not any(pause.holds(middle_ms) for pause in shift.pause_spans))
        happenings = self.line.step(seconds, until_ms)
        for happening in happenings:
            readings = list(self._readings(happening))
            if readings:
                self._keep(self._interpreter.read(readings))
                self._last_ms[readings[0].device] = happening.at_ms
        if len(self._pending) >= _ROWS:
            self._commit(None)
        return happenings

    def finish(self, end_ms: int, real_ms: int) -> None:
        """Store the rest, with a last heartbeat at the moment at which the clock stands."""
        asked = {bus.id for bus in self.plant.buses if bus.driver == "modbus_rtu"}  # all the time, so up to the end
        for device in self.plant.devices:
            last_ms = end_ms if device.bus in asked else self._last_ms.get(device.key)
            self._pending.devices[device.id] = DeviceHealth("online", self._start_ms, "", "{}", last_ms, self._seq, 0)
        self._commit(Beat(0, VERSION, real_ms, real_ms, end_ms, "", 0, 0))
        self.store.checkpoint()

    def _begin(self, start_ms: int) -> None:
        """Every device answers and every counter has its baseline."""
        self._began, self._start_ms = True, start_ms
        for device in self.plant.devices:
            self._keep(self._interpreter.health(Health(device.key, "online", start_ms)))
        for signal in self.plant.signals:
            if signal.role in (Role.GOOD, Role.REJECT, Role.TOTAL):
                self._keep(self._interpreter.read([self._reading(signal, 0, start_ms)]))
            elif signal.role is Role.STATE:
                code = next(code for code, state in signal.codes.items() if state == "idle")
                self._keep(self._interpreter.read([self._reading(signal, code, start_ms)]))

    def _readings(self, happening: Happening) -> Iterator[Reading]:
        machine = happening.machine
        if happening.kind == "state":
            signal = self._by_role.get((machine, Role.STATE))
            if signal is not None:
                yield self._reading(
                    signal,
                    next(code for code, state in signal.codes.items() if state == happening.value),
                    happening.at_ms,
                )
        elif happening.kind in ("good", "reject"):
            signal = self._by_role.get((machine, Role(happening.kind))) or (
                self._by_role.get((machine, Role.TOTAL)) if happening.kind == "good" else None
            )
            if signal is not None:
                count = int(happening.value or 0)
                yield self._reading(
                    signal, count if signal.modulus is None else count % signal.modulus, happening.at_ms
                )
        elif happening.kind == "judge":
            judge = self._by_role[machine, Role.JUDGE]
            yield self._reading(judge, happening.value, happening.at_ms)
            yield self._reading(
                self._by_role[machine, Role.MEASURE], happening.measure, happening.at_ms, same_frame=True
            )
        elif happening.kind == "scan":
            yield self._reading(self._by_role[machine, Role.SCAN], happening.value, happening.at_ms)
        elif happening.signal == "part_id":
            yield self._reading(self._by_role[machine, Role.PART], happening.value, happening.at_ms)
        elif (signal := self._by_key.get((machine, happening.signal))) is not None:
            yield self._reading(signal, happening.value, happening.at_ms)

    def _reading(
        self, signal: Signal, value: int | float | str | None, at_ms: int, *, same_frame: bool = False
    ) -> Reading:
        self._seq += not same_frame
        return Reading(
            self._devices[signal.device], signal.key, value, Quality.GOOD, at_ms, at_ms * 1_000_000, self._seq
        )

    def _keep(self, batch: Batch) -> None:
        for name in ("events", "measurements", "steps", "links", "results"):
            getattr(self._pending, name).extend(getattr(batch, name))
        self._pending.live.update(batch.live)

    def _commit(self, beat: Beat | None) -> None:
        self._journal.commit(self._pending, beat)
        self._pending = Batch()

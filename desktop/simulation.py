"""History without wires: the demo machines stepped as fast as the computer can, through the real interpreter.

It goes into a database marked as demo whose clock stands still at the last moment simulated, with a truth
log of what the machines really did. It never goes into a real database.

Slow values (temperatures, conductivity) are read every two minutes, not every few seconds as on a wire; everything
that happens once a piece is read once a piece. Nothing depends on how long the history is: a longer one begins with
the shorter one.

The truth log `truth.jsonl` holds one JSON array a line, in the order in which things happened:

    [at_ms, machine, "state", word]     from then on it is in that state; the first lines say how it began
    [at_ms, machine, "good"]            one more good piece, likewise "reject"
    [at_ms, machine, "scan", code]      a code was read
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from desktop import VERSION, configuration, control, text
from desktop.clock import PlantClock
from desktop.collect.closing import Closing
from desktop.collect.interpret import Health, Interpreter
from desktop.collect.memory import Memory
from desktop.demo import CONFIGURATION
from desktop.domain.calendar import busy_between
from desktop.domain.events import Role
from desktop.domain.plant import Signal
from desktop.domain.rules import TPM, RuleSet
from desktop.domain.spans import Span
from desktop.store import database, register
from desktop.store.database import KnownError, Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat, DeviceHealth
from desktop.text import _, os_reason
from drivers.base import Quality, Reading
from drivers.simulated.machine import IDLE, Happening, SimLine

FIRST_DAY = (2026, 11, 19)  # a Thursday; the same seed gives the same history on every computer
TRUTH = "truth.jsonl"
_SLOW_S = 120.0
_STEP_MS = 600_000  # at most so much of the line's life is in memory before it is stored
_ROWS = 10_000
_HISTORY_DAYS, _RULES_AFTER_DAYS = 12.24, 7.0  # to a moment within a day shift
PICTURE_DAYS = 659 / 1440  # to 18:59, when one machine stands, one has its reason and two wait

#: what a happening calls the signal of a role; the others it calls by their key
_CALLED = {
    Role.STATE: "state",
    Role.GOOD: "good",
    Role.TOTAL: "good",
    Role.REJECT: "reject",
    Role.JUDGE: "judge",
    Role.SCAN: "scan",
    Role.PART: "part_id",
}


def history(say: Callable[[str], None]) -> Path:
    """The folder of a simulated history of twelve days with a change of rules, for pictures of what takes many shifts.

    It is made once for each language and state of the program (about a minute) and lies in the user's cache. Raises
    KnownError as `simulate`.
    """
    root = Path(__file__).resolve().parent
    told = hashlib.sha256(CONFIGURATION.read_bytes())
    for part in ("simulation.py", "domain", "collect", "store", "summaries", "../drivers/simulated"):
        place = root / part
        for file in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            told.update(file.read_bytes())
    cache = control.cache_folder()
    folder = cache / f"history-{text.language()}-{told.hexdigest()[:12]}"
    if not database.path_of(folder).exists():
        for older in cache.glob(f"history-{text.language()}-*"):
            shutil.rmtree(older, ignore_errors=True)
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise KnownError(
                _("{folder} cannot be made: {reason}.").format(folder=folder, reason=os_reason(error))
            ) from error
        changed = replace(TPM, version=2, least_coverage_ratio=0.8)
        simulate(folder, days=_HISTORY_DAYS, seed=1, say=say, then=(_RULES_AFTER_DAYS, changed))
    return folder


def simulate(
    folder: Path,
    *,
    days: float,
    seed: int,
    say: Callable[[str], None],
    then: tuple[float, RuleSet] | None = None,
) -> int:
    """Write `days` days from 08:00 of a fixed day into a new demo database in `folder`; returns good pieces made.

    `then`: after so many days these rules hold.
    Database and truth log get their names when they are whole: who interrupts it finds neither.
    Raises KnownError where the folder holds a database already or cannot be written.
    """
    wanted = configuration.read(CONFIGURATION)
    start_ms = round(datetime(*FIRST_DAY, 8, tzinfo=ZoneInfo(wanted.plant["timezone"])).timestamp() * 1000)
    end_ms = start_ms + round(timedelta(days=days).total_seconds() * 1000)
    real_ms = time.time_ns() // 1_000_000
    _refuse_database(folder)
    database.refuse_bad_place(folder)
    with tempfile.TemporaryDirectory(prefix="simulate-", dir=folder) as name:
        unfinished = Path(name)
        store = database.create(unfinished, demo=True, clock=PlantClock(end_ms, real_ms, 0.0))
        try:
            configuration.apply(store, wanted, translate=_)
            if then is not None:
                with store.transaction() as db:
                    register.put_rules(db, then[1], start_ms + round(timedelta(days=then[0]).total_seconds() * 1000))
            with (unfinished / TRUTH).open("w", encoding="utf-8", newline="\n") as truth:
                history = _History(store, truth, seed, start_ms)
                said = time.monotonic()
                for from_ms, until_ms, attended in _stretches(store, Span(start_ms, end_ms)):
                    history.step(from_ms, until_ms, attended)
                    if time.monotonic() - said > 2:
                        said = time.monotonic()
                        percent = round(100 * (until_ms - start_ms) / (end_ms - start_ms))
                        say(_("simulated {percent} %").format(percent=percent))
            history.finish(end_ms, real_ms)
            closing = Closing(store)
            while closing.step(end_ms):
                pass
            store.checkpoint()
        finally:
            store.close()
        _refuse_database(folder)
        (unfinished / TRUTH).replace(folder / TRUTH)
        database.path_of(unfinished).rename(database.path_of(folder))
    return sum(machine.good for machine in history.line.machines)


def _refuse_database(folder: Path) -> None:
    if database.path_of(folder).exists():
        raise KnownError(_("{folder} already holds a Gadong database.").format(folder=folder))


def _stretches(store: Store, whole: Span) -> Iterator[tuple[int, int, bool]]:
    """The time cut where people come and go, and every few minutes: from, until, whether they are there."""
    busy = busy_between(register.calendar(store), whole)
    comings = {span.start_ms for span in busy}
    edges = comings | {span.end_ms for span in busy} | {whole.end_ms}
    attended = False
    for from_ms, until_ms in pairwise(sorted(edges | set(range(whole.start_ms, whole.end_ms, _STEP_MS)))):
        attended = from_ms in comings or (attended and from_ms not in edges)
        yield from_ms, until_ms, attended


class _History:
    """The simulated line, read by a perfect wire straight into the interpreter."""

    def __init__(self, store: Store, truth: TextIO, seed: int, start_ms: int) -> None:
        self.store = store
        self.line = SimLine(seed, sample_s=_SLOW_S)
        self.plant = register.plant(store)
        self._truth = truth
        self._start_ms = start_ms
        self._journal = Journal(store)
        self._interpreter = Interpreter(self.plant, Memory(), self._journal.next_id)
        self._pending = Batch()
        self._devices = {device.id: device.key for device in self.plant.devices}
        machines = {machine.id: machine.code for machine in self.plant.machines}
        self._wired: dict[tuple[str, str], Signal] = {}  # machine and what a happening calls it -> signal
        self._codes: dict[tuple[int, str], str] = {}  # state signal, state -> what the device says for it
        for signal in self.plant.signals:
            if signal.machine is not None:
                self._wired[machines[signal.machine], _CALLED.get(signal.role, signal.key)] = signal
            if signal.role is Role.STATE:
                self._codes |= {(signal.id, state): code for code, state in signal.codes.items()}
        self._seqs = dict.fromkeys(self._devices.values(), 0)  # device -> its frames
        self._last_ms: dict[str, int] = {}
        self._begin()

    def step(self, from_ms: int, until_ms: int, attended: bool) -> None:
        """Move the line on, store what happened and say it in the truth log."""
        self.line.attended(attended)
        happenings = self.line.step((until_ms - from_ms) / 1000, until_ms)
        self._tell(happenings)
        readings: list[Reading] = []
        for happening in happenings:
            self._read(happening, readings)
        self._last_ms |= {reading.device: reading.at_ms for reading in readings}
        self._keep(self._interpreter.read(readings))
        if len(self._pending) >= _ROWS:
            self._commit(None)

    def finish(self, end_ms: int, real_ms: int) -> None:
        """Store the rest, with a last heartbeat at the moment at which the clock stands."""
        asked = {bus.id for bus in self.plant.buses if bus.driver == "modbus_rtu"}  # all the time, so up to the end
        for device in self.plant.devices:
            last_ms = end_ms if device.bus in asked else self._last_ms.get(device.key)
            self._pending.devices[device.id] = DeviceHealth(
                "online", self._start_ms, "", "{}", last_ms, self._seqs[device.key], 0
            )
        self._commit(Beat(0, VERSION, real_ms, real_ms, end_ms, "", 0, 0))

    def _begin(self) -> None:
        """Every device answers, every counter has its baseline and every machine stands."""
        for device in self.plant.devices:
            self._keep(self._interpreter.health(Health(device.key, "online", self._start_ms)))
        for signal in self.plant.signals:
            if signal.role in (Role.GOOD, Role.REJECT, Role.TOTAL):
                self._keep(self._interpreter.read([self._reading(signal, 0, self._start_ms)]))
            elif signal.role is Role.STATE:
                code = self._codes[signal.id, IDLE]
                self._keep(self._interpreter.read([self._reading(signal, code, self._start_ms)]))
        self._tell([Happening(self._start_ms, m.plan.code, "state", value=m.state) for m in self.line.machines])

    def _tell(self, happenings: Sequence[Happening]) -> None:
        """Write the truth; no word of the simulated line holds a character that JSON would mask."""
        self._truth.writelines(
            f'[{h.at_ms},"{h.machine}","{h.kind}"]\n'
            if h.kind in ("good", "reject")
            else f'[{h.at_ms},"{h.machine}","{h.kind}","{h.value}"]\n'
            for h in happenings
            if h.kind not in ("value", "judge")
        )

    def _read(self, happening: Happening, readings: list[Reading]) -> None:
        """What a wire would carry of it."""
        kind, machine = happening.kind, happening.machine
        signal = self._wired.get((machine, happening.signal if kind == "value" else kind))
        if signal is None:
            return  # it shows in another way: a station that judges has no counter, one that only counts no state
        value = happening.value
        if kind == "state":
            value = self._codes[signal.id, str(value)]
        elif signal.modulus is not None:
            value = int(value or 0) % signal.modulus
        readings.append(self._reading(signal, value, happening.at_ms))
        if kind == "judge":  # the measured value came in the same frame
            measured = self._wired[machine, happening.signal]
            readings.append(self._reading(measured, happening.measure, happening.at_ms, same_frame=True))

    def _reading(
        self, signal: Signal, value: int | float | str | None, at_ms: int, *, same_frame: bool = False
    ) -> Reading:
        device = self._devices[signal.device]
        self._seqs[device] = seq = self._seqs[device] + (not same_frame)
        return Reading(device, signal.key, value, Quality.GOOD, at_ms, at_ms * 1_000_000, seq)

    def _keep(self, batch: Batch) -> None:
        for name in ("events", "measurements", "steps", "links", "results"):
            getattr(self._pending, name).extend(getattr(batch, name))
        self._pending.live.update(batch.live)

    def _commit(self, beat: Beat | None) -> None:
        """Into the file, and from its log into its pages, so that the log stays small."""
        self._journal.commit(self._pending, beat)
        self._pending = Batch()
        self.store.checkpoint()

"""The demo line: simulated machines on real wires, collected by the real collector into a folder of their own.

This process *is* the factory. It owns the machines and their wires and starts collector and window as a
shop would have them: as processes of their own, which only know the wires and the database.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from desktop import configuration, control, summaries, truth
from desktop.clock import starting_at
from desktop.domain.entries import Calibrated, Disposed, Disposition, Held
from desktop.domain.events import Thing
from desktop.domain.labels import Printer
from desktop.labelling import Desk, Wanted
from desktop.store import database, entries, labels, records, register
from desktop.store.database import KnownError
from desktop.store.locks import ProcessLock
from desktop.store.quality import quality
from desktop.text import _, os_reason
from drivers.simulated.demo_line import DemoLine
from drivers.simulated.machine import UNITS_PER_BOX

CONFIGURATION = Path(__file__).resolve().parent.parent / "resources" / "demo_line.toml"
EVIDENCE = ("summary.json", "report.pdf", "report.xlsx", "report.csv", "report.json", "overview.png", "machine.png")
_LEAD_S = 6.0  # real seconds before the shift begins, in which the collector connects
_CONNECT_S = 60.0
#: what is printed looks as the line's scanners take it; units from 9001 on, which the marks of a day never reach
_NUMBERS = {"unit": "VH204-{yymmdd}-9{n:03}", "box": "BOX-{yymmdd}-{n:03}"}
_GAUGE = "LK-02"
_ROLL, _FEW = 24, 6  # box labels that are printed at once, and so many left that it is time for it
_MOST_NAMED = 20  # lost things that are named on the screen; the summary names them all
_OURS = ("wires", "truth.jsonl", "logs", "backups", "exports")


class DemoOptions(Struct, frozen=True):
    """What a demo run is asked for. `for_s` real seconds after the line began to move; None: until told to stop."""

    headless: bool = False
    for_s: float | None = None
    speed: float = 10.0
    seed: int = 1
    out: Path | None = None


class DemoPlant:
    """A running demo: machines, wires and folder. Use as a context manager."""

    line: DemoLine
    _lock: ProcessLock

    def __init__(self, folder: Path, options: DemoOptions, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.options = options
        self.say = say
        self.shift_starts_ms = 0
        self.began_ms = 0
        self._product = 0  # that the line makes
        self._gauge_good: bool | None = None  # as it was said last
        self._sent_back = ""  # the unit of which that was said

    def __enter__(self) -> DemoPlant:
        self._lock = _fresh_folder(self.folder)
        try:
            wanted = configuration.read(CONFIGURATION)
            zone = ZoneInfo(wanted.plant["timezone"])
            today = datetime.now(zone).replace(hour=8, minute=0, second=0, microsecond=0)
            self.shift_starts_ms = round(today.timestamp() * 1000)
            clock = starting_at(self.shift_starts_ms - round(_LEAD_S * 1000 * self.options.speed), self.options.speed)
            store = database.create(self.folder, demo=True, clock=clock)
            try:
                self.line = DemoLine(self.folder, clock, self.options.seed)
                self.line.open()
                configuration.apply(store, wanted, ports=self.line.ports(), translate=_)
                labels.put_printer(store, Printer(port=self.line.printer.url))
                self._product = register.plant(store).products[0].id
                for kind, pattern in _NUMBERS.items():
                    labels.put_pattern(store, self._product, kind, pattern)
            finally:
                store.close()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            control.stop_collector(self.folder)
            self._stop_clock()
        finally:
            self.line.close()
            self._lock.release()

    def _stop_clock(self) -> None:
        """From now on the file stands at its last moment, instead of running on at the demo's speed."""
        store = database.open_writer(self.folder)
        try:
            store.stop_clock()
        finally:
            store.close()

    def begin(self) -> None:
        """Start the collector and, once every device answers and the shift has begun, the machines."""
        control.ensure_collector(self.folder)
        self.say(_("Collector started. Waiting for the devices ..."))
        if not control.wait_for(self._all_answer, _CONNECT_S):
            silent = ", ".join(d.name for d in self._overview().devices if d.status != "online")
            raise KnownError(_("These demo devices do not answer: {devices}.").format(devices=silent))
        store = database.open_reader(self.folder)
        clock = store.clock
        store.close()
        control.wait_for(lambda: clock.now_ms() >= self.shift_starts_ms, 2 * _LEAD_S)
        self.print_labels()
        self.began_ms = clock.now_ms()
        self.line.start()
        self.say(_("The line runs, {speed} times as fast as a real one.").format(speed=f"{self.options.speed:g}"))

    def tend(self) -> None:
        """What people do beside the machines: print box labels, send a bad unit back, check a gauge."""
        self.print_labels()
        self.send_back()
        good = self.line.gauge_good
        if good is not None and good is not self._gauge_good:
            self._check_gauge(good=good)
            self._gauge_good = good

    def _check_gauge(self, *, good: bool) -> None:
        """Say how the check of the leak tester came out: failed, what it measured since it was last good is held."""
        store = database.open_writer(self.folder)
        try:
            now_ms = store.clock.now_ms()
            gauge = next(each for each in quality(store).gauges if each.code == _GAUGE)
            note = "" if good else _("The master leak reads too low.")
            due_ms = now_ms + gauge.interval_days * 86_400_000 if good else now_ms
            said = Calibrated(0, now_ms, due_ms, gauge.id, good, note)
            control.patiently(lambda: entries.say(store, [said], now_ms, _("Kim Minsu")))
        finally:
            store.close()

    def send_back(self) -> None:
        """Hold the unit that failed, and decide that it is to be mended: assembly and the leak test expect it then."""
        serial = self.line.sent_back
        if not serial or serial == self._sent_back:
            return
        store, things = database.open_writer(self.folder), (Thing("unit", serial),)
        try:
            now_ms, who = store.clock.now_ms(), _("Kim Minsu")
            held = Held(0, now_ms, now_ms, _("It leaks."), things)
            (number,) = control.patiently(lambda: entries.say(store, [held], now_ms, who))
            decided = Disposed(0, now_ms, now_ms, number, Disposition.REWORK, things, note=_("New seal"))
            control.patiently(lambda: entries.say(store, [decided], now_ms, who))
        finally:
            store.close()
        self._sent_back = serial

    def print_labels(self) -> None:
        """Print box labels where few are left, as whoever packs does: numbers are issued, and the printer gets them."""
        if self.line.labels_left() < _FEW:
            made = Desk(self.folder).make(Wanted("box", self._product, _ROLL, UNITS_PER_BOX))
            self.line.stick(each.code for each in made)

    def drain(self, seconds: float = 10.0) -> tuple[int, truth.Account]:
        """Stop the machines and wait until what they made is stored; returns that moment in plant time and its account.

        The collector goes on polling: what a unit hands out later waits for its commit, so a later account may lack it.
        """
        self.line.stop()
        found = self.account()

        def whole() -> bool:
            nonlocal found
            found = self.account()
            return not found.lost

        control.wait_for(whole, seconds)
        store = database.open_reader(self.folder)
        now_ms = store.clock.now_ms()
        store.close()
        return now_ms, found

    def account(self) -> truth.Account:
        """What the machines did, by the truth log, and what of it the database holds."""
        return truth.account(self.folder, self.line.truth, self.began_ms)

    def _overview(self) -> Any:
        store = database.open_reader(self.folder)
        try:
            return summaries.line_now(store, store.clock.now_ms())
        finally:
            store.close()

    def _all_answer(self) -> bool:
        """Every device online and every counter with a baseline in the file."""
        store = database.open_reader(self.folder)
        try:
            plant = register.plant(store)
            health = records.health(store)
            if any(d.id not in health or health[d.id].status != "online" for d in plant.devices):
                return False
            heard = records.live(store)
            return all(s.id in heard for s in plant.signals if s.role.value in ("good", "reject", "total", "state"))
        finally:
            store.close()


def run(folder: Path, options: DemoOptions, say: Callable[[str], None]) -> int:
    """Run the demo line with its window, or headless with its evidence. Returns the exit code."""
    ending: list[bool] = []
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_a: ending.append(True))
    if options.out is not None:
        make_folder(options.out)  # before anything is begun that could not be written down
    with DemoPlant(folder, options, say) as plant:
        plant.begin()
        if options.headless:
            return _headless(plant, ending)
        window = subprocess.Popen(control.command(folder, "window"))
        end = None if options.for_s is None else time.monotonic() + options.for_s
        while window.poll() is None and not ending and (end is None or time.monotonic() < end):
            time.sleep(0.2)
            plant.tend()
        if window.poll() is None:
            window.terminate()
            window.wait(10)
        return 0


def _headless(plant: DemoPlant, ending: list[bool]) -> int:
    """Let the line run, then write the evidence; non-zero if any of it is missing or anything was lost."""
    options = plant.options
    end = time.monotonic() + (options.for_s or 60)
    said = 0.0
    while time.monotonic() < end and not ending:
        time.sleep(0.2)
        plant.tend()
        if time.monotonic() - said > 10:
            said = time.monotonic()
            good = sum(good for good, _reject in plant.line.counts().values())
            plant.say(_("{seconds} s left, {good} good pieces so far").format(seconds=round(end - said), good=good))
    now_ms, found = plant.drain()
    out = options.out or plant.folder / "evidence"
    plant.say(_("Writing the evidence to {folder} ...").format(folder=out))
    return write_evidence(plant, out, now_ms, found)


def write_evidence(plant: DemoPlant, out: Path, now_ms: int, found: truth.Account) -> int:
    """Summary, report and pictures of a demo as it was at `now_ms`, with its account.

    Returns 0 if all is there and nothing is lost.
    """
    make_folder(out)
    for name in EVIDENCE:
        (out / name).unlink(missing_ok=True)
    folder, say = plant.folder, plant.say
    summary = {**summarise(folder, now_ms, found), "writes": plant.line.writes_seen}
    (out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    children = [
        control.command(
            folder,
            "report",
            "--shift",
            "current",
            "--at",
            str(now_ms),
            "--format",
            "pdf,xlsx,csv,json",
            "--out",
            str(out),
            "--name",
            "report",
        ),
        control.command(folder, "screenshots", "--screen", "overview,machine", "--at", str(now_ms), "--out", str(out)),
    ]
    for child in children:
        answer = subprocess.run(child, capture_output=True, text=True, timeout=180, check=False)
        if answer.returncode:
            say((answer.stderr or answer.stdout).strip())
    missing = [name for name in EVIDENCE if not (out / name).exists()]
    if missing:
        say(_("Missing: {names}").format(names=", ".join(missing)))
        return 4
    for thing in [*found.missing, *found.invented][:_MOST_NAMED]:
        say(f"! {thing}")
    say(_("Lost: {lost}").format(lost=found.lost))
    return 1 if found.lost or summary["writes"] else 0


def summarise(folder: Path, now_ms: int, found: truth.Account) -> dict[str, Any]:
    """What was produced and stored by kind, and the figures of each machine and the line, at `now_ms`."""
    store = database.open_reader(folder)
    try:
        report = summaries.shift_report(store, summaries.find_shift(store, "current", now_ms), now_ms)
    finally:
        store.close()

    def figures(kpis: Any, good: int | None, reject: int | None) -> dict[str, Any]:
        names = ("availability", "performance", "quality", "oee", "coverage")
        return {**{name: getattr(kpis, name, None) for name in names}, "good": good, "reject": reject}

    return {
        "produced": found.produced,
        "stored": found.stored,
        "lost": found.lost,
        "missing": list(found.missing),
        "invented": list(found.invented),
        "polled_late_ms": found.late_ms,
        "machines": [{"name": m.code, **figures(m.kpis, m.good, m.reject)} for m in report.machines],
        "line": figures(report.line, report.good, report.line.pieces.reject if report.line else None),
        "window": {"start_ms": report.window.start_ms, "end_ms": report.window.end_ms},
        "demo": True,
    }


def _fresh_folder(folder: Path) -> ProcessLock:
    """An empty demo folder, held by this process. Raises KnownError where real data lie or another demo runs."""
    make_folder(folder)
    lock = ProcessLock(folder / "demo.lock")
    if not control.taken(lock):
        raise KnownError(
            _("A demo line already runs in {folder} (process {pid}).").format(folder=folder, pid=lock.holder() or "?")
        )
    try:
        path = database.path_of(folder)
        if path.exists():
            if not database.is_demo(folder):
                raise KnownError(
                    _(
                        "{folder} holds the data of a real line. A demo never touches them: choose another folder."
                    ).format(folder=folder)
                )
            control.stop_collector(folder)
        window = ProcessLock(folder / "window.lock")
        if not control.taken(window):
            raise KnownError(_("A window is open on the demo in {folder}. Close it first.").format(folder=folder))
        window.release()
        for name in (database.DATABASE, database.DATABASE + "-wal", database.DATABASE + "-shm"):
            (folder / name).unlink(missing_ok=True)
        for name in _OURS:
            if (folder / name).is_dir():
                shutil.rmtree(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
    except BaseException:
        lock.release()
        raise
    return lock


def make_folder(folder: Path) -> None:
    """Make a folder where there is none. Raises KnownError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(
            _("{folder} cannot be made: {reason}.").format(folder=folder, reason=os_reason(error))
        ) from error

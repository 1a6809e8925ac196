"""Starting, finding and stopping the processes of one data folder."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from desktop import summaries, text
from desktop.domain.automatic import Policy
from desktop.domain.entries import Booked, Entry, Ordered, Said, Split
from desktop.domain.figures.head import AlarmNow, Listened
from desktop.domain.plant import Plain
from desktop.store import database, entries, records, register, upkeep
from desktop.store.closed import ClosedError as ClosedError
from desktop.store.database import BusyError, KnownError, OlderError, Store
from desktop.store.locks import COLLECTOR_LOCK, ProcessLock
from desktop.text import _, os_reason
from desktop.wording.devices import fault_sentence

if TYPE_CHECKING:
    import subprocess

    from desktop.scanning import Carried

_T = TypeVar("_T")
_MOST_ASK_AFTER_MIN = 480  # as in the configuration file
_spawned: list[tuple[subprocess.Popen[bytes], str]] = []  # detached children, kept only to be reaped
MAIN = Path(__file__).resolve().parent.parent / "main.py"


def has_display() -> bool:
    """Whether a window can be shown on this computer."""
    named = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(named) or not sys.platform.startswith("linux")


def default_folder() -> Path:
    """Where a shop's data lie: local to this PC and user, never roaming, never a share. GADONG_DATA overrides."""
    if named := os.environ.get("GADONG_DATA"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir("Gadong", "Gadong" if sys.platform == "win32" else False))


def cache_folder() -> Path:
    """Where files lie that can be made again."""
    import platformdirs

    return platformdirs.user_cache_path("Gadong", appauthor=False)


def waiting_folders() -> tuple[Path, ...]:
    """Where values wait that a data folder refuses: this user's own folder, then the temporary one."""
    import platformdirs

    return Path(platformdirs.user_state_dir("Gadong", False)), Path(tempfile.gettempdir())


def demo_folder(folder: Path) -> Path:
    """The folder of the demo line beside a shop's own data."""
    return folder.with_name(folder.name + "-demo")


def command(folder: Path, *words: str, language: str = "") -> list[str]:
    """The command line of one of our own processes; it speaks `language`, or that of this process."""
    return [sys.executable, str(MAIN), "--data-dir", str(folder), "--lang", language or text.language(), *words]


def spawn(folder: Path, *words: str) -> int:
    """Start one of our own processes detached from this one, its words in a log file; returns its process id."""
    import subprocess  # on demand: a window that finds a collector does without

    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / f"{words[0]}.out").open("ab") as out:
        process = subprocess.Popen(
            command(folder, *words),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=sys.platform != "win32",
            creationflags=getattr(subprocess, "DETACHED_PROCESS", 0)
            | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            close_fds=True,
        )
    _spawned.append((process, words[0]))
    _reap()
    return process.pid


def _lives(pid: int) -> bool:
    """Whether a process that this process started has not ended yet."""
    return any(process.pid == pid and process.poll() is None for process, _name in _spawned)


def _collecting() -> bool:
    """Whether a collector that this process started has not ended yet."""
    return any(process.poll() is None for process, name in _spawned if name == "collect")


def _reap() -> None:
    """Forget the children that have ended; on POSIX they would stay as zombies as long as this process lives."""
    _spawned[:] = [(process, name) for process, name in _spawned if process.poll() is None]


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition, looking 20 times a second; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def ensure_collector(folder: Path, *, seconds: float = 20) -> int | None:
    """Start a collector where none holds the lock; returns the process id of the one that came up, else None.

    Two starts at once end in one collector, and both get its id. A simulated history, whose clock stands still, has
    nothing to collect: none is started. Raises KnownError if a new one stays silent.
    """
    _bring_up_to_date(folder)
    with _Reading(folder) as store:
        stands_still = store.clock.speed == 0
        before = records.heartbeat(store)
    if stands_still or collector_runs(folder):
        return None
    pid = spawn(folder, "collect")
    came_up: list[int] = []

    def beats() -> bool:
        with _Reading(folder) as store:
            beat = records.heartbeat(store)
            if beat is not None and beat != before and summaries.collector_now(store).running:
                # Where another start was quicker, ours finds the place taken: waited for, or it would take the place
                # of one that is stopped at this moment.
                came_up[:] = [beat.pid] if beat.pid == pid or not _lives(pid) else []
        return bool(came_up)

    if not wait_for(beats, seconds):
        raise KnownError(
            _("The collector did not start. Its words are in {file}.").format(file=folder / "logs" / "collect.out")
        )
    return came_up[0]


def _bring_up_to_date(folder: Path) -> None:
    """Let a database of an older version become one of this one, with a copy kept; a collector that runs does it."""
    try:
        database.open_reader(folder).close()
    except OlderError:
        with collector_away(folder):
            database.open_writer(folder).close()


def collector_runs(folder: Path) -> bool:
    """Whether a collector holds this folder: known at once, also after one was killed."""
    return ProcessLock(folder / COLLECTOR_LOCK).held()


def ports_in_use(folder: Path) -> tuple[str, ...]:
    """The ports that a running collector of this folder holds for itself alone; an OPC UA endpoint is for several."""
    if not collector_runs(folder) or not database.path_of(folder).exists():
        return ()
    with _Reading(folder) as store:
        return tuple(bus.port for bus in register.plant(store).buses if bus.driver != "opc_ua")


def stop_collector(folder: Path, *, seconds: float = 20) -> bool:
    """Ask a running collector to end and wait for it; False where none ran. Raises KnownError if it does not end."""
    if not collector_runs(folder):
        return False
    request(folder, "stop")
    if not wait_for(lambda: not collector_runs(folder), seconds):
        raise KnownError(_("The collector did not end within {seconds} s.").format(seconds=round(seconds)))
    wait_for(lambda: not _collecting(), 5)
    _reap()
    return True


def request(
    folder: Path, kind: str, params: dict[str, str | int | float | bool | None] | None = None, *, seconds: float = 30
) -> register.Answer | None:
    """Ask the collector for something and wait for its answer; None when it gave none in time."""
    store = database.open_writer(folder)
    try:
        number = patiently(lambda: register.ask(store, kind, params, expires_s=seconds))
        found: list[register.Answer] = []

        def answered() -> bool:
            reply = register.answer_to(store, number)
            if reply is not None and reply.status != "working":
                found.append(reply)
            return bool(found)

        wait_for(answered, seconds)
        return found[0] if found else None
    finally:
        store.close()


def patiently(write: Callable[[], _T], seconds: float = 5.0) -> _T:
    """Carry out a write of the desktop, waiting for its turn. Raises BusyError when it never comes."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return write()
        except BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


class _Reading:
    """A reader for one look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Store:
        self._store = database.open_reader(self._folder)
        return self._store

    def __exit__(self, *_error: object) -> None:
        self._store.close()


def start_demo() -> None:
    """Start the demo line with its own window, detached from this process."""
    folder = demo_folder(default_folder())
    folder.mkdir(parents=True, exist_ok=True)
    spawn(folder, "demo")


def acknowledge(folder: Path, alarm: AlarmNow, seen_ms: int, who: str = "") -> int:
    """Note that somebody has seen an alarm as it was at `seen_ms`: what came since was not seen. The number takes it
    back. Raises BusyError when its turn to write never comes."""
    store = database.open_writer(folder)
    try:
        return patiently(lambda: register.acknowledge(store, alarm, seen_ms, who))
    finally:
        store.close()


def unacknowledge(folder: Path, number: int, who: str = "") -> None:
    """Take an acknowledgement back. Raises BusyError when its turn to write never comes."""
    store = database.open_writer(folder)
    try:
        patiently(lambda: register.unacknowledge(store, number, store.clock.now_ms(), who))
    finally:
        store.close()


def enter(folder: Path, told: Sequence[Said], who: str = "", seen: int | None = None, why: str = "") -> list[int]:
    """Enter what somebody says of stops, all of it or nothing; the numbers take it back.

    `seen`: the newest entry that the person had before the eyes; `why`: of a shift that is closed. Raises
    MeanwhileError, ClosedError where a closed shift is changed and `who` or `why` is missing, KnownError for pieces
    that cannot be what they are said to be and for a split where nothing stood, or BusyError when its turn to write
    never comes.
    """
    store = database.open_writer(folder)
    try:
        if any(isinstance(said, Booked | Ordered | Split) for said in told):
            from desktop.summaries import corrections

            corrections.refuse(store, told, store.clock.now_ms())
        return patiently(lambda: entries.say(store, told, store.clock.now_ms(), who, why, seen))
    finally:
        store.close()


def entered(folder: Path, told: Sequence[Said], who: str, seen: int | None, why: str = "") -> list[int] | Entry:
    """As `enter`; where somebody else was quicker, what that person said instead of the numbers."""
    try:
        return enter(folder, told, who, seen, why)
    except entries.MeanwhileError as error:
        return error.entry


def take_back(folder: Path, numbers: Sequence[int], who: str = "", why: str = "") -> None:
    """Take entries back; `why`: of a shift that is closed. Raises ClosedError where it or `who` is missing then, or
    BusyError when its turn to write never comes."""
    store = database.open_writer(folder)
    try:
        patiently(lambda: entries.take_back(store, numbers, store.clock.now_ms(), who, why))
    finally:
        store.close()


def carry_out_scan(folder: Path, code: str, home: int | None, person: int | None) -> Carried:
    """Carry out what the scanner that types at the window has read, "" for nothing more within its time. `home`: the
    machine that is looked at; `person`: who is at the screen. Raises BusyError when its turn to write never comes."""
    from desktop.scanning import carry_out_in_window

    store = database.open_writer(folder)
    try:
        return patiently(lambda: carry_out_in_window(store, code, home, person))
    finally:
        store.close()


def make_sheet(folder: Path, machine: str | None) -> Path:
    """The bar code sheet of a machine (its code) as a PDF file beside the reports, None: everybody's badges. Raises
    KnownError with why not."""
    import subprocess

    out = folder / "reports"
    out.mkdir(parents=True, exist_ok=True)
    words = ("--people",) if machine is None else (machine,)
    name = _("badges") if machine is None else f"{_('bar codes')} {machine}"
    file = out / f"{re.sub(r'[^0-9A-Za-z가-힣 ._-]', '-', name)}.pdf"
    try:
        done = subprocess.run(
            command(folder, "sheet", *words, "--out", str(file)), capture_output=True, timeout=120, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KnownError(_("The sheet could not be made ({reason}).").format(reason=error)) from error
    if done.returncode:
        complaint = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise KnownError(complaint[-1] if complaint else _("That did not work. Details are in the log file."))
    return file


def set_report(folder: Path, wanted: Policy, seen: Policy, who: str = "") -> Policy:
    """Say what is wanted of the automatic report, where it differs from what the person had seen; returns what was. A
    collector that runs sees it by itself. Raises KnownError."""
    from desktop.configuration.policy import put_policy

    store = database.open_writer(folder)
    try:
        return patiently(lambda: put_policy(store, wanted, seen, who))
    finally:
        store.close()


def set_ask_after(folder: Path, minutes: int, who: str = "") -> int:
    """Ask for the reasons of stops from 0 to 480 minutes on; returns from how many it was. Raises KnownError."""
    if not 0 <= minutes <= _MOST_ASK_AFTER_MIN:
        words = _("Stops ask for their reason from 0 to {most} minutes on; {minutes} is not possible.")
        raise KnownError(words.format(most=_MOST_ASK_AFTER_MIN, minutes=f"{minutes:,}"))

    def put() -> int:
        with store.transaction() as db:
            before = register.ask_after_ms(store) // 60_000
            register.put_setting(db, "ask_after_min", str(minutes))
            register.audit(db, store.clock.now_ms(), who, "ask after", "", str(before), str(minutes))
        return before

    store = database.open_writer(folder)
    try:
        return patiently(put)
    finally:
        store.close()


def make_report_now(folder: Path) -> str:
    """Let the collector make the report of the last shift that ended; returns of which one. Raises KnownError: no
    collector runs, or no shift has ended."""
    if not collector_runs(folder):
        raise KnownError(_("The collector is not running, so no report is made. Try again once it runs."))
    reply = request(folder, "report")
    if reply is None:
        raise KnownError(_("The collector did not answer. Try again, or stop it first."))
    if reply.status == "failed":
        raise KnownError(str(reply.result["sentence"]))
    return str(reply.result["shift"])


def tell_collector(folder: Path) -> None:
    """Let a running collector take up a changed register; it opens every device anew."""
    if collector_runs(folder):
        request(folder, "reload")


def bus_at(folder: Path, port: str) -> str:
    """The key of the bus at a port or with that key, "" where the line has none."""
    if not database.path_of(folder).exists():
        return ""
    with _Reading(folder) as store:
        buses = register.plant(store).buses
    named = next((bus.key for bus in buses if port in (bus.key, bus.port)), "")
    return named or next((bus.key for bus in buses if _place(bus.port) == _place(port)), "")


def _place(port: str) -> str:
    """What the system calls a port at present, whether it was named by a link or by the identity of its adapter."""
    from drivers import link
    from drivers.base import DriverError

    if "://" in port:
        return port
    with contextlib.suppress(DriverError):
        port = link.resolve(port)
    return os.path.normcase(os.path.realpath(port))


def bus_of(folder: Path, device: int) -> str:
    """The key of the bus of a device. Raises KnownError where it is no longer there."""
    with _Reading(folder) as store:
        plant = register.plant(store)
    found = {device.id: bus.key for device in plant.devices for bus in plant.buses if device.bus == bus.id}
    if device not in found:
        raise KnownError(_("This device is no longer set up."))
    return found[device]


def listen(folder: Path, bus: str, said: Callable[[Listened], None], ended: Callable[[], bool]) -> Listened:
    """Let the collector listen for the baud rate of a bus; `said` is told where that stands, `ended` asks whether to
    give up. Returns what it came to.

    Raises KnownError: no collector runs, it ended meanwhile, or why its port cannot be listened at.
    """
    gone = _("The collector is not running, so nothing can be listened to. Try again once it runs.")
    if not collector_runs(folder):
        raise KnownError(gone)
    store = database.open_writer(folder)
    number, over = 0, False
    try:
        number = patiently(lambda: register.ask(store, "listen", {"bus": bus}))
        told: Listened | None = None
        asked, given_up = time.monotonic(), 0.0
        while True:
            reply = register.answer_to(store, number)
            if reply is not None and reply.status != "working":
                over = True
                return _listened(reply)
            if reply is not None and (now := Listened("working", **reply.result)) != told:
                told = now
                said(now)
            if not given_up and ended():
                patiently(lambda: register.cancel(store, number))
                given_up, over = time.monotonic(), True
            if given_up and (reply is None or time.monotonic() - given_up > 10):
                return Listened("cancelled")
            if not collector_runs(folder):
                raise KnownError(gone)
            if reply is None and time.monotonic() - asked > 30:
                raise KnownError(_("The collector did not answer. Try again, or stop it first."))
            time.sleep(0.1)
    finally:
        if number and not over:  # nobody waits for it any more
            with contextlib.suppress(KnownError):
                register.cancel(store, number)
        store.close()


def listen_here(folder: Path, port: str, said: Callable[[Listened], None]) -> Listened:
    """Find the baud rate of a device: where the collector holds its port by asking it, else in this process.

    `port` is a port or the key of a bus. Raises KnownError as `listen`, and where the port cannot be opened.
    """
    bus = bus_at(folder, port)
    if bus and collector_runs(folder):
        return listen(folder, bus, said, lambda: False)
    from desktop import clock
    from drivers import baud_guess
    from drivers.base import DriverError

    if bus:
        with _Reading(folder) as store:
            port = next(one.port for one in register.plant(store).buses if one.key == bus)
    if not baud_guess.hears_rates(port):
        raise KnownError(_("{bus} is no serial port: it has no baud rate.").format(bus=port))
    heard: dict[int, int] = {}

    def tell(at: baud_guess.Progress) -> None:
        heard[at.baud] = at.heard_bytes
        said(Listened("working", at.baud, at.place, at.count, at.heard_bytes))

    try:
        found = baud_guess.listen(port, {}, clock.REAL, tell, lambda: False, seconds=baud_guess.SECONDS_EACH)
    except DriverError as error:
        raise KnownError(fault_sentence(error.kind, error.detail)) from error
    if found is None:
        return Listened("nothing", heard_bytes=sum(heard.values()))
    return Listened("fits", found.baud, heard_bytes=sum(heard.values()), frame=found.frame, sample=found.sample)


def _listened(reply: register.Answer) -> Listened:
    """The last answer as what it came to. Raises KnownError where it failed."""
    result = reply.result
    if reply.status == "failed":
        raise KnownError(
            fault_sentence(str(result.get("kind", "")), result.get("detail", {}))
            or str(result.get("sentence") or _("That did not work. Details are in the log file."))
        )
    if result.get("cancelled"):
        return Listened("cancelled")
    return Listened("fits" if "baud" in result else "nothing", **result)


def use_line(folder: Path, bus: str, wanted: Mapping[str, Plain], who: str = "") -> dict[str, Plain]:
    """Let a bus have this `baud` and `frame` and its collector take it up; returns what it had. Raises KnownError."""
    from desktop.configuration import line_speed

    store = database.open_writer(folder)
    try:
        before = patiently(lambda: line_speed.put(store, bus, wanted, who))
    finally:
        store.close()
    tell_collector(folder)
    return before


def backup(folder: Path, file: Path) -> Path:
    """A checked copy of the database, made by the collector where one runs, else by this process."""
    if collector_runs(folder):
        reply = request(folder, "backup", {"file": str(file.absolute())}, seconds=600)
        if reply is None:
            raise KnownError(_("The collector did not answer. Try again, or stop it first."))
        if reply.status == "failed":
            raise KnownError(str(reply.result["sentence"]))
        return Path(str(reply.result["file"]))
    with collector_away(folder):
        store = database.open_writer(folder)
        try:
            return upkeep.backup(store, file)
        finally:
            store.close()


def restore(folder: Path, file: Path, progress: upkeep.Progress | None = None) -> Path | None:
    """Put a backup in place; the database that was there is kept and its path returned. Raises as upkeep.restore."""
    if not database.path_of(folder).exists():
        return upkeep.restore(folder, file, progress)
    window = ProcessLock(folder / "window.lock")
    if not taken(window):
        raise KnownError(_("A window is open on this database. Close it first."))
    try:
        with collector_away(folder):
            return upkeep.restore(folder, file, progress)
    finally:
        window.release()


def taken(lock: ProcessLock) -> bool:
    """Take a lock. Raises KnownError where the folder cannot be written."""
    try:
        return lock.take()
    except OSError as error:
        raise KnownError(
            _("The folder {folder} cannot be written ({reason}).").format(
                folder=lock.path.parent, reason=os_reason(error)
            )
        ) from error


@contextlib.contextmanager
def collector_away(folder: Path) -> Iterator[None]:
    """Hold the collector's place, so that none runs meanwhile.

    Raises KnownError while one does, or without a database.
    """
    if not database.path_of(folder).exists():
        raise database.no_database(folder)
    lock = ProcessLock(folder / COLLECTOR_LOCK)
    if not taken(lock):
        raise KnownError(
            _("A collector runs for {folder} (process {pid}). Stop it first.").format(
                folder=folder, pid=lock.holder() or "?"
            )
        )
    try:
        yield
    finally:
        lock.release()

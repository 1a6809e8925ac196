"""The collector process: queue -> interpret -> batch -> one transaction; heartbeat; requests.

One per database, by a lock that dies with it. It is the only writer of facts and the only one that
checkpoints. Its life does not depend on the window.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from desktop import VERSION, control
from desktop.collect.closing import Closing
from desktop.collect.filed import Filed
from desktop.collect.interpret import Health, Interpreter
from desktop.collect.linking import Linking
from desktop.collect.listening import Listening, Said
from desktop.collect.memory import Memory
from desktop.collect.past import Nothing, Recent
from desktop.collect.pulse import Pulse
from desktop.collect.recall import from_json, recall, to_json
from desktop.collect.reporting import Reporting
from desktop.collect.supervise import BusThread, Counted, Inbox, Message, Polled, stop_all
from desktop.domain.events import Event, EventKind
from desktop.domain.plant import Plant
from desktop.scanning import Hearing, badges
from desktop.store import database, heads, records, register, upkeep
from desktop.store.database import KnownError, Store
from desktop.store.journal import Batch, Journal
from desktop.store.locks import COLLECTOR_LOCK, ProcessLock
from desktop.store.quality import quality
from desktop.store.records import Beat, DeviceHealth
from desktop.store.spill import Spill, Waiting
from desktop.text import _, os_reason
from drivers import baud_guess
from drivers.base import Reading

log = logging.getLogger(__name__)

COMMIT_S, COMMIT_ROWS = 0.25, 2000
BEAT_S, CHECKPOINT_S, RETRY_S, BUSY_RETRY_S = 1.0, 5.0, 1.0, 0.1
CLOSE_S = 5.0  # between two looks whether a shift is over
SPILL_S = 5.0  # so long what arrives waits in memory while the database refuses, then it goes to the spill file
MOST_ROWS = 200_000  # kept in memory where the spill file refuses too; what is beyond is counted as lost
_LAST_COMMIT_S = 5.0  # how long the end waits for a disk that refuses
_LOOK_S = 1.0  # somebody who looks whether a collector runs holds its lock for a moment
_HOUR_MS = 3_600_000
_CLOCK_JUMP_MS = 2000
_ON_THE_WAY_MS = 1000  # a reading is here by then at the latest
_MOST_RAW = 200
_REMEMBERED_S = 600.0  # so long after the last command its shift is kept in memory
_FOLLOW_S = 0.25  # so often it is said how far listening for a baud rate has come


class Collector:
    """One running collector. `run` returns when asked to stop by a signal, a request or after `for_s` seconds."""

    def __init__(self, store: Store, elsewhere: Sequence[Path] = (), reporting: Reporting | None = None) -> None:
        """`elsewhere`: folders for what waits where the data folder refuses too. `reporting` None: no report is made
        by itself."""
        self.store = store
        self.clock = store.clock
        self.journal = Journal(store)
        self.inbox = Inbox()
        self.threads: list[BusThread] = []
        self.health: dict[int, DeviceHealth] = records.health(store)
        self._frames_before: dict[int, int] = {}
        self._recent = Recent(Nothing())
        self.interpreter = self._interpreter(register.plant(store), Memory())
        self._spill = Spill(store, elsewhere)
        self._closing = Closing(store)
        self._linking = Linking(store, self.journal)
        self._hearing = Hearing(store)
        self._commanded = True  # a command may wait to be carried out
        self._scanned_at = 0.0  # when the last one was
        self._reporting = reporting
        self._pulse: Pulse | None = None
        self._pending = Batch()
        self._urgent = False
        self._stopping = False
        self._started_real_ms = _real_ms()
        self._lost = 0
        self._unheld = 0  # rows refused by a full memory, not yet said in the journal
        self._note = ""
        self._replies: dict[int, tuple[str, Mapping[str, object]]] = {}  # carried out, answer not written yet
        self._listening: list[Listening] = []
        self._unsaid: dict[int, Said] = {}  # request -> where listening for it stands, not written yet
        self._said: dict[int, Said] = {}
        self._followed_at = 0.0
        self._wall = (self.clock.now_ms(), time.monotonic())
        self._sealed_hour = self.clock.now_ms() // _HOUR_MS
        file = database.path_of(store.folder).stat()
        self._identity = (file.st_dev, file.st_ino)
        self.lost_file = False
        self.unstored = 0  # rows that the end could neither store nor spill
        self._refused_at: float | None = None  # since when the database refuses
        self._spilled_at = 0.0  # when it was last tried to spill
        self._looked = -1  # the state of the file in which there was no open request

    def run(self, for_s: float | None = None) -> None:
        """Collect until told to stop. Everything that arrived is in the database or in the spill file then.

        What neither took is counted in `unstored`. Raises KnownError where the database was moved away meanwhile.
        """
        self._pulse = Pulse(self.clock.now_ms)
        try:
            self._collect(for_s)
        except Exception:  # our own fault must not cost what arrived
            self._leave()
            raise
        finally:
            self._pulse.end()
            if self._reporting is not None:
                self._reporting.end()
        if not self.lost_file:
            self._end()
            return
        self._close(self.threads)
        self._note = "stopped"
        self._leave()
        raise KnownError(self._moved())

    def _collect(self, for_s: float | None) -> None:
        self._resume()
        self._frames_before = {device: known.frames for device, known in self.health.items()}
        self._give_up_unfinished()
        self._know_badges()
        self._start_buses()
        end = None if for_s is None else time.monotonic() + for_s
        beat_at = heads_at = checkpoint_at = flush_at = retry_at = close_at = 0.0
        while not self._stopping and (end is None or time.monotonic() < end):
            self._gather(COMMIT_S / 2)
            self._settle()
            now = time.monotonic()
            self._watch_clock()
            if self._replaced():
                break
            waits = len(self._pending) or len(self._spill)
            due = waits and (self._urgent or now >= flush_at or len(self._pending) >= COMMIT_ROWS)
            if (due or now >= beat_at) and now >= retry_at:
                wait_s = self._commit()
                if not wait_s:
                    flush_at, beat_at = now + COMMIT_S, now + BEAT_S
                retry_at = now + wait_s
                self._spill_if_due()
                self.threads = [thread.watch() for thread in self.threads]
            self._carry_out_scans(now)
            self._link_what_was_said()
            self._answer_requests()
            self._follow_listening(now)
            if now >= heads_at:
                self._note_heads()
                heads_at = now + BEAT_S
            if now >= checkpoint_at:
                self._checkpoint()
                checkpoint_at = now + CHECKPOINT_S
            if now >= close_at and not len(self._pending) and not len(self._spill):
                rest_s = self._close_shift()
                close_at = time.monotonic() + rest_s
            self._report()

    def heard(self) -> dict[str, int]:
        """How many readings each device brought since this collector began, by its name."""
        frames = {device: known.frames - self._frames_before.get(device, 0) for device, known in self.health.items()}
        return {device.name: frames.get(device.id, 0) for device in self.interpreter.plant.devices}

    def stop(self) -> None:
        """Ask `run` to end; safe from a signal handler."""
        self._stopping = True

    # -- beginning and end --

    def _start_buses(self) -> None:
        plant = self.interpreter.plant
        running = {thread.bus.key for thread in self.threads} | {one.bus.key for one in self._listening}
        keys = str(self.store.folder / database.KEYS)
        started = [BusThread(b, plant, self.clock, self.inbox, keys) for b in plant.buses if b.key not in running]
        for thread in started:
            thread.start()
        self.threads += started

    def _resume(self) -> None:
        """Take up where the last collector left off: the time between is a gap, said for every device."""
        plant = self.interpreter.plant
        late = self._spill.drop_until(self.journal.newest_fact(), self.journal.holds)
        beat = records.heartbeat(self.store)
        if (newest := self._spill.newest()) is None:
            self.interpreter.memory = recall(self.store, plant, self.interpreter.quality)
        else:
            log.warning("%d values of an earlier run wait to be stored", self._spill.facts)
            self.journal.go_on_after(newest.batch.last_id, newest.segments)
            self.interpreter.memory, beat = from_json(newest.memory), newest.beat
            self.health.update(newest.batch.devices)
        self._lose(late)
        if beat is None:
            return
        # A heartbeat from the future was made by a clock that has been set back since.
        self._say_off({device.key for device in plant.devices}, min(beat.at_ms, self.clock.now_ms()))

    def _give_up_unfinished(self) -> None:
        """What a collector worked at that has gone nobody will finish."""
        try:
            register.fail_unfinished(self.store)
        except KnownError as error:
            log.info("an unfinished request stays unfinished: %s", error)

    def _say_off(self, devices: set[str], at_ms: int) -> None:
        """From a moment on nobody listened to these devices; later where they were heard until later."""
        latest_ms = max(at_ms, self.clock.now_ms())  # what a clock said that has been set back since is no time
        for device in self.interpreter.plant.devices:
            known = self.health.get(device.id)
            if device.key in devices and known is not None and known.status == "online":
                heard_ms = max(at_ms, known.since_ms, known.last_at_ms or 0)
                self._health(Health(device.key, "offline", min(heard_ms, latest_ms), "collector_off"))

    def _close(self, threads: list[BusThread]) -> None:
        """Stop buses, take what they brought last, and say that nobody listens to their devices now."""
        stop_all(threads)
        while self.inbox.waiting():
            self._gather(0)
        self._say_off({key for thread in threads for key in thread.devices}, self.clock.now_ms())

    def _end(self) -> None:
        for one in self._listening:
            one.cancel()
        self._close(self.threads)
        for one in self._listening:
            one.join(1)
        self._note = "stopped"
        deadline = time.monotonic() + _LAST_COMMIT_S
        while (wait_s := self._commit()) or len(self._spill):
            if time.monotonic() >= deadline:
                break
            self._note = "stopped"
            time.sleep(wait_s / 2)
        self._note = "stopped"
        if not self._pending:
            self._commit()  # nothing is measured any more: the newest values of all signals
        self._note_heads()
        self._checkpoint()
        self._leave()

    def _leave(self) -> None:
        """Write down for the next collector what could not be stored."""
        try:
            self._spill_pending()
        except KnownError as error:
            self.unstored = len(self._pending)
            log.error("%d rows could not be stored before the end: %s", self.unstored, error)
        if self._spill.facts:
            log.warning("%d values wait for the next collector", self._spill.facts)

    def _moved(self) -> str:
        path, kept = database.path_of(self.store.folder), self._spill.facts
        sentences = [_("{path} was moved away or replaced while it was in use.").format(path=path)]
        if kept:
            sentences.append(_("{rows} values wait beside it until it is back.").format(rows=kept))
        if self.unstored:
            sentences.append(_("{rows} values could not be kept.").format(rows=self.unstored))
        return " ".join([*sentences, _("The collector has ended; start it again.")])

    # -- gathering --

    def _gather(self, wait_s: float) -> None:
        """Take what waits, waiting at most `wait_s` for the first message."""
        most = len(self._pending) + COMMIT_ROWS
        message = self.inbox.get(wait_s)
        until = time.monotonic() + COMMIT_S  # a flood that makes no facts must not keep the heartbeat waiting
        while message is not None:
            self._take(message)
            if len(self._pending) >= most or time.monotonic() >= until:
                return
            message = self.inbox.get(0)

    def _settle(self) -> None:
        """Let states hold that have lasted long enough, once everything that arrived until then is read."""
        if self.interpreter.memory.pending and not self.inbox.waiting():
            now_ms, mono_ns = self.clock.now_ms(), self.clock.mono_ns()
            self._add(self.interpreter.settle(now_ms - round(_ON_THE_WAY_MS * self.clock.speed), now_ms, mono_ns))

    def _take(self, message: Message) -> None:
        if isinstance(message, Health):
            self._health(message)
            return
        if isinstance(message, Counted):
            self._count(message)
            return
        assert isinstance(message, Polled)
        batch = self.interpreter.read(message.readings)
        self._add(batch)
        scans = [event.detail for event in batch.events if event.kind is EventKind.SCAN]
        if scans:
            self._urgent = True
            self._commanded = self._commanded or "command" in scans
        for key, (at_ms, frames, lost) in _heard(message.readings).items():
            device = self.interpreter.device(key)
            if device is not None and (known := self.health.get(device.id)):
                self._keep(
                    device.id,
                    replace(known, last_at_ms=at_ms, frames=known.frames + frames, lost=known.lost + lost),
                )

    def _count(self, counted: Counted) -> None:
        device, more = self.interpreter.device(counted.device), counted.more
        if device is not None and (known := self.health.get(device.id)):
            self._keep(
                device.id,
                replace(
                    known,
                    damaged=known.damaged + more.damaged,
                    missing=known.missing + more.missing,
                    refused=known.refused + more.refused,
                ),
            )

    def _health(self, change: Health) -> None:
        batch = self.interpreter.health(change)
        self._add(batch)
        device = self.interpreter.device(change.device)
        if device is None:
            return
        known = self.health.get(device.id) or DeviceHealth(change.status, change.at_ms)
        again = known.status != "online" and change.status == "online" and known.last_at_ms is not None
        silent_on = known.status != "online" and change.status != "online"
        self._keep(
            device.id,
            replace(
                known,
                status=change.status,
                since_ms=known.since_ms if silent_on else change.at_ms,
                fault=change.fault,
                detail=change.detail,
                reconnects=known.reconnects + again,
            ),
        )

    def _keep(self, device: int, health: DeviceHealth) -> None:
        self.health[device] = self._pending.devices[device] = health

    def _add(self, batch: Batch) -> None:
        """Keep a batch for the next commit. Where memory is full values go first: events are few and tell more."""
        pending = self._pending
        self._closing.hear(batch.events)
        pending.live.update(batch.live)
        coming, values = len(batch), len(batch.measurements)
        if len(pending) + coming <= MOST_ROWS:
            pending.measurements.extend(batch.measurements)
        else:
            self._unheld += values
        others = coming - values
        if len(pending) - len(pending.measurements) + others > MOST_ROWS:
            self._unheld += others
            return
        pending.events.extend(batch.events)
        pending.steps.extend(batch.steps)
        pending.links.extend(batch.links)
        pending.results.extend(batch.results)
        pending.attributes.extend(batch.attributes)
        pending.link_ends.extend(batch.link_ends)
        pending.moves.extend(batch.moves)

    def _listen_anew(self, last_ms: int) -> None:
        """This process stood still (suspended, starved): what the devices did since `last_ms` nobody saw.

        Every bus is opened again, so that each device tells its state afresh.
        """
        log.warning("the collector stood still; every device is opened again")
        self._say_off({device for thread in self.threads for device in thread.devices}, last_ms)
        stop_all(self.threads)
        while self.inbox.waiting():
            self._gather(0)
        self.threads = []
        self._start_buses()
        self._wall = (self.clock.now_ms(), time.monotonic())

    def _replaced(self) -> bool:
        """Whether the database file is no longer the one that was opened: moved away, deleted or replaced.

        To write on would be to write into a file that nobody sees, or to spoil the new one.
        """
        try:
            now = database.path_of(self.store.folder).stat()
            same = (now.st_dev, now.st_ino) == self._identity
        except FileNotFoundError:
            same = False
        except OSError:
            same = True  # the folder cannot be looked at just now: no reason to end
        if not same:
            self.lost_file = True
        return not same

    def _watch_clock(self) -> None:
        """Record a jump of the wall clock against the monotonic one."""
        wall_ms, mono = self._wall
        now_ms, now = self.clock.now_ms(), time.monotonic()
        self._wall = (now_ms, now)
        if now_ms // _HOUR_MS != self._sealed_hour:
            self._sealed_hour = now_ms // _HOUR_MS
            self._tell(EventKind.SEAL, now_ms, "")
        stalled_ms = self._pulse.take_stall() if self._pulse is not None else None
        if stalled_ms is not None:
            self._listen_anew(stalled_ms)
        jump_ms = round(now_ms - wall_ms - (now - mono) * 1000 * self.clock.speed)
        if abs(jump_ms) > _CLOCK_JUMP_MS * self.clock.speed:
            self._tell(EventKind.CLOCK, now_ms, str(jump_ms))
            self._tell(EventKind.SEAL, now_ms, "")  # what was said before it, whose moments may come again
        if lost := self.inbox.take_lost():
            self._lost += lost
            self._tell(EventKind.LOSS, now_ms, "queue", lost)
        if self._unheld and len(self._pending) < MOST_ROWS // 2:
            self._lost, lost, self._unheld = self._lost + self._unheld, self._unheld, 0
            self._tell(EventKind.LOSS, now_ms, "memory", lost)

    def _lose(self, facts: int) -> None:
        """Facts that waited outside of the database cannot go in any more."""
        if facts:
            self._lost += facts
            self._tell(EventKind.LOSS, self.clock.now_ms(), "spill", facts)

    def _tell(self, kind: EventKind, at_ms: int, detail: str, pieces: int | None = None) -> None:
        """A fact of the collector's own. Readings that arrived before it may still wait: its id claims no time."""
        self._pending.events.append(Event(self.journal.following_id(), kind, at_ms, detail=detail, pieces=pieces))

    # -- committing --

    def _commit(self) -> float:
        """Write what waits and the heartbeat in one transaction; on the world's fault keep it and say so.

        Returns 0, or after how many seconds to try again.
        """
        self._urgent = False
        try:
            if self._take_in():
                self.journal.commit(self._pending, self._beat())
                self._pending = Batch()
                self._recent.stored()
        except KnownError as error:
            self._refused_at = self._refused_at or time.monotonic()
            if isinstance(error, database.BusyError):
                return BUSY_RETRY_S
            if self._note != "not_storing":
                log.error("cannot store: %s", error)
            self._note = "not_storing"
            return RETRY_S
        self._refused_at = None
        if self._note == "not_storing":
            log.warning("storing again")
            self._note = ""
        return 0

    def _link_what_was_said(self) -> None:
        """Write what people said of links, where nothing waits that has older ids."""
        if not len(self._pending) and not len(self._spill):
            try:
                self._linking.step()
            except KnownError as error:
                log.info("what was said of links waits: %s", error)

    def _close_shift(self) -> float:
        """Keep the sums of a shift that is over; returns after how many seconds to look again."""
        try:
            return CLOSE_S / 10 if self._closing.step(self.clock.now_ms()) else CLOSE_S
        except KnownError as error:
            log.info("a shift is closed later: %s", error)
            return CLOSE_S

    def _report(self) -> None:
        """Have the reports made that are due."""
        if self._reporting is not None:
            try:
                self._reporting.step(self.clock.now_ms(), self._closing.changes)
            except KnownError as error:
                log.info("the automatic report waits: %s", error)

    def _beat(self) -> Beat:
        return Beat(
            os.getpid(),
            VERSION,
            self._started_real_ms,
            _real_ms(),
            self.clock.now_ms(),
            self._note,
            self.inbox.waiting() + len(self._pending) + self._spill.facts,
            self._lost + self._unheld,
        )

    def _take_in(self) -> bool:
        """Store what waits in the spill file, oldest first, for a moment; whether nothing waits there any more."""
        until = time.monotonic() + COMMIT_S
        while len(self._spill) and time.monotonic() < until:
            waiting = self._spill.first()
            if waiting is None:
                self._lose(self._spill.set_first_aside())
            else:
                try:
                    self.journal.commit(waiting.batch, self._beat())
                except KnownError:
                    raise
                except Exception:  # a restored database may lack the machines: newer facts must not wait for these
                    log.exception("values that waited do not fit into the database")
                    self._lose(self._spill.set_first_aside())
            self._spill.drop_first()
        return not len(self._spill)

    def _spill_if_due(self) -> None:
        """Where the database refuses for long, move what waits in memory to the spill file."""
        now = time.monotonic()
        long = self._refused_at is not None and now - self._refused_at >= SPILL_S
        if now - self._spilled_at < SPILL_S or not (long or len(self._pending) >= MOST_ROWS // 2):
            return
        self._spilled_at = now
        try:
            self._spill_pending()
        except KnownError as error:
            log.error("%s", error)

    def _spill_pending(self) -> None:
        """Write what waits in memory to the spill file. Raises KnownError where no place takes it."""
        batch = self._pending
        if not len(batch):
            return
        batch.devices = dict(self.health)
        segments = self.journal.segments(batch.last_id)
        self._spill.put(Waiting(batch, segments, to_json(self.interpreter.memory), self._beat()))
        self._pending = Batch()

    def _checkpoint(self) -> None:
        try:
            self.store.checkpoint()
        except KnownError as error:
            log.info("checkpoint put off: %s", error)

    def _note_heads(self) -> None:
        try:
            heads.note(self.store)
        except (KnownError, OSError) as error:
            log.info("how far the chains have come is written down later: %s", error)

    # -- commands of line scanners --

    def _know_badges(self) -> None:
        """Whose badge is which may change at any time, and no register's version tells."""
        try:
            self.interpreter.tracker.badges = badges(self.store)
        except KnownError as error:
            log.info("badges are looked at later: %s", error)

    def _carry_out_scans(self, now: float) -> None:
        """Carry out the commands that are in the journal; what cannot be now is the next time."""
        try:
            if self._commanded and not self._pending.events and not len(self._spill):
                if self._hearing.carry_out_waiting():
                    self._scanned_at = now
                self._commanded = False
            elif now - self._scanned_at > _REMEMBERED_S:
                self._hearing.forget()
            self._hearing.say_late(self.clock.now_ms())
        except KnownError as error:
            log.info("scanned commands wait: %s", error)

    # -- requests of the window and the command line --

    def _answer_requests(self) -> None:
        try:
            version = self.store.data_version()
            if version == self._looked:
                return
            for request in register.open_requests(self.store):
                # An answer that could not be written is written later; nothing is carried out twice for that.
                if request.id not in self._replies:
                    self._replies[request.id] = self._carry_out(request)
                register.answer(self.store, request.id, *self._replies[request.id])
                del self._replies[request.id]
            self._know_badges()
            self._looked = version
        except KnownError as error:
            log.info("requests wait: %s", error)

    def _carry_out(self, request: register.Request) -> tuple[str, Mapping[str, object]]:
        if request.kind == "stop":
            self._stopping = True
            return "done", {"pid": os.getpid()}
        if request.kind == "reload":
            self._reload()
            return "done", {}
        if request.kind == "backup":
            try:
                path = upkeep.backup(self.store, Path(str(request.params.get("file", ""))))
            except KnownError as error:
                return "failed", {"sentence": str(error)}
            return "done", {"file": str(path)}
        if request.kind == "report" and self._reporting is not None:
            try:
                return "done", {"shift": self._reporting.make_now(self.clock.now_ms())}
            except KnownError as error:
                return "failed", {"sentence": str(error)}
        if request.kind == "listen":
            return self._listen(request.id, str(request.params.get("bus", "")))
        if request.kind == "raw":
            return "done", {"rows": self._raw(str(request.params.get("bus", "")))}
        return "failed", {"sentence": _("This collector does not know the request {kind}.").format(kind=request.kind)}

    def _reload(self) -> None:
        """Take up a changed register: the buses that changed are opened anew, the others go on."""
        plant = register.plant(self.store)
        wanted = {bus.key: bus for bus in plant.buses}
        keep = [t for t in self.threads if t.bus.key in wanted and t.serves(wanted[t.bus.key], plant)]
        for one in self._listening:
            if wanted.get(one.bus.key) != one.bus:
                one.cancel()
        self._close([thread for thread in self.threads if thread not in keep])
        self.threads = keep
        self.interpreter = self._interpreter(plant, self.interpreter.memory)
        self._know_badges()
        self._start_buses()

    def _interpreter(self, plant: Plant, memory: Memory) -> Interpreter:
        self._recent.past = Filed(self.store, plant)  # what waits to be stored waits on
        return Interpreter(plant, memory, self.journal.next_id, self.clock.speed, quality(self.store), self._recent)

    def _listen(self, request: int, key: str) -> Said:
        """Let a bus rest and listen at its port for the baud rate; `_follow_listening` says what comes of it."""
        bus = next((bus for bus in self.interpreter.plant.buses if bus.key == key), None)
        if bus is None or not baud_guess.hears_rates(bus.port):
            return "failed", {"sentence": _("{bus} is no serial port: it has no baud rate.").format(bus=key)}
        if any(one.bus.key == key for one in self._listening):
            return "failed", {"sentence": _("Somebody listens for the baud rate there already.")}
        thread = next((thread for thread in self.threads if thread.bus.key == key), None)
        if thread is not None:
            thread.stop()
            self.threads = [other for other in self.threads if other is not thread]
        listening = Listening(request, bus, thread, self.clock, self.inbox)
        self._listening = [*self._listening, listening]
        listening.start()
        return listening.said()

    def _follow_listening(self, now: float) -> None:
        """Say where listening stands, end what nobody wants any more, and read the bus again when it is over."""
        if now - self._followed_at < _FOLLOW_S or not (self._listening or self._unsaid):
            return
        self._followed_at = now
        for one in self._listening:
            self._unsaid[one.request] = one.said()
        over = [one for one in self._listening if one.over()]
        if over:
            self._listening = [one for one in self._listening if one not in over]
            for one in over:
                one.cancel()
                self._unsaid[one.request] = one.said()
            self._start_buses()
        try:
            for one in self._listening:
                if register.cancelled(self.store, one.request):
                    one.cancel()
            for request, said in list(self._unsaid.items()):
                if self._said.get(request) != said:
                    register.answer(self.store, request, *said)
                    self._said[request] = said
                if said[0] != "working":
                    del self._said[request]
                del self._unsaid[request]
        except KnownError as error:
            log.info("where listening stands is said later: %s", error)

    def _raw(self, bus: str) -> int:
        """Write the last bytes of a bus to `raw_tail`; returns how many pieces."""
        thread = next((t for t in self.threads if t.bus.key == bus), None)
        tail = [] if thread is None else thread.raw_tail()[-_MOST_RAW:]
        register.put_raw_tail(self.store, [(thread.bus.id, *row) for row in tail] if thread is not None else [])
        return len(tail)


def collect(folder: Path, for_s: float | None = None, *, begun: Callable[[], None] = lambda: None) -> Mapping[str, int]:
    """Run the collector of a data folder; returns how many readings each device brought, by its name.

    Raises KnownError: no database, another collector, a bad place. `begun` is called once the database is open and
    this is the one collector.
    """
    if not database.path_of(folder).exists():
        raise database.no_database(folder)
    lock = ProcessLock(folder / COLLECTOR_LOCK)
    try:
        taken = lock.take()
    except OSError as error:
        raise KnownError(
            _(
                "The folder {folder} cannot be written ({reason}). Choose another with --data-dir or ask for "
                "write permission."
            ).format(folder=folder, reason=os_reason(error))
        ) from error
    deadline = time.monotonic() + _LOOK_S
    while not taken and time.monotonic() < deadline:
        time.sleep(0.02)
        taken = lock.take()
    if not taken:
        raise KnownError(
            _("A collector already runs for {folder} (process {pid}). One is enough; nothing was started.").format(
                folder=folder, pid=lock.holder() or "?"
            )
        )
    try:
        store = database.open_writer(folder)
        begun()
        try:
            collector = Collector(store, control.waiting_folders(), Reporting(store))
            for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
                if hasattr(signal, name):
                    signal.signal(getattr(signal, name), lambda *_args: collector.stop())
            collector.run(for_s)
        finally:
            store.close()
        if collector.unstored:
            raise KnownError(
                _(
                    "{rows} values could not be stored before the collector ended: the database was locked or full."
                ).format(rows=collector.unstored)
            )
        return collector.heard()
    finally:
        lock.release()


def _heard(readings: Sequence[Reading]) -> dict[str, tuple[int, int, int]]:
    """Of each device when it was last heard, how many frames it brought and how many of them were lost."""
    found: dict[str, tuple[int, int, int]] = {}
    for reading in readings:
        _at_ms, frames, lost = found.get(reading.device, (0, 0, 0))
        if reading.note == "overflow" and isinstance(reading.value, int):
            found[reading.device] = (reading.at_ms, frames, lost + reading.value)
        else:
            found[reading.device] = (reading.at_ms, frames + 1, lost)
    return found


def _real_ms() -> int:
    return time.time_ns() // 1_000_000

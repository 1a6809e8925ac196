"""The report of a shift starts by itself, minutes after its end, with nobody logged in and no window open.

The collector only sees what is due, starts the report's own process (which brings Qt; the collector never does) and
writes down what became of it. What fails is said and tried again, ever more seldom; a folder that is gone, a share
that is offline or a full disk are ordinary events.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from msgspec.structs import replace

from desktop import control
from desktop.domain import automatic
from desktop.domain.automatic import Candidate, Edition, Made, Policy
from desktop.domain.calendar import Shift
from desktop.store import entries, reports_made
from desktop.store.database import KnownError, Store
from desktop.summaries.automatic import digest, said_edition, shifts_of
from desktop.summaries.frame import Register, read_register
from desktop.text import _

log = logging.getLogger(__name__)

LOOK_S = 1.0  # between two looks whether a report is due
LONGEST_S = 300.0  # a report that takes longer hangs at its folder or printer
_MOST_HASHES = 40  # of one revision that are remembered

Key = tuple[date, str]


class Process(Protocol):
    """A report that is being made: see `desktop.reports.automatic`."""

    def said(self) -> list[dict[str, Any]]:
        """What it said since this was last asked."""

    def go_on(self) -> None:
        """It may place its files."""

    def result(self) -> tuple[bool, str] | None:
        """Whether it did its work, and why not; None while it goes on."""

    def end(self) -> None:
        """End it; harmless if it has ended."""


class Child:
    """The report of a shift in a process of its own. Raises OSError where none can be started."""

    def __init__(self, folder: Path, shift: str, language: str = "") -> None:
        words = control.command(folder, "report", "--automatic", "--shift", shift, language=language)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process lives
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
            | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )
        self._lines: deque[bytes] = deque()
        self._until = time.monotonic() + LONGEST_S
        self._late = False
        self._reader = threading.Thread(target=self._read, name="report", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line)

    def said(self) -> list[dict[str, Any]]:
        """The lines of JSON; what is none is left out."""
        found = []
        while self._lines:
            try:
                line = json.loads(self._lines.popleft())
            except ValueError:
                continue
            if isinstance(line, dict):
                found.append(line)
        return found

    def go_on(self) -> None:
        """Say so; one that has ended meanwhile is seen by its result."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"go\n")
            self._process.stdin.close()
        except OSError as error:
            log.info("the report ended before it was asked to go on: %s", error)

    def result(self) -> tuple[bool, str] | None:
        """Its last sentence on the error stream says why it did not."""
        code = self._process.poll()
        if code is None:
            if time.monotonic() > self._until:
                self._late = True
                self._process.kill()  # what hangs in a share may not even hear that
                self._until = float("inf")
            return None
        self._reader.join(1)
        if self._lines:
            return None  # first what it said
        if self._late:
            words = _("It took longer than {minutes} min: the folder or the printer does not answer.")
            return False, words.format(minutes=round(LONGEST_S / 60))
        self._errors.seek(0)
        complaint = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return code == 0, complaint[-1] if complaint else ""

    def end(self) -> None:
        """Kill it: a file is placed whole or not at all."""
        if self._process.poll() is None:
            self._process.kill()
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                log.warning("the report's process %d does not end", self._process.pid)
        self._reader.join(1)
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                try:
                    stream.close()
                except OSError as error:  # its end of the pipe is gone
                    log.debug("%s", error)


class _Job:
    """A report under way."""

    def __init__(self, process: Process, made: Made) -> None:
        self.process = process
        self.made = made  # what will be written down of it
        self.unwritten = False  # whether it is not yet
        self.goes_on = False
        self.over = False


class Reporting:
    """Looks what is due, one report at a time. `start` begins the process of a shift's report."""

    def __init__(self, store: Store, start: Callable[[str, str], Process] | None = None) -> None:
        self._store = store
        self._start = start or (lambda shift, language: Child(store.folder, shift, language))
        self._register: Register | None = None
        self._job: _Job | None = None
        self._look_at = 0.0
        self._hold_until = 0.0
        self._failures = 0  # in a row
        self._retry_at: dict[Key, float] = {}
        self._told: dict[Shift, tuple[tuple[int, ...], str, Edition]] = {}  # digest and edition, and of which state
        self._rests: dict[Key, tuple[str, int]] = {}  # the digest of a shift, and since when it is that
        self._wanted: Key | None = None  # a person asked for this one

    def step(self, now_ms: int, changes: int) -> None:
        """Go on; to be called often, costs nothing between two looks. `changes` rises with what is kept of shifts.

        Raises KnownError where the database cannot be read or written now: call it again.
        """
        if self._job is not None:
            self._follow(self._job, now_ms)
        elif time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_S
            self._begin(now_ms, changes)

    def make_now(self, now_ms: int) -> str:
        """Let the report of the last shift that has come to its written end be made at once, again where it was made.

        Returns its name. Raises KnownError where there is none.
        """
        there = self._register = read_register(self._store, self._register)
        over = [shift for shift, end_ms in shifts_of(self._store, there, now_ms).items() if end_ms <= now_ms]
        if not over:
            raise KnownError(_("No shift has ended yet."))
        shift = over[-1]
        self._wanted = (shift.business_on, shift.name)
        self._look_at = self._hold_until = 0.0
        self._retry_at.clear()
        return f"{shift.business_on} {shift.name}"

    def end(self) -> None:
        """End a report that is being made; the next collector makes it."""
        if self._job is not None:
            self._job.process.end()
            self._job = None

    # -- what is due --

    def _begin(self, now_ms: int, changes: int) -> None:
        policy = reports_made.policy(self._store)
        if not policy.formats and policy.printer is None:
            policy = replace(policy, on=False)
        if not policy.on and self._wanted is None:
            return
        there = self._register = read_register(self._store, self._register)
        known: dict[Key, list[Made]] = {}
        for row in reports_made.since(self._store, now_ms - automatic.KEPT_MS - 5 * 86_400_000):
            known.setdefault(row.key, []).append(row)
        found = self._candidates(there, now_ms, changes)
        there_are = {each.key for each in found}
        for row in reports_made.failed(self._store):
            if row.key not in there_are or now_ms >= row.span.end_ms + automatic.KEPT_MS + policy.delay_ms:
                reports_made.forget(self._store, row)
        due = automatic.due(found, known, now_ms, policy.delay_ms) if policy.on else []
        now = time.monotonic()
        wanted = [each for each in found if each.key == self._wanted]
        if not wanted:
            due = [each for each in due if now >= self._retry_at.get(each.key, 0.0)] if now >= self._hold_until else []
            # What failed lets the others go first, so that one bad page does not keep all from being made.
            due.sort(key=lambda each: each.key in self._retry_at)
        for candidate in [*wanted, *due][:1]:
            self._wanted = None
            self._make(candidate, known.get(candidate.key, []), policy, now_ms)

    def _candidates(self, there: Register, now_ms: int, changes: int) -> list[Candidate]:
        found = []
        shifts = shifts_of(self._store, there, now_ms)
        self._told = {shift: known for shift, known in self._told.items() if shift in shifts}
        stamp = (there.version, changes, entries.newest(self._store))
        for shift, end_ms in shifts.items():
            at, told, said = self._told.get(shift, ((), "", Edition(automatic.FIRST, True)))
            over = shift.span.end_ms <= now_ms
            if over and (at != stamp or not told):
                told, said = digest(self._store, there, shift, now_ms), said_edition(self._store, shift)
                self._told[shift] = stamp, told, said
            key = (shift.business_on, shift.name)
            was, since_ms = self._rests.get(key, (told, now_ms - automatic.CALM_MS))
            if told and was != told:
                since_ms = now_ms
            self._rests[key] = told or was, min(since_ms, now_ms)
            found.append(Candidate(shift, end_ms, told, now_ms - since_ms >= automatic.CALM_MS, said))
        self._rests = {each.key: self._rests[each.key] for each in found}
        return found

    def _make(self, candidate: Candidate, rows: list[Made], policy: Policy, now_ms: int) -> None:
        shift = candidate.shift
        plain = automatic.edition(shift, now_ms, rows, candidate.digest, candidate.said, candidate.written_end_ms)
        before = next((row for row in rows if row.revision == plain.revision), None)
        made = Made(shift.business_on, shift.name, plain.revision, shift.span) if before is None else before
        made = replace(made, span=shift.span, digest=candidate.digest, provisional=plain.provisional)
        named = f"{shift.business_on}/{shift.name}"
        log.info("making the report of %s, revision %d", named, plain.revision)
        try:
            self._job = _Job(self._start(named, policy.language), made)
        except OSError as error:
            log.warning("the report's process cannot be started: %s", error)
            self._hold_until = time.monotonic() + automatic.retry_s(self._failures)

    # -- what becomes of it --

    def _follow(self, job: _Job, now_ms: int) -> None:
        for said in job.process.said():
            self._hear(job, said, now_ms)
        if job.unwritten:
            reports_made.put(self._store, job.made)
            job.unwritten = False
        if job.goes_on:
            job.goes_on = False
            job.process.go_on()
        ended = None if job.over else job.process.result()
        if ended is not None:
            well, sentence = ended
            job.made = self._well(job.made, now_ms) if well else self._failed(job.made, sentence, now_ms)
            job.over = True
            job.process.end()
        if job.over:
            reports_made.put(self._store, job.made)
            self._job, self._look_at = None, 0.0

    def _hear(self, job: _Job, said: Mapping[str, Any], now_ms: int) -> None:
        if "plan" in said:
            plan = said["plan"]
            if plan["revision"] != job.made.revision:  # its figures changed since they were looked at
                job.made = replace(job.made, revision=plan["revision"], hashes=(), files=(), printed=False)
            hashes = (*job.made.hashes, *plan["hashes"])[-_MOST_HASHES:]
            job.made = replace(
                job.made,
                state="writing",
                provisional=plan["provisional"],
                chain=plan["chain"],
                folder=plan["folder"],
                hashes=hashes,
                at_ms=now_ms,
            )
            job.unwritten = job.goes_on = True
        if "placed" in said:
            job.made = replace(job.made, files=tuple(said["placed"]))
        if "printed" in said:
            job.made = replace(job.made, printed=True)

    def _well(self, made: Made, now_ms: int) -> Made:
        self._failures = 0
        self._hold_until = 0.0
        self._retry_at.pop(made.key, None)
        log.info("made the report of %s %s, revision %d: %s", made.business_on, made.shift, made.revision, made.files)
        return replace(made, state="made", at_ms=now_ms, fault="", failed_ms=None, tries=0)

    def _failed(self, made: Made, sentence: str, now_ms: int) -> Made:
        self._failures += 1
        tries = made.tries + 1
        now = time.monotonic()
        self._hold_until = now + automatic.retry_s(self._failures)
        self._retry_at[made.key] = now + automatic.retry_s(tries)
        sentence = sentence or _("The report could not be written. Details are in the log file.")
        log.warning("no report of %s %s: %s", made.business_on, made.shift, sentence)
        first_ms = now_ms if made.failed_ms is None else min(made.failed_ms, now_ms)
        return replace(made, state="failed", fault=sentence, failed_ms=first_ms, tries=tries, at_ms=now_ms)

"""Scanned commands are carried out: heard by the dialogue of their scanner, entered and answered, in one transaction.

The collector does that for line scanners, after their scans are in the journal; the window for the scanner that types.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain import calendar
from desktop.domain.commands import Book, Command, Kind, Named, book, key, parse
from desktop.domain.dialogue import Dialogue, Outcome, Said, Say
from desktop.domain.plant import Plant
from desktop.store import entries, orders, people, register, scan_answers
from desktop.store.closed import ClosedError, closing_of
from desktop.store.database import KnownError, Store
from desktop.store.scan_answers import WINDOW, Scan
from desktop.summaries.now import Live
from desktop.summaries.wishes import Meant, mean

log = logging.getLogger(__name__)

_UNDO_MS = 12 * 3_600_000  # what was entered longer ago than a shift takes is taken back on the screen
_TRIES = 3  # somebody else may enter something while it is looked at


class Carried(Struct, frozen=True):
    """What a scan came to. `entries` take it back. `waiting`: the sentence is half said, and something must follow."""

    says: tuple[Say, ...]
    entries: tuple[int, ...] = ()
    waiting: bool = False


def badges(store: Store) -> frozenset[str]:
    """The keys of all badges, by which a scan is a person and no serial number."""
    return frozenset(key(person.badge) for person in people.people(store) if person.badge)


class Hearing:
    """Carries out the scans of one process's scanners, one after the other."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._live: Live | None = None
        self._half: dict[int, Dialogue] | None = None  # scanners within a sentence

    def forget(self) -> None:
        """Let go of what was remembered of the shift: nobody scans at present."""
        self._live = None

    # -- line scanners --

    def carry_out_waiting(self) -> int:
        """Carry out what line scanners have read and nobody has heard yet; returns how many scans that were. Raises
        KnownError: the rest is carried out the next time."""
        found = scan_answers.waiting(self._store)
        if not found:
            return 0
        plant = register.plant(self._store)
        pages = read_book(self._store, plant)
        for scan in found:
            try:
                self.carry_out(scan, scan.machine, None, pages)
            except KnownError:
                raise
            except Exception:  # our own fault must cost neither the scans behind it nor what is collected
                log.exception("the scan %s could not be carried out", scan.id)
                dialogue = scan_answers.dialogue(self._store, scan.scanner)
                with self._store.transaction() as db:
                    says = (Say(Said.FAILED, name=scan.code),)
                    scan_answers.put(db, scan, replace(dialogue, waiting=None), scan.id, says, (), scan.machine)
        return len(found)

    def say_late(self, now_ms: int) -> None:
        """Say to whoever began a sentence and went away that it was not entered. Raises KnownError."""
        if self._half is None:
            self._half = {
                scanner: scan_answers.dialogue(self._store, scanner) for scanner in scan_answers.half_said(self._store)
            }
        for scanner, dialogue in list(self._half.items()):
            after, outcome = dialogue.waited(now_ms)
            if outcome.says and dialogue.waiting is not None:
                scan = Scan(0, now_ms, scanner, dialogue.home, "")
                with self._store.transaction() as db:
                    scan_answers.put(
                        db, scan, after, 0, outcome.says, (), dialogue.waiting.wish.machine or dialogue.home
                    )
                del self._half[scanner]

    # -- any scanner --

    def carry_out(
        self, scan: Scan, home: int | None, person: int | None, pages: Book, *, unknown: bool = False
    ) -> Carried:
        """Hear a scan, enter what it asks for and keep the answer. `home`: the machine that the scanner belongs to;
        `person`: who is known to hold it, None: whoever showed a badge last. `unknown`: a code that is no command is
        answered too. Raises KnownError: nothing of it happened."""
        before = scan_answers.dialogue(self._store, scan.scanner)
        before = replace(before, home=home)
        if scan.scanner == WINDOW:
            before = replace(before, person=person)
        elif before.person is not None and self._shift_changed(before.person_ms, scan.at_ms):
            before = replace(before, person=None)
        for _turn in range(_TRIES):
            try:
                return self._try(scan, before, pages, unknown)
            except entries.MeanwhileError as error:
                entry = error.entry
            except ClosedError:  # it reaches into a shift that is closed, or that somebody closed just now
                return self._keep(scan, before, scan.id, (Say(Said.CLOSED),), home)
        return self._keep(scan, before, scan.id, (Say(Said.MEANWHILE, who=entry.who),), home)

    def wait(self, now_ms: int) -> Carried:
        """Say in the window that something half said was not entered, where it is too late for it."""
        before = scan_answers.dialogue(self._store, WINDOW)
        after, outcome = before.waited(now_ms)
        if before.waiting is None or not outcome.says:
            return Carried((), waiting=before.waiting is not None)
        scan = Scan(0, now_ms, WINDOW, before.home, "")
        return self._keep(scan, after, 0, outcome.says, before.waiting.wish.machine)

    def _keep(self, scan: Scan, dialogue: Dialogue, ref: int, says: tuple[Say, ...], machine: int | None) -> Carried:
        with self._store.transaction() as db:
            scan_answers.put(db, scan, dialogue, ref, says, (), machine)
        return self._carried(scan, dialogue, Carried(says))

    def _carried(self, scan: Scan, dialogue: Dialogue, carried: Carried) -> Carried:
        if self._half is not None:
            self._half.pop(scan.scanner, None)
            if dialogue.waiting is not None and scan.scanner != WINDOW:
                self._half[scan.scanner] = dialogue
        return replace(carried, waiting=dialogue.waiting is not None)

    def _try(self, scan: Scan, before: Dialogue, pages: Book, unknown: bool) -> Carried:
        store = self._store
        dialogue, outcome = before.heard(scan.code, scan.at_ms, scan.id, pages)
        says, wish = outcome.says, outcome.wish
        if not says and wish is None:
            says = (Say(Said.NO_COMMAND, name=scan.code),) if unknown else ()
        machine = dialogue.home if dialogue.chosen is None else dialogue.chosen
        meant = Meant(())
        ref = scan.id
        if wish is not None:
            machine, ref = wish.machine or machine, wish.ref
            answer = says[-1]
            own = scan_answers.entered_by(store, scan.scanner, [done.ref for done in dialogue.done])
            self._live = self._live or Live()
            found = mean(self._live, store, max(store.clock.now_ms(), scan.at_ms), wish, answer, own)
            if isinstance(found, Say):
                dialogue, says = dialogue.refused(wish.ref), (*says[:-1], found)
            else:
                meant = found
        back: list[int] = []
        if outcome.takes_back is not None:
            dialogue, outcome, back = self._last_that_stands(scan, dialogue, outcome)
            says = outcome.says
            if back and self._closed(back):
                back, says = [], (replace(says[-1], said=Said.CLOSED),)
        who = self._name(dialogue.person)
        at_ms = max(store.clock.now_ms(), scan.at_ms)
        with store.transaction() as db:
            numbers = entries.say_in(db, store, meant.told, at_ms, who, seen=meant.seen)
            entries.take_back_in(db, store, back, at_ms, who)
            scan_answers.put(db, scan, dialogue, ref, says, numbers, machine)
        return self._carried(scan, dialogue, Carried(says, tuple(numbers)))

    def _last_that_stands(
        self, scan: Scan, dialogue: Dialogue, outcome: Outcome
    ) -> tuple[Dialogue, Outcome, list[int]]:
        """The last entries of a scanner that nobody has taken back meanwhile; none where that is long ago."""
        while outcome.takes_back is not None:
            numbers = scan_answers.entered_by(self._store, scan.scanner, [outcome.takes_back])
            found = [entries.one(self._store, number) for number in numbers]
            standing = [e for e in found if e is not None and not e.taken_back]
            if standing:
                if scan.at_ms - min(e.at_ms for e in standing) > _UNDO_MS:
                    return dialogue, Outcome((Say(Said.NOTHING_TO_UNDO),)), []
                return dialogue, outcome, [e.id for e in standing]
            dialogue, outcome = dialogue.undone()
        return dialogue, outcome, []

    def _closed(self, numbers: Sequence[int]) -> bool:
        """Whether one of these entries is of a shift that is closed."""
        shop = register.calendar(self._store)
        for number in numbers:
            entry = entries.one(self._store, number)
            shift = calendar.shift_at(shop, entry.said.start_ms) if entry is not None else None
            if shift is not None and closing_of(self._store, shift.span) is not None:
                return True
        return False

    def _shift_changed(self, before_ms: int, at_ms: int) -> bool:
        shop = register.calendar(self._store)
        return at_ms - before_ms > _UNDO_MS or calendar.shift_at(shop, before_ms) != calendar.shift_at(shop, at_ms)

    def _name(self, person: int | None) -> str:
        known = people.people(self._store, since_ms=0) if person is not None else ()
        return next((each.name for each in known if each.id == person), "")


def read_book(store: Store, plant: Plant) -> Book:
    """What the shop's codes mean now."""
    return book(
        plant,
        (Named(reason.id, reason.code, reason.name) for reason in plant.scrap_reasons),
        (Named(order.id, order.code, order.code) for order in orders.orders(store)),
        (Named(person.id, person.badge, person.name) for person in people.people(store)),
    )


def is_badge(code: str) -> bool:
    """Whether a code may be somebody's badge: no other command."""
    read = parse(code)
    return read is None or (isinstance(read, Command) and read.kind is Kind.PERSON)


def carry_out_in_window(store: Store, code: str, home: int | None, person: int | None) -> Carried:
    """Carry out what the scanner that types has read; "": nothing more, only say what came too late. Raises
    KnownError."""
    hearing, now_ms = Hearing(store), store.clock.now_ms()
    if not code:
        return hearing.wait(now_ms)
    ref = max(now_ms * 1000, scan_answers.last_scan(store, WINDOW) + 1)
    scan = Scan(ref, now_ms, WINDOW, home, code)
    return hearing.carry_out(scan, home, person, read_book(store, register.plant(store)), unknown=True)

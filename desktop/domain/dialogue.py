"""What a person says with a scanner, scan after scan: "press 2", "tool change"; "burr", "1", "2", "enter".

A `Dialogue` belongs to one scanner, changes by nothing but `heard` and `waited`, and gives what to say and what is to
be entered. Who reads scans from the journal leaves out those that are flagged "duplicate": one pull of the trigger.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.commands import BadCommand, Book, Command, Kind, Named, Why, parse

PATIENCE_MS = 30_000  # so long a chosen machine and a half-said sentence hold
JUST_ENDED_MS = 30 * 60_000  # so long after its end a stop takes the reason that is scanned
MOST_PIECES = 9_999  # more in one entry is a slip
_MOST_DONE = 20  # entries that undo can take back, one after the other

_OF_A_MACHINE = frozenset(
    {Kind.REASON, Kind.SCRAP, Kind.REWORK, Kind.CHANGEOVER, Kind.FIRST_PIECE, Kind.CALL, Kind.ARRIVED, Kind.REPAIR}
)
_COUNTED = frozenset({Kind.SCRAP, Kind.REWORK})
_NAMED = frozenset(
    {Kind.MACHINE, Kind.REASON, *_COUNTED, Kind.PRODUCT, Kind.ORDER_START, Kind.ORDER_FINISH, Kind.PERSON}
)


class Said(StrEnum):
    """What is answered; `Say` fills it."""

    ENTERED = "entered"  # kind, name, machine, pieces
    MACHINE = "machine"  # machine: what follows is about it
    PERSON = "person"  # name
    WHICH_MACHINE = "which_machine"  # kind, name: scan the machine now
    HOW_MANY = "how_many"  # kind, name, machine: scan digits and enter
    SO_FAR = "so_far"  # kind, name, machine, pieces: as many so far, enter ends it
    TAKEN_BACK = "taken_back"  # kind, name, machine, pieces
    DROPPED = "dropped"  # kind, name, machine: what was half said is not entered
    TOO_LATE = "too_late"  # kind, name, machine: dropped, because nothing followed in time
    NOTHING_TO_UNDO = "nothing_to_undo"
    NOT_ASKED = "not_asked"  # a digit or enter, and nothing is counted
    NO_PIECES = "no_pieces"  # kind, name, machine: 0 were meant
    TOO_MANY = "too_many"  # kind, name, machine, pieces: the most; begin with the digits again
    NOT_KNOWN = "not_known"  # kind, name: the register has none of it
    TWO_OF_THEM = "two_of_them"  # kind, name: two codes of the register are the same to a scanner
    DAMAGED = "damaged"  # name: the code
    NEWER = "newer"  # name: the code; no command of this version
    NO_COMMAND = "no_command"  # name: the code; neither a command nor a badge
    # Sound, and still not entered: these come from whoever carries a wish out.
    NO_STOP = "no_stop"  # machine: nothing to give a reason for
    HAS_REASON = "has_reason"  # machine, name: the reason that it has, who: said it
    MEANWHILE = "meanwhile"  # kind, name, machine, who: entered something for that stop a moment ago
    CLOSED = "closed"  # kind, name, machine: its shift is closed
    RUNS_ALREADY = "runs_already"  # kind, name, machine
    RUNS_NOT = "runs_not"  # kind, name, machine
    NO_MACHINE = "no_machine"  # kind, name: which machine is not known, scan it first
    CHANGING = "changing"  # machine: a changeover goes on already
    NO_CHANGEOVER = "no_changeover"  # machine: none waits for its first piece
    NOT_MADE = "not_made"  # kind, name, machine, pieces: only so many were counted
    CALLED = "called"  # kind, name, machine: and not answered yet
    NO_CALL = "no_call"  # kind, name, machine: nobody was called
    FAILED = "failed"  # name: the code; a fault of this program


#: what is answered where nothing was wrong; all else was not entered
WELL = frozenset({
    Said.ENTERED, Said.MACHINE, Said.PERSON, Said.WHICH_MACHINE, Said.HOW_MANY, Said.SO_FAR, Said.TAKEN_BACK,
})  # fmt: skip


class Say(Struct, frozen=True):
    """One sentence for the person at the scanner."""

    said: Said
    kind: Kind | None = None
    name: str = ""
    machine: str = ""  # its name
    pieces: int | None = None
    who: str = ""  # somebody else


class ScanAnswer(Struct, frozen=True):
    """What a scan came to: sentences for the person at the scanner, and the ids of what was entered. `scanner` 0: the
    one that types at the window's PC."""

    id: int
    at_ms: int
    scanner: int
    code: str
    machine: int | None
    says: tuple[Say, ...]
    entries: tuple[int, ...] = ()

    @property
    def well(self) -> bool:
        """Whether nothing was wrong with it."""
        return all(say.said in WELL for say in self.says)


class Wish(Struct, frozen=True):
    """What is to be entered.

    `subject` is the id in the register of what the kind names, `word` its code there, or that of `Call` and `Repair`.
    `machine` is None for products and orders of the whole line, and where a badge was shown to no machine's scanner.
    `person` is the id of who showed the badge last. `ref` is the id of the scan that named it, by which undo names it
    again, `at_ms` the moment of that scan.
    """

    kind: Kind
    ref: int
    at_ms: int
    machine: int | None = None
    subject: int | None = None
    word: str = ""
    pieces: int | None = None
    person: int | None = None


class Outcome(Struct, frozen=True):
    """What a scan leads to. `takes_back` is the `ref` of the wish that is taken back.

    Nothing at all: the code is no command, and no concern of the dialogue.
    """

    says: tuple[Say, ...] = ()
    wish: Wish | None = None
    takes_back: int | None = None


class _Waiting(Struct, frozen=True):
    """A wish that is not whole yet, and the names of what it is about."""

    wish: Wish
    name: str
    machine: str = ""
    digits: str = ""

    def say(self, said: Said, pieces: int | None = None) -> Say:
        return Say(said, self.wish.kind, self.name, self.machine, pieces)


class _Done(Struct, frozen=True):
    ref: int
    say: Say


class Dialogue(Struct, frozen=True):
    """The dialogue with one scanner. `home`: the machine that it belongs to, None for one that is carried about."""

    home: int | None = None
    chosen: int | None = None
    person: int | None = None
    person_ms: int = 0  # when the badge was shown
    waiting: _Waiting | None = None
    done: tuple[_Done, ...] = ()
    last_ms: int = 0

    def heard(self, code: str, at_ms: int, ref: int, book: Book) -> tuple[Dialogue, Outcome]:
        """The dialogue after a scan, and what it leads to. `ref`: the id of the scan. An own badge of the shop is a
        command, too."""
        command = parse(code)
        if command is None:
            command = Command(Kind.PERSON, code) if book.find(Kind.PERSON, code)[0] else None
        if command is None:
            return self, Outcome()
        now, before = self.waited(at_ms)
        if isinstance(command, BadCommand):
            said = Said.DAMAGED if command.why is Why.DAMAGED else Said.NEWER
            outcome = Outcome((Say(said, name=command.code),))
        else:
            now, outcome = now._take(command, at_ms, ref, book)
        return replace(now, last_ms=at_ms), replace(outcome, says=before.says + outcome.says)

    def waited(self, at_ms: int) -> tuple[Dialogue, Outcome]:
        """The dialogue at a later moment: what was half said for too long is said no more. A clock that was set counts
        as too long."""
        if abs(at_ms - self.last_ms) <= PATIENCE_MS or (self.waiting is None and self.chosen is None):
            return self, Outcome()
        return replace(self, chosen=None, waiting=None), Outcome(self._dropped(Said.TOO_LATE))

    def refused(self, ref: int) -> Dialogue:
        """The dialogue where the wish of that scan could not be carried out: there is nothing to take back."""
        return replace(self, done=tuple(done for done in self.done if done.ref != ref))

    def _dropped(self, said: Said = Said.DROPPED) -> tuple[Say, ...]:
        return () if self.waiting is None else (self.waiting.say(said),)

    def _take(self, command: Command, at_ms: int, ref: int, book: Book) -> tuple[Dialogue, Outcome]:
        kind, named = command.kind, None
        if kind is Kind.UNDO:
            return self._undo()
        if kind in (Kind.DIGIT, Kind.ENTER):
            return self._count(command)
        if kind in _NAMED:
            known, named = book.find(kind, command.subject)
            if named is None:
                said = Said.TWO_OF_THEM if known else Said.NOT_KNOWN
                return self, Outcome((Say(said, kind, command.subject),))
        if kind is Kind.MACHINE and named is not None:
            return self._choose(named)
        machine = self.home if self.chosen is None else self.chosen
        if kind is Kind.PERSON and named is not None:
            wish = Wish(kind, ref, at_ms, machine, named.id, named.code, person=named.id)
            return replace(self, person=named.id, person_ms=at_ms), Outcome((Say(Said.PERSON, kind, named.name),), wish)
        where = book.machine(machine)
        word, name = (command.subject, command.subject) if named is None else (named.code, named.name)
        subject = None if named is None else named.id
        wish = Wish(kind, ref, at_ms, None if where is None else machine, subject, word, person=self.person)
        after, outcome = self._go_on(_Waiting(wish, name, where.name if where else ""))
        return after, replace(outcome, says=self._dropped() + outcome.says)

    def _go_on(self, waiting: _Waiting) -> tuple[Dialogue, Outcome]:
        """Ask for what a wish still lacks, or enter it."""
        wish = waiting.wish
        if wish.machine is None and wish.kind in _OF_A_MACHINE:
            return replace(self, waiting=waiting), Outcome((waiting.say(Said.WHICH_MACHINE),))
        if wish.kind in _COUNTED and wish.pieces is None:
            return replace(self, waiting=waiting), Outcome((waiting.say(Said.HOW_MANY),))
        done = _Done(wish.ref, waiting.say(Said.TAKEN_BACK, wish.pieces))
        after = replace(self, waiting=None, done=(*self.done, done)[-_MOST_DONE:])
        return after, Outcome((waiting.say(Said.ENTERED, wish.pieces),), wish)

    def _choose(self, machine: Named) -> tuple[Dialogue, Outcome]:
        after, waiting = replace(self, chosen=machine.id), self.waiting
        if waiting is not None and waiting.wish.machine is None:
            return after._go_on(_Waiting(replace(waiting.wish, machine=machine.id), waiting.name, machine.name))
        say = Say(Said.MACHINE, Kind.MACHINE, machine.name, machine.name)
        return replace(after, waiting=None), Outcome((*self._dropped(), say))

    def _count(self, command: Command) -> tuple[Dialogue, Outcome]:
        """A key of the number pad: pieces of what is being counted."""
        waiting = self.waiting
        if waiting is None:
            return self, Outcome((Say(Said.NOT_ASKED, command.kind),))
        if waiting.wish.machine is None:
            return self, Outcome((waiting.say(Said.WHICH_MACHINE),))
        if command.kind is Kind.ENTER:
            pieces = int(waiting.digits or 1)
            if not pieces:
                return replace(self, waiting=None), Outcome((waiting.say(Said.NO_PIECES),))
            return self._go_on(replace(waiting, wish=replace(waiting.wish, pieces=pieces)))
        pieces = int(waiting.digits + command.subject)
        if pieces > MOST_PIECES:
            again = replace(self, waiting=replace(waiting, digits=""))
            return again, Outcome((waiting.say(Said.TOO_MANY, MOST_PIECES),))
        after = replace(self, waiting=replace(waiting, digits=str(pieces)))
        return after, Outcome((waiting.say(Said.SO_FAR, pieces),))

    def undone(self) -> tuple[Dialogue, Outcome]:
        """The dialogue where the entry before is to be taken back too, and what that leads to."""
        return self._undo()

    def _undo(self) -> tuple[Dialogue, Outcome]:
        """What is half said goes first; then the last entry, and the one before it."""
        if self.waiting is not None:
            return replace(self, waiting=None), Outcome(self._dropped())
        if not self.done:
            return self, Outcome((Say(Said.NOTHING_TO_UNDO),))
        last = self.done[-1]
        return replace(self, done=self.done[:-1]), Outcome((last.say,), takes_back=last.ref)

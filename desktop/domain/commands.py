"""Command bar codes: what a person says to Gadong with the scanner that is on the line anyway.

    G . R B 0 1 U 6
    |   | |     | |
    |   | |     | check digit, 0-9     together: length and weighted sum of kind and subject
    |   | |     check letter, A-Z without I and O
    |   | subject as `spell` writes it, 0 to 39 characters; none for commands that need none
    |   kind, one letter (`Kind`)
    prefix, always the same

Only digits, capitals, hyphen and dot: these lie on the same keys of an English and a Korean keyboard, and Code 128 has
them in its set B. A code ends in a digit, so that a Korean input method that turns its letters into syllables has
nothing left to compose when Enter comes.

No command becomes another one when one character is read wrong or comes twice, two neighbours of kind and subject are
swapped, or one character other than the check letter is left out. Whatever else begins with the prefix has a chance of
1 in 205 to have the check of its own. GS1 element strings begin with a digit, so none is a command.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from desktop.domain.plant import Plant

PREFIX = "G."
LONGEST_SUBJECT = 39  # as spelled: no two of 40 weights are the same
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-."
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_SUM, _LENGTHS, _ROOT = 41, 5, 6  # a prime above 38 signs, how many lengths are told apart, a primitive root of 41
_WEIGHTS = tuple(pow(_ROOT, place, _SUM) for place in range(LONGEST_SUBJECT + 1))
#: signs that part numbers often have, behind a dot; any other is written as the four hexadecimal digits of UTF-16
_SHORT = {".": ".", " ": "S", "/": "L", "_": "U", "+": "P", "#": "N", "(": "O", ")": "Q"}
_LONG = {short: sign for sign, short in _SHORT.items()}


class Kind(StrEnum):
    """What is said; the value is the letter in the bar code, which stays for ever: sheets hang on walls for years."""

    MACHINE = "M"  # what follows is about this machine
    REASON = "R"  # why it stands or stood (비가동 사유)
    SCRAP = "S"  # so many pieces were scrapped, and why
    REWORK = "W"  # so many pieces are to be reworked, and why
    PRODUCT = "P"  # from now on this is made
    ORDER_START = "O"
    ORDER_FINISH = "F"
    CHANGEOVER = "C"  # begins now
    FIRST_PIECE = "Q"  # the first piece is good (초물 합격)
    CALL = "H"  # for help: Call
    ARRIVED = "A"  # who was called is here
    REPAIR = "K"  # Repair
    PERSON = "B"  # a badge
    UNDO = "U"
    DIGIT = "N"  # a key of the number pad, 0 to 9
    ENTER = "E"


class Call(StrEnum):
    """Who is called for help."""

    MAINTENANCE = "MNT"
    MATERIAL = "MAT"
    QUALITY = "QUA"
    LEADER = "LED"


class Repair(StrEnum):
    """How far a repair is."""

    BEGUN = "BEGUN"
    FIXED = "FIXED"


#: commands without a subject
BARE = frozenset({Kind.CHANGEOVER, Kind.FIRST_PIECE, Kind.ARRIVED, Kind.UNDO, Kind.ENTER})
#: the only subjects that a kind has; all others name something of the register
SUBJECTS: Mapping[Kind, frozenset[str]] = {
    Kind.CALL: frozenset(Call),
    Kind.REPAIR: frozenset(Repair),
    Kind.DIGIT: frozenset("0123456789"),
}


class Command(Struct, frozen=True):
    """A command that was read. `subject` has capitals where the register's code may have small letters: see `key`."""

    kind: Kind
    subject: str = ""


class Why(StrEnum):
    """Why a code that begins as a command is none."""

    DAMAGED = "damaged"  # its check characters do not fit
    UNKNOWN = "unknown"  # sound, but no command of this version


class BadCommand(Struct, frozen=True):
    """A code that begins as a command and is none."""

    why: Why
    code: str


class UnspeakableError(ValueError):
    """No command can say this: the subject is missing, too long, or none that the kind has."""


def key(code: str) -> str:
    """By this a register's code is found again: "kA-1" is "KA-1". Codes that differ in small and capital letters alone
    have one key: a scanner behind a locked Caps key tells them no better."""
    return "".join(chr(ord(sign) - 32) if "a" <= sign <= "z" else sign for sign in unicodedata.normalize("NFC", code))


def spell(subject: str) -> str:
    """A subject in the signs of a bar code: "vh 204/상판" is "VH.S204.L.C0C1.D310". `unspell` is its inverse, but for
    small letters."""
    spelled = []
    for sign in key(subject):
        if sign in SIGNS and sign != ".":
            spelled.append(sign)
        elif sign in _SHORT:
            spelled.append("." + _SHORT[sign])
        else:
            units = sign.encode("utf-16-be", "surrogatepass").hex().upper()
            spelled += [f".{units[at : at + 4]}" for at in range(0, len(units), 4)]
    return "".join(spelled)


def unspell(spelled: str) -> str | None:
    """What was spelled, None where nothing is spelled so."""
    units, at = bytearray(), 0
    while at < len(spelled):
        sign = spelled[at]
        if sign != ".":
            units += sign.encode("utf-16-be")
            at += 1
        elif spelled[at + 1 : at + 2] in _LONG:
            units += _LONG[spelled[at + 1]].encode("utf-16-be")
            at += 2
        else:
            try:
                units += bytes.fromhex(spelled[at + 1 : at + 5])
            except ValueError:
                return None
            at += 5
    subject = units.decode("utf-16-be", "replace")
    return subject if spell(subject) == spelled else None


def write(command: Command) -> str:
    """The text of a command's bar code. Raises UnspeakableError."""
    subject = spell(command.subject)
    if bool(subject) == (command.kind in BARE) or len(subject) > LONGEST_SUBJECT:
        raise UnspeakableError(command.subject)
    if command.subject not in SUBJECTS.get(command.kind, {command.subject}):
        raise UnspeakableError(command.subject)
    said = command.kind + subject
    return PREFIX + said + _check(said)


def parse(code: str) -> Command | BadCommand | None:
    """The command that a cleaned code is, why it is a bad one, None where it is another kind of code altogether.

    Small letters are read as capitals: a keyboard's Caps key turns them round.
    """
    if not code.startswith((PREFIX, PREFIX.lower())):
        return None  # nearly every scan of a line
    read = key(code)
    if len(read) < len(PREFIX) + 3 or not all(sign in SIGNS for sign in read):
        return None
    said, check = read[len(PREFIX) : -2], read[-2:]
    if len(said) > LONGEST_SUBJECT + 1 or check != _check(said):
        return BadCommand(Why.DAMAGED, code)
    subject = unspell(said[1:])
    try:
        kind = Kind(said[0])
        command = Command(kind, subject or "")
        known = subject is not None and write(command) == read
    except ValueError:
        known = False
    return command if known else BadCommand(Why.UNKNOWN, code)


def badge_of(code: str) -> str:
    """A person's badge as it stands in the register, from a badge that Gadong printed or from the shop's own, which is
    the code itself."""
    read = parse(code)
    return read.subject if isinstance(read, Command) and read.kind is Kind.PERSON else code


def _check(said: str) -> str:
    """Check letter and digit. Weights are powers of a primitive root of 41, all different: a changed sign changes the
    sum, and so do two that are swapped; a sign less changes the length."""
    total = sum(weight * SIGNS.index(sign) for weight, sign in zip(_WEIGHTS, said, strict=False)) % _SUM
    letter, digit = divmod(len(said) % _LENGTHS * _SUM + total, 10)
    return f"{_LETTERS[letter]}{digit}"


class Named(Struct, frozen=True):
    """Something of the register that a command can name."""

    id: int
    code: str
    name: str


class Book(Struct, frozen=True):
    """What the shop's codes mean, each by its `key`; None: two of them are the same to a scanner."""

    machines: Mapping[str, Named | None]
    reasons: Mapping[str, Named | None] = {}
    scrap_reasons: Mapping[str, Named | None] = {}
    products: Mapping[str, Named | None] = {}
    orders: Mapping[str, Named | None] = {}
    people: Mapping[str, Named | None] = {}

    def find(self, kind: Kind, subject: str) -> tuple[bool, Named | None]:
        """Whether the register has it, and what it is; (True, None) where there are two of them."""
        page = {
            Kind.MACHINE: self.machines,
            Kind.REASON: self.reasons,
            Kind.SCRAP: self.scrap_reasons,
            Kind.REWORK: self.scrap_reasons,
            Kind.PRODUCT: self.products,
            Kind.ORDER_START: self.orders,
            Kind.ORDER_FINISH: self.orders,
            Kind.PERSON: self.people,
        }[kind]
        return key(subject) in page, page.get(key(subject))

    def machine(self, machine: int | None) -> Named | None:
        """The machine of that id."""
        return next((known for known in self.machines.values() if known and known.id == machine), None)


def book(
    plant: Plant, scrap_reasons: Iterable[Named] = (), orders: Iterable[Named] = (), people: Iterable[Named] = ()
) -> Book:
    """The book of a plant. The code of a person is that of the badge; who has none is left out."""
    return Book(
        machines=index(Named(machine.id, machine.code, machine.name) for machine in plant.machines),
        reasons=index(Named(reason.id, reason.code, reason.name) for reason in plant.reasons),
        scrap_reasons=index(scrap_reasons),
        products=index(Named(product.id, product.code, product.name) for product in plant.products),
        orders=index(orders),
        people=index(person for person in people if person.code),
    )


def index(named: Iterable[Named]) -> dict[str, Named | None]:
    """A page of the book."""
    page: dict[str, Named | None] = {}
    for each in named:
        page[key(each.code)] = None if key(each.code) in page else each
    return page

"""What Gadong answers to the person at a scanner, in words."""

from __future__ import annotations

from msgspec.structs import replace

from desktop.domain.commands import Call, Kind, Repair
from desktop.domain.dialogue import JUST_ENDED_MS, PATIENCE_MS, Said, Say
from desktop.text import N_, _, plural
from desktop.wording.numbers import pieces

#: what a command is about; {name} is that of the register
_WHAT = {
    Kind.REASON: N_("Stop reason {name}"),
    Kind.SCRAP: N_("Scrap {name}"),
    Kind.REWORK: N_("Rework {name}"),
    Kind.PRODUCT: N_("Product {name}"),
    Kind.ORDER_START: N_("Start of work order {name}"),
    Kind.ORDER_FINISH: N_("End of work order {name}"),
    Kind.CHANGEOVER: N_("Changeover begins"),
    Kind.FIRST_PIECE: N_("First piece good"),
    Kind.ARRIVED: N_("I am here"),
    Kind.MACHINE: N_("Machine {name}"),
    Kind.PERSON: N_("Badge {name}"),
}
_CALLS = {
    Call.MAINTENANCE: N_("Call maintenance"),
    Call.MATERIAL: N_("Call for material"),
    Call.QUALITY: N_("Call quality"),
    Call.LEADER: N_("Call the team leader"),
}
_REPAIRS = {Repair.BEGUN: N_("Repair begins"), Repair.FIXED: N_("Repaired")}
_ANSWERS = {
    Said.ENTERED: N_("Entered: {what}"),
    Said.MACHINE: N_("{what}: now scan what you want to say."),
    Said.PERSON: N_("{name} scans from now on."),
    Said.WHICH_MACHINE: N_("{what}: now scan the machine."),
    Said.HOW_MANY: N_("{what}: scan the number, then Enter."),
    Said.SO_FAR: N_("{what}: Enter ends it."),
    Said.TAKEN_BACK: N_("Taken back: {what}"),
    Said.DROPPED: N_("Not entered: {what}"),
    Said.TOO_LATE: N_("Not entered, because nothing followed for {seconds} s: {what}"),
    Said.NOTHING_TO_UNDO: N_("This scanner has nothing to take back."),
    Said.NOT_ASKED: N_("Scan a reason of scrap or rework first, then the number."),
    Said.NO_PIECES: N_("Not entered, because the number was 0: {what}"),
    Said.TOO_MANY: N_("{what}: more than one entry takes. Scan the number again."),
    Said.NOT_KNOWN: N_("{what} is not set up here. The scan is kept. Is the sheet an old one?"),
    Said.TWO_OF_THEM: N_("{what} is there twice, in small and in capital letters. Give one of them another code."),
    Said.DAMAGED: N_("{name} was not read whole. Scan it again."),
    Said.NEWER: N_("{name} is a command that this version does not know. Print the sheet anew."),
    Said.NO_COMMAND: N_("{name} is no command and nobody's badge. Nothing was entered."),
    Said.NO_STOP: N_("{machine} has had no stop in the last {minutes} min that waits for a reason."),
    Said.HAS_REASON: N_("Not entered: the stop of {machine} has its reason already, {name}. Change it on the screen."),
    Said.MEANWHILE: N_("Not entered: somebody else has just entered something for this stop. {what}"),
    Said.CLOSED: N_("Not entered, because the shift is closed. Enter it on the screen and say why: {what}"),
    Said.RUNS_ALREADY: N_("It runs already: {what}"),
    Said.RUNS_NOT: N_("Not entered, because it does not run: {what}"),
    Said.NO_MACHINE: N_("Not entered. Scan the machine first, then: {what}"),
    Said.CHANGING: N_("{machine} is being changed over already."),
    Said.NO_CHANGEOVER: N_("{machine} has no changeover that waits for its first piece."),
    Said.NOT_MADE: N_("Not entered, because only {count} were counted in this shift: {what}"),
    Said.CALLED: N_("Called already, nobody has answered yet: {what}"),
    Said.NO_CALL: N_("Not entered, because nobody was called to {machine}. Scan the call first."),
    Said.FAILED: N_("{name} could not be entered. The scan is kept. Details are in the log file."),
}


def answer(say: Say) -> str:
    """One sentence for the person at the scanner."""
    name = f"{say.name} ({say.who})" if say.who and say.said is Said.HAS_REASON else say.name
    count, shown = "", say
    if say.said is Said.NOT_MADE:
        count, shown = pieces(say.pieces or 0), replace(say, pieces=None)
    return _(_ANSWERS[say.said]).format(
        what=what(shown), name=name, machine=say.machine, count=count, seconds=PATIENCE_MS // 1000,
        minutes=JUST_ENDED_MS // 60_000,
    )  # fmt: skip


def what(say: Say) -> str:
    """What a sentence is about: "Press · Scrap Burr, 12 pieces"."""
    words = call_words(say.name) if say.kind is Kind.CALL else repair_words(say.name) if say.kind is Kind.REPAIR else ""
    if say.kind in _WHAT:
        words = _(_WHAT[say.kind]).format(name=say.name)
    if say.pieces is not None:
        count = plural(N_("{count} piece"), N_("{count} pieces"), say.pieces).format(count=pieces(say.pieces))
        words = f"{words}, {count}"
    return f"{say.machine} · {words}" if say.machine and say.kind is not Kind.MACHINE else words


def call_words(word: str) -> str:
    """A call for help as a button or a bar code says it; the word itself where this version knows none."""
    return _(_CALLS[Call(word)]) if word in set(Call) else word


def repair_words(word: str) -> str:
    """A step of a repair as a button or a bar code says it; the word itself where this version knows none."""
    return _(_REPAIRS[Repair(word)]) if word in set(Repair) else word

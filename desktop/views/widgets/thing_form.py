"""What is said of things with codes: that one is held, that a part was replaced, that lots were split or merged."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.domain.barcode import clean_code
from desktop.domain.events import Thing
from desktop.domain.figures.holds import Looked
from desktop.text import N_, _
from desktop.views.widgets.button import Button
from desktop.views.widgets.choice import ChoiceField
from desktop.views.widgets.form_card import FormCard, Row, Words
from desktop.views.widgets.option import Choice, Option
from desktop.views.widgets.text_field import TextField
from desktop.wording.holds import fate_word, kind_word

KINDS = ("unit", "lot", "box", "pallet")
TIME = "time"
MOST_CODES, MOST_PARTS, LONGEST_CODE = 20, 10, 200
#: how far back a time of a machine reaches, in minutes
BACK_MIN = (20, 60, 240, 480)
#: for how many days a customer's leave holds; 0: for good
DAYS = (7, 30, 90, 0)
LOOK, REPLACE, JOIN, PART, CONCEDE = "look", "replace", "join", "part", "concede"


class Rule(Struct, frozen=True):
    """The units that were at a machine in the last minutes."""

    machine: int
    back_min: int


class Leave(Struct, frozen=True):
    """What a customer allowed: the number, for how many pieces (None: all), for how many days (0: for good)."""

    number: str
    quantity: int | None
    days: int


class ThingForm(FormCard):
    """A field that takes a scanner's input, and what can be said of what was read."""

    read = Signal(str)  # a code
    hold_wanted = Signal(object)  # a Thing or a Rule
    replaced = Signal(object, object, object)  # unit, old, new: Things
    joined = Signal(object, object)  # the lots, into which: Things
    parted = Signal(object, object)  # the lot, into which: Things
    conceded = Signal(object)  # Leave
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("thing-form", parent)
        body = self.body
        self._mode, self._kind, self._back_min, self._days = LOOK, "unit", BACK_MIN[0], DAYS[0]
        self._looked: Looked | None = None
        self._codes: list[str] = []
        self._part = 0
        self._has_lot = False
        self.code = TextField("thing-code", _("Scan or type a code"), body, most=LONGEST_CODE, codes=True)
        self.kinds = [Option(f"thing-kind-{kind}", kind, body) for kind in (*KINDS, TIME)]
        self.machine = ChoiceField("thing-machine", _("Machine"), body)
        self.backs = [Option(f"thing-back-{minutes}", str(minutes), body) for minutes in BACK_MIN]
        self.parts = [Option(f"thing-part-{n + 1}", str(n), body) for n in range(MOST_PARTS)]
        self.other = TextField("thing-other", _("Scan the new code"), body, most=LONGEST_CODE, codes=True)
        self.number = TextField("concession-number", _("Number that the customer gave"), body, most=60)
        self.quantity = TextField(
            "concession-quantity", _("For how many pieces (empty: all)"), body, most=9, codes=True
        )
        self.days = [Option(f"concession-days-{days}", str(days), body) for days in DAYS]
        base = self.base
        self.hold = Button("thing-hold", _("Put on hold"), base, main=True, height=72)
        self.replace = Button("thing-replace", _("Replace a part"), base)
        self.part = Button("thing-part", _("Split the lot"), base)
        self.join = Button("thing-join", _("Merge lots"), base)
        self.save = Button("thing-save", _("Save"), base, main=True, height=72)
        self.cancel = Button("thing-cancel", _("Cancel"), base, height=72)
        self.code.returnPressed.connect(self._read)
        self.code.textEdited.connect(self._typed)
        self.other.returnPressed.connect(self._add)
        for option in self.kinds:
            option.clicked.connect(self._choose_kind)
        for option in self.backs:
            option.clicked.connect(self._choose_back)
        for option in self.parts:
            option.clicked.connect(self._choose_part)
        for option in self.days:
            option.clicked.connect(self._choose_days)
        self.hold.clicked.connect(self._hold)
        self.replace.clicked.connect(lambda: self._begin(REPLACE))
        self.part.clicked.connect(lambda: self._begin(PART))
        self.join.clicked.connect(lambda: self._begin(JOIN))
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.leave)
        self._show()

    # -- what it shows --

    @property
    def mode(self) -> str:
        """What it asks for."""
        return self._mode

    def offer_machines(self, machines: Sequence[tuple[int, str]]) -> None:
        """The machines of which a time can be held."""
        self.machine.offer([(name, number) for number, name in machines])

    def show_looked(self, looked: Looked | None) -> None:
        """Show what the file knows of the code."""
        if looked is not None and looked.code != clean_code(self.code.text()):
            return  # another one was read meanwhile
        if looked != self._looked:
            fresh = looked is not None and (self._looked is None or self._looked.code != looked.code)
            self._looked = looked
            if fresh and looked is not None and looked.things and self._kind != TIME:
                self._kind = looked.things[0].kind if looked.things[0].kind in KINDS else self._kind
            self._show()

    def begin(self, code: str, kind: str) -> None:
        """Begin with a code that is known."""
        self.code.setText(code)
        self._looked, self._kind = None, kind if kind in KINDS else self._kind
        self._begin(LOOK)

    def ask_concession(self) -> None:
        """Ask what the customer allowed."""
        self.number.clear()
        self.quantity.clear()
        self._begin(CONCEDE)
        self.number.setFocus()

    def leave(self) -> bool:
        """Back to the field. Returns False where that is in sight already."""
        if self._mode == LOOK:
            return False
        self._begin(LOOK)
        self.left.emit()
        return True

    def done(self) -> None:
        """What was put together is entered: begin anew."""
        self.code.clear()
        self._looked = None
        self._begin(LOOK)

    def title(self) -> str:
        """What it asks for."""
        return {
            LOOK: _("A unit, lot or box"),
            REPLACE: _("Replace a part"),
            JOIN: _("Merge lots"),
            PART: _("Split the lot"),
            CONCEDE: _("Concession"),
        }[self._mode]

    def rows(self) -> list[Row]:
        """The fields of what is asked."""
        code = clean_code(self.code.text())
        if self._mode == LOOK:
            kinds: list[Row] = [[(option, 1) for option in self.kinds[:3]], [(option, 1) for option in self.kinds[3:]]]
            if self._kind == TIME:
                return [
                    *kinds,
                    [(self.machine, 1)],
                    [(option, 1) for option in self.backs[:2]],
                    [(option, 1) for option in self.backs[2:]],
                ]
            return [[(self.code, 1)], Words(self._known_words()), *kinds]
        if self._mode == CONCEDE:
            return [
                [(self.number, 1)],
                [(self.quantity, 1)],
                Words(_("How long does it hold?")),
                [(option, 1) for option in self.days[:2]],
                [(option, 1) for option in self.days[2:]],
            ]
        if self._mode == REPLACE:
            parts = [option for option in self.parts if not option.isHidden()]
            rows: list[Row] = [Words(_("Which part of {unit} came out?").format(unit=code))]
            return [*rows, *([(option, 1)] for option in parts), [(self.other, 1)]]
        told = ", ".join(self._codes) or "–"
        if self._mode == PART:
            words = _("{lot} becomes: {codes}").format(lot=code, codes=told)
            return [Words(words), [(self.other, 1)], Words(_("Scan each of the new lots."))]
        words = _("Merged: {codes}").format(codes=told)
        return [Words(words), [(self.other, 1)], Words(_("Scan each lot, and the new one last."))]

    def foot(self) -> list[Row]:
        """The buttons."""
        if self._mode == LOOK:
            more = [(button, 1) for button in (self.replace, self.part, self.join)]
            return [[(self.hold, 1)], [each for each in more if not each[0].isHidden()]]
        return [[(self.cancel, 1), (self.save, 1)]]

    def _known_words(self) -> str:
        looked = self._looked
        if looked is None:
            return _("Scan a code, then choose what to do.")
        if looked.fate is not None:
            return _("{code}: {fate}").format(code=looked.code, fate=fate_word(looked.fate))
        if looked.things:
            kinds = ", ".join(kind_word(thing.kind) for thing in looked.things)
            return _("{code}: {kinds}, not held").format(code=looked.code, kinds=kinds)
        return _("{code} was never scanned. It can be held all the same.").format(code=looked.code)

    def _show(self) -> None:
        names = {**{kind: kind_word(kind) for kind in KINDS}, TIME: _("Time of a machine")}
        timed, look = self._kind == TIME, self._mode == LOOK
        self.code.setVisible(look and not timed)
        for option in self.kinds:
            option.setVisible(look)
            option.show_choice(Choice(option.value, names[option.value]), _("Kind"), option.value == self._kind)
        self.machine.setVisible(look and timed)
        for option, minutes in zip(self.backs, BACK_MIN, strict=True):
            option.setVisible(look and timed)
            words = _("Last {minutes} min").format(minutes=minutes) if minutes < 60 else ""
            words = words or _("Last {hours} h").format(hours=minutes // 60)
            option.show_choice(Choice(option.value, words), _("How far back"), minutes == self._back_min)
        parts = self._looked.parts[:MOST_PARTS] if self._looked is not None else ()
        for n, option in enumerate(self.parts):
            option.setVisible(self._mode == REPLACE and n < len(parts))
            if n < len(parts):
                words = f"{kind_word(parts[n].kind)} {parts[n].code}"
                option.show_choice(Choice(str(n), words), _("Part"), n == self._part)
        self.other.setVisible(self._mode in (REPLACE, JOIN, PART))
        for field in (self.number, self.quantity):
            field.setVisible(self._mode == CONCEDE)
        for option, days in zip(self.days, DAYS, strict=True):
            option.setVisible(self._mode == CONCEDE)
            words = _("{days} days").format(days=days) if days else _("Without end")
            option.show_choice(Choice(option.value, words), _("How long"), days == self._days)
        self.hold.setVisible(look)
        for button in (self.replace, self.part, self.join):
            button.setVisible(look and not timed)
        self.replace.setEnabled(bool(parts))
        self.part.setEnabled(self._kind == "lot" and bool(clean_code(self.code.text())))
        self.hold.setEnabled(timed or bool(clean_code(self.code.text())))
        self.save.setVisible(not look)
        self.cancel.setVisible(not look)
        self.told()
        self.settle()

    # -- what is pressed --

    def _begin(self, mode: str) -> None:
        self._mode, self._part, self.fault = mode, 0, ""
        own = clean_code(self.code.text())
        self._codes = [own] if mode == JOIN and own and self._kind == "lot" else []
        self.other.clear()
        self._show()
        if mode in (REPLACE, JOIN, PART):
            self.other.setFocus()
        elif mode == LOOK:
            self.code.setFocus()

    def _typed(self) -> None:
        self._looked = None
        self._show()

    def _read(self) -> None:
        if code := clean_code(self.code.text()):
            self.read.emit(code)
        self._show()

    def _choose_kind(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self._kind, self.fault = option.value, ""
            self._show()

    def _choose_back(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self._back_min = int(option.value)
            self._show()

    def _choose_part(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self._part = int(option.value)
            self._show()

    def _choose_days(self) -> None:
        option = self.sender()
        if isinstance(option, Option):
            self._days = int(option.value)
            self._show()

    def _add(self) -> None:
        """A further code was read; of a part it is the last word."""
        code = clean_code(self.other.text())
        if self._mode == REPLACE:
            self._save()
        elif code:
            if code not in self._codes:
                del self._codes[MOST_CODES:]
                self._codes.append(code)
            self.other.clear()
            self._show()

    def _hold(self) -> None:
        if self._kind == TIME:
            machine = self.machine.currentData()
            if machine is not None:
                self.hold_wanted.emit(Rule(int(machine), self._back_min))
        else:
            self.hold_wanted.emit(Thing(self._kind, clean_code(self.code.text())))

    def _save(self) -> None:
        own, code = clean_code(self.code.text()), clean_code(self.other.text())
        if self._mode == CONCEDE:
            self._concede()
            return
        if self._mode == REPLACE:
            parts = self._looked.parts if self._looked is not None else ()
            if not code or self._part >= len(parts):
                self.say(_("Scan the code of the new part."))
                return
            old = parts[self._part]
            self.replaced.emit(Thing("unit", own), old, Thing(old.kind, code))
            return
        codes = [*self._codes, *([code] if code and code not in self._codes else [])]
        lots = tuple(Thing("lot", each) for each in codes)
        if self._mode == PART:
            if not lots or own in codes:
                self.say(_("Scan the codes of the new lots: they are others than the old one."))
                return
            self.parted.emit(Thing("lot", own), lots)
        elif len(lots) < 2:
            self.say(_("Scan at least one lot and the new one."))
        else:
            self.joined.emit(lots[:-1], lots[-1])

    def _concede(self) -> None:
        number, quantity = self.number.text().strip(), self.quantity.text().strip()
        if not number:
            self.say(_("Write the number that the customer gave."))
            self.number.setFocus()
        elif quantity and not (quantity.isdecimal() and int(quantity) > 0):
            self.say(_("The number of pieces is a whole number above zero."))
            self.quantity.setFocus()
        else:
            self.conceded.emit(Leave(number, int(quantity) if quantity else None, self._days))


#: reasons for which something is held, besides those of scrap
USUAL = (N_("Customer's complaint"), N_("Wrong part"), N_("To be inspected"))
#: what a gauge fails for
GAUGE_FAULTS = (N_("Out of tolerance"), N_("Worn"), N_("Dropped or damaged"), N_("Display faulty"))

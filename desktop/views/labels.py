"""Labels 라벨: choose a product and how many, see the label, print it; print one again with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop import summaries
from desktop.domain import numbering
from desktop.domain.figures.labels import LabelsNow
from desktop.domain.labels import Issued, LabelProduct
from desktop.labelling import Wanted, drawn, values_of
from desktop.paint.label import picture
from desktop.store.database import KnownError
from desktop.text import N_, _, plural
from desktop.views.background import Question
from desktop.views.screen import GAP, MARGIN, TOP
from desktop.views.widgets.crew_tiles import TileCard, TileFace
from desktop.views.widgets.label_cards import (
    AgainCard,
    IssuedFace,
    IssuedList,
    MakeCard,
    PrinterCard,
    Sheet,
)
from desktop.views.work_page import WorkPage
from desktop.wording.moments import day_clock

_SIDE_PX, _NARROW_SIDE_PX = 480, 392  # of the card with the buttons
_SHEET_PX = 420  # the least width of the label beside it
_LEAST_SHEET_PX, _LEAST_LIST_PX = 300, 250


class Labels(WorkPage):
    """Products at the left; at the right what is to be printed, how it looks, and what was printed.

    A label that is scanned here offers to print it again (`give_scanned`).
    """

    make_wanted = Signal(object)  # Wanted
    again_wanted = Signal(str, str)  # number, why
    find_wanted = Signal(str)  # a scanned code
    printer_wanted = Signal(object, object, str)  # a Printer, the one that was seen, words
    pattern_wanted = Signal(int, str, str)  # product, kind, pattern
    test_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("labels", _("Labels"), parent)
        self.products = TileCard("label-products", _("Products"), self.page, tile_px=64)
        self.make = MakeCard(self.page)
        self.again = AgainCard(self.page)
        self.printer = PrinterCard(self.page)
        self.sheet = Sheet(self.page)
        self.issued = IssuedList(self.page)
        self._now: LabelsNow | None = None
        self._product: int | None = None
        self._before = ""  # code of the product that was chosen the last time
        self._issued: Issued | None = None  # the one that may be printed again
        self._printing = False
        self._setting_up = self._fresh = False
        self._shown: object = None  # what the preview shows
        self.products.picked.connect(self._pick_product)
        self.make.turned.connect(self._turned)
        self.make.wanted.connect(self._make)
        self.make.setup.clicked.connect(self.open_setup)
        self.again.given.connect(self._again)
        self.again.left.connect(self.step_back)
        self.issued.picked.connect(self._pick_issued)
        self.printer.wanted.connect(self.printer_wanted)
        self.printer.pattern_wanted.connect(self._set_pattern)
        self.printer.test_wanted.connect(self.test_wanted)
        self.printer.left.connect(self.step_back)

    # -- what is asked and shown --

    def question(self) -> Question:
        """Products, printer, and what was printed."""
        live = self.live

        def ask(store: Any, now_ms: int) -> LabelsNow:
            return summaries.labels_now(live, store, now_ms)

        return ask

    def present(self, answer: object, stale_since_ms: int | None) -> None:
        """Show them."""
        if not isinstance(answer, LabelsNow):
            raise TypeError(f"the page of labels shows a LabelsNow, not {type(answer).__name__}")
        self._now = answer
        if self._issued is not None:
            same = (each for each in answer.recent if each.id == self._issued.id)
            self._issued = next(same, self._issued)
        self._show()

    def _chosen(self) -> LabelProduct | None:
        """The chosen product, else the first."""
        products = self._now.products if self._now is not None else ()
        found = next((each for each in products if each.id == self._product), None)
        before = next((each for each in products if each.code == self._before), None)
        return found or before or next(iter(products), None)

    def _turned(self) -> None:
        self._show()
        self.arranged()

    def _show(self) -> None:
        now, product = self._now, self._chosen()
        if now is None:
            return
        faces = [
            TileFace(each.id, each.name, each.code, self._next(each), "box", True, chosen=each is product)
            for each in now.products
        ]
        empty = _("Add products to the configuration or under Settings, Master data.")
        changed = self.products.show_tiles(faces, "", empty)
        zone = now.head.timezone
        self.issued.show_issued([self._row(each, now, zone) for each in now.recent], "")
        setting_up, again = self._setting_up, self._issued is not None and not self._setting_up
        for card, there in ((self.make, not setting_up and not again), (self.again, again), (self.printer, setting_up)):
            changed |= card.isHidden() == there
            card.setVisible(there)
        self._show_setup(now, product)
        changed |= self._show_cards(now, product)
        self._preview(now, product)
        if changed:
            self.arranged()

    def _next(self, product: LabelProduct) -> str:
        now, kind = self._now, self.make.kind
        if now is None:
            return ""
        return numbering.number(product.patterns[kind], product.code, now.on, product.next[kind])

    def _row(self, each: Issued, now: LabelsNow, zone: str) -> IssuedFace:
        product = next((one for one in now.products if one.id == each.product), None)
        when = day_clock(each.at_ms if each.printed_ms is None else each.printed_ms, now.now_ms, zone)
        note = " · ".join(part for part in (product.name if product else "", when, each.who, each.why) if part)
        copies = _("copy {number}").format(number=each.copies) if each.copies > 1 else ""
        fault = _("Not printed") if each.fault else "" if each.copies else _("Nobody knows whether it was printed")
        return IssuedFace(
            each.id, each.code, note, copies, fault, self._issued is not None and each.id == self._issued.id
        )

    def _show_cards(self, now: LabelsNow, product: LabelProduct | None) -> bool:
        """Show what can be pressed; returns whether places change."""
        changed = False
        count = self.make.count.value
        words = plural(N_("Print {count} label"), N_("Print {count} labels"), count).format(count=count)
        note = "" if now.printer.port else _("No printer set up")
        possible = product is not None and bool(now.printer.port) and not self._printing
        self.make.show_state(_("Printing") if self._printing else words, note, possible=possible)
        self.make.setup.fill(product is not None and not now.printer.port)
        if self._issued is not None:
            copy = _("copy {number}").format(number=self._issued.copies + 1)
            changed = self.again.fault != self._issued.fault
            self.again.show_issued(self._issued, copy, possible=bool(now.printer.port) and not self._printing)
        return changed

    def _show_setup(self, now: LabelsNow, product: LabelProduct | None) -> None:
        pattern = product.patterns[self.make.kind] if product is not None else ""
        of = _("Next: {number}").format(number=self._next(product)) if product is not None else ""
        note = _("socket://192.168.0.60:9100, COM5, /dev/usb/lp0 or printer:NAME")
        self.printer.show_printer(now.printer, pattern, of, note, fresh=self._fresh)
        self.printer.test.setEnabled(bool(now.printer.port) and not self._printing)
        self._fresh = False

    def _preview(self, now: LabelsNow, product: LabelProduct | None) -> None:
        """Draw the label that would be printed, where it is another one than before."""
        size = f"{now.printer.width_mm:g} × {now.printer.height_mm:g} mm"
        kind, values, head = self.make.kind, {}, ""
        if self._issued is not None:
            kind, values = self._issued.kind, {**self._issued.values, "code": self._issued.code}
            head = self._issued.code
        elif product is not None:
            values = values_of(product, kind, self._next(product), now.on, now.line, now.contents, self.make.in_each)
            last = product.next[kind] + self.make.count.value - 1
            ends = (values["code"], numbering.number(product.patterns[kind], product.code, now.on, last))
            head = " – ".join(dict.fromkeys(ends))
        shown = (now.printer, now.contents.lines(kind), kind, tuple(values.items()), head)
        if shown == self._shown:
            return
        self._shown = shown
        if not values:
            self.sheet.show_label(None, "", size, _("Choose a product: its label appears here."))
            return
        try:
            self.sheet.show_label(picture(drawn(now.printer, now.contents.lines(kind), kind, values)), head, size, "")
        except KnownError as error:
            self.sheet.show_label(None, head, size, str(error))

    def choices(self) -> dict[str, str]:
        """What is printed most: product, kind, pieces in a box."""
        product = self._chosen()
        code = product.code if product is not None else ""
        return {"product": code, "kind": self.make.kind, "pieces": str(self.make.pieces.value)}

    def restore(self, choices: Mapping[str, str]) -> None:
        """The same again."""
        self._before = choices.get("product", "")
        self.make.choose(choices.get("kind", ""), choices.get("pieces", ""))

    # -- what is pressed and scanned --

    def _pick_product(self, number: int) -> None:
        self._product, self._issued, self._fresh = number, None, True
        self._show()

    def _pick_issued(self, number: int) -> None:
        now = self._now
        found = next((each for each in now.recent if each.id == number), None) if now is not None else None
        same = found is not None and self._issued is not None and found.id == self._issued.id
        self._issued = None if same else found
        self._setting_up = False
        self._show()

    def give_scanned(self, code: str) -> None:
        """A code was scanned while this page is in sight: look for its label."""
        self.find_wanted.emit(code)

    def found(self, issued: Issued) -> None:
        """The label that was scanned: it may be printed again."""
        self._issued, self._setting_up = issued, False
        self._show()

    def show_printing(self, printing: bool) -> None:
        """Something is on its way to the printer, or was taken."""
        self._printing = printing
        self._show()

    def printed(self) -> None:
        """It was taken: nothing is asked any more."""
        self._issued = None
        self.show_printing(False)
        self.question_changed.emit()

    def open_setup(self) -> None:
        """Set up the printer."""
        self._setting_up = self._fresh = True
        self._issued = None
        self._show()

    def _make(self) -> None:
        product = self._chosen()
        if product is not None and not self._printing:
            self.make_wanted.emit(Wanted(self.make.kind, product.id, self.make.count.value, self.make.in_each))

    def _again(self, why: str) -> None:
        if self._issued is not None and not self._printing:
            self.again_wanted.emit(self._issued.code, why)

    def _set_pattern(self, pattern: str) -> None:
        product = self._chosen()
        if product is not None:
            usual = pattern == numbering.USUAL[self.make.kind]
            self.pattern_wanted.emit(product.id, self.make.kind, "" if usual else pattern)

    def step_back(self) -> bool:
        """Nothing is set up or asked any more."""
        if not self._setting_up and self._issued is None:
            return False
        self._setting_up, self._issued = False, None
        self._show()
        return True

    # -- places --

    def arrange(self, width: int, height: int) -> int:
        """Buttons in the middle, the label at the right of them, what was printed below it."""
        at = self._room(width, height)
        high = self.products.place(at.left_px)
        self.products.setGeometry(MARGIN, at.y, at.left_px, max(high, at.bottom - at.y))
        lowest = at.y + self.products.height()
        shown = next(
            card for card in (self.make, self.again, self.printer) if not card.isHidden() or card is self.printer
        )
        roomy = at.right_px - GAP - _SIDE_PX >= _SHEET_PX + 160
        side_px = _SIDE_PX if roomy else _NARROW_SIDE_PX
        if shown is self.printer:
            side_px = max(at.right_px - GAP - _SHEET_PX, 720)  # its rows of values are long
        wide = side_px + GAP + _SHEET_PX <= at.right_px
        side_px = side_px if wide else at.right_px
        side_high = shown.place(side_px)
        if wide:
            high = max(side_high, at.bottom - at.top)
            shown.setGeometry(at.x, at.top, side_px, high)
            x, room, y, bottom = at.x + side_px + GAP, at.right_px - GAP - side_px, at.top, at.top + high
        else:
            shown.setGeometry(at.x, at.top, side_px, side_high)
            y = at.top + side_high + at.gap
            x, room, bottom = at.x, at.right_px, max(at.bottom, y + _LEAST_SHEET_PX + at.gap + _LEAST_LIST_PX)
        sheet_px = max(min((bottom - y) * 11 // 20, 520), _LEAST_SHEET_PX)
        self.sheet.setGeometry(x, y, room, sheet_px)
        y += sheet_px + at.gap
        self.issued.setGeometry(x, y, room, max(bottom - y, _LEAST_LIST_PX))
        return max(lowest, y + self.issued.height()) + TOP

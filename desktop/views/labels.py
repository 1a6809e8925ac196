"""Labels 라벨: choose a product and how many, see the label, print it; print one again with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop import summaries
from desktop.domain import numbering
from desktop.domain.figures.labels import LabelsNow
from desktop.domain.labels import Contents, Issued, LabelProduct, PrinterPlace
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
from desktop.views.widgets.label_lines import LinesCard
from desktop.views.widgets.painted import Painted
from desktop.views.work_page import WorkPage
from desktop.wording.moments import day_clock

_SIDE_PX, _NARROW_SIDE_PX = 480, 392  # of the card with the buttons
_SHEET_PX = 400  # the least width of the label beside it
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
    contents_wanted = Signal(object, object, str)  # Contents, those that were seen, words
    places_wanted = Signal()
    test_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("labels", _("Labels"), parent)
        self.products = TileCard("label-products", _("Products"), self.page, tile_px=64)
        self.make = MakeCard(self.page)
        self.again = AgainCard(self.page)
        self.printer = PrinterCard(self.page)
        self.lines = LinesCard(self.page)
        self.sheet = Sheet(self.page)
        self.issued = IssuedList(self.page)
        self._now: LabelsNow | None = None
        self._product: int | None = None
        self._before = ""  # code of the product that was chosen the last time
        self._issued: Issued | None = None  # the one that may be printed again
        self._printing = False
        self._places: tuple[PrinterPlace, ...] | None = None  # the printers that are there, once they are known
        self._open: Painted | None = None  # the card of settings that is open
        self._fresh = False
        self._shown: object = None  # what the preview shows
        self.products.picked.connect(self._pick_product)
        self.make.turned.connect(self._turned)
        self.make.wanted.connect(self._make)
        self.make.setup.clicked.connect(self.open_setup)
        self.make.contents.clicked.connect(self.open_contents)
        self.again.given.connect(self._again)
        self.again.left.connect(self.step_back)
        self.issued.picked.connect(self._pick_issued)
        self.printer.wanted.connect(self.printer_wanted)
        self.printer.pattern_wanted.connect(self._set_pattern)
        self.printer.prefix_wanted.connect(self._set_prefix)
        self.printer.part_wanted.connect(self._set_part)
        self.printer.placed.connect(self.arranged)
        self.printer.test_wanted.connect(self.test_wanted)
        self.lines.wanted.connect(self._set_contents)
        self.lines.kind_wanted.connect(self._turn_kind)
        self.lines.left.connect(self.step_back)
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
        shown = self._open or (self.again if self._issued is not None else self.make)
        changed |= self._show_setup(now, product)
        for card in (self.make, self.again, self.printer, self.lines):
            changed |= card.isHidden() == (card is shown)
            card.setVisible(card is shown)
        self.issued.setVisible(shown is not self.lines)
        changed |= self._show_cards(now, product)
        self._preview(now, product)
        if changed:
            self.arranged()

    def _next(self, product: LabelProduct) -> str:
        return self._number(product, 0)

    def _number(self, product: LabelProduct, ahead: int) -> str:
        """The number that comes next, or so many behind it; "" where SSCCs are used up."""
        now, kind = self._now, self.make.kind
        if now is None:
            return ""
        try:
            return numbering.number(product.patterns[kind], product.code, now.on, product.next[kind] + ahead)
        except ValueError:
            return ""

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

    def _show_setup(self, now: LabelsNow, product: LabelProduct | None) -> bool:
        """Show what can be set up; returns whether places change."""
        kind, of, numbers = self.make.kind, "", ("", now.contents.company_prefix, "")
        if product is not None:
            of = _("Next: {number}").format(number=self._next(product))
            part = now.contents.customer_parts.get(product.code, "")
            sscc = numbering.is_sscc(product.patterns[kind])
            numbers = ("" if sscc else product.patterns[kind], now.contents.company_prefix, part)
        before = self.printer.places
        self.printer.show_printer(now.printer, self._places, numbers, of, fresh=self._fresh)
        self.printer.test.setEnabled(bool(now.printer.port) and not self._printing)
        self._fresh = False
        changed = self.lines.show_contents(now.contents, kind, self._values(now, product))
        return changed or before is not self.printer.places

    def _values(self, now: LabelsNow, product: LabelProduct | None) -> dict[str, str]:
        """What the label before the eyes says."""
        if product is None:
            return {}
        return values_of(product, self.make.kind, self._next(product), now.on, now.contents, self.make.in_each)

    def _preview(self, now: LabelsNow, product: LabelProduct | None) -> None:
        """Draw the label that would be printed, where it is another one than before."""
        size = f"{now.printer.width_mm:g} × {now.printer.height_mm:g} mm"
        kind, values, head = self.make.kind, {}, ""
        if self._issued is not None:
            kind, values = self._issued.kind, {**self._issued.values, "code": self._issued.code}
            head = self._issued.code
        elif product is not None:
            values = values_of(product, kind, self._next(product), now.on, now.contents, self.make.in_each)
            ends = (values["code"], self._number(product, self.make.count.value - 1))
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
        self._open = None
        self._show()

    def give_scanned(self, code: str) -> None:
        """A code was scanned while this page is in sight: look for its label."""
        self.find_wanted.emit(code)

    def found(self, issued: Issued) -> None:
        """The label that was scanned: it may be printed again."""
        self._issued, self._open = issued, None
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
        self._open, self._issued, self._fresh = self.printer, None, True
        self.places_wanted.emit()
        self._show()

    def open_contents(self) -> None:
        """Say what stands on the labels."""
        self._open, self._issued = self.lines, None
        self._show()

    def show_places(self, places: tuple[PrinterPlace, ...]) -> None:
        """The printers that are there."""
        self._places = places
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

    def _turn_kind(self, kind: str) -> None:
        self.make.choose(kind, str(self.make.pieces.value))

    def _set_prefix(self, prefix: str) -> None:
        if self._now is not None:
            wanted = replace(self._now.contents, company_prefix=prefix)
            words = _("GS1 company prefix: {prefix}").format(prefix=prefix or _("none"))
            self._set_contents(wanted, self._now.contents, words)

    def _set_part(self, part: str) -> None:
        now, product = self._now, self._chosen()
        if now is not None and product is not None:
            parts = {code: each for code, each in now.contents.customer_parts.items() if code != product.code}
            wanted = replace(now.contents, customer_parts={**parts, product.code: part} if part else parts)
            words = _("Customer's number of {product}: {number}").format(product=product.code, number=part or _("none"))
            self._set_contents(wanted, now.contents, words)

    def _set_contents(self, wanted: Contents, seen: Contents, words: str) -> None:
        """Have labels say this; it is shown at once, so that the next press goes on from it."""
        if self._now is not None:
            self._now = replace(self._now, contents=wanted)
            self.contents_wanted.emit(wanted, seen, words)
            self._show()

    def step_back(self) -> bool:
        """Nothing is set up or asked any more."""
        if self._open is None and self._issued is None:
            return False
        self._open = self._issued = None
        self._show()
        return True

    # -- places --

    def arrange(self, width: int, height: int) -> int:
        """Buttons in the middle, the label at the right of them, what was printed below it. While one says what stands
        on labels the label stands above the products: it must be in sight."""
        at = self._room(width, height)
        high, y = self.products.place(at.left_px), at.y
        lining = not self.lines.isHidden()
        if lining:
            self.sheet.setGeometry(MARGIN, y, at.left_px, _LEAST_SHEET_PX)
            y += _LEAST_SHEET_PX + at.gap
        self.products.setGeometry(MARGIN, y, at.left_px, max(high, at.bottom - y))
        lowest = y + self.products.height()
        if lining:
            self.lines.setGeometry(at.x, at.top, at.right_px, max(self.lines.place(at.right_px), at.bottom - at.top))
            return max(lowest, at.top + self.lines.height()) + TOP
        shown = next(card for card in (self.make, self.again, self.printer) if not card.isHidden())
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

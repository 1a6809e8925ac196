"""Labels made, numbered and printed: the one way from a wish on screen to the printer.

Numbers are taken before anything is sent, and what became of it is written down behind it, so that a number is lost
rather than printed twice. A port that a machine of the line is read at is refused: nothing is ever written to one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from msgspec import Struct

from desktop import control
from desktop.clock import REAL
from desktop.domain import gs1, labels, numbering
from desktop.domain.labels import (
    SYSTEM,
    Contents,
    Drawn,
    Issued,
    LabelProduct,
    Language,
    Line,
    Printer,
    PrinterPlace,
    Symbol,
)
from desktop.paint.label import UndrawableError
from desktop.paint.label import draw as draw_label
from desktop.reports.pdf import ready_to_draw
from desktop.store import database, register
from desktop.store import labels as kept
from desktop.store.database import KnownError, Store
from desktop.summaries.labels import ProductsNow, day_of
from desktop.text import N_, _
from drivers.base import DriverError, UnfitError

#: what is wrong with a way to a printer, by kind of DriverError
_FAULTS = {
    "port_missing": N_("The printer's port {port} is not there. Check cable and power."),
    "port_busy": N_("The printer's port {port} is in use by another program. Close that program."),
    "port_denied": N_("This user may not open the printer's port {port}. Ask the PC's administrator."),
    "port_refused": N_("No printer answers at {port}. Check its power, its address and the network cable."),
    "link_lost": N_("The connection to the printer at {port} broke. Check cable and power, then print again."),
    "bad_address": N_("{address} is no way to a label printer. Choose another one under Settings, Label printer."),
    "protocol": N_("What is at {port} does not answer as a printer's port. Check the address."),
    "not_taken": N_(
        "The printer at {port} took {sent} of {size} bytes and then nothing more. See that it is switched on, closed, "
        "loaded with paper and not paused."
    ),
}
_UNDRAWABLE = {
    "code": N_("{text} cannot be written as a {symbol}: choose another bar code under Settings, Label printer."),
    "room": N_("{text} is too long for a bar code on a label of this size: take a larger label or a QR code."),
    "text": N_("{text} does not fit on a label of this size."),
}
SYMBOLS = {
    Symbol.GS1_DATAMATRIX: N_("GS1 DataMatrix"),
    Symbol.DATAMATRIX: N_("DataMatrix"),
    Symbol.QR: N_("QR code"),
    Symbol.CODE128: N_("Code 128"),
}
_PATTERN_FAULTS = {
    "counter": N_("The pattern needs the counter exactly once, written {example}."),
    "place": N_("The pattern may hold {known} in braces, and nothing else."),
    "signs": N_("The pattern may hold letters, digits and . - / _ besides what stands in braces."),
    "long": N_("The pattern makes numbers of more than {most} characters."),
}


class Wanted(Struct, frozen=True):
    """So many labels of a product: of units, or of boxes with so many pieces in each (0 where nobody said)."""

    kind: str
    product: int
    count: int
    pieces: int = 0


def values_of(
    product: LabelProduct, kind: str, code: str, on: date, contents: Contents, pieces: int = 0
) -> dict[str, str]:
    """What there is to stand on a label, by its field. `ai`: the GS1 identifier of its number, "" where it has none."""
    return {
        "code": code,
        "product": product.code,
        "name": product.name,
        "date": on.isoformat(),
        "gtin": gs1.gtin14(product.gtin),
        "quantity": f"{pieces:,} EA" if pieces else "",
        "count": str(pieces or ""),
        "order": product.order,
        "lot": product.lot,
        "customer_part": contents.customer_parts.get(product.code, ""),
        "ai": "00" if numbering.is_sscc(product.patterns[kind]) else "",
    }


def drawn(printer: Printer, lines: Sequence[Line], kind: str, values: Mapping[str, str]) -> Drawn:
    """A label in dots. Raises KnownError where it cannot be drawn."""
    ready_to_draw()
    template = labels.laid_out(printer.width_mm, printer.height_mm, printer.symbol, kind, lines, values)
    try:
        return draw_label(template, printer.dpi)
    except UndrawableError as error:
        symbol = _(SYMBOLS[printer.symbol])
        raise KnownError(_(_UNDRAWABLE[error.why]).format(text=error.text, symbol=symbol)) from error


class Desk:
    """What the window does with labels in a data folder. Everything raises KnownError; `who` is at the
    screen, "" where nobody said so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, wanted: Wanted, who: str = "") -> tuple[Issued, ...]:
        """Issue numbers and print their labels; what was issued, with the sentence of the fault where the printer did
        not take them. Nothing is issued where a label cannot be drawn or no printer is set up."""
        if not 1 <= wanted.count <= numbering.MOST_AT_ONCE:
            words = _("{most} labels are printed at once at most.")
            raise KnownError(words.format(most=f"{numbering.MOST_AT_ONCE:,}"))
        store = database.open_writer(self._folder)
        try:
            printer, there = kept.printer(store), ProductsNow(store, store.clock.now_ms())
            contents, on, product = there.contents, there.on, _product(there, wanted.product)
            self._check(printer)
            pattern = product.patterns[wanted.kind]
            try:
                last = numbering.number(pattern, product.code, on, product.next[wanted.kind] + wanted.count)
            except ValueError as error:
                words = _("All SSCCs of the company prefix {prefix} are used up.")
                raise KnownError(words.format(prefix=contents.company_prefix)) from error
            values = values_of(product, wanted.kind, last, on, contents, wanted.pieces)
            drawn(printer, contents.lines(wanted.kind), wanted.kind, values)  # before any is taken
            del values["code"]
            issued = control.patiently(
                lambda: kept.issue(store, wanted.kind, product.id, product.code, pattern, wanted.count, on, values, who)
            )
            return self._print(store, printer, issued, who, "")
        finally:
            store.close()

    def again(self, code: str, why: str, who: str = "") -> tuple[Issued, ...]:
        """Print the label of a number once more, with the reason, as it was printed first."""
        if not why.strip():
            raise KnownError(_("Say why the label is printed again."))
        store = database.open_writer(self._folder)
        try:
            printer, issued = kept.printer(store), kept.find(store, code)
            if issued is None:
                raise KnownError(_("{code} was not issued here, so that it has no label.").format(code=code))
            self._check(printer)
            return self._print(store, printer, (issued,), who, why.strip())
        finally:
            store.close()

    def find(self, code: str) -> Issued | None:
        """The number that was issued as this code or as the serial or SSCC of a GS1 code, None where none was."""
        store = database.open_reader(self._folder)
        try:
            told = gs1.split(code, day_of(store, store.clock.now_ms()).year)
            numbers = [element.value for ai in ("00", "21") if (element := told.first(ai)) is not None]
            return next((found for each in (code, *numbers) if (found := kept.find(store, each)) is not None), None)
        finally:
            store.close()

    def test(self) -> None:
        """Print a label that says when it was printed and nothing else; no number is taken for it."""
        store = database.open_reader(self._folder)
        try:
            printer, line = kept.printer(store), register.settings(store).get("line", "")
            moment = datetime.fromtimestamp(store.clock.now_ms() / 1000, register.zone(store))
        finally:
            store.close()
        self._check(printer)
        values = {"code": "TEST-0001", "name": _("Test label"), "product": line, "date": f"{moment:%Y-%m-%d %H:%M}"}
        self._send(printer, [drawn(printer, labels.USUAL_LINES["unit"], "unit", values)])

    def places(self) -> tuple[PrinterPlace, ...]:
        """The printers that can be chosen: USB printers, those of the operating system, and serial ports at which no
        machine is read. Takes seconds where a printer of the system is on the network."""
        from desktop.reports.pdf import printing
        from drivers import link
        from drivers.printer import usb_printers

        found = [
            PrinterPlace(each.name, f"{each.manufacturer} {each.description}".strip() or each.name)
            for each in usb_printers()
        ]
        found += [
            PrinterPlace(SYSTEM + name, _("{name} (installed)").format(name=name)) for name in printing.printers()
        ]
        ports = []
        with contextlib.suppress(*link.WIRE_ERRORS):
            ports = link.ports()
        for each in ports:
            if not control.bus_at(self._folder, each.name):
                named = each.description not in ("", "n/a", each.name)
                words = f"{each.name} · {each.description}" if named else each.name
                found.append(PrinterPlace(each.identity or each.name, words, each.name))
        return tuple(found)

    def set_printer(self, wanted: Printer, who: str = "") -> Printer:
        """Set the printer up; returns the one before."""
        if wanted.port:
            self._check(wanted)
        store = database.open_writer(self._folder)
        try:
            return control.patiently(lambda: kept.put_printer(store, wanted, who))
        finally:
            store.close()

    def set_pattern(self, product: int, kind: str, pattern: str, who: str = "") -> str:
        """Let the numbers of a product look like this, "": as usual; returns how they did."""
        wrong = numbering.fault(pattern) if pattern else ""
        if wrong:
            known = "{product} {yymmdd} {yyyymmdd} {yymm} {yy} {mm} {dd} {jjj} {n:04}"
            words = _(_PATTERN_FAULTS[wrong])
            raise KnownError(words.format(example="{n:04}", known=known, most=numbering.LONGEST))
        store = database.open_writer(self._folder)
        try:
            return control.patiently(lambda: kept.put_pattern(store, product, kind, pattern, who))
        finally:
            store.close()

    def set_contents(self, wanted: Contents, seen: Contents | None = None, who: str = "") -> Contents:
        """Let labels say this, as far as it differs from what was `seen`; returns what they said."""
        if wanted.company_prefix and not numbering.is_company_prefix(wanted.company_prefix):
            raise KnownError(_("A GS1 company prefix has 4 to 12 digits."))
        store = database.open_writer(self._folder)
        try:
            return control.patiently(lambda: kept.put_contents(store, wanted, seen, who))
        finally:
            store.close()

    def _check(self, printer: Printer) -> None:
        """Whether there is a printer, and it is none of the line's devices."""
        if not printer.port:
            raise KnownError(_("No label printer is set up. Choose one under Settings, Label printer."))
        if printer.port.startswith(SYSTEM):
            return
        from drivers.printer import check_printer

        try:
            check_printer(printer.port)
        except UnfitError as why:
            raise KnownError(_(_FAULTS["bad_address"]).format(address=printer.port)) from why
        bus = control.bus_at(self._folder, printer.port)
        if bus:
            words = _("{port} is the port of {bus}, which machines are read at. Nothing is ever written there.")
            raise KnownError(words.format(port=printer.port, bus=bus))

    def _print(
        self, store: Store, printer: Printer, issued: Sequence[Issued], who: str, why: str
    ) -> tuple[Issued, ...]:
        fault = ""
        try:
            contents = kept.contents(store)
            pages = [drawn(printer, contents.lines(e.kind), e.kind, {**e.values, "code": e.code}) for e in issued]
            self._send(printer, pages)
        except KnownError as error:
            fault = str(error)
        control.patiently(lambda: kept.note(store, issued, who, why, fault))
        return tuple(found for each in issued if (found := kept.find(store, each.code)) is not None)

    def _send(self, printer: Printer, pages: Sequence[Drawn]) -> None:
        if printer.port.startswith(SYSTEM):
            from desktop.reports.pdf import printing

            printing.send_labels(pages, printer.port.removeprefix(SYSTEM))
            return
        from drivers.printer import send

        data = labels.job(Language(printer.language), pages, gap_mm=printer.gap_mm)
        try:
            send(printer.port, data, REAL, {"baud": printer.baud})
        except DriverError as error:
            words = _(_FAULTS.get(error.kind, _FAULTS["link_lost"]))
            raise KnownError(words.format(**{"port": printer.port, **error.detail})) from error


def _product(there: ProductsNow, number: int) -> LabelProduct:
    found = next((each for each in there.plant.products if each.id == number), None)
    if found is None:
        raise KnownError(_("The product is not in use any more."))
    return there.product(found)

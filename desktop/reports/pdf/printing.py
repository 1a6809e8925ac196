"""The report and other sheets on paper: the printers that there are, and pages sent to one, drawn as the PDF is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QMarginsF, QRectF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from desktop.domain.figures.report import ShiftReport
from desktop.domain.labels import Drawn
from desktop.paint.label import picture
from desktop.reports.pdf import draw_all, leaves, ready_to_draw
from desktop.reports.pdf.leaves import Leaves
from desktop.store.database import KnownError
from desktop.text import _


def printers() -> tuple[str, ...]:
    """The names of the printers that are set up, the usual one first. May take seconds where one is on the network."""
    names, usual = list(QPrinterInfo.availablePrinterNames()), QPrinterInfo.defaultPrinterName()
    return tuple(sorted(names, key=lambda name: name != usual))


def send(report: ShiftReport, name: str, progress: Callable[[float], None] = lambda _done: None) -> str:
    """Print a report on A4; the name of the printer, the usual one where `name` is "". Raises KnownError where there
    is none, and where it does not take the report.
    """
    printer = _printer(name)
    draw(report, printer, progress)
    return printer.printerName()


def send_leaves(sheets: Leaves, name: str) -> str:
    """Print bar code sheets, badges or a form at their actual size, as `send` does a report. Raises KnownError."""
    printer = _printer(name)
    draw_leaves(sheets, printer)
    return printer.printerName()


def send_labels(pages: Sequence[Drawn], name: str) -> str:
    """Print labels on the system's printer, a page each at its actual size, as `send` does a report. Raises
    KnownError."""
    printer = _printer(name)
    size = QSizeF(*(side * 25.4 / pages[0].dpi for side in (pages[0].width, pages[0].height)))
    paper = QPageSize(size, QPageSize.Unit.Millimeter, "label", QPageSize.SizeMatchPolicy.ExactMatch)
    printer.setFullPage(True)
    printer.setPageLayout(QPageLayout(paper, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    printer.setDocName(_("Labels"))
    printer.setCreator("Gadong")
    draw_labels(pages, printer)
    return printer.printerName()


def draw_labels(pages: Sequence[Drawn], printer: QPrinter) -> None:
    """Draw labels on the paper of a printer, a page each. Raises KnownError where it does not take them."""
    painter = QPainter()
    taken = painter.begin(printer)
    for number, each in enumerate(pages):
        taken = taken and (not number or printer.newPage())
        if taken:
            paper = QRectF(
                0, 0, each.width * printer.resolution() / each.dpi, each.height * printer.resolution() / each.dpi
            )
            painter.drawImage(paper, picture(each))
    taken = painter.end() and taken
    if not taken or printer.printerState() is QPrinter.PrinterState.Error:
        name = printer.printerName() or printer.outputFileName()
        raise KnownError(_("The printer {name} did not take the labels.").format(name=name))


def draw(report: ShiftReport, printer: QPrinter, progress: Callable[[float], None] = lambda _done: None) -> None:
    """Draw a report on the paper of a printer. Raises KnownError where it does not take it."""
    _lay_paper(printer)
    taken = draw_all(report, printer, printer.setDocName, progress)
    if not taken or printer.printerState() is QPrinter.PrinterState.Error:
        name = printer.printerName() or printer.outputFileName()
        raise KnownError(_("The printer {name} did not take the report.").format(name=name))


def draw_leaves(sheets: Leaves, printer: QPrinter) -> None:
    """Draw sheets on the paper of a printer. Raises KnownError where it does not take them."""
    _lay_paper(printer)
    printer.setDocName(sheets.title)
    if not leaves.draw_all(sheets, printer) or printer.printerState() is QPrinter.PrinterState.Error:
        name = printer.printerName() or printer.outputFileName()
        raise KnownError(_("The printer {name} did not take the pages.").format(name=name))


def _printer(name: str) -> QPrinter:
    """The printer of that name, the usual one for "". Raises KnownError where there is none."""
    ready_to_draw()
    there = printers()
    if not there:
        raise KnownError(_("No printer is set up on this computer."))
    if name and name not in there:
        words = _("There is no printer {name}. Printers: {names}.")
        raise KnownError(words.format(name=name, names=", ".join(there)))
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPrinterName(name or there[0])
    return printer


def _lay_paper(printer: QPrinter) -> None:
    """A4, drawn on to its edges."""
    ready_to_draw()
    portrait, edge = QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)
    printer.setFullPage(True)
    printer.setPageLayout(QPageLayout(QPageSize(QPageSize.PageSizeId.A4), portrait, edge))
    printer.setCreator("Gadong")

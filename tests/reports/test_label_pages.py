"""Labels on a printer of the operating system: a page each, of the size of the label."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtPrintSupport import QPrinter

from desktop.domain.labels import Symbol
from desktop.paint.label import draw
from desktop.reports.pdf import printing, ready_to_draw
from desktop.store.database import KnownError
from tests.paint.test_label import label


def test_each_label_is_a_page_of_its_own_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready_to_draw()
    file = tmp_path / "labels.pdf"

    def printer(_name: str) -> QPrinter:
        made = QPrinter(QPrinter.PrinterMode.HighResolution)
        made.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        made.setOutputFileName(str(file))
        return made

    monkeypatch.setattr(printing, "_printer", printer)
    page = draw(label(60, 40, Symbol.QR), 203)
    printing.send_labels([page, page, page], "")
    pages = PdfReader(file).pages
    assert len(pages) == 3
    for page in pages:
        assert [float(side) for side in page.mediabox[2:]] == pytest.approx([60 / 25.4 * 72, 40 / 25.4 * 72], abs=1.5)
        assert page.images


def test_where_there_is_no_such_printer_it_is_said() -> None:
    ready_to_draw()
    with pytest.raises(KnownError, match="rinter"):
        printing.send_labels([draw(label(60, 40, Symbol.QR), 203)], "no such printer")

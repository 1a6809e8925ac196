"""A table of the register as a file that `reading` takes back as the same, XLSX or CSV; and a blank one to fill in."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from desktop.configuration.sheets.cells import guarded, written
from desktop.configuration.sheets.columns import Column, Row, Stock, TableKind
from desktop.configuration.sheets.kinds import example_of
from desktop.store.database import KnownError
from desktop.text import N_, _, os_reason

ENDINGS = (".xlsx", ".csv")
_EXAMPLE = N_("e.g.")
_WIDEST, _LEAST = 40, 10  # characters


def write(file: Path, kind: TableKind, stock: Stock | None) -> None:
    """Write a table into a new file by its ending, `stock` None: the blank one. Raises KnownError."""
    if file.suffix.lower() not in ENDINGS:
        words = _("{file}: a table is written as .xlsx or .csv.")
        raise KnownError(words.format(file=file))
    made: dict[str, Callable[[TableKind, Stock | None], bytes]] = {".xlsx": xlsx, ".csv": csv_text}
    content = made[file.suffix.lower()](kind, stock)
    try:
        with file.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        raise KnownError(_("{file} already exists. Choose another name.").format(file=file)) from None
    except OSError as fault:
        file.unlink(missing_ok=True)
        words = _("{file} cannot be written: {reason}.").format(file=file, reason=os_reason(fault))
        raise KnownError(words) from fault


def csv_text(kind: TableKind, stock: Stock | None) -> bytes:
    """UTF-8 with BOM, commas, CRLF. Texts that a spreadsheet would take for a formula get an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.heading() for column in kind.columns])
    for row in _rows(kind, stock):
        writer.writerow([guarded(written(row[column.key], column)) for column in kind.columns])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def xlsx(kind: TableKind, stock: Stock | None) -> bytes:
    """A workbook: figures are numbers, dates are dates, texts are texts even where they look like a number or a
    formula. Choices can be picked from a list; a second sheet says what each column means."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "constant_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": _(kind.title), "author": "Gadong"})
    head = book.add_format({"bold": True, "bg_color": "#E3ECF5", "bottom": 1, "text_wrap": True, "valign": "vcenter"})
    text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet(_(kind.title)[:31])
    sheet.freeze_panes(1, 0)
    formats = {date: day, datetime: moment, str: text}
    for place, column in enumerate(kind.columns):
        usual = formats.get(column.field.kind[0])
        sheet.set_column(place, place, max(min(len(column.heading()) * 2, _WIDEST), _LEAST), usual)
        words = [column.word(choice) for choice in column.field.choices if choice != ""]
        if bool in column.field.kind:
            words = [_("yes"), _("no")]
        if words and sum(map(len, words)) + len(words) < 255:
            sheet.data_validation(1, place, 20_000, place, {"validate": "list", "source": words, "ignore_blank": True})
    sheet.write_row(0, 0, [column.heading() for column in kind.columns], head)
    for number, row in enumerate(_rows(kind, stock), 1):
        for place, column in enumerate(kind.columns):
            value = row[column.key]
            if isinstance(value, datetime) and value.time() == time():
                sheet.write_datetime(
                    number, place, value.replace(tzinfo=None) - timedelta(days=1), day
                )  # until it ends
            elif isinstance(value, datetime):
                sheet.write_datetime(number, place, value.replace(tzinfo=None), moment)
            elif isinstance(value, date):
                sheet.write_datetime(number, place, value, day)
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                sheet.write_number(number, place, value)
            elif value is not None and value != "":
                sheet.write_string(number, place, written(value, column), text)
    notes = book.add_worksheet(_("Notes"))
    notes.set_column(0, 0, 24)
    notes.set_column(1, 1, 100)
    for number, line in enumerate(_notes(kind)):
        for place, said in enumerate(line):
            notes.write_string(number, place, said)
    book.close()
    return target.getvalue()


def _rows(kind: TableKind, stock: Stock | None) -> Iterable[Row]:
    """The rows of the register, or the example, which begins so that nobody takes it for a row."""
    if stock is not None:
        return kind.rows_of(stock)
    example = example_of(kind)
    first = kind.columns[0].key
    return [{**example, first: f"{_(_EXAMPLE)} {example[first]}"}]


def _notes(kind: TableKind) -> list[tuple[str, ...]]:
    """What each column may hold, one line each, then what goes for all."""
    lines: list[tuple[str, ...]] = [(column.heading(), _meaning(column)) for column in kind.columns]
    lines.append(())
    lines += [("", _(note)) for note in kind.notes]
    lines.append(("", _("Lines that begin with # or e.g. are left out. Columns may stand in any order.")))
    lines.append(("", _("What is not in the sheet stays as it is, unless you ask for it to be retired.")))
    return lines


def _meaning(column: Column) -> str:
    field = column.field
    needed = _("needed") if field.required else _("may be empty")
    if field.choices:
        return f"{needed}; " + ", ".join(column.word(choice) for choice in field.choices if choice != "")
    if bool in field.kind:
        return f"{needed}; {_('Yes')}, {_('No')}"
    if date in field.kind:
        return f"{needed}; {_('a date such as 2026-01-31')}"
    if datetime in field.kind:
        return f"{needed}; {_('a day with a time such as 2026-01-31 17:00, a day, or a time')}"
    if int in field.kind:
        low, high = f"{field.low:,.15g}", f"{field.high:,.15g}"
        return f"{needed}; " + _("a number from {low} to {high}").format(low=low, high=high)
    return f"{needed}; {_('text')}"

"""The report in a shop's own form: an .xlsx of theirs whose placeholders are filled with the figures of a shift.

A placeholder is `{{name}}`, alone in a cell (then the cell becomes a real number, date or text) or within a text (then
it reads as on a page); or a cell is named `gadong.name`. Of a list `{{machines.name}}` repeats its row for every
machine; neighbouring rows that hold one list are repeated together; `{{machines.2.name}}` or `{{machines.WD-01.name}}`
stands for one row alone. What is not known leaves its cell empty, within a text it is a dash. The shop's formulas,
looks and what it prints stay.
"""

from __future__ import annotations

import difflib
import io
import re
import shutil
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from msgspec import Struct
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet

from desktop import text
from desktop.domain.figures.report import ShiftReport
from desktop.reports.blocks import Kind
from desktop.reports.cells import local, shown, visible
from desktop.reports.form import pictures
from desktop.reports.form.names import LISTS, NOTHING, NUMBER, SINGLE, Value, Values, values_of
from desktop.reports.form.rows import Block, Growth, grow
from desktop.reports.sections.page import demo_words
from desktop.store.database import KnownError, unreadable
from desktop.text import _, os_reason
from desktop.wording.numbers import minutes_tenths, percent

__all__ = ["ENDING", "LISTS", "NUMBER", "SINGLE", "fill", "offer", "sample"]

ENDING = ".xlsx"
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_BRACES = re.compile(r"\{\{|\}\}")
_PREFIX = "gadong."
_LARGEST = 20_000_000  # bytes; a form has a few thousand
_LONGEST = 32_767  # characters of a cell
_MINUTE_MS = 60_000
_FORMATS = {
    Kind.PIECES: "#,##0",
    Kind.SIGNED: "+#,##0;-#,##0;0",
    Kind.RATIO: "0.0%",
    Kind.POINTS: "+0.0;-0.0;0.0",
    Kind.INDEX: "0.00",
    Kind.MINUTES: "#,##0.0",
    Kind.DURATION: "#,##0.0",
    Kind.CLOCK: "hh:mm",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd hh:mm",
}
#: what openpyxl raises for a file that is no workbook or a damaged one
_UNREADABLE = (
    BadZipFile, InvalidFileException, SyntaxError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    EOFError,
)  # fmt: skip


def sample() -> Path:
    """The form that comes with the program, in the language in use."""
    return Path(__file__).resolve().parents[3] / "resources" / "forms" / f"daily-report-{text.language()}{ENDING}"


def offer(folder: Path) -> Path:
    """The folder of a shop's forms; where there is none it is made, with the sample in it. Raises KnownError."""
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            shutil.copyfile(sample(), folder / sample().name)
    except OSError as fault:
        raise KnownError(
            _("The folder {folder} cannot be made: {reason}.").format(folder=folder, reason=os_reason(fault))
        ) from fault
    return folder


def fill(report: ShiftReport, template: Path) -> bytes:
    """The filled form as a workbook. Raises KnownError, with one sentence, for a form that cannot be filled."""
    book = _opened(template)
    wanted = _Wanted(template.name, values_of(report))
    for sheet in book.worksheets:
        _name_cells(book, sheet)
    growths = {sheet.title: wanted.growth(sheet) for sheet in book.worksheets}
    if not wanted.found:
        raise KnownError(
            _("{form} has no placeholder such as {placeholder}: there is nothing to fill in.").format(
                form=template.name, placeholder="{{good}}"
            )
        )
    copies = grow(book, growths)
    for sheet in book.worksheets:
        for cell in list(sheet._cells.values()):
            if isinstance(cell, Cell):
                wanted.fill(cell, copies[sheet.title].get(cell.row, 0), report.head.timezone)
        if report.head.demo:
            sheet.oddHeader.center.text = demo_words(report).replace("&", "&&")
    book.calculation.fullCalcOnLoad = True
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _opened(template: Path) -> Workbook:
    """The form with its pictures. Raises KnownError."""
    try:
        if template.stat().st_size > _LARGEST:
            raise KnownError(_("{form} is too large for a form: it has more than 20 MB.").format(form=template.name))
        content = template.read_bytes()
    except OSError as fault:
        words = _("The form {form} cannot be read: {reason}.").format(form=template, reason=os_reason(fault))
        raise unreadable(fault, words) from fault
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out
            reader = ExcelReader(io.BytesIO(content), rich_text=True)
            reader.read()
            pictures.restore(reader, content)
    except _UNREADABLE as fault:
        raise KnownError(
            _(
                "{form} cannot be filled in: it is no Excel workbook (.xlsx), or it has a password or is damaged."
            ).format(form=template.name)
        ) from fault
    book: Workbook = reader.wb
    return book


def _name_cells(book: Workbook, sheet: Worksheet) -> None:
    """A cell that is named `gadong.name` is one that holds {{name}}."""
    for names in (book.defined_names, sheet.defined_names):
        for name, defined in names.items():
            if not name.lower().startswith(_PREFIX):
                continue
            for title, where in defined.destinations:
                if title == sheet.title:
                    sheet[where.replace("$", "").partition(":")[0]] = "{{" + name[len(_PREFIX) :] + "}}"


class _Asked(Struct, frozen=True):
    """What a placeholder names: a figure (`rows` ""), or a column of a list, of row `number` from 0 or of each."""

    rows: str
    name: str
    number: int | None = None


class _Wanted:
    """The placeholders of a form against the values of a report."""

    def __init__(self, form: str, values: Values) -> None:
        self._form = form
        self._values = values
        self.found = 0

    def growth(self, sheet: Worksheet) -> Growth:
        """How often each row comes. Raises KnownError for a placeholder that is not known."""
        lists: dict[int, set[str]] = {}
        for cell in [cell for _place, cell in sorted(sheet._cells.items())]:
            for asked in self._asked_in(cell):
                self.found += 1
                if asked.rows and asked.number is None:
                    lists.setdefault(cell.row, set()).add(asked.rows)
        blocks: list[tuple[int, int, set[str]]] = []
        for row, named in sorted(lists.items()):
            if blocks and blocks[-1][1] == row - 1 and blocks[-1][2] == named:
                blocks[-1] = (blocks[-1][0], row, named)
            else:
                blocks.append((row, row, named))
        lengths = {name: len(rows) for name, rows in self._values.lists.items()}
        return Growth(
            tuple(
                Block(first, last - first + 1, max(1, *(lengths[name] for name in named)))
                for first, last, named in blocks
            )
        )

    def fill(self, cell: Cell, number: int, timezone: str) -> None:
        """Put the values into a cell of copy `number` of its row."""
        words = _words(cell)
        if words is None or not _PLACEHOLDER.search(words):
            return
        alone = _PLACEHOLDER.fullmatch(words.strip())
        if alone:
            _put(cell, self._value(self._asked(cell, alone[1]), number), timezone)
            return

        def said(part: str) -> str:
            return _PLACEHOLDER.sub(
                lambda match: _in_words(self._value(self._asked(cell, match[1]), number), timezone), part
            )

        if isinstance(cell.value, CellRichText) and not any(_BRACES.search(said(str(part))) for part in cell.value):
            whole = [
                TextBlock(part.font, said(part.text)) if isinstance(part, TextBlock) else said(str(part))
                for part in cell.value
            ]
            cell.value = CellRichText(whole)
        else:
            _put(cell, Value(said(words)), timezone)

    def _asked_in(self, cell: object) -> Iterator[_Asked]:
        if not isinstance(cell, Cell):
            return
        formula = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
        if cell.data_type == "f" and isinstance(formula, str) and _PLACEHOLDER.search(formula):
            raise self._fault(cell, _("a placeholder cannot stand within a formula; give it a cell of its own."))
        words = _words(cell)
        if words is None:
            return
        for match in _PLACEHOLDER.finditer(words):
            yield self._asked(cell, match[1])
        if _BRACES.search(_PLACEHOLDER.sub("", words)):
            raise self._fault(
                cell,
                _("a placeholder does not begin or end; write it as {placeholder}.").format(placeholder="{{good}}"),
            )

    def _asked(self, cell: Cell, written: str) -> _Asked:
        name = written.strip()
        if name.lower() in SINGLE:
            return _Asked("", name.lower())
        rows, _dot, rest = name.partition(".")
        which, _dot, column = rest.rpartition(".")
        rows, column = rows.lower(), column.lower()
        if rows in LISTS and column in (NUMBER, *LISTS[rows].columns):
            number = self._number(rows, which)
            if not which or number is not None:
                return _Asked(rows, column, number)
        placeholder = "{{" + name + "}}"
        near = self._nearest(rows, which, name)
        if not near:
            raise self._fault(
                cell,
                _("{placeholder} is not known; the manual lists every name.").format(placeholder=placeholder),
            )
        raise self._fault(
            cell,
            _("{placeholder} is not known; the nearest name is {nearest}.").format(
                placeholder=placeholder, nearest="{{" + near + "}}"
            ),
        )

    def _number(self, rows: str, which: str) -> int | None:
        """Which row is meant: by its number from 1, or by the code of its machine."""
        if which.isdecimal() and int(which) > 0:
            return int(which) - 1
        codes = [str(row["code"].raw) for row in self._values.lists[rows] if "code" in row]
        return codes.index(which) if which in codes else None

    def _nearest(self, rows: str, which: str, name: str) -> str:
        """The known name that looks most like the one that is written."""
        if rows in LISTS and which:
            known = [str(row["code"].raw) for row in self._values.lists[rows] if "code" in row]
            column = difflib.get_close_matches(name.rpartition(".")[2], [NUMBER, *LISTS[rows].columns], 1, 0.0)[0]
            code = (
                which
                if self._number(rows, which) is not None
                else "".join(difflib.get_close_matches(which, known, 1, 0.0))
            )
            return f"{rows}.{code or 1}.{column}"
        every = [*SINGLE, *(f"{key}.{column}" for key, made in LISTS.items() for column in (NUMBER, *made.columns))]
        return next(iter(difflib.get_close_matches(name.lower(), every, 1, 0.5)), "")

    def _value(self, asked: _Asked, number: int) -> Value:
        if not asked.rows:
            return self._values.single.get(asked.name, NOTHING)
        rows = self._values.lists[asked.rows]
        number = number if asked.number is None else asked.number
        return rows[number].get(asked.name, NOTHING) if number < len(rows) else NOTHING

    def _fault(self, cell: Cell, what: str) -> KnownError:
        where = _("{form}, sheet {sheet}, cell {cell}").format(
            form=self._form, sheet=cell.parent.title, cell=cell.coordinate
        )
        return KnownError(f"{where}: {what}")


def _words(cell: Cell) -> str | None:
    """The text of a cell; None for numbers and formulas."""
    if cell.data_type == "f" or isinstance(cell.value, ArrayFormula | DataTableFormula):
        return None
    return str(cell.value) if isinstance(cell.value, str | CellRichText) else None


def _in_words(value: Value, timezone: str) -> str:
    """A value within a text, as a page shows it: a ratio with its sign, minutes with a decimal."""
    if isinstance(value.raw, int | float):
        if value.kind is Kind.RATIO:
            return percent(value.raw)
        if value.kind in (Kind.MINUTES, Kind.DURATION):
            return minutes_tenths(value.raw)
    return shown(value.raw, value.kind, timezone)


def _put(cell: Cell, value: Value, timezone: str) -> None:
    """A value in a cell of its own; the shop's format of numbers stays where it has chosen one."""
    kept = cell.number_format
    raw: Any = value.raw
    if isinstance(raw, str):
        cell.value = visible(raw)[:_LONGEST]
        cell.data_type = "s"  # a name that begins with = is no formula
        return
    if raw is not None:
        if value.kind in (Kind.CLOCK, Kind.DATE, Kind.MOMENT):
            raw = _moment(raw, timezone)
        elif value.kind in (Kind.MINUTES, Kind.DURATION):
            raw = raw / _MINUTE_MS
        elif value.kind is Kind.POINTS:
            raw = raw * 100
    cell.value = raw
    cell.number_format = _FORMATS.get(value.kind, kept) if kept in ("General", "@") and raw is not None else kept


def _moment(at_ms: float, timezone: str) -> datetime:
    """A moment as Excel has it: local, to the second."""
    return local(at_ms, timezone).replace(tzinfo=None, microsecond=0)

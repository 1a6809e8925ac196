"""Rows of a sheet that are repeated, and everything of the sheet that has to go along.

openpyxl inserts rows without moving what speaks of them. Here a sheet is told once which rows come how often, and cells
with their looks, heights, merged cells, formulas, rules for looks and input, print areas, tables, pictures and charts
find their new places. A range that holds repeated rows grows with them; a formula within a repeated row speaks of its
own copy, unless its row is fixed with $.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import Any

from msgspec import Struct
from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.merge import MergedCellRange
from openpyxl.worksheet.worksheet import Worksheet

_CELL = re.compile(r"(\$?[A-Za-z]{1,3})(\$?)([1-9]\d{0,6})")
_ROW = re.compile(r"(\$?)([1-9]\d{0,6})")


class Block(Struct, frozen=True):
    """Rows that come `times` times (1 or more) one after the other."""

    first: int
    height: int
    times: int

    @property
    def last(self) -> int:
        """The last of its rows."""
        return self.first + self.height - 1


class Growth(Struct, frozen=True):
    """Where the rows of a sheet come to lie. Blocks are in order and apart from each other."""

    blocks: tuple[Block, ...] = ()

    def block(self, row: int) -> Block | None:
        """The repeated rows to which a row belongs."""
        return next((block for block in self.blocks if block.first <= row <= block.last), None)

    def place(self, row: int, number: int = 0) -> int:
        """The new row of a row; of a repeated one that of copy `number`, from 0."""
        above = sum(block.height * (block.times - 1) for block in self.blocks if block.last < row)
        block = self.block(row)
        return row + above + (number * block.height if block else 0)

    def last(self, row: int) -> int:
        """The new row of its last copy."""
        block = self.block(row)
        return self.place(row, block.times - 1 if block else 0)


class _Home(Struct, frozen=True):
    """Where a formula stands: its sheet and, within repeated rows, which copy."""

    sheet: str
    block: Block | None = None
    number: int = 0


def grow(book: Workbook, growths: Mapping[str, Growth]) -> dict[str, dict[int, int]]:
    """Repeat the rows of all sheets; for each sheet the number of the copy (from 0) in which a new row lies."""
    growths = {name: growth for name, growth in growths.items() if any(block.times > 1 for block in growth.blocks)}
    copies: dict[str, dict[int, int]] = {sheet.title: {} for sheet in book.worksheets}
    for sheet in book.worksheets:
        growth = growths.get(sheet.title, Growth())
        homes = _cells(sheet, growth) if growth.blocks else {}
        copies[sheet.title] = {row: home.number for row, home in homes.items() if home.block is not None}
        if growths:
            _formulas(sheet, growths, homes)
            _rules(sheet, growth, growths)
        if growth.blocks:
            _rest(sheet, growth)
        for chart in sheet._charts if growths else ():
            _chart(chart, sheet.title, growths)
    for names in (book.defined_names, *(sheet.defined_names for sheet in book.worksheets)) if growths else ():
        for defined in names.values():
            if defined.attr_text:
                defined.attr_text = moved(defined.attr_text, _Home(""), growths)
    return copies


def moved(formula: str, home: _Home, growths: Mapping[str, Growth]) -> str:
    """A formula, with or without its equals sign, with every reference where its cells lie now."""
    plain = not formula.startswith("=")
    tokens = Tokenizer(f"={formula}" if plain else formula)
    for token in tokens.items:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            token.value = _reference(token.value, home, growths)
    return str(tokens.render())[1 if plain else 0 :]


def _reference(words: str, home: _Home, growths: Mapping[str, Growth]) -> str:
    """One reference: a cell, a range of cells or of rows, perhaps on another sheet; anything else stays as it is."""
    sheet, mark, area = words.rpartition("!")
    name = sheet.strip("'").replace("''", "'") if mark else home.sheet
    growth = growths.get(name)
    if growth is None:
        return words
    within = home.block if name == home.sheet else None
    begin, colon, end = area.partition(":")
    first = _end(begin, growth, within, home.number, last=False)
    second = _end(end, growth, within, home.number, last=True) if colon else ""
    return words if first is None or second is None else f"{sheet}{mark}{first}{colon}{second}"


def _end(words: str, growth: Growth, within: Block | None, number: int, *, last: bool) -> str | None:
    """One end of a reference; None where it names no row."""
    cell, row_only = _CELL.fullmatch(words), _ROW.fullmatch(words)
    if cell:
        column, fixed, row = cell[1], cell[2], int(cell[3])
    elif row_only:
        column, fixed, row = "", row_only[1], int(row_only[2])
    else:
        return None
    if within is not None and not fixed and within == growth.block(row):
        return f"{column}{growth.place(row, number)}"
    return f"{column}{fixed}{growth.last(row) if last else growth.place(row)}"


def _area(bounds: CellRange, growth: Growth) -> list[CellRange]:
    """Where a range of cells lies now: once, grown, or with every copy where it lies within repeated rows."""
    block = growth.block(bounds.min_row)
    if block is not None and bounds.max_row <= block.last:
        rows = [(growth.place(bounds.min_row, n), growth.place(bounds.max_row, n)) for n in range(block.times)]
    else:
        rows = [(growth.place(bounds.min_row), growth.last(bounds.max_row))]
    return [CellRange(min_col=bounds.min_col, max_col=bounds.max_col, min_row=low, max_row=high) for low, high in rows]


def _cells(sheet: Worksheet, growth: Growth) -> dict[int, _Home]:
    """Cells, merged cells and heights of rows; returns where each new row comes from."""
    grown = [r for r in sheet.merged_cells.ranges if not _repeats(r, growth)]
    covered = {cell for r in grown for cell in r.cells if cell != (r.min_row, r.min_col)}
    tops = {(r.min_row, r.min_col) for r in grown}
    homes: dict[int, _Home] = {}
    old, heights = dict(sheet._cells), dict(sheet.row_dimensions)
    sheet._cells.clear()
    for (row, column), cell in old.items():
        block = growth.block(row)
        for number in range(block.times if block else 1):
            place = growth.place(row, number)
            homes.setdefault(place, _Home(sheet.title, block, number))
            under = (row, column) in covered or (number and (row, column) in tops)
            sheet._cells[place, column] = _copied(cell, sheet, place, under=bool(under)) if number else cell
        cell.row = growth.place(row)
    sheet.row_dimensions.clear()
    for row, height in heights.items():
        block = growth.block(row)
        for number in range(block.times if block else 1):
            again = copy(height)
            again.index = growth.place(row, number)
            sheet.row_dimensions[again.index] = again
    merged = [part for r in sheet.merged_cells.ranges for part in _area(r, growth)]
    sheet.merged_cells = MultiCellRange()
    for part in merged:
        sheet.merged_cells.add(MergedCellRange(sheet, part.coord))
    return homes


def _repeats(bounds: CellRange, growth: Growth) -> bool:
    block = growth.block(bounds.min_row)
    return block is not None and bounds.max_row <= block.last


def _copied(cell: Cell | MergedCell, sheet: Worksheet, row: int, *, under: bool) -> Cell | MergedCell:
    """The cell once more in another row; `under`: it lies under a merged cell that has grown."""
    if under or isinstance(cell, MergedCell):
        hidden = MergedCell(sheet, row, cell.column)
        hidden._style = copy(cell._style)
        return hidden
    again = Cell(sheet, row, cell.column)
    again._style = copy(cell._style)
    again._value, again.data_type = copy(cell._value), cell.data_type
    return again


def _formulas(sheet: Worksheet, growths: Mapping[str, Growth], homes: Mapping[int, _Home]) -> None:
    growth = growths.get(sheet.title, Growth())
    for (row, _column), cell in sheet._cells.items():
        home = homes.get(row, _Home(sheet.title))
        if isinstance(cell, MergedCell):
            continue
        if isinstance(cell.value, ArrayFormula):
            text = moved(cell.value.text, home, growths) if cell.value.text else cell.value.text
            cell.value = ArrayFormula(_shifted(cell.value.ref, cell.row), text)
        elif isinstance(cell.value, DataTableFormula):
            cell.value.ref = _area(CellRange(cell.value.ref), growth)[0].coord
        elif cell.data_type == "f":
            cell.value = moved(str(cell.value), home, growths)


def _shifted(ref: str, row: int) -> str:
    """The range of an array formula, from its cell's new row on."""
    bounds = CellRange(ref)
    bounds.shift(row_shift=row - bounds.min_row)
    return str(bounds.coord)


def _rules(sheet: Worksheet, growth: Growth, growths: Mapping[str, Growth]) -> None:
    """Rules for looks and for input, whose formulas may speak of other sheets."""
    home = _Home(sheet.title)
    looks = ConditionalFormattingList()
    for formatting in sheet.conditional_formatting:
        where = " ".join(part.coord for area in formatting.sqref.ranges for part in _area(area, growth))
        for rule in formatting.rules:
            rule.formula = [moved(formula, home, growths) for formula in rule.formula]
            looks.add(where, rule)
    sheet.conditional_formatting = looks
    for check in sheet.data_validations.dataValidation:
        parts = [part.coord for area in check.sqref.ranges for part in _area(area, growth)]
        check.sqref = MultiCellRange(" ".join(parts))
        for name in ("formula1", "formula2"):
            formula = getattr(check, name)
            if formula and not formula.startswith('"'):
                setattr(check, name, moved(formula, home, growths))


def _rest(sheet: Worksheet, growth: Growth) -> None:
    """What is printed, filters, tables, breaks, pictures."""
    if sheet.print_area:
        areas = re.findall(r"\$?[A-Z]+\$?\d+:\$?[A-Z]+\$?\d+", str(sheet.print_area))
        sheet.print_area = [_grown(CellRange(area.replace("$", "")), growth) for area in areas]
    if sheet.print_title_rows:
        low, high = (int(row) for row in sheet.print_title_rows.replace("$", "").split(":"))
        sheet.print_title_rows = f"{growth.place(low)}:{growth.last(high)}"
    for stop in sheet.row_breaks.brk:
        stop.id = growth.last(stop.id)
    if sheet.auto_filter.ref:
        sheet.auto_filter.ref = _grown(CellRange(sheet.auto_filter.ref), growth)
    for table in sheet.tables.values():
        table.ref = _grown(CellRange(table.ref), growth)
        if table.autoFilter is not None and table.autoFilter.ref:
            table.autoFilter.ref = _grown(CellRange(table.autoFilter.ref), growth)
    for drawn in (*sheet._images, *sheet._charts):
        for corner, find in (("_from", growth.place), ("to", growth.last)):
            _move_corner(getattr(drawn.anchor, corner, None), find)


def _grown(bounds: CellRange, growth: Growth) -> str:
    """A range as one, from its first row to the last copy of its last."""
    low, high = growth.place(bounds.min_row), growth.last(bounds.max_row)
    return str(CellRange(min_col=bounds.min_col, max_col=bounds.max_col, min_row=low, max_row=high).coord)


def _move_corner(corner: Any, find: Callable[[int], int]) -> None:
    if corner is not None:
        corner.row = find(corner.row + 1) - 1


def _chart(chart: Any, sheet: str, growths: Mapping[str, Growth]) -> None:
    """The cells that a chart shows."""
    home = _Home(sheet)
    for one in _all_charts(chart):
        for series in one.series:
            for name in ("val", "cat", "xVal", "yVal", "zVal", "tx"):
                told = getattr(series, name, None)
                for kind in ("numRef", "strRef", "multiLvlStrRef"):
                    reference = getattr(told, kind, None)
                    if reference is not None and reference.f:
                        reference.f = moved(reference.f, home, growths)


def _all_charts(chart: Any) -> Sequence[Any]:
    """A chart with those that are drawn into it."""
    found: Iterable[Any] = getattr(chart, "_charts", None) or [chart]
    return list(found)

"""A file or the clipboard -> lines of cells: XLSX, CSV in the encodings and with the separators that Excel in Korea
makes, tab-separated text. What it is is seen from its content, never from its name.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from desktop.configuration.sheets.cells import NoValue, is_blank, unguarded
from desktop.configuration.sheets.columns import MOST_ROWS
from desktop.store.database import KnownError, unreadable
from desktop.text import _, os_reason

MOST_BYTES = 20_000_000  # of a file; 10,000 rows take less than one
_MOST_UNPACKED = 48_000_000  # bytes of one part of a workbook
_MOST_COLUMNS = 200
HEAD_LINES = 30  # the titles of the columns stand within the first so many lines
_EXCEL_ROWS = 1_048_576
_MOST_MERGED = 5_000
_LONGEST_CELL = 32_767  # characters: Excel's own limit
_SEPARATORS = "\t;,|"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # OLE2: .xls, and .xlsx with a password
#: what openpyxl and zipfile raise for a file that is no workbook or a damaged one
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, SyntaxError, KeyError, ValueError, TypeError, AttributeError,
    IndexError, EOFError, NotImplementedError, RuntimeError, OverflowError,
)  # fmt: skip
# No "<" stands inside a tag of well-formed XML: these never look at a byte of a spoiled file twice.
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*?ref\s*=\s*[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")
_UNRECKONED = re.compile(
    rb"<(?:\w+:)?c\s(?:[^<>]*?\s)?r=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^<>]*>\s*<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


class Line(Struct, frozen=True):
    """One line of a sheet: its number as the person sees it, and its cells from column A on."""

    number: int
    cells: tuple[object, ...]


class Sheet(Struct, frozen=True):
    """What was read. `name`: file and sheet, or the clipboard. `blocks`: merged cells that are more than one column
    wide, as first line, last line, "B4:C6". `epoch`: the year with which days are counted.
    """

    name: str
    lines: list[Line]
    blocks: tuple[tuple[int, int, str], ...] = ()
    epoch: int = 1900


Score = Callable[[Sequence[object]], int]  # how many of a line's cells are titles of columns


def read_file(file: Path, score: Score) -> Sheet:
    """The lines of a file. Of several sheets, hidden ones apart, that with the most known titles. Raises KnownError."""
    try:
        if file.is_dir():
            raise KnownError(_("{path} is a folder. Name an Excel or CSV file.").format(path=file))
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as fault:
        reason = os_reason(fault) if isinstance(fault, OSError) else str(fault)
        words = _("{path} cannot be read: {reason}.").format(path=file, reason=reason)
        raise unreadable(fault, words) if isinstance(fault, OSError) else KnownError(words) from fault
    return read_bytes(content, file.name, score)


def read_bytes(content: bytes, name: str, score: Score) -> Sheet:
    """The same of the content of a file of that name. Raises KnownError."""
    if len(content) > MOST_BYTES:
        raise KnownError(_("{name} is too large for a table: it has more than 20 MB.").format(name=name))
    if content.startswith(_OLD_EXCEL):
        words = _("{name} is an old Excel file or has a password: save it as .xlsx without a password.")
        raise KnownError(words.format(name=name))
    if content.startswith(b"PK\x03\x04"):
        return _workbook(content, name, score)
    return read_text(_decoded(content, name), name, score)


def read_text(words: str, name: str, score: Score) -> Sheet:
    """Separated text, as files have it and Excel puts it onto the clipboard: tab, semicolon, comma or bar, found by
    which of them separates known titles. Raises KnownError."""
    words = words.removeprefix("\ufeff")
    skipped = 0
    told = re.match(r"sep=(.)\r?\n", words)  # Excel's own first line
    separators = _SEPARATORS
    if told:
        words, skipped, separators = words[told.end() :], 1, told[1]
    if "\0" in words:
        raise KnownError(_("{name} is no text: it holds zero bytes.").format(name=name))

    def best_of(separator: str) -> int:
        lines = _split(words, separator, name, most=HEAD_LINES)
        return max((score(line.cells) for line in lines), default=0)

    separator = separators[0] if len(separators) == 1 else max(separators, key=best_of)
    lines = [
        Line(line.number + skipped, tuple(unguarded(str(cell)) for cell in line.cells))
        for line in _split(words, separator, name)
    ]
    return Sheet(name, lines)


def _decoded(content: bytes, name: str) -> str:
    """The text of a file: UTF-8 with or without BOM, what Notepad calls Unicode, or CP949."""
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        unicode_until = fault.start
    try:
        return content.decode("cp949")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, max(fault.start, unicode_until)) + 1  # it is what it was for longer
        words = _("{name}, line {line}: this is neither UTF-8 nor CP949. Save it as CSV UTF-8 in Excel.")
        raise KnownError(words.format(name=name, line=line)) from fault


def _split(words: str, separator: str, name: str, most: int = MOST_ROWS + HEAD_LINES) -> list[Line]:
    """The lines that hold anything, each with the number on which it begins. `most`: read no further, or say so."""
    found: list[Line] = []
    rows = csv.reader(io.StringIO(words, newline=""), delimiter=separator)
    number = 1
    try:
        for row in rows:
            if any(len(cell) > _LONGEST_CELL for cell in row):
                raise csv.Error
            if any(not is_blank(cell) for cell in row):
                found.append(Line(number, tuple(row[:_MOST_COLUMNS])))
                if len(found) >= most:
                    if most > HEAD_LINES:
                        raise _too_many(name)
                    break
            number = rows.line_num + 1
    except csv.Error as fault:
        if most == HEAD_LINES:
            return found  # another separator may be the right one
        words = _("{name}, line {line}: a quote is opened and not closed. Close it or take it away.")
        raise KnownError(words.format(name=name, line=number)) from fault
    return found


def _too_many(name: str) -> KnownError:
    return KnownError(_("{name} has more than {count} rows: split it.").format(name=name, count=f"{MOST_ROWS:,}"))


# -- workbooks --


def _workbook(content: bytes, name: str, score: Score) -> Sheet:
    """The sheet of a workbook with the most known titles."""
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out
            _check_size(content, name)
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            try:
                return _best_sheet(book, name, score)
            finally:
                book.close()
    except _UNREADABLE as fault:
        words = _("{name} cannot be read: it is no Excel workbook (.xlsx), or it has a password or is damaged.")
        raise KnownError(words.format(name=name)) from fault


def _check_size(content: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = [info.file_size for info in archive.infolist() if info.filename.endswith((".xml", ".rels"))]
    if max(texts, default=0) > _MOST_UNPACKED or sum(texts) > 4 * _MOST_UNPACKED:
        raise KnownError(_("{name} is too large for a table: split it.").format(name=name))


def _best_sheet(book: Any, name: str, score: Score) -> Sheet:
    seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not seen:
        raise KnownError(_("{name} has no sheet that can be seen: show the hidden sheet in Excel.").format(name=name))

    def known(sheet: Any) -> int:
        head = sheet.iter_rows(min_row=1, max_row=HEAD_LINES, max_col=_MOST_COLUMNS, values_only=True)
        return max(map(score, head), default=0)

    sheet = seen[0] if len(seen) == 1 else max(seen, key=known)
    raw = book._archive.read(sheet._worksheet_path)
    lines = _lines(sheet, name)
    lines, blocks = _unmerged(lines, _MERGED.findall(raw), name)
    unreckoned: dict[int, set[int]] = {}
    for column, row in _UNRECKONED.findall(raw):
        unreckoned.setdefault(int(row), set()).add(_place(column))
    if unreckoned:
        lines = [_marked(line, unreckoned.get(line.number, set())) for line in lines]
    title = f"{name} [{sheet.title}]" if len(book.worksheets) > 1 else name
    return Sheet(title, lines, blocks, 1904 if book.epoch.year == 1904 else 1900)


def _lines(sheet: Any, name: str) -> list[Line]:
    """Every line up to the last that holds anything; blank ones only where a merged cell may reach into them."""
    found: list[Line] = []
    blank: list[Line] = []
    nothing: object = None  # rows that the file leaves out are one and the same tuple
    for number, cells in enumerate(sheet.iter_rows(max_row=_EXCEL_ROWS, max_col=_MOST_COLUMNS, values_only=True), 1):
        if cells is nothing and len(blank) >= 1000:
            continue
        end = len(cells)
        while end and cells[end - 1] is None:
            end -= 1
        line = Line(number, tuple(cells[:end]))
        if all(map(is_blank, line.cells)):
            nothing = cells
            if len(blank) < 1000:
                blank.append(line)
            continue
        found += [*blank, line]
        blank.clear()
        if len(found) > MOST_ROWS + HEAD_LINES:
            raise _too_many(name)
    return found + blank


def _place(column: bytes | str) -> int:
    """A column's letters as its place from 0."""
    place = 0
    for letter in column if isinstance(column, bytes) else column.encode():
        place = place * 26 + letter - 64
    return place - 1


def letters(place: int) -> str:
    """A column's letters by its place from 0: "A", "AB"."""
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(65 + rest) + found
    return found


def _unmerged(
    lines: list[Line], merged: Sequence[tuple[bytes, bytes, bytes, bytes]], name: str
) -> tuple[list[Line], tuple[tuple[int, int, str], ...]]:
    """Cells that are merged downwards all hold what the first one says, as people mean it; wider ones are named."""
    if len(merged) > _MOST_MERGED:
        raise KnownError(_("{name} has too many merged cells: split them in Excel.").format(name=name))
    blocks = []
    by_number = {line.number: place for place, line in enumerate(lines)}
    for left, first, right, last in merged:
        if left != right:
            blocks.append((int(first), int(last), f"{left.decode()}{int(first)}:{right.decode()}{int(last)}"))
            continue
        column, start = _place(left), by_number.get(int(first))
        if start is None or column >= _MOST_COLUMNS or column >= len(lines[start].cells):
            continue
        value = lines[start].cells[column]
        for place in _between(lines, start + 1, int(last)):
            line = lines[place]
            cells = [*line.cells, *[None] * (column + 1 - len(line.cells))]
            cells[column] = value
            lines[place] = Line(line.number, tuple(cells))
    return lines, tuple(blocks)


def _between(lines: list[Line], start: int, last: int) -> Iterator[int]:
    place = start
    while place < len(lines) and lines[place].number <= last:
        yield place
        place += 1


def _marked(line: Line, places: Iterable[int]) -> Line:
    """A line whose formulas without a value are told from empty cells."""
    cells = list(line.cells)
    for place in places:
        if place >= _MOST_COLUMNS:
            continue
        cells += [None] * (place + 1 - len(cells))
        if cells[place] is None:
            cells[place] = NoValue()
    return Line(line.number, tuple(cells))

"""Lines of cells -> rows of a table: titles are found wherever they stand and in whatever order, and every cell that
does not fit is named with its line and column, all of them at once.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from msgspec import Struct

from desktop.configuration.sheets.cells import UnfitCellError, is_blank, value_of
from desktop.configuration.sheets.columns import MOST_ROWS, Column, Row, TableKind
from desktop.configuration.sheets.reading import HEAD_LINES, Line, Sheet, letters
from desktop.text import _

MOST_FAULTS = 500  # that are said; what is beyond is counted
_UNIT = re.compile(r"\((.*?)\)|\[(.*?)\]")
_SIGNS = re.compile(r"[\s_\-./·:*※]+")
_MINUTES = ("분", "min", "minutes")
_EXAMPLE = re.compile(r"#(\s|$)|예\)|예시(\s|:|$)|e\.g\.", re.IGNORECASE)  # a line that begins so is for people


class Record(Struct, frozen=True):
    """One row of a sheet: the line in which it stands and the columns of which it speaks."""

    line: int
    row: Row


class Faults:
    """Faults in the order of the sheet; beyond a number they are only counted."""

    def __init__(self) -> None:
        self._said: list[tuple[int, str]] = []
        self.beyond = 0

    def add(self, line: int, sentence: str) -> None:
        """Note one of a line, 0: of the whole sheet."""
        if len(self._said) < MOST_FAULTS:
            self._said.append((line, sentence))
        else:
            self.beyond += 1

    def __len__(self) -> int:
        """How many there are."""
        return len(self._said) + self.beyond

    def sentences(self) -> tuple[str, ...]:
        """What is said, in the order of the lines."""
        return tuple(sentence for _line, sentence in sorted(self._said, key=lambda said: said[0]))

    def take(self, others: Faults) -> None:
        """Add those of another look at the same sheet."""
        for line, sentence in others._said:
            self.add(line, sentence)
        self.beyond += others.beyond


class Matched(Struct, frozen=True):
    """What a sheet says. Where there are `faults` its records are not to be used. `notes`: what was left out.
    `broken`: what fits in the rows with faults.
    `letters`: where each column stands in the sheet.
    """

    records: list[Record]
    faults: Faults
    notes: tuple[str, ...] = ()
    letters: Mapping[str, str] = {}
    broken: Sequence[Record] = ()


class _Head(Struct, frozen=True):
    """The line of titles: which column stands at which place, and which of them are in minutes."""

    line: Line
    columns: dict[int, Column]
    minutes: frozenset[int]
    others: tuple[str, ...]
    twice: tuple[str, ...]


class Titles:
    """The titles by which the columns of a kind are known."""

    def __init__(self, kind: TableKind) -> None:
        self._columns: dict[str, Column] = {}
        for column in kind.columns:
            for place, name in enumerate(column.names()):
                folded = _folded(name)
                if place < 3 or folded not in self._columns:  # a title of its own goes before a loose one
                    self._columns[folded] = column

    def column(self, cell: object) -> Column | None:
        """The column of a title."""
        return self._columns.get(_folded(cell)) if isinstance(cell, str) else None

    def score(self, cells: Sequence[object]) -> int:
        """How many columns a line names."""
        return len({column.key for column in map(self.column, cells) if column is not None})


def _folded(title: str) -> str:
    title = _UNIT.sub("", unicodedata.normalize("NFKC", title)[:100])
    return _SIGNS.sub("", title).casefold()


def match(sheet: Sheet, kind: TableKind) -> Matched:
    """The rows of a sheet as rows of a kind, with every fault in it."""
    titles, said = Titles(kind), Faults()
    head = _head(sheet, titles)
    if head is None:
        wanted = ", ".join(column.heading() for column in kind.columns if column.field.required)
        words = _("{name}: no line with the titles of the columns was found. Write them above the rows: {titles}.")
        said.add(0, words.format(name=sheet.name, titles=wanted))
        return Matched([], said)
    for title in head.twice:
        words = _("line {line}: the column {title} stands there twice. Take one away.")
        said.add(head.line.number, words.format(line=head.line.number, title=title))
    rows = _Rows(sheet, kind, head, said)
    examples = 0
    for line in sheet.lines:
        if line.number <= head.line.number or all(map(is_blank, line.cells)):
            continue
        if line.number <= head.line.number + 2 and titles.score(line.cells) >= 2:
            continue  # titles that are merged over two lines
        first = next((str(cell).strip() for cell in line.cells if not is_blank(cell)), "")
        if _EXAMPLE.match(first):
            examples += 1
            continue
        if len(rows.records) >= MOST_ROWS:
            words = _("{name} has more than {count} rows: split it.")
            said.add(line.number, words.format(name=sheet.name, count=f"{MOST_ROWS:,}"))
            break
        rows.take(line)
    if not rows.records and not len(said):
        said.add(0, _("{name}: there are no rows below the titles.").format(name=sheet.name))
    notes = []
    if head.others:
        notes.append(_("These columns are not used: {titles}").format(titles=", ".join(head.others)))
    if examples:
        notes.append(_("Example and comment lines left out: {count}").format(count=examples))
    places = {column.key: letters(place) for place, column in head.columns.items()}
    return Matched(rows.records, said, tuple(notes), places, rows.broken)


class _Rows:
    """Takes line by line."""

    def __init__(self, sheet: Sheet, kind: TableKind, head: _Head, said: Faults) -> None:
        self.records: list[Record] = []
        self.broken: list[Record] = []
        self._sheet, self._kind, self._head, self._said = sheet, kind, head, said
        self._places = {column.key: place for place, column in head.columns.items()}
        self._missing = [c for c in kind.columns if c.field.required and c.key not in self._places]
        self._lines: dict[tuple[object, ...], int] = {}
        self._blocked: dict[int, str] = {}
        numbers = [line.number for line in sheet.lines]
        for first, last, area in sheet.blocks:
            for number in numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]:
                self._blocked.setdefault(number, area)
        for column in self._missing:
            if column.key in kind.keys:
                words = _("line {line}: the column {title} is missing.")
                said.add(head.line.number, words.format(line=head.line.number, title=column.heading()))

    def take(self, line: Line) -> None:
        """One line below the titles."""
        if line.number in self._blocked:
            words = _("line {line}: the cells {area} are merged across columns. Split them in Excel.")
            self._said.add(line.number, words.format(line=line.number, area=self._blocked[line.number]))
            return
        row: Row = {}
        before = len(self._said)
        for place, column in self._head.columns.items():
            cell = line.cells[place] if place < len(line.cells) else None
            try:
                value = value_of(cell, column, minutes=place in self._head.minutes, epoch=self._sheet.epoch)
                if value is None and column.field.required:
                    raise UnfitCellError(
                        _("is empty: fill it in, for example {example}").format(example=column.field.example)
                    )
            except UnfitCellError as fault:
                self._fault(line, place, column, cell, str(fault))
                continue
            row[column.key] = usual(column) if value is None else value
        if len(self._said) > before:
            if len(self.broken) < MOST_FAULTS:
                self.broken.append(Record(line.number, row))
            return
        if any(column.key in self._kind.keys for column in self._missing):
            return
        key = tuple(row.get(name, usual(self._kind.column(name))) for name in self._kind.keys)
        if key in self._lines:
            words = _("line {line}: {row} stands already in line {other}. Take one of them away.")
            named = self._kind.called(dict(zip(self._kind.keys, key, strict=True)))
            self._said.add(line.number, words.format(line=line.number, row=named, other=self._lines[key]))
            return
        self._lines[key] = line.number
        self.records.append(Record(line.number, row))

    def _fault(self, line: Line, place: int, column: Column, cell: object, words: str) -> None:
        self._said.add(line.number, sentence(line.number, letters(place), column, cell, words))


def sentence(line: int, letter: str, column: Column, cell: object, words: str) -> str:
    """A fault with its place: 'line 7, column C (이론 C/T): "4,5x" must be ...'."""
    at = _("line {line}, column {letter} ({title})") if letter else _("line {line} ({title})")
    place = at.format(line=line, letter=letter, title=_(column.title))
    shown = "" if is_blank(cell) or not isinstance(cell, (str, int, float)) else f'"{str(cell).strip()[:40]}" '
    said = f"{place}: {shown}{words}".replace("\n", " ")
    return said if said.endswith((".", "?", ".)")) else f"{said}."


def usual(column: Column) -> object:
    """What an empty cell means."""
    if column.field.default is None and str in column.field.kind:
        return ""
    return column.field.default


def _head(sheet: Sheet, titles: Titles) -> _Head | None:
    """The first of the lines at the top that name the most columns; None where none names two."""
    top = [line for line in sheet.lines[: HEAD_LINES * 2] if line.cells][:HEAD_LINES]
    best = max(top, key=lambda line: titles.score(line.cells), default=None)
    if best is None or titles.score(best.cells) < 2:
        return None
    columns: dict[int, Column] = {}
    minutes, others, twice = set(), [], []
    for place, cell in enumerate(best.cells):
        column = titles.column(cell)
        if column is None:
            if not is_blank(cell):
                others.append(f"{letters(place)} ({str(cell).strip()[:30]})")
        elif any(column is other for other in columns.values()):
            twice.append(str(cell).strip())
        else:
            columns[place] = column
            unit = _UNIT.search(unicodedata.normalize("NFKC", str(cell)))
            if unit and (unit[1] or unit[2] or "").strip().casefold() in _MINUTES:
                minutes.add(place)
    return _Head(best, columns, frozenset(minutes), tuple(others), tuple(twice))

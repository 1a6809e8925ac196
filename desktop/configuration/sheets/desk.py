"""Master data of one data folder at hand: what a window and the command line do with a table, each call on its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from desktop import control
from desktop.configuration.sheets.cells import written
from desktop.configuration.sheets.columns import TableKind, stock_of
from desktop.configuration.sheets.difference import Change, Difference, Preview, apply, preview, preview_usual, undo
from desktop.configuration.sheets.kinds import KINDS
from desktop.configuration.sheets.matching import Titles
from desktop.configuration.sheets.reading import MOST_BYTES, Sheet, read_file, read_text
from desktop.configuration.sheets.writing import write
from desktop.configuration.tables import INT, NUMBER
from desktop.domain.people import PersonNow
from desktop.store import database, people, register
from desktop.text import _


class Shown(Struct, frozen=True):
    """A table in words: its kind, the titles of its columns, its rows as texts, and which columns hold figures."""

    kind: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[bool, ...] = ()


def shown_of(store: database.Store, kind: str) -> Shown:
    """What the register holds of a kind."""
    found = KINDS[kind]
    rows = found.rows_of(stock_of(store))
    return Shown(
        kind,
        tuple(column.heading() for column in found.columns),
        tuple(tuple(written(row[column.key], column) for column in found.columns) for row in rows),
        tuple(column.field.kind in (INT, NUMBER) and not column.field.choices for column in found.columns),
    )


def signers(store: database.Store) -> tuple[PersonNow, ...]:
    """Everybody with where their PIN stands, for a table whose change somebody signs."""
    return people.people_now(store, time.time_ns() // 1_000_000)


class Look:
    """Looks at a table again and again; it is read anew only where the register changed."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._version = -1
        self._shown = Shown(kind, (), ())

    def __call__(self, store: database.Store) -> Shown:
        """The table as it is."""
        version = register.newest_change(store)
        if version != self._version:
            self._shown, self._version = shown_of(store, self._kind), version
        return self._shown


class Desk:
    """Reads and writes the master data of a data folder. Every method opens the file anew and may be called on any
    thread; each raises KnownError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def table(self, kind: str) -> Shown:
        """What the register holds."""
        store = database.open_reader(self._folder)
        try:
            return shown_of(store, kind)
        finally:
            store.close()

    def preview(self, kind: str, source: object) -> Preview:
        """What a file, or a text from the clipboard, would change."""
        found = KINDS[kind]
        score = Titles(found).score
        sheet = (
            read_file(source, score)
            if isinstance(source, Path)
            else read_text(str(source)[:MOST_BYTES], _clipboard(), score)
        )
        return self._preview(found, sheet)

    def _preview(self, kind: TableKind, sheet: Sheet) -> Preview:
        store = database.open_reader(self._folder)
        try:
            return preview(store, sheet, kind)
        finally:
            store.close()

    def usual(self, kind: str) -> Preview:
        """What it would change to take the rows that a new shop begins with."""
        store = database.open_reader(self._folder)
        try:
            return preview_usual(store, KINDS[kind], _("Usual list"))
        finally:
            store.close()

    def apply(self, shown: Preview, *, retire: bool = False, who: str = "", why: str = "") -> Difference:
        """Write what was shown; a collector takes it up. Returns what `undo` takes back."""
        store = database.open_writer(self._folder)
        try:
            done = control.patiently(lambda: apply(store, shown, retire=retire, who=who, why=why))
        finally:
            store.close()
        if done.changes and KINDS[shown.kind].reload:
            control.tell_collector(self._folder)
        return done

    def undo(self, done: Difference, *, who: str = "", why: str = "") -> Difference:
        """Take back what was applied; `why`: where a closed shift becomes another one."""
        store = database.open_writer(self._folder)
        try:
            back = control.patiently(lambda: undo(store, done, who=who, why=why))
        finally:
            store.close()
        if KINDS[done.kind].reload:
            control.tell_collector(self._folder)
        return back

    def export(self, kind: str, file: Path) -> Path:
        """Write a table into a new .xlsx or .csv."""
        store = database.open_reader(self._folder)
        try:
            write(file, KINDS[kind], stock_of(store))
        finally:
            store.close()
        return file

    def template(self, kind: str, file: Path) -> Path:
        """Write a blank table with an example and notes."""
        write(file, KINDS[kind], None)
        return file

    def lines(self, shown: Preview, *, retire: bool = False) -> Iterator[str]:
        """A difference in words, a line for each row."""
        for change in (*shown.difference.changes, *(shown.difference.missing if retire else ())):
            what, where, said = in_words(KINDS[shown.kind], change)
            yield f"{what}: {where}" + (f": {said}" if said else "")


def _clipboard() -> str:
    return _("Clipboard")


def in_words(kind: TableKind, change: Change) -> tuple[str, str, str]:
    """What becomes of a row, which row, and each cell with old and new: "이론 C/T: 4.5 → 5"."""
    row = change.new or change.old or {}
    columns = {column.key: column for column in kind.columns}
    if change.old is None or change.new is None:
        gone = _("Out of the plan") if kind.key == "orders" else _("Retired")
        what = _("New") if change.old is None else gone
        cells = [
            f"{_(columns[key].title)} {written(row[key], columns[key])}"
            for key in change.cells()
            if key not in kind.keys and row[key] not in (None, "", False)
        ]
        return what, kind.called(row), ", ".join(cells) if change.old is None else ""
    cells = [
        f"{_(columns[key].title)} {written(change.old[key], columns[key]) or '–'} → "
        f"{written(change.new[key], columns[key]) or '–'}"
        for key in change.cells()
    ]
    return _("Changed"), kind.called(row), ", ".join(cells)


def said(difference: Difference, retired: int = 0) -> str:
    """How much a difference is, in one sentence: "Products: 12 new, 5 changed, 3 retired, 800 unchanged." """
    words = _("{table}: {added} new, {changed} changed, {retired} retired, {unchanged} unchanged.")
    if difference.kind == "orders":
        words = _("{table}: {added} new, {changed} changed, {retired} out, {unchanged} unchanged.")
    return words.format(
        table=_(KINDS[difference.kind].title),
        added=difference.added,
        changed=difference.changed,
        retired=difference.retired + retired,
        unchanged=difference.unchanged,
    )

"""What a sheet would change of the register: seen before it is done, done in one transaction, and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from desktop.configuration import applying
from desktop.configuration.sheets.cells import clean
from desktop.configuration.sheets.columns import (
    Known,
    Row,
    Stock,
    TableKind,
    Told,
    known_of,
    no_machine,
    stock_of,
)
from desktop.configuration.sheets.kinds import KINDS
from desktop.configuration.sheets.matching import Faults, Matched, Record, match, sentence, usual
from desktop.configuration.sheets.reading import Sheet
from desktop.configuration.tables import ConfigurationError
from desktop.store import master_data, register
from desktop.store.closed_register import keeping_closed
from desktop.store.database import KnownError, Store
from desktop.text import N_, _

Held = dict[tuple[object, ...], Row]  # rows by their keys

_MOST_ALIKE = 5


class Change(Struct, frozen=True):
    """One row before and after: None before where it is added, None after where it is retired. `line`: of the sheet,
    0 for none.
    """

    old: Row | None
    new: Row | None
    line: int = 0

    def cells(self) -> tuple[str, ...]:
        """The keys of the columns that differ, all of them in a row that comes or goes."""
        if self.old is None or self.new is None:
            return tuple(self.new or self.old or ())
        return tuple(key for key, value in self.new.items() if self.old[key] != value)


class Difference(Struct, frozen=True):
    """What would be added and changed, in the order of the sheet, and what the register has that the sheet does not
    name, which is retired only if that is asked for."""

    kind: str
    changes: tuple[Change, ...] = ()
    missing: tuple[Change, ...] = ()
    unchanged: int = 0

    @property
    def added(self) -> int:
        """How many rows are new."""
        return sum(change.old is None for change in self.changes)

    @property
    def changed(self) -> int:
        """How many rows are known and say something else now."""
        return sum(change.old is not None and change.new is not None for change in self.changes)

    @property
    def retired(self) -> int:
        """How many rows go."""
        return sum(change.new is None for change in self.changes)

    def reverse(self) -> Difference:
        """What takes this back."""
        return Difference(self.kind, tuple(Change(change.new, change.old) for change in self.changes))


class Preview(Struct, frozen=True):
    """What a sheet says and would do; with `faults` it would do nothing. `beyond`: faults that are not said."""

    kind: str
    name: str
    records: tuple[Record, ...]
    difference: Difference
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    beyond: int = 0


def preview(store: Store, sheet: Sheet, kind: TableKind) -> Preview:
    """What a sheet would change, or every fault in it. Nothing is written."""
    return _preview(store, sheet.name, kind, match(sheet, kind))


def preview_usual(store: Store, kind: TableKind, name: str) -> Preview:
    """What it would change to take the rows that a new shop begins with. Raises KeyError for a kind without any."""
    if kind.usual is None:
        raise KeyError(kind.key)
    return _preview(store, name, kind, Matched([Record(0, row) for row in kind.usual()], Faults()))


def _preview(store: Store, name: str, kind: TableKind, found: Matched) -> Preview:
    stock = stock_of(store)
    known = known_of(stock)
    difference, faults = _compare(kind, known, _held(kind, stock), found)
    notes = [*found.notes, *known.notes.values()]
    if not len(faults) and _rewrites_the_past(difference):
        notes.append(
            _("A cycle without a date also holds for the past: give the day from which it is new to leave that alone.")
        )
    notes += _alike(kind, stock, difference)
    if kind.warn is not None:
        moved = (*difference.changes, *difference.missing)
        notes += kind.warn([(change.old, change.new) for change in moved if change.old is not None], known)
    if len(faults):
        difference = Difference(kind.key)
    return Preview(kind.key, name, tuple(found.records), difference, faults.sentences(), tuple(notes), faults.beyond)


def _alike(kind: TableKind, stock: Stock, difference: Difference) -> list[str]:
    """New codes that differ from known ones by case and blanks alone: rather misspelt than new."""
    first = kind.keys[0]
    codes = {_bare(row[first]): row[first] for row in kind.rows_of(stock)}
    found = {
        change.new[first]: codes[_bare(change.new[first])]
        for change in difference.changes
        if change.old is None and change.new is not None and _bare(change.new[first]) in codes
    }
    words = _("{code} is new although there is {known}: is it the same?")
    return [words.format(code=code, known=known) for code, known in found.items() if code != known][:_MOST_ALIKE]


def _bare(code: object) -> str:
    return "".join(str(code).split()).casefold()


def _rewrites_the_past(difference: Difference) -> bool:
    cycles = {"ideal_cycle_s", "standard_cycle_s", "cavities", "family_cavities"}
    return any(
        change.old is not None and change.new is not None and not change.new.get("valid_from")
        and cycles & {*change.cells()}
        for change in difference.changes
    )  # fmt: skip


def _held(kind: TableKind, stock: Stock) -> Held:
    """The rows that the register has, by their keys."""
    return {kind.key_of(row): row for row in kind.rows_of(stock)}


def _compare(kind: TableKind, known: Known, held: Held, found: Matched) -> tuple[Difference, Faults]:
    """The difference to the register, and the faults of the sheet with those that only the register shows."""
    faults = Faults()
    faults.take(found.faults)
    parts: dict[object, list[Row]] = {}
    for row in held.values() if kind.part else ():
        parts.setdefault(row[kind.keys[0]], []).append(row)
    last = max((row["order"] for row in held.values() if "order" in row), default=0)
    rows: list[Told] = []
    named: set[tuple[object, ...]] = set()
    for record in found.records:
        full = {column.key: record.row.get(column.key, usual(column)) for column in kind.columns}
        whole = kind.part and not full[kind.part] and kind.key_of(full) not in held
        # A row that leaves the machine out speaks of the product on all of its machines.
        for old in parts.get(full[kind.keys[0]], [None]) if whole else [held.get(kind.key_of(full))]:
            told = {key: value for key, value in record.row.items() if value} if whole else record.row
            new = full if old is None else {**old, **told}
            if new.get("order", 0) is None and not kind.arranged:
                last += 1
                new["order"] = last if old is None else old["order"]
            known.line, known.new = record.line, old is None
            for key, words in kind.complete(new, known):
                letter = found.letters.get(key, "")
                said = sentence(record.line, letter, kind.column(key), new[key] if letter else None, words)
                faults.add(record.line, said)
            named.add(kind.key_of(new))
            if old is None:
                faults.take(_lacking(kind, new, record.line))
            rows.append(Told(record.line, record.row, old, new))
    for record in found.broken:  # so that all is said at once
        code = record.row.get("machine")
        if code and code not in known.machines:
            letter, words = found.letters.get("machine", ""), no_machine(str(code), known)
            faults.add(record.line, sentence(record.line, letter, kind.column("machine"), code, words))
    for line, key, words in kind.arrange(rows, known) if kind.arrange is not None else ():
        value = next(told.new[key] for told in rows if told.line == line)
        faults.add(line, sentence(line, found.letters.get(key, ""), kind.column(key), value, words))
    changes = tuple(
        Change(told.old, told.new, told.line) for told in rows if told.old is None or not _same(told.old, told.new)
    )
    missing = _missing(kind, held, named, rows)
    return Difference(kind.key, changes, missing, len(rows) - len(changes)), faults


def _missing(kind: TableKind, held: Held, named: set[tuple[object, ...]], rows: Sequence[Told]) -> tuple[Change, ...]:
    """What the register has and the sheet does not name."""
    others = [row for key, row in held.items() if key not in named and not (kind.part and _covered(row, named))]
    if kind.misses is not None:
        others = list(filter(kind.misses([told.new for told in rows]), others))
    return tuple(Change(row, None) for row in others)


def _lacking(kind: TableKind, new: Row, line: int) -> Faults:
    """What a new row needs and its sheet has no column for."""
    faults = Faults()
    for column in kind.columns:
        if column.field.required and new[column.key] == "":
            faults.add(line, sentence(line, "", column, None, _("is missing: add this column")))
    return faults


def _covered(row: Row, named: set[tuple[object, ...]]) -> bool:
    """Whether a product without cycle times is named with one."""
    return row.get("machine", None) == "" and any(key[0] == row["code"] for key in named)


def _same(old: Row, new: Row) -> bool:
    return all(
        value == old[key] or (isinstance(value, str) and clean(str(old[key])) == value) for key, value in new.items()
    )


def apply(store: Store, shown: Preview, *, retire: bool = False, who: str = "", why: str = "") -> Difference:
    """Write what was shown in one transaction, with a line in the audit trail; returns what became different, which
    `undo` takes back.

    `retire`: what the sheet does not name goes, too. Raises ConfigurationError with the faults of the sheet, and
    KnownError where the register changed since it was shown, or limits are changed without a `why`, ClosedError where
    a closed shift becomes another one by it and `who` or `why` is missing.
    """
    if shown.faults:
        raise ConfigurationError(shown.faults)
    kind = KINDS[shown.kind]
    _refuse_unsigned(kind, why)
    with store.transaction() as db:
        stock = stock_of(store)
        held = _held(kind, stock)
        now, faults = _compare(kind, known_of(stock), held, Matched(list(shown.records), Faults()))
        if len(faults) or now != shown.difference:
            raise _meanwhile(kind)
        del now  # 10,000 rows are not held twice
        wanted = (*shown.difference.changes, *(shown.difference.missing if retire else ()))
        with keeping_closed(store, db, who, why):
            return _write(store, db, kind, held, wanted, "table import", who, why)


def undo(store: Store, done: Difference, *, who: str = "", why: str = "") -> Difference:
    """Take back what `apply` did. Raises KnownError where one of its rows changed since, and ClosedError as it."""
    kind = KINDS[done.kind]
    _refuse_unsigned(kind, why)
    with store.transaction() as db:
        held = _held(kind, stock_of(store))
        back = done.reverse().changes
        for change in back:
            row = change.old or change.new
            if row is None or held.get(kind.key_of(row)) != change.old:
                raise _meanwhile(kind)
        with keeping_closed(store, db, who, why):
            return _write(store, db, kind, held, back, "table undo", who, why)


def _refuse_unsigned(kind: TableKind, why: str) -> None:
    if kind.signed and not why.strip():
        raise KnownError(_("{table}: who changes them says why. Nothing was written.").format(table=_(kind.title)))


def _meanwhile(kind: TableKind) -> KnownError:
    words = _("{table}: somebody changed the register meanwhile. Nothing was written; look at the difference again.")
    return KnownError(words.format(table=_(kind.title)))


def _write(
    store: Store, db: Any, kind: TableKind, before: Held, wanted: Sequence[Change], action: str, who: str, why: str
) -> Difference:
    after = dict(before)
    for change in wanted:
        if change.new is None:
            after.pop(kind.key_of(change.old or {}), None)
        else:
            key = kind.key_of(change.new)
            if kind.part:
                after.pop(key, None)  # what was said last of a product's name holds
            after[key] = change.new
    _check_retired(store, kind, [row for key, row in before.items() if key not in after])
    held = master_data.read(db)
    applying.put_rows(store, db, kind.to_register(_in_order(kind, after.values())), who, why)
    # A row that came out as it was given is that row, so that 10,000 are not held once more.
    as_given = ((key, after.get(key), row) for key, row in _held(kind, stock_of(store)).items())
    done = between(kind, before, {key: given if given == row else row for key, given, row in as_given})
    if done.changes:
        master_data.note(db, held, store.clock.now_ms(), who)
        old, new = _audited(kind, done)
        register.audit(db, store.clock.now_ms(), who, kind.audited or action, kind.key, old, new, why)
    return done


def _in_order(kind: TableKind, rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["order"]) if any(c.key == "order" for c in kind.columns) else list(rows)


def between(kind: TableKind, before: Held, after: Held) -> Difference:
    """How two states of a table differ, by the keys of their rows."""
    changes = [Change(before.get(key), row) for key, row in after.items() if before.get(key) != row]
    changes += [Change(row, None) for key, row in before.items() if key not in after]
    return Difference(kind.key, tuple(changes), (), sum(before.get(key) == row for key, row in after.items()))


def _audited(kind: TableKind, done: Difference) -> tuple[str, str]:
    """Old and new as the audit trail holds them: of each row that changed only the cells that did."""
    sides: tuple[dict[str, Row], dict[str, Row]] = ({}, {})
    for change in done.changes:
        row = change.new or change.old or {}
        for side, state in zip(sides, (change.old, change.new), strict=True):
            if state is not None:
                side[kind.called(row)] = {key: state[key] for key in change.cells()}
    old, new = (json.dumps(side, ensure_ascii=False, default=str) for side in sides)
    return old, new


def _check_retired(store: Store, kind: TableKind, rows: Sequence[Row]) -> None:
    """A machine with devices stays: its figures would come from nowhere. Raises ConfigurationError."""
    if kind.key != "machines" or not rows:
        return
    plant = register.plant(store)
    bound = {signal.machine: signal.device for signal in plant.signals}
    devices = {device.id: device.name for device in plant.devices}
    codes = {machine.code: machine.id for machine in plant.machines}
    words = N_("{machine} cannot be retired: {device} is bound to it. Take it out of the configuration first.")
    faults = [
        _(words).format(machine=row["code"], device=devices.get(bound[codes[row["code"]]], ""))
        for row in rows
        if codes[row["code"]] in bound
    ]
    if faults:
        raise ConfigurationError(faults)

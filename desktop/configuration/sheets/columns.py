"""A kind of table that a shop keeps in Excel: its columns, and what its rows are compared with.

A row is a dict by the key of the column: text, int, float, bool, date, datetime or None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from desktop.configuration import applying
from desktop.configuration.quality import signal_names
from desktop.configuration.tables import INT, Field
from desktop.domain import entries as spoken
from desktop.domain.calendar import local_date
from desktop.domain.orders import Order, in_sequence
from desktop.domain.people import Person, badge_key
from desktop.domain.plant import Machine, Plant, Product, Reason
from desktop.domain.quality import Quality
from desktop.domain.spans import Span
from desktop.store import entries, orders, people, register
from desktop.store.database import Store
from desktop.store.quality import quality
from desktop.text import N_, _, in_every_language

Row = dict[str, Any]

MOST_ROWS = 50_000  # of a sheet: more is no table of a shop
_REACH_MS = 96 * 3_600_000  # an order that runs longer is not known to run


class Column(Struct, frozen=True):
    """One column: what it may hold, its title (English; the catalogue has the Korean), other titles that shops use,
    the words of its choices, its unit ("s", "pieces" or none), and what else shops say for a choice.
    """

    field: Field
    title: str
    also: tuple[str, ...] = ()
    words: Mapping[Any, str] = {}
    unit: str = ""
    said: Mapping[str, object] = {}

    @property
    def key(self) -> str:
        """The key in a row, which also serves as a title."""
        return self.field.key

    def heading(self) -> str:
        """The title with its unit, in the language in use: "이론 C/T (초)"."""
        return f"{_(self.title)} ({_('s')})" if self.unit == "s" else _(self.title)

    def names(self) -> tuple[str, ...]:
        """Every title that means this column."""
        return (*in_every_language(self.title), self.key, *self.also)

    def word(self, value: object) -> str:
        """A choice in the language in use."""
        return _(self.words[value]) if value in self.words else str(value)


class Told(Struct, frozen=True):
    """A row of a sheet: its line, what the sheet gives, what the register held (None: nothing), what it becomes."""

    line: int
    given: Row
    old: Row | None
    new: Row


class TableKind(Struct, frozen=True):
    """One kind of table. `keys`: the columns that tell rows apart. `rows_of`: what the register holds, in its order.
    `to_register`: all rows as the register is given them. `complete` fills in what a row may leave out and says what
    does not fit together in it, by column. `part`: a row that leaves this key out speaks of all rows of its first key.
    `usual`: the rows that a new shop begins with, in the language in use; None where there are none. `arrange` is given
    all rows of a sheet and says what does not fit among them, by line and column; where it is the one that gives them
    an order (`arranged`) rows come to it without. `misses` is given the rows of a sheet and says which of those that it
    does not name are missed in it (None: each). `warn` is given rows that change or may go, each with what becomes of
    it, and says what a person should think of. `audited`: how the audit trail calls a change, "" as a table. `reload`:
    a running collector takes the change up. `signed`: a change takes a why, and in a window a supervisor's PIN.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    example: Row
    rows_of: Callable[[Stock], list[Row]]
    to_register: Callable[[Sequence[Row]], applying.Rows]
    complete: Callable[[Row, Known], list[tuple[str, str]]]
    notes: tuple[str, ...] = ()
    part: str = ""
    usual: Callable[[], list[Row]] | None = None
    arrange: Callable[[Sequence[Told], Known], list[tuple[int, str, str]]] | None = None
    arranged: bool = False
    misses: Callable[[Sequence[Row]], Callable[[Row], bool]] | None = None
    warn: Callable[[Sequence[tuple[Row, Row | None]], Known], list[str]] | None = None
    audited: str = ""
    reload: bool = True
    signed: bool = False

    def key_of(self, row: Row) -> tuple[object, ...]:
        """What tells a row apart."""
        return tuple(row[key] for key in self.keys)

    def column(self, key: str) -> Column:
        """The column of a key."""
        return next(column for column in self.columns if column.key == key)

    def called(self, row: Row) -> str:
        """What a row is called in a sentence: the values of its keys."""
        return " · ".join(str(row[key]) for key in self.keys if row[key] not in (None, ""))


class Stock(Struct, frozen=True):
    """What the register holds of all kinds at a moment: orders in the sequence of the work, when each
    shift begins, at which machine an order runs."""

    plant: Plant
    people: tuple[Person, ...] = ()
    orders: tuple[Order, ...] = ()
    shifts: Mapping[str, time] = {}
    today: date = date.min
    running: Mapping[str, str] = {}
    quality: Quality = Quality()
    now_ms: int = 0


def stock_of(store: Store) -> Stock:
    """What the register holds now."""
    plant = register.plant(store)
    shifts = {pattern.name: pattern.start for pattern in register.shift_patterns(store)}
    today = local_date(store.clock.now_ms(), ZoneInfo(plant.timezone))
    return Stock(
        plant,
        people.people(store),
        in_sequence(orders.orders(store)),
        shifts,
        today,
        _running(store, plant),
        quality(store),
        store.clock.now_ms(),
    )


def _running(store: Store, plant: Plant) -> dict[str, str]:
    """The orders on which machines work now, each with the name of one."""
    now_ms = store.clock.now_ms()
    told = entries.standing(store, Span(now_ms - _REACH_MS, now_ms + 1), spoken.Ordered | spoken.OrderEnded)
    found = {}
    for machine in plant.machines:
        runs = spoken.runs(spoken.of(told, machine.id), now_ms)
        if runs and runs[-1].order and runs[-1].span.end_ms >= now_ms:
            found[runs[-1].order] = machine.name
    return found


class Known(Struct):
    """What rows of a sheet refer to: machines and stations by code, names of products by item number as they are told
    row by row (with the line, 0: the register), `at` which machine a station is ("": none), when shifts begin, the
    present day, badges by name, what the codes mean that no badge may be, the last place in the plan of each day, and
    the machines at which orders run. `notes`: what a person should know of the sheet. `told`: what rows of a product
    said of it, by its code and the column, with the line; `gtins`: whose number each is. `new`: the row is not in the
    register. `line`: of the row that is looked at.
    """

    machines: Mapping[str, str]
    names: dict[str, tuple[str, int]]
    line: int = 0
    new: bool = False
    stations: Mapping[str, str] = {}
    at: Mapping[str, str] = {}
    shifts: Mapping[str, time] = {}
    today: date = date.min
    badges: Mapping[str, str] = {}
    codes: Mapping[str, str] = {}
    last: Mapping[date | None, int] = {}
    notes: dict[str, str] = {}
    running: Mapping[str, str] = {}
    signals: Mapping[str, str] = {}
    gauges: Mapping[str, str] = {}
    characteristics: Mapping[str, str] = {}
    told: dict[tuple[str, str], tuple[str, int]] = {}
    gtins: dict[str, str] = {}


def known_of(stock: Stock) -> Known:
    """What the register knows."""
    plant = stock.plant
    coded: list[Machine | Product | Reason] = [*plant.machines, *plant.products, *plant.reasons]
    last: dict[date | None, int] = {}
    for order in stock.orders:
        last[order.planned_on] = max(order.place + 1, last.get(order.planned_on, 0))
    return Known(
        {m.code: m.name for m in plant.machines},
        {p.code: (p.name, 0) for p in plant.products},
        stations={s.code: s.name for s in plant.stations},
        at={s.code: plant.machine(s.machine).code if s.machine else "" for s in plant.stations},
        shifts=stock.shifts,
        today=stock.today,
        badges={person.name: person.badge for person in stock.people},
        codes={badge_key(each.code): each.name for each in coded},
        last=last,
        running=stock.running,
        signals={name: name for name in signal_names(plant).values()},
        gauges={each.code: each.name for each in stock.quality.gauges},
        characteristics={each.code: each.name for each in stock.quality.characteristics},
        told={},
        gtins={p.gtin: p.code for p in plant.products if p.gtin},
    )


def order_column(title: str = N_("Order")) -> Column:
    return Column(
        Field("order", INT, low=1, high=100_000, example=1),
        title,
        ("order", "no", "no.", "번호", "순서", "순번", "표시순서", "정렬"),
    )


def field_of(fields: Sequence[Field], key: str, **changes: Any) -> Field:
    return replace(next(field for field in fields if field.key == key), **changes)


ITEM_CODES = ("품목코드", "품목번호", "제품코드", "part no", "item", "product")
MACHINE_CODES = ("설비코드", "설비번호", "호기", "설비", "machine", "machine no", "equipment")


def placed(rows: Iterable[Row]) -> list[Row]:
    """Rows as the register takes them: the order counts from 0 there."""
    return [{**row, "place": row["order"] - 1} for row in rows]


def nothing_to_complete(_row: Row, _known: Known) -> list[tuple[str, str]]:
    return []


def usual_rows(rows: Sequence[Row]) -> list[Row]:
    """Rows as they come with the program, in the language in use."""
    told = ("name", "group", "subgroup")
    return [
        {key: _(value) if key in told and value else value for key, value in row.items()} | {"order": order}
        for order, row in enumerate(rows, 1)
    ]


def nearest(code: str, known: Mapping[str, str], meant: str, none: str) -> str:
    """Why a code is none of `known` (names by code): `meant` with the {name} that may be, or `none` with {names}."""
    close = [each for each, name in known.items() if name == code] or get_close_matches(code, known, 1, 0.6)
    return meant.format(name=close[0]) if close else none.format(names=", ".join(list(known)[:8]) or _("none yet"))


def no_machine(code: str, known: Known) -> str:
    """Why a machine's code does not fit, with the one that may be meant."""
    by_name = [each for each, name in known.machines.items() if name == code]
    close = by_name or get_close_matches(code, known.machines, 1, 0.6)
    if close:
        return _("is no machine of this line: did you mean {name}?").format(name=close[0])
    some = ", ".join(list(known.machines)[:8])
    return _("is no machine of this line: there are {names}").format(names=some or _("none yet"))

"""The kinds of tables that a shop keeps in Excel: their columns, and how they lie in the register.

A row is a dict by the key of the column: text, int, float, bool, date or None. Of a product on three machines there are
three rows, as shops write it; one without a machine is a product of which no cycle time is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from desktop import wording
from desktop.configuration import applying
from desktop.configuration.tables import CHECK, INT, MACHINE, PRODUCT, REASON, SCRAP_REASON, STANDARD, Field
from desktop.domain.calendar import local_date
from desktop.domain.plant import Plant
from desktop.text import N_, _, in_every_language

Row = dict[str, Any]

MOST_ROWS = 50_000  # of a sheet: more is no table of a shop


class Column(Struct, frozen=True):
    """One column: what it may hold, its title (English; the catalogue has the Korean), other titles that shops use,
    the words of its choices, its unit ("s", "pieces" or none), and what else shops say for a choice.
    """

    field: Field
    title: str
    also: tuple[str, ...] = ()
    words: Mapping[object, str] = {}
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


class TableKind(Struct, frozen=True):
    """One kind of table. `keys`: the columns that tell rows apart. `rows_of`: what the register holds, in its order.
    `to_register`: all rows as the register is given them. `complete` fills in what a row may leave out and says what
    does not fit together in it, by column. `part`: a row that leaves this key out speaks of all rows of its first key.
    `usual`: the rows that a new shop begins with, in the language in use; None where there are none.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    example: Row
    rows_of: Callable[[Plant], list[Row]]
    to_register: Callable[[Sequence[Row]], applying.Rows]
    complete: Callable[[Row, Known], list[tuple[str, str]]]
    notes: tuple[str, ...] = ()
    part: str = ""
    usual: Callable[[], list[Row]] | None = None

    def key_of(self, row: Row) -> tuple[object, ...]:
        """What tells a row apart."""
        return tuple(row[key] for key in self.keys)

    def column(self, key: str) -> Column:
        """The column of a key."""
        return next(column for column in self.columns if column.key == key)

    def called(self, row: Row) -> str:
        """What a row is called in a sentence: the values of its keys."""
        return " · ".join(str(row[key]) for key in self.keys if row[key] not in (None, ""))


class Known(Struct):
    """What rows of a sheet refer to: machines by code, names of products by item number as they are told row by row
    (with the line, 0: the register)."""

    machines: Mapping[str, str]
    names: dict[str, tuple[str, int]]
    line: int = 0


def known_of(plant: Plant) -> Known:
    """What the register knows."""
    return Known({m.code: m.name for m in plant.machines}, {p.code: (p.name, 0) for p in plant.products})


def _order(title: str = N_("Order")) -> Column:
    return Column(
        Field("order", INT, low=1, high=100_000, example=1), title, ("order", "no", "no.", "번호", "표시순서", "정렬")
    )


def _field(fields: Sequence[Field], key: str, **changes: Any) -> Field:
    return replace(next(field for field in fields if field.key == key), **changes)


_MACHINE_CODES = ("설비코드", "설비번호", "호기", "설비", "machine", "machine no", "equipment")

_MACHINE_COLUMNS = (
    Column(_field(MACHINE, "code"), N_("Machine code"), _MACHINE_CODES),
    Column(_field(MACHINE, "name"), N_("Machine name"), ("설비명", "설비이름", "name")),
    _order(),
    Column(_field(MACHINE, "threshold_s"), N_("Stop after"), ("비가동 기준시간", "threshold"), unit="s"),
    Column(_field(MACHINE, "unattended"), N_("Unattended"), ("무인", "무인가동")),
)
_PRODUCT_COLUMNS = (
    Column(_field(PRODUCT, "code"), N_("Item no."), ("품목코드", "품목번호", "제품코드", "part no", "item", "product")),
    Column(
        _field(PRODUCT, "name", required=False, default=""), N_("Item name"), ("품목명", "제품명", "part name", "name")
    ),
    Column(_field(STANDARD, "machine", required=False), N_("Machine code"), _MACHINE_CODES),
    Column(
        _field(STANDARD, "ideal_cycle_s", required=False),
        N_("Ideal cycle"),
        ("이론 사이클타임", "이론ct", "ideal c/t", "ideal cycle time"),
        unit="s",
    ),
    Column(
        _field(STANDARD, "standard_cycle_s"),
        N_("Standard cycle"),
        ("표준 사이클타임", "표준ct", "standard c/t", "standard cycle time"),
        unit="s",
    ),
    Column(_field(STANDARD, "cavities"), N_("Cavities"), ("캐비티수", "캐비티 수", "cavity", "벌수"), unit="pieces"),
    Column(_field(STANDARD, "family_cavities"), N_("Cavities of other products"), ("패밀리 캐비티",), unit="pieces"),
    Column(_field(STANDARD, "valid_from"), N_("Valid from"), ("적용일자", "시작일", "유효시작일", "from")),
)
_KINDS: Mapping[object, str] = {"unplanned": N_("Unplanned"), "planned": N_("Planned"), "external": N_("External")}
_KINDS_SAID: Mapping[str, object] = {
    "계획정지": "planned", "계획비가동": "planned", "휴지": "planned", "비계획정지": "unplanned", "돌발": "unplanned",
    "돌발정지": "unplanned", "외부요인": "external", "외적요인": "external",
}  # fmt: skip
_LOSSES: Mapping[object, str] = {
    "": N_("By kind"),
    **{key: wording.BIG_LOSSES[key] for key in ("breakdown", "setup", "tool_change", "minor_stop", "startup")},
    "no_order": wording.LOSSES["no_order"],
}
_ICON_WORDS: Mapping[object, str] = {
    "arrow-left": N_("Arrow left"), "arrow-right": N_("Arrow right"), "bolt": N_("Lightning"), "box": N_("Box"),
    "check": N_("Tick"), "clock": N_("Clock"), "cup": N_("Cup"), "die": N_("Die"), "document": N_("Paper"),
    "drop": N_("Drop"), "gear": N_("Gear"), "machine": N_("Machine"), "people": N_("Persons"), "ruler": N_("Ruler"),
    "screen": N_("Display"), "search": N_("Magnifier"), "tool": N_("Spanner"), "trend": N_("Chart"),
    "truck": N_("Truck"),
}  # fmt: skip
_ICONS = ("아이콘", "그림", "pictogram")
_REASON_COLUMNS = (
    Column(_field(REASON, "code"), N_("Reason code"), ("사유코드", "비가동코드", "코드", "code")),
    Column(_field(REASON, "name"), N_("Reason"), ("비가동사유", "비가동 사유명", "사유", "사유명", "name")),
    Column(_field(REASON, "kind"), N_("Kind of stop"), ("계획구분", "구분", "kind"), _KINDS, said=_KINDS_SAID),
    Column(_field(REASON, "failure"), N_("Failure"), ("고장", "고장여부")),
    Column(_field(REASON, "loss"), N_("Loss"), ("로스", "로스구분", "손실"), _LOSSES),
    Column(_field(REASON, "group"), N_("Group"), ("대분류", "분류", "그룹")),
    Column(_field(REASON, "subgroup"), N_("Subgroup"), ("중분류", "소분류", "세부분류")),
    _order(),
    Column(_field(REASON, "icon"), N_("Icon"), _ICONS, _ICON_WORDS),
)
_SCRAP_COLUMNS = (
    Column(_field(SCRAP_REASON, "code"), N_("Scrap code"), ("불량코드", "불량유형코드", "코드", "code")),
    Column(_field(SCRAP_REASON, "name"), N_("Scrap reason"), ("불량유형", "불량명", "불량유형명", "불량사유", "name")),
    Column(_field(SCRAP_REASON, "group"), N_("Group"), ("대분류", "분류", "그룹")),
    _order(),
    Column(_field(SCRAP_REASON, "icon"), N_("Icon"), _ICONS, _ICON_WORDS),
)


def _machines(plant: Plant) -> list[Row]:
    return [
        {
            "code": m.code,
            "name": m.name,
            "order": m.place + 1,
            "threshold_s": round(m.threshold_ms / 1000, 3),
            "unattended": m.unattended,
        }
        for m in plant.machines
    ]


def _products(plant: Plant) -> list[Row]:
    zone = ZoneInfo(plant.timezone)
    codes = {m.id: m.code for m in plant.machines}
    standards: dict[int, list[Row]] = {}
    for s in plant.standards:
        if s.machine in codes:
            row = {
                "machine": codes[s.machine],
                "ideal_cycle_s": round(s.ideal_cycle_ms / 1000, 6),
                "standard_cycle_s": round(s.standard_cycle_ms / 1000, 6),
                "cavities": s.cavities,
                "family_cavities": s.family_cavities,
                "valid_from": local_date(s.valid_from_ms, zone) if s.valid_from_ms else None,
            }
            standards.setdefault(s.product, []).append(row)
    places = {m.code: place for place, m in enumerate(plant.machines)}
    found = []
    for p in plant.products:
        own = standards.get(p.id) or [dict(_NO_STANDARD)]
        own.sort(key=lambda row: (places.get(row["machine"], 0), row["valid_from"] or date.min))
        found += [{"code": p.code, "name": p.name, **row} for row in own]
    return found


_NO_STANDARD: Row = {
    "machine": "",
    "ideal_cycle_s": None,
    "standard_cycle_s": None,
    "cavities": 1,
    "family_cavities": 0,
    "valid_from": None,
}


def _reasons(plant: Plant) -> list[Row]:
    return [
        {
            "code": r.code,
            "name": r.name,
            "kind": r.kind,
            "failure": r.failure,
            "loss": r.loss,
            "group": r.group,
            "subgroup": r.subgroup,
            "order": r.place + 1,
            "icon": r.icon,
        }
        for r in plant.reasons
    ]


def _scrap_reasons(plant: Plant) -> list[Row]:
    return [
        {"code": r.code, "name": r.name, "group": r.group, "order": r.place + 1, "icon": r.icon}
        for r in plant.scrap_reasons
    ]


def _placed(rows: Iterable[Row]) -> list[Row]:
    """Rows as the register takes them: the order counts from 0 there."""
    return [{**row, "place": row["order"] - 1} for row in rows]


def _products_to_register(rows: Sequence[Row]) -> applying.Rows:
    names = {row["code"]: row["name"] for row in rows}
    return applying.Rows(
        products=({"code": code, "name": name} for code, name in names.items()),
        standards=({**row, "product": row["code"]} for row in rows if row["machine"]),
    )


def _complete_product(row: Row, known: Known) -> list[tuple[str, str]]:
    """A name that another row of the product tells; the standard cycle where only the ideal one is given."""
    faults = []
    told, line = known.names.get(row["code"], ("", 0))
    if not row["name"]:
        row["name"] = told
    elif told and line and told != row["name"]:
        words = _("line {line} calls {code} {name}: one item number has one name")
        faults.append(("name", words.format(line=line, code=row["code"], name=told)))
    if row["name"]:
        known.names[row["code"]] = (row["name"], known.line)
    else:
        faults.append(("name", _("is missing: what the item is called")))
    if not row["machine"]:
        faults += [
            (key, _("needs the machine on which it holds: fill in its code"))
            for key in ("ideal_cycle_s", "standard_cycle_s", "valid_from")
            if row[key] is not None
        ]
        return faults
    if row["machine"] not in known.machines:
        faults.append(("machine", no_machine(row["machine"], known)))
    if row["ideal_cycle_s"] is None:
        faults.append(("ideal_cycle_s", _("is missing: seconds for one piece, for example 4.5")))
    elif row["standard_cycle_s"] is None:
        row["standard_cycle_s"] = row["ideal_cycle_s"]
    return faults


def no_machine(code: str, known: Known) -> str:
    """Why a machine's code does not fit, with the one that may be meant."""
    by_name = [each for each, name in known.machines.items() if name == code]
    close = by_name or get_close_matches(code, known.machines, 1, 0.6)
    if close:
        return _("is no machine of this line: did you mean {name}?").format(name=close[0])
    some = ", ".join(list(known.machines)[:8])
    return _("is no machine of this line: there are {names}").format(names=some or _("none yet"))


def _complete_reason(row: Row, _known: Known) -> list[tuple[str, str]]:
    if row["subgroup"] and not row["group"]:
        return [("subgroup", _("needs a group above it: fill in the group, too"))]
    return []


def _usual(rows: Sequence[Row]) -> list[Row]:
    """Rows as they come with the program, in the language in use."""
    told = ("name", "group", "subgroup")
    return [
        {key: _(value) if key in told and value else value for key, value in row.items()} | {"order": order}
        for order, row in enumerate(rows, 1)
    ]


def _nothing_to_complete(_row: Row, _known: Known) -> list[tuple[str, str]]:
    return []


KINDS = {
    kind.key: kind
    for kind in (
        TableKind(
            "machines",
            N_("Machines"),
            _MACHINE_COLUMNS,
            ("code",),
            {"code": "PR-01", "name": N_("Press 1"), "order": 1, "threshold_s": 120, "unattended": False},
            _machines,
            lambda rows: applying.Rows(machines=_placed(rows)),
            _nothing_to_complete,
            (N_("Stop after: a standstill of so many seconds is a stop and asks for a reason; shorter ones do not."),),
        ),
        TableKind(
            "products",
            N_("Products"),
            _PRODUCT_COLUMNS,
            ("code", "machine", "valid_from"),
            {
                "code": "P-100",
                "name": N_("Housing"),
                "machine": "PR-01",
                "ideal_cycle_s": 4.5,
                "standard_cycle_s": 5.0,
                "cavities": 1,
                "family_cavities": 0,
                "valid_from": date(2026, 1, 31),
            },
            _products,
            _products_to_register,
            _complete_product,
            (
                N_("One row for each item and machine. Cycles are seconds for one piece, not for one stroke."),
                N_("Valid from: the day from which a cycle holds. Empty: always, also for the past."),
            ),
            "machine",
        ),
        TableKind(
            "reasons",
            N_("Stop reasons"),
            _REASON_COLUMNS,
            ("code",),
            {
                "code": "R50",
                "name": N_("Robot fault"),
                "kind": "unplanned",
                "failure": True,
                "loss": "breakdown",
                "group": N_("Machine"),
                "subgroup": N_("Breakdown"),
                "order": 50,
                "icon": "machine",
            },
            _reasons,
            lambda rows: applying.Rows(reasons=_placed(rows)),
            _complete_reason,
            (N_("A code stands on printed bar codes: rename a reason, but leave its code. Order: of the buttons."),),
            usual=lambda: _usual(applying.default_reasons()),
        ),
        TableKind(
            "scrap_reasons",
            N_("Scrap reasons"),
            _SCRAP_COLUMNS,
            ("code",),
            {"code": "D50", "name": N_("Pin hole"), "group": N_("Surface"), "order": 50, "icon": "search"},
            _scrap_reasons,
            lambda rows: applying.Rows(scrap_reasons=_placed(rows)),
            _nothing_to_complete,
            (N_("A code stands on printed bar codes: rename a reason, but leave its code. Order: of the buttons."),),
            usual=lambda: _usual(applying.default_scrap_reasons()),
        ),
    )
}


def example_of(kind: TableKind) -> Row:
    """The example row of a kind, its names in the language in use."""
    told = ("name", "group", "subgroup")
    return {key: _(value) if key in told and value else value for key, value in kind.example.items()}


# -- what is to be checked --

_CHECK_KINDS: Mapping[object, str] = {
    "ok": N_("OK or not"), "value": N_("Value"), "first": N_("First piece"), "middle": N_("Middle piece"),
    "last": N_("Last piece"),
}  # fmt: skip
_CHECK_SAID: Mapping[str, object] = {
    "점검": "ok", "양부": "ok", "ox": "ok", "수치": "value", "측정": "value", "초물": "first", "중물": "middle",
    "종물": "last",
}  # fmt: skip
_CHECK_EVERY: Mapping[object, str] = {
    "shift": N_("Each shift"), "day": N_("Each day"), "week": N_("Each week"),
}  # fmt: skip
_CHECK_EVERY_SAID: Mapping[str, object] = {
    "교대": "shift",
    "근무조": "shift",
    "일일": "day",
    "매일": "day",
    "주간": "week",
}
_CHECK_COLUMNS = (
    Column(_field(CHECK, "code"), N_("Check code"), ("점검코드", "코드", "code")),
    Column(_field(CHECK, "name"), N_("What is checked"), ("점검항목", "점검내용", "항목", "name")),
    Column(_field(CHECK, "machine", default=""), N_("Machine code"), _MACHINE_CODES),
    Column(
        _field(CHECK, "product", default=""), N_("Item no."), ("품목코드", "품목번호", "제품코드", "part no", "item")
    ),
    Column(_field(CHECK, "kind"), N_("Kind of check"), ("점검방법", "구분", "kind"), _CHECK_KINDS, said=_CHECK_SAID),
    Column(_field(CHECK, "every"), N_("How often"), ("주기", "점검주기"), _CHECK_EVERY, said=_CHECK_EVERY_SAID),
    Column(_field(CHECK, "low"), N_("Lower limit"), ("하한", "최소", "min")),
    Column(_field(CHECK, "high"), N_("Upper limit"), ("상한", "최대", "max")),
    Column(_field(CHECK, "unit"), N_("Unit"), ("단위",)),
    Column(_field(CHECK, "hours"), N_("Middle piece every hours"), ("중물 주기", "시간")),
    _order(),
)


def _checks(plant: Plant) -> list[Row]:
    machines = {m.id: m.code for m in plant.machines}
    products = {p.id: p.code for p in plant.products}
    return [
        {
            "code": c.code, "name": c.name, "machine": machines.get(c.machine or 0, ""),
            "product": products.get(c.product or 0, ""), "kind": c.kind, "every": c.every, "low": c.low,
            "high": c.high, "unit": c.unit, "hours": c.hours, "order": c.place + 1,
        }
        for c in plant.checks
        if (c.machine is None or c.machine in machines) and (c.product is None or c.product in products)
    ]  # fmt: skip


def _complete_check(row: Row, known: Known) -> list[tuple[str, str]]:
    faults = []
    if row["machine"] and row["machine"] not in known.machines:
        faults.append(("machine", no_machine(row["machine"], known)))
    if row["product"] and row["product"] not in known.names:
        faults.append(("product", _("is no product of this line")))
    if row["low"] is not None and row["high"] is not None and row["low"] > row["high"]:
        faults.append(("low", _("must not be above high = {value}").format(value=row["high"])))
    return faults


def _usual_checks() -> list[Row]:
    rows = [{**row, "machine": "", "product": "", "hours": float(row["hours"])} for row in applying.default_checks()]
    return _usual(rows)


KINDS["checks"] = TableKind(
    "checks",
    N_("Checks"),
    _CHECK_COLUMNS,
    ("code",),
    {
        "code": "C50", "name": N_("Coolant concentration"), "machine": "", "product": "", "kind": "value",
        "every": "day", "low": 5.0, "high": 8.0, "unit": "%", "hours": 0.0, "order": 50,
    },
    _checks,
    lambda rows: applying.Rows(checks=_placed(rows)),
    _complete_check,
    (
        N_("Without a machine an item is for every machine, without an item number for whatever is made."),
        N_("A value is right between its limits. Middle piece every hours: 0 is one in the middle of the shift."),
    ),
    usual=_usual_checks,
)  # fmt: skip

"""The kinds of tables that a shop keeps in Excel: their columns, and how they lie in the register.

Of a product on three machines there are three rows, as shops write it; one without a machine is a product of which no
cycle time is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from desktop.configuration import applying, usual
from desktop.configuration.sheets import checks, plan, quality, routing, staff
from desktop.configuration.sheets.columns import (
    ITEM_CODES,
    MACHINE_CODES,
    Column,
    Known,
    Row,
    Stock,
    TableKind,
    field_of,
    no_machine,
    nothing_to_complete,
    order_column,
    placed,
    usual_rows,
)
from desktop.configuration.tables import MACHINE, PRODUCT, REASON, SCRAP_REASON, STANDARD
from desktop.domain.calendar import local_date
from desktop.text import N_, _
from desktop.wording.kpis import BIG_LOSSES, LOSSES

_MACHINE_COLUMNS = (
    Column(field_of(MACHINE, "code"), N_("Machine code"), MACHINE_CODES),
    Column(field_of(MACHINE, "name"), N_("Machine name"), ("설비명", "설비이름", "name")),
    order_column(),
    Column(field_of(MACHINE, "threshold_s"), N_("Stop after"), ("비가동 기준시간", "threshold"), unit="s"),
    Column(field_of(MACHINE, "unattended"), N_("Unattended"), ("무인", "무인가동")),
)
_PRODUCT_COLUMNS = (
    Column(field_of(PRODUCT, "code"), N_("Item no."), ITEM_CODES),
    Column(
        field_of(PRODUCT, "name", required=False, default=""),
        N_("Item name"),
        ("품목명", "제품명", "part name", "name"),
    ),
    Column(field_of(STANDARD, "machine", required=False), N_("Machine code"), MACHINE_CODES),
    Column(
        field_of(STANDARD, "ideal_cycle_s", required=False),
        N_("Ideal cycle"),
        ("이론 사이클타임", "이론ct", "ideal c/t", "ideal cycle time"),
        unit="s",
    ),
    Column(
        field_of(STANDARD, "standard_cycle_s"),
        N_("Standard cycle"),
        ("표준 사이클타임", "표준ct", "standard c/t", "standard cycle time"),
        unit="s",
    ),
    Column(field_of(STANDARD, "cavities"), N_("Cavities"), ("캐비티수", "캐비티 수", "cavity", "벌수"), unit="pieces"),
    Column(field_of(STANDARD, "family_cavities"), N_("Cavities of other products"), ("패밀리 캐비티",), unit="pieces"),
    Column(field_of(STANDARD, "valid_from"), N_("Valid from"), ("적용일자", "시작일", "유효시작일", "from")),
    Column(field_of(PRODUCT, "unit_pattern"), N_("Pattern of serials"), ("일련번호 형식", "시리얼 형식", "pattern")),
    Column(field_of(PRODUCT, "gtin"), N_("GTIN"), ("gtin코드", "바코드", "ean")),
)
_KINDS: Mapping[object, str] = {"unplanned": N_("Unplanned"), "planned": N_("Planned"), "external": N_("External")}
_KINDS_SAID: Mapping[str, object] = {
    "계획정지": "planned", "계획비가동": "planned", "휴지": "planned", "비계획정지": "unplanned", "돌발": "unplanned",
    "돌발정지": "unplanned", "외부요인": "external", "외적요인": "external",
}  # fmt: skip
_LOSSES: Mapping[object, str] = {
    "": N_("By kind"),
    **{key: BIG_LOSSES[key] for key in ("breakdown", "setup", "tool_change", "minor_stop", "startup")},
    "no_order": LOSSES["no_order"],
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
    Column(field_of(REASON, "code"), N_("Reason code"), ("사유코드", "비가동코드", "코드", "code")),
    Column(field_of(REASON, "name"), N_("Reason"), ("비가동사유", "비가동 사유명", "사유", "사유명", "name")),
    Column(field_of(REASON, "kind"), N_("Kind of stop"), ("계획구분", "구분", "kind"), _KINDS, said=_KINDS_SAID),
    Column(field_of(REASON, "failure"), N_("Failure"), ("고장", "고장여부")),
    Column(field_of(REASON, "loss"), N_("Loss"), ("로스", "로스구분", "손실"), _LOSSES),
    Column(field_of(REASON, "group"), N_("Group"), ("대분류", "분류", "그룹")),
    Column(field_of(REASON, "subgroup"), N_("Subgroup"), ("중분류", "소분류", "세부분류")),
    order_column(),
    Column(field_of(REASON, "icon"), N_("Icon"), _ICONS, _ICON_WORDS),
)
_SCRAP_COLUMNS = (
    Column(field_of(SCRAP_REASON, "code"), N_("Scrap code"), ("불량코드", "불량유형코드", "코드", "code")),
    Column(
        field_of(SCRAP_REASON, "name"), N_("Scrap reason"), ("불량유형", "불량명", "불량유형명", "불량사유", "name")
    ),
    Column(field_of(SCRAP_REASON, "group"), N_("Group"), ("대분류", "분류", "그룹")),
    order_column(),
    Column(field_of(SCRAP_REASON, "icon"), N_("Icon"), _ICONS, _ICON_WORDS),
)


def _machines(stock: Stock) -> list[Row]:
    plant = stock.plant
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


def _products(stock: Stock) -> list[Row]:
    plant = stock.plant
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
        more = {"unit_pattern": p.unit_pattern, "gtin": p.gtin}
        found += [{"code": p.code, "name": p.name, **row, **more} for row in own]
    return found


_NO_STANDARD: Row = {
    "machine": "",
    "ideal_cycle_s": None,
    "standard_cycle_s": None,
    "cavities": 1,
    "family_cavities": 0,
    "valid_from": None,
}


def _reasons(stock: Stock) -> list[Row]:
    plant = stock.plant
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


def _scrap_reasons(stock: Stock) -> list[Row]:
    plant = stock.plant
    return [
        {"code": r.code, "name": r.name, "group": r.group, "order": r.place + 1, "icon": r.icon}
        for r in plant.scrap_reasons
    ]


def _products_to_register(rows: Sequence[Row]) -> applying.Rows:
    products = {row["code"]: {key: row[key] for key in ("code", "name", "unit_pattern", "gtin")} for row in rows}
    return applying.Rows(
        products=products.values(),
        standards=({**row, "product": row["code"]} for row in rows if row["machine"]),
    )


def _complete_product(row: Row, known: Known) -> list[tuple[str, str]]:
    """A name that another row of the product tells; the standard cycle where only the ideal one is given."""
    faults = [*quality.complete_product(row, known)]
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


def _complete_reason(row: Row, _known: Known) -> list[tuple[str, str]]:
    if row["subgroup"] and not row["group"]:
        return [("subgroup", _("needs a group above it: fill in the group, too"))]
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
            lambda rows: applying.Rows(machines=placed(rows)),
            nothing_to_complete,
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
                "unit_pattern": r"^P100-\d{6}$",
                "gtin": "08801234567893",
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
            lambda rows: applying.Rows(reasons=placed(rows)),
            _complete_reason,
            (N_("A code stands on printed bar codes: rename a reason, but leave its code. Order: of the buttons."),),
            usual=lambda: usual_rows(usual.reasons()),
        ),
        TableKind(
            "scrap_reasons",
            N_("Scrap reasons"),
            _SCRAP_COLUMNS,
            ("code",),
            {"code": "D50", "name": N_("Pin hole"), "group": N_("Surface"), "order": 50, "icon": "search"},
            _scrap_reasons,
            lambda rows: applying.Rows(scrap_reasons=placed(rows)),
            nothing_to_complete,
            (N_("A code stands on printed bar codes: rename a reason, but leave its code. Order: of the buttons."),),
            usual=lambda: usual_rows(usual.scrap_reasons()),
        ),
        routing.STATIONS,
        routing.ROUTES,
        staff.PEOPLE,
        plan.ORDERS,
        checks.CHECKS,
        quality.GAUGES,
        quality.CHARACTERISTICS,
        quality.LIMITS,
        quality.PARTS,
    )
}


def example_of(kind: TableKind) -> Row:
    """The example row of a kind, its names in the language in use."""
    told = ("name", "group", "subgroup")
    return {key: _(value) if key in told and value else value for key, value in kind.example.items()}

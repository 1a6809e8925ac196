"""What is to be checked (점검 항목) as a table."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.configuration import applying, usual
from desktop.configuration.sheets.columns import (
    MACHINE_CODES,
    Column,
    Known,
    Row,
    Stock,
    TableKind,
    field_of,
    no_machine,
    order_column,
    placed,
    usual_rows,
)
from desktop.configuration.tables import CHECK
from desktop.text import N_, _

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
    Column(field_of(CHECK, "code"), N_("Check code"), ("점검코드", "코드", "code")),
    Column(field_of(CHECK, "name"), N_("What is checked"), ("점검항목", "점검내용", "항목", "name")),
    Column(field_of(CHECK, "machine", default=""), N_("Machine code"), MACHINE_CODES),
    Column(
        field_of(CHECK, "product", default=""), N_("Item no."), ("품목코드", "품목번호", "제품코드", "part no", "item")
    ),
    Column(field_of(CHECK, "kind"), N_("Kind of check"), ("점검방법", "구분", "kind"), _CHECK_KINDS, said=_CHECK_SAID),
    Column(field_of(CHECK, "every"), N_("How often"), ("주기", "점검주기"), _CHECK_EVERY, said=_CHECK_EVERY_SAID),
    Column(field_of(CHECK, "low"), N_("Lower limit"), ("하한", "최소", "min")),
    Column(field_of(CHECK, "high"), N_("Upper limit"), ("상한", "최대", "max")),
    Column(field_of(CHECK, "unit"), N_("Unit"), ("단위",)),
    Column(field_of(CHECK, "hours"), N_("Middle piece every hours"), ("중물 주기", "시간")),
    order_column(),
)


def _checks(stock: Stock) -> list[Row]:
    plant = stock.plant
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
    rows = [{**row, "machine": "", "product": "", "hours": float(row["hours"])} for row in usual.checks()]
    return usual_rows(rows)


CHECKS = TableKind(
    "checks",
    N_("Checks"),
    _CHECK_COLUMNS,
    ("code",),
    {
        "code": "C50", "name": N_("Coolant concentration"), "machine": "", "product": "", "kind": "value",
        "every": "day", "low": 5.0, "high": 8.0, "unit": "%", "hours": 0.0, "order": 50,
    },
    _checks,
    lambda rows: applying.Rows(checks=placed(rows)),
    _complete_check,
    (
        N_("Without a machine an item is for every machine, without an item number for whatever is made."),
        N_("A value is right between its limits. Middle piece every hours: 0 is one in the middle of the shift."),
    ),
    usual=_usual_checks,
)  # fmt: skip

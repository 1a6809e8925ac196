"""The day's plan from rows, as a sheet or a form has them: every fault at once, all of it or nothing."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from desktop.configuration.tables import MOST_PIECES, ConfigurationError, moment_ms
from desktop.domain.calendar import local_date, utc_ms
from desktop.domain.orders import Order, OrderKind, OrderStatus
from desktop.domain.plant import Plant
from desktop.store import orders, register
from desktop.store.closed_register import keeping_closed
from desktop.store.database import Store
from desktop.text import _

#: what shops call a kind and a status -> what it is
KINDS = {
    **{kind.value: kind for kind in OrderKind},
    "양산": OrderKind.MASS, "시작": OrderKind.TRIAL, "재작업": OrderKind.REWORK,
}  # fmt: skip
STATUSES = {
    **{status.value: status for status in OrderStatus},
    "진행": OrderStatus.OPEN, "완료": OrderStatus.DONE, "취소": OrderStatus.CANCELLED,
}  # fmt: skip
_LONGEST = 60  # characters of an order number or a lot


class PlanChange(Struct, frozen=True):
    """What rows do to the plan: numbers of orders that are added, changed, left as they are, taken out."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


def enter(
    store: Store,
    rows: Sequence[Mapping[str, object]],
    who: str = "",
    *,
    why: str = "",
    lines: Sequence[int] = (),
    whole_days: bool = False,
    dry_run: bool = False,
    at_ms: int | None = None,
) -> PlanChange:
    """Enter the plan: each row an order with the keys code, product, quantity, lot, due, kind, machine, on, shift,
    status; what is "" or missing has its usual value. The order of the rows is that of the work.

    `due` is a datetime of the plant's clock or a date (until the day ends), `on` a date. `lines`: the line of each row
    in its sheet, for messages. `whole_days`: what else was planned for the days of the rows goes out of the plan.
    `dry_run`: only say what would be. `at_ms`: when it is entered (None: now). Raises ConfigurationError with every
    fault, one sentence each, and ClosedError where the plan of a closed shift becomes another one and `who` or `why`
    is missing; then nothing is changed.
    """
    now_ms = store.clock.now_ms() if at_ms is None else at_ms
    plant, zone = register.plant(store), register.zone(store)
    shifts = list(dict.fromkeys(pattern.name for pattern in register.shift_patterns(store)))
    wanted = _checked(rows, lines or range(1, len(rows) + 1), plant, shifts, zone)
    with store.transaction() as db, keeping_closed(store, db, who, why):
        before = {order.id: order for order in orders.orders(store)}
        known = {order.code: order for order in before.values()}
        found: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
        kept = set()
        for columns in wanted:
            number, how = _would(known, columns) if dry_run else orders.put(db, columns, now_ms)
            kept.add(number)
            found[how].append(str(columns["code"]))
        days = {columns["planned_on"] for columns in wanted}
        gone = [o for o in before.values() if whole_days and o.id not in kept and _day(o) in days]
        change = PlanChange(**{how: tuple(codes) for how, codes in found.items()}, retired=tuple(o.code for o in gone))
        if not dry_run and (change.added or change.changed or gone):
            for order in gone:
                orders.retire(db, order.id, now_ms)
            touched = {*change.added, *change.changed, *change.retired}
            old = [_told(order) for order in before.values() if order.code in touched]
            new = [_told(order) for order in orders.orders(store) if order.code in touched]
            register.audit(db, now_ms, who, "plan", "orders", _json(old), _json(new), why)
    return change


def put_all(store: Store, db: Any, rows: Iterable[Mapping[str, Any]], plant: Plant, now_ms: int) -> None:
    """Let the plan be these orders, inside the caller's transaction: rows with the keys of `enter`, checked already,
    `place` from 0. Only what differs is written, so that each version says something new. An order of a
    product or machine that is retired is left alone."""
    zone = ZoneInfo(plant.timezone)
    products = {p.code: p.id for p in plant.products}
    machines = {m.code: m.id for m in plant.machines}
    held = {
        order.code: order
        for order in orders.orders(store)
        if order.product in products.values() and (order.machine is None or order.machine in machines.values())
    }
    for row in rows:
        due = row["due"]
        wanted = {
            "code": row["code"],
            "product_id": products[row["product"]],
            "quantity": row["quantity"],
            "lot": row["lot"],
            "due_ms": None if due is None else moment_ms(due, zone),
            "kind": row["kind"],
            "machine_id": machines.get(row["machine"]),
            "planned_on": None if row["on"] is None else row["on"].isoformat(),
            "shift": row["shift"],
            "place": row["place"],
            "status": row["status"],
        }
        known = held.pop(row["code"], None)
        if known is None or orders.columns_of(known) != wanted:
            orders.put(db, wanted, now_ms)
    for order in held.values():
        orders.retire(db, order.id, now_ms)


def _would(plan: Mapping[str, Order], columns: Mapping[str, object]) -> tuple[int, str]:
    """What `orders.put` would say."""
    known = plan.get(str(columns["code"]))
    if known is None:
        return 0, "added"
    return known.id, "unchanged" if orders.columns_of(known) == dict(columns) else "changed"


def _day(order: Order) -> str | None:
    return None if order.planned_on is None else order.planned_on.isoformat()


def _told(order: Order) -> dict[str, object]:
    return {key: value for key, value in orders.columns_of(order).items() if value not in ("", None)}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _checked(
    rows: Sequence[Mapping[str, object]], lines: Iterable[int], plant: Plant, shifts: Sequence[str], zone: ZoneInfo
) -> list[dict[str, Any]]:
    """The rows as columns of the register. Raises ConfigurationError."""
    products = {product.code: product.id for product in plant.products}
    machines = {machine.code: machine.id for machine in plant.machines}
    faults: list[str] = []
    seen: dict[str, int] = {}
    found = []
    for place, (row, line) in enumerate(zip(rows, lines, strict=True)):
        code = _text(row, "code")
        where = _("Row {row}").format(row=line) + (f", {code}" if code else "")
        said: list[str] = []
        if not code:
            said.append(_("the order number is missing."))
        elif code in seen:
            said.append(_("this order stands already in row {row}. Give each order one row.").format(row=seen[code]))
        seen.setdefault(code, line)
        product, machine, shift = _text(row, "product"), _text(row, "machine"), _text(row, "shift")
        if product not in products:
            said.append(_near(product, products, _("the product {name} is not known."), _("the product is missing.")))
        if machine and machine not in machines:
            said.append(_near(machine, machines, _("the machine {name} is not known.")))
        if shift and shift not in shifts:
            said.append(_near(shift, shifts, _("the shift {name} is not known.")))
        quantity = _whole(row.get("quantity"))
        if quantity is None or not 1 <= quantity <= MOST_PIECES:
            words = _("the quantity {value} cannot be. Write a whole number from 1 to {most}.")
            said.append(words.format(value=_shown(row.get("quantity")), most=f"{MOST_PIECES:,}"))
        kind, status = _text(row, "kind") or "mass", _text(row, "status") or "open"
        if kind not in KINDS:
            words = _("the kind {name} is not known. Write one of: {names}.")
            said.append(words.format(name=kind, names=", ".join(kind.value for kind in OrderKind)))
        if status not in STATUSES:
            words = _("the status {name} is not known. Write one of: {names}.")
            said.append(words.format(name=status, names=", ".join(status.value for status in OrderStatus)))
        long = [name for name in (code, _text(row, "lot")) if len(name) > _LONGEST]
        said += [_("{name} is longer than {most} characters.").format(name=name, most=_LONGEST) for name in long]
        on, due = row.get("on") or None, row.get("due") or None
        if on is not None and not isinstance(on, date):
            said.append(_("{value} is no date. Write it as 2026-11-19.").format(value=_shown(on)))
        if due is not None and not isinstance(due, date):
            said.append(_("{value} is no date. Write it as 2026-11-19.").format(value=_shown(due)))
        planned = on.date() if isinstance(on, datetime) else on if isinstance(on, date) else None
        due_ms = _due_ms(due, zone) if isinstance(due, date) else None
        if planned is not None and due_ms is not None and local_date(due_ms - 1, zone) < planned:
            said.append(_("it is due before the day for which it is planned ({day}).").format(day=planned))
        faults += [f"{where}: {each}" for each in said]
        if not said:
            found.append(
                {
                    "code": code,
                    "product_id": products[product],
                    "quantity": quantity,
                    "lot": _text(row, "lot"),
                    "due_ms": due_ms,
                    "kind": KINDS[kind].value,
                    "machine_id": machines.get(machine),
                    "planned_on": None if planned is None else planned.isoformat(),
                    "shift": shift,
                    "place": place,
                    "status": STATUSES[status].value,
                }
            )
    if faults:
        raise ConfigurationError(faults)
    return found


def _text(row: Mapping[str, object], key: str) -> str:
    value = row.get(key)
    return "" if value is None else " ".join(str(value).split())


def _shown(value: object) -> str:
    return '""' if value in (None, "") else str(value)


def _whole(value: object) -> int | None:
    """A whole number, also one that a sheet holds as 500.0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value and abs(value) <= 1e15 and int(value) == value else None


def _near(name: str, known: Iterable[str], unknown: str, missing: str = "") -> str:
    """That a name is not known, with the one that may be meant."""
    if not name and missing:
        return missing
    close = difflib.get_close_matches(name, list(known), 1)
    hint = " " + _("Do you mean {name}?").format(name=close[0]) if close else ""
    return unknown.format(name=name) + hint


def _due_ms(due: date, zone: ZoneInfo) -> int:
    """A moment; a day is over when the next begins."""
    if isinstance(due, datetime):
        return moment_ms(due, zone)
    return utc_ms(date.fromordinal(due.toordinal() + 1), time(), zone)

"""The plan in the file: orders as they stand, and every version of each. Written by the desktop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from desktop.domain.orders import Order, OrderKind, OrderStatus, OrderVersion
from desktop.store import register
from desktop.store.database import Store

_COLUMNS = "id, code, product_id, quantity, lot, due_ms, kind, machine_id, planned_on, shift, place, status"


def orders(store: Store) -> tuple[Order, ...]:
    """Every order of the plan that was not taken out of it, in the order of entering."""
    return tuple(
        _order(row) for row in store.rows(f"SELECT {_COLUMNS} FROM orders WHERE retired_at_ms IS NULL ORDER BY id")
    )


def versions(store: Store, since: date) -> tuple[OrderVersion, ...]:
    """Every version of the orders that are planned for a day from `since` on, for none, or are still open; by time."""
    return tuple(
        OrderVersion(int(at_ms), msgspec.json.decode(fields, type=Order), bool(retired))
        for at_ms, fields, retired in store.rows(
            "SELECT v.entered_at_ms, v.fields, v.retired FROM order_versions v JOIN orders o ON o.id = v.order_id"
            " WHERE o.planned_on IS NULL OR o.planned_on >= ? OR (o.status = 'open' AND o.retired_at_ms IS NULL)"
            " ORDER BY v.entered_at_ms, v.id",
            since.isoformat(),
        )
    )


def planned_since(store: Store, since: date) -> tuple[OrderVersion, ...]:
    """Every version of the orders of which any was ever planned for a day from `since` on; by time."""
    return tuple(
        OrderVersion(int(at_ms), msgspec.json.decode(fields, type=Order), bool(retired))
        for at_ms, fields, retired in store.rows(
            "SELECT entered_at_ms, fields, retired FROM order_versions WHERE order_id IN"
            " (SELECT order_id FROM order_versions WHERE json_extract(fields, '$.planned_on') >= ?)"
            " ORDER BY entered_at_ms, id",
            since.isoformat(),
        )
    )


def newest(store: Store) -> int:
    """The id of the last version of any order, 0 where there is none: it rises with every change of the plan."""
    return int(store.row("SELECT coalesce(max(id), 0) FROM order_versions")[0])


def named(store: Store, codes: set[str]) -> tuple[Order, ...]:
    """The orders of these numbers, also those that were taken out of the plan."""
    if not codes:
        return ()
    marks = ", ".join("?" * len(codes))
    return tuple(_order(row) for row in store.rows(f"SELECT {_COLUMNS} FROM orders WHERE code IN ({marks})", *codes))


def columns_of(order: Order) -> dict[str, object]:
    """An order as the columns that `put` takes."""
    return {
        "code": order.code,
        "product_id": order.product,
        "quantity": order.quantity,
        "lot": order.lot,
        "due_ms": order.due_ms,
        "kind": order.kind.value,
        "machine_id": order.machine,
        "planned_on": None if order.planned_on is None else order.planned_on.isoformat(),
        "shift": order.shift,
        "place": order.place,
        "status": order.status.value,
    }


def put(connection: Any, columns: Mapping[str, object], at_ms: int) -> tuple[int, str]:
    """Enter an order, or change the one of its `code`, inside the caller's transaction. Its id and "added", "changed"
    or "unchanged"; `columns` are those of the table but for the id."""
    wanted = {**columns, "retired_at_ms": None}
    names = ", ".join(wanted)
    before = connection.execute(f"SELECT {names} FROM orders WHERE code = ?", (columns["code"],)).fetchone()
    if before is not None and tuple(before) == tuple(wanted.values()):
        row = connection.execute("SELECT id FROM orders WHERE code = ?", (columns["code"],)).fetchone()
        return int(row[0]), "unchanged"
    rest = {name: value for name, value in wanted.items() if name != "code"}
    number = register.upsert(connection, "orders", {"code": columns["code"]}, rest)
    _remember(connection, number, at_ms, retired=False)
    return number, "added" if before is None else "changed"


def retire(connection: Any, number: int, at_ms: int) -> None:
    """Take an order out of the plan; what was made for it stays. Inside the caller's transaction."""
    connection.execute("UPDATE orders SET retired_at_ms = ? WHERE id = ?", (at_ms, number))
    _remember(connection, number, at_ms, retired=True)


def _remember(connection: Any, number: int, at_ms: int, *, retired: bool) -> None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM orders WHERE id = ?", (number,)).fetchone()
    connection.execute(
        "INSERT INTO order_versions (order_id, entered_at_ms, fields, retired) VALUES (?, ?, ?, ?)",
        (number, at_ms, msgspec.json.encode(_order(row)).decode(), int(retired)),
    )


def _order(row: Any) -> Order:
    number, code, product, quantity, lot, due_ms, kind, machine, planned_on, shift, place, status = row
    on = None if planned_on is None else date.fromisoformat(planned_on)
    return Order(
        int(number), code, int(product), int(quantity), lot, due_ms, OrderKind(kind), machine, on, shift, int(place),
        OrderStatus(status),
    )  # fmt: skip

"""A checked configuration into the register, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from desktop.configuration import orders as plan
from desktop.configuration import usual
from desktop.configuration.applying.dated import put_constraints, put_open_cavities, put_rules
from desktop.configuration.applying.quality import (
    put_characteristics,
    put_gauges,
    put_limits_now,
    put_parts,
    put_quality,
)
from desktop.configuration.applying.rows import Translate, as_json
from desktop.configuration.applying.shifts import (
    put_capacity,
    put_exceptions,
    put_planned_stops,
    put_rotations,
    put_shifts,
)
from desktop.configuration.applying.shop import (
    person_of,
    put_checks,
    put_label,
    put_machines,
    put_orders,
    put_plant,
    put_products,
    put_reasons,
    put_report,
    put_routes,
    put_scrap_reasons,
    put_standards,
    put_stations,
)
from desktop.configuration.applying.wires import put_buses
from desktop.configuration.exporting import tables_of
from desktop.configuration.quality import signal_names
from desktop.configuration.tables import Configuration
from desktop.domain.calendar import local_date, utc_ms
from desktop.store import calendar_edits, master_data, orders, people, register
from desktop.store.closed_register import keeping_closed
from desktop.store.database import Store
from desktop.store.quality import quality
from desktop.text import _

#: tables whose rows people enter here and there, by what a row is called by; devices are the file's own
_CALLED = {
    **dict.fromkeys(("machine", "product", "station", "reason", "scrap_reason", "check", "order"), ("code",)),
    "person": ("name",),
    "shift": ("name",),
    "exception": ("on", "shift"),
    "planned_stop": ("from", "machine"),
}


class Imported(Struct, frozen=True):
    """What an import did that somebody may not have meant: what stood and stands no more, "product VH-204" (the file
    did not name it, perhaps because it is older than what somebody entered since), and the characteristics whose limits
    are others."""

    gone: tuple[str, ...]
    limits: tuple[str, ...]


def apply(
    store: Store,
    wanted: Configuration,
    *,
    ports: Mapping[str, str] | None = None,
    translate: Translate = str,
    who: str = "",
    why: str = "",
) -> Imported:
    """Write a checked configuration into the register in one transaction; what it does not name is retired.

    What holds from a date on keeps its past: what the file says differently and gives no date holds from today on, and
    of what it does not name only the future goes. Raises ConfigurationError where a version without a date would have
    to change the past, and ClosedError where a closed shift becomes another one and `who` or `why` is missing.
    `ports` replaces the port of a bus by its key (the demo line's wires), `translate` its names (the demo line's).
    `who` imports it, and `why`: they stand in the audit trail.
    """
    now_ms = store.clock.now_ms()
    with store.transaction() as db, keeping_closed(store, db, who, why):
        held = master_data.read(db)
        old = tables_of(store)
        was = register.calendar(store)
        declared, cavities, rules = register.constraints(store), register.open_cavities(store), register.rules(store)
        begun = bool(register.plant(store, since_ms=0).machines)
        zone = ZoneInfo(wanted.plant["timezone"])
        today = local_date(now_ms, zone)
        midnight_ms = utc_ms(today, time(), zone)
        put_plant(db, wanted.plant, translate)
        machines = put_machines(db, wanted.machines, translate)
        products = put_products(db, wanted.products, translate)
        put_standards(db, wanted.standards, zone, products, machines)
        put_constraints(db, wanted, declared, machines, today)
        put_open_cavities(db, wanted, cavities, products, machines, midnight_ms)
        put_shifts(db, wanted, was, translate, today)
        put_rotations(db, wanted, translate)
        put_capacity(db, wanted, was, translate, today)
        put_exceptions(db, wanted, was, translate, now_ms)
        if wanted.rules is not None:
            put_rules(db, wanted.rules, rules[-1][1], now_ms if begun else 0)
        put_report(db, wanted.report)
        put_label(db, wanted.label)
        kept = put_buses(db, wanted.buses, machines, ports or {}, translate)
        kept["machines"] = set(machines.values())
        kept["products"] = set(products.values())
        # A shop that never had reasons begins with the usual ones, in the language in use.
        fresh = not wanted.reasons and not register.ever_had(store, "reasons")
        reasons = put_reasons(db, *((usual.reasons(), _) if fresh else (wanted.reasons, translate)))
        kept["reasons"] = set(reasons.values())
        if wanted.scrap_reasons is not None:
            kept["scrap_reasons"] = set(put_scrap_reasons(db, wanted.scrap_reasons, translate).values())
        elif not register.ever_had(store, "scrap_reasons"):
            put_scrap_reasons(db, usual.scrap_reasons(), _)
        if wanted.checks is not None:
            kept["check_items"] = set(put_checks(db, wanted.checks, machines, products, translate))
        put_planned_stops(db, wanted, was, machines, reasons, midnight_ms)
        put_orders(db, wanted, orders.orders(store), machines, products, now_ms, today)
        stations = None if wanted.stations is None else put_stations(db, wanted.stations, machines, translate)
        if stations is not None:
            kept["stations"] = set(stations.values())
        if wanted.routes is not None:
            steps = [(r["product"], n, code) for r in wanted.routes for n, code in enumerate(r["stations"])]
            put_routes(db, steps, products, stations or {}, now_ms)
        kept |= put_quality(store, db, wanted, machines, products, zone, translate, who, why, begun)
        if wanted.people is not None:
            people.replace_all(db, [person_of(each, translate) for each in wanted.people], now_ms, who)
        for table, ids in kept.items():
            register.retire_others(db, table, ids, now_ms)
        new = tables_of(store)
        before, after = as_json(old, default=str), as_json(new, default=str)
        master_data.note(db, held, now_ms, who)
        edit = register.audit(db, now_ms, who, "config import", "register", before, after, why)
        calendar_edits.note(store, db, was, edit, now_ms)
    stands = set(_called_rows(new))
    limits = [table.get("limit") or [] for table in (old, new)] if begun else [[], []]
    return Imported(
        tuple(dict.fromkeys(name for name in _called_rows(old) if name not in stands)),
        tuple(
            dict.fromkeys(row["characteristic"] for side in limits for row in side if not all(row in s for s in limits))
        ),
    )


def _called_rows(tables: Mapping[str, Any]) -> Iterator[str]:
    """The rows of a configuration by the words of its file: "product VH-204", "exception 2026-12-03 Day"."""
    for table, columns in _CALLED.items():
        for row in tables.get(table) or ():
            yield " ".join(str(word) for word in (table, *(row.get(column) for column in columns)) if word)


class Rows(Struct, frozen=True):
    """Whole tables of the register, rows as a configuration has them, read once; None: stays as it is."""

    machines: Iterable[Mapping[str, Any]] | None = None
    products: Iterable[Mapping[str, Any]] | None = None
    standards: Iterable[Mapping[str, Any]] | None = None
    reasons: Iterable[Mapping[str, Any]] | None = None
    scrap_reasons: Iterable[Mapping[str, Any]] | None = None
    checks: Iterable[Mapping[str, Any]] | None = None
    stations: Iterable[Mapping[str, Any]] | None = None
    routes: Iterable[tuple[str, int, str]] | None = None  # product, place from 0, station
    people: Iterable[Mapping[str, Any]] | None = None
    orders: Iterable[Mapping[str, Any]] | None = None  # `due` as plant time, `place` from 0
    gauges: Iterable[Mapping[str, Any]] | None = None
    characteristics: Iterable[Mapping[str, Any]] | None = None
    limits: Iterable[Mapping[str, Any]] | None = None  # what holds from now on
    parts: Iterable[Mapping[str, Any]] | None = None


def put_rows(store: Store, db: Any, rows: Rows, who: str = "", why: str = "") -> None:
    """Let tables of the register hold these rows, inside the caller's transaction; what they do not name is retired.

    Rows are checked already. The caller leaves the line in the audit trail; `who` stands in those of PINs that go, with
    `why` in those of limits.
    """
    now_ms = store.clock.now_ms()
    plant = register.plant(store)
    machines = {m.code: m.id for m in plant.machines}
    products = {p.code: p.id for p in plant.products}
    if rows.machines is not None:
        machines = put_machines(db, rows.machines, str)
        register.retire_others(db, "machines", set(machines.values()), now_ms)
    if rows.products is not None:
        products = put_products(db, rows.products, str)
        register.retire_others(db, "products", set(products.values()), now_ms)
    if rows.standards is not None:
        past = register.standards_of_retired(store)
        put_standards(db, rows.standards, ZoneInfo(plant.timezone), products, machines, past)
    if rows.reasons is not None:
        register.retire_others(db, "reasons", set(put_reasons(db, rows.reasons, str).values()), now_ms)
    if rows.scrap_reasons is not None:
        kept = set(put_scrap_reasons(db, rows.scrap_reasons, str).values())
        register.retire_others(db, "scrap_reasons", kept, now_ms)
    if rows.checks is not None:
        register.retire_others(db, "check_items", set(put_checks(db, rows.checks, machines, products, str)), now_ms)
    if rows.stations is not None:
        kept = set(put_stations(db, rows.stations, machines, str).values())
        register.retire_others(db, "stations", kept, now_ms)
    if rows.routes is not None:
        put_routes(db, rows.routes, products, {station.code: station.id for station in plant.stations}, now_ms)
    if rows.people is not None:
        people.replace_all(db, [person_of(each, str) for each in rows.people], now_ms, who)
    if rows.gauges is not None:
        register.retire_others(db, "gauges", set(put_gauges(db, rows.gauges, str).values()), now_ms)
    if rows.characteristics is not None:
        gauges = {each.code: each.id for each in quality(store).gauges}
        signals = {name: number for number, name in signal_names(plant).items()}
        found = put_characteristics(db, rows.characteristics, machines, products, signals, gauges, str, now_ms)
        register.retire_others(db, "characteristics", set(found.values()), now_ms)
    if rows.limits is not None:
        put_limits_now(db, rows.limits, quality(store), now_ms, who, why)
    if rows.parts is not None:
        put_parts(db, rows.parts, {station.code: station.id for station in plant.stations}, products)
    if rows.orders is not None:
        plan.put_all(store, db, rows.orders, plant, now_ms)

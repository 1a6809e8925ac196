"""The shop in the register: its machines and products, how one goes over the other, reasons, people, the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import convert

from desktop.configuration.applying.rows import Translate, put
from desktop.configuration.tables import Configuration, moment_ms
from desktop.domain.automatic import Policy
from desktop.domain.calendar import utc_ms
from desktop.domain.labels import Contents
from desktop.domain.orders import Order
from desktop.domain.people import Person, PersonRole
from desktop.store import labels, orders, register, reports_made


def put_plant(db: Any, plant: Mapping[str, Any], translate: Translate) -> None:
    """The settings of the plant."""
    register.put_setting(db, "plant", translate(plant["name"]))
    register.put_setting(db, "line", translate(plant["line"]))
    register.put_setting(db, "timezone", plant["timezone"])
    register.put_setting(db, "day_start", plant["day_start"])
    register.put_setting(db, "alarm_after_min", str(plant["alarm_after_min"]))
    register.put_setting(db, "ask_after_min", str(plant["ask_after_min"]))
    target = plant["oee_target"]
    register.put_setting(db, "oee_target", "" if target is None else str(target))


def put_report(db: Any, wanted: Mapping[str, Any] | None) -> None:
    """What the file wants of the automatic report; None: as it is."""
    if wanted is not None:
        printer = wanted["printer"] if wanted["print"] else None
        formats, delay_ms = tuple(dict.fromkeys(wanted["formats"])), wanted["after_min"] * 60_000
        cost = float(wanted["hour_cost"])
        policy = Policy(wanted["automatic"], wanted["folder"], formats, delay_ms, printer, wanted["language"], cost)
        reports_made.put_policy(db, policy)


def put_label(db: Any, wanted: Mapping[str, Any] | None) -> None:
    """What the file wants on labels; None: as it is."""
    if wanted is not None:
        labels.import_contents(db, convert(wanted, Contents))


def put_machines(db: Any, machines: Iterable[Mapping[str, Any]], translate: Translate) -> dict[str, int]:
    """Ids of the machines by their codes, in the order of the line."""
    return {
        m["code"]: put(
            db,
            "machines",
            {"code": m["code"]},
            name=translate(m["name"]),
            place=m.get("place", place),
            threshold_ms=round(m["threshold_s"] * 1000),
            unattended=int(m["unattended"]),
        )
        for place, m in enumerate(machines)
    }


def put_products(db: Any, products: Iterable[Mapping[str, Any]], translate: Translate) -> dict[str, int]:
    """Ids of the products by their codes."""
    return {
        p["code"]: put(
            db, "products", {"code": p["code"]}, name=translate(p["name"]), **_said(p, "unit_pattern", "gtin")
        )
        for p in products
    }


def _said(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Of these columns those that a row speaks of; a sheet does not know all."""
    return {key: row[key] for key in keys if key in row}


def put_standards(
    db: Any,
    standards: Iterable[Mapping[str, Any]],
    zone: ZoneInfo,
    products: Mapping[str, int],
    machines: Mapping[str, int],
    kept: Iterable[int] = (),
) -> None:
    """Write cycle times and drop all others but those `kept`."""
    found = {
        register.upsert(
            db,
            "standards",
            {
                "product_id": products[s["product"]],
                "machine_id": machines[s["machine"]],
                "valid_from_ms": 0 if s["valid_from"] is None else utc_ms(s["valid_from"], time(), zone),
            },
            {
                # To the microsecond, so that the text of an export stays what it was.
                **{name: round(s[f"{name[:-3]}_s"] * 1000.0, 3) for name in ("ideal_cycle_ms", "standard_cycle_ms")},
                "cavities": s["cavities"],
                "family_cavities": s["family_cavities"],
            },
        )
        for s in standards
    }
    register.drop_others(db, "standards", found | set(kept))


def put_stations(
    db: Any, stations: Iterable[Mapping[str, Any]], machines: Mapping[str, int], translate: Translate
) -> dict[str, int]:
    """Ids of the stations by their codes, in the order of the file."""
    return {
        s["code"]: put(
            db,
            "stations",
            {"code": s["code"]},
            name=translate(s["name"]),
            machine_id=machines.get(s["machine"] or ""),
            place=s.get("place", place),
            **_said(s, "kind", "when_wrong"),
        )
        for place, s in enumerate(stations)
    }


def put_routes(
    db: Any,
    steps: Iterable[tuple[str, int, str]],
    products: Mapping[str, int],
    stations: Mapping[str, int],
    now_ms: int,
) -> None:
    """Let these products go by these stations and no others; a product that is retired keeps its route. A station that
    never stood on a product's route does from now on; the first route of a product holds since ever."""
    kept, routed = register.steps_of_others(db, set(products.values())), register.routed(db)
    found = {
        register.put_step(db, products[product], place, stations[station], now_ms if products[product] in routed else 0)
        for product, place, station in steps
    }
    register.drop_others(db, "route_steps", found | kept)


def put_reasons(db: Any, reasons: Iterable[Mapping[str, Any]], translate: Translate) -> dict[str, int]:
    """Ids of the reasons by their codes."""
    return {
        r["code"]: put(
            db,
            "reasons",
            {"code": r["code"]},
            name=translate(r["name"]),
            kind=r["kind"],
            failure=int(r["failure"]),
            loss=r["loss"],
            group_name=translate(r["group"]) if r["group"] else "",
            subgroup_name=translate(r["subgroup"]) if r["subgroup"] else "",
            icon=r["icon"],
            place=r.get("place", place),
        )
        for place, r in enumerate(reasons)
    }


def put_scrap_reasons(db: Any, reasons: Iterable[Mapping[str, Any]], translate: Translate) -> dict[str, int]:
    """Ids of the kinds of rejects by their codes."""
    return {
        r["code"]: put(
            db,
            "scrap_reasons",
            {"code": r["code"]},
            name=translate(r["name"]),
            group_name=translate(r["group"]) if r["group"] else "",
            icon=r["icon"],
            place=r.get("place", place),
        )
        for place, r in enumerate(reasons)
    }


def put_checks(
    db: Any,
    checks: Iterable[Mapping[str, Any]],
    machines: Mapping[str, int],
    products: Mapping[str, int],
    translate: Translate,
) -> list[int]:
    """Ids of the check items."""
    return [
        put(
            db,
            "check_items",
            {"code": c["code"]},
            name=translate(c["name"]),
            machine_id=machines[c["machine"]] if c["machine"] else None,
            product_id=products[c["product"]] if c["product"] else None,
            **{key: c[key] for key in ("kind", "every", "low", "high", "unit")},
            hours=float(c["hours"] or 0),
            place=c.get("place", place),
        )
        for place, c in enumerate(checks)
    ]


def person_of(person: Mapping[str, Any], translate: Translate) -> Person:
    """A person of a row, not yet known to the register (id 0)."""
    return Person(0, translate(person["name"]), person["crew"], PersonRole(person["role"]), person["badge"])


def put_orders(
    db: Any,
    wanted: Configuration,
    stored: Iterable[Order],
    machines: Mapping[str, int],
    products: Mapping[str, int],
    now_ms: int,
    today: date,
) -> None:
    """The plan in the order of the file. What the file does not name goes, but for the days before."""
    if wanted.orders is None:
        return
    zone = ZoneInfo(wanted.plant["timezone"])
    kept = {
        orders.put(
            db,
            {
                "code": o["code"],
                "product_id": products[o["product"]],
                "quantity": o["quantity"],
                "lot": o["lot"],
                "due_ms": None if o["due"] is None else moment_ms(o["due"], zone),
                "kind": o["kind"],
                "machine_id": machines.get(o["machine"]),
                "planned_on": None if o["on"] is None else o["on"].isoformat(),
                "shift": o["shift"],
                "place": place,
                "status": o["status"],
            },
            now_ms,
        )[0]
        for place, o in enumerate(wanted.orders)
    }
    for order in stored:
        if order.id not in kept and (order.planned_on is None or order.planned_on >= today):
            orders.retire(db, order.id, now_ms)

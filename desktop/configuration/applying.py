"""A checked configuration into the register, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from desktop.configuration.exporting import tables_of
from desktop.configuration.tables import Configuration
from desktop.domain.calendar import utc_ms
from desktop.store import register
from desktop.store.database import Store

Translate = Callable[[str], str]


def apply(
    store: Store, wanted: Configuration, *, ports: Mapping[str, str] | None = None, translate: Translate = str
) -> None:
    """Write a checked configuration into the register in one transaction; what it does not name is retired.

    `ports` replaces the port of a bus by its key (the demo line's wires), `translate` its names (the demo line's).
    """
    now_ms = store.clock.now_ms()
    with store.transaction() as db:
        before = _json(tables_of(store), default=str)
        _plant(db, wanted.plant, translate)
        machines = _machines(db, wanted.machines, translate)
        products = _products(db, wanted.products, translate)
        _standards(db, wanted, products, machines)
        kept = _buses(db, wanted.buses, machines, ports or {}, translate)
        kept["machines"] = set(machines.values())
        kept["products"] = set(products.values())
        kept["shift_patterns"] = _shifts(db, wanted.shifts, translate)
        kept["reasons"] = _reasons(db, wanted.reasons, translate)
        for table, ids in kept.items():
            register.retire_others(db, table, ids, now_ms)
        after = _json(tables_of(store), default=str)
        register.audit(db, now_ms, "", "config import", "register", before, after)


def _json(value: object, **more: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **more)


def _put(db: Any, table: str, key: Mapping[str, object], **columns: object) -> int:
    """Insert or change a row that may have been retired; its id."""
    return register.upsert(db, table, key, {**columns, "retired_at_ms": None})


def _plant(db: Any, plant: Mapping[str, str], translate: Translate) -> None:
    register.put_setting(db, "plant", translate(plant["name"]))
    register.put_setting(db, "line", translate(plant["line"]))
    register.put_setting(db, "timezone", plant["timezone"])
    register.put_setting(db, "constraint", plant["constraint"])


def _machines(db: Any, machines: list[dict[str, Any]], translate: Translate) -> dict[str, int]:
    return {
        m["code"]: _put(
            db,
            "machines",
            {"code": m["code"]},
            name=translate(m["name"]),
            place=place,
            threshold_ms=round(m["threshold_s"] * 1000),
        )
        for place, m in enumerate(machines)
    }


def _products(db: Any, products: list[dict[str, Any]], translate: Translate) -> dict[str, int]:
    return {p["code"]: _put(db, "products", {"code": p["code"]}, name=translate(p["name"])) for p in products}


def _standards(db: Any, wanted: Configuration, products: Mapping[str, int], machines: Mapping[str, int]) -> None:
    zone = ZoneInfo(wanted.plant["timezone"])
    kept = {
        register.upsert(
            db,
            "standards",
            {
                "product_id": products[s["product"]],
                "machine_id": machines[s["machine"]],
                "valid_from_ms": 0 if s["valid_from"] is None else utc_ms(s["valid_from"], time(), zone),
            },
            # To the microsecond, so that the text of an export stays what it was.
            {name: round(s[f"{name[:-3]}_s"] * 1000.0, 3) for name in ("ideal_cycle_ms", "standard_cycle_ms")},
        )
        for s in wanted.standards
    }
    register.drop_other_standards(db, kept)


def _shifts(db: Any, shifts: list[dict[str, Any]], translate: Translate) -> set[int]:
    return {
        _put(
            db,
            "shift_patterns",
            {"name": translate(s["name"])},
            start=s["start"],
            end=s["end"],
            weekdays=json.dumps(s["weekdays"]),
            crew=s["crew"],
            breaks=_json([{**b, "name": translate(b["name"])} for b in s["breaks"]]),
        )
        for s in shifts
    }


def _reasons(db: Any, reasons: list[dict[str, Any]], translate: Translate) -> set[int]:
    return {
        _put(
            db,
            "reasons",
            {"code": r["code"]},
            name=translate(r["name"]),
            kind=r["kind"],
            failure=int(r["failure"]),
            place=place,
        )
        for place, r in enumerate(reasons)
    }


def _buses(
    db: Any,
    buses: list[dict[str, Any]],
    machines: Mapping[str, int],
    ports: Mapping[str, str],
    translate: Translate,
) -> dict[str, set[int]]:
    kept: dict[str, set[int]] = {"buses": set(), "devices": set(), "signals": set()}
    for bus in buses:
        bus_id = _put(
            db,
            "buses",
            {"key": bus["key"]},
            port=ports.get(bus["key"], bus["port"]),
            driver=bus["driver"],
            settings=_json(bus["settings"]),
        )
        kept["buses"].add(bus_id)
        for device in bus["device"]:
            device_id = _put(
                db,
                "devices",
                {"key": device["key"]},
                bus_id=bus_id,
                name=translate(device["name"]),
                settings=_json(device["settings"]),
            )
            kept["devices"].add(device_id)
            kept["signals"] |= {_signal(db, device_id, s, machines, translate) for s in device["signal"]}
    return kept


def _signal(
    db: Any, device_id: int, signal: Mapping[str, Any], machines: Mapping[str, int], translate: Translate
) -> int:
    return _put(
        db,
        "signals",
        {"device_id": device_id, "key": signal["key"]},
        name=translate(signal["name"]),
        machine_id=machines.get(signal["machine"]),
        role=signal["role"],
        unit=signal["unit"],
        factor=float(signal["factor"]),
        offset_value=float(signal["offset"]),
        dead_band=float(signal["dead_band"]),
        modulus=signal["modulus"],
        pieces_per_step=signal["pieces_per_step"],
        limit_low=None if signal["limit_low"] is None else float(signal["limit_low"]),
        limit_high=None if signal["limit_high"] is None else float(signal["limit_high"]),
        per_piece=int(signal["per_piece"]),
        codes=_json(signal["codes"]),
        classes=_json(signal["classes"]),
        settings=_json(signal["settings"]),
    )

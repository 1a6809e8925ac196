"""Every fault of a configuration at once: where, what stands there, what is allowed, and what may be meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.configuration.checking.phrases import NOTHING
from desktop.configuration.checking.quality import check_characteristics, check_limits, check_parts, check_products
from desktop.configuration.checking.shifts import (
    check_capacity,
    check_exceptions,
    check_planned,
    check_rotations,
    check_shifts,
)
from desktop.configuration.checking.shop import (
    check_cavities,
    check_checks,
    check_constraints,
    check_label,
    check_orders,
    check_people,
    check_reasons,
    check_report,
    check_routing,
    check_standards,
)
from desktop.configuration.checking.wires import Wires
from desktop.configuration.checking.written import Written
from desktop.configuration.positions import Lines
from desktop.configuration.quality import CHARACTERISTIC, GAUGE, LIMIT, STATION_PART
from desktop.configuration.tables import (
    CAPACITY,
    CHECK,
    CONSTRAINT,
    EXCEPTION,
    FORMAT,
    LABEL,
    MACHINE,
    OPEN_CAVITIES,
    ORDER,
    PERSON,
    PLANNED_STOP,
    PLANT,
    PRODUCT,
    REASON,
    REPORT,
    ROTATION,
    ROUTE,
    RULES,
    SCRAP_REASON,
    SHIFT,
    STANDARD,
    STATION,
    TOP,
    Configuration,
    ConfigurationError,
)
from desktop.text import _


def check(data: Mapping[str, Any], name: str, lines: Lines) -> Configuration:
    """The checked configuration. `name` calls its file, `lines` tell where what stands. Raises ConfigurationError."""
    file = Written(name, lines)
    data = file.right_tables("", data, [key for key in TOP if key != "format"])
    file.unknown("", data, TOP)
    if data.get("format") != FORMAT:
        file.fault("format", data.get("format", NOTHING), _("must be {format}").format(format=FORMAT), FORMAT)
    plant = file.table("plant", data.get("plant", {}), PLANT)
    machines = file.tables("machine", data, MACHINE, "code")
    products = file.tables("product", data, PRODUCT, "code")
    standards = file.tables("standard", data, STANDARD)
    shifts = file.tables("shift", data, SHIFT)
    reasons = file.tables("reason", data, REASON, "code")
    check_reasons(file, reasons)
    rejects = file.optional("scrap_reason", data, SCRAP_REASON, "code")
    checks = file.optional("check", data, CHECK, "code")
    reason_codes = [r["code"] for r in reasons if r["code"]]
    codes = [m["code"] for m in machines if m["code"]]
    zone = file.zone(plant["timezone"])
    file.time_of_day("plant.day_start", plant["day_start"])
    items = [p["code"] for p in products if p["code"]]
    check_standards(file, standards, codes, items)
    check_checks(file, checks or [], codes, items)
    cavities = file.optional("open_cavities", data, OPEN_CAVITIES)
    check_cavities(file, cavities or [], codes, items)
    constraints = check_constraints(file, plant, file.optional("constraint", data, CONSTRAINT), codes)
    check_shifts(file, shifts)
    names = list(dict.fromkeys(s["name"] for s in shifts if s["name"]))
    rotations = file.optional("rotation", data, ROTATION)
    check_rotations(file, rotations or [], names)
    exceptions = file.optional("exception", data, EXCEPTION)
    check_exceptions(file, exceptions or [], names)
    planned = file.optional("planned_stop", data, PLANNED_STOP)
    check_planned(file, planned or [], zone, codes, reason_codes)
    ordered = file.optional("order", data, ORDER)
    check_orders(file, ordered or [], codes, items, names)
    capacity = file.optional("capacity", data, CAPACITY)
    check_capacity(file, capacity or [])
    stations = file.optional("station", data, STATION, "code")
    routes = file.optional("route", data, ROUTE, "product")
    check_routing(file, stations or [], routes or [], codes, items)
    check_products(file, products)
    parts = file.optional("station_part", data, STATION_PART)
    check_parts(file, parts or [], [s["code"] for s in stations or [] if s["code"]], items)
    gauges = file.optional("gauge", data, GAUGE, "code")
    characteristics = file.optional("characteristic", data, CHARACTERISTIC, "code")
    limits = file.optional("limit", data, LIMIT)
    check_limits(file, limits or [], [c["code"] for c in characteristics or [] if c["code"]])
    people = file.optional("person", data, PERSON, "name")
    check_people(file, people or [], {"machine": machines, "product": products, "reason": reasons})
    rules = file.table("rules", data["rules"], RULES) if "rules" in data else None
    report = file.table("report", data["report"], REPORT) if "report" in data else None
    check_report(file, report)
    label = file.table("label", data["label"], LABEL) if "label" in data else None
    check_label(file, label, items)
    wires = Wires(file, codes, items, reason_codes)
    buses = wires.buses(data.get("bus", []))
    signals = {
        f"{d['key']}/{s['key']}": s["per_piece"] or any(each["role"] == "judge" for each in d["signal"])
        for bus in buses
        for d in bus.get("device") or ()
        for s in d.get("signal") or ()
    }
    check_characteristics(file, characteristics or [], gauges or [], codes, items, signals)
    if file.faults:
        raise ConfigurationError(file.faults)
    return Configuration(
        plant,
        machines,
        products,
        standards,
        shifts,
        reasons,
        buses,
        rules,
        constraints,
        cavities,
        rotations,
        capacity,
        exceptions,
        planned,
        ordered,
        people,
        report,
        rejects,
        stations,
        routes,
        tuple(wires.presets),
        tuple(file.warnings),
        {path: file.where(path) for path in ("constraint", "capacity", *(f"shift[{name}]" for name in names))},
        checks,
        parts,
        gauges,
        characteristics,
        limits,
        label,
    )

"""The register as the text of a configuration file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import tomli_w
from msgspec import to_builtins
from msgspec.structs import asdict

from desktop.configuration.quality import tables_of as quality_tables
from desktop.configuration.tables import FORMAT, MEANING, local_moment
from desktop.domain.automatic import Policy
from desktop.domain.calendar import ALWAYS, ShiftPattern, local_date
from desktop.domain.labels import KINDS
from desktop.domain.line import Constraint
from desktop.domain.orders import Order, OrderStatus, in_sequence
from desktop.domain.people import PersonRole
from desktop.domain.plant import Plant
from desktop.domain.rules import TPM, RuleSet
from desktop.store import labels, orders, people, register, reports_made
from desktop.store.database import Store
from desktop.store.quality import quality


def tables_of(store: Store) -> dict[str, Any]:
    """The register as the tables of the TOML file, empty values left out."""
    plant = register.plant(store)
    codes = {m.id: m.code for m in plant.machines}
    items = {p.id: p.code for p in plant.products}
    zone = ZoneInfo(plant.timezone)
    shop = register.calendar(store)
    shifts = {pattern.id: pattern.name for pattern in shop.patterns}
    causes = {reason.id: reason.code for reason in plant.reasons}
    declared = [c for c in register.constraints(store) if not c.machine or c.machine in codes]
    one = declared[0] if declared and declared == [Constraint(declared[0].machine)] else None
    rules = register.rules(store)[-1][1]
    today = local_date(store.clock.now_ms(), zone)

    def day(at_ms: int) -> date | None:
        return local_date(at_ms, zone) if at_ms else None

    def since(on: date) -> date | None:
        return None if on == ALWAYS else on

    def times(pattern: ShiftPattern) -> dict[str, Any]:
        return {
            "name": pattern.name,
            "start": f"{pattern.start:%H:%M}",
            "end": f"{pattern.end:%H:%M}",
            "weekdays": sorted(pattern.weekdays),
            "breaks": [{"name": b.name, "start": f"{b.start:%H:%M}", "end": f"{b.end:%H:%M}"} for b in pattern.breaks],
        }

    def lean(table: dict[str, Any], **defaults: object) -> dict[str, Any]:
        return {
            k: v for k, v in table.items() if v is not None and v != {} and not (k in defaults and defaults[k] == v)
        }

    def signal(s: Any) -> dict[str, Any]:
        own = {
            "key": s.key,
            "name": s.name,
            "machine": codes.get(s.machine),
            "role": s.role.value,
            "unit": s.unit,
            "factor": s.factor,
            "offset": s.offset,
            "dead_band": s.dead_band,
            "modulus": s.modulus,
            "pieces_per_step": s.pieces_per_step,
            "limit_low": s.limit_low,
            "limit_high": s.limit_high,
            "per_piece": s.per_piece,
            "codes": dict(s.codes),
            "classes": dict(s.classes),
            **{key: getattr(s, key) for key in MEANING},
            "counter": s.counter.value,
        }
        return {
            **lean(
                own,
                name=s.key,
                unit="",
                factor=1.0,
                offset=0.0,
                dead_band=0.0,
                pieces_per_step=1,
                per_piece=False,
                **MEANING,
            ),
            **s.settings,
        }

    return {
        "format": FORMAT,
        "plant": lean(
            {
                "name": plant.name,
                "line": plant.line,
                "timezone": plant.timezone,
                "constraint": codes[one.machine] if one else None if declared else "",
                "day_start": f"{shop.day_start:%H:%M}",
                "alarm_after_min": register.alarm_after_ms(store) // 60_000,
                "ask_after_min": register.ask_after_ms(store) // 60_000,
                "oee_target": register.oee_target(store),
            },
            day_start="00:00",
            alarm_after_min=10,
            ask_after_min=5,
            oee_target=None,
        ),
        **lean({"rules": lean(_rules(rules), **_rules(TPM))}),
        **_some(
            "constraint",
            [
                lean(
                    {"machine": codes.get(c.machine, ""), "parallel": c.parallel, "valid_from": day(c.valid_from_ms)},
                    parallel=1,
                )
                for c in declared
                if not one
            ],
        ),
        "machine": [
            lean(
                {
                    "code": m.code,
                    "name": m.name,
                    "threshold_s": m.threshold_ms / 1000,
                    "unattended": m.unattended,
                },
                unattended=False,
            )
            for m in plant.machines
        ],
        "product": [
            lean(
                {"code": p.code, "name": p.name, "unit_pattern": p.unit_pattern, "gtin": p.gtin},
                unit_pattern="",
                gtin="",
            )
            for p in plant.products
        ],
        "standard": [
            lean(
                {
                    "product": items[s.product],
                    "machine": codes[s.machine],
                    "ideal_cycle_s": round(s.ideal_cycle_ms / 1000, 6),
                    "standard_cycle_s": round(s.standard_cycle_ms / 1000, 6),
                    "cavities": s.cavities,
                    "family_cavities": s.family_cavities,
                    "valid_from": day(s.valid_from_ms),
                },
                cavities=1,
                family_cavities=0,
            )
            for s in plant.standards
            if s.product in items and s.machine in codes
        ],
        **_some(
            "open_cavities",
            [
                {
                    "product": items[product],
                    "machine": codes[machine],
                    "open": each.open,
                    "valid_from": local_moment(each.valid_from_ms, zone),
                }
                for (product, machine), said in sorted(register.open_cavities(store).items())
                for each in said
                if product in items and machine in codes
            ],
        ),
        "shift": [
            {
                **times(p),
                "crew": p.crew,
                **lean(
                    {"people": p.people, "business_days": p.business_days, "valid_from": since(p.valid_from)},
                    people=0,
                    business_days=0,
                ),
            }
            for p in shop.patterns
        ],
        **_some(
            "rotation",
            [
                {
                    "shifts": [shifts[key] for key in r.patterns],
                    "crews": list(r.crews),
                    "days": r.days,
                    "valid_from": r.anchor,
                }
                for r in shop.rotations
                if all(key in shifts for key in r.patterns)
            ],
        ),
        **_some(
            "capacity",
            [
                lean(
                    {
                        "valid_from": since(c.valid_from),
                        "holidays": sorted(c.holidays),
                        "shift": [times(p) for p in c.patterns],
                    },
                    holidays=[],
                )
                for c in shop.capacity
            ],
        ),
        **_some(
            "exception",
            [
                lean(
                    {
                        "on": e.on,
                        "kind": e.kind.value,
                        "shift": shifts.get(e.pattern or 0, ""),
                        "start": e.start and f"{e.start:%H:%M}",
                        "end": e.end and f"{e.end:%H:%M}",
                        "name": e.name,
                        "entered_at": local_moment(e.entered_at_ms, zone),
                    },
                    shift="",
                    name="",
                )
                for e in shop.exceptions
                if e.pattern is None or e.pattern in shifts
            ],
        ),
        **_some(
            "planned_stop",
            [
                lean(
                    {
                        "from": local_moment(p.span.start_ms, zone),
                        "to": local_moment(p.span.end_ms, zone),
                        "machine": codes.get(p.machine or 0),
                        "reason": causes.get(p.reason or 0),
                        "no_order": p.no_order,
                        "approved_at": None if p.approved_at_ms is None else local_moment(p.approved_at_ms, zone),
                        "approved_by": p.approved_by,
                        "asked_at": None if p.asked_at_ms is None else local_moment(p.asked_at_ms, zone),
                        "asked_by": p.asked_by,
                    },
                    no_order=False,
                    approved_by="",
                    asked_by="",
                )
                for p in shop.planned
                if (p.machine is None or p.machine in codes) and (p.reason is None or p.reason in causes)
            ],
        ),
        **_some(
            "order",
            [
                lean(
                    {
                        "code": o.code,
                        "product": items[o.product],
                        "quantity": o.quantity,
                        "lot": o.lot,
                        "due": None if o.due_ms is None else local_moment(o.due_ms, zone),
                        "kind": o.kind.value,
                        "machine": codes.get(o.machine or 0),
                        "on": o.planned_on,
                        "shift": o.shift,
                        "status": o.status.value,
                    },
                    lot="",
                    kind="mass",
                    shift="",
                    status="open",
                )
                for o in in_sequence(orders.orders(store))
                if o.product in items and (o.machine is None or o.machine in codes) and _to_come(o, today)
            ],
        ),
        "reason": [
            lean(
                {
                    "code": r.code,
                    "name": r.name,
                    "kind": r.kind,
                    "failure": r.failure,
                    "loss": r.loss,
                    "group": r.group,
                    "subgroup": r.subgroup,
                    "icon": r.icon,
                },
                loss="",
                group="",
                subgroup="",
                icon="",
            )
            for r in plant.reasons
        ],
        **_some(
            "scrap_reason",
            [
                lean({"code": r.code, "name": r.name, "group": r.group, "icon": r.icon}, group="", icon="")
                for r in plant.scrap_reasons
            ],
        ),
        **_some(
            "check",
            [
                lean(
                    {
                        "code": c.code,
                        "name": c.name,
                        "machine": codes.get(c.machine or 0),
                        "product": items.get(c.product or 0),
                        "kind": c.kind,
                        "every": c.every,
                        "low": c.low,
                        "high": c.high,
                        "unit": c.unit,
                        "hours": c.hours,
                    },
                    kind="ok",
                    every="shift",
                    unit="",
                    hours=0.0,
                )
                for c in plant.checks
                if (c.machine is None or c.machine in codes) and (c.product is None or c.product in items)
            ],
        ),
        **_some(
            "station",
            [
                lean(
                    {
                        "code": s.code,
                        "name": s.name,
                        "machine": codes.get(s.machine or 0),
                        "kind": s.kind.value,
                        "when_wrong": s.when_wrong.value,
                    },
                    kind="make",
                    when_wrong="flag",
                )
                for s in plant.stations
            ],
        ),
        **_some("route", _routes(plant, items)),
        **{key: rows for key, rows in quality_tables(plant, quality(store)).items() if rows},
        **_some(
            "person",
            [
                lean(
                    {"name": p.name, "crew": p.crew, "role": p.role.value, "badge": p.badge},
                    crew="",
                    role=PersonRole.OPERATOR.value,
                    badge="",
                )
                for p in people.people(store)
            ],
        ),
        **lean({"report": _report(store)}),
        **lean({"label": _label(store, items)}),
        "bus": [
            {
                "key": b.key,
                "port": b.port,
                "driver": b.driver,
                **b.settings,
                "device": [
                    {
                        "key": d.key,
                        "name": d.name,
                        **d.settings,
                        "signal": [signal(s) for s in plant.signals if s.device == d.id],
                    }
                    for d in plant.devices
                    if d.bus == b.id
                ],
            }
            for b in plant.buses
        ],
    }


def _routes(plant: Plant, items: Mapping[int, str]) -> list[dict[str, Any]]:
    """By which stations each product goes; without those that are retired."""
    codes = {station.id: station.code for station in plant.stations}
    found = {code: [codes[each] for each in plant.route(product) if each in codes] for product, code in items.items()}
    return [{"product": code, "stations": stations} for code, stations in found.items() if stations]


def _to_come(order: Order, today: date) -> bool:
    """Whether an order is still of the plan: what was planned for a day before and is over stays without a file."""
    return order.status is OrderStatus.OPEN or order.planned_on is None or order.planned_on >= today


def _some(key: str, tables: list[dict[str, Any]]) -> dict[str, Any]:
    """A list of tables under its key, nothing for an empty one: what a file does not speak of stays as it is."""
    return {key: tables} if tables else {}


def _rules(rules: RuleSet) -> dict[str, Any]:
    """A rule set by the keys of the file, in which lengths are seconds."""
    return {
        key.replace("_ms", "_s"): value / 1000 if key.endswith("_ms") else value for key, value in asdict(rules).items()
    }


def _report(store: Store) -> dict[str, Any]:
    """What is wanted of the automatic report, without what goes without saying."""
    wanted, usual = reports_made.policy(store), Policy()
    said: dict[str, Any] = {
        "automatic": wanted.on,
        "folder": wanted.folder,
        "formats": list(wanted.formats),
        "after_min": wanted.delay_ms // 60_000,
        "print": wanted.printer is not None,
        "printer": wanted.printer or "",
        "language": wanted.language,
        "hour_cost": wanted.hour_cost,
    }
    silent = (usual.on, usual.folder, list(usual.formats), usual.delay_ms // 60_000, False, "", usual.language, 0.0)
    return {key: value for (key, value), each in zip(said.items(), silent, strict=True) if value != each}


def _label(store: Store, items: Mapping[int, str]) -> dict[str, Any]:
    """What is wanted on labels, without what goes without saying and without products that are retired."""
    told: dict[str, Any] = to_builtins(labels.contents(store))
    parts = told["customer_parts"]
    told["customer_parts"] = {code: part for code, part in parts.items() if code in items.values()}
    for kind in KINDS:
        told[kind] = [{key: value for key, value in line.items() if value} for line in told[kind]]
    return {key: value for key, value in told.items() if value}


def export(store: Store) -> str:
    """The register as TOML text that `read` accepts and that applies to the same register."""
    return tomli_w.dumps(tables_of(store))

"""The register as the text of a configuration file."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import tomli_w

from desktop.configuration.tables import FORMAT
from desktop.store import register
from desktop.store.database import Store


def tables_of(store: Store) -> dict[str, Any]:
    """The register as the tables of the TOML file, empty values left out."""
    plant = register.plant(store)
    codes = {m.id: m.code for m in plant.machines}
    items = {p.id: p.code for p in plant.products}
    zone = ZoneInfo(plant.timezone)

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
        }
        return {
            **lean(own, name=s.key, unit="", factor=1.0, offset=0.0, dead_band=0.0, pieces_per_step=1, per_piece=False),
            **s.settings,
        }

    return {
        "format": FORMAT,
        "plant": {
            "name": plant.name,
            "line": plant.line,
            "timezone": plant.timezone,
            "constraint": codes.get(plant.constraint or 0, ""),
        },
        "machine": [{"code": m.code, "name": m.name, "threshold_s": m.threshold_ms / 1000} for m in plant.machines],
        "product": [{"code": p.code, "name": p.name} for p in plant.products],
        "standard": [
            lean(
                {
                    "product": items[s.product],
                    "machine": codes[s.machine],
                    "ideal_cycle_s": round(s.ideal_cycle_ms / 1000, 6),
                    "standard_cycle_s": round(s.standard_cycle_ms / 1000, 6),
                    "valid_from": datetime.fromtimestamp(s.valid_from_ms / 1000, zone).date()
                    if s.valid_from_ms
                    else None,
                }
            )
            for s in plant.standards
            if s.product in items and s.machine in codes
        ],
        "shift": [
            {
                "name": p.name,
                "start": f"{p.start:%H:%M}",
                "end": f"{p.end:%H:%M}",
                "weekdays": sorted(p.weekdays),
                "crew": p.crew,
                "breaks": [{"name": b.name, "start": f"{b.start:%H:%M}", "end": f"{b.end:%H:%M}"} for b in p.breaks],
            }
            for p in register.shift_patterns(store)
        ],
        "reason": [{"code": r.code, "name": r.name, "kind": r.kind, "failure": r.failure} for r in plant.reasons],
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


def export(store: Store) -> str:
    """The register as TOML text that `read` accepts and that applies to the same register."""
    return tomli_w.dumps(tables_of(store))

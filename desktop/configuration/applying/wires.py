"""Buses, devices and signals in the register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.configuration.applying.rows import Translate, as_json, put
from desktop.configuration.tables import MEANING


def put_buses(
    db: Any,
    buses: list[dict[str, Any]],
    machines: Mapping[str, int],
    ports: Mapping[str, str],
    translate: Translate,
) -> dict[str, set[int]]:
    """Put them there; returns by table the ids of what the file names. `ports` replaces that of a bus by its key."""
    kept: dict[str, set[int]] = {"buses": set(), "devices": set(), "signals": set()}
    for bus in buses:
        bus_id = put(
            db,
            "buses",
            {"key": bus["key"]},
            port=ports.get(bus["key"], bus["port"]),
            driver=bus["driver"],
            settings=as_json(bus["settings"]),
        )
        kept["buses"].add(bus_id)
        for device in bus["device"]:
            device_id = put(
                db,
                "devices",
                {"key": device["key"]},
                bus_id=bus_id,
                name=translate(device["name"]),
                settings=as_json(device["settings"]),
            )
            kept["devices"].add(device_id)
            kept["signals"] |= {_signal(db, device_id, s, machines, translate) for s in device["signal"]}
    return kept


def _signal(
    db: Any, device_id: int, signal: Mapping[str, Any], machines: Mapping[str, int], translate: Translate
) -> int:
    return put(
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
        codes=as_json(signal["codes"]),
        classes=as_json(signal["classes"]),
        settings=as_json(signal["settings"]),
        meaning=as_json({key: signal[key] for key, usual in MEANING.items() if signal[key] != usual}),
    )

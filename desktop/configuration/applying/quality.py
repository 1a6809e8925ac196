"""What is measured and what stations take, in the register."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from desktop.configuration.applying.rows import Translate, hold, put
from desktop.configuration.quality import signal_names
from desktop.configuration.tables import Configuration, moment_ms
from desktop.domain.quality import Quality
from desktop.store import register
from desktop.store.database import Store
from desktop.store.quality import drop_limits, limits_of, note_limits


def put_quality(
    store: Store,
    db: Any,
    wanted: Configuration,
    machines: Mapping[str, int],
    products: Mapping[str, int],
    zone: ZoneInfo,
    translate: Translate,
    who: str,
    why: str,
) -> dict[str, set[int]]:
    """All of it that a file speaks of, behind stations and wires; the ids that stay, by their tables. Each limit that
    changes is a row of the audit trail of its own, so that it is known who changed it last, when and why."""
    plant, kept = register.plant(store), dict[str, set[int]]()
    if wanted.parts is not None:
        put_parts(db, wanted.parts, {s.code: s.id for s in plant.stations}, products)
    gauges = {} if wanted.gauges is None else put_gauges(db, wanted.gauges, translate)
    if wanted.gauges is not None:
        kept["gauges"] = set(gauges.values())
    if wanted.characteristics is not None:
        signals = {name: number for number, name in signal_names(plant).items()}
        found = put_characteristics(db, wanted.characteristics, machines, products, signals, gauges, translate)
        kept["characteristics"] = set(found.values())
        before = limits_of(db)
        put_limits(db, wanted.limits or [], zone, found)
        note_limits(db, before, store.clock.now_ms(), who, why)
    return kept


def put_parts(
    db: Any, parts: Iterable[Mapping[str, Any]], stations: Mapping[str, int], products: Mapping[str, int]
) -> None:
    """Let stations take these materials and no others."""
    hold(
        db,
        "station_parts",
        (
            (
                {
                    "station_id": stations[part["station"]],
                    "product_id": products.get(part["product"] or "", 0),
                    "material": part["material"],
                },
                {
                    "required": int(part["required"]),
                    "around": part["around"],
                    "serial": int(part["serial"]),
                    "scanned": part["scanned"],
                },
            )
            for part in parts
        ),
    )


def put_gauges(db: Any, gauges: Iterable[Mapping[str, Any]], translate: Translate) -> dict[str, int]:
    """Ids of the gauges by their codes."""
    return {
        each["code"]: put(
            db,
            "gauges",
            {"code": each["code"]},
            name=translate(each["name"]),
            resolution=each["resolution"],
            interval_days=each["interval_days"],
            when_due=each["when_due"],
            place=each.get("place", place),
        )
        for place, each in enumerate(gauges)
    }


def put_characteristics(
    db: Any,
    characteristics: Iterable[Mapping[str, Any]],
    machines: Mapping[str, int],
    products: Mapping[str, int],
    signals: Mapping[str, int],
    gauges: Mapping[str, int],
    translate: Translate,
) -> dict[str, int]:
    """Ids of the characteristics by their codes."""
    return {
        each["code"]: put(
            db,
            "characteristics",
            {"code": each["code"]},
            name=translate(each["name"]),
            product_id=products.get(each["product"] or ""),
            machine_id=machines.get(each["machine"] or ""),
            signal_id=signals.get(each["signal"] or ""),
            unit=each["unit"],
            mark=each["mark"],
            gauge_id=gauges.get(each["gauge"] or ""),
            sampling=each["sampling"],
            per_hour=each["per_hour"],
            subgroup=each["subgroup"],
            binding=each["binding"],
            window_ms=round(each["window_s"] * 1000),
            retests=each["retests"],
            place=each.get("place", place),
        )
        for place, each in enumerate(characteristics)
    }


def put_limits(
    db: Any, limits: Iterable[Mapping[str, Any]], zone: ZoneInfo, characteristics: Mapping[str, int]
) -> None:
    """Let these limits hold and no others; what the file does not date holds since ever."""
    found = {
        register.upsert(
            db,
            "characteristic_limits",
            {
                "characteristic_id": characteristics[each["characteristic"]],
                "valid_from_ms": 0 if each["valid_from"] is None else moment_ms(each["valid_from"], zone),
            },
            {"nominal": each["nominal"], "low": each["low"], "high": each["high"]},
        )
        for each in limits
    }
    register.drop_others(db, "characteristic_limits", found)


def put_limits_now(db: Any, limits: Iterable[Mapping[str, Any]], was: Quality, now_ms: int, who: str, why: str) -> None:
    """Let these limits hold from now on where they are others than those in force: what was measured before keeps its
    own. Those of a characteristic that is not named are taken back, as if they had never been."""
    before, wanted = limits_of(db), {each["characteristic"]: each for each in limits}
    for each in was.characteristics:
        held, row = was.limits_at(each.id, now_ms), wanted.get(each.code)
        if row is None:
            drop_limits(db, each.id, now_ms)
        elif held is None or (row["nominal"], row["low"], row["high"]) != (held.nominal, held.low, held.high):
            key = {"characteristic_id": each.id, "valid_from_ms": now_ms}
            new = {name: row[name] for name in ("nominal", "low", "high")}
            register.upsert(db, "characteristic_limits", key, new)
    note_limits(db, before, now_ms, who, why)

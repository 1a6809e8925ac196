"""What is measured and what stations take, as the tables of a file: their keys, and how they are exported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from desktop.configuration.tables import BOOL, INT, MOMENT, NUMBER, TEXT, Field, local_moment
from desktop.domain.plant import Plant
from desktop.domain.quality import Binding, Mark, Quality, Sampling, Scanned, WhenWrong

_LARGEST = 1e12
STATION_PART = (
    Field("station", TEXT, required=True, example="OP50"),
    Field("material", TEXT, required=True, example="OR"),
    Field("product", TEXT, example="P-100"),
    Field("required", BOOL, True, example=False),
    Field("around", INT, 0, low=0, high=10_000, example=20),
    Field("serial", BOOL, False, example=True),
    Field("scanned", TEXT, "before", choices=tuple(each.value for each in Scanned), example="after"),
)
GAUGE = (
    Field("code", TEXT, required=True, example="A-03"),
    Field("name", TEXT, required=True, example="Air micrometer"),
    Field("resolution", NUMBER, low=1e-12, high=_LARGEST, example=0.001),
    Field("interval_days", INT, 0, low=0, high=36_500, example=365),
    Field("when_due", TEXT, "flag", choices=tuple(each.value for each in WhenWrong), example="refuse"),
)
CHARACTERISTIC = (
    Field("code", TEXT, required=True, example="ID24"),
    Field("name", TEXT, required=True, example="Inner diameter"),
    Field("product", TEXT, example="P-100"),
    Field("machine", TEXT, example="MC-01"),
    Field("signal", TEXT, example="cnc/diameter"),
    Field("unit", TEXT, "", example="mm"),
    Field("mark", TEXT, "", choices=tuple(each.value for each in Mark), example="cc"),
    Field("gauge", TEXT, example="A-03"),
    Field("sampling", TEXT, "each", choices=tuple(each.value for each in Sampling), example="hourly"),
    Field("per_hour", INT, 0, low=0, high=10_000, example=5),
    Field("subgroup", INT, 1, low=1, high=25, example=5),
    Field("binding", TEXT, "scan", choices=tuple(each.value for each in Binding), example="part"),
    Field("window_s", NUMBER, 0, low=0, high=86_400, example=60),
    Field("retests", INT, 1, low=0, high=1000, example=2),
)
LIMIT = (
    Field("characteristic", TEXT, required=True, example="ID24"),
    Field("nominal", NUMBER, low=-_LARGEST, high=_LARGEST, example=24.01),
    Field("low", NUMBER, low=-_LARGEST, high=_LARGEST, example=23.99),
    Field("high", NUMBER, low=-_LARGEST, high=_LARGEST, example=24.03),
    Field("valid_from", MOMENT),
    Field("ends", BOOL, False, example=True),
)


def tables_of(plant: Plant, quality: Quality) -> dict[str, list[dict[str, Any]]]:
    """The tables of a file, empty values left out; without what is retired."""
    machines, products = {m.id: m.code for m in plant.machines}, {p.id: p.code for p in plant.products}
    stations, gauges = {s.id: s.code for s in plant.stations}, {g.id: g.code for g in quality.gauges}
    signals, zone = signal_names(plant), ZoneInfo(plant.timezone)
    named = {each.id: each.code for each in quality.characteristics}
    return {
        "station_part": [
            _lean(
                {
                    "station": stations[part.station],
                    "material": part.material,
                    "product": products.get(part.product or 0),
                    "required": part.required,
                    "around": part.around,
                    "serial": part.serial,
                    "scanned": part.scanned.value,
                },
                required=True,
                around=0,
                serial=False,
                scanned="before",
            )
            for part in quality.parts
            if part.station in stations and (part.product is None or part.product in products)
        ],
        "gauge": [
            _lean(
                {
                    "code": each.code,
                    "name": each.name,
                    "resolution": each.resolution,
                    "interval_days": each.interval_days,
                    "when_due": each.when_due.value,
                },
                interval_days=0,
                when_due="flag",
            )
            for each in quality.gauges
        ],
        "characteristic": [
            _lean(
                {
                    "code": each.code,
                    "name": each.name,
                    "product": products.get(each.product or 0),
                    "machine": machines.get(each.machine or 0),
                    "signal": signals.get(each.signal or 0),
                    "unit": each.unit,
                    "mark": each.mark.value,
                    "gauge": gauges.get(each.gauge or 0),
                    "sampling": each.sampling.value,
                    "per_hour": each.per_hour,
                    "subgroup": each.subgroup,
                    "binding": each.binding.value,
                    "window_s": each.window_ms / 1000,
                    "retests": each.retests,
                },
                unit="",
                mark="",
                sampling="each",
                per_hour=0,
                subgroup=1,
                binding="scan",
                window_s=0,
                retests=1,
            )
            for each in quality.characteristics
            if (each.machine is None or each.machine in machines)
            and (each.product is None or each.product in products)
            and (each.signal is None or each.signal in signals)
        ],
        "limit": [
            _lean(
                {
                    "characteristic": named[each.characteristic],
                    "nominal": each.nominal,
                    "low": each.low,
                    "high": each.high,
                    "valid_from": local_moment(each.valid_from_ms, zone) if each.valid_from_ms else None,
                    "ends": each.low is None and each.high is None,
                },
                ends=False,
            )
            for each in quality.limits
            if each.characteristic in named
        ],
    }


def signal_names(plant: Plant) -> dict[int, str]:
    """How a file calls signals: the key of the device, a stroke, the key of the signal."""
    devices = {device.id: device.key for device in plant.devices}
    return {signal.id: f"{devices[signal.device]}/{signal.key}" for signal in plant.signals if signal.device in devices}


def _lean(table: Mapping[str, Any], **defaults: object) -> dict[str, Any]:
    return {k: v for k, v in table.items() if v is not None and not (k in defaults and defaults[k] == v)}

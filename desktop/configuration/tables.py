"""The tables of a configuration file: their keys, what each may hold, and what comes of a checked file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from desktop.domain.events import Role
from desktop.store import register
from desktop.store.database import KnownError
from drivers import catalog

FORMAT = 1


class ConfigurationError(KnownError):
    """Every fault of a configuration, one sentence each."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a table and what it may hold."""

    key: str
    kind: tuple[type, ...]
    default: object = None
    required: bool = False
    choices: tuple[object, ...] = ()
    low: float | None = None
    high: float | None = None
    example: object = None  # for a person who wrote something else


TEXT, INT, NUMBER, BOOL, LIST, TABLE = (str,), (int,), (int, float), (bool,), (list,), (dict,)

PLANT = (
    Field("name", TEXT, required=True, example="Plant 1"),
    Field("line", TEXT, required=True, example="Line 1"),
    Field("timezone", TEXT, register.DEFAULT_ZONE, example=register.DEFAULT_ZONE),
    Field("constraint", TEXT, "", example="PR-01"),
)
MACHINE = (
    Field("code", TEXT, required=True, example="PR-01"),
    Field("name", TEXT, required=True, example="Press 1"),
    Field("threshold_s", NUMBER, 120, low=0, high=3600, example=120),
)
PRODUCT = (Field("code", TEXT, required=True, example="P-100"), Field("name", TEXT, required=True, example="Housing"))
STANDARD = (
    Field("product", TEXT, required=True, example="P-100"),
    Field("machine", TEXT, required=True, example="PR-01"),
    Field("ideal_cycle_s", NUMBER, required=True, low=0.01, high=86_400, example=4.5),
    Field("standard_cycle_s", NUMBER, low=0.01, high=86_400, example=5.0),
    Field("valid_from", (date,), example=date(2026, 1, 31)),
)
SHIFT = (
    Field("name", TEXT, required=True, example="Day"),
    Field("start", TEXT, required=True, example="08:00"),
    Field("end", TEXT, required=True, example="17:00"),
    Field("weekdays", LIST, [1, 2, 3, 4, 5], example=[1, 2, 3, 4, 5]),
    Field("breaks", LIST, [], example=[{"start": "12:00", "end": "13:00"}]),
    Field("crew", TEXT, "", example="A"),
)
REASON = (
    Field("code", TEXT, required=True, example="R1"),
    Field("name", TEXT, required=True, example="Breakdown"),
    Field("kind", TEXT, "unplanned", choices=("unplanned", "planned", "external"), example="planned"),
    Field("failure", BOOL, False, example=True),
)
BUS = (
    Field("key", TEXT, required=True, example="press"),
    Field("port", TEXT, required=True, example="COM3"),
    Field("driver", TEXT, required=True, choices=tuple(catalog.DRIVERS), example="modbus_rtu"),
    Field("device", LIST, []),
)
DEVICE = (
    Field("key", TEXT, required=True, example="press"),
    Field("name", TEXT, example="Press 1"),
    Field("signal", LIST, []),
)
SIGNAL = (
    Field("key", TEXT, required=True, example="good"),
    Field("name", TEXT, example="Good pieces"),
    Field("machine", TEXT, example="PR-01"),
    Field("role", TEXT, required=True, choices=tuple(role.value for role in Role), example="good"),
    Field("unit", TEXT, "", example="mm"),
    Field("factor", NUMBER, 1.0, example=0.1),
    Field("offset", NUMBER, 0.0, example=0.0),
    Field("dead_band", NUMBER, 0.0, low=0, example=0.5),
    Field("modulus", INT, low=2, example=65536),
    Field("pieces_per_step", INT, 1, low=1, high=1000, example=1),
    Field("limit_low", NUMBER, example=24.9),
    Field("limit_high", NUMBER, example=25.1),
    Field("per_piece", BOOL, False, example=True),
    Field("codes", TABLE, {}, example={"0": "idle", "1": "run"}),
    Field("classes", TABLE, {}, example={"unit": r"^SN\d+$"}),
)
TOP = ("format", "plant", "machine", "product", "standard", "shift", "reason", "bus")


@dataclass(frozen=True, slots=True)
class Configuration:
    """A checked configuration: plain tables with every default filled in."""

    plant: dict[str, Any]
    machines: list[dict[str, Any]]
    products: list[dict[str, Any]]
    standards: list[dict[str, Any]]
    shifts: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    buses: list[dict[str, Any]]

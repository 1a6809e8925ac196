"""The tables of a configuration file: their keys, what each may hold, and what comes of a checked file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from desktop.configuration.presets import DevicePreset
from desktop.domain.automatic import Policy
from desktop.domain.calendar import Kind, utc_ms
from desktop.domain.events import Counter, Role
from desktop.domain.losses import TREES
from desktop.domain.orders import OrderKind, OrderStatus
from desktop.domain.people import PersonRole
from desktop.domain.plant import ASK_AFTER_MS, CHECK_EVERY, CHECK_KINDS
from desktop.domain.quality import StationKind, WhenWrong
from desktop.domain.rules import TPM
from desktop.store import register
from desktop.store.database import KnownError
from desktop.text import LANGUAGES
from drivers import catalog

FORMAT = 1


class ConfigurationError(KnownError):
    """Every fault of a configuration, one sentence each."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class Field(Struct, frozen=True):
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
DAY, MOMENT = (date,), (datetime,)
#: what the time of a reason may be; speed and defects are never time, they are reckoned from pieces
LOSSES = (
    "",
    *dict.fromkeys(node.key for tree in TREES.values() for node in tree if node.key not in ("speed", "defect")),
    "no_order",
)

PLANT = (
    Field("name", TEXT, required=True, example="Plant 1"),
    Field("line", TEXT, required=True, example="Line 1"),
    Field("timezone", TEXT, register.DEFAULT_ZONE, example=register.DEFAULT_ZONE),
    Field("constraint", TEXT, example="PR-01"),
    Field("day_start", TEXT, "00:00", example="08:00"),
    Field("alarm_after_min", INT, 10, low=1, high=480, example=10),
    Field("ask_after_min", INT, ASK_AFTER_MS // 60_000, low=0, high=480, example=5),
    Field("oee_target", NUMBER, low=0.01, high=1, example=0.8),
)
CONSTRAINT = (
    Field("machine", TEXT, "", example="PR-01"),
    Field("parallel", INT, 1, low=1, high=100, example=2),
    Field("valid_from", DAY, example=date(2026, 1, 31)),
)
MACHINE = (
    Field("code", TEXT, required=True, example="PR-01"),
    Field("name", TEXT, required=True, example="Press 1"),
    Field("threshold_s", NUMBER, 120, low=0, high=3600, example=120),
    Field("unattended", BOOL, False, example=True),
)
PRODUCT = (
    Field("code", TEXT, required=True, example="P-100"),
    Field("name", TEXT, required=True, example="Housing"),
    Field("unit_pattern", TEXT, "", example=r"^VH204-\d{6}-\d{4}$"),
    Field("gtin", TEXT, "", example="08801234567893"),
)
STANDARD = (
    Field("product", TEXT, required=True, example="P-100"),
    Field("machine", TEXT, required=True, example="PR-01"),
    Field("ideal_cycle_s", NUMBER, required=True, low=0.01, high=86_400, example=4.5),
    Field("standard_cycle_s", NUMBER, low=0.01, high=86_400, example=5.0),
    Field("cavities", INT, 1, low=1, high=1000, example=4),
    Field("family_cavities", INT, 0, low=0, high=1000, example=2),
    Field("valid_from", DAY, example=date(2026, 1, 31)),
)
OPEN_CAVITIES = (
    Field("product", TEXT, required=True, example="P-100"),
    Field("machine", TEXT, required=True, example="PR-01"),
    Field("open", INT, required=True, low=0, high=1000, example=3),
    Field("valid_from", MOMENT, required=True, example=datetime.fromisoformat("2026-01-31T14:30:00")),
)
_TIMES = (
    Field("name", TEXT, required=True, example="Day"),
    Field("start", TEXT, required=True, example="08:00"),
    Field("end", TEXT, required=True, example="17:00"),
    Field("weekdays", LIST, [1, 2, 3, 4, 5], example=[1, 2, 3, 4, 5]),
    Field("breaks", LIST, [], example=[{"start": "12:00", "end": "13:00"}]),
)
SHIFT = (
    *_TIMES,
    Field("crew", TEXT, "", example="A"),
    Field("people", INT, 0, low=0, high=1000, example=6),
    Field("business_days", INT, 0, low=-1, high=1, example=1),
    Field("valid_from", DAY, example=date(2026, 1, 31)),
)
ROTATION = (
    Field("shifts", LIST, [], required=True, example=["Day", "Night"]),
    Field("crews", LIST, [], required=True, example=["A", "B"]),
    Field("days", INT, 7, low=1, high=366, example=7),
    Field("valid_from", DAY, required=True, example=date(2026, 1, 31)),
)
EXCEPTION = (
    Field("on", DAY, required=True, example=date(2026, 1, 31)),
    Field("kind", TEXT, required=True, choices=tuple(kind.value for kind in Kind), example="holiday"),
    Field("shift", TEXT, "", example="Day"),
    Field("start", TEXT, example="08:00"),
    Field("end", TEXT, example="19:30"),
    Field("name", TEXT, "", example="New Year"),
    Field("entered_at", MOMENT, example=datetime.fromisoformat("2026-01-30T16:00:00")),
)
PLANNED_STOP = (
    Field("from", MOMENT, required=True, example=datetime.fromisoformat("2026-01-31T10:00:00")),
    Field("to", MOMENT, required=True, example=datetime.fromisoformat("2026-01-31T11:00:00")),
    Field("machine", TEXT, example="PR-01"),
    Field("reason", TEXT, example="P01"),
    Field("no_order", BOOL, False, example=True),
    Field("approved_at", MOMENT, example=datetime.fromisoformat("2026-01-30T16:00:00")),
    Field("approved_by", TEXT, "", example="Kim Minsu"),
    Field("asked_at", MOMENT, example=datetime.fromisoformat("2026-01-30T15:00:00")),
    Field("asked_by", TEXT, "", example="Lee Jiho"),
)
CAPACITY = (
    Field("valid_from", DAY, example=date(2026, 1, 31)),
    Field("shift", LIST, [], required=True),
    Field("holidays", LIST, [], example=[date(2026, 1, 1)]),
)
CAPACITY_SHIFT = _TIMES
#: more pieces than that are a slip of the finger
MOST_PIECES = 1_000_000
ORDER = (
    Field("code", TEXT, required=True, example="WO-1042"),
    Field("product", TEXT, required=True, example="P-100"),
    Field("quantity", INT, required=True, low=1, high=MOST_PIECES, example=500),
    Field("lot", TEXT, "", example="261119-A"),
    Field("due", MOMENT, example=datetime.fromisoformat("2026-01-31T17:00:00")),
    Field("kind", TEXT, "mass", choices=tuple(kind.value for kind in OrderKind), example="trial"),
    Field("machine", TEXT, example="PR-01"),
    Field("on", DAY, example=date(2026, 1, 31)),
    Field("shift", TEXT, "", example="Day"),
    Field("status", TEXT, "open", choices=tuple(status.value for status in OrderStatus), example="cancelled"),
)
#: keys of icons that a reason may have: resources/icons/KEY.svg
ICONS = (
    "", "arrow-left", "arrow-right", "bolt", "box", "check", "clock", "cup", "die", "document", "drop", "gear",
    "machine", "people", "ruler", "screen", "search", "tool", "trend", "truck",
)  # fmt: skip
REASON = (
    Field("code", TEXT, required=True, example="R1"),
    Field("name", TEXT, required=True, example="Breakdown"),
    Field("kind", TEXT, "unplanned", choices=("unplanned", "planned", "external"), example="planned"),
    Field("failure", BOOL, False, example=True),
    Field("loss", TEXT, "", choices=LOSSES, example="breakdown"),
    Field("group", TEXT, "", example="Breakdown"),
    Field("subgroup", TEXT, "", example="Electrical"),
    Field("icon", TEXT, "", choices=ICONS, example="tool"),
)
SCRAP_REASON = (
    Field("code", TEXT, required=True, example="D01"),
    Field("name", TEXT, required=True, example="Scratch"),
    Field("group", TEXT, "", example="Surface"),
    Field("icon", TEXT, "", choices=ICONS, example="search"),
)
CHECK = (
    Field("code", TEXT, required=True, example="C01"),
    Field("name", TEXT, required=True, example="Oil level"),
    Field("machine", TEXT, example="PR-01"),
    Field("product", TEXT, example="P-100"),
    Field("kind", TEXT, "ok", choices=CHECK_KINDS, example="value"),
    Field("every", TEXT, "shift", choices=CHECK_EVERY, example="day"),
    Field("low", NUMBER, low=-1e9, high=1e9, example=0.4),
    Field("high", NUMBER, low=-1e9, high=1e9, example=0.6),
    Field("unit", TEXT, "", example="MPa"),
    Field("hours", NUMBER, 0.0, low=0, high=24, example=2),
)
STATION = (
    Field("code", TEXT, required=True, example="OP10"),
    Field("name", TEXT, required=True, example="Press fit"),
    Field("machine", TEXT, example="PR-01"),
    Field("kind", TEXT, "make", choices=tuple(each.value for each in StationKind), example="inspect"),
    Field("when_wrong", TEXT, "flag", choices=tuple(each.value for each in WhenWrong), example="refuse"),
)
ROUTE = (
    Field("product", TEXT, required=True, example="P-100"),
    Field("stations", LIST, [], required=True, example=["OP10", "OP20"]),
)
PERSON = (
    Field("name", TEXT, required=True, example="Kim Minsu"),
    Field("crew", TEXT, "", example="A"),
    Field(
        "role", TEXT, PersonRole.OPERATOR.value, choices=tuple(role.value for role in PersonRole), example="operator"
    ),
    Field("badge", TEXT, "", example="GD-0007"),
)
#: every policy of the arithmetic by its name, lengths in seconds; `version` is kept by Gadong
RULES = (
    Field("name", TEXT, TPM.name, example=TPM.name),
    Field("version", INT, TPM.version, low=1, high=1_000_000, example=TPM.version),
    Field("break_run_is_busy", BOOL, TPM.break_run_is_busy, example=True),
    Field("least_stop_ratio", NUMBER, TPM.least_stop_ratio, low=0, high=10, example=0.5),
    Field("setup_good_pieces", INT, TPM.setup_good_pieces, low=1, high=1000, example=3),
    Field("setup_within_ratio", NUMBER, TPM.setup_within_ratio, low=1, high=100, example=1.2),
    Field("no_order_before_shift_is_planned", BOOL, TPM.no_order_before_shift_is_planned, example=True),
    Field("planned_needs_approval", BOOL, TPM.planned_needs_approval, example=True),
    Field("least_coverage_ratio", NUMBER, TPM.least_coverage_ratio, low=0, high=1, example=0.9),
    Field("live_after_s", NUMBER, TPM.live_after_ms / 1000, low=0, high=86_400, example=600),
    Field("least_failure_s", NUMBER, TPM.least_failure_ms / 1000, low=0, high=86_400, example=60),
    Field("mtbf_adds_one", BOOL, TPM.mtbf_adds_one, example=False),
    Field("loss_tree", TEXT, TPM.loss_tree, choices=tuple(TREES), example="six"),
)
#: the report that writes itself
REPORT = (
    Field("automatic", BOOL, True, example=True),
    Field("folder", TEXT, "", example="D:/Reports"),
    Field("formats", LIST, list(Policy().formats), example=["pdf", "xlsx"]),
    Field("after_min", INT, Policy().delay_ms // 60_000, low=0, high=240, example=5),
    Field("print", BOOL, False, example=True),
    Field("printer", TEXT, "", example="Office"),
    Field("language", TEXT, "", choices=("", *LANGUAGES), example="ko"),
    Field("hour_cost", NUMBER, 0, low=0, high=1_000_000_000, example=30_000),
)
#: what stands on labels
LABEL = (
    Field("company_prefix", TEXT, "", example="8801234"),
    Field("customer_parts", TABLE, {}, example={"P-100": "55311-AB"}),
    Field("unit", LIST, [], example=[{"fields": ["name"], "large": True}]),
    Field("box", LIST, [], example=[{"words": "LOT", "fields": ["lot"]}]),
)
LABEL_LINE = (
    Field("fields", LIST, [], example=["date", "lot"]),
    Field("words", TEXT, "", example="LOT"),
    Field("large", BOOL, False, example=True),
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
    Field("preset", TEXT, example="cas-22"),
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
    Field("codes", (str, dict), {}, example={"0": "idle", "1": "run"}),
    Field("classes", TABLE, {}, example={"unit": r"^SN\d+$"}),
    Field("counter", TEXT, "cumulative", choices=tuple(kind.value for kind in Counter), example="pulse"),
    Field("inverted", BOOL, False, example=True),
    Field("run_above", NUMBER, example=4.0),
    Field("stop_below", NUMBER, example=2.5),
    Field("settle_ms", INT, 0, low=0, high=600_000, example=2000),
    Field("texts", TABLE, {}, example={"12": "Door open"}),
    Field("reasons", TABLE, {}, example={"12": "R01"}),
    Field("station", TEXT, "", example="SHIP"),
    Field("separator", TEXT, "", example="~"),
)
#: keys of a signal that lie in one column of the register, with their defaults
MEANING: dict[str, Any] = {
    "counter": "cumulative", "inverted": False, "run_above": None, "stop_below": None, "settle_ms": 0, "texts": {},
    "reasons": {}, "station": "", "separator": "",
}  # fmt: skip
TOP = (
    "format",
    "plant",
    "rules",
    "constraint",
    "machine",
    "product",
    "standard",
    "open_cavities",
    "shift",
    "rotation",
    "capacity",
    "exception",
    "planned_stop",
    "order",
    "reason",
    "scrap_reason",
    "check",
    "station",
    "station_part",
    "route",
    "gauge",
    "characteristic",
    "limit",
    "person",
    "report",
    "label",
    "bus",
)


class Configuration(Struct, frozen=True):
    """A checked configuration: plain tables with every default filled in. None: the file does not speak of it, and
    what the register holds stays.
    """

    plant: dict[str, Any]
    machines: list[dict[str, Any]]
    products: list[dict[str, Any]]
    standards: list[dict[str, Any]]
    shifts: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    buses: list[dict[str, Any]]
    rules: dict[str, Any] | None = None
    constraints: list[dict[str, Any]] | None = None
    open_cavities: list[dict[str, Any]] | None = None
    rotations: list[dict[str, Any]] | None = None
    capacity: list[dict[str, Any]] | None = None
    exceptions: list[dict[str, Any]] | None = None
    planned_stops: list[dict[str, Any]] | None = None
    orders: list[dict[str, Any]] | None = None
    people: list[dict[str, Any]] | None = None
    report: dict[str, Any] | None = None
    scrap_reasons: list[dict[str, Any]] | None = None
    stations: list[dict[str, Any]] | None = None
    routes: list[dict[str, Any]] | None = None
    #: the device presets that the file names, by the key of the device; they are written out already
    presets: tuple[tuple[str, DevicePreset], ...] = ()
    warnings: tuple[str, ...] = ()  # what holds but should be looked at, one sentence each
    #: how messages call what holds from a date on: its path behind the file and line in which it stands
    places: Mapping[str, str] = field(default_factory=dict)
    checks: list[dict[str, Any]] | None = None
    parts: list[dict[str, Any]] | None = None
    gauges: list[dict[str, Any]] | None = None
    characteristics: list[dict[str, Any]] | None = None
    limits: list[dict[str, Any]] | None = None
    label: dict[str, Any] | None = None


def moment_ms(at: datetime, zone: ZoneInfo) -> int:
    """UTC milliseconds of a moment in a file: local to the plant unless it says its own offset."""
    return utc_ms(at.date(), at.time(), zone) if at.tzinfo is None else round(at.timestamp() * 1000)


def local_moment(at_ms: int, zone: ZoneInfo) -> datetime:
    """The same back: without an offset wherever the local time alone is enough (it is not when a clock goes back)."""
    at = datetime.fromtimestamp(at_ms // 1000, zone).replace(microsecond=at_ms % 1000 * 1000)
    plain = at.replace(tzinfo=None, fold=0)
    return plain if moment_ms(plain, zone) == at_ms else at

"""What is measured and with what as tables: gauges, characteristics, their limits, and what stations take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.configuration import applying
from desktop.configuration.checking.quality import pattern_fault, serial_faults
from desktop.configuration.quality import CHARACTERISTIC, GAUGE, LIMIT, STATION_PART, signal_names
from desktop.configuration.sheets.columns import (
    ITEM_CODES,
    MACHINE_CODES,
    Column,
    Known,
    Row,
    Stock,
    TableKind,
    field_of,
    nearest,
    no_machine,
    nothing_to_complete,
    order_column,
    placed,
)
from desktop.configuration.sheets.routing import STATION_CODES, WHEN, WHEN_SAID, no_product, no_station
from desktop.domain.gs1 import is_gtin
from desktop.domain.quality import Binding, Sampling
from desktop.text import N_, _

_GAUGE_CODES = ("게이지코드", "게이지번호", "게이지", "측정기", "측정기코드", "gauge", "gauge no", "instrument")
_CHARACTERISTIC_CODES = ("특성코드", "특성번호", "특성", "관리항목", "characteristic", "feature")
_SAMPLING: Mapping[object, str] = {
    "each": N_("Each piece"), "hourly": N_("So many an hour"), "pieces": N_("First, middle, last"),
}  # fmt: skip
_SAMPLING_SAID: Mapping[str, object] = {
    "전수": "each", "매개": "each", "시간당": "hourly", "초중종": "pieces", "초·중·종물": "pieces",
}  # fmt: skip
_BINDING: Mapping[object, str] = {
    "scan": N_("Last scan"), "window": N_("Last scan within a time"), "part": N_("Part id"),
}  # fmt: skip
_SCANNED: Mapping[object, str] = {"before": N_("Before its unit"), "after": N_("After its unit")}
_SCANNED_SAID: Mapping[str, object] = {"전": "before", "먼저": "before", "후": "after", "나중": "after"}
_MARKS: Mapping[object, str] = {"": N_("None"), "cc": "CC", "sc": "SC"}

_GAUGE_COLUMNS = (
    Column(field_of(GAUGE, "code"), N_("Gauge code"), (*_GAUGE_CODES, "코드", "code")),
    Column(field_of(GAUGE, "name"), N_("Gauge name"), ("게이지명", "측정기명", "이름", "name")),
    order_column(),
    Column(field_of(GAUGE, "resolution"), N_("Resolution"), ("분해능", "최소눈금", "눈금")),
    Column(
        field_of(GAUGE, "interval_days"),
        N_("Calibrated every (days)"),
        ("교정주기", "검교정주기", "검교정 주기(일)", "주기", "interval"),
    ),
    Column(field_of(GAUGE, "when_due"), N_("When overdue"), ("기한초과시", "만료시"), WHEN, said=WHEN_SAID),
)
_CHARACTERISTIC_COLUMNS = (
    Column(field_of(CHARACTERISTIC, "code"), N_("Characteristic"), (*_CHARACTERISTIC_CODES, "코드", "code")),
    Column(field_of(CHARACTERISTIC, "name"), N_("Characteristic name"), ("특성명", "측정항목", "항목명", "name")),
    order_column(),
    Column(field_of(CHARACTERISTIC, "product", default=""), N_("Item no."), ITEM_CODES),
    Column(field_of(CHARACTERISTIC, "machine", default=""), N_("Machine code"), MACHINE_CODES),
    Column(field_of(CHARACTERISTIC, "signal", default=""), N_("Signal"), ("신호", "태그", "tag")),
    Column(field_of(CHARACTERISTIC, "unit"), N_("Unit of measure"), ("단위", "unit")),
    Column(field_of(CHARACTERISTIC, "mark"), N_("CC/SC"), ("특별특성", "구분", "special"), _MARKS),
    Column(field_of(CHARACTERISTIC, "gauge", default=""), N_("Gauge code"), _GAUGE_CODES),
    Column(
        field_of(CHARACTERISTIC, "sampling"), N_("Sampling"), ("측정주기", "샘플링"), _SAMPLING, said=_SAMPLING_SAID
    ),
    Column(field_of(CHARACTERISTIC, "per_hour"), N_("An hour"), ("시간당", "시간당 수량")),
    Column(field_of(CHARACTERISTIC, "subgroup"), N_("Subgroup size"), ("군 크기", "부분군", "시료수", "n")),
    Column(field_of(CHARACTERISTIC, "binding"), N_("Bound by"), ("연결", "연결방법"), _BINDING),
    Column(field_of(CHARACTERISTIC, "window_s"), N_("Within"), ("연결시간",), unit="s"),
    Column(field_of(CHARACTERISTIC, "retests"), N_("Retests"), ("재측정", "재측정 횟수")),
)
_LIMIT_COLUMNS = (
    Column(field_of(LIMIT, "characteristic"), N_("Characteristic"), (*_CHARACTERISTIC_CODES, "코드", "code")),
    Column(field_of(LIMIT, "low"), N_("Lower limit"), ("하한", "규격하한", "lsl", "min")),
    Column(field_of(LIMIT, "nominal"), N_("Nominal"), ("기준값", "목표값", "중심값", "target")),
    Column(field_of(LIMIT, "high"), N_("Upper limit"), ("상한", "규격상한", "usl", "max")),
)
_PART_COLUMNS = (
    Column(field_of(STATION_PART, "station"), N_("Station code"), STATION_CODES),
    Column(field_of(STATION_PART, "material"), N_("Material"), ("자재", "자재코드", "부품", "부품코드", "material")),
    Column(field_of(STATION_PART, "product", default=""), N_("Item no."), ITEM_CODES),
    Column(field_of(STATION_PART, "required"), N_("Needed"), ("필수", "필수여부", "required")),
    Column(
        field_of(STATION_PART, "around"), N_("Around a change of lot"), ("로트 교체 전후", "혼입 범위"), unit="pieces"
    ),
    Column(field_of(STATION_PART, "serial"), N_("Own serial"), ("일련번호", "시리얼", "일련번호 부품", "serial")),
    Column(field_of(STATION_PART, "scanned"), N_("Scanned"), ("스캔 순서", "스캔"), _SCANNED, said=_SCANNED_SAID),
)


def _gauges(stock: Stock) -> list[Row]:
    return [
        {
            "code": each.code,
            "name": each.name,
            "order": each.place + 1,
            "resolution": each.resolution,
            "interval_days": each.interval_days,
            "when_due": each.when_due.value,
        }
        for each in stock.quality.gauges
    ]


def _characteristics(stock: Stock) -> list[Row]:
    plant = stock.plant
    machines, products = {m.id: m.code for m in plant.machines}, {p.id: p.code for p in plant.products}
    signals, gauges = signal_names(plant), {g.id: g.code for g in stock.quality.gauges}
    return [
        {
            "code": each.code,
            "name": each.name,
            "order": each.place + 1,
            "product": products.get(each.product or 0, ""),
            "machine": machines.get(each.machine or 0, ""),
            "signal": signals.get(each.signal or 0, ""),
            "unit": each.unit,
            "mark": each.mark.value,
            "gauge": gauges.get(each.gauge or 0, ""),
            "sampling": each.sampling.value,
            "per_hour": each.per_hour,
            "subgroup": each.subgroup,
            "binding": each.binding.value,
            "window_s": each.window_ms / 1000,
            "retests": each.retests,
        }
        for each in stock.quality.characteristics
    ]


def _limits(stock: Stock) -> list[Row]:
    """What is in force now of each characteristic."""
    found = []
    for each in stock.quality.characteristics:
        limits = stock.quality.limits_at(each.id, stock.now_ms)
        if limits is not None:
            row = {"characteristic": each.code, "low": limits.low, "nominal": limits.nominal, "high": limits.high}
            found.append(row)
    return found


def _parts(stock: Stock) -> list[Row]:
    stations = {s.id: s.code for s in stock.plant.stations}
    products = {p.id: p.code for p in stock.plant.products}
    return [
        {
            "station": stations[each.station],
            "material": each.material,
            "product": products.get(each.product or 0, ""),
            "required": each.required,
            "around": each.around,
            "serial": each.serial,
            "scanned": each.scanned.value,
        }
        for each in stock.quality.parts
        if each.station in stations and (each.product is None or each.product in products)
    ]


def _complete_characteristic(row: Row, known: Known) -> list[tuple[str, str]]:
    faults = []
    if row["product"] and row["product"] not in known.names:
        faults.append(("product", no_product(row["product"], known)))
    if row["machine"] and row["machine"] not in known.machines:
        faults.append(("machine", no_machine(row["machine"], known)))
    if row["signal"] and row["signal"] not in known.signals:
        meant = _("is no signal of this line: did you mean {name}?")
        none = _("is no signal of this line: there are {names}")
        faults.append(("signal", nearest(row["signal"], known.signals, meant, none)))
    if row["gauge"] and row["gauge"] not in known.gauges:
        meant = _("is no gauge of this line: did you mean {name}?")
        none = _("is no gauge of this line: there are {names}")
        faults.append(("gauge", nearest(row["gauge"], known.gauges, meant, none)))
    if row["sampling"] == Sampling.HOURLY and not row["per_hour"]:
        faults.append(("per_hour", _("says how many pieces an hour: at least 1")))
    if row["binding"] == Binding.WINDOW and not row["window_s"]:
        faults.append(("window_s", _("says how old a scan may be: at least 1 second")))
    return faults


def _complete_limit(row: Row, known: Known) -> list[tuple[str, str]]:
    low, nominal, high = row["low"], row["nominal"], row["high"]
    faults = []
    if row["characteristic"] not in known.characteristics:
        meant = _("is no characteristic of this line: did you mean {name}?")
        none = _("is no characteristic of this line: there are {names}")
        faults.append(("characteristic", nearest(row["characteristic"], known.characteristics, meant, none)))
    if low is None and high is None:
        faults.append(("low", _("needs low, high or both")))
    elif low is not None and high is not None and low >= high:
        faults.append(("low", _("must be below high = {value}").format(value=high)))
    elif nominal is not None and not ((low is None or low <= nominal) and (high is None or nominal <= high)):
        faults.append(("nominal", _("must lie between low and high")))
    return faults


def _complete_part(row: Row, known: Known) -> list[tuple[str, str]]:
    faults = []
    if row["station"] not in known.stations:
        faults.append(("station", no_station(row["station"], known)))
    if row["product"] and row["product"] not in known.names:
        faults.append(("product", no_product(row["product"], known)))
    return [*faults, *serial_faults(row).items()]


GAUGES = TableKind(
    "gauges",
    N_("Gauges"),
    _GAUGE_COLUMNS,
    ("code",),
    {
        "code": "A-03",
        "name": N_("Air micrometer"),
        "order": 1,
        "resolution": 0.001,
        "interval_days": 365,
        "when_due": "flag",
    },
    _gauges,
    lambda rows: applying.Rows(gauges=placed(rows)),
    nothing_to_complete,
    (
        N_("Calibrated every: so many days a calibration holds. 0: none is asked for."),
        N_("When overdue: values of a gauge whose calibration has run out are flagged, or refused."),
    ),
)
CHARACTERISTICS = TableKind(
    "characteristics",
    N_("Characteristics"),
    _CHARACTERISTIC_COLUMNS,
    ("code",),
    {
        "code": "ID24",
        "name": N_("Inner diameter"),
        "order": 1,
        "product": "P-100",
        "machine": "PR-01",
        "signal": "cnc/diameter",
        "unit": "mm",
        "mark": "cc",
        "gauge": "A-03",
        "sampling": "hourly",
        "per_hour": 5,
        "subgroup": 5,
        "binding": "scan",
        "window_s": 0,
        "retests": 1,
    },
    _characteristics,
    lambda rows: applying.Rows(characteristics=placed(rows)),
    _complete_characteristic,
    (
        N_("Signal: key of the device, a stroke, key of the signal. Empty: values are entered by hand."),
        N_("Subgroup size: so many values make one point of the chart; 1: each its own."),
    ),
)
LIMITS = TableKind(
    "limits",
    N_("Limits"),
    _LIMIT_COLUMNS,
    ("characteristic",),
    {"characteristic": "ID24", "low": 23.99, "nominal": 24.01, "high": 24.03},
    _limits,
    lambda rows: applying.Rows(limits=rows),
    _complete_limit,
    (
        N_("Limits hold from the moment at which they are taken over. What was measured before keeps its limits."),
        N_("One limit is enough: leave the other one empty."),
    ),
    misses=lambda _named: lambda _row: False,
    signed=True,
)
PARTS = TableKind(
    "station_parts",
    N_("Parts of stations"),
    _PART_COLUMNS,
    ("station", "material", "product"),
    {
        "station": "OP10",
        "material": "OR",
        "product": "P-100",
        "required": True,
        "around": 0,
        "serial": False,
        "scanned": "before",
    },
    _parts,
    lambda rows: applying.Rows(parts=rows),
    _complete_part,
    (
        N_("Material: the kind of lot, as its scanner's class names it. Without an item no. it is for all products."),
        N_("Around a change of lot: so many units before and behind it carry both lots."),
        N_("Own serial: the part is scanned piece by piece, and each goes into one unit. Material is its item no."),
        N_("Scanned: after its unit, a missing part is told when the next unit comes."),
    ),
)


def complete_product(row: Row, known: Known) -> Sequence[tuple[str, str]]:
    """What another row of a product tells of its serials and its number in GS1 codes, and whether they can be that."""
    faults = []
    for key in ("unit_pattern", "gtin"):
        told, line = known.told.get((row["code"], key), ("", 0))
        if not row[key]:
            row[key] = told
        elif told and told != row[key]:
            words = _("line {line} gives {code} another one")
            faults.append((key, words.format(line=line, code=row["code"])))
        else:
            known.told[row["code"], key] = (row[key], known.line)
    if fault := pattern_fault(row["unit_pattern"]):
        faults.append(("unit_pattern", fault))
    if row["gtin"]:
        if not is_gtin(row["gtin"]):
            faults.append(("gtin", _("must be 8, 12, 13 or 14 digits with a right check digit")))
        elif known.gtins.setdefault(row["gtin"], row["code"]) != row["code"]:
            words = _("is the number of {code} already")
            faults.append(("gtin", words.format(code=known.gtins[row["gtin"]])))
    return faults

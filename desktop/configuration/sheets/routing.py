"""Stations and routes as tables: which steps the work has, and by which of them a product goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from desktop.configuration import applying
from desktop.configuration.sheets.columns import (
    ITEM_CODES,
    MACHINE_CODES,
    Column,
    Known,
    Row,
    Stock,
    TableKind,
    Told,
    field_of,
    nearest,
    no_machine,
    order_column,
    placed,
)
from desktop.configuration.tables import INT, STANDARD, STATION, Field
from desktop.text import N_, _

STATION_CODES = ("공정코드", "공정번호", "공정", "station", "operation", "op", "step code")
_KINDS: Mapping[object, str] = {
    "make": N_("Make"), "inspect": N_("Inspect"), "rework": N_("Rework"), "pack": N_("Pack"), "stock": N_("Stock"),
    "ship": N_("Ship"),
}  # fmt: skip
_KINDS_SAID: Mapping[str, object] = {
    "가공": "make", "조립": "make", "생산": "make", "검사": "inspect", "재작업": "rework", "포장": "pack",
    "재고": "stock", "입고": "stock", "창고": "stock", "출하": "ship", "출고": "ship",
}  # fmt: skip
WHEN: Mapping[object, str] = {"flag": N_("Flag it"), "refuse": N_("Refuse it")}
WHEN_SAID: Mapping[str, object] = {"표시": "flag", "경고": "flag", "차단": "refuse", "거부": "refuse"}
_STATION_COLUMNS = (
    Column(field_of(STATION, "code"), N_("Station code"), (*STATION_CODES, "코드", "code")),
    Column(field_of(STATION, "name"), N_("Station name"), ("공정명", "공정이름", "name")),
    Column(field_of(STATION, "machine", default=""), N_("Machine code"), MACHINE_CODES),
    order_column(),
    Column(
        field_of(STATION, "kind"),
        N_("Kind of station"),
        ("공정구분", "공정종류", "구분", "kind"),
        _KINDS,
        said=_KINDS_SAID,
    ),
    Column(field_of(STATION, "when_wrong"), N_("When wrong"), ("이상시", "오류시"), WHEN, said=WHEN_SAID),
)
_ROUTE_COLUMNS = (
    Column(field_of(STANDARD, "product"), N_("Item no."), ITEM_CODES),
    Column(
        Field("step", INT, required=True, low=1, high=1000, example=1),
        N_("Step no."),
        ("공정순서", "순서", "순번", "order", "no", "no."),
    ),
    Column(Field("station", (str,), required=True, example="OP10"), N_("Station code"), STATION_CODES),
)


def _stations(stock: Stock) -> list[Row]:
    codes = {m.id: m.code for m in stock.plant.machines}
    return [
        {
            "code": s.code,
            "name": s.name,
            "machine": codes.get(s.machine or 0, ""),
            "order": s.place + 1,
            "kind": s.kind.value,
            "when_wrong": s.when_wrong.value,
        }
        for s in stock.plant.stations
    ]


def _routes(stock: Stock) -> list[Row]:
    products = {p.id: p.code for p in stock.plant.products}
    stations = {s.id: s.code for s in stock.plant.stations}
    return [
        {"product": products[step.product], "step": step.place + 1, "station": stations[step.station]}
        for step in stock.plant.steps
        if step.product in products and step.station in stations
    ]


def _complete_station(row: Row, known: Known) -> list[tuple[str, str]]:
    if row["machine"] and row["machine"] not in known.machines:
        return [("machine", no_machine(row["machine"], known))]
    return []


def _machines_once(rows: Sequence[Told], known: Known) -> list[tuple[int, str, str]]:
    """Each machine is one station's, also of those that the sheet does not name: a scan tells the machine alone."""
    named = {told.new["code"] for told in rows}
    taken = {machine: code for code, machine in known.at.items() if machine and code not in named}
    faults = []
    for told in rows:
        machine, code = told.new["machine"], told.new["code"]
        if machine and taken.setdefault(machine, code) != code:
            words = _("is the machine of station {station} already: {code} needs another one or none")
            faults.append((told.line, "machine", words.format(station=taken[machine], code=code)))
    return faults


def no_product(code: str, known: Known) -> str:
    """Why an item number does not fit, with the one that may be meant."""
    names = {each: name for each, (name, _line) in known.names.items()}
    meant = _("is no product of this line: did you mean {name}?")
    return nearest(code, names, meant, _("is no product of this line: there are {names}"))


def no_station(code: str, known: Known) -> str:
    """Why a station's code does not fit, with the one that may be meant."""
    meant = _("is no station of this line: did you mean {name}?")
    return nearest(code, known.stations, meant, _("is no station of this line: there are {names}"))


def _complete_route(row: Row, known: Known) -> list[tuple[str, str]]:
    faults = []
    if row["product"] not in known.names:
        faults.append(("product", no_product(row["product"], known)))
    if row["station"] not in known.stations:
        faults.append(("station", no_station(row["station"], known)))
    return faults


def _of_named(named: Sequence[Row]) -> Callable[[Row], bool]:
    """A step is missed where its product is named."""
    products = {row["product"] for row in named}
    return lambda row: row["product"] in products


def _steps(rows: Sequence[Row]) -> applying.Rows:
    return applying.Rows(routes=[(row["product"], row["step"] - 1, row["station"]) for row in rows])


STATIONS = TableKind(
    "stations",
    N_("Stations"),
    _STATION_COLUMNS,
    ("code",),
    {"code": "OP10", "name": N_("Press fit"), "machine": "PR-01", "order": 1, "kind": "make", "when_wrong": "flag"},
    _stations,
    lambda rows: applying.Rows(stations=placed(rows)),
    _complete_station,
    (
        N_("A step of the work, in the order of the line. Without a machine it is done by hand."),
        N_("When wrong: what must not be is flagged and goes on, or it is refused."),
    ),
    arrange=_machines_once,
)
ROUTES = TableKind(
    "routes",
    N_("Routes"),
    _ROUTE_COLUMNS,
    ("product", "step"),
    {"product": "P-100", "step": 1, "station": "OP10"},
    _routes,
    _steps,
    _complete_route,
    (N_("One row for each step of a product: by which stations it goes, in this order."),),
    misses=_of_named,
)

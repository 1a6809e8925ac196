"""The plan (작업지시) as a table: the day's sheet, which comes in the morning and changes at noon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

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
from desktop.configuration.sheets.routing import no_product
from desktop.configuration.tables import ORDER, local_moment
from desktop.domain.orders import OrderStatus
from desktop.text import N_, _
from desktop.wording.states import ORDER_KINDS, ORDER_STATUSES

LONGEST = 60  # characters of an order number or a lot

_KINDS_SAID: Mapping[str, object] = {
    "양산품": "mass", "일반": "mass", "정상": "mass", "mp": "mass", "시작": "trial", "시작품": "trial",
    "시작작업": "trial", "시험": "trial", "샘플": "trial", "sample": "trial", "재작업품": "rework", "수정": "rework",
    "수정작업": "rework",
}  # fmt: skip
_STATUS_WORDS = {**{each.value: ORDER_STATUSES[each.value] for each in OrderStatus}, "open": N_("To do")}
_STATUS_SAID: Mapping[str, object] = {
    "예정": "open", "대기": "open", "진행": "open", "진행중": "open", "계획": "open", "확정": "open",
    "마감": "done", "종료": "done", "보류": "cancelled", "삭제": "cancelled",
}  # fmt: skip
_COLUMNS = (
    Column(
        field_of(ORDER, "code"),
        N_("Order no."),
        ("작업지시번호", "지시번호", "작업지시", "지시no", "오더번호", "오더", "w/o", "wo", "work order", "order"),
    ),
    Column(field_of(ORDER, "product"), N_("Item no."), ITEM_CODES),
    Column(
        field_of(ORDER, "quantity"),
        N_("Quantity"),
        ("수량", "지시수량", "계획수량", "생산수량", "목표수량", "계획", "qty", "plan qty"),
        unit="pieces",
    ),
    Column(field_of(ORDER, "lot"), N_("Lot"), ("lot no", "lot번호", "로트", "로트번호", "lot no.")),
    Column(field_of(ORDER, "due"), N_("Due by"), ("기한", "납기", "납기일", "납기일시", "완료예정", "due date")),
    Column(
        field_of(ORDER, "kind"),
        N_("Kind of order"),
        ("지시구분", "작업구분", "생산구분", "구분", "유형"),
        ORDER_KINDS,
        said=_KINDS_SAID,
    ),
    Column(field_of(ORDER, "machine", default=""), N_("Machine code"), MACHINE_CODES),
    Column(
        field_of(ORDER, "on"),
        N_("Planned for"),
        ("계획일", "계획일자", "작업일", "작업일자", "생산일", "일자", "날짜", "date", "day"),
    ),
    Column(field_of(ORDER, "shift"), N_("Shift"), ("교대", "근무", "근무조", "조", "주야", "주/야")),
    order_column(N_("Sequence")),
    Column(field_of(ORDER, "status"), N_("Order status"), ("상태", "진행상태"), _STATUS_WORDS, said=_STATUS_SAID),
)


def _orders(stock: Stock) -> list[Row]:
    """The plan in the sequence of the work; without orders of what is retired."""
    plant = stock.plant
    zone = ZoneInfo(plant.timezone)
    products = {p.id: p.code for p in plant.products}
    machines = {m.id: m.code for m in plant.machines}
    return [
        {
            "code": o.code,
            "product": products[o.product],
            "quantity": o.quantity,
            "lot": o.lot,
            "due": None if o.due_ms is None else local_moment(o.due_ms, zone),
            "kind": o.kind.value,
            "machine": machines[o.machine] if o.machine is not None else "",
            "on": o.planned_on,
            "shift": o.shift,
            "order": o.place + 1,
            "status": o.status.value,
        }
        for o in stock.orders
        if o.product in products and (o.machine is None or o.machine in machines)
    ]


def _complete(row: Row, known: Known) -> list[tuple[str, str]]:
    """What a sheet leaves out: the day is today, a time of day is one of the planned day."""
    long = _("is too long: {count} characters at most").format(count=LONGEST)
    faults = [(key, long) for key in ("code", "lot") if len(row[key]) > LONGEST]
    if row["product"] not in known.names:
        faults.append(("product", no_product(row["product"], known)))
    if row["machine"] and row["machine"] not in known.machines:
        faults.append(("machine", no_machine(row["machine"], known)))
    if row["shift"] and row["shift"] not in known.shifts:
        meant = _("is no shift of this line: did you mean {name}?")
        none = _("is no shift of this line: there are {names}")
        faults.append(("shift", nearest(row["shift"], dict.fromkeys(known.shifts, ""), meant, none)))
    if row["on"] is None and known.new:
        row["on"] = known.today
        words = _("Orders without a day are planned for today, {day}.")
        known.notes["day"] = words.format(day=known.today)
    on, due = row["on"], row["due"]
    if isinstance(due, time):
        begins = known.shifts.get(row["shift"], time())
        night = timedelta(days=due < begins)  # of a shift over midnight: on the day after
        row["due"] = due = datetime.combine(on or known.today, due) + night
    if isinstance(due, datetime) and on is not None and (due - timedelta(seconds=1)).date() < on:
        faults.append(("due", _("lies before the day for which it is planned, {day}").format(day=on)))
    return faults


def _in_sequence(rows: Sequence[Told], known: Known) -> list[tuple[int, str, str]]:
    """Where the sheet has no column for it, the order of the lines is that of the work: known orders that stand in
    their order keep their places, and new ones behind them come last; otherwise the day is counted anew."""
    days: dict[date | None, list[Told]] = {}
    for told in rows:
        if told.given.get("order") is None:
            days.setdefault(told.new["on"], []).append(told)
    for day, those in days.items():
        places = [told.old["order"] if told.old is not None else None for told in those]
        places_known = [place for place in places if place is not None]
        behind = all(place is None for place in places[len(places_known) :])
        if behind and all(one < other for one, other in pairwise(places_known)):
            following = known.last.get(day, 0)
            for told in those:
                following += told.old is None
                told.new["order"] = following if told.old is None else told.old["order"]
        else:
            for place, told in enumerate(those, 1):
                told.new["order"] = place
    return []


def _of_its_day(named: Sequence[Row]) -> Callable[[Row], bool]:
    """An open order is missed in a sheet that speaks of its day."""
    days = {row["on"] for row in named}
    return lambda row: row["status"] == OrderStatus.OPEN.value and row["on"] in days


def _running(moved: Sequence[tuple[Row, Row | None]], known: Known) -> list[str]:
    """Orders that run and would leave the plan, or become another product's."""
    words = _("{order} runs at {machine} now: look twice.")
    return [
        words.format(order=old["code"], machine=known.running[old["code"]])
        for old, new in moved
        if old["code"] in known.running and (new is None or new["product"] != old["product"] or new["status"] != "open")
    ]


ORDERS = TableKind(
    "orders",
    N_("Plan"),
    _COLUMNS,
    ("code",),
    {
        "code": "WO-1042", "product": "P-100", "quantity": 500, "lot": "260131-A",
        "due": datetime.fromisoformat("2026-01-31T17:00:00"), "kind": "mass", "machine": "PR-01",
        "on": date(2026, 1, 31), "shift": "", "order": 1, "status": "open",
    },
    _orders,
    lambda rows: applying.Rows(orders=placed(rows)),
    _complete,
    (
        N_("One row for each order. The order of the rows is that of the work, unless a column says otherwise."),
        N_("Planned for: empty means today. Due: a day with a time, a day (until it ends) or a time of that day."),
        N_("The plan with which a shift began stays known; what changes later is the adjusted plan."),
    ),
    arrange=_in_sequence,
    arranged=True,
    misses=_of_its_day,
    warn=_running,
    audited="plan",
    reload=False,
)  # fmt: skip

"""Examples of the page of holds, of the shift of `tests.views.example`."""

from __future__ import annotations

from desktop.domain.entries import OPEN_MS, Calibrated, Disposed, Disposition, Entry, Held
from desktop.domain.events import Thing
from desktop.domain.figures.holds import GaugeRow, HeldThing, HoldRow, HoldsNow, Looked
from desktop.domain.figures.line import HoldsBrief
from desktop.domain.holding import Fate, Hold, Standing, calibration
from desktop.domain.people import Person, PersonNow, PersonRole
from desktop.domain.plant import ScrapReason
from desktop.domain.quality import Gauge
from tests.views.example import COLLECTOR, HEAD, HOUR, MACHINES, NOW, SHIFT, at

DAY = 24 * HOUR
LOT = Thing("lot", "OR-L7781-2026-11")
SCRAPS = tuple(
    ScrapReason(n, f"D0{n}", name) for n, name in enumerate(("치수 불량", "버·찍힘", "이종품 혼입", "누설"), 1)
)
PEOPLE = (
    PersonNow(Person(1, "김정호", "A조", PersonRole.SUPERVISOR), has_pin=True),
    PersonNow(Person(2, "박서연", "A조", PersonRole.ADMIN), has_pin=True),
    PersonNow(Person(3, "이영희", "B조")),
)
BRIEF = HoldsBrief(3, at(8, 40), 214)


def unit(number: int) -> Thing:
    return Thing("unit", f"VH204-2611-{number:05d}")


def hold(number: int, said: Held, *disposals: Disposed) -> Hold:
    return Hold(
        Entry(number, said.start_ms, said, "김정호"), said, tuple((900 + n, each) for n, each in enumerate(disposals))
    )


def rows() -> tuple[HoldRow, ...]:
    """A lot that somebody held, what a last piece held, what a gauge held."""
    lot = hold(11, Held(0, at(8, 40), at(8, 40), "오링 경도 미달", (LOT,)))
    last = hold(12, Held(4, at(11, 5), at(11, 5), since_ms=at(9, 10), until_ms=at(11, 5), because=5))
    gauge = hold(13, Held(0, at(12, 30), at(12, 30), signals=(7,), since_ms=at(8, 0), until_ms=at(12, 30), because=6))
    return (
        HoldRow(lot, "", "", "", 131, 128, 129),
        HoldRow(last, "last", "내경 상한 초과", "", 62, 62, 62),
        HoldRow(gauge, "gauge", "허용차 벗어남", "에어 마이크로미터 A-03", 24, 24, 24),
    )


def things() -> tuple[HeldThing, ...]:
    """What the lot went into; some is decided already."""
    fates = (Fate.RELEASED, Fate.SCRAPPED, Fate.REWORK, *(Fate.HELD,) * 20)
    units = (HeldThing(unit(7001 + n), fate, 1 + n % 8, at(9, n)) for n, fate in enumerate(fates))
    return (HeldThing(LOT, Fate.HELD, 3, at(8, 12)), *units)


def standing(said: Calibrated | None, days: int) -> Standing:
    told = () if said is None else (Entry(said.gauge, said.start_ms, said, "박서연"),)
    return calibration(told, said.gauge if said is not None else 0, days, NOW)


def gauges() -> tuple[GaugeRow, ...]:
    """One that is good, one overdue, one that failed, one never calibrated."""
    return (
        GaugeRow(
            Gauge(3, "A-03", "에어 마이크로미터", 0.001, 365),
            standing(Calibrated(0, NOW - 60 * DAY, OPEN_MS, 3, good=False, note="마모"), 365),
            24,
        ),
        GaugeRow(
            Gauge(4, "CP-11", "버니어 캘리퍼스", 0.01, 180),
            standing(Calibrated(0, NOW - 190 * DAY, NOW - 10 * DAY, 4, good=True), 180),
            1311,
        ),
        GaugeRow(Gauge(5, "TQ-2", "토크 렌치", 0.1, 365), standing(None, 365)),
        GaugeRow(
            Gauge(6, "SC-1", "전자저울", 0.1, 365),
            standing(Calibrated(0, NOW - 30 * DAY, NOW + 335 * DAY, 6, good=True), 365),
            402,
        ),
    )


def holds(**changes: object) -> HoldsNow:
    """Everything on the page."""
    told: dict[str, object] = {
        "rows": rows(), "chosen": 11, "things": things(), "gauges": gauges(),
        "machines": tuple((m.id, m.name) for m in MACHINES), "scrap_reasons": SCRAPS, "people": PEOPLE,
    }  # fmt: skip
    return HoldsNow(HEAD, NOW, SHIFT, COLLECTOR, **{**told, **changes})  # type: ignore[arg-type]


def empty() -> HoldsNow:
    """A shop that holds nothing and has no gauge."""
    return holds(rows=(), chosen=0, things=(), gauges=(), scrap_reasons=(), people=())


def looked() -> Looked:
    """A unit that was read, with its parts."""
    return Looked(
        unit(7005).code, (unit(7005),), Fate.HELD, (LOT, Thing("unit", "PCB-88120"), Thing("lot", "SCR-M4-3"))
    )


def released(number: int) -> Disposed:
    return Disposed(0, NOW, NOW, number, Disposition.RELEASE)

"""The report as JSON for other programs: every figure in full precision under stable English keys.

Ratios are 0 to 1, times UTC milliseconds (with the local time in ISO 8601 beside them), `seconds` are seconds,
null means "not known". The order of the keys never changes.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from enum import Enum
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import asdict

from desktop.domain.differences import difference
from desktop.domain.figures.line import HourRow
from desktop.domain.figures.report import LinkGap, MachineRow, ShiftReport
from desktop.domain.figures.stops import StopRow
from desktop.domain.iso22400 import IsoKpis
from desktop.domain.kpi import Kpis
from desktop.domain.spans import Span
from desktop.reports.derived import achievement

Json = dict[str, object]
FORMAT = "gadong.shift-report"
_RATIOS = ("availability", "performance", "quality", "oee", "coverage")


def render(report: ShiftReport) -> bytes:
    """The whole file, UTF-8, indented, with a line end."""
    text = json.dumps(as_dict(report), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace")  # half a surrogate pair becomes JSON's own \\uXXXX


def as_dict(report: ShiftReport) -> Json:
    """The report as plain dictionaries and lists. Nothing in it is rounded or worded."""
    zone = ZoneInfo(report.head.timezone)
    return {
        "format": FORMAT,
        "version": 1,
        "plant": report.head.plant,
        "line": report.head.line,
        "timezone": report.head.timezone,
        "demo": report.head.demo,
        "speed": report.head.speed,
        "product": report.head.product,
        "shift": {
            "name": report.shift.name,
            "crew": report.shift.crew,
            **_span(report.shift.span, zone),
            "pauses": [{"name": pause.name, **_span(pause.span, zone)} for pause in report.shift.pauses],
        },
        "business_on": report.business_on.isoformat(),
        "window": _span(report.window, zone),
        "provisional": report.provisional,
        "revision": report.revision,
        "number": report.number,
        "made_at_ms": report.made_at_ms,
        "made_at": _iso(report.made_at_ms, zone),
        "rules": report.rules,
        "chain": report.chain,
        "line_kpis": None if report.line is None else _kpis(report.line),
        "oee_target": report.oee_target,
        "good": report.good,
        "target": report.target,
        "difference": difference(report.good, report.target, comparable=report.comparable),
        "plan": report.plan,
        "achievement": achievement(report),
        "constraint": report.constraint,
        "machines": [_machine(row) for row in report.machines],
        "hours": [_hour(row, zone) for row in report.hours],
        "stops": [_stop(row, zone) for row in report.stops],
        "short_stops": report.short_stops,
        "pareto": _plain(report.pareto),
        "waterfall": _plain(report.waterfall),
        "trace": _plain(report.trace),
        "gaps": [_gap(row, zone) for row in report.gaps],
        "corrections": report.corrections,
        "handover": _plain(report.handover),
        "waits": _plain(report.waits),
        "wip_change": report.wip_change,
        "orders": _plain(report.orders),
        "changeovers": _plain(report.changeovers),
        "scrap": _plain(report.scrap),
        "measured": _plain(report.measured),
        "crew": _plain(report.crew),
        "checks": _plain(report.checks),
        "hours_said": _plain(report.hours_said),
        "flags": [{"flag": flag, "about": about} for flag, about in report.flags],
    }


def _machine(row: MachineRow) -> Json:
    """A machine's line: the figures of the scoreboard first, then what they were made of."""
    return {
        "name": row.name,
        "code": row.code,
        "id": row.id,
        "is_constraint": row.is_constraint,
        "by_count": row.by_count,
        **{name: getattr(row.kpis, name) for name in _RATIOS},
        "good": row.good,
        "reject": row.reject,
        "by_hand": row.by_hand,
        "target": row.target,
        "difference": difference(row.good, row.target, comparable=row.comparable),
        "plan": row.plan,
        "achievement": achievement(row),
        "seconds": _seconds(row.kpis),
        "kpis": _kpis(row.kpis),
        "big_losses_ms": dict(row.big_losses),
        "reliability": _plain(row.reliability),
        "repairs": _plain(row.repairs),
        "week_before_oee": row.week_before_oee,
        "late_kpis": None if row.late_kpis is None else _kpis(row.late_kpis),
        "iso22400": None if row.iso is None else _iso22400(row.iso),
        "intervals": _plain(row.intervals),
    }


def _iso22400(iso: IsoKpis) -> Json:
    """The set of ISO 22400-2; its elements with the sums that the standard names."""
    made = _fields(iso)
    sums = {name: getattr(iso.elements, name) for name in ("pot_ms", "aubt_ms", "aupt_ms")}
    produced = iso.quantities.produced
    return {
        **made,
        "elements": {**_fields(iso.elements), **sums},
        "quantities": {**_fields(iso.quantities), "produced": produced},
    }


def _kpis(kpis: Kpis) -> Json:
    """All KPIs with the milliseconds and pieces that they were made of."""
    return {**_fields(kpis), "pieces": _plain(kpis.pieces), "seconds": _seconds(kpis)}


def _seconds(kpis: Kpis) -> Json:
    """Seconds of the window by category and their sums; milliseconds stay exact as thousandths."""
    times = kpis.times
    parts = {name.removesuffix("_ms"): value / 1000 for name, value in asdict(times).items()}
    return {
        **parts,
        "busy": times.busy_ms / 1000,
        "up": times.up_ms / 1000,
        "down": times.loss_ms / 1000,
        "window": kpis.window.length_ms / 1000,
    }


def _hour(row: HourRow, zone: ZoneInfo) -> Json:
    rest = _fields(row)
    del rest["span"]
    return {**_span(row.span, zone), **rest}


def _stop(row: StopRow, zone: ZoneInfo) -> Json:
    return {**_fields(row), "start": _iso(row.start_ms, zone), "end": _iso(row.end_ms, zone)}


def _gap(row: LinkGap, zone: ZoneInfo) -> Json:
    return {**_fields(row), "start": _iso(row.start_ms, zone), "end": _iso(row.end_ms, zone)}


def _span(span: Span, zone: ZoneInfo) -> Json:
    return {
        "start_ms": span.start_ms,
        "end_ms": span.end_ms,
        "start": _iso(span.start_ms, zone),
        "end": _iso(span.end_ms, zone),
    }


def _iso(at_ms: int | None, zone: ZoneInfo) -> str | None:
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, zone).isoformat()


def of(value: Struct) -> str:
    """Any figures as JSON: every field under its name."""
    return json.dumps(_fields(value), ensure_ascii=False, indent=1)


def _fields(value: Struct) -> Json:
    return {name: _plain(field) for name, field in asdict(value).items()}


def _plain(value: object) -> object:
    """Structs to dictionaries in field order, tuples to lists, enums to values. Raises TypeError for others."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Struct):
        return _fields(value)
    raise TypeError(f"no JSON for {type(value).__name__}")

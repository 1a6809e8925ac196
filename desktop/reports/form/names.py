"""What a shop's form can ask for: figures by a name of their own, and lists of rows.

The names are part of every form that a shop has made: none is ever renamed or taken away. What a report does not know
(a section without data, a ratio without a standard) has no value here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import time
from zoneinfo import ZoneInfo

from msgspec import Struct

from desktop.domain.calendar import utc_ms
from desktop.domain.figures.report import ShiftReport
from desktop.reports.blocks import Cell, KeyValues, Kind, Section, Sentences, Table
from desktop.reports.derived import observed, unlabelled
from desktop.reports.sections import build
from desktop.reports.sections.page import weekday
from desktop.text import N_

#: name -> what it is
SINGLE: Mapping[str, str] = {
    "plant": N_("Plant"),
    "line": N_("Line"),
    "date": N_("Business date"),
    "weekday": N_("Day of the week"),
    "shift": N_("Shift"),
    "crew": N_("Crew"),
    "start": N_("Start of the shift"),
    "end": N_("End of the shift"),
    "counted": N_("From when to when was counted"),
    "product": N_("Product"),
    "number": N_("Report number"),
    "revision": N_("Edition"),
    "status": N_("Provisional or final"),
    "printed": N_("When the form was filled in"),
    "demo": N_("Says that the figures are of the demo line"),
    "good": N_("Good pieces of the line"),
    "target": N_("Target of the line"),
    "difference": N_("Good pieces less target"),
    "plan": N_("Pieces due by the plan with which the shift began"),
    "achievement": N_("Good pieces / plan, without a plan / target"),
    "availability": N_("Availability of the line"),
    "performance": N_("Performance of the line"),
    "quality": N_("Quality of the line"),
    "oee": N_("OEE of the line"),
    "coverage": N_("Part of the time in which the devices answered"),
    "people": N_("How many people worked"),
    "man_hours": N_("Man-hours"),
    "man_minutes_each": N_("Minutes of work for one good piece"),
    "absent": N_("Who of the crew was not there"),
    "wip_change": N_("By how much work in process grew"),
    "reject": N_("Rejects of all machines"),
    "stops": N_("How many stops there were"),
    "short_stops": N_("How many short stops there were"),
    "downtime_min": N_("Minutes of all stops"),
    "unlabelled": N_("Stops without a reason"),
    "result": N_("The result in a sentence"),
    "biggest_loss": N_("The biggest loss in a sentence"),
    "open": N_("What is open, in a sentence"),
    "units": N_("Units scanned"),
    "unit_range": N_("First and last unit"),
    "lots": N_("Lots scanned"),
    "boxes": N_("Boxes scanned"),
    "scans": N_("Scans"),
    "doubles": N_("Codes read twice"),
    "unreadable": N_("Codes that could not be read"),
    "incident": N_("Accidents"),
    "near_miss": N_("Near misses"),
    "estop": N_("Emergency stops"),
    "four_m": N_("4M changes"),
    "rules": N_("Rules of the arithmetic"),
    "record_check": N_("Check value of the records"),
}


class Rows(Struct, frozen=True):
    """A list that a form can ask for: what a row is, the section that holds it, and its columns: name -> what it is."""

    words: str
    section: str
    columns: Mapping[str, str]


LISTS: Mapping[str, Rows] = {
    "machines": Rows(
        N_("Every machine"),
        "scoreboard",
        {
            "name": N_("Machine"), "code": N_("Code"), "target": N_("Target"), "good": N_("Good"),
            "reject": N_("Reject"), "by_hand": N_("of it by hand"), "difference": N_("Difference"),
            "plan": N_("Plan"),
            "achievement": N_("Achievement"),
            "availability": N_("Availability"), "performance": N_("Performance"), "quality": N_("Quality"),
            "oee": N_("OEE"), "week_before": N_("vs week before"), "coverage": N_("Coverage"),
            "busy_min": N_("Busy time"), "run_min": N_("Running"), "short_stop_min": N_("Short stops"),
            "rework_min": N_("Rework"), "stop_min": N_("Stops"), "setup_min": N_("Setup"), "wait_min": N_("Waiting"),
            "no_order_min": N_("No order"), "no_data_min": N_("No data"), "planned_min": N_("Planned stop"),
            "no_shift_min": N_("No shift"),
        },
    ),
    "hours": Rows(
        N_("Every hour of the shift"),
        "hours",
        {
            "from": N_("From"), "to": N_("To"), "target": N_("Target"), "good": N_("Good"), "reject": N_("Reject"),
            "by_hand": N_("of it by hand"), "difference": N_("Difference"), "cumulative": N_("Cumulative"),
            "loss": N_("Biggest loss"), "lost_min": N_("Lost"), "reason": N_("Reason for the gap"),
            "who": N_("Confirmed by"),
        },
    ),
    "stops": Rows(
        N_("Every stop"),
        "stops",
        {
            "from": N_("From"), "to": N_("To"), "machine": N_("Machine"), "code": N_("Code"), "reason": N_("Reason"),
            "length_min": N_("Length"),
        },
    ),
    "reasons": Rows(
        N_("Every downtime reason, longest first"),
        "downtime",
        {
            "reason": N_("Reason"), "length_min": N_("Downtime"), "count": N_("Times"),
            "cumulative": N_("Cumulative"),
        },
    ),
    "rejects": Rows(
        N_("Every machine, where there were rejects"),
        "rejects",
        {
            "machine": N_("Machine"), "code": N_("Code"), "made": N_("Made"), "reject": N_("Reject"),
            "rate": N_("Defect rate"), "share": N_("Share of all rejects"),
        },
    ),
    "failures": Rows(
        N_("Every machine, where there were failures"),
        "failures",
        {
            "machine": N_("Machine"), "code": N_("Code"), "failures": N_("Failures"),
            "operating_min": N_("Operating time"), "restoring_min": N_("Time to restore"), "mtbf_min": N_("MTBF"),
            "mttr_min": N_("MTTR"),
        },
    ),
    "calls": Rows(
        N_("Every machine at which maintenance was called"),
        "calls",
        {
            "machine": N_("Machine"), "code": N_("Code"), "calls": N_("Maintenance calls"),
            "arrival_min": N_("Till repair begins"), "arrival_calls": N_("Till repair begins: over how many calls"),
            "repair_min": N_("Repair"), "repair_calls": N_("Repair: over how many calls"),
            "restart_min": N_("Till first good piece"),
            "restart_calls": N_("Till first good piece: over how many calls"),
        },
    ),
    "measurements": Rows(
        N_("Everything that was measured of pieces"),
        "measured",
        {
            "machine": N_("Machine"), "code": N_("Code"), "name": N_("Measurement"), "unit": N_("Unit of measure"),
            "values": N_("Values"), "outside": N_("Outside"), "low": N_("Lowest"), "mean": N_("Mean"),
            "high": N_("Highest"), "limit_low": N_("Lower limit"), "limit_high": N_("Upper limit"), "cpk": N_("Cpk"),
        },
    ),
    "orders": Rows(
        N_("The orders of the shift"),
        "orders",
        {
            "order": N_("Work order"), "product": N_("Product"), "lot": N_("Lot"), "kind": N_("Kind"),
            "status": N_("Status"), "planned": N_("Planned"), "quantity": N_("Quantity"),
            "in_shift": N_("In this shift"), "made": N_("Made"), "by_hand": N_("of it by hand"),
            "remaining": N_("Remaining"), "over": N_("Too many"), "due": N_("Due by"), "finish": N_("Expected end"),
        },
    ),
    "changeovers": Rows(
        N_("The changeovers of the shift"),
        "changeovers",
        {
            "machine": N_("Machine"), "code": N_("Code"), "old_product": N_("Old product"),
            "new_product": N_("New product"), "from": N_("From"), "to": N_("To"), "length_min": N_("Length"),
            "first_good": N_("First piece OK"), "refused": N_("Not OK before"),
        },
    ),
    "scrap": Rows(
        N_("Rejects by reason, and pieces that were none"),
        "scrap",
        {
            "reason": N_("Reason"), "what": N_("What it was"), "pieces": N_("Pieces"),
            "share": N_("Share of all rejects"),
        },
    ),
    "crew": Rows(
        N_("Everybody who worked"),
        "crew",
        {
            "name": N_("Name"), "crew": N_("Crew"), "from": N_("From"), "to": N_("To"), "worked_h": N_("Worked, h"),
            "machines": N_("Machines"),
        },
    ),
    "posts": Rows(
        N_("Every machine, where people were"),
        "posts",
        {
            "machine": N_("Machine"), "code": N_("Code"), "manned_h": N_("Man-hours"),
            "vacant_min": N_("Without anybody"),
        },
    ),
    "checks": Rows(
        N_("Everything that was to be checked"),
        "checks",
        {
            "machine": N_("Machine"), "code": N_("Code"), "what": N_("What is checked"), "every": N_("How often"),
            "result": N_("Result"), "value": N_("Value"), "note": N_("Note"), "time": N_("Time"), "who": N_("Who"),
        },
    ),
    "waits": Rows(
        N_("Who made whom wait, longest first"),
        "waits",
        {
            "machine": N_("Waiting machine"), "cause": N_("Charged to"), "state": N_("State"),
            "length_min": N_("Length"),
        },
    ),
    "handover": Rows(
        N_("Every open item"),
        "handover",
        {"what": N_("What"), "owner": N_("Owner"), "due": N_("Due"), "since": N_("Since")},
    ),
    "silences": Rows(
        N_("When devices did not answer"),
        "data",
        {
            "device": N_("Device"), "from": N_("From"), "to": N_("To"), "length_min": N_("Length"),
            "fault": N_("Fault"),
        },
    ),
}  # fmt: skip

#: the running number of a row, in every list
NUMBER = "no"


class Value(Struct, frozen=True):
    """A raw value with its kind; None: not known."""

    raw: Cell
    kind: Kind = Kind.TEXT


NOTHING = Value(None)
Row = Mapping[str, Value]


class Values(Struct, frozen=True):
    """What one report says under these names. A name without a value is not known in this shift."""

    single: Mapping[str, Value]
    lists: Mapping[str, tuple[Row, ...]]


def values_of(report: ShiftReport) -> Values:
    """Everything that a form can ask for, of one report."""
    sections = {section.key: section for section in build(report)}
    single = {name: Value(make(report), kind) for name, (kind, make) in _OWN.items()}
    for block in (block for section in sections.values() for block in section.blocks):
        if isinstance(block, KeyValues):
            single |= {field.name: Value(field.value, field.kind) for field in block.fields if field.name}
    said = next(block for block in sections["words"].blocks if isinstance(block, Sentences)).plain()
    single |= {name: Value(words) for name, words in zip(("result", "biggest_loss", "open"), said, strict=True)}
    return Values(single, {name: tuple(_rows(sections.get(rows.section))) for name, rows in LISTS.items()})


def _rows(section: Section | None) -> Iterator[Row]:
    """The rows of a section's tables; tables with a row for the same thing each are one."""
    tables = [block for block in section.blocks if isinstance(block, Table)] if section else []
    for number, same in enumerate(zip(*(table.rows for table in tables), strict=True), 1):
        row = {NUMBER: Value(number, Kind.PIECES)}
        for table, cells in zip(tables, same, strict=True):
            row |= {
                column.name: Value(cell, column.kind)
                for column, cell in zip(table.columns, cells, strict=True)
                if column.name
            }
        yield row


def _rejects(report: ShiftReport) -> int | None:
    known = [row.reject for row in report.machines if row.reject is not None and row.kpis.coverage != 0]
    return sum(known) if known else None


#: what no section has as a field of its own: name -> (kind, how it is made)
_OWN: Mapping[str, tuple[Kind, Callable[[ShiftReport], Cell]]] = {
    "plant": (Kind.TEXT, lambda r: r.head.plant or None),
    "line": (Kind.TEXT, lambda r: r.head.line or None),
    "date": (Kind.DATE, lambda r: utc_ms(r.business_on, time.min, ZoneInfo(r.head.timezone))),
    "weekday": (Kind.TEXT, weekday),
    "shift": (Kind.TEXT, lambda r: r.shift.name),
    "crew": (Kind.TEXT, lambda r: r.shift.crew or None),
    "start": (Kind.CLOCK, lambda r: r.shift.span.start_ms),
    "end": (Kind.CLOCK, lambda r: r.shift.span.end_ms),
    "printed": (Kind.MOMENT, lambda r: r.made_at_ms),
    "reject": (Kind.PIECES, _rejects),
    "stops": (Kind.PIECES, lambda r: len(r.stops) if observed(r) else None),
    "short_stops": (Kind.PIECES, lambda r: r.short_stops if observed(r) else None),
    "downtime_min": (Kind.MINUTES, lambda r: sum(s.length_ms for s in r.stops) if observed(r) else None),
    "unlabelled": (Kind.PIECES, lambda r: unlabelled(r).count if observed(r) else None),
}

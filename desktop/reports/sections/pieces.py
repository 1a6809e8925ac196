"""Sections of the report about pieces: rejects, orders, changeovers, measurements, what was identified."""

from __future__ import annotations

from desktop.domain.adjust import BookingKind
from desktop.domain.figures.report import ShiftReport
from desktop.reports.blocks import Block, Column, Field, Heading, KeyValues, Kind, Table
from desktop.reports.derived import known_pieces, share
from desktop.text import _
from desktop.wording.numbers import lasted, pieces
from desktop.wording.states import booking_word, order_kind_word, order_status_word


def rejects(report: ShiftReport) -> list[Block]:
    """Where pieces were rejected: of each machine how many, and which part of what it made."""
    known = [(row, reject) for row in report.machines for _good, reject in (known_pieces(row),) if reject is not None]
    if not any(reject for _row, reject in known):
        return []
    columns = (
        Column(_("Machine"), strong=True, name="machine"),
        Column(_("Code"), name="code"),
        Column(_("Made"), Kind.PIECES, name="made"),
        Column(_("Reject"), Kind.PIECES, strong=True, name="reject"),
        Column(_("Defect rate"), Kind.RATIO, name="rate"),
        Column(_("Share of all rejects"), Kind.RATIO, name="share"),
    )
    whole = sum(reject for _row, reject in known)
    rows = tuple(
        (row.name, row.code, made, reject, share(reject, made), share(reject, whole))
        for row, reject in known
        for made in ((row.good or 0) + reject,)
    )
    note = _("{count} in all").format(count=pieces(whole))
    return [Heading(_("Rejects"), note), Table(columns, rows)]


def scrap(report: ShiftReport) -> list[Block]:
    """Rejects by reason, those without one last, and the pieces that people said were none."""
    if not report.scrap:
        return []
    columns = (
        Column(_("Reason"), strong=True, name="reason"),
        Column(_("What it was"), name="what"),
        Column(_("Pieces"), Kind.PIECES, strong=True, name="pieces"),
        Column(_("Share of all rejects"), Kind.RATIO, name="share"),
    )
    whole = sum(row.pieces for row in report.scrap if row.kind == "reject")
    rows = tuple(
        (
            row.reason or _("Without a reason"),
            _("Reject") if row.kind == "reject" else booking_word(BookingKind(row.kind)),
            row.pieces,
            share(row.pieces, whole) if row.kind == "reject" else None,
        )
        for row in report.scrap
    )
    note = _("empty strokes and master pieces are taken off what was made")
    moved = any(row.kind != "reject" for row in report.scrap)
    return [Heading(_("Rejects by reason"), note if moved else ""), Table(columns, rows)]


def orders(report: ShiftReport) -> list[Block]:
    """The orders of the shift: what was planned when it began, what was made, what is left, when it will be done."""
    if not report.orders:
        return []
    keyed = any(row.by_hand for row in report.orders)
    columns = (
        Column(_("Work order"), strong=True, name="order"),
        Column(_("Product"), name="product"),
        Column(_("Lot"), name="lot"),
        Column(_("Kind"), name="kind"),
        Column(_("Status"), name="status"),
        Column(_("Planned"), Kind.PIECES, name="planned"),
        Column(_("Quantity"), Kind.PIECES, name="quantity"),
        Column(_("In this shift"), Kind.PIECES, name="in_shift"),
        Column(_("Made"), Kind.PIECES, strong=True, name="made"),
        *((Column(_("of it by hand"), Kind.PIECES, name="by_hand"),) if keyed else ()),
        Column(_("Remaining"), Kind.PIECES, name="remaining"),
        Column(_("Too many"), Kind.PIECES, name="over"),
        Column(_("Due by"), Kind.MOMENT, name="due"),
        Column(_("Expected end"), Kind.MOMENT, name="finish"),
    )
    rows = tuple(
        (
            row.code or "-", row.product_name, row.lot, order_kind_word(row.kind),
            order_status_word(row.status), row.planned, row.quantity, row.in_shift, row.made,
            *((row.by_hand or None,) if keyed else ()), row.remaining,
            row.over or None, row.due_ms, row.finish_ms,
        )
        for row in report.orders
    )  # fmt: skip
    note = _("planned: when the shift began")
    if report.late_plan:
        note = _("planned: the first plan, which came after the shift had begun")
    marked = frozenset(n for n, row in enumerate(report.orders) if row.late_ms or row.over)
    return [Heading(_("Orders"), note), Table(columns, rows, marked)]


def changeovers(report: ShiftReport) -> list[Block]:
    """The changeovers of the shift: from what to what, how long, when the first piece was good."""
    if not report.changeovers:
        return []
    columns = (
        Column(_("Machine"), strong=True, name="machine"),
        Column(_("Code"), name="code"),
        Column(_("Old product"), name="old_product"),
        Column(_("New product"), name="new_product"),
        Column(_("From"), Kind.CLOCK, name="from"),
        Column(_("To"), Kind.CLOCK, name="to"),
        Column(_("Length"), Kind.MINUTES, strong=True, name="length_min"),
        Column(_("First piece OK"), Kind.CLOCK, name="first_good"),
        Column(_("Not OK before"), Kind.PIECES, name="refused"),
    )
    rows = tuple(
        (
            row.machine_name, row.machine_code, row.from_name, row.to_name, row.start_ms, row.end_ms, row.length_ms,
            row.first_good_ms, row.refused,
        )
        for row in report.changeovers
    )  # fmt: skip
    whole_ms = sum(row.length_ms for row in report.changeovers)
    note = _("{minutes} in all · {count} times").format(minutes=lasted(whole_ms), count=len(report.changeovers))
    return [Heading(_("Changeovers"), note), Table(columns, rows)]


def measured(report: ShiftReport) -> list[Block]:
    """What was measured of the pieces: how many values, how many outside their limits, how well the limits are kept."""
    if not report.measured:
        return []
    columns = (
        Column(_("Machine"), strong=True, name="machine"),
        Column(_("Code"), name="code"),
        Column(_("Measurement"), name="name"),
        Column(_("Unit of measure"), name="unit"),
        Column(_("Values"), Kind.PIECES, name="values"),
        Column(_("Outside"), Kind.PIECES, strong=True, name="outside"),
        Column(_("Lowest"), Kind.VALUE, name="low"),
        Column(_("Mean"), Kind.VALUE, name="mean"),
        Column(_("Highest"), Kind.VALUE, name="high"),
        Column(_("Lower limit"), Kind.VALUE, name="limit_low"),
        Column(_("Upper limit"), Kind.VALUE, name="limit_high"),
        Column(_("Cpk"), Kind.INDEX, name="cpk"),
    )
    rows = tuple(
        (
            row.machine_name, row.machine_code, row.name, row.unit, row.values, row.outside,
            row.low, row.mean, row.high, row.limit_low, row.limit_high, row.cpk,
        )
        for row in report.measured
    )  # fmt: skip
    marked = frozenset(n for n, row in enumerate(report.measured) if row.outside)
    return [Heading(_("Measurements"), _("of the pieces of this shift")), Table(columns, rows, marked)]


def trace(report: ShiftReport) -> list[Block]:
    """What was identified: units, lots, boxes and what was wrong with their codes."""
    seen = report.trace
    if not (seen.scans or seen.units):
        return []
    range_of = f"{seen.first_unit} – {seen.last_unit}" if seen.first_unit or seen.last_unit else ""
    found = (
        Field(_("Units"), seen.units, Kind.PIECES, name="units"),
        *((Field(_("First and last unit"), range_of, name="unit_range"),) if range_of else ()),
        Field(_("Lots"), seen.lots, Kind.PIECES, name="lots"),
        Field(_("Boxes"), seen.boxes, Kind.PIECES, name="boxes"),
        Field(_("Scans"), seen.scans, Kind.PIECES, name="scans"),
        Field(_("Read twice"), seen.doubles, Kind.PIECES, name="doubles"),
        Field(_("Unreadable"), seen.unreadable, Kind.PIECES, name="unreadable"),
    )
    return [Heading(_("Traceability")), KeyValues(found)]

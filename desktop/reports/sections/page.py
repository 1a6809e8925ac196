"""Sections of the report about the page itself: whose it is, what it comes to, how far to trust it, who signs it."""

from __future__ import annotations

from desktop.domain.differences import difference
from desktop.domain.figures.report import ShiftReport
from desktop.reports.blocks import (
    Block,
    Column,
    Field,
    Heading,
    KeyValues,
    Kind,
    Result,
    Run,
    Sentences,
    SignOff,
    Table,
)
from desktop.reports.derived import achievement, from_to, gap_ms, wip_change
from desktop.reports.sentences import biggest_loss, fault_words, quality_notes, result, still_open
from desktop.text import N_, _
from desktop.wording.moments import clock, shift_words

_DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def head(report: ShiftReport) -> list[Block]:
    """Whose page this is, of when, which edition, and the figures seen from across the desk."""
    shift, line, timezone = report.shift, report.line, report.head.timezone
    day = f"{report.business_on} ({weekday(report)})"
    when = f"{shift_words(shift)} {from_to(shift.span, timezone)}"
    strip = [
        Field(_("Product"), report.head.product, name="product"),
        Field(_("Counted"), from_to(report.window, timezone), name="counted"),
        Field(_("Report no."), report.number, name="number"),
        Field(_("Edition"), _("rev. {number}").format(number=report.revision), name="revision"),
        Field(_("Status"), _("Provisional") if report.provisional else _("Final"), name="status"),
        Field(_("Source"), demo_words(report) if report.head.demo else "", name="demo"),
    ]
    shown = Result(
        report.good,
        report.target,
        difference(report.good, report.target, comparable=report.comparable),
        line.oee if line else None,
        (line.availability, line.performance, line.quality) if line else (None, None, None),
        report.oee_target,
    )
    wip = wip_change(report)
    figures = (
        Field(_("Good"), shown.good, Kind.PIECES, name="good"),
        Field(_("Target"), shown.target, Kind.PIECES, name="target"),
        Field(_("Difference"), shown.difference, Kind.SIGNED, name="difference"),
        *((Field(_("Plan"), report.plan, Kind.PIECES, name="plan"),) if report.plan is not None else ()),
        Field(_("Achievement"), achievement(report), Kind.RATIO, name="achievement"),
        *((Field(wip[0], wip[1], Kind.SIGNED, name="wip_change"),) if wip else ()),
        *(
            Field(title, value, Kind.RATIO, name)
            for title, value, name in zip(
                (_("Availability"), _("Performance"), _("Quality"), _("OEE"), _("Coverage")),
                (*shown.factors, shown.oee, line.coverage if line else None),
                ("availability", "performance", "quality", "oee", "coverage"),
                strict=True,
            )
        ),
    )
    where = (report.head.plant, report.head.line, day, when)
    return [
        Heading(_("Shift production report"), " · ".join(part for part in where if part)),
        KeyValues(tuple(field for field in strip if field.value)),
        shown,
        KeyValues(figures),
    ]


def weekday(report: ShiftReport) -> str:
    """The day of the week of the business date: "Thu"."""
    return _(_DAYS[report.business_on.weekday()])


def demo_words(report: ShiftReport) -> str:
    """What marks every page of the demo line."""
    if report.head.speed in (0, 1):  # 0: its history was simulated without a clock
        return _("Demo line")
    return _("Demo line, {speed}× speed").format(speed=f"{report.head.speed:g}")


def words(report: ShiftReport) -> list[Block]:
    """Three lines: result against target, the biggest loss, what is open."""
    return [
        Heading(_("In three lines")),
        Sentences((result(report), biggest_loss(report), still_open(report))),
    ]


def data(report: ShiftReport) -> list[Block]:
    """How far the figures can be trusted: silent devices, derived states, corrections, the rules of the arithmetic."""
    said = quality_notes(report)
    blocks: list[Block] = [Heading(_("Data"))]
    if said:
        blocks.append(Sentences(tuple((Run(sentence),) for sentence in said)))
    foot = [Field(_("Rules"), report.rules, name="rules"), Field(_("Record check"), report.chain, name="record_check")]
    blocks.append(KeyValues(tuple(field for field in foot if field.value)))
    if report.gaps:
        columns = (
            Column(_("Device"), strong=True, name="device"),
            Column(_("From"), Kind.MOMENT, name="from"),
            Column(_("To"), Kind.MOMENT, name="to"),
            Column(_("Length"), Kind.MINUTES, name="length_min"),
            Column(_("Fault"), name="fault"),
        )
        rows = tuple(
            (gap.device, gap.start_ms, gap.end_ms, gap_ms(gap, report), fault_words(gap.fault_kind))
            for gap in report.gaps
        )
        blocks.append(Table(columns, rows))
    return blocks


def sign_off(report: ShiftReport) -> list[Block]:
    """The boxes that people sign, and who has."""
    signed = {s.role: f"{s.who} {clock(s.at_ms, report.head.timezone)}" for s in report.handover.signed}
    outgoing, incoming, approver = (signed.get(role, "") for role in ("outgoing", "incoming", "approver"))
    return [
        Heading(_("Approval")),
        SignOff(
            (_("Drafted"), _("Reviewed"), _("Approved")),
            (_("Handed over"), _("Taken over"), _("Confirmed")),
            (outgoing, "", approver),
            (outgoing, incoming, approver),
        ),
    ]

"""Sections of the report about what was reached: each machine, each hour, each moment."""

from __future__ import annotations

from desktop.domain.differences import difference, hour_difference, running
from desktop.domain.figures.report import HourSaid, ShiftReport
from desktop.domain.intervals import Interval
from desktop.reports.blocks import Block, Column, Heading, HourChart, Kind, Table, Timelines
from desktop.reports.derived import achievement, apart, from_to, known_pieces, pace_of, wip_change
from desktop.text import _
from desktop.wording.numbers import lasted, signed
from desktop.wording.states import CATEGORIES, by_hand, hour_loss_word, state_word


def scoreboard(report: ShiftReport) -> list[Block]:
    """One row a machine: pieces against target, the three factors, OEE, the same shift a week before where that is
    kept, and how much of the time is known."""
    if not report.machines:
        return []
    keyed = any(row.by_hand for row in report.machines)
    compared = any(row.week_before_oee is not None for row in report.machines)
    planned = any(row.plan is not None for row in report.machines)
    columns = (
        Column(_("Machine"), strong=True, name="name"),
        Column(_("Code"), name="code"),
        Column(_("Target"), Kind.PIECES, name="target"),
        Column(_("Good"), Kind.PIECES, strong=True, name="good"),
        Column(_("Reject"), Kind.PIECES, name="reject"),
        *((Column(_("of it by hand"), Kind.PIECES, name="by_hand"),) if keyed else ()),
        Column(_("Difference"), Kind.SIGNED, name="difference"),
        *((Column(_("Plan"), Kind.PIECES, name="plan"),) if planned else ()),
        Column(_("Achievement"), Kind.RATIO, name="achievement"),
        Column(_("Availability"), Kind.RATIO, name="availability"),
        Column(_("Performance"), Kind.RATIO, name="performance"),
        Column(_("Quality"), Kind.RATIO, name="quality"),
        Column(_("OEE"), Kind.RATIO, strong=True, name="oee"),
        *((Column(_("vs week before"), Kind.POINTS, name="week_before"),) if compared else ()),
        Column(_("Coverage"), Kind.RATIO, name="coverage"),
    )
    rows = tuple(
        (
            row.name, row.code, row.target, good, reject, *((row.by_hand or None,) if keyed else ()),
            difference(good, row.target, comparable=row.comparable),
            *((row.plan,) if planned else ()), achievement(row),
            row.kpis.availability, row.kpis.performance, row.kpis.quality, row.kpis.oee,
            *((apart(row.kpis.oee, row.week_before_oee),) if compared else ()), row.kpis.coverage,
        )
        for row in report.machines
        for good, reject in (known_pieces(row),)
    )  # fmt: skip
    note = [from_to(report.window, report.head.timezone)]
    pace, wip = pace_of(report), wip_change(report)
    if pace:
        note.insert(0, _("{machine} sets the line's pace").format(machine=pace.name))
        note.append(_("busy time {minutes}").format(minutes=lasted(pace.kpis.times.busy_ms)))
    if wip:
        note.append(f"{wip[0]} {signed(wip[1])}")
    marked = frozenset(index for index, row in enumerate(report.machines) if row.id == report.constraint)
    return [Heading(_("Results by machine"), " · ".join(note)), Table(columns, rows, marked), _times(report)]


def _times(report: ShiftReport) -> Table:
    """What each machine's time went to: the sums behind the ratios."""
    columns = (
        Column(_("Machine"), strong=True),
        Column(_("Code")),
        Column(_("Busy time"), Kind.DURATION, strong=True, name="busy_min"),
        Column(_("Running"), Kind.DURATION, name="run_min"),
        Column(_("Short stops"), Kind.DURATION, name="short_stop_min"),
        Column(_("Rework"), Kind.DURATION, name="rework_min"),
        Column(_("Stops"), Kind.DURATION, name="stop_min"),
        Column(_("Setup"), Kind.DURATION, name="setup_min"),
        Column(_("Waiting"), Kind.DURATION, name="wait_min"),
        Column(_("No order"), Kind.DURATION, name="no_order_min"),
        Column(_("No data"), Kind.DURATION, name="no_data_min"),
        Column(_("Planned stop"), Kind.DURATION, name="planned_min"),
        Column(_("No shift"), Kind.DURATION, name="no_shift_min"),
    )
    rows = tuple(
        (
            row.name,
            row.code,
            times.busy_ms,
            times.run_ms,
            times.short_stop_ms,
            times.rework_ms,
            times.stop_ms,
            times.setup_ms,
            times.wait_ms,
            times.no_order_ms,
            times.no_data_ms,
            times.planned_ms,
            times.unscheduled_ms,
        )
        for row in report.machines
        for times in (row.kpis.times,)
    )
    return Table(columns, rows)


def hours(report: ShiftReport) -> list[Block]:
    """Every hour against its target, and what it lost most time to."""
    if not report.hours:
        return []
    now_ms = report.window.end_ms
    apart = tuple(hour_difference(row, now_ms) for row in report.hours)
    keyed = any(row.by_hand for row in report.hours)
    said = {hour.start_ms: hour for hour in report.hours_said}
    losses = tuple(hour_loss_word(row)[0] for row in report.hours)
    told = tuple(said[row.span.start_ms].reason if row.span.start_ms in said else "" for row in report.hours)
    reasons = tuple(mine or loss for mine, loss in zip(told, losses, strict=True))
    chart = HourChart(report.hours, apart, running(report.hours, now_ms), reasons)
    columns = (
        Column(_("From"), Kind.CLOCK, strong=True, name="from"),
        Column(_("To"), Kind.CLOCK, name="to"),
        Column(_("Target"), Kind.PIECES, name="target"),
        Column(_("Good"), Kind.PIECES, strong=True, name="good"),
        Column(_("Reject"), Kind.PIECES, name="reject"),
        *((Column(_("of it by hand"), Kind.PIECES, name="by_hand"),) if keyed else ()),
        Column(_("Difference"), Kind.SIGNED, name="difference"),
        Column(_("Cumulative"), Kind.SIGNED, name="cumulative"),
        Column(_("Biggest loss"), name="loss"),
        Column(_("Lost"), Kind.MINUTES, name="lost_min"),
        *((Column(_("Reason for the gap"), name="reason"), Column(_("Confirmed by"), name="who")) if said else ()),
    )
    rows = tuple(
        (
            row.span.start_ms,
            row.span.end_ms,
            row.target,
            row.good,
            row.reject,
            *((row.by_hand or None,) if keyed else ()),
            by,
            total,
            loss,
            row.loss_ms or None,
            *((mine, _confirmed_by(said.get(row.span.start_ms))) if said else ()),
        )
        for row, by, total, loss, mine in zip(report.hours, apart, chart.totals, losses, told, strict=True)
    )
    note = _("good / target of the line · the thick line is the target")
    return [Heading(_("Hour by hour"), note), chart, Table(columns, rows)]


def _confirmed_by(hour: HourSaid | None) -> str:
    """Who confirmed an hour; where nobody is set up, that somebody did."""
    return "" if hour is None else hour.who or _("confirmed")


def timelines(report: ShiftReport) -> list[Block]:
    """What every machine did, moment by moment."""
    drawn = tuple((row.name, row.code, row.intervals) for row in report.machines if row.intervals)
    if not drawn:
        return []
    reasons = {stop.id: stop.reason for stop in report.stops}
    columns = (
        Column(_("Machine"), strong=True),
        Column(_("Code")),
        Column(_("From"), Kind.MOMENT),
        Column(_("To"), Kind.MOMENT),
        Column(_("Length"), Kind.MINUTES, strong=True),
        Column(_("Counted as")),
        Column(_("State")),
        Column(_("Reason")),
        Column(_("Device's word")),
    )
    rows = tuple(
        (
            row.name,
            row.code,
            piece.span.start_ms,
            piece.span.end_ms,
            piece.span.length_ms,
            _(CATEGORIES[piece.category]),
            _said(piece),
            reasons.get(piece.stop_id, "") if piece.stop_id else "",
            piece.code,
        )
        for row in report.machines
        for piece in row.intervals
    )
    return [Heading(_("Machine states")), Timelines(report.window, drawn), Table(columns, rows)]


def _said(piece: Interval) -> str:
    """What a machine did, with the mark of what is known by a person's word alone."""
    word = state_word(piece.category, piece.state, piece.by_count)
    return f"{word} · {by_hand()}" if piece.by_hand else word

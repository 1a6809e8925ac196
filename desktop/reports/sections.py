"""What the shift report says, section by section, as format-free blocks.

A section is a function `ShiftReport -> list[Block]` and its name in `SECTIONS`; every format follows. No figure
is computed here that `desktop.summaries` has not put into the report, except what `derived` does for the wording.
"""

from __future__ import annotations

from collections.abc import Callable

from desktop import wording
from desktop.domain.adjust import BookingKind
from desktop.domain.differences import difference, hour_difference, running
from desktop.domain.entries import SafetyKind
from desktop.domain.figures import HourSaid, MachineRow, ShiftReport
from desktop.domain.intervals import Category, Interval
from desktop.domain.repairs import Phase, Repairs
from desktop.domain.spans import Span
from desktop.reports import daily
from desktop.reports.blocks import (
    Block,
    Column,
    Field,
    Heading,
    HourChart,
    KeyValues,
    Kind,
    Pareto,
    Result,
    Run,
    Section,
    Sentences,
    SignOff,
    Table,
    Timelines,
    Waterfall,
)
from desktop.reports.derived import (
    achievement,
    apart,
    gap_ms,
    observed,
    pareto_bars,
    share,
    stop_label,
)
from desktop.reports.sentences import biggest_loss, fault_words, flag_sentences, quality_notes, result, still_open
from desktop.text import N_, _

# Under the columns of the waterfall there is no room for the full names of these.
_NARROW = {"stop": N_("Stops"), "up": N_("Up time"), "productive": N_("Valuable time")}

_DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def build(report: ShiftReport) -> tuple[Section, ...]:
    """The sections that have something to say, in the order of the page."""
    found = (Section(key, tuple(make(report))) for key, make in SECTIONS.items())
    return tuple(section for section in found if section.blocks)


def head(report: ShiftReport) -> list[Block]:
    """Whose page this is, of when, which edition, and the figures seen from across the desk."""
    shift, line, timezone = report.shift, report.line, report.head.timezone
    day = f"{report.business_on} ({weekday(report)})"
    when = f"{wording.shift_words(shift)} {_from_to(shift.span, timezone)}"
    strip = [
        Field(_("Product"), report.head.product, name="product"),
        Field(_("Counted"), _from_to(report.window, timezone), name="counted"),
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
    wip = _wip(report)
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


def _wip(report: ShiftReport) -> tuple[str, int] | None:
    """By how much the pieces behind the constraint grew, with what it is called; None where that is not known."""
    pace = _pace(report)
    if report.wip_change is None or pace is None:
        return None
    return _("Work in process after {machine}").format(machine=pace.name), report.wip_change


def _pace(report: ShiftReport) -> MachineRow | None:
    """The machine at which the line is judged."""
    return next((row for row in report.machines if row.id == report.constraint), None)


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


def scoreboard(report: ShiftReport) -> list[Block]:
    """One row a machine: pieces against target, the three factors, OEE, the same shift a week before where that is
    kept, and how much of the time is known."""
    if not report.machines:
        return []
    compared = any(row.week_before_oee is not None for row in report.machines)
    planned = any(row.plan is not None for row in report.machines)
    columns = (
        Column(_("Machine"), strong=True, name="name"),
        Column(_("Code"), name="code"),
        Column(_("Target"), Kind.PIECES, name="target"),
        Column(_("Good"), Kind.PIECES, strong=True, name="good"),
        Column(_("Reject"), Kind.PIECES, name="reject"),
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
            row.name, row.code, row.target, good, reject,
            difference(good, row.target, comparable=row.comparable),
            *((row.plan,) if planned else ()), achievement(row),
            row.kpis.availability, row.kpis.performance, row.kpis.quality, row.kpis.oee,
            *((apart(row.kpis.oee, row.week_before_oee),) if compared else ()), row.kpis.coverage,
        )
        for row in report.machines
        for good, reject in (_pieces(row),)
    )  # fmt: skip
    note = [_from_to(report.window, report.head.timezone)]
    pace, wip = _pace(report), _wip(report)
    if pace:
        note.insert(0, _("{machine} sets the line's pace").format(machine=pace.name))
        note.append(_("busy time {minutes}").format(minutes=wording.lasted(pace.kpis.times.busy_ms)))
    if wip:
        note.append(f"{wip[0]} {wording.signed(wip[1])}")
    marked = frozenset(index for index, row in enumerate(report.machines) if row.id == report.constraint)
    return [Heading(_("Results by machine"), " · ".join(note)), Table(columns, rows, marked), _times(report)]


def _pieces(row: MachineRow) -> tuple[int | None, int | None]:
    """Good and rejected pieces; not known where no device of the machine ever answered."""
    return (None, None) if row.kpis.coverage == 0 and not (row.good or row.reject) else (row.good, row.reject)


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
    said = {hour.start_ms: hour for hour in report.hours_said}
    losses = tuple(wording.hour_loss_word(row)[0] for row in report.hours)
    told = tuple(said[row.span.start_ms].reason if row.span.start_ms in said else "" for row in report.hours)
    reasons = tuple(mine or loss for mine, loss in zip(told, losses, strict=True))
    chart = HourChart(report.hours, apart, running(report.hours, now_ms), reasons)
    columns = (
        Column(_("From"), Kind.CLOCK, strong=True, name="from"),
        Column(_("To"), Kind.CLOCK, name="to"),
        Column(_("Target"), Kind.PIECES, name="target"),
        Column(_("Good"), Kind.PIECES, strong=True, name="good"),
        Column(_("Reject"), Kind.PIECES, name="reject"),
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
            _(wording.CATEGORIES[piece.category]),
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
    word = wording.state_word(piece.category, piece.state, piece.by_count)
    return f"{word} · {wording.by_hand()}" if piece.by_hand else word


def losses(report: ShiftReport) -> list[Block]:
    """From busy time to fully productive time at the line's constraint."""
    if not any(step.length_ms for step in report.waterfall):
        return []
    pace = _pace(report)
    names = wording.loss_words() | {kind: _(word) for kind, word in _NARROW.items()}
    labels = tuple(names[step.kind] for step in report.waterfall)
    columns = (
        Column(_("Step"), strong=True),
        Column(_("Time"), Kind.MINUTES, strong=True),
        Column(_("Lost"), Kind.MINUTES),
    )
    rows = tuple(
        (label, step.length_ms if step.total else None, None if step.total else step.length_ms)
        for label, step in zip(labels, report.waterfall, strict=True)
    )
    note = " · ".join([*([pace.name] if pace else []), _("minutes")])
    return [
        Heading(_("Where the time went"), note),
        Waterfall(report.waterfall, labels),
        Table(columns, rows),
    ]


def downtime(report: ShiftReport) -> list[Block]:
    """Standstill by reason; what nobody has labelled is always the last row."""
    if not observed(report):
        return []
    bars = pareto_bars(report)
    columns = (
        Column(_("Reason"), strong=True, name="reason"),
        Column(_("Downtime"), Kind.MINUTES, strong=True, name="length_min"),
        Column(_("Times"), Kind.PIECES, name="count"),
        Column(_("Cumulative"), Kind.RATIO, name="cumulative"),
    )
    rows = tuple((bar.label, bar.length_ms, bar.count, bar.cumulative) for bar in bars)
    whole_ms, count = sum(bar.length_ms for bar in bars), sum(bar.count for bar in bars)
    note = _("{minutes} in all · {count} times").format(minutes=wording.lasted(whole_ms), count=count)
    if len(report.machines) > 1:
        note = _("{machines} machines").format(machines=len(report.machines)) + (f" · {note}" if count else "")
    return [Heading(_("Downtime reasons"), note), Pareto(bars), Table(columns, rows)]


def failures(report: ShiftReport) -> list[Block]:
    """How often each machine broke down, how long it worked between and how long it took to restore it."""
    known = [(row, row.reliability) for row in report.machines if row.reliability is not None]
    if not any(found.failures or found.restoring_ms for _row, found in known):
        return []
    columns = (
        Column(_("Machine"), strong=True, name="machine"),
        Column(_("Code"), name="code"),
        Column(_("Failures"), Kind.PIECES, strong=True, name="failures"),
        Column(_("Operating time"), Kind.MINUTES, name="operating_min"),
        Column(_("Time to restore"), Kind.MINUTES, name="restoring_min"),
        Column(_("MTBF"), Kind.MINUTES, name="mtbf_min"),
        Column(_("MTTR"), Kind.MINUTES, strong=True, name="mttr_min"),
    )
    rows = tuple(
        (row.name, row.code, found.failures, found.operating_ms, found.restoring_ms, found.mtbf_ms, found.mttr_ms)
        for row, found in known
    )
    note = _("MTTR: until it runs again · a failure counts in the shift in which it began")
    return [Heading(_("Failures"), note), Table(columns, rows)]


def calls(report: ShiftReport) -> list[Block]:
    """MTTR by its phases: how long after a call for maintenance the repair began, how long it took, and how long till
    the first good piece; each a mean over so many calls."""
    known = [row for row in report.machines if row.repairs.maintenance]
    if not known:
        return []
    columns = (
        Column(_("Machine"), strong=True, name="machine"),
        Column(_("Code"), name="code"),
        Column(_("Maintenance calls"), Kind.PIECES, strong=True, name="calls"),
        Column(_("Till repair begins"), Kind.MINUTES, name="arrival_min"),
        Column(_("over"), Kind.PIECES, name="arrival_calls"),
        Column(_("Repair"), Kind.MINUTES, name="repair_min"),
        Column(_("over"), Kind.PIECES, name="repair_calls"),
        Column(_("Till first good piece"), Kind.MINUTES, name="restart_min"),
        Column(_("over"), Kind.PIECES, name="restart_calls"),
    )
    rows = tuple(
        (
            row.name, row.code, row.repairs.maintenance,
            *(cell for each in _phases(row.repairs) for cell in (each.mean_ms, each.count)),
        )
        for row in known
    )  # fmt: skip
    note = _("means over the calls of which both ends are known")
    return [Heading(_("Repairs by phase"), note), Table(columns, rows)]


def _phases(found: Repairs) -> tuple[Phase, Phase, Phase]:
    return found.arrival, found.repair, found.restart


def rejects(report: ShiftReport) -> list[Block]:
    """Where pieces were rejected: of each machine how many, and which part of what it made."""
    known = [(row, reject) for row in report.machines for _good, reject in (_pieces(row),) if reject is not None]
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
    note = _("{count} in all").format(count=wording.pieces(whole))
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
            _("Reject") if row.kind == "reject" else wording.booking_word(BookingKind(row.kind)),
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
        Column(_("Remaining"), Kind.PIECES, name="remaining"),
        Column(_("Too many"), Kind.PIECES, name="over"),
        Column(_("Due by"), Kind.MOMENT, name="due"),
        Column(_("Expected end"), Kind.MOMENT, name="finish"),
    )
    rows = tuple(
        (
            row.code or "-", row.product_name, row.lot, wording.order_kind_word(row.kind),
            wording.order_status_word(row.status), row.planned, row.quantity, row.in_shift, row.made, row.remaining,
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
    note = _("{minutes} in all · {count} times").format(minutes=wording.lasted(whole_ms), count=len(report.changeovers))
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


def waits(report: ShiftReport) -> list[Block]:
    """Waiting charged to the machine that caused it, longest first."""
    if not report.waits:
        return []
    columns = (
        Column(_("Waiting machine"), strong=True, name="machine"),
        Column(_("Charged to"), strong=True, name="cause"),
        Column(_("State"), name="state"),
        Column(_("Length"), Kind.MINUTES, strong=True, name="length_min"),
    )
    rows = tuple(
        (row.waiting, row.cause or _("a slower machine"), wording.state_name(row.state), row.length_ms)
        for row in report.waits
    )
    return [Heading(_("Waiting charged to"), _("of machines that tell why they wait")), Table(columns, rows)]


# field, name, formula
_ISO_RATIOS = (
    ("availability", N_("Availability"), "APT / PBT"),
    ("effectiveness", N_("Effectiveness"), "PRI × PQ / APT"),
    ("quality", N_("Quality ratio"), "GQ / PQ"),
    ("oee", N_("OEE"), "PRI × GQ / PBT"),
    ("nee", N_("NEE: set-up is no loss"), "AUPT / PBT × E × Q"),
    ("utilisation_efficiency", N_("Utilisation efficiency"), "APT / AUBT"),
    ("allocation_efficiency", N_("Allocation efficiency"), "AUBT / PBT"),
    ("technical_efficiency", N_("Technical efficiency"), "APT / (APT + ADET)"),
    ("setup_ratio", N_("Setup ratio"), "AUST / AUPT"),
    ("scrap_ratio", N_("Scrap ratio"), "SQ / PQ"),
    ("rework_ratio", N_("Rework ratio"), "RQ / PQ"),
)
_ISO_OF_ORDERS = (
    ("allocation_ratio", N_("Allocation ratio"), "AUBT / AOET"),
    ("production_process_ratio", N_("Production process ratio"), "APT / AOET"),
)
_ISO_TIMES = (
    ("pot_ms", "POT", N_("Planned operation time")),
    ("pbt_ms", "PBT", N_("Planned busy time, observed")),
    ("adot_ms", "ADOT", N_("No order")),
    ("aubt_ms", "AUBT", N_("Unit busy time")),
    ("adet_ms", "ADET", N_("Stops, short stops and waiting")),
    ("aupt_ms", "AUPT", N_("Unit processing time")),
    ("aust_ms", "AUST", N_("Setup")),
    ("apt_ms", "APT", N_("Production")),
)
_ISO_PIECES = (
    ("produced", "PQ", N_("All pieces")),
    ("good", "GQ", N_("Good")),
    ("scrap", "SQ", N_("Scrap")),
    ("rework", "RQ", N_("To be reworked")),
)


def iso22400(report: ShiftReport) -> list[Block]:
    """The same shift as ISO 22400-2 divides it, for those who report by the standard."""
    known = [(row, row.iso) for row in report.machines if row.iso is not None]
    if not known:
        return []
    orders = any(iso.elements.aoet_ms for _row, iso in known)
    names = (Column(_("Machine"), strong=True), Column(_("Code")))
    kpis = (*_ISO_RATIOS, *(_ISO_OF_ORDERS if orders else ()))
    ratios = Table(
        (
            *names,
            *(Column(_(title), Kind.RATIO, title == "OEE", formula) for _name, title, formula in kpis),
            *((Column(_("Throughput rate"), Kind.PIECES, note="PQ / AOET"),) if orders else ()),
        ),
        tuple(
            (
                row.name,
                row.code,
                *(getattr(iso, name) for name, _title, _formula in kpis),
                *((iso.throughput_per_h,) if orders else ()),
            )
            for row, iso in known
        ),
    )
    elements = Table(
        (
            *names,
            *(Column(symbol, Kind.MINUTES, note=_(words)) for _name, symbol, words in _ISO_TIMES),
            *(Column(symbol, Kind.PIECES, note=_(words)) for _name, symbol, words in _ISO_PIECES),
        ),
        tuple(
            (
                row.name,
                row.code,
                *(getattr(iso.elements, name) for name, _symbol, _words in _ISO_TIMES),
                *(getattr(iso.quantities, name) for name, _symbol, _words in _ISO_PIECES),
            )
            for row, iso in known
        ),
    )
    said = [
        _("Short stops and set-up are no production time here: short stops lower availability, not effectiveness."),
        _("Do not put these figures into one table with those of the first page."),
    ]
    if not orders:
        said.append(_("What is compared with the execution time of an order is left out: that time is not kept."))
    said += flag_sentences([row for row, _iso in known])
    return [
        Heading(_("ISO 22400 indicators"), _from_to(report.window, report.head.timezone)),
        Sentences(tuple((Run(sentence),) for sentence in said)),
        ratios,
        elements,
    ]


def stops(report: ShiftReport) -> list[Block]:
    """Every standstill of at least the machine's limit, in order of time."""
    if not report.machines:
        return []
    short = _("{count} short stops are not listed").format(count=wording.pieces(report.short_stops))
    heading = Heading(_("Downtime list"), short if report.short_stops else "")
    if not report.stops:
        none = (
            _("No machine stood still for longer than its limit.")
            if observed(report)
            else _("Not known: no device sent anything.")
        )
        return [heading, Sentences(((Run(none),),))]
    columns = (
        Column(_("From"), Kind.CLOCK, name="from"),
        Column(_("To"), Kind.CLOCK, name="to"),
        Column(_("Machine"), strong=True, name="machine"),
        Column(_("Code"), name="code"),
        Column(_("Reason"), name="reason"),
        Column(_("Length"), Kind.MINUTES, strong=True, name="length_min"),
    )
    found = sorted(report.stops, key=lambda stop: (stop.start_ms, stop.id))
    rows = tuple(
        (stop.start_ms, stop.end_ms, stop.machine_name, stop.machine_code, stop_label(stop), stop.length_ms)
        for stop in found
    )
    nameless = frozenset(n for n, stop in enumerate(found) if not stop.reason and stop.category is Category.STOP)
    # Who still has to say why comes first; who only waited for another machine comes last.
    ranked = sorted(
        range(len(found)),
        key=lambda n: (n not in nameless, found[n].category is Category.WAIT, -found[n].length_ms),
    )
    return [heading, Table(columns, rows, nameless, ranked=tuple(ranked))]


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


def safety(report: ShiftReport) -> list[Block]:
    """Safety and 4M changes: that nothing happened is said by a person, never assumed."""
    told, changed = report.handover.safety, report.handover.four_m
    if not told and not changed:
        return []
    counts = [(kind, sum(remark.kind == kind for remark in told)) for kind in SafetyKind if kind is not SafetyKind.NONE]
    fields = [
        Field(wording.safety_word(kind), count if told else None, Kind.PIECES, name=str(kind)) for kind, count in counts
    ]
    words = [f"{wording.four_m_word(what)} {sum(remark.kind == what for remark in changed)}" for what in wording.FOUR_M]
    said = " · ".join(words) if changed else _("none entered")
    fields.append(Field(_("4M changes"), said, name="four_m"))
    columns = (
        Column(_("Time"), Kind.CLOCK, name="time"),
        Column(_("Kind"), name="kind"),
        Column(_("What"), strong=True, name="what"),
        Column(_("Machine"), name="machine"),
        Column(_("Entered by"), name="by"),
    )
    rows = tuple(
        (remark.at_ms, wording.remark_word(remark.kind), remark.text, remark.machine, remark.who)
        for remark in (*told, *changed)
        if remark.kind != SafetyKind.NONE
    )
    return [Heading(_("Safety and 4M")), KeyValues(tuple(fields)), *([Table(columns, rows)] if rows else [])]


def handover(report: ShiftReport) -> list[Block]:
    """What is left open, until somebody closes it, and words to the next shift."""
    told = report.handover
    if not told.open and not told.notes:
        return []
    blocks: list[Block] = [Heading(_("Handover"), _("stays on every report until it is done"))]
    if told.open:
        columns = (
            Column(_("What"), strong=True, name="what"),
            Column(_("Owner"), name="owner"),
            Column(_("Due"), Kind.MOMENT, name="due"),
            Column(_("Since"), Kind.MOMENT, name="since"),
        )
        rows = tuple((_of(item.machine, item.text), item.owner, item.due_ms, item.since_ms) for item in told.open)
        overdue = frozenset(n for n, item in enumerate(told.open) if item.due_ms and item.due_ms < report.made_at_ms)
        blocks.append(Table(columns, rows, overdue))
    if told.notes:
        blocks.append(Sentences(tuple((Run(_of(note.machine, note.text)),) for note in told.notes)))
    return blocks


def _of(machine: str, text: str) -> str:
    return f"{machine}: {text}" if machine else text


def sign_off(report: ShiftReport) -> list[Block]:
    """The boxes that people sign, and who has."""
    signed = {s.role: f"{s.who} {wording.clock(s.at_ms, report.head.timezone)}" for s in report.handover.signed}
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


SECTIONS: dict[str, Callable[[ShiftReport], list[Block]]] = {
    "head": head,
    "words": words,
    "safety": safety,
    "scoreboard": scoreboard,
    "hours": hours,
    "timelines": timelines,
    "losses": losses,
    "downtime": downtime,
    "failures": failures,
    "calls": calls,
    "waits": waits,
    "stops": stops,
    "rejects": rejects,
    "scrap": scrap,
    "orders": orders,
    "changeovers": changeovers,
    "measured": measured,
    "crew": daily.crew,
    "posts": daily.posts,
    "checks": daily.checks,
    "trace": trace,
    "handover": handover,
    "data": data,
    "iso22400": iso22400,
    "sign_off": sign_off,
}


def _from_to(span: Span, timezone: str) -> str:
    return f"{wording.clock(span.start_ms, timezone)}–{wording.clock(span.end_ms, timezone)}"

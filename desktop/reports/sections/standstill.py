"""Sections of the report about lost time: where it went, why machines stood, how they were restored."""

from __future__ import annotations

from desktop.domain.figures.report import ShiftReport
from desktop.domain.intervals import Category
from desktop.domain.repairs import Phase, Repairs
from desktop.reports.blocks import Block, Column, Heading, Kind, Pareto, Run, Sentences, Table, Waterfall
from desktop.reports.derived import observed, pace_of, pareto_bars, stop_label
from desktop.text import N_, _
from desktop.wording.kpis import loss_words
from desktop.wording.numbers import lasted, pieces
from desktop.wording.states import state_name

# Under the columns of the waterfall there is no room for the full names of these.
_NARROW = {"stop": N_("Stops"), "up": N_("Up time"), "productive": N_("Valuable time")}


def losses(report: ShiftReport) -> list[Block]:
    """From busy time to fully productive time at the line's constraint."""
    if not any(step.length_ms for step in report.waterfall):
        return []
    pace = pace_of(report)
    names = loss_words() | {kind: _(word) for kind, word in _NARROW.items()}
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
    note = _("{minutes} in all · {count} times").format(minutes=lasted(whole_ms), count=count)
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
        (row.waiting, row.cause or _("a slower machine"), state_name(row.state), row.length_ms) for row in report.waits
    )
    return [Heading(_("Waiting charged to"), _("of machines that tell why they wait")), Table(columns, rows)]


def stops(report: ShiftReport) -> list[Block]:
    """Every standstill of at least the machine's limit, in order of time."""
    if not report.machines:
        return []
    short = _("{count} short stops are not listed").format(count=pieces(report.short_stops))
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

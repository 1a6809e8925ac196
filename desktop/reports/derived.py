"""The only arithmetic of the reports: differences, shares and running sums of figures that summaries has made,
and what a standstill and a span of time are called."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from desktop.domain.events import State
from desktop.domain.figures.report import LinkGap, MachineRow, ShiftReport
from desktop.domain.figures.stops import ParetoRow, StopRow
from desktop.domain.intervals import Category
from desktop.domain.spans import Span
from desktop.reports.blocks import ParetoBar
from desktop.text import _
from desktop.wording.moments import clock
from desktop.wording.states import NOT_LABELLED, state_word


def what(word: str, category: Category, state: State, labelled: bool = True) -> str:
    """What a standstill is called: a person's or the device's word, else its state, else that nobody has said.

    A device's bare number stands behind the state, for it says nothing by itself: "Breakdown (217)".
    """
    if not labelled:
        return _(NOT_LABELLED)
    if word.isdigit():
        return f"{state_word(category, state)} ({word})"
    return word or state_word(category, state)


def observed(report: ShiftReport) -> bool:
    """Whether anything at all is known of the machines in this time."""
    return any(row.kpis.coverage != 0 or row.good or row.reject for row in report.machines)


def stop_label(stop: StopRow) -> str:
    """A stop's reason, or that nobody has said one beside the device's own word."""
    if stop.reason:
        return stop.reason
    if not stop.unlabelled:
        return what(stop.word, stop.category, stop.state)
    nobody = _(NOT_LABELLED)
    return f"{nobody} · {stop.word}" if stop.word else nobody


def unlabelled(report: ShiftReport) -> ParetoRow:
    """All standstill that nobody has labelled, as one row; zero where everything is."""
    rows = [row for row in report.pareto if not row.labelled]
    return ParetoRow(
        "", Category.STOP, State.STOP, False, sum(row.length_ms for row in rows), sum(row.count for row in rows)
    )


def pareto_bars(report: ShiftReport) -> tuple[ParetoBar, ...]:
    """The Pareto with its running share: longest first, the unlabelled row last and always there."""
    known = sorted((row for row in report.pareto if row.labelled), key=lambda row: -row.length_ms)
    rows = [*known, unlabelled(report)]
    whole = sum(row.length_ms for row in rows)
    so_far = accumulate(row.length_ms for row in rows)
    return tuple(
        ParetoBar(
            what(row.word, row.category, row.state, row.labelled),
            row.category,
            row.labelled,
            row.length_ms,
            row.count,
            share(sum_ms, whole),
        )
        for row, sum_ms in zip(rows, so_far, strict=True)
    )


def top_bars(bars: Sequence[ParetoBar], most: int) -> list[ParetoBar]:
    """At most `most` (3 or more) bars: the longest, the others as one, then the unlabelled row."""
    if len(bars) <= most:
        return list(bars)
    rest = bars[most - 2 : -1]
    others = ParetoBar(
        _("{count} others").format(count=len(rest)),
        Category.STOP,
        True,
        sum(bar.length_ms for bar in rest),
        sum(bar.count for bar in rest),
        rest[-1].cumulative,
    )
    return [*bars[: most - 2], others, bars[-1]]


def achievement(told: ShiftReport | MachineRow) -> float | None:
    """Good pieces of what was due as a ratio (달성률): by the plan with which the shift began, where there was none by
    the target; None where they cannot be held against it."""
    due = told.target if told.plan is None else told.plan
    return share(told.good, due) if told.comparable else None


def share(part: int | None, whole: int | None) -> float | None:
    """Part of a whole as a ratio, None where either is not known or the whole is nothing."""
    return None if part is None or not whole else part / whole


def apart(now: float | None, before: float | None) -> float | None:
    """A ratio less an earlier one, without what binary fractions add to it; None where either is not known."""
    return None if now is None or before is None else round(now - before, 12)


def gap_ms(gap: LinkGap, report: ShiftReport) -> int:
    """How long a device was silent, up to the end of the window where it still is."""
    return (report.window.end_ms if gap.end_ms is None else gap.end_ms) - gap.start_ms


def known_pieces(row: MachineRow) -> tuple[int | None, int | None]:
    """Good and rejected pieces; not known where no device of the machine ever answered."""
    return (None, None) if row.kpis.coverage == 0 and not (row.good or row.reject) else (row.good, row.reject)


def pace_of(report: ShiftReport) -> MachineRow | None:
    """The machine at which the line is judged."""
    return next((row for row in report.machines if row.id == report.constraint), None)


def wip_change(report: ShiftReport) -> tuple[str, int] | None:
    """By how much the pieces behind the constraint grew, with what it is called; None where that is not known."""
    pace = pace_of(report)
    if report.wip_change is None or pace is None:
        return None
    return _("Work in process after {machine}").format(machine=pace.name), report.wip_change


def from_to(span: Span, timezone: str) -> str:
    """A span by the clock of the shop: "08:00–20:00"."""
    return f"{clock(span.start_ms, timezone)}–{clock(span.end_ms, timezone)}"

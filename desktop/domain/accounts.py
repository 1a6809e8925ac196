"""How the figures beside the KPIs came about: the steps of the waterfall, pieces, targets, hours, MTBF and MTTR.

Each is a `Balance` (what was added up) or a `Derivation` (what was divided) of `explain`, with the very intervals and
facts in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desktop.domain.differences import difference
from desktop.domain.events import Role
from desktop.domain.explain import Balance, Derivation, Made, Term, Used, times
from desktop.domain.figures.line import HourRow
from desktop.domain.figures.machine import LossStep
from desktop.domain.figures.report import Reliability
from desktop.domain.intervals import RUNNING, Category, Interval
from desktop.domain.kpi import Kpis


def steps(
    waterfall: Sequence[LossStep], kpis: Kpis, intervals: Sequence[Interval], made: Sequence[Made]
) -> tuple[Balance, ...]:
    """How each step of a loss waterfall came about, in their order: totals out of what lies before them, losses out of
    their intervals or out of run time and pieces."""
    found = []
    level = [
        Term("window", kpis.window.length_ms, "ms"),
        Term("planned", -kpis.times.planned_ms, "ms", (Category.PLANNED,)),
        Term("unscheduled", -kpis.times.unscheduled_ms, "ms", (Category.UNSCHEDULED,)),
    ]
    for step in waterfall:
        if step.total:
            terms = tuple(term for term in level if term.value or term.name == level[0].name)
            level = [Term(step.kind, step.length_ms, "ms")]
        else:
            terms = _loss_terms(step, kpis)
            level.append(Term(step.kind, -step.length_ms, "ms", _STEPS.get(step.kind, ())))
        pieces: Sequence[Made] = made if step.kind in ("speed", "productive") else ()
        if step.kind == "reject":
            pieces = [one for one in made if one.role is Role.REJECT]
        used = times(intervals, terms)
        if step.kind in ("stop", "unlabelled"):
            wanted = step.kind == "unlabelled"
            stops = (i for i in intervals if i.category is Category.STOP and i.unlabelled is wanted)
            used = tuple(_used(interval) for interval in stops)
        found.append(Balance(step.kind, kpis.window, step.length_ms, terms, used, tuple(pieces), kpis.rules))
    return tuple(found)


def _loss_terms(step: LossStep, kpis: Kpis) -> tuple[Term, ...]:
    if step.kind == "speed" and kpis.ideal_ms is not None:
        ideal = Term("ideal", step.length_ms - kpis.times.run_ms, "ms")
        return Term("run", kpis.times.run_ms, "ms", (Category.RUN,)), ideal
    if step.kind == "reject" and kpis.ideal_good_ms is not None:
        whole_ms = round(kpis.ideal_ms or 0)
        return Term("ideal", whole_ms, "ms"), Term("ideal_good", step.length_ms - whole_ms, "ms")
    return (Term(step.kind, step.length_ms, "ms", _STEPS.get(step.kind, ())),)


#: the time that a loss consists of; speed and rejects are made of pieces
_STEPS = {
    "no_data": (Category.NO_DATA,),
    "unlabelled": (Category.STOP,),
    "stop": (Category.STOP,),
    "setup": (Category.SETUP,),
    "wait": (Category.WAIT,),
    "no_order": (Category.NO_ORDER,),
    "short_stop": (Category.SHORT_STOP,),
    "rework": (Category.REWORK,),
}


def counted(role: Role, pieces: int, kpis: Kpis, made: Sequence[Made]) -> Balance:
    """How the good or the rejected pieces of a window came about, fact by fact. Where only the other part and the total
    are counted it is their difference; what no fact of the window tells whole (a share of a gap) is the rest."""
    told = {one: sum(m.pieces for m in made if m.role is one) for one in (Role.GOOD, Role.REJECT, Role.TOTAL)}
    other = Role.REJECT if role is Role.GOOD else Role.GOOD
    terms = [Term("counted", told[role], "pcs")]
    roles = {role}
    if told[Role.TOTAL] and not told[role]:
        terms = [Term("total", told[Role.TOTAL], "pcs"), Term(other.value, -told[other], "pcs")]
        roles = {Role.TOTAL, other}
    if rest := pieces - sum(round(term.value) for term in terms):
        terms.append(Term("shared", rest, "pcs"))
    facts = tuple(one for one in made if one.role in roles)
    figure = "good" if role is Role.GOOD else "rejected"
    return Balance(figure, kpis.window, pieces, tuple(terms), (), facts, kpis.rules)


def hour(row: HourRow, kpis: Kpis, intervals: Sequence[Interval], made: Sequence[Made], now_ms: int) -> Balance | None:
    """The difference of an hour: its good pieces less what was due in it, with its standstills and its pieces. None
    where one of them is not known."""
    target = row.target_now if row.span.holds(now_ms) else row.target
    apart = difference(row.good, target, comparable=row.sure)
    if row.good is None or target is None or apart is None:
        return None
    terms = (Term("good", row.good, "pcs"), Term("target", -target, "pcs"))
    used = tuple(
        Used(part, i.category, i.event or i.stop_id)
        for i in intervals
        if i.category not in RUNNING and (part := i.span.cut(row.span))
    )
    facts = tuple(one for one in made if row.span.start_ms < one.at_ms <= row.span.end_ms)
    return Balance("difference", row.span, apart, terms, used, facts, kpis.rules)


def target(pieces: int, terms: Sequence[tuple[float, int]], kpis: Kpis) -> Derivation:
    """What should be good by the end of a window: the time to work in so far by the standard cycle, or by the mean of
    several. `terms` are standard cycles, each with the time that was worked by it."""
    net_ms = sum(each for _cycle, each in terms)
    made = sum(each / cycle_ms for cycle_ms, each in terms)
    cycle = terms[0][0] if len(terms) == 1 else net_ms / made if made else 0.0
    above, below = Term("net", net_ms, "ms"), Term("standard_cycle", cycle, "ms")
    return Derivation("target", kpis.window, pieces, above, below, "", (), (), kpis.rules)


def reliability(found: Reliability, kpis: Kpis, failed: Iterable[Interval]) -> tuple[Derivation, Derivation]:
    """MTBF and MTTR of a machine: operating and restoring time by the number of failures."""
    stops = tuple(_used(interval) for interval in failed)
    failures = Term("failures", found.failures, "pcs")
    why = "" if found.failures else "no_failure"
    operating, restoring = Term("operating", found.operating_ms, "ms"), Term("restoring", found.restoring_ms, "ms")
    return (
        Derivation("mtbf", kpis.window, found.mtbf_ms, operating, failures, why, stops, (), kpis.rules),
        Derivation("mttr", kpis.window, found.mttr_ms, restoring, failures, why, stops, (), kpis.rules),
    )


def _used(interval: Interval) -> Used:
    return Used(interval.span, interval.category, interval.event or interval.stop_id)

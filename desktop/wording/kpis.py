"""Names of figures, terms, flags and losses, and how a figure came about, in words."""

from __future__ import annotations

from desktop.domain.explain import Derivation
from desktop.text import N_, _
from desktop.wording.numbers import UNKNOWN

KPIS = {
    "availability": N_("Availability"),
    "performance": N_("Performance"),
    "quality": N_("Quality"),
    "oee": N_("OEE"),
    "coverage": N_("Data coverage"),
    "net_operating_rate": N_("Net operating rate"),
    "speed_rate": N_("Speed rate"),
    "own_availability": N_("Availability by its own stops"),
    "nee": N_("OEE without set-up as a loss (NEE)"),
    "teep": N_("Productive share of calendar time (TEEP)"),
    "ooe": N_("Productive share of shift time (OOE)"),
    "capacity_utilisation": N_("Capacity utilisation"),
}
TERMS = {
    "up": N_("operating time"),
    "run": N_("running without short stops"),
    "own": N_("observed busy time less its own stops"),
    "observed": N_("observed busy time"),
    "busy": N_("planned busy time"),
    "judged": N_("busy time of which enough is known"),
    "ideal": N_("ideal time of all pieces"),
    "ideal_good": N_("ideal time of good pieces"),
    "ideal_timed": N_("ideal time of pieces of known time"),
    "oee_busy": N_("OEE × busy time"),
    "nee_good": N_("ideal time of good pieces and set-up"),
    "good": N_("good pieces"),
    "total": N_("all pieces"),
    "calendar": N_("calendar time"),
    "scheduled": N_("shift time"),
    "capacity": N_("standard capacity time"),
    "window": N_("time of the window"),
    "planned": N_("planned stops"),
    "unscheduled": N_("outside any shift"),
    "counted": N_("counted one by one"),
    "shared": N_("share of pieces of unknown time"),
    "reject": N_("rejected pieces"),
    "target": N_("target"),
    "net": N_("time to work in so far"),
    "standard_cycle": N_("standard cycle"),
    "failures": N_("failures"),
    "operating": N_("operating time with set-up"),
    "restoring": N_("time until it ran again"),
}
FLAGS = {
    # of a figure
    "too_early": N_("the first minutes of a shift say nothing yet"),
    "no_standard": N_("no cycle time is set"),
    "pieces_without_run": N_("pieces without operating time"),
    "reject_over_total": N_("more rejects than pieces"),
    "negative_pieces": N_("fewer than no pieces: check the counters and the corrections"),
    "standard_suspect": N_("faster than the ideal cycle: check the cycle time"),
    "stop_over_busy": N_("more downtime than planned busy time"),
    "short_stop_over_up": N_("more short stops than operating time"),
    # of the shift calendar
    "pattern_twice": N_("this shift is written twice from the same day on: the last one counts"),
    "same_name": N_("two shifts of one day have the same name: give each its own"),
    "shift_swallowed": N_("this shift has no time of its own: another one covers it"),
    "rotation_empty": N_("this rotation names no crews, shifts or days"),
    "exception_no_shift": N_("this exception finds no shift of its day: check date and name"),
    "exception_no_time": N_("this exception has no time: check its beginning and end"),
    "overtime_not_longer": N_("this overtime does not make the shift longer"),
    "stop_not_approved": N_("this planned stop was not approved, so it counts as downtime"),
    "stop_approved_late": N_("this planned stop was approved only afterwards, so it counts as downtime"),
    "no_standard_calendar": N_("no standard calendar is set: the shifts as written are the capacity"),
    # of the plan
    "bad_standard": N_("the cycle time must be more than 0"),
    "bad_quantity": N_("the planned quantity must be 0 or more"),
    "bad_setup": N_("the planned set-up must be 0 or more"),
    "no_plan": N_("nothing is planned, so there is no target"),
    "after_open_end": N_("planned behind an item without a quantity: it never begins"),
    "plan_exceeds_shift": N_("the plan is more than the shift can make"),
    "no_pace": N_("the pace is not known yet"),
    "reaches_next_shift": N_("the overtime would reach into the next shift"),
    # of what is made
    "runs_overlap": N_("two orders at the same time: the later one counts"),
    "unregistered_product": N_("a machine told this product code, which is not in the register"),
    "no_product": N_("the product was not known for part of the time"),
    "bad_cavities": N_("the number of cavities must be 1 or more"),
    "more_open_than_designed": N_("more cavities open than the tool has"),
    # of what was corrected
    "no_pieces": N_("a correction of no pieces changes nothing"),
    "unknown_product": N_("the corrected product was not made in that shift"),
    "booking_refused": N_("a correction does not fit what was counted and changes nothing"),
    "exceeds_made": N_("more was corrected or rejected than was made"),
    "exceeds_booked": N_("more was taken back than had been corrected"),
    "no_reason": N_("pieces were taken off without a reason"),
}
BIG_LOSSES = {
    "breakdown": N_("Breakdowns"),
    "setup": N_("Setup and adjustment"),
    "tool_change": N_("Tool changes"),
    "minor_stop": N_("Short stops"),
    "speed": N_("Speed loss"),
    "defect": N_("Rejects"),
    "startup": N_("Start-up rejects"),
    "waiting": N_("Waiting"),
    "other": N_("Other stops"),
    "unlabelled": N_("Not labelled"),
}
#: figures beside the KPIs that say how they came about
FIGURES = {
    "target": N_("Target"),
    "good": N_("Good pieces"),
    "rejected": N_("Rejected pieces"),
    "difference": N_("Made less the target"),
    "mtbf": N_("MTBF"),
    "mttr": N_("MTTR"),
}
UNKNOWNS = {
    "no_standard": N_("not known: no cycle time is set"),
    "no_data": N_("not known: too little was observed"),
    "too_early": N_("not known yet: the shift has just begun"),
    "nothing_below": N_("not known: there is nothing to divide by"),
    "negative_pieces": N_("not known: the piece counts contradict each other"),
    "no_failure": N_("not known: there was no failure"),
}
LOSSES = {
    "busy": N_("Busy time"),
    "stop": N_("Downtime"),
    "unlabelled": N_("Not labelled"),
    "setup": N_("Setup"),
    "wait": N_("Waiting"),
    "no_order": N_("No order"),
    "rework": N_("Rework"),
    "up": N_("Operating time"),
    "speed": N_("Speed loss"),
    "short_stop": N_("Short stops"),
    "no_data": N_("No data"),
    "reject": N_("Rejects"),
    "productive": N_("Productive time"),
}


def loss_words() -> dict[str, str]:
    """The name of every step of the loss waterfall, by its kind."""
    return {kind: _(word) for kind, word in LOSSES.items()}


def rules_words(rules: str) -> str:
    """A rule set as people call it, without its fingerprint: "TPM, version 2"; "" for none."""
    name, _blank, version = rules.partition(" (")[0].rpartition(" ")
    return _("{name}, version {version}").format(name=name, version=version) if name else rules


def figure_name(key: str) -> str:
    """The name of a figure that says how it came about."""
    return _({**FIGURES, **LOSSES, **KPIS}[key])


def term_name(name: str) -> str:
    """The name of a quantity in a derivation."""
    return _({**LOSSES, **TERMS}[name])


def derivation_words(derived: Derivation) -> str:
    """One figure as a formula with its numbers: what was divided by what, in seconds or pieces."""
    name = figure_name(derived.kpi)
    if derived.why and not derived.below.value:
        return f"{name} {UNKNOWN} {_(UNKNOWNS[derived.why])}"
    terms = [
        f"{term_name(term.name)} {term.value / 1000 if term.unit == 'ms' else term.value:.12g}"
        for term in (derived.above, derived.below)
    ]
    why = f" ({_(UNKNOWNS[derived.why])})" if derived.why else ""
    value = UNKNOWN if derived.value is None else f"{derived.value:.6f}"
    return f"{name} {value} = {' / '.join(terms)}{why}"

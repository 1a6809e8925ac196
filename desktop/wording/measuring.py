"""Measurements in words: rules, states and warnings of a characteristic. Light: the Overview's alarms need it."""

from __future__ import annotations

from desktop.text import N_, _

#: keys of `spc.Rule`: what is seen, by the side on which it is (above or rising, below or falling, none)
_RULES = {
    "n1": (N_("Above the upper control limit"), N_("Below the lower control limit")),
    "n2": (N_("9 points in a row above the centre line"), N_("9 points in a row below the centre line")),
    "n3": (N_("6 points in a row rising"), N_("6 points in a row falling")),
    "n4": (N_("14 points in a row up and down in turn"),),
    "n5": (N_("2 of 3 points above 2 sigma"), N_("2 of 3 points below 2 sigma")),
    "n6": (N_("4 of 5 points above 1 sigma"), N_("4 of 5 points below 1 sigma")),
    "n7": (N_("15 points in a row within 1 sigma"),),
    "n8": (N_("8 points in a row beyond 1 sigma on both sides"),),
    "we4": (N_("8 points in a row above the centre line"), N_("8 points in a row below the centre line")),
    "run7": (N_("7 points in a row above the centre line"), N_("7 points in a row below the centre line")),
    "trend7": (N_("7 points in a row rising"), N_("7 points in a row falling")),
}
_PLAIN = {
    "n1": N_("beyond a control limit"), "n2": N_("9 points on one side"), "n3": N_("6 points in a trend"),
    "n4": N_("14 points up and down in turn"), "n5": N_("2 of 3 beyond 2 sigma"), "n6": N_("4 of 5 beyond 1 sigma"),
    "n7": N_("15 points within 1 sigma"), "n8": N_("8 points beyond 1 sigma"), "we4": N_("8 points on one side"),
    "run7": N_("7 points on one side"), "trend7": N_("7 points in a trend"),
}  # fmt: skip


def rule_word(rule: str) -> str:
    """What a rule looks for, without a side: "9 points on one side"."""
    return _(_PLAIN[rule]) if rule in _PLAIN else rule


def finding_words(rule: str, side: int) -> str:
    """What was found: "9 points in a row above the centre line"."""
    known = _RULES.get(rule)
    return rule if known is None else _(known[1 if side < 0 and len(known) > 1 else 0])


RULE_SETS = (
    ("usual", N_("Nelson 1 and 2 (usual)"), ("n1", "n2")),
    ("western", N_("Western Electric 1 to 4"), ("n1", "n5", "n6", "we4")),
    ("seven", N_("Limits and 7-point rules"), ("n1", "run7", "trend7")),
    ("nelson", N_("Nelson 1 to 8"), tuple(f"n{number}" for number in range(1, 9))),
)
CHARTS = {"i_mr": "I-MR", "xbar_r": "X̄-R", "xbar_s": "X̄-S"}
#: names of the upper and the lower part of a chart
PARTS = {
    "i_mr": (N_("Single values"), N_("Moving range")),
    "xbar_r": (N_("X̄ mean"), N_("R range")),
    "xbar_s": (N_("X̄ mean"), N_("S standard deviation")),
}
PIECES = {"first": N_("First piece"), "middle": N_("Middle piece"), "last": N_("Last piece")}
#: which sample of a characteristic is to be taken; of a whole shift in one row
SAMPLES = {**PIECES, "hour": N_("Each hour"), "pieces": N_("First, middle and last piece")}
SAMPLE_STATES = {"due": N_("Due now"), "late": N_("Late"), "missed": N_("Missed"), "good": N_("Measured")}
STATES = {
    "outside": N_("Out of limits"), "capability": N_("below 1.33"), "coarse": N_("Gauge too coarse"),
    "open": N_("Limits not frozen"), "stable": N_("Stable"),
}  # fmt: skip
#: keys of `spc.Warn`, each a heading and what to do about it
WARNINGS = {
    "no_limits": (N_("No limits are specified."), N_("Take them over under Settings, Master data.")),
    "zero_range": (N_("Both limits are the same."), N_("Correct them under Settings, Master data.")),
    "refused": (N_("Too few values for a Cpk."), N_("It is shown from 25 values on.")),
    "few": (N_("Fewer than 50 values."), N_("The Cpk is a rough figure yet.")),
    "ppap": (N_("Fewer than 100 values."), N_("A PPAP asks for 100 or more.")),
    "no_spread": (N_("Every value is the same."), N_("Check the gauge and its signal.")),
    "coarse": (N_("The resolution is too coarse."), N_("Fewer than 5 different values lie inside the limits.")),
    "out_of_control": (N_("The chart has signals."), N_("Cpk is only a guide until stable.")),
    "not_normal": (N_("The values are not normally distributed."), N_("The Cpk may say too much or too little.")),
    "one_sided": (N_("One limit only."), N_("There is no Cp; the Cpk is that of the one side.")),
}
#: keys of `holding.GaugeState`: how a gauge stands by which nothing is to be judged, and what to do about it
GAUGE_WARNINGS = {
    "overdue": (N_("The gauge is overdue for calibration."), N_("Calibrate it before you rely on the Cpk.")),
    "failed": (N_("The gauge failed its calibration."), N_("What it measured is in doubt.")),
    "unknown": (N_("The gauge was never calibrated."), N_("Calibrate it before you rely on the Cpk.")),
}

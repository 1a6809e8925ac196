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

"""The states of SEMI E10 as a palette of seven: for a compact display and for customers who think in them.

PRD productive, SBY standby, ENG engineering, SDT scheduled downtime, UDT unscheduled downtime, NST non-scheduled time;
and ND, no data, which E10 does not have: silence of a device is none of the six.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from desktop.domain.intervals import Category, Interval
from desktop.domain.plant import Reason


class Palette(StrEnum):
    """What equipment is doing, in the six states of SEMI E10 and no data."""

    PRD = "PRD"
    SBY = "SBY"
    ENG = "ENG"
    SDT = "SDT"
    UDT = "UDT"
    NST = "NST"
    ND = "ND"


_OF_CATEGORY = {
    Category.RUN: Palette.PRD,
    Category.SHORT_STOP: Palette.PRD,
    Category.REWORK: Palette.PRD,
    Category.STOP: Palette.UDT,
    Category.SETUP: Palette.SDT,
    Category.WAIT: Palette.SBY,
    Category.NO_ORDER: Palette.SBY,
    Category.PLANNED: Palette.SDT,
    Category.NO_DATA: Palette.ND,
    Category.UNSCHEDULED: Palette.NST,
}


def semi_e10(interval: Interval, reasons: Mapping[int, Reason] | None = None) -> Palette:
    """Where a piece of time lies in the palette. `reasons` are the reasons by their id.

    The state that the machine itself told has gone into the category already.

    PRD   run, rework, and short stops, which the time model counts as run
    SBY   able to work and does not: starved, blocked, idle, no order; a standstill with an external reason
    ENG   a trial: a standstill or a planned stop whose reason is of the loss "startup"
    SDT   breaks and planned stops, set-up; a standstill with a planned reason
    UDT   every other standstill: breakdown, maintenance that was not in the plan, a stop that nobody explained
    NST   outside every shift
    ND    its device does not answer, or it has none
    """
    category = interval.category
    reason = (reasons or {}).get(interval.reason or 0)
    if reason is not None and reason.loss == "startup" and category in _BY_REASON:
        return Palette.ENG
    if category in (Category.STOP, Category.WAIT) and reason is not None:
        if reason.failure:
            return Palette.UDT
        if reason.kind == "planned":
            return Palette.SDT
        if reason.kind == "external":
            return Palette.SBY
    return _OF_CATEGORY[category]


_BY_REASON = frozenset({Category.STOP, Category.WAIT, Category.PLANNED})

"""What the shift report says, section by section, as format-free blocks.

A section is a function `ShiftReport -> list[Block]` and its name in `SECTIONS`; every format follows. No figure
is computed here that `desktop.summaries` has not put into the report, except what `derived` does for the wording.
"""

from __future__ import annotations

from collections.abc import Callable

from desktop.domain.figures.report import ShiftReport
from desktop.reports.blocks import Block, Section
from desktop.reports.sections import iso22400, page, people, pieces, results, standstill, told


def build(report: ShiftReport) -> tuple[Section, ...]:
    """The sections that have something to say, in the order of the page."""
    found = (Section(key, tuple(make(report))) for key, make in SECTIONS.items())
    return tuple(section for section in found if section.blocks)


SECTIONS: dict[str, Callable[[ShiftReport], list[Block]]] = {
    "head": page.head,
    "words": page.words,
    "safety": told.safety,
    "scoreboard": results.scoreboard,
    "hours": results.hours,
    "timelines": results.timelines,
    "losses": standstill.losses,
    "downtime": standstill.downtime,
    "failures": standstill.failures,
    "calls": standstill.calls,
    "waits": standstill.waits,
    "stops": standstill.stops,
    "rejects": pieces.rejects,
    "scrap": pieces.scrap,
    "orders": pieces.orders,
    "changeovers": pieces.changeovers,
    "measured": pieces.measured,
    "crew": people.crew,
    "posts": people.posts,
    "checks": people.checks,
    "trace": pieces.trace,
    "handover": told.handover,
    "data": page.data,
    "iso22400": iso22400.indicators,
    "sign_off": page.sign_off,
}

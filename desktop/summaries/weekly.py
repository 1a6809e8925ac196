"""A week and the four before it, read from what is kept of their shifts."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from desktop.domain import kpi, weekly
from desktop.domain.calendar import local_date, utc_ms
from desktop.domain.entries import Action
from desktop.domain.figures.losses import ShiftFigures
from desktop.domain.kpi import Kpis
from desktop.domain.spans import Span
from desktop.domain.weekly import WeekAction, WeekReport
from desktop.store import entries, reports_made, shift_sums
from desktop.store.database import KnownError, Store
from desktop.store.shift_sums import LINE
from desktop.summaries.frame import Register, frame
from desktop.summaries.shifts import kept_sums, list_of, shifts_begun
from desktop.text import _

_DAY = timedelta(days=1)


def week_report(store: Store, wanted: str, now_ms: int) -> WeekReport:
    """The business week "2026-W47", or the "last" one that is over. Raises KnownError: no such week, or nothing is
    known of it."""
    at = frame(store, now_ms)
    there, zone = at.register, ZoneInfo(at.plant.timezone)
    today = local_date(now_ms, zone)
    monday = weekly.monday_of(weekly.last_week(today) if wanted == "last" else wanted)
    if monday is None or not 1971 <= monday.year <= 2100:
        words = _('"{week}" is no week. Write last, or a year and week such as 2026-W47.')
        raise KnownError(words.format(week=wanted))
    first, last = monday - timedelta(weeks=weekly.WEEKS_BEFORE), monday + timedelta(weeks=1)
    # A shift may be booked to the day before or after the one on which it starts.
    window = Span(utc_ms(first - _DAY, time(), zone), utc_ms(last + _DAY, time(), zone))
    shifts = shifts_begun(store, there, window, now_ms)
    kept = kept_sums(store, there, LINE, window)
    here = [shift for shift in shifts if monday <= shift.business_on < last]
    if not here:
        raise KnownError(_("Nothing is known of the week {week}.").format(week=weekly.week_name(monday)))
    rows = list_of(store, there, here, now_ms, None, kept)
    known = [shift for shift in here if shift.span in kept]
    past = [shift for shift in shifts if first <= shift.business_on < monday and shift.span in kept]
    was = list_of(store, there, past, now_ms, None, kept)
    share = len(known) / len(past) if past else None
    goods = [row.good for row in rows if row.good is not None]
    # Only what is added up is held against a target.
    targets = [row.target for row in rows if row.good is not None and row.target is not None]
    plans = [row.plan for row in rows if row.good is not None and row.plan is not None]
    every = len(plans) == len(goods)  # a sum of some is no plan of the week
    return WeekReport(
        at.head,
        weekly.week_name(monday),
        monday,
        now_ms,
        rows,
        len(known),
        len(past),
        _whole(rows, there),
        _whole(was, there),
        sum(goods) if goods else None,
        sum(targets) if targets else None,
        weekly.compare(
            shift_sums.causes(store, LINE, [shift.span.start_ms for shift in known]),
            shift_sums.causes(store, LINE, [shift.span.start_ms for shift in past]),
            share,
            {reason.id: reason.name for reason in there.plant.reasons},
        ),
        reports_made.policy(store).hour_cost,
        str(there.rules_at(here[-1].span.start_ms)),
        sum(plans) if plans and every else None,
        _actions(store, there, Span(here[0].span.start_ms, max(shift.span.end_ms for shift in here))),
    )


def _actions(store: Store, there: Register, week: Span) -> tuple[WeekAction, ...]:
    """The open items of a week: first what is open at its end, by its date, then what was done."""
    names = {machine.id: machine.name for machine in there.plant.machines}
    found = [
        WeekAction(said.text, names.get(said.machine, ""), said.owner, said.due_ms, done_ms)
        for entry, done_ms in entries.followed(store, week)
        if isinstance(said := entry.said, Action)
    ]
    return tuple(sorted(found, key=lambda each: (each.done_ms is not None, each.due_ms is None, each.due_ms or 0)))


def _whole(rows: tuple[ShiftFigures, ...] | list[ShiftFigures], there: Register) -> Kpis | None:
    """All shifts as one: sums are added up, never ratios."""
    known = [row.kpis for row in rows if row.kpis is not None]
    if not known:
        return None
    span = Span(known[0].window.start_ms, known[-1].window.end_ms)
    return kpi.compute(span, kpi.add(each.sums for each in known), there.rules_at(known[-1].window.start_ms))

"""A week of the shop's calendar, for the page on which it is changed."""

from __future__ import annotations

import time
from datetime import date, timedelta
from datetime import time as day_time

from desktop.calendar_words import refused
from desktop.domain import calendar, scheduling
from desktop.domain.calendar import Calendar, Kind
from desktop.domain.scheduling import Edit, RefusalError
from desktop.domain.spans import Span
from desktop.domain.week import CalendarWeek, WeekDay, WeekShift
from desktop.store import people
from desktop.store.database import Store
from desktop.summaries.frame import frame

_DAY = timedelta(days=1)


def calendar_week(store: Store, now_ms: int, monday: date | None = None, preview: Edit | None = None) -> CalendarWeek:
    """The week of a Monday (None: this week). `preview`: as it would be with that change."""
    at = frame(store, now_ms)
    shop = at.register.calendar
    shown, why = shop, ""
    if preview is not None:
        try:
            shown = scheduling.changed(shop, preview, now_ms)
        except RefusalError as refusal:
            why = refused(refusal)
    monday = monday or scheduling.monday_of(calendar.local_date(now_ms, shop.zone))
    dates = [monday + n * _DAY for n in range(7)]
    edges = [calendar.utc_ms(on, day_time.min, shop.zone) for on in (dates[0], dates[-1] + _DAY)]
    window = Span(edges[0], edges[1])
    crews = {p.crew for p in shop.patterns} | {crew for r in shop.rotations for crew in r.crews}
    staff = people.people_now(store, time.time_ns() // 1_000_000)
    crews |= {each.person.crew for each in staff}
    return CalendarWeek(
        at.head,
        now_ms,
        at.shift,
        at.collector,
        shop,
        tuple(WeekDay(on, tuple(e for e in shown.exceptions if e.on == on)) for on in dates),
        tuple(_shifts(shown, dates)),
        tuple(stop for stop in shown.planned if stop.span.cut(window)),
        tuple(stop for stop in shop.planned if stop.approved_at_ms is None and stop.span.end_ms > now_ms),
        {key: scheduling.next_start(shop, key, now_ms) for key in dict.fromkeys(p.id for p in shop.patterns)},
        tuple((machine.id, machine.name) for machine in at.plant.machines),
        tuple((reason.id, reason.name) for reason in at.plant.reasons if reason.kind == "planned"),
        tuple(sorted(crews - {""})),
        staff,
        preview is not None and not why,
        why,
    )


def _shifts(shop: Calendar, dates: list[date]) -> list[WeekShift]:
    found = []
    for on in dates:
        kinds = {(e.kind, e.pattern) for e in shop.exceptions if e.on == on}
        for shift in scheduling.started_on(shop, on):
            pattern = scheduling.in_force(shop, shift.pattern, on)
            if pattern is not None:
                extra, longer, moved, half = (
                    bool({(kind, shift.pattern), (kind, None)} & kinds)
                    for kind in (Kind.EXTRA, Kind.OVERTIME, Kind.MOVED, Kind.HALF)
                )
                found.append(WeekShift(shift, on, pattern, extra, longer, moved, half))
    return found

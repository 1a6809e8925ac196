"""잔업 얼마나: what is left of the orders when a shift ends, or what is made behind it, and when it would be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop.domain import calendar, scheduling, targets
from desktop.domain.calendar import Shift
from desktop.domain.figures.work import OrderNow
from desktop.domain.scheduling import OvertimeOffer
from desktop.domain.spans import Span
from desktop.store import orders as plan
from desktop.store.database import Store
from desktop.summaries.frame import Frame
from desktop.summaries.shifts import kept_sums
from desktop.summaries.station import Facts

if TYPE_CHECKING:
    from desktop.summaries.now import Live

_DAY_MS = 86_400_000
_LEAST_MS = 600_000  # below ten minutes a pace says nothing
#: so long behind its end a shift may still be given overtime
_REACH_MS = 12 * 3_600_000


def offer(live: Live, store: Store, at: Frame, facts: Sequence[Facts]) -> OvertimeOffer | None:
    """The shift that may go on: while it runs, where one of its orders is not done; behind it, where pieces are made.
    None where nothing is to be offered."""
    now_ms, shop = at.now_ms, at.register.calendar
    shift = at.shift
    outside = 0
    if shift is None:
        outside = _outside(facts)
        ended = [s for s in calendar.shifts_between(shop, Span(now_ms - _DAY_MS, now_ms)) if s.span.end_ms <= now_ms]
        shift = ended[-1] if ended else None
        if shift is None or not outside or now_ms - shift.span.end_ms > _REACH_MS:
            return None
    later = calendar.shifts_between(shop, Span(shift.span.end_ms, now_ms + _DAY_MS))
    next_ms = next((s.span.start_ms for s in later if s.span.start_ms >= shift.span.end_ms), None)
    ends = scheduling.overtime_ends(shift, now_ms, next_ms, shop.zone)
    if not ends:
        return None
    rows = _unfinished(live, store, at, facts)
    if not rows and not outside:
        return None
    groups: dict[int, list[OrderNow]] = {}
    for machine, row in rows:
        groups.setdefault(machine, []).append(row)
    found = [(_finish(store, at, facts, shift, each, next_ms), each[1]) for each in groups.items()]
    if not found:
        return OvertimeOffer(shift, ends, outside)
    # Of several machines the one that takes longest decides.
    finish_ms, group = max(found, key=lambda pair: (pair[0] is None, pair[0] or 0))
    code = group[0].code or group[0].product_name
    return OvertimeOffer(shift, ends, outside, code, sum(row.remaining or 0 for row in group), finish_ms, len(rows) - 1)


def _outside(facts: Sequence[Facts]) -> int:
    """Pieces made outside any shift, at the last machine that made any."""
    for fact in reversed(facts):
        made = sum(output.extra_good + output.extra_reject for output in fact.kpis.sums.outputs)
        if made:
            return made
    return 0


def _unfinished(live: Live, store: Store, at: Frame, facts: Sequence[Facts]) -> list[tuple[int, OrderNow]]:
    """The orders that run, or were planned for this shift, and are not done, each with the machine that counts it."""
    from desktop.summaries.orders import Board

    if not plan.orders(store) and not any(entry.said.__struct_config__.tag == "order" for entry in at.said):
        return []
    board = Board(live, store, at, facts)
    ids = {fact.machine.name: fact.machine.id for fact in facts}
    return [
        (board.judge(row.code, ids.get(row.machine_name, facts[-1].machine.id)), row)
        for row in board.of_shift()
        if row.remaining and row.status in ("running", "open")
    ]


def _finish(
    store: Store,
    at: Frame,
    facts: Sequence[Facts],
    shift: Shift,
    group: tuple[int, Sequence[OrderNow]],
    next_ms: int | None,
) -> int | None:
    """When the orders of a machine would be done at the pace of the shift."""
    own = next(fact for fact in facts if fact.machine.id == group[0])
    left = sum(row.remaining or 0 for row in group[1])
    pauses = targets.plan_of(shift, (), unattended=own.machine.unattended)
    if at.shift is not None:
        pace = targets.pace_ms(own.kpis.pieces.good, pauses, at.now_ms)
    else:
        start = Span(shift.span.start_ms, shift.span.start_ms + 1)
        sums = kept_sums(store, at.register, own.machine.id, start).get(shift.span)
        good = sum(output.good for output in sums.outputs) if sums is not None else 0
        pace = targets.pace_ms(good, pauses, shift.span.end_ms)
        behind_ms = at.now_ms - shift.span.end_ms
        made = sum(output.extra_good for output in own.kpis.sums.outputs)
        if pace is None and made and behind_ms >= _LEAST_MS:
            pace = behind_ms / made
    return targets.overtime(left, pace, at.now_ms, pauses, next_ms).end_ms

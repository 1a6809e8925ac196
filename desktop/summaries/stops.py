"""Which stops wait for a reason, which have one, and which reason is the likely one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from desktop.domain import calendar, entries
from desktop.domain.calendar import Shift
from desktop.domain.entries import Labelled, Split
from desktop.domain.figures.stops import LabelRow, ReasonNow, StopRow, StopsNow, by_need
from desktop.domain.intervals import Interval
from desktop.domain.spans import Span, subtract, total_ms
from desktop.store import records
from desktop.store.closed import closing_of
from desktop.store.database import Store
from desktop.summaries import line
from desktop.summaries.asking_shifts import open_shifts
from desktop.summaries.frame import Frame
from desktop.summaries.lately import said_lately
from desktop.summaries.now import Live, neighbours
from desktop.summaries.station import Facts

_WEEKS_MS = 28 * 86_400_000  # so far back reasons are looked at for the likely one
ASK_LENGTHS_MS = tuple(minutes * 60_000 for minutes in (0, 3, 5, 10))  # from which a stop may ask; 0: every one
_AROUND_MS = 16 * 60_000  # so much of the time before and after a stop is shown


def stops_now(
    live: Live, store: Store, now_ms: int, stop: tuple[int, int] | None = None, past: Shift | None = None
) -> StopsNow:
    """The stops of the shift that runs, or of a `past` one.

    `stop`: which one is looked at, as its machine and a moment of it (None: the longest without a reason). One that is
    not there is no other: nothing is chosen then.
    """
    at, facts = live.facts(store, now_ms, past)
    rows = line.stops(at, facts)
    waiting, silent = by_need(rows), line.silences(at, facts, records.begun_ms(store))
    chosen = _chosen([*rows, *silent], stop) if stop is not None else waiting[0] if waiting else None
    around, parts, pieces = _around(at, facts, chosen)
    return StopsNow(
        at.head,
        at.now_ms,
        at.shift if past is None else calendar.shift_at(at.register.calendar, now_ms),
        at.collector,
        (*waiting, *silent),
        _said(at, facts),
        _reasons(live, store, at, chosen),
        at.newest,
        chosen,
        around,
        parts,
        pieces,
        _splits(at, chosen),
        tuple(call for call in entries.calls(at.said) if call.over_ms is None),
        {machine.id: machine.name for machine in at.plant.machines},
        at.shift,
        neighbours(store, at),
        at.shift is not None and closing_of(store, at.shift.span) is not None,
        at.register.ask_after_ms,
        tuple(
            (length_ms, sum(row.unlabelled and not row.behind and row.length_ms >= length_ms for row in waiting))
            for length_ms in ASK_LENGTHS_MS
        ),
        stop,
        open_shifts(store, at.register, at.newest, now_ms),
    )


def _chosen(rows: Sequence[StopRow], stop: tuple[int, int] | None) -> StopRow | None:
    """The stop of a machine that began then, or was going on."""
    if stop is None:
        return None
    same = [row for row in rows if row.machine == stop[0] and row.start_ms <= stop[1]]
    newest = max(same, key=lambda row: row.start_ms, default=None)
    return newest if newest is not None and (newest.end_ms is None or stop[1] < newest.end_ms) else None


def _around(
    at: Frame, facts: Sequence[Facts], stop: StopRow | None
) -> tuple[Span | None, tuple[Interval, ...], tuple[int, ...]]:
    """A stop's neighbourhood, cut at the window: the machine's intervals and the moments of its pieces."""
    if stop is None:
        return None, (), ()
    fact = next(fact for fact in facts if fact.machine.id == stop.machine)
    end_ms = at.now_ms if stop.end_ms is None else stop.end_ms
    span = Span(stop.start_ms - _AROUND_MS, end_ms + _AROUND_MS).cut(at.window) or at.window
    parts = tuple(interval for interval in fact.intervals if interval.span.cut(span))
    pieces = tuple(count.at_ms for count in fact.counts if count.pieces and span.holds(count.at_ms))
    return span, parts, pieces


def _splits(at: Frame, stop: StopRow | None) -> tuple[tuple[int, int], ...]:
    """The moments at which stops of the chosen one's machine were split, and what can be taken back of that."""
    if stop is None:
        return ()
    said = ((entry.said, entry.id) for entry in at.said)
    return tuple((each.start_ms, n) for each, n in said if isinstance(each, Split) and each.machine == stop.machine)


def _said(at: Frame, facts: Sequence[Facts]) -> tuple[LabelRow, ...]:
    """The reasons that were given in the window, with the time for which each holds now, newest first. What was said
    again of the same time belongs to the later word."""
    machines = {fact.machine.id: fact for fact in facts}
    reasons = {reason.id: reason for reason in at.plant.reasons}
    spoken_for: dict[int, list[Span]] = {}
    found = []
    for entry in reversed(at.said):
        said = entry.said
        if not isinstance(said, Labelled) or said.machine not in machines or said.reason not in reasons:
            continue
        fact, reason = machines[said.machine], reasons[said.reason]
        held = [interval for interval in fact.intervals if entries.holds(entry, interval)]
        own = [part for interval in held if (part := interval.span.cut(entry.span))]
        later = spoken_for.setdefault(said.machine, [])
        spans = [rest for part in own for rest in subtract(part, later)]
        later += own
        if not spans:
            continue
        end_ms = spans[-1].end_ms
        going_on = end_ms >= at.window.end_ms and at.window.end_ms >= at.now_ms
        found.append(
            LabelRow(
                entry.id, said, held[-1].category, held[-1].state, fact.machine.code, fact.machine.name, reason.name,
                reason.kind, spans[0].start_ms, None if going_on else end_ms, total_ms(spans), entry.who, entry.at_ms,
                said.note,
            )
        )  # fmt: skip
    return tuple(found)


def _reasons(live: Live, store: Store, at: Frame, stop: StopRow | None) -> tuple[ReasonNow, ...]:
    """All reasons, the likely ones for a stop first: after the same alarm, at the same machine, in the shop's order."""
    machine, alarm = (stop.machine, stop.word) if stop else (0, "")
    told = said_lately(live, store, at, _WEEKS_MS, Labelled, machine) if stop else ()
    said = [each.said for each in told if isinstance(each.said, Labelled)]
    uses = Counter(each.reason for each in said)
    after = Counter(each.reason for each in said if alarm and each.alarm == alarm)
    alarms = sum(after.values())
    found = [
        ReasonNow(r.id, r.code, r.name, r.kind, uses[r.id], after[r.id], alarms, r.failure, place, r.icon)
        for place, r in enumerate(at.plant.reasons)
    ]
    return tuple(sorted(found, key=lambda reason: (-reason.after_alarm, -reason.uses)))

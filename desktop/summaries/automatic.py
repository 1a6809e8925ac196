"""The report that writes itself: which shifts may be due, what their figures come down to, which edition one is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from desktop.domain import automatic
from desktop.domain.alarms import AlarmKind, level
from desktop.domain.automatic import AutomaticNow, Edition, Policy
from desktop.domain.calendar import Shift
from desktop.domain.figures.head import AlarmNow
from desktop.domain.spans import Span
from desktop.store import closed, entries, reports_made, shift_sums
from desktop.store.database import Store
from desktop.store.shift_sums import LINE
from desktop.summaries.frame import Register
from desktop.summaries.shifts import figures_of, kept_sums, shifts_begun

FOLDER = "reports"  # in the data folder
_ALARM_AFTER_MS = 600_000  # a failure twice as old is twice as bad


def digest(store: Store, there: Register, shift: Shift, now_ms: int) -> str:
    """What a shift comes down to: 16 hex digits of its figures and, behind a hyphen, the newest entry about it; ""
    while its sums are not kept. Other pieces, times, causes of standstill or another target are other digits."""
    machines = (LINE, *(machine.id for machine in there.plant.machines))
    told = shift_sums.told(store, shift.span, machines, there.figures_version)
    if not told:
        return ""
    start = Span(shift.span.start_ms, shift.span.start_ms + 1)
    line = figures_of(store, there, shift, now_ms, None, kept_sums(store, there, LINE, start).get(shift.span))
    figures = hashlib.sha256(f"{told} {line.good} {line.target} {line.plan}".encode()).hexdigest()[:16]
    return f"{figures}-{entries.newest_of(store, shift.span)}"


def said_edition(store: Store, shift: Shift) -> Edition:
    """The edition of a shift by what people say: provisional until somebody closes it, and one revision more for
    everything said while it is closed that changes its page, for each change of the calendar that speaks of it, and for
    opening it again."""
    corrected, is_closed = closed.revisions(store, shift.span)
    return Edition(automatic.FIRST + corrected, not is_closed)


def edition(store: Store, there: Register, shift: Shift, now_ms: int) -> Edition:
    """Which edition a report has that is made at `now_ms`, automatically or for a person who asks for it."""
    made = reports_made.of_shift(store, shift.business_on, shift.name)
    last = automatic.last_made(made, now_ms)
    known = digest(store, there, shift, now_ms) if last is not None and not last.provisional else ""
    end_ms = automatic.written_end_ms(there.calendar, shift)
    return automatic.edition(shift, now_ms, made, known, said_edition(store, shift), end_ms)


def shifts_of(store: Store, there: Register, now_ms: int) -> Mapping[Shift, int]:
    """The shifts of which a report may be due, earliest first, each with its end as it was written without overtime."""
    window = Span(now_ms - automatic.KEPT_MS - 2 * 86_400_000, now_ms)
    found = shifts_begun(store, there, window, now_ms)
    return {shift: automatic.written_end_ms(there.calendar, shift) for shift in found}


def folder_of(store: Store, policy: Policy) -> Path:
    """Where the reports go: `reports` in the data folder, or the folder that was chosen; a relative one lies in it."""
    return store.folder / (policy.folder or FOLDER)


def automatic_now(store: Store) -> AutomaticNow:
    """How the automatic report stands, for its card."""
    policy, failed = reports_made.policy(store), reports_made.failed(store)
    newest = reports_made.newest(store)
    return AutomaticNow(policy, str(folder_of(store, policy)), newest, failed[0] if failed and policy.on else None)


def troubles(store: Store, now_ms: int) -> tuple[AlarmNow, ...]:
    """The report that could not be made and is tried again: of several the newest shift's."""
    failed = reports_made.failed(store)
    if not failed or not reports_made.policy(store).on:
        return ()
    row = failed[0]
    since_ms = min(one.failed_ms if one.failed_ms is not None else now_ms for one in failed)
    how = level(max(now_ms - since_ms, 0), _ALARM_AFTER_MS)
    name = f"{row.business_on} {row.shift}"
    return (AlarmNow(AlarmKind.REPORT, f"{row.business_on}/{row.shift}", name, since_ms, how, detail=row.fault),)

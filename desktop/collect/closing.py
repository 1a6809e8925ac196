"""What is kept of the shifts that ended: made one shift at a time, so that nobody waits for it.

The newest comes first. The collector makes one when everything that arrived is stored, and rests half a second after
each: what arrives meanwhile waits for that one shift (0.1 to 0.4 s for eight machines) and no longer. After an update
that makes all of them anew a year of 730 shifts takes about ten minutes beside the collecting.
"""

from __future__ import annotations

from collections.abc import Iterable

from desktop.domain import calendar
from desktop.domain.calendar import Shift
from desktop.domain.events import CountFlag, Event, EventKind, State
from desktop.domain.spans import Span
from desktop.store import records, register, shift_sums, upkeep
from desktop.store.database import Store
from desktop.summaries.trends import shift_to_keep

_KEPT_MS = (
    400 * 86_400_000
)  # so far back shifts are closed by themselves; what is older is derived when it is asked for


class Closing:
    """Closes shifts of one database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.changes = 0  # rises with everything that is kept or dropped
        self._late_ms: int | None = None
        self._standing: dict[int, int | None] = {}  # machine -> since when it stands, None while it runs
        self._counted: dict[int, int] = {}  # machine -> its last piece

    def hear(self, events: Iterable[Event]) -> None:
        """Note how far back facts reach that will be stored: the end of a standstill tells also of its beginning."""
        for event in events:
            if event.kind is EventKind.PRODUCT:
                self._reach(event.at_ms)
            if event.machine is None:
                continue
            if event.kind is EventKind.STATE:
                self._reach(self._ended(event))
            elif event.kind is EventKind.COUNT:
                self._reach(self._counted_before(event))
                if event.flag == CountFlag.GAP and event.from_ms is not None:
                    self._reach(event.from_ms)

    def step(self, now_ms: int) -> bool:
        """Drop what new facts have changed, then close one shift. Returns whether one was closed.

        To be called when everything that was heard is stored.
        """
        if self._late_ms is not None:
            self.changes += shift_sums.drop_from(self._store, self._late_ms)
            self._late_ms = None
        shift_sums.sweep(self._store)
        shift = self._next(now_ms)
        if shift is not None:
            at, kept = shift_to_keep(self._store, shift, now_ms)
            shift_sums.write(self._store, shift.span, at.register.figures_version, str(at.rules), kept)
            upkeep.note_record_check(self._store, shift.name, shift.span.end_ms)
            self.changes += 1
        return shift is not None

    def _reach(self, at_ms: int) -> None:
        self._late_ms = at_ms if self._late_ms is None else min(self._late_ms, at_ms)

    def _ended(self, event: Event) -> int:
        """Since when the standstill lasted that a change of state belongs to, or the moment of the change."""
        machine = event.machine or 0
        if machine not in self._standing:
            before = records.state_changes(self._store, machine, Span(event.at_ms, event.at_ms))
            standing = [change.at_ms for change in before if change.state not in (State.RUN, State.UNKNOWN)]
            self._standing[machine] = min(standing, default=None)
        since_ms = self._standing[machine]
        if event.word in (State.RUN, State.UNKNOWN):
            self._standing[machine] = None
        elif since_ms is None:
            self._standing[machine] = event.at_ms
        return event.at_ms if since_ms is None else min(since_ms, event.at_ms)

    def _counted_before(self, event: Event) -> int:
        """When the piece before a piece was made: from then on the machine may have stood."""
        machine = event.machine or 0
        if machine not in self._counted:
            before = records.counts(self._store, machine, Span(event.at_ms, event.at_ms))
            self._counted[machine] = min((count.at_ms for count in before), default=event.at_ms)
        last_ms, self._counted[machine] = self._counted[machine], event.at_ms
        return min(last_ms, event.at_ms)

    def _next(self, now_ms: int) -> Shift | None:
        """The newest shift that is over and not kept yet."""
        store = self._store
        begun_ms = max(records.begun_ms(store), now_ms - _KEPT_MS)
        if begun_ms >= now_ms:
            return None
        kept = shift_sums.kept(store, register.figures_version(store))
        shifts = calendar.shifts_between(register.calendar(store), Span(begun_ms, now_ms))
        return next((s for s in reversed(shifts) if s.span.end_ms <= now_ms and s.span not in kept), None)

"""What a person has before the eyes who hands a shift over, beside its report."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.figures.report import Handover
from desktop.domain.people import PersonNow
from desktop.domain.spans import Span


class Handing(Struct, frozen=True):
    """The handover of `shift` as it stands now.

    `done`: those of its open items that were closed since. `ages`: for how many shifts each has been open, this one
    counted. `newest`: the newest entry about the shift. `people`: who may be asked to sign. `machines`: id and name.
    `next`: the shift behind it, None where the calendar has none within two days.
    """

    shift: Span
    handover: Handover
    newest: int = 0
    done: frozenset[int] = frozenset()
    ages: Mapping[int, int] = {}
    people: tuple[PersonNow, ...] = ()
    machines: tuple[tuple[int, str], ...] = ()
    next: Shift | None = None

    @property
    def closed(self) -> bool:
        """Whether the shift is closed (마감): whatever is said of it now needs a reason."""
        return self.handover.closed_at_ms is not None

    def moment(self, now_ms: int) -> int:
        """The moment of the shift of which something is said now: its last one when it is over."""
        return max(self.shift.start_ms, min(now_ms, self.shift.end_ms - 1))

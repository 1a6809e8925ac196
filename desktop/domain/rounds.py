"""What is due in a shift, for the page on which it is ticked off: checks, and hours that are to be confirmed."""

from __future__ import annotations

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.daily_rows import CheckRow
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.figures.line import HourRow

GAP_RATIO = 0.1  # an hour that misses its target by more than this part asks why


class HourDue(Struct, frozen=True):
    """An hour that is over. `apart`: pieces more (+) or less (-) than its target, None where not known. `causes`: what
    stood longest in it, as the reasons are called, the longest first. `entry`: what confirmed it, 0 for nothing; then
    `reason` is why it missed its target, "" where it did not."""

    row: HourRow
    apart: int | None
    causes: tuple[str, ...] = ()
    entry: int = 0
    reason: str = ""
    who: str = ""

    @property
    def asks(self) -> bool:
        """Whether it missed its target by so much that a reason is wanted."""
        return self.apart is not None and self.apart < 0 and -self.apart > GAP_RATIO * (self.row.target or 0)


class ChecksNow(Struct, frozen=True):
    """Everything that is to be checked in the shift up to now: rows that are due, late, missed or done. `machines`: id,
    name and code in the order of the line. `hours`: those of the shift that are over, the latest first. `has_items`:
    there is anything to be checked at all."""

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    rows: tuple[CheckRow, ...]
    machines: tuple[tuple[int, str, str], ...]
    hours: tuple[HourDue, ...] = ()
    has_items: bool = False

    @property
    def open(self) -> tuple[CheckRow, ...]:
        """What waits: samples that were missed first, then the late ones, each by the moment at which it came due."""
        found = [row for row in self.rows if row.state in ("due", "late") or row.asks]
        return tuple(sorted(found, key=lambda row: (not row.asks, row.state != "late", row.due_ms)))

    @property
    def waiting(self) -> int:
        """How many checks wait, and hours that missed their target and nobody has explained."""
        return len(self.open) + sum(hour.asks and not hour.entry for hour in self.hours)

"""What the screen of measurements shows."""

from __future__ import annotations

from msgspec import Struct

from desktop.domain import measuring
from desktop.domain.calendar import Shift
from desktop.domain.daily_rows import CheckRow
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.holding import Standing
from desktop.domain.measuring import Analysis, Signal, State
from desktop.domain.people import PersonNow
from desktop.domain.quality import Characteristic, Gauge, Limits
from desktop.domain.trail import Change


class CharacteristicNow(Struct, frozen=True):
    """A characteristic as it stands: `open` is what frozen limits found that nobody has acknowledged,
    oldest first; `silent_ms` where there was no value for unusually long; `place` is the name of where it is measured.
    """

    characteristic: Characteristic
    place: str
    product: str
    state: State
    analysis: Analysis
    limits: Limits | None
    gauge: Gauge | None
    open: tuple[Signal, ...] = ()
    silent_ms: int | None = None
    calibration: Standing | None = None  # of its gauge, None where it has none
    changed: Change | None = None  # the last change of its limits; of the one that is looked at alone
    samples: tuple[CheckRow, ...] = ()  # those of the shift that came due, in the order in which they did

    @property
    def sample(self) -> CheckRow | None:
        """The sample that says how it stands: the last one that was missed and that nobody acknowledged, else one that
        waits, else the last one; None where none came due."""
        order = ("late", "due")
        waiting = [row for how in order for row in self.samples if row.state == how]
        missed = [row for row in self.samples if row.asks]
        return next(iter((*missed[-1:], *waiting, *self.samples[-1:])), None)

    @property
    def urgency(self) -> tuple[int, int]:
        """How urgent it is among the others, the most urgent is the least."""
        one = self.sample
        return measuring.urgency(self.state, one.state if one is not None and (one.asks or not one.over) else "")


class MeasuringNow(Struct, frozen=True):
    """All characteristics; `chosen` is the one that is looked at, None where there is none."""

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    rows: tuple[CharacteristicNow, ...]
    chosen: CharacteristicNow | None
    units: tuple[str, ...]  # the units that were last at the machine of the chosen one, the newest first
    people: tuple[PersonNow, ...] = ()

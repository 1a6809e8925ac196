"""Where the time of many shifts went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.figures.machine import LossStep
from desktop.domain.figures.stops import ParetoRow
from desktop.domain.kpi import Kpis

if TYPE_CHECKING:
    pass


class TrendShift(Struct, frozen=True):
    """One machine in one of many shifts."""

    shift: Shift
    kpis: Kpis


class ShiftFigures(Struct, frozen=True):
    """The line, or one machine, in one of many shifts. `kpis`, `good` and `target` None: the shift is not added up
    yet, or there is no constraint, exit or standard to tell them by. Of one that still runs (not `over`) they are those
    of its part till now, where that was asked for.
    """

    shift: Shift
    over: bool
    kpis: Kpis | None
    good: int | None
    target: int | None
    rules: str
    plan: int | None = None  # due by the plan with which the shift began; None where nothing was planned


class LossFilter(Struct, frozen=True):
    """What is asked of many shifts. `machine` None: the line. `shift_name` "": all shifts.

    `period`: so many days up to now, or one shift: "current", "last", or its date and name, "2026-11-19/Day".
    """

    machine: int | None = None
    period: str = "30"
    shift_name: str = ""


class WeekHour(Struct, frozen=True):
    """One hour of the week in plant time: scheduled time without breaks, what of it nobody observed, downtime.

    Milliseconds; of a line those of all its machines.
    """

    busy_ms: int = 0
    no_data_ms: int = 0
    lost_ms: int = 0

    @property
    def lost_ratio(self) -> float | None:
        """Which part of the observed scheduled time was lost, 0 to 1; None where none was observed."""
        observed_ms = self.busy_ms - self.no_data_ms
        return self.lost_ms / observed_ms if observed_ms > 0 else None

    def __add__(self, other: WeekHour) -> WeekHour:
        return WeekHour(self.busy_ms + other.busy_ms, self.no_data_ms + other.no_data_ms, self.lost_ms + other.lost_ms)


class LossPeriod(Struct, frozen=True):
    """Where the time of many shifts went, from what is kept of each, and of the one that runs till now.

    `whole`: the sums of all shifts that are known, None where none is; of a line those of its constraint.
    `begun`: how many shifts of any name there are in the period, `shift_names` their names. `losses`: the steps that
    cost time, as in the waterfall.
    `reasons`: standstill by reason, of a line that of all its machines; what nobody explained is last. `no_data_ms` is
    what of the same time nobody observed. `hours`: the week from Monday 00:00 on, 168 of them.
    `cycle_ms`: by which time becomes pieces, None without a standard. `judges`: names of the machines that the line was
    judged at, its constraints; () where one machine is asked for.
    """

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    asked: LossFilter
    machines: tuple[tuple[int, str, str], ...]  # id, name, code
    shift_names: tuple[str, ...]
    shifts: tuple[ShiftFigures, ...]  # earliest first
    known: int  # how many of them are kept or derived
    begun: int
    whole: Kpis | None
    losses: tuple[LossStep, ...]
    reasons: tuple[ParetoRow, ...]
    no_data_ms: int
    hours: tuple[WeekHour, ...]
    cycle_ms: float | None = None
    judges: tuple[str, ...] = ()

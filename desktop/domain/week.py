"""A week of the shop's calendar, as it is shown and changed."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from desktop.domain.calendar import Calendar, DayException, PlannedStop, Shift, ShiftPattern
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.people import PersonNow


class WeekShift(Struct, frozen=True):
    """A shift in the column of the date on which it starts. `pattern`: as it is written for that date; `extra`: it
    takes place on a day off, `longer`: it has overtime, `moved`: it is at another time on that day alone, `half`: half
    of it is a holiday."""

    shift: Shift
    on: date
    pattern: ShiftPattern
    extra: bool = False
    longer: bool = False
    moved: bool = False
    half: bool = False


class WeekDay(Struct, frozen=True):
    """A date, and what is different on it."""

    on: date
    different: tuple[DayException, ...] = ()


class CalendarWeek(Struct, frozen=True):
    """Seven days from a Monday on. `shop` is the whole calendar as it stands; with `preview` the week shows what would
    be. `starts`: the date on which each shift starts next; `waiting`: planned stops that nobody has approved and that
    are not over, of any week; `reasons`: what a planned stop may be for."""

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    shop: Calendar
    days: tuple[WeekDay, ...]
    shifts: tuple[WeekShift, ...]
    planned: tuple[PlannedStop, ...]
    waiting: tuple[PlannedStop, ...]
    starts: dict[int, date | None]
    machines: tuple[tuple[int, str], ...]
    reasons: tuple[tuple[int, str], ...]
    crews: tuple[str, ...]
    people: tuple[PersonNow, ...] = ()
    preview: bool = False
    refused: str = ""  # why what would be previewed cannot be

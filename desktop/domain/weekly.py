"""A week against the four before: what each reason cost and how much of it was won back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from msgspec import Struct

from desktop.domain.events import State
from desktop.domain.figures.head import PlantHead
from desktop.domain.figures.losses import ShiftFigures
from desktop.domain.intervals import STOPPED, Category
from desktop.domain.kpi import Kpis
from desktop.domain.losses import UNLABELLED, Cause, Stood

WEEKS_BEFORE = 4
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})")


class WeekLoss(Struct, frozen=True):
    """Standstill of all machines by one reason. `before_ms`: in as many shifts of the weeks before; None where nothing
    is kept of these. Words as those of a ParetoRow."""

    word: str
    category: Category
    state: State
    labelled: bool
    length_ms: int
    count: int
    before_ms: int | None

    @property
    def recovered_ms(self) -> int | None:
        """How much less it cost than before; negative where it cost more."""
        return None if self.before_ms is None else self.before_ms - self.length_ms


class WeekAction(Struct, frozen=True):
    """An open item of the week: what, of which machine ("" the line), who, until when, and when it was done (None: it
    is open at the end of the week)."""

    text: str
    machine: str
    owner: str
    due_ms: int | None
    done_ms: int | None


class WeekReport(Struct, frozen=True):
    """One business week. `shifts` earliest first, `known` of them are added up; `hour_cost` is what an hour of a
    machine costs, 0 where nobody said."""

    head: PlantHead
    week: str
    monday: date
    made_at_ms: int
    shifts: tuple[ShiftFigures, ...]
    known: int
    before: int  # shifts of the weeks before that are added up
    kpis: Kpis | None
    before_kpis: Kpis | None
    good: int | None
    target: int | None
    losses: tuple[WeekLoss, ...]
    hour_cost: float
    rules: str
    plan: int | None = None  # by the plans with which its shifts began; None where one of them had none
    actions: tuple[WeekAction, ...] = ()  # those that are open first

    @property
    def recovered_ms(self) -> int | None:
        """Of all reasons together."""
        each = [loss.recovered_ms for loss in self.losses]
        return sum(one for one in each if one is not None) if self.before else None

    def money(self, length_ms: int | None) -> float | None:
        """What a time of a machine costs; None where nobody said what an hour does."""
        return None if length_ms is None or not self.hour_cost else length_ms / 3_600_000 * self.hour_cost


def monday_of(week: str) -> date | None:
    """The Monday of an ISO week such as "2026-W47"; None for what is none."""
    found = _WEEK.fullmatch(week.strip().upper())
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        return None


def week_name(on: date) -> str:
    """The ISO week of a date: "2026-W47"."""
    year, week, _day = on.isocalendar()
    return f"{year}-W{week:02d}"


def last_week(today: date) -> str:
    """The week before that of a date."""
    return week_name(today - timedelta(days=7))


def compare(
    now: Mapping[Cause, Stood], before: Mapping[Cause, Stood], share: float | None, names: Mapping[int, str]
) -> tuple[WeekLoss, ...]:
    """Every reason of both, the longest of this week first, what nobody explained last and always there.

    `share`: shifts of this week for each of those before; None: there were none.
    """

    def row(cause: Cause) -> WeekLoss:
        stood, was = now.get(cause, Stood()), before.get(cause, Stood())
        return WeekLoss(
            names.get(cause.reason or 0, ""),
            cause.category,
            cause.state,
            cause != UNLABELLED,
            stood.length_ms,
            stood.count,
            None if share is None else round(was.length_ms * share),
        )

    # A wait follows from another machine's stop, which is counted itself.
    counted = STOPPED - {Category.WAIT}
    causes = {cause for cause in (*now, *before) if cause.category in counted and cause != UNLABELLED}
    rows = [row(cause) for cause in causes]
    rows.sort(key=lambda loss: (-loss.length_ms, -(loss.before_ms or 0), loss.word, loss.state))
    return (*rows, row(UNLABELLED))

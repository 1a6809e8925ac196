"""Standstills and their reasons, as the Stops screen and every list of them show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.entries import Call, Labelled
from desktop.domain.events import State
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.intervals import SELF_EXPLAINED, Category, Interval
from desktop.domain.plant import ASK_AFTER_MS
from desktop.domain.spans import Span

if TYPE_CHECKING:
    pass


class StopRow(Struct, frozen=True):
    """One standstill. `end_ms` None: it goes on. `reason` "": no person has said why. `who` said it, "" where that is
    not known."""

    id: int
    machine: int
    machine_code: str
    machine_name: str
    start_ms: int
    end_ms: int | None
    length_ms: int
    category: Category
    state: State
    reason: str
    word: str  # the alarm that stood, "" without one
    who: str = ""
    behind: str = ""  # name of the machine before it that stood for at least half of it: it waited, as it seems
    brief: bool = False  # shorter than what the shop asks about: whoever wants to may say why

    @property
    def unlabelled(self) -> bool:
        """A stop of which neither a person nor the machine itself has said why."""
        return self.category is Category.STOP and not self.reason and self.state not in SELF_EXPLAINED

    @property
    def silent(self) -> bool:
        """No stop but a time of which nothing is known: a person who was there may say that it stood, by hand."""
        return self.category is Category.NO_DATA

    @property
    def asks(self) -> bool:
        """One for which somebody is to think of a reason: long enough, and none that only waited, as it seems."""
        return self.unlabelled and not self.behind and not self.brief


def by_need(stops: Iterable[StopRow]) -> tuple[StopRow, ...]:
    """Those without a reason: the ones that ask first, the longest first."""
    return tuple(sorted((s for s in stops if s.unlabelled), key=lambda stop: (not stop.asks, -stop.length_ms)))


class ReasonNow(Struct, frozen=True):
    """A reason that can be given. `uses`: how often it was at the stop's machine in the last weeks; `after_alarm`: how
    often after the alarm that stands with the stop, of `alarms` such stops in all."""

    id: int
    code: str
    name: str
    kind: str
    uses: int = 0
    after_alarm: int = 0
    alarms: int = 0
    failure: bool = False
    place: int = 0  # in the shop's own order
    icon: str = ""


class LabelRow(Struct, frozen=True):
    """A reason that somebody gave: `entry` takes it back, `said` is what was said. `end_ms` None: the stop goes on."""

    entry: int
    said: Labelled
    category: Category
    state: State
    machine_code: str
    machine_name: str
    reason: str
    kind: str
    start_ms: int
    end_ms: int | None
    length_ms: int
    who: str
    said_at_ms: int
    note: str = ""


class OpenShift(Struct, frozen=True):
    """A shift that is over and not closed, and how many of its stops ask for a reason: one at least. `settled`: of all
    older ones it is known whether they are such, too."""

    shift: Shift
    asks: int
    settled: bool = True


class StopsNow(Struct, frozen=True):
    """The stops of a shift that wait for a reason, longest first, and those that have one, newest first.

    `chosen`: the stop that is looked at, with its `machine`'s intervals and the moments of its pieces around it; None
    where there is none. `asked`: the stop that was asked for, as a machine and a moment; where it is not there nothing
    is `chosen`. `splits` are the moments at which stops of its machine were split, with the entries that say
    so. `reasons` are all that can be given, those most likely for it first. `seen` is the newest entry: what is entered
    later meanwhile is told.
    """

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    open: tuple[StopRow, ...]
    said: tuple[LabelRow, ...]
    reasons: tuple[ReasonNow, ...]
    seen: int
    chosen: StopRow | None = None
    around: Span | None = None
    intervals: tuple[Interval, ...] = ()
    pieces: tuple[int, ...] = ()
    splits: tuple[tuple[int, int], ...] = ()  # (moment, entry)
    calls: tuple[Call, ...] = ()  # of all machines, what is not done
    names: dict[int, str] = {}  # of all machines, by their ids
    looked_at: Shift | None = None  # the shift whose stops they are
    shifts: tuple[Shift | None, Shift | None] = (None, None)  # the one before it and the one after it
    closed: bool = False  # it was closed: what is said of it now needs a why
    ask_after_ms: int = ASK_AFTER_MS  # from this length on a stop asks
    asking: tuple[tuple[int, int], ...] = ()  # (such a length, how many of `open` would ask with it)
    asked: tuple[int, int] | None = None
    waiting_shifts: tuple[OpenShift, ...] = ()  # earlier ones that are not closed, the oldest first

    @property
    def waiting(self) -> int | None:
        """How many stops of the shift that runs ask for a reason; None where an earlier one is looked at."""
        return sum(stop.asks for stop in self.open) if self.looked_at == self.shift else None


class ParetoRow(Struct, frozen=True):
    """Standstill by reason. `word` is a reason's name or, where nobody said one, "" with its category."""

    word: str
    category: Category
    state: State
    labelled: bool
    length_ms: int
    count: int

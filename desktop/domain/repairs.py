"""Where the time of a repair goes: MTTR 평균수리시간 in the phases of the calls for maintenance.

    called ──> repair begins ──> fixed ──> first good piece

Each phase is a mean over the calls of which both of its ends are known; with none of them it is not known. A call
belongs to where it was called.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter

from msgspec import Struct

from desktop.domain.entries import Call
from desktop.domain.events import Count, Role
from desktop.domain.intervals import STOPPED, Interval
from desktop.domain.spans import Span

_at_ms = attrgetter("at_ms")


class Phase(Struct, frozen=True):
    """The mean length of a phase in milliseconds over `count` calls; None over none."""

    mean_ms: float | None = None
    count: int = 0


class Repair(Struct, frozen=True):
    """A call with the first good piece behind its stop, as moments; None for what has not been yet or is not known."""

    call: Call
    first_good_ms: int | None = None

    @property
    def arrival_ms(self) -> int | None:
        """From the call till the repair began."""
        return _apart(self.call.called_ms, self.call.begun_ms)

    @property
    def repair_ms(self) -> int | None:
        """From then till it was fixed: said so, and at the latest when a good piece came."""
        return _apart(self.call.begun_ms, self._fixed_ms)

    @property
    def restart_ms(self) -> int | None:
        """From then till the first good piece."""
        return _apart(self._fixed_ms, self.first_good_ms)

    @property
    def _fixed_ms(self) -> int | None:
        over_ms, good_ms = self.call.over_ms, self.first_good_ms
        return over_ms if over_ms is None or good_ms is None else min(over_ms, good_ms)


class Repairs(Struct, frozen=True):
    """All calls of a machine in a window, the earliest first; the means of those for maintenance."""

    calls: tuple[Repair, ...] = ()
    arrival: Phase = Phase()
    repair: Phase = Phase()
    restart: Phase = Phase()

    @property
    def maintenance(self) -> int:
        """How often maintenance was called."""
        return sum(each.call.what == "maintenance" for each in self.calls)


def repairs(
    calls: Iterable[Call], machine: int, window: Span, intervals: Sequence[Interval], counts: Sequence[Count]
) -> Repairs:
    """The calls of a machine in a window, with the first good piece behind the stop to which each belongs: the one in
    which it was called, else the next that begins before it is over. `counts` in order of time."""
    good = [c for c in counts if c.pieces > 0 and c.role is Role.GOOD]
    good = good or [c for c in counts if c.pieces > 0 and c.role is Role.TOTAL]  # of a machine that counts no good ones
    mine = sorted((c for c in calls if c.machine == machine and window.holds(c.called_ms)), key=lambda c: c.called_ms)
    found = tuple(Repair(call, _first_good(call, intervals, good)) for call in mine)
    wanted = [each for each in found if each.call.what == "maintenance"]
    return Repairs(
        found,
        _mean(each.arrival_ms for each in wanted),
        _mean(each.repair_ms for each in wanted),
        _mean(each.restart_ms for each in wanted),
    )


def together(parts: Iterable[Repairs]) -> Repairs:
    """The calls of several machines as one."""
    found = [each for part in parts for each in part.calls]
    wanted = [each for each in found if each.call.what == "maintenance"]
    return Repairs(
        tuple(sorted(found, key=lambda each: each.call.called_ms)),
        _mean(each.arrival_ms for each in wanted),
        _mean(each.repair_ms for each in wanted),
        _mean(each.restart_ms for each in wanted),
    )


def _first_good(call: Call, intervals: Sequence[Interval], good: Sequence[Count]) -> int | None:
    if call.over_ms is None:
        return None
    stood = [i for i in intervals if i.category in STOPPED and i.span.end_ms > call.called_ms]
    stop = next((i for i in stood if i.span.start_ms < call.over_ms), None)
    since_ms = call.over_ms
    if stop is not None:
        parts = [i.span.end_ms for i in stood if i.stop_id == stop.stop_id] if stop.stop_id else [stop.span.end_ms]
        since_ms = max(parts)
    place = bisect_right(good, since_ms - 1, key=_at_ms)
    return good[place].at_ms if place < len(good) else None


def _mean(lengths: Iterable[int | None]) -> Phase:
    known = [length for length in lengths if length is not None]
    return Phase(sum(known) / len(known), len(known)) if known else Phase()


def _apart(start_ms: int | None, end_ms: int | None) -> int | None:
    return None if start_ms is None or end_ms is None else max(end_ms - start_ms, 0)

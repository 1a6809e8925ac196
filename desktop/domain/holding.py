"""Which things are held (보류) at a moment, and what frees them. Pure.

A hold holds a thing until it is disposed of: released, mended and found good again, let go by a customer's leave that
has run out neither by date nor by number, or thrown away for good. What carries a held lot is held with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from desktop.domain.entries import OPEN_MS, Calibrated, Disposed, Disposition, Entry, Held
from desktop.domain.events import Thing
from desktop.domain.quality import Gauge, WhenWrong


class Fate(StrEnum):
    """How something stands under a hold.

    held      nobody has decided yet
    rework    it is to be mended, and was not found good since
    lapsed    a customer's leave is over: its date has passed, or its pieces are used up
    released, reworked, conceded: it is free
    scrapped  it never goes on, and its code is never given to anything else
    """

    HELD = "held"
    REWORK = "rework"
    LAPSED = "lapsed"
    RELEASED = "released"
    REWORKED = "reworked"
    CONCEDED = "conceded"
    SCRAPPED = "scrapped"


#: what may not go on
HOLDING = frozenset({Fate.HELD, Fate.REWORK, Fate.LAPSED, Fate.SCRAPPED})
#: what somebody still has to decide or to do
OPEN = frozenset({Fate.HELD, Fate.REWORK, Fate.LAPSED})


class Hold(Struct, frozen=True):
    """A hold with what was decided of it, in the order of deciding."""

    entry: Entry
    said: Held
    disposals: tuple[tuple[int, Disposed], ...] = ()

    @property
    def id(self) -> int:
        """The id of its entry."""
        return self.entry.id

    @property
    def is_rule(self) -> bool:
        """Whether it names no things, but a time."""
        return not self.said.things


def holds(told: Iterable[Entry]) -> tuple[Hold, ...]:
    """The holds that stand, in the order of saying; what was taken back never was."""
    standing = sorted((e for e in told if not e.taken_back), key=lambda entry: entry.id)
    made: dict[int, list[tuple[int, Disposed]]] = {}
    for entry in standing:
        if isinstance(entry.said, Disposed):
            made.setdefault(entry.said.hold, []).append((entry.id, entry.said))
    return tuple(Hold(e, e.said, tuple(made.get(e.id, ()))) for e in standing if isinstance(e.said, Held))


class Known(Struct, frozen=True):
    """What `fate` must know besides the words of people.

    `good_since`: whether a thing was inspected after a disposal was said, by the id of its entry and what it is, and
    how it was found last (None: not inspected).
    `rank`: the place of a thing among those that a disposal lets go, from 1 on.
    """

    good_since: Callable[[Thing, int, Disposed], bool | None]
    rank: Callable[[Disposed, Thing], int]


def fate(hold: Hold, route: Sequence[Thing], at_ms: int, known: Known) -> Fate:
    """How a thing stands under a hold by all that was said of it; the moment only lets a customer's leave run out.

    `route`: the thing itself, then what it carries or lies in, up to what the hold names or what its rule meets. What
    was decided of the thing itself goes before what was decided of a part of it; of equals the last word counts. A
    lot that is thrown away decides nothing of the units that carry it already.
    """
    best: tuple[int, int, Disposed] | None = None
    for number, said in hold.disposals:
        near = decided_at(said, route)
        if near is None or (said.what is Disposition.SCRAP and said.things and near > 0):
            continue
        if best is None or near <= best[0]:
            if said.what is Disposition.SCRAP:
                return Fate.SCRAPPED  # whatever is said behind it
            best = (near, number, said)
    if best is None:
        return Fate.HELD
    near, number, said = best
    if said.what is Disposition.RELEASE:
        return Fate.RELEASED
    if said.what is Disposition.REWORK:
        found = (known.good_since(thing, number, said) for thing in route[: near + 1])
        return Fate.REWORKED if next((each for each in found if each is not None), False) else Fate.REWORK
    piece = next((each for each in route if each.kind == "unit"), route[-1])  # a box around it is none
    expired = said.expires_ms is not None and at_ms >= said.expires_ms
    used_up = said.quantity is not None and known.rank(said, piece) > said.quantity
    return Fate.LAPSED if expired or used_up else Fate.CONCEDED


def decided_at(said: Disposed, route: Sequence[Thing]) -> int | None:
    """How far from a thing it was decided: 0 of itself, the length of its route of the whole hold; None: not at all."""
    if not said.things:
        return len(route)
    return next((place for place, thing in enumerate(route) if thing in said.things), None)


def is_over(hold: Hold) -> bool:
    """Whether a word ended the whole hold for good: everything is released or thrown away, or let go without a bound.

    Without one it is over when each of its things is, which only the file can tell.
    """
    return frees(hold) or any(not said.things and said.what is Disposition.SCRAP for _number, said in hold.disposals)


def frees(hold: Hold) -> bool:
    """Whether a word let the whole hold go for good, so that none of its things need be asked about: there is one of
    all of it, and none of any of its things that still stops them or may again."""
    said = [each for _number, each in hold.disposals]
    whole = any(not each.things or (not hold.is_rule and set(each.things) >= set(hold.said.things)) for each in said)
    return whole and all(map(_is_free, said))


def _is_free(said: Disposed) -> bool:
    return said.what is Disposition.RELEASE or (
        said.what is Disposition.CONCESSION and said.quantity is None and said.expires_ms is None
    )


class GaugeState(StrEnum):
    """How the calibration of a gauge stands."""

    FREE = "free"  # none is asked for
    GOOD = "good"
    SOON = "soon"  # it runs out within two weeks
    OVERDUE = "overdue"
    FAILED = "failed"
    UNKNOWN = "unknown"  # one is asked for, and nobody ever said one


SOON_MS = 14 * 86_400_000


class Standing(Struct, frozen=True):
    """How a gauge stands: its last calibration as an entry (None: none), and since when it is known to be good (None:
    it is not, or never was)."""

    state: GaugeState
    last: Entry | None = None
    good_ms: int | None = None

    @property
    def due_ms(self) -> int | None:
        """When the next one is due; None: no date is set."""
        said = self.last.said if self.last is not None else None
        return said.end_ms if isinstance(said, Calibrated) and said.end_ms < OPEN_MS else None


#: whose values are not to be relied on
BAD_GAUGE = frozenset({GaugeState.OVERDUE, GaugeState.FAILED})


def refuses(gauge: Gauge, state: GaugeState) -> bool:
    """Whether what a gauge measures counts for nothing: its calibration has run out, failed or is not known, and it is
    set up to refuse values then."""
    return gauge.when_due is WhenWrong.REFUSE and (state in BAD_GAUGE or state is GaugeState.UNKNOWN)


def calibration(told: Iterable[Entry], gauge: int, interval_days: int, at_ms: int) -> Standing:
    """How a gauge stands at a moment, by what was said of it until then."""
    own: list[tuple[int, int, Entry, Calibrated]] = []
    for entry in told:
        said = entry.said
        if isinstance(said, Calibrated) and said.gauge == gauge and said.start_ms <= at_ms and not entry.taken_back:
            own.append((said.start_ms, entry.id, entry, said))
    if not own:
        return Standing(GaugeState.UNKNOWN if interval_days else GaugeState.FREE)
    _at, _number, last, said = max(own, key=lambda each: each[:2])
    good_ms = max((each[0] for each in own if each[3].good), default=None)
    if not said.good:
        return Standing(GaugeState.FAILED, last, good_ms)
    if said.end_ms <= at_ms:
        return Standing(GaugeState.OVERDUE, last, good_ms)
    return Standing(GaugeState.SOON if said.end_ms - at_ms <= SOON_MS else GaugeState.GOOD, last, good_ms)

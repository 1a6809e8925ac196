"""Which shifts something that people say changes, and which of it needs a why once a shift is closed. Pure.

A closed shift (마감) is corrected only by somebody who gives a name and a reason. What a kind of entry changes is not
always the shift in which it begins: a reason without an end holds as far as the standstill goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from desktop.domain.entries import (
    Action,
    ActionClosed,
    Attended,
    Booked,
    Calibrated,
    Called,
    Changed,
    ChartLimits,
    Checked,
    Closed,
    Disposed,
    Excluded,
    FirstPiece,
    FourM,
    Held,
    HourConfirmed,
    Joined,
    Labelled,
    Left,
    Measured,
    Note,
    Ordered,
    OrderEnded,
    Parted,
    Phase,
    Placed,
    Replaced,
    Safety,
    Said,
    Signed,
    Split,
)


class Reach(StrEnum):
    """How far an entry, or taking it back, reaches.

    signature   nothing where it is given, for it belongs to the edition that it signs; taken back, its own shift
    closing     whether its own shift is closed
    time        the time of which it speaks
    shift       from its start to its end, at most to the end of the shift in which it begins
    standstill  the time of which it speaks; without an end as far as the standstill goes
    whole       the whole standstill, which is judged by the parts that it has
    order       until the next order at the machine begins, the end of one also until that of another
    changeover  from the changeover before it until a first piece is found good or the next one begins
    item        on the page of its own shift, and as an open item on those behind it
    nothing     it speaks of things and gauges, not of a shift
    """

    SIGNATURE = "signature"
    CLOSING = "closing"
    TIME = "time"
    SHIFT = "shift"
    STANDSTILL = "standstill"
    WHOLE = "whole"
    ORDER = "order"
    CHANGEOVER = "changeover"
    ITEM = "item"
    NOTHING = "nothing"


#: every kind of entry; a new one is told of here before anybody can say it
REACHES: Mapping[type[Struct], Reach] = {
    Labelled: Reach.STANDSTILL,
    Split: Reach.WHOLE,
    Ordered: Reach.ORDER,
    OrderEnded: Reach.ORDER,
    Changed: Reach.CHANGEOVER,
    FirstPiece: Reach.CHANGEOVER,
    Booked: Reach.TIME,
    Note: Reach.TIME,
    Action: Reach.ITEM,
    ActionClosed: Reach.ITEM,
    Safety: Reach.TIME,
    FourM: Reach.TIME,
    Signed: Reach.SIGNATURE,
    Closed: Reach.CLOSING,
    Attended: Reach.SHIFT,
    Placed: Reach.SHIFT,
    Left: Reach.SHIFT,
    Called: Reach.TIME,
    Phase: Reach.TIME,
    Checked: Reach.TIME,
    HourConfirmed: Reach.TIME,
    Measured: Reach.NOTHING,
    Excluded: Reach.NOTHING,
    ChartLimits: Reach.NOTHING,
    Calibrated: Reach.NOTHING,
    Held: Reach.NOTHING,
    Disposed: Reach.NOTHING,
    Replaced: Reach.NOTHING,
    Joined: Reach.NOTHING,
    Parted: Reach.NOTHING,
}
#: what happens behind a closing by its nature and is said as it does: nobody waits for help because a shift is closed
HAPPENING = (Called, Phase, Attended, Placed, Left, ActionClosed)


def free(said: Said, closed_at_ms: int) -> bool:
    """Whether something may be said of a shift that was closed at a moment, or be taken back, without a why."""
    return isinstance(said, HAPPENING) and said.start_ms >= closed_at_ms


class Closing(Struct, frozen=True):
    """From one entry on a shift was closed, up to the one that opened it again; None: it still is. With the moments."""

    since: int
    since_ms: int
    until: int | None = None
    until_ms: int | None = None


def closings(told: Iterable[tuple[int, int, int]]) -> tuple[Closing, ...]:
    """When a shift was closed, by the closings that were said and taken back: each its id, its moment, and the id that
    it takes back (0: none), in the order of saying. Who closes what is closed changes nothing."""
    found: list[Closing] = []
    standing: set[int] = set()
    for number, at_ms, back in told:
        before = bool(standing)
        (standing.discard(back) if back else standing.add(number))
        if standing and not before:
            found.append(Closing(number, at_ms))
        elif before and not standing:
            found[-1] = Closing(found[-1].since, found[-1].since_ms, number, at_ms)
    return tuple(found)

"""Where a unit was, what it was made of and what it went into; and lists of units with their place."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from desktop.domain.holding import Fate, GaugeState
from desktop.domain.intervals import Interval
from desktop.domain.quality import Limits, Mark
from desktop.domain.spans import Span
from desktop.domain.values import is_taken


class Node(Struct, frozen=True):
    """A thing on the path of another one.

    `link`: how it hangs together with `via`, the thing between it and the asked one (consumed, packed ...), at which
    machine and when; `ended_ms`: from then on it does not any more, None: it still does. `depth`: 1 is next to the
    asked thing. `count`: of how many units a lot is a part, or how many things a box holds.
    """

    id: int
    kind: str
    code: str
    via: int
    link: str
    depth: int
    machine_code: str
    machine_name: str
    at_ms: int
    ended_ms: int | None = None
    what: str = ""  # the product, or the material
    count: int = 0


class Path(Struct, frozen=True):
    """What a thing was made of and what it went into, nearest first. `more_back` and `more_ahead`: so many things next
    to it are not among them. `back_off` and `ahead_off`: links that held no more at that time, newest last."""

    back: tuple[Node, ...] = ()
    ahead: tuple[Node, ...] = ()
    more_back: int = 0
    more_ahead: int = 0
    off: tuple[Node, ...] = ()


class TraceValue(Struct, frozen=True):
    """What was measured of a unit at a station: every value in the order of measuring, None for one that the device
    called bad (`words` says what it said). `judgements`: good, reject or "". `limits`: those valid when they were
    measured; None where nobody said any. Where limits or the gauge's calibration changed between two values what came
    behind is a row of its own that `goes_on` from the one before. `by_signal`: they are those of the signal, which
    have no history."""

    name: str
    unit: str
    values: tuple[float | None, ...]
    words: tuple[str, ...]
    judgements: tuple[str, ...]
    at_ms: tuple[int, ...]
    limits: Limits | None = None
    by_signal: bool = False
    gauge_code: str = ""
    gauge_name: str = ""
    mark: Mark = Mark.NONE
    retests: int | None = None  # so often it may be measured again, None: nobody said
    calibrated_ms: int | None = None  # the last calibration of the gauge before that, None: none is known
    gauge_state: GaugeState | None = None  # how the gauge stood then, None: no gauge is named
    who: tuple[str, ...] = ()  # who entered each by hand, "" where nobody said; empty: a device measured
    goes_on: bool = False

    @property
    def attempts(self) -> int:
        """How many of them are values: what a gauge told in place of one is no attempt."""
        return sum(
            is_taken(value, judgement, self.limits)
            for value, judgement in zip(self.values, self.judgements, strict=True)
        )

    @property
    def judgement(self) -> str:
        """Of the last value that was allowed: measured more often until it is good it is not."""
        return next(iter(reversed(_allowed(self.judgements, None if self.goes_on else self.retests))), "")

    @property
    def first_rejected(self) -> bool:
        """Whether the first value was no good and the last one was: it counts for no first pass."""
        return next(filter(None, self.judgements), "") == "reject" and self.judgement == "good"


class Neighbour(Struct, frozen=True):
    """The last standstill before a piece: when it ended, how long before the piece, and why it was."""

    end_ms: int
    before_ms: int
    interval: Interval
    reason: str  # of a person or of the alarm table, "" for none


class Missing(StrEnum):
    """Why there is no record of a unit at a station of its route."""

    NOT_YET = "not_yet"  # it has not come as far
    GAP = "gap"  # it was seen behind it
    NO_READER = "no_reader"  # nothing there tells which piece it is
    LEFT_OUT = "left_out"  # it was moved past it, where no machine is


class Passage(Struct, frozen=True):
    """A station of a unit's route, or a machine at which it was besides (`place` None).

    `at_ms` and `last_ms`: its first and last reading there, `visits` how many there were before it was seen elsewhere.
    `ways`: how it was known (scan, part). `missing` says why there is no record, `between` when the pieces before and
    behind it passed (`same_lot`: they carry the same lot). `unmeasured`: the names of what was to be measured of it
    here and never was. `operators`: who was at the machine then. `window` and `intervals`: what the machine did ten
    minutes before and after.
    """

    place: int | None
    code: str
    name: str
    machine: int | None
    machine_code: str
    machine_name: str
    at_ms: int | None = None
    last_ms: int | None = None
    visits: int = 0
    again: bool = False  # it was here before, and elsewhere meanwhile
    ways: tuple[str, ...] = ()
    result: str = ""
    operators: tuple[str, ...] = ()
    values: tuple[TraceValue, ...] = ()
    missing: Missing | None = None
    between: Span | None = None
    same_lot: bool = False
    window: Span | None = None
    intervals: tuple[Interval, ...] = ()
    neighbour: Neighbour | None = None
    unmeasured: tuple[str, ...] = ()

    @property
    def judgement(self) -> str:
        """good, reject or "": of its last values that were allowed, else what the station said of the unit."""
        last = [each[-1] for each in self._judgements() if each]
        if "reject" in last:
            return "reject"
        return "good" if "good" in last else self.result

    @property
    def first_rejected(self) -> bool:
        """Whether something was measured again here until it was good."""
        return any(len(each) > 1 and each[0] == "reject" and each[-1] == "good" for each in self._judgements())

    def _judgements(self) -> list[tuple[str, ...]]:
        """Of the values of each characteristic as many as it may have."""
        found: list[tuple[int | None, tuple[str, ...]]] = []
        for value in self.values:
            before = found.pop()[1] if value.goes_on else ()
            found.append((value.retests, (*before, *value.judgements)))
        return [_allowed(judgements, retests) for retests, judgements in found]


def _allowed(judgements: tuple[str, ...], retests: int | None) -> tuple[str, ...]:
    """As many of those that say anything as there may be."""
    told = tuple(filter(None, judgements))
    return told if retests is None else told[: 1 + retests]


class TraceHold(Struct, frozen=True):
    """A hold (보류) of it, or of something that it carries or lies in (`of`, "" for itself): since when, who and why,
    how it stands now, and what was decided, as (when, disposition, number of a concession, note)."""

    at_ms: int
    who: str
    reason: str
    of: str
    fate: Fate
    decided: tuple[tuple[int, str, str, str], ...] = ()


class TraceFinding(Struct, frozen=True):
    """What was wrong when the code was read at a machine or at a station: `refused` where it did not go on."""

    at_ms: int
    machine_code: str
    kind: str
    detail: str
    refused: bool


class TraceMove(Struct, frozen=True):
    """It, or what it is packed in (`code`, "" for itself), was put into stock, shipped or laid off."""

    at_ms: int
    station_code: str
    station_name: str
    kind: str
    code: str = ""


class Stage(StrEnum):
    """Where a unit is."""

    LINE = "line"  # made, and neither in stock nor shipped nor scrapped
    STOCK = "stock"
    SHIPPED = "shipped"
    SCRAP = "scrap"


class Trace(Struct, frozen=True):
    """Everything known of one code, both directions."""

    id: int
    kind: str
    code: str
    at_ms: int
    scans: int
    timezone: str
    plant: str
    line: str
    now_ms: int
    built: Path = Path()  # as it was when it left
    now: Path = Path()
    passages: tuple[Passage, ...] = ()
    product_code: str = ""
    product_name: str = ""
    order: str = ""  # the one under which it began
    lot: str = ""
    stage: Stage | None = None
    stage_at: str = ""  # the station, machine, box or reason that goes with it
    attributes: tuple[tuple[str, str], ...] = ()
    moves: tuple[TraceMove, ...] = ()
    findings: tuple[TraceFinding, ...] = ()
    holds: tuple[TraceHold, ...] = ()
    unplaced: tuple[TraceValue, ...] = ()  # measured at none of the passages
    others: tuple[tuple[str, str], ...] = ()  # kind and code of other things that carry the same code
    doubts: tuple[DoubtRow, ...] = ()  # of a box or pallet: what may be in it that it does not say
    chain: str = ""
    orders: tuple[str, ...] = ()  # those that ran at a station when it was there, the first one first

    @property
    def gaps(self) -> tuple[Passage, ...]:
        """The stations at which there should be a record or a value and is none."""
        return tuple(each for each in self.passages if each.missing is Missing.GAP or each.unmeasured)

    @property
    def retests(self) -> int:
        """How often something was measured again."""
        told = (value for each in self.passages for value in each.values if value.attempts)
        return sum(value.attempts - (not value.goes_on) for value in told)

    @property
    def judgement(self) -> str:
        """reject where the last word of any station is; good where all that judged say so; "" where none did."""
        latest: dict[str, str] = {}
        for each in self.passages:
            if each.judgement:
                latest[each.machine_code] = each.judgement
        if "reject" in latest.values():
            return "reject"
        return "good" if latest else ""


class UnitRow(Struct, frozen=True):
    """A unit with its place. `at`: the machine it was read at last, the station of its last move or the reason of its
    scrap; `box` and `pallet`: what it is packed in, "" for nothing."""

    id: int
    code: str
    product: str
    order: str
    first_ms: int
    last_ms: int
    stage: Stage
    at: str
    box: str = ""
    pallet: str = ""
    gone: bool = False  # it was shipped, whatever was said of it
    product_id: int | None = None


class UnitList(Struct, frozen=True):
    """All units of a lot, a box or a pallet, in order of their making."""

    kind: str
    code: str
    what: str
    units: tuple[UnitRow, ...]
    timezone: str
    now_ms: int
    quantity: int | None = None  # what its label says of how many there are
    doubts: tuple[DoubtRow, ...] = ()  # of a box or pallet: what may be in it besides

    def count(self, stage: Stage) -> int:
        """How many of them are at a stage."""
        return sum(unit.stage is stage for unit in self.units)


class Doubt(StrEnum):
    """What does not reconcile."""

    TWICE_PACKED = "twice_packed"  # a unit lies in two boxes at once
    SCRAPPED_AND_SHIPPED = "scrapped_and_shipped"
    REJECTED_AND_SHIPPED = "rejected_and_shipped"  # its last value that counts is bad, and nobody decided of it
    UNMEASURED_AND_SHIPPED = "unmeasured_and_shipped"  # it has no value of something: what
    BOX_COUNT = "box_count"  # a box says another number than it holds: expected, found
    LOT_COUNT = "lot_count"  # a lot says fewer than it went into: expected, found
    SAME_NUMBER = "same_number"  # another lot has this number, of the product of another GTIN: its code
    REFUSED = "refused"  # units were refused while a box was filled, and may be in it: how many and which
    NOT_BUILT = "not_built"  # it was put into stock or shipped, and no station before read it
    COUNTED = "counted"  # the counter of the last machine says another number than were read: expected, found


class DoubtRow(Struct, frozen=True):
    """Something that does not reconcile: of which code, and the two numbers where there are any."""

    kind: Doubt
    code: str
    expected: int | None = None
    found: int | None = None
    detail: str = ""


class Recall(Struct, frozen=True):
    """A mock recall (모의 회수): what was built of a lot, an order or in a day, and where it is now."""

    asked: str  # lot, order or day
    subject: str
    units: UnitList
    doubts: tuple[DoubtRow, ...]

    @property
    def reconciles(self) -> bool:
        """Whether built is shipped and stock and scrap and in the line, with nothing to be asked."""
        return not self.doubts


class MadeRow(Struct, frozen=True):
    """A piece that was at a machine before it stopped; `before_ms`: how long before. `values` as they were measured
    there, with the judgement of the last."""

    code: str
    at_ms: int
    before_ms: int
    values: tuple[TraceValue, ...]
    judgement: str


class MadeBefore(Struct, frozen=True):
    """Which pieces a machine made before a stop, newest first. `stop_ms`: its start."""

    machine: int
    machine_code: str
    machine_name: str
    stop_ms: int
    length_ms: int
    reason: str  # of a person or of the alarm table, "" for none
    stop: Interval
    rows: tuple[MadeRow, ...]
    unread: int  # pieces that the counter saw then beyond those that were read
    timezone: str
    now_ms: int


class Asked(Struct, frozen=True):
    """What is looked up: a `code` with everything known of it, all `units` of it, an `order` or a `day` as a mock
    recall, or what a machine made `before` the stop of a moment. `kind`: which, where several things carry a code."""

    what: str = ""
    code: str = ""
    kind: str = ""
    machine: int = 0
    at_ms: int = 0


class Unknown(Struct, frozen=True):
    """There is nothing of what was asked for: `sentence` says so. `similar`: known codes that look like it. `read`: it
    was read, and fits no pattern."""

    asked: Asked
    sentence: str
    similar: tuple[str, ...] = ()
    read: bool = False


Found = Trace | UnitList | Recall | MadeBefore

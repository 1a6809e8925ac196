"""What is measured (특성) and with what: characteristics, their limits, gauges; which parts a station takes.

What people say of them (a calibration, a value by hand, an exclusion, a hold) are entries, see `entries`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from math import inf

from msgspec import Struct


class Mark(StrEnum):
    """How a customer marks a characteristic: critical for safety (CC) or significant for fit and function (SC)."""

    NONE = ""
    CC = "cc"
    SC = "sc"


class Sampling(StrEnum):
    """Which pieces are measured: each, so many an hour, or the first, a middle and the last one (초·중·종물)."""

    EACH = "each"
    HOURLY = "hourly"
    PIECES = "pieces"


class Binding(StrEnum):
    """To which unit a value belongs.

    scan    the one read last at the machine: one scan binds one value of a characteristic
    window  the one read last, if that was at most so long ago
    part    the one whose id the machine tells, for as long as it tells it
    """

    SCAN = "scan"
    WINDOW = "window"
    PART = "part"


class WhenWrong(StrEnum):
    """What becomes of what must not be: it is flagged and goes on, or it is refused."""

    FLAG = "flag"
    REFUSE = "refuse"


class Scanned(StrEnum):
    """When a part with a serial of its own is read: before the unit into which it goes, or after it. A unit without it
    is told when it comes, or when the next one does."""

    BEFORE = "before"
    AFTER = "after"


class StationKind(StrEnum):
    """What is done at a station: made, inspected, mended, packed into something larger, put into stock, shipped."""

    MAKE = "make"
    INSPECT = "inspect"
    REWORK = "rework"
    PACK = "pack"
    STOCK = "stock"
    SHIP = "ship"


class Gauge(Struct, frozen=True):
    """A measuring instrument (측정기).

    `resolution`: its smallest step, in the unit of what it measures; None where nobody said. `interval_days`: so long
    a calibration holds, 0: no calibration is asked for. `when_due`: what becomes of values behind it.
    """

    id: int
    code: str
    name: str
    resolution: float | None = None
    interval_days: int = 0
    when_due: WhenWrong = WhenWrong.FLAG
    place: int = 0


class Characteristic(Struct, frozen=True):
    """Something that is measured of a product at a machine (None: of all that are made there, by hand).

    `signal` None: its values are entered by hand. `subgroup`: so many values make one point of a chart, 1: each its
    own (I-MR). `per_hour` with `Sampling.HOURLY`. `window_ms` with `Binding.WINDOW`. `retests`: so often a unit may be
    measured again; the first value alone counts for the first-pass yield and for the chart. `retired_at_ms`: since
    when it is measured no more. `since_ms`: since when it is by this signal, of this product and as often.
    """

    id: int
    code: str
    name: str
    product: int | None = None
    machine: int | None = None
    signal: int | None = None
    unit: str = ""
    mark: Mark = Mark.NONE
    gauge: int | None = None
    sampling: Sampling = Sampling.EACH
    per_hour: int = 0
    subgroup: int = 1
    binding: Binding = Binding.SCAN
    window_ms: int = 0
    retests: int = 1
    place: int = 0
    retired_at_ms: int | None = None
    since_ms: int = 0


class Limits(Struct, frozen=True):
    """The specification of a characteristic from a moment on; None: no limit on that side, or no nominal value. One
    without any limit says that there is none from then on."""

    characteristic: int
    valid_from_ms: int
    nominal: float | None = None
    low: float | None = None
    high: float | None = None

    def judge(self, value: float) -> bool | None:
        """Whether a value is good; on a limit it is. None where there is no limit."""
        if self.low is None and self.high is None:
            return None
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


class StationPart(Struct, frozen=True):
    """A station takes a material for a product (None: for all). `required`: a unit without it is flagged. `around`:
    so many units before and behind a change of its lot carry both (a hopper holds what was in it). `serial`: it comes
    piece by piece, each with a serial of its own, and goes into one unit; the material is then the code of its product,
    its GTIN or what its scanner's class names. Whenever it is read it goes into its unit; `scanned` says when it is
    missing."""

    station: int
    material: str
    product: int | None = None
    required: bool = True
    around: int = 0
    serial: bool = False
    scanned: Scanned = Scanned.BEFORE


class Assigned(Struct, frozen=True):
    """By which signal a characteristic is measured from a moment on; None: by none."""

    characteristic: int
    signal: int | None
    from_ms: int


class Quality(Struct, frozen=True):
    """All of it, as one value. `assigned`, in order: of the characteristics that ever shared a signal by turns."""

    gauges: tuple[Gauge, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    limits: tuple[Limits, ...] = ()
    parts: tuple[StationPart, ...] = ()
    assigned: tuple[Assigned, ...] = ()

    @property
    def measured(self) -> tuple[Characteristic, ...]:
        """The characteristics that are measured now."""
        return tuple(each for each in self.characteristics if each.retired_at_ms is None)

    def of_signal(self, signal: int, product: int | None, at_ms: int) -> Characteristic | None:
        """What a signal measured of a product at a moment; one that is of no product is of all. Of several the one that
        was retired first after it: the others took its place."""
        found = [c for c in self._on(signal, at_ms) if c.product in (None, product)]
        return min(found, key=lambda c: (c.product is None, c.retired_at_ms or inf), default=None)

    def products_of(self, signal: int, at_ms: int) -> set[int | None]:
        """Of which products a signal may have measured something at a moment."""
        return {c.product for c in self._on(signal, at_ms)}

    def asked(self, signal: int, product: int | None, at_ms: int) -> Characteristic | None:
        """What of each piece of a product is to be measured by a signal where it passes at a moment, if anything."""
        what = self.of_signal(signal, product, at_ms)
        is_each = what is not None and what.signal == signal and what.sampling is Sampling.EACH
        return what if what is not None and is_each and what.since_ms <= at_ms else None

    def signals_of(self, characteristic: Characteristic) -> set[int]:
        """The signals by which a characteristic is or was measured."""
        told = {each.signal for each in self.assigned if each.characteristic == characteristic.id}
        return {signal for signal in (*told, characteristic.signal) if signal is not None}

    def _on(self, signal: int, at_ms: int) -> list[Characteristic]:
        """The characteristics that a signal measured at a moment; where it was nobody's those that it measures now and
        that were not retired by then."""
        if self.assigned:
            then = {each.characteristic: each.signal for each in self.assigned if each.from_ms <= at_ms}
            if found := [c for c in self.characteristics if then.get(c.id) == signal]:
                return found
        return [
            c
            for c in self.characteristics
            if c.signal == signal and (c.retired_at_ms is None or at_ms < c.retired_at_ms)
        ]

    def limits_at(self, characteristic: int, at_ms: int) -> Limits | None:
        """The specification in force at a moment, None where there is none."""
        return limits_at((each for each in self.limits if each.characteristic == characteristic), at_ms)


def limits_at(limits: Iterable[Limits], at_ms: int) -> Limits | None:
    """Of the versions of one specification the one in force at a moment, None where there is none, or none any more."""
    begun = (each for each in limits if each.valid_from_ms <= at_ms)
    last = max(begun, key=lambda each: each.valid_from_ms, default=None)
    return None if last is None or (last.low is None and last.high is None) else last

"""Measured values: what is one and what is none, and in which order they came. Pure, and without numpy: the collector
asks at every value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, TypeVar

from msgspec import Struct

from desktop.domain.quality import Limits


class Value(Struct, frozen=True):
    """A value as it was measured. `id` is that of the fact or of the entry by hand (`by_hand`); `unit` is the code of
    the unit, "" where it is bound to none; `product` what the machine made then, None where that is not known."""

    id: int
    at_ms: int
    value: float | None
    unit: str = ""
    machine: int | None = None
    product: int | None = None
    by_hand: bool = False
    who: str = ""
    word: str = ""


class Taken(Struct, frozen=True):
    """A value that a unit has: a result of a signal, judged when it came ("" for not at all), or what somebody entered
    by hand of a characteristic, by the id of the entry (then `id` and `signal` are 0)."""

    id: int
    at_ms: int
    value: float | None
    signal: int = 0
    judgement: str = ""
    entry: int = 0
    characteristic: int = 0

    @property
    def by_hand(self) -> bool:
        """Whether somebody entered it."""
        return self.entry != 0


def is_no_value(value: float | None, limits: Limits | None) -> bool:
    """Whether a gauge says by this that it has no value: not a number, a row of four nines and more (9999, 99999.9), or
    -1 of what is never below zero: by its lower limit, or as it has only an upper one (leak, runout, burr). What lies
    within both its limits is a value, whatever its digits; but of what may be as large as it likes nobody said that it
    may be 9999, nor of what may be as small as it likes that it may be -1."""
    if value is None or not math.isfinite(value):
        return True
    bound = None if limits is None else limits.high if value > 0 else limits.low
    if limits is not None and bound is not None and limits.judge(value):
        return False
    digits = f"{abs(value):.10g}".replace(".", "")
    if abs(value) >= 999.9 and len(digits) >= 4 and set(digits) == {"9"}:
        return True
    if value != -1 or limits is None:
        return False
    return limits.low >= 0 if limits.low is not None else limits.high is not None and limits.high >= 0


class _Arrived(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def by_hand(self) -> bool: ...


_Arriving = TypeVar("_Arriving", bound=_Arrived)


def is_taken(value: float | None, judgement: str, limits: Limits | None) -> bool:
    """Whether what a device told is a measurement of its piece: it was judged, or is a value that nothing limits. A
    value that has limits and was not judged was refused, as by a gauge without calibration."""
    if judgement or value is None:
        return bool(judgement)
    return not is_no_value(value, limits) and (limits is None or limits.judge(value) is None)


def as_they_came(values: Sequence[_Arriving]) -> list[_Arriving]:
    """Values (oldest first) in the order in which they came: those of the wire by their ids, as a clock that was set
    back would have a retest before the first value; one by hand is where its time has it."""
    wire = iter(sorted((each for each in values if not each.by_hand), key=lambda each: each.id))
    return [each if each.by_hand else next(wire) for each in values]

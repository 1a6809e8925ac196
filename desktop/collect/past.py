"""What the tracker must know that it did not see itself, and what of that waits to be stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from desktop.domain.events import Thing
from desktop.domain.quality import Gauge
from desktop.domain.values import Taken
from desktop.domain.verdicts import Fault


class Known(Struct):
    """What is known of a thing: the machines that it passed, each with the moment at which it was first there, its
    product (None: nobody said), and what its label told by the keys of `Attribute`."""

    machines: dict[int, int]
    product: int | None = None
    told: dict[str, str] = field(default_factory=dict)

    @property
    def expires_on(self) -> str:
        """The last day on which it may be used, an ISO date; "" where nobody said."""
        return self.told.get("expiry", "")


class Packed(Struct, frozen=True):
    """In what a thing lies that was packed, the id of the link that says so, and the machine at which that was."""

    link: int
    outer: Thing
    machine: int


class Filling(Struct, frozen=True):
    """A box or pallet as a machine finds it: how many things lie in it, whether it is the last one that was read there,
    whether it was put into stock or shipped since it was filled, and the newest link of what lies in it (0: none)."""

    holds: int = 0
    is_last: bool = False
    left: bool = False
    filled: int = 0

    @property
    def closed(self) -> int:
        """How many things it holds, where nothing is added to it any more; 0 where it is empty or open."""
        return 0 if self.is_last and not self.left else self.holds


class Last(Struct, frozen=True):
    """The newest fact of where a thing was, read at a machine or put somewhere: its id (0: none), and whether it was
    shipped by it."""

    id: int = 0
    shipped: bool = False


class Past(Protocol):
    """What was before, out of the file. Asked between two commits, so that what waits for one is not in it."""

    def known(self, thing: Thing) -> Known | None:
        """None where that cannot be told now."""
        ...

    def taken(self, thing: Thing, at_ms: int, *, ever: bool = False) -> list[Taken]:
        """The values that a unit has, in the order in which they came: since it was mended, or somebody decided what
        becomes of it; or all that it `ever` had."""
        ...

    def held(self, thing: Thing, at_ms: int, *, mending: bool = False) -> str:
        """Why a thing is on hold at a moment, "" where it is not. `mending`: not where it is only to be mended."""
        ...

    def scrapped(self, thing: Thing, at_ms: int) -> bool:
        """Whether what keeps a thing is that it, or what it lies in, was thrown away."""
        ...

    def mended(self, thing: Thing, at_ms: int) -> bool:
        """Whether a unit was sent back to be worked on again and is not through with it."""
        ...

    def packed(self, thing: Thing) -> tuple[Packed, ...]:
        """In what a thing lies, the newest last."""
        ...

    def units_with(self, part: Thing) -> tuple[Packed, ...]:
        """In which units a part with a serial of its own is, the newest last."""
        ...

    def parts_in(self, unit: Thing) -> dict[int, Thing]:
        """The parts with a serial of their own that are in a unit, by the links that say so."""
        ...

    def filling(self, outer: Thing, machine: int) -> Filling:
        """How a box or pallet stands at a machine."""
        ...

    def made(self, thing: Thing) -> bool:
        """Whether a thing was ever at a machine, or went into another one or another one into it."""
        ...

    def last(self, thing: Thing) -> Last:
        """Where a thing itself was last."""
        ...

    def held_since(self, thing: Thing, fact: int, at_ms: int) -> bool:
        """Whether anything that touches a thing was put on hold after a fact."""
        ...

    def made_at(self, machine: int, at_ms: int) -> int | None:
        """Which product the order that runs at a machine makes."""
        ...

    def gauge_wrong(self, gauge: Gauge, at_ms: int) -> Fault | None:
        """That the calibration of a gauge has run out or failed (since an ISO date), or that one which refuses values
        without a calibration has none."""
        ...


class Nothing:
    """No past: of a line that begins, and of one that is only simulated."""

    def known(self, thing: Thing) -> Known | None:
        return Known({})

    def taken(self, thing: Thing, at_ms: int, *, ever: bool = False) -> list[Taken]:
        return []

    def held(self, thing: Thing, at_ms: int, *, mending: bool = False) -> str:
        return ""

    def scrapped(self, thing: Thing, at_ms: int) -> bool:
        return False

    def mended(self, thing: Thing, at_ms: int) -> bool:
        return False

    def packed(self, thing: Thing) -> tuple[Packed, ...]:
        return ()

    def units_with(self, part: Thing) -> tuple[Packed, ...]:
        return ()

    def parts_in(self, unit: Thing) -> dict[int, Thing]:
        return {}

    def filling(self, outer: Thing, machine: int) -> Filling:
        return Filling()

    def made(self, thing: Thing) -> bool:
        return False

    def last(self, thing: Thing) -> Last:
        return Last()

    def held_since(self, thing: Thing, fact: int, at_ms: int) -> bool:
        return False

    def made_at(self, machine: int, at_ms: int) -> int | None:
        return None

    def gauge_wrong(self, gauge: Gauge, at_ms: int) -> Fault | None:
        return None


class Recent:
    """A past, and what was found since: several codes may be read before one of them is in the file, and while that
    cannot be written many. `note_...` keeps what is found, `stored` forgets it when the file holds it."""

    def __init__(self, past: Past) -> None:
        self.past = past
        self.stored()

    def stored(self) -> None:
        """Everything that was noted is in the file now."""
        self._packed: dict[Thing, list[Packed]] = {}
        self._fitted: dict[Thing, list[Packed]] = {}  # part with a serial of its own -> the units that it went into
        self._ended: set[int] = set()  # links by which nothing lies anywhere any more
        self._more: dict[Thing, int] = {}  # box or pallet -> how many things more lie in it, or fewer
        self._filled: dict[Thing, int] = {}  # box or pallet -> the newest link of what lies in it
        self._read: dict[tuple[int, str], Thing] = {}  # machine and kind -> the box or pallet that was read there last
        self._where: dict[Thing, int] = {}  # box or pallet -> the machine at which it was read last
        self._left: dict[Thing, bool] = {}  # box or pallet -> whether it went away, or was filled again since
        self._taken: dict[Thing, list[Taken]] = {}
        self._last: dict[Thing, Last] = {}

    def note_packed(self, thing: Thing, lies: Packed) -> None:
        """A thing was put into a box or onto a pallet."""
        self._packed.setdefault(thing, []).append(lies)
        self._more[lies.outer] = self._more.get(lies.outer, 0) + 1
        self._filled[lies.outer] = lies.link
        self._left[lies.outer] = False

    def note_fitted(self, part: Thing, lies: Packed) -> None:
        """A part with a serial of its own went into a unit."""
        self._fitted.setdefault(part, []).append(lies)

    def note_ended(self, lies: Iterable[Packed]) -> None:
        """What lay there lies there no more."""
        for each in lies:
            self._ended.add(each.link)
            self._more[each.outer] = self._more.get(each.outer, 0) - 1

    def note_read(self, outer: Thing, machine: int) -> None:
        """A box or pallet was read at a machine."""
        self._read[machine, outer.kind] = outer
        self._where[outer] = machine

    def note_step(self, thing: Thing, step: int) -> None:
        """A thing was read at a machine."""
        self._last[thing] = Last(step)

    def note_left(self, thing: Thing, move: int, *, shipped: bool) -> None:
        """A thing was put into stock or shipped."""
        self._left[thing] = True
        self._last[thing] = Last(move, shipped)

    def note_taken(self, thing: Thing, taken: Taken) -> None:
        """A value was taken of a unit."""
        self._taken.setdefault(thing, []).append(taken)

    def taken(self, thing: Thing, at_ms: int, *, ever: bool = False) -> list[Taken]:
        """The values of a unit since it was mended or decided of, or ever, in the order in which they came."""
        return [*self.past.taken(thing, at_ms, ever=ever), *self._taken.get(thing, ())]

    def mended(self, thing: Thing, at_ms: int) -> bool:
        """Whether a unit was sent back and was not packed since."""
        return thing not in self._packed and self.past.mended(thing, at_ms)

    def packed(self, thing: Thing) -> tuple[Packed, ...]:
        """In what a thing lies, the newest last."""
        return self._standing(self.past.packed(thing), self._packed.get(thing, ()))

    def units_with(self, part: Thing) -> tuple[Packed, ...]:
        """In which units a part with a serial of its own is, the newest last."""
        return self._standing(self.past.units_with(part), self._fitted.get(part, ()))

    def parts_in(self, unit: Thing) -> list[Thing]:
        """The parts with a serial of their own that are in a unit, in the order in which they went in."""
        new = {each.link: part for part, units in self._fitted.items() for each in units if each.outer == unit}
        return [part for link, part in (self.past.parts_in(unit) | new).items() if link not in self._ended]

    def _standing(self, *told: Iterable[Packed]) -> tuple[Packed, ...]:
        lies = {each.link: each for some in told for each in some}
        return tuple(each for link, each in lies.items() if link not in self._ended)

    def made(self, thing: Thing) -> bool:
        """Whether a thing was ever at a machine, or went into another one or another one into it."""
        return thing in self._where or thing in self._packed or thing in self._more or self.past.made(thing)

    def holders(self, thing: Thing) -> tuple[Thing, ...]:
        """In what a thing lies, innermost first."""
        found: list[Thing] = []
        while (lies := self.packed(found[-1] if found else thing)) and lies[-1].outer not in found:
            found.append(lies[-1].outer)
        return tuple(found)

    def shipped(self, thing: Thing, at_ms: int) -> bool:
        """Whether a thing was shipped, alone or in what it lies in, and did not come back: nowhere was it or what it
        lies in read or put since, and nobody held it."""
        ways = (thing, *self.holders(thing))
        last = max((self._last.get(each) or self.past.last(each) for each in ways), key=lambda each: each.id)
        return last.shipped and not self.past.held_since(thing, last.id, at_ms)

    def filling(self, outer: Thing, machine: int) -> Filling:
        """How a box or pallet stands at a machine."""
        found = self.past.filling(outer, machine)
        is_last = found.is_last
        if (machine, outer.kind) in self._read or outer in self._where:
            is_last = self._read.get((machine, outer.kind)) == outer and self._where.get(outer) == machine
        return replace(
            found,
            holds=max(0, found.holds + self._more.get(outer, 0)),
            is_last=is_last,
            left=self._left.get(outer, found.left),
            filled=self._filled.get(outer, found.filled),
        )

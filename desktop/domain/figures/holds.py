"""What the page of holds shows: what is held, what it covers, how gauges stand, and a code that was just read."""

from __future__ import annotations

from msgspec import Struct

from desktop.domain.calendar import Shift
from desktop.domain.events import Thing
from desktop.domain.figures.head import CollectorNow, PlantHead
from desktop.domain.holding import Fate, Hold, Standing
from desktop.domain.people import PersonNow
from desktop.domain.plant import ScrapReason
from desktop.domain.quality import Gauge


class HeldThing(Struct, frozen=True):
    """Something that a hold covers, or a gauge measured: how it stands (None: it is not held), and where it was seen
    last (a machine, None: nowhere)."""

    thing: Thing
    fate: Fate | None
    machine: int | None = None
    at_ms: int | None = None


class HoldRow(Struct, frozen=True):
    """A hold. `cause`: what made it, a "middle" or "last" piece or a "gauge", "" where a person said so, and `why` in
    the words of who said that. It covers `units`, of which `open_units` wait for somebody; with lots and boxes it is
    `open_things`."""

    hold: Hold
    cause: str = ""
    why: str = ""
    gauge: str = ""
    units: int = 0
    open_units: int = 0
    open_things: int = 0


class GaugeRow(Struct, frozen=True):
    """A gauge, how its calibration stands, and so many units with values of it since it was last found good."""

    gauge: Gauge
    standing: Standing
    units: int = 0


class Looked(Struct, frozen=True):
    """A code that was read on the page: what the file knows of it (`things`, empty: nothing), how it stands where it is
    held (`fate`), and the parts of which it is made now."""

    code: str
    things: tuple[Thing, ...] = ()
    fate: Fate | None = None
    parts: tuple[Thing, ...] = ()


class HoldsNow(Struct, frozen=True):
    """Everything on the page. `rows`: what is open, the oldest first; `things`: what the `chosen` hold covers, or what
    the gauge of that number measured since it was good (`gauge`). `machines`: id, name."""

    head: PlantHead
    now_ms: int
    shift: Shift | None
    collector: CollectorNow
    rows: tuple[HoldRow, ...] = ()
    chosen: int = 0
    gauge: int = 0
    things: tuple[HeldThing, ...] = ()
    gauges: tuple[GaugeRow, ...] = ()
    machines: tuple[tuple[int, str], ...] = ()
    scrap_reasons: tuple[ScrapReason, ...] = ()
    people: tuple[PersonNow, ...] = ()
    looked: Looked | None = None

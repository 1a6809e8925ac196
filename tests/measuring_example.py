"""A line that measures: a bore in subgroups of five, a weight piece by piece, a burr by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist

from desktop import configuration
from desktop.clock import PlantClock
from desktop.domain.events import Event, EventKind, Result, Step, Thing
from desktop.store import database
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat

T0 = 1_763_510_400_000  # 2025-11-19 09:00 in Seoul
MINUTE, HOUR = 60_000, 3_600_000
NOW = T0 + 6 * HOUR
BORE, WEIGHT, BURR = 1, 2, 3  # ids of characteristics, and of signals the first two

LINE = """
format = 1
[plant]
name = "성진정밀"
line = "A라인"
[[machine]]
code = "MC-01"
name = "CNC 가공"
[[machine]]
code = "PK-01"
name = "포장"
[[product]]
code = "VH-204"
name = "밸브 하우징"
[[gauge]]
code = "A-03"
name = "에어마이크로 A-03"
resolution = 0.0001
interval_days = 365
[[characteristic]]
code = "ID24"
name = "내경 Ø24"
machine = "MC-01"
signal = "cnc/diameter"
unit = "mm"
mark = "cc"
gauge = "A-03"
subgroup = 5
[[characteristic]]
code = "WT"
name = "포장 중량"
machine = "PK-01"
signal = "scale/weight"
unit = "g"
retests = 1
[[characteristic]]
code = "BURR"
name = "버 높이"
machine = "MC-01"
unit = "mm"
[[limit]]
characteristic = "ID24"
nominal = 24.01
low = 23.99
high = 24.03
[[limit]]
characteristic = "WT"
low = 490.0
high = 510.0
[[limit]]
characteristic = "BURR"
high = 0.2
[[bus]]
key = "cnc"
port = "socket://127.0.0.1:1"
driver = "modbus_rtu"
[[bus.device]]
key = "cnc"
unit = 1
[[bus.device.signal]]
key = "diameter"
role = "measure"
machine = "MC-01"
address = "holding:1"
per_piece = true
[[bus]]
key = "scale"
port = "socket://127.0.0.1:2"
driver = "modbus_rtu"
[[bus.device]]
key = "scale"
unit = 1
[[bus.device.signal]]
key = "weight"
role = "measure"
machine = "PK-01"
address = "holding:1"
per_piece = true
"""


def open_measuring(folder: Path) -> Store:
    """The line, with nothing measured yet; its clock stands at NOW."""
    store = database.create(folder, clock=PlantClock(NOW, 0, 0.0))
    configuration.apply(store, configuration.parse(LINE))
    return store


def spread(count: int, centre: float, sigma: float, seed: int = 7) -> list[float]:
    """Values that lie as a normal distribution does, in an order that looks like chance and is always the same."""
    places = sorted(range(count), key=lambda n: math.sin(seed * 1000.7 * (n + 1)) * 43758.5453 % 1)
    return [round(centre + sigma * NormalDist().inv_cdf((place + 0.5) / count), 4) for place in places]


def measure(
    store: Store,
    signal: int,
    values: Sequence[float | None],
    start_ms: int = T0,
    every_ms: int = MINUTE,
    units: Sequence[str | None] | None = None,
) -> list[int]:
    """Commit values of a signal, each of a unit of its own (or of `units`); returns their ids."""
    book = Journal(store)
    machine = {BORE: 1, WEIGHT: 2}[signal]
    numbers = []
    for n, value in enumerate(values):
        at_ms = start_ms + n * every_ms
        code = f"U{signal}-{at_ms // 1000 % 1_000_000:06d}" if units is None else units[n]
        thing = Thing("unit", code) if code else None
        batch = Batch()
        event = book.next_id(at_ms)
        if thing is not None:
            batch.events.append(Event(event, EventKind.SCAN, at_ms, machine, word=thing.code, detail="unit"))
            batch.steps.append(Step(book.next_id(at_ms), thing, machine, at_ms, event))
        number = book.next_id(at_ms)
        word = "OL" if value is None else ""
        batch.results.append(Result(number, thing, signal, machine, at_ms, value, word, ""))
        book.commit(batch, Beat(1, "1", 0, store.clock.real_ms(), NOW, "", 0, 0))
        numbers.append(number)
    return numbers

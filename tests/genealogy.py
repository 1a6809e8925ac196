"""A factory's family tree of any size, through the journal as a collector writes it: units of component lots and
sub-assemblies, packed into boxes, at one unit a second."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from msgspec import Struct

from desktop.domain.events import Link, Thing
from desktop.store import trace
from desktop.store.database import Store, path_of
from desktop.store.journal import Batch, Journal
from desktop.store.trace import Holds

T0 = 1_763_510_400_000
STATIONS, BOX, AT_ONCE = 5, 20, 500
LOT = (100, 400)  # so many units a component lot lasts, from and to


def unit(number: int) -> str:
    """The serial of a unit."""
    return f"SN{number:09d}"


def write(store: Store, units: int) -> tuple[int, int, list[str]]:
    """Make so many units; how many units, links and which lots there are.

    Of ten units one is a sub-assembly of three lots, which the next one takes; each of the others takes five lots, one
    at each station, and a box holds twenty. 5.3 links a unit.
    """
    chance, book = random.Random(7), Journal(store)
    lots, left, codes = [""] * STATIONS, [0] * STATIONS, list[str]()
    sub: Thing | None = None
    waiting: list[Thing] = []
    links, written = list[Link](), 0

    def tie(kind: str, parent: Thing, child: Thing, machine: int, at_ms: int, event: int) -> None:
        links.append(Link(book.next_id(at_ms), kind, parent, child, machine, at_ms, event))

    for number in range(units):
        at_ms = T0 + number * 1000
        event = book.next_id(at_ms)
        thing = Thing("unit", unit(number))
        part = number % 10 == 0
        for place in range(3 if part else STATIONS):
            if not left[place]:
                left[place] = chance.randint(*LOT)
                lots[place] = f"L{len(codes):06d}-{place}"
                codes.append(lots[place])
            left[place] -= 1
            tie("consumed", thing, Thing("lot", lots[place]), 1 + place % 2, at_ms, event)
        if part:
            sub = thing
        elif sub is not None:
            tie("consumed", thing, sub, 1, at_ms, event)
            sub = None
        if not part:
            waiting.append(thing)
        if len(waiting) == BOX:
            for each in waiting:
                tie("packed", Thing("box", f"B{number:09d}"), each, 2, at_ms, event)
            waiting = []
        if len(links) >= AT_ONCE * STATIONS or number == units - 1:
            book.commit(Batch(links=links))
            written += len(links)
            links = []
            if number % 100_000 < AT_ONCE:
                store.checkpoint()
    store.checkpoint()
    return units, written, codes


class Measured(Struct, frozen=True):
    """ms of a question backward and forward, median and longest; of a single look-up by id; bytes a link with its chain
    and indexes, and with the units too."""

    back: dict[Holds, tuple[float, float]]
    forth: dict[Holds, tuple[float, float]]
    look_up_ms: float
    link_bytes: float
    whole_bytes: float


def measure(store: Store, units: int, links: int, lots: list[str], asked: int) -> Measured:
    """Ask for so many units and a quarter as many lots; the file has no links any more then."""
    chance = random.Random(3)
    whole = path_of(store.folder).stat().st_size / links
    mine = [trace.find(store, unit(chance.randrange(units)))[0].id for _ in range(asked)]
    theirs = [trace.find(store, code)[0].id for code in chance.sample(lots, asked // 4)]
    look_up = _timed(lambda key: trace.known(store, [key]), mine)[0]
    back = {h: _timed(lambda key, h=h: trace.made_of(store, key, h), mine) for h in Holds}  # type: ignore[misc]
    forth = {h: _timed(lambda key, h=h: trace.went_into(store, key, h), theirs) for h in Holds}  # type: ignore[misc]
    # The pages that only links and their indexes take: those that are free once the table is gone.
    store.connection.execute("PRAGMA foreign_keys = OFF")
    store.connection.execute("DROP TABLE links")
    pages, size = (int(store.row(f"PRAGMA {name}")[0]) for name in ("freelist_count", "page_size"))
    return Measured(back, forth, look_up, pages * size / links, whole)


def _timed(ask: Callable[[int], object], keys: list[int]) -> tuple[float, float]:
    took = []
    for key in keys:
        began = time.perf_counter()
        ask(key)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), max(took)

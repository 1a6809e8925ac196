"""A factory's family tree of any size, through the journal as a collector writes it: units of component lots and
sub-assemblies, packed into boxes, at one unit a second."""

from __future__ import annotations

import random

from desktop.domain.events import Link, Thing
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal

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

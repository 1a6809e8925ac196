"""What is held, read from the file: whether a code may go on, what a hold covers, and what a failed check holds.

`on_hold` is asked at every scan: what people said of holds is remembered and read again only where more was said.
Whatever is in the file counts, also what bears a later time than now: a clock that was set back frees nothing. The
moment that is asked for only lets a customer's leave run out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from msgspec import Struct

from desktop.domain.entries import Calibrated, Disposed, Disposition, FirstPiece, Held, Measured, Said
from desktop.domain.events import Thing
from desktop.domain.holding import HOLDING, Fate, Hold, Known, decided_at, fate, frees, holds
from desktop.domain.spans import Span
from desktop.store.database import Store
from desktop.store.entry_rows import BACK, FOUND, entry_of, tags
from desktop.store.ids import id_ranges, said_behind

_OF_HOLDS = Held | Disposed
PACKS = ("box", "pallet")  # what other things are packed into
_AT_ONCE = 500
_SLACK_MS = 600_000  # a step may have arrived so much behind or before the moment of which it speaks
_GOOD = "good"
_FIRST = (Fate.SCRAPPED, Fate.HELD, Fate.LAPSED, Fate.REWORK)  # what is told of a thing of which several are true


class OnHold(Struct, frozen=True):
    """How a thing stands under a hold, and what leads from the thing to it."""

    hold: Hold
    fate: Fate
    route: tuple[Thing, ...]


class Covered(Struct, frozen=True):
    """Something that a hold holds: how it stands, and what leads from it to what the hold names or its rule meets."""

    thing: Thing
    fate: Fate
    route: tuple[Thing, ...]


class _Memory:
    """What was said of holds up to an entry."""

    def __init__(self) -> None:
        self.newest = -1
        self.holds: tuple[Hold, ...] = ()
        self.named: dict[Thing, list[Hold]] = {}  # of holds that did not let everything go
        self.rules: list[Hold] = []
        self.decided: set[Thing] = set()  # of which somebody decided by name


_memories: WeakKeyDictionary[Store, _Memory] = WeakKeyDictionary()


def standing_holds(store: Store) -> tuple[Hold, ...]:
    """All holds that stand, over or not, in the order of saying."""
    return _memory(store).holds


def on_hold(store: Store, thing: Thing, at_ms: int, *, mending: bool = False) -> OnHold | None:
    """Why a thing may not go on at a moment, None where it may: it is held itself, carries or holds something that is,
    lies in a box that is, or was thrown away. Of several holds the one by which that was, else the oldest.

    `mending`: it may where all that keeps it is that it is to be mended."""
    holding = HOLDING - {Fate.REWORK} if mending else HOLDING
    found = [each for each in _standing(store, thing, at_ms) if each.fate in holding]
    return min(found, key=lambda each: (each.fate is not Fate.SCRAPPED, each.hold.id), default=None)


def named(store: Store) -> set[str]:
    """The codes of all things that a hold, over or not, or a word about one ever named."""
    told = _memory(store).holds
    return {thing.code for hold in told for thing in (*hold.said.things, *_decided(hold))}


def sent_back(store: Store, thing: Thing, at_ms: int) -> bool:
    """Whether a hold sent a thing back to be mended, and it was not packed since: it may pass stations once more."""
    back = [each for each in _standing(store, thing, at_ms) if each.fate in (Fate.REWORK, Fate.REWORKED)]
    if not back:
        return False
    packed = store.row("SELECT max(id) FROM links WHERE child_id = ? AND kind = 'packed'", _number(store, thing))[0]
    last = (each.hold.disposals[-1] for each in back)
    return packed is None or any(int(packed) < said_behind(store, number, said.start_ms) for number, said in last)


def settled(store: Store, thing: Thing, at_ms: int) -> tuple[int, int]:
    """Up to which fact, and which entry, a word about a hold has settled what was found of a thing; 0 where none has.

    That is a word about the thing itself or the box in which it lies, or one by which it is to be mended. That a lot
    in it is released says nothing of what was measured of it.
    """
    found = [
        (said_behind(store, number, said.start_ms), number)
        for each in touching(store, thing, at_ms)
        for number, said in each.hold.disposals
        if _settles(said, each.route)
    ]
    return max((fact for fact, _number in found), default=0), max((number for _fact, number in found), default=0)


def _settles(said: Disposed, route: Sequence[Thing]) -> bool:
    near = decided_at(said, route)
    if near is None:
        return False
    return said.what is Disposition.REWORK or all(each.kind in PACKS for each in route[1 : near + 1])


def touching(store: Store, thing: Thing, at_ms: int) -> list[OnHold]:
    """How a thing stands under each hold that ever touched it, also where that let it go; in the order of saying."""
    told = standing_holds(store)
    routes = _routes(store, thing) if told else {}
    known, found = _known(store), list[OnHold]()
    for hold in told:
        if hold.is_rule:
            ways = [
                way for way in routes.values() if way.inside and way.number and _meets(store, hold.said, way.number)
            ]
        else:
            ways = [routes[each] for each in hold.said.things if each in routes]
        stands = [OnHold(hold, *_worst(hold, way, at_ms, known)) for way in ways]
        found += sorted(stands, key=lambda each: _place(each.fate))[:1]
    return found


def held_since(store: Store, thing: Thing, fact: int, at_ms: int) -> bool:
    """Whether a hold that touches a thing was said after a fact, however it stands now."""
    return any(
        said_behind(store, each.hold.id, each.hold.said.start_ms) >= fact for each in touching(store, thing, at_ms)
    )


def scrapped(store: Store, at_ms: int) -> dict[Thing, Disposed]:
    """Everything that was thrown away, and the word by which it was."""
    found: dict[Thing, Disposed] = {}
    for hold in standing_holds(store):
        words = [said for _number, said in hold.disposals if said.what is Disposition.SCRAP]
        if words:
            gone = (each.thing for each in covers(store, hold, at_ms) if each.fate is Fate.SCRAPPED)
            found |= {thing: next((s for s in words if thing in s.things), words[-1]) for thing in gone}
    return found


def _standing(store: Store, thing: Thing, at_ms: int) -> list[OnHold]:
    """How a thing stands under each hold that was not let go as a whole and touches it."""
    memory = _memory(store)
    if not memory.named and not memory.rules:
        return []
    routes = _routes(store, thing)
    known = _known(store)
    met = [(hold, way) for end, way in routes.items() for hold in memory.named.get(end, ())]
    units = [way for end, way in routes.items() if way.inside and way.number and end.kind == "unit"]
    met += [(hold, way) for hold in memory.rules for way in units if _meets(store, hold.said, way.number)]
    return [OnHold(hold, *_worst(hold, way, at_ms, known)) for hold, way in met]


def _worst(hold: Hold, way: _Way, at_ms: int, known: Known) -> tuple[Fate, tuple[Thing, ...]]:
    """How a thing stands by the ways that lead to it: what is open on one of them is not freed by another."""
    told = [(fate(hold, route, at_ms, known), route) for route in way.routes.values()]
    return min(told, key=lambda each: _place(each[0]))


def _place(fate: Fate) -> int:
    return _FIRST.index(fate) if fate in _FIRST else len(_FIRST)


def covers(store: Store, hold: Hold, at_ms: int) -> tuple[Covered, ...]:
    """Everything that a hold covers at a moment: what it names or its rule meets, what these went into, and what lies
    in a box of them; in the order in which that was made."""
    known, found = _known(store), _covered(store, hold)
    return tuple(Covered(thing, *_worst(hold, way, at_ms, known)) for thing, way in found.items())


def measured_since(store: Store, signals: Sequence[int], window: Span) -> tuple[Thing, ...]:
    """The units with values of some signals in a window, in the order in which they were measured first."""
    marks = ", ".join("?" * len(signals))
    rows = store.rows(
        f"SELECT u.kind, u.code FROM (SELECT unit_id, min(id) AS first FROM results WHERE signal_id IN ({marks})"
        " AND at_ms >= ? AND at_ms < ? AND unit_id IS NOT NULL GROUP BY unit_id) r"
        " JOIN units u ON u.id = r.unit_id ORDER BY r.first",
        *signals,
        window.start_ms,
        window.end_ms,
    )
    return tuple(Thing(*row) for row in rows)


def measured_by_hand(store: Store, gauge: int, window: Span) -> tuple[Thing, ...]:
    """The units of which people entered values that a gauge measured in a window and that stand, each once."""
    rows = store.rows(
        "SELECT DISTINCT json_extract(e.body, '$.unit') FROM entries e"
        f" WHERE e.kind IN ({tags(Measured)}) AND e.start_ms >= ? AND e.start_ms < ? AND {_STANDS}"
        " AND json_extract(e.body, '$.unit') <> ''"
        " AND json_extract(e.body, '$.characteristic') IN (SELECT id FROM characteristics WHERE gauge_id = ?)"
        " ORDER BY e.start_ms, e.id",
        window.start_ms,
        window.end_ms,
        gauge,
    )
    return tuple(dict.fromkeys(Thing("unit", str(row[0])) for row in rows))


def made_at(store: Store, machine: int, window: Span) -> tuple[Thing, ...]:
    """The things that were at a machine in a window, in the order of coming."""
    found: dict[Thing, None] = {}
    around = Span(max(window.start_ms - _SLACK_MS, 0), window.end_ms + _SLACK_MS)
    for low, high, _ahead in id_ranges(store, around):
        rows = store.rows(
            "SELECT u.kind, u.code FROM steps s JOIN units u ON u.id = s.unit_id WHERE s.machine_id = ?"
            " AND s.id BETWEEN ? AND ? AND s.at_ms >= ? AND s.at_ms < ? AND u.kind = 'unit' ORDER BY s.id",
            machine,
            low,
            high,
            window.start_ms,
            window.end_ms,
        )
        found.update((Thing(*row), None) for row in rows)
    return tuple(found)


def newest_facts(store: Store) -> tuple[int, int, int, int]:
    """The ids of the newest link, end of a link, step and result: with the same ones a hold covers the same."""
    tables = ("links", "link_ends", "steps", "results")
    found = store.row("SELECT " + ", ".join(f"coalesce((SELECT max(id) FROM {table}), 0)" for table in tables))
    return int(found[0]), int(found[1]), int(found[2]), int(found[3])


def parts_of(store: Store, thing: Thing) -> tuple[Thing, ...]:
    """What a thing is made of now, one level deep, in the order in which it went in."""
    rows = store.rows(
        "SELECT DISTINCT u.kind, u.code FROM links l JOIN units u ON u.id = l.child_id WHERE l.parent_id = ?"
        " AND NOT EXISTS (SELECT 1 FROM link_ends e WHERE e.link_id = l.id) ORDER BY l.id",
        _number(store, thing),
    )
    return tuple(Thing(*row) for row in rows)


def last_places(store: Store, things: Sequence[Thing]) -> dict[Thing, tuple[int, int]]:
    """At which machine things were last, and when; of what was never at one nothing."""
    found: dict[Thing, tuple[int, int]] = {}
    for place in range(0, len(things), _AT_ONCE):
        codes = [thing.code for thing in things[place : place + _AT_ONCE]]
        rows = store.rows(
            "SELECT u.kind, u.code, s.machine_id, s.at_ms FROM units u JOIN steps s ON s.id ="
            f" (SELECT max(id) FROM steps WHERE unit_id = u.id) WHERE u.code IN ({', '.join('?' * len(codes))})",
            *codes,
        )
        found.update((Thing(kind, code), (int(machine), int(at_ms))) for kind, code, machine, at_ms in rows)
    return found


def signals_of(store: Store, gauge: int) -> tuple[int, ...]:
    """The signals whose values a gauge measures, also those of characteristics that are measured no more."""
    rows = store.rows(
        "SELECT DISTINCT signal_id FROM characteristics WHERE gauge_id = ? AND signal_id IS NOT NULL ORDER BY 1", gauge
    )
    return tuple(int(row[0]) for row in rows)


def follows(store: Store, number: int, said: Said, at_ms: int) -> Held | None:
    """What is held because something was said under an id: a middle or last piece that is not right holds what the
    machine made since the last good one, a gauge that failed what it measured since then. None where that is no unit.
    """
    if isinstance(said, FirstPiece) and not said.good and said.which != "first":
        window = Span(_good_piece_ms(store, said), max(said.start_ms, 1))
        if made_at(store, said.machine, window):
            return Held(
                said.machine, at_ms, at_ms, since_ms=window.start_ms, until_ms=window.end_ms, because=number
            )  # fmt: skip
    elif isinstance(said, Calibrated) and not said.good:
        window = Span(good_calibration_ms(store, said.gauge, said.start_ms), max(said.start_ms, 1))
        signals = signals_of(store, said.gauge)
        wired = measured_since(store, signals, window) if signals else ()
        by_hand = measured_by_hand(store, said.gauge, window)
        if by_hand:  # a rule knows signals alone
            return Held(0, at_ms, at_ms, things=tuple(dict.fromkeys((*wired, *by_hand))), because=number)
        if wired:
            return Held(
                0, at_ms, at_ms, signals=signals, since_ms=window.start_ms, until_ms=window.end_ms, because=number
            )  # fmt: skip
    return None


def made_by(store: Store, numbers: Iterable[int]) -> list[int]:
    """The holds that were made because of some entries and stand."""
    sql = f"{FOUND} AND e.kind = 'held' AND json_extract(e.body, '$.because') IN (SELECT value FROM json_each(?))"
    told = map(entry_of, store.rows(sql, str([*numbers])))
    return [entry.id for entry in told if not entry.taken_back]


def good_calibration_ms(store: Store, gauge: int, before_ms: int) -> int:
    """When a gauge was last found good before a moment, 0 where it never was."""
    row = store.row(
        f"SELECT max(e.start_ms) FROM entries e WHERE {_STANDS} AND e.kind = 'calibrated' AND e.start_ms < ?"
        " AND json_extract(e.body, '$.gauge') = ? AND json_extract(e.body, '$.good')",
        before_ms,
        gauge,
    )
    return int(row[0] or 0)


_STANDS = "NOT EXISTS (SELECT 1 FROM entries b WHERE b.takes_back = e.id)"


def _good_piece_ms(store: Store, said: FirstPiece) -> int:
    """When a piece of a machine was last found good; where none was, when the work on it began, 0 where nobody said."""
    last = (
        f"SELECT max(e.start_ms) FROM entries e WHERE {_STANDS} AND e.machine_id = ? AND e.start_ms < ? AND e.kind IN"
    )
    good = store.row(
        f"{last} ('first_piece') AND json_extract(e.body, '$.good')", said.machine, said.start_ms
    )[0]  # fmt: skip
    begun = store.row(f"{last} ('order', 'changeover')", said.machine, said.start_ms)[0]
    return int(good or begun or 0)


# -- what leads from one thing to another --


def _memory(store: Store) -> _Memory:
    memory = _memories.setdefault(store, _Memory())
    newest = int(store.row("SELECT coalesce(max(id), 0) FROM entries")[0])
    if newest != memory.newest:
        if memory.newest < 0 or _said_more(store, memory.newest):
            told = store.rows(f"{FOUND} AND e.kind IN ({tags(_OF_HOLDS)}) ORDER BY e.id")
            memory.holds = holds(map(entry_of, told))
            stopping = [hold for hold in memory.holds if not frees(hold)]
            memory.rules = [hold for hold in stopping if hold.is_rule]
            memory.named = {}
            for hold in stopping:
                for thing in hold.said.things:
                    memory.named.setdefault(thing, []).append(hold)
            memory.decided = {thing for hold in memory.holds for thing in _decided(hold)}
        memory.newest = newest
    return memory


def _decided(hold: Hold) -> set[Thing]:
    return {thing for _number, said in hold.disposals for thing in said.things}


def _said_more(store: Store, since: int) -> bool:
    kinds = tags(_OF_HOLDS)
    sql = (
        f"SELECT 1 FROM entries WHERE id > ? AND (+kind IN ({kinds}) OR"
        f" (+kind = '{BACK}' AND json_extract(body, '$.type') IN ({kinds}))) LIMIT 1"
    )
    return store.row(sql, since) is not None


class _Way:
    """Where a thing lies in the file (0: nowhere), the ways between it and where one looks from, and whether they lead
    through what is part of it.

    Of ways that differ only by lots of which nobody decided one is kept, as they are judged alike; every other is
    asked on its own, or one unit in a full box would be overlooked.
    """

    __slots__ = ("inside", "number", "routes")

    def __init__(self, number: int, inside: bool, *begin: Thing) -> None:
        self.number, self.inside = number, inside
        self.routes: dict[tuple[Thing, ...], tuple[Thing, ...]] = {begin: begin} if begin else {}

    def add(self, route: tuple[Thing, ...], decided: Collection[Thing]) -> bool:
        """Keep a way; whether it is another one."""
        key = tuple(each for each in route if each.kind != "lot" or each in decided)
        return self.routes.setdefault(key, route) is route


_Ways = dict[Thing, _Way]


def _routes(store: Store, thing: Thing) -> _Ways:
    """A thing, all that went into it, and the boxes in which it lies."""
    own = _Way(_number(store, thing), True, thing)
    found: _Ways = {thing: own}
    decided = _memory(store).decided
    if own.number:
        _walk(store, [own], "parent_id", "child_id", found, decided, inside=True)
        _walk(store, [own], "child_id", "parent_id", found, decided, inside=False, kind="packed")
    return found


def _covered(store: Store, hold: Hold) -> _Ways:
    said = hold.said
    window = Span(said.since_ms, max(said.until_ms, said.since_ms))
    if said.things:
        base: Sequence[Thing] = said.things
    elif said.signals:
        base = measured_since(store, said.signals, window)
    else:
        base = made_at(store, said.machine, window)
    found: _Ways = {thing: _Way(_number(store, thing), True, thing) for thing in base}
    begin = [way for way in found.values() if way.number]
    boxes = [found[thing] for thing in base if thing.kind in PACKS and found[thing].number]
    decided = _decided(hold)
    _walk(store, boxes, "parent_id", "child_id", found, decided, inside=True, kind="packed", back=True)
    _walk(store, begin, "child_id", "parent_id", found, decided, inside=True, back=True)
    return found


def _walk(
    store: Store,
    level: list[_Way],
    near: str,
    far: str,
    found: _Ways,
    decided: Collection[Thing],
    *,
    inside: bool,
    kind: str = "",
    back: bool = False,
) -> None:
    """Breadth first through the links that hold; a thing is gone on from again where another way leads
    to it, and no way passes a thing twice, so that a loop ends. `back`: these begin with the thing."""
    only = f"l.kind = '{kind}' AND " if kind else ""
    while level:
        following: dict[Thing, _Way] = {}
        for place in range(0, len(level), _AT_ONCE):
            part = {way.number: way for way in level[place : place + _AT_ONCE]}
            rows = store.rows(
                f"SELECT l.{near}, u.id, u.kind, u.code FROM links l JOIN units u ON u.id = l.{far}"
                f" WHERE {only}l.{near} IN ({', '.join('?' * len(part))}) AND NOT EXISTS"
                " (SELECT 1 FROM link_ends e WHERE e.link_id = l.id) ORDER BY l.id",
                *part,
            )
            for start, number, what, code in dict.fromkeys(rows):  # what was read twice is linked twice
                thing = Thing(what, code)
                way = found.get(thing)
                if way is None:
                    way = found[thing] = following[thing] = _Way(number, inside)
                for route in tuple(part[start].routes.values()):
                    if thing not in route and way.add((thing, *route) if back else (*route, thing), decided):
                        following[thing] = way
        level = [*following.values()]


def _number(store: Store, thing: Thing) -> int:
    row = store.row("SELECT id FROM units WHERE code = ? AND kind = ?", thing.code, thing.kind)
    return 0 if row is None else int(row[0])


def _meets(store: Store, said: Held, number: int) -> bool:
    """Whether a thing was at the machine, or measured by the signals, in the time of a rule."""
    if said.signals:
        marks = ", ".join("?" * len(said.signals))
        # By the unit, which has a few, never by signal or machine, which have all.
        sql = (
            f"SELECT 1 FROM results WHERE unit_id = ? AND at_ms >= ? AND at_ms < ? AND +signal_id IN ({marks}) LIMIT 1"
        )
        which: tuple[int, ...] = said.signals
    else:
        sql = "SELECT 1 FROM steps WHERE unit_id = ? AND at_ms >= ? AND at_ms < ? AND +machine_id = ? LIMIT 1"
        which = (said.machine,)
    return store.row(sql, number, said.since_ms, said.until_ms, *which) is not None


def _known(store: Store) -> Known:
    ranks: dict[Disposed, dict[Thing, int]] = {}

    @cache  # a unit is asked for itself, for its box and for its pallet
    def good_since(thing: Thing, entry: int, said: Disposed) -> bool | None:
        number = _number(store, thing)
        last: dict[Any, str] = {}
        rows = store.rows(
            "SELECT signal_id, judgement FROM (SELECT signal_id, judgement, id FROM results WHERE unit_id = ?"
            " AND judgement <> '' UNION ALL SELECT -machine_id, result, id FROM steps WHERE unit_id = ?"
            " AND result <> '') WHERE id > ? ORDER BY id",
            number,
            number,
            said_behind(store, entry, said.start_ms),
        )
        last.update(rows)
        return all(each == _GOOD for each in last.values()) if last else None

    def rank(said: Disposed, thing: Thing) -> int:
        if said not in ranks:
            ranks[said] = _ranks(store, said)
        # What the disposal does not know yet would be the next one.
        return ranks[said].get(thing, len(ranks[said]) + 1)

    return Known(good_since, rank)


def _ranks(store: Store, said: Disposed) -> dict[Thing, int]:
    """In which order things use up what a customer let go: units as they were named or made, and a box that is held
    itself with the last unit in it."""
    hold = next((each for each in standing_holds(store) if each.id == said.hold), None)
    if hold is None:
        return {}
    ways = _covered(store, hold)

    def is_own(way: _Way) -> bool:
        return not said.things or any(thing in said.things for route in way.routes.values() for thing in route)

    units = [thing for thing, way in ways.items() if thing.kind == "unit" and is_own(way)]
    found = {thing: place for place, thing in enumerate(units, 1)}
    for thing, place in tuple(found.items()):
        found |= {each: place for route in ways[thing].routes.values() for each in route if each.kind in PACKS}
    return found

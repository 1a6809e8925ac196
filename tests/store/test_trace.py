"""A family tree in both directions, any number of levels deep, also where somebody tied a loop."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.events import Attribute, Link, LinkEnd, Move, Step, Thing
from desktop.domain.spans import Span
from desktop.store import register, trace
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from tests import genealogy
from tests.store.example import T0, open_shop


def tie(store: Store, *pairs: tuple[str, str, str]) -> None:
    """Links as (kind, parent, child); the first letter of a code says what it is: u(nit), l(ot), b(ox)."""
    kinds = {"u": "unit", "l": "lot", "b": "box"}
    book = Journal(store)
    book.commit(
        Batch(
            links=[
                Link(book.next_id(T0 + n), kind, Thing(kinds[up[0]], up), Thing(kinds[down[0]], down), 1, T0 + n, 1)
                for n, (kind, up, down) in enumerate(pairs)
            ]
        )
    )


def walk(edges: list[trace.Edge]) -> list[tuple[str, int]]:
    return [(edge.code, edge.depth) for edge in edges]


def key(store: Store, code: str) -> int:
    return trace.find(store, code)[0].id


def test_both_directions_through_all_levels(store: Store) -> None:
    tie(
        store,
        ("consumed", "u1", "lA"),
        ("consumed", "u2", "lA"),
        ("consumed", "uSub", "lB"),
        ("consumed", "u1", "uSub"),
        ("packed", "b1", "u1"),
        ("packed", "b1", "u2"),
    )
    assert walk(trace.made_of(store, key(store, "b1"))) == [("u1", 1), ("u2", 1), ("lA", 2), ("uSub", 2), ("lB", 3)]
    assert walk(trace.went_into(store, key(store, "lB"))) == [("uSub", 1), ("u1", 2), ("b1", 3)]
    assert walk(trace.went_into(store, key(store, "lA"))) == [("u1", 1), ("u2", 1), ("b1", 2)]
    assert trace.made_of(store, key(store, "lA")) == []


def test_a_loop_ends(store: Store) -> None:
    tie(store, ("consumed", "u1", "u2"), ("consumed", "u2", "u3"), ("consumed", "u3", "u1"), ("consumed", "u1", "u1"))
    assert walk(trace.made_of(store, key(store, "u1"))) == [("u2", 1), ("u3", 2)]


def test_a_wide_tree_is_asked_in_parts(store: Store) -> None:
    tie(store, *(("packed", "b1", f"u{n}") for n in range(1200)), *(("consumed", f"u{n}", "lA") for n in range(1200)))
    found = trace.made_of(store, key(store, "b1"))
    assert len(found) == 1201
    assert walk(found)[-1] == ("lA", 2)


def test_a_unit_and_a_lot_may_share_a_code(store: Store) -> None:
    book = Journal(store)
    book.commit(
        Batch(
            steps=[Step(book.next_id(T0 + n), Thing(kind, "X"), 1, T0 + n, 1) for n, kind in enumerate(("lot", "unit"))]
        )
    )
    assert [k.kind for k in trace.find(store, "X")] == ["lot", "unit"]
    assert trace.find(store, "x") == []
    assert trace.similar(store, "X") == ["X", "X"]
    assert trace.similar(store, "nothing") == []


class Line:
    """Writes what happens to things, a second after the other; a code's first letter says what it is, as in `tie`."""

    def __init__(self, store: Store) -> None:
        self.store, self.book, self.now_ms = store, Journal(store), T0
        self.links: dict[tuple[str, str], int] = {}
        with store.transaction() as db:
            for place, kind in enumerate(("stock", "ship")):
                named = {"name": kind, "place": place, "kind": kind}
                register.upsert(db, "stations", {"code": kind}, named)

    def _next(self) -> tuple[int, int]:
        self.now_ms += 1000
        return self.book.next_id(self.now_ms), self.now_ms

    def at(self, code: str, machine: int) -> int:
        key, at_ms = self._next()
        self.book.commit(Batch(steps=[Step(key, _thing(code), machine, at_ms, 1)]))
        return at_ms

    def put(self, parent: str, child: str, kind: str = "consumed") -> int:
        key, at_ms = self._next()
        self.links[parent, child] = key
        self.book.commit(Batch(links=[Link(key, kind, _thing(parent), _thing(child), 1, at_ms, 1)]))
        return at_ms

    def take(self, parent: str, child: str) -> int:
        key, at_ms = self._next()
        self.book.commit(Batch(link_ends=[LinkEnd(key, self.links[parent, child], at_ms, 1)]))
        return at_ms

    def move(self, code: str, kind: str) -> int:
        key, at_ms = self._next()
        station = int(self.store.row("SELECT id FROM stations WHERE code = ?", kind)[0])
        self.book.commit(Batch(moves=[Move(key, _thing(code), station, kind, at_ms, 1)]))
        return at_ms

    def codes(self, edges: list[trace.Edge]) -> list[str]:
        return [edge.code for edge in edges]


def _thing(code: str) -> Thing:
    return Thing({"u": "unit", "l": "lot", "b": "box"}[code[0]], code)


def test_as_built_and_as_is_now(store: Store) -> None:
    """A part that is replaced before the unit is packed was never built in; one that is replaced behind that was."""
    line = Line(store)
    line.put("u1", "lA")
    line.put("u1", "lB")
    ended_ms = line.take("u1", "lA")
    line.put("u1", "lC")
    line.put("b1", "u1", "packed")
    line.take("u1", "lB")
    line.put("u1", "lD")
    unit = key(store, "u1")
    assert line.codes(trace.made_of(store, unit)) == ["lA", "lB", "lC", "lD"]
    assert line.codes(trace.made_of(store, unit, trace.Holds.BUILT)) == ["lB", "lC"]
    assert line.codes(trace.made_of(store, unit, trace.Holds.NOW)) == ["lC", "lD"]
    assert trace.parts(store, unit)[0].ended_ms == ended_ms
    for lot, ever, built, now in (("lA", 1, 0, 0), ("lB", 1, 1, 0), ("lC", 1, 1, 1), ("lD", 1, 0, 1)):
        found = [len(trace.went_into(store, key(store, lot), holds)) for holds in trace.Holds]
        assert [min(n, 1) for n in found] == [ever, built, now], lot


def test_a_path_is_told_by_the_links(store: Store) -> None:
    line = Line(store)
    for parent, child in (("u1", "uSub"), ("uSub", "lA"), ("b1", "u1")):
        line.put(parent, child)
    ids = {code: key(store, code) for code in ("u1", "uSub", "lA", "b1")}
    path = [(e.near, e.thing) for e in trace.went_into(store, ids["lA"])]
    assert path == [(ids["lA"], ids["uSub"]), (ids["uSub"], ids["u1"]), (ids["u1"], ids["b1"])]
    assert [(e.code, e.id) for e in trace.uses(store, ids["lA"])] == [("uSub", line.links["uSub", "lA"])]
    assert {k.code for k in trace.known(store, ids.values()).values()} == set(ids)


def test_boxes_and_pallets_and_where_each_unit_is(store: Store) -> None:
    line = Line(store)
    for code in ("u1", "u2", "u3", "u4"):
        line.at(code, 1)
    before_ms = line.move("b1", "stock")  # empty as yet: it takes nothing along
    line.put("b1", "u1", "packed")
    line.put("b1", "u2", "packed")
    line.put("bPallet", "b1", "packed")
    line.at("u3", 2)
    shipped_ms = line.move("bPallet", "ship")
    line.move("u4", "stock")
    again_ms = line.at("u4", 2)
    ids = {code: key(store, code) for code in ("u1", "u2", "u3", "u4", "b1", "bPallet")}
    assert sorted(line.codes(trace.contents(store, ids["bPallet"]))) == ["b1", "u1", "u2"]
    assert line.codes(trace.holders(store, ids["u1"])) == ["b1", "bPallet"]
    places = trace.places(store, ids.values())
    moved = places[ids["u1"]].moved
    assert moved is not None
    assert (moved.kind, moved.at_ms, moved.holder) == ("ship", shipped_ms, ids["bPallet"])
    assert (places[ids["u3"]].machine, places[ids["u3"]].moved) == (2, None)
    assert places[ids["u4"]] == trace.Place(2, again_ms, None)
    assert [m.at_ms for m in trace.moves(store, ids["b1"])] == [before_ms, shipped_ms]
    line.take("b1", "u2")  # taken out: what becomes of the box is no more to it
    line.move("b1", "stock")
    assert [m.at_ms for m in trace.moves(store, ids["u2"])] == [shipped_ms]
    assert trace.places(store, [ids["u2"]])[ids["u2"]].moved is None
    assert line.codes(trace.contents(store, ids["b1"])) == ["u1"]


def test_what_was_shipped_stays_so_where_the_clock_was_set_back(store: Store) -> None:
    line = Line(store)
    for code in ("u1", "u2", "u3"):
        line.at(code, 1)
    line.move("b1", "stock")  # empty as yet
    line.put("b1", "u1", "packed")
    line.now_ms -= 3_600_000
    line.move("b1", "ship")
    line.move("u2", "stock")
    line.move("u3", "stock")
    line.now_ms -= 3_600_000
    line.at("u3", 2)  # back in the line
    line.put("b1", "u2", "packed")  # when the box had gone already
    ids = {code: key(store, code) for code in ("u1", "u2", "u3")}
    places = trace.places(store, ids.values())
    moved = {code: place.moved.kind if (place := places[ids[code]]).moved else "" for code in ids}
    assert moved == {"u1": "ship", "u2": "stock", "u3": ""}
    assert places[ids["u3"]].machine == 2


def test_a_box_to_which_a_unit_was_said_later_took_it_along(store: Store) -> None:
    line = Line(store)
    packed_ms = line.at("u1", 1)
    line.move("b1", "ship")
    by_hand = Link(line.book.next_id(line.now_ms), "packed", _thing("b1"), _thing("u1"), None, packed_ms, 1)
    line.book.commit(Batch(links=[by_hand]))
    unit = key(store, "u1")
    moved = trace.places(store, [unit])[unit].moved
    assert moved is not None
    assert moved.kind == "ship"


def test_lots_that_were_split_and_merged(store: Store) -> None:
    line = Line(store)
    line.put("lA1", "lA", "split")
    line.put("lA2", "lA", "split")
    line.put("lM", "lA1", "merged")
    line.put("lM", "lB", "merged")
    line.put("u1", "lM")
    line.put("u2", "lA2")
    line.move("lA1", "stock")  # what comes later into a lot was always part of it
    line.put("lA1", "lLate", "merged")
    assert line.codes(trace.made_of(store, key(store, "u1"), trace.Holds.BUILT)) == ["lM", "lA1", "lB", "lA", "lLate"]
    assert line.codes(trace.went_into(store, key(store, "lA"))) == ["lA1", "lA2", "lM", "u2", "u1"]
    assert line.codes(trace.went_into(store, key(store, "lB"))) == ["lM", "u1"]


def test_who_shares_a_lot(store: Store) -> None:
    line = Line(store)
    for parent, child in (("u1", "lA"), ("u2", "lA"), ("u3", "uSub"), ("uSub", "lA"), ("u1", "lB"), ("u9", "lC")):
        line.put(parent, child)
    found = {each.lot.code: each.others for each in trace.shared(store, key(store, "u1"))}
    assert found == {"lA": 3, "lB": 0}


def test_steps_with_start_and_end(store: Store) -> None:
    line = Line(store)
    line.at("l1", 1)
    first = line.at("u1", 1)
    line.at("l2", 1)  # a lot that is loaded does not end a unit's step
    second = line.at("u2", 1)
    third = line.at("u1", 2)
    last = line.at("u2", 2)
    visits = {code: trace.visits(store, key(store, code)) for code in ("u1", "u2", "l1")}
    assert [(v.at_ms, v.until_ms) for v in visits["u1"]] == [(first, second), (third, last)]
    assert [(v.at_ms, v.until_ms) for v in visits["u2"]] == [(second, last), (last, None)]
    assert [v.until_ms for v in visits["l1"]] == [None]
    seen = trace.units_at(store, 1, Span(first, second + 1))
    assert [(unit.code, visit.at_ms) for unit, visit in seen] == [("u1", first), ("u2", second)]


def test_what_a_label_says_keeps_its_history(store: Store) -> None:
    book = Journal(store)
    for n, value in enumerate(("2026-01-01", "2027-01-01")):
        said = Attribute(book.next_id(T0 + n), Thing("lot", "lA"), "expiry", value, T0 + n, 7)
        book.commit(Batch(attributes=[said]))
    assert trace.attributes(store, key(store, "lA")) == [
        trace.Told("expiry", "2026-01-01", T0, 7), trace.Told("expiry", "2027-01-01", T0 + 1, 7)
    ]  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40), cut=st.integers(0, 40))
def test_any_web_of_links_is_walked_as_a_plain_search_walks_it(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[int, int]], cut: int
) -> None:
    """Loops, links to itself, the same link twice, links that ended: against a search over Python sets."""
    store = open_shop(tmp_path_factory.mktemp("web"))
    book = Journal(store)
    things = [Thing("unit", f"u{n}") for n in range(12)]
    links = [
        Link(book.next_id(T0 + n), "consumed", things[a], things[b], 1, T0 + n, 1) for n, (a, b) in enumerate(pairs)
    ]
    ended = links[:cut:3]
    ends = [LinkEnd(book.next_id(T0 + 100 + n), link.id, T0 + 100 + n, 1) for n, link in enumerate(ended)]
    book.commit(Batch(links=links, link_ends=ends))
    gone = {link.id for link in ended}
    alive = [pair for pair, link in zip(pairs, links, strict=True) if link.id not in gone]
    for holds, tied in ((trace.Holds.EVER, pairs), (trace.Holds.NOW, alive)):
        for n in sorted({n for pair in pairs for n in pair}):
            for ask, near, far in ((trace.made_of, 0, 1), (trace.went_into, 1, 0)):
                depth, level = {n: 0}, {n}
                while level:
                    level = {p[far] for p in tied if p[near] in level} - set(depth)
                    depth.update(dict.fromkeys(level, max(depth.values()) + 1))
                found = {int(e.code[1:]): e.depth for e in ask(store, key(store, f"u{n}"), holds)}
                assert found == {other: d for other, d in depth.items() if other != n}
    store.close()


#: what a plan may go through: its own rows, what was asked for, jumps of the clock
SMALL = {"r", "up", "reach", "asked", "json_each", "CONSTANT", "(subquery-1)", "clock_segments"}


def test_every_question_goes_by_an_index(store: Store) -> None:
    """However much the file holds: no plan reads a table from end to end."""
    line, chance = Line(store), random.Random(1)
    for n in range(60):
        line.put(f"u{n}", f"l{chance.randrange(5)}")
        line.put(f"b{n // 10}", f"u{n}", "packed")
        line.at(f"u{n}", 1 + n % 2)
    for n in range(30):
        line.move(f"u{n}", "stock")
        line.take(f"b{n // 10}", f"u{n}")
    store.connection.execute("ANALYZE")  # also where SQLite knows how small the tables are
    asked: list[str] = []
    store.connection.set_trace_callback(asked.append)
    unit, lot, box = key(store, "u11"), key(store, "l1"), key(store, "b1")
    for holds in trace.Holds:
        trace.made_of(store, box, holds)
        trace.went_into(store, lot, holds)
        trace.shared(store, unit, holds)
    for question in (trace.contents, trace.holders, trace.parts, trace.uses, trace.visits, trace.values, trace.moves):
        question(store, unit)
    trace.attributes(store, unit)
    trace.known(store, [unit, lot])
    trace.places(store, [unit, lot, box])
    trace.scans(store, "u1")
    trace.similar(store, "u1")
    trace.units_at(store, 1, Span(T0, T0 + 9_000_000))
    trace.spread(store, 1, Span(T0, T0 + 9_000_000))
    store.connection.set_trace_callback(None)
    plans = {sql: [row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {sql}")] for sql in asked}
    assert len(plans) > 20
    for sql, plan in plans.items():
        whole = [step for step in plan if step.startswith("SCAN ") and step.split()[1] not in SMALL]
        if "LIMIT 20000" in sql:  # the newest codes, among which a part of one is looked for
            whole.remove("SCAN units")
        assert whole == [], (sql, plan)


def test_fifty_thousand_units(store: Store) -> None:
    """The sizes of `tests/bench/test_trace.py` small: links stay short, and no question goes through all of them."""
    store.connection.execute("PRAGMA synchronous = OFF")
    units, links, lots = genealogy.write(store, 50_000)
    found = genealogy.measure(store, units, links, lots, 400)
    assert links > 5 * units
    assert found.link_bytes <= 100
    for holds in trace.Holds:
        assert found.back[holds][0] / found.look_up_ms <= 20
        assert found.forth[holds][0] / found.look_up_ms <= 1500  # all links would be some thousand

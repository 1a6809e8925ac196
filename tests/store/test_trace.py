"""A family tree in both directions, any number of levels deep, also where somebody tied a loop."""

from __future__ import annotations

from desktop.domain.events import Link, Step, Thing
from desktop.store import trace
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from tests.store.example import T0


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

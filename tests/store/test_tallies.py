"""Tallies by minute and hour equal what the facts say, whatever the clock and the process did in between."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.spans import Span
from desktop.store import ids, records, upkeep
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from desktop.store.tallies import WIDTHS
from tests.store.example import FORCE, GOOD, HOUR, MINUTE, T0, count, open_shop, store_values, value

Rows = dict[str, dict[tuple[int, int], tuple[float, ...]]]


def in_file(store: Store) -> Rows:
    return {
        table: {
            (int(row[0]), int(row[1])): tuple(round(number, 6) for number in row[2:])
            for row in store.rows(f"SELECT * FROM {table}")
        }
        for table in WIDTHS
    }


def by_hand(store: Store) -> Rows:
    """The same from every single fact."""
    facts: list[tuple[int, int, int, float]] = []
    for low, high, offset_us in ids.id_ranges(store, Span(0, 1 << 43)):
        for key, signal, number in store.rows(
            "SELECT id, signal_id, value FROM measurements WHERE value IS NOT NULL AND id BETWEEN ? AND ?", low, high
        ):
            facts.append((key, (key - offset_us) // 1000, signal, number))
    facts += store.rows(
        "SELECT id, at_ms, signal_id, CAST(pieces AS REAL) FROM events WHERE kind = 'count' AND pieces > 0"
    )
    found: Rows = {}
    for table, width in WIDTHS.items():
        buckets: dict[tuple[int, int], list[float]] = defaultdict(list)
        for _key, at_ms, signal, number in sorted(facts):
            buckets[at_ms // width * width, signal].append(number)
        found[table] = {
            key: (len(n), round(min(n), 6), round(max(n), 6), round(sum(n), 6), round(n[-1], 6))
            for key, n in buckets.items()
        }
    for hour, signal in found["hours"]:  # the last of its last minute
        minute = max(m for m, of in found["minutes"] if of == signal and m // HOUR * HOUR == hour)
        found["hours"][hour, signal] = (*found["hours"][hour, signal][:-1], found["minutes"][minute, signal][-1])
    return found


def but_open(rows: Rows, still_open: dict[str, int]) -> Rows:
    """Without the buckets that are still growing in memory."""
    return {table: {key: n for key, n in of.items() if key[0] != still_open[table]} for table, of in rows.items()}


steps = st.lists(
    st.tuples(
        st.one_of(
            st.integers(0, 40_000),
            st.integers(-1500, -1),
            st.integers(-3 * HOUR, -10_000),
            st.integers(HOUR, 3 * HOUR),
        ),
        st.floats(-100, 100, allow_nan=False),
        st.sampled_from(["value", "bad", "count", "late"]),
        st.sampled_from(["", "commit", "restart"]),
    ),
    min_size=1,
    max_size=30,
)


@given(steps)
def test_tallies_equal_the_facts(
    tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[int, float, str, str]]
) -> None:
    """Late facts, jumps of the clock, and a process that ends in the middle of a minute; rebuilt they are the same."""
    store = open_shop(tmp_path_factory.mktemp("t") / "d")
    try:
        book, at_ms, batch = Journal(store), T0 + 100 * HOUR, Batch()
        last_ms = at_ms
        for step, number, kind, then in turns:
            at_ms += step
            if kind == "count":
                batch.events.append(count(book, at_ms, 1 + abs(round(number))))
            elif kind == "late":  # pieces over a gap, booked to when they were read; the id is of now
                batch.events.append(count(book, at_ms, 2, flag="gap", from_ms=at_ms - 5000))
            else:
                batch.measurements.append(value(book, at_ms, None if kind == "bad" else number))
            if kind != "bad":
                last_ms = at_ms
            if then:
                book.commit(batch)
                batch = Batch()
            if then == "restart":
                book = Journal(store)
        book.commit(batch)
        truth = by_hand(store)
        newest = store.row(
            "SELECT max(id) FROM (SELECT id FROM measurements WHERE value IS NOT NULL"
            " UNION ALL SELECT id FROM events WHERE pieces > 0)"
        )[0]
        if newest is not None:
            counted = store.row("SELECT at_ms FROM events WHERE id = ?", newest)
            last_ms = counted[0] if counted else book._arrived_ms(newest)
        still_open = {table: last_ms // width * width for table, width in WIDTHS.items()}
        assert but_open(in_file(store), still_open) == but_open(truth, still_open)
        # What grows in memory is right as well: the next hour writes it.
        store_values(book, (at_ms + 10 * HOUR, 1.0), (at_ms + 20 * HOUR, 1.0), (at_ms + 30 * HOUR, 1.0))
        last = {table: (at_ms + 30 * HOUR) // width * width for table, width in WIDTHS.items()}
        assert but_open(in_file(store), last) == but_open(by_hand(store), last)
        upkeep.rebuild_caches(store)
        assert in_file(store) == by_hand(store)
    finally:
        store.close()


def test_a_minute_goes_on_after_a_restart_in_its_middle(store: Store) -> None:
    store_values(Journal(store), (T0 + 1000, 5.0), (T0 + 2000, 1.0))
    assert in_file(store) == {"minutes": {}, "hours": {}}
    store_values(Journal(store), (T0 + 30_000, 3.0))
    store_values(Journal(store), (T0 + MINUTE, 9.0))
    assert in_file(store) == {"minutes": {(T0, FORCE): (3, 1.0, 5.0, 9.0, 3.0)}, "hours": {}}
    store_values(Journal(store), (T0 + HOUR, 0.0))
    assert in_file(store)["hours"] == {(T0, FORCE): (4, 1.0, 9.0, 18.0, 9.0)}


def test_a_late_piece_opens_its_hour_again(store: Store) -> None:
    book = Journal(store)
    book.commit(Batch(events=[count(book, T0 + 1000, 2), count(book, T0 + 2 * HOUR, 1)]))
    book.commit(Batch(events=[count(book, T0 + 2000, 3)]))
    assert in_file(store)["hours"][T0 + 2 * HOUR, GOOD] == (1, 1.0, 1.0, 1.0, 1.0)
    book.commit(Batch(events=[count(book, T0 + 3 * HOUR, 1)]))
    assert in_file(store)["hours"][T0, GOOD] == (2, 2.0, 3.0, 5.0, 3.0)


def test_rebuilding_makes_newest_values_and_health_anew(store: Store) -> None:
    book = Journal(store)
    book.commit(
        Batch(
            measurements=[value(book, T0, 1.0), value(book, T0 + 5, None, quality=2)],
            live={FORCE: records.LiveValue(T0 + 5, None, None, 2)},
        )
    )
    before: list[Any] = store.rows("SELECT * FROM live")
    with store.transaction() as db:
        db.execute("UPDATE live SET value = 99, quality = 0")
        db.execute("INSERT INTO minutes VALUES (?, 1, 1, 0, 0, 0, 0)", (T0,))
    upkeep.rebuild_caches(store)
    assert store.rows("SELECT * FROM live") == before
    assert in_file(store)["minutes"] == {(T0, FORCE): (1, 1.0, 1.0, 1.0, 1.0)}


def test_rebuilding_keeps_buckets_whose_values_are_gone(store: Store) -> None:
    """Raw values are kept for a while only; their minutes and hours for longer."""
    book = Journal(store)
    store_values(book, (T0, 1.0), (T0 + 5 * HOUR, 2.0), (T0 + 9 * HOUR, 3.0))
    before = in_file(store)
    with store.transaction() as db:
        db.execute("DELETE FROM measurements WHERE id < ?", ((T0 + HOUR) * 1000,))
    upkeep.rebuild_caches(store)
    assert before["hours"].items() <= in_file(store)["hours"].items()

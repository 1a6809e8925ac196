"""What people say is appended, can be taken back, and never lost to what another person says meanwhile."""

from __future__ import annotations

import uuid
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.domain.entries import OPEN_MS, Attended, Entry, Labelled, Placed, Said, Split
from desktop.domain.spans import Span
from desktop.store import database, entries, upkeep
from desktop.store.database import Store
from tests.store.example import HOUR, MINUTE, T0

HOURS = Span(T0, T0 + 8 * HOUR)


def label(
    start_ms: int = T0, end_ms: int = T0 + 5 * MINUTE, stop: int = 7, reason: int = 1, machine: int = 1
) -> Labelled:
    return Labelled(machine, start_ms, end_ms, stop, reason, "E-104", "메모")


def standing(store: Store) -> list[Said]:
    return [entry.said for entry in entries.standing(store, HOURS)]


def test_what_was_said_comes_back_as_it_was_and_ids_rise(store: Store) -> None:
    assert entries.newest(store) == 0
    told = [label(), Split(2, T0 + MINUTE, T0 + HOUR, 9), label(T0 + HOUR, OPEN_MS)]
    first = entries.say(store, told, T0 + 2 * HOUR, "김정호", "확인")
    [later] = entries.say(store, [label(reason=2)], T0 - HOUR)  # the clock was set back
    found = entries.standing(store, HOURS)
    assert [entry.id for entry in found] == [*first, later] == sorted({*first, later})
    assert entries.newest(store) == later
    assert [entry.said for entry in found] == [*told, label(reason=2)]
    assert found[0] == Entry(first[0], T0 + 2 * HOUR, told[0], "김정호", "확인")
    assert entries.one(store, later) == Entry(later, T0 - HOUR, label(reason=2))
    assert entries.standing(store, Span(T0 + 1, HOURS.end_ms)) == found[1:3], "by when they begin"
    assert upkeep.check(store) == []


def test_what_is_taken_back_does_not_stand_and_is_still_there(store: Store) -> None:
    one, two = entries.say(store, [label(), label(reason=2)], T0)
    entries.take_back(store, [one], T0 + 1, "이")
    entries.take_back(store, [one, 999], T0 + 2)  # again, and one that never was
    assert standing(store) == [label(reason=2)]
    kept = entries.one(store, one)
    assert kept is not None
    assert kept.taken_back == entries.newest(store) > two
    assert store.row("SELECT count(*) FROM entries")[0] == 3
    assert upkeep.check(store) == []


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12), st.booleans()), max_size=12), st.integers(0, 12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_remembered_and_what_is_new_is_what_stands(
    folder: Path, words: list[tuple[int, int, bool]], looked_after: int
) -> None:
    """A look that reads only what came since gives what one that reads all gives, whatever was taken back meanwhile."""
    kinds = Labelled | Attended
    with closing(database.create(folder / uuid.uuid4().hex)) as store:
        window, known, seen = Span(T0 - HOUR, T0 + 8 * HOUR), (), 0
        told: list[int] = []
        for place, (kind, hour, back) in enumerate(words):
            if place == looked_after:
                seen, known = entries.newest(store), entries.standing(store, window, kinds)
            start_ms = T0 + hour * HOUR
            said = (
                label(start_ms, start_ms + MINUTE),
                Split(1, start_ms, start_ms, 7),
                Attended(0, start_ms, OPEN_MS, 3),
                Placed(1, start_ms, OPEN_MS, 3),
            )[kind]
            told += entries.say(store, [said], T0)
            if back:
                entries.take_back(store, [told[hour % len(told)]], T0)
        later = Span(T0, T0 + 8 * HOUR)
        found = entries.standing_since(store, known, seen, later, kinds)
        assert found == entries.standing(store, later, kinds)
        whole = entries.standing(store, later)
        assert found == tuple(entry for entry in whole if isinstance(entry.said, kinds))


def test_a_changed_or_missing_row_is_found(store: Store) -> None:
    entries.say(store, [label(), label(reason=2)], T0)
    with store.transaction() as db:
        db.execute("DROP TRIGGER entries_no_update")
        db.execute("UPDATE entries SET who = 'lee' WHERE id = (SELECT min(id) FROM entries)")
    assert {found.table for found in upkeep.check(store)} == {"entries"}
    assert "was changed" in upkeep.check(store)[0].sentence


@pytest.mark.parametrize(
    ("other", "refused"),
    [
        (label(reason=2), True),
        (label(T0 + MINUTE, OPEN_MS, reason=2), True),  # the same stop
        (label(T0 + 2 * MINUTE, T0 + 9 * MINUTE, stop=8), True),  # a part of its time
        (label(T0 + 5 * MINUTE, T0 + 9 * MINUTE, stop=8), False),
        (label(T0 + 5 * MINUTE, OPEN_MS, stop=8), False),
        (label(machine=2), False),
        (Split(1, T0 + MINUTE, T0 + 5 * MINUTE, 7), True),
    ],
)
def test_the_later_one_is_told_what_was_said_meanwhile(store: Store, other: Said, refused: bool) -> None:
    seen = entries.newest(store)
    entries.say(store, [other], T0, "김정호", seen=seen)
    before = store.row("SELECT count(*) FROM entries")[0]
    if refused:
        with pytest.raises(entries.MeanwhileError, match="김정호") as told:
            entries.say(store, [label(T0 + 3 * HOUR, T0 + 4 * HOUR, stop=1), label()], T0 + 1, "이", seen=seen)
        assert told.value.entry.said == other
        assert store.row("SELECT count(*) FROM entries")[0] == before, "all or nothing"
        entries.say(store, [label()], T0 + 2, "이", seen=entries.newest(store))  # having looked
    else:
        entries.say(store, [label()], T0 + 1, "이", seen=seen)


def test_what_is_said_of_a_window_that_is_over_is_counted(store: Store) -> None:
    window = Span(T0, T0 + HOUR)
    [number] = entries.say(store, [label()], T0 + HOUR - 1)
    assert entries.late(store, window) == 0
    entries.say(store, [label(T0 + MINUTE), label(T0 + HOUR, T0 + HOUR + 1)], T0 + HOUR)
    entries.take_back(store, [number], T0 + 2 * HOUR)
    assert entries.late(store, window) == 2


def test_what_was_touched_since(store: Store) -> None:
    [number] = entries.say(store, [label()], T0 + HOUR)
    entries.say(store, [label(T0 + HOUR, OPEN_MS)], T0 + 2 * HOUR)
    entries.take_back(store, [number], T0 + 3 * HOUR)
    assert entries.since(store, 0) == [
        Span(T0, T0 + 5 * MINUTE), Span(T0 + HOUR, T0 + 2 * HOUR), Span(T0, T0 + 5 * MINUTE),
    ]  # fmt: skip
    assert entries.since(store, entries.newest(store)) == []


def test_who_was_where_is_kept_beside_the_stops(store: Store) -> None:
    told: list[Said] = [Attended(0, T0, OPEN_MS, 3), Placed(1, T0, T0 + HOUR, 3), Placed(0, T0, OPEN_MS, 4)]
    first, second, _third = entries.say(store, told, T0, "kim")
    entries.say(store, [label()], T0 + 1, seen=first)  # it is said of no stop: nobody is told of it
    entries.take_back(store, [second], T0 + 2)
    assert standing(store) == [told[0], told[2], label()]
    entries.say(store, [Placed(1, T0, OPEN_MS, 5)], T0 + 3, seen=first)
    assert standing(store)[-1] == Placed(1, T0, OPEN_MS, 5)

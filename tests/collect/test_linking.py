"""What people say of links becomes links, once, also over a restart; what they take back ends them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.clock import PlantClock
from desktop.collect.collector import Collector
from desktop.collect.linking import Linking
from desktop.domain.entries import Joined, Note, Parted, Replaced, Said
from desktop.domain.events import Link, Thing
from desktop.store import entries, trace, upkeep
from desktop.store.database import KnownError, Store
from desktop.store.journal import Batch, Journal
from tests.store.example import HOUR, MACHINE, T0, open_shop

UNIT, OLD, NEW, NEWER = Thing("unit", "SN1"), Thing("lot", "PCB-1"), Thing("unit", "PCB-2"), Thing("unit", "PCB-3")
NOW = T0 + HOUR


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    """A unit that carries a part."""
    store = open_shop(tmp_path, PlantClock(NOW, 0, 0.0))
    book = Journal(store)
    book.commit(Batch(links=[Link(book.next_id(T0), "consumed", UNIT, OLD, MACHINE, T0, 1)]))
    yield store
    store.close()


def say(store: Store, *told: Said, at_ms: int = NOW) -> list[int]:
    return entries.say(store, told, at_ms, "Kim")


def replaced(old: Thing, new: Thing, at_ms: int = NOW) -> Replaced:
    return Replaced(MACHINE, at_ms, at_ms, UNIT, old, new)


def follow(store: Store) -> bool:
    return Linking(store, Journal(store)).step()


def carries(store: Store) -> list[tuple[str, str]]:
    """What the unit is made of now: kinds of links and codes."""
    rows = store.rows(
        "SELECT l.kind, c.code FROM links l JOIN units p ON p.id = l.parent_id JOIN units c ON c.id = l.child_id"
        " WHERE p.code = 'SN1' AND NOT EXISTS (SELECT 1 FROM link_ends e WHERE e.link_id = l.id) ORDER BY l.id"
    )
    return [(str(kind), str(code)) for kind, code in rows]


def test_a_replaced_part_is_out_and_the_new_one_is_in(shop: Store) -> None:
    (number,) = say(shop, replaced(OLD, NEW))
    assert follow(shop)
    assert carries(shop) == [("consumed", "PCB-2")]
    assert shop.rows("SELECT at_ms, event_id FROM link_ends") == [(NOW, number)]
    assert shop.rows("SELECT machine_id, at_ms, event_id FROM links ORDER BY id DESC LIMIT 1") == [
        (MACHINE, NOW, number)
    ]
    built = trace.made_of(shop, trace.find(shop, "SN1")[0].id)
    assert {edge.code for edge in built} == {"PCB-1", "PCB-2"}, "nothing is forgotten"
    assert not upkeep.check(shop), "ids rise and the chain holds"


def test_each_is_written_once(shop: Store) -> None:
    say(shop, replaced(OLD, NEW))
    assert follow(shop)
    assert not follow(shop)
    say(shop, Note(0, NOW, NOW, "nothing of links"))
    assert not follow(shop)
    assert carries(shop) == [("consumed", "PCB-2")]


def test_what_is_taken_back_puts_the_old_part_in_again(shop: Store) -> None:
    (number,) = say(shop, replaced(OLD, NEW))
    follow(shop)
    entries.take_back(shop, [number], NOW + 5)
    assert follow(shop)
    assert carries(shop) == [("consumed", "PCB-1")]


def test_said_and_taken_back_before_anybody_followed(shop: Store) -> None:
    entries.take_back(shop, say(shop, replaced(OLD, NEW)), NOW + 5)
    assert follow(shop)
    assert carries(shop) == [("consumed", "PCB-1")]


def test_a_part_that_went_on_to_be_another_one_is_not_put_in_again(shop: Store) -> None:
    (number,) = say(shop, replaced(OLD, NEW))
    say(shop, replaced(NEW, NEWER))
    follow(shop)
    entries.take_back(shop, [number], NOW + 5)
    follow(shop)
    assert carries(shop) == [("consumed", "PCB-3")]


def test_lots_that_are_merged_and_split(shop: Store) -> None:
    lots = [Thing("lot", f"L{n}") for n in range(3)]
    say(shop, Joined(0, NOW, NOW, (lots[0], lots[1]), lots[2]))
    (parted,) = say(shop, Parted(0, NOW, NOW, lots[2], (Thing("lot", "L2-A"), Thing("lot", "L2-B"))))
    follow(shop)

    def parts(code: str) -> set[str]:
        return {edge.code for edge in trace.made_of(shop, trace.find(shop, code)[0].id)}

    assert parts("L2") == {"L0", "L1"}
    assert parts("L2-B") == {"L2", "L0", "L1"}
    assert shop.row("SELECT DISTINCT machine_id FROM links WHERE kind IN ('joined', 'parted')")[0] is None
    entries.take_back(shop, [parted], NOW + 5)
    follow(shop)
    assert shop.row("SELECT count(*) FROM link_ends")[0] == 2


def test_a_commit_that_fails_is_made_the_next_time(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    say(shop, replaced(OLD, NEW))
    journal = Journal(shop)
    linking = Linking(shop, journal)
    with monkeypatch.context() as broken:

        def refuse(*_given: object) -> None:
            raise KnownError("the disk is full")

        broken.setattr(journal, "commit", refuse)
        with pytest.raises(KnownError):
            linking.step()
    assert linking.step()
    assert carries(shop) == [("consumed", "PCB-2")]


def test_the_collector_follows(shop: Store) -> None:
    say(shop, replaced(OLD, NEW))
    collector = Collector(shop)
    collector._link_what_was_said()
    assert carries(shop) == [("consumed", "PCB-2")]

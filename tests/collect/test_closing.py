"""What is kept of a shift is what deriving it gives, also when facts of it come late."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import summaries
from desktop.collect.closing import Closing
from desktop.domain import calendar
from desktop.domain.entries import OPEN_MS, Changed, FirstPiece, Labelled, Ordered, OrderEnded, Said
from desktop.domain.events import Event
from desktop.domain.figures.losses import TrendShift
from desktop.domain.spans import Span
from desktop.store import entries, heads, records, register, shift_sums, upkeep
from desktop.store.database import Store
from desktop.summaries.trends import shift_to_keep
from tests.store.example import HOUR, MACHINE, MINUTE
from tests.test_live import COUNTING, START, Shop, open_counting

DAY = Span(START, START + 8 * HOUR)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    store = open_counting(tmp_path)
    yield store
    store.close()


class Closed(Shop):
    """A shop whose collector closes shifts while facts go on."""

    def __init__(self, store: Store, seed: int) -> None:
        self.closing = Closing(store)
        super().__init__(store, seed)

    def tell(self, *events: Event) -> None:
        self.closing.hear(events)
        super().tell(*events)


def derived(store: Store, machine: int, now_ms: int) -> tuple[TrendShift, ...]:
    with store.transaction() as db:
        db.execute("CREATE TEMP TABLE aside AS SELECT * FROM shift_sums")
        db.execute("DELETE FROM shift_sums")
    found = summaries.trend(store, machine, DAY, now_ms)
    with store.transaction() as db:
        db.execute("INSERT INTO shift_sums SELECT * FROM aside")
        db.execute("DROP TABLE aside")
    return found


def spans_kept(store: Store) -> list[Span]:
    return list(shift_sums.rows(store, MACHINE, DAY, register.version(store)))


def assert_kept_is_derived(store: Store, now_ms: int) -> None:
    """Sums, causes and hours of every machine and of the line, shift by shift."""
    version = register.version(store)
    for shift in calendar.shifts_between(register.calendar(store), DAY):
        if shift.span not in shift_sums.kept(store, version):
            continue
        for of, made in shift_to_keep(store, shift, now_ms)[1].items():
            assert shift_sums.rows(store, of, DAY, version)[shift.span].sums == made.sums
            assert shift_sums.lost(store, of, [shift.span.start_ms]) == made.lost


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_equals_what_is_derived(shop: Store, seed: int) -> None:
    shop_floor, rng = Closed(shop, seed), random.Random(seed)
    kept = 0
    while shop_floor.at_ms < START + 5 * HOUR:
        shop_floor.go_on()
        if rng.random() < 0.2:
            while shop_floor.closing.step(shop_floor.at_ms):
                pass
            for machine in (MACHINE, COUNTING):
                assert summaries.trend(shop, machine, DAY, shop_floor.at_ms) == derived(shop, machine, shop_floor.at_ms)
            assert_kept_is_derived(shop, shop_floor.at_ms)
            kept = max(kept, len(spans_kept(shop)))
    assert kept == 2, "both shifts of the morning are kept"


def test_the_newest_shift_is_closed_first_and_a_changed_register_closes_anew(shop: Store) -> None:
    shop_floor = Closed(shop, 1)
    while shop_floor.at_ms < START + 4 * HOUR + MINUTE:
        shop_floor.go_on()
    now_ms = shop_floor.at_ms
    assert shop_floor.closing.step(now_ms)
    assert [span.start_ms for span in spans_kept(shop)] == [START + 2 * HOUR]
    assert shop_floor.closing.step(now_ms)
    assert not shop_floor.closing.step(now_ms)
    noted = (shop.folder / "backups" / heads.RECORD_CHECKS).read_text(encoding="utf-8").splitlines()
    ends = [START + 4 * HOUR, START + 2 * HOUR]
    assert [line.split("\t")[2] for line in noted] == [records.chain_at(shop, end_ms) for end_ms in ends]
    with shop.transaction() as db:
        register.audit(db, now_ms, "me", "change", "PR-01", "", "")
    assert spans_kept(shop) == []
    assert shop_floor.closing.step(now_ms)
    assert_kept_is_derived(shop, now_ms)
    upkeep.rebuild_caches(shop)
    assert spans_kept(shop) == []
    assert [shop.row(f"SELECT count(*) FROM {table}")[0] for table in shift_sums.TABLES] == [0, 0, 0]


def test_what_a_person_corrects_is_added_up_anew(shop: Store) -> None:
    """A reason given afterwards moves minutes from one row of the Pareto to another: nothing kept before it is used."""
    shop_floor = Closed(shop, 2)
    while shop_floor.at_ms < START + 4 * HOUR + MINUTE:
        shop_floor.go_on()
    while shop_floor.closing.step(shop_floor.at_ms):
        pass
    assert len(spans_kept(shop)) == 2
    entries.say(shop, [Labelled(MACHINE, START + HOUR, START + HOUR + 1, 1, 1)], shop_floor.at_ms, "kim")
    assert [span.start_ms for span in spans_kept(shop)] == [START + 2 * HOUR], "the other shift is as it was"
    assert shop_floor.closing.step(shop_floor.at_ms)


@pytest.mark.parametrize(
    ("before", "said", "left"),
    [
        (
            Changed(MACHINE, START + HOUR, OPEN_MS, 1),
            FirstPiece(MACHINE, START + 130 * MINUTE, START + 130 * MINUTE, True),
            [],
        ),
        (
            Changed(MACHINE, START + HOUR, OPEN_MS, 1),
            Ordered(MACHINE, START + 130 * MINUTE, OPEN_MS, "WO", 1, 9),
            [START],
        ),
        (
            Ordered(MACHINE, START, OPEN_MS, "WO", 1, 9),
            OrderEnded(MACHINE, START + 100 * MINUTE, START + 100 * MINUTE, "WO"),
            [],
        ),
    ],
)
def test_what_reaches_into_another_shift_is_added_up_anew_there(
    shop: Store, before: Said, said: Said, left: list[int]
) -> None:
    """A first piece ends a changeover of the shift before, an order that ended is not made in the next one; one that
    begins tells nothing of the shift before."""
    shop_floor = Closed(shop, 1)
    while shop_floor.at_ms < START + 4 * HOUR + MINUTE:
        shop_floor.go_on()
    now_ms = shop_floor.at_ms
    entries.say(shop, [before], now_ms, "kim")
    while shop_floor.closing.step(now_ms):
        pass
    assert len(spans_kept(shop)) == 2
    [number] = entries.say(shop, [said], now_ms + 1, "kim")
    assert [span.start_ms for span in spans_kept(shop)] == left
    for then_ms in (now_ms + 2, now_ms + 3):
        while shop_floor.closing.step(then_ms):
            pass
        assert len(spans_kept(shop)) == 2
        assert_kept_is_derived(shop, then_ms)
        entries.take_back(shop, [number], then_ms, "kim")
        kept = [span.start_ms for span in spans_kept(shop)]
        assert kept == left or (len(kept) == 2 and then_ms > now_ms + 2), "taking back reaches as far"

"""잔업 얼마나: when overtime is offered, what is left, when it would be done, and that one tap makes it count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from desktop import summaries
from desktop.collect.closing import Closing
from desktop.domain.entries import OPEN_MS, Ordered, OrderEnded
from desktop.domain.scheduling import AddOvertime, OvertimeOffer
from desktop.store import calendar_edits, entries
from desktop.store.database import Store
from tests.store.example import HOUR, MACHINE, MINUTE, count, state
from tests.test_live import START, Shop, open_counting

END = START + 4 * HOUR  # of the late shift
LATE = START + 2 * HOUR
ON = date(2025, 11, 19)


class Floor(Shop):
    """A machine that makes a piece each half minute, breaks or not."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, 0)
        self.tell(state(self.book, START, "run"))

    def makes(self, start_ms: int, end_ms: int, each_ms: int = 30_000) -> None:
        self.at_ms = start_ms
        while self.at_ms + each_ms <= end_ms:
            self.at_ms += each_ms
            self.tell(count(self.book, self.at_ms, 1))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    store = open_counting(tmp_path)
    yield store
    store.close()


def offer(store: Store, now_ms: int) -> OvertimeOffer | None:
    return summaries.line_now(store, now_ms).overtime


def order(store: Store, quantity: int, code: str = "WO-1") -> None:
    entries.say(store, [Ordered(MACHINE, LATE, OPEN_MS, code, 1, quantity)], LATE + MINUTE, "김정호")


def test_in_the_last_half_hour_of_a_shift_whose_order_is_not_done(shop: Store) -> None:
    floor = Floor(shop)
    order(shop, 300)
    floor.makes(LATE, END - 20 * MINUTE, MINUTE)  # a piece a minute: 100 in 100 minutes
    assert offer(shop, END - 31 * MINUTE) is None
    found = offer(shop, END - 20 * MINUTE)
    assert found is not None
    assert (found.shift.name, found.order, found.left, found.outside) == ("Late", "WO-1", 200, 0)
    assert found.ends == tuple(END + n * 30 * MINUTE for n in range(1, 5))
    # 200 pieces more at the pace of the shift, a minute each (its break lies in another shift).
    assert found.finish_ms == END - 20 * MINUTE + 200 * MINUTE
    entries.say(shop, [OrderEnded(MACHINE, END - 10 * MINUTE, END - 10 * MINUTE, "WO-1")], END - 10 * MINUTE)
    assert offer(shop, END - 9 * MINUTE) is None


def test_a_finished_order_and_a_shift_without_one_offer_nothing(shop: Store) -> None:
    floor = Floor(shop)
    floor.makes(LATE, END - 20 * MINUTE)
    assert offer(shop, END - 20 * MINUTE) is None, "nothing was ordered"
    order(shop, 100)
    assert offer(shop, END - 20 * MINUTE) is None, "200 were made of 100"


def test_what_is_made_behind_a_shift_counts_in_it_after_one_tap(shop: Store) -> None:
    floor = Floor(shop)
    order(shop, 300)
    floor.makes(LATE, END, MINUTE)
    assert offer(shop, END + 5 * MINUTE) is None, "the machine only runs"
    floor.makes(END, END + 40 * MINUTE, MINUTE)
    now_ms = END + 40 * MINUTE
    found = offer(shop, now_ms)
    assert found is not None
    assert (found.shift.name, found.outside, found.order, found.left) == ("Late", 40, "WO-1", 140)
    assert found.ends == tuple(END + n * 30 * MINUTE for n in (2, 3, 4, 5))
    assert found.finish_ms == now_ms + 140 * MINUTE, "at the pace of what is made now"
    closing = Closing(shop)
    while closing.step(now_ms):
        pass
    before = summaries.line_now(shop, now_ms)
    assert before.shift is None
    again = offer(shop, now_ms)
    assert again is not None
    assert again.finish_ms == now_ms + 140 * MINUTE, "at the pace of the shift, as it is kept"
    calendar_edits.change(shop, AddOvertime("Late", ON, found.ends[0]), now_ms, "김정호", "교대 밖 생산")
    after = summaries.line_now(shop, now_ms)
    assert after.shift is not None
    assert after.shift.span.end_ms == END + HOUR
    assert after.machines[0].good == 160, "all of them are of the shift now"
    assert after.overtime is not None
    assert after.overtime.ends[0] == END + 90 * MINUTE, "its last half hour has begun"


def test_no_offer_reaches_into_the_next_shift(shop: Store) -> None:
    floor = Floor(shop)
    entries.say(shop, [Ordered(MACHINE, START, OPEN_MS, "WO-1", 1, 300)], START + MINUTE)
    floor.makes(START, LATE - 20 * MINUTE, MINUTE)
    assert offer(shop, LATE - 20 * MINUTE) is None, "the late shift begins where it ends"


def test_pieces_of_long_after_a_shift_are_not_its_overtime(shop: Store) -> None:
    floor = Floor(shop)
    floor.makes(END + 13 * HOUR, END + 13 * HOUR + 20 * MINUTE)
    assert offer(shop, END + 13 * HOUR + 20 * MINUTE) is None

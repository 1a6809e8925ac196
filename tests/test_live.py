"""What is remembered between two looks gives the same answers as a fresh look, whatever happened meanwhile."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop import summaries
from desktop.clock import PlantClock
from desktop.domain.events import Event, EventKind
from desktop.domain.figures.line import LineNow
from desktop.store import register
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat
from desktop.summaries import station
from tests.store.example import HOUR, MACHINE, MINUTE, T0, count, open_shop, state

START = T0 - HOUR  # 08:00 in Seoul
COUNTING = 2


def open_counting(folder: Path) -> Store:
    """A machine that tells its state and one that only counts, two shifts that touch, a cycle of half a minute."""
    store = open_shop(folder, PlantClock(START, 0, 0.0))
    with store.transaction() as db:
        register.put_setting(db, "timezone", "Asia/Seoul")
        register.upsert(db, "line_constraints", {"valid_from_ms": 0}, {"machine_id": MACHINE, "parallel": 1})
        breaks = json.dumps([{"name": "Rest", "start": "09:00", "end": "09:10"}])
        for name, start, end in (("Day", "08:00", "10:00"), ("Late", "10:00", "12:00")):
            words = {"start": start, "end": end, "weekdays": json.dumps(list(range(1, 8))), "breaks": breaks}
            register.upsert(db, "shift_patterns", {"name": name, "valid_from": "1970-01-01"}, words | {"crew": ""})
        product = register.upsert(db, "products", {"code": "P"}, {"name": "P"})
        for machine in (MACHINE, COUNTING):
            key = {"product_id": product, "machine_id": machine, "valid_from_ms": 0}
            register.upsert(db, "standards", key, {"ideal_cycle_ms": 30_000.0, "standard_cycle_ms": 33_000.0})
        for place, key in enumerate(("good", "reject")):  # the counting machine has signals of its own
            row = db.execute("SELECT * FROM signals WHERE key = ? AND device_id = 1", (key,)).fetchone()
            columns = [column[1] for column in db.execute("PRAGMA table_info(signals)")]
            words = dict(zip(columns, row, strict=True)) | {"id": 50 + place, "device_id": 2, "machine_id": COUNTING}
            marks = ", ".join("?" * len(words))
            db.execute(f"INSERT INTO signals ({', '.join(words)}) VALUES ({marks})", tuple(words.values()))
    return store


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    store = open_counting(tmp_path)
    yield store
    store.close()


class Shop:
    """Facts that go on and on."""

    def __init__(self, store: Store, seed: int) -> None:
        self.rng = random.Random(seed)
        self.book = Journal(store)
        self.at_ms = START
        self.offline: set[int] = set()
        self.tell(*(self.health(device, "online") for device in (1, 2)))

    def tell(self, *events: Event) -> None:
        self.book.commit(
            Batch(events=list(events)), Beat(1, "1", 0, self.book.store.clock.real_ms(), self.at_ms, "", 0, 0)
        )

    def health(self, device: int, word: str) -> Event:
        detail = json.dumps({"kind": "" if word == "online" else "link_lost"})
        return Event(
            self.book.next_id(self.at_ms), EventKind.DEVICE, self.at_ms, None, device, word=word, detail=detail
        )

    def counted(self, machine: int, pieces: int, flag: str = "", from_ms: int | None = None) -> Event:
        word = "good" if self.rng.random() < 0.9 else "reject"
        made = count(self.book, self.at_ms, pieces, word=word, flag=flag, from_ms=from_ms)
        return replace(made, machine=machine, device=machine)

    def go_on(self) -> None:
        """A quarter of a minute up to five minutes pass, and something happens."""
        passed_ms = self.rng.choice((15_000, 31_000, 31_000, 31_000, 125_000, 5 * MINUTE))
        self.at_ms += passed_ms
        kind = self.rng.random()
        if kind < 0.35:
            self.tell(self.counted(MACHINE, 1), self.counted(COUNTING, 1))
        elif kind < 0.8:
            self.tell(
                state(
                    self.book, self.at_ms, self.rng.choice(("run", "run", "run", "stop", "fault", "starved", "setup"))
                )
            )
        elif kind < 0.86:
            alarm = Event(
                self.book.next_id(self.at_ms), EventKind.ALARM, self.at_ms, MACHINE, 1, word=str(self.rng.randrange(3))
            )
            self.tell(alarm)
        elif kind < 0.92:
            device = self.rng.choice((1, 2))
            word = "online" if device in self.offline else "offline"
            (self.offline.discard if word == "online" else self.offline.add)(device)
            events = [self.health(device, word)]
            if device == MACHINE:
                events.append(state(self.book, self.at_ms, "unknown" if word == "offline" else "run"))
            self.tell(*events)
        elif kind < 0.96:  # pieces of a silence that began long ago
            self.tell(self.counted(self.rng.choice((MACHINE, COUNTING)), 7, "gap", self.at_ms - 20 * MINUTE))
        else:  # a fact that comes late
            late_ms = self.at_ms - self.rng.randrange(60) * MINUTE
            self.tell(replace(state(self.book, self.at_ms, "stop"), at_ms=late_ms))


def seen(line: LineNow) -> LineNow:
    """An answer without what real time tells of the collector."""
    return replace(line, collector=replace(line.collector, silent_ms=0))


@pytest.mark.parametrize("seed", range(6))
def test_a_look_that_remembers_sees_the_same(shop: Store, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station, "_MOST_OPEN", 4)
    going_on, live = Shop(shop, seed), summaries.Live()
    looked = 0
    while going_on.at_ms < START + 4 * HOUR + 20 * MINUTE:
        going_on.go_on()
        if going_on.rng.random() < 0.6:
            now_ms = going_on.at_ms + going_on.rng.randrange(20_000)
            assert seen(live.line_now(shop, now_ms)) == seen(summaries.line_now(shop, now_ms)), (seed, looked)
            fresh, remembered = (ask.machine_day(shop, MACHINE, now_ms) for ask in (summaries.Live(), live))
            assert remembered.intervals == fresh.intervals
            assert remembered.machine.kpis == fresh.machine.kpis
            looked += 1
    assert looked > 30


def test_a_device_that_falls_silent_in_the_millisecond_of_a_look_is_silent_at_the_next(shop: Store) -> None:
    floor, live = Shop(shop, 0), summaries.Live()
    for minute in (1, 2):
        floor.at_ms = START + minute * MINUTE
        floor.tell(floor.counted(COUNTING, 1))
        live.line_now(shop, floor.at_ms)
    floor.tell(floor.health(COUNTING, "offline"))
    for later_ms in (0, 1000, 2500):
        now_ms = floor.at_ms + later_ms
        assert seen(live.line_now(shop, now_ms)) == seen(summaries.line_now(shop, now_ms)), later_ms


def test_a_changed_register_is_seen_at_once(shop: Store) -> None:
    live = summaries.Live()
    assert [m.name for m in live.line_now(shop, START + MINUTE).machines] == ["PR-01", "WS-01"]
    with shop.transaction() as db:
        register.upsert(db, "machines", {"code": "PR-01"}, {"name": "Press", "place": 0, "threshold_ms": 120_000})
        register.audit(db, START, "me", "change", "PR-01", "PR-01", "Press")
    assert [m.name for m in live.line_now(shop, START + 2 * MINUTE).machines] == ["Press", "WS-01"]


def test_the_figures_stand_for_a_second_while_nothing_happens(shop: Store) -> None:
    """Four commits a second say mostly that the collector lives; only the clock has moved on."""
    book, live, at_ms = Journal(shop), summaries.Live(), START + 20 * MINUTE

    def beat(*events: Event, real_ms: int) -> None:
        book.commit(Batch(events=list(events)), Beat(1, "1", 0, real_ms, at_ms, "", 0, 0))

    beat(state(book, START + MINUTE, "run"), real_ms=shop.clock.real_ms())
    first = live.line_now(shop, at_ms)
    beat(real_ms=shop.clock.real_ms())
    assert live.line_now(shop, at_ms + 900) == first
    assert live.line_now(shop, at_ms + 1000).now_ms == at_ms + 1000, "a second has passed"
    beat(count(book, at_ms + 1000, 1), real_ms=shop.clock.real_ms())
    assert live.line_now(shop, at_ms + 1001).machines[0].good == 1, "a piece is shown at once"
    live.line_now(shop, at_ms + 1001)
    with shop.transaction() as db:
        register.put_setting(db, "line", "B")
        register.audit(db, at_ms, "", "config", "", "", "")
    assert live.line_now(shop, at_ms + 1002).head.line == "B", "and so is what a person changed"
    beat(real_ms=shop.clock.real_ms() - 10_000)
    assert not live.line_now(shop, at_ms + 1002).collector.running, "and that nobody collects"

"""What is accepted without a why changes no closed page: the reports themselves are held against the rule."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop import summaries
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import (
    OPEN_MS,
    Action,
    ActionClosed,
    Attended,
    Booked,
    Changed,
    Closed,
    FirstPiece,
    FourM,
    HourConfirmed,
    Labelled,
    Left,
    Note,
    Ordered,
    OrderEnded,
    Placed,
    Said,
    Split,
)
from desktop.domain.figures.report import ShiftReport
from desktop.domain.people import Person
from desktop.domain.spans import Span
from desktop.store import closed, entries, people, register
from desktop.store.closed import ClosedError
from desktop.store.database import Store
from desktop.summaries.frame import read_register
from desktop.summaries.shifts import shifts_begun
from tests.store.example import HOUR, MACHINE, MINUTE, state
from tests.test_live import START, Shop, open_counting

WHO, WHY = "김정호", "잘못 눌렀음"
STEPS = 60


@pytest.fixture(params=(2, 4, 7))
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Store, random.Random]]:
    store = open_counting(tmp_path)
    floor = Shop(store, request.param)
    while floor.at_ms < START + 4 * HOUR + 5 * MINUTE:
        floor.go_on()
    with store.transaction() as db:
        for place, name in enumerate(("R01", "R02")):
            loss = {"name": name, "kind": "unplanned", "failure": 1, "place": place, "loss": "breakdown"}
            register.upsert(db, "reasons", {"code": name}, loss)
        slow = register.upsert(db, "products", {"code": "Q"}, {"name": "Q"})
        key = {"product_id": slow, "machine_id": MACHINE, "valid_from_ms": 0}
        register.upsert(db, "standards", key, {"ideal_cycle_ms": 90_000.0, "standard_cycle_ms": 99_000.0})
        register.audit(db, START, "", "import", "", "", "")
    people.put(store, Person(0, "이상훈"), START)
    yield store, random.Random(request.param)
    store.close()


def something(store: Store, rng: random.Random, shifts: list[Span], now_ms: int) -> Said:
    """What a person may say, of any time since the first shift began."""
    edge_ms = shifts[0].end_ms
    at_ms = rng.choice((rng.randrange(shifts[0].start_ms, now_ms), edge_ms + rng.randrange(-20, 20) * MINUTE, edge_ms))
    page = summaries.shift_report(store, summaries.find_shift(store, "2025-11-19/Day", now_ms), now_ms)
    if page.stops and rng.random() < 0.4:
        stop = rng.choice([*page.stops, *page.stops[-2:]])
        at_ms = rng.choice((stop.start_ms, stop.start_ms + stop.length_ms // 2, at_ms))
        end_ms = rng.choice((OPEN_MS, OPEN_MS, at_ms + 20 * MINUTE))
        return Labelled(stop.machine, at_ms, end_ms, stop.id, rng.choice((1, 2)))
    return rng.choice((
        Split(MACHINE, at_ms, at_ms, 1),
        Ordered(MACHINE, at_ms, OPEN_MS, f"WO-{rng.randrange(3)}", rng.choice((1, 2)), 100),
        OrderEnded(MACHINE, at_ms, at_ms),
        Changed(MACHINE, at_ms, OPEN_MS, rng.choice((None, 1, 2))),
        FirstPiece(MACHINE, at_ms, at_ms, True),
        Booked(MACHINE, at_ms, at_ms, BookingKind.LATE_REJECT, 1, 1, 1),
        Note(0, at_ms, at_ms, "words"),
        Action(0, at_ms, at_ms, "mend it"),
        ActionClosed(0, at_ms, at_ms, rng.choice([row[0] for row in store.rows("SELECT id FROM entries")] or [1])),
        FourM(0, at_ms, at_ms, "man", "Kim"),
        HourConfirmed(0, at_ms // HOUR * HOUR, at_ms // HOUR * HOUR + HOUR, "no material"),
        Attended(0, at_ms, OPEN_MS, 1),
        Placed(MACHINE, at_ms, OPEN_MS, 1),
        Left(0, at_ms, at_ms, 1),
    ))  # fmt: skip


def page_of(store: Store, name: str, now_ms: int) -> ShiftReport:
    """A report without what counts entries, and without orders: how much of one is done is of all its shifts."""
    found = summaries.shift_report(store, summaries.find_shift(store, f"2025-11-19/{name}", now_ms), now_ms)
    return replace(found, corrections=0, orders=())


def test_what_is_accepted_without_a_why_leaves_every_closed_page_as_it_is(shop: tuple[Store, random.Random]) -> None:
    store, rng = shop
    now_ms = START + 4 * HOUR + 10 * MINUTE
    there = read_register(store)
    shifts = {s.name: s.span for s in shifts_begun(store, there, Span(START, now_ms), now_ms)}
    assert list(shifts) == ["Day", "Late"]
    accepted = refused = 0
    for step in range(STEPS):
        at_ms = now_ms + step * 1000
        if step == STEPS // 4:  # one of them first, then both
            name = rng.choice(list(shifts))
            entries.say(store, [_closed(shifts[name])], at_ms)
        if step == STEPS * 3 // 4:
            entries.say(store, [_closed(span) for span in shifts.values()], at_ms)
        shut = {n for n, span in shifts.items() if closed.closing_of(store, span)}
        before = {n: page_of(store, n, at_ms) for n in shifts}
        newest = entries.newest(store)
        numbers = [
            number
            for (number,) in store.rows("SELECT id FROM entries WHERE kind NOT IN ('back', 'closed')")
            if (found := entries.one(store, number)) is not None and not found.taken_back
        ]
        said, back = something(store, rng, list(shifts.values()), at_ms), None
        if numbers and rng.random() < 0.4:
            back = rng.choice(numbers)
        head = {n: closed.revisions(store, span)[0] for n, span in shifts.items()}
        try:
            _write(store, said, back, at_ms)
            accepted += bool(shut)
        except ClosedError:
            refused += 1
            _write(store, said, back, at_ms, WHO, WHY)
            revised = {n for n, span in shifts.items() if closed.revisions(store, span)[0] == head[n] + 1}
            assert revised & shut, "what is refused without a why is a correction"
            shut -= revised
        touched = entries.since(store, newest)
        for n, page in before.items():
            after = page_of(store, n, at_ms)
            if n in shut:
                assert after == page, f"{back or said} changed {n} without a revision: {_other(page, after)}"
            if after.machines != page.machines:
                assert any(shifts[n].cut(span) for span in touched), f"{back or said} left the kept sums of {n}"
    assert refused > 5
    assert accepted > 5


def test_an_order_said_behind_a_closed_shift_leaves_its_changeover(tmp_path: Path) -> None:
    """A changeover that was going on at the end of its shift; what it was for is said in the next one."""
    store = open_counting(tmp_path)
    floor, edge_ms = Shop(store, 1), START + 2 * HOUR
    with store.transaction() as db:
        slow = register.upsert(db, "products", {"code": "Q"}, {"name": "Q"})
        key = {"product_id": slow, "machine_id": MACHINE, "valid_from_ms": 0}
        register.upsert(db, "standards", key, {"ideal_cycle_ms": 90_000.0, "standard_cycle_ms": 99_000.0})
    floor.tell(state(floor.book, START, "run"))
    for place in range(20):  # one piece in 90 s, from 09:46:30 to 10:15
        floor.at_ms = edge_ms - 15 * MINUTE + (place + 1) * 90_000
        floor.tell(replace(floor.counted(MACHINE, 1), word="good"))
    entries.say(store, [Changed(MACHINE, edge_ms - 15 * MINUTE, OPEN_MS)], edge_ms - 15 * MINUTE)
    shift = next(s.span for s in shifts_begun(store, read_register(store), Span(START, edge_ms), edge_ms))
    now_ms = edge_ms + 20 * MINUTE
    entries.say(store, [Closed(0, shift.end_ms - 1, shift.end_ms - 1)], now_ms)
    before = page_of(store, "Day", now_ms)
    assert before.changeovers[0].length_ms == 15 * MINUTE
    entries.say(store, [Ordered(MACHINE, edge_ms, OPEN_MS, "WO-1", slow, 100)], now_ms)  # asks nobody for a why
    assert page_of(store, "Day", now_ms) == before
    store.close()


def _write(store: Store, said: Said, back: int | None, at_ms: int, who: str = "", why: str = "") -> None:
    if back is None:
        entries.say(store, [said], at_ms, who, why)
    else:
        entries.take_back(store, [back], at_ms, who, why)


def _closed(span: Span) -> Said:
    return Closed(0, span.end_ms - 1, span.end_ms - 1)


def _other(page: ShiftReport, after: ShiftReport) -> dict[str, tuple[object, object]]:
    """What of a page is another."""
    fields = page.__struct_fields__
    return {f: (getattr(page, f), getattr(after, f)) for f in fields if getattr(page, f) != getattr(after, f)}

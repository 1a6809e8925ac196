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
from tests.store.example import HOUR, MACHINE, MINUTE
from tests.test_live import START, Shop, open_counting

WHO, WHY = "김정호", "잘못 눌렀음"
STEPS = 30


@pytest.fixture(params=(1, 2, 3))
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Store, random.Random]]:
    store = open_counting(tmp_path)
    floor = Shop(store, request.param)
    while floor.at_ms < START + 4 * HOUR + 5 * MINUTE:
        floor.go_on()
    with store.transaction() as db:
        for place, name in enumerate(("R01", "R02")):
            loss = {"name": name, "kind": "unplanned", "failure": 1, "place": place, "loss": "breakdown"}
            register.upsert(db, "reasons", {"code": name}, loss)
        register.audit(db, START, "", "import", "", "", "")
    people.put(store, Person(0, "이상훈"), START)
    yield store, random.Random(request.param)
    store.close()


def something(store: Store, rng: random.Random, shifts: list[Span], now_ms: int) -> Said:
    """What a person may say, of any time since the first shift began."""
    at_ms = rng.randrange(shifts[0].start_ms, now_ms)
    page = summaries.shift_report(store, summaries.find_shift(store, "2025-11-19/Day", now_ms), now_ms)
    if page.stops and rng.random() < 0.4:
        stop = rng.choice([*page.stops, *page.stops[-2:]])
        at_ms = rng.choice((stop.start_ms, stop.start_ms + stop.length_ms // 2, at_ms))
        end_ms = rng.choice((OPEN_MS, OPEN_MS, at_ms + 20 * MINUTE))
        return Labelled(stop.machine, at_ms, end_ms, stop.id, rng.choice((1, 2)))
    return rng.choice((
        Split(MACHINE, at_ms, at_ms, 1),
        Ordered(MACHINE, at_ms, OPEN_MS, f"WO-{rng.randrange(3)}", 1, 100),
        OrderEnded(MACHINE, at_ms, at_ms),
        Changed(MACHINE, at_ms, OPEN_MS, 1),
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
        before = {n: page_of(store, n, at_ms) for n, span in shifts.items() if closed.closing_of(store, span)}
        numbers = [
            number
            for (number,) in store.rows("SELECT id FROM entries WHERE kind NOT IN ('back', 'closed')")
            if (found := entries.one(store, number)) is not None and not found.taken_back
        ]
        said, back = something(store, rng, list(shifts.values()), at_ms), None
        if numbers and rng.random() < 0.4:
            back = rng.choice(numbers)
        try:
            _write(store, said, back, at_ms)
        except ClosedError:
            refused += 1
            head = {n: closed.revisions(store, span)[0] for n, span in shifts.items()}
            _write(store, said, back, at_ms, WHO, WHY)
            now = {n: closed.revisions(store, span)[0] for n, span in shifts.items()}
            assert any(now[n] == head[n] + 1 for n in before), "what is refused without a why is a correction"
            for n, page in before.items():
                if now[n] == head[n]:
                    after = page_of(store, n, at_ms)
                    assert after == page, f"step {step}: {back or said} changed {n} without a revision"
        else:
            accepted += 1
            for n, page in before.items():
                after = page_of(store, n, at_ms)
                assert after == page, f"step {step}: {back or said} changed {n}"
    assert refused > 5
    assert accepted > 5


def _write(store: Store, said: Said, back: int | None, at_ms: int, who: str = "", why: str = "") -> None:
    if back is None:
        entries.say(store, [said], at_ms, who, why)
    else:
        entries.take_back(store, [back], at_ms, who, why)


def _closed(span: Span) -> Said:
    return Closed(0, span.end_ms - 1, span.end_ms - 1)

"""What one shift tells the next: open items come back until they are closed, and a closed shift has revisions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import summaries
from desktop.domain.entries import Action, ActionClosed, Closed, FourM, Labelled, Note, Safety, SafetyKind, Said, Signed
from desktop.domain.figures.report import Handover, ShiftReport
from desktop.domain.spans import Span
from desktop.store import entries
from desktop.store.database import Store
from tests.store.example import HOUR, MACHINE, MINUTE
from tests.test_live import START, Shop, open_counting

DAY, LATE = Span(START, START + 2 * HOUR), Span(START + 2 * HOUR, START + 4 * HOUR)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    store = open_counting(tmp_path)
    floor = Shop(store, 1)
    while floor.at_ms < START + 4 * HOUR + 5 * MINUTE:
        floor.go_on()
    yield store
    store.close()


def say(store: Store, at_ms: int, *said: Said, who: str = "김정호", why: str = "") -> list[int]:
    return entries.say(store, said, at_ms, who, why)


def report(store: Store, name: str, now_ms: int = LATE.end_ms + MINUTE) -> ShiftReport:
    return summaries.shift_report(store, summaries.find_shift(store, f"2025-11-19/{name}", now_ms), now_ms)


def test_open_items_come_back_at_every_handover_until_they_are_closed(shop: Store) -> None:
    first, second = say(
        shop, DAY.end_ms + MINUTE,
        Action(MACHINE, DAY.start_ms + HOUR, DAY.start_ms + HOUR, "롤러 교체", "이상훈", LATE.end_ms),
        Action(0, DAY.end_ms - 1, DAY.end_ms - 1, "자재 요청", "", DAY.end_ms),
    )  # fmt: skip
    assert [item.entry for item in report(shop, "Day").handover.open] == [second, first], "what is due first"
    [done] = say(shop, LATE.start_ms + HOUR, ActionClosed(0, LATE.start_ms + HOUR, LATE.start_ms + HOUR, second))
    assert [item.text for item in report(shop, "Day").handover.open] == ["자재 요청", "롤러 교체"], "open when it ended"
    [item] = report(shop, "Late").handover.open
    assert (item.text, item.machine, item.owner, item.since_ms) == (
        "롤러 교체", "PR-01", "이상훈", DAY.end_ms + MINUTE,
    )  # fmt: skip
    entries.take_back(shop, [done], LATE.end_ms)
    assert len(report(shop, "Late").handover.open) == 2
    entries.take_back(shop, [first], LATE.end_ms)
    assert [item.entry for item in report(shop, "Day").handover.open] == [second], "it never was one"


def test_a_shift_tells_what_was_said_of_it_and_not_of_others(shop: Store) -> None:
    moment = DAY.start_ms + HOUR
    say(
        shop, DAY.end_ms,
        Note(0, moment, moment, "공구 교환 후 5개 측정"), Safety(0, moment, moment, SafetyKind.NONE),
        FourM(MACHINE, moment, moment, "man", "최은지 → 한도윤"),
    )  # fmt: skip
    told = report(shop, "Day").handover
    assert [(r.text, r.machine, r.who) for r in told.notes] == [("공구 교환 후 5개 측정", "", "김정호")]
    assert [r.kind for r in told.safety] == ["none"]
    assert [(r.kind, r.text, r.machine) for r in told.four_m] == [("man", "최은지 → 한도윤", "PR-01")]
    other = report(shop, "Late").handover
    assert other == Handover()


def test_a_closed_shift_is_final_and_what_changes_it_makes_a_new_revision(shop: Store) -> None:
    assert (report(shop, "Day").provisional, report(shop, "Day").revision) == (True, 1)
    closed_ms = DAY.end_ms + 5 * MINUTE
    label = Labelled(MACHINE, DAY.start_ms + HOUR, DAY.start_ms + HOUR + MINUTE, 1, 1)
    say(shop, DAY.end_ms, label, Signed(0, *_of(DAY), "outgoing"))
    say(shop, closed_ms, Signed(0, *_of(DAY), "incoming"), Closed(0, *_of(DAY)), who="박민수")
    closed = report(shop, "Day")
    assert (closed.provisional, closed.revision) == (False, 1)
    assert [(s.role, s.who) for s in closed.handover.signed] == [("outgoing", "김정호"), ("incoming", "박민수")]
    say(shop, closed_ms + 1, Signed(0, *_of(DAY), "approver"))
    assert report(shop, "Day").revision == 1, "a signature belongs to the edition that it signs"
    say(shop, closed_ms + 1, Note(0, DAY.start_ms, DAY.start_ms, "결재함"), why="나중에 들음")
    assert report(shop, "Day").revision == 2, "the page says something else"
    [late] = say(shop, closed_ms + MINUTE, label, why="잘못 눌렀음")
    entries.take_back(shop, [late], closed_ms + 2 * MINUTE, "김정호", "잘못 눌렀음")
    assert report(shop, "Day").revision == 4
    assert report(shop, "Late").provisional


def _of(shift: Span) -> tuple[int, int]:
    return shift.start_ms, shift.end_ms

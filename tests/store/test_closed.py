"""A closed shift is changed only by somebody who says who it is and why, whatever it is and however far it reaches."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from desktop import control, summaries
from desktop.command_line import main
from desktop.domain.adjust import BookingKind
from desktop.domain.entries import (
    OF_FIGURES,
    OF_REPORT,
    OPEN_MS,
    Action,
    ActionClosed,
    Attended,
    Booked,
    Calibrated,
    Called,
    Changed,
    ChartLimits,
    Checked,
    Closed,
    Disposed,
    Disposition,
    Excluded,
    FirstPiece,
    FourM,
    Held,
    HourConfirmed,
    Joined,
    Labelled,
    Left,
    Measured,
    Note,
    Ordered,
    OrderEnded,
    Parted,
    Phase,
    Placed,
    Replaced,
    Safety,
    SafetyKind,
    Said,
    Signed,
    Split,
)
from desktop.domain.events import Event, EventKind, Thing
from desktop.domain.reaching import HAPPENING, REACHES, Closing, Reach, closings
from desktop.domain.spans import Span
from desktop.store import closed, database, entries, register
from desktop.store.closed import ClosedError
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from tests.store.example import HOUR, MACHINE, MINUTE, state
from tests.test_live import START, open_counting

DAY, LATE = Span(START, START + 2 * HOUR), Span(START + 2 * HOUR, START + 4 * HOUR)
AT = DAY.start_ms + HOUR
NOW = LATE.end_ms + 10 * MINUTE
WHO, WHY = "김정호", "잘못 눌렀음"


UNIT, LOT = Thing("unit", "SN1"), Thing("lot", "L-1")


def kinds(at_ms: int) -> list[Said]:
    """Something of every kind at a moment."""
    return [
        Labelled(MACHINE, at_ms, at_ms + MINUTE, 1, 1),
        Split(MACHINE, at_ms, at_ms, 1),
        Ordered(MACHINE, at_ms, OPEN_MS, "WO-1", 1),
        OrderEnded(MACHINE, at_ms, at_ms),
        Changed(MACHINE, at_ms, OPEN_MS, 1),
        FirstPiece(MACHINE, at_ms, at_ms, True),
        Booked(MACHINE, at_ms, at_ms, BookingKind.LATE_REJECT, 1),
        Note(0, at_ms, at_ms, "words"),
        Action(0, at_ms, at_ms, "mend it"),
        ActionClosed(0, at_ms, at_ms, 1),
        Safety(0, at_ms, at_ms, SafetyKind.NONE),
        FourM(0, at_ms, at_ms, "man", "Kim"),
        Signed(0, at_ms, at_ms, "outgoing"),
        Closed(0, at_ms, at_ms),
        Attended(0, at_ms, OPEN_MS, 1),
        Placed(MACHINE, at_ms, OPEN_MS, 1),
        Left(0, at_ms, at_ms, 1),
        Checked(MACHINE, at_ms, at_ms, 1, True),
        HourConfirmed(0, at_ms, at_ms + MINUTE),
        Called(MACHINE, at_ms, OPEN_MS, "material"),
        Phase(MACHINE, at_ms, at_ms, 1, "over"),
        Measured(MACHINE, at_ms, at_ms, 1, 24.01),
        Excluded(MACHINE, at_ms, at_ms, 1, 7),
        ChartLimits(MACHINE, at_ms, at_ms, 1, 1, "i_mr", 24.01, 0.002, 1, 25, at_ms, at_ms),
        Calibrated(0, at_ms, OPEN_MS, 1, True),
        Held(MACHINE, at_ms, at_ms, "burr", (UNIT,)),
        Disposed(0, at_ms, at_ms, 1, Disposition.RELEASE),
        Replaced(MACHINE, at_ms, at_ms, UNIT, LOT, LOT),
        Joined(0, at_ms, at_ms, (LOT,), LOT),
        Parted(0, at_ms, at_ms, LOT, (LOT,)),
    ]


BESIDE = [said for said in kinds(AT) if REACHES[type(said)] is Reach.NOTHING]
CHANGING = [said for said in kinds(AT) if not isinstance(said, Signed | Closed) and said not in BESIDE]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    """Two shifts that are over. The machine stands from 30 minutes before the end of the first to 30 after it."""
    store = open_counting(tmp_path)
    book = Journal(store)
    for at_ms, word in (
        (DAY.start_ms, "run"),
        (DAY.end_ms - HOUR // 2, "stop"),
        (DAY.end_ms + HOUR // 2, "run"),
        (LATE.end_ms - HOUR // 2, "stop"),
    ):
        book.commit(Batch(events=[state(book, at_ms, word)]))
    yield store
    store.close()


def close(store: Store, *shifts: Span, at_ms: int = NOW - 5 * MINUTE) -> list[int]:
    return entries.say(store, [Closed(0, span.end_ms - 1, span.end_ms - 1) for span in shifts], at_ms, WHO)


def revision(store: Store, span: Span) -> tuple[int, bool]:
    return closed.revisions(store, span)


def test_every_kind_of_entry_says_how_far_it_reaches() -> None:
    every = set(get_args(Said))
    assert set(REACHES) == every, "a new kind is classified before anybody can say it"
    assert {type(said) for said in kinds(AT)} == every
    of_none = {kind for kind, how in REACHES.items() if how in (Reach.SIGNATURE, Reach.CLOSING)}
    assert of_none == {Signed, Closed}, "what changes something only where it is taken back"
    beside = {kind for kind, how in REACHES.items() if how is Reach.NOTHING}
    assert set(get_args(OF_REPORT)) == every - of_none - beside - {ActionClosed}, "whatever reaches makes a revision"
    assert set(get_args(OF_FIGURES)) <= set(get_args(OF_REPORT))
    assert set(HAPPENING) <= every - of_none


@pytest.mark.parametrize("said", BESIDE, ids=lambda said: type(said).__name__)
def test_what_speaks_of_things_and_gauges_asks_for_no_why(shop: Store, said: Said) -> None:
    close(shop, DAY)
    before = revision(shop, DAY)
    entries.take_back(shop, entries.say(shop, [said], NOW), NOW)
    assert revision(shop, DAY) == before


@pytest.mark.parametrize("said", CHANGING, ids=lambda said: type(said).__name__)
def test_whatever_changes_a_closed_shift_takes_who_and_why(shop: Store, said: Said) -> None:
    [before] = entries.say(shop, [said], AT + MINUTE, WHO)
    close(shop, DAY)
    head = entries.newest(shop)
    for who, why in (("", ""), (WHO, ""), ("", WHY), (WHO, "  ")):
        with pytest.raises(ClosedError, match="Day of 2025-11-19 is closed"):
            entries.say(shop, [Note(0, NOW, NOW, "of now"), said], NOW, who, why)
        with pytest.raises(ClosedError, match="Day of 2025-11-19 is closed"):
            entries.take_back(shop, [before], NOW, who, why)
    assert entries.newest(shop) == head, "all of it or nothing"
    assert revision(shop, DAY) == (0, True)
    [late] = entries.say(shop, [said], NOW, WHO, WHY)
    assert revision(shop, DAY) == (1, True)
    entries.take_back(shop, [before, late], NOW, WHO, WHY)
    assert revision(shop, DAY) == (3, True)


def test_what_is_said_of_things_and_gauges_changes_no_shift(shop: Store) -> None:
    close(shop, DAY)
    told = BESIDE
    entries.take_back(shop, entries.say(shop, told, NOW), NOW)
    assert revision(shop, DAY) == (0, True)


def test_what_belongs_behind_the_closing_needs_no_why(shop: Store) -> None:
    [item] = entries.say(shop, [Action(0, AT, AT, "mend it")], AT)
    close(shop, DAY)
    entries.say(shop, [Signed(0, AT, AT, "approver")], NOW, WHO)
    entries.say(shop, [said for said in kinds(LATE.start_ms + HOUR) if not isinstance(said, Closed)], NOW)
    entries.say(shop, [ActionClosed(0, NOW, NOW, item)], NOW)
    entries.say(shop, [Closed(0, AT, AT)], NOW)  # who closes what is closed changes nothing
    assert (revision(shop, DAY), revision(shop, LATE)) == ((0, True), (0, False))


def test_a_signature_is_given_without_a_why_and_taken_back_with_one(shop: Store) -> None:
    last_ms = DAY.end_ms - 1
    [before, gone] = entries.say(shop, [Signed(0, last_ms, last_ms, role) for role in ("outgoing", "incoming")], NOW)
    entries.take_back(shop, [gone], NOW)  # nothing is closed yet
    close(shop, DAY)
    [after] = entries.say(shop, [Signed(0, last_ms, last_ms, "approver")], NOW, WHO)
    assert revision(shop, DAY) == (0, True), "the edition that it signs"
    for number in (before, after):
        for who, why in (("", ""), (WHO, ""), ("", WHY)):
            with pytest.raises(ClosedError, match="Day of 2025-11-19 is closed"):
                entries.take_back(shop, [number], NOW, who, why)
    entries.take_back(shop, [before], NOW, WHO, WHY)
    assert (revision(shop, DAY), revision(shop, LATE)) == ((1, True), (0, False))
    entries.say(shop, [Signed(0, last_ms, last_ms, "outgoing")], NOW, WHO)
    assert revision(shop, DAY) == (1, True)
    entries.take_back(shop, [after], NOW, WHO, WHY)
    assert revision(shop, DAY) == (2, True)


def test_nobody_waits_for_help_because_a_shift_was_closed_early(shop: Store) -> None:
    close(shop, DAY, at_ms=AT)
    entries.say(shop, [s for s in kinds(AT + MINUTE) if isinstance(s, HAPPENING)], AT + MINUTE)
    with pytest.raises(ClosedError):
        entries.say(shop, [Note(0, AT + MINUTE, AT + MINUTE, "words")], AT + MINUTE)


def test_opening_a_shift_again_is_a_correction_and_what_follows_belongs_to_it(shop: Store) -> None:
    numbers = close(shop, DAY)
    with pytest.raises(ClosedError):
        entries.take_back(shop, numbers, NOW, WHO)
    entries.take_back(shop, numbers, NOW, WHO, WHY)
    assert revision(shop, DAY) == (1, False)
    entries.say(shop, [Note(0, AT, AT, "words")], NOW)
    assert revision(shop, DAY) == (1, False)
    close(shop, DAY, at_ms=NOW)
    assert revision(shop, DAY) == (1, True)
    entries.say(shop, [Note(0, AT, AT, "more")], NOW, WHO, WHY)
    assert revision(shop, DAY) == (2, True)


def test_closings_in_the_order_of_saying() -> None:
    assert closings([]) == ()
    twice = [(1, 10, 0), (2, 20, 0), (3, 30, 1)]
    assert closings(twice) == (Closing(1, 10),)
    assert closings([*twice, (4, 40, 2), (5, 50, 0)]) == (Closing(1, 10, 4, 40), Closing(5, 50))


def test_a_reason_without_an_end_reaches_as_far_as_the_standstill_goes(shop: Store) -> None:
    start_ms = DAY.end_ms - HOUR // 2
    going_on = Labelled(MACHINE, start_ms, OPEN_MS, 1, 1)
    [said] = entries.say(shop, [going_on], DAY.end_ms - MINUTE)
    close(shop, LATE)
    with pytest.raises(ClosedError, match="Late"):
        entries.take_back(shop, [said], NOW)
    close(shop, DAY)
    entries.take_back(shop, [said], NOW, WHO, WHY)
    assert (revision(shop, DAY), revision(shop, LATE)) == ((1, True), (1, True))
    entries.say(shop, [Labelled(MACHINE, start_ms, OPEN_MS, 1, 2)], NOW, WHO, WHY)
    assert (revision(shop, DAY), revision(shop, LATE)) == ((2, True), (2, True))
    entries.say(shop, [Labelled(MACHINE, start_ms, DAY.end_ms, 1, 2)], NOW, WHO, WHY)
    assert (revision(shop, DAY), revision(shop, LATE)) == ((3, True), (2, True)), "with an end it reaches to that"
    entries.say(shop, [Split(MACHINE, DAY.end_ms + MINUTE, DAY.end_ms + MINUTE, 1)], NOW, WHO, WHY)
    assert (revision(shop, DAY), revision(shop, LATE)) == ((4, True), (3, True)), "a standstill is judged whole"


def test_a_standstill_that_is_silent_reaches_no_farther(shop: Store) -> None:
    book = Journal(shop)
    at_ms = DAY.end_ms - MINUTE
    silent = Event(book.next_id(at_ms), EventKind.DEVICE, at_ms, None, 1, word="offline")
    book.commit(Batch(events=[silent]))
    close(shop, LATE)
    entries.say(shop, [Labelled(MACHINE, DAY.end_ms - HOUR // 2, OPEN_MS, 1, 1)], NOW)
    assert revision(shop, LATE) == (0, True)


def test_an_order_reaches_to_the_next_one_and_an_item_until_it_is_done(shop: Store) -> None:
    order = Ordered(MACHINE, AT, OPEN_MS, "WO-1", 1)
    [first] = entries.say(shop, [order], AT)
    [item] = entries.say(shop, [Action(0, AT, AT, "mend it")], AT)
    close(shop, LATE)
    for number in (first, item):
        with pytest.raises(ClosedError, match="Late"):
            entries.take_back(shop, [number], NOW)
    entries.say(shop, [OrderEnded(MACHINE, DAY.end_ms - MINUTE, DAY.end_ms - MINUTE)], NOW, WHO, WHY)
    entries.say(shop, [ActionClosed(0, DAY.end_ms - MINUTE, DAY.end_ms - MINUTE, item)], NOW, WHO, WHY)
    assert revision(shop, LATE) == (2, True)
    with pytest.raises(ClosedError, match="Late"):  # it is what the next changeover takes off
        entries.take_back(shop, [first], NOW)
    entries.say(shop, [Ordered(MACHINE, DAY.end_ms - HOUR // 2, OPEN_MS, "WO-2", 1)], NOW, WHO, WHY)
    entries.take_back(shop, [first], NOW)
    entries.take_back(shop, [item], NOW)
    assert revision(shop, LATE) == (3, True), "both ended in the shift before"


def test_items_that_were_open_for_weeks_are_counted(shop: Store) -> None:
    old_ms = DAY.start_ms - 20 * 24 * HOUR
    close(shop, DAY)
    with pytest.raises(ClosedError):
        entries.say(shop, [Action(0, old_ms, old_ms, "mend it")], NOW)
    [item] = entries.say(shop, [Action(0, old_ms, old_ms, "mend it")], NOW, WHO, WHY)
    entries.take_back(shop, [item], NOW, WHO, WHY)
    assert revision(shop, DAY) == (2, True)


def test_one_closes_while_another_enters(shop: Store) -> None:
    """Whoever comes second is judged by what the first has written, never by what was read before."""
    for turn in range(6):
        moment = LATE.start_ms + turn
        begin, outcome = threading.Barrier(2), []

        def enter(begin: threading.Barrier = begin, moment: int = moment, outcome: list[str] = outcome) -> None:
            begin.wait()
            try:
                control.enter(shop.folder, [Note(0, moment, moment, "words")])
                outcome.append("entered")
            except ClosedError:
                outcome.append("refused")

        other = threading.Thread(target=enter)
        other.start()
        begin.wait()
        [closing] = control.enter(shop.folder, [Closed(0, moment, moment)], WHO)
        other.join(20)
        [order] = [
            [kind for (kind,) in shop.rows("SELECT kind FROM entries WHERE start_ms = ? ORDER BY id", moment)],
        ]
        assert (outcome, order) in ((["entered"], ["note", "closed"]), (["refused"], ["closed"]))
        control.take_back(shop.folder, [closing], WHO, WHY)


def test_the_report_and_the_trail_tell_who_and_why(
    shop: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    close(shop, DAY)
    with pytest.raises(ClosedError):
        control.enter(tmp_path, [Note(0, AT, AT, "words")], WHO)
    control.enter(tmp_path, [Note(0, AT, AT, "words")], WHO, None, WHY)
    told = summaries.shift_report(shop, summaries.find_shift(shop, "2025-11-19/Day", NOW), NOW)
    assert (told.revision, told.provisional) == (2, False)
    assert main(["--data-dir", str(tmp_path), "trail"]) == 0
    printed = capsys.readouterr().out
    assert WHO in printed
    assert WHY in printed


def test_without_shifts_nothing_is_closed(shop: Store) -> None:
    close(shop, DAY)
    with shop.transaction() as db:
        register.drop_others(db, "shift_patterns", set())
        register.audit(db, NOW, "", "import", "", "", "")
    entries.say(shop, CHANGING, NOW)


def test_a_reader_counts_as_the_writer(shop: Store, tmp_path: Path) -> None:
    close(shop, DAY)
    entries.say(shop, [Note(0, AT, AT, "words")], NOW, WHO, WHY)
    reader = database.open_reader(tmp_path)
    try:
        assert revision(reader, DAY) == (1, True)
    finally:
        reader.close()
